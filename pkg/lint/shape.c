/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the form of the file. */
#include "lint/internal.h"

int lint_no_filter(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_lint_view *view = lint->view;

        if (view->planned && view->plan.unfiltered)
                lint_hint(lint,
                          lint_add(lint, rule, lint_whole(lint), "%s takes this for no filter: every call is allowed",
                                   view->target.consumer->name),
                          "write a \"defaultAction\", and rules");
        return 0;
}

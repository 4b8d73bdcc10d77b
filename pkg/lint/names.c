/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the names of calls. */
#include <string.h>

#include "lint/internal.h"

static void check_names(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_list *names)
{
        const struct sc_json *list = lint_value_at(lint, names->place);

        for (size_t i = 1; i < names->n; i++)
                for (size_t k = 0; k < i; k++) {
                        const struct sc_profile_string *name = &names->items[i];
                        struct sc_lint_finding *f;

                        if (strcmp(name->text, names->items[k].text) != 0)
                                continue;
                        f = lint_add(lint, rule, name->place, "'%s' stands in this rule already", name->text);
                        lint_place(f, names->items[k].place);
                        if (f && list)
                                lint_edit_remove(lint, f, list, lint_value_at(lint, name->place));
                        break;
                }
}

int lint_duplicate_name(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++)
                check_names(lint, rule, &p->syscalls.items[i].names);
        return 0;
}

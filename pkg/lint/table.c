/* SPDX-License-Identifier: Apache-2.0 */
/* The rules, a row each, by theme. */
#include <string.h>

#include "lint/internal.h"

static const struct sc_lint_rule rules[] = {
        /* shape.c: the form of the file */
        { "no-filter", SC_ERROR, "a file that a consumer takes for no filter at all", SC_LINT_PROFILES, SC_LINT_PLAN,
          lint_no_filter, false, false },

        /* names.c: names of calls */
        { "duplicate-name", SC_WARNING, "a rule that names a call twice", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_duplicate_name, true, false },

        /* reach.c: what programs need */
        { "clone3-hard-denied", SC_WARNING, "clone3 is denied otherwise than with ENOSYS, and libc does not fall back",
          SC_LINT_POLICIES | SC_LINT_PROFILES, SC_LINT_NODE, lint_clone3_hard_denied, false, false },
};

size_t sc_lint_rule_count(void)
{
        return SC_COUNT(rules);
}

const struct sc_lint_rule *sc_lint_rule_at(size_t index)
{
        return index < SC_COUNT(rules) ? &rules[index] : NULL;
}

const struct sc_lint_rule *sc_lint_rule_find(const char *id, size_t len)
{
        for (size_t i = 0; i < SC_COUNT(rules); i++)
                if (strlen(rules[i].id) == len && !memcmp(rules[i].id, id, len))
                        return &rules[i];
        return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The rules, a row each, by theme. */
#include <string.h>

#include "lint/internal.h"

static const struct sc_lint_rule rules[] = {
        /* shape.c: the form of the file */
        { "no-filter", SC_ERROR, "a file that a consumer takes for no filter at all", SC_LINT_PROFILES, SC_LINT_PLAN,
          lint_no_filter, false, false },

        /* ignore.c: comments to lint itself */
        { "bad-ignore", SC_WARNING, "a lint-ignore comment without a rule that exists, or without a reason",
          SC_LINT_POLICIES, SC_LINT_READER, NULL, false, false },
        { "unused-ignore", SC_NOTE, "a lint-ignore comment that takes nothing away", SC_LINT_POLICIES, SC_LINT_READER,
          NULL, false, false },

        /* names.c: names of calls */
        { "duplicate-name", SC_WARNING, "a rule that names a call twice", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_duplicate_name, true, false },

        /* action.c: actions, and the errno or data that goes with them */
        { "errno-range", SC_ERROR, "an errno that is no error, or that the kernel gets cut or not at all",
          SC_LINT_PROFILES, SC_LINT_TEXT, lint_errno_range, false, false },
        { "idle-errno", SC_WARNING, "an errno with an action that returns none", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_idle_errno, true, false },
        { "kill-thread", SC_WARNING, "a kill of one thread, which leaves the others running", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_kill_thread, true, false },
        { "trace-without-tracer", SC_WARNING, "a call that a tracer is to decide", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_trace_without_tracer, false, false },
        { "notify-without-listener", SC_ERROR, "a call that is to be decided by a listener which is not named",
          SC_LINT_PROFILES, SC_LINT_TEXT, lint_notify_without_listener, false, false },
        { "notify-hangs", SC_ERROR, "a listener asked about calls that the runtime makes to start it", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_notify_hangs, false, false },
        { "default-allow", SC_WARNING, "a default that lets every unknown call through", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_default_allow, false, false },

        /* condition.c: conditions on arguments, as they are written */
        { "one-index-twice", SC_ERROR, "two conditions on one argument, of which either is enough", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_one_index_twice, false, false },
        { "bad-index", SC_ERROR, "a condition on an argument that no call has", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_bad_index, false, false },
        { "argument-unused", SC_WARNING, "a condition on an argument that the call does not take", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_argument_unused, false, false },
        { "pointer-compared", SC_WARNING, "a pointer compared with anything but 0", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_pointer_compared, false, false },
        { "constant-condition", SC_WARNING, "a condition that is always or never true", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_constant_condition, false, false },
        { "mask-bits-lost", SC_WARNING, "a value with bits outside its mask", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_mask_bits_lost, true, false },
        { "many-conditions", SC_ERROR, "more conditions than crun reads", SC_LINT_PROFILES, SC_LINT_TEXT,
          lint_many_conditions, false, false },
        { "high-word-dropped", SC_WARNING, "a comparison of which a 32-bit ABI drops the upper half", SC_LINT_PROFILES,
          SC_LINT_PLAN, lint_high_word_dropped, false, false },
        { "argument-order", SC_WARNING, "an argument that is another parameter on another ABI", SC_LINT_PROFILES,
          SC_LINT_TEXT, lint_argument_order, false, false },

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

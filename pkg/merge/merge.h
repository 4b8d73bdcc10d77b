/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging: one policy that answers each call with the strictest, or the loosest, of what several policies and filters
 * answer, and the proof that it does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"
#include "decision/decision.h"
#include "policy/policy.h"

#define SC_MERGE_LINES_MAX 256 /* conditions on one call while they are merged */
#define SC_MERGE_CUBES_MAX 1000 /* parts of a condition that is found from a filter */

/* One of those that are merged. */
struct sc_merge_part {
        const struct sc_policy *policy; /* NULL: a filter */
        /*
         * A filter's decision over SC_WORD_NR and arguments on each of its ABIs, by their index; SC_NODE_FAILED where
         * it has none.
         */
        sc_node nodes[SC_ABI_MAX];
        const char *const *flags; /* a filter's flags, as the runtime specification names them */
        size_t n_flags;
};

struct sc_merge_request {
        const struct sc_merge_part *parts;
        size_t n_parts; /* at least one */
        bool unite;     /* the loosest answer instead of the strictest */
        const struct sc_abi *const *abis; /* only these; none: all that the operation leaves */
        size_t n_abis;
        bool fixed; /* for one environment: needed if there are filters among the parts */
        sc_caps caps;
        sc_kernel kernel;
        const char *description; /* NULL: none */
};

/* What came out. The policy, loaded from the text, lives in the arena. */
struct sc_merge_result {
        struct sc_strbuf text; /* sc_strbuf_done() */
        const struct sc_policy *policy;
};

/*
 * Merges. By the kernel's precedence of actions (sc_action_looseness()); of equally strict answers the last part's
 * counts. The ABIs: those of every part, or with `unite` of any; in the order of the first part that has them. A part
 * has no say about an ABI that it has not: what a policy does not list is killed, which is never the loosest. Where a
 * policy's own conditions say the answer, they stay as they were written; a filter's are made from its decisions.
 * `requires` and flags add up (but SPEC_ALLOW, which all parts must have); `optional` does not stay. The text begins
 * with a comment: it is not JSON, so that no engine takes it for a profile without a filter.
 *
 * The text is loaded again, and its answer to every call on every ABI, for all arguments, capabilities and kernels,
 * must be that of the operation: the same node. Nothing is written otherwise (proof-failed, with a witness: a mistake
 * of seccompose).
 *
 * Numbers without a name have one answer in the language, `newer`, and nothing says `notify`: where that makes a
 * difference, the result is stricter and a warning (stricter) lists where, or has other data (note other-errno).
 * Errors: no-common-architecture; unsayable. Returns 0; -EBADMSG; -ENOMEM; -E2BIG.
 */
int sc_merge(struct sc_arena *arena, struct sc_decisions *d, const struct sc_merge_request *request,
             struct sc_diags *diags, struct sc_merge_result *ret_result);

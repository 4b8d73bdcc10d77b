/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libseccomp makes of rules, without libseccomp: for programs that do not link it. Facts: docs/consumers.md,
 * "libseccomp"; libseccomp 2.5.4, src/db.c and src/syscalls.c (abi_rule_add). Gives decisions, no programs: how many
 * instructions libseccomp would write is not known here.
 */
#pragma once

#include "bpf/scmp.h"
#include "syscall/scmptable.h"

enum sc_model_mode {
        /*
         * What libseccomp is known to compile right, and nothing else: for each call, up to its first rule without
         * conditions, either equalities and masked equalities only (and `arg0 >= 0`, the else), or one condition a rule
         * with values below 2^32; and no two of these rules with different actions for the same arguments. What is
         * added to a multiplexer may look at nothing but the number of what it carries. Other rules are refused:
         * -EOPNOTSUPP.
         */
        SC_MODEL_EXACT,
        /*
         * Every rule at its word: it applies where all its conditions hold. Where rules with different actions do, the
         * strictest counts, whichever libseccomp takes: for profiles of others, of which the stricter side is wanted.
         */
        SC_MODEL_READING,
};

struct sc_model {
        enum sc_model_mode mode;
        const struct sc_scmptable *table; /* whose names, ABIs and numbers; NULL: it knows all of them */
        /*
         * READING: NULL, or the action that counts where it is one of several. With each action of a filter in turn,
         * all that its rules leave open is had. (`arg0 >= 0` is then the else beside equalities only.)
         */
        const uint32_t *preferred;
};

/*
 * A compiler that gives the decision of such rules. libseccomp's refusals are in its result as they would come from
 * there: an action that is the default or that it does not take, one argument twice in a rule, an ABI that it lacks.
 * `model` must live as long as the compiler.
 */
struct sc_scmp_compiler sc_scmp_model(struct sc_model *model);

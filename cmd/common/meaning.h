/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a FILE means: the one decision that it comes to on a machine, for a consumer, with capabilities and a kernel.
 * Every verb that asks about files asks here.
 */
#pragma once

#include "common/input.h"
#include "consumer/consumer.h"
#include "decision/decision.h"

/* For whom and where a FILE is taken. */
struct view {
        const struct sc_consumer *consumer; /* NULL: a policy or a program by itself */
        const struct sc_abi *native;        /* the machine's ABI */
        /* Those that a policy is built for, if it is; none: all for Docker's form, else those of `native`'s family. */
        const struct sc_abi *const *abis;
        size_t n_abis;
        sc_caps caps;
        sc_kernel kernel;
        const struct sc_scmptable *table; /* names that the consumer's libseccomp has; NULL: the row's */
};

/* It is good as long as the session and the decisions are. */
struct meaning {
        /* Over SC_WORD_ARCH, SC_WORD_NR and arguments; without a filter, `allow` everywhere. */
        sc_node node;
        bool unfiltered;
        const struct sc_abi *native;
        /*
         * Programs that answer the same, the newest first: the strictest answer counts, and of equally strict ones
         * that of the newest. None for a policy by itself.
         */
        const struct sc_bpf_program *programs;
        size_t n_programs;
        const char *const *modelled; /* calls that `node` has and no program: see struct sc_outcome */
        size_t n_modelled;
        /* Where it came from: NULL where there is none of the kind. */
        const struct sc_consumer *consumer;
        const struct sc_policy *policy;
        const struct sc_profile *profile; /* that the consumer took; of a policy, what was built */
        /* The ABIs of the filter: calls of others are killed. None if it does not say: a program, or no filter. */
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n_abis;
};

/*
 * Finds the meaning. A policy under a consumer is built first, once for all machines that share the profile. Returns 0,
 * or an error for report(), with a diagnostic where a person was wrong: those of sc_emit_build() and
 * sc_consumer_decide(); raw-bpf. As warnings: no-filter, once for a FILE; of a profile that others wrote: miscompiled,
 * if libseccomp's filter does what the rules do not say, and not-checked. -EINVAL for a profile without a consumer.
 */
int meaning_of(struct session *s, struct input *in, const struct view *view, struct sc_decisions *d,
               struct meaning *ret_meaning);

/* True if calls of the ABI are not killed for being its; also where the meaning does not say. */
bool meaning_has_abi(const struct meaning *m, const struct sc_abi *abi);

/*
 * Passes on what a person should know of a FILE, from meaning_of() with diagnostics of its own: the three warnings.
 * What stands there already is not said again.
 */
void meaning_forward(struct session *s, const struct sc_diags *diags);

/* libseccomp in a child, which is asked once only for the same rules of a FILE. */
struct sc_scmp_compiler meaning_compiler(struct session *s, struct input *in);

/* What the programs answer, by the interpreter. There must be one. */
uint32_t meaning_run(const struct meaning *m, const struct sc_input *input);

/* True if that can be compared with `node`: there are programs, and the call is not one that only `node` has. */
bool meaning_can_run(const struct meaning *m, const struct sc_input *input);

/*
 * Takes "CONSUMER:" off the front of a FILE as it was written. NULL and the whole name if no consumer is called so;
 * `./docker:x` is a file of that name.
 */
const struct sc_consumer *view_of_name(const char *name, const char **ret_file);

/*
 * For whom `in` is taken if nobody is named: NULL for policies and programs, "docker" for Docker's form, else "runc".
 */
const struct sc_consumer *view_default(const struct input *in);

/* Warns if a consumer reads less of a file than its form has: conditions-ignored. */
void view_warn(struct session *s, const struct input *in, const struct sc_consumer *consumer);

/*
 * The machines that a list of ABIs is for, by their own ABIs: those that head a family, then those whose head is not
 * there (x86 without x86_64: machines that have nothing else; of x32, which no machine has alone, the head).
 */
size_t view_heads(const struct sc_abi *const *abis, size_t n_abis, const struct sc_abi *ret_heads[SC_ABI_MAX]);

/*
 * The machines that a FILE speaks of, by their own ABIs: heads of families among its ABIs; of a plain profile also
 * heads that it does not list, as its filter has them there all the same; of Docker's form each entry of archMap. 0 if
 * it says nothing of that: a program, or a profile that names none.
 */
size_t view_machines(const struct input *in, const struct sc_consumer *consumer,
                     const struct sc_abi *ret_machines[SC_ABI_MAX]);

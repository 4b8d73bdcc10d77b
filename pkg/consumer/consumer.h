/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consumers: what docker, podman, runc and crun really do with a profile. Each is a row of quirks; a profile goes the
 * same way as there: the engine's resolution, the runtime's, libseccomp, runc's stub. Sources: docs/consumers.md.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "bpf/bpf.h"
#include "bpf/scmp.h"
#include "compare/compare.h"
#include "decision/decision.h"
#include "profile/profile.h"
#include "syscall/abi.h"
#include "syscall/name.h"
#include "syscall/scmptable.h"
#include "syscall/syscall.h"

/* One consumer, at one version. */
struct sc_consumer {
        const char *name;             /* "docker@20.10" */
        const char *summary;          /* for lists and manuals */
        const char *scmptable;        /* the libseccomp that it is taken to be linked with */
        bool docker_format;           /* resolves archMap, includes and excludes; else they are ignored */
        bool reads_default_errno;     /* defaultErrnoRet counts */
        bool ignores_min_kernel;      /* minKernel of includes and excludes does not count */
        bool reads_errno_names;       /* "defaultErrno" and "errno" count, and win over the numbers */
        bool reads_flags;             /* flags, listenerPath count */
        bool empty_is_off;            /* no default action and no rules: no filter; else an error */
        bool enosys_stub;             /* runc: a stub in front answers ENOSYS to numbers above the highest named */
        bool stub_as_listed;          /* the stub covers the ABIs that the profile lists, not the native by itself */
        bool refuses_idle_errno;      /* crun: errnoRet with an action that has none is an error */
        bool refuses_empty_names;     /* runc: "" among a rule's names is an error */
        bool strict_schema;           /* crun: 'names' and 'op' must be there; errnoRet and index have 32 bits */
        bool loose_abis;              /* crun: names of ABIs in any case, with SCMP_ARCH_ or without */
        unsigned tree_above;          /* rules above which libseccomp is asked for a binary tree; 0: never */
        unsigned args_max;            /* conditions of a rule that are read; 0: all */
        const char *const *refused_abis; /* SCMP_ARCH_* names that it does not know, NULL-terminated; NULL: none */
        const char *const *flags;        /* filter flags that it knows, NULL-terminated */
};

size_t sc_consumer_count(void);
const struct sc_consumer *sc_consumer_at(size_t index);

/* By name; NULL if there is none. */
const struct sc_consumer *sc_consumer_find(const char *name, size_t len);

/* Where and for what a consumer runs: the environment of one container. */
struct sc_target {
        const struct sc_consumer *consumer;
        const struct sc_abi *native; /* the machine's ABI */
        sc_caps caps;                /* process.capabilities.bounding */
        sc_kernel kernel;            /* running kernel */
        const struct sc_scmptable *table; /* names that the consumer's libseccomp has */
};

/* What a consumer would give to libseccomp, and what runc would put in front. Lives in an arena. */
struct sc_plan {
        bool unfiltered; /* the profile means "no filter" to this consumer */
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n_abis;
        bool native_listed; /* by the profile; the native ABI, the first, is in every filter */
        struct sc_scmp_filter filter;
        const struct sc_place *places; /* of each rule in `filter`: the profile's rule that it came from */
        bool stub;
        size_t stub_from; /* the first of the ABIs that the stub covers */
        const int *stub_calls; /* all calls that any rule names and the table has, also those of skipped rules */
        size_t n_stub_calls;
};

/*
 * Works out the plan for a profile. What the consumer itself would refuse is a diagnostic (rule ids "consumer-…").
 * Returns 0; -EBADMSG; -ENOMEM.
 */
int sc_consumer_plan(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                     struct sc_diags *diags, struct sc_plan *ret_plan);

/*
 * The action of a rule as the consumer reads it, with its errno or data. Returns 0; -EBADMSG with a diagnostic if it
 * refuses the action.
 */
int sc_consumer_action(const struct sc_target *target, const struct sc_profile *profile,
                       const struct sc_profile_rule *rule, struct sc_diags *diags, uint32_t *ret_action);

/*
 * The environments in which a Docker-format rule applies, on machines of `native`, as a condition over SC_WORD_KERNEL
 * and SC_WORD_CAPS: includes and excludes as docker resolves them.
 */
sc_node sc_consumer_applies(const struct sc_profile_rule *rule, const struct sc_abi *native, struct sc_decisions *d);

/* What a consumer makes of a profile. */
struct sc_outcome {
        bool unfiltered;               /* no filter at all; the rest is empty */
        struct sc_bpf_program program; /* heap: sc_outcome_done(); as loaded into the kernel, stub included;
                                        * empty from a compiler that gives decisions */
        sc_node node;                  /* the program's decision */
        const char *const *modelled;   /* calls whose names the table has and this machine's libseccomp lacks: */
        size_t n_modelled;             /* `node` has them by their numbers, `program` does not */
};

void sc_outcome_done(struct sc_outcome *outcome);

/*
 * Takes a profile all the way: plan, libseccomp by `compiler`, stub, symbolic execution. What is refused on the way is
 * a diagnostic: consumer-…, libseccomp-refuses, libseccomp-limit (it hung or ran out of memory), filter-too-large,
 * cannot-follow; not-modelled if `compiler` is a model that does not know what libseccomp would do. Returns 0;
 * -EBADMSG; -ENOMEM; -E2BIG; errors of the compiler.
 */
int sc_consumer_decide(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                       const struct sc_scmp_compiler *compiler, struct sc_decisions *d, struct sc_diags *diags,
                       struct sc_outcome *ret_outcome);

#define SC_CHECK_NODES_MAX 1048576 /* nodes of decisions in sc_consumer_check() */
#define SC_CHECK_ACTIONS_MAX 64    /* different actions of rules that overlap */

/* Where libseccomp's filter does what no rule says. */
struct sc_miscompiled {
        struct sc_witness witness; /* a: what the rules say, the strictest where they leave it open; b: the filter */
        struct sc_place place;     /* a rule of the call, or the profile */
};

/*
 * Looks for calls that the filter of an outcome, which `compiler` made of the profile, answers as none of the rules
 * that apply says, nor the default where none does: a mistake of libseccomp's. Where rules of different actions apply,
 * any of them is right; so is what comes of a multiplexer's companions. Works in memory of its own.
 * Returns 0: there are none; 1, with one; -E2BIG, -EOPNOTSUPP: too much to say; -ENOMEM.
 */
int sc_consumer_check(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                      const struct sc_scmp_compiler *compiler, const struct sc_decisions *d,
                      const struct sc_outcome *outcome, struct sc_miscompiled *ret_miscompiled);

/* SPDX-License-Identifier: Apache-2.0 */
/* One case: loaded as a policy, built and proven for runc, and its program run against the plain evaluator. */
#pragma once

#include "bpf/scmp.h"
#include "condition.h"
#include "emit/emit.h"

enum cond_outcome {
        COND_AGREES,
        COND_LANGUAGE,    /* the language itself refuses it: always true, never matches … */
        COND_HIGH_WORD,   /* ABIs that share a filter, one of which does not show the upper half of a register */
        COND_ELSEWHERE,   /* … whose arguments are in other registers, or have other widths or constants */
        COND_TOO_MANY,    /* more rules than are written for one call */
        COND_TOO_LARGE,   /* more instructions than the kernel takes */
        COND_UNEXPLAINED, /* any other refusal */
        COND_DIFFERS,     /* the program does not answer as the evaluator does */
        COND_FAILED,      /* no memory, or worse */
        COND_HUNG,
        COND_OUTCOMES,
};

extern const char *const cond_outcome_names[COND_OUTCOMES];

struct cond_trial {
        const struct cond_case *c;
        uint64_t seed; /* of the inputs */
        size_t inputs; /* on each ABI */
        struct sc_scmp_compiler compiler;
        /* results */
        const char *refusal; /* id of the first error */
        struct sc_strbuf message;
        size_t rules; /* written for the call */
        size_t insns;
        char *text; /* heap: the profile */
        const struct sc_abi *abi; /* where it differs, and how */
        uint64_t args[6];
        uint32_t wanted, got;
        size_t ran; /* inputs */
};

enum cond_outcome cond_trial_run(struct cond_trial *t);
void cond_trial_done(struct cond_trial *t);

/* The program that runc makes of a profile for the case; free() its instructions. 0 or an error. */
int cond_trial_program(const struct cond_trial *t, struct sc_bpf_program *ret_program);

/* Makes a case smaller as long as it fails in the same way; returns the tries. */
size_t cond_shrink(struct cond_case *c, const struct cond_trial *failed, enum cond_outcome outcome);

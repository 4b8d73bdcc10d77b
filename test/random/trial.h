/* SPDX-License-Identifier: Apache-2.0 */
/* One random policy: written, loaded, built for a format, played against the naive evaluator. */
#pragma once

#include "setting.h"

/* What became of it. */
enum outcome {
        OUTCOME_AGREES,
        OUTCOME_REFUSED,     /* by a diagnostic that the policy itself explains */
        OUTCOME_UNEXPLAINED, /* by one that it does not: proof-failed, a policy that should load … */
        OUTCOME_DIFFERS,
        OUTCOME_FAILED, /* no memory, or worse */
};

struct trial {
        const struct naive_policy *policy;
        const struct sc_emit_format *format;
        uint64_t seed; /* of the environments and inputs: the same trial gives the same outcome */
        size_t inputs; /* at least */
        struct sc_scmp_compiler compiler;
        /* results */
        const char *refusal; /* rule id of the first error */
        struct sc_strbuf message;
        struct difference difference;
        struct tally tally;
        size_t insns;
};

enum outcome trial_run(struct trial *t);
void trial_done(struct trial *t);

/* True if the format can be built for the policy's ABIs at all: runc 1.1.5, under docker@20.10, has no riscv64. */
bool trial_applies(const struct naive_policy *p, const struct sc_emit_format *format);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building: a policy becomes a profile for a target, and the profile is proven: it goes back through the consumer's own
 * path and must be the policy's decision, but for what the target cannot say. See docs/architecture.md, "The proof".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "bpf/scmp.h"
#include "consumer/consumer.h"
#include "policy/policy.h"

#define SC_EMIT_CONSUMERS_MAX 8 /* consumers that one profile is proven for */
#define SC_EMIT_CUBES_MAX 400   /* capability conjunctions of one call */
#define SC_EMIT_NODES_MAX ((size_t)1 << 21)

/* A `--for`: what is written, and for whom it is proven. */
struct sc_emit_format {
        const char *name;    /* "docker", "oci", "runc" … */
        const char *summary;
        /* names, see pkg/consumer; the first decides the default action */
        const char *consumers[SC_EMIT_CONSUMERS_MAX];
};

size_t sc_emit_format_count(void);
const struct sc_emit_format *sc_emit_format_at(size_t index);
const struct sc_emit_format *sc_emit_format_find(const char *name, size_t len);

/* The format that is written for a consumer: one of its own name, else the first that is proven for it. */
const struct sc_emit_format *sc_emit_format_for(const struct sc_consumer *consumer);

/* What to build. */
struct sc_emit_request {
        const struct sc_policy *policy;
        const struct sc_emit_format *format;
        const struct sc_abi *const *abis; /* `--arch`; none: see sc_emit_build() */
        size_t n_abis;
        sc_caps caps; /* for formats that are resolved for one set; Docker's says them all */
        bool kernel_given;
        sc_kernel kernel; /* the kernel that the container will run on */
        const struct sc_scmptable *table; /* NULL: the consumer's */
        /*
         * ABIs that share a filter may refuse a call with another errno than the policy says, one for all of them (told
         * as other-errno), where different ones would be splits-abis.
         */
        bool join_errnos;
        struct sc_scmp_compiler compiler;
        enum sc_json_style style; /* of what is written */
};

/* A difference between policy and target that is no looser than the policy. */
struct sc_deviation {
        const struct sc_abi *abi;
        uint32_t first, last; /* numbers */
        int call;             /* the call, if it is one number and has a name; else -1 */
        sc_action policy, target;
};

/* What was built. In the request's arena, but for `text`. */
struct sc_emit_result {
        char *text; /* heap: the profile, a line feed at the end */
        size_t len;
        size_t n_rules;         /* elements of "syscalls" */
        size_t n_proofs;        /* (consumer, machine, environment) that were proven equal */
        size_t insns_max;       /* instructions of the largest filter among them */
        const struct sc_deviation *deviations; /* of all consumers and machines, each once */
        size_t n_deviations;
        const char *const *modelled; /* calls that this machine's libseccomp cannot name: proven by number only */
        size_t n_modelled;
};

void sc_emit_result_done(struct sc_emit_result *result);

/*
 * Builds and proves. Without ABIs in the request, the Docker format is written for every ABI of the policy; the others
 * for the policy's ABIs of one family: the only one that it lists, else that of the machine this runs on.
 *
 * Diagnostics: arch-not-listed, arch-unsupported, native-not-listed, splits-abis, unsayable, needs-kernel,
 * too-many-conditions, looser (the target cannot be made as strict as the policy), proof-failed (with a witness; a
 * mistake of ours or of libseccomp's), and those of sc_consumer_decide(). As warnings: arch-unsupported if the ABI was
 * not asked for, native-not-listed if it was, stricter, unlogged, unproven, flags-dropped; as notes: other-errno.
 * Returns 0; -EBADMSG; -ENOMEM; -E2BIG; errors of the compiler. Nothing is returned that was not proven.
 */
int sc_emit_build(struct sc_arena *arena, const struct sc_emit_request *request, struct sc_diags *diags,
                  struct sc_emit_result *ret_result);

/*
 * Proves a profile that is there already, `len` bytes of JSON, as sc_emit_build() proves what it has written. Returns 0
 * if it means what the request asks for; -EBADMSG with the diagnostics of sc_emit_build(), or those of a text that
 * cannot be read; other errors as there.
 */
int sc_emit_check(struct sc_arena *arena, const struct sc_emit_request *request, const char *text, size_t len,
                  struct sc_diags *diags);

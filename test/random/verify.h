/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays a built profile against the policy that it was built from: the text is read, taken by a consumer to a BPF
 * program, and the program is run on many inputs; the naive evaluator says what each should answer.
 */
#pragma once

#include "base/arena.h"
#include "consumer/consumer.h"
#include "emit/emit.h"
#include "naive.h"
#include "rng.h"

/* What a target cannot say. Each is allowed exactly where it is documented, and how often is counted. */
enum limit {
        LIMIT_NONE,     /* the policy's own answer */
        LIMIT_UNLISTED, /* an ABI that the policy does not list is killed */
        LIMIT_UNNAMED,  /* the target's libseccomp has no name for the call: the profile's default */
        LIMIT_NO_ERRNO, /* docker@20.10 takes EPERM for the default's errno: numbers that are no calls */
        LIMIT_STUB,     /* runc's stub: ENOSYS above the highest number that a rule names */
        LIMIT_CARRIER_ERRNO, /* a multiplexer whose denial is the profile's default gets another one */
        LIMIT_CARRIER_LOG,   /* a multiplexer that gets the permitting default by no rule: its sub-calls' own answers */
        LIMIT_COUNT,
};

extern const char *const limit_names[LIMIT_COUNT];

struct difference {
        const struct sc_consumer *consumer;
        const struct sc_abi *native;
        struct naive_env env;
        uint32_t arch, nr;
        uint64_t args[6];
        uint32_t wanted, got;
};

struct tally {
        uint64_t inputs;
        uint64_t limits[LIMIT_COUNT];
        uint64_t programs;
};

/* One profile on one kind of machine. */
struct scene {
        const struct naive_policy *policy;
        const struct sc_consumer *consumer;
        const struct sc_scmptable *table;
        const struct sc_abi *native;
        const struct sc_abi *abis[SC_ABI_MAX]; /* in the filter */
        size_t n_abis;
        uint32_t def;       /* the profile's default, as the consumer takes it */
        struct naive_env env;
        struct sc_scmp_compiler compiler;
        uint32_t highest[SC_ABI_MAX]; /* by ABI index: the highest number that a rule must name */
        int interesting[2048];        /* calls that the policy names */
        size_t n_interesting;
};

/* Fills what follows from the policy: def, highest, interesting. The other fields must be there. */
void scene_prepare(struct scene *s);

/* True if the target's libseccomp has a name for the call, and a number behind it on the ABI. */
bool scene_nameable(const struct scene *s, const struct sc_abi *abi, int call);

/* True if runc's stub answers a number before libseccomp's filter does. */
bool scene_stubbed(const struct scene *s, uint32_t arch, uint32_t nr);

/* A random input for the scene's machine; `args` too. */
void scene_input(const struct scene *s, struct rng *rng, uint32_t *ret_arch, uint32_t *ret_nr, uint64_t args[6]);

/* True if `got` is what the target may answer. */
bool scene_agrees(const struct scene *s, uint32_t arch, uint32_t nr, const uint64_t args[6], uint32_t got,
                  uint32_t *ret_wanted, enum limit *ret_limit);

/* Takes a profile's text the consumer's way, to a program for the kernel. Errors of reading and compiling. */
int scene_program(const struct scene *s, const char *text, size_t len, struct sc_bpf_program *ret_program);

/*
 * Runs a profile on `inputs` random inputs and, with `sweep`, once on every call of every ABI. Returns 0 if all agree,
 * 1 with *ret_difference if one does not, or an error of reading and compiling.
 */
int verify(const struct scene *s, const char *text, size_t len, size_t inputs, bool sweep, struct rng *rng,
           struct tally *tally, struct difference *ret_difference);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profiles that campaigns on pairs take two by two: a directory, files, the shipped policies built for some targets
 * and sets of capabilities, and the profiles in the directory that SC_REFERENCE names, if it does.
 */
#pragma once

#include "base/arena.h"
#include "base/diag.h"
#include "consumer/consumer.h"
#include "rng.h"

#define ENTRIES_MAX 160
#define COLLECTION_KERNEL SC_KERNEL(6, 1)

/* A profile, and who takes it. */
struct member {
        const char *name;
        const struct sc_consumer *consumer;
        const struct sc_profile *profile; /* NULL: no filter */
        sc_caps caps;
        /* what it comes to on a machine: see entry_decide() */
        bool refused;
        struct sc_outcome outcome;
        sc_node node;
        const struct sc_abi *abis[SC_ABI_MAX]; /* of the filter; none: there is no filter */
        size_t n_abis;
};

struct collection {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct member entries[ENTRIES_MAX];
        size_t n;
        size_t failed; /* that could not be loaded */
};

/* Loads the directory that is the first of the paths, the files that are the others, and the rest. */
void collection_load(struct collection *c, char *const *paths, int n);
void collection_done(struct collection *c);

/* Where an entry is taken. */
struct sc_target entry_target(const struct member *e, const struct sc_abi *machine);

/* Takes an entry to its program and decision on a machine. Returns 0, or the error with which it is refused. */
int entry_decide(struct collection *c, struct member *e, const struct sc_abi *machine, struct sc_decisions *d,
                 struct sc_diags *diags);

/* What libseccomp's program answers, by the interpreter. */
uint32_t entry_run(const struct member *e, const struct sc_bpf_data *data);

/* False if calls that this machine's libseccomp has no name for are in the node alone. */
bool entry_can_run(const struct member *e);

/* A value of an argument: small, or near a constant of the program. */
uint64_t entry_random_value(const struct member *e, const struct sc_abi *abi, struct rng *rng);

/* A number of the ABI: one of a call, or one near a constant. */
uint32_t entry_random_number(const struct member *e, const struct sc_abi *abi, struct rng *rng);

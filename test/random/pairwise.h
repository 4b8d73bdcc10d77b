/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A collection two by two on a machine, in child processes, and inputs for a pair: on the paths of both decisions and
 * beside them, and near the constants of both programs.
 */
#pragma once

#include <sys/types.h>

#include "collection.h"

/* Two entries that are compared, in a process of their own or with others. */
struct pair {
        struct collection *all;
        const struct member *entries[2];
        struct sc_decisions *d;
        const struct sc_abi *abis[SC_ABI_MAX + 1]; /* of the machine, the native one first */
        size_t n_abis;
        struct rng rng;
        void *counts; /* shared by the children */
};

/* One call as a process makes it. */
struct question {
        const struct sc_abi *abi;
        uint32_t nr;
        uint64_t args[6];
};

/* What an entry answers to it, as a process sees it: by its program if that is all there is, else by its decision. */
sc_action pair_answer(const struct pair *p, size_t side, const struct question *q);

/* The entry's answer to a number, over arguments: effects; where registers have 32 bits, for no upper half. */
sc_node pair_function(const struct pair *p, size_t side, const struct sc_abi *abi, uint32_t nr);

typedef void (*pair_ask)(const struct question *q, void *data);

/* Asks about a number, at most `max` times, on the paths of both functions and one tested bit beside. */
void pair_ask_borders(struct pair *p, const struct sc_abi *abi, uint32_t nr, size_t max, pair_ask ask, void *data);

/* Asks about any number, with any arguments near the constants of the programs. */
void pair_ask_random(struct pair *p, size_t count, pair_ask ask, void *data);

/* How many pairs of a machine are taken: `some` of them, or all (0). */
struct campaign_size {
        size_t some;
        size_t jobs;
};

/*
 * Takes every entry of a collection to a machine, and calls `visit` for ordered pairs of those that are not refused,
 * in children. `counts` must be shared memory. Returns how many pairs were visited, or -1 if a child failed.
 */
ssize_t pairs_visit(struct collection *all, const char *machine, struct campaign_size size,
                    void (*visit)(struct pair *p), void *counts);

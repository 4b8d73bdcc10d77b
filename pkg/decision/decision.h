/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions: functions from (environment, architecture, system call number, arguments) to a 32-bit action, held as
 * reduced, ordered, hash-consed decision diagrams over bits. Two functions are equal exactly if their nodes are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The variables are grouped into words, most significant bit first, in this order for every ABI. Two of them are the
 * environment that a policy may depend on; a filter's decision depends on the others only. The environment stands
 * below the number: each call depends on little of it, all calls together on much.
 */
enum sc_word {
        SC_WORD_ARCH,   /* 32 bits: seccomp_data.arch */
        SC_WORD_NR,     /* 32 bits: seccomp_data.nr */
        SC_WORD_KERNEL, /* 32 bits: major << 16 | minor of the running kernel */
        SC_WORD_CAPS,   /* 64 bits: bit n is capability n in the container's bounding set */
        SC_WORD_ARG0,   /* 64 bits each: seccomp_data.args */
        SC_WORD_ARG1,
        SC_WORD_ARG2,
        SC_WORD_ARG3,
        SC_WORD_ARG4,
        SC_WORD_ARG5,
        SC_WORD_COUNT,
};

/* Bits of a word. */
unsigned sc_word_bits(enum sc_word word);

/* A value for every word. */
struct sc_input {
        uint64_t words[SC_WORD_COUNT];
};

/* A node of one arena of decisions; meaningless in another. */
typedef uint32_t sc_node;

/* What every operation returns once its arena has failed; operations take it and return it. */
#define SC_NODE_FAILED UINT32_MAX

#define SC_DECISIONS_NODES_MAX ((size_t)1 << 22) /* a generous limit for sc_decisions_new() */

struct sc_decisions;

/* Makes an arena that holds `nodes_max` nodes at most. NULL when out of memory. */
struct sc_decisions *sc_decisions_new(size_t nodes_max);
void sc_decisions_free(struct sc_decisions *d);
void sc_decisions_freep(struct sc_decisions **d);

/* 0, or why an operation failed: -ENOMEM, or -E2BIG when the limit on nodes was reached. It stays. */
int sc_decisions_error(const struct sc_decisions *d);

/*
 * Notes that a decision could not be made for a reason outside the arena, and returns SC_NODE_FAILED: whoever gives
 * that to others must, since they ask sc_decisions_error() what it means.
 */
sc_node sc_decisions_fail(struct sc_decisions *d, int error);

/* The limit on its nodes. */
size_t sc_decisions_limit(const struct sc_decisions *d);

/* All nodes made so far, dead ones included. */
size_t sc_decisions_count(const struct sc_decisions *d);

/* The constant function. */
sc_node sc_decision_leaf(struct sc_decisions *d, uint32_t value);

/* True, with the value, if `node` is constant. */
bool sc_decision_is_leaf(const struct sc_decisions *d, sc_node node, uint32_t *ret_value);

/*
 * The function that is `yes` where the word's bits under `mask` equal those of `value`, and `no` elsewhere.
 * `yes` and `no` are any functions. Exact for every order of use; cheapest when they depend on later words only.
 */
sc_node sc_decision_eq(struct sc_decisions *d, enum sc_word word, uint64_t mask, uint64_t value, sc_node yes,
                       sc_node no);

/* `yes` where the word, as an unsigned number, is at least `value`; `no` elsewhere. */
sc_node sc_decision_ge(struct sc_decisions *d, enum sc_word word, uint64_t value, sc_node yes, sc_node no);

/* The same for the word's bits under `mask`, the others taken as 0: `yes` where (word & mask) >= value. */
sc_node sc_decision_ge_masked(struct sc_decisions *d, enum sc_word word, uint64_t mask, uint64_t value, sc_node yes,
                              sc_node no);

/* `yes` where any bit under `mask` is set; `no` elsewhere. */
sc_node sc_decision_any(struct sc_decisions *d, enum sc_word word, uint64_t mask, sc_node yes, sc_node no);

/* A value of a word, and the function where it has that value. */
struct sc_entry {
        uint64_t value;
        sc_node node;
};

/*
 * The function that is each entry's where the word has its value, and `rest` elsewhere; much cheaper than a chain of
 * sc_decision_eq(). Entries are ascending by value, each value once; neither they nor `rest` depend on this word or an
 * earlier one.
 */
sc_node sc_decision_map(struct sc_decisions *d, enum sc_word word, const struct sc_entry *entries, size_t n,
                        sc_node rest);

/* True if the function does not depend on `word` or an earlier one. */
bool sc_decision_is_below(const struct sc_decisions *d, sc_node node, enum sc_word word);

/* Orders entries by value, for qsort(). */
int sc_entry_compare(const void *a, const void *b);

/* Conditions are decisions with the leaves 0 (false) and 1 (true). `yes` where `cond` is not 0, `no` elsewhere. */
sc_node sc_decision_ite(struct sc_decisions *d, sc_node cond, sc_node yes, sc_node no);
sc_node sc_decision_not(struct sc_decisions *d, sc_node cond);
sc_node sc_decision_and(struct sc_decisions *d, sc_node a, sc_node b);
sc_node sc_decision_or(struct sc_decisions *d, sc_node a, sc_node b);

/* The condition under which a decision is `value`. */
sc_node sc_decision_where(struct sc_decisions *d, sc_node node, uint32_t value);

/* Combines two values; must be a pure function. */
typedef uint32_t (*sc_combine)(uint32_t a, uint32_t b);

/* The function x ↦ combine(a(x), b(x)). */
sc_node sc_decision_apply(struct sc_decisions *d, sc_combine combine, sc_node a, sc_node b);

/* Replaces a word by a constant: the function no longer depends on it. */
sc_node sc_decision_fix(struct sc_decisions *d, sc_node node, enum sc_word word, uint64_t value);

/* The same for the word's bits under `mask` only: those become the bits of `value`. */
sc_node sc_decision_fix_bits(struct sc_decisions *d, sc_node node, enum sc_word word, uint64_t mask, uint64_t value);

/* The same function in another arena: what was worked out in one that is then thrown away. */
sc_node sc_decision_copy(struct sc_decisions *to, const struct sc_decisions *from, sc_node node);

/* The value for one input. */
uint32_t sc_decision_eval(const struct sc_decisions *d, sc_node node, const struct sc_input *input);

/* Nodes reachable from `node`, leaves included. 0 when out of memory. */
size_t sc_decision_size(const struct sc_decisions *d, sc_node node);

/* The bits of a word that the function depends on. Returns 0; -ENOMEM; errors of `d`. */
int sc_decision_tested(const struct sc_decisions *d, sc_node node, enum sc_word word, uint64_t *ret_bits);

/* An input on which a and b differ. False if they are the same function. */
bool sc_decision_witness(const struct sc_decisions *d, sc_node a, sc_node b, struct sc_input *ret_input);

/* A path from the root to a leaf: the bits that were tested, by word, and the values they had. */
struct sc_path {
        uint64_t masks[SC_WORD_COUNT];
        uint64_t values[SC_WORD_COUNT];
        uint32_t leaf;
};

/* Called for each path, in ascending order of the tested bits; not 0 stops. */
typedef int (*sc_path_visit)(const struct sc_path *path, void *data);

/* Visits all paths. Returns 0, or what the visitor returned to stop. The paths are disjoint and cover everything. */
int sc_decision_paths(const struct sc_decisions *d, sc_node node, sc_path_visit visit, void *data);

/* Called with each of some inputs; not 0 stops. */
typedef int (*sc_input_visit)(const struct sc_input *input, void *data);

/*
 * Visits inputs that together take every branch: for each node that tests `last` or an earlier word, one goes to its
 * low and one to its high side, though not by every way to the node. There are at most as many as branches; if there
 * are none, it is `base` alone. Bits that are not tested on an input's way are those of `base`.
 * Returns 0, what the visitor returned, or -ENOMEM.
 */
int sc_decision_branches(const struct sc_decisions *d, sc_node node, enum sc_word last, const struct sc_input *base,
                         sc_input_visit visit, void *data);

/*
 * The runs of one word, the first that `node` may depend on: consecutive values with one and the same function of the
 * later words. Called with the first and last value of each run, ascending; neighbours differ. Not 0 stops.
 * Returns 0, what the visitor returned, or -EINVAL if `node` depends on an earlier word.
 */
typedef int (*sc_run_visit)(uint64_t first, uint64_t last, sc_node node, void *data);
int sc_decision_runs(const struct sc_decisions *d, sc_node node, enum sc_word word, sc_run_visit visit, void *data);

/*
 * The runs of two nodes together: consecutive values over which each has one function. All are found before the first
 * visit, which may make nodes. Returns as above, or -ENOMEM.
 */
typedef int (*sc_run_pair_visit)(uint64_t first, uint64_t last, sc_node a, sc_node b, void *data);
int sc_decision_run_pairs(const struct sc_decisions *d, sc_node a, sc_node b, enum sc_word word,
                          sc_run_pair_visit visit, void *data);

/*
 * Splits a condition or decision at its first variable: the word and bit that it tests, and the functions where the bit
 * is clear and set. False if `node` is a leaf.
 */
bool sc_decision_split(const struct sc_decisions *d, sc_node node, enum sc_word *ret_word, uint64_t *ret_bit,
                       sc_node *ret_clear, sc_node *ret_set);

/* The same function with one bit of a word fixed; the bit must be the first variable of `node` or stand before it. */
sc_node sc_decision_side(const struct sc_decisions *d, sc_node node, enum sc_word word, uint64_t bit, bool set);

/* Compares the places of two nodes' first variables in the order: below 0 if a's comes first; leaves come last. */
int sc_decision_order(const struct sc_decisions *d, sc_node a, sc_node b);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions on arguments, for tests: expression trees as plain values, their text in the language of policies, and an
 * evaluator that knows no diagrams. Of pkg/policy it shares nothing; where a parameter is, and which of its bits count,
 * is looked up in the tables of pkg/syscall.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "rng.h"
#include "syscall/abi.h"
#include "syscall/name.h"
#include "syscall/syscall.h"

#define COND_NODES_MAX 64
#define COND_RANGES_MAX 6
#define COND_RULES_MAX 3
#define COND_ABIS_MAX 2

enum cond_value_kind {
        COND_PLAIN,
        COND_MINUS, /* -n */
        COND_TILDE, /* ~n */
        COND_NAMED, /* the constant with index n, joined with that at `other` if this is not negative */
};

struct cond_value {
        enum cond_value_kind kind;
        uint64_t n;
        int other;
};

enum cond_kind {
        COND_AND,
        COND_OR,
        COND_NOT,
        COND_CAP,
        COND_COMPARE,
        COND_IN,
        COND_ANY, /* a bare mask */
};

enum cond_op {
        COND_EQ,
        COND_NE,
        COND_LT,
        COND_LE,
        COND_GT,
        COND_GE,
};

/* A condition; operands are indexes of the case's nodes, so that cases can be copied by value. */
struct cond_node {
        enum cond_kind kind;
        int left, right;
        unsigned cap;
        int param; /* of the call; -1: `position` */
        unsigned position;
        bool raw; /* ":64" */
        bool masked;
        bool turned; /* the value stands on the left */
        bool not_in;
        enum cond_op op;
        struct cond_value mask, value;
        struct cond_value first[COND_RANGES_MAX], last[COND_RANGES_MAX];
        size_t n_ranges;
};

enum cond_shape {
        COND_JUDGED,  /* the last rule decides the call without conditions: the default is not among its answers */
        COND_DEFAULT, /* what no rule decides gets the default, which denies */
        COND_OPEN,    /* … which allows */
        COND_SHAPES,
};

struct cond_rule {
        uint32_t action;
        int when; /* a node */
};

/* A policy about one call. */
struct cond_case {
        const struct sc_abi *abis[COND_ABIS_MAX]; /* the first is the machine's */
        size_t n_abis;
        int call;
        enum cond_shape shape;
        uint32_t last; /* COND_JUDGED: what the last rule answers */
        sc_caps caps;
        struct cond_rule rules[COND_RULES_MAX];
        size_t n_rules;
        struct cond_node nodes[COND_NODES_MAX];
        int n_nodes;
};

/* The registers of an atom's argument on an ABI, and how many low bits of it count. */
struct cond_spot {
        bool split, pointer;
        unsigned low, high;
        unsigned bits;
};

/* False if the argument cannot be seen there. */
bool cond_locate(const struct cond_case *c, const struct cond_node *atom, const struct sc_abi *abi,
                 struct cond_spot *ret_spot);

/* The number that a value is where `bits` count. */
uint64_t cond_value_on(const struct cond_value *value, const struct sc_abi *abi, unsigned bits);

/* What the policy answers to all other calls. */
uint32_t cond_default(const struct cond_case *c);

/* What the case answers to its call. */
uint32_t cond_answer(const struct cond_case *c, const struct sc_abi *abi, const uint64_t args[6]);

/* The ABIs of the case that have a number for the call. */
size_t cond_callable(const struct cond_case *c, const struct sc_abi *ret_abis[COND_ABIS_MAX]);

/* The case as a policy, and one of its conditions. */
void cond_write(const struct cond_case *c, struct sc_strbuf *out);
void cond_write_node(const struct cond_case *c, int node, struct sc_strbuf *out);

/* A random case for some ABIs, which must be set. */
void cond_generate(struct rng *rng, struct cond_case *c);

/* Values at which atoms may change their mind, by register, and random inputs made of them. */
#define COND_POOL_MAX 64
struct cond_pool {
        uint64_t values[6][COND_POOL_MAX];
        size_t n[6];
};
void cond_pool_fill(const struct cond_case *c, const struct sc_abi *abi, struct cond_pool *ret_pool);
void cond_pool_add(struct cond_pool *pool, unsigned arg, uint64_t value);
void cond_pool_input(const struct cond_pool *pool, struct rng *rng, uint64_t ret_args[6]);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second reading of the policy language, for tests: policies as plain values, and a first-match evaluator that knows
 * no diagrams. Written from the language's description; it shares nothing with pkg/policy but the tables of system
 * calls.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "syscall/abi.h"
#include "syscall/name.h"
#include "syscall/syscall.h"

#define NAIVE_RULES_MAX 24
#define NAIVE_NAMES_MAX 160 /* of one rule or group */
#define NAIVE_GROUPS_MAX 8
#define NAIVE_CONDS_MAX 64

enum naive_cond_kind {
        NAIVE_AND,
        NAIVE_OR,
        NAIVE_NOT,
        NAIVE_CAP,
        NAIVE_ARCH,
        NAIVE_KERNEL,
};

/* A condition; operands are indexes of the policy's conditions, so that policies can be copied by value. */
struct naive_cond {
        enum naive_cond_kind kind;
        int left, right;
        unsigned cap;
        uint32_t abis;  /* bit n is the ABI with index n */
        const char *op; /* "==", "<=" … */
        sc_kernel kernel;
};

enum naive_name_kind {
        NAIVE_CALL,    /* `index` is a call */
        NAIVE_GROUP,   /* a group of the policy */
        NAIVE_BUILTIN, /* a group of the language, see syscall/group.h */
};

struct naive_name {
        enum naive_name_kind kind;
        int index;
};

struct naive_group {
        int calls[NAIVE_NAMES_MAX];
        size_t n_calls;
};

struct naive_rule {
        const char *verb; /* "allow", "deny" … */
        uint32_t action;  /* what the verb means, or what "with" says */
        bool with;        /* "with" is written */
        struct naive_name names[NAIVE_NAMES_MAX];
        size_t n_names;
        int when; /* a condition, or -1 */
};

struct naive_policy {
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n_abis;
        sc_kernel baseline;
        uint32_t def, fallback, newer;
        bool newer_given, fallback_given;
        struct naive_group groups[NAIVE_GROUPS_MAX]; /* "@g0", "@g1" … */
        size_t n_groups;
        struct naive_rule rules[NAIVE_RULES_MAX];
        size_t n_rules;
        struct naive_cond conds[NAIVE_CONDS_MAX];
        size_t n_conds;
};

/* The environment of one container. */
struct naive_env {
        sc_caps caps;
        sc_kernel kernel;
};

/* True if the action lets the call be made without asking: allow, log. */
bool naive_permits(uint32_t action);

/* The kernel's order of strictness, linux/seccomp.h: 0 kills the process, 7 allows. */
unsigned naive_looseness(uint32_t action);

/* True if the policy lists the ABI. */
bool naive_lists(const struct naive_policy *p, const struct sc_abi *abi);

bool naive_holds(const struct naive_policy *p, int cond, const struct sc_abi *abi, struct naive_env env);

/* What the policy answers to a call on a listed ABI. */
uint32_t naive_call(const struct naive_policy *p, const struct sc_abi *abi, int call, struct naive_env env);

/* The same for a number, which may be nobody's. */
uint32_t naive_number(const struct naive_policy *p, const struct sc_abi *abi, uint32_t nr, struct naive_env env);

/* Names that are written in the policy's rules and groups, built-in groups counting as one. */
size_t naive_name_count(const struct naive_policy *p);

/* True if a rule, or a group of the policy, names the call itself. */
bool naive_names(const struct naive_policy *p, int call);

/* The policy as text, in the language. */
void naive_write(const struct naive_policy *p, struct sc_strbuf *out);

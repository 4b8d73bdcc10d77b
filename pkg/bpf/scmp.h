/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of libseccomp, as a runtime asks it: compiling rules, and its names. The only door to that library. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/bpf.h"
#include "decision/decision.h"
#include "syscall/abi.h"

#define SC_SCMP_RULES_MAX 32768 /* rules given to libseccomp at once; 2.5.4 wraps around at 65,536 instructions */

/* Comparisons, in libseccomp's terms (seccomp_rule_add(3)). */
enum sc_scmp_op {
        SC_SCMP_NE = 1,
        SC_SCMP_LT,
        SC_SCMP_LE,
        SC_SCMP_EQ,
        SC_SCMP_GE,
        SC_SCMP_GT,
        SC_SCMP_MASKED_EQ, /* (argument & a) == b */
};

struct sc_scmp_arg {
        unsigned index; /* 0…5 */
        enum sc_scmp_op op;
        uint64_t a;
        uint64_t b;
};

/* One rule; its conditions must all hold. */
struct sc_scmp_rule {
        const char *name; /* of the call */
        uint32_t action;  /* SECCOMP_RET_* with data */
        unsigned n_args;  /* up to 6 */
        const struct sc_scmp_arg *args;
};

/* What a runtime tells libseccomp, in the order in which it does. */
struct sc_scmp_filter {
        uint32_t default_action;
        const struct sc_abi *const *abis; /* the first is the native one of the machine that it is for */
        size_t n_abis;
        const struct sc_scmp_rule *rules;
        size_t n_rules;
        unsigned optimize; /* SCMP_FLTATR_CTL_OPTIMIZE: 1 a list, 2 a binary tree */
};

/* What came of it. */
struct sc_scmp_result {
        struct sock_filter *insns; /* heap; free() it. NULL from `decide` */
        size_t len;
        sc_node node;    /* from `decide` */
        int error;       /* libseccomp's refusal, -errno; 0 if none */
        size_t error_at; /* the rule that it refused, or n_rules if it was something else */
};

/*
 * Compiles a filter in this process. Names that this machine's libseccomp does not know are left out, as runtimes do.
 * libseccomp may hang or use memory without bound on rules that somebody else wrote: see `struct sc_scmp_compiler`.
 * Returns 0 (see ret_result->error) or -ENOMEM, -E2BIG (more than SC_SCMP_RULES_MAX), -errno.
 */
int sc_scmp_compile(const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result);

/*
 * The door through which the library asks all that it asks of libseccomp. sc_scmp_library() is libseccomp itself; cmd/
 * wraps `compile` into a child with limits of time and memory (-ETIMEDOUT when it hit one); sc_scmp_model() does
 * without. Whoever takes one has no reference to libseccomp, so that a program that brings another does not link it.
 */
struct sc_scmp_compiler {
        /* As sc_scmp_compile(). NULL if there is `decide`. */
        int (*compile)(void *data, const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result);
        /* NULL, or what gives the decision of the compiled rules at once: in ret_result->node, without a program. */
        int (*decide)(void *data, const struct sc_scmp_filter *filter, struct sc_decisions *d,
                      struct sc_scmp_result *ret_result);
        bool (*knows)(void *data, const char *name);                             /* as sc_scmp_knows() */
        int (*number)(void *data, const char *name, const struct sc_abi *abi);   /* as sc_scmp_number() */
        bool (*reaches)(void *data, const char *name, const struct sc_abi *abi); /* as sc_scmp_reaches() */
        void *data;
};

/* This machine's libseccomp, in this process and without limits. */
struct sc_scmp_compiler sc_scmp_library(void);

/* True if this machine's libseccomp knows a call's name, and does not take it for another. */
bool sc_scmp_knows(const char *name);

/* This machine's libseccomp: "2.5.4". */
struct sc_scmp_version {
        unsigned major, minor, micro;
};
struct sc_scmp_version sc_scmp_version(void);

/*
 * The number that runc's stub takes for a call on an ABI: libseccomp's, which is negative for a call that the ABI has
 * not or reaches through a multiplexer. SC_SCMP_UNKNOWN for a name that libseccomp does not know.
 */
#define SC_SCMP_UNKNOWN (-1)
int sc_scmp_number(const char *name, const struct sc_abi *abi);

/*
 * False if this machine's libseccomp knows a name and yet no number for it on an ABI that has the call (x32's
 * map_shadow_stack before 2.6): a rule by that name does nothing there. True for names that it does not know at all.
 */
bool sc_scmp_reaches(const char *name, const struct sc_abi *abi);

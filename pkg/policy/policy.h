/* SPDX-License-Identifier: Apache-2.0 */
/* The policy language: a loaded policy with all that it extends, and what it decides. See docs/policy-language.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "decision/decision.h"
#include "syscall/abi.h"
#include "syscall/name.h"
#include "syscall/syscall.h"

#define SC_POLICY_SIZE_MAX ((size_t)1024 * 1024) /* bytes of one policy file */
#define SC_POLICY_EXTENDS_MAX 16                 /* policies that extend one another, deepest chain */
#define SC_POLICY_FILES_MAX 64                   /* files of one policy, all that it extends included */

/* Actions are the kernel's filter return values, SECCOMP_RET_* with data in the low 16 bits (linux/seccomp.h). */
typedef uint32_t sc_action;

enum sc_compare {
        SC_EQ,
        SC_NE,
        SC_LT,
        SC_LE,
        SC_GT,
        SC_GE,
};

/* What an argument is compared with: an expression, since constants differ by ABI. */
enum sc_value_kind {
        SC_VALUE_NUMBER,   /* `number` */
        SC_VALUE_CONSTANT, /* the kernel's constant `name` */
        SC_VALUE_MINUS,    /* -left */
        SC_VALUE_NOT,      /* ~left */
        SC_VALUE_OR,       /* left | right */
        SC_VALUE_AND,      /* left & right */
};

struct sc_value {
        enum sc_value_kind kind;
        struct sc_place place;
        uint64_t number;
        const char *name;
        const struct sc_value *left;
        const struct sc_value *right;
};

/* One element of a set: from `first` to `last`, both included. A single value has both the same. */
struct sc_range {
        const struct sc_value *first;
        const struct sc_value *last;
        struct sc_place place;
        const struct sc_range *next;
};

/* An argument of a call, or the bits of it that a mask leaves. */
struct sc_argument {
        const char *name;            /* the kernel's parameter; NULL: the argument at `position` */
        unsigned position;           /* 0…5 */
        bool raw;                    /* all 64 bits of the register, whatever the kernel looks at */
        const struct sc_value *mask; /* NULL: the whole of it */
        struct sc_place place;       /* without the mask */
};

/* A condition of a rule: an expression tree. */
enum sc_cond_kind {
        SC_COND_AND,
        SC_COND_OR,
        SC_COND_NOT,
        SC_COND_CAP,     /* the capability `cap` is in the bounding set */
        SC_COND_ARCH,    /* the call's ABI is one of `abis` */
        SC_COND_KERNEL,  /* the running kernel's version compared with `kernel` */
        SC_COND_COMPARE, /* `argument` compared with `value` */
        SC_COND_IN,      /* `argument` is in one of `ranges` */
};

struct sc_cond {
        enum sc_cond_kind kind;
        struct sc_place place;
        const struct sc_cond *left;  /* AND, OR, NOT */
        const struct sc_cond *right; /* AND, OR */
        unsigned cap;
        uint32_t abis;           /* bit n is the ABI with index n */
        enum sc_compare compare; /* KERNEL, COMPARE */
        sc_kernel kernel;
        struct sc_argument argument; /* COMPARE, IN */
        const struct sc_value *value;
        const struct sc_range *ranges;
};

/* One call that a rule names. */
struct sc_rule_call {
        unsigned short call; /* index, see syscall.h */
        bool direct;         /* by its own name, not through a group */
        struct sc_place place;
};

struct sc_rule {
        struct sc_place place;           /* the rule's object */
        const char *verb;                /* "allow", "deny" … */
        sc_action action;                /* what it answers */
        bool falls_back;                 /* a plain `deny`: answers `fallback` for calls that programs fall back from */
        const struct sc_rule_call *calls; /* sorted by call, each once */
        size_t n_calls;
        const struct sc_cond *when; /* NULL: always */
};

/* What must hold of the container that a policy is for. */
enum sc_requirement_kind {
        SC_REQUIRE_NO_NEW_PRIVILEGES,
        SC_REQUIRE_CAP,    /* the bounding set has `cap` */
        SC_REQUIRE_NO_CAP, /* no set has `cap` */
};

struct sc_requirement {
        enum sc_requirement_kind kind;
        unsigned cap;
        int call;         /* it counts where the policy lets this call be made for some arguments; -1: always */
        const char *text; /* as it was written: "!CAP_SYS_ADMIN when clone3" */
        struct sc_place place;
};

/* A policy, resolved but for its environment. All of it lives in the arena that it was loaded into. */
struct sc_policy {
        const char *name;              /* as it was asked for */
        const struct sc_source *source; /* the top file */
        const struct sc_source *const *sources; /* of all files: the top one, then all that it extends, each once */
        size_t n_sources;
        const char *description;       /* NULL if none was given */
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n_abis;
        bool abis_given;      /* "architectures" was written, not left out */
        const struct sc_policy *narrower; /* where they were left out: one that it extends lists fewer; NULL: none */
        sc_kernel baseline;
        bool baseline_given;
        sc_action def;
        sc_action fallback;
        sc_action newer;
        struct sc_place def_place, fallback_place, newer_place; /* of these; no source: they were left out */
        const struct sc_rule *rules; /* its own, then those of what it extends, in the order of decision */
        size_t n_rules;
        const unsigned short *optional; /* calls that --allow may add, sorted */
        size_t n_optional;
        const char *const *flags; /* OCI filter flags */
        size_t n_flags;
        const struct sc_requirement *requirements; /* each once */
        size_t n_requirements;
        const struct sc_policy *plain; /* for one that complains: the same policy before its denials became `log` */
};

/* How a policy is found by name, and what the caller changes about it. */
struct sc_policy_options {
        const unsigned short *allow; /* calls to allow at the top; each must be in `optional` */
        size_t n_allow;
        bool complain;               /* every denial becomes `log`, as with "complain": true */
        /*
         * Reads what a policy extends, `limit` bytes at most, into memory that lives as long as the arena: for those
         * who trust some files only. NULL: every file is read. Returns 0; -EBADMSG after a diagnostic; other errors.
         */
        int (*read)(void *context, const char *path, size_t limit, struct sc_source *ret_source);
        void *read_context;
};

/*
 * Loads a policy: a path (has a slash or ends in .jsonc) or the name of a shipped policy, with all that it extends.
 * `text` is its content if the caller has read it (stdin), else NULL. Everything is allocated in `arena`. Relative
 * paths in "extends" are relative to the file that has them. Returns 0; -EBADMSG with diagnostics; -ENOENT and
 * other errors of reading, with a diagnostic; -ENOMEM.
 */
int sc_policy_load(struct sc_arena *arena, const char *name, const char *text, size_t len,
                   const struct sc_policy_options *options, struct sc_diags *diags,
                   const struct sc_policy **ret_policy);

/* True if the policy is for those ABIs that one without "architectures" is for. */
bool sc_policy_archs_are_default(const struct sc_policy *policy);

/* Appends the key that lists the policy's ABIs: "architectures": ["x86_64", "aarch64"] */
void sc_policy_write_archs(const struct sc_policy *policy, struct sc_strbuf *out);

/*
 * Gives a finding about an ABI the hint that a policy which this one extends does not list it, and what to write to do
 * the same. False, and no hint, if there is no such policy. `policy` and `diag` may be NULL.
 */
bool sc_policy_hint_archs(const struct sc_policy *policy, const struct sc_abi *abi, struct sc_diag *diag);

/* Writes an action as the language and `eval` do: "allow", "errno:ENOSYS", "kill", "trace:7". */
void sc_action_format(sc_action action, struct sc_strbuf *out);

/* Reads an action of the language. Returns 0 or -EINVAL. */
int sc_action_parse(const char *text, size_t len, sc_action *ret_action);

/* The kernel's order of strictness: 0 is the strictest (kill), 7 the loosest (allow). Data does not count. */
unsigned sc_action_looseness(sc_action action);

/*
 * What the policy answers to a call (that exists or not on the ABI) there: a decision over SC_WORD_KERNEL,
 * SC_WORD_CAPS and arguments. Multiplexers (socketcall, ipc) follow docs/policy-language.md.
 */
sc_node sc_policy_call(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call);

/*
 * The whole policy on one ABI: a decision over SC_WORD_KERNEL, SC_WORD_CAPS, SC_WORD_NR and arguments. Numbers that
 * another ABI of the same audit_arch owns are not special here: see sc_abi_owns().
 */
sc_node sc_policy_decision(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi);

/*
 * The same in one environment: a decision over SC_WORD_NR and arguments.
 */
sc_node sc_policy_decision_in(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                              sc_caps caps, sc_kernel kernel);

/*
 * The whole policy on some of its ABIs in one environment: a decision over SC_WORD_ARCH, SC_WORD_NR and arguments. Of
 * numbers that two ABIs share an architecture for, each has its own (sc_abi_owns()); what is none of these ABIs' kills
 * the thread, as under every consumer.
 */
sc_node sc_policy_decision_on(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *const *abis,
                              size_t n_abis, sc_caps caps, sc_kernel kernel);

/*
 * The rule that first decides a call in one environment with some arguments, those words of `input`; NULL if none does
 * (then `newer`, `fallback` or `default`), or if `d` failed.
 */
const struct sc_rule *sc_policy_rule(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                                     int call, const struct sc_input *input);

/*
 * The cases of a call: each rule that decides it somewhere, in their order, and last NULL for where none does. `where`
 * is the condition, over SC_WORD_KERNEL, SC_WORD_CAPS and arguments, under which it does, never false; those of all
 * cases are disjoint and cover everything. Not 0 stops. Returns 0, what the visitor returned, or an error of `d`.
 */
typedef int (*sc_case_visit)(const struct sc_rule *rule, sc_node where, void *data);
int sc_policy_cases(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call,
                    sc_case_visit visit, void *data);

/* What answers where no rule decides. */
enum sc_policy_end {
        SC_END_NEWER,
        SC_END_FALLBACK,
        SC_END_DEFAULT,
        SC_END_CARRIER, /* a multiplexer that would open a call which is not plainly permitted: denied */
};

/* The end that answers a call in one environment, those words of `input`, if no rule does; -1 is no call. */
enum sc_policy_end sc_policy_end(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                                 int call, const struct sc_input *input);

/*
 * The first kernel that has the call on any ABI of the policy, which is what is held against the baseline: 0 if older
 * than the oldest examined, UINT32_MAX if none has it.
 */
sc_kernel sc_policy_since(const struct sc_policy *policy, int call);

/* What a rule that names the call answers to it. */
sc_action sc_policy_rule_answer(const struct sc_policy *policy, const struct sc_rule *rule, int call);

/* True if the rule names the call, itself or through a group. */
bool sc_policy_rule_names(const struct sc_rule *rule, int call);

/* What a call gets that no rule decides: `newer`, `fallback` or `default`. Multiplexers are another matter. */
sc_action sc_policy_end_answer(const struct sc_policy *policy, int call);

/*
 * Where a condition holds for a call on an ABI: 0 or 1 over SC_WORD_KERNEL, SC_WORD_CAPS and arguments. It may hold in
 * *ret_may and holds for sure in *ret_must: the same unless it asks about what cannot be told there, a parameter behind
 * a pointer or a constant that the ABI does not have. A condition that is NULL holds everywhere.
 */
void sc_policy_condition(struct sc_decisions *d, const struct sc_cond *cond, const struct sc_abi *abi, int call,
                         sc_node *ret_may, sc_node *ret_must);

/*
 * Reads a condition as it stands in `when` of a rule for a call. It lives in the arena. Returns 0; -EBADMSG if it is
 * none; -ENOMEM.
 */
int sc_policy_condition_read(struct sc_arena *arena, const char *text, int call, const struct sc_cond **ret_cond);

/* The shipped policies, sorted by name; compiled into the library from profiles/. */
struct sc_shipped {
        const char *name;
        const char *text;
        size_t len;
};
size_t sc_shipped_count(void);
const struct sc_shipped *sc_shipped_at(size_t index);
const struct sc_shipped *sc_shipped_find(const char *name, size_t len);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint: what in a policy or profile is probably not what its writer meant, as the engines will read it. One table of
 * rules, one file a theme; each rule has a page in docs/lint.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "compare/compare.h"
#include "consumer/consumer.h"
#include "json/json.h"
#include "policy/policy.h"
#include "profile/profile.h"

#define SC_LINT_FINDINGS_MAX 10000 /* of one file; more are counted, not kept */
#define SC_LINT_IGNORES_MAX 1000  /* rules that comments of one file name; what is behind them is not read */

/* Kinds of files, as bits: which a rule looks at. */
enum sc_lint_kinds {
        SC_LINT_POLICIES = 1 << 0,
        SC_LINT_PROFILES = 1 << 1, /* OCI's and Docker's form, also in a config.json */
        SC_LINT_CONFIGS = 1 << 2,  /* what stands around the profile in a config.json */
};

/* What a rule asks, and so how often. */
enum sc_lint_asks {
        SC_LINT_READER, /* nothing: who reads the file finds it */
        SC_LINT_TEXT,   /* the file: once */
        SC_LINT_PLAN,   /* what a consumer does with it: for each view, also where it refuses the file */
        SC_LINT_NODE,   /* what the filter does: for each view that has a filter */
};

struct sc_lint; /* one run over one file: internal.h */

/* A rule: a row of the table. */
struct sc_lint_rule {
        const char *id;      /* "clone3-hard-denied": stable */
        const char *summary; /* one line, no full stop */
        int (*find)(struct sc_lint *lint, const struct sc_lint_rule *rule); /* 0 or -errno; READER: NULL */
        enum sc_severity severity;
        unsigned kinds; /* enum sc_lint_kinds */
        enum sc_lint_asks asks;
        bool fixes;  /* some of its findings come with edits */
        bool opt_in; /* runs only if it is asked for by name */
};

size_t sc_lint_rule_count(void);
const struct sc_lint_rule *sc_lint_rule_at(size_t index);

/* By id; NULL if there is none. */
const struct sc_lint_rule *sc_lint_rule_find(const char *id, size_t len);

/* The page of a rule (docs/lint/ID.md), as Markdown; NULL if there is none. */
const char *sc_lint_page(const char *id);

/* Bytes of the file that something else should stand for; `length` 0 inserts. */
struct sc_lint_edit {
        size_t offset;
        size_t length;
        const char *text;
};

/* One finding. */
struct sc_lint_finding {
        const struct sc_lint_rule *rule; /* NULL: a reader's, that has no row */
        struct sc_diag diag;             /* its words and places, in the arena */
        uint32_t consumers;              /* bit n: sc_consumer_at(n) is concerned; 0: whoever takes the file */
        const struct sc_lint_edit *edits; /* all or none of them mend it; ascending, apart from each other */
        size_t n_edits;
        bool has_witness;
        struct sc_witness witness; /* a call that shows it: `a` is what the filter answers, `b` what one expects */
        const struct sc_lint_view *view; /* in which the witness is good; the first in which it was found */
};

/* The file, as far as it could be read. */
struct sc_lint_file {
        const struct sc_source *source; /* of a policy, that of the policy counts */
        enum sc_file_kind kind;
        const struct sc_json *root;       /* NULL: no JSON */
        const struct sc_profile *profile; /* NULL: a policy, or what means no filter */
        const struct sc_policy *policy;   /* NULL: no policy */
        const struct sc_diags *said;      /* what its readers said, to be found: errors and warnings. NULL: nothing */
};

/* Whom a file is for and where; and what to look for. */
struct sc_lint_options {
        const struct sc_consumer *const *consumers; /* of profiles */
        size_t n_consumers;
        const struct sc_abi *const *machines; /* by their own ABIs */
        size_t n_machines;
        sc_caps caps;                     /* the container's bounding set */
        bool caps_given;                  /* somebody said so: what needs others is of no use */
        sc_kernel min_kernel;             /* the oldest that it is to run on */
        const struct sc_scmptable *table; /* names that the consumer's libseccomp has; NULL: the row's */
        const struct sc_scmp_compiler *compiler;
        /* Whether a rule is to run; NULL: all but those that must be asked for. */
        bool (*wants)(void *data, const struct sc_lint_rule *rule);
        void *data;
};

/* What a file comes to for one consumer on one machine; of a policy, by itself. */
struct sc_lint_view {
        struct sc_target target; /* `consumer` is NULL for a policy */
        const struct sc_abi *abis[SC_ABI_MAX]; /* of the filter */
        size_t n_abis;
        bool planned;        /* `plan` is good: the consumer takes the profile */
        struct sc_plan plan; /* not of a policy */
        bool decided;        /* `node` is good: there is a filter */
        sc_node node;        /* over SC_WORD_ARCH, SC_WORD_NR and arguments */
        size_t instructions; /* of the filter; 0 if it is not known */
        struct sc_bpf_program program; /* that the kernel would run; `len` 0 for a policy */
        const char *const *modelled;   /* calls that `node` has and `program` does not: see struct sc_outcome */
        size_t n_modelled;
};

struct sc_lint_report {
        const struct sc_lint_finding *items; /* by place, then by rule; in the arena */
        size_t n;
        size_t more;    /* findings past the limit */
        size_t ignored; /* findings that comments in the file took away */
        const struct sc_lint_view *views;
        size_t n_views;
};

/*
 * Whether the filter itself, by the interpreter, answers the witness of a finding as the finding says, and otherwise
 * than it expects. True also where there is nothing to run: no witness, a policy, a call that the program does not
 * have.
 */
bool sc_lint_confirms(const struct sc_lint_finding *finding);

/*
 * Runs the rules over a file. In a policy, a comment "// lint-ignore RULE, RULE: why" takes away what these rules find
 * on its line, or, where it has the line for itself, on the next one that is no comment. All of the report lives in
 * `arena`, nodes in `d`. Returns 0; -ENOMEM; errors of the compiler.
 */
int sc_lint_run(struct sc_arena *arena, const struct sc_lint_file *file, const struct sc_lint_options *options,
                struct sc_decisions *d, struct sc_lint_report *ret_report);

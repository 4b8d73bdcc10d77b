/* SPDX-License-Identifier: Apache-2.0 */
/* Options of all verbs: one table, from which they are read and --help is written. */
#pragma once

#include "common/apply.h"
#include "consumer/consumer.h"
#include "emit/emit.h"
#include "lint/lint.h"

/* Rules that a list names. */
struct lint_rules {
        const struct sc_lint_rule **items;
        size_t n;
};

/* From which severity on findings make the exit status 1. */
enum lint_fail {
        LINT_FAIL_UNSAID,
        LINT_FAIL_ERROR,
        LINT_FAIL_WARNING,
        LINT_FAIL_NOTE,
        LINT_FAIL_NEVER,
};

enum lint_format {
        LINT_TEXT,
        LINT_JSON,
        LINT_SARIF,
        LINT_GITHUB,
};

/* What only `lint` takes. */
struct lint_wishes {
        const char *explain; /* rules */
        struct lint_rules ignore, only, enable;
        const char *baseline, *write_baseline, *config;
        enum lint_fail fail_on;
        enum lint_format format;
        sc_kernel min_kernel;
        unsigned jobs; /* 0: as many as there are processors */
        bool list_rules, min_kernel_given, no_config, skip_others, fix, diff;
};

struct options {
        const char *target; /* --for */
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n_abis;
        sc_caps caps; /* what --caps, --cap-add and --cap-drop come to */
        sc_kernel kernel;
        bool kernel_given, caps_given;
        bool complain;
        bool log, no_trace; /* of `run` */
        bool subset;
        bool intersect, unite; /* of `merge`: --intersect, --union */
        bool json;             /* --format json */
        bool markdown;
        bool help;
        const struct sc_scmptable *table;
        unsigned short *allow;
        size_t n_allow;
        const char *output;
        const char *extends; /* of `new`: what the policy extends */
        const char *as;     /* of `validate`: --as */
        const char *schema; /* of `validate`: a file */
        const char *description; /* NULL: none was given */
        const char *audit;       /* a line of a log to explain */
        const char *probe;       /* of `verify`: a probe's output */
        struct lint_wishes lint;
        struct apply_options apply; /* of `patch`, but for what stands here */
        const char *const *args;    /* what is no option */
        size_t n_args;
        size_t n_front; /* of them, in front of '--'; all if there is none */
};

/* A verb of the command. */
struct verb {
        const char *name;
        const char *usage;   /* behind the name: "POLICY --for TARGET [OPTION…]" */
        const char *summary; /* one line */
        const char *help;    /* some more, for --help */
        const char *const *options; /* names of those that it takes, NULL-terminated */
        size_t args_min, args_max;
        int (*run)(struct session *s, const struct options *options);
        int misused; /* exit status of wrong usage; 0: EXIT_INPUT */
};

/* Reads a verb's arguments. Returns 0, or an exit code after a message. */
int options_read(struct session *s, const struct verb *verb, int argc, char **argv, struct options *ret_options);

/* Adds the rules of a list with commas; unknown ones are complained about. Returns an exit code. */
int options_rules(struct session *s, const char *list, struct lint_rules *rules);

/* "error", "warning", "note" or "never". Returns false if it is none of them. */
bool options_fail_on(const char *value, enum lint_fail *ret_fail);

/* Prints a verb's options, a line each, on stdout. */
void options_help(const struct verb *verb);

/* The verbs, one file each. */
int verb_build(struct session *s, const struct options *options);
int verb_diff(struct session *s, const struct options *options);
int verb_eval(struct session *s, const struct options *options);
int verb_explain(struct session *s, const struct options *options);
int verb_lint(struct session *s, const struct options *options);
int verb_list(struct session *s, const struct options *options);
int verb_questions(struct session *s, const struct options *options);
int verb_new(struct session *s, const struct options *options);
int verb_run(struct session *s, const struct options *options);
int verb_validate(struct session *s, const struct options *options);
int verb_verify(struct session *s, const struct options *options);
int verb_merge(struct session *s, const struct options *options);
int verb_patch(struct session *s, const struct options *options);
int verb_probe(struct session *s, const struct options *options);

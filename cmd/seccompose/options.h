/* SPDX-License-Identifier: Apache-2.0 */
/* Options of all verbs: one table, from which they are read and --help is written. */
#pragma once

#include "common/apply.h"
#include "consumer/consumer.h"
#include "emit/emit.h"

#define OPTIONS_MAX 16 /* of one verb */

struct options {
        const char *target; /* --for */
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n_abis;
        bool kernel_given;
        sc_kernel kernel;
        bool caps_given;
        sc_caps caps; /* what --caps, --cap-add and --cap-drop come to */
        const struct sc_scmptable *table;
        unsigned short *allow;
        size_t n_allow;
        bool complain;
        const char *output;
        const char *as;     /* of `validate`: --as */
        const char *schema; /* of `validate`: a file */
        bool subset;
        bool intersect, unite;   /* of `merge`: --intersect, --union */
        const char *description; /* NULL: none was given */
        bool json; /* --format json */
        bool markdown;
        bool list_rules; /* of `lint` */
        const char *audit; /* a line of a log to explain */
        struct apply_options apply; /* of `patch`, but for what stands here */
        bool help;
        const char *const *args; /* what is no option */
        size_t n_args;
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
};

/* Reads a verb's arguments. Returns 0, or an exit code after a message. */
int options_read(struct session *s, const struct verb *verb, int argc, char **argv, struct options *ret_options);

/* Prints a verb's options, a line each, on stdout. */
void options_help(const struct verb *verb);

/* The verbs, one file each. */
int verb_build(struct session *s, const struct options *options);
int verb_diff(struct session *s, const struct options *options);
int verb_eval(struct session *s, const struct options *options);
int verb_explain(struct session *s, const struct options *options);
int verb_lint(struct session *s, const struct options *options);
int verb_list(struct session *s, const struct options *options);
int verb_validate(struct session *s, const struct options *options);
int verb_verify(struct session *s, const struct options *options);
int verb_merge(struct session *s, const struct options *options);
int verb_patch(struct session *s, const struct options *options);

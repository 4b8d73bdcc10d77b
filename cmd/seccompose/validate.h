/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `validate` share: a file that was looked at, schemas of others, printing. */
#pragma once

#include "json/write.h"
#include "schema/schema.h"
#include "seccompose/options.h"

/* What a file can be taken for; each has a schema of its own. */
struct form {
        const char *name; /* of --as, and of the schema */
        const char *what; /* "a policy" */
        unsigned flags;   /* enum sc_json_flags: how it is read */
};

enum outcome {
        OUTCOME_VALID,
        OUTCOME_INVALID,
        OUTCOME_UNREADABLE,
        OUTCOME_COUNT,
};

/* A file that was looked at. */
struct checked {
        const char *name;
        struct sc_arena *arena;  /* its own: of a thousand files one is kept at a time */
        struct sc_diags *diags;  /* all findings; those by schema first */
        const struct form *form; /* NULL: --schema, or it could not be seen */
        const struct sc_schema_finding *findings; /* by schema */
        size_t n_findings;
        enum outcome outcome;
};

/*
 * Reads and compiles a schema file of anybody's. A "$ref" to another file is followed within the schema's own directory
 * and below, never through a symbolic link; nothing is fetched. An absolute "$id" stands for that directory.
 * Returns 0; -EBADMSG with diagnostics in the session; errors of reading; -ENOMEM.
 */
int schema_load(struct session *s, const char *path, struct sc_schema **ret_schema);

/* One file, as text on standard output. Returns 0; -ENOMEM. */
int validate_print_text(const struct options *options, const struct checked *file);

/* The numbers of files by outcome, if there are several. */
void validate_print_summary(const size_t counts[OUTCOME_COUNT]);

/* schema/validate.schema.json: the beginning, a file, the end, which is printed. Results as above. */
void validate_json_begin(struct sc_json_writer *w);
void validate_json_file(struct sc_json_writer *w, const struct options *options, const struct checked *file);
int validate_json_end(struct sc_json_writer *w, const size_t counts[OUTCOME_COUNT]);

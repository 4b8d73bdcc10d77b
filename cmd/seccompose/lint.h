/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of `lint` share: what was asked for, the files, and what comes out of each. */
#pragma once

#include "common/input.h"
#include "lint/lint.h"
#include "seccompose/options.h"

#define LINT_FILES_MAX 100000   /* of one run */
#define LINT_TOLD_MAX 1000      /* findings of one file that are told; more are counted */
#define LINT_FOLDERS_MAX 64     /* inside each other that are looked into */
#define LINT_JOBS_MAX 256       /* processes at once */
#define LINT_FIX_ROUNDS_MAX 100 /* times that a file is mended and looked at again */
#define LINT_FIX_BYTES_MAX 16777216 /* bytes of all these texts together, after which no round begins */
#define LINT_DIFF_EDITS_MAX 2000 /* lines that differ, up to which the shortest difference is looked for */
#define LINT_CONFIG_SIZE_MAX 65536 /* bytes of a config file */
#define LINT_FINGERPRINT_TEXT 33   /* 32 hexadecimal digits and a NUL */

/* The oldest kernel that kernel.org maintains: what --min-kernel is if nobody says it. */
#define LINT_MIN_KERNEL SC_KERNEL(5, 10)

/* A rule with another severity than its row's. */
struct lint_severity {
        const struct sc_lint_rule *rule;
        enum sc_severity severity;
};

/* How files are to be looked at: the config file's word, and over it the command line's. */
struct lint_settings {
        struct lint_rules ignore, enable, only;
        const struct lint_severity *severities;
        size_t n_severities;
        enum lint_fail fail_on;
        const char *target; /* NULL: by the file */
        bool caps_given;
        sc_caps caps;
        sc_kernel min_kernel;
};

/* The findings of a baseline, by file. */
struct lint_old {
        const char *file; /* relative to the baseline's folder */
        const char *fingerprint;
        const char *rule;
};

struct lint_baseline {
        const char *path;
        const char *folder; /* that its files are relative to, without links */
        const struct lint_old *items; /* by file, then by fingerprint */
        size_t n;
};

/* A file to look at. */
struct lint_input {
        const char *name;
        const char *old_name; /* as the baseline calls it; NULL without one */
        bool twice;           /* it was there before */
        bool searched;        /* found in a folder: what is no policy, profile or config.json is passed over */
        const struct lint_settings *settings;
};

struct lint_known;

/* One run. */
struct lint_run {
        struct session *s;
        const struct options *options;
        const struct lint_baseline *baseline; /* NULL: none */
        const struct lint_input *inputs;
        size_t n_inputs;
        struct lint_known *known; /* settings that were read */
        bool comma; /* of JSON: something was printed before */
        bool colours;
};

/* A finding that is to be told. */
struct lint_found {
        const struct sc_lint_finding *finding;
        struct sc_diag diag; /* with the severity that was asked for */
        char fingerprint[LINT_FINGERPRINT_TEXT];
};

/* What came out of one look at a text. Lives in the arena of the look. */
struct lint_look {
        const struct sc_source *source;
        const char *target; /* whom it was looked at for, as lint_settings has it */
        struct lint_found *items;
        size_t n;
        size_t more;
        size_t old;     /* findings that the baseline has */
        size_t ignored; /* by comments */
};

/* What is told of one file: plain data, for it goes through a pipe. */
struct lint_counts {
        size_t index; /* of the input */
        int code;
        bool passed_over; /* nothing of ours */
        size_t severities[SC_NOTE + 1];
        size_t old, ignored, fixable, fixed;
};

/* Counts and texts of one file. */
struct lint_reply {
        struct lint_counts counts;
        struct sc_strbuf out;   /* for standard output */
        struct sc_strbuf err;   /* for standard error */
        struct sc_strbuf found; /* lines "FINGERPRINT RULE", for the baseline */
};

void lint_reply_done(struct lint_reply *reply);

/* lint-settings.c */

/* The settings for a file or folder: by the config file that is nearest above it. Returns an exit code. */
int lint_settings_for(struct lint_run *run, const char *name, const struct lint_settings **ret_settings);

/* lint-inputs.c */

/* The files of the command line, folders searched, in order. Returns an exit code. */
int lint_inputs(struct lint_run *run);

/* True if the keys of a file tell that it is a policy, a profile or a config.json; a malformed one by its words. */
bool lint_is_ours(struct sc_arena *arena, const struct sc_source *source);

/* lint-file.c */

/* Looks at a text. Returns 0, or an exit code after a message on reply->err. */
int lint_look(const struct lint_run *run, struct session *s, const struct lint_input *in,
              const struct sc_source *source, struct lint_reply *reply, struct lint_look *ret_look);

/* Does all there is to do about one input. Never fails otherwise than in reply->counts.code. */
void lint_file(const struct lint_run *run, size_t index, struct lint_reply *reply);

/* lint-fix.c */

/* True if a finding comes with edits of the file itself: not of one that it extends. */
bool lint_can_fix(const struct lint_look *look, const struct lint_found *found);

/*
 * Mends the text as far as its findings come with edits, looking again after each change. A change is kept if what it
 * mends is gone and there is no new error. What is left is in *look, the new text in *ret_fixed; NULL: nothing changed.
 * Returns an exit code.
 */
int lint_fix(const struct lint_run *run, struct session *s, const struct lint_input *in, struct lint_reply *reply,
             struct lint_look *look, const struct sc_source **ret_fixed);

/* Puts the new text into the file, if that still holds the old one. Returns an exit code. */
int lint_fix_write(struct session *s, const struct sc_source *old, const struct sc_source *fixed,
                   struct sc_strbuf *err);

/* lint-diff.c */

/* Appends the unified difference of two texts. Returns 0 or -ENOMEM. */
int lint_diff(const struct sc_source *before, const struct sc_source *after, struct sc_strbuf *out);

/* lint-baseline.c */

/* Sets the fingerprints of all findings: of the rule, its words and the text of its place, not of the line. */
void lint_fingerprints(struct lint_look *look);

/* Reads a baseline. Returns an exit code. */
int lint_baseline_read(struct session *s, const char *path, const struct lint_baseline **ret_baseline);

/* What the baseline calls a file; NULL when out of memory. */
const char *lint_baseline_name(struct sc_arena *arena, const char *folder, const char *name);

/* The folder that a baseline's names are relative to. NULL after a complaint. */
const char *lint_baseline_folder(struct session *s, const char *path);

bool lint_baseline_has(const struct lint_baseline *baseline, const char *file, const char *fingerprint);

/* Writes a baseline of all that was found. Returns an exit code. */
int lint_baseline_write(const struct lint_run *run, const struct lint_reply *replies);

/* Tells on standard error what the baseline has and is not found any more. */
void lint_baseline_stale(const struct lint_run *run, const struct lint_reply *replies);

/* lint-jobs.c */

/* Looks at all inputs, by as many processes as were asked for. Prints what comes out, in the order of the inputs. */
int lint_jobs(struct lint_run *run, struct lint_reply *replies);

/* lint-text.c, lint-json.c, lint-sarif.c: what the formats have for a file, and around all of it */
int lint_print_text(const struct lint_run *run, const struct lint_look *look, struct sc_strbuf *out);
int lint_print_github(const struct lint_run *run, const struct lint_look *look, struct sc_strbuf *out);
int lint_print_json(const struct lint_run *run, const struct lint_look *look, struct sc_strbuf *out);
int lint_print_sarif(const struct lint_run *run, const struct lint_look *look, struct sc_strbuf *out);

/* Writes element `i` of a list as JSON: a finding of `look`, which is NULL where the list is of something else. */
typedef void (*lint_write)(struct sc_json_writer *w, const struct lint_look *look, size_t i);

/* Appends the elements 0…n-1, one a line, commas between. Returns 0, or an error of sc_json_writer_finish(). */
int lint_print_each(lint_write write, const struct lint_look *look, size_t n, struct sc_strbuf *out);

int lint_begin_json(struct sc_strbuf *out);
int lint_end_json(const struct lint_counts *sum, size_t n_files, size_t passed_over, struct sc_strbuf *out);
int lint_begin_sarif(struct sc_strbuf *out);
int lint_end_sarif(int code, struct sc_strbuf *out);

/* Names of the consumers that a finding is about, and how many of the known ones they are. */
size_t lint_consumers(const struct sc_lint_finding *finding, const char *ret_names[32]);

extern const char *const lint_severities[];

/* The first line that a place covers, and where it begins and ends; columns count characters, from 1. */
struct lint_region {
        unsigned line, column, end_line, end_column;
};

struct lint_region lint_region_of(const struct sc_place *place);

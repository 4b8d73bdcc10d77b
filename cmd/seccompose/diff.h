/* SPDX-License-Identifier: Apache-2.0 */
/* What `diff` found, and how it is printed. */
#pragma once

#include "common/meaning.h"
#include "compare/changes.h"
#include "seccompose/options.h"

#define DIFF_PLACES_MAX 96 /* ABIs of machines: as many as the largest families would need */

/* An ABI of a machine. */
struct diff_place {
        const struct sc_abi *machine, *abi;
        const char *label; /* "x86", or "mips on mips64" where two machines have it and differ about it */
        bool lacks[2];     /* by file: its filter does not have the ABI */
        int at;            /* in `compared`, which machines that do not differ share; -1: not compared call by call */
};

/* A machine on which a file is refused, so that nothing runs there with it. */
struct diff_refusal {
        const struct sc_abi *machine;
        const char *messages[2]; /* by file; NULL: it is not refused */
};

struct diff_report {
        const struct options *options;
        const struct input *inputs[2];
        const char *takers[2]; /* the consumer that takes a file; or policy, program, process: by itself */
        sc_kernel kernel;
        struct diff_place places[DIFF_PLACES_MAX]; /* a machine's stand together, its own first */
        size_t n_places;
        struct sc_compare_place compared[SC_COMPARE_PLACES_MAX];
        const char *labels[SC_COMPARE_PLACES_MAX]; /* of these */
        size_t n_compared;
        struct diff_refusal refusals[SC_ABI_MAX];
        size_t n_refusals;
        const struct sc_abi *alone[2][SC_ABI_MAX]; /* by file: machines that the other does not name; not compared */
        size_t n_alone[2];
        const struct sc_change_group *groups;
        size_t n_groups;
};

/* True if a filter has an ABI that the other does not have. */
bool diff_only_one_has(const struct diff_place *place);

/* The same, of the first place that has its label. */
bool diff_is_news(const struct diff_report *report, size_t at);

/* Why a machine refuses one of the files, or A if each. */
const char *diff_why_refused(const struct diff_refusal *refusal);

/* The calls with a change of one kind, each once. */
size_t diff_count(const struct diff_report *report, enum sc_change_kind kind);

/* True if nothing differs. */
bool diff_is_same(const struct diff_report *report);

/* "x86_64 (x86; killed: x32), s390x; capabilities: default; kernel 6.1" */
void diff_format_where(const struct diff_report *report, struct sc_strbuf *out);

/* "x86, x32 only", "all but x32"; nothing if the group's calls change so wherever they are. */
void diff_format_places(const struct diff_report *report, const struct sc_change_group *group, struct sc_strbuf *out);

/*
 * Appends "numbers without a call: 337…423", or by ABI: "numbers without a call", and behind `before` the first ABI
 * with its numbers, behind `between` each other one: of group `at` and all behind it that change in the same way.
 */
void diff_format_numbers(const struct diff_report *report, size_t at, const char *before, const char *between,
                         struct sc_strbuf *out);

/* True if diff_format_numbers() of an earlier group has told a group's numbers. */
bool diff_is_told(const struct diff_report *report, size_t at);

/*
 * Appends "aarch64, arm", the machines that only file `i` names, which are not compared; but for those whose ABI is
 * told of as one that only one filter has. Nothing if there are none.
 */
void diff_format_alone(const struct diff_report *report, int i, struct sc_strbuf *out);

extern const char *const diff_titles[SC_CHANGE_KINDS];   /* "newly allowed" */
extern const char *const diff_directions[4];             /* "allowed for more arguments", by enum sc_direction */

/* Each appends the report in one format. Returns 0 or -ENOMEM. */
int diff_print_text(const struct diff_report *report, struct sc_strbuf *out);
int diff_print_markdown(const struct diff_report *report, struct sc_strbuf *out);
int diff_print_json(const struct diff_report *report, struct sc_strbuf *out);

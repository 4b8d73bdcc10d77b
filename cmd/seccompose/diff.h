/* SPDX-License-Identifier: Apache-2.0 */
/* What `diff` found, and how it is printed. */
#pragma once

#include "common/meaning.h"
#include "compare/changes.h"
#include "seccompose/options.h"

/* An ABI of a machine. */
struct diff_place {
        const struct sc_abi *machine, *abi;
        const char *label; /* "x86", or "mips on mips64" where two machines have it */
        bool lacks[2];     /* by file: its filter does not have the ABI */
};

struct diff_report {
        const struct options *options;
        const struct input *inputs[2];
        const char *takers[2]; /* the consumer that takes a file; or policy, program, process: by itself */
        sc_kernel kernel;
        const struct sc_abi *machines[SC_ABI_MAX];
        size_t n_machines;
        struct diff_place places[SC_COMPARE_PLACES_MAX];
        struct sc_compare_place compared[SC_COMPARE_PLACES_MAX]; /* the same, for the library */
        size_t n_places;
        struct diff_place apart[SC_COMPARE_PLACES_MAX]; /* not compared call by call: a filter does not have them */
        size_t n_apart;
        const struct sc_change_group *groups;
        size_t n_groups;
};

/* True if a filter has an ABI that the other does not have. */
bool diff_only_one_has(const struct diff_place *place);

/* The calls with a change of one kind, each once. */
size_t diff_count(const struct diff_report *report, enum sc_change_kind kind);

/* True if nothing differs. */
bool diff_is_same(const struct diff_report *report);

/* "x86_64 (x86; killed: x32); capabilities: default; kernel 6.1" */
void diff_format_where(const struct diff_report *report, struct sc_strbuf *out);

/* "x86, x32 only"; nothing if the group's calls change so wherever they are. */
void diff_format_places(const struct diff_report *report, const struct sc_change_group *group, struct sc_strbuf *out);

/* "numbers that no call has", "numbers 335…423, 470…511". */
void diff_format_numbers(const struct sc_change_group *group, struct sc_strbuf *out);

extern const char *const diff_titles[SC_CHANGE_KINDS];   /* "newly allowed" */
extern const char *const diff_directions[4];             /* "allowed for more arguments", by enum sc_direction */

/* Each appends the report in one format. Returns 0 or -ENOMEM. */
int diff_print_text(const struct diff_report *report, struct sc_strbuf *out);
int diff_print_markdown(const struct diff_report *report, struct sc_strbuf *out);
int diff_print_json(const struct diff_report *report, struct sc_strbuf *out);

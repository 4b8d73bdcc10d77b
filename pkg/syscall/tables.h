/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that gen-tables.py makes from data/; for the files of this room only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syscall/abi.h"
#include "syscall/note.h"
#include "syscall/param.h"
#include "syscall/scmptable.h"
#include "syscall/syscall.h"

/*
 * A string of the large tables, as its place in one array: pointers would have to be relocated at every start of a
 * position-independent program, which costs the hook a tenth of its time. 0 is NULL.
 */
typedef uint32_t sc_text;

extern const char sc_table_text[];

const char *sc_table_string(sc_text text);

/* What struct sc_abi does not show of a row of data/abis.tsv. */
struct sc_table_abi {
        uint16_t column;             /* of data/syscalls.tsv */
        bool family;                 /* heads one */
        bool archmap;                /* has an entry in Docker's archMap */
        uint8_t member_count;        /* ABIs beside it in its family */
        uint8_t members[SC_ABI_MAX]; /* their places in sc_table_abis */
};

extern const struct sc_abi sc_table_abis[];
extern const struct sc_table_abi sc_table_abi_more[];
extern const size_t sc_table_abi_count;

/* A cell of data/syscalls.tsv. */
struct sc_table_number {
        uint32_t nr; /* without the ABI's base; SC_TABLE_NONE if the ABI does not have the call */
        sc_kernel since;
};

#define SC_TABLE_NONE UINT32_MAX

/* One column of data/syscalls.tsv. */
struct sc_table_column {
        const struct sc_table_number *numbers; /* by call */
        const uint16_t *calls;                 /* those that the column has, in the order of their numbers */
        size_t call_count;
};

extern const sc_kernel sc_table_newest;
extern const sc_text sc_table_calls[]; /* names, sorted */
extern const size_t sc_table_call_count;
extern const uint16_t sc_table_call_letters[]; /* where names with the first letters '_' to 'z' start, and their end */
extern const struct sc_table_column sc_table_columns[];

/* data/fallbacks.tsv, by call; NULL where nobody falls back. */
extern const sc_text sc_table_fallbacks[];

/* data/notes.tsv, and which is a call's. */
extern const struct sc_note sc_table_notes[];
extern const uint16_t sc_table_note_of[];

/* data/carriers.tsv. */
struct sc_table_carried {
        uint16_t call;
        uint16_t carrier;
        uint16_t subcall;
};

extern const struct sc_table_carried sc_table_carried[]; /* sorted by call */
extern const size_t sc_table_carried_count;

/* data/groups.txt. */
struct sc_table_group {
        const char *description;
        const uint16_t *calls; /* sorted */
        size_t call_count;
};

extern const sc_text sc_table_group_names[]; /* sorted */
extern const struct sc_table_group sc_table_groups[];
extern const size_t sc_table_group_count;

/* data/libseccomp.tsv. A release's rank is its place among the releases, from 0. */
struct sc_scmptable {
        const char *name;
        uint8_t rank;          /* its own, or that of the release it is based on */
        const uint16_t *extra; /* calls that it has beyond that release, sorted */
        size_t extra_count;
};

extern const struct sc_scmptable sc_table_scmps[];
extern const size_t sc_table_scmp_count;
extern const size_t sc_table_scmp_newest; /* the first of those that have most names */
extern const uint8_t sc_table_scmp_first[]; /* by call: the rank of the first release that names it, or 255 */
extern const uint8_t sc_table_scmp_abis[];  /* by ABI: the rank of the first release that has it */

/* A call that was named before it had a number on an ABI. */
struct sc_table_scmp_gap {
        uint16_t call;
        uint8_t abi;
        uint8_t rank; /* of the first release with the number */
};

extern const struct sc_table_scmp_gap sc_table_scmp_gaps[];
extern const size_t sc_table_scmp_gap_count;

/* data/capabilities.tsv, by number. */
extern const char *const sc_table_caps[];
extern const unsigned sc_table_cap_count;
extern const uint64_t sc_table_caps_docker;

/* data/errno.tsv. */
extern const sc_text sc_table_errnos[]; /* by number; NULL where a number has no name */
extern const size_t sc_table_errno_count;
extern const sc_text sc_table_errno_names[]; /* with synonyms, sorted */
extern const uint16_t sc_table_errno_numbers[];  /* theirs */
extern const size_t sc_table_errno_name_count;

/* data/parameters.tsv: the parameters of all calls, one after the other; and which are a call's. */
struct sc_table_signature {
        uint16_t first;  /* in sc_table_params */
        uint8_t count;   /* at most 6 */
        uint16_t layout; /* the call's first row in sc_table_layouts; sc_table_layout_count if it has none */
};

extern const struct sc_table_signature sc_table_signatures[]; /* by call */
/* As struct sc_param. */
struct sc_table_param {
        sc_text name;
        sc_text type;
        uint8_t kind;
        uint8_t bits;
};

extern const struct sc_table_param sc_table_params[];
extern const sc_text sc_table_param_families[]; /* data/families.tsv; parallel to sc_table_params */

/* data/layouts.tsv. */
struct sc_table_layout {
        uint16_t call;
        uint32_t abis;     /* bit n: the ABI with index n */
        bool behind;       /* one pointer to all parameters */
        uint8_t count;     /* registers described below */
        uint8_t params[6]; /* the index of each, or SC_TABLE_UNUSED */
        uint8_t bits[6];   /* that count here; 0: as the type says */
};

#define SC_TABLE_UNUSED UINT8_MAX

extern const struct sc_table_layout sc_table_layouts[]; /* sorted by call */
extern const size_t sc_table_layout_count;

/* data/passing.tsv, by ABI. */
enum sc_table_wide { SC_TABLE_WHOLE, SC_TABLE_PAIRS, SC_TABLE_EVEN };

struct sc_table_passing {
        enum sc_table_wide wide;
        uint8_t register_bits;
        uint8_t pointer_bits;
};

extern const struct sc_table_passing sc_table_passing[];

/* data/narrow.tsv, by call: bit n is the ABI with index n. */
extern const uint32_t sc_table_narrow[];

/* data/constants.tsv. A value on an ABI is that of the last exception that names it, else the common one. */
struct sc_table_exception {
        uint32_t abis; /* bit n: the ABI with index n */
        bool absent;   /* they do not have the constant */
        int64_t value;
};

struct sc_table_constant {
        int64_t value;
        sc_text family;
        uint16_t exception; /* the first in sc_table_exceptions */
        uint8_t exception_count;
};

extern const sc_text sc_table_constant_names[]; /* sorted */
extern const struct sc_table_constant sc_table_constants[];
extern const struct sc_table_exception sc_table_exceptions[];
extern const size_t sc_table_constant_count;

/* The place of a name (`len` bytes) in a sorted table of names, or -1. */
int sc_table_find(const sc_text *names, size_t count, const char *name, size_t len);

/* True if the name (`len` bytes) is the string; `string` may be NULL. */
bool sc_table_equal(const char *string, const char *name, size_t len);

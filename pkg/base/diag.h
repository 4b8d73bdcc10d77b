/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: what a person did wrong, where, and what to write instead. */
#pragma once

#include <stddef.h>

#include "base/source.h"
#include "base/strbuf.h"
#include "base/util.h"

enum sc_severity {
        SC_ERROR,
        SC_WARNING,
        SC_NOTE,
};

#define SC_DIAG_PLACES_MAX 3
#define SC_DIAG_COUNT_MAX 200 /* more are counted, not kept */

/* One finding. `rule` is its stable id, such as "unknown-syscall". */
struct sc_diag {
        enum sc_severity severity;
        const char *rule;
        struct sc_place places[SC_DIAG_PLACES_MAX];
        size_t n_places;
        char *message;
        char *hint; /* NULL if there is none */
};

struct sc_diags;

/* Makes an empty list; NULL when out of memory. */
struct sc_diags *sc_diags_new(void);
void sc_diags_free(struct sc_diags *diags);
void sc_diags_freep(struct sc_diags **diags);

/*
 * Adds a finding. `rule` must be a string constant; `place.source` must outlive the list, or be NULL.
 * Returns the finding, for sc_diag_hint() and sc_diag_place(); NULL when out of memory or past
 * SC_DIAG_COUNT_MAX (it still counts).
 */
struct sc_diag *sc_diags_add(struct sc_diags *diags, enum sc_severity severity, const char *rule,
                             struct sc_place place, const char *format, ...) SC_PRINTF(5, 6);

/* Adds a hint ("did you mean 'openat'?") or a second and third place to a finding; take NULL. */
void sc_diag_hint(struct sc_diag *diag, const char *format, ...) SC_PRINTF(2, 3);
void sc_diag_place(struct sc_diag *diag, struct sc_place place);

/* How many findings of a severity were added, kept or not. */
size_t sc_diags_count(const struct sc_diags *diags, enum sc_severity severity);

/* The findings that were kept, in the order they were added; *ret_n is their number. */
const struct sc_diag *const *sc_diags_all(const struct sc_diags *diags, size_t *ret_n);

/* True if an addition failed for want of memory. */
bool sc_diags_failed(const struct sc_diags *diags);

/*
 * Appends a finding as text: "FILE:LINE:COLUMN: error: MESSAGE [RULE]", the line with a caret below,
 * one such pair for each further place, "  hint: …".
 */
void sc_diag_format(const struct sc_diag *diag, struct sc_strbuf *out);

/* The same with the escapes of a terminal that shows colours. */
void sc_diag_format_coloured(const struct sc_diag *diag, struct sc_strbuf *out);

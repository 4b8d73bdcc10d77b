/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser and its explanations share: where the next token stands, and what may stand there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "json/json.h"

/* What the grammar asks for next. */
enum sc_json_want {
        SC_JSON_WANT_VALUE,          /* at the start, or behind a colon */
        SC_JSON_WANT_ELEMENT,        /* behind a comma in an array */
        SC_JSON_WANT_ELEMENT_OR_END, /* behind '[' */
        SC_JSON_WANT_KEY,            /* behind a comma in an object */
        SC_JSON_WANT_KEY_OR_END,     /* behind '{' */
        SC_JSON_WANT_COLON,
        SC_JSON_WANT_COMMA_OR_BRACKET,
        SC_JSON_WANT_COMMA_OR_BRACE,
        SC_JSON_WANT_NOTHING, /* behind the document's value */
};

/* A walk over the text between tokens. */
struct sc_json_scan {
        const struct sc_source *source;
        size_t at;    /* the end of the last token; after sc_json_scan_next() the start of the next */
        size_t comma; /* the last comma that was passed */
        enum sc_json_want want;
        bool comments; /* comments may stand between tokens */
};

/*
 * Walks over white space, comments, and the comma or colon that `want` asks for, and stops at anything else: the next
 * token, the end, a comment without end, or what has no business there.
 */
void sc_json_scan_next(struct sc_json_scan *scan);

/* The first byte that is not part of a well-formed UTF-8 sequence (Unicode 15, table 3-7); `len` if there is none. */
size_t sc_json_utf8_fault(const char *text, size_t len);

/* The code point at text[0], which is valid UTF-8; its size in bytes in *ret_size. */
unsigned sc_json_utf8_decode(const char *text, size_t *ret_size);

/* Inside a string's bytes as written: the first escape of a lone surrogate, or of NUL; `len` if there is none. */
size_t sc_json_find_surrogate(const char *raw, size_t len);
size_t sc_json_find_nul(const char *raw, size_t len);

/*
 * The length of the string at text[0], its opening quote, with both quotes; 0 if it does not end, or holds a control
 * character or an escape that JSON does not have. *ret_escaped is set unless 0 is returned.
 */
size_t sc_json_string_length(const char *text, size_t len, bool *ret_escaped);

/*
 * Decodes the `len` bytes between the quotes of a string that was measured, whose surrogates are in pairs. Returns how
 * many bytes it put at `ret_text`: no more than `len`.
 */
size_t sc_json_unescape(const char *raw, size_t len, char *ret_text);

/*
 * Adds the diagnostic for a text that is wrong where `scan` stands, after sc_json_scan_next(). `open` is the innermost
 * array or object that is still open, or NULL.
 */
void sc_json_explain(const struct sc_json_scan *scan, const struct sc_json *open, struct sc_diags *diags);

/* Room for the keys of one object, kept from object to object. */
struct sc_json_keys {
        const struct sc_json **items;
        size_t cap;
};

/* Looks for duplicate keys in O(n log n). Returns 0; -EBADMSG with a diagnostic; -ENOMEM. */
int sc_json_keys_check(struct sc_json_keys *keys, const struct sc_json *object, unsigned flags, struct sc_diags *diags);

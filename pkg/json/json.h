/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as a tree in which everything knows its place. Numbers keep their text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"

#define SC_JSON_DEPTH_MAX 64                        /* arrays and objects inside each other */
#define SC_JSON_SIZE_MAX ((size_t)16 * 1024 * 1024) /* bytes of one document */

enum sc_json_type {
        SC_JSON_NULL,
        SC_JSON_BOOL,
        SC_JSON_NUMBER,
        SC_JSON_STRING,
        SC_JSON_ARRAY,
        SC_JSON_OBJECT,
};

/* One value. Arrays and objects have their elements in `first` and `next`, in the order of the text. */
struct sc_json {
        enum sc_json_type type;
        uint32_t len;             /* bytes of text; a string value (never a key) may hold NUL */
        uint32_t count;           /* elements of an array or object */
        struct sc_place place;    /* the value's bytes; a string's with its quotes, an object's with its braces */
        const char *text;         /* string: decoded; number, bool: as written; NUL-terminated; else NULL */
        const struct sc_json *key; /* of a member of an object: its name, a string with a place of its own */
        const struct sc_json *first;
        const struct sc_json *next;
};

enum sc_json_flags {
        SC_JSON_COMMENTS = 1 << 0,        /* allow comments, as in .jsonc */
        SC_JSON_FOLD_KEYS = 1 << 1,       /* keys that differ in case only are duplicates too: some readers fold them */
        SC_JSON_KEEP_DUPLICATES = 1 << 2, /* do not look for duplicates: the caller does, where they matter */
        SC_JSON_CHECK_ONLY = 1 << 3,      /* the value comes without its elements; no duplicates are looked for */
};

/*
 * Parses a whole document: one value, nothing behind it but white space. Strict beyond yajl: valid UTF-8 (no overlong
 * forms, no surrogates, escaped or not), no form feed as white space, no byte order mark, no duplicate key (but see
 * SC_JSON_KEEP_DUPLICATES), no NUL in a key, at most SC_JSON_DEPTH_MAX deep and SC_JSON_SIZE_MAX long. The tree lives
 * in `arena` and points into `source`.
 * Returns 0; -EBADMSG with a diagnostic (rules json-syntax, json-utf8, json-duplicate-key, json-nul-key, json-depth,
 * json-size); -ENOMEM.
 */
int sc_json_parse(struct sc_arena *arena, const struct sc_source *source, unsigned flags, struct sc_diags *diags,
                  const struct sc_json **ret_value);

/*
 * As sc_json_parse(), for a caller who needs only a part of a large document: members of one of the three outer levels
 * of objects that have one of the names `unread` (exactly; NULL at the end) are checked as all the rest is, except for
 * duplicate keys inside, but come without their elements: `first` is NULL, only `count` says that there are some.
 * `unread` NULL: there are none such.
 */
int sc_json_parse_part(struct sc_arena *arena, const struct sc_source *source, unsigned flags,
                       const char *const *unread, struct sc_diags *diags, const struct sc_json **ret_value);

/*
 * Looks for duplicate keys in a value and all that is in it, as sc_json_parse() does with these flags. Returns 0;
 * -EBADMSG with a diagnostic (json-duplicate-key); -ENOMEM.
 */
int sc_json_check_keys(const struct sc_json *value, unsigned flags, struct sc_diags *diags);

/* The first member of an object with this exact name; NULL if there is none or `object` is no object. Takes NULL. */
const struct sc_json *sc_json_get(const struct sc_json *object, const char *name);

/* True if a string (or key) is exactly `s`. */
bool sc_json_is(const struct sc_json *string, const char *s);

/*
 * True if a string is `s` for a reader that ignores case, as Go's encoding/json does for keys: ASCII letters, and
 * U+017F and U+212A, which it folds to 's' and 'k' (encoding/json/fold.go).
 */
bool sc_json_is_folded(const struct sc_json *string, const char *s);

/*
 * The exact value of a number written as a decimal integer without fraction or exponent. Returns 0; -ERANGE if it does
 * not fit; -EINVAL if it is no number, or not written so.
 */
int sc_json_u64(const struct sc_json *number, uint64_t *ret_value);
int sc_json_i64(const struct sc_json *number, int64_t *ret_value);

/* "a string", "an object" …, for messages. */
const char *sc_json_type_name(enum sc_json_type type);

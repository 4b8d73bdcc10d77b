/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Schema, drafts 4, 6 and 7, on trees that know their places: compile a schema once, hold values against it.
 *
 * Sources of facts: draft-zyp-json-schema-04 and draft-fge-json-schema-validation-00 (draft 4),
 * draft-wright-json-schema-01 and -validation-01 (draft 6), draft-handrews-json-schema-01 and -validation-01 (draft 7);
 * RFC 3986 (URIs), RFC 6901 (pointers), ECMA-262 21.2 (patterns).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "json/json.h"

/* Schemas of others may be hostile: all of these end in a finding of the rule schema-limit. */
#define SC_SCHEMA_STEPS_MAX 100000000           /* of a compile, and of a validation: a keyword, a name compared … */
#define SC_SCHEMA_DEPTH_MAX 512                 /* schemas inside each other while one value is looked at */
#define SC_SCHEMA_COUNT_MAX 131072              /* schemas that one compile may make */
#define SC_SCHEMA_FINDINGS_MAX 100              /* of one validation: it ends there */
#define SC_SCHEMA_EXPONENT_MAX 1000000          /* of a number: 1e1000000 is compared, 1e1000001 is not */
#define SC_SCHEMA_DIVISOR_DIGITS_MAX 18         /* digits of a multipleOf */
#define SC_SCHEMA_PATTERNS_MAX 1024             /* different patterns of one schema */
#define SC_SCHEMA_PATTERN_SIZE_MAX 8192         /* bytes of one */
#define SC_SCHEMA_SUBJECT_MAX 65536             /* bytes of a string that a pattern is tried on */
#define SC_SCHEMA_MATCH_MAX 1000000             /* pcre2_set_match_limit(3): the last of several tries */
#define SC_SCHEMA_MATCH_DEPTH_MAX 100000        /* pcre2_set_depth_limit(3) */
#define SC_SCHEMA_MATCH_HEAP_MAX 65536          /* KiB: pcre2_set_heap_limit(3) */

/* A schema that was compiled; it lives in its arena, and is only read: any number of validations may share it. */
struct sc_schema;

enum sc_schema_draft {
        SC_SCHEMA_DRAFT_4,
        SC_SCHEMA_DRAFT_6,
        SC_SCHEMA_DRAFT_7,
};

/*
 * Looks up a document by its absolute URI, without fragment. The tree must live as long as the schema. Returns 0;
 * -ENOENT if there is none: then the "$ref" is an error (the three drafts' own schemas are always there); any other
 * -errno ends the compile. Nothing is ever fetched.
 */
typedef int (*sc_schema_find_fn)(void *data, const char *uri, const struct sc_json **ret_root);

struct sc_schema_options {
        enum sc_schema_draft draft; /* of documents without "$schema" */
        bool no_formats;            /* "format" is a remark only, as the drafts allow */
        const char *uri;            /* where the schema came from: what its relative references begin at; may be NULL */
        sc_schema_find_fn find;     /* may be NULL: there are no other documents */
        void *data;                 /* for `find` */
};

/* Draft 7, formats are checked, no other documents. */
#define SC_SCHEMA_OPTIONS_DEFAULT ((struct sc_schema_options){ .draft = SC_SCHEMA_DRAFT_7 })

/*
 * Compiles a schema. `root` may be any value, also inside of a document, and must live as long as the schema, with its
 * source. Keywords whose value is wrong are errors; names that no draft knows are warnings.
 * `options` NULL: SC_SCHEMA_OPTIONS_DEFAULT.
 * Returns 0; -EBADMSG with diagnostics (rules schema-keyword, schema-ref, schema-draft, schema-limit); -ENOMEM; errors
 * of `find`.
 */
int sc_schema_compile(struct sc_arena *arena, const struct sc_json *root, const struct sc_schema_options *options,
                      struct sc_diags *diags, struct sc_schema **ret_schema);

/* What a validation may find, as the ids of rules; they are stable. */
#define SC_SCHEMA_RULE_TYPE "schema-type"       /* another type is wanted: type */
#define SC_SCHEMA_RULE_VALUE "schema-value"     /* another value: enum, const, minimum …, multipleOf, not */
#define SC_SCHEMA_RULE_STRING "schema-string"   /* another string: minLength, maxLength, pattern, format */
#define SC_SCHEMA_RULE_COUNT "schema-count"     /* elements or members: min…, max…, uniqueItems, contains */
#define SC_SCHEMA_RULE_MISSING "schema-missing" /* a member is missing: required, dependencies */
#define SC_SCHEMA_RULE_UNKNOWN "schema-unknown" /* something stands where nothing may: additional…, false */
#define SC_SCHEMA_RULE_CHOICE "schema-choice"   /* none or too many of anyOf, oneOf */
#define SC_SCHEMA_RULE_LIMIT "schema-limit"     /* see the limits above; the validation ended there */

/* One finding: in the value `place` and `path`, in the schema `keyword` and `schema_place`. */
struct sc_schema_finding {
        const char *rule;             /* one of the above */
        const char *keyword;          /* "enum"; NULL for a schema `false` and for schema-limit */
        struct sc_place place;        /* what is wrong; where something is missing, the object's brace */
        struct sc_place schema_place; /* the keyword's value; source NULL if there is none */
        const char *path;             /* "$.syscalls[3].action" */
        const char *message;
        const char *hint; /* NULL if there is none */
};

/*
 * Holds a value against a schema. Returns 0 if it is valid; SC_SCHEMA_INVALID with findings, in the order of the text,
 * in `arena`; -ENOMEM. Where none of several alternatives fits, the findings are those of the one that came nearest.
 */
#define SC_SCHEMA_INVALID 1
int sc_schema_check(const struct sc_schema *schema, const struct sc_json *value, struct sc_arena *arena,
                    const struct sc_schema_finding **ret_findings, size_t *ret_n);

/* The same with diagnostics, all errors. Returns 0; -EBADMSG; -ENOMEM. */
int sc_schema_validate(const struct sc_schema *schema, const struct sc_json *value, struct sc_diags *diags);

/* Whether a value is valid, no more. Returns 0; SC_SCHEMA_INVALID, also where a limit was met; -ENOMEM. */
int sc_schema_is_valid(const struct sc_schema *schema, const struct sc_json *value);

/* The path of a value (or key) inside of `root`, both of one text: "$", "$.a[0]", "$['a b']". NULL: out of memory. */
char *sc_schema_path(struct sc_arena *arena, const struct sc_json *root, const struct sc_json *value);

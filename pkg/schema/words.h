/* SPDX-License-Identifier: Apache-2.0 */
/* Words for faults, and the pieces that they are made of. */
#pragma once

#include "base/typo.h"
#include "schema/internal.h"

/* What a fault is about: a member or element, or the value itself. */
const struct sc_json *sc_schema_about(const struct sc_schema_fault *fault);

/* Where it is shown. */
struct sc_place sc_schema_place_of(const struct sc_schema_fault *fault);

/* The id of its rule. */
const char *sc_schema_rule_of(const struct sc_schema_fault *fault);

/* Its message and hint. */
void sc_schema_explain(struct sc_schema_words *words, const struct sc_schema_fault *fault);

/* A value in a few words: "12", "\"abc\"", "an array". */
void sc_schema_put_value(struct sc_strbuf *out, const struct sc_json *value);

/* A name in quotes; what would do something else than stand there is escaped. */
void sc_schema_put_name(struct sc_strbuf *out, const struct sc_json *name);

/*
 * The nearest name; NULL if it is not near: names with a long beginning in common ("SCMP_ARCH_…") are measured by what
 * stands behind it.
 */
const char *sc_schema_nearest(const struct sc_typo *typo);

/* A list that grows: "a", "b" or "c". */
struct sc_schema_list {
        struct sc_strbuf text;
        size_t n;
        size_t last; /* where the last one begins, with the comma before it */
        unsigned types; /* that are in it */
        bool cut;    /* there were more than are told */
        unsigned looked; /* values and schemas that were looked at for it */
};

/* False when enough was looked at: schemas may have no end of them. */
bool sc_schema_list_goes_on(struct sc_schema_list *list);

void sc_schema_list_value(struct sc_schema_list *list, const struct sc_json *value);
void sc_schema_list_name(struct sc_schema_list *list, const struct sc_json *name);
void sc_schema_list_types(struct sc_schema_list *list, unsigned types);

/* Appends the list, with `word` before its last part, and frees it. */
void sc_schema_list_end(struct sc_schema_list *list, const char *word, struct sc_strbuf *out);

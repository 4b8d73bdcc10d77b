/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of the table of keywords call: whether a value is as one wants it, and what to say if it is not. */
#pragma once

#include "schema/internal.h"

typedef bool sc_schema_holds_fn(struct sc_schema_run *run, const struct sc_schema_rule *rule,
                                const struct sc_json *value);

/* hold-values.c: numbers and strings, and any value */
sc_schema_holds_fn sc_schema_holds_type, sc_schema_holds_const, sc_schema_holds_enum, sc_schema_holds_multiple,
        sc_schema_holds_maximum, sc_schema_holds_below, sc_schema_holds_minimum, sc_schema_holds_above,
        sc_schema_holds_longest, sc_schema_holds_shortest, sc_schema_holds_pattern, sc_schema_holds_format;

/* hold-elements.c: arrays and objects */
sc_schema_holds_fn sc_schema_holds_most, sc_schema_holds_least, sc_schema_holds_unique, sc_schema_holds_contains,
        sc_schema_holds_items, sc_schema_holds_rest, sc_schema_holds_required, sc_schema_holds_names,
        sc_schema_holds_properties, sc_schema_holds_patterns, sc_schema_holds_others, sc_schema_holds_dependencies;

/* hold-choices.c: schemas for the same value */
sc_schema_holds_fn sc_schema_holds_all, sc_schema_holds_any, sc_schema_holds_one, sc_schema_holds_not,
        sc_schema_holds_if;

typedef void sc_schema_explain_fn(struct sc_schema_words *words, const struct sc_schema_fault *fault);

/* explain-*.c */
sc_schema_explain_fn sc_schema_explain_type, sc_schema_explain_const, sc_schema_explain_enum,
        sc_schema_explain_multiple, sc_schema_explain_maximum, sc_schema_explain_below, sc_schema_explain_minimum,
        sc_schema_explain_above, sc_schema_explain_longest, sc_schema_explain_shortest, sc_schema_explain_pattern,
        sc_schema_explain_format, sc_schema_explain_most, sc_schema_explain_least, sc_schema_explain_unique,
        sc_schema_explain_contains, sc_schema_explain_rest, sc_schema_explain_required, sc_schema_explain_others,
        sc_schema_explain_dependencies, sc_schema_explain_any, sc_schema_explain_one, sc_schema_explain_not;

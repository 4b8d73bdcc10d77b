/* SPDX-License-Identifier: Apache-2.0 */
/* The table of keywords, in the order in which they are checked: what a value is comes before what is in it. */
#include "schema/keywords.h"

#define D4 (1u << SC_SCHEMA_DRAFT_4)
#define D6 (1u << SC_SCHEMA_DRAFT_6)
#define D7 (1u << SC_SCHEMA_DRAFT_7)
#define SINCE_6 (D6 | D7)
#define ALWAYS (D4 | D6 | D7)

#define EVERY 0x3fu /* SC_SCHEMA_BIT() of each enum sc_json_type */
#define NUMBER SC_SCHEMA_BIT(SC_JSON_NUMBER)
#define STRING SC_SCHEMA_BIT(SC_JSON_STRING)
#define ARRAY SC_SCHEMA_BIT(SC_JSON_ARRAY)
#define OBJECT SC_SCHEMA_BIT(SC_JSON_OBJECT)

#define INSIDE SC_SCHEMA_INSIDE
#define HERE SC_SCHEMA_HERE
#define SHAPE(s) SC_SCHEMA_##s
#define RULE(s) SC_SCHEMA_RULE_##s
#define CALLS(name) sc_schema_holds_##name, sc_schema_explain_##name

const struct sc_schema_keyword sc_schema_keywords[] = {
        { "type", ALWAYS, SHAPE(TYPES), INSIDE, EVERY, RULE(TYPE), CALLS(type) },
        { "const", SINCE_6, SHAPE(ANY), INSIDE, EVERY, RULE(VALUE), CALLS(const) },
        { "enum", ALWAYS, SHAPE(VALUES), INSIDE, EVERY, RULE(VALUE), CALLS(enum) },

        { "multipleOf", ALWAYS, SHAPE(DIVISOR), INSIDE, NUMBER, RULE(VALUE), CALLS(multiple) },
        { "maximum", ALWAYS, SHAPE(NUMBER), INSIDE, NUMBER, RULE(VALUE), CALLS(maximum) },
        { "exclusiveMaximum", SINCE_6, SHAPE(NUMBER), INSIDE, NUMBER, RULE(VALUE), CALLS(below) },
        { "exclusiveMaximum", D4, SHAPE(BOOL), INSIDE, 0, NULL, NULL, NULL },
        { "minimum", ALWAYS, SHAPE(NUMBER), INSIDE, NUMBER, RULE(VALUE), CALLS(minimum) },
        { "exclusiveMinimum", SINCE_6, SHAPE(NUMBER), INSIDE, NUMBER, RULE(VALUE), CALLS(above) },
        { "exclusiveMinimum", D4, SHAPE(BOOL), INSIDE, 0, NULL, NULL, NULL },

        { "maxLength", ALWAYS, SHAPE(COUNT), INSIDE, STRING, RULE(STRING), CALLS(longest) },
        { "minLength", ALWAYS, SHAPE(COUNT), INSIDE, STRING, RULE(STRING), CALLS(shortest) },
        { "pattern", ALWAYS, SHAPE(PATTERN), INSIDE, STRING, RULE(STRING), CALLS(pattern) },
        { "format", ALWAYS, SHAPE(FORMAT), INSIDE, STRING, RULE(STRING), CALLS(format) },

        { "maxItems", ALWAYS, SHAPE(COUNT), INSIDE, ARRAY, RULE(COUNT), CALLS(most) },
        { "minItems", ALWAYS, SHAPE(COUNT), INSIDE, ARRAY, RULE(COUNT), CALLS(least) },
        { "uniqueItems", ALWAYS, SHAPE(BOOL), INSIDE, ARRAY, RULE(COUNT), CALLS(unique) },
        { "contains", SINCE_6, SHAPE(ONE), INSIDE, ARRAY, RULE(COUNT), CALLS(contains) },
        { "items", ALWAYS, SHAPE(ONE_OR_LIST), INSIDE, ARRAY, NULL, sc_schema_holds_items, NULL },
        { "additionalItems", ALWAYS, SHAPE(ONE_OR_BOOL), INSIDE, ARRAY, RULE(UNKNOWN), CALLS(rest) },

        { "required", ALWAYS, SHAPE(NAMES), INSIDE, OBJECT, RULE(MISSING), CALLS(required) },
        { "maxProperties", ALWAYS, SHAPE(COUNT), INSIDE, OBJECT, RULE(COUNT), CALLS(most) },
        { "minProperties", ALWAYS, SHAPE(COUNT), INSIDE, OBJECT, RULE(COUNT), CALLS(least) },
        { "propertyNames", SINCE_6, SHAPE(ONE), INSIDE, OBJECT, NULL, sc_schema_holds_names, NULL },
        { "properties", ALWAYS, SHAPE(MEMBERS), INSIDE, OBJECT, NULL, sc_schema_holds_properties, NULL },
        { "patternProperties", ALWAYS, SHAPE(BY_PATTERN), INSIDE, OBJECT, NULL, sc_schema_holds_patterns, NULL },
        { "additionalProperties", ALWAYS, SHAPE(ONE_OR_BOOL), INSIDE, OBJECT, RULE(UNKNOWN), CALLS(others) },
        { "dependencies", ALWAYS, SHAPE(DEPENDENCIES), HERE, OBJECT, RULE(MISSING), CALLS(dependencies) },

        { "allOf", ALWAYS, SHAPE(LIST), HERE, EVERY, NULL, sc_schema_holds_all, NULL },
        { "anyOf", ALWAYS, SHAPE(LIST), HERE, EVERY, RULE(CHOICE), CALLS(any) },
        { "oneOf", ALWAYS, SHAPE(LIST), HERE, EVERY, RULE(CHOICE), CALLS(one) },
        { "not", ALWAYS, SHAPE(ONE), HERE, EVERY, RULE(VALUE), CALLS(not) },
        { "if", D7, SHAPE(ONE), HERE, EVERY, NULL, sc_schema_holds_if, NULL },
        { "then", D7, SHAPE(ONE), INSIDE, 0, NULL, NULL, NULL },
        { "else", D7, SHAPE(ONE), INSIDE, 0, NULL, NULL, NULL },

        { "definitions", ALWAYS, SHAPE(MEMBERS), INSIDE, 0, NULL, NULL, NULL },
        { "id", D4, SHAPE(STRING), INSIDE, 0, NULL, NULL, NULL },
        { "$id", SINCE_6, SHAPE(STRING), INSIDE, 0, NULL, NULL, NULL },
        { "$schema", ALWAYS, SHAPE(STRING), INSIDE, 0, NULL, NULL, NULL },
        { "$ref", ALWAYS, SHAPE(STRING), INSIDE, 0, NULL, NULL, NULL },
        { "$comment", ALWAYS, SHAPE(ANY), INSIDE, 0, NULL, NULL, NULL },
        { "title", ALWAYS, SHAPE(STRING), INSIDE, 0, NULL, NULL, NULL },
        { "description", ALWAYS, SHAPE(STRING), INSIDE, 0, NULL, NULL, NULL },
        { "default", ALWAYS, SHAPE(ANY), INSIDE, 0, NULL, NULL, NULL },
        { "examples", ALWAYS, SHAPE(ANY), INSIDE, 0, NULL, NULL, NULL },
        { "readOnly", ALWAYS, SHAPE(ANY), INSIDE, 0, NULL, NULL, NULL },
        { "writeOnly", ALWAYS, SHAPE(ANY), INSIDE, 0, NULL, NULL, NULL },
        { "contentEncoding", ALWAYS, SHAPE(ANY), INSIDE, 0, NULL, NULL, NULL },
        { "contentMediaType", ALWAYS, SHAPE(ANY), INSIDE, 0, NULL, NULL, NULL },
};

const size_t sc_schema_keyword_count = SC_COUNT(sc_schema_keywords);

const struct sc_schema_keyword *sc_schema_keyword_find(const struct sc_json *name, enum sc_schema_draft draft)
{
        for (size_t i = 0; i < SC_COUNT(sc_schema_keywords); i++)
                if (sc_schema_keywords[i].drafts & 1u << draft && sc_json_is(name, sc_schema_keywords[i].name))
                        return &sc_schema_keywords[i];
        return NULL;
}

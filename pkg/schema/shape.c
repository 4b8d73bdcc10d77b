/* SPDX-License-Identifier: Apache-2.0 */
/* The values of keywords: whether they are what the drafts ask for, and what is made of them. */
#include <string.h>

#include "base/typo.h"
#include "schema/internal.h"

#define PATTERN_STEPS 32 /* for each byte of a pattern: time, and room in the arena */

static const char *const type_names[] = {
        [SC_JSON_NULL] = "null",     [SC_JSON_BOOL] = "boolean", [SC_JSON_NUMBER] = "number",
        [SC_JSON_STRING] = "string", [SC_JSON_ARRAY] = "array",  [SC_JSON_OBJECT] = "object",
        [SC_SCHEMA_INTEGER] = "integer",
};

struct context {
        struct sc_schema_compiler *c;
        const struct sc_schema_node *node;
        struct sc_schema_rule *rule;
};

/* The value is not what the keyword needs. */
static bool wrong(const struct context *x, const struct sc_json *json, const char *wanted)
{
        sc_schema_complain(x->c, "schema-keyword", json->place, "\"%s\" must be %s", x->rule->keyword->name, wanted);
        return false;
}

static bool no_memory(const struct context *x)
{
        sc_schema_no_memory(x->c);
        return false;
}

static bool read_number(const struct context *x)
{
        if (x->rule->json->type != SC_JSON_NUMBER)
                return wrong(x, x->rule->json, "a number");
        if (sc_decimal_read(x->rule->json->text, x->rule->json->len, &x->rule->number) < 0)
                return wrong(x, x->rule->json, "a number whose exponent is not beyond what is compared");
        return true;
}

static bool read_divisor(const struct context *x)
{
        if (!read_number(x))
                return false;
        if (x->rule->number.negative || !x->rule->number.n)
                return wrong(x, x->rule->json, "a number above 0");
        if (x->rule->number.n > SC_SCHEMA_DIVISOR_DIGITS_MAX)
                return wrong(x, x->rule->json, "a number of 18 digits at most");
        return true;
}

static bool read_count(const struct context *x)
{
        struct sc_decimal number;

        if (x->rule->json->type != SC_JSON_NUMBER ||
            sc_decimal_read(x->rule->json->text, x->rule->json->len, &number) < 0 ||
            sc_decimal_u64(&number, &x->rule->count) < 0)
                return wrong(x, x->rule->json, "an integer that is not below 0");
        return true;
}

static bool add_type(const struct context *x, const struct sc_json *name)
{
        struct sc_typo typo;
        struct sc_diag *diag;

        if (name->type != SC_JSON_STRING)
                return wrong(x, name, "the name of a type, or an array of them");
        typo = sc_typo_begin(name->text, name->len);
        for (unsigned i = 0; i < SC_COUNT(type_names); i++) {
                if (sc_json_is(name, type_names[i])) {
                        x->rule->types |= SC_SCHEMA_BIT(i);
                        return true;
                }
                sc_typo_offer(&typo, type_names[i]);
        }
        diag = sc_schema_complain(x->c, "schema-keyword", name->place, "there is no such type");
        if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "there are null, boolean, integer, number, string, array and object");
        return false;
}

static bool read_types(const struct context *x)
{
        const struct sc_json *json = x->rule->json;

        x->rule->literal = x->node->base->draft == SC_SCHEMA_DRAFT_4;
        if (json->type != SC_JSON_ARRAY)
                return add_type(x, json);
        if (!json->count)
                return wrong(x, json, "the name of a type, or an array of them");
        for (const struct sc_json *m = json->first; m; m = m->next)
                if (!add_type(x, m))
                        return false;
        return true;
}

static bool read_values(const struct context *x)
{
        const struct sc_json *json = x->rule->json;

        if (json->type != SC_JSON_ARRAY || !json->count)
                return wrong(x, json, "an array with the values that are allowed");
        for (const struct sc_json *m = json->first; m; m = m->next) {
                union {
                        const struct sc_json *in;
                        void *out;
                } item = { .in = m };

                if (sc_schema_map_add(&x->rule->values, x->c->arena, sc_schema_hash(m, &x->c->meter), item.out,
                                      &x->c->meter) < 0)
                        return no_memory(x);
        }
        return true;
}

static bool check_names(const struct context *x, const struct sc_json *json)
{
        if (json->type != SC_JSON_ARRAY)
                return wrong(x, json, "an array of names");
        if (!json->count && x->node->base->draft == SC_SCHEMA_DRAFT_4)
                return wrong(x, json, "an array of at least one name, in draft 4");
        for (const struct sc_json *m = json->first; m; m = m->next)
                if (m->type != SC_JSON_STRING)
                        return wrong(x, m, "an array of names");
        return true;
}

/* A pattern that was met before. */
struct text {
        const struct sc_json *json;
        const struct sc_schema_pattern *pattern;
};

static bool same_text(const void *item, const void *key, struct sc_schema_meter *meter)
{
        (void)meter;
        return sc_schema_same_text(((const struct text *)item)->json, key);
}

static bool compile_pattern(const struct context *x, const struct sc_json *json, uint64_t hash,
                            const struct sc_schema_pattern **ret)
{
        struct text *text = sc_arena_alloc(x->c->arena, sizeof(*text));
        const char *why = "";
        int r;

        if (!text)
                return no_memory(x);
        if (x->c->patterns.n >= SC_SCHEMA_PATTERNS_MAX) {
                sc_schema_complain(x->c, SC_SCHEMA_RULE_LIMIT, json->place, "there are more than %d patterns",
                                   SC_SCHEMA_PATTERNS_MAX);
                return false;
        }
        if (!sc_schema_spend(&x->c->meter, PATTERN_STEPS * (uint64_t)json->len))
                return false;
        r = sc_schema_pattern_compile(x->c->arena, json->text, json->len, ret, &why);
        if (r == -EBADMSG)
                sc_schema_complain(x->c, "schema-keyword", json->place, "this is no pattern: %s", why);
        if (r == -EBADMSG)
                return false;
        *text = (struct text){ .json = json, .pattern = *ret };
        if (r == 0)
                r = sc_schema_map_add(&x->c->patterns, x->c->arena, hash, text, &x->c->meter);
        return r == 0 || no_memory(x);
}

static bool get_pattern(const struct context *x, const struct sc_json *json, const struct sc_schema_pattern **ret)
{
        uint64_t hash = sc_schema_hash_bytes(SC_SCHEMA_HASH_BEGIN, json->text, json->len);
        const struct text *text = sc_schema_map_find(&x->c->patterns, hash, same_text, json, &x->c->meter);

        if (!text)
                return compile_pattern(x, json, hash, ret);
        *ret = text->pattern;
        return true;
}

static bool read_string(const struct context *x)
{
        return x->rule->json->type == SC_JSON_STRING || wrong(x, x->rule->json, "a string");
}

static bool read_pattern(const struct context *x)
{
        return read_string(x) && get_pattern(x, x->rule->json, &x->rule->pattern);
}

static bool read_format(const struct context *x)
{
        if (!read_string(x))
                return false;
        if (!x->c->options->no_formats)
                x->rule->format = sc_schema_format_find(x->rule->json);
        return true;
}

/* `switched`: draft 4 allows true and false here, and nowhere else. */
static bool get_node(const struct context *x, const struct sc_json *json, bool switched, struct sc_schema_node **ret)
{
        bool boolean = json->type == SC_JSON_BOOL && (switched || x->node->base->draft != SC_SCHEMA_DRAFT_4);

        if (json->type != SC_JSON_OBJECT && !boolean) {
                struct sc_diag *diag = sc_schema_complain(x->c, "schema-keyword", json->place,
                                                          "a schema is an object, and this is %s",
                                                          sc_json_type_name(json->type));

                if (json->type == SC_JSON_BOOL)
                        sc_diag_hint(diag, "true and false are schemas since draft 6");
                return false;
        }
        *ret = sc_schema_node_get(x->c, json, x->node->base);
        return *ret;
}

static bool read_list(const struct context *x)
{
        const struct sc_json *json = x->rule->json;
        struct sc_schema_nodes *nodes = &x->rule->nodes;

        nodes->items = sc_arena_array(x->c->arena, json->count, sizeof(struct sc_schema_node *));
        if (!nodes->items)
                return no_memory(x);
        for (const struct sc_json *m = json->first; m; m = m->next, nodes->n++)
                if (!get_node(x, m, false, &nodes->items[nodes->n]))
                        return false;
        return true;
}

static bool read_dependency(const struct context *x, struct sc_schema_member *member, const struct sc_json *json)
{
        if (json->type != SC_JSON_ARRAY)
                return get_node(x, json, false, &member->node);
        member->needed = json;
        return check_names(x, json);
}

static bool read_member(const struct context *x, struct sc_schema_member *member, const struct sc_json *json)
{
        member->key = json->key;
        if (x->rule->keyword->shape == SC_SCHEMA_DEPENDENCIES)
                return read_dependency(x, member, json);
        if (x->rule->keyword->shape == SC_SCHEMA_BY_PATTERN && !get_pattern(x, json->key, &member->pattern))
                return false;
        return get_node(x, json, false, &member->node);
}

static bool read_members(const struct context *x)
{
        struct sc_schema_members *members = &x->rule->members;

        if (x->rule->json->type != SC_JSON_OBJECT)
                return wrong(x, x->rule->json, "an object with schemas");
        members->items = sc_arena_array(x->c->arena, x->rule->json->count, sizeof(*members->items));
        if (!members->items)
                return no_memory(x);
        for (const struct sc_json *m = x->rule->json->first; m; m = m->next) {
                struct sc_schema_member *member = &members->items[members->n++];
                uint64_t hash = sc_schema_hash_bytes(SC_SCHEMA_HASH_BEGIN, m->key->text, m->key->len);

                if (!read_member(x, member, m))
                        return false;
                if (sc_schema_map_add(&members->map, x->c->arena, hash, member, &x->c->meter) < 0)
                        return no_memory(x);
        }
        return true;
}

static bool read_boolean(const struct context *x)
{
        return x->rule->json->type == SC_JSON_BOOL || wrong(x, x->rule->json, "true or false");
}

static bool read_schemas(const struct context *x)
{
        if (x->rule->json->type != SC_JSON_ARRAY || !x->rule->json->count)
                return wrong(x, x->rule->json, "an array of at least one schema");
        return read_list(x);
}

bool sc_schema_shape_read(struct sc_schema_compiler *c, const struct sc_schema_node *node, struct sc_schema_rule *rule)
{
        const struct context x = { .c = c, .node = node, .rule = rule };

        switch (rule->keyword->shape) {
        case SC_SCHEMA_ANY:
                return true;
        case SC_SCHEMA_STRING:
                return read_string(&x);
        case SC_SCHEMA_BOOL:
                return read_boolean(&x);
        case SC_SCHEMA_NUMBER:
                return read_number(&x);
        case SC_SCHEMA_DIVISOR:
                return read_divisor(&x);
        case SC_SCHEMA_COUNT:
                return read_count(&x);
        case SC_SCHEMA_TYPES:
                return read_types(&x);
        case SC_SCHEMA_VALUES:
                return read_values(&x);
        case SC_SCHEMA_NAMES:
                return check_names(&x, rule->json);
        case SC_SCHEMA_PATTERN:
                return read_pattern(&x);
        case SC_SCHEMA_FORMAT:
                return read_format(&x);
        case SC_SCHEMA_ONE:
                return get_node(&x, rule->json, false, &rule->node);
        case SC_SCHEMA_ONE_OR_BOOL:
                return get_node(&x, rule->json, true, &rule->node);
        case SC_SCHEMA_LIST:
                return read_schemas(&x);
        case SC_SCHEMA_ONE_OR_LIST:
                return rule->json->type == SC_JSON_ARRAY ? read_list(&x) : get_node(&x, rule->json, false, &rule->node);
        case SC_SCHEMA_MEMBERS:
        case SC_SCHEMA_BY_PATTERN:
        case SC_SCHEMA_DEPENDENCIES:
                return read_members(&x);
        }
        return false;
}

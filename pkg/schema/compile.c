/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling: each schema that can be reached becomes a node with its keywords, in the order of the table. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/typo.h"
#include "schema/internal.h"

struct sc_diag *sc_schema_complain(struct sc_schema_compiler *c, const char *rule, struct sc_place place,
                                   const char *format, ...)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_diag *diag = NULL;
        va_list args;

        va_start(args, format);
        sc_strbuf_vprintf(&text, format, args);
        va_end(args);
        c->failed = true;
        if (text.failed)
                sc_schema_no_memory(c);
        else
                diag = sc_diags_add(c->diags, SC_ERROR, rule, place, "%s", text.text);
        sc_strbuf_done(&text);
        return diag;
}

void sc_schema_no_memory(struct sc_schema_compiler *c)
{
        if (c->error == 0)
                c->error = -ENOMEM;
}

static uint64_t hash_pointer(const void *p)
{
        return sc_schema_hash_word(SC_SCHEMA_HASH_BEGIN, (uint64_t)(uintptr_t)p);
}

static bool same_node(const void *item, const void *key, struct sc_schema_meter *meter)
{
        (void)meter;
        return ((const struct sc_schema_node *)item)->json == key;
}

struct sc_schema_node *sc_schema_node_get(struct sc_schema_compiler *c, const struct sc_json *json,
                                          const struct sc_schema_base *base)
{
        uint64_t hash = hash_pointer(json);
        struct sc_schema_node *node = sc_schema_map_find(&c->nodes, hash, same_node, json, &c->meter);

        if (node || c->error < 0)
                return node;
        if (c->nodes.n >= SC_SCHEMA_COUNT_MAX) {
                sc_schema_complain(c, SC_SCHEMA_RULE_LIMIT, json->place, "there are more than %d schemas",
                                   SC_SCHEMA_COUNT_MAX);
                return NULL;
        }
        node = sc_arena_alloc(c->arena, sizeof(*node));
        if (!node || sc_schema_map_add(&c->nodes, c->arena, hash, node, &c->meter) < 0) {
                sc_schema_no_memory(c);
                return NULL;
        }
        node->json = json;
        node->base = sc_schema_base_of(c, json, base);
        *c->last = node;
        c->last = &node->next;
        return node;
}

/* A name that is no keyword: mostly a slip, or a keyword of another draft. */
static void warn_unknown(struct sc_schema_compiler *c, const struct sc_json *key, enum sc_schema_draft draft)
{
        static const int numbers[] = { 4, 6, 7 };
        struct sc_typo typo = sc_typo_begin(key->text, key->len);
        struct sc_diag *diag;

        if (++c->n_unknown > SC_DIAG_COUNT_MAX)
                return;
        for (size_t i = 0; i < sc_schema_keyword_count; i++) {
                const struct sc_schema_keyword *k = &sc_schema_keywords[i];

                if (k->drafts & 1u << draft)
                        sc_typo_offer(&typo, k->name);
                else if (sc_json_is(key, k->name)) {
                        sc_diags_add(c->diags, SC_WARNING, "schema-keyword", key->place,
                                     "'%s' is no keyword of draft %d and has no effect", k->name, numbers[draft]);
                        return;
                }
        }
        /* names with a prefix are remarks for other programs */
        if (!typo.best || strchr(key->text, '-') || *key->text == '$')
                return;
        diag = sc_diags_add(c->diags, SC_WARNING, "schema-keyword", key->place,
                            "'%s' is no keyword and has no effect", key->text);
        sc_diag_hint(diag, "did you mean '%s'?", typo.best);
}

/* The rule of a keyword; NULL if the schema has it not. */
static struct sc_schema_rule *rule_of(const struct sc_schema_node *node, const char *name)
{
        for (size_t i = 0; i < node->n_rules; i++)
                if (!strcmp(node->rules[i].keyword->name, name))
                        return &node->rules[i];
        return NULL;
}

/* Draft 4 says with a second keyword whether a bound itself is allowed. */
static void join_bound(const struct sc_schema_node *node, const char *name, const char *exclusive)
{
        struct sc_schema_rule *bound = rule_of(node, name);
        const struct sc_json *json = sc_json_get(node->json, exclusive);

        if (bound && json && json->type == SC_JSON_BOOL)
                bound->exclusive = json->text[0] == 't';
}

/* Keywords that depend on those beside them. */
static void join_rules(const struct sc_schema_node *node)
{
        struct sc_schema_rule *properties = rule_of(node, "additionalProperties");
        struct sc_schema_rule *rest = rule_of(node, "additionalItems");
        struct sc_schema_rule *condition = rule_of(node, "if");
        const struct sc_schema_rule *items = rule_of(node, "items");

        join_bound(node, "maximum", "exclusiveMaximum");
        join_bound(node, "minimum", "exclusiveMinimum");
        if (properties) {
                properties->properties = rule_of(node, "properties");
                properties->patterns = rule_of(node, "patternProperties");
        }
        if (rest)
                rest->n_before = items && items->json->type == SC_JSON_ARRAY ? items->nodes.n : SIZE_MAX;
        if (condition) {
                const struct sc_schema_rule *then_rule = rule_of(node, "then"), *else_rule = rule_of(node, "else");

                condition->then_node = then_rule ? then_rule->node : NULL;
                condition->else_node = else_rule ? else_rule->node : NULL;
        }
}

/* The rows that the schema's names have, in the order of the table. */
static int compare_rows(const void *x, const void *y)
{
        const struct sc_schema_rule *a = x, *b = y;

        if (a->keyword != b->keyword)
                return a->keyword < b->keyword ? -1 : 1;
        return (a->json->place.offset > b->json->place.offset) - (a->json->place.offset < b->json->place.offset);
}

static bool compile_keywords(struct sc_schema_compiler *c, struct sc_schema_node *node)
{
        node->rules = sc_arena_array(c->arena, node->json->count, sizeof(*node->rules));
        if (!node->rules) {
                sc_schema_no_memory(c);
                return false;
        }
        for (const struct sc_json *m = node->json->first; m; m = m->next) {
                const struct sc_schema_keyword *keyword = sc_schema_keyword_find(m->key, node->base->draft);

                if (keyword)
                        node->rules[node->n_rules++] =
                                (struct sc_schema_rule){ .keyword = keyword, .json = m, .schema = node->json };
                else
                        warn_unknown(c, m->key, node->base->draft);
        }
        qsort(node->rules, node->n_rules, sizeof(*node->rules), compare_rows);
        for (size_t i = 0; i < node->n_rules && c->error == 0; i++)
                sc_schema_shape_read(c, node, &node->rules[i]);
        join_rules(node);
        return true;
}

/* What stands beside "$ref" has no effect; schemas for others to refer to may stand there. */
static void compile_reference(struct sc_schema_compiler *c, struct sc_schema_node *node, const struct sc_json *ref)
{
        for (const struct sc_json *m = node->json->first; m; m = m->next) {
                const struct sc_schema_keyword *keyword = sc_schema_keyword_find(m->key, node->base->draft);

                if (keyword && keyword->holds)
                        sc_diags_add(c->diags, SC_WARNING, "schema-keyword", m->key->place,
                                     "'%s' beside \"$ref\" has no effect", keyword->name);
        }
        node->ref = sc_schema_refer(c, ref, node->base);
}

static void compile_node(struct sc_schema_compiler *c, struct sc_schema_node *node)
{
        const struct sc_json *json = node->json, *ref = sc_json_get(json, "$ref");
        struct sc_diag *diag;

        if (json->type == SC_JSON_BOOL) {
                node->kind = json->text[0] == 't' ? SC_SCHEMA_ANYTHING : SC_SCHEMA_NOTHING;
        } else if (json->type != SC_JSON_OBJECT) {
                diag = sc_schema_complain(c, "schema-keyword", json->place, "a schema is an object, and this is %s",
                                          sc_json_type_name(json->type));
                if (node->base->draft != SC_SCHEMA_DRAFT_4)
                        sc_diag_hint(diag, "true is a schema for everything, false one for nothing");
        } else if (ref && ref->type == SC_JSON_STRING) {
                compile_reference(c, node, ref);
        } else if (ref) {
                sc_schema_complain(c, "schema-keyword", ref->place, "\"$ref\" must be a string, and this is %s",
                                   sc_json_type_name(ref->type));
        } else if (json->count) {
                compile_keywords(c, node);
        }
}

static int finish(struct sc_schema_compiler *c, const struct sc_json *root)
{
        if (c->meter.limit && !c->failed)
                sc_schema_complain(c, SC_SCHEMA_RULE_LIMIT, root->place, "%s", c->meter.limit);
        if (c->error < 0)
                return c->error;
        if (sc_diags_failed(c->diags))
                return -ENOMEM;
        return c->failed ? -EBADMSG : 0;
}

int sc_schema_compile(struct sc_arena *arena, const struct sc_json *root, const struct sc_schema_options *options,
                      struct sc_diags *diags, struct sc_schema **ret_schema)
{
        const struct sc_schema_options plain = SC_SCHEMA_OPTIONS_DEFAULT;
        struct sc_schema_compiler c = {
                .arena = arena,
                .options = options ? options : &plain,
                .diags = diags,
                .meter = { .left = SC_SCHEMA_STEPS_MAX },
        };
        struct sc_schema *schema = sc_arena_alloc(arena, sizeof(*schema));
        const struct sc_schema_base *base;
        int r;

        if (!schema)
                return -ENOMEM;
        c.last = &c.first;
        base = sc_schema_document_add(&c, c.options->uri ? c.options->uri : "", root, c.options->draft);
        if (base)
                schema->root = sc_schema_node_get(&c, root, base);
        for (struct sc_schema_node *node = c.first; node && c.error == 0 && !c.meter.limit; node = node->next)
                compile_node(&c, node);
        if (c.error == 0 && !c.failed && !c.meter.limit)
                sc_schema_circles_check(&c);
        r = finish(&c, root);
        if (r == 0)
                *ret_schema = schema;
        return r;
}

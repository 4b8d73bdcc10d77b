/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords about the elements of arrays and the members of objects. */
#include <stdlib.h>
#include <string.h>

#include "schema/keywords.h"

static bool add(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value,
                const struct sc_json *extra)
{
        return sc_schema_fault_add(run, (struct sc_schema_fault){ .rule = rule, .value = value, .extra = extra });
}

bool sc_schema_holds_most(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        return value->count <= rule->count || add(run, rule, value, NULL);
}

bool sc_schema_holds_least(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        return value->count >= rule->count || add(run, rule, value, NULL);
}

/* An element with its hash, to be sorted by it. */
struct element {
        uint64_t hash;
        const struct sc_json *json;
};

static int compare_elements(const void *x, const void *y)
{
        const struct element *a = x, *b = y;

        if (a->hash != b->hash)
                return a->hash < b->hash ? -1 : 1;
        return (a->json->place.offset > b->json->place.offset) - (a->json->place.offset < b->json->place.offset);
}

/* The first element, in the order of their hashes, that is the same as one before it. */
static const struct sc_json *find_twin(struct sc_schema_run *run, const struct element *elements, size_t n)
{
        for (size_t i = 1; i < n; i++)
                for (size_t j = i; j-- > 0 && elements[j].hash == elements[i].hash;) {
                        if (!sc_schema_work(run, 1, elements[i].json))
                                return NULL;
                        if (sc_schema_equal(elements[j].json, elements[i].json, &run->meter))
                                return elements[i].json;
                }
        return NULL;
}

bool sc_schema_holds_unique(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        SC_CLEANUP(sc_freep) struct element *elements = NULL;
        const struct sc_json *twin;
        size_t n = 0;

        if (rule->json->text[0] != 't' || value->count < 2)
                return true;
        elements = calloc(value->count, sizeof(*elements));
        if (!elements) {
                run->error = -ENOMEM;
                return false;
        }
        for (const struct sc_json *m = value->first; m; m = m->next)
                elements[n++] = (struct element){ .hash = sc_schema_hash(m, &run->meter), .json = m };
        qsort(elements, n, sizeof(*elements), compare_elements);
        twin = find_twin(run, elements, n);
        return twin ? add(run, rule, value, twin) : sc_schema_goes_on(run);
}

bool sc_schema_holds_contains(struct sc_schema_run *run, const struct sc_schema_rule *rule,
                              const struct sc_json *value)
{
        for (const struct sc_json *m = value->first; m; m = m->next)
                if (sc_schema_test(run, rule->node, m))
                        return true;
        return add(run, rule, value, NULL);
}

bool sc_schema_holds_items(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        bool list = rule->json->type == SC_JSON_ARRAY, ok = true;
        size_t i = 0;

        for (const struct sc_json *m = value->first; m && (ok || sc_schema_wants_more(run)); m = m->next, i++) {
                if (list && i >= rule->nodes.n)
                        break;
                ok &= sc_schema_apply(run, list ? rule->nodes.items[i] : rule->node, m);
        }
        return ok;
}

/* An element or a member that is none of those which have schemas of their own. */
static bool apply_rest(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *owner,
                       const struct sc_json *value)
{
        if (sc_schema_target(rule->node)->kind == SC_SCHEMA_NOTHING)
                return add(run, rule, owner, value);
        return sc_schema_apply(run, rule->node, value);
}

/* "additionalItems" */
bool sc_schema_holds_rest(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        size_t i = 0;
        bool ok = true;

        for (const struct sc_json *m = value->first; m && (ok || sc_schema_wants_more(run)); m = m->next, i++)
                if (i >= rule->n_before)
                        ok &= apply_rest(run, rule, value, m);
        return ok;
}

static const struct sc_json *find(struct sc_schema_run *run, const struct sc_json *object, const struct sc_json *name)
{
        for (const struct sc_json *m = object->first; m; m = m->next) {
                if (!sc_schema_work(run, 1, object))
                        return NULL;
                if (sc_schema_same_text(m->key, name))
                        return m;
        }
        return NULL;
}

bool sc_schema_holds_required(struct sc_schema_run *run, const struct sc_schema_rule *rule,
                              const struct sc_json *value)
{
        struct sc_schema_fault fault = { .rule = rule, .value = value };

        for (const struct sc_json *name = rule->json->first; name; name = name->next) {
                if (find(run, value, name))
                        continue;
                fault.index++;
                if (!sc_schema_wants_more(run))
                        break;
        }
        return !fault.index || sc_schema_fault_add(run, fault);
}

bool sc_schema_holds_names(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        bool ok = true;

        for (const struct sc_json *m = value->first; m && (ok || sc_schema_wants_more(run)); m = m->next)
                ok &= sc_schema_apply(run, rule->node, m->key);
        return ok;
}

static bool same_key(const void *item, const void *key, struct sc_schema_meter *meter)
{
        (void)meter;
        return sc_schema_same_text(((const struct sc_schema_member *)item)->key, key);
}

static const struct sc_schema_member *member_of(struct sc_schema_run *run, const struct sc_schema_members *members,
                                                const struct sc_json *key)
{
        uint64_t hash = sc_schema_hash_bytes(SC_SCHEMA_HASH_BEGIN, key->text, key->len);

        return sc_schema_work(run, 1 + key->len / 64, key) ?
                       sc_schema_map_find(&members->map, hash, same_key, key, &run->meter) :
                       NULL;
}

bool sc_schema_holds_properties(struct sc_schema_run *run, const struct sc_schema_rule *rule,
                                const struct sc_json *value)
{
        bool ok = true;

        for (const struct sc_json *m = value->first; m && (ok || sc_schema_wants_more(run)); m = m->next) {
                const struct sc_schema_member *member = member_of(run, &rule->members, m->key);

                if (member)
                        ok &= sc_schema_apply(run, member->node, m);
        }
        return ok;
}

bool sc_schema_holds_patterns(struct sc_schema_run *run, const struct sc_schema_rule *rule,
                              const struct sc_json *value)
{
        bool ok = true;

        for (const struct sc_json *m = value->first; m && (ok || sc_schema_wants_more(run)); m = m->next)
                for (size_t i = 0; i < rule->members.n; i++)
                        if (sc_schema_matches(run, rule->members.items[i].pattern, m->key))
                                ok &= sc_schema_apply(run, rule->members.items[i].node, m);
        return ok;
}

/* Whether "properties" or "patternProperties" say something about a name. */
static bool is_known(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *key)
{
        if (rule->properties && member_of(run, &rule->properties->members, key))
                return true;
        for (size_t i = 0; rule->patterns && i < rule->patterns->members.n; i++)
                if (sc_schema_matches(run, rule->patterns->members.items[i].pattern, key))
                        return true;
        return false;
}

/* "additionalProperties" */
bool sc_schema_holds_others(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        bool ok = true;

        if (sc_schema_target(rule->node)->kind == SC_SCHEMA_ANYTHING)
                return true;
        for (const struct sc_json *m = value->first; m && (ok || sc_schema_wants_more(run)); m = m->next)
                if (!is_known(run, rule, m->key))
                        ok &= apply_rest(run, rule, value, m);
        return ok;
}

/* The names that a name needs beside it. */
static bool apply_needed(struct sc_schema_run *run, const struct sc_schema_rule *rule,
                         const struct sc_schema_member *member, const struct sc_json *value)
{
        bool ok = true;

        for (const struct sc_json *m = member->needed->first; m && (ok || sc_schema_wants_more(run)); m = m->next)
                ok &= find(run, value, m) || sc_schema_fault_add(run, (struct sc_schema_fault){
                                                     .rule = rule, .value = value, .extra = m, .member = member });
        return ok;
}

bool sc_schema_holds_dependencies(struct sc_schema_run *run, const struct sc_schema_rule *rule,
                                  const struct sc_json *value)
{
        bool ok = true;

        for (size_t i = 0; i < rule->members.n && (ok || sc_schema_wants_more(run)); i++) {
                const struct sc_schema_member *member = &rule->members.items[i];

                if (!find(run, value, member->key))
                        continue;
                ok &= member->node ? sc_schema_apply(run, member->node, value) : apply_needed(run, rule, member, value);
        }
        return ok;
}

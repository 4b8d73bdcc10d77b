/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, the ids in them, and where a "$ref" leads. */
#include <string.h>

#include "schema/internal.h"
#include "schema/uri.h"

/* A place that has a name: a document or a part with an id (`anchor` ""), or an id of the form "#anchor". */
struct place {
        const char *uri;
        const char *anchor;
        const struct sc_json *json;
        const struct sc_schema_base *base; /* inside of it */
};

static uint64_t hash_place(const struct place *p)
{
        uint64_t hash = sc_schema_hash_bytes(SC_SCHEMA_HASH_BEGIN, p->uri, strlen(p->uri) + 1);

        return sc_schema_hash_bytes(hash, p->anchor, strlen(p->anchor));
}

static bool same_place(const void *item, const void *key, struct sc_schema_meter *meter)
{
        const struct place *a = item, *b = key;

        (void)meter;
        return !strcmp(a->uri, b->uri) && !strcmp(a->anchor, b->anchor);
}

static bool same_json(const void *item, const void *key, struct sc_schema_meter *meter)
{
        (void)meter;
        return ((const struct place *)item)->json == key;
}

static uint64_t hash_json(const struct sc_json *json)
{
        return sc_schema_hash_word(SC_SCHEMA_HASH_BEGIN, (uint64_t)(uintptr_t)json);
}

static const struct place *find_place(struct sc_schema_compiler *c, const char *uri, const char *anchor)
{
        struct place key = { .uri = uri, .anchor = anchor };

        return sc_schema_map_find(&c->places, hash_place(&key), same_place, &key, &c->meter);
}

/* The first of the same name is kept. */
static const struct place *add_place(struct sc_schema_compiler *c, const char *uri, const char *anchor,
                                     const struct sc_json *json, const struct sc_schema_base *base)
{
        const struct place *known = find_place(c, uri, anchor);
        struct place *place;

        if (known)
                return known;
        place = sc_arena_alloc(c->arena, sizeof(*place));
        if (place)
                *place = (struct place){ .uri = uri, .anchor = anchor, .json = json, .base = base };
        if (!place || sc_schema_map_add(&c->places, c->arena, hash_place(place), place, &c->meter) < 0) {
                sc_schema_no_memory(c);
                return NULL;
        }
        return place;
}

static const struct sc_schema_base *new_base(struct sc_schema_compiler *c, const char *uri, enum sc_schema_draft draft)
{
        struct sc_schema_base *base = sc_arena_alloc(c->arena, sizeof(*base));

        if (base)
                *base = (struct sc_schema_base){ .uri = uri, .draft = draft };
        else
                sc_schema_no_memory(c);
        return base;
}

/* The id of a schema; NULL if it has none, or if it stands beside "$ref". */
static const struct sc_json *id_of(const struct sc_json *json, enum sc_schema_draft draft)
{
        const struct sc_json *id = sc_json_get(json, draft == SC_SCHEMA_DRAFT_4 ? "id" : "$id");
        const struct sc_json *ref;

        if (!id || id->type != SC_JSON_STRING || memchr(id->text, '\0', id->len))
                return NULL;
        ref = sc_json_get(json, "$ref");
        return ref && ref->type == SC_JSON_STRING ? NULL : id;
}

/* Resolves a reference; what that takes of the arena is spent, too. False: out of memory or of steps. */
static bool resolve(struct sc_schema_compiler *c, const char *base, const char *ref, const char **ret_uri,
                    const char **ret_fragment)
{
        if (!sc_schema_spend(&c->meter, strlen(base) + strlen(ref)))
                return false;
        if (sc_uri_resolve(c->arena, base, ref, ret_uri, ret_fragment) < 0) {
                sc_schema_no_memory(c);
                return false;
        }
        return true;
}

/* Takes up a schema's id. Returns the base inside of it; NULL: out of memory or of steps. */
static const struct sc_schema_base *take_id(struct sc_schema_compiler *c, const struct sc_json *json,
                                            const struct sc_schema_base *base)
{
        const struct sc_json *id = id_of(json, base->draft);
        const char *uri, *anchor;
        struct place *place;

        if (!id)
                return base;
        if (!resolve(c, base->uri, id->text, &uri, &anchor))
                return NULL;
        if (*anchor && !add_place(c, uri, anchor, json, base))
                return NULL;
        /* "#name" alone changes no base */
        if (id->text[0] == '#')
                return base;
        base = new_base(c, uri, base->draft);
        place = sc_arena_alloc(c->arena, sizeof(*place));
        if (!base || !place || !add_place(c, uri, "", json, base)) {
                sc_schema_no_memory(c);
                return NULL;
        }
        *place = (struct place){ .uri = uri, .anchor = "", .json = json, .base = base };
        if (sc_schema_map_add(&c->bases, c->arena, hash_json(json), place, &c->meter) < 0)
                sc_schema_no_memory(c);
        return base;
}

const struct sc_schema_base *sc_schema_base_of(struct sc_schema_compiler *c, const struct sc_json *json,
                                               const struct sc_schema_base *base)
{
        const struct place *known = sc_schema_map_find(&c->bases, hash_json(json), same_json, json, &c->meter);

        return known ? known->base : base;
}

static void index_schema(struct sc_schema_compiler *c, const struct sc_json *json, const struct sc_schema_base *base);

/* The schemas in a keyword's value. */
static void index_keyword(struct sc_schema_compiler *c, const struct sc_json *value, enum sc_schema_shape shape,
                          const struct sc_schema_base *base)
{
        switch (shape) {
        case SC_SCHEMA_ONE:
        case SC_SCHEMA_ONE_OR_BOOL:
                index_schema(c, value, base);
                break;
        case SC_SCHEMA_ONE_OR_LIST:
        case SC_SCHEMA_LIST:
                if (value->type != SC_JSON_ARRAY)
                        index_schema(c, value, base);
                else
                        for (const struct sc_json *m = value->first; m; m = m->next)
                                index_schema(c, m, base);
                break;
        case SC_SCHEMA_MEMBERS:
        case SC_SCHEMA_BY_PATTERN:
        case SC_SCHEMA_DEPENDENCIES:
                for (const struct sc_json *m = value->type == SC_JSON_OBJECT ? value->first : NULL; m; m = m->next)
                        index_schema(c, m, base);
                break;
        default:
                break;
        }
}

/* Finds the ids in a schema and all that is in it. No deeper than SC_JSON_DEPTH_MAX. */
static void index_schema(struct sc_schema_compiler *c, const struct sc_json *json, const struct sc_schema_base *base)
{
        if (json->type != SC_JSON_OBJECT || c->error < 0 || !sc_schema_spend(&c->meter, 1 + json->count))
                return;
        base = take_id(c, json, base);
        for (const struct sc_json *m = json->first; m && base; m = m->next) {
                const struct sc_schema_keyword *keyword = sc_schema_keyword_find(m->key, base->draft);

                if (keyword)
                        index_keyword(c, m, keyword->shape, base);
        }
}

/* The drafts by what "$schema" says of them, behind the scheme. */
static const struct {
        const char *uri;
        enum sc_schema_draft draft;
} drafts[] = {
        { "://json-schema.org/draft-04/schema", SC_SCHEMA_DRAFT_4 },
        { "://json-schema.org/draft-06/schema", SC_SCHEMA_DRAFT_6 },
        { "://json-schema.org/draft-07/schema", SC_SCHEMA_DRAFT_7 },
        { "://json-schema.org/schema", SC_SCHEMA_DRAFT_7 },
};

static bool read_draft(struct sc_schema_compiler *c, const struct sc_json *root, enum sc_schema_draft *draft)
{
        const struct sc_json *said = sc_json_get(root, "$schema");
        struct sc_diag *diag;

        if (!said || said->type != SC_JSON_STRING)
                return true;
        for (size_t i = 0; i < SC_COUNT(drafts); i++) {
                const char *rest = !strncmp(said->text, "http", 4) ? said->text + 4 : said->text;
                size_t len = strlen(drafts[i].uri);

                rest += *rest == 's';
                if (!strncmp(rest, drafts[i].uri, len) && (!rest[len] || !strcmp(rest + len, "#"))) {
                        *draft = drafts[i].draft;
                        return true;
                }
        }
        diag = sc_schema_complain(c, "schema-draft", said->place, "this draft is not known");
        sc_diag_hint(diag, "known are \"http://json-schema.org/draft-04/schema#\", draft-06 and draft-07");
        return false;
}

const struct sc_schema_base *sc_schema_document_add(struct sc_schema_compiler *c, const char *uri,
                                                    const struct sc_json *root, enum sc_schema_draft draft)
{
        const struct sc_schema_base *base;
        const char *whole, *fragment;

        if (!read_draft(c, root, &draft))
                return NULL;
        if (!resolve(c, uri, "", &whole, &fragment))
                return NULL;
        base = new_base(c, whole, draft);
        if (!base || !add_place(c, whole, "", root, base))
                return NULL;
        index_schema(c, root, base);
        return c->error < 0 ? NULL : base;
}

/* A draft's own schema. */
static int parse_meta(struct sc_schema_compiler *c, const char *uri, const struct sc_json **ret_root)
{
        const struct sc_source *source = sc_schema_meta(uri);

        return source ? sc_json_parse(c->arena, source, 0, c->diags, ret_root) : -ENOENT;
}

/* A document that is not known yet; NULL if nobody has it. */
static const struct place *load(struct sc_schema_compiler *c, const char *uri, enum sc_schema_draft draft)
{
        const struct sc_json *root;
        int r = c->options->find ? c->options->find(c->options->data, uri, &root) : -ENOENT;

        if (r == -ENOENT)
                r = parse_meta(c, uri, &root);
        if (r < 0 && r != -ENOENT && c->error == 0)
                c->error = r;
        if (r < 0 || !sc_schema_document_add(c, uri, root, draft))
                return NULL;
        return find_place(c, uri, "");
}

/* The element of an array that a token of a pointer names. */
static const struct sc_json *element(struct sc_schema_compiler *c, const struct sc_json *array, const char *token)
{
        uint64_t index = 0;
        const struct sc_json *m = array->first;

        if (!*token || (token[0] == '0' && token[1]) || strspn(token, "0123456789") != strlen(token) ||
            strlen(token) > 9)
                return NULL;
        for (const char *p = token; *p; p++)
                index = index * 10 + (uint64_t)(*p - '0');
        if (index >= array->count || !sc_schema_spend(&c->meter, index))
                return NULL;
        while (m && index-- > 0)
                m = m->next;
        return m;
}

/* Ends the token at the next '/', and undoes "~1" and "~0" in it. Returns what is behind it; NULL: it was the last. */
static char *cut_token(char *token)
{
        char *rest = strchr(token, '/'), *out = token;

        if (rest)
                *rest++ = '\0';
        for (const char *in = token; *in; out++) {
                if (in[0] == '~' && (in[1] == '0' || in[1] == '1')) {
                        memcpy(out, in[1] == '0' ? "~" : "/", 1);
                        in += 2;
                } else {
                        *out = *in++;
                }
        }
        *out = '\0';
        return rest;
}

/* Follows a pointer; ids on the way count. `pointer` is changed. NULL if it leads nowhere. */
static const struct sc_json *follow(struct sc_schema_compiler *c, char *pointer, const struct sc_json *json,
                                    const struct sc_schema_base **base)
{
        for (char *token = pointer + 1, *rest; token && json; token = rest) {
                rest = cut_token(token);
                if (!sc_schema_spend(&c->meter, 1 + json->count))
                        return NULL;
                json = json->type == SC_JSON_ARRAY ? element(c, json, token) : sc_json_get(json, token);
                if (json)
                        *base = sc_schema_base_of(c, json, *base);
        }
        return json;
}

/* The schema that a fragment names in a document. */
static const struct sc_json *find_fragment(struct sc_schema_compiler *c, const struct place *document, const char *raw,
                                           const struct sc_schema_base **base)
{
        char *fragment = sc_uri_unescape(c->arena, raw);
        const struct place *place;

        if (!fragment) {
                sc_schema_no_memory(c);
                return NULL;
        }
        *base = sc_schema_base_of(c, document->json, document->base);
        if (!*fragment)
                return document->json;
        if (*fragment == '/')
                return follow(c, fragment, document->json, base);
        place = find_place(c, document->uri, fragment);
        if (place)
                *base = place->base;
        return place ? place->json : NULL;
}

static struct sc_schema_node *no_such(struct sc_schema_compiler *c, const struct sc_json *ref, const char *why)
{
        if (c->error == 0 && !c->meter.limit)
                sc_schema_complain(c, "schema-ref", ref->place, "%s", why);
        return NULL;
}

struct sc_schema_node *sc_schema_refer(struct sc_schema_compiler *c, const struct sc_json *ref,
                                       const struct sc_schema_base *base)
{
        const char *uri, *fragment;
        const struct place *document;
        const struct sc_json *json;

        if (memchr(ref->text, '\0', ref->len))
                return no_such(c, ref, "a reference has no NUL in it");
        if (!resolve(c, base->uri, ref->text, &uri, &fragment))
                return NULL;
        document = find_place(c, uri, "");
        if (!document && !c->meter.limit)
                document = load(c, uri, base->draft);
        if (!document)
                return no_such(c, ref, "the schema that this refers to is not at hand");
        json = find_fragment(c, document, fragment, &base);
        if (!json)
                return no_such(c, ref, "this leads to no schema");
        return sc_schema_node_get(c, json, base);
}

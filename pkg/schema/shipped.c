/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas of schema/ by name, and texts held against them. */
#include "schema/shipped.h"

#include <errno.h>
#include <string.h>

#include "schema/meta.h"

#define BASE "seccompose:/schema/"

static const struct sc_schema_meta *find_row(const char *name)
{
        size_t len = strlen(name);

        for (size_t i = 0; i < sc_schema_shipped_text_count; i++) {
                const char *file = sc_schema_shipped_texts[i].uri + strlen(BASE);

                if (!strncmp(file, name, len) && !strcmp(file + len, ".schema.json"))
                        return &sc_schema_shipped_texts[i];
        }
        return NULL;
}

const struct sc_source *sc_schema_shipped(const char *name)
{
        const struct sc_schema_meta *row = find_row(name);

        return row ? &row->source : NULL;
}

struct finder {
        struct sc_arena *arena;
        struct sc_diags *diags;
};

/* Our schemas refer to one another. */
static int find_uri(void *data, const char *uri, const struct sc_json **ret_root)
{
        const struct finder *f = data;

        for (size_t i = 0; i < sc_schema_shipped_text_count; i++)
                if (!strcmp(uri, sc_schema_shipped_texts[i].uri))
                        return sc_json_parse(f->arena, &sc_schema_shipped_texts[i].source, 0, f->diags, ret_root);
        return -ENOENT;
}

int sc_schema_shipped_compile(struct sc_arena *arena, const char *name, struct sc_diags *diags,
                              struct sc_schema **ret_schema)
{
        const struct sc_schema_meta *row = find_row(name);
        struct finder f = { arena, diags };
        const struct sc_schema_options options = { .uri = row ? row->uri : NULL, .find = find_uri, .data = &f };
        const struct sc_json *root = NULL;
        int r = row ? sc_json_parse(arena, &row->source, 0, diags, &root) : -ENOENT;

        return r < 0 ? r : sc_schema_compile(arena, root, &options, diags, ret_schema);
}

int sc_schema_shipped_holds(struct sc_arena *arena, const char *name, const char *what, const char *text, size_t len,
                            struct sc_diags *diags)
{
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        struct sc_schema *schema = NULL;
        const struct sc_json *root = NULL;
        int r;

        if (!source)
                return -ENOMEM;
        *source = (struct sc_source){ sc_arena_strdup(arena, what), sc_arena_strndup(arena, text, len), len };
        if (!source->name || !source->text)
                return -ENOMEM;
        r = sc_schema_shipped_compile(arena, name, diags, &schema);
        if (r == 0)
                r = sc_json_parse(arena, source, SC_JSON_FOLD_KEYS, diags, &root);
        return r < 0 ? r : sc_schema_validate(schema, root, diags);
}

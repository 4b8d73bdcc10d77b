/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The validator under a fuzzer: the first byte says the draft and whether formats count, then a schema up to the first
 * line feed, then a value. What must hold is asserted; the sanitizers see the rest.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "schema/schema.h"

/* There is one other document: the value. */
static int find(void *data, const char *uri, const struct sc_json **ret_root)
{
        if (!strstr(uri, "self"))
                return -ENOENT;
        *ret_root = data;
        return 0;
}

/* Every finding has a place in the value, a path and words. */
static void check_validation(const struct sc_schema *schema, const struct sc_json *value, struct sc_arena *arena)
{
        const struct sc_schema_finding *findings = NULL;
        size_t n = 0;
        int r = sc_schema_check(schema, value, arena, &findings, &n);

        require(r == 0 || r == SC_SCHEMA_INVALID);
        require((r == SC_SCHEMA_INVALID) == (n > 0));
        require(sc_schema_is_valid(schema, value) == r);
        require(n <= SC_SCHEMA_FINDINGS_MAX + 1);
        for (size_t i = 0; i < n; i++) {
                const struct sc_place *place = &findings[i].place;

                require(place->source == value->place.source);
                require(place->offset >= value->place.offset);
                require(place->offset + place->length <= value->place.offset + value->place.length);
                require(findings[i].path[0] == '$' && *findings[i].message && *findings[i].rule);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *text = (const char *)data + (size > 0), *line = size > 1 ? memchr(text, '\n', size - 1) : NULL;
        size_t len = line ? (size_t)(line - text) : 0;
        struct sc_source schema_source = { .name = "schema", .text = text, .len = len };
        struct sc_source value_source = { .name = "value" };
        struct sc_schema_options options = { .find = find };
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root, *value;
        struct sc_schema *schema;
        int r;

        if (line) {
                value_source.text = line + 1;
                value_source.len = size - len - 2;
        }
        r = line ? sc_json_parse(arena, &schema_source, 0, diags, &root) : -EINVAL;

        if (r == 0)
                r = sc_json_parse(arena, &value_source, SC_JSON_KEEP_DUPLICATES, diags, &value);
        if (r == 0) {
                options.draft = data[0] % (SC_SCHEMA_DRAFT_7 + 1);
                options.no_formats = data[0] & 0x80;
                options.data = (void *)(uintptr_t)value;
                r = sc_schema_compile(arena, root, &options, diags, &schema);
                require(r == 0 || r == -EBADMSG);
        }
        if (r == 0)
                check_validation(schema, value, arena);
        else if (line)
                check_findings(diags);
        sc_arena_free(arena);
        sc_diags_free(diags);
        return 0;
}

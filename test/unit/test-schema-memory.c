/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Out of memory: every allocation of compiling a schema and of a validation fails once, those from arenas too, and each
 * time the result is -ENOMEM, outputs are untouched and nothing leaks (which the leak sanitizer sees). Linked with
 * --wrap for the allocators.
 */
#include <errno.h>

#include "failing.h"
#include "schema/schema.h"
#include "test.h"

void *__real_sc_arena_alloc(struct sc_arena *arena, size_t size);
void *__real_sc_arena_array(struct sc_arena *arena, size_t count, size_t size);
char *__real_sc_arena_strdup(struct sc_arena *arena, const char *s);
char *__real_sc_arena_strndup(struct sc_arena *arena, const char *s, size_t len);
void *__wrap_sc_arena_alloc(struct sc_arena *arena, size_t size);
void *__wrap_sc_arena_array(struct sc_arena *arena, size_t count, size_t size);
char *__wrap_sc_arena_strdup(struct sc_arena *arena, const char *s);
char *__wrap_sc_arena_strndup(struct sc_arena *arena, const char *s, size_t len);

void *__wrap_sc_arena_alloc(struct sc_arena *arena, size_t size)
{
        return fails() ? NULL : __real_sc_arena_alloc(arena, size);
}

void *__wrap_sc_arena_array(struct sc_arena *arena, size_t count, size_t size)
{
        return fails() ? NULL : __real_sc_arena_array(arena, count, size);
}

char *__wrap_sc_arena_strdup(struct sc_arena *arena, const char *s)
{
        return fails() ? NULL : __real_sc_arena_strdup(arena, s);
}

char *__wrap_sc_arena_strndup(struct sc_arena *arena, const char *s, size_t len)
{
        return fails() ? NULL : __real_sc_arena_strndup(arena, s, len);
}

/* Ids, references, patterns, formats; warnings, too. */
static const char schema_text[] =
        "{\"$id\":\"http://example.com/a.json\",\"no-keyword\":1,\"tpye\":1,"
        "\"required\":[\"x\"],\"additionalProperties\":false,\"properties\":{"
        "\"a\":{\"$ref\":\"b.json#/items\",\"type\":\"null\"},"
        "\"b\":{\"$id\":\"b.json\",\"uniqueItems\":true,"
        "\"items\":{\"pattern\":\"^(a|[\\\\s\\\\S])*$\",\"enum\":[\"aa\",1]}},"
        "\"c\":{\"anyOf\":[{\"type\":\"null\"},{\"format\":\"regex\"}]},"
        "\"d\":{\"$ref\":\"http://json-schema.org/draft-07/schema#\"}},"
        "\"patternProperties\":{\"^e\":{\"minimum\":1.5}}}";

static const char value_text[] =
        "{\"a\":\"b\",\"b\":[\"aa\",\"aa\",2,\"ab\"],\"c\":\"(\",\"d\":{\"type\":1},\"e\":1,\"f\":1}";

static const struct sc_json *parse(struct sc_arena *arena, const struct sc_source *source)
{
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root = NULL;

        CHECK_INT(sc_json_parse(arena, source, 0, diags, &root), 0);
        sc_diags_free(diags);
        return root;
}

struct results {
        struct sc_schema *schema;
        const struct sc_schema_finding *findings;
        size_t n;
};

/* 0 if a result is the expected one, -ENOMEM if it is that, else -EINVAL. */
static int expect(int result, int wanted)
{
        return result == wanted ? 0 : result == -ENOMEM ? result : -EINVAL;
}

/* Returns 0 when all went well. */
static int run(struct sc_arena *arena, struct sc_diags *diags, const struct sc_json *root, const struct sc_json *value,
               struct results *got)
{
        int r = sc_schema_compile(arena, root, NULL, diags, &got->schema);

        if (r == 0)
                r = expect(sc_schema_is_valid(got->schema, value), SC_SCHEMA_INVALID);
        if (r == 0)
                r = expect(sc_schema_validate(got->schema, value, diags), -EBADMSG);
        if (r == 0)
                r = expect(sc_schema_check(got->schema, value, arena, &got->findings, &got->n), SC_SCHEMA_INVALID);
        return r;
}

int main(void)
{
        struct sc_source schema_source = { "schema", schema_text, sizeof(schema_text) - 1 };
        struct sc_source value_source = { "value", value_text, sizeof(value_text) - 1 };
        struct sc_arena *texts = sc_arena_new();
        const struct sc_json *root = parse(texts, &schema_source), *value = parse(texts, &value_source);
        size_t n = 0, wrong = 0, told = 0;
        int r = -ENOMEM;

        for (; r != 0 && n < 10000; n++) {
                struct sc_arena *arena = sc_arena_new();
                struct sc_diags *diags = sc_diags_new();
                struct results got = { 0 };

                allowed = n;
                r = run(arena, diags, root, value, &got);
                allowed = SIZE_MAX;
                if (r != 0 && (r != -ENOMEM || got.findings)) {
                        printf("# failing allocation %zu: %d\n", n, r);
                        wrong++;
                }
                told = got.n;
                sc_arena_free(arena);
                sc_diags_free(diags);
        }
        printf("# %zu allocations\n", n - 1);
        CHECK_INT(r, 0);
        CHECK_INT(told, 9);
        CHECK(n > 300);
        CHECK_INT(wrong, 0);
        sc_arena_free(texts);
        return test_end();
}

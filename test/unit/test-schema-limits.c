/* SPDX-License-Identifier: Apache-2.0 */
/* Limits: what would take without end, by a schema or by a value, ends in a finding; what is just large does not. */
#include <errno.h>

#include "base/strbuf.h"
#include "schema/schema.h"
#include "test.h"

static struct sc_arena *arena;

static const struct sc_json *parse(struct sc_strbuf *text)
{
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root = NULL;

        *source = (struct sc_source){ "text", sc_arena_strndup(arena, text->text, text->len), text->len };
        CHECK_INT(sc_json_parse(arena, source, 0, diags, &root), 0);
        sc_diags_free(diags);
        sc_strbuf_done(text);
        return root;
}

static const struct sc_json *json(const char *s)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_strbuf_puts(&text, s);
        return parse(&text);
}

/* `before`, `n` times `part` with commas between, `behind`. */
static const struct sc_json *repeat(const char *before, size_t n, const char *part, const char *comma,
                                    const char *behind)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_strbuf_puts(&text, before);
        for (size_t i = 0; i < n; i++) {
                sc_strbuf_puts(&text, i ? comma : "");
                sc_strbuf_puts(&text, part);
        }
        sc_strbuf_puts(&text, behind);
        return parse(&text);
}

/* The rule of the last finding, NULL if there is none. */
static struct sc_schema *compile(const struct sc_json *root, const char *rule)
{
        struct sc_diags *diags = sc_diags_new();
        struct sc_schema *schema = NULL;
        const struct sc_diag *const *all;
        size_t n;

        CHECK_INT(sc_schema_compile(arena, root, NULL, diags, &schema), rule ? -EBADMSG : 0);
        all = sc_diags_all(diags, &n);
        CHECK_STR(n ? all[n - 1]->rule : NULL, rule);
        sc_diags_free(diags);
        return schema;
}

static void validate(const struct sc_schema *schema, const struct sc_json *value, const char *rule)
{
        const struct sc_schema_finding *findings = NULL;
        size_t n = 0;
        int r = sc_schema_check(schema, value, arena, &findings, &n);

        /* to come to a limit takes a while: once is enough */
        if (!rule || strcmp(rule, SC_SCHEMA_RULE_LIMIT) != 0)
                CHECK_INT(sc_schema_is_valid(schema, value), r);
        CHECK_INT(r, n ? SC_SCHEMA_INVALID : 0);
        CHECK_STR(n ? findings[n - 1].rule : NULL, rule);
        CHECK(n <= SC_SCHEMA_FINDINGS_MAX + 1);
}

/* `n` schemas, each with `ways` ways to the next one in `keyword`; `end` is the last one. */
static const struct sc_json *chain(const char *keyword, int n, int ways, const char *end)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_strbuf_puts(&text, "{\"$ref\":\"#/definitions/a0\",\"definitions\":{");
        for (int i = 0; i < n; i++) {
                sc_strbuf_printf(&text, "\"a%d\":{\"%s\":[", i, keyword);
                for (int k = 0; k < ways; k++)
                        sc_strbuf_printf(&text, "%s{\"$ref\":\"#/definitions/a%d\"}", k ? "," : "", i + 1);
                sc_strbuf_puts(&text, "]},");
        }
        sc_strbuf_printf(&text, "\"a%d\":%s}}", n, end);
        return parse(&text);
}

static void check_ways(void)
{
        static const char *const keywords[] = { "allOf", "anyOf", "oneOf" };

        for (size_t i = 0; i < SC_COUNT(keywords); i++) {
                validate(compile(chain(keywords[i], 50, 2, "{\"type\":\"null\"}"), NULL), json(i ? "1" : "null"),
                         SC_SCHEMA_RULE_LIMIT);
                validate(compile(chain(keywords[i], 10, 1, "{\"type\":\"null\"}"), NULL), json("null"), NULL);
        }
        compile(chain("allOf", SC_SCHEMA_DEPTH_MAX / 3, 1, "{}"), NULL);
        compile(chain("allOf", SC_SCHEMA_DEPTH_MAX, 1, "{}"), SC_SCHEMA_RULE_LIMIT);
}

static void check_depth(void)
{
        const struct sc_schema *schema = compile(chain("allOf", 60, 1, "{\"items\":{\"$ref\":\"#\"}}"), NULL);

        validate(schema, repeat("", 7, "[", "", "1]]]]]]]"), NULL);
        validate(schema, repeat("", 9, "[", "", "1]]]]]]]]]"), SC_SCHEMA_RULE_LIMIT);
}

static void check_counts(void)
{
        const struct sc_schema *strings = compile(json("{\"items\":{\"type\":\"string\"}}"), NULL);

        compile(repeat("{\"allOf\":[", SC_SCHEMA_COUNT_MAX - 1, "{}", ",", "]}"), NULL);
        compile(repeat("{\"allOf\":[", SC_SCHEMA_COUNT_MAX, "{}", ",", "]}"), SC_SCHEMA_RULE_LIMIT);
        validate(strings, repeat("[", SC_SCHEMA_FINDINGS_MAX, "1", ",", "]"), SC_SCHEMA_RULE_TYPE);
        validate(strings, repeat("[", SC_SCHEMA_FINDINGS_MAX + 1, "1", ",", "]"), SC_SCHEMA_RULE_LIMIT);
        /* inside of alternatives */
        validate(compile(json("{\"items\":{\"anyOf\":[{\"items\":{\"type\":\"string\"}},{\"type\":\"null\"}]}}"), NULL),
                 repeat("[", 300, "[1,2,3]", ",", "]"), SC_SCHEMA_RULE_LIMIT);
        /* findings around alternatives do not count for them: the second one is the nearest */
        validate(compile(json("{\"items\":{\"type\":\"object\",\"anyOf\":["
                              "{\"additionalProperties\":{\"type\":\"null\"}},{\"required\":[\"x\"]}]}}"), NULL),
                 repeat("[", SC_SCHEMA_FINDINGS_MAX - 2, "1", ",", ",{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}]"),
                 SC_SCHEMA_RULE_MISSING);
        validate(strings, repeat("[", 1000000, "\"\"", ",", "]"), NULL);
        validate(compile(json("{\"uniqueItems\":true}"), NULL), repeat("[", 100000, "[[]]", ",", "]"),
                 SC_SCHEMA_RULE_COUNT);
}

static const struct sc_json *distinct(size_t n, const char *format)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_strbuf_puts(&text, format[0] == '[' ? "{\"allOf\":[" : "[");
        for (size_t i = 0; i < n; i++)
                sc_strbuf_printf(&text, format[0] == '[' ? "%s{\"pattern\":\"a%zu\"}" : "%s%zu.0", i ? "," : "", i);
        sc_strbuf_puts(&text, format[0] == '[' ? "]}" : "]");
        return parse(&text);
}

static void check_patterns(void)
{
        const struct sc_schema *begins = compile(json("{\"pattern\":\"^a\"}"), NULL);
        const struct sc_schema *hostile = compile(json("{\"pattern\":\"^(a+)+$\"}"), NULL);
        const struct sc_schema *square = compile(json("{\"pattern\":\"[xy]*[zw]\"}"), NULL);

        compile(distinct(SC_SCHEMA_PATTERNS_MAX, "["), NULL);
        compile(distinct(SC_SCHEMA_PATTERNS_MAX + 1, "["), SC_SCHEMA_RULE_LIMIT);
        /* one pattern is compiled once */
        compile(repeat("{\"allOf\":[", SC_SCHEMA_PATTERNS_MAX + 1, "{\"pattern\":\"a\"}", ",", "]}"), NULL);
        compile(repeat("{\"pattern\":\"", SC_SCHEMA_PATTERN_SIZE_MAX, "é", "", "\"}"), "schema-keyword");
        compile(repeat("{\"pattern\":\"", SC_SCHEMA_PATTERN_SIZE_MAX, "a", "", "\"}"), NULL);
        compile(repeat("{\"pattern\":\"", 101, "(", "", "\"}"), "schema-keyword");
        compile(repeat("{\"pattern\":\"", SC_SCHEMA_PATTERN_SIZE_MAX, "-", "", "\"}"), NULL);
        compile(json("{\"pattern\":\"((((a{999}){999}){999}){999})\"}"), "schema-keyword");
        validate(begins, repeat("\"", SC_SCHEMA_SUBJECT_MAX, "a", "", "\""), NULL);
        validate(begins, repeat("\"", SC_SCHEMA_SUBJECT_MAX + 1, "a", "", "\""), SC_SCHEMA_RULE_LIMIT);
        validate(hostile, repeat("\"", 5000, "a", "", "\""), NULL);
        validate(hostile, repeat("\"", 50, "a", "", "b\""), SC_SCHEMA_RULE_LIMIT);
        CHECK_INT(sc_schema_is_valid(hostile, repeat("\"", 50, "a", "", "b\"")), SC_SCHEMA_INVALID);
        validate(square, repeat("\"", 50000, "x", "", "\""), SC_SCHEMA_RULE_LIMIT);
        validate(square, repeat("\"", 500, "x", "", "z\""), NULL);
}

/* What stands beside the steps: memory for addresses, and words for alternatives of alternatives. */
static void check_others(void)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_strbuf_puts(&text, "{\"$id\":\"http://a/");
        for (size_t i = 0; i < 100000; i++)
                sc_strbuf_puts(&text, "b");
        sc_strbuf_puts(&text, "/\",\"allOf\":[{}");
        for (size_t i = 0; i < 2000; i++)
                sc_strbuf_printf(&text, ",{\"$id\":\"x%zu\"}", i);
        sc_strbuf_puts(&text, "]}");
        compile(parse(&text), SC_SCHEMA_RULE_LIMIT);
        validate(compile(chain("anyOf", 8, 4, "{\"type\":\"null\"}"), NULL), json("1"), SC_SCHEMA_RULE_CHOICE);
}

int main(void)
{
        arena = sc_arena_new();
        check_others();
        check_ways();
        check_depth();
        check_counts();
        check_patterns();
        /* no two are the same, and none is looked at twice */
        validate(compile(json("{\"uniqueItems\":true,\"items\":{\"type\":\"integer\"}}"), NULL), distinct(200000, ""),
                 NULL);
        sc_arena_free(arena);
        return test_end();
}

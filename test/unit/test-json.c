/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what is accepted and refused, where, the tree's places, exact integers, hostile texts, writing. */
#include <errno.h>

#include "json/json.h"
#include "json/write.h"
#include "test.h"

#define C SC_JSON_COMMENTS
#define F SC_JSON_FOLD_KEYS
#define K SC_JSON_KEEP_DUPLICATES
#define T(s) s, sizeof(s) - 1

/* One text: the flags it is read with; NULL and 0, or the rule that refuses it, and the offset of the place. */
static const struct row {
        const char *text;
        size_t len;
        unsigned flags;
        const char *rule;
        size_t at;
} rows[] = {
        /* values */
        { T("null"), 0, NULL, 0 },
        { T("true"), 0, NULL, 0 },
        { T(" false\n"), 0, NULL, 0 },
        { T("0"), 0, NULL, 0 },
        { T("-0"), 0, NULL, 0 },
        { T("1e400"), 0, NULL, 0 },
        { T("-1.5E-7\t"), 0, NULL, 0 },
        { T("18446744073709551616"), 0, NULL, 0 },
        { T("\"\""), 0, NULL, 0 },
        { T("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\""), 0, NULL, 0 },
        { T("\"\\ud83d\\ude00\""), 0, NULL, 0 },
        { T("\"\\\\ud800\""), 0, NULL, 0 },
        { T("\"\\u0000\""), 0, NULL, 0 },
        { T("\"\xc3\xa9 \xf0\x9f\x98\x80 \xef\xbf\xbf\""), 0, NULL, 0 },
        { T("\"\x7f\""), 0, NULL, 0 },
        { T("[]"), 0, NULL, 0 },
        { T("{}"), 0, NULL, 0 },
        { T("[ [ ] , { } ]"), 0, NULL, 0 },
        { T("{\"\": {\"\": [1,2,{\"a\":null}]}}"), 0, NULL, 0 },
        { T("\r\n{\"a\"\t:\r1}"), 0, NULL, 0 },
        { T("{\"a\":1,\"A\":2}"), 0, NULL, 0 },
        /* empty and unfinished texts */
        { T(""), 0, "json-syntax", 0 },
        { T("  \n"), 0, "json-syntax", 3 },
        { T("["), 0, "json-syntax", 1 },
        { T("[1"), 0, "json-syntax", 2 },
        { T("[1,"), 0, "json-syntax", 3 },
        { T("{"), 0, "json-syntax", 1 },
        { T("{\"a\""), 0, "json-syntax", 4 },
        { T("{\"a\":"), 0, "json-syntax", 5 },
        { T("{\"a\":[{}"), 0, "json-syntax", 8 },
        { T("\"abc"), 0, "json-syntax", 0 },
        { T("\"abc\\"), 0, "json-syntax", 0 },
        { T("tru"), 0, "json-syntax", 0 },
        { T("-"), 0, "json-syntax", 0 },
        { T("1."), 0, "json-syntax", 0 },
        { T("1e"), 0, "json-syntax", 0 },
        /* commas, colons, brackets */
        { T("[1,]"), 0, "json-syntax", 2 },
        { T("[1 , ]"), 0, "json-syntax", 3 },
        { T("{\"a\":1,}"), 0, "json-syntax", 6 },
        { T("[,1]"), 0, "json-syntax", 1 },
        { T("[1,,2]"), 0, "json-syntax", 3 },
        { T("[1 2]"), 0, "json-syntax", 3 },
        { T("{\"a\" 1}"), 0, "json-syntax", 5 },
        { T("{\"a\":1 \"b\":2}"), 0, "json-syntax", 7 },
        { T("{\"a\"::1}"), 0, "json-syntax", 5 },
        { T("{1:2}"), 0, "json-syntax", 1 },
        { T("{a:2}"), 0, "json-syntax", 1 },
        { T("{'a':2}"), 0, "json-syntax", 1 },
        { T("['a']"), 0, "json-syntax", 1 },
        { T("[1}"), 0, "json-syntax", 2 },
        { T("{\"a\":1]"), 0, "json-syntax", 6 },
        { T("]"), 0, "json-syntax", 0 },
        { T("[\"a\":1]"), 0, "json-syntax", 4 },
        { T("{\"a\"}"), 0, "json-syntax", 4 },
        { T("\xe2\x80\x9c""a\xe2\x80\x9d"), 0, "json-syntax", 0 },
        /* behind the value */
        { T("{} {}"), 0, "json-syntax", 3 },
        { T("1 x"), 0, "json-syntax", 2 },
        { T("[]]"), 0, "json-syntax", 2 },
        { T("{},"), 0, "json-syntax", 2 },
        { T("true\0"), 0, "json-syntax", 4 },
        { T("\"a\"\"b\""), 0, "json-syntax", 3 },
        /* words and numbers */
        { T("[True]"), 0, "json-syntax", 1 },
        { T("[nul]"), 0, "json-syntax", 1 },
        { T("[NaN]"), 0, "json-syntax", 1 },
        { T("[-Infinity]"), 0, "json-syntax", 1 },
        { T("[01]"), 0, "json-syntax", 1 },
        { T("[-01]"), 0, "json-syntax", 2 },
        { T("[0x10]"), 0, "json-syntax", 1 },
        { T("[1_000]"), 0, "json-syntax", 1 },
        { T("[+1]"), 0, "json-syntax", 1 },
        { T("[.5]"), 0, "json-syntax", 1 },
        { T("[5.]"), 0, "json-syntax", 1 },
        { T("[1e+]"), 0, "json-syntax", 1 },
        { T("[1.2.3]"), 0, "json-syntax", 4 },
        { T("[--1]"), 0, "json-syntax", 1 },
        /* strings */
        { T("[\"a\tb\"]"), 0, "json-syntax", 3 },
        { T("[\"a\nb\"]"), 0, "json-syntax", 1 },
        { T("[\"a\0b\"]"), 0, "json-syntax", 3 },
        { T("[\"a\\x41\"]"), 0, "json-syntax", 3 },
        { T("[\"\\u12g4\"]"), 0, "json-syntax", 2 },
        { T("[\"\\U0041\"]"), 0, "json-syntax", 2 },
        { T("[\"\\u41\"]"), 0, "json-syntax", 2 },
        { T("[\"\\'\"]"), 0, "json-syntax", 2 },
        /* Unicode */
        { T("\xef\xbb\xbf{}"), 0, "json-utf8", 0 },
        { T("\xff\xfe{\0}\0"), 0, "json-utf8", 0 },
        { T("[\"\xc0\xaf\"]"), 0, "json-utf8", 2 },
        { T("[\"a\xc1\xbf\"]"), 0, "json-utf8", 3 },
        { T("[\"\xe0\x9f\xbf\"]"), 0, "json-utf8", 2 },
        { T("[\"\xf0\x8f\xbf\xbf\"]"), 0, "json-utf8", 2 },
        { T("[\"\xed\xa0\x80\"]"), 0, "json-utf8", 2 },
        { T("[\"\xed\xb0\x80\"]"), 0, "json-utf8", 2 },
        { T("[\"\xf4\x90\x80\x80\"]"), 0, "json-utf8", 2 },
        { T("[\"\xf5\x80\x80\x80\"]"), 0, "json-utf8", 2 },
        { T("[\"\x80\"]"), 0, "json-utf8", 2 },
        { T("[\"\xe2\x82\"]"), 0, "json-utf8", 2 },
        { T("\"\xc3"), 0, "json-utf8", 1 },
        { T("// \xff\n{}"), C, "json-utf8", 3 },
        { T("[\"\\ud800\"]"), 0, "json-utf8", 2 },
        { T("[\"a\\udc00\"]"), 0, "json-utf8", 3 },
        { T("[\"\\ude00\\ud83d\"]"), 0, "json-utf8", 2 },
        { T("[\"\\ud83d\\ud83d\\ude00\"]"), 0, "json-utf8", 2 },
        { T("[\"\\ud83d\\n\"]"), 0, "json-utf8", 2 },
        { T("[\"\\ud83dx\"]"), 0, "json-utf8", 2 },
        { T("{\"\\uDBFF\":1}"), 0, "json-utf8", 2 },
        /* white space */
        { T("\f{}"), 0, "json-syntax", 0 },
        { T("[1,\v2]"), 0, "json-syntax", 3 },
        { T("{\"a\"\f:1}"), 0, "json-syntax", 4 },
        { T("{\"a\":1\f}"), 0, "json-syntax", 6 },
        { T("{}\f"), 0, "json-syntax", 2 },
        { T("1\v"), 0, "json-syntax", 1 },
        { T("[\xc2\xa0]"), 0, "json-syntax", 1 },
        /* comments */
        { T("// a\n{ /* b */ \"a\" /**/ : // c\n 1 /***/ , \"b\": 2 } // d"), C, NULL, 0 },
        { T("{} /* a */"), C, NULL, 0 },
        { T("/* // */ 1"), C, NULL, 0 },
        { T("\"// no /* comment\""), 0, NULL, 0 },
        { T("// a\n{}"), 0, "json-syntax", 0 },
        { T("{ /* a */ }"), 0, "json-syntax", 2 },
        { T("{} // a"), 0, "json-syntax", 3 },
        { T("{} /* a"), C, "json-syntax", 3 },
        { T("[1, /* a *"), C, "json-syntax", 4 },
        { T("{} /"), C, "json-syntax", 3 },
        { T("[1 / 2]"), C, "json-syntax", 3 },
        { T("// only a comment"), C, "json-syntax", 17 },
        { T("# a\n{}"), C, "json-syntax", 0 },
        { T("[1, /* a */ ]"), C, "json-syntax", 2 },
        { T("[\f/* a */ 1]"), C, "json-syntax", 1 },
        /* keys */
        { T("{\"a\":1,\"b\":2,\"a\":3}"), 0, "json-duplicate-key", 13 },
        { T("{\"a\":1,\"\\u0061\":3}"), 0, "json-duplicate-key", 7 },
        { T("[{\"x\":{\"\":1,\"\":1}}]"), 0, "json-duplicate-key", 12 },
        { T("{\"b\":1,\"b\":2,\"a\":3,\"a\":4}"), 0, "json-duplicate-key", 7 },
        { T("{\"a\":1,\"A\":2}"), F, "json-duplicate-key", 7 },
        { T("{\"a\":1,\"\\u0061\":3,\"A\":{\"b\":1,\"b\":1}}"), K, NULL, 0 },
        { T("{\"a\":1,\"A\":2}"), F | K, NULL, 0 },
        { T("{\"a\":1,\"a\\u0000\":2}"), K, "json-nul-key", 9 },
        { T("{\"names\":1,\"name\xc5\xbf\":2}"), F, "json-duplicate-key", 11 },
        { T("{\"\xe2\x84\xaa\":1,\"k\":2}"), F, "json-duplicate-key", 9 },
        { T("{\"names\":1,\"name\xc5\xbf\":2}"), 0, NULL, 0 },
        { T("{\"a\":{\"a\":1},\"ab\":[{\"a\":1},{\"a\":1}]}"), F, NULL, 0 },
        { T("{\"\xc3\xa9\":1,\"\xc3\x89\":2}"), F, NULL, 0 },
        { T("{\"seccomp\\u0000x\":1}"), 0, "json-nul-key", 9 },
        { T("{\"\\u0000\":1}"), F, "json-nul-key", 2 },
};

/* A document with what was said about it. */
struct doc {
        struct sc_arena *arena;
        struct sc_diags *diags;
        const struct sc_json *root;
        int r;
};

static struct doc doc_read(const char *text, size_t len, unsigned flags)
{
        struct doc d = { .arena = sc_arena_new(), .diags = sc_diags_new() };
        struct sc_source *source = sc_arena_alloc(d.arena, sizeof(*source));

        *source = (struct sc_source){ "t.json", text, len };
        d.r = sc_json_parse(d.arena, source, flags, d.diags, &d.root);
        return d;
}

static void doc_done(struct doc *d)
{
        sc_arena_free(d->arena);
        sc_diags_free(d->diags);
}

static void check_row(const struct row *row)
{
        /* a copy of the exact size, so that a read beyond the end is seen */
        char *text = malloc(row->len ? row->len : 1);
        const struct sc_diag *const *all;
        struct doc d;
        size_t n;
        bool ok;

        memcpy(text, row->text, row->len);
        d = doc_read(text, row->len, row->flags);
        all = sc_diags_all(d.diags, &n);
        if (!row->rule)
                ok = d.r == 0 && n == 0 && d.root;
        else
                ok = d.r == -EBADMSG && n == 1 && !strcmp(all[0]->rule, row->rule) && !d.root &&
                     all[0]->places[0].offset == row->at && row->at + all[0]->places[0].length <= row->len;
        test_check(ok, __FILE__, __LINE__, row->rule ? row->rule : "accepted");
        if (!ok)
                printf("# row %zu: %.*s\n#   returned %d, %zu findings: %s at %zu: %s\n", (size_t)(row - rows),
                       (int)row->len, row->text, d.r, n, n ? all[0]->rule : "", n ? all[0]->places[0].offset : 0,
                       n ? all[0]->message : "");
        doc_done(&d);
        free(text);
}

static void check_message(const char *text, const char *want)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct doc d = doc_read(text, strlen(text), 0);
        const struct sc_diag *const *all;
        size_t n;

        all = sc_diags_all(d.diags, &n);
        if (CHECK_INT(n, 1)) {
                sc_diag_format(all[0], &out);
                CHECK_STR(out.text, want);
        }
        sc_strbuf_done(&out);
        doc_done(&d);
}

static void check_messages(void)
{
        check_message("{ \"a\": [1, 2,]\n}", "t.json:1:13: error: nothing follows this comma [json-syntax]\n"
                                            "    1 | { \"a\": [1, 2,]\n"
                                            "      |             ^\n"
                                            "  hint: remove it, or write what is missing behind it\n");
        check_message("{\n  \"a\": 1,\n  \"a\": 2\n}",
                      "t.json:3:3: error: this object already has a member with this key [json-duplicate-key]\n"
                      "    3 |   \"a\": 2\n"
                      "      |   ^~~\n"
                      "  t.json:2:3: see also\n"
                      "    2 |   \"a\": 1,\n"
                      "      |   ^~~\n"
                      "  hint: readers disagree on which of the two counts; keep one\n");
        check_message("{ \"a\": [1,\n  {\"b\": 2}\n",
                      "t.json:3:1: error: the text ends inside an array [json-syntax]\n"
                      "    3 | \n"
                      "      | ^\n"
                      "  t.json:1:8: see also\n"
                      "    1 | { \"a\": [1,\n"
                      "      |        ^\n"
                      "  hint: close it with ']'\n");
        check_message("[yes]", "t.json:1:2: error: expected a value or ']', found 'yes' [json-syntax]\n"
                               "    1 | [yes]\n"
                               "      |  ^~~\n"
                               "  hint: write true\n");
        check_message("[017]", "t.json:1:2: error: this is not a number as JSON writes it [json-syntax]\n"
                               "    1 | [017]\n"
                               "      |  ^~~\n"
                               "  hint: JSON has decimal numbers only, without leading zeros\n");
}

static void check_tree(void)
{
        static const char text[] = " { \"a\" : [ 12 , \"x\\u0000\\u00e9\", true,null ] , /* , */ \"b\": { } }\n";
        struct doc d = doc_read(T(text), C);
        const struct sc_json *a = sc_json_get(d.root, "a"), *b = sc_json_get(d.root, "b"), *e;

        CHECK_INT(d.r, 0);
        CHECK_INT(d.root->type, SC_JSON_OBJECT);
        CHECK_INT(d.root->count, 2);
        CHECK_INT(d.root->place.offset, 1);
        CHECK_INT(d.root->place.length, sizeof(text) - 3);
        CHECK(d.root->key == NULL && d.root->next == NULL);
        CHECK(a && a->type == SC_JSON_ARRAY && a->count == 4 && a->next == b);
        CHECK(!strncmp(text + a->key->place.offset, "\"a\"", a->key->place.length));
        CHECK(a->place.length == strlen("[ 12 , \"x\\u0000\\u00e9\", true,null ]") && text[a->place.offset] == '[');
        e = a->first;
        CHECK(e->type == SC_JSON_NUMBER && e->place.offset == 11 && e->place.length == 2);
        CHECK_STR(e->text, "12");
        e = e->next;
        CHECK(e->type == SC_JSON_STRING && e->len == 4 && !memcmp(e->text, "x\0\xc3\xa9", 5));
        CHECK(e->place.length == 15 && text[e->place.offset] == '"' && text[e->place.offset + 14] == '"');
        e = e->next;
        CHECK(e->type == SC_JSON_BOOL && !strcmp(e->text, "true") && e->place.length == 4);
        e = e->next;
        CHECK(e->type == SC_JSON_NULL && !e->text && e->place.length == 4 && !e->next);
        CHECK(b->type == SC_JSON_OBJECT && b->count == 0 && !b->first && b->place.length == 3);
        CHECK(sc_json_get(d.root, "c") == NULL && sc_json_get(NULL, "a") == NULL && sc_json_get(a, "a") == NULL);
        CHECK(sc_json_is(a->key, "a") && !sc_json_is(a->key, "ab") && !sc_json_is(NULL, "a") && !sc_json_is(a, "a"));
        CHECK(sc_json_is_folded(a->key, "A") && !sc_json_is_folded(a->key, "b") && !sc_json_is_folded(a->key, "aa"));
        CHECK_STR(sc_json_type_name(b->type), "an object");
        doc_done(&d);
}

static const struct {
        const char *text;
        int u_result, i_result;
        uint64_t u;
        int64_t i;
} integers[] = {
        { "0", 0, 0, 0, 0 },
        { "-0", 0, 0, 0, 0 },
        { "-1", -ERANGE, 0, 0, -1 },
        { "9223372036854775807", 0, 0, INT64_MAX, INT64_MAX },
        { "9223372036854775808", 0, -ERANGE, (uint64_t)INT64_MAX + 1, 0 },
        { "-9223372036854775808", -ERANGE, 0, 0, INT64_MIN },
        { "-9223372036854775809", -ERANGE, -ERANGE, 0, 0 },
        { "18446744073709551615", 0, -ERANGE, UINT64_MAX, 0 },
        { "18446744073709551616", -ERANGE, -ERANGE, 0, 0 },
        { "184467440737095516150", -ERANGE, -ERANGE, 0, 0 },
        { "9007199254740993", 0, 0, 9007199254740993, 9007199254740993 },
        { "1.0", -EINVAL, -EINVAL, 0, 0 },
        { "1e3", -EINVAL, -EINVAL, 0, 0 },
        { "\"1\"", -EINVAL, -EINVAL, 0, 0 },
        { "null", -EINVAL, -EINVAL, 0, 0 },
};

static void check_integers(void)
{
        for (size_t i = 0; i < SC_COUNT(integers); i++) {
                struct doc d = doc_read(integers[i].text, strlen(integers[i].text), 0);
                uint64_t u = 0;
                int64_t s = 0;

                CHECK_INT(sc_json_u64(d.root, &u), integers[i].u_result);
                CHECK_INT(sc_json_i64(d.root, &s), integers[i].i_result);
                CHECK(u == integers[i].u && s == integers[i].i);
                doc_done(&d);
        }
}

static void check_depth(size_t depth, bool object, bool closed, int want)
{
        struct sc_strbuf b = SC_STRBUF_INIT;
        const struct sc_diag *const *all;
        struct doc d;
        size_t n;

        for (size_t i = 0; i < depth; i++)
                sc_strbuf_puts(&b, object ? "{\"a\":" : "[");
        sc_strbuf_puts(&b, "1");
        for (size_t i = 0; closed && i < depth; i++)
                sc_strbuf_puts(&b, object ? "}" : "]");
        d = doc_read(b.text, b.len, 0);
        CHECK_INT(d.r, want);
        all = sc_diags_all(d.diags, &n);
        if (want) {
                CHECK_STR(all[0]->rule, "json-depth");
                CHECK_INT(all[0]->places[0].offset, SC_JSON_DEPTH_MAX * (object ? 5 : 1));
        }
        doc_done(&d);
        sc_strbuf_done(&b);
}

static void check_sizes(void)
{
        struct sc_strbuf b = SC_STRBUF_INIT;
        const struct sc_diag *const *all;
        struct doc d;
        size_t n, members = 0;

        sc_strbuf_puts(&b, "{");
        for (; b.len < 5 * 1024 * 1024; members++)
                sc_strbuf_printf(&b, "%s\"%zu\": [\"\\u00e9\", %zu]", members ? ", " : "", members * 7919 % 1000003,
                                 members);
        sc_strbuf_puts(&b, "}");
        d = doc_read(b.text, b.len, F);
        CHECK_INT(d.r, 0);
        CHECK_INT(d.root->count, members);
        doc_done(&d);

        b.len = 0;
        sc_strbuf_puts(&b, "\"");
        while (b.len < SC_JSON_SIZE_MAX - 1)
                sc_strbuf_append(&b, "0123456789abcdef", SC_JSON_SIZE_MAX - 1 - b.len < 16 ? 1 : 16);
        sc_strbuf_puts(&b, "\"");
        d = doc_read(b.text, b.len, 0);
        CHECK_INT(d.r, 0);
        CHECK_INT(d.root->len, SC_JSON_SIZE_MAX - 2);
        doc_done(&d);
        sc_strbuf_puts(&b, " ");
        d = doc_read(b.text, b.len, 0);
        CHECK_INT(d.r, -EBADMSG);
        all = sc_diags_all(d.diags, &n);
        CHECK_STR(all[0]->rule, "json-size");
        doc_done(&d);
        sc_strbuf_done(&b);
}

static uint64_t next_random(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        return *state ^= *state << 17;
}

/* Children lie inside their parent, in order, and a number's text is what stands at its place. */
static bool places_hold(const struct sc_json *v)
{
        size_t at = v->place.offset;

        if (v->place.offset + v->place.length > v->place.source->len || v->place.length == 0)
                return false;
        if (v->type == SC_JSON_NUMBER &&
            (v->len != v->place.length || memcmp(v->text, v->place.source->text + at, v->len)))
                return false;
        for (const struct sc_json *e = v->first; e; e = e->next) {
                if (e->key && (e->key->place.offset <= at || e->key->place.offset >= e->place.offset))
                        return false;
                if (e->place.offset <= at || e->place.offset + e->place.length >= v->place.offset + v->place.length)
                        return false;
                if (!places_hold(e))
                        return false;
                at = e->place.offset + e->place.length - 1;
        }
        return true;
}

static void mutate(uint64_t *state, char *text, size_t *len)
{
        static const char bytes[] = "{}[]\",:\\/*u0123456789.eE+-tfn \n\f\v\xc3\xa9\xed\xa0\x80\xff\0d8";
        size_t at = next_random(state) % *len, n = next_random(state) % 4;

        switch (next_random(state) % 4) {
        case 0:
                text[at] = bytes[next_random(state) % sizeof(bytes)];
                break;
        case 1:
                text[at] = (char)(text[at] ^ (1 << next_random(state) % 8));
                break;
        case 2:
                n = n > *len - at - 1 ? 0 : n;
                memmove(text + at, text + at + n, *len - at - n);
                *len -= n;
                break;
        default:
                *len = at ? at : 1;
        }
}

/* Mutations of a valid document: a tree whose places hold or one finding inside the text, never anything else. */
static void check_mutations(void)
{
        static const char seed[] = "// c\n{\"a\": [1, -2.5e3, \"\\u00e9\\ud83d\\ude00\\n\", true, null, {}],\r\n"
                                   "\"b\": {\"c\": []}, "
                                   "/* d */ \"\xc3\xa9\": \"\xf0\x9f\x98\x80\"}";
        uint64_t state = 0x9e3779b97f4a7c15;
        size_t accepted = 0, refused = 0, wrong = 0;

        for (int i = 0; i < 200000; i++) {
                size_t len = sizeof(seed) - 1, n;
                char *text = malloc(len);
                struct doc d;

                memcpy(text, seed, len);
                for (uint64_t k = next_random(&state) % 3 + 1; k > 0; k--)
                        mutate(&state, text, &len);
                text = realloc(text, len);
                d = doc_read(text, len, i % 4);
                sc_diags_all(d.diags, &n);
                if (d.r == 0)
                        accepted++;
                else
                        refused++;
                if (d.r == 0 ? n != 0 || !places_hold(d.root) : d.r != -EBADMSG || n != 1)
                        wrong++;
                doc_done(&d);
                free(text);
        }
        printf("# %zu accepted, %zu refused\n", accepted, refused);
        CHECK(accepted > 1000 && refused > 1000);
        CHECK_INT(wrong, 0);
}

/* One document with everything in it. */
static int write_document(enum sc_json_style style, const char *string, char **ret_text)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(style);
        size_t len = 0;
        int r;

        sc_json_write_object(w);
        sc_json_write_key(w, "z");
        sc_json_write_string(w, string);
        sc_json_write_key(w, "a");
        sc_json_write_u64(w, UINT64_MAX);
        sc_json_write_key(w, "list");
        sc_json_write_array(w);
        sc_json_write_object(w);
        sc_json_write_object_end(w);
        sc_json_write_u64(w, 9007199254740993);
        sc_json_write_array_end(w);
        sc_json_write_object_end(w);
        r = sc_json_writer_finish(w, ret_text, &len);
        CHECK(r < 0 || len == strlen(*ret_text));
        return r;
}

static void check_write(void)
{
        SC_CLEANUP(sc_freep) char *indented = NULL, *compact = NULL, *bad = NULL;

        CHECK_INT(write_document(SC_JSON_INDENTED, "caf\xc3\xa9 \"/\n\x01", &indented), 0);
        CHECK_STR(indented, "{\n\t\"z\": \"caf\xc3\xa9 \\\"/\\n\\u0001\",\n\t\"a\": 18446744073709551615,\n"
                            "\t\"list\": [\n\t\t{\n\n\t\t},\n\t\t9007199254740993\n\t]\n}\n");
        CHECK_INT(write_document(SC_JSON_COMPACT, "b", &compact), 0);
        CHECK_STR(compact, "{\"z\":\"b\",\"a\":18446744073709551615,\"list\":[{},9007199254740993]}");
        CHECK_INT(write_document(SC_JSON_COMPACT, "\xff", &bad), -EINVAL);
        CHECK(!bad);
}

/* Bytes that are not UTF-8, in the middle and at the end, among those that are. */
static void check_write_members(void)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_COMPACT);
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len = 0;

        sc_json_write_object(w);
        sc_json_write_member(w, "a", "b");
        sc_json_write_member_lossy(w, "c", "\xff" "d\xe2\x82" "caf\xc3\xa9\x80");
        sc_json_write_member_lossy(w, "e", "");
        sc_json_write_member_u64(w, "n", UINT64_MAX);
        sc_json_write_object_end(w);
        CHECK_INT(sc_json_writer_finish(w, &text, &len), 0);
        CHECK_STR(text, "{\"a\":\"b\",\"c\":\"\xef\xbf\xbd" "d\xef\xbf\xbd\xef\xbf\xbd"
                        "caf\xc3\xa9\xef\xbf\xbd\",\"e\":\"\",\"n\":18446744073709551615}");
}

static void check_write_misuse(void)
{
        struct sc_json_writer *w = sc_json_writer_new(SC_JSON_COMPACT);
        char *text = NULL;
        size_t len;

        CHECK_INT(sc_json_writer_finish(w, &text, &len), -EINVAL);
        sc_json_writer_free(w);
        w = sc_json_writer_new(SC_JSON_COMPACT);
        sc_json_write_array(w);
        CHECK_INT(sc_json_writer_finish(w, &text, &len), -EINVAL);
        sc_json_writer_free(w);
        w = sc_json_writer_new(SC_JSON_COMPACT);
        sc_json_write_u64(w, 1);
        sc_json_write_u64(w, 2);
        CHECK_INT(sc_json_writer_finish(w, &text, &len), -EINVAL);
        sc_json_writer_free(w);
        CHECK_INT(sc_json_writer_finish(NULL, &text, &len), -ENOMEM);
        CHECK_INT(write_document(SC_JSON_COMPACT, NULL, &text), -ENOMEM);
        CHECK(!text);
}

static int parse_part(struct sc_arena *arena, const char *text, unsigned flags, struct sc_diags *diags,
                      const struct sc_json **ret_root)
{
        static const char *const unread[] = { "u", "v", NULL };
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));

        *source = (struct sc_source){ .name = "t", .text = text, .len = strlen(text) };
        return sc_json_parse_part(arena, source, flags, unread, diags, ret_root);
}

/* What is left unread is checked and counted; its neighbours are whole. */
static void check_unread(void)
{
        static const char text[] = "{\"u\": [1, {\"a\": [2]}, \"\\n\"],"
                                   " \"a\": {\"v\": {\"b\": 1, \"c\": {}}, \"w\": [3, 4]},"
                                   " \"d\": {\"e\": {\"u\": [5], \"f\": {\"u\": [6]}}}, \"v\": 7}";
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root = NULL, *u, *v, *e;

        CHECK_INT(parse_part(arena, text, 0, diags, &root), 0);
        CHECK_INT(root->count, 4);
        u = sc_json_get(root, "u");
        CHECK(u && !u->first && u->count == 3 && u->place.offset == 6);
        CHECK(text[u->place.offset + u->place.length] == ',');
        v = sc_json_get(sc_json_get(root, "a"), "v");
        CHECK(v && !v->first && v->count == 2);
        v = sc_json_get(sc_json_get(root, "a"), "w");
        CHECK(v && v->first && v->count == 2);
        e = sc_json_get(sc_json_get(root, "d"), "e");
        CHECK(!sc_json_get(e, "u")->first);
        CHECK_STR(sc_json_get(sc_json_get(e, "f"), "u")->first->text, "6"); /* too deep to be meant */
        CHECK_STR(sc_json_get(root, "v")->text, "7");
        CHECK_INT(parse_part(arena, "{\"u\": [1, {\"a\": 1, \"a\": 2}]}", 0, diags, &root), 0);
        CHECK_INT(parse_part(arena, "{\"u\": [1, {\"a\" 1}]}", 0, diags, &root), -EBADMSG);
        CHECK_INT(parse_part(arena, "{\"u\": [\"\\ud800\"]}", 0, diags, &root), -EBADMSG);
        CHECK_INT(parse_part(arena, "{\"u\": {\"\\u0000\": 1}}", 0, diags, &root), -EBADMSG);
        CHECK_INT(parse_part(arena, "{\"u\": [1, 01]}", 0, diags, &root), -EBADMSG);
        CHECK_INT(parse_part(arena, "{\"u\": [1}", 0, diags, &root), -EBADMSG);
        CHECK_INT(parse_part(arena, "{\"u\": [1], \"u\": 2}", 0, diags, &root), -EBADMSG);
        CHECK_INT(parse_part(arena, "{\"u\": [1,\f2]}", 0, diags, &root), -EBADMSG);
        CHECK_INT(parse_part(arena, "{\"u\": [1]\v}", 0, diags, &root), -EBADMSG);
        CHECK_INT(parse_part(arena, "{\"x\": [1, {}], \"y\": 1}", SC_JSON_CHECK_ONLY, diags, &root), 0);
        CHECK(root->type == SC_JSON_OBJECT && !root->first && root->count == 2);
        CHECK_INT(parse_part(arena, "{\"x\": [1, {]}", SC_JSON_CHECK_ONLY, diags, &root), -EBADMSG);
        sc_arena_free(arena);
        sc_diags_free(diags);
}

/* What is wrong in there is told as if it were read. */
static void check_unread_place(const char *text, const char *rule, size_t offset)
{
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        const struct sc_diag *const *all;
        const struct sc_json *root;
        size_t n;

        CHECK_INT(parse_part(arena, text, 0, diags, &root), -EBADMSG);
        all = sc_diags_all(diags, &n);
        if (CHECK_INT(n, 1)) {
                CHECK_STR(all[0]->rule, rule);
                CHECK_INT(all[0]->places[0].offset, offset);
        }
        sc_arena_free(arena);
        sc_diags_free(diags);
}

/* Comments may hold what white space may not. */
static void check_unread_comments(void)
{
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root = NULL, *u;

        CHECK_INT(parse_part(arena, "{\"u\": [1, /*\f*/ [2]], \"a\": \"b\"}", SC_JSON_COMMENTS, diags, &root), 0);
        u = sc_json_get(root, "u");
        CHECK(u && !u->first && u->count == 2 && u->place.length == 14);
        CHECK_STR(sc_json_get(root, "a")->text, "b");
        CHECK_INT(parse_part(arena, "{\"u\": [1, /*\f*/\f 2]}", SC_JSON_COMMENTS, diags, &root), -EBADMSG);
        sc_arena_free(arena);
        sc_diags_free(diags);
}

int main(void)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                check_row(&rows[i]);
        check_messages();
        check_tree();
        check_integers();
        check_depth(SC_JSON_DEPTH_MAX, false, true, 0);
        check_depth(SC_JSON_DEPTH_MAX, true, true, 0);
        check_depth(SC_JSON_DEPTH_MAX + 1, false, true, -EBADMSG);
        check_depth(SC_JSON_DEPTH_MAX + 1, true, true, -EBADMSG);
        check_depth(100000, false, true, -EBADMSG);
        check_depth(100000, true, false, -EBADMSG);
        check_unread();
        check_unread_place("{\"u\": [1, {\"a\" 1}]}", "json-syntax", 15);
        check_unread_place("{\"u\": [\f1]}", "json-syntax", 7);
        check_unread_place("{\"u\": [\"\\\\\", \"\\\"\\ud800\"]}", "json-utf8", 16);
        check_unread_place("{\"u\": {\"a\\u0000\": 1}}", "json-nul-key", 9);
        check_unread_place("{\"u\": [", "json-syntax", 7);
        check_unread_comments();
        check_sizes();
        check_mutations();
        check_write();
        check_write_members();
        check_write_misuse();
        return test_end();
}

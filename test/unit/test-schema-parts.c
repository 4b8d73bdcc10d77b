/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers, references, patterns: rows. */
#include <errno.h>

#include "schema/internal.h"
#include "schema/uri.h"
#include "test.h"

static struct sc_decimal decimal(const char *text)
{
        struct sc_decimal d = { 0 };

        CHECK_INT(sc_decimal_read(text, strlen(text), &d), 0);
        return d;
}

static int sign(int i)
{
        return (i > 0) - (i < 0);
}

/* From the smallest to the largest; words in one row are equal. */
static const char *const ascending[][4] = {
        { "-1e1000000" },
        { "-12345678901234567890123456789012345678901" },
        { "-10.1" },
        { "-10", "-1e1", "-100e-1", "-10.000" },
        { "-9.99" },
        { "-0.1", "-1e-1" },
        { "-1e-1000000" },
        { "0", "-0", "0.000", "0e999999999999999999999" },
        { "1e-1000000" },
        { "0.00099" },
        { "0.001", "1E-3", "0.1e-2", "10e-4" },
        { "0.0010000001" },
        { "1", "1.0", "10e-1", "0.1e+1" },
        { "9007199254740992" },
        { "9007199254740993", "9007199254740993.0" },
        { "1e1000000" },
};

static void check_order(void)
{
        for (size_t i = 0; i < SC_COUNT(ascending); i++)
                for (size_t j = 0; j < SC_COUNT(ascending); j++)
                        for (size_t k = 0; k < 4 && ascending[j][k]; k++) {
                                struct sc_decimal a = decimal(ascending[i][0]), b = decimal(ascending[j][k]);

                                CHECK_INT(sign(sc_decimal_compare(&a, &b)), sign((int)i - (int)j));
                                if (i == j)
                                        CHECK(sc_decimal_hash(&a) == sc_decimal_hash(&b));
                        }
}

static const struct {
        const char *number, *divisor;
        bool multiple;
} multiples[] = {
        { "0", "0.3", true },
        { "0.3", "0.1", true },
        { "-4.5", "1.5", true },
        { "4.4", "1.5", false },
        { "35", "1.5", false },
        { "0.0075", "0.0001", true },
        { "0.00751", "0.0001", false },
        { "1e1000000", "0.5", true },
        { "1e1000000", "7", false },
        { "7e1000000", "7", true },
        { "1e308", "0.123456789", false },
        { "12391239123", "1e-8", true },
        { "100", "8", false },
        { "1000", "8", true },
        { "1e3", "16", false },
        { "1e4", "16", true },
        { "999999999999999999999999999999999999", "999999999999999999", true },
        { "999999999999999999999999999999999998", "999999999999999999", false },
        { "1e-1000000", "1e-1000000", true },
        { "1e-1000000", "1e1000000", false },
};

static void check_multiples(void)
{
        struct sc_decimal d;

        for (size_t i = 0; i < SC_COUNT(multiples); i++) {
                struct sc_decimal number = decimal(multiples[i].number), divisor = decimal(multiples[i].divisor);

                printf("# %s %s\n", multiples[i].number, multiples[i].divisor);
                CHECK(sc_decimal_is_multiple(&number, &divisor) == multiples[i].multiple);
        }
        CHECK_INT(sc_decimal_read("1e1000001", 9, &d), -ERANGE);
        CHECK_INT(sc_decimal_read("1e-99999999999999999999", 23, &d), -ERANGE);
}

static void check_integers(void)
{
        static const struct {
                const char *text;
                int result;
                uint64_t value;
        } rows[] = {
                { "0", 0, 0 }, { "-0.0", 0, 0 }, { "1.50e1", 0, 15 }, { "1.5", -EINVAL, 0 }, { "-1", -EINVAL, 0 },
                { "18446744073709551614", 0, UINT64_MAX - 1 }, { "18446744073709551616", 0, UINT64_MAX },
                { "1e1000000", 0, UINT64_MAX }, { "120e-1", 0, 12 },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct sc_decimal d = decimal(rows[i].text);
                uint64_t value = 0;

                CHECK_INT(sc_decimal_u64(&d, &value), rows[i].result);
                CHECK(value == rows[i].value);
                CHECK(sc_decimal_is_integer(&d) == (rows[i].result == 0 || *rows[i].text == '-'));
        }
}

/* RFC 3986, sections 5.4.1 and 5.4.2, for the base "http://a/b/c/d;p?q"; and other bases. */
static const struct {
        const char *base, *ref, *uri, *fragment;
} references[] = {
        { NULL, "g:h", "g:h", "" },
        { NULL, "g", "http://a/b/c/g", "" },
        { NULL, "./g", "http://a/b/c/g", "" },
        { NULL, "g/", "http://a/b/c/g/", "" },
        { NULL, "/g", "http://a/g", "" },
        { NULL, "//g", "http://g", "" },
        { NULL, "?y", "http://a/b/c/d;p?y", "" },
        { NULL, "g?y", "http://a/b/c/g?y", "" },
        { NULL, "#s", "http://a/b/c/d;p?q", "s" },
        { NULL, "g#s", "http://a/b/c/g", "s" },
        { NULL, "g?y#s", "http://a/b/c/g?y", "s" },
        { NULL, ";x", "http://a/b/c/;x", "" },
        { NULL, "", "http://a/b/c/d;p?q", "" },
        { NULL, ".", "http://a/b/c/", "" },
        { NULL, "./", "http://a/b/c/", "" },
        { NULL, "..", "http://a/b/", "" },
        { NULL, "../", "http://a/b/", "" },
        { NULL, "../g", "http://a/b/g", "" },
        { NULL, "../..", "http://a/", "" },
        { NULL, "../../g", "http://a/g", "" },
        { NULL, "../../../../g", "http://a/g", "" },
        { NULL, "/./g", "http://a/g", "" },
        { NULL, "/../g", "http://a/g", "" },
        { NULL, "g.", "http://a/b/c/g.", "" },
        { NULL, "..g", "http://a/b/c/..g", "" },
        { NULL, "./../g", "http://a/b/g", "" },
        { NULL, "g/./h", "http://a/b/c/g/h", "" },
        { NULL, "g/../h", "http://a/b/c/h", "" },
        { NULL, "g;x=1/../y", "http://a/b/c/y", "" },
        { NULL, "g?y/../x", "http://a/b/c/g?y/../x", "" },
        { NULL, "g#s/../x", "http://a/b/c/g", "s/../x" },
        { "", "#/a", "", "/a" },
        { "", "x.json", "x.json", "" },
        { "http://a", "b", "http://a/b", "" },
        { "urn:uuid:1", "#x", "urn:uuid:1", "x" },
        { "file:///s/main.json", "other.json#", "file:///s/other.json", "" },
};

static void check_references(void)
{
        struct sc_arena *arena = sc_arena_new();

        for (size_t i = 0; i < SC_COUNT(references); i++) {
                const char *base = references[i].base ? references[i].base : "http://a/b/c/d;p?q";
                const char *uri, *fragment;

                CHECK_INT(sc_uri_resolve(arena, base, references[i].ref, &uri, &fragment), 0);
                CHECK_STR(uri, references[i].uri);
                CHECK_STR(fragment, references[i].fragment);
        }
        CHECK_STR(sc_uri_unescape(arena, "a%25b%7e%C3%A4%zz%4"), "a%b~\xc3\xa4%zz%4");
        sc_arena_free(arena);
}

/* Patterns that are found in one text and not in another; both NULL: it is none. */
static const struct {
        const char *pattern, *in, *not_in;
} patterns[] = {
        { "", "", NULL },
        { "^a$", "a", "a\n" },
        { "a.c", "a\xe2\x80\xa7" "c", "a\xe2\x80\xa8" "c" },
        { "^.$", "\xf0\x9f\x98\x80", "\r" },
        { "^[^a]$", "\xf0\x9f\x98\x80", "a" },
        { "^\\u{1F600}$", "\xf0\x9f\x98\x80", "u" },
        { "^\\ud83d\\ude00$", "\xf0\x9f\x98\x80", "u" },
        { "^[\\s-z]$", "-", "a" },
        { "^[\\s\\S]$", "\n", "ab" },
        { "^[a\\-z]$", "-", "b" },
        { "^[[:alpha:]]$", "a]", "b" },
        { "^[\\]\\[]$", "]", "a" },
        { "^[^]$", "a", "" },
        { "[]", NULL, "a" },
        { "^\\/\\-\\@$", "/-@", "\\" },
        { "^\\cJ\\x41\\0?$", "\nA", "cJ" },
        { "^(?<n>a|b)\\k<n>\\1$", "aaa", "aab" },
        { "^(?:(a)|b)\\1$", "b", "c" },
        { "^a{2,3}?$", "aa", "a" },
        { "^a{,3}$", "a{,3}", "a" },
        { "^{$", "{", "" },
        { "^(?=ab)a", "ab", "ac" },
        { "(?<!a)b", "cb", "ab" },
        { "^\\p{Lu}\\p{Letter}\\P{Script=Greek}$", "Aaa", "aaa" },
        { "^\\p{Script=Greek}$", "\xce\xb1", "a" },
        { "#x (?#", NULL, NULL },
        { "^# x$", "# x", "#x" },
        { "a**", NULL, NULL },
        { "a++", NULL, NULL },
        { "a{2}{3}", NULL, NULL },
        { "(*UCP)a", NULL, NULL },
        { "(?R)", NULL, NULL },
        { "(?>a)", NULL, NULL },
        { "(?|a)", NULL, NULL },
        { "(?P<n>a)", NULL, NULL },
        { "(?i)a", NULL, NULL },
        { "\\Qa\\E", NULL, NULL },
        { "\\A", NULL, NULL },
        { "\\Z", NULL, NULL },
        { "\\G", NULL, NULL },
        { "\\K", NULL, NULL },
        { "\\X", NULL, NULL },
        { "\\C", NULL, NULL },
        { "\\", NULL, NULL },
        { "a)", NULL, NULL },
        { "(a", NULL, NULL },
        { "[a", NULL, NULL },
        { "[z-a]", NULL, NULL },
        { "\\p{No_Such}", NULL, NULL },
        { "\\pL", NULL, NULL },
        { "\\u12", NULL, NULL },
        { "\\u{110000}", NULL, NULL },
        { "\\ud83d", NULL, NULL },
        { "\\01", NULL, NULL },
        { "\\2(a)", NULL, NULL },
        { "+", NULL, NULL },
        { "^*", NULL, NULL },
        { "(((((a{1000}){1000}){1000}){1000}){1000})", NULL, NULL },
};

static int find(const struct sc_schema_pattern *pattern, const char *text)
{
        struct sc_schema_matcher *matcher = sc_schema_matcher_new();
        struct sc_schema_meter meter = { .left = SC_SCHEMA_STEPS_MAX };
        int r = sc_schema_pattern_find(pattern, matcher, text, strlen(text), &meter);

        sc_schema_matcher_free(matcher);
        return r;
}

static void check_patterns(void)
{
        struct sc_arena *arena = sc_arena_new();

        for (size_t i = 0; i < SC_COUNT(patterns); i++) {
                const struct sc_schema_pattern *pattern;
                const char *why = NULL;
                bool good = patterns[i].in || patterns[i].not_in;
                int r = sc_schema_pattern_compile(arena, patterns[i].pattern, strlen(patterns[i].pattern), &pattern,
                                                  &why);

                printf("# %s: %s\n", patterns[i].pattern, why ? why : "");
                CHECK_INT(r, good ? 0 : -EBADMSG);
                CHECK(good || why);
                if (r == 0 && patterns[i].in)
                        CHECK_INT(find(pattern, patterns[i].in), 1);
                if (r == 0 && patterns[i].not_in)
                        CHECK_INT(find(pattern, patterns[i].not_in), 0);
        }
        sc_arena_free(arena);
}

int main(void)
{
        check_order();
        check_multiples();
        check_integers();
        check_references();
        check_patterns();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The collection of texts in test/json/table.txt, each accepted or refused as its row says: test-json-table TABLE. */
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "json/json.h"
#include "test.h"

#define REPEAT_MAX 20000000

struct row {
        const char *name, *rule, *text;
};

/* Ends the field at the next tab. Returns what stands behind it; NULL if there is none. */
static char *cut(char *field)
{
        char *tab = strchr(field, '\t');

        if (tab)
                *tab++ = '\0';
        return tab;
}

static int hex(char c)
{
        static const char digits[] = "0123456789abcdef";
        const char *at = c ? strchr(digits, c) : NULL;

        return at ? (int)(at - digits) : -1;
}

static bool decode(const char *text, size_t len, struct sc_strbuf *out);

/* "{N:X}", X to the brace that ends it. Returns its length; 0 if it is wrong. */
static size_t repeat(const char *text, struct sc_strbuf *out)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf part = SC_STRBUF_INIT;
        char *colon;
        unsigned long n = strtoul(text + 1, &colon, 10);
        const char *end = *colon == ':' && colon[1] ? strchr(colon + 2, '}') : NULL;

        if (!end || n == 0 || n > REPEAT_MAX || !decode(colon + 1, (size_t)(end - colon - 1), &part) || !part.len)
                return 0;
        while (n-- > 0)
                sc_strbuf_append(out, part.text, part.len);
        return (size_t)(end + 1 - text);
}

static bool decode(const char *text, size_t len, struct sc_strbuf *out)
{
        for (const char *p = text; p < text + len;) {
                size_t size;
                char byte;

                if (*p != '\\') {
                        sc_strbuf_append(out, p++, 1);
                } else if (p[1] == '\\') {
                        sc_strbuf_append(out, p, 1);
                        p += 2;
                } else if (p[1] == 'x' && hex(p[2]) >= 0 && hex(p[3]) >= 0) {
                        byte = (char)(hex(p[2]) * 16 + hex(p[3]));
                        sc_strbuf_append(out, &byte, 1);
                        p += 4;
                } else {
                        size = p[1] == '{' ? repeat(p + 1, out) : 0;
                        if (!size)
                                return false;
                        p += 1 + size;
                }
        }
        return !out->failed;
}

/* Reads a text, in memory of its exact size. Returns the rule that refuses it; "-". */
static const char *refusal(const struct sc_strbuf *text, struct sc_diags *diags)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_freep) char *exact = malloc(text->len ? text->len : 1);
        const struct sc_source source = { "t.json", exact, text->len };
        const struct sc_diag *const *all;
        const struct sc_json *root = NULL;
        size_t n;
        int r;

        if (text->len)
                memcpy(exact, text->text, text->len);
        r = sc_json_parse(arena, &source, 0, diags, &root);
        all = sc_diags_all(diags, &n);
        if (r == 0)
                return root && n == 0 ? "-" : "nothing, but says something";
        if (r != -EBADMSG || n != 1 || all[0]->places[0].offset + all[0]->places[0].length > text->len)
                return "something else, or at no place";
        return all[0]->rule;
}

static bool right_letter(const struct row *row)
{
        bool accepted = !strcmp(row->rule, "-");

        return row->name[1] == '_' && (row->name[0] == 'i' || (row->name[0] == 'y' && accepted) ||
                                       (row->name[0] == 'n' && !accepted));
}

static void check_row(const struct row *row)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        bool good = right_letter(row) && decode(row->text, strlen(row->text), &text);
        const char *rule = good ? refusal(&text, diags) : "nothing: the row is wrong";
        bool ok = !strcmp(rule, row->rule);

        test_count++;
        test_failures += !ok;
        printf("%sok %d - %s\n", ok ? "" : "not ", test_count, row->name);
        if (!ok)
                printf("# wanted %s, got %s\n", row->rule, rule);
}

int main(int argc, char **argv)
{
        SC_CLEANUP(sc_freep) char *table = NULL;
        size_t len, counts[3] = { 0 };
        static const char letters[] = "yni";

        if (argc != 2 || sc_file_read(AT_FDCWD, argv[1], SC_JSON_SIZE_MAX, &table, &len) < 0)
                return EXIT_FAILURE;
        for (char *line = table, *next; line && *line; line = next) {
                struct row row = { .name = line };
                char *rule;

                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                if (*line == '#')
                        continue;
                rule = cut(line);
                row.rule = rule ? rule : "";
                row.text = rule ? cut(rule) : NULL;
                if (!row.text)
                        row.text = "";
                check_row(&row);
                for (size_t i = 0; i < SC_COUNT(counts); i++)
                        counts[i] += row.name[0] == letters[i];
        }
        CHECK(counts[0] >= 100 && counts[1] >= 150 && counts[2] >= 30);
        printf("# %zu accepted, %zu refused, %zu decided on purpose\n", counts[0], counts[1], counts[2]);
        return test_end();
}

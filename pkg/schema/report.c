/* SPDX-License-Identifier: Apache-2.0 */
/* Findings from faults: in the order of the text, each once, with its path and its words. */
#include <stdlib.h>
#include <string.h>

#include "schema/internal.h"
#include "schema/words.h"

static bool is_name(const struct sc_json *key)
{
        for (uint32_t i = 0; i < key->len; i++) {
                char c = key->text[i];

                if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_' && !(i && c >= '0' && c <= '9'))
                        return false;
        }
        return key->len > 0;
}

static void put_key(struct sc_strbuf *path, const struct sc_json *key)
{
        if (is_name(key)) {
                sc_strbuf_printf(path, ".%s", key->text);
                return;
        }
        sc_strbuf_puts(path, "['");
        for (uint32_t i = 0; i < key->len; i++)
                sc_strbuf_printf(path, key->text[i] == '\'' || key->text[i] == '\\' ? "\\%c" : "%c", key->text[i]);
        sc_strbuf_puts(path, "']");
}

static bool is_inside(const struct sc_json *m, size_t offset)
{
        size_t start = m->key ? m->key->place.offset : m->place.offset;

        return offset >= start && offset < m->place.offset + m->place.length;
}

char *sc_schema_path(struct sc_arena *arena, const struct sc_json *root, const struct sc_json *value)
{
        struct sc_strbuf path = SC_STRBUF_INIT;
        const struct sc_json *at = root;
        char *copy = NULL;

        sc_strbuf_puts(&path, "$");
        while (at && at != value) {
                const struct sc_json *m = at->first;
                size_t index = 0;

                for (; m && !is_inside(m, value->place.offset); m = m->next)
                        index++;
                if (m && at->type == SC_JSON_OBJECT)
                        put_key(&path, m->key);
                else if (m)
                        sc_strbuf_printf(&path, "[%zu]", index);
                at = m && m->key == value ? value : m;
        }
        if (!path.failed)
                copy = sc_arena_strdup(arena, path.text);
        sc_strbuf_done(&path);
        return copy;
}

static int compare_faults(const void *x, const void *y)
{
        const struct sc_schema_fault *a = x, *b = y;
        size_t i = sc_schema_place_of(a).offset, j = sc_schema_place_of(b).offset;

        if (i != j)
                return i < j ? -1 : 1;
        i = a->rule ? a->rule->json->place.offset : 0;
        j = b->rule ? b->rule->json->place.offset : 0;
        if (i != j)
                return i < j ? -1 : 1;
        i = a->extra ? a->extra->place.offset : 0;
        j = b->extra ? b->extra->place.offset : 0;
        return (i > j) - (i < j);
}

/* Several ways to the same keyword. */
static bool is_same(const struct sc_schema_fault *a, const struct sc_schema_fault *b)
{
        const struct sc_json *x = a->rule ? a->rule->json : NULL, *y = b->rule ? b->rule->json : NULL;

        return x == y && a->value == b->value && a->extra == b->extra && a->aspect == b->aspect;
}

static const char *copy_text(struct sc_arena *arena, const struct sc_strbuf *text)
{
        return text->failed || !text->text ? NULL : sc_arena_strdup(arena, text->text);
}

static int fill(struct sc_schema_finding *finding, const struct sc_schema_fault *fault, const struct sc_json *root,
                struct sc_arena *arena)
{
        struct sc_schema_words words = { .place = sc_schema_place_of(fault) };

        sc_schema_explain(&words, fault);
        *finding = (struct sc_schema_finding){
                .rule = sc_schema_rule_of(fault),
                .keyword = fault->rule ? fault->rule->keyword->name : NULL,
                .place = words.place,
                .path = sc_schema_path(arena, root, sc_schema_about(fault)),
                .message = copy_text(arena, &words.message),
                .hint = copy_text(arena, &words.hint),
        };
        if (fault->rule)
                finding->schema_place = fault->rule->json->place;
        sc_strbuf_done(&words.message);
        sc_strbuf_done(&words.hint);
        return finding->path && finding->message && !words.hint.failed ? 0 : -ENOMEM;
}

/* The end of a validation before its time; NULL `what`: it came to its end. */
static int fill_limit(struct sc_schema_finding *finding, const struct sc_json *where, const char *what,
                      const struct sc_json *root, struct sc_arena *arena)
{
        *finding = (struct sc_schema_finding){
                .rule = SC_SCHEMA_RULE_LIMIT,
                .place = where->place,
                .path = sc_schema_path(arena, root, where),
                .message = what,
        };
        return finding->path ? 0 : -ENOMEM;
}

static int report(struct sc_schema_run *run, const struct sc_json *value, struct sc_arena *arena,
                  const struct sc_schema_finding **ret_findings, size_t *ret_n)
{
        struct sc_schema_finding *findings = sc_arena_array(arena, run->n_faults + 1, sizeof(*findings));
        bool full = run->n_faults > SC_SCHEMA_FINDINGS_MAX;
        size_t n = 0;
        int r = 0;

        if (!findings)
                return -ENOMEM;
        if (run->n_faults)
                qsort(run->faults, run->n_faults, sizeof(*run->faults), compare_faults);
        for (size_t i = 0; i < run->n_faults && n < SC_SCHEMA_FINDINGS_MAX && r == 0; i++)
                if (!i || !is_same(&run->faults[i - 1], &run->faults[i]))
                        r = fill(&findings[n++], &run->faults[i], value, arena);
        if (r == 0 && run->meter.limit)
                r = fill_limit(&findings[n++], run->limit_value ? run->limit_value : value, run->meter.limit, value,
                               arena);
        else if (r == 0 && full)
                r = fill_limit(&findings[n++], value, "there are more findings than are told at once", value, arena);
        if (r < 0)
                return r;
        *ret_findings = findings;
        *ret_n = n;
        return SC_SCHEMA_INVALID;
}

int sc_schema_check(const struct sc_schema *schema, const struct sc_json *value, struct sc_arena *arena,
                    const struct sc_schema_finding **ret_findings, size_t *ret_n)
{
        SC_CLEANUP(sc_schema_run_done) struct sc_schema_run run = { 0 };
        int r = sc_schema_run(&run, schema, value);

        if (r == SC_SCHEMA_INVALID)
                return report(&run, value, arena, ret_findings, ret_n);
        if (r == 0) {
                *ret_findings = NULL;
                *ret_n = 0;
        }
        return r;
}

int sc_schema_validate(const struct sc_schema *schema, const struct sc_json *value, struct sc_diags *diags)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        const struct sc_schema_finding *findings;
        size_t n;
        int r = arena ? sc_schema_check(schema, value, arena, &findings, &n) : -ENOMEM;

        if (r != SC_SCHEMA_INVALID)
                return r;
        for (size_t i = 0; i < n; i++) {
                struct sc_diag *diag = sc_diags_add(diags, SC_ERROR, findings[i].rule, findings[i].place, "%s",
                                                    findings[i].message);

                if (findings[i].hint)
                        sc_diag_hint(diag, "%s", findings[i].hint);
        }
        return sc_diags_failed(diags) ? -ENOMEM : -EBADMSG;
}

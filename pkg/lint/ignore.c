/* SPDX-License-Identifier: Apache-2.0 */
/* Comments in policies that take findings away: "// lint-ignore RULE, RULE: why". */
#include <stdlib.h>
#include <string.h>

#include "base/typo.h"
#include "base/util.h"
#include "lint/internal.h"

#define MARK "lint-ignore"
#define BLANKS " \t\r"

/* One rule that a comment names. */
struct ignore {
        const struct sc_lint_rule *rule;
        struct sc_place place; /* of the name */
        size_t from, to;       /* findings in these bytes of the file: one line */
        bool used;
};

struct scan {
        struct sc_lint *lint;
        const char *text;
        size_t len;
        struct ignore *items; /* heap */
        size_t n, cap;
};

static size_t line_start(const struct scan *s, size_t at)
{
        while (at > 0 && s->text[at - 1] != '\n')
                at--;
        return at;
}

static size_t line_end(const struct scan *s, size_t at)
{
        const char *end = at < s->len ? memchr(s->text + at, '\n', s->len - at) : NULL;

        return end ? (size_t)(end - s->text) : s->len;
}

static size_t skip_blanks(const struct scan *s, size_t at, size_t end)
{
        while (at < end && strchr(BLANKS, s->text[at]) && s->text[at])
                at++;
        return at;
}

static bool is_comment(const struct scan *s, size_t at)
{
        return at + 1 < s->len && s->text[at] == '/' && s->text[at + 1] == '/';
}

/* The line that a comment is about: its own, or, if it has that for itself, the next that is more than a comment. */
static size_t line_meant(const struct scan *s, size_t comment)
{
        size_t at = line_start(s, comment), first = skip_blanks(s, at, s->len);

        if (first != comment)
                return at;
        while (at < s->len && (is_comment(s, first) || first == line_end(s, at))) {
                at = line_end(s, at) + 1;
                first = at < s->len ? skip_blanks(s, at, s->len) : s->len;
        }
        return at < s->len ? at : s->len;
}

static struct sc_place place_of(const struct scan *s, size_t at, size_t end)
{
        return (struct sc_place){ .source = s->lint->file->source, .offset = at, .length = end - at };
}

static const struct sc_lint_rule *own_rule(const char *id)
{
        return sc_lint_rule_find(id, strlen(id));
}

static void report_bad(const struct scan *s, size_t at, size_t end, const char *hint, const char *what)
{
        const struct sc_lint_rule *rule = own_rule("bad-ignore");
        struct sc_lint_finding *f;

        if (!lint_wants(s->lint, rule))
                return;
        f = lint_add(s->lint, rule, place_of(s, at, end), "%s", what);
        if (hint)
                lint_hint(s->lint, f, "%s", hint);
}

static void report_unknown(const struct scan *s, size_t at, size_t end)
{
        struct sc_typo typo = sc_typo_begin(s->text + at, end - at);
        const char *what = sc_arena_printf(s->lint->arena, "no rule is called '%.*s'", (int)(end - at), s->text + at);
        const char *hint = NULL;

        for (size_t i = 0; i < sc_lint_rule_count(); i++)
                sc_typo_offer(&typo, sc_lint_rule_at(i)->id);
        if (typo.best)
                hint = sc_arena_printf(s->lint->arena, "did you mean '%s'?", typo.best);
        s->lint->failed |= !what || (typo.best && !hint);
        if (what)
                report_bad(s, at, end, hint, what);
}

/* One name of a comment. */
static void add_name(struct scan *s, size_t at, size_t end, size_t line)
{
        const struct sc_lint_rule *rule = sc_lint_rule_find(s->text + at, end - at);
        struct ignore *items;

        if (!rule) {
                report_unknown(s, at, end);
                return;
        }
        items = sc_grow(s->items, s->n, &s->cap, sizeof(*items));
        if (!items) {
                s->lint->failed = true;
                return;
        }
        s->items = items;
        items[s->n++] = (struct ignore){
                .rule = rule, .place = place_of(s, at, end), .from = line, .to = line_end(s, line) };
}

/* What stands in a comment, `at` being behind its slashes. */
static void read_comment(struct scan *s, size_t comment, size_t at, size_t end)
{
        size_t mark = strlen(MARK), names = 0, line, colon;

        at = skip_blanks(s, at, end);
        if (end - at < mark || memcmp(s->text + at, MARK, mark) != 0)
                return;
        at += mark;
        if (at < end && !strchr(BLANKS ":", s->text[at]))
                return;
        line = line_meant(s, comment);
        for (colon = at; colon < end && s->text[colon] != ':'; colon++)
                ;
        for (;; names++) {
                size_t first;

                while (at < colon && strchr(BLANKS ",", s->text[at]))
                        at++;
                for (first = at; at < colon && !strchr(BLANKS ",", s->text[at]); at++)
                        ;
                if (first == at)
                        break;
                add_name(s, first, at, line);
        }
        if (names == 0)
                report_bad(s, comment, end, "// " MARK " RULE: why", "this comment names no rule");
        else if (colon == end || skip_blanks(s, colon + 1, end) == end)
                report_bad(s, comment, end, "// " MARK " RULE: why", "this comment does not say why");
}

static size_t skip_string(const struct scan *s, size_t at)
{
        for (at++; at < s->len && s->text[at] != '"' && s->text[at] != '\n'; at++)
                at += s->text[at] == '\\';
        return at + 1;
}

static size_t skip_block(const struct scan *s, size_t at)
{
        const char *end = memmem(s->text + at + 2, s->len - at - 2, "*/", 2);

        return end ? (size_t)(end - s->text) + 2 : s->len;
}

/* All comments outside of strings. */
static void read_comments(struct scan *s)
{
        size_t end;

        for (size_t at = 0; at < s->len && s->n < SC_LINT_IGNORES_MAX;) {
                if (s->text[at] == '"') {
                        at = skip_string(s, at);
                } else if (is_comment(s, at)) {
                        end = line_end(s, at);
                        read_comment(s, at, at + 2, end);
                        at = end;
                } else if (at + 1 < s->len && s->text[at] == '/' && s->text[at + 1] == '*') {
                        at = skip_block(s, at);
                } else {
                        at++;
                }
        }
}

/* An error for which the file could not be read stays, as nothing else was looked for. */
static bool may_go(const struct sc_lint_finding *f)
{
        bool fatal = f->diag.severity == SC_ERROR && !f->view && f->rule && f->rule->asks == SC_LINT_READER;

        return f->rule && !fatal && f->diag.n_places;
}

/* A policy's readers have sources of their own for the same file. */
static bool is_in_file(const struct sc_lint *lint, const struct sc_place *place)
{
        return place->source->name && lint->file->source->name &&
               !strcmp(place->source->name, lint->file->source->name);
}

static bool goes(const struct scan *s, const struct sc_lint_finding *f)
{
        const struct sc_place *place = &f->diag.places[0];
        bool found = false;

        if (!may_go(f) || !is_in_file(s->lint, place))
                return false;
        for (size_t i = 0; i < s->n; i++)
                if (s->items[i].rule == f->rule && place->offset >= s->items[i].from &&
                    place->offset <= s->items[i].to)
                        found = s->items[i].used = true;
        return found;
}

static void take_away(struct scan *s)
{
        struct sc_lint *lint = s->lint;
        size_t kept = 0;

        for (size_t i = 0; i < lint->n; i++)
                if (!goes(s, &lint->items[i]))
                        lint->items[kept++] = lint->items[i];
        lint->ignored = lint->n - kept;
        lint->n = kept;
}

static void report_unused(struct scan *s)
{
        const struct sc_lint_rule *rule = own_rule("unused-ignore");

        for (size_t i = 0; i < s->n && lint_wants(s->lint, rule); i++)
                if (!s->items[i].used && lint_wants(s->lint, s->items[i].rule))
                        lint_add(s->lint, rule, s->items[i].place, "%s finds nothing here: the comment can go",
                                 s->items[i].rule->id);
}

int lint_apply_ignores(struct sc_lint *lint)
{
        const struct sc_source *source = lint->file->source;
        struct scan s = { .lint = lint, .text = source->text, .len = source->len };

        if (lint->file->kind != SC_FILE_POLICY || !s.text)
                return 0;
        read_comments(&s);
        if (s.n)
                take_away(&s);
        if (lint->file->policy)
                report_unused(&s);
        free(s.items);
        return lint->failed ? -ENOMEM : 0;
}

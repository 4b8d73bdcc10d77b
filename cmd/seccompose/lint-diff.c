/* SPDX-License-Identifier: Apache-2.0 */
/* The unified difference of two texts, by lines (E. W. Myers, An O(ND) Difference Algorithm, 1986). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "seccompose/lint.h"

#define CONTEXT 3 /* lines that did not change, around those that did */

struct line {
        const char *text;
        size_t len; /* with its end */
};

struct lines {
        struct line *items; /* heap */
        size_t n, cap;
};

/* What becomes of lines, in order: `kept` in both, then `removed` of the old, then `added` of the new. */
struct step {
        size_t kept, removed, added;
};

struct difference {
        struct lines a, b;
        struct step *steps; /* heap */
        size_t n, cap;
};

static int split(const struct sc_source *source, struct lines *lines)
{
        for (size_t at = 0; at < source->len;) {
                const char *end = memchr(source->text + at, '\n', source->len - at);
                size_t len = end ? (size_t)(end - source->text) + 1 - at : source->len - at;
                struct line *items = sc_grow(lines->items, lines->n, &lines->cap, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                lines->items = items;
                items[lines->n++] = (struct line){ source->text + at, len };
                at += len;
        }
        return 0;
}

static bool same(const struct difference *x, size_t i, size_t k)
{
        return x->a.items[i].len == x->b.items[k].len &&
               !memcmp(x->a.items[i].text, x->b.items[k].text, x->a.items[i].len);
}

static int add_step(struct difference *x, struct step step)
{
        struct step *items = sc_grow(x->steps, x->n, &x->cap, sizeof(*items));

        if (!items)
                return -ENOMEM;
        x->steps = items;
        items[x->n++] = step;
        return 0;
}

/* The lines between `from` and the ends, `n` and `m` of them, of which first and last differ. */
struct middle {
        size_t from;
        long n, m;
};

/* How far each diagonal comes with d edits, kept for each d; `reach` has room for 2 * max + 1. */
static long advance(const struct difference *x, const struct middle *mid, long *reach, long d, long max)
{
        for (long k = -d; k <= d; k += 2) {
                bool down = k == -d || (k != d && reach[max + k - 1] < reach[max + k + 1]);
                long i = down ? reach[max + k + 1] : reach[max + k - 1] + 1, j = i - k;

                while (i < mid->n && j < mid->m && j >= 0 && same(x, mid->from + (size_t)i, mid->from + (size_t)j))
                        i++, j++;
                reach[max + k] = i;
                if (i >= mid->n && j >= mid->m)
                        return k;
        }
        return max + 1;
}

/* Marks, back from the end, which lines are removed and added. */
static void trace_back(const struct middle *mid, long *const *history, long d, long max, bool *removed, bool *added)
{
        long i = mid->n, j = mid->m;

        for (; d > 0; d--) {
                const long *reach = history[d - 1];
                long k = i - j;
                bool down = k == -d || (k != d && reach[max + k - 1] < reach[max + k + 1]);
                long before = down ? k + 1 : k - 1;

                i = reach[max + before];
                j = i - before;
                if (down)
                        added[j] = true;
                else
                        removed[i] = true;
        }
}

static int make_steps(struct difference *x, const struct middle *mid, const bool *removed, const bool *added)
{
        struct step step = { .kept = mid->from };
        long i = 0, j = 0;
        int r = 0;

        while ((i < mid->n || j < mid->m) && r == 0) {
                for (; i < mid->n && removed[i]; i++)
                        step.removed++;
                for (; j < mid->m && added[j]; j++)
                        step.added++;
                r = add_step(x, step);
                step = (struct step){ 0 };
                for (; i < mid->n && j < mid->m && !removed[i] && !added[j]; i++, j++)
                        step.kept++;
        }
        return r;
}

/* The shortest difference of the middle. Returns 0; 1 if it is too long; -ENOMEM. */
static int search(struct difference *x, const struct middle *mid, long max, long **history, bool *removed, bool *added)
{
        SC_CLEANUP(sc_freep) long *reach = calloc((size_t)(2 * max + 3), sizeof(*reach));

        if (!reach)
                return -ENOMEM;
        for (long d = 0; d <= max; d++) {
                if (advance(x, mid, reach, d, max + 1) <= max) {
                        trace_back(mid, history, d, max + 1, removed, added);
                        return 0;
                }
                history[d] = malloc((size_t)(2 * max + 3) * sizeof(*reach));
                if (!history[d])
                        return -ENOMEM;
                memcpy(history[d], reach, (size_t)(2 * max + 3) * sizeof(*reach));
        }
        return 1;
}

static int compare_middle(struct difference *x, const struct middle *mid)
{
        long max = mid->n + mid->m < LINT_DIFF_EDITS_MAX ? mid->n + mid->m : LINT_DIFF_EDITS_MAX;
        SC_CLEANUP(sc_freep) bool *removed = calloc((size_t)mid->n + 1, sizeof(bool));
        SC_CLEANUP(sc_freep) bool *added = calloc((size_t)mid->m + 1, sizeof(bool));
        long **history = calloc((size_t)max + 1, sizeof(*history));
        int r;

        if (!history)
                return -ENOMEM;
        r = removed && added ? search(x, mid, max, history, removed, added) : -ENOMEM;
        for (long d = 0; d <= max; d++)
                free(history[d]);
        free((void *)history);
        if (r == 1)
                return add_step(x, (struct step){ mid->from, (size_t)mid->n, (size_t)mid->m });
        return r ? r : make_steps(x, mid, removed, added);
}

static int compare(struct difference *x)
{
        size_t from = 0, end = 0;

        while (from < x->a.n && from < x->b.n && same(x, from, from))
                from++;
        while (end < x->a.n - from && end < x->b.n - from && same(x, x->a.n - 1 - end, x->b.n - 1 - end))
                end++;
        if (from == x->a.n && from == x->b.n)
                return 0;
        return compare_middle(x, &(struct middle){ from, (long)(x->a.n - from - end), (long)(x->b.n - from - end) });
}

static void print_line(char sign, const struct line *line, struct sc_strbuf *out)
{
        sc_strbuf_append(out, &sign, 1);
        sc_strbuf_append(out, line->text, line->len);
        if (line->text[line->len - 1] != '\n')
                sc_strbuf_puts(out, "\n\\ No newline at end of file\n");
}

static void print_lines(char sign, const struct lines *lines, size_t from, size_t n, struct sc_strbuf *out)
{
        for (size_t i = from; i < from + n; i++)
                print_line(sign, &lines->items[i], out);
}

static void print_range(char sign, size_t first, size_t n, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, " %c%zu", sign, n ? first + 1 : first);
        if (n != 1)
                sc_strbuf_printf(out, ",%zu", n);
}

/* Steps `from` to `to`, close enough to share a hunk; `i` and `j` are the lines where the first changes something. */
static void print_hunk(const struct difference *x, size_t from, size_t to, size_t i, size_t j, struct sc_strbuf *out)
{
        size_t before = i < CONTEXT ? i : CONTEXT, n = before, m = before, after;

        for (size_t k = from; k < to; k++) {
                n += x->steps[k].removed + (k > from ? x->steps[k].kept : 0);
                m += x->steps[k].added + (k > from ? x->steps[k].kept : 0);
        }
        after = x->a.n - (i - before + n) < CONTEXT ? x->a.n - (i - before + n) : CONTEXT;
        sc_strbuf_puts(out, "@@");
        print_range('-', i - before, n + after, out);
        print_range('+', j - before, m + after, out);
        sc_strbuf_puts(out, " @@\n");
        print_lines(' ', &x->a, i - before, before, out);
        for (size_t k = from; k < to; k++) {
                size_t kept = k > from ? x->steps[k].kept : 0;

                print_lines(' ', &x->a, i, kept, out);
                print_lines('-', &x->a, i + kept, x->steps[k].removed, out);
                print_lines('+', &x->b, j + kept, x->steps[k].added, out);
                i += kept + x->steps[k].removed;
                j += kept + x->steps[k].added;
        }
        print_lines(' ', &x->a, i, after, out);
}

static void print(const struct difference *x, const char *name, struct sc_strbuf *out)
{
        size_t i = 0, j = 0;

        if (x->n)
                sc_strbuf_printf(out, "--- a/%s\n+++ b/%s\n", name, name);
        for (size_t from = 0, to; from < x->n; from = to) {
                i += x->steps[from].kept;
                j += x->steps[from].kept;
                for (to = from + 1; to < x->n && x->steps[to].kept <= (size_t)2 * CONTEXT; to++)
                        ;
                print_hunk(x, from, to, i, j, out);
                for (size_t k = from; k < to; k++) {
                        i += x->steps[k].removed + (k > from ? x->steps[k].kept : 0);
                        j += x->steps[k].added + (k > from ? x->steps[k].kept : 0);
                }
        }
}

int lint_diff(const struct sc_source *before, const struct sc_source *after, struct sc_strbuf *out)
{
        struct difference x = { 0 };
        int r = split(before, &x.a);

        if (r == 0)
                r = split(after, &x.b);
        if (r == 0)
                r = compare(&x);
        if (r == 0)
                print(&x, before->name, out);
        free(x.a.items);
        free(x.b.items);
        free(x.steps);
        return r;
}

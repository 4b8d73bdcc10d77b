/* SPDX-License-Identifier: Apache-2.0 */
/* Answers for people: the calls of an ABI by what is answered, and apart those where it depends on arguments. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "seccompose-probe/probe.h"
#include "syscall/syscall.h"

#define COLUMNS 100

struct page {
        const struct run *run;
        struct sc_strbuf out;
        size_t column;
};

/* A word behind others, on a new line where it does not fit. */
static void put_word(struct page *page, const char *word)
{
        size_t len = strlen(word);

        if (page->column + 1 + len > COLUMNS) {
                sc_strbuf_puts(&page->out, "\n     ");
                page->column = strlen("     ");
        }
        sc_strbuf_printf(&page->out, " %s", word);
        page->column += 1 + len;
}

static void put_heading(struct page *page, const char *indent, uint32_t result)
{
        const struct sc_answer answer = { .may = result & 0xffff, .error = result >> 16 };
        size_t before = page->out.len;

        sc_strbuf_puts(&page->out, indent);
        sc_answer_action(&answer, &page->out);
        sc_strbuf_puts(&page->out, ":");
        page->column = page->out.len - before;
}

/* The first question about number `n` of the ABI that is at `base`. */
static size_t question_at(const struct page *page, size_t base, size_t n)
{
        return base + n * page->run->plan->n_vectors;
}

/* What is answered to a number whatever the arguments are; ANSWER_NONE: nothing, or that depends on them. */
static uint32_t uniform(const struct page *page, size_t base, size_t n)
{
        size_t at = question_at(page, base, n);
        uint32_t first = page->run->results[at];

        for (size_t v = 0; v < page->run->plan->n_vectors; v++)
                if (page->run->results[at + v] != first)
                        return ANSWER_NONE;
        return first == ANSWER_ABSENT ? ANSWER_NONE : first;
}

static const char *name_of(const struct sc_question *q)
{
        int call = sc_syscall_by_number(q->abi, q->nr);

        return call < 0 ? NULL : sc_syscall_name(call);
}

/* True if number `n` has no name, and the answer. */
static bool is_nameless(const struct page *page, size_t base, size_t n, uint32_t result, uint32_t *ret_nr)
{
        struct sc_question q;

        if (n >= page->run->plan->n_numbers || uniform(page, base, n) != result)
                return false;
        plan_question(page->run->plan, question_at(page, base, n), &q);
        *ret_nr = q.nr - q.abi->nr_base;
        return !name_of(&q);
}

/* The numbers with this answer; those without a name as ranges. */
static void put_group(struct page *page, size_t base, uint32_t result)
{
        put_heading(page, "  ", result);
        for (size_t n = 0; n < page->run->plan->n_numbers; n++) {
                uint32_t first, last, next;
                struct sc_question q;
                const char *name;
                char range[32];

                if (uniform(page, base, n) != result)
                        continue;
                plan_question(page->run->plan, question_at(page, base, n), &q);
                name = name_of(&q);
                if (name) {
                        put_word(page, name);
                        continue;
                }
                first = q.nr - q.abi->nr_base;
                for (last = first; is_nameless(page, base, n + 1, result, &next) && next == last + 1; n++)
                        last = next;
                snprintf(range, sizeof(range), first == last ? "#%" PRIu32 : "#%" PRIu32 "-%" PRIu32, first, last);
                put_word(page, range);
        }
        sc_strbuf_puts(&page->out, "\n");
}

static void put_arguments(struct page *page, size_t i)
{
        struct sc_question q;
        char text[160] = "(";
        size_t n = SC_COUNT(q.args), len = 1;

        plan_question(page->run->plan, i, &q);
        while (n > 1 && q.args[n - 1] == 0)
                n--;
        for (size_t k = 0; k < n; k++)
                len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%#" PRIx64, k ? "," : "", q.args[k]);
        snprintf(text + len, sizeof(text) - len, ")");
        put_word(page, text);
}

/* True if an answer is the first of its kind among those from `at` on. */
static bool is_new(const struct page *page, size_t at, size_t v)
{
        for (size_t w = 0; w < v; w++)
                if (page->run->results[at + w] == page->run->results[at + v])
                        return false;
        return true;
}

static size_t count_of(const struct page *page, size_t at, uint32_t result)
{
        size_t n = 0;

        for (size_t v = 0; v < page->run->plan->n_vectors; v++)
                n += page->run->results[at + v] == result;
        return n;
}

/* A call whose answers differ: the arguments for each, those of the most frequent last and not listed. */
static void put_split(struct page *page, size_t at)
{
        size_t vectors = page->run->plan->n_vectors;
        uint32_t most = page->run->results[at];
        struct sc_question q;

        for (size_t v = 0; v < vectors; v++)
                if (count_of(page, at, page->run->results[at + v]) > count_of(page, at, most))
                        most = page->run->results[at + v];
        plan_question(page->run->plan, at, &q);
        if (name_of(&q))
                sc_strbuf_printf(&page->out, "  %s, by its arguments\n", name_of(&q));
        else
                sc_strbuf_printf(&page->out, "  #%" PRIu32 ", by its arguments\n", q.nr - q.abi->nr_base);
        for (size_t v = 0; v < vectors; v++) {
                if (!is_new(page, at, v) || page->run->results[at + v] == most)
                        continue;
                put_heading(page, "    ", page->run->results[at + v]);
                for (size_t w = v; w < vectors; w++)
                        if (page->run->results[at + w] == page->run->results[at + v])
                                put_arguments(page, at + w);
                sc_strbuf_puts(&page->out, "\n");
        }
        put_heading(page, "    ", most);
        sc_strbuf_puts(&page->out, " all others\n");
}

static bool first_of_group(const struct page *page, size_t base, size_t n, uint32_t result)
{
        for (size_t m = 0; m < n; m++)
                if (uniform(page, base, m) == result)
                        return false;
        return true;
}

static void put_abi(struct page *page, size_t base)
{
        const struct plan *plan = page->run->plan;
        struct sc_question q;

        plan_question(plan, base, &q);
        sc_strbuf_printf(&page->out, "%s\n", q.abi->name);
        for (size_t n = 0; n < plan->n_numbers; n++) {
                uint32_t result = uniform(page, base, n);

                if (result != ANSWER_NONE && first_of_group(page, base, n, result))
                        put_group(page, base, result);
        }
        for (size_t n = 0; n < plan->n_numbers; n++) {
                size_t at = question_at(page, base, n);

                if (plan_question(plan, at, &q) && !uniform(page, base, n) && page->run->results[at] != ANSWER_ABSENT)
                        put_split(page, at);
        }
}

static void put_end(struct page *page)
{
        const struct run *run = page->run;
        const char *joint = "; left out, as the kernel asks no filter:";
        struct sc_question q;
        size_t asked = 0;

        for (size_t i = run->begin; i < run->plan->count; i++)
                asked += plan_question(run->plan, i, &q) && run->results[i] != ANSWER_ABSENT;
        sc_strbuf_printf(&page->out, "%zu questions", asked);
        for (size_t i = 0; i < run->plan->count; i += run->plan->n_vectors) {
                if (plan_question(run->plan, i, &q))
                        continue;
                sc_strbuf_printf(&page->out, "%s %s %s", joint, q.abi->name, name_of(&q));
                joint = ",";
        }
        sc_strbuf_puts(&page->out, "\n");
}

bool text_all(const struct run *run)
{
        struct page page = { .run = run };
        bool good;

        for (size_t base = 0; base < run->plan->count; base += run->plan->n_numbers * run->plan->n_vectors)
                put_abi(&page, base);
        put_end(&page);
        good = !page.out.failed && put(STDOUT_FILENO, page.out.text, page.out.len);
        sc_strbuf_done(&page.out);
        return good;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Out of memory: every allocation of reading a probe's answers and of making its questions fails once, those from
 * arenas too, and each time the result is -ENOMEM, outputs are untouched and nothing leaks (which the leak sanitizer
 * sees). Linked with --wrap for the allocators.
 */
#include <errno.h>

#include "base/util.h"
#include "decision/decision.h"
#include "failing.h"
#include "probe/answer.h"
#include "probe/cover.h"
#include "test.h"

void *__real_sc_arena_alloc(struct sc_arena *arena, size_t size);
void *__real_sc_arena_array(struct sc_arena *arena, size_t count, size_t size);
void *__wrap_sc_arena_alloc(struct sc_arena *arena, size_t size);
void *__wrap_sc_arena_array(struct sc_arena *arena, size_t count, size_t size);

void *__wrap_sc_arena_alloc(struct sc_arena *arena, size_t size)
{
        return fails() ? NULL : __real_sc_arena_alloc(arena, size);
}

void *__wrap_sc_arena_array(struct sc_arena *arena, size_t count, size_t size)
{
        return fails() ? NULL : __real_sc_arena_array(arena, count, size);
}

static bool failed; /* an allocation did, which leaves none counted (failing.h) */

/* What a probe printed: a run that was killed, another that was complete, and one with more left out. */
#define ANSWER(nr, action) "{\"abi\":\"x86_64\",\"nr\":" nr ",\"args\":[0,1,2,3,4,5],\"action\":\"" action "\"}\n"
#define KILLED "{\"abi\":\"x86\",\"nr\":4,\"args\":[0,0,0,0,0,0]"
static const char answers_text[] = ANSWER("0", "allow") KILLED
        ANSWER("1", "errno 1") "\n" ANSWER("2", "allow or log")
        "{\"end\":{\"questions\":2,\"left-out\":[[\"x86_64\",335],[\"x86_64\",336],[\"x32\"]]}}\n"
        KILLED " \n{\"end\":{\"questions\":0,\"left-out\":[[\"x32\"],[\"arm\"],[\"arm\",1],[\"arm\",2],[\"arm\",3],"
        "[\"arm\",4],[\"arm\",5],[\"arm\",6],[\"arm\",7]]}}\n";

/* Mistakes, each of which is told by a diagnostic. */
static const char *const wrong_answers[] = {
        "",
        ANSWER("0", "allow"),
        ANSWER("0", "allow") "{\"end\":{\"questions\":2,\"left-out\":[]}}\n",
        ANSWER("0", "perhaps"),
        "{\"abi\":\"x86_64\"}\n",
        "{\"abi\":\"x86_64\",,\n",
        "allow\n",
        "{\"abi\":\"x86\",\"nr\":4,\"args\":[0,,0]",
};

static int count_answer(const struct sc_answer *answer, struct sc_place line, void *data)
{
        (void)answer;
        (void)line;
        ++*(size_t *)data;
        return 0;
}

/* Reads, while allocation `n` fails. A mistake without a diagnostic is -EINVAL. */
static int read_answers_once(size_t n, const char *text, size_t *ret_seen, struct sc_answers *ret_answers)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_source source = { "out.json", text, strlen(text) };
        int r;

        *ret_seen = 0;
        allowed = n;
        r = sc_answers_read(arena, &source, count_answer, ret_seen, diags, ret_answers);
        failed = allowed == SIZE_MAX;
        allowed = SIZE_MAX;
        if (sc_diags_failed(diags))
                return -ENOMEM; /* as whoever prints them tells */
        return (r == -EBADMSG) == (sc_diags_count(diags, SC_ERROR) > 0) ? r : -EINVAL;
}

/* Lets each allocation fail until none does. Returns how many there are. */
static size_t fail_answers(const char *text, int wanted, size_t *ret_seen, struct sc_answers *ret_answers)
{
        size_t n = 0, failures = 0;
        int r;

        do {
                r = read_answers_once(n++, text, ret_seen, ret_answers);
                if (failed && (r != -ENOMEM || ret_answers->n || ret_answers->left)) {
                        printf("# of %zu bytes, failing allocation %zu: %d\n", strlen(text), n - 1, r);
                        failures++;
                }
        } while (failed && n < 1000);
        CHECK_INT(r, wanted);
        CHECK_INT(failures, 0);
        return n - 1;
}

static void check_answers(void)
{
        struct sc_answers answers = { 0 }, none = { 0 };
        size_t seen, n = fail_answers(answers_text, 0, &seen, &answers);

        printf("# %zu allocations to read answers\n", n);
        CHECK(n > 50);
        CHECK_INT(seen, 5);
        CHECK_INT(answers.n, 5);
        CHECK_INT(answers.outputs, 2);
        CHECK_INT(answers.n_left, 11);
        for (size_t i = 0; i < SC_COUNT(wrong_answers); i++) {
                n = fail_answers(wrong_answers[i], -EBADMSG, &seen, &none);
                CHECK(n >= 2 && !none.n);
        }
}

struct questions {
        struct sc_question *items;
        size_t n, cap;
};

static int add_question(const struct sc_question *question, void *data)
{
        struct questions *questions = data;
        struct sc_question *items = sc_grow(questions->items, questions->n, &questions->cap, sizeof(*items));

        if (!items)
                return -ENOMEM;
        questions->items = items;
        items[questions->n++] = *question;
        return 0;
}

/* Of two arguments on which a call depends, and numbers of x32 and without a call; while allocation `n` fails. */
static int cover_once(size_t n, size_t *ret_questions)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 18);
        const struct sc_abi *abi = sc_abi_find("x86_64", 6);
        sc_node deny = sc_decision_leaf(d, 0x50001), allow = sc_decision_leaf(d, 0x7fff0000);
        sc_node when = sc_decision_ge(d, SC_WORD_ARG1, UINT64_C(0x100000000), allow, deny);
        struct questions questions = { NULL, 0, 0 };
        sc_node node;
        int r;

        when = sc_decision_eq(d, SC_WORD_ARG0, 0x7e020000, 0x20000, when, deny);
        node = sc_decision_ge(d, SC_WORD_NR, 2000, allow, deny);
        node = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, 41, when, node);
        node = sc_decision_eq(d, SC_WORD_ARCH, UINT32_MAX, abi->audit_arch, node, deny);
        allowed = n;
        r = sc_question_cover(d, node, abi, add_question, &questions);
        failed = allowed == SIZE_MAX;
        allowed = SIZE_MAX;
        *ret_questions = questions.n;
        free(questions.items);
        return r;
}

static void check_questions(void)
{
        size_t n = 0, failures = 0, questions;
        int r;

        do {
                r = cover_once(n++, &questions);
                if (failed && r != -ENOMEM) {
                        printf("# failing allocation %zu: %d\n", n - 1, r);
                        failures++;
                }
        } while (failed && n < 3000);
        printf("# %zu allocations to make %zu questions\n", n - 1, questions);
        CHECK_INT(r, 0);
        CHECK(n > 15);
        CHECK(questions > 400);
        CHECK_INT(failures, 0);
}

int main(void)
{
        check_answers();
        check_questions();
        return test_end();
}

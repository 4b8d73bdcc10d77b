/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's output: written and read back, cut off, put together of several, and with mistakes of all kinds. */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "probe/answer.h"
#include "probe/gate.h"
#include "test.h"

#define LINE(abi, nr, action) "{\"abi\":\"" abi "\",\"nr\":" nr ",\"args\":[0,0,0,0,0,0],\"action\":\"" action "\"}\n"
#define ANSWER LINE("x86_64", "41", "errno 1")
#define KILLED "{\"abi\":\"x86_64\",\"nr\":41,\"args\":[0,0,0,0,0,0]"
#define END(n, left) "{\"end\":{\"questions\":" n ",\"left-out\":[" left "]}}\n"

struct seen {
        struct sc_answer last;
        struct sc_place place;
        size_t n;
        int result; /* what the visitor returns */
};

static int visit(const struct sc_answer *answer, struct sc_place line, void *data)
{
        struct seen *seen = data;

        seen->last = *answer;
        seen->place = line;
        seen->n++;
        return seen->result;
}

struct outcome {
        struct seen seen;
        struct sc_answers answers;
        int r;
        char *message; /* "LINE:COLUMN RULE MESSAGE" of the first diagnostic; NULL: there is none */
};

static void outcome_done(struct outcome *o)
{
        free(o->message);
}

static struct outcome read_text(struct sc_arena *arena, const char *text, int result)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_source source = { "out.json", text, strlen(text) };
        struct outcome o = { .seen.result = result };
        const struct sc_diag *const *all;
        size_t n;

        o.r = sc_answers_read(arena, &source, visit, &o.seen, diags, &o.answers);
        all = sc_diags_all(diags, &n);
        if (n) {
                struct sc_position at = sc_source_locate(&source, all[0]->places[0].offset);

                if (asprintf(&o.message, "%u:%u %s %s", at.line, at.column, all[0]->rule, all[0]->message) < 0)
                        o.message = NULL;
        }
        return o;
}

static void check_good(struct sc_arena *arena, const char *text, size_t n, size_t outputs, size_t n_left)
{
        SC_CLEANUP(outcome_done) struct outcome o = read_text(arena, text, 0);

        CHECK_INT(o.r, 0);
        CHECK_STR(o.message, NULL);
        CHECK_INT(o.seen.n, n);
        CHECK_INT(o.answers.n, n);
        CHECK_INT(o.answers.outputs, outputs);
        CHECK_INT(o.answers.n_left, n_left);
}

static void test_good(struct sc_arena *arena)
{
        check_good(arena, END("0", ""), 0, 1, 0);
        check_good(arena, ANSWER ANSWER END("2", "[\"x86_64\",335],[\"x86_64\",336]"), 2, 1, 2);
        check_good(arena, "\n \r\n" ANSWER "\r\n" END("1", "") "\n", 1, 1, 0);
        check_good(arena, "{ \"action\" : \"allow or log\", \"args\":[1,2,3,4,5,18446744073709551615],\r"
                          "\"nr\":1073741865, \"abi\":\"x32\"}\n{\"end\":{\"left-out\":[],\"questions\":1}}",
                   1, 1, 0);
        /* one after the other; what is left out is told once */
        check_good(arena, ANSWER END("1", "[\"x86_64\",335]") ANSWER ANSWER END("2", "[\"x86_64\",335]"), 3, 2, 1);
        /* the first was killed by its last question, once on a line of its own */
        check_good(arena, ANSWER KILLED ANSWER END("1", ""), 3, 1, 0);
        check_good(arena, ANSWER KILLED "\r\n" END("0", "[\"x86_64\",336],[\"x32\"]"), 2, 1, 2);
        check_good(arena, KILLED KILLED KILLED END("0", ""), 3, 1, 0);
        check_good(arena, LINE("x32", "41", "allow") END("1", "[\"x32\",336]"), 1, 1, 1);
        check_good(arena, LINE("x86_64", "4294967295", "log") LINE("x86", "4294967295", "trap") END("2", ""), 2, 1, 0);
}

static void test_values(struct sc_arena *arena)
{
        const char *text = ANSWER "{\"abi\":\"x32\",\"nr\":1073741865,\"args\":[1,2,3,4,5,18446744073709551615],"
                                  "\"action\":\"log or errno 38 or kill-process\"}\n" END("2", "[\"x32\",1073742159]");
        SC_CLEANUP(outcome_done) struct outcome o = read_text(arena, text, 0);

        CHECK_INT(o.r, 0);
        CHECK_STR(o.seen.last.abi->name, "x32");
        CHECK_INT(o.seen.last.nr, 1073741865);
        for (uint64_t i = 0; i < 5; i++)
                CHECK_INT(o.seen.last.args[i], i + 1);
        CHECK_INT(o.seen.last.args[5], -1);
        CHECK_INT(o.seen.last.may, SC_MAY_LOG | SC_MAY_ERRNO | SC_MAY_KILL_PROCESS);
        CHECK_INT(o.seen.last.error, 38);
        CHECK_INT(o.seen.place.offset, strlen(ANSWER));
        CHECK_INT(text[o.seen.place.offset + o.seen.place.length], '\n');
        CHECK_STR(o.answers.left[0].abi->name, "x32");
        CHECK_INT(o.answers.left[0].nr, 1073742159);
}

/* Every set of ways to decide is read as it was written. */
static void test_back(struct sc_arena *arena)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        size_t wrong = 0, n = 0;

        for (unsigned may = 1; may < 2 * SC_MAY_KILL_PROCESS; may++) {
                const unsigned error = may & SC_MAY_ERRNO ? 4095 : 0;
                const struct sc_answer a = { sc_abi_native(), 7, { 1, UINT64_MAX }, may, error };
                struct outcome o;

                sc_strbuf_done(&out);
                sc_answer_write(&a, &out);
                sc_strbuf_puts(&out, END("1", ""));
                o = read_text(arena, out.text, 0);
                wrong += o.r || o.seen.last.may != may || o.seen.last.error != a.error || o.seen.last.nr != a.nr ||
                         memcmp(o.seen.last.args, a.args, sizeof(a.args)) != 0;
                n++;
                outcome_done(&o);
        }
        sc_strbuf_done(&out);
        CHECK_INT(n, 255);
        CHECK_INT(wrong, 0);
}

#define CUT "answers-cut the output is cut off: no line {\"end\":…} is its last"

static const struct {
        const char *text;
        const char *message;
} bad[] = {
        /* cut off */
        { "", "1:1 " CUT },
        { "\n\n", "3:1 " CUT },
        { ANSWER, "2:1 " CUT },
        { ANSWER "{\"abi\":\"x8", "2:11 " CUT },
        { ANSWER END("1", "") ANSWER, "4:1 " CUT },
        { ANSWER "{\"end\":{\"questions\":1", "2:22 " CUT },
        { ANSWER KILLED, "2:45 answers-cut the last question killed the probe, and others were not asked" },
        { KILLED "\n", "2:1 answers-cut the last question killed the probe, and others were not asked" },
        { KILLED "\n" ANSWER, "3:1 " CUT },
        { KILLED " " ANSWER END("1", ""), "1:46 json-syntax expected ',' or '}', found '{'" },
        /* lines that are missing */
        { ANSWER END("2", ""),
          "2:21 answers-count 2 answers should stand before this line, but only 1 do: lines are missing" },
        { ANSWER ANSWER END("2", "") ANSWER END("2", ""),
          "5:21 answers-count 2 answers should stand before this line, but only 1 do: lines are missing" },
        { END("18446744073709551615", ""), "1:21 answers-count 18446744073709551615 answers should stand before this "
                                           "line, but only 0 do: lines are missing" },
        { ANSWER ANSWER ANSWER END("1", ""),
          "4:21 answers-count 1 answers should stand before this line, but 3 do: an output before it was cut off" },
        { ANSWER KILLED ANSWER ANSWER END("1", ""),
          "4:21 answers-count 1 answers should stand before this line, but 2 do: an output before it was cut off" },
        { ANSWER KILLED ANSWER END("3", ""),
          "3:21 answers-count 3 answers should stand before this line, but only 1 do: lines are missing" },
        /* no such lines */
        { "[]\n", "1:1 answer-form no answer: {\"abi\":…,\"nr\":…,\"args\":[…],\"action\":…}" },
        { "{}\n", "1:1 answer-form \"abi\" is missing" },
        { "7\n", "1:1 answer-form no answer: {\"abi\":…,\"nr\":…,\"args\":[…],\"action\":…}" },
        { ANSWER "{\"abi\":\"x86_64\",\"nr\":1,\"args\":[0,0,0,0,0,0],\"action\":\"allow\",\"why\":1}\n",
          "2:62 answer-form nobody knows this member" },
        { "{\"abi\":\"x86_64\",\"nr\":1,\"args\":[0,0,0,0,0,0]}\n", "1:1 answer-form \"action\" is missing" },
        { "{\"end\":7}\n", "1:8 answer-form the end is an object: {\"questions\":…,\"left-out\":[…]}" },
        { "{\"end\":{\"questions\":0}}\n", "1:8 answer-form \"left-out\" is missing" },
        { "{\"end\":{\"questions\":0,\"left-out\":[]},\"more\":1}\n", "1:38 answer-form nobody knows this member" },
        { "{\"end\":{\"questions\":-1,\"left-out\":[]}}\n",
          "1:21 answer-form how many questions there were is a whole number" },
        { END("0", "335"), "1:35 answer-form no architecture, with a number or without, in an array" },
        { END("0", "[\"x86_64\",1,2]"), "1:35 answer-form no architecture, with a number or without, in an array" },
        { END("0", "[\"x86-64\",335]"), "1:36 answer-form no architecture is named so" },
        { "{\"end\":{\"questions\":0,\"left-out\":{}}}\n",
          "1:34 answer-form what was left out is an array: [[\"x86_64\",335],[\"x32\"]]" },
        /* values */
        { LINE("vax", "1", "allow"), "1:8 answer-form no architecture is named so" },
        { LINE("x86_64", "-1", "allow"), "1:22 answer-form a call's number has 32 bits" },
        { LINE("x86_64", "1.0", "allow"), "1:22 answer-form a call's number has 32 bits" },
        { LINE("x86_64", "4294967296", "allow"), "1:22 answer-form a call's number has 32 bits" },
        { "{\"abi\":\"x86\",\"nr\":1,\"args\":[0,0,0,0,0],\"action\":\"allow\"}\n",
          "1:28 answer-form the arguments are an array of six numbers" },
        { "{\"abi\":\"x86\",\"nr\":1,\"args\":[0,0,0,0,0,-1],\"action\":\"allow\"}\n",
          "1:39 answer-form an argument is a whole number of 64 bits, not below 0" },
        { "{\"abi\":\"x86\",\"nr\":1,\"args\":[18446744073709551616,0,0,0,0,0],\"action\":\"allow\"}\n",
          "1:29 answer-form an argument is a whole number of 64 bits, not below 0" },
        /* the reader of JSON, with the line of the file */
        { ANSWER ANSWER "{\"abi\":}\n", "3:8 json-syntax expected a value, found '}'" },
        { ANSWER ANSWER "warning: no x32\n" ANSWER END("3", ""), "3:1 json-syntax expected a value, found 'warning'" },
        { "{\"abi\":\"x86\",\"abi\":\"x86\"}\n",
          "1:14 json-duplicate-key this object already has a member with this key" },
};

static void test_bad(struct sc_arena *arena)
{
        for (size_t i = 0; i < SC_COUNT(bad); i++) {
                SC_CLEANUP(outcome_done) struct outcome o = read_text(arena, bad[i].text, 0);

                CHECK_INT(o.r, -EBADMSG);
                CHECK_STR(o.message, bad[i].message);
        }
}

/* A zero in a line that breaks off is part of it; the text lies where a byte too far is seen. */
static void test_zero(struct sc_arena *arena)
{
        static const char line[] = "{\"abi\":\"x86\0\",\"nr\":1,\"args\":[0,0,0,0,0,0]\n";
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_source source = { "out.json", line, sizeof(line) - 1 };
        struct sc_answers answers;
        struct seen seen = { .n = 0 };

        CHECK_INT(sc_answers_read(arena, &source, visit, &seen, diags, &answers), -EBADMSG);
        CHECK_INT(sc_diags_count(diags, SC_ERROR), 1);
        CHECK_INT(seen.n, 0);
}

static void test_actions(void)
{
        static const char *const wrong[] = {
                "", "allowed", "Allow", "allow ", " allow", "allow or ", "allow or allow", "log or allow", "allow log",
                "allow or", "or allow", "errno", "errno ", "errno 01", "errno 4096", "errno 42949672960", "errno -1",
                "errno 1x", "errno  1", "errno 1 or errno 2", "trace 7", "kill", "kill-thread or trap", "allow\n",
        };
        struct sc_answer answer = { .may = 77 };

        for (size_t i = 0; i < SC_COUNT(wrong); i++)
                if (sc_answer_read_action(wrong[i], strlen(wrong[i]), &answer))
                        CHECK_STR(wrong[i], "refused");
        CHECK_INT(answer.may, 77);
        CHECK(sc_answer_read_action("errno 0", 7, &answer) && answer.may == SC_MAY_ERRNO && answer.error == 0);
        CHECK(!sc_answer_read_action("allow\0", 6, &answer));
}

static void test_agreement(void)
{
        struct sc_answer let = { .may = SC_MAY_ALLOW | SC_MAY_LOG | SC_MAY_TRACE | SC_MAY_NOTIFY };
        struct sc_answer denied = { .may = SC_MAY_ERRNO, .error = 1 };

        CHECK(sc_answer_agrees(&let, SECCOMP_RET_ALLOW));
        CHECK(sc_answer_agrees(&let, SECCOMP_RET_TRACE | 7));
        CHECK(sc_answer_agrees(&let, SECCOMP_RET_ERRNO | SC_GATE_ERRNO));
        CHECK(!sc_answer_agrees(&let, SECCOMP_RET_ERRNO | 1));
        CHECK(sc_answer_agrees(&denied, SECCOMP_RET_ERRNO | 1));
        CHECK(!sc_answer_agrees(&denied, SECCOMP_RET_ERRNO | 38));
        CHECK(!sc_answer_agrees(&denied, SECCOMP_RET_ALLOW));
        CHECK(!sc_answer_agrees(&denied, SECCOMP_RET_KILL_THREAD));
        CHECK(sc_answer_may_deny(&denied) && !sc_answer_may_deny(&let));
}

/* A limit, and a visitor that has enough. */
static void test_ends(struct sc_arena *arena)
{
        size_t len = SC_ANSWER_LINE_MAX + 2;
        SC_CLEANUP(sc_freep) char *text = malloc(len + 1);
        SC_CLEANUP(outcome_done) struct outcome stopped = read_text(arena, ANSWER ANSWER END("2", ""), 5);

        CHECK_INT(stopped.r, 5);
        CHECK_INT(stopped.seen.n, 1);
        if (!CHECK(text))
                return;
        memset(text, '[', len);
        text[len] = '\0';
        text[len - 1] = '\n';
        {
                SC_CLEANUP(outcome_done) struct outcome o = read_text(arena, text, 0);

                CHECK_INT(o.r, -EBADMSG);
                CHECK_STR(o.message, "1:1 answers-size a line of 65537 bytes; 65536 are the most");
        }
}

int main(void)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();

        if (!arena)
                return EXIT_FAILURE;
        test_good(arena);
        test_values(arena);
        test_back(arena);
        test_bad(arena);
        test_zero(arena);
        test_actions();
        test_agreement();
        test_ends(arena);
        return test_end();
}

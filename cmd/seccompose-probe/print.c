/* SPDX-License-Identifier: Apache-2.0 */
/* Answers, a line each. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "seccompose-probe/probe.h"
#include "syscall/syscall.h"

#define FLUSH_SIZE ((size_t)64 * 1024)

bool put(int fd, const char *text, size_t len)
{
        while (len) {
                ssize_t n = write(fd, text, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return false;
                text += n;
                len -= (size_t)n;
        }
        return true;
}

static struct sc_answer answer_of(const struct sc_question *q, uint32_t result)
{
        struct sc_answer answer = { .abi = q->abi, .nr = q->nr, .may = result & 0xffff, .error = result >> 16 };

        memcpy(answer.args, q->args, sizeof(answer.args));
        return answer;
}

static bool flush(struct sc_strbuf *out)
{
        bool good = !out->failed && put(STDOUT_FILENO, out->text ? out->text : "", out->len);

        sc_strbuf_done(out);
        *out = SC_STRBUF_INIT;
        return good;
}

/* A line as `seccompose eval` writes it: "x86_64 socket 1 1 0 0 0 0", a tab, the action. */
static void write_text(const struct sc_answer *answer, struct sc_strbuf *out)
{
        int call = sc_syscall_by_number(answer->abi, answer->nr);

        if (call >= 0)
                sc_strbuf_printf(out, "%s %s", answer->abi->name, sc_syscall_name(call));
        else
                sc_strbuf_printf(out, "%s #%" PRIu32, answer->abi->name, answer->nr);
        for (size_t i = 0; i < SC_COUNT(answer->args); i++)
                sc_strbuf_printf(out, answer->args[i] > 9 ? " 0x%" PRIx64 : " %" PRIu64, answer->args[i]);
        sc_strbuf_puts(out, "\t");
        sc_answer_action(answer, out);
        sc_strbuf_puts(out, "\n");
}

static void write_line(const struct run *run, const struct sc_question *q, uint32_t result, struct sc_strbuf *out)
{
        struct sc_answer answer = answer_of(q, result);

        (run->plan->json ? sc_answer_write : write_text)(&answer, out);
}

/* Where the action begins in a line. */
static size_t action_at(const struct run *run, const struct sc_strbuf *line)
{
        const char *at = line->failed ? NULL : strstr(line->text, run->plan->json ? ",\"action\":" : "\t");

        return at ? (size_t)(at - line->text) : 0;
}

/* All of the line but the action: if the question ends this process, the file ends with it. */
void print_question_begin(struct run *run, size_t i)
{
        struct sc_strbuf line = SC_STRBUF_INIT;
        struct sc_question q;

        plan_question(run->plan, i, &q);
        write_line(run, &q, SC_MAY_ALLOW, &line);
        run->unwritten |= !put(STDOUT_FILENO, line.text, action_at(run, &line));
        sc_strbuf_done(&line);
}

void print_answer(struct run *run, size_t i)
{
        struct sc_strbuf line = SC_STRBUF_INIT;
        struct sc_question q;
        size_t at;

        plan_question(run->plan, i, &q);
        write_line(run, &q, run->results[i], &line);
        at = action_at(run, &line);
        run->unwritten |= line.failed || !put(STDOUT_FILENO, line.text + at, line.len - at);
        sc_strbuf_done(&line);
        run->printed++;
}

/* The ABIs without an entry, and the numbers about which the kernel asks no filter, of those that were to be asked. */
static void write_left_out(const struct run *run, struct sc_strbuf *out)
{
        struct sc_question q;
        const char *joint = "";
        bool absent[PROBE_ABIS] = { false };
        uint32_t last = UINT32_MAX;

        for (size_t i = run->begin; i < run->plan->count; i++) {
                bool asked = plan_question(run->plan, i, &q);
                enum probe_abi which = plan_which(q.abi);

                if (asked && (run->results[i] != ANSWER_ABSENT || absent[which]))
                        continue;
                if (!asked && q.nr == last)
                        continue;
                absent[which] |= asked;
                last = asked ? last : q.nr;
                sc_strbuf_printf(out, "%s[\"%s\"", joint, q.abi->name);
                if (!asked)
                        sc_strbuf_printf(out, ",%" PRIu32, q.nr);
                sc_strbuf_puts(out, "]");
                joint = ",";
        }
}

static void write_end(const struct run *run, struct sc_strbuf *out)
{
        if (!run->plan->json)
                return;
        sc_strbuf_printf(out, "{\"end\":{\"questions\":%zu,\"left-out\":[", run->printed);
        write_left_out(run, out);
        sc_strbuf_puts(out, "]}}\n");
}

static bool print_lines(struct run *run)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct sc_question q;
        bool good = true;

        for (size_t i = run->begin; !run->way.alone && i < run->plan->count && good; i++) {
                if (!plan_question(run->plan, i, &q) || run->results[i] == ANSWER_ABSENT)
                        continue;
                write_line(run, &q, run->results[i], &out);
                run->printed++;
                if (out.len > FLUSH_SIZE)
                        good = flush(&out);
        }
        write_end(run, &out);
        return flush(&out) && good;
}

bool print_all(struct run *run)
{
        if (!run->plan->json && !run->way.alone && !run->plan->questions && !run->plan->skip)
                return text_all(run);
        return print_lines(run) && !run->unwritten;
}

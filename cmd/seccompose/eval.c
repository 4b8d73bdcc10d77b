/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose eval: what happens to calls, a line each. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/typo.h"
#include "common/meaning.h"
#include "probe/questions.h"
#include "seccompose/ask.h"

#define EVAL_INPUT_MAX ((size_t)256 * 1024 * 1024)

struct evaluator {
        struct session *s;
        struct input input;
        struct ask_meanings meanings;
};

/* What is said of a line that cannot be read. */
static const struct {
        const char *rule, *what;
        bool shows_word;
} problems[] = {
        [SC_QUESTION_ABI] = { "unknown-arch", "no architecture named", true },
        [SC_QUESTION_NO_CALL] = { "missing-call", "a call is missing: 'ABI CALL [ARGUMENT…]'", false },
        [SC_QUESTION_CALL] = { "unknown-syscall", "no system call named", true },
        [SC_QUESTION_ABSENT] = { "call-of-another-abi", "the ABI has no call", true },
        [SC_QUESTION_NUMBER] = { "bad-number", "no call number of 32 bits:", true },
        [SC_QUESTION_ARGUMENT] = { "bad-number", "no number of 64 bits:", true },
        [SC_QUESTION_ARGUMENTS] = { "too-many-arguments", "a call has six arguments at most", false },
};

/* The known name that is nearest; NULL: none is near, or the problem is no name. */
static const char *find_meant(const struct sc_question_problem *problem)
{
        struct sc_typo typo = sc_typo_begin(problem->word, problem->len);

        for (size_t i = 0; problem->fault == SC_QUESTION_ABI && i < sc_abi_count(); i++)
                sc_typo_offer(&typo, sc_abi_at(i)->name);
        for (size_t i = 0; problem->fault == SC_QUESTION_CALL && i < sc_syscall_count(); i++)
                sc_typo_offer(&typo, sc_syscall_name((int)i));
        return typo.best;
}

static void report_problem(struct evaluator *ev, struct sc_place line, const struct sc_question_problem *problem)
{
        const struct sc_place word = { line.source, (size_t)(problem->word - line.source->text), problem->len };
        const char *rule = problems[problem->fault].rule, *what = problems[problem->fault].what;
        const char *meant = find_meant(problem);
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_diag *diag;

        if (problem->fault == SC_QUESTION_ABSENT)
                sc_strbuf_printf(&text, "%s has no call", problem->abi->name);
        else
                sc_strbuf_puts(&text, what);
        if (problems[problem->fault].shows_word)
                sc_strbuf_printf(&text, " '%.*s'", (int)problem->len, problem->word);
        diag = sc_diags_add(ev->s->diags, SC_ERROR, rule, problem->len ? word : line, "%s",
                            text.failed ? what : text.text);
        sc_strbuf_done(&text);
        if (meant)
                sc_diag_hint(diag, "did you mean '%s'?", meant);
        else if (problem->fault == SC_QUESTION_CALL)
                sc_diag_hint(diag, "'seccompose list syscalls' lists them");
}

static void append_action(struct sc_strbuf *out, uint32_t action)
{
        static const struct {
                uint32_t action;
                const char *name;
        } names[] = {
                { SECCOMP_RET_KILL_PROCESS, "kill-process" }, { SECCOMP_RET_KILL_THREAD, "kill-thread" },
                { SECCOMP_RET_TRAP, "trap" },                 { SECCOMP_RET_USER_NOTIF, "notify" },
                { SECCOMP_RET_LOG, "log" },                   { SECCOMP_RET_ALLOW, "allow" },
        };
        uint32_t value = action & SECCOMP_RET_ACTION_FULL, data = action & SECCOMP_RET_DATA;

        if (value == SECCOMP_RET_ERRNO)
                sc_strbuf_printf(out, "errno %u %s", data, sc_errno_name(data) ? sc_errno_name(data) : "?");
        else if (value == SECCOMP_RET_TRACE)
                sc_strbuf_printf(out, "trace %u", data);
        for (size_t i = 0; i < SC_COUNT(names); i++)
                if (names[i].action == value)
                        sc_strbuf_puts(out, names[i].name);
}

static int answer(struct evaluator *ev, struct sc_place line, const struct sc_question *q, struct sc_strbuf *out)
{
        struct sc_input in = { .words = { [SC_WORD_ARCH] = q->abi->audit_arch, [SC_WORD_NR] = q->nr } };
        const struct meaning *m;
        int r = ask_meaning(&ev->meanings, q->abi, &m);

        if (r < 0)
                return r;
        memcpy(&in.words[SC_WORD_ARG0], q->args, sizeof(q->args));
        sc_strbuf_append(out, line.source->text + line.offset, line.length);
        sc_strbuf_puts(out, "\t");
        append_action(out, sc_decision_eval(ev->meanings.d, m->node, &in));
        sc_strbuf_puts(out, "\n");
        return out->failed ? -ENOMEM : 0;
}

/* Reads and answers all lines. Answers are printed only when every line could be read. */
static int answer_all(struct evaluator *ev, const struct sc_source *source, struct sc_strbuf *out)
{
        int r = 0;

        for (size_t at = 0; at < source->len && r == 0;) {
                const char *start = source->text + at, *nl = memchr(start, '\n', source->len - at);
                struct sc_place line = { source, at, nl ? (size_t)(nl - start) : source->len - at };
                struct sc_question_problem problem;
                struct sc_question q;
                int known;

                at += line.length + 1;
                while (line.length && start[line.length - 1] && strchr(" \t\r", start[line.length - 1]))
                        line.length--;
                if (line.length == 0)
                        continue;
                known = sc_question_read(start, line.length, &q, &problem);
                if (known < 0)
                        report_problem(ev, line, &problem);
                else if (known > 0 && !sc_diags_count(ev->s->diags, SC_ERROR))
                        r = answer(ev, line, &q, out);
        }
        return r == 0 && sc_diags_count(ev->s->diags, SC_ERROR) ? -EBADMSG : r;
}

static int eval_stdin(struct evaluator *ev)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct sc_source source = { .name = "<stdin>" };
        int code, r = sc_file_read_fd(STDIN_FILENO, EVAL_INPUT_MAX, &text, &source.len);

        if (r < 0)
                return report(ev->s, r, "standard input");
        source.text = text;
        r = answer_all(ev, &source, &out);
        code = report(ev->s, r, "evaluating");
        if (code == EXIT_YES && out.len)
                fwrite(out.text, 1, out.len, stdout);
        sc_strbuf_done(&out);
        return code;
}

int verb_eval(struct session *s, const struct options *options)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct evaluator ev = { .s = s };
        int code;

        if (!d)
                return EXIT_SYSTEM;
        if (!strcmp(options->args[0], "-"))
                return complain(s, "standard input is for the questions; FILE must be a file or a shipped policy");
        if (options->target && !strcmp(options->target, ASK_ALL))
                return complain(s, "--for %s: an answer is that of one consumer", ASK_ALL);
        ev.meanings = (struct ask_meanings){ .s = s, .options = options, .input = &ev.input, .d = d };
        code = ask_file(s, options, options->args[0], &ev.input, &ev.meanings.view);
        if (code)
                return code;
        return eval_stdin(&ev);
}

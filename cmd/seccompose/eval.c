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
#include "seccompose/ask.h"

#define EVAL_INPUT_MAX ((size_t)256 * 1024 * 1024)

/* A question: one line of the input. */
struct question {
        struct sc_place place; /* the line */
        const struct sc_abi *abi;
        uint32_t nr;
        uint64_t args[6];
        bool absent; /* a call that the ABI does not have */
};

struct evaluator {
        struct session *s;
        struct input input;
        struct ask_meanings meanings;
};

/* Cuts the next word off [*p, end); false at the end of the line. */
static bool next_word(const char **p, const char *end, struct sc_place *place)
{
        const char *start;

        while (*p < end && (**p == ' ' || **p == '\t' || **p == '\r'))
                (*p)++;
        start = *p;
        while (*p < end && **p != ' ' && **p != '\t' && **p != '\r')
                (*p)++;
        place->offset = (size_t)(start - place->source->text);
        place->length = (size_t)(*p - start);
        return *p > start;
}

/* Decimal or hexadecimal, 64 bits; a leading minus is two's complement. */
static bool parse_number(const char *text, size_t len, uint64_t max, uint64_t *ret_value)
{
        bool minus = len && text[0] == '-';
        bool hex = len - minus > 2 && text[minus] == '0' && (text[minus + 1] | 32) == 'x';
        size_t i = minus + (hex ? 2u : 0u);
        uint64_t value = 0;

        if (i >= len)
                return false;
        for (; i < len; i++) {
                char c = text[i];
                int digit = -1;

                if (c >= '0' && c <= '9')
                        digit = c - '0';
                else if (hex && (c | 32) >= 'a' && (c | 32) <= 'f')
                        digit = (c | 32) - 'a' + 10;
                if (digit < 0 || __builtin_mul_overflow(value, hex ? 16u : 10u, &value) ||
                    __builtin_add_overflow(value, (uint64_t)digit, &value))
                        return false;
        }
        if (value > max)
                return false;
        *ret_value = minus ? -value : value;
        return true;
}

static void report_word(struct evaluator *ev, struct sc_place place, const char *rule, const char *what,
                        struct sc_typo *typo)
{
        struct sc_diag *diag = sc_diags_add(ev->s->diags, SC_ERROR, rule, place, "%s '%.*s'", what, (int)place.length,
                                            place.source->text + place.offset);

        if (typo->best)
                sc_diag_hint(diag, "did you mean '%s'?", typo->best);
}

static bool read_abi(struct evaluator *ev, struct sc_place place, struct question *q)
{
        const char *word = place.source->text + place.offset;
        struct sc_typo typo = sc_typo_begin(word, place.length);

        q->abi = sc_abi_find(word, place.length);
        for (size_t i = 0; !q->abi && i < sc_abi_count(); i++)
                sc_typo_offer(&typo, sc_abi_at(i)->name);
        if (!q->abi)
                report_word(ev, place, "unknown-arch", "no architecture named", &typo);
        return q->abi;
}

static bool read_call(struct evaluator *ev, struct sc_place place, struct question *q)
{
        const char *word = place.source->text + place.offset;
        struct sc_typo typo = sc_typo_begin(word, place.length);
        uint64_t number;
        int call;

        if (word[0] == '#') {
                if (parse_number(word + 1, place.length - 1, UINT32_MAX, &number)) {
                        q->nr = (uint32_t)number;
                        return true;
                }
                report_word(ev, place, "bad-number", "no call number of 32 bits:", &typo);
                return false;
        }
        call = sc_syscall_find(word, place.length);
        if (call >= 0) {
                q->absent = !sc_syscall_number(call, q->abi, &q->nr);
                if (!q->absent)
                        return true;
                sc_diags_add(ev->s->diags, SC_ERROR, "call-of-another-abi", place, "%s has no call '%s'", q->abi->name,
                             sc_syscall_name(call));
                return false;
        }
        for (size_t i = 0; i < sc_syscall_count(); i++)
                sc_typo_offer(&typo, sc_syscall_name((int)i));
        report_word(ev, place, "unknown-syscall", "no system call named", &typo);
        return false;
}

/* Reads a line; false after a diagnostic. */
static bool read_question(struct evaluator *ev, struct sc_place line, struct question *q)
{
        const char *p = line.source->text + line.offset, *end = p + line.length;
        struct sc_place word = { .source = line.source };
        struct sc_typo none = { 0 };
        size_t n = 0;

        q->place = line;
        if (!next_word(&p, end, &word) || !read_abi(ev, word, q))
                return false;
        if (!next_word(&p, end, &word)) {
                sc_diags_add(ev->s->diags, SC_ERROR, "missing-call", line, "a call is missing: 'ABI CALL [ARGUMENT…]'");
                return false;
        }
        if (!read_call(ev, word, q))
                return false;
        while (next_word(&p, end, &word)) {
                if (n == 6) {
                        sc_diags_add(ev->s->diags, SC_ERROR, "too-many-arguments", word,
                                     "a call has six arguments at most");
                        return false;
                }
                if (!parse_number(word.source->text + word.offset, word.length, UINT64_MAX, &q->args[n++])) {
                        report_word(ev, word, "bad-number", "no number of 64 bits:", &none);
                        return false;
                }
        }
        return true;
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

static int answer(struct evaluator *ev, const struct question *q, struct sc_strbuf *out)
{
        struct sc_input in = { .words = { [SC_WORD_ARCH] = q->abi->audit_arch, [SC_WORD_NR] = q->nr } };
        const struct meaning *m;
        int r = ask_meaning(&ev->meanings, q->abi, &m);

        if (r < 0)
                return r;
        memcpy(&in.words[SC_WORD_ARG0], q->args, sizeof(q->args));
        sc_strbuf_append(out, q->place.source->text + q->place.offset, q->place.length);
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
                struct question q = { 0 };

                at += line.length + 1;
                while (line.length && start[line.length - 1] && strchr(" \t\r", start[line.length - 1]))
                        line.length--;
                if (line.length == 0)
                        continue;
                if (read_question(ev, line, &q) && !sc_diags_count(ev->s->diags, SC_ERROR))
                        r = answer(ev, &q, out);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of refused calls: which, by whom, by what rule, and what would allow them. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/visible.h"
#include "seccompose/run.h"
#include "syscall/param.h"

uint32_t run_answer(const struct run *run, const struct run_call *call)
{
        struct sc_input input = { .words = { [SC_WORD_ARCH] = call->arch, [SC_WORD_NR] = call->nr } };

        memcpy(&input.words[SC_WORD_ARG0], call->args, sizeof(call->args));
        return meaning_run(&run->meaning, &input);
}

void run_call_place(struct run_call *call)
{
        for (size_t i = 0; i < sc_abi_count() && !call->abi; i++)
                if (sc_abi_at(i)->audit_arch == call->arch && sc_abi_owns(sc_abi_at(i), call->nr))
                        call->abi = sc_abi_at(i);
}

/* The arguments on which the answer depends. */
static unsigned find_matters(struct run *run, const struct run_call *call)
{
        struct sc_decisions *d = run->ex.d;
        sc_node node = sc_decision_fix(d, run->meaning.node, SC_WORD_ARCH, call->arch);
        unsigned matters = 0;

        node = sc_decision_fix(d, node, SC_WORD_NR, call->nr);
        for (unsigned i = 0; i < 6; i++) {
                uint64_t bits = 0;

                if (sc_decision_tested(d, node, (enum sc_word)(SC_WORD_ARG0 + i), &bits) == 0 && bits)
                        matters |= 1u << i;
        }
        return matters;
}

static bool same_call(const struct run_record *record, const struct run_call *call)
{
        for (unsigned i = 0; i < 6; i++)
                if (record->matters >> i & 1 && record->call.args[i] != call->args[i])
                        return false;
        return record->call.arch == call->arch && record->call.nr == call->nr;
}

/* Room for one more; false if there is none. */
static bool grow(struct run *run)
{
        struct run_record *more;

        if (run->n_records == RUN_RECORDS_MAX) {
                run->overflowed = true;
                return false;
        }
        if (run->n_records & (run->n_records + 1)) /* full at 0, 1, 3, 7 … */
                return true;
        more = sc_arena_array(run->s->arena, 2 * run->n_records + 1, sizeof(*more));
        if (more && run->n_records)
                memcpy(more, run->records, run->n_records * sizeof(*more));
        run->records = more ? more : run->records;
        return more;
}

const struct run_record *run_record(struct run *run, const struct run_call *call, uint32_t answer,
                                    const struct process_name *who)
{
        const char *name;

        for (size_t i = 0; i < run->n_records; i++)
                if (same_call(&run->records[i], call) && run->records[i].answer == answer &&
                    !strcmp(run->records[i].name, who->name)) {
                        run->records[i].count++;
                        return &run->records[i];
                }
        name = grow(run) ? sc_arena_strndup(run->s->arena, who->name, strlen(who->name)) : NULL;
        if (!name)
                return NULL;
        run->records[run->n_records] = (struct run_record){
                .call = *call,
                .matters = find_matters(run, call),
                .answer = answer,
                .name = name,
                .count = 1,
        };
        return &run->records[run->n_records++];
}

static struct question make_question(const struct run_call *call, unsigned known)
{
        struct question q = {
                .abi = call->abi,
                .call = call->abi ? sc_syscall_by_number(call->abi, call->nr) : -1,
                .nr = call->nr,
                .known = known,
        };

        memcpy(q.args, call->args, sizeof(q.args));
        return q;
}

/* All arguments that the call takes. */
static unsigned all_args(const struct run_call *call)
{
        int number = call->abi ? sc_syscall_by_number(call->abi, call->nr) : -1;
        size_t n = number >= 0 ? sc_param_count(number) : 6;

        return (1u << n) - 1;
}

/* "x86_64 socket(family=0x2 AF_INET), number 41" */
static void format_call(const struct run_call *call, unsigned known, struct sc_strbuf *out)
{
        const struct question q = make_question(call, known);

        if (!call->abi) {
                sc_strbuf_printf(out, "number %u of the architecture 0x%x", call->nr, call->arch);
                return;
        }
        question_format(&q, out);
        if (q.call >= 0)
                sc_strbuf_printf(out, ", number %u", call->nr);
}

/* Why explain_question() has no answer. */
static const char *failure(int r)
{
        return r == -E2BIG ? "it is too complex" : strerror(-r);
}

/* By which rules, and what to write. */
static void append_reasons(struct run *run, const struct run_call *call, unsigned matters, struct sc_strbuf *out)
{
        const struct question q = make_question(call, matters);
        struct answer answer;
        int r = call->abi ? explain_question(&run->ex, &q, &answer) : 0;

        if (!call->abi)
                sc_strbuf_puts(out, "  its architecture is none of the filter's\n");
        else if (r < 0)
                sc_strbuf_printf(out, "  by which rule could not be found out: %s\n", failure(r));
        else
                answer_format_reasons(&answer, out);
}

static void print(const struct run *run, struct sc_strbuf *text)
{
        fputs(text->failed ? "seccompose run: out of memory while reporting\n" : text->text, run->out);
        fflush(run->out);
        sc_strbuf_done(text);
}

/* "4711 make-call", "thread 4711 ?" */
static void format_who(const struct process_name *who, pid_t tid, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "%s%d %s", who->pid ? "" : "thread ", who->pid ? who->pid : tid, who->name);
}

/* True for the threads of the command's own process. A signal of the number 0 is not sent; EPERM comes behind ESRCH. */
static bool is_of_command(const struct run *run, pid_t tid)
{
        return syscall(SYS_tgkill, run->launch.pid, tid, 0) == 0 || errno == EPERM;
}

void run_tell_killed(struct run *run, const struct run_call *call, uint32_t answer)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const struct run_record *record;
        struct process_name who;

        process_name(run->proc, call->tid, &who);
        run->told |= is_of_command(run, call->tid);
        if (run->n_kills++ >= RUN_KILLS_TOLD_MAX)
                return;
        record = run_record(run, call, answer, &who);
        sc_strbuf_puts(&out, "seccompose run: the filter killed ");
        sc_strbuf_puts(&out, answer == SECCOMP_RET_KILL_THREAD && who.threads > 1 ? "a thread of " : "");
        format_who(&who, call->tid, &out);
        sc_strbuf_puts(&out, ": ");
        format_call(call, all_args(call), &out);
        sc_strbuf_puts(&out, ": ");
        sc_action_format(answer, &out);
        sc_strbuf_puts(&out, "\n");
        if (record && record->count == 1)
                append_reasons(run, call, record->matters, &out);
        print(run, &out);
}

void run_tell_kills(const struct run *run)
{
        if (run->n_kills <= RUN_KILLS_TOLD_MAX)
                return;
        fprintf(run->out, "seccompose run: the filter killed %zu times in all; the first %d are told above\n",
                run->n_kills, RUN_KILLS_TOLD_MAX);
        fflush(run->out);
}

void run_tell_impossible(struct run *run, const struct run_call *call, uint32_t answer)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        sc_strbuf_puts(&out, "seccompose run: error: no command can be started under this filter, which refuses ");
        format_call(call, 0, &out);
        sc_strbuf_puts(&out, ": ");
        sc_action_format(answer, &out);
        sc_strbuf_puts(&out, "\n");
        append_reasons(run, call, find_matters(run, call), &out);
        print(run, &out);
}

static void format_refused(const struct run_record *record, struct sc_strbuf *out)
{
        format_call(&record->call, record->matters, out);
        sc_strbuf_puts(out, ": ");
        sc_action_format(record->answer, out);
}

void run_tell_refused(struct run *run, const struct run_call *call, const struct process_name *who)
{
        const struct run_record *record = run_record(run, call, run_answer(run, call), who);
        struct sc_strbuf out = SC_STRBUF_INIT;

        run->n_refused++;
        if (!record || record->count > 1)
                return;
        sc_strbuf_puts(&out, "seccompose run: would be refused: ");
        format_refused(record, &out);
        sc_strbuf_puts(&out, ", by ");
        format_who(who, call->tid, &out);
        sc_strbuf_puts(&out, "\n");
        print(run, &out);
}

/* True if an earlier record is of the same call and condition, so that one line allows both. */
static bool is_repeated(const struct run *run, size_t i)
{
        for (size_t k = 0; k < i; k++)
                if (same_call(&run->records[k], &run->records[i].call))
                        return true;
        return false;
}

/* True for a call that a rule of the policy could name, whatever its arguments. */
static bool is_plain(const struct run *run, const struct run_record *record)
{
        const struct run_call *call = &record->call;

        return !record->matters && call->abi && sc_syscall_by_number(call->abi, call->nr) >= 0 &&
               run->ex.input.policy && policy_lists(run->ex.input.policy, call->abi);
}

/* One rule for all calls that need no condition. */
static void append_plain(const struct run *run, struct sc_strbuf *out)
{
        const char *separator = "  { \"allow\": [";

        for (size_t i = 0; i < run->n_records; i++) {
                const struct run_call *call = &run->records[i].call;

                if (!is_plain(run, &run->records[i]) || is_repeated(run, i))
                        continue;
                sc_strbuf_printf(out, "%s\"%s\"", separator,
                                 sc_syscall_name(sc_syscall_by_number(call->abi, call->nr)));
                separator = ", ";
        }
        sc_strbuf_puts(out, *separator == ',' ? "] }\n" : "");
}

/* What would allow one kind of call; nothing if there is no advice. */
static void append_other(struct run *run, const struct run_record *record, struct sc_strbuf *out)
{
        const struct question q = make_question(&record->call, record->matters);
        struct answer answer;
        int r = q.abi ? explain_question(&run->ex, &q, &answer) : 0;

        if (!q.abi || (r == 0 && !answer.n_advice))
                return;
        if (r == 0 && answer.advice[0].write) {
                sc_strbuf_printf(out, "  %s\n", answer.advice[0].write);
                return;
        }
        sc_strbuf_printf(out, "  (%s %s: ", q.abi->name, q.call >= 0 ? sc_syscall_name(q.call) : "number");
        if (r < 0)
                sc_strbuf_printf(out, "what would allow it could not be found out: %s)\n", failure(r));
        else
                sc_strbuf_printf(out, "%s)\n", answer.advice[0].where);
}

static void append_others(struct run *run, struct sc_strbuf *out)
{
        size_t told = 0;

        for (size_t i = 0; i < run->n_records; i++) {
                size_t before = out->len;

                if (is_plain(run, &run->records[i]) || is_repeated(run, i))
                        continue;
                if (told == RUN_ADVICE_MAX) {
                        sc_strbuf_printf(out, "  and more than %d others\n", RUN_ADVICE_MAX);
                        return;
                }
                append_other(run, &run->records[i], out);
                told += out->len > before;
        }
}

/* Where the advice goes. */
static void append_where(const struct run *run, struct sc_strbuf *out)
{
        const struct sc_policy *policy = run->ex.input.policy;

        if (!policy) {
                sc_strbuf_puts(out, "To allow them:\n");
        } else if (input_is_shipped(run->ex.input.name)) {
                sc_strbuf_puts(out, "To allow them: in a policy with ");
                write_extends(policy, out);
                sc_strbuf_puts(out, ", first of \"rules\"\n");
        } else {
                sc_strbuf_printf(out, "To allow them: as the first of the \"rules\" of %s\n", run->ex.input.name);
        }
}

void run_tell_summary(struct run *run)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        sc_strbuf_printf(&out, "seccompose run: %zu call%s would be refused%s\n", run->n_refused,
                         run->n_refused == 1 ? "" : "s", run->n_refused ? ":" : "");
        for (size_t i = 0; i < run->n_records; i++) {
                sc_strbuf_puts(&out, "  ");
                format_refused(&run->records[i], &out);
                sc_strbuf_printf(&out, ", by %s ×%zu\n", run->records[i].name, run->records[i].count);
        }
        if (run->overflowed)
                sc_strbuf_printf(&out, "  and others, of more than %d kinds\n", RUN_RECORDS_MAX);
        if (run->n_records)
                append_where(run, &out);
        append_plain(run, &out);
        append_others(run, &out);
        print(run, &out);
}

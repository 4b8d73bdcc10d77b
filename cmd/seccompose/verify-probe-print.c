/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict about a kernel's answers, in words and as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json/write.h"
#include "seccompose/output.h"
#include "seccompose/verdict.h"
#include "seccompose/verify-probe.h"

/* As whose FILE was taken. */
static const char *taken_by(const struct probe_verdict *v)
{
        static const char *const alone[] = {
                [SC_FILE_POLICY] = "policy",
                [SC_FILE_BPF] = "program",
                [SC_FILE_PROCESS] = "process",
        };

        return v->taker ? v->taker->name : alone[v->input.kind];
}

static struct sc_witness call_of(const struct sc_answer *answer)
{
        struct sc_witness w = { .abi = answer->abi, .nr = answer->nr };

        w.call = sc_syscall_by_number(answer->abi, answer->nr);
        memcpy(w.args, answer->args, sizeof(w.args));
        return w;
}

static void format_abis(const struct probe_verdict *v, struct sc_strbuf *out)
{
        const char *separator = "";

        for (size_t i = 0; i < sc_abi_count(); i++) {
                const struct sc_abi *abi = sc_abi_at(i);

                if (!v->asked[abi->index])
                        continue;
                sc_strbuf_printf(out, "%s%s %zu", separator, abi->name, v->asked[abi->index]);
                separator = ", ";
        }
}

/* "x86_64 uretprobe", "all of x32" */
static void format_left(const struct sc_answer_left *left, struct sc_strbuf *out)
{
        int call = left->all ? -1 : sc_syscall_by_number(left->abi, left->nr);

        sc_strbuf_printf(out, "%s%s", left->all ? "all of " : "", left->abi->name);
        if (call >= 0)
                sc_strbuf_printf(out, " %s", sc_syscall_name(call));
        else if (!left->all)
                sc_strbuf_printf(out, " #%" PRIu32, left->nr);
}

static void format_all_left(const struct probe_verdict *v, struct sc_strbuf *out)
{
        for (size_t i = 0; i < v->answers.n_left; i++) {
                sc_strbuf_puts(out, i ? ", " : "  not asked: ");
                format_left(&v->answers.left[i], out);
        }
        if (v->answers.n_left)
                sc_strbuf_puts(out, "\n");
}

static void format_environment(const struct probe_verdict *v, struct sc_strbuf *out)
{
        const sc_kernel kernel = v->meanings.view.kernel;

        sc_strbuf_puts(out, "  capabilities: ");
        verdict_format_caps(v->options->caps, out);
        sc_strbuf_printf(out, "; kernel %u.%u\n", SC_KERNEL_MAJOR(kernel), SC_KERNEL_MINOR(kernel));
}

static void format_difference(const struct probe_verdict *v, const struct probe_difference *d, struct sc_strbuf *out)
{
        const struct sc_witness w = call_of(&d->answer);

        sc_strbuf_puts(out, "  ");
        sc_witness_question(&w, out);
        if (d->n > 1)
                sc_strbuf_printf(out, ", and %zu more of this call", d->n - 1);
        sc_strbuf_printf(out, "\n    kernel: ");
        sc_answer_action(&d->answer, out);
        sc_strbuf_printf(out, " (line %u)\n    %s (%s): ", d->line, v->input.name, taken_by(v));
        sc_action_format(d->said, out);
        sc_strbuf_puts(out, "\n");
}

static void format_differences(const struct probe_verdict *v, struct sc_strbuf *out)
{
        size_t shown = v->n_differences < VERIFY_SHOWN_MAX ? v->n_differences : VERIFY_SHOWN_MAX, rest = v->n_differing;

        for (size_t i = 0; i < shown; i++) {
                format_difference(v, &v->differences[i], out);
                rest -= v->differences[i].n;
        }
        if (rest)
                sc_strbuf_printf(out, "  and %zu more\n", rest);
}

static void format_text(const struct probe_verdict *v, struct sc_strbuf *out)
{
        if (v->n_differing)
                sc_strbuf_printf(out, "differs: %zu of %zu answers (", v->n_differing, v->answers.n);
        else
                sc_strbuf_printf(out, "agrees: %zu answers (", v->answers.n);
        format_abis(v, out);
        sc_strbuf_printf(out, ") with %s (%s)\n", v->input.name, taken_by(v));
        format_differences(v, out);
        if (v->n_several)
                sc_strbuf_printf(out, "  %zu answers leave several actions open, such as allow or log\n", v->n_several);
        format_all_left(v, out);
        format_environment(v, out);
}

static void write_text(struct sc_json_writer *w, const char *key, struct sc_strbuf *text)
{
        sc_json_write_member(w, key, text->text ? text->text : "");
        sc_strbuf_done(text);
}

static void write_call(struct sc_json_writer *w, const struct sc_abi *abi, uint32_t nr)
{
        int call = sc_syscall_by_number(abi, nr);

        sc_json_write_member(w, "abi", abi->name);
        sc_json_write_member_u64(w, "number", nr);
        if (call >= 0)
                sc_json_write_member(w, "call", sc_syscall_name(call));
}

static void write_difference(const struct probe_difference *d, struct sc_json_writer *w)
{
        struct sc_strbuf question = SC_STRBUF_INIT, kernel = SC_STRBUF_INIT, said = SC_STRBUF_INIT;
        const struct sc_witness call = call_of(&d->answer);

        sc_witness_question(&call, &question);
        sc_answer_action(&d->answer, &kernel);
        sc_action_format(d->said, &said);
        sc_json_write_object(w);
        write_call(w, d->answer.abi, d->answer.nr);
        write_text(w, "question", &question);
        write_text(w, "kernel", &kernel);
        write_text(w, "file", &said);
        sc_json_write_member_u64(w, "line", d->line);
        sc_json_write_member_u64(w, "answers", d->n);
        sc_json_write_object_end(w);
}

static void write_differences(const struct probe_verdict *v, struct sc_json_writer *w)
{
        sc_json_write_key(w, "differences");
        sc_json_write_array(w);
        for (size_t i = 0; i < v->n_differences; i++)
                write_difference(&v->differences[i], w);
        sc_json_write_array_end(w);
        sc_json_write_member_u64(w, "untold", v->n_more);
}

static void write_left(const struct probe_verdict *v, struct sc_json_writer *w)
{
        sc_json_write_key(w, "not_asked");
        sc_json_write_array(w);
        for (size_t i = 0; i < v->answers.n_left; i++) {
                const struct sc_answer_left *left = &v->answers.left[i];

                sc_json_write_object(w);
                if (left->all)
                        sc_json_write_member(w, "abi", left->abi->name);
                else
                        write_call(w, left->abi, left->nr);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static void write_counts(const struct probe_verdict *v, struct sc_json_writer *w)
{
        sc_json_write_member_u64(w, "answers", v->answers.n);
        sc_json_write_key(w, "by_abi");
        sc_json_write_object(w);
        for (size_t i = 0; i < sc_abi_count(); i++)
                if (v->asked[sc_abi_at(i)->index])
                        sc_json_write_member_u64(w, sc_abi_at(i)->name, v->asked[sc_abi_at(i)->index]);
        sc_json_write_object_end(w);
        sc_json_write_member_u64(w, "several", v->n_several);
        sc_json_write_member_u64(w, "differ", v->n_differing);
}

static int print_json(const struct probe_verdict *v)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_INDENTED);

        sc_json_write_object(w);
        sc_json_write_member(w, "answer", v->n_differing ? "no" : "yes");
        sc_json_write_member(w, "file", v->input.name);
        sc_json_write_member(w, "as", taken_by(v));
        output_environment(w, v->meanings.view.kernel, v->options->caps);
        write_counts(v, w);
        write_left(v, w);
        write_differences(v, w);
        sc_json_write_object_end(w);
        return output_json(w);
}

int probe_verdict_print(const struct probe_verdict *v)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        if (v->options->json)
                return print_json(v);
        format_text(v, &out);
        return output_text(&out);
}

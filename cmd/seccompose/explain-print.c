/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as text, and as JSON (schema/explain.schema.json). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"
#include "seccompose/explain.h"
#include "seccompose/output.h"
#include "seccompose/text.h"
#include "syscall/note.h"

#define SKIPPED_ALIKE_MAX 3  /* rules skipped for the same reason that are told one by one in a text */
#define DECIDING_ALIKE_MAX 8 /* … and that decide the same */

static const char *taken_by(const struct explainer *ex, const struct answer *a)
{
        return a->consumer ? a->consumer->name : ex->input.policy ? "policy" : "kernel";
}

/* "FILE:LINE:COLUMN: " */
static void format_place(struct sc_place place, struct sc_strbuf *out)
{
        struct sc_position at;

        if (!place.source)
                return;
        at = sc_source_locate(place.source, place.offset);
        sc_strbuf_visible(out, place.source->name, strlen(place.source->name));
        sc_strbuf_printf(out, ":%u:%u: ", at.line, at.column);
}

static void format_cause(const struct answer *a, const struct cause *c, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "  %s", c->skipped ? "skipped: " : a->n_causes > 1 && !a->decided ? c->actions : "");
        sc_strbuf_puts(out, !c->skipped && a->n_causes > 1 && !a->decided ? ": " : "");
        format_place(c->place, out);
        sc_strbuf_puts(out, c->what);
        if (c->when)
                sc_strbuf_printf(out, " when %s", c->when);
        if (c->skipped)
                sc_strbuf_printf(out, " (%s)", c->skipped);
        sc_strbuf_puts(out, "\n");
}

/* True if two rules are skipped for the same reason, or decide the same. */
static bool are_alike(const struct cause *a, const struct cause *b)
{
        if (!a->place.source || a->place.source != b->place.source || a->carried != b->carried)
                return false;
        if (a->skipped || b->skipped)
                return a->skipped && b->skipped && !strcmp(a->skipped, b->skipped);
        return a->when && b->when && !strcmp(a->what, b->what) && !strcmp(a->actions, b->actions);
}

/* "skipped: 33 rules, FILE:478 to 926 (none of their conditions holds)": what they have in common. */
static void format_alike(const struct answer *a, const struct cause *c, const struct cause *last, size_t n,
                         struct sc_strbuf *out)
{
        unsigned first_line = sc_source_locate(c->place.source, c->place.offset).line;
        unsigned last_line = sc_source_locate(last->place.source, last->place.offset).line;

        sc_strbuf_printf(out, "  %s", c->skipped ? "skipped: " : a->decided ? "" : c->actions);
        sc_strbuf_printf(out, "%s%zu rules, ", c->skipped || a->decided ? "" : ": ", n);
        sc_strbuf_visible(out, c->place.source->name, strlen(c->place.source->name));
        sc_strbuf_printf(out, ":%u", first_line);
        if (last_line != first_line)
                sc_strbuf_printf(out, " to %u", last_line);
        if (!c->skipped)
                sc_strbuf_printf(out, ": %s when one of their conditions holds\n", c->what);
        else if (!strcmp(c->skipped, EXPLAIN_HOLDS_NOT))
                sc_strbuf_puts(out, " (none of their conditions holds)\n");
        else
                sc_strbuf_printf(out, " (each: %s)\n", c->skipped);
}

/* Those that decide, or those that are skipped: one by one, or together where there are many alike. */
static void format_causes(const struct answer *a, bool skipped, struct sc_strbuf *out)
{
        for (size_t i = 0; i < a->n_causes; i++) {
                const struct cause *c = &a->causes[i], *last = c;
                size_t before = 0, n = 0;

                if (!c->skipped == skipped || (skipped && c->carried))
                        continue;
                for (size_t k = 0; k < a->n_causes; k++) {
                        if (!are_alike(c, &a->causes[k]))
                                continue;
                        before += k < i;
                        n++;
                        last = &a->causes[k];
                }
                if (n <= (skipped ? SKIPPED_ALIKE_MAX : DECIDING_ALIKE_MAX))
                        format_cause(a, c, out);
                else if (before == 0)
                        format_alike(a, c, last, n, out);
        }
}

/* Rules on the calls that a multiplexer carries: there are many, so their lines and the reasons will do. */
static void format_carried(const struct answer *a, struct sc_strbuf *out)
{
        const char *reason = NULL;

        for (size_t i = 0; i < a->n_causes; i++) {
                const struct cause *c = &a->causes[i];
                unsigned line;

                if (!c->skipped || !c->carried)
                        continue;
                line = sc_source_locate(c->place.source, c->place.offset).line;
                if (reason && !strcmp(reason, c->skipped))
                        sc_strbuf_printf(out, ", %u", line);
                else if (reason)
                        sc_strbuf_printf(out, " (%s); line %u", reason, line);
                else
                        sc_strbuf_printf(out, "  skipped, of rules on calls that this one carries: line %u", line);
                reason = c->skipped;
        }
        if (reason)
                sc_strbuf_printf(out, " (%s)\n", reason);
}

static bool has_whole(const char *text)
{
        return text && strstr(text, ":64");
}

/* What diff says of it, too. */
static void format_whole(const struct answer *a, struct sc_strbuf *out)
{
        bool any = has_whole(a->condition.answers) || has_whole(a->condition.allowed_if);

        for (size_t i = 0; i < a->n_causes; i++)
                any |= has_whole(a->causes[i].when) && !a->causes[i].carried;
        if (any)
                sc_strbuf_puts(out, "  :64 is the whole register, which the filter tests; the kernel reads its low "
                                    "bits\n");
}

static const char *const met_words[] = {
        [MET_YES] = "; the arguments meet that",
        [MET_NO] = "; the arguments do not meet that",
        [MET_OPEN] = "; it takes more arguments to tell if they do",
};

static void format_condition(const struct answer *a, struct sc_strbuf *out)
{
        const struct condition *c = &a->condition;
        const char *met = met_words[c->met] ? met_words[c->met] : "";

        if (c->allowed_if)
                sc_strbuf_printf(out, "  allowed if %s%s\n", c->allowed_if, met);
        if (c->answers && (!c->allowed_if || c->n_answers > 2))
                sc_strbuf_printf(out, "  by its arguments: %s\n", c->answers);
}

static void format_rows(const struct answer *a, struct sc_strbuf *out)
{
        bool any = false, same = false;

        for (size_t i = 0; i < a->n_rows; i++) {
                const struct row *row = &a->rows[i];

                same |= !row->differs;
                if (!row->differs)
                        continue;
                sc_strbuf_puts(out, any ? "" : "otherwise:\n");
                any = true;
                sc_strbuf_printf(out, "  %-28s %s%s\n", row->circumstance, row->refused ? "refuses the file: " : "",
                                 row->actions);
        }
        if (!same)
                return;
        sc_strbuf_puts(out, "the same for:");
        for (size_t i = 0; i < a->n_rows; i++)
                if (!a->rows[i].differs)
                        sc_strbuf_printf(out, " %s", a->rows[i].circumstance);
        sc_strbuf_puts(out, "\n");
}

/* What the call gives and risks. */
static struct sc_note note_of(const struct question *q)
{
        static const struct sc_note minus_one = {
                "is -1, no call: a tracer sets it to have one skipped",
                "None of its own.",
        };
        static const struct sc_note unknown = {
                "is no call that is known; a kernel that has none there answers ENOSYS itself",
                "If it is allowed, a call that a newer kernel has there is open, and nobody has judged it.",
        };

        if (q->call >= 0)
                return *sc_syscall_note(q->call);
        if (q->nr == UINT32_MAX)
                return minus_one;
        return unknown;
}

static void format_note(const struct question *q, struct sc_strbuf *out)
{
        const struct sc_note note = note_of(q);
        struct sc_strbuf gives = SC_STRBUF_INIT;

        if (q->call >= 0)
                sc_strbuf_puts(&gives, sc_syscall_name(q->call));
        else
                sc_strbuf_printf(&gives, "#%u", q->nr);
        sc_strbuf_printf(&gives, " %s.", note.gives);
        out->failed |= gives.failed;
        if (!out->failed)
                text_wrap(gives.text, 0, 2, out);
        sc_strbuf_puts(out, "Risk: ");
        text_wrap(note.risks, strlen("Risk: "), 2, out);
        sc_strbuf_done(&gives);
}

static void format_advice(const struct answer *a, struct sc_strbuf *out)
{
        for (size_t i = 0; i < a->n_advice; i++) {
                const struct advice *advice = &a->advice[i];

                sc_strbuf_printf(out, "To %s it: %s\n", advice->wanted, advice->where);
                if (advice->write)
                        sc_strbuf_printf(out, "  %s\n", advice->write);
        }
}

void answer_format_reasons(const struct answer *a, struct sc_strbuf *out)
{
        format_condition(a, out);
        format_causes(a, false, out);
        format_advice(a, out);
}

static void format_answer(const struct explainer *ex, const struct answer *a, struct sc_strbuf *out)
{
        if (a->q->line)
                sc_strbuf_printf(out, "> %s\n", a->q->line);
        question_format(a->q, out);
        sc_strbuf_printf(out, " under %s (%s): %s%s\n", ex->input.name, taken_by(ex, a), a->actions,
                         a->decided ? "" : ", by its arguments");
        format_condition(a, out);
        format_causes(a, false, out);
        format_causes(a, true, out);
        format_carried(a, out);
        format_whole(a, out);
        if (a->difference)
                sc_strbuf_printf(out, "  %s: %s\n", a->disagree ? "rules disagree" : "not what the rules say",
                                 a->difference);
        if (a->agrees) {
                sc_strbuf_puts(out, "  ");
                text_wrap(a->agrees, 2, 4, out);
        }
        format_rows(a, out);
        format_note(a->q, out);
        format_advice(a, out);
}

static void write_member(struct sc_json_writer *w, const char *key, const char *value)
{
        if (value)
                sc_json_write_member(w, key, value);
}

static void write_format(struct sc_json_writer *w, const char *key, uint64_t value)
{
        char text[32];

        snprintf(text, sizeof(text), "%#llx", (unsigned long long)value);
        write_member(w, key, text);
}

static void write_place(struct sc_json_writer *w, struct sc_place place)
{
        struct sc_strbuf file = SC_STRBUF_INIT;
        struct sc_position at;

        if (!place.source)
                return;
        at = sc_source_locate(place.source, place.offset);
        sc_strbuf_visible(&file, place.source->name, strlen(place.source->name));
        write_member(w, "file", file.text ? file.text : "");
        sc_strbuf_done(&file);
        sc_json_write_member_u64(w, "line", at.line);
        sc_json_write_member_u64(w, "column", at.column);
}

static void write_condition(struct sc_json_writer *w, const struct condition *c)
{
        static const char *const met[] = { [MET_YES] = "yes", [MET_NO] = "no", [MET_OPEN] = "open" };

        if (!c->answers)
                return;
        sc_json_write_key(w, "condition");
        sc_json_write_object(w);
        write_member(w, "answers", c->answers);
        write_member(w, "allowed_if", c->allowed_if);
        write_member(w, "policy", c->policy);
        write_member(w, "met", met[c->met]);
        sc_json_write_object_end(w);
}

static void write_causes(struct sc_json_writer *w, const struct answer *a)
{
        sc_json_write_key(w, "causes");
        sc_json_write_array(w);
        for (size_t i = 0; i < a->n_causes; i++) {
                const struct cause *c = &a->causes[i];

                sc_json_write_object(w);
                write_member(w, "what", c->what);
                write_place(w, c->place);
                write_member(w, "when", c->when);
                write_member(w, "action", c->actions);
                write_member(w, "skipped", c->skipped);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static void write_rows(struct sc_json_writer *w, const struct answer *a, bool consumers)
{
        sc_json_write_key(w, consumers ? "consumers" : "otherwise");
        sc_json_write_array(w);
        for (size_t i = 0; i < a->n_rows; i++) {
                const struct row *row = &a->rows[i];

                if (row->consumer != consumers)
                        continue;
                sc_json_write_object(w);
                write_member(w, consumers ? "consumer" : "circumstance", row->circumstance);
                write_member(w, row->refused ? "refused" : "action", row->actions);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static void write_names(struct sc_json_writer *w, const char *key, const char *const *names, size_t n)
{
        if (n == 0)
                return;
        sc_json_write_key(w, key);
        sc_json_write_array(w);
        for (size_t i = 0; i < n; i++)
                sc_json_write_string(w, names[i]);
        sc_json_write_array_end(w);
}

static void write_advice(struct sc_json_writer *w, const struct answer *a)
{
        sc_json_write_key(w, "advice");
        sc_json_write_array(w);
        for (size_t i = 0; i < a->n_advice; i++) {
                sc_json_write_object(w);
                write_member(w, "to", a->advice[i].wanted);
                write_member(w, "write", a->advice[i].write);
                write_member(w, "where", a->advice[i].where);
                write_member(w, "possible", a->advice[i].possible ? "yes" : "no");
                write_names(w, "tried", a->advice[i].tried, a->advice[i].n_tried);
                write_names(w, "not_for", a->advice[i].fails, a->advice[i].n_fails);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static void write_question(struct sc_json_writer *w, const struct question *q)
{
        write_member(w, "line", q->line);
        write_member(w, "abi", q->abi->name);
        write_member(w, "call", q->call < 0 ? NULL : sc_syscall_name(q->call));
        sc_json_write_member_u64(w, "number", q->nr);
        sc_json_write_key(w, "arguments");
        sc_json_write_object(w);
        for (unsigned i = 0; i < 6; i++) {
                char key[] = { (char)('0' + i), 0 };

                if (q->known >> i & 1)
                        write_format(w, key, q->args[i]);
        }
        sc_json_write_object_end(w);
}

static void write_answer(struct sc_json_writer *w, const struct explainer *ex, const struct answer *a)
{
        const struct sc_note note = note_of(a->q);

        sc_json_write_object(w);
        write_question(w, a->q);
        write_member(w, "taken_by", taken_by(ex, a));
        write_member(w, a->decided ? "action" : "actions", a->actions);
        if (a->decided)
                write_format(w, "return", a->action);
        write_condition(w, &a->condition);
        write_causes(w, a);
        write_member(w, "difference", a->difference);
        write_member(w, "agrees", a->agrees);
        write_rows(w, a, false);
        if (asks_all(ex))
                write_rows(w, a, true);
        write_member(w, "gives", note.gives);
        write_member(w, "risks", note.risks);
        write_advice(w, a);
        sc_json_write_object_end(w);
}

static int print_json(const struct explainer *ex, const struct answer *answers, size_t n)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_INDENTED);

        sc_json_write_object(w);
        write_member(w, "file", ex->input.name);
        sc_json_write_key(w, "answers");
        sc_json_write_array(w);
        for (size_t i = 0; i < n; i++)
                write_answer(w, ex, &answers[i]);
        sc_json_write_array_end(w);
        sc_json_write_object_end(w);
        return output_json(w);
}

int answers_print(const struct explainer *ex, const struct answer *answers, size_t n)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        if (ex->options->json)
                return print_json(ex, answers, n);
        for (size_t i = 0; i < n; i++) {
                sc_strbuf_puts(&out, i ? "\n" : "");
                format_answer(ex, &answers[i], &out);
        }
        return output_text(&out);
}

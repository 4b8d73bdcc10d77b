/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as Markdown, for a comment on a change: a table for each section, long lists folded. */
#include <errno.h>
#include <string.h>

#include "seccompose/diff.h"

#define SHOWN_MAX 12 /* calls that stand in a cell; more are folded */

/* Code in a cell of a table: GitHub ends the cell at every bar that is not escaped. */
static void put_code(const char *text, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "`");
        for (; *text; text++)
                sc_strbuf_printf(out, *text == '|' ? "\\%c" : "%c", *text == '`' ? '\'' : *text);
        sc_strbuf_puts(out, "`");
}

static void put_subject(const struct diff_report *report, size_t at, struct sc_strbuf *out)
{
        const struct sc_change_group *group = &report->groups[at];

        if (group->n_calls == 0) {
                diff_format_numbers(report, at, "<br>on ", "<br>on ", out);
                return;
        }
        diff_format_places(report, group, out);
        sc_strbuf_puts(out, group->partly ? ": " : "");
        if (group->n_calls > SHOWN_MAX)
                sc_strbuf_printf(out, "<details><summary>%zu calls</summary>", group->n_calls);
        for (size_t i = 0; i < group->n_calls; i++)
                sc_strbuf_printf(out, "%s`%s`", i ? ", " : "", sc_syscall_name(group->calls[i]));
        if (group->n_calls > SHOWN_MAX)
                sc_strbuf_puts(out, "</details>");
}

static void put_group(const struct diff_report *report, size_t at, struct sc_strbuf *out)
{
        const struct sc_change_group *group = &report->groups[at];

        sc_strbuf_puts(out, "| ");
        put_subject(report, at, out);
        if (group->kind == SC_CHANGE_CONDITION)
                sc_strbuf_printf(out, "<br>%s", diff_directions[group->direction]);
        if (group->witness) {
                sc_strbuf_puts(out, "<br>for instance ");
                put_code(group->witness, out);
        }
        sc_strbuf_puts(out, " | ");
        put_code(group->a.text, out);
        sc_strbuf_puts(out, " | ");
        put_code(group->b.text, out);
        sc_strbuf_puts(out, " |\n");
}

static void put_kind(const struct diff_report *report, enum sc_change_kind kind, struct sc_strbuf *out)
{
        size_t n = diff_count(report, kind), shown = 0;
        const char *title = diff_titles[kind];

        for (size_t i = 0; i < report->n_groups; i++) {
                if (report->groups[i].kind != kind || diff_is_told(report, i))
                        continue;
                if (shown++ == 0) {
                        sc_strbuf_printf(out, "\n**%c%s**", title[0] - 'a' + 'A', title + 1);
                        if (n)
                                sc_strbuf_printf(out, ": %zu", n);
                        sc_strbuf_puts(out, "\n\n| calls | before | after |\n| --- | --- | --- |\n");
                }
                put_group(report, i, out);
        }
}

static void put_abis(const struct diff_report *report, struct sc_strbuf *out)
{
        for (size_t i = 0; i < report->n_places; i++) {
                const struct diff_place *place = &report->places[i];

                if (diff_is_news(report, i))
                        sc_strbuf_printf(out, "\n**%s**: its calls are killed %s.\n", place->label,
                                         place->lacks[0] ? "before, and not after" : "after, and were not before");
        }
}

static void put_alone(const struct diff_report *report, int i, struct sc_strbuf *out)
{
        struct sc_strbuf names = SC_STRBUF_INIT;

        diff_format_alone(report, i, &names);
        if (names.len) {
                sc_strbuf_puts(out, "\nNot compared, as only ");
                put_code(report->inputs[i]->name, out);
                sc_strbuf_printf(out, " (%s) is for these machines: %s.\n", i ? "after" : "before", names.text);
        }
        out->failed |= names.failed;
        sc_strbuf_done(&names);
}

/* Machines on which a file, or each, starts nothing; and those that are not compared. */
static void put_machines(const struct diff_report *report, struct sc_strbuf *out)
{
        for (size_t i = 0; i < report->n_refusals; i++) {
                const struct diff_refusal *refusal = &report->refusals[i];
                bool before = refusal->messages[0] != NULL, after = refusal->messages[1] != NULL;

                sc_strbuf_printf(out, "\n**%s** machines refuse it %s: ", refusal->machine->name,
                                 before && after ? "before and after" : before ? "before" : "after");
                put_code(diff_why_refused(refusal), out);
                sc_strbuf_puts(out, ".\n");
        }
        put_alone(report, 0, out);
        put_alone(report, 1, out);
}

int diff_print_markdown(const struct diff_report *report, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "### Seccomp: ");
        put_code(report->inputs[0]->name, out);
        sc_strbuf_printf(out, " (%s) → ", report->takers[0]);
        put_code(report->inputs[1]->name, out);
        sc_strbuf_printf(out, " (%s)\n\n%s", report->takers[1], diff_is_same(report) ? "No difference on " : "On ");
        diff_format_where(report, out);
        sc_strbuf_puts(out, ".\n");
        put_machines(report, out);
        put_abis(report, out);
        for (unsigned kind = 0; kind < SC_CHANGE_KINDS; kind++)
                put_kind(report, (enum sc_change_kind)kind, out);
        return out->failed ? -ENOMEM : 0;
}

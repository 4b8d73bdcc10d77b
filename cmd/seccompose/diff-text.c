/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as text: sections, groups, names wrapped; and what the formats have in common. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "seccompose/diff.h"
#include "seccompose/text.h"
#include "seccompose/verdict.h"

#define RANGES_MAX 6 /* of numbers that are told one by one */

const char *const diff_titles[SC_CHANGE_KINDS] = {
        [SC_CHANGE_ALLOWED] = "newly allowed",
        [SC_CHANGE_DENIED] = "newly denied",
        [SC_CHANGE_CONDITION] = "other conditions on arguments",
        [SC_CHANGE_ACTION] = "other answer, neither newly allowed nor newly denied",
};

const char *const diff_directions[4] = {
        [SC_DIRECTION_NONE] = "allowed for the same arguments",
        [SC_DIRECTION_WIDER] = "allowed for more arguments",
        [SC_DIRECTION_NARROWER] = "allowed for fewer arguments",
        [SC_DIRECTION_BOTH] = "allowed for other arguments",
};

bool diff_only_one_has(const struct diff_place *place)
{
        return place->lacks[0] != place->lacks[1];
}

bool diff_is_news(const struct diff_report *report, size_t at)
{
        const struct diff_place *place = &report->places[at];

        for (size_t i = 0; i < at; i++)
                if (report->places[i].label == place->label)
                        return false;
        return diff_only_one_has(place);
}

bool diff_is_same(const struct diff_report *report)
{
        for (size_t i = 0; i < report->n_places; i++)
                if (diff_only_one_has(&report->places[i]))
                        return false;
        for (size_t i = 0; i < report->n_refusals; i++)
                if (!report->refusals[i].messages[0] != !report->refusals[i].messages[1])
                        return false;
        return report->n_groups == 0;
}

const char *diff_why_refused(const struct diff_refusal *refusal)
{
        const char *why = refusal->messages[0] ? refusal->messages[0] : refusal->messages[1];

        return why ? why : "";
}

size_t diff_count(const struct diff_report *report, enum sc_change_kind kind)
{
        SC_CLEANUP(sc_freep) unsigned char *seen = calloc(sc_syscall_count(), 1);
        size_t n = 0;

        for (size_t i = 0; i < report->n_groups && seen; i++)
                for (size_t k = 0; k < report->groups[i].n_calls && report->groups[i].kind == kind; k++) {
                        unsigned short call = report->groups[i].calls[k];

                        n += !seen[call];
                        seen[call] = 1;
                }
        return n;
}

/* The ABIs of a machine beside its own, and those of it that neither filter has. */
static void format_machine(const struct diff_report *report, const struct sc_abi *machine, struct sc_strbuf *out)
{
        const char *separator = " (";
        bool killed = false;

        for (size_t i = 0; i < report->n_places; i++)
                if (report->places[i].machine == machine && report->places[i].abi != machine &&
                    report->places[i].at >= 0) {
                        sc_strbuf_printf(out, "%s%s", separator, report->places[i].abi->name);
                        separator = ", ";
                }
        for (size_t i = 0; i < report->n_places; i++) {
                const struct diff_place *place = &report->places[i];

                if (place->machine != machine || place->at >= 0 || diff_only_one_has(place))
                        continue;
                sc_strbuf_printf(out, "%s%s%s", *separator == ',' && !killed ? "; " : separator,
                                 killed ? "" : "killed: ", place->abi->name);
                separator = ", ";
                killed = true;
        }
        sc_strbuf_puts(out, *separator == ',' ? ")" : "");
}

void diff_format_where(const struct diff_report *report, struct sc_strbuf *out)
{
        const struct sc_abi *machine = NULL;

        for (size_t i = 0; i < report->n_places; i++) {
                if (report->places[i].machine == machine)
                        continue;
                sc_strbuf_puts(out, machine ? ", " : "");
                machine = report->places[i].machine;
                sc_strbuf_puts(out, machine->name);
                format_machine(report, machine, out);
        }
        sc_strbuf_puts(out, "; capabilities: ");
        verdict_format_caps(report->options->caps, out);
        sc_strbuf_printf(out, "; kernel %u.%u", SC_KERNEL_MAJOR(report->kernel), SC_KERNEL_MINOR(report->kernel));
}

static void format_labels(const struct diff_report *report, uint32_t places, struct sc_strbuf *out)
{
        const char *separator = "";

        for (size_t i = 0; i < report->n_compared; i++)
                if (places >> i & 1) {
                        sc_strbuf_printf(out, "%s%s", separator, report->labels[i]);
                        separator = ", ";
                }
}

void diff_format_places(const struct diff_report *report, const struct sc_change_group *group, struct sc_strbuf *out)
{
        if (!group->partly)
                return;
        sc_strbuf_puts(out, group->but ? "all but " : "");
        format_labels(report, group->but ? group->but : group->places, out);
        sc_strbuf_puts(out, group->but ? "" : " only");
}

static void format_ranges(const struct sc_change_group *group, struct sc_strbuf *out)
{
        if (group->all_numbers) {
                sc_strbuf_puts(out, "all");
                return;
        }
        if (group->n_numbers > RANGES_MAX) {
                uint64_t n = 0;

                for (size_t i = 0; i < group->n_numbers; i++)
                        n += (uint64_t)group->numbers[i].last - group->numbers[i].first + 1;
                sc_strbuf_printf(out, "%" PRIu64 " of them from %" PRIu32 " to %" PRIu32, n, group->numbers[0].first,
                                 group->numbers[group->n_numbers - 1].last);
                return;
        }
        for (size_t i = 0; i < group->n_numbers; i++) {
                const struct sc_number_range *range = &group->numbers[i];

                sc_strbuf_printf(out, "%s%" PRIu32, i ? ", " : "", range->first);
                if (range->last != range->first)
                        sc_strbuf_printf(out, "…%" PRIu32, range->last);
        }
}

/* True for two groups of numbers that change in the same way, each on ABIs of its own. */
static bool told_together(const struct sc_change_group *a, const struct sc_change_group *b)
{
        return a->n_calls == 0 && b->n_calls == 0 && a->partly && b->partly && a->kind == b->kind && !a->witness &&
               !b->witness && !strcmp(a->a.text, b->a.text) && !strcmp(a->b.text, b->b.text);
}

bool diff_is_told(const struct diff_report *report, size_t at)
{
        for (size_t i = 0; i < at; i++)
                if (told_together(&report->groups[i], &report->groups[at]))
                        return true;
        return false;
}

void diff_format_numbers(const struct diff_report *report, size_t at, const char *before, const char *between,
                         struct sc_strbuf *out)
{
        const struct sc_change_group *group = &report->groups[at];

        sc_strbuf_puts(out, group->all_numbers && !group->partly ? "numbers that no call has"
                                                                 : "numbers without a call");
        if (!group->partly) {
                sc_strbuf_puts(out, group->all_numbers ? "" : ": ");
                if (!group->all_numbers)
                        format_ranges(group, out);
                return;
        }
        for (size_t i = at; i < report->n_groups; i++) {
                if (i != at && !told_together(group, &report->groups[i]))
                        continue;
                sc_strbuf_puts(out, i == at ? before : between);
                format_labels(report, report->groups[i].places, out);
                sc_strbuf_puts(out, ": ");
                format_ranges(&report->groups[i], out);
        }
}

/* True if the ABI is told of as one that only one filter has, as that of a machine which shares its filter. */
static bool is_news(const struct diff_report *report, const struct sc_abi *abi)
{
        for (size_t i = 0; i < report->n_places; i++)
                if (report->places[i].abi == abi && diff_is_news(report, i))
                        return true;
        return false;
}

void diff_format_alone(const struct diff_report *report, int i, struct sc_strbuf *out)
{
        const char *separator = "";

        for (size_t k = 0; k < report->n_alone[i]; k++)
                if (!is_news(report, report->alone[i][k])) {
                        sc_strbuf_printf(out, "%s%s", separator, report->alone[i][k]->name);
                        separator = ", ";
                }
}

/* A line with a lead: "    A: allow if …". */
static void print_line(size_t indent, const char *lead, const char *text, struct sc_strbuf *out)
{
        size_t hang = *lead ? 2 : 0;

        sc_strbuf_printf(out, "%*s%s", (int)indent, "", lead);
        text_wrap(text, indent + text_columns(lead, strlen(lead)), indent + hang, out);
}

/* The names of a group's calls, or its numbers. */
static void format_subject(const struct diff_report *report, size_t at, struct sc_strbuf *out)
{
        const struct sc_change_group *group = &report->groups[at];

        for (size_t i = 0; i < group->n_calls; i++)
                sc_strbuf_printf(out, "%s%s", i ? ", " : "", sc_syscall_name(group->calls[i]));
        if (group->n_calls == 0)
                diff_format_numbers(report, at, " on ", "; on ", out);
}

/* "  x86 only: errno:EPERM → allow (3)", and the calls below. */
static void print_constant(const struct diff_report *report, size_t at, struct sc_strbuf *out)
{
        const struct sc_change_group *group = &report->groups[at];
        struct sc_strbuf where = SC_STRBUF_INIT, subject = SC_STRBUF_INIT, line = SC_STRBUF_INIT;
        size_t wide = 0;

        if (group->n_calls)
                diff_format_places(report, group, &where);
        format_subject(report, at, &subject);
        sc_strbuf_printf(&line, "%s%s%s → %s", where.len ? where.text : "", where.len ? ": " : "", group->a.text,
                         group->b.text);
        if (group->n_calls > 1)
                sc_strbuf_printf(&line, " (%zu calls)", group->n_calls);
        out->failed |= where.failed || subject.failed || line.failed;
        if (!out->failed)
                wide = text_columns(line.text, line.len) + text_columns(subject.text, subject.len) + 4;
        if (!out->failed && wide <= TEXT_COLUMNS) {
                sc_strbuf_printf(out, "  %s: %s\n", line.text, subject.text);
        } else if (!out->failed) {
                print_line(2, "", line.text, out);
                print_line(4, "", subject.text, out);
        }
        sc_strbuf_done(&where);
        sc_strbuf_done(&subject);
        sc_strbuf_done(&line);
}

/* "  socket: allowed for more arguments", both sides below. */
static void print_conditional(const struct diff_report *report, size_t at, struct sc_strbuf *out)
{
        const struct sc_change_group *group = &report->groups[at];
        struct sc_strbuf line = SC_STRBUF_INIT;

        format_subject(report, at, &line);
        if (group->partly && group->n_calls) {
                sc_strbuf_puts(&line, " on ");
                diff_format_places(report, group, &line);
        }
        sc_strbuf_printf(&line, ": %s", diff_directions[group->direction]);
        out->failed |= line.failed;
        if (!out->failed) {
                print_line(2, "", line.text, out);
                print_line(4, "A: ", group->a.text, out);
                print_line(4, "B: ", group->b.text, out);
        }
        if (group->witness)
                print_line(4, "for instance ", group->witness, out);
        sc_strbuf_done(&line);
}

static void print_kind(const struct diff_report *report, enum sc_change_kind kind, struct sc_strbuf *out)
{
        size_t n = diff_count(report, kind), shown = 0;

        for (size_t i = 0; i < report->n_groups; i++) {
                if (report->groups[i].kind != kind || diff_is_told(report, i))
                        continue;
                if (shown++ == 0)
                        sc_strbuf_printf(out, n ? "\n%s: %zu\n" : "\n%s:\n", diff_titles[kind], n);
                (kind == SC_CHANGE_CONDITION ? print_conditional : print_constant)(report, i, out);
        }
}

static void print_abis(const struct diff_report *report, struct sc_strbuf *out)
{
        size_t shown = 0;

        for (size_t i = 0; i < report->n_places; i++) {
                const struct diff_place *place = &report->places[i];

                if (!diff_is_news(report, i))
                        continue;
                if (shown++ == 0)
                        sc_strbuf_puts(out, "\nABIs that only one filter has:\n");
                sc_strbuf_printf(out, "  %s: %s\n", place->label,
                                 place->lacks[0] ? "only B; A kills its calls" : "only A; B kills its calls");
        }
}

/* Machines on which one file, or each, starts nothing. */
static void print_refusals(const struct diff_report *report, struct sc_strbuf *out)
{
        for (size_t i = 0; i < report->n_refusals; i++) {
                const struct diff_refusal *refusal = &report->refusals[i];
                const char *who = !refusal->messages[1] ? "A" : refusal->messages[0] ? "each file" : "B";
                struct sc_strbuf line = SC_STRBUF_INIT;

                sc_strbuf_printf(&line, "%s is refused on %s machines: %s", who, refusal->machine->name,
                                 diff_why_refused(refusal));
                out->failed |= line.failed;
                if (!out->failed)
                        print_line(0, i ? "" : "\n", line.text, out);
                sc_strbuf_done(&line);
        }
}

/* What ":64" means, and where it does not hold. */
static void print_whole(const struct diff_report *report, struct sc_strbuf *out)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        uint32_t whole = 0, low = 0;

        for (size_t i = 0; i < report->n_groups; i++) {
                whole |= report->groups[i].whole;
                low |= report->groups[i].whole ? report->groups[i].places & ~report->groups[i].whole : 0;
        }
        sc_strbuf_puts(&text, "says that the filter compares all 64 bits of the register, of which the kernel reads "
                              "the low ones: with a higher bit set, a value gets past '!=' and 'not in'");
        sc_strbuf_puts(&text, low ? "; not so on " : "");
        format_labels(report, low, &text);
        out->failed |= text.failed;
        if (whole && !out->failed) {
                sc_strbuf_puts(out, "\n");
                print_line(0, ":64 ", text.text, out);
        }
        sc_strbuf_done(&text);
}

/* "on x86_64 (x86, x32), s390x (s390); …", and what is not compared. */
static void print_where(const struct diff_report *report, struct sc_strbuf *out)
{
        struct sc_strbuf where = SC_STRBUF_INIT;
        const char *lead[] = { "not compared: only A names machines of ", "not compared: only B names machines of " };

        diff_format_where(report, &where);
        if (!where.failed)
                print_line(0, diff_is_same(report) ? "same on " : "on ", where.text, out);
        for (int i = 0; i < 2 && !where.failed; i++) {
                where.len = 0;
                diff_format_alone(report, i, &where);
                if (!where.failed && where.len)
                        print_line(0, lead[i], where.text, out);
        }
        out->failed |= where.failed;
        sc_strbuf_done(&where);
}

int diff_print_text(const struct diff_report *report, struct sc_strbuf *out)
{
        for (int i = 0; i < 2; i++)
                sc_strbuf_printf(out, "%c: %s (%s)\n", "AB"[i], report->inputs[i]->name, report->takers[i]);
        print_where(report, out);
        print_refusals(report, out);
        print_abis(report, out);
        for (unsigned kind = 0; kind < SC_CHANGE_KINDS; kind++)
                print_kind(report, (enum sc_change_kind)kind, out);
        print_whole(report, out);
        return out->failed ? -ENOMEM : 0;
}

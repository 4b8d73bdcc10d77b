/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as text: sections, groups, names wrapped; and what the formats have in common. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "seccompose/diff.h"

#define COLUMNS 100
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

bool diff_is_same(const struct diff_report *report)
{
        for (size_t i = 0; i < report->n_apart; i++)
                if (diff_only_one_has(&report->apart[i]))
                        return false;
        return report->n_groups == 0;
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

static void format_caps(sc_caps caps, struct sc_strbuf *out)
{
        const char *separator = "";

        if (caps == sc_caps_docker() || caps == sc_caps_all() || caps == 0) {
                sc_strbuf_puts(out, caps == sc_caps_docker() ? "default" : caps ? "all" : "none");
                return;
        }
        for (unsigned i = 0; i < sc_cap_count(); i++)
                if (caps >> i & 1) {
                        sc_strbuf_printf(out, "%s%s", separator, sc_cap_name(i));
                        separator = ",";
                }
}

/* The ABIs of a machine beside its own, and those of it that neither filter has. */
static void format_machine(const struct diff_report *report, const struct sc_abi *machine, struct sc_strbuf *out)
{
        const char *separator = " (";
        bool killed = false;

        for (size_t i = 0; i < report->n_places; i++)
                if (report->places[i].machine == machine && report->places[i].abi != machine) {
                        sc_strbuf_printf(out, "%s%s", separator, report->places[i].abi->name);
                        separator = ", ";
                }
        for (size_t i = 0; i < report->n_apart; i++) {
                const struct diff_place *place = &report->apart[i];

                if (place->machine != machine || diff_only_one_has(place))
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
        const struct sc_abi *const *machines = report->machines;

        for (size_t i = 0; i < report->n_machines; i++) {
                sc_strbuf_printf(out, "%s%s", i ? ", " : "", machines[i]->name);
                format_machine(report, machines[i], out);
        }
        sc_strbuf_puts(out, "; capabilities: ");
        format_caps(report->options->caps, out);
        sc_strbuf_printf(out, "; kernel %u.%u", SC_KERNEL_MAJOR(report->kernel), SC_KERNEL_MINOR(report->kernel));
}

void diff_format_places(const struct diff_report *report, const struct sc_change_group *group, struct sc_strbuf *out)
{
        const char *separator = "";

        if (!group->partly)
                return;
        for (size_t i = 0; i < report->n_places; i++) {
                if (!(group->places >> i & 1))
                        continue;
                sc_strbuf_printf(out, "%s%s", separator, report->places[i].label);
                separator = ", ";
        }
        sc_strbuf_puts(out, " only");
}

void diff_format_numbers(const struct sc_change_group *group, struct sc_strbuf *out)
{
        if (group->all_numbers) {
                sc_strbuf_puts(out, "numbers that no call has");
                return;
        }
        if (group->n_numbers > RANGES_MAX) {
                uint64_t n = 0;

                for (size_t i = 0; i < group->n_numbers; i++)
                        n += (uint64_t)group->numbers[i].last - group->numbers[i].first + 1;
                sc_strbuf_printf(out, "%" PRIu64 " numbers without a call from %" PRIu32 " to %" PRIu32, n,
                                 group->numbers[0].first, group->numbers[group->n_numbers - 1].last);
                return;
        }
        for (size_t i = 0; i < group->n_numbers; i++) {
                const struct sc_number_range *range = &group->numbers[i];

                sc_strbuf_printf(out, "%s%" PRIu32, i ? ", " : "numbers without a call: ", range->first);
                if (range->last != range->first)
                        sc_strbuf_printf(out, "…%" PRIu32, range->last);
        }
}

/* The columns that a text takes: bytes of UTF-8 that begin a character. */
static size_t columns(const char *text, size_t len)
{
        size_t n = 0;

        for (size_t i = 0; i < len; i++)
                n += ((unsigned char)text[i] & 0xc0) != 0x80;
        return n;
}

/* Appends words, wrapped; later lines are indented. `at` is the column where the first stands. */
static void wrap(const char *text, size_t at, size_t indent, struct sc_strbuf *out)
{
        bool fresh = true;

        while (*text) {
                size_t len = strcspn(text, " "), wide = columns(text, len);

                if (!fresh && at + 1 + wide > COLUMNS) {
                        sc_strbuf_printf(out, "\n%*s", (int)indent, "");
                        at = indent;
                } else if (!fresh) {
                        sc_strbuf_puts(out, " ");
                        at++;
                }
                sc_strbuf_append(out, text, len);
                at += wide;
                text += len + (text[len] == ' ');
                fresh = false;
        }
        sc_strbuf_puts(out, "\n");
}

/* A line with a lead: "    A: allow if …". */
static void print_line(size_t indent, const char *lead, const char *text, struct sc_strbuf *out)
{
        size_t hang = *lead ? 2 : 0;

        sc_strbuf_printf(out, "%*s%s", (int)indent, "", lead);
        wrap(text, indent + columns(lead, strlen(lead)), indent + hang, out);
}

static void format_calls(const struct sc_change_group *group, struct sc_strbuf *out)
{
        for (size_t i = 0; i < group->n_calls; i++)
                sc_strbuf_printf(out, "%s%s", i ? ", " : "", sc_syscall_name(group->calls[i]));
        if (group->n_calls == 0)
                diff_format_numbers(group, out);
}

/* "  x86 only: errno:EPERM → allow (3)", and the calls below. */
static void print_constant(const struct diff_report *report, const struct sc_change_group *group, struct sc_strbuf *out)
{
        struct sc_strbuf where = SC_STRBUF_INIT, calls = SC_STRBUF_INIT, line = SC_STRBUF_INIT;

        diff_format_places(report, group, &where);
        format_calls(group, &calls);
        sc_strbuf_printf(&line, "%s%s%s → %s", where.len ? where.text : "", where.len ? ": " : "", group->a.text,
                         group->b.text);
        if (group->n_calls > 1)
                sc_strbuf_printf(&line, " (%zu calls)", group->n_calls);
        out->failed |= where.failed || calls.failed || line.failed;
        if (!out->failed && columns(line.text, line.len) + columns(calls.text, calls.len) + 4 <= COLUMNS) {
                sc_strbuf_printf(out, "  %s: %s\n", line.text, calls.text);
        } else if (!out->failed) {
                print_line(2, "", line.text, out);
                print_line(4, "", calls.text, out);
        }
        sc_strbuf_done(&where);
        sc_strbuf_done(&calls);
        sc_strbuf_done(&line);
}

/* "  socket: allowed for more arguments", both sides below. */
static void print_conditional(const struct diff_report *report, const struct sc_change_group *group,
                              struct sc_strbuf *out)
{
        struct sc_strbuf line = SC_STRBUF_INIT;

        format_calls(group, &line);
        if (group->partly)
                sc_strbuf_puts(&line, " on ");
        diff_format_places(report, group, &line);
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
                if (report->groups[i].kind != kind)
                        continue;
                if (shown++ == 0)
                        sc_strbuf_printf(out, n ? "\n%s: %zu\n" : "\n%s:\n", diff_titles[kind], n);
                if (kind == SC_CHANGE_CONDITION)
                        print_conditional(report, &report->groups[i], out);
                else
                        print_constant(report, &report->groups[i], out);
        }
}

static void print_abis(const struct diff_report *report, struct sc_strbuf *out)
{
        size_t shown = 0;

        for (size_t i = 0; i < report->n_apart; i++) {
                const struct diff_place *place = &report->apart[i];

                if (!diff_only_one_has(place))
                        continue;
                if (shown++ == 0)
                        sc_strbuf_puts(out, "\nABIs that only one filter has:\n");
                sc_strbuf_printf(out, "  %s: %s\n", place->label,
                                 place->lacks[0] ? "only B; A kills its calls" : "only A; B kills its calls");
        }
}

/* What ":64" means, and where it does not hold. */
static void print_whole(const struct diff_report *report, struct sc_strbuf *out)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        const char *separator = "; here not on ";
        uint32_t whole = 0, low = 0;

        for (size_t i = 0; i < report->n_groups; i++) {
                whole |= report->groups[i].whole;
                low |= report->groups[i].whole ? report->groups[i].places & ~report->groups[i].whole : 0;
        }
        sc_strbuf_puts(&text, "says that the filter tests the whole register, where the kernel reads its low bits");
        for (size_t i = 0; i < report->n_places; i++)
                if (low >> i & 1) {
                        sc_strbuf_printf(&text, "%s%s", separator, report->places[i].label);
                        separator = ", ";
                }
        out->failed |= text.failed;
        if (whole && !out->failed) {
                sc_strbuf_puts(out, "\n");
                print_line(0, ":64 ", text.text, out);
        }
        sc_strbuf_done(&text);
}

int diff_print_text(const struct diff_report *report, struct sc_strbuf *out)
{
        for (int i = 0; i < 2; i++)
                sc_strbuf_printf(out, "%c: %s (%s)\n", "AB"[i], report->inputs[i]->name, report->takers[i]);
        sc_strbuf_puts(out, diff_is_same(report) ? "same on " : "on ");
        diff_format_where(report, out);
        sc_strbuf_puts(out, "\n");
        print_abis(report, out);
        for (unsigned kind = 0; kind < SC_CHANGE_KINDS; kind++)
                print_kind(report, (enum sc_change_kind)kind, out);
        print_whole(report, out);
        return out->failed ? -ENOMEM : 0;
}

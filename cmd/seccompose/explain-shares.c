/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules of a profile the filter's answer is from, and why others that it gets are not among them. */
#include <errno.h>

#include "seccompose/explain.h"

#define INSTEAD_MAX 3 /* lines that are told of those that decide instead */

static bool never(const struct explainer *ex, sc_node node)
{
        return node == sc_decision_leaf(ex->d, 0);
}

/* Where libseccomp's filter would ask a rule, were it alone. */
static sc_node holds_where(struct explainer *ex, const struct sc_reason *reason)
{
        bool gets = reason->fate == SC_FATE_COUNTS || reason->fate == SC_FATE_OVERRULED;

        return gets && !ex->reasons.stub ? with_known(ex, reason->where) : sc_decision_leaf(ex->d, 0);
}

static sc_node decides_where(struct explainer *ex, size_t at)
{
        const struct sc_reason *reason = &ex->reasons.items[at];

        if (reason->fate != SC_FATE_COUNTS || never(ex, ex->shares[at].holds))
                return sc_decision_leaf(ex->d, 0);
        return sc_decision_and(ex->d, ex->shares[at].holds, sc_decision_where(ex->d, ex->node, reason->action));
}

int find_shares(struct explainer *ex)
{
        const struct sc_reasons *reasons = &ex->reasons;
        sc_node none = sc_decision_leaf(ex->d, 0), all = sc_decision_leaf(ex->d, 1), ruled = none, decided = none, rest;

        ex->shares = sc_arena_array(ex->scratch, reasons->n + 1, sizeof(*ex->shares));
        if (!ex->shares)
                return -ENOMEM;
        for (size_t i = 0; i < reasons->n; i++) {
                struct share *share = &ex->shares[i];

                share->holds = holds_where(ex, &reasons->items[i]);
                share->decides = decides_where(ex, i);
                ruled = sc_decision_or(ex->d, ruled, share->holds);
                if (!reasons->items[i].otherwise)
                        decided = sc_decision_or(ex->d, decided, share->decides);
        }
        rest = sc_decision_not(ex->d, decided); /* what is left to an else */
        for (size_t i = 0; i < reasons->n; i++) {
                if (!reasons->items[i].otherwise || never(ex, ex->shares[i].decides))
                        continue;
                ex->shares[i].decides = sc_decision_and(ex->d, ex->shares[i].decides, rest);
                decided = sc_decision_or(ex->d, decided, ex->shares[i].decides);
        }
        rest = sc_decision_ite(ex->d, ruled, none, all);
        ex->by_default =
                sc_decision_and(ex->d, rest, sc_decision_where(ex->d, ex->node, reasons->default_action));
        ex->by_none = sc_decision_not(ex->d, sc_decision_or(ex->d, decided, ex->by_default));
        return sc_decisions_error(ex->d);
}

/* "line 575", or "line 1, column 40" where a rule's own line would not tell. */
static void format_line(const struct sc_reason *reason, const struct sc_reason *other, struct sc_strbuf *out)
{
        struct sc_position own = sc_source_locate(reason->place.source, reason->place.offset);
        struct sc_position at = sc_source_locate(other->place.source, other->place.offset);

        sc_strbuf_printf(out, "line %u", at.line);
        if (at.line == own.line)
                sc_strbuf_printf(out, ", column %u", at.column);
}

/* The rules that decide where this one holds. False if somewhere there it is something else. */
static bool format_instead(struct explainer *ex, size_t at, struct sc_strbuf *out)
{
        sc_node left = ex->shares[at].holds;
        size_t n = 0;

        for (size_t i = 0; i < ex->reasons.n && !never(ex, left); i++) {
                if (never(ex, ex->shares[i].decides) || never(ex, sc_decision_and(ex->d, left, ex->shares[i].decides)))
                        continue;
                left = sc_decision_and(ex->d, left, sc_decision_not(ex->d, ex->shares[i].decides));
                if (n++ < INSTEAD_MAX) {
                        sc_strbuf_puts(out, n > 1 ? " and " : "");
                        format_line(&ex->reasons.items[at], &ex->reasons.items[i], out);
                }
        }
        sc_strbuf_puts(out, n > INSTEAD_MAX ? " and others" : "");
        return n > 0 && never(ex, left);
}

/* True if a rule without conditions decides, as it was written: libseccomp drops masks without bits. */
static bool is_plain(const struct explainer *ex)
{
        for (size_t i = 0; i < ex->reasons.n; i++)
                if (ex->reasons.items[i].fate == SC_FATE_COUNTS && !ex->reasons.items[i].conditional)
                        return ex->reasons.items[i].rule->args.n == 0;
        return false;
}

void format_idle(struct explainer *ex, size_t reason, struct sc_strbuf *out)
{
        const struct sc_reason *rule = &ex->reasons.items[reason];
        struct sc_strbuf lines = SC_STRBUF_INIT;

        if (!never(ex, ex->shares[reason].decides))
                return;
        if (ex->reasons.stub)
                sc_strbuf_puts(out, "runc's stub answers before any rule");
        else if (never(ex, ex->shares[reason].holds))
                sc_strbuf_puts(out, EXPLAIN_HOLDS_NOT);
        else if (!format_instead(ex, reason, &lines))
                sc_strbuf_puts(out, "libseccomp's filter does not take it");
        else if (lines.failed)
                out->failed = true;
        else if (rule->fate == SC_FATE_OVERRULED)
                sc_strbuf_printf(out, "%s has no conditions%s and decides all", lines.text,
                                 is_plain(ex) ? "" : " that libseccomp tests here");
        else if (rule->otherwise)
                sc_strbuf_printf(out, "an else, for what no other rule takes: %s takes it", lines.text);
        else
                sc_strbuf_printf(out, "libseccomp's filter takes %s instead", lines.text);
        sc_strbuf_done(&lines);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with conditions on arguments: comparisons without sense, and what no filter can see. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "policy/internal.h"

struct atoms {
        struct policy_loader *l;
        const struct sc_policy *policy;
        const struct sc_rule *rule;
        struct sc_decisions *d;
        bool reported; /* something about this rule */
        bool failed;   /* a message could not be put together for want of memory */
};

/* "'family' of 'socket'", "argument 2 of 'prctl'". */
static void name_argument(const struct sc_argument *argument, int call, struct sc_strbuf *out)
{
        if (argument->name)
                sc_strbuf_printf(out, "'%s' of '%s'", argument->name, sc_syscall_name(call));
        else
                sc_strbuf_printf(out, "'arg%u%s' of '%s'", argument->position, argument->raw ? ":64" : "",
                                 sc_syscall_name(call));
}

/* What was put together for a message; that it is incomplete is remembered. */
static const char *text_of(struct atoms *a, const struct sc_strbuf *text)
{
        a->failed |= text->failed;
        return text->text ? text->text : "";
}

/* The source bytes of a place, for messages. */
static const char *written(struct sc_place place, int *ret_len)
{
        *ret_len = (int)place.length;
        return place.source->text + place.offset;
}

static struct sc_diag *report_wide(struct atoms *a, const struct policy_atom *found, const char *argument)
{
        int len;
        const char *text = written(found->blame->place, &len);
        struct sc_diag *diag = sc_diags_add(a->l->diags, SC_ERROR, "constant-too-wide", found->blame->place,
                                            "'%.*s' does not fit: %s has %u bits", len, text, argument, found->bits);

        sc_diag_hint(diag, "the kernel looks at no more of it; 'arg0:64' compares all bits of a register");
        return diag;
}

static struct sc_diag *report_negative(struct atoms *a, const struct policy_atom *found)
{
        struct sc_diag *diag = sc_diags_add(a->l->diags, SC_ERROR, "negative-order", found->blame->place,
                                            "a negative value has no place in an order without sign");

        sc_diag_hint(diag, "'==', '!=', 'in' and 'not in' take it; or write what it is without sign");
        return diag;
}

static struct sc_diag *report_turned(struct atoms *a, const struct policy_atom *found)
{
        struct sc_diag *diag = sc_diags_add(a->l->diags, SC_ERROR, "empty-range", found->range->place,
                                            "the range ends before it begins");

        sc_diag_hint(diag, "the smaller value stands first; values have no sign");
        return diag;
}

static struct sc_diag *report_pointer(struct atoms *a, const struct sc_cond *atom, const char *argument)
{
        struct sc_diag *diag = sc_diags_add(a->l->diags, SC_ERROR, "pointer-compared", atom->place,
                                            "%s is a pointer: the filter cannot look behind it", argument);

        sc_diag_hint(diag, "a pointer may be compared with 0 only, by '==', '!=' or 'in'");
        return diag;
}

/* Reports what is wrong with an atom for one of the rule's calls. */
static void report_fault(struct atoms *a, const struct sc_cond *atom, const struct sc_rule_call *call,
                         const struct policy_atom *found)
{
        struct sc_strbuf argument = SC_STRBUF_INIT;
        struct sc_diag *diag = NULL;

        name_argument(&atom->argument, call->call, &argument);
        switch (found->fault) {
        case POLICY_ATOM_SOUND:
                break;
        case POLICY_ATOM_WIDE:
                diag = report_wide(a, found, text_of(a, &argument));
                break;
        case POLICY_ATOM_NEGATIVE:
                diag = report_negative(a, found);
                break;
        case POLICY_ATOM_TURNED:
                diag = report_turned(a, found);
                break;
        case POLICY_ATOM_POINTER:
                diag = report_pointer(a, atom, text_of(a, &argument));
                break;
        }
        if (a->rule->n_calls > 1)
                sc_diag_place(diag, call->place);
        a->reported = true;
        sc_strbuf_done(&argument);
}

/* A comparison that says the same for every value. `holds`: it says yes. */
static void report_constant(struct atoms *a, const struct sc_cond *atom, const struct sc_rule_call *call, bool holds,
                            unsigned bits)
{
        bool ordered = atom->kind == SC_COND_COMPARE && atom->compare != SC_EQ && atom->compare != SC_NE;
        struct sc_strbuf argument = SC_STRBUF_INIT;
        struct sc_diag *diag;

        name_argument(&atom->argument, call->call, &argument);
        diag = sc_diags_add(a->l->diags, SC_ERROR, holds ? "always-true" : "always-false", atom->place,
                            "this is always %s, whatever %s is", holds ? "true" : "false", text_of(a, &argument));
        if (a->rule->n_calls > 1)
                sc_diag_place(diag, call->place);
        if (atom->argument.mask && !ordered)
                sc_diag_hint(diag, "'&' leaves only bits of the mask");
        else
                sc_diag_hint(diag, "it is compared without sign, as a number from 0 to %#" PRIx64,
                             UINT64_MAX >> (64 - bits));
        a->reported = true;
        sc_strbuf_done(&argument);
}

/* How an atom fares on the ABIs that have the call. */
struct tally {
        size_t seen;
        size_t wide;
        size_t always;
        size_t never;
        struct policy_atom last;
        struct policy_atom widest; /* of those where a value is too wide */
};

/* Looks at an atom on every ABI; false after a report. */
static bool take_tally(struct atoms *a, const struct sc_cond *atom, const struct sc_rule_call *call,
                       struct tally *tally)
{
        sc_node yes = sc_decision_leaf(a->d, 1), no = sc_decision_leaf(a->d, 0);

        for (size_t i = 0; i < a->policy->n_abis; i++) {
                const struct sc_abi *abi = a->policy->abis[i];
                struct policy_atom found;

                if (!policy_call_can_be_made(call->call, abi))
                        continue;
                policy_atom_look(a->d, atom, abi, call->call, &found);
                if (found.state != POLICY_ATOM_SEEN)
                        continue;
                if (found.fault != POLICY_ATOM_SOUND && found.fault != POLICY_ATOM_WIDE) {
                        report_fault(a, atom, call, &found);
                        return false;
                }
                if (found.fault == POLICY_ATOM_WIDE && (!tally->wide || found.bits > tally->widest.bits))
                        tally->widest = found;
                tally->seen++;
                tally->wide += found.fault == POLICY_ATOM_WIDE;
                tally->always += found.node == yes;
                tally->never += found.node == no;
                if (tally->seen == 1 || found.bits > tally->last.bits)
                        tally->last = found;
        }
        return true;
}

/* `negated`: it was written 'not in'. */
static void check_atom(struct atoms *a, const struct sc_cond *atom, bool negated)
{
        for (size_t i = 0; !a->reported && i < a->rule->n_calls; i++) {
                const struct sc_rule_call *call = &a->rule->calls[i];
                struct tally tally = { 0 };

                if (!take_tally(a, atom, call, &tally) || !tally.seen)
                        continue;
                if (tally.wide == tally.seen)
                        report_fault(a, atom, call, &tally.widest);
                else if (tally.always == tally.seen || tally.never == tally.seen)
                        report_constant(a, atom, call, (tally.always == tally.seen) != negated, tally.last.bits);
        }
}

static void check_atoms(struct atoms *a, const struct sc_cond *cond, bool negated)
{
        if (!cond || a->reported)
                return;
        if (cond->kind == SC_COND_COMPARE || cond->kind == SC_COND_IN) {
                check_atom(a, cond, negated);
                return;
        }
        /* 'not in' became a NOT with the same place */
        negated = cond->kind == SC_COND_NOT && cond->left->place.offset == cond->place.offset &&
                  cond->left->place.length == cond->place.length;
        check_atoms(a, cond->left, negated);
        check_atoms(a, cond->right, false);
}

/* 0, or why the diagrams could not be made; too many nodes are a diagnostic. */
static int result_of(const struct atoms *a, struct sc_place place)
{
        int r = a->failed ? -ENOMEM : sc_decisions_error(a->d);

        if (r != -E2BIG)
                return r;
        sc_diags_add(a->l->diags, SC_ERROR, "too-complex", place, "the conditions are too complex to be followed");
        return -EBADMSG;
}

int policy_check_atoms(struct policy_loader *l, const struct policy_file *file)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct atoms a = { .l = l, .policy = &file->own, .d = d };
        int r = 0;

        if (!d)
                return -ENOMEM;
        for (size_t i = 0; r == 0 && i < file->own.n_rules; i++) {
                a.rule = &file->own.rules[i];
                a.reported = false;
                check_atoms(&a, a.rule->when, false);
                r = result_of(&a, a.rule->place);
        }
        return r;
}

/* The first atom of a condition that cannot be told for the call on the ABI. */
static const struct sc_cond *find_unseen(struct atoms *a, const struct sc_cond *cond, const struct sc_abi *abi,
                                         int call, struct policy_atom *ret_found)
{
        const struct sc_cond *found;

        if (!cond)
                return NULL;
        if (cond->kind == SC_COND_COMPARE || cond->kind == SC_COND_IN) {
                policy_atom_look(a->d, cond, abi, call, ret_found);
                return ret_found->state != POLICY_ATOM_SEEN ? cond : NULL;
        }
        found = find_unseen(a, cond->left, abi, call, ret_found);
        return found ? found : find_unseen(a, cond->right, abi, call, ret_found);
}

/* True if the rule, `n` rules down, is asked about the call there, and what cannot be seen makes a difference. */
static bool matters(struct atoms *a, size_t n, const struct sc_abi *abi, int call)
{
        struct policy_bounds bounds = policy_condition_bounds(a->d, a->rule->when, abi, call);
        sc_node no = sc_decision_leaf(a->d, 0), doubt = bounds.may;

        if (bounds.may == bounds.must)
                return false;
        doubt = sc_decision_and(a->d, doubt, sc_decision_not(a->d, bounds.must));
        for (size_t i = 0; i < n && doubt != no; i++) {
                const struct sc_rule *above = &a->policy->rules[i];

                if (!policy_rule_find(above, call))
                        continue;
                bounds = policy_condition_bounds(a->d, above->when, abi, call);
                doubt = sc_decision_and(a->d, doubt, sc_decision_not(a->d, bounds.must));
        }
        return doubt != no;
}

/* One finding: an atom, what hinders it, and the ABIs where it does. */
struct unseen {
        const struct sc_cond *atom;
        struct policy_atom found;
        const struct sc_abi *first; /* of them */
        struct sc_strbuf abis; /* "x86, s390x" */
        size_t n_abis;
};

static void report_no_constant(struct atoms *a, const struct sc_rule_call *call, const struct unseen *unseen)
{
        const struct sc_value *blame = unseen->found.blame;
        const char *abis = text_of(a, &unseen->abis);
        bool one = unseen->n_abis == 1;
        struct sc_diag *diag = sc_diags_add(a->l->diags, SC_ERROR, "constant-not-on-abi", blame->place,
                                            "'%s' has no value on %s", blame->name, abis);

        if (a->rule->n_calls > 1)
                sc_diag_place(diag, call->place);
        if (!sc_policy_hint_archs(a->policy, unseen->first, diag))
                sc_diag_hint(diag, "ask for the ABI first, as in 'arch %s%s%s && …', or write a number",
                             one ? "!= " : "not in {", abis, one ? "" : "}");
}

static void report_hidden(struct atoms *a, const struct sc_rule_call *call, const struct unseen *unseen)
{
        bool behind = unseen->found.state == POLICY_ATOM_HIDDEN, one = unseen->n_abis == 1;
        struct sc_strbuf argument = SC_STRBUF_INIT;
        const char *abis = text_of(a, &unseen->abis);
        struct sc_diag *diag;

        name_argument(&unseen->atom->argument, call->call, &argument);
        diag = sc_diags_add(a->l->diags, SC_ERROR, "hidden-parameter", unseen->atom->argument.place, "%s %s on %s",
                            text_of(a, &argument), behind ? "lies behind a pointer, where no filter sees it," :
                            "is not among what a filter sees", abis);
        if (a->rule->n_calls > 1)
                sc_diag_place(diag, call->place);
        if (!sc_policy_hint_archs(a->policy, unseen->first, diag))
                sc_diag_hint(diag, "deny '%s' there by a rule above, with \"when\": \"arch %s%s%s\"; or drop the %s "
                             "from \"architectures\"", sc_syscall_name(call->call), one ? "== " : "in {", abis,
                             one ? "" : "}", one ? "ABI" : "ABIs");
        sc_strbuf_done(&argument);
}

/* Looks for an ABI where the rule cannot be told for a call; what is found is said once for all such ABIs. */
static void check_seen(struct atoms *a, size_t n, const struct sc_rule_call *call)
{
        struct unseen unseen = { 0 };

        for (size_t i = 0; i < a->policy->n_abis; i++) {
                const struct sc_abi *abi = a->policy->abis[i];
                const struct sc_cond *atom;
                struct policy_atom found;
                uint32_t nr;

                /* what only a multiplexer carries is closed there, whatever the condition says */
                if (!sc_syscall_number(call->call, abi, &nr))
                        continue;
                atom = find_unseen(a, a->rule->when, abi, call->call, &found);
                if (!atom || !matters(a, n, abi, call->call))
                        continue;
                if (unseen.atom && (atom != unseen.atom || found.state != unseen.found.state ||
                                    found.blame != unseen.found.blame))
                        continue;
                sc_strbuf_printf(&unseen.abis, "%s%s", unseen.n_abis++ ? ", " : "", abi->name);
                unseen.first = unseen.first ? unseen.first : abi;
                unseen.atom = atom;
                unseen.found = found;
        }
        if (unseen.atom && unseen.found.state == POLICY_ATOM_NO_CONSTANT)
                report_no_constant(a, call, &unseen);
        else if (unseen.atom)
                report_hidden(a, call, &unseen);
        a->reported |= unseen.atom != NULL;
        sc_strbuf_done(&unseen.abis);
}

int policy_check_seen(struct policy_loader *l, const struct sc_policy *policy)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct atoms a = { .l = l, .policy = policy, .d = d };
        size_t errors = sc_diags_count(l->diags, SC_ERROR);
        int r = 0;

        if (!d)
                return -ENOMEM;
        for (size_t i = 0; r == 0 && i < policy->n_rules; i++) {
                a.rule = &policy->rules[i];
                a.reported = false;
                if (!policy_condition_has_atoms(a.rule->when))
                        continue;
                for (size_t j = 0; !a.reported && j < a.rule->n_calls; j++)
                        check_seen(&a, i, &a.rule->calls[j]);
                r = result_of(&a, a.rule->place);
        }
        if (r == 0 && sc_diags_count(l->diags, SC_ERROR) > errors)
                r = -EBADMSG;
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that can never decide anything: their condition never holds, or earlier rules leave them nothing. */
#include <errno.h>
#include <stdlib.h>

#include "policy/internal.h"

/* What is left of one call on one ABI for the rules below: where no earlier rule has decided. */
struct rest {
        sc_node left;
        const struct sc_rule_call *taker; /* the last earlier naming that took something of it */
};

struct checker {
        struct policy_loader *l;
        const struct policy_file *file;
        struct sc_decisions *d;
        struct rest *rests; /* n_abis for each call */
        sc_node never;
        struct policy_bounds plain[SC_ABI_MAX]; /* where the rule's condition holds, if it asks about no argument */
        bool has_atoms;                         /* it does ask */
};

/* What became of one call in one rule. */
enum fate {
        FATE_ABSENT,  /* no ABI where the condition may hold has it */
        FATE_REACHED, /* the rule may decide it somewhere */
        FATE_TAKEN,   /* earlier rules decide it wherever this one would */
};

static struct rest *rest_of(const struct checker *c, int call, size_t abi)
{
        return &c->rests[(size_t)call * c->file->own.n_abis + abi];
}

bool policy_call_can_be_made(int call, const struct sc_abi *abi)
{
        uint32_t number;

        return sc_syscall_number(call, abi, &number) || (abi->multiplexed && sc_syscall_carrier(call, &number) >= 0);
}

static void start_rests(struct checker *c)
{
        sc_node always = sc_decision_leaf(c->d, 1);

        for (size_t call = 0; call < sc_syscall_count(); call++)
                for (size_t i = 0; i < c->file->own.n_abis; i++) {
                        bool can = policy_call_can_be_made((int)call, c->file->own.abis[i]);

                        rest_of(c, (int)call, i)->left = can ? always : c->never;
                }
}

/* A rule that names a multiplexer through a group and permits may be passed over: it takes nothing for sure. */
static bool may_pass_over(const struct sc_rule *rule, const struct sc_rule_call *named, const struct sc_abi *abi)
{
        return abi->multiplexed && sc_syscall_is_carrier(named->call) && !named->direct &&
               !policy_action_denies(rule->action);
}

/* Where the rule's condition holds for one of its calls. */
static struct policy_bounds bounds_of(const struct checker *c, const struct sc_rule *rule, int call, size_t abi)
{
        if (!c->has_atoms)
                return c->plain[abi];
        return policy_condition_bounds(c->d, rule->when, c->file->own.abis[abi], call);
}

/* Takes what a rule decides of one call out of the rests. `holds` is set if its condition may hold anywhere. */
static enum fate take_call(struct checker *c, const struct sc_rule *rule, const struct sc_rule_call *named,
                           bool *holds, const struct sc_rule_call **ret_taker)
{
        enum fate fate = FATE_ABSENT;

        for (size_t i = 0; i < c->file->own.n_abis; i++) {
                const struct sc_abi *abi = c->file->own.abis[i];
                struct rest *rest = rest_of(c, named->call, i);
                struct policy_bounds bounds = bounds_of(c, rule, named->call, i);

                *holds |= bounds.may != c->never;
                if (bounds.may == c->never || !policy_call_can_be_made(named->call, abi))
                        continue;
                if (sc_decision_and(c->d, rest->left, bounds.may) == c->never) {
                        if (fate == FATE_ABSENT) {
                                fate = FATE_TAKEN;
                                *ret_taker = rest->taker;
                        }
                        continue;
                }
                fate = FATE_REACHED;
                if (may_pass_over(rule, named, abi))
                        continue;
                rest->left = sc_decision_and(c->d, rest->left, sc_decision_not(c->d, bounds.must));
                rest->taker = named;
        }
        return fate;
}

/* True if the condition holds in no environment, for no call of the rule, on any ABI that there is. */
static bool is_contradiction(const struct checker *c, const struct sc_rule *rule)
{
        for (size_t i = 0; i < sc_abi_count(); i++)
                for (size_t j = 0; j < rule->n_calls; j++) {
                        if (policy_condition_node(c->d, rule->when, sc_abi_at(i), rule->calls[j].call) != c->never)
                                return false;
                        if (!c->has_atoms)
                                break;
                }
        return true;
}

static void report_condition(struct checker *c, const struct sc_rule *rule)
{
        struct sc_diag *diag;

        if (is_contradiction(c, rule)) {
                sc_diags_add(c->l->diags, SC_ERROR, "never-matches", rule->when->place, "the condition can never hold");
                return;
        }
        diag = sc_diags_add(c->l->diags, SC_ERROR, "never-matches", rule->when->place,
                            "the condition holds on no ABI of this policy");
        sc_diag_hint(diag, "add the ABI to \"architectures\", or remove the rule");
}

static void report_taken(struct checker *c, enum sc_severity severity, const char *id, const struct sc_rule_call *named,
                         const struct sc_rule_call *taker, const char *rest_of_message)
{
        struct sc_diag *diag = sc_diags_add(c->l->diags, severity, id, named->place, "'%s' %s",
                                            sc_syscall_name(named->call), rest_of_message);

        if (taker)
                sc_diag_place(diag, taker->place);
}

/* Checks one rule and takes out what it decides. */
static void check_rule(struct checker *c, const struct sc_rule *rule, enum fate *fates,
                       const struct sc_rule_call **takers)
{
        size_t counts[FATE_TAKEN + 1] = { 0 }, taken = 0;
        bool holds = false;

        c->has_atoms = policy_condition_has_atoms(rule->when);
        for (size_t i = 0; !c->has_atoms && i < c->file->own.n_abis; i++)
                c->plain[i] = policy_condition_bounds(c->d, rule->when, c->file->own.abis[i], -1);
        for (size_t i = 0; i < rule->n_calls; i++) {
                fates[i] = take_call(c, rule, &rule->calls[i], &holds, &takers[i]);
                counts[fates[i]]++;
                if (fates[i] == FATE_TAKEN && !counts[FATE_REACHED] && counts[FATE_TAKEN] == 1)
                        taken = i;
        }
        if (sc_decisions_error(c->d))
                return;
        if (!holds)
                report_condition(c, rule);
        else if (!counts[FATE_REACHED] && !counts[FATE_TAKEN])
                sc_diags_add(c->l->diags, SC_ERROR, "never-matches", rule->place,
                             "no ABI of this policy has any of the rule's calls");
        else if (!counts[FATE_REACHED])
                report_taken(c, SC_ERROR, "never-matches", &rule->calls[taken], takers[taken],
                             rule->n_calls == 1 ? "is decided by an earlier rule: this one can never match" :
                             "and the rule's other calls are decided by earlier rules: this one can never match");
        else
                for (size_t i = 0; i < rule->n_calls; i++)
                        if (fates[i] == FATE_TAKEN && rule->calls[i].direct)
                                report_taken(c, SC_WARNING, "shadowed", &rule->calls[i], takers[i],
                                             "is decided by an earlier rule already");
}

static int check_rules(struct checker *c)
{
        size_t calls = sc_syscall_count() + 1;
        SC_CLEANUP(sc_freep) enum fate *fates = calloc(calls, sizeof(*fates));
        SC_CLEANUP(sc_freep) const struct sc_rule_call **takers = calloc(calls, sizeof(*takers));

        if (!fates || !takers)
                return -ENOMEM;
        start_rests(c);
        for (size_t i = 0; i < c->file->own.n_rules; i++)
                check_rule(c, &c->file->own.rules[i], fates, takers);
        return 0;
}

int policy_check(struct policy_loader *l, const struct policy_file *file)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        SC_CLEANUP(sc_freep) struct rest *rests = calloc(sc_syscall_count() * file->own.n_abis + 1, sizeof(*rests));
        struct checker c = { .l = l, .file = file, .d = d, .rests = rests };
        int r;

        if (!d || !rests)
                return -ENOMEM;
        c.never = sc_decision_leaf(d, 0);
        r = check_rules(&c);
        if (r == 0)
                r = sc_decisions_error(d);
        if (r != -E2BIG)
                return r;
        sc_diags_add(l->diags, SC_ERROR, "too-complex", file->root->place,
                     "the conditions are too complex to be followed");
        return 0;
}

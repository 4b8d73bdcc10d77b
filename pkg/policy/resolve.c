/* SPDX-License-Identifier: Apache-2.0 */
/* From a policy to what it answers: first match wins, then the three ends; multiplexers after what they carry. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "policy/internal.h"

const struct sc_rule_call *policy_rule_find(const struct sc_rule *rule, int call)
{
        size_t low = 0, high = rule->n_calls;

        while (low < high) {
                size_t mid = low + (high - low) / 2;

                if (rule->calls[mid].call == call)
                        return &rule->calls[mid];
                if (rule->calls[mid].call < call)
                        low = mid + 1;
                else
                        high = mid;
        }
        return NULL;
}

bool sc_policy_rule_names(const struct sc_rule *rule, int call)
{
        return policy_rule_find(rule, call) != NULL;
}

sc_action sc_policy_rule_answer(const struct sc_policy *policy, const struct sc_rule *rule, int call)
{
        return rule->falls_back && sc_syscall_fallback(call) ? policy->fallback : rule->action;
}

sc_kernel sc_policy_since(const struct sc_policy *policy, int call)
{
        sc_kernel first = UINT32_MAX;

        for (size_t i = 0; i < policy->n_abis; i++) {
                uint32_t nr;

                if (sc_syscall_number(call, policy->abis[i], &nr) && sc_syscall_since(call, policy->abis[i]) < first)
                        first = sc_syscall_since(call, policy->abis[i]);
        }
        return first;
}

/* The end that a call comes to, but for multiplexers. */
static enum sc_policy_end ordinary_end(const struct sc_policy *policy, int call)
{
        if (sc_policy_since(policy, call) > policy->baseline)
                return SC_END_NEWER; /* the policy's author could not know it */
        if ((policy->def & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO && sc_syscall_fallback(call))
                return SC_END_FALLBACK;
        return SC_END_DEFAULT;
}

sc_action sc_policy_end_answer(const struct sc_policy *policy, int call)
{
        enum sc_policy_end end = ordinary_end(policy, call);

        return end == SC_END_NEWER ? policy->newer : end == SC_END_FALLBACK ? policy->fallback : policy->def;
}

/* The answer of a multiplexer that would open a call that is not plainly permitted. */
static sc_action refuse_carrier(const struct sc_policy *policy)
{
        /* never `newer`, if it can be helped: libseccomp opens a multiplexer unless it is given an action of its own */
        if (policy_action_denies(policy->def) && policy->def != policy->newer)
                return policy->def;
        if (policy->newer != (SECCOMP_RET_ERRNO | EPERM))
                return SECCOMP_RET_ERRNO | EPERM;
        return SECCOMP_RET_ERRNO | ENOSYS;
}

/* True if a call that answers this may be reached through a multiplexer, past its own rules. */
static bool is_plain(sc_action action)
{
        return sc_action_looseness(action) >= sc_action_looseness(SECCOMP_RET_LOG);
}

static bool is_carrier_on(const struct sc_abi *abi, int call)
{
        return abi->multiplexed && sc_syscall_is_carrier(call);
}

/* True if the rule decides about a multiplexer whatever it carries: it says so itself, or it denies. */
static bool decides_carrier(const struct sc_rule_call *named, sc_action answer)
{
        return named->direct || policy_action_denies(answer);
}

static sc_node ordinary_call(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call)
{
        sc_node node = sc_decision_leaf(d, sc_policy_end_answer(policy, call));

        for (size_t i = policy->n_rules; i-- > 0;) {
                const struct sc_rule *rule = &policy->rules[i];

                if (policy_rule_find(rule, call))
                        node = sc_decision_ite(d, policy_condition_node(d, rule->when, abi, call),
                                               sc_decision_leaf(d, sc_policy_rule_answer(policy, rule, call)), node);
        }
        return node;
}

#define CLOSED_MEMO 256

/* Nodes seen while closed() walks one of them, with what it made of them. */
struct closed_memo {
        struct {
                bool used;
                sc_node node;
                sc_node result;
        } slots[CLOSED_MEMO];
};

/*
 * The environments in which a decision is not plain: it denies, or depends on arguments. The environment's words stand
 * before the arguments, so what begins with an argument is one environment's answer.
 */
static sc_node closed(struct sc_decisions *d, sc_node node, struct closed_memo *memo)
{
        size_t slot = node % CLOSED_MEMO;
        sc_node clear, set, result;
        enum sc_word word;
        uint32_t action;
        uint64_t bit;

        if (node == SC_NODE_FAILED)
                return node;
        if (sc_decision_is_leaf(d, node, &action))
                return sc_decision_leaf(d, !is_plain(action));
        if (memo->slots[slot].used && memo->slots[slot].node == node)
                return memo->slots[slot].result;
        sc_decision_split(d, node, &word, &bit, &clear, &set);
        if (word >= SC_WORD_ARG0)
                return sc_decision_leaf(d, 1);
        clear = closed(d, clear, memo);
        set = closed(d, set, memo);
        result = sc_decision_any(d, word, bit, set, clear);
        memo->slots[slot].used = true;
        memo->slots[slot].node = node;
        memo->slots[slot].result = result;
        return result;
}

/* The environments in which the multiplexer carries a call that is denied, or permitted for some arguments only. */
static sc_node carries_denied(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                              int carrier)
{
        sc_node any = sc_decision_leaf(d, 0);

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                struct closed_memo memo = { 0 };
                uint32_t subcall;

                if (sc_syscall_carrier((int)i, &subcall) == carrier)
                        any = sc_decision_or(d, any, closed(d, ordinary_call(policy, d, abi, (int)i), &memo));
        }
        return any;
}

static sc_node carrier_call(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call)
{
        sc_node denied = carries_denied(policy, d, abi, call);
        sc_node node = sc_decision_ite(d, denied, sc_decision_leaf(d, refuse_carrier(policy)),
                                       sc_decision_leaf(d, sc_policy_end_answer(policy, call)));

        for (size_t i = policy->n_rules; i-- > 0;) {
                const struct sc_rule *rule = &policy->rules[i];
                const struct sc_rule_call *named = policy_rule_find(rule, call);
                sc_action answer;
                sc_node cond;

                if (!named)
                        continue;
                answer = sc_policy_rule_answer(policy, rule, call);
                cond = policy_condition_node(d, rule->when, abi, call);
                if (!decides_carrier(named, answer))
                        cond = sc_decision_and(d, cond, sc_decision_not(d, denied));
                node = sc_decision_ite(d, cond, sc_decision_leaf(d, answer), node);
        }
        return node;
}

static uint32_t combine_complain(uint32_t a, uint32_t b)
{
        (void)b;
        return policy_action_denies(a) ? SECCOMP_RET_LOG : a;
}

sc_node sc_policy_call(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call)
{
        sc_node node;

        if (policy->plain) {
                node = sc_policy_call(policy->plain, d, abi, call);
                return sc_decision_apply(d, combine_complain, node, node);
        }
        return is_carrier_on(abi, call) ? carrier_call(policy, d, abi, call) : ordinary_call(policy, d, abi, call);
}

/* An environment, or all of them. */
struct environment {
        bool fixed;
        sc_caps caps;
        sc_kernel kernel;
};

static sc_node answer_in(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call,
                         const struct environment *env)
{
        sc_node node = sc_policy_call(policy, d, abi, call);

        if (!env->fixed)
                return node;
        node = sc_decision_fix(d, node, SC_WORD_KERNEL, env->kernel);
        return sc_decision_fix(d, node, SC_WORD_CAPS, env->caps);
}

static sc_node decide(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                      const struct environment *env)
{
        SC_CLEANUP(sc_freep) struct sc_entry *entries = calloc(sc_syscall_count(), sizeof(*entries));
        size_t n = 0;

        if (!entries)
                return sc_decisions_fail(d, -ENOMEM);
        for (size_t i = 0; i < sc_syscall_count(); i++) {
                uint32_t nr;

                if (sc_syscall_number((int)i, abi, &nr))
                        entries[n++] = (struct sc_entry){ nr, answer_in(policy, d, abi, (int)i, env) };
        }
        qsort(entries, n, sizeof(*entries), sc_entry_compare);
        return sc_decision_map(d, SC_WORD_NR, entries, n, sc_decision_leaf(d, policy->newer));
}

sc_node sc_policy_decision(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi)
{
        return decide(policy, d, abi, &(struct environment){ .fixed = false });
}

sc_node sc_policy_decision_in(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                              sc_caps caps, sc_kernel kernel)
{
        return decide(policy, d, abi, &(struct environment){ .fixed = true, .caps = caps, .kernel = kernel });
}

/* x86_64 and x32 share an architecture: each has its numbers, and the last of all is x86_64's. */
static sc_node share_numbers(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                             sc_node own, sc_node other)
{
        bool high = sc_abi_owns(abi, SC_ABI_X32_BIT);
        sc_node node = sc_decision_ge(d, SC_WORD_NR, SC_ABI_X32_BIT, high ? own : other, high ? other : own);
        sc_node last = high ? sc_decision_fix(d, other, SC_WORD_NR, UINT32_MAX) : sc_decision_leaf(d, policy->newer);

        return sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, UINT32_MAX, last, node);
}

sc_node sc_policy_decision_on(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *const *abis,
                              size_t n_abis, sc_caps caps, sc_kernel kernel)
{
        sc_node all = sc_decision_leaf(d, SECCOMP_RET_KILL_THREAD);

        for (size_t i = 0; i < n_abis; i++) {
                sc_node node = sc_policy_decision_in(policy, d, abis[i], caps, kernel);

                if (sc_abi_owns(abis[i], SC_ABI_X32_BIT) != sc_abi_owns(abis[i], 0))
                        node = share_numbers(policy, d, abis[i], node,
                                             sc_decision_fix(d, all, SC_WORD_ARCH, abis[i]->audit_arch));
                all = sc_decision_eq(d, SC_WORD_ARCH, UINT32_MAX, abis[i]->audit_arch, node, all);
        }
        return all;
}

/* Where a rule decides a call, if no earlier one does; false if it does not name the call. */
static sc_node rule_decides(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call,
                            const struct sc_rule *rule, sc_node denied)
{
        const struct sc_rule_call *named = policy_rule_find(rule, call);
        sc_node cond;

        if (!named)
                return sc_decision_leaf(d, 0);
        cond = policy_condition_node(d, rule->when, abi, call);
        if (!decides_carrier(named, sc_policy_rule_answer(policy, rule, call)))
                cond = sc_decision_and(d, cond, sc_decision_not(d, denied));
        return cond;
}

static sc_node denied_of(const struct sc_policy *plain, struct sc_decisions *d, const struct sc_abi *abi, int call)
{
        return is_carrier_on(abi, call) ? carries_denied(plain, d, abi, call) : sc_decision_leaf(d, 0);
}

int sc_policy_cases(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call,
                    sc_case_visit visit, void *data)
{
        const struct sc_policy *plain = policy->plain ? policy->plain : policy;
        sc_node denied = denied_of(plain, d, abi, call), never = sc_decision_leaf(d, 0);
        sc_node rest = sc_decision_leaf(d, 1);
        int r = 0;

        for (size_t i = 0; i < plain->n_rules && r == 0; i++) {
                sc_node cond = rule_decides(plain, d, abi, call, &plain->rules[i], denied);
                sc_node where = sc_decision_and(d, rest, cond);

                rest = sc_decision_and(d, rest, sc_decision_not(d, cond));
                r = sc_decisions_error(d);
                if (r == 0 && where != never)
                        r = visit(&policy->rules[i], where, data);
        }
        return r == 0 && rest != never ? visit(NULL, rest, data) : r;
}

enum sc_policy_end sc_policy_end(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                                 int call, const struct sc_input *input)
{
        const struct sc_policy *plain = policy->plain ? policy->plain : policy;

        if (call < 0)
                return SC_END_NEWER;
        if (is_carrier_on(abi, call) && sc_decision_eval(d, denied_of(plain, d, abi, call), input))
                return SC_END_CARRIER;
        return ordinary_end(plain, call);
}

const struct sc_rule *sc_policy_rule(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                                     int call, const struct sc_input *input)
{
        const struct sc_policy *plain = policy->plain ? policy->plain : policy;
        sc_node denied = denied_of(plain, d, abi, call);

        for (size_t i = 0; i < plain->n_rules; i++) {
                sc_node cond = rule_decides(plain, d, abi, call, &plain->rules[i], denied);

                if (sc_decisions_error(d))
                        return NULL;
                if (sc_decision_eval(d, cond, input))
                        return &policy->rules[i];
        }
        return NULL;
}

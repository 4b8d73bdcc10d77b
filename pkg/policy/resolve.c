/* SPDX-License-Identifier: Apache-2.0 */
/* From a policy to what it answers: first match wins, then the three ends; multiplexers after what they carry. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "policy/internal.h"

#define NR_MASK UINT64_C(0xffffffff)

static sc_node kernel_node(struct sc_decisions *d, enum sc_compare compare, sc_kernel kernel)
{
        sc_node yes = sc_decision_leaf(d, 1), no = sc_decision_leaf(d, 0);

        switch (compare) {
        case SC_EQ:
                return sc_decision_eq(d, SC_WORD_KERNEL, UINT32_MAX, kernel, yes, no);
        case SC_NE:
                return sc_decision_eq(d, SC_WORD_KERNEL, UINT32_MAX, kernel, no, yes);
        case SC_GE:
                return sc_decision_ge(d, SC_WORD_KERNEL, kernel, yes, no);
        case SC_LT:
                return sc_decision_ge(d, SC_WORD_KERNEL, kernel, no, yes);
        case SC_GT:
                return kernel == UINT32_MAX ? no : sc_decision_ge(d, SC_WORD_KERNEL, kernel + 1, yes, no);
        case SC_LE:
                return kernel == UINT32_MAX ? yes : sc_decision_ge(d, SC_WORD_KERNEL, kernel + 1, no, yes);
        }
        return no;
}

sc_node policy_condition_node(struct sc_decisions *d, const struct sc_cond *cond, const struct sc_abi *abi)
{
        if (!cond)
                return sc_decision_leaf(d, 1);
        switch (cond->kind) {
        case SC_COND_AND:
                return sc_decision_and(d, policy_condition_node(d, cond->left, abi),
                                       policy_condition_node(d, cond->right, abi));
        case SC_COND_OR:
                return sc_decision_or(d, policy_condition_node(d, cond->left, abi),
                                      policy_condition_node(d, cond->right, abi));
        case SC_COND_NOT:
                return sc_decision_not(d, policy_condition_node(d, cond->left, abi));
        case SC_COND_CAP:
                return sc_decision_any(d, SC_WORD_CAPS, UINT64_C(1) << cond->cap, sc_decision_leaf(d, 1),
                                       sc_decision_leaf(d, 0));
        case SC_COND_ARCH:
                return sc_decision_leaf(d, cond->abis >> abi->index & 1);
        case SC_COND_KERNEL:
                return kernel_node(d, cond->compare, cond->kernel);
        }
        return sc_decision_leaf(d, 0);
}

/* The call as the rule names it; NULL if it does not. */
static const struct sc_rule_call *find_call(const struct sc_rule *rule, int call)
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

/* What the rule answers for the call. */
static sc_action rule_answer(const struct sc_policy *policy, const struct sc_rule *rule, int call)
{
        return rule->falls_back && sc_syscall_fallback(call) ? policy->fallback : rule->action;
}

/* True if a listed ABI has the call in the baseline kernel: the policy's author could know it. */
static bool is_judged(const struct sc_policy *policy, int call)
{
        for (size_t i = 0; i < policy->n_abis; i++) {
                uint32_t nr;

                if (sc_syscall_number(call, policy->abis[i], &nr) &&
                    sc_syscall_since(call, policy->abis[i]) <= policy->baseline)
                        return true;
        }
        return false;
}

/* The answer where no rule matches. */
static sc_action end_answer(const struct sc_policy *policy, int call)
{
        if (!is_judged(policy, call))
                return policy->newer;
        if ((policy->def & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO && sc_syscall_fallback(call))
                return policy->fallback;
        return policy->def;
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
        sc_node node = sc_decision_leaf(d, end_answer(policy, call));

        for (size_t i = policy->n_rules; i-- > 0;) {
                const struct sc_rule *rule = &policy->rules[i];

                if (find_call(rule, call))
                        node = sc_decision_ite(d, policy_condition_node(d, rule->when, abi),
                                               sc_decision_leaf(d, rule_answer(policy, rule, call)), node);
        }
        return node;
}

static uint32_t combine_not_plain(uint32_t a, uint32_t b)
{
        (void)b;
        return !is_plain(a);
}

/* The environments in which the multiplexer carries a call that is not plainly permitted. */
static sc_node carries_denied(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi,
                              int carrier)
{
        sc_node any = sc_decision_leaf(d, 0);

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                uint32_t subcall;
                sc_node node;

                if (sc_syscall_carrier((int)i, &subcall) != carrier)
                        continue;
                node = ordinary_call(policy, d, abi, (int)i);
                any = sc_decision_or(d, any, sc_decision_apply(d, combine_not_plain, node, node));
        }
        return any;
}

static sc_node carrier_call(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call)
{
        sc_node denied = carries_denied(policy, d, abi, call);
        sc_node node = sc_decision_ite(d, denied, sc_decision_leaf(d, refuse_carrier(policy)),
                                       sc_decision_leaf(d, end_answer(policy, call)));

        for (size_t i = policy->n_rules; i-- > 0;) {
                const struct sc_rule *rule = &policy->rules[i];
                const struct sc_rule_call *named = find_call(rule, call);
                sc_action answer;
                sc_node cond;

                if (!named)
                        continue;
                answer = rule_answer(policy, rule, call);
                cond = policy_condition_node(d, rule->when, abi);
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
                return SC_NODE_FAILED;
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

static bool kernel_holds(enum sc_compare compare, sc_kernel a, sc_kernel b)
{
        switch (compare) {
        case SC_EQ:
                return a == b;
        case SC_NE:
                return a != b;
        case SC_LT:
                return a < b;
        case SC_LE:
                return a <= b;
        case SC_GT:
                return a > b;
        case SC_GE:
                return a >= b;
        }
        return false;
}

static bool cond_holds(const struct sc_cond *cond, const struct sc_abi *abi, sc_caps caps, sc_kernel kernel)
{
        if (!cond)
                return true;
        switch (cond->kind) {
        case SC_COND_AND:
                return cond_holds(cond->left, abi, caps, kernel) && cond_holds(cond->right, abi, caps, kernel);
        case SC_COND_OR:
                return cond_holds(cond->left, abi, caps, kernel) || cond_holds(cond->right, abi, caps, kernel);
        case SC_COND_NOT:
                return !cond_holds(cond->left, abi, caps, kernel);
        case SC_COND_CAP:
                return caps >> cond->cap & 1;
        case SC_COND_ARCH:
                return cond->abis >> abi->index & 1;
        case SC_COND_KERNEL:
                return kernel_holds(cond->compare, kernel, cond->kernel);
        }
        return false;
}

/* The index of the rule that decides, n_rules if none does. `closed`: a multiplexer that carries a denied call. */
static size_t deciding_rule(const struct sc_policy *policy, const struct sc_abi *abi, int call, bool closed,
                            sc_caps caps, sc_kernel kernel)
{
        size_t i;

        for (i = 0; i < policy->n_rules; i++) {
                const struct sc_rule *rule = &policy->rules[i];
                const struct sc_rule_call *named = find_call(rule, call);

                if (!named || !cond_holds(rule->when, abi, caps, kernel))
                        continue;
                if (!closed || decides_carrier(named, rule_answer(policy, rule, call)))
                        break;
        }
        return i;
}

static bool carries_denied_in(const struct sc_policy *policy, const struct sc_abi *abi, int carrier, sc_caps caps,
                              sc_kernel kernel)
{
        for (size_t i = 0; i < sc_syscall_count(); i++) {
                uint32_t subcall;
                size_t rule;

                if (sc_syscall_carrier((int)i, &subcall) != carrier)
                        continue;
                rule = deciding_rule(policy, abi, (int)i, false, caps, kernel);
                if (!is_plain(rule < policy->n_rules ? rule_answer(policy, &policy->rules[rule], (int)i) :
                                                       end_answer(policy, (int)i)))
                        return true;
        }
        return false;
}

const struct sc_rule *sc_policy_rule(const struct sc_policy *policy, const struct sc_abi *abi, int call, sc_caps caps,
                                     sc_kernel kernel)
{
        const struct sc_policy *plain = policy->plain ? policy->plain : policy;
        bool closed = is_carrier_on(abi, call) && carries_denied_in(plain, abi, call, caps, kernel);
        size_t rule = deciding_rule(plain, abi, call, closed, caps, kernel);

        return rule < plain->n_rules ? &policy->rules[rule] : NULL;
}

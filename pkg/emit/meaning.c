/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile shall say: a policy, or one decision for one machine and environment. */
#include "emit/internal.h"

void emit_meaning_of_policy(struct emit *e, const struct sc_policy *policy)
{
        e->meaning = (struct emit_meaning){
                .name = policy->name,
                .policy = policy,
                .abis = policy->abis,
                .n_abis = policy->n_abis,
                .newer = policy->newer,
                .flags = policy->flags,
                .n_flags = policy->n_flags,
        };
}

sc_node emit_at(const struct emit *e, sc_node node, enum sc_word word, uint64_t value)
{
        for (unsigned i = sc_word_bits(word); i-- > 0;)
                node = sc_decision_side(e->d, node, word, UINT64_C(1) << i, value >> i & 1);
        return node;
}

/*
 * A decision knows numbers only. A call that an ABI has through a multiplexer alone is what the multiplexer answers to
 * it, where that is one answer and the others get another; else the default, and no rule.
 */
static sc_node carried_call(const struct emit *e, const struct sc_abi *abi, int call)
{
        sc_node rest = sc_decision_leaf(e->d, e->def), node;
        uint32_t subcall, value, nr;

        if (!sc_syscall_number(sc_syscall_carrier(call, &subcall), abi, &nr))
                return rest;
        node = emit_at(e, emit_at(e, e->meaning.decision, SC_WORD_ARCH, abi->audit_arch), SC_WORD_NR, nr);
        if (sc_decision_is_leaf(e->d, node, &value))
                return rest;
        node = sc_decision_fix(e->d, node, SC_WORD_ARG0, subcall);
        return sc_decision_is_leaf(e->d, node, &value) ? node : rest;
}

sc_node emit_meaning_call(const struct emit *e, const struct sc_abi *abi, int call)
{
        const struct emit_meaning *m = &e->meaning;
        uint32_t nr;

        if (m->policy)
                return sc_policy_call(m->policy, e->d, abi, call);
        if (!sc_syscall_number(call, abi, &nr))
                return carried_call(e, abi, call);
        return emit_at(e, emit_at(e, m->decision, SC_WORD_ARCH, abi->audit_arch), SC_WORD_NR, nr);
}

sc_node emit_meaning_in(const struct emit *e, const struct sc_abi *abi, sc_caps caps, sc_kernel kernel)
{
        if (e->meaning.policy)
                return sc_policy_decision_in(e->meaning.policy, e->d, abi, caps, kernel);
        return emit_at(e, e->meaning.decision, SC_WORD_ARCH, abi->audit_arch);
}

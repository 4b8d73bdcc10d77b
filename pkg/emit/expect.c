/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a consumer will do, worked out from the answers by name: nothing here has seen the profile that was written or
 * libseccomp's program. The two are compared in prove.c.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "base/util.h"
#include "emit/internal.h"

#define NR_MASK UINT64_C(0xffffffff)

/* One machine in one environment. */
struct scene {
        const struct emit *e;
        size_t machine;
        const struct sc_consumer *consumer;
        sc_caps caps;
        sc_kernel kernel;
};

/* The answer to a call by name on the machine's ABI `abi`: over arguments; the default where nothing is said. */
static sc_node answer(const struct scene *s, size_t abi, int call)
{
        sc_node cell = *emit_cell(s->e, s->machine, abi, call);

        return cell == SC_NODE_FAILED ? sc_decision_leaf(s->e->d, s->e->def) : emit_in(s->e, cell, s->caps, s->kernel);
}

static bool is_default(const struct scene *s, sc_node node)
{
        uint32_t value;

        return sc_decision_is_leaf(s->e->d, node, &value) && value == s->e->def;
}

/* True if a rule names the call: on some ABI of the machine it is not answered by the default. */
static bool has_rule(const struct scene *s, int call)
{
        for (size_t i = 0; i < s->e->machines[s->machine].n_abis; i++)
                if (!is_default(s, answer(s, i, call)))
                        return true;
        return false;
}

/*
 * A multiplexer without a rule of its own: libseccomp opens it for each call that it carries and that has a rule, by
 * the first argument (low half on 32-bit ABIs). A carried call's rule is by name, whether or not this ABI has a number
 * for it.
 */
static sc_node companions(const struct scene *s, const struct sc_abi *abi, int carrier)
{
        const struct emit_machine *m = &s->e->machines[s->machine];
        struct sc_decisions *d = s->e->d;
        sc_node node = sc_decision_leaf(d, s->e->def);
        uint32_t subcall;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                if (sc_syscall_carrier((int)i, &subcall) != carrier)
                        continue;
                for (size_t a = 0; a < m->n_abis; a++) {
                        sc_node said = answer(s, a, (int)i);

                        if (!is_default(s, said)) {
                                node = sc_decision_eq(d, SC_WORD_ARG0, abi->word_bits == 32 ? NR_MASK : UINT64_MAX,
                                                      subcall, said, node);
                                break;
                        }
                }
        }
        return node;
}

sc_node emit_companions(const struct emit *e, size_t machine, const struct sc_abi *abi, int carrier)
{
        const struct scene s = { e, machine, e->consumers[0], e->request->caps, e->kernels[0] };

        return companions(&s, abi, carrier);
}

/* The highest number that a rule names on an ABI; runc does not count what libseccomp reaches through a multiplexer. */
static uint32_t highest(const struct scene *s, const struct sc_abi *abi)
{
        uint32_t max = 0, nr, subcall;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                if (!sc_syscall_number((int)i, abi, &nr) || nr <= max || !emit_reaches(s->e, (int)i, abi))
                        continue;
                if (!(s->e->named && s->e->named[i]) && !has_rule(s, (int)i))
                        continue;
                if (!abi->multiplexed || sc_syscall_carrier((int)i, &subcall) < 0)
                        max = nr;
        }
        return max;
}

static bool has_stub(const struct scene *s)
{
        return s->consumer->enosys_stub && !emit_permits(s->e->def) &&
               (s->e->def & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE;
}

uint32_t emit_highest(const struct emit *e, size_t machine, const struct sc_abi *abi)
{
        const struct scene s = { e, machine, e->consumers[0], e->request->caps, e->kernels[0] };

        return has_stub(&s) ? highest(&s, abi) : 0;
}

/* runc's stub on one ABI: its own numbers above the highest named answer ENOSYS; on s390 and s390x, 0 does. */
static sc_node with_stub(const struct scene *s, const struct sc_abi *abi, sc_node node)
{
        struct sc_decisions *d = s->e->d;
        sc_node enosys = sc_decision_leaf(d, SECCOMP_RET_ERRNO | ENOSYS), stubbed;
        uint32_t max = has_stub(s) ? highest(s, abi) : 0;

        if (max == 0)
                return node;
        stubbed = sc_decision_ge(d, SC_WORD_NR, (uint64_t)max + 1, enosys, node);
        if (abi->audit_arch == AUDIT_ARCH_S390 || abi->audit_arch == AUDIT_ARCH_S390X)
                stubbed = sc_decision_eq(d, SC_WORD_NR, NR_MASK, 0, enosys, stubbed);
        if (abi->audit_arch != AUDIT_ARCH_X86_64)
                return stubbed;
        return abi->nr_base == SC_ABI_X32_BIT ? sc_decision_any(d, SC_WORD_NR, SC_ABI_X32_BIT, stubbed, node) :
                                         sc_decision_any(d, SC_WORD_NR, SC_ABI_X32_BIT, node, stubbed);
}

/* libseccomp's part of one ABI: what its rules by number say. Returns how many there are. */
static size_t filtered(const struct scene *s, size_t place, struct sc_entry *entries)
{
        const struct sc_abi *abi = s->e->machines[s->machine].abis[place];
        size_t n = 0;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                sc_node said;
                uint32_t nr;

                if (!sc_syscall_number((int)i, abi, &nr))
                        continue;
                said = answer(s, place, (int)i);
                if (is_default(s, said) && abi->multiplexed && sc_syscall_is_carrier((int)i))
                        said = companions(s, abi, (int)i);
                if (!is_default(s, said) && emit_reaches(s->e, (int)i, abi))
                        entries[n++] = (struct sc_entry){ nr, said };
        }
        return n;
}

/* All numbers of one architecture; x86_64 and x32 share one. */
static sc_node architecture(const struct scene *s, uint32_t audit_arch)
{
        const struct emit_machine *m = &s->e->machines[s->machine];
        struct sc_decisions *d = s->e->d;
        SC_CLEANUP(sc_freep) struct sc_entry *entries = calloc(2 * sc_syscall_count(), sizeof(*entries));
        bool x32 = false;
        size_t n = 0;
        sc_node node;

        if (!entries)
                return sc_decisions_fail(d, -ENOMEM);
        for (size_t i = 0; i < m->n_abis; i++) {
                if (m->abis[i]->audit_arch != audit_arch)
                        continue;
                x32 |= m->abis[i]->nr_base == SC_ABI_X32_BIT;
                n += filtered(s, i, entries + n);
        }
        qsort(entries, n, sizeof(*entries), sc_entry_compare);
        node = sc_decision_map(d, SC_WORD_NR, entries, n, sc_decision_leaf(d, s->e->def));
        if (audit_arch == AUDIT_ARCH_X86_64 && !x32) {
                sc_node skip = sc_decision_leaf(d, s->e->def);
                sc_node kill = sc_decision_leaf(d, SECCOMP_RET_KILL_THREAD);

                node = sc_decision_ge(d, SC_WORD_NR, SC_ABI_X32_BIT, kill, node);
                node = sc_decision_eq(d, SC_WORD_NR, NR_MASK, SC_NR_SKIP, skip, node);
        }
        for (size_t i = 0; i < m->n_abis; i++)
                if (m->abis[i]->audit_arch == audit_arch)
                        node = with_stub(s, m->abis[i], node);
        return node;
}

static sc_node by_architecture(const struct emit *e, size_t machine, sc_node rest,
                               sc_node (*node_of)(const struct scene *, uint32_t), const struct scene *s)
{
        const struct emit_machine *m = &e->machines[machine];

        for (size_t i = m->n_abis; i-- > 0;)
                rest = sc_decision_eq(e->d, SC_WORD_ARCH, NR_MASK, m->abis[i]->audit_arch,
                                      node_of(s, m->abis[i]->audit_arch), rest);
        return rest;
}

sc_node emit_expected(const struct emit *e, const struct sc_consumer *consumer, size_t machine, sc_caps caps,
                      sc_kernel kernel)
{
        const struct scene s = { e, machine, consumer, caps, kernel };

        return by_architecture(e, machine, sc_decision_leaf(e->d, SECCOMP_RET_KILL_THREAD), architecture, &s);
}

sc_node emit_join_x32(struct sc_decisions *d, sc_node low, sc_node high)
{
        high = sc_decision_eq(d, SC_WORD_NR, NR_MASK, SC_NR_SKIP, low, high);
        return sc_decision_ge(d, SC_WORD_NR, SC_ABI_X32_BIT, high, low);
}

/* What the policy says of all numbers of one architecture. */
static sc_node policy_architecture(const struct scene *s, uint32_t audit_arch)
{
        const struct emit *e = s->e;
        const struct emit_machine *m = &e->machines[s->machine];
        sc_node unlisted = sc_decision_leaf(e->d, EMIT_UNLISTED), low = unlisted, high = unlisted;

        for (size_t i = 0; i < m->n_abis; i++) {
                sc_node node;

                if (m->abis[i]->audit_arch != audit_arch)
                        continue;
                node = emit_meaning_in(e, m->abis[i], s->caps, s->kernel);
                if (audit_arch != AUDIT_ARCH_X86_64)
                        return node;
                *(m->abis[i]->nr_base == SC_ABI_X32_BIT ? &high : &low) = node;
        }
        return emit_join_x32(e->d, low, high);
}

sc_node emit_wanted(const struct emit *e, size_t machine, sc_caps caps, sc_kernel kernel)
{
        const struct scene s = { e, machine, e->consumers[0], caps, kernel };

        return by_architecture(e, machine, sc_decision_leaf(e->d, EMIT_UNLISTED), policy_architecture, &s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof. What was written goes the consumer's way and must come back as the decision that the target was meant to
 * have; and that must nowhere be looser than the policy.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/util.h"
#include "emit/internal.h"

#define NAMED_SPAN_MAX 4096 /* numbers of one range that are looked up by name; no ABI has as many calls */

struct prover {
        struct emit *e;
        const struct sc_profile *profile;
        struct sc_emit_result *result;
        struct sc_deviation *deviations;
        size_t n_deviations;
        size_t cap_deviations;
        /* while a difference is collected */
        size_t machine;
        uint32_t audit_arch;
        const struct sc_abi *abi;
        sc_node wanted, actual;
        bool looser_said;
};

static bool denies(sc_action action)
{
        return sc_action_looseness(action) <= sc_action_looseness(SECCOMP_RET_ERRNO);
}

uint32_t emit_relate(uint32_t policy, uint32_t target)
{
        unsigned p, t;

        if (policy == EMIT_UNLISTED)
                return denies(target) ? EMIT_SAME : EMIT_LOOSER;
        if (policy == target)
                return EMIT_SAME;
        p = sc_action_looseness(policy);
        t = sc_action_looseness(target);
        if (t < p)
                return EMIT_STRICTER;
        if (t == p)
                return EMIT_OTHER;
        return policy == SECCOMP_RET_LOG && target == SECCOMP_RET_ALLOW ? EMIT_UNLOGGED : EMIT_LOOSER;
}

/* The call's name, or its number, for a message. */
static void format_call(struct sc_strbuf *out, const struct sc_abi *abi, uint32_t nr)
{
        int call = sc_syscall_by_number(abi, nr);

        if (call >= 0)
                sc_strbuf_printf(out, "%s %s", abi->name, sc_syscall_name(call));
        else
                sc_strbuf_printf(out, "%s #%u", abi->name, nr);
}

/* The machine's ABI that a number belongs to. */
static const struct sc_abi *abi_of(const struct emit_machine *m, uint32_t audit_arch, uint32_t nr)
{
        for (size_t i = 0; i < m->n_abis; i++)
                if (m->abis[i]->audit_arch == audit_arch && sc_abi_owns(m->abis[i], nr))
                        return m->abis[i];
        return NULL;
}

static void format_witness(struct sc_strbuf *out, const struct prover *p, const struct sc_input *in)
{
        const struct sc_abi *abi = abi_of(&p->e->machines[p->machine], (uint32_t)in->words[SC_WORD_ARCH],
                                          (uint32_t)in->words[SC_WORD_NR]);

        if (abi)
                format_call(out, abi, (uint32_t)in->words[SC_WORD_NR]);
        else
                sc_strbuf_printf(out, "architecture %#x #%u", (unsigned)in->words[SC_WORD_ARCH],
                                 (unsigned)in->words[SC_WORD_NR]);
        for (int i = 0; i < 6; i++)
                if (in->words[SC_WORD_ARG0 + i])
                        sc_strbuf_printf(out, " arg%d=%#llx", i, (unsigned long long)in->words[SC_WORD_ARG0 + i]);
}

static int proof_failed(const struct prover *p, const struct sc_consumer *consumer, sc_node expected, sc_node actual)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_input in = { 0 };

        sc_decision_witness(p->e->d, expected, actual, &in);
        format_witness(&text, p, &in);
        sc_strbuf_puts(&text, ": meant ");
        sc_action_format(sc_decision_eval(p->e->d, expected, &in), &text);
        sc_strbuf_printf(&text, ", %s would answer ", consumer->name);
        sc_action_format(sc_decision_eval(p->e->d, actual, &in), &text);
        sc_diag_hint(sc_diags_add(p->e->diags, SC_ERROR, "proof-failed", (struct sc_place){ 0 },
                                  "the profile does not mean what the policy says: %s", text.text ? text.text : ""),
                     "this is a mistake of seccompose or of libseccomp, not yours; nothing was written");
        sc_strbuf_done(&text);
        return -EBADMSG;
}

static int add_deviation(struct prover *p, struct sc_deviation dev)
{
        struct sc_deviation *all;

        for (size_t i = 0; i < p->n_deviations; i++) {
                const struct sc_deviation *o = &p->deviations[i];

                if (o->abi == dev.abi && o->first == dev.first && o->last == dev.last && o->policy == dev.policy &&
                    o->target == dev.target)
                        return 0;
        }
        all = sc_grow(p->deviations, p->n_deviations, &p->cap_deviations, sizeof(*all));
        if (!all)
                return -ENOMEM;
        p->deviations = all;
        all[p->n_deviations++] = dev;
        return 0;
}

static void report_looser(struct prover *p, const struct sc_deviation *dev, int call)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_diag *diag;

        if (p->looser_said)
                return;
        p->looser_said = true;
        format_call(&text, dev->abi, dev->first);
        if (dev->last != dev->first)
                sc_strbuf_printf(&text, " to #%u", dev->last);
        sc_strbuf_puts(&text, ": the policy says ");
        sc_action_format(dev->policy, &text);
        sc_strbuf_puts(&text, ", the target would answer ");
        sc_action_format(dev->target, &text);
        diag = sc_diags_add(p->e->diags, SC_ERROR, "looser", (struct sc_place){ 0 },
                            "%s cannot be made as strict as the policy: %s", p->e->request->format->name,
                            text.text ? text.text : "");
        if (call >= 0 && !sc_scmptable_knows(p->e->table, call))
                sc_diag_hint(
                        diag,
                        "libseccomp %s has no name for it; if the target's is newer, say so (--libseccomp 2.6.1), or "
                        "set \"baseline\" to a kernel whose calls it all knows",
                        sc_scmptable_name(p->e->table));
        else if (call < 0)
                sc_diag_hint(diag, "runc answers ENOSYS to numbers above the highest that a profile names; write "
                                   "\"newer\": \"errno:ENOSYS\", or an action no stricter");
        sc_strbuf_done(&text);
}

/* Keeps a difference on a range of numbers: calls by themselves, what has no name as ranges. */
static int add_range(struct prover *p, struct sc_deviation dev)
{
        uint32_t last = dev.last, end;
        int r = 0;

        /* above the highest call there is nothing to name */
        end = last - dev.first > NAMED_SPAN_MAX ? dev.first + NAMED_SPAN_MAX : last;
        for (uint32_t nr = dev.first; r == 0; nr++) {
                dev.last = nr == end ? last : nr;
                dev.call = sc_syscall_by_number(p->abi, nr);
                if (dev.call < 0 && nr < end && sc_syscall_by_number(p->abi, nr + 1) < 0)
                        continue; /* the unnamed range goes on */
                if (dev.call >= 0)
                        dev.first = dev.last = nr;
                if (!sc_syscall_is_unfiltered(p->abi, nr))
                        r = add_deviation(p, dev);
                dev.first = nr + 1;
                if (nr == end)
                        break;
        }
        return r;
}

/* A difference between wanted and actual on a range of numbers, at an input that has it. */
static int see_difference(struct prover *p, uint32_t first, uint32_t last, const struct sc_input *in)
{
        struct sc_deviation dev = { .abi = p->abi, .first = first, .last = last, .call = -1 };
        uint32_t relation;
        int call;

        for (; sc_syscall_is_unfiltered(p->abi, first); first++)
                if (first == last)
                        return 0; /* whatever a filter says of it, the kernel does not ask */
        dev.first = first;
        call = sc_syscall_by_number(p->abi, first);
        dev.policy = sc_decision_eval(p->e->d, p->wanted, in);
        dev.target = sc_decision_eval(p->e->d, p->actual, in);
        relation = emit_relate(dev.policy, dev.target);
        if (relation == EMIT_LOOSER || (relation == EMIT_UNLOGGED && (call < 0 || !sc_syscall_is_carrier(call)))) {
                report_looser(p, &dev, call);
                return -EBADMSG;
        }
        return relation == EMIT_SAME ? 0 : add_range(p, dev);
}

/*
 * A range of numbers with one function of the arguments on each side. Every kind of difference is seen once, by an
 * input that has it: the paths of a condition can be too many to walk.
 */
static int see_range(uint64_t first, uint64_t last, sc_node wanted, sc_node actual, void *data)
{
        struct prover *p = data;
        struct sc_decisions *d = p->e->d;
        sc_node none = sc_decision_leaf(d, 0), relation;
        struct sc_input in;
        int r = 0;

        if (wanted == actual)
                return 0;
        relation = sc_decision_apply(d, emit_relate, wanted, actual);
        p->abi = abi_of(&p->e->machines[p->machine], p->audit_arch, (uint32_t)first);
        if (!p->abi) /* a number of an ABI that is not listed: the machine's own stands for it */
                p->abi = p->e->machines[p->machine].abis[0];
        for (uint32_t kind = EMIT_STRICTER; kind <= EMIT_LOOSER && r == 0; kind++) {
                sc_node here = sc_decision_where(d, relation, kind);

                if (!sc_decision_witness(d, here, none, &in))
                        continue;
                in.words[SC_WORD_ARCH] = p->audit_arch;
                in.words[SC_WORD_NR] = first;
                r = see_difference(p, (uint32_t)first, (uint32_t)last, &in);
        }
        return r;
}

/* Compares wanted and actual on one architecture: where their runs of numbers overlap. */
static int compare_architecture(struct prover *p, uint32_t audit_arch)
{
        sc_node wanted = sc_decision_fix(p->e->d, p->wanted, SC_WORD_ARCH, audit_arch);
        sc_node actual = sc_decision_fix(p->e->d, p->actual, SC_WORD_ARCH, audit_arch);

        p->audit_arch = audit_arch;
        return sc_decision_run_pairs(p->e->d, wanted, actual, SC_WORD_NR, see_range, p);
}

static int compare(struct prover *p)
{
        const struct emit_machine *m = &p->e->machines[p->machine];
        int r = 0;

        for (size_t i = 0; i < m->n_abis && r == 0; i++) {
                bool again = false;

                for (size_t k = 0; k < i; k++)
                        again |= m->abis[k]->audit_arch == m->abis[i]->audit_arch;
                if (!again)
                        r = compare_architecture(p, m->abis[i]->audit_arch);
        }
        return r ? r : sc_decisions_error(p->e->d);
}

static int keep_modelled(struct prover *p, const struct sc_outcome *outcome)
{
        const char **names;

        if (outcome->n_modelled <= p->result->n_modelled)
                return 0;
        names = sc_arena_array(p->e->arena, outcome->n_modelled, sizeof(*names));
        if (!names)
                return -ENOMEM;
        memcpy(names, outcome->modelled, outcome->n_modelled * sizeof(*names));
        p->result->modelled = names;
        p->result->n_modelled = outcome->n_modelled;
        return 0;
}

/* One consumer, machine and environment; p->wanted is what the policy says there. */
static int prove_one(struct prover *p, const struct sc_consumer *consumer, const struct emit_sample *sample)
{
        struct emit *e = p->e;
        const struct sc_target target = {
                .consumer = consumer,
                .native = e->machines[p->machine].abis[0],
                .caps = sample->caps,
                .kernel = sample->kernel,
                .table = e->table,
        };
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new(); /* plans are large, and many */
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        sc_node expected;
        int r = -ENOMEM;

        if (arena)
                r = sc_consumer_decide(arena, &target, p->profile, &e->request->compiler, e->d, e->diags, &outcome);
        if (r < 0)
                return r;
        if (outcome.unfiltered) {
                sc_diags_add(e->diags, SC_ERROR, "proof-failed", (struct sc_place){ 0 },
                             "%s takes the profile for no filter", consumer->name);
                return -EBADMSG;
        }
        expected = emit_expected(e, consumer, p->machine, sample->caps, sample->kernel);
        p->actual = outcome.node;
        if (expected == SC_NODE_FAILED || p->wanted == SC_NODE_FAILED)
                return sc_decisions_error(e->d) ? sc_decisions_error(e->d) : -ENOMEM;
        if (expected != outcome.node)
                return proof_failed(p, consumer, expected, outcome.node);
        p->result->n_proofs++;
        if (outcome.program.len > p->result->insns_max)
                p->result->insns_max = outcome.program.len;
        r = p->wanted == p->actual ? 0 : compare(p);
        return r ? r : keep_modelled(p, &outcome);
}

/*
 * Whether what the target answers to a call, in all environments at once, is nowhere looser than the policy. The
 * samples of prove_one() see some environments only, and a call that the target cannot name has no rule to be sampled.
 */
static int check_call(struct prover *p, size_t abi, int call, uint32_t nr)
{
        struct emit *e = p->e;
        struct sc_decisions *d = e->d;
        sc_node wanted = emit_meaning_call(e, e->machines[p->machine].abis[abi], call);
        sc_node relation, looser;
        struct sc_input in;

        if (e->request->kernel_given)
                wanted = sc_decision_fix(d, wanted, SC_WORD_KERNEL, e->request->kernel);
        p->abi = e->machines[p->machine].abis[abi];
        p->wanted = wanted;
        p->actual = *emit_cell(e, p->machine, abi, call);
        relation = sc_decision_apply(d, emit_relate, wanted, p->actual);
        looser = sc_decision_where(d, relation, EMIT_LOOSER);
        if (!sc_decision_witness(d, looser, sc_decision_leaf(d, 0), &in))
                return sc_decisions_error(d);
        return see_difference(p, nr, nr, &in);
}

/* One call on one ABI of the machine. */
static int prove_call(struct prover *p, size_t abi, int call)
{
        struct emit *e = p->e;
        const struct emit_machine *m = &e->machines[p->machine];
        sc_node cell = *emit_cell(e, p->machine, abi, call), written;
        uint32_t nr;
        int r = 0;

        if (cell == SC_NODE_FAILED)
                return 0;
        if (sc_syscall_number(call, m->abis[abi], &nr))
                r = check_call(p, abi, call, nr);
        if (r < 0)
                return r;
        written = emit_written(e, p->profile, p->machine, m->abis[abi], sc_syscall_name(call));
        if (e->request->kernel_given)
                written = sc_decision_fix(e->d, written, SC_WORD_KERNEL, e->request->kernel);
        if (written == cell)
                return 0;
        if (sc_decisions_error(e->d))
                return sc_decisions_error(e->d);
        sc_diags_add(e->diags, SC_ERROR, "proof-failed", (struct sc_place){ 0 },
                     "the rules for '%s' on %s do not mean what the policy says", sc_syscall_name(call),
                     m->abis[abi]->name);
        return -EBADMSG;
}

/*
 * Docker's rules, call by call, over all sets of capabilities and kernels at once: libseccomp is asked about samples
 * only, but which rules it is given in every other environment is known from here.
 */
static int prove_rules(struct prover *p)
{
        int r = 0;

        for (size_t a = 0; a < p->e->machines[p->machine].n_abis; a++)
                for (size_t i = 0; i < sc_syscall_count() && r == 0; i++)
                        r = prove_call(p, a, (int)i);
        return r;
}

static int prove_machine(struct prover *p)
{
        SC_CLEANUP(emit_samples_done) struct emit_samples samples = { 0 };
        const struct emit *e = p->e;
        bool doubtful = false;
        int r = e->docker ? prove_rules(p) : 0;

        if (r == 0 && e->docker)
                r = emit_check_carriers(e, p->profile, p->machine, &doubtful);
        if (r == 0)
                r = emit_choose_samples(e, p->profile, p->machine, doubtful, &samples);
        for (size_t i = 0; i < samples.n && r == 0; i++) {
                p->wanted = emit_wanted(e, p->machine, samples.items[i].caps, samples.items[i].kernel);
                for (size_t c = 0; c < e->n_consumers && r == 0; c++)
                        r = prove_one(p, e->consumers[c], &samples.items[i]);
        }
        return r;
}

static int copy_deviations(struct prover *p)
{
        struct sc_deviation *copy = sc_arena_array(p->e->arena, p->n_deviations + 1, sizeof(*copy));

        if (!copy)
                return -ENOMEM;
        if (p->n_deviations)
                memcpy(copy, p->deviations, p->n_deviations * sizeof(*copy));
        p->result->deviations = copy;
        p->result->n_deviations = p->n_deviations;
        return 0;
}

int emit_prove(struct emit *e, const struct sc_profile *profile, struct sc_emit_result *result)
{
        struct prover p = { .e = e, .profile = profile, .result = result };
        int r = 0;

        for (p.machine = 0; p.machine < e->n_machines && r == 0; p.machine++)
                r = prove_machine(&p);
        if (r == 0)
                r = copy_deviations(&p);
        free(p.deviations);
        return r;
}

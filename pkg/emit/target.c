/* SPDX-License-Identifier: Apache-2.0 */
/* What a target answers to each call by name: the policy's answer, within what the target can say. */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "emit/internal.h"

bool emit_permits(sc_action action)
{
        sc_action value = action & SECCOMP_RET_ACTION_FULL;

        return value == SECCOMP_RET_ALLOW || value == SECCOMP_RET_LOG;
}

sc_node emit_in(const struct emit *e, sc_node node, sc_caps caps, sc_kernel kernel)
{
        node = sc_decision_fix(e->d, node, SC_WORD_KERNEL, kernel);
        return sc_decision_fix(e->d, node, SC_WORD_CAPS, caps);
}

static int add_kernel(struct emit *e, sc_kernel kernel)
{
        size_t at = e->n_kernels;

        for (size_t i = 0; i < e->n_kernels; i++)
                if (e->kernels[i] == kernel)
                        return 0;
        if (e->n_kernels == EMIT_KERNELS_MAX) {
                sc_diags_add(e->diags, SC_ERROR, "too-many-conditions", (struct sc_place){ 0 },
                             "the policy compares the kernel with more than %d versions", EMIT_KERNELS_MAX - 1);
                return -EBADMSG;
        }
        for (; at > 0 && e->kernels[at - 1] > kernel; at--)
                e->kernels[at] = e->kernels[at - 1];
        e->kernels[at] = kernel;
        e->n_kernels++;
        return 0;
}

/* Every comparison with a version tells apart what is below it, it, and what is above. */
static int add_condition_kernels(struct emit *e, const struct sc_cond *cond)
{
        int r = 0;

        if (!cond)
                return 0;
        if (cond->kind == SC_COND_KERNEL) {
                if (cond->compare != SC_GT && cond->compare != SC_LE)
                        r = add_kernel(e, cond->kernel);
                if (r == 0 && cond->compare != SC_GE && cond->compare != SC_LT && cond->kernel < UINT32_MAX)
                        r = add_kernel(e, cond->kernel + 1);
                return r;
        }
        r = add_condition_kernels(e, cond->left);
        return r ? r : add_condition_kernels(e, cond->right);
}

static const struct sc_rule *rule_with_kernel(const struct emit *e, const struct sc_policy *policy)
{
        for (size_t i = 0; i < policy->n_rules; i++) {
                struct emit probe = { .diags = e->diags };

                if (add_condition_kernels(&probe, policy->rules[i].when) == 0 && probe.n_kernels)
                        return &policy->rules[i];
        }
        return NULL;
}

static int find_kernels(struct emit *e)
{
        const struct sc_policy *policy = e->meaning.policy;
        const struct sc_rule *rule = policy ? rule_with_kernel(e, policy) : NULL;
        int r = 0;

        if (e->request->kernel_given)
                return add_kernel(e, e->request->kernel);
        if (rule && (!e->docker || e->consumers[0]->ignores_min_kernel)) {
                struct sc_diag *diag =
                        sc_diags_add(e->diags, SC_ERROR, "needs-kernel", rule->place,
                                     "this rule depends on the kernel, and a profile in this format cannot");

                sc_diag_hint(diag, "say which kernel the containers will run on: --kernel 6.1");
                return -EBADMSG;
        }
        r = add_kernel(e, 0);
        for (size_t i = 0; policy && i < policy->n_rules && r == 0; i++)
                r = add_condition_kernels(e, policy->rules[i].when);
        return r;
}

/* The default that the consumer will have: the `newer` action, as far as it reads an errno with it. */
static sc_action default_action(const struct emit *e)
{
        sc_action newer = e->meaning.newer;
        bool errno_or_trace = (newer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO ||
                              (newer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE;

        if (!errno_or_trace || e->consumers[0]->reads_default_errno)
                return newer;
        return (newer & SECCOMP_RET_ACTION_FULL) | EPERM;
}

sc_action emit_other_denial(sc_action def)
{
        if ((def & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
                return SECCOMP_RET_ERRNO | ((def & SECCOMP_RET_DATA) == EPERM ? ENOSYS : EPERM);
        /* if the default kills, nothing else is as strong: the proof will say so if it matters */
        return SECCOMP_RET_KILL_PROCESS;
}

/* For sc_decision_apply(), which takes no closures: the default comes as a second, constant decision. */
static uint32_t replace_default(uint32_t answer, uint32_t def)
{
        return answer == def ? emit_other_denial(def) : answer;
}

/* True if libseccomp reaches the call through a multiplexer on the ABI: a rule by that name does something there. */
static bool is_carried_on(const struct sc_abi *abi, int call)
{
        uint32_t subcall;

        return abi->multiplexed && sc_syscall_carrier(call, &subcall) >= 0;
}

/* The answer to a call that the target can name. */
static sc_node wanted_cell(const struct emit *e, const struct sc_abi *abi, int call)
{
        sc_node node = emit_meaning_call(e, abi, call);

        if (e->request->kernel_given)
                node = sc_decision_fix(e->d, node, SC_WORD_KERNEL, e->request->kernel);
        return e->docker ? node : emit_in(e, node, e->request->caps, e->kernels[0]);
}

static bool is_default(const struct emit *e, sc_node node)
{
        uint32_t value;

        return node == SC_NODE_FAILED || (sc_decision_is_leaf(e->d, node, &value) && value == e->def);
}

bool emit_has_companions(const struct emit *e, size_t machine, int carrier)
{
        uint32_t subcall;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                if (sc_syscall_carrier((int)i, &subcall) != carrier)
                        continue;
                for (size_t a = 0; a < e->machines[machine].n_abis; a++)
                        if (!is_default(e, *emit_cell(e, machine, a, (int)i)))
                                return true;
        }
        return false;
}

/* Multiplexers last: what they answer depends on the rules for the calls that they carry. */
static void guard_carriers(struct emit *e, size_t machine, size_t abi)
{
        if (!e->machines[machine].abis[abi]->multiplexed || emit_permits(e->def))
                return;
        for (size_t i = 0; i < sc_syscall_count(); i++) {
                sc_node *cell = emit_cell(e, machine, abi, (int)i);

                if (sc_syscall_is_carrier((int)i) && *cell != SC_NODE_FAILED && emit_has_companions(e, machine, (int)i))
                        *cell = sc_decision_apply(e->d, replace_default, *cell, sc_decision_leaf(e->d, e->def));
        }
}

static bool has_number(const struct emit_machine *machine, int call)
{
        uint32_t nr;

        for (size_t i = 0; i < machine->n_abis; i++)
                if (sc_syscall_number(call, machine->abis[i], &nr))
                        return true;
        return false;
}

/*
 * True if no rule by the call's name does anything on the ABI, and that is nowhere looser than what is wanted: then
 * rules for the machine's other ABIs need not mind it. The target's libseccomp must be known to lack the number, and
 * this machine's too, by which the proof goes.
 */
static bool is_beyond_rules(const struct emit *e, const struct sc_abi *abi, int call, sc_node wanted)
{
        struct sc_decisions *d = e->d;
        sc_node relation, looser;
        struct sc_input in;

        if (sc_scmptable_has_number(e->table, call, abi) || emit_reaches(e, call, abi))
                return false;
        relation = sc_decision_apply(d, emit_relate, wanted, sc_decision_leaf(d, e->def));
        looser = sc_decision_where(d, relation, EMIT_LOOSER);
        return !sc_decision_witness(d, looser, sc_decision_leaf(d, 0), &in);
}

/*
 * An ABI that has a call through a multiplexer only counts where no other ABI of the machine has a number for it: the
 * rule is by name, and the multiplexer follows.
 */
static void fill_abi(struct emit *e, size_t machine, size_t place)
{
        const struct sc_abi *abi = e->machines[machine].abis[place];
        uint32_t nr;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                sc_node *cell = emit_cell(e, machine, place, (int)i);

                /* a combination's rule by a name that does nothing here may be needed by other ABIs */
                if ((!e->meaning.policy && !emit_reaches(e, (int)i, abi)) ||
                    (!sc_syscall_number((int)i, abi, &nr) &&
                     (!is_carried_on(abi, (int)i) || has_number(&e->machines[machine], (int)i))))
                        *cell = SC_NODE_FAILED;
                else if (!sc_scmptable_knows(e->table, (int)i))
                        *cell = sc_decision_leaf(e->d, e->def);
                else
                        *cell = wanted_cell(e, abi, (int)i);
                if (is_beyond_rules(e, abi, (int)i, *cell))
                        *cell = SC_NODE_FAILED;
        }
}

/*
 * Gives a call that every ABI of the machine refuses with an errno the first ABI's, which a rule can say for all.
 * Where an answer is anything else, nothing changes.
 */
static void join_errnos(struct emit *e, size_t machine, int call)
{
        sc_node first = SC_NODE_FAILED;
        uint32_t value;

        for (size_t a = 0; a < e->machines[machine].n_abis; a++) {
                sc_node cell = *emit_cell(e, machine, a, call);

                if (cell == SC_NODE_FAILED)
                        continue;
                if (!sc_decision_is_leaf(e->d, cell, &value) || (value & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO)
                        return;
                if (first == SC_NODE_FAILED)
                        first = cell;
        }
        for (size_t a = 0; a < e->machines[machine].n_abis; a++)
                if (*emit_cell(e, machine, a, call) != SC_NODE_FAILED)
                        *emit_cell(e, machine, a, call) = first;
}

int emit_target(struct emit *e)
{
        int r = find_kernels(e);

        if (r < 0)
                return r;
        e->def = default_action(e);
        e->cells = sc_arena_array(e->arena, e->n_machines * SC_ABI_MAX * sc_syscall_count(), sizeof(*e->cells));
        if (!e->cells)
                return -ENOMEM;
        for (size_t m = 0; m < e->n_machines; m++) {
                for (size_t a = 0; a < e->machines[m].n_abis; a++)
                        fill_abi(e, m, a);
                for (size_t i = 0; i < sc_syscall_count() && e->request->join_errnos; i++)
                        join_errnos(e, m, (int)i);
                for (size_t a = 0; a < e->machines[m].n_abis && e->meaning.policy; a++)
                        guard_carriers(e, m, a);
                r = e->meaning.policy ? 0 : emit_fit(e, m);
                if (r < 0)
                        return r;
        }
        return sc_decisions_error(e->d);
}

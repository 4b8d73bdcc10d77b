/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several parts answer together, made such that rules by name can say it. A policy that cannot be said is an
 * error, which its author can mend; here nobody can, so the strictest answer is taken where they differ.
 */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "emit/internal.h"

static uint32_t combine_looseness(uint32_t a, uint32_t b)
{
        (void)b;
        return sc_action_looseness(a);
}

sc_action emit_strictest(const struct emit *e, sc_node node)
{
        struct sc_decisions *d = e->d;
        sc_node none = sc_decision_leaf(d, 0), looseness = sc_decision_apply(d, combine_looseness, node, none);
        struct sc_input in = { 0 };

        for (unsigned i = 0; i <= sc_action_looseness(SECCOMP_RET_ALLOW); i++)
                if (sc_decision_witness(d, sc_decision_where(d, looseness, i), none,
                                        &in))
                        return sc_decision_eval(d, node, &in);
        return SECCOMP_RET_KILL_PROCESS; /* only if `d` failed */
}

/* The answers to one call, on the ABIs that have it: the machine's own first. */
struct answers {
        const struct sc_abi *abis[SC_ABI_MAX];
        sc_node *cells[SC_ABI_MAX];
        sc_node nodes[SC_ABI_MAX];
        size_t n;
};

static void find_answers(const struct emit *e, size_t machine, int call, struct answers *ret_answers)
{
        struct answers answers = { .n = 0 };

        for (size_t i = 0; i < e->machines[machine].n_abis; i++) {
                sc_node *cell = emit_cell(e, machine, i, call);

                if (*cell == SC_NODE_FAILED)
                        continue;
                answers.abis[answers.n] = e->machines[machine].abis[i];
                answers.cells[answers.n] = cell;
                answers.nodes[answers.n++] = *cell;
        }
        *ret_answers = answers;
}

/* The strictest answer on any ABI and with any arguments; of equal ones, the first ABI's. */
static sc_action strictest_of(const struct emit *e, const struct answers *answers)
{
        sc_action strictest = SECCOMP_RET_ALLOW;

        for (size_t i = 0; i < answers->n; i++) {
                sc_action action = emit_strictest(e, answers->nodes[i]);

                if (i == 0 || sc_action_looseness(action) < sc_action_looseness(strictest))
                        strictest = action;
        }
        return strictest;
}

static void answer_all(const struct emit *e, const struct answers *answers, sc_action action)
{
        for (size_t i = 0; i < answers->n; i++)
                *answers->cells[i] = sc_decision_leaf(e->d, action);
}

/* Tries whether rules can say the answers to a call; if none can, all get the strictest. */
static int fit_call(const struct emit *e, size_t machine, int call)
{
        SC_CLEANUP(emit_form_done) struct emit_form form = { 0 };
        struct answers answers;
        size_t failed;
        int r;

        find_answers(e, machine, call, &answers);
        if (answers.n == 0)
                return 0;
        r = emit_form(e, answers.abis, answers.nodes, answers.n, &form, &failed);
        if (r == 1)
                answer_all(e, &answers, strictest_of(e, &answers));
        return r < 0 ? r : 0;
}

static bool is_leaf(const struct emit *e, sc_node node)
{
        uint32_t value;

        return sc_decision_is_leaf(e->d, node, &value);
}

/* True if the calls that a multiplexer carries are answered without looking at their arguments. */
static bool carries_plain(const struct emit *e, size_t machine, int carrier)
{
        uint32_t subcall;

        for (size_t i = 0; i < sc_syscall_count(); i++)
                for (size_t a = 0; a < e->machines[machine].n_abis; a++)
                        if (sc_syscall_carrier((int)i, &subcall) == carrier &&
                            *emit_cell(e, machine, a, (int)i) != SC_NODE_FAILED &&
                            !is_leaf(e, *emit_cell(e, machine, a, (int)i)))
                                return false;
        return true;
}

/* True if what libseccomp adds for a multiplexer without a rule is right on an ABI: nowhere looser than wanted. */
static bool companions_do(const struct emit *e, size_t machine, const struct sc_abi *abi, int carrier, sc_node wanted)
{
        struct sc_decisions *d = e->d;
        sc_node relation = sc_decision_apply(d, emit_relate, wanted, emit_companions(e, machine, abi, carrier));
        sc_node looser = sc_decision_where(d, relation, EMIT_LOOSER);
        sc_node none = sc_decision_leaf(d, 0);
        struct sc_input in;

        return !sc_decision_witness(d, looser, none, &in);
}

/*
 * A multiplexer that carries calls with rules. Conditions of its own would get in the way of what libseccomp adds for
 * those, so it is left to them where that will do, and otherwise answered in one way.
 */
static void fit_carrier(const struct emit *e, size_t machine, int carrier)
{
        bool left = carries_plain(e, machine, carrier), plain = true;
        struct answers answers;
        sc_action action;

        find_answers(e, machine, carrier, &answers);
        for (size_t i = 0; i < answers.n; i++) {
                plain &= answers.nodes[i] == answers.nodes[0] && is_leaf(e, answers.nodes[i]);
                left = left && companions_do(e, machine, answers.abis[i], carrier, answers.nodes[i]);
        }
        action = strictest_of(e, &answers);
        if (left && !plain)
                action = e->def;
        else if (action == e->def && !emit_permits(e->def))
                action = emit_other_denial(e->def);
        answer_all(e, &answers, action);
}

/* The highest number of one ABI whose answer is stricter than the ENOSYS of runc's stub. */
struct strict {
        const struct emit *e;
        const struct sc_abi *abi;
        uint32_t highest;
};

static int see_run(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct strict *s = data;

        if (!sc_abi_owns(s->abi, (uint32_t)first) || !sc_abi_owns(s->abi, (uint32_t)last) || last == UINT32_MAX)
                return 0; /* what goes on without end can have no name above it */
        if (sc_action_looseness(emit_strictest(s->e, node)) < sc_action_looseness(SECCOMP_RET_ERRNO))
                s->highest = (uint32_t)last;
        return 0;
}

/* The call with the lowest number on an ABI from `nr` on that a rule can name for runc; -1: none. */
static int lowest_from(const struct emit *e, const struct sc_abi *abi, uint32_t nr)
{
        uint32_t lowest = UINT32_MAX, here, subcall;
        int found = -1;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                if (!sc_syscall_number((int)i, abi, &here) || here < nr || here >= lowest ||
                    !sc_scmptable_knows(e->table, (int)i) || !emit_reaches(e, (int)i, abi) ||
                    (abi->multiplexed && sc_syscall_carrier((int)i, &subcall) >= 0))
                        continue;
                lowest = here;
                found = (int)i;
        }
        return found;
}

/*
 * runc's stub answers ENOSYS above the highest number that rules name. Where that is looser than a default that kills,
 * a call is named that lies high enough.
 */
static int raise_stub(struct emit *e, size_t machine)
{
        const struct emit_machine *m = &e->machines[machine];
        int r = 0;

        if (sc_action_looseness(e->def) >= sc_action_looseness(SECCOMP_RET_ERRNO))
                return 0;
        e->named = sc_arena_array(e->arena, sc_syscall_count(), sizeof(*e->named));
        if (!e->named)
                return -ENOMEM;
        for (size_t i = 0; i < m->n_abis && r == 0; i++) {
                struct strict s = { .e = e, .abi = m->abis[i] };
                int call;

                r = sc_decision_runs(e->d, emit_meaning_in(e, s.abi, e->request->caps, e->kernels[0]), SC_WORD_NR,
                                     see_run, &s);
                call = lowest_from(e, s.abi, s.highest);
                if (s.highest && call >= 0 && emit_highest(e, machine, s.abi) < s.highest)
                        e->named[call] = true;
        }
        return r;
}

int emit_fit(struct emit *e, size_t machine)
{
        int r = 0;

        for (size_t i = 0; i < sc_syscall_count() && r == 0; i++)
                if (!sc_syscall_is_carrier((int)i))
                        r = fit_call(e, machine, (int)i);
        for (size_t i = 0; i < sc_syscall_count() && r == 0; i++)
                if (sc_syscall_is_carrier((int)i) && emit_has_companions(e, machine, (int)i))
                        fit_carrier(e, machine, (int)i);
                else if (sc_syscall_is_carrier((int)i))
                        r = fit_call(e, machine, (int)i);
        return r ? r : raise_stub(e, machine);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rules of a written profile answer, call by call, in all environments at once; and whether those for
 * multiplexers get along with what libseccomp adds to them.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "emit/internal.h"

#define NOBODY UINT32_MAX /* where no rule applies; no action has this value */

static int read_args(const struct sc_profile_rule *rule, struct sc_scmp_arg ret_args[6], unsigned *ret_n)
{
        if (rule->args.n > 6)
                return -EINVAL;
        for (size_t i = 0; i < rule->args.n; i++)
                ret_args[i] = (struct sc_scmp_arg){
                        .index = (unsigned)rule->args.items[i].index.value,
                        .op = (enum sc_scmp_op)rule->args.items[i].op,
                        .a = rule->args.items[i].value.value,
                        .b = rule->args.items[i].value_two.value,
                };
        *ret_n = (unsigned)rule->args.n;
        return 0;
}

/* The action of a written rule, with its data. */
static int read_action(const struct sc_profile_rule *rule, sc_action *ret_action)
{
        uint32_t action;

        if (sc_profile_action_value(rule->action.text, &action) < 0)
                return -EINVAL;
        if (rule->errno_ret.has)
                action |= (uint32_t)rule->errno_ret.value & SECCOMP_RET_DATA;
        *ret_action = action;
        return 0;
}

static bool names_call(const struct sc_profile_rule *rule, const char *name)
{
        for (size_t i = 0; i < rule->names.n; i++)
                if (!strcmp(rule->names.items[i].text, name))
                        return true;
        return false;
}

/* Rules of a call stand above each other: the else below, conditions above it, no condition on top. */
enum rank {
        RANK_ELSE,
        RANK_CONDITION,
        RANK_ALWAYS,
        RANK_COUNT,
};

static enum rank rank_of(const struct sc_scmp_arg *args, unsigned n)
{
        return n == 0 ? RANK_ALWAYS : sc_scmp_args_otherwise(args, n) ? RANK_ELSE : RANK_CONDITION;
}

/* Puts one written rule on top of what the others answer, if it is of the rank. */
static sc_node add_written(const struct emit *e, const struct sc_abi *native, const struct sc_abi *abi,
                           const struct sc_profile_rule *rule, enum rank rank, sc_node node)
{
        struct sc_decisions *d = e->d;
        struct sc_scmp_arg args[6] = { 0 };
        sc_action action;
        unsigned n;

        if (read_args(rule, args, &n) < 0 || read_action(rule, &action) < 0)
                return SC_NODE_FAILED;
        if (rank_of(args, n) != rank)
                return node;
        return sc_decision_ite(
                d, sc_decision_and(d, sc_consumer_applies(rule, native, d), sc_scmp_args_node(d, abi, args, n)),
                sc_decision_leaf(d, action), node);
}

sc_node emit_written(const struct emit *e, const struct sc_profile *profile, size_t machine, const struct sc_abi *abi,
                     const char *name)
{
        sc_node node = sc_decision_leaf(e->d, e->def);

        for (int rank = RANK_ELSE; rank < RANK_COUNT; rank++)
                for (size_t i = profile->syscalls.n; i-- > 0;)
                        if (names_call(&profile->syscalls.items[i], name))
                                node = add_written(e, e->machines[machine].abis[0], abi, &profile->syscalls.items[i],
                                                   (enum rank)rank, node);
        return node;
}

/* A multiplexer on one ABI: its own rules, and those that libseccomp adds for what it carries. */
struct mux {
        const struct emit *e;
        const struct sc_profile *profile;
        size_t machine;
        size_t abi; /* the place in the machine's list */
        int carrier;
        sc_node otherwise;  /* the actions of the multiplexer's else, or the default */
        sc_node taken;      /* of the other rules so far; NOBODY where none applies */
        sc_node plain;      /* of those among them that libseccomp adds and that look at nothing but the number */
        sc_node doubtful;   /* where two rules with different actions meet, and libseccomp chooses */
        sc_node always;     /* the environments in which a rule without conditions stands, so far */
        sc_node own;        /* those in which any rule of its own does */
        sc_node companions; /* what is expected of those that libseccomp adds, by the answers to what is carried */
        int call;           /* a carried call that has a rule; -1: none */
        int clash;          /* what a rule is for that libseccomp refuses beside another; -1: none */
        struct sc_input at; /* where */
};

static uint32_t combine_conflicts(uint32_t here, uint32_t action)
{
        return here != NOBODY && here != action;
}

static uint32_t combine_fill(uint32_t here, uint32_t otherwise)
{
        return here == NOBODY ? otherwise : here;
}

static uint32_t combine_differ(uint32_t a, uint32_t b)
{
        return a != b;
}

/*
 * The next rule that libseccomp gets for the multiplexer: one of its own, or for a call that it carries. After a rule
 * without conditions others do nothing. Two that look at the same number only and have different actions are refused.
 * Where others meet, one of them wins, by an order of libseccomp's.
 */
static void add_rule(struct mux *m, int call, sc_node applies, const struct sc_scmp_arg *args, unsigned n,
                     sc_action action)
{
        struct sc_decisions *d = m->e->d;
        const struct sc_abi *abi = m->e->machines[m->machine].abis[m->abi];
        sc_node none = sc_decision_leaf(d, 0), said = sc_decision_leaf(d, action), where, meets;

        where = sc_decision_and(d, sc_decision_and(d, applies, sc_decision_not(d, m->always)),
                                sc_scmp_args_node(d, abi, args, n));
        if (call == m->carrier && rank_of(args, n) == RANK_ELSE) {
                m->otherwise = sc_decision_ite(d, where, said, m->otherwise);
                return;
        }
        meets = sc_decision_and(d, where, sc_decision_apply(d, combine_conflicts, m->taken, said));
        m->doubtful = sc_decision_or(d, m->doubtful, meets);
        m->taken = sc_decision_apply(d, combine_fill, m->taken,
                                     sc_decision_ite(d, where, said, sc_decision_leaf(d, NOBODY)));
        if (call != m->carrier && n == 1) {
                meets = sc_decision_and(d, where, sc_decision_apply(d, combine_conflicts, m->plain, said));
                if (m->clash < 0 && sc_decision_witness(d, meets, none, &m->at))
                        m->clash = call;
                m->plain = sc_decision_ite(d, where, said, m->plain);
        }
        if (n == 0)
                m->always = sc_decision_or(d, m->always, applies);
}

/* A rule for what is carried becomes one about its number; conditions on argument 0 are lost. */
static unsigned to_companion(struct sc_scmp_arg args[6], unsigned n, uint32_t subcall)
{
        const struct sc_scmp_arg number = { 0, SC_SCMP_EQ, subcall, 0 };
        unsigned kept = 1;
        struct sc_scmp_arg all[6] = { number };

        for (unsigned i = 0; i < n; i++)
                if (args[i].index != 0 && kept < 6)
                        all[kept++] = args[i];
        memcpy(args, all, sizeof(all));
        return kept;
}

/* One name of a written rule. */
static int add_name(struct mux *m, const struct sc_profile_rule *rule, const char *name)
{
        struct sc_decisions *d = m->e->d;
        int call = sc_syscall_find(name, strlen(name));
        struct sc_scmp_arg args[6] = { 0 };
        uint32_t subcall = 0;
        sc_action action;
        sc_node applies;
        unsigned n;

        if (call < 0 || (call != m->carrier && sc_syscall_carrier(call, &subcall) != m->carrier) ||
            !sc_scmptable_knows(m->e->table, call))
                return 0;
        if (read_args(rule, args, &n) < 0 || read_action(rule, &action) < 0)
                return -EINVAL;
        if (action == m->e->def)
                return 0; /* runtimes skip it */
        applies = sc_consumer_applies(rule, m->e->machines[m->machine].abis[0], d);
        if (call == m->carrier) {
                m->own = sc_decision_or(d, m->own, applies);
        } else if (applies != sc_decision_leaf(d, 0)) {
                n = to_companion(args, n, subcall);
                m->call = call;
        }
        add_rule(m, call, applies, args, n, action);
        return 0;
}

/* What the companions shall come to: for each call that is carried, what it is answered on the first ABI that does. */
static void find_companions(struct mux *m)
{
        const struct emit_machine *machine = &m->e->machines[m->machine];
        const struct sc_abi *abi = machine->abis[m->abi];
        struct sc_decisions *d = m->e->d;
        sc_node def = sc_decision_leaf(d, m->e->def);
        uint32_t subcall;

        m->companions = def;
        for (size_t i = 0; i < sc_syscall_count(); i++) {
                sc_node said = SC_NODE_FAILED;

                if (sc_syscall_carrier((int)i, &subcall) != m->carrier)
                        continue;
                for (size_t a = machine->n_abis; a-- > 0;) {
                        sc_node cell = *emit_cell(m->e, m->machine, a, (int)i);

                        if (cell != SC_NODE_FAILED && cell != def)
                                said = cell;
                }
                if (said != SC_NODE_FAILED)
                        m->companions = sc_decision_eq(d, SC_WORD_ARG0,
                                                       abi->word_bits == 32 ? UINT32_MAX : UINT64_MAX, subcall, said,
                                                       m->companions);
        }
}

/* What is carried where the answer is wrong; a call with rules, if that is nothing. */
static int carried_at(const struct mux *m)
{
        uint32_t subcall;

        for (size_t i = 0; i < sc_syscall_count(); i++)
                if (sc_syscall_carrier((int)i, &subcall) == m->carrier && subcall == m->at.words[SC_WORD_ARG0])
                        return (int)i;
        return m->call;
}

static int report_mux(const struct mux *m)
{
        const struct emit *e = m->e;
        const char *name = sc_syscall_name(m->carrier), *abi = e->machines[m->machine].abis[m->abi]->name;
        const struct sc_rule *rule = NULL;

        if (e->meaning.policy)
                rule = sc_policy_rule(e->meaning.policy, e->d, e->machines[m->machine].abis[m->abi], m->carrier,
                                      &m->at);
        sc_diag_hint(sc_diags_add(e->diags, SC_ERROR, "unsayable", rule ? rule->place : (struct sc_place){ 0 },
                                  "no rules say what '%s' answers on %s: libseccomp opens or closes it itself for '%s'",
                                  name, abi, sc_syscall_name(m->clash >= 0 ? m->clash : carried_at(m))),
                     "answer '%s' in one way, whatever its arguments are, or as the calls that it carries; or build "
                     "without %s by --arch",
                     name, abi);
        return -EBADMSG;
}

/* One multiplexer on one ABI. *ret_doubtful is set where it is. */
static int check_carrier(struct mux *m, bool *ret_doubtful)
{
        const struct emit *e = m->e;
        struct sc_decisions *d = e->d;
        sc_node cell = *emit_cell(e, m->machine, m->abi, m->carrier), written, expected, wrong;
        int r = 0;

        m->otherwise = sc_decision_leaf(d, e->def);
        m->taken = m->plain = sc_decision_leaf(d, NOBODY);
        m->always = m->own = m->doubtful = sc_decision_leaf(d, 0);
        for (size_t i = 0; i < m->profile->syscalls.n && r == 0; i++)
                for (size_t k = 0; k < m->profile->syscalls.items[i].names.n && r == 0; k++)
                        r = add_name(m, &m->profile->syscalls.items[i],
                                     m->profile->syscalls.items[i].names.items[k].text);
        if (r < 0 || m->call < 0 || cell == SC_NODE_FAILED)
                return r;
        find_companions(m);
        written = sc_decision_apply(d, combine_fill, m->taken, m->otherwise);
        expected = sc_decision_ite(d, m->own, cell, m->companions);
        if (e->request->kernel_given) {
                written = sc_decision_fix(d, written, SC_WORD_KERNEL, e->request->kernel);
                expected = sc_decision_fix(d, expected, SC_WORD_KERNEL, e->request->kernel);
        }
        if (sc_decisions_error(d))
                return sc_decisions_error(d);
        wrong = sc_decision_and(d, sc_decision_apply(d, combine_differ, written, expected),
                                sc_decision_not(d, m->doubtful));
        if (m->clash >= 0 || sc_decision_witness(d, wrong, sc_decision_leaf(d, 0), &m->at))
                return report_mux(m);
        *ret_doubtful |= m->doubtful != sc_decision_leaf(d, 0);
        return sc_decisions_error(d);
}

int emit_check_carriers(const struct emit *e, const struct sc_profile *profile, size_t machine, bool *ret_doubtful)
{
        bool doubtful = false;
        int r = 0;

        for (size_t a = 0; a < e->machines[machine].n_abis && r == 0; a++)
                for (size_t i = 0; i < sc_syscall_count() && r == 0; i++) {
                        struct mux m = { .e = e, .profile = profile, .machine = machine, .abi = a, .carrier = (int)i,
                                         .call = -1, .clash = -1 };

                        if (e->machines[machine].abis[a]->multiplexed && sc_syscall_is_carrier((int)i))
                                r = check_carrier(&m, &doubtful);
                }
        if (r == 0)
                *ret_doubtful = doubtful;
        return r;
}

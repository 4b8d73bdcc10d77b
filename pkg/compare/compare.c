/* SPDX-License-Identifier: Apache-2.0 */
/* Relations of answers, and the search for a witness. */
#include "compare/compare.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "syscall/param.h"
#include "syscall/syscall.h"

#define KERNEL_ERRNO_MAX 4095u /* MAX_ERRNO: the kernel cuts what is more */

sc_action sc_compare_effect(sc_action action)
{
        uint32_t data = action & SECCOMP_RET_DATA;

        switch (action & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_ERRNO:
                return SECCOMP_RET_ERRNO | (data > KERNEL_ERRNO_MAX ? KERNEL_ERRNO_MAX : data);
        case SECCOMP_RET_TRACE:
        case SECCOMP_RET_TRAP:
                return action;
        case SECCOMP_RET_ALLOW:
        case SECCOMP_RET_LOG:
        case SECCOMP_RET_USER_NOTIF:
        case SECCOMP_RET_KILL_THREAD:
                return action & SECCOMP_RET_ACTION_FULL;
        default:
                return SECCOMP_RET_KILL_PROCESS;
        }
}

enum sc_relation sc_compare_relate(sc_action a, sc_action b)
{
        unsigned x = sc_action_looseness(a), y = sc_action_looseness(b);

        if (x != y)
                return x < y ? SC_RELATION_STRICTER : SC_RELATION_LOOSER;
        return sc_compare_effect(a) == sc_compare_effect(b) ? SC_RELATION_SAME : SC_RELATION_OTHER;
}

static uint32_t combine_relation(uint32_t a, uint32_t b)
{
        return sc_compare_relate(a, b);
}

sc_node sc_compare_relation(struct sc_decisions *d, sc_node a, sc_node b)
{
        return sc_decision_apply(d, combine_relation, a, b);
}

/* How telling a difference is; 0: it is none. */
enum weight {
        NONE,
        DATA,    /* another errno */
        STRENGTH,
        PASSAGE, /* one side lets the call through */
};

static bool passes(sc_action action)
{
        return sc_action_looseness(action) >= sc_action_looseness(SECCOMP_RET_LOG);
}

static uint32_t weigh_same(uint32_t a, uint32_t b)
{
        switch (sc_compare_relate(a, b)) {
        case SC_RELATION_SAME:
                return NONE;
        case SC_RELATION_OTHER:
                return DATA;
        default:
                return passes(a) != passes(b) ? PASSAGE : STRENGTH;
        }
}

static uint32_t weigh_subset(uint32_t a, uint32_t b)
{
        if (sc_compare_relate(a, b) != SC_RELATION_LOOSER)
                return NONE;
        return passes(a) != passes(b) ? PASSAGE : STRENGTH;
}

/* Looks through the numbers of one ABI for one with a difference of some weight. */
struct search {
        struct sc_decisions *d;
        const struct sc_abi *abi;
        bool named; /* only numbers of calls */
        uint32_t nr;
        sc_node cond; /* where the difference is, over the arguments */
};

/* Where a condition on arguments holds for values that registers of the ABI can have. */
static sc_node reachable(struct sc_decisions *d, const struct sc_abi *abi, sc_node cond)
{
        sc_node none = sc_decision_leaf(d, 0);

        if (sc_param_upper_halves_show(abi))
                return cond;
        for (enum sc_word word = SC_WORD_ARG0; word < SC_WORD_COUNT; word++)
                cond = sc_decision_eq(d, word, SC_UPPER_HALF, 0, cond, none);
        return cond;
}

static bool counts(const struct sc_abi *abi, uint32_t nr)
{
        return sc_abi_owns(abi, nr) && !sc_syscall_is_unfiltered(abi, nr);
}

/* The lowest number of a call in a range. */
static bool find_named(const struct sc_abi *abi, uint32_t first, uint32_t last, uint32_t *ret_nr)
{
        bool found = false;
        uint32_t nr;

        for (size_t i = 0; i < sc_syscall_count(); i++)
                if (sc_syscall_number((int)i, abi, &nr) && nr >= first && nr <= last && counts(abi, nr) &&
                    (!found || nr < *ret_nr)) {
                        *ret_nr = nr;
                        found = true;
                }
        return found;
}

/* A number of the ABI in a range; there is one among these if there is any. */
static bool find_any(const struct sc_abi *abi, uint32_t first, uint32_t last, uint32_t *ret_nr)
{
        const uint64_t candidates[] = { first, (uint64_t)first + 1, (uint64_t)first + 2, SC_ABI_X32_BIT, last };

        for (size_t i = 0; i < SC_COUNT(candidates); i++)
                if (candidates[i] >= first && candidates[i] <= last && counts(abi, (uint32_t)candidates[i])) {
                        *ret_nr = (uint32_t)candidates[i];
                        return true;
                }
        return false;
}

static int see_run(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct search *search = data;
        uint32_t value;

        if (sc_decision_is_leaf(search->d, node, &value) && value == 0)
                return 0;
        node = reachable(search->d, search->abi, node);
        if (node == SC_NODE_FAILED)
                return sc_decisions_error(search->d);
        if (sc_decision_is_leaf(search->d, node, &value) && value == 0)
                return 0;
        search->cond = node;
        return (search->named ? find_named : find_any)(search->abi, (uint32_t)first, (uint32_t)last, &search->nr);
}

/* An input where a condition that is not false holds: zeros where it does not matter or may be. */
static void choose_args(const struct sc_decisions *d, sc_node cond, struct sc_witness *w)
{
        enum sc_word word;
        uint64_t bit;
        sc_node clear, set;
        uint64_t can_be = sc_param_upper_halves_show(w->abi) ? UINT64_MAX : ~SC_UPPER_HALF;
        uint32_t value;

        while (sc_decision_split(d, cond, &word, &bit, &clear, &set)) {
                bool dead = sc_decision_is_leaf(d, clear, &value) && value == 0;

                w->tested[word - SC_WORD_ARG0] |= bit & can_be;
                if (dead)
                        w->args[word - SC_WORD_ARG0] |= bit;
                cond = dead ? set : clear;
        }
}

static struct sc_witness make_witness(const struct search *search, sc_node a, sc_node b)
{
        struct sc_witness w = {
                .abi = search->abi,
                .nr = search->nr,
                .call = sc_syscall_by_number(search->abi, search->nr),
        };

        choose_args(search->d, search->cond, &w);
        w.input.words[SC_WORD_ARCH] = w.abi->audit_arch;
        w.input.words[SC_WORD_NR] = w.nr;
        memcpy(&w.input.words[SC_WORD_ARG0], w.args, sizeof(w.args));
        w.a = sc_decision_eval(search->d, a, &w.input);
        w.b = sc_decision_eval(search->d, b, &w.input);
        return w;
}

/* Finds a difference of one weight; 1 if there is one. */
static int search_weight(struct search *search, sc_node weights, uint32_t weight, const struct sc_abi *const *abis,
                         size_t n_abis)
{
        sc_node cond = sc_decision_where(search->d, weights, weight);
        int r = 0;

        for (size_t i = 0; i < n_abis && r == 0; i++) {
                sc_node node = sc_decision_fix(search->d, cond, SC_WORD_ARCH, abis[i]->audit_arch);

                search->abi = abis[i];
                r = node == SC_NODE_FAILED ? sc_decisions_error(search->d)
                                           : sc_decision_runs(search->d, node, SC_WORD_NR, see_run, search);
        }
        return r;
}

int sc_compare(struct sc_decisions *d, sc_node a, sc_node b, enum sc_compare_question question,
               const struct sc_abi *const *abis, size_t n_abis, struct sc_witness *ret_witness)
{
        struct search search = { .d = d };
        sc_node weights = sc_decision_apply(d, question == SC_ASK_SAME ? weigh_same : weigh_subset, a, b);
        int r = sc_decisions_error(d);

        if (r == 0 && weights == SC_NODE_FAILED) /* of nothing, nothing is proven */
                return -EINVAL;
        for (int named = 1; named >= 0 && r == 0; named--) {
                search.named = named;
                for (uint32_t weight = PASSAGE; weight > NONE && r == 0; weight--)
                        r = search_weight(&search, weights, weight, abis, n_abis);
        }
        if (sc_decisions_error(d))
                return sc_decisions_error(d);
        if (r == 1 && search.abi)
                *ret_witness = make_witness(&search, a, b);
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of one call: each part's are combined pair by pair, so that the first pair that holds has the first match
 * of every part; then all that changes nothing is taken out.
 */
#include <errno.h>
#include <string.h>

#include "merge/internal.h"

#define CONJUNCTS_MAX 64
#define MINIMIZED_MAX 64 /* lines; more are left as they are, for the time that it would take */

/* Conditions that are constant; they never leave this file. */
static const struct sc_cond cond_true, cond_false;

int merge_new_cond(struct merge *m, enum sc_cond_kind kind, struct sc_cond **ret_cond)
{
        struct sc_cond *cond = sc_arena_alloc(m->arena, sizeof(*cond));

        if (!cond)
                return -ENOMEM;
        cond->kind = kind;
        *ret_cond = cond;
        return 0;
}

static int negate(struct merge *m, const struct sc_cond *cond, const struct sc_cond **ret)
{
        struct sc_cond *negated;
        int r = merge_new_cond(m, SC_COND_NOT, &negated);

        if (r < 0)
                return r;
        negated->left = cond;
        *ret = negated;
        return 0;
}

int merge_join(struct merge *m, enum sc_cond_kind kind, const struct sc_cond *left, const struct sc_cond *right,
               const struct sc_cond **ret)
{
        struct sc_cond *joined;
        int r;

        if (!left || !right) {
                *ret = left ? left : right;
                return 0;
        }
        r = merge_new_cond(m, kind, &joined);
        if (r < 0)
                return r;
        joined->left = left;
        joined->right = right;
        *ret = joined;
        return 0;
}

/* By the ABIs that it holds on or the others, whichever are fewer. */
int merge_arch(struct merge *m, uint32_t abis, const struct sc_cond **ret)
{
        uint32_t others = m->abis & ~abis;
        bool not = others && __builtin_popcount(others) < __builtin_popcount(abis);
        struct sc_cond *cond;
        int r = merge_new_cond(m, SC_COND_ARCH, &cond);

        if (r < 0)
                return r;
        cond->abis = not ? others : abis;
        if (not)
                return negate(m, cond, ret);
        *ret = cond;
        return 0;
}

/* A condition on the environment, where there is only one. */
static const struct sc_cond *settle(struct merge *m, const struct sc_cond *cond)
{
        sc_node may, must;
        uint32_t value;

        sc_policy_condition(m->d, cond, m->policy.abis[0], 0, &may, &must);
        may = sc_decision_fix(m->d, may, SC_WORD_KERNEL, m->request->kernel);
        may = sc_decision_fix(m->d, may, SC_WORD_CAPS, m->request->caps);
        if (may == SC_NODE_FAILED || !sc_decision_is_leaf(m->d, may, &value))
                return cond;
        return value ? &cond_true : &cond_false;
}

static int simplify(struct merge *m, const struct sc_cond *cond, const struct sc_cond **ret_cond);

static int simplify_not(struct merge *m, const struct sc_cond *cond, const struct sc_cond **ret_cond)
{
        const struct sc_cond *left = cond;
        int r = simplify(m, cond->left, &left);

        if (r < 0)
                return r;
        *ret_cond = left == &cond_true ? &cond_false : left == &cond_false ? &cond_true : cond;
        if (left == cond->left || left == &cond_true || left == &cond_false)
                return 0;
        return negate(m, left, ret_cond);
}

static int simplify_pair(struct merge *m, const struct sc_cond *cond, const struct sc_cond **ret_cond)
{
        const struct sc_cond *strong = cond->kind == SC_COND_AND ? &cond_false : &cond_true;
        const struct sc_cond *weak = cond->kind == SC_COND_AND ? &cond_true : &cond_false;
        const struct sc_cond *left = cond, *right = cond;
        int r = simplify(m, cond->left, &left);

        if (r == 0)
                r = simplify(m, cond->right, &right);
        if (r < 0)
                return r;
        *ret_cond = left == strong || right == strong ? strong : left == weak ? right : right == weak ? left : cond;
        if (*ret_cond != cond || (left == cond->left && right == cond->right))
                return 0;
        return merge_join(m, cond->kind, left, right, ret_cond);
}

/* Leaves out what is settled for the merged ABIs, and in the one environment if there is one. */
static int simplify(struct merge *m, const struct sc_cond *cond, const struct sc_cond **ret_cond)
{
        uint32_t abis = cond->abis & m->abis;

        *ret_cond = cond;
        switch (cond->kind) {
        case SC_COND_AND:
        case SC_COND_OR:
                return simplify_pair(m, cond, ret_cond);
        case SC_COND_NOT:
                return simplify_not(m, cond, ret_cond);
        case SC_COND_CAP:
        case SC_COND_KERNEL:
                if (m->request->fixed)
                        *ret_cond = settle(m, cond);
                return 0;
        case SC_COND_ARCH:
                if (abis == m->abis || !abis)
                        *ret_cond = abis ? &cond_true : &cond_false;
                else if (abis != cond->abis)
                        return merge_arch(m, abis, ret_cond);
                return 0;
        default:
                return 0;
        }
}

int merge_add_line(struct merge *m, struct merge_lines *lines, const struct sc_cond *cond, sc_action action)
{
        if (!lines->items)
                lines->items = sc_arena_array(m->arena, SC_MERGE_LINES_MAX, sizeof(*lines->items));
        if (!lines->items)
                return -ENOMEM;
        if (lines->n == SC_MERGE_LINES_MAX)
                return -E2BIG;
        lines->items[lines->n++] = (struct merge_line){ cond, action };
        return 0;
}

static uint32_t abis_of(const struct sc_policy *policy)
{
        uint32_t abis = 0;

        for (size_t i = 0; i < policy->n_abis; i++)
                abis |= UINT32_C(1) << policy->abis[i]->index;
        return abis;
}

/* A rule's line; 1 if it holds always. `own`: asks for the policy's ABIs, NULL if all are. */
static int add_rule(struct merge *m, const struct sc_policy *policy, const struct sc_rule *rule, int call,
                    const struct sc_cond *own, struct merge_lines *lines)
{
        const struct sc_cond *cond = NULL;
        int r = rule->when ? simplify(m, rule->when, &cond) : 0;

        if (r < 0 || cond == &cond_false)
                return r;
        if (cond == &cond_true)
                cond = NULL;
        if (cond)
                r = merge_join(m, SC_COND_AND, own, cond, &cond);
        if (r == 0)
                r = merge_add_line(m, lines, cond, sc_policy_rule_answer(policy, rule, call));
        return r ? r : !cond;
}

/* The lines of a policy: its rules in their order, then its end. It has no say about ABIs that it does not list. */
static int policy_lines(struct merge *m, const struct sc_policy *policy, int call, struct merge_lines *ret_lines)
{
        uint32_t others = m->abis & ~abis_of(policy);
        const struct sc_cond *own = NULL, *other = NULL;
        struct merge_lines lines = { 0 };
        int r = 0;

        if (others == m->abis)
                r = 1;
        else if (others) {
                r = merge_arch(m, others, &other);
                if (r == 0)
                        r = merge_add_line(m, &lines, other, MERGE_NO_SAY);
                if (r == 0)
                        r = merge_arch(m, m->abis & ~others, &own);
        }
        if (r == 1)
                r = merge_add_line(m, &lines, NULL, MERGE_NO_SAY) ? -ENOMEM : 1;
        for (size_t i = 0; i < policy->n_rules && r == 0; i++)
                if (sc_policy_rule_names(&policy->rules[i], call))
                        r = add_rule(m, policy, &policy->rules[i], call, own, &lines);
        if (r == 0)
                r = merge_add_line(m, &lines, NULL, sc_policy_end_answer(policy, call));
        *ret_lines = lines;
        return r < 0 ? r : 0;
}

/* What lines answer on one ABI, in front of `end`. False if that cannot be told. */
static bool evaluate(const struct merge *m, int call, size_t i, const struct merge_lines *lines, sc_node end,
                     sc_node *ret_node)
{
        sc_node rest = sc_decision_leaf(m->d, 1), node = end;

        for (size_t k = 0; k < lines->n; k++) {
                sc_node may, must;

                sc_policy_condition(m->d, lines->items[k].cond, m->policy.abis[i], call, &may, &must);
                may = sc_decision_and(m->d, rest, may);
                if (may == SC_NODE_FAILED || may != sc_decision_and(m->d, rest, must))
                        return false;
                rest = sc_decision_and(m->d, rest, sc_decision_not(m->d, may));
                /* each line is cut to what those before leave, so that they do not overlap */
                node = sc_decision_ite(m->d, may, sc_decision_leaf(m->d, lines->items[k].action), node);
        }
        *ret_node = node;
        return node != SC_NODE_FAILED;
}

/* What stands behind the lines: the policy's end, or nothing that anybody wants. */
#define NO_END UINT32_C(0x00010000)

static sc_node end_of(const struct merge *m, int call, bool whole)
{
        return sc_decision_leaf(m->d, whole ? NO_END : sc_policy_end_answer(&m->policy, call));
}

/* True if the lines are what is wanted, on every ABI. */
static bool are_right(const struct merge *m, int call, const struct merge_lines *lines, bool whole)
{
        for (size_t i = 0; i < m->policy.n_abis; i++) {
                sc_node node;

                if (!merge_is_relevant(m, call, i))
                        continue;
                if (!evaluate(m, call, i, lines, end_of(m, call, whole), &node) || node != merge_wanted(m, call, i))
                        return false;
        }
        return true;
}

/* Takes out lines that earlier ones leave nothing. */
static void prune(const struct merge *m, int call, struct merge_lines *lines)
{
        sc_node rests[SC_ABI_MAX], never = sc_decision_leaf(m->d, 0);
        size_t n = 0;

        for (size_t i = 0; i < m->policy.n_abis; i++)
                rests[i] = sc_decision_leaf(m->d, merge_is_relevant(m, call, i));
        for (size_t k = 0; k < lines->n; k++) {
                bool reached = false;

                for (size_t i = 0; i < m->policy.n_abis; i++) {
                        sc_node may, must;

                        sc_policy_condition(m->d, lines->items[k].cond, m->policy.abis[i], call, &may, &must);
                        reached |= sc_decision_and(m->d, rests[i], may) != never;
                        rests[i] = sc_decision_and(m->d, rests[i], sc_decision_not(m->d, must));
                }
                if (reached)
                        lines->items[n++] = lines->items[k];
        }
        lines->n = n;
}

/* Every pair of a line of the one and a line of the other, in order. */
static int multiply(struct merge *m, int call, const struct merge_lines *a, const struct merge_lines *b,
                    struct merge_lines *ret_lines)
{
        struct merge_lines lines = { 0 };

        for (size_t i = 0; i < a->n; i++)
                for (size_t k = 0; k < b->n; k++) {
                        const struct sc_cond *cond;
                        int r = merge_join(m, SC_COND_AND, a->items[i].cond, b->items[k].cond, &cond);

                        if (r == 0)
                                r = merge_add_line(m, &lines, cond, merge_operate(m->request->unite, a->items[i].action,
                                                                            b->items[k].action));
                        if (r < 0)
                                return r;
                }
        prune(m, call, &lines);
        *ret_lines = lines;
        return 0;
}

/* The parts of a condition that are joined by "and". */
static size_t conjuncts(const struct sc_cond *cond, const struct sc_cond **ret, size_t n)
{
        if (n < CONJUNCTS_MAX && cond->kind == SC_COND_AND)
                return conjuncts(cond->right, ret, conjuncts(cond->left, ret, n));
        if (n < CONJUNCTS_MAX)
                ret[n++] = cond;
        return n;
}

/* Tries a line with one conjunct less; true if that does as well. */
static bool shorten(struct merge *m, int call, struct merge_lines *lines, size_t at, bool whole)
{
        const struct sc_cond *parts[CONJUNCTS_MAX], *was = lines->items[at].cond;
        size_t n = was ? conjuncts(was, parts, 0) : 0;

        for (size_t skip = 0; skip < n && n < CONJUNCTS_MAX; skip++) {
                const struct sc_cond *cond = NULL;
                int r = 0;

                for (size_t i = 0; i < n && r == 0; i++)
                        if (i != skip)
                                r = merge_join(m, SC_COND_AND, cond, parts[i], &cond);
                if (r < 0)
                        return false;
                lines->items[at].cond = cond;
                if (are_right(m, call, lines, whole))
                        return true;
        }
        lines->items[at].cond = was;
        return false;
}

static bool leave_out(struct merge *m, int call, struct merge_lines *lines, size_t at, bool whole)
{
        struct merge_line was = lines->items[at];

        memmove(&lines->items[at], &lines->items[at + 1], (lines->n - at - 1) * sizeof(was));
        lines->n--;
        if (are_right(m, call, lines, whole))
                return true;
        memmove(&lines->items[at + 1], &lines->items[at], (lines->n - at) * sizeof(was));
        lines->items[at] = was;
        lines->n++;
        return false;
}

/* Leaves out lines and parts of conditions without which the answers are the same. */
static void minimize(struct merge *m, int call, struct merge_lines *lines, bool whole)
{
        if (lines->n > MINIMIZED_MAX)
                return;
        for (size_t at = lines->n; at-- > 0;)
                leave_out(m, call, lines, at, whole);
        for (size_t at = lines->n; at-- > 0;)
                while (shorten(m, call, lines, at, whole))
                        continue;
        for (size_t at = lines->n; at-- > 0;)
                leave_out(m, call, lines, at, whole);
        prune(m, call, lines);
}

/* The same constant answer on all ABIs. */
static bool is_constant(const struct merge *m, int call, sc_action *ret_action)
{
        bool any = false;
        sc_node first = 0;

        for (size_t i = 0; i < m->policy.n_abis; i++) {
                if (!merge_is_relevant(m, call, i))
                        continue;
                if (any && merge_wanted(m, call, i) != first)
                        return false;
                first = merge_wanted(m, call, i);
                any = true;
        }
        return any && sc_decision_is_leaf(m->d, first, ret_action);
}

/* The answers that a decision gives. Returns their number; -E2BIG if there are more than a call may have lines. */
static int find_leaves(const struct merge *m, sc_node wanted, sc_action leaves[SC_MERGE_LINES_MAX])
{
        sc_node rest = sc_decision_leaf(m->d, 1), never = sc_decision_leaf(m->d, 0);
        struct sc_input input;
        int n = 0;

        while (rest != SC_NODE_FAILED && sc_decision_witness(m->d, rest, never, &input)) {
                if (n == SC_MERGE_LINES_MAX)
                        return -E2BIG;
                leaves[n] = sc_decision_eval(m->d, wanted, &input);
                rest = sc_decision_and(m->d, rest,
                                       sc_decision_not(m->d, sc_decision_where(m->d, wanted, leaves[n])));
                n++;
        }
        return rest == SC_NODE_FAILED ? sc_decisions_error(m->d) : n;
}

/* The lines for the ABIs that answer by one function. */
static int cluster_lines(struct merge *m, int call, uint32_t places, const struct sc_cond *arch, sc_node wanted,
                         struct merge_lines *lines)
{
        sc_action leaves[SC_MERGE_LINES_MAX] = { 0 }, last = sc_policy_end_answer(&m->policy, call);
        int n = find_leaves(m, wanted, leaves), r = n < 0 ? n : 0;
        bool ends = false;

        for (int i = 0; i < n; i++)
                ends |= leaves[i] == last;
        if (!ends && n > 0)
                last = leaves[n - 1];
        for (int i = 0; i < n && r == 0; i++)
                if (leaves[i] != last)
                        r = merge_region(m, call, places, sc_decision_where(m->d, wanted, leaves[i]), arch, leaves[i],
                                         lines);
        return r ? r : merge_add_line(m, lines, arch, last);
}

/* By decisions alone, one for each ABI: the lines answer everywhere. */
static int find_decided(struct merge *m, int call, const sc_node nodes[SC_ABI_MAX], struct merge_lines *ret_lines)
{
        struct merge_lines lines = { 0 };
        uint32_t done = 0;
        int r = 0;

        for (size_t i = 0; i < m->policy.n_abis && r == 0; i++) {
                uint32_t places = 0, abis = 0;
                const struct sc_cond *arch = NULL;

                if (done >> i & 1 || !merge_is_relevant(m, call, i))
                        continue;
                for (size_t k = i; k < m->policy.n_abis; k++)
                        if (merge_is_relevant(m, call, k) && nodes[k] == nodes[i]) {
                                places |= UINT32_C(1) << k;
                                abis |= UINT32_C(1) << m->policy.abis[k]->index;
                        }
                done |= places;
                r = merge_arch(m, abis, &arch);
                if (r == 0)
                        r = cluster_lines(m, call, places, arch, nodes[i], &lines);
        }
        *ret_lines = lines;
        return r;
}

static int part_lines(struct merge *m, const struct sc_merge_part *part, int call, struct merge_lines *ret_lines)
{
        sc_node nodes[SC_ABI_MAX] = { 0 };

        if (part->policy)
                return policy_lines(m, part->policy, call, ret_lines);
        for (size_t i = 0; i < m->policy.n_abis; i++)
                if (merge_is_relevant(m, call, i))
                        nodes[i] = merge_part_answer(m, part, m->policy.abis[i], call);
        return find_decided(m, call, nodes, ret_lines);
}

/* Part by part, in the words of the parts that are policies; 1 if that does not come out right. */
static int find_product(struct merge *m, int call, struct merge_lines *ret_lines)
{
        struct merge_lines lines = { 0 }, next = { 0 };
        int r = 0;

        for (size_t i = 0; i < m->request->n_parts && r == 0; i++) {
                r = part_lines(m, &m->request->parts[i], call, i ? &next : &lines);
                if (r == 0 && i)
                        r = multiply(m, call, &lines, &next, &lines);
        }
        for (size_t i = 0; i < lines.n; i++)
                lines.items[i].action = merge_speak(lines.items[i].action);
        if (r == -E2BIG || (r == 0 && !are_right(m, call, &lines, true)))
                return sc_decisions_error(m->d) ? sc_decisions_error(m->d) : 1;
        *ret_lines = lines;
        return r;
}

static int cannot_say(struct merge *m, int call)
{
        sc_diags_add(m->diags, SC_ERROR, "unsayable", (struct sc_place){ 0 },
                     "what is answered to '%s' cannot be written in the language of policies", sc_syscall_name(call));
        return -EBADMSG;
}

static int find(struct merge *m, int call, bool product, bool whole)
{
        struct merge_lines lines = { 0 };
        sc_action action;
        int r = 1;

        if (is_constant(m, call, &action))
                r = merge_add_line(m, &lines, NULL, action);
        else if (product)
                r = find_product(m, call, &lines);
        if (r == 1) {
                r = find_decided(m, call, &m->wanted[(size_t)call * SC_ABI_MAX], &lines);
                if (r == -E2BIG || (r == 0 && !are_right(m, call, &lines, true)))
                        r = sc_decisions_error(m->d) ? sc_decisions_error(m->d) : cannot_say(m, call);
        }
        if (r == 0)
                minimize(m, call, &lines, whole);
        if (r == 0)
                m->lines[call] = lines;
        return r ? r : sc_decisions_error(m->d);
}

int merge_find_lines(struct merge *m, int call)
{
        return find(m, call, true, false);
}

int merge_find_whole(struct merge *m, int call)
{
        return find(m, call, false, true);
}

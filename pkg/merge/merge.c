/* SPDX-License-Identifier: Apache-2.0 */
/* What is wanted of each call, the policy's settings, and the way from there to a text. */
#include "merge/merge.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"
#include "merge/internal.h"
#include "syscall/param.h"

#define MEMO 256
#define SPEC_ALLOW "SECCOMP_FILTER_FLAG_SPEC_ALLOW"

sc_action merge_operate(bool unite, sc_action first, sc_action last)
{
        unsigned a = sc_action_looseness(first), b = sc_action_looseness(last);

        if (first == MERGE_NO_SAY || last == MERGE_NO_SAY)
                return first == MERGE_NO_SAY ? last : first;
        return a == b ? last : (a < b) == unite ? last : first;
}

static uint32_t combine_strictest(uint32_t first, uint32_t last)
{
        return merge_operate(false, first, last);
}

static uint32_t combine_loosest(uint32_t first, uint32_t last)
{
        return merge_operate(true, first, last);
}

sc_action merge_speak(sc_action action)
{
        switch (action & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_USER_NOTIF:
                return SECCOMP_RET_ERRNO | ENOSYS;
        case SECCOMP_RET_TRAP:
                return SECCOMP_RET_TRAP;
        default:
                return action;
        }
}

static uint32_t combine_effect(uint32_t a, uint32_t b)
{
        (void)b;
        return sc_compare_effect(a);
}

static uint32_t combine_speak(uint32_t a, uint32_t b)
{
        (void)b;
        return merge_speak(a);
}

static bool is_unsayable(sc_action action)
{
        uint32_t data = action & SECCOMP_RET_DATA;

        return (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO && (data == 0 || data > SC_ERRNO_MAX);
}

static uint32_t combine_unsayable(uint32_t a, uint32_t b)
{
        (void)b;
        return is_unsayable(a);
}

/* Of a call, or of numbers without one: -1. */
static int refuse(struct merge *m, int call)
{
        const char *quote = call < 0 ? "" : "'";

        sc_diags_add(m->diags, SC_ERROR, "unsayable", (struct sc_place){ 0 },
                     "%s%s%s %s an errno that the language of policies does not have", quote,
                     call < 0 ? "numbers without a name" : sc_syscall_name(call), quote, call < 0 ? "get" : "gets");
        return -EBADMSG;
}

sc_node merge_wanted(const struct merge *m, int call, size_t i)
{
        return m->wanted[(size_t)call * SC_ABI_MAX + i];
}

static bool part_has(const struct sc_merge_part *part, const struct sc_abi *abi)
{
        if (part->policy)
                return sc_abi_among(abi, part->policy->abis, part->policy->n_abis);
        return part->nodes[abi->index] != SC_NODE_FAILED;
}

/* A call that only a multiplexer makes counts where all parts are policies: a filter does not know it by a number. */
bool merge_is_relevant(const struct merge *m, int call, size_t i)
{
        const struct sc_abi *abi = m->policy.abis[i];
        uint32_t nr;

        if (sc_syscall_number(call, abi, &nr))
                return true;
        for (size_t k = 0; k < m->request->n_parts; k++)
                if (!m->request->parts[k].policy)
                        return false;
        return abi->multiplexed && sc_syscall_carrier(call, &nr) >= 0;
}

/* A filter's answers for upper halves that are zero, as they are in registers of 32 bits. */
struct memo {
        bool used[MEMO];
        sc_node from[MEMO], to[MEMO];
};

static sc_node clear_halves(struct sc_decisions *d, sc_node node, struct memo *memo)
{
        size_t slot = node % MEMO;
        sc_node clear, set, result;
        enum sc_word word;
        uint64_t bit;

        if (node == SC_NODE_FAILED || !sc_decision_split(d, node, &word, &bit, &clear, &set))
                return node;
        if (memo->used[slot] && memo->from[slot] == node)
                return memo->to[slot];
        result = clear_halves(d, clear, memo);
        if (word < SC_WORD_ARG0 || !(bit & SC_UPPER_HALF))
                result = sc_decision_any(d, word, bit, clear_halves(d, set, memo), result);
        memo->used[slot] = true;
        memo->from[slot] = node;
        memo->to[slot] = result;
        return result;
}

static sc_node filter_answer(struct merge *m, sc_node filter, const struct sc_abi *abi, int call)
{
        struct memo memo = { { false }, { 0 }, { 0 } };
        uint32_t nr = 0;
        sc_node node;

        sc_syscall_number(call, abi, &nr);
        node = sc_decision_fix(m->d, filter, SC_WORD_NR, nr);
        if (!sc_param_upper_halves_show(abi))
                node = clear_halves(m->d, node, &memo);
        return sc_decision_apply(m->d, combine_effect, node, node);
}

sc_node merge_part_answer(struct merge *m, const struct sc_merge_part *part, const struct sc_abi *abi, int call)
{
        sc_node node;

        if (!part_has(part, abi))
                return sc_decision_leaf(m->d, MERGE_NO_SAY);
        if (!part->policy)
                return filter_answer(m, part->nodes[abi->index], abi, call);
        node = sc_policy_call(part->policy, m->d, abi, call);
        if (!m->request->fixed)
                return node;
        node = sc_decision_fix(m->d, node, SC_WORD_KERNEL, m->request->kernel);
        return sc_decision_fix(m->d, node, SC_WORD_CAPS, m->request->caps);
}

static sc_node operate(const struct merge *m, sc_node first, sc_node last)
{
        return sc_decision_apply(m->d, m->request->unite ? combine_loosest : combine_strictest, first, last);
}

/* Calls about which there is something to say. */
struct findings {
        struct sc_strbuf stricter, other;
};

static void add_name(struct sc_strbuf *names, const char *name)
{
        sc_strbuf_printf(names, "%s%s", names->len ? ", " : "", name);
}

/* Puts what the language has in the place of what it has not. */
static int make_sayable(struct merge *m, int call, sc_node *wanted, struct findings *findings)
{
        sc_node said = sc_decision_apply(m->d, combine_speak, *wanted, *wanted);
        sc_node bad = sc_decision_apply(m->d, combine_unsayable, said, said);
        sc_node relation = sc_compare_relation(m->d, said, *wanted);
        struct sc_input input;

        if (sc_decisions_error(m->d))
                return sc_decisions_error(m->d);
        if (bad != sc_decision_leaf(m->d, 0))
                return refuse(m, call);
        *wanted = said;
        if (!sc_decision_witness(m->d, relation, sc_decision_leaf(m->d, SC_RELATION_SAME), &input))
                return 0;
        add_name(sc_decision_eval(m->d, relation, &input) == SC_RELATION_OTHER ? &findings->other : &findings->stricter,
                 sc_syscall_name(call));
        return 0;
}

static int find_wanted(struct merge *m, struct findings *findings)
{
        m->wanted = sc_arena_array(m->arena, sc_syscall_count() * SC_ABI_MAX, sizeof(*m->wanted));
        if (!m->wanted)
                return -ENOMEM;
        for (size_t call = 0; call < sc_syscall_count(); call++)
                for (size_t i = 0; i < m->policy.n_abis; i++) {
                        sc_node *wanted = &m->wanted[call * SC_ABI_MAX + i];
                        int r;

                        if (!merge_is_relevant(m, (int)call, i))
                                continue;
                        for (size_t k = 0; k < m->request->n_parts; k++) {
                                sc_node one = merge_part_answer(m, &m->request->parts[k], m->policy.abis[i], (int)call);

                                *wanted = k ? operate(m, *wanted, one) : one;
                        }
                        r = make_sayable(m, (int)call, wanted, findings);
                        if (r < 0)
                                return r;
                }
        return 0;
}

static bool is_asked_for(const struct merge *m, const struct sc_abi *abi)
{
        return m->request->n_abis == 0 || sc_abi_among(abi, m->request->abis, m->request->n_abis);
}

/* True if the operation leaves the ABI something else than its end. */
static bool is_left(const struct merge *m, const struct sc_abi *abi)
{
        for (size_t i = 0; i < m->request->n_parts; i++)
                if (part_has(&m->request->parts[i], abi) == m->request->unite)
                        return m->request->unite;
        return !m->request->unite;
}

static void take_abi(struct merge *m, const struct sc_abi *abi)
{
        if (m->abis >> abi->index & 1 || !is_left(m, abi) || !is_asked_for(m, abi))
                return;
        m->abis |= UINT32_C(1) << abi->index;
        m->policy.abis[m->policy.n_abis++] = abi;
}

static int choose_abis(struct merge *m)
{
        for (size_t i = 0; i < m->request->n_parts; i++) {
                const struct sc_policy *policy = m->request->parts[i].policy;

                for (size_t k = 0; policy && k < policy->n_abis; k++)
                        take_abi(m, policy->abis[k]);
                for (size_t k = 0; !policy && k < sc_abi_count(); k++)
                        if (part_has(&m->request->parts[i], sc_abi_at(k)))
                                take_abi(m, sc_abi_at(k));
        }
        for (size_t i = 0; i < m->request->n_abis; i++)
                if (!(m->abis >> m->request->abis[i]->index & 1)) {
                        sc_diags_add(m->diags, SC_ERROR, "arch-not-listed", (struct sc_place){ 0 },
                                     "%s is not among the ABIs that are left", m->request->abis[i]->name);
                        return -EBADMSG;
                }
        if (m->policy.n_abis)
                return 0;
        sc_diags_add(m->diags, SC_ERROR, "no-common-architecture", (struct sc_place){ 0 },
                     "there is no ABI that all of them list");
        return -EBADMSG;
}

struct answer {
        sc_action action;
        uint64_t count;
};

/* How often answers are given. */
struct tally {
        struct merge *m;
        const struct sc_abi *abi;
        uint32_t *named; /* the ABI's numbers that calls have, ascending */
        size_t n_named;
        struct answer *items; /* tally_done() */
        size_t n, cap;
};

static void tally_done(struct tally *t)
{
        free(t->items);
}

static int count(struct tally *t, sc_action action, uint64_t times)
{
        struct answer *items;
        size_t i = 0;

        while (i < t->n && t->items[i].action != action)
                i++;
        if (i == t->n) {
                items = sc_grow(t->items, t->n, &t->cap, sizeof(*items));
                if (!items)
                        return -ENOMEM;
                t->items = items;
                items[t->n++] = (struct answer){ .action = action };
        }
        t->items[i].count += times;
        return 0;
}

static int compare_numbers(const void *a, const void *b)
{
        const uint32_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

static int find_named(struct tally *t)
{
        t->n_named = 0;
        t->named = sc_arena_array(t->m->arena, sc_syscall_count(), sizeof(*t->named));
        if (!t->named)
                return -ENOMEM;
        for (size_t call = 0; call < sc_syscall_count(); call++)
                t->n_named += sc_syscall_number((int)call, t->abi, &t->named[t->n_named]);
        qsort(t->named, t->n_named, sizeof(*t->named), compare_numbers);
        return 0;
}

/* Calls with a lower number. */
static size_t count_below(const struct tally *t, uint64_t nr)
{
        size_t first = 0, last = t->n_named;

        while (first < last) {
                size_t middle = first + (last - first) / 2;

                if (t->named[middle] < nr)
                        first = middle + 1;
                else
                        last = middle;
        }
        return first;
}

/* Numbers of the ABI in a range that no call has. x32 has the upper ones of a shared audit_arch, but for the last. */
static uint64_t count_unnamed(const struct tally *t, uint64_t first, uint64_t last)
{
        static const uint32_t parts[][2] = { { 0, SC_ABI_X32_BIT - 1 },
                                             { SC_ABI_X32_BIT, UINT32_MAX - 1 },
                                             { UINT32_MAX, UINT32_MAX } };
        uint64_t n = 0;

        for (size_t i = 0; i < SC_COUNT(parts); i++) {
                uint64_t from = first > parts[i][0] ? first : parts[i][0];
                uint64_t to = last < parts[i][1] ? last : parts[i][1];

                n += from <= to && sc_abi_owns(t->abi, parts[i][0]) ? to - from + 1 : 0;
        }
        return n - (count_below(t, last + 1) - count_below(t, first));
}

/* The strictest of the answers that a decision gives. */
static sc_action find_strictest(const struct merge *m, sc_node node)
{
        struct sc_input input = { { 0 } };
        sc_node stricter, none = sc_decision_leaf(m->d, 0);
        sc_action action;

        do {
                action = sc_decision_eval(m->d, node, &input);
                stricter = sc_compare_relation(m->d, node, sc_decision_leaf(m->d, action));
                stricter = sc_decision_where(m->d, stricter, SC_RELATION_STRICTER);
        } while (stricter != SC_NODE_FAILED && sc_decision_witness(m->d, stricter, none, &input));
        return action;
}

/* A filter may ask for arguments of a number that nobody knows. */
static int see_run(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct tally *t = data;
        uint64_t n = count_unnamed(t, first, last);
        int r = n ? count(t, merge_speak(sc_compare_effect(find_strictest(t->m, node))), n) : 0;

        return r ? r : sc_decisions_error(t->m->d);
}

/* What numbers without a name get, of one part or by the operation on all. */
static int count_numbers(struct tally *t, const struct sc_merge_part *parts, size_t n_parts)
{
        struct merge *m = t->m;
        sc_node node = 0;

        for (size_t i = 0; i < n_parts; i++) {
                sc_node one;

                if (!part_has(&parts[i], t->abi))
                        one = sc_decision_leaf(m->d, MERGE_NO_SAY);
                else
                        one = parts[i].policy ? sc_decision_leaf(m->d, parts[i].policy->newer)
                                              : parts[i].nodes[t->abi->index];
                node = i ? operate(m, node, one) : one;
        }
        if (node == SC_NODE_FAILED)
                return sc_decisions_error(m->d);
        return sc_decision_runs(m->d, node, SC_WORD_NR, see_run, t);
}

/* The language has one answer for all numbers without a name: the strictest, and of such the one that most get. */
static int choose_newer(struct merge *m)
{
        SC_CLEANUP(tally_done) struct tally t = { .m = m };
        size_t best = 0;
        bool stricter = false;
        int r = 0;

        for (size_t i = 0; i < m->policy.n_abis && r == 0; i++) {
                t.abi = m->policy.abis[i];
                r = find_named(&t);
                if (r == 0)
                        r = count_numbers(&t, m->request->parts, m->request->n_parts);
        }
        if (r < 0)
                return r;
        if (!t.items) /* every ABI has numbers without a name */
                return -EINVAL;
        for (size_t i = 1; i < t.n; i++) {
                unsigned x = sc_action_looseness(t.items[i].action), y = sc_action_looseness(t.items[best].action);

                stricter |= x != y;
                if (x < y || (x == y && t.items[i].count > t.items[best].count))
                        best = i;
        }
        m->policy.newer = t.items[best].action;
        if (is_unsayable(m->policy.newer))
                return refuse(m, -1);
        if (t.n > 1)
                sc_diags_add(m->diags, stricter ? SC_WARNING : SC_NOTE, stricter ? "stricter" : "other-errno",
                             (struct sc_place){ 0 },
                             "numbers without a name get more than one answer; a policy has one, \"newer\"%s",
                             stricter ? ": the strictest is taken" : "");
        return 0;
}

/*
 * What a filter answers to most of the calls that it denies; of those that programs fall back from, if asked for. Of
 * none, `denial` stays.
 */
static int common_denial(struct merge *m, const struct sc_merge_part *part, bool fallbacks, sc_action *denial)
{
        SC_CLEANUP(tally_done) struct tally t = { .m = m };
        size_t best = 0;
        int r = 0;

        for (size_t call = 0; call < sc_syscall_count(); call++)
                for (size_t i = 0; i < m->policy.n_abis && r == 0; i++) {
                        sc_node node;
                        sc_action action;
                        uint32_t nr;

                        if (!sc_syscall_number((int)call, m->policy.abis[i], &nr) ||
                            !part_has(part, m->policy.abis[i]) || (fallbacks && !sc_syscall_fallback((int)call)))
                                continue;
                        node = merge_part_answer(m, part, m->policy.abis[i], (int)call);
                        if (node != SC_NODE_FAILED && sc_decision_is_leaf(m->d, node, &action) &&
                            sc_action_looseness(action) < sc_action_looseness(SECCOMP_RET_TRACE))
                                r = count(&t, merge_speak(action), 1);
                }
        for (size_t i = 1; i < t.n; i++)
                if (t.items[i].count > t.items[best].count)
                        best = i;
        if (r == 0 && t.n)
                *denial = t.items[best].action;
        return r;
}

/* The default of what a part answers to calls without a rule, and to those of them that programs fall back from. */
static int find_ends(struct merge *m, const struct sc_merge_part *part, sc_action *ret_def, sc_action *ret_fallback)
{
        const struct sc_policy *policy = part->policy;
        int r;

        if (policy) {
                *ret_def = policy->def;
                *ret_fallback = (policy->def & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO ? policy->fallback
                                                                                             : policy->def;
                return 0;
        }
        *ret_def = SECCOMP_RET_ALLOW;
        r = common_denial(m, part, false, ret_def);
        *ret_fallback = *ret_def;
        return r ? r : common_denial(m, part, true, ret_fallback);
}

static int choose_ends(struct merge *m)
{
        struct sc_policy *policy = &m->policy;
        sc_action fallback = 0;

        for (size_t i = 0; i < m->request->n_parts; i++) {
                const struct sc_policy *part = m->request->parts[i].policy;
                sc_action def, falls_back;
                int r = find_ends(m, &m->request->parts[i], &def, &falls_back);

                if (r < 0)
                        return r;
                policy->def = i ? merge_operate(m->request->unite, policy->def, def) : def;
                fallback = i ? merge_operate(m->request->unite, fallback, falls_back) : falls_back;
                if (part && part->baseline > policy->baseline)
                        policy->baseline = part->baseline;
        }
        if (!policy->baseline)
                policy->baseline = sc_kernel_newest();
        policy->fallback = sc_action_looseness(fallback) < sc_action_looseness(SECCOMP_RET_USER_NOTIF)
                                   ? fallback
                                   : SECCOMP_RET_ERRNO | ENOSYS;
        return choose_newer(m);
}

static void flags_of(const struct sc_merge_part *part, const char *const **ret_flags, size_t *ret_n)
{
        *ret_flags = part->policy ? part->policy->flags : part->flags;
        *ret_n = part->policy ? part->policy->n_flags : part->n_flags;
}

static bool has_string(const char *const *strings, size_t n, const char *string)
{
        for (size_t i = 0; i < n; i++)
                if (!strcmp(strings[i], string))
                        return true;
        return false;
}

/* SPEC_ALLOW takes a protection away: every part must have it. */
static bool keeps_flag(const struct merge *m, const char *flag)
{
        for (size_t i = 0; i < m->request->n_parts && !strcmp(flag, SPEC_ALLOW); i++) {
                const char *const *flags;
                size_t n;

                flags_of(&m->request->parts[i], &flags, &n);
                if (!has_string(flags, n, flag))
                        return false;
        }
        return true;
}

static int gather_flags(struct merge *m)
{
        const char *const *flags;
        const char **all;
        size_t n, max = 0;

        for (size_t i = 0; i < m->request->n_parts; i++) {
                flags_of(&m->request->parts[i], &flags, &n);
                max += n;
        }
        all = sc_arena_array(m->arena, max + 1, sizeof(*all));
        if (!all)
                return -ENOMEM;
        m->policy.flags = all;
        for (size_t i = 0; i < m->request->n_parts; i++) {
                flags_of(&m->request->parts[i], &flags, &n);
                for (size_t k = 0; k < n; k++)
                        if (!has_string(all, m->policy.n_flags, flags[k]) && keeps_flag(m, flags[k]))
                                all[m->policy.n_flags++] = flags[k];
        }
        return 0;
}

static int gather_requirements(struct merge *m)
{
        struct sc_requirement *all;
        size_t max = 0;

        for (size_t i = 0; i < m->request->n_parts; i++)
                max += m->request->parts[i].policy ? m->request->parts[i].policy->n_requirements : 0;
        all = sc_arena_array(m->arena, max + 1, sizeof(*all));
        if (!all)
                return -ENOMEM;
        m->policy.requirements = all;
        for (size_t i = 0; i < m->request->n_parts; i++) {
                const struct sc_policy *part = m->request->parts[i].policy;

                for (size_t k = 0; part && k < part->n_requirements; k++) {
                        bool has = false;

                        for (size_t j = 0; j < m->policy.n_requirements; j++)
                                has |= !strcmp(all[j].text, part->requirements[k].text);
                        if (!has)
                                all[m->policy.n_requirements++] = part->requirements[k];
                }
        }
        return 0;
}

/* True if the rules so far, which do not name the multiplexer, decide it as is wanted. */
static bool carrier_follows(struct merge *m, int carrier)
{
        for (size_t i = 0; i < m->policy.n_abis; i++)
                if (merge_is_relevant(m, carrier, i) &&
                    sc_policy_call(&m->policy, m->d, m->policy.abis[i], carrier) != merge_wanted(m, carrier, i))
                        return false;
        return true;
}

static bool is_anywhere(const struct merge *m, int call)
{
        for (size_t i = 0; i < m->policy.n_abis; i++)
                if (merge_is_relevant(m, call, i))
                        return true;
        return false;
}

/* The rules for all calls; multiplexers, which depend on the others, last. */
static int find_rules(struct merge *m)
{
        int r = 0;

        m->lines = sc_arena_array(m->arena, sc_syscall_count(), sizeof(*m->lines));
        if (!m->lines)
                return -ENOMEM;
        for (size_t call = 0; call < sc_syscall_count() && r == 0; call++)
                if (!sc_syscall_is_carrier((int)call) && is_anywhere(m, (int)call))
                        r = merge_find_lines(m, (int)call);
        if (r == 0)
                r = merge_make_rules(m);
        for (size_t call = 0; call < sc_syscall_count() && r == 0; call++)
                if (sc_syscall_is_carrier((int)call) && is_anywhere(m, (int)call) && !carrier_follows(m, (int)call))
                        r = merge_find_whole(m, (int)call);
        return r ? r : merge_make_rules(m);
}

static void report(struct merge *m, const struct findings *findings)
{
        if (findings->stricter.len)
                sc_diags_add(m->diags, SC_WARNING, "stricter", (struct sc_place){ 0 },
                             "policies cannot say notify; ENOSYS is answered instead to %s", findings->stricter.text);
        if (findings->other.len)
                sc_diags_add(m->diags, SC_NOTE, "other-errno", (struct sc_place){ 0 },
                             "policies cannot say the number that trap gives, which is left out for %s",
                             findings->other.text);
}

static int make(struct merge *m)
{
        struct findings findings = { SC_STRBUF_INIT, SC_STRBUF_INIT };
        int r = choose_abis(m);

        if (r == 0)
                r = find_wanted(m, &findings);
        if (r == 0)
                report(m, &findings);
        sc_strbuf_done(&findings.stricter);
        sc_strbuf_done(&findings.other);
        if (r == 0)
                r = choose_ends(m);
        if (r == 0)
                r = gather_flags(m);
        if (r == 0)
                r = gather_requirements(m);
        return r ? r : find_rules(m);
}

int sc_merge(struct sc_arena *arena, struct sc_decisions *d, const struct sc_merge_request *request,
             struct sc_diags *diags, struct sc_merge_result *ret_result)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;
        struct merge m = { .arena = arena, .d = d, .diags = diags, .request = request };
        const struct sc_policy *policy = NULL;
        int r;

        m.policy.description = request->description;
        r = make(&m);
        if (r == 0)
                r = merge_write(&m, &text);
        if (r == 0)
                r = merge_prove(&m, &text, &policy);
        if (r < 0)
                return r;
        ret_result->text = text;
        ret_result->policy = policy;
        text = SC_STRBUF_INIT;
        return 0;
}

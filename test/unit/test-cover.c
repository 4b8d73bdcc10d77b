/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions made from decisions: every branch is taken, over all numbers and for each one. Random decisions and the
 * shipped policies; the diagrams are walked here by splitting them, node by node.
 */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "policy/policy.h"
#include "probe/cover.h"
#include "syscall/param.h"
#include "syscall/syscall.h"
#include "test.h"

#define NODES ((size_t)1 << 20)
#define HIGH_HALF UINT64_C(0xffffffff00000000)

static uint64_t rng_state;

static uint64_t rng(void)
{
        rng_state ^= rng_state << 13;
        rng_state ^= rng_state >> 7;
        rng_state ^= rng_state << 17;
        return rng_state;
}

struct list {
        struct sc_question *items;
        size_t n, cap;
};

static int add(const struct sc_question *question, void *data)
{
        struct list *list = data;
        struct sc_question *items = sc_grow(list->items, list->n, &list->cap, sizeof(*items));

        if (!items)
                return -ENOMEM;
        list->items = items;
        list->items[list->n++] = *question;
        return 0;
}

static struct sc_input input_of(const struct sc_question *q)
{
        struct sc_input in = { .words = { [SC_WORD_ARCH] = q->abi->audit_arch, [SC_WORD_NR] = q->nr } };

        memcpy(&in.words[SC_WORD_ARG0], q->args, sizeof(q->args));
        return in;
}

static void walk(const struct sc_decisions *d, sc_node node, const struct sc_question *q, unsigned char *taken)
{
        struct sc_input in = input_of(q);
        enum sc_word word;
        uint64_t bit;
        sc_node sides[2];

        while (sc_decision_split(d, node, &word, &bit, &sides[0], &sides[1])) {
                bool high = in.words[word] & bit;

                taken[node] |= high ? 2 : 1;
                node = sides[high];
        }
}

/* Branches that no question took. */
static size_t count_missed(const struct sc_decisions *d, sc_node node, const unsigned char *taken, unsigned char *seen)
{
        enum sc_word word;
        uint64_t bit;
        sc_node sides[2];

        if (seen[node] || !sc_decision_split(d, node, &word, &bit, &sides[0], &sides[1]))
                return 0;
        seen[node] = 1;
        return (taken[node] != 3) + count_missed(d, sides[0], taken, seen) + count_missed(d, sides[1], taken, seen);
}

/* Of a function, by questions `first` to `end`. */
static size_t missed(const struct sc_decisions *d, sc_node node, const struct list *list, size_t first, size_t end)
{
        SC_CLEANUP(sc_freep) unsigned char *taken = calloc(2, sc_decisions_count(d));

        if (!taken)
                return SIZE_MAX;
        for (size_t i = first; i < end; i++)
                walk(d, node, &list->items[i], taken);
        return count_missed(d, node, taken, taken + sc_decisions_count(d));
}

static int order(const struct sc_question *a, const struct sc_question *b)
{
        if (a->nr != b->nr)
                return a->nr < b->nr ? -1 : 1;
        for (size_t i = 0; i < 6; i++)
                if (a->args[i] != b->args[i])
                        return a->args[i] < b->args[i] ? -1 : 1;
        return 0;
}

/* Questions that are not what was promised. */
static size_t count_wrong(const struct list *list, const struct sc_abi *abi)
{
        size_t wrong = 0;

        for (size_t i = 0; i < list->n; i++) {
                const struct sc_question *q = &list->items[i];
                uint64_t all = 0;

                for (size_t k = 0; k < 6; k++)
                        all |= q->args[k];
                wrong += q->abi != abi || !sc_abi_owns(abi, q->nr) || sc_syscall_is_unfiltered(abi, q->nr);
                wrong += !sc_param_upper_halves_show(abi) && all & HIGH_HALF;
                wrong += i && order(q - 1, q) >= 0;
        }
        return wrong;
}

struct sums {
        size_t questions, numbers, wrong, missed, missed_of_call, failures;
};

static sc_node on_abi(struct sc_decisions *d, sc_node node, const struct sc_abi *abi)
{
        node = sc_decision_fix(d, node, SC_WORD_ARCH, abi->audit_arch);
        for (int arg = 0; arg < 6 && !sc_param_upper_halves_show(abi); arg++)
                node = sc_decision_fix_bits(d, node, (enum sc_word)(SC_WORD_ARG0 + arg), HIGH_HALF, 0);
        return node;
}

/* The number gets the function of another. */
static sc_node unask(struct sc_decisions *d, sc_node node, uint32_t nr, uint32_t other)
{
        return sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, nr, sc_decision_fix(d, node, SC_WORD_NR, other), node);
}

/* What tells numbers apart there: of two no filter is asked; from 0x40000000 on they are x32's, but for the last. */
static sc_node own_numbers(struct sc_decisions *d, sc_node node, const struct sc_abi *abi)
{
        const uint64_t first = SC_ABI_X32_BIT;

        if (!strcmp(abi->name, "x86_64")) {
                node = unask(d, unask(d, node, 335, 334), 336, 337);
                return sc_decision_fix_bits(d, node, SC_WORD_NR, 0xc0000000, 0);
        }
        if (strcmp(abi->name, "x32") != 0)
                return node;
        node = unask(d, node, 0xffffffff, 0xfffffffe);
        return sc_decision_ge(d, SC_WORD_NR, first, node, sc_decision_fix_bits(d, node, SC_WORD_NR, first, first));
}

/* Each number by itself. */
static void check_numbers(struct sc_decisions *d, sc_node node, const struct list *list, struct sums *sums)
{
        for (size_t i = 0, end; i < list->n; i = end) {
                uint32_t nr = list->items[i].nr;

                for (end = i; end < list->n && list->items[end].nr == nr;)
                        end++;
                sums->missed_of_call += missed(d, sc_decision_fix(d, node, SC_WORD_NR, nr), list, i, end);
                sums->numbers++;
        }
}

/* Every call with a name is among them. */
static size_t count_unnamed(const struct list *list, const struct sc_abi *abi)
{
        size_t unnamed = 0, at = 0;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                uint32_t nr;

                if (!sc_syscall_number((int)i, abi, &nr) || sc_syscall_is_unfiltered(abi, nr))
                        continue;
                for (at = 0; at < list->n && list->items[at].nr != nr;)
                        at++;
                unnamed += at == list->n;
        }
        return unnamed;
}

static void check(struct sc_decisions *d, sc_node node, const struct sc_abi *abi, bool closely, struct sums *sums)
{
        struct list list = { 0 };
        sc_node own = on_abi(d, node, abi);

        sums->failures += sc_question_cover(d, node, abi, add, &list) != 0;
        sums->questions += list.n;
        sums->wrong += count_wrong(&list, abi);
        sums->missed += missed(d, own_numbers(d, own, abi), &list, 0, list.n);
        if (closely) {
                check_numbers(d, own, &list, sums);
                sums->missed += count_unnamed(&list, abi);
        }
        sums->failures += sc_decisions_error(d) != 0;
        free(list.items);
}

static sc_node random_function(struct sc_decisions *d)
{
        static const uint64_t masks[] = { UINT64_MAX, UINT32_MAX, 0xf0f0, 0x7e020000, 0xffffffff00000000 };
        static const uint32_t values[] = { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 38,
                                           SECCOMP_RET_KILL_THREAD };
        sc_node node = sc_decision_leaf(d, values[rng() % SC_COUNT(values)]);

        for (size_t i = rng() % 4; i > 0; i--) {
                enum sc_word word = (enum sc_word)(SC_WORD_ARG0 + rng() % 6);
                sc_node yes = sc_decision_leaf(d, values[rng() % SC_COUNT(values)]);
                uint64_t value = rng() % 2 ? rng() >> (rng() % 64) : rng() % 64;

                if (rng() % 3 == 0)
                        node = sc_decision_ge(d, word, value, yes, node);
                else
                        node = sc_decision_eq(d, word, masks[rng() % SC_COUNT(masks)], value, yes, node);
        }
        return node;
}

static sc_node random_decision(struct sc_decisions *d, const struct sc_abi *abi)
{
        sc_node node = sc_decision_leaf(d, SECCOMP_RET_ERRNO | 38);

        /* many numbers have one function only where it is a constant: else there are too many questions */
        for (size_t i = rng() % 20; i > 0; i--) {
                uint64_t nr = (rng() % 8 ? rng() % 450 : rng() >> 32) | (rng() % 2 ? abi->nr_base : 0);

                if (rng() % 4)
                        node = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, nr, random_function(d), node);
                else if (rng() % 2)
                        node = sc_decision_eq(d, SC_WORD_NR, 0xffff0f0f, nr, random_function(d), node);
                else
                        node = sc_decision_ge(d, SC_WORD_NR, nr, sc_decision_leaf(d, SECCOMP_RET_LOG), node);
        }
        return sc_decision_eq(d, SC_WORD_ARCH, UINT32_MAX, abi->audit_arch, node,
                              sc_decision_leaf(d, SECCOMP_RET_KILL_THREAD));
}

static void report(const struct sums *sums, const char *what)
{
        printf("# %zu questions about %s; %zu numbers by themselves\n", sums->questions, what,
               sums->numbers);
        CHECK(sums->numbers > 1000);
        CHECK(sums->questions > 1000);
        CHECK_INT(sums->failures, 0);
        CHECK_INT(sums->wrong, 0);
        CHECK_INT(sums->missed, 0);
        CHECK_INT(sums->missed_of_call, 0);
}

static const struct sc_abi *abi_at(size_t i)
{
        static const char *const names[] = { "x86_64", "x86", "x32", "aarch64", "s390x" };

        return sc_abi_find(names[i % SC_COUNT(names)], strlen(names[i % SC_COUNT(names)]));
}

static void test_random(void)
{
        const char *seed = getenv("SC_SEED");
        struct sums sums = { 0 };

        rng_state = seed && *seed ? strtoull(seed, NULL, 0) | 1 : 0x5eed;
        printf("# SC_SEED=%#" PRIx64 "\n", rng_state);
        for (size_t i = 0; i < 200; i++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);

                if (d)
                        check(d, random_decision(d, abi_at(i)), abi_at(i), i % 20 < 5, &sums);
        }
        report(&sums, "random decisions");
}

static void test_policies(struct sc_arena *arena)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sums sums = { 0 };

        for (size_t i = 0; i < sc_shipped_count(); i++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
                const struct sc_policy *policy;
                sc_node node;

                if (!CHECK_INT(sc_policy_load(arena, sc_shipped_at(i)->name, NULL, 0, &(struct sc_policy_options){ 0 },
                                              diags, &policy), 0))
                        continue;
                node = sc_policy_decision_on(policy, d, policy->abis, policy->n_abis, sc_caps_docker(),
                                             sc_kernel_newest());
                for (size_t k = 0; k < 3; k++)
                        check(d, node, abi_at(k), i < 3, &sums);
        }
        report(&sums, "shipped policies");
}

/* One condition, by hand: what is asked is what a person would ask. */
static void test_small(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
        const struct sc_abi *x86 = sc_abi_find("x86", 3);
        sc_node deny = sc_decision_leaf(d, SECCOMP_RET_ERRNO | 1), allow = sc_decision_leaf(d, SECCOMP_RET_ALLOW);
        sc_node node = sc_decision_eq(d, SC_WORD_ARG0, UINT64_MAX, 40, deny, allow);
        struct list list = { 0 };
        bool hit = false, above = false, below = false;

        node = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, 359, node, deny);
        CHECK_INT(sc_question_cover(d, node, x86, add, &list), 0);
        for (size_t i = 0; i < list.n; i++) {
                if (list.items[i].nr != 359)
                        continue;
                hit |= list.items[i].args[0] == 40;
                above |= list.items[i].args[0] == 41;
                below |= list.items[i].args[0] == 39;
        }
        CHECK(hit && above && below);
        CHECK_INT(count_wrong(&list, x86), 0);
        free(list.items);
}

static int stop(const struct sc_question *question, void *data)
{
        (void)question;
        return ++*(int *)data == 3 ? 7 : 0;
}

static void test_ends(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *small = sc_decisions_new(4);
        int n = 0;

        CHECK_INT(sc_question_cover(d, sc_decision_leaf(d, SECCOMP_RET_ALLOW), sc_abi_native(), stop, &n), 7);
        CHECK_INT(n, 3);
        n = 0;
        CHECK_INT(sc_question_cover(small,
                                     sc_decision_eq(small, SC_WORD_NR, UINT32_MAX, 1, sc_decision_leaf(small, 1),
                                                    sc_decision_leaf(small, 2)),
                                     sc_abi_native(), stop, &n),
                  -E2BIG);
        CHECK_INT(n, 0);
}

int main(void)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();

        if (!arena)
                return EXIT_FAILURE;
        test_small();
        test_ends();
        test_random();
        test_policies(arena);
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions against a plain evaluation of the same random expressions, and the promises of the header. */
#include <errno.h>

#include "base/util.h"
#include "decision/cover.h"
#include "decision/decision.h"
#include "test.h"

#define NODES ((size_t)1 << 20)

static uint64_t rng_state = 0x5eed;

static uint64_t rng(void)
{
        rng_state ^= rng_state << 13;
        rng_state ^= rng_state >> 7;
        rng_state ^= rng_state << 17;
        return rng_state;
}

/* A random test of a word, evaluated by plain arithmetic. */
struct atom {
        int kind;
        enum sc_word word;
        uint64_t mask, value;
};

static uint64_t narrow(enum sc_word word, uint64_t x)
{
        return sc_word_bits(word) == 64 ? x : x & UINT32_MAX;
}

static uint64_t odd_value(void)
{
        static const uint64_t edges[] = {
                0, 1, 2, 3, 7, 8, 0x7fffffff, 0x80000000, UINT32_MAX, 0x100000000, UINT64_MAX
        };
        uint64_t r = rng();

        return r % 3 == 0 ? edges[r / 3 % SC_COUNT(edges)] : r % 3 == 1 ? r >> 58 : rng();
}

static struct atom random_atom(void)
{
        static const uint64_t masks[] = { UINT64_MAX, UINT32_MAX, 0xf0f0, 0x7, 0xffffffff00000000, 0x8000000000000001 };
        struct atom a = { .kind = (int)(rng() % 4), .word = (enum sc_word)(rng() % 5 + SC_WORD_NR) };

        a.mask = narrow(a.word, rng() % 4 ? masks[rng() % SC_COUNT(masks)] : rng());
        a.value = narrow(a.word, odd_value());
        return a;
}

static bool atom_true(const struct atom *a, const struct sc_input *in)
{
        uint64_t x = in->words[a->word];

        switch (a->kind) {
        case 0:
                return (x & a->mask) == (a->value & a->mask);
        case 1:
                return x >= a->value;
        case 2:
                return (x & a->mask) >= a->value;
        default:
                return x & a->mask;
        }
}

static sc_node atom_node(struct sc_decisions *d, const struct atom *a, sc_node yes, sc_node no)
{
        switch (a->kind) {
        case 0:
                return sc_decision_eq(d, a->word, a->mask, a->value, yes, no);
        case 1:
                return sc_decision_ge(d, a->word, a->value, yes, no);
        case 2:
                return sc_decision_ge_masked(d, a->word, a->mask, a->value, yes, no);
        default:
                return sc_decision_any(d, a->word, a->mask, yes, no);
        }
}

/* A random chain of tests: the first that is true decides, the end decides otherwise. */
#define CHAIN 6
struct chain {
        struct atom atoms[CHAIN];
        uint32_t values[CHAIN + 1];
};

static uint32_t chain_eval(const struct chain *c, const struct sc_input *in)
{
        for (int i = 0; i < CHAIN; i++)
                if (atom_true(&c->atoms[i], in))
                        return c->values[i];
        return c->values[CHAIN];
}

static struct sc_input random_input(const struct chain *c)
{
        struct sc_input in = { 0 };

        for (int w = SC_WORD_NR; w < SC_WORD_NR + 5; w++)
                in.words[w] = narrow((enum sc_word)w, odd_value());
        /* most inputs lie next to a bound that the chain tests */
        for (int i = 0; i < CHAIN; i++)
                if (rng() % 2)
                        in.words[c->atoms[i].word] =
                                narrow(c->atoms[i].word, (c->atoms[i].value & c->atoms[i].mask) + rng() % 3 - 1);
        return in;
}

static bool chain_agrees(struct sc_decisions *d, const struct chain *c, sc_node node)
{
        for (int i = 0; i < 300; i++) {
                struct sc_input in = random_input(c);

                if (sc_decision_eval(d, node, &in) != chain_eval(c, &in)) {
                        for (int k = 0; k < CHAIN; k++)
                                printf("# kind %d word %d mask %#" PRIx64 " value %#" PRIx64 " -> %u\n",
                                       c->atoms[k].kind, c->atoms[k].word, c->atoms[k].mask, c->atoms[k].value,
                                       c->values[k]);
                        return false;
                }
        }
        return true;
}

static void test_random_chains(void)
{
        unsigned bad = 0, not_canonical = 0, no_witness = 0;

        printf("# seed %#" PRIx64 "\n", rng_state);
        for (int round = 0; round < 1000 && !bad; round++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
                struct chain c;
                struct sc_input in;
                sc_node chained, conds, other;

                for (int i = 0; i < CHAIN; i++)
                        c.atoms[i] = random_atom(), c.values[i] = (uint32_t)(rng() % 3);
                c.values[CHAIN] = 7;
                chained = conds = sc_decision_leaf(d, 7);
                for (int i = CHAIN; i-- > 0;) {
                        sc_node leaf = sc_decision_leaf(d, c.values[i]);

                        chained = atom_node(d, &c.atoms[i], leaf, chained);
                        conds = sc_decision_ite(
                                d, atom_node(d, &c.atoms[i], sc_decision_leaf(d, 1), sc_decision_leaf(d, 0)), leaf,
                                conds);
                }
                bad += !chain_agrees(d, &c, chained) || chained == SC_NODE_FAILED;
                not_canonical += chained != conds;
                in = random_input(&c);
                other = sc_decision_eq(d, SC_WORD_ARG0, UINT64_MAX, in.words[SC_WORD_ARG0], sc_decision_leaf(d, 99),
                                       chained);
                if (!sc_decision_witness(d, chained, other, &in) ||
                    sc_decision_eval(d, chained, &in) == sc_decision_eval(d, other, &in))
                        no_witness++;
        }
        CHECK_INT(bad, 0);
        CHECK_INT(not_canonical, 0);
        CHECK_INT(no_witness, 0);
}

static int count_path(const struct sc_path *path, void *data)
{
        (*(unsigned *)data)++;
        return path->leaf == 13 ? 1 : 0;
}

struct runs_seen {
        uint64_t next;
        unsigned n;
        bool gap;
};

static int see_run(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct runs_seen *seen = data;

        (void)node;
        seen->gap |= first != seen->next || last < first;
        seen->next = last + 1;
        seen->n++;
        return 0;
}

static int see_run_pair(uint64_t first, uint64_t last, sc_node a, sc_node b, void *data)
{
        return a == b ? 1 : see_run(first, last, a, data);
}

/* Ranges end where those of either end. */
static void test_run_pairs(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
        sc_node a = sc_decision_ge(d, SC_WORD_NR, 100, sc_decision_leaf(d, 2), sc_decision_leaf(d, 1));
        sc_node b = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, 41, sc_decision_leaf(d, 3), sc_decision_leaf(d, 4));
        struct runs_seen seen = { 0 };

        CHECK_INT(sc_decision_run_pairs(d, a, b, SC_WORD_NR, see_run_pair, &seen), 0);
        CHECK_INT(seen.n, 4); /* 0…40, 41, 42…99, the rest */
        CHECK(!seen.gap && seen.next == UINT64_C(1) << 32);
        CHECK_INT(sc_decision_run_pairs(d, a, a, SC_WORD_NR, see_run_pair, &seen), 1);
        CHECK_INT(sc_decision_run_pairs(d, a, SC_NODE_FAILED, SC_WORD_NR, see_run_pair, &seen), -EINVAL);
}

static void test_walks(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
        sc_node n = sc_decision_leaf(d, 5), fixed;
        struct runs_seen seen = { 0 };
        unsigned paths = 0;

        n = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, 41,
                           sc_decision_ge(d, SC_WORD_ARG0, 40, sc_decision_leaf(d, 1), sc_decision_leaf(d, 2)), n);
        n = sc_decision_ge(d, SC_WORD_NR, 0x40000000, sc_decision_leaf(d, 9), n);
        CHECK_INT(sc_decision_runs(d, n, SC_WORD_NR, see_run, &seen), 0);
        CHECK_INT(seen.n, 4); /* 0…40, 41, 42…0x3fffffff, the rest */
        CHECK(!seen.gap && seen.next == UINT64_C(1) << 32);
        CHECK_INT(sc_decision_runs(d, n, SC_WORD_ARG0, see_run, &seen), -EINVAL);
        CHECK_INT(sc_decision_paths(d, n, count_path, &paths), 0);
        CHECK(paths > 4);
        fixed = sc_decision_fix(d, n, SC_WORD_NR, 41);
        CHECK_INT(fixed, sc_decision_ge(d, SC_WORD_ARG0, 40, sc_decision_leaf(d, 1), sc_decision_leaf(d, 2)));
        CHECK_INT(sc_decision_fix(d, n, SC_WORD_ARG0, 39), sc_decision_fix(d, n, SC_WORD_ARG0, 3));
        CHECK_INT(sc_decision_fix(d, n, SC_WORD_ARG5, 39), n);
        n = sc_decision_eq(d, SC_WORD_ARG0, UINT64_C(0xffffffff0000ffff), UINT64_C(0x700000003),
                           sc_decision_leaf(d, 1), sc_decision_leaf(d, 0));
        CHECK_INT(sc_decision_fix_bits(d, n, SC_WORD_ARG0, UINT64_MAX << 32, UINT64_C(7) << 32),
                  sc_decision_eq(d, SC_WORD_ARG0, 0xffff, 3, sc_decision_leaf(d, 1), sc_decision_leaf(d, 0)));
        CHECK_INT(sc_decision_fix_bits(d, n, SC_WORD_ARG0, UINT64_MAX << 32, 0), sc_decision_leaf(d, 0));
        CHECK_INT(sc_decision_fix_bits(d, n, SC_WORD_ARG0, 0xff0000, 0xff0000), n);
        CHECK(sc_decision_size(d, n) > 10 && sc_decision_size(d, n) < sc_decisions_count(d));
}

/* A bit counts exactly if the function with it fixed is another; also where there are too many paths to follow. */
static void check_tested(struct sc_decisions *d, sc_node n, enum sc_word word)
{
        uint64_t tested = ~UINT64_C(0), want = 0;

        CHECK_INT(sc_decision_tested(d, n, word, &tested), 0);
        for (unsigned i = 0; i < sc_word_bits(word); i++)
                if (sc_decision_fix_bits(d, n, word, UINT64_C(1) << i, 0) != n)
                        want |= UINT64_C(1) << i;
        CHECK_INT(tested, want);
}

static void test_tested(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
        sc_node yes = sc_decision_leaf(d, 1), no = sc_decision_leaf(d, 0), n, odd = no;
        uint64_t tested;

        n = sc_decision_eq(d, SC_WORD_ARG0, UINT64_C(0xff00000000000f01), 1, yes, no);
        n = sc_decision_or(d, n, sc_decision_ge(d, SC_WORD_ARG1, 40, yes, no));
        n = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, 41, n, no);
        check_tested(d, n, SC_WORD_NR);
        check_tested(d, n, SC_WORD_ARG0);
        check_tested(d, n, SC_WORD_ARG1);
        check_tested(d, n, SC_WORD_ARG5);
        check_tested(d, yes, SC_WORD_ARG0);
        for (unsigned i = 0; i < 40; i += 2) { /* two nodes a bit, two to the twentieth paths */
                sc_node bit = sc_decision_any(d, SC_WORD_ARG3, UINT64_C(1) << i, yes, no);

                odd = sc_decision_ite(d, odd, sc_decision_not(d, bit), bit);
        }
        check_tested(d, odd, SC_WORD_ARG3);
        CHECK_INT(sc_decision_tested(d, odd, SC_WORD_ARG3, &tested), 0);
        CHECK_INT(tested, UINT64_C(0x5555555555));
}

static uint32_t larger(uint32_t a, uint32_t b)
{
        return a > b ? a : b;
}

static void test_operations(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
        sc_node t = sc_decision_leaf(d, 1), f = sc_decision_leaf(d, 0);
        sc_node a = sc_decision_any(d, SC_WORD_CAPS, 1 << 21, t, f);
        sc_node b = sc_decision_ge(d, SC_WORD_KERNEL, 0x50008, t, f);
        uint32_t value;

        CHECK_INT(sc_decision_and(d, a, b), sc_decision_and(d, b, a));
        CHECK_INT(sc_decision_not(d, sc_decision_or(d, a, b)),
                  sc_decision_and(d, sc_decision_not(d, a), sc_decision_not(d, b)));
        CHECK_INT(sc_decision_apply(d, larger, a, b), sc_decision_or(d, a, b));
        CHECK_INT(sc_decision_not(d, sc_decision_not(d, a)), a);
        CHECK(sc_decision_is_leaf(d, sc_decision_and(d, a, sc_decision_not(d, a)), &value) && value == 0);
        CHECK(!sc_decision_is_leaf(d, a, &value));
        CHECK_INT(sc_decision_eq(d, SC_WORD_ARG3, 0, 77, t, f), t);
        CHECK_INT(sc_decision_any(d, SC_WORD_ARG3, 0, t, f), f);
        CHECK_INT(sc_decision_ge(d, SC_WORD_ARG3, 0, t, f), t);
        CHECK_INT(sc_decision_ge_masked(d, SC_WORD_ARG3, 0xff, 0x100, t, f), f);
        CHECK_INT(sc_decision_ge_masked(d, SC_WORD_ARG3, 0xf0, 0x11, t, f),
                  sc_decision_ge_masked(d, SC_WORD_ARG3, 0xf0, 0x20, t, f));
}

/* A map is the same function as the chain of tests that it stands for. */
static void test_map(void)
{
        unsigned different = 0;

        for (int round = 0; round < 200; round++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
                sc_node rest = sc_decision_leaf(d, 9), chain = rest;
                struct sc_entry entries[40];
                size_t n = rng() % SC_COUNT(entries), kept = 0;

                for (size_t i = 0; i < n; i++)
                        entries[i] = (struct sc_entry){ narrow(SC_WORD_NR, odd_value()),
                                                        sc_decision_leaf(d, (uint32_t)(rng() % 4)) };
                qsort(entries, n, sizeof(*entries), sc_entry_compare);
                for (size_t i = 0; i < n; i++)
                        if (kept == 0 || entries[kept - 1].value != entries[i].value)
                                entries[kept++] = entries[i];
                for (size_t i = 0; i < kept; i++)
                        chain = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, entries[i].value, entries[i].node, chain);
                different += sc_decision_map(d, SC_WORD_NR, entries, kept, rest) != chain;
        }
        CHECK_INT(different, 0);
}

/* The condition that a cube, with one bit (of `word`) left out, is. */
static sc_node cube_node(struct sc_decisions *d, const struct sc_path *cube, int word, uint64_t bit)
{
        sc_node node = sc_decision_leaf(d, 1), f = sc_decision_leaf(d, 0);

        for (int w = SC_WORD_COUNT; w-- > 0;) {
                uint64_t mask = cube->masks[w] & (w == word ? ~bit : UINT64_MAX);

                node = sc_decision_eq(d, (enum sc_word)w, mask, cube->values[w], node, f);
        }
        return node;
}

/* The union of all cubes but one. */
static sc_node union_without(struct sc_decisions *d, const struct sc_path *cubes, size_t n, size_t without)
{
        sc_node node = sc_decision_leaf(d, 0);

        for (size_t i = 0; i < n; i++)
                if (i != without)
                        node = sc_decision_or(d, node, cube_node(d, &cubes[i], -1, 0));
        return node;
}

/* Bits of a cube that could be left out: it would still hold only where the condition does. */
static unsigned idle_bits(struct sc_decisions *d, const struct sc_path *cube, sc_node cond)
{
        unsigned idle = 0;

        for (int w = 0; w < SC_WORD_COUNT; w++)
                for (uint64_t left = cube->masks[w]; left; left &= left - 1) {
                        sc_node wider = cube_node(d, cube, w, left & -left);

                        idle += sc_decision_and(d, wider, sc_decision_not(d, cond)) == sc_decision_leaf(d, 0);
                }
        return idle;
}

static void test_covers(void)
{
        unsigned wrong = 0, redundant = 0, idle = 0, cubes_seen = 0, refused = 0;

        for (int round = 0; round < 300; round++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
                SC_CLEANUP(sc_freep) struct sc_path *cubes = NULL;
                sc_node cond = sc_decision_leaf(d, (uint32_t)(rng() % 2));
                size_t n = 0;
                int r;

                for (int i = 0; i < 3; i++) {
                        struct atom a = random_atom();

                        cond = atom_node(d, &a, sc_decision_leaf(d, (uint32_t)(rng() % 2)), cond);
                }
                r = sc_decision_cover(d, cond, 200, &cubes, &n);
                refused += r == -E2BIG;
                wrong += r != 0 && r != -E2BIG;
                if (r < 0)
                        continue;
                wrong += union_without(d, cubes, n, n) != cond;
                for (size_t i = 0; i < n && n < 40; i++) {
                        redundant += union_without(d, cubes, n, i) == cond;
                        idle += idle_bits(d, &cubes[i], cond);
                }
                cubes_seen += (unsigned)n;
        }
        printf("# %u cubes, %u conditions with more than 200\n", cubes_seen, refused);
        CHECK_INT(wrong, 0);
        CHECK_INT(redundant, 0);
        CHECK_INT(idle, 0);
        CHECK(cubes_seen > 300 && refused < 150);
}

/* A parity over many bits has a small diagram; a comparison of two words in this order has a huge one. */
static void test_limits(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(5000);
        sc_node t = sc_decision_leaf(d, 1), f = sc_decision_leaf(d, 0), equal = t, bit;

        for (unsigned i = 0; i < 32; i++) {
                bit = sc_decision_any(d, SC_WORD_ARG1, UINT64_C(1) << i, t, f);
                bit = sc_decision_any(d, SC_WORD_ARG0, UINT64_C(1) << i, bit, sc_decision_not(d, bit));
                equal = sc_decision_and(d, equal, bit);
        }
        CHECK_INT(equal, SC_NODE_FAILED);
        CHECK_INT(sc_decisions_error(d), -E2BIG);
        CHECK_INT(sc_decision_leaf(d, 1), SC_NODE_FAILED);
        CHECK_INT(sc_decision_size(d, SC_NODE_FAILED), 0);
        CHECK(sc_decisions_count(d) <= 5000);
}

/* A copy is the same function, and made of what belongs to it only. */
static void test_copy(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *from = sc_decisions_new(50000);
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *to = sc_decisions_new(100);
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *small = sc_decisions_new(20);
        sc_node t = sc_decision_leaf(from, 7), f = sc_decision_leaf(from, 9), node;

        for (uint64_t i = 0; i < 100; i++)
                sc_decision_eq(from, SC_WORD_ARG1, UINT64_MAX, i, t, f);
        node = sc_decision_eq(from, SC_WORD_ARG0, UINT32_MAX, 41, t, f);
        sc_decision_leaf(to, 1);
        CHECK_INT(sc_decision_copy(to, from, node),
                  sc_decision_eq(to, SC_WORD_ARG0, UINT32_MAX, 41, sc_decision_leaf(to, 7), sc_decision_leaf(to, 9)));
        CHECK_INT(sc_decisions_count(to), 1 + sc_decision_size(from, node));
        CHECK_INT(sc_decision_copy(to, from, f), sc_decision_leaf(to, 9));
        CHECK_INT(sc_decision_copy(to, from, SC_NODE_FAILED), SC_NODE_FAILED);
        CHECK_INT(sc_decision_copy(small, from, node), SC_NODE_FAILED);
        CHECK_INT(sc_decisions_error(small), -E2BIG);
        CHECK_INT(sc_decisions_limit(small), 20);
}

int main(void)
{
        test_tested();
        test_operations();
        test_walks();
        test_run_pairs();
        test_map();
        test_covers();
        test_random_chains();
        test_limits();
        test_copy();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decision diagrams: nodes are made once and found again by a hash table, so that equal functions are equal ids.
 * Operations are the textbook recursions over the top variable with a lossy cache in front; recursion is never deeper
 * than there are variables. The tests of one word (eq, ge, any) walk the word's bits directly and need no cache.
 */
#include "decision/decision.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "decision/internal.h"

#define TABLE_MIN ((size_t)1 << 12) /* slots of the hash table at first */
#define CACHE_MIN ((size_t)1 << 10)
#define STEPS_PER_NODE 64           /* recursion steps allowed for each node of the limit */
#define EMPTY UINT32_MAX

struct cached {
        uint64_t op; /* 0: free */
        uint32_t a, b, c;
        sc_node result;
};

/* The operations that are the same in every call; serials start above them. */
enum {
        OP_ITE = 1,
        OP_SERIAL = 16,
};

const struct word_place decision_words[SC_WORD_COUNT + 1] = {
        [SC_WORD_ARCH] = { 0, 32 },   [SC_WORD_NR] = { 32, 32 },    [SC_WORD_KERNEL] = { 64, 32 },
        [SC_WORD_CAPS] = { 96, 64 },  [SC_WORD_ARG0] = { 160, 64 }, [SC_WORD_ARG1] = { 224, 64 },
        [SC_WORD_ARG2] = { 288, 64 }, [SC_WORD_ARG3] = { 352, 64 }, [SC_WORD_ARG4] = { 416, 64 },
        [SC_WORD_ARG5] = { 480, 64 }, [SC_WORD_COUNT] = { 544, 0 },
};

unsigned sc_word_bits(enum sc_word word)
{
        return decision_words[word].bits;
}

struct sc_decisions *sc_decisions_new(size_t nodes_max)
{
        struct sc_decisions *d = calloc(1, sizeof(*d));

        if (!d)
                return NULL;
        d->max_nodes = nodes_max < UINT32_MAX ? nodes_max : UINT32_MAX - 1;
        d->serial = OP_SERIAL;
        return d;
}

void sc_decisions_free(struct sc_decisions *d)
{
        if (!d)
                return;
        free(d->nodes);
        free(d->table);
        free(d->cache);
        free(d);
}

void sc_decisions_freep(struct sc_decisions **d)
{
        sc_decisions_free(*d);
}

int sc_decisions_error(const struct sc_decisions *d)
{
        return d->error;
}

size_t sc_decisions_limit(const struct sc_decisions *d)
{
        return d->max_nodes;
}

size_t sc_decisions_count(const struct sc_decisions *d)
{
        return d->n_nodes;
}

sc_node sc_decisions_fail(struct sc_decisions *d, int error)
{
        if (!d->error)
                d->error = error;
        return SC_NODE_FAILED;
}

static uint64_t mix(uint64_t x)
{
        x ^= x >> 32;
        x *= UINT64_C(0x9e3779b97f4a7c15);
        return x ^ x >> 29;
}

static size_t node_slot(const struct sc_decisions *d, uint16_t var, uint32_t lo, uint32_t hi)
{
        return (size_t)mix(((uint64_t)hi << 32 | lo) ^ mix(var)) & (d->table_size - 1);
}

static void table_insert(struct sc_decisions *d, uint32_t id)
{
        const struct node *n = &d->nodes[id];
        size_t slot = node_slot(d, n->var, n->lo, n->hi);

        while (d->table[slot] != EMPTY)
                slot = (slot + 1) & (d->table_size - 1);
        d->table[slot] = id;
}

/* Doubles the hash table; 0 or -ENOMEM. */
static int table_grow(struct sc_decisions *d)
{
        size_t size = d->table_size ? d->table_size * 2 : TABLE_MIN;
        uint32_t *table = malloc(size * sizeof(*table));

        if (!table)
                return -ENOMEM;
        memset(table, 0xff, size * sizeof(*table));
        free(d->table);
        d->table = table;
        d->table_size = size;
        for (size_t i = 0; i < d->n_nodes; i++)
                table_insert(d, (uint32_t)i);
        return 0;
}

/* The node with these parts, found or made. */
static sc_node intern(struct sc_decisions *d, uint16_t var, uint32_t lo, uint32_t hi)
{
        struct node *nodes;
        size_t slot;

        if (2 * (d->n_nodes + 1) > d->table_size && table_grow(d) < 0)
                return sc_decisions_fail(d, -ENOMEM);
        for (slot = node_slot(d, var, lo, hi); d->table[slot] != EMPTY; slot = (slot + 1) & (d->table_size - 1)) {
                const struct node *n = &d->nodes[d->table[slot]];

                if (n->lo == lo && n->hi == hi && n->var == var)
                        return d->table[slot];
        }
        if (d->n_nodes >= d->max_nodes)
                return sc_decisions_fail(d, -E2BIG);
        nodes = sc_grow(d->nodes, d->n_nodes, &d->cap_nodes, sizeof(*nodes));
        if (!nodes)
                return sc_decisions_fail(d, -ENOMEM);
        d->nodes = nodes;
        nodes[d->n_nodes] = (struct node){ .lo = lo, .hi = hi, .var = var };
        d->table[slot] = (uint32_t)d->n_nodes;
        return (sc_node)d->n_nodes++;
}

static sc_node make(struct sc_decisions *d, uint16_t var, sc_node lo, sc_node hi)
{
        if (lo == SC_NODE_FAILED || hi == SC_NODE_FAILED)
                return SC_NODE_FAILED;
        return lo == hi ? lo : intern(d, var, lo, hi);
}

sc_node sc_decision_leaf(struct sc_decisions *d, uint32_t value)
{
        return d->error ? SC_NODE_FAILED : intern(d, VAR_LEAF, value, 0);
}

bool sc_decision_is_leaf(const struct sc_decisions *d, sc_node node, uint32_t *ret_value)
{
        if (node == SC_NODE_FAILED || d->nodes[node].var != VAR_LEAF)
                return false;
        *ret_value = d->nodes[node].lo;
        return true;
}

/* Recursion steps are bounded too: a lossy cache could otherwise make a small result take for ever. */
static bool may_step(struct sc_decisions *d)
{
        if (d->error)
                return false;
        if (++d->steps <= (uint64_t)d->max_nodes * STEPS_PER_NODE)
                return true;
        sc_decisions_fail(d, -E2BIG);
        return false;
}

/* The cache grows with the nodes; what it held is lost, which costs time only. */
static bool cache_ready(struct sc_decisions *d)
{
        size_t size = d->cache_size ? d->cache_size : CACHE_MIN;

        while (size < d->n_nodes)
                size *= 2;
        if (size == d->cache_size)
                return true;
        free(d->cache);
        d->cache = calloc(size, sizeof(*d->cache));
        d->cache_size = d->cache ? size : 0;
        if (!d->cache)
                sc_decisions_fail(d, -ENOMEM);
        return d->cache != NULL;
}

static struct cached *cache_slot(struct sc_decisions *d, uint64_t op, uint32_t a, uint32_t b, uint32_t c)
{
        uint64_t h = mix(((uint64_t)a << 32 | b) ^ mix((uint64_t)c << 20 ^ op));

        return &d->cache[(size_t)h & (d->cache_size - 1)];
}

static bool cache_get(struct sc_decisions *d, uint64_t op, uint32_t a, uint32_t b, uint32_t c, sc_node *ret_node)
{
        const struct cached *e;

        if (!cache_ready(d))
                return false;
        e = cache_slot(d, op, a, b, c);
        if (e->op != op || e->a != a || e->b != b || e->c != c)
                return false;
        *ret_node = e->result;
        return true;
}

static sc_node cache_put(struct sc_decisions *d, uint64_t op, uint32_t a, uint32_t b, uint32_t c, sc_node result)
{
        if (result != SC_NODE_FAILED && d->cache_size)
                *cache_slot(d, op, a, b, c) = (struct cached){ op, a, b, c, result };
        return result;
}

sc_node sc_decision_ite(struct sc_decisions *d, sc_node cond, sc_node yes, sc_node no)
{
        uint32_t value;
        sc_node found, lo, hi;
        uint16_t var;

        if (cond == SC_NODE_FAILED || yes == SC_NODE_FAILED || no == SC_NODE_FAILED || !may_step(d))
                return SC_NODE_FAILED;
        if (sc_decision_is_leaf(d, cond, &value))
                return value ? yes : no;
        if (yes == no)
                return yes;
        if (cache_get(d, OP_ITE, cond, yes, no, &found))
                return found;
        var = min_var(top(d, cond), min_var(top(d, yes), top(d, no)));
        lo = sc_decision_ite(d, low(d, cond, var), low(d, yes, var), low(d, no, var));
        hi = sc_decision_ite(d, high(d, cond, var), high(d, yes, var), high(d, no, var));
        return cache_put(d, OP_ITE, cond, yes, no, make(d, var, lo, hi));
}

sc_node sc_decision_not(struct sc_decisions *d, sc_node cond)
{
        return sc_decision_ite(d, cond, sc_decision_leaf(d, 0), sc_decision_leaf(d, 1));
}

sc_node sc_decision_and(struct sc_decisions *d, sc_node a, sc_node b)
{
        return sc_decision_ite(d, a, b, sc_decision_leaf(d, 0));
}

sc_node sc_decision_or(struct sc_decisions *d, sc_node a, sc_node b)
{
        return sc_decision_ite(d, a, sc_decision_leaf(d, 1), b);
}

static sc_node apply(struct sc_decisions *d, uint64_t op, sc_combine combine, sc_node a, sc_node b)
{
        uint32_t x, y;
        sc_node found, lo, hi;
        uint16_t var;

        if (a == SC_NODE_FAILED || b == SC_NODE_FAILED || !may_step(d))
                return SC_NODE_FAILED;
        if (sc_decision_is_leaf(d, a, &x) && sc_decision_is_leaf(d, b, &y))
                return sc_decision_leaf(d, combine(x, y));
        if (cache_get(d, op, a, b, 0, &found))
                return found;
        var = min_var(top(d, a), top(d, b));
        lo = apply(d, op, combine, low(d, a, var), low(d, b, var));
        hi = apply(d, op, combine, high(d, a, var), high(d, b, var));
        return cache_put(d, op, a, b, 0, make(d, var, lo, hi));
}

sc_node sc_decision_apply(struct sc_decisions *d, sc_combine combine, sc_node a, sc_node b)
{
        return apply(d, ++d->serial, combine, a, b);
}

static uint32_t combine_equal(uint32_t a, uint32_t b)
{
        return a == b;
}

sc_node sc_decision_where(struct sc_decisions *d, sc_node node, uint32_t value)
{
        return sc_decision_apply(d, combine_equal, node, sc_decision_leaf(d, value));
}

static sc_node fix(struct sc_decisions *d, uint64_t op, sc_node node, enum sc_word word, uint64_t mask, uint64_t value)
{
        sc_node found, lo, hi;
        uint16_t var;

        if (node == SC_NODE_FAILED || !may_step(d))
                return SC_NODE_FAILED;
        var = top(d, node);
        if (var >= word_end(word))
                return node;
        if (var >= decision_words[word].first && mask & bit_of(word, var)) {
                const struct node n = d->nodes[node];

                return fix(d, op, value & bit_of(word, var) ? n.hi : n.lo, word, mask, value);
        }
        if (cache_get(d, op, node, 0, 0, &found))
                return found;
        lo = fix(d, op, low(d, node, var), word, mask, value);
        hi = fix(d, op, high(d, node, var), word, mask, value);
        return cache_put(d, op, node, 0, 0, make(d, var, lo, hi));
}

sc_node sc_decision_fix_bits(struct sc_decisions *d, sc_node node, enum sc_word word, uint64_t mask, uint64_t value)
{
        return fix(d, ++d->serial, node, word, mask, value);
}

sc_node sc_decision_fix(struct sc_decisions *d, sc_node node, enum sc_word word, uint64_t value)
{
        return sc_decision_fix_bits(d, node, word, UINT64_MAX, value);
}

/* A test of one word. All three go through its bits from the most significant; they differ in what a bit tells. */
enum test_kind {
        TEST_EQ,
        TEST_GE,
        TEST_ANY,
};

struct test {
        enum test_kind kind;
        enum sc_word word;
        uint64_t mask;
        uint64_t value;
};

/* The first variable from `var` on where the test has something to look at, or the word's end. */
static uint16_t next_tested(const struct test *t, uint16_t var)
{
        while (var < word_end(t->word) && !(t->mask & bit_of(t->word, var)))
                var++;
        return var;
}

/* What the test says once all of its bits were seen and none decided. */
static sc_node undecided(const struct test *t, sc_node yes, sc_node no)
{
        return t->kind == TEST_ANY ? no : yes;
}

/*
 * The test's outcome from `var` on. As long as `yes` and `no` depend on no variable that the test skips, one path is
 * walked; where they do, the rest of the test becomes a condition and is combined by ite.
 */
static sc_node test_from(struct sc_decisions *d, const struct test *t, uint16_t var, sc_node yes, sc_node no)
{
        sc_node yes0, yes1, no0, no1, rest;
        bool bit;

        if (yes == SC_NODE_FAILED || no == SC_NODE_FAILED || !may_step(d))
                return SC_NODE_FAILED;
        var = next_tested(t, var);
        if (var == word_end(t->word))
                return undecided(t, yes, no);
        if (top(d, yes) < var || top(d, no) < var)
                return sc_decision_ite(
                        d, test_from(d, t, var, sc_decision_leaf(d, 1), sc_decision_leaf(d, 0)), yes, no);
        yes0 = low(d, yes, var), yes1 = high(d, yes, var);
        no0 = low(d, no, var), no1 = high(d, no, var);
        bit = t->value & bit_of(t->word, var);
        if (t->kind == TEST_ANY || (t->kind == TEST_GE && !bit)) {
                rest = test_from(d, t, (uint16_t)(var + 1), yes0, no0);
                return make(d, var, rest, yes1);
        }
        if (bit) {
                rest = test_from(d, t, (uint16_t)(var + 1), yes1, no1);
                return make(d, var, no0, rest);
        }
        rest = test_from(d, t, (uint16_t)(var + 1), yes0, no0);
        return make(d, var, rest, no1);
}

static sc_node test(struct sc_decisions *d, struct test t, sc_node yes, sc_node no)
{
        return test_from(d, &t, decision_words[t.word].first, yes, no);
}

static uint64_t full_mask(enum sc_word word)
{
        return UINT64_MAX >> (64 - decision_words[word].bits);
}

sc_node sc_decision_eq(struct sc_decisions *d, enum sc_word word, uint64_t mask, uint64_t value, sc_node yes,
                       sc_node no)
{
        return test(d, (struct test){ TEST_EQ, word, mask, value }, yes, no);
}

sc_node sc_decision_ge_masked(struct sc_decisions *d, enum sc_word word, uint64_t mask, uint64_t value, sc_node yes,
                              sc_node no)
{
        uint64_t outside;

        mask &= full_mask(word);
        /*
         * Bits of the word outside the mask count as 0, so the highest bit of the value there decides: whatever
         * equals the value above it is less. The least masked value above is then the true bound.
         */
        while ((outside = value & ~mask)) {
                uint64_t bit = UINT64_C(1) << (63 - __builtin_clzll(outside));
                uint64_t above = mask & ~(bit | (bit - 1));
                uint64_t kept = value & above;
                uint64_t next = (kept | ~above) + 1; /* carries through the bits that are not in `above` */

                if (next == 0)
                        return d->error ? SC_NODE_FAILED : no;
                value = next & above;
        }
        return test(d, (struct test){ TEST_GE, word, mask, value }, yes, no);
}

sc_node sc_decision_ge(struct sc_decisions *d, enum sc_word word, uint64_t value, sc_node yes, sc_node no)
{
        return sc_decision_ge_masked(d, word, full_mask(word), value, yes, no);
}

sc_node sc_decision_any(struct sc_decisions *d, enum sc_word word, uint64_t mask, sc_node yes, sc_node no)
{
        return test(d, (struct test){ TEST_ANY, word, mask, 0 }, yes, no);
}

bool sc_decision_is_below(const struct sc_decisions *d, sc_node node, enum sc_word word)
{
        return node != SC_NODE_FAILED && top(d, node) >= word_end(word);
}

int sc_entry_compare(const void *a, const void *b)
{
        uint64_t x = ((const struct sc_entry *)a)->value, y = ((const struct sc_entry *)b)->value;

        return (x > y) - (x < y);
}

/* The entries share all bits before `var`; those with the bit clear come first. */
static sc_node map_from(struct sc_decisions *d, enum sc_word word, uint16_t var, const struct sc_entry *entries,
                        size_t n, sc_node rest)
{
        size_t clear = 0;
        sc_node lo, hi;

        if (n == 0)
                return rest;
        if (var == word_end(word))
                return entries->node;
        while (clear < n && !(entries[clear].value & bit_of(word, var)))
                clear++;
        lo = map_from(d, word, (uint16_t)(var + 1), entries, clear, rest);
        hi = map_from(d, word, (uint16_t)(var + 1), entries + clear, n - clear, rest);
        return make(d, var, lo, hi);
}

sc_node sc_decision_map(struct sc_decisions *d, enum sc_word word, const struct sc_entry *entries, size_t n,
                        sc_node rest)
{
        return d->error ? SC_NODE_FAILED : map_from(d, word, decision_words[word].first, entries, n, rest);
}

/* A node is made after its branches, so ids ascend from the leaves: marks go down from `node`, copies up to it. */
sc_node sc_decision_copy(struct sc_decisions *to, const struct sc_decisions *from, sc_node node)
{
        SC_CLEANUP(sc_freep) sc_node *copies = NULL;

        if (node == SC_NODE_FAILED || to->error)
                return SC_NODE_FAILED;
        copies = calloc((size_t)node + 1, sizeof(*copies));
        if (!copies)
                return sc_decisions_fail(to, -ENOMEM);
        copies[node] = 1;
        for (sc_node i = node; i > 0; i--)
                if (copies[i] && from->nodes[i].var != VAR_LEAF)
                        copies[from->nodes[i].lo] = copies[from->nodes[i].hi] = 1;
        for (sc_node i = 0; i <= node; i++) {
                const struct node *n = &from->nodes[i];

                if (copies[i] && n->var == VAR_LEAF)
                        copies[i] = intern(to, VAR_LEAF, n->lo, 0);
                else if (copies[i])
                        copies[i] = make(to, n->var, copies[n->lo], copies[n->hi]);
        }
        return copies[node];
}

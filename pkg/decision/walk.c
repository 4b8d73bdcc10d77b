/* SPDX-License-Identifier: Apache-2.0 */
/* Reading decisions: values, sizes, witnesses, paths and runs. */
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "decision/internal.h"

#define TESTED_STEPS 1000 /* along paths, before each node is marked instead */

uint32_t sc_decision_eval(const struct sc_decisions *d, sc_node node, const struct sc_input *input)
{
        const struct node *n = &d->nodes[node];

        while (n->var != VAR_LEAF) {
                enum sc_word word = word_of(n->var);

                n = &d->nodes[input->words[word] & bit_of(word, n->var) ? n->hi : n->lo];
        }
        return n->lo;
}

size_t sc_decision_size(const struct sc_decisions *d, sc_node node)
{
        SC_CLEANUP(sc_freep) unsigned char *seen = NULL;
        size_t count = 0;

        if (node == SC_NODE_FAILED)
                return 0;
        seen = calloc(1, (size_t)node + 1);
        if (!seen)
                return 0;
        seen[node] = 1;
        /* a node is made after its children, so one pass downwards reaches all */
        for (size_t i = (size_t)node + 1; i-- > 0;) {
                const struct node *n = &d->nodes[i];

                count += seen[i];
                if (seen[i] && n->var != VAR_LEAF)
                        seen[n->lo] = seen[n->hi] = 1;
        }
        return count;
}

/* Follows every path through the word's bits: quick where they are few. False if there are more than `steps`. */
static bool follow_tested(const struct sc_decisions *d, sc_node node, enum sc_word word, size_t *steps, uint64_t *bits)
{
        const struct node *n = &d->nodes[node];

        if (n->var >= word_end(word))
                return true;
        if (*steps == 0)
                return false;
        --*steps;
        if (n->var >= decision_words[word].first)
                *bits |= bit_of(word, n->var);
        return follow_tested(d, n->lo, word, steps, bits) && follow_tested(d, n->hi, word, steps, bits);
}

int sc_decision_tested(const struct sc_decisions *d, sc_node node, enum sc_word word, uint64_t *ret_bits)
{
        SC_CLEANUP(sc_freep) unsigned char *seen = NULL;
        size_t steps = TESTED_STEPS;
        uint64_t bits = 0;

        if (node == SC_NODE_FAILED)
                return d->error;
        if (!follow_tested(d, node, word, &steps, &bits)) {
                seen = calloc(1, (size_t)node + 1);
                if (!seen)
                        return -ENOMEM;
                seen[node] = 1;
                for (size_t i = (size_t)node + 1; i-- > 0;) { /* as above */
                        const struct node *n = &d->nodes[i];

                        if (!seen[i] || n->var >= word_end(word))
                                continue;
                        if (n->var >= decision_words[word].first)
                                bits |= bit_of(word, n->var);
                        seen[n->lo] = seen[n->hi] = 1;
                }
        }
        *ret_bits = bits;
        return 0;
}

bool sc_decision_witness(const struct sc_decisions *d, sc_node a, sc_node b, struct sc_input *ret_input)
{
        struct sc_input input = { 0 };

        if (a == b || a == SC_NODE_FAILED || b == SC_NODE_FAILED)
                return false;
        /* different nodes differ somewhere below: follow a side on which they still do */
        while (top(d, a) != VAR_LEAF || top(d, b) != VAR_LEAF) {
                uint16_t var = min_var(top(d, a), top(d, b));
                enum sc_word word = word_of(var);

                if (low(d, a, var) != low(d, b, var)) {
                        a = low(d, a, var), b = low(d, b, var);
                } else {
                        a = high(d, a, var), b = high(d, b, var);
                        input.words[word] |= bit_of(word, var);
                }
        }
        *ret_input = input;
        return true;
}

static int walk_paths(const struct sc_decisions *d, sc_node node, struct sc_path *path, sc_path_visit visit, void *data)
{
        const struct node *n = &d->nodes[node];
        enum sc_word word;
        uint64_t bit;
        int r;

        if (n->var == VAR_LEAF) {
                path->leaf = n->lo;
                return visit(path, data);
        }
        word = word_of(n->var);
        bit = bit_of(word, n->var);
        path->masks[word] |= bit;
        r = walk_paths(d, n->lo, path, visit, data);
        if (r == 0) {
                path->values[word] |= bit;
                r = walk_paths(d, n->hi, path, visit, data);
                path->values[word] &= ~bit;
        }
        path->masks[word] &= ~bit;
        return r;
}

int sc_decision_paths(const struct sc_decisions *d, sc_node node, sc_path_visit visit, void *data)
{
        struct sc_path path = { 0 };

        if (node == SC_NODE_FAILED)
                return d->error ? d->error : -EINVAL;
        return walk_paths(d, node, &path, visit, data);
}

/* The run that is being put together while the word's values are walked in order. */
struct run {
        sc_run_visit visit;
        void *data;
        uint64_t first;
        uint64_t last;
        sc_node node; /* SC_NODE_FAILED: none yet */
};

static int extend_run(struct run *run, uint64_t first, uint64_t last, sc_node node)
{
        int r = 0;

        if (run->node == node) {
                run->last = last;
                return 0;
        }
        if (run->node != SC_NODE_FAILED)
                r = run->visit(run->first, run->last, run->node, run->data);
        run->first = first;
        run->last = last;
        run->node = node;
        return r;
}

static int walk_runs(const struct sc_decisions *d, sc_node node, enum sc_word word, uint16_t var, uint64_t first,
                     struct run *run)
{
        uint64_t size = var < word_end(word) ? (bit_of(word, var) << 1) - 1 : 0; /* values below, less one */
        int r;

        if (top(d, node) >= word_end(word))
                return extend_run(run, first, first + size, node);
        r = walk_runs(d, low(d, node, var), word, (uint16_t)(var + 1), first, run);
        if (r == 0)
                r = walk_runs(d, high(d, node, var), word, (uint16_t)(var + 1), first | bit_of(word, var), run);
        return r;
}

int sc_decision_runs(const struct sc_decisions *d, sc_node node, enum sc_word word, sc_run_visit visit, void *data)
{
        struct run run = { .visit = visit, .data = data, .node = SC_NODE_FAILED };
        int r;

        if (node == SC_NODE_FAILED)
                return d->error ? d->error : -EINVAL;
        if (top(d, node) < decision_words[word].first)
                return -EINVAL;
        r = walk_runs(d, node, word, decision_words[word].first, 0, &run);
        return r ? r : visit(run.first, run.last, run.node, data);
}

struct kept_run {
        uint64_t last;
        sc_node node;
};

/* The runs of one node, kept. */
struct kept_runs {
        struct kept_run *items;
        size_t n, cap;
};

static void kept_runs_done(struct kept_runs *runs)
{
        free(runs->items);
}

static int keep_run(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct kept_runs *runs = data;
        struct kept_run *items = sc_grow(runs->items, runs->n, &runs->cap, sizeof(*items));

        (void)first;
        if (!items)
                return -ENOMEM;
        runs->items = items;
        items[runs->n++] = (struct kept_run){ last, node };
        return 0;
}

int sc_decision_run_pairs(const struct sc_decisions *d, sc_node a, sc_node b, enum sc_word word,
                          sc_run_pair_visit visit, void *data)
{
        SC_CLEANUP(kept_runs_done) struct kept_runs of_a = { 0 };
        SC_CLEANUP(kept_runs_done) struct kept_runs of_b = { 0 };
        uint64_t first = 0;
        int r = sc_decision_runs(d, a, word, keep_run, &of_a);

        if (r == 0)
                r = sc_decision_runs(d, b, word, keep_run, &of_b);
        for (size_t i = 0, k = 0; r == 0 && i < of_a.n && k < of_b.n;) {
                uint64_t last_a = of_a.items[i].last, last_b = of_b.items[k].last;
                uint64_t last = last_a < last_b ? last_a : last_b;

                r = visit(first, last, of_a.items[i].node, of_b.items[k].node, data);
                first = last + 1;
                i += last_a == last;
                k += last_b == last;
        }
        return r;
}

bool sc_decision_split(const struct sc_decisions *d, sc_node node, enum sc_word *ret_word, uint64_t *ret_bit,
                       sc_node *ret_clear, sc_node *ret_set)
{
        const struct node *n;

        if (node == SC_NODE_FAILED || top(d, node) == VAR_LEAF)
                return false;
        n = &d->nodes[node];
        *ret_word = word_of(n->var);
        *ret_bit = bit_of(*ret_word, n->var);
        *ret_clear = n->lo;
        *ret_set = n->hi;
        return true;
}

sc_node sc_decision_side(const struct sc_decisions *d, sc_node node, enum sc_word word, uint64_t bit, bool set)
{
        uint16_t var = (uint16_t)(word_end(word) - 1 - __builtin_ctzll(bit));

        if (node == SC_NODE_FAILED)
                return node;
        return set ? high(d, node, var) : low(d, node, var);
}

int sc_decision_order(const struct sc_decisions *d, sc_node a, sc_node b)
{
        return (top(d, a) > top(d, b)) - (top(d, a) < top(d, b));
}

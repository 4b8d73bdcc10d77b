/* SPDX-License-Identifier: Apache-2.0 */
/* Irredundant covers by the recursion of Minato and Morreale, between a lower and an upper bound. */
#include "decision/cover.h"

#include <errno.h>
#include <stdlib.h>

#include "base/util.h"

struct cover {
        struct sc_decisions *d;
        sc_node none, all; /* the constant conditions */
        struct sc_path cube; /* the bits fixed on the way down */
        struct sc_path *cubes;
        size_t n;
        size_t cap;
        size_t max;
        int error;
};

static int add_cube(struct cover *c)
{
        struct sc_path *cubes;

        if (c->n >= c->max)
                return -E2BIG;
        cubes = sc_grow(c->cubes, c->n, &c->cap, sizeof(*cubes));
        if (!cubes)
                return -ENOMEM;
        c->cubes = cubes;
        cubes[c->n] = c->cube;
        cubes[c->n++].leaf = 1;
        return 0;
}

static sc_node minus(const struct cover *c, sc_node a, sc_node b)
{
        return sc_decision_ite(c->d, b, c->none, a);
}

static sc_node either(const struct cover *c, sc_node a, sc_node b)
{
        return sc_decision_ite(c->d, a, c->all, b);
}

static sc_node between(struct cover *c, sc_node lower, sc_node upper);

/* Covers one side of a bit; the bit is part of the cubes found there. */
static sc_node on_side(struct cover *c, enum sc_word word, uint64_t bit, bool set, sc_node lower, sc_node upper)
{
        sc_node node;

        c->cube.masks[word] |= bit;
        if (set)
                c->cube.values[word] |= bit;
        node = between(c, lower, upper);
        c->cube.masks[word] &= ~bit;
        c->cube.values[word] &= ~bit;
        return node;
}

/* Finds cubes that hold wherever `lower` does and nowhere that `upper` does not; returns what they cover. */
static sc_node between(struct cover *c, sc_node lower, sc_node upper)
{
        struct sc_decisions *d = c->d;
        sc_node lower0, lower1, upper0, upper1, side0, side1, both, clear, set;
        enum sc_word word;
        uint64_t bit;

        if (c->error || lower == SC_NODE_FAILED || upper == SC_NODE_FAILED)
                return SC_NODE_FAILED;
        if (lower == c->none)
                return c->none;
        if (upper == c->all) {
                c->error = add_cube(c);
                return c->all;
        }
        sc_decision_split(d, sc_decision_order(d, lower, upper) <= 0 ? lower : upper, &word, &bit, &clear, &set);
        lower0 = sc_decision_side(d, lower, word, bit, false), lower1 = sc_decision_side(d, lower, word, bit, true);
        upper0 = sc_decision_side(d, upper, word, bit, false), upper1 = sc_decision_side(d, upper, word, bit, true);
        /* what only one side may have, then what is left to cubes that do not test the bit */
        side0 = on_side(c, word, bit, false, minus(c, lower0, upper1), upper0);
        side1 = on_side(c, word, bit, true, minus(c, lower1, upper0), upper1);
        both = between(c, either(c, minus(c, lower0, side0), minus(c, lower1, side1)),
                       sc_decision_ite(d, upper0, upper1, c->none));
        return sc_decision_any(d, word, bit, either(c, side1, both), either(c, side0, both));
}

int sc_decision_cover(struct sc_decisions *d, sc_node cond, size_t max, struct sc_path **ret_cubes, size_t *ret_n)
{
        struct cover c = { .d = d, .none = sc_decision_leaf(d, 0), .all = sc_decision_leaf(d, 1), .max = max };
        sc_node covered = between(&c, cond, cond);

        if (!c.error)
                c.error = sc_decisions_error(d);
        if (!c.error && covered != cond)
                c.error = -EINVAL; /* a leaf other than 0 and 1 */
        if (c.error) {
                free(c.cubes);
                return c.error;
        }
        *ret_cubes = c.cubes;
        *ret_n = c.n;
        return 0;
}

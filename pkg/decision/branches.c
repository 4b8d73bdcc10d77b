/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs that take every branch of a diagram. A node is reached by the branch by which it was first seen; behind it,
 * branches that no input has taken yet are taken first. So there are few inputs: at most one for each branch.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "decision/internal.h"

enum {
        SEEN = 1 << 0,
        BY_HIGH = 1 << 1,    /* it was first seen as its parent's high branch */
        LOW_TAKEN = 1 << 2,  /* by an input */
        HIGH_TAKEN = 1 << 3,
};

struct mark {
        sc_node parent;
        unsigned char flags;
};

struct branches {
        const struct sc_decisions *d;
        uint16_t end; /* variables from here on are not looked at */
        struct mark *marks; /* by node */
        sc_node *queue;     /* the nodes in the order in which they are seen: after their parents */
        size_t n_queue, cap_queue;
        struct sc_input input;
};

static bool is_inner(const struct branches *b, sc_node node)
{
        return top(b->d, node) < b->end;
}

static int see(struct branches *b, sc_node node, sc_node parent, bool high)
{
        sc_node *queue;

        if (!is_inner(b, node) || b->marks[node].flags & SEEN)
                return 0;
        queue = sc_grow(b->queue, b->n_queue, &b->cap_queue, sizeof(*queue));
        if (!queue)
                return -ENOMEM;
        b->queue = queue;
        b->queue[b->n_queue++] = node;
        b->marks[node] = (struct mark){ parent, high ? SEEN | BY_HIGH : SEEN };
        return 0;
}

static int see_all(struct branches *b, sc_node root)
{
        int r = see(b, root, root, false);

        for (size_t i = 0; i < b->n_queue && r == 0; i++) {
                const struct node *n = &b->d->nodes[b->queue[i]];

                r = see(b, n->lo, b->queue[i], false);
                if (r == 0)
                        r = see(b, n->hi, b->queue[i], true);
        }
        return r;
}

/* Puts a branch into the input. */
static void take(struct branches *b, sc_node node, bool high)
{
        uint16_t var = top(b->d, node);
        enum sc_word word = word_of(var);

        b->marks[node].flags |= high ? HIGH_TAKEN : LOW_TAKEN;
        b->input.words[word] &= ~bit_of(word, var);
        if (high)
                b->input.words[word] |= bit_of(word, var);
}

/* The input that comes to a node and goes on by one branch. */
static void make_input(struct branches *b, sc_node root, sc_node node, bool high)
{
        for (sc_node at = node; at != root; at = b->marks[at].parent)
                take(b, b->marks[at].parent, b->marks[at].flags & BY_HIGH);
        while (is_inner(b, node)) {
                take(b, node, high);
                node = high ? b->d->nodes[node].hi : b->d->nodes[node].lo;
                high = is_inner(b, node) && b->marks[node].flags & LOW_TAKEN && !(b->marks[node].flags & HIGH_TAKEN);
        }
}

static int visit_all(struct branches *b, sc_node root, const struct sc_input *base, sc_input_visit visit, void *data)
{
        int r = 0;

        for (size_t i = 0; i < b->n_queue; i++)
                for (int high = 0; high < 2 && r == 0; high++) {
                        if (b->marks[b->queue[i]].flags & (high ? HIGH_TAKEN : LOW_TAKEN))
                                continue;
                        b->input = *base;
                        make_input(b, root, b->queue[i], high);
                        r = visit(&b->input, data);
                }
        return r;
}

int sc_decision_branches(const struct sc_decisions *d, sc_node node, enum sc_word last, const struct sc_input *base,
                         sc_input_visit visit, void *data)
{
        struct branches b = { .d = d, .end = word_end(last) };
        int r;

        if (node == SC_NODE_FAILED)
                return d->error ? d->error : -EINVAL;
        if (!is_inner(&b, node))
                return visit(base, data);
        b.marks = calloc((size_t)node + 1, sizeof(*b.marks)); /* no node below was made later */
        r = b.marks ? see_all(&b, node) : -ENOMEM;
        if (r == 0)
                r = visit_all(&b, node, base, visit, data);
        free(b.marks);
        free(b.queue);
        return r;
}

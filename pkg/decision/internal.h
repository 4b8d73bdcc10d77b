/* SPDX-License-Identifier: Apache-2.0 */
/* How decisions are stored; for the files of this room only. */
#pragma once

#include "decision/decision.h"

#define VAR_LEAF UINT16_MAX /* greater than every variable, so leaves come last in the order */

struct node {
        uint32_t lo; /* function where the variable is 0; a leaf's value */
        uint32_t hi;
        uint16_t var;
};

struct cached;

struct sc_decisions {
        struct node *nodes;
        size_t n_nodes;
        size_t cap_nodes;
        size_t max_nodes;
        uint32_t *table; /* open addressing, ids of nodes */
        size_t table_size;
        struct cached *cache;
        size_t cache_size;
        uint64_t serial; /* a new one for each operation that is not told apart by a, b and c */
        uint64_t steps;
        int error;
};

/* Where a word's bits stand in the order of variables. */
extern const struct word_place {
        uint16_t first;
        uint16_t bits;
} decision_words[SC_WORD_COUNT + 1];

static inline uint16_t word_end(enum sc_word word)
{
        return (uint16_t)(decision_words[word].first + decision_words[word].bits);
}

static inline enum sc_word word_of(uint16_t var)
{
        enum sc_word word = SC_WORD_ARCH;

        while (var >= word_end(word))
                word++;
        return word;
}

/* The bit that a variable of the word is, as a mask. */
static inline uint64_t bit_of(enum sc_word word, uint16_t var)
{
        return UINT64_C(1) << (word_end(word) - 1 - var);
}

/* The first variable that a function depends on; VAR_LEAF if it is constant. */
static inline uint16_t top(const struct sc_decisions *d, sc_node node)
{
        return d->nodes[node].var;
}

/* The function where a variable, the first that it may depend on, is 0 or 1. */
static inline sc_node low(const struct sc_decisions *d, sc_node node, uint16_t var)
{
        return d->nodes[node].var == var ? d->nodes[node].lo : node;
}

static inline sc_node high(const struct sc_decisions *d, sc_node node, uint16_t var)
{
        return d->nodes[node].var == var ? d->nodes[node].hi : node;
}

static inline uint16_t min_var(uint16_t a, uint16_t b)
{
        return a < b ? a : b;
}

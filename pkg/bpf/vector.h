/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of 32 bits that depend on the input: a condition for each bit. For the files of this room only. Where an
 * arena fails, so do all bits that are made in it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "decision/decision.h"

#define VECTOR_BITS 32

struct vector {
        sc_node bits[VECTOR_BITS]; /* the least significant first; leaves 0 and 1 */
};

struct vector vector_constant(struct sc_decisions *d, uint32_t value);

/* 32 bits of an input word, taken down by `shift`. */
struct vector vector_word(struct sc_decisions *d, enum sc_word word, unsigned shift);

/* True, with the value, if no bit depends on the input. */
bool vector_is_constant(const struct sc_decisions *d, const struct vector *v, uint32_t *ret_value);

/* What a BPF_ALU instruction's operation (BPF_OP) makes of two numbers. Quotients by 0 are of no meaning. */
struct vector vector_alu(struct sc_decisions *d, unsigned op, const struct vector *a, const struct vector *b);

/* Where a BPF_JMP instruction's test (BPF_OP: JEQ, JGT, JGE, JSET) holds for two numbers. */
sc_node vector_test(struct sc_decisions *d, unsigned op, const struct vector *a, const struct vector *b);

/* The function whose leaves are the number's values. */
sc_node vector_leaves(struct sc_decisions *d, const struct vector *v);

/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic on conditions, as one would wire it. Bits are combined from the last on, as decisions test the first. */
#include "bpf/vector.h"

#include <linux/filter.h>

static sc_node zero(struct sc_decisions *d)
{
        return sc_decision_leaf(d, 0);
}

static sc_node bit_xor(struct sc_decisions *d, sc_node a, sc_node b)
{
        return sc_decision_ite(d, a, sc_decision_not(d, b), b);
}

struct vector vector_constant(struct sc_decisions *d, uint32_t value)
{
        struct vector v;

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                v.bits[i] = sc_decision_leaf(d, value >> i & 1);
        return v;
}

struct vector vector_word(struct sc_decisions *d, enum sc_word word, unsigned shift)
{
        struct vector v;

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                v.bits[i] = sc_decision_any(d, word, UINT64_C(1) << (i + shift), sc_decision_leaf(d, 1), zero(d));
        return v;
}

bool vector_is_constant(const struct sc_decisions *d, const struct vector *v, uint32_t *ret_value)
{
        uint32_t value = 0, bit;

        for (unsigned i = 0; i < VECTOR_BITS; i++) {
                if (!sc_decision_is_leaf(d, v->bits[i], &bit))
                        return false;
                value |= bit << i;
        }
        *ret_value = value;
        return true;
}

static struct vector complement(struct sc_decisions *d, const struct vector *a)
{
        struct vector v;

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                v.bits[i] = sc_decision_not(d, a->bits[i]);
        return v;
}

/* a + b + carry; returns the carry out of the highest bit. */
static sc_node add(struct sc_decisions *d, const struct vector *a, const struct vector *b, uint32_t carry_in,
                   struct vector *ret_sum)
{
        sc_node carry = sc_decision_leaf(d, carry_in);
        struct vector sum;

        for (unsigned i = 0; i < VECTOR_BITS; i++) {
                sc_node half = bit_xor(d, a->bits[i], b->bits[i]);

                sum.bits[i] = bit_xor(d, half, carry);
                carry = sc_decision_ite(d, half, carry, a->bits[i]);
        }
        *ret_sum = sum;
        return carry;
}

/* a - b; returns where a >= b. */
static sc_node subtract(struct sc_decisions *d, const struct vector *a, const struct vector *b, struct vector *ret_rest)
{
        const struct vector inverse = complement(d, b);

        return add(d, a, &inverse, 1, ret_rest);
}

/* Where a >= b: the carry of subtract(), without the difference. */
static sc_node at_least(struct sc_decisions *d, const struct vector *a, const struct vector *b)
{
        sc_node ge = sc_decision_leaf(d, 1);

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                ge = sc_decision_ite(d, bit_xor(d, a->bits[i], b->bits[i]), a->bits[i], ge);
        return ge;
}

static struct vector choose(struct sc_decisions *d, sc_node cond, const struct vector *yes, const struct vector *no)
{
        struct vector v;

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                v.bits[i] = sc_decision_ite(d, cond, yes->bits[i], no->bits[i]);
        return v;
}

static struct vector shift_left(struct sc_decisions *d, const struct vector *a, unsigned by)
{
        struct vector v;

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                v.bits[i] = i < by ? zero(d) : a->bits[i - by];
        return v;
}

static struct vector shift_right(struct sc_decisions *d, const struct vector *a, unsigned by)
{
        struct vector v;

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                v.bits[i] = i + by < VECTOR_BITS ? a->bits[i + by] : zero(d);
        return v;
}

/* The kernel looks at the lowest five bits of a shift. */
static struct vector shift(struct sc_decisions *d, bool left, struct vector a, const struct vector *by)
{
        for (unsigned i = 0; i < 5; i++) {
                struct vector moved = left ? shift_left(d, &a, 1u << i) : shift_right(d, &a, 1u << i);

                a = choose(d, by->bits[i], &moved, &a);
        }
        return a;
}

static struct vector multiply(struct sc_decisions *d, const struct vector *a, const struct vector *b)
{
        struct vector product = vector_constant(d, 0);
        uint32_t value;

        if (vector_is_constant(d, a, &value) && !vector_is_constant(d, b, &value))
                return multiply(d, b, a); /* what is not added costs nothing */
        for (unsigned i = 0; i < VECTOR_BITS; i++) {
                struct vector part = shift_left(d, a, i), sum;

                if (b->bits[i] == zero(d))
                        continue;
                add(d, &product, &part, 0, &sum);
                product = choose(d, b->bits[i], &sum, &product);
        }
        return product;
}

/* As on paper: bit by bit into the rest, from which the divisor is taken where it goes. */
static struct vector divide(struct sc_decisions *d, const struct vector *a, const struct vector *b)
{
        struct vector quotient, rest = vector_constant(d, 0), less;

        for (unsigned i = VECTOR_BITS; i-- > 0;) {
                sc_node carried = rest.bits[VECTOR_BITS - 1], goes;

                rest = shift_left(d, &rest, 1);
                rest.bits[0] = a->bits[i];
                goes = sc_decision_or(d, carried, subtract(d, &rest, b, &less));
                rest = choose(d, goes, &less, &rest);
                quotient.bits[i] = goes;
        }
        return quotient;
}

static struct vector bitwise(struct sc_decisions *d, unsigned op, const struct vector *a, const struct vector *b)
{
        struct vector v;

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                v.bits[i] = op == BPF_AND ? sc_decision_and(d, a->bits[i], b->bits[i]) :
                            op == BPF_OR  ? sc_decision_or(d, a->bits[i], b->bits[i]) :
                                            bit_xor(d, a->bits[i], b->bits[i]);
        return v;
}

struct vector vector_alu(struct sc_decisions *d, unsigned op, const struct vector *a, const struct vector *b)
{
        const struct vector nothing = vector_constant(d, 0);
        struct vector v;

        switch (op) {
        case BPF_ADD:
                add(d, a, b, 0, &v);
                return v;
        case BPF_SUB:
                subtract(d, a, b, &v);
                return v;
        case BPF_NEG:
                subtract(d, &nothing, a, &v);
                return v;
        case BPF_MUL:
                return multiply(d, a, b);
        case BPF_DIV:
                return divide(d, a, b);
        case BPF_LSH:
                return shift(d, true, *a, b);
        case BPF_RSH:
                return shift(d, false, *a, b);
        default: /* BPF_AND, BPF_OR, BPF_XOR */
                return bitwise(d, op, a, b);
        }
}

static sc_node equal(struct sc_decisions *d, const struct vector *a, const struct vector *b)
{
        sc_node eq = sc_decision_leaf(d, 1);

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                eq = sc_decision_ite(d, bit_xor(d, a->bits[i], b->bits[i]), zero(d), eq);
        return eq;
}

static sc_node any_common(struct sc_decisions *d, const struct vector *a, const struct vector *b)
{
        sc_node any = zero(d);

        for (unsigned i = 0; i < VECTOR_BITS; i++)
                any = sc_decision_or(d, sc_decision_and(d, a->bits[i], b->bits[i]), any);
        return any;
}

sc_node vector_test(struct sc_decisions *d, unsigned op, const struct vector *a, const struct vector *b)
{
        switch (op) {
        case BPF_JEQ:
                return equal(d, a, b);
        case BPF_JGE:
                return at_least(d, a, b);
        case BPF_JGT:
                return sc_decision_not(d, at_least(d, b, a));
        default: /* BPF_JSET */
                return any_common(d, a, b);
        }
}

static uint32_t set_bits(uint32_t a, uint32_t b)
{
        return a | b;
}

sc_node vector_leaves(struct sc_decisions *d, const struct vector *v)
{
        sc_node node = zero(d);

        for (unsigned i = 0; i < VECTOR_BITS; i++) {
                sc_node with = sc_decision_apply(d, set_bits, node, sc_decision_leaf(d, UINT32_C(1) << i));

                node = sc_decision_ite(d, v->bits[i], with, node);
        }
        return node;
}

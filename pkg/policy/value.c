/* SPDX-License-Identifier: Apache-2.0 */
/* What the values of conditions are on an ABI, and how they fit into an argument. */
#include <errno.h>
#include <string.h>

#include "policy/value.h"
#include "syscall/constant.h"

static struct number negate(struct number n)
{
        uint64_t bits = ~n.bits + 1;

        if (n.sign == NUMBER_COMPLEMENT)
                return (struct number){ bits, NUMBER_PLAIN };
        return (struct number){ bits, bits && n.sign == NUMBER_PLAIN ? NUMBER_NEGATIVE : NUMBER_PLAIN };
}

static struct number complement(struct number n)
{
        return (struct number){ ~n.bits, n.sign == NUMBER_PLAIN ? NUMBER_COMPLEMENT : NUMBER_PLAIN };
}

/* The bits above what was written are ones if either side's are ('|'), or both sides' ('&'). */
static struct number unite(struct number a, struct number b)
{
        bool ones = a.sign != NUMBER_PLAIN || b.sign != NUMBER_PLAIN;

        return (struct number){ a.bits | b.bits, ones ? NUMBER_COMPLEMENT : NUMBER_PLAIN };
}

static struct number intersect(struct number a, struct number b)
{
        bool ones = a.sign != NUMBER_PLAIN && b.sign != NUMBER_PLAIN;

        return (struct number){ a.bits & b.bits, ones ? NUMBER_COMPLEMENT : NUMBER_PLAIN };
}

int value_on(const struct sc_value *value, const struct sc_abi *abi, struct number *ret_number,
             const struct sc_value **ret_missing)
{
        struct number left = { 0 }, right = { 0 };
        int64_t constant;

        if (value->left && value_on(value->left, abi, &left, ret_missing) < 0)
                return -ENOENT;
        if (value->right && value_on(value->right, abi, &right, ret_missing) < 0)
                return -ENOENT;
        switch (value->kind) {
        case SC_VALUE_CONSTANT:
                if (sc_constant_find(value->name, strlen(value->name), abi, &constant) < 0) {
                        *ret_missing = value;
                        return -ENOENT;
                }
                *ret_number = (struct number){ (uint64_t)constant, constant < 0 ? NUMBER_NEGATIVE : NUMBER_PLAIN };
                break;
        case SC_VALUE_NUMBER:
                *ret_number = (struct number){ value->number, NUMBER_PLAIN };
                break;
        case SC_VALUE_MINUS:
                *ret_number = negate(left);
                break;
        case SC_VALUE_NOT:
                *ret_number = complement(left);
                break;
        case SC_VALUE_OR:
                *ret_number = unite(left, right);
                break;
        case SC_VALUE_AND:
                *ret_number = intersect(left, right);
                break;
        }
        return 0;
}

bool value_fits(struct number number, unsigned bits, uint64_t *ret_bits)
{
        uint64_t max = UINT64_MAX >> (64 - bits), above = number.bits & ~max;

        *ret_bits = number.bits & max;
        if (number.sign == NUMBER_NEGATIVE)
                return number.bits >> (bits - 1) == UINT64_MAX >> (bits - 1);
        return above == (number.sign == NUMBER_COMPLEMENT ? ~max : 0);
}

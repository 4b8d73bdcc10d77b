/* SPDX-License-Identifier: Apache-2.0 */
/* Values of conditions: numbers that remember what stands above their 64 bits. */
#pragma once

#include "policy/policy.h"

/* What a number's bits above those that were written are: zeros, or ones. */
enum number_sign {
        NUMBER_PLAIN,      /* zeros: 4, AF_UNIX */
        NUMBER_NEGATIVE,   /* ones: -1, AT_FDCWD */
        NUMBER_COMPLEMENT, /* ones: ~4, as far as there are bits */
};

struct number {
        uint64_t bits;
        enum number_sign sign;
};

/* The value on an ABI; -ENOENT, with the constant, if it has one that the ABI does not have. */
int value_on(const struct sc_value *value, const struct sc_abi *abi, struct number *ret_number,
             const struct sc_value **ret_missing);

/* Cuts a number to `bits` bits, 1 to 64; false if that changes its value: 256 in 8 bits, -129 in 8 bits. */
bool value_fits(struct number number, unsigned bits, uint64_t *ret_bits);

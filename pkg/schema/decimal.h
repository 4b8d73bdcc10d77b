/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers of any length by their text: exact order, equality and divisibility without arithmetic on them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ±D × 10^exponent, where D are the `n` digits in `digits`, `len` bytes of the text with perhaps a point among them;
 * neither the first nor the last digit is 0. Zero has no digits. Equal numbers have equal digits and exponents.
 */
struct sc_decimal {
        const char *digits;
        size_t len;
        size_t n;
        int64_t exponent;
        bool negative; /* never of zero */
};

/* Reads a number as JSON writes it. Returns 0; -ERANGE if its exponent is beyond SC_SCHEMA_EXPONENT_MAX. */
int sc_decimal_read(const char *text, size_t len, struct sc_decimal *ret);

/* Below 0, 0, above 0, as a is to b. */
int sc_decimal_compare(const struct sc_decimal *a, const struct sc_decimal *b);

bool sc_decimal_is_integer(const struct sc_decimal *d);

/* Whether `d` is a multiple of the divisor, which is above 0 and has SC_SCHEMA_DIVISOR_DIGITS_MAX digits at most. */
bool sc_decimal_is_multiple(const struct sc_decimal *d, const struct sc_decimal *divisor);

/* The value of an integer not below 0; UINT64_MAX for larger ones. Returns 0; -EINVAL if it is none. */
int sc_decimal_u64(const struct sc_decimal *d, uint64_t *ret_value);

/* The same for equal numbers. */
uint64_t sc_decimal_hash(const struct sc_decimal *d);

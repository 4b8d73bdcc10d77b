/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers: the significant digits and the power of ten of the last of them. */
#include "schema/decimal.h"

#include <errno.h>

#include "schema/internal.h"

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* The exponent behind the "e", which is left out if the number has none. */
static int read_exponent(const char *text, const char *end, int64_t *ret_exponent)
{
        bool negative = false, over = false;
        int64_t value = 0;

        if (text < end)
                text++;
        if (text < end && (*text == '+' || *text == '-'))
                negative = *text++ == '-';
        for (; text < end; text++) {
                value = over ? value : value * 10 + (*text - '0');
                over |= value > SC_SCHEMA_EXPONENT_MAX;
        }
        *ret_exponent = negative ? -value : value;
        return over ? -ERANGE : 0;
}

int sc_decimal_read(const char *text, size_t len, struct sc_decimal *ret)
{
        struct sc_decimal d = { .negative = len && text[0] == '-' };
        const char *end = text + len, *p = text + d.negative, *last = NULL;
        size_t ordinal = 0, first_ordinal = 0, last_ordinal = 0, before_point = SIZE_MAX;
        int64_t exponent;
        int r;

        for (; p < end && *p != 'e' && *p != 'E'; p++) {
                if (!is_digit(*p)) {
                        before_point = ordinal;
                        continue;
                }
                if (*p != '0') {
                        first_ordinal = last ? first_ordinal : ordinal;
                        d.digits = last ? d.digits : p;
                        last = p;
                        last_ordinal = ordinal;
                }
                ordinal++;
        }
        if (!last) {
                *ret = (struct sc_decimal){ .digits = text };
                return 0;
        }
        r = read_exponent(p, end, &exponent);
        if (r < 0)
                return r;
        if (before_point == SIZE_MAX)
                before_point = ordinal;
        d.len = (size_t)(last - d.digits) + 1;
        d.n = last_ordinal - first_ordinal + 1;
        d.exponent = exponent + (int64_t)before_point - 1 - (int64_t)last_ordinal;
        *ret = d;
        return 0;
}

/* The next digit, the point left out; 0 behind the last one. */
static int next_digit(const struct sc_decimal *d, size_t *at)
{
        if (*at < d->len && d->digits[*at] == '.')
                ++*at;
        return *at < d->len ? d->digits[(*at)++] - '0' : 0;
}

static int compare_magnitudes(const struct sc_decimal *a, const struct sc_decimal *b)
{
        int64_t a_top = a->exponent + (int64_t)a->n, b_top = b->exponent + (int64_t)b->n;
        size_t i = 0, j = 0;

        if (!a->n || !b->n)
                return (a->n > 0) - (b->n > 0);
        if (a_top != b_top)
                return a_top > b_top ? 1 : -1;
        while (i < a->len || j < b->len) {
                int d = next_digit(a, &i) - next_digit(b, &j);

                if (d)
                        return d;
        }
        return 0;
}

int sc_decimal_compare(const struct sc_decimal *a, const struct sc_decimal *b)
{
        if (a->negative != b->negative)
                return a->negative ? -1 : 1;
        return a->negative ? compare_magnitudes(b, a) : compare_magnitudes(a, b);
}

bool sc_decimal_is_integer(const struct sc_decimal *d)
{
        return !d->n || d->exponent >= 0;
}

static uint64_t small_digits(const struct sc_decimal *d)
{
        uint64_t value = 0;

        for (size_t at = 0; at < d->len;)
                value = value * 10 + (uint64_t)next_digit(d, &at);
        return value;
}

/* Takes a prime out of `value` `times` times at most. */
static uint64_t without_factor(uint64_t value, uint64_t prime, int64_t times)
{
        for (; times > 0 && value % prime == 0; times--)
                value /= prime;
        return value;
}

bool sc_decimal_is_multiple(const struct sc_decimal *d, const struct sc_decimal *divisor)
{
        int64_t tens = d->exponent - divisor->exponent;
        uint64_t m, rest = 0;

        if (!d->n || !divisor->n)
                return !d->n;
        /* D would have to be a multiple of ten, and its last digit is not 0 */
        if (tens < 0)
                return false;
        /* D × 10^tens is a multiple of m if D is one of what is left of m without those twos and fives */
        m = without_factor(without_factor(small_digits(divisor), 2, tens), 5, tens);
        if (m <= 1)
                return true;
        for (size_t at = 0; at < d->len;)
                rest = (rest * 10 + (uint64_t)next_digit(d, &at)) % m;
        return rest == 0;
}

int sc_decimal_u64(const struct sc_decimal *d, uint64_t *ret_value)
{
        uint64_t value = 0;
        size_t at = 0;

        if (d->negative || !sc_decimal_is_integer(d))
                return -EINVAL;
        for (int64_t left = d->n ? d->exponent + (int64_t)d->n : 0; left > 0; left--)
                if (sc_mul_overflows(value, (uint64_t)10, &value) ||
                    sc_add_overflows(value, (uint64_t)next_digit(d, &at), &value)) {
                        value = UINT64_MAX;
                        break;
                }
        *ret_value = value;
        return 0;
}

uint64_t sc_decimal_hash(const struct sc_decimal *d)
{
        uint64_t hash = sc_schema_hash_word(SC_SCHEMA_HASH_BEGIN, (uint64_t)d->exponent * 2 + d->negative);

        for (size_t at = 0; at < d->len;)
                hash = sc_schema_hash_word(hash, (uint64_t)next_digit(d, &at));
        return hash;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Equality of values: numbers by value, strings by bytes, members in any order. Values are SC_JSON_DEPTH_MAX deep. */
#include <string.h>

#include "schema/internal.h"

bool sc_schema_same_text(const struct sc_json *a, const struct sc_json *b)
{
        return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

bool sc_schema_number(const struct sc_json *value, struct sc_decimal *ret, struct sc_schema_meter *meter)
{
        if (!sc_schema_spend(meter, 1 + value->len / 16))
                return false;
        if (sc_decimal_read(value->text, value->len, ret) < 0) {
                meter->limit = "the exponent of this number is beyond what is compared";
                return false;
        }
        return true;
}

static bool equal_numbers(const struct sc_json *a, const struct sc_json *b, struct sc_schema_meter *meter)
{
        struct sc_decimal x, y;

        return sc_schema_number(a, &x, meter) && sc_schema_number(b, &y, meter) && sc_decimal_compare(&x, &y) == 0;
}

static bool equal_arrays(const struct sc_json *a, const struct sc_json *b, struct sc_schema_meter *meter)
{
        if (a->count != b->count)
                return false;
        a = a->first;
        b = b->first;
        for (; a && b; a = a->next, b = b->next)
                if (!sc_schema_equal(a, b, meter))
                        return false;
        return !a && !b;
}

/* A member by name, first where the last search has ended: mostly the order is the same. */
static const struct sc_json *find(const struct sc_json *object, const struct sc_json **hint, const struct sc_json *key,
                                  struct sc_schema_meter *meter)
{
        const struct sc_json *m = *hint ? *hint : object->first;

        for (uint32_t i = 0; i < object->count && m; i++) {
                if (!sc_schema_spend(meter, 1))
                        return NULL;
                if (sc_schema_same_text(m->key, key)) {
                        *hint = m->next;
                        return m;
                }
                m = m->next ? m->next : object->first;
        }
        return NULL;
}

static bool equal_objects(const struct sc_json *a, const struct sc_json *b, struct sc_schema_meter *meter)
{
        const struct sc_json *hint = NULL;

        if (a->count != b->count)
                return false;
        for (const struct sc_json *m = a->first; m; m = m->next) {
                const struct sc_json *other = find(b, &hint, m->key, meter);

                if (!other || !sc_schema_equal(m, other, meter))
                        return false;
        }
        return true;
}

bool sc_schema_equal(const struct sc_json *a, const struct sc_json *b, struct sc_schema_meter *meter)
{
        if (a->type != b->type || !sc_schema_spend(meter, 1))
                return false;
        switch (a->type) {
        case SC_JSON_NULL:
                return true;
        case SC_JSON_BOOL:
        case SC_JSON_STRING:
                return sc_schema_same_text(a, b) && sc_schema_spend(meter, a->len / 64);
        case SC_JSON_NUMBER:
                return equal_numbers(a, b, meter);
        case SC_JSON_ARRAY:
                return equal_arrays(a, b, meter);
        case SC_JSON_OBJECT:
                return equal_objects(a, b, meter);
        }
        return false;
}

static uint64_t hash_elements(const struct sc_json *value, uint64_t hash, struct sc_schema_meter *meter)
{
        uint64_t sum = 0;

        for (const struct sc_json *m = value->first; m; m = m->next) {
                uint64_t own = sc_schema_hash(m, meter);

                if (value->type == SC_JSON_ARRAY) {
                        hash = sc_schema_hash_word(hash, own);
                        continue;
                }
                /* a sum: the order of members does not matter */
                sum += sc_schema_hash_bytes(own, m->key->text, m->key->len);
        }
        return sc_schema_hash_word(hash, sum);
}

uint64_t sc_schema_hash(const struct sc_json *value, struct sc_schema_meter *meter)
{
        uint64_t hash = sc_schema_hash_byte(SC_SCHEMA_HASH_BEGIN, (unsigned char)value->type);
        struct sc_decimal number;

        if (!sc_schema_spend(meter, 1))
                return 0;
        if (value->type == SC_JSON_NUMBER)
                return sc_schema_number(value, &number, meter) ? sc_decimal_hash(&number) : 0;
        if (value->type != SC_JSON_BOOL && value->type != SC_JSON_STRING)
                return hash_elements(value, hash, meter);
        return sc_schema_spend(meter, value->len / 64) ? sc_schema_hash_bytes(hash, value->text, value->len) : 0;
}

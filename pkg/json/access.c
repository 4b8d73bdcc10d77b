/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at a tree: members, exact integers, names of types. */
#include "json/json.h"

#include <errno.h>
#include <string.h>

const struct sc_json *sc_json_get(const struct sc_json *object, const char *name)
{
        if (!object || object->type != SC_JSON_OBJECT)
                return NULL;
        for (const struct sc_json *m = object->first; m; m = m->next)
                if (sc_json_is(m->key, name))
                        return m;
        return NULL;
}

bool sc_json_is(const struct sc_json *string, const char *s)
{
        size_t len = strlen(s);

        return string && string->type == SC_JSON_STRING && string->len == len && !memcmp(string->text, s, len);
}

/* The magnitude of a decimal integer; its sign apart. */
static int magnitude(const struct sc_json *number, bool *ret_negative, uint64_t *ret_value)
{
        bool negative, overflow = false;
        uint64_t value = 0;
        size_t i = 0;

        if (!number || number->type != SC_JSON_NUMBER)
                return -EINVAL;
        negative = number->text[0] == '-';
        for (i = negative; i < number->len; i++) {
                char c = number->text[i];

                if (c < '0' || c > '9')
                        return -EINVAL;
                overflow |= __builtin_mul_overflow(value, (uint64_t)10, &value);
                overflow |= __builtin_add_overflow(value, (uint64_t)(c - '0'), &value);
        }
        if (overflow)
                return -ERANGE;
        *ret_negative = negative;
        *ret_value = value;
        return 0;
}

int sc_json_u64(const struct sc_json *number, uint64_t *ret_value)
{
        uint64_t value;
        bool negative;
        int r = magnitude(number, &negative, &value);

        if (r < 0)
                return r;
        if (negative && value)
                return -ERANGE;
        *ret_value = value;
        return 0;
}

int sc_json_i64(const struct sc_json *number, int64_t *ret_value)
{
        uint64_t value, limit;
        bool negative;
        int r = magnitude(number, &negative, &value);

        if (r < 0)
                return r;
        limit = (uint64_t)INT64_MAX + negative;
        if (value > limit)
                return -ERANGE;
        /* 0 - value is exact in unsigned arithmetic, INT64_MIN included */
        *ret_value = (int64_t)(negative ? 0 - value : value);
        return 0;
}

const char *sc_json_type_name(enum sc_json_type type)
{
        static const char *const names[] = {
                [SC_JSON_NULL] = "null",       [SC_JSON_BOOL] = "true or false", [SC_JSON_NUMBER] = "a number",
                [SC_JSON_STRING] = "a string", [SC_JSON_ARRAY] = "an array",     [SC_JSON_OBJECT] = "an object",
        };

        return names[type];
}

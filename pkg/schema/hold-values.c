/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords about a value by itself: its type, what it equals, numbers and strings. */
#include <string.h>

#include "schema/keywords.h"

/* A fault about the value itself. */
static bool verdict(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value, bool ok)
{
        return ok || sc_schema_fault_add(run, (struct sc_schema_fault){ .rule = rule, .value = value });
}

static bool is_integer(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        struct sc_decimal number;

        if (rule->literal)
                return strcspn(value->text, ".eE") == value->len;
        return sc_schema_number(value, &number, &run->meter) && sc_decimal_is_integer(&number);
}

bool sc_schema_holds_type(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        bool ok = rule->types & SC_SCHEMA_BIT(value->type);

        if (!ok && value->type == SC_JSON_NUMBER && rule->types & SC_SCHEMA_BIT(SC_SCHEMA_INTEGER))
                ok = is_integer(run, rule, value);
        return verdict(run, rule, value, ok);
}

bool sc_schema_holds_const(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        return verdict(run, rule, value, sc_schema_equal(rule->json, value, &run->meter));
}

static bool same_value(const void *item, const void *key, struct sc_schema_meter *meter)
{
        return sc_schema_equal(item, key, meter);
}

bool sc_schema_holds_enum(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        uint64_t hash = sc_schema_hash(value, &run->meter);

        return verdict(run, rule, value,
                       sc_schema_map_find(&rule->values, hash, same_value, value, &run->meter) != NULL);
}

bool sc_schema_holds_multiple(struct sc_schema_run *run, const struct sc_schema_rule *rule,
                              const struct sc_json *value)
{
        struct sc_decimal number;

        return verdict(run, rule, value, sc_schema_number(value, &number, &run->meter) &&
                       sc_decimal_is_multiple(&number, &rule->number));
}

/* How the value is to the bound: below 0, 0, above 0. Returns false if that cannot be said. */
static bool compare(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value,
                    int *ret_order)
{
        struct sc_decimal number;

        if (!sc_schema_number(value, &number, &run->meter))
                return false;
        *ret_order = sc_decimal_compare(&number, &rule->number);
        return true;
}

bool sc_schema_holds_maximum(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        int order;
        bool ok = compare(run, rule, value, &order) && (order < 0 || (order == 0 && !rule->exclusive));

        return verdict(run, rule, value, ok);
}

bool sc_schema_holds_below(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        int order;

        return verdict(run, rule, value, compare(run, rule, value, &order) && order < 0);
}

bool sc_schema_holds_minimum(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        int order;
        bool ok = compare(run, rule, value, &order) && (order > 0 || (order == 0 && !rule->exclusive));

        return verdict(run, rule, value, ok);
}

bool sc_schema_holds_above(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        int order;

        return verdict(run, rule, value, compare(run, rule, value, &order) && order > 0);
}

/* The characters of a string: its code points. */
static uint64_t length(struct sc_schema_run *run, const struct sc_json *string)
{
        uint64_t n = 0;

        if (!sc_schema_work(run, string->len / 64, string))
                return 0;
        for (uint32_t i = 0; i < string->len; i++)
                n += ((unsigned char)string->text[i] & 0xc0) != 0x80;
        return n;
}

bool sc_schema_holds_longest(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        return verdict(run, rule, value, length(run, value) <= rule->count);
}

bool sc_schema_holds_shortest(struct sc_schema_run *run, const struct sc_schema_rule *rule,
                              const struct sc_json *value)
{
        return verdict(run, rule, value, length(run, value) >= rule->count);
}

bool sc_schema_holds_pattern(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        return verdict(run, rule, value, sc_schema_matches(run, rule->pattern, value));
}

bool sc_schema_holds_format(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        int r;

        if (!rule->format)
                return true;
        if (!sc_schema_work(run, value->len / 16, value))
                return false;
        r = rule->format->holds(value->text, value->len);
        if (r < 0)
                run->error = r;
        return verdict(run, rule, value, r > 0);
}

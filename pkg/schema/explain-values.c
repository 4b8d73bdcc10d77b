/* SPDX-License-Identifier: Apache-2.0 */
/* Words for faults of a value by itself: its type, what it equals, numbers, strings; and of alternatives. */
#include <string.h>

#include "schema/keywords.h"
#include "schema/words.h"

#define NESTED_MAX 8 /* alternatives inside of alternatives that are still told */

/* What several schemas expect, as far as it can be said in a list, and the strings among it, for a hint. */
struct expected {
        struct sc_schema_list list;
        struct sc_typo typo;
};

static void found(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        bool constant = fault->rule->keyword->holds == sc_schema_holds_const;

        if (constant && fault->rule->json->type == fault->value->type && fault->value->type >= SC_JSON_ARRAY) {
                sc_strbuf_puts(&words->message, " with other elements");
                return;
        }
        sc_strbuf_puts(&words->message, ", found ");
        sc_schema_put_value(&words->message, fault->value);
}

static void expect_value(struct expected *e, const struct sc_json *value)
{
        sc_schema_list_value(&e->list, value);
        if (value->type == SC_JSON_STRING)
                sc_typo_offer(&e->typo, value->text);
}

static bool is_choice(const struct sc_schema_rule *rule)
{
        return rule->keyword->holds == sc_schema_holds_any || rule->keyword->holds == sc_schema_holds_one;
}

static void expect_rule(struct expected *e, const struct sc_schema_rule *rule)
{
        if (rule->keyword->holds == sc_schema_holds_type)
                sc_schema_list_types(&e->list, rule->types);
        else if (rule->keyword->holds == sc_schema_holds_const)
                expect_value(e, rule->json);
        else if (rule->keyword->holds == sc_schema_holds_enum)
                for (const struct sc_json *m = rule->json->first; m && sc_schema_list_goes_on(&e->list); m = m->next)
                        expect_value(e, m);
}

/* The first of its keywords that says what the value is; an enum says more than the type beside it. */
static void expect_node(struct expected *e, const struct sc_schema_node *node, unsigned depth)
{
        const struct sc_schema_rule *best = NULL;

        node = sc_schema_target(node);
        for (size_t i = 0; i < node->n_rules && sc_schema_list_goes_on(&e->list); i++) {
                const struct sc_schema_rule *rule = &node->rules[i];
                bool choice = is_choice(rule);

                for (size_t k = 0; choice && !best && depth < NESTED_MAX && k < rule->nodes.n &&
                                   sc_schema_list_goes_on(&e->list); k++)
                        expect_node(e, rule->nodes.items[k], depth + 1);
                if (rule->keyword->holds == sc_schema_holds_type || rule->keyword->holds == sc_schema_holds_const ||
                    rule->keyword->holds == sc_schema_holds_enum)
                        best = rule;
        }
        if (best)
                expect_rule(e, best);
}

static struct expected expect_begin(const struct sc_json *value)
{
        bool text = value->type == SC_JSON_STRING;

        return (struct expected){ .typo = sc_typo_begin(text ? value->text : "", text ? value->len : 0) };
}

static void expect_end(struct expected *e, struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        bool several = e->list.n > 1 && !e->list.types;

        sc_strbuf_puts(&words->message, several ? "expected one of " : "expected ");
        sc_schema_list_end(&e->list, several ? "and" : "or", &words->message);
        found(words, fault);
        if (e->typo.wanted_len && sc_schema_nearest(&e->typo))
                sc_strbuf_printf(&words->hint, "did you mean \"%s\"?", e->typo.best);
}

/* A number or a truth value in quotes. */
static bool is_quoted(const struct sc_schema_fault *fault)
{
        const struct sc_json *value = fault->value;
        const unsigned numbers = SC_SCHEMA_BIT(SC_JSON_NUMBER) | SC_SCHEMA_BIT(SC_SCHEMA_INTEGER);

        if (value->type != SC_JSON_STRING)
                return false;
        if (fault->rule->types & numbers)
                return value->len > 0 && value->len < 20 && strspn(value->text, "0123456789") == value->len;
        return fault->rule->types & SC_SCHEMA_BIT(SC_JSON_BOOL) &&
               (sc_json_is(value, "true") || sc_json_is(value, "false"));
}

void sc_schema_explain_type(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        struct expected e = expect_begin(fault->value);

        sc_schema_list_types(&e.list, fault->rule->types);
        e.typo.best = NULL;
        expect_end(&e, words, fault);
        if (is_quoted(fault))
                sc_strbuf_puts(&words->hint, "write it without quotes");
}

void sc_schema_explain_const(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        struct expected e = expect_begin(fault->value);

        expect_rule(&e, fault->rule);
        expect_end(&e, words, fault);
}

void sc_schema_explain_enum(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        sc_schema_explain_const(words, fault);
}

/* "expected a multiple of 5, found 7": the keyword's own value between two words. */
static void expected_number(struct sc_schema_words *words, const struct sc_schema_fault *fault, const char *before,
                            const char *behind)
{
        sc_strbuf_printf(&words->message, "expected %s", before);
        sc_schema_put_value(&words->message, fault->rule->json);
        sc_strbuf_puts(&words->message, behind);
        found(words, fault);
}

void sc_schema_explain_multiple(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        expected_number(words, fault, "a multiple of ", "");
}

void sc_schema_explain_below(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        expected_number(words, fault, "less than ", "");
}

void sc_schema_explain_above(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        expected_number(words, fault, "more than ", "");
}

void sc_schema_explain_maximum(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        if (fault->rule->exclusive)
                sc_schema_explain_below(words, fault);
        else
                expected_number(words, fault, "", " at most");
}

void sc_schema_explain_minimum(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        if (fault->rule->exclusive)
                sc_schema_explain_above(words, fault);
        else
                expected_number(words, fault, "", " at least");
}

void sc_schema_explain_longest(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        expected_number(words, fault, "a string of ", " characters at most");
}

void sc_schema_explain_shortest(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        expected_number(words, fault, "a string of ", " characters at least");
}

void sc_schema_explain_pattern(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        sc_strbuf_puts(&words->message, "expected a string with the pattern ");
        sc_schema_put_name(&words->message, fault->rule->json);
        found(words, fault);
}

void sc_schema_explain_format(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        sc_strbuf_printf(&words->message, "expected %s", fault->rule->format->what);
        found(words, fault);
}

static void list_required(struct sc_schema_list *list, const struct sc_schema_node *node, unsigned depth)
{
        node = sc_schema_target(node);
        for (size_t i = 0; i < node->n_rules && sc_schema_list_goes_on(list); i++) {
                const struct sc_schema_rule *rule = &node->rules[i];

                if (rule->keyword->holds == sc_schema_holds_required)
                        for (const struct sc_json *m = rule->json->first; m; m = m->next)
                                sc_schema_list_name(list, m);
                else if (is_choice(rule))
                        for (size_t k = 0; depth < NESTED_MAX && k < rule->nodes.n && sc_schema_list_goes_on(list); k++)
                                list_required(list, rule->nodes.items[k], depth + 1);
        }
}

/* Whether a schema asks for members, and for nothing else. */
static bool only_requires(const struct sc_schema_node *node)
{
        size_t n = 0;

        node = sc_schema_target(node);
        for (size_t i = 0; i < node->n_rules; i++)
                if (node->rules[i].keyword->holds == sc_schema_holds_required)
                        n++;
                else if (node->rules[i].keyword->holds && node->rules[i].keyword->holds != sc_schema_holds_type)
                        return false;
        return n > 0;
}

static void explain_too_many(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        const struct sc_schema_node *a = fault->rule->nodes.items[fault->index];
        const struct sc_schema_node *b = fault->rule->nodes.items[fault->other];
        struct sc_schema_list list = { 0 };

        if (only_requires(a) && only_requires(b)) {
                list_required(&list, a, 0);
                list_required(&list, b, 0);
                sc_schema_list_end(&list, "and", &words->message);
                sc_strbuf_puts(&words->message, " exclude each other");
                return;
        }
        sc_strbuf_printf(&words->message, "this fits alternatives %zu and %zu of the schema, and may fit one only",
                         fault->index + 1, fault->other + 1);
}

void sc_schema_explain_any(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        struct expected e = expect_begin(fault->value);

        if (fault->aspect == SC_SCHEMA_NO_MEMBER) {
                for (size_t i = 0; i < fault->rule->nodes.n; i++)
                        list_required(&e.list, fault->rule->nodes.items[i], 0);
                sc_strbuf_puts(&words->message, "missing ");
                sc_schema_list_end(&e.list, "or", &words->message);
                return;
        }
        for (size_t i = 0; i < fault->rule->nodes.n; i++)
                expect_node(&e, fault->rule->nodes.items[i], 0);
        expect_end(&e, words, fault);
}

void sc_schema_explain_one(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        if (fault->aspect == SC_SCHEMA_TOO_MANY)
                explain_too_many(words, fault);
        else
                sc_schema_explain_any(words, fault);
}

void sc_schema_explain_not(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        struct expected e = expect_begin(fault->value);
        struct sc_schema_list names = { 0 };

        if (only_requires(fault->rule->node)) {
                list_required(&names, fault->rule->node, 0);
                if (names.n > 1)
                        sc_strbuf_puts(&words->message, "these exclude each other: ");
                sc_strbuf_puts(&words->message, names.n > 1 ? "" : "not allowed here: ");
                sc_schema_list_end(&names, "and", &words->message);
                return;
        }
        expect_node(&e, fault->rule->node, 0);
        if (e.list.n) {
                sc_strbuf_puts(&words->message, "expected anything but ");
                sc_schema_list_end(&e.list, "and", &words->message);
                found(words, fault);
                return;
        }
        sc_strbuf_puts(&words->message, "this is what the schema does not allow here: ");
        sc_schema_put_value(&words->message, fault->value);
}

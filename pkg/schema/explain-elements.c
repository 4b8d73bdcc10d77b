/* SPDX-License-Identifier: Apache-2.0 */
/* Words for faults of elements and members. */
#include "schema/keywords.h"
#include "schema/words.h"

#define OFFERED_MAX 4096 /* names that are looked through for the nearest one */

/* "expected 2 elements at most, found 3" */
static void explain_count(struct sc_schema_words *words, const struct sc_schema_fault *fault, const char *end)
{
        bool array = fault->value->type == SC_JSON_ARRAY;

        sc_strbuf_puts(&words->message, "expected ");
        sc_schema_put_value(&words->message, fault->rule->json);
        sc_strbuf_printf(&words->message, " %s%s %s, found %u", array ? "element" : "member",
                         fault->rule->count == 1 ? "" : "s", end, fault->value->count);
}

void sc_schema_explain_most(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        explain_count(words, fault, "at most");
}

void sc_schema_explain_least(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        explain_count(words, fault, "at least");
}

void sc_schema_explain_unique(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        sc_strbuf_puts(&words->message, "the same element is in this array already: ");
        sc_schema_put_value(&words->message, fault->extra);
}

void sc_schema_explain_contains(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        sc_strbuf_puts(&words->message, fault->value->count ?
                                                "no element is of the kind that this array needs one of" :
                                                "this array needs an element of a certain kind, and is empty");
}

/* "additionalItems" */
void sc_schema_explain_rest(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        sc_strbuf_printf(&words->message, "one element too many: this array has %zu at most", fault->rule->n_before);
}

static bool has(const struct sc_json *object, const struct sc_json *name)
{
        for (const struct sc_json *m = object->first; m; m = m->next)
                if (sc_schema_same_text(m->key, name))
                        return true;
        return false;
}

/* "additionalProperties": names that are not there yet are what may be meant. */
void sc_schema_explain_others(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        const struct sc_schema_rule *known = fault->rule->properties;
        const struct sc_json *key = fault->extra->key;
        struct sc_typo typo = sc_typo_begin(key->text, key->len);

        for (size_t i = 0; known && i < known->members.n && i < OFFERED_MAX; i++) {
                struct sc_typo before = typo;

                sc_typo_offer(&typo, known->members.items[i].key->text);
                if (typo.best != before.best && has(fault->value, known->members.items[i].key))
                        typo = before;
        }
        sc_schema_put_name(&words->message, key);
        sc_strbuf_puts(&words->message, " is not allowed here");
        if (sc_schema_nearest(&typo))
                sc_strbuf_printf(&words->hint, "did you mean '%s'?", typo.best);
}

void sc_schema_explain_required(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        struct sc_schema_list list = { 0 };

        for (const struct sc_json *name = fault->rule->json->first; name; name = name->next)
                if (!has(fault->value, name))
                        sc_schema_list_name(&list, name);
        sc_strbuf_puts(&words->message, "missing ");
        sc_schema_list_end(&list, "and", &words->message);
}

void sc_schema_explain_dependencies(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        sc_strbuf_puts(&words->message, "missing ");
        sc_schema_put_name(&words->message, fault->extra);
        sc_strbuf_puts(&words->message, ", which ");
        sc_schema_put_name(&words->message, fault->member->key);
        sc_strbuf_puts(&words->message, " needs beside it");
}

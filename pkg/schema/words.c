/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of messages: values, names, lists; and where a fault is. */
#include "schema/words.h"

#include <string.h>

#include "schema/keywords.h"

#define TEXT_SHOWN_MAX 60   /* bytes of a value or name */
#define LIST_MAX 12         /* parts of a list */
#define LOOKED_MAX 4096     /* values and schemas that are looked at for one */
#define DESCRIPTION_MAX 300 /* bytes of a schema's own words; longer ones are for readers of the schema */

static const char *const type_words[] = {
        [SC_JSON_NULL] = "null",       [SC_JSON_BOOL] = "true or false", [SC_JSON_NUMBER] = "a number",
        [SC_JSON_STRING] = "a string", [SC_JSON_ARRAY] = "an array",     [SC_JSON_OBJECT] = "an object",
        [SC_SCHEMA_INTEGER] = "an integer",
};

/* Where a text is cut: never inside of a character. */
static size_t shown(const struct sc_json *text)
{
        size_t n = text->len;

        if (n <= TEXT_SHOWN_MAX)
                return n;
        for (n = TEXT_SHOWN_MAX; n > 0 && (text->text[n] & 0xc0) == 0x80; n--)
                ;
        return n;
}

static void put_bytes(struct sc_strbuf *out, const struct sc_json *text, size_t len)
{
        for (size_t i = 0; i < len; i++) {
                unsigned char c = (unsigned char)text->text[i];

                if (c == '"' || c == '\\')
                        sc_strbuf_printf(out, "\\%c", c);
                else if (c < 0x20 || c == 0x7f)
                        sc_strbuf_printf(out, "\\u%04x", c);
                else
                        sc_strbuf_append(out, &text->text[i], 1);
        }
}

static void put_quoted(struct sc_strbuf *out, const struct sc_json *text, char quote)
{
        size_t len = shown(text);

        sc_strbuf_append(out, &quote, 1);
        put_bytes(out, text, len);
        sc_strbuf_puts(out, len < text->len ? "…" : "");
        sc_strbuf_append(out, &quote, 1);
}

void sc_schema_put_name(struct sc_strbuf *out, const struct sc_json *name)
{
        put_quoted(out, name, '\'');
}

void sc_schema_put_value(struct sc_strbuf *out, const struct sc_json *value)
{
        size_t len;

        if (value->type == SC_JSON_STRING) {
                put_quoted(out, value, '"');
        } else if (value->type == SC_JSON_NUMBER || value->type == SC_JSON_BOOL) {
                len = shown(value);
                sc_strbuf_append(out, value->text, len);
                sc_strbuf_puts(out, len < value->len ? "…" : "");
        } else if (!value->count && value->type == SC_JSON_ARRAY) {
                sc_strbuf_puts(out, "an empty array");
        } else if (!value->count && value->type == SC_JSON_OBJECT) {
                sc_strbuf_puts(out, "an empty object");
        } else {
                sc_strbuf_puts(out, type_words[value->type]);
        }
}

const char *sc_schema_nearest(const struct sc_typo *typo)
{
        size_t n = 0, rest;

        if (!typo->best)
                return NULL;
        while (n < typo->wanted_len && typo->best[n] && typo->best[n] == typo->wanted[n])
                n++;
        rest = typo->wanted_len - n;
        return typo->distance <= 1 || typo->distance <= rest / 2 ? typo->best : NULL;
}

/* True if there is room for one more part; the comma before it is written. */
static bool begin_part(struct sc_schema_list *list)
{
        if (list->n >= LIST_MAX) {
                list->cut = true;
                return false;
        }
        list->last = list->text.len;
        if (list->n++)
                sc_strbuf_puts(&list->text, ", ");
        return true;
}

bool sc_schema_list_goes_on(struct sc_schema_list *list)
{
        return list->looked++ < LOOKED_MAX;
}

void sc_schema_list_value(struct sc_schema_list *list, const struct sc_json *value)
{
        if (begin_part(list))
                sc_schema_put_value(&list->text, value);
}

void sc_schema_list_name(struct sc_schema_list *list, const struct sc_json *name)
{
        if (begin_part(list))
                sc_schema_put_name(&list->text, name);
}

void sc_schema_list_types(struct sc_schema_list *list, unsigned types)
{
        /* an integer is a number */
        if (types & SC_SCHEMA_BIT(SC_JSON_NUMBER))
                types &= ~SC_SCHEMA_BIT(SC_SCHEMA_INTEGER);
        for (unsigned i = 0; i < SC_COUNT(type_words); i++)
                if (types & ~list->types & SC_SCHEMA_BIT(i) && begin_part(list))
                        sc_strbuf_puts(&list->text, type_words[i]);
        list->types |= types;
}

void sc_schema_list_end(struct sc_schema_list *list, const char *word, struct sc_strbuf *out)
{
        struct sc_strbuf *text = &list->text;

        if (text->failed || !text->text) {
                out->failed |= text->failed;
        } else if (list->n < 2 || list->cut) {
                sc_strbuf_printf(out, "%s%s", text->text, list->cut ? ", …" : "");
        } else {
                /* the last comma gives way to the word */
                sc_strbuf_append(out, text->text, list->last);
                sc_strbuf_printf(out, " %s %s", word, text->text + list->last + 2);
        }
        sc_strbuf_done(text);
}

const struct sc_json *sc_schema_about(const struct sc_schema_fault *fault)
{
        const struct sc_schema_keyword *keyword = fault->rule ? fault->rule->keyword : NULL;

        if (keyword && (keyword->holds == sc_schema_holds_others || keyword->holds == sc_schema_holds_rest ||
                        keyword->holds == sc_schema_holds_unique))
                return fault->extra;
        return fault->value;
}

struct sc_place sc_schema_place_of(const struct sc_schema_fault *fault)
{
        const struct sc_json *about = sc_schema_about(fault);
        struct sc_place place = about->place;

        if (!strcmp(sc_schema_rule_of(fault), SC_SCHEMA_RULE_UNKNOWN) && about->key)
                return about->key->place;
        /* what is missing has no place of its own, and a whole object is too much to point at */
        if (about->type == SC_JSON_OBJECT || about->type == SC_JSON_ARRAY)
                place.length = 1;
        return place;
}

const char *sc_schema_rule_of(const struct sc_schema_fault *fault)
{
        if (!fault->rule)
                return SC_SCHEMA_RULE_UNKNOWN;
        if (fault->aspect == SC_SCHEMA_NO_MEMBER)
                return SC_SCHEMA_RULE_MISSING;
        return fault->rule->keyword->rule;
}

/* Where a keyword says little to people, the schema's own words for it: of `not`, those inside of it. */
static void add_description(struct sc_schema_words *words, const struct sc_schema_rule *rule)
{
        bool inside = !strcmp(rule->keyword->name, "not");
        const struct sc_json *said = sc_json_get(inside ? rule->json : rule->schema, "description");

        if ((inside || !strcmp(rule->keyword->name, "pattern")) && !words->hint.len && said &&
            said->type == SC_JSON_STRING && said->len && said->len <= DESCRIPTION_MAX)
                sc_strbuf_puts(&words->hint, said->text);
}

void sc_schema_explain(struct sc_schema_words *words, const struct sc_schema_fault *fault)
{
        if (fault->rule) {
                fault->rule->keyword->explain(words, fault);
                add_description(words, fault->rule);
        } else if (fault->value->key) {
                sc_schema_put_name(&words->message, fault->value->key);
                sc_strbuf_puts(&words->message, " is not allowed here");
        } else {
                sc_strbuf_puts(&words->message, "nothing is allowed here, found ");
                sc_schema_put_value(&words->message, fault->value);
        }
}

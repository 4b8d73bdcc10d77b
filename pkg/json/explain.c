/* SPDX-License-Identifier: Apache-2.0 */
/* Why a text is no JSON: the place, what is wrong there, what to write instead. */
#include "json/scan.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WORD_SHOWN_MAX 32
#define FOUND_MAX 64

/* What the grammar asks for, in words. */
static const char *const wanted[] = {
        [SC_JSON_WANT_VALUE] = "a value",
        [SC_JSON_WANT_ELEMENT] = "a value",
        [SC_JSON_WANT_ELEMENT_OR_END] = "a value or ']'",
        [SC_JSON_WANT_KEY] = "a key in double quotes",
        [SC_JSON_WANT_KEY_OR_END] = "a key in double quotes or '}'",
        [SC_JSON_WANT_COLON] = "':' behind the key",
        [SC_JSON_WANT_COMMA_OR_BRACKET] = "',' or ']'",
        [SC_JSON_WANT_COMMA_OR_BRACE] = "',' or '}'",
        [SC_JSON_WANT_NOTHING] = "nothing more behind the value",
};

/* Words of other languages, and what JSON has for them. */
static const struct {
        const char *word;
        const char *hint;
} word_hints[] = {
        { "True", "write true" },
        { "TRUE", "write true" },
        { "yes", "write true" },
        { "False", "write false" },
        { "FALSE", "write false" },
        { "no", "write false" },
        { "None", "write null" },
        { "NULL", "write null" },
        { "Null", "write null" },
        { "nil", "write null" },
        { "undefined", "write null, or leave the member out" },
        { "NaN", "JSON has finite numbers only" },
        { "Infinity", "JSON has finite numbers only" },
};

static const char escapes[] = "\"\\/bfnrtu";

struct fault {
        const struct sc_json_scan *scan;
        const struct sc_json *open;
        struct sc_diags *diags;
        const char *text; /* from the place on */
        size_t left;
};

static struct sc_diag *add(const struct fault *f, size_t skip, size_t length, const char *message)
{
        struct sc_place place = { .source = f->scan->source, .offset = f->scan->at + skip, .length = length };

        return sc_diags_add(f->diags, SC_ERROR, "json-syntax", place, "%s", message);
}

static bool wants_value(enum sc_json_want want)
{
        return want == SC_JSON_WANT_VALUE || want == SC_JSON_WANT_ELEMENT || want == SC_JSON_WANT_ELEMENT_OR_END;
}

static bool wants_key(enum sc_json_want want)
{
        return want == SC_JSON_WANT_KEY || want == SC_JSON_WANT_KEY_OR_END;
}

/* <ctype.h> without the locale and with any byte */
static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

static size_t span_word(const char *s, size_t len)
{
        size_t n = 0;

        while (n < len && is_word(s[n]))
                n++;
        return n;
}

/* What stands at the place, in words; how many bytes it has. */
static size_t describe(const struct fault *f, char found[FOUND_MAX])
{
        unsigned char c = (unsigned char)f->text[0];
        size_t n = span_word(f->text, f->left);

        if (c == '"' || c == '\'') {
                snprintf(found, FOUND_MAX, "a string");
                n = 1;
        } else if (is_digit((char)c) || c == '-') {
                snprintf(found, FOUND_MAX, "a number");
                n = n ? n : 1;
        } else if (n) {
                snprintf(found, FOUND_MAX, "'%.*s'", (int)(n < WORD_SHOWN_MAX ? n : WORD_SHOWN_MAX), f->text);
        } else if (c >= 0x80) {
                snprintf(found, FOUND_MAX, "the character U+%04X", sc_json_utf8_decode(f->text, &n));
        } else {
                snprintf(found, FOUND_MAX, c < 0x20 || c == 0x7f ? "the control byte 0x%02x" : "'%c'", c);
                n = 1;
        }
        return n;
}

/* The rule that has no better words: what was wanted, what is there. */
static struct sc_diag *explain_mismatch(const struct fault *f)
{
        char found[FOUND_MAX], message[2 * FOUND_MAX];
        size_t n = describe(f, found);

        snprintf(message, sizeof(message), "expected %s, found %s", wanted[f->scan->want], found);
        return add(f, 0, n, message);
}

static void explain_end(const struct fault *f)
{
        struct sc_diag *diag;

        if (!f->open && f->scan->want == SC_JSON_WANT_VALUE) {
                diag = add(f, 0, 0, "there is no value in this text");
                sc_diag_hint(diag, "the smallest document is {}");
                return;
        }
        diag = add(f, 0, 0, f->open && f->open->type == SC_JSON_ARRAY ? "the text ends inside an array" :
                                                                        "the text ends inside an object");
        if (!f->open)
                return;
        sc_diag_place(diag, (struct sc_place){ f->open->place.source, f->open->place.offset, 1 });
        sc_diag_hint(diag, "close it with '%c'", f->open->type == SC_JSON_ARRAY ? ']' : '}');
}

static void explain_slash(const struct fault *f)
{
        bool comment = f->left > 1 && (f->text[1] == '/' || f->text[1] == '*');
        struct sc_diag *diag;

        if (!comment) {
                explain_mismatch(f);
        } else if (f->scan->comments) {
                diag = add(f, 0, 2, "this comment has no end");
                sc_diag_hint(diag, "end it with */");
        } else {
                diag = add(f, 0, 2, "comments are not allowed here");
                sc_diag_hint(diag, "remove it; only policies (.jsonc) may have comments");
        }
}

/* The escape at `i` of a string: true, with a diagnostic, if it is wrong. */
static bool explain_escape(const struct fault *f, size_t i)
{
        struct sc_diag *diag;
        char c;

        if (i + 1 >= f->left)
                return false;
        c = f->text[i + 1];
        if (!c || !strchr(escapes, c)) {
                diag = add(f, i, 2, "a string has no such escape");
                sc_diag_hint(diag, "JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX; "
                                   "a backslash itself is \\\\");
                return true;
        }
        for (size_t k = 2; c == 'u' && k < 6 && i + k < f->left; k++)
                if (!isxdigit((unsigned char)f->text[i + k])) {
                        diag = add(f, i, k, "\\u needs four hexadecimal digits");
                        sc_diag_hint(diag, "write \\u0041 for the letter A");
                        return true;
                }
        return false;
}

static void explain_string(const struct fault *f)
{
        struct sc_diag *diag;

        for (size_t i = 1; i < f->left && f->text[i] != '"'; i++) {
                unsigned char c = (unsigned char)f->text[i];

                if (c == '\n' || c == '\r')
                        break;
                if (c < 0x20) {
                        diag = add(f, i, 1, "a control character stands in a string as it is");
                        sc_diag_hint(diag, "write it as \\u%04x", c);
                        return;
                }
                if (c == '\\' && explain_escape(f, i))
                        return;
                i += c == '\\';
        }
        diag = add(f, 0, 1, "this string does not end on its line");
        sc_diag_hint(diag, "end it with '\"'; a line feed inside is written \\n");
}

static void explain_number(const struct fault *f)
{
        size_t n = 0;
        struct sc_diag *diag;

        while (n < f->left && (is_word(f->text[n]) || f->text[n] == '.' || f->text[n] == '+' || f->text[n] == '-'))
                n++;
        diag = add(f, 0, n, "this is not a number as JSON writes it");
        sc_diag_hint(diag, f->text[0] == '+' ? "leave out the '+'" : "write digits, as in 12, -1, 0.5 or 1e3");
}

/* A number that goes on where JSON's numbers end: 012, 0x1f, 1_000. */
static bool explain_glued_number(const struct fault *f)
{
        size_t at = f->scan->at, start = at;
        const char *text = f->scan->source->text;
        struct sc_diag *diag;

        while (start > 0 && is_digit(text[start - 1]))
                start--;
        if (start == at || !is_word(f->text[0]))
                return false;
        diag = sc_diags_add(f->diags, SC_ERROR, "json-syntax",
                            (struct sc_place){ f->scan->source, start, at - start + span_word(f->text, f->left) },
                            "this is not a number as JSON writes it");
        sc_diag_hint(diag, "JSON has decimal numbers only, without leading zeros");
        return true;
}

static void explain_word(const struct fault *f)
{
        struct sc_diag *diag = explain_mismatch(f);
        size_t n = span_word(f->text, f->left);

        for (size_t i = 0; i < SC_COUNT(word_hints); i++)
                if (strlen(word_hints[i].word) == n && !memcmp(word_hints[i].word, f->text, n)) {
                        sc_diag_hint(diag, "%s", word_hints[i].hint);
                        return;
                }
        sc_diag_hint(diag, "text is written in double quotes");
}

static void explain_trailing_comma(const struct fault *f)
{
        struct sc_place comma = { f->scan->source, f->scan->comma, 1 };
        struct sc_diag *diag = sc_diags_add(f->diags, SC_ERROR, "json-syntax", comma, "nothing follows this comma");

        sc_diag_hint(diag, "remove it, or write what is missing behind it");
}

/* What is left: one byte or word that cannot stand here, with a hint for the usual ones. */
static void explain_other(const struct fault *f)
{
        struct sc_diag *diag = explain_mismatch(f);
        unsigned char c = (unsigned char)f->text[0];
        enum sc_json_want want = f->scan->want;

        if (c == '\f' || c == '\v')
                sc_diag_hint(diag, "white space is blanks, tabs and line ends only; remove this byte");
        else if (c == '\'' && (wants_value(want) || wants_key(want)))
                sc_diag_hint(diag, "strings are written in double quotes");
        else if (wants_key(want) && is_word((char)c))
                sc_diag_hint(diag, "keys are written in double quotes");
        else if (want == SC_JSON_WANT_COMMA_OR_BRACKET || want == SC_JSON_WANT_COMMA_OR_BRACE)
                sc_diag_hint(diag, "is a comma missing?");
        else if (want == SC_JSON_WANT_NOTHING)
                sc_diag_hint(diag, "a document is one value; remove what follows it");
        else if (c == ',')
                sc_diag_hint(diag, "remove the comma, or write what is missing before it");
}

void sc_json_explain(const struct sc_json_scan *scan, const struct sc_json *open, struct sc_diags *diags)
{
        struct fault f = {
                .scan = scan,
                .open = open,
                .diags = diags,
                .text = scan->source->text + scan->at,
                .left = scan->source->len - scan->at,
        };
        enum sc_json_want want = scan->want;
        char c = '\0';

        if (f.left)
                c = f.text[0];
        if (!f.left)
                explain_end(&f);
        else if (c == '/')
                explain_slash(&f);
        else if (c == '"' && (wants_value(want) || wants_key(want)))
                explain_string(&f);
        else if (wants_value(want) && (is_digit(c) || c == '-' || c == '+' || c == '.'))
                explain_number(&f);
        else if ((c == '}' || c == ']') && (want == SC_JSON_WANT_ELEMENT || want == SC_JSON_WANT_KEY))
                explain_trailing_comma(&f);
        else if (wants_value(want) && is_word(c))
                explain_word(&f);
        else if (wants_value(want) || wants_key(want) || want == SC_JSON_WANT_COLON || !explain_glued_number(&f))
                explain_other(&f);
}

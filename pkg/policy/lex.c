/* SPDX-License-Identifier: Apache-2.0 */
/* The words of conditions, and where each stands in the policy's text. */
#include <errno.h>
#include <string.h>

#include "policy/lex.h"

#define NODES_MAX 256 /* parts of one condition: bounds every walk over it */

/* Longer ones before their own beginnings. */
static const struct {
        const char *text;
        enum token_kind kind;
        enum sc_compare compare;
} marks[] = {
        { "&&", TOKEN_AND, 0 },           { "||", TOKEN_OR, 0 },          { "==", TOKEN_COMPARE, SC_EQ },
        { "!=", TOKEN_COMPARE, SC_NE },   { "<=", TOKEN_COMPARE, SC_LE }, { ">=", TOKEN_COMPARE, SC_GE },
        { "<", TOKEN_COMPARE, SC_LT },    { ">", TOKEN_COMPARE, SC_GT },  { "!", TOKEN_NOT, 0 },
        { "(", TOKEN_OPEN, 0 },           { ")", TOKEN_CLOSE, 0 },        { "{", TOKEN_BRACE_OPEN, 0 },
        { "}", TOKEN_BRACE_CLOSE, 0 },    { ",", TOKEN_COMMA, 0 },        { "..", TOKEN_RANGE, 0 },
        { "&", TOKEN_MASK, 0 },           { "|", TOKEN_UNITE, 0 },        { "~", TOKEN_INVERT, 0 },
        { "-", TOKEN_MINUS, 0 },          { ":", TOKEN_COLON, 0 },
};

/* What people write who come from elsewhere. */
static const struct {
        const char *text;
        const char *meant;
} slips[] = {
        { "and", "&&" }, { "AND", "&&" }, { "&", "&&" }, { "or", "||" }, { "OR", "||" }, { "|", "||" },
        { "not", "!" },  { "NOT", "!" },  { "=", "==" },
};

/* Bytes in the source of the escape or byte at `raw`, and bytes that it decodes to. */
static void escape_size(const char *raw, size_t *ret_raw, size_t *ret_decoded)
{
        unsigned code = 0;

        *ret_raw = *ret_decoded = 1;
        if (raw[0] != '\\')
                return;
        *ret_raw = 2;
        if (raw[1] != 'u')
                return;
        for (int i = 2; i < 6; i++)
                code = code << 4 | (unsigned)(raw[i] <= '9' ? raw[i] - '0' : (raw[i] | 0x20) - 'a' + 10);
        *ret_raw = 6;
        *ret_decoded = code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
        if (code >= 0xd800 && code < 0xdc00) {
                *ret_raw = 12; /* a pair of surrogates; the reader of JSON has checked that the second one is there */
                *ret_decoded = 4;
        }
}

struct sc_place policy_text_place(const struct sc_json *string, size_t start, size_t end)
{
        const char *text = string->place.source->text;
        size_t raw = string->place.offset + 1, limit = string->place.offset + string->place.length - 1;
        struct sc_place place = { .source = string->place.source, .offset = limit, .length = 1 };
        bool begun = false;

        for (size_t decoded = 0; raw < limit;) {
                size_t raw_size, decoded_size;

                escape_size(text + raw, &raw_size, &decoded_size);
                if (!begun && decoded + decoded_size > start) {
                        place.offset = raw;
                        begun = true;
                }
                raw += raw_size;
                decoded += decoded_size;
                if (begun && decoded >= end) {
                        place.length = raw - place.offset;
                        break;
                }
        }
        return place;
}

struct sc_place lex_place(const struct parser *p, struct token token)
{
        return policy_text_place(p->string, token.start, token.end);
}

struct sc_place lex_place_from(const struct parser *p, size_t start)
{
        return policy_text_place(p->string, start, p->last_end);
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

/* One character that is no mark, whole if it is more than a byte of UTF-8. */
static size_t other_end(const char *text, size_t at, size_t len)
{
        at++;
        while (at < len && ((unsigned char)text[at] & 0xc0) == 0x80)
                at++;
        return at;
}

/* The end of a name or number. A number may hold dots, as versions do, but not the two of a range. */
static size_t word_end(const char *text, size_t at, size_t len, bool number)
{
        while (at < len && (is_word(text[at]) ||
                            (number && text[at] == '.' && (at + 1 == len || text[at + 1] != '.'))))
                at++;
        return at;
}

/* The word that begins at or after `at`. */
static struct token word_at(const struct parser *p, size_t at)
{
        const char *text = p->string->text;
        size_t len = p->string->len;
        struct token token = { .kind = TOKEN_END };

        while (at < len && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
                at++;
        token.start = token.end = at;
        if (at == len)
                return token;
        if (is_word(text[at])) {
                token.kind = is_digit(text[at]) ? TOKEN_NUMBER : TOKEN_NAME;
                token.end = word_end(text, at, len, token.kind == TOKEN_NUMBER);
                return token;
        }
        token.kind = TOKEN_OTHER;
        token.end = other_end(text, at, len);
        for (size_t i = 0; i < SC_COUNT(marks); i++) {
                size_t n = strlen(marks[i].text);

                if (len - at >= n && !memcmp(text + at, marks[i].text, n)) {
                        token.kind = marks[i].kind;
                        token.compare = marks[i].compare;
                        token.end = at + n;
                        break;
                }
        }
        return token;
}

void lex_advance(struct parser *p)
{
        p->last_end = p->token.end;
        p->token = word_at(p, p->token.end);
}

struct token lex_peek(const struct parser *p)
{
        return word_at(p, p->token.end);
}

const char *lex_text(const struct parser *p, struct token token, int *ret_len)
{
        *ret_len = (int)(token.end - token.start);
        return p->string->text + token.start;
}

bool lex_is(const struct parser *p, struct token token, const char *word)
{
        int len;
        const char *text = lex_text(p, token, &len);

        return strlen(word) == (size_t)len && !memcmp(text, word, (size_t)len);
}

bool lex_at(const struct parser *p, const char *word)
{
        return p->token.kind == TOKEN_NAME && lex_is(p, p->token, word);
}

bool lex_is_slip(const struct parser *p, struct token token)
{
        for (size_t i = 0; i < SC_COUNT(slips); i++)
                if (lex_is(p, token, slips[i].text))
                        return true;
        return false;
}

int lex_syntax(struct parser *p, const char *expected)
{
        int len;
        const char *text = lex_text(p, p->token, &len);
        struct sc_diag *diag;

        if (p->token.kind == TOKEN_END)
                diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", lex_place(p, p->token),
                                    "expected %s, but the condition ends", expected);
        else
                diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", lex_place(p, p->token),
                                    "expected %s, not '%.*s'", expected, len, text);
        for (size_t i = 0; i < SC_COUNT(slips); i++)
                if (p->token.kind != TOKEN_END && lex_is(p, p->token, slips[i].text))
                        sc_diag_hint(diag, "did you mean '%s'?", slips[i].meant);
        return -EBADMSG;
}

int lex_expect(struct parser *p, enum token_kind kind, const char *expected)
{
        if (p->token.kind != kind)
                return lex_syntax(p, expected);
        lex_advance(p);
        return 0;
}

int lex_count(struct parser *p, struct token start)
{
        if (++p->nodes <= NODES_MAX)
                return 0;
        sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", lex_place(p, start),
                     "the condition has more than %d parts", NODES_MAX);
        return -EBADMSG;
}

int lex_new_cond(struct parser *p, enum sc_cond_kind kind, struct token start, struct sc_cond **ret_cond)
{
        struct sc_cond *cond;
        int r = lex_count(p, start);

        if (r < 0)
                return r;
        cond = sc_arena_alloc(p->l->arena, sizeof(*cond));
        if (!cond)
                return -ENOMEM;
        cond->kind = kind;
        *ret_cond = cond;
        return 0;
}

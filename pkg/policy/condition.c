/* SPDX-License-Identifier: Apache-2.0 */
/* The conditions of rules: words, grammar, and where each word stands in the policy's text. */
#include <errno.h>
#include <string.h>

#include "base/typo.h"
#include "policy/internal.h"

#define DEPTH_MAX 32  /* parentheses and '!' inside each other */
#define NODES_MAX 256 /* parts of one condition: bounds every walk over it */

enum token_kind {
        TOKEN_END,
        TOKEN_NAME,
        TOKEN_NUMBER,
        TOKEN_AND,
        TOKEN_OR,
        TOKEN_NOT,
        TOKEN_OPEN,
        TOKEN_CLOSE,
        TOKEN_BRACE_OPEN,
        TOKEN_BRACE_CLOSE,
        TOKEN_COMMA,
        TOKEN_COMPARE,
        TOKEN_OTHER, /* no word of the language of today */
};

struct token {
        enum token_kind kind;
        enum sc_compare compare;
        size_t start;
        size_t end;
};

struct parser {
        struct policy_loader *l;
        const struct sc_json *string;
        struct token token; /* the next one */
        size_t last_end;    /* the end of the one before */
        unsigned nodes;
        unsigned depth;
};

/* Longer ones before their own beginnings. */
static const struct {
        const char *text;
        enum token_kind kind;
        enum sc_compare compare;
} marks[] = {
        { "&&", TOKEN_AND, 0 },         { "||", TOKEN_OR, 0 },       { "==", TOKEN_COMPARE, SC_EQ },
        { "!=", TOKEN_COMPARE, SC_NE }, { "<=", TOKEN_COMPARE, SC_LE }, { ">=", TOKEN_COMPARE, SC_GE },
        { "<", TOKEN_COMPARE, SC_LT },  { ">", TOKEN_COMPARE, SC_GT },  { "!", TOKEN_NOT, 0 },
        { "(", TOKEN_OPEN, 0 },         { ")", TOKEN_CLOSE, 0 },     { "{", TOKEN_BRACE_OPEN, 0 },
        { "}", TOKEN_BRACE_CLOSE, 0 },  { ",", TOKEN_COMMA, 0 },
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

static struct sc_place place_of(const struct parser *p, struct token token)
{
        return policy_text_place(p->string, token.start, token.end);
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

static void advance(struct parser *p)
{
        const char *text = p->string->text;
        size_t len = p->string->len, at = p->token.end;
        struct token token = { .kind = TOKEN_END };

        p->last_end = at;
        while (at < len && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
                at++;
        token.start = token.end = at;
        if (at < len && is_word(text[at])) {
                token.kind = is_digit(text[at]) ? TOKEN_NUMBER : TOKEN_NAME;
                while (at < len && (is_word(text[at]) || (token.kind == TOKEN_NUMBER && text[at] == '.')))
                        at++;
                token.end = at;
        } else if (at < len) {
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
        }
        p->token = token;
}

static const char *token_text(const struct parser *p, struct token token, int *ret_len)
{
        *ret_len = (int)(token.end - token.start);
        return p->string->text + token.start;
}

static bool token_is(const struct parser *p, struct token token, const char *word)
{
        int len;
        const char *text = token_text(p, token, &len);

        return strlen(word) == (size_t)len && !memcmp(text, word, (size_t)len);
}

/* The next word is not what the grammar wants. */
static int syntax(struct parser *p, const char *expected)
{
        int len;
        const char *text = token_text(p, p->token, &len);
        struct sc_diag *diag;

        if (p->token.kind == TOKEN_END)
                diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", place_of(p, p->token),
                                    "expected %s, but the condition ends", expected);
        else
                diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", place_of(p, p->token),
                                    "expected %s, not '%.*s'", expected, len, text);
        for (size_t i = 0; i < SC_COUNT(slips); i++)
                if (p->token.kind != TOKEN_END && token_is(p, p->token, slips[i].text))
                        sc_diag_hint(diag, "did you mean '%s'?", slips[i].meant);
        return -EBADMSG;
}

static int expect(struct parser *p, enum token_kind kind, const char *expected)
{
        if (p->token.kind != kind)
                return syntax(p, expected);
        advance(p);
        return 0;
}

/* A new part of the condition that begins at `start`. */
static int new_node(struct parser *p, enum sc_cond_kind kind, struct token start, struct sc_cond **ret_cond)
{
        struct sc_cond *cond;

        if (++p->nodes > NODES_MAX) {
                sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", place_of(p, start),
                             "the condition has more than %d parts", NODES_MAX);
                return -EBADMSG;
        }
        cond = sc_arena_alloc(p->l->arena, sizeof(*cond));
        if (!cond)
                return -ENOMEM;
        cond->kind = kind;
        *ret_cond = cond;
        return 0;
}

/* Gives a finished part its place: from `start` to the word read last. */
static const struct sc_cond *finish(struct parser *p, struct sc_cond *cond, size_t start)
{
        cond->place = policy_text_place(p->string, start, p->last_end);
        return cond;
}

/* Reads one ABI's name into the set. */
static int parse_abi(struct parser *p, uint32_t *abis)
{
        const struct sc_abi *abi;
        int len;
        const char *text = token_text(p, p->token, &len);

        if (p->token.kind != TOKEN_NAME)
                return syntax(p, "the name of an ABI");
        abi = sc_abi_find(text, (size_t)len);
        if (!abi) {
                policy_report_arch(p->l, place_of(p, p->token), text, (size_t)len);
                return -EBADMSG;
        }
        *abis |= UINT32_C(1) << abi->index;
        advance(p);
        return 0;
}

/* Reads "{x86_64, aarch64}". */
static int parse_abi_set(struct parser *p, uint32_t *abis)
{
        int r = expect(p, TOKEN_BRACE_OPEN, "'{'");

        while (r == 0) {
                r = parse_abi(p, abis);
                if (r < 0 || p->token.kind != TOKEN_COMMA)
                        break;
                advance(p);
        }
        return r < 0 ? r : expect(p, TOKEN_BRACE_CLOSE, "',' or '}'");
}

/* Sets the ABIs where the atom holds: those that were named, or all others. */
static const struct sc_cond *arch_atom(struct parser *p, struct sc_cond *cond, uint32_t abis, bool others, size_t start)
{
        uint32_t all = (uint32_t)((UINT64_C(1) << sc_abi_count()) - 1);

        cond->abis = others ? all & ~abis : abis;
        return finish(p, cond, start);
}

/* "== x86_64" or "!= x86_64"; other comparisons make no sense for an ABI. */
static int parse_equality(struct parser *p, bool *ret_others)
{
        if (p->token.kind != TOKEN_COMPARE || (p->token.compare != SC_EQ && p->token.compare != SC_NE))
                return syntax(p, "'==', '!=', 'in' or 'not in' for 'arch'");
        *ret_others = p->token.compare == SC_NE;
        advance(p);
        return 0;
}

/* After "arch". */
static int parse_arch(struct parser *p, const struct sc_cond **ret_cond)
{
        struct token start = p->token;
        struct sc_cond *cond;
        bool others = false;
        uint32_t abis = 0;
        int r = new_node(p, SC_COND_ARCH, start, &cond);

        if (r < 0)
                return r;
        advance(p);
        if (p->token.kind == TOKEN_NAME && token_is(p, p->token, "not")) {
                advance(p);
                others = true;
                if (p->token.kind != TOKEN_NAME || !token_is(p, p->token, "in"))
                        return syntax(p, "'in'");
        }
        if (p->token.kind == TOKEN_NAME && token_is(p, p->token, "in")) {
                advance(p);
                r = parse_abi_set(p, &abis);
        } else {
                r = parse_equality(p, &others);
                if (r == 0)
                        r = parse_abi(p, &abis);
        }
        if (r < 0)
                return r;
        *ret_cond = arch_atom(p, cond, abis, others, start.start);
        return 0;
}

/* "x86_64 == arch". */
static int parse_arch_turned(struct parser *p, const struct sc_cond **ret_cond)
{
        struct token start = p->token;
        struct sc_cond *cond;
        uint32_t abis = 0;
        bool others = false;
        int r = new_node(p, SC_COND_ARCH, start, &cond);

        if (r == 0)
                r = parse_abi(p, &abis);
        if (r == 0)
                r = parse_equality(p, &others);
        if (r < 0)
                return r;
        if (p->token.kind != TOKEN_NAME || !token_is(p, p->token, "arch"))
                return syntax(p, "'arch'");
        advance(p);
        *ret_cond = arch_atom(p, cond, abis, others, start.start);
        return 0;
}

/* Reads a kernel's version. */
static int parse_version(struct parser *p, sc_kernel *ret_kernel)
{
        int len;
        const char *text = token_text(p, p->token, &len);
        struct sc_diag *diag;

        if (p->token.kind != TOKEN_NUMBER)
                return syntax(p, "a kernel's version, such as 6.1");
        if (sc_kernel_parse(text, (size_t)len, ret_kernel) < 0) {
                diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-kernel", place_of(p, p->token),
                                    "'%.*s' is no kernel version", len, text);
                sc_diag_hint(diag, "two numbers, such as 6.1");
                return -EBADMSG;
        }
        advance(p);
        return 0;
}

static int parse_compare(struct parser *p, enum sc_compare *ret_compare)
{
        *ret_compare = p->token.compare;
        return expect(p, TOKEN_COMPARE, "a comparison");
}

/* After "kernel". */
static int parse_kernel(struct parser *p, const struct sc_cond **ret_cond)
{
        struct token start = p->token;
        struct sc_cond *cond;
        int r = new_node(p, SC_COND_KERNEL, start, &cond);

        advance(p);
        if (r == 0)
                r = parse_compare(p, &cond->compare);
        if (r == 0)
                r = parse_version(p, &cond->kernel);
        if (r < 0)
                return r;
        *ret_cond = finish(p, cond, start.start);
        return 0;
}

/* A name that is no atom of the environment: for now nothing else can be asked about. */
static int unknown_name(struct parser *p)
{
        int len;
        const char *text = token_text(p, p->token, &len);
        struct sc_typo typo = sc_typo_begin(text, (size_t)len);
        struct sc_diag *diag;
        int cap = sc_cap_find(text, (size_t)len);

        for (size_t i = 0; i < SC_COUNT(slips); i++)
                if (token_is(p, p->token, slips[i].text))
                        return syntax(p, "a condition");
        diag = sc_diags_add(p->l->diags, SC_ERROR, "unknown-condition", place_of(p, p->token),
                            "'%.*s' is no capability, 'arch' or 'kernel'; argument conditions are not supported yet "
                            "by this version", len, text);
        sc_typo_offer(&typo, "arch");
        sc_typo_offer(&typo, "kernel");
        if (cap >= 0)
                sc_diag_hint(diag, "did you mean '%s'?", sc_cap_name((unsigned)cap));
        else if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        return -EBADMSG;
}

/* "5.8 <= kernel". */
static int parse_kernel_turned(struct parser *p, const struct sc_cond **ret_cond)
{
        static const enum sc_compare turned[] = {
                [SC_EQ] = SC_EQ, [SC_NE] = SC_NE, [SC_LT] = SC_GT, [SC_LE] = SC_GE, [SC_GT] = SC_LT, [SC_GE] = SC_LE,
        };
        struct token start = p->token, ahead;
        struct parser look = *p;
        struct sc_cond *cond;
        int r;

        /* the version is judged only if it is the kernel that is compared with it */
        advance(&look);
        if (look.token.kind == TOKEN_COMPARE)
                advance(&look);
        ahead = look.token;
        if (ahead.kind == TOKEN_NAME && !token_is(p, ahead, "kernel"))
                return unknown_name(&look);
        r = new_node(p, SC_COND_KERNEL, start, &cond);
        if (r == 0)
                r = parse_version(p, &cond->kernel);
        if (r == 0)
                r = parse_compare(p, &cond->compare);
        if (r < 0)
                return r;
        if (p->token.kind != TOKEN_NAME)
                return syntax(p, "'kernel'");
        advance(p);
        cond->compare = turned[cond->compare];
        *ret_cond = finish(p, cond, start.start);
        return 0;
}

static int parse_cap(struct parser *p, const struct sc_cond **ret_cond)
{
        struct token start = p->token;
        struct sc_cond *cond;
        int len, r;
        const char *text = token_text(p, start, &len);
        int cap = sc_cap_find(text, (size_t)len);

        if (cap < 0) {
                policy_report_cap(p->l, place_of(p, start), text, (size_t)len);
                return -EBADMSG;
        }
        r = new_node(p, SC_COND_CAP, start, &cond);
        if (r < 0)
                return r;
        cond->cap = (unsigned)cap;
        advance(p);
        *ret_cond = finish(p, cond, start.start);
        return 0;
}

static int parse_atom(struct parser *p, const struct sc_cond **ret_cond)
{
        int len;
        const char *text = token_text(p, p->token, &len);

        if (p->token.kind == TOKEN_NUMBER)
                return parse_kernel_turned(p, ret_cond);
        if (p->token.kind != TOKEN_NAME)
                return syntax(p, "a condition");
        if (token_is(p, p->token, "arch"))
                return parse_arch(p, ret_cond);
        if (token_is(p, p->token, "kernel"))
                return parse_kernel(p, ret_cond);
        if (len > 4 && !memcmp(text, "CAP_", 4))
                return parse_cap(p, ret_cond);
        if (sc_abi_find(text, (size_t)len))
                return parse_arch_turned(p, ret_cond);
        return unknown_name(p);
}

static int parse_or(struct parser *p, const struct sc_cond **ret_cond);

static int parse_not(struct parser *p, const struct sc_cond **ret_cond);

static int parse_inner(struct parser *p, const struct sc_cond **ret_cond)
{
        struct token start = p->token;
        struct sc_cond *cond;
        int r;

        if (start.kind == TOKEN_OPEN) {
                advance(p);
                r = parse_or(p, ret_cond);
                return r < 0 ? r : expect(p, TOKEN_CLOSE, "')'");
        }
        r = new_node(p, SC_COND_NOT, start, &cond);
        if (r < 0)
                return r;
        advance(p);
        r = parse_not(p, &cond->left);
        if (r < 0)
                return r;
        *ret_cond = finish(p, cond, start.start);
        return 0;
}

/* An atom, or one step deeper: "(…)" or "!…". */
static int parse_not(struct parser *p, const struct sc_cond **ret_cond)
{
        int r;

        if (p->token.kind != TOKEN_OPEN && p->token.kind != TOKEN_NOT)
                return parse_atom(p, ret_cond);
        if (p->depth >= DEPTH_MAX) {
                sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", place_of(p, p->token),
                             "the condition is nested more than %d deep", DEPTH_MAX);
                return -EBADMSG;
        }
        p->depth++;
        r = parse_inner(p, ret_cond);
        p->depth--;
        return r;
}

/* Operands joined by one operator, from left to right. */
static int parse_chain(struct parser *p, enum token_kind operator, enum sc_cond_kind kind,
                       int (*operand)(struct parser *p, const struct sc_cond **ret_cond),
                       const struct sc_cond **ret_cond)
{
        struct token start = p->token;
        const struct sc_cond *left = NULL, *right = NULL;
        int r = operand(p, &left);

        while (r == 0 && p->token.kind == operator) {
                struct sc_cond *cond;

                advance(p);
                r = operand(p, &right);
                if (r < 0)
                        break;
                r = new_node(p, kind, start, &cond);
                if (r < 0)
                        break;
                cond->left = left;
                cond->right = right;
                left = finish(p, cond, start.start);
        }
        if (r < 0)
                return r;
        *ret_cond = left;
        return 0;
}

static int parse_and(struct parser *p, const struct sc_cond **ret_cond)
{
        return parse_chain(p, TOKEN_AND, SC_COND_AND, parse_not, ret_cond);
}

static int parse_or(struct parser *p, const struct sc_cond **ret_cond)
{
        return parse_chain(p, TOKEN_OR, SC_COND_OR, parse_and, ret_cond);
}

int policy_condition_parse(struct policy_loader *l, const struct sc_json *string, const struct sc_cond **ret_cond)
{
        struct parser p = { .l = l, .string = string };
        const struct sc_cond *cond;
        int r;

        advance(&p);
        r = parse_or(&p, &cond);
        if (r < 0)
                return r;
        if (p.token.kind != TOKEN_END)
                return syntax(&p, "'&&', '||' or the end of the condition");
        *ret_cond = cond;
        return 0;
}

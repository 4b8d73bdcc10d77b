/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of ECMA-262 (21.2, with Unicode), written for PCRE2. Each character that is no letter or digit becomes a
 * \x{…}, so that nothing means more to PCRE2 than it does to ECMA-262: no (*VERB), no (?R), no [[:alpha:]]. Where
 * ECMA-262 is lenient without its flag u (a '{' or ']' by itself, "\-"), this is, too.
 */
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "schema/internal.h"

/* White space and ends of lines (ECMA-262 11.2, 11.3), and all the rest, both for a class. */
#define SPACES                                                                                              \
        "\\x{9}-\\x{d}\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"
#define OTHERS                                                                                               \
        "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}"  \
        "\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{d7ff}\\x{e000}-\\x{fefe}"    \
        "\\x{ff00}-\\x{10ffff}"

#define GROUPS_MAX 100 /* inside each other */
#define NAME_MAX_LEN 32

struct reader {
        const char *at, *end;
        struct sc_strbuf out;
        const char *why; /* what is wrong */
        unsigned depth;
        bool repeatable; /* what was read last may be repeated */
};

/* An escape or a character: a code point, or a set in PCRE2's words. */
struct atom {
        int64_t point; /* -1: a set */
        const char *set;
        char text[NAME_MAX_LEN + 16];
};

/* Long names of general categories (Unicode's PropertyValueAliases.txt); PCRE2 knows the short ones. */
static const struct {
        const char *name, *brief;
} categories[] = {
        { "Letter", "L" },           { "Cased_Letter", "L&" },          { "Uppercase_Letter", "Lu" },
        { "Lowercase_Letter", "Ll" }, { "Titlecase_Letter", "Lt" },     { "Modifier_Letter", "Lm" },
        { "Other_Letter", "Lo" },    { "Mark", "M" },                   { "Nonspacing_Mark", "Mn" },
        { "Spacing_Mark", "Mc" },    { "Enclosing_Mark", "Me" },        { "Number", "N" },
        { "Decimal_Number", "Nd" },  { "digit", "Nd" },                 { "Letter_Number", "Nl" },
        { "Other_Number", "No" },    { "Punctuation", "P" },            { "punct", "P" },
        { "Connector_Punctuation", "Pc" }, { "Dash_Punctuation", "Pd" }, { "Open_Punctuation", "Ps" },
        { "Close_Punctuation", "Pe" }, { "Initial_Punctuation", "Pi" }, { "Final_Punctuation", "Pf" },
        { "Other_Punctuation", "Po" }, { "Symbol", "S" },               { "Math_Symbol", "Sm" },
        { "Currency_Symbol", "Sc" }, { "Modifier_Symbol", "Sk" },       { "Other_Symbol", "So" },
        { "Separator", "Z" },        { "Space_Separator", "Zs" },       { "Line_Separator", "Zl" },
        { "Paragraph_Separator", "Zp" }, { "Other", "C" },              { "Control", "Cc" },
        { "Format", "Cf" },          { "Private_Use", "Co" },           { "Unassigned", "Cn" },
};

/* What may stand before the name of a value of a property, and what PCRE2 has for it. */
static const struct {
        const char *name, *brief;
} properties[] = {
        { "General_Category=", "" }, { "gc=", "" },  { "Script=", "sc:" }, { "sc=", "sc:" },
        { "Script_Extensions=", "scx:" }, { "scx=", "scx:" },
};

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_value(char c)
{
        if (is_digit(c))
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool fail(struct reader *r, const char *why)
{
        if (!r->why)
                r->why = why;
        return false;
}

static bool next_is(const struct reader *r, const char *s)
{
        size_t len = strlen(s);

        return (size_t)(r->end - r->at) >= len && !memcmp(r->at, s, len);
}

static bool take(struct reader *r, const char *s)
{
        if (!next_is(r, s))
                return false;
        r->at += strlen(s);
        return true;
}

/* The next character of what is valid UTF-8. */
static int64_t read_point(struct reader *r)
{
        unsigned char c = (unsigned char)*r->at++;
        int64_t point = c < 0x80 ? c : c < 0xe0 ? c & 0x1f : c < 0xf0 ? c & 0x0f : c & 0x07;

        while (r->at < r->end && ((unsigned char)*r->at & 0xc0) == 0x80)
                point = point << 6 | (*r->at++ & 0x3f);
        return point;
}

static void put_point(struct reader *r, int64_t point)
{
        if (point < 0x80 && (is_digit((char)point) || is_letter((char)point)))
                sc_strbuf_printf(&r->out, "%c", (int)point);
        else
                sc_strbuf_printf(&r->out, "\\x{%x}", (unsigned)point);
}

/* `n` hexadecimal digits. */
static bool read_hex(struct reader *r, int n, int64_t *ret)
{
        int64_t value = 0;

        for (; n > 0; n--) {
                int digit = r->at < r->end ? hex_value(*r->at) : -1;

                if (digit < 0)
                        return fail(r, "hexadecimal digits are missing behind \\x or \\u");
                value = value << 4 | digit;
                r->at++;
        }
        *ret = value;
        return true;
}

/* Behind "\u{" */
static bool read_braced(struct reader *r, int64_t *ret)
{
        int64_t value = 0;

        if (next_is(r, "}"))
                return fail(r, "hexadecimal digits are missing behind \\x or \\u");
        while (!take(r, "}")) {
                int digit = r->at < r->end ? hex_value(*r->at++) : -1;

                if (digit < 0)
                        return fail(r, "\\u{ has no end");
                value = value << 4 | digit;
                if (value > 0x10ffff)
                        return fail(r, "there is no such character");
        }
        *ret = value;
        return true;
}

/* Behind "\u" */
static bool read_unicode(struct reader *r, int64_t *ret)
{
        int64_t high, low;

        if (take(r, "{")) {
                if (!read_braced(r, ret))
                        return false;
        } else {
                if (!read_hex(r, 4, &high))
                        return false;
                if (high >= 0xd800 && high < 0xdc00 && take(r, "\\u")) {
                        if (!read_hex(r, 4, &low))
                                return false;
                        if (low >= 0xdc00 && low < 0xe000)
                                high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                }
                *ret = high;
        }
        return (*ret >= 0xd800 && *ret < 0xe000) ? fail(r, "half of a surrogate pair is no character") : true;
}

static const char *category(const char *name)
{
        for (size_t i = 0; i < SC_COUNT(categories); i++)
                if (!strcmp(categories[i].name, name))
                        return categories[i].brief;
        return name;
}

/* Behind "\p" or "\P", which is `c`. */
static bool read_property(struct reader *r, char c, struct atom *atom)
{
        const char *kind = "", *value;
        char name[NAME_MAX_LEN];
        size_t n = 0;

        if (!take(r, "{"))
                return fail(r, "\\p needs the name of a property in braces");
        for (; r->at < r->end && (is_letter(*r->at) || is_digit(*r->at) || *r->at == '_' || *r->at == '='); r->at++) {
                if (n + 1 >= sizeof(name))
                        return fail(r, "there is no such property of characters");
                name[n++] = *r->at;
        }
        name[n] = '\0';
        if (n == 0 || !take(r, "}"))
                return fail(r, "\\p needs the name of a property in braces");
        value = name;
        for (size_t i = 0; i < SC_COUNT(properties); i++)
                if (!strncmp(name, properties[i].name, strlen(properties[i].name))) {
                        value = name + strlen(properties[i].name);
                        kind = properties[i].brief;
                }
        if (strchr(value, '='))
                return fail(r, "there is no such property of characters");
        if (!*kind)
                value = category(value);
        snprintf(atom->text, sizeof(atom->text), "\\%c{%s%s}", c, kind, value);
        atom->set = atom->text;
        return true;
}

/* Escapes that mean the same inside and outside of a class; the backslash is read. */
static bool read_escape(struct reader *r, struct atom *atom)
{
        static const char controls[] = "t\tn\nv\vf\fr\r";
        const char *control;
        char c;

        if (r->at == r->end)
                return fail(r, "nothing stands behind the last backslash");
        *atom = (struct atom){ .point = -1 };
        if ((unsigned char)*r->at >= 0x80) {
                atom->point = read_point(r);
                return true;
        }
        c = *r->at++;
        control = strchr(controls, c);
        if (c && control && (control - controls) % 2 == 0 && is_letter(c)) {
                atom->point = (unsigned char)control[1];
        } else if (c == 'd' || c == 'D' || c == 'w' || c == 'W') {
                snprintf(atom->text, sizeof(atom->text), "\\%c", c);
                atom->set = atom->text;
        } else if (c == 'p' || c == 'P') {
                return read_property(r, c, atom);
        } else if (c == 'x') {
                return read_hex(r, 2, &atom->point);
        } else if (c == 'u') {
                return read_unicode(r, &atom->point);
        } else if (c == 'c') {
                if (r->at == r->end || !is_letter(*r->at))
                        return fail(r, "a letter is missing behind \\c");
                atom->point = *r->at++ & 0x1f;
        } else if (c == '0') {
                atom->point = 0;
                return r->at < r->end && is_digit(*r->at) ? fail(r, "ECMA-262 has no octal escapes") : true;
        } else if (is_letter(c) || is_digit(c)) {
                return fail(r, "ECMA-262 has no such escape");
        } else {
                atom->point = (unsigned char)c;
        }
        return true;
}

/* A character or escape in a class. */
static bool read_class_atom(struct reader *r, struct atom *atom)
{
        if (!take(r, "\\")) {
                *atom = (struct atom){ .point = read_point(r) };
                return true;
        }
        *atom = (struct atom){ .point = -1 };
        if (take(r, "b"))
                atom->point = '\b';
        else if (take(r, "s"))
                atom->set = SPACES;
        else if (take(r, "S"))
                atom->set = OTHERS;
        else
                return read_escape(r, atom);
        return true;
}

static void put_atom(struct reader *r, const struct atom *atom)
{
        if (atom->point >= 0)
                put_point(r, atom->point);
        else
                sc_strbuf_puts(&r->out, atom->set);
}

/* Behind '['. */
static bool read_class(struct reader *r)
{
        sc_strbuf_puts(&r->out, take(r, "^") ? "[^" : "[");
        while (!take(r, "]")) {
                struct atom from, to;

                if (r->at == r->end)
                        return fail(r, "a '[' has no ']'");
                if (!read_class_atom(r, &from))
                        return false;
                put_atom(r, &from);
                if (!next_is(r, "-") || r->end - r->at < 2 || r->at[1] == ']')
                        continue;
                r->at++;
                if (!read_class_atom(r, &to))
                        return false;
                if (from.point >= 0 && to.point >= 0 && from.point > to.point)
                        return fail(r, "a range in brackets runs backwards");
                /* a '-' beside a set is a '-' */
                sc_strbuf_puts(&r->out, from.point >= 0 && to.point >= 0 ? "-" : "\\x{2d}");
                put_atom(r, &to);
        }
        sc_strbuf_puts(&r->out, "]");
        return true;
}

/* A group's name and the '>' behind it. */
static bool read_name(struct reader *r)
{
        const char *name = r->at;
        int n;

        while (r->at < r->end && (is_letter(*r->at) || *r->at == '_' || (r->at > name && is_digit(*r->at))))
                r->at++;
        n = (int)(r->at - name);
        if (n == 0 || n > NAME_MAX_LEN || !take(r, ">"))
                return fail(r, "a group's name is letters and digits between '<' and '>'");
        sc_strbuf_printf(&r->out, "<%.*s>", n, name);
        return true;
}

/* Behind '\', outside of a class. */
static bool read_outer_escape(struct reader *r)
{
        struct atom atom;

        r->repeatable = true;
        if (next_is(r, "b") || next_is(r, "B")) {
                sc_strbuf_puts(&r->out, *r->at++ == 'b' ? "\\b" : "\\B");
                r->repeatable = false;
                return true;
        }
        if (take(r, "s") || next_is(r, "S")) {
                sc_strbuf_puts(&r->out, take(r, "S") ? "[^" SPACES "]" : "[" SPACES "]");
                return true;
        }
        if (take(r, "k<")) {
                sc_strbuf_puts(&r->out, "\\k");
                return read_name(r);
        }
        if (r->at < r->end && *r->at >= '1' && *r->at <= '9') {
                size_t n = 0;

                while (r->at + n < r->end && is_digit(r->at[n]))
                        n++;
                if (n > 3)
                        return fail(r, "there is no such group");
                sc_strbuf_printf(&r->out, "\\g{%.*s}", (int)n, r->at);
                r->at += n;
                return true;
        }
        if (!read_escape(r, &atom))
                return false;
        put_atom(r, &atom);
        return true;
}

/* Behind '('. */
static bool read_group(struct reader *r)
{
        static const char *const kinds[] = { "?:", "?=", "?!", "?<=", "?<!" };

        if (++r->depth > GROUPS_MAX)
                return fail(r, "too many groups are inside each other");
        r->repeatable = false;
        sc_strbuf_puts(&r->out, "(");
        if (!next_is(r, "?"))
                return true;
        for (size_t i = 0; i < SC_COUNT(kinds); i++)
                if (take(r, kinds[i])) {
                        sc_strbuf_puts(&r->out, kinds[i]);
                        return true;
                }
        if (!take(r, "?<"))
                return fail(r, "ECMA-262 has no such group");
        sc_strbuf_puts(&r->out, "?");
        return read_name(r);
}

static size_t span_digits(const char *s, const char *end)
{
        size_t n = 0;

        while (s + n < end && is_digit(s[n]))
                n++;
        return n;
}

/* The bytes of {n}, {n,} or {n,m}, which begins at `at`; 0 if it is none of them. */
static size_t count_length(const struct reader *r)
{
        const char *p = r->at + 1;
        size_t n = span_digits(p, r->end);

        if (n == 0)
                return 0;
        p += n;
        if (p < r->end && *p == ',') {
                p++;
                p += span_digits(p, r->end);
        }
        return p < r->end && *p == '}' ? (size_t)(p + 1 - r->at) : 0;
}

/* "*", "+", "?" or a count, of `n` bytes. */
static bool read_repeat(struct reader *r, size_t n)
{
        if (!r->repeatable)
                return fail(r, "there is nothing to repeat");
        sc_strbuf_append(&r->out, r->at, n);
        r->at += n;
        if (take(r, "?"))
                sc_strbuf_puts(&r->out, "?");
        r->repeatable = false;
        return true;
}

static bool read_end_of_group(struct reader *r)
{
        r->at++;
        if (r->depth-- == 0)
                return fail(r, "a ')' has no '('");
        sc_strbuf_puts(&r->out, ")");
        r->repeatable = true;
        return true;
}

static bool read_term(struct reader *r)
{
        char c = *r->at;
        size_t n = c == '{' ? count_length(r) : c == '*' || c == '+' || c == '?';

        if (n)
                return read_repeat(r, n);
        if (c == ')')
                return read_end_of_group(r);
        if (take(r, "("))
                return read_group(r);
        if (take(r, "\\"))
                return read_outer_escape(r);
        if (c == '^' || c == '$' || c == '|') {
                sc_strbuf_append(&r->out, r->at++, 1);
                r->repeatable = false;
                return true;
        }
        r->repeatable = true;
        if (take(r, "["))
                return read_class(r);
        if (take(r, "."))
                sc_strbuf_puts(&r->out, "[^\\n\\r\\x{2028}\\x{2029}]");
        else
                put_point(r, read_point(r));
        return true;
}

int sc_schema_ecma(struct sc_arena *arena, const char *text, size_t len, const char **ret_pattern, size_t *ret_len,
                   const char **ret_why)
{
        struct reader r = { .at = text, .end = text + len };
        char *copy = NULL;
        size_t out_len;

        while (r.at < r.end && read_term(&r))
                ;
        if (!r.why && r.depth)
                fail(&r, "a '(' has no ')'");
        out_len = r.out.len;
        if (!r.why && !r.out.failed)
                copy = sc_arena_strndup(arena, r.out.text ? r.out.text : "", out_len);
        sc_strbuf_done(&r.out);
        if (r.why) {
                *ret_why = r.why;
                return -EBADMSG;
        }
        if (!copy)
                return -ENOMEM;
        *ret_pattern = copy;
        *ret_len = out_len;
        return 0;
}

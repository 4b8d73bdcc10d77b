/* SPDX-License-Identifier: Apache-2.0 */
/* The operands of comparisons: arguments, masks, and values of numbers and constants. */
#include <errno.h>
#include <string.h>

#include "policy/lex.h"
#include "syscall/constant.h"

static int bad(struct parser *p, struct sc_place place, const char *message, const char *hint)
{
        struct sc_diag *diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", place, "%s", message);

        if (hint)
                sc_diag_hint(diag, "%s", hint);
        return -EBADMSG;
}

/* A new value over one or two others. */
static int new_value(struct parser *p, enum sc_value_kind kind, struct token start, struct sc_value **ret_value)
{
        struct sc_value *value;
        int r = lex_count(p, start);

        if (r < 0)
                return r;
        value = sc_arena_alloc(p->l->arena, sizeof(*value));
        if (!value)
                return -ENOMEM;
        value->kind = kind;
        *ret_value = value;
        return 0;
}

static void set_value(struct parser *p, struct sc_value *value, struct token start, struct operand *ret_operand)
{
        value->place = lex_place_from(p, start.start);
        *ret_operand = (struct operand){
                .kind = OPERAND_VALUE, .place = value->place, .start = start, .value = value,
        };
}

/* The value of a digit in any base, 255 if it is none. */
static unsigned digit_value(char c)
{
        if (c >= '0' && c <= '9')
                return (unsigned)(c - '0');
        if (c >= 'a' && c <= 'f')
                return (unsigned)(c - 'a' + 10);
        if (c >= 'A' && c <= 'F')
                return (unsigned)(c - 'A' + 10);
        return 255;
}

/* Decimal, hexadecimal behind "0x", octal behind "0" or "0o". */
static int read_number(const char *text, size_t len, uint64_t *ret_number)
{
        unsigned base = len > 1 && text[0] == '0' ? 8 : 10;
        size_t at = base == 8;
        uint64_t number = 0;

        if (base == 8 && len > 2 && (text[1] == 'x' || text[1] == 'X')) {
                base = 16;
                at = 2;
        } else if (base == 8 && len > 2 && (text[1] == 'o' || text[1] == 'O'))
                at = 2;
        for (; at < len; at++) {
                unsigned digit = digit_value(text[at]);

                if (digit >= base)
                        return -EINVAL;
                if (__builtin_mul_overflow(number, (uint64_t)base, &number) ||
                    __builtin_add_overflow(number, (uint64_t)digit, &number))
                        return -ERANGE;
        }
        *ret_number = number;
        return 0;
}

static int parse_number(struct parser *p, struct operand *ret_operand)
{
        struct token start = p->token;
        struct sc_value *value;
        struct sc_diag *diag;
        uint64_t number;
        int len;
        const char *text = lex_text(p, start, &len);
        int r = read_number(text, (size_t)len, &number);

        if (r == -ERANGE) {
                sc_diags_add(p->l->diags, SC_ERROR, "bad-number", lex_place(p, start),
                             "'%.*s' does not fit in 64 bits", len, text);
                return -EBADMSG;
        }
        if (r < 0) {
                diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-number", lex_place(p, start), "'%.*s' is no number",
                                    len, text);
                sc_diag_hint(diag, "decimal, hexadecimal as in 0x1f, or octal as in 0755");
                return -EBADMSG;
        }
        r = new_value(p, SC_VALUE_NUMBER, start, &value);
        if (r < 0)
                return r;
        value->number = number;
        lex_advance(p);
        set_value(p, value, start, ret_operand);
        return 0;
}

/* True if some ABI knows the constant. */
static bool is_constant(const char *name, size_t len)
{
        int64_t value;

        return sc_constant_find(name, len, sc_abi_native(), &value) != -ENOENT;
}

static int parse_constant(struct parser *p, struct operand *ret_operand)
{
        struct token start = p->token;
        struct sc_value *value;
        int len;
        const char *text = lex_text(p, start, &len);
        int r = new_value(p, SC_VALUE_CONSTANT, start, &value);

        if (r < 0)
                return r;
        value->name = sc_arena_strndup(p->l->arena, text, (size_t)len);
        if (!value->name)
                return -ENOMEM;
        lex_advance(p);
        set_value(p, value, start, ret_operand);
        return 0;
}

static void set_argument(struct parser *p, struct token start, struct sc_argument argument,
                         struct operand *ret_operand)
{
        argument.place = lex_place_from(p, start.start);
        *ret_operand = (struct operand){
                .kind = OPERAND_ARGUMENT, .place = argument.place, .start = start, .argument = argument,
        };
}

/* "arg0"…"arg5", by position, or ":64" behind it for the whole register. */
static int parse_position(struct parser *p, struct operand *ret_operand)
{
        struct token start = p->token;
        int len;
        const char *text = lex_text(p, start, &len);
        struct sc_argument argument = { .position = (unsigned)(text[3] - '0') };

        lex_advance(p);
        if (p->token.kind == TOKEN_COLON) {
                lex_advance(p);
                if (p->token.kind != TOKEN_NUMBER || !lex_is(p, p->token, "64"))
                        return lex_syntax(p, "'64'");
                lex_advance(p);
                argument.raw = true;
        }
        set_argument(p, start, argument, ret_operand);
        return 0;
}

static int parse_parameter(struct parser *p, struct operand *ret_operand)
{
        struct token start = p->token;
        struct sc_argument argument = { 0 };
        int len;
        const char *text = lex_text(p, start, &len);
        int r = parameter_check(p);

        if (r < 0)
                return r;
        argument.name = sc_arena_strndup(p->l->arena, text, (size_t)len);
        if (!argument.name)
                return -ENOMEM;
        lex_advance(p);
        if (p->token.kind == TOKEN_COLON)
                return bad(p, lex_place(p, p->token), "':64' goes with a position only",
                           "write 'arg0:64' for the whole register of the first argument");
        set_argument(p, start, argument, ret_operand);
        return 0;
}

static bool is_position(const char *text, int len)
{
        return len == 4 && !memcmp(text, "arg", 3) && text[3] >= '0' && text[3] <= '5';
}

static int parse_name(struct parser *p, struct operand *ret_operand)
{
        struct token start = p->token;
        const struct sc_cond *cond;
        int len, r;
        const char *text = lex_text(p, start, &len);

        if (lex_is_slip(p, start) || lex_at(p, "in"))
                return lex_syntax(p, p->expected);
        if (is_position(text, len))
                return parse_position(p, ret_operand);
        if (parameter_is_known(p))
                return parse_parameter(p, ret_operand);
        if (is_constant(text, (size_t)len))
                return parse_constant(p, ret_operand);
        if (len <= 4 || memcmp(text, "CAP_", 4))
                return parameter_report_unknown(p);
        r = environment_parse_cap(p, &cond);
        if (r < 0)
                return r;
        *ret_operand = (struct operand){
                .kind = OPERAND_COND, .place = cond->place, .start = start, .cond = cond,
        };
        return 0;
}

static int parse_unary(struct parser *p, struct operand *ret_operand);

/* After '~' or '-'. */
static int parse_prefixed(struct parser *p, struct operand *ret_operand)
{
        struct token start = p->token;
        enum sc_value_kind kind = start.kind == TOKEN_MINUS ? SC_VALUE_MINUS : SC_VALUE_NOT;
        struct sc_value *value;
        int r = new_value(p, kind, start, &value);

        if (r < 0)
                return r;
        lex_advance(p);
        p->expected = "a value";
        r = parse_unary(p, ret_operand);
        if (r)
                return r;
        if (ret_operand->kind != OPERAND_VALUE)
                return bad(p, ret_operand->place, "'~' and '-' go with values only", NULL);
        if (kind == SC_VALUE_MINUS && ret_operand->value->kind == SC_VALUE_NUMBER &&
            ret_operand->value->number > UINT64_C(1) << 63)
                return bad(p, ret_operand->place, "the negative number does not fit in 64 bits", NULL);
        value->left = ret_operand->value;
        set_value(p, value, start, ret_operand);
        return 0;
}

static int parse_parenthesised(struct parser *p, struct operand *ret_operand)
{
        struct token start = p->token;
        int r;

        lex_advance(p);
        r = condition_parse_any(p, ret_operand);
        if (r == 0)
                r = lex_expect(p, TOKEN_CLOSE, "')'");
        ret_operand->start = start;
        return r;
}

static int parse_unary(struct parser *p, struct operand *ret_operand)
{
        enum token_kind kind = p->token.kind;
        int r;

        if (kind == TOKEN_NUMBER)
                return parse_number(p, ret_operand);
        if (kind == TOKEN_NAME)
                return parse_name(p, ret_operand);
        if (kind != TOKEN_OPEN && kind != TOKEN_INVERT && kind != TOKEN_MINUS)
                return lex_syntax(p, p->expected);
        r = condition_enter(p);
        if (r < 0)
                return r;
        r = kind == TOKEN_OPEN ? parse_parenthesised(p, ret_operand) : parse_prefixed(p, ret_operand);
        p->depth--;
        return r;
}

/* Two values joined by '&' or '|'. */
static int join_values(struct parser *p, enum sc_value_kind kind, struct operand *left, const struct sc_value *right)
{
        struct token start = left->start;
        struct sc_value *value;
        int r = new_value(p, kind, start, &value);

        if (r < 0)
                return r;
        value->left = left->value;
        value->right = right;
        set_value(p, value, start, left);
        return 0;
}

/* Puts a mask on an argument, beside one that it may have. */
static int add_mask(struct parser *p, struct operand *left, const struct operand *argument,
                    const struct sc_value *mask)
{
        struct operand joined = { .start = left->start, .value = mask };
        struct token start = left->start;
        int r = 0;

        if (argument->argument.mask) {
                joined.value = argument->argument.mask;
                r = join_values(p, SC_VALUE_AND, &joined, mask);
        }
        if (r < 0)
                return r;
        *left = *argument;
        left->argument.mask = joined.value;
        left->start = start;
        left->place = lex_place_from(p, start.start);
        return 0;
}

/* "x & y": a mask on an argument, on either side, or two values. */
static int join_mask(struct parser *p, struct operand *left, const struct operand *right)
{
        if (right->kind == OPERAND_COND)
                return bad(p, right->place, "a condition is no mask", "did you mean '&&'?");
        if (left->kind == OPERAND_ARGUMENT && right->kind == OPERAND_ARGUMENT)
                return bad(p, right->place, "an argument cannot mask another", "a mask is made of constants");
        if (left->kind == OPERAND_ARGUMENT)
                return add_mask(p, left, left, right->value);
        if (right->kind == OPERAND_ARGUMENT)
                return add_mask(p, left, right, left->value);
        return join_values(p, SC_VALUE_AND, left, right->value);
}

static int parse_masked(struct parser *p, struct operand *ret_operand)
{
        struct operand right = { 0 };
        int r = parse_unary(p, ret_operand);

        while (r == 0 && p->token.kind == TOKEN_MASK && ret_operand->kind != OPERAND_COND) {
                lex_advance(p);
                p->expected = "a mask";
                r = parse_unary(p, &right);
                if (r == 0)
                        r = join_mask(p, ret_operand, &right);
        }
        return r;
}

int operand_parse(struct parser *p, const char *expected, struct operand *ret_operand)
{
        struct operand right = { 0 };
        int r;

        p->expected = expected;
        r = parse_masked(p, ret_operand);
        while (r == 0 && p->token.kind == TOKEN_UNITE && ret_operand->kind != OPERAND_COND) {
                lex_advance(p);
                p->expected = "a value";
                r = parse_masked(p, &right);
                if (r < 0)
                        break;
                if (ret_operand->kind != OPERAND_VALUE || right.kind != OPERAND_VALUE)
                        return bad(p, ret_operand->kind != OPERAND_VALUE ? ret_operand->place : right.place,
                                   "'|' joins values only",
                                   "'&' binds tighter: put what belongs together in parentheses");
                r = join_values(p, SC_VALUE_OR, ret_operand, right.value);
        }
        return r;
}

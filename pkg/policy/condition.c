/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of conditions, from '||' down to comparisons and sets. */
#include <errno.h>
#include <string.h>

#include "policy/lex.h"

#define DEPTH_MAX 32 /* parentheses, '!', '~' and '-' inside each other */
#define COMPARISON "a comparison, '&', 'in' or 'not in'"

static int bad(struct parser *p, struct sc_place place, const char *message, const char *hint)
{
        struct sc_diag *diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", place, "%s", message);

        if (hint)
                sc_diag_hint(diag, "%s", hint);
        return -EBADMSG;
}

int condition_enter(struct parser *p)
{
        if (p->depth < DEPTH_MAX) {
                p->depth++;
                return 0;
        }
        sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", lex_place(p, p->token),
                     "the condition is nested more than %d deep", DEPTH_MAX);
        return -EBADMSG;
}

static void set_cond(struct parser *p, struct sc_cond *cond, struct token start, struct operand *ret_operand)
{
        cond->place = lex_place_from(p, start.start);
        *ret_operand = (struct operand){
                .kind = OPERAND_COND, .place = cond->place, .start = start, .cond = cond,
        };
}

/* An argument or a value stands where a condition must: the next word tells which mistake it is. */
static int report_no_cond(struct parser *p, const struct operand *operand)
{
        enum token_kind next = p->token.kind;
        const struct sc_argument *argument = &operand->argument;
        struct sc_diag *diag;

        if (next != TOKEN_END && next != TOKEN_AND && next != TOKEN_OR && next != TOKEN_CLOSE)
                return lex_syntax(p, COMPARISON);
        if (operand->kind == OPERAND_VALUE)
                return bad(p, operand->place, "a value alone is no condition", "compare an argument with it");
        diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-condition", operand->place,
                            "an argument alone is no condition");
        if (argument->name)
                sc_diag_hint(diag, "write '%s != 0'", argument->name);
        else
                sc_diag_hint(diag, "write 'arg%u%s != 0'", argument->position, argument->raw ? ":64" : "");
        return -EBADMSG;
}

/* The condition that an operand is; a bare mask means that some bit under it is set. */
static int need_cond(struct parser *p, struct operand *operand)
{
        static const struct sc_value zero = { .kind = SC_VALUE_NUMBER };
        struct sc_cond *cond;
        int r;

        if (operand->kind == OPERAND_COND)
                return 0;
        if (operand->kind != OPERAND_ARGUMENT || !operand->argument.mask)
                return report_no_cond(p, operand);
        r = lex_new_cond(p, SC_COND_COMPARE, operand->start, &cond);
        if (r < 0)
                return r;
        cond->argument = operand->argument;
        cond->compare = SC_NE;
        cond->value = &zero;
        set_cond(p, cond, operand->start, operand);
        return 0;
}

/* The argument and the value of a comparison, whichever stands first. */
static int match_sides(struct parser *p, struct operand *left, struct operand *right, enum sc_compare *compare)
{
        static const enum sc_compare turned[] = {
                [SC_EQ] = SC_EQ, [SC_NE] = SC_NE, [SC_LT] = SC_GT, [SC_LE] = SC_GE, [SC_GT] = SC_LT, [SC_GE] = SC_LE,
        };
        struct operand swap = *left;

        if (left->kind == OPERAND_COND || right->kind == OPERAND_COND)
                return bad(p, left->kind == OPERAND_COND ? left->place : right->place, "a condition cannot be compared",
                           "write it alone, or '!' before it");
        if (left->kind == right->kind && left->kind == OPERAND_ARGUMENT)
                return bad(p, right->place, "an argument cannot be compared with another",
                           "filters compare arguments with constants only");
        if (left->kind == right->kind)
                return bad(p, right->place, "two values are compared, and no argument", NULL);
        if (left->kind == OPERAND_ARGUMENT)
                return 0;
        *left = *right;
        *right = swap;
        *compare = turned[*compare];
        return 0;
}

/* A second comparison right behind the first: "10 <= arg1 < 20". */
static int check_chain(struct parser *p)
{
        if (p->token.kind != TOKEN_COMPARE)
                return 0;
        return bad(p, lex_place(p, p->token), "comparisons cannot be chained",
                   "write two, with '&&' between: '10 <= arg1 && arg1 < 20'");
}

static int parse_comparison(struct parser *p, struct operand *operand)
{
        enum sc_compare compare = p->token.compare;
        struct token start = operand->start;
        struct operand right = { 0 };
        struct sc_cond *cond;
        int r;

        lex_advance(p);
        r = operand_parse(p, "a value", &right);
        if (r == 0)
                r = match_sides(p, operand, &right, &compare);
        if (r == 0)
                r = check_chain(p);
        if (r == 0)
                r = lex_new_cond(p, SC_COND_COMPARE, start, &cond);
        if (r)
                return r;
        cond->argument = operand->argument;
        cond->compare = compare;
        cond->value = right.value;
        set_cond(p, cond, start, operand);
        return 0;
}

static int parse_value(struct parser *p, struct operand *ret_operand)
{
        int r = operand_parse(p, "a value", ret_operand);

        if (r == 0 && ret_operand->kind != OPERAND_VALUE)
                r = bad(p, ret_operand->place, "a set holds values only", NULL);
        return r;
}

/* "AF_UNIX" or "3..7". */
static int parse_element(struct parser *p, struct sc_range **ret_range)
{
        struct operand first = { 0 }, last;
        struct sc_range *range;
        int r = parse_value(p, &first);

        last = first;
        if (r == 0 && p->token.kind == TOKEN_RANGE) {
                lex_advance(p);
                r = parse_value(p, &last);
        }
        if (r < 0)
                return r;
        range = sc_arena_alloc(p->l->arena, sizeof(*range));
        if (!range)
                return -ENOMEM;
        range->first = first.value;
        range->last = last.value;
        range->place = lex_place_from(p, first.start.start);
        *ret_range = range;
        return 0;
}

/* Reads "{…}" into the condition. */
static int parse_set(struct parser *p, struct sc_cond *cond)
{
        const struct sc_range **end = &cond->ranges;
        size_t start = p->token.start;
        int r = lex_expect(p, TOKEN_BRACE_OPEN, "'{'");

        if (r == 0 && p->token.kind == TOKEN_BRACE_CLOSE) {
                struct sc_diag *diag;

                lex_advance(p);
                diag = sc_diags_add(p->l->diags, SC_ERROR, "empty-set", lex_place_from(p, start),
                                    "the set holds nothing");
                sc_diag_hint(diag, "write values or ranges: '{1, 4..7}'");
                return -EBADMSG;
        }
        while (r == 0) {
                struct sc_range *range;

                r = parse_element(p, &range);
                if (r < 0)
                        return r;
                *end = range;
                end = &range->next;
                if (p->token.kind != TOKEN_COMMA)
                        break;
                lex_advance(p);
        }
        return r < 0 ? r : lex_expect(p, TOKEN_BRACE_CLOSE, "',' or '}'");
}

/* After an argument: "in {…}" or "not in {…}". */
static int parse_membership(struct parser *p, struct operand *operand)
{
        struct sc_cond *cond, *outer;
        struct token start = operand->start;
        bool others = lex_at(p, "not");
        int r;

        if (others)
                lex_advance(p);
        if (!lex_at(p, "in"))
                return lex_syntax(p, "'in'");
        if (operand->kind != OPERAND_ARGUMENT)
                return bad(p, operand->place, "only an argument may be in a set", NULL);
        lex_advance(p);
        r = lex_new_cond(p, SC_COND_IN, start, &cond);
        if (r < 0)
                return r;
        cond->argument = operand->argument;
        r = parse_set(p, cond);
        if (r < 0)
                return r;
        set_cond(p, cond, start, operand);
        if (!others)
                return 0;
        r = lex_new_cond(p, SC_COND_NOT, start, &outer);
        if (r < 0)
                return r;
        outer->left = cond;
        set_cond(p, outer, start, operand);
        return 0;
}

/* An atom: of the environment, or an operand and what it is compared with. */
static int parse_atom(struct parser *p, struct operand *ret_operand)
{
        struct token start = p->token;
        const struct sc_cond *cond;
        int r = environment_parse(p, &cond);

        if (r < 0)
                return r;
        if (cond) {
                *ret_operand = (struct operand){
                        .kind = OPERAND_COND, .place = cond->place, .start = start, .cond = cond,
                };
                return 0;
        }
        r = operand_parse(p, "a condition", ret_operand);
        if (r < 0)
                return r;
        if (p->token.kind == TOKEN_COMPARE)
                return parse_comparison(p, ret_operand);
        if (lex_at(p, "in") || (lex_at(p, "not") && ret_operand->kind != OPERAND_COND))
                return parse_membership(p, ret_operand);
        return 0;
}

static int parse_not(struct parser *p, struct operand *ret_operand)
{
        struct token start = p->token;
        struct sc_cond *cond;
        int r;

        if (start.kind != TOKEN_NOT)
                return parse_atom(p, ret_operand);
        r = condition_enter(p);
        if (r == 0)
                r = lex_new_cond(p, SC_COND_NOT, start, &cond);
        if (r)
                return r;
        lex_advance(p);
        r = parse_not(p, ret_operand);
        if (r == 0)
                r = need_cond(p, ret_operand);
        p->depth--;
        if (r < 0)
                return r;
        cond->left = ret_operand->cond;
        set_cond(p, cond, start, ret_operand);
        return 0;
}

/* Operands joined by one operator, from left to right. One alone may be something else than a condition. */
static int parse_chain(struct parser *p, enum token_kind operator, enum sc_cond_kind kind,
                       int (*parse)(struct parser *p, struct operand *ret_operand), struct operand *ret_operand)
{
        struct token start = p->token;
        struct operand right = { 0 };
        int r = parse(p, ret_operand);

        while (r == 0 && p->token.kind == operator) {
                struct sc_cond *cond;

                r = need_cond(p, ret_operand);
                if (r < 0)
                        break;
                lex_advance(p);
                r = parse(p, &right);
                if (r == 0)
                        r = need_cond(p, &right);
                if (r == 0)
                        r = lex_new_cond(p, kind, start, &cond);
                if (r)
                        break;
                cond->left = ret_operand->cond;
                cond->right = right.cond;
                set_cond(p, cond, start, ret_operand);
        }
        return r;
}

static int parse_and(struct parser *p, struct operand *ret_operand)
{
        return parse_chain(p, TOKEN_AND, SC_COND_AND, parse_not, ret_operand);
}

int condition_parse_any(struct parser *p, struct operand *ret_operand)
{
        return parse_chain(p, TOKEN_OR, SC_COND_OR, parse_and, ret_operand);
}

int policy_condition_parse(struct policy_loader *l, const struct sc_json *string, const struct sc_rule_call *calls,
                           size_t n_calls, const struct sc_cond **ret_cond)
{
        struct parser p = { .l = l, .string = string, .calls = calls, .n_calls = n_calls };
        struct operand operand = { 0 };
        int r;

        lex_advance(&p);
        r = condition_parse_any(&p, &operand);
        if (r == 0)
                r = need_cond(&p, &operand);
        if (r < 0)
                return r;
        if (p.token.kind != TOKEN_END)
                return lex_syntax(&p, "'&&', '||' or the end of the condition");
        *ret_cond = operand.cond;
        return 0;
}

int sc_policy_condition_read(struct sc_arena *arena, const char *text, int call, const struct sc_cond **ret_cond)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_rule_call calls[] = { { .call = (unsigned short)call, .direct = true } };
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        struct policy_loader loader = { .arena = arena, .diags = diags };
        const struct sc_json *string;
        int r;

        if (!diags || !source)
                return -ENOMEM;
        source->name = "<condition>";
        source->text = sc_arena_printf(arena, "\"%s\"", text);
        if (!source->text)
                return -ENOMEM;
        source->len = strlen(source->text);
        r = sc_json_parse(arena, source, 0, diags, &string);
        return r ? r : policy_condition_parse(&loader, string, calls, SC_COUNT(calls), ret_cond);
}

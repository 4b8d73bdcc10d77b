/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of conditions, from '||' down to comparisons and sets. */
#include <errno.h>
#include <string.h>

#include "policy/lex.h"

#define DEPTH_MAX 32 /* parentheses, '!', '~' and '-' inside each other */

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

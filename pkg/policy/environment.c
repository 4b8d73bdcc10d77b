/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on the environment: capabilities, the ABI and the running kernel. */
#include <errno.h>
#include <string.h>

#include "policy/lex.h"

/* Reads one ABI's name into the set. */
static int parse_abi(struct parser *p, uint32_t *abis)
{
        const struct sc_abi *abi;
        int len;
        const char *text = lex_text(p, p->token, &len);

        if (p->token.kind != TOKEN_NAME)
                return lex_syntax(p, "the name of an ABI");
        abi = sc_abi_find(text, (size_t)len);
        if (!abi) {
                policy_report_arch(p->l, lex_place(p, p->token), text, (size_t)len);
                return -EBADMSG;
        }
        *abis |= UINT32_C(1) << abi->index;
        lex_advance(p);
        return 0;
}

/* Reads "{x86_64, aarch64}". */
static int parse_abi_set(struct parser *p, uint32_t *abis)
{
        int r = lex_expect(p, TOKEN_BRACE_OPEN, "'{'");

        while (r == 0) {
                r = parse_abi(p, abis);
                if (r < 0 || p->token.kind != TOKEN_COMMA)
                        break;
                lex_advance(p);
        }
        return r < 0 ? r : lex_expect(p, TOKEN_BRACE_CLOSE, "',' or '}'");
}

/* Sets the ABIs where the atom holds: those that were named, or all others. */
static const struct sc_cond *arch_atom(struct parser *p, struct sc_cond *cond, uint32_t abis, bool others, size_t start)
{
        uint32_t all = (uint32_t)((UINT64_C(1) << sc_abi_count()) - 1);

        cond->abis = others ? all & ~abis : abis;
        cond->place = lex_place_from(p, start);
        return cond;
}

/* "== x86_64" or "!= x86_64"; other comparisons make no sense for an ABI. */
static int parse_equality(struct parser *p, bool *ret_others)
{
        if (p->token.kind != TOKEN_COMPARE || (p->token.compare != SC_EQ && p->token.compare != SC_NE))
                return lex_syntax(p, "'==', '!=', 'in' or 'not in' for 'arch'");
        *ret_others = p->token.compare == SC_NE;
        lex_advance(p);
        return 0;
}

/* After "arch". */
static int parse_arch(struct parser *p, const struct sc_cond **ret_cond)
{
        struct token start = p->token;
        struct sc_cond *cond;
        bool others = false;
        uint32_t abis = 0;
        int r = lex_new_cond(p, SC_COND_ARCH, start, &cond);

        if (r < 0)
                return r;
        lex_advance(p);
        if (lex_at(p, "not")) {
                lex_advance(p);
                others = true;
                if (!lex_at(p, "in"))
                        return lex_syntax(p, "'in'");
        }
        if (lex_at(p, "in")) {
                lex_advance(p);
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
        int r = lex_new_cond(p, SC_COND_ARCH, start, &cond);

        if (r == 0)
                r = parse_abi(p, &abis);
        if (r == 0)
                r = parse_equality(p, &others);
        if (r < 0)
                return r;
        if (!lex_at(p, "arch"))
                return lex_syntax(p, "'arch'");
        lex_advance(p);
        *ret_cond = arch_atom(p, cond, abis, others, start.start);
        return 0;
}

/* Reads a kernel's version. */
static int parse_version(struct parser *p, sc_kernel *ret_kernel)
{
        int len;
        const char *text = lex_text(p, p->token, &len);
        struct sc_diag *diag;

        if (p->token.kind != TOKEN_NUMBER)
                return lex_syntax(p, "a kernel's version, such as 6.1");
        if (sc_kernel_parse(text, (size_t)len, ret_kernel) < 0) {
                diag = sc_diags_add(p->l->diags, SC_ERROR, "bad-kernel", lex_place(p, p->token),
                                    "'%.*s' is no kernel version", len, text);
                sc_diag_hint(diag, "two numbers, such as 6.1");
                return -EBADMSG;
        }
        lex_advance(p);
        return 0;
}

static int parse_compare(struct parser *p, enum sc_compare *ret_compare)
{
        *ret_compare = p->token.compare;
        return lex_expect(p, TOKEN_COMPARE, "a comparison");
}

/* After "kernel". */
static int parse_kernel(struct parser *p, const struct sc_cond **ret_cond)
{
        struct token start = p->token;
        struct sc_cond *cond;
        int r = lex_new_cond(p, SC_COND_KERNEL, start, &cond);

        lex_advance(p);
        if (r == 0)
                r = parse_compare(p, &cond->compare);
        if (r == 0)
                r = parse_version(p, &cond->kernel);
        if (r < 0)
                return r;
        cond->place = lex_place_from(p, start.start);
        *ret_cond = cond;
        return 0;
}

/* "5.8 <= kernel". */
static int parse_kernel_turned(struct parser *p, const struct sc_cond **ret_cond)
{
        static const enum sc_compare turned[] = {
                [SC_EQ] = SC_EQ, [SC_NE] = SC_NE, [SC_LT] = SC_GT, [SC_LE] = SC_GE, [SC_GT] = SC_LT, [SC_GE] = SC_LE,
        };
        struct token start = p->token;
        struct sc_cond *cond;
        int r = lex_new_cond(p, SC_COND_KERNEL, start, &cond);

        if (r == 0)
                r = parse_version(p, &cond->kernel);
        if (r == 0)
                r = parse_compare(p, &cond->compare);
        if (r < 0)
                return r;
        lex_advance(p);
        cond->compare = turned[cond->compare];
        cond->place = lex_place_from(p, start.start);
        *ret_cond = cond;
        return 0;
}

int environment_parse_cap(struct parser *p, const struct sc_cond **ret_cond)
{
        struct token start = p->token;
        struct sc_cond *cond;
        int len, r;
        const char *text = lex_text(p, start, &len);
        int cap = sc_cap_find(text, (size_t)len);

        if (cap < 0) {
                policy_report_cap(p->l, lex_place(p, start), text, (size_t)len);
                return -EBADMSG;
        }
        r = lex_new_cond(p, SC_COND_CAP, start, &cond);
        if (r < 0)
                return r;
        cond->cap = (unsigned)cap;
        lex_advance(p);
        cond->place = lex_place_from(p, start.start);
        *ret_cond = cond;
        return 0;
}

/* True if the next word is compared with what is called `name`: "5.8 <= kernel". */
static bool is_compared_with(const struct parser *p, const char *name)
{
        struct parser ahead = *p;

        lex_advance(&ahead);
        if (ahead.token.kind != TOKEN_COMPARE)
                return false;
        lex_advance(&ahead);
        return lex_at(&ahead, name);
}

int environment_parse(struct parser *p, const struct sc_cond **ret_cond)
{
        if (lex_at(p, "arch"))
                return parse_arch(p, ret_cond);
        if (lex_at(p, "kernel"))
                return parse_kernel(p, ret_cond);
        if ((p->token.kind == TOKEN_NUMBER || p->token.kind == TOKEN_NAME) && is_compared_with(p, "kernel"))
                return parse_kernel_turned(p, ret_cond);
        if (p->token.kind == TOKEN_NAME && is_compared_with(p, "arch"))
                return parse_arch_turned(p, ret_cond);
        *ret_cond = NULL;
        return 0;
}

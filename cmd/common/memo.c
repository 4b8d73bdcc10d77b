/* SPDX-License-Identifier: Apache-2.0 */
/* Programs by all that libseccomp was told, written one after the other. */
#include "common/memo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/util.h"
#include "common/compiler.h"

struct compiled {
        struct compiled *next;
        const char *told;
        size_t told_len;
        struct sc_scmp_result result; /* its instructions are in the memo's arena */
};

static void tell(struct sc_strbuf *out, uint64_t value)
{
        sc_strbuf_append(out, (const char *)&value, sizeof(value));
}

static void tell_rule(struct sc_strbuf *out, const struct sc_scmp_rule *rule)
{
        sc_strbuf_append(out, rule->name, strlen(rule->name) + 1);
        tell(out, rule->action);
        tell(out, rule->n_args);
        for (unsigned i = 0; i < rule->n_args; i++) {
                tell(out, rule->args[i].index);
                tell(out, rule->args[i].op);
                tell(out, rule->args[i].a);
                tell(out, rule->args[i].b);
        }
}

static void tell_filter(struct sc_strbuf *out, const struct sc_scmp_filter *filter)
{
        tell(out, filter->default_action);
        tell(out, filter->optimize);
        tell(out, filter->n_abis);
        for (size_t i = 0; i < filter->n_abis; i++)
                tell(out, (uintptr_t)filter->abis[i]);
        for (size_t i = 0; i < filter->n_rules; i++)
                tell_rule(out, &filter->rules[i]);
}

static const struct compiled *find(const struct compiled_memo *memo, const struct sc_strbuf *told)
{
        for (const struct compiled *c = memo->newest; c; c = c->next)
                if (c->told_len == told->len && !memcmp(c->told, told->text, told->len))
                        return c;
        return NULL;
}

/* A copy whose instructions are the caller's. */
static int give(const struct sc_scmp_result *kept, struct sc_scmp_result *ret_result)
{
        struct sc_scmp_result result = *kept;

        if (kept->insns) {
                result.insns = calloc(kept->len + 1, sizeof(*result.insns));
                if (!result.insns)
                        return -ENOMEM;
                memcpy(result.insns, kept->insns, kept->len * sizeof(*result.insns));
        }
        *ret_result = result;
        return 0;
}

static int keep(struct compiled_memo *memo, const struct sc_strbuf *told, const struct sc_scmp_result *result)
{
        struct compiled *c;

        if (memo->n == COMPILED_MAX)
                return 0;
        c = sc_arena_alloc(memo->arena, sizeof(*c));
        if (!c)
                return -ENOMEM;
        *c = (struct compiled){ .next = memo->newest, .told_len = told->len, .result = *result };
        c->told = sc_arena_strndup(memo->arena, told->text, told->len);
        if (result->insns) {
                c->result.insns = sc_arena_array(memo->arena, result->len + 1, sizeof(*result->insns));
                if (!c->result.insns)
                        return -ENOMEM;
                memcpy(c->result.insns, result->insns, result->len * sizeof(*result->insns));
        }
        if (!c->told)
                return -ENOMEM;
        memo->newest = c;
        memo->n++;
        return 0;
}

static int compile(void *data, const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result)
{
        const struct sc_scmp_compiler compiler = compiler_in_child();
        struct compiled_memo *memo = data;
        struct sc_strbuf told = SC_STRBUF_INIT;
        const struct compiled *found;
        struct sc_scmp_result result = { 0 };
        int r;

        tell_filter(&told, filter);
        found = told.failed ? NULL : find(memo, &told);
        if (found)
                r = give(&found->result, &result);
        else
                r = compiler.compile(compiler.data, filter, &result);
        if (r == 0 && !found && !told.failed)
                r = keep(memo, &told, &result);
        sc_strbuf_done(&told);
        if (r < 0)
                free(result.insns);
        else
                *ret_result = result;
        return r;
}

struct sc_scmp_compiler compiler_with_memo(struct compiled_memo *memo)
{
        struct sc_scmp_compiler compiler = compiler_in_child();

        compiler.compile = compile;
        compiler.data = memo;
        return compiler;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Filters are told apart by all that libseccomp is given, as bytes. */
#include "cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

struct entry {
        struct entry *next;
        struct sc_strbuf key;
        struct sc_scmp_result result;
};

struct cache {
        struct entry *first;
};

struct cache *cache_new(void)
{
        return calloc(1, sizeof(struct cache));
}

static void entry_free(struct entry *e)
{
        sc_strbuf_done(&e->key);
        free(e->result.insns);
        free(e);
}

void cache_free(struct cache *cache)
{
        while (cache && cache->first) {
                struct entry *e = cache->first;

                cache->first = e->next;
                entry_free(e);
        }
        free(cache);
}

static void write_key(const struct sc_scmp_filter *filter, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "%x %u", filter->default_action, filter->optimize);
        for (size_t i = 0; i < filter->n_abis; i++)
                sc_strbuf_printf(out, " %s", filter->abis[i]->name);
        for (size_t i = 0; i < filter->n_rules; i++) {
                const struct sc_scmp_rule *rule = &filter->rules[i];

                sc_strbuf_append(out, "\n", 1);
                sc_strbuf_puts(out, rule->name);
                sc_strbuf_append(out, (const char *)&rule->action, sizeof(rule->action));
                for (unsigned k = 0; k < rule->n_args; k++)
                        sc_strbuf_printf(out, " %u %u %jx %jx", rule->args[k].index, (unsigned)rule->args[k].op,
                                         (uintmax_t)rule->args[k].a, (uintmax_t)rule->args[k].b);
        }
}

/* A copy for the caller to free. */
static int copy_result(const struct sc_scmp_result *result, struct sc_scmp_result *ret_result)
{
        struct sc_scmp_result copy = *result;

        if (result->insns) {
                copy.insns = malloc(result->len * sizeof(*copy.insns));
                if (!copy.insns)
                        return -ENOMEM;
                memcpy(copy.insns, result->insns, result->len * sizeof(*copy.insns));
        }
        *ret_result = copy;
        return 0;
}

static const struct entry *find(const struct cache *cache, const struct sc_strbuf *key)
{
        for (const struct entry *e = cache->first; e; e = e->next)
                if (e->key.len == key->len && !memcmp(e->key.text, key->text, key->len))
                        return e;
        return NULL;
}

static int compile(void *data, const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result)
{
        struct cache *cache = data;
        struct entry *new = calloc(1, sizeof(*new));
        const struct entry *old;
        int r = -ENOMEM;

        if (!new)
                return r;
        write_key(filter, &new->key);
        if (new->key.failed) {
                entry_free(new);
                return r;
        }
        old = find(cache, &new->key);
        r = old ? 0 : sc_scmp_compile(filter, &new->result);
        if (old || r < 0) {
                entry_free(new);
                return old ? copy_result(&old->result, ret_result) : r;
        }
        new->next = cache->first;
        cache->first = new;
        return copy_result(&new->result, ret_result);
}

struct sc_scmp_compiler cache_compiler(struct cache *cache)
{
        struct sc_scmp_compiler compiler = sc_scmp_library();

        compiler.compile = compile;
        compiler.data = cache;
        return compiler;
}

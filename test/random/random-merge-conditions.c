/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairs of policies with random conditions on the arguments of one call, merged, and the result against the plain
 * evaluator: random-merge-conditions [SEED]. As a third trial one of the two is merged as a filter, without its text.
 * SC_SEED, SC_RANDOM_MERGES, SC_RANDOM_INPUTS, SC_RANDOM_SCALE as in random-merge.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../unit/test.h"
#include "base/util.h"
#include "condition.h"
#include "merge/merge.h"
#include "naive.h"
#include "syscall/param.h"

#define MERGES 2000
#define INPUTS 1000
#define TRIES_MAX 20000
#define FAILURES_MAX 5
#define KERNEL SC_KERNEL(6, 1)

struct counts {
        size_t merged, unsayable, language, lonely, wrong, failed;
        uintmax_t inputs;
};

struct pair {
        uint64_t seed;
        size_t index;
        struct rng rng;
        struct cond_case cases[2];
        const struct sc_policy *policies[2];
        struct sc_arena *arena;
        struct sc_decisions *d;
        struct sc_diags *diags;
        struct counts *counts;
};

static void print_text(const char *what, const char *text)
{
        printf("# %s\n", what);
        for (; text && *text; text += strcspn(text, "\n"), text += *text != 0)
                printf("#   %.*s\n", (int)strcspn(text, "\n"), text);
}

static void report(const struct pair *p, const char *what, const char *merged)
{
        printf("# seed %ju, pair %zu: %s\n", (uintmax_t)p->seed, p->index, what);
        for (int i = 0; i < 2; i++) {
                SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;

                cond_write(&p->cases[i], &text);
                print_text("one:", text.text);
        }
        print_text("merged:", merged);
}

static int load(struct pair *p, int i)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;

        cond_write(&p->cases[i], &text);
        if (text.failed)
                return -ENOMEM;
        return sc_policy_load(p->arena, "<random>", text.text, text.len, &(struct sc_policy_options){ 0 }, p->diags,
                              &p->policies[i]);
}

/* Two cases about one call on the same ABIs. Returns 0; 1 if there are none; errors of loading. */
static int make_pair(struct pair *p)
{
        static const char *const names[][COND_ABIS_MAX] = {
                { "x86_64", "x86" }, { "x86_64", "x32" }, { "aarch64", "arm" }, { "s390x", NULL }, { "mips", NULL },
                { "x86_64", "s390x" },
        };
        const char *const *abis = names[rng_below(&p->rng, SC_COUNT(names))];
        int r = 0;

        for (int i = 0; i < 2; i++)
                for (size_t k = 0; k < COND_ABIS_MAX && abis[k]; k++)
                        p->cases[i].abis[p->cases[i].n_abis++] = sc_abi_find(abis[k], strlen(abis[k]));
        cond_generate(&p->rng, &p->cases[0]);
        for (int tries = 0; tries == 0 || p->cases[1].call != p->cases[0].call; tries++) {
                if (tries == TRIES_MAX)
                        return 1;
                cond_generate(&p->rng, &p->cases[1]);
        }
        p->cases[1].caps = p->cases[0].caps;
        for (int i = 0; i < 2 && r == 0; i++)
                r = load(p, i);
        return r;
}

static uint32_t operate(bool unite, uint32_t a, uint32_t b)
{
        unsigned x = naive_looseness(a), y = naive_looseness(b);

        return x == y ? b : (x < y) == unite ? b : a;
}

/* What can be in registers: those of 32 bits have no upper halves to a filter, but on mips. */
static void cut_args(const struct sc_abi *abi, uint64_t args[6])
{
        for (int i = 0; i < 6 && !sc_param_upper_halves_show(abi); i++)
                args[i] = (uint32_t)args[i];
}

static void play(struct pair *p, bool unite, bool filter, const struct sc_policy *merged, const char *text,
                 size_t inputs)
{
        const struct cond_case *c = p->cases;
        const struct sc_abi *abis[COND_ABIS_MAX];
        size_t n = cond_callable(&c[0], abis);

        for (size_t i = 0; i < n; i++) {
                sc_node node = sc_policy_call(merged, p->d, abis[i], c->call);
                struct cond_pool pools[2];

                for (int k = 0; k < 2; k++)
                        cond_pool_fill(&c[k], abis[i], &pools[k]);
                for (size_t k = 0; k < inputs; k++) {
                        struct sc_input input = { { 0 } };
                        uint64_t args[6];
                        uint32_t wanted, got;

                        cond_pool_input(&pools[rng_below(&p->rng, 2)], &p->rng, args);
                        if (filter)
                                cut_args(abis[i], args);
                        wanted = operate(unite, cond_answer(&c[0], abis[i], args), cond_answer(&c[1], abis[i], args));
                        input.words[SC_WORD_KERNEL] = KERNEL;
                        input.words[SC_WORD_CAPS] = c->caps;
                        memcpy(&input.words[SC_WORD_ARG0], args, sizeof(args));
                        got = sc_decision_eval(p->d, node, &input);
                        p->counts->inputs++;
                        if (got == wanted)
                                continue;
                        if (p->counts->wrong++ < FAILURES_MAX)
                                report(p, unite ? "union differs" : "intersection differs", text);
                        return;
                }
        }
}

static int merge(struct pair *p, bool unite, bool filter, size_t inputs)
{
        struct sc_merge_part parts[] = { { .policy = p->policies[0] }, { .policy = p->policies[1] } };
        const struct sc_merge_request request = { .parts = parts, .n_parts = 2, .unite = unite, .fixed = filter,
                                                  .caps = p->cases->caps, .kernel = KERNEL };
        struct sc_merge_result result = { 0 };
        int r;

        for (size_t i = 0; filter && i < SC_ABI_MAX; i++)
                parts[1].nodes[i] = SC_NODE_FAILED;
        for (size_t i = 0; filter && i < p->policies[1]->n_abis; i++) {
                const struct sc_abi *abi = p->policies[1]->abis[i];

                parts[1].nodes[abi->index] = sc_policy_decision_in(p->policies[1], p->d, abi, p->cases->caps, KERNEL);
        }
        if (filter)
                parts[1].policy = NULL;
        r = sc_merge(p->arena, p->d, &request, p->diags, &result);
        if (r == -EBADMSG) {
                size_t n;
                const struct sc_diag *const *all = sc_diags_all(p->diags, &n);

                p->counts->unsayable++;
                if (strcmp(all[n - 1]->rule, "unsayable") != 0 && p->counts->failed++ < FAILURES_MAX)
                        report(p, all[n - 1]->message, NULL);
                return 0;
        }
        if (r < 0)
                return r;
        p->counts->merged++;
        play(p, unite, filter, result.policy, result.text.text, inputs);
        sc_strbuf_done(&result.text);
        return 0;
}

static int try_one(struct pair *p, size_t inputs)
{
        int r = -ENOMEM;

        p->rng = rng_for(p->seed, p->index);
        p->arena = sc_arena_new();
        p->diags = sc_diags_new();
        p->d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        if (p->arena && p->diags && p->d)
                r = make_pair(p);
        p->counts->lonely += r == 1;
        p->counts->language += r == -EBADMSG;
        for (int i = 0; i < 4 && r == 0; i++)
                r = merge(p, i & 1, i & 2, inputs);
        sc_decisions_free(p->d);
        sc_diags_free(p->diags);
        sc_arena_free(p->arena);
        return r == -EBADMSG ? 0 : r;
}

int main(int argc, char **argv)
{
        size_t count = scaled((size_t)env_number("SC_RANDOM_MERGES", MERGES));
        size_t inputs = (size_t)env_number("SC_RANDOM_INPUTS", INPUTS);
        uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : env_number("SC_SEED", 1);
        struct counts counts = { 0 };
        time_t start = time(NULL);

        printf("# seed %ju, %zu pairs, %zu inputs on each ABI\n", (uintmax_t)seed, count, inputs);
        for (size_t i = 0; i < count; i++) {
                struct pair p = { .seed = seed, .index = i, .counts = &counts };
                int r = try_one(&p, inputs);

                if (r < 0) {
                        printf("# seed %ju, pair %zu: %s\n", (uintmax_t)seed, i, strerror(-r));
                        counts.failed++;
                }
        }
        printf("# merged %zu, cannot be said %zu; refused by the language %zu, no second case %zu; %ju inputs; "
               "took %ld s\n",
               counts.merged, counts.unsayable, counts.language, counts.lonely, counts.inputs,
               (long)(time(NULL) - start));
        CHECK_INT(counts.wrong, 0);
        CHECK_INT(counts.failed, 0);
        CHECK(counts.merged >= count);
        CHECK(counts.unsayable * 20 <= counts.merged);
        return test_end();
}

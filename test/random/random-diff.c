/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Differences of random pairs of policies name exactly the calls that are answered differently: by the calls' own
 * decisions, which must be other nodes, and by samples. SC_SEED chooses the pairs, SC_RANDOM_DIFF how many;
 * SC_RANDOM_SCALE divides them.
 */
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "../unit/test.h"
#include "base/util.h"
#include "compare/changes.h"
#include "condition.h"
#include "syscall/param.h"

#define PAIRS 1500
#define NODES ((size_t)1 << 21)
#define CALLS 40 /* that a policy names */
#define SAMPLES 20
#define ABIS 2
#define FAILURES_MAX 5

struct counts {
        size_t pairs, differing, calls, conditions, failed;
};

struct pair {
        struct cond_case conds[2]; /* both for one call */
        int calls[CALLS];
        unsigned actions[2][CALLS];
        struct sc_strbuf texts[2];
        struct sc_compare_place places[ABIS];
};

static const char *const verbs[] = {
        "\"allow\"", "\"log\"", "\"kill\"", "\"deny\"", "\"with\": \"errno:ENOENT\", \"deny\"",
};

static void write_policy(struct pair *p, int side)
{
        const struct cond_case *c = &p->conds[side];
        struct sc_strbuf *out = &p->texts[side];

        sc_strbuf_puts(out, "{ \"architectures\": [\"x86_64\", \"x86\"], \"baseline\": \"6.1\", \"rules\": [\n");
        for (size_t i = 0; i < c->n_rules; i++) {
                struct sc_strbuf when = SC_STRBUF_INIT;

                cond_write_node(c, c->rules[i].when, &when);
                sc_strbuf_printf(out, "{ %s: [\"%s\"], \"when\": \"%s\" },\n",
                                 verbs[c->rules[i].action % SC_COUNT(verbs)], sc_syscall_name(c->call), when.text);
                sc_strbuf_done(&when);
        }
        for (size_t i = 0; i < CALLS; i++)
                sc_strbuf_printf(out, "{ %s: [\"%s\"] },\n", verbs[p->actions[side][i]], sc_syscall_name(p->calls[i]));
        sc_strbuf_printf(out, "{ \"allow\": [\"read\"] } ] }");
}

/* Two policies that share most of what they say. */
static void draw(struct rng *rng, struct pair *p)
{
        size_t first = rng_below(rng, sc_syscall_count()), step = 1 + 2 * rng_below(rng, 4);

        for (int side = 0; side < 2; side++) {
                p->conds[side].abis[0] = p->places[0].abi;
                p->conds[side].abis[1] = p->places[1].abi;
                p->conds[side].n_abis = ABIS;
        }
        cond_generate(rng, &p->conds[0]);
        p->conds[1] = p->conds[0];
        while (rng_percent(rng, 50)) {
                cond_generate(rng, &p->conds[1]);
                p->conds[1].call = p->conds[0].call;
        }
        for (size_t i = 0, at = first; i < CALLS; at += step) {
                int call = (int)(at % sc_syscall_count());
                uint32_t nr;

                if (call == p->conds[0].call || !sc_syscall_number(call, p->places[0].abi, &nr) ||
                    !strcmp(sc_syscall_name(call), "read"))
                        continue;
                p->calls[i] = call;
                p->actions[0][i] = p->actions[1][i] = (unsigned)rng_below(rng, SC_COUNT(verbs));
                if (rng_percent(rng, 10))
                        p->actions[1][i] = (unsigned)rng_below(rng, SC_COUNT(verbs));
                i++;
        }
}

static bool decide(struct sc_decisions *d, struct pair *p, int side)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_policy *policy;

        write_policy(p, side);
        if (sc_policy_load(arena, "test.jsonc", p->texts[side].text, p->texts[side].len, NULL, diags, &policy) < 0)
                return false;
        for (size_t i = 0; i < ABIS; i++) {
                sc_node node = sc_policy_decision_in(policy, d, p->places[i].abi, p->conds[0].caps, SC_KERNEL(6, 1));

                *(side ? &p->places[i].b : &p->places[i].a) = node;
        }
        return true;
}

/* True if the groups have the call on a place. */
static bool is_named(const struct sc_change_group *groups, size_t n, size_t place, int call)
{
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < groups[i].n_calls; k++)
                        if (groups[i].calls[k] == call && groups[i].places >> place & 1)
                                return true;
        return false;
}

/* What the call gets on a place: where registers have 32 bits, without upper halves. */
static sc_node answer(struct sc_decisions *d, sc_node node, const struct sc_abi *abi, uint32_t nr)
{
        node = sc_decision_fix(d, node, SC_WORD_NR, nr);
        for (enum sc_word word = SC_WORD_ARG0; word < SC_WORD_COUNT && !sc_param_upper_halves_show(abi); word++)
                node = sc_decision_fix_bits(d, node, word, UINT64_MAX << 32, 0);
        return node;
}

static bool sample_differs(struct sc_decisions *d, const struct pair *p, size_t place, uint32_t nr, struct rng *rng)
{
        const struct sc_compare_place *at = &p->places[place];
        struct cond_pool pool;

        cond_pool_fill(&p->conds[rng_below(rng, 2)], at->abi, &pool);
        for (size_t i = 0; i < SAMPLES; i++) {
                struct sc_input input = { .words[SC_WORD_NR] = nr };

                cond_pool_input(&pool, rng, &input.words[SC_WORD_ARG0]);
                for (enum sc_word word = SC_WORD_ARG0; word < SC_WORD_COUNT; word++)
                        if (!sc_param_upper_halves_show(at->abi))
                                input.words[word] &= UINT32_MAX;
                if (sc_decision_eval(d, at->a, &input) != sc_decision_eval(d, at->b, &input))
                        return true;
        }
        return false;
}

static void check(struct sc_decisions *d, const struct pair *p, struct rng *rng, struct counts *counts)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        const struct sc_change_group *groups;
        size_t n, bad = 0;

        bad += sc_compare_groups(arena, d, p->places, ABIS, &groups, &n) != 0;
        for (size_t place = 0; place < ABIS && !bad; place++)
                for (size_t call = 0; call < sc_syscall_count(); call++) {
                        const struct sc_compare_place *at = &p->places[place];
                        bool named = is_named(groups, n, place, (int)call), differs;
                        uint32_t nr;

                        if (!sc_syscall_number((int)call, at->abi, &nr) || sc_syscall_is_unfiltered(at->abi, nr))
                                continue;
                        differs = answer(d, at->a, at->abi, nr) != answer(d, at->b, at->abi, nr);
                        bad += named != differs;
                        bad += !named && sample_differs(d, p, place, nr, rng);
                        counts->calls += named;
                }
        for (size_t i = 0; i < n && !bad; i++)
                counts->conditions += groups[i].kind == SC_CHANGE_CONDITION;
        counts->differing += n > 0;
        if (bad && counts->failed++ < FAILURES_MAX)
                printf("# A:\n%s\n# B:\n%s\n", p->texts[0].text, p->texts[1].text);
}

int main(void)
{
        uint64_t seed = env_number("SC_SEED", 1);
        size_t n = scaled(env_number("SC_RANDOM_DIFF", PAIRS));
        struct counts counts = { 0 };

        printf("# seed %#" PRIx64 "\n", seed);
        for (size_t i = 0; i < n; i++) {
                struct rng rng = rng_for(seed, i);
                struct pair p = { .places = { { .abi = sc_abi_find("x86_64", 6) }, { .abi = sc_abi_find("x86", 3) } } };
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);

                draw(&rng, &p);
                if (decide(d, &p, 0) && decide(d, &p, 1)) {
                        counts.pairs++;
                        check(d, &p, &rng, &counts);
                }
                sc_strbuf_done(&p.texts[0]);
                sc_strbuf_done(&p.texts[1]);
        }
        printf("# %zu of %zu pairs are policies; %zu differ, in %zu calls, %zu groups of conditions\n", counts.pairs, n,
               counts.differing, counts.calls, counts.conditions);
        CHECK(counts.failed == 0);
        CHECK(counts.pairs > n / 2);
        CHECK(counts.conditions > counts.pairs / 10);
        return test_end();
}

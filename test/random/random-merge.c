/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairs of random policies merged, and the result against the naive evaluator: random-merge [SEED [INDEX]].
 *
 * SC_SEED (or SEED) chooses the campaign, 1 without it; with INDEX only that pair is tried. Each pair is intersected
 * and united. SC_RANDOM_MERGES and SC_RANDOM_INPUTS change the counts; SC_RANDOM_SCALE divides the first (see rng.h).
 * Each policy is also written out by itself and must come back as it was.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../unit/test.h"
#include "base/util.h"
#include "generate.h"
#include "merge/merge.h"
#include "policy/write.h"

#define MERGES 1000
#define INPUTS 10000
#define ENVS_MAX 64
#define FAILURES_MAX 5

struct counts {
        size_t merged, refused, disjoint, failed, wrong, rewritten;
        uintmax_t inputs, numbers_other;
};

struct pair {
        uint64_t seed;
        size_t index;
        struct rng rng;
        struct naive_policy naive[2];
        const struct sc_policy *policies[2];
        struct naive_env envs[ENVS_MAX];
        size_t n_envs;
        struct sc_arena *arena;
        struct sc_decisions *d;
        struct sc_diags *diags;
        struct counts *counts;
};

static void print_text(const char *text)
{
        for (; text && *text; text += strcspn(text, "\n"), text += *text != 0)
                printf("#   %.*s\n", (int)strcspn(text, "\n"), text);
}

static void report(const struct pair *p, const char *what, const char *merged)
{
        printf("# seed %ju, pair %zu: %s\n", (uintmax_t)p->seed, p->index, what);
        for (int i = 0; i < 2; i++) {
                struct sc_strbuf text = SC_STRBUF_INIT;

                naive_write(&p->naive[i], &text);
                printf("# policy %d:\n", i);
                print_text(text.text);
                sc_strbuf_done(&text);
        }
        if (merged)
                printf("# merged:\n");
        print_text(merged);
        for (size_t i = 0, n = sc_diags_count(p->diags, SC_ERROR); i < n && i < 1; i++) {
                struct sc_strbuf text = SC_STRBUF_INIT;
                size_t all;

                for (size_t k = 0; k < (sc_diags_all(p->diags, &all), all); k++)
                        sc_diag_format(sc_diags_all(p->diags, &all)[k], &text);
                print_text(text.text);
                sc_strbuf_done(&text);
        }
}

static int load(struct pair *p, const char *text, size_t len, const struct sc_policy **ret_policy)
{
        return sc_policy_load(p->arena, "<random>", text, len, &(struct sc_policy_options){ 0 }, p->diags, ret_policy);
}

/* A policy written out and read again answers the same. */
static int check_writer(struct pair *p, const struct sc_policy *policy)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;
        const struct sc_policy *again;
        bool same = true;
        int r;

        sc_policy_write(policy, &text);
        if (text.failed)
                return -ENOMEM;
        r = load(p, text.text, text.len, &again);
        if (r == -ENOMEM)
                return r;
        for (size_t i = 0; i < policy->n_abis && r == 0; i++)
                same &= sc_policy_decision(policy, p->d, policy->abis[i]) ==
                        sc_policy_decision(again, p->d, policy->abis[i]);
        if (r == 0 && same)
                p->counts->rewritten++;
        else if (p->counts->failed++ < FAILURES_MAX)
                report(p, "written out, it is another policy", text.text);
        return 0;
}

static uint32_t operate(bool unite, uint32_t a, uint32_t b)
{
        unsigned x = naive_looseness(a), y = naive_looseness(b);

        if (x == y)
                return b;
        return (x < y) == unite ? b : a;
}

/* One number on one ABI: a call's or, now and then, nobody's. */
static uint32_t any_number(struct pair *p, const struct sc_abi *abi, bool *ret_named)
{
        uint32_t nr = (uint32_t)rng_next(&p->rng);

        *ret_named = !rng_percent(&p->rng, 3);
        for (int tries = 0; *ret_named && tries < 1000; tries++)
                if (sc_syscall_number((int)rng_below(&p->rng, sc_syscall_count()), abi, &nr))
                        return nr;
        while (!sc_abi_owns(abi, nr) || sc_syscall_by_number(abi, nr) >= 0)
                nr = (uint32_t)rng_next(&p->rng);
        *ret_named = false;
        return nr;
}

static uint32_t ask_merged(struct pair *p, const struct sc_policy *merged, const struct sc_abi *abi, uint32_t nr,
                           struct naive_env env)
{
        struct sc_input input = { { 0 } };
        int call = sc_syscall_by_number(abi, nr);

        if (call < 0)
                return merged->newer;
        input.words[SC_WORD_KERNEL] = env.kernel;
        input.words[SC_WORD_CAPS] = env.caps;
        return sc_decision_eval(p->d, sc_policy_call(merged, p->d, abi, call), &input);
}

/* An input; false if the answer is wrong. */
static bool ask(struct pair *p, bool unite, const struct sc_policy *merged, const char *text)
{
        const struct sc_abi *abi = merged->abis[rng_below(&p->rng, merged->n_abis)];
        struct naive_env env = p->envs[rng_below(&p->rng, p->n_envs)];
        bool has[2], named;
        uint32_t nr = any_number(p, abi, &named), wanted, got = ask_merged(p, merged, abi, nr, env), answers[2];
        char what[200];

        for (int i = 0; i < 2; i++) {
                has[i] = naive_lists(&p->naive[i], abi);
                answers[i] = has[i] ? naive_number(&p->naive[i], abi, nr, env) : 0;
        }
        wanted = has[0] && has[1] ? operate(unite, answers[0], answers[1]) : answers[has[0] ? 0 : 1];
        p->counts->inputs++;
        if (got == wanted)
                return true;
        if (!named && naive_looseness(got) <= naive_looseness(wanted) && unite) {
                p->counts->numbers_other++; /* one answer for the numbers of all ABIs */
                return true;
        }
        snprintf(what, sizeof(what), "%s: %s %s (%#x), kernel %#x, capabilities %#jx: wanted %#x, got %#x",
                 unite ? "union" : "intersection", abi->name,
                 named ? sc_syscall_name(sc_syscall_by_number(abi, nr)) : "?", nr, env.kernel, (uintmax_t)env.caps,
                 wanted, got);
        if (p->counts->wrong++ < FAILURES_MAX)
                report(p, what, text);
        return false;
}

/* The ABIs must be those of both, or of either. */
static bool has_right_abis(const struct pair *p, bool unite, const struct sc_policy *merged)
{
        size_t n = 0, k = 0;

        for (size_t i = 0; i < sc_abi_count(); i++) {
                bool a = naive_lists(&p->naive[0], sc_abi_at(i)), b = naive_lists(&p->naive[1], sc_abi_at(i));

                n += unite ? a || b : a && b;
        }
        for (; k < merged->n_abis; k++) {
                bool a = naive_lists(&p->naive[0], merged->abis[k]), b = naive_lists(&p->naive[1], merged->abis[k]);

                if (unite ? !a && !b : !a || !b)
                        return false;
        }
        return n == k;
}

static int merge(struct pair *p, bool unite, size_t inputs)
{
        const struct sc_merge_part parts[] = { { .policy = p->policies[0] }, { .policy = p->policies[1] } };
        const struct sc_merge_request request = { .parts = parts, .n_parts = 2, .unite = unite };
        struct sc_merge_result result = { 0 };
        int r = sc_merge(p->arena, p->d, &request, p->diags, &result);

        if (r == -EBADMSG) {
                size_t n;
                const struct sc_diag *const *all = sc_diags_all(p->diags, &n);

                if (n && !strcmp(all[n - 1]->rule, "no-common-architecture"))
                        p->counts->disjoint++;
                else if (p->counts->refused++ < FAILURES_MAX)
                        report(p, unite ? "union refused" : "intersection refused", NULL);
                return 0;
        }
        if (r < 0)
                return r;
        p->counts->merged++;
        if (!has_right_abis(p, unite, result.policy) && p->counts->wrong++ < FAILURES_MAX)
                report(p, "the wrong ABIs", result.text.text);
        for (size_t i = 0; i < inputs && ask(p, unite, result.policy, result.text.text); i++)
                continue;
        sc_strbuf_done(&result.text);
        return 0;
}

static int make_pair(struct pair *p)
{
        for (int i = 0; i < 2; i++) {
                SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;
                size_t room = ENVS_MAX / 2;
                int r;

                generate(&p->rng, rng_percent(&p->rng, 10) ? GENERATE_REALISTIC : GENERATE_SMALL,
                         sc_scmptable_find("debian12", 8), &p->naive[i]);
                p->n_envs += generate_envs(&p->rng, &p->naive[i], p->envs + p->n_envs, room);
                naive_write(&p->naive[i], &text);
                r = text.failed ? -ENOMEM : load(p, text.text, text.len, &p->policies[i]);
                if (r == 0)
                        r = check_writer(p, p->policies[i]);
                if (r < 0)
                        return r;
        }
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
        /* warnings of the policies may have filled the list */
        sc_diags_free(p->diags);
        p->diags = sc_diags_new();
        for (int unite = 0; unite <= 1 && r == 0; unite++)
                r = p->diags ? merge(p, unite, inputs) : -ENOMEM;
        sc_decisions_free(p->d);
        sc_diags_free(p->diags);
        sc_arena_free(p->arena);
        return r;
}

int main(int argc, char **argv)
{
        size_t count = scaled((size_t)env_number("SC_RANDOM_MERGES", MERGES)), first = 0;
        size_t inputs = (size_t)env_number("SC_RANDOM_INPUTS", INPUTS);
        uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : env_number("SC_SEED", 1);
        struct counts counts = { 0 };
        time_t start = time(NULL);

        if (argc > 2) {
                first = strtoul(argv[2], NULL, 0);
                count = 1;
        }
        printf("# seed %ju, %zu pairs, %zu inputs each\n", (uintmax_t)seed, count, inputs);
        for (size_t i = first; i < first + count; i++) {
                struct pair *p = calloc(1, sizeof(*p));
                int r = -ENOMEM;

                if (p) {
                        *p = (struct pair){ .seed = seed, .index = i, .counts = &counts };
                        r = try_one(p, inputs);
                }
                if (r < 0) {
                        printf("# seed %ju, pair %zu: %s\n", (uintmax_t)seed, i, strerror(-r));
                        counts.failed++;
                }
                free(p);
        }
        printf("# merged %zu, no ABI in common %zu, refused %zu; %ju inputs, numbers with another answer %ju; written "
               "out and read again %zu; took %ld s\n",
               counts.merged, counts.disjoint, counts.refused, counts.inputs, counts.numbers_other, counts.rewritten,
               (long)(time(NULL) - start));
        CHECK_INT(counts.wrong, 0);
        CHECK_INT(counts.failed, 0);
        CHECK_INT(counts.refused, 0);
        CHECK_INT(counts.rewritten, 2 * count);
        CHECK_INT(counts.merged + counts.disjoint, 2 * count);
        CHECK(counts.merged >= count);
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random conditions to decisions, those to text again, and that text back: it must be the same decision.
 * SC_SEED chooses the conditions, SC_RANDOM_DESCRIBE how many; SC_RANDOM_SCALE divides them.
 */
#include <stdio.h>
#include <string.h>

#include "../unit/test.h"
#include "base/util.h"
#include "condition.h"
#include "policy/describe.h"

#define CASES 20000
#define NODES ((size_t)1 << 20)
#define FAILURES_MAX 5

static const char *const abis[] = { "x86_64", "x86", "x32", "aarch64", "s390x", "mips" };

struct counts {
        size_t described, too_large, constant, failed;
        size_t written, read; /* bytes of the conditions as they were written, and as they are described */
};

static sc_node load_and_decide(struct sc_decisions *d, const struct cond_case *c, const char *text, size_t len)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_policy *policy;
        sc_node node;

        if (sc_policy_load(arena, "test.jsonc", text, len, NULL, diags, &policy) < 0)
                return SC_NODE_FAILED;
        node = sc_policy_call(policy, d, c->abis[0], c->call);
        node = sc_decision_fix(d, node, SC_WORD_CAPS, c->caps);
        return sc_decision_fix(d, node, SC_WORD_KERNEL, SC_KERNEL(6, 1));
}

static uint32_t combine_is(uint32_t a, uint32_t b)
{
        return a == b;
}

/* The decision of a text that was described: where its policy allows the call. */
static sc_node read_back(struct sc_decisions *d, const struct cond_case *c, const char *when)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        sc_node node;

        sc_strbuf_printf(&text,
                         "{ \"architectures\": [\"%s\"], \"baseline\": \"6.1\", \"rules\": [ { \"allow\": [\"%s\"], "
                         "\"when\": \"%s\" } ] }",
                         c->abis[0]->name, sc_syscall_name(c->call), when);
        node = load_and_decide(d, c, text.text, text.len);
        sc_strbuf_done(&text);
        return sc_decision_apply(d, combine_is, node, sc_decision_leaf(d, 0x7fff0000));
}

static void try_answer(struct sc_decisions *d, const struct cond_case *c, sc_node answers, uint32_t answer,
                       struct counts *counts)
{
        sc_node cond = sc_decision_apply(d, combine_is, answers, sc_decision_leaf(d, answer));
        struct sc_strbuf text = SC_STRBUF_INIT;
        int r = sc_condition_describe(d, cond, c->abis[0], c->call, SC_DESCRIBE_POLICY, SC_DESCRIBE_PARTS_MAX, &text);

        if (r == -E2BIG)
                counts->too_large++;
        else if (r == SC_DESCRIBED_ALWAYS || r == SC_DESCRIBED_NEVER)
                counts->constant++;
        else if (r == SC_DESCRIBED && read_back(d, c, text.text) == cond) {
                counts->described++;
                counts->read += text.len;
        } else if (counts->failed++ < FAILURES_MAX) {
                struct sc_strbuf from = SC_STRBUF_INIT;

                cond_write(c, &from);
                printf("# %s %s: %d %s\n#   from %s\n", c->abis[0]->name, sc_syscall_name(c->call), r,
                       text.text ? text.text : "", from.text);
                sc_strbuf_done(&from);
        }
        sc_strbuf_done(&text);
}

static void try_case(const struct cond_case *c, struct counts *counts)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
        struct sc_strbuf text = SC_STRBUF_INIT;
        sc_node answers;

        cond_write(c, &text);
        answers = load_and_decide(d, c, text.text, text.len);
        sc_strbuf_done(&text);
        if (answers == SC_NODE_FAILED)
                return; /* the language refuses it: always true, or such */
        for (size_t i = 0; i < c->n_rules; i++) {
                struct sc_strbuf when = SC_STRBUF_INIT;

                cond_write_node(c, c->rules[i].when, &when);
                counts->written += when.len;
                sc_strbuf_done(&when);
                try_answer(d, c, answers, c->rules[i].action, counts);
        }
        if (sc_decisions_error(d) && counts->failed++ < FAILURES_MAX)
                printf("# %d nodes are not enough\n", (int)NODES);
}

int main(void)
{
        uint64_t seed = env_number("SC_SEED", 1);
        size_t n = scaled(env_number("SC_RANDOM_DESCRIBE", CASES));
        struct counts counts = { 0 };

        printf("# seed %#" PRIx64 "\n", seed);
        for (size_t i = 0; i < n; i++) {
                struct rng rng = rng_for(seed, i);
                const char *abi = abis[i % SC_COUNT(abis)];
                struct cond_case c = { .abis = { sc_abi_find(abi, strlen(abi)) }, .n_abis = 1 };

                cond_generate(&rng, &c);
                try_case(&c, &counts);
        }
        printf("# %zu conditions: %zu described, %zu too large, %zu constant; %zu bytes from %zu\n", n,
               counts.described, counts.too_large, counts.constant, counts.read, counts.written);
        CHECK(counts.failed == 0);
        CHECK(counts.described > n / 2);
        CHECK(counts.too_large * 50 < counts.described);
        return test_end();
}

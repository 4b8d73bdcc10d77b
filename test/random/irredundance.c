/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing can be left out of what is written: dropping a rule of a conditioned call, or one bit of a mask, changes what
 * libseccomp's program means: irredundance.
 *
 * SC_SEED chooses the conditions; SC_IRREDUNDANCE changes how many, SC_RANDOM_SCALE divides it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/util.h"
#include "condition-trial.h"
#include "raw.h"

#define CASES 500
#define CHANGES_MAX 600 /* of one case; with more it is passed over */
#define SECONDS 60

struct counts {
        size_t cases, passed_over, rules, bits;
        size_t idle_rules, idle_bits;
        size_t met; /* bits without which a rule meets one of another action, which happens to win */
        size_t hangs;
};

/* What a filter means; SC_NODE_FAILED if libseccomp refuses it. */
static sc_node meaning(struct sc_decisions *d, const struct sc_scmp_filter *filter)
{
        struct sc_scmp_result result = { 0 };
        struct sc_bpf_program program;
        struct sc_bpf_fault fault;
        sc_node node = SC_NODE_FAILED;

        if (sc_scmp_compile(filter, &result) == 0 && !result.error) {
                program = (struct sc_bpf_program){ result.insns, result.len, filter->abis[0]->big_endian };
                if (sc_bpf_decide(&program, d, &node, &fault) < 0)
                        node = SC_NODE_FAILED;
        }
        free(result.insns);
        return node;
}

/* The filter without rule `skipped`, or all of it. */
static sc_node meaning_of(struct sc_decisions *d, const struct sc_scmp_filter *filter, struct sc_scmp_rule *rules,
                          size_t skipped)
{
        struct sc_scmp_filter changed = *filter;

        changed.rules = rules;
        changed.n_rules = filter->n_rules - (skipped < filter->n_rules);
        for (size_t i = 0, n = 0; i < filter->n_rules; i++)
                if (i != skipped)
                        rules[n++] = filter->rules[i];
        return meaning(d, &changed);
}

/* Makes `rules` those of the filter, with one bit less in one mask; `args` is for the conditions of that rule. */
static void widen(const struct sc_scmp_filter *filter, struct sc_scmp_rule *rules, size_t at, unsigned arg,
                  uint64_t bit, struct sc_scmp_arg args[6])
{
        struct sc_scmp_arg *wide = &args[arg];

        memcpy(rules, filter->rules, filter->n_rules * sizeof(*rules));
        memcpy(args, rules[at].args, rules[at].n_args * sizeof(*args));
        rules[at].args = args;
        if (wide->op == SC_SCMP_EQ)
                *wide = (struct sc_scmp_arg){ wide->index, SC_SCMP_MASKED_EQ, UINT64_MAX, wide->a };
        wide->a &= ~bit;
        wide->b &= ~bit;
        if (!wide->a) /* no condition is left: libseccomp takes a mask of 0 for none, too */
                *wide = args[--rules[at].n_args];
}

static uint64_t mask_of(const struct sc_scmp_arg *arg)
{
        return arg->op == SC_SCMP_MASKED_EQ ? arg->a : arg->op == SC_SCMP_EQ ? UINT64_MAX : 0;
}

/* What a rule fixes of an argument. */
static void cube_of(const struct sc_scmp_rule *rule, unsigned index, uint64_t *ret_mask, uint64_t *ret_value)
{
        *ret_mask = 0;
        *ret_value = 0;
        for (unsigned k = 0; k < rule->n_args; k++)
                if (rule->args[k].index == index) {
                        *ret_mask = mask_of(&rule->args[k]);
                        *ret_value = rule->args[k].op == SC_SCMP_EQ ? rule->args[k].a : rule->args[k].b;
                }
}

static bool intersect(const struct sc_scmp_rule *a, const struct sc_scmp_rule *b)
{
        for (unsigned index = 0; index < 6; index++) {
                uint64_t mask_a, mask_b, value_a, value_b;

                cube_of(a, index, &mask_a, &value_a);
                cube_of(b, index, &mask_b, &value_b);
                if (mask_a & mask_b & (value_a ^ value_b))
                        return false;
        }
        return true;
}

/* True if a rule applies where one for the same call with another action does; the else does not count. */
static bool meets_other(const struct sc_scmp_rule *rules, size_t n, size_t at)
{
        for (size_t i = 0; i < n; i++)
                if (!strcmp(rules[i].name, rules[at].name) && rules[i].action != rules[at].action &&
                    !(rules[i].n_args && rules[i].args[0].op == SC_SCMP_GE) && intersect(&rules[i], &rules[at]))
                        return true;
        return false;
}

static void print_idle(const char *what, const struct sc_scmp_filter *filter, size_t at, uint64_t bit)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        raw_write(&filter->rules[at], &text);
        printf("# %s: %s %s, bit %#jx, action %#x\n", what, filter->rules[at].name, text.text, (uintmax_t)bit,
               filter->rules[at].action);
        sc_strbuf_done(&text);
}

/* Widens by one bit, and counts what comes of it. */
static void try_bit(struct sc_decisions *d, const struct sc_scmp_filter *filter, struct sc_scmp_rule *rules, size_t at,
                    unsigned arg, uint64_t bit, sc_node whole, struct counts *counts)
{
        struct sc_scmp_filter changed = *filter;
        struct sc_scmp_arg args[6];

        changed.rules = rules;
        counts->bits++;
        widen(filter, rules, at, arg, bit, args);
        if (meaning(d, &changed) != whole)
                return;
        if (meets_other(rules, filter->n_rules, at)) {
                counts->met++;
                return;
        }
        counts->idle_bits++;
        print_idle("a bit that need not be tested", filter, at, bit);
}

static size_t count_changes(const struct sc_scmp_filter *filter)
{
        size_t n = 0;

        for (size_t i = 0; i < filter->n_rules; i++)
                for (unsigned k = 0; k < filter->rules[i].n_args; k++)
                        n += (size_t)__builtin_popcountll(mask_of(&filter->rules[i].args[k]));
        return n;
}

static void check_filter(const struct sc_scmp_filter *filter, struct counts *counts)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        SC_CLEANUP(sc_freep) struct sc_scmp_rule *rules = calloc(filter->n_rules + 1, sizeof(*rules));
        sc_node whole = meaning_of(d, filter, rules, filter->n_rules);

        if (count_changes(filter) > CHANGES_MAX || whole == SC_NODE_FAILED) {
                counts->passed_over++;
                return;
        }
        counts->cases++;
        for (size_t i = 0; i < filter->n_rules; i++) {
                const struct sc_scmp_rule *rule = &filter->rules[i];

                counts->rules++;
                if (meaning_of(d, filter, rules, i) == whole && ++counts->idle_rules)
                        print_idle("a rule that could be dropped", filter, i, 0);
                for (unsigned k = 0; k < rule->n_args; k++)
                        for (uint64_t left = mask_of(&rule->args[k]); left; left &= left - 1)
                                try_bit(d, filter, rules, i, k, left & -left, whole, counts);
        }
}

static void check_case(const struct cond_case *c, struct counts *counts)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_consumer *runc = sc_consumer_find("runc", 4);
        const struct sc_target target = {
                .consumer = runc, .native = c->abis[0], .caps = c->caps, .kernel = SC_KERNEL(6, 1),
                .table = sc_scmptable_find(runc->scmptable, strlen(runc->scmptable)),
        };
        struct cond_trial t = { .c = c, .inputs = 1, .compiler = sc_scmp_library() };
        const struct sc_json *root;
        struct sc_profile *profile;
        struct sc_plan plan;

        if (cond_trial_run(&t) == COND_AGREES) {
                const struct sc_source source = { .name = "<built>", .text = t.text, .len = strlen(t.text) };

                if (sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root) == 0 &&
                    sc_profile_read(arena, root, diags, &profile) == 0 &&
                    sc_consumer_plan(arena, &target, profile, diags, &plan) == 0)
                        check_filter(&plan.filter, counts);
        }
        cond_trial_done(&t);
}

/* In a child: a form that nobody would write may make libseccomp hang. */
static void check_in_child(const struct cond_case *c, struct counts *counts)
{
        int status = 1;
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid == 0) {
                hang_limit(SECONDS);
                check_case(c, counts);
                fflush(stdout);
                _exit(0);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || (status && WTERMSIG(status) != SIGPROF))
                CHECK_INT(status, 0);
        counts->hangs += status != 0;
}

int main(void)
{
        static const char *const sets[][COND_ABIS_MAX] = {
                { "x86_64" }, { "x86_64", "x86" }, { "aarch64" }, { "s390x" },
        };
        struct counts *counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        size_t wanted = scaled((size_t)env_number("SC_IRREDUNDANCE", CASES));

        if (counts == MAP_FAILED)
                return EXIT_FAILURE;
        for (size_t i = 0; counts->cases < wanted && i < 20 * wanted; i++) {
                struct rng rng = rng_for(env_number("SC_SEED", 1) + 3, i);
                struct cond_case c = { .n_abis = 0 };

                for (; c.n_abis < COND_ABIS_MAX && sets[i % SC_COUNT(sets)][c.n_abis]; c.n_abis++) {
                        const char *name = sets[i % SC_COUNT(sets)][c.n_abis];

                        c.abis[c.n_abis] = sc_abi_find(name, strlen(name));
                }
                cond_generate(&rng, &c);
                check_in_child(&c, counts);
        }
        printf("# %zu conditions (%zu larger ones passed over, %zu not finished)\n", counts->cases, counts->passed_over,
               counts->hangs);
        printf("# of %zu rules %zu could be dropped\n", counts->rules, counts->idle_rules);
        printf("# of %zu bits %zu need not be tested; without %zu a rule would meet another action's, which wins\n",
               counts->bits, counts->idle_bits, counts->met);
        CHECK_INT(counts->cases, wanted);
        CHECK_INT(counts->idle_rules, 0);
        CHECK_INT(counts->idle_bits, 0);
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random pairs of profiles, compared: random-verify [SEED [INDEX]].
 *
 * The second of a pair is the first with its rules in another order or taken apart, with a small change, or another.
 * Every "same" and "nowhere looser" is attacked with random inputs, which the interpreter runs on both programs; every
 * witness must be answered differently by them. Strictness is the naive evaluator's own table. SC_SEED (or SEED)
 * chooses the campaign; SC_RANDOM_PAIRS and SC_RANDOM_INPUTS change the counts, SC_RANDOM_SCALE divides them (see
 * rng.h).
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../unit/test.h"
#include "base/util.h"
#include "compare/compare.h"
#include "consumer/consumer.h"
#include "mutate.h"
#include "naive.h"
#include "rules.h"

#define PAIRS 2000
#define INPUTS 100000 /* against each yes */
#define NUMBERS_MAX 512
#define FAILURES_MAX 3 /* that are printed */

/* libseccomp 2.5.4 loses memory when it refuses a rule; the leak sanitizer asks here what to pass over. */
/* NOLINTBEGIN(bugprone-reserved-identifier): the name is the sanitizer's */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
        return "leak:libseccomp.so";
}
/* NOLINTEND(bugprone-reserved-identifier) */

enum change { CHANGE_ORDER, CHANGE_SPLIT, CHANGE_LITTLE, CHANGE_ALL, CHANGES };

struct counts {
        size_t pairs, refused, yes[2], no[2], failed;
        size_t same_by[CHANGES];
        uint64_t inputs;
};

struct trial {
        uint64_t seed;
        size_t index, inputs;
        struct rng rng;
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_decisions *d;
        const struct sc_abi *native;
        const struct sc_abi *abis[SC_ABI_MAX + 1];
        size_t n_abis;
        enum change change;
        struct sc_profile *profiles[2];
        struct sc_outcome outcomes[2];
        int calls[NUMBERS_MAX]; /* that a rule names */
        size_t n_calls;
        struct counts *counts;
};

static int read_profile(struct trial *t, const char *text, struct sc_profile **ret_profile)
{
        struct sc_source *source = sc_arena_alloc(t->arena, sizeof(*source));
        const struct sc_json *root;
        int r;

        *source = (struct sc_source){ .name = "random", .text = sc_arena_strdup(t->arena, text), .len = strlen(text) };
        r = sc_json_parse(t->arena, source, SC_JSON_FOLD_KEYS, t->diags, &root);
        return r ? r : sc_profile_read(t->arena, root, t->diags, ret_profile);
}

static int make_profile(struct trial *t, struct sc_profile **ret_profile)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        int r;

        rules_write(&t->rng, t->abis, t->n_abis, &text);
        r = text.failed ? -ENOMEM : read_profile(t, text.text, ret_profile);
        sc_strbuf_done(&text);
        return r;
}

static void swap_rules(struct trial *t, struct sc_profile *profile)
{
        struct sc_profile_rule *rules = sc_arena_array(t->arena, profile->syscalls.n + 1, sizeof(*rules));

        for (size_t i = 0; i < profile->syscalls.n; i++)
                rules[i] = profile->syscalls.items[i];
        for (size_t i = profile->syscalls.n; i > 1; i--) {
                size_t k = rng_below(&t->rng, i);
                struct sc_profile_rule kept = rules[k];

                rules[k] = rules[i - 1];
                rules[i - 1] = kept;
        }
        profile->syscalls.items = rules;
}

/* A rule for each name. */
static void split_rules(struct trial *t, struct sc_profile *profile)
{
        struct sc_profile_rule *rules;
        size_t n = 0;

        for (size_t i = 0; i < profile->syscalls.n; i++)
                n += profile->syscalls.items[i].names.n;
        rules = sc_arena_array(t->arena, n + 1, sizeof(*rules));
        n = 0;
        for (size_t i = 0; i < profile->syscalls.n; i++)
                for (size_t k = 0; k < profile->syscalls.items[i].names.n; k++) {
                        rules[n] = profile->syscalls.items[i];
                        rules[n].names.items += k;
                        rules[n++].names.n = 1;
                }
        profile->syscalls.items = rules;
        profile->syscalls.n = n;
}

static int make_second(struct trial *t)
{
        struct sc_profile *second = sc_arena_alloc(t->arena, sizeof(*second));

        *second = *t->profiles[0];
        t->profiles[1] = second;
        t->change = (enum change)rng_below(&t->rng, CHANGES);
        switch (t->change) {
        case CHANGE_ORDER:
                swap_rules(t, second);
                return 0;
        case CHANGE_SPLIT:
                split_rules(t, second);
                return 0;
        case CHANGE_LITTLE:
                split_rules(t, second); /* a copy of the rules, which may be changed */
                mutate(&t->rng, t->arena, second);
                return 0;
        default:
                return make_profile(t, &t->profiles[1]);
        }
}

/* What a consumer makes of one of the pair; 1 if it refuses. */
static int compile(struct trial *t, int i)
{
        static const char *const names[] = { "runc", "crun", "docker" };
        const char *name = names[rng_below(&t->rng, rng_percent(&t->rng, 80) ? 1 : SC_COUNT(names))];
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        const struct sc_target target = { .consumer = sc_consumer_find(name, strlen(name)), .native = t->native,
                                          .caps = sc_caps_docker(), .kernel = SC_KERNEL(6, 1),
                                          .table = sc_scmptable_find("2.5.4", 5) };
        int r = sc_consumer_decide(t->arena, &target, t->profiles[i], &compiler, t->d, t->diags, &t->outcomes[i]);

        return r == -EBADMSG ? 1 : r;
}

static void find_calls(struct trial *t)
{
        for (int i = 0; i < 2; i++)
                for (size_t k = 0; k < t->profiles[i]->syscalls.n; k++) {
                        const struct sc_profile_list *names = &t->profiles[i]->syscalls.items[k].names;

                        for (size_t n = 0; n < names->n && t->n_calls < NUMBERS_MAX; n++) {
                                int call = sc_syscall_find(names->items[n].text, strlen(names->items[n].text));

                                if (call >= 0)
                                        t->calls[t->n_calls++] = call;
                        }
                }
}

static uint64_t random_value(struct rng *rng, const struct sc_abi *abi)
{
        uint64_t value = rng_below(rng, 26);

        if (rng_percent(rng, 10))
                value |= UINT64_C(1) << rng_below(rng, 64);
        if (rng_percent(rng, 5))
                value = rng_next(rng);
        return abi->word_bits == 32 && abi->nr_base != 0x40000000u ? value & UINT32_MAX : value;
}

static struct sc_input random_input(struct trial *t, const struct sc_abi **ret_abi)
{
        const struct sc_abi *abi = t->abis[rng_below(&t->rng, t->n_abis)];
        struct sc_input in = { .words = { [SC_WORD_ARCH] = abi->audit_arch } };
        uint32_t nr;

        for (int i = 0; i < 6; i++)
                in.words[SC_WORD_ARG0 + i] = random_value(&t->rng, abi);
        nr = (uint32_t)rng_below(&t->rng, 520) + abi->nr_base;
        if (rng_percent(&t->rng, 2))
                nr = (uint32_t)rng_next(&t->rng);
        else if (t->n_calls && rng_percent(&t->rng, 80))
                sc_syscall_number(t->calls[rng_below(&t->rng, t->n_calls)], abi, &nr);
        in.words[SC_WORD_NR] = nr;
        *ret_abi = abi;
        return in;
}

static uint32_t run(const struct trial *t, int i, const struct sc_input *in)
{
        struct sc_bpf_data data = sc_bpf_data_make((uint32_t)in->words[SC_WORD_ARCH], (uint32_t)in->words[SC_WORD_NR],
                                                   &in->words[SC_WORD_ARG0], t->native->big_endian);

        return t->outcomes[i].unfiltered ? SECCOMP_RET_ALLOW : sc_bpf_run(&t->outcomes[i].program, &data);
}

/* True if two answers differ in what is asked. */
static bool breaks(enum sc_compare_question question, uint32_t a, uint32_t b)
{
        return question == SC_ASK_SAME ? a != b : naive_looseness(a) > naive_looseness(b);
}

static void report(struct trial *t, const char *what, const struct sc_input *in)
{
        if (t->counts->failed++ >= FAILURES_MAX)
                return;
        printf("# seed %ju, pair %zu: %s: arch %#jx nr %ju arg0 %#jx arg1 %#jx arg2 %#jx: %#x and %#x\n",
               (uintmax_t)t->seed, t->index, what, (uintmax_t)in->words[SC_WORD_ARCH],
               (uintmax_t)in->words[SC_WORD_NR], (uintmax_t)in->words[SC_WORD_ARG0],
               (uintmax_t)in->words[SC_WORD_ARG1], (uintmax_t)in->words[SC_WORD_ARG2], run(t, 0, in), run(t, 1, in));
        for (int i = 0; i < 2; i++) {
                char *text = NULL;
                size_t len;

                if (sc_profile_write(t->profiles[i], SC_JSON_COMPACT, &text, &len) == 0)
                        printf("#   %s\n", text);
                free(text);
        }
}

static void attack(struct trial *t, enum sc_compare_question question)
{
        for (size_t i = 0; i < t->inputs; i++) {
                const struct sc_abi *abi;
                struct sc_input in = random_input(t, &abi);

                if (sc_syscall_is_unfiltered(abi, (uint32_t)in.words[SC_WORD_NR]))
                        continue;
                t->counts->inputs++;
                if (breaks(question, run(t, 0, &in), run(t, 1, &in))) {
                        report(t, question == SC_ASK_SAME ? "not the same" : "looser", &in);
                        return;
                }
        }
}

static int compare(struct trial *t, enum sc_compare_question question)
{
        struct sc_witness w;
        int r = sc_compare(t->d, t->outcomes[0].node, t->outcomes[1].node, question, t->abis, t->n_abis, &w);

        if (r < 0)
                return r;
        t->counts->yes[question] += r == 0;
        t->counts->no[question] += r == 1;
        t->counts->same_by[t->change] += r == 0 && question == SC_ASK_SAME;
        if (r == 0)
                attack(t, question);
        else if (run(t, 0, &w.input) != w.a || run(t, 1, &w.input) != w.b || !breaks(question, w.a, w.b) ||
                 !sc_abi_owns(w.abi, w.nr) || sc_syscall_is_unfiltered(w.abi, w.nr))
                report(t, "no witness", &w.input);
        return 0;
}

static int play(struct trial *t)
{
        int r = make_profile(t, &t->profiles[0]);

        if (r == 0)
                r = make_second(t);
        for (int i = 0; i < 2 && r == 0; i++)
                r = compile(t, i);
        if (r == 0 && (t->outcomes[0].n_modelled || t->outcomes[1].n_modelled))
                r = 1; /* names that this machine's libseccomp lacks: no program has them */
        if (r == 0) {
                find_calls(t);
                r = compare(t, SC_ASK_SAME);
        }
        return r ? r : compare(t, SC_ASK_SUBSET);
}

static int run_pair(struct trial *t)
{
        static const char *const machines[] = { "x86_64", "x86_64", "aarch64", "s390x", "ppc64le" };
        const char *machine;
        int r;

        t->rng = rng_for(t->seed, t->index);
        machine = machines[rng_below(&t->rng, SC_COUNT(machines))];
        t->native = t->abis[0] = sc_abi_find(machine, strlen(machine));
        t->n_abis = 1 + sc_abi_subordinates(t->native, t->abis + 1);
        t->arena = sc_arena_new();
        t->diags = sc_diags_new();
        t->d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        r = t->arena && t->diags && t->d ? play(t) : -ENOMEM;
        t->counts->pairs++;
        t->counts->refused += r == 1;
        for (int i = 0; i < 2; i++)
                sc_outcome_done(&t->outcomes[i]);
        sc_decisions_free(t->d);
        sc_diags_free(t->diags);
        sc_arena_free(t->arena);
        return r;
}

int main(int argc, char **argv)
{
        uint64_t seed = env_number("SC_SEED", env_number("SEED", 1));
        size_t pairs = (size_t)env_number("SC_RANDOM_PAIRS", scaled(PAIRS)), first = 0;
        struct counts c = { 0 };
        time_t start = time(NULL);
        int errors = 0;

        if (argc > 1)
                seed = strtoull(argv[1], NULL, 0);
        if (argc > 2) {
                first = strtoull(argv[2], NULL, 0);
                pairs = 1;
        }
        for (size_t i = first; i < first + pairs; i++) {
                struct trial t = { .seed = seed, .index = i, .counts = &c,
                                   .inputs = (size_t)env_number("SC_RANDOM_INPUTS", scaled(INPUTS)) };

                errors += run_pair(&t) < 0;
        }
        printf("# seed %ju: %zu pairs, %zu refused; same %zu, differs %zu; nowhere looser %zu, looser %zu\n",
               (uintmax_t)seed, c.pairs, c.refused, c.yes[0], c.no[0], c.yes[1], c.no[1]);
        printf("# same: in another order %zu, taken apart %zu, changed a little %zu, by accident %zu; %ju inputs, "
               "%ju s\n",
               c.same_by[CHANGE_ORDER], c.same_by[CHANGE_SPLIT], c.same_by[CHANGE_LITTLE], c.same_by[CHANGE_ALL],
               (uintmax_t)c.inputs, (uintmax_t)(time(NULL) - start));
        CHECK_INT(errors, 0);
        CHECK_INT(c.failed, 0);
        if (pairs > 1) {
                CHECK(c.yes[0] >= pairs / 20 && c.no[0] >= pairs / 20);
                CHECK(c.yes[1] >= pairs / 20 && c.no[1] >= pairs / 20);
        }
        return test_end();
}

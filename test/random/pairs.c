/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All ordered pairs of a collection of profiles, on some machines: pairs DIRECTORY [FILE…]. Every 'no' comes with a
 * witness that the interpreter confirms on libseccomp's programs; every 'same' and 'subset' holds for random inputs
 * near the constants of the programs. Of one profile alone libseccomp's program is not what the rules say: wrong.json,
 * which sc_consumer_check() tells.
 *
 * SC_SEED chooses; SC_PAIRS is the number of inputs, a million with SC_WORLD; SC_RANDOM_SCALE divides it.
 */
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "../unit/test.h"
#include "base/util.h"
#include "collection.h"

#define INPUTS 4000
#define WORLD_INPUTS 1000000
#define REASONS_MAX 16

struct reason {
        const char *id;
        size_t n;
};

struct campaign {
        struct collection all;
        struct reason reasons[REASONS_MAX];
        unsigned char relations[ENTRIES_MAX][ENTRIES_MAX]; /* bits: 1 same, 2 subset */
        size_t miscompiled, unchecked, false_alarms;
        size_t pairs, refused, same, subset, different, witnesses, unconfirmed, inputs, broken;
};

static void count_reason(struct campaign *c, const struct sc_diags *diags)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);
        const char *id = "?";

        for (size_t i = n; i-- > 0;)
                if (all[i]->severity == SC_ERROR)
                        id = all[i]->rule;
        for (size_t i = 0; i < REASONS_MAX; i++)
                if (!c->reasons[i].id || !strcmp(c->reasons[i].id, id)) {
                        c->reasons[i].id = id;
                        c->reasons[i].n++;
                        return;
                }
}

static void check_entry(struct campaign *c, const struct member *e, const struct sc_target *target,
                        const struct sc_scmp_compiler *compiler, const struct sc_decisions *d)
{
        struct sc_miscompiled found;
        int r = sc_consumer_check(c->all.arena, target, e->profile, compiler, d, &e->outcome, &found);
        bool wrong = !strcmp(e->name, "wrong.json");

        c->miscompiled += r == 1 && wrong;
        c->unchecked += r < 0;
        c->false_alarms += r == 1 && !wrong;
        if (r == 1 && !wrong)
                printf("# %s (%s) on %s: %s #%u %#x, %#x\n", e->name, e->consumer->name, target->native->name,
                       found.witness.abi->name, found.witness.nr, found.witness.a, found.witness.b);
}

static void decide_entry(struct campaign *c, struct member *e, const struct sc_abi *machine, struct sc_decisions *d)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        const struct sc_target target = entry_target(e, machine);

        if (entry_decide(&c->all, e, machine, d, diags) < 0)
                count_reason(c, diags);
        else if (e->profile)
                check_entry(c, e, &target, &compiler, d);
}

static void confirm(struct campaign *c, const struct member *a, const struct member *b, const struct sc_witness *w,
                    bool subset)
{
        struct sc_bpf_data data = sc_bpf_data_make(w->abi->audit_arch, w->nr, w->args, w->abi->big_endian);
        enum sc_relation relation;
        bool good;

        if (!entry_can_run(a) || !entry_can_run(b))
                return;
        relation = sc_compare_relate(entry_run(a, &data), entry_run(b, &data));
        good = entry_run(a, &data) == w->a && entry_run(b, &data) == w->b &&
               (subset ? relation == SC_RELATION_LOOSER : relation != SC_RELATION_SAME);
        c->witnesses++;
        c->unconfirmed += !good;
        if (!good)
                printf("# unconfirmed: %s (%s), %s (%s): %s #%u\n", a->name, a->consumer->name, b->name,
                       b->consumer->name, w->abi->name, w->nr);
}

static void compare_pair(struct campaign *c, size_t i, size_t k, struct sc_decisions *d,
                         const struct sc_abi *const *abis, size_t n_abis)
{
        const struct member *a = &c->all.entries[i], *b = &c->all.entries[k];
        struct sc_witness w;
        int same, subset;

        c->relations[i][k] = 0;
        c->pairs++;
        c->refused += a->refused || b->refused;
        if (a->refused || b->refused)
                return;
        same = sc_compare(d, a->node, b->node, SC_ASK_SAME, abis, n_abis, &w);
        if (same == 1)
                confirm(c, a, b, &w, false);
        subset = sc_compare(d, a->node, b->node, SC_ASK_SUBSET, abis, n_abis, &w);
        if (subset == 1)
                confirm(c, a, b, &w, true);
        if (same < 0 || subset < 0 || (same == 0 && subset == 1))
                c->broken++;
        c->same += same == 0;
        c->subset += same == 1 && subset == 0;
        c->different += same == 1 && subset == 1;
        c->relations[i][k] = (unsigned char)((same == 0 ? 1 : 0) | (subset == 0 ? 2 : 0));
}

static void report_broken(struct campaign *c, size_t i, size_t k, const struct sc_bpf_data *data)
{
        if (c->broken++ < 5)
                printf("# broken: %s and %s: arch %#x nr %u (%#x, %#x, %#x)\n", c->all.entries[i].name,
                       c->all.entries[k].name, data->words[1], data->words[0], data->words[4], data->words[6],
                       data->words[8]);
}

/* One input to every program; every 'yes' is held against the answers. */
static void try_input(struct campaign *c, const struct sc_bpf_data *data)
{
        uint32_t answers[ENTRIES_MAX];

        for (size_t i = 0; i < c->all.n; i++)
                answers[i] = entry_can_run(&c->all.entries[i]) ? entry_run(&c->all.entries[i], data) : 0;
        for (size_t i = 0; i < c->all.n; i++)
                for (size_t k = 0; k < c->all.n; k++) {
                        unsigned yes = c->relations[i][k];
                        enum sc_relation relation;

                        if (!yes || answers[i] == answers[k] || !entry_can_run(&c->all.entries[i]) ||
                            !entry_can_run(&c->all.entries[k]))
                                continue;
                        relation = sc_compare_relate(answers[i], answers[k]);
                        if ((yes & 1 && relation != SC_RELATION_SAME) || (yes & 2 && relation == SC_RELATION_LOOSER))
                                report_broken(c, i, k, data);
                }
        c->inputs++;
}

static void try_inputs(struct campaign *c, size_t count, const struct sc_abi *const *abis, size_t n_abis,
                       struct rng *rng)
{
        for (size_t i = 0; i < count && c->all.n > 0; i++) {
                const struct member *near = &c->all.entries[i % c->all.n];
                const struct sc_abi *abi = abis[rng_below(rng, n_abis)];
                struct sc_bpf_data data;
                uint64_t args[6];

                for (unsigned k = 0; k < 6; k++)
                        args[k] = entry_random_value(near, abi, rng);
                data = sc_bpf_data_make(abi->audit_arch, entry_random_number(near, abi, rng), args, abi->big_endian);
                try_input(c, &data);
        }
}

static void compare_on(struct campaign *c, const char *name, size_t inputs)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(4 * SC_DECISIONS_NODES_MAX);
        struct rng rng = rng_for(env_number("SC_SEED", 1), name[0]);
        const struct sc_abi *abis[SC_ABI_MAX + 1] = { sc_abi_find(name, strlen(name)) };
        size_t n_abis = 1 + sc_abi_subordinates(abis[0], abis + 1), same = c->same, subset = c->subset;

        for (size_t i = 0; i < c->all.n; i++)
                decide_entry(c, &c->all.entries[i], abis[0], d);
        for (size_t i = 0; i < c->all.n; i++)
                for (size_t k = 0; k < c->all.n; k++)
                        if (i != k)
                                compare_pair(c, i, k, d, abis, n_abis);
                        else
                                c->relations[i][k] = 0;
        CHECK_INT(sc_decisions_error(d), 0);
        try_inputs(c, inputs, abis, n_abis, &rng);
        printf("# %s: same %zu, subset %zu\n", name, c->same - same, c->subset - subset);
}

static void print_figures(const struct campaign *c)
{
        printf("# %zu profiles, %zu ordered pairs: same %zu, subset %zu, different %zu, with a refused one %zu\n",
               c->all.n, c->pairs, c->same, c->subset, c->different, c->refused);
        for (size_t i = 0; i < REASONS_MAX && c->reasons[i].id; i++)
                printf("#   profiles refused on a machine: %s %zu\n", c->reasons[i].id, c->reasons[i].n);
        printf("# libseccomp's program is not what the rules say: %zu; false alarms %zu, no answer %zu\n",
               c->miscompiled, c->false_alarms, c->unchecked);
        printf("# witnesses %zu, unconfirmed %zu; inputs %zu, each for every 'same' and 'subset' of its machine, "
               "broken %zu\n", c->witnesses, c->unconfirmed, c->inputs, c->broken);
}

int main(int argc, char **argv)
{
        static const char *const machines[] = { "x86_64", "aarch64", "s390x" };
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const char *world = getenv("SC_WORLD");
        size_t inputs = scaled((size_t)env_number("SC_PAIRS", world && *world ? WORLD_INPUTS : INPUTS));
        struct campaign *c = calloc(1, sizeof(*c));

        if (argc < 2 || !c)
                return EXIT_FAILURE;
        setvbuf(stdout, NULL, _IOLBF, 0);
        printf("# seed %ju, %zu inputs a machine\n", (uintmax_t)env_number("SC_SEED", 1), inputs);
        c->all.arena = arena;
        c->all.diags = diags;
        collection_load(&c->all, argv + 1, argc - 1);
        CHECK_INT(c->all.failed, 0);
        CHECK(c->all.n >= 30);
        for (size_t i = 0; i < SC_COUNT(machines); i++)
                compare_on(c, machines[i], inputs);
        print_figures(c);
        CHECK(c->same > 0 && c->subset > 0 && c->different > 0);
        CHECK(c->witnesses >= c->different);
        CHECK(c->miscompiled >= 1); /* on x86_64 machines, of which it is */
        CHECK_INT(c->false_alarms + c->unchecked, 0);
        CHECK_INT(c->unconfirmed, 0);
        CHECK_INT(c->broken, 0);
        collection_done(&c->all);
        free(c);
        return test_end();
}

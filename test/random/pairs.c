/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All ordered pairs of a collection of profiles, on some machines: pairs DIRECTORY [FILE…]. Every 'no' comes with a
 * witness that the interpreter confirms on libseccomp's programs; every 'same' and 'subset' holds for random inputs
 * near the constants of the programs. Of one profile alone libseccomp's program is not what the rules say: wrong.json,
 * which sc_consumer_check() tells. The collection is the directory, the files, the shipped policies built for some
 * targets, and the profiles in the directory that SC_REFERENCE names, if it does.
 *
 * SC_SEED chooses; SC_PAIRS is the number of inputs, a million with SC_WORLD; SC_RANDOM_SCALE divides it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "../unit/test.h"
#include "base/file.h"
#include "base/util.h"
#include "compare/compare.h"
#include "consumer/consumer.h"
#include "emit/emit.h"
#include "rng.h"
#include "syscall/param.h"

#define INPUTS 4000
#define WORLD_INPUTS 1000000
#define ENTRIES_MAX 160
#define REASONS_MAX 16

/* A profile, and who takes it. */
struct entry {
        const char *name;
        const struct sc_consumer *consumer;
        const struct sc_profile *profile;
        sc_caps caps;
        bool refused;
        struct sc_outcome outcome;
        sc_node node;
};

struct reason {
        const char *id;
        size_t n;
};

struct campaign {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct entry entries[ENTRIES_MAX];
        size_t n;
        struct reason reasons[REASONS_MAX];
        unsigned char relations[ENTRIES_MAX][ENTRIES_MAX]; /* bits: 1 same, 2 subset */
        size_t miscompiled, unchecked, false_alarms;
        size_t pairs, refused, same, subset, different, witnesses, unconfirmed, inputs, broken;
};

static const struct sc_consumer *consumer_of(const char *name)
{
        return sc_consumer_find(name, strlen(name));
}

static void add_entry(struct campaign *c, const char *name, const char *consumer, const struct sc_profile *profile,
                      sc_caps caps)
{
        if (CHECK(c->n < ENTRIES_MAX))
                c->entries[c->n++] = (struct entry){ .name = sc_arena_strdup(c->arena, name),
                                                     .consumer = consumer_of(consumer), .profile = profile,
                                                     .caps = caps };
}

/* Docker's form for docker, podman's errnos for podman, the rest for runc and crun in turn. */
static void add_text(struct campaign *c, const char *name, const char *text, size_t len)
{
        struct sc_source *source = sc_arena_alloc(c->arena, sizeof(*source));
        const struct sc_json *root, *value;
        struct sc_profile *profile = NULL;
        enum sc_file_kind kind;
        int r;

        *source = (struct sc_source){ sc_arena_strdup(c->arena, name), sc_arena_strndup(c->arena, text, len), len };
        if (!CHECK_INT(sc_json_parse(c->arena, source, SC_JSON_FOLD_KEYS, c->diags, &root), 0))
                return;
        kind = sc_profile_guess(root);
        value = root;
        if (kind == SC_FILE_CONFIG && !CHECK_INT(sc_profile_in_config(root, c->diags, &value), 0))
                return;
        r = sc_profile_read(c->arena, value, c->diags, &profile);
        if (!CHECK(r >= 0))
                return;
        if (kind == SC_FILE_DOCKER) {
                add_entry(c, name, strstr(name, "podman") ? "podman" : "docker", profile, sc_caps_docker());
                add_entry(c, name, strstr(name, "podman") ? "podman-crun" : "containerd", profile, 0);
        } else {
                add_entry(c, name, c->n % 2 ? "crun" : "runc", profile, sc_caps_docker());
        }
}

static void add_file(struct campaign *c, const char *path)
{
        SC_CLEANUP(sc_freep) char *content = NULL;
        size_t len = 0;

        if (CHECK_INT(sc_file_read(AT_FDCWD, path, SC_JSON_SIZE_MAX, &content, &len), 0))
                add_text(c, strrchr(path, '/') ? strrchr(path, '/') + 1 : path, content, len);
}

static int is_json(const struct dirent *entry)
{
        size_t len = strlen(entry->d_name);

        return len > 5 && !strcmp(entry->d_name + len - 5, ".json");
}

static void add_directory(struct campaign *c, const char *path)
{
        struct dirent **names = NULL;
        int n = scandir(path, &names, is_json, alphasort);

        CHECK(n > 0);
        for (int i = 0; i < n; i++) {
                struct sc_strbuf file = SC_STRBUF_INIT;

                sc_strbuf_printf(&file, "%s/%s", path, names[i]->d_name);
                add_file(c, file.text);
                sc_strbuf_done(&file);
                free(names[i]);
        }
        free(names);
}

static void add_built(struct campaign *c, const char *policy, const char *format, const char *consumer, sc_caps caps)
{
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        struct sc_emit_request request = { .format = sc_emit_format_find(format, strlen(format)), .caps = caps,
                                           .kernel_given = true, .kernel = SC_KERNEL(6, 1),
                                           .compiler = sc_scmp_library() };
        struct sc_strbuf name = SC_STRBUF_INIT;

        sc_strbuf_printf(&name, "%s for %s", policy, format);
        if (CHECK_INT(sc_policy_load(c->arena, policy, NULL, 0, NULL, c->diags, &request.policy), 0) &&
            CHECK_INT(sc_emit_build(c->arena, &request, c->diags, &built), 0)) {
                size_t before = c->n;

                add_text(c, name.text, built.text, built.len);
                c->n = before + 1;
                c->entries[before].consumer = consumer_of(consumer);
                c->entries[before].caps = caps;
        }
        sc_strbuf_done(&name);
}

static void add_shipped(struct campaign *c)
{
        static const char *const targets[][2] = { { "docker", "docker" }, { "podman", "podman" }, { "oci", "runc" } };
        const sc_caps caps[] = { 0, sc_caps_docker(), sc_caps_all() };

        for (size_t i = 0; i < sc_shipped_count(); i++)
                for (size_t t = 0; t < SC_COUNT(targets); t++)
                        for (size_t k = 0; k < SC_COUNT(caps); k++)
                                add_built(c, sc_shipped_at(i)->name, targets[t][0], targets[t][1], caps[k]);
}

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

static void check_entry(struct campaign *c, const struct entry *e, const struct sc_target *target,
                        const struct sc_scmp_compiler *compiler, const struct sc_decisions *d)
{
        struct sc_miscompiled found;
        int r = sc_consumer_check(c->arena, target, e->profile, compiler, d, &e->outcome, &found);
        bool wrong = !strcmp(e->name, "wrong.json");

        c->miscompiled += r == 1 && wrong;
        c->unchecked += r < 0;
        c->false_alarms += r == 1 && !wrong;
        if (r == 1 && !wrong)
                printf("# %s (%s) on %s: %s #%u %#x, %#x\n", e->name, e->consumer->name, target->native->name,
                       found.witness.abi->name, found.witness.nr, found.witness.a, found.witness.b);
}

static void decide_entry(struct campaign *c, struct entry *e, const struct sc_abi *machine, struct sc_decisions *d)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        const char *table = e->consumer->scmptable;
        const struct sc_target target = { .consumer = e->consumer, .native = machine, .caps = e->caps,
                                          .kernel = SC_KERNEL(6, 1),
                                          .table = sc_scmptable_find(table, strlen(table)) };
        int r = 0;

        sc_outcome_done(&e->outcome);
        e->node = sc_decision_leaf(d, SECCOMP_RET_ALLOW);
        e->outcome.unfiltered = true; /* without a profile */
        if (e->profile)
                r = sc_consumer_decide(c->arena, &target, e->profile, &compiler, d, diags, &e->outcome);
        e->refused = r < 0;
        if (r < 0)
                count_reason(c, diags);
        else if (!e->outcome.unfiltered)
                e->node = e->outcome.node;
        if (r == 0 && e->profile)
                check_entry(c, e, &target, &compiler, d);
}

static uint32_t run(const struct entry *e, const struct sc_bpf_data *data)
{
        return e->outcome.unfiltered ? SECCOMP_RET_ALLOW : sc_bpf_run(&e->outcome.program, data);
}

/* Calls that this machine's libseccomp has no name for are in the node alone. */
static bool can_run(const struct entry *e)
{
        return !e->refused && e->outcome.n_modelled == 0;
}

static void confirm(struct campaign *c, const struct entry *a, const struct entry *b, const struct sc_witness *w,
                    bool subset)
{
        struct sc_bpf_data data = sc_bpf_data_make(w->abi->audit_arch, w->nr, w->args, w->abi->big_endian);
        enum sc_relation relation;
        bool good;

        if (!can_run(a) || !can_run(b))
                return;
        relation = sc_compare_relate(run(a, &data), run(b, &data));
        good = run(a, &data) == w->a && run(b, &data) == w->b &&
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
        const struct entry *a = &c->entries[i], *b = &c->entries[k];
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

/* A constant of a program, or one beside it. */
static uint32_t near_constant(const struct entry *e, struct rng *rng)
{
        const struct sc_bpf_program *p = &e->outcome.program;
        uint32_t value = p->len && rng_percent(rng, 90) ? p->insns[rng_below(rng, p->len)].k : (uint32_t)rng_next(rng);

        switch (rng_below(rng, 6)) {
        case 0:
                return value + 1;
        case 1:
                return value - 1;
        case 2:
                return value ^ UINT32_C(1) << rng_below(rng, 32);
        default:
                return value;
        }
}

static uint64_t random_value(const struct entry *e, const struct sc_abi *abi, struct rng *rng)
{
        uint64_t low = rng_percent(rng, 30) ? rng_below(rng, 32) : near_constant(e, rng);

        if (sc_param_register_bits(abi) == 64 && rng_percent(rng, 25))
                low |= (uint64_t)near_constant(e, rng) << 32;
        return low;
}

/* A number of the ABI: one of a call, or one near a constant. */
static uint32_t random_number(const struct entry *e, const struct sc_abi *abi, struct rng *rng)
{
        for (;;) {
                uint32_t nr = near_constant(e, rng);

                if (rng_percent(rng, 60) && !sc_syscall_number((int)rng_below(rng, sc_syscall_count()), abi, &nr))
                        continue;
                if (rng_percent(rng, 50) && !sc_abi_owns(abi, nr))
                        nr |= abi->nr_base;
                if (sc_abi_owns(abi, nr) && !sc_syscall_is_unfiltered(abi, nr))
                        return nr;
        }
}

static void report_broken(struct campaign *c, size_t i, size_t k, const struct sc_bpf_data *data)
{
        if (c->broken++ < 5)
                printf("# broken: %s and %s: arch %#x nr %u (%#x, %#x, %#x)\n", c->entries[i].name, c->entries[k].name,
                       data->words[1], data->words[0], data->words[4], data->words[6], data->words[8]);
}

/* One input to every program; every 'yes' is held against the answers. */
static void try_input(struct campaign *c, const struct sc_bpf_data *data)
{
        uint32_t answers[ENTRIES_MAX];

        for (size_t i = 0; i < c->n; i++)
                answers[i] = can_run(&c->entries[i]) ? run(&c->entries[i], data) : 0;
        for (size_t i = 0; i < c->n; i++)
                for (size_t k = 0; k < c->n; k++) {
                        unsigned yes = c->relations[i][k];
                        enum sc_relation relation;

                        if (!yes || !can_run(&c->entries[i]) || !can_run(&c->entries[k]) || answers[i] == answers[k])
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
        for (size_t i = 0; i < count; i++) {
                const struct entry *near = &c->entries[i % c->n];
                const struct sc_abi *abi = abis[rng_below(rng, n_abis)];
                struct sc_bpf_data data;
                uint64_t args[6];

                for (unsigned k = 0; k < 6; k++)
                        args[k] = random_value(near, abi, rng);
                data = sc_bpf_data_make(abi->audit_arch, random_number(near, abi, rng), args, abi->big_endian);
                try_input(c, &data);
        }
}

static void compare_on(struct campaign *c, const char *name, size_t inputs)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(4 * SC_DECISIONS_NODES_MAX);
        struct rng rng = rng_for(env_number("SC_SEED", 1), name[0]);
        const struct sc_abi *abis[SC_ABI_MAX + 1] = { sc_abi_find(name, strlen(name)) };
        size_t n_abis = 1 + sc_abi_subordinates(abis[0], abis + 1), same = c->same, subset = c->subset;

        for (size_t i = 0; i < c->n; i++)
                decide_entry(c, &c->entries[i], abis[0], d);
        for (size_t i = 0; i < c->n; i++)
                for (size_t k = 0; k < c->n; k++)
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
        printf("# %zu profiles, %zu ordered pairs: same %zu, subset %zu, different %zu, with a refused one %zu\n", c->n,
               c->pairs, c->same, c->subset, c->different, c->refused);
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
        const char *reference = getenv("SC_REFERENCE"), *world = getenv("SC_WORLD");
        size_t inputs = scaled((size_t)env_number("SC_PAIRS", world && *world ? WORLD_INPUTS : INPUTS));
        struct campaign *c = calloc(1, sizeof(*c));

        if (argc < 2 || !c)
                return EXIT_FAILURE;
        setvbuf(stdout, NULL, _IOLBF, 0);
        printf("# seed %ju, %zu inputs a machine\n", (uintmax_t)env_number("SC_SEED", 1), inputs);
        c->arena = arena;
        c->diags = diags;
        add_directory(c, argv[1]);
        CHECK(c->n >= 30);
        for (int i = 2; i < argc; i++)
                add_file(c, argv[i]);
        if (reference && *reference)
                add_directory(c, reference);
        add_shipped(c);
        for (size_t i = 0; i < SC_COUNT(machines); i++)
                compare_on(c, machines[i], inputs);
        print_figures(c);
        CHECK(c->same > 0 && c->subset > 0 && c->different > 0);
        CHECK(c->witnesses >= c->different);
        CHECK(c->miscompiled >= 1); /* on x86_64 machines, of which it is */
        CHECK_INT(c->false_alarms + c->unchecked, 0);
        CHECK_INT(c->unconfirmed, 0);
        CHECK_INT(c->broken, 0);
        for (size_t i = 0; i < c->n; i++)
                sc_outcome_done(&c->entries[i].outcome);
        free(c);
        return test_end();
}

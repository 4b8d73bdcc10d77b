/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile in each of its ways, against the interpreter: agree [FILE…].
 *
 * For each FILE (Docker's or OCI's format; without any, docker-default as built here), four sets of capabilities, and
 * x86_64 and aarch64 machines: libseccomp's list and its tree must be one and the same decision, and on SC_AGREE_INPUTS
 * random and boundary inputs for each ABI the decision and both programs must answer alike. A file that is not there is
 * a failure. What runc, docker and libseccomp would refuse is an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../unit/test.h"
#include "base/file.h"
#include "base/util.h"
#include "emit/emit.h"
#include "rng.h"
#include "syscall/name.h"

#define INPUTS 100000
#define OPTIMIZES 2 /* libseccomp's list, and its tree */

struct file {
        const char *name;
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_source source;
        struct sc_profile *profile;
        const struct sc_consumer *consumer;
};

/* One program, how it came to be, and how long its parts took. */
struct program {
        struct sc_outcome outcome;
        double compile_ms, decide_ms;
};

/* The compiler of one optimization level, whatever the consumer asks for; measures itself. */
struct leveled {
        unsigned optimize;
        double ms;
};

static double now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compile(void *data, const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result)
{
        struct leveled *level = data;
        struct sc_scmp_filter with_level = *filter;
        double start = now_ms();
        int r;

        with_level.optimize = level->optimize;
        r = sc_scmp_compile(&with_level, ret_result);
        level->ms += now_ms() - start;
        return r;
}

static struct sc_scmp_compiler leveled_compiler(struct leveled *level)
{
        struct sc_scmp_compiler compiler = sc_scmp_library();

        compiler.compile = compile;
        compiler.data = level;
        return compiler;
}

/* Numbers and arguments that the profile may treat in a special way: its own, and those beside them. */
struct values {
        uint64_t items[512];
        size_t n;
};

static void add_value(struct values *v, uint64_t value)
{
        if (v->n < SC_COUNT(v->items))
                v->items[v->n++] = value;
}

static void collect_values(const struct sc_profile *profile, struct values *v)
{
        for (size_t i = 0; i < profile->syscalls.n; i++)
                for (size_t k = 0; k < profile->syscalls.items[i].args.n; k++) {
                        const struct sc_profile_arg *arg = &profile->syscalls.items[i].args.items[k];

                        add_value(v, arg->value.value);
                        add_value(v, arg->value_two.value);
                }
        for (unsigned i = 0; i < 32; i++)
                add_value(v, i);
}

static uint64_t random_arg(struct rng *rng, const struct values *v)
{
        uint64_t base = v->items[rng_below(rng, v->n)];

        switch (rng_below(rng, 7)) {
        case 0:
                return rng_next(rng);
        case 1:
                return base | rng_next(rng) << 32;
        case 2:
                return base - 1 + rng_below(rng, 3);
        case 3:
                return base ^ UINT64_C(1) << rng_below(rng, 64);
        case 4:
                return base | (rng_next(rng) & rng_next(rng));
        default:
                return base;
        }
}

static uint32_t random_number(struct rng *rng, const struct sc_abi *abi)
{
        static const uint32_t boundaries[] = {
                0, 1, 400, 600, 0x3fffffff, 0x40000000, 0x40000200, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
        };
        uint32_t nr;

        switch (rng_below(rng, 10)) {
        case 0:
                return boundaries[rng_below(rng, SC_COUNT(boundaries))];
        case 1:
                return (uint32_t)rng_next(rng);
        case 2:
                return abi->nr_base + (uint32_t)rng_below(rng, 700);
        default:
                break;
        }
        while (!sc_syscall_number((int)rng_below(rng, sc_syscall_count()), abi, &nr))
                ;
        return rng_percent(rng, 80) ? nr : nr - 1 + 2 * (uint32_t)rng_below(rng, 2);
}

/* Calls whose answer depends on arguments are few, so half of the inputs go to them. */
struct delicate {
        uint32_t numbers[256];
        size_t n;
};

static void find_delicate(const struct sc_profile *profile, const struct sc_abi *abi, struct delicate *d)
{
        d->n = 0;
        for (size_t i = 0; i < profile->syscalls.n; i++) {
                const struct sc_profile_rule *rule = &profile->syscalls.items[i];

                for (size_t k = 0; k < rule->names.n && rule->args.n; k++) {
                        const char *name = rule->names.items[k].text;
                        uint32_t nr;

                        if (d->n < SC_COUNT(d->numbers) &&
                            sc_syscall_number(sc_syscall_find(name, strlen(name)), abi, &nr))
                                d->numbers[d->n++] = nr;
                }
        }
        for (size_t i = 0; i < sc_syscall_count(); i++)
                if (sc_syscall_is_carrier((int)i) && sc_syscall_number((int)i, abi, &d->numbers[d->n]))
                        d->n++;
}

/* Returns how many inputs are answered differently, and prints the first. */
static size_t compare_abi(const struct file *f, const struct sc_decisions *d, const struct program *programs,
                          const struct sc_abi *abi, struct rng *rng, size_t inputs)
{
        struct delicate delicate;
        struct values values = { 0 };
        size_t different = 0;

        collect_values(f->profile, &values);
        find_delicate(f->profile, abi, &delicate);
        for (size_t i = 0; i < inputs; i++) {
                uint32_t nr = delicate.n && rng_percent(rng, 50) ? delicate.numbers[rng_below(rng, delicate.n)] :
                                                                   random_number(rng, abi);
                struct sc_input in = { .words = { [SC_WORD_ARCH] = abi->audit_arch, [SC_WORD_NR] = nr } };
                struct sc_bpf_data data;
                uint32_t said, list, tree;

                for (size_t k = 0; k < 6; k++)
                        in.words[SC_WORD_ARG0 + k] = random_arg(rng, &values);
                data = sc_bpf_data_make(abi->audit_arch, nr, &in.words[SC_WORD_ARG0], abi->big_endian);
                said = sc_decision_eval(d, programs[0].outcome.node, &in);
                list = sc_bpf_run(&programs[0].outcome.program, &data);
                tree = sc_bpf_run(&programs[1].outcome.program, &data);
                if (said != list || said != tree)
                        if (different++ == 0)
                                printf("# %s nr %u arg0 %#jx arg1 %#jx: decision %#x, list %#x, tree %#x\n", abi->name,
                                       nr, (uintmax_t)in.words[SC_WORD_ARG0], (uintmax_t)in.words[SC_WORD_ARG1], said,
                                       list, tree);
        }
        return different;
}

static void print_diags(const struct file *f)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(f->diags, &n);

        for (size_t i = 0; i < n; i++)
                printf("# %s: %s [%s]\n", f->name, all[i]->message, all[i]->rule);
}

/* Both programs of one target. Returns 0 or an error. */
static int take(const struct file *f, const struct sc_target *target, struct sc_decisions *d, struct program *programs)
{
        for (size_t i = 0; i < OPTIMIZES; i++) {
                struct leveled level = { .optimize = (unsigned)i + 1 };
                const struct sc_scmp_compiler compiler = leveled_compiler(&level);
                double start = now_ms();
                int r = sc_consumer_decide(f->arena, target, f->profile, &compiler, d, f->diags, &programs[i].outcome);

                if (r < 0)
                        return r;
                programs[i].compile_ms = level.ms;
                programs[i].decide_ms = now_ms() - start - level.ms;
        }
        return 0;
}

static void check_abis(const struct file *f, const struct sc_decisions *d, const struct program *programs,
                       const struct sc_target *target, const char *caps, size_t inputs)
{
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n = sc_abi_subordinates(target->native, abis);
        struct rng rng = rng_for(env_number("SC_SEED", 1), 0);

        abis[n++] = target->native;
        for (size_t i = 0; i < n; i++) {
                size_t different = compare_abi(f, d, programs, abis[i], &rng, inputs);

                if (different)
                        printf("# %s, %s: %zu of %zu inputs differ on %s\n", f->name, caps, different, inputs,
                               abis[i]->name);
                CHECK_INT(different, 0);
        }
}

static void check_target(const struct file *f, const struct sc_target *target, const char *caps, size_t inputs)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct program programs[OPTIMIZES] = { 0 };
        int r = d ? take(f, target, d, programs) : -ENOMEM;

        CHECK_INT(r, 0);
        if (r == 0) {
                printf("# %s, %s, %s, caps %s: %zu nodes; list %zu instructions (libseccomp %.2f ms, decision %.2f "
                       "ms), "
                       "tree %zu (%.2f ms, %.2f ms)\n",
                       f->name, target->consumer->name, target->native->name, caps,
                       sc_decision_size(d, programs[0].outcome.node), programs[0].outcome.program.len,
                       programs[0].compile_ms, programs[0].decide_ms, programs[1].outcome.program.len,
                       programs[1].compile_ms, programs[1].decide_ms);
                CHECK(programs[0].outcome.node == programs[1].outcome.node);
                check_abis(f, d, programs, target, caps, inputs);
        } else {
                print_diags(f);
        }
        sc_outcome_done(&programs[0].outcome);
        sc_outcome_done(&programs[1].outcome);
}

static void check_profile(const struct file *f, size_t inputs)
{
        const struct {
                const char *name;
                sc_caps caps;
        } sets[] = {
                { "none", 0 },
                { "default", sc_caps_docker() },
                { "all", sc_caps_all() },
                { "CAP_SYS_ADMIN", UINT64_C(1) << sc_cap_find("CAP_SYS_ADMIN", 13) },
        };
        static const char *const natives[] = { "x86_64", "aarch64" };

        for (size_t i = 0; i < SC_COUNT(natives); i++)
                for (size_t k = 0; k < SC_COUNT(sets); k++) {
                        const struct sc_target target = {
                                .consumer = f->consumer,
                                .native = sc_abi_find(natives[i], strlen(natives[i])),
                                .caps = sets[k].caps,
                                .kernel = SC_KERNEL(6, 1),
                                .table = sc_scmptable_find(f->consumer->scmptable, strlen(f->consumer->scmptable)),
                        };

                        check_target(f, &target, sets[k].name, inputs);
                }
}

/* Reads a profile and chooses who takes it: docker for its own format, runc for the plain one. */
static int parse(struct file *f)
{
        const struct sc_json *root;
        const char *consumer;
        int r = sc_json_parse(f->arena, &f->source, SC_JSON_FOLD_KEYS, f->diags, &root);

        if (r == 0)
                r = sc_profile_read(f->arena, root, f->diags, &f->profile);
        if (r != 0)
                return r < 0 ? r : -EBADMSG;
        consumer = sc_profile_guess(root) == SC_FILE_DOCKER ? "docker" : "runc";
        f->consumer = sc_consumer_find(consumer, strlen(consumer));
        return 0;
}

/* `text` is the file's content, or NULL to read it. */
static void check_file(const char *name, const char *text, size_t inputs)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_freep) char *content = NULL;
        struct file f = { .name = name, .arena = arena, .diags = diags, .source = { .name = name, .text = text } };
        int r = 0;

        if (!arena || !diags) {
                CHECK(arena && diags);
                return;
        }
        if (text)
                f.source.len = strlen(text);
        else
                r = sc_file_read(AT_FDCWD, name, SC_JSON_SIZE_MAX, &content, &f.source.len);
        if (content)
                f.source.text = content;
        if (r == 0)
                r = parse(&f);
        if (r < 0)
                printf("# %s: %s\n", name, strerror(-r));
        CHECK_INT(r, 0);
        print_diags(&f);
        if (r == 0)
                check_profile(&f, inputs);
}

/* The shipped policy, built for docker. */
static void check_shipped(size_t inputs)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        struct leveled level = { .optimize = 1 };
        struct sc_emit_request request = { .format = sc_emit_format_find("docker", 6),
                                           .compiler = leveled_compiler(&level) };
        int r = arena && diags ? sc_policy_load(arena, "docker-default", NULL, 0, NULL, diags, &request.policy)
                               : -ENOMEM;

        if (r == 0)
                r = sc_emit_build(arena, &request, diags, &built);
        CHECK_INT(r, 0);
        if (r == 0)
                check_file("docker-default as built here", built.text, inputs);
}

int main(int argc, char **argv)
{
        size_t inputs = scaled((size_t)env_number("SC_AGREE_INPUTS", INPUTS));

        printf("# seed %ju, %zu inputs for each ABI\n", (uintmax_t)env_number("SC_SEED", 1), inputs);
        if (argc < 2)
                check_shipped(inputs);
        for (int i = 1; i < argc; i++)
                check_file(argv[i], NULL, inputs);
        return test_end();
}

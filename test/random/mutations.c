/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random changes to built profiles, given to the proof: mutations [SEED [INDEX]].
 *
 * Where the BPF interpreter finds an input that the changed profile answers differently, the proof must refuse it. What
 * means the same it should accept. SC_SEED, SC_RANDOM_MUTATIONS, SC_RANDOM_JOBS, SC_RANDOM_SCALE: as for
 * random-policies.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/util.h"
#include "emit/emit.h"
#include "cache.h"
#include "mutate.h"
#include "setting.h"

#define MUTATIONS 3000
#define MUTATIONS_EACH 10 /* of one built profile */
#define INPUTS 2000       /* for each machine and environment */
#define ENVS 5
#define JOBS_MAX 16
#define KINDS_MAX 32
#define SCENES_MAX 64

/* What the interpreter says of a change, and the proof. */
enum meaning {
        SAME_MEANING,
        OTHER_MEANING,
        UNUSABLE, /* the consumer or libseccomp refuses it */
        MEANINGS,
};

static const char *const meaning_names[MEANINGS] = { "no difference found", "a difference found", "unusable" };

/* Shared between the jobs. */
struct counts {
        size_t by_meaning[MEANINGS][2]; /* refused, accepted */
        size_t by_kind[KINDS_MAX][MEANINGS][2];
        size_t failures;
};

/* A built profile and the programs that it gives in some scenes. */
struct subject {
        struct rng rng;
        struct naive_policy *policy;
        struct setting set;
        struct cache *cache;
        struct sc_arena *arena;
        struct sc_emit_result built;
        struct scene *scenes;
        struct sc_bpf_program programs[SCENES_MAX];
        size_t n_scenes;
};

static void print_text(const char *what, const char *text)
{
        printf("# %s:\n", what);
        while (text && *text) {
                size_t len = strcspn(text, "\n");

                printf("#   %.*s\n", (int)len, text);
                text += len + (text[len] != 0);
        }
}

static int add_scene(struct subject *s, const struct sc_consumer *consumer, const struct sc_abi *native,
                     struct naive_env env)
{
        struct scene *scene = &s->scenes[s->n_scenes];
        int r;

        if (s->n_scenes == SCENES_MAX)
                return 0;
        *scene = setting_scene(&s->set, consumer, native);
        scene->env = env;
        scene_prepare(scene);
        r = scene_program(scene, s->built.text, s->built.len, &s->programs[s->n_scenes]);
        s->n_scenes += r == 0;
        return r;
}

/* Docker's profiles are tried on every machine, in environments of the policy's and in those at the ends. */
static int add_docker_scenes(struct subject *s)
{
        struct naive_env envs[ENVS + 2];
        size_t n = generate_envs(&s->rng, s->policy, envs, ENVS);
        int r = 0;

        envs[n++] = (struct naive_env){ 0, SC_KERNEL(3, 0) };
        envs[n++] = (struct naive_env){ sc_caps_all(), SC_KERNEL(7, 1) };
        for (size_t i = 0; i < s->policy->n_abis; i++)
                for (size_t e = 0; e < n && r == 0 && sc_abi_is_family(s->policy->abis[i]); e++)
                        r = add_scene(s, s->set.consumer, s->policy->abis[i], envs[e]);
        return r;
}

static int add_scenes(struct subject *s)
{
        const char *const *names = s->set.request.format->consumers;
        int r = 0;

        if (s->set.consumer->docker_format)
                return add_docker_scenes(s);
        for (size_t i = 0; i < SC_EMIT_CONSUMERS_MAX && names[i] && r == 0; i++)
                r = add_scene(s, sc_consumer_find(names[i], strlen(names[i])), s->set.abis[0], s->set.env);
        return r;
}

static void subject_done(struct subject *s)
{
        for (size_t i = 0; i < s->n_scenes; i++)
                free((void *)(uintptr_t)s->programs[i].insns);
        sc_emit_result_done(&s->built);
        sc_arena_free(s->arena);
        cache_free(s->cache);
        free(s->scenes);
        free(s->policy);
}

/* A random policy that builds. Returns 0; 1 if this one does not build; or an error. */
static int subject_init(struct subject *s, uint64_t seed, size_t index)
{
        static const char *const formats[] = {
                "docker", "docker", "docker", "oci", "oci", "docker@20.10", "runc", "crun"
        };
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sc_strbuf text = SC_STRBUF_INIT;
        const char *format;
        int r;

        *s = (struct subject){ .rng = rng_for(seed, index), .policy = malloc(sizeof(*s->policy)), .cache = cache_new(),
                               .arena = sc_arena_new(), .scenes = calloc(SCENES_MAX, sizeof(*s->scenes)) };
        if (!diags || !s->policy || !s->cache || !s->arena || !s->scenes)
                return -ENOMEM;
        format = formats[rng_below(&s->rng, SC_COUNT(formats))];
        generate(&s->rng, rng_percent(&s->rng, 20) ? GENERATE_REALISTIC : GENERATE_SMALL,
                 sc_scmptable_find("debian12", 8), s->policy);
        setting_choose(&s->set, s->policy, sc_emit_format_find(format, strlen(format)), cache_compiler(s->cache),
                       &s->rng);
        naive_write(s->policy, &text);
        r = text.failed ? -ENOMEM : sc_policy_load(s->arena, "random.jsonc", text.text, text.len, NULL, diags,
                                                   &s->set.request.policy);
        sc_strbuf_done(&text);
        if (r == 0)
                r = sc_emit_build(s->arena, &s->set.request, diags, &s->built);
        if (r == 0)
                r = add_scenes(s);
        return r == -EBADMSG ? 1 : r;
}

struct witness {
        const struct scene *scene;
        uint32_t arch, nr;
        uint64_t args[6];
        uint32_t before, after;
};

static bool differs_on(const struct subject *s, size_t i, const struct sc_bpf_program *after, struct witness *w)
{
        struct sc_bpf_data data = sc_bpf_data_make(w->arch, w->nr, w->args, after->big_endian);

        w->scene = &s->scenes[i];
        w->before = sc_bpf_run(&s->programs[i], &data);
        w->after = sc_bpf_run(after, &data);
        return w->before != w->after;
}

/* Every call of every ABI that the machine may have, then random inputs. */
static bool find_witness(struct subject *s, size_t i, const struct sc_bpf_program *after, struct witness *w)
{
        *w = (struct witness){ 0 };
        for (size_t a = 0; a < sc_abi_count(); a++)
                for (size_t k = 0; k < sc_syscall_count(); k++) {
                        w->arch = sc_abi_at(a)->audit_arch;
                        if (sc_syscall_number((int)k, sc_abi_at(a), &w->nr) && differs_on(s, i, after, w))
                                return true;
                }
        for (size_t k = 0; k < INPUTS; k++) {
                scene_input(&s->scenes[i], &s->rng, &w->arch, &w->nr, w->args);
                if (differs_on(s, i, after, w))
                        return true;
        }
        return false;
}

static enum meaning meaning_of(struct subject *s, const char *text, struct witness *w)
{
        for (size_t i = 0; i < s->n_scenes; i++) {
                struct sc_bpf_program after;
                bool differs;

                if (scene_program(&s->scenes[i], text, strlen(text), &after) < 0)
                        return UNUSABLE;
                differs = find_witness(s, i, &after, w);
                free((void *)(uintptr_t)after.insns);
                if (differs)
                        return OTHER_MEANING;
        }
        return SAME_MEANING;
}

/* One change to the built text, if it can be seen. Returns 0; 1 if this one changed nothing; or an error. */
static int change_once(struct subject *s, struct sc_arena *arena, struct sc_diags *diags, char **ret_text,
                       const char **ret_kind)
{
        const struct sc_source source = { .name = "<built>", .text = s->built.text, .len = s->built.len };
        const struct sc_json *root;
        struct sc_profile *profile;
        const char *kind;
        char *text;
        size_t len;
        int r = sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root);

        if (r == 0)
                r = sc_profile_read(arena, root, diags, &profile);
        if (r < 0)
                return r;
        kind = mutate(&s->rng, arena, profile);
        if (!kind)
                return 1;
        r = sc_profile_write(profile, SC_JSON_INDENTED, &text, &len);
        if (r < 0)
                return r;
        if (!strcmp(text, s->built.text)) {
                free(text);
                return 1;
        }
        *ret_text = text;
        *ret_kind = kind;
        return 0;
}

static void report(const struct subject *s, const char *kind, const char *changed, const struct witness *w)
{
        struct sc_strbuf policy = SC_STRBUF_INIT;

        printf("# the proof took this for %s: %s\n", s->set.request.format->name, kind);
        printf("# %s on %s, kernel %u.%u, capabilities %#jx: arch %#x nr %u arg0 %#jx: before %#x, after %#x\n",
               w->scene->consumer->name, w->scene->native->name, SC_KERNEL_MAJOR(w->scene->env.kernel),
               SC_KERNEL_MINOR(w->scene->env.kernel), (uintmax_t)w->scene->env.caps, w->arch, w->nr,
               (uintmax_t)w->args[0], w->before, w->after);
        naive_write(s->policy, &policy);
        print_text("policy", policy.text);
        print_text("built", s->built.text);
        print_text("changed", changed);
        sc_strbuf_done(&policy);
}

static size_t kind_index(const char *kind)
{
        size_t i = 0;

        while (strcmp(mutate_kind(i), kind) != 0)
                i++;
        return i;
}

/* Returns 0 or an error; what the proof should have refused is counted as a failure. */
static int try_mutation(struct subject *s, struct counts *counts)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        enum meaning meaning;
        struct witness w;
        const char *kind;
        char *changed;
        int r = arena && diags ? 1 : -ENOMEM;

        while (r == 1)
                r = change_once(s, arena, diags, &changed, &kind);
        if (r < 0)
                return r;
        meaning = meaning_of(s, changed, &w);
        r = sc_emit_check(arena, &s->set.request, changed, strlen(changed), diags);
        if (r == 0 || r == -EBADMSG) {
                counts->by_meaning[meaning][r == 0]++;
                counts->by_kind[kind_index(kind)][meaning][r == 0]++;
        }
        if (r == 0 && meaning != SAME_MEANING && counts->failures++ < 3) {
                if (meaning == UNUSABLE)
                        w = (struct witness){ .scene = &s->scenes[0] };
                report(s, kind, changed, &w);
        }
        free(changed);
        return r == -EBADMSG ? 0 : r;
}

/* Mutations of the policies first, first + step …, `count` mutations in all. */
static int run_job(uint64_t seed, size_t first, size_t step, size_t count, struct counts *counts)
{
        int r = 0;

        for (size_t index = first, done = 0; done < count && r == 0; index += step) {
                struct subject s;

                r = subject_init(&s, seed, index);
                for (size_t i = 0; i < MUTATIONS_EACH && done < count && r == 0; i++, done++)
                        r = try_mutation(&s, counts);
                subject_done(&s);
                if (r == 1)
                        r = 0; /* the policy does not build: the next one */
                if (r < 0)
                        printf("# policy %zu: %s\n", index, strerror(-r));
        }
        fflush(stdout);
        return r;
}

static void add_counts(struct counts *sum, const struct counts *one)
{
        sum->failures += one->failures;
        for (size_t m = 0; m < MEANINGS; m++)
                for (size_t a = 0; a < 2; a++) {
                        sum->by_meaning[m][a] += one->by_meaning[m][a];
                        for (size_t k = 0; k < KINDS_MAX; k++)
                                sum->by_kind[k][m][a] += one->by_kind[k][m][a];
                }
}

static void judge(const struct counts *counts, size_t count)
{
        size_t all = 0;

        printf("# %-28s %-22s %-22s %s\n", "refused/accepted:", meaning_names[0], meaning_names[1], meaning_names[2]);
        for (size_t k = 0; mutate_kind(k); k++) {
                printf("# %-28s", mutate_kind(k));
                for (size_t m = 0; m < MEANINGS; m++)
                        printf(" %10zu /%9zu", counts->by_kind[k][m][0], counts->by_kind[k][m][1]);
                printf("\n");
        }
        for (size_t m = 0; m < MEANINGS; m++) {
                printf("# %s: %zu, of which the proof refused %zu, accepted %zu\n", meaning_names[m],
                       counts->by_meaning[m][0] + counts->by_meaning[m][1], counts->by_meaning[m][0],
                       counts->by_meaning[m][1]);
                all += counts->by_meaning[m][0] + counts->by_meaning[m][1];
        }
        CHECK_INT(all, count);
        CHECK_INT(counts->by_meaning[OTHER_MEANING][1], 0);
        CHECK_INT(counts->by_meaning[UNUSABLE][1], 0);
        CHECK(counts->by_meaning[OTHER_MEANING][0] * 2 > count);
        CHECK(counts->by_meaning[SAME_MEANING][1] > 0);
}

int main(int argc, char **argv)
{
        uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : env_number("SC_SEED", 1);
        size_t count = scaled((size_t)env_number("SC_RANDOM_MUTATIONS", MUTATIONS));
        size_t jobs = (size_t)env_number("SC_RANDOM_JOBS", 2);
        struct counts *counts =
                mmap(NULL, JOBS_MAX * sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        time_t start = time(NULL);
        pid_t pids[JOBS_MAX];
        bool good = true;

        if (argc > 1 && argv[1][0] == '-') {
                puts("mutations [SEED [INDEX]]: gives random changes of built profiles to the proof");
                return EXIT_SUCCESS;
        }
        if (counts == MAP_FAILED)
                return EXIT_FAILURE;
        jobs = argc > 2 || jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs;
        count = argc > 2 ? MUTATIONS_EACH : count - count % jobs;
        printf("# seed %ju, %zu mutations, %zu jobs\n", (uintmax_t)seed, count, jobs);
        fflush(stdout);
        for (size_t i = 0; i < jobs; i++) {
                pids[i] = fork();
                if (pids[i] == 0)
                        exit(run_job(seed, argc > 2 ? strtoul(argv[2], NULL, 0) : i, jobs, count / jobs, &counts[i]) ?
                             EXIT_FAILURE : EXIT_SUCCESS);
        }
        for (size_t i = 0; i < jobs; i++) {
                int status = 1;

                good &= pids[i] > 0 && waitpid(pids[i], &status, 0) == pids[i] && status == 0;
        }
        CHECK(good);
        for (size_t i = 1; i < jobs; i++)
                add_counts(&counts[0], &counts[i]);
        judge(&counts[0], count);
        printf("# took %ld s\n", (long)(time(NULL) - start));
        return test_end();
}

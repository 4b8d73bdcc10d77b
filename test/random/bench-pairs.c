/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long it takes to compare whole default profiles: bench-pairs FILE…: docker-default as built here and the files,
 * each with each, on all pairs of five ABIs: reading the JSON, the decisions, the check against the rules and the
 * comparison, both ways, and apart from that libseccomp's compiles. Prints; judges nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/util.h"
#include "compare/compare.h"
#include "emit/emit.h"
#include "rng.h"

#define RUNS 5
#define FILES_MAX 8
#define TIMES_MAX 4096

struct text {
        const char *name;
        char *text;
        size_t len;
};

static double now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Milliseconds, added up. */
struct spent {
        double compile, check;
};

/* libseccomp, with the time that it takes. */
static int compile(void *data, const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result)
{
        struct spent *spent = data;
        double start = now_ms();
        int r = sc_scmp_compile(filter, ret_result);

        spent->compile += now_ms() - start;
        return r;
}

static int decide(struct sc_arena *arena, const struct text *text, const struct sc_abi *machine, struct spent *spent,
                  struct sc_decisions *d, sc_node *ret_node)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        struct sc_scmp_compiler compiler = sc_scmp_library();
        const struct sc_target target = { .consumer = sc_consumer_find("docker", 6), .native = machine,
                                          .caps = sc_caps_docker(), .kernel = SC_KERNEL(6, 1),
                                          .table = sc_scmptable_find("debian12", 8) };
        struct sc_miscompiled found;
        const struct sc_json *root;
        struct sc_profile *profile;
        double start;
        int r;

        compiler.compile = compile;
        compiler.data = spent;
        *source = (struct sc_source){ text->name, text->text, text->len };
        r = sc_json_parse(arena, source, SC_JSON_FOLD_KEYS, diags, &root);
        if (r == 0)
                r = sc_profile_read(arena, root, diags, &profile);
        if (r == 0)
                r = sc_consumer_decide(arena, &target, profile, &compiler, d, diags, &outcome);
        start = now_ms();
        if (r == 0)
                r = sc_consumer_check(arena, &target, profile, &compiler, d, &outcome, &found);
        spent->check += now_ms() - start;
        *ret_node = outcome.node;
        return r;
}

/* The machine that runs programs of an ABI. */
static const struct sc_abi *machine_of(const struct sc_abi *abi)
{
        return sc_abi_is_family(abi) ? abi : sc_abi_find("x86_64", 6);
}

/* Both questions on the machines of some ABIs. */
static int compare(const struct text *a, const struct text *b, const struct sc_abi *const *abis, size_t n,
                   struct spent *spent)
{
        for (size_t i = 0; i < n; i++) {
                SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
                struct sc_witness w;
                sc_node x, y;
                int r;

                if (i && machine_of(abis[i]) == machine_of(abis[0])) /* is asked there already */
                        continue;
                r = decide(arena, a, machine_of(abis[i]), spent, d, &x);
                if (r >= 0)
                        r = decide(arena, b, machine_of(abis[i]), spent, d, &y);
                for (size_t k = 0; k < n && r >= 0; k++)
                        if (machine_of(abis[k]) == machine_of(abis[i]))
                                r = sc_compare(d, x, y, SC_ASK_SAME, &abis[k], 1, &w);
                if (r >= 0)
                        r = sc_compare(d, x, y, SC_ASK_SUBSET, &abis[i], 1, &w);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

struct times {
        double beyond[TIMES_MAX], ratio[TIMES_MAX], check[TIMES_MAX];
        size_t n;
};

static int bench(const struct text *texts, size_t n_texts, const struct sc_abi *const *abis, size_t n_abis,
                 size_t runs, struct times *times)
{
        for (size_t i = 0; i < n_texts * n_texts * n_abis * n_abis * runs; i++) {
                size_t a = i % n_texts, b = i / n_texts % n_texts, x = i / n_texts / n_texts % n_abis,
                       y = i / n_texts / n_texts / n_abis % n_abis;
                const struct sc_abi *pair[2] = { abis[x], abis[y] };
                struct spent spent = { 0, 0 };
                double start = now_ms(), all;
                int r;

                if (x >= y || times->n == TIMES_MAX)
                        continue;
                r = compare(&texts[a], &texts[b], pair, 2, &spent);
                if (r == -EBADMSG) /* one of them is not for such machines */
                        continue;
                if (r < 0)
                        return r;
                all = now_ms() - start;
                times->beyond[times->n] = all - spent.compile;
                times->check[times->n] = spent.check;
                times->ratio[times->n++] = (all - spent.compile) / spent.compile;
        }
        return 0;
}

static int build(struct text *ret_text)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sc_emit_request request = { .format = sc_emit_format_find("docker", 6),
                                           .compiler = sc_scmp_library() };
        struct sc_emit_result built = { 0 };
        int r = sc_policy_load(arena, "docker-default", NULL, 0, NULL, diags, &request.policy);

        if (r == 0)
                r = sc_emit_build(arena, &request, diags, &built);
        if (r == 0)
                *ret_text = (struct text){ "docker-default", built.text, built.len };
        return r;
}

static void print(const char *what, double *values, size_t n)
{
        qsort(values, n, sizeof(*values), by_value);
        printf("%s: median %.2f, 95 of 100 below %.2f, most %.2f\n", what, values[n / 2], values[n * 95 / 100],
               values[n - 1]);
}

int main(int argc, char **argv)
{
        static const char *const names[] = { "x86_64", "x86", "aarch64", "s390x", "x32" };
        const struct sc_abi *abis[SC_COUNT(names)];
        struct times *times = calloc(1, sizeof(*times));
        struct text texts[FILES_MAX] = { 0 };
        size_t n = 1;
        int r = times ? build(&texts[0]) : -ENOMEM;

        for (size_t i = 0; i < SC_COUNT(names); i++)
                abis[i] = sc_abi_find(names[i], strlen(names[i]));
        for (int i = 1; i < argc && n < FILES_MAX && r == 0; i++, n++) {
                texts[n].name = argv[i];
                r = sc_file_read(AT_FDCWD, argv[i], SC_JSON_SIZE_MAX, &texts[n].text, &texts[n].len);
        }
        if (r == 0)
                r = bench(texts, n, abis, SC_COUNT(abis), (size_t)env_number("SC_BENCH_RUNS", RUNS), times);
        if (r == 0 && times->n) {
                printf("%zu comparisons of %zu profiles on pairs of ABIs\n", times->n, n);
                print("milliseconds beyond libseccomp's", times->beyond, times->n);
                print("of these, the checks against the rules", times->check, times->n);
                print("all as a ratio to libseccomp's", times->ratio, times->n);
        } else {
                fprintf(stderr, "bench-pairs: %s\n", strerror(r < 0 ? -r : EBADMSG));
        }
        for (size_t i = 0; i < n; i++)
                free(texts[i].text);
        free(times);
        return r ? EXIT_FAILURE : EXIT_SUCCESS;
}

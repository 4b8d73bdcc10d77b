/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a whole default profile takes: its program to a decision in a fresh arena, and, in the same run,
 * libseccomp's compile of the rules that the program came from: bench-decide [FILE]. Docker's format; without FILE,
 * docker-default as built here, with x32 added so that three ABIs share the program. Prints; judges nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/util.h"
#include "emit/emit.h"
#include "rng.h"

#define RUNS 1000
#define COMPILES 100 /* libseccomp is much slower */

static double now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
        qsort(values, n, sizeof(*values), by_value);
        return values[n / 2];
}

/* Fresh arena each time: making and freeing it is part of the price. */
static int bench_decide(const struct sc_bpf_program *program, size_t runs, double *ret_median, size_t *ret_nodes)
{
        SC_CLEANUP(sc_freep) double *times = calloc(runs, sizeof(*times));

        for (size_t i = 0; times && i < runs; i++) {
                double start = now_ms();
                struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
                struct sc_bpf_fault fault;
                sc_node node;
                int r = d ? sc_bpf_decide(program, d, &node, &fault) : -ENOMEM;

                if (r == 0 && i == 0)
                        *ret_nodes = sc_decision_size(d, node);
                sc_decisions_free(d);
                if (r < 0)
                        return r;
                times[i] = now_ms() - start;
        }
        if (!times)
                return -ENOMEM;
        *ret_median = median(times, runs);
        return 0;
}

static int bench_compile(const struct sc_scmp_filter *filter, size_t runs, double *ret_median)
{
        SC_CLEANUP(sc_freep) double *times = calloc(runs, sizeof(*times));

        for (size_t i = 0; times && i < runs; i++) {
                struct sc_scmp_result result = { 0 };
                double start = now_ms();
                int r = sc_scmp_compile(filter, &result);

                times[i] = now_ms() - start;
                free(result.insns);
                if (r < 0 || result.error)
                        return r ? r : result.error;
        }
        if (!times)
                return -ENOMEM;
        *ret_median = median(times, runs);
        return 0;
}

static int bench(struct sc_arena *arena, struct sc_diags *diags, const struct sc_profile *profile, size_t runs)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_target target = { .consumer = sc_consumer_find("docker", 6), .native = sc_abi_find("x86_64", 6),
                                          .caps = sc_caps_docker(), .kernel = SC_KERNEL(6, 1),
                                          .table = sc_scmptable_find("debian12", 8) };
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        double decide_ms = 0, compile_ms = 0;
        size_t nodes = 0;
        struct sc_plan plan;
        int r = d ? sc_consumer_decide(arena, &target, profile, &compiler, d, diags, &outcome) : -ENOMEM;

        if (r == 0)
                r = sc_consumer_plan(arena, &target, profile, diags, &plan);
        if (r == 0)
                r = bench_decide(&outcome.program, runs, &decide_ms, &nodes);
        if (r == 0)
                r = bench_compile(&plan.filter, runs < COMPILES ? runs : COMPILES, &compile_ms);
        if (r < 0)
                return r;
        printf("%zu ABIs, %zu rules, %zu instructions, %zu nodes\n", plan.n_abis, plan.filter.n_rules,
               outcome.program.len, nodes);
        printf("program to decision: median of %zu runs %.3f ms\n", runs, decide_ms);
        printf("libseccomp, the same rules: median %.3f ms, %.1f times as long\n", compile_ms, compile_ms / decide_ms);
        return 0;
}

/* docker-default as a Docker profile, in `arena`. */
static int build(struct sc_arena *arena, struct sc_diags *diags, struct sc_source *ret_source)
{
        static const char text[] =
                "{ \"extends\": [\"docker-default\"], \"architectures\": [\"x86_64\", \"x86\", \"x32\"] }";
        struct sc_emit_request request = { .format = sc_emit_format_find("docker", 6),
                                           .compiler = sc_scmp_library() };
        struct sc_emit_result built;
        int r = sc_policy_load(arena, "bench.jsonc", text, sizeof(text) - 1, NULL, diags, &request.policy);

        if (r == 0)
                r = sc_emit_build(arena, &request, diags, &built);
        if (r < 0)
                return r;
        *ret_source = (struct sc_source){ "docker-default", sc_arena_strndup(arena, built.text, built.len), built.len };
        sc_emit_result_done(&built);
        return ret_source->text ? 0 : -ENOMEM;
}

int main(int argc, char **argv)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_freep) char *content = NULL;
        struct sc_source source = { .name = argc > 1 ? argv[1] : NULL };
        size_t runs = (size_t)env_number("SC_BENCH_RUNS", RUNS);
        const struct sc_json *root;
        struct sc_profile *profile;
        int r = -ENOMEM;

        if (arena && diags)
                r = argc > 1 ? sc_file_read(AT_FDCWD, argv[1], SC_JSON_SIZE_MAX, &content, &source.len) :
                               build(arena, diags, &source);
        if (content)
                source.text = content;
        if (r == 0)
                r = sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root);
        if (r == 0)
                r = sc_profile_read(arena, root, diags, &profile);
        if (r == 0)
                r = bench(arena, diags, profile, runs);
        if (r != 0)
                fprintf(stderr, "bench-decide: %s\n", strerror(r < 0 ? -r : EBADMSG));
        return r ? EXIT_FAILURE : EXIT_SUCCESS;
}

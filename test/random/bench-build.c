/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a whole build takes in this process: docker-default for `oci`, Docker's capabilities, Linux 6.1, this
 * machine's ABI alone; with the model of libseccomp, and with libseccomp: bench-build. Prints; judges nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/util.h"
#include "bpf/model.h"
#include "emit/emit.h"
#include "rng.h"
#include "syscall/name.h"

#define RUNS 200

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

/* One load and build; their times. */
static int build(struct sc_scmp_compiler compiler, double *ret_load_ms, double *ret_build_ms)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        const struct sc_abi *native = sc_abi_native();
        struct sc_emit_request request = { .format = sc_emit_format_find("oci", 3), .abis = &native, .n_abis = 1,
                                           .caps = sc_caps_docker(), .kernel_given = true, .kernel = SC_KERNEL(6, 1),
                                           .compiler = compiler };
        double start = now_ms();
        int r = -ENOMEM;

        if (arena && diags)
                r = sc_policy_load(arena, "docker-default", NULL, 0, NULL, diags, &request.policy);

        *ret_load_ms = now_ms() - start;
        start = now_ms();
        if (r == 0)
                r = sc_emit_build(arena, &request, diags, &built);
        *ret_build_ms = now_ms() - start;
        return r;
}

static int bench(const char *what, struct sc_scmp_compiler compiler, size_t runs)
{
        SC_CLEANUP(sc_freep) double *loads = calloc(runs + 1, sizeof(*loads));
        SC_CLEANUP(sc_freep) double *builds = calloc(runs + 1, sizeof(*builds));
        int r = loads && builds ? 0 : -ENOMEM;

        for (size_t i = 0; i <= runs && r == 0; i++)
                r = build(compiler, &loads[i], &builds[i]);
        if (r == 0) {
                double first = builds[0];

                qsort(loads, runs + 1, sizeof(*loads), by_value);
                qsort(builds, runs + 1, sizeof(*builds), by_value);
                printf("%s: load %.3f ms (best %.3f), build %.3f ms (best %.3f, the first %.3f); median of %zu\n", what,
                       loads[runs / 2], loads[0], builds[runs / 2], builds[0], first, runs);
        }
        return r;
}

int main(void)
{
        size_t runs = (size_t)env_number("SC_BENCH_RUNS", RUNS);
        const char *consumer = "runc", *table = sc_consumer_find(consumer, strlen(consumer))->scmptable;
        struct sc_model model = { .mode = SC_MODEL_EXACT, .table = sc_scmptable_find(table, strlen(table)) };
        int r = bench("model", sc_scmp_model(&model), runs);

        if (r == 0 && !getenv("SC_BENCH_MODEL"))
                r = bench("libseccomp", sc_scmp_library(), runs / 4);
        if (r < 0)
                fprintf(stderr, "bench-build: %s\n", strerror(-r));
        return r ? EXIT_FAILURE : EXIT_SUCCESS;
}

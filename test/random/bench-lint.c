/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long lint takes over a whole default profile, apart from libseccomp's compiles: bench-lint FILE…: each for docker
 * on this machine, all rules. Prints; judges nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/util.h"
#include "lint/lint.h"
#include "rng.h"

#define RUNS 15

static double now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* libseccomp, with the milliseconds that it takes, added up. */
static int compile(void *data, const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result)
{
        double *spent = data, start = now_ms();
        int r = sc_scmp_compile(filter, ret_result);

        *spent += now_ms() - start;
        return r;
}

static int lint(const char *name, const char *text, size_t len, double *compiled, size_t *ret_findings)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        const struct sc_source source = { name, text, len };
        struct sc_scmp_compiler compiler = sc_scmp_library();
        const struct sc_consumer *docker = sc_consumer_find("docker", 6);
        const struct sc_abi *machine = sc_abi_native();
        struct sc_lint_file file = { .source = &source, .kind = SC_FILE_DOCKER, .said = diags };
        struct sc_lint_options options = { .consumers = &docker, .n_consumers = 1, .machines = &machine,
                                           .n_machines = 1, .caps = sc_caps_docker(),
                                           .min_kernel = SC_KERNEL(5, 10), .compiler = &compiler };
        struct sc_lint_report report = { 0 };
        struct sc_profile *profile = NULL;
        int r = arena && diags && d ? 0 : -ENOMEM;

        compiler.compile = compile;
        compiler.data = compiled;
        if (r == 0)
                r = sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &file.root);
        if (r == 0)
                r = sc_profile_read(arena, file.root, diags, &profile);
        if (r < 0)
                return r;
        file.profile = profile;
        r = sc_lint_run(arena, &file, &options, d, &report);
        *ret_findings = report.n;
        return r;
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static int bench(const char *name, const char *text, size_t len)
{
        double compiled[RUNS] = { 0 }, beyond[RUNS], ratio[RUNS];
        size_t findings = 0;

        for (size_t i = 0; i < RUNS; i++) {
                double start = now_ms();
                int r = lint(name, text, len, &compiled[i], &findings);

                if (r < 0)
                        return r;
                beyond[i] = now_ms() - start - compiled[i];
                ratio[i] = (beyond[i] + compiled[i]) / compiled[i];
        }
        qsort(compiled, RUNS, sizeof(*compiled), by_value);
        qsort(beyond, RUNS, sizeof(*beyond), by_value);
        qsort(ratio, RUNS, sizeof(*ratio), by_value);
        printf("%s: %zu findings, libseccomp's compile %.2f ms, lint beyond it %.2f ms, all %.2f times the compile\n",
               name, findings, compiled[RUNS / 2], beyond[RUNS / 2], ratio[RUNS / 2]);
        return 0;
}

int main(int argc, char **argv)
{
        int r = 0;

        for (int i = 1; i < argc && r == 0; i++) {
                SC_CLEANUP(sc_freep) char *text = NULL;
                size_t len = 0;

                r = sc_file_read(AT_FDCWD, argv[i], SC_JSON_SIZE_MAX, &text, &len);
                if (r == 0)
                        r = bench(argv[i], text, len);
                if (r < 0)
                        fprintf(stderr, "bench-lint: %s: %s\n", argv[i], strerror(-r));
        }
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

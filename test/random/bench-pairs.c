/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long every verb takes for whole default profiles: bench-pairs COMMAND FILE…: docker-default as built here, the
 * files, and those in the directory that SC_REFERENCE names, each with each, on all pairs of five ABIs. Each answer is
 * a process of its own, from its start to its end; COMMAND is linked with bench-compile.c, which tells what libseccomp
 * took of it. By the clock, and as processor time, which is about the same whatever else the machine does. Prints;
 * judges nothing. SC_BENCH_RUNS is how often each question is asked.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "bench-pairs.h"
#include "rng.h"

#define RUNS 3
#define FILES_MAX 12
#define WORDS_MAX 16
#define TIMES_MAX 8192
#define ARCH_MAX 32

static const char *const abis[] = { "x86_64", "x86", "aarch64", "s390x", "x32" };

/* A question: words, of which A, B are the files and @ the ABIs. */
struct verb {
        const char *name;
        const char *words[WORDS_MAX];
};

static const struct verb verbs[] = {
        { "--version", { "--version" } },
        { "verify", { "verify", "A", "B", "--kernel", "6.1", "--arch", "@" } },
        { "verify --subset", { "verify", "--subset", "A", "B", "--kernel", "6.1", "--arch", "@" } },
        { "diff", { "diff", "A", "B", "--kernel", "6.1", "--arch", "@" } },
        { "explain", { "explain", "A", "socket", "AF_VSOCK", "--kernel", "6.1", "--arch", "@" } },
        { "merge --intersect", { "merge", "--intersect", "A", "B", "--kernel", "6.1", "--arch", "@" } },
        { "  .. --for oci", { "merge", "--intersect", "A", "B", "--for", "oci", "--kernel", "6.1", "--arch", "@" } },
        { "merge --union", { "merge", "--union", "A", "B", "--kernel", "6.1", "--arch", "@" } },
        { "  .. --for oci", { "merge", "--union", "A", "B", "--for", "oci", "--kernel", "6.1", "--arch", "@" } },
};

struct times {
        struct spent beyond[TIMES_MAX], compile[TIMES_MAX];
        size_t n, unanswered, compiles;
};

struct bench {
        const char *command;
        char *files[FILES_MAX];
        size_t n_files;
        int fd; /* where COMMAND tells of libseccomp */
        int null;
        struct times times[SC_COUNT(verbs)];
};

static char **with_fd(int fd)
{
        static char text[32];
        extern char **environ;

        snprintf(text, sizeof(text), "SC_BENCH_FD=%d", fd);
        putenv(text);
        return environ;
}

static double ms_of(struct timeval t)
{
        return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* What libseccomp took, added up; the record is empty afterwards. */
static struct spent read_compiles(struct bench *b, size_t *n)
{
        struct spent sum = { 0, 0 }, one;

        lseek(b->fd, 0, SEEK_SET);
        for (; read(b->fd, &one, sizeof(one)) == sizeof(one); ++*n)
                sum = (struct spent){ sum.wall + one.wall, sum.cpu + one.cpu };
        lseek(b->fd, 0, SEEK_SET);
        if (ftruncate(b->fd, 0) < 0)
                perror("bench-pairs");
        return sum;
}

/* Runs the command. Returns its exit status, or -1. */
static int run(struct bench *b, const char *const *words, struct spent *ret_all)
{
        posix_spawn_file_actions_t actions;
        double start = now_ms(CLOCK_MONOTONIC);
        struct rusage usage;
        int status, r;
        pid_t pid;
        union {
                const char *const *ours;
                char **theirs; /* posix_spawn() writes to no word */
        } both = { .ours = words };

        posix_spawn_file_actions_init(&actions);
        for (int fd = 0; fd < 3; fd++)
                posix_spawn_file_actions_adddup2(&actions, b->null, fd);
        r = posix_spawn(&pid, b->command, &actions, NULL, both.theirs, with_fd(b->fd));
        posix_spawn_file_actions_destroy(&actions);
        if (r != 0 || wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status))
                return -1;
        *ret_all = (struct spent){ now_ms(CLOCK_MONOTONIC) - start, ms_of(usage.ru_utime) + ms_of(usage.ru_stime) };
        return WEXITSTATUS(status);
}

static void ask(struct bench *b, size_t verb, size_t x, size_t y, const char *arch)
{
        struct times *times = &b->times[verb];
        struct spent all = { 0, 0 }, compile;
        const char *words[WORDS_MAX + 2] = { b->command };
        size_t compiles = 0;
        int code;

        for (size_t i = 0; i < WORDS_MAX && verbs[verb].words[i]; i++) {
                const char *word = verbs[verb].words[i];

                words[i + 1] = !strcmp(word, "A") ? b->files[x] : !strcmp(word, "B") ? b->files[y] :
                               !strcmp(word, "@") ? arch : word;
        }
        code = run(b, words, &all);
        compile = read_compiles(b, &compiles);
        if (code != 0 && code != 1) {
                times->unanswered++;
        } else if (times->n < TIMES_MAX) {
                times->compiles += compiles;
                times->compile[times->n] = compile;
                times->beyond[times->n++] = (struct spent){ all.wall - compile.wall, all.cpu - compile.cpu };
        }
}

static void ask_all(struct bench *b, size_t runs)
{
        for (size_t run = 0; run < runs; run++)
                for (size_t x = 0; x < SC_COUNT(abis); x++)
                        for (size_t y = x + 1; y < SC_COUNT(abis); y++) {
                                char arch[ARCH_MAX];

                                snprintf(arch, sizeof(arch), "%s,%s", abis[x], abis[y]);
                                for (size_t i = 0; i < b->n_files * b->n_files; i++)
                                        for (size_t verb = 0; verb < SC_COUNT(verbs); verb++)
                                                ask(b, verb, i % b->n_files, i / b->n_files, arch);
                        }
}

static int by_value(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

/* Median, 95th of 100, and most. */
static void print_three(double *values, size_t n)
{
        qsort(values, n, sizeof(*values), by_value);
        printf(" %8.2f %8.2f %8.2f", values[n / 2], values[n * 95 / 100], values[n - 1]);
}

static void print(const struct times *times, const char *name)
{
        static double values[4][TIMES_MAX];
        size_t n = times->n;

        if (n == 0) {
                printf("%-18s %5zu %5zu\n", name, n, times->unanswered);
                return;
        }
        for (size_t i = 0; i < n; i++) {
                values[0][i] = times->beyond[i].wall;
                values[1][i] = times->beyond[i].cpu;
                values[2][i] = times->compile[i].wall;
                values[3][i] = times->compile[i].wall > 0 ? times->beyond[i].wall / times->compile[i].wall : 0;
        }
        printf("%-18s %5zu %5zu %5.1f", name, n, times->unanswered, (double)times->compiles / (double)n);
        for (size_t i = 0; i < SC_COUNT(values); i++)
                print_three(values[i], n);
        printf("\n");
}

static void print_all(const struct bench *b)
{
        printf("%zu profiles, each with each, on pairs of", b->n_files);
        for (size_t i = 0; i < SC_COUNT(abis); i++)
                printf(" %s", abis[i]);
        printf("; milliseconds: median, 95 of 100 below, most\n%-18s %5s %5s %5s %26s %26s %26s %26s\n", "", "asked",
               "none", "calls", "beyond libseccomp's", "as processor time", "libseccomp's", "ratio to libseccomp's");
        for (size_t i = 0; i < SC_COUNT(verbs); i++)
                print(&b->times[i], verbs[i].name);
        printf("none: questions without an answer: a profile is refused on one of the ABIs, or no one set of rules is "
               "right on both; calls: of libseccomp, each\n");
}

static void add_reference(struct bench *b)
{
        const char *path = getenv("SC_REFERENCE");
        DIR *directory = path && *path ? opendir(path) : NULL;
        struct dirent *entry;

        while (directory && (entry = readdir(directory)) && b->n_files < FILES_MAX)
                if (strstr(entry->d_name, ".json") && asprintf(&b->files[b->n_files], "%s/%s", path, entry->d_name) > 0)
                        b->n_files++;
        if (directory)
                closedir(directory);
}

/* docker-default, built by the command. */
static int build(struct bench *b, char *path)
{
        const char *words[] = { b->command, "build", "docker-default", "--for", "docker", "-o", path, NULL };
        struct spent all;
        size_t n = 0;
        int fd = mkstemp(path), code = fd < 0 ? -1 : run(b, words, &all);

        if (fd >= 0)
                close(fd);
        read_compiles(b, &n);
        b->files[b->n_files++] = path;
        return code;
}

int main(int argc, char **argv)
{
        char built[] = "/tmp/bench-pairs.XXXXXX";
        struct bench *b = calloc(1, sizeof(*b));

        if (argc < 2 || !b)
                return EXIT_FAILURE;
        b->command = argv[1];
        b->fd = memfd_create("compiles", 0);
        b->null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (b->fd < 0 || b->null < 0 || build(b, built) != 0) {
                fprintf(stderr, "bench-pairs: cannot build docker-default\n");
                unlink(built);
                return EXIT_FAILURE;
        }
        for (int i = 2; i < argc && b->n_files < FILES_MAX; i++)
                b->files[b->n_files++] = strdup(argv[i]);
        add_reference(b);
        ask_all(b, (size_t)env_number("SC_BENCH_RUNS", RUNS));
        print_all(b);
        unlink(built);
        return EXIT_SUCCESS;
}

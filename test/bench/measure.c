/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times programs side by side: the cases of a file take turns, so that whatever else the machine does meets all alike.
 *
 * A case is a line: its name, a file for standard input, one for standard output, the exit code that it must have, a
 * file to copy from and one to copy to before each run ("-": none), and the command, all separated by tabs. The first
 * case is the measure of the others. Small and static, as a child's peak memory is never less than that of the process
 * it was spawned from (Linux fs/exec.c, exec_mmap()).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CASES_MAX 64
#define WORDS_MAX 64
#define LINE_MAX_BYTES 8192
#define RUNS_MAX 10000
#define WARM_UP 2

enum { NAME, INPUT, OUTPUT, CODE, FROM, TO, COMMAND };

struct bench_case {
        char *words[WORDS_MAX + 1];
        int code;
        uint64_t *times; /* nanoseconds */
        long peak;       /* kilobytes */
};

static void die(const char *what, const char *which)
{
        fprintf(stderr, "measure: %s: %s: %s\n", which, what, strerror(errno));
        exit(1);
}

static uint64_t now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int open_file(const char *path, int flags)
{
        int fd = open(path, flags | O_CLOEXEC, 0666);

        if (fd < 0)
                die("open", path);
        return fd;
}

/* A new file in the old one's place, as the programs that write one leave it. */
static void restore(const char *from, const char *to)
{
        int in = open_file(from, O_RDONLY), out;
        char buffer[16384];
        ssize_t n;

        unlink(to);
        out = open_file(to, O_WRONLY | O_CREAT | O_TRUNC);
        while ((n = read(in, buffer, sizeof(buffer))) > 0)
                if (write(out, buffer, (size_t)n) != n)
                        die("write", to);
        if (n < 0)
                die("read", from);
        close(in);
        close(out);
}

static void run_once(struct bench_case *c, uint64_t *ret_time)
{
        extern char **environ;
        int in = open_file(c->words[INPUT], O_RDONLY);
        int out = open_file(c->words[OUTPUT], O_WRONLY | O_CREAT | O_TRUNC);
        posix_spawn_file_actions_t actions;
        struct rusage usage;
        uint64_t start;
        int status;
        pid_t pid;

        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
        start = now();
        errno = posix_spawn(&pid, c->words[COMMAND], &actions, NULL, c->words + COMMAND, environ);
        if (errno)
                die("spawn", c->words[COMMAND]);
        if (wait4(pid, &status, 0, &usage) < 0)
                die("wait4", c->words[NAME]);
        *ret_time = now() - start;
        posix_spawn_file_actions_destroy(&actions);
        close(in);
        close(out);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != c->code) {
                fprintf(stderr, "measure: %s: wait status 0x%x, not exit %d\n", c->words[NAME], (unsigned)status,
                        c->code);
                exit(1);
        }
        if (usage.ru_maxrss > c->peak)
                c->peak = usage.ru_maxrss;
}

static void read_case(struct bench_case *c, const char *line, size_t runs)
{
        char *text = strdup(line), *rest = text;
        size_t n = 0;

        while (text && n < WORDS_MAX && (c->words[n] = strsep(&rest, "\t")))
                n++;
        c->times = calloc(runs, sizeof(*c->times));
        if (n <= COMMAND || !c->times) {
                fprintf(stderr, "measure: a case has %d words and a command: %s\n", COMMAND, line);
                exit(1);
        }
        c->code = (int)strtol(c->words[CODE], NULL, 10);
}

static size_t read_cases(const char *path, struct bench_case cases[CASES_MAX], size_t runs)
{
        FILE *file = fopen(path, "re");
        char line[LINE_MAX_BYTES];
        size_t n = 0;

        if (!file)
                die("open", path);
        while (n < CASES_MAX && fgets(line, sizeof(line), file)) {
                line[strcspn(line, "\n")] = '\0';
                if (*line)
                        read_case(&cases[n++], line, runs);
        }
        fclose(file);
        return n;
}

static int compare(const void *x, const void *y)
{
        const uint64_t *a = x, *b = y;

        return (*a > *b) - (*a < *b);
}

static double ms(uint64_t ns)
{
        return (double)ns / 1e6;
}

static void report(struct bench_case *cases, size_t n, size_t runs)
{
        size_t median = runs / 2, low = runs / 10;

        printf("%-44s %9s %9s %9s %9s %8s\n", "", "median ms", "p10 ms", "x median", "x p10", "peak KB");
        for (size_t i = 0; i < n; i++)
                qsort(cases[i].times, runs, sizeof(*cases[i].times), compare);
        for (size_t i = 0; i < n; i++) {
                double median_ms = ms(cases[i].times[median]), low_ms = ms(cases[i].times[low]);

                printf("%-44s %9.3f %9.3f %9.2f %9.2f %8ld\n", cases[i].words[NAME], median_ms, low_ms,
                       median_ms / ms(cases[0].times[median]), low_ms / ms(cases[0].times[low]), cases[i].peak);
        }
}

int main(int argc, char **argv)
{
        struct bench_case cases[CASES_MAX] = { 0 };
        struct rusage own;
        long runs = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
        size_t n;

        if (runs < 1 || runs > RUNS_MAX) {
                fprintf(stderr, "Usage: measure RUNS CASES\n");
                return 2;
        }
        n = read_cases(argv[2], cases, (size_t)runs);
        for (long i = -WARM_UP; i < runs; i++)
                for (size_t k = 0; k < n; k++) {
                        if (strcmp(cases[k].words[FROM], "-") != 0)
                                restore(cases[k].words[FROM], cases[k].words[TO]);
                        run_once(&cases[k], &cases[k].times[i < 0 ? 0 : i]);
                }
        report(cases, n, (size_t)runs);
        getrusage(RUSAGE_SELF, &own);
        printf("%ld runs each; measure's own peak, below which none can be: %ld KB\n", runs, own.ru_maxrss);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What filters and programs with threads do, one kind of work a run, each of which needs certain system calls. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define MIB ((size_t)1024 * 1024)

/* Says on stderr, which has no buffer, what a step gave, and whether it went well. */
static int report(const char *what, bool well)
{
        fprintf(stderr, "%s: %s\n", what, well ? "ok" : strerror(errno));
        return well ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* cat, by stdio. */
static int copy(void)
{
        int c;

        while ((c = getchar()) != EOF)
                putchar(c);
        return report("copy", !ferror(stdin) && fflush(stdout) == 0);
}

/* One line, as head -n 1: the end of the program puts the input back to where it stopped reading. */
static int first(void)
{
        char line[256];

        if (fgets(line, sizeof(line), stdin))
                fputs(line, stdout);
        return EXIT_SUCCESS;
}

/* Through here, so that no compiler finds that a block is not used and leaves malloc out. */
static char *volatile kept;

static char *get(size_t size)
{
        kept = malloc(size);
        return kept;
}

static int small(void)
{
        for (int i = 0; i < 1000; i++)
                if (!get(1000))
                        return report("malloc", false);
        return report("malloc", true);
}

static int big(void)
{
        char *block = get(64 * MIB);

        if (block)
                memset(block, 1, 64 * MIB);
        return report("malloc", block != NULL);
}

/* In an address space of 160 MiB, which holds the block once, but not twice. */
static int grow(void)
{
        char *block = get(100 * MIB), *more;

        if (!block)
                return report("malloc", false);
        memset(block, 1, 100 * MIB);
        more = realloc(block, 120 * MIB);
        return report("realloc", more && more[100 * MIB - 1] == 1);
}

static void set_once(void)
{
}

static int once(void)
{
        static pthread_once_t control = PTHREAD_ONCE_INIT;
        int error = pthread_once(&control, set_once);

        errno = error;
        return report("once", error == 0);
}

/* Wide characters load the conversion of the locale. */
static int wide(void)
{
        wint_t c;

        while ((c = getwchar()) != WEOF)
                putwchar(c);
        return report("wide", fflush(stdout) == 0);
}

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
        caught = sig;
}

/* The reader of standard output has gone: the handler runs, returns, and write says why. */
static int handler(void)
{
        struct sigaction action = { .sa_handler = on_signal };

        if (sigaction(SIGPIPE, &action, NULL) < 0)
                return report("sigaction", false);
        while (write(STDOUT_FILENO, "x", 1) == 1)
                ;
        return report("handler", errno == EPIPE && caught == SIGPIPE);
}

static int seed(void)
{
        char bytes[16];

        return report("getrandom", getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes));
}

/* Blocks come and go, in an address space of 160 MiB, which holds a few of them. */
static int churn(void)
{
        for (int i = 0; i < 20; i++) {
                char *block = get(48 * MIB);

                if (!block)
                        return report("churn", false);
                memset(block, 1, 4096);
                free(block);
        }
        return report("churn", true);
}

/* Blocks of stdio's, as od and tar read. */
static int blocks(void)
{
        char block[512];
        size_t n;

        setvbuf(stdin, NULL, _IOFBF, 8192);
        while ((n = fread(block, 1, sizeof(block), stdin)) > 0)
                fwrite(block, 1, n, stdout);
        return report("blocks", !ferror(stdin) && fflush(stdout) == 0);
}

/* An allocator of the program's own. */
static int own_heap(void)
{
        return report("sbrk", sbrk(4096) != (void *)-1);
}

static sigjmp_buf out;

static void jump_out(int sig)
{
        siglongjmp(out, sig);
}

/* Out of a handler by a jump, which lets the signal through again; and a second time. */
static int jump(void)
{
        struct sigaction action = { .sa_handler = jump_out };
        static volatile int times;

        if (sigaction(SIGPIPE, &action, NULL) < 0)
                return report("sigaction", false);
        if (sigsetjmp(out, 1) != 0)
                times++;
        while (times < 2 && write(STDOUT_FILENO, "x", 1) == 1)
                ;
        return report("jump", times == 2);
}

static int wait_poll(void)
{
        struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

        fputs("waiting\n", stderr);
        return report("poll", poll(&fd, 1, 60 * 1000) == 1);
}

static int wait_read(void)
{
        char byte;

        fputs("waiting\n", stderr);
        return report("read", read(STDIN_FILENO, &byte, 1) == 1);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int counter;

static void *count(void *data)
{
        for (int i = 0; i < 1000; i++) {
                free(malloc(100));
                pthread_mutex_lock(&mutex);
                counter++;
                pthread_mutex_unlock(&mutex);
        }
        if (data)
                nanosleep(data, NULL);
        return data;
}

/* Four threads with a mutex, joined. The first is late, so that there is something to wait for. */
static int threads(void)
{
        struct timespec late = { .tv_nsec = 300000000 };
        pthread_t ids[4];
        int n = 0, error = 0;

        while (n < 4 && (error = pthread_create(&ids[n], NULL, count, n ? NULL : &late)) == 0)
                n++;
        for (int i = 0; i < n; i++)
                error |= pthread_join(ids[i], NULL);
        errno = error;
        return report("threads", error == 0 && counter == 4000);
}

static void *end_program(void *data)
{
        exit(report("other thread", true));
        return data;
}

/* The first thread waits for ever; the other one ends the program. */
static int leave(void)
{
        pthread_t id;

        errno = pthread_create(&id, NULL, end_program, NULL);
        if (errno != 0)
                return report("thread", false);
        pthread_mutex_lock(&mutex);
        return pthread_mutex_lock(&mutex);
}

/* One thread waits, with a limit of time, until another has been told to say so. */
static void *tell(void *data)
{
        char byte;

        if (read(STDIN_FILENO, &byte, 1) != 1)
                return data;
        pthread_mutex_lock(&mutex);
        counter = 1;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&mutex);
        return data;
}

static int wait_cond(void)
{
        struct timespec end;
        pthread_t id;
        int error = 0;

        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_sec += 60;
        errno = pthread_create(&id, NULL, tell, NULL);
        if (errno != 0)
                return report("thread", false);
        fputs("waiting\n", stderr);
        pthread_mutex_lock(&mutex);
        while (!counter && error == 0)
                error = pthread_cond_timedwait(&changed, &mutex, &end);
        pthread_mutex_unlock(&mutex);
        errno = error;
        return report("cond", error == 0);
}

static void *wait_forever(void *data)
{
        char byte;

        while (read(STDIN_FILENO, &byte, 1) >= 0)
                ;
        return data;
}

static int cancel(void)
{
        void *result = NULL;
        pthread_t id;

        errno = pthread_create(&id, NULL, wait_forever, NULL);
        if (errno != 0)
                return report("thread", false);
        errno = pthread_cancel(id);
        if (errno != 0)
                return report("cancel", false);
        errno = pthread_join(id, &result);
        return report("cancel", result == PTHREAD_CANCELED);
}

static void *hold(void *data)
{
        pthread_mutex_lock(data);
        return NULL;
}

/* A mutex whose owner has died. */
static int robust(void)
{
        pthread_mutexattr_t attr;
        pthread_mutex_t held;
        pthread_t id;

        pthread_mutexattr_init(&attr);
        pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
        errno = pthread_mutex_init(&held, &attr);
        if (errno != 0)
                return report("robust", false);
        errno = pthread_create(&id, NULL, hold, &held);
        if (errno != 0)
                return report("thread", false);
        pthread_join(id, NULL);
        errno = pthread_mutex_trylock(&held);
        return report("robust", errno == EOWNERDEAD);
}

static int yield(void)
{
        return report("yield", sched_yield() == 0);
}

static int doze(void)
{
        const struct timespec time = { .tv_nsec = 1000 };

        errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
        return report("sleep", errno == 0);
}

static int nap(void)
{
        return report("nap", nanosleep(&(struct timespec){ .tv_nsec = 1000 }, NULL) == 0);
}

static int quit(void)
{
        abort();
}

static const struct work {
        const char *name;
        int (*run)(void);
} works[] = {
        { "copy", copy }, { "first", first }, { "blocks", blocks }, { "small", small }, { "big", big },
        { "grow", grow }, { "churn", churn }, { "own-heap", own_heap }, { "once", once }, { "wide", wide },
        { "handler", handler }, { "jump", jump }, { "seed", seed }, { "wait-poll", wait_poll },
        { "wait-read", wait_read },
        { "threads", threads }, { "leave", leave }, { "wait-cond", wait_cond }, { "cancel", cancel },
        { "robust", robust }, { "yield", yield }, { "sleep", doze }, { "nap", nap }, { "abort", quit },
};

int main(int argc, char **argv)
{
        for (size_t i = 0; argc == 2 && i < sizeof(works) / sizeof(works[0]); i++)
                if (!strcmp(argv[1], works[i].name))
                        return works[i].run();
        fputs("Usage: stdio-work WORK\n", stderr);
        return 2;
}

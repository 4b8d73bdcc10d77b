/* SPDX-License-Identifier: Apache-2.0 */
/* Makes one call, from where it is told to, and says what came of it: for what becomes of a process that is refused. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
#include "gates.h"
#endif

static const char usage_text[] =
        "Usage: make-call [child|thread|handle|x86|spin]… NUMBER [ARG…]\n\n"
        "Makes the call in a child, in a thread, with a handler for SIGSYS, by the 32-bit gate; or says its process\n"
        "and computes for ever, with the number where that of a call would be.\n";

struct job {
        bool child, thread, handle, x86, spin;
        uint64_t nr;
        uint64_t args[6];
};

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
        static const char text[] = "trapped\n";

        (void)signal;
        (void)info;
        (void)context;
        if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
                _exit(EXIT_FAILURE);
}

static void *make(void *data)
{
        const struct job *job = data;
        const uint64_t *a = job->args;
        long r;

        errno = 0;
#ifdef __x86_64__
        if (job->spin) {
                printf("spins: %d\n", (int)getpid());
                fflush(stdout);
                for (;;)
                        __asm__ volatile("1: jmp 1b" ::"a"(job->nr));
        }
        if (job->x86) {
                r = gate_x86(job->nr, a);
                printf("answer %ld\n", r);
                fflush(stdout);
                return NULL;
        }
#endif
        r = syscall((long)job->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
        printf("answer %ld\n", r < 0 ? -(long)errno : r);
        fflush(stdout);
        return NULL;
}

/* Where the call is made; what the main thread says after it shows that it lives. */
static void work(struct job *job)
{
        const struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
        pthread_t thread;

        if (job->handle)
                sigaction(SIGSYS, &action, NULL);
        if (!job->thread) {
                make(job);
                return;
        }
        if (pthread_create(&thread, NULL, make, job) != 0)
                exit(EXIT_FAILURE);
        pthread_join(thread, NULL);
        puts("the first thread goes on");
}

int main(int argc, char **argv)
{
        struct job job = { .nr = 0 };
        int i = 1, status;
        pid_t pid;

        for (; i < argc && (argv[i][0] < '0' || argv[i][0] > '9'); i++) {
                job.child |= !strcmp(argv[i], "child");
                job.thread |= !strcmp(argv[i], "thread");
                job.handle |= !strcmp(argv[i], "handle");
                job.x86 |= !strcmp(argv[i], "x86");
                job.spin |= !strcmp(argv[i], "spin");
        }
        if (i >= argc || argc - i > 7) {
                fputs(usage_text, stderr);
                return 2;
        }
        job.nr = strtoull(argv[i++], NULL, 0);
        for (unsigned k = 0; i < argc; i++, k++)
                job.args[k] = strtoull(argv[i], NULL, 0);
        if (!job.child) {
                work(&job);
                return 3;
        }
        pid = fork();
        if (pid == 0) {
                work(&job);
                _exit(3);
        }
        if (pid < 0 || waitpid(pid, &status, 0) < 0)
                return 4;
        printf("child: %s %d\n", WIFSIGNALED(status) ? "signal" : "status",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        return 5;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Puts filters on itself, one on another, says what a call answers, and waits to be looked at. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load-filter.h"

static const char usage_text[] =
        "Usage: wear-filters [--thread|--thread-with FILE] --strict|FILE...\n\n"
        "Loads the program in each FILE, struct sock_filter[], in their order, or goes into strict mode. Prints\n"
        "'ready', with what getppid then answers if that is an error ('errno N'), and waits for the end of standard\n"
        "input.\n"
        "--thread: with a second thread, which has none of it; --thread-with: which has the program in FILE.\n";

/* With the filter in a file of its own, if there is one; `worn` is posted then. */
struct second {
        const char *path;
        sem_t worn;
};

static void *wait_forever(void *data)
{
        struct second *second = data;

        if (second->path && load_filter(second->path, 0) < 0)
                perror(second->path);
        sem_post(&second->worn);
        while (pause() < 0)
                ;
        return data;
}

/* With calls that strict mode lets through, and no others. */
static _Noreturn void wait_for_end(const char *message)
{
        char byte;

        if (write(STDOUT_FILENO, message, strlen(message)) > 0)
                while (read(STDIN_FILENO, &byte, 1) > 0)
                        ;
        for (;;)
                syscall(SYS_exit, EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
        int i = 1;
        char message[64] = "ready\n";
        static struct second second;
        pthread_t thread;

        if (argc > i + 1 && !strncmp(argv[i], "--thread", strlen("--thread"))) {
                second.path = strcmp(argv[i++], "--thread-with") ? NULL : argv[i++];
                if (sem_init(&second.worn, 0, 0) < 0 || pthread_create(&thread, NULL, wait_forever, &second) != 0)
                        return EXIT_FAILURE;
                sem_wait(&second.worn);
        }
        if (argc == i) {
                fputs(usage_text, stderr);
                return EXIT_FAILURE;
        }
        if (!strcmp(argv[i], "--strict")) {
                if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
                        return EXIT_FAILURE;
                wait_for_end(message);
        }
        for (; i < argc; i++)
                if (load_filter(argv[i], 0) < 0) {
                        perror(argv[i]);
                        return EXIT_FAILURE;
                }
        if (syscall(SYS_getppid) < 0)
                snprintf(message, sizeof(message), "ready errno %d\n", errno);
        wait_for_end(message);
}

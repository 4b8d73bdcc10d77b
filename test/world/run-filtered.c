/* SPDX-License-Identifier: Apache-2.0 */
/* Puts filters on itself, one on another, and becomes a command. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load-filter.h"

static const char usage_text[] =
        "Usage: run-filtered [--listener FILE] FILE... -- COMMAND [ARGUMENT...]\n\n"
        "Loads the program in each FILE, struct sock_filter[], in their order, and executes COMMAND. --listener: the\n"
        "program in FILE has a listener, which COMMAND keeps open and nobody reads.\n";

/* A listener is kept open over execve. */
static int load(const char *path, unsigned flags)
{
        int r = load_filter(path, flags);

        return flags && r >= 0 ? fcntl(r, F_SETFD, 0) : r;
}

int main(int argc, char **argv)
{
        int i = 1;

        if (argc > 2 && !strcmp(argv[1], "--listener")) {
                i = 3;
                if (load(argv[2], SECCOMP_FILTER_FLAG_NEW_LISTENER) < 0) {
                        perror(argv[2]);
                        return EXIT_FAILURE;
                }
        }
        for (; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (load(argv[i], 0) < 0) {
                        perror(argv[i]);
                        return EXIT_FAILURE;
                }
        if (i + 1 >= argc) {
                fputs(usage_text, stderr);
                return EXIT_FAILURE;
        }
        execv(argv[i + 1], argv + i + 1);
        perror(argv[i + 1]);
        return EXIT_FAILURE;
}

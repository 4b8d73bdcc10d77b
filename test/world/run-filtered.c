/* SPDX-License-Identifier: Apache-2.0 */
/* Puts filters on itself, one on another, and becomes a command. */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char usage_text[] =
        "Usage: run-filtered [--listener FILE] FILE... -- COMMAND [ARGUMENT...]\n\n"
        "Loads the program in each FILE, struct sock_filter[], in their order, and executes COMMAND. --listener: the\n"
        "program in FILE has a listener, which COMMAND keeps open and nobody reads.\n";

static int load(const char *path, unsigned flags)
{
        static struct sock_filter insns[BPF_MAXINSNS];
        struct sock_fprog program = { .filter = insns };
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t size = fd < 0 ? -1 : read(fd, insns, sizeof(insns));
        int r;

        if (size < 0)
                return -1;
        close(fd);
        program.len = (unsigned short)((size_t)size / sizeof(*insns));
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -1;
        r = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Tries to get, by both gates into the kernel, what arguments of a call decide: families, namespaces, ioctls … */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gates.h"

static const char usage_text[] =
        "Usage: try-arguments WAY:VALUE…\n\n"
        "Prints 'WAY:VALUE ANSWER' for each; the answer is the name of an errno, or 'ok', with the family of the\n"
        "socket that was made as its own kernel names it.\n";

/* Each x86 call goes through the 32-bit gate. */
enum form {
        SOCKET, SOCKETPAIR, SOCKETCALL, SOCKET_TYPE, CLONE, CLONE3, PERSONALITY, MPROTECT, EXECVEAT, IOCTL, PRCTL,
        PRLIMIT,
};
enum { CARRIED_SOCKET = 1, CARRIED_SOCKETPAIR = 8 };

static const struct way {
        const char *name;
        bool x86;
        uint64_t nr;
        enum form form;
        uint64_t carried; /* socketcall's first argument; of a raw socket, the protocol; of types, the family */
} ways[] = {
        { "socket", false, 41, SOCKET, 0 },
        { "socket-audit", false, 41, SOCKET, NETLINK_AUDIT },
        { "unix-type", false, 41, SOCKET_TYPE, AF_UNIX },
        { "inet-type", false, 41, SOCKET_TYPE, AF_INET },
        { "inet6-type", false, 41, SOCKET_TYPE, AF_INET6 },
        { "socketpair", false, 53, SOCKETPAIR, 0 },
        { "clone", false, 56, CLONE, 0 },
        { "personality", false, 135, PERSONALITY, 0 },
        { "clone3", false, SYS_clone3, CLONE3, 0 },
        { "mprotect", false, SYS_mprotect, MPROTECT, 0 },
        { "execveat", false, SYS_execveat, EXECVEAT, 0 },
        { "ioctl", false, SYS_ioctl, IOCTL, 0 },
        { "prctl", false, SYS_prctl, PRCTL, 0 },
        { "prlimit64", false, SYS_prlimit64, PRLIMIT, 0 },
        { "x86-socket", true, 359, SOCKET, 0 },
        { "x86-socketpair", true, 360, SOCKETPAIR, 0 },
        { "x86-socketcall", true, 102, SOCKETCALL, CARRIED_SOCKET },
        { "x86-socketcall-pair", true, 102, SOCKETCALL, CARRIED_SOCKETPAIR },
        { "x86-clone", true, 120, CLONE, 0 },
        { "x86-personality", true, 136, PERSONALITY, 0 },
};

/* Where the 32-bit gate's pointers can reach: the arguments of socketcall, then a pair of descriptors. */
struct low {
        uint32_t args[4];
        int pair[2];
};

static long enter(const struct way *way, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
        const uint64_t args[GATE_ARGS_MAX] = { a, b, c, d };

        return way->x86 ? gate_x86(way->nr, args) : gate_x86_64(way->nr, args);
}

static void print_error(long ret)
{
        const char *name = strerrorname_np((int)-ret);

        printf("%s\n", name ? name : "?");
}

static void print_socket(long fd)
{
        int family = -1;
        socklen_t size = sizeof(family);

        if (getsockopt((int)fd, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0)
                printf("ok, family unknown: %s\n", strerrorname_np(errno));
        else
                printf("ok %d\n", family);
        close((int)fd);
}

static void try_socket(const struct way *way, uint64_t family, struct low *low)
{
        long ret;

        *low = (struct low){ .args = { (uint32_t)family, SOCK_STREAM, 0, (uint32_t)(uintptr_t)low->pair } };
        if (way->form == SOCKET)
                ret = enter(way, family, way->carried ? SOCK_RAW : SOCK_STREAM, way->carried, 0);
        else if (way->form == SOCKETPAIR)
                ret = enter(way, family, SOCK_STREAM, 0, (uintptr_t)low->pair);
        else
                ret = enter(way, way->carried, (uintptr_t)low->args, 0, 0);
        if (ret < 0)
                print_error(ret);
        else
                print_socket(way->form == SOCKETPAIR || way->carried == CARRIED_SOCKETPAIR ? low->pair[0] : ret);
}

/* An internet's raw socket has no protocol that is meant when none is named. */
static void try_type(const struct way *way, uint64_t type)
{
        bool raw = way->carried != AF_UNIX && (type & 0xf) == SOCK_RAW;
        long ret = enter(way, way->carried, type, raw ? IPPROTO_RAW : 0, 0);

        if (ret < 0)
                print_error(ret);
        else
                print_socket(ret);
}

/* How a child has ended: its exit status is 0 or an errno. */
static void print_child(long pid)
{
        int status;

        if (waitpid((pid_t)pid, &status, 0) != pid || !WIFEXITED(status))
                puts("?");
        else if (WEXITSTATUS(status))
                print_error(-(long)WEXITSTATUS(status));
        else
                puts("ok");
}

/* The child goes on with a copy of this stack, as after fork, and ends at once. */
static void try_clone(const struct way *way, uint64_t flags)
{
        struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
        long pid = way->form == CLONE3 ? enter(way, (uintptr_t)&args, sizeof(args), 0, 0) :
                   enter(way, flags | SIGCHLD, 0, 0, 0);

        if (pid == 0)
                _exit(EXIT_SUCCESS);
        if (pid < 0)
                print_error(pid);
        else
                print_child(pid);
}

/* Runs busybox's `true`: by its path, or with AT_EMPTY_PATH as an open file. */
static void try_execveat(uint64_t flags)
{
        char name[] = "true", *words[] = { name, NULL };
        long pid = fork();

        if (pid == 0) {
                int fd = open("/bin/busybox", O_PATH);
                const char *path = flags & AT_EMPTY_PATH ? "" : "/bin/busybox";

                syscall(SYS_execveat, fd, path, words, words + 1, flags);
                _exit(errno);
        }
        if (pid < 0)
                print_error(-errno);
        else
                print_child(pid);
}

/* Calls that either do it or not; what they change does not matter to this program. */
static void try_plain(const struct way *way, uint64_t value)
{
        void *page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        struct rlimit64 limit = { 0 };
        int ends[2] = { -1, -1 };
        long ret = -EINVAL;

        if (way->form == MPROTECT) {
                ret = enter(way, (uintptr_t)page, 1, value, 0);
        } else if (way->form == IOCTL) { /* a pipe is no terminal: ENOTTY is the kernel's own answer */
                ret = pipe(ends) < 0 ? -errno : enter(way, (uint64_t)ends[0], value, (uintptr_t)&limit, 0);
        } else if (way->form == PRCTL) { /* the fifth argument of PR_SET_MM is EINVAL, with or without privileges */
                const uint64_t args[GATE_ARGS_MAX] = { value, 0, 0, 0, 1 };

                ret = gate_x86_64(way->nr, args);
        } else if (prlimit64(0, RLIMIT_NOFILE, NULL, &limit) == 0) { /* set to what it is */
                ret = enter(way, 0, RLIMIT_NOFILE, value ? (uintptr_t)&limit : 0, (uintptr_t)&limit);
        }
        if (ret < 0)
                print_error(ret);
        else
                puts("ok");
        munmap(page, 1);
        close(ends[0]);
        close(ends[1]);
}

/* What was set before is set again, or this program's later children would have it. */
static void try_personality(const struct way *way, uint64_t value)
{
        long ret = enter(way, value, 0, 0, 0);

        if (ret < 0) {
                print_error(ret);
                return;
        }
        puts("ok");
        enter(way, (uint64_t)ret, 0, 0, 0);
}

static bool try_word(const char *word, struct low *low)
{
        const char *colon = strchr(word, ':');
        char *end;
        uint64_t value;

        if (!colon)
                return false;
        errno = 0;
        value = strtoull(colon + 1, &end, 0);
        if (errno || end == colon + 1 || *end)
                return false;
        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
                const struct way *way = &ways[i];

                if (strlen(way->name) != (size_t)(colon - word) || strncmp(way->name, word, strlen(way->name)))
                        continue;
                printf("%s ", word);
                fflush(stdout);
                if (way->form <= SOCKETCALL)
                        try_socket(way, value, low);
                else if (way->form == SOCKET_TYPE)
                        try_type(way, value);
                else if (way->form <= CLONE3)
                        try_clone(way, value);
                else if (way->form == PERSONALITY)
                        try_personality(way, value);
                else if (way->form == EXECVEAT)
                        try_execveat(value);
                else
                        try_plain(way, value);
                return true;
        }
        return false;
}

int main(int argc, char **argv)
{
        const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT;
        struct low *low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE, flags, -1, 0);

        if (low == MAP_FAILED) {
                perror("try-arguments: mmap");
                return EXIT_FAILURE;
        }
        if (argc < 2) {
                fputs(usage_text, stderr);
                return EXIT_FAILURE;
        }
        for (int i = 1; i < argc; i++) {
                if (!try_word(argv[i], low)) {
                        fprintf(stderr, "try-arguments: not to be tried: %s\n", argv[i]);
                        return EXIT_FAILURE;
                }
        }
        return EXIT_SUCCESS;
}

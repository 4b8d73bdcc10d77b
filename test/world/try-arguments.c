/* SPDX-License-Identifier: Apache-2.0 */
/* Tries to get, by both gates into the kernel, what arguments of a call decide: families, namespaces, personalities. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gates.h"

static const char usage_text[] =
        "Usage: try-arguments WAY:VALUE…\n\n"
        "Prints 'WAY:VALUE ANSWER' for each; the answer is the name of an errno, or 'ok', with the family of the\n"
        "socket that was made as its own kernel names it.\n";

/* Each x86 call goes through the 32-bit gate. */
enum form { SOCKET, SOCKETPAIR, SOCKETCALL, CLONE, PERSONALITY };
enum { CARRIED_SOCKET = 1, CARRIED_SOCKETPAIR = 8 };

static const struct way {
        const char *name;
        bool x86;
        uint64_t nr;
        enum form form;
        uint64_t carried; /* socketcall's first argument */
} ways[] = {
        { "socket", false, 41, SOCKET, 0 },
        { "socketpair", false, 53, SOCKETPAIR, 0 },
        { "clone", false, 56, CLONE, 0 },
        { "personality", false, 135, PERSONALITY, 0 },
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
                ret = enter(way, family, SOCK_STREAM, 0, 0);
        else if (way->form == SOCKETPAIR)
                ret = enter(way, family, SOCK_STREAM, 0, (uintptr_t)low->pair);
        else
                ret = enter(way, way->carried, (uintptr_t)low->args, 0, 0);
        if (ret < 0)
                print_error(ret);
        else
                print_socket(way->form == SOCKETPAIR || way->carried == CARRIED_SOCKETPAIR ? low->pair[0] : ret);
}

/* The child goes on with a copy of this stack, as after fork, and ends at once. */
static void try_clone(const struct way *way, uint64_t flags)
{
        long pid = enter(way, flags | SIGCHLD, 0, 0, 0);
        int status;

        if (pid == 0)
                _exit(EXIT_SUCCESS);
        if (pid < 0)
                print_error(pid);
        else
                puts(waitpid((pid_t)pid, &status, 0) == pid && WIFEXITED(status) ? "ok" : "?");
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
                if (way->form == CLONE)
                        try_clone(way, value);
                else if (way->form == PERSONALITY)
                        try_personality(way, value);
                else
                        try_socket(way, value, low);
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

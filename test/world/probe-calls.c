/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the system calls named on the command line, raw and with harmless arguments, and prints what they answer. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Calls by name, with arguments that do no harm where the kernel carries them out: each is refused for its
 * arguments (EFAULT, EINVAL, EBADF) or changes nothing. A call by number gets the arguments of `any`.
 */
static const struct call {
        const char *name;
        long nr;
        long args[3];
} calls[] = {
        { "add_key", SYS_add_key, { 0 } },
        { "bpf", SYS_bpf, { -1 } },
        { "clone3", SYS_clone3, { 0 } },
        { "delete_module", SYS_delete_module, { 0 } },
        { "getpid", SYS_getpid, { 0 } },
        { "init_module", SYS_init_module, { 0 } },
        { "kexec_load", SYS_kexec_load, { 0, -1 } },
        { "keyctl", SYS_keyctl, { -1 } },
        { "mount", SYS_mount, { 0 } },
        { "openat2", SYS_openat2, { -1 } },
        { "perf_event_open", SYS_perf_event_open, { 0 } },
        { "pivot_root", SYS_pivot_root, { 0 } },
        { "ptrace", SYS_ptrace, { -1 } },
        { "request_key", SYS_request_key, { 0 } },
        { "setns", SYS_setns, { -1 } },
        { "swapoff", SYS_swapoff, { 0 } },
        { "umount2", SYS_umount2, { 0 } },
        { "unshare", SYS_unshare, { 0 } },
        { "userfaultfd", SYS_userfaultfd, { -1 } },
};
static const struct call any = { "any", 0, { -1, -1, -1 } };

static const struct call *find(const char *name)
{
        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
                if (!strcmp(calls[i].name, name))
                        return &calls[i];
        return NULL;
}

/* "NAME RETURN ERRNO", the error by its name as the shell test wants to read it, "-" if there is none. */
static void probe(const char *name, const struct call *call, long nr)
{
        long ret;

        errno = 0;
        ret = syscall(nr, call->args[0], call->args[1], call->args[2], 0L, 0L, 0L);
        printf("%s %ld %s\n", name, ret, ret == -1 ? strerrorname_np(errno) : "-");
}

static bool probe_word(const char *word)
{
        const struct call *call = find(word);
        char *end;
        long nr;

        if (call) {
                probe(word, call, call->nr);
                return true;
        }
        nr = strtol(word, &end, 10);
        if (*word == '\0' || *end != '\0') {
                fprintf(stderr, "probe-calls: no arguments are known for '%s'\n", word);
                return false;
        }
        probe(word, &any, nr);
        return true;
}

/* The kernel's own word on whether a filter is there: 0 none, 2 a filter. */
static bool print_mode(void)
{
        char line[256];
        FILE *file = fopen("/proc/self/status", "re");
        bool found = false;

        if (!file)
                return false;
        while (fgets(line, sizeof(line), file))
                if (!strncmp(line, "Seccomp:", strlen("Seccomp:"))) {
                        printf("Seccomp: %ld\n", strtol(line + strlen("Seccomp:"), NULL, 10));
                        found = true;
                }
        fclose(file);
        return found;
}

int main(int argc, char **argv)
{
        bool ok = print_mode();

        for (int i = 1; i < argc; i++)
                ok = probe_word(argv[i]) && ok;
        return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

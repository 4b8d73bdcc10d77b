/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a program in a child, which leaves the kernel's answers in shared memory: it may not be let write to a pipe. */
#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"

static volatile sig_atomic_t trapped; /* si_errno of the last SIGSYS, plus one */

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
        (void)signal, (void)context;
        trapped = info->si_errno + 1;
}

static int load(const struct sc_bpf_program *program)
{
        struct sock_fprog filter = {
                .len = (unsigned short)program->len,
                .filter = (struct sock_filter *)(uintptr_t)program->insns,
        };

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
                return -errno;
        return 0;
}

/*
 * In the child. After load() it makes no call but those that are asked for, and exit_group: by its number, because
 * AddressSanitizer calls sigaltstack before a function that does not return, such as _exit.
 */
static _Noreturn void answer(const struct sc_bpf_program *programs, size_t n_programs, uint32_t nr,
                             const uint64_t (*inputs)[6], size_t n, int64_t *answers)
{
        const struct sigaction action = { .sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO };
        int r = sigaction(SIGSYS, &action, NULL) < 0 ? -errno : 0;

        for (size_t i = 0; r == 0 && i < n_programs; i++)
                r = load(&programs[i]);

        for (size_t i = 0; r == 0 && i < n; i++) {
                const uint64_t *a = inputs[i];

                trapped = 0;
                answers[i] = syscall((long)nr, a[0], a[1], a[2], a[3], a[4], a[5]);
                if (answers[i] == -1)
                        answers[i] = -errno;
                if (trapped)
                        answers[i] = KERNEL_TRAPPED + trapped - 1;
        }
        syscall(SYS_exit_group, -r);
        __builtin_trap();
}

static int wait_for(pid_t child)
{
        int status;

        while (waitpid(child, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPROTO;
}

int kernel_ask_stack(const struct sc_bpf_program *programs, size_t n_programs, uint32_t nr, const uint64_t (*inputs)[6],
                     size_t n, int64_t *ret_answers)
{
#ifdef __x86_64__
        size_t size = n * sizeof(*ret_answers);
        int64_t *answers;
        pid_t child;
        int r;

        if (n == 0)
                return -EINVAL;
        for (size_t i = 0; i < n_programs; i++)
                if (programs[i].len > USHRT_MAX)
                        return -EINVAL;
        answers = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (answers == MAP_FAILED)
                return -errno;
        child = fork();
        if (child == 0)
                answer(programs, n_programs, nr, inputs, n, answers);
        r = child < 0 ? -errno : wait_for(child);
        if (r == 0)
                memcpy(ret_answers, answers, size);
        munmap(answers, size);
        return r;
#else
        (void)answer, (void)wait_for;
        (void)programs, (void)n_programs, (void)nr, (void)inputs, (void)n, (void)ret_answers;
        return -ENOTSUP;
#endif
}

int kernel_ask(const struct sc_bpf_program *program, uint32_t nr, const uint64_t (*inputs)[6], size_t n,
               int64_t *ret_answers)
{
        return kernel_ask_stack(program, 1, nr, inputs, n, ret_answers);
}

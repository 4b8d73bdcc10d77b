/* SPDX-License-Identifier: Apache-2.0 */
/* The child: what it does between fork and execve, most of it under the filters. */
#include "common/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LAUNCH_NAP_NS 200000 /* between two looks whether the filters are on */

/* 0, or why this is nothing to execute. */
static int check_file(const char *path)
{
        struct stat st;

        if (stat(path, &st) < 0)
                return sc_errno();
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? sc_errno() : 0;
}

int launch_find(struct sc_arena *arena, const char *name, const char *path, const char **ret_path)
{
        int r, worst = -ENOENT;

        if (strchr(name, '/')) {
                r = check_file(name);
                if (r == 0)
                        *ret_path = name;
                return r == -ENOTDIR ? -ENOENT : r;
        }
        for (const char *at = path ? path : "/bin:/usr/bin"; *name; at++) {
                size_t len = strcspn(at, ":");
                const char *file = len ? sc_arena_printf(arena, "%.*s/%s", (int)len, at, name)
                                       : sc_arena_printf(arena, "./%s", name);

                if (!file)
                        return -ENOMEM;
                r = check_file(file);
                if (r == 0) {
                        *ret_path = file;
                        return 0;
                }
                if (r == -EACCES)
                        worst = r;
                at += len;
                if (!*at)
                        break;
        }
        return worst;
}

/* A flag without which the kernel refuses another. */
static unsigned goes_with(unsigned flag)
{
        return flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
}

unsigned launch_known_flags(unsigned flags)
{
        unsigned known = 0;

        /* the kernel looks at flags before it looks at the program, which is none: EFAULT */
        for (unsigned bit = 1; bit; bit <<= 1)
                if (flags & bit && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, bit | goes_with(bit), NULL) < 0 &&
                    errno == EFAULT)
                        known |= bit;
        return known;
}

/* Puts one program on. Returns what seccomp(2) does. */
static long install(const struct sc_bpf_program *program, unsigned flags)
{
        struct sock_fprog fprog = { .len = (unsigned short)program->len };

        memcpy(&fprog.filter, &program->insns, sizeof(program->insns)); /* the kernel only reads it */
        return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog);
}

/* Ends in any case. The compiler need not know: sanitizers make calls where they see that nothing comes after. */
static void fault(void)
{
#ifdef __x86_64__
        __asm__ volatile("ud2");
#else
        __builtin_trap();
#endif
}

static void fail(struct launch_state *state, enum launch_stage stage)
{
        atomic_store(&state->error, errno);
        atomic_store(&state->stage, stage);
        /* whatever the filters let it: the state tells all the same */
        syscall(SYS_exit_group, 125);
        syscall(SYS_exit, 125);
        fault();
}

static void become(const struct launch_plan *plan, int go, struct launch_state *state)
{
        char byte;
        ssize_t n = go >= 0 ? read(go, &byte, 1) : 1;

        if (n == 0)
                errno = ECANCELED; /* who started it has ended, and would not see what the filters do */
        if (n != 1)
                fail(state, LAUNCH_UNSET);
        if (sigaction(SIGCHLD, &plan->on_child, NULL) < 0 || sigprocmask(SIG_SETMASK, &plan->mask, NULL) < 0 ||
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                fail(state, LAUNCH_UNSET);
        for (size_t i = plan->n_programs; i-- > 0;) {
                bool listens = plan->listens && i == 0;
                long r = install(&plan->programs[i], plan->flags | (listens ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0));

                if (r < 0)
                        fail(state, LAUNCH_UNSET);
                if (listens)
                        atomic_store(&state->listener, (int)r);
        }
        atomic_store(&state->stage, LAUNCH_INSTALLED);
        syscall(SYS_execve, plan->path, plan->argv, environ);
        fail(state, LAUNCH_NO_EXEC);
}

/* With CLONE_FILES the child opens its listener here, too: under the filter it might not be able to hand it over. */
static pid_t make_child(bool shares_files)
{
        unsigned long flags = CLONE_FILES | SIGCHLD;

        if (!shares_files)
                return fork();
#ifdef __s390x__
        return (pid_t)syscall(SYS_clone, 0L, flags, 0L, 0L, 0L);
#else
        return (pid_t)syscall(SYS_clone, flags, 0L, 0L, 0L, 0L);
#endif
}

int launch_start(const struct launch_plan *plan, struct launch *ret_launch)
{
        struct launch l = { .go = -1 };
        int fds[2] = { -1, -1 }, r = 0;

        l.state = mmap(NULL, sizeof(*l.state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (l.state == MAP_FAILED)
                return sc_errno();
        atomic_store(&l.state->listener, -1);
        if (plan->waits && pipe2(fds, O_CLOEXEC) < 0)
                r = sc_errno();
        if (r == 0)
                l.pid = make_child(plan->listens);
        if (r == 0 && l.pid < 0)
                r = sc_errno();
        if (r == 0 && l.pid == 0) {
                if (fds[1] >= 0) /* so that it does not wait for ever if nobody is left to let it go */
                        close(fds[1]);
                become(plan, fds[0], l.state);
        }
        l.go = r == 0 ? fds[1] : -1;
        sc_closep(&fds[0]);
        if (r == 0) {
                *ret_launch = l;
                return 0;
        }
        sc_closep(&fds[1]);
        launch_done(&l);
        return r;
}

void launch_go(struct launch *l)
{
        if (l->go >= 0 && write(l->go, "g", 1) < 0)
                kill(l->pid, SIGKILL); /* nobody reads there: it has ended already */
        sc_closep(&l->go);
        l->go = -1;
}

/* True if the child has ended; it stays to be waited for. */
static bool has_ended(pid_t pid)
{
        siginfo_t info = { .si_pid = 0 };

        return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == pid;
}

int launch_listener(const struct launch *l)
{
        const struct timespec nap = { .tv_nsec = LAUNCH_NAP_NS };

        while (atomic_load(&l->state->stage) == LAUNCH_BEGUN && !has_ended(l->pid))
                nanosleep(&nap, NULL);
        return atomic_load(&l->state->listener);
}

void launch_done(struct launch *l)
{
        sc_closep(&l->go);
        if (l->state)
                munmap(l->state, sizeof(*l->state));
        *l = (struct launch){ .go = -1 };
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gate of the probe's own, where nobody has put one beneath the container's filter, and that one lets a process put
 * on more. It must be less strict than all that is to be seen, so it is no errno: it asks a listener (or finds none,
 * which is ENOSYS), or a tracer. Both answer for the kernel, and the call is not executed.
 */
#include "seccompose-probe/own.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/gate.h"

#define NOTIFICATION_SIZE_MAX 4096 /* the kernel writes as many bytes as its own struct has */
#define POLL_MS 100 /* old kernels do not tell a listener that its process has ended */

int own_put(enum own_gate kind)
{
        static const uint32_t actions[] = {
                [OWN_LISTENER] = SECCOMP_RET_USER_NOTIF,
                [OWN_SILENT] = SECCOMP_RET_USER_NOTIF,
                [OWN_TRACED] = SECCOMP_RET_TRACE,
        };
        struct sock_filter insns[SC_GATE_INSNS];
        const struct sock_fprog program = {
                .len = (unsigned short)sc_gate_filter(actions[kind], insns),
                .filter = insns,
        };
        unsigned flags = kind == OWN_LISTENER ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
        long r;

        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); /* where that is denied, it may be set, or not needed */
        r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
        return r < 0 ? sc_errno() : (int)r;
}

/* Answers one call. False if that cannot be done here. */
static bool answer_one(int listener)
{
        union {
                struct seccomp_notif notification;
                char room[NOTIFICATION_SIZE_MAX];
        } in;
        struct seccomp_notif_resp out = { .val = PROBE_OWN_VALUE };

        memset(&in, 0, sizeof(in));
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0)
                return errno == EINTR || errno == ENOENT; /* who called has been killed meanwhile */
        out.id = in.notification.id;
        return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out) == 0 || errno == ENOENT;
}

/* The worker has no other descriptor of it, or one that it shares, so calls that wait are answered ENOSYS. */
static void close_listener(_Atomic int *listener)
{
        if (*listener >= 0)
                close(*listener);
        *listener = -1;
}

int own_listen(pid_t pid, _Atomic int *listener)
{
        bool heard = true;
        int status;

        for (;;) {
                struct pollfd fd = { .fd = *listener, .events = POLLIN };
                int n = poll(&fd, 1, fd.fd < 0 ? 1 : POLL_MS);
                pid_t waited;

                if (n > 0 && fd.revents & POLLIN) {
                        heard = answer_one(fd.fd);
                        if (!heard)
                                close_listener(listener);
                        continue;
                }
                waited = waitpid(pid, &status, WNOHANG);
                if (waited == pid || (waited < 0 && errno != EINTR)) {
                        close_listener(listener);
                        if (waited != pid)
                                return -1;
                        return heard ? status : OWN_UNHEARD;
                }
        }
}

bool own_offer_trace(void)
{
        return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && raise(SIGSTOP) == 0;
}

/* The call becomes none, and gives the marker. */
static bool skip_call(pid_t pid)
{
        struct user_regs_struct regs;

        if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0)
                return false;
        regs.orig_rax = UINT64_MAX;
        regs.rax = PROBE_OWN_VALUE;
        return ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0;
}

/* Goes on from a stop. False if the call could not be skipped: then the process must not go on. */
static bool go_on(pid_t pid, int status)
{
        const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;
        int signal_number = WSTOPSIG(status);

        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
                if (!skip_call(pid))
                        return false;
                signal_number = 0;
        } else if (signal_number == SIGSTOP) {
                if (ptrace(PTRACE_SETOPTIONS, pid, NULL, options) < 0)
                        return false;
                signal_number = 0;
        }
        return ptrace(PTRACE_CONT, pid, NULL, (long)signal_number) == 0;
}

int own_trace(pid_t pid)
{
        int status;

        for (;;) {
                pid_t waited = waitpid(pid, &status, 0);

                if (waited < 0 && errno == EINTR)
                        continue;
                if (waited < 0)
                        return -1;
                if (!WIFSTOPPED(status))
                        return status;
                if (!go_on(pid, status))
                        kill(pid, SIGKILL);
        }
}

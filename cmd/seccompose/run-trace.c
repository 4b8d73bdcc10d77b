/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which call the filters kill a thread for. The kernel stops a traced thread on its way out and leaves the registers of
 * the call as they were. Threads are stopped nowhere else but at fork and for signals. Source: ptrace(2);
 * kernel/seccomp.c, __seccomp_filter(), which rolls the call back, or answers ENOSYS before it ends one thread.
 */
#include <errno.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccompose/run.h"

#define EXIT_SIGNAL_MASK 0x7f /* of a status as wait(2) gives it */

static long trace(int request, pid_t tid, uintptr_t addr, uintptr_t data)
{
        return syscall(SYS_ptrace, (long)request, (long)tid, addr, data);
}

#ifdef __x86_64__
#define CALL_INSN 0x050f     /* syscall, as it lies in memory */
#define CALL_INSN_SIZE 2

/*
 * A thread that an interrupt took from its work has -1 in the place of the number, whatever it computed in rax. -1 is
 * also a number that a program can call: then it has just made its call.
 */
static bool made_call(pid_t tid, const struct user_regs_struct *regs)
{
        unsigned long word = 0;

        if (regs->orig_rax != UINT64_MAX)
                return true;
        return trace(PTRACE_PEEKTEXT, tid, regs->rip - CALL_INSN_SIZE, (uintptr_t)&word) == 0 &&
               (uint16_t)word == CALL_INSN;
}

static bool read_call(pid_t tid, struct run_call *ret_call)
{
        struct ptrace_syscall_info info = { .op = 0 };
        struct user_regs_struct regs;
        bool rolled_back;

        if (trace(PTRACE_GETREGS, tid, 0, (uintptr_t)&regs) < 0 ||
            trace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), (uintptr_t)&info) < 0 || !made_call(tid, &regs))
                return false;
        rolled_back = (uint32_t)regs.rax == (uint32_t)regs.orig_rax || (int32_t)regs.rax == -ENOSYS;
        *ret_call = (struct run_call){ .tid = tid, .arch = info.arch, .nr = (uint32_t)regs.orig_rax };
        if (info.arch == sc_abi_native()->audit_arch) {
                const uint64_t args[6] = { regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8, regs.r9 };

                memcpy(ret_call->args, args, sizeof(args));
        } else {
                /* all of them, as the filter sees them: a program of 64 bits may have come by int $0x80 */
                const uint64_t args[6] = { regs.rbx, regs.rcx, regs.rdx, regs.rsi, regs.rdi, regs.rbp };

                memcpy(ret_call->args, args, sizeof(args));
        }
        run_call_place(ret_call);
        return rolled_back;
}
static const char *const cannot_read = NULL;
#else
static bool read_call(pid_t tid, struct run_call *ret_call)
{
        (void)tid;
        (void)ret_call;
        return false;
}
static const char *const cannot_read = "not known on this architecture";
#endif

void run_trace(struct run *run)
{
        const uintptr_t options = PTRACE_O_TRACEEXIT | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;

        run->untraced = run->options->no_trace ? "--no-trace was given" : cannot_read;
        if (!run->untraced && !run->options->log && trace(PTRACE_SEIZE, run->launch.pid, 0, options) < 0)
                run->untraced = strerror(errno);
}

static bool ends(uint32_t action)
{
        return action == SECCOMP_RET_KILL_PROCESS || action == SECCOMP_RET_KILL_THREAD || action == SECCOMP_RET_TRAP;
}

/*
 * A thread that ends. With others of its process it may be ended for what one of them did. A trap that nobody handles
 * leaves the registers of its call, too; a handler would have changed them.
 */
static void see_exit(struct run *run, pid_t tid)
{
        unsigned long status = 0;
        struct run_call call;
        uint32_t answer;

        if (trace(PTRACE_GETEVENTMSG, tid, 0, (uintptr_t)&status) < 0 || (status & EXIT_SIGNAL_MASK) != SIGSYS ||
            atomic_load(&run->launch.state->stage) == LAUNCH_NO_EXEC || !read_call(tid, &call))
                return;
        answer = run_answer(run, &call);
        if (ends(answer & SECCOMP_RET_ACTION_FULL))
                run_tell_killed(run, &call, answer);
}

static bool is_job_control(int signal)
{
        return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

void run_stopped(struct run *run, pid_t tid, int status)
{
        int event = status >> 16, signal = WSTOPSIG(status), request = PTRACE_CONT;

        if (event == PTRACE_EVENT_EXIT)
                see_exit(run, tid);
        if (event == PTRACE_EVENT_STOP && is_job_control(signal))
                request = PTRACE_LISTEN; /* it stays stopped, as without a tracer, until SIGCONT */
        trace(request, tid, 0, event ? 0 : (uintptr_t)signal);
}

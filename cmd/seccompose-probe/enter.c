/* SPDX-License-Identifier: Apache-2.0 */
/* The gate itself, at the address that its filter looks for, and what comes back from there. */
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "probe/gate.h"
#include "seccompose-probe/probe.h"

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* asm-generic/siginfo.h: the si_code of a filter's SIGSYS */
#endif
#define MAX_ERRNO 4095 /* linux/err.h: a call's value from -4095 to -1 is an error */

/*
 * Two ways into the kernel: syscall, for x86_64 and x32, and int $0x80, for x86. Each takes a number and a pointer to
 * six arguments, which fill all registers that arguments can have, rbp too; what the kernel may change of the others
 * (rcx, r11; older kernels clear r8 to r11 on the way back from int $0x80) is the callee's to change anyway.
 */
#define SYSCALL_WAY(name)                                \
        ".globl " name "\n.type " name ", @function\n"   \
        name ":\n"                                       \
        "\tmov %rdi, %rax\n\tmov %rsi, %r11\n"           \
        "\tmov (%r11), %rdi\n\tmov 8(%r11), %rsi\n"      \
        "\tmov 16(%r11), %rdx\n\tmov 24(%r11), %r10\n"   \
        "\tmov 32(%r11), %r8\n\tmov 40(%r11), %r9\n"     \
        "\tsyscall\n\tret\n"                             \
        ".size " name ", . - " name "\n"
#define INT80_WAY(name)                                  \
        ".globl " name "\n.type " name ", @function\n"   \
        name ":\n"                                       \
        "\tpush %rbx\n\tpush %rbp\n"                     \
        "\tmov %rdi, %rax\n\tmov %rsi, %r11\n"           \
        "\tmov (%r11), %rbx\n\tmov 8(%r11), %rcx\n"      \
        "\tmov 16(%r11), %rdx\n\tmov 24(%r11), %rsi\n"   \
        "\tmov 32(%r11), %rdi\n\tmov 40(%r11), %rbp\n"   \
        "\tint $0x80\n"                                  \
        "\tpop %rbp\n\tpop %rbx\n"                       \
        "\tmovslq %eax, %rax\n\tret\n"                   \
        ".size " name ", . - " name "\n"

__asm__(".pushsection .gate, \"ax\", @progbits\n" SYSCALL_WAY("gate_syscall") INT80_WAY("gate_int80") ".popsection\n"
        ".pushsection .text\n" SYSCALL_WAY("outside_syscall") INT80_WAY("outside_int80") ".popsection\n");

long gate_syscall(uint64_t nr, const uint64_t args[6]);
long gate_int80(uint64_t nr, const uint64_t args[6]);
long outside_syscall(uint64_t nr, const uint64_t args[6]);
long outside_int80(uint64_t nr, const uint64_t args[6]);

enum caught { CAUGHT_TRAP = 1, CAUGHT_FAULT };

/* What a handler needs to know; only one thread asks. */
static sigjmp_buf back;
static volatile sig_atomic_t is_asking, is_blocked;

bool enter_is_placed(void)
{
        return (uintptr_t)gate_syscall >= SC_GATE_ADDRESS && (uintptr_t)gate_syscall < SC_GATE_ADDRESS + SC_GATE_SIZE &&
               (uintptr_t)gate_int80 >= SC_GATE_ADDRESS && (uintptr_t)gate_int80 < SC_GATE_ADDRESS + SC_GATE_SIZE;
}

/*
 * Does not return to where the signal came: that would take rt_sigreturn, which a filter may deny. A signal that
 * somebody else sent is none of ours.
 */
static void on_signal(int signal_number, siginfo_t *info, void *context)
{
        bool trap = signal_number == SIGSYS && info->si_code == SYS_SECCOMP;
        bool fault = signal_number == SIGSEGV && info->si_code > 0;

        is_blocked = sigismember(&((const ucontext_t *)context)->uc_sigmask, SIGSYS);
        if (is_asking && (trap || fault))
                siglongjmp(back, trap ? CAUGHT_TRAP : CAUGHT_FAULT);
        if (fault)
                signal(SIGSEGV, SIG_DFL);
}

/* Without a mask that would have to be put back: that takes rt_sigprocmask. */
bool enter_catch(void)
{
        struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER };

        return sigaction(SIGSYS, &action, NULL) == 0 && sigaction(SIGSEGV, &action, NULL) == 0;
}

bool enter_is_blocked(void)
{
        if (sigsetjmp(back, 0) == 0) {
                is_asking = 1;
                __asm__ volatile("hlt" ::: "memory"); /* not for programs: SIGSEGV */
        }
        is_asking = 0;
        return is_blocked;
}

bool enter_unblock(void)
{
        sigset_t set;

        sigemptyset(&set);
        sigaddset(&set, SIGSYS);
        sigaddset(&set, SIGSEGV);
        return sigprocmask(SIG_UNBLOCK, &set, NULL) == 0;
}

long enter_inside(const struct sc_question *q)
{
        return plan_which(q->abi) == PROBE_X86 ? gate_int80(q->nr, q->args) : gate_syscall(q->nr, q->args);
}

long enter_outside(const struct sc_question *q)
{
        return plan_which(q->abi) == PROBE_X86 ? outside_int80(q->nr, q->args) : outside_syscall(q->nr, q->args);
}

/* No value but an error, or the 0 of an errno 0, comes from a filter. */
static uint32_t judge(long ret, const struct marker *marker)
{
        if (ret == marker->value)
                return answer_pack(marker->may, marker->may & SC_MAY_ERRNO ? (unsigned)-ret : 0);
        if (ret > 0 || ret < -MAX_ERRNO)
                return ANSWER_CARRIED_OUT;
        return answer_pack(SC_MAY_ERRNO, (unsigned)-ret);
}

uint32_t enter_ask(const struct sc_question *q, const struct marker *marker)
{
        uint32_t answer;

        switch (sigsetjmp(back, 0)) {
        case 0:
                is_asking = 1;
                answer = judge(enter_inside(q), marker);
                break;
        case CAUGHT_TRAP:
                answer = answer_pack(SC_MAY_TRAP, 0);
                break;
        default:
                answer = ANSWER_ABSENT;
        }
        is_asking = 0;
        return answer;
}

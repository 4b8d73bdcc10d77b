/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --log: calls that the filters refuse are made all the same, and told. The programs' refusing returns become
 * USER_NOTIF, so that the kernel asks us; we see the call as the filter does, and say "go on".
 * Source: seccomp_unotify(2).
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seccompose/run.h"

/* Looser than any denial: what is not this strict stays. */
static bool is_denial(uint32_t action)
{
        return sc_action_looseness(action) < sc_action_looseness(SECCOMP_RET_LOG);
}

/* Refusing returns of constants turned; false if the program returns what it computes. */
static bool turn(struct sock_filter *insns, size_t len)
{
        for (size_t i = 0; i < len; i++) {
                if (BPF_CLASS(insns[i].code) != BPF_RET)
                        continue;
                if (BPF_RVAL(insns[i].code) != BPF_K)
                        return false;
                if (is_denial(sc_bpf_effect(insns[i].k)))
                        insns[i].k = SECCOMP_RET_USER_NOTIF;
        }
        return true;
}

/* How large the kernel's structures are: a newer one may have more than ours. */
static int ask_sizes(struct run *run)
{
        struct seccomp_notif_sizes sizes;

        if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
                return complain(run->s, "--log: this kernel cannot ask about calls (%s); it takes Linux 5.5",
                                strerror(errno));
        run->notif_size = sizes.seccomp_notif;
        run->resp_size = sizes.seccomp_notif_resp;
        if (run->notif_size < sizeof(struct seccomp_notif))
                run->notif_size = sizeof(struct seccomp_notif);
        if (run->resp_size < sizeof(struct seccomp_notif_resp))
                run->resp_size = sizeof(struct seccomp_notif_resp);
        return 0;
}

int run_log_programs(struct run *run, const struct sc_bpf_program **ret_programs)
{
        const struct sc_bpf_program *own = run->meaning.programs;
        struct sock_filter *insns = sc_arena_array(run->s->arena, own->len, sizeof(*insns));
        struct sc_bpf_program *turned = sc_arena_alloc(run->s->arena, sizeof(*turned));

        if (!insns || !turned)
                return EXIT_OWN;
        if (ask_sizes(run))
                return EXIT_OWN;
        memcpy(insns, own->insns, own->len * sizeof(*insns));
        if (!turn(insns, own->len))
                return complain(run->s, "--log: %s returns values that it computes, which cannot be replaced",
                                run->ex.input.name);
        *turned = *own;
        turned->insns = insns;
        *ret_programs = turned;
        return 0;
}

/* Without a listener the kernel answers ENOSYS, so nobody waits for ever. */
static void give_up(struct run *run, const char *what)
{
        complain(run->s, "--log: %s: %s; from now on what is refused gets ENOSYS", what, strerror(errno));
        sc_closep(&run->listener);
        run->listener = -1;
}

void run_log_answer(struct run *run)
{
        SC_CLEANUP(sc_freep) struct seccomp_notif *asked = calloc(1, run->notif_size);
        SC_CLEANUP(sc_freep) struct seccomp_notif_resp *answer = calloc(1, run->resp_size);
        struct run_call call = { .tid = 0 };
        struct process_name who;

        errno = ENOMEM;
        if (!asked || !answer || ioctl(run->listener, SECCOMP_IOCTL_NOTIF_RECV, asked) < 0) {
                if (errno != ENOENT && errno != EINTR) /* ENOENT: it has ended, or goes about a signal first */
                        give_up(run, "what is refused cannot be learnt");
                return;
        }
        call = (struct run_call){ .tid = (pid_t)asked->pid, .arch = asked->data.arch, .nr = (uint32_t)asked->data.nr };
        for (unsigned i = 0; i < 6; i++)
                call.args[i] = asked->data.args[i];
        run_call_place(&call);
        process_name(run->proc, call.tid, &who); /* while it waits: if it has gone, the kernel says so below */
        answer->id = asked->id;
        answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        if (ioctl(run->listener, SECCOMP_IOCTL_NOTIF_SEND, answer) == 0)
                run_tell_refused(run, &call, &who);
        else if (errno != ENOENT)
                give_up(run, "the kernel does not let calls go on");
}

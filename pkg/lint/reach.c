/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what programs need to be let do, or to be told that the kernel cannot. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/util.h"
#include "lint/internal.h"
#include "syscall/param.h"

#define NEW_SHOWN_MAX 12 /* names of calls in one message */

static const sc_action ENOSYS_ANSWER = SECCOMP_RET_ERRNO | ENOSYS;

static int find_call(const char *name)
{
        return sc_syscall_find(name, strlen(name));
}

/* True if the call fails for all arguments, and not so that a program can take it for missing. */
static bool hard_denied(const struct sc_lint *lint, const struct sc_abi *abi, int call)
{
        sc_action action;

        if (!lint_one_answer(lint, abi, call, &action) || action == ENOSYS_ANSWER)
                return false;
        return !lint_may_pass(lint, abi, call);
}

int lint_clone3_hard_denied(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        int call = find_call("clone3");

        for (size_t i = 0; i < lint->view->n_abis; i++) {
                const struct sc_abi *abi = lint->view->abis[i];
                struct sc_lint_finding *f;
                uint32_t nr;

                if (!sc_syscall_number(call, abi, &nr) || !hard_denied(lint, abi, call))
                        continue;
                f = lint_add(lint, rule, lint_whole(lint),
                             "clone3 is denied, but not with ENOSYS: libc cannot fall back to clone, so threads fail");
                lint_hint(lint, f, "deny clone3 with ENOSYS (%s)",
                          lint->file->policy ? "\"with\": \"errno:ENOSYS\"" : "errnoRet 38");
                lint_witness(lint, f, abi, nr, NULL, ENOSYS_ANSWER);
                return 0;
        }
        return 0;
}

/* A call that programs try first and can do without, or that the oldest kernel does not have. */
static bool is_new(const struct sc_lint *lint, const struct sc_abi *abi, int call)
{
        const struct sc_policy *policy = lint->file->policy;
        sc_kernel known = lint->options->min_kernel;

        if (policy && policy->baseline_given && policy->baseline > known) /* who wrote it has judged these */
                known = policy->baseline;
        return sc_syscall_since(call, abi) > known || sc_syscall_fallback(call);
}

static void hint_new(struct sc_lint *lint, struct sc_lint_finding *f, bool fallback)
{
        if (!lint->file->policy)
                lint_hint(lint, f,
                          "answer ENOSYS by default (\"defaultErrnoRet\": 38), and EPERM by rules of their own");
        else if (fallback)
                lint_hint(lint, f, "leave \"fallback\" at errno:ENOSYS, and deny these by no rule \"with\" another");
        else
                lint_hint(lint, f,
                          "write as \"baseline\" the newest kernel whose calls you judged, such as \"%u.%u\", and "
                          "leave \"newer\" at errno:ENOSYS",
                          SC_KERNEL_MAJOR(lint->options->min_kernel), SC_KERNEL_MINOR(lint->options->min_kernel));
}

/* Calls that have a fallback, or those that have none: who looks for ENOSYS there is not known. */
static void say_new(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_abi *abi, const int *calls,
                    size_t n, bool fallback)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf names = SC_STRBUF_INIT;
        struct sc_lint_finding *f;
        uint32_t nr;

        for (size_t i = 0; i < n && i < NEW_SHOWN_MAX; i++)
                sc_strbuf_printf(&names, "%s%s", i ? ", " : "", sc_syscall_name(calls[i]));
        if (n > NEW_SHOWN_MAX)
                sc_strbuf_printf(&names, " and %zu more", n - NEW_SHOWN_MAX);
        lint->failed |= names.failed;
        if (names.failed || !sc_syscall_number(calls[0], abi, &nr))
                return;
        f = fallback ?
                    lint_add(lint, rule, lint_whole(lint),
                             "programs look for ENOSYS to do without these, and get another answer: %s", names.text) :
                    lint_add(lint, rule, lint_whole(lint),
                             "calls that Linux %u.%u does not have get another answer than its own, ENOSYS: %s",
                             SC_KERNEL_MAJOR(lint->options->min_kernel), SC_KERNEL_MINOR(lint->options->min_kernel),
                             names.text);
        lint_severity(f, fallback ? rule->severity : SC_NOTE);
        hint_new(lint, f, fallback);
        lint_witness(lint, f, abi, nr, NULL, ENOSYS_ANSWER);
}

int lint_new_calls_hard_denied(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_abi *abi = lint->view->n_abis ? lint->view->abis[0] : NULL;
        int *calls[2] = { sc_arena_array(lint->arena, sc_syscall_count(), sizeof(**calls)),
                          sc_arena_array(lint->arena, sc_syscall_count(), sizeof(**calls)) };
        size_t n[2] = { 0, 0 };
        uint32_t nr;

        if (!calls[0] || !calls[1])
                return -ENOMEM;
        for (int call = 0; abi && call < (int)sc_syscall_count(); call++)
                if (sc_syscall_number(call, abi, &nr) && !sc_syscall_is_unfiltered(abi, nr) &&
                    is_new(lint, abi, call) && hard_denied(lint, abi, call)) {
                        bool fallback = sc_syscall_fallback(call);

                        calls[fallback][n[fallback]++] = call;
                }
        for (int fallback = 0; fallback < 2; fallback++)
                if (n[fallback])
                        say_new(lint, rule, abi, calls[fallback], n[fallback], fallback);
        return 0;
}

/* A call, and another that programs or libc make in its place: a row each. */
static const struct twin {
        const char *given, *missing;
        bool enosys; /* ENOSYS will do: callers fall back to the first */
        const char *why;
} twins[] = {
        { "open", "openat", false, "libc opens files by it" },
        { "openat", "openat2", true, "newer programs open files by it" },
        { "poll", "ppoll", false, "libraries wait by either, and 64-bit ARM has ppoll alone" },
        { "select", "pselect6", false, "libc selects by it" },
        { "epoll_wait", "epoll_pwait", false, "libc waits by it" },
        { "epoll_pwait", "epoll_pwait2", true, "newer libraries wait by it" },
        { "exit", "exit_group", false, "a program ends by it; exit ends one thread" },
        { "read", "rt_sigreturn", false, "without it a program cannot go on after a signal that it handles" },
        { "write", "rt_sigreturn", false, "without it a program cannot go on after a signal that it handles" },
        { "rt_sigaction", "rt_sigreturn", false, "without it a signal handler cannot return" },
        { "poll", "restart_syscall", false, "after a stop the kernel goes on waiting by it" },
        { "futex", "restart_syscall", false, "after a stop the kernel goes on waiting by it" },
        { "nanosleep", "restart_syscall", false, "after a stop the kernel goes on sleeping by it" },
        { "clock_nanosleep", "restart_syscall", false, "after a stop the kernel goes on sleeping by it" },
        { "nanosleep", "clock_nanosleep", false, "libc sleeps by it" },
        { "pipe", "pipe2", false, "libc and shells make pipes by it" },
        { "dup2", "dup3", false, "libc duplicates by it where there is no dup2" },
        { "accept", "accept4", false, "servers accept by it" },
        { "epoll_create", "epoll_create1", false, "libraries make event loops by it" },
        { "eventfd", "eventfd2", false, "libc makes event counters by it" },
        { "inotify_init", "inotify_init1", false, "libraries watch files by it" },
        { "signalfd", "signalfd4", false, "libc takes signals by it" },
        { "stat", "newfstatat", false, "libc stats files by it" },
        { "newfstatat", "statx", true, "newer programs stat files by it" },
        { "access", "faccessat", false, "programs check access by it" },
        { "faccessat", "faccessat2", true, "libc checks access by it" },
        { "unlink", "unlinkat", false, "programs remove files by it" },
        { "mkdir", "mkdirat", false, "programs make folders by it" },
        { "rename", "renameat2", false, "programs rename by it, and some ABIs have no other" },
        { "readlink", "readlinkat", false, "libc reads links by it" },
        { "chmod", "fchmodat", false, "programs change modes by it" },
        { "fchmodat", "fchmodat2", true, "newer libc changes modes by it" },
        { "chown", "fchownat", false, "programs change owners by it" },
        { "getrlimit", "prlimit64", false, "libc asks for limits by it" },
        { "fork", "clone", false, "libc forks by it" },
        { "getdents", "getdents64", false, "libc lists folders by it" },
        { "futex", "futex_time64", true, "32-bit libc waits by it" },
        { "clock_gettime", "clock_gettime64", true, "32-bit libc asks for the time by it" },
        { "clock_nanosleep", "clock_nanosleep_time64", true, "32-bit libc sleeps by it" },
        { "ppoll", "ppoll_time64", true, "32-bit libc waits by it" },
        { "pselect6", "pselect6_time64", true, "32-bit libc selects by it" },
        { "recvmmsg", "recvmmsg_time64", true, "32-bit libc receives by it" },
        { "rt_sigtimedwait", "rt_sigtimedwait_time64", true, "32-bit libc waits for signals by it" },
        { "semtimedop", "semtimedop_time64", true, "32-bit libc waits for semaphores by it" },
        { "utimensat", "utimensat_time64", true, "32-bit libc sets times by it" },
        { "timerfd_settime", "timerfd_settime64", true, "32-bit libc sets timers by it" },
        { "timerfd_gettime", "timerfd_gettime64", true, "32-bit libc reads timers by it" },
        { "timer_settime", "timer_settime64", true, "32-bit libc sets timers by it" },
        { "timer_gettime", "timer_gettime64", true, "32-bit libc reads timers by it" },
        { "mq_timedsend", "mq_timedsend_time64", true, "32-bit libc sends by it" },
        { "mq_timedreceive", "mq_timedreceive_time64", true, "32-bit libc receives by it" },
        { "clock_getres", "clock_getres_time64", true, "32-bit libc asks for resolutions by it" },
};

static uint32_t is_not_enosys(uint32_t action, uint32_t unused)
{
        (void)unused;
        return action != ENOSYS_ANSWER;
}

/* Whether the second of a pair is missing on an ABI that has it. */
static bool lacks(const struct sc_lint *lint, const struct sc_abi *abi, const struct twin *t)
{
        int call = find_call(t->missing);
        uint64_t args[6];
        uint32_t nr;

        if (call < 0 || !sc_syscall_number(call, abi, &nr) || lint_may_pass(lint, abi, call))
                return false;
        return !t->enosys || lint_find_args(lint, abi, call, is_not_enosys, args);
}

/* The names of ABIs: "x86_64, x86, x32". */
static void list_abis(struct sc_strbuf *sb, const struct sc_abi *const *abis, size_t n)
{
        for (size_t i = 0; i < n; i++)
                sc_strbuf_printf(sb, "%s%s", i ? ", " : "", abis[i]->name);
}

/* One finding for all ABIs where the call is missing: the witness is on the first. */
static void say_twin(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_abi *const *abis, size_t n,
                     const struct twin *t, const char *what)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf names = SC_STRBUF_INIT;
        uint64_t args[6] = { 0 };
        struct sc_lint_finding *f;
        uint32_t nr;

        list_abis(&names, abis, n);
        lint->failed |= names.failed;
        if (!n || names.failed || !sc_syscall_number(find_call(t->missing), abis[0], &nr))
                return;
        if (t->enosys)
                lint_find_args(lint, abis[0], find_call(t->missing), is_not_enosys, args);
        f = lint_add(lint, rule, lint_name_place(lint, t->given), "'%s' is let through, but not '%s'%s %s: %s",
                     t->given, t->missing, what, names.text, t->why);
        if (t->enosys)
                lint_hint(lint, f, "allow it too, or deny it with ENOSYS");
        lint_witness(lint, f, abis[0], nr, args, t->enosys ? ENOSYS_ANSWER : SECCOMP_RET_ALLOW);
}

/* True if an earlier row has the same to say of another call: once is enough. */
static bool said(const struct sc_lint *lint, const struct sc_abi *abi, size_t row)
{
        for (size_t i = 0; i < row; i++)
                if (!strcmp(twins[i].missing, twins[row].missing) &&
                    lint_must_pass(lint, abi, find_call(twins[i].given)))
                        return true;
        return false;
}

int lint_twin_missing(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        for (size_t k = 0; k < SC_COUNT(twins); k++) {
                const struct sc_abi *abis[SC_ABI_MAX];
                size_t n = 0;

                for (size_t i = 0; i < lint->view->n_abis; i++) {
                        const struct sc_abi *abi = lint->view->abis[i];

                        if (lint_must_pass(lint, abi, find_call(twins[k].given)) && lacks(lint, abi, &twins[k]) &&
                            !said(lint, abi, k))
                                abis[n++] = abi;
                }
                say_twin(lint, rule, abis, n, &twins[k], " on");
        }
        return 0;
}

static bool is_meant_for(const struct sc_profile *p, const struct sc_profile_rule *r, const struct sc_abi *abi)
{
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n = lint_rule_abis(p, r, abis);

        return n == 0 || sc_abi_among(abi, abis, n);
}

/* True if some rule of the file that lets calls through names this one, and is not for other ABIs alone. */
static bool is_given(const struct sc_lint *lint, const struct sc_abi *abi, const char *name)
{
        const struct sc_profile *p = lint->file->profile;
        uint32_t action;

        for (size_t i = 0; p && i < p->syscalls.n; i++) {
                const struct sc_profile_rule *r = &p->syscalls.items[i];

                if (!r->action.text || sc_profile_action_value(r->action.text, &action) < 0 ||
                    action != SECCOMP_RET_ALLOW)
                        continue;
                for (size_t k = 0; k < r->names.n; k++)
                        if (!strcmp(r->names.items[k].text, name) && is_meant_for(p, r, abi))
                                return true;
        }
        return false;
}

int lint_abi_twin_missing(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        for (size_t k = 0; k < SC_COUNT(twins); k++) {
                const struct sc_abi *abis[SC_ABI_MAX];
                size_t n = 0;

                for (size_t i = 0; i < lint->view->n_abis; i++) {
                        const struct sc_abi *abi = lint->view->abis[i];

                        if (!lint_has_call(abi, find_call(twins[k].given)) && lacks(lint, abi, &twins[k]) &&
                            is_given(lint, abi, twins[k].given))
                                abis[n++] = abi;
                }
                say_twin(lint, rule, abis, n, &twins[k], ", which stands for it on");
        }
        return 0;
}

/* True if the multiplexer lets a carried call through, for some of its own arguments. */
static bool carried(const struct sc_lint *lint, const struct sc_abi *abi, int carrier, uint32_t sub, uint64_t args[6])
{
        struct sc_input input = { 0 };
        sc_node node = lint_answer(lint, abi, carrier);

        if (node == SC_NODE_FAILED)
                return false;
        input.words[SC_WORD_ARG0] = sub;
        args[0] = sub;
        return sc_compare_relate(sc_decision_eval(lint->d, node, &input), ENOSYS_ANSWER) == SC_RELATION_LOOSER;
}

int lint_multiplexer_reopens(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        for (size_t i = 0; i < lint->view->n_abis; i++) {
                const struct sc_abi *abi = lint->view->abis[i];

                for (int call = 0; abi->multiplexed && call < (int)sc_syscall_count(); call++) {
                        uint64_t args[6] = { 0 };
                        struct sc_lint_finding *f;
                        uint32_t sub, nr, carrier_nr;
                        int carrier = sc_syscall_carrier(call, &sub);

                        if (carrier < 0 || !sc_syscall_number(call, abi, &nr) || lint_must_pass(lint, abi, call) ||
                            !sc_syscall_number(carrier, abi, &carrier_nr) || !carried(lint, abi, carrier, sub, args))
                                continue;
                        f = lint_add(lint, rule, lint_name_place(lint, sc_syscall_name(carrier)),
                                     "%s is not open to every argument, but %s opens it on %s, where no filter sees "
                                     "its arguments", sc_syscall_name(call), sc_syscall_name(carrier), abi->name);
                        lint_hint(lint, f, "deny %s with another errno than the default's, or leave %s out",
                                  sc_syscall_name(carrier), abi->name);
                        lint_witness(lint, f, abi, carrier_nr, args, SECCOMP_RET_ERRNO | EPERM);
                }
        }
        return 0;
}

/* A value for which a condition holds, or where it just does not. */
static uint64_t border(const struct sc_profile_arg *arg)
{
        switch (arg->op) {
        case SC_OP_MASKED_EQ:
                return arg->value_two.value & arg->value.value;
        case SC_OP_GT:
        case SC_OP_NE:
        case SC_OP_EQ:
        case SC_OP_LE:
                return arg->value.value;
        default:
                return arg->value.value ? arg->value.value - 1 : 0;
        }
}

/* True if the argument has so many bits in all calls of a rule, on all ABIs of the filter. */
static bool is_as_wide(const struct sc_lint *lint, const struct sc_profile_rule *r, unsigned at, unsigned bits)
{
        for (size_t i = 0; i < r->names.n; i++)
                for (size_t k = 0; k < lint->view->n_abis; k++) {
                        const struct sc_abi *abi = lint->view->abis[k];
                        int call = find_call(r->names.items[i].text);
                        struct sc_param_register reg;
                        uint32_t nr;

                        if (call < 0 || !sc_syscall_number(call, abi, &nr))
                                continue;
                        reg = sc_param_in_register(call, at, abi);
                        if (reg.param < 0 || reg.bits != bits)
                                return false;
                }
        return true;
}

/* Has an equality look at the bits that count. */
static void mask_equality(struct sc_lint *lint, struct sc_lint_finding *f, const struct sc_profile_arg *arg,
                          unsigned bits)
{
        const struct sc_json *object = lint_value_at(lint, arg->place), *op = sc_json_get(object, "op");
        const struct sc_json *value = sc_json_get(object, "value"), *two = sc_json_get(object, "valueTwo");
        unsigned long long mask = (UINT64_C(1) << bits) - 1, wanted = arg->value.value;
        const char *text, *text_two;

        if (!op || !value)
                return;
        text = sc_arena_printf(lint->arena, two ? "%llu" : "%llu, \"valueTwo\": %llu", mask, wanted);
        text_two = sc_arena_printf(lint->arena, "%llu", wanted);
        if (!text || !text_two) {
                lint->failed = true;
                return;
        }
        lint_edit(lint, f, op->place, "\"SCMP_CMP_MASKED_EQ\"");
        lint_edit(lint, f, value->place, text);
        if (two)
                lint_edit(lint, f, two->place, text_two);
}

static void check_width(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r,
                        const struct sc_profile_arg *arg, int call)
{
        const struct sc_abi *abi = lint->view->abis[0];
        unsigned at = (unsigned)arg->index.value;
        sc_node node = lint_answer(lint, abi, call);
        struct sc_param_register reg;
        struct sc_input low = { 0 }, high;
        struct sc_lint_finding *f;
        uint64_t args[6] = { 0 };
        uint32_t nr;

        if (node == SC_NODE_FAILED || !sc_syscall_number(call, abi, &nr))
                return;
        reg = sc_param_in_register(call, at, abi);
        if (reg.param < 0 || reg.bits >= sc_param_register_bits(abi) || border(arg) >> reg.bits)
                return;
        low.words[SC_WORD_ARG0 + at] = border(arg);
        high = low;
        high.words[SC_WORD_ARG0 + at] |= UINT64_C(1) << reg.bits;
        if (sc_compare_relate(sc_decision_eval(lint->d, node, &high), sc_decision_eval(lint->d, node, &low)) !=
            SC_RELATION_LOOSER)
                return;
        args[at] = high.words[SC_WORD_ARG0 + at];
        f = lint_add(lint, rule, arg->place,
                     "the kernel reads %u bits of %s, this condition compares 64: with a higher bit set, %s gets past",
                     reg.bits, sc_param_at(call, (size_t)reg.param).name, sc_syscall_name(call));
        lint_hint(lint, f, "compare with SCMP_CMP_MASKED_EQ and the mask %llu",
                  (unsigned long long)((UINT64_C(1) << reg.bits) - 1));
        lint_witness(lint, f, abi, nr, args, sc_compare_effect(sc_decision_eval(lint->d, node, &low)));
        if (f && arg->op == SC_OP_EQ && is_as_wide(lint, r, at, reg.bits))
                mask_equality(lint, f, arg, reg.bits);
}

static void check_widths(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        for (size_t k = 0; k < r->args.n; k++)
                for (size_t j = 0; j < r->names.n; j++)
                        if (r->args.items[k].index.has && r->args.items[k].index.value < 6)
                                check_width(lint, rule, r, &r->args.items[k],
                                            find_call(r->names.items[j].text));
}

int lint_wider_than_parameter(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++)
                check_widths(lint, rule, &p->syscalls.items[i]);
        return 0;
}

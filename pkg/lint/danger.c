/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules about calls that are allowed and are seldom meant to be: a table of them with one reader, and packet sockets,
 * which have a second name. Source of that: Linux, net/socket.c, __sock_create.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "lint/internal.h"
#include "syscall/constant.h"

/* A call that is a danger: with a constant in one argument, or by itself. */
struct danger {
        const char *rule;
        const char *call;
        int arg;              /* -1: whatever the arguments */
        bool flags;           /* of the argument, the constant's bits are enough */
        const char *constant; /* its value in that argument */
        const char *message;  /* goes on from the call's name */
        const char *with;     /* only if this call passes, too */
        const char *cap;      /* only if the container has this capability */
        sc_kernel before;     /* only if it is to run on kernels before this one; 0: on any */
};

static const struct danger dangers[] = {
        { "namespaces-as-root", "clone3", -1, false, NULL,
          "makes any namespace, with CAP_SYS_ADMIN in the bounding set: its flags lie behind a pointer, which no "
          "filter sees", NULL, "CAP_SYS_ADMIN", 0 },
        { "namespaces-as-root", "clone", 0, true, "CLONE_NEWNS",
          "makes mount namespaces, with CAP_SYS_ADMIN in the bounding set", NULL, "CAP_SYS_ADMIN", 0 },
        { "user-namespaces", "unshare", 0, true, "CLONE_NEWUSER",
          "makes user namespaces: in one, a program has every capability against the kernel's code", NULL, NULL, 0 },
        { "user-namespaces", "clone", 0, true, "CLONE_NEWUSER",
          "makes user namespaces: in one, a program has every capability against the kernel's code", NULL, NULL, 0 },
        { "user-namespaces", "clone3", -1, false, NULL,
          "makes user namespaces: its flags lie behind a pointer, which no filter sees", NULL, NULL, 0 },
        { "memfd-execveat", "execveat", 4, true, "AT_EMPTY_PATH",
          "runs a descriptor, and memfd_create makes one of memory: code that never was in a file", "memfd_create",
          NULL, 0 },
        { "ptrace-before-4.8", "ptrace", -1, false, NULL,
          "changes another process's call after its filter has seen it, on kernels before 4.8", NULL, NULL,
          SC_KERNEL(4, 8) },
        { "io-uring", "io_uring_setup", -1, false, NULL,
          "does files and sockets without the calls that this filter watches, and had many faults of its "
          "own", NULL, NULL, 0 },
        { "userfaultfd", "userfaultfd", -1, false, NULL,
          "stops the kernel in the middle of a copy: what exploits use to win races", NULL, NULL, 0 },
        { "bpf", "bpf", -1, false, NULL,
          "puts programs into the kernel, for who has CAP_BPF, or for all where sysctl allows it", NULL, NULL, 0 },
        { "keyrings", "keyctl", -1, false, NULL,
          "reaches its user's keys, which outside of user namespaces are the host's, too", NULL, NULL, 0 },
        { "keyrings", "add_key", -1, false, NULL,
          "reaches its user's keys, which outside of user namespaces are the host's, too", NULL, NULL, 0 },
        { "terminal-injection", "ioctl", 1, false, "TIOCSTI",
          "types into the terminal that the container was started from", NULL, NULL, 0 },
        { "terminal-injection", "ioctl", 1, false, "TIOCLINUX", "pastes into a console of the host", NULL, NULL, 0 },
        { "read-implies-exec", "personality", 0, false, "READ_IMPLIES_EXEC", "makes all readable memory executable",
          NULL, NULL, 0 },
        { "kernel-code", "init_module", -1, false, NULL,
          "loads code into the kernel, for who has CAP_SYS_MODULE", NULL, NULL, 0 },
        { "kernel-code", "finit_module", -1, false, NULL,
          "loads code into the kernel, for who has CAP_SYS_MODULE", NULL, NULL, 0 },
        { "kernel-code", "kexec_load", -1, false, NULL,
          "puts another kernel in the place of this one, for who has CAP_SYS_BOOT", NULL, NULL, 0 },
        { "kernel-code", "kexec_file_load", -1, false, NULL,
          "puts another kernel in the place of this one, for who has CAP_SYS_BOOT", NULL, NULL, 0 },
        { "open-by-handle", "open_by_handle_at", -1, false, NULL,
          "opens files of the host by number, past every mount of the container, for who has CAP_DAC_READ_SEARCH", NULL,
          NULL, 0 },
        { "write-exec", "mprotect", 2, true, "PROT_WRITE|PROT_EXEC", "makes memory that is writable executable", NULL,
          NULL, 0 },
        { "write-exec", "mmap", 2, true, "PROT_WRITE|PROT_EXEC", "makes memory that is writable and executable", NULL,
          NULL, 0 },
};

/* The value of one constant, or of two with '|' between them. */
static bool constant_value(const char *names, const struct sc_abi *abi, uint64_t *ret_value)
{
        uint64_t value = 0;

        for (size_t len; *names; names += len + (names[len] == '|')) {
                int64_t one;

                len = strcspn(names, "|");
                if (sc_constant_find(names, len, abi, &one) < 0)
                        return false;
                value |= (uint64_t)one;
        }
        *ret_value = value;
        return true;
}

/* Where the ABI passes it: clone's flags stand elsewhere on s390x. */
static unsigned position(const struct danger *g, const struct sc_abi *abi)
{
        return !strcmp(g->call, "clone") && !strncmp(abi->name, "s390", 4) ? 1 : (unsigned)g->arg;
}

static bool in_force(const struct sc_lint *lint, const struct danger *g, const struct sc_abi *abi)
{
        int cap = g->cap ? sc_cap_find(g->cap, strlen(g->cap)) : -1;

        if (g->before && lint->options->min_kernel >= g->before)
                return false;
        if (cap >= 0 && !(lint->view->target.caps >> cap & 1))
                return false;
        return !g->with || lint_may_allow(lint, abi, sc_syscall_find(g->with, strlen(g->with)));
}

/* With the argument that is a danger, and some others. */
static sc_node fix_argument(const struct sc_lint *lint, const struct danger *g, const struct sc_abi *abi, sc_node node,
                            uint64_t value)
{
        enum sc_word word = (enum sc_word)(SC_WORD_ARG0 + position(g, abi));

        return g->flags ? sc_decision_fix_bits(lint->d, node, word, value, value) :
                          sc_decision_fix(lint->d, node, word, value);
}

/* Whether the filter allows it, with arguments by which it does. */
static bool permits(const struct sc_lint *lint, const struct danger *g, const struct sc_abi *abi, uint64_t args[6])
{
        sc_node node = lint_answer(lint, abi, sc_syscall_find(g->call, strlen(g->call))), never;
        struct sc_input input = { 0 };
        uint64_t value = 0;

        if (node == SC_NODE_FAILED || !in_force(lint, g, abi))
                return false;
        if (g->arg >= 0 && !constant_value(g->constant, abi, &value))
                return false;
        if (g->arg >= 0)
                node = fix_argument(lint, g, abi, node, value);
        never = sc_decision_leaf(lint->d, 0);
        node = sc_decision_apply(lint->d, lint_allows, node, never);
        if (node == SC_NODE_FAILED || !sc_decision_witness(lint->d, node, never, &input))
                return false;
        memcpy(args, &input.words[SC_WORD_ARG0], 6 * sizeof(*args));
        if (g->arg >= 0)
                args[position(g, abi)] |= value;
        return true;
}

int lint_danger(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        for (size_t i = 0; i < SC_COUNT(dangers); i++) {
                const struct danger *g = &dangers[i];

                for (size_t k = 0; !strcmp(g->rule, rule->id) && k < lint->view->n_abis; k++) {
                        const struct sc_abi *abi = lint->view->abis[k];
                        uint64_t args[6] = { 0 };
                        struct sc_lint_finding *f;
                        uint32_t nr;

                        if (!permits(lint, g, abi, args) ||
                            !sc_syscall_number(sc_syscall_find(g->call, strlen(g->call)), abi, &nr))
                                continue;
                        f = lint_add(lint, rule, lint_name_place(lint, g->call), "%s%s%s %s", g->call,
                                     g->constant ? " with " : "", g->constant ? g->constant : "", g->message);
                        if (lint_lacks_cap(lint, g->call)) /* the kernel denies it, too */
                                lint_severity(f, SC_NOTE);
                        lint_witness(lint, f, abi, nr, args, SECCOMP_RET_ERRNO | EPERM);
                        break;
                }
        }
        return 0;
}

/* The arguments of socket that make a packet socket for all protocols by its second name. False: no such constants. */
static bool packet_args(const struct sc_abi *abi, uint64_t args[6])
{
        args[2] = abi->big_endian ? ETH_P_ALL : (uint64_t)ETH_P_ALL << 8; /* htons */
        return constant_value("AF_INET", abi, &args[0]) && constant_value("SOCK_PACKET", abi, &args[1]);
}

/* True if no socket can be made with the family of packet sockets, whatever its type. */
static bool denies_packet(const struct sc_lint *lint, const struct sc_abi *abi, sc_node socket)
{
        sc_node never = sc_decision_leaf(lint->d, 0), node;
        uint64_t family;

        if (!constant_value("AF_PACKET", abi, &family))
                return false;
        node = sc_decision_fix(lint->d, socket, SC_WORD_ARG0, family);
        return sc_decision_apply(lint->d, lint_allows, node, never) == never;
}

/* With just these arguments, or else with any flags, any protocol, and bits above those at which the kernel looks. */
static bool permits_packet(const struct sc_lint *lint, const struct sc_abi *abi, sc_node socket, bool exact,
                           uint64_t args[6])
{
        uint64_t wanted[6] = { 0 }, flags, bits = exact ? UINT64_MAX : UINT32_MAX;
        sc_node never = sc_decision_leaf(lint->d, 0), node;
        struct sc_input input = { 0 };

        if (!packet_args(abi, wanted) || !constant_value("SOCK_CLOEXEC|SOCK_NONBLOCK", abi, &flags))
                return false;
        node = sc_decision_fix_bits(lint->d, socket, SC_WORD_ARG0, bits, wanted[0]);
        node = sc_decision_fix_bits(lint->d, node, SC_WORD_ARG1, exact ? bits : bits & ~flags, wanted[1]);
        node = exact ? sc_decision_fix(lint->d, node, SC_WORD_ARG2, wanted[2]) : node;
        node = sc_decision_apply(lint->d, lint_allows, node, never);
        if (node == SC_NODE_FAILED || !sc_decision_witness(lint->d, node, never, &input))
                return false;
        for (size_t i = 0; i < 6; i++)
                args[i] = input.words[SC_WORD_ARG0 + i] | (i < 2 || exact ? wanted[i] : 0);
        return true;
}

static void say_packet(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_abi *abi, uint32_t nr,
                       const uint64_t args[6])
{
        struct sc_lint_finding *f;

        f = lint_add(lint, rule, lint_name_place(lint, "socket"),
                     "socket makes no packet sockets by AF_PACKET, but does by AF_INET with SOCK_PACKET: for who has "
                     "CAP_NET_RAW, they hear all that the network namespace does");
        lint_hint(lint, f, "ask for the type besides AF_INET: %s",
                  lint->file->policy ? "\"type & 0xf in {SOCK_STREAM, SOCK_DGRAM}\"" :
                                       "argument 1, under the mask 15, is 1 or 2 (SOCK_STREAM, SOCK_DGRAM)");
        if (!(lint->view->target.caps >> sc_cap_find("CAP_NET_RAW", strlen("CAP_NET_RAW")) & 1))
                lint_severity(f, SC_NOTE); /* the kernel denies it, too */
        lint_witness(lint, f, abi, nr, args, SECCOMP_RET_ERRNO | EPERM);
}

int lint_socket_packet_alias(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        int call = sc_syscall_find("socket", strlen("socket"));

        for (size_t i = 0; i < lint->view->n_abis; i++) {
                const struct sc_abi *abi = lint->view->abis[i];
                sc_node socket = lint_answer(lint, abi, call);
                uint64_t args[6];
                uint32_t nr;

                if (socket == SC_NODE_FAILED || !sc_syscall_number(call, abi, &nr) ||
                    !denies_packet(lint, abi, socket) ||
                    (!permits_packet(lint, abi, socket, true, args) && !permits_packet(lint, abi, socket, false, args)))
                        continue;
                say_packet(lint, rule, abi, nr, args);
                break;
        }
        return 0;
}

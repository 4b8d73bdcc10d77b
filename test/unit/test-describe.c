/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions as text, from decisions: the form that is chosen, and that it reads back as the same decision. */
#include <errno.h>

#include "policy.h"
#include "policy/describe.h"

#define NODES ((size_t)1 << 20)

static uint32_t is_allowed(uint32_t a, uint32_t b)
{
        (void)b;
        return a == 0x7fff0000;
}

/* Where a condition holds, by the policy that allows the call there; SC_NODE_FAILED if the language refuses it. */
static sc_node decide(struct sc_decisions *d, const char *call, const char *abi, const char *when)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        struct loaded l;
        sc_node node = SC_NODE_FAILED;

        if (asprintf(&text,
                     "{ 'architectures': ['%s'], 'baseline': '6.1', 'rules': [ { 'allow': ['%s'], 'when': '%s' } ] }",
                     abi, call, when) < 0)
                exit(EXIT_FAILURE);
        l = load("test.jsonc", text, NULL);
        if (l.r == 0)
                node = sc_decision_apply(d, is_allowed,
                                         sc_policy_call(l.policy, d, l.policy->abis[0],
                                                        sc_syscall_find(call, strlen(call))),
                                         sc_decision_leaf(d, 0));
        else
                print_diags(&l);
        done(&l);
        return node;
}

static const struct row {
        const char *call, *abi, *when;
        const char *text; /* NULL: as it was written */
} rows[] = {
        /* docker-default, Moby, podman */
        { "socket", "x86_64", "family in {AF_ALG, AF_VSOCK}", NULL },
        { "socket", "x86_64", "family not in {AF_ALG, AF_VSOCK}", NULL },
        { "socket", "x86_64", "arg0:64 < 38 || arg0:64 == 39 || arg0:64 > 40", "arg0:64 not in {AF_ALG, AF_VSOCK}" },
        { "socket", "x86", "arg0 < 38 || arg0 == 39 || arg0 > 40", "family not in {AF_ALG, AF_VSOCK}" },
        { "personality", "x86_64", "personality not in {0, 8, 0x20000, 0x20008, 0xffffffff}",
          "personality not in {PER_LINUX, PER_LINUX32, UNAME26, (PER_LINUX32 | UNAME26), 0xffffffff}" },
        { "clone", "x86_64",
          "clone_flags & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | "
          "CLONE_NEWNET)",
          "clone_flags & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | "
          "CLONE_NEWNET)" },
        { "clone", "x86_64", "arg0:64 & 0x7e020000 == 0",
          "clone_flags & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | "
          "CLONE_NEWNET) == 0" },
        { "clone", "s390x", "clone_flags & CLONE_NEWUSER == 0", NULL },
        { "clone", "s390x", "arg1 & CLONE_NEWUSER", "clone_flags & CLONE_NEWUSER" },
        { "socket", "x86_64", "arg0:64 == 16 && arg2:64 == 9", "arg0:64 == AF_NETLINK && arg2:64 == 9" },
        { "socket", "x86_64", "!(arg0:64 == 16 && arg2:64 == 9)", "arg0:64 != AF_NETLINK || arg2:64 != 9" },
        { "socket", "x86_64", "family != 16 || protocol != 9", "family != AF_NETLINK || protocol != 9" },
        /* comparisons */
        { "read", "x86_64", "fd == 0", NULL },
        { "read", "x86_64", "fd != 0", NULL },
        { "read", "x86_64", "fd < 3", NULL },
        { "read", "x86_64", "fd <= 3", "fd < 4" },
        { "read", "x86_64", "fd > 2", "fd >= 3" },
        { "read", "x86_64", "2 < fd && fd < 1000", "fd in {3..999}" },
        { "read", "x86_64", "fd < 3 || fd > 9", "fd not in {3..9}" },
        { "read", "x86_64", "count >= 0x100000000", NULL },
        { "read", "x86", "count >= 0x10000", NULL },
        { "read", "x86_64", "buf == 0", NULL },
        { "read", "x86_64", "arg1:64 == 16", NULL },
        { "read", "x86", "arg1:64 == 16", NULL },
        /* sets of names */
        { "openat", "x86_64", "dfd == AT_FDCWD", NULL },
        { "openat", "x86_64", "dfd in {0..2, AT_FDCWD}", NULL },
        { "ioctl", "x86_64", "cmd not in {TCGETS, TIOCSTI, TIOCLINUX, TIOCGWINSZ}",
          "cmd not in {TCGETS, TIOCSTI, TIOCGWINSZ, TIOCLINUX}" },
        { "prctl", "x86_64", "option in {PR_SET_NAME, PR_GET_NAME, PR_SET_PDEATHSIG, PR_CAPBSET_READ}",
          "option in {PR_SET_PDEATHSIG, PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ}" },
        { "socket", "mips", "type == SOCK_STREAM", NULL },
        { "socket", "x86_64", "type == (SOCK_STREAM | SOCK_CLOEXEC)", NULL },
        { "socket", "x86_64", "family in {1, 2, 10}", "family in {AF_UNIX, AF_INET, AF_INET6}" },
        /* masks */
        { "mmap", "x86_64", "prot & PROT_EXEC", NULL },
        { "mmap", "x86_64", "prot & PROT_EXEC == 0", NULL },
        { "mmap", "x86_64", "prot & (PROT_WRITE | PROT_EXEC) == (PROT_WRITE | PROT_EXEC)", NULL },
        { "mmap", "x86_64", "prot & (PROT_WRITE | PROT_EXEC) != (PROT_WRITE | PROT_EXEC)", NULL },
        { "mmap", "x86_64", "prot & ~(PROT_READ | PROT_WRITE) == 0", NULL },
        { "mmap", "x86_64", "prot & PROT_EXEC && flags & MAP_ANONYMOUS == 0", NULL },
        { "mmap", "x86_64", "prot & PROT_EXEC || flags & MAP_SHARED", NULL },
        { "open", "x86_64", "flags & O_ACCMODE == 0", NULL },
        { "socket", "x86_64", "type & 0xf in {1, 2, 5}", "type & 0xf in {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}" },
        { "socket", "x86_64", "type & SOCK_CLOEXEC", NULL },
        { "socket", "x86_64", "family & AF_INET6 == 0", "family & 0xa == 0" },
        { "socket", "x86_64", "family & 1", NULL },
        { "socket", "x86_64", "family & 0x20 == 0", NULL },
        { "socket", "x86_64", "family & 6 == AF_IPX", "family & 6 == 4" },
        { "socket", "x86_64", "family & 0x3f == 4", "family & 0x3f == AF_IPX" },
        { "fchmod", "x86_64", "mode & (S_ISGID | S_ISUID)", NULL },
        /* by position, and halves */
        { "prctl", "x86_64", "option == PR_SET_NAME && arg1 == 3", NULL },
        { "fallocate", "x86_64", "offset == 0", NULL },
        { "fallocate", "x86", "offset == 0", "arg2 == 0 && arg3 == 0" },
};

static void test_rows(void)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                const struct row *row = &rows[i];
                const struct sc_abi *abi = sc_abi_find(row->abi, strlen(row->abi));
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
                struct sc_strbuf text = SC_STRBUF_INIT;
                sc_node node = decide(d, row->call, row->abi, row->when);
                int r = sc_condition_describe(d, node, abi, sc_syscall_find(row->call, strlen(row->call)),
                                              SC_DESCRIBE_POLICY, SC_DESCRIBE_PARTS_MAX, &text);

                if (!CHECK_INT(r, SC_DESCRIBED))
                        continue;
                printf("# %s, %s: %s\n", row->call, row->abi, row->when);
                CHECK_STR(text.text, row->text ? row->text : row->when);
                CHECK_INT(decide(d, row->call, row->abi, text.text), node);
                sc_strbuf_done(&text);
        }
}

static void test_outcomes(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
        const struct sc_abi *abi = sc_abi_find("x86_64", 6);
        sc_node yes = sc_decision_leaf(d, 1), no = sc_decision_leaf(d, 0), odd = no;
        int call = sc_syscall_find("socket", 6);
        struct sc_strbuf text = SC_STRBUF_INIT;

        CHECK_INT(sc_condition_describe(d, yes, abi, call, SC_DESCRIBE_POLICY, 120, &text), SC_DESCRIBED_ALWAYS);
        CHECK_INT(sc_condition_describe(d, no, abi, call, SC_DESCRIBE_POLICY, 120, &text), SC_DESCRIBED_NEVER);
        CHECK_INT(sc_condition_describe(d, sc_decision_any(d, SC_WORD_CAPS, 1, yes, no), abi, call, SC_DESCRIBE_POLICY,
                                        120, &text),
                  -EINVAL);
        /* the parity of a register has no short form */
        for (unsigned i = 0; i < 64; i++)
                odd = sc_decision_any(d, SC_WORD_ARG0, UINT64_C(1) << i, sc_decision_not(d, odd), odd);
        CHECK_INT(sc_condition_describe(d, odd, abi, call, SC_DESCRIBE_POLICY, 120, &text), -E2BIG);
        CHECK(text.len == 0);
        odd = sc_decision_eq(d, SC_WORD_ARG0, UINT64_MAX, 16, yes, no);
        CHECK_INT(sc_condition_describe(d, odd, abi, call, SC_DESCRIBE_POLICY, 2, &text), -E2BIG);
        CHECK_INT(sc_condition_describe(d, odd, abi, call, SC_DESCRIBE_PEOPLE, 120, &text), SC_DESCRIBED);
        CHECK_STR(text.text, "family:64 == AF_NETLINK");
        sc_strbuf_done(&text);
        text = SC_STRBUF_INIT;
        CHECK_INT(sc_condition_describe(d, odd, abi, -1, SC_DESCRIBE_PEOPLE, 120, &text), SC_DESCRIBED);
        CHECK_STR(text.text, "arg0 == 16");
        sc_strbuf_done(&text);
        CHECK_INT(sc_decisions_error(d), 0);
}

int main(void)
{
        test_rows();
        test_outcomes();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* runc's ENOSYS stub, written anew: one section an architecture, each on its own. */
#include "consumer/stub.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define SECTION_MAX 12 /* instructions of one architecture's section */

#define ENOSYS_RET BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)
#define LOAD_NR BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)
#define LOAD_ARCH BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4)

static uint32_t stub_number(const struct sc_scmp_compiler *compiler, int call, const struct sc_abi *abi)
{
        int known = compiler->number(compiler->data, sc_syscall_name(call), abi);
        uint32_t nr;

        if (known != SC_SCMP_UNKNOWN)
                return known > 0 ? (uint32_t)known : 0;
        /* a newer table than this machine's: libseccomp gives carried calls no number of their own */
        if (abi->multiplexed && sc_syscall_carrier(call, &nr) >= 0)
                return 0;
        return sc_syscall_number(call, abi, &nr) ? nr : 0;
}

/* The highest number of a plan's stub_calls on an ABI, as runc finds it; 0 if there is none. */
static uint32_t highest_number(const struct sc_plan *plan, const struct sc_scmp_compiler *compiler,
                               const struct sc_abi *abi)
{
        uint32_t highest = 0;

        for (size_t i = 0; i < plan->n_stub_calls; i++) {
                uint32_t nr = stub_number(compiler, plan->stub_calls[i], abi);

                if (nr > highest)
                        highest = nr;
        }
        return highest;
}

/* The test of one ABI's bound: falls through to what is behind it if the number is fine. */
static size_t bound(struct sock_filter *out, uint32_t highest)
{
        const struct sock_filter insns[] = {
                BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, highest, 0, 1),
                ENOSYS_RET,
        };

        memcpy(out, insns, sizeof(insns));
        return SC_COUNT(insns);
}

/* As bound(), for numbers with bit 30 set (x32) or clear (x86_64) only. */
static size_t x86_bound(struct sock_filter *out, bool x32, uint32_t highest)
{
        out[0] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SC_ABI_X32_BIT, x32 ? 0 : 2, x32 ? 2 : 0);
        return 1 + bound(out + 1, highest);
}

/* The section of all the plan's ABIs with one audit_arch; 0 instructions if none of them has a bound. */
static size_t section(const struct sc_plan *plan, const struct sc_scmp_compiler *compiler, const struct sc_abi *first,
                      struct sock_filter out[SECTION_MAX])
{
        size_t n = 3; /* load the architecture, skip the section if it is another, load the number */

        for (size_t i = plan->stub_from; i < plan->n_abis; i++) {
                const struct sc_abi *abi = plan->abis[i];
                uint32_t highest;

                if (abi->audit_arch != first->audit_arch)
                        continue;
                highest = highest_number(plan, compiler, abi);
                if (highest == 0)
                        continue;
                if (abi->audit_arch == AUDIT_ARCH_S390 || abi->audit_arch == AUDIT_ARCH_S390X) {
                        out[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
                        out[n++] = (struct sock_filter)ENOSYS_RET;
                }
                n += abi->audit_arch == AUDIT_ARCH_X86_64 ? x86_bound(out + n, abi->nr_base == SC_ABI_X32_BIT, highest)
                                                          : bound(out + n, highest);
        }
        if (n == 3)
                return 0;
        out[0] = (struct sock_filter)LOAD_ARCH;
        out[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first->audit_arch, 0, (uint8_t)(n - 2));
        out[2] = (struct sock_filter)LOAD_NR;
        return n;
}

static bool seen_before(const struct sc_plan *plan, size_t i)
{
        for (size_t k = plan->stub_from; k < i; k++)
                if (plan->abis[k]->audit_arch == plan->abis[i]->audit_arch)
                        return true;
        return false;
}

int sc_stub_prepend(const struct sc_plan *plan, const struct sc_scmp_compiler *compiler,
                    const struct sock_filter *insns, size_t len, struct sock_filter **ret_insns, size_t *ret_len)
{
        struct sock_filter *all = calloc(plan->n_abis * SECTION_MAX + len + 1, sizeof(*all));
        size_t n = 0;

        if (!all)
                return -ENOMEM;
        for (size_t i = plan->stub_from; i < plan->n_abis; i++)
                if (!seen_before(plan, i))
                        n += section(plan, compiler, plan->abis[i], all + n);
        if (len)
                memcpy(all + n, insns, len * sizeof(*insns));
        *ret_insns = all;
        *ret_len = n + len;
        return 0;
}

#define PASSES 0u /* what the stub lets through, in place of libseccomp's program; no return value of it */

static uint32_t put_in_front(uint32_t stub, uint32_t filter)
{
        return stub == PASSES ? filter : stub;
}

int sc_stub_decide(const struct sc_plan *plan, const struct sc_scmp_compiler *compiler, struct sc_decisions *d,
                   sc_node filter, sc_node *ret_node)
{
        const struct sock_filter passes = BPF_STMT(BPF_RET | BPF_K, PASSES);
        SC_CLEANUP(sc_freep) struct sock_filter *insns = NULL;
        struct sc_bpf_program program = { 0 };
        struct sc_bpf_fault fault;
        sc_node stub;
        int r = sc_stub_prepend(plan, compiler, &passes, 1, &insns, &program.len);

        if (r < 0)
                return r;
        program.insns = insns;
        r = sc_bpf_decide(&program, d, &stub, &fault);
        if (r == 0)
                *ret_node = sc_decision_apply(d, put_in_front, stub, filter);
        return r ? r : sc_decisions_error(d);
}

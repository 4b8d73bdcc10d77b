/* SPDX-License-Identifier: Apache-2.0 */
/* Programs from bytes. */
#include <errno.h>
#include <string.h>

#include "bpf/bpf.h"

int sc_bpf_read(struct sc_arena *arena, const void *bytes, size_t size, struct sc_bpf_program *ret_program,
                struct sc_bpf_fault *ret_fault)
{
        struct sc_bpf_program program = {
                .len = size / sizeof(struct sock_filter),
                .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
        };
        struct sock_filter *insns;
        int r;

        if (size % sizeof(*insns)) {
                *ret_fault = (struct sc_bpf_fault){ program.len, "no whole instruction" };
                return -EINVAL;
        }
        if (program.len > SC_BPF_LEN_MAX) {
                *ret_fault = (struct sc_bpf_fault){ SC_BPF_LEN_MAX, "more than 4096 instructions" };
                return -EINVAL;
        }
        insns = sc_arena_array(arena, program.len + 1, sizeof(*insns));
        if (!insns)
                return -ENOMEM;
        if (size)
                memcpy(insns, bytes, size);
        program.insns = insns;
        r = sc_bpf_check(&program, ret_fault);
        if (r == 0)
                *ret_program = program;
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Source: linux/seccomp.h, struct seccomp_data; its words are in the machine's order of bytes. */
#include "probe/gate.h"

#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"

#define POINTER offsetof(struct seccomp_data, instruction_pointer)
#define LOW (POINTER + (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4))
#define HIGH (POINTER + (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 4 : 0))

size_t sc_gate_filter(uint32_t action, struct sock_filter ret_insns[SC_GATE_INSNS])
{
        const struct sock_filter insns[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, HIGH),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LOW),
                BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SC_GATE_ADDRESS, 0, 2),
                BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SC_GATE_ADDRESS + SC_GATE_SIZE, 1, 0),
                BPF_STMT(BPF_RET | BPF_K, action),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };

        _Static_assert(SC_COUNT(insns) <= SC_GATE_INSNS, "the header says how many there are at most");
        memcpy(ret_insns, insns, sizeof(insns));
        return SC_COUNT(insns);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel makes of the values that the filters of a process return. Source: kernel/seccomp.c. */
#include <linux/seccomp.h>

#include "bpf/bpf.h"

#define ERRNO_MAX 4095u /* MAX_ERRNO */

/* The kernel compares actions as signed numbers: KILL_PROCESS is the least of all. */
static uint32_t stricter(uint32_t older, uint32_t newer)
{
        return (int32_t)(older & SECCOMP_RET_ACTION_FULL) < (int32_t)(newer & SECCOMP_RET_ACTION_FULL) ? older : newer;
}

sc_node sc_bpf_compose(struct sc_decisions *d, const sc_node *nodes, size_t n)
{
        sc_node all = sc_decision_leaf(d, SECCOMP_RET_ALLOW);

        for (size_t i = 0; i < n; i++)
                all = sc_decision_apply(d, stricter, nodes[i], all);
        return all;
}

uint32_t sc_bpf_effect(uint32_t value)
{
        uint32_t action = value & SECCOMP_RET_ACTION_FULL, data = value & SECCOMP_RET_DATA;

        switch (action) {
        case SECCOMP_RET_ERRNO:
                return action | (data < ERRNO_MAX ? data : ERRNO_MAX);
        case SECCOMP_RET_TRAP:
        case SECCOMP_RET_TRACE:
                return value;
        case SECCOMP_RET_KILL_THREAD:
        case SECCOMP_RET_USER_NOTIF:
        case SECCOMP_RET_LOG:
        case SECCOMP_RET_ALLOW:
                return action;
        default:
                return SECCOMP_RET_KILL_PROCESS;
        }
}

static uint32_t effect(uint32_t value, uint32_t unused)
{
        (void)unused;
        return sc_bpf_effect(value);
}

sc_node sc_bpf_effects(struct sc_decisions *d, sc_node node)
{
        return sc_decision_apply(d, effect, node, sc_decision_leaf(d, 0));
}

uint32_t sc_bpf_run_all(const struct sc_bpf_program *programs, size_t n, const struct sc_bpf_data *data)
{
        uint32_t value = SECCOMP_RET_ALLOW;

        for (size_t i = 0; i < n; i++)
                value = stricter(sc_bpf_run(&programs[i], data), value);
        return sc_bpf_effect(value);
}

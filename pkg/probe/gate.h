/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: the few instructions through which the probe enters the kernel, at an address of their own, and the filter
 * that answers every call from there. A process that has the filter can ask what the filters that came after it do with
 * any call, and none is carried out: the strictest answer counts, and of equally strict ones the newest filter's
 * (kernel/seccomp.c, seccomp_run_filters). So KILL, TRAP and ERRNO of the others show, and what they let through is
 * answered with the gate's errno.
 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* Where the linker puts the gate (cmd/seccompose-probe/meson.build). No program is linked there, nothing is mapped
 * there unasked: it lies between where fixed programs begin (4 MiB) and where 32-bit programs have their libraries. */
#define SC_GATE_ADDRESS 0x5ecc0000u
#define SC_GATE_SIZE 0x1000u

/* What the gate answers: the highest errno there is (MAX_ERRNO), which no policy of ours can write (1…4094). */
#define SC_GATE_ERRNO 4095u

/*
 * The filter: calls whose instruction pointer is in the gate get `action` (SECCOMP_RET_* with data), all others are
 * allowed. The instructions are written to `ret_insns`; returns their number, at most SC_GATE_INSNS.
 */
#define SC_GATE_INSNS 8
size_t sc_gate_filter(uint32_t action, struct sock_filter ret_insns[SC_GATE_INSNS]);

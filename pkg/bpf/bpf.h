/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classic BPF as seccomp uses it: programs, an interpreter, and symbolic execution to a decision.
 * Sources: linux/filter.h, linux/seccomp.h; the kernel's kernel/seccomp.c (seccomp_check_filter) and net/core/filter.c
 * (bpf_check_classic) for what a program may hold.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "decision/decision.h"

#define SC_BPF_LEN_MAX 4096    /* BPF_MAXINSNS: instructions that the kernel takes in one program */
#define SC_BPF_STATES_MAX 65536 /* states that symbolic execution follows in one program: an instruction, registers */
#define SC_BPF_VALUES_MAX 65536 /* different values of registers in them */
#define SC_BPF_NODES_MAX 1048576 /* nodes of decisions that these values are made of */

/* A program. Instructions are in the machine's order of bytes, whatever machine the program is for. */
struct sc_bpf_program {
        const struct sock_filter *insns;
        size_t len;
        bool big_endian; /* the machine that runs it: which half of an argument comes first */
};

/* struct seccomp_data as 32-bit words, as a program loads them. */
#define SC_BPF_DATA_WORDS 16
struct sc_bpf_data {
        uint32_t words[SC_BPF_DATA_WORDS];
};

/* Lays out nr, arch, a zero instruction pointer and six arguments. */
struct sc_bpf_data sc_bpf_data_make(uint32_t arch, uint32_t nr, const uint64_t args[6], bool big_endian);

/* Why a program is refused. */
struct sc_bpf_fault {
        size_t at;        /* the instruction */
        const char *what; /* a constant text: "jump beyond the end" */
};

/*
 * Checks what the kernel checks at attach: length, instructions, jumps, word-aligned loads within seccomp_data, scratch
 * memory, a return at the end. Returns 0, or -EINVAL with *ret_fault.
 */
int sc_bpf_check(const struct sc_bpf_program *program, struct sc_bpf_fault *ret_fault);

/* Runs a checked program. Returns its 32-bit value. Every instruction that the kernel lets through is executed. */
uint32_t sc_bpf_run(const struct sc_bpf_program *program, const struct sc_bpf_data *data);

/*
 * Turns a program into a decision over SC_WORD_ARCH, SC_WORD_NR and arguments, by symbolic execution of every
 * instruction. Leaves are what the program returns, as it returns it: see sc_bpf_effects(). The instruction pointer is
 * no word of a decision: a program may load it as long as its answers do not depend on it.
 * Returns 0; -EINVAL if the program is faulty; -EOPNOTSUPP ('cannot follow') if its answers depend on the instruction
 * pointer, or it computes what takes more than SC_BPF_STATES_MAX states, SC_BPF_VALUES_MAX values, SC_BPF_NODES_MAX
 * nodes or the limit of `d` (products of arguments; one argument compared with another); both with *ret_fault; -ENOMEM
 * or -E2BIG of `d`.
 */
int sc_bpf_decide(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
                  struct sc_bpf_fault *ret_fault);

/*
 * What several filters of one process return together: the strictest action, and of equally strict ones the newest
 * filter's data (kernel/seccomp.c, seccomp_run_filters). `nodes` are the functions of `n` filters, the newest first;
 * none at all is ALLOW. Leaves are as one filter would return them.
 */
sc_node sc_bpf_compose(struct sc_decisions *d, const sc_node *nodes, size_t n);

/*
 * What the kernel does with a value that the filters of a process return together (kernel/seccomp.c, __seccomp_filter):
 * an action that it does not know kills the process, an errno is 4095 at most, and data counts for ERRNO, TRAP and
 * TRACE only. Not to be done before filters are composed: an unknown action is as strict as its number says.
 */
uint32_t sc_bpf_effect(uint32_t value);

/* The same for all leaves of a function. */
sc_node sc_bpf_effects(struct sc_decisions *d, sc_node node);

/* What checked programs of one process do with a call, the newest first: their values composed, and the effect. */
uint32_t sc_bpf_run_all(const struct sc_bpf_program *programs, size_t n, const struct sc_bpf_data *data);

/* Bytes of the longest program. */
#define SC_BPF_SIZE_MAX (SC_BPF_LEN_MAX * sizeof(struct sock_filter))

/*
 * Takes the bytes of `struct sock_filter[]`, in this machine's order, for a program; the machine that runs it is this
 * one. It is checked (sc_bpf_check()). *ret_program points into `arena`.
 * Returns 0; -EINVAL with *ret_fault; -ENOMEM.
 */
int sc_bpf_read(struct sc_arena *arena, const void *bytes, size_t size, struct sc_bpf_program *ret_program,
                struct sc_bpf_fault *ret_fault);

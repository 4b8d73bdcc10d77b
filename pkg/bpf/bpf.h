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
#define SC_BPF_STATES_MAX 65536 /* accumulator states that symbolic execution follows in one program */

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
 * Turns a program into a decision over SC_WORD_ARCH, SC_WORD_NR and arguments, by symbolic execution. Follows what
 * libseccomp and runc write: loads, jumps, AND with a constant, RET with a constant. Returns 0; -EINVAL if the program
 * is faulty; -EOPNOTSUPP ('cannot follow') for any other instruction or more than SC_BPF_STATES_MAX states; both with
 * *ret_fault; -ENOMEM or -E2BIG of `d`.
 */
int sc_bpf_decide(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
                  struct sc_bpf_fault *ret_fault);

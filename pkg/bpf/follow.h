/* SPDX-License-Identifier: Apache-2.0 */
/* Symbolic execution of every instruction; for the files of this room only. */
#pragma once

#include "bpf/bpf.h"
#include "bpf/vector.h"

/* As sc_bpf_decide(), for a program that was checked. Slower than need be for what libseccomp writes. */
int bpf_follow(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
               struct sc_bpf_fault *ret_fault);

/* A decision has no instruction pointer. No program sees capabilities: their word stands in. */
#define WORD_POINTER SC_WORD_CAPS

/* What an instruction reads and writes: A, X, scratch memory. */
enum {
        REG_A,
        REG_X,
        REG_MEM,
        REGS = REG_MEM + BPF_MEMWORDS,
};

/* What is said of an instruction at which an arena hit its limit. */
#define TOO_MUCH "this computes more than can be followed"

/*
 * Symbolic execution with one set of registers for each instruction, under the condition that it is reached. Slower
 * than bpf_follow()'s states for most programs; better where numbers are computed with after they were compared, or
 * ways through the program are many. Errors as bpf_follow(); the function is one of the arena `d`, and may depend on
 * WORD_POINTER.
 */
int bpf_join(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
             struct sc_bpf_fault *ret_fault);

/* The registers that are read from an instruction on before they are written: a bit each, for each instruction. */
void bpf_live(const struct sc_bpf_program *program, uint32_t *ret_live);

/* The register that an instruction writes, as a bit; 0 for none. */
uint32_t bpf_written(const struct sock_filter *insn);

bool bpf_is_jump_always(const struct sock_filter *insn);

/* A word of seccomp_data. */
struct vector bpf_data_word(const struct sc_bpf_program *program, struct sc_decisions *d, uint32_t offset);

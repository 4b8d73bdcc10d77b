/* SPDX-License-Identifier: Apache-2.0 */
/* Random programs of all instructions that the kernel's checker lets through, changes of programs, inputs to them. */
#pragma once

#include "bpf/bpf.h"
#include "rng.h"

#define PROGRAM_RANDOM_MAX 48 /* instructions of a program that program_random() writes */

/* Whether a written program may load the instruction pointer, or the filter of a call has one that nobody chose. */
enum program_kind {
        PROGRAM_ANY,
        PROGRAM_WITHOUT_POINTER,
};

/* Writes a program that the checker lets through, of PROGRAM_RANDOM_MAX instructions at most. Returns their number. */
size_t program_random(struct rng *rng, enum program_kind kind, struct sock_filter *ret_insns);

/*
 * Changes a few instructions of a program, or puts new ones in, in room for `cap` of them; the checker lets the result
 * through. Returns their number.
 */
size_t program_mutate(struct rng *rng, struct sock_filter *insns, size_t len, size_t cap);

/* An input near the numbers that a program compares with. The words of the environment are 0. */
struct sc_input program_input(struct rng *rng, const struct sc_bpf_program *program);

/* What the interpreter returns for an input at an instruction pointer. */
uint32_t program_run(const struct sc_bpf_program *program, const struct sc_input *in, uint64_t pointer);

/* True if a program is of interest. */
typedef bool (*program_test)(const struct sc_bpf_program *program, void *data);

/* Takes instructions out and makes them simpler as long as the program stays of interest. Returns how many are left. */
size_t program_shrink(struct sock_filter *insns, size_t len, bool big_endian, program_test test, void *data);

/* Prints a program as comments of TAP. */
void program_print(const struct sc_bpf_program *program);

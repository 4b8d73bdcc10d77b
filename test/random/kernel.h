/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the running kernel what a call answers under a program. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpf/bpf.h"

/*
 * In a child that has loaded the program, makes call `nr` with each of `n` inputs. The calls that the program lets
 * through are executed. The program must let exit_group through. Answers are what the kernel returns: a value, or
 * -errno. Returns 0, -ENOTSUP on a machine that is not x86_64, -EPROTO if the child was killed or came to another end,
 * or what loading the program gave.
 */
int kernel_ask(const struct sc_bpf_program *program, uint32_t nr, const uint64_t (*inputs)[6], size_t n,
               int64_t *ret_answers);

/* What an answer is when the call was answered by SIGSYS (SECCOMP_RET_TRAP): this, plus its si_errno. */
#define KERNEL_TRAPPED ((int64_t)1 << 40)

/* The same under several programs, loaded in their order; each must let seccomp and prctl through. */
int kernel_ask_stack(const struct sc_bpf_program *programs, size_t n_programs, uint32_t nr, const uint64_t (*inputs)[6],
                     size_t n, int64_t *ret_answers);

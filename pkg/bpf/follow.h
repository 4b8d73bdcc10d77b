/* SPDX-License-Identifier: Apache-2.0 */
/* Symbolic execution of every instruction; for the files of this room only. */
#pragma once

#include "bpf/bpf.h"

/* As sc_bpf_decide(), for a program that was checked. Slower than need be for what libseccomp writes. */
int bpf_follow(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
               struct sc_bpf_fault *ret_fault);

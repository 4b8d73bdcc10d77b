/* SPDX-License-Identifier: Apache-2.0 */
/* What the conditions of a rule mean, as libseccomp tests them. Sources: seccomp_rule_add(3); docs/consumers.md. */
#pragma once

#include "bpf/scmp.h"

/*
 * Where a rule's conditions hold on an ABI, as libseccomp tests them there: 32-bit ABIs, x32 among them, look at the
 * lower half of an argument only. A condition whose mask has no bit there is dropped.
 */
sc_node sc_scmp_args_node(struct sc_decisions *d, const struct sc_abi *abi, const struct sc_scmp_arg *args, unsigned n);

/* True for the conditions of a rule that libseccomp tries after all others of its call: the single `arg0 >= 0`. */
bool sc_scmp_args_otherwise(const struct sc_scmp_arg *args, unsigned n);

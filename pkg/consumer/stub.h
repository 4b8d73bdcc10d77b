/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runc's stub: a piece of BPF in front of libseccomp's program that answers ENOSYS to calls newer than the profile.
 * Source: runc, libcontainer/seccomp/patchbpf (1.1.5 and August 2026).
 */
#pragma once

#include "bpf/bpf.h"
#include "consumer/consumer.h"

/*
 * Puts the stub of `plan` in front of a program. For each of the plan's ABIs, a number above the highest of the plan's
 * stub_calls answers ENOSYS; where an ABI has none of them, nothing does. On x86_64 and x32 bit 30 of the number tells
 * which of the two bounds holds; on s390 and s390x number 0 answers ENOSYS too. The meaning is runc's, the
 * instructions are our own. Returns heap memory in *ret_insns; -ENOMEM.
 */
int sc_stub_prepend(const struct sc_plan *plan, const struct sc_scmp_compiler *compiler,
                    const struct sock_filter *insns, size_t len, struct sock_filter **ret_insns, size_t *ret_len);

/* The same for a decision in place of a program. Returns 0; -ENOMEM or -E2BIG of `d`. */
int sc_stub_decide(const struct sc_plan *plan, const struct sc_scmp_compiler *compiler, struct sc_decisions *d,
                   sc_node filter, sc_node *ret_node);

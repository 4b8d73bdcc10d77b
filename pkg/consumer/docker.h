/* SPDX-License-Identifier: Apache-2.0 */
/* Docker's resolution of its own format for one container. Source: moby, profiles/seccomp (setupSeccomp). */
#pragma once

#include "consumer/consumer.h"

/* True if a rule applies in the target's environment; an unreadable minKernel is -EBADMSG with a diagnostic. */
int sc_docker_applies(const struct sc_target *target, const struct sc_profile_rule *rule, struct sc_diags *diags,
                      bool *ret_applies);

/*
 * The kernel of a minKernel as docker reads it: two numbers below 256 that are not both 0; none at all ("") is reached
 * by every kernel. Returns 0 or -EINVAL. Source: moby, profiles/seccomp (KernelVersion.UnmarshalJSON).
 */
int sc_docker_kernel(const char *text, sc_kernel *ret_kernel);

/* True if a name in a list of capabilities is one of `caps`, by docker's comparison: the exact text, with CAP_. */
bool sc_docker_has_cap(const char *name, sc_caps caps);

/*
 * The ABIs of a Docker-format profile on the target's machine: "architectures", or the archMap entry of the native ABI
 * with its subArchitectures; none if neither has it. *ret_list is in `arena`. Returns 0; -EBADMSG; -ENOMEM.
 */
int sc_docker_architectures(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                            struct sc_diags *diags, struct sc_profile_list *ret_list);

/* SPDX-License-Identifier: Apache-2.0 */
/* Docker's format without docker: the plain profile that docker would give a runtime for one container. */
#pragma once

#include "consumer/consumer.h"

/*
 * Resolves a profile for the target, whose consumer is a row that reads Docker's format. What comes out has no archMap,
 * includes or excludes, and errnos as numbers; its strings are those of `profile`. *ret_plan is the consumer's for
 * `profile`, with which a reading of what comes out can be compared. Returns 0; -ENOMEM; -EBADMSG with a diagnostic:
 * what the consumer would refuse, and
 *   profile-empty  no default action and no rules: to engines this is no filter at all
 */
int sc_consumer_resolve(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                        struct sc_diags *diags, struct sc_profile **ret_profile, struct sc_plan *ret_plan);

/*
 * True if two plans make the same filter: the same ABIs, default action and stub, and for each call the same rules in
 * the same order; runc's stub looks at the same calls. Calls may come in another order, as libseccomp sorts them, and a
 * name may be in a rule's list more than once. *ret_equal is set if 0 is returned; -ENOMEM.
 */
int sc_plan_equal(const struct sc_plan *a, const struct sc_plan *b, bool *ret_equal);

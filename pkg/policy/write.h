/* SPDX-License-Identifier: Apache-2.0 */
/* Policies and conditions as text of the language: what is loaded from it again means the same. */
#pragma once

#include "base/strbuf.h"
#include "policy/policy.h"

/*
 * Appends a policy as a document of its own: what it inherits and its groups are written out, all settings are said.
 * The rules stand in their order, the calls of each sorted, without those that earlier rules have decided. The same
 * policy gives the same bytes. One that complains is written as the policy that it was made from, and says so. Out of
 * memory shows in `out`.
 */
void sc_policy_write(const struct sc_policy *policy, struct sc_strbuf *out);

/* Appends a condition as it stands in `when`. */
void sc_cond_write(const struct sc_cond *cond, struct sc_strbuf *out);

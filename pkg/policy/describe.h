/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions from decisions: the text of a `when` that holds where a decision over the arguments of a call does. */
#pragma once

#include "policy/policy.h"

#define SC_DESCRIBE_PARTS_MAX 120 /* names, numbers and comparisons: the language itself takes 256 of its own */

enum sc_describe_style {
        SC_DESCRIBE_POLICY, /* the language of policies: reads back as the same decision on that ABI */
        SC_DESCRIBE_PEOPLE, /* a whole register is "family:64" rather than "arg0:64" where a parameter is in it */
};

/* What there may be instead of a text. */
enum sc_described {
        SC_DESCRIBED = 0,
        SC_DESCRIBED_ALWAYS = 1, /* it holds for all arguments; nothing is appended */
        SC_DESCRIBED_NEVER = 2,  /* … for none */
};

/* Appends the parameters of a call as conditions name them: "family, type, protocol"; nothing if none is known. */
void sc_policy_parameters(int call, struct sc_strbuf *out);

/* Appends "'socket' has family, type, protocol": what is said about a name that is none of them. */
void sc_policy_parameters_hint(int call, struct sc_strbuf *out);

/*
 * Appends the condition under which `cond` (leaves 0 and 1, over arguments only) holds for a call on an ABI, by the
 * kernel's names of parameters and constants, the shortest form of several: comparisons, sets and ranges, masks and
 * flags, for each register; for several registers, what each asks of the others. `call` is -1 for a number without a
 * call: its arguments have positions only, and the language has no rules for it. At most `max` parts.
 * Returns enum sc_described; -E2BIG if it takes more parts, or more work than is worth while; -EINVAL if `cond` depends
 * on other words; -ENOMEM; errors of `d`.
 */
int sc_condition_describe(struct sc_decisions *d, sc_node cond, const struct sc_abi *abi, int call,
                          enum sc_describe_style style, size_t max, struct sc_strbuf *out);

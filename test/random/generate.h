/* SPDX-License-Identifier: Apache-2.0 */
/* Random policies that a person might have written. */
#pragma once

#include "naive.h"
#include "rng.h"
#include "syscall/scmptable.h"

enum generate_size {
        GENERATE_SMALL,     /* a few rules, a handful of names */
        GENERATE_REALISTIC, /* some 100 to 350 names, groups, capabilities, kernels */
};

/*
 * A policy that the language accepts: every rule can decide something. Answers that are stricter than `newer` are given
 * only to calls that `table` can name, since a target must refuse the others ("looser"); conditions on `arch` hold for
 * whole families, or are on calls that one ABI of a family has. A small share breaks these two rules on purpose (see
 * SPLIT_PER_MILLE and STRICT_PER_MILLE), to see the refusals.
 */
void generate(struct rng *rng, enum generate_size size, const struct sc_scmptable *table,
              struct naive_policy *ret_policy);

/* Environments in which the policy may behave differently, *ret_envs at most `max`. Returns how many. */
size_t generate_envs(struct rng *rng, const struct naive_policy *p, struct naive_env *ret_envs, size_t max);

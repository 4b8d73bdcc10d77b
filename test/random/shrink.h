/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a failing policy smaller, as long as it fails. */
#pragma once

#include "naive.h"

#define SHRINK_TRIES_MAX 3000

/* True if the policy still fails in the same way. */
typedef bool (*shrink_fails)(const struct naive_policy *p, void *data);

/* Drops rules, names, conditions, groups' members and ABIs while the policy fails. Returns the number of tries. */
size_t shrink(struct naive_policy *p, shrink_fails fails, void *data);

/* SPDX-License-Identifier: Apache-2.0 */
/* The table that embed.py writes: the shipped policies, sorted by name. */
#pragma once

#include "policy/policy.h"

extern const struct sc_shipped policy_embedded[];
extern const size_t policy_embedded_count;

/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles of random rules: any action, any default, conditions that nobody would write. */
#pragma once

#include "base/strbuf.h"
#include "rng.h"
#include "syscall/abi.h"

/* Writes a plain profile that lists some of the ABIs. libseccomp compiles the forms of its conditions right. */
void rules_write(struct rng *rng, const struct sc_abi *const *abis, size_t n_abis, struct sc_strbuf *out);

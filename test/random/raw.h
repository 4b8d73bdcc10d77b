/* SPDX-License-Identifier: Apache-2.0 */
/* Rules as they are given to libseccomp: what they say, read plainly, and what comes of them. */
#pragma once

#include "bpf/scmp.h"
#include "condition.h"

/* True if all conditions of a rule hold, as seccomp_rule_add(3) tells it; 32-bit ABIs and x32 see lower halves. */
bool raw_holds(const struct sc_scmp_rule *rule, const struct sc_abi *abi, const uint64_t args[6]);

/* The action of the first rule for a call that holds, `arg0 >= 0` being tried last; else the default. */
uint32_t raw_answer(const struct sc_scmp_filter *filter, const char *call, const struct sc_abi *abi,
                    const uint64_t args[6]);

/* A difference between rules and what libseccomp made of them. */
struct raw_difference {
        uint64_t args[6];
        uint32_t wanted, got;
};

enum raw_outcome {
        RAW_RIGHT,
        RAW_WRONG,
        RAW_HANGS,
        RAW_REFUSED,
        RAW_OUTCOMES,
};

/*
 * Compiles a filter of one ABI and tries `inputs` inputs to `call` around the values of its rules. In this process: no
 * limit.
 */
enum raw_outcome raw_try(const struct sc_scmp_filter *filter, const char *call, size_t inputs, struct rng *rng,
                         struct raw_difference *ret_difference);

/* The same in a child that is ended after `seconds`. */
enum raw_outcome raw_try_in_child(const struct sc_scmp_filter *filter, const char *call, size_t inputs, struct rng *rng,
                                  unsigned seconds, struct raw_difference *ret_difference);

/* "a0 == 0x6 && a1 <= 0x3" */
void raw_write(const struct sc_scmp_rule *rule, struct sc_strbuf *out);

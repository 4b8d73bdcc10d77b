/* SPDX-License-Identifier: Apache-2.0 */
/* Covers: a condition as a sum of cubes, each a conjunction of bits that are set or clear. */
#pragma once

#include "decision/decision.h"

/*
 * An irredundant cover of a condition (a decision with the leaves 0 and 1): cubes that together hold exactly where the
 * condition does, none of which can be left out, and no bit of which need not be tested. Cubes may overlap. The method
 * is Minato's and Morreale's. In *ret_cubes, heap memory, `leaf` is 1.
 * Returns 0; -E2BIG if it takes more than `max` cubes (sc_decisions_error() stays 0); -ENOMEM; errors of `d`.
 */
int sc_decision_cover(struct sc_decisions *d, sc_node cond, size_t max, struct sc_path **ret_cubes, size_t *ret_n);

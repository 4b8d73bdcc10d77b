/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile in Docker's form answers in every environment: all kernels, all sets of capabilities. */
#pragma once

#include "common/meaning.h"

#define ENVIRONMENTS_MAX 48 /* that are asked for on one machine */
#define REGIONS_MAX 64      /* of environments, in which rules about one call differ */

/*
 * Finds the decisions of a filter on the ABIs of view->native, each over SC_WORD_KERNEL, SC_WORD_CAPS, SC_WORD_NR and
 * arguments: ret_nodes by the index of the ABI, untouched for those that the filter has not got. Calls have their
 * answer in each environment; numbers without a call get the strictest of all that were asked for.
 *
 * Which rules about a call stand in an environment is known from their conditions. One environment of each kind is
 * taken all the way, through libseccomp; and in all that are, every call must get what was found for its kind.
 * ret_meaning is that of one of them, but for `node`. Returns 0; 1 if there are too many kinds, or they do not tell the
 * answers; else as meaning_of().
 */
int environments_find(struct session *s, struct input *in, struct view view, struct sc_decisions *d,
                      sc_node ret_nodes[SC_ABI_MAX], struct meaning *ret_meaning);

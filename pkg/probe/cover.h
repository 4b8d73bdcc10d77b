/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls to ask a filter about, so that nothing of what a decision says of an ABI goes unasked: numbers that take every
 * branch, and for each of them arguments that do.
 */
#pragma once

#include "decision/decision.h"
#include "probe/questions.h"

#define SC_COVER_QUESTIONS_MAX 262144 /* of one call */

/* Called with each question; not 0 stops. */
typedef int (*sc_question_visit)(const struct sc_question *question, void *data);

/*
 * Visits questions about a decision over SC_WORD_ARCH, SC_WORD_NR and arguments, for the numbers that are the ABI's and
 * that the kernel asks filters about:
 * - numbers: every call that has a name, and such that every branch by which numbers are told apart is taken;
 * - for each number: arguments by which every branch of its function is taken, and beside each of them, for each
 *   argument that was looked at on the way, one more, one less, and all bits of the upper half. Upper halves
 *   are 0 where they do not show (sc_param_upper_halves_show()).
 * The function must depend on nothing else, such as capabilities.
 * They come in ascending order, each once. Returns 0; what the visitor returned; -ENOMEM; -E2BIG past
 * SC_COVER_QUESTIONS_MAX for one number; errors of `d`.
 */
int sc_question_cover(struct sc_decisions *d, sc_node node, const struct sc_abi *abi, sc_question_visit visit,
                      void *data);

/* SPDX-License-Identifier: Apache-2.0 */
/* The proof of pkg/emit, given a profile that something else wrote. */
#pragma once

#include "emit/emit.h"

/*
 * What sc_emit_build() does with its own text, done with this one. Returns 0 if the proof takes it; -EBADMSG with
 * diagnostics if not; other errors.
 */
int proof_check(struct sc_arena *arena, const struct sc_emit_request *request, const char *text, size_t len,
                struct sc_diags *diags);

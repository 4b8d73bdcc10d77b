/* SPDX-License-Identifier: Apache-2.0 */
/* What a file comes to for each consumer and machine. */
#pragma once

#include "lint/internal.h"

/*
 * Makes all views of the run. What a consumer refuses is reported, by the rules of its diagnostics. Returns 0; -ENOMEM;
 * errors of the compiler.
 */
int view_make_all(struct sc_lint *lint, struct sc_lint_view **ret_views, size_t *ret_n);

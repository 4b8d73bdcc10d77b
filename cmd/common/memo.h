/* SPDX-License-Identifier: Apache-2.0 */
/* What libseccomp has compiled for a FILE: the same rules, asked by another consumer, are not compiled again. */
#pragma once

#include "base/arena.h"
#include "bpf/scmp.h"

#define COMPILED_MAX 512 /* programs that are kept; further ones are compiled each time */

struct compiled_memo {
        struct sc_arena *arena; /* where they are kept */
        struct compiled *newest;
        size_t n;
};

/* compiler_in_child(), which keeps what it compiled. The memo must live as long as the compiler. */
struct sc_scmp_compiler compiler_with_memo(struct compiled_memo *memo);

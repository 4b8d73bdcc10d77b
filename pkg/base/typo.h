/* SPDX-License-Identifier: Apache-2.0 */
/* The nearest known name, for hints. */
#pragma once

#include <stddef.h>

struct sc_typo {
        const char *wanted;
        size_t wanted_len;
        const char *best; /* the nearest so far, NULL if none is near */
        size_t distance;
};

/* Starts a search for what was meant by `wanted` (`len` bytes). */
struct sc_typo sc_typo_begin(const char *wanted, size_t len);

/*
 * Offers a known name; it must outlive the search. The first of equally near ones is kept. Nearest is one that differs
 * in capital letters only.
 */
void sc_typo_offer(struct sc_typo *typo, const char *name);

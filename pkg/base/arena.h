/* SPDX-License-Identifier: Apache-2.0 */
/* An arena: memory that lives and dies with one document. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/util.h"

struct sc_arena;

/* Makes an empty arena. NULL when out of memory. */
struct sc_arena *sc_arena_new(void);

/* Frees the arena and all that was allocated from it. Takes NULL. */
void sc_arena_free(struct sc_arena *arena);
void sc_arena_freep(struct sc_arena **arena);

/* `size` zeroed bytes, aligned for any type; NULL when out of memory. */
void *sc_arena_alloc(struct sc_arena *arena, size_t size);

/* `count` zeroed elements of `size` bytes; NULL when out of memory or when the product overflows. */
void *sc_arena_array(struct sc_arena *arena, size_t count, size_t size);

/* Takes over heap memory, which is freed with the arena. Returns 0; -ENOMEM: then it is still the caller's. */
int sc_arena_adopt(struct sc_arena *arena, void *p);

/* Copies `len` bytes and ends them with a NUL. NULL when out of memory. */
char *sc_arena_strndup(struct sc_arena *arena, const char *s, size_t len);

/* Copies a string; NULL when out of memory. */
char *sc_arena_strdup(struct sc_arena *arena, const char *s);

/* A formatted string; NULL when out of memory. */
char *sc_arena_printf(struct sc_arena *arena, const char *format, ...) SC_PRINTF(2, 3);
char *sc_arena_vprintf(struct sc_arena *arena, const char *format, va_list args) SC_PRINTF(2, 0);

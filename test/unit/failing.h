/* SPDX-License-Identifier: Apache-2.0 */
/* Allocators that fail when they are told to, for a program that is linked with --wrap for malloc, calloc, realloc. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static size_t allowed = SIZE_MAX; /* allocations that still succeed; SIZE_MAX: all */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

/* One fails; those after it succeed, so that a failure that was overlooked is not found by the next one. */
static bool fails(void)
{
        return allowed != SIZE_MAX && allowed-- == 0;
}

void *__wrap_malloc(size_t size)
{
        return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
        return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
        return fails() ? NULL : __real_realloc(p, size);
}

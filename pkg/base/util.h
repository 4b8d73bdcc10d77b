/* SPDX-License-Identifier: Apache-2.0 */
/* Small helpers that every room uses: cleanup attributes, array sizes, checked sums, a clock. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_CLEANUP(f) __attribute__((cleanup(f)))
#define SC_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define SC_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Takes the pointer out of *p, so that a cleanup attribute no longer sees it. */
#define SC_STEAL(p)                     \
        __extension__({                 \
                __typeof__(p) *_p = &(p); \
                __typeof__(p) _v = *_p; \
                *_p = NULL;             \
                _v;                     \
        })

/* Adds or multiplies sizes; true if the result does not fit. */
#define sc_add_overflows(a, b, ret) __builtin_add_overflow(a, b, ret)
#define sc_mul_overflows(a, b, ret) __builtin_mul_overflow(a, b, ret)

/* What a system call that has just failed returns as -errno: below 0 in every case, which compilers cannot know. */
static inline int sc_errno(void)
{
        int r = -errno;

        return r < 0 ? r : -EIO;
}

/* Milliseconds of a clock that nobody sets (CLOCK_MONOTONIC): for deadlines, not for the time of day. */
int64_t sc_now_ms(void);

/* Frees what *p points to; for SC_CLEANUP on plain malloc'ed memory. */
void sc_freep(void *p);

/* Closes *fd if it is not negative; for SC_CLEANUP. errno is kept. */
void sc_closep(int *fd);

/*
 * Makes room for one more element in a heap array that doubles as it grows.
 * `items` is NULL or what an earlier call returned, `count` the elements in use, `*cap` its size in
 * elements, `size` the bytes of one. Returns the array, or NULL when out of memory (`items` stays valid).
 */
void *sc_grow(void *items, size_t count, size_t *cap, size_t size);

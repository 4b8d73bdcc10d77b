/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanup functions, growing arrays, a clock. */
#include "base/util.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MS_PER_S 1000
#define NS_PER_MS 1000000

int64_t sc_now_ms(void)
{
        struct timespec t = { 0 };

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

void sc_freep(void *p)
{
        free(*(void **)p);
}

void sc_closep(int *fd)
{
        int saved = errno;

        if (*fd >= 0)
                close(*fd);
        errno = saved;
}

void *sc_grow(void *items, size_t count, size_t *cap, size_t size)
{
        size_t n = *cap ? *cap : 8;
        size_t bytes;
        void *p;

        if (items && count < *cap)
                return items;
        while (n <= count)
                if (sc_mul_overflows(n, (size_t)2, &n))
                        return NULL;
        if (sc_mul_overflows(n, size, &bytes))
                return NULL;
        p = realloc(items, bytes);
        if (p)
                *cap = n;
        return p;
}

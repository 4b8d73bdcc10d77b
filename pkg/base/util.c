/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanup functions and growing arrays. */
#include "base/util.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

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

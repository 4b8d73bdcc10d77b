/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmark of all verbs and the command that it times have in common: milliseconds. */
#pragma once

#include <time.h>

struct spent {
        double wall, cpu;
};

static inline double now_ms(clockid_t clock)
{
        struct timespec t;

        clock_gettime(clock, &t);
        return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

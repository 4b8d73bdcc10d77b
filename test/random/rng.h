/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that are the same on every machine for the same seed (splitmix64), and the settings of a campaign. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>

struct rng {
        uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
        uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

/* 0…n-1; 0 for n = 0. */
static inline size_t rng_below(struct rng *rng, size_t n)
{
        return n ? (size_t)(rng_next(rng) % n) : 0;
}

static inline bool rng_percent(struct rng *rng, unsigned percent)
{
        return rng_below(rng, 100) < percent;
}

/* A generator of its own for part `index` of a campaign, so that any part can be run again alone. */
static inline struct rng rng_for(uint64_t seed, uint64_t index)
{
        struct rng rng = { seed ^ (index + 1) * UINT64_C(0xd1342543de82ef95) };

        rng_next(&rng);
        return rng;
}

/* A number from the environment (decimal, hex or octal), or what to take without it. */
static inline uint64_t env_number(const char *name, uint64_t otherwise)
{
        const char *text = getenv(name);

        return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

/*
 * Ends the process, by SIGPROF, when it has computed for so long; 0 takes that back. It is processor time: libseccomp
 * hangs by computing, and what a busy machine keeps waiting does not hang. Children do not inherit it.
 */
static inline void hang_limit(unsigned seconds)
{
        const struct itimerval limit = { .it_value.tv_sec = seconds };

        setitimer(ITIMER_PROF, &limit, NULL);
}

/*
 * Counts of a campaign are divided by SC_RANDOM_SCALE; meson sets it to 2, and to 10 where sanitizers make everything
 * several times slower. With SC_WORLD=1 the full counts are run.
 */
static inline size_t scaled(size_t count)
{
        const char *world = getenv("SC_WORLD");
        uint64_t scale = world && *world ? 1 : env_number("SC_RANDOM_SCALE", 1);

        return scale > 1 && count > scale ? count / (size_t)scale : count;
}

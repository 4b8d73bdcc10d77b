/* SPDX-License-Identifier: Apache-2.0 */
/* Random changes to a profile: what a bug of the writer, or a hand in the file, might do. */
#pragma once

#include "base/arena.h"
#include "profile/profile.h"
#include "rng.h"

/* Changes the profile, in `arena`, where it lives. Returns the kind of change, or NULL if that had no place. */
const char *mutate(struct rng *rng, struct sc_arena *arena, struct sc_profile *profile);

/* The kinds, from 0; NULL past the last. */
const char *mutate_kind(size_t index);

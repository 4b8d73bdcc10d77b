/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libseccomp in this process, each filter once: it takes most of the time of a campaign, and the proof, the consumers
 * and the formats of one policy ask for the same filters again. The rules that are written here are of the form that
 * libseccomp never hangs on.
 */
#pragma once

#include "bpf/scmp.h"

struct cache;

/* NULL when out of memory. */
struct cache *cache_new(void);
void cache_free(struct cache *cache);

struct sc_scmp_compiler cache_compiler(struct cache *cache);

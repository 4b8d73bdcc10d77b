/* SPDX-License-Identifier: Apache-2.0 */
/* Findings by what they say: an open hash table of their indices, so that ten thousand of them stay cheap. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lint/internal.h"

#define SLOTS_MIN ((size_t)64)
#define FNV_START UINT64_C(14695981039346656037) /* FNV-1a, 64 bits */
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t hash_text(uint64_t hash, const char *text)
{
        for (; *text; text++)
                hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
        return hash * FNV_PRIME;
}

static uint64_t hash_of(const char *id, struct sc_place place, const char *message)
{
        uint64_t hash = (FNV_START ^ place.offset) * FNV_PRIME;

        hash = (hash ^ place.length) * FNV_PRIME;
        return hash_text(hash_text(hash, id), message);
}

static bool is_same(const struct sc_lint_finding *f, const char *id, struct sc_place place, const char *message)
{
        const struct sc_place *p = &f->diag.places[0];

        return p->source == place.source && p->offset == place.offset && p->length == place.length &&
               !strcmp(f->diag.rule, id) && !strcmp(f->diag.message, message);
}

/* Indices past the findings are of some that were taken away since. */
struct sc_lint_finding *lint_same(const struct sc_lint *lint, const char *id, struct sc_place place,
                                  const char *message)
{
        size_t at = lint->n_slots ? hash_of(id, place, message) & (lint->n_slots - 1) : 0;

        for (; lint->n_slots && lint->slots[at]; at = (at + 1) & (lint->n_slots - 1)) {
                size_t index = lint->slots[at] - 1;

                if (index < lint->n && is_same(&lint->items[index], id, place, message))
                        return &lint->items[index];
        }
        return NULL;
}

static void put(const struct sc_lint *lint, size_t index)
{
        const struct sc_diag *diag = &lint->items[index].diag;
        size_t at = hash_of(diag->rule, diag->places[0], diag->message) & (lint->n_slots - 1);

        while (lint->slots[at])
                at = (at + 1) & (lint->n_slots - 1);
        lint->slots[at] = (uint32_t)index + 1;
}

int lint_remember(struct sc_lint *lint)
{
        if (lint->n * 2 > lint->n_slots) {
                size_t n = lint->n_slots ? lint->n_slots * 2 : SLOTS_MIN;
                uint32_t *slots = calloc(n, sizeof(*slots));

                if (!slots)
                        return -ENOMEM;
                free(lint->slots);
                lint->slots = slots;
                lint->n_slots = n;
                for (size_t i = 0; i + 1 < lint->n; i++)
                        put(lint, i);
        }
        put(lint, lint->n - 1);
        return 0;
}

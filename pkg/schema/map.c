/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, and a map with open addressing that only grows. */
#include <string.h>

#include "schema/internal.h"

#define CAP_MIN 8

uint64_t sc_schema_hash_word(uint64_t hash, uint64_t word)
{
        for (int i = 0; i < 8; i++, word >>= 8)
                hash = sc_schema_hash_byte(hash, word & 0xff);
        return hash;
}

uint64_t sc_schema_hash_bytes(uint64_t hash, const char *bytes, size_t len)
{
        for (size_t i = 0; i < len; i++)
                hash = sc_schema_hash_byte(hash, (unsigned char)bytes[i]);
        return hash;
}

void *sc_schema_map_find(const struct sc_schema_map *map, uint64_t hash, sc_schema_same_fn same, const void *key,
                         struct sc_schema_meter *meter)
{
        if (!map->n)
                return NULL;
        for (size_t i = hash & (map->cap - 1); map->slots[i].item; i = (i + 1) & (map->cap - 1)) {
                if (!sc_schema_spend(meter, 1))
                        return NULL;
                if (map->slots[i].hash == hash && same(map->slots[i].item, key, meter))
                        return map->slots[i].item;
        }
        return NULL;
}

/* An item for which there are no steps left is lost: then all comes to nothing. */
static void place(struct sc_schema_slot *slots, size_t cap, uint64_t hash, void *item, struct sc_schema_meter *meter)
{
        size_t i = hash & (cap - 1);

        while (slots[i].item && sc_schema_spend(meter, 1))
                i = (i + 1) & (cap - 1);
        slots[i] = (struct sc_schema_slot){ .hash = hash, .item = item };
}

/* Twice the room. What was there before stays in the arena: in all, no more than the new one. */
static int grow(struct sc_schema_map *map, struct sc_arena *arena, struct sc_schema_meter *meter)
{
        size_t cap = map->cap ? map->cap * 2 : CAP_MIN;
        struct sc_schema_slot *slots = sc_arena_array(arena, cap, sizeof(*slots));

        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < map->cap; i++)
                if (map->slots[i].item)
                        place(slots, cap, map->slots[i].hash, map->slots[i].item, meter);
        map->slots = slots;
        map->cap = cap;
        return 0;
}

int sc_schema_map_add(struct sc_schema_map *map, struct sc_arena *arena, uint64_t hash, void *item,
                      struct sc_schema_meter *meter)
{
        if (map->n >= map->cap / 2 && grow(map, arena, meter) < 0)
                return -ENOMEM;
        place(map->slots, map->cap, hash, item, meter);
        map->n++;
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: a list of blocks, each filled from the front. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A small arena stays small; one that grows gets large blocks: pages that it does not use cost nothing. */
#define FIRST_BLOCK ((size_t)4 * 1024)
#define NEXT_BLOCK ((size_t)128 * 1024)
#define GROWTH 4 /* a block is at least this part of all before it */

struct adopted {
        struct adopted *next;
        void *p;
};

struct block {
        struct block *next;
        size_t used;
        size_t size;
        alignas(max_align_t) unsigned char bytes[];
};

struct sc_arena {
        struct block *blocks;
        size_t total; /* of the blocks' sizes */
        struct adopted *adopted;
};

struct sc_arena *sc_arena_new(void)
{
        return calloc(1, sizeof(struct sc_arena));
}

void sc_arena_free(struct sc_arena *arena)
{
        if (!arena)
                return;
        for (const struct adopted *a = arena->adopted; a; a = a->next)
                free(a->p);
        for (struct block *b = arena->blocks, *next; b; b = next) {
                next = b->next;
                free(b);
        }
        free(arena);
}

void sc_arena_freep(struct sc_arena **arena)
{
        sc_arena_free(*arena);
}

static size_t block_size(const struct sc_arena *arena, size_t need)
{
        size_t size = arena->total / GROWTH;

        if (size < NEXT_BLOCK)
                size = arena->blocks ? NEXT_BLOCK : FIRST_BLOCK;
        return need > size ? need : size;
}

static struct block *add_block(struct sc_arena *arena, size_t need)
{
        size_t size = block_size(arena, need);
        size_t total;
        struct block *b;

        if (sc_add_overflows(size, sizeof(*b), &total))
                return NULL;
        b = calloc(1, total);
        if (!b)
                return NULL;
        arena->total += size;
        b->size = size;
        b->next = arena->blocks;
        arena->blocks = b;
        return b;
}

void *sc_arena_alloc(struct sc_arena *arena, size_t size)
{
        const size_t align = alignof(max_align_t);
        struct block *b = arena->blocks;
        size_t need;
        void *p;

        if (sc_add_overflows(size, align - 1, &need))
                return NULL;
        need &= ~(align - 1);
        if (!b || b->size - b->used < need)
                b = add_block(arena, need);
        if (!b)
                return NULL;
        p = b->bytes + b->used;
        b->used += need;
        return p;
}

void *sc_arena_array(struct sc_arena *arena, size_t count, size_t size)
{
        size_t bytes;

        if (sc_mul_overflows(count, size, &bytes))
                return NULL;
        return sc_arena_alloc(arena, bytes);
}

int sc_arena_adopt(struct sc_arena *arena, void *p)
{
        struct adopted *adopted = sc_arena_alloc(arena, sizeof(*adopted));

        if (!adopted)
                return -ENOMEM;
        *adopted = (struct adopted){ .next = arena->adopted, .p = p };
        arena->adopted = adopted;
        return 0;
}

char *sc_arena_strndup(struct sc_arena *arena, const char *s, size_t len)
{
        size_t size;
        char *p;

        if (sc_add_overflows(len, (size_t)1, &size))
                return NULL;
        p = sc_arena_alloc(arena, size);
        if (p && len)
                memcpy(p, s, len);
        return p;
}

char *sc_arena_strdup(struct sc_arena *arena, const char *s)
{
        return sc_arena_strndup(arena, s, strlen(s));
}

char *sc_arena_vprintf(struct sc_arena *arena, const char *format, va_list args)
{
        va_list again;
        char *p = NULL;
        int n;

        va_copy(again, args);
        n = vsnprintf(NULL, 0, format, args);
        if (n >= 0)
                p = sc_arena_alloc(arena, (size_t)n + 1);
        if (p)
                vsnprintf(p, (size_t)n + 1, format, again);
        va_end(again);
        return p;
}

char *sc_arena_printf(struct sc_arena *arena, const char *format, ...)
{
        va_list args;
        char *p;

        va_start(args, format);
        p = sc_arena_vprintf(arena, format, args);
        va_end(args);
        return p;
}

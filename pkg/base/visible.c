/* SPDX-License-Identifier: Apache-2.0 */
/* Text of others made harmless: what a terminal would act on becomes a question mark. */
#include "base/visible.h"

#include <string.h>

/* Controls of C1, and those that turn the direction of writing: U+0080…9F, U+202A…202E, U+2066…2069. */
static bool is_hidden(const unsigned char *c, size_t size)
{
        if (size == 2)
                return c[0] == 0xc2 && c[1] < 0xa0;
        if (size != 3 || c[0] != 0xe2)
                return false;
        return (c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) || (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
}

size_t sc_visible_size(const char *text, size_t len)
{
        const unsigned char *c = (const unsigned char *)text;
        size_t size = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : c[0] < 0xf5 ? 4 : 0;

        if (size > len || (size == 1 && c[0] != '\t' && (c[0] < 0x20 || c[0] == 0x7f)))
                return 0;
        for (size_t i = 1; i < size; i++)
                if ((c[i] & 0xc0) != 0x80)
                        return 0;
        return is_hidden(c, size) ? 0 : size;
}

void sc_strbuf_visible(struct sc_strbuf *out, const char *text, size_t len)
{
        for (size_t i = 0, size; i < len; i += size ? size : 1) {
                size = sc_visible_size(text + i, len - i);
                sc_strbuf_append(out, size ? text + i : "?", size ? size : 1);
        }
}

const char *sc_visible_copy(struct sc_arena *arena, const char *text, size_t len)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const char *copy;

        sc_strbuf_visible(&out, text, len);
        copy = out.failed ? NULL : sc_arena_strndup(arena, out.len ? out.text : "", out.len);
        sc_strbuf_done(&out);
        return copy;
}

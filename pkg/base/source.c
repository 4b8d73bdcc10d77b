/* SPDX-License-Identifier: Apache-2.0 */
/* Offsets to lines and columns. */
#include "base/source.h"

#include <string.h>

struct sc_position sc_source_locate(const struct sc_source *source, size_t offset)
{
        const char *text = source->text ? source->text : "", *end = text + source->len, *eol;
        struct sc_position pos = { .line = 1, .column = 1, .text = text };
        const char *at = offset < source->len ? text + offset : end;

        for (const char *p = text; p < at && (p = memchr(p, '\n', (size_t)(at - p))); p++) {
                pos.line++;
                pos.text = p + 1;
        }
        pos.column = (unsigned)(at - pos.text) + 1;
        eol = pos.text < end ? memchr(pos.text, '\n', (size_t)(end - pos.text)) : end;
        if (!eol)
                eol = end;
        if (eol > pos.text && eol[-1] == '\r')
                eol--;
        pos.text_len = (size_t)(eol - pos.text);
        return pos;
}

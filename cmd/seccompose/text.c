/* SPDX-License-Identifier: Apache-2.0 */
/* Words on lines that a terminal shows whole. */
#include "seccompose/text.h"

#include <string.h>

size_t text_columns(const char *text, size_t len)
{
        size_t n = 0;

        for (size_t i = 0; i < len; i++)
                n += ((unsigned char)text[i] & 0xc0) != 0x80;
        return n;
}

void text_wrap(const char *text, size_t at, size_t indent, struct sc_strbuf *out)
{
        bool fresh = true;

        while (*text) {
                size_t len = strcspn(text, " "), wide = text_columns(text, len);

                if (!fresh && at + 1 + wide > TEXT_COLUMNS) {
                        sc_strbuf_printf(out, "\n%*s", (int)indent, "");
                        at = indent;
                } else if (!fresh) {
                        sc_strbuf_puts(out, " ");
                        at++;
                }
                sc_strbuf_append(out, text, len);
                at += wide;
                text += len + (text[len] == ' ');
                fresh = false;
        }
        sc_strbuf_puts(out, "\n");
}

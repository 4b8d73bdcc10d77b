/* SPDX-License-Identifier: Apache-2.0 */
/* A string that grows. */
#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sc_strbuf_done(struct sc_strbuf *buf)
{
        free(buf->text);
        *buf = SC_STRBUF_INIT;
}

/* Room for `more` bytes and a NUL; false and `failed` if there is none. */
static bool reserve(struct sc_strbuf *buf, size_t more)
{
        size_t need, cap = buf->cap ? buf->cap : 64;
        char *p;

        if (buf->failed)
                return false;
        if (sc_add_overflows(buf->len, more, &need) || sc_add_overflows(need, (size_t)1, &need))
                goto fail;
        if (need <= buf->cap)
                return true;
        while (cap < need)
                if (sc_mul_overflows(cap, (size_t)2, &cap))
                        goto fail;
        p = realloc(buf->text, cap);
        if (!p)
                goto fail;
        buf->text = p;
        buf->cap = cap;
        return true;
fail:
        buf->failed = true;
        return false;
}

void sc_strbuf_append(struct sc_strbuf *buf, const char *bytes, size_t len)
{
        if (!reserve(buf, len))
                return;
        if (len)
                memcpy(buf->text + buf->len, bytes, len);
        buf->len += len;
        buf->text[buf->len] = '\0';
}

void sc_strbuf_puts(struct sc_strbuf *buf, const char *s)
{
        sc_strbuf_append(buf, s, strlen(s));
}

void sc_strbuf_vprintf(struct sc_strbuf *buf, const char *format, va_list args)
{
        va_list again;
        int n;

        va_copy(again, args);
        n = vsnprintf(NULL, 0, format, args);
        if (n < 0)
                buf->failed = true;
        else if (reserve(buf, (size_t)n)) {
                vsnprintf(buf->text + buf->len, (size_t)n + 1, format, again);
                buf->len += (size_t)n;
        }
        va_end(again);
}

void sc_strbuf_printf(struct sc_strbuf *buf, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        sc_strbuf_vprintf(buf, format, args);
        va_end(args);
}

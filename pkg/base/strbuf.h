/* SPDX-License-Identifier: Apache-2.0 */
/* A string that grows; an append that fails makes every later one fail too, so callers check once. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"

struct sc_strbuf {
        char *text; /* NUL-terminated once anything was appended, else NULL */
        size_t len;
        size_t cap;
        bool failed; /* out of memory happened; text is incomplete */
};

#define SC_STRBUF_INIT ((struct sc_strbuf){ 0 })

void sc_strbuf_done(struct sc_strbuf *buf);

/* Appends bytes, a string, a formatted string. Failure is remembered in `failed`. */
void sc_strbuf_append(struct sc_strbuf *buf, const char *bytes, size_t len);
void sc_strbuf_puts(struct sc_strbuf *buf, const char *s);
void sc_strbuf_printf(struct sc_strbuf *buf, const char *format, ...) SC_PRINTF(2, 3);
void sc_strbuf_vprintf(struct sc_strbuf *buf, const char *format, va_list args) SC_PRINTF(2, 0);

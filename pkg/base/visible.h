/* SPDX-License-Identifier: Apache-2.0 */
/* Text that others chose (names of files, strings of profiles, lines of logs), as it may go to a terminal or a file. */
#pragma once

#include "base/arena.h"
#include "base/strbuf.h"

/* Bytes of the character at `text`; 0 if it is not UTF-8, or would do something else than stand there. Tabs stand. */
size_t sc_visible_size(const char *text, size_t len);

/* Appends text with '?' for each byte of what sc_visible_size() does not take: line feeds, escapes, broken UTF-8. */
void sc_strbuf_visible(struct sc_strbuf *out, const char *text, size_t len);

/* The same in the arena; NULL when out of memory. */
const char *sc_visible_copy(struct sc_arena *arena, const char *text, size_t len);

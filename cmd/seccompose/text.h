/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the width at which what verbs tell is wrapped. */
#pragma once

#include "base/strbuf.h"

#define TEXT_COLUMNS 100

/* The columns that a text takes: bytes of UTF-8 that begin a character. */
size_t text_columns(const char *text, size_t len);

/*
 * Appends words, wrapped, and a newline; later lines are indented. `at` is the column where the first stands. A word
 * that is wider stays whole.
 */
void text_wrap(const char *text, size_t at, size_t indent, struct sc_strbuf *out);

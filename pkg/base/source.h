/* SPDX-License-Identifier: Apache-2.0 */
/* Source text and places in it; line and column are computed only when they are printed. */
#pragma once

#include <stddef.h>

/* A text that somebody wrote. `name` is what to print: a path, "<stdin>", "<built-in>/x.jsonc". */
struct sc_source {
        const char *name;
        const char *text;
        size_t len;
};

/* A range of bytes in a source; `source` NULL means no place is known. */
struct sc_place {
        const struct sc_source *source;
        size_t offset;
        size_t length;
};

/* Where an offset is, for a person: line and column from 1 (columns count bytes), and the line itself. */
struct sc_position {
        unsigned line;
        unsigned column;
        const char *text; /* the line, not NUL-terminated */
        size_t text_len;  /* without its line ending */
};

/* Finds the position of `offset`; an offset past the end is the end. */
struct sc_position sc_source_locate(const struct sc_source *source, size_t offset);

/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of docs/lint, which embed-pages.py makes part of the library. */
#pragma once

#include <stddef.h>

struct lint_page {
        const char *id; /* the rule's: the file's name without its ending */
        const char *text;
};

extern const struct lint_page lint_pages[];
extern const size_t lint_pages_count;

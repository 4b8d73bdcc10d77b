/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a rule. */
#include <string.h>

#include "lint/lint.h"
#include "lint/pages.h"

const char *sc_lint_page(const char *id)
{
        for (size_t i = 0; i < lint_pages_count; i++)
                if (!strcmp(lint_pages[i].id, id))
                        return lint_pages[i].text;
        return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Names in sorted tables. */
#include "syscall/tables.h"

#include <string.h>

static int compare(const char *name, size_t len, const char *string)
{
        size_t n = strlen(string);
        int c = memcmp(name, string, len < n ? len : n);

        return c ? c : (len > n) - (len < n);
}

int sc_table_find(const char *const *names, size_t count, const char *name, size_t len)
{
        size_t low = 0, high = count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = compare(name, len, names[middle]);

                if (c == 0)
                        return (int)middle;
                if (c < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return -1;
}

bool sc_table_equal(const char *string, const char *name, size_t len)
{
        return string && compare(name, len, string) == 0;
}

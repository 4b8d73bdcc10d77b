/* SPDX-License-Identifier: Apache-2.0 */
/* Names in sorted tables. */
#include "syscall/tables.h"

static int compare(const char *name, size_t len, const char *string)
{
        for (size_t i = 0; i < len; i++)
                if (name[i] != string[i] || !string[i])
                        return string[i] ? (unsigned char)name[i] - (unsigned char)string[i] : 1;
        return string[len] ? -1 : 0;
}

const char *sc_table_string(sc_text text)
{
        return text ? sc_table_text + text : NULL;
}

int sc_table_find(const sc_text *names, size_t count, const char *name, size_t len)
{
        size_t low = 0, high = count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int c = compare(name, len, sc_table_text + names[middle]);

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

/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the tables of capabilities and errno values. */
#include "syscall/name.h"

#include <string.h>
#include <strings.h>

#include "syscall/tables.h"

#define CAP_PREFIX_LEN 4 /* "CAP_" */

unsigned sc_cap_count(void)
{
        return sc_table_cap_count;
}

const char *sc_cap_name(unsigned cap)
{
        return sc_table_caps[cap];
}

/* `name` may hold a NUL: equal lengths are what makes strncasecmp's stop there harmless. */
static bool same_ignoring_case(const char *string, const char *name, size_t len)
{
        return strlen(string) == len && strncasecmp(string, name, len) == 0;
}

int sc_cap_find(const char *name, size_t len)
{
        for (unsigned cap = 0; cap < sc_table_cap_count; cap++)
                if (same_ignoring_case(sc_table_caps[cap], name, len) ||
                    same_ignoring_case(sc_table_caps[cap] + CAP_PREFIX_LEN, name, len))
                        return (int)cap;
        return -1;
}

sc_caps sc_caps_all(void)
{
        return ((sc_caps)1 << sc_table_cap_count) - 1;
}

sc_caps sc_caps_docker(void)
{
        return sc_table_caps_docker;
}

const char *sc_errno_name(unsigned number)
{
        return number < sc_table_errno_count ? sc_table_string(sc_table_errnos[number]) : NULL;
}

int sc_errno_find(const char *name, size_t len)
{
        int i = sc_table_find(sc_table_errno_names, sc_table_errno_name_count, name, len);

        return i < 0 ? -1 : sc_table_errno_numbers[i];
}

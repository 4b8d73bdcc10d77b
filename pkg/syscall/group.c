/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the table of groups. */
#include "syscall/group.h"

#include "syscall/tables.h"

size_t sc_group_count(void)
{
        return sc_table_group_count;
}

const char *sc_group_name(int group)
{
        return sc_table_string(sc_table_group_names[group]);
}

const char *sc_group_description(int group)
{
        return sc_table_groups[group].description;
}

int sc_group_find(const char *name, size_t len)
{
        return sc_table_find(sc_table_group_names, sc_table_group_count, name, len);
}

const unsigned short *sc_group_calls(int group, size_t *ret_n)
{
        *ret_n = sc_table_groups[group].call_count;
        return sc_table_groups[group].calls;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the tables of names of each libseccomp. */
#include "syscall/scmptable.h"

#include "syscall/tables.h"

size_t sc_scmptable_count(void)
{
        return sc_table_scmp_count;
}

const struct sc_scmptable *sc_scmptable_at(size_t index)
{
        return &sc_table_scmps[index];
}

const char *sc_scmptable_name(const struct sc_scmptable *table)
{
        return table->name;
}

const struct sc_scmptable *sc_scmptable_find(const char *name, size_t len)
{
        for (size_t i = 0; i < sc_table_scmp_count; i++)
                if (sc_table_equal(sc_table_scmps[i].name, name, len))
                        return sc_scmptable_at(i);
        return NULL;
}

bool sc_scmptable_knows(const struct sc_scmptable *table, int call)
{
        if (sc_table_scmp_first[call] <= table->rank)
                return true;
        for (size_t i = 0; i < table->extra_count; i++)
                if (table->extra[i] == call)
                        return true;
        return false;
}

bool sc_scmptable_has_abi(const struct sc_scmptable *table, const struct sc_abi *abi)
{
        return sc_table_scmp_abis[abi->index] <= table->rank;
}

bool sc_scmptable_has_number(const struct sc_scmptable *table, int call, const struct sc_abi *abi)
{
        for (size_t i = 0; i < sc_table_scmp_gap_count; i++)
                if (sc_table_scmp_gaps[i].call == call && sc_table_scmp_gaps[i].abi == abi->index)
                        return sc_table_scmp_gaps[i].rank <= table->rank;
        return true;
}

const struct sc_scmptable *sc_scmptable_newest(void)
{
        return sc_scmptable_at(sc_table_scmp_newest);
}

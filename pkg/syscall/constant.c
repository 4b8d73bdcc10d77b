/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the table of constants. */
#include "syscall/constant.h"

#include <errno.h>

#include "syscall/tables.h"

size_t sc_constant_count(void)
{
        return sc_table_constant_count;
}

const char *sc_constant_name(size_t i)
{
        return sc_table_string(sc_table_constant_names[i]);
}

const char *sc_constant_family(size_t i)
{
        return sc_table_string(sc_table_constants[i].family);
}

int sc_constant_value(size_t i, const struct sc_abi *abi, int64_t *ret_value)
{
        const struct sc_table_constant *constant = &sc_table_constants[i];
        int64_t value = constant->value;
        bool absent = false;

        for (unsigned k = 0; k < constant->exception_count; k++) {
                const struct sc_table_exception *exception = &sc_table_exceptions[constant->exception + k];

                if (!(exception->abis & (uint32_t)1 << abi->index))
                        continue;
                value = exception->value;
                absent = exception->absent;
        }
        if (absent)
                return -ENODATA;
        *ret_value = value;
        return 0;
}

int sc_constant_find(const char *name, size_t len, const struct sc_abi *abi, int64_t *ret_value)
{
        int i = sc_table_find(sc_table_constant_names, sc_table_constant_count, name, len);

        return i < 0 ? -ENOENT : sc_constant_value((size_t)i, abi, ret_value);
}

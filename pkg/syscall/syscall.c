/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the tables of system calls. */
#include "syscall/syscall.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "syscall/tables.h"

/* Reads a number below 65536 without leading zeros; false if the text is not that. */
static bool parse_part(const char *text, size_t len, uint32_t *ret_value)
{
        uint32_t value = 0;

        if (len == 0 || len > 5 || (len > 1 && text[0] == '0'))
                return false;
        for (size_t i = 0; i < len; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return false;
                value = value * 10 + (uint32_t)(text[i] - '0');
        }
        if (value > UINT16_MAX)
                return false;
        *ret_value = value;
        return true;
}

int sc_kernel_parse(const char *text, size_t len, sc_kernel *ret_kernel)
{
        const char *dot = len ? memchr(text, '.', len) : NULL;
        uint32_t major, minor;

        if (!dot || !parse_part(text, (size_t)(dot - text), &major) ||
            !parse_part(dot + 1, len - (size_t)(dot - text) - 1, &minor))
                return -EINVAL;
        *ret_kernel = SC_KERNEL(major, minor);
        return 0;
}

sc_kernel sc_kernel_newest(void)
{
        return sc_table_newest;
}

size_t sc_syscall_count(void)
{
        return sc_table_call_count;
}

const char *sc_syscall_name(int call)
{
        return sc_table_string(sc_table_calls[call]);
}

int sc_syscall_find(const char *name, size_t len)
{
        size_t start, end;
        int i;

        if (!len || name[0] < '_' || name[0] > 'z')
                return -1;
        start = sc_table_call_letters[name[0] - '_'];
        end = sc_table_call_letters[name[0] - '_' + 1];
        i = sc_table_find(sc_table_calls + start, end - start, name, len);
        return i < 0 ? -1 : (int)start + i;
}

static const struct sc_table_column *column_of(const struct sc_abi *abi)
{
        return &sc_table_columns[sc_table_abi_more[abi->index].column];
}

bool sc_syscall_number(int call, const struct sc_abi *abi, uint32_t *ret_nr)
{
        uint32_t nr = call < 0 ? SC_TABLE_NONE : column_of(abi)->numbers[call].nr;

        if (nr == SC_TABLE_NONE)
                return false;
        *ret_nr = nr + abi->nr_base;
        return true;
}

int sc_syscall_by_number(const struct sc_abi *abi, uint32_t nr)
{
        const struct sc_table_column *column = column_of(abi);
        size_t low = 0, high = column->call_count;

        if (nr < abi->nr_base)
                return -1;
        nr -= abi->nr_base;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                uint16_t call = column->calls[middle];

                if (column->numbers[call].nr == nr)
                        return call;
                if (column->numbers[call].nr > nr)
                        high = middle;
                else
                        low = middle + 1;
        }
        return -1;
}

sc_kernel sc_syscall_since(int call, const struct sc_abi *abi)
{
        return column_of(abi)->numbers[call].since;
}

const char *sc_syscall_fallback(int call)
{
        return sc_table_string(sc_table_fallbacks[call]);
}

int sc_syscall_carrier(int call, uint32_t *ret_subcall)
{
        size_t low = 0, high = sc_table_carried_count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const struct sc_table_carried *row = &sc_table_carried[middle];

                if (row->call == call) {
                        *ret_subcall = row->subcall;
                        return row->carrier;
                }
                if (row->call > call)
                        high = middle;
                else
                        low = middle + 1;
        }
        return -1;
}

bool sc_syscall_is_carrier(int call)
{
        for (size_t i = 0; i < sc_table_carried_count; i++)
                if (sc_table_carried[i].carrier == call)
                        return true;
        return false;
}

bool sc_syscall_is_unfiltered(const struct sc_abi *abi, uint32_t nr)
{
        static const char *const names[] = { "uretprobe", "uprobe" };
        int call = sc_syscall_by_number(abi, nr);

        for (size_t i = 0; call >= 0 && i < SC_COUNT(names); i++)
                if (!strcmp(sc_syscall_name(call), names[i]))
                        return !strcmp(abi->name, "x86_64");
        return false;
}

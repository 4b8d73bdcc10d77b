/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in the tables of parameters, and the assignment of registers to them. */
#include "syscall/param.h"

#include <errno.h>
#include <string.h>

#include "syscall/tables.h"

#define REGISTERS 6 /* seccomp_data.args */

size_t sc_param_count(int call)
{
        return sc_table_signatures[call].count;
}

struct sc_param sc_param_at(int call, size_t i)
{
        const struct sc_table_param *row = &sc_table_params[sc_table_signatures[call].first + i];

        return (struct sc_param){
                .name = sc_table_string(row->name),
                .type = sc_table_string(row->type),
                .kind = row->kind,
                .bits = row->bits,
        };
}

static bool is_position(const char *name, size_t len)
{
        return len == 4 && memcmp(name, "arg", 3) == 0 && name[3] >= '0' && name[3] < '0' + REGISTERS;
}

int sc_param_find(int call, const char *name, size_t len)
{
        if (is_position(name, len))
                return -1;
        for (size_t i = 0; i < sc_param_count(call); i++)
                if (sc_table_equal(sc_param_at(call, i).name, name, len))
                        return (int)i;
        return -1;
}

const char *sc_param_family(int call, size_t param)
{
        return sc_table_string(sc_table_param_families[sc_table_signatures[call].first + param]);
}

static const struct sc_table_layout *layout_of(int call, const struct sc_abi *abi)
{
        for (size_t i = sc_table_signatures[call].layout; i < sc_table_layout_count; i++) {
                const struct sc_table_layout *layout = &sc_table_layouts[i];

                if (layout->call != call)
                        break;
                if (layout->abis & (uint32_t)1 << abi->index)
                        return layout;
        }
        return NULL;
}

/* Gives out registers from the first to the last. */
struct registers {
        int call;
        const struct sc_abi *abi;
        const struct sc_table_passing *passing;
        unsigned next;
};

static unsigned smaller(unsigned a, unsigned b)
{
        return a < b ? a : b;
}

/* The bits of a parameter in one register. */
static unsigned bits_in(const struct registers *r, struct sc_param param)
{
        if (param.kind == SC_PARAM_POINTER)
                return r->passing->pointer_bits;
        if (param.kind == SC_PARAM_WORD && sc_table_narrow[r->call] & (uint32_t)1 << r->abi->index)
                return smaller(param.bits, 32);
        return smaller(param.bits, r->passing->register_bits);
}

static struct sc_param_place absent(void)
{
        return (struct sc_param_place){ .where = SC_PARAM_ABSENT };
}

static struct sc_param_place take_pair(struct registers *r)
{
        struct sc_param_place place = { .where = SC_PARAM_SPLIT, .bits = 32 };

        if (r->passing->wide == SC_TABLE_EVEN && r->next % 2)
                r->next++;
        place.arg = r->next + r->abi->big_endian;
        place.arg_high = r->next + !r->abi->big_endian;
        r->next += 2;
        return r->next > REGISTERS ? absent() : place;
}

static struct sc_param_place take_one(struct registers *r, unsigned bits)
{
        struct sc_param_place place = { .where = SC_PARAM_HERE, .arg = r->next++, .bits = bits };

        return r->next > REGISTERS ? absent() : place;
}

/* The place of the next parameter in an ABI's order; `bits` is what the layout says of it, or 0. */
static struct sc_param_place take(struct registers *r, struct sc_param param, unsigned bits)
{
        bool wide = bits ? bits == 64 : param.kind == SC_PARAM_64;

        if (wide && r->passing->wide != SC_TABLE_WHOLE)
                return take_pair(r);
        return take_one(r, bits ? bits : bits_in(r, param));
}

/* The places of all parameters of a call. */
static void lay_out(int call, const struct sc_abi *abi, struct sc_param_place ret_places[REGISTERS])
{
        const struct sc_table_layout *layout = layout_of(call, abi);
        struct registers r = { .call = call, .abi = abi, .passing = &sc_table_passing[abi->index] };
        size_t count = layout ? layout->count : sc_param_count(call);

        for (size_t i = 0; i < REGISTERS; i++) {
                ret_places[i] = absent();
                if (layout && layout->behind)
                        ret_places[i].where = SC_PARAM_BEHIND;
        }
        for (size_t i = 0; i < count; i++) {
                unsigned param = layout ? layout->params[i] : (unsigned)i;

                if (param == SC_TABLE_UNUSED)
                        r.next++;
                else
                        ret_places[param] = take(&r, sc_param_at(call, param), layout ? layout->bits[i] : 0);
        }
}

int sc_param_locate(int call, size_t param, const struct sc_abi *abi, struct sc_param_place *ret_place)
{
        struct sc_param_place places[REGISTERS];

        if (param >= sc_param_count(call))
                return -EINVAL;
        lay_out(call, abi, places);
        *ret_place = places[param];
        return 0;
}

unsigned sc_param_register_bits(const struct sc_abi *abi)
{
        return sc_table_passing[abi->index].register_bits;
}

bool sc_param_upper_halves_show(const struct sc_abi *abi)
{
        return sc_param_register_bits(abi) == 64 || !strcmp(abi->name, "x86") ||
               !strncmp(abi->name, "mips", strlen("mips"));
}

struct sc_param_register sc_param_in_register(int call, unsigned arg, const struct sc_abi *abi)
{
        struct sc_param_place places[REGISTERS];

        lay_out(call, abi, places);
        for (size_t i = 0; i < sc_param_count(call); i++) {
                const struct sc_param_place *place = &places[i];
                bool split = place->where == SC_PARAM_SPLIT;
                bool high = split && place->arg_high == arg;

                if (place->where != SC_PARAM_HERE && !split)
                        continue;
                if (place->arg == arg || high)
                        return (struct sc_param_register){ (int)i, split, high, place->bits };
        }
        return (struct sc_param_register){ -1, false, false, sc_table_passing[abi->index].register_bits };
}

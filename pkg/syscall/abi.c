/* SPDX-License-Identifier: Apache-2.0 */
/* ABIs and their families. There are few: searches are linear. */
#include "syscall/abi.h"

#include "syscall/tables.h"

size_t sc_abi_count(void)
{
        return sc_table_abi_count;
}

const struct sc_abi *sc_abi_at(size_t index)
{
        return &sc_table_abis[index];
}

const struct sc_abi *sc_abi_find(const char *name, size_t len)
{
        for (const struct sc_abi *abi = sc_table_abis; abi < sc_table_abis + sc_table_abi_count; abi++)
                if (sc_table_equal(abi->name, name, len) || sc_table_equal(abi->alias, name, len))
                        return abi;
        return NULL;
}

const struct sc_abi *sc_abi_find_oci(const char *name, size_t len)
{
        for (const struct sc_abi *abi = sc_table_abis; abi < sc_table_abis + sc_table_abi_count; abi++)
                if (sc_table_equal(abi->oci, name, len))
                        return abi;
        return NULL;
}

const struct sc_abi *sc_abi_find_scmp(uint32_t scmp_arch)
{
        for (const struct sc_abi *abi = sc_table_abis; abi < sc_table_abis + sc_table_abi_count; abi++)
                if (abi->scmp_arch == scmp_arch)
                        return abi;
        return NULL;
}

#if defined(__x86_64__) && defined(__ILP32__)
#define NATIVE "x32"
#elif defined(__x86_64__)
#define NATIVE "x86_64"
#elif defined(__i386__)
#define NATIVE "x86"
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define NATIVE "aarch64"
#elif defined(__arm__) && !defined(__ARMEB__)
#define NATIVE "arm"
#elif defined(__mips__)
#include <sgidefs.h>
#ifdef __MIPSEL__
#define MIPS "mipsel"
#else
#define MIPS "mips"
#endif
#if _MIPS_SIM == _MIPS_SIM_ABI64
#define NATIVE MIPS "64"
#elif _MIPS_SIM == _MIPS_SIM_NABI32
#define NATIVE MIPS "64n32"
#else
#define NATIVE MIPS
#endif
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define NATIVE "ppc64le"
#elif defined(__powerpc64__)
#define NATIVE "ppc64"
#elif defined(__powerpc__)
#define NATIVE "ppc"
#elif defined(__s390x__)
#define NATIVE "s390x"
#elif defined(__s390__)
#define NATIVE "s390"
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE "riscv64"
#elif defined(__loongarch64)
#define NATIVE "loongarch64"
#elif defined(__m68k__)
#define NATIVE "m68k"
#elif defined(__hppa__) && defined(__LP64__)
#define NATIVE "parisc64"
#elif defined(__hppa__)
#define NATIVE "parisc"
#elif defined(__sh__) && defined(__LITTLE_ENDIAN__)
#define NATIVE "sh"
#elif defined(__sh__)
#define NATIVE "sheb"
#else
#error "no row of data/abis.tsv for this machine"
#endif

const struct sc_abi *sc_abi_native(void)
{
        return sc_abi_find(NATIVE, sizeof(NATIVE) - 1);
}

size_t sc_abi_subordinates(const struct sc_abi *native, const struct sc_abi *ret_subs[SC_ABI_MAX])
{
        const struct sc_table_abi *more = &sc_table_abi_more[native->index];

        for (size_t i = 0; i < more->member_count; i++)
                ret_subs[i] = &sc_table_abis[more->members[i]];
        return more->member_count;
}

bool sc_abi_among(const struct sc_abi *abi, const struct sc_abi *const *abis, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (abis[i] == abi)
                        return true;
        return false;
}

bool sc_abi_in_family(const struct sc_abi *abi, const struct sc_abi *head)
{
        const struct sc_abi *subs[SC_ABI_MAX];

        return abi == head || sc_abi_among(abi, subs, sc_abi_subordinates(head, subs));
}

bool sc_abi_is_family(const struct sc_abi *abi)
{
        return sc_table_abi_more[abi->index].family;
}

bool sc_abi_in_archmap(const struct sc_abi *abi)
{
        return sc_table_abi_more[abi->index].archmap;
}

bool sc_abi_owns(const struct sc_abi *abi, uint32_t nr)
{
        bool x32 = abi->nr_base == SC_ABI_X32_BIT;

        for (const struct sc_abi *other = sc_table_abis; other < sc_table_abis + sc_table_abi_count; other++)
                if (other != abi && other->audit_arch == abi->audit_arch)
                        return x32 == (nr >= SC_ABI_X32_BIT && nr != SC_NR_SKIP);
        return true;
}

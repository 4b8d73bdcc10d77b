/* SPDX-License-Identifier: Apache-2.0 */
/* ABIs: how a process on some architecture numbers its system calls and passes their arguments. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SC_ABI_MAX 24 /* more than the rows of data/abis.tsv; checked when the table is built */

#define SC_ABI_X32_BIT 0x40000000u /* in seccomp_data.nr: the call is x32's (asm/unistd.h, __X32_SYSCALL_BIT) */

#define SC_NR_SKIP 0xffffffffu /* in seccomp_data.nr: what a tracer writes to skip a call */

/* One ABI: a row of data/abis.tsv. Compare by address: there is one object for each. */
struct sc_abi {
        unsigned index;      /* its place in the table, 0…sc_abi_count()-1 */
        const char *name;    /* ours and the kernel's: "x86_64" */
        const char *alias;   /* what people also write: "amd64"; NULL if nothing */
        const char *oci;     /* the runtime specification's: "SCMP_ARCH_X86_64" */
        const char *docker;  /* in includes.arches of a Docker profile: "amd64"; NULL if Docker never matches it */
        uint32_t audit_arch; /* seccomp_data.arch (linux/audit.h); x86_64 and x32 share one */
        uint32_t scmp_arch;  /* libseccomp's token (seccomp.h) */
        uint32_t nr_base;    /* what seccomp_data.nr has on top of the table's number: x32 0x40000000, mips o32 4000 */
        unsigned word_bits;  /* 32 or 64: the width of long and pointers (x32: 32, though its registers are 64 wide) */
        bool big_endian;     /* which half of an argument comes first in seccomp_data */
        bool multiplexed;    /* libseccomp routes socketcall and ipc here */
};

size_t sc_abi_count(void);
const struct sc_abi *sc_abi_at(size_t index);

/* By name or alias ("amd64", "arm64"); NULL if nobody has it. */
const struct sc_abi *sc_abi_find(const char *name, size_t len);

/* By the runtime specification's name; NULL if nobody has it. */
const struct sc_abi *sc_abi_find_oci(const char *name, size_t len);

/* By libseccomp's token; NULL if nobody has it. */
const struct sc_abi *sc_abi_find_scmp(uint32_t scmp_arch);

/* The ABI that this library was compiled for (x86_64 on x86_64). */
const struct sc_abi *sc_abi_native(void);

/*
 * The ABIs that a container on a machine of `native` may use beside it, as Docker's archMap groups them:
 * x86_64 → x86, x32; aarch64 → arm. Returns their number, at most SC_ABI_MAX; 0 for an ABI that heads no family.
 */
size_t sc_abi_subordinates(const struct sc_abi *native, const struct sc_abi *ret_subs[SC_ABI_MAX]);

/* True if programs on a machine of `head` may use the ABI: it is `head` or one of its subordinates. */
bool sc_abi_in_family(const struct sc_abi *abi, const struct sc_abi *head);

/* True if `abi` is one of the `n`. */
bool sc_abi_among(const struct sc_abi *abi, const struct sc_abi *const *abis, size_t n);

/* True if `abi` heads a family, with or without subordinates: x86_64, aarch64, riscv64 …, not x86, x32, arm. */
bool sc_abi_is_family(const struct sc_abi *abi);

/* True if Docker's default profile has an archMap entry for it (ppc64le is a family without one). */
bool sc_abi_in_archmap(const struct sc_abi *abi);

/*
 * True if a call numbered `nr` on a machine with this ABI's audit_arch is a call of this ABI. Only x86_64 and x32
 * share an audit_arch: x32 is SC_ABI_X32_BIT and above, but for SC_NR_SKIP, which libseccomp lets pass as x86_64's.
 */
bool sc_abi_owns(const struct sc_abi *abi, uint32_t nr);

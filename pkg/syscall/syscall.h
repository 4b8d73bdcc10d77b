/* SPDX-License-Identifier: Apache-2.0 */
/* System calls: names, numbers and first kernels by ABI; what programs fall back from; what multiplexers carry. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syscall/abi.h"

/* A kernel version, major << 16 | minor; 0 is "older than the oldest kernel examined". */
typedef uint32_t sc_kernel;
#define SC_KERNEL(major, minor) ((sc_kernel)(major) << 16 | (sc_kernel)(minor))
#define SC_KERNEL_MAJOR(kernel) ((kernel) >> 16)
#define SC_KERNEL_MINOR(kernel) ((kernel)&0xffff)

/* Reads "6.1" (exactly two numbers, each below 65536). Returns 0, or -EINVAL. */
int sc_kernel_parse(const char *text, size_t len, sc_kernel *ret_kernel);

/* The newest kernel whose calls are in the tables. */
sc_kernel sc_kernel_newest(void);

/* Calls are known by their index in the table, which is sorted by name: 0…sc_syscall_count()-1. -1 is no call. */
size_t sc_syscall_count(void);
const char *sc_syscall_name(int call);
int sc_syscall_find(const char *name, size_t len);

/*
 * The number of `call` in seccomp_data.nr on `abi` (with nr_base). Returns false if the ABI does not have it, or if
 * there is no such call (-1, of sc_syscall_find()).
 * Source: data/syscalls.tsv.
 */
bool sc_syscall_number(int call, const struct sc_abi *abi, uint32_t *ret_nr);

/* The call that has a seccomp_data.nr on an ABI, or -1. */
int sc_syscall_by_number(const struct sc_abi *abi, uint32_t nr);

/* The first kernel that has the call on the ABI; 0 if older than the oldest examined, or if it has none. */
sc_kernel sc_syscall_since(int call, const struct sc_abi *abi);

/* Who falls back from the call on ENOSYS, where, and to what; NULL if nobody is known. Source: data/fallbacks.tsv. */
const char *sc_syscall_fallback(int call);

/*
 * The multiplexer (socketcall, ipc) that carries the call, and by which number in its first argument; -1 if none.
 * Source: linux/net.h, linux/ipc.h, and the pairs that libseccomp adds rules for. Holds on ABIs with `multiplexed`.
 */
int sc_syscall_carrier(int call, uint32_t *ret_subcall);

/* True for socketcall and ipc. */
bool sc_syscall_is_carrier(int call);

/*
 * True for the calls that the kernel lets through without asking any filter: uretprobe and uprobe on x86_64, whose
 * callers are the kernel's own trampolines. Source: kernel/seccomp.c, seccomp_uprobe_exception().
 */
bool sc_syscall_is_unfiltered(const struct sc_abi *abi, uint32_t nr);

/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of system calls: names, widths, and where each ABI passes them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "syscall/abi.h"

enum sc_param_kind {
        SC_PARAM_INT,     /* 32 bits or fewer (int, u32, pid_t, umode_t, …): the kernel drops the rest */
        SC_PARAM_WORD,    /* the ABI's word (long, size_t, …) */
        SC_PARAM_POINTER, /* an address; a filter cannot look behind it */
        SC_PARAM_64,      /* 64 bits on every ABI (loff_t, u64): two registers on those with 32-bit ones */
};

/* A parameter, as the kernel declares it (SYSCALL_DEFINE). Source: data/parameters.tsv. */
struct sc_param {
        const char *name; /* "clone_flags" */
        const char *type; /* "unsigned long" */
        enum sc_param_kind kind;
        unsigned bits; /* that count on a 64-bit ABI: 16 for umode_t, 32 for int and for clone_flags, else 64 */
};

/* How many parameters a call has; 0 also for calls that Linux has only a number for. */
size_t sc_param_count(int call);

/* The i-th parameter, in the order of the declaration, which is not that of every ABI's registers. */
struct sc_param sc_param_at(int call, size_t i);

/*
 * The index of a parameter by its kernel name, or -1. Names "arg0" to "arg5" are never found, though prctl, keyctl and
 * others have such parameters: in the language of policies they are positions, and do not agree (prctl's arg2 is in
 * register 1).
 */
int sc_param_find(int call, const char *name, size_t len);

enum sc_param_where {
        SC_PARAM_HERE,   /* in one register */
        SC_PARAM_SPLIT,  /* in two registers, 32 bits in each */
        SC_PARAM_BEHIND, /* in memory behind a pointer that the call takes instead: cannot be checked */
        SC_PARAM_ABSENT, /* not among the six values that a filter sees, or not taken at all: cannot be checked */
};

struct sc_param_place {
        enum sc_param_where where;
        unsigned arg;      /* HERE: index of the register in seccomp_data.args, 0…5; SPLIT: of that with the low half */
        unsigned arg_high; /* SPLIT: of that with the high half */
        unsigned bits;     /* HERE: the low bits of the register that count; SPLIT: 32, in each */
};

/*
 * Where `abi` passes a parameter, whether or not it has the call. It knows the orders of clone's parameters, the old
 * calls that take a pointer to all of them (mmap on x86, s390, s390x and m68k, select on x86, ppc and m68k, …), and
 * 64-bit values in two registers, which move what comes behind them.
 *
 * `bits` is what the kernel looks at; a test must look at no more, or it can be walked around, and at no less. Less
 * than the register's 64 are: the width of short types; 32 of an unsigned long that the kernel cuts further inside
 * (clone_flags); 32 of everything on 32-bit ABIs (the rest is zero on most, the sign on mips o32 under a 64-bit
 * kernel); 31 of a pointer on s390; 16 of the old uids and gids where an ABI has a chown32 beside its chown.
 * On x32 and mips n32, a long is 32 bits wide for programs, but the registers are not, and most calls enter the kernel
 * by its 64-bit functions: so 64 bits count. Calls that enter by a compat function that takes compat_long_t, like
 * ioctl, have 32 there.
 *
 * Returns 0, or -EINVAL if the call has no such parameter.
 * Sources: data/layouts.tsv, passing.tsv, narrow.tsv, types.tsv.
 */
int sc_param_locate(int call, size_t param, const struct sc_abi *abi, struct sc_param_place *ret_place);

/* What a register holds. */
struct sc_param_register {
        int param;     /* the parameter that is in it, or half in it; -1 if none is */
        bool split;    /* it has one half of the parameter */
        bool high;     /* … the high one */
        unsigned bits; /* the low bits that count; where nobody looks at it, all of the register */
};

/* What is in register `arg` (0…5) of a call on an ABI: sc_param_locate()'s inverse, for conditions on positions. */
struct sc_param_register sc_param_in_register(int call, unsigned arg, const struct sc_abi *abi);

/* The width of an ABI's registers: 64 on x32 and mips n32, 32 on x86. */
unsigned sc_param_register_bits(const struct sc_abi *abi);

/*
 * True if filters may be shown something in the upper halves of an ABI's arguments. So it is with registers of 64 bits;
 * on x86, where a 64-bit program makes calls by `int 0x80` and the filter gets its whole registers (tried on Linux
 * 6.18), of which the kernel then takes the lower halves; and on mips o32, where they hold the sign.
 */
bool sc_param_upper_halves_show(const struct sc_abi *abi);
#define SC_UPPER_HALF UINT64_C(0xffffffff00000000)

/*
 * The family of constants (constant.h) that a parameter takes its values from, "AF" for socket's family; NULL if none
 * is known. Source: data/families.tsv.
 */
const char *sc_param_family(int call, size_t param);

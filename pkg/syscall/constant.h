/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the kernel's interface by name: AF_UNIX, CLONE_NEWUSER, TIOCSTI, … */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "syscall/abi.h"

/*
 * The value of a constant (`name`, `len` bytes) on an ABI. Many flags, ioctl requests and socket options differ:
 * O_DIRECT between x86 and ARM, SOCK_STREAM on mips, FS_IOC_SETFLAGS between 32 and 64 bits. A value is negative where
 * the header's is (AT_FDCWD is -100).
 * Returns 0, -ENOENT if no ABI has a constant of that name, or -ENODATA if this one does not.
 * Source: data/constants.tsv.
 */
int sc_constant_find(const char *name, size_t len, const struct sc_abi *abi, int64_t *ret_value);

/* All constants, sorted by name. */
size_t sc_constant_count(void);
const char *sc_constant_name(size_t i);

/* What the constants of one parameter have in common: "AF", "CLONE", "ioctl". See sc_param_family(). */
const char *sc_constant_family(size_t i);

/* The value of the i-th constant on an ABI. Returns 0, or -ENODATA as sc_constant_find() does. */
int sc_constant_value(size_t i, const struct sc_abi *abi, int64_t *ret_value);

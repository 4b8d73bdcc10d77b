/* SPDX-License-Identifier: Apache-2.0 */
/* Names of capabilities and errno values. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of capabilities: bit n is capability n (linux/capability.h). */
typedef uint64_t sc_caps;

/* How many capabilities there are; each is known by its number. */
unsigned sc_cap_count(void);

/* "CAP_SYS_ADMIN" for 21. */
const char *sc_cap_name(unsigned cap);

/* By name, with or without "CAP_", in any case; -1 if there is none. */
int sc_cap_find(const char *name, size_t len);

/* All capabilities, and the fourteen that Docker gives a container by default. */
sc_caps sc_caps_all(void);
sc_caps sc_caps_docker(void);

#define SC_ERRNO_MAX 4094 /* libseccomp refuses more; the kernel caps at 4095 */

/* "ENOSYS" for 38; NULL if the number has no name. The numbers are the generic ones, as on x86 and ARM. */
const char *sc_errno_name(unsigned number);

/* 38 for "ENOSYS"; -1 if there is no such name. Synonyms (EWOULDBLOCK, EDEADLOCK, ENOTSUP) are understood. */
int sc_errno_find(const char *name, size_t len);

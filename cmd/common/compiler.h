/* SPDX-License-Identifier: Apache-2.0 */
/* libseccomp in a child process with limits of time and memory: rules that somebody wrote can make it hang. */
#pragma once

#include "bpf/scmp.h"

#define COMPILE_SECONDS_MAX 20                     /* of processor time, and of the clock */
#define COMPILE_MEMORY_MAX ((size_t)2 << 30) /* bytes of address space */

/* A compiler that runs sc_scmp_compile() in a child; -ETIMEDOUT when a limit was hit. */
struct sc_scmp_compiler compiler_in_child(void);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a line of the kernel's audit log or of strace says about one system call.
 * Sources: kernel/auditsc.c (audit_seccomp), as auditd, ausearch -i, dmesg and journalctl show it; strace(1).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syscall/abi.h"

#define SC_RECORD_LINE_MAX 65536 /* bytes of a line */

struct sc_record {
        const struct sc_abi *abi;
        int call;         /* -1: the ABI has no call of that number */
        uint32_t nr;      /* as the kernel sees it */
        uint64_t args[6]; /* by register */
        unsigned known;   /* bit n: args[n] is known; the audit log has none */
        bool answered;    /* it says what a filter answered */
        uint32_t action;  /* then: SECCOMP_RET_*, without its data unless `errno_known` */
        bool errno_known; /* an errno: strace tells it, and a filter or the kernel itself may have answered so */
};

/*
 * Reads a line: a SECCOMP record (type=1326) in any of these forms, or a call as strace prints it, with a pid and a
 * time in front or without. strace does not say the ABI: `assumed` is taken. Returns 0, or -EINVAL with the reason in
 * *ret_why, in plain words: not such a line, half of a call (<unfinished ...>, resumed), an ABI or call that nobody
 * knows.
 */
int sc_record_line(const char *text, size_t len, const struct sc_abi *assumed, struct sc_record *ret_record,
                   const char **ret_why);

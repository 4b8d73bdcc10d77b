/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on arguments: what they mean on each ABI, as rows. */
#include <errno.h>

#include "policy.h"

#define K61 SC_KERNEL(6, 1)

static const struct sc_abi *abi_of(const char *name)
{
        return sc_abi_find(name, strlen(name));
}

/* Where the condition holds the call is allowed; `args` are the six registers as a filter sees them. */
struct row {
        const char *when;
        const char *call;
        const char *abi;
        uint64_t args[6];
        bool holds;
};

#define HIGH(n) ((uint64_t)(n) << 32)

static const struct row rows[] = {
        /* every comparison, at its bounds, on the 32 bits that the kernel looks at */
        { "family == AF_ALG", "socket", "x86_64", { 38 }, true },
        { "family == AF_ALG", "socket", "x86_64", { 39 }, false },
        { "family == AF_ALG", "socket", "x86_64", { HIGH(1) | 38 }, true },
        { "family == AF_VSOCK", "socket", "x86_64", { 0x100000028 }, true },
        { "family == AF_VSOCK", "socket", "x86", { 40 }, true },
        { "family == AF_VSOCK", "socket", "x32", { 0x100000028 }, true },
        { "family == AF_VSOCK", "socket", "aarch64", { 0xffffffff00000028 }, true },
        { "family == AF_VSOCK", "socket", "s390x", { 0x100000028 }, true },
        { "family == AF_VSOCK", "socket", "mips", { 40 }, true },
        { "family == AF_VSOCK", "socket", "mips", { 41 }, false },
        { "family != 40", "socket", "x86_64", { 40 }, false },
        { "family != 40", "socket", "x86_64", { HIGH(7) | 40 }, false },
        { "family != 40", "socket", "x86_64", { 41 }, true },
        { "family < 40", "socket", "x86_64", { 39 }, true },
        { "family < 40", "socket", "x86_64", { 40 }, false },
        { "family < 40", "socket", "x86_64", { HIGH(1) | 39 }, true },
        { "family <= 40", "socket", "x86_64", { 40 }, true },
        { "family <= 40", "socket", "x86_64", { 41 }, false },
        { "family > 40", "socket", "x86_64", { 40 }, false },
        { "family > 40", "socket", "x86_64", { 41 }, true },
        { "family > 40", "socket", "x86_64", { HIGH(1) }, false },
        { "family >= 40", "socket", "x86_64", { 40 }, true },
        { "family >= 40", "socket", "x86_64", { 39 }, false },
        { "family >= 40", "socket", "x86_64", { 0xffffffff }, true },
        /* without sign */
        { "family < 40", "socket", "x86_64", { 0xffffffffffffffff }, false },
        { "family == -1", "socket", "x86_64", { 0xffffffff }, true },
        { "family == -1", "socket", "x86_64", { 0xffffffffffffffff }, true },
        { "family == -1", "socket", "mips", { 0xffffffffffffffff }, true },
        { "family == -1", "socket", "x86_64", { 0xfffffffe }, false },
        { "family in {-2..-1, 3}", "socket", "x86_64", { 0xfffffffe }, true },
        { "family in {-2..-1, 3}", "socket", "x86_64", { 0xfffffffd }, false },
        { "family not in {-1}", "socket", "x86_64", { 0xffffffff }, false },
        { "dfd == AT_FDCWD", "openat", "x86_64", { 0xffffff9c }, true },
        { "dfd == AT_FDCWD", "openat", "x86_64", { 0xffffffffffffff9c }, true },
        { "dfd == AT_FDCWD", "openat", "x86_64", { 0xffffff9b }, false },
        { "dfd != AT_FDCWD", "openat", "aarch64", { 0xffffff9c }, false },
        { "start == -1", "mprotect", "x86_64", { 0xffffffffffffffff }, true },
        { "start == -1", "mprotect", "x86_64", { 0xffffffff }, false },
        { "start == -1", "mprotect", "x86", { 0xffffffff }, true },
        /* the value on the left */
        { "40 == family", "socket", "x86_64", { 40 }, true },
        { "40 > family", "socket", "x86_64", { 39 }, true },
        { "40 > family", "socket", "x86_64", { 40 }, false },
        { "40 >= family", "socket", "x86_64", { 40 }, true },
        { "40 < family", "socket", "x86_64", { 41 }, true },
        { "40 <= family", "socket", "x86_64", { 40 }, true },
        { "40 != family", "socket", "x86_64", { 40 }, false },
        { "AF_INET == family", "socket", "x86_64", { 2 }, true },
        { "10 <= arg1 && arg1 < 20", "socket", "x86_64", { 0, 10 }, true },
        { "10 <= arg1 && arg1 < 20", "socket", "x86_64", { 0, 19 }, true },
        { "10 <= arg1 && arg1 < 20", "socket", "x86_64", { 0, 20 }, false },
        { "10 <= arg1 && arg1 < 20", "socket", "x86_64", { 0, 9 }, false },
        /* numbers */
        { "family == 0x26", "socket", "x86_64", { 38 }, true },
        { "family == 046", "socket", "x86_64", { 38 }, true },
        { "family == 0o46", "socket", "x86_64", { 38 }, true },
        { "family == 0", "socket", "x86_64", { 0 }, true },
        { "family == 0xFFFFFFFF", "socket", "x86_64", { 0xffffffff }, true },
        { "len == 18446744073709551615", "mprotect", "x86_64", { 0, 0xffffffffffffffff }, true },
        { "len == 0xffffffffffffffff", "mprotect", "x86_64", { 0, 0xfffffffffffffffe }, false },
        { "family == (AF_UNIX | 4)", "socket", "x86_64", { 5 }, true },
        { "family == AF_UNIX | 4", "socket", "x86_64", { 5 }, true },
        { "family == ~0xfffffff0", "socket", "x86_64", { 15 }, true },
        { "family == ~(1 | 2) & 7", "socket", "x86_64", { 4 }, true },
        { "family == (7 & 12)", "socket", "x86_64", { 4 }, true },
        { "family == ~0", "socket", "x86_64", { 0xffffffff }, true },
        { "len == ~0", "mprotect", "x86_64", { 0, 0xffffffffffffffff }, true },
        { "len == ~0", "mprotect", "x86", { 0, 0xffffffff }, true },
        { "family < ~0xff", "socket", "x86_64", { 0xfffffeff }, true },
        { "family < ~0xff", "socket", "x86_64", { 0xffffff00 }, false },
        { "family == -(-3)", "socket", "x86_64", { 3 }, true },
        { "family == ~-4", "socket", "x86_64", { 3 }, true },
        /* sets */
        { "family in {AF_UNIX, AF_INET, AF_INET6}", "socket", "x86_64", { 10 }, true },
        { "family in {AF_UNIX, AF_INET, AF_INET6}", "socket", "x86_64", { 3 }, false },
        { "family in {AF_UNIX, AF_INET, AF_INET6}", "socket", "x86_64", { HIGH(1) | 1 }, true },
        { "family not in {AF_ALG, AF_VSOCK}", "socket", "x86_64", { 38 }, false },
        { "family not in {AF_ALG, AF_VSOCK}", "socket", "x86_64", { 39 }, true },
        { "family not in {AF_ALG, AF_VSOCK}", "socket", "x86_64", { 0x100000028 }, false },
        { "family not in {AF_ALG, AF_VSOCK}", "socket", "mips", { 40 }, false },
        { "family in {3..7}", "socket", "x86_64", { 3 }, true },
        { "family in {3..7}", "socket", "x86_64", { 7 }, true },
        { "family in {3..7}", "socket", "x86_64", { 8 }, false },
        { "family in {3..7}", "socket", "x86_64", { 2 }, false },
        { "family in {3..7,9, 0x20 .. 0x2f}", "socket", "x86_64", { 9 }, true },
        { "family in {3..7,9, 0x20 .. 0x2f}", "socket", "x86_64", { 0x2f }, true },
        { "family in {3..7,9, 0x20 .. 0x2f}", "socket", "x86_64", { 8 }, false },
        { "family in {3..7,9, 0x20 .. 0x2f}", "socket", "x86_64", { 0x30 }, false },
        { "family in {AF_UNIX..AF_INET6}", "socket", "x86_64", { 5 }, true },
        { "family not in {3..7}", "socket", "x86_64", { 5 }, false },
        { "family not in {3..7}", "socket", "x86_64", { 8 }, true },
        { "family in {5..5}", "socket", "x86_64", { 5 }, true },
        { "family in {0xfffffff0..0xffffffff}", "socket", "x86_64", { 0xfffffff0 }, true },
        { "family in {0xfffffff0..0xffffffff}", "socket", "x86_64", { HIGH(1) }, false },
        { "family in {(1 | 4), 9}", "socket", "x86_64", { 5 }, true },
        { "!(family in {3..7})", "socket", "x86_64", { 5 }, false },
        /* masks */
        { "clone_flags & CLONE_NEWUSER", "clone", "x86_64", { 0x10000000 }, true },
        { "clone_flags & CLONE_NEWUSER", "clone", "x86_64", { 0x20000000 }, false },
        { "clone_flags & CLONE_NEWUSER", "clone", "x86_64", { HIGH(0x10000000) }, false },
        { "clone_flags & (CLONE_NEWUSER | CLONE_NEWNS)", "clone", "x86_64", { 0x20000 }, true },
        { "clone_flags & (CLONE_NEWUSER | CLONE_NEWNS)", "clone", "x86_64", { 0x11 }, false },
        { "!(clone_flags & (CLONE_NEWUSER | CLONE_NEWNS))", "clone", "x86_64", { 0x11 }, true },
        { "!clone_flags & CLONE_NEWUSER", "clone", "x86_64", { 0x11 }, true },
        { "clone_flags & CLONE_NEWUSER == 0", "clone", "x86_64", { 0x10000000 }, false },
        { "clone_flags & CLONE_NEWUSER == 0", "clone", "x86_64", { 1 }, true },
        { "(clone_flags & CLONE_NEWUSER) == 0", "clone", "x86_64", { 1 }, true },
        { "CLONE_NEWUSER & clone_flags", "clone", "x86_64", { 0x10000000 }, true },
        { "0 != CLONE_NEWUSER & clone_flags", "clone", "x86_64", { 0x10000000 }, true },
        { "prot & (PROT_WRITE|PROT_EXEC) != (PROT_WRITE|PROT_EXEC)", "mprotect", "x86_64", { 0, 0, 6 }, false },
        { "prot & (PROT_WRITE|PROT_EXEC) != (PROT_WRITE|PROT_EXEC)", "mprotect", "x86_64", { 0, 0, 7 }, false },
        { "prot & (PROT_WRITE|PROT_EXEC) != (PROT_WRITE|PROT_EXEC)", "mprotect", "x86_64", { 0, 0, 5 }, true },
        { "prot & (PROT_WRITE|PROT_EXEC) != PROT_WRITE|PROT_EXEC", "mprotect", "x86", { 0, 0, 7 }, false },
        { "prot & PROT_EXEC && prot & PROT_WRITE", "mprotect", "x86_64", { 0, 0, 6 }, true },
        { "prot & PROT_EXEC && prot & PROT_WRITE", "mprotect", "x86_64", { 0, 0, 4 }, false },
        { "type & 0xf == 2", "socket", "x86_64", { 0, 0x80002 }, true },
        { "type & 0xf == 2", "socket", "x86_64", { 0, 0x80003 }, false },
        { "type & 0xf in {1..3}", "socket", "x86_64", { 0, 0x80003 }, true },
        { "type & 0xf in {1..3}", "socket", "x86_64", { 0, 0x80004 }, false },
        { "type & 0xf not in {1, 2}", "socket", "x86_64", { 0, 0x81 }, false },
        { "type & 0xf < 3", "socket", "x86_64", { 0, 0xf2 }, true },
        { "type & 0xf < 3", "socket", "x86_64", { 0, 0xf3 }, false },
        { "type & 0xf0 > 0x20", "socket", "x86_64", { 0, 0x2f }, false },
        { "type & 0xf0 > 0x20", "socket", "x86_64", { 0, 0x30 }, true },
        { "type & 0xf0 >= 0x21", "socket", "x86_64", { 0, 0x2f }, false },
        { "type & 0xf0 <= 0x21", "socket", "x86_64", { 0, 0x2f }, true },
        { "type & 0xff & 0x3c == 4", "socket", "x86_64", { 0, 0xc7 }, true },
        { "type & ~3 == 0", "socket", "x86_64", { 0, 3 }, true },
        { "type & ~3 == 0", "socket", "x86_64", { 0, HIGH(1) | 3 }, true },
        { "type & ~3 == 0", "socket", "x86_64", { 0, 4 }, false },
        { "type & ~3", "socket", "mips", { 0, 4 }, true },
        { "start & ~0xfff", "mprotect", "x86_64", { HIGH(1) }, true },
        { "start & ~0xfff", "mprotect", "x86_64", { 0xfff }, false },
        { "start & -4096 == 0", "mprotect", "x86_64", { HIGH(1) }, false },
        /* positions, and whole registers */
        { "arg0 == 40", "socket", "x86_64", { 0x100000028 }, true },
        { "arg0:64 == 40", "socket", "x86_64", { 0x100000028 }, false },
        { "arg0:64 == 40", "socket", "x86_64", { 40 }, true },
        { "arg0:64 == 0x100000028", "socket", "x86_64", { 0x100000028 }, true },
        { "arg0:64 > 0xffffffff", "socket", "x86_64", { HIGH(1) }, true },
        { "arg0:64 > 0xffffffff", "socket", "x86_64", { 0xffffffff }, false },
        { "arg0:64 == -1", "socket", "x86_64", { 0xffffffffffffffff }, true },
        { "arg0:64 == -1", "socket", "x86_64", { 0xffffffff }, false },
        { "arg0:64 & 0xffffffff00000000", "socket", "x32", { HIGH(1) }, true },
        { "arg1 == 7", "prctl", "x86_64", { 0, 7 }, true },
        { "arg1 == 7", "prctl", "x86_64", { 0, 0, 7 }, false },
        { "arg1 == 7", "prctl", "x86_64", { 0, HIGH(1) | 7 }, false },
        { "arg1 == 7", "prctl", "x86", { 0, 7 }, true },
        { "option == 22", "prctl", "x86_64", { HIGH(5) | 22 }, true },
        { "arg5 == 7", "socket", "x86_64", { 0, 0, 0, 0, 0, 7 }, true },
        { "arg5 == 7", "socket", "x86_64", { 0, 0, 0, 0, 0, HIGH(1) | 7 }, false },
        { "arg5 == 7", "socket", "x86", { 0, 0, 0, 0, 0, 7 }, true },
        { "arg0 & CLONE_NEWUSER", "clone", "s390x", { 0x10000000 }, true },
        { "arg0 & CLONE_NEWUSER", "clone", "s390x", { 0, 0x10000000 }, false },
        /* the order of parameters */
        { "clone_flags & CLONE_NEWUSER", "clone", "s390x", { 0, 0x10000000 }, true },
        { "clone_flags & CLONE_NEWUSER", "clone", "s390x", { 0x10000000 }, false },
        { "clone_flags & CLONE_NEWUSER", "clone", "s390x", { 0, HIGH(0x10000000) }, false },
        { "clone_flags & CLONE_NEWUSER", "clone", "aarch64", { 0x10000000 }, true },
        { "clone_flags & CLONE_NEWUSER", "clone", "x86", { 0x10000000 }, true },
        { "clone_flags & CLONE_NEWUSER", "clone", "x32", { 0x10000000 }, true },
        { "clone_flags & CLONE_NEWUSER", "clone", "mips", { 0x10000000 }, true },
        { "newsp == 0", "clone", "s390x", { 0, 1 }, true },
        { "newsp == 0", "clone", "x86_64", { 0, 1 }, false },
        /* words: all the bits that the ABI has */
        { "len < 4096", "mprotect", "x86_64", { 0, HIGH(1) }, false },
        { "len < 4096", "mprotect", "x32", { 0, HIGH(1) }, false },
        { "len < 4096", "mprotect", "aarch64", { 0, HIGH(1) | 1 }, false },
        { "len < 4096", "mprotect", "x86", { 0, 4095 }, true },
        { "len < 4096", "mprotect", "mips", { 0, 0xffffffff00000fff }, true },
        { "len >= 12345678901", "mprotect", "x86_64", { 0, 12345678901 }, true },
        { "len >= 12345678901", "mprotect", "x86_64", { 0, 12345678900 }, false },
        { "len >= 12345678901", "mprotect", "s390x", { 0, HIGH(3) }, true },
        { "len in {0x100000000..0x1ffffffff}", "mprotect", "x86_64", { 0, HIGH(1) | 5 }, true },
        { "len in {0x100000000..0x1ffffffff}", "mprotect", "x86_64", { 0, HIGH(2) }, false },
        /* shorter than a register: the kernel drops the rest, and so does the comparison */
        { "mode == 0777", "fchmod", "x86_64", { 0, 0x101ff }, true },
        { "mode & 06000", "fchmod", "x86_64", { 0, 04755 }, true },
        { "mode & 06000", "fchmod", "aarch64", { 0, 0x10000 }, false },
        /* two registers: the low half first on x86, the high one on mips */
        { "offset == 0x200000001", "fallocate", "x86", { 0, 0, 1, 2 }, true },
        { "offset == 0x200000001", "fallocate", "x86", { 0, 0, 2, 1 }, false },
        { "offset == 0x200000001", "fallocate", "mips", { 0, 0, 2, 1 }, true },
        { "offset == 0x200000001", "fallocate", "mips", { 0, 0, 1, 2 }, false },
        { "offset == 0x200000001", "fallocate", "x86_64", { 0, 0, 0x200000001 }, true },
        { "offset == 0x200000001", "fallocate", "x32", { 0, 0, 0x200000001 }, true },
        { "offset == 0x200000001", "fallocate", "s390x", { 0, 0, 0x200000001 }, true },
        { "offset != 1", "fallocate", "x86", { 0, 0, 1, 1 }, true },
        { "offset != 1", "fallocate", "x86", { 0, 0, 1, 0 }, false },
        { "offset > 0x100000005", "fallocate", "x86", { 0, 0, 5, 1 }, false },
        { "offset > 0x100000005", "fallocate", "x86", { 0, 0, 6, 1 }, true },
        { "offset > 0x100000005", "fallocate", "x86", { 0, 0, 0, 2 }, true },
        { "offset > 0x100000005", "fallocate", "x86", { 0, 0, 0xffffffff, 0 }, false },
        { "offset >= 0x100000005", "fallocate", "mips", { 0, 0, 1, 5 }, true },
        { "offset >= 0x100000005", "fallocate", "mips", { 0, 0, 1, 4 }, false },
        { "offset < 0x100000005", "fallocate", "mips", { 0, 0, 0, 0xffffffff }, true },
        { "offset < 0x100000005", "fallocate", "mips", { 0, 0, 2, 0 }, false },
        { "offset <= 0x1ffffffff", "fallocate", "x86", { 0, 0, 0xffffffff, 1 }, true },
        { "offset <= 0x1ffffffff", "fallocate", "x86", { 0, 0, 0, 2 }, false },
        { "offset in {5..0x300000003}", "fallocate", "x86", { 0, 0, 4, 0 }, false },
        { "offset in {5..0x300000003}", "fallocate", "x86", { 0, 0, 4, 3 }, false },
        { "offset in {5..0x300000003}", "fallocate", "x86", { 0, 0, 4, 2 }, true },
        { "offset & 0x100000001", "fallocate", "x86", { 0, 0, 0, 1 }, true },
        { "offset & 0x100000001", "fallocate", "x86", { 0, 0, 2, 2 }, false },
        { "offset & 0x100000001 == 1", "fallocate", "x86", { 0, 0, 3, 2 }, true },
        { "offset & 0x100000001 == 1", "fallocate", "x86", { 0, 0, 1, 1 }, false },
        { "len == 7", "fallocate", "x86", { 0, 0, 0, 0, 7 }, true },
        { "len == 7", "fallocate", "mips", { 0, 0, 0, 0, 0, 7 }, true },
        { "len == 7", "fallocate", "x86_64", { 0, 0, 0, 7 }, true },
        { "len == 7", "fallocate", "mips", { 0, 0, 0, 0, 0, HIGH(9) | 7 }, true },
        { "pos == 7", "pread64", "mips", { 0, 0, 0, 9, 0, 7 }, true },
        { "pos == 7", "pread64", "mips", { 0, 0, 0, 0, 7 }, false },
        { "pos == 7", "pread64", "x86", { 0, 0, 0, 7 }, true },
        { "mask == 1", "fanotify_mark", "x86", { 0, 0, 1 }, true },
        { "dfd == 5", "fanotify_mark", "x86", { 0, 0, 0, 0, 5 }, true },
        { "dfd == 5", "fanotify_mark", "x86_64", { 0, 0, 0, 5 }, true },
        /* constants that differ by ABI */
        { "flags & O_CREAT", "openat", "x86_64", { 0, 0, 0x40 }, true },
        { "flags & O_CREAT", "openat", "mips", { 0, 0, 0x40 }, false },
        { "flags & O_CREAT", "openat", "mips", { 0, 0, 0x100 }, true },
        /* pointers */
        { "filename == 0", "openat", "x86_64", { 0, 0 }, true },
        { "filename != 0", "openat", "x86_64", { 0, HIGH(1) }, true },
        /* together with the environment */
        { "family == AF_ALG && arch == x86_64", "socket", "x86_64", { 38 }, true },
        { "arch == x86 || family == AF_ALG", "socket", "x86_64", { 37 }, false },
        { "arch == x86 || family == AF_ALG", "socket", "x86", { 37 }, true },
        { "CAP_BPF || family == AF_ALG", "socket", "x86_64", { 38 }, true },
        { "CAP_BPF && family == AF_ALG", "socket", "x86_64", { 38 }, false },
        { "!CAP_BPF && !(family == 1 || type == 2)", "socket", "x86_64", { 1, 1 }, false },
        { "!CAP_BPF && !(family == 1 || type == 2)", "socket", "x86_64", { 2, 1 }, true },
        { "kernel >= 5.8 && 3 < family", "socket", "x86_64", { 4 }, true },
        { "5.8 > kernel || (family == 3 && (type == 1))", "socket", "x86_64", { 3, 1 }, true },
        { "family == 1 || family == 2 && type == 3", "socket", "x86_64", { 1, 0 }, true },
        { "(family == 1 || family == 2) && type == 3", "socket", "x86_64", { 1, 0 }, false },
        /* what cannot be seen on an ABI does not matter where the condition does not come to it */
        { "arch == x86_64 && prot & PROT_EXEC", "mmap", "x86", { 0, 0, 4 }, false },
};

static bool holds(const struct loaded *l, const char *call, const char *abi, const uint64_t args[6])
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct sc_input input = { .words = { [SC_WORD_KERNEL] = K61 } };
        int index = sc_syscall_find(call, strlen(call));
        const struct sc_rule *rule;
        sc_node node = sc_policy_call(l->policy, d, abi_of(abi), index);
        bool allowed;

        memcpy(&input.words[SC_WORD_ARG0], args, 6 * sizeof(*args));
        allowed = sc_decision_eval(d, node, &input) == 0x7fff0000;
        rule = sc_policy_rule(l->policy, d, abi_of(abi), index, &input);
        test_check(!sc_decisions_error(d) && (rule != NULL) == allowed, __FILE__, __LINE__, "the rule agrees");
        return allowed;
}

static void test_rows(void)
{
        CHECK(SC_COUNT(rows) >= 150);
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                const struct row *row = &rows[i];
                struct loaded l;
                char text[400], what[500];

                /* x86_64 stands beside so that a condition on `arch` has something to choose from */
                snprintf(text, sizeof(text),
                         "{ 'architectures': ['%s'%s], 'rules': [{ 'allow': ['%s'], 'when': '%s' }] }", row->abi,
                         strstr(row->when, "arch") ? strcmp(row->abi, "x86_64") ? ", 'x86_64'" : ", 'x86'" : "",
                         row->call, row->when);
                l = load("test.jsonc", text, NULL);
                snprintf(what, sizeof(what), "%s %s(%" PRIx64 ", %" PRIx64 ", %" PRIx64 ", …): %s", row->abi,
                         row->call, row->args[0], row->args[1], row->args[2], row->when);
                if (!test_check(l.r == 0 && holds(&l, row->call, row->abi, row->args) == row->holds, __FILE__,
                                __LINE__, what))
                        print_diags(&l);
                done(&l);
        }
}

/* What policies with several such rules answer. */
struct answer {
        const char *call;
        const char *abi;
        uint64_t args[6];
        const char *action;
        const char *caps; /* NULL: none */
};

static void check_answers(const char *text, const struct sc_policy_options *options, const struct answer *wanted)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct loaded l = load("test.jsonc", text, options);

        if (!CHECK_INT(l.r, 0))
                print_diags(&l);
        for (const struct answer *row = wanted; l.r == 0 && row->call; row++) {
                struct sc_input input = { .words = { [SC_WORD_KERNEL] = K61 } };
                int call = sc_syscall_find(row->call, strlen(row->call));
                struct sc_strbuf got = SC_STRBUF_INIT;
                const struct sc_rule *rule;
                sc_action action;
                char what[200];

                if (row->caps)
                        input.words[SC_WORD_CAPS] = UINT64_C(1) << sc_cap_find(row->caps, strlen(row->caps));
                memcpy(&input.words[SC_WORD_ARG0], row->args, sizeof(row->args));
                action = sc_decision_eval(d, sc_policy_call(l.policy, d, abi_of(row->abi), call), &input);
                sc_action_format(action, &got);
                snprintf(what, sizeof(what), "%s %s(%" PRIx64 ", %" PRIx64 ", …), %s", row->abi, row->call,
                         row->args[0], row->args[1], row->caps ? row->caps : "none");
                if (!test_check_str(got.text, row->action, __FILE__, __LINE__, what))
                        printf("# %s\n", text);
                sc_strbuf_done(&got);
                rule = sc_policy_rule(l.policy, d, abi_of(row->abi), call, &input);
                if (rule && !rule->falls_back)
                        CHECK_INT(rule->action, action);
        }
        done(&l);
}

#define ANSWERS(...) ((const struct answer[]){ __VA_ARGS__, { 0 } })
#define BOTH "'architectures': ['x86_64', 'x86'], "

static void test_order(void)
{
        check_answers("{ " BOTH "'rules': ["
                      " { 'kill': ['socket'], 'when': 'family == AF_ALG && CAP_NET_ADMIN' },"
                      " { 'deny': ['socket'], 'when': 'family not in {AF_UNIX, AF_INET}', 'with': 'errno:EACCES' },"
                      " { 'log': ['socket'], 'when': 'type & 0xf == 3' },"
                      " { 'allow': ['socket', 'socketpair'] } ] }", NULL, ANSWERS(
                { "socket", "x86_64", { 38 }, "kill", "CAP_NET_ADMIN" },
                { "socket", "x86_64", { 38 }, "errno:EACCES", NULL },
                { "socket", "x86_64", { HIGH(1) | 38 }, "errno:EACCES", NULL },
                { "socket", "x86_64", { 1, 3 }, "log", NULL },
                { "socket", "x86_64", { 1, 1 }, "allow", NULL },
                { "socket", "x86_64", { 38, 3 }, "errno:EACCES", NULL },
                { "socket", "x86", { 2, 3 }, "log", NULL },
                { "socketpair", "x86", { 38, 3 }, "allow", NULL }));
        /* where no rule holds, the ends answer */
        check_answers("{ " BOTH "'baseline': '5.5', 'default': 'errno:EACCES', 'rules': ["
                      " { 'allow': ['clone'], 'when': '!(clone_flags & CLONE_NEWUSER)' },"
                      " { 'allow': ['openat2'], 'when': 'dfd == AT_FDCWD' } ] }", NULL, ANSWERS(
                { "clone", "x86_64", { 0x11 }, "allow", NULL },
                { "clone", "x86_64", { 0x10000011 }, "errno:EACCES", NULL },
                { "openat2", "x86_64", { 0xffffff9c }, "allow", NULL },
                { "openat2", "x86_64", { 3 }, "errno:ENOSYS", NULL }));
        /* a plain deny falls back call by call, argument by argument */
        check_answers("{ " BOTH "'default': 'allow', 'rules': ["
                      " { 'deny': ['statx', 'openat'], 'when': 'dfd != AT_FDCWD' } ] }", NULL, ANSWERS(
                { "statx", "x86_64", { 3 }, "errno:ENOSYS", NULL },
                { "openat", "x86_64", { 3 }, "errno:EPERM", NULL },
                { "statx", "x86", { 0xffffff9c }, "allow", NULL }));
}

static void test_multiplexers(void)
{
        const struct sc_policy_options complain = { .complain = true };
        const char *text = "{ " BOTH "'rules': [ { 'deny': ['socket'], 'when': 'family == AF_ALG' },"
                           " { 'allow': ['@network-io'] } ] }";

        /* a call that is let through for some arguments only closes what carries it, whatever it is asked for */
        check_answers(text, NULL, ANSWERS(
                { "socketcall", "x86", { 1 }, "errno:EPERM", NULL },
                { "socketcall", "x86", { 3 }, "errno:EPERM", NULL },
                { "socketcall", "x86_64", { 1 }, "allow", NULL },
                { "socket", "x86", { 38 }, "errno:EPERM", NULL },
                { "socket", "x86", { 2 }, "allow", NULL },
                { "connect", "x86", { 2 }, "allow", NULL }));
        check_answers(text, &complain, ANSWERS(
                { "socketcall", "x86", { 1 }, "log", NULL },
                { "socket", "x86", { 38 }, "log", NULL },
                { "socket", "x86", { 2 }, "allow", NULL }));
        /* in the environments where it does */
        check_answers("{ " BOTH "'rules': [ { 'deny': ['socket'], 'when': 'family == AF_ALG && !CAP_NET_ADMIN' },"
                      " { 'allow': ['@network-io'] } ] }", NULL, ANSWERS(
                { "socketcall", "x86", { 1 }, "errno:EPERM", NULL },
                { "socketcall", "x86", { 1 }, "allow", "CAP_NET_ADMIN" },
                { "socket", "x86", { 38 }, "allow", "CAP_NET_ADMIN" }));
        check_answers("{ " BOTH "'rules': [ { 'deny': ['socket'], 'when': 'family == AF_ALG && arch == x86_64' },"
                      " { 'allow': ['@network-io'] } ] }", NULL, ANSWERS(
                { "socketcall", "x86", { 1 }, "allow", NULL }));
        /* two arguments' ways to the same answer are no condition */
        check_answers("{ " BOTH "'rules': [ { 'allow': ['socket'], 'when': 'family == AF_ALG' },"
                      " { 'allow': ['@network-io'] } ] }", NULL, ANSWERS(
                { "socketcall", "x86", { 1 }, "allow", NULL }));
        /* a call without a number of its own: its condition can be checked nowhere */
        check_answers("{ 'architectures': ['x86'], 'rules': [ { 'deny': ['send'], 'when': 'flags & 1' },"
                      " { 'allow': ['@network-io'] } ] }", NULL, ANSWERS(
                { "socketcall", "x86", { 9 }, "errno:EPERM", NULL }));
        /* its own name decides, with a condition too */
        check_answers("{ " BOTH "'rules': [ { 'deny': ['socket'], 'when': 'family == AF_ALG' },"
                      " { 'allow': ['socketcall'], 'when': 'call in {2..20}' }, { 'allow': ['@network-io'] } ] }",
                      NULL, ANSWERS(
                { "socketcall", "x86", { 3 }, "allow", NULL },
                { "socketcall", "x86", { 1 }, "errno:EPERM", NULL }));
        check_answers("{ 'architectures': ['s390x', 'mips'], 'rules': ["
                      " { 'deny': ['shmget'], 'when': 'size > 4096' }, { 'allow': ['@ipc', '@network-io'] } ] }", NULL,
                      ANSWERS(
                { "ipc", "s390x", { 23 }, "errno:EPERM", NULL },
                { "ipc", "mips", { 23 }, "errno:EPERM", NULL },
                { "socketcall", "s390x", { 1 }, "allow", NULL },
                { "shmget", "s390x", { 0, 4097 }, "errno:EPERM", NULL },
                { "shmget", "mips", { 0, 4096 }, "allow", NULL }));
}

/* The shipped policy that has conditions, where they matter most. */
static void test_docker_default(void)
{
        check_answers("{ 'extends': ['docker-default'] }", NULL, ANSWERS(
                { "socket", "x86_64", { 40 }, "errno:EPERM", NULL },
                { "socket", "x86_64", { 0x100000028 }, "errno:EPERM", NULL },
                { "socket", "x86", { 38 }, "errno:EPERM", NULL },
                { "socket", "s390x", { 38 }, "errno:EPERM", NULL },
                { "socket", "mips", { 10 }, "allow", NULL },
                { "socket", "x86_64", { 1 }, "allow", NULL },
                { "clone", "x86_64", { 0x10000011 }, "errno:EPERM", NULL },
                { "clone", "x86_64", { 0x11 }, "allow", NULL },
                { "clone", "x86_64", { 0x10000011 }, "allow", "CAP_SYS_ADMIN" },
                { "clone", "s390x", { 0x11, 0x10000011 }, "errno:EPERM", NULL },
                { "clone", "s390x", { 0x10000011, 0x11 }, "allow", NULL },
                { "personality", "x86_64", { 0x40000 }, "errno:EPERM", NULL },
                { "personality", "x86_64", { 0xffffffff }, "allow", NULL }));
}

int main(void)
{
        test_rows();
        test_order();
        test_multiplexers();
        test_docker_default();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of calls, where each ABI passes them, and the kernel's constants, row by row. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/util.h"
#include "syscall/constant.h"
#include "syscall/param.h"
#include "syscall/syscall.h"
#include "test.h"

#define S(literal) literal, sizeof(literal) - 1

static const struct sc_abi *abi(const char *name)
{
        return sc_abi_find(name, strlen(name));
}

static int call(const char *name)
{
        return sc_syscall_find(name, strlen(name));
}

/*
 * Where the ABIs pass each parameter of a call, in the order of the declaration: "I/B" is register I with B bits,
 * "L+H" low half in L, high half in H, "*" behind a pointer, "-" nowhere.
 */
static const struct place_row {
        const char *call;
        const char *abi;
        const char *places;
} place_rows[] = {
        /* clone: flags, stack, parent_tid, child_tid, tls */
        { "clone", "x86_64", "0/32 1/64 2/64 3/64 4/64" },
        { "clone", "x32", "0/32 1/64 2/64 3/64 4/64" },
        { "clone", "x86", "0/32 1/32 2/32 4/32 3/32" },
        { "clone", "aarch64", "0/32 1/64 2/64 4/64 3/64" },
        { "clone", "arm", "0/32 1/32 2/32 4/32 3/32" },
        { "clone", "mips", "0/32 1/32 2/32 4/32 3/32" },
        { "clone", "mips64", "0/32 1/64 2/64 4/64 3/64" },
        { "clone", "mipsel64n32", "0/32 1/64 2/64 4/64 3/64" },
        { "clone", "ppc64le", "0/32 1/64 2/64 4/64 3/64" },
        { "clone", "ppc", "0/32 1/32 2/32 4/32 3/32" },
        { "clone", "riscv64", "0/32 1/64 2/64 4/64 3/64" },
        { "clone", "loongarch64", "0/32 1/64 2/64 4/64 3/64" },
        { "clone", "parisc", "0/32 1/32 2/32 4/32 3/32" },
        { "clone", "s390x", "1/32 0/64 2/64 3/64 4/64" },
        { "clone", "s390", "1/32 0/32 2/31 3/31 4/32" },
        { "clone", "m68k", "0/32 1/32 2/32 3/32 4/32" },
        { "clone", "sh", "0/32 1/32 2/32 3/32 4/32" },
        /* pread64: fd, buf, count, pos */
        { "pread64", "x86_64", "0/32 1/64 2/64 3/64" },
        { "pread64", "x32", "0/32 1/64 2/64 3/64" },
        { "pread64", "mips64n32", "0/32 1/64 2/64 3/64" },
        { "pread64", "mips64", "0/32 1/64 2/64 3/64" },
        { "pread64", "x86", "0/32 1/32 2/32 3+4" },
        { "pread64", "arm", "0/32 1/32 2/32 4+5" },
        { "pread64", "mips", "0/32 1/32 2/32 5+4" },
        { "pread64", "mipsel", "0/32 1/32 2/32 4+5" },
        { "pread64", "ppc", "0/32 1/32 2/32 5+4" },
        { "pread64", "s390", "0/32 1/31 2/32 4+3" },
        { "pread64", "m68k", "0/32 1/32 2/32 4+3" },
        { "pread64", "parisc", "0/32 1/32 2/32 4+3" },
        { "pread64", "sh", "0/32 1/32 2/32 4+5" },
        { "pread64", "sheb", "0/32 1/32 2/32 5+4" },
        /* fallocate: fd, mode, offset, len */
        { "fallocate", "aarch64", "0/32 1/32 2/64 3/64" },
        { "fallocate", "x86", "0/32 1/32 2+3 4+5" },
        { "fallocate", "arm", "0/32 1/32 2+3 4+5" },
        { "fallocate", "mips", "0/32 1/32 3+2 5+4" },
        { "fallocate", "s390", "0/32 1/32 3+2 5+4" },
        { "fallocate", "s390x", "0/32 1/32 2/64 3/64" },
        /* fanotify_mark: fd, flags, mask, dfd, pathname */
        { "fanotify_mark", "x86_64", "0/32 1/32 2/64 3/32 4/64" },
        { "fanotify_mark", "x86", "0/32 1/32 2+3 4/32 5/32" },
        { "fanotify_mark", "arm", "0/32 1/32 2+3 4/32 5/32" },
        { "fanotify_mark", "mips", "0/32 1/32 3+2 4/32 5/32" },
        { "fanotify_mark", "s390", "0/32 1/32 3+2 4/32 5/31" },
        /* mmap: addr, len, prot, flags, fd, off */
        { "mmap", "x86_64", "0/64 1/64 2/64 3/64 4/32 5/64" },
        { "mmap", "x32", "0/64 1/64 2/64 3/64 4/32 5/64" },
        { "mmap", "mips", "0/32 1/32 2/32 3/32 4/32 5/32" },
        { "mmap", "ppc64le", "0/64 1/64 2/64 3/64 4/32 5/64" },
        { "mmap", "x86", "* * * * * *" },
        { "mmap", "s390x", "* * * * * *" },
        { "mmap", "s390", "* * * * * *" },
        { "mmap2", "x86", "0/32 1/32 2/32 3/32 4/32 5/32" },
        { "mmap2", "s390", "* * * * * *" },
        { "select", "x86_64", "0/32 1/64 2/64 3/64 4/64" },
        { "select", "x86", "* * * * *" },
        { "select", "ppc", "* * * * *" },
        { "select", "s390x", "0/32 1/64 2/64 3/64 4/64" },
        { "_newselect", "x86", "0/32 1/32 2/32 3/32 4/32" },
        /* sync_file_range: fd, offset, nbytes, flags; sync_file_range2: fd, flags, offset, nbytes */
        { "sync_file_range", "x86_64", "0/32 1/64 2/64 3/32" },
        { "sync_file_range", "x86", "0/32 1+2 3+4 5/32" },
        { "sync_file_range", "mips", "0/32 3+2 5+4 -" },
        { "sync_file_range", "mips64", "0/32 1/64 2/64 3/32" },
        { "sync_file_range", "s390", "0/32 2+1 4+3 5/32" },
        { "sync_file_range2", "ppc64le", "0/32 1/32 2/64 3/64" },
        { "arm_sync_file_range", "arm", "0/32 1/32 2+3 4+5" },
        { "fadvise64", "x86", "0/32 1+2 3/32 4/32" },
        { "fadvise64", "ppc", "0/32 3+2 4/32 5/32" },
        { "fadvise64", "mips", "0/32 3+2 5+4 -" },
        { "fadvise64_64", "x86", "0/32 1+2 3+4 5/32" },
        { "fadvise64_64", "ppc", "0/32 3+2 5+4 1/32" },
        { "fadvise64_64", "s390", "* * * *" },
        { "arm_fadvise64_64", "arm", "0/32 1/32 2+3 4+5" },
        { "readahead", "arm", "0/32 2+3 4/32" },
        { "readahead", "x86", "0/32 1+2 3/32" },
        { "truncate64", "ppc", "0/32 3+2" },
        { "truncate64", "s390", "0/31 2+1" },
        { "lookup_dcookie", "mipsel", "0+1 2/32 3/32" },
        /* preadv2: fd, vec, vlen, pos_l, pos_h, flags; a 64-bit kernel's callers have all of the offset in pos_l */
        { "preadv2", "x86_64", "0/32 1/64 2/32 3/64 - 5/32" },
        { "preadv2", "x86", "0/32 1/32 2/32 3/32 4/32 5/32" },
        { "preadv2", "x32", "0/32 1/64 2/32 3/64 - 4/32" },
        { "preadv2", "mips64n32", "0/32 1/64 2/32 3/32 4/32 5/32" },
        /* widths */
        { "socket", "x86_64", "0/32 1/32 2/32" },
        { "socket", "x86", "0/32 1/32 2/32" },
        { "socket", "s390x", "0/32 1/32 2/32" },
        { "prctl", "x86_64", "0/32 1/64 2/64 3/64 4/64" },
        { "prctl", "x32", "0/32 1/64 2/64 3/64 4/64" },
        { "prctl", "arm", "0/32 1/32 2/32 3/32 4/32" },
        { "ioctl", "x86_64", "0/32 1/32 2/64" },
        { "ioctl", "x32", "0/32 1/32 2/32" },
        { "ioctl", "mips64n32", "0/32 1/32 2/32" },
        { "ioctl", "mips64", "0/32 1/32 2/64" },
        { "ptrace", "x86_64", "0/64 1/32 2/64 3/64" },
        { "ptrace", "x32", "0/32 1/32 2/32 3/32" },
        { "personality", "x86_64", "0/32" },
        { "personality", "ppc64le", "0/32" },
        { "personality", "s390", "0/32" },
        { "openat", "x86_64", "0/32 1/64 2/32 3/16" },
        { "openat", "x32", "0/32 1/64 2/32 3/16" },
        { "openat", "s390", "0/32 1/31 2/32 3/16" },
        { "openat", "mips", "0/32 1/32 2/32 3/16" },
        { "chown", "x86_64", "0/64 1/32 2/32" },
        { "chown", "x86", "0/32 1/16 2/16" },
        { "chown32", "x86", "0/32 1/32 2/32" },
        { "chown", "mips", "0/32 1/32 2/32" },
        { "setresuid", "arm", "0/16 1/16 2/16" },
        { "unshare", "x86_64", "0/64" },
        { "mbind", "x86_64", "0/64 1/64 2/32 3/64 4/64 5/32" },
        { "vmsplice", "x86_64", "0/32 1/64 2/32 3/32" },
        { "move_pages", "x86_64", "0/32 1/64 2/64 3/64 4/64 5/32" },
        { "move_pages", "x32", "0/32 1/32 2/64 3/64 4/64 5/32" },
        { "ipc", "s390x", "0/32 1/32 2/64 3/64 4/64 -" },
        { "ipc", "x86", "0/32 1/32 2/32 3/32 4/32 5/32" },
        { "cacheflush", "arm", "0/32 1/32 2/32" },
        { "cacheflush", "mips", "- - -" },
        { "sigsuspend", "x86", "0/32 1/32 2/32" },
        { "sigsuspend", "ppc", "- - 0/32" },
        { "getpid", "x86_64", "" },
};

static void append_place(char *text, size_t size, const struct sc_param_place *place)
{
        size_t len = strlen(text);

        if (len)
                text[len++] = ' ';
        switch (place->where) {
        case SC_PARAM_HERE:
                snprintf(text + len, size - len, "%u/%u", place->arg, place->bits);
                break;
        case SC_PARAM_SPLIT:
                snprintf(text + len, size - len, "%u+%u", place->arg, place->arg_high);
                break;
        case SC_PARAM_BEHIND:
                snprintf(text + len, size - len, "*");
                break;
        case SC_PARAM_ABSENT:
                snprintf(text + len, size - len, "-");
                break;
        }
}

static void test_places(void)
{
        for (size_t i = 0; i < SC_COUNT(place_rows); i++) {
                const struct place_row *row = &place_rows[i];
                char text[128] = "", got[192], want[192];

                if (!CHECK(call(row->call) >= 0 && abi(row->abi)))
                        continue;
                for (size_t param = 0; param < sc_param_count(call(row->call)); param++) {
                        struct sc_param_place place;

                        if (CHECK_INT(sc_param_locate(call(row->call), param, abi(row->abi), &place), 0))
                                append_place(text, sizeof(text), &place);
                }
                snprintf(got, sizeof(got), "%s %s: %s", row->call, row->abi, text);
                snprintf(want, sizeof(want), "%s %s: %s", row->call, row->abi, row->places);
                CHECK_STR(got, want);
        }
}

/* What holds for each parameter of each call on each ABI; the register's view must agree with the parameter's. */
static bool place_is_sound(int c, size_t param, const struct sc_abi *a)
{
        struct sc_param_place place;
        struct sc_param_register low, high;

        if (sc_param_locate(c, param, a, &place) < 0)
                return false;
        if (place.where == SC_PARAM_BEHIND || place.where == SC_PARAM_ABSENT)
                return true;
        low = sc_param_in_register(c, place.arg, a);
        if (place.arg > 5 || low.param != (int)param || low.bits != place.bits || low.high)
                return false;
        if (place.where == SC_PARAM_HERE)
                return !low.split && place.bits >= 16 && place.bits <= sc_param_at(c, param).bits;
        high = sc_param_in_register(c, place.arg_high, a);
        return low.split && high.split && high.high && high.param == (int)param && place.bits == 32 &&
               place.arg_high <= 5 && a->word_bits == 32;
}

static void test_all_places(void)
{
        unsigned count = 0, bad = 0, calls = 0;

        for (size_t c = 0; c < sc_syscall_count(); c++) {
                calls += sc_param_count((int)c) > 0;
                for (size_t p = 0; p < sc_param_count((int)c); p++)
                        for (size_t a = 0; a < sc_abi_count(); a++, count++) {
                                if (place_is_sound((int)c, p, sc_abi_at(a)))
                                        continue;
                                printf("# %s %s %s\n", sc_syscall_name((int)c), sc_param_at((int)c, p).name,
                                       sc_abi_at(a)->name);
                                bad++;
                        }
        }
        printf("# %u calls with parameters, %u places\n", calls, count);
        CHECK_INT(bad, 0);
        CHECK(calls > 400 && count > 10000);
}

static void test_registers(void)
{
        struct sc_param_register r = sc_param_in_register(call("clone"), 0, abi("s390x"));

        CHECK_INT(r.param, sc_param_find(call("clone"), S("newsp")));
        CHECK_INT(r.bits, 64);
        r = sc_param_in_register(call("pread64"), 3, abi("arm")); /* left out, so that the pair is even */
        CHECK_INT(r.param, -1);
        CHECK_INT(r.bits, 32);
        r = sc_param_in_register(call("pread64"), 4, abi("mips"));
        CHECK_INT(r.param, 3);
        CHECK(r.split && r.high);
        CHECK_INT(r.bits, 32);
        r = sc_param_in_register(call("mmap"), 2, abi("s390x"));
        CHECK_INT(r.param, -1);
        r = sc_param_in_register(call("getpid"), 5, abi("x32"));
        CHECK_INT(r.param, -1);
        CHECK_INT(r.bits, 64);
        r = sc_param_in_register(call("chmod"), 1, abi("x86_64"));
        CHECK_INT(r.bits, 16);
}

static void test_names(void)
{
        int clone = call("clone"), prctl_call = call("prctl");
        struct sc_param_place place = { .arg = 77 };

        CHECK_INT(sc_param_count(clone), 5);
        CHECK_STR(sc_param_at(clone, 0).name, "clone_flags");
        CHECK_STR(sc_param_at(clone, 0).type, "unsigned long");
        CHECK_INT(sc_param_at(clone, 0).kind, SC_PARAM_WORD);
        CHECK_INT(sc_param_at(clone, 0).bits, 32);
        CHECK_INT(sc_param_find(clone, S("tls")), 4);
        CHECK_INT(sc_param_find(clone, S("tl")), -1);
        CHECK_INT(sc_param_find(clone, S("tls ")), -1);
        CHECK_INT(sc_param_find(clone, S("")), -1);
        CHECK_INT(sc_param_find(prctl_call, S("option")), 0);
        CHECK_STR(sc_param_at(prctl_call, 1).name, "arg2");
        CHECK_INT(sc_param_find(prctl_call, S("arg2")), -1); /* a position in the language */
        CHECK_INT(sc_param_find(call("ioctl"), S("arg")), 2);
        CHECK_INT(sc_param_at(call("open"), 0).kind, SC_PARAM_POINTER);
        CHECK_INT(sc_param_at(call("pread64"), 3).kind, SC_PARAM_64);
        CHECK_INT(sc_param_at(call("open"), 2).kind, SC_PARAM_INT);
        CHECK_INT(sc_param_count(call("getpid")), 0);
        CHECK_INT(sc_param_count(call("afs_syscall")), 0);
        CHECK_INT(sc_param_find(call("setresuid32"), S("euid")), 1); /* as setresuid */
        CHECK_INT(sc_param_locate(clone, 5, abi("x86_64"), &place), -EINVAL);
        CHECK_INT(place.arg, 77);
}

static const struct family_row {
        const char *call, *param, *family;
} family_rows[] = {
        { "socket", "family", "AF" },     { "socket", "type", "SOCK" },       { "clone", "clone_flags", "CLONE" },
        { "mmap", "prot", "PROT" },       { "mmap2", "flags", "MAP" },        { "ioctl", "cmd", "ioctl" },
        { "prctl", "option", "PR" },      { "personality", "personality", "PER" },
        { "openat", "flags", "O" },       { "openat", "mode", "S" },          { "unshare", "unshare_flags", "CLONE" },
        { "futex_time64", "op", "FUTEX" }, { "read", "count", NULL },
};

static void test_families(void)
{
        size_t used = 0, known = 0;

        for (size_t i = 0; i < SC_COUNT(family_rows); i++) {
                int c = call(family_rows[i].call);
                int p = sc_param_find(c, family_rows[i].param, strlen(family_rows[i].param));

                if (CHECK(p >= 0))
                        CHECK_STR(sc_param_family(c, (size_t)p), family_rows[i].family);
        }
        for (size_t i = 0; i < sc_constant_count(); i++)
                known += !strcmp(sc_constant_family(i), "AF");
        for (size_t c = 0; c < sc_syscall_count(); c++)
                for (size_t p = 0; p < sc_param_count((int)c); p++)
                        used += sc_param_family((int)c, p) != NULL;
        CHECK(known > 40);
        CHECK(used > 150);
}

/* By ABI, from the headers of each (see constants.tsv); those of this machine are test/tools/constants-check's. */
static const struct constant_row {
        const char *name;
        const char *abi;
        int ret;
        int64_t value;
} constant_rows[] = {
#define HERE(name) { #name, "x86_64", 0, (int64_t)(name) }
#ifdef __x86_64__
        HERE(AF_VSOCK), HERE(SOCK_STREAM), HERE(SOCK_CLOEXEC), HERE(CLONE_NEWUSER), HERE(CLONE_IO), HERE(PROT_EXEC),
        HERE(MAP_ANONYMOUS), HERE(PR_SET_SECCOMP), HERE(TIOCSTI), HERE(O_DIRECTORY), HERE(AT_FDCWD),
        HERE(READ_IMPLIES_EXEC), HERE(UNAME26), HERE(MSG_CMSG_CLOEXEC),
#endif
#undef HERE
        { "SOCK_STREAM", "mips", 0, 2 },
        { "SOCK_STREAM", "mipsel64n32", 0, 2 },
        { "SOCK_DGRAM", "mips64", 0, 1 },
        { "SOCK_NONBLOCK", "x86_64", 0, 0x800 },
        { "SOCK_NONBLOCK", "mips", 0, 0x80 },
        { "O_DIRECTORY", "x86_64", 0, 0x10000 },
        { "O_DIRECTORY", "aarch64", 0, 0x4000 },
        { "O_DIRECTORY", "ppc64le", 0, 0x4000 },
        { "MAP_ANONYMOUS", "mips64", 0, 0x800 },
        { "SOL_SOCKET", "mips", 0, 0xffff },
        { "SOL_SOCKET", "s390x", 0, 1 },
        { "SIGCHLD", "mips", 0, 18 },
        { "SIGCHLD", "arm", 0, 17 },
        { "TIOCSTI", "ppc64le", 0, 0x5412 },
        { "TIOCSTI", "mips", 0, 0x5472 },
        { "TIOCLINUX", "aarch64", 0, 0x541c },
        { "TCGETS", "ppc64le", 0, 0x402c7413 },
        { "FS_IOC_SETFLAGS", "x86_64", 0, 0x40086602 },
        { "FS_IOC_SETFLAGS", "x86", 0, 0x40046602 },
        { "FS_IOC_SETFLAGS", "x32", 0, 0x40046602 },
        { "FS_IOC_SETFLAGS", "mips64", 0, 0x80086602 },
        { "FS_IOC_SETFLAGS", "mips", 0, 0x80046602 },
        { "FS_IOC_SETFLAGS", "ppc64le", 0, 0x80086602 },
        { "FS_IOC_SETFLAGS", "s390", 0, 0x40046602 },
        { "ARCH_SET_FS", "x86", 0, 0x1002 },
        { "ARCH_SET_FS", "aarch64", -ENODATA, 0 },
        { "MAP_32BIT", "x86_64", 0, 0x40 },
        { "MAP_32BIT", "s390x", -ENODATA, 0 },
        { "PROT_BTI", "aarch64", 0, 0x10 },
        { "PROT_BTI", "x86_64", -ENODATA, 0 },
        { "POSIX_FADV_DONTNEED", "s390x", 0, 6 },
        { "POSIX_FADV_DONTNEED", "s390", 0, 4 },
        { "CLONE_CLEAR_SIGHAND", "x86_64", 0, INT64_C(0x100000000) },
        { "RLIMIT_NOFILE", "mips", 0, 5 },
        { "SYS_SOCKET", "x86", 0, 1 },
        { "IPPROTO_MPTCP", "riscv64", 0, 262 },
        { "KEY_SPEC_SESSION_KEYRING", "x86_64", 0, -3 },
        { "AF_NOTHING", "x86_64", -ENOENT, 0 },
        { "", "x86_64", -ENOENT, 0 },
};

static void test_constants(void)
{
        for (size_t i = 0; i < SC_COUNT(constant_rows); i++) {
                const struct constant_row *row = &constant_rows[i];
                int64_t value = 0;

                printf("# %s %s\n", row->name, row->abi);
                CHECK_INT(sc_constant_find(row->name, strlen(row->name), abi(row->abi), &value), row->ret);
                CHECK_INT(value, row->value);
        }
}

/* Every constant is found by its name, has a family, and is somewhere; names that are no position are in order. */
static void test_all_constants(void)
{
        unsigned bad = 0;

        for (size_t i = 0; i < sc_constant_count(); i++) {
                const char *name = sc_constant_name(i);
                unsigned abis = 0;

                for (size_t a = 0; a < sc_abi_count(); a++) {
                        int64_t found, value;

                        if (sc_constant_value(i, sc_abi_at(a), &value) < 0)
                                continue;
                        bad += sc_constant_find(name, strlen(name), sc_abi_at(a), &found) != 0 || found != value;
                        abis++;
                }
                bad += !abis || !*sc_constant_family(i) || (i && strcmp(sc_constant_name(i - 1), name) >= 0);
        }
        printf("# %zu constants\n", sc_constant_count());
        CHECK(sc_constant_count() > 1500);
        CHECK_INT(bad, 0);
}

int main(void)
{
        test_places();
        test_all_places();
        test_registers();
        test_names();
        test_families();
        test_constants();
        test_all_constants();
        return test_end();
}

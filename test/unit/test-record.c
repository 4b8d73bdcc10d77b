/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the audit log and of strace, in all their forms, and those that are refused. */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "record/line.h"
#include "syscall/syscall.h"
#include "test.h"

#define AUDIT "type=1326 audit(1763800000.123:456): auid=1 uid=0 gid=0 ses=1 pid=12 comm=\"a\" exe=\"/bin/a\" sig=0 "

static const struct sc_abi *abi_named(const char *name)
{
        return sc_abi_find(name, strlen(name));
}

struct row {
        const char *line;
        const char *abi;
        const char *call; /* NULL: no call of that number */
        unsigned known;
        uint64_t args[6];
        bool answered;
        uint32_t action;
};

static const struct row rows[] = {
        { AUDIT "arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000", "x86_64", "socket", 0, { 0 }, true,
          SECCOMP_RET_ERRNO },
        { "audit: " AUDIT "arch=40000003 syscall=102 compat=1 ip=0x7f code=0x80000000\n", "x86", "socketcall", 0, { 0 },
          true, SECCOMP_RET_KILL_PROCESS },
        { "[ 12.3] audit: " AUDIT "arch=c00000b7 syscall=0 compat=0 ip=0x7f code=0x7ffc0000", "aarch64", "io_setup", 0,
          { 0 }, true, SECCOMP_RET_LOG },
        { AUDIT "arch=c000003e syscall=1073741865 compat=0 ip=0x7f code=0x0", "x32", "socket", 0, { 0 }, true,
          SECCOMP_RET_KILL_THREAD },
        { AUDIT "arch=c000003e syscall=9999 compat=0 ip=0x7f code=0x30000", "x86_64", NULL, 0, { 0 }, true,
          SECCOMP_RET_TRAP },
        { "type=SECCOMP msg=audit(11/22/26 10:00:00.1:2) : auid=x comm=a sig=SIG0 arch=x86_64 syscall=mount compat=0 "
          "ip=0x7f code=kill-process", "x86_64", "mount", 0, { 0 }, true, SECCOMP_RET_KILL_PROCESS },
        { "type=SECCOMP msg=audit(1.2:3): sig=0 arch=i386 syscall=socketcall compat=1 ip=0x7f code=errno", "x86",
          "socketcall", 0, { 0 }, true, SECCOMP_RET_ERRNO },
        { "type=SECCOMP msg=audit(1.2:3): sig=0 arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000\x1d"
          "ARCH=x86_64 SYSCALL=socket", "x86_64", "socket", 0, { 0 }, true, SECCOMP_RET_ERRNO },
        { "Nov 22 10:00:00 host audit[14]: SECCOMP auid=1 arch=c000003e syscall=165 compat=0 ip=0x7f code=0x50000",
          "x86_64", "mount", 0, { 0 }, true, SECCOMP_RET_ERRNO },
        /* the kernel prints an int, in decimal */
        { AUDIT "arch=c000003e syscall=-1 code=0x50000", "x86_64", NULL, 0, { 0 }, true, SECCOMP_RET_ERRNO },
        { AUDIT "arch=c000003e syscall=0041 code=0x50000", "x86_64", "socket", 0, { 0 }, true, SECCOMP_RET_ERRNO },
        /* logged and let through (SECCOMP_RET_LOG); a tracer's -1; a number of x32's, by its machine's name */
        { AUDIT "arch=c000003e syscall=41 compat=0 ip=0x7f code=0x7ffc0000", "x86_64", "socket", 0, { 0 }, true,
          SECCOMP_RET_LOG },
        { AUDIT "arch=c000003e syscall=-1 compat=0 ip=0x7f code=0x50000", "x86_64", NULL, 0, { 0 }, true,
          SECCOMP_RET_ERRNO },
        { "type=SECCOMP msg=audit(1.2:3): sig=SIG0 arch=x86_64 syscall=unknown-syscall(1073741865) compat=0 code=log",
          "x32", "socket", 0, { 0 }, true, SECCOMP_RET_LOG },
        { "type=SECCOMP msg=audit(1.2:3): sig=SIGSYS arch=i686 syscall=unknown-syscall(9999) compat=1 code=kill-thread",
          "x86", NULL, 0, { 0 }, true, SECCOMP_RET_KILL_THREAD },
        { "type=SECCOMP msg=audit(1.2:3): sig=0 arch=armv7l syscall=mount compat=0 code=trap", "arm", "mount", 0, { 0 },
          true, SECCOMP_RET_TRAP },
        /* without a code: kernels before 4.14 wrote it for killed processes only */
        { AUDIT "arch=c000003e syscall=41 compat=0 ip=0x7f", "x86_64", "socket", 0, { 0 }, false, 0 },
        /* the enriched format, when its separator was lost on the way */
        { AUDIT "arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000^]ARCH=x86_64 SYSCALL=socket AUID=\"unset\"",
          "x86_64", "socket", 0, { 0 }, true, SECCOMP_RET_ERRNO },
        { AUDIT "arch=c000003e syscall=41 compat=0 ip=0x7f code=0x50000ARCH=x86_64 SYSCALL=socket AUID=\"unset\"",
          "x86_64", "socket", 0, { 0 }, true, SECCOMP_RET_ERRNO },
        { "type=1326 audit(1.2:3): comm=\"x arch=c00000b7 syscall=1 code=0x0ARCH=\" sig=0 arch=c000003e syscall=41 "
          "code=0x50000", "x86_64", "socket", 0, { 0 }, true, SECCOMP_RET_ERRNO },
        /* what a program calls itself does not count */
        { "type=1326 audit(1.2:3): comm=\"x arch=c00000b7 syscall=1\" sig=0 arch=c000003e syscall=41 code=0x50000",
          "x86_64", "socket", 0, { 0 }, true, SECCOMP_RET_ERRNO },

        { "socket(AF_VSOCK, SOCK_STREAM, 0) = -1 EPERM (Operation not permitted)", "x86_64", "socket", 7, { 40, 1, 0 },
          true, SECCOMP_RET_ERRNO | EPERM },
        { "[pid  1234] 12:34:56.78 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3", "x86_64", "socket", 7,
          { 2, 02000001, 0 }, false, 0 },
        { "1234  1763800000.000001 mount(\"a\", \"b\", NULL, MS_BIND, NULL) = -1 EPERM (Operation not permitted)",
          "x86_64", "mount", 0x1c, { 0, 0, 0, 0x1000, 0 }, true, SECCOMP_RET_ERRNO | EPERM },
        { "clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD, child_tidptr=0x7f6d) = 77", "x86_64", "clone", 0xb,
          { 0x10000011, 0, 0, 0x7f6d }, false, 0 },
        { "ioctl(0</dev/pts/1>, TIOCSTI, \"x, y)\\\"\") = 0", "x86_64", "ioctl", 3, { 0, 0x5412 }, false, 0 },
        { "openat(AT_FDCWD, \"/x\", O_RDONLY) = 3", "x86_64", "openat", 5, { UINT64_C(-100), 0, 0 }, false, 0 },
        { "mkdir(\"a\", 0777) = 0", "x86_64", "mkdir", 2, { 0, 0777 }, false, 0 },
        { "socket(0x2d /* AF_??? */, 0x1, 0) = -1 ENOSYS (Function not implemented)", "x86_64", "socket", 7,
          { 0x2d, 1, 0 }, true, SECCOMP_RET_ERRNO | ENOSYS },
        { "syscall_0x270f(0x1, 0x2) = -1 ENOSYS (Function not implemented)", "x86_64", NULL, 3, { 1, 2 }, true,
          SECCOMP_RET_ERRNO | ENOSYS },
        { "[pid 12] 12:00:00.1 (+     0.000012) [00007f6d12345678] socket(AF_VSOCK, SOCK_STREAM, 0) = 3", "x86_64",
          "socket", 7, { 40, 1, 0 }, false, 0 },
        { "memfd_create(\"x\", MFD_CLOEXEC|MFD_HUGETLB|21<<MFD_HUGE_SHIFT) = 3", "x86_64", "memfd_create", 2,
          { 0, 0x54000005 }, false, 0 },
        { "ioctl(3</tmp/a or b>, BTRFS_IOC_CLONE or FICLONE, 4) = 0", "x86_64", "ioctl", 7, { 3, 0x40049409, 4 }, false,
          0 },
        { "ioctl(3, _IOC(_IOC_READ|_IOC_WRITE, 0x54, 0x10, 0x4), 0x7f) = 0", "x86_64", "ioctl", 7,
          { 3, 0xc0045410, 0x7f }, false, 0 },
        { "ioctl(3, _IOC(_IOC_READ, 0x54, 0x10), 0x7f) = 0", "x86_64", "ioctl", 5, { 3, 0, 0x7f }, false, 0 },
        { "clone3({flags=CLONE_VM}, 88 => {parent_tid=[12]}) = 12", "x86_64", "clone3", 2, { 0, 88 }, false, 0 },
        { "mount(\"1 or 2\", \"5 => 6\", \"1<<2\", MS_RDONLY, NULL) = 0", "x86_64", "mount", 0x18,
          { 0, 0, 0, 1, 0 }, false, 0 },
        { "getpid() = 7", "x86_64", "getpid", 0, { 0 }, false, 0 },
        { "write(1, \"type=1326 arch=c000003e syscall=41\", 5) = 5", "x86_64", "write", 5, { 1, 0, 5 }, false, 0 },
        { "futex(0x7f, FUTEX_WAIT_UNKNOWN_OP, {a=1, b=[2, 3]}, NULL) = ?", "x86_64", "futex", 9, { 0x7f, 0, 0, 0 },
          false, 0 },
};

static const struct {
        const char *line;
        const char *why; /* how the reason begins */
} refused[] = {
        { "socket(AF_INET, SOCK_STREAM <unfinished ...>", "the call is unfinished" },
        { "[pid 3] <... socket resumed>) = 3", "the end of a call" },
        { "--- SIGSYS {si_signo=SIGSYS} ---", "a signal" },
        { "+++ killed by SIGSYS +++", "a signal" },
        { "", "neither an audit record" },
        { "hello, world", "neither an audit record" },
        { "no_such_call(1) = 0", "no system call of that name" },
        { "read(1, \"abc", "the line ends inside" },
        { "read(1, 2", "the line ends inside" },
        { "type=1326 audit(1.2:3): sig=0 syscall=41 code=0x50000", "an audit record without arch=" },
        { AUDIT "arch=c0ffee syscall=41 code=0x50000", "no ABI is known" },
        { AUDIT "arch=x86_64 syscall=no_such_call code=0x50000", "arch= or syscall= has a name" },
        { AUDIT "arch=c000003e syscall=4294967337 code=0x50000", "arch= or syscall= has a name" },
        { AUDIT "arch=c000003e syscall=-4294967255 code=0x50000", "arch= or syscall= has a name" },
        { AUDIT "arch=c000003e syscall=0x29 code=0x50000", "arch= or syscall= has a name" },
        { "type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=41 success=no exit=-1", "a record of a call" },
};

static void check_read(const struct row *row, const struct sc_record *record)
{
        CHECK_STR(record->abi->name, row->abi);
        CHECK_STR(record->call < 0 ? NULL : sc_syscall_name(record->call), row->call);
        CHECK_INT(record->known, row->known);
        for (unsigned i = 0; i < 6; i++)
                if (row->known >> i & 1)
                        CHECK_INT(record->args[i], row->args[i]);
        CHECK_INT(record->answered, row->answered);
        CHECK_INT(record->action, row->action);
}

static void test_rows(void)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                const struct row *row = &rows[i];
                const char *why = NULL;
                struct sc_record record;
                int r = sc_record_line(row->line, strlen(row->line), abi_named("x86_64"), &record, &why);

                printf("# %s\n", row->line);
                CHECK_INT(r, 0);
                if (r == 0)
                        check_read(row, &record);
        }
}

static void test_refused(void)
{
        static const char nul[] = "socket(1, \0, 3) = 4";
        const char *reason = "";
        struct sc_record none;

        CHECK_INT(sc_record_line(nul, sizeof(nul) - 1, abi_named("x86_64"), &none, &reason), -EINVAL);
        CHECK_STR(reason, "the line holds a NUL");
        for (size_t i = 0; i < SC_COUNT(refused); i++) {
                const char *why = NULL;
                struct sc_record record;

                CHECK_INT(sc_record_line(refused[i].line, strlen(refused[i].line), abi_named("x86_64"), &record, &why),
                          -EINVAL);
                if (!CHECK(why && !strncmp(why, refused[i].why, strlen(refused[i].why))))
                        printf("# %s: %s\n", refused[i].line, why ? why : "");
        }
}

/* The same line on ABIs that pass and number otherwise. */
static void test_abis(void)
{
        const char *line = "clone(child_stack=0x10, flags=CLONE_NEWUSER) = 77", *why;
        struct sc_record record;

        CHECK_INT(sc_record_line(line, strlen(line), abi_named("s390x"), &record, &why), 0);
        CHECK_INT(record.args[1], 0x10000000);
        CHECK_INT(record.args[0], 0x10);
        line = "openat(AT_FDCWD, \"/x\", O_RDONLY) = 3";
        CHECK_INT(sc_record_line(line, strlen(line), abi_named("x86"), &record, &why), 0);
        CHECK_INT(record.args[0], 0xffffff9c);
        line = "fallocate(3, 0, 0x100000002, 5) = 0";
        CHECK_INT(sc_record_line(line, strlen(line), abi_named("x86"), &record, &why), 0);
        CHECK_INT(record.args[2], 2);
        CHECK_INT(record.args[3], 1);
}

static void test_limit(void)
{
        size_t len = SC_RECORD_LINE_MAX + 1;
        char *line = malloc(len);
        const char *why = NULL;
        struct sc_record record;

        if (!line)
                return;
        memset(line, 'a', len);
        CHECK_INT(sc_record_line(line, len, abi_named("x86_64"), &record, &why), -EINVAL);
        CHECK_STR(why, "the line is too long");
        free(line);
}

int main(void)
{
        test_rows();
        test_refused();
        test_abis();
        test_limit();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The tables against the kernel's headers and the installed libseccomp, and every look-up. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <sys/syscall.h>

#include "base/util.h"
#include "syscall/abi.h"
#include "syscall/group.h"
#include "syscall/name.h"
#include "syscall/scmptable.h"
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

/* What the headers of this machine say of the ABIs that they know. */
static const struct abi_row {
        const char *name;
        uint32_t audit_arch;
        uint32_t scmp_arch;
        const char *oci;
} abi_rows[] = {
#define ROW(name, arch, audit) { name, AUDIT_ARCH_##audit, SCMP_ARCH_##arch, "SCMP_ARCH_" #arch }
        ROW("x86_64", X86_64, X86_64),
        ROW("x86", X86, I386),
        ROW("x32", X32, X86_64),
        ROW("aarch64", AARCH64, AARCH64),
        ROW("arm", ARM, ARM),
        ROW("mips64", MIPS64, MIPS64),
        ROW("mips64n32", MIPS64N32, MIPS64N32),
        ROW("mips", MIPS, MIPS),
        ROW("mipsel64", MIPSEL64, MIPSEL64),
        ROW("mipsel64n32", MIPSEL64N32, MIPSEL64N32),
        ROW("mipsel", MIPSEL, MIPSEL),
        ROW("ppc64le", PPC64LE, PPC64LE),
        ROW("ppc64", PPC64, PPC64),
        ROW("ppc", PPC, PPC),
        ROW("s390x", S390X, S390X),
        ROW("s390", S390, S390),
        ROW("riscv64", RISCV64, RISCV64),
        ROW("parisc", PARISC, PARISC),
        ROW("parisc64", PARISC64, PARISC64),
#ifdef SCMP_ARCH_LOONGARCH64
        ROW("loongarch64", LOONGARCH64, LOONGARCH64),
#endif
#ifdef SCMP_ARCH_M68K
        ROW("m68k", M68K, M68K),
#endif
#ifdef SCMP_ARCH_SH
        ROW("sh", SH, SHEL),
        ROW("sheb", SHEB, SH),
#endif
#undef ROW
};

static void test_abi_headers(void)
{
        for (size_t i = 0; i < SC_COUNT(abi_rows); i++) {
                const struct abi_row *row = &abi_rows[i];
                const struct sc_abi *found = abi(row->name);

                if (!CHECK(found))
                        continue;
                CHECK_INT(found->audit_arch, row->audit_arch);
                CHECK_INT(found->scmp_arch, row->scmp_arch);
                CHECK_STR(found->oci, row->oci);
                CHECK_INT(found->big_endian, !(row->audit_arch & __AUDIT_ARCH_LE));
                CHECK(sc_abi_find_oci(row->oci, strlen(row->oci)) == found);
                CHECK(sc_abi_find_scmp(row->scmp_arch) == found);
        }
}

static void test_abi_find(void)
{
        CHECK(sc_abi_count() < SC_ABI_MAX);
        for (size_t i = 0; i < sc_abi_count(); i++) {
                CHECK_INT(sc_abi_at(i)->index, i);
                CHECK(abi(sc_abi_at(i)->name) == sc_abi_at(i));
        }
        CHECK(sc_abi_at(0) == abi("x86_64"));
        CHECK(abi("amd64") == abi("x86_64"));
        CHECK(abi("arm64") == abi("aarch64"));
        CHECK(!abi("x86_6"));
        CHECK(sc_abi_among(abi("x32"), (const struct sc_abi *[]){ abi("x86"), abi("x32") }, 2));
        CHECK(!sc_abi_among(abi("x32"), (const struct sc_abi *[]){ abi("x86"), abi("x32") }, 1));
        CHECK(!abi("x86_64 "));
        CHECK(!abi("-"));
        CHECK(!sc_abi_find("", 0));
        CHECK(!sc_abi_find_oci(S("SCMP_ARCH_VAX")));
        CHECK(!sc_abi_find_scmp(0));
        CHECK(!abi("loongarch64")->docker);
        CHECK_STR(abi("aarch64")->docker, "arm64");
        CHECK_INT(sc_abi_native()->scmp_arch, seccomp_arch_native());
        CHECK_INT(sc_abi_native()->word_bits, 8 * sizeof(long));
}

/* "x86 x32" for x86_64. */
static const char *subordinates(const char *name)
{
        static char text[200];
        const struct sc_abi *subs[SC_ABI_MAX];
        size_t n = sc_abi_subordinates(abi(name), subs);

        text[0] = '\0';
        for (size_t i = 0; i < n; i++) {
                strcat(text, i ? " " : "");
                strcat(text, subs[i]->name);
        }
        return text;
}

static void test_families(void)
{
        int families = 0, mapped = 0;

        CHECK_STR(subordinates("x86_64"), "x86 x32");
        CHECK_STR(subordinates("aarch64"), "arm");
        CHECK_STR(subordinates("mips64"), "mips mips64n32");
        CHECK_STR(subordinates("mips64n32"), "mips mips64");
        CHECK_STR(subordinates("mipsel64"), "mipsel mipsel64n32");
        CHECK_STR(subordinates("mipsel64n32"), "mipsel mipsel64");
        CHECK_STR(subordinates("s390x"), "s390");
        CHECK_STR(subordinates("riscv64"), "");
        CHECK_STR(subordinates("x86"), "");
        CHECK(sc_abi_is_family(abi("riscv64")));
        CHECK(sc_abi_in_archmap(abi("loongarch64")));
        CHECK(sc_abi_is_family(abi("ppc64le")));
        CHECK(!sc_abi_in_archmap(abi("ppc64le")));
        CHECK(!sc_abi_is_family(abi("x32")));
        for (size_t i = 0; i < sc_abi_count(); i++) {
                families += sc_abi_is_family(sc_abi_at(i));
                mapped += sc_abi_in_archmap(sc_abi_at(i));
        }
        CHECK_INT(families, 11);
        CHECK_INT(mapped, 9);
}

static void test_owns(void)
{
        CHECK(sc_abi_owns(abi("x86_64"), 0x3fffffff));
        CHECK(!sc_abi_owns(abi("x86_64"), 0x40000000));
        CHECK(sc_abi_owns(abi("x86_64"), UINT32_MAX));
        CHECK(!sc_abi_owns(abi("x32"), 0x3fffffff));
        CHECK(sc_abi_owns(abi("x32"), 0x40000000));
        CHECK(sc_abi_owns(abi("x32"), 0xfffffffe));
        CHECK(!sc_abi_owns(abi("x32"), UINT32_MAX));
        CHECK(sc_abi_owns(abi("x86"), 0x40000000));
        CHECK(sc_abi_owns(abi("mips"), 0));
}

static void test_kernel(void)
{
        sc_kernel kernel = 12345;

        CHECK_INT(sc_kernel_parse(S("6.1"), &kernel), 0);
        CHECK_INT(kernel, SC_KERNEL(6, 1));
        CHECK_INT(sc_kernel_parse(S("65535.65535"), &kernel), 0);
        CHECK_INT(SC_KERNEL_MAJOR(kernel), 65535);
        CHECK_INT(SC_KERNEL_MINOR(kernel), 65535);
        CHECK_INT(sc_kernel_parse(S("5.0"), &kernel), 0);
        CHECK_INT(kernel, SC_KERNEL(5, 0));
        static const char *const bad[] = { "", "6", "6.", ".1", "6.1.2", "6.1 ", " 6.1", "-6.1", "6.+1", "65536.1",
                                           "6.65536", "6.01", "06.1", "6,1", "4294967302.1", "v6.1" };
        for (size_t i = 0; i < SC_COUNT(bad); i++)
                CHECK_INT(sc_kernel_parse(bad[i], strlen(bad[i]), &kernel), -EINVAL);
        CHECK_INT(kernel, SC_KERNEL(5, 0));
        CHECK(sc_kernel_newest() >= SC_KERNEL(7, 1));
}

static void test_syscall_find(void)
{
        bool sorted = true, found = true;

        for (int i = 0; i < (int)sc_syscall_count(); i++) {
                sorted &= i == 0 || strcmp(sc_syscall_name(i - 1), sc_syscall_name(i)) < 0;
                found &= call(sc_syscall_name(i)) == i;
        }
        CHECK(sorted);
        CHECK(found);
        CHECK(sc_syscall_count() > 500);
        CHECK_INT(call("opennat"), -1);
        CHECK_INT(call("open "), -1);
        CHECK_INT(call("ope"), -1);
        CHECK_INT(sc_syscall_find(S("open\0")), -1);
        CHECK_INT(sc_syscall_find("openat2x", 7), call("openat2"));
        CHECK_INT(sc_syscall_find("", 0), -1);
        CHECK_INT(call("zzz"), -1);
}

/* Number → call → number; no call where there is none; nothing outside the ABI's own numbers. */
static void check_by_number(const struct sc_abi *a)
{
        size_t there = 0, back = 0, own = 0, seen = 0, dated = 0;
        uint32_t nr;

        for (int c = 0; c < (int)sc_syscall_count(); c++)
                if (sc_syscall_number(c, a, &nr)) {
                        there++;
                        back += sc_syscall_by_number(a, nr) == c;
                        own += nr >= a->nr_base && sc_abi_owns(a, nr);
                        dated += sc_syscall_since(c, a) <= sc_kernel_newest();
                }
        for (nr = a->nr_base; nr < a->nr_base + 0x100000; nr++)
                seen += sc_syscall_by_number(a, nr) >= 0;
        CHECK(there > 300);
        CHECK_INT(back, there);
        CHECK_INT(own, there);
        CHECK_INT(dated, there);
        CHECK_INT(seen, there);
        CHECK_INT(sc_syscall_by_number(a, a->nr_base - 1), -1);
        CHECK_INT(sc_syscall_by_number(a, UINT32_MAX), -1);
}

static void test_by_number(void)
{
        for (size_t i = 0; i < sc_abi_count(); i++)
                check_by_number(sc_abi_at(i));
        CHECK_INT(sc_syscall_by_number(abi("x86_64"), 0x40000000), -1);
        CHECK_INT(sc_syscall_by_number(abi("x32"), 0), -1);
}

static void test_numbers(void)
{
        uint32_t nr = 77;

        CHECK(!sc_syscall_number(call("open"), abi("aarch64"), &nr));
        CHECK(!sc_syscall_number(sc_syscall_find("nosuchcall", 10), abi("aarch64"), &nr));
        CHECK_INT(nr, 77);
        CHECK(sc_syscall_number(call("read"), abi("x32"), &nr));
        CHECK_INT(nr, 0x40000000);
        CHECK(sc_syscall_number(call("read"), abi("mipsel"), &nr));
        CHECK_INT(nr, 4003);
        CHECK(sc_syscall_number(call("read"), abi("mipsel64n32"), &nr));
        CHECK_INT(nr, 6000);
        CHECK(sc_syscall_number(call("set_tls"), abi("arm"), &nr));
        CHECK_INT(nr, 0xf0005);
        CHECK_INT(sc_syscall_since(call("clone3"), abi("x86_64")), SC_KERNEL(5, 3));
        CHECK_INT(sc_syscall_since(call("fsopen"), abi("sheb")), SC_KERNEL(5, 2));
        CHECK_INT(sc_syscall_since(call("socket"), abi("x86")), SC_KERNEL(4, 3));
        CHECK_INT(sc_syscall_since(call("read"), abi("x86_64")), 0);
        CHECK_INT(sc_syscall_since(call("seccomp"), abi("riscv64")), SC_KERNEL(5, 5));
        CHECK(sc_syscall_number(call("mseal"), sc_abi_native(), &nr));
        CHECK(sc_syscall_number(call("openat2"), sc_abi_native(), &nr));
#ifdef SYS_openat2
        CHECK_INT(nr, SYS_openat2);
#endif
}

/* Where libseccomp's tables and ours differ on purpose: ABI, call, and the reason. */
static const struct difference {
        const char *abi;
        const char *call;
        const char *reason;
} differences[] = {
        { "x32", "map_shadow_stack", "Linux 6.10 brought it to x32; older tables lack it" },
        { "parisc64", "_llseek", "Linux 6.10 took it from parisc64; older tables have it" },
};

static bool explained(const struct sc_abi *a, int c)
{
        for (size_t i = 0; i < SC_COUNT(differences); i++)
                if (!strcmp(differences[i].abi, a->name) && !strcmp(differences[i].call, sc_syscall_name(c))) {
                        printf("# not compared: %s %s: %s\n", a->name, sc_syscall_name(c), differences[i].reason);
                        return true;
                }
        return false;
}

/*
 * libseccomp's number of a call: -1 if its table has no such name, below -1 a pseudo number for a call that the ABI
 * does not have. Where a multiplexer carries the call, a pseudo number stands for both ways in: the real number is
 * the one that resolves to the name.
 */
static int scmp_number(const struct sc_abi *a, int c, uint32_t ours)
{
        int theirs = seccomp_syscall_resolve_name_arch(a->scmp_arch, sc_syscall_name(c));
        uint32_t subcall;
        char *name;
        bool same;

        if (theirs >= -1 || !a->multiplexed || sc_syscall_carrier(c, &subcall) < 0)
                return theirs;
        name = seccomp_syscall_resolve_num_arch(a->scmp_arch, (int)ours);
        same = name && !strcmp(name, sc_syscall_name(c));
        free(name);
        return same ? (int)ours : theirs;
}

struct tally {
        size_t numbers, absences, unknown, wrong;
};

static void compare_call(const struct sc_abi *a, int c, struct tally *tally)
{
        uint32_t nr = UINT32_MAX - 1;
        bool has = sc_syscall_number(c, a, &nr);
        int theirs = scmp_number(a, c, nr);

        if (theirs == __NR_SCMP_ERROR) {
                tally->unknown++;
                return;
        }
        if (has ? theirs == (int)nr : theirs < 0) {
                tally->numbers += has;
                tally->absences += !has;
        } else if (!explained(a, c)) {
                tally->wrong++;
                printf("# %s %s: ours %d, theirs %d\n", a->name, sc_syscall_name(c), has ? (int)nr : -1, theirs);
        }
}

static void test_against_libseccomp(void)
{
        struct tally tally = { 0 };
        size_t abis = 0;

        for (size_t i = 0; i < sc_abi_count(); i++) {
                const struct sc_abi *a = sc_abi_at(i);

                if (seccomp_syscall_resolve_name_arch(a->scmp_arch, "read") == __NR_SCMP_ERROR)
                        continue;
                abis++;
                for (int c = 0; c < (int)sc_syscall_count(); c++)
                        compare_call(a, c, &tally);
        }
        printf("# libseccomp: %zu ABIs, %zu numbers and %zu absences alike, %zu names it does not know\n", abis,
               tally.numbers, tally.absences, tally.unknown);
        CHECK_INT(tally.wrong, 0);
        CHECK(abis >= 19);
        CHECK(tally.numbers > 7000);
}

/* The table of the installed library, as far as its version tells. Debian 12's calls itself 2.5.4. */
static void test_scmptable_installed(void)
{
        const struct scmp_version *version = seccomp_version();
        const struct sc_scmptable *table;
        size_t wrong = 0;
        char name[40];

        snprintf(name, sizeof(name), "%u.%u.%u", version->major, version->minor, version->micro);
        if (!strcmp(name, "2.5.4") && seccomp_syscall_resolve_name("cachestat") != __NR_SCMP_ERROR)
                strcpy(name, "debian12");
        table = sc_scmptable_find(name, strlen(name));
        if (!table) {
                printf("# no table for the installed libseccomp %s\n", name);
                return;
        }
        for (int c = 0; c < (int)sc_syscall_count(); c++) {
                bool theirs = seccomp_syscall_resolve_name(sc_syscall_name(c)) != __NR_SCMP_ERROR;

                if (theirs != sc_scmptable_knows(table, c)) {
                        wrong++;
                        printf("# %s: %s\n", name, sc_syscall_name(c));
                }
        }
        printf("# libseccomp %s: %zu names compared\n", name, sc_syscall_count());
        CHECK_INT(wrong, 0);
}

static size_t known_names(const char *table)
{
        const struct sc_scmptable *t = sc_scmptable_find(table, strlen(table));
        size_t n = 0;

        for (int c = 0; c < (int)sc_syscall_count(); c++)
                n += sc_scmptable_knows(t, c);
        return n;
}

static void test_scmptable(void)
{
        const struct sc_scmptable *older = sc_scmptable_find(S("2.4.0"));

        CHECK_INT(sc_scmptable_count(), 15);
        for (size_t i = 0; i < sc_scmptable_count(); i++) {
                const char *name = sc_scmptable_name(sc_scmptable_at(i));

                CHECK(sc_scmptable_find(name, strlen(name)) == sc_scmptable_at(i));
        }
        CHECK(!sc_scmptable_find(S("2.5")));
        CHECK(sc_scmptable_knows(older, call("read")));
        CHECK(!sc_scmptable_knows(older, call("clone3")));
        CHECK(sc_scmptable_knows(sc_scmptable_find(S("2.4.2")), call("clone3")));
        CHECK(!sc_scmptable_knows(sc_scmptable_find(S("2.5.4")), call("fchmodat2")));
        CHECK(sc_scmptable_knows(sc_scmptable_find(S("debian12")), call("fchmodat2")));
        CHECK(!sc_scmptable_knows(sc_scmptable_find(S("debian12")), call("mseal")));
        CHECK_INT(known_names("debian12"), known_names("2.5.4") + 6);
        CHECK_INT(known_names("2.6.1"), sc_syscall_count());
}

static void test_carriers(void)
{
        uint32_t sub = 99;

        CHECK_INT(sc_syscall_carrier(call("socket"), &sub), call("socketcall"));
        CHECK_INT(sub, 1);
        CHECK_INT(sc_syscall_carrier(call("sendmmsg"), &sub), call("socketcall"));
        CHECK_INT(sub, 20);
        CHECK_INT(sc_syscall_carrier(call("shmctl"), &sub), call("ipc"));
        CHECK_INT(sub, 24);
        CHECK_INT(sc_syscall_carrier(call("read"), &sub), -1);
        CHECK_INT(sc_syscall_carrier(call("socketcall"), &sub), -1);
        CHECK_INT(sub, 24);
        CHECK(sc_syscall_is_carrier(call("ipc")));
        CHECK(sc_syscall_is_carrier(call("socketcall")));
        CHECK(!sc_syscall_is_carrier(call("socket")));
}

/* What libseccomp adds for a carried call on x86 is a test of the multiplexer's first argument for our subcall. */
static void test_carriers_libseccomp(void)
{
        size_t carried = 0, wrong = 0;

        for (int c = 0; c < (int)sc_syscall_count(); c++) {
                uint32_t sub = 0;
                int carrier = sc_syscall_carrier(c, &sub);
                int pseudo = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, sc_syscall_name(c));

                carried += carrier >= 0;
                if (carrier >= 0 && pseudo < -1)
                        wrong += pseudo != (carrier == call("ipc") ? -200 : -100) - (int)sub;
        }
        CHECK_INT(carried, 32);
        CHECK_INT(wrong, 0);
}

static void test_fallbacks(void)
{
        static const char *const marked[] = { "clone3", "openat2", "faccessat2", "fchmodat2", "statx", "rseq",
                                              "close_range", "futex_waitv", "epoll_pwait2", "execveat",
                                              "futex_time64" };
        static const char *const unmarked[] = { "openat", "clone", "read", "bpf", "mount", "unshare", "keyctl" };

        for (size_t i = 0; i < SC_COUNT(marked); i++)
                CHECK(sc_syscall_fallback(call(marked[i])));
        for (size_t i = 0; i < SC_COUNT(unmarked); i++)
                CHECK(!sc_syscall_fallback(call(unmarked[i])));
        CHECK(strstr(sc_syscall_fallback(call("clone3")), "glibc"));
}

static bool in_group(const char *group, const char *name)
{
        size_t n;
        const unsigned short *calls = sc_group_calls(sc_group_find(group, strlen(group)), &n);

        for (size_t i = 0; i < n; i++)
                if (calls[i] == call(name))
                        return true;
        return false;
}

static void test_groups(void)
{
        for (int g = 0; g < (int)sc_group_count(); g++) {
                size_t n;
                const unsigned short *calls = sc_group_calls(g, &n);
                bool sorted = true;

                for (size_t i = 1; i < n; i++)
                        sorted &= calls[i - 1] < calls[i];
                CHECK(sorted && n > 0 && calls[n - 1] < sc_syscall_count());
                CHECK_INT(sc_group_find(sc_group_name(g), strlen(sc_group_name(g))), g);
                CHECK(strlen(sc_group_description(g)) > 10);
        }
        CHECK_INT(sc_group_find(S("@nothing")), -1);
        CHECK_INT(sc_group_find(S("mount")), -1);
        CHECK(in_group("@mount", "pivot_root"));
        CHECK(in_group("@system-service", "timerfd_create")); /* through @timer */
        CHECK(in_group("@privileged", "chown"));              /* through @chown */
        CHECK(!in_group("@system-service", "mount"));
        CHECK(in_group("@known", "tuxcall"));
}

static void test_caps(void)
{
        unsigned found = 0;

        CHECK_INT(sc_cap_count(), 41);
        CHECK_INT(sc_cap_find(S("CAP_SYS_ADMIN")), CAP_SYS_ADMIN);
        CHECK_INT(sc_cap_find(S("sys_admin")), CAP_SYS_ADMIN);
        CHECK_INT(sc_cap_find(S("Cap_Bpf")), CAP_BPF);
        CHECK_INT(sc_cap_find(S("CAP_")), -1);
        CHECK_INT(sc_cap_find(S("CAP_SYS_ADMI")), -1);
        CHECK_INT(sc_cap_find(S("CAP_CAP_BPF")), -1);
        CHECK_INT(sc_cap_find(S("BPF\0")), -1);
        CHECK_INT(sc_cap_find("", 0), -1);
        CHECK_STR(sc_cap_name(CAP_CHECKPOINT_RESTORE), "CAP_CHECKPOINT_RESTORE");
        for (unsigned cap = 0; cap < sc_cap_count(); cap++)
                found += sc_cap_find(sc_cap_name(cap), strlen(sc_cap_name(cap))) == (int)cap;
        CHECK_INT(found, 41);
        CHECK_INT(sc_caps_all(), 0x1ffffffffff);
        CHECK_INT(sc_caps_docker(), 0xa80425fb); /* CapEff of a process in a Docker container */
        CHECK_INT(__builtin_popcountll(sc_caps_docker()), 14);
}

static void test_errnos(void)
{
        CHECK_STR(sc_errno_name(38), "ENOSYS");
        CHECK_STR(sc_errno_name(11), "EAGAIN");
        CHECK_STR(sc_errno_name(133), "EHWPOISON");
        CHECK(!sc_errno_name(0));
        CHECK(!sc_errno_name(41));
        CHECK(!sc_errno_name(134));
        CHECK(!sc_errno_name(UINT32_MAX));
        CHECK_INT(sc_errno_find(S("EPERM")), 1);
        CHECK_INT(sc_errno_find(S("EWOULDBLOCK")), 11);
        CHECK_INT(sc_errno_find(S("EDEADLOCK")), 35);
        CHECK_INT(sc_errno_find(S("ENOTSUP")), 95);
        CHECK_INT(sc_errno_find(S("eperm")), -1);
        CHECK_INT(sc_errno_find(S("EPER")), -1);
        for (unsigned n = 1; n <= SC_ERRNO_MAX; n++)
                if (sc_errno_name(n)) {
                        CHECK_INT(sc_errno_find(sc_errno_name(n), strlen(sc_errno_name(n))), n);
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) || defined(__arm__)
                        CHECK_STR(strerrorname_np((int)n), sc_errno_name(n));
#endif
                }
}

int main(void)
{
        test_abi_headers();
        test_abi_find();
        test_families();
        test_owns();
        test_kernel();
        test_syscall_find();
        test_by_number();
        test_numbers();
        test_against_libseccomp();
        test_scmptable_installed();
        test_scmptable();
        test_carriers();
        test_carriers_libseccomp();
        test_fallbacks();
        test_groups();
        test_caps();
        test_errnos();
        return test_end();
}

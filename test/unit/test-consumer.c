/* SPDX-License-Identifier: Apache-2.0 */
/* What each consumer makes of small profiles, row by row: the quirks of pkg/consumer/table.c, told apart. */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "consumer/consumer.h"
#include "consumer/stub.h"
#include "json/json.h"
#include "test.h"

#define REFUSED 0xdead0001u
#define UNFILTERED 0xdead0002u

struct question {
        const char *consumer;
        const char *native;
        sc_caps caps;
        sc_kernel kernel;
        const char *abi;
        uint32_t nr;
        uint64_t arg0;
};

static uint32_t ask_program(const struct sc_outcome *outcome, struct sc_decisions *d, const struct sc_abi *abi,
                            const struct question *q)
{
        struct sc_input in = {
                .words = { [SC_WORD_ARCH] = abi->audit_arch, [SC_WORD_NR] = q->nr, [SC_WORD_ARG0] = q->arg0 }
        };
        struct sc_bpf_data data =
                sc_bpf_data_make(abi->audit_arch, q->nr, &in.words[SC_WORD_ARG0], outcome->program.big_endian);
        uint32_t decided = sc_decision_eval(d, outcome->node, &in), ran = sc_bpf_run(&outcome->program, &data);

        return decided == ran ? ran : 0xdead0003u;
}

/* What happens under a profile. Decision and interpreter must agree on it. */
static uint32_t ask(const char *profile_text, struct question q)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 18);
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_source source = { "profile", profile_text, strlen(profile_text) };
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        const struct sc_target target = {
                .consumer = sc_consumer_find(q.consumer, strlen(q.consumer)),
                .native = sc_abi_find(q.native ? q.native : "x86_64", strlen(q.native ? q.native : "x86_64")),
                .caps = q.caps,
                .kernel = q.kernel ? q.kernel : SC_KERNEL(6, 1),
                .table = sc_scmptable_find("debian12", 8),
        };
        const char *abi = q.abi ? q.abi : "x86_64";
        const struct sc_json *root;
        struct sc_profile *profile;

        if (sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root) < 0 ||
            sc_profile_read(arena, root, diags, &profile) != 0 ||
            sc_consumer_decide(arena, &target, profile, &compiler, d, diags, &outcome) < 0)
                return REFUSED;
        if (outcome.unfiltered)
                return UNFILTERED;
        return ask_program(&outcome, d, sc_abi_find(abi, strlen(abi)), &q);
}

#define ASK(profile, ...) ask(profile, (struct question){ __VA_ARGS__ })
#define ERRNO(n) (SECCOMP_RET_ERRNO | (n))

static void test_default_errno(void)
{
        const char *p = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38, \"syscalls\": ["
                        "{\"names\": [\"read\", \"mseal\", \"no_such\"], \"action\": \"SCMP_ACT_ALLOW\"},"
                        "{\"names\": [\"futex_waitv\"], \"action\": \"SCMP_ACT_ERRNO\"}]}";

        const char *listed = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38,"
                             "\"architectures\": [\"SCMP_ARCH_X86_64\"], \"syscalls\": ["
                             "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\"},"
                             "{\"names\": [\"futex_waitv\"], \"action\": \"SCMP_ACT_ERRNO\"}]}";

        CHECK_INT(ASK(p, .consumer = "docker", .nr = 1), ERRNO(38));
        CHECK_INT(ASK(p, .consumer = "docker@20.10", .nr = 1), ERRNO(1)); /* ignores defaultErrnoRet */
        CHECK_INT(ASK(p, .consumer = "docker@20.10", .nr = 400), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "docker@20.10", .nr = 600), ERRNO(1)); /* runc 1.1: none where no ABI is listed */
        CHECK_INT(ASK(listed, .consumer = "docker@20.10", .nr = 600), ERRNO(38)); /* runc's stub */
        CHECK_INT(ASK(listed, .consumer = "docker@20.10", .nr = 449), ERRNO(1)); /* a skipped rule counts */
        CHECK_INT(ASK(listed, .consumer = "docker@20.10", .nr = 450), ERRNO(38));
        CHECK_INT(ASK(listed, .consumer = "runc@1.1", .nr = 600), ERRNO(38));
        CHECK_INT(ASK(p, .consumer = "runc@1.1", .nr = 600), ERRNO(38)); /* by its default */
        CHECK_INT(ASK(p, .consumer = "runc", .nr = 449), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "runc", .nr = 0), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "crun", .nr = 462), ERRNO(38)); /* mseal: debian12 has no name for it */
        CHECK_INT(ASK(p, .consumer = "crun", .nr = 0x40000000), SECCOMP_RET_KILL_THREAD);
        CHECK_INT(ASK(p, .consumer = "crun", .abi = "x86", .nr = 3), SECCOMP_RET_KILL_THREAD);
}

static void test_stub(void)
{
        const char *p =
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X32\"],"
                "\"syscalls\": [{\"names\": [\"read\", \"statx\"], \"action\": \"SCMP_ACT_ALLOW\"}]}";
        const char *log = "{\"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": ["
                          "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ERRNO\"}]}";

        CHECK_INT(ASK(p, .consumer = "runc", .nr = 331), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "runc", .nr = 333), ERRNO(38));
        CHECK_INT(ASK(p, .consumer = "runc", .abi = "x32", .nr = 0x40000000 + 331), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "runc", .abi = "x32", .nr = 0x40000000 + 333), ERRNO(38));
        CHECK_INT(ASK(p, .consumer = "runc", .nr = UINT32_MAX), ERRNO(38));
        CHECK_INT(ASK(p, .consumer = "crun", .nr = UINT32_MAX), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "crun", .nr = 333), ERRNO(1));
        CHECK_INT(ASK(log, .consumer = "runc", .nr = 600), SECCOMP_RET_LOG); /* no stub where the default permits */
        CHECK_INT(ASK(p, .consumer = "runc", .native = "s390x", .abi = "s390x", .nr = 0),
                  REFUSED); /* EDOM: order of bytes */
        p = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
            "\"SCMP_ACT_ALLOW\"}]}";
        CHECK_INT(ASK(p, .consumer = "runc", .native = "s390x", .abi = "s390x", .nr = 0), ERRNO(38));
        CHECK_INT(ASK(p, .consumer = "runc", .native = "s390x", .abi = "s390x", .nr = 3), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "crun", .native = "s390x", .abi = "s390x", .nr = 0), ERRNO(1));
}

static void test_docker_resolution(void)
{
        const char *p =
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\","
                "\"subArchitectures\": [\"SCMP_ARCH_X86\"]}], \"syscalls\": ["
                "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": [\"CAP_SYS_ADMIN\", "
                "\"CAP_BPF\"]}},"
                "{\"names\": [\"write\"], \"action\": \"SCMP_ACT_ALLOW\", \"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\", "
                "\"CAP_BPF\"]}},"
                "{\"names\": [\"open\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"minKernel\": \"5.8\"}},"
                "{\"names\": [\"close\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"arches\": [\"amd64\"]}},"
                "{\"names\": [\"stat\"], \"action\": \"SCMP_ACT_ALLOW\", \"excludes\": {\"arches\": [\"amd64\"]}},"
                "{\"name\": \"poll\", \"action\": \"SCMP_ACT_ALLOW\"}]}";
        const sc_caps admin = UINT64_C(1) << 21, bpf = UINT64_C(1) << 39;

        CHECK_INT(ASK(p, .consumer = "docker", .caps = admin | bpf, .nr = 0), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "docker", .caps = admin, .nr = 0), ERRNO(1)); /* includes: all of them */
        CHECK_INT(ASK(p, .consumer = "docker", .caps = 0, .nr = 1), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "docker", .caps = bpf, .nr = 1), ERRNO(1)); /* excludes: any of them */
        CHECK_INT(ASK(p, .consumer = "docker", .kernel = SC_KERNEL(5, 8), .nr = 2), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "docker", .kernel = SC_KERNEL(5, 7), .nr = 2), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "docker", .nr = 3), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "docker", .native = "aarch64", .abi = "aarch64", .nr = 57), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "docker", .nr = 4), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "docker", .nr = 7), SECCOMP_RET_ALLOW); /* the legacy name */
        CHECK_INT(ASK(p, .consumer = "docker", .abi = "x86", .nr = 3), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "runc", .caps = 0, .nr = 0), SECCOMP_RET_ALLOW); /* ignores includes … */
        CHECK_INT(ASK(p, .consumer = "runc", .nr = 7), ERRNO(38));                    /* … and the legacy name */
        CHECK_INT(ASK(p, .consumer = "runc", .abi = "x86", .nr = 3), SECCOMP_RET_KILL_THREAD);
}

static void test_conditions(void)
{
        const char *p =
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"personality\"],"
                "\"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 10, \"op\": \"SCMP_CMP_GE\"},"
                "{\"index\": 0, \"value\": 20, \"op\": \"SCMP_CMP_LT\"}]}]}";

        /* two conditions on one argument: OR, so everything passes */
        CHECK_INT(ASK(p, .consumer = "runc", .nr = 135, .arg0 = 5), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "crun", .nr = 135, .arg0 = 25), SECCOMP_RET_ALLOW);
        p = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"personality\"], \"action\": "
            "\"SCMP_ACT_ALLOW\","
            "\"args\": [{\"index\": 0, \"value\": 2, \"op\": \"SCMP_CMP_EQ\"}]}]}";
        CHECK_INT(ASK(p, .consumer = "runc", .nr = 135, .arg0 = 2), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "runc", .nr = 135, .arg0 = UINT64_C(0x100000002)), ERRNO(1));
        p = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"personality\"], \"action\": "
            "\"SCMP_ACT_ALLOW\","
            "\"args\": [{\"index\": 6, \"value\": 2, \"op\": \"SCMP_CMP_EQ\"}]}]}";
        CHECK_INT(ASK(p, .consumer = "runc", .nr = 135), REFUSED);
}

static void test_refusals(void)
{
        CHECK_INT(ASK("{}", .consumer = "runc"), UNFILTERED);
        CHECK_INT(ASK("{}", .consumer = "docker"), UNFILTERED);
        CHECK_INT(ASK("{}", .consumer = "crun"), REFUSED);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_WHAT\"}", .consumer = "runc"), REFUSED);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", .consumer = "runc"), REFUSED);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_KILL\"}", .consumer = "runc"), REFUSED); /* it hangs */
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_KILL\"}", .consumer = "crun"), SECCOMP_RET_KILL_THREAD);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_RISCV64\"]}",
                      .consumer = "docker@20.10"),
                  REFUSED);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_RISCV64\"]}",
                      .consumer = "docker"),
                  SECCOMP_RET_ALLOW);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"WHAT\"]}", .consumer = "runc"), REFUSED);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"WHAT\"]}", .consumer = "docker@20.10"),
                  SECCOMP_RET_ALLOW); /* drops flags unread */
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
                      "\"SCMP_ACT_KILL\","
                      "\"errnoRet\": 1}]}",
                      .consumer = "crun"),
                  REFUSED);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
                      "\"SCMP_ACT_KILL\","
                      "\"errnoRet\": 1}]}",
                      .consumer = "runc"),
                  SECCOMP_RET_KILL_THREAD);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"], \"name\": "
                      "\"write\","
                      "\"action\": \"SCMP_ACT_ALLOW\"}]}",
                      .consumer = "docker"),
                  REFUSED);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"SCMP_ARCH_X86\"], \"archMap\": ["
                      "{\"architecture\": \"SCMP_ARCH_X86_64\"}]}", .consumer = "docker"), REFUSED);
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
                      "\"SCMP_ACT_ERRNO\","
                      "\"errnoRet\": 65574}]}",
                      .consumer = "runc"),
                  ERRNO(38)); /* 16 bits are kept */
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
                      "\"SCMP_ACT_ERRNO\","
                      "\"errnoRet\": 4095}]}",
                      .consumer = "runc"),
                  REFUSED); /* by libseccomp */
        CHECK_INT(ASK("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
                      "\"SCMP_ACT_TRACE\"}]}",
                      .consumer = "runc"),
                  SECCOMP_RET_TRACE | EPERM);
}

/* What a rule leaves out, or has too much of: tried with runc 1.1.5 and crun 1.8.1. */
static void test_left_out(void)
{
#define ONE(rule) "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"action\": \"SCMP_ACT_ERRNO\", " rule "}]}"
        static const struct {
                const char *profile;
                int64_t runc, crun; /* what socket gets, with the first argument 40 */
        } rows[] = {
                { ONE("\"names\": [\"socket\"], \"args\": [{\"value\": 40, \"op\": \"SCMP_CMP_EQ\"}]"), ERRNO(1),
                  ERRNO(1) },
                { ONE("\"names\": [\"socket\"], \"args\": [{\"index\": 1, \"op\": \"SCMP_CMP_EQ\"}]"), ERRNO(1),
                  ERRNO(1) },
                { ONE("\"names\": [\"socket\"], \"args\": [{\"index\": 0, \"value\": 40}]"), REFUSED, REFUSED },
                { ONE("\"names\": [\"no_such_call\"], \"args\": [{\"index\": 0, \"value\": 40}]"), REFUSED,
                  REFUSED },
                { ONE("\"names\": [], \"args\": [{\"index\": 0, \"value\": 40}]"), SECCOMP_RET_ALLOW, REFUSED },
                { ONE("\"names\": [\"no_such_call\"], \"args\": [{\"index\": 6, \"op\": \"SCMP_CMP_EQ\"}]"),
                  SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
                { ONE("\"names\": [\"no_such_call\"], \"args\": [{\"index\": 4294967296, \"op\": "
                      "\"SCMP_CMP_EQ\"}]"), SECCOMP_RET_ALLOW, REFUSED },
                { ONE("\"names\": [\"\", \"socket\"]"), REFUSED, ERRNO(1) },
                { ONE("\"names\": []"), SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
                { ONE("\"comment\": \"no names\""), SECCOMP_RET_ALLOW, REFUSED },
                { ONE("\"names\": null"), SECCOMP_RET_ALLOW, REFUSED },
                { ONE("\"names\": [\"socket\"], \"errnoRet\": 4294967334"), ERRNO(38), REFUSED },
        };
#undef ONE

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                printf("# %s\n", rows[i].profile);
                CHECK_INT(ASK(rows[i].profile, .consumer = "runc", .nr = 41, .arg0 = 40), rows[i].runc);
                CHECK_INT(ASK(rows[i].profile, .consumer = "crun", .nr = 41, .arg0 = 40), rows[i].crun);
        }
}

/* What docker reads as a version of the kernel; podman reads none. */
static void test_min_kernel(void)
{
        static const struct {
                const char *version;
                int64_t included, excluded; /* what socket gets on kernel 6.1 if includes or excludes have it */
        } rows[] = {
                { "6.1", ERRNO(1), SECCOMP_RET_ALLOW },   { "6.2", SECCOMP_RET_ALLOW, ERRNO(1) },
                { "006.01", ERRNO(1), SECCOMP_RET_ALLOW }, { "", ERRNO(1), SECCOMP_RET_ALLOW },
                { "255.255", SECCOMP_RET_ALLOW, ERRNO(1) }, { "0.1", ERRNO(1), SECCOMP_RET_ALLOW },
                { "256.0", REFUSED, REFUSED },            { "4.256", REFUSED, REFUSED },
                { "0.0", REFUSED, REFUSED },              { "4", REFUSED, REFUSED },
                { "4.8.1", REFUSED, REFUSED },            { "4.", REFUSED, REFUSED },
                { "+4.8", REFUSED, REFUSED },             { "99999999999999999999.1", REFUSED, REFUSED },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++)
                for (int excluded = 0; excluded < 2; excluded++) {
                        char p[512];

                        snprintf(p, sizeof(p), "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": "
                                 "[\"socket\"], \"action\": \"SCMP_ACT_ERRNO\", \"%s\": {\"minKernel\": \"%s\"}}]}",
                                 excluded ? "excludes" : "includes", rows[i].version);
                        printf("# %s\n", p);
                        CHECK_INT(ASK(p, .consumer = "docker", .kernel = SC_KERNEL(6, 1), .nr = 41),
                                  excluded ? rows[i].excluded : rows[i].included);
                        CHECK_INT(ASK(p, .consumer = "podman", .kernel = SC_KERNEL(6, 1), .nr = 41), ERRNO(1));
                }
}

static void test_podman(void)
{
        const char *p = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 1, \"defaultErrno\": \"ENOSYS\","
                        "\"syscalls\": [{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\","
                        "\"includes\": {\"minKernel\": \"5.8\"}},"
                        "{\"names\": [\"write\"], \"action\": \"SCMP_ACT_ERRNO\","
                        "\"errno\": \"EACCES\", \"errnoRet\": 2}]}";
        const char *kill = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
                           "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_KILL_PROCESS\"}]}";

        CHECK_INT(ASK(p, .consumer = "podman", .nr = 2), ERRNO(38)); /* names of errnos win over numbers */
        CHECK_INT(ASK(p, .consumer = "docker", .nr = 2), ERRNO(38)); /* runc's stub: 2 is above the highest */
        CHECK_INT(ASK(p, .consumer = "podman-crun", .nr = 2), ERRNO(38));
        CHECK_INT(ASK(p, .consumer = "podman-crun", .nr = 1), ERRNO(13));
        CHECK_INT(ASK(p, .consumer = "docker", .nr = 1), ERRNO(2));
        CHECK_INT(ASK(p, .consumer = "podman", .kernel = SC_KERNEL(5, 7), .nr = 0), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "docker", .kernel = SC_KERNEL(5, 7), .nr = 0), ERRNO(1));
        CHECK_INT(ASK(kill, .consumer = "podman", .nr = 0), SECCOMP_RET_KILL_PROCESS);
        CHECK_INT(ASK(kill, .consumer = "docker", .nr = 0), SECCOMP_RET_KILL_PROCESS);
}

/* What podman takes as an errno: any name it knows, and what Go's ParseUint reads as a decimal number of 32 bits. */
static void test_podman_errno(void)
{
        static const struct {
                const char *text;
                uint32_t answer;
        } rows[] = {
                { "EACCES", ERRNO(13) },  { "13", ERRNO(13) },    { "013", ERRNO(13) },
                { "0", ERRNO(0) },        { "65549", ERRNO(13) }, { "4294901773", ERRNO(13) },
                { "4294967296", REFUSED }, { "99999999999999999999999", REFUSED },
                { "0xd", REFUSED },       { "+13", REFUSED },     { "1_3", REFUSED },
                { "13 ", REFUSED },       { "EACCESS", REFUSED }, { "eacces", REFUSED },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char p[256];

                snprintf(p, sizeof(p), "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], "
                                       "\"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"%s\"}]}", rows[i].text);
                CHECK_INT(ASK(p, .consumer = "podman", .nr = 0), rows[i].answer);
                CHECK_INT(ASK(p, .consumer = "podman-crun", .nr = 0), rows[i].answer);
                CHECK_INT(ASK(p, .consumer = "docker", .nr = 0), ERRNO(1));
        }
}

/* What each was seen to take in containers that random profiles were put on (test/tools/probe-random). */
static void test_taken(void)
{
        const char *p = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"x32\", \"SCMP_ARCH_x86\"]}";

        CHECK_INT(ASK(p, .consumer = "crun", .abi = "x32", .nr = 0x40000000), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "crun", .abi = "x86", .nr = 1), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "podman-crun", .abi = "x32", .nr = 0x40000000), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "runc@1.1"), REFUSED);
        p = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"amd64\"]}"; /* no name of libseccomp's */
        CHECK_INT(ASK(p, .consumer = "crun"), REFUSED);
        p = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"], \"name\": \"stime\","
            "\"action\": \"SCMP_ACT_ALLOW\", \"excludes\": {\"caps\": [\"CAP_CHOWN\"]}}]}";
        CHECK_INT(ASK(p, .consumer = "docker@20.10", .caps = 1), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "podman", .caps = 1), ERRNO(1));
        CHECK_INT(ASK(p, .consumer = "docker@20.10"), REFUSED);
        CHECK_INT(ASK(p, .consumer = "podman"), REFUSED);
        p = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\":"
            "\"SCMP_ACT_ERRNO\", \"errno\": \"EIO\", \"errnoRet\": 4294967334}]}";
        CHECK_INT(ASK(p, .consumer = "podman-crun"), ERRNO(5)); /* the number is not handed on */
        CHECK_INT(ASK(p, .consumer = "crun"), REFUSED);
        CHECK_INT(ASK(p, .consumer = "runc"), ERRNO(38));
        /* libseccomp has one number for this and switch_endian, both of ppc */
        p = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"sys_debug_setcontext\"], \"action\":"
            "\"SCMP_ACT_TRAP\", \"args\": [{\"index\": 0, \"value\": 2, \"op\": \"SCMP_CMP_EQ\"}]}]}";
        CHECK_INT(ASK(p, .consumer = "crun", .arg0 = 2), ERRNO(1));
}

static void test_multiplexer(void)
{
        const char *p =
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"SCMP_ARCH_X86\"], \"syscalls\": ["
                "{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\"}]}";
        const char *closed = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38, \"architectures\": "
                             "[\"SCMP_ARCH_X86\"],"
                             "\"syscalls\": [{\"names\": [\"socketcall\"], \"action\": \"SCMP_ACT_ERRNO\"},"
                             "{\"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\"}]}";

        CHECK_INT(ASK(p, .consumer = "crun", .abi = "x86", .nr = 102, .arg0 = 1), SECCOMP_RET_ALLOW);
        CHECK_INT(ASK(p, .consumer = "crun", .abi = "x86", .nr = 102, .arg0 = 2), ERRNO(1));
        CHECK_INT(ASK(closed, .consumer = "crun", .abi = "x86", .nr = 102, .arg0 = 1), ERRNO(1));
        CHECK_INT(ASK(closed, .consumer = "crun", .abi = "x86", .nr = 359), SECCOMP_RET_ALLOW);
}

/* A profile so large that libseccomp's count of instructions would wrap around is refused before libseccomp sees it. */
static void test_size(void)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_strbuf_puts(&text, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [");
        for (int i = 0; i < 7000; i++)
                sc_strbuf_printf(
                        &text,
                        "%s{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0,"
                        " \"value\": %d, \"op\": \"SCMP_CMP_EQ\"}]}",
                        i ? "," : "", i);
        sc_strbuf_puts(&text, "]}");
        CHECK_INT(ASK(text.text, .consumer = "runc", .nr = 135), REFUSED);
        sc_strbuf_done(&text);
}

/* Is the filter what the rules say? The witness, or "", or an error's number. */
static void check_rules(const char *what, const char *consumer, const char *rules, const char *said)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 18);
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        const struct sc_target target = { .consumer = sc_consumer_find(consumer, strlen(consumer)),
                                          .native = sc_abi_find("aarch64", 7), .kernel = SC_KERNEL(6, 1),
                                          .table = sc_scmptable_find("debian12", 8) };
        struct sc_strbuf text = SC_STRBUF_INIT, found = SC_STRBUF_INIT;
        struct sc_source source = { .name = "profile" };
        struct sc_miscompiled wrong;
        const struct sc_json *root;
        struct sc_profile *profile;
        int r;

        sc_strbuf_printf(&text, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [%s]}", rules);
        source.text = text.text;
        source.len = text.len;
        printf("# %s\n", what);
        if (CHECK_INT(sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root), 0) &&
            CHECK_INT(sc_profile_read(arena, root, diags, &profile), 0) &&
            CHECK_INT(sc_consumer_decide(arena, &target, profile, &compiler, d, diags, &outcome), 0)) {
                r = sc_consumer_check(arena, &target, profile, &compiler, d, &outcome, &wrong);
                CHECK_INT(r, *said ? 1 : 0);
                if (r == 1) {
                        sc_witness_format(&wrong.witness, &found);
                        sc_strbuf_printf(&found, ": %#x, %#x", wrong.witness.a, wrong.witness.b);
                        CHECK(wrong.place.source == &source && wrong.place.offset > 0);
                }
                CHECK_STR(found.text ? found.text : "", said);
        }
        sc_strbuf_done(&text);
        sc_strbuf_done(&found);
}

#define RULE(call, action, args) \
        "{\"names\": [\"" call "\"], \"action\": \"SCMP_ACT_" action "\", \"args\": [" args "]}"
#define ARG(index, op, value) "{\"index\": " index ", \"op\": \"SCMP_CMP_" op "\", \"value\": " value "}"

static void test_miscompiled(void)
{
        check_rules("a test is dropped", "crun",
                    RULE("mremap", "ALLOW", ARG("0", "EQ", "6")) ","
                    RULE("mremap", "ALLOW", ARG("1", "EQ", "0") "," ARG("0", "NE", "4294967295")),
                    "aarch64 mremap(addr=0, old_len=0x6): 0x50001, 0x7fff0000");
        check_rules("the number is never loaded", "runc",
                    RULE("ipc", "ALLOW", ARG("0", "EQ", "1")) ","
                    RULE("personality", "ALLOW", ARG("0", "EQ", "8") "," ARG("1", "EQ", "8")),
                    "aarch64 personality(personality=0x8 PER_LINUX32, arg1=0x8): 0x7fff0000, 0x50001");
        check_rules("rules that overlap, either way", "crun",
                    RULE("socket", "LOG", ARG("0", "EQ", "1")) "," RULE("socket", "ALLOW", ARG("1", "EQ", "1")), "");
        check_rules("the same, the other way", "crun",
                    RULE("socket", "ALLOW", ARG("0", "EQ", "1")) "," RULE("socket", "LOG", ARG("1", "EQ", "1")), "");
        check_rules("an OR, as runc has it", "runc",
                    RULE("socket", "ALLOW", ARG("0", "NE", "16") "," ARG("0", "NE", "40")), "");
        check_rules("no rules of the call", "runc", RULE("read", "ALLOW", ""), "");
}

int main(void)
{
        test_miscompiled();
        test_default_errno();
        test_stub();
        test_docker_resolution();
        test_conditions();
        test_refusals();
        test_left_out();
        test_min_kernel();
        test_podman();
        test_podman_errno();
        test_taken();
        test_multiplexer();
        test_size();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of each rule of a profile for one call, and what the rules come to. */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "consumer/reason.h"
#include "json/json.h"
#include "test.h"

#define ERRNO(n) (SECCOMP_RET_ERRNO | (n))
#define ALLOW SECCOMP_RET_ALLOW

struct asked {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_decisions *d;
        struct sc_reasons reasons;
        int r;
};

static void done(struct asked *a)
{
        sc_decisions_free(a->d);
        sc_diags_free(a->diags);
        sc_arena_free(a->arena);
}

static struct asked ask(const char *text, const char *consumer, const char *abi_name, const char *call_name,
                        sc_caps caps)
{
        struct asked a = { sc_arena_new(), sc_diags_new(), sc_decisions_new(1 << 18), { 0 }, 0 };
        struct sc_source *source = sc_arena_alloc(a.arena, sizeof(*source));
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        const struct sc_abi *abi = sc_abi_find(abi_name, strlen(abi_name));
        const struct sc_target target = {
                .consumer = sc_consumer_find(consumer, strlen(consumer)),
                .native = sc_abi_find("x86_64", 6),
                .caps = caps,
                .kernel = SC_KERNEL(6, 1),
                .table = sc_scmptable_find("debian12", 8),
        };
        int call = sc_syscall_find(call_name, strlen(call_name));
        const struct sc_json *root;
        struct sc_profile *profile;
        uint32_t nr = 0;

        *source = (struct sc_source){ "profile", text, strlen(text) };
        sc_syscall_number(call, abi, &nr);
        a.r = sc_json_parse(a.arena, source, SC_JSON_FOLD_KEYS, a.diags, &root);
        if (a.r == 0)
                a.r = sc_profile_read(a.arena, root, a.diags, &profile);
        if (a.r == 0)
                a.r = sc_consumer_reasons(a.arena, &target, profile, abi, call, nr, &compiler, a.d, a.diags,
                                          &a.reasons);
        for (size_t i = 0, n = 0; i < n || i == 0; i++) {
                const struct sc_diag *const *all = sc_diags_all(a.diags, &n);

                if (n)
                        printf("# %s: %s\n", all[i]->rule, all[i]->message);
        }
        return a;
}

static const char profile[] =
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\","
        "\"subArchitectures\": [\"SCMP_ARCH_X86\"]}], \"syscalls\": ["
        "{\"names\": [\"mount\", \"read\"], \"action\": \"SCMP_ACT_ALLOW\","
        "\"includes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}},"
        "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_LOG\", \"excludes\": {\"caps\": [\"CAP_BPF\"]}},"
        "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"arches\": [\"arm64\"]}},"
        "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"excludes\": {\"arches\": [\"amd64\"]}},"
        "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"minKernel\": \"6.2\"}},"
        "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_NONSENSE\", \"excludes\": {\"minKernel\": \"4.8\"}},"
        "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ERRNO\"},"
        "{\"names\": [\"mseal\"], \"action\": \"SCMP_ACT_ALLOW\"},"
        "{\"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 1, \"value\": 5,"
        "\"op\": \"SCMP_CMP_EQ\"}, {\"index\": 1, \"value\": 6, \"op\": \"SCMP_CMP_EQ\"}]},"
        "{\"names\": [\"chroot\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, \"value\": 5,"
        "\"op\": \"SCMP_CMP_EQ\"}]},"
        "{\"names\": [\"chroot\"], \"action\": \"SCMP_ACT_ALLOW\"},"
        "{\"names\": [\"connect\"], \"action\": \"SCMP_ACT_ALLOW\"}]}";

static const char connecting[] =
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\","
        "\"subArchitectures\": [\"SCMP_ARCH_X86\"]}], \"syscalls\": ["
        "{\"names\": [\"connect\"], \"action\": \"SCMP_ACT_ALLOW\"}]}";

static void check_fates(const char *consumer, const char *call, sc_caps caps, const enum sc_fate *fates, size_t n)
{
        struct asked a = ask(profile, consumer, "x86_64", call, caps);

        CHECK_INT(a.r, 0);
        CHECK_INT(a.reasons.n, n);
        for (size_t i = 0; i < n && i < a.reasons.n; i++)
                CHECK_INT(a.reasons.items[i].fate, fates[i]);
        done(&a);
}

static void test_fates(void)
{
        static const enum sc_fate mount[] = { SC_FATE_CAPS,   SC_FATE_COUNTS, SC_FATE_ARCHES, SC_FATE_ARCHES,
                                              SC_FATE_KERNEL, SC_FATE_KERNEL, SC_FATE_DEFAULT };
        static const enum sc_fate admin[] = { SC_FATE_COUNTS, SC_FATE_CAPS,   SC_FATE_ARCHES, SC_FATE_ARCHES,
                                              SC_FATE_KERNEL, SC_FATE_KERNEL, SC_FATE_DEFAULT };
        static const enum sc_fate unknown[] = { SC_FATE_UNKNOWN };
        static const enum sc_fate overruled[] = { SC_FATE_OVERRULED, SC_FATE_COUNTS };

        check_fates("docker", "mount", 0, mount, SC_COUNT(mount));
        check_fates("docker", "mount", sc_caps_all(), admin, SC_COUNT(admin));
        check_fates("docker", "mseal", 0, unknown, 1);
        check_fates("docker", "chroot", 0, overruled, 2);
        check_fates("docker", "write", 0, NULL, 0);
}

static void test_causes(void)
{
        struct asked a = ask(profile, "docker", "x86_64", "mount", UINT64_C(1) << 39); /* CAP_BPF */

        if (!CHECK_INT(a.reasons.n, 7) || !a.reasons.items)
                return;
        CHECK_STR(a.reasons.items[0].cause, "CAP_SYS_ADMIN");
        CHECK(!a.reasons.items[0].excluded);
        CHECK_STR(a.reasons.items[1].cause, "CAP_BPF");
        CHECK(a.reasons.items[1].excluded);
        CHECK(!a.reasons.items[2].excluded && a.reasons.items[3].excluded);
        CHECK_STR(a.reasons.items[4].cause, "6.2");
        CHECK_STR(a.reasons.items[5].cause, "4.8");
        CHECK_INT(sc_source_locate(a.reasons.items[1].place.source, a.reasons.items[1].place.offset).line, 1);
        CHECK_INT(a.reasons.reading, sc_decision_leaf(a.d, ERRNO(EPERM)));
        CHECK_INT(a.reasons.default_action, ERRNO(EPERM));
        done(&a);
        /* an action that nobody knows counts once the rule applies */
        a = ask(profile, "containerd", "x86_64", "mount", 0);
        CHECK_INT(a.r, -EBADMSG);
        done(&a);
}

static void test_conditions(void)
{
        struct asked a = ask(profile, "docker", "x86_64", "ioctl", 0);
        struct sc_input in = { .words = { [SC_WORD_ARG1] = 6 } };

        if (!CHECK_INT(a.reasons.n, 1) || !a.reasons.items)
                return;
        CHECK(a.reasons.items[0].conditional);
        CHECK_INT(sc_decision_eval(a.d, a.reasons.items[0].where, &in), 1); /* two on one argument: either */
        CHECK_INT(sc_decision_eval(a.d, a.reasons.reading, &in), ALLOW);
        in.words[SC_WORD_ARG1] = 7;
        CHECK_INT(sc_decision_eval(a.d, a.reasons.items[0].where, &in), 0);
        CHECK_INT(sc_decision_eval(a.d, a.reasons.reading, &in), ERRNO(EPERM));
        done(&a);
}

/* Conditions that hold for all values stay conditions, unless libseccomp drops them. */
static void test_else(void)
{
        static const char text[] =
                "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\","
                "\"subArchitectures\": [\"SCMP_ARCH_X86\"]}], \"syscalls\": ["
                "{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{\"index\": 0, \"value\": 5,"
                "\"op\": \"SCMP_CMP_EQ\"}]},"
                "{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 0,"
                "\"op\": \"SCMP_CMP_GE\"}]},"
                "{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_KILL\", \"args\": [{\"index\": 0, \"value\": "
                "4294967296, \"valueTwo\": 0, \"op\": \"SCMP_CMP_MASKED_EQ\"}]}]}";
        struct asked a = ask(text, "docker", "x86_64", "personality", 0);

        if (!CHECK_INT(a.reasons.n, 3) || !a.reasons.items)
                return;
        for (size_t i = 0; i < 3; i++) {
                CHECK_INT(a.reasons.items[i].fate, SC_FATE_COUNTS);
                CHECK(a.reasons.items[i].conditional);
                CHECK_INT(a.reasons.items[i].otherwise, i == 1);
        }
        CHECK_INT(a.reasons.items[1].where, sc_decision_leaf(a.d, 1));
        done(&a);
        a = ask(text, "docker", "x86", "personality", 0);
        if (!CHECK_INT(a.reasons.n, 3) || !a.reasons.items)
                return;
        CHECK_INT(a.reasons.items[1].fate, SC_FATE_OVERRULED);
        CHECK(a.reasons.items[1].otherwise);
        CHECK_INT(a.reasons.items[2].fate, SC_FATE_COUNTS);
        CHECK(!a.reasons.items[2].conditional);
        done(&a);
}

static void test_stub_and_foreign(void)
{
        struct asked a = ask(profile, "docker", "x86_64", "futex_waitv", 0);

        CHECK(a.reasons.stub); /* the highest that is named is chroot's or connect's */
        CHECK_INT(a.reasons.reading, sc_decision_leaf(a.d, ERRNO(ENOSYS)));
        done(&a);
        a = ask(connecting, "cri-o", "x86_64", "futex_waitv", 0);
        CHECK(a.r == 0 && !a.reasons.stub);
        done(&a);
        a = ask(profile, "docker", "x32", "read", 0);
        CHECK(a.reasons.foreign);
        done(&a);
        a = ask("{}", "docker", "x86_64", "read", 0);
        CHECK(a.r == 0 && a.reasons.unfiltered);
        done(&a);
}

static void test_multiplexer(void)
{
        struct asked a = ask(connecting, "cri-o", "x86", "socketcall", 0);
        struct sc_input in = { .words = { [SC_WORD_ARG0] = 3 } };

        if (!CHECK_INT(a.reasons.n, 1) || !a.reasons.items)
                return;
        CHECK_STR(sc_syscall_name(a.reasons.items[0].call), "connect");
        CHECK_INT(sc_decision_eval(a.d, a.reasons.items[0].where, &in), 1);
        in.words[SC_WORD_ARG0] = 1;
        CHECK_INT(sc_decision_eval(a.d, a.reasons.items[0].where, &in), 0);
        done(&a);
}

int main(void)
{
        test_fates();
        test_causes();
        test_conditions();
        test_else();
        test_stub_and_foreign();
        test_multiplexer();
        return test_end();
}

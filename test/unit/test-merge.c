/* SPDX-License-Identifier: Apache-2.0 */
/* Merging: what cannot be said, ABIs, settings; random pairs are in test/random. */
#include <errno.h>
#include <linux/seccomp.h>

#include "merge/merge.h"
#include "policy.h"

struct merged {
        struct loaded parts[3];
        struct sc_arena *arena;
        struct sc_decisions *d;
        struct sc_diags *diags;
        struct sc_merge_result result;
        int r;
};

static struct merged merge(bool unite, const char *a, const char *b)
{
        struct merged m = { .arena = sc_arena_new(), .d = sc_decisions_new(SC_DECISIONS_NODES_MAX),
                            .diags = sc_diags_new() };
        struct sc_merge_part parts[2] = { { .policy = NULL } };
        const struct sc_merge_request request = { .parts = parts, .n_parts = 2, .unite = unite };

        m.parts[0] = load("a", a, NULL);
        m.parts[1] = load("b", b, NULL);
        for (int i = 0; i < 2; i++) {
                if (!CHECK_INT(m.parts[i].r, 0))
                        print_diags(&m.parts[i]);
                parts[i].policy = m.parts[i].policy;
        }
        m.r = sc_merge(m.arena, m.d, &request, m.diags, &m.result);
        return m;
}

static void merged_done(struct merged *m)
{
        sc_strbuf_done(&m->result.text);
        for (int i = 0; i < 2; i++)
                done(&m->parts[i]);
        sc_decisions_free(m->d);
        sc_diags_free(m->diags);
        sc_arena_free(m->arena);
}

static bool says(const struct merged *m, const char *rule)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(m->diags, &n);

        for (size_t i = 0; i < n; i++)
                if (!strcmp(all[i]->rule, rule))
                        return true;
        return false;
}

static const struct sc_abi *abi_of(const char *name)
{
        return sc_abi_find(name, strlen(name));
}

static uint32_t answer(const struct merged *m, const char *abi, const char *call, sc_caps caps, uint64_t arg0)
{
        struct sc_input input = { { 0 } };

        input.words[SC_WORD_CAPS] = caps;
        input.words[SC_WORD_ARG0] = arg0;
        return sc_decision_eval(m->d, sc_policy_call(m->result.policy, m->d, abi_of(abi),
                                                     sc_syscall_find(call, strlen(call))), &input);
}

#define BASE "'architectures': ['x86_64'], 'baseline': '6.1', "
#define DENIED (SECCOMP_RET_ERRNO | EPERM)

static void test_operations(void)
{
        static const char a[] = "{ " BASE "'rules': [ { 'deny': ['socket'], 'when': 'family == 40' },"
                                "  { 'allow': ['socket', 'read', 'bpf'] }, { 'kill': ['ptrace'] } ] }";
        static const char b[] = "{ " BASE "'rules': [ { 'allow': ['bpf'], 'when': 'CAP_BPF' },"
                                "  { 'allow': ['socket', 'ptrace'] }, { 'log': ['write'] } ] }";
        const sc_caps bpf = UINT64_C(1) << sc_cap_find("CAP_BPF", 7);
        struct merged m = merge(false, a, b);

        CHECK_INT(m.r, 0);
        CHECK_INT(answer(&m, "x86_64", "socket", 0, 40), DENIED);
        CHECK_INT(answer(&m, "x86_64", "socket", 0, 41), SECCOMP_RET_ALLOW);
        CHECK_INT(answer(&m, "x86_64", "bpf", 0, 0), DENIED);
        CHECK_INT(answer(&m, "x86_64", "bpf", bpf, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(answer(&m, "x86_64", "ptrace", 0, 0), SECCOMP_RET_KILL_PROCESS);
        CHECK(strstr(m.result.text.text, "\"when\": \"CAP_BPF\""));
        CHECK(strstr(m.result.text.text, "\"when\": \"family == 40\""));
        merged_done(&m);

        m = merge(true, a, b);
        CHECK_INT(m.r, 0);
        CHECK_INT(answer(&m, "x86_64", "socket", 0, 40), SECCOMP_RET_ALLOW);
        CHECK_INT(answer(&m, "x86_64", "bpf", 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(answer(&m, "x86_64", "ptrace", 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(answer(&m, "x86_64", "write", 0, 0), SECCOMP_RET_LOG);
        CHECK(!strstr(m.result.text.text, "when"));
        merged_done(&m);
}

/* Of equally strict answers the last one's data. */
static void test_data(void)
{
        struct merged m = merge(false, "{ " BASE "'rules': [ { 'deny': ['chown'], 'with': 'errno:5' } ] }",
                                "{ " BASE "'rules': [ { 'deny': ['chown'], 'with': 'errno:6' } ] }");

        CHECK_INT(m.r, 0);
        CHECK_INT(answer(&m, "x86_64", "chown", 0, 0), SECCOMP_RET_ERRNO | 6);
        merged_done(&m);
}

static void test_abis(void)
{
        static const char a[] = "{ 'architectures': ['x86_64', 'aarch64'], 'newer': 'errno:ENOSYS',"
                                "  'rules': [ { 'allow': ['read'] } ] }";
        static const char b[] = "{ 'architectures': ['s390x', 'x86_64'], 'newer': 'kill',"
                                "  'rules': [ { 'allow': ['write'] } ] }";
        static const char c[] = "{ 'architectures': ['s390x'] }";
        struct merged m = merge(false, a, b);

        CHECK_INT(m.r, 0);
        CHECK_INT(m.result.policy->n_abis, 1);
        CHECK_INT(m.result.policy->newer, SECCOMP_RET_KILL_PROCESS);
        CHECK(!says(&m, "stricter"));
        merged_done(&m);
        m = merge(true, a, b);
        CHECK_INT(m.r, 0);
        CHECK_INT(m.result.policy->n_abis, 3);
        CHECK_INT(answer(&m, "s390x", "read", 0, 0), DENIED);
        CHECK_INT(answer(&m, "s390x", "write", 0, 0), SECCOMP_RET_ALLOW);
        CHECK_INT(answer(&m, "x86_64", "read", 0, 0), SECCOMP_RET_ALLOW);
        /* numbers without a name: ENOSYS here, kill on s390x */
        CHECK_INT(m.result.policy->newer, SECCOMP_RET_KILL_PROCESS);
        CHECK(says(&m, "stricter"));
        merged_done(&m);
        m = merge(false, a, c);
        CHECK_INT(m.r, -EBADMSG);
        CHECK(says(&m, "no-common-architecture"));
        merged_done(&m);
}

/* A filter that says one thing to one call and another to all else. */
static void merge_filter(uint32_t answer_there, int want, const char *rule, uint32_t want_answer)
{
        struct merged m = { .arena = sc_arena_new(), .d = sc_decisions_new(SC_DECISIONS_NODES_MAX),
                            .diags = sc_diags_new() };
        struct sc_merge_part parts[1] = { { .policy = NULL } };
        const struct sc_merge_request request = { .parts = parts, .n_parts = 1, .fixed = true };

        for (size_t i = 0; i < SC_ABI_MAX; i++)
                parts[0].nodes[i] = SC_NODE_FAILED;
        parts[0].nodes[abi_of("x86_64")->index] =
                sc_decision_eq(m.d, SC_WORD_NR, UINT32_MAX, 0, sc_decision_leaf(m.d, answer_there),
                               sc_decision_leaf(m.d, DENIED));
        m.r = sc_merge(m.arena, m.d, &request, m.diags, &m.result);
        CHECK_INT(m.r, want);
        CHECK(!rule || says(&m, rule));
        if (m.r == 0)
                CHECK_INT(answer(&m, "x86_64", "read", 0, 0), want_answer);
        sc_strbuf_done(&m.result.text);
        sc_decisions_free(m.d);
        sc_diags_free(m.diags);
        sc_arena_free(m.arena);
}

/* What numbers without a name get: from 5000 on an errno of their own, from 6000 on `last`; allow to all others. */
static void merge_numbers(uint32_t last, int want, const char *rule, uint32_t want_newer)
{
        struct merged m = { .arena = sc_arena_new(), .d = sc_decisions_new(SC_DECISIONS_NODES_MAX),
                            .diags = sc_diags_new() };
        struct sc_merge_part parts[1] = { { .policy = NULL } };
        const struct sc_merge_request request = { .parts = parts, .n_parts = 1, .fixed = true };
        sc_node node = sc_decision_leaf(m.d, SECCOMP_RET_ALLOW);

        node = sc_decision_ge(m.d, SC_WORD_NR, 6000, sc_decision_leaf(m.d, last), node);
        for (uint32_t i = 1; i <= 40; i++)
                node = sc_decision_eq(m.d, SC_WORD_NR, UINT32_MAX, 5000 + i,
                                      sc_decision_leaf(m.d, SECCOMP_RET_ERRNO | i), node);
        for (size_t i = 0; i < SC_ABI_MAX; i++)
                parts[0].nodes[i] = SC_NODE_FAILED;
        parts[0].nodes[abi_of("x86_64")->index] = node;
        m.r = sc_merge(m.arena, m.d, &request, m.diags, &m.result);
        CHECK_INT(m.r, want);
        CHECK(says(&m, rule));
        if (m.r == 0)
                CHECK_INT(m.result.policy->newer, want_newer);
        sc_strbuf_done(&m.result.text);
        sc_decisions_free(m.d);
        sc_diags_free(m.diags);
        sc_arena_free(m.arena);
}

static void test_filters(void)
{
        merge_numbers(SECCOMP_RET_KILL_PROCESS, 0, "stricter", SECCOMP_RET_KILL_PROCESS);
        merge_numbers(SECCOMP_RET_TRAP, 0, "stricter", SECCOMP_RET_TRAP);
        merge_numbers(SECCOMP_RET_ERRNO | 7, 0, "stricter", SECCOMP_RET_ERRNO | 7); /* most of all get that */
        merge_numbers(SECCOMP_RET_ERRNO, -EBADMSG, "unsayable", 0);

        merge_filter(SECCOMP_RET_ALLOW, 0, NULL, SECCOMP_RET_ALLOW);
        merge_filter(SECCOMP_RET_ALLOW | 7, 0, NULL, SECCOMP_RET_ALLOW);
        merge_filter(0x12340000, 0, NULL, SECCOMP_RET_KILL_PROCESS);
        merge_filter(SECCOMP_RET_USER_NOTIF, 0, "stricter", SECCOMP_RET_ERRNO | ENOSYS);
        merge_filter(SECCOMP_RET_TRAP | 3, 0, "other-errno", SECCOMP_RET_TRAP);
        merge_filter(SECCOMP_RET_ERRNO, -EBADMSG, "unsayable", 0);
        merge_filter(SECCOMP_RET_ERRNO | 4095, -EBADMSG, "unsayable", 0);
}

/* A filter that lets all numbers through but the last: x86_64's, and none of x32's. Returns `newer`. */
static uint32_t merge_last_number(const char *abi, bool *ret_stricter)
{
        struct merged m = { .arena = sc_arena_new(), .d = sc_decisions_new(SC_DECISIONS_NODES_MAX),
                            .diags = sc_diags_new() };
        struct sc_merge_part parts[1] = { { .policy = NULL } };
        const struct sc_merge_request request = { .parts = parts, .n_parts = 1, .fixed = true,
                                                  .kernel = SC_KERNEL(6, 1) };
        uint32_t newer = 0;

        for (size_t i = 0; i < SC_ABI_MAX; i++)
                parts[0].nodes[i] = SC_NODE_FAILED;
        parts[0].nodes[abi_of(abi)->index] =
                sc_decision_eq(m.d, SC_WORD_NR, UINT32_MAX, UINT32_MAX,
                               sc_decision_leaf(m.d, SECCOMP_RET_KILL_PROCESS),
                               sc_decision_leaf(m.d, SECCOMP_RET_ALLOW));
        m.r = sc_merge(m.arena, m.d, &request, m.diags, &m.result);
        if (CHECK_INT(m.r, 0))
                newer = m.result.policy->newer;
        *ret_stricter = says(&m, "stricter");
        sc_strbuf_done(&m.result.text);
        sc_decisions_free(m.d);
        sc_diags_free(m.diags);
        sc_arena_free(m.arena);
        return newer;
}

static void test_last_number(void)
{
        bool stricter;

        CHECK_INT(merge_last_number("x86_64", &stricter), SECCOMP_RET_KILL_PROCESS);
        CHECK(stricter);
        CHECK_INT(merge_last_number("aarch64", &stricter), SECCOMP_RET_KILL_PROCESS);
        CHECK_INT(merge_last_number("x32", &stricter), SECCOMP_RET_ALLOW);
        CHECK(!stricter);
}

int main(void)
{
        test_last_number();
        test_operations();
        test_data();
        test_abis();
        test_filters();
        return test_end();
}

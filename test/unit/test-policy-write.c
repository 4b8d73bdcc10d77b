/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of policies: conditions come back as they were meant, policies with the same decisions. */
#include "policy.h"
#include "policy/write.h"

static bool same(struct sc_decisions *d, const struct sc_policy *a, const struct sc_policy *b)
{
        bool same = a->n_abis == b->n_abis && a->newer == b->newer && a->n_requirements == b->n_requirements &&
                    a->n_flags == b->n_flags && a->n_optional == b->n_optional;

        for (size_t i = 0; same && i < a->n_abis; i++)
                same = a->abis[i] == b->abis[i] &&
                       sc_policy_decision(a, d, a->abis[i]) == sc_policy_decision(b, d, b->abis[i]);
        return same && sc_decisions_error(d) == 0;
}

/* Written, loaded, and written again: the same decisions, then the same bytes. */
static void check_round(const char *name, const char *text)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf first = SC_STRBUF_INIT;
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf second = SC_STRBUF_INIT;
        struct loaded a = load(name, text, NULL), b = { .arena = sc_arena_new(), .diags = sc_diags_new() };

        if (!CHECK_INT(a.r, 0)) {
                print_diags(&a);
                done(&a);
                done(&b);
                return;
        }
        sc_policy_write(a.policy, &first);
        b.r = sc_policy_load(b.arena, "<again>", first.text, first.len, NULL, b.diags, &b.policy);
        if (CHECK_INT(b.r, 0)) {
                CHECK(same(d, a.policy, b.policy));
                sc_policy_write(b.policy, &second);
                CHECK_STR(first.text, second.text);
        } else {
                print_diags(&b);
                printf("# %s\n", first.text);
        }
        done(&a);
        done(&b);
}

static void test_shipped(void)
{
        for (size_t i = 0; i < sc_shipped_count(); i++)
                check_round(sc_shipped_at(i)->name, NULL);
}

static void test_rounds(void)
{
        check_round("empty", "{}");
        check_round("settings",
                    "{ 'description': 'a tab\\t, a quote\\u0022, a \\\\ and \\u00e9', 'architectures': ['x86_64'],"
                    "  'baseline': '5.10', 'default': 'kill', 'fallback': 'errno:EPERM', 'newer': 'trap',"
                    "  'requires': ['noNewPrivileges', '!CAP_SYS_ADMIN when clone3'],"
                    "  'flags': ['SECCOMP_FILTER_FLAG_LOG'], 'optional': ['bpf'],"
                    "  'rules': [ { 'allow': ['clone3', 'read'] }, { 'deny': ['openat2', 'chown'] },"
                    "    { 'deny': ['fchown'], 'with': 'errno:4094' }, { 'trace': ['open'], 'with': 'trace:7' },"
                    "    { 'kill-thread': ['ptrace'] }, { 'log': ['mount'] }, { 'trap': ['umount2'] } ] }");
        check_round("one that complains", "{ 'complain': true, 'default': 'kill', 'fallback': 'errno:EPERM',"
                                          "  'architectures': ['x86_64', 'x86'], 'rules': ["
                                          "    { 'deny': ['socket'], 'when': 'family == AF_ALG' },"
                                          "    { 'allow': ['@network-io'] } ] }");
        check_round("a carrier through a group",
                    "{ 'architectures': ['x86'], 'rules': ["
                    "  { 'deny': ['socket'], 'when': '!CAP_NET_ADMIN' }, { 'allow': ['@network-io', '@ipc'] } ] }");
        check_round("a carrier by its name",
                    "{ 'architectures': ['x86'], 'rules': [ { 'deny': ['socket'], 'when': '!CAP_NET_ADMIN' },"
                    "  { 'allow': ['socketcall', '@network-io'] } ] }");
        check_round("a plain denial", "{ 'fallback': 'errno:ENOSYS', 'architectures': ['x86_64'],"
                                      "  'rules': [ { 'deny': ['clone3', 'chown'], 'with': 'errno:EPERM' } ] }");
}

/* What a condition of a rule for `call` is written as. */
static void check_condition(const char *call, const char *text, const char *want)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf out = SC_STRBUF_INIT;
        struct sc_arena *arena = sc_arena_new();
        const struct sc_cond *cond = NULL;

        if (CHECK_INT(sc_policy_condition_read(arena, text, sc_syscall_find(call, strlen(call)), &cond), 0)) {
                sc_cond_write(cond, &out);
                CHECK_STR(out.text, want ? want : text);
        }
        sc_arena_free(arena);
}

static void test_conditions(void)
{
        static const char *const stay[] = {
                "CAP_BPF && kernel >= 5.8",
                "!CAP_BPF",
                "!(kernel == 5.8)",
                "!(CAP_BPF && CAP_SYS_ADMIN)",
                "arch == x86_64 || arch != arm && (CAP_BPF || arch not in {x86, x32})",
                "family in {AF_UNIX, 9, 16..20}",
                "family not in {AF_UNIX}",
                "type & 15 in {1, 2}",
                "type & (SOCK_CLOEXEC | SOCK_NONBLOCK)",
                "!(type & 1)",
                "type & 6 == 6",
                "type & 6 == SOCK_DGRAM | SOCK_STREAM | 4",
                "type in {SOCK_DGRAM | SOCK_CLOEXEC, ~(1 & 3), -(2)..-1}",
                "arg0:64 > 0xffffffff && arg1 <= 3",
        };

        for (size_t i = 0; i < SC_COUNT(stay); i++)
                if (strstr(stay[i], "-(2)"))
                        check_condition("socket", stay[i], "type in {SOCK_DGRAM | SOCK_CLOEXEC, ~(1 & 3), -2..-1}");
                else
                        check_condition("socket", stay[i], NULL);
        check_condition("socket", "((CAP_BPF))", "CAP_BPF");
        check_condition("socket", "AF_UNIX == family", "family == AF_UNIX");
        check_condition("socket", "CAP_BPF && (CAP_SYS_ADMIN && CAP_CHOWN)", "CAP_BPF && CAP_SYS_ADMIN && CAP_CHOWN");
}

static void test_bad_conditions(void)
{
        static const char *const bad[] = { "", "CAP_", "nosuch == 1", "family ==", "family == 1 extra" };
        struct sc_arena *arena = sc_arena_new();
        const struct sc_cond *cond = NULL;

        for (size_t i = 0; i < SC_COUNT(bad); i++)
                CHECK_INT(sc_policy_condition_read(arena, bad[i], sc_syscall_find("socket", 6), &cond), -EBADMSG);
        CHECK(!cond);
        sc_arena_free(arena);
}

int main(void)
{
        test_shipped();
        test_rounds();
        test_conditions();
        test_bad_conditions();
        return test_end();
}

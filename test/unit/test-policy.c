/* SPDX-License-Identifier: Apache-2.0 */
/* The policy language: what policies answer, as rows; what is wrong with them is test-policy-diag.c's. */
#include <errno.h>

#include "policy.h"

static const struct sc_abi *abi_of(const char *name)
{
        return sc_abi_find(name, strlen(name));
}

static int call_of(const char *name)
{
        return sc_syscall_find(name, strlen(name));
}

/* "none", "docker", or names with commas between. */
static sc_caps caps_of(const char *names)
{
        sc_caps caps = 0;

        if (!strcmp(names, "docker"))
                return sc_caps_docker();
        while (strcmp(names, "none") && *names) {
                size_t len = strcspn(names, ",");

                caps |= (sc_caps)1 << sc_cap_find(names, len);
                names += len + (names[len] == ',');
        }
        return caps;
}

static sc_action answer(const struct sc_policy *policy, const char *abi, int call, sc_caps caps, sc_kernel kernel)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct sc_input input = { .words = { [SC_WORD_KERNEL] = kernel, [SC_WORD_CAPS] = caps } };

        return sc_decision_eval(d, sc_policy_call(policy, d, abi_of(abi), call), &input);
}

/* One row: ABI, call, capabilities and kernel, and the action that the policy must answer. */
struct row {
        const char *abi;
        const char *call;
        const char *caps;
        sc_kernel kernel;
        const char *action;
};

static void check_row(const struct sc_policy *policy, const struct row *row)
{
        struct sc_strbuf got = SC_STRBUF_INIT;
        char what[200];

        snprintf(what, sizeof(what), "%s %s, %s, %u.%u: %s", row->abi, row->call, row->caps,
                 SC_KERNEL_MAJOR(row->kernel), SC_KERNEL_MINOR(row->kernel), row->action);
        sc_action_format(answer(policy, row->abi, call_of(row->call), caps_of(row->caps), row->kernel), &got);
        test_check_str(got.text, row->action, __FILE__, __LINE__, what);
        sc_strbuf_done(&got);
}

static void check_rows(const char *text, const struct sc_policy_options *options, const struct row *rows)
{
        struct loaded l = load("test.jsonc", text, options);

        if (!CHECK_INT(l.r, 0)) {
                printf("# %s\n", text);
                print_diags(&l);
        } else
                while (rows->abi)
                        check_row(l.policy, rows++);
        done(&l);
}

#define ROWS(...) ((const struct row[]){ __VA_ARGS__, { 0 } })
#define K61 SC_KERNEL(6, 1)

static void test_ends(void)
{
        check_rows("{}", NULL, ROWS(
                { "x86_64", "read", "docker", K61, "errno:EPERM" },
                { "x86_64", "clone3", "docker", K61, "errno:ENOSYS" },
                { "x86_64", "openat2", "docker", K61, "errno:ENOSYS" }));
        check_rows("{ 'baseline': '5.5' }", NULL, ROWS(
                { "x86_64", "openat2", "docker", K61, "errno:ENOSYS" },
                { "x86_64", "pidfd_getfd", "docker", K61, "errno:ENOSYS" },
                { "x86_64", "pidfd_open", "docker", K61, "errno:ENOSYS" },
                { "x86_64", "io_uring_enter", "docker", K61, "errno:EPERM" }));
        check_rows("{ 'baseline': '5.5', 'default': 'kill', 'newer': 'errno:EINVAL' }", NULL, ROWS(
                { "x86_64", "read", "none", K61, "kill" },
                { "x86_64", "clone3", "none", K61, "kill" },
                { "x86_64", "openat2", "none", K61, "errno:EINVAL" }));
        check_rows("{ 'baseline': '5.5', 'default': 'allow' }", NULL, ROWS(
                { "x86_64", "read", "none", K61, "allow" },
                { "x86_64", "openat2", "none", K61, "allow" }));
        check_rows("{ 'baseline': '5.5', 'default': 'log', 'rules': [{ 'deny': ['clone3', 'bpf'] }] }", NULL,
                   ROWS({ "x86_64", "read", "none", K61, "log" },
                        { "x86_64", "clone3", "none", K61, "errno:ENOSYS" },
                        { "x86_64", "bpf", "none", K61, "errno:EPERM" },
                        { "x86_64", "openat2", "none", K61, "log" }));
        check_rows("{ 'baseline': '5.5', 'default': 'trace:7' }", NULL, ROWS(
                { "x86_64", "openat2", "none", K61, "trace:7" }));
        check_rows("{ 'fallback': 'errno:EINVAL', 'default': 'errno:5' }", NULL, ROWS(
                { "x86_64", "clone3", "none", K61, "errno:EINVAL" },
                { "x86_64", "read", "none", K61, "errno:EIO" }));
        /* judged on one listed ABI is judged on all: accept has no number on x86, pidfd_getfd is newer on both */
        check_rows("{ 'architectures': ['x86_64', 'x86'], 'baseline': '5.5' }", NULL, ROWS(
                { "x86", "accept", "none", K61, "errno:EPERM" },
                { "x86", "mmap2", "none", K61, "errno:EPERM" },
                { "x86_64", "mmap2", "none", K61, "errno:EPERM" },
                { "x86", "pidfd_getfd", "none", K61, "errno:ENOSYS" }));
        check_rows("{ 'architectures': ['x86'] }", NULL, ROWS({ "x86", "accept", "none", K61, "errno:ENOSYS" }));
}

static void test_verbs(void)
{
        check_rows("{ 'rules': [ { 'allow': ['read'] }, { 'deny': ['write', 'openat2'] },"
                   " { 'deny': ['open', 'statx'], 'with': 'errno:EACCES' }, { 'deny': ['close'], 'with': 'kill' },"
                   " { 'log': ['dup'] }, { 'trap': ['dup2'] }, { 'trace': ['dup3'] },"
                   " { 'trace': ['pipe'], 'with': 'trace:65535' }, { 'kill': ['bpf'] },"
                   " { 'kill-thread': ['ptrace'], 'comment': 'why' }, { 'deny': ['mount'], 'with': 'errno:4094' } ] }",
                   NULL, ROWS(
                { "x86_64", "read", "none", K61, "allow" },
                { "x86_64", "write", "none", K61, "errno:EPERM" },
                { "x86_64", "openat2", "none", K61, "errno:ENOSYS" },
                { "x86_64", "open", "none", K61, "errno:EACCES" },
                { "x86_64", "statx", "none", K61, "errno:EACCES" },
                { "x86_64", "close", "none", K61, "kill" },
                { "x86_64", "dup", "none", K61, "log" },
                { "x86_64", "dup2", "none", K61, "trap" },
                { "x86_64", "dup3", "none", K61, "trace:0" },
                { "x86_64", "pipe", "none", K61, "trace:65535" },
                { "x86_64", "bpf", "none", K61, "kill" },
                { "x86_64", "ptrace", "none", K61, "kill-thread" },
                { "x86_64", "mount", "none", K61, "errno:4094" }));
        /* a rule holds for what the baseline does not have, too */
        check_rows("{ 'baseline': '5.5', 'rules': [{ 'allow': ['openat2'] }, { 'deny': ['pidfd_getfd'] }] }", NULL,
                   ROWS({ "x86_64", "openat2", "none", K61, "allow" },
                        { "x86_64", "pidfd_getfd", "none", K61, "errno:EPERM" }));
}

/* One condition on `bpf`: where it holds the call is allowed. */
struct cond_row {
        const char *when;
        const char *abi;
        const char *caps;
        sc_kernel kernel;
        bool holds;
};

static const struct cond_row cond_rows[] = {
        { "CAP_BPF", "x86_64", "CAP_BPF", K61, true },
        { "CAP_BPF", "x86_64", "none", K61, false },
        { "!CAP_BPF", "x86_64", "none", K61, true },
        { "CAP_BPF && CAP_PERFMON", "x86_64", "CAP_BPF", K61, false },
        { "CAP_BPF && CAP_PERFMON", "x86_64", "CAP_BPF,CAP_PERFMON", K61, true },
        { "CAP_BPF || CAP_PERFMON", "x86_64", "CAP_PERFMON", K61, true },
        { "CAP_BPF || CAP_PERFMON && CAP_SYS_ADMIN", "x86_64", "CAP_BPF", K61, true },
        { "(CAP_BPF || CAP_PERFMON) && CAP_SYS_ADMIN", "x86_64", "CAP_BPF", K61, false },
        { "!(CAP_BPF || CAP_PERFMON)", "x86_64", "CAP_PERFMON", K61, false },
        { "!!CAP_BPF", "x86_64", "CAP_BPF", K61, true },
        { "!CAP_BPF && CAP_PERFMON", "x86_64", "CAP_PERFMON", K61, true },
        { "CAP_CHECKPOINT_RESTORE", "x86_64", "CAP_CHECKPOINT_RESTORE", K61, true },
        { "arch == x86_64", "x86_64", "none", K61, true },
        { "arch == amd64", "x86_64", "none", K61, true },
        { "x86_64 == arch", "x86", "none", K61, false },
        { "arch != x86_64", "aarch64", "none", K61, true },
        { "x86_64 != arch", "x86_64", "none", K61, false },
        { "arch in {x86_64, aarch64}", "aarch64", "none", K61, true },
        { "arch in { x86_64,\\taarch64 }", "arm", "none", K61, false },
        { "arch not in {x86_64, aarch64}", "arm", "none", K61, true },
        { "arch not in {x86_64}", "x86_64", "none", K61, false },
        { "kernel >= 5.8", "x86_64", "none", SC_KERNEL(5, 8), true },
        { "kernel >= 5.8", "x86_64", "none", SC_KERNEL(5, 7), false },
        { "kernel >= 5.8", "x86_64", "none", SC_KERNEL(6, 0), true },
        { "kernel >= 5.8", "x86_64", "none", SC_KERNEL(4, 20), false },
        { "kernel > 5.8", "x86_64", "none", SC_KERNEL(5, 8), false },
        { "kernel > 5.8", "x86_64", "none", SC_KERNEL(5, 10), true },
        { "kernel <= 5.8", "x86_64", "none", SC_KERNEL(5, 8), true },
        { "kernel <= 5.8", "x86_64", "none", SC_KERNEL(5, 9), false },
        { "kernel < 5.8", "x86_64", "none", SC_KERNEL(5, 8), false },
        { "kernel < 5.8", "x86_64", "none", SC_KERNEL(3, 10), true },
        { "kernel == 5.8", "x86_64", "none", SC_KERNEL(5, 8), true },
        { "kernel != 5.8", "x86_64", "none", SC_KERNEL(5, 8), false },
        { "5.8 <= kernel", "x86_64", "none", SC_KERNEL(5, 8), true },
        { "5.8 < kernel", "x86_64", "none", SC_KERNEL(5, 8), false },
        { "5.8 > kernel", "x86_64", "none", SC_KERNEL(5, 7), true },
        { "5.8 >= kernel", "x86_64", "none", SC_KERNEL(5, 9), false },
        { "5.8 == kernel", "x86_64", "none", SC_KERNEL(5, 8), true },
        { "kernel>=5.8&&CAP_BPF", "x86_64", "CAP_BPF", K61, true },
        { "CAP_BPF && kernel >= 5.8 || arch == arm", "arm", "none", SC_KERNEL(4, 4), true },
};

static void test_conditions(void)
{
        for (size_t i = 0; i < SC_COUNT(cond_rows); i++) {
                const struct cond_row *row = &cond_rows[i];
                const char *action = row->holds ? "allow" : "errno:EPERM";
                struct row rows[2] = { { row->abi, "bpf", row->caps, row->kernel, action } };
                char text[300];

                snprintf(text, sizeof(text), "{ 'rules': [{ 'allow': ['bpf'], 'when': '%s' }] }", row->when);
                check_rows(text, NULL, rows);
        }
}

static void test_order(void)
{
        check_rows("{ 'groups': { '@mine': ['@chown', 'read', '@other'], '@other': ['write'] },"
                   " 'rules': [ { 'deny': ['chown'], 'when': '!CAP_CHOWN', 'with': 'errno:EACCES' },"
                   " { 'allow': ['@mine'] }, { 'kill': ['@file-system', '@chown', '@basic-io'] } ] }", NULL, ROWS(
                { "x86_64", "chown", "none", K61, "errno:EACCES" },
                { "x86_64", "chown", "CAP_CHOWN", K61, "allow" },
                { "x86_64", "lchown", "none", K61, "allow" },
                { "x86_64", "read", "none", K61, "allow" },
                { "x86_64", "write", "none", K61, "allow" },
                { "x86_64", "readv", "none", K61, "kill" },
                { "x86_64", "open", "none", K61, "kill" },
                { "x86_64", "bpf", "none", K61, "errno:EPERM" }));
}

/* The calls that socketcall carries, of which one rule names all but `socket`. */
#define SOCKET_CALLS "'bind', 'connect', 'listen', 'accept', 'accept4', 'getsockname', 'getpeername', " \
        "'socketpair', 'send', 'recv', 'sendto', 'recvfrom', 'shutdown', 'setsockopt', 'getsockopt', " \
        "'sendmsg', 'recvmsg', 'recvmmsg', 'sendmmsg'"
#define X86 "'architectures': ['x86_64', 'x86'], "

static void test_multiplexers(void)
{
        /* all carried calls are open: as any other call, here through the group */
        check_rows("{ " X86 "'rules': [{ 'allow': ['@network-io'] }] }", NULL, ROWS(
                { "x86", "socketcall", "none", K61, "allow" },
                { "x86", "ipc", "none", K61, "errno:EPERM" },
                { "x86", "socket", "none", K61, "allow" }));
        /* one is denied: the group's permission is passed over */
        check_rows("{ " X86 "'rules': [{ 'deny': ['socket'] }, { 'allow': ['@network-io'] }] }", NULL, ROWS(
                { "x86", "socketcall", "none", K61, "errno:EPERM" },
                { "x86", "connect", "none", K61, "allow" }));
        /* its own name decides */
        check_rows("{ " X86 "'rules': [{ 'deny': ['socket'] }, { 'allow': ['@network-io', 'socketcall'] }] }", NULL,
                   ROWS({ "x86", "socketcall", "none", K61, "allow" }));
        /* on an ABI without multiplexers it is a name like others */
        check_rows("{ " X86 "'rules': [{ 'deny': ['socket'] }, { 'allow': ['@network-io'] }] }", NULL, ROWS(
                { "x86_64", "socketcall", "none", K61, "allow" }));
        /* denied only where a carried call is */
        check_rows("{ " X86 "'rules': [{ 'deny': ['socket'], 'when': '!CAP_NET_ADMIN' },"
                   " { 'allow': ['@network-io'] }] }", NULL, ROWS(
                { "x86", "socketcall", "none", K61, "errno:EPERM" },
                { "x86", "socketcall", "CAP_NET_ADMIN", K61, "allow" }));
        /* a group that denies decides, with what it says */
        check_rows("{ " X86 "'rules': [{ 'allow': ['socket'] }, { 'deny': ['@network-io'], 'with': 'errno:EACCES' }] }",
                   NULL, ROWS({ "x86", "socketcall", "none", K61, "errno:EACCES" }));
        /* no rule names it, all carried calls are open: the default, as for any other call */
        check_rows("{ " X86 "'rules': [{ 'allow': ['socket', " SOCKET_CALLS "] }] }", NULL, ROWS(
                { "x86", "socketcall", "none", K61, "errno:EPERM" }));
        check_rows("{ " X86 "'default': 'allow' }", NULL, ROWS({ "x86", "socketcall", "none", K61, "allow" }));
        /* a deny-list closes it: a call that it carries could be made past the rule */
        check_rows("{ " X86 "'default': 'allow', 'rules': [{ 'deny': ['shmget'] }] }", NULL, ROWS(
                { "x86", "ipc", "none", K61, "errno:EPERM" },
                { "x86", "socketcall", "none", K61, "allow" }));
        /* traced is not plainly permitted either */
        check_rows("{ " X86 "'default': 'allow', 'rules': [{ 'trace': ['@network-io'] }] }", NULL, ROWS(
                { "x86", "socketcall", "none", K61, "errno:EPERM" },
                { "x86", "connect", "none", K61, "trace:0" }));
        /* never the action of `newer` */
        check_rows("{ " X86 "'default': 'errno:ENOSYS' }", NULL, ROWS({ "x86", "ipc", "none", K61, "errno:EPERM" }));
        check_rows("{ " X86 "'newer': 'errno:EPERM' }", NULL, ROWS({ "x86", "ipc", "none", K61, "errno:ENOSYS" }));
        check_rows("{ " X86 "'default': 'kill' }", NULL, ROWS({ "x86", "ipc", "none", K61, "kill" }));
        check_rows("{ " X86 "'default': 'errno:EACCES' }", NULL, ROWS({ "x86", "ipc", "none", K61, "errno:EACCES" }));
}

static void test_options(void)
{
        const unsigned short ipc = (unsigned short)call_of("ipc"), mount_call = (unsigned short)call_of("mount");
        const struct sc_policy_options allow = { .allow = &ipc, .n_allow = 1 }, complain = { .complain = true };
        const struct sc_policy_options wrong = { .allow = &mount_call, .n_allow = 1 };
        const char *text = "{ " X86 "'optional': ['ipc'], 'default': 'kill', 'rules': [ { 'deny': ['socket'] },"
                           " { 'allow': ['@network-io', 'read'] }, { 'trace': ['bpf'] }, { 'deny': ['openat2'] } ] }";
        struct loaded l = load("test.jsonc", text, &wrong);
        const struct sc_diag *const *all;
        size_t n;

        check_rows(text, NULL, ROWS({ "x86", "ipc", "none", K61, "kill" }));
        check_rows(text, &allow, ROWS(
                { "x86", "ipc", "none", K61, "allow" },
                { "x86", "shmget", "none", K61, "kill" }));
        check_rows(text, &complain, ROWS(
                { "x86", "ipc", "none", K61, "log" },
                { "x86", "socketcall", "none", K61, "log" },
                { "x86", "socket", "none", K61, "log" },
                { "x86", "connect", "none", K61, "allow" },
                { "x86_64", "openat2", "none", K61, "log" },
                { "x86_64", "mount", "none", K61, "log" },
                { "x86_64", "read", "none", K61, "allow" },
                { "x86_64", "bpf", "none", K61, "trace:0" }));
        CHECK_INT(l.r, -EBADMSG);
        all = sc_diags_all(l.diags, &n);
        if (CHECK_INT(n, 1)) {
                CHECK_STR(all[0]->rule, "not-optional");
                CHECK_INT(all[0]->places[0].length, strlen("['ipc']"));
        }
        done(&l);
        /* an empty list is one: what is extended is not asked */
        l = load("test.jsonc", "{ 'extends': ['docker-default'], 'optional': [] }", &allow);
        all = sc_diags_all(l.diags, &n);
        CHECK_INT(l.r, -EBADMSG);
        if (CHECK_INT(n, 1))
                CHECK_STR(all[0]->message, "the policy does not offer 'ipc'");
        done(&l);
}

static void test_extends(void)
{
        struct loaded l;

        write_file("base.jsonc", "{ 'default': 'kill', 'requires': ['noNewPrivileges', '!CAP_SYS_ADMIN'],"
                                 " 'groups': { '@g': ['read'], '@h': ['getpid'] }, 'optional': ['ipc'],"
                                 " 'rules': [{ 'allow': ['@g', 'dup'] }, { 'trap': ['bpf'] }] }");
        write_file("left.jsonc", "{ 'extends': ['base.jsonc'], 'rules': [{ 'log': ['dup'] }] }");
        write_file("right.jsonc", "{ 'extends': ['./base.jsonc'], 'requires': ['noNewPrivileges'],"
                                  " 'groups': { '@h': ['getppid'] }, 'rules': [{ 'kill': ['dup', 'bpf'] }] }");
        write_file("top.jsonc", "{ 'extends': ['left.jsonc', 'right.jsonc'], 'groups': { '@g': ['write'] },"
                                " 'rules': [{ 'allow': ['@g', '@h'] }] }");
        l = load(path_of("top.jsonc"), NULL, NULL);
        if (CHECK_INT(l.r, 0)) {
                /* the top's rule, left's, base's two (once, where first reached), right's */
                CHECK_INT(l.policy->n_rules, 5);
                check_row(l.policy, &(struct row){ "x86_64", "write", "none", K61, "allow" });
                /* base's own group is base's own there */
                check_row(l.policy, &(struct row){ "x86_64", "read", "none", K61, "allow" });
                check_row(l.policy, &(struct row){ "x86_64", "dup", "none", K61, "log" });
                check_row(l.policy, &(struct row){ "x86_64", "bpf", "none", K61, "trap" });
                /* right's group is nearer to the top than base's */
                check_row(l.policy, &(struct row){ "x86_64", "getppid", "none", K61, "allow" });
                check_row(l.policy, &(struct row){ "x86_64", "getpid", "none", K61, "errno:EPERM" });
                /* settings are the top's own; what is required adds up */
                CHECK_INT(l.policy->n_optional, 0);
                CHECK_INT(l.policy->n_requirements, 2);
                CHECK_INT(sc_diags_count(l.diags, SC_WARNING), 0);
        } else
                print_diags(&l);
        done(&l);
}

struct seen {
        const struct sc_decisions *d;
        const struct sc_input *input;
        const struct sc_rule *rule;
        unsigned cases;
};

static int see_case(const struct sc_rule *rule, sc_node where, void *data)
{
        struct seen *seen = data;

        if (sc_decision_eval(seen->d, where, seen->input)) {
                seen->rule = rule;
                seen->cases++;
        }
        return 0;
}

/* One case has the input, and it is that of the rule; without one, the end gives the answer. */
static void compare_case(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call,
                         const struct sc_input *input, size_t *differ)
{
        struct seen seen = { .d = d, .input = input };
        const struct sc_rule *rule = sc_policy_rule(policy, d, abi, call, input);
        sc_action action = sc_decision_eval(d, sc_policy_call(policy, d, abi, call), input);

        *differ += sc_policy_cases(policy, d, abi, call, see_case, &seen) != 0 || seen.cases != 1 || seen.rule != rule;
        if (rule)
                return;
        switch (sc_policy_end(policy, d, abi, call, input)) {
        case SC_END_NEWER:
                *differ += action != policy->newer || sc_policy_since(policy, call) <= policy->baseline;
                break;
        case SC_END_FALLBACK:
                *differ += action != policy->fallback || !sc_syscall_fallback(call);
                break;
        case SC_END_DEFAULT:
                *differ += action != policy->def;
                break;
        case SC_END_CARRIER:
                *differ += !sc_syscall_is_carrier(call) || sc_action_looseness(action) == 7;
                break;
        }
}

/* The rule that decides, and the decision, say the same: they are computed in two ways. */
static void compare_call(const struct sc_policy *policy, struct sc_decisions *d, const struct sc_abi *abi, int call,
                         sc_caps caps, size_t *differ)
{
        struct sc_input input = { .words = { [SC_WORD_KERNEL] = K61, [SC_WORD_CAPS] = caps } };
        sc_action action = sc_decision_eval(d, sc_policy_call(policy, d, abi, call), &input);
        const struct sc_rule *rule = sc_policy_rule(policy, d, abi, call, &input);

        if (rule)
                *differ += action != (rule->falls_back && sc_syscall_fallback(call) ? policy->fallback : rule->action);
        else if (!sc_syscall_is_carrier(call))
                *differ += action != policy->def && action != policy->fallback && action != policy->newer;
        if (!policy->plain)
                compare_case(policy, d, abi, call, &input, differ);
}

/* The whole decision, the one of an environment, and the calls one by one agree. */
static void compare_abi(const struct sc_policy *policy, const struct sc_abi *abi, sc_caps caps)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        sc_node whole = sc_policy_decision(policy, d, abi), in = sc_policy_decision_in(policy, d, abi, caps, K61);
        size_t differ = 0, by_number = 0;

        for (int call = 0; call < (int)sc_syscall_count(); call++) {
                struct sc_input input = { .words = { [SC_WORD_KERNEL] = K61, [SC_WORD_CAPS] = caps } };
                sc_action action = sc_decision_eval(d, sc_policy_call(policy, d, abi, call), &input);
                uint32_t nr;

                compare_call(policy, d, abi, call, caps, &differ);
                if (!sc_syscall_number(call, abi, &nr))
                        continue;
                input.words[SC_WORD_NR] = nr;
                by_number += sc_decision_eval(d, whole, &input) != action || sc_decision_eval(d, in, &input) != action;
        }
        CHECK_INT(sc_decisions_error(d), 0);
        CHECK_INT(differ, 0);
        CHECK_INT(by_number, 0);
        for (uint32_t nr = 100000; nr < 100010; nr++) {
                struct sc_input input = {
                        .words = { [SC_WORD_KERNEL] = K61, [SC_WORD_CAPS] = caps, [SC_WORD_NR] = nr },
                };

                CHECK_INT(sc_decision_eval(d, in, &input), policy->newer);
        }
        CHECK(sc_decision_fix(d, sc_decision_fix(d, whole, SC_WORD_KERNEL, K61), SC_WORD_CAPS, caps) == in);
}

static void test_agreement(void)
{
        const struct sc_policy_options complain = { .complain = true };
        struct loaded l = load("docker-default", NULL, NULL), m = load("docker-default", NULL, &complain);
        struct loaded k = load("x.jsonc", "{ 'extends': ['docker-default'], 'rules': [{ 'deny': ['socket', 'shmget'],"
                               " 'when': '!CAP_SYS_ADMIN' }, { 'deny': ['@ipc'], 'when': 'CAP_BPF' }] }", NULL);

        if (CHECK_INT(l.r, 0)) {
                compare_abi(l.policy, abi_of("x86_64"), caps_of("docker"));
                compare_abi(l.policy, abi_of("x86"), sc_caps_all());
        }
        if (CHECK_INT(m.r, 0))
                compare_abi(m.policy, abi_of("arm"), 0);
        if (CHECK_INT(k.r, 0)) {
                compare_abi(k.policy, abi_of("x86"), 0);
                compare_abi(k.policy, abi_of("x86"), caps_of("CAP_SYS_ADMIN"));
                compare_abi(k.policy, abi_of("x86"), caps_of("CAP_SYS_ADMIN,CAP_BPF"));
        }
        done(&l);
        done(&m);
        done(&k);
}

static void test_shipped(void)
{
        CHECK(sc_shipped_count() >= 3);
        for (size_t i = 0; i < sc_shipped_count(); i++) {
                const struct sc_shipped *shipped = sc_shipped_at(i);
                struct loaded l = load(shipped->name, NULL, NULL);

                CHECK(i == 0 || strcmp(sc_shipped_at(i - 1)->name, shipped->name) < 0);
                CHECK(sc_shipped_find(shipped->name, strlen(shipped->name)) == shipped);
                if (!CHECK(l.r == 0 && !sc_diags_count(l.diags, SC_ERROR) && !sc_diags_count(l.diags, SC_WARNING)))
                        print_diags(&l);
                if (l.r == 0)
                        CHECK(l.policy->baseline_given);
                done(&l);
        }
        CHECK(!sc_shipped_find("nosuch", 6));
}

/* What the shipped policies answer where it matters most. */
static void test_docker_default(void)
{
        static const struct row rows[] = {
                { "x86_64", "read", "docker", K61, "allow" },
                { "x86_64", "clone3", "docker", K61, "errno:ENOSYS" },
                { "x86_64", "clone3", "CAP_SYS_ADMIN", K61, "allow" },
                { "x86_64", "mount", "docker", K61, "errno:EPERM" },
                { "x86_64", "mount", "CAP_SYS_ADMIN", K61, "allow" },
                { "x86_64", "bpf", "docker", K61, "errno:EPERM" },
                { "x86_64", "bpf", "CAP_BPF", K61, "allow" },
                { "x86_64", "ptrace", "docker", K61, "allow" },
                { "x86_64", "ptrace", "docker", SC_KERNEL(4, 7), "errno:EPERM" },
                { "x86_64", "ptrace", "CAP_SYS_PTRACE", SC_KERNEL(4, 7), "allow" },
                { "x86_64", "chroot", "docker", K61, "allow" },
                { "x86_64", "chroot", "none", K61, "errno:EPERM" },
                { "x86_64", "kexec_load", "CAP_SYS_ADMIN,CAP_SYS_BOOT", K61, "errno:EPERM" },
                { "x86_64", "keyctl", "docker", K61, "errno:EPERM" },
                { "x86_64", "io_uring_setup", "docker", K61, "errno:ENOSYS" },
                /* it hides the family of `socket` */
                { "x86", "socketcall", "docker", K61, "errno:EPERM" },
                { "x86", "ipc", "docker", K61, "allow" },
                { "arm", "cacheflush", "docker", K61, "allow" },
                { "mips64", "cacheflush", "docker", K61, "errno:EPERM" },
        };
        struct loaded l = load("docker-default", NULL, NULL);

        for (size_t i = 0; l.r == 0 && i < SC_COUNT(rows); i++)
                check_row(l.policy, &rows[i]);
        for (size_t i = 0; l.r == 0 && i < l.policy->n_abis; i++)
                CHECK(strcmp(l.policy->abis[i]->name, "x32") != 0);
        done(&l);
        /* a policy that extends it and closes a carried call closes the multiplexer */
        check_rows("{ 'extends': ['docker-default'], 'rules': [{ 'deny': ['shmget'] }] }", NULL, ROWS(
                { "x86", "socketcall", "docker", K61, "errno:EPERM" },
                { "x86", "ipc", "docker", K61, "errno:EPERM" }));
        /* one that opens what docker-default closes by a condition opens it again */
        check_rows("{ 'extends': ['docker-default'], 'rules': [{ 'allow': ['socket', 'socketpair'] }] }", NULL, ROWS(
                { "x86", "socketcall", "docker", K61, "allow" },
                { "x86", "ipc", "docker", K61, "allow" }));
        /* left out: every family of the archMap, but x32 */
        l = load("t.jsonc", "{}", NULL);
        if (l.r == 0)
                CHECK_INT(l.policy->n_abis, 14);
        CHECK(l.r == 0 && !l.policy->abis_given && !l.policy->baseline_given);
        CHECK(l.r == 0 && l.policy->baseline == sc_kernel_newest());
        done(&l);
}

int main(void)
{
        make_dir();
        test_ends();
        test_verbs();
        test_conditions();
        test_order();
        test_multiplexers();
        test_options();
        test_extends();
        test_agreement();
        test_shipped();
        test_docker_default();
        remove_dir();
        return test_end();
}

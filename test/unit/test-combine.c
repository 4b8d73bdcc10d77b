/* SPDX-License-Identifier: Apache-2.0 */
/* What comes of several policies and profiles: answers by the interpreter, ABIs, flags, listeners, what is refused. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>

#include "base/file.h"
#include "base/util.h"
#include "emit/combine.h"
#include "test.h"

#define PARTS_MAX 3
#define ERRNO(n) (SECCOMP_RET_ERRNO | (n))
#define ALLOW SECCOMP_RET_ALLOW
#define KILL_THREAD SECCOMP_RET_KILL_THREAD

/* What is combined. A text with "rules" is a policy, one of few letters a shipped one, any other a profile. */
struct wish {
        const char *parts[PARTS_MAX];
        const char *native;
        bool docker;
        bool unite;
        sc_caps caps; /* 0: Docker's */
        const char *table;
};

struct combined {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_emit_part parts[PARTS_MAX + 1];
        struct sc_emit_combination combination;
        struct sc_emit_result result;
        int r;
};

static void combined_done(struct combined *c)
{
        sc_emit_result_done(&c->result);
        sc_diags_free(c->diags);
        sc_arena_free(c->arena);
}

/* Single quotes stand for double ones. */
static struct sc_source *source_of(struct sc_arena *arena, const char *text)
{
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        char *copy = sc_arena_strdup(arena, text);

        for (char *p = copy; (p = strchr(p, '\''));)
                *p = '"';
        *source = (struct sc_source){ .name = "part", .text = copy, .len = strlen(copy) };
        return source;
}

static int read_profile(struct sc_arena *arena, struct sc_diags *diags, const char *text,
                        const struct sc_profile **ret_profile)
{
        const struct sc_json *root;
        struct sc_profile *profile;
        int r = sc_json_parse(arena, source_of(arena, text), SC_JSON_FOLD_KEYS, diags, &root);

        if (r == 0)
                r = sc_profile_read(arena, root, diags, &profile);
        if (r == 0)
                *ret_profile = profile;
        return r;
}

static int read_part(struct combined *c, const char *text, bool docker, struct sc_emit_part *ret_part)
{
        *ret_part = (struct sc_emit_part){ .docker_format = docker };
        if (!strcmp(text, "null"))
                return 0;
        if (text[0] != '{')
                return sc_policy_load(c->arena, text, NULL, 0, NULL, c->diags, &ret_part->policy);
        if (strstr(text, "'rules'")) {
                const struct sc_source *source = source_of(c->arena, text);

                return sc_policy_load(c->arena, "part.jsonc", source->text, source->len, NULL, c->diags,
                                      &ret_part->policy);
        }
        return read_profile(c->arena, c->diags, text, &ret_part->profile);
}

/* Prints what was said when something was not as expected. */
static void print_diags(const struct combined *c)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(c->diags, &n);

        for (size_t i = 0; i < n; i++) {
                struct sc_strbuf out = SC_STRBUF_INIT;

                sc_diag_format(all[i], &out);
                printf("# %.*s\n", (int)strcspn(out.text, "\n"), out.text);
                sc_strbuf_done(&out);
        }
}

/* The result in front of the parts: it must do already. */
static void check_again(struct combined *c)
{
        struct sc_emit_combination again = c->combination;
        struct sc_emit_result result = { 0 };

        memmove(&c->parts[1], &c->parts[0], again.n_parts * sizeof(c->parts[0]));
        c->parts[0] = (struct sc_emit_part){ 0 };
        CHECK_INT(read_profile(c->arena, c->diags, c->result.text, &c->parts[0].profile), 0);
        again.n_parts++;
        if (!CHECK_INT(sc_emit_combine(c->arena, &again, c->diags, &result), 1)) {
                print_diags(c);
                printf("# %s\n# %s\n", c->result.text, result.text ? result.text : "");
        }
        sc_emit_result_done(&result);
}

static struct combined combine(struct wish wish)
{
        struct combined c = { .arena = sc_arena_new(), .diags = sc_diags_new() };
        const char *native = wish.native ? wish.native : "x86_64", *table = wish.table ? wish.table : "debian12";

        c.combination = (struct sc_emit_combination){
                .native = sc_abi_find(native, strlen(native)),
                .caps = wish.caps ? wish.caps : sc_caps_docker(),
                .kernel = SC_KERNEL(6, 1),
                .table = sc_scmptable_find(table, strlen(table)),
                .reader = sc_scmp_library(),
                .compiler = sc_scmp_library(),
                .unite = wish.unite,
        };
        while (c.r == 0 && c.combination.n_parts < PARTS_MAX && wish.parts[c.combination.n_parts]) {
                size_t n = c.combination.n_parts++;

                c.r = read_part(&c, wish.parts[n], wish.docker, &c.parts[n]);
        }
        return c;
}

/* The parts were moved into the caller's: only there they have an address. */
static void run(struct combined *c)
{
        c->combination.parts = c->parts;
        if (c->r == 0)
                c->r = sc_emit_combine(c->arena, &c->combination, c->diags, &c->result);
        if (c->r == 0 && !c->combination.unite)
                check_again(c);
}

#define COMBINE(name, ...)                                                                   \
        SC_CLEANUP(combined_done) struct combined name = combine((struct wish){ __VA_ARGS__ }); \
        run(&name)

static const char *findings(const struct combined *c)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const char *text;
        size_t n;
        const struct sc_diag *const *diags = sc_diags_all(c->diags, &n);

        for (size_t i = 0; i < n; i++)
                sc_strbuf_printf(&out, "%s%s", i ? " " : "", diags[i]->rule);
        text = sc_arena_strdup(c->arena, out.text ? out.text : "");
        sc_strbuf_done(&out);
        return text;
}

/* What a runtime makes of a text. */
static int decide(const struct combined *c, const char *consumer, const char *text, struct sc_decisions *d,
                  struct sc_outcome *ret_outcome)
{
        const struct sc_target target = { .consumer = sc_consumer_find(consumer, strlen(consumer)),
                                          .native = c->combination.native,
                                          .table = c->combination.table };
        const struct sc_profile *profile;

        if (!text || read_profile(c->arena, c->diags, text, &profile) != 0)
                return -EBADMSG;
        return sc_consumer_decide(c->arena, &target, profile, &c->combination.compiler, d, c->diags, ret_outcome);
}

/* True if two texts are one and the same filter. */
static bool same_filter(const struct combined *c, const char *a, const char *b)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 20);
        SC_CLEANUP(sc_outcome_done) struct sc_outcome x = { 0 };
        SC_CLEANUP(sc_outcome_done) struct sc_outcome y = { 0 };

        return decide(c, "runc", a, d, &x) == 0 && decide(c, "runc", b, d, &y) == 0 && x.node == y.node;
}

/* What a runtime's filter of the result answers to a number. */
static uint32_t ask_number(const struct combined *c, const char *consumer, const char *abi_name, uint32_t nr,
                           uint64_t arg0, uint64_t arg1)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 20);
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_abi *abi = sc_abi_find(abi_name, strlen(abi_name));
        const uint64_t args[6] = { arg0, arg1 };
        struct sc_bpf_data data = sc_bpf_data_make(abi->audit_arch, nr, args, c->combination.native->big_endian);

        if (decide(c, consumer, c->result.text, d, &outcome) < 0)
                return 0xdead0001u;
        return sc_bpf_run(&outcome.program, &data);
}

static uint32_t ask(const struct combined *c, const char *abi_name, const char *call, uint64_t arg0, uint64_t arg1)
{
        const struct sc_abi *abi = sc_abi_find(abi_name, strlen(abi_name));
        uint32_t nr, runc, crun;

        if (!sc_syscall_number(sc_syscall_find(call, strlen(call)), abi, &nr))
                return 0xdead0002u;
        runc = ask_number(c, "runc", abi_name, nr, arg0, arg1);
        crun = ask_number(c, "crun", abi_name, nr, arg0, arg1);
        return runc == crun ? runc : 0xdead0003u;
}

#define ASK(c, call) ask(&(c), "x86_64", call, 0, 0)
#define ASK0(c, call, arg0) ask(&(c), "x86_64", call, arg0, 0)

#define POLICY(rules) "{'architectures': ['x86_64'], 'baseline': '6.1', 'rules': [" rules "]}"
#define OCI(def, rules) "{'defaultAction': 'SCMP_ACT_" def ", 'syscalls': [" rules "]}"
#define RULE(action, ...) "{'names': [" __VA_ARGS__ "], 'action': 'SCMP_ACT_" action "'}"

static void test_actions(void)
{
        COMBINE(c, .parts = { POLICY("{'allow': ['read', 'write', 'open', 'close', 'dup', 'pipe']},"
                            "{'kill': ['ptrace']},"
                            "{'deny': ['mount', 'umount2'], 'with': 'errno:EACCES'}"),
                     OCI("ERRNO', 'defaultErrnoRet': 1",
                         RULE("ALLOW", "'read', 'mount', 'ptrace'") "," RULE("LOG", "'write'") "," RULE(
                                 "KILL", "'open'") "," RULE("TRAP", "'close'") "," RULE("TRACE", "'dup'") ",{'names': "
                                 "['umount2', 'pipe'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 22}") });
        CHECK_INT(c.r, 0);
        CHECK_INT(ASK(c, "read"), ALLOW);
        CHECK_INT(ASK(c, "write"), SECCOMP_RET_LOG);
        CHECK_INT(ASK(c, "open"), KILL_THREAD);
        CHECK_INT(ASK(c, "close"), SECCOMP_RET_TRAP);
        CHECK_INT(ASK(c, "dup"), SECCOMP_RET_TRACE | EPERM);
        CHECK_INT(ASK(c, "ptrace"), SECCOMP_RET_KILL_PROCESS);
        CHECK_INT(ASK(c, "mount"), ERRNO(EACCES));
        CHECK_INT(ASK(c, "umount2"), ERRNO(EINVAL)); /* of two errnos, the last part's */
        CHECK_INT(ASK(c, "pipe"), ERRNO(EINVAL));
        CHECK_INT(ASK(c, "getpid"), ERRNO(EPERM));
        CHECK_INT(ask(&c, "x32", "read", 0, 0), KILL_THREAD);
        CHECK_INT(ask(&c, "x86", "read", 0, 0), KILL_THREAD);
}

static void test_nothing_to_write(void)
{
        const char *policy = POLICY("{'allow': ['read', 'write']}");
        const char *tight = OCI("ERRNO'", RULE("ALLOW", "'read'"));
        const char *flags = "{'defaultAction': 'SCMP_ACT_ERRNO', 'flags': ['SECCOMP_FILTER_FLAG_LOG'], 'syscalls': ["
                            "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW'}]}";
        const char *unsafe_flags = "{'defaultAction': 'SCMP_ACT_ERRNO', 'flags': ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'],"
                                   " 'syscalls': ["
                            "{'names': ['read'], 'action': 'SCMP_ACT_ALLOW'}]}";

        COMBINE(same, .parts = { policy, policy });
        CHECK_INT(same.r, 1);
        CHECK(same.result.text == NULL);
        COMBINE(stricter, .parts = { tight, policy });
        CHECK_INT(stricter.r, 1);
        COMBINE(looser, .parts = { policy, tight });
        CHECK_INT(looser.r, 0);
        COMBINE(unfiltered, .parts = { "null", "null" });
        CHECK_INT(unfiltered.r, 1);
        COMBINE(flagged, .parts = { tight, flags });
        CHECK_INT(flagged.r, 0);
        CHECK(flagged.result.text && strstr(flagged.result.text, "SECCOMP_FILTER_FLAG_LOG"));
        COMBINE(flagged_first, .parts = { flags, tight });
        CHECK_INT(flagged_first.r, 1);
        COMBINE(unsafe, .parts = { unsafe_flags, flags });
        CHECK_INT(unsafe.r, 0);
        CHECK(unsafe.result.text && !strstr(unsafe.result.text, "SPEC_ALLOW"));
        COMBINE(unsafe_both, .parts = { "null", unsafe_flags, unsafe_flags });
        CHECK(unsafe_both.result.text && strstr(unsafe_both.result.text, "SPEC_ALLOW"));
        COMBINE(one, .parts = { policy });
        CHECK_INT(one.r, 1);
}

/* What libseccomp makes of these lets more through than their strictest reading: they must not stay as they are. */
static void test_not_at_its_word(void)
{
        const char *policy = POLICY("{'allow': ['read']}");
        const char *open = "{'architectures': ['x86_64'], 'default': 'allow', 'newer': 'allow', 'rules': ["
                           "{'deny': ['mseal']}]}";

        const char *overlap = "{'defaultAction': 'SCMP_ACT_ERRNO', 'architectures': ['SCMP_ARCH_X86_64'], 'syscalls': ["
                              "{'names': ['unshare'], 'action': 'SCMP_ACT_ALLOW',"
                              "'args': [{'index': 5, 'value': 0, 'op': 'SCMP_CMP_GE'}]},"
                              "{'names': ['unshare'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 5,"
                              "'args': [{'index': 1, 'value': 0, 'op': 'SCMP_CMP_GE'}]}]}";

        COMBINE(two, .parts = { overlap, policy });
        CHECK_INT(two.r, 0);
        CHECK_INT(ASK(two, "unshare"), ERRNO(EPERM));
        /* the name is not in the target's table: the rule is skipped */
        COMBINE(unknown, .parts = { OCI("ALLOW'", RULE("ERRNO", "'mseal'")), open });
        CHECK_INT(unknown.r, 0);
        CHECK(ASK(unknown, "mseal") != ALLOW);
}

/* An engine that came without a filter, or allows everything: the policy alone. */
static void test_unfiltered(void)
{
        static const char *const policies[] = { "docker-default", "stdio", "complain" };
        static const char open[] = "{'defaultAction': 'SCMP_ACT_ALLOW', 'architectures': ['SCMP_ARCH_X86', "
                                   "'SCMP_ARCH_X32'], 'syscalls': []}";
        static const char *const empties[] = { "{}", "null", open };

        for (size_t i = 0; i < SC_COUNT(policies); i++)
                for (size_t k = 0; k < SC_COUNT(empties); k++) {
                        COMBINE(c, .parts = { empties[k], policies[i] });
                        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
                        struct sc_emit_request request = {
                                .policy = c.parts[c.r == 0 ? 2 : 1].policy,
                                .format = sc_emit_format_find("oci", 3),
                                .caps = sc_caps_docker(),
                                .kernel_given = true,
                                .kernel = SC_KERNEL(6, 1),
                                .compiler = sc_scmp_library(),
                        };
                        CHECK_INT(c.r, 0);
                        CHECK_INT(sc_emit_build(c.arena, &request, c.diags, &built), 0);
                        CHECK(same_filter(&c, c.result.text, built.text));
                }
}

static void test_engines(void)
{
        char *podman = NULL;
        size_t len;

        COMBINE(c, .parts = {
                     OCI("ERRNO', 'defaultErrnoRet': 1, 'architectures': ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', "
                         "'SCMP_ARCH_X32']", RULE("ALLOW", "'read', 'write', 'mount', 'socket', 'bind', 'clone3'")),
                     "docker-default" });
        CHECK_INT(c.r, 0);
        CHECK_INT(ASK(c, "read"), ALLOW);
        CHECK_INT(ASK(c, "mount"), ERRNO(EPERM));
        CHECK_INT(ASK(c, "clone3"), ERRNO(ENOSYS));
        CHECK_INT(ask(&c, "x86", "read", 0, 0), ALLOW);
        CHECK_INT(ask(&c, "x32", "read", 0, 0), KILL_THREAD); /* not of docker-default */
        CHECK_INT(ask_number(&c, "runc", "x86_64", 5000, 0, 0), ERRNO(ENOSYS));
        CHECK_INT(ask_number(&c, "crun", "x86_64", 5000, 0, 0), ERRNO(ENOSYS));
        CHECK_INT(sc_file_read(AT_FDCWD, "/usr/share/containers/seccomp.json", 1 << 20, &podman, &len), 0);
        if (podman) {
                COMBINE(p, .parts = { podman, "docker-default" }, .docker = true);
                CHECK_INT(p.r, 0);
                CHECK_INT(ASK(p, "read"), ALLOW);
                CHECK_INT(ask(&p, "x86", "read", 0, 0), ALLOW);
                CHECK_INT(ASK(p, "mount"), ERRNO(EPERM));
                COMBINE(q, .parts = { "docker-default", podman }, .docker = true);
                CHECK_INT(q.r, 0);
                /* as a runtime would read it, without archMap: its rules for capabilities hold for all */
                COMBINE(plain, .parts = { podman, "docker-default" });
                CHECK_INT(plain.r, 0);
                CHECK_INT(ask(&plain, "x86", "read", 0, 0), KILL_THREAD);
        }
        free(podman);
}

static void test_deny_lists(void)
{
        const char *denied = OCI("ALLOW'", RULE("ERRNO", "'mount', 'ptrace', 'mseal'") ","
                                           RULE("KILL_PROCESS", "'reboot'"));
        const char *allowed = POLICY("{'allow': ['read', 'mount', 'reboot', 'ptrace']}");
        const char *more = OCI("ALLOW'", RULE("ERRNO", "'umount2'"));

        COMBINE(c, .parts = { denied, allowed });
        CHECK_INT(c.r, 0);
        CHECK_INT(ASK(c, "read"), ALLOW);
        CHECK_INT(ASK(c, "mount"), ERRNO(EPERM));
        CHECK_INT(ASK(c, "reboot"), SECCOMP_RET_KILL_PROCESS);
        /* a name that the table lacks: the default denies all numbers without a name, and rules allow the others */
        COMBINE(newest, .parts = { more, denied });
        CHECK_INT(newest.r, 0);
        CHECK_INT(ask_number(&newest, "crun", "x86_64", 462, 0, 0), ERRNO(ENOSYS));
        CHECK_INT(ASK(newest, "umount2"), ERRNO(EPERM));
        CHECK_INT(ASK(newest, "getpid"), ALLOW);
        CHECK(strstr(findings(&newest), "stricter") != NULL);
        COMBINE(named, .parts = { more, denied }, .table = "2.6.1");
        CHECK_INT(named.r, 0);
        CHECK_INT(ask_number(&named, "crun", "x86_64", 5000, 0, 0), ALLOW);
        CHECK(named.result.text && strstr(named.result.text, "mseal"));
}

#define ARG(action, call, index, op, value) \
        "{'names': ['" call "'], 'action': 'SCMP_ACT_" action "', 'args': [{'index': " #index \
        ", 'op': 'SCMP_CMP_" op "', 'value': " #value "}]}"

static void test_conditions(void)
{
        const char *ours = POLICY("{'allow': ['socket'], 'when': 'family in {AF_UNIX, AF_INET}'},"
                                  "{'allow': ['read', 'personality']}");
        const char *theirs = OCI("ERRNO'", ARG("ALLOW", "socket", 0, "NE", 1) "," ARG("ALLOW", "read", 2, "LE", 100) ","
                                                   ARG("ALLOW", "personality", 0, "EQ", 8) "," ARG(
                                                           "ALLOW", "personality", 0, "EQ", 0));

        COMBINE(c, .parts = { theirs, ours });
        CHECK_INT(c.r, 0);
        CHECK_INT(ASK0(c, "socket", 2), ALLOW);
        CHECK_INT(ASK0(c, "socket", 1), ERRNO(EPERM));
        CHECK_INT(ASK0(c, "socket", 16), ERRNO(EPERM));
        CHECK_INT(ASK0(c, "personality", 8), ALLOW);
        CHECK_INT(ASK0(c, "personality", 4), ERRNO(EPERM));
        CHECK_INT(ASK(c, "read"), ALLOW);
        COMBINE(united, .parts = { ours, theirs }, .unite = true);
        CHECK_INT(united.r, 0);
        CHECK_INT(ASK0(united, "socket", 1), ALLOW);
        CHECK_INT(ASK0(united, "socket", 16), ALLOW);
        CHECK_INT(ASK0(united, "personality", 4), ALLOW);
        CHECK_INT(ASK0(united, "write", 0), ERRNO(EPERM));
        COMBINE(subset, .parts = { ours, OCI("ERRNO'", RULE("ALLOW", "'read'")) }, .unite = true);
        CHECK_INT(subset.r, 1);
}

static void test_abis(void)
{
        const char *two = "{'architectures': ['x86_64', 'x86'], 'baseline': '6.1', 'rules': [{'allow': ['read', "
                          "'socket', 'socketcall', 'bind']}]}";
        const char *three = OCI("ERRNO', 'architectures': ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']",
                                RULE("ALLOW", "'read', 'write', 'socket', 'socketcall', 'bind'"));
        const char *open = OCI("ERRNO', 'architectures': ['SCMP_ARCH_X86']",
                               RULE("ALLOW", "'read', 'socket', 'send', 'cachestat'"));
        const char *arm = "{'architectures': ['aarch64', 'arm'], 'baseline': '6.1', 'rules': [{'allow': ['read']}]}";

        COMBINE(c, .parts = { three, two });
        CHECK_INT(c.r, 0);
        CHECK_INT(ask(&c, "x86", "read", 0, 0), ALLOW);
        CHECK_INT(ask(&c, "x86", "socketcall", 1, 0), ALLOW);
        CHECK_INT(ask(&c, "x32", "read", 0, 0), KILL_THREAD);
        CHECK_INT(ask(&c, "x86", "write", 0, 0), ERRNO(EPERM));
        /* no rule for the multiplexer on one side: only what it says by name */
        COMBINE(carried, .parts = { two, open });
        CHECK_INT(carried.r, 0);
        CHECK_INT(ask(&carried, "x86", "socketcall", 1, 0), ALLOW);
        CHECK_INT(ask(&carried, "x86", "socketcall", 2, 0), ERRNO(EPERM));
        CHECK_INT(ask(&carried, "x86", "socket", 0, 0), ALLOW);
        COMBINE(sent, .parts = { "null", open });
        CHECK_INT(sent.r, 0);
        CHECK_INT(ask(&sent, "x86", "socketcall", 9, 0), ALLOW);
        CHECK_INT(ask(&sent, "x86", "socketcall", 10, 0), ERRNO(EPERM));
        /* denied here: calls of the same names must not open it */
        COMBINE(closed, .parts = { open, "{'architectures': ['x86_64', 'x86'], 'baseline': '6.1', 'rules': [{'allow': "
                                "['read', 'socket']}, {'kill': ['socketcall']}]}" });
        CHECK_INT(closed.r, 0);
        CHECK_INT(ask(&closed, "x86", "socketcall", 1, 0), SECCOMP_RET_KILL_PROCESS);
        CHECK_INT(ask(&closed, "x86", "socket", 1, 0), ALLOW);
        COMBINE(other, .parts = { arm, OCI("ERRNO'", RULE("ALLOW", "'read', 'write'")) }, .native = "aarch64");
        CHECK_INT(other.r, 0);
        CHECK_INT(ask(&other, "aarch64", "read", 0, 0), ALLOW);
        CHECK_INT(ask(&other, "arm", "read", 0, 0), KILL_THREAD);
        COMBINE(big, .parts = { OCI("ERRNO'", RULE("ALLOW", "'read', 'socket'")),
                       "{'architectures': ['s390x'], 'baseline': '6.1', 'rules': [{'allow': ['read', 'write', "
                       "'socket']}]}" }, .native = "s390x");
        CHECK_INT(big.r, 0); /* under crun, which has no stub, the profile opens socketcall(SYS_SOCKET) */
        CHECK(ask(&big, "s390x", "socketcall", 1, 0) != ALLOW);
        COMBINE(foreign, .parts = { "{'defaultAction': 'SCMP_ACT_ALLOW'}", arm });
        CHECK(foreign.r < 0); /* nothing is left on x86_64: runtimes refuse to kill everything */
}

/* Rules for capabilities, with the ones that the container has. */
static void test_capabilities(void)
{
        const char *policy = POLICY("{'allow': ['mount'], 'when': 'CAP_SYS_ADMIN'}, {'allow': ['read', 'write']}");
        const char *docker = "{'defaultAction': 'SCMP_ACT_ERRNO', 'archMap': [{'architecture': 'SCMP_ARCH_X86_64'}],"
                             "'syscalls': [{'names': ['read', 'mount'], 'action': 'SCMP_ACT_ALLOW'}, {'names': "
                             "['write'], 'action': 'SCMP_ACT_ALLOW', 'excludes': {'caps': ['CAP_SYS_ADMIN']}}]}";

        COMBINE(without, .parts = { docker, policy }, .docker = true);
        CHECK_INT(without.r, 0);
        CHECK_INT(ASK(without, "mount"), ERRNO(EPERM));
        CHECK_INT(ASK(without, "write"), ALLOW);
        COMBINE(with, .parts = { docker, policy }, .docker = true, .caps = sc_caps_all());
        CHECK_INT(with.r, 1);
        COMBINE(swapped, .parts = { policy, docker }, .docker = true, .caps = sc_caps_all());
        CHECK_INT(swapped.r, 0);
        CHECK_INT(ASK(swapped, "mount"), ALLOW);
        CHECK_INT(ASK(swapped, "write"), ERRNO(EPERM));
}

static void test_listeners(void)
{
        const char *a = "{'defaultAction': 'SCMP_ACT_ERRNO', 'listenerPath': '/run/a', 'listenerMetadata': 'm', "
                        "'syscalls': [{'names': ['mount', 'read'], 'action': 'SCMP_ACT_NOTIFY'}]}";
        const char *b = "{'defaultAction': 'SCMP_ACT_ALLOW', 'listenerPath': '/run/b', 'syscalls': [{'names': "
                        "['mount', 'bpf'], 'action': 'SCMP_ACT_NOTIFY'}]}";
        const char *ours = POLICY("{'allow': ['read', 'write', 'mount']}");

        COMBINE(c, .parts = { ours, a });
        CHECK_INT(c.r, 0);
        CHECK_INT(ASK(c, "read"), SECCOMP_RET_USER_NOTIF);
        CHECK_INT(ASK(c, "write"), ERRNO(EPERM));
        CHECK(c.result.text && strstr(c.result.text, "\"/run/a\"") && strstr(c.result.text, "listenerMetadata"));
        COMBINE(gone, .parts = { b, POLICY("{'allow': ['read']}") });
        CHECK_INT(gone.r, 0);
        CHECK(gone.result.text && !strstr(gone.result.text, "listenerPath"));
        COMBINE(both, .parts = { b, a });
        CHECK_INT(both.r, -EBADMSG);
        CHECK_STR(findings(&both), "two-listeners");
}

/* The strictest default, and what runc's stub makes of it. */
static void test_defaults(void)
{
        COMBINE(kill, .parts = { OCI("KILL'", RULE("ALLOW", "'read', 'cachestat'")),
                        POLICY("{'allow': ['read', 'write', 'cachestat']}") });
        CHECK_INT(kill.r, 1); /* kills already where we deny */
        COMBINE(killed, .parts = { POLICY("{'allow': ['read', 'write']}"),
                                   OCI("KILL'", RULE("ALLOW", "'read', 'cachestat'")) });
        CHECK_INT(killed.r, 0);
        CHECK_INT(ASK(killed, "read"), ALLOW);
        CHECK_INT(ASK(killed, "write"), KILL_THREAD);
        CHECK_INT(ASK(killed, "cachestat"), ERRNO(ENOSYS)); /* newer than the baseline */
        COMBINE(low, .parts = { POLICY("{'allow': ['read', 'write']}"),
                                OCI("KILL'", RULE("ALLOW", "'read', 'write', 'dup'") ","
                                             RULE("KILL", "'cachestat'")) });
        CHECK_INT(low.r, 0);
        CHECK_INT(ASK(low, "dup"), ERRNO(EPERM));
        CHECK_INT(ASK(low, "statx"), KILL_THREAD);
        /* what we kill is the highest that they name: the stub must not begin below it */
        COMBINE(raised, .parts = { "{'architectures': ['x86_64'], 'rules': [{'allow': ['read', 'write']}, {'kill': ["
                                   "'cachestat']}]}", OCI("KILL_PROCESS'", RULE("ALLOW", "'read', 'cachestat'")) });
        CHECK_INT(raised.r, 0);
        CHECK_INT(ASK(raised, "cachestat"), SECCOMP_RET_KILL_PROCESS);
        CHECK_INT(ASK(raised, "statx"), SECCOMP_RET_KILL_PROCESS);
        /* runc kills up to the highest number with a name for the target, 456, not up to theirs */
        COMBINE(newest, .parts = { POLICY("{'allow': ['read', 'write']}"),
                                   OCI("KILL'", RULE("ALLOW", "'write', 'mseal'")) });
        CHECK_INT(newest.r, 0);
        CHECK_INT(ask_number(&newest, "runc", "x86_64", 456, 0, 0), KILL_THREAD);
        CHECK_INT(ask_number(&newest, "runc", "x86_64", 461, 0, 0), ERRNO(ENOSYS));
        COMBINE(log, .parts = { OCI("ALLOW'", RULE("ERRNO", "'mount'")), OCI("LOG'", RULE("ALLOW", "'read'")) });
        CHECK_INT(log.r, 0);
        CHECK_INT(ASK(log, "read"), ALLOW);
        CHECK_INT(ASK(log, "write"), SECCOMP_RET_LOG);
        CHECK_INT(ASK(log, "mount"), ERRNO(EPERM));
}

static void test_refused(void)
{
        COMBINE(flag, .parts = { "{'defaultAction': 'SCMP_ACT_ALLOW', 'flags': ['NO_SUCH_FLAG'], 'syscalls': []}",
                        "docker-default" });
        CHECK_INT(flag.r, -EBADMSG);
        CHECK_STR(findings(&flag), "consumer-refuses");
        COMBINE(newer, .parts = { "null", "{'architectures': ['x86_64'], 'newer': 'kill', 'rules': [{'allow': "
                                          "['read', 'write']}]}" });
        CHECK_INT(newer.r, -EBADMSG);
        CHECK_STR(findings(&newer), "looser"); /* runc's stub */
}

int main(void)
{
        test_actions();
        test_nothing_to_write();
        test_not_at_its_word();
        test_unfiltered();
        test_engines();
        test_deny_lists();
        test_conditions();
        test_abis();
        test_capabilities();
        test_listeners();
        test_defaults();
        test_refused();
        return test_end();
}

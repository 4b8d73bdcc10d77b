/* SPDX-License-Identifier: Apache-2.0 */
/* What a config.json says of its container, its own profile, and what policies require of it. */
#include <errno.h>

#include "bundle/bundle.h"
#include "policy.h"

#define CAPS(set, names) "{\"process\":{\"capabilities\":{\"" set "\":[" names "]}}}"
#define ADMIN (UINT64_C(1) << 21)
#define SECCOMP(value) "{\"linux\":{\"seccomp\":" value "}}"

/* One reading of a config.json. */
struct reading {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_source source;
        const struct sc_json *root;
        struct sc_bundle_facts facts;
        int r;
};

static struct reading *read_config(const char *text)
{
        struct reading *c = calloc(1, sizeof(*c));

        if (!c)
                abort();
        c->arena = sc_arena_new();
        c->diags = sc_diags_new();
        c->source = (struct sc_source){ "config.json", text, strlen(text) };
        if (CHECK_INT(sc_json_parse(c->arena, &c->source, SC_JSON_KEEP_DUPLICATES, c->diags, &c->root), 0))
                c->r = sc_bundle_facts_read(c->root, c->diags, &c->facts);
        return c;
}

static void forget(struct reading *c)
{
        sc_arena_free(c->arena);
        sc_diags_free(c->diags);
        free(c);
}

static void check_caps(void)
{
        struct reading *c = read_config("{\"process\":{\"capabilities\":{\"bounding\":[\"CAP_CHOWN\","
                                        "\"CAP_SYS_ADMIN\",\"CAP_CHOWN\",\"CAP_TOMORROW\",\"SYS_TIME\",\"\"],"
                                        "\"effective\":[\"CAP_KILL\"],"
                                        "\"permitted\":null,\"ambient\":[]}}}");

        CHECK_INT(c->r, 0);
        CHECK_INT(c->facts.bounding, 1 | ADMIN);
        CHECK_INT(c->facts.effective, 1 << 5);
        CHECK_INT(c->facts.inheritable, 0);
        CHECK_INT(c->facts.permitted, 0);
        CHECK_INT(c->facts.ambient, 0);
        CHECK(!c->facts.no_new_privileges && !c->facts.has_seccomp && !c->facts.raw_bpf);
        CHECK(!c->facts.policy_annotation && !c->facts.hostname);
        forget(c);
        c = read_config(CAPS("ambient", "\"CAP_SYS_ADMIN\""));
        CHECK_INT(c->facts.ambient, ADMIN);
        forget(c);
        c = read_config(CAPS("inheritable", "\"CAP_SYS_ADMIN\""));
        CHECK_INT(c->facts.inheritable, ADMIN);
        forget(c);
        c = read_config(CAPS("permitted", "\"CAP_SYS_ADMIN\""));
        CHECK_INT(c->facts.permitted, ADMIN);
        forget(c);
}

static void check_rest(void)
{
        struct reading *c = read_config("{\"hostname\":\"h\",\"process\":{\"noNewPrivileges\":true},\"annotations\":"
                                        "{\"" SC_BUNDLE_POLICY "\":\"web\",\"" SC_BUNDLE_CRUN_BPF "\":\"\"}}");

        CHECK_INT(c->r, 0);
        CHECK(c->facts.no_new_privileges && c->facts.raw_bpf);
        CHECK_STR(c->facts.policy_annotation, "web");
        CHECK_STR(c->facts.hostname, "h");
        forget(c);
        c = read_config("{\"hostname\":\"a\\nb\",\"process\":{\"noNewPrivileges\":false},\"Annotations\":"
                        "{\"IO.seccompose.policy\":\"web\"},\"annotations\":null}");
        CHECK_INT(c->r, 0);
        CHECK(!c->facts.no_new_privileges && !c->facts.raw_bpf && !c->facts.policy_annotation && !c->facts.hostname);
        forget(c);
}

/* A config.json, whether it has a filter, and what sc_bundle_seccomp() says. */
static const struct seccomp_row {
        const char *text;
        bool has;
        int r;
} seccomp_rows[] = {
        { "{}", false, 0 },
        { "{\"linux\":null}", false, 0 },
        { "{\"linux\":[]}", false, 0 },
        { "{\"linux\":{}}", false, 0 },
        { "{\"seccomp\":{\"defaultAction\":\"A\"}}", false, 0 },
        { SECCOMP("null"), false, 0 },
        { SECCOMP("{}"), false, 0 },
        { SECCOMP("{\"defaultAction\":\"\"}"), false, 0 },
        { SECCOMP("{\"defaultAction\":null,\"syscalls\":[],\"architectures\":[\"SCMP_ARCH_X86\"]}"), false, 0 },
        { SECCOMP("{\"syscalls\":null,\"flags\":[\"\"]}"), false, 0 },
        { SECCOMP("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}"), true, 0 },
        { SECCOMP("{\"DefaultAction\":\"SCMP_ACT_ERRNO\"}"), true, 0 },
        { SECCOMP("{\"defaultAction\":\"\",\"syscalls\":[{}]}"), true, 0 },
        { SECCOMP("{\"defaultAction\":\"X\",\"defaultAction\":\"\"}"), true, -EBADMSG },
        { SECCOMP("{\"defaultAction\":\"X\",\"syscalls\":[{\"names\":[],\"Names\":[]}]}"), true, -EBADMSG },
        { SECCOMP("1"), true, 0 },
        { "{\"LINUX\":{\"Seccomp\":{\"syscalls\":[1]}}}", true, 0 },
        { "{\"linux\":{\"seccomp\":{}},\"linux\":{\"seccomp\":{\"syscalls\":[1]},\"seccomp\":null}}", true, 0 },
        { "{\"linux\":{\"seccomp\":{\"syscalls\":[1]},\"seccomp\":{\"syscalls\":[2]}}}", true, -EBADMSG },
        { "{\"linux\":{\"seccomp\":{\"syscalls\":[1]}},\"Linux\":{\"seccomp\":{\"syscalls\":[2]}}}", true, -EBADMSG },
};

static void check_seccomp(const struct seccomp_row *row)
{
        struct reading *c = read_config(row->text);
        const struct sc_json *seccomp = c->root;

        CHECK_INT(c->r, 0);
        CHECK_INT(c->facts.has_seccomp, row->has);
        CHECK_INT(sc_bundle_seccomp(c->root, c->diags, &seccomp), row->r);
        CHECK(row->r ? seccomp == c->root : (seccomp != NULL) == row->has);
        CHECK_INT(sc_diags_count(c->diags, SC_ERROR), row->r ? 1 : 0);
        forget(c);
}

#define POLICY(requirement, rules) \
        "{ 'default': 'errno:EPERM', 'architectures': ['x86_64', 'x86'], 'requires': ['" requirement "']," \
        " 'rules': [" rules "] }"

/* A policy, a container, and what is said of it; NULL if nothing. */
static const struct requires_row {
        const char *policy;
        const char *config;
        const char *message;
} requires_rows[] = {
        { POLICY("noNewPrivileges", ""), "{}",
          "the container does not set noNewPrivileges, which the policy requires" },
        { POLICY("noNewPrivileges", ""), "{\"process\":{\"noNewPrivileges\":false}}",
          "the container does not set noNewPrivileges, which the policy requires" },
        { POLICY("noNewPrivileges", ""), "{\"process\":{\"noNewPrivileges\":true}}", NULL },
        { POLICY("CAP_SYS_ADMIN", ""), CAPS("bounding", "\"CAP_SYS_ADMIN\""), NULL },
        { POLICY("CAP_SYS_ADMIN", ""), CAPS("effective", "\"CAP_SYS_ADMIN\""),
          "the container does not have CAP_SYS_ADMIN in its bounding set, and the policy requires it" },
        { POLICY("!CAP_SYS_ADMIN", ""), CAPS("bounding", "\"CAP_SYS_TIME\""), NULL },
        { POLICY("!CAP_SYS_ADMIN", ""), CAPS("bounding", "\"CAP_SYS_ADMIN\""),
          "the container has CAP_SYS_ADMIN (bounding), and the policy requires that it has not" },
        { POLICY("!CAP_SYS_ADMIN", ""), CAPS("ambient", "\"CAP_SYS_ADMIN\""),
          "the container has CAP_SYS_ADMIN (ambient), and the policy requires that it has not" },
        { POLICY("!CAP_CHOWN", ""),
          "{\"process\":{\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"],\"effective\":[\"CAP_CHOWN\"],\"inheritable\":"
          "[\"CAP_CHOWN\"],\"permitted\":[\"CAP_CHOWN\"],\"ambient\":[\"CAP_CHOWN\"]}}}",
          "the container has CAP_CHOWN (bounding, effective, inheritable, permitted, ambient), and the policy requires "
          "that it has not" },
        /* when: never allowed, allowed, for some arguments, with a capability only, on the other ABI only */
        { POLICY("noNewPrivileges when clone3", ""), "{}", NULL },
        { POLICY("noNewPrivileges when clone3", "{ 'allow': ['clone3'] }"), "{}",
          "the container does not set noNewPrivileges, which the policy requires" },
        { POLICY("noNewPrivileges when clone3", "{ 'log': ['clone3'] }"), "{}",
          "the container does not set noNewPrivileges, which the policy requires" },
        { POLICY("noNewPrivileges when clone3", "{ 'trap': ['clone3'] }"), "{}", NULL },
        { POLICY("noNewPrivileges when clone3", "{ 'trace': ['clone3'] }"), "{}",
          "the container does not set noNewPrivileges, which the policy requires" },
        { POLICY("noNewPrivileges when personality", "{ 'allow': ['personality'], 'when': 'arg0 == 8' }"), "{}",
          "the container does not set noNewPrivileges, which the policy requires" },
        { POLICY("!CAP_SYS_ADMIN when clone3", "{ 'allow': ['clone3'], 'when': 'CAP_SYS_ADMIN' }"), "{}", NULL },
        { POLICY("!CAP_SYS_ADMIN when clone3", "{ 'allow': ['clone3'], 'when': '!CAP_SYS_ADMIN' }"),
          CAPS("bounding", "\"CAP_SYS_ADMIN\""), NULL },
        { POLICY("!CAP_SYS_ADMIN when clone3", "{ 'allow': ['clone3'], 'when': 'CAP_SYS_ADMIN' }"),
          CAPS("bounding", "\"CAP_SYS_ADMIN\""),
          "the container has CAP_SYS_ADMIN (bounding), and the policy requires that it has not" },
        { POLICY("noNewPrivileges when clone3", "{ 'allow': ['clone3'], 'when': 'arch == x86' }"), "{}",
          "the container does not set noNewPrivileges, which the policy requires" },
        { POLICY("noNewPrivileges when clone3", "{ 'allow': ['clone3'], 'when': 'kernel >= 6.2' }"), "{}", NULL },
        { POLICY("noNewPrivileges when clone3", "{ 'allow': ['clone3'], 'when': 'kernel >= 6.1' }"), "{}",
          "the container does not set noNewPrivileges, which the policy requires" },
        /* x86_64 does not have it, x86 has */
        { POLICY("noNewPrivileges when stime", "{ 'allow': ['stime'] }"), "{}",
          "the container does not set noNewPrivileges, which the policy requires" },
        /* denied by name, and open by the multiplexer of x86 */
        { POLICY("noNewPrivileges when listen", "{ 'allow': ['socketcall'] }"), "{}",
          "the container does not set noNewPrivileges, which the policy requires" },
        /* an ABI that the policy does not list kills */
        { "{ 'default': 'errno:EPERM', 'architectures': ['aarch64'], 'requires': ['noNewPrivileges when bpf'],"
          " 'rules': [{ 'allow': ['bpf'] }] }", "{}", NULL },
};

static void check_requires(const struct requires_row *row)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct loaded l = load("<policy>", row->policy, NULL);
        struct reading *c = read_config(row->config);
        const struct sc_diag *const *all;
        size_t n;

        if (!CHECK_INT(l.r, 0))
                print_diags(&l);
        CHECK_INT(c->r, 0);
        if (l.r == 0)
                CHECK_INT(sc_bundle_requires(l.policy, &c->facts, sc_abi_find("x86_64", 6), SC_KERNEL(6, 1), d,
                                             c->diags), row->message ? -EBADMSG : 0);
        all = sc_diags_all(c->diags, &n);
        CHECK_INT(n, row->message ? 1 : 0);
        CHECK_STR(n ? all[0]->message : NULL, row->message);
        if (n)
                CHECK_STR(all[0]->rule, "bundle-requires");
        forget(c);
        done(&l);
}

/* Each violation is said, with its own place, also those of a policy that it extends. */
static void check_all_violations(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct reading *c = read_config(CAPS("bounding", "\"CAP_SYS_ADMIN\""));
        const struct sc_diag *const *all;
        struct loaded l;
        size_t n;

        make_dir();
        write_file("base.jsonc", "{ 'requires': ['!CAP_SYS_ADMIN', '!CAP_SYS_ADMIN when clone3'] }");
        write_file("top.jsonc", "{ 'extends': ['./base.jsonc'],"
                                " 'requires': ['noNewPrivileges', '!CAP_SYS_ADMIN', 'CAP_BPF'],"
                                " 'rules': [{ 'allow': ['clone3'] }] }");
        l = load(path_of("top.jsonc"), NULL, NULL);
        if (CHECK_INT(l.r, 0)) {
                CHECK_INT(l.policy->n_requirements, 4);
                CHECK_INT(sc_bundle_requires(l.policy, &c->facts, sc_abi_native(), SC_KERNEL(6, 1), d, c->diags),
                          -EBADMSG);
                all = sc_diags_all(c->diags, &n);
                if (CHECK_INT(n, 4)) {
                        CHECK_STR(all[3]->hint,
                                  "required where the policy allows clone3, as it does in this container");
                        CHECK(strstr(all[3]->places[0].source->name, "base.jsonc") != NULL);
                        CHECK_INT(all[3]->places[0].length, strlen("'!CAP_SYS_ADMIN when clone3'"));
                }
        } else
                print_diags(&l);
        remove_dir();
        forget(c);
        done(&l);
}

/* A decision that cannot be made is an error, and no requirement is passed over for it. */
static void check_no_room(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(8);
        struct loaded l = load("docker-default", NULL, NULL);
        static const struct sc_requirement wanted = { .kind = SC_REQUIRE_NO_CAP, .cap = 21, .text = "" };
        struct sc_bundle_facts facts = { .bounding = ADMIN };
        struct sc_requirement late = wanted;
        struct sc_policy policy = *l.policy;

        late.call = sc_syscall_find("clone", 5);
        policy.requirements = &late;
        policy.n_requirements = 1;
        CHECK_INT(sc_bundle_requires(&policy, &facts, sc_abi_find("x86_64", 6), SC_KERNEL(6, 1), d, l.diags),
                  -E2BIG);
        done(&l);
}

static void check_listener(const char *text, int want)
{
        struct sc_source source = { "profile", text, strlen(text) };
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root;
        struct sc_profile *profile;

        CHECK_INT(sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root), 0);
        CHECK_INT(sc_profile_read(arena, root, diags, &profile), 0);
        CHECK_INT(sc_bundle_check_listener(profile, diags), want);
        CHECK_INT(sc_diags_count(diags, SC_ERROR), want ? 1 : 0);
        sc_arena_free(arena);
        sc_diags_free(diags);
}

int main(void)
{
        check_caps();
        check_rest();
        for (size_t i = 0; i < SC_COUNT(seccomp_rows); i++)
                check_seccomp(&seccomp_rows[i]);
        for (size_t i = 0; i < SC_COUNT(requires_rows); i++)
                check_requires(&requires_rows[i]);
        check_all_violations();
        check_no_room();
        check_listener("{\"syscalls\":[{\"names\":[\"a\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}", -EBADMSG);
        check_listener("{\"syscalls\":[{\"action\":\"SCMP_ACT_NOTIFY\"}],\"listenerPath\":\"\"}", -EBADMSG);
        check_listener("{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", -EBADMSG);
        check_listener("{\"defaultAction\":\"SCMP_ACT_NOTIFY\",\"listenerPath\":\"/s\"}", 0);
        check_listener("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"action\":\"SCMP_ACT_ALLOW\"},{}]}", 0);
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is written for small policies, what is refused and what is reported. */
#include <errno.h>

#include "base/util.h"
#include "emit/emit.h"
#include "test.h"

struct built {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_emit_result result;
        int r;
};

static void built_done(struct built *b)
{
        sc_emit_result_done(&b->result);
        sc_diags_free(b->diags);
        sc_arena_free(b->arena);
}

struct wish {
        const char *format;
        const char *arch;
        sc_kernel kernel;
        const char *table;
        bool complain;
};

static struct built build(const char *text, struct wish wish)
{
        struct built b = { .arena = sc_arena_new(), .diags = sc_diags_new() };
        const struct sc_policy_options options = { .complain = wish.complain };
        const struct sc_abi *abi = wish.arch ? sc_abi_find(wish.arch, strlen(wish.arch)) : NULL;
        struct sc_emit_request request = {
                .format = sc_emit_format_find(wish.format, strlen(wish.format)),
                .abis = &abi,
                .n_abis = abi != NULL,
                .caps = sc_caps_docker(),
                .kernel_given = wish.kernel != 0,
                .kernel = wish.kernel,
                .table = wish.table ? sc_scmptable_find(wish.table, strlen(wish.table)) : NULL,
                .compiler = sc_scmp_library(),
        };

        b.r = sc_policy_load(b.arena, "test.jsonc", text, strlen(text), &options, b.diags, &request.policy);
        if (b.r == 0)
                b.r = sc_emit_build(b.arena, &request, b.diags, &b.result);
        return b;
}

/* The rule ids of all findings, joined. */
static const char *findings(const struct built *b)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const char *text;
        size_t n;
        const struct sc_diag *const *diags = sc_diags_all(b->diags, &n);

        for (size_t i = 0; i < n; i++)
                sc_strbuf_printf(&out, "%s%s", i ? " " : "", diags[i]->rule);
        text = sc_arena_strdup(b->arena, out.text ? out.text : "");
        sc_strbuf_done(&out);
        return text;
}

/* Everything but white space. */
static const char *squeezed(const struct built *b)
{
        char *text = sc_arena_strdup(b->arena, b->result.text ? b->result.text : "");
        char *to = text;

        for (const char *from = text; *from; from++)
                if (!strchr(" \t\n", *from))
                        *to++ = *from;
        *to = '\0';
        return text;
}

#define BUILD(name, text, ...)                                           \
        SC_CLEANUP(built_done) struct built name = build(text, (struct wish){ __VA_ARGS__ })

#define X86_64 "\"architectures\": [\"x86_64\"], \"baseline\": \"2.6\","

static void test_written(void)
{
        const char *policy = "{" X86_64 "\"default\": \"kill\", \"newer\": \"kill\", \"rules\": ["
                             "{\"allow\": [\"write\", \"read\"]}, {\"deny\": [\"open\"], \"with\": \"errno:EACCES\"},"
                             "{\"log\": [\"close\"], \"when\": \"CAP_CHOWN && !CAP_SYS_ADMIN\"}]}";

        BUILD(crun, policy, .format = "crun");
        CHECK_INT(crun.r, 0);
        CHECK_STR(squeezed(&crun),
                  "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"architectures\":[\"SCMP_ARCH_X86_64\"],"
                  "\"syscalls\":[{\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_ALLOW\"},"
                  "{\"names\":[\"close\"],\"action\":\"SCMP_ACT_LOG\"},"
                  "{\"names\":[\"open\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":13}]}");
        CHECK_INT(crun.result.n_proofs, 1);
        BUILD(complain, policy, .format = "crun", .complain = true);
        CHECK_INT(complain.r, 0);
        CHECK_STR(squeezed(&complain),
                  "{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\":[\"SCMP_ARCH_X86_64\"],"
                  "\"syscalls\":[{\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_ALLOW\"}]}");
        BUILD(runc, policy, .format = "runc"); /* its stub answers ENOSYS where the policy kills */
        CHECK_INT(runc.r, -EBADMSG);
        CHECK_STR(findings(&runc), "looser");
        CHECK(runc.result.text == NULL);
}

static void test_docker_conditions(void)
{
        BUILD(b, "{" X86_64 "\"default\": \"allow\", \"rules\": ["
                 "{\"deny\": [\"mount\"], \"when\": \"!CAP_SYS_ADMIN || CAP_BPF && kernel < 5.8\"}]}",
              .format = "docker");
        CHECK_INT(b.r, 0);
        CHECK_STR(squeezed(&b),
                  "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\"}],"
                  "\"syscalls\":[{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,"
                  "\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"],\"minKernel\":\"5.8\"}},"
                  "{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,"
                  "\"includes\":{\"caps\":[\"CAP_BPF\"]},\"excludes\":{\"minKernel\":\"5.8\"}},"
                  "{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,"
                  "\"includes\":{\"minKernel\":\"5.8\"},\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}}]}");
}

static void test_multiplexers(void)
{
        const char *policy = "{\"architectures\": [\"x86_64\", \"x86\"], \"baseline\": \"2.6\", \"rules\": ["
                             "{\"allow\": [\"@default\", \"socket\"]}]}";
        const char *open = "{\"architectures\": [\"x86_64\", \"x86\"], \"baseline\": \"2.6\", \"rules\": ["
                           "{\"allow\": [\"socket\", \"socketcall\"]}]}";

        BUILD(b, policy, .format = "oci");
        CHECK_INT(b.r, 0);
        CHECK(b.result.text &&
              strstr(b.result.text, "\"ipc\",\n\t\t\t\t\"socketcall\"\n\t\t\t],\n"
                                    "\t\t\t\"action\": \"SCMP_ACT_ERRNO\""));
        CHECK_INT(b.result.n_proofs, 2);
        BUILD(o, open, .format = "oci");
        CHECK_INT(o.r, 0);
        CHECK(o.result.text &&
              strstr(o.result.text, "[\n\t\t\t\t\"socketcall\"\n\t\t\t],\n\t\t\t\"action\": \"SCMP_ACT_ALLOW\""));
        /* docker 20.10 denies by EPERM, so the multiplexer needs another errno to be denied by a rule at all */
        BUILD(old, policy, .format = "docker@20.10");
        CHECK_INT(old.r, 0);
        CHECK(old.result.text &&
              strstr(old.result.text,
                     "[\n\t\t\t\t\"socketcall\"\n\t\t\t],\n"
                     "\t\t\t\"action\": \"SCMP_ACT_ERRNO\",\n\t\t\t\"errnoRet\": 38"));
        /* allow and log cannot be told apart on a multiplexer */
        BUILD(log,
              "{\"architectures\": [\"x86_64\", \"x86\"], \"default\": \"log\", \"rules\": [{\"allow\": "
              "[\"socket\"]}]}",
              .format = "oci");
        CHECK_INT(log.r, 0);
        CHECK_STR(findings(&log), "unlogged");
}

static void test_tables(void)
{
        const char *deny = "{" X86_64 "\"default\": \"allow\", \"rules\": [{\"deny\": [\"mseal\"]}]}";
        const char *allow = "{\"architectures\": [\"x86_64\"], \"baseline\": \"6.12\", \"newer\": \"errno:ENOSYS\","
                            "\"rules\": [{\"allow\": [\"mseal\"]}]}";

        /* a denial of what the target's libseccomp cannot name would be let through */
        BUILD(old, deny, .format = "oci");
        CHECK_INT(old.r, -EBADMSG);
        CHECK_STR(findings(&old), "looser");
        BUILD(newer, deny, .format = "oci", .table = "2.6.1");
        CHECK_INT(newer.r, 0);
        CHECK(newer.result.text && strstr(newer.result.text, "mseal"));
        if (!sc_scmp_knows("mseal"))
                CHECK_STR(findings(&newer), "unproven");
        else
                CHECK_STR(findings(&newer), "");
        BUILD(stricter, allow, .format = "crun");
        CHECK_INT(stricter.r, 0);
        CHECK(stricter.result.text && !strstr(stricter.result.text, "mseal"));
        CHECK(strstr(findings(&stricter), "stricter"));
}

/* What the target cannot name is answered by its default in every environment, whichever are sampled. */
static void test_rare_environment(void)
{
        BUILD(rare, "{\"architectures\": [\"x86_64\"], \"baseline\": \"6.12\", \"default\": \"allow\", \"rules\": ["
                    "{\"deny\": [\"statmount\"], \"when\": \"CAP_SYS_ADMIN && !CAP_CHOWN\"}]}", .format = "docker");
        CHECK_INT(rare.r, -EBADMSG);
        CHECK_STR(findings(&rare), "looser");
}

/*
 * libseccomp adds rules for a multiplexer: they must get along with its own in every environment, also where a kernel
 * and a capability meet that no sample has together.
 */
static void test_multiplexer_conditions(void)
{
        const char *start = "{\"architectures\": [\"x86_64\", \"x86\"], \"baseline\": \"6.1\","
                            "\"newer\": \"errno:ENOSYS\", \"rules\": ["
                            "{\"kill\": [\"socketcall\"], \"when\": \"kernel < 5.8 && call == SYS_CONNECT\"},"
                            "{\"kill\": [\"connect\"], \"when\": \"kernel < 5.8\"},";
        char text[1024];

        snprintf(text, sizeof(text), "%s{\"deny\": [\"socketcall\", \"bind\"]}]}", start);
        BUILD(same, text, .format = "docker");
        CHECK_INT(same.r, 0);
        /* would be opened */
        snprintf(text, sizeof(text),
                 "%s{\"allow\": [\"bind\"], \"when\": \"CAP_BPF\"}, {\"deny\": [\"socketcall\"]}]}", start);
        BUILD(open, text, .format = "docker");
        CHECK_INT(open.r, -EBADMSG);
        CHECK_STR(findings(&open), "unsayable");
        /* would be refused */
        snprintf(text, sizeof(text),
                 "%s{\"allow\": [\"socket\"], \"when\": \"CAP_BPF && family == AF_UNIX\"},"
                 "{\"deny\": [\"socketcall\"]}]}",
                 start);
        BUILD(clash, text, .format = "docker");
        CHECK_INT(clash.r, -EBADMSG);
        CHECK_STR(findings(&clash), "unsayable");
}

/* armhf and i386 machines take the same file, and Docker has other names for them. */
static void test_small_machines(void)
{
        BUILD(arm, "{\"architectures\": [\"aarch64\", \"arm\", \"x86_64\", \"x86\"], \"baseline\": \"5.10\","
                   "\"default\": \"allow\", \"rules\": [{\"deny\": [\"ptrace\"],"
                   "\"when\": \"arch in {aarch64, arm}\"}]}",
              .format = "docker");
        CHECK_INT(arm.r, 0);
        CHECK(arm.result.text && strstr(arm.result.text, "[\n\t\t\t\t\t\"arm64\"\n") &&
              strstr(arm.result.text, "[\n\t\t\t\t\t\"arm\"\n"));
        BUILD(ppc, "{\"architectures\": [\"ppc64le\"], \"baseline\": \"5.10\", \"rules\": [{\"allow\": [\"read\"]}]}",
              .format = "oci", .arch = "ppc64le");
        CHECK_INT(ppc.r, 0);
}

static void test_arguments(void)
{
        BUILD(range, "{" X86_64 "\"rules\": [{\"allow\": [\"kill\"], \"when\": \"10 <= arg1 && arg1 < 20\"}]}",
              .format = "oci");
        CHECK_INT(range.r, 0);
        CHECK_INT(range.result.n_rules, 5); /* three cubes, an else, and what is denied */
        BUILD(high, "{\"architectures\": [\"x86_64\", \"x32\"], \"baseline\": \"5.10\", \"rules\": ["
                    "{\"allow\": [\"lseek\"], \"when\": \"arg1:64 == 0x100000000\"}]}", .format = "oci");
        CHECK_INT(high.r, -EBADMSG);
        CHECK_STR(findings(&high), "unsayable");
        BUILD(bound, "{\"architectures\": [\"x86_64\", \"x86\"], \"baseline\": \"5.10\", \"rules\": ["
                     "{\"allow\": [\"brk\"], \"when\": \"arg0 >= 0x10000\"}]}", .format = "oci");
        CHECK_INT(bound.r, 0);
}

static void test_machines(void)
{
        const char *arch = "{\"architectures\": [\"x86_64\", \"x86\"], \"rules\": [{\"allow\": [\"read\"], \"when\":"
                           "\"arch == x86\"}]}";
        const char *kernel = "{" X86_64 "\"rules\": [{\"allow\": [\"read\"], \"when\": \"kernel >= 5.8\"}]}";

        BUILD(split, arch, .format = "oci");
        CHECK_INT(split.r, -EBADMSG);
        CHECK_STR(findings(&split), "splits-abis");
        BUILD(one, arch, .format = "oci", .arch = "x86");
        CHECK_INT(one.r, 0);
        BUILD(unlisted, arch, .format = "oci", .arch = "aarch64");
        CHECK_INT(unlisted.r, -EBADMSG);
        CHECK_STR(findings(&unlisted), "arch-not-listed");
        BUILD(no_kernel, kernel, .format = "oci");
        CHECK_INT(no_kernel.r, -EBADMSG);
        CHECK_STR(findings(&no_kernel), "needs-kernel");
        BUILD(with_kernel, kernel, .format = "crun", .kernel = SC_KERNEL(5, 7));
        CHECK_INT(with_kernel.r, 0);
        CHECK(with_kernel.result.text && !strstr(with_kernel.result.text, "ALLOW"));
        BUILD(x32, "{\"architectures\": [\"x32\"], \"rules\": [{\"allow\": [\"read\"]}]}", .format = "docker");
        CHECK_INT(x32.r, -EBADMSG);
        CHECK_STR(findings(&x32), "native-not-listed");
        BUILD(big,
              "{\"architectures\": [\"s390x\", \"s390\"], \"baseline\": \"5.10\", \"rules\": [{\"allow\": "
              "[\"@default\"]}]}",
              .format = "runc", .arch = "s390x");
        CHECK_INT(big.r, 0);
}

static void test_determinism(void)
{
        const char *policy =
                "{\"rules\": [{\"allow\": [\"@system-service\"], \"when\": \"CAP_KILL\"}, {\"kill\": [\"ptrace\"]}]}";

        BUILD(a, policy, .format = "docker");
        BUILD(b, policy, .format = "docker");
        CHECK_INT(a.r, 0);
        CHECK_STR(a.result.text, b.result.text);
        CHECK(a.result.n_proofs >= 8 && a.result.insns_max > 300);
}

int main(void)
{
        test_written();
        test_docker_conditions();
        test_multiplexers();
        test_tables();
        test_machines();
        test_rare_environment();
        test_multiplexer_conditions();
        test_small_machines();
        test_arguments();
        test_determinism();
        return test_end();
}

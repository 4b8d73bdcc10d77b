/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model of libseccomp by rows: what rules mean, and what is refused; and a build that has no other compiler. This
 * program must not be linked with libseccomp: test/tools/links-without looks at it.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "bpf/model.h"
#include "emit/emit.h"
#include "syscall/name.h"
#include "test.h"

#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define THREAD SECCOMP_RET_KILL_THREAD
#define ERR(e) (SECCOMP_RET_ERRNO | (e))
#define DEF ERR(ENOSYS)

#define ARGS(...) (const struct sc_scmp_arg[]){ __VA_ARGS__ }
#define RULE(call, act) { .name = (call), .action = (act) }
#define RULE1(call, act, ...) { .name = (call), .action = (act), .n_args = 1, .args = ARGS(__VA_ARGS__) }
#define RULE2(call, act, ...) { .name = (call), .action = (act), .n_args = 2, .args = ARGS(__VA_ARGS__) }
#define RULES(...) (const struct sc_scmp_rule[]){ __VA_ARGS__, { .name = NULL } }
#define ELSE(call, act) RULE1(call, act, { 0, SC_SCMP_GE, 0, 0 })

/* A few rules and one question: a call by name, or by its number where `call` is NULL. */
struct row {
        const char *what;
        const char *abis[4]; /* the native one first */
        const struct sc_scmp_rule *rules; /* the last has no name */
        const char *asked; /* the ABI; NULL: an architecture that is not listed */
        const char *call;
        uint32_t nr;
        uint64_t args[3];
        uint32_t answer; /* of both modes, unless `error` */
        int error;       /* of the exact mode */
        size_t error_at;
};

static const struct row rows[] = {
        { .what = "a call", .abis = { "x86_64" }, .rules = RULES(RULE("read", ALLOW)),
          .asked = "x86_64", .call = "read",
          .answer = ALLOW },
        { .what = "no rule", .abis = { "x86_64" }, .rules = RULES(RULE("read", ALLOW)), .asked = "x86_64",
          .call = "write", .answer = DEF },
        { .what = "an unknown name", .abis = { "x86_64" }, .rules = RULES(RULE("raed", ALLOW), RULE("read", ALLOW)),
          .asked = "x86_64", .call = "read", .answer = ALLOW },
        { .what = "an unlisted ABI", .abis = { "x86_64" }, .rules = RULES(RULE("read", ALLOW)), .answer = THREAD },
        { .what = "another ABI's number", .abis = { "x86_64", "x86" }, .rules = RULES(RULE("read", ALLOW)),
          .asked = "x86", .call = "read", .answer = ALLOW },
        { .what = "x32 is not listed", .abis = { "x86_64" }, .rules = RULES(RULE("read", ALLOW)), .asked = "x86_64",
          .nr = 0x40000000, .answer = THREAD },
        { .what = "-1 passes", .abis = { "x86_64" }, .rules = RULES(RULE("read", ALLOW)), .asked = "x86_64",
          .nr = 0xffffffff, .answer = DEF },
        { .what = "x32 is listed", .abis = { "x86_64", "x32" }, .rules = RULES(RULE("read", ALLOW)), .asked = "x86_64",
          .nr = 0x40000000, .answer = ALLOW },
        { .what = "the first wins", .abis = { "x86_64" }, .rules = RULES(RULE("read", ALLOW), RULE("read", KILL)),
          .asked = "x86_64", .call = "read", .answer = ALLOW },
        { .what = "no condition beats one", .abis = { "x86_64" },
          .rules = RULES(RULE1("read", KILL, { 0, SC_SCMP_EQ, 3, 0 }), RULE("read", ALLOW)), .asked = "x86_64",
          .call = "read", .args = { 3 }, .answer = ALLOW },
        { .what = "the else is last", .abis = { "x86_64" },
          .rules = RULES(ELSE("read", ALLOW), RULE1("read", KILL, { 1, SC_SCMP_EQ, 3, 0 }), RULE("exit", ALLOW)),
          .asked = "x86_64", .call = "read", .args = { 0, 3 }, .answer = KILL },
        { .what = "64 bits", .abis = { "x86_64" },
          .rules = RULES(RULE1("socket", ALLOW, { 0, SC_SCMP_EQ, 2, 0 }), RULE("exit", ALLOW)), .asked = "x86_64",
          .call = "socket", .args = { UINT64_C(0x100000002) }, .answer = DEF },
        { .what = "32 bits", .abis = { "x86" },
          .rules = RULES(RULE1("socket", ALLOW, { 0, SC_SCMP_EQ, 2, 0 }), RULE("exit", ALLOW)), .asked = "x86",
          .call = "socket", .args = { UINT64_C(0x100000002) }, .answer = ALLOW },
        { .what = "32 bits on x32", .abis = { "x86_64", "x32" },
          .rules = RULES(RULE1("brk", ALLOW, { 0, SC_SCMP_EQ, 2, 0 }), RULE("exit", ALLOW)), .asked = "x32",
          .call = "brk", .args = { UINT64_C(0x100000002) }, .answer = ALLOW },
        { .what = "a mask that x86 does not see", .abis = { "x86" },
          .rules = RULES(RULE1("brk", ALLOW, { 0, SC_SCMP_MASKED_EQ, UINT64_C(0xf00000000), 0 }), RULE("brk", KILL)),
          .asked = "x86", .call = "brk", .args = { UINT64_MAX }, .answer = ALLOW },
        { .what = "a companion", .abis = { "x86" },
          .rules = RULES(RULE("socket", ALLOW), RULE("exit", ALLOW)), .asked = "x86", .call = "socketcall",
          .args = { 1 }, .answer = ALLOW },
        { .what = "a companion loses its argument 0 and keeps the others", .abis = { "x86" },
          .rules = RULES(RULE2("bind", ALLOW, { 0, SC_SCMP_EQ, 9, 0 }, { 1, SC_SCMP_EQ, 7, 0 }), RULE("exit", ALLOW)),
          .asked = "x86", .call = "socketcall", .args = { 2, 7 }, .answer = ALLOW, .error = -EOPNOTSUPP },
        { .what = "the multiplexer's own rule first", .abis = { "x86" },
          .rules = RULES(RULE("socketcall", ERR(EPERM)), RULE("socket", ALLOW)), .asked = "x86",
          .call = "socketcall", .args = { 1 }, .answer = ERR(EPERM) },
        { .what = "no multiplexer there", .abis = { "x86_64" },
          .rules = RULES(RULE("socket", ALLOW), RULE("socketcall", ALLOW)), .asked = "x86_64", .call = "socket",
          .answer = ALLOW },
        { .what = "one bound", .abis = { "x86_64" },
          .rules = RULES(RULE1("brk", ALLOW, { 0, SC_SCMP_LE, 0xffffffff, 0 }), RULE("exit", ALLOW)),
          .asked = "x86_64", .call = "brk", .args = { UINT64_C(0x100000000) }, .answer = DEF },
        { .what = "a large bound", .abis = { "x86_64" },
          .rules = RULES(RULE1("brk", ALLOW, { 0, SC_SCMP_LT, UINT64_C(0x100000001), 0 })),
          .asked = "x86_64", .call = "brk", .args = { UINT64_C(0x100000000) }, .answer = ALLOW, .error = -EOPNOTSUPP },
        { .what = "EQ beside NE", .abis = { "x86_64" },
          .rules = RULES(RULE1("brk", ALLOW, { 0, SC_SCMP_EQ, 6, 0 }),
                     RULE2("brk", ALLOW, { 1, SC_SCMP_EQ, 0, 0 }, { 0, SC_SCMP_NE, 0xffffffff, 0 })),
          .asked = "x86_64", .call = "brk", .args = { 0, 6 }, .answer = DEF, .error = -EOPNOTSUPP },
        { .what = "another action for the same", .abis = { "x86_64" },
          .rules = RULES(RULE1("brk", ALLOW, { 0, SC_SCMP_EQ, 6, 0 }), RULE1("brk", KILL, { 1, SC_SCMP_EQ, 6, 0 })),
          .asked = "x86_64", .call = "brk", .args = { 6, 6 }, .answer = KILL, .error = -EOPNOTSUPP, .error_at = 1 },
        { .what = "another action for the same, the stricter first", .abis = { "x86_64" },
          .rules = RULES(RULE1("brk", KILL, { 0, SC_SCMP_EQ, 6, 0 }), RULE1("brk", ALLOW, { 1, SC_SCMP_EQ, 6, 0 })),
          .asked = "x86_64", .call = "brk", .args = { 6, 6 }, .answer = KILL, .error = -EOPNOTSUPP, .error_at = 1 },
        { .what = "another action elsewhere", .abis = { "x86_64" },
          .rules = RULES(RULE1("brk", ALLOW, { 0, SC_SCMP_EQ, 6, 0 }), RULE1("brk", KILL, { 0, SC_SCMP_EQ, 7, 0 }),
                     RULE("exit", ALLOW)),
          .asked = "x86_64", .call = "brk", .args = { 7 }, .answer = KILL },
        { .what = "calls of other machines, all others with conditions", .abis = { "riscv64" },
          .rules = RULES(RULE1("brk", ALLOW, { 0, SC_SCMP_EQ, 6, 0 }), RULE("ipc", ALLOW)), .asked = "riscv64",
          .call = "brk", .args = { 6 }, .answer = ALLOW, .error = -EOPNOTSUPP, .error_at = 2 },
        { .what = "the default's action", .abis = { "x86_64" }, .rules = RULES(RULE("exit", ALLOW), RULE("read", DEF)),
          .error = -EACCES, .error_at = 1 },
        { .what = "one argument twice", .abis = { "x86_64" },
          .rules = RULES(RULE2("read", ALLOW, { 1, SC_SCMP_EQ, 0, 0 }, { 1, SC_SCMP_EQ, 6, 0 })), .error = -EINVAL },
        { .what = "a large errno", .abis = { "x86_64" }, .rules = RULES(RULE("read", ERR(4095))), .error = -EINVAL },
        { .what = "an ABI that 2.5.4 has not", .abis = { "loongarch64" }, .rules = RULES(RULE("read", ALLOW)),
          .error = -EINVAL, .error_at = 1 },
};

static const struct sc_scmptable *debian12(void)
{
        return sc_scmptable_find("debian12", 8);
}

static struct sc_input question(const struct row *row)
{
        struct sc_input in = { .words = { [SC_WORD_ARCH] = AUDIT_ARCH_ARM, [SC_WORD_NR] = row->nr } };
        const struct sc_abi *abi = row->asked ? sc_abi_find(row->asked, strlen(row->asked)) : NULL;
        uint32_t nr;

        for (unsigned i = 0; i < 3; i++)
                in.words[SC_WORD_ARG0 + i] = row->args[i];
        if (abi)
                in.words[SC_WORD_ARCH] = abi->audit_arch;
        if (abi && row->call && sc_syscall_number(sc_syscall_find(row->call, strlen(row->call)), abi, &nr))
                in.words[SC_WORD_NR] = nr;
        return in;
}

static void check_row(const struct row *row, enum sc_model_mode mode)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 16);
        struct sc_model model = { .mode = mode, .table = debian12() };
        const struct sc_scmp_compiler compiler = sc_scmp_model(&model);
        const struct sc_abi *abis[4];
        struct sc_scmp_filter filter = { .default_action = DEF, .abis = abis, .rules = row->rules, .optimize = 1 };
        struct sc_scmp_result result = { 0 };
        struct sc_input in = question(row);
        bool refused = row->error && (mode == SC_MODEL_EXACT || row->error != -EOPNOTSUPP);

        for (; filter.n_abis < 4 && row->abis[filter.n_abis]; filter.n_abis++)
                abis[filter.n_abis] = sc_abi_find(row->abis[filter.n_abis], strlen(row->abis[filter.n_abis]));
        while (row->rules[filter.n_rules].name)
                filter.n_rules++;
        printf("# %s, %s\n", row->what, mode == SC_MODEL_EXACT ? "exactly" : "at their word");
        CHECK_INT(compiler.decide(compiler.data, &filter, d, &result), 0);
        CHECK_INT(result.error, refused ? row->error : 0);
        CHECK_INT(result.error_at, refused ? row->error_at : filter.n_rules);
        if (!refused && CHECK(!result.error))
                CHECK_INT(sc_decision_eval(d, result.node, &in), row->answer);
}

static int number(const struct sc_scmp_compiler *c, const char *name, const char *abi)
{
        return c->number(c->data, name, sc_abi_find(abi, strlen(abi)));
}

static void test_names(void)
{
        struct sc_model all = { .mode = SC_MODEL_EXACT, .table = NULL };
        struct sc_model old = { .mode = SC_MODEL_EXACT, .table = debian12() };
        const struct sc_scmp_compiler a = sc_scmp_model(&all), o = sc_scmp_model(&old);
        const struct sc_abi *x32 = sc_abi_find("x32", 3), *x86 = sc_abi_find("x86", 3);

        CHECK(a.compile == NULL && a.knows(a.data, "mseal") && !o.knows(o.data, "mseal") && !a.knows(a.data, "raed"));
        CHECK_INT(number(&o, "mseal", "x86_64"), SC_SCMP_UNKNOWN);
        CHECK_INT(number(&a, "mseal", "x86_64"), 462);
        CHECK_INT(number(&o, "exit", "loongarch64"), SC_SCMP_UNKNOWN);
        CHECK_INT(number(&a, "exit", "loongarch64"), 93);
        CHECK_INT(number(&o, "exit", "mips"), 4001);
        CHECK_INT(number(&o, "socket", "x86"), -101);
        CHECK_INT(number(&o, "shmctl", "s390x"), -224);
        CHECK(number(&o, "socketcall", "x86_64") < -1 && number(&o, "socket", "x86_64") == 41);
        CHECK(o.reaches(o.data, "socket", x86) && !o.reaches(o.data, "openat2", x86) == false);
        CHECK(!o.reaches(o.data, "map_shadow_stack", x32) && a.reaches(a.data, "map_shadow_stack", x32));
        CHECK(o.reaches(o.data, "raed", x32) && !o.reaches(o.data, "socketcall", x32));
}

static void test_limits(void)
{
        struct sc_model model = { .mode = SC_MODEL_EXACT, .table = NULL };
        const struct sc_scmp_compiler compiler = sc_scmp_model(&model);
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(8);
        const struct sc_abi *abi = sc_abi_native();
        struct sc_scmp_rule rule = RULE("read", ALLOW);
        struct sc_scmp_filter filter = { DEF, &abi, 1, &rule, SC_SCMP_RULES_MAX + 1, 1 };
        struct sc_scmp_result result = { 0 };

        CHECK_INT(compiler.decide(compiler.data, &filter, d, &result), -E2BIG);
        filter.n_rules = 1;
        CHECK_INT(compiler.decide(compiler.data, &filter, d, &result), -E2BIG); /* of the decisions */
}

/* A build with the model as its only compiler. */
static void test_build(const char *format)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        struct sc_model model = { .mode = SC_MODEL_EXACT, .table = debian12() };
        struct sc_emit_request request = { .format = sc_emit_format_find(format, strlen(format)),
                                           .caps = sc_caps_docker(), .kernel_given = true, .kernel = SC_KERNEL(6, 1),
                                           .compiler = sc_scmp_model(&model) };

        CHECK_INT(sc_policy_load(arena, "docker-default", NULL, 0, NULL, diags, &request.policy), 0);
        CHECK_INT(sc_emit_build(arena, &request, diags, &built), 0);
        CHECK(built.len > 1000 && built.n_proofs > 0 && built.insns_max == 0 && built.n_modelled == 0);
}

int main(void)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                check_row(&rows[i], SC_MODEL_EXACT);
                check_row(&rows[i], SC_MODEL_READING);
        }
        test_names();
        test_limits();
        test_build("oci");
        test_build("docker");
        return test_end();
}

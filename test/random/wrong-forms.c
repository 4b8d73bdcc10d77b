/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions that libseccomp compiles wrong, or hangs on, when they are written down as one would: as policies they are
 * built and mean what they say, to the interpreter and to the running kernel. A random search shows that such forms are
 * common, and that none is among what is written: wrong-forms.
 *
 * SC_SEED chooses the search; SC_WRONG_FORMS changes how many sets of rules are tried, SC_RANDOM_SCALE divides it.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/util.h"
#include "consumer/consumer.h"
#include "emit/emit.h"
#include "kernel.h"
#include "raw.h"
#include "condition-trial.h"
#include "verify.h"

#define SEARCHED 2000
#define WRITTEN 2000
#define INPUTS 400
#define SHOWN 3
#define ALLOW SECCOMP_RET_ALLOW
#define EPERM_ANSWER (SECCOMP_RET_ERRNO | EPERM)

/* One policy; `allows` is the same, read by hand. */
struct row {
        const char *what;
        const char *abis; /* "\"x86_64\", \"x86\"" */
        const char *call;
        const char *rules;
        bool (*allows)(const uint64_t a[6]);
        const char *refused; /* id of the diagnostic, if it cannot be built */
};

static bool six_or_other(const uint64_t a[6])
{
        return a[0] == 6 || (a[1] == 0 && a[0] != 0xffffffff);
}

static bool two_orders(const uint64_t a[6])
{
        return a[0] == 0 && a[1] <= 6;
}

static bool range(const uint64_t a[6])
{
        return a[0] >= 10 && a[0] < 20;
}

static bool neither(const uint64_t a[6])
{
        return a[0] != 3 && a[0] != 5;
}

static bool below_4g(const uint64_t a[6])
{
        return a[0] < UINT64_C(0x100000000);
}

static bool below_more(const uint64_t a[6])
{
        return a[0] < UINT64_C(0x100000001);
}

static bool up_to(const uint64_t a[6])
{
        return a[0] <= UINT64_C(12345678901);
}

static bool from_8g(const uint64_t a[6])
{
        return a[1] >= UINT64_C(0x200000000) && a[1] != UINT64_C(0x200000007);
}

static bool unequal_with_others(const uint64_t a[6])
{
        return a[0] != 1 && a[1] != 2 && a[2] < 5;
}

static bool unequal_or(const uint64_t a[6])
{
        return (a[0] != 1 && a[1] > 4) || (a[2] != 0xffffffff && a[1] <= 3);
}

static bool high_mask(const uint64_t a[6])
{
        return (a[0] & UINT64_C(0xff00000000)) == UINT64_C(0x100000000);
}

static bool unix_family(const uint64_t a[6])
{
        return (uint32_t)a[0] == 1;
}

static bool not_vsock(const uint64_t a[6])
{
        return (uint32_t)a[0] != 40;
}

static bool shm_key(const uint64_t a[6])
{
        return (uint32_t)a[0] != 7 && ((uint32_t)a[2] & 0x200) == 0;
}

#define X86_64 "\"x86_64\""
#define WITH_X86 "\"x86_64\", \"x86\""
#define RULE(verb, call, when) "{ \"" verb "\": [\"" call "\"], \"when\": \"" when "\" }, "
#define LAST(verb, call) "{ \"" verb "\": [\"" call "\"] }, "

static const struct row rows[] = {
        { "EQ beside NE", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 == 6") RULE("allow", "getppid", "arg1:64 == 0 && arg0:64 != 0xffffffff")
          LAST("deny", "getppid"), six_or_other, NULL },
        { "the pair that hangs", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 <= 0 && arg1:64 == 6")
          RULE("allow", "getppid", "arg1:64 <= 6 && arg0:64 <= 0")
          LAST("deny", "getppid"), two_orders, NULL },
        { "one index twice: a range", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 >= 10 && arg0:64 < 20") LAST("deny", "getppid"), range, NULL },
        { "one index twice: two NE", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 != 3 && arg0:64 != 5") LAST("deny", "getppid"), neither, NULL },
        { "LT at 2^32", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 < 0x100000000") LAST("deny", "getppid"), below_4g, NULL },
        { "LT above 2^32", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 < 0x100000001") LAST("deny", "getppid"), below_more, NULL },
        { "LE above 2^32", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 <= 12345678901") LAST("deny", "getppid"), up_to, NULL },
        { "GE above 2^32 with NE", X86_64, "getppid",
          RULE("allow", "getppid", "arg1:64 >= 0x200000000 && arg1:64 != 0x200000007") LAST("deny", "getppid"), from_8g,
          NULL },
        { "NE with others", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 != 1 && arg1:64 != 2 && arg2:64 < 5") LAST("deny", "getppid"),
          unequal_with_others, NULL },
        { "NE and orders in two rules", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 != 1 && arg1:64 > 4")
          RULE("allow", "getppid", "arg2:64 != 0xffffffff && arg1:64 <= 3") LAST("deny", "getppid"), unequal_or, NULL },
        { "a mask without lower half, x86_64", X86_64, "getppid",
          RULE("allow", "getppid", "arg0:64 & 0xff00000000 == 0x100000000") LAST("deny", "getppid"), high_mask, NULL },
        { "a mask without lower half, with x86", WITH_X86, "getppid",
          RULE("allow", "getppid", "arg0:64 & 0xff00000000 == 0x100000000") LAST("deny", "getppid"), NULL,
          "unsayable" },
        { "companions of socketcall, x86", WITH_X86, "socket",
          RULE("allow", "socket", "family == AF_UNIX") LAST("deny", "socket"), unix_family, NULL },
        { "companions of socketcall, s390x", "\"s390x\"", "socket",
          RULE("deny", "socket", "family == AF_VSOCK") LAST("allow", "socket"), not_vsock, NULL },
        { "companions of socketcall, mips", "\"mips\"", "socket",
          RULE("deny", "socket", "family == AF_VSOCK") LAST("allow", "socket"), not_vsock, NULL },
        { "companions of ipc, x86", WITH_X86, "shmget",
          RULE("allow", "shmget", "key != 7 && !(shmflg & 0x200)") LAST("deny", "shmget"), shm_key, NULL },
        { "companions of ipc, s390x", "\"s390x\"", "shmget",
          RULE("allow", "shmget", "key != 7 && !(shmflg & 0x200)") LAST("deny", "shmget"), shm_key, NULL },
};

static bool is_named(const char *id, const struct sc_diags *diags)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n; i++)
                if (all[i]->severity == SC_ERROR && !strcmp(all[i]->rule, id))
                        return true;
        return false;
}

/* A multiplexer's answers: never an allowed call, whatever its first argument. Returns how many inputs were wrong. */
static size_t try_carrier(const char *name, const struct sc_bpf_program *program, const struct sc_abi *abi,
                          struct rng *rng)
{
        size_t wrong = 0;
        uint32_t nr;

        if (!sc_syscall_number(sc_syscall_find(name, strlen(name)), abi, &nr))
                return 0;
        for (size_t i = 0; i < INPUTS; i++) {
                const uint64_t args[6] = { rng_below(rng, 32) | (uint64_t)rng_below(rng, 2) << 16, 1, rng_next(rng) };
                struct sc_bpf_data data = sc_bpf_data_make(abi->audit_arch, nr, args, abi->big_endian);

                wrong += sc_bpf_run(program, &data) == ALLOW;
        }
        return wrong;
}

/* Values around those that the rows compare with. */
static const uint64_t compared[] = {
        0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 19, 20, 40, 0x200, 0xffffffff, UINT64_C(0x100000000),
        UINT64_C(0x100000001), UINT64_C(0x100000006), UINT64_C(12345678901), UINT64_C(12345678902),
        UINT64_C(0x200000000), UINT64_C(0x200000007), UINT64_C(0x100000028), UINT64_MAX,
};

static uint64_t choose_arg(struct rng *rng)
{
        uint64_t value = compared[rng_below(rng, SC_COUNT(compared))];

        return rng_percent(rng, 85) ? value : rng_percent(rng, 50) ? value ^ UINT64_C(1) << rng_below(rng, 64) :
                                                                      rng_next(rng);
}

static size_t try_program(const struct row *row, const struct sc_bpf_program *program, const struct sc_abi *abi,
                          struct rng *rng)
{
        size_t wrong = try_carrier("socketcall", program, abi, rng) + try_carrier("ipc", program, abi, rng);
        uint32_t nr;

        if (!sc_syscall_number(sc_syscall_find(row->call, strlen(row->call)), abi, &nr))
                return wrong;
        for (size_t i = 0; i < 50 * INPUTS; i++) {
                struct sc_bpf_data data;
                uint64_t args[6];
                uint32_t got, wanted;

                for (unsigned k = 0; k < 6; k++)
                        args[k] = choose_arg(rng);
                data = sc_bpf_data_make(abi->audit_arch, nr, args, abi->big_endian);
                got = sc_bpf_run(program, &data);
                wanted = row->allows(args) ? ALLOW : EPERM_ANSWER;
                if (got != wanted && wrong++ == 0)
                        printf("# %s: %s(%#jx, %#jx, %#jx) on %s: expected %#x, got %#x\n", row->what, row->call,
                               (uintmax_t)args[0], (uintmax_t)args[1], (uintmax_t)args[2], abi->name, wanted, got);
        }
        return wrong;
}

#define TRIPLES (SC_COUNT(compared) * SC_COUNT(compared) * SC_COUNT(compared))

/* What the kernel was asked, and how often its answer was not the row's. */
struct asked {
        size_t allowed, refused, different;
};

/* getppid does not look at its arguments. A size or type of zero keeps shmget and socket from making anything. */
static bool is_harmless(const struct row *row, const uint64_t a[6])
{
        return !strcmp(row->call, "getppid") || a[1] == 0;
}

/* Every choice of three values that may be executed. */
static size_t fill_inputs(const struct row *row, uint64_t (*ret_inputs)[6])
{
        size_t n = 0, base = SC_COUNT(compared);

        for (size_t i = 0; i < TRIPLES; i++) {
                const uint64_t a[6] = { compared[i % base], compared[i / base % base], compared[i / base / base] };

                if (is_harmless(row, a))
                        memcpy(ret_inputs[n++], a, sizeof(a));
        }
        return n;
}

/* None of the calls gives EPERM by itself; getppid gives this process, nothing else. */
static bool is_right(const struct row *row, const uint64_t a[6], int64_t answer)
{
        if (!row->allows(a))
                return answer == -EPERM;
        return !strcmp(row->call, "getppid") ? answer == getpid() : answer != -EPERM;
}

static void compare_answers(const struct row *row, const uint64_t (*inputs)[6], const int64_t *answers, size_t n,
                            struct asked *asked)
{
        for (size_t i = 0; i < n; i++) {
                const uint64_t *a = inputs[i];

                *(row->allows(a) ? &asked->allowed : &asked->refused) += 1;
                if (!is_right(row, a, answers[i]) && asked->different++ == 0)
                        printf("# %s: %s(%#jx, %#jx, %#jx): the kernel must %s, and answers %jd\n", row->what,
                               row->call, (uintmax_t)a[0], (uintmax_t)a[1], (uintmax_t)a[2],
                               row->allows(a) ? "allow" : "refuse", (intmax_t)answers[i]);
        }
}

/* The same program, loaded. */
static void ask_kernel(const struct row *row, const struct sc_bpf_program *program, const struct sc_abi *abi,
                       struct asked *total)
{
        uint64_t (*inputs)[6] = calloc(TRIPLES, sizeof(*inputs));
        int64_t *answers = calloc(TRIPLES, sizeof(*answers));
        struct asked asked = { 0 };
        uint32_t nr;

        if (CHECK(inputs && answers && sc_syscall_number(sc_syscall_find(row->call, strlen(row->call)), abi, &nr))) {
                size_t n = fill_inputs(row, inputs);
                int r = kernel_ask(program, nr, (const uint64_t (*)[6])inputs, n, answers);

                if (r == -ENOTSUP)
                        printf("# %s: this machine's kernel cannot be asked\n", row->what);
                else if (CHECK_INT(r, 0)) {
                        compare_answers(row, (const uint64_t (*)[6])inputs, answers, n, &asked);
                        CHECK(asked.allowed > 0 && asked.refused > 0);
                        CHECK_INT(asked.different, 0);
                }
        }
        total->allowed += asked.allowed;
        total->refused += asked.refused;
        total->different += asked.different;
        free(inputs);
        free(answers);
}

static void check_built(const struct row *row, const struct sc_policy *policy, const struct sc_emit_result *built,
                        struct asked *asked)
{
        const struct sc_consumer *runc = sc_consumer_find("runc", 4);
        const struct scene scene = {
                .consumer = runc,
                .table = sc_scmptable_find(runc->scmptable, strlen(runc->scmptable)),
                .native = policy->abis[0],
                .env = { .kernel = SC_KERNEL(6, 1) },
                .compiler = sc_scmp_library(),
        };
        struct rng rng = rng_for(env_number("SC_SEED", 1), 0);
        struct sc_bpf_program program = { 0 };
        size_t wrong = 0;

        if (!CHECK_INT(scene_program(&scene, built->text, built->len, &program), 0))
                return;
        for (size_t i = 0; i < policy->n_abis; i++)
                wrong += try_program(row, &program, policy->abis[i], &rng);
        CHECK_INT(wrong, 0);
        if (!strcmp(scene.native->name, "x86_64"))
                ask_kernel(row, &program, scene.native, asked);
        free((void *)(uintptr_t)program.insns);
}

static void check_row(const struct row *row, struct asked *asked)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        struct sc_emit_request request = { .format = sc_emit_format_find("runc", 4),
                                           .compiler = sc_scmp_library() };
        struct sc_strbuf text = SC_STRBUF_INIT;
        int r;

        sc_strbuf_printf(&text, "{ \"architectures\": [%s], \"default\": \"errno:EACCES\", "
                         "\"newer\": \"errno:ENOSYS\", "
                         "\"rules\": [ %s { \"allow\": [\"exit_group\", \"pidfd_getfd\"] } ] }",
                         row->abis, row->rules);
        r = sc_policy_load(arena, "form.jsonc", text.text, text.len, NULL, diags, &request.policy);
        if (CHECK_INT(r, 0)) {
                request.abis = request.policy->abis;
                request.n_abis = request.policy->n_abis;
                r = sc_emit_build(arena, &request, diags, &built);
                printf("# %s: %s, %zu instructions\n", row->what, r == 0 ? "proven" : "refused", built.insns_max);
                CHECK_INT(r, row->refused ? -EBADMSG : 0);
                if (row->refused)
                        CHECK(is_named(row->refused, diags));
                else if (r == 0)
                        check_built(row, request.policy, &built, asked);
        }
        sc_strbuf_done(&text);
}

/* The same forms as one would give them to libseccomp. */
static void check_known(void)
{
        static const struct sc_scmp_arg args[][2] = {
                { { 0, SC_SCMP_EQ, 6, 0 } },
                { { 1, SC_SCMP_EQ, 0, 0 }, { 0, SC_SCMP_NE, 0xffffffff, 0 } },
                { { 1, SC_SCMP_LE, 6, 0 }, { 0, SC_SCMP_LE, 0, 0 } },
                { { 0, SC_SCMP_LE, 0, 0 }, { 1, SC_SCMP_EQ, 6, 0 } },
        };
        static const struct sc_scmp_rule wrong[] = { { "mremap", ALLOW, 1, args[0] }, { "mremap", ALLOW, 2, args[1] } };
        static const struct sc_scmp_rule hangs[] = { { "mremap", ALLOW, 2, args[2] }, { "mremap", ALLOW, 2, args[3] } };
        const struct sc_abi *abi = sc_abi_find("x86_64", 6);
        struct sc_scmp_filter filter = { EPERM_ANSWER, &abi, 1, wrong, 2, 1 };
        struct rng rng = rng_for(1, 1);
        struct raw_difference d;
        enum raw_outcome outcome = raw_try_in_child(&filter, "mremap", 50 * INPUTS, &rng, 2, &d);

        printf("# libseccomp and the rules a0 == 6; a1 == 0 && a0 != 0xffffffff: %s\n",
               outcome == RAW_WRONG ? "wrong" : "right");
        filter.rules = hangs;
        outcome = raw_try_in_child(&filter, "mremap", 50 * INPUTS, &rng, 2, &d);
        printf("# libseccomp and the rules a1 <= 6 && a0 <= 0; a0 <= 0 && a1 == 6: %s\n",
               outcome == RAW_HANGS ? "hangs" : "returns");
}

static struct sc_scmp_arg random_raw_arg(struct rng *rng, unsigned index)
{
        static const uint64_t values[] = { 0, 1, 3, 6, 0xffffffff, UINT64_C(0x100000000), UINT64_C(0x100000001) };
        struct sc_scmp_arg arg = { index, (enum sc_scmp_op)(1 + rng_below(rng, 7)),
                                   values[rng_below(rng, SC_COUNT(values))], 0 };

        if (arg.op == SC_SCMP_MASKED_EQ) {
                arg.a |= 1;
                arg.b = arg.a & rng_next(rng);
        }
        return arg;
}

static size_t random_rules(struct rng *rng, struct sc_scmp_rule rules[3], struct sc_scmp_arg args[3][2])
{
        size_t n = 1 + rng_below(rng, 3);

        for (size_t i = 0; i < n; i++) {
                unsigned first = (unsigned)rng_below(rng, 3);

                rules[i] = (struct sc_scmp_rule){ .name = "mremap", .action = ALLOW, .args = args[i] };
                rules[i].n_args = 1 + (unsigned)rng_below(rng, 2);
                args[i][0] = random_raw_arg(rng, first);
                args[i][1] = random_raw_arg(rng, (first + 1 + (unsigned)rng_below(rng, 2)) % 3);
        }
        return n;
}

static void print_wrong(const struct sc_scmp_filter *filter, const struct raw_difference *d)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        for (size_t i = 0; i < filter->n_rules; i++) {
                sc_strbuf_puts(&text, i ? "; allow " : "allow ");
                raw_write(&filter->rules[i], &text);
        }
        printf("# wrong: %s\n#   input a0 %#jx, a1 %#jx, a2 %#jx: expected %s, got %s\n", text.text,
               (uintmax_t)d->args[0], (uintmax_t)d->args[1], (uintmax_t)d->args[2],
               d->wanted == ALLOW ? "allow" : "errno:EPERM", d->got == ALLOW ? "allow" : "errno:EPERM");
        sc_strbuf_done(&text);
}

/* The search among forms of all kinds. */
static void search(size_t count)
{
        size_t outcomes[RAW_OUTCOMES] = { 0 }, looser = 0;
        const struct sc_abi *abi = sc_abi_find("x86_64", 6);
        struct sc_scmp_version version = sc_scmp_version();

        for (size_t i = 0; i < count; i++) {
                struct rng rng = rng_for(env_number("SC_SEED", 1), i + 10);
                struct sc_scmp_rule rules[3];
                struct sc_scmp_arg args[3][2];
                struct sc_scmp_filter filter = { EPERM_ANSWER, &abi, 1, rules, random_rules(&rng, rules, args), 1 };
                struct raw_difference d;
                enum raw_outcome outcome = raw_try_in_child(&filter, "mremap", INPUTS, &rng, 1, &d);

                outcomes[outcome]++;
                looser += outcome == RAW_WRONG && d.got == ALLOW;
                if (outcome == RAW_WRONG && outcomes[RAW_WRONG] <= SHOWN)
                        print_wrong(&filter, &d);
        }
        printf("# libseccomp %u.%u.%u, %zu random sets of up to three rules: right %zu, wrong %zu (first seen allowing "
               "too much: %zu), hangs %zu, refused %zu\n", version.major, version.minor, version.micro, count,
               outcomes[RAW_RIGHT], outcomes[RAW_WRONG], looser, outcomes[RAW_HANGS], outcomes[RAW_REFUSED]);
        CHECK(outcomes[RAW_WRONG] >= SHOWN);
}

/* A form that is known to be compiled right: equalities, or one bound below 2^32, or the else. */
static bool is_safe(const struct sc_scmp_rule *rule)
{
        unsigned seen = 0;

        for (unsigned i = 0; i < rule->n_args; i++) {
                const struct sc_scmp_arg *arg = &rule->args[i];
                bool equality = arg->op == SC_SCMP_EQ || arg->op == SC_SCMP_MASKED_EQ;

                if (seen & 1u << arg->index)
                        return false;
                seen |= 1u << arg->index;
                if (!equality && (rule->n_args > 1 || arg->a > UINT32_MAX))
                        return false;
                if (!equality && arg->op != SC_SCMP_GE && arg->op != SC_SCMP_LT)
                        return false;
        }
        return true;
}

struct written {
        size_t sets, rules, unsafe, wrong, hangs;
};

static void check_rules(const struct cond_case *c, const struct sc_scmp_filter *filter, struct rng *rng,
                        struct written *w)
{
        struct raw_difference d;
        enum raw_outcome outcome;

        for (size_t i = 0; i < filter->n_rules; i++) {
                w->rules++;
                w->unsafe += !is_safe(&filter->rules[i]);
        }
        outcome = raw_try_in_child(filter, sc_syscall_name(c->call), INPUTS, rng, 20, &d);
        w->wrong += outcome == RAW_WRONG || outcome == RAW_REFUSED;
        w->hangs += outcome == RAW_HANGS;
        w->sets++;
        if (outcome == RAW_WRONG)
                print_wrong(filter, &d);
}

/* What is written for one random condition, as runc gives it to libseccomp. */
static void check_case(const struct cond_case *c, struct rng *rng, struct written *w)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_consumer *runc = sc_consumer_find("runc", 4);
        const struct sc_target target = {
                .consumer = runc, .native = c->abis[0], .caps = c->caps, .kernel = SC_KERNEL(6, 1),
                .table = sc_scmptable_find(runc->scmptable, strlen(runc->scmptable)),
        };
        struct cond_trial t = { .c = c, .inputs = 1, .compiler = sc_scmp_library() };
        const struct sc_json *root;
        struct sc_profile *profile;
        struct sc_plan plan;

        if (cond_trial_run(&t) == COND_AGREES) {
                const struct sc_source source = { .name = "<built>", .text = t.text, .len = strlen(t.text) };

                if (sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root) == 0 &&
                    sc_profile_read(arena, root, diags, &profile) == 0 &&
                    sc_consumer_plan(arena, &target, profile, diags, &plan) == 0)
                        check_rules(c, &plan.filter, rng, w);
        }
        cond_trial_done(&t);
}

static void check_written(size_t count)
{
        static const char *const sets[][COND_ABIS_MAX] = {
                { "x86_64" }, { "x86_64", "x86" }, { "x86_64", "x32" }, { "aarch64" }, { "s390x" },
        };
        struct written w = { 0 };

        for (size_t i = 0; i < count; i++) {
                struct rng rng = rng_for(env_number("SC_SEED", 1) + 7, i);
                struct cond_case c = { .n_abis = 0 };

                for (; c.n_abis < COND_ABIS_MAX && sets[i % SC_COUNT(sets)][c.n_abis]; c.n_abis++) {
                        const char *name = sets[i % SC_COUNT(sets)][c.n_abis];

                        c.abis[c.n_abis] = sc_abi_find(name, strlen(name));
                }
                cond_generate(&rng, &c);
                hang_limit(60);
                check_case(&c, &rng, &w);
        }
        hang_limit(0);
        printf("# what is written for %zu random conditions: %zu sets of %zu rules; of another form %zu, wrong %zu, "
               "hangs %zu\n", count, w.sets, w.rules, w.unsafe, w.wrong, w.hangs);
        CHECK(w.sets * 2 > count);
        CHECK_INT(w.unsafe, 0);
        CHECK_INT(w.wrong, 0);
        CHECK_INT(w.hangs, 0);
}

int main(void)
{
        struct asked asked = { 0 };

        setvbuf(stdout, NULL, _IOLBF, 0);
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                check_row(&rows[i], &asked);
        printf("# questions asked of the kernel: %zu, allowed %zu, refused %zu; differences: %zu\n",
               asked.allowed + asked.refused, asked.allowed, asked.refused, asked.different);
        check_known();
        search(scaled((size_t)env_number("SC_WRONG_FORMS", SEARCHED)));
        check_written(scaled((size_t)env_number("SC_WRONG_FORMS", WRITTEN)));
        return test_end();
}

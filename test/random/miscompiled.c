/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random rules of all forms, as crun gives them to libseccomp: wherever the filter does what no rule says, by a naive
 * reading, sc_consumer_check() must find it; and what it finds, the interpreter must confirm. Rules on which libseccomp
 * hangs are left out.
 *
 * SC_SEED chooses; SC_MISCOMPILED changes how many sets are tried, SC_RANDOM_SCALE divides it.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/util.h"
#include "consumer/consumer.h"
#include "raw.h"

#define SETS 4000
#define RULES_MAX 5
#define TERMS_MAX 64
#define INPUTS 300 /* of one call on one ABI */
#define HANGS_SECONDS 1
#define SHOWN 4

static const char *const calls[] = { "mremap", "personality", "socket", "bind", "socketcall", "shmget", "ipc",
                                     "getppid" };

/* One set of rules, and the same as a profile. */
struct set {
        const struct sc_abi *abis[3];
        size_t n_abis, n_rules;
        bool plain; /* one call without companions, all rules allow */
        struct sc_profile profile;
        struct sc_profile_string names[RULES_MAX], architectures[3];
        struct sc_profile_rule rules[RULES_MAX];
        struct sc_profile_arg args[RULES_MAX][2];
};

static const enum sc_profile_op ops[] = { SC_OP_NE, SC_OP_LT, SC_OP_LE, SC_OP_EQ, SC_OP_GE, SC_OP_GT,
                                          SC_OP_MASKED_EQ };

static struct sc_profile_number number(uint64_t value)
{
        return (struct sc_profile_number){ .has = true, .value = value };
}

static struct sc_profile_arg random_arg(struct rng *rng, unsigned index)
{
        static const uint64_t values[] = { 0, 1, 3, 6, 0xffffffff, UINT64_C(0x100000000), UINT64_C(0x100000001) };
        struct sc_profile_arg arg = { .index = number(index), .op = ops[rng_below(rng, SC_COUNT(ops))] };

        arg.value = number(values[rng_below(rng, SC_COUNT(values))]);
        if (arg.op == SC_OP_MASKED_EQ)
                arg.value_two = number(arg.value.value & rng_next(rng));
        return arg;
}

static void random_rule(struct rng *rng, struct set *s, size_t i)
{
        static const char *const actions[] = { "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS" };
        struct sc_profile_rule *rule = &s->rules[i];
        unsigned first = (unsigned)rng_below(rng, 3);
        bool always = !s->plain && rng_percent(rng, 10), otherwise = !s->plain && rng_percent(rng, 10);

        s->names[i].text = s->plain ? "mremap" : calls[rng_below(rng, SC_COUNT(calls))];
        rule->names = (struct sc_profile_list){ .items = &s->names[i], .n = 1 };
        rule->action.text = actions[s->plain ? 0 : rng_below(rng, SC_COUNT(actions))];
        if (!strcmp(rule->action.text, "SCMP_ACT_ERRNO"))
                rule->errno_ret = number(EACCES);
        s->args[i][0] = random_arg(rng, first);
        s->args[i][1] = random_arg(rng, (first + 1 + (unsigned)rng_below(rng, 2)) % 3);
        if (otherwise)
                s->args[i][0] = (struct sc_profile_arg){ .index = number(0), .value = number(0), .op = SC_OP_GE };
        rule->args.items = s->args[i];
        rule->args.n = always ? 0 : otherwise ? 1 : 1 + rng_below(rng, 2);
}

static void random_set(struct rng *rng, struct set *s)
{
        static const char *const sets[][3] = { { "x86_64" }, { "x86_64", "x86" }, { "x86_64", "x32" }, { "x86" },
                                               { "aarch64", "arm" }, { "s390x", "s390" } };
        const char *const *names = sets[rng_below(rng, SC_COUNT(sets))];

        *s = (struct set){ .plain = rng_percent(rng, 40), .n_rules = 1 + rng_below(rng, RULES_MAX) };
        while (s->n_abis < 3 && names[s->n_abis]) {
                s->abis[s->n_abis] = sc_abi_find(names[s->n_abis], strlen(names[s->n_abis]));
                s->architectures[s->n_abis].text = s->abis[s->n_abis]->oci;
                s->n_abis++;
        }
        for (size_t i = 0; i < s->n_rules; i++)
                random_rule(rng, s, i);
        s->profile.default_action.text = "SCMP_ACT_ERRNO";
        s->profile.architectures = (struct sc_profile_list){ .items = s->architectures, .n = s->n_abis };
        s->profile.syscalls = (struct sc_profile_rules){ s->rules, s->n_rules };
}

/* The rules that may answer for a call on an ABI, companions among them, in order. */
static size_t naive_terms(const struct sc_scmp_filter *filter, const struct sc_abi *abi, int call,
                          struct sc_scmp_arg args[TERMS_MAX][6], struct sc_scmp_rule terms[TERMS_MAX])
{
        size_t n = 0;

        for (size_t i = 0; i < filter->n_rules && n < TERMS_MAX; i++) {
                int own = sc_syscall_find(filter->rules[i].name, strlen(filter->rules[i].name));
                uint32_t subcall;

                terms[n] = filter->rules[i];
                if (own != call) {
                        if (!abi->multiplexed || sc_syscall_carrier(own, &subcall) != call)
                                continue;
                        args[n][0] = (struct sc_scmp_arg){ 0, SC_SCMP_EQ, subcall, 0 };
                        terms[n].n_args = 1;
                        for (unsigned k = 0; k < filter->rules[i].n_args; k++)
                                if (filter->rules[i].args[k].index)
                                        args[n][terms[n].n_args++] = filter->rules[i].args[k];
                        terms[n].args = args[n];
                }
                n++;
        }
        return n;
}

static bool is_always(const struct sc_scmp_rule *rule, const struct sc_abi *abi)
{
        for (unsigned k = 0; k < rule->n_args; k++)
                if (rule->args[k].op != SC_SCMP_MASKED_EQ ||
                    (abi->word_bits == 32 ? (uint32_t)rule->args[k].a : rule->args[k].a))
                        return false;
        return true;
}

static bool is_else(const struct sc_scmp_rule *rule)
{
        return rule->n_args == 1 && rule->args[0].op == SC_SCMP_GE && !rule->args[0].index && !rule->args[0].a;
}

/* Beside equalities, `arg0 >= 0` is the else. */
static bool has_else(const struct sc_scmp_rule *terms, size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (unsigned k = 0; k < terms[i].n_args; k++)
                        if (terms[i].args[k].op != SC_SCMP_EQ && terms[i].args[k].op != SC_SCMP_MASKED_EQ &&
                            !is_else(&terms[i]))
                                return false;
        return true;
}

/* True if some rule that applies has the action: an answer that nobody can complain about. */
static bool is_said(const struct sc_scmp_filter *filter, const struct sc_abi *abi, int call, const uint64_t args[6],
                    uint32_t action)
{
        struct sc_scmp_rule terms[TERMS_MAX];
        struct sc_scmp_arg terms_args[TERMS_MAX][6];
        size_t n = naive_terms(filter, abi, call, terms_args, terms);
        bool any = false, last = has_else(terms, n);

        for (size_t i = 0; i < n; i++)
                if (is_always(&terms[i], abi))
                        return terms[i].action == action;
        for (int otherwise = 0; otherwise <= (last ? 1 : 0) && !any; otherwise++)
                for (size_t i = 0; i < n; i++) {
                        if ((last && is_else(&terms[i])) != (otherwise == 1) || !raw_holds(&terms[i], abi, args))
                                continue;
                        any = true;
                        if (terms[i].action == action)
                                return true;
                }
        return !any && action == filter->default_action;
}

/* Values near those of all rules; small ones, which number what is carried. */
static void random_input(const struct cond_pool *pool, const struct sc_abi *abi, struct rng *rng, uint64_t args[6])
{
        cond_pool_input(pool, rng, args);
        if (rng_percent(rng, 30))
                args[0] = rng_below(rng, 30);
        for (unsigned k = 0; k < 6 && abi->word_bits == 32 && strcmp(abi->name, "x32") != 0; k++)
                args[k] &= UINT32_MAX;
}

enum { RIGHT, WRONG, MISSED, FALSE_ALARM, NO_ANSWER, HANGS, REFUSED, OUTCOMES };

struct result {
        int outcome;
        struct sc_witness witness;
};

static bool find_wrong(const struct sc_plan *plan, const struct sc_bpf_program *program, struct rng *rng,
                       struct sc_witness *ret)
{
        struct cond_pool pool = { 0 };

        for (unsigned i = 0; i < 6; i++)
                cond_pool_add(&pool, i, 0);
        for (size_t i = 0; i < plan->filter.n_rules; i++)
                for (unsigned k = 0; k < plan->filter.rules[i].n_args; k++)
                        cond_pool_add(&pool, plan->filter.rules[i].args[k].index, plan->filter.rules[i].args[k].a);
        for (size_t a = 0; a < plan->n_abis; a++)
                for (size_t c = 0; c < SC_COUNT(calls); c++)
                        for (size_t i = 0; i < INPUTS; i++) {
                                struct sc_witness w = { .abi = plan->abis[a],
                                                        .call = sc_syscall_find(calls[c], strlen(calls[c])) };
                                struct sc_bpf_data data;

                                if (!sc_syscall_number(w.call, w.abi, &w.nr))
                                        break;
                                random_input(&pool, w.abi, rng, w.args);
                                data = sc_bpf_data_make(w.abi->audit_arch, w.nr, w.args, program->big_endian);
                                w.b = sc_bpf_run(program, &data);
                                if (is_said(&plan->filter, w.abi, w.call, w.args, w.b))
                                        continue;
                                *ret = w;
                                return true;
                        }
        return false;
}

static bool confirms(const struct sc_plan *plan, const struct sc_bpf_program *program, const struct sc_witness *w)
{
        struct sc_bpf_data data = sc_bpf_data_make(w->abi->audit_arch, w->nr, w->args, program->big_endian);

        return sc_bpf_run(program, &data) == w->b && w->call >= 0 &&
               !is_said(&plan->filter, w->abi, w->call, w->args, w->b);
}

static void try_set(const struct set *s, struct rng *rng, struct result *result)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_consumer *crun = sc_consumer_find("crun", 4);
        const struct sc_target target = { .consumer = crun, .native = s->abis[0], .kernel = SC_KERNEL(6, 1),
                                          .table = sc_scmptable_find(crun->scmptable, strlen(crun->scmptable)) };
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        struct sc_miscompiled found;
        struct sc_plan plan;
        int r = sc_consumer_decide(arena, &target, &s->profile, &compiler, d, diags, &outcome);

        result->outcome = REFUSED;
        if (r < 0 || sc_consumer_plan(arena, &target, &s->profile, diags, &plan) < 0)
                return;
        r = sc_consumer_check(arena, &target, &s->profile, &compiler, d, &outcome, &found);
        result->outcome = r < 0 ? NO_ANSWER : r ? WRONG : RIGHT;
        if (r == 1) {
                result->witness = found.witness;
                if (!confirms(&plan, &outcome.program, &found.witness))
                        result->outcome = FALSE_ALARM;
        } else if (r == 0 && find_wrong(&plan, &outcome.program, rng, &result->witness)) {
                result->outcome = MISSED;
        }
}

static void print_set(const struct set *s, const struct result *result)
{
        static const char *const what[OUTCOMES] = { [WRONG] = "wrong", [MISSED] = "missed", [NO_ANSWER] = "no answer",
                                                    [FALSE_ALARM] = "false alarm" };
        const struct sc_witness *w = &result->witness;
        struct sc_strbuf text = SC_STRBUF_INIT;

        for (size_t i = 0; i < s->n_rules; i++) {
                sc_strbuf_printf(&text, "\n#   %s %s", s->rules[i].action.text, s->names[i].text);
                for (size_t k = 0; k < s->rules[i].args.n; k++) {
                        const struct sc_profile_arg *arg = &s->args[i][k];

                        sc_strbuf_printf(&text, "%s a%u %s %#jx/%#jx", k ? "," : "", (unsigned)arg->index.value,
                                         sc_profile_op_name(arg->op), (uintmax_t)arg->value.value,
                                         (uintmax_t)arg->value_two.value);
                }
        }
        sc_strbuf_puts(&text, "\n#   ");
        if (w->abi)
                sc_witness_format(w, &text);
        printf("# %s, %s and %zu more ABIs: %s: %#x, %#x\n", what[result->outcome], s->abis[0]->name, s->n_abis - 1,
               text.text ? text.text : "", w->a, w->b);
        sc_strbuf_done(&text);
}

int main(void)
{
        struct result *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        size_t outcomes[OUTCOMES] = { 0 }, count = scaled((size_t)env_number("SC_MISCOMPILED", SETS)), plain = 0;

        setvbuf(stdout, NULL, _IOLBF, 0);
        printf("# seed %ju, %zu sets\n", (uintmax_t)env_number("SC_SEED", 1), count);
        for (size_t i = 0; shared != MAP_FAILED && i < count; i++) {
                struct rng rng = rng_for(env_number("SC_SEED", 1), i);
                struct set set;
                pid_t pid;

                random_set(&rng, &set);
                *shared = (struct result){ .outcome = HANGS };
                pid = fork();
                if (pid == 0) {
                        hang_limit(HANGS_SECONDS);
                        try_set(&set, &rng, shared);
                        _exit(0);
                }
                waitpid(pid, NULL, 0);
                if (outcomes[shared->outcome]++ < SHOWN &&
                    (shared->outcome == MISSED || shared->outcome == FALSE_ALARM || shared->outcome == NO_ANSWER))
                        print_set(&set, shared);
                plain += shared->outcome == WRONG && set.plain;
        }
        printf("# right %zu; wrong, found %zu (%zu of one call), missed %zu; false alarms %zu; no answer %zu; "
               "libseccomp hangs %zu, refuses %zu\n",
               outcomes[RIGHT], outcomes[WRONG], plain, outcomes[MISSED], outcomes[FALSE_ALARM], outcomes[NO_ANSWER],
               outcomes[HANGS], outcomes[REFUSED]);
        CHECK(outcomes[WRONG] >= count / 100);
        CHECK(outcomes[RIGHT] >= count / 5);
        CHECK_INT(outcomes[MISSED], 0);
        CHECK_INT(outcomes[FALSE_ALARM], 0);
        CHECK_INT(outcomes[NO_ANSWER], 0);
        return test_end();
}

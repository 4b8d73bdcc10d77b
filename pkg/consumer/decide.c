/* SPDX-License-Identifier: Apache-2.0 */
/* A profile all the way to a decision: the plan, libseccomp, runc's stub, symbolic execution. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "consumer/consumer.h"
#include "consumer/stub.h"

/*
 * More tests than this are not given to libseccomp: 2.5.4 wraps around at 65,536 instructions, which this bound keeps
 * it below. That the program has no more than the kernel takes is checked on the program itself.
 */
#define TESTS_MAX 12288

void sc_outcome_done(struct sc_outcome *outcome)
{
        sc_freep(&outcome->program.insns);
        *outcome = (struct sc_outcome){ 0 };
}

/*
 * The size of a filter before it is compiled: calls and conditions on each ABI that has the call. libseccomp writes
 * one to four instructions for each (a 64-bit condition: two loads and two jumps), fewer where rules repeat.
 */
static size_t count_tests(const struct sc_plan *plan)
{
        size_t n = 0;

        for (size_t i = 0; i < plan->filter.n_rules; i++) {
                const struct sc_scmp_rule *rule = &plan->filter.rules[i];
                int call = sc_syscall_find(rule->name, strlen(rule->name));
                uint32_t nr;

                for (size_t k = 0; k < plan->n_abis; k++)
                        if (sc_syscall_number(call, plan->abis[k], &nr))
                                n += 1 + rule->n_args;
        }
        return n;
}

static int refused_by_libseccomp(const struct sc_plan *plan, const struct sc_scmp_result *result, bool modelled,
                                 struct sc_diags *diags, struct sc_place profile)
{
        bool at_rule = result->error_at < plan->filter.n_rules;

        if (modelled && result->error == -EOPNOTSUPP) {
                sc_diags_add(diags, SC_ERROR, "not-modelled", at_rule ? plan->places[result->error_at] : profile,
                             "what libseccomp makes of %s%s is not known for sure without it",
                             at_rule ? "the rules for " : "the filter",
                             at_rule ? plan->filter.rules[result->error_at].name : "");
                return -EBADMSG;
        }
        sc_diags_add(diags, SC_ERROR, "libseccomp-refuses", at_rule ? plan->places[result->error_at] : profile,
                     "libseccomp refuses %s%s: %s", at_rule ? "the rule for " : "the filter",
                     at_rule ? plan->filter.rules[result->error_at].name : "", strerror(-result->error));
        return -EBADMSG;
}

/* Compiles within limits; what went wrong is a diagnostic. */
static int compile(const struct sc_plan *plan, const struct sc_scmp_compiler *compiler, struct sc_decisions *d,
                   struct sc_place place, struct sc_diags *diags, struct sc_scmp_result *ret_result)
{
        struct sc_scmp_result result = { 0 };
        size_t tests = count_tests(plan);
        int r;

        if (tests > TESTS_MAX) {
                sc_diags_add(diags, SC_ERROR, "filter-too-large", place,
                             "the filter would need %zu tests; the kernel takes %d instructions", tests,
                             SC_BPF_LEN_MAX);
                return -EBADMSG;
        }
        r = compiler->decide ? compiler->decide(compiler->data, &plan->filter, d, &result)
                             : compiler->compile(compiler->data, &plan->filter, &result);
        if (r == -ETIMEDOUT || (r == 0 && result.error == -ENOMEM)) {
                struct sc_diag *diag = sc_diags_add(diags, SC_ERROR, "libseccomp-limit", place,
                                                    "libseccomp did not end within the limits of time and memory");

                sc_diag_hint(diag,
                             "a container with this profile would hang as well; look for several conditions in one "
                             "rule with ordered comparisons");
                return -EBADMSG;
        }
        if (r < 0)
                return r;
        if (result.error)
                return refused_by_libseccomp(plan, &result, compiler->decide != NULL, diags, place);
        *ret_result = result;
        return 0;
}

/* A rule for a call that none of the filter's ABIs has does nothing. */
static bool has_effect(const struct sc_plan *plan, int call)
{
        bool found = false;
        uint32_t nr;

        for (size_t i = 0; i < plan->n_abis && !found; i++)
                found = sc_syscall_number(call, plan->abis[i], &nr);
        return found;
}

/* Rules whose names this machine's libseccomp lacks, entered by their numbers. */
static int model_missing(struct sc_arena *arena, const struct sc_plan *plan, const struct sc_scmp_compiler *compiler,
                         struct sc_decisions *d, struct sc_diags *diags, struct sc_outcome *outcome)
{
        const char **names = sc_arena_array(arena, plan->filter.n_rules + 1, sizeof(*names));

        if (!names)
                return -ENOMEM;
        outcome->modelled = names;
        for (size_t i = plan->filter.n_rules; i-- > 0;) { /* backwards: of two, the first wins */
                const struct sc_scmp_rule *rule = &plan->filter.rules[i];
                int call = sc_syscall_find(rule->name, strlen(rule->name));
                uint32_t nr;

                if (compiler->knows(compiler->data, rule->name) || !has_effect(plan, call))
                        continue;
                if (rule->n_args) {
                        sc_diags_add(
                                diags, SC_ERROR, "unproven", plan->places[i],
                                "this machine's libseccomp does not know '%s', so its conditions cannot be proven here",
                                rule->name);
                        return -EBADMSG;
                }
                names[outcome->n_modelled++] = rule->name;
                for (size_t k = 0; k < plan->n_abis; k++)
                        if (sc_syscall_number(call, plan->abis[k], &nr))
                                outcome->node = sc_decision_eq(
                                        d, SC_WORD_ARCH, UINT32_MAX, plan->abis[k]->audit_arch,
                                        sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, nr,
                                                       sc_decision_leaf(d, rule->action), outcome->node),
                                        outcome->node);
        }
        return sc_decisions_error(d);
}

/* What the kernel would say of a program, and what the decision's makers cannot follow. */
static int decide_program(const struct sc_bpf_program *program, struct sc_decisions *d, struct sc_place place,
                          struct sc_diags *diags, sc_node *ret_node)
{
        struct sc_bpf_fault fault = { 0 };
        int r;

        if (program->len > SC_BPF_LEN_MAX) {
                sc_diags_add(diags, SC_ERROR, "filter-too-large", place,
                             "the filter has %zu instructions; the kernel takes %d", program->len, SC_BPF_LEN_MAX);
                return -EBADMSG;
        }
        r = sc_bpf_decide(program, d, ret_node, &fault);
        if (r != -EINVAL && r != -EOPNOTSUPP)
                return r;
        sc_diags_add(diags, SC_ERROR, "cannot-follow", place, "cannot follow the filter at instruction %zu: %s",
                     fault.at, fault.what);
        return -EBADMSG;
}

/* libseccomp's program, the stub in front of it, and what the two mean. Steals the instructions. */
static int follow(const struct sc_plan *plan, const struct sc_scmp_compiler *compiler, struct sc_scmp_result *result,
                  struct sc_place place, struct sc_decisions *d, struct sc_diags *diags, struct sc_outcome *outcome)
{
        struct sock_filter *with_stub;
        int r;

        outcome->program = (struct sc_bpf_program){ SC_STEAL(result->insns), result->len, plan->abis[0]->big_endian };
        if (plan->stub) {
                r = sc_stub_prepend(plan, compiler, outcome->program.insns, result->len, &with_stub,
                                    &outcome->program.len);
                if (r < 0)
                        return r;
                sc_freep(&outcome->program.insns);
                outcome->program.insns = with_stub;
        }
        return decide_program(&outcome->program, d, place, diags, &outcome->node);
}

int sc_consumer_decide(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                       const struct sc_scmp_compiler *compiler, struct sc_decisions *d, struct sc_diags *diags,
                       struct sc_outcome *ret_outcome)
{
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        struct sc_scmp_result result = { 0 };
        struct sc_plan plan;
        int r = sc_consumer_plan(arena, target, profile, diags, &plan);

        if (r < 0)
                return r;
        if (plan.unfiltered) {
                *ret_outcome = (struct sc_outcome){ .unfiltered = true };
                return 0;
        }
        r = compile(&plan, compiler, d, profile->place, diags, &result);
        if (r < 0)
                return r;
        outcome.node = result.node;
        if (!compiler->decide)
                r = follow(&plan, compiler, &result, profile->place, d, diags, &outcome);
        else if (plan.stub)
                r = sc_stub_decide(&plan, compiler, d, result.node, &outcome.node);
        if (r == 0)
                r = model_missing(arena, &plan, compiler, d, diags, &outcome);
        if (r < 0)
                return r;
        *ret_outcome = outcome;
        outcome = (struct sc_outcome){ 0 };
        return 0;
}

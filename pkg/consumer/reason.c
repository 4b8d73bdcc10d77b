/* SPDX-License-Identifier: Apache-2.0 */
/* The plan once more, for one call: rule by rule, with the reason for each. */
#include "consumer/reason.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "bpf/args.h"
#include "bpf/model.h"
#include "consumer/docker.h"
#include "consumer/stub.h"

#define NOT_THE_STUB UINT32_C(0xdeadbeef) /* no action: what stands for the filter behind the stub */

struct reasoner {
        struct sc_arena *arena;
        const struct sc_target *target;
        const struct sc_profile *profile;
        const struct sc_abi *abi;
        int call;
        struct sc_decisions *d;
        struct sc_diags *diags;
        struct sc_plan plan;
        struct sc_reasons *out;
};

/* The capability that keeps a rule out; NULL if none does. */
static const char *barring_cap(const struct reasoner *r, const struct sc_profile_list *caps, bool present)
{
        for (size_t i = 0; i < caps->n; i++)
                if (sc_docker_has_cap(caps->items[i].text, r->target->caps) == present)
                        return caps->items[i].text;
        return NULL;
}

static bool names_arch(const struct reasoner *r, const struct sc_profile_list *arches)
{
        const char *docker = r->target->native->docker;

        for (size_t i = 0; docker && i < arches->n; i++)
                if (!strcmp(arches->items[i].text, docker))
                        return true;
        return false;
}

static void bar(struct sc_reason *reason, enum sc_fate fate, bool excluded, const char *cause)
{
        reason->fate = fate;
        reason->excluded = excluded;
        reason->cause = cause;
}

/* Why a rule that does not apply does not. */
static void bar_rule(const struct reasoner *r, struct sc_reason *reason)
{
        const struct sc_profile_filter *in = &reason->rule->includes, *out = &reason->rule->excludes;
        const char *want = barring_cap(r, &in->caps, false), *refused = barring_cap(r, &out->caps, true);
        sc_kernel kernel = 0;

        if (names_arch(r, &out->arches))
                bar(reason, SC_FATE_ARCHES, true, NULL);
        else if (in->arches.n && !names_arch(r, &in->arches))
                bar(reason, SC_FATE_ARCHES, false, NULL);
        else if (refused)
                bar(reason, SC_FATE_CAPS, true, refused);
        else if (want)
                bar(reason, SC_FATE_CAPS, false, want);
        else if (in->min_kernel.text && sc_docker_kernel(in->min_kernel.text, &kernel) == 0 &&
                 r->target->kernel < kernel)
                bar(reason, SC_FATE_KERNEL, false, in->min_kernel.text);
        else
                bar(reason, SC_FATE_KERNEL, true, out->min_kernel.text);
}

/* The call as a carrier of what a rule names: a condition on the first argument takes the place of the rule's own. */
static sc_node carried_where(const struct reasoner *r, const struct sc_scmp_rule *rule, uint32_t subcall)
{
        struct sc_scmp_arg args[6] = { { 0, SC_SCMP_EQ, subcall, 0 } };
        unsigned n = 1;

        for (unsigned i = 0; i < rule->n_args; i++)
                if (rule->args[i].index != 0)
                        args[n++] = rule->args[i];
        return sc_scmp_args_node(r->d, r->abi, args, n);
}

/* True if libseccomp keeps none of a rule's conditions: it drops masks without bits, but not comparisons. */
static bool is_unconditional(const struct reasoner *r, const struct sc_scmp_rule *rule)
{
        uint64_t width = r->abi->word_bits == 32 ? UINT32_MAX : UINT64_MAX;

        for (unsigned i = 0; i < rule->n_args; i++)
                if (rule->args[i].op != SC_SCMP_MASKED_EQ || (rule->args[i].a & width))
                        return false;
        return true;
}

static sc_node own_where(const struct reasoner *r, const struct sc_scmp_rule *rule)
{
        return sc_scmp_args_node(r->d, r->abi, rule->args, rule->n_args);
}

/* Where the conditions of a rule of the profile hold: any of the rules that the plan made of it. */
static void find_where(const struct reasoner *r, struct sc_reason *reason)
{
        const struct sc_place *place = &reason->rule->place;
        const char *name = sc_syscall_name(reason->call);
        bool own = reason->call == r->call;
        uint32_t subcall = 0;

        reason->where = sc_decision_leaf(r->d, 0);
        reason->conditional = true;
        reason->otherwise = own;
        if (!own)
                sc_syscall_carrier(reason->call, &subcall);
        for (size_t i = 0; i < r->plan.filter.n_rules; i++) {
                const struct sc_scmp_rule *rule = &r->plan.filter.rules[i];

                if (r->plan.places[i].offset != place->offset || strcmp(rule->name, name) != 0)
                        continue;
                reason->conditional &= !own || !is_unconditional(r, rule);
                reason->otherwise &= sc_scmp_args_otherwise(rule->args, rule->n_args);
                reason->where = sc_decision_or(r->d, reason->where,
                                               own ? own_where(r, rule) : carried_where(r, rule, subcall));
        }
}

/* Calls by which a rule can be about the one that was asked for: itself, and what it carries. */
static bool is_about(const struct reasoner *r, int call)
{
        uint32_t subcall;

        return call >= 0 && (call == r->call || (r->abi->multiplexed && sc_syscall_carrier(call, &subcall) == r->call));
}

/* The action of a rule that nobody reads here, which may be none. */
static uint32_t written_action(const struct sc_profile_rule *rule)
{
        uint32_t value = 0;

        if (rule->action.text && sc_profile_action_value(rule->action.text, &value) == 0 &&
            (value == SECCOMP_RET_ERRNO || value == SECCOMP_RET_TRACE))
                value |= rule->errno_ret.has ? (uint32_t)rule->errno_ret.value & SECCOMP_RET_DATA : EPERM;
        return value;
}

static int judge(const struct reasoner *r, struct sc_reason *reason)
{
        bool applies = true;
        int error = 0;

        if (r->target->consumer->docker_format)
                error = sc_docker_applies(r->target, reason->rule, r->diags, &applies);
        reason->action = written_action(reason->rule);
        if (error == 0 && applies)
                error = sc_consumer_action(r->target, r->profile, reason->rule, r->diags, &reason->action);
        if (error < 0)
                return error;
        if (!applies)
                bar_rule(r, reason);
        else if (!sc_scmptable_knows(r->target->table, reason->call))
                reason->fate = SC_FATE_UNKNOWN;
        else if (reason->action == r->plan.filter.default_action)
                reason->fate = SC_FATE_DEFAULT;
        else
                find_where(r, reason);
        return 0;
}

/* A name of a rule; docker reads the older "name" too. */
static int add_name(const struct reasoner *r, const struct sc_profile_rule *rule, const struct sc_profile_string *name)
{
        int call = sc_syscall_find(name->text, strlen(name->text));
        struct sc_reason reason = { .rule = rule, .call = call, .place = name->place };
        int error;

        if (!is_about(r, call))
                return 0;
        error = judge(r, &reason);
        if (error == 0)
                r->out->items[r->out->n++] = reason;
        return error;
}

static int add_rules(const struct reasoner *r)
{
        int error = 0;

        for (size_t i = 0; i < r->profile->syscalls.n && error == 0; i++) {
                const struct sc_profile_rule *rule = &r->profile->syscalls.items[i];

                if (r->target->consumer->docker_format && rule->name.text && *rule->name.text)
                        error = add_name(r, rule, &rule->name);
                for (size_t k = 0; k < rule->names.n && error == 0; k++)
                        error = add_name(r, rule, &rule->names.items[k]);
        }
        return error;
}

/* The first rule without conditions decides, whatever stands beside it. */
static void overrule(struct sc_reasons *reasons)
{
        size_t first = reasons->n;

        for (size_t i = reasons->n; i-- > 0;)
                if (reasons->items[i].fate == SC_FATE_COUNTS && !reasons->items[i].conditional)
                        first = i;
        for (size_t i = 0; first < reasons->n && i < reasons->n; i++)
                if (i != first && reasons->items[i].fate == SC_FATE_COUNTS)
                        reasons->items[i].fate = SC_FATE_OVERRULED;
}

static int reserve(const struct reasoner *r)
{
        size_t n = 1;

        for (size_t i = 0; i < r->profile->syscalls.n; i++)
                n += r->profile->syscalls.items[i].names.n + 1;
        r->out->items = sc_arena_array(r->arena, n, sizeof(*r->out->items));
        return r->out->items ? 0 : -ENOMEM;
}

static sc_node at_call(const struct reasoner *r, sc_node node, uint32_t nr)
{
        return sc_decision_fix(r->d, sc_decision_fix(r->d, node, SC_WORD_ARCH, r->abi->audit_arch), SC_WORD_NR, nr);
}

static int find_stub(const struct reasoner *r, uint32_t nr, const struct sc_scmp_compiler *compiler)
{
        sc_node node = sc_decision_leaf(r->d, NOT_THE_STUB);
        int error = r->plan.stub ? sc_stub_decide(&r->plan, compiler, r->d, node, &node) : 0;

        r->out->stub = at_call(r, node, nr) != sc_decision_leaf(r->d, NOT_THE_STUB);
        return error;
}

/* The rules at their word. */
static int read_rules(const struct reasoner *r, uint32_t nr)
{
        struct sc_model model = { .mode = SC_MODEL_READING, .table = r->target->table };
        const struct sc_scmp_compiler compiler = sc_scmp_model(&model);
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        int error = sc_consumer_decide(r->arena, r->target, r->profile, &compiler, r->d, r->diags, &outcome);

        if (error == 0)
                r->out->reading = at_call(r, outcome.node, nr);
        return error;
}

int sc_consumer_reasons(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                        const struct sc_abi *abi, int call, uint32_t nr, const struct sc_scmp_compiler *compiler,
                        struct sc_decisions *d, struct sc_diags *diags, struct sc_reasons *ret_reasons)
{
        struct sc_reasons reasons = { 0 };
        struct reasoner r = { .arena = arena, .target = target, .profile = profile, .abi = abi, .call = call, .d = d,
                              .diags = diags, .out = &reasons };
        int error = sc_consumer_plan(arena, target, profile, diags, &r.plan);

        if (error < 0)
                return error;
        reasons.unfiltered = r.plan.unfiltered;
        if (reasons.unfiltered) {
                *ret_reasons = reasons;
                return 0;
        }
        reasons.default_action = r.plan.filter.default_action;
        reasons.foreign = !sc_abi_among(abi, r.plan.abis, r.plan.n_abis);
        error = reserve(&r);
        if (error == 0)
                error = add_rules(&r);
        if (error == 0)
                error = find_stub(&r, nr, compiler);
        if (error == 0)
                error = read_rules(&r, nr);
        if (error == 0)
                error = sc_decisions_error(d);
        if (error < 0)
                return error;
        overrule(&reasons);
        *ret_reasons = reasons;
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about conditions on arguments, as they are written. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lint/internal.h"
#include "syscall/param.h"

#define CRUN_ARGS_MAX 6 /* conditions of a rule that crun reads */
#define LOW_WORD UINT64_C(0xffffffff)

/* A condition of a rule, for one of the rule's calls. */
struct condition {
        const struct sc_profile_rule *rule;
        const struct sc_profile_arg *arg;
        int call; /* -1: nobody knows the name */
};

typedef void condition_check(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct condition *c);

static void each_call(struct sc_lint *lint, const struct sc_lint_rule *rule, struct condition *c,
                      condition_check *check)
{
        for (size_t i = 0; i < c->rule->names.n; i++) {
                const char *name = c->rule->names.items[i].text;

                c->call = sc_syscall_find(name, strlen(name));
                if (c->call >= 0)
                        check(lint, rule, c);
        }
}

/* Calls `check` for each condition with each call of its rule that somebody knows. */
static int each_condition(struct sc_lint *lint, const struct sc_lint_rule *rule, condition_check *check)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++)
                for (size_t k = 0; k < p->syscalls.items[i].args.n; k++) {
                        const struct sc_profile_rule *r = &p->syscalls.items[i];
                        struct condition c = { .rule = r, .arg = &r->args.items[k] };

                        if (c.arg->index.has && c.arg->index.value < 6)
                                each_call(lint, rule, &c, check);
                }
        return 0;
}

/* The parameter that the condition is on, on one of the rule's ABIs that have the call; NULL if on none. */
static bool parameter(const struct sc_lint *lint, const struct condition *c, const struct sc_abi **ret_abi,
                      struct sc_param_register *ret_register)
{
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n = lint_rule_abis(lint->file->profile, c->rule, abis);
        uint32_t nr;

        if (n == 0)
                abis[n++] = sc_abi_native();
        for (size_t i = 0; i < n; i++)
                if (sc_syscall_number(c->call, abis[i], &nr)) {
                        *ret_abi = abis[i];
                        *ret_register = sc_param_in_register(c->call, (unsigned)c->arg->index.value, abis[i]);
                        return true;
                }
        return false;
}

int lint_one_index_twice(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++) {
                const struct sc_profile_args *args = &p->syscalls.items[i].args;

                for (size_t k = 1; k < args->n; k++)
                        for (size_t j = 0; j < k; j++) {
                                struct sc_lint_finding *f;

                                if (!args->items[k].index.has || !args->items[j].index.has ||
                                    args->items[k].index.value != args->items[j].index.value)
                                        continue;
                                f = lint_add(lint, rule, args->items[k].place,
                                             "two conditions on argument %" PRIu64 ": runtimes make a rule of each "
                                             "condition here, so that any of them is enough",
                                             args->items[k].index.value);
                                lint_place(f, args->items[j].place);
                                lint_hint(lint, f, "say it in one condition (SCMP_CMP_MASKED_EQ), or build it from a "
                                                   "policy: 'when' has && and ranges");
                                j = k = args->n;
                        }
        }
        return 0;
}

int lint_bad_index(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++)
                for (size_t k = 0; k < p->syscalls.items[i].args.n; k++) {
                        const struct sc_profile_number *index = &p->syscalls.items[i].args.items[k].index;

                        if (index->has && index->value > 5)
                                lint_add(lint, rule, index->place, "a call has arguments 0 to 5");
                }
        return 0;
}

static void check_unused(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct condition *c)
{
        struct sc_param_register reg;
        const struct sc_abi *abi;

        if (!parameter(lint, c, &abi, &reg) || reg.param >= 0 || !sc_param_count(c->call))
                return;
        lint_add(lint, rule, c->arg->index.place,
                 "%s has no argument %" PRIu64 " on %s: what stands in that register is up to the program",
                 sc_syscall_name(c->call), c->arg->index.value, abi->name);
}

int lint_argument_unused(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_condition(lint, rule, check_unused);
}

static void check_pointer(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct condition *c)
{
        struct sc_param_register reg;
        const struct sc_abi *abi;
        struct sc_param param;

        if (!parameter(lint, c, &abi, &reg) || reg.param < 0)
                return;
        param = sc_param_at(c->call, (size_t)reg.param);
        if (param.kind != SC_PARAM_POINTER || c->arg->value.value == 0 || c->arg->op == SC_OP_NONE)
                return;
        lint_hint(lint,
                  lint_add(lint, rule, c->arg->place,
                           "%s of %s is a pointer: the filter sees where it points to, not what is there", param.name,
                           sc_syscall_name(c->call)),
                  "only 0 (NULL) means something here");
}

int lint_pointer_compared(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_condition(lint, rule, check_pointer);
}

static uint64_t low_bits(unsigned bits)
{
        return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

/* Another rule of the profile names the call with a condition: then `>= 0` is how to say "else". */
static bool has_other_condition(const struct sc_lint *lint, const struct condition *c)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; i < p->syscalls.n; i++) {
                const struct sc_profile_rule *r = &p->syscalls.items[i];

                for (size_t k = 0; r != c->rule && r->args.n && k < r->names.n; k++)
                        if (!strcmp(r->names.items[k].text, sc_syscall_name(c->call)))
                                return true;
        }
        return false;
}

/* "always", "never", or NULL: as far as programs put what the kernel reads. */
static const char *constant_outcome(const struct sc_profile_arg *arg, uint64_t max)
{
        uint64_t value = arg->value.value, two = arg->value_two.value & value;

        switch (arg->op) {
        case SC_OP_GE:
                return value == 0 ? "always" : value > max ? "never" : NULL;
        case SC_OP_LT:
                return value == 0 ? "never" : value > max ? "always" : NULL;
        case SC_OP_GT:
                return value >= max ? "never" : NULL;
        case SC_OP_LE:
                return value >= max ? "always" : NULL;
        case SC_OP_EQ:
                return value > max ? "never" : NULL;
        case SC_OP_NE:
                return value > max ? "always" : NULL;
        case SC_OP_MASKED_EQ:
                return value == 0 ? "always" : two & ~max ? "never" : (value & max) == 0 ? "always" : NULL;
        default:
                return NULL;
        }
}

static void check_constant(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct condition *c)
{
        struct sc_param_register reg = { .param = -1, .bits = 64 };
        const struct sc_abi *abi;
        const char *outcome;

        if (c->arg->op == SC_OP_GE && c->arg->value.value == 0 && c->rule->args.n == 1 && has_other_condition(lint, c))
                return;
        if (!parameter(lint, c, &abi, &reg))
                return;
        outcome = constant_outcome(c->arg, low_bits(reg.bits));
        if (!outcome)
                return;
        if (reg.bits >= 64)
                lint_add(lint, rule, c->arg->place, "this condition is %s true", outcome);
        else
                lint_add(lint, rule, c->arg->place,
                         "this condition is %s true: the kernel reads %u bits of this argument of %s", outcome,
                         reg.bits, sc_syscall_name(c->call));
}

int lint_constant_condition(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_condition(lint, rule, check_constant);
}

static void check_mask(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_arg *arg)
{
        struct sc_lint_finding *f;
        char number[24];

        if (arg->op != SC_OP_MASKED_EQ || !(arg->value_two.value & ~arg->value.value))
                return;
        f = lint_add(lint, rule, arg->value_two.place,
                     "valueTwo has bits outside the mask in \"value\": libseccomp drops them, and compares with "
                     "%" PRIu64, arg->value_two.value & arg->value.value);
        lint_hint(lint, f, "\"value\" is the mask, \"valueTwo\" what must be left of the argument under it");
        snprintf(number, sizeof(number), "%" PRIu64, arg->value_two.value & arg->value.value);
        lint_edit(lint, f, arg->value_two.place, number);
}

int lint_mask_bits_lost(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++)
                for (size_t k = 0; k < p->syscalls.items[i].args.n; k++)
                        check_mask(lint, rule, &p->syscalls.items[i].args.items[k]);
        return 0;
}

int lint_many_conditions(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++)
                if (p->syscalls.items[i].args.n > CRUN_ARGS_MAX)
                        lint_add(lint, rule, p->syscalls.items[i].args.items[CRUN_ARGS_MAX].place,
                                 "crun reads the first %u conditions of a rule, and goes without the others",
                                 CRUN_ARGS_MAX);
        return 0;
}

/* An ABI of the filter on which libseccomp drops the upper half of what is compared. */
static const struct sc_abi *narrow_abi(const struct sc_lint *lint, int call)
{
        uint32_t nr;

        for (size_t i = 0; i < lint->view->n_abis; i++)
                if (lint->view->abis[i]->word_bits == 32 && sc_syscall_number(call, lint->view->abis[i], &nr))
                        return lint->view->abis[i];
        return NULL;
}

static void check_high(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct condition *c)
{
        const struct sc_abi *abi = narrow_abi(lint, c->call);
        uint64_t value = c->arg->value.value;

        if (!abi || value <= LOW_WORD)
                return;
        if (c->arg->op == SC_OP_MASKED_EQ && (value & LOW_WORD) == 0)
                lint_add(lint, rule, c->arg->place,
                         "on %s libseccomp looks at the low 32 bits only: of this mask nothing is left, and the rule "
                         "holds for every value", abi->name);
        else if (c->arg->op != SC_OP_MASKED_EQ)
                lint_add(lint, rule, c->arg->value.place,
                         "on %s libseccomp looks at the low 32 bits only: it compares with %" PRIu64, abi->name,
                         value & LOW_WORD);
}

int lint_high_word_dropped(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return lint->view->planned ? each_condition(lint, rule, check_high) : 0;
}

/* What the register holds there, for a person. */
static const char *content(const struct sc_lint *lint, int call, struct sc_param_register reg)
{
        const char *name;

        if (reg.param < 0)
                return "nothing of its own";
        name = sc_param_at(call, (size_t)reg.param).name;
        if (!reg.split)
                return name;
        name = sc_arena_printf(lint->arena, "the %s half of %s", reg.high ? "high" : "low", name);
        return name ? name : "half of a parameter";
}

static void check_order(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct condition *c)
{
        const struct sc_abi *abis[SC_ABI_MAX] = { NULL }, *first = NULL;
        size_t n = lint_rule_abis(lint->file->profile, c->rule, abis);
        struct sc_param_register was = { .param = -1 };
        uint32_t nr;

        for (size_t i = 0; i < n; i++) {
                struct sc_param_register reg;

                if (!sc_syscall_number(c->call, abis[i], &nr))
                        continue;
                reg = sc_param_in_register(c->call, (unsigned)c->arg->index.value, abis[i]);
                if (!first) {
                        first = abis[i];
                        was = reg;
                } else if (reg.param != was.param || reg.split != was.split || reg.high != was.high) {
                        lint_hint(lint,
                                  lint_add(lint, rule, c->arg->index.place,
                                           "argument %" PRIu64 " of %s is %s on %s, but %s on %s",
                                           c->arg->index.value, sc_syscall_name(c->call),
                                           content(lint, c->call, was), first->name,
                                           content(lint, c->call, reg), abis[i]->name),
                                  "write a rule for each, with includes.arches and excludes.arches, or a policy, which "
                                  "knows parameters by name");
                        return;
                }
        }
}

int lint_argument_order(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_condition(lint, rule, check_order);
}

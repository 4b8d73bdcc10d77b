/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a Docker-format profile that hold for one container, and the comparison that shows it. */
#include "consumer/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "consumer/docker.h"

/* Podman's name of an errno as the number that every runtime reads; unknown names were refused by the plan. */
static struct sc_profile_number errno_number(const struct sc_target *target, const struct sc_profile_string *name,
                                             struct sc_profile_number number)
{
        int value = -1;

        if (target->consumer->reads_errno_names && name->text && *name->text)
                value = sc_errno_find(name->text, strlen(name->text));
        if (value >= 0)
                number = (struct sc_profile_number){ .has = true, .value = (uint64_t)value, .place = name->place };
        return number;
}

static struct sc_profile_rule plain_rule(const struct sc_target *target, const struct sc_profile_rule *rule)
{
        struct sc_profile_rule plain = {
                .place = rule->place,
                .names = rule->names,
                .action = rule->action,
                .errno_ret = errno_number(target, &rule->errno_name, rule->errno_ret),
                .args = rule->args,
        };

        if (rule->name.text && *rule->name.text)
                plain.names = (struct sc_profile_list){ .items = &rule->name, .n = 1, .place = rule->name.place };
        return plain;
}

static int add_rules(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                     struct sc_diags *diags, struct sc_profile *plain)
{
        struct sc_profile_rule *rules = sc_arena_array(arena, profile->syscalls.n + 1, sizeof(*rules));
        size_t n = 0;

        if (!rules)
                return -ENOMEM;
        for (size_t i = 0; i < profile->syscalls.n; i++) {
                const struct sc_profile_rule *rule = &profile->syscalls.items[i];
                bool applies;
                int r = sc_docker_applies(target, rule, diags, &applies);

                if (r < 0)
                        return r;
                if (applies)
                        rules[n++] = plain_rule(target, rule);
        }
        plain->syscalls = (struct sc_profile_rules){ .items = rules, .n = n };
        return 0;
}

/* What the consumer would refuse, and what it takes for no filter. */
static int check_plan(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                      struct sc_diags *diags, struct sc_plan *ret_plan)
{
        int r = sc_consumer_plan(arena, target, profile, diags, ret_plan);

        if (r < 0 || !ret_plan->unfiltered)
                return r;
        sc_diag_hint(sc_diags_add(diags, SC_ERROR, "profile-empty", profile->place,
                                  "to engines this is no filter at all: it has no default action and no rules"),
                     "a filter that allows everything has \"defaultAction\": \"SCMP_ACT_ALLOW\"");
        return -EBADMSG;
}

int sc_consumer_resolve(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                        struct sc_diags *diags, struct sc_profile **ret_profile, struct sc_plan *ret_plan)
{
        struct sc_profile *plain = sc_arena_alloc(arena, sizeof(*plain));
        struct sc_plan plan;
        int r;

        if (!plain)
                return -ENOMEM;
        r = check_plan(arena, target, profile, diags, &plan);
        if (r < 0)
                return r;
        *plain = (struct sc_profile){
                .kind = SC_PROFILE_OCI,
                .place = profile->place,
                .default_action = profile->default_action,
                .default_errno_ret = errno_number(target, &profile->default_errno, profile->default_errno_ret),
                .flags = profile->flags,
                .listener_path = profile->listener_path,
                .listener_metadata = profile->listener_metadata,
        };
        r = sc_docker_architectures(arena, target, profile, diags, &plain->architectures);
        if (r == 0)
                r = add_rules(arena, target, profile, diags, plain);
        if (r < 0)
                return r;
        *ret_profile = plain;
        *ret_plan = plan;
        ret_plan->filter.abis = ret_plan->abis;
        return 0;
}

/* By call; the rules of one call keep their order, which may decide. */
static int compare_rules(const void *x, const void *y)
{
        const struct sc_scmp_rule *a = *(const struct sc_scmp_rule *const *)x;
        const struct sc_scmp_rule *b = *(const struct sc_scmp_rule *const *)y;
        int c = strcmp(a->name, b->name);

        return c ? c : (a > b) - (a < b);
}

static bool same_rule(const struct sc_scmp_rule *a, const struct sc_scmp_rule *b)
{
        if (strcmp(a->name, b->name) || a->action != b->action || a->n_args != b->n_args)
                return false;
        for (unsigned i = 0; i < a->n_args; i++) {
                const struct sc_scmp_arg *x = &a->args[i], *y = &b->args[i];

                if (x->index != y->index || x->op != y->op || x->a != y->a || x->b != y->b)
                        return false;
        }
        return true;
}

/* True if one of the `n` sorted rules came from the same rule of the profile, and says the same. */
static bool is_repeated_in(const struct sc_plan *plan, const struct sc_scmp_rule *const *rules, size_t n,
                           const struct sc_scmp_rule *rule)
{
        size_t offset = plan->places[rule - plan->filter.rules].offset;

        for (size_t i = n; i-- > 0 && !strcmp(rules[i]->name, rule->name);)
                if (plan->places[rules[i] - plan->filter.rules].offset == offset && same_rule(rules[i], rule))
                        return true;
        return false;
}

/* Heap memory, a NULL behind the rules; without repetitions, as of a name that a list has twice. NULL: no memory. */
static const struct sc_scmp_rule **sorted_rules(const struct sc_plan *plan)
{
        const struct sc_scmp_rule **rules = calloc(plan->filter.n_rules + 1, sizeof(*rules));
        size_t n = 0;

        if (!rules)
                return NULL;
        for (size_t i = 0; i < plan->filter.n_rules; i++)
                rules[i] = &plan->filter.rules[i];
        qsort((void *)rules, plan->filter.n_rules, sizeof(*rules), compare_rules);
        for (size_t i = 0; i < plan->filter.n_rules; i++) /* those that are kept stay in front */
                if (!is_repeated_in(plan, rules, n, rules[i]))
                        rules[n++] = rules[i];
        rules[n] = NULL;
        return rules;
}

/* The calls whose numbers runc's stub looks at: the same ones, in whatever order, however often. */
static int same_stub_calls(const struct sc_plan *a, const struct sc_plan *b, bool *ret_same)
{
        SC_CLEANUP(sc_freep) unsigned char *in = calloc(sc_syscall_count(), 1);
        bool same = true;

        if (!in)
                return -ENOMEM;
        for (size_t i = 0; i < a->n_stub_calls; i++)
                in[a->stub_calls[i]] |= 1;
        for (size_t i = 0; i < b->n_stub_calls; i++)
                in[b->stub_calls[i]] |= 2;
        for (size_t i = 0; i < sc_syscall_count(); i++)
                same &= in[i] == 0 || in[i] == 3;
        *ret_same = same;
        return 0;
}

static bool same_frame(const struct sc_plan *a, const struct sc_plan *b)
{
        if (a->unfiltered != b->unfiltered || a->n_abis != b->n_abis)
                return false;
        for (size_t i = 0; i < a->n_abis; i++)
                if (a->abis[i] != b->abis[i])
                        return false;
        return a->filter.default_action == b->filter.default_action && a->native_listed == b->native_listed &&
               a->stub == b->stub && a->stub_from == b->stub_from;
}

/* True if the rules are the same one by one, as those of a profile that was in order before it was resolved. */
static bool same_order(const struct sc_plan *a, const struct sc_plan *b)
{
        if (a->filter.n_rules != b->filter.n_rules)
                return false;
        for (size_t i = 0; i < a->filter.n_rules; i++)
                if (!same_rule(&a->filter.rules[i], &b->filter.rules[i]))
                        return false;
        return true;
}

/* 1 if for each call the rules are the same in the same order; 0; -ENOMEM. */
static int same_sorted(const struct sc_plan *a, const struct sc_plan *b)
{
        SC_CLEANUP(sc_freep) const struct sc_scmp_rule **x = sorted_rules(a);
        SC_CLEANUP(sc_freep) const struct sc_scmp_rule **y = sorted_rules(b);
        size_t n = 0;

        if (!x || !y)
                return -ENOMEM;
        while (x[n] && y[n] && same_rule(x[n], y[n]))
                n++;
        return !x[n] && !y[n];
}

int sc_plan_equal(const struct sc_plan *a, const struct sc_plan *b, bool *ret_equal)
{
        bool equal = same_frame(a, b);
        int r = 0;

        if (equal && a->stub)
                r = same_stub_calls(a, b, &equal);
        if (r == 0 && equal && !same_order(a, b)) {
                r = same_sorted(a, b);
                equal = r > 0;
        }
        if (r < 0)
                return r;
        *ret_equal = equal;
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One function a kind of change. Profiles that were just read are nobody else's, so their parts change in place. */
#include "mutate.h"

#include <string.h>

#include "base/util.h"
#include "syscall/abi.h"
#include "syscall/name.h"
#include "syscall/syscall.h"

struct mutator {
        struct rng *rng;
        struct sc_arena *arena;
        struct sc_profile *profile;
};

#define MUTABLE(type, pointer) ((type *)(uintptr_t)(pointer))

static struct sc_profile_rule *rules(const struct mutator *m)
{
        return MUTABLE(struct sc_profile_rule, m->profile->syscalls.items);
}

static struct sc_profile_rule *random_rule(const struct mutator *m)
{
        size_t n = m->profile->syscalls.n;

        return n ? &rules(m)[rng_below(m->rng, n)] : NULL;
}

static struct sc_profile_string text(const char *s)
{
        return (struct sc_profile_string){ .text = s };
}

static struct sc_profile_number number(uint64_t value)
{
        return (struct sc_profile_number){ .has = true, .value = value };
}

/* Drops the item at `at`. */
static void list_drop(struct sc_profile_list *list, size_t at)
{
        struct sc_profile_string *items = MUTABLE(struct sc_profile_string, list->items);

        memmove(&items[at], &items[at + 1], (list->n - at - 1) * sizeof(*items));
        list->n--;
}

static bool list_add(const struct mutator *m, struct sc_profile_list *list, const char *s)
{
        struct sc_profile_string *items = sc_arena_array(m->arena, list->n + 1, sizeof(*items));

        if (!items)
                return false;
        if (list->n)
                memcpy(items, list->items, list->n * sizeof(*items));
        items[list->n] = text(s);
        *list = (struct sc_profile_list){ .items = items, .n = list->n + 1 };
        return true;
}

/* Puts a rule in at `at`. */
static bool insert_rule(const struct mutator *m, size_t at, struct sc_profile_rule rule)
{
        struct sc_profile_rules *old = &m->profile->syscalls;
        struct sc_profile_rule *items = sc_arena_array(m->arena, old->n + 1, sizeof(*items));

        if (!items)
                return false;
        if (old->n) {
                memcpy(items, old->items, at * sizeof(*items));
                memcpy(items + at + 1, old->items + at, (old->n - at) * sizeof(*items));
        }
        items[at] = rule;
        *old = (struct sc_profile_rules){ .items = items, .n = old->n + 1 };
        return true;
}

static const char *random_action(const struct mutator *m)
{
        size_t n = 0;

        while (sc_profile_action_at(n))
                n++;
        return sc_profile_action_at(rng_below(m->rng, n));
}

static const char *random_call(const struct mutator *m)
{
        return sc_syscall_name((int)rng_below(m->rng, sc_syscall_count()));
}

static const char *random_cap(const struct mutator *m)
{
        return sc_cap_name((unsigned)rng_below(m->rng, sc_cap_count()));
}

static bool change_action(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m);

        if (rule)
                rule->action = text(random_action(m));
        return rule;
}

static bool change_errno(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m);

        if (rule)
                rule->errno_ret = number(1 + rng_below(m->rng, 40));
        return rule;
}

static bool drop_errno(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m);

        if (rule)
                rule->errno_ret = (struct sc_profile_number){ 0 };
        return rule;
}

static bool change_default_errno(const struct mutator *m)
{
        m->profile->default_errno_ret = number(1 + rng_below(m->rng, 40));
        return true;
}

static bool change_default_action(const struct mutator *m)
{
        m->profile->default_action = text(random_action(m));
        return true;
}

static bool drop_name(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m);

        if (!rule || rule->names.n < 2)
                return false;
        list_drop(&rule->names, rng_below(m->rng, rule->names.n));
        return true;
}

static bool add_name(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m);

        return rule && list_add(m, &rule->names, random_call(m));
}

static bool add_unknown_name(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m);

        return rule && list_add(m, &rule->names, "no_such_call");
}

static bool misspell_name(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m);
        struct sc_profile_string *name;

        if (!rule || !rule->names.n)
                return false;
        name = &MUTABLE(struct sc_profile_string, rule->names.items)[rng_below(m->rng, rule->names.n)];
        *name = text(sc_arena_printf(m->arena, "%s_", name->text));
        return name->text;
}

static bool move_name(const struct mutator *m)
{
        struct sc_profile_rule *from = random_rule(m), *to = random_rule(m);
        size_t at;

        if (!from || from == to || from->names.n < 2)
                return false;
        at = rng_below(m->rng, from->names.n);
        if (!list_add(m, &to->names, from->names.items[at].text))
                return false;
        list_drop(&from->names, at);
        return true;
}

static bool drop_rule(const struct mutator *m)
{
        struct sc_profile_rules *all = &m->profile->syscalls;
        size_t at = rng_below(m->rng, all->n);

        if (!all->n)
                return false;
        memmove(&rules(m)[at], &rules(m)[at + 1], (all->n - at - 1) * sizeof(*all->items));
        all->n--;
        return true;
}

static bool swap_rules(const struct mutator *m)
{
        struct sc_profile_rule *a = random_rule(m), *b = random_rule(m), rule;

        if (!a || a == b)
                return false;
        rule = *a;
        *a = *b;
        *b = rule;
        return true;
}

/* The same rule twice changes nothing; with another action it does, if it stands first or applies elsewhere. */
static bool repeat_rule(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m), copy;

        if (!rule)
                return false;
        copy = *rule;
        if (rng_percent(m->rng, 70))
                copy.action = text(random_action(m));
        if (rng_percent(m->rng, 30))
                copy.includes = copy.excludes = (struct sc_profile_filter){ 0 };
        return insert_rule(m, rng_below(m->rng, m->profile->syscalls.n + 1), copy);
}

/* Half of the names into a rule of their own: nothing changes, whichever stands first. */
static bool split_rule(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m), half;

        if (!rule || rule->names.n < 2)
                return false;
        half = *rule;
        half.names.n = rule->names.n / 2;
        rule->names.items += half.names.n;
        rule->names.n -= half.names.n;
        return insert_rule(m, rng_below(m->rng, m->profile->syscalls.n + 1), half);
}

static bool add_rule(const struct mutator *m)
{
        struct sc_profile_rule rule = { .action = text(random_action(m)) };

        if (rng_percent(m->rng, 50))
                rule.errno_ret = number(1 + rng_below(m->rng, 40));
        return list_add(m, &rule.names, random_call(m)) &&
               insert_rule(m, rng_below(m->rng, m->profile->syscalls.n + 1), rule);
}

static bool has_filter(const struct sc_profile_filter *f)
{
        return f->arches.n || f->caps.n || f->min_kernel.text;
}

static struct sc_profile_rule *conditional_rule(const struct mutator *m)
{
        for (int tries = 0; tries < 50; tries++) {
                struct sc_profile_rule *rule = random_rule(m);

                if (rule && (has_filter(&rule->includes) || has_filter(&rule->excludes)))
                        return rule;
        }
        return NULL;
}

static bool drop_filter(const struct mutator *m)
{
        struct sc_profile_rule *rule = conditional_rule(m);

        if (!rule)
                return false;
        *(has_filter(&rule->includes) ? &rule->includes : &rule->excludes) = (struct sc_profile_filter){ 0 };
        return true;
}

static bool swap_filters(const struct mutator *m)
{
        struct sc_profile_rule *rule = conditional_rule(m);
        struct sc_profile_filter includes;

        if (!rule)
                return false;
        includes = rule->includes;
        rule->includes = rule->excludes;
        rule->excludes = includes;
        return true;
}

static bool change_caps(const struct mutator *m)
{
        struct sc_profile_rule *rule = rng_percent(m->rng, 80) ? conditional_rule(m) : random_rule(m);
        struct sc_profile_list *caps;

        if (!rule)
                return false;
        caps = rng_percent(m->rng, 50) ? &rule->includes.caps : &rule->excludes.caps;
        if (caps->n && rng_percent(m->rng, 60))
                list_drop(caps, rng_below(m->rng, caps->n));
        if (caps->n && rng_percent(m->rng, 50))
                return true;
        return list_add(m, caps, random_cap(m));
}

static bool change_kernel(const struct mutator *m)
{
        struct sc_profile_rule *rule = rng_percent(m->rng, 80) ? conditional_rule(m) : random_rule(m);
        const char *version = sc_arena_printf(m->arena, "%zu.%zu", 3 + rng_below(m->rng, 4), rng_below(m->rng, 20));

        if (!rule || !version)
                return false;
        if (rng_percent(m->rng, 50))
                rule->includes.min_kernel = text(version);
        else
                rule->excludes.min_kernel = text(version);
        return true;
}

static bool change_arches(const struct mutator *m)
{
        static const char *const names[] = { "amd64", "x86", "arm64", "s390x" };
        struct sc_profile_rule *rule = random_rule(m);

        return rule && list_add(m, rng_percent(m->rng, 50) ? &rule->includes.arches : &rule->excludes.arches,
                                names[rng_below(m->rng, SC_COUNT(names))]);
}

/* The list of ABIs: "architectures", or an entry of the archMap. */
static struct sc_profile_list *abi_list(const struct mutator *m)
{
        struct sc_profile_arch_map *map = &m->profile->arch_map;

        if (map->n == 0)
                return &m->profile->architectures;
        return &MUTABLE(struct sc_profile_arch, map->items)[rng_below(m->rng, map->n)].sub_architectures;
}

static bool drop_abi(const struct mutator *m)
{
        struct sc_profile_list *list = abi_list(m);

        if (!list->n)
                return false;
        list_drop(list, rng_below(m->rng, list->n));
        return true;
}

static bool add_abi(const struct mutator *m)
{
        static const char *const names[] = { "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_ARM", "SCMP_ARCH_RISCV64" };

        return list_add(m, abi_list(m), names[rng_below(m->rng, SC_COUNT(names))]);
}

static bool add_condition(const struct mutator *m)
{
        struct sc_profile_rule *rule = random_rule(m);
        struct sc_profile_arg *arg = sc_arena_alloc(m->arena, sizeof(*arg));

        if (!rule || !arg)
                return false;
        *arg = (struct sc_profile_arg){
                .index = number(rng_below(m->rng, 6)),
                .op = rng_percent(m->rng, 50) ? SC_OP_EQ : SC_OP_MASKED_EQ,
                .value = number(rng_below(m->rng, 16)),
                .value_two = number(0),
        };
        rule->args = (struct sc_profile_args){ .items = arg, .n = 1 };
        return true;
}

static const struct kind {
        const char *name;
        bool (*change)(const struct mutator *m);
} kinds[] = {
        { "change an action", change_action },
        { "change an errno", change_errno },
        { "drop an errno", drop_errno },
        { "change the default errno", change_default_errno },
        { "change the default action", change_default_action },
        { "drop a name", drop_name },
        { "add a name", add_name },
        { "add an unknown name", add_unknown_name },
        { "misspell a name", misspell_name },
        { "move a name", move_name },
        { "drop a rule", drop_rule },
        { "swap two rules", swap_rules },
        { "repeat a rule", repeat_rule },
        { "split a rule", split_rule },
        { "add a rule", add_rule },
        { "drop includes or excludes", drop_filter },
        { "swap includes and excludes", swap_filters },
        { "change capabilities", change_caps },
        { "change minKernel", change_kernel },
        { "change arches", change_arches },
        { "drop an ABI", drop_abi },
        { "add an ABI", add_abi },
        { "add a condition", add_condition },
};

const char *mutate_kind(size_t index)
{
        return index < SC_COUNT(kinds) ? kinds[index].name : NULL;
}

const char *mutate(struct rng *rng, struct sc_arena *arena, struct sc_profile *profile)
{
        const struct mutator m = { rng, arena, profile };
        const struct kind *kind = &kinds[rng_below(rng, SC_COUNT(kinds))];

        return kind->change(&m) ? kind->name : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to rules: every conjunction of capabilities under which a call is not answered by the default becomes an
 * element of "syscalls", shared by all calls with the same conditions and action.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "emit/internal.h"

/* Under which conditions a rule stands, and what it answers. Rules with equal keys are one. */
struct key {
        bool carrier;      /* multiplexers go first: libseccomp then leaves them alone */
        uint32_t machines; /* bit n: machine n; all bits set where it makes no difference */
        sc_kernel from;    /* 0: no lower bound */
        sc_kernel below;   /* UINT32_MAX: no upper bound */
        sc_caps with;
        sc_caps without;
        sc_action action;
};

struct rule {
        struct key key;
        unsigned short *calls; /* ascending */
        size_t n;
        size_t cap;
};

struct writer {
        struct emit *e;
        struct rule *rules;
        size_t n;
        size_t cap;
        /* while one call's conditions are walked */
        int call;
        struct key key;
        size_t cubes;
};

#define ALL_MACHINES UINT32_MAX
#define NO_BOUND UINT32_MAX

static int order(uint64_t a, uint64_t b)
{
        return (a > b) - (a < b);
}

/* Carriers, then rules for all, then by machine, kernel and capabilities; permitting actions before denying ones. */
static int compare_keys(const struct key *a, const struct key *b)
{
        int c = order(b->carrier, a->carrier);

        c = c ? c : order(b->machines == ALL_MACHINES, a->machines == ALL_MACHINES);
        c = c ? c : order(a->machines, b->machines);
        c = c ? c : order(a->from, b->from);
        c = c ? c : order(b->below, a->below);
        c = c ? c : order(a->with, b->with);
        c = c ? c : order(a->without, b->without);
        c = c ? c : order(sc_action_looseness(b->action), sc_action_looseness(a->action));
        return c ? c : order(a->action, b->action);
}

static int compare_rules(const void *a, const void *b)
{
        return compare_keys(&((const struct rule *)a)->key, &((const struct rule *)b)->key);
}

static struct rule *find_rule(struct writer *w, const struct key *key)
{
        struct rule *rules;

        for (size_t i = 0; i < w->n; i++)
                if (compare_keys(&w->rules[i].key, key) == 0)
                        return &w->rules[i];
        rules = sc_grow(w->rules, w->n, &w->cap, sizeof(*rules));
        if (!rules)
                return NULL;
        w->rules = rules;
        rules[w->n] = (struct rule){ .key = *key };
        return &rules[w->n++];
}

static int add_call(struct writer *w, const struct key *key, int call)
{
        struct rule *rule = find_rule(w, key);
        unsigned short *calls = rule ? sc_grow(rule->calls, rule->n, &rule->cap, sizeof(*calls)) : NULL;

        if (!calls)
                return -ENOMEM;
        rule->calls = calls;
        calls[rule->n++] = (unsigned short)call;
        return 0;
}

static int add_path(const struct sc_path *path, void *data)
{
        struct writer *w = data;
        struct key key = w->key;

        if (path->leaf == w->e->def)
                return 0;
        if (++w->cubes > SC_EMIT_CUBES_MAX)
                return -E2BIG;
        key.with = path->masks[SC_WORD_CAPS] & path->values[SC_WORD_CAPS];
        key.without = path->masks[SC_WORD_CAPS] & ~path->values[SC_WORD_CAPS];
        key.action = path->leaf;
        return add_call(w, &key, w->call);
}

/* The rules for one call on some machines and kernels, where `node` depends on capabilities only. */
static int add_node(struct writer *w, sc_node node, uint32_t machines, sc_kernel from, sc_kernel below)
{
        w->key = (struct key){
                .carrier = sc_syscall_is_carrier(w->call), .machines = machines, .from = from, .below = below
        };
        return sc_decision_paths(w->e->d, node, add_path, w);
}

/* The rules for one call on some machines that answer alike: a range of kernels at a time. */
static int add_kernels(struct writer *w, sc_node cell, uint32_t machines)
{
        struct emit *e = w->e;
        int r = 0;

        for (size_t k = 0, next; k < e->n_kernels && r == 0; k = next) {
                sc_node node = sc_decision_fix(e->d, cell, SC_WORD_KERNEL, e->kernels[k]);
                bool given = e->request->kernel_given;

                for (next = k + 1; next < e->n_kernels; next++)
                        if (sc_decision_fix(e->d, cell, SC_WORD_KERNEL, e->kernels[next]) != node)
                                break;
                r = add_node(w, node, machines, given ? 0 : e->kernels[k],
                             next < e->n_kernels && !given ? e->kernels[next] : NO_BOUND);
        }
        return r;
}

/* All machines that have the call and answer as machine `first` does. */
static uint32_t alike(const struct emit *e, size_t first, int call, bool *ret_all)
{
        uint32_t machines = 0;

        *ret_all = true;
        for (size_t m = 0; m < e->n_machines; m++) {
                sc_node cell = *emit_cell(e, m, call);

                if (cell == *emit_cell(e, first, call))
                        machines |= UINT32_C(1) << m;
                else if (cell != SC_NODE_FAILED)
                        *ret_all = false;
        }
        return machines;
}

static int add_call_rules(struct writer *w, int call)
{
        uint32_t done = 0;
        int r = 0;

        w->call = call;
        w->cubes = 0;
        for (size_t m = 0; m < w->e->n_machines && r == 0; m++) {
                uint32_t machines;
                bool all;

                if (*emit_cell(w->e, m, call) == SC_NODE_FAILED || done >> m & 1)
                        continue;
                machines = alike(w->e, m, call, &all);
                r = add_kernels(w, *emit_cell(w->e, m, call), all ? ALL_MACHINES : machines);
                done |= machines;
        }
        if (r != -E2BIG || sc_decisions_error(w->e->d))
                return r;
        sc_diags_add(w->e->diags, SC_ERROR, "too-many-conditions", (struct sc_place){ 0 },
                     "'%s' needs more than %d rules: its conditions join too many capabilities", sc_syscall_name(call),
                     SC_EMIT_CUBES_MAX);
        return -EBADMSG;
}

/* A list of `n` strings in the arena; its items are filled in by the caller. */
static struct sc_profile_string *new_list(struct emit *e, struct sc_profile_list *list, size_t n)
{
        struct sc_profile_string *items = sc_arena_array(e->arena, n ? n : 1, sizeof(*items));

        *list = (struct sc_profile_list){ .items = items, .n = items ? n : 0 };
        return items;
}

static int write_caps(struct emit *e, sc_caps caps, struct sc_profile_list *ret_list)
{
        struct sc_profile_string *items = new_list(e, ret_list, (size_t)__builtin_popcountll(caps));
        size_t n = 0;

        for (unsigned cap = 0; items && cap < sc_cap_count(); cap++)
                if (caps >> cap & 1)
                        items[n++].text = sc_cap_name(cap);
        return items ? 0 : -ENOMEM;
}

static int write_arches(struct emit *e, uint32_t machines, struct sc_profile_list *ret_list)
{
        struct sc_profile_string *items = new_list(e, ret_list, (size_t)__builtin_popcount(machines));
        size_t n = 0;

        for (size_t m = 0; items && m < e->n_machines; m++)
                if (machines >> m & 1)
                        items[n++].text = e->machines[m].abis[0]->docker;
        return items ? 0 : -ENOMEM;
}

static int write_kernel(struct emit *e, sc_kernel kernel, struct sc_profile_string *ret_text)
{
        ret_text->text = sc_arena_printf(e->arena, "%u.%u", SC_KERNEL_MAJOR(kernel), SC_KERNEL_MINOR(kernel));
        return ret_text->text ? 0 : -ENOMEM;
}

/* Docker has no name for some machines in its lists: those are told apart by excluding all others. */
static bool nameless(const struct emit *e, uint32_t machines)
{
        for (size_t m = 0; m < e->n_machines; m++)
                if (machines >> m & 1 && !e->machines[m].abis[0]->docker)
                        return true;
        return false;
}

static int write_conditions(struct emit *e, const struct key *key, struct sc_profile_rule *rule)
{
        uint32_t present = (UINT32_C(1) << e->n_machines) - 1;
        int r = 0;

        if (key->machines != ALL_MACHINES && !nameless(e, key->machines))
                r = write_arches(e, key->machines, &rule->includes.arches);
        else if (key->machines != ALL_MACHINES)
                r = write_arches(e, present & ~key->machines, &rule->excludes.arches);
        if (r == 0 && key->from)
                r = write_kernel(e, key->from, &rule->includes.min_kernel);
        if (r == 0 && key->below != NO_BOUND)
                r = write_kernel(e, key->below, &rule->excludes.min_kernel);
        if (r == 0 && e->docker)
                r = write_caps(e, key->with, &rule->includes.caps);
        if (r == 0 && e->docker)
                r = write_caps(e, key->without, &rule->excludes.caps);
        rule->includes.has = rule->includes.arches.n || rule->includes.caps.n || rule->includes.min_kernel.text;
        rule->excludes.has = rule->excludes.arches.n || rule->excludes.caps.n || rule->excludes.min_kernel.text;
        return r;
}

static bool has_data(sc_action action)
{
        sc_action value = action & SECCOMP_RET_ACTION_FULL;

        return value == SECCOMP_RET_ERRNO || value == SECCOMP_RET_TRACE;
}

static void write_action(sc_action action, struct sc_profile_string *ret_name, struct sc_profile_number *ret_data)
{
        ret_name->text = sc_profile_action_name(action);
        if (has_data(action))
                *ret_data = (struct sc_profile_number){ .has = true, .value = action & SECCOMP_RET_DATA };
}

static int write_rule(struct emit *e, const struct rule *rule, struct sc_profile_rule *out)
{
        struct sc_profile_string *names = new_list(e, &out->names, rule->n);

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < rule->n; i++)
                names[i].text = sc_syscall_name(rule->calls[i]);
        write_action(rule->key.action, &out->action, &out->errno_ret);
        return write_conditions(e, &rule->key, out);
}

static int write_oci_abis(struct emit *e, struct sc_profile *profile)
{
        /* every machine has the same ABIs, its own first; the first machine's order is the policy's */
        const struct emit_machine *m = &e->machines[0];
        struct sc_profile_string *items = new_list(e, &profile->architectures, m->n_abis);

        for (size_t i = 0; items && i < m->n_abis; i++)
                items[i].text = m->abis[i]->oci;
        return items ? 0 : -ENOMEM;
}

static int write_archmap(struct emit *e, struct sc_profile *profile)
{
        struct sc_profile_arch *entries = sc_arena_array(e->arena, e->n_machines, sizeof(*entries));

        if (!entries)
                return -ENOMEM;
        for (size_t i = 0; i < e->n_machines; i++) {
                const struct emit_machine *m = &e->machines[i];
                struct sc_profile_string *subs = new_list(e, &entries[i].sub_architectures, m->n_abis - 1);

                if (!subs)
                        return -ENOMEM;
                entries[i].architecture.text = m->abis[0]->oci;
                for (size_t k = 1; k < m->n_abis; k++)
                        subs[k - 1].text = m->abis[k]->oci;
        }
        profile->arch_map.items = entries;
        profile->arch_map.n = e->n_machines;
        return 0;
}

static int write_flags(struct emit *e, struct sc_profile *profile)
{
        struct sc_profile_string *items = new_list(e, &profile->flags, e->policy->n_flags);

        for (size_t i = 0; items && i < e->policy->n_flags; i++)
                items[i].text = e->policy->flags[i];
        return items ? 0 : -ENOMEM;
}

static int write_profile(struct writer *w, struct sc_profile **ret_profile)
{
        struct emit *e = w->e;
        struct sc_profile *profile = sc_arena_alloc(e->arena, sizeof(*profile));
        struct sc_profile_rule *rules = sc_arena_array(e->arena, w->n + 1, sizeof(*rules));
        int r;

        if (!profile || !rules)
                return -ENOMEM;
        profile->kind = e->docker ? SC_PROFILE_DOCKER : SC_PROFILE_OCI;
        write_action(e->policy->newer, &profile->default_action, &profile->default_errno_ret);
        r = e->docker ? write_archmap(e, profile) : write_oci_abis(e, profile);
        if (r == 0)
                r = write_flags(e, profile);
        for (size_t i = 0; i < w->n && r == 0; i++)
                r = write_rule(e, &w->rules[i], &rules[i]);
        profile->syscalls.items = rules;
        profile->syscalls.n = w->n;
        if (r == 0)
                *ret_profile = profile;
        return r;
}

int emit_profile(struct emit *e, struct sc_profile **ret_profile)
{
        struct writer w = { .e = e };
        int r = 0;

        for (size_t i = 0; i < sc_syscall_count() && r == 0; i++)
                r = add_call_rules(&w, (int)i);
        if (w.n)
                qsort(w.rules, w.n, sizeof(*w.rules), compare_rules);
        if (r == 0)
                r = write_profile(&w, ret_profile);
        for (size_t i = 0; i < w.n; i++)
                free(w.rules[i].calls);
        free(w.rules);
        return r;
}

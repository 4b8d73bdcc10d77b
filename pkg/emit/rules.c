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

#define EMIT_POOL_MAX (2 * SC_ABI_MAX)

/* Under which conditions a rule stands, and what it answers. Rules with equal keys are one. */
struct key {
        bool carrier;      /* multiplexers go first: libseccomp then leaves them alone */
        uint32_t machines; /* bit n: machine n; all bits set where it makes no difference */
        sc_kernel from;    /* 0: no lower bound */
        sc_kernel below;   /* UINT32_MAX: no upper bound */
        sc_caps with;
        sc_caps without;
        sc_action action;
        int call;     /* with conditions on arguments: the only call; else -1 */
        size_t place; /* with conditions on arguments: the rule's place among those of the call */
};

struct rule {
        struct key key;
        unsigned short *calls; /* ascending */
        size_t n;
        size_t cap;
        unsigned n_args;
        struct sc_scmp_arg args[6];
};

/*
 * One call on some ABIs: what it answers on each. ABIs of one width with one answer are one entry, since libseccomp
 * tests arguments alike on them.
 */
struct pool {
        const struct sc_abi *abis[EMIT_POOL_MAX];
        sc_node nodes[EMIT_POOL_MAX];
        size_t n;
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
        bool trial; /* only find out whether it can be said */
};

#define ALL_MACHINES UINT32_MAX
#define UNSAYABLE 1 /* no rules answer as wanted on every ABI of a pool */
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
        c = c ? c : order(a->call >= 0, b->call >= 0);
        if (c == 0 && a->call >= 0) {
                c = order((uint64_t)a->call, (uint64_t)b->call);
                return c ? c : order(a->place, b->place);
        }
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

/* One rule of a form, under the conditions that are being walked. */
static int add_form_rule(struct writer *w, const struct emit_form_rule *from, size_t place)
{
        struct key key = w->key;
        struct rule *rule;
        int r;

        key.action = from->action;
        key.call = from->n_args ? w->call : -1;
        key.place = from->n_args ? place : 0;
        r = add_call(w, &key, w->call);
        rule = r == 0 ? find_rule(w, &key) : NULL;
        if (!rule)
                return -ENOMEM;
        rule->n_args = from->n_args;
        memcpy(rule->args, from->args, sizeof(rule->args));
        return 0;
}

/* Arguments that an ABI of the pool answers differently from zeros, if there are any: a rule's doing. */
static struct sc_input telling_input(const struct writer *w, const struct pool *pool, size_t i)
{
        struct sc_decisions *d = w->e->d;
        struct sc_input in = { 0 };

        sc_decision_witness(d, pool->nodes[i], sc_decision_leaf(d, sc_decision_eval(d, pool->nodes[i], &in)), &in);
        return in;
}

/* A rule that decides the call on one of the pool's ABIs, in some environment: where the person may look. */
static const struct sc_rule *find_culprit(const struct writer *w, const struct pool *pool)
{
        const sc_caps tried[] = { w->e->request->caps, sc_caps_all(), 0 };
        const struct sc_rule *rule = NULL;

        for (size_t i = 0; i < pool->n && w->e->meaning.policy; i++) {
                struct sc_input in = telling_input(w, pool, i);

                for (size_t k = 0; k < w->e->n_kernels; k++)
                        for (size_t c = 0; c < SC_COUNT(tried) && !rule; c++) {
                                in.words[SC_WORD_KERNEL] = w->e->kernels[k];
                                in.words[SC_WORD_CAPS] = tried[c];
                                rule = sc_policy_rule(w->e->meaning.policy, w->e->d, pool->abis[i], w->call, &in);
                        }
        }
        return rule;
}

/* Two ABIs of the pool that answer differently, if the answers depend on nothing. */
static bool split_pair(const struct writer *w, const struct pool *pool, size_t *ret_other)
{
        uint32_t value;

        *ret_other = 0;
        for (size_t i = 0; i < pool->n; i++) {
                if (!sc_decision_is_leaf(w->e->d, pool->nodes[i], &value))
                        return false;
                if (pool->nodes[i] != pool->nodes[0])
                        *ret_other = i;
        }
        return true;
}

#define SHARED_HINT                                                                                \
        "one rule holds on all ABIs of a filter, and on 32-bit ABIs and x32 libseccomp looks at the lower " \
        "half of an argument; build without this one by --arch"

#define SPLIT_HINT                                                                                         \
        "a profile names calls, and a name holds on all of its ABIs; build for one ABI by --arch, or make " \
        "the condition on 'arch' hold for both"

static void report_split(struct writer *w, const struct pool *pool, size_t failed)
{
        struct emit *e = w->e;
        const struct sc_rule *rule = find_culprit(w, pool);
        const char *name = sc_syscall_name(w->call);
        struct sc_place place = rule ? rule->place : (struct sc_place){ 0 };
        const struct sc_abi *abi = pool->abis[failed];
        struct sc_diag *diag;
        const char *hint;
        size_t other;

        if (split_pair(w, pool, &other)) {
                abi = pool->abis[other];
                hint = SPLIT_HINT;
                diag = sc_diags_add(e->diags, SC_ERROR, "splits-abis", place,
                                    "'%s' is answered differently on %s and %s, which share one filter", name,
                                    pool->abis[0]->name, abi->name);
        } else {
                hint = pool->n > 1 ? SHARED_HINT : "compare with fewer values";
                diag = sc_diags_add(e->diags, SC_ERROR, "unsayable", place,
                                    "no rules, %d at most, say the conditions on '%s' for %s%s", EMIT_FORM_MAX, name,
                                    abi->name, pool->n > 1 ? " and its companions" : "");
        }
        if (!sc_policy_hint_archs(e->meaning.policy, abi, diag))
                sc_diag_hint(diag, "%s", hint);
}

/* The rules for one set of capabilities: nothing is left but arguments. */
static int add_form(struct writer *w, const struct pool *pool)
{
        SC_CLEANUP(emit_form_done) struct emit_form form = { 0 };
        size_t failed = 0;
        int r = emit_form(w->e, pool->abis, pool->nodes, pool->n, &form, &failed);

        if (r == UNSAYABLE && !w->trial)
                report_split(w, pool, failed);
        if (r || w->trial)
                return r;
        w->cubes += form.n > 0;
        if (w->cubes > SC_EMIT_CUBES_MAX)
                return -E2BIG;
        for (size_t i = 0; i < form.n && r == 0; i++)
                r = add_form_rule(w, &form.rules[i], i);
        return r;
}

/* The first capability that an answer of the pool depends on, as a bit; 0 if none does. */
static uint64_t next_cap(const struct writer *w, const struct pool *pool)
{
        sc_node first = SC_NODE_FAILED, clear, set;
        enum sc_word word;
        uint64_t bit;

        for (size_t i = 0; i < pool->n; i++)
                if (first == SC_NODE_FAILED || sc_decision_order(w->e->d, pool->nodes[i], first) < 0)
                        first = pool->nodes[i];
        if (!sc_decision_split(w->e->d, first, &word, &bit, &clear, &set) || word != SC_WORD_CAPS)
                return 0;
        return bit;
}

/* Splits by capabilities until nothing is left but arguments. */
static int add_caps(struct writer *w, const struct pool *pool)
{
        uint64_t bit = next_cap(w, pool);
        int r = 0;

        if (!bit)
                return add_form(w, pool);
        for (int set = 0; set <= 1 && r == 0; set++) {
                struct pool side = *pool;
                sc_caps *caps = set ? &w->key.with : &w->key.without;

                for (size_t i = 0; i < pool->n; i++)
                        side.nodes[i] = sc_decision_side(w->e->d, pool->nodes[i], SC_WORD_CAPS, bit, set);
                *caps |= bit;
                r = add_caps(w, &side);
                *caps &= ~bit;
        }
        return r;
}

static void fix_kernel(const struct writer *w, const struct pool *pool, sc_kernel kernel, struct pool *ret_pool)
{
        *ret_pool = *pool;
        for (size_t i = 0; i < pool->n; i++)
                ret_pool->nodes[i] = sc_decision_fix(w->e->d, pool->nodes[i], SC_WORD_KERNEL, kernel);
}

/* The rules for one pool on some machines: a range of kernels at a time. */
static int add_kernels(struct writer *w, const struct pool *pool, uint32_t machines)
{
        struct emit *e = w->e;
        bool given = e->request->kernel_given;
        int r = 0;

        for (size_t k = 0, next; k < e->n_kernels && r == 0; k = next) {
                struct pool now, later;

                fix_kernel(w, pool, e->kernels[k], &now);
                for (next = k + 1; next < e->n_kernels; next++) {
                        fix_kernel(w, pool, e->kernels[next], &later);
                        if (memcmp(now.nodes, later.nodes, now.n * sizeof(*now.nodes)) != 0)
                                break;
                }
                w->key = (struct key){
                        .carrier = sc_syscall_is_carrier(w->call),
                        .machines = machines,
                        .from = given ? 0 : e->kernels[k],
                        .below = next < e->n_kernels && !given ? e->kernels[next] : NO_BOUND,
                };
                r = add_caps(w, &now);
        }
        return r ? r : sc_decisions_error(e->d);
}

/* Entries are kept in one order, wide ABIs first, so that pools can be compared. */
static void add_to_pool(struct pool *pool, const struct sc_abi *abi, sc_node node)
{
        size_t at = 0;

        if (node == SC_NODE_FAILED)
                return;
        while (at < pool->n && (pool->abis[at]->word_bits > abi->word_bits ||
                                (pool->abis[at]->word_bits == abi->word_bits && pool->nodes[at] < node)))
                at++;
        if (at < pool->n && pool->nodes[at] == node && pool->abis[at]->word_bits == abi->word_bits)
                return;
        for (size_t i = pool->n++; i > at; i--) {
                pool->abis[i] = pool->abis[i - 1];
                pool->nodes[i] = pool->nodes[i - 1];
        }
        pool->abis[at] = abi;
        pool->nodes[at] = node;
}

/* What a call answers on the machines of a set. */
static struct pool pool_of(const struct emit *e, uint32_t machines, int call)
{
        struct pool pool = { .n = 0 };

        for (size_t m = 0; m < e->n_machines; m++)
                for (size_t i = 0; i < e->machines[m].n_abis && machines >> m & 1; i++)
                        add_to_pool(&pool, e->machines[m].abis[i], *emit_cell(e, m, i, call));
        return pool;
}

static bool same_pool(const struct pool *a, const struct pool *b)
{
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (a->nodes[i] != b->nodes[i] || a->abis[i]->word_bits != b->abis[i]->word_bits)
                        return false;
        return true;
}

/* All machines that answer a call as machine `first` does. */
static uint32_t alike(const struct emit *e, size_t first, int call)
{
        struct pool wanted = pool_of(e, UINT32_C(1) << first, call);
        uint32_t machines = 0;

        for (size_t m = 0; m < e->n_machines; m++) {
                struct pool pool = pool_of(e, UINT32_C(1) << m, call);

                if (same_pool(&wanted, &pool))
                        machines |= UINT32_C(1) << m;
        }
        return machines;
}

/* Rules for each kind of machine by itself. */
static int add_by_machine(struct writer *w, int call)
{
        uint32_t done = 0;
        int r = 0;

        for (size_t m = 0; m < w->e->n_machines && r == 0; m++) {
                struct pool pool = pool_of(w->e, UINT32_C(1) << m, call);
                uint32_t machines;

                if (pool.n == 0 || done >> m & 1)
                        continue;
                machines = alike(w->e, m, call);
                r = add_kernels(w, &pool, machines);
                done |= machines;
        }
        return r;
}

static int add_call_rules(struct writer *w, int call)
{
        uint32_t all = (uint32_t)((UINT64_C(1) << w->e->n_machines) - 1);
        struct pool pool = pool_of(w->e, all, call);
        int r;

        if (pool.n == 0)
                return 0;
        w->call = call;
        w->cubes = 0;
        w->trial = w->e->n_machines > 1;
        r = w->trial ? add_kernels(w, &pool, ALL_MACHINES) : 0;
        w->trial = false;
        if (r == 0)
                r = add_kernels(w, &pool, ALL_MACHINES);
        else if (r == UNSAYABLE)
                r = add_by_machine(w, call);
        if (r == UNSAYABLE)
                return -EBADMSG;
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

static int write_args(struct emit *e, const struct rule *rule, struct sc_profile_rule *out)
{
        struct sc_profile_arg *items = sc_arena_array(e->arena, rule->n_args + 1, sizeof(*items));

        if (!items)
                return -ENOMEM;
        for (unsigned i = 0; i < rule->n_args; i++) {
                const struct sc_scmp_arg *arg = &rule->args[i];

                items[i].index = (struct sc_profile_number){ .has = true, .value = arg->index };
                items[i].value = (struct sc_profile_number){ .has = true, .value = arg->a };
                items[i].value_two = (struct sc_profile_number){ .has = arg->op == SC_SCMP_MASKED_EQ, .value = arg->b };
                items[i].op = (enum sc_profile_op)arg->op;
        }
        out->args.items = items;
        out->args.n = rule->n_args;
        return 0;
}

static int write_rule(struct emit *e, const struct rule *rule, struct sc_profile_rule *out)
{
        struct sc_profile_string *names = new_list(e, &out->names, rule->n);

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < rule->n; i++)
                names[i].text = sc_syscall_name(rule->calls[i]);
        write_action(rule->key.action, &out->action, &out->errno_ret);
        return rule->n_args && write_args(e, rule, out) < 0 ? -ENOMEM : write_conditions(e, &rule->key, out);
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
        struct sc_profile_string *items = new_list(e, &profile->flags, e->meaning.n_flags);

        for (size_t i = 0; items && i < e->meaning.n_flags; i++)
                items[i].text = e->meaning.flags[i];
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
        write_action(e->meaning.newer, &profile->default_action, &profile->default_errno_ret);
        r = e->docker ? write_archmap(e, profile) : write_oci_abis(e, profile);
        if (r == 0)
                r = write_flags(e, profile);
        for (size_t i = 0; i < w->n && r == 0; i++)
                r = write_rule(e, &w->rules[i], &rules[i]);
        profile->listener_path.text = e->meaning.listener_path;
        profile->listener_metadata.text = e->meaning.listener_metadata;
        profile->syscalls.items = rules;
        profile->syscalls.n = w->n;
        if (r == 0)
                *ret_profile = profile;
        return r;
}

/* A rule that repeats the default: runtimes skip it, but runc's stub begins above the call. */
static int add_named(struct writer *w, int call)
{
        const struct key key = { .machines = ALL_MACHINES, .below = NO_BOUND, .action = w->e->def, .call = -1 };

        return add_call(w, &key, call);
}

int emit_profile(struct emit *e, struct sc_profile **ret_profile)
{
        struct writer w = { .e = e };
        int r = 0;

        for (size_t i = 0; i < sc_syscall_count() && r == 0; i++) {
                r = add_call_rules(&w, (int)i);
                if (r == 0 && e->named && e->named[i])
                        r = add_named(&w, (int)i);
        }
        if (w.n)
                qsort(w.rules, w.n, sizeof(*w.rules), compare_rules);
        if (r == 0)
                r = write_profile(&w, ret_profile);
        for (size_t i = 0; i < w.n; i++)
                free(w.rules[i].calls);
        free(w.rules);
        return r;
}

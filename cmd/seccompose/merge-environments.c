/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of environments by the conditions of rules, a sample of each, and the decision over all of them. */
#include "seccompose/merge-environments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"

#define UNNAMED UINT32_C(0x00010000) /* no action of the kernel's: stands for numbers without a call */

/* An environment that was asked for. */
struct sample {
        sc_caps caps;
        sc_kernel kernel;
        sc_node node;
};

/* A rule, and where it stands. */
struct rule {
        sc_node applies;
        bool *names;   /* by call: those that it names and the table has */
        bool *touches; /* by call: these, and what a multiplexer has to do with them */
        uint32_t highest[2][SC_ABI_MAX]; /* by ABI: of all `names`; of those that nobody carries; 0: none */
};

struct finder {
        struct session *s;
        struct input *in;
        struct view view;
        struct sc_decisions *d; /* of its own: samples leave much behind */
        struct meaning meaning;
        struct rule *rules;
        size_t n_rules;
        struct sample samples[ENVIRONMENTS_MAX];
        size_t n_samples;
};

/* Kinds of environments: they do not overlap, and there are no others. */
struct regions {
        sc_node items[REGIONS_MAX];
        size_t n;
};

static sc_node never(struct finder *f)
{
        return sc_decision_leaf(f->d, 0);
}

static bool is_in(const struct finder *f, sc_node region, const struct sample *sample)
{
        struct sc_input input = { { 0 } };

        input.words[SC_WORD_CAPS] = sample->caps;
        input.words[SC_WORD_KERNEL] = sample->kernel;
        return sc_decision_eval(f->d, region, &input);
}

static int add_sample(struct finder *f, sc_caps caps, sc_kernel kernel)
{
        struct meaning meaning;
        int r;

        if (f->n_samples == ENVIRONMENTS_MAX)
                return 1;
        f->view.caps = caps;
        f->view.kernel = kernel;
        r = meaning_of(f->s, f->in, &f->view, f->d, &meaning);
        if (r < 0)
                return r;
        if (f->n_samples == 0)
                f->meaning = meaning;
        f->samples[f->n_samples++] = (struct sample){ caps, kernel, meaning.node };
        return 0;
}

static const struct sc_scmptable *table_of(const struct view *view)
{
        const char *name = view->consumer->scmptable;

        return view->table ? view->table : sc_scmptable_find(name, strlen(name));
}

static void touch_name(const struct finder *f, const char *name, struct rule *rule)
{
        int call = name ? sc_syscall_find(name, strlen(name)) : -1, carrier;
        uint32_t nr;

        if (call < 0)
                return;
        rule->names[call] = sc_scmptable_knows(table_of(&f->view), call);
        rule->touches[call] = true;
        carrier = sc_syscall_carrier(call, &nr);
        if (carrier >= 0)
                rule->touches[carrier] = true;
        for (size_t i = 0; i < sc_syscall_count() && sc_syscall_is_carrier(call); i++)
                if (sc_syscall_carrier((int)i, &nr) == call)
                        rule->touches[i] = true;
}

/* The highest number of an ABI that a rule names; `own`: of calls that no multiplexer carries. */
static uint32_t highest(const struct rule *rule, const struct sc_abi *abi, bool own)
{
        uint32_t max = 0, nr, index;

        for (size_t call = 0; call < sc_syscall_count(); call++) {
                if (own && abi->multiplexed && sc_syscall_carrier((int)call, &index) >= 0)
                        continue;
                if (rule->names[call] && sc_syscall_number((int)call, abi, &nr) && nr > max)
                        max = nr;
        }
        return max;
}

static int read_rule(struct finder *f, const struct sc_profile_rule *written, struct rule *rule)
{
        struct sc_profile_rule read = *written;

        if (f->view.consumer->ignores_min_kernel)
                read.includes.min_kernel.text = read.excludes.min_kernel.text = NULL;
        rule->applies = sc_consumer_applies(&read, f->view.native, f->d);
        rule->names = sc_arena_array(f->s->arena, sc_syscall_count(), sizeof(*rule->names));
        rule->touches = sc_arena_array(f->s->arena, sc_syscall_count(), sizeof(*rule->touches));
        if (!rule->names || !rule->touches)
                return -ENOMEM;
        touch_name(f, written->name.text, rule);
        for (size_t i = 0; i < written->names.n; i++)
                touch_name(f, written->names.items[i].text, rule);
        for (size_t i = 0; i < sc_abi_count(); i++)
                for (int own = 0; own < 2; own++)
                        rule->highest[own][i] = highest(rule, sc_abi_at(i), own);
        return 0;
}

static int read_rules(struct finder *f)
{
        const struct sc_profile_rules *written = &f->meaning.profile->syscalls;
        int r = 0;

        f->rules = sc_arena_array(f->s->arena, written->n + 1, sizeof(*f->rules));
        if (!f->rules)
                return -ENOMEM;
        for (size_t i = 0; i < written->n && r == 0; i++)
                r = read_rule(f, &written->items[i], &f->rules[f->n_rules++]);
        return r;
}

static bool has_conditions(const struct finder *f)
{
        uint32_t value;

        for (size_t i = 0; i < f->n_rules; i++)
                if (!sc_decision_is_leaf(f->d, f->rules[i].applies, &value))
                        return true;
        return false;
}

/* The environments in which a rule stands that names a number of the ABI that is at least `nr`. */
static sc_node where_reached(struct finder *f, const struct sc_abi *abi, uint32_t nr, bool own)
{
        sc_node where = never(f), always = sc_decision_leaf(f->d, 1);

        for (size_t i = 0; i < f->n_rules; i++)
                if (f->rules[i].highest[own][abi->index] >= nr)
                        where = sc_decision_ite(f->d, f->rules[i].applies, always, where);
        return where;
}

static int split(struct finder *f, struct regions *regions, sc_node cond)
{
        size_t n = regions->n;

        for (size_t i = 0; i < n; i++) {
                sc_node in = sc_decision_and(f->d, regions->items[i], cond);
                sc_node out = sc_decision_and(f->d, regions->items[i], sc_decision_not(f->d, cond));

                if (in == never(f) || out == never(f))
                        continue;
                if (regions->n == REGIONS_MAX)
                        return 1;
                regions->items[i] = in;
                regions->items[regions->n++] = out;
        }
        return 0;
}

/*
 * The environments that rules tell apart for a call. runc's stub, if there is one, begins above the highest number that
 * is named there; libseccomp has no numbers for some calls that multiplexers carry, so both is told apart.
 */
static int find_regions(struct finder *f, const struct sc_abi *abi, int call, uint32_t nr, struct regions *ret_regions)
{
        struct regions regions = { .items = { sc_decision_leaf(f->d, 1) }, .n = 1 };
        int r = 0;

        for (int own = 0; own < 2 && r == 0; own++) {
                r = split(f, &regions, where_reached(f, abi, nr, own));
                if (r == 0)
                        r = split(f, &regions, where_reached(f, abi, 1, own));
        }
        for (size_t i = 0; i < f->n_rules && r == 0; i++)
                if (f->rules[i].touches[call])
                        r = split(f, &regions, f->rules[i].applies);
        *ret_regions = regions;
        return r;
}

/* A sample in a region: one that there is, else a new one, rather of the newest kernel. */
static int find_sample(struct finder *f, sc_node region, const struct sample **ret_sample)
{
        sc_node newest = sc_decision_eq(f->d, SC_WORD_KERNEL, UINT32_MAX, sc_kernel_newest(), region, never(f));
        struct sc_input input;
        size_t i = 0;
        int r = 0;

        while (i < f->n_samples && !is_in(f, region, &f->samples[i]))
                i++;
        if (i == f->n_samples) {
                if (!sc_decision_witness(f->d, newest == never(f) ? region : newest, never(f), &input))
                        return sc_decisions_error(f->d) ? sc_decisions_error(f->d) : -EINVAL;
                r = add_sample(f, input.words[SC_WORD_CAPS], (sc_kernel)input.words[SC_WORD_KERNEL]);
        }
        *ret_sample = &f->samples[i];
        return r;
}

static sc_node answer_in(struct finder *f, const struct sample *sample, const struct sc_abi *abi, uint32_t nr)
{
        return sc_decision_fix(f->d, sc_decision_fix(f->d, sample->node, SC_WORD_ARCH, abi->audit_arch), SC_WORD_NR,
                               nr);
}

static int find_answer(struct finder *f, const struct sc_abi *abi, int call, uint32_t nr, sc_node *ret_answer)
{
        struct regions regions;
        sc_node answer = SC_NODE_FAILED;
        int r = find_regions(f, abi, call, nr, &regions);

        for (size_t i = 0; i < regions.n && r == 0; i++) {
                const struct sample *sample = NULL;
                sc_node here;

                r = find_sample(f, regions.items[i], &sample);
                if (r || !sample)
                        break;
                here = answer_in(f, sample, abi, nr);
                answer = i ? sc_decision_ite(f->d, regions.items[i], here, answer) : here;
        }
        *ret_answer = answer;
        return r ? r : sc_decisions_error(f->d);
}

/* True if every sample answers as was found. */
static bool all_agree(struct finder *f, const struct sc_abi *abi, const struct sc_entry *entry)
{
        for (size_t i = 0; i < f->n_samples; i++) {
                const struct sample *sample = &f->samples[i];
                sc_node found = sc_decision_fix(f->d, entry->node, SC_WORD_KERNEL, sample->kernel);

                if (sc_decision_fix(f->d, found, SC_WORD_CAPS, sample->caps) !=
                    answer_in(f, sample, abi, (uint32_t)entry->value))
                        return false;
        }
        return true;
}

static uint32_t combine_strictest(uint32_t a, uint32_t b)
{
        return sc_action_looseness(b) < sc_action_looseness(a) ? b : a;
}

static uint32_t combine_named(uint32_t named, uint32_t rest)
{
        return named == UNNAMED ? rest : named;
}

/* The decision on one ABI: calls over all environments, other numbers by the samples. */
static int find_node(struct finder *f, const struct sc_abi *abi, struct sc_entry *entries, sc_node *ret_node)
{
        uint32_t nr;
        sc_node rest = SC_NODE_FAILED, named;
        size_t n = 0;
        int r = 0;

        for (size_t call = 0; call < sc_syscall_count() && r == 0; call++) {
                if (!sc_syscall_number((int)call, abi, &nr))
                        continue;
                entries[n].value = nr;
                r = find_answer(f, abi, (int)call, nr, &entries[n].node);
                n++;
        }
        for (size_t i = 0; i < f->n_samples && r == 0; i++) {
                sc_node one = sc_decision_fix(f->d, f->samples[i].node, SC_WORD_ARCH, abi->audit_arch);

                rest = i ? sc_decision_apply(f->d, combine_strictest, rest, one) : one;
        }
        for (size_t i = 0; i < n && r == 0; i++)
                r = !all_agree(f, abi, &entries[i]);
        if (r)
                return sc_decisions_error(f->d) ? sc_decisions_error(f->d) : r;
        qsort(entries, n, sizeof(*entries), sc_entry_compare);
        named = sc_decision_map(f->d, SC_WORD_NR, entries, n, sc_decision_leaf(f->d, UNNAMED));
        *ret_node = sc_decision_apply(f->d, combine_named, named, rest);
        return sc_decisions_error(f->d);
}

static int find_nodes(struct finder *f, struct sc_decisions *d, sc_node ret_nodes[SC_ABI_MAX])
{
        SC_CLEANUP(sc_freep) struct sc_entry *entries = calloc(sc_syscall_count(), sizeof(*entries));
        int r = entries ? 0 : -ENOMEM;

        for (size_t i = 0; i < f->meaning.n_abis && r == 0; i++) {
                const struct sc_abi *abi = f->meaning.abis[i];
                sc_node node = SC_NODE_FAILED;

                r = find_node(f, abi, entries, &node);
                if (r == 0)
                        ret_nodes[abi->index] = sc_decision_copy(d, f->d, node);
        }
        return r ? r : sc_decisions_error(d);
}

/* Without a filter, or with one that knows nothing of ABIs, there is nothing to tell apart. */
static int copy_everywhere(struct finder *f, struct sc_decisions *d, sc_node ret_nodes[SC_ABI_MAX])
{
        for (size_t i = 0; i < sc_abi_count(); i++)
                ret_nodes[i] = sc_decision_copy(
                        d, f->d, sc_decision_fix(f->d, f->meaning.node, SC_WORD_ARCH, sc_abi_at(i)->audit_arch));
        return sc_decisions_error(f->d) ? sc_decisions_error(f->d) : sc_decisions_error(d);
}

static int find(struct finder *f, struct sc_decisions *d, sc_node ret_nodes[SC_ABI_MAX])
{
        const sc_kernel newest = sc_kernel_newest();
        int r = add_sample(f, sc_caps_docker(), newest);

        if (r == 0 && f->meaning.n_abis == 0)
                return copy_everywhere(f, d, ret_nodes);
        if (r == 0)
                r = read_rules(f);
        if (r == 0 && has_conditions(f)) {
                r = add_sample(f, 0, newest);
                if (r == 0)
                        r = add_sample(f, sc_caps_all(), newest);
        }
        return r ? r : find_nodes(f, d, ret_nodes);
}

int environments_find(struct session *s, struct input *in, struct view view, struct sc_decisions *d,
                      sc_node ret_nodes[SC_ABI_MAX], struct meaning *ret_meaning)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *own = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct finder f = { .s = s, .in = in, .view = view, .d = own };
        sc_node nodes[SC_ABI_MAX];
        int r = own ? 0 : -ENOMEM;

        for (size_t i = 0; i < SC_ABI_MAX; i++)
                nodes[i] = SC_NODE_FAILED;
        if (r == 0)
                r = find(&f, d, nodes);
        if (r)
                return r;
        for (size_t i = 0; i < SC_ABI_MAX; i++)
                if (nodes[i] != SC_NODE_FAILED)
                        ret_nodes[i] = nodes[i];
        *ret_meaning = f.meaning;
        return 0;
}

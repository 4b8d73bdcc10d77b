/* SPDX-License-Identifier: Apache-2.0 */
/* In which environments a written profile is taken the whole way through libseccomp. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "emit/internal.h"

/* A written rule on one machine. */
struct written {
        const struct sc_profile_rule *rule;
        sc_node applies; /* in these environments */
        bool conditional; /* on arguments */
};

/* What can be told apart where rules for several calls get in each other's way. */
struct kinds {
        sc_node items[EMIT_KINDS_MAX]; /* they do not overlap */
        size_t n;
        bool more; /* there are more than that */
};

struct chooser {
        const struct emit *e;
        size_t machine;
        bool doubtful; /* what libseccomp does with the rules for multiplexers */
        struct written *rules; /* heap; in the profile's order, those that repeat the default left out */
        size_t n_rules;
        struct emit_samples samples;
        size_t cap;
};

void emit_samples_done(struct emit_samples *samples)
{
        free(samples->items);
        *samples = (struct emit_samples){ 0 };
}

static void chooser_done(struct chooser *c)
{
        free(c->rules);
        emit_samples_done(&c->samples);
}

static bool stands_in(const struct chooser *c, sc_node where, const struct emit_sample *sample)
{
        struct sc_input in = { { 0 } };

        in.words[SC_WORD_CAPS] = sample->caps;
        in.words[SC_WORD_KERNEL] = sample->kernel;
        return sc_decision_eval(c->e->d, where, &in);
}

static bool covered(const struct chooser *c, sc_node where)
{
        for (size_t i = 0; i < c->samples.n; i++)
                if (stands_in(c, where, &c->samples.items[i]))
                        return true;
        return false;
}

/*
 * An environment with the same rules as an earlier one is proven by it: that they are right in both is known without
 * libseccomp.
 */
static bool sampled_before(const struct chooser *c, const struct emit_sample *sample)
{
        for (size_t k = 0; k < c->samples.n; k++) {
                bool same = true;

                for (size_t i = 0; i < c->n_rules && same; i++)
                        same = stands_in(c, c->rules[i].applies, sample) ==
                               stands_in(c, c->rules[i].applies, &c->samples.items[k]);
                if (same)
                        return true;
        }
        return false;
}

static int add_sample(struct chooser *c, sc_caps caps, sc_kernel kernel)
{
        const struct emit_sample sample = { caps, kernel };
        struct emit_sample *items;

        if (sampled_before(c, &sample))
                return 0;
        items = sc_grow(c->samples.items, c->samples.n, &c->cap, sizeof(*items));
        if (!items)
                return -ENOMEM;
        c->samples.items = items;
        items[c->samples.n++] = sample;
        return 0;
}

/* One bit or range after the other: what is left of a condition where the rest of a sample is as near as can be. */
static sc_node narrow(const struct chooser *c, sc_node where, enum sc_word word, uint64_t mask, uint64_t value)
{
        struct sc_decisions *d = c->e->d;
        sc_node none = sc_decision_leaf(d, 0), narrower = sc_decision_eq(d, word, mask, value, where, none);

        return narrower == none ? where : narrower;
}

/* A sample in some environments, as near to Docker's set and the newest kernel as can be, unless there is one. */
static int add_sample_in(struct chooser *c, sc_node where)
{
        const struct emit *e = c->e;
        struct sc_decisions *d = e->d;
        sc_kernel newest = e->kernels[e->n_kernels - 1];
        sc_caps docker = sc_caps_docker();
        struct sc_input in;

        if (where == sc_decision_leaf(d, 0) || covered(c, where))
                return 0;
        where = narrow(c, where, SC_WORD_KERNEL, UINT32_MAX, e->request->kernel_given ? e->request->kernel : newest);
        for (unsigned cap = 0; cap < sc_cap_count(); cap++)
                where = narrow(c, where, SC_WORD_CAPS, UINT64_C(1) << cap, docker);
        if (!sc_decision_witness(d, where, sc_decision_leaf(d, 0), &in))
                return sc_decisions_error(d) ? sc_decisions_error(d) : -EINVAL;
        return add_sample(c, in.words[SC_WORD_CAPS] & sc_caps_all(), (sc_kernel)in.words[SC_WORD_KERNEL]);
}

/* Every range of kernels with Docker's set; none and all capabilities. */
static int add_common(struct chooser *c)
{
        const struct emit *e = c->e;
        int r = add_sample(c, sc_caps_docker(), e->kernels[e->n_kernels - 1]);

        for (size_t k = 0; k + 1 < e->n_kernels && r == 0; k++)
                r = add_sample(c, sc_caps_docker(), e->kernels[k]);
        if (r == 0)
                r = add_sample(c, 0, e->kernels[e->n_kernels - 1]);
        return r ? r : add_sample(c, sc_caps_all(), e->kernels[e->n_kernels - 1]);
}

static void split(const struct chooser *c, struct kinds *kinds, sc_node cond)
{
        struct sc_decisions *d = c->e->d;
        sc_node none = sc_decision_leaf(d, 0);
        size_t n = kinds->n;

        for (size_t i = 0; i < n; i++) {
                sc_node in = sc_decision_and(d, kinds->items[i], cond);
                sc_node out = sc_decision_and(d, kinds->items[i], sc_decision_not(d, cond));

                if (in == none || out == none)
                        continue;
                kinds->more |= kinds->n == EMIT_KINDS_MAX;
                if (kinds->more)
                        return;
                kinds->items[i] = in;
                kinds->items[kinds->n++] = out;
        }
}

static int add_kinds(struct chooser *c, const struct kinds *kinds)
{
        int r = 0;

        for (size_t i = 0; i < kinds->n && r == 0; i++)
                r = add_sample_in(c, kinds->items[i]);
        return r;
}

/* True if a rule names a call that libseccomp knows and that is the multiplexer or carried by it. */
static bool touches(const struct chooser *c, const struct written *w, int carrier, bool itself)
{
        uint32_t subcall;

        for (size_t i = 0; i < w->rule->names.n; i++) {
                const char *name = w->rule->names.items[i].text;
                int call = sc_syscall_find(name, strlen(name));

                if (call >= 0 && sc_scmptable_knows(c->e->table, call) &&
                    (itself ? call == carrier : sc_syscall_carrier(call, &subcall) == carrier))
                        return true;
        }
        return false;
}

/*
 * All kinds of environments in which a multiplexer is answered by conditions: its rules, and those that libseccomp adds
 * for what it carries. Unless it is doubtful, how they do together is known from emit_check_carriers(), however many
 * kinds there are, and this finds what libseccomp compiles wrong.
 */
static int add_carrier(struct chooser *c, int carrier)
{
        struct sc_decisions *d = c->e->d;
        sc_node some = sc_decision_leaf(d, 0), always = some;
        struct kinds kinds = { .n = 1 };

        for (size_t i = 0; i < c->n_rules; i++) {
                bool own = touches(c, &c->rules[i], carrier, true);

                if (own && !c->rules[i].conditional)
                        always = sc_decision_or(d, always, c->rules[i].applies);
                else if (own || touches(c, &c->rules[i], carrier, false))
                        some = sc_decision_or(d, some, c->rules[i].applies);
        }
        kinds.items[0] = sc_decision_and(d, some, sc_decision_not(d, always));
        for (size_t i = 0; i < c->n_rules && kinds.items[0] != sc_decision_leaf(d, 0); i++)
                if (touches(c, &c->rules[i], carrier, true) || touches(c, &c->rules[i], carrier, false))
                        split(c, &kinds, c->rules[i].applies);
        if (!kinds.more || !c->doubtful)
                return add_kinds(c, &kinds);
        sc_diags_add(c->e->diags, SC_ERROR, "too-many-conditions", (struct sc_place){ 0 },
                     "'%s' and the calls that it carries are answered by conditions in more than %d kinds of "
                     "environments",
                     sc_syscall_name(carrier), EMIT_KINDS_MAX);
        return -EBADMSG;
}

/* Whether a rule names calls that an ABI has a number for, and others. */
static void find_numbers(const struct chooser *c, const struct written *w, const struct sc_abi *abi, bool *ret_has,
                         bool *ret_elsewhere)
{
        uint32_t nr;

        *ret_has = *ret_elsewhere = false;
        for (size_t i = 0; i < w->rule->names.n; i++) {
                const char *name = w->rule->names.items[i].text;
                int call = sc_syscall_find(name, strlen(name));

                if (call < 0 || !sc_scmptable_knows(c->e->table, call))
                        continue;
                if (sc_syscall_number(call, abi, &nr) && emit_reaches(c->e, call, abi))
                        *ret_has = true;
                else
                        *ret_elsewhere = true;
        }
}

/*
 * libseccomp keeps rules for calls that an ABI has not. Where all others depend on arguments, its list may never load
 * the number, and no rule applies there (2.5.4 to 2.6.1, gen_bpf.c, acc_reset). Every such kind of environment is
 * tried.
 */
static int add_unloaded(struct chooser *c, const struct sc_abi *abi)
{
        struct sc_decisions *d = c->e->d;
        sc_node none = sc_decision_leaf(d, 0), elsewhere = none, loaded = none;
        struct kinds kinds = { .n = 1 };

        for (size_t i = 0; i < c->n_rules; i++) {
                bool has, others;

                find_numbers(c, &c->rules[i], abi, &has, &others);
                if (others)
                        elsewhere = sc_decision_or(d, elsewhere, c->rules[i].applies);
                if (has && !c->rules[i].conditional)
                        loaded = sc_decision_or(d, loaded, c->rules[i].applies);
        }
        kinds.items[0] = sc_decision_and(d, elsewhere, sc_decision_not(d, loaded));
        for (size_t i = 0; i < c->n_rules && kinds.items[0] != none && !kinds.more; i++)
                split(c, &kinds, c->rules[i].applies);
        if (!kinds.more)
                return add_kinds(c, &kinds);
        sc_diags_add(c->e->diags, SC_ERROR, "too-many-conditions", (struct sc_place){ 0 },
                     "the rules for %s all depend on arguments, which libseccomp compiles wrong now and then, in more "
                     "than %d kinds of environments",
                     abi->name, EMIT_KINDS_MAX);
        return -EBADMSG;
}

/* An environment in which as many rules stand as one by one can be added: the longest filter, as near as can be. */
static int add_longest(struct chooser *c)
{
        struct sc_decisions *d = c->e->d;
        sc_node where = sc_decision_leaf(d, 1);

        for (size_t i = 0; i < c->n_rules; i++) {
                sc_node narrower = sc_decision_and(d, where, c->rules[i].applies);

                if (narrower != sc_decision_leaf(d, 0))
                        where = narrower;
        }
        return add_sample_in(c, where);
}

static int read_rules(struct chooser *c, const struct sc_profile *profile)
{
        const struct sc_abi *native = c->e->machines[c->machine].abis[0];
        struct sc_decisions *d = c->e->d;

        c->rules = calloc(profile->syscalls.n + 1, sizeof(*c->rules));
        if (!c->rules)
                return -ENOMEM;
        for (size_t i = 0; i < profile->syscalls.n; i++) {
                const struct sc_profile_rule *rule = &profile->syscalls.items[i];
                sc_node applies = sc_consumer_applies(rule, native, d);

                if (c->e->request->kernel_given)
                        applies = sc_decision_fix(d, applies, SC_WORD_KERNEL, c->e->request->kernel);
                c->rules[c->n_rules++] =
                        (struct written){ .rule = rule, .applies = applies, .conditional = rule->args.n > 0 };
        }
        return sc_decisions_error(d);
}

/* What a machine's libseccomp is tried with beyond the common environments. */
static int add_wanted(struct chooser *c)
{
        const struct emit_machine *m = &c->e->machines[c->machine];
        bool multiplexed = false;
        int r = add_longest(c);

        for (size_t i = 0; i < m->n_abis; i++)
                multiplexed |= m->abis[i]->multiplexed;
        for (size_t i = 0; i < sc_syscall_count() && multiplexed && r == 0; i++)
                if (sc_syscall_is_carrier((int)i))
                        r = add_carrier(c, (int)i);
        for (size_t i = 0; i < m->n_abis && r == 0; i++)
                r = add_unloaded(c, m->abis[i]);
        for (size_t i = 0; i < c->n_rules && r == 0; i++)
                r = add_sample_in(c, c->rules[i].applies);
        return r;
}

int emit_choose_samples(const struct emit *e, const struct sc_profile *profile, size_t machine, bool doubtful,
                        struct emit_samples *ret_samples)
{
        SC_CLEANUP(chooser_done) struct chooser c = { .e = e, .machine = machine, .doubtful = doubtful };
        int r = 0;

        if (e->docker)
                r = read_rules(&c, profile);
        if (r == 0)
                r = e->docker ? add_common(&c) : add_sample(&c, e->request->caps, e->kernels[e->n_kernels - 1]);
        if (r == 0 && e->docker)
                r = add_wanted(&c);
        if (r < 0)
                return r;
        *ret_samples = c.samples;
        c.samples = (struct emit_samples){ 0 };
        return 0;
}

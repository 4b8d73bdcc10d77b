/* SPDX-License-Identifier: Apache-2.0 */
/* What libseccomp made of somebody's rules, against what the rules say. */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "bpf/model.h"
#include "compare/compare.h"
#include "consumer/consumer.h"

struct check {
        struct sc_arena *arena;
        const struct sc_target *target;
        const struct sc_profile *profile;
        const struct sc_scmp_compiler *compiler; /* that made the filter */
        struct sc_diags *diags;                  /* of readings; nobody sees them */
        struct sc_decisions *d;
        struct sc_plan plan;
};

/* A compiler that reads rules, and knows names and numbers as the one that made the filter. */
struct reader {
        struct sc_scmp_compiler reading;
        const struct sc_scmp_compiler *names;
};

static int reader_decide(void *data, const struct sc_scmp_filter *filter, struct sc_decisions *d,
                         struct sc_scmp_result *ret_result)
{
        const struct reader *reader = data;

        return reader->reading.decide(reader->reading.data, filter, d, ret_result);
}

static bool reader_knows(void *data, const char *name)
{
        const struct reader *reader = data;

        return reader->names->knows(reader->names->data, name);
}

static int reader_number(void *data, const char *name, const struct sc_abi *abi)
{
        const struct reader *reader = data;

        return reader->names->number(reader->names->data, name, abi);
}

static bool reader_reaches(void *data, const char *name, const struct sc_abi *abi)
{
        const struct reader *reader = data;

        return reader->names->reaches(reader->names->data, name, abi);
}

/* What the rules say; `preferred` as in struct sc_model. */
static int read_rules(const struct check *c, const uint32_t *preferred, sc_node *ret_node)
{
        struct sc_model model = { SC_MODEL_READING, c->target->table, preferred };
        struct reader reader = { sc_scmp_model(&model), c->compiler };
        const struct sc_scmp_compiler compiler = { .decide = reader_decide, .knows = reader_knows,
                                                   .number = reader_number, .reaches = reader_reaches,
                                                   .data = &reader };
        struct sc_outcome outcome = { 0 };
        int r = sc_consumer_decide(c->arena, c->target, c->profile, &compiler, c->d, c->diags, &outcome);

        if (r == 0)
                *ret_node = outcome.node;
        return r == -EBADMSG ? -EOPNOTSUPP : r;
}

static uint32_t combine_differ(uint32_t a, uint32_t b)
{
        return sc_compare_relate(a, b) != SC_RELATION_SAME;
}

static bool is_never(struct check *c, sc_node cond)
{
        return cond == sc_decision_leaf(c->d, 0);
}

/* Leaves of `wrong` what is wrong by every preference among the rules' actions. */
static int try_preferences(struct check *c, sc_node filter, sc_node *wrong)
{
        uint32_t actions[SC_CHECK_ACTIONS_MAX];
        size_t n = 0, known;
        int r = 0;

        for (size_t i = 0; i < c->plan.filter.n_rules && r == 0 && !is_never(c, *wrong); i++) {
                sc_node node;

                for (known = 0; known < n && actions[known] != c->plan.filter.rules[i].action; known++)
                        ;
                if (known < n)
                        continue;
                if (n == SC_CHECK_ACTIONS_MAX)
                        return -E2BIG;
                actions[n] = c->plan.filter.rules[i].action;
                r = read_rules(c, &actions[n++], &node);
                if (r == 0)
                        *wrong = sc_decision_and(c->d, *wrong, sc_decision_apply(c->d, combine_differ, node, filter));
        }
        return r;
}

/* A name for which the filter's libseccomp has no number on an ABI does nothing there, whatever the table says. */
static sc_node drop_unreached(struct check *c, sc_node wrong)
{
        sc_node never = sc_decision_leaf(c->d, 0);

        for (size_t i = 0; i < c->plan.filter.n_rules; i++)
                for (size_t k = 0; k < c->plan.n_abis; k++) {
                        const char *name = c->plan.filter.rules[i].name;
                        const struct sc_abi *abi = c->plan.abis[k];
                        uint32_t nr;

                        if (sc_syscall_number(sc_syscall_find(name, strlen(name)), abi, &nr) &&
                            !c->compiler->reaches(c->compiler->data, name, abi))
                                wrong = sc_decision_eq(
                                        c->d, SC_WORD_ARCH, UINT32_MAX, abi->audit_arch,
                                        sc_decision_eq(c->d, SC_WORD_NR, UINT32_MAX, nr, never, wrong), wrong);
                }
        return wrong;
}

/* A rule of the witness's call, one with conditions if there is any: nobody doubts the others. */
static struct sc_place find_place(const struct check *c, int call)
{
        struct sc_place place = c->profile->place;
        bool found = false;

        for (size_t i = 0; i < c->plan.filter.n_rules && call >= 0; i++) {
                const struct sc_scmp_rule *rule = &c->plan.filter.rules[i];

                if (strcmp(rule->name, sc_syscall_name(call)) != 0)
                        continue;
                if (rule->n_args)
                        return c->plan.places[i];
                if (!found)
                        place = c->plan.places[i];
                found = true;
        }
        return place;
}

static int find_witness(struct check *c, sc_node wrong, sc_node rules, sc_node filter,
                        struct sc_miscompiled *ret_miscompiled)
{
        sc_node said = sc_decision_ite(c->d, drop_unreached(c, wrong), rules, filter);
        struct sc_witness witness;
        int r = sc_compare(c->d, said, filter, SC_ASK_SAME, c->plan.abis, c->plan.n_abis, &witness);

        if (r == 1)
                *ret_miscompiled = (struct sc_miscompiled){ witness, find_place(c, witness.call) };
        return r;
}

static int check(struct check *c, sc_node filter, struct sc_miscompiled *ret_miscompiled)
{
        sc_node rules = SC_NODE_FAILED, wrong;
        int r = read_rules(c, NULL, &rules);

        if (r < 0)
                return r;
        wrong = sc_decision_apply(c->d, combine_differ, rules, filter);
        if (is_never(c, wrong))
                return sc_decisions_error(c->d);
        r = sc_consumer_plan(c->arena, c->target, c->profile, c->diags, &c->plan);
        if (r == 0)
                r = try_preferences(c, filter, &wrong);
        if (r == 0 && !is_never(c, wrong))
                r = find_witness(c, wrong, rules, filter, ret_miscompiled);
        return r < 0 ? r : sc_decisions_error(c->d) ? sc_decisions_error(c->d) : r;
}

int sc_consumer_check(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                      const struct sc_scmp_compiler *compiler, const struct sc_decisions *d,
                      const struct sc_outcome *outcome, struct sc_miscompiled *ret_miscompiled)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *own = sc_decisions_new(SC_CHECK_NODES_MAX);
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct check c = { .arena = arena, .target = target, .profile = profile, .compiler = compiler,
                           .diags = diags, .d = own };

        if (!own || !diags)
                return -ENOMEM;
        return outcome->unfiltered ? 0 : check(&c, sc_decision_copy(own, d, outcome->node), ret_miscompiled);
}

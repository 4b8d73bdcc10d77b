/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of arguments as rules: cubes and an else. Each cube of an irredundant cover is a rule of masked equalities;
 * the action with the largest cover becomes the rule `arg0 >= 0`, which libseccomp tries after all of these. Only these
 * forms, and a single ordered comparison, are compiled right by every libseccomp; see docs/architecture.md.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "decision/cover.h"
#include "emit/internal.h"

#define ACTIONS_MAX 16 /* different answers to one call in one environment */
#define LOW UINT64_C(0xffffffff)

/* One answer of a function, and where it is given. */
struct region {
        sc_action action;
        struct sc_path *cubes; /* its cover; NULL if it has more than EMIT_FORM_MAX */
        size_t n;
        bool covered;
};

struct former {
        const struct emit *e;
        const struct sc_abi *const *abis;
        const sc_node *nodes;
        size_t n_abis;
        sc_node reference; /* the function that the covers are of */
        struct region regions[ACTIONS_MAX];
        size_t n_regions;
        size_t failed; /* the ABI on which the last candidate was wrong */
};

void emit_form_done(struct emit_form *form)
{
        free(form->rules);
        *form = (struct emit_form){ 0 };
}

/* What a list of rules answers on an ABI: the else first, so that all others stand above it. */
static sc_node form_node(const struct former *f, const struct sc_abi *abi, const struct emit_form *form)
{
        struct sc_decisions *d = f->e->d;
        sc_node node = sc_decision_leaf(d, f->e->def);

        for (int otherwise = 1; otherwise >= 0; otherwise--)
                for (size_t i = form->n; i-- > 0;) {
                        const struct emit_form_rule *rule = &form->rules[i];

                        if (sc_scmp_args_otherwise(rule->args, rule->n_args) != otherwise)
                                continue;
                        node = sc_decision_ite(d, sc_scmp_args_node(d, abi, rule->args, rule->n_args),
                                               sc_decision_leaf(d, rule->action), node);
                }
        return node;
}

/* Where the rules with an action apply on an ABI, without the else. */
static sc_node action_node(const struct former *f, const struct sc_abi *abi, const struct emit_form *form,
                           sc_action action)
{
        struct sc_decisions *d = f->e->d;
        sc_node node = sc_decision_leaf(d, 0);

        for (size_t i = 0; i < form->n; i++) {
                const struct emit_form_rule *rule = &form->rules[i];

                if (rule->action == action && !sc_scmp_args_otherwise(rule->args, rule->n_args))
                        node = sc_decision_or(d, node, sc_scmp_args_node(d, abi, rule->args, rule->n_args));
        }
        return node;
}

/*
 * True if rules with different actions apply to the same arguments on an ABI: one that looks at lower halves only may
 * make two cubes meet that are disjoint elsewhere. libseccomp then chooses by an order of its own, or refuses them.
 */
static bool form_overlaps(const struct former *f, const struct sc_abi *abi, const struct emit_form *form)
{
        struct sc_decisions *d = f->e->d;
        sc_node none = sc_decision_leaf(d, 0), seen = none;

        for (size_t i = 0; i < f->n_regions; i++) {
                sc_node here = action_node(f, abi, form, f->regions[i].action);

                if (sc_decision_and(d, seen, here) != none)
                        return true;
                seen = sc_decision_or(d, seen, here);
        }
        return false;
}

/* True if the rules answer as wanted on every ABI. */
static bool form_holds(struct former *f, const struct emit_form *form)
{
        for (size_t i = 0; i < f->n_abis; i++)
                if (form_node(f, f->abis[i], form) != f->nodes[i] || form_overlaps(f, f->abis[i], form)) {
                        f->failed = i;
                        return false;
                }
        return true;
}

static uint32_t combine_same(uint32_t a, uint32_t b)
{
        return a == b;
}

static int add_region(struct former *f, sc_action action)
{
        for (size_t i = 0; i < f->n_regions; i++)
                if (f->regions[i].action == action)
                        return 0;
        if (f->n_regions == ACTIONS_MAX)
                return 1;
        f->regions[f->n_regions++].action = action;
        return 0;
}

/* The answers that a function gives, by trying what is left of it. */
static int find_regions(struct former *f)
{
        struct sc_decisions *d = f->e->d;
        sc_node none = sc_decision_leaf(d, 0), left = sc_decision_leaf(d, 1), same;
        struct sc_input in;

        while (sc_decision_witness(d, left, none, &in)) {
                uint32_t action = sc_decision_eval(d, f->reference, &in);

                if (add_region(f, action))
                        return 1;
                same = sc_decision_apply(d, combine_same, f->reference, sc_decision_leaf(d, action));
                left = sc_decision_ite(d, same, none, left);
        }
        return sc_decisions_error(d);
}

static int cover_region(const struct former *f, struct region *region)
{
        struct sc_decisions *d = f->e->d;
        sc_node here = sc_decision_apply(d, combine_same, f->reference, sc_decision_leaf(d, region->action));
        int r = sc_decision_cover(f->e->d, here, EMIT_FORM_MAX, &region->cubes, &region->n);

        if (r == -E2BIG && !sc_decisions_error(f->e->d))
                return 0;
        region->covered = r == 0;
        return r;
}

/* A cube as conditions: equality where every bit of an argument is fixed. */
static void cube_to_args(const struct sc_path *cube, struct emit_form_rule *rule)
{
        for (unsigned i = 0; i < 6; i++) {
                uint64_t mask = cube->masks[SC_WORD_ARG0 + i], value = cube->values[SC_WORD_ARG0 + i];

                if (mask == UINT64_MAX)
                        rule->args[rule->n_args++] = (struct sc_scmp_arg){ i, SC_SCMP_EQ, value, 0 };
                else if (mask)
                        rule->args[rule->n_args++] = (struct sc_scmp_arg){ i, SC_SCMP_MASKED_EQ, mask, value };
        }
}

static uint64_t arg_value(const struct sc_scmp_arg *arg)
{
        return arg->op == SC_SCMP_MASKED_EQ ? arg->b : arg->a;
}

/* By argument, then value: bad orders make libseccomp hang, ascending ones never did. The else comes last. */
static int compare_form_rules(const void *a, const void *b)
{
        const struct emit_form_rule *x = a, *y = b;
        int c = sc_scmp_args_otherwise(x->args, x->n_args) - sc_scmp_args_otherwise(y->args, y->n_args);

        for (unsigned i = 0; !c && i < x->n_args && i < y->n_args; i++) {
                uint64_t v = arg_value(&x->args[i]), w = arg_value(&y->args[i]);

                c = (x->args[i].index > y->args[i].index) - (x->args[i].index < y->args[i].index);
                c = c ? c : (v > w) - (v < w);
                c = c ? c : (x->args[i].a > y->args[i].a) - (x->args[i].a < y->args[i].a);
        }
        return c ? c : (x->n_args > y->n_args) - (x->n_args < y->n_args);
}

/* The rules when region `otherwise` is the else; n_regions: none is. 1 if they are too many. */
static int make_form(const struct former *f, size_t otherwise, struct emit_form *ret_form)
{
        struct emit_form form = { .rules = calloc(EMIT_FORM_MAX + 1, sizeof(*form.rules)) };

        if (!form.rules)
                return -ENOMEM;
        for (size_t i = 0; i < f->n_regions; i++) {
                const struct region *region = &f->regions[i];

                if (i == otherwise || region->action == f->e->def)
                        continue;
                if (!region->covered || form.n + region->n > EMIT_FORM_MAX) {
                        free(form.rules);
                        return 1;
                }
                for (size_t k = 0; k < region->n; k++) {
                        form.rules[form.n].action = region->action;
                        cube_to_args(&region->cubes[k], &form.rules[form.n++]);
                }
        }
        if (otherwise < f->n_regions)
                form.rules[form.n++] = (struct emit_form_rule){
                        .action = f->regions[otherwise].action,
                        .n_args = 1,
                        .args = { { 0, SC_SCMP_GE, 0, 0 } },
                };
        qsort(form.rules, form.n, sizeof(*form.rules), compare_form_rules);
        *ret_form = form;
        return 0;
}

/* Keeps the smaller of two forms. */
static void keep_smaller(struct emit_form *best, struct emit_form *form)
{
        if (!best->rules || form->n < best->n) {
                emit_form_done(best);
                *best = *form;
                *form = (struct emit_form){ 0 };
        }
        emit_form_done(form);
}

static bool default_is_region(const struct former *f)
{
        for (size_t i = 0; i < f->n_regions; i++)
                if (f->regions[i].action == f->e->def)
                        return true;
        return false;
}

/* Cubes for all, and each answer in turn as the else. With the default among the answers there can be no else. */
static int try_cubes(struct former *f, struct emit_form *best)
{
        size_t from = default_is_region(f) ? f->n_regions : 0;
        size_t to = default_is_region(f) ? f->n_regions + 1 : f->n_regions;

        for (size_t i = from; i < to; i++) {
                struct emit_form form;
                int r = make_form(f, i, &form);

                if (r < 0)
                        return r;
                if (r == 0 && form_holds(f, &form))
                        keep_smaller(best, &form);
                else if (r == 0)
                        emit_form_done(&form);
        }
        return 0;
}

/* The two runs of an argument, if that is what the function is: below a bound, and from it on. */
struct threshold {
        size_t n;
        uint64_t bound;
        sc_node below, from;
};

static int see_run(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct threshold *t = data;

        (void)last;
        if (t->n == 0)
                t->below = node;
        t->from = node;
        t->bound = first;
        return ++t->n > 2;
}

static void add_ordered(const struct former *f, struct emit_form *form, unsigned index, enum sc_scmp_op op,
                        uint64_t bound, sc_node node)
{
        uint32_t action;

        if (!sc_decision_is_leaf(f->e->d, node, &action) || action == f->e->def)
                return;
        form->rules[form->n++] =
                (struct emit_form_rule){ .action = action, .n_args = 1, .args = { { index, op, bound, 0 } } };
}

/*
 * A bound on one argument that 32-bit ABIs share: their lower half cannot say the cubes above 2^32. libseccomp
 * compiles single comparisons with smaller values right.
 */
static int try_threshold(struct former *f, struct emit_form *best)
{
        enum sc_word word;
        uint64_t bit;
        sc_node clear, set;
        struct threshold t = { 0 };
        struct emit_form form = { 0 };

        if (!sc_decision_split(f->e->d, f->reference, &word, &bit, &clear, &set))
                return 0;
        if (sc_decision_runs(f->e->d, f->reference, word, see_run, &t) || t.n != 2 || t.bound > LOW)
                return 0;
        form.rules = calloc(2, sizeof(*form.rules));
        if (!form.rules)
                return -ENOMEM;
        add_ordered(f, &form, (unsigned)(word - SC_WORD_ARG0), SC_SCMP_LT, t.bound, t.below);
        add_ordered(f, &form, (unsigned)(word - SC_WORD_ARG0), SC_SCMP_GE, t.bound, t.from);
        if (form.n && form_holds(f, &form))
                keep_smaller(best, &form);
        else
                emit_form_done(&form);
        return 0;
}

/* The function that has the most to say: one of a 64-bit ABI that depends on arguments, else any that does. */
static sc_node choose_reference(const struct former *f)
{
        sc_node chosen = f->nodes[0];
        uint32_t value;
        bool wide = false;

        for (size_t i = 0; i < f->n_abis; i++) {
                if (sc_decision_is_leaf(f->e->d, f->nodes[i], &value) || wide)
                        continue;
                chosen = f->nodes[i];
                wide = f->abis[i]->word_bits == 64;
        }
        return chosen;
}

static int unconditional(const struct former *f, sc_action action, struct emit_form *ret_form)
{
        struct emit_form form = { 0 };

        if (action != f->e->def) {
                form.rules = calloc(1, sizeof(*form.rules));
                if (!form.rules)
                        return -ENOMEM;
                form.rules[form.n++].action = action;
        }
        *ret_form = form;
        return 0;
}

static void former_done(struct former *f)
{
        for (size_t i = 0; i < f->n_regions; i++)
                free(f->regions[i].cubes);
}

int emit_form(const struct emit *e, const struct sc_abi *const *abis, const sc_node *nodes, size_t n,
              struct emit_form *ret_form, size_t *ret_failed)
{
        SC_CLEANUP(former_done) struct former f = { .e = e, .abis = abis, .nodes = nodes, .n_abis = n };
        SC_CLEANUP(emit_form_done) struct emit_form best = { 0 };
        uint32_t action;
        bool same = true;
        int r;

        for (size_t i = 1; i < n; i++)
                same &= nodes[i] == nodes[0];
        if (same && sc_decision_is_leaf(e->d, nodes[0], &action))
                return unconditional(&f, action, ret_form);
        f.reference = choose_reference(&f);
        r = find_regions(&f);
        for (size_t i = 0; i < f.n_regions && r == 0; i++)
                r = cover_region(&f, &f.regions[i]);
        if (r == 0)
                r = try_cubes(&f, &best);
        if (r == 0 && !best.rules)
                r = try_threshold(&f, &best);
        if (r == 0)
                r = sc_decisions_error(e->d);
        if (r == 0 && !best.rules) {
                *ret_failed = f.failed;
                return 1;
        }
        if (r == 0) {
                *ret_form = best;
                best = (struct emit_form){ 0 };
        }
        return r;
}

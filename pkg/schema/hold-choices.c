/* SPDX-License-Identifier: Apache-2.0 */
/* Keywords whose schemas are for the same value; where none of several fits, which one came nearest. */
#include <string.h>

#include "schema/keywords.h"

/* How far a branch is from fitting: the sum over its faults. */
enum {
        NOT_MEANT = 1000, /* it is for another type or value altogether */
        OTHER_KIND = 20,  /* a member that tells kinds apart says another one */
        SLIP = 1,
};

bool sc_schema_holds_all(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        bool ok = true;

        for (size_t i = 0; i < rule->nodes.n && (ok || sc_schema_wants_more(run)); i++)
                ok &= sc_schema_apply(run, rule->nodes.items[i], value);
        return ok;
}

static bool is_other_constant(const struct sc_schema_fault *fault)
{
        return fault->rule && (fault->rule->keyword->holds == sc_schema_holds_const ||
                               fault->rule->keyword->holds == sc_schema_holds_enum);
}

/* Whether a fault says that the very value should have been another. */
static bool is_other_value(const struct sc_schema_fault *fault, const struct sc_json *value)
{
        if (fault->value != value || !fault->rule)
                return fault->value == value;
        return fault->rule->keyword->holds == sc_schema_holds_type || is_other_constant(fault) ||
               fault->aspect == SC_SCHEMA_NO_BRANCH;
}

static bool is_missing(const struct sc_schema_fault *fault, const struct sc_json *value)
{
        if (fault->value != value || !fault->rule)
                return false;
        return (fault->rule->keyword->holds == sc_schema_holds_required && fault->index == 1) ||
               fault->aspect == SC_SCHEMA_NO_MEMBER;
}

static bool is_member_of(struct sc_schema_run *run, const struct sc_json *member, const struct sc_json *object)
{
        if (object->type == SC_JSON_OBJECT && sc_schema_work(run, object->count, object))
                for (const struct sc_json *m = object->first; m; m = m->next)
                        if (m == member)
                                return true;
        return false;
}

static size_t distance(struct sc_schema_run *run, size_t from, const struct sc_json *value)
{
        size_t sum = 0;

        for (size_t i = from; i < run->n_faults; i++) {
                const struct sc_schema_fault *fault = &run->faults[i];

                if (is_other_value(fault, value))
                        sum += NOT_MEANT;
                else if (is_other_constant(fault) && is_member_of(run, fault->value, value))
                        sum += OTHER_KIND;
                else if (fault->rule && fault->rule->keyword->holds == sc_schema_holds_required)
                        sum += SLIP * fault->index;
                else
                        sum += SLIP;
        }
        return sum;
}

/* What all branches have in common. */
struct survey {
        bool values;  /* each wants another value */
        bool members; /* each wants another member */
        size_t best;  /* the least distance so far */
        size_t n_best;
};

/* Looks at one branch; its faults stay on the stack, in the place of those of the best one so far, if it is better. */
static void survey_branch(struct sc_schema_run *run, struct survey *s, size_t start,
                          const struct sc_schema_node *node, const struct sc_json *value)
{
        size_t from = start + s->n_best, n, d, outer = run->base;

        run->base = from;
        sc_schema_apply(run, node, value);
        run->base = outer;
        n = run->n_faults - from;
        if (n == 0)
                return;
        s->values &= n == 1 && is_other_value(&run->faults[from], value) && run->faults[from].rule;
        s->members &= n == 1 && is_missing(&run->faults[from], value);
        d = distance(run, from, value);
        if (d < s->best) {
                memmove(run->faults + start, run->faults + from, n * sizeof(*run->faults));
                s->best = d;
                s->n_best = n;
        }
        run->n_faults = start + s->n_best;
}

/* No branch fits: the faults of the nearest, or one for all if they are alike. */
static bool report_nearest(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        struct survey s = { .values = true, .members = true, .best = SIZE_MAX };
        size_t start = run->n_faults;
        bool alike;

        if (!sc_schema_wants_more(run))
                return false;
        for (size_t i = 0; i < rule->nodes.n && sc_schema_goes_on(run); i++)
                survey_branch(run, &s, start, rule->nodes.items[i], value);
        alike = s.values || (s.members && rule->nodes.n > 1);
        if (!sc_schema_goes_on(run) || alike)
                run->n_faults = start;
        if (alike)
                sc_schema_fault_add(run, (struct sc_schema_fault){
                        .rule = rule, .value = value, .aspect = s.values ? SC_SCHEMA_NO_BRANCH : SC_SCHEMA_NO_MEMBER });
        return false;
}

bool sc_schema_holds_any(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        for (size_t i = 0; i < rule->nodes.n; i++)
                if (sc_schema_test(run, rule->nodes.items[i], value))
                        return true;
        return report_nearest(run, rule, value);
}

bool sc_schema_holds_one(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        size_t first = SIZE_MAX;

        for (size_t i = 0; i < rule->nodes.n; i++) {
                struct sc_schema_fault two = { .rule = rule, .value = value, .aspect = SC_SCHEMA_TOO_MANY,
                                               .index = first, .other = i };

                if (!sc_schema_test(run, rule->nodes.items[i], value))
                        continue;
                if (first != SIZE_MAX)
                        return sc_schema_fault_add(run, two);
                first = i;
        }
        return first != SIZE_MAX || report_nearest(run, rule, value);
}

bool sc_schema_holds_not(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        return !sc_schema_test(run, rule->node, value) ||
               sc_schema_fault_add(run, (struct sc_schema_fault){ .rule = rule, .value = value });
}

bool sc_schema_holds_if(struct sc_schema_run *run, const struct sc_schema_rule *rule, const struct sc_json *value)
{
        const struct sc_schema_node *node;

        if (!rule->then_node && !rule->else_node)
                return true;
        node = sc_schema_test(run, rule->node, value) ? rule->then_node : rule->else_node;
        return !node || sc_schema_apply(run, node, value);
}

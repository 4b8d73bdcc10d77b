/* SPDX-License-Identifier: Apache-2.0 */
/* A run of a schema over a value: yes or no, and the faults. */
#include <stdlib.h>

#include "schema/internal.h"

bool sc_schema_work(struct sc_schema_run *run, uint64_t steps, const struct sc_json *value)
{
        if (!run->error && sc_schema_spend(&run->meter, steps))
                return true;
        if (!run->limit_value)
                run->limit_value = value;
        return false;
}

bool sc_schema_fault_add(struct sc_schema_run *run, struct sc_schema_fault fault)
{
        struct sc_schema_fault *faults;

        if (!sc_schema_wants_more(run))
                return false;
        faults = sc_grow(run->faults, run->n_faults, &run->cap_faults, sizeof(*faults));
        if (!faults) {
                run->error = -ENOMEM;
                return false;
        }
        run->faults = faults;
        faults[run->n_faults++] = fault;
        return false;
}

bool sc_schema_matches(struct sc_schema_run *run, const struct sc_schema_pattern *pattern,
                       const struct sc_json *string)
{
        int r;

        if (!sc_schema_work(run, 1, string))
                return false;
        if (!run->matcher)
                run->matcher = sc_schema_matcher_new();
        r = run->matcher ? sc_schema_pattern_find(pattern, run->matcher, string->text, string->len, &run->meter) :
                           -ENOMEM;
        if (r == -ENOMEM)
                run->error = r;
        if (r == -ERANGE && !run->limit_value)
                run->limit_value = string;
        return r > 0;
}

/* A value that is another altogether needs no further words: its length, its members and so on. */
static bool settles(const struct sc_schema_keyword *keyword)
{
        return keyword->shape == SC_SCHEMA_TYPES || keyword->shape == SC_SCHEMA_VALUES ||
               (keyword->shape == SC_SCHEMA_ANY && keyword->holds);
}

static bool apply_rules(struct sc_schema_run *run, const struct sc_schema_node *node, const struct sc_json *value)
{
        bool ok = true;

        for (size_t i = 0; i < node->n_rules && (ok || sc_schema_wants_more(run)); i++) {
                const struct sc_schema_rule *rule = &node->rules[i];

                if (!rule->keyword->holds || !(rule->keyword->types & SC_SCHEMA_BIT(value->type)))
                        continue;
                if (!sc_schema_work(run, 1, value))
                        return false;
                if (!rule->keyword->holds(run, rule, value)) {
                        ok = false;
                        if (settles(rule->keyword))
                                break;
                }
        }
        return ok;
}

bool sc_schema_apply(struct sc_schema_run *run, const struct sc_schema_node *node, const struct sc_json *value)
{
        bool ok;

        node = sc_schema_target(node);
        if (!sc_schema_work(run, 1, value))
                return false;
        if (node->kind == SC_SCHEMA_NOTHING)
                return sc_schema_fault_add(run, (struct sc_schema_fault){ .value = value });
        if (run->depth >= SC_SCHEMA_DEPTH_MAX) {
                run->meter.limit = "too many schemas are inside each other here";
                run->limit_value = value;
                return false;
        }
        run->depth++;
        ok = apply_rules(run, node, value);
        run->depth--;
        if (run->meter.limit && !run->limit_value)
                run->limit_value = value;
        return ok;
}

bool sc_schema_test(struct sc_schema_run *run, const struct sc_schema_node *node, const struct sc_json *value)
{
        bool ok;

        run->quiet++;
        ok = sc_schema_apply(run, node, value);
        run->quiet--;
        return ok;
}

int sc_schema_run(struct sc_schema_run *run, const struct sc_schema *schema, const struct sc_json *value)
{
        bool ok;

        run->meter = (struct sc_schema_meter){ .left = SC_SCHEMA_STEPS_MAX };
        ok = sc_schema_apply(run, schema->root, value);
        if (run->error < 0)
                return run->error;
        return ok && !run->meter.limit ? 0 : SC_SCHEMA_INVALID;
}

void sc_schema_run_done(struct sc_schema_run *run)
{
        sc_schema_matcher_free(run->matcher);
        free(run->faults);
}

int sc_schema_is_valid(const struct sc_schema *schema, const struct sc_json *value)
{
        SC_CLEANUP(sc_schema_run_done) struct sc_schema_run run = { .quiet = 1 };

        return sc_schema_run(&run, schema, value);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Circles: a schema that needs itself for the same value would never come to an end (draft 7, section 8.3.1, forbids
 * that). One inside of the value is fine: values end.
 */
#include "schema/internal.h"

enum { NEW, OPEN, DONE };

static bool visit(struct sc_schema_compiler *c, struct sc_schema_node *node, unsigned depth);

static bool visit_members(struct sc_schema_compiler *c, const struct sc_schema_members *members, unsigned depth)
{
        for (size_t i = 0; i < members->n; i++)
                if (members->items[i].node && !visit(c, members->items[i].node, depth))
                        return false;
        return true;
}

static bool visit_rule(struct sc_schema_compiler *c, const struct sc_schema_rule *rule, unsigned depth)
{
        if (rule->keyword->where != SC_SCHEMA_HERE)
                return true;
        if (rule->keyword->shape == SC_SCHEMA_DEPENDENCIES)
                return visit_members(c, &rule->members, depth);
        if (rule->keyword->shape == SC_SCHEMA_ONE)
                return visit(c, rule->node, depth) && (!rule->then_node || visit(c, rule->then_node, depth)) &&
                       (!rule->else_node || visit(c, rule->else_node, depth));
        for (size_t i = 0; i < rule->nodes.n; i++)
                if (!visit(c, rule->nodes.items[i], depth))
                        return false;
        return true;
}

static bool visit_open(struct sc_schema_compiler *c, struct sc_schema_node *node, unsigned depth)
{
        if (node->ref && !visit(c, node->ref, depth + 1))
                return false;
        for (size_t i = 0; i < node->n_rules; i++)
                if (!visit_rule(c, &node->rules[i], depth + 1))
                        return false;
        return true;
}

static bool visit(struct sc_schema_compiler *c, struct sc_schema_node *node, unsigned depth)
{
        if (node->mark == DONE)
                return true;
        if (node->mark == OPEN) {
                sc_schema_complain(c, "schema-ref", node->json->place, "this schema refers to itself without an end");
                return false;
        }
        if (depth > SC_SCHEMA_DEPTH_MAX) {
                sc_schema_complain(c, SC_SCHEMA_RULE_LIMIT, node->json->place,
                                   "more than %d schemas refer to one another", SC_SCHEMA_DEPTH_MAX);
                return false;
        }
        node->mark = OPEN;
        if (!visit_open(c, node, depth))
                return false;
        node->mark = DONE;
        /* the next one is done, so one step is enough */
        if (node->ref && node->ref->ref)
                node->ref = node->ref->ref;
        return true;
}

bool sc_schema_circles_check(struct sc_schema_compiler *c)
{
        for (struct sc_schema_node *node = c->first; node; node = node->next)
                if (!visit(c, node, 0))
                        return false;
        return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A function over the arguments of a call in words: each answer with its condition. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/changes.h"

/* The different answers, and where each is given. */
static size_t find_cases(struct sc_decisions *d, sc_node node, struct sc_compare_answers *answers,
                         sc_node conds[SC_COMPARE_ANSWERS_MAX])
{
        sc_node all = sc_decision_leaf(d, 1), found = sc_decision_leaf(d, 0);
        struct sc_input input;
        size_t n = 0;

        while (sc_decision_witness(d, found, all, &input)) {
                sc_action action = sc_decision_eval(d, node, &input);

                if (n == SC_COMPARE_ANSWERS_MAX) {
                        answers->more = true;
                        break;
                }
                answers->items[n].action = action;
                conds[n] = sc_decision_where(d, node, action);
                found = sc_decision_or(d, found, conds[n]);
                n++;
        }
        return n;
}

static int describe_in(struct sc_arena *arena, struct sc_decisions *d, sc_node cond, const struct sc_abi *abi, int call,
                       enum sc_describe_style style, const char **ret_text)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        int r = sc_condition_describe(d, cond, abi, call, style, SC_DESCRIBE_PARTS_MAX, &text);

        if (r == SC_DESCRIBED) {
                *ret_text = sc_arena_strndup(arena, text.text, text.len);
                r = *ret_text ? 0 : -ENOMEM;
        }
        sc_strbuf_done(&text);
        return r;
}

static int describe_case(struct sc_arena *arena, struct sc_decisions *d, sc_node cond, const struct sc_abi *abi,
                         int call, struct sc_compare_answer *answer)
{
        int r = describe_in(arena, d, cond, abi, call, SC_DESCRIBE_PEOPLE, &answer->when);

        if (r == 0)
                r = describe_in(arena, d, cond, abi, call, SC_DESCRIBE_POLICY, &answer->policy);
        answer->too_large = r == -E2BIG && !sc_decisions_error(d);
        return answer->too_large ? 0 : r;
}

/* The case that is left for "else": the one that is hardest to tell, of equals the strictest. */
static size_t choose_else(const struct sc_compare_answers *answers)
{
        size_t best = 0;

        for (size_t i = 1; i < answers->n; i++) {
                const struct sc_compare_answer *a = &answers->items[i], *b = &answers->items[best];
                size_t x = a->when ? strlen(a->when) : SIZE_MAX, y = b->when ? strlen(b->when) : SIZE_MAX;

                if (answers->n == 2 && a->when && b->when)
                        x = y; /* each is the other's opposite: that of what is let through is read best */
                if (x > y || (x == y && sc_action_looseness(a->action) < sc_action_looseness(b->action)))
                        best = i;
        }
        return best;
}

static int rank(const struct sc_compare_answer *answer)
{
        return answer->when ? 0 : answer->too_large ? 1 : 2;
}

static int compare_answers(const void *a, const void *b)
{
        const struct sc_compare_answer *x = a, *y = b;
        unsigned i = sc_action_looseness(x->action), k = sc_action_looseness(y->action);

        if (rank(x) != rank(y))
                return rank(x) - rank(y);
        if (i != k)
                return i > k ? -1 : 1;
        return x->action < y->action ? -1 : x->action > y->action;
}

static int write_text(struct sc_arena *arena, struct sc_compare_answers *answers)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        for (size_t i = 0; i < answers->n; i++) {
                const struct sc_compare_answer *answer = &answers->items[i];

                sc_strbuf_puts(&text, !i ? "" : answer->when || answer->too_large ? "; " : ", else ");
                sc_action_format(answer->action, &text);
                if (answer->when)
                        sc_strbuf_printf(&text, " if %s", answer->when);
                else if (answer->too_large)
                        sc_strbuf_puts(&text, " under conditions that are too large to show");
        }
        sc_strbuf_puts(&text, answers->more ? "; and more" : "");
        answers->text = text.failed ? NULL : sc_arena_strndup(arena, text.text, text.len);
        sc_strbuf_done(&text);
        return answers->text ? 0 : -ENOMEM;
}

int sc_compare_answers(struct sc_arena *arena, struct sc_decisions *d, sc_node node, const struct sc_abi *abi, int call,
                       struct sc_compare_answers *ret_answers)
{
        struct sc_compare_answers answers = { 0 };
        sc_node conds[SC_COMPARE_ANSWERS_MAX];
        int r = 0;

        if (node == SC_NODE_FAILED)
                return sc_decisions_error(d);
        answers.n = find_cases(d, node, &answers, conds);
        for (size_t i = 0; i < answers.n && answers.n > 1 && r == 0; i++)
                r = describe_case(arena, d, conds[i], abi, call, &answers.items[i]);
        if (r == 0)
                r = sc_decisions_error(d);
        if (r < 0)
                return r;
        if (answers.n > 1 && !answers.more) {
                struct sc_compare_answer *rest = &answers.items[choose_else(&answers)];

                *rest = (struct sc_compare_answer){ .action = rest->action };
        }
        qsort(answers.items, answers.n, sizeof(*answers.items), compare_answers);
        r = write_text(arena, &answers);
        if (r == 0)
                *ret_answers = answers;
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: every rule over a file, in every view that it asks for. */
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "lint/view.h"

bool lint_wants(const struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_lint_options *o = lint->options;

        return o->wants ? o->wants(o->data, rule) : !rule->opt_in;
}

/* What the file could be read as; a policy that could not be is nothing. */
static unsigned kinds_of(const struct sc_lint_file *file)
{
        unsigned kinds = file->policy                                    ? SC_LINT_POLICIES :
                         file->root && file->kind != SC_FILE_POLICY ? SC_LINT_PROFILES :
                                                                      0;

        return kinds && file->kind == SC_FILE_CONFIG ? kinds | SC_LINT_CONFIGS : kinds;
}

static bool wanted(const struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return rule->find && rule->kinds & kinds_of(lint->file) && lint_wants(lint, rule);
}

/* What the readers said. */
static void take_said(struct sc_lint *lint)
{
        size_t n = 0;
        const struct sc_diag *const *all = lint->file->said ? sc_diags_all(lint->file->said, &n) : NULL;

        for (size_t i = 0; i < n; i++)
                lint_take(lint, all[i]);
        for (int severity = SC_ERROR; lint->file->said && severity <= SC_NOTE; severity++)
                lint->more += sc_diags_count(lint->file->said, (enum sc_severity)severity);
        lint->more -= n;
}

static bool has_view(const struct sc_lint_rule *rule, const struct sc_lint_view *view)
{
        return rule->asks == SC_LINT_PLAN || (rule->asks == SC_LINT_NODE && view->decided);
}

static int run_views(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_lint_view *views, size_t n)
{
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++) {
                lint->view = &views[i];
                if (has_view(rule, lint->view))
                        r = rule->find(lint, rule);
        }
        lint->view = NULL;
        return r;
}

static int run_rules(struct sc_lint *lint, const struct sc_lint_view *views, size_t n)
{
        int r = 0;

        for (size_t i = 0; i < sc_lint_rule_count() && r == 0; i++) {
                const struct sc_lint_rule *rule = sc_lint_rule_at(i);

                if (!wanted(lint, rule))
                        continue;
                r = rule->asks == SC_LINT_TEXT ? rule->find(lint, rule) : run_views(lint, rule, views, n);
        }
        return r;
}

static int compare_findings(const void *a, const void *b)
{
        const struct sc_lint_finding *x = a, *y = b;
        size_t p = x->diag.n_places ? x->diag.places[0].offset : 0, q = y->diag.n_places ? y->diag.places[0].offset : 0;

        if (p != q)
                return p < q ? -1 : 1;
        if (x->diag.rule != y->diag.rule) {
                int order = strcmp(x->diag.rule, y->diag.rule);

                if (order)
                        return order;
        }
        return strcmp(x->diag.message, y->diag.message);
}

static int finish(struct sc_lint *lint, const struct sc_lint_view *views, size_t n_views,
                  struct sc_lint_report *ret_report)
{
        struct sc_lint_finding *items = sc_arena_array(lint->arena, lint->n, sizeof(*items));

        if (lint->failed || (!items && lint->n))
                return -ENOMEM;
        if (lint->n) {
                memcpy(items, lint->items, lint->n * sizeof(*items));
                qsort(items, lint->n, sizeof(*items), compare_findings);
        }
        *ret_report = (struct sc_lint_report){
                .items = items, .n = lint->n, .more = lint->more, .ignored = lint->ignored, .views = views,
                .n_views = n_views };
        return 0;
}

int sc_lint_run(struct sc_arena *arena, const struct sc_lint_file *file, const struct sc_lint_options *options,
                struct sc_decisions *d, struct sc_lint_report *ret_report)
{
        struct sc_lint lint = { .arena = arena, .file = file, .options = options, .d = d };
        struct sc_lint_view *views = NULL;
        size_t n = 0;
        int r;

        take_said(&lint);
        r = view_make_all(&lint, &views, &n);
        lint.views = views;
        lint.n_views = r == 0 ? n : 0;
        if (r == 0)
                r = run_rules(&lint, views, n);
        if (r == 0)
                r = lint_apply_ignores(&lint);
        if (r == 0)
                r = sc_decisions_error(d);
        if (r == 0)
                r = finish(&lint, views, n, ret_report);
        free(lint.items);
        free(lint.slots);
        return r;
}

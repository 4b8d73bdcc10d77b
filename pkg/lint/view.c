/* SPDX-License-Identifier: Apache-2.0 */
/* A file through each consumer on each machine; a policy by itself. */
#include "lint/view.h"

#include <string.h>

#include "base/util.h"

static const struct sc_scmptable *table_for(const struct sc_lint *lint, const struct sc_consumer *consumer)
{
        const char *name = consumer->scmptable;

        return lint->options->table ? lint->options->table : sc_scmptable_find(name, strlen(name));
}

/* A consumer's complaints become findings of the rules that are called as they are. */
static void take_refusals(struct sc_lint *lint, const struct sc_diags *diags)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n; i++)
                lint_take(lint, all[i]);
}

static int keep_outcome(struct sc_lint *lint, const struct sc_outcome *outcome, struct sc_lint_view *view)
{
        struct sock_filter *insns = sc_arena_array(lint->arena, outcome->program.len, sizeof(*insns));

        if (!insns && outcome->program.len)
                return -ENOMEM;
        if (outcome->program.len)
                memcpy(insns, outcome->program.insns, outcome->program.len * sizeof(*insns));
        view->program = outcome->program;
        view->program.insns = insns;
        view->instructions = outcome->program.len;
        view->modelled = outcome->modelled;
        view->n_modelled = outcome->n_modelled;
        view->node = outcome->node;
        view->decided = !outcome->unfiltered;
        return 0;
}

static int decide(struct sc_lint *lint, struct sc_diags *diags, struct sc_lint_view *view)
{
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        int r = sc_consumer_decide(lint->arena, &view->target, lint->file->profile, lint->options->compiler, lint->d,
                                   diags, &outcome);

        return r ? r : keep_outcome(lint, &outcome, view);
}

static int view_profile(struct sc_lint *lint, struct sc_lint_view *view)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        int r;

        if (!diags)
                return -ENOMEM;
        r = sc_consumer_plan(lint->arena, &view->target, lint->file->profile, diags, &view->plan);
        if (r == 0) {
                view->planned = true;
                memcpy(view->abis, view->plan.abis, sizeof(view->abis));
                view->n_abis = view->plan.n_abis;
        }
        if (r == 0 && !view->plan.unfiltered)
                r = decide(lint, diags, view);
        lint->view = view;
        take_refusals(lint, diags);
        lint->view = NULL;
        return r == -EBADMSG ? 0 : r;
}

/* A policy answers by itself; ABIs of other machines are not in the view. */
static int view_policy(struct sc_lint *lint, struct sc_lint_view *view)
{
        const struct sc_policy *policy = lint->file->policy;
        struct sc_decisions *d = lint->d;

        for (size_t i = 0; i < policy->n_abis; i++)
                if (sc_abi_in_family(policy->abis[i], view->target.native))
                        view->abis[view->n_abis++] = policy->abis[i];
        view->node = sc_policy_decision_on(policy, d, view->abis, view->n_abis, view->target.caps,
                                           view->target.kernel);
        view->decided = view->n_abis > 0;
        return sc_decisions_error(d);
}

int view_make_all(struct sc_lint *lint, struct sc_lint_view **ret_views, size_t *ret_n)
{
        const struct sc_lint_options *o = lint->options;
        bool policy = lint->file->policy;
        size_t n_consumers = policy ? 1 : lint->file->profile ? o->n_consumers : 0, n = 0;
        struct sc_lint_view *views = sc_arena_array(lint->arena, n_consumers * o->n_machines, sizeof(*views));
        int r = views || !n_consumers ? 0 : -ENOMEM;

        for (size_t c = 0; c < n_consumers && r == 0; c++)
                for (size_t m = 0; m < o->n_machines && r == 0; m++) {
                        struct sc_lint_view *view = &views[n++];

                        view->target = (struct sc_target){ .native = o->machines[m], .caps = o->caps,
                                                           .kernel = o->min_kernel };
                        if (!policy) {
                                view->target.consumer = o->consumers[c];
                                view->target.table = table_for(lint, o->consumers[c]);
                        }
                        r = policy ? view_policy(lint, view) : view_profile(lint, view);
                }
        *ret_views = views;
        *ret_n = n;
        return r;
}

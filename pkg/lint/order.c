/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that the default or other rules make idle, as libseccomp orders them. */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "lint/internal.h"

/* The name of a call in the profile's rule that became `at` of the plan. */
static const struct sc_profile_rule *rule_of(const struct sc_lint *lint, size_t at)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; i < p->syscalls.n; i++)
                if (p->syscalls.items[i].place.offset == lint->view->plan.places[at].offset)
                        return &p->syscalls.items[i];
        return NULL;
}

static struct sc_place name_place(const struct sc_lint *lint, size_t at)
{
        const struct sc_profile_rule *r = rule_of(lint, at);
        const char *name = lint->view->plan.filter.rules[at].name;

        for (size_t i = 0; r && i < r->names.n; i++)
                if (!strcmp(r->names.items[i].text, name))
                        return r->names.items[i].place;
        return lint->view->plan.places[at];
}

/* Another rule of the profile that decides about a call of this rule in another way. */
static const struct sc_profile_rule *excepted(const struct sc_lint *lint, const struct sc_profile_rule *r,
                                              const char **ret_name)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; i < p->syscalls.n; i++) {
                const struct sc_profile_rule *other = &p->syscalls.items[i];

                if (other == r || !other->action.text || !strcmp(other->action.text, r->action.text))
                        continue;
                for (size_t k = 0; k < r->names.n; k++)
                        for (size_t j = 0; j < other->names.n; j++)
                                if (!strcmp(other->names.items[j].text, r->names.items[k].text)) {
                                        *ret_name = r->names.items[k].text;
                                        return other;
                                }
        }
        return NULL;
}

static void check_default(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        const struct sc_profile_rule *other;
        struct sc_lint_finding *f;
        const char *name = NULL;

        other = excepted(lint, r, &name);
        if (!other) {
                f = lint_add(lint, rule, r->place, "this rule repeats the default: runtimes skip it");
                lint_severity(f, SC_NOTE);
                return;
        }
        f = lint_add(lint, rule, r->place,
                     "this rule repeats the default, so runtimes skip it: '%s' is decided by the other rule alone",
                     name);
        lint_place(f, other->place);
        lint_hint(lint, f, "give it another errno than the default's, or put its condition into the other rule");
}

int lint_rule_as_default(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;
        SC_CLEANUP(sc_diags_freep) struct sc_diags *quiet = sc_diags_new();

        if (!quiet)
                return -ENOMEM;
        for (size_t i = 0; lint->view->planned && !lint->view->plan.unfiltered && i < p->syscalls.n; i++) {
                uint32_t action;

                if (p->syscalls.items[i].action.text &&
                    sc_consumer_action(&lint->view->target, p, &p->syscalls.items[i], quiet, &action) == 0 &&
                    action == lint->view->plan.filter.default_action)
                        check_default(lint, rule, &p->syscalls.items[i]);
        }
        return 0;
}

typedef void pair_check(struct sc_lint *lint, const struct sc_lint_rule *rule, size_t idle, size_t wins);

/* Calls `check` with each rule of the plan that another one, without conditions, decides for it. */
static int each_idle(struct sc_lint *lint, const struct sc_lint_rule *rule, pair_check *check)
{
        const struct sc_scmp_filter *filter = &lint->view->plan.filter;
        size_t *first = sc_arena_array(lint->arena, sc_syscall_count(), sizeof(*first)); /* plain rule of a call, + 1 */

        if (!first)
                return -ENOMEM;
        for (size_t i = filter->n_rules; i-- > 0;)
                if (filter->rules[i].n_args == 0)
                        first[sc_syscall_find(filter->rules[i].name, strlen(filter->rules[i].name))] = i + 1;
        for (size_t i = 0; i < filter->n_rules; i++) {
                size_t wins = first[sc_syscall_find(filter->rules[i].name, strlen(filter->rules[i].name))];

                if (wins && wins - 1 != i)
                        check(lint, rule, i, wins - 1);
        }
        return 0;
}

static void check_overruled(struct sc_lint *lint, const struct sc_lint_rule *rule, size_t idle, size_t wins)
{
        const struct sc_scmp_rule *rules = lint->view->plan.filter.rules;
        struct sc_lint_finding *f;

        if (rules[idle].action == rules[wins].action)
                return;
        f = lint_add(lint, rule, name_place(lint, idle),
                     rules[idle].n_args ? "'%s' has a rule without conditions elsewhere, which wins wherever it "
                                          "stands: this one never counts" :
                                          "'%s' has an earlier rule without conditions, and the first wins: this one "
                                          "never counts",
                     rules[idle].name);
        lint_place(f, name_place(lint, wins));
}

int lint_overruled_rule(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return lint->view->planned ? each_idle(lint, rule, check_overruled) : 0;
}

static void check_repeated(struct sc_lint *lint, const struct sc_lint_rule *rule, size_t idle, size_t wins)
{
        const struct sc_scmp_rule *rules = lint->view->plan.filter.rules;
        struct sc_place place = name_place(lint, idle);
        const struct sc_profile_rule *r = rule_of(lint, idle);
        struct sc_lint_finding *f;

        if (rules[idle].action != rules[wins].action || rule_of(lint, wins) == r)
                return;
        f = lint_add(lint, rule, place,
                     "'%s' gets the same answer from another rule, for all arguments: this adds nothing",
                     rules[idle].name);
        lint_place(f, name_place(lint, wins));
        if (f && r && r->names.n > 1 && !r->includes.has && !r->excludes.has)
                lint_edit_remove(lint, f, lint_value_at(lint, r->names.place), lint_value_at(lint, place));
}

int lint_repeated_rule(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return lint->view->planned ? each_idle(lint, rule, check_repeated) : 0;
}

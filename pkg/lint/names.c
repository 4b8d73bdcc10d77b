/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the names of calls. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/typo.h"
#include "lint/internal.h"

/* Equal names side by side, in their order. */
static int by_text(const void *a, const void *b)
{
        const struct sc_profile_string *const *x = a, *const *y = b;
        int order = strcmp((*x)->text, (*y)->text);

        return order ? order : (*x > *y) - (*x < *y);
}

/* For each name, the one before it that is the same, or NULL. NULL when out of memory. */
static const struct sc_profile_string **find_earlier(struct sc_lint *lint, const struct sc_profile_list *names)
{
        const struct sc_profile_string **earlier = sc_arena_array(lint->arena, names->n + 1, sizeof(*earlier));
        SC_CLEANUP(sc_freep) void *memory = calloc(names->n + 1, sizeof(*earlier));
        const struct sc_profile_string **sorted = memory;

        if (!earlier || !sorted)
                return NULL;
        for (size_t i = 0; i < names->n; i++)
                sorted[i] = &names->items[i];
        qsort((void *)sorted, names->n, sizeof(*sorted), by_text);
        for (size_t i = 1; i < names->n; i++)
                if (!strcmp(sorted[i - 1]->text, sorted[i]->text))
                        earlier[sorted[i] - names->items] = sorted[i - 1];
        return earlier;
}

static void check_names(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_list *names)
{
        const struct sc_profile_string **earlier = find_earlier(lint, names);

        lint->failed |= !earlier;
        for (size_t i = 0; earlier && i < names->n; i++) {
                const struct sc_profile_string *name = &names->items[i];
                const struct sc_json *list;
                struct sc_lint_finding *f;

                if (!earlier[i])
                        continue;
                f = lint_add(lint, rule, name->place, "'%s' stands in this rule already", name->text);
                lint_place(f, earlier[i]->place);
                list = f ? lint_value_at(lint, names->place) : NULL;
                if (list)
                        lint_edit_remove(lint, f, list, lint_value_at(lint, name->place));
        }
}

int lint_duplicate_name(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++)
                check_names(lint, rule, &p->syscalls.items[i].names);
        return 0;
}

/* Calls `check` for each name in each rule. */
static void each_name(struct sc_lint *lint, const struct sc_lint_rule *rule,
                      void (*check)(struct sc_lint *lint, const struct sc_lint_rule *rule,
                                    const struct sc_profile_rule *r, const struct sc_profile_string *name))
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++) {
                const struct sc_profile_rule *r = &p->syscalls.items[i];

                if (r->name.text && *r->name.text)
                        check(lint, rule, r, &r->name);
                for (size_t k = 0; k < r->names.n; k++)
                        check(lint, rule, r, &r->names.items[k]);
        }
}

/* A rule that is not there leaves the call to the default: worse if that allows what the rule denies. */
static bool leaves_open(const struct sc_lint *lint, const struct sc_profile_rule *r)
{
        uint32_t action = 0, def = 0;

        if (!r->action.text || !lint->file->profile->default_action.text ||
            sc_profile_action_value(r->action.text, &action) < 0 ||
            sc_profile_action_value(lint->file->profile->default_action.text, &def) < 0)
                return false;
        return sc_compare_relate(def, action) == SC_RELATION_LOOSER;
}

static void check_known(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r,
                        const struct sc_profile_string *name)
{
        struct sc_typo typo = sc_typo_begin(name->text, strlen(name->text));
        struct sc_lint_finding *f;

        if (sc_syscall_find(name->text, strlen(name->text)) >= 0)
                return;
        f = lint_add(lint, rule, name->place, "no system call is named '%s': runtimes skip it", name->text);
        if (!f) /* counted only */
                return;
        if (leaves_open(lint, r))
                lint_severity(f, SC_ERROR);
        for (size_t i = 0; i < sc_syscall_count(); i++)
                sc_typo_offer(&typo, sc_syscall_name((int)i));
        if (typo.best)
                lint_hint(lint, f, "did you mean '%s'?", typo.best);
}

int lint_unknown_syscall(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        each_name(lint, rule, check_known);
        return 0;
}

static void check_abi(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_string *name,
                      const struct sc_abi *const *abis, size_t n)
{
        int call = sc_syscall_find(name->text, strlen(name->text));

        if (call < 0)
                return;
        for (size_t i = 0; i < n; i++)
                if (lint_has_call(abis[i], call))
                        return;
        lint_add(lint, rule, name->place, "no ABI that this rule is for has the call '%s'", name->text);
}

int lint_call_of_another_abi(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++) {
                const struct sc_profile_rule *r = &p->syscalls.items[i];
                const struct sc_abi *abis[SC_ABI_MAX];
                size_t n = lint_rule_abis(p, r, abis);

                if (n && r->name.text && *r->name.text)
                        check_abi(lint, rule, &r->name, abis, n);
                for (size_t k = 0; n && k < r->names.n; k++)
                        check_abi(lint, rule, &r->names.items[k], abis, n);
        }
        return 0;
}

/* True if the filter can have the call and the kernel asks it: what libseccomp does not know is missed there. */
static bool counts(const struct sc_lint *lint, int call)
{
        uint32_t nr;

        for (size_t i = 0; i < lint->view->n_abis; i++)
                if (sc_syscall_number(call, lint->view->abis[i], &nr) &&
                    !sc_syscall_is_unfiltered(lint->view->abis[i], nr))
                        return true;
        return false;
}

/* The names of one rule that a libseccomp does not have, in one finding: an older one lacks many. */
static void check_table(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        const struct sc_scmptable *table = lint->view->target.table;
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf names = SC_STRBUF_INIT;
        const struct sc_profile_string *first = NULL;
        struct sc_lint_finding *f;

        for (size_t i = 0; i < r->names.n; i++) {
                const char *name = r->names.items[i].text;
                int call = sc_syscall_find(name, strlen(name));

                if (call < 0 || sc_scmptable_knows(table, call) || !counts(lint, call))
                        continue;
                sc_strbuf_printf(&names, "%s%s", first ? ", " : "", name);
                first = first ? first : &r->names.items[i];
        }
        lint->failed |= names.failed;
        if (!first || names.failed)
                return;
        f = lint_add(lint, rule, first->place, "libseccomp %s has no name for %s: this rule says nothing about %s",
                     sc_scmptable_name(table), names.text, strchr(names.text, ',') ? "them" : "it");
        if (!leaves_open(lint, r))
                return;
        lint_severity(f, SC_ERROR);
        lint_hint(lint, f, "the default lets them through; deny by default instead");
}

int lint_unnamed_by_libseccomp(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && lint->view->planned && i < p->syscalls.n; i++)
                check_table(lint, rule, &p->syscalls.items[i]);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the names of calls. */
#include <string.h>

#include "base/strbuf.h"
#include "base/typo.h"
#include "lint/internal.h"

static void check_names(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_list *names)
{
        const struct sc_json *list = lint_value_at(lint, names->place);

        for (size_t i = 1; i < names->n; i++)
                for (size_t k = 0; k < i; k++) {
                        const struct sc_profile_string *name = &names->items[i];
                        struct sc_lint_finding *f;

                        if (strcmp(name->text, names->items[k].text) != 0)
                                continue;
                        f = lint_add(lint, rule, name->place, "'%s' stands in this rule already", name->text);
                        lint_place(f, names->items[k].place);
                        if (f && list)
                                lint_edit_remove(lint, f, list, lint_value_at(lint, name->place));
                        break;
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
        for (size_t i = 0; i < sc_syscall_count(); i++)
                sc_typo_offer(&typo, sc_syscall_name((int)i));
        f = lint_add(lint, rule, name->place, "no system call is named '%s': runtimes skip it", name->text);
        if (leaves_open(lint, r))
                lint_severity(f, SC_ERROR);
        if (typo.best)
                lint_hint(lint, f, "did you mean '%s'?", typo.best);
}

int lint_unknown_syscall(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        each_name(lint, rule, check_known);
        return 0;
}

static void check_abi(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r,
                      const struct sc_profile_string *name)
{
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n = lint_rule_abis(lint->file->profile, r, abis);
        int call = sc_syscall_find(name->text, strlen(name->text));
        uint32_t nr;

        if (n == 0 || call < 0)
                return;
        for (size_t i = 0; i < n; i++)
                if (sc_syscall_number(call, abis[i], &nr))
                        return;
        lint_add(lint, rule, name->place, "no ABI of this profile has the call '%s'", name->text);
}

int lint_call_of_another_abi(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        each_name(lint, rule, check_abi);
        return 0;
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

                if (call < 0 || sc_scmptable_knows(table, call))
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

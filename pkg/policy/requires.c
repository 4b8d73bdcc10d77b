/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy requires of its container: "noNewPrivileges", "CAP_X", "!CAP_X", and any of them "when CALL". */
#include <errno.h>
#include <string.h>

#include "base/typo.h"
#include "policy/internal.h"

#define WHEN " when "
#define CAP_PREFIX "CAP_"

/* A part of the text of one requirement. */
struct part {
        const char *text;
        size_t len;
};

static bool is_word(struct part part, const char *word)
{
        return part.len == strlen(word) && !memcmp(part.text, word, part.len);
}

static bool has_prefix(struct part part)
{
        return part.len > strlen(CAP_PREFIX) && !memcmp(part.text, CAP_PREFIX, strlen(CAP_PREFIX));
}

static int report(struct policy_loader *l, const struct sc_json *element, struct part name, bool absent)
{
        int cap = sc_cap_find(name.text, name.len);
        struct sc_diag *diag;

        if (has_prefix(name)) {
                policy_report_cap(l, element->place, name.text, name.len);
                return -EBADMSG;
        }
        diag = sc_diags_add(l->diags, SC_ERROR, "bad-requirement", element->place, "'%s' is no requirement",
                            element->text);
        if (cap >= 0)
                sc_diag_hint(diag, "did you mean '%s%s'?", absent ? "!" : "", sc_cap_name((unsigned)cap));
        else
                sc_diag_hint(diag, "one of noNewPrivileges, CAP_NAME, !CAP_NAME, and then, if wanted, 'when CALL'");
        return -EBADMSG;
}

/* What must hold, without its "when". */
static int parse_what(struct policy_loader *l, const struct sc_json *element, struct part what,
                      struct sc_requirement *requirement)
{
        bool absent = what.len && what.text[0] == '!';
        struct part name = { what.text + absent, what.len - absent };
        int cap = sc_cap_find(name.text, name.len);

        if (is_word(what, "noNewPrivileges")) {
                requirement->kind = SC_REQUIRE_NO_NEW_PRIVILEGES;
                return 0;
        }
        if (cap < 0 || !has_prefix(name))
                return report(l, element, name, absent);
        requirement->kind = absent ? SC_REQUIRE_NO_CAP : SC_REQUIRE_CAP;
        requirement->cap = (unsigned)cap;
        return 0;
}

static int parse_call(struct policy_loader *l, const struct sc_json *element, struct part name, int *ret_call)
{
        int call = sc_syscall_find(name.text, name.len);
        struct sc_typo typo;
        struct sc_diag *diag;

        if (call >= 0) {
                *ret_call = call;
                return 0;
        }
        diag = sc_diags_add(l->diags, SC_ERROR, "unknown-syscall", element->place, "no system call named '%.*s'",
                            (int)name.len, name.text);
        typo = sc_typo_begin(name.text, name.len);
        for (size_t i = 0; i < sc_syscall_count(); i++)
                sc_typo_offer(&typo, sc_syscall_name((int)i));
        if (name.len && name.text[0] == '@')
                sc_diag_hint(diag, "one call, not a group, stands behind 'when'");
        else if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "'seccompose list syscalls' lists them");
        return -EBADMSG;
}

static int parse_one(struct policy_loader *l, const struct sc_json *element, struct sc_requirement *ret_requirement)
{
        struct sc_requirement requirement = { .call = -1, .text = element->text, .place = element->place };
        const char *when = memmem(element->text, element->len, WHEN, strlen(WHEN));
        struct part what = { element->text, when ? (size_t)(when - element->text) : element->len };
        int r = parse_what(l, element, what, &requirement);

        if (r == 0 && when) {
                struct part call = { when + strlen(WHEN), element->len - what.len - strlen(WHEN) };

                r = parse_call(l, element, call, &requirement.call);
        }
        if (r == 0)
                *ret_requirement = requirement;
        return r;
}

int policy_requires_parse(struct policy_loader *l, struct policy_file *file, const struct sc_json *array)
{
        struct sc_requirement *all = sc_arena_array(l->arena, array->count + 1, sizeof(*all));
        size_t n = 0;

        if (!all)
                return -ENOMEM;
        for (const struct sc_json *e = array->first; e; e = e->next) {
                bool known = false;

                if (e->type != SC_JSON_STRING) {
                        sc_diags_add(l->diags, SC_ERROR, "bad-type", e->place,
                                     "'requires' must be a string, not %s", sc_json_type_name(e->type));
                        continue;
                }
                if (parse_one(l, e, &all[n]) < 0)
                        continue;
                for (size_t i = 0; i < n; i++)
                        known |= !strcmp(all[i].text, all[n].text);
                n += !known;
        }
        file->own.requirements = all;
        file->own.n_requirements = n;
        return 0;
}

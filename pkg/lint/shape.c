/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the form of the file. */
#include <errno.h>
#include <string.h>

#include "base/typo.h"
#include "lint/internal.h"

/* Where a profile belongs; NULL if nothing stands there. A config.json without any has said nothing. */
static const struct sc_json *profile_value(const struct sc_lint_file *file)
{
        return file->kind == SC_FILE_CONFIG ? sc_json_get(sc_json_get(file->root, "linux"), "seccomp") : file->root;
}

/* A null where a profile belongs. */
static const struct sc_json *find_null(const struct sc_lint_file *file)
{
        const struct sc_json *value = profile_value(file);

        return !file->profile && value && value->type == SC_JSON_NULL ? value : NULL;
}

/* What to do about no filter: who wrote a policy into a bundle knows what is to be in force. */
static const char *filter_hint(const struct sc_lint_file *file)
{
        const struct sc_json *value = profile_value(file);

        if (file->kind == SC_FILE_CONFIG && value && sc_profile_guess(value) == SC_FILE_POLICY)
                return "this is a policy, which no runtime reads: keep it in a file of its own, and let 'seccompose "
                       "patch BUNDLE --policy FILE' put here what is built of it";
        return "write a \"defaultAction\", and rules";
}

int lint_no_filter(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const char *hint = filter_hint(lint->file);
        const struct sc_json *null = find_null(lint->file);

        if (null)
                lint_hint(lint, lint_add(lint, rule, null->place, "null is no filter: every call is allowed"), "%s",
                          hint);
        for (size_t i = 0; i < lint->n_views; i++) {
                lint->view = &lint->views[i];
                if (lint->view->planned && lint->view->plan.unfiltered)
                        lint_hint(lint,
                                  lint_add(lint, rule, lint_whole(lint),
                                           "this consumer takes it for no filter: every call is allowed"),
                                  "%s", hint);
        }
        lint->view = NULL;
        return 0;
}

/*
 * Engines skip the keys that they do not know, and so find nothing to filter in a policy; a comment, which is no JSON,
 * makes them refuse it (docs/consumers.md, "a policy of seccompose").
 */
int lint_policy_as_profile(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *unheard = sc_diags_new();
        const struct sc_source *source = lint->file->source;
        const struct sc_json *value;
        int r;

        if (!unheard)
                return -ENOMEM;
        r = source->text ? sc_json_parse(lint->arena, source, SC_JSON_KEEP_DUPLICATES, unheard, &value) : -EBADMSG;
        if (r == 0)
                lint_hint(lint,
                          lint_add(lint, rule, value->place,
                                   "an engine that is given this policy takes it for an empty profile, and starts the "
                                   "container without a filter"),
                          "begin it with a comment, // what it is for: engines then refuse it");
        return r == -ENOMEM ? r : 0;
}

typedef void rule_check(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r);

static int each_rule(struct sc_lint *lint, const struct sc_lint_rule *rule, rule_check *check)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; p && i < p->syscalls.n; i++)
                check(lint, rule, &p->syscalls.items[i]);
        return 0;
}

static bool has_name(const struct sc_profile_rule *r)
{
        return r->name.text && *r->name.text;
}

/* Moves the one name to the others, if it is not among them. */
static void join_names(struct sc_lint *lint, struct sc_lint_finding *f, const struct sc_profile_rule *r)
{
        const struct sc_json *object = lint_value_at(lint, r->place), *member = sc_json_get(object, "name");
        const struct sc_place *first = &r->names.items[0].place;
        const char *text;

        if (!member)
                return;
        lint_edit_remove(lint, f, object, member);
        for (size_t i = 0; i < r->names.n; i++)
                if (!strcmp(r->names.items[i].text, r->name.text))
                        return;
        text = sc_arena_printf(lint->arena, "%.*s, ", (int)member->place.length,
                               member->place.source->text + member->place.offset);
        lint->failed |= !text;
        if (text)
                lint_edit(lint, f, (struct sc_place){ .source = first->source, .offset = first->offset }, text);
}

static void check_both(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        struct sc_lint_finding *f;

        if (!has_name(r) || !r->names.n)
                return;
        f = lint_add(lint, rule, r->name.place,
                     "\"name\" and \"names\" in one rule: docker and podman refuse the profile");
        lint_place(f, r->names.place);
        lint_hint(lint, f, "put the name into \"names\"");
        if (f)
                join_names(lint, f, r);
}

int lint_name_and_names(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_rule(lint, rule, check_both);
}

static void check_nameless(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        if (!has_name(r) && !r->names.n)
                lint_add(lint, rule, r->place, "this rule names no call");
}

int lint_nameless_rule(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_rule(lint, rule, check_nameless);
}

static void check_legacy(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        const struct sc_json *object = lint_value_at(lint, r->place), *member;
        struct sc_lint_finding *f;
        char *text;

        if (!has_name(r) || r->names.n)
                return;
        f = lint_add(lint, rule, r->name.place,
                     "\"name\" is Docker's older form: every consumer but docker and podman takes the rule for one "
                     "without calls, or refuses it");
        lint_hint(lint, f, "write \"names\": [\"%s\"]", r->name.text);
        member = f ? sc_json_get(object, "name") : NULL;
        if (!member || sc_json_get(object, "names"))
                return;
        text = sc_arena_printf(lint->arena, "[%.*s]", (int)member->place.length,
                               member->place.source->text + member->place.offset);
        lint->failed |= !text;
        lint_edit(lint, f, member->key->place, "\"names\"");
        lint_edit(lint, f, member->place, text ? text : "[]");
}

int lint_legacy_name(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_rule(lint, rule, check_legacy);
}

int lint_two_arch_lists(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;
        struct sc_lint_finding *f;

        if (!p || !p->architectures.n || !p->arch_map.n)
                return 0;
        f = lint_add(lint, rule, p->architectures.place,
                     "\"architectures\" and \"archMap\" in one profile: docker and podman refuse it, others read the "
                     "first");
        lint_place(f, p->arch_map.items[0].place);
        return 0;
}

int lint_no_architectures(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        if (p && p->default_action.text && !p->architectures.n && !p->arch_map.n)
                lint_hint(lint,
                          lint_add(lint, rule, lint_whole(lint),
                                   "no ABIs are listed: the machine's own alone is filtered, and programs of every "
                                   "other are killed"),
                          "list them, be it the machine's own alone");
        return 0;
}

/*
 * Why a consumer of plain OCI profiles does something else with a rule than its writer meant; NULL if it does not.
 * Capabilities are worse: rules by ABI mostly name calls that other machines do not have.
 */
static const char *ignored_part(const struct sc_profile_rule *r, enum sc_severity *ret_severity)
{
        *ret_severity = r->includes.caps.n || r->excludes.caps.n ? SC_ERROR : SC_WARNING;
        if (r->includes.caps.n)
                return "\"includes.caps\": the rule applies without the capability";
        if (r->excludes.caps.n)
                return "\"excludes.caps\": the rule applies with the capability, too";
        if (r->includes.arches.n || r->excludes.arches.n)
                return "\"includes.arches\" and \"excludes.arches\": the rule applies on every machine";
        if (r->includes.min_kernel.text || r->excludes.min_kernel.text)
                return "\"minKernel\": the rule applies on every kernel";
        return NULL;
}

static void check_ignored(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        const struct sc_consumer *consumer = lint->view->target.consumer;
        enum sc_severity severity;
        const char *part = ignored_part(r, &severity);
        struct sc_lint_finding *f;

        if (!part || consumer->docker_format)
                return;
        f = lint_add(lint, rule, r->includes.has ? r->includes.place : r->excludes.place,
                     "this consumer does not read %s", part);
        lint_severity(f, severity);
        lint_hint(lint, f,
                  "resolve it for its containers: 'seccompose merge --union FILE --for %s --caps CAP,… --kernel X.Y'",
                  consumer->name);
}

int lint_docker_fields_ignored(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_rule(lint, rule, check_ignored);
}

int lint_archmap_ignored(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        if (p->arch_map.n && !lint->view->target.consumer->docker_format)
                lint_hint(lint,
                          lint_add(lint, rule, p->arch_map.items[0].place,
                                   "this consumer does not read \"archMap\": the machine's own ABI alone is filtered, "
                                   "and programs of every other are killed"),
                          "write \"architectures\"");
        return 0;
}

static void check_kernel(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        const struct sc_profile_string *in = &r->includes.min_kernel, *out = &r->excludes.min_kernel;

        if (lint->view->target.consumer->ignores_min_kernel && (in->text || out->text))
                lint_add(lint, rule, in->text ? in->place : out->place,
                         "this consumer does not read \"minKernel\": the rule applies on every kernel");
}

int lint_min_kernel_ignored(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_rule(lint, rule, check_kernel);
}

/* An errno with another action is idle, read or not. */
static bool returns_errno(const struct sc_profile_string *action)
{
        return action->text && !strcmp(action->text, "SCMP_ACT_ERRNO");
}

static void check_errno_name(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        if (r->errno_name.text && !r->errno_ret.has && returns_errno(&r->action) &&
            strcmp(r->errno_name.text, "EPERM") != 0)
                lint_hint(lint,
                          lint_add(lint, rule, r->errno_name.place,
                                   "this consumer does not read \"errno\": the answer is EPERM"),
                          "write \"errnoRet\" with the number");
}

int lint_errno_name_ignored(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        if (lint->view->target.consumer->reads_errno_names)
                return 0;
        if (p->default_errno.text && !p->default_errno_ret.has && returns_errno(&p->default_action) &&
            strcmp(p->default_errno.text, "EPERM") != 0)
                lint_hint(lint,
                          lint_add(lint, rule, p->default_errno.place,
                                   "this consumer does not read \"defaultErrno\": the answer is EPERM"),
                          "write \"defaultErrnoRet\" with the number");
        return each_rule(lint, rule, check_errno_name);
}

/* True if a rule says the default's errno itself: then its writer knows who does not read it. */
static bool says_itself(const struct sc_profile *p)
{
        for (size_t i = 0; i < p->syscalls.n; i++) {
                const struct sc_profile_rule *r = &p->syscalls.items[i];

                if (returns_errno(&r->action) && r->errno_ret.has &&
                    r->errno_ret.value == p->default_errno_ret.value)
                        return true;
        }
        return false;
}

int lint_default_errno_ignored(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;
        struct sc_lint_finding *f;

        if (lint->view->target.consumer->reads_default_errno || !p->default_errno_ret.has ||
            p->default_errno_ret.value == EPERM || !returns_errno(&p->default_action))
                return 0;
        f = lint_add(lint, rule, p->default_errno_ret.place,
                     "this consumer does not read \"defaultErrnoRet\": the answer is EPERM");
        if (says_itself(p))
                lint_severity(f, SC_NOTE);
        else
                lint_hint(lint, f, "name the calls that are to get errno %llu in a rule of their own",
                          (unsigned long long)p->default_errno_ret.value);
        return 0;
}

int lint_flags_ignored(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        if (!lint->view->target.consumer->reads_flags && p->flags.n)
                lint_add(lint, rule, p->flags.place, "this consumer drops \"flags\"");
        return 0;
}

static void edit_string(struct sc_lint *lint, struct sc_lint_finding *f, struct sc_place place, const char *text)
{
        const char *quoted = sc_arena_printf(lint->arena, "\"%s\"", text);

        lint->failed |= !quoted;
        if (quoted)
                lint_edit(lint, f, place, quoted);
}

static void check_caps(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_list *caps)
{
        for (size_t i = 0; i < caps->n; i++) {
                const char *name = caps->items[i].text;
                struct sc_typo typo = sc_typo_begin(name, strlen(name));
                struct sc_lint_finding *f;
                int cap = sc_cap_find(name, strlen(name));

                if (cap >= 0 && !strcmp(name, sc_cap_name((unsigned)cap)))
                        continue;
                for (unsigned k = 0; k < sc_cap_count(); k++)
                        sc_typo_offer(&typo, sc_cap_name(k));
                f = lint_add(lint, rule, caps->items[i].place, "no capability is named '%s': no container ever has it",
                             name);
                if (cap >= 0 || typo.best)
                        lint_hint(lint, f, "did you mean '%s'?", cap >= 0 ? sc_cap_name((unsigned)cap) : typo.best);
                if (cap >= 0) /* its name but for the case, or without CAP_: no guess */
                        edit_string(lint, f, caps->items[i].place, sc_cap_name((unsigned)cap));
        }
}

static void check_rule_caps(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        check_caps(lint, rule, &r->includes.caps);
        check_caps(lint, rule, &r->excludes.caps);
}

int lint_unknown_capability(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return each_rule(lint, rule, check_rule_caps);
}

/* The keys that some consumer reads, by the object that has them. */
static const char *const profile_keys[] = { "defaultAction", "defaultErrnoRet", "defaultErrno", "architectures",
                                            "archMap", "flags", "listenerPath", "listenerMetadata", "syscalls",
                                            "$schema", NULL };
static const char *const rule_keys[] = { "names", "name", "action", "errnoRet", "errno", "args", "comment", "includes",
                                         "excludes", NULL };
static const char *const arg_keys[] = { "index", "value", "valueTwo", "op", NULL };
static const char *const arch_keys[] = { "architecture", "subArchitectures", NULL };
static const char *const filter_keys[] = { "arches", "caps", "minKernel", NULL };

static void check_keys(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_json *object,
                       const char *const *keys)
{
        const struct sc_json *e = object && object->type == SC_JSON_OBJECT ? object->first : NULL;

        for (; e; e = e->next) {
                struct sc_typo typo = sc_typo_begin(e->key->text, e->key->len);
                struct sc_lint_finding *f;
                size_t i = 0;

                while (keys[i] && !sc_json_is(e->key, keys[i]))
                        i++;
                if (keys[i])
                        continue;
                for (i = 0; keys[i]; i++)
                        sc_typo_offer(&typo, keys[i]);
                f = lint_add(lint, rule, e->key->place, "no consumer reads \"%s\" here", e->key->text);
                if (typo.best)
                        lint_hint(lint, f, "did you mean \"%s\"?", typo.best);
        }
}

static void check_rule_keys(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_json *object)
{
        const struct sc_json *args = sc_json_get(object, "args");

        check_keys(lint, rule, object, rule_keys);
        check_keys(lint, rule, sc_json_get(object, "includes"), filter_keys);
        check_keys(lint, rule, sc_json_get(object, "excludes"), filter_keys);
        for (const struct sc_json *arg = args ? args->first : NULL; arg; arg = arg->next)
                check_keys(lint, rule, arg, arg_keys);
}

int lint_unknown_key(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;
        const struct sc_json *root = p ? lint_value_at(lint, p->place) : NULL, *list;

        check_keys(lint, rule, root, profile_keys);
        list = sc_json_get(root, "syscalls");
        for (const struct sc_json *e = list ? list->first : NULL; e; e = e->next)
                check_rule_keys(lint, rule, e);
        list = sc_json_get(root, "archMap");
        for (const struct sc_json *e = list ? list->first : NULL; e; e = e->next)
                check_keys(lint, rule, e, arch_keys);
        return 0;
}

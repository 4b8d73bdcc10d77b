/* SPDX-License-Identifier: Apache-2.0 */
/* From a file's tree to what it says: one table of keys for the policy, one for its rules. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/typo.h"
#include "policy/internal.h"
#include "syscall/group.h"

/* True if the value has the type; else a diagnostic. `what` names it: "'rules'". */
static bool check_type(struct policy_loader *l, const struct sc_json *value, enum sc_json_type type, const char *what)
{
        if (value->type == type)
                return true;
        sc_diags_add(l->diags, SC_ERROR, "bad-type", value->place, "'%s' must be %s, not %s", what,
                     sc_json_type_name(type), sc_json_type_name(value->type));
        return false;
}

static int parse_description(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        (void)l;
        file->own.description = value->text;
        return 0;
}

static int parse_baseline(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        sc_kernel newest = sc_kernel_newest(), baseline;
        struct sc_diag *diag;

        file->own.baseline_given = true;
        if (sc_kernel_parse(value->text, value->len, &baseline) < 0) {
                diag = sc_diags_add(l->diags, SC_ERROR, "bad-kernel", value->place, "'%s' is no kernel version",
                                    value->text);
                sc_diag_hint(diag, "two numbers, such as \"6.1\"");
                return 0;
        }
        if (baseline > newest) {
                diag = sc_diags_add(l->diags, SC_ERROR, "bad-kernel", value->place,
                                    "the calls of Linux %s are not known to this version", value->text);
                sc_diag_hint(diag, "the newest known is \"%u.%u\"", SC_KERNEL_MAJOR(newest), SC_KERNEL_MINOR(newest));
                return 0;
        }
        file->own.baseline = baseline;
        return 0;
}

static int parse_default(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        policy_action_parse(l, value, "default", false, &file->own.def);
        file->own.def_place = value->place;
        return 0;
}

static int parse_fallback(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        policy_action_parse(l, value, "fallback", true, &file->own.fallback);
        file->own.fallback_place = value->place;
        return 0;
}

static int parse_newer(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        file->newer_given = policy_action_parse(l, value, "newer", false, &file->own.newer) == 0;
        file->own.newer_place = value->place;
        return 0;
}

static int parse_complain(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        (void)l;
        file->complain = !strcmp(value->text, "true");
        return 0;
}

/* A group's name begins with '@' and is not one of the built-in ones. */
static bool check_group_name(struct policy_loader *l, const struct sc_json *key)
{
        struct sc_diag *diag;

        if (key->len < 2 || key->text[0] != '@') {
                diag = sc_diags_add(l->diags, SC_ERROR, "bad-group-name", key->place, "a group's name begins with '@'");
                sc_diag_hint(diag, "write '@%s'", key->text);
                return false;
        }
        if (sc_group_find(key->text, key->len) >= 0) {
                diag = sc_diags_add(l->diags, SC_ERROR, "group-redefined", key->place, "'%s' is a built-in group",
                                    key->text);
                sc_diag_hint(diag, "give it a name of its own; a group may contain '%s'", key->text);
                return false;
        }
        return true;
}

static int parse_groups(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        file->groups = sc_arena_array(l->arena, value->count + 1, sizeof(*file->groups));
        if (!file->groups)
                return -ENOMEM;
        for (const struct sc_json *e = value->first; e; e = e->next) {
                /* one with a bad type is kept, empty, so that its name does not look unknown too */
                bool array = check_type(l, e, SC_JSON_ARRAY, e->key->text);
                struct policy_group *group = &file->groups[file->n_groups];

                if (!check_group_name(l, e->key))
                        continue;
                *group = (struct policy_group){ .name = e->key->text, .value = e, .file = file };
                if (!array)
                        group->has = sc_arena_alloc(l->arena, sc_syscall_count() + 1);
                if (!array && !group->has)
                        return -ENOMEM;
                file->n_groups++;
        }
        return policy_groups_open(l, file);
}

static int parse_optional(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        const struct sc_rule_call *calls;
        unsigned short *optional;
        size_t n;
        int r = policy_names_parse(l, file, value, true, &calls, &n);

        if (r < 0)
                return r;
        optional = sc_arena_array(l->arena, n + 1, sizeof(*optional));
        if (!optional)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                optional[i] = calls[i].call;
        file->own.optional = optional;
        file->own.n_optional = n;
        file->optional = value->place;
        return 0;
}

/* Source: config-linux.md of the runtime specification, "seccomp", flags. */
static const char *const flags[] = {
        "SECCOMP_FILTER_FLAG_TSYNC",
        "SECCOMP_FILTER_FLAG_LOG",
        "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
};

static bool check_flag(struct policy_loader *l, const struct sc_json *element)
{
        struct sc_typo typo;
        struct sc_diag *diag;

        if (!check_type(l, element, SC_JSON_STRING, "flags"))
                return false;
        typo = sc_typo_begin(element->text, element->len);
        for (size_t i = 0; i < SC_COUNT(flags); i++) {
                if (sc_json_is(element, flags[i]))
                        return true;
                sc_typo_offer(&typo, flags[i]);
        }
        diag = sc_diags_add(l->diags, SC_ERROR, "unknown-flag", element->place, "no filter flag named '%s'",
                            element->text);
        if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "one of %s, %s, %s, %s", flags[0], flags[1], flags[2], flags[3]);
        return false;
}

/* Keeps the strings of an array that pass the check, each once. */
static int parse_strings(struct policy_loader *l, const struct sc_json *array,
                         bool (*check)(struct policy_loader *l, const struct sc_json *element),
                         const char *const **ret_strings, size_t *ret_n)
{
        const char **strings = sc_arena_array(l->arena, array->count + 1, sizeof(*strings));
        size_t n = 0;

        if (!strings)
                return -ENOMEM;
        for (const struct sc_json *e = array->first; e; e = e->next) {
                bool keep = check(l, e);

                for (size_t i = 0; keep && i < n; i++)
                        keep = !sc_json_is(e, strings[i]);
                if (keep)
                        strings[n++] = e->text;
        }
        *ret_strings = strings;
        *ret_n = n;
        return 0;
}

static int parse_flags(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        return parse_strings(l, value, check_flag, &file->own.flags, &file->own.n_flags);
}

/* What a rule does with its calls. */
static const struct verb {
        const char *name;
        sc_action action;
} verbs[] = {
        { "allow", SECCOMP_RET_ALLOW },
        { "deny", SECCOMP_RET_ERRNO | 1 }, /* EPERM */
        { "log", SECCOMP_RET_LOG },
        { "notify", SECCOMP_RET_USER_NOTIF },
        { "trap", SECCOMP_RET_TRAP },
        { "trace", SECCOMP_RET_TRACE },
        { "kill", SECCOMP_RET_KILL_PROCESS },
        { "kill-thread", SECCOMP_RET_KILL_THREAD },
};

static const struct verb *find_verb(const struct sc_json *key)
{
        for (size_t i = 0; i < SC_COUNT(verbs); i++)
                if (sc_json_is(key, verbs[i].name))
                        return &verbs[i];
        return NULL;
}

/* The parts of a rule, found but not yet read. */
struct parts {
        const struct verb *verb;
        const struct sc_json *calls; /* the verb's value */
        const struct sc_json *when;
        const struct sc_json *with;
        const struct sc_json *unknown; /* the first key that nobody knows */
};

static void report_two_verbs(struct policy_loader *l, const struct sc_json *first, const struct sc_json *second)
{
        struct sc_diag *diag = sc_diags_add(l->diags, SC_ERROR, "two-verbs", second->key->place,
                                            "a rule has one verb; this one has '%s' already", first->key->text);

        sc_diag_place(diag, first->key->place);
        sc_diag_hint(diag, "write two rules");
}

static void report_unknown_key(struct policy_loader *l, const struct sc_json *member)
{
        struct sc_typo typo = sc_typo_begin(member->key->text, member->key->len);
        struct sc_diag *diag = sc_diags_add(l->diags, SC_ERROR, "unknown-key", member->key->place,
                                            "no key '%s' in a rule", member->key->text);

        sc_typo_offer(&typo, "when");
        sc_typo_offer(&typo, "with");
        sc_typo_offer(&typo, "comment");
        if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
}

/* A rule without a verb that is known. */
static void report_no_verb(struct policy_loader *l, const struct sc_json *object, const struct sc_json *unknown)
{
        struct sc_typo typo;
        struct sc_diag *diag;

        if (!unknown) {
                diag = sc_diags_add(l->diags, SC_ERROR, "missing-verb", object->place, "the rule has no verb");
        } else {
                typo = sc_typo_begin(unknown->key->text, unknown->key->len);
                diag = sc_diags_add(l->diags, SC_ERROR, "unknown-verb", unknown->key->place, "no verb '%s'",
                                    unknown->key->text);
                for (size_t i = 0; i < SC_COUNT(verbs); i++)
                        sc_typo_offer(&typo, verbs[i].name);
        }
        if (unknown && typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "one of allow, deny, log, trap, trace, kill, kill-thread");
}

/* Finds a rule's parts; false, after a diagnostic, if it cannot be used. */
static bool find_parts(struct policy_loader *l, const struct sc_json *object, struct parts *parts)
{
        bool good = true;

        *parts = (struct parts){ 0 };
        for (const struct sc_json *e = object->first; e; e = e->next) {
                const struct verb *verb = find_verb(e->key);

                if (verb && parts->verb) {
                        report_two_verbs(l, parts->calls, e);
                        good = false;
                } else if (verb) {
                        parts->verb = verb;
                        parts->calls = e;
                } else if (sc_json_is(e->key, "when"))
                        parts->when = e;
                else if (sc_json_is(e->key, "with"))
                        parts->with = e;
                else if (sc_json_is(e->key, "comment"))
                        good &= check_type(l, e, SC_JSON_STRING, "comment");
                else if (!parts->unknown)
                        parts->unknown = e;
        }
        if (!parts->verb)
                report_no_verb(l, object, parts->unknown);
        else if (parts->unknown)
                report_unknown_key(l, parts->unknown);
        return good && parts->verb && !parts->unknown;
}

/* Reads `with`: what `deny` answers, or the data of `trace`. */
static int parse_with(struct policy_loader *l, const struct parts *parts, struct sc_rule *rule)
{
        bool deny = !strcmp(rule->verb, "deny"), trace = !strcmp(rule->verb, "trace");
        struct sc_diag *diag;
        sc_action action;

        if (!deny && !trace) {
                diag = sc_diags_add(l->diags, SC_ERROR, "conflicting-settings", parts->with->key->place,
                                    "'with' goes with 'deny' and 'trace', not with '%s'", rule->verb);
                sc_diag_place(diag, parts->calls->key->place);
                return -EBADMSG;
        }
        if (!check_type(l, parts->with, SC_JSON_STRING, "with") ||
            policy_action_parse(l, parts->with, "with", deny, &action) < 0)
                return -EBADMSG;
        if (trace && (action & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE) {
                diag = sc_diags_add(l->diags, SC_ERROR, "conflicting-settings", parts->with->place,
                                    "'%s' is not what 'trace' does", parts->with->text);
                sc_diag_hint(diag, "trace:0 to trace:%d", SECCOMP_RET_DATA);
                return -EBADMSG;
        }
        rule->action = action;
        rule->falls_back = false;
        return 0;
}

/* Reads the calls that the rule is about. */
static int parse_calls(struct policy_loader *l, struct policy_file *file, const struct parts *parts,
                       struct sc_rule *rule)
{
        size_t errors = sc_diags_count(l->diags, SC_ERROR);
        struct sc_diag *diag;
        int r;

        if (!check_type(l, parts->calls, SC_JSON_ARRAY, rule->verb))
                return -EBADMSG;
        r = policy_names_parse(l, file, parts->calls, true, &rule->calls, &rule->n_calls);
        if (r < 0)
                return r;
        if (sc_diags_count(l->diags, SC_ERROR) > errors)
                return -EBADMSG;
        if (rule->n_calls || file->broken)
                return 0;
        diag = sc_diags_add(l->diags, SC_ERROR, "empty-rule", parts->calls->place, "the rule names no call");
        sc_diag_hint(diag, "name a call or a group, or remove the rule");
        return -EBADMSG;
}

/* Reads one rule; -EBADMSG after a diagnostic. */
static int parse_rule(struct policy_loader *l, struct policy_file *file, const struct sc_json *object,
                      struct sc_rule *ret_rule)
{
        struct sc_rule rule = { .place = object->place };
        int r_calls, r_when = 0, r_with = 0;
        struct parts parts;

        if (!find_parts(l, object, &parts))
                return -EBADMSG;
        rule.verb = parts.verb->name;
        rule.action = parts.verb->action;
        rule.falls_back = !strcmp(rule.verb, "deny");
        if (rule.action == SECCOMP_RET_USER_NOTIF) {
                sc_diags_add(l->diags, SC_ERROR, "unsupported", parts.calls->key->place,
                             "'notify' is not supported yet by this version");
                return -EBADMSG;
        }
        /* the parts do not depend on one another: all that is wrong is said at once */
        r_calls = parse_calls(l, file, &parts, &rule);
        if (parts.when)
                r_when = check_type(l, parts.when, SC_JSON_STRING, "when") ?
                         policy_condition_parse(l, parts.when, r_calls < 0 ? NULL : rule.calls, rule.n_calls,
                                                &rule.when) : -EBADMSG;
        if (parts.with)
                r_with = parse_with(l, &parts, &rule);
        if (r_calls == -ENOMEM || r_when == -ENOMEM)
                return -ENOMEM;
        if (r_calls < 0 || r_when < 0 || r_with < 0)
                return -EBADMSG;
        *ret_rule = rule;
        return 0;
}

static int parse_rules(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        struct sc_rule *rules = sc_arena_array(l->arena, value->count + 1, sizeof(*rules));
        size_t n = 0;

        if (!rules)
                return -ENOMEM;
        for (const struct sc_json *e = value->first; e; e = e->next) {
                int r;

                if (e->type != SC_JSON_OBJECT) {
                        sc_diags_add(l->diags, SC_ERROR, "bad-type", e->place, "a rule must be %s, not %s",
                                     sc_json_type_name(SC_JSON_OBJECT), sc_json_type_name(e->type));
                        continue;
                }
                r = parse_rule(l, file, e, &rules[n]);
                if (r == -ENOMEM)
                        return r;
                n += r == 0;
        }
        file->own.rules = rules;
        file->own.n_rules = n;
        return 0;
}

static int report_listener(struct policy_loader *l, struct policy_file *file, const struct sc_json *value)
{
        (void)file;
        sc_diags_add(l->diags, SC_ERROR, "unsupported", value->key->place,
                     "'listener' is not supported yet by this version");
        return 0;
}

/* The keys of a policy, in the order in which they are read: groups before what may name them. */
static const struct {
        const char *name;
        enum sc_json_type type;
        int (*parse)(struct policy_loader *l, struct policy_file *file, const struct sc_json *value);
} keys[] = {
        { "$schema", SC_JSON_STRING, NULL },
        { "description", SC_JSON_STRING, parse_description },
        { "extends", SC_JSON_ARRAY, NULL }, /* read by load.c, before all others */
        { "architectures", SC_JSON_ARRAY, policy_archs_parse },
        { "baseline", SC_JSON_STRING, parse_baseline },
        { "default", SC_JSON_STRING, parse_default },
        { "fallback", SC_JSON_STRING, parse_fallback },
        { "newer", SC_JSON_STRING, parse_newer },
        { "complain", SC_JSON_BOOL, parse_complain },
        { "groups", SC_JSON_OBJECT, parse_groups },
        { "rules", SC_JSON_ARRAY, parse_rules },
        { "optional", SC_JSON_ARRAY, parse_optional },
        { "requires", SC_JSON_ARRAY, policy_requires_parse },
        { "flags", SC_JSON_ARRAY, parse_flags },
        { "listener", SC_JSON_OBJECT, report_listener },
};

static void check_keys(struct policy_loader *l, const struct policy_file *file)
{
        for (const struct sc_json *e = file->root->first; e; e = e->next) {
                struct sc_typo typo = sc_typo_begin(e->key->text, e->key->len);
                struct sc_diag *diag;
                bool known = false;

                for (size_t i = 0; i < SC_COUNT(keys); i++) {
                        known |= sc_json_is(e->key, keys[i].name);
                        if (keys[i].parse != report_listener)
                                sc_typo_offer(&typo, keys[i].name);
                }
                if (known)
                        continue;
                diag = sc_diags_add(l->diags, SC_ERROR, "unknown-key", e->key->place, "no key '%s' in a policy",
                                    e->key->text);
                if (typo.best)
                        sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        }
}

/* What holds where nothing was written. `newer` waits for `default`. */
static void set_defaults(struct policy_file *file)
{
        struct sc_policy *own = &file->own;

        own->name = file->name;
        own->source = &file->source;
        own->n_abis = policy_archs_default(own->abis);
        own->baseline = sc_kernel_newest();
        own->def = SECCOMP_RET_ERRNO | 1;       /* EPERM */
        own->fallback = SECCOMP_RET_ERRNO | 38; /* ENOSYS */
        own->newer = SECCOMP_RET_ERRNO | 38;
}

/* The three ends together: `newer` follows `default`, and should not be looser than it. */
static void finish_ends(struct policy_loader *l, struct policy_file *file)
{
        const struct sc_json *newer = sc_json_get(file->root, "newer");
        struct sc_policy *own = &file->own;
        struct sc_diag *diag;

        if (!newer && !policy_action_denies(own->def))
                own->newer = own->def;
        if (!newer || !file->newer_given || policy_action_denies(own->newer) || !policy_action_denies(own->def))
                return;
        diag = sc_diags_add(l->diags, SC_WARNING, "conflicting-settings", newer->place,
                            "calls of newer kernels are let through, where 'default' denies those that are known");
        if (sc_json_get(file->root, "default"))
                sc_diag_place(diag, sc_json_get(file->root, "default")->place);
}

int policy_parse(struct policy_loader *l, struct policy_file *file)
{
        set_defaults(file);
        check_keys(l, file);
        for (size_t i = 0; i < SC_COUNT(keys); i++) {
                const struct sc_json *value = sc_json_get(file->root, keys[i].name);
                int r;

                if (!value || !check_type(l, value, keys[i].type, keys[i].name) || !keys[i].parse)
                        continue;
                r = keys[i].parse(l, file, value);
                if (r < 0)
                        return r;
        }
        finish_ends(l, file);
        return 0;
}

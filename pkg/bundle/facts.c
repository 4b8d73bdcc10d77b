/* SPDX-License-Identifier: Apache-2.0 */
/* What a config.json says of its container, read so that no runtime reads it otherwise. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "bundle/internal.h"

struct sc_diag *bundle_report_twice(const struct sc_json *first, const struct sc_json *second, const char *name,
                                    struct sc_diags *diags)
{
        struct sc_diag *diag = sc_diags_add(diags, SC_ERROR, "bundle-duplicate-key", second->key->place,
                                            "'%s' is there twice", name);

        sc_diag_place(diag, first->key->place);
        sc_diag_hint(diag, "readers disagree on which of the two counts; keep one");
        return diag;
}

struct sc_diag *bundle_report_case(const struct sc_json *member, const char *name, struct sc_diags *diags)
{
        struct sc_diag *diag = sc_diags_add(diags, SC_ERROR, "bundle-key-case", member->key->place,
                                            "'%s' is written in another case here", name);

        sc_diag_hint(diag, "runc reads it as '%s', crun ignores it: write '%s'", name, name);
        return diag;
}

int bundle_member(const struct sc_json *object, const char *name, struct sc_diags *diags,
                  const struct sc_json **ret_member)
{
        const struct sc_json *found = NULL, *first = NULL;

        if (object && object->type == SC_JSON_OBJECT)
                first = object->first;
        for (const struct sc_json *m = first; m; m = m->next) {
                if (!sc_json_is_folded(m->key, name))
                        continue;
                if (found)
                        bundle_report_twice(found, m, name, diags);
                else if (!sc_json_is(m->key, name))
                        bundle_report_case(m, name, diags);
                if (found || !sc_json_is(m->key, name))
                        return -EBADMSG;
                found = m;
        }
        *ret_member = found;
        return 0;
}

int bundle_want(const struct sc_json *value, enum sc_json_type type, const char *what, struct sc_diags *diags)
{
        if (value->type == type)
                return 0;
        sc_diags_add(diags, SC_ERROR, "bundle-type", value->place, "%s must be %s, not %s", what,
                     sc_json_type_name(type), sc_json_type_name(value->type));
        return -EBADMSG;
}

bool bundle_is_clean(const struct sc_json *string)
{
        if (string->type != SC_JSON_STRING)
                return false;
        for (size_t i = 0; i < string->len; i++) {
                unsigned char c = (unsigned char)string->text[i];

                /* U+0080 to U+009f are 0xc2 0x80 to 0xc2 0x9f */
                if (c < ' ' || c == 0x7f || (c == 0xc2 && (unsigned char)string->text[i + 1] < 0xa0))
                        return false;
        }
        return true;
}

/* A member of a type, NULL if it is absent or null. */
static int typed_member(const struct sc_json *object, const char *name, enum sc_json_type type, struct sc_diags *diags,
                        const struct sc_json **ret_member)
{
        const struct sc_json *member = NULL;
        int r = bundle_member(object, name, diags, &member);

        if (r == 0 && member && member->type == SC_JSON_NULL)
                member = NULL;
        if (r == 0 && member)
                r = bundle_want(member, type, name, diags);
        if (r == 0)
                *ret_member = member;
        return r;
}

/*
 * True if libcap's cap_from_name(), and with it crun, takes the text for a capability: it ignores case, takes a number
 * in C's notation, and stops where the name does.
 */
static bool libcap_reads(const char *text)
{
        size_t len = 0;

        if (text[0] >= '0' && text[0] <= '9')
                return true;
        while ((text[len] >= 'a' && text[len] <= 'z') || (text[len] >= 'A' && text[len] <= 'Z') || text[len] == '_')
                len++;
        return !strncasecmp(text, "cap_", strlen("cap_")) && sc_cap_find(text, len) >= 0;
}

/* Adds a name to a set. Runtimes pass over what they do not know; what only one of them knows is refused. */
static int add_cap(const struct sc_json *name, struct sc_diags *diags, sc_caps *caps)
{
        struct sc_diag *diag;
        int cap, r = bundle_want(name, SC_JSON_STRING, "the name of a capability", diags);

        if (r < 0)
                return r;
        cap = sc_cap_find(name->text, name->len);
        if (cap >= 0 && sc_json_is(name, sc_cap_name((unsigned)cap))) {
                *caps |= UINT64_C(1) << cap;
                return 0;
        }
        if (!libcap_reads(name->text))
                return 0;
        diag = sc_diags_add(diags, SC_ERROR, "bundle-capability", name->place,
                            "crun takes this for a capability, runc does not");
        sc_diag_hint(diag, "write its name in full and in capitals, as in 'CAP_CHOWN'");
        return -EBADMSG;
}

static int read_caps(const struct sc_json *capabilities, const char *set, struct sc_diags *diags, sc_caps *ret_caps)
{
        const struct sc_json *list = NULL;
        sc_caps caps = 0;
        int r = typed_member(capabilities, set, SC_JSON_ARRAY, diags, &list);

        for (const struct sc_json *name = list ? list->first : NULL; name && r == 0; name = name->next)
                r = add_cap(name, diags, &caps);
        if (r == 0)
                *ret_caps = caps;
        return r;
}

static const struct cap_set {
        const char *name;
        size_t offset;
} cap_sets[] = {
        { "bounding", offsetof(struct sc_bundle_facts, bounding) },
        { "effective", offsetof(struct sc_bundle_facts, effective) },
        { "inheritable", offsetof(struct sc_bundle_facts, inheritable) },
        { "permitted", offsetof(struct sc_bundle_facts, permitted) },
        { "ambient", offsetof(struct sc_bundle_facts, ambient) },
};

static int read_process(const struct sc_json *root, struct sc_diags *diags, struct sc_bundle_facts *facts)
{
        const struct sc_json *process = NULL, *capabilities = NULL, *no_new = NULL;
        int r = typed_member(root, "process", SC_JSON_OBJECT, diags, &process);

        if (r == 0)
                r = typed_member(process, "capabilities", SC_JSON_OBJECT, diags, &capabilities);
        for (size_t i = 0; i < SC_COUNT(cap_sets) && r == 0; i++)
                r = read_caps(capabilities, cap_sets[i].name, diags, (sc_caps *)((char *)facts + cap_sets[i].offset));
        if (r == 0)
                r = typed_member(process, "noNewPrivileges", SC_JSON_BOOL, diags, &no_new);
        facts->no_new_privileges = r == 0 && no_new && no_new->text[0] == 't';
        return r;
}

/* The annotations of one object. Their keys are a map's: no reader folds them. */
static int read_annotations(const struct sc_json *annotations, struct sc_diags *diags, const struct sc_json **policy,
                            struct sc_bundle_facts *facts)
{
        for (const struct sc_json *m = annotations->first; m; m = m->next) {
                facts->raw_bpf |= sc_json_is(m->key, SC_BUNDLE_CRUN_BPF);
                if (!sc_json_is(m->key, SC_BUNDLE_POLICY))
                        continue;
                if (*policy) {
                        bundle_report_twice(*policy, m, SC_BUNDLE_POLICY, diags);
                        return -EBADMSG;
                }
                if (bundle_want(m, SC_JSON_STRING, SC_BUNDLE_POLICY, diags) < 0)
                        return -EBADMSG;
                if (memchr(m->text, '\0', m->len)) {
                        sc_diags_add(diags, SC_ERROR, "bundle-annotation", m->place, "%s must not hold a NUL",
                                     SC_BUNDLE_POLICY);
                        return -EBADMSG;
                }
                *policy = m;
                facts->policy_annotation = m->text;
        }
        return 0;
}

/* All that some reader takes for the annotations. */
static int read_all_annotations(const struct sc_json *root, struct sc_diags *diags, struct sc_bundle_facts *facts)
{
        const struct sc_json *policy = NULL;
        int r = 0;

        for (const struct sc_json *m = root->first; m && r == 0; m = m->next)
                if (m->type == SC_JSON_OBJECT && sc_json_is_folded(m->key, "annotations"))
                        r = read_annotations(m, diags, &policy, facts);
        return r;
}

/* True if some reader finds a default action, or rules. What is no object is a profile that runtimes refuse. */
static bool is_filter(const struct sc_json *seccomp)
{
        bool found = seccomp->type != SC_JSON_NULL && seccomp->type != SC_JSON_OBJECT;

        for (const struct sc_json *m = seccomp->type == SC_JSON_OBJECT ? seccomp->first : NULL; m; m = m->next) {
                if (sc_json_is_folded(m->key, "defaultAction"))
                        found |= m->type != SC_JSON_NULL && !sc_json_is(m, "");
                if (sc_json_is_folded(m->key, "syscalls"))
                        found |= m->type != SC_JSON_NULL && (m->type != SC_JSON_ARRAY || m->count);
        }
        return found;
}

/* The values that some reader finds at linux.seccomp and that are filters: how many, and the first two of them. */
static size_t find_filters(const struct sc_json *root, const struct sc_json *ret_filters[2])
{
        size_t n = 0;

        for (const struct sc_json *l = root->first; l; l = l->next) {
                if (l->type != SC_JSON_OBJECT || !sc_json_is_folded(l->key, "linux"))
                        continue;
                for (const struct sc_json *s = l->first; s; s = s->next) {
                        if (!sc_json_is_folded(s->key, "seccomp") || !is_filter(s))
                                continue;
                        if (n < 2)
                                ret_filters[n] = s;
                        n++;
                }
        }
        return n;
}

int sc_bundle_facts_read(const struct sc_json *root, struct sc_diags *diags, struct sc_bundle_facts *ret_facts)
{
        struct sc_bundle_facts facts = { 0 };
        const struct sc_json *filters[2];
        int r = bundle_want(root, SC_JSON_OBJECT, "config.json", diags);

        if (r == 0)
                r = read_process(root, diags, &facts);
        if (r == 0)
                r = read_all_annotations(root, diags, &facts);
        if (r < 0)
                return r;
        for (const struct sc_json *m = root->first; m; m = m->next)
                if (sc_json_is(m->key, "hostname") && bundle_is_clean(m))
                        facts.hostname = m->text;
        facts.has_seccomp = find_filters(root, filters) > 0;
        *ret_facts = facts;
        return 0;
}

int sc_bundle_seccomp(const struct sc_json *root, struct sc_diags *diags, const struct sc_json **ret_seccomp)
{
        const struct sc_json *filters[2] = { NULL, NULL };
        int r = bundle_want(root, SC_JSON_OBJECT, "config.json", diags);
        size_t n;

        if (r < 0)
                return r;
        n = find_filters(root, filters);
        if (n > 1) {
                bundle_report_twice(filters[0], filters[1], "seccomp", diags);
                return -EBADMSG;
        }
        if (n)
                r = sc_json_check_keys(filters[0], SC_JSON_FOLD_KEYS, diags);
        if (r == 0)
                *ret_seccomp = filters[0];
        return r;
}

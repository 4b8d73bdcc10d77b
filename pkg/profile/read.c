/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles from JSON: one table of keys for each object. */
#include "profile/profile.h"

#include <errno.h>
#include <string.h>

#include "base/typo.h"
#include "base/util.h"

/* One reading. Findings do not end it: the rest of the profile may have more. */
struct reader {
        struct sc_arena *arena;
        struct sc_diags *diags;
        bool bad;
        bool no_memory;
};

/* Reads the value of `key` into the field at `ret`, whose type the function knows. */
typedef void read_fn(struct reader *r, const char *key, const struct sc_json *value, void *ret);

struct field {
        const char *key;
        read_fn *read;
        size_t offset; /* of the field in its struct */
};

static struct sc_diag *complain(struct reader *r, const char *rule, const struct sc_json *value, const char *key,
                                const char *what)
{
        r->bad = true;
        return sc_diags_add(r->diags, SC_ERROR, rule, value->place, "'%s' %s", key, what);
}

static bool want_type(struct reader *r, const char *key, const struct sc_json *value, enum sc_json_type type)
{
        if (value->type == type)
                return true;
        r->bad = true;
        sc_diags_add(r->diags, SC_ERROR, "profile-type", value->place, "'%s' must be %s, not %s", key,
                     sc_json_type_name(type), sc_json_type_name(value->type));
        return false;
}

/* `count` zeroed elements; NULL, and the reading has failed, when out of memory. */
static void *new_items(struct reader *r, size_t count, size_t size)
{
        void *items = sc_arena_array(r->arena, count, size);

        if (!items)
                r->no_memory = true;
        return items;
}

static void read_member(struct reader *r, const struct sc_json *member, const struct field *fields, size_t n, void *ret)
{
        for (size_t i = 0; i < n; i++) {
                struct sc_diag *diag;

                if (sc_json_is(member->key, fields[i].key)) {
                        if (member->type != SC_JSON_NULL)
                                fields[i].read(r, fields[i].key, member, (char *)ret + fields[i].offset);
                        return;
                }
                if (!sc_json_is_folded(member->key, fields[i].key))
                        continue;
                diag = complain(r, "profile-key-case", member->key, fields[i].key, "is written in another case here");
                sc_diag_hint(diag, "engines in Go read it as '%s', crun ignores it: write '%s'", fields[i].key,
                             fields[i].key);
                return;
        }
}

/* Reads the members that `fields` names into the struct at `ret`. */
static bool read_object(struct reader *r, const char *key, const struct sc_json *value, const struct field *fields,
                        size_t n, void *ret)
{
        if (!want_type(r, key, value, SC_JSON_OBJECT))
                return false;
        for (const struct sc_json *m = value->first; m; m = m->next)
                read_member(r, m, fields, n, ret);
        return true;
}

static void read_string(struct reader *r, const char *key, const struct sc_json *value, void *ret)
{
        struct sc_profile_string *string = ret;

        if (!want_type(r, key, value, SC_JSON_STRING))
                return;
        if (memchr(value->text, '\0', value->len)) {
                complain(r, "profile-text", value, key, "must not hold a NUL");
                return;
        }
        *string = (struct sc_profile_string){ .text = value->text, .place = value->place };
}

static void read_number(struct reader *r, const char *key, const struct sc_json *value, void *ret)
{
        struct sc_profile_number *number = ret;
        struct sc_diag *diag;
        uint64_t u;

        if (!want_type(r, key, value, SC_JSON_NUMBER))
                return;
        switch (sc_json_u64(value, &u)) {
        case 0:
                *number = (struct sc_profile_number){ .has = true, .value = u, .place = value->place };
                return;
        case -EINVAL:
                diag = complain(r, "profile-number", value, key, "must be a whole number, written in digits only");
                break;
        default:
                diag = complain(r, "profile-number", value, key, "must be a number from 0 to 18446744073709551615");
        }
        if (value->text[0] == '-')
                sc_diag_hint(diag, "filters compare without sign: -1 of 64 bits is 18446744073709551615");
}

static void read_list(struct reader *r, const char *key, const struct sc_json *value, void *ret)
{
        struct sc_profile_list *list = ret;
        struct sc_profile_string *items;
        size_t n = 0;

        if (!want_type(r, key, value, SC_JSON_ARRAY))
                return;
        items = new_items(r, value->count, sizeof(*items));
        if (!items)
                return;
        for (const struct sc_json *e = value->first; e; e = e->next)
                read_string(r, key, e, &items[n++]);
        *list = (struct sc_profile_list){ .items = items, .n = n, .place = value->place };
}

static void read_op(struct reader *r, const char *key, const struct sc_json *value, void *ret)
{
        enum sc_profile_op *op = ret;
        struct sc_typo typo;
        struct sc_diag *diag;

        if (!want_type(r, key, value, SC_JSON_STRING))
                return;
        for (enum sc_profile_op o = SC_OP_NE; o <= SC_OP_MASKED_EQ; o++)
                if (sc_json_is(value, sc_profile_op_name(o))) {
                        *op = o;
                        return;
                }
        typo = sc_typo_begin(value->text, value->len);
        for (enum sc_profile_op o = SC_OP_NE; o <= SC_OP_MASKED_EQ; o++)
                sc_typo_offer(&typo, sc_profile_op_name(o));
        diag = complain(r, "profile-op", value, key, "is no operator that libseccomp has");
        if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "SCMP_CMP_ and one of NE, LT, LE, EQ, GE, GT, MASKED_EQ");
}

static const struct field arg_fields[] = {
        { "index", read_number, offsetof(struct sc_profile_arg, index) },
        { "value", read_number, offsetof(struct sc_profile_arg, value) },
        { "valueTwo", read_number, offsetof(struct sc_profile_arg, value_two) },
        { "op", read_op, offsetof(struct sc_profile_arg, op) },
};

static void read_args(struct reader *r, const char *key, const struct sc_json *value, void *ret)
{
        struct sc_profile_args *args = ret;
        struct sc_profile_arg *items;
        size_t n = 0;

        if (!want_type(r, key, value, SC_JSON_ARRAY))
                return;
        items = new_items(r, value->count, sizeof(*items));
        if (!items)
                return;
        for (const struct sc_json *e = value->first; e; e = e->next, n++) {
                items[n].place = e->place;
                read_object(r, key, e, arg_fields, SC_COUNT(arg_fields), &items[n]);
        }
        *args = (struct sc_profile_args){ .items = items, .n = n };
}

static const struct field filter_fields[] = {
        { "arches", read_list, offsetof(struct sc_profile_filter, arches) },
        { "caps", read_list, offsetof(struct sc_profile_filter, caps) },
        { "minKernel", read_string, offsetof(struct sc_profile_filter, min_kernel) },
};

static void read_filter(struct reader *r, const char *key, const struct sc_json *value, void *ret)
{
        struct sc_profile_filter *filter = ret;

        filter->has = true;
        filter->place = value->place;
        read_object(r, key, value, filter_fields, SC_COUNT(filter_fields), filter);
}

static const struct field rule_fields[] = {
        { "names", read_list, offsetof(struct sc_profile_rule, names) },
        { "name", read_string, offsetof(struct sc_profile_rule, name) },
        { "action", read_string, offsetof(struct sc_profile_rule, action) },
        { "errnoRet", read_number, offsetof(struct sc_profile_rule, errno_ret) },
        { "errno", read_string, offsetof(struct sc_profile_rule, errno_name) },
        { "args", read_args, offsetof(struct sc_profile_rule, args) },
        { "comment", read_string, offsetof(struct sc_profile_rule, comment) },
        { "includes", read_filter, offsetof(struct sc_profile_rule, includes) },
        { "excludes", read_filter, offsetof(struct sc_profile_rule, excludes) },
};

static void read_rules(struct reader *r, const char *key, const struct sc_json *value, void *ret)
{
        struct sc_profile_rules *rules = ret;
        struct sc_profile_rule *items;
        size_t n = 0;

        if (!want_type(r, key, value, SC_JSON_ARRAY))
                return;
        if (value->count > SC_PROFILE_RULES_MAX) {
                complain(r, "profile-size", value, key, "has more rules than any filter can hold");
                return;
        }
        items = new_items(r, value->count, sizeof(*items));
        if (!items)
                return;
        for (const struct sc_json *e = value->first; e; e = e->next, n++) {
                items[n].place = e->place;
                read_object(r, key, e, rule_fields, SC_COUNT(rule_fields), &items[n]);
        }
        *rules = (struct sc_profile_rules){ .items = items, .n = n };
}

static const struct field arch_fields[] = {
        { "architecture", read_string, offsetof(struct sc_profile_arch, architecture) },
        { "subArchitectures", read_list, offsetof(struct sc_profile_arch, sub_architectures) },
};

static void read_arch_map(struct reader *r, const char *key, const struct sc_json *value, void *ret)
{
        struct sc_profile_arch_map *map = ret;
        struct sc_profile_arch *items;
        size_t n = 0;

        if (!want_type(r, key, value, SC_JSON_ARRAY))
                return;
        items = new_items(r, value->count, sizeof(*items));
        if (!items)
                return;
        for (const struct sc_json *e = value->first; e; e = e->next, n++) {
                items[n].place = e->place;
                read_object(r, key, e, arch_fields, SC_COUNT(arch_fields), &items[n]);
        }
        *map = (struct sc_profile_arch_map){ .items = items, .n = n };
}

static const struct field profile_fields[] = {
        { "defaultAction", read_string, offsetof(struct sc_profile, default_action) },
        { "defaultErrnoRet", read_number, offsetof(struct sc_profile, default_errno_ret) },
        { "defaultErrno", read_string, offsetof(struct sc_profile, default_errno) },
        { "architectures", read_list, offsetof(struct sc_profile, architectures) },
        { "archMap", read_arch_map, offsetof(struct sc_profile, arch_map) },
        { "flags", read_list, offsetof(struct sc_profile, flags) },
        { "listenerPath", read_string, offsetof(struct sc_profile, listener_path) },
        { "listenerMetadata", read_string, offsetof(struct sc_profile, listener_metadata) },
        { "syscalls", read_rules, offsetof(struct sc_profile, syscalls) },
};

int sc_profile_read(struct sc_arena *arena, const struct sc_json *value, struct sc_diags *diags,
                    struct sc_profile **ret_profile)
{
        struct reader r = { .arena = arena, .diags = diags };
        struct sc_profile *profile;

        if (!value || value->type == SC_JSON_NULL)
                return 1;
        profile = new_items(&r, 1, sizeof(*profile));
        if (!profile)
                return -ENOMEM;
        profile->kind = sc_profile_guess(value) == SC_FILE_DOCKER ? SC_PROFILE_DOCKER : SC_PROFILE_OCI;
        profile->place = value->place;
        read_object(&r, "seccomp", value, profile_fields, SC_COUNT(profile_fields), profile);
        if (r.no_memory)
                return -ENOMEM;
        if (r.bad)
                return -EBADMSG;
        *ret_profile = profile;
        return 0;
}

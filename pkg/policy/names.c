/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of calls and groups, and the groups that policies define. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/typo.h"
#include "policy/internal.h"
#include "syscall/group.h"

static bool name_is(const struct sc_json *string, const char *name)
{
        return strlen(name) == string->len && !memcmp(string->text, name, string->len);
}

static struct policy_group *group_in(struct policy_file *file, const struct sc_json *name)
{
        for (size_t i = 0; i < file->n_groups; i++)
                if (name_is(name, file->groups[i].name))
                        return &file->groups[i];
        return NULL;
}

/*
 * The files that `file` sees, itself first, nearer ones before farther ones, each once.
 * Returns their number; `ret_files` has room for all files of a policy.
 */
static size_t files_seen(struct policy_file *file, struct policy_file *ret_files[SC_POLICY_FILES_MAX])
{
        size_t n = 0;

        ret_files[n++] = file;
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < ret_files[i]->n_extends; j++) {
                        struct policy_file *next = ret_files[i]->extends[j];
                        bool seen = false;

                        for (size_t k = 0; k < n; k++)
                                seen |= ret_files[k] == next;
                        if (!seen)
                                ret_files[n++] = next;
                }
        return n;
}

/* The group that a name means in `file`: its own, or the nearest one of what it extends. */
static struct policy_group *find_group(struct policy_file *file, const struct sc_json *name)
{
        struct policy_file *files[SC_POLICY_FILES_MAX];
        size_t n = files_seen(file, files);
        struct policy_group *group = NULL;

        for (size_t i = 0; !group && i < n; i++)
                group = group_in(files[i], name);
        return group;
}

/* Offers the names of all groups that can be written in `file`. */
static void offer_groups(struct policy_file *file, struct sc_typo *typo)
{
        struct policy_file *files[SC_POLICY_FILES_MAX];
        size_t n = files_seen(file, files);

        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < files[i]->n_groups; j++)
                        sc_typo_offer(typo, files[i]->groups[j].name);
        for (size_t i = 0; i < sc_group_count(); i++)
                sc_typo_offer(typo, sc_group_name((int)i));
}

static void report_unknown(struct policy_loader *l, struct policy_file *file, const struct sc_json *name)
{
        bool group = name->len && name->text[0] == '@';
        struct sc_typo typo = sc_typo_begin(name->text, name->len);
        struct sc_diag *diag;

        if (group && file->broken)
                return; /* it may stand in the file that could not be read */
        if (group)
                diag = sc_diags_add(l->diags, SC_ERROR, "unknown-group", name->place, "no group named '%s'",
                                    name->text);
        else
                diag = sc_diags_add(l->diags, SC_ERROR, "unknown-syscall", name->place, "no system call named '%s'",
                                    name->text);
        for (size_t i = 0; !group && i < sc_syscall_count(); i++)
                sc_typo_offer(&typo, sc_syscall_name((int)i));
        offer_groups(file, &typo);
        if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "'seccompose list %s' lists them", group ? "groups" : "syscalls");
}

static int group_open(struct policy_loader *l, struct policy_group *group, const struct sc_json *from);

/* Adds what one name stands for to `has`, one byte a call. */
static int add_group(struct policy_loader *l, struct policy_file *file, const struct sc_json *name, unsigned char *has)
{
        int builtin = sc_group_find(name->text, name->len);
        struct policy_group *group;
        const unsigned short *calls;
        size_t n;
        int r;

        if (builtin >= 0) {
                calls = sc_group_calls(builtin, &n);
                for (size_t i = 0; i < n; i++)
                        has[calls[i]] = 1;
                return 0;
        }
        group = find_group(file, name);
        if (!group) {
                report_unknown(l, file, name);
                return 0;
        }
        r = group_open(l, group, name);
        for (size_t i = 0; r == 0 && group->has && i < sc_syscall_count(); i++)
                has[i] |= group->has[i];
        return r;
}

/* Only strings can be names. */
static bool element_is_name(struct policy_loader *l, const struct sc_json *element)
{
        if (element->type == SC_JSON_STRING)
                return true;
        sc_diags_add(l->diags, SC_ERROR, "bad-type", element->place,
                     "the name of a call or group must be a string, not %s", sc_json_type_name(element->type));
        return false;
}

/* A group named inside itself: the message tells the way round, "@a → @b → @a". */
static void report_cycle(struct policy_loader *l, size_t first, const struct sc_json *from)
{
        const struct policy_group *group = l->open[first];
        struct sc_strbuf chain = SC_STRBUF_INIT;
        struct sc_diag *diag;

        for (size_t i = first; i < l->n_open; i++)
                sc_strbuf_printf(&chain, "%s → ", l->open[i]->name);
        diag = sc_diags_add(l->diags, SC_ERROR, "group-cycle", from->place, "group '%s' contains itself: %s%s",
                            group->name, chain.text ? chain.text : "", group->name);
        sc_diag_place(diag, group->value->key->place);
        sc_strbuf_done(&chain);
}

/* True, after a diagnostic, if a group cannot be opened inside those that are open. */
static bool cannot_open(struct policy_loader *l, const struct policy_group *group, const struct sc_json *from)
{
        for (size_t i = 0; i < l->n_open; i++)
                if (l->open[i] == group) {
                        report_cycle(l, i, from);
                        return true;
                }
        if (l->n_open < POLICY_GROUP_DEPTH_MAX)
                return false;
        sc_diags_add(l->diags, SC_ERROR, "group-depth", from->place, "groups are nested more than %d deep",
                     POLICY_GROUP_DEPTH_MAX);
        return true;
}

/* Adds the members of a group's definition to `has`. */
static int group_collect(struct policy_loader *l, struct policy_group *group, unsigned char *has)
{
        int r = 0;

        for (const struct sc_json *e = group->value->first; r == 0 && e; e = e->next) {
                int call = e->type == SC_JSON_STRING ? sc_syscall_find(e->text, e->len) : -1;

                if (call >= 0)
                        has[call] = 1;
                else if (!element_is_name(l, e))
                        continue;
                else if (e->len && e->text[0] == '@')
                        r = add_group(l, group->file, e, has);
                else
                        report_unknown(l, group->file, e);
        }
        return r;
}

/* Collects a group's members; `from` is the name that asked for it, or that of its definition. */
static int group_open(struct policy_loader *l, struct policy_group *group, const struct sc_json *from)
{
        unsigned char *has;
        int r;

        if (group->has || cannot_open(l, group, from))
                return 0;
        has = sc_arena_alloc(l->arena, sc_syscall_count() + 1);
        if (!has)
                return -ENOMEM;
        l->open[l->n_open++] = group;
        r = group_collect(l, group, has);
        l->n_open--;
        group->has = has;
        return r;
}

int policy_groups_open(struct policy_loader *l, struct policy_file *file)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < file->n_groups; i++)
                r = group_open(l, &file->groups[i], file->groups[i].value->key);
        return r;
}

/* A list that is being read: one slot a call, in the order of the table. */
struct list {
        struct sc_rule_call *slots;
        unsigned char *has;
        size_t n;
};

static void list_add(struct list *list, int call, bool direct, struct sc_place place)
{
        struct sc_rule_call *slot = &list->slots[call];

        /* a call's own name says more than a group that has it too */
        if (!list->has[call] || (direct && !slot->direct))
                *slot = (struct sc_rule_call){ .call = (unsigned short)call, .direct = direct, .place = place };
        list->n += !list->has[call];
        list->has[call] = 1;
}

static int list_add_group(struct policy_loader *l, struct policy_file *file, const struct sc_json *name,
                          struct list *list)
{
        SC_CLEANUP(sc_freep) unsigned char *has = calloc(1, sc_syscall_count() + 1);
        int r;

        if (!has)
                return -ENOMEM;
        r = add_group(l, file, name, has);
        for (size_t i = 0; r == 0 && i < sc_syscall_count(); i++)
                if (has[i])
                        list_add(list, (int)i, false, name->place);
        return r;
}

static int list_add_name(struct policy_loader *l, struct policy_file *file, const struct sc_json *name, bool unique,
                         struct list *list)
{
        int call = sc_syscall_find(name->text, name->len);
        struct sc_diag *diag;

        if (name->len && name->text[0] == '@')
                return list_add_group(l, file, name, list);
        if (call < 0) {
                report_unknown(l, file, name);
                return 0;
        }
        if (unique && list->has[call] && list->slots[call].direct) {
                diag = sc_diags_add(l->diags, SC_WARNING, "duplicate-call", name->place, "'%s' is named twice",
                                    name->text);
                sc_diag_place(diag, list->slots[call].place);
                return 0;
        }
        list_add(list, call, true, name->place);
        return 0;
}

int policy_names_parse(struct policy_loader *l, struct policy_file *file, const struct sc_json *array, bool unique,
                       const struct sc_rule_call **ret_calls, size_t *ret_n)
{
        size_t count = sc_syscall_count(), n = 0;
        SC_CLEANUP(sc_freep) struct sc_rule_call *slots = calloc(count + 1, sizeof(*slots));
        SC_CLEANUP(sc_freep) unsigned char *has = calloc(1, count + 1);
        struct list list = { .slots = slots, .has = has };
        struct sc_rule_call *calls;
        int r = slots && has ? 0 : -ENOMEM;

        for (const struct sc_json *e = array->first; r == 0 && e; e = e->next)
                if (element_is_name(l, e))
                        r = list_add_name(l, file, e, unique, &list);
        if (r < 0)
                return r;
        calls = sc_arena_array(l->arena, list.n + 1, sizeof(*calls));
        if (!calls)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++)
                if (has[i])
                        calls[n++] = slots[i];
        *ret_calls = calls;
        *ret_n = n;
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles to JSON, in one fixed form. */
#include "profile/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "json/write.h"

static void write_string(struct sc_json_writer *w, const char *key, const struct sc_profile_string *string)
{
        if (!string->text)
                return;
        sc_json_write_key(w, key);
        sc_json_write_string(w, string->text);
}

static void write_number(struct sc_json_writer *w, const char *key, const struct sc_profile_number *number)
{
        if (!number->has)
                return;
        sc_json_write_key(w, key);
        sc_json_write_u64(w, number->value);
}

static void write_list(struct sc_json_writer *w, const char *key, const struct sc_profile_list *list)
{
        if (!list->n)
                return;
        sc_json_write_key(w, key);
        sc_json_write_array(w);
        for (size_t i = 0; i < list->n; i++)
                sc_json_write_string(w, list->items[i].text);
        sc_json_write_array_end(w);
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* True if the names are in order, and each is there once: what we have written ourselves is. */
static bool in_order(const struct sc_profile_list *names)
{
        for (size_t i = 1; i < names->n; i++)
                if (strcmp(names->items[i - 1].text, names->items[i].text) >= 0)
                        return false;
        return true;
}

/* Names have no order of their own: sorted, and each once. */
static int write_names(struct sc_json_writer *w, const struct sc_profile_list *names)
{
        SC_CLEANUP(sc_freep) const char **sorted = NULL;

        if (!names->n)
                return 0;
        if (in_order(names)) {
                write_list(w, "names", names);
                return 0;
        }
        sorted = calloc(names->n, sizeof(*sorted));
        if (!sorted)
                return -ENOMEM;
        for (size_t i = 0; i < names->n; i++)
                sorted[i] = names->items[i].text;
        qsort((void *)sorted, names->n, sizeof(*sorted), compare_names);
        sc_json_write_key(w, "names");
        sc_json_write_array(w);
        for (size_t i = 0; i < names->n; i++)
                if (i == 0 || strcmp(sorted[i - 1], sorted[i]))
                        sc_json_write_string(w, sorted[i]);
        sc_json_write_array_end(w);
        return 0;
}

static void write_arg(struct sc_json_writer *w, const struct sc_profile_arg *arg)
{
        sc_json_write_object(w);
        write_number(w, "index", &arg->index);
        write_number(w, "value", &arg->value);
        write_number(w, "valueTwo", &arg->value_two);
        if (arg->op != SC_OP_NONE) {
                sc_json_write_key(w, "op");
                sc_json_write_string(w, sc_profile_op_name(arg->op));
        }
        sc_json_write_object_end(w);
}

static void write_args(struct sc_json_writer *w, const struct sc_profile_args *args)
{
        if (!args->n)
                return;
        sc_json_write_key(w, "args");
        sc_json_write_array(w);
        for (size_t i = 0; i < args->n; i++)
                write_arg(w, &args->items[i]);
        sc_json_write_array_end(w);
}

static void write_filter(struct sc_json_writer *w, const char *key, const struct sc_profile_filter *filter)
{
        if (!filter->arches.n && !filter->caps.n && !filter->min_kernel.text)
                return;
        sc_json_write_key(w, key);
        sc_json_write_object(w);
        write_list(w, "arches", &filter->arches);
        write_list(w, "caps", &filter->caps);
        write_string(w, "minKernel", &filter->min_kernel);
        sc_json_write_object_end(w);
}

static int write_rule(struct sc_json_writer *w, const struct sc_profile_rule *rule)
{
        int r;

        sc_json_write_object(w);
        write_string(w, "name", &rule->name);
        r = write_names(w, &rule->names);
        write_string(w, "action", &rule->action);
        write_number(w, "errnoRet", &rule->errno_ret);
        write_string(w, "errno", &rule->errno_name);
        write_args(w, &rule->args);
        write_string(w, "comment", &rule->comment);
        write_filter(w, "includes", &rule->includes);
        write_filter(w, "excludes", &rule->excludes);
        sc_json_write_object_end(w);
        return r;
}

/* Always there, even if empty: a profile without it looks unfinished, and some readers want it. */
static int write_rules(struct sc_json_writer *w, const struct sc_profile_rules *rules)
{
        int r = 0;

        sc_json_write_key(w, "syscalls");
        sc_json_write_array(w);
        for (size_t i = 0; r == 0 && i < rules->n; i++)
                r = write_rule(w, &rules->items[i]);
        sc_json_write_array_end(w);
        return r;
}

static void write_arch_map(struct sc_json_writer *w, const struct sc_profile_arch_map *map)
{
        if (!map->n)
                return;
        sc_json_write_key(w, "archMap");
        sc_json_write_array(w);
        for (size_t i = 0; i < map->n; i++) {
                sc_json_write_object(w);
                write_string(w, "architecture", &map->items[i].architecture);
                write_list(w, "subArchitectures", &map->items[i].sub_architectures);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static int write_profile(struct sc_json_writer *w, const struct sc_profile *p)
{
        int r;

        sc_json_write_object(w);
        write_string(w, "defaultAction", &p->default_action);
        write_number(w, "defaultErrnoRet", &p->default_errno_ret);
        write_string(w, "defaultErrno", &p->default_errno);
        write_arch_map(w, &p->arch_map);
        write_list(w, "architectures", &p->architectures);
        write_list(w, "flags", &p->flags);
        write_string(w, "listenerPath", &p->listener_path);
        write_string(w, "listenerMetadata", &p->listener_metadata);
        r = write_rules(w, &p->syscalls);
        sc_json_write_object_end(w);
        return r;
}

int sc_profile_write(const struct sc_profile *profile, enum sc_json_style style, char **ret_text, size_t *ret_len)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(style);
        int r = write_profile(w, profile);

        return r < 0 ? r : sc_json_writer_finish(w, ret_text, ret_len);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles to JSON, in one fixed form. */
#include "profile/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "json/write.h"

static int write_string(cJSON *object, const char *key, const struct sc_profile_string *string)
{
        return string->text ? sc_json_add_string(object, key, string->text) : 0;
}

static int write_number(cJSON *object, const char *key, const struct sc_profile_number *number)
{
        return number->has ? sc_json_add_u64(object, key, number->value) : 0;
}

static int write_list(cJSON *object, const char *key, const struct sc_profile_list *list)
{
        cJSON *array;
        int r;

        if (!list->n)
                return 0;
        r = sc_json_add_array(object, key, &array);
        for (size_t i = 0; r == 0 && i < list->n; i++)
                r = sc_json_append_string(array, list->items[i].text);
        return r;
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names have no order of their own: sorted, and each once. */
static int write_names(cJSON *object, const struct sc_profile_list *names)
{
        SC_CLEANUP(sc_freep) const char **sorted = NULL;
        size_t n = 0;

        if (!names->n)
                return 0;
        sorted = calloc(names->n, sizeof(*sorted));
        if (!sorted)
                return -ENOMEM;
        for (size_t i = 0; i < names->n; i++)
                sorted[i] = names->items[i].text;
        qsort((void *)sorted, names->n, sizeof(*sorted), compare_names);
        for (size_t i = 0; i < names->n; i++)
                if (n == 0 || strcmp(sorted[n - 1], sorted[i]))
                        sorted[n++] = sorted[i];
        return sc_json_add_strings(object, "names", sorted, n);
}

static int write_arg(cJSON *array, const struct sc_profile_arg *arg)
{
        cJSON *object;
        int r = sc_json_add_object(array, NULL, &object);

        if (r == 0)
                r = write_number(object, "index", &arg->index);
        if (r == 0)
                r = write_number(object, "value", &arg->value);
        if (r == 0)
                r = write_number(object, "valueTwo", &arg->value_two);
        if (r == 0 && arg->op != SC_OP_NONE)
                r = sc_json_add_string(object, "op", sc_profile_op_name(arg->op));
        return r;
}

static int write_args(cJSON *object, const struct sc_profile_args *args)
{
        cJSON *array;
        int r;

        if (!args->n)
                return 0;
        r = sc_json_add_array(object, "args", &array);
        for (size_t i = 0; r == 0 && i < args->n; i++)
                r = write_arg(array, &args->items[i]);
        return r;
}

static int write_filter(cJSON *parent, const char *key, const struct sc_profile_filter *filter)
{
        cJSON *object;
        int r;

        if (!filter->arches.n && !filter->caps.n && !filter->min_kernel.text)
                return 0;
        r = sc_json_add_object(parent, key, &object);
        if (r == 0)
                r = write_list(object, "arches", &filter->arches);
        if (r == 0)
                r = write_list(object, "caps", &filter->caps);
        if (r == 0)
                r = write_string(object, "minKernel", &filter->min_kernel);
        return r;
}

static int write_rule(cJSON *array, const struct sc_profile_rule *rule)
{
        cJSON *object;
        int r = sc_json_add_object(array, NULL, &object);

        if (r == 0)
                r = write_string(object, "name", &rule->name);
        if (r == 0)
                r = write_names(object, &rule->names);
        if (r == 0)
                r = write_string(object, "action", &rule->action);
        if (r == 0)
                r = write_number(object, "errnoRet", &rule->errno_ret);
        if (r == 0)
                r = write_string(object, "errno", &rule->errno_name);
        if (r == 0)
                r = write_args(object, &rule->args);
        if (r == 0)
                r = write_string(object, "comment", &rule->comment);
        if (r == 0)
                r = write_filter(object, "includes", &rule->includes);
        if (r == 0)
                r = write_filter(object, "excludes", &rule->excludes);
        return r;
}

/* Always there, even if empty: a profile without it looks unfinished, and some readers want it. */
static int write_rules(cJSON *object, const struct sc_profile_rules *rules)
{
        cJSON *array;
        int r = sc_json_add_array(object, "syscalls", &array);

        for (size_t i = 0; r == 0 && i < rules->n; i++)
                r = write_rule(array, &rules->items[i]);
        return r;
}

static int write_arch_map(cJSON *parent, const struct sc_profile_arch_map *map)
{
        cJSON *array, *object;
        int r;

        if (!map->n)
                return 0;
        r = sc_json_add_array(parent, "archMap", &array);
        for (size_t i = 0; r == 0 && i < map->n; i++) {
                r = sc_json_add_object(array, NULL, &object);
                if (r == 0)
                        r = write_string(object, "architecture", &map->items[i].architecture);
                if (r == 0)
                        r = write_list(object, "subArchitectures", &map->items[i].sub_architectures);
        }
        return r;
}

static int write_profile(cJSON *root, const struct sc_profile *p)
{
        int r = write_string(root, "defaultAction", &p->default_action);

        if (r == 0)
                r = write_number(root, "defaultErrnoRet", &p->default_errno_ret);
        if (r == 0)
                r = write_string(root, "defaultErrno", &p->default_errno);
        if (r == 0)
                r = write_arch_map(root, &p->arch_map);
        if (r == 0)
                r = write_list(root, "architectures", &p->architectures);
        if (r == 0)
                r = write_list(root, "flags", &p->flags);
        if (r == 0)
                r = write_string(root, "listenerPath", &p->listener_path);
        if (r == 0)
                r = write_string(root, "listenerMetadata", &p->listener_metadata);
        if (r == 0)
                r = write_rules(root, &p->syscalls);
        return r;
}

int sc_profile_write(const struct sc_profile *profile, char **ret_text)
{
        SC_CLEANUP(sc_json_write_freep) cJSON *root = cJSON_CreateObject();
        int r = root ? write_profile(root, profile) : -ENOMEM;

        return r < 0 ? r : sc_json_print(root, ret_text);
}

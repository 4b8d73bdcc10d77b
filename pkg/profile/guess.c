/* SPDX-License-Identifier: Apache-2.0 */
/* What a JSON file is, and where its profile stands. */
#include "profile/profile.h"

#include <errno.h>

#include "base/util.h"

/* Keys at the top that tell what a file is; the first row that is there decides. */
static const struct {
        const char *key;
        enum sc_file_kind kind;
} top_keys[] = {
        { "ociVersion", SC_FILE_CONFIG },
        { "process", SC_FILE_CONFIG },
        { "linux", SC_FILE_CONFIG },
        { "rules", SC_FILE_POLICY },
        { "extends", SC_FILE_POLICY },
        { "groups", SC_FILE_POLICY },
        { "baseline", SC_FILE_POLICY },
        { "default", SC_FILE_POLICY },
        { "fallback", SC_FILE_POLICY },
        { "newer", SC_FILE_POLICY },
        { "optional", SC_FILE_POLICY },
        { "requires", SC_FILE_POLICY },
        { "archMap", SC_FILE_DOCKER },
        { "defaultErrno", SC_FILE_DOCKER },
};

/* Keys of a rule that only Docker's and podman's profiles have. */
static const char *const docker_rule_keys[] = { "includes", "excludes", "name", "errno" };

/* Keys that only profiles have. "architectures" and "flags" are a policy's too and tell nothing. */
static const char *const profile_keys[] = {
        "defaultAction", "defaultErrnoRet", "listenerPath", "listenerMetadata", "syscalls",
};

static bool has_docker_rule(const struct sc_json *syscalls)
{
        if (!syscalls || syscalls->type != SC_JSON_ARRAY)
                return false;
        for (const struct sc_json *rule = syscalls->first; rule; rule = rule->next)
                for (size_t i = 0; i < SC_COUNT(docker_rule_keys); i++)
                        if (sc_json_get(rule, docker_rule_keys[i]))
                                return true;
        return false;
}

enum sc_file_kind sc_profile_guess(const struct sc_json *root)
{
        for (size_t i = 0; i < SC_COUNT(top_keys); i++)
                if (sc_json_get(root, top_keys[i].key))
                        return top_keys[i].kind;
        if (has_docker_rule(sc_json_get(root, "syscalls")))
                return SC_FILE_DOCKER;
        for (size_t i = 0; i < SC_COUNT(profile_keys); i++)
                if (sc_json_get(root, profile_keys[i]))
                        return SC_FILE_OCI;
        return SC_FILE_UNKNOWN;
}

static int want_object(const struct sc_json *value, const char *what, struct sc_diags *diags)
{
        if (value->type == SC_JSON_OBJECT)
                return 0;
        sc_diags_add(diags, SC_ERROR, "profile-type", value->place, "%s must be an object, not %s", what,
                     sc_json_type_name(value->type));
        return -EBADMSG;
}

static const struct sc_json *skip_null(const struct sc_json *value)
{
        return value && value->type != SC_JSON_NULL ? value : NULL;
}

int sc_profile_in_config(const struct sc_json *config, struct sc_diags *diags, const struct sc_json **ret_seccomp)
{
        int r = want_object(config, "config.json", diags);
        const struct sc_json *linux_ = r == 0 ? skip_null(sc_json_get(config, "linux")) : NULL;

        if (r == 0 && linux_)
                r = want_object(linux_, "'linux'", diags);
        if (r < 0)
                return r;
        *ret_seccomp = skip_null(sc_json_get(linux_, "seccomp"));
        return 0;
}

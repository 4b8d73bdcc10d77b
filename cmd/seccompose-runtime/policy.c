/* SPDX-License-Identifier: Apache-2.0 */
/* The options about the policy, in a table. */
#include "seccompose-runtime/policy.h"

#include <errno.h>
#include <string.h>

#include "common/patch.h"

static int bad_option(struct session *s, const char *name, const char *value, const char *what)
{
        sc_diags_add(s->diags, SC_ERROR, "bad-option", (struct sc_place){ 0 }, "%s '%s' is %s", name, value, what);
        return -EBADMSG;
}

/* The working directory is the engine's, or the bundle. */
static int take_policy(struct session *s, struct policy_options *options, const char *value)
{
        options->policy = value;
        return value[0] == '/' || sc_shipped_find(value, strlen(value)) ?
                       0 :
                       bad_option(s, "policy", value, "neither an absolute path nor a shipped policy");
}

static int take_on_error(struct session *s, struct policy_options *options, const char *value)
{
        options->ignore = !strcmp(value, "ignore");
        return options->ignore || !strcmp(value, "fail") ? 0 :
                                                          bad_option(s, "on-error", value, "neither fail nor ignore");
}

static const struct row {
        const char *name;
        int (*take)(struct session *s, struct policy_options *options, const char *value);
} rows[] = {
        { "policy", take_policy },
        { "on-error", take_on_error },
};

const char *policy_option_name(size_t i)
{
        return i < SC_COUNT(rows) ? rows[i].name : NULL;
}

int policy_option(struct session *s, struct policy_options *options, const char *name, const char *value)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                if (!strcmp(rows[i].name, name))
                        return rows[i].take(s, options, value);
        return -EINVAL;
}

int policy_patch(struct session *s, const char *path, const struct policy_options *options)
{
        const struct patch patch = { .policy = options->policy, .kernel = running_kernel() };

        if (!options->policy) {
                sc_diags_add(s->diags, SC_ERROR, "no-policy", (struct sc_place){ 0 }, "no policy is set");
                return -EBADMSG;
        }
        return patch_bundle(s, path, &patch);
}

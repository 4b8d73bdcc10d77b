/* SPDX-License-Identifier: Apache-2.0 */
/* The shared options and the shared patch, with the model in libseccomp's place. */
#include "seccompose-runtime/policy.h"

#include <errno.h>

#include "bpf/model.h"

int policy_option(struct session *s, struct apply_options *options, const char *name, const char *value)
{
        int code = apply_option(s, options, name, value);

        return code == 0 ? 0 : code == EXIT_SYSTEM ? -ENOMEM : -EBADMSG;
}

int policy_patch(struct session *s, const char *path, const struct apply_options *options, const char **ret_policy)
{
        struct sc_model exact = { .mode = SC_MODEL_EXACT };
        struct apply_options with_model = *options;
        struct applied applied = { 0 };
        int r;

        with_model.compiler = sc_scmp_model(&exact);
        if (apply_options_check(s, &with_model) || running_kernel(s, &with_model.kernel))
                return -EBADMSG;
        r = apply_bundle(s, &with_model, path, &applied);
        *ret_policy = applied.policy;
        apply_done(&applied);
        return r;
}

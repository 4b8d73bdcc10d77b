/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose patch: a policy into a bundle. */
#include "common/patch.h"

#include <errno.h>
#include <stdio.h>

#include "bundle/bundle.h"
#include "seccompose/options.h"

int verb_patch(struct session *s, const struct options *options)
{
        const struct patch patch = {
                .policy = options->policy,
                .changes = { .allow = options->allow, .n_allow = options->n_allow, .complain = options->complain },
                .kernel = options->kernel_given ? options->kernel : running_kernel(),
                .table = options->table,
        };
        int r, code;

        if (!options->policy)
                return complain(s, "which policy? Say --policy NAME");
        r = patch_bundle(s, options->args[0], &patch);
        if (r == -ENOTDIR)
                return complain(s, "'%s' is no directory: name the bundle, not its config.json", options->args[0]);
        code = report(s, r, options->args[0]);
        if (code == EXIT_YES)
                printf("%s/config.json: %s %s\n", options->args[0], r == SC_BUNDLE_SAME ? "already has" : "now has",
                       options->policy);
        if (r == SC_BUNDLE_NOT_FLUSHED) {
                complain(s, "'%s': the directory could not be flushed to the disk; a crash may bring the old file back",
                         options->args[0]);
                code = EXIT_SYSTEM;
        }
        return code;
}

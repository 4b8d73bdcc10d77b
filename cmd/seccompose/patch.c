/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose patch: a policy into a bundle. */
#include <errno.h>
#include <stdio.h>

#include "common/apply.h"
#include "common/compiler.h"
#include "seccompose/options.h"

static int run(struct session *s, const struct apply_options *apply, const char *bundle)
{
        struct applied applied = { 0 };
        int r = apply_bundle(s, apply, bundle, &applied), code;

        if (r == -ENOTDIR)
                return complain(s, "'%s' is no directory: name the bundle, not its config.json", bundle);
        code = report(s, r, bundle);
        if (code == EXIT_YES && applied.outcome == APPLIED_SKIPPED)
                printf("%s/config.json: left alone: %s\n", bundle, applied.reason);
        else if (code == EXIT_YES)
                printf("%s/config.json: %s %s\n", bundle,
                       applied.outcome == APPLIED_SAME ? "already has" : "now has", applied.policy);
        apply_done(&applied);
        return applied.not_flushed ? EXIT_SYSTEM : code;
}

int verb_patch(struct session *s, const struct options *options)
{
        struct apply_options apply = options->apply;
        int code;

        apply.trusting = true;
        apply.complain = options->complain;
        apply.allow = options->allow;
        apply.n_allow = options->n_allow;
        apply.table = options->table;
        apply.kernel = options->kernel;
        apply.compiler = compiler_in_child();
        if (apply.complain && apply.profile)
                return complain(s, "--complain is for a --policy: a profile is put in as it is");
        code = apply_options_check(s, &apply);
        if (code == 0 && !options->kernel_given)
                code = running_kernel(s, &apply.kernel);
        return code ? code : run(s, &apply, options->args[0]);
}

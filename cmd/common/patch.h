/* SPDX-License-Identifier: Apache-2.0 */
/* Putting a policy into a bundle: built for this bundle, proven, spliced into config.json. */
#pragma once

#include "common/session.h"
#include "policy/policy.h"
#include "syscall/scmptable.h"

struct patch {
        const char *policy; /* a file, or the name of a shipped policy */
        struct sc_policy_options changes;
        sc_kernel kernel;                 /* the container's */
        const struct sc_scmptable *table; /* NULL: the consumer's */
};

/*
 * Patches the bundle in the directory `path`. Returns 0 if its config.json was changed, 1 if it was right already,
 * or an error for report().
 */
int patch_bundle(struct session *s, const char *path, const struct patch *patch);

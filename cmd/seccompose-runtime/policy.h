/* SPDX-License-Identifier: Apache-2.0 */
/* What the wrapper asks of the code that all commands share: options about the policy, and the patch. */
#pragma once

#include "common/apply.h"

/* Takes an option. Returns 0; -EBADMSG with a diagnostic; -ENOMEM. */
int policy_option(struct session *s, struct apply_options *options, const char *name, const char *value);

/*
 * Patches the bundle in the directory `path`. Returns 0 if it has its profile, or is left alone; below 0 an error. What
 * it was called is in *ret_policy in any case; NULL: nothing was chosen.
 */
int policy_patch(struct session *s, const char *path, const struct apply_options *options, const char **ret_policy);

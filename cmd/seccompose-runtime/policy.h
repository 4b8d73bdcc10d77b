/* SPDX-License-Identifier: Apache-2.0 */
/* What the wrapper asks of the code that all commands share: options about the policy, and the patch. */
#pragma once

#include <stdbool.h>

#include "common/session.h"

struct policy_options {
        const char *policy; /* NULL: not given */
        bool ignore;        /* --on-error ignore */
};

/* The options' names, without dashes; NULL past the last. Each takes a value. */
const char *policy_option_name(size_t i);

/* Takes an option. Returns 0, or -EBADMSG with a diagnostic. */
int policy_option(struct session *s, struct policy_options *options, const char *name, const char *value);

/* Patches the bundle in the directory `path`. Returns 0 or above if it has its profile, below 0 an error. */
int policy_patch(struct session *s, const char *path, const struct policy_options *options);

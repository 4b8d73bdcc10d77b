/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a FILE that has a meaning: a policy, a profile, a config.json. */
#pragma once

#include "common/session.h"
#include "policy/policy.h"
#include "profile/profile.h"

struct input {
        enum sc_file_kind kind;
        struct sc_source source;
        const struct sc_policy *policy;   /* kind POLICY */
        const struct sc_profile *profile; /* the other kinds; NULL: config.json has no filter, or the value is null */
        const struct sc_json *root;       /* the other kinds: the whole file */
        const struct sc_json *raw_bpf;    /* a config.json's annotation that crun takes instead, or NULL */
};

/*
 * Reads `name`: a file, '-' for standard input, or the name of a shipped policy. Returns 0 or an error for report(),
 * with a diagnostic where a person was wrong.
 */
int input_read(struct session *s, const char *name, const struct sc_policy_options *options, struct input *ret_input);

/* The same for what must be a policy. */
int input_policy(struct session *s, const char *name, const struct sc_policy_options *options,
                 const struct sc_policy **ret_policy);

/* The bytes of `name`, a file or '-' for standard input. The text lives in the session's arena. */
int input_text(struct session *s, const char *name, struct sc_source *ret_source);

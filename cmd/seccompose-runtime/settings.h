/* SPDX-License-Identifier: Apache-2.0 */
/* The wrapper's own options, from its arguments or from its file. */
#pragma once

#include "seccompose-runtime/policy.h"

#define SETTINGS_DIRECTORY "/etc/seccompose"
#define SETTINGS_SIZE_MAX ((size_t)64 * 1024) /* bytes of a file */
#define SETTINGS_COUNT_MAX 32                 /* of both */

struct setting {
        const char *name;
        const char *value;
};

struct settings {
        const char *runtime; /* an absolute path; NULL: none is set, or it is wrong */
        const char *config;  /* --config; NULL: not given */
        bool gate;           /* --gate probe */
        bool confines;       /* containers get a policy: false if the gate is all that was asked for */
        bool given;          /* there were options among the arguments, right or wrong */
        struct setting list[SETTINGS_COUNT_MAX]; /* as given; those of the arguments first */
        size_t n;
        struct apply_options policy;
};

/*
 * Reads the options at the front of the arguments. Each is "--name value" or "--name=value"; the first argument that is
 * none of them, or "--", ends them. One that is no option of the runtime's either, and nearly one of ours, is a mistake
 * and goes with its value. Returns the index of the first argument of the runtime. Mistakes are diagnostics.
 */
int settings_arguments(struct session *s, int argc, char *const *argv, struct settings *ret_settings);

/*
 * Reads the file: that of --config; without any option, /etc/seccompose/NAME.jsonc, where NAME is the last part of
 * `program`. Options win over the same names there. Then sets the runtime and the gate. Returns 0 or -ENOMEM; mistakes
 * are diagnostics, and whatever else is right is kept nevertheless: containers must be stopped even then.
 */
int settings_file(struct session *s, const char *program, struct settings *settings);

/* Takes the settings about the policy, all of them. Returns 0; -EBADMSG after mistakes, with diagnostics; -ENOMEM. */
int settings_policy(struct session *s, struct settings *settings);

/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a FILE that has a meaning: a policy, a profile, a config.json, a program, a process. */
#pragma once

#include "bpf/bpf.h"
#include "common/session.h"
#include "policy/policy.h"
#include "profile/profile.h"

struct input {
        enum sc_file_kind kind;
        const char *name; /* as it was asked for */
        struct sc_source source;
        const struct sc_policy *policy;   /* kind POLICY */
        const struct sc_profile *profile; /* kinds of JSON; NULL: config.json has no filter, or null */
        const struct sc_json *root;       /* kinds of JSON: the whole file */
        const struct sc_json *raw_bpf;    /* a config.json's annotation that crun takes instead, or NULL */
        const struct sc_bpf_program *programs; /* kinds BPF and PROCESS, the newest first; `big_endian` is not set */
        size_t n_programs;                     /* PROCESS: may be 0, no filter */
        struct input_built *built; /* what meaning_of() built from a policy */
        bool unfiltered_said;      /* meaning_of() warned that there is no filter */
        const char *miscompiled_said; /* and what of rules that libseccomp compiles wrong, last; NULL: nothing */
};

/*
 * Reads `name`: a file, '-' for standard input, the name of a shipped policy, or `pid:N`. Returns 0 or an error for
 * report(), with a diagnostic where a person was wrong.
 */
int input_read(struct session *s, const char *name, const struct sc_policy_options *options, struct input *ret_input);

/*
 * The same for a text that was read already, whose name says what it is called. *ret_input has what could be read of
 * it also where it is wrong.
 */
int input_from_text(struct session *s, const struct sc_source *source, const struct sc_policy_options *options,
                    struct input *ret_input);

/* True for the name of a shipped policy. */
bool input_is_shipped(const char *name);

/* As input_read(), for what must be a policy. */
int input_policy(struct session *s, const char *name, const struct sc_policy_options *options,
                 const struct sc_policy **ret_policy);

/* The bytes of `name`, a file or '-' for standard input. The text lives in the session's arena. */
int input_text(struct session *s, const char *name, struct sc_source *ret_source);

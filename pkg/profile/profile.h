/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles as they are written: OCI's linux.seccomp and Docker's format with archMap, includes and excludes.
 *
 * This is the text's content, not what any engine makes of it: rules that an engine skips, fields that it ignores and
 * combinations that it refuses are all here. See pkg/consumer for what they do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "json/json.h"
#include "json/write.h"

#define SC_PROFILE_RULES_MAX 262144 /* rules of a profile: many times what a filter has room for */

/*
 * A member that is absent and one that is null are the same, for Go's and crun's readers alike: `text` is NULL, `has`
 * is false, `n` is 0. An empty string is not: `text` is "". An empty array has `n` 0, as every reader tests the
 * length. The places of what is absent have no source.
 */
struct sc_profile_string {
        const char *text;
        struct sc_place place;
};

struct sc_profile_number {
        bool has;
        uint64_t value;
        struct sc_place place;
};

struct sc_profile_list {
        const struct sc_profile_string *items; /* `text` is never NULL */
        size_t n;
        struct sc_place place;
};

/* The operators of conditions (runtime specification, config-linux.md, "seccomp"). */
enum sc_profile_op {
        SC_OP_NONE, /* absent: Go's readers take it for "", which is no operator */
        SC_OP_NE,
        SC_OP_LT,
        SC_OP_LE,
        SC_OP_EQ,
        SC_OP_GE,
        SC_OP_GT,
        SC_OP_MASKED_EQ, /* `value` is the mask, `value_two` what is left */
};

/* A condition on an argument. Go's readers take absent numbers for 0; crun refuses to do without all but valueTwo. */
struct sc_profile_arg {
        struct sc_place place;
        struct sc_profile_number index;
        struct sc_profile_number value;
        struct sc_profile_number value_two;
        enum sc_profile_op op;
};

struct sc_profile_args {
        const struct sc_profile_arg *items;
        size_t n;
};

/* Docker's includes and excludes. */
struct sc_profile_filter {
        bool has; /* written, even if empty */
        struct sc_place place;
        struct sc_profile_list arches;       /* "amd64", "arm64" … */
        struct sc_profile_list caps;         /* "CAP_SYS_ADMIN" … */
        struct sc_profile_string min_kernel; /* "4.8" */
};

/* One element of "syscalls". */
struct sc_profile_rule {
        struct sc_place place;
        struct sc_profile_list names;
        struct sc_profile_string name; /* Docker's older form, one name */
        struct sc_profile_string action;
        struct sc_profile_number errno_ret;
        struct sc_profile_string errno_name; /* podman's "errno", such as "EPERM" */
        struct sc_profile_args args;
        struct sc_profile_string comment;
        struct sc_profile_filter includes;
        struct sc_profile_filter excludes;
};

struct sc_profile_rules {
        const struct sc_profile_rule *items;
        size_t n;
};

/* One element of Docker's archMap. */
struct sc_profile_arch {
        struct sc_place place;
        struct sc_profile_string architecture;
        struct sc_profile_list sub_architectures;
};

struct sc_profile_arch_map {
        const struct sc_profile_arch *items;
        size_t n;
};

enum sc_profile_kind {
        SC_PROFILE_OCI,
        SC_PROFILE_DOCKER,
};

/* Action and architecture names are as written (SCMP_ACT_…, SCMP_ARCH_…), known or not. */
struct sc_profile {
        enum sc_profile_kind kind; /* what it looks like; see sc_profile_guess() */
        struct sc_place place;
        struct sc_profile_string default_action;
        struct sc_profile_number default_errno_ret;
        struct sc_profile_string default_errno; /* podman's "defaultErrno", such as "ENOSYS" */
        struct sc_profile_list architectures;
        struct sc_profile_arch_map arch_map;
        struct sc_profile_list flags;
        struct sc_profile_string listener_path;
        struct sc_profile_string listener_metadata;
        struct sc_profile_rules syscalls;
};

/* What a file is: JSON by its keys. */
enum sc_file_kind {
        SC_FILE_UNKNOWN, /* nothing tells; {} is one */
        SC_FILE_POLICY,  /* has a key that only policies have, such as "rules" or "extends" */
        SC_FILE_CONFIG,  /* a bundle's config.json: "ociVersion", "process" or "linux" */
        SC_FILE_DOCKER,  /* a profile with "archMap", or with what only Docker's and podman's rules have */
        SC_FILE_OCI,     /* any other profile */
        /* what is no JSON: */
        SC_FILE_BPF,     /* a program: struct sock_filter[] as bytes */
        SC_FILE_PROCESS, /* the filters of a running process */
};

enum sc_file_kind sc_profile_guess(const struct sc_json *root);

/*
 * The value of linux.seccomp in a config.json: NULL in *ret_seccomp if it or "linux" is absent or null, which means no
 * filter. Returns 0; -EBADMSG with a diagnostic (rule profile-type) if the root or "linux" is no object.
 */
int sc_profile_in_config(const struct sc_json *config, struct sc_diags *diags, const struct sc_json **ret_seccomp);

/*
 * Reads a profile, parsed with SC_JSON_FOLD_KEYS. The profile lives in `arena`, its places are those of `value`. Keys
 * that it does not know are left out. Returns 0; 1 if `value` is NULL or null, when there is no profile and
 * *ret_profile is not set; -ENOMEM; -EBADMSG with diagnostics:
 *   profile-type      a value of the wrong type, also null as an element of an array
 *   profile-number    a number that is no integer, negative, or beyond 64 bits
 *   profile-op        an operator that does not exist
 *   profile-text      a NUL in a string: C and Go read different names there
 *   profile-key-case  a key that Go's readers take for one of the profile's and crun does not
 */
int sc_profile_read(struct sc_arena *arena, const struct sc_json *value, struct sc_diags *diags,
                    struct sc_profile **ret_profile);

/*
 * Writes a profile as JSON: keys in a fixed order, what is absent or empty left out ("syscalls" is always there), the
 * names of a rule sorted and each once, numbers exact. The same profile gives the same bytes, in heap memory with a NUL
 * behind it. Returns 0 or -ENOMEM; -EINVAL if a string is not UTF-8.
 */
int sc_profile_write(const struct sc_profile *profile, enum sc_json_style style, char **ret_text, size_t *ret_len);

/*
 * An action's name to the kernel's value (SECCOMP_RET_* of linux/seccomp.h, no data) and back. SCMP_ACT_KILL and
 * SCMP_ACT_KILL_THREAD are both the thread's end; back, it is SCMP_ACT_KILL, which every consumer knows. Data in
 * `value` is ignored. -EINVAL and NULL for what is no action.
 */
int sc_profile_action_value(const char *name, uint32_t *ret_value);
const char *sc_profile_action_name(uint32_t value);

/* The n-th action's name, from 0; NULL past the last. For hints and lists. */
const char *sc_profile_action_at(size_t n);

/* "SCMP_CMP_EQ" and so on; NULL for SC_OP_NONE. */
const char *sc_profile_op_name(enum sc_profile_op op);

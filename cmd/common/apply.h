/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting a policy on one container: which policy, how it goes together with the profile that the engine gave, what
 * must hold of the container, and the config.json that comes of it. Shared by the hook, the wrapper and the verb.
 */
#pragma once

#include <time.h>

#include "bpf/scmp.h"
#include "bundle/bundle.h"
#include "common/session.h"
#include "policy/policy.h"

/* How ours goes together with the profile that is there. */
enum apply_combine {
        APPLY_DEFAULT, /* intersect if the container's annotation chose, else replace */
        APPLY_REPLACE,
        APPLY_INTERSECT,
        APPLY_IF_ABSENT,
};

/* What happens to a container that came without a profile. */
enum apply_unconfined {
        APPLY_CONFINE,
        APPLY_SKIP,
        APPLY_FAIL,
};

struct apply_options {
        const char *policy;   /* --policy: a path or the name of a shipped one; NULL */
        const char *profile;  /* --profile: a path; NULL */
        const char *sha256;   /* of the profile's bytes, 64 hexadecimal digits; NULL */
        const char *policies; /* --policies: the directory of what a container may choose; NULL */
        const char *choose;   /* --choose: the names that it may choose, with commas; NULL: none */
        enum apply_combine combine;
        enum apply_unconfined unconfined;
        enum sc_bundle_conflicts conflicts;
        bool ignore_errors; /* --on-error ignore: for the caller */
        const struct sc_scmptable *table; /* NULL: the consumer's */
        unsigned short *allow;
        size_t n_allow;
        /* not options: */
        bool trusting;    /* policies and profiles may belong to anybody and be named by relative paths */
        bool complain;    /* denials become `log` */
        sc_kernel kernel; /* the container's */
        struct sc_scmp_compiler compiler; /* what is written is proven by it */
};

/*
 * Name, which is part of an identifier too; what to call its value in help; help: of those that the verb `patch` has
 * too.
 */
#define APPLY_OPTIONS(X)                                                                             \
        X(policy, "POLICY", "the policy: a file, or the name of a shipped one")                      \
        X(profile, "FILE", "a profile instead, in Docker's or the plain form, built beforehand")     \
        X(sha256, "HEX", "the profile must have this digest")                                        \
        X(policies, "DIR", "where the policies (NAME.jsonc) and profiles (NAME.json) to choose are") \
        X(choose, "NAME,…", "what a container may choose by its annotation " SC_BUNDLE_POLICY)       \
        X(combine, "HOW", "with the profile that is there: replace, intersect or if-absent")         \
        X(unconfined, "HOW", "a container without a profile: confine, skip or fail")                 \
        X(conflicts, "HOW", "what would make a reader miss ours: refuse or remove")

/*
 * Takes one option, `name` without its dashes. Returns 0; APPLY_OTHER if it is none of these; an exit code after a
 * complaint.
 */
#define APPLY_OTHER (-1)
int apply_option(struct session *s, struct apply_options *o, const char *name, const char *value);

/* The options' names; NULL past the last. Each takes a value. */
const char *apply_option_name(size_t i);

/* What is wrong with the options together. Returns 0, or an exit code after a complaint. */
int apply_options_check(const struct session *s, const struct apply_options *o);

/* Prints a line for each option on stdout. */
void apply_options_help(void);

/*
 * True if the session's errors may be ignored where the administrator says so: mistakes of policies and of settings,
 * and failures of the system. What the container's own author can cause is none of them, or anybody could choose to run
 * free.
 */
bool apply_is_ignorable(const struct session *s);

enum apply_outcome {
        APPLIED_CHANGED, /* `text` is to be the config.json */
        APPLIED_SAME,    /* it is right as it is */
        APPLIED_SKIPPED, /* it is left alone; `reason` says why */
};

/* What came of it. */
struct applied {
        enum apply_outcome outcome;
        char *text; /* heap; apply_done(). The old bytes unless CHANGED */
        size_t len;
        const char *policy; /* what was put on it, for messages; also after an error, as far as it was known */
        const char *reason; /* SKIPPED */
        bool relies; /* SKIPPED, since the profile that is there will do */
        bool not_flushed; /* CHANGED, but a crash of the machine may bring the old file back; a warning says so */
        const char *hostname;    /* the container's, for messages; NULL */
        struct timespec changed; /* of the bundle's config.json before this: st_ctim */
};
void apply_done(struct applied *applied);

/*
 * Works on the text of one config.json. Returns 0, or an error for report(): with a diagnostic where a person was
 * wrong, that is, the policy's or the profile's author, the administrator, or who made the container.
 */
int apply_text(struct session *s, const struct apply_options *o, const struct sc_source *config,
               struct applied *ret_applied);

/* The same for the bundle in the directory `path`, whose file is replaced. */
int apply_bundle(struct session *s, const struct apply_options *o, const char *path, struct applied *ret_applied);

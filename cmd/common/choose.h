/* SPDX-License-Identifier: Apache-2.0 */
/* Which policies and profiles are put on a container, and reading them. */
#pragma once

#include "common/apply.h"

/* A policy or a profile, one of them, with its name for messages. */
struct choice {
        const char *name;
        const struct sc_policy *policy;
        const struct sc_profile *profile;
};

#define CHOOSE_NAME_MAX 64 /* bytes of a name that a container may ask for */

/*
 * True if the first `len` bytes are a name that can be offered: letters, digits and ". _ -" in ASCII, no dot in front.
 * It becomes a file's name in the administrator's directory.
 */
bool choose_is_name(const char *name, size_t len);

#define CHOICES_MAX 2 /* the administrator's, and the container's own out of the list */

struct choices {
        struct choice items[CHOICES_MAX];
        size_t n;
        bool chosen;       /* the last is the container's */
        const char *names; /* of all, for messages */
};

/*
 * Finds and reads what is to be put on a container whose annotation says `wish` (NULL: it has none). None at all is no
 * error: only those that ask get one then. Returns 0, or an error for report(), with a diagnostic (not-offered,
 * wrong-digest, untrusted-file, and those of reading policies and profiles). `ret_choices->names` is set in any case.
 */
int choose(struct session *s, const struct apply_options *o, const char *wish, struct choices *ret_choices);

/* Refuses a wish that is not offered. Returns 0 (also for NULL), or -EBADMSG with the diagnostic not-offered. */
int choose_check_wish(struct session *s, const struct apply_options *o, const char *wish);

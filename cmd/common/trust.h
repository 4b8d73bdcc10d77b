/* SPDX-License-Identifier: Apache-2.0 */
/* Files that decide what containers may do: nobody but root may be able to change them. */
#pragma once

#include "common/session.h"

/*
 * Reads `path`, which must be absolute. It and every directory on the way must belong to root, or to the user this runs
 * as, and be writable by nobody else (a directory with the sticky bit may be); no link is followed. The text lives in
 * the session's arena. Returns 0; -EBADMSG after a diagnostic (untrusted-file) that says what is wrong with which part;
 * -EINVAL if the path is not absolute; -EFBIG; -ENOMEM; errors of opening and reading.
 */
int trusted_read(struct session *s, const char *path, size_t limit, struct sc_source *ret_source);

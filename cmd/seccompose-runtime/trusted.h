/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a file that nobody but root can have written. */
#pragma once

#include "common/session.h"

/*
 * Reads the file at the absolute path `path`, `limit` bytes at most, into the session's arena. The file and every
 * directory on the way must belong to root, or to the user this runs as, and be writable by nobody else (a directory
 * with the sticky bit, such as /tmp, may be); nothing may be a symbolic link. Returns 0; -EBADMSG with the diagnostic
 * untrusted-file; -EINVAL if the path is not absolute; -ENOMEM; -EFBIG; -errno of opening and reading.
 */
int trusted_read(struct session *s, const char *path, size_t limit, struct sc_source *ret_source);

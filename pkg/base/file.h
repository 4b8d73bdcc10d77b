/* SPDX-License-Identifier: Apache-2.0 */
/* Reading whole files within a limit, and replacing a file so that a reader sees the old or the new one. */
#pragma once

#include <stddef.h>

/*
 * Reads what is left of `fd`, `limit` bytes at most, into heap memory with a NUL behind it.
 * Returns 0; -EFBIG if there is more than `limit`; -errno of read; -ENOMEM.
 */
int sc_file_read_fd(int fd, size_t limit, char **ret_text, size_t *ret_len);

/*
 * Reads the file `path`, relative to `dirfd` (or AT_FDCWD). Directories and special files other than
 * pipes are refused with -EISDIR and -ENODEV. Errors as above, and those of openat.
 */
int sc_file_read(int dirfd, const char *path, size_t limit, char **ret_text, size_t *ret_len);

/*
 * Replaces `name` in `dirfd` by `len` bytes: a new file beside it (".NAME.XXXXXX.tmp"), fsync, rename,
 * fsync of the directory. An existing file's owner and permissions are kept; a new one gets 0666 less the
 * umask. `name` has no slash. Returns 0 or -errno; on failure the old file is as it was.
 */
int sc_file_replace(int dirfd, const char *name, const char *bytes, size_t len);

/* The same for a path: its directory is opened, its last part replaced. */
int sc_file_replace_path(const char *path, const char *bytes, size_t len);

/* Writes all of `len` bytes. Returns 0 or -errno. */
int sc_file_write_fd(int fd, const char *bytes, size_t len);

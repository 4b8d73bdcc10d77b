/* SPDX-License-Identifier: Apache-2.0 */
/* Reading whole files within a limit, and replacing a file so that a reader sees the old or the new one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* The new file is there, but its directory could not be flushed: after a crash it may be the old one again. */
#define SC_FILE_NOT_FLUSHED 1

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
 * Replaces `name` in `dirfd` by `len` bytes: a new file beside it (".NAME.XXXXXXXXXXXXXXXX.tmp"), which nobody else may
 * open until it is complete, fsync, rename, fsync of the directory. An existing file's owner, permissions and extended
 * attributes are taken over (sc_attributes_copy()); a new one gets 0666 less the umask. `name` has no slash.
 * Returns 0; SC_FILE_NOT_FLUSHED; -ELOOP if `name` is there and no regular file; or -errno: then the old file is as it
 * was, and the new one is gone.
 */
int sc_file_replace(int dirfd, const char *name, const char *bytes, size_t len);

/* The same for a path: its directory is opened, its last part replaced. */
int sc_file_replace_path(const char *path, const char *bytes, size_t len);

/* A regular file as somebody has read it: open, with what fstat said before the reading, and its `st.st_size` bytes. */
struct sc_file_seen {
        int fd;
        struct stat st;
        const char *bytes;
};

/*
 * As sc_file_replace(), where the new bytes were made from those of `seen`. Returns also -ESTALE if `name` is not that
 * file any more just before the rename (sc_file_is_still()). A writer who takes no lock can still come between the two.
 */
int sc_file_replace_seen(int dirfd, const char *name, const struct sc_file_seen *seen, const char *bytes, size_t len);

/*
 * Whether `name` is still the very file that was seen: the inode, the times of the last change, the size; and, as those
 * can stay the same when it is changed within one tick of the kernel's clock, the bytes. Returns 0; -ESTALE; -errno.
 */
int sc_file_is_still(int dirfd, const char *name, const struct sc_file_seen *seen);

/*
 * Removes what killed runs of sc_file_replace() for `name` have left in `dirfd`: regular files with a name as above,
 * whose owner is this process's effective user or `owner`. Nothing else is removed; entries of the directory beyond
 * SC_FILE_ENTRIES_MAX are not looked at, and what cannot be removed is left. The caller keeps other writers away.
 */
#define SC_FILE_ENTRIES_MAX 65536
void sc_file_remove_strays(int dirfd, const char *name, uid_t owner);

/* Writes all of `len` bytes. Returns 0 or -errno. */
int sc_file_write_fd(int fd, const char *bytes, size_t len);

/*
 * Gives the file `to` the extended attributes of the file `from`: labels, access control lists, the users' own. Those
 * that are sums over the bytes ("security.ima", "security.evm") are the kernel's to set, and are left out. One that the
 * file system refuses is an error unless `to` has its value already. Needs to be done after writing and chown, which
 * take "security.capability" away.
 * Returns 0; -E2BIG if the values together are larger than SC_ATTRIBUTES_SIZE_MAX; -ENOMEM; -errno of the calls.
 */
#define SC_ATTRIBUTES_SIZE_MAX ((size_t)1024 * 1024)
int sc_attributes_copy(int from, int to);

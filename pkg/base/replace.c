/* SPDX-License-Identifier: Apache-2.0 */
/* Replacing a file: a new one beside it that takes over all but the bytes, and a rename. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "base/util.h"

#define TMP_NAME_MAX 256
#define TMP_TRIES 16
#define TMP_DIGITS 16
#define TMP_END ".tmp"
#define COMPARE_CHUNK ((size_t)16 * 1024)

struct replacement {
        int dirfd;
        const char *name;
        const struct sc_file_seen *old;      /* what to take over; NULL: there is no file yet */
        const struct sc_file_seen *expected; /* what must still be there; NULL: whatever is there */
        char tmp[TMP_NAME_MAX];
};

/* Opens a new file with a name nobody else has. One that replaces another may be secret, until it is known how much. */
static int open_temporary(struct replacement *new)
{
        const mode_t mode = new->old ? 0600 : 0666;

        for (int i = 0; i < TMP_TRIES; i++) {
                uint64_t r;
                int fd, n;

                if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
                        return sc_errno();
                n = snprintf(new->tmp, TMP_NAME_MAX, ".%s.%0*" PRIx64 TMP_END, new->name, TMP_DIGITS, r);
                if (n < 0 || n >= TMP_NAME_MAX)
                        return -ENAMETOOLONG;
                fd = openat(new->dirfd, new->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
                if (fd >= 0)
                        return fd;
                if (errno != EEXIST)
                        return sc_errno();
        }
        return -EEXIST;
}

/* The order matters: chown takes bits and attributes away, and an access control list sets bits. */
static int take_over(const struct sc_file_seen *seen, int fd)
{
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return sc_errno();
        if ((st.st_uid != seen->st.st_uid || st.st_gid != seen->st.st_gid) &&
            fchown(fd, seen->st.st_uid, seen->st.st_gid) < 0)
                return sc_errno();
        r = sc_attributes_copy(seen->fd, fd);
        if (r == 0 && fchmod(fd, seen->st.st_mode & 07777) < 0)
                r = sc_errno();
        return r;
}

static bool is_same_time(struct timespec a, struct timespec b)
{
        return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
               is_same_time(a->st_mtim, b->st_mtim) && is_same_time(a->st_ctim, b->st_ctim);
}

static int compare_bytes(const struct sc_file_seen *seen)
{
        char chunk[COMPARE_CHUNK];
        size_t len = (size_t)seen->st.st_size, done = 0;

        while (done < len) {
                size_t want = len - done < sizeof(chunk) ? len - done : sizeof(chunk);
                ssize_t n = pread(seen->fd, chunk, want, (off_t)done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return sc_errno();
                if (n == 0 || memcmp(chunk, seen->bytes + done, (size_t)n) != 0)
                        return -ESTALE;
                done += (size_t)n;
        }
        return 0;
}

int sc_file_is_still(int dirfd, const char *name, const struct sc_file_seen *seen)
{
        struct stat now;

        if (fstatat(dirfd, name, &now, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? -ESTALE : sc_errno();
        return is_same_file(&seen->st, &now) ? compare_bytes(seen) : -ESTALE;
}

static int fill_and_rename(const struct replacement *new, int fd, const char *bytes, size_t len)
{
        int r = sc_file_write_fd(fd, bytes, len);

        if (r == 0 && new->old)
                r = take_over(new->old, fd);
        if (r == 0 && fsync(fd) < 0)
                r = sc_errno();
        if (r == 0 && new->expected)
                r = sc_file_is_still(new->dirfd, new->name, new->expected);
        if (r == 0 && renameat(new->dirfd, new->tmp, new->dirfd, new->name) < 0)
                r = sc_errno();
        return r;
}

/* Some file systems have no such call for a directory: they have done what they can. */
static int flush_directory(int dirfd)
{
        if (fsync(dirfd) == 0 || errno == EINVAL || errno == EOPNOTSUPP)
                return 0;
        return SC_FILE_NOT_FLUSHED;
}

static int replace(struct replacement *new, const char *bytes, size_t len)
{
        SC_CLEANUP(sc_closep) int fd = open_temporary(new);
        int r;

        if (fd < 0)
                return fd;
        r = fill_and_rename(new, fd, bytes, len);
        if (r < 0) {
                unlinkat(new->dirfd, new->tmp, 0);
                return r;
        }
        return flush_directory(new->dirfd);
}

int sc_file_replace_seen(int dirfd, const char *name, const struct sc_file_seen *seen, const char *bytes, size_t len)
{
        struct replacement new = { .dirfd = dirfd, .name = name, .old = seen, .expected = seen };

        return replace(&new, bytes, len);
}

/* Looked at before it is opened, as opening a device may do something. */
static int check_old(int dirfd, const char *name)
{
        struct stat st;

        if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return sc_errno();
        return S_ISREG(st.st_mode) ? 0 : -ELOOP;
}

int sc_file_replace(int dirfd, const char *name, const char *bytes, size_t len)
{
        SC_CLEANUP(sc_closep) int fd = -1;
        struct replacement new = { .dirfd = dirfd, .name = name };
        struct sc_file_seen old = { .fd = -1 };
        int r = check_old(dirfd, name);

        if (r == -ENOENT)
                return replace(&new, bytes, len);
        if (r < 0)
                return r;
        fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &old.st) < 0)
                return sc_errno();
        old.fd = fd;
        new.old = &old;
        return replace(&new, bytes, len);
}

int sc_file_replace_path(const char *path, const char *bytes, size_t len)
{
        const char *slash = strrchr(path, '/');
        SC_CLEANUP(sc_freep) char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
        SC_CLEANUP(sc_closep) int dirfd = -1;

        if (!dir)
                return -ENOMEM;
        dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dirfd < 0)
                return sc_errno();
        return sc_file_replace(dirfd, slash ? slash + 1 : path, bytes, len);
}

/* Whether `entry` is a name that open_temporary() makes for `name`. */
static bool is_temporary(const char *entry, const char *name)
{
        size_t len = strlen(name);

        if (entry[0] != '.' || strncmp(entry + 1, name, len) != 0 || entry[1 + len] != '.')
                return false;
        entry += 1 + len + 1;
        return strspn(entry, "0123456789abcdef") == TMP_DIGITS && !strcmp(entry + TMP_DIGITS, TMP_END);
}

static void remove_stray(int dirfd, const char *entry, uid_t owner)
{
        struct stat st;

        if (fstatat(dirfd, entry, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
                return;
        if (st.st_uid == owner || st.st_uid == geteuid())
                unlinkat(dirfd, entry, 0);
}

void sc_file_remove_strays(int dirfd, const char *name, uid_t owner)
{
        int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (!dir) {
                sc_closep(&fd);
                return;
        }
        for (int i = 0; i < SC_FILE_ENTRIES_MAX; i++) {
                const struct dirent *entry = readdir(dir);

                if (!entry)
                        break;
                if (is_temporary(entry->d_name, name))
                        remove_stray(dirfd, entry->d_name, owner);
        }
        closedir(dir);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded reading and atomic replacement of files. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"

#define READ_CHUNK ((size_t)64 * 1024)
#define TMP_NAME_MAX 256
#define TMP_TRIES 16

/* The buffer's size for reading on: what a regular file has left, and one byte to see its end. */
static size_t first_size(int fd, size_t limit)
{
        struct stat st;

        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
                return READ_CHUNK;
        return (size_t)st.st_size < limit ? (size_t)st.st_size + 1 : limit + 1;
}

int sc_file_read_fd(int fd, size_t limit, char **ret_text, size_t *ret_len)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len = 0, cap = first_size(fd, limit);

        for (;;) {
                char *p = !text || len == cap ? realloc(text, (text ? cap *= 2 : cap) + 1) : text;
                ssize_t n;

                if (!p)
                        return -ENOMEM;
                text = p;
                n = read(fd, text + len, cap - len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return sc_errno();
                if (n == 0)
                        break;
                len += (size_t)n;
                if (len > limit)
                        return -EFBIG;
        }
        text[len] = '\0';
        *ret_text = SC_STEAL(text);
        *ret_len = len;
        return 0;
}

int sc_file_read(int dirfd, const char *path, size_t limit, char **ret_text, size_t *ret_len)
{
        SC_CLEANUP(sc_closep) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        struct stat st;

        if (fd < 0)
                return sc_errno();
        if (fstat(fd, &st) < 0)
                return sc_errno();
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
                return -ENODEV;
        /* O_NONBLOCK was for opening only: a pipe from <(…) must be waited for */
        if (fcntl(fd, F_SETFL, O_RDONLY) < 0)
                return sc_errno();
        return sc_file_read_fd(fd, limit, ret_text, ret_len);
}

int sc_file_write_fd(int fd, const char *bytes, size_t len)
{
        while (len > 0) {
                ssize_t n = write(fd, bytes, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return sc_errno();
                bytes += n;
                len -= (size_t)n;
        }
        return 0;
}

/* Opens a new file with a name nobody else has; the name is left in `tmp`. */
static int open_temporary(int dirfd, const char *name, char tmp[TMP_NAME_MAX])
{
        for (int i = 0; i < TMP_TRIES; i++) {
                unsigned long r;
                int fd, n;

                if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
                        return sc_errno();
                n = snprintf(tmp, TMP_NAME_MAX, ".%s.%06lx.tmp", name, r & 0xffffff);
                if (n < 0 || n >= TMP_NAME_MAX)
                        return -ENAMETOOLONG;
                fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
                if (fd >= 0)
                        return fd;
                if (errno != EEXIST)
                        return sc_errno();
        }
        return -EEXIST;
}

/* Gives the new file the owner and permissions of the one that it replaces. */
static int copy_owner(int dirfd, const char *name, int fd)
{
        struct stat st;

        if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : sc_errno();
        if (!S_ISREG(st.st_mode))
                return -ELOOP;
        if (fchown(fd, st.st_uid, st.st_gid) < 0 || fchmod(fd, st.st_mode & 07777) < 0)
                return sc_errno();
        return 0;
}

static int fill_and_rename(int dirfd, const char *name, const char *tmp, int fd, const char *bytes, size_t len)
{
        int r = copy_owner(dirfd, name, fd);

        if (r == 0)
                r = sc_file_write_fd(fd, bytes, len);
        if (r == 0 && fsync(fd) < 0)
                r = sc_errno();
        if (r == 0 && renameat(dirfd, tmp, dirfd, name) < 0)
                r = sc_errno();
        return r;
}

int sc_file_replace(int dirfd, const char *name, const char *bytes, size_t len)
{
        char tmp[TMP_NAME_MAX];
        SC_CLEANUP(sc_closep) int fd = open_temporary(dirfd, name, tmp);
        int r;

        if (fd < 0)
                return fd;
        r = fill_and_rename(dirfd, name, tmp, fd, bytes, len);
        if (r < 0) {
                unlinkat(dirfd, tmp, 0);
                return r;
        }
        return fsync(dirfd) < 0 ? sc_errno() : 0;
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

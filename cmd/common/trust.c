/* SPDX-License-Identifier: Apache-2.0 */
/* A walk from the root directory, each part looked at on the descriptor that the next one is opened from. */
#include "common/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/util.h"

static int untrusted(struct session *s, const char *path, size_t len, const char *what)
{
        struct sc_diag *diag = sc_diags_add(s->diags, SC_ERROR, "untrusted-file", (struct sc_place){ 0 }, "%.*s %s",
                                            (int)len, path, what);

        sc_diag_hint(diag, "what decides over containers must be root's, and nobody else's to change");
        return -EBADMSG;
}

/* `len` bytes of the path name what `fd` is. */
static int check(struct session *s, const char *path, size_t len, int fd, bool last)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return sc_errno();
        if (S_ISLNK(st.st_mode))
                return untrusted(s, path, len, "is a symbolic link");
        if (last && !S_ISREG(st.st_mode))
                return untrusted(s, path, len, "is no regular file");
        if (st.st_uid != 0 && st.st_uid != geteuid())
                return untrusted(s, path, len, "belongs to another user");
        if (st.st_mode & (S_IWGRP | S_IWOTH) && !(S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX))
                return untrusted(s, path, len, "can be written by others");
        return 0;
}

/* Opens the part of the path that ends at `end`, out of `dirfd`. */
static int open_part(int dirfd, const char *path, size_t start, size_t end)
{
        char name[NAME_MAX + 1];
        int fd;

        if (end - start > NAME_MAX)
                return -ENAMETOOLONG;
        memcpy(name, path + start, end - start);
        name[end - start] = '\0';
        fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? sc_errno() : fd;
}

/* Walks to the file: *fd is a descriptor of what was reached last, whatever comes of it. */
static int walk(struct session *s, const char *path, int *fd)
{
        int r = check(s, "/", 1, *fd, false);

        for (size_t start = 1, end; r == 0 && path[start]; start = end + strspn(path + end, "/")) {
                bool last;
                int next;

                start += strspn(path + start, "/");
                end = start + strcspn(path + start, "/");
                last = !path[end + strspn(path + end, "/")];
                if (end == start)
                        break;
                next = open_part(*fd, path, start, end);
                if (next < 0)
                        return next;
                close(*fd);
                *fd = next;
                r = check(s, path, end, next, last);
        }
        return r;
}

int trusted_read(struct session *s, const char *path, size_t limit, struct sc_source *ret_source)
{
        SC_CLEANUP(sc_closep) int fd = -1;
        SC_CLEANUP(sc_freep) char *text = NULL;
        char itself[32];
        size_t len;
        int r;

        if (path[0] != '/' || !path[1])
                return -EINVAL;
        fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return sc_errno();
        r = walk(s, path, &fd);
        if (r < 0)
                return r;
        snprintf(itself, sizeof(itself), "/proc/self/fd/%d", fd);
        r = sc_file_read(AT_FDCWD, itself, limit, &text, &len);
        if (r == 0)
                r = sc_arena_adopt(s->arena, text);
        if (r < 0)
                return r;
        *ret_source = (struct sc_source){ .name = path, .text = SC_STEAL(text), .len = len };
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A walk from the root directory: each step is opened without following a link, then looked at. */
#include "seccompose-runtime/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/util.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

static int distrust(struct session *s, const char *path, size_t len, const char *why)
{
        struct sc_diag *diag = sc_diags_add(s->diags, SC_ERROR, "untrusted-file", (struct sc_place){ 0 }, "%.*s %s",
                                            (int)len, path, why);

        sc_diag_hint(diag, "it must be root's, writable by nobody else, and no link");
        return -EBADMSG;
}

/* Looks at what is open: path[0…len). Others may write in a sticky directory, but not take away what is root's. */
static int look(struct session *s, const char *path, size_t len, int fd, mode_t type)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return sc_errno();
        if (S_ISLNK(st.st_mode))
                return distrust(s, path, len, "is a symbolic link");
        if ((st.st_mode & S_IFMT) != type)
                return distrust(s, path, len, type == S_IFDIR ? "is no directory" : "is no regular file");
        if (st.st_uid != 0 && st.st_uid != geteuid())
                return distrust(s, path, len, "belongs to another user");
        if ((st.st_mode & OTHERS_WRITE) && !(type == S_IFDIR && (st.st_mode & S_ISVTX)))
                return distrust(s, path, len, "can be written by others");
        return 0;
}

/* Goes on from the directory *fd to the part `name` of it. */
static int step(int *fd, const char *name, size_t len)
{
        char part[NAME_MAX + 1];
        int next;

        if (len > NAME_MAX)
                return -ENAMETOOLONG;
        memcpy(part, name, len);
        part[len] = '\0';
        next = openat(*fd, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
                return sc_errno();
        close(*fd);
        *fd = next;
        return 0;
}

/* Goes from the root directory, *fd, to the one that holds the file; *ret_name is the file's name in it. */
static int walk(struct session *s, const char *path, int *fd, const char **ret_name)
{
        const char *p = path;

        for (;;) {
                const char *name = p + strspn(p, "/");
                size_t len = strcspn(name, "/");
                bool last = !name[len];
                int r = look(s, path, p == path ? 1 : (size_t)(p - path), *fd, S_IFDIR);

                if (r == 0 && !last)
                        r = step(fd, name, len);
                if (r < 0)
                        return r;
                if (last) {
                        *ret_name = name;
                        return 0;
                }
                p = name + len;
        }
}

int trusted_read(struct session *s, const char *path, size_t limit, struct sc_source *ret_source)
{
        SC_CLEANUP(sc_closep) int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        SC_CLEANUP(sc_closep) int fd = -1;
        SC_CLEANUP(sc_freep) char *text = NULL;
        const char *name, *kept;
        size_t len;
        int r;

        if (*path != '/')
                return -EINVAL;
        if (dir < 0)
                return sc_errno();
        r = walk(s, path, &dir, &name);
        if (r < 0)
                return r;
        fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
                return errno == ELOOP ? distrust(s, path, strlen(path), "is a symbolic link") : sc_errno();
        r = look(s, path, strlen(path), fd, S_IFREG);
        if (r == 0)
                r = sc_file_read_fd(fd, limit, &text, &len);
        if (r < 0)
                return r;
        kept = sc_arena_strndup(s->arena, text, len);
        if (!kept)
                return -ENOMEM;
        *ret_source = (struct sc_source){ path, kept, len };
        return 0;
}

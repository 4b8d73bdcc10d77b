/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle's directory and its config.json: opened without following links, locked, read, replaced. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "bundle/bundle.h"

#define CONFIG_NAME "config.json"
#define LOCK_PAUSE_MIN_NS 500000L
#define LOCK_PAUSE_MAX_NS 20000000L

struct sc_bundle {
        int fd;
        struct stat st;
        struct sc_file_seen config;
        struct sc_source *source; /* in the arena: diagnostics point to it when the bundle is closed */
};

/* A directory's name without slashes at its end: behind one, a link would be followed. */
static int plain_path(const char *path, char ret_path[PATH_MAX])
{
        size_t len = strlen(path);

        while (len > 1 && path[len - 1] == '/')
                len--;
        if (len >= PATH_MAX)
                return -ENAMETOOLONG;
        memcpy(ret_path, path, len);
        ret_path[len] = '\0';
        return 0;
}

/* Links of /proc to other processes' files are no way to a bundle. Kernels before 5.6 do not have openat2. */
static int open_no_magic(int dirfd, const char *path, int flags)
{
        struct open_how how = { .flags = (uint64_t)flags, .resolve = RESOLVE_NO_MAGICLINKS };
        long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

        /* filters in containers answer EPERM to what they do not know */
        if (fd < 0 && (errno == ENOSYS || errno == EPERM))
                return openat(dirfd, path, flags);
        return (int)fd;
}

static int open_directory(struct sc_bundle *b, int dirfd, const char *path)
{
        char plain[PATH_MAX];
        struct stat st;
        int r = plain_path(path, plain);

        if (r < 0)
                return r;
        b->fd = open_no_magic(dirfd, plain, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (b->fd >= 0)
                return fstat(b->fd, &b->st) < 0 ? sc_errno() : 0;
        r = sc_errno();
        /* the kernel says "not a directory" of a link, too */
        if (r == -ENOTDIR && fstatat(dirfd, plain, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
                r = -ELOOP;
        return r;
}

/* flock has no time limit of its own, and a library sets no alarms. */
static int lock(int fd)
{
        struct timespec pause = { .tv_nsec = LOCK_PAUSE_MIN_NS };
        const int64_t end = sc_now_ms() + SC_BUNDLE_LOCK_MS;

        while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                if (errno != EWOULDBLOCK && errno != EINTR)
                        return sc_errno();
                if (sc_now_ms() >= end)
                        return -ETIMEDOUT;
                nanosleep(&pause, NULL);
                if (pause.tv_nsec < LOCK_PAUSE_MAX_NS)
                        pause.tv_nsec *= 2;
        }
        return 0;
}

/* Whether only those can have written the file who may decide on the bundle. */
static bool is_trusted(const struct stat *dir, const struct stat *file)
{
        if (file->st_uid != 0 && file->st_uid != dir->st_uid && file->st_uid != geteuid())
                return false;
        return !(file->st_mode & S_IWOTH) && (!(dir->st_mode & S_IWOTH) || (dir->st_mode & S_ISVTX));
}

static int open_config(struct sc_bundle *b)
{
        b->config.fd = openat(b->fd, CONFIG_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (b->config.fd < 0)
                return errno == ENXIO ? -ENODEV : sc_errno(); /* a socket, or a device without a driver */
        if (fstat(b->config.fd, &b->config.st) < 0)
                return sc_errno();
        if (!S_ISREG(b->config.st.st_mode))
                return -ENODEV;
        if (!is_trusted(&b->st, &b->config.st))
                return -EPERM;
        return (uint64_t)b->config.st.st_size > SC_JSON_SIZE_MAX ? -EFBIG : 0;
}

/* Reads as many bytes as the file is said to have, and finds its end behind them. */
static int read_config(struct sc_bundle *b, struct sc_arena *arena)
{
        size_t size = (size_t)b->config.st.st_size, len = 0;
        char *text = sc_arena_alloc(arena, size + 1);

        if (!text)
                return -ENOMEM;
        for (;;) {
                ssize_t n = read(b->config.fd, text + len, size + 1 - len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return sc_errno();
                if (n == 0)
                        break;
                len += (size_t)n;
                if (len > size)
                        return -ESTALE;
        }
        if (len < size)
                return -ESTALE;
        b->config.bytes = text;
        b->source = sc_arena_alloc(arena, sizeof(*b->source));
        if (!b->source)
                return -ENOMEM;
        *b->source = (struct sc_source){ .name = CONFIG_NAME, .text = text, .len = len };
        return 0;
}

int sc_bundle_open(int dirfd, const char *path, struct sc_arena *arena, struct sc_bundle **ret_bundle)
{
        SC_CLEANUP(sc_bundle_closep) struct sc_bundle *b = calloc(1, sizeof(*b));
        int r;

        if (!b)
                return -ENOMEM;
        b->fd = b->config.fd = -1;
        r = open_directory(b, dirfd, path);
        if (r == 0)
                r = lock(b->fd);
        if (r == 0)
                r = open_config(b);
        if (r < 0)
                return r;
        sc_file_remove_strays(b->fd, CONFIG_NAME, b->config.st.st_uid);
        r = read_config(b, arena);
        if (r < 0)
                return r;
        *ret_bundle = SC_STEAL(b);
        return 0;
}

struct timespec sc_bundle_changed(const struct sc_bundle *bundle)
{
        return bundle->config.st.st_ctim;
}

const struct sc_source *sc_bundle_config(const struct sc_bundle *bundle)
{
        return bundle->source;
}

int sc_bundle_replace(struct sc_bundle *bundle, const char *text, size_t len)
{
        int r;

        if (len > SC_JSON_SIZE_MAX)
                return -EFBIG;
        if (len == bundle->source->len && !memcmp(text, bundle->source->text, len)) {
                r = sc_file_is_still(bundle->fd, CONFIG_NAME, &bundle->config);
                return r < 0 ? r : SC_BUNDLE_SAME;
        }
        r = sc_file_replace_seen(bundle->fd, CONFIG_NAME, &bundle->config, text, len);
        return r == SC_FILE_NOT_FLUSHED ? SC_BUNDLE_NOT_FLUSHED : r;
}

void sc_bundle_close(struct sc_bundle *bundle)
{
        if (!bundle)
                return;
        sc_closep(&bundle->config.fd);
        sc_closep(&bundle->fd);
        free(bundle);
}

void sc_bundle_closep(struct sc_bundle **bundle)
{
        sc_bundle_close(*bundle);
}

const char *sc_bundle_error(int r)
{
        static const struct {
                int error;
                const char *text;
        } rows[] = {
                { -ELOOP, "the bundle or its config.json is a symbolic link" },
                { -ENODEV, "config.json is no regular file" },
                { -EPERM, "config.json belongs to a third user, or everybody may write it, or it may not be replaced" },
                { -ESTALE, "config.json was changed by somebody else at the same time" },
                { -ETIMEDOUT, "another process holds the lock on the bundle" },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++)
                if (rows[i].error == r)
                        return rows[i].text;
        return NULL;
}

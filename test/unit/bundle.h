/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle in a directory of its own, for tests of its config.json as a file. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "bundle/bundle.h"
#include "test.h"

#define CONFIG "config.json"
#define OLD "{ \"a\": 1 }\n"
#define NEW "{ \"a\": 1, \"b\": [2, 3] }\n"
#define ALICE 1001
#define BOB 1002

/* A directory in /tmp with a bundle in it. */
struct world {
        char top[64];
        char path[96];
        int fd;
        struct sc_arena *arena;
};

static inline void must(bool ok, const char *what)
{
        if (ok)
                return;
        printf("Bail out! %s: %s\n", what, strerror(errno));
        exit(EXIT_FAILURE);
}

static inline void put(int dirfd, const char *name, const char *text)
{
        SC_CLEANUP(sc_closep) int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

        must(fd >= 0 && sc_file_write_fd(fd, text, strlen(text)) == 0, name);
}

static inline struct world world_make(const char *config)
{
        struct world w = { .top = "/tmp/sc-test-file-XXXXXX", .arena = sc_arena_new() };

        must(w.arena && mkdtemp(w.top), "mkdtemp");
        snprintf(w.path, sizeof(w.path), "%s/bundle", w.top);
        must(mkdir(w.path, 0755) == 0, "mkdir");
        w.fd = open(w.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        must(w.fd >= 0, "open");
        if (config)
                put(w.fd, CONFIG, config);
        return w;
}

/* Removes what the test made; anything else that is there is found by rmdir. */
static inline void world_done(struct world *w, ...)
{
        va_list names;

        va_start(names, w);
        for (const char *name; (name = va_arg(names, const char *));)
                CHECK_INT(unlinkat(w->fd, name, 0), 0);
        va_end(names);
        unlinkat(w->fd, CONFIG, 0);
        CHECK_INT(rmdir(w->path), 0);
        CHECK_INT(rmdir(w->top), 0);
        close(w->fd);
        sc_arena_free(w->arena);
}

static inline int try_open(const struct world *w, const char *path)
{
        SC_CLEANUP(sc_bundle_closep) struct sc_bundle *b = NULL;
        int r = sc_bundle_open(AT_FDCWD, path, w->arena, &b);

        CHECK((r == 0) == (b != NULL));
        return r;
}

static inline int replace(const struct world *w, const char *text)
{
        SC_CLEANUP(sc_bundle_closep) struct sc_bundle *b = NULL;
        int r = sc_bundle_open(AT_FDCWD, w->path, w->arena, &b);

        return r < 0 ? r : sc_bundle_replace(b, text, strlen(text));
}

static inline void expect_text(const struct world *w, const char *name, const char *want)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len;

        CHECK_INT(sc_file_read(w->fd, name, SC_JSON_SIZE_MAX, &text, &len), 0);
        CHECK_STR(text, want);
}

static inline bool exists(const struct world *w, const char *name)
{
        struct stat st;

        return fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

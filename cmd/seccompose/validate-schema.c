/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas of others: a file, and the files beside it that it refers to. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "schema/uri.h"
#include "seccompose/validate.h"

#define VALIDATE_REFS_MAX 64                               /* files that a schema may refer to */
#define VALIDATE_REFS_SIZE_MAX ((size_t)16 * 1024 * 1024) /* bytes of all of them */

/* Stands for the schema's directory; "../x" leads out of it, where nothing is. */
#define BESIDE "file:///beside/"

struct shelf {
        struct sc_arena *arena;
        struct sc_diags *diags;
        int dir;
        const char *id; /* of the schema's directory by its own "$id", up to a slash; NULL: it has none */
        size_t n_files;
        size_t bytes_left;
};

/* Keeps a text that was read, and parses it. */
static int take_text(struct shelf *shelf, const char *name, char *text, size_t len, const struct sc_json **ret_root)
{
        struct sc_source *source = sc_arena_alloc(shelf->arena, sizeof(*source));
        const char *kept = source ? sc_arena_strdup(shelf->arena, name) : NULL;

        if (!kept || sc_arena_adopt(shelf->arena, text) < 0)
                return sc_freep(&text), -ENOMEM;
        *source = (struct sc_source){ kept, text, len };
        return sc_json_parse(shelf->arena, source, 0, shelf->diags, ret_root);
}

static bool is_plain(const char *part)
{
        return *part && strcmp(part, ".") != 0 && strcmp(part, "..") != 0;
}

/* Opens a file below `dir`, part by part, through no symbolic link. `path` is changed. Returns it, or -errno. */
static int open_beneath(int dir, char *path)
{
        SC_CLEANUP(sc_closep) int at = fcntl(dir, F_DUPFD_CLOEXEC, 0);

        while (at >= 0) {
                char *part = path, *slash = strchr(path, '/');
                int next;

                if (slash)
                        *slash = '\0';
                if (!is_plain(part))
                        return -ENOENT;
                next = openat(at, part, O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
                                                (slash ? O_PATH | O_DIRECTORY : O_RDONLY));
                if (next < 0)
                        return sc_errno();
                if (!slash)
                        return next;
                close(at);
                at = next;
                path = slash + 1;
        }
        return sc_errno();
}

static int read_beneath(struct shelf *shelf, const char *path, const struct sc_json **ret_root)
{
        char *parts = sc_arena_strdup(shelf->arena, path), *text;
        SC_CLEANUP(sc_closep) int fd = parts ? open_beneath(shelf->dir, parts) : -ENOMEM;
        struct stat st;
        size_t len;
        int r;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return sc_errno();
        if (!S_ISREG(st.st_mode))
                return -ENOENT;
        r = sc_file_read_fd(fd, shelf->bytes_left, &text, &len);
        if (r < 0)
                return r;
        shelf->bytes_left -= len;
        return take_text(shelf, path, text, len, ret_root);
}

/* What stands behind the directory's URI; NULL if `uri` is elsewhere. */
static const char *behind(const struct shelf *shelf, const char *uri)
{
        if (!strncmp(uri, BESIDE, strlen(BESIDE)))
                return uri + strlen(BESIDE);
        if (shelf->id && !strncmp(uri, shelf->id, strlen(shelf->id)))
                return uri + strlen(shelf->id);
        return NULL;
}

/* Says why a file is not read, where the compiler could only say that there is none. */
static int refuse(struct shelf *shelf, const char *path, const char *why)
{
        sc_diags_add(shelf->diags, SC_ERROR, "schema-ref", (struct sc_place){ 0 }, "cannot read '%s', which the schema "
                     "refers to: %s", path, why);
        return -EBADMSG;
}

static int find_file(void *data, const char *uri, const struct sc_json **ret_root)
{
        struct shelf *shelf = data;
        const char *rest = behind(shelf, uri), *path;
        int r;

        if (!rest)
                return -ENOENT;
        path = sc_uri_unescape(shelf->arena, rest);
        if (!path)
                return -ENOMEM;
        if (shelf->n_files++ == VALIDATE_REFS_MAX)
                return refuse(shelf, path, "it refers to too many files");
        r = read_beneath(shelf, path, ret_root);
        if (r == -ELOOP || r == -ENOTDIR)
                return refuse(shelf, path, "symbolic links are not followed");
        if (r == -EFBIG)
                return refuse(shelf, path, "all that it refers to is too large");
        return r == -EACCES ? refuse(shelf, path, strerror(EACCES)) : r;
}

/* The directory of an absolute "$id" ("id" in draft 4), as far as its last slash. */
static const char *id_of(struct sc_arena *arena, const struct sc_json *root)
{
        const struct sc_json *id = sc_json_get(root, "$id") ? sc_json_get(root, "$id") : sc_json_get(root, "id");
        const char *authority = id && id->type == SC_JSON_STRING ? strstr(id->text, "://") : NULL;
        const char *last = authority ? strrchr(authority + strlen("://"), '/') : NULL;

        return last ? sc_arena_strndup(arena, id->text, (size_t)(last + 1 - id->text)) : NULL;
}

/* The directory of a path; "." if it names none. */
static int open_directory(const char *path)
{
        const char *slash = strrchr(path, '/');
        SC_CLEANUP(sc_freep) char *dir = slash ? strndup(path, (size_t)(slash + 1 - path)) : strdup(".");
        int fd = dir ? open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

        return fd < 0 ? (dir ? sc_errno() : -ENOMEM) : fd;
}

/* BESIDE and the last part of the path, with all that means something in a URI escaped. */
static const char *uri_of(struct sc_arena *arena, const char *path)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf uri = SC_STRBUF_INIT;
        const char *slash = strrchr(path, '/');

        sc_strbuf_puts(&uri, BESIDE);
        for (const char *p = slash ? slash + 1 : path; *p; p++) {
                bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
                             strchr("-._~", *p);

                sc_strbuf_printf(&uri, plain ? "%c" : "%%%02X", (unsigned char)*p);
        }
        return uri.failed ? NULL : sc_arena_strdup(arena, uri.text);
}

int schema_load(struct session *s, const char *path, struct sc_schema **ret_schema)
{
        struct shelf shelf = { .arena = s->arena, .diags = s->diags, .bytes_left = VALIDATE_REFS_SIZE_MAX };
        SC_CLEANUP(sc_closep) int dir = open_directory(path);
        struct sc_schema_options options = SC_SCHEMA_OPTIONS_DEFAULT;
        const struct sc_json *root;
        char *text;
        size_t len;
        int r = dir < 0 ? dir : sc_file_read(AT_FDCWD, path, SC_JSON_SIZE_MAX, &text, &len);

        if (r < 0)
                return r;
        shelf.dir = dir;
        r = take_text(&shelf, path, text, len, &root);
        if (r < 0)
                return r;
        shelf.id = id_of(s->arena, root);
        options.uri = uri_of(s->arena, path);
        options.find = find_file;
        options.data = &shelf;
        return options.uri ? sc_schema_compile(s->arena, root, &options, s->diags, ret_schema) : -ENOMEM;
}

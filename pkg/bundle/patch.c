/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle's config.json, read, spliced and replaced. */
#include "bundle/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/util.h"

#define CONFIG_NAME "config.json"

/* Reads the file into the arena; a link or a special file in its place is somebody's attack or mistake. */
static int read_config(struct sc_arena *arena, int bundle_fd, struct sc_source *ret_source)
{
        SC_CLEANUP(sc_closep) int fd = openat(bundle_fd, CONFIG_NAME,
                                              O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        SC_CLEANUP(sc_freep) char *text = NULL;
        const char *kept;
        struct stat st;
        size_t len;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return sc_errno();
        if (!S_ISREG(st.st_mode))
                return -ENODEV;
        r = sc_file_read_fd(fd, SC_JSON_SIZE_MAX, &text, &len);
        if (r < 0)
                return r;
        kept = sc_arena_strndup(arena, text, len);
        if (!kept)
                return -ENOMEM;
        *ret_source = (struct sc_source){ .name = CONFIG_NAME, .text = kept, .len = len };
        return 0;
}

/* Reads what will be written: a reader must find an object at linux.seccomp. */
static int check_result(const char *text, size_t len, const char *seccomp, size_t seccomp_len)
{
        struct sc_source source = { .name = CONFIG_NAME, .text = text, .len = len };
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root, *value;
        int r;

        if (!arena || !diags)
                return -ENOMEM;
        if (len > SC_JSON_SIZE_MAX)
                return -EFBIG;
        r = sc_json_parse(arena, &source, SC_JSON_KEEP_DUPLICATES, diags, &root);
        if (r < 0)
                return r == -EBADMSG ? -EINVAL : r;
        value = sc_json_get(sc_json_get(root, "linux"), "seccomp");
        if (!value || value->type != SC_JSON_OBJECT)
                return -EINVAL;
        return memmem(seccomp, seccomp_len, text + value->place.offset, value->place.length) ? 0 : -EINVAL;
}

int sc_bundle_patch(struct sc_arena *arena, int bundle_fd, const char *seccomp, size_t len, struct sc_diags *diags)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        const struct sc_json *root = NULL;
        struct sc_source *config = sc_arena_alloc(arena, sizeof(*config)); /* diagnostics point into it */
        size_t text_len;
        int r;

        if (!config)
                return -ENOMEM;
        r = read_config(arena, bundle_fd, config);
        if (r < 0)
                return r;
        r = sc_json_parse(arena, config, SC_JSON_KEEP_DUPLICATES, diags, &root);
        if (r < 0)
                return r;
        r = sc_bundle_splice(config, root, seccomp, len, SC_BUNDLE_REFUSE, diags, &text, &text_len);
        if (r < 0)
                return r;
        if (text_len == config->len && !memcmp(text, config->text, text_len))
                return 1;
        r = check_result(text, text_len, seccomp, len);
        if (r < 0)
                return r;
        return sc_file_replace(bundle_fd, CONFIG_NAME, text, text_len);
}

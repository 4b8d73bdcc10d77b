/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle's config.json, read, spliced and replaced. */
#include "bundle/bundle.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

#define CONFIG_NAME "config.json"

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
        r = sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root);
        if (r < 0)
                return r == -EBADMSG ? -EINVAL : r;
        value = sc_json_get(sc_json_get(root, "linux"), "seccomp");
        if (!value || value->type != SC_JSON_OBJECT)
                return -EINVAL;
        return memmem(seccomp, seccomp_len, text + value->place.offset, value->place.length) ? 0 : -EINVAL;
}

/* The text that config.json will have; in heap memory. */
static int make_text(struct sc_arena *arena, const struct sc_source *config, const char *seccomp, size_t len,
                     struct sc_diags *diags, char **ret_text, size_t *ret_len)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        const struct sc_json *root = NULL;
        size_t text_len = 0;
        int r = sc_json_parse(arena, config, SC_JSON_FOLD_KEYS, diags, &root);

        if (r == 0)
                r = sc_bundle_splice(config, root, seccomp, len, diags, &text, &text_len);
        if (r == 0)
                r = check_result(text, text_len, seccomp, len);
        if (r < 0)
                return r;
        *ret_text = SC_STEAL(text);
        *ret_len = text_len;
        return 0;
}

int sc_bundle_patch(struct sc_arena *arena, struct sc_bundle *bundle, const char *seccomp, size_t len,
                    struct sc_diags *diags)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t text_len = 0;
        int r = make_text(arena, sc_bundle_config(bundle), seccomp, len, diags, &text, &text_len);

        return r < 0 ? r : sc_bundle_replace(bundle, text, text_len);
}

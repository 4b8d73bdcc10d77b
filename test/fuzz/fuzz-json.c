/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The readers of JSON under a fuzzer: parse, guess, read as a profile, write, read again, splice into it as a
 * config.json. The first byte holds the flags of the parse. What must hold is asserted; the sanitizers see the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"
#include "fuzz/fuzz.h"
#include "profile/profile.h"

static void require(bool ok)
{
        if (!ok)
                abort();
}

/* A written profile reads as itself. */
static void check_profile(struct sc_arena *arena, struct sc_diags *diags, const struct sc_profile *profile)
{
        struct sc_source source = { .name = "written" };
        const struct sc_json *root;
        struct sc_profile *again;
        char *one, *two;
        size_t len;

        require(sc_profile_write(profile, SC_JSON_INDENTED, &one, &len) == 0);
        source.text = one;
        source.len = strlen(one);
        require(sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root) == 0);
        require(sc_profile_read(arena, root, diags, &again) == 0);
        require(sc_profile_write(again, SC_JSON_INDENTED, &two, &len) == 0);
        require(!strcmp(one, two));
        free(one);
        free(two);
}

/* What was spliced has the new profile in its place. */
static void check_splice(struct sc_arena *arena, struct sc_diags *diags, const struct sc_source *config,
                         const struct sc_json *root)
{
        struct sc_source source = { .name = "spliced" };
        const struct sc_json *seccomp;
        char *text;
        size_t len;

        if (sc_bundle_splice(config, root, "{\"p\":1}", 7, diags, &text, &len) < 0)
                return;
        source.text = text;
        source.len = len;
        require(sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root) == 0);
        require(sc_profile_in_config(root, diags, &seccomp) == 0 && seccomp);
        require(seccomp->place.length == 7 && !memcmp(text + seccomp->place.offset, "{\"p\":1}", 7));
        free(text);
}

static void check_findings(const struct sc_diags *diags)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const struct sc_diag *const *all;
        size_t n;

        all = sc_diags_all(diags, &n);
        require(n > 0);
        for (size_t i = 0; i < n; i++) {
                require(all[i]->places[0].offset + all[i]->places[0].length <= all[i]->places[0].source->len);
                sc_diag_format(all[i], &out);
        }
        sc_strbuf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        unsigned flags = size ? data[0] & (SC_JSON_COMMENTS | SC_JSON_FOLD_KEYS) : 0;
        size_t skip = size > 0;
        struct sc_source source = { .name = "input", .text = (const char *)data + skip, .len = size - skip };
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        struct sc_profile *profile;
        const struct sc_json *root;
        int r = sc_json_parse(arena, &source, flags, diags, &root);

        if (r == 0) {
                sc_profile_guess(root);
                r = sc_profile_read(arena, root, diags, &profile);
                if (r == 0)
                        check_profile(arena, diags, profile);
                if (flags == SC_JSON_FOLD_KEYS)
                        check_splice(arena, diags, &source, root);
        }
        if (r < 0)
                check_findings(diags);
        sc_arena_free(arena);
        sc_diags_free(diags);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of container states under a fuzzer: what it lets pass is what the header promises. */
#include <limits.h>
#include <string.h>

#include "bundle/bundle.h"
#include "fuzz/fuzz.h"

/* No byte of a control character. */
static bool is_clean(const char *text)
{
        for (const unsigned char *p = (const unsigned char *)text; *p; p++)
                if (*p < ' ' || *p == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0))
                        return false;
        return true;
}

static void check_path(const char *path)
{
        char copy[PATH_MAX];

        require(path[0] == '/' && strlen(path) < PATH_MAX && is_clean(path));
        memcpy(copy, path, strlen(path) + 1);
        for (char *save = NULL, *part = strtok_r(copy, "/", &save); part; part = strtok_r(NULL, "/", &save))
                require(strcmp(part, "..") != 0);
}

static void check_state(const struct sc_bundle_state *state)
{
        const struct sc_json *annotations = state->annotations;

        require(state->oci_version && state->oci_version[0] && strlen(state->oci_version) <= SC_BUNDLE_VERSION_MAX);
        require(is_clean(state->oci_version));
        require(state->id && state->id[0] && strlen(state->id) <= SC_BUNDLE_ID_MAX);
        require(is_clean(state->id) && !strchr(state->id, '/'));
        require(strcmp(state->id, ".") != 0 && strcmp(state->id, "..") != 0);
        require(state->status <= SC_BUNDLE_STOPPED && sc_bundle_status_name(state->status));
        require(state->pid >= 0 && state->pid <= SC_BUNDLE_PID_MAX);
        require(state->pid > 0 || state->status == SC_BUNDLE_CREATING || state->status == SC_BUNDLE_STOPPED);
        check_path(state->bundle);
        if (!annotations)
                return;
        require(annotations->type == SC_JSON_OBJECT);
        for (const struct sc_json *m = annotations->first; m; m = m->next)
                require(m->type == SC_JSON_STRING && strlen(m->text) == m->len &&
                        sc_json_get(annotations, m->key->text) == m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct sc_source source = { .name = "state", .text = (const char *)data, .len = size };
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        struct sc_bundle_state state;
        int r = sc_bundle_state_read(arena, &source, diags, &state);

        require(r == 0 || r == -EBADMSG);
        if (r == 0)
                check_state(&state);
        else
                check_findings(diags);
        sc_arena_free(arena);
        sc_diags_free(diags);
        return 0;
}

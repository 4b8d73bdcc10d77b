/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a container, which its runtime gives to hooks: every field is checked, as any of them may be hostile. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "bundle/internal.h"

/* One reading; `places` of findings are those of the root where a field is missing. */
struct reader {
        struct sc_diags *diags;
        const struct sc_json *root;
        struct sc_bundle_state state;
};

/* Checks a field that is there, and keeps it. Returns 0, or -EBADMSG with a diagnostic. */
typedef int read_fn(struct reader *r, const struct sc_json *value);

static const char *const status_names[] = {
        [SC_BUNDLE_CREATING] = "creating",
        [SC_BUNDLE_CREATED] = "created",
        [SC_BUNDLE_RUNNING] = "running",
        [SC_BUNDLE_STOPPED] = "stopped",
};

const char *sc_bundle_status_name(enum sc_bundle_status status)
{
        return status_names[status];
}

static int bad(struct reader *r, const struct sc_json *value, const char *what)
{
        sc_diags_add(r->diags, SC_ERROR, "bad-state", value->place, "the container's state: %s", what);
        return -EBADMSG;
}

static int read_version(struct reader *r, const struct sc_json *value)
{
        if (!bundle_is_clean(value) || !value->len || value->len > SC_BUNDLE_VERSION_MAX)
                return bad(r, value, "'ociVersion' must be a version such as \"1.0.2\"");
        for (size_t i = 0; i < value->len; i++)
                if ((unsigned char)value->text[i] >= 0x80)
                        return bad(r, value, "'ociVersion' must be a version such as \"1.0.2\"");
        r->state.oci_version = value->text;
        return 0;
}

static int read_id(struct reader *r, const struct sc_json *value)
{
        if (!bundle_is_clean(value) || !value->len)
                return bad(r, value, "'id' must be a string, not empty and without control characters");
        if (value->len > SC_BUNDLE_ID_MAX)
                return bad(r, value, "'id' is too long");
        if (strchr(value->text, '/') || sc_json_is(value, ".") || sc_json_is(value, ".."))
                return bad(r, value, "'id' must be no path");
        r->state.id = value->text;
        return 0;
}

static int read_status(struct reader *r, const struct sc_json *value)
{
        for (size_t i = 0; i < SC_COUNT(status_names); i++)
                if (sc_json_is(value, status_names[i])) {
                        r->state.status = (enum sc_bundle_status)i;
                        return 0;
                }
        return bad(r, value, "'status' must be creating, created, running or stopped");
}

/* Runtimes write 0 for a process that is gone. */
static int read_pid(struct reader *r, const struct sc_json *value)
{
        uint64_t pid;

        if (sc_json_u64(value, &pid) < 0 || pid > SC_BUNDLE_PID_MAX)
                return bad(r, value, "'pid' must be the number of a process");
        if (!pid && r->state.status != SC_BUNDLE_STOPPED)
                return bad(r, value, "'pid' is 0, and the container is not stopped");
        r->state.pid = (pid_t)pid;
        return 0;
}

/* True if one of the path's parts is "..". */
static bool goes_up(const char *path)
{
        for (const char *p = path; (p = strstr(p, "/..")); p++)
                if (p[3] == '/' || p[3] == '\0')
                        return true;
        return false;
}

static int read_bundle(struct reader *r, const struct sc_json *value)
{
        if (!bundle_is_clean(value))
                return bad(r, value, "'bundle' must be a string without control characters");
        if (value->text[0] != '/')
                return bad(r, value, "'bundle' must be an absolute path");
        if (value->len >= PATH_MAX)
                return bad(r, value, "'bundle' is too long for a path");
        if (goes_up(value->text))
                return bad(r, value, "'bundle' must not hold '..'");
        r->state.bundle = value->text;
        return 0;
}

/* Their keys are a map's: no reader folds them, and two that differ in case are two. */
static int read_annotations(struct reader *r, const struct sc_json *value)
{
        int error;

        if (value->type == SC_JSON_NULL)
                return 0;
        if (value->type != SC_JSON_OBJECT)
                return bad(r, value, "'annotations' must be an object");
        for (const struct sc_json *m = value->first; m; m = m->next)
                if (m->type != SC_JSON_STRING || memchr(m->text, '\0', m->len))
                        return bad(r, m, "an annotation must be a string without NUL");
        error = sc_json_check_keys(value, 0, r->diags);
        if (error == 0)
                r->state.annotations = value;
        return error;
}

/* "status" comes before "pid", which depends on it. */
static const struct field {
        const char *key;
        read_fn *read;
        bool required;
} fields[] = {
        { "ociVersion", read_version, true },
        { "id", read_id, true },
        { "status", read_status, true },
        { "pid", read_pid, false },
        { "bundle", read_bundle, true },
        { "annotations", read_annotations, false },
};

static int read_field(struct reader *r, const struct field *field)
{
        const struct sc_json *value = NULL;
        int error = bundle_member(r->root, field->key, r->diags, &value);

        if (error < 0)
                return error;
        if (value)
                return field->read(r, value);
        if (!field->required)
                return 0;
        sc_diags_add(r->diags, SC_ERROR, "bad-state", r->root->place, "the container's state has no '%s'", field->key);
        return -EBADMSG;
}

static int check_size(const struct sc_source *source, struct sc_diags *diags)
{
        struct sc_place start = { .source = source };

        if (source->len <= SC_BUNDLE_STATE_SIZE_MAX)
                return 0;
        sc_diags_add(diags, SC_ERROR, "bad-state", start, "the container's state is larger than the %zu bytes read",
                     SC_BUNDLE_STATE_SIZE_MAX);
        return -EBADMSG;
}

int sc_bundle_state_read(struct sc_arena *arena, const struct sc_source *source, struct sc_diags *diags,
                         struct sc_bundle_state *ret_state)
{
        struct reader r = { .diags = diags };
        int error = check_size(source, diags);

        if (error == 0)
                error = sc_json_parse(arena, source, SC_JSON_KEEP_DUPLICATES, diags, &r.root);
        if (error < 0)
                return error;
        if (r.root->type != SC_JSON_OBJECT)
                return bad(&r, r.root, "it must be an object");
        for (size_t i = 0; i < SC_COUNT(fields) && error == 0; i++)
                error = read_field(&r, &fields[i]);
        if (error < 0)
                return error;
        if (!r.state.pid && (r.state.status == SC_BUNDLE_CREATED || r.state.status == SC_BUNDLE_RUNNING))
                return bad(&r, r.root, "it has no 'pid', which a container that was created has");
        *ret_state = r.state;
        return 0;
}

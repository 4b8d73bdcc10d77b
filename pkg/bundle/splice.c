/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest edit of a config.json that sets linux.seccomp. */
#include "bundle/bundle.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/util.h"

/* What to do with the text: `length` bytes at `offset` become what is put between `before` and `after`. */
struct edit {
        size_t offset;
        size_t length;
        const char *gap; /* a new member stands behind a comma and this white space; NULL: no comma */
        size_t gap_len;
        const char *before;
        const char *after;
};

static bool is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Leaves out the white space around the text. */
static void trim(const char **text, size_t *len)
{
        while (*len && is_space((*text)[0])) {
                (*text)++;
                (*len)--;
        }
        while (*len && is_space((*text)[*len - 1]))
                (*len)--;
}

/* 0 if the text is a JSON object. Its diagnostics would point into the caller's memory: nobody gets them. */
static int check_profile(const char *seccomp, size_t len)
{
        struct sc_source source = { .name = "seccomp", .text = seccomp, .len = len };
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root;
        int r;

        if (!arena || !diags)
                return -ENOMEM;
        r = sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root);
        if (r == -EBADMSG || (r == 0 && root->type != SC_JSON_OBJECT))
                return -EINVAL;
        return r;
}

static int want_object(const struct sc_json *value, const char *what, struct sc_diags *diags)
{
        if (value->type == SC_JSON_OBJECT)
                return 0;
        sc_diags_add(diags, SC_ERROR, "bundle-type", value->place, "%s must be an object, not %s", what,
                     sc_json_type_name(value->type));
        return -EBADMSG;
}

/* The member with this name, NULL if there is none; a finding if it is there in another case. */
static int find_member(const struct sc_json *object, const char *name, struct sc_diags *diags,
                       const struct sc_json **ret_member)
{
        const struct sc_json *found = NULL;
        struct sc_diag *diag;

        for (const struct sc_json *m = object->first; m; m = m->next) {
                if (!sc_json_is_folded(m->key, name))
                        continue;
                if (!sc_json_is(m->key, name)) {
                        diag = sc_diags_add(diags, SC_ERROR, "bundle-key-case", m->key->place,
                                            "'%s' is written in another case here", name);
                        sc_diag_hint(diag, "runc reads it as '%s', crun ignores it: write '%s'", name, name);
                        return -EBADMSG;
                }
                found = m;
        }
        *ret_member = found;
        return 0;
}

static int check_annotations(const struct sc_json *root, struct sc_diags *diags)
{
        const struct sc_json *raw = sc_json_get(sc_json_get(root, "annotations"), SC_BUNDLE_CRUN_BPF);
        struct sc_diag *diag;

        if (!raw)
                return 0;
        diag = sc_diags_add(diags, SC_ERROR, "bundle-raw-bpf", raw->key->place,
                            "crun would load this annotation's filter in place of linux.seccomp");
        sc_diag_hint(diag, "remove the annotation; a profile written beside it does nothing under crun");
        return -EBADMSG;
}

/* Behind the last member, after a comma and the white space that stands before that member's key. */
static struct edit append_to(const struct sc_source *config, const struct sc_json *object, const char *before,
                             const char *after)
{
        struct edit edit = { .offset = object->place.offset + 1, .before = before, .after = after };
        const struct sc_json *last = object->first;
        size_t start;

        if (!last)
                return edit;
        while (last->next)
                last = last->next;
        start = last->key->place.offset;
        while (is_space(config->text[start - 1]))
                start--;
        edit.offset = last->place.offset + last->place.length;
        edit.gap = config->text + start;
        edit.gap_len = last->key->place.offset - start;
        return edit;
}

static struct edit replace(const struct sc_json *value, const char *before, const char *after)
{
        return (struct edit){
                .offset = value->place.offset,
                .length = value->place.length,
                .before = before,
                .after = after,
        };
}

static int find_edit(const struct sc_source *config, const struct sc_json *root, struct sc_diags *diags,
                     struct edit *ret_edit)
{
        const struct sc_json *section = NULL, *seccomp = NULL;
        int r = want_object(root, "config.json", diags);

        if (r == 0)
                r = check_annotations(root, diags);
        if (r == 0)
                r = find_member(root, "linux", diags, &section);
        if (r < 0)
                return r;
        if (!section) {
                *ret_edit = append_to(config, root, "\"linux\": {\"seccomp\": ", "}");
                return 0;
        }
        if (section->type == SC_JSON_NULL) {
                *ret_edit = replace(section, "{\"seccomp\": ", "}");
                return 0;
        }
        r = want_object(section, "'linux'", diags);
        if (r == 0)
                r = find_member(section, "seccomp", diags, &seccomp);
        if (r < 0)
                return r;
        *ret_edit = seccomp ? replace(seccomp, "", "") : append_to(config, section, "\"seccomp\": ", "");
        return 0;
}

int sc_bundle_splice(const struct sc_source *config, const struct sc_json *root, const char *seccomp, size_t len,
                     struct sc_diags *diags, char **ret_text, size_t *ret_len)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct edit edit = { 0 };
        size_t rest;
        int r;

        trim(&seccomp, &len);
        r = check_profile(seccomp, len);
        if (r == 0)
                r = find_edit(config, root, diags, &edit);
        if (r < 0)
                return r;
        rest = edit.offset + edit.length;
        sc_strbuf_append(&out, config->text, edit.offset);
        if (edit.gap) {
                sc_strbuf_puts(&out, ",");
                sc_strbuf_append(&out, edit.gap, edit.gap_len);
        }
        sc_strbuf_puts(&out, edit.before);
        sc_strbuf_append(&out, seccomp, len);
        sc_strbuf_puts(&out, edit.after);
        sc_strbuf_append(&out, config->text + rest, config->len - rest);
        if (out.failed) {
                sc_strbuf_done(&out);
                return -ENOMEM;
        }
        *ret_text = out.text;
        *ret_len = out.len;
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest edit of a config.json that sets linux.seccomp. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "bundle/internal.h"

/* `length` bytes at `offset` become what is put between `before` and `after`; if these are NULL, nothing. */
struct edit {
        size_t offset;
        size_t length;
        const char *gap; /* a new member stands behind a comma and this white space; NULL: no comma */
        size_t gap_len;
        const char *before;
        const char *after;
};

struct splice {
        const struct sc_source *config;
        const struct sc_json *root;
        enum sc_bundle_conflicts conflicts;
        struct sc_diags *diags;
        const struct sc_json *annotations; /* the members that stay; NULL if none does */
        const struct sc_json *section;     /* "linux" */
        const struct sc_json *seccomp;
        struct edit *edits;
        size_t n_edits;
        size_t cap_edits;
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
static int check_profile(const char *seccomp, size_t len, unsigned flags)
{
        struct sc_source source = { .name = "seccomp", .text = seccomp, .len = len };
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root;
        int r;

        if (!arena || !diags)
                return -ENOMEM;
        r = sc_json_parse(arena, &source, flags, diags, &root);
        if (r == -EBADMSG || (r == 0 && root->type != SC_JSON_OBJECT))
                return -EINVAL;
        return r;
}

static int add_edit(struct splice *s, struct edit edit)
{
        struct edit *edits = sc_grow(s->edits, s->n_edits, &s->cap_edits, sizeof(*edits));

        if (!edits)
                return -ENOMEM;
        s->edits = edits;
        edits[s->n_edits++] = edit;
        return 0;
}

static size_t end_of(const struct sc_json *value)
{
        return value->place.offset + value->place.length;
}

/* ---- Which member stays ---- */

/* True for the keys that a member may hold and still be cut out, as they are cut out or replaced themselves. */
typedef bool spare_fn(const struct sc_json *key);

static bool is_seccomp(const struct sc_json *key)
{
        return sc_json_is_folded(key, "seccomp");
}

static bool is_raw_bpf(const struct sc_json *key)
{
        return sc_json_is(key, SC_BUNDLE_CRUN_BPF);
}

/* All that some reader takes for one member. */
struct group {
        const struct sc_json *first; /* with the exact key */
        const struct sc_json *full;  /* holds something that must not be lost */
        const struct sc_json *null;  /* erases what stands before it, for Go; hides what comes behind it, for yajl */
};

static bool is_full(const struct sc_json *member, spare_fn *is_spare)
{
        if (member->type != SC_JSON_OBJECT)
                return member->type != SC_JSON_NULL;
        for (const struct sc_json *m = member->first; m; m = m->next)
                if (!is_spare(m->key))
                        return true;
        return false;
}

/* Two of which neither can go: one would be lost for some reader. */
static int refuse_both(const struct splice *s, const struct sc_json *a, const struct sc_json *b, const char *name)
{
        bool ordered = a->place.offset < b->place.offset;
        struct sc_diag *diag = bundle_report_twice(ordered ? a : b, ordered ? b : a, name, s->diags);

        sc_diag_hint(diag, "neither can be removed: readers disagree on which counts, and a setting would be lost");
        return -EBADMSG;
}

static int gather(const struct splice *s, const struct sc_json *object, const char *name, spare_fn *is_spare,
                  struct group *group)
{
        for (const struct sc_json *m = object->first; m; m = m->next) {
                if (!sc_json_is_folded(m->key, name))
                        continue;
                if (!group->first && sc_json_is(m->key, name))
                        group->first = m;
                if (m->type == SC_JSON_NULL)
                        group->null = m;
                if (!is_spare || !is_full(m, is_spare))
                        continue;
                if (group->full)
                        return refuse_both(s, group->full, m, name);
                group->full = m;
        }
        return 0;
}

/* Finds the member that stays of those that some reader takes for `name`. Without `is_spare` all are replaced. */
static int settle(const struct splice *s, const struct sc_json *object, const char *name, spare_fn *is_spare,
                  const struct sc_json **ret_keep)
{
        struct group group = { NULL, NULL, NULL };
        struct sc_diag *diag;
        int r;

        if (s->conflicts == SC_BUNDLE_REFUSE)
                return bundle_member(object, name, s->diags, ret_keep);
        r = gather(s, object, name, is_spare, &group);
        if (r < 0)
                return r;
        if (group.full && group.null)
                return refuse_both(s, group.full, group.null, name);
        if (group.full && !sc_json_is(group.full->key, name)) {
                diag = bundle_report_case(group.full, name, s->diags);
                sc_diag_hint(diag, "it cannot be removed, as it holds other settings; write '%s'", name);
                return -EBADMSG;
        }
        *ret_keep = group.full ? group.full : group.first;
        return 0;
}

/* ---- Members that are cut out ---- */

typedef bool goes_fn(const struct splice *s, const struct sc_json *member);

static bool goes_from_root(const struct splice *s, const struct sc_json *member)
{
        return (member != s->section && sc_json_is_folded(member->key, "linux")) ||
               (member != s->annotations && sc_json_is_folded(member->key, "annotations"));
}

static bool goes_from_section(const struct splice *s, const struct sc_json *member)
{
        return member != s->seccomp && is_seccomp(member->key);
}

static bool goes_from_annotations(const struct splice *s, const struct sc_json *member)
{
        (void)s;
        return is_raw_bpf(member->key);
}

/*
 * The bytes of a member that goes, with its comma. One that stays before it keeps the white space behind its own value;
 * if none does, what follows moves to this one's place.
 */
static struct edit cut_member(const struct splice *s, const struct sc_json *member, const struct sc_json *before,
                              bool one_stays)
{
        size_t start = member->key->place.offset, end = end_of(member);

        if (one_stays) {
                start = end_of(before);
                while (s->config->text[start] != ',')
                        start++;
        } else if (member->next) {
                end = member->next->key->place.offset;
        }
        return (struct edit){ .offset = start, .length = end - start };
}

/* Cuts out all that goes. In *ret_last is the last member that stays, NULL if none does. */
static int cut_members(struct splice *s, const struct sc_json *object, goes_fn *goes, const struct sc_json **ret_last)
{
        const struct sc_json *before = NULL, *last = NULL;
        int r = 0;

        for (const struct sc_json *m = object->first; m && r == 0; before = m, m = m->next) {
                if (goes(s, m))
                        r = add_edit(s, cut_member(s, m, before, last != NULL));
                else
                        last = m;
        }
        *ret_last = last;
        return r;
}

/* ---- What is put in ---- */

/* Behind the last member that stays, after a comma and the white space that stands before that member's key. */
static struct edit append_to(const struct splice *s, const struct sc_json *object, const struct sc_json *last,
                             const char *before, const char *after)
{
        struct edit edit = { .offset = object->place.offset + 1, .before = before, .after = after };
        size_t start;

        if (!last)
                return edit;
        start = last->key->place.offset;
        while (is_space(s->config->text[start - 1]))
                start--;
        edit.offset = end_of(last);
        edit.gap = s->config->text + start;
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

static int refuse_raw_bpf(const struct splice *s)
{
        const struct sc_json *raw = sc_json_get(s->annotations, SC_BUNDLE_CRUN_BPF);
        struct sc_diag *diag = sc_diags_add(s->diags, SC_ERROR, "bundle-raw-bpf", raw->key->place,
                                            "crun would load this annotation's filter in place of linux.seccomp");

        sc_diag_hint(diag, "remove the annotation; a profile written beside it does nothing under crun");
        return -EBADMSG;
}

static int edit_annotations(struct splice *s)
{
        const struct sc_json *last = NULL;
        int r = settle(s, s->root, "annotations", is_raw_bpf, &s->annotations);

        if (r < 0 || !s->annotations || s->annotations->type == SC_JSON_NULL)
                return r;
        r = bundle_want(s->annotations, SC_JSON_OBJECT, "'annotations'", s->diags);
        if (r < 0)
                return r;
        if (s->conflicts == SC_BUNDLE_REFUSE)
                return sc_json_get(s->annotations, SC_BUNDLE_CRUN_BPF) ? refuse_raw_bpf(s) : 0;
        return cut_members(s, s->annotations, goes_from_annotations, &last);
}

/* Puts the profile into the section that stays. */
static int edit_section(struct splice *s)
{
        const struct sc_json *last = NULL;
        int r;

        if (s->section->type == SC_JSON_NULL)
                return add_edit(s, replace(s->section, "{\"seccomp\": ", "}"));
        r = bundle_want(s->section, SC_JSON_OBJECT, "'linux'", s->diags);
        if (r == 0)
                r = settle(s, s->section, "seccomp", NULL, &s->seccomp);
        if (r == 0)
                r = cut_members(s, s->section, goes_from_section, &last);
        if (r < 0)
                return r;
        return add_edit(s, s->seccomp ? replace(s->seccomp, "", "") :
                                        append_to(s, s->section, last, "\"seccomp\": ", ""));
}

static int find_edits(struct splice *s)
{
        const struct sc_json *last = NULL;
        struct sc_bundle_facts facts;
        int r = sc_bundle_facts_read(s->root, s->diags, &facts);

        if (r == 0)
                r = edit_annotations(s);
        if (r == 0)
                r = settle(s, s->root, "linux", is_seccomp, &s->section);
        if (r == 0)
                r = cut_members(s, s->root, goes_from_root, &last);
        if (r < 0)
                return r;
        if (s->section)
                return edit_section(s);
        return add_edit(s, append_to(s, s->root, last, "\"linux\": {\"seccomp\": ", "}"));
}

/* By place; what is put in goes before what is cut out at the same one. */
static int order_edits(const void *x, const void *y)
{
        const struct edit *a = x, *b = y;

        if (a->offset != b->offset)
                return a->offset < b->offset ? -1 : 1;
        return (a->length > b->length) - (a->length < b->length);
}

static void apply_edits(const struct splice *s, const char *seccomp, size_t len, struct sc_strbuf *out)
{
        size_t at = 0;

        for (size_t i = 0; i < s->n_edits; i++) {
                const struct edit *edit = &s->edits[i];

                sc_strbuf_append(out, s->config->text + at, edit->offset - at);
                at = edit->offset + edit->length;
                if (!edit->before)
                        continue;
                if (edit->gap) {
                        sc_strbuf_puts(out, ",");
                        sc_strbuf_append(out, edit->gap, edit->gap_len);
                }
                sc_strbuf_puts(out, edit->before);
                sc_strbuf_append(out, seccomp, len);
                sc_strbuf_puts(out, edit->after);
        }
        sc_strbuf_append(out, s->config->text + at, s->config->len - at);
}

static int splice(const struct sc_source *config, const struct sc_json *root, const char *seccomp, size_t len,
                  unsigned flags, enum sc_bundle_conflicts conflicts, struct sc_diags *diags, char **ret_text,
                  size_t *ret_len)
{
        struct splice s = { .config = config, .root = root, .conflicts = conflicts, .diags = diags };
        struct sc_strbuf out = SC_STRBUF_INIT;
        int r;

        trim(&seccomp, &len);
        r = check_profile(seccomp, len, flags);
        if (r == 0)
                r = find_edits(&s);
        if (r == 0) {
                qsort(s.edits, s.n_edits, sizeof(*s.edits), order_edits);
                apply_edits(&s, seccomp, len, &out);
                if (out.failed) {
                        sc_strbuf_done(&out);
                        r = -ENOMEM;
                }
        }
        free(s.edits);
        if (r < 0)
                return r;
        *ret_text = out.text;
        *ret_len = out.len;
        return 0;
}

int sc_bundle_splice(const struct sc_source *config, const struct sc_json *root, const char *seccomp, size_t len,
                     enum sc_bundle_conflicts conflicts, struct sc_diags *diags, char **ret_text, size_t *ret_len)
{
        return splice(config, root, seccomp, len, SC_JSON_FOLD_KEYS, conflicts, diags, ret_text, ret_len);
}

int sc_bundle_splice_own(const struct sc_source *config, const struct sc_json *root, const char *seccomp, size_t len,
                         enum sc_bundle_conflicts conflicts, struct sc_diags *diags, char **ret_text, size_t *ret_len)
{
        return splice(config, root, seccomp, len, SC_JSON_CHECK_ONLY, conflicts, diags, ret_text, ret_len);
}

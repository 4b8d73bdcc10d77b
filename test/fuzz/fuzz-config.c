/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config.json under a fuzzer: facts, the container's own profile, and the splice in both ways. What comes out has
 * our profile in its place for every reader, all other members as they were, and is not changed by another splice.
 */
#include <string.h>

#include "bundle/bundle.h"
#include "fuzz/fuzz.h"

static const char ours[] = "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}";

/* Members that the splice may touch are passed over. */
typedef bool touched_fn(const struct sc_json *key);

static bool is_section(const struct sc_json *key)
{
        return sc_json_is_folded(key, "linux") || sc_json_is_folded(key, "annotations");
}

static bool is_seccomp(const struct sc_json *key)
{
        return sc_json_is_folded(key, "seccomp");
}

static bool is_raw(const struct sc_json *key)
{
        return sc_json_is(key, SC_BUNDLE_CRUN_BPF);
}

static bool is_same_text(const struct sc_json *a, const struct sc_json *b)
{
        return a->place.length == b->place.length &&
               !memcmp(a->place.source->text + a->place.offset, b->place.source->text + b->place.offset,
                       a->place.length);
}

static const struct sc_json *skip_touched(const struct sc_json *member, touched_fn *is_touched)
{
        while (member && is_touched(member->key))
                member = member->next;
        return member;
}

/* The members of all objects at `key`, one object after the other, that are not touched: how many, and each one. */
static const struct sc_json *member_at(const struct sc_json *root, const char *key, touched_fn *is_touched, size_t n)
{
        for (const struct sc_json *o = root->first; o; o = o->next) {
                if (o->type != SC_JSON_OBJECT || !sc_json_is_folded(o->key, key))
                        continue;
                for (const struct sc_json *m = skip_touched(o->first, is_touched); m;
                     m = skip_touched(m->next, is_touched))
                        if (n-- == 0)
                                return m;
        }
        return NULL;
}

static bool is_same_member(const struct sc_json *a, const struct sc_json *b)
{
        return a && b ? is_same_text(a->key, b->key) && is_same_text(a, b) : a == b;
}

static void check_kept(const struct sc_json *before, const struct sc_json *after)
{
        const struct sc_json *a = skip_touched(before->first, is_section), *b = skip_touched(after->first, is_section);

        for (; a && b; a = skip_touched(a->next, is_section), b = skip_touched(b->next, is_section))
                require(is_same_member(a, b));
        require(!a && !b);
        for (size_t i = 0;; i++) {
                a = member_at(before, "linux", is_seccomp, i);
                b = member_at(after, "linux", is_seccomp, i);
                require(is_same_member(a, b));
                if (!a)
                        break;
        }
        for (size_t i = 0;; i++) {
                a = member_at(before, "annotations", is_raw, i);
                b = member_at(after, "annotations", is_raw, i);
                require(is_same_member(a, b));
                if (!a)
                        break;
        }
}

/* The one member that any reader takes for `name`. */
static const struct sc_json *only(const struct sc_json *object, const char *name)
{
        const struct sc_json *found = NULL;

        for (const struct sc_json *m = object->first; m; m = m->next)
                if (sc_json_is_folded(m->key, name)) {
                        require(!found && sc_json_is(m->key, name));
                        found = m;
                }
        require(found);
        return found;
}

static void check_text(struct sc_arena *arena, struct sc_diags *diags, const struct sc_source *config,
                       const struct sc_json *before, const char *text, size_t len)
{
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        struct sc_bundle_facts facts;
        const struct sc_json *root, *seccomp;
        char *again;
        size_t again_len;

        *source = (struct sc_source){ .name = "spliced", .text = text, .len = len };
        /* the white space before a new member is that of the one before it */
        require(strlen(text) == len && len <= 2 * config->len + sizeof(ours) + 64);
        require(sc_json_parse(arena, source, SC_JSON_KEEP_DUPLICATES, diags, &root) == 0);
        seccomp = only(only(root, "linux"), "seccomp");
        require(seccomp->place.length == strlen(ours) && !memcmp(text + seccomp->place.offset, ours, strlen(ours)));
        check_kept(before, root);
        require(sc_bundle_facts_read(root, diags, &facts) == 0);
        require(facts.has_seccomp && !facts.raw_bpf);
        for (int how = SC_BUNDLE_REFUSE; how <= SC_BUNDLE_REMOVE; how++) {
                require(sc_bundle_splice(source, root, ours, strlen(ours), (enum sc_bundle_conflicts)how, diags, &again,
                                         &again_len) == 0);
                require(again_len == len && !memcmp(again, text, len));
                free(again);
        }
}

/* What one way refuses is a finding; returns whether it was spliced. */
static bool try_splice(struct sc_arena *arena, const struct sc_source *config, const struct sc_json *root,
                       enum sc_bundle_conflicts conflicts)
{
        struct sc_diags *diags = sc_diags_new();
        char *text = NULL;
        size_t len;
        int r = sc_bundle_splice(config, root, ours, strlen(ours), conflicts, diags, &text, &len);

        require(r == 0 || (r == -EBADMSG && !text));
        if (r == 0)
                check_text(arena, diags, config, root, text, len);
        else
                check_findings(diags);
        free(text);
        sc_diags_free(diags);
        return r == 0;
}

/* The container's own profile. */
static void read_profile(struct sc_arena *arena, const struct sc_json *root)
{
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *seccomp;
        struct sc_profile *profile;
        int r = sc_bundle_seccomp(root, diags, &seccomp);

        if (r == 0)
                r = sc_profile_read(arena, seccomp, diags, &profile);
        if (r == 0)
                r = sc_bundle_check_listener(profile, diags);
        require(r == 0 || r == 1 || r == -EBADMSG);
        if (r < 0)
                check_findings(diags);
        sc_diags_free(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct sc_source source = { .name = "config.json", .text = (const char *)data, .len = size };
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        struct sc_bundle_facts facts;
        const struct sc_json *root;
        int r = sc_json_parse(arena, &source, SC_JSON_KEEP_DUPLICATES, diags, &root);
        bool refused, removed;

        if (r == 0) {
                r = sc_bundle_facts_read(root, diags, &facts);
                read_profile(arena, root);
                refused = !try_splice(arena, &source, root, SC_BUNDLE_REFUSE);
                removed = try_splice(arena, &source, root, SC_BUNDLE_REMOVE);
                /* removal takes all that refusal takes, and neither what cannot be read */
                require((refused || removed) && (r == 0 || !removed));
        }
        if (r < 0)
                check_findings(diags);
        sc_arena_free(arena);
        sc_diags_free(diags);
        return 0;
}

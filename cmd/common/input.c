/* SPDX-License-Identifier: Apache-2.0 */
/* Files, standard input, shipped policies and processes, told apart by name and by what is in them. */
#include "common/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/typo.h"
#include "base/visible.h"
#include "bundle/bundle.h"
#include "common/raw.h"

bool input_is_shipped(const char *name)
{
        return !strchr(name, '/') && sc_shipped_find(name, strlen(name));
}

int input_text(struct session *s, const char *name, struct sc_source *ret_source)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        bool standard = !strcmp(name, "-");
        const char *kept;
        size_t len;
        int r = standard ? sc_file_read_fd(STDIN_FILENO, SC_JSON_SIZE_MAX, &text, &len) :
                           sc_file_read(AT_FDCWD, name, SC_JSON_SIZE_MAX, &text, &len);

        if (r < 0)
                return r;
        kept = sc_arena_strndup(s->arena, text, len);
        if (!kept)
                return -ENOMEM;
        *ret_source = (struct sc_source){ .name = standard ? "<stdin>" : name, .text = kept, .len = len };
        return 0;
}

static int read_profile(struct session *s, struct input *in)
{
        const struct sc_json *value = in->root;
        struct sc_profile *profile = NULL;
        int r = 0;

        if (in->kind == SC_FILE_CONFIG)
                in->raw_bpf = sc_json_get(sc_json_get(in->root, "annotations"), SC_BUNDLE_CRUN_BPF);
        if (in->kind == SC_FILE_CONFIG)
                r = sc_profile_in_config(in->root, s->diags, &value);
        if (r == 0)
                r = sc_profile_read(s->arena, value, s->diags, &profile);
        in->profile = profile;
        return r < 0 ? r : 0;
}

static int not_recognised(struct session *s, const struct input *in)
{
        struct sc_diag *diag = sc_diags_add(s->diags, SC_ERROR, "unknown-file", in->root->place,
                                            "this is no policy, profile or config.json");

        sc_diag_hint(diag, "a policy has \"rules\", a profile \"defaultAction\", a config.json \"ociVersion\"");
        return -EBADMSG;
}

static bool has_ending(const char *name, const char *ending)
{
        size_t n = strlen(name), m = strlen(ending);

        return n >= m && !strcmp(name + n - m, ending);
}

/* Guesses from a tolerant reading what the file is: only policies have comments, only profiles forbid them. */
static int guess(struct session *s, struct input *in)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *quiet = sc_diags_new();
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new(); /* trees are large: one at a time */
        const struct sc_json *root;
        int r;

        if (!quiet || !arena)
                return -ENOMEM;
        r = sc_json_parse(arena, &in->source, SC_JSON_COMMENTS, quiet, &root);
        if (r == -EBADMSG) /* say it again, aloud */
                sc_json_parse(arena, &in->source, SC_JSON_COMMENTS, s->diags, &root);
        if (r < 0)
                return r;
        in->kind = sc_profile_guess(root);
        if (in->kind == SC_FILE_UNKNOWN && has_ending(in->source.name, ".jsonc"))
                in->kind = SC_FILE_POLICY; /* every key of a policy may be left out */
        return 0;
}

/* A file of JSON: `in->source` is its text. */
static int read_json(struct session *s, const struct sc_policy_options *options, struct input *in)
{
        int r = guess(s, in);

        if (r < 0)
                return r;
        if (in->kind == SC_FILE_POLICY)
                return sc_policy_load(s->arena, in->source.name, in->source.text, in->source.len, options, s->diags,
                                      &in->policy);
        r = sc_json_parse(s->arena, &in->source, SC_JSON_FOLD_KEYS, s->diags, &in->root);
        if (r == 0 && in->kind == SC_FILE_UNKNOWN && in->root->count)
                r = not_recognised(s, in);
        return r ? r : read_profile(s, in);
}

static int read_source(struct session *s, const struct sc_policy_options *options, struct input *in)
{
        if (has_ending(in->name, ".bpf") || raw_is_program(&in->source))
                return raw_read_file(s, in);
        return read_json(s, options, in);
}

/* What is no file may be a slip in the name of a shipped policy. */
static int not_there(struct session *s, const char *name)
{
        struct sc_typo typo = sc_typo_begin(name, strlen(name));

        if (strpbrk(name, "/."))
                return -ENOENT;
        for (size_t i = 0; i < sc_shipped_count(); i++)
                sc_typo_offer(&typo, sc_shipped_at(i)->name);
        if (typo.best)
                sc_diag_hint(sc_diags_add(s->diags, SC_ERROR, "unknown-policy", (struct sc_place){ 0 },
                                          "no file and no shipped policy named '%s'", name),
                             "did you mean '%s'?", typo.best);
        return -ENOENT;
}

static int read_file(struct session *s, const struct sc_policy_options *options, struct input *in)
{
        int r = input_text(s, in->name, &in->source);

        if (r == -ENOENT)
                return not_there(s, in->name);
        return r < 0 ? r : read_source(s, options, in);
}

int input_from_text(struct session *s, const struct sc_source *source, const struct sc_policy_options *options,
                    struct input *ret_input)
{
        struct input *in = sc_arena_alloc(s->arena, sizeof(*in)); /* diagnostics point into its source */
        int r;

        if (!in)
                return -ENOMEM;
        in->name = source->name;
        in->source = *source;
        r = read_source(s, options, in);
        *ret_input = *in;
        return r;
}

int input_read(struct session *s, const char *name, const struct sc_policy_options *options, struct input *ret_input)
{
        /* diagnostics point into its source, and outlive us */
        struct input *in = sc_arena_alloc(s->arena, sizeof(*in));
        int r;

        if (!in)
                return -ENOMEM;
        in->name = name;
        if (input_is_shipped(name)) {
                in->kind = SC_FILE_POLICY;
                r = sc_policy_load(s->arena, name, NULL, 0, options, s->diags, &in->policy);
        } else if (raw_is_process(name)) {
                r = raw_read_process(s, in);
        } else {
                r = read_file(s, options, in);
        }
        if (r < 0)
                return r;
        in->name = sc_visible_copy(s->arena, name, strlen(name));
        if (!in->name)
                return -ENOMEM;
        *ret_input = *in;
        return 0;
}

/* What is no policy at all gets one message, not one for each of its keys. */
static int check_kind(struct session *s, const struct sc_source *source)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *quiet = sc_diags_new();
        const struct sc_json *root;
        enum sc_file_kind kind;

        if (!quiet)
                return -ENOMEM;
        if (sc_json_parse(s->arena, source, SC_JSON_COMMENTS, quiet, &root) < 0)
                return 0; /* the loader says it aloud */
        kind = sc_profile_guess(root);
        if (kind == SC_FILE_POLICY || kind == SC_FILE_UNKNOWN)
                return 0;
        sc_diag_hint(sc_diags_add(s->diags, SC_ERROR, "not-a-policy", root->place, "this is a %s, not a policy",
                                  kind == SC_FILE_CONFIG ? "bundle's config.json" : "seccomp profile"),
                     "a policy has \"rules\"; 'seccompose eval' answers for profiles");
        return -EBADMSG;
}

int input_policy(struct session *s, const char *name, const struct sc_policy_options *options,
                 const struct sc_policy **ret_policy)
{
        struct sc_source *source = sc_arena_alloc(s->arena, sizeof(*source)); /* findings outlive this call */
        int r;

        if (!source)
                return -ENOMEM;
        if (input_is_shipped(name))
                return sc_policy_load(s->arena, name, NULL, 0, options, s->diags, ret_policy);
        r = input_text(s, name, source);
        if (r == -ENOENT && !strchr(name, '/')) /* perhaps a shipped policy, misspelt: the loader knows their names */
                return sc_policy_load(s->arena, name, NULL, 0, options, s->diags, ret_policy);
        if (r == 0)
                r = check_kind(s, source);
        return r ? r :
                   sc_policy_load(s->arena, source->name, source->text, source->len, options, s->diags, ret_policy);
}

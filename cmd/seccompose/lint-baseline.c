/* SPDX-License-Identifier: Apache-2.0 */
/* Baselines of `lint`: findings that are known, so that they need not block. */
#include <errno.h>
#include <fcntl.h>
#include <nettle/base16.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "seccompose/lint.h"

#define VERSION 1
#define STALE_SHOWN_MAX 10 /* entries that are not found any more, by name */
#define DIGEST_SIZE ((LINT_FINGERPRINT_TEXT - 1) / 2)

/* ---- Fingerprints ---- */

/* The text of a place up to its first line's end: more of it would change with every edit inside. */
static size_t first_line(const struct sc_place *place)
{
        const char *text = place->source ? place->source->text : NULL, *end;

        if (!text)
                return 0;
        end = memchr(text + place->offset, '\n', place->length);
        if (!end)
                return place->length;
        if (end > text + place->offset && end[-1] == '\r')
                end--;
        return (size_t)(end - text) - place->offset;
}

static void add_part(struct sha256_ctx *ctx, const char *text, size_t len)
{
        sha256_update(ctx, len, (const uint8_t *)text);
        sha256_update(ctx, 1, (const uint8_t *)"");
}

static void digest(const struct sc_diag *diag, unsigned nth, char *ret_text)
{
        uint8_t bytes[SHA256_DIGEST_SIZE];
        struct sha256_ctx ctx;
        char number[16];

        snprintf(number, sizeof(number), "%u", nth);
        sha256_init(&ctx);
        add_part(&ctx, diag->rule, strlen(diag->rule));
        add_part(&ctx, diag->message, strlen(diag->message));
        if (diag->n_places && diag->places[0].source->text)
                add_part(&ctx, diag->places[0].source->text + diag->places[0].offset, first_line(&diag->places[0]));
        add_part(&ctx, number, strlen(number));
        sha256_digest(&ctx, sizeof(bytes), bytes);
        base16_encode_update(ret_text, DIGEST_SIZE, bytes);
        ret_text[LINT_FINGERPRINT_TEXT - 1] = '\0';
}

static bool alike(const struct sc_diag *a, const struct sc_diag *b)
{
        const struct sc_place *p = &a->places[0], *q = &b->places[0];
        size_t len = first_line(p);

        return !strcmp(a->rule, b->rule) && !strcmp(a->message, b->message) && len == first_line(q) &&
               (len == 0 || !memcmp(p->source->text + p->offset, q->source->text + q->offset, len));
}

/* Findings that are alike in all of it are told apart by their order. */
void lint_fingerprints(struct lint_look *look)
{
        for (size_t i = 0; i < look->n; i++) {
                unsigned nth = 0;

                for (size_t k = 0; k < i; k++)
                        nth += alike(&look->items[k].diag, &look->items[i].diag);
                digest(&look->items[i].diag, nth, look->items[i].fingerprint);
        }
}

/* ---- Names of files ---- */

static const char *folder_of(struct sc_arena *arena, const char *path)
{
        const char *slash = strrchr(path, '/');
        const char *folder = slash ? sc_arena_printf(arena, "%.*s", (int)(slash - path) + 1, path) : ".";
        SC_CLEANUP(sc_freep) char *real = folder ? realpath(folder, NULL) : NULL;

        return real ? sc_arena_strdup(arena, real) : NULL;
}

const char *lint_baseline_folder(struct session *s, const char *path)
{
        const char *folder = folder_of(s->arena, path);

        if (!folder)
                complain(s, "cannot write '%s': %s", path, strerror(errno));
        return folder;
}

const char *lint_baseline_name(struct sc_arena *arena, const char *folder, const char *name)
{
        const char *slash = strrchr(name, '/'), *own = folder_of(arena, name), *path;
        SC_CLEANUP(sc_freep) char *clean = NULL;
        size_t len = strlen(folder);

        path = own ? sc_arena_printf(arena, "%s/%s", strcmp(own, "/") != 0 ? own : "", slash ? slash + 1 : name) : name;
        if (!path)
                return NULL;
        if (!strncmp(path, folder, len) && path[len] == '/')
                path += len + 1;
        clean = sc_json_utf8_copy(path, strlen(path));
        return clean ? sc_arena_strdup(arena, clean) : NULL;
}

/* ---- Reading ---- */

static int compare_old(const void *a, const void *b)
{
        const struct lint_old *x = a, *y = b;
        int order = strcmp(x->file, y->file);

        return order ? order : strcmp(x->fingerprint, y->fingerprint);
}

bool lint_baseline_has(const struct lint_baseline *baseline, const char *file, const char *fingerprint)
{
        const struct lint_old key = { .file = file, .fingerprint = fingerprint };

        return baseline->n && bsearch(&key, baseline->items, baseline->n, sizeof(key), compare_old);
}

static bool read_string(const struct sc_json *object, const char *key, const char **ret_text)
{
        const struct sc_json *value = sc_json_get(object, key);

        if (!value || value->type != SC_JSON_STRING)
                return false;
        *ret_text = value->text;
        return true;
}

static int wrong(struct session *s, struct sc_place place, const char *what)
{
        sc_diag_hint(sc_diags_add(s->diags, SC_ERROR, "bad-baseline", place, "%s", what),
                     "'seccompose lint --write-baseline FILE' writes one");
        return -EBADMSG;
}

static int read_items(struct session *s, const struct sc_json *root, struct lint_baseline *baseline)
{
        const struct sc_json *list = sc_json_get(root, "findings"), *version = sc_json_get(root, "version");
        struct lint_old *items;
        uint64_t number;

        if (!version || sc_json_u64(version, &number) < 0 || number != VERSION)
                return wrong(s, root->place, "this is no baseline of version 1");
        if (!list || list->type != SC_JSON_ARRAY)
                return wrong(s, root->place, "a baseline has an array \"findings\"");
        items = sc_arena_array(s->arena, list->count + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        for (const struct sc_json *e = list->first; e; e = e->next) {
                struct lint_old *item = &items[baseline->n++];

                if (!read_string(e, "file", &item->file) || !read_string(e, "fingerprint", &item->fingerprint) ||
                    !read_string(e, "rule", &item->rule))
                        return wrong(s, e->place, "a finding has \"file\", \"rule\" and \"fingerprint\"");
        }
        if (baseline->n)
                qsort(items, baseline->n, sizeof(*items), compare_old);
        baseline->items = items;
        return 0;
}

int lint_baseline_read(struct session *s, const char *path, const struct lint_baseline **ret_baseline)
{
        struct lint_baseline *baseline = sc_arena_alloc(s->arena, sizeof(*baseline));
        struct sc_source *source = sc_arena_alloc(s->arena, sizeof(*source));
        const struct sc_json *root;
        int r = baseline && source ? input_text(s, path, source) : -ENOMEM;

        if (r == 0)
                r = sc_json_parse(s->arena, source, 0, s->diags, &root);
        if (r == 0)
                r = read_items(s, root, baseline);
        if (r < 0)
                return report(s, r, path);
        baseline->path = path;
        baseline->folder = lint_baseline_folder(s, path);
        *ret_baseline = baseline;
        return baseline->folder ? 0 : EXIT_INPUT;
}

/* ---- Writing ---- */

/* The findings of a file: lines "FINGERPRINT RULE". */
static int write_found(struct session *s, struct sc_json_writer *w, const char *file, const char *found)
{
        for (const char *line = found; line && *line; line = strchr(line, '\n') + 1) {
                const char *rule = line + LINT_FINGERPRINT_TEXT;
                const char *fingerprint = sc_arena_strndup(s->arena, line, LINT_FINGERPRINT_TEXT - 1);

                rule = sc_arena_strndup(s->arena, rule, strcspn(rule, "\n"));
                if (!fingerprint || !rule)
                        return -ENOMEM;
                sc_json_write_object(w);
                sc_json_write_member(w, "file", file);
                sc_json_write_member(w, "rule", rule);
                sc_json_write_member(w, "fingerprint", fingerprint);
                sc_json_write_object_end(w);
        }
        return 0;
}

static int write_all(const struct lint_run *run, const struct lint_reply *replies, const char *folder, char **ret_text,
                     size_t *ret_len)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_INDENTED);
        int r = 0;

        sc_json_write_object(w);
        sc_json_write_member_u64(w, "version", VERSION);
        sc_json_write_key(w, "findings");
        sc_json_write_array(w);
        for (size_t i = 0; i < run->n_inputs && r == 0; i++) {
                const char *name = lint_baseline_name(run->s->arena, folder, run->inputs[i].name);

                r = name ? write_found(run->s, w, name, replies[i].found.text) : -ENOMEM;
        }
        sc_json_write_array_end(w);
        sc_json_write_object_end(w);
        return r ? r : sc_json_writer_finish(w, ret_text, ret_len);
}

int lint_baseline_write(const struct lint_run *run, const struct lint_reply *replies)
{
        const char *path = run->options->lint.write_baseline;
        const char *folder = lint_baseline_folder(run->s, path);
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len;
        int r;

        if (!folder)
                return EXIT_INPUT;
        r = write_all(run, replies, folder, &text, &len);
        if (r == 0)
                r = sc_file_replace_path(path, text, len);
        if (r == 0)
                return 0;
        complain(run->s, "cannot write '%s': %s", path,
                 r == SC_FILE_NOT_FLUSHED ? "its folder could not be flushed to the disk" : strerror(-r));
        return r < 0 && is_input_error(r) ? EXIT_INPUT : EXIT_SYSTEM;
}

/* ---- What is not found any more ---- */

static bool was_found(const char *found, const char *fingerprint)
{
        return found && strstr(found, fingerprint);
}

/* True if the file was looked at and does not have it, or is not there any more. */
static bool is_stale(const struct lint_run *run, const struct lint_reply *replies, const struct lint_old *old)
{
        const char *path;

        for (size_t i = 0; i < run->n_inputs; i++)
                if (!strcmp(run->inputs[i].old_name, old->file))
                        return replies[i].counts.code <= EXIT_NO && !was_found(replies[i].found.text, old->fingerprint);
        path = old->file[0] == '/' ? old->file :
                                     sc_arena_printf(run->s->arena, "%s/%s", run->baseline->folder, old->file);
        return path && access(path, F_OK) < 0 && errno == ENOENT;
}

void lint_baseline_stale(const struct lint_run *run, const struct lint_reply *replies)
{
        const struct lint_baseline *baseline = run->baseline;
        size_t n = 0;

        for (size_t i = 0; i < baseline->n; i++)
                if (is_stale(run, replies, &baseline->items[i]) && n++ < STALE_SHOWN_MAX)
                        fprintf(stderr, "%s: note: %s: %s in %s does not occur any more\n", run->s->program,
                                baseline->path, baseline->items[i].rule, baseline->items[i].file);
        if (n > STALE_SHOWN_MAX)
                fprintf(stderr, "%s: note: %s: and %zu more\n", run->s->program, baseline->path, n - STALE_SHOWN_MAX);
        if (n)
                fprintf(stderr, "  hint: --write-baseline %s writes it anew\n", baseline->path);
}

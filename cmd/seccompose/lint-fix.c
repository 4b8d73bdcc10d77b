/* SPDX-License-Identifier: Apache-2.0 */
/* `lint --fix`: edits put into the text, and the text looked at again before it is kept. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "seccompose/lint.h"

struct fixer {
        const struct lint_run *run;
        struct session *s;
        const struct lint_input *in;
        struct lint_reply *reply;
        struct lint_look *look; /* of the text as it is now */
        const struct lint_found **chosen;
        size_t n_chosen;
        char (*refused)[LINT_FINGERPRINT_TEXT]; /* findings whose edits did not mend them */
        const char *refused_rules[LINT_FIX_ROUNDS_MAX];
        size_t n_refused;
        unsigned rounds;
};

bool lint_can_fix(const struct lint_look *look, const struct lint_found *found)
{
        return found->finding->n_edits && found->diag.n_places && found->diag.places[0].source == look->source;
}

static bool is_refused(const struct fixer *x, const struct lint_found *found)
{
        for (size_t i = 0; i < x->n_refused; i++)
                if (!strcmp(x->refused[i], found->fingerprint))
                        return true;
        return false;
}

/* Insertions at one place, and what an edit takes away under another, cannot both be done at once. */
static bool clash(const struct sc_lint_edit *a, const struct sc_lint_edit *b)
{
        if (!a->length || !b->length)
                return a->offset <= b->offset + b->length && b->offset <= a->offset + a->length;
        return a->offset < b->offset + b->length && b->offset < a->offset + a->length;
}

static bool clashes(const struct fixer *x, const struct sc_lint_finding *f)
{
        for (size_t c = 0; c < x->n_chosen; c++)
                for (size_t i = 0; i < x->chosen[c]->finding->n_edits; i++)
                        for (size_t k = 0; k < f->n_edits; k++)
                                if (clash(&x->chosen[c]->finding->edits[i], &f->edits[k]))
                                        return true;
        return false;
}

/* The findings that can be mended at once. */
static void choose(struct fixer *x)
{
        x->n_chosen = 0;
        for (size_t i = 0; i < x->look->n; i++) {
                const struct lint_found *found = &x->look->items[i];

                if (lint_can_fix(x->look, found) && !is_refused(x, found) && !clashes(x, found->finding))
                        x->chosen[x->n_chosen++] = found;
        }
}

static int by_offset(const void *a, const void *b)
{
        const struct sc_lint_edit *x = a, *y = b;

        return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The text with the edits of the first `n` that were chosen. NULL when out of memory. */
static const struct sc_source *apply(const struct fixer *x, size_t n)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_source *fixed = sc_arena_alloc(x->s->arena, sizeof(*fixed));
        const struct sc_source *old = x->look->source;
        struct sc_lint_edit *edits;
        size_t count = 0, at = 0;

        for (size_t i = 0; i < n; i++)
                count += x->chosen[i]->finding->n_edits;
        edits = sc_arena_array(x->s->arena, count, sizeof(*edits));
        if (!fixed || !edits)
                return NULL;
        count = 0;
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < x->chosen[i]->finding->n_edits; k++)
                        edits[count++] = x->chosen[i]->finding->edits[k];
        qsort(edits, count, sizeof(*edits), by_offset);
        for (size_t i = 0; i < count; i++) {
                sc_strbuf_append(&text, old->text + at, edits[i].offset - at);
                sc_strbuf_puts(&text, edits[i].text);
                at = edits[i].offset + edits[i].length;
        }
        sc_strbuf_append(&text, old->text + at, old->len - at);
        *fixed = (struct sc_source){ .name = old->name, .len = text.len };
        fixed->text = text.failed ? NULL : sc_arena_strndup(x->s->arena, text.text ? text.text : "", text.len);
        return fixed->text ? fixed : NULL;
}

/* The same words of the same rule about the same bytes. */
static bool alike(const struct lint_found *a, const struct lint_found *b)
{
        const struct sc_place *p = &a->diag.places[0], *q = &b->diag.places[0];

        return !strcmp(a->diag.rule, b->diag.rule) && !strcmp(a->diag.message, b->diag.message) && p->source &&
               q->source && p->length == q->length &&
               !memcmp(p->source->text + p->offset, q->source->text + q->offset, p->length);
}

static size_t count_alike(const struct lint_look *look, const struct lint_found *found)
{
        size_t n = 0;

        for (size_t i = 0; i < look->n; i++)
                n += alike(&look->items[i], found);
        return n;
}

static size_t count_error(const struct lint_look *look, const struct sc_diag *error)
{
        size_t n = 0;

        for (size_t i = 0; i < look->n; i++) {
                const struct sc_diag *diag = &look->items[i].diag;

                n += diag->severity == SC_ERROR && !strcmp(diag->rule, error->rule) &&
                     !strcmp(diag->message, error->message);
        }
        return n;
}

/* True if the first `n` that were chosen are gone, and there is no error that was not there. */
static bool is_better(const struct fixer *x, const struct lint_look *after, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                size_t mended = 0;

                for (size_t k = 0; k < n; k++)
                        mended += alike(x->chosen[k], x->chosen[i]);
                if (count_alike(after, x->chosen[i]) + mended > count_alike(x->look, x->chosen[i]))
                        return false;
        }
        for (size_t i = 0; i < after->n; i++)
                if (after->items[i].diag.severity == SC_ERROR &&
                    count_error(after, &after->items[i].diag) > count_error(x->look, &after->items[i].diag))
                        return false;
        return after->more <= x->look->more;
}

/* Tries all that were chosen, then fewer; one that is alone and does not mend is refused. Returns an exit code. */
static int try_chosen(struct fixer *x)
{
        for (size_t n = x->n_chosen; x->rounds < LINT_FIX_ROUNDS_MAX; n /= 2) {
                const struct sc_source *text = apply(x, n);
                struct lint_look after;
                int code;

                if (!text)
                        return EXIT_SYSTEM;
                x->rounds++;
                code = lint_look(x->run, x->s, x->in, text, x->reply, &after);
                if (code)
                        return code;
                if (is_better(x, &after, n)) {
                        x->reply->counts.fixed += n;
                        *x->look = after;
                        x->n_refused = 0; /* beside the others it may not have helped: now it may */
                        return 0;
                }
                if (n == 1) {
                        memcpy(x->refused[x->n_refused], x->chosen[0]->fingerprint, LINT_FINGERPRINT_TEXT);
                        x->refused_rules[x->n_refused++] = x->chosen[0]->diag.rule;
                        return 0;
                }
        }
        return 0;
}

/* Each look at the text keeps memory until the file is done. */
static bool has_rounds(const struct fixer *x)
{
        return x->rounds < LINT_FIX_ROUNDS_MAX && x->rounds * x->look->source->len < LINT_FIX_BYTES_MAX;
}

int lint_fix(const struct lint_run *run, struct session *s, const struct lint_input *in, struct lint_reply *reply,
             struct lint_look *look, const struct sc_source **ret_fixed)
{
        struct fixer x = { .run = run, .s = s, .in = in, .reply = reply, .look = look };
        const struct sc_source *before = look->source;
        int code = 0;

        x.chosen = sc_arena_array(s->arena, LINT_TOLD_MAX, sizeof(*x.chosen));
        x.refused = sc_arena_array(s->arena, LINT_FIX_ROUNDS_MAX, sizeof(*x.refused));
        if (!x.chosen || !x.refused)
                return EXIT_SYSTEM;
        for (choose(&x); x.n_chosen && has_rounds(&x) && code == 0; choose(&x))
                code = try_chosen(&x);
        if (code)
                return code;
        for (size_t i = 0; i < x.n_refused; i++)
                sc_strbuf_printf(&reply->err, "seccompose lint: %s: %s is not mended: its edit does not help\n",
                                 in->name, x.refused_rules[i]);
        if (x.n_chosen)
                sc_strbuf_printf(&reply->err, "seccompose lint: %s: there is more to mend; run --fix again\n",
                                 in->name);
        if (look->source->len != before->len || memcmp(look->source->text, before->text, before->len) != 0)
                *ret_fixed = look->source;
        return 0;
}

/* ---- Into the file ---- */

static int replace(int dirfd, const char *name, const struct sc_source *old, const struct sc_source *fixed)
{
        SC_CLEANUP(sc_closep) int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        SC_CLEANUP(sc_freep) char *bytes = NULL;
        struct sc_file_seen seen = { .fd = fd };
        size_t len;
        int r;

        if (fd < 0 || fstat(fd, &seen.st) < 0)
                return sc_errno();
        if (!S_ISREG(seen.st.st_mode))
                return -ELOOP;
        r = sc_file_read_fd(fd, SC_JSON_SIZE_MAX, &bytes, &len);
        if (r < 0)
                return r;
        if (len != old->len || (off_t)len != seen.st.st_size || memcmp(bytes, old->text, len) != 0)
                return -ESTALE;
        seen.bytes = bytes;
        return sc_file_replace_seen(dirfd, name, &seen, fixed->text, fixed->len);
}

int lint_fix_write(struct session *s, const struct sc_source *old, const struct sc_source *fixed,
                   struct sc_strbuf *err)
{
        const char *slash = strrchr(old->name, '/');
        const char *folder = slash ? sc_arena_printf(s->arena, "%.*s", (int)(slash - old->name) + 1, old->name) : ".";
        SC_CLEANUP(sc_closep) int dirfd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        int r = dirfd < 0 ? sc_errno() : replace(dirfd, slash ? slash + 1 : old->name, old, fixed);

        if (r == 0)
                return 0;
        sc_strbuf_printf(err, "seccompose lint: error: %s: %s\n", old->name,
                         r == SC_FILE_NOT_FLUSHED ? "it is mended, but its folder could not be flushed to the disk" :
                         r == -ELOOP              ? "it is a link or no regular file, and is left as it is" :
                         r == -ESTALE             ? "it was changed meanwhile, and is left as it is" :
                                                    strerror(-r));
        return r == -ELOOP || is_input_error(r) ? EXIT_INPUT : EXIT_SYSTEM;
}

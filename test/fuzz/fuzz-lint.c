/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy, profile or config.json under all rules of lint, for every consumer. What is found stands in the text and
 * can be printed, and its edits leave a document that is read as before. libseccomp is left to its own fuzzers: the
 * model takes its place.
 */
#include <errno.h>
#include <string.h>

#include "bpf/model.h"
#include "fuzz/fuzz.h"
#include "lint/lint.h"

#define CONSUMERS_MAX 32

struct world {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_decisions *d;
        struct sc_source source;
        struct sc_lint_file file;
};

/* Nothing is read but the input. */
static int read_nothing(void *context, const char *path, size_t limit, struct sc_source *ret_source)
{
        (void)context;
        (void)path;
        (void)limit;
        (void)ret_source;
        return -ENOENT;
}

static int read_policy(struct world *w)
{
        const struct sc_policy_options options = { .read = read_nothing };

        return sc_policy_load(w->arena, "fuzz.jsonc", w->source.text, w->source.len, &options, w->diags,
                              &w->file.policy);
}

static int read_profile(struct world *w)
{
        const struct sc_json *value;
        struct sc_profile *profile = NULL;
        int r = sc_json_parse(w->arena, &w->source, SC_JSON_FOLD_KEYS, w->diags, &w->file.root);

        value = w->file.root;
        if (r == 0 && w->file.kind == SC_FILE_CONFIG)
                r = sc_profile_in_config(w->file.root, w->diags, &value);
        if (r == 0)
                r = sc_profile_read(w->arena, value, w->diags, &profile);
        w->file.profile = profile;
        return r < 0 ? r : 0;
}

static int read_input(struct world *w)
{
        const struct sc_json *root;
        int r = sc_json_parse(w->arena, &w->source, SC_JSON_COMMENTS, w->diags, &root);

        if (r < 0)
                return r;
        w->file.source = &w->source;
        w->file.kind = sc_profile_guess(root);
        w->file.root = root;
        return w->file.kind == SC_FILE_POLICY ? read_policy(w) : read_profile(w);
}

static void check_finding(const struct sc_lint_finding *f)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        for (size_t i = 0; i < f->diag.n_places; i++)
                require(f->diag.places[i].offset + f->diag.places[i].length <= f->diag.places[i].source->len);
        sc_diag_format(&f->diag, &out);
        require(!out.failed && out.len);
        sc_strbuf_done(&out);
}

/* The text with a finding's edits is JSON still. */
static void check_edits(const struct world *w, const struct sc_lint_finding *f)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct sc_source edited = { .name = "edited" };
        const struct sc_json *root;
        size_t at = 0;

        for (size_t i = 0; i < f->n_edits; i++) {
                require(f->edits[i].offset >= at && f->edits[i].offset + f->edits[i].length <= w->source.len);
                sc_strbuf_append(&out, w->source.text + at, f->edits[i].offset - at);
                sc_strbuf_puts(&out, f->edits[i].text);
                at = f->edits[i].offset + f->edits[i].length;
        }
        sc_strbuf_append(&out, w->source.text + at, w->source.len - at);
        edited.text = out.text;
        edited.len = out.len;
        require(!out.failed && sc_json_parse(w->arena, &edited, SC_JSON_FOLD_KEYS, w->diags, &root) == 0);
        sc_strbuf_done(&out);
}

static bool want_all(void *data, const struct sc_lint_rule *rule)
{
        (void)data;
        (void)rule;
        return true;
}

static void lint(struct world *w)
{
        const struct sc_consumer *consumers[CONSUMERS_MAX];
        const struct sc_abi *machines[] = { sc_abi_find("x86_64", strlen("x86_64")),
                                            sc_abi_find("s390x", strlen("s390x")) };
        struct sc_model model = { .mode = SC_MODEL_READING };
        struct sc_scmp_compiler compiler = sc_scmp_model(&model);
        struct sc_lint_options options = {
                .consumers = consumers,
                .machines = machines,
                .n_machines = SC_COUNT(machines),
                .caps_given = true,
                .compiler = &compiler,
                .wants = want_all,
        };
        struct sc_lint_report report = { 0 };
        int r;

        for (size_t i = 0; i < sc_consumer_count() && i < CONSUMERS_MAX; i++)
                consumers[options.n_consumers++] = sc_consumer_at(i);
        r = sc_lint_run(w->arena, &w->file, &options, w->d, &report);
        require(r == 0 || r == -E2BIG);
        for (size_t i = 0; i < report.n; i++) {
                check_finding(&report.items[i]);
                if (report.items[i].n_edits)
                        check_edits(w, &report.items[i]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1);
        struct world w = {
                .arena = sc_arena_new(),
                .diags = sc_diags_new(),
                .d = sc_decisions_new(1 << 18),
                .source = { .name = "fuzz", .text = text, .len = size },
        };

        require(text && w.arena && w.diags && w.d);
        memcpy(text, data, size);
        text[size] = 0;
        if (read_input(&w) == 0)
                lint(&w);
        sc_decisions_free(w.d);
        sc_diags_free(w.diags);
        sc_arena_free(w.arena);
        free(text);
        return 0;
}

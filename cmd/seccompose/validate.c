/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose validate: whether files are as their schemas say. */
#include "seccompose/validate.h"

#include <errno.h>
#include <string.h>

#include "common/input.h"
#include "common/names.h"
#include "schema/shipped.h"

static const struct form forms[] = {
        { "oci", "an OCI profile", SC_JSON_FOLD_KEYS },
        { "docker", "a profile in Docker's form", SC_JSON_FOLD_KEYS },
        { "policy", "a policy", SC_JSON_COMMENTS },
        { "config", "a bundle's config.json", 0 },
        { "state", "a container's state", 0 },
};

struct validator {
        struct session *s;
        const struct options *options;
        const struct form *as;                     /* --as, or NULL */
        struct sc_schema *theirs;                  /* --schema, or NULL */
        struct sc_schema *ours[SC_COUNT(forms)];   /* compiled when one is needed */
        struct sc_json_writer *json;               /* NULL: text */
        size_t counts[OUTCOME_COUNT];
};

static const struct form *form_find(const char *name)
{
        for (size_t i = 0; i < SC_COUNT(forms); i++)
                if (!strcmp(forms[i].name, name))
                        return &forms[i];
        return NULL;
}

static bool is_state(const struct sc_json *root)
{
        return sc_json_get(root, "id") && sc_json_get(root, "bundle") && sc_json_get(root, "status");
}

static bool has_ending(const char *name, const char *ending)
{
        size_t n = strlen(name), m = strlen(ending);

        return n >= m && !strcmp(name + n - m, ending);
}

/* What a file is, by its keys; NULL if they do not tell. */
static const struct form *guess(const struct sc_source *source, const struct sc_json *root)
{
        static const char *const names[] = {
                [SC_FILE_OCI] = "oci", [SC_FILE_DOCKER] = "docker", [SC_FILE_POLICY] = "policy",
                [SC_FILE_CONFIG] = "config",
        };
        enum sc_file_kind kind = sc_profile_guess(root);

        if (is_state(root))
                return form_find("state");
        if (kind == SC_FILE_UNKNOWN && root->type == SC_JSON_OBJECT && has_ending(source->name, ".jsonc"))
                kind = SC_FILE_POLICY; /* every key of a policy may be left out */
        return (size_t)kind < SC_COUNT(names) && names[kind] ? form_find(names[kind]) : NULL;
}

static int not_recognised(const struct checked *file, const struct sc_json *root)
{
        struct sc_diag *diag = sc_diags_add(file->diags, SC_ERROR, "unknown-file", root->place,
                                            "this is no policy, profile, config.json or state");

        sc_diag_hint(diag, "say what it is: --as oci, docker, policy, config or state");
        return sc_diags_failed(file->diags) ? -ENOMEM : -EBADMSG;
}

/* Reads the tree as its form wants it read: first tolerantly, to see what it is. */
static int read_tree(const struct validator *v, const struct sc_source *source, struct checked *file,
                     const struct sc_json **ret_root)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *quiet = sc_diags_new();
        const struct sc_json *root;
        int r;

        if (!quiet)
                return -ENOMEM;
        file->form = v->as;
        if (v->theirs)
                return sc_json_parse(file->arena, source, has_ending(source->name, ".jsonc") ? SC_JSON_COMMENTS : 0,
                                     file->diags, ret_root);
        if (v->as)
                return sc_json_parse(file->arena, source, v->as->flags, file->diags, ret_root);
        r = sc_json_parse(file->arena, source, SC_JSON_COMMENTS, quiet, &root);
        if (r == -EBADMSG) /* say it again, aloud */
                r = sc_json_parse(file->arena, source, SC_JSON_COMMENTS, file->diags, ret_root);
        if (r < 0)
                return r;
        file->form = guess(source, root);
        if (!file->form)
                return not_recognised(file, root);
        return sc_json_parse(file->arena, source, file->form->flags, file->diags, ret_root);
}

/* The schema for a file. */
static int find_schema(struct validator *v, const struct checked *file, const struct sc_schema **ret_schema)
{
        struct sc_schema **slot = file->form ? &v->ours[file->form - forms] : &v->theirs;
        int r = 0;

        if (!*slot)
                r = sc_schema_shipped_compile(v->s->arena, file->form->name, v->s->diags, slot);
        if (r == 0)
                *ret_schema = *slot;
        return r;
}

static int take_findings(struct checked *file)
{
        for (size_t i = 0; i < file->n_findings; i++) {
                const struct sc_schema_finding *f = &file->findings[i];
                struct sc_diag *diag = sc_diags_add(file->diags, SC_ERROR, f->rule, f->place, "%s", f->message);

                if (f->hint)
                        sc_diag_hint(diag, "%s", f->hint);
        }
        return sc_diags_failed(file->diags) ? -ENOMEM : 0;
}

/* Keys of a profile that differ in case only are one to some readers; elsewhere in a config.json they are two. */
static int check_profile_keys(const struct checked *file, const struct sc_json *root)
{
        const struct sc_json *seccomp = sc_json_get(sc_json_get(root, "linux"), "seccomp");

        if (!file->form || strcmp(file->form->name, "config") != 0 || !seccomp)
                return 0;
        return sc_json_check_keys(seccomp, SC_JSON_FOLD_KEYS, file->diags);
}

/* Looks at a text. Returns 0 with an outcome; -errno. */
static int check_text(struct validator *v, const struct sc_source *source, struct checked *file)
{
        const struct sc_schema *schema;
        const struct sc_json *root;
        int r = read_tree(v, source, file, &root);

        if (r == -EBADMSG) {
                file->outcome = OUTCOME_INVALID;
                return 0;
        }
        if (r == 0)
                r = find_schema(v, file, &schema);
        if (r == 0)
                r = sc_schema_check(schema, root, file->arena, &file->findings, &file->n_findings);
        if (r >= 0)
                r = take_findings(file);
        if (r == 0)
                r = check_profile_keys(file, root);
        file->outcome = sc_diags_count(file->diags, SC_ERROR) ? OUTCOME_INVALID : OUTCOME_VALID;
        return r == -EBADMSG ? 0 : r;
}

static int print_file(const struct validator *v, const struct checked *file)
{
        if (!v->json)
                return validate_print_text(v->options, file);
        validate_json_file(v->json, v->options, file);
        return 0;
}

/* One file, from opening to printing. Returns 0, or an exit code after a message. */
static int check_file(struct validator *v, const char *name)
{
        struct session own = session_begin(v->s->program);
        struct checked file = { .name = name, .arena = own.arena, .diags = own.diags };
        struct sc_source source;
        int r = input_text(&own, name, &source);

        if (r < 0 && is_input_error(r)) {
                complain(v->s, "%s: %s", name, strerror(-r));
                file.outcome = OUTCOME_UNREADABLE;
                r = 0;
        } else if (r == 0) {
                r = check_text(v, &source, &file);
        }
        v->counts[file.outcome]++;
        if (r == 0)
                r = print_file(v, &file);
        session_end(&own);
        return r < 0 ? report(v->s, r, name) : 0;
}

static int take_options(struct validator *v)
{
        const struct options *o = v->options;
        struct sc_typo typo;
        size_t inputs = 0;

        for (size_t i = 0; i < o->n_args; i++)
                inputs += !strcmp(o->args[i], "-");
        if (inputs > 1)
                return complain(v->s, "only one of the files can be standard input");
        if (o->as && o->schema)
                return complain(v->s, "--as and --schema both say what the files are; give one");
        if (o->schema)
                return report(v->s, schema_load(v->s, o->schema, &v->theirs), o->schema);
        v->as = o->as ? form_find(o->as) : NULL;
        if (!o->as || v->as)
                return 0;
        typo = sc_typo_begin(o->as, strlen(o->as));
        for (size_t i = 0; i < SC_COUNT(forms); i++)
                sc_typo_offer(&typo, forms[i].name);
        if (typo.best)
                return names_unknown(v->s, "form", o->as, strlen(o->as), &typo);
        return complain(v->s, "no form '%s'; there are oci, docker, policy, config and state", o->as);
}

static int finish(struct validator *v)
{
        int r = v->json ? validate_json_end(v->json, v->counts) : 0;

        if (r < 0)
                return report(v->s, r, "writing");
        if (!v->json)
                validate_print_summary(v->counts);
        if (v->counts[OUTCOME_UNREADABLE])
                return EXIT_INPUT;
        return v->counts[OUTCOME_INVALID] ? EXIT_NO : EXIT_YES;
}

int verb_validate(struct session *s, const struct options *options)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *json =
                options->json ? sc_json_writer_new(SC_JSON_INDENTED) : NULL;
        struct validator v = { .s = s, .options = options, .json = json };
        int code = options->json && !json ? EXIT_SYSTEM : take_options(&v);

        if (code)
                return code;
        if (json)
                validate_json_begin(json);
        for (size_t i = 0; i < options->n_args; i++) {
                code = check_file(&v, options->args[i]);
                if (code)
                        return code;
        }
        return finish(&v);
}

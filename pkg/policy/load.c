/* SPDX-License-Identifier: Apache-2.0 */
/* Finds and reads the files of a policy, and joins them into one. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/typo.h"
#include "policy/internal.h"

#define SUFFIX ".jsonc"
#define BUILTIN "<built-in>/" /* begins the names of shipped policies' sources */

/* One wish for a policy: by a caller, or by an element of "extends". */
struct request {
        const char *name;
        const struct sc_json *from;  /* the element; NULL for the top */
        struct policy_file *by;      /* the file that has it; NULL for the top */
        const char *text;            /* the content, if the caller has read it */
        size_t len;
};

static struct sc_place request_place(const struct request *request)
{
        return request->from ? request->from->place : (struct sc_place){ 0 };
}

static bool is_path(const char *name)
{
        size_t len = strlen(name), suffix = strlen(SUFFIX);

        return strchr(name, '/') || (len > suffix && !strcmp(name + len - suffix, SUFFIX));
}

/* A relative path of "extends" begins at the directory of the file that has it. */
static const char *join_path(struct policy_loader *l, const struct policy_file *by, const char *name)
{
        const char *slash = by ? strrchr(by->source.name, '/') : NULL;

        if (name[0] == '/' || !slash)
                return sc_arena_strdup(l->arena, name);
        return sc_arena_printf(l->arena, "%.*s%s", (int)(slash - by->source.name) + 1, by->source.name, name);
}

/* The path without links and dots, which tells files apart; the name itself where there is no such file. */
static const char *canonical(struct policy_loader *l, const char *path)
{
        SC_CLEANUP(sc_freep) char *real = realpath(path, NULL);

        return sc_arena_strdup(l->arena, real ? real : path);
}

static void report_unreadable(struct policy_loader *l, const struct request *request, const char *path, int error)
{
        if (error == -EFBIG)
                sc_diags_add(l->diags, SC_ERROR, "unreadable-policy", request_place(request),
                             "'%s' is larger than %zu bytes", path, SC_POLICY_SIZE_MAX);
        else
                sc_diags_add(l->diags, SC_ERROR, "unreadable-policy", request_place(request),
                             "cannot read '%s': %s", path, strerror(-error));
}

static void report_unknown(struct policy_loader *l, const struct request *request)
{
        struct sc_typo typo = sc_typo_begin(request->name, strlen(request->name));
        struct sc_diag *diag = sc_diags_add(l->diags, SC_ERROR, "unknown-policy", request_place(request),
                                            "no shipped policy named '%s'", request->name);

        for (size_t i = 0; i < sc_shipped_count(); i++)
                sc_typo_offer(&typo, sc_shipped_at(i)->name);
        if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "'seccompose list policies' lists them; a file is named by a path that has a '/' or "
                                   "ends in '" SUFFIX "'");
}

/* Fills in the file's source and id, not yet its text. -ENOENT after a diagnostic. */
static int find_source(struct policy_loader *l, const struct request *request, struct policy_file *file)
{
        const struct sc_shipped *shipped;

        if (!request->text && !is_path(request->name)) {
                shipped = sc_shipped_find(request->name, strlen(request->name));
                if (!shipped) {
                        report_unknown(l, request);
                        return -ENOENT;
                }
                file->source.name = sc_arena_printf(l->arena, BUILTIN "%s" SUFFIX, shipped->name);
                file->source.text = shipped->text;
                file->source.len = shipped->len;
                file->id = file->source.name;
                file->name = shipped->name;
                file->is_shipped = true;
                return file->id ? 0 : -ENOMEM;
        }
        file->source.name = join_path(l, request->by, request->name);
        if (!file->source.name)
                return -ENOMEM;
        file->name = file->source.name;
        file->id = canonical(l, file->source.name);
        return file->id ? 0 : -ENOMEM;
}

/* Puts the file's text into the arena. */
static int read_source(struct policy_loader *l, const struct request *request, struct policy_file *file)
{
        SC_CLEANUP(sc_freep) char *heap = NULL;
        const char *text = request->text;
        size_t len = request->len;
        int r = 0;

        if (file->source.text)
                return 0;
        if (!text && l->options->read) {
                r = l->options->read(l->options->read_context, file->source.name, SC_POLICY_SIZE_MAX, &file->source);
        } else if (!text) {
                r = sc_file_read(AT_FDCWD, file->source.name, SC_POLICY_SIZE_MAX, &heap, &len);
                text = heap;
        } else if (len > SC_POLICY_SIZE_MAX) {
                r = -EFBIG;
        }
        if (r < 0) {
                if (r != -ENOMEM && r != -EBADMSG)
                        report_unreadable(l, request, file->source.name, r);
                return r;
        }
        if (file->source.text)
                return 0;
        file->source.text = sc_arena_strndup(l->arena, text, len);
        file->source.len = len;
        return file->source.text ? 0 : -ENOMEM;
}

static void report_cycle(struct policy_loader *l, const struct request *request, const struct policy_file *file)
{
        struct sc_strbuf chain = SC_STRBUF_INIT;
        bool inside = false;

        for (size_t i = 0; i < l->n_chain; i++) {
                inside |= l->chain[i] == file;
                if (inside)
                        sc_strbuf_printf(&chain, "%s → ", l->chain[i]->source.name);
        }
        sc_diags_add(l->diags, SC_ERROR, "extends-cycle", request_place(request), "the policy extends itself: %s%s",
                     chain.text ? chain.text : "", file->source.name);
        sc_strbuf_done(&chain);
}

/* True, after a diagnostic, if one file more would be too many. */
static bool is_too_many(struct policy_loader *l, const struct request *request)
{
        if (l->n_chain >= SC_POLICY_EXTENDS_MAX)
                sc_diags_add(l->diags, SC_ERROR, "too-many-policies", request_place(request),
                             "policies extend one another more than %d deep", SC_POLICY_EXTENDS_MAX);
        else if (l->n_files >= SC_POLICY_FILES_MAX)
                sc_diags_add(l->diags, SC_ERROR, "too-many-policies", request_place(request),
                             "the policy is made of more than %d files", SC_POLICY_FILES_MAX);
        else
                return false;
        return true;
}

static int load_extends(struct policy_loader *l, struct policy_file *file);

/* Reads the text of a new file, all that it extends, and what it says. Bad text is -EBADMSG after diagnostics. */
static int load_text(struct policy_loader *l, struct policy_file *file)
{
        size_t errors = sc_diags_count(l->diags, SC_ERROR);
        int r = sc_json_parse(l->arena, &file->source, SC_JSON_COMMENTS, l->diags, &file->root);

        if (r < 0)
                return r;
        if (file->root->type != SC_JSON_OBJECT) {
                sc_diags_add(l->diags, SC_ERROR, "bad-type", file->root->place, "a policy must be %s, not %s",
                             sc_json_type_name(SC_JSON_OBJECT), sc_json_type_name(file->root->type));
                return -EBADMSG;
        }
        r = load_extends(l, file);
        if (r == 0)
                r = policy_parse(l, file);
        /* a rule that is shadowed by a wrong one would only confuse */
        if (r == 0 && sc_diags_count(l->diags, SC_ERROR) == errors)
                r = policy_check_atoms(l, file);
        if (r == 0 && sc_diags_count(l->diags, SC_ERROR) == errors)
                r = policy_check(l, file);
        return r;
}

/* Loads what a request asks for, unless it was loaded already. -EBADMSG and others after a diagnostic. */
static int load_request(struct policy_loader *l, const struct request *request, struct policy_file **ret_file)
{
        struct policy_file *file = sc_arena_alloc(l->arena, sizeof(*file));
        int r = file ? find_source(l, request, file) : -ENOMEM;

        if (r < 0)
                return r;
        for (size_t i = 0; i < l->n_chain; i++)
                if (!strcmp(l->chain[i]->id, file->id)) {
                        report_cycle(l, request, l->chain[i]);
                        return -EBADMSG;
                }
        for (size_t i = 0; i < l->n_files; i++)
                if (!strcmp(l->files[i]->id, file->id)) {
                        *ret_file = l->files[i];
                        return 0;
                }
        if (is_too_many(l, request))
                return -EBADMSG;
        r = read_source(l, request, file);
        if (r < 0)
                return r;
        l->files[l->n_files++] = file;
        l->chain[l->n_chain++] = file;
        r = load_text(l, file);
        l->n_chain--;
        if (r == -EBADMSG)
                file->broken = true;
        else if (r < 0)
                return r;
        *ret_file = file;
        return 0;
}

/* True if the element can be asked for; else a diagnostic. */
static bool check_element(struct policy_loader *l, const struct policy_file *file, const struct sc_json *element)
{
        if (element->type != SC_JSON_STRING) {
                sc_diags_add(l->diags, SC_ERROR, "bad-type", element->place,
                             "the name of a policy must be a string, not %s", sc_json_type_name(element->type));
                return false;
        }
        if (!element->len || strlen(element->text) != element->len) {
                sc_diags_add(l->diags, SC_ERROR, "unknown-policy", element->place, "this is no name of a policy");
                return false;
        }
        if (!strncmp(file->source.name, BUILTIN, strlen(BUILTIN)) && is_path(element->text)) {
                sc_diags_add(l->diags, SC_ERROR, "unknown-policy", element->place,
                             "a shipped policy extends others by their names only");
                return false;
        }
        return true;
}

static int load_extends(struct policy_loader *l, struct policy_file *file)
{
        const struct sc_json *extends = sc_json_get(file->root, "extends");

        if (!extends || extends->type != SC_JSON_ARRAY)
                return 0; /* a wrong type is reported with those of the other keys */
        file->extends = sc_arena_array(l->arena, extends->count + 1, sizeof(struct policy_file *));
        if (!file->extends)
                return -ENOMEM;
        for (const struct sc_json *e = extends->first; e; e = e->next) {
                struct request request = { .name = e->text, .from = e, .by = file };
                struct policy_file *extended = NULL;
                int r = check_element(l, file, e) ? load_request(l, &request, &extended) : -EBADMSG;

                if (r == -ENOMEM)
                        return r;
                file->broken |= !extended || extended->broken;
                if (extended)
                        file->extends[file->n_extends++] = extended;
        }
        return 0;
}

/* The files in the order of decision: each before what it extends, in the order listed, each once. */
static size_t order_files(struct policy_file *file, struct policy_file *files[SC_POLICY_FILES_MAX], size_t n)
{
        if (file->visited)
                return n;
        file->visited = true;
        files[n++] = file;
        for (size_t i = 0; i < file->n_extends; i++)
                n = order_files(file->extends[i], files, n);
        return n;
}

static int list_sources(struct policy_loader *l, struct policy_file *const *files, size_t n_files,
                        struct sc_policy *policy)
{
        const struct sc_source **sources = sc_arena_array(l->arena, n_files, sizeof(*sources));

        if (!sources)
                return -ENOMEM;
        for (size_t i = 0; i < n_files; i++)
                sources[i] = &files[i]->source;
        policy->sources = sources;
        policy->n_sources = n_files;
        return 0;
}

/* The rule that --allow asks for, above all others. */
static int make_allow_rule(struct policy_loader *l, const struct sc_policy_options *options, struct sc_rule *ret_rule)
{
        struct sc_rule_call *calls = sc_arena_array(l->arena, options->n_allow + 1, sizeof(*calls));
        size_t n = 0;

        if (!calls)
                return -ENOMEM;
        for (size_t call = 0; call < sc_syscall_count(); call++)
                for (size_t i = 0; i < options->n_allow; i++)
                        if (options->allow[i] == call) {
                                calls[n++] = (struct sc_rule_call){ .call = (unsigned short)call, .direct = true };
                                break;
                        }
        *ret_rule = (struct sc_rule){ .verb = "allow", .action = SECCOMP_RET_ALLOW, .calls = calls, .n_calls = n };
        return 0;
}

/* Joins the rules of all files, and what was asked for above them. */
static int join_rules(struct policy_loader *l, struct policy_file *const *files, size_t n_files,
                      const struct sc_policy_options *options, struct sc_policy *policy)
{
        struct sc_rule *rules;
        size_t n = options->n_allow > 0;
        int r = 0;

        for (size_t i = 0; i < n_files; i++)
                n += files[i]->own.n_rules;
        rules = sc_arena_array(l->arena, n + 1, sizeof(*rules));
        if (!rules)
                return -ENOMEM;
        n = options->n_allow > 0;
        if (n)
                r = make_allow_rule(l, options, &rules[0]);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n_files; i++)
                for (size_t j = 0; j < files[i]->own.n_rules; j++)
                        rules[n++] = files[i]->own.rules[j];
        policy->rules = rules;
        policy->n_rules = n;
        return 0;
}

/* Joins what all files require, each requirement once. */
static int join_requirements(struct policy_loader *l, struct policy_file *const *files, size_t n_files,
                             struct sc_policy *policy)
{
        struct sc_requirement *all;
        size_t n = 0;

        for (size_t i = 0; i < n_files; i++)
                n += files[i]->own.n_requirements;
        all = sc_arena_array(l->arena, n + 1, sizeof(*all));
        if (!all)
                return -ENOMEM;
        n = 0;
        for (size_t i = 0; i < n_files; i++)
                for (size_t j = 0; j < files[i]->own.n_requirements; j++) {
                        const struct sc_requirement *wanted = &files[i]->own.requirements[j];
                        bool known = false;

                        for (size_t k = 0; k < n; k++)
                                known |= !strcmp(all[k].text, wanted->text);
                        if (!known)
                                all[n++] = *wanted;
                }
        policy->requirements = all;
        policy->n_requirements = n;
        return 0;
}

/* The first file behind the top that offers the call; NULL if none does. What is extended offers nothing to the top. */
static const struct policy_file *find_offer(const struct policy_loader *l, const struct policy_file *top,
                                            unsigned short call)
{
        for (size_t i = 0; i < l->n_files; i++)
                for (size_t j = 0; l->files[i] != top && j < l->files[i]->own.n_optional; j++)
                        if (l->files[i]->own.optional[j] == call)
                                return l->files[i];
        return NULL;
}

/* Says that a policy offers nothing, and what to write so that it offers what was asked for. */
static void report_no_optional(struct policy_loader *l, const struct policy_file *top,
                               const struct sc_policy_options *options)
{
        struct sc_place place = { top->root->place.source, top->root->place.offset, strlen("{") };
        const struct policy_file *offer = NULL;
        struct sc_strbuf names = SC_STRBUF_INIT;
        struct sc_diag *diag;

        for (size_t i = 0; i < options->n_allow; i++) {
                offer = offer ? offer : find_offer(l, top, options->allow[i]);
                sc_strbuf_printf(&names, "%s\"%s\"", i ? ", " : "", sc_syscall_name(options->allow[i]));
        }
        diag = sc_diags_add(l->diags, SC_ERROR, "not-optional", place,
                            "the policy has no \"optional\", so it does not offer '%s'%s",
                            sc_syscall_name(options->allow[0]), options->n_allow > 1 ? " and others" : "");
        if (offer)
                sc_diag_hint(diag, "that of %s is not inherited: add \"optional\": [%s]", offer->name,
                             names.failed ? "" : names.text);
        else
                sc_diag_hint(diag, "add \"optional\": [%s]", names.failed ? "" : names.text);
        sc_strbuf_done(&names);
}

/* How many calls may be added, and where they can be seen: the text of a shipped policy is no file. */
static void hint_optional(struct sc_diag *diag, const struct policy_file *top, const struct policy_file *offer)
{
        size_t n = top->own.n_optional;
        const char *plural = n == 1 ? "" : "s";

        if (top->is_shipped)
                sc_diag_hint(diag, "only what its \"optional\" lists may be added, %zu call%s: see "
                                   "'seccompose list policies %s', which prints the policy", n, plural, top->name);
        else
                sc_diag_hint(diag, "only what its \"optional\" lists may be added, %zu call%s%s%s%s", n, plural,
                             offer ? "; that of " : "", offer ? offer->name : "",
                             offer ? ", which has it, is not inherited" : "");
}

/* Calls may be added only if the policy offers them. */
static void check_allow(struct policy_loader *l, const struct policy_file *top, const struct sc_policy_options *options)
{
        if (options->n_allow && !top->is_shipped && !top->optional.source) {
                report_no_optional(l, top, options);
                return;
        }
        for (size_t i = 0; i < options->n_allow; i++) {
                bool offered = false;
                struct sc_diag *diag;

                for (size_t j = 0; j < top->own.n_optional; j++)
                        offered |= top->own.optional[j] == options->allow[i];
                if (offered)
                        continue;
                diag = sc_diags_add(l->diags, SC_ERROR, "not-optional", top->optional, "the policy does not offer '%s'",
                                    sc_syscall_name(options->allow[i]));
                hint_optional(diag, top, find_offer(l, top, options->allow[i]));
        }
}

static sc_action complaining(sc_action action)
{
        return policy_action_denies(action) ? SECCOMP_RET_LOG : action;
}

/* The same policy with `log` for every denial; the strict one stays behind it for multiplexers. */
static int make_complain(struct policy_loader *l, const struct sc_policy *plain, const struct sc_policy **ret_policy)
{
        struct sc_policy *policy = sc_arena_alloc(l->arena, sizeof(*policy));
        struct sc_rule *rules = sc_arena_array(l->arena, plain->n_rules + 1, sizeof(*rules));

        if (!policy || !rules)
                return -ENOMEM;
        *policy = *plain;
        policy->plain = plain;
        policy->def = complaining(plain->def);
        policy->fallback = complaining(plain->fallback);
        policy->newer = complaining(plain->newer);
        policy->rules = rules;
        for (size_t i = 0; i < plain->n_rules; i++) {
                rules[i] = plain->rules[i];
                rules[i].action = complaining(rules[i].action);
        }
        *ret_policy = policy;
        return 0;
}

/* From the top file, read without an error, to the policy. */
static int join(struct policy_loader *l, struct policy_file *top, const char *name,
                const struct sc_policy_options *options, const struct sc_policy **ret_policy)
{
        struct sc_policy *policy = sc_arena_alloc(l->arena, sizeof(*policy));
        struct policy_file *files[SC_POLICY_FILES_MAX];
        size_t n = order_files(top, files, 0);
        int r = -ENOMEM;

        if (!policy)
                return r;
        *policy = top->own;
        policy->name = sc_arena_strdup(l->arena, name);
        for (size_t i = 1; i < n && !policy->abis_given && !policy->narrower; i++)
                if (files[i]->own.abis_given && policy_archs_lack(&files[i]->own, policy))
                        policy->narrower = &files[i]->own;
        if (policy->name)
                r = list_sources(l, files, n, policy);
        if (r == 0)
                r = join_rules(l, files, n, options, policy);
        if (r == 0)
                r = join_requirements(l, files, n, policy);
        if (r == 0)
                r = policy_check_seen(l, policy);
        if (r < 0)
                return r;
        if (options->complain || top->complain)
                return make_complain(l, policy, ret_policy);
        *ret_policy = policy;
        return 0;
}

int sc_policy_load(struct sc_arena *arena, const char *name, const char *text, size_t len,
                   const struct sc_policy_options *options, struct sc_diags *diags,
                   const struct sc_policy **ret_policy)
{
        static const struct sc_policy_options none = { 0 };
        struct policy_loader l = { .arena = arena, .diags = diags, .options = options ? options : &none };
        struct request request = { .name = name, .text = text, .len = len };
        size_t errors = sc_diags_count(diags, SC_ERROR);
        const struct sc_policy *policy = NULL;
        struct policy_file *top;
        int r = load_request(&l, &request, &top);

        if (r == 0 && sc_diags_count(diags, SC_ERROR) == errors)
                check_allow(&l, top, l.options);
        if (r == 0 && sc_diags_count(diags, SC_ERROR) > errors)
                r = -EBADMSG;
        if (r == 0)
                r = join(&l, top, name, l.options, &policy);
        if (sc_diags_failed(diags))
                r = -ENOMEM;
        if (r < 0)
                return r;
        *ret_policy = policy;
        return 0;
}

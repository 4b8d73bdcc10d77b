/* SPDX-License-Identifier: Apache-2.0 */
/* Which files `lint` looks at: those of the command line, and in folders what is a policy, profile or config.json. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/raw.h"
#include "policy/policy.h"
#include "seccompose/lint.h"

struct search {
        struct lint_run *run;
        struct lint_input *items;
        size_t n, cap;
};

static int add(struct search *x, const char *name, bool searched)
{
        const struct lint_baseline *baseline = x->run->baseline;
        const struct lint_settings *settings = NULL;
        struct lint_input *items;
        const char *old_name = NULL;
        int code;

        if (x->n >= LINT_FILES_MAX)
                return complain(x->run->s, "more than %d files", LINT_FILES_MAX);
        code = lint_settings_for(x->run, name, &settings);
        if (code)
                return code;
        if (baseline) {
                old_name = lint_baseline_name(x->run->s->arena, baseline->folder, name);
                if (!old_name)
                        return report(x->run->s, -ENOMEM, name);
        }
        items = sc_grow(x->items, x->n, &x->cap, sizeof(*items));
        if (!items)
                return report(x->run->s, -ENOMEM, name);
        x->items = items;
        items[x->n++] = (struct lint_input){
                .name = name, .old_name = old_name, .searched = searched, .settings = settings };
        return 0;
}

static bool has_ending(const char *name)
{
        static const char *const endings[] = { ".json", ".jsonc" };
        size_t len = strlen(name);

        for (size_t i = 0; i < SC_COUNT(endings); i++)
                if (len > strlen(endings[i]) && !strcmp(name + len - strlen(endings[i]), endings[i]))
                        return true;
        return false;
}

/* What is hidden is left alone: .git, settings. */
static int is_shown(const struct dirent *entry)
{
        return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int search(struct search *x, const char *folder, unsigned depth);

/* "./a/b.json" is told as "a/b.json": annotations of GitHub match names with the repository's. What stands before a
 * colon could be taken for a consumer, so such names stay. */
static const char *without_dot(const char *path)
{
        while (!strncmp(path, "./", 2) && path[2] && path[2] != '/' && !strchr(path, ':'))
                path += 2;
        return path;
}

/* Links are not followed: what they lead to has a name of its own. */
static int visit(struct search *x, const char *folder, const char *name, unsigned depth)
{
        const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
        const char *path = sc_arena_printf(x->run->s->arena, "%s%s%s", folder, slash, name);
        struct stat st;

        if (!path)
                return report(x->run->s, -ENOMEM, folder);
        path = without_dot(path);
        if (lstat(path, &st) < 0)
                return report(x->run->s, errno == ENOENT ? 0 : sc_errno(), path);
        if (S_ISDIR(st.st_mode))
                return search(x, path, depth + 1);
        return S_ISREG(st.st_mode) && has_ending(name) ? add(x, path, true) : 0;
}

static int search(struct search *x, const char *folder, unsigned depth)
{
        struct dirent **entries;
        int n, code = 0;

        if (depth > LINT_FOLDERS_MAX)
                return complain(x->run->s, "'%s' is more than %d folders deep", folder, LINT_FOLDERS_MAX);
        n = scandir(folder, &entries, is_shown, by_bytes);
        if (n < 0)
                return report(x->run->s, sc_errno(), folder);
        for (int i = 0; i < n; i++) {
                if (code == 0)
                        code = visit(x, folder, entries[i]->d_name, depth);
                free(entries[i]);
        }
        free((void *)entries);
        return code;
}

static bool is_folder(const char *name)
{
        struct stat st;

        return strcmp(name, "-") != 0 && stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

/* One word of the command line. */
static int take(struct search *x, const char *name)
{
        if (raw_is_process(name))
                return complain(x->run->s, "%s is a process: lint reads policies and profiles", name);
        return is_folder(name) ? search(x, name, 0) : add(x, name, x->run->options->lint.skip_others);
}

static int by_name(const void *a, const void *b)
{
        const struct lint_input *const *x = a, *const *y = b;
        int order = strcmp((*x)->name, (*y)->name);

        return order ? order : (*x > *y) - (*x < *y);
}

/* The inputs in their order, each name once: where it came first. */
static struct lint_input *keep_first(const struct search *x, size_t *ret_n)
{
        struct lint_input **sorted = sc_arena_array(x->run->s->arena, x->n + 1, sizeof(*sorted));
        struct lint_input *kept = sc_arena_array(x->run->s->arena, x->n + 1, sizeof(*kept));
        size_t n = 0;

        if (!sorted || !kept)
                return NULL;
        for (size_t i = 0; i < x->n; i++)
                sorted[i] = &x->items[i];
        if (x->n)
                qsort((void *)sorted, x->n, sizeof(*sorted), by_name);
        for (size_t i = 1; i < x->n; i++)
                sorted[i]->twice = !strcmp(sorted[i]->name, sorted[i - 1]->name);
        for (size_t i = 0; i < x->n; i++)
                if (!x->items[i].twice)
                        kept[n++] = x->items[i];
        *ret_n = n;
        return kept;
}

int lint_inputs(struct lint_run *run)
{
        struct search x = { .run = run };
        struct lint_input *kept;
        int code = 0;

        for (size_t i = 0; i < run->options->n_args && code == 0; i++)
                code = take(&x, run->options->args[i]);
        kept = keep_first(&x, &run->n_inputs);
        run->inputs = kept;
        free(x.items);
        return !code && !kept ? report(run->s, -ENOMEM, "linting") : code;
}

/* ---- What a file in a folder is ---- */

static const char *const policy_keys[] = {
        "$schema",  "architectures", "baseline", "complain", "default",  "description", "extends", "fallback",
        "flags",    "groups",        "listener", "newer",    "optional", "requires",    "rules",
};

static const char *const verbs[] = { "allow", "deny", "kill", "kill-thread", "log", "notify", "trace", "trap" };

/* Words that only profiles have, for files that are no JSON. */
static const char *const marks[] = { "\"defaultAction\"", "SCMP_ACT_", "\"ociVersion\"" };

static bool is_a(const struct sc_json *object, const char *key, enum sc_json_type type)
{
        const struct sc_json *value = sc_json_get(object, key);

        return value && value->type == type;
}

static bool has_policy_keys(const struct sc_json *root)
{
        for (const struct sc_json *m = root->first; m; m = m->next) {
                bool known = false;

                for (size_t i = 0; i < SC_COUNT(policy_keys); i++)
                        known |= sc_json_is(m->key, policy_keys[i]);
                if (!known)
                        return false;
        }
        return true;
}

/* Other programs' settings have "rules" and "extends" too: ours are arrays, and rules have verbs. */
static bool is_policy(const struct sc_json *root)
{
        const struct sc_json *rules = sc_json_get(root, "rules");

        if ((rules && rules->type != SC_JSON_ARRAY) ||
            (sc_json_get(root, "extends") && !is_a(root, "extends", SC_JSON_ARRAY)) ||
            (sc_json_get(root, "default") && !is_a(root, "default", SC_JSON_STRING)))
                return false;
        for (size_t i = 0; rules && rules->first && i < SC_COUNT(verbs); i++)
                if (sc_json_get(rules->first, verbs[i]))
                        return true;
        return has_policy_keys(root);
}

static bool is_ours(const struct sc_json *root)
{
        switch (sc_profile_guess(root)) {
        case SC_FILE_POLICY:
                return is_policy(root);
        case SC_FILE_CONFIG:
                return is_a(root, "ociVersion", SC_JSON_STRING) ||
                       sc_json_get(sc_json_get(root, "linux"), "seccomp") != NULL;
        case SC_FILE_DOCKER:
        case SC_FILE_OCI:
                return is_a(root, "defaultAction", SC_JSON_STRING) || is_a(root, "syscalls", SC_JSON_ARRAY) ||
                       is_a(root, "archMap", SC_JSON_ARRAY);
        default:
                return false;
        }
}

bool lint_is_ours(struct sc_arena *arena, const struct sc_source *source)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *quiet = sc_diags_new();
        const struct sc_json *root = NULL;

        if (quiet && sc_json_parse(arena, source, SC_JSON_COMMENTS | SC_JSON_KEEP_DUPLICATES, quiet, &root) == 0)
                return is_ours(root);
        for (size_t i = 0; i < SC_COUNT(marks); i++)
                if (memmem(source->text, source->len, marks[i], strlen(marks[i])))
                        return true;
        return false;
}

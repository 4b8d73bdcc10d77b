/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The official test suite of JSON Schema: suite DIRECTORY, which has tests/draftN and remotes. Each group of required
 * cases is one line of TAP; of the optional ones only their numbers are printed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "schema/schema.h"

#define REMOTE "http://localhost:1234/"
#define NAMES_MAX 256
#define PATH_SIZE 4096

struct suite {
        const char *dir;
        struct sc_arena *arena; /* of one file: its text, its tree, its schemas */
        enum sc_schema_draft draft;
        bool required;
        bool no_formats; /* newer suites have required cases that say so */
        size_t groups, failed_groups;
        size_t cases, passed;
};

static const struct sc_json *read_json(struct sc_arena *arena, const char *path, struct sc_diags *diags)
{
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        const struct sc_json *root;
        char *text;
        size_t len;

        if (!source || sc_file_read(AT_FDCWD, path, SC_JSON_SIZE_MAX, &text, &len) < 0)
                return NULL;
        if (sc_arena_adopt(arena, text) < 0) {
                free(text);
                return NULL;
        }
        *source = (struct sc_source){ .name = sc_arena_strdup(arena, path), .text = text, .len = len };
        return sc_json_parse(arena, source, 0, diags, &root) == 0 ? root : NULL;
}

/* What the suite serves from its own machine is in `remotes`. */
static int find_remote(void *data, const char *uri, const struct sc_json **ret_root)
{
        const struct suite *s = data;
        struct sc_diags *diags = sc_diags_new();
        char path[PATH_SIZE];

        if (!strncmp(uri, REMOTE, strlen(REMOTE))) {
                snprintf(path, sizeof(path), "%s/remotes/%s", s->dir, uri + strlen(REMOTE));
                *ret_root = read_json(s->arena, path, diags);
                sc_diags_free(diags);
                return *ret_root ? 0 : -ENOENT;
        }
        sc_diags_free(diags);
        return -ENOENT;
}

static void print_findings(const struct sc_diags *diags)
{
        const struct sc_diag *const *all;
        size_t n;

        all = sc_diags_all(diags, &n);
        for (size_t i = 0; i < n; i++)
                printf("#   [%s] %s\n", all[i]->rule, all[i]->message);
}

/* Holds the schema against the data of one case, in both ways; true if the verdict is the expected one. */
static bool run_case(const struct sc_schema *schema, const struct sc_json *row, bool loud)
{
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *data = sc_json_get(row, "data");
        bool wanted = sc_json_get(row, "valid")->text[0] == 't';
        int r = sc_schema_validate(schema, data, diags), quick = sc_schema_is_valid(schema, data);
        bool ok = r == (wanted ? 0 : -EBADMSG) && quick == (wanted ? 0 : SC_SCHEMA_INVALID);

        if (!ok && loud) {
                printf("# %s: got %d and %d\n", sc_json_get(row, "description")->text, r, quick);
                print_findings(diags);
        }
        sc_diags_free(diags);
        return ok;
}

static void run_group(struct suite *s, const char *file, const struct sc_json *group)
{
        const struct sc_schema_options options = {
                .draft = s->draft, .no_formats = s->no_formats, .find = find_remote, .data = s };
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *tests = sc_json_get(group, "tests");
        struct sc_schema *schema = NULL;
        size_t passed = 0;
        int r = sc_schema_compile(s->arena, sc_json_get(group, "schema"), &options, diags, &schema);

        if (r < 0 && s->required) {
                printf("# compile: %d\n", r);
                print_findings(diags);
        }
        for (const struct sc_json *row = tests->first; r == 0 && row; row = row->next)
                passed += run_case(schema, row, s->required);
        s->cases += tests->count;
        s->passed += passed;
        if (s->required) {
                bool ok = passed == tests->count && tests->count > 0;

                s->failed_groups += !ok;
                printf("%sok %zu - %s: %s\n", ok ? "" : "not ", ++s->groups, file,
                       sc_json_get(group, "description")->text);
        }
        sc_diags_free(diags);
}

static int run_file(struct suite *s, const char *path)
{
        struct sc_diags *diags = sc_diags_new();
        const struct sc_json *root;
        const char *name = strrchr(path, '/') + 1;

        s->arena = sc_arena_new();
        s->no_formats = s->required && !strcmp(name, "format.json");
        root = read_json(s->arena, path, diags);
        if (!root) {
                print_findings(diags);
                if (s->required)
                        printf("not ok %zu - %s cannot be read\n", ++s->groups, path);
                s->failed_groups += s->required;
        }
        for (const struct sc_json *group = root ? root->first : NULL; group; group = group->next)
                run_group(s, path + strlen(s->dir) + strlen("/tests/"), group);
        sc_arena_free(s->arena);
        sc_diags_free(diags);
        return root ? 0 : -EBADMSG;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_json(const struct dirent *entry)
{
        const char *dot = strrchr(entry->d_name, '.');

        return dot && !strcmp(dot, ".json");
}

/* Every file of a directory, in the order of their names. */
static int run_directory(struct suite *s, const char *dir)
{
        struct dirent **entries;
        int n = scandir(dir, &entries, is_json, by_name);
        char path[PATH_SIZE];

        for (int i = 0; i < n; i++) {
                size_t cases = s->cases, passed = s->passed;

                snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
                run_file(s, path);
                if (!s->required)
                        printf("# optional: %s: %zu of %zu\n", path + strlen(s->dir) + strlen("/tests/"),
                               s->passed - passed, s->cases - cases);
                free(entries[i]);
        }
        if (n >= 0)
                free((void *)entries);
        return n;
}

static size_t run_draft(struct suite *s, const char *name)
{
        static const char *const optional[] = { "optional", "optional/format" };
        size_t cases = s->cases, passed = s->passed;
        char dir[PATH_SIZE];
        int n;

        s->required = true;
        snprintf(dir, sizeof(dir), "%s/tests/%s", s->dir, name);
        n = run_directory(s, dir);
        printf("%sok %zu - %s: %zu of %zu required cases\n",
               n > 20 && s->passed - passed == s->cases - cases ? "" : "not ", s->groups + 1, name, s->passed - passed,
               s->cases - cases);
        s->groups++;
        s->failed_groups += n <= 20;
        cases = s->cases - cases;
        s->required = false;
        for (size_t i = 0; i < SC_COUNT(optional); i++) {
                snprintf(dir, sizeof(dir), "%s/tests/%s/%s", s->dir, name, optional[i]);
                run_directory(s, dir);
        }
        return cases;
}

int main(int argc, char **argv)
{
        struct suite s = { .dir = argc > 1 ? argv[1] : "/usr/share/json-schema-test-suite" };
        size_t required = 0;

        s.draft = SC_SCHEMA_DRAFT_4;
        required += run_draft(&s, "draft4");
        s.draft = SC_SCHEMA_DRAFT_6;
        required += run_draft(&s, "draft6");
        s.draft = SC_SCHEMA_DRAFT_7;
        required += run_draft(&s, "draft7");
        printf("# %zu required cases, %zu groups, %zu failed\n", required, s.groups, s.failed_groups);
        printf("1..%zu\n", s.groups);
        return s.failed_groups || !required ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of policies share: loading one from a text or from files, and showing what was said about it. */
#pragma once

#include <dirent.h>
#include <unistd.h>

#include "base/file.h"
#include "policy/policy.h"
#include "test.h"

struct loaded {
        struct sc_arena *arena;
        struct sc_diags *diags;
        const struct sc_policy *policy;
        int r;
};

/* Policies are written with ' for " here, for the reader's sake. */
static inline char *quote(const char *text)
{
        char *quoted = strdup(text);

        for (char *p = quoted; (p = strchr(p, '\''));)
                *p = '"';
        return quoted;
}

static inline struct loaded load(const char *name, const char *text, const struct sc_policy_options *options)
{
        struct loaded l = { .arena = sc_arena_new(), .diags = sc_diags_new() };
        SC_CLEANUP(sc_freep) char *quoted = text ? quote(text) : NULL;

        l.r = sc_policy_load(l.arena, name, quoted, quoted ? strlen(quoted) : 0, options, l.diags, &l.policy);
        return l;
}

static inline void print_diags(const struct loaded *l)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(l->diags, &n);

        for (size_t i = 0; i < n; i++)
                sc_diag_format(all[i], &out);
        for (char *line = out.text ? strtok(out.text, "\n") : NULL; line; line = strtok(NULL, "\n"))
                printf("# %s\n", line);
        sc_strbuf_done(&out);
}

static inline void done(struct loaded *l)
{
        sc_diags_free(l->diags);
        sc_arena_free(l->arena);
}

/* Files of one policy in a directory of their own. */
static char policy_dir[] = "/tmp/test-policy-XXXXXX";

static inline const char *path_of(const char *name)
{
        static char path[512];

        snprintf(path, sizeof(path), "%s/%s", policy_dir, name);
        return path;
}

static inline void write_file(const char *name, const char *text)
{
        SC_CLEANUP(sc_freep) char *quoted = quote(text);

        CHECK_INT(sc_file_replace_path(path_of(name), quoted, strlen(quoted)), 0);
}

static inline void make_dir(void)
{
        if (!mkdtemp(policy_dir)) {
                perror(policy_dir);
                exit(EXIT_FAILURE);
        }
}

static inline void remove_dir(void)
{
        DIR *d = opendir(policy_dir);

        for (struct dirent *e; d && (e = readdir(d));)
                unlink(path_of(e->d_name));
        if (d)
                closedir(d);
        rmdir(policy_dir);
}

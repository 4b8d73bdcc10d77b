/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of `lint`: .seccompose.json, the nearest above a file, and the command line over it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/typo.h"
#include "seccompose/ask.h"
#include "seccompose/lint.h"

static const char *const config_names[] = { ".seccompose.json", ".seccompose.jsonc" };

/* A config file being read. Its mistakes are diagnostics. */
struct reader {
        struct session *s;
        struct lint_settings *settings;
};

static int wrong(const struct reader *r, const struct sc_json *value, const char *wanted)
{
        sc_diags_add(r->s->diags, SC_ERROR, "bad-setting", value->place, "'%s' must be %s, not %s",
                     value->key ? value->key->text : "an element", wanted, sc_json_type_name(value->type));
        return -EBADMSG;
}

static int read_rule(const struct reader *r, const struct sc_json *name, const struct sc_lint_rule **ret_rule)
{
        const struct sc_lint_rule *rule;
        struct sc_typo typo;
        struct sc_diag *diag;

        if (name->type != SC_JSON_STRING)
                return wrong(r, name, "the name of a rule");
        rule = sc_lint_rule_find(name->text, name->len);
        if (!rule) {
                typo = sc_typo_begin(name->text, name->len);
                for (size_t i = 0; i < sc_lint_rule_count(); i++)
                        sc_typo_offer(&typo, sc_lint_rule_at(i)->id);
                diag = sc_diags_add(r->s->diags, SC_ERROR, "bad-setting", name->place, "no rule is called '%s'",
                                    name->text);
                if (typo.best)
                        sc_diag_hint(diag, "did you mean '%s'?", typo.best);
                return -EBADMSG;
        }
        *ret_rule = rule;
        return 0;
}

static int read_rules(const struct reader *r, const struct sc_json *list, struct lint_rules *rules)
{
        int r2 = 0;

        if (list->type != SC_JSON_ARRAY)
                return wrong(r, list, "an array of rules");
        rules->items = sc_arena_array(r->s->arena, list->count + 1, sizeof(*rules->items));
        if (!rules->items)
                return -ENOMEM;
        for (const struct sc_json *e = list->first; e && r2 == 0; e = e->next)
                r2 = read_rule(r, e, &rules->items[rules->n++]);
        return r2;
}

static int read_ignore(const struct reader *r, const struct sc_json *value)
{
        return read_rules(r, value, &r->settings->ignore);
}

static int read_enable(const struct reader *r, const struct sc_json *value)
{
        return read_rules(r, value, &r->settings->enable);
}

static int read_fail_on(const struct reader *r, const struct sc_json *value)
{
        if (value->type != SC_JSON_STRING || !options_fail_on(value->text, &r->settings->fail_on))
                return wrong(r, value, "\"error\", \"warning\", \"note\" or \"never\"");
        return 0;
}

static int read_for(const struct reader *r, const struct sc_json *value)
{
        if (value->type != SC_JSON_STRING ||
            (!sc_json_is(value, ASK_ALL) && !sc_consumer_find(value->text, value->len)))
                return wrong(r, value, "a consumer that 'seccompose list consumers' has, or \"all\"");
        r->settings->target = value->text;
        return 0;
}

static int read_caps(const struct reader *r, const struct sc_json *value)
{
        if (value->type != SC_JSON_ARRAY)
                return wrong(r, value, "an array of capabilities");
        r->settings->caps_given = true;
        r->settings->caps = 0;
        for (const struct sc_json *e = value->first; e; e = e->next) {
                int cap = e->type == SC_JSON_STRING ? sc_cap_find(e->text, e->len) : -1;

                if (cap < 0)
                        return wrong(r, e, "the name of a capability");
                r->settings->caps |= UINT64_C(1) << cap;
        }
        return 0;
}

static int read_min_kernel(const struct reader *r, const struct sc_json *value)
{
        if (value->type != SC_JSON_STRING || sc_kernel_parse(value->text, value->len, &r->settings->min_kernel) < 0)
                return wrong(r, value, "a version such as \"5.10\"");
        return 0;
}

static bool find_severity(const struct sc_json *name, enum sc_severity *ret_severity)
{
        for (int i = SC_ERROR; i <= SC_NOTE; i++)
                if (name->type == SC_JSON_STRING && sc_json_is(name, lint_severities[i])) {
                        *ret_severity = (enum sc_severity)i;
                        return true;
                }
        return false;
}

static int read_severity(const struct reader *r, const struct sc_json *value)
{
        struct lint_severity *items;
        int r2 = 0;

        if (value->type != SC_JSON_OBJECT)
                return wrong(r, value, "an object of rules and severities");
        items = sc_arena_array(r->s->arena, value->count + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        r->settings->severities = items;
        for (const struct sc_json *m = value->first; m && r2 == 0; m = m->next) {
                r2 = read_rule(r, m->key, &items[r->settings->n_severities].rule);
                if (r2 == 0 && !find_severity(m, &items[r->settings->n_severities++].severity))
                        r2 = wrong(r, m, "\"error\", \"warning\" or \"note\"");
        }
        return r2;
}

static int read_nothing(const struct reader *r, const struct sc_json *value)
{
        return value->type == SC_JSON_STRING ? 0 : wrong(r, value, "a string");
}

static const struct {
        const char *key;
        int (*read)(const struct reader *r, const struct sc_json *value);
} keys[] = {
        { "$schema", read_nothing },       { "caps", read_caps },         { "enable", read_enable },
        { "fail-on", read_fail_on },       { "for", read_for },           { "ignore", read_ignore },
        { "min-kernel", read_min_kernel }, { "severity", read_severity },
};

static int read_member(const struct reader *r, const struct sc_json *member)
{
        struct sc_typo typo = sc_typo_begin(member->key->text, member->key->len);
        struct sc_diag *diag;

        for (size_t i = 0; i < SC_COUNT(keys); i++) {
                if (sc_json_is(member->key, keys[i].key))
                        return keys[i].read(r, member);
                sc_typo_offer(&typo, keys[i].key);
        }
        diag = sc_diags_add(r->s->diags, SC_ERROR, "bad-setting", member->key->place, "there is no setting '%s'",
                            member->key->text);
        sc_diag_hint(diag, typo.best ? "did you mean '%s'?" : "see 'Settings of lint' in seccompose(1)%s",
                     typo.best ? typo.best : "");
        return -EBADMSG;
}

static int read_text(struct session *s, const struct sc_source *source, struct lint_settings *settings)
{
        const struct reader reader = { .s = s, .settings = settings };
        const struct sc_json *root;
        int r = sc_json_parse(s->arena, source, SC_JSON_COMMENTS, s->diags, &root), bad = 0;

        if (r == 0 && root->type != SC_JSON_OBJECT)
                r = wrong(&reader, root, "an object of settings");
        for (const struct sc_json *m = r == 0 ? root->first : NULL; m && bad != -ENOMEM; m = m->next) {
                int r2 = read_member(&reader, m);

                bad = r2 ? r2 : bad;
        }
        return r ? r : bad;
}

/* Reads a config file into *settings. Returns 0, -ENOENT, or errors for report(). */
static int read_config(struct session *s, const char *path, struct lint_settings *settings)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        struct sc_source *source;
        size_t len;
        int r = sc_file_read(AT_FDCWD, path, LINT_CONFIG_SIZE_MAX, &text, &len);

        if (r < 0)
                return r;
        source = sc_arena_alloc(s->arena, sizeof(*source));
        if (!source)
                return -ENOMEM;
        source->name = sc_arena_strdup(s->arena, path);
        source->text = sc_arena_strndup(s->arena, text, len);
        source->len = len;
        if (!source->name || !source->text)
                return -ENOMEM;
        return read_text(s, source, settings);
}

static struct lint_rules join_rules(struct session *s, struct lint_rules a, struct lint_rules b)
{
        struct lint_rules both = { sc_arena_array(s->arena, a.n + b.n + 1, sizeof(*both.items)), 0 };

        for (size_t i = 0; both.items && i < a.n; i++)
                both.items[both.n++] = a.items[i];
        for (size_t i = 0; both.items && i < b.n; i++)
                both.items[both.n++] = b.items[i];
        return both;
}

/* The command line's word goes before the file's; lists of rules add up. */
static bool put_options(struct session *s, const struct options *options, struct lint_settings *settings)
{
        const struct lint_wishes *w = &options->lint;

        settings->ignore = join_rules(s, settings->ignore, w->ignore);
        settings->enable = join_rules(s, settings->enable, w->enable);
        settings->only = w->only;
        if (w->fail_on)
                settings->fail_on = w->fail_on;
        if (options->target)
                settings->target = options->target;
        if (options->caps_given) {
                settings->caps_given = true;
                settings->caps = options->caps;
        }
        if (w->min_kernel_given)
                settings->min_kernel = w->min_kernel;
        return settings->ignore.items && settings->enable.items;
}

/* Settings, by the path of their file; "" for those without one. */
struct lint_known {
        const char *path;
        const struct lint_settings *settings;
        struct lint_known *next;
};

static int settings_of(struct lint_run *run, const char *path, const struct lint_settings **ret_settings)
{
        struct session *s = run->s;
        struct lint_settings *settings;
        struct lint_known *known = run->known;
        int r = 0;

        while (known && strcmp(known->path, path) != 0)
                known = known->next;
        if (!known) {
                known = sc_arena_alloc(s->arena, sizeof(*known));
                settings = sc_arena_alloc(s->arena, sizeof(*settings));
                if (!known || !settings)
                        return report(s, -ENOMEM, path);
                *settings = (struct lint_settings){
                        .fail_on = LINT_FAIL_WARNING, .caps = sc_caps_docker(), .min_kernel = LINT_MIN_KERNEL };
                if (*path)
                        r = read_config(s, path, settings);
                if (r == 0 && !put_options(s, run->options, settings))
                        r = -ENOMEM;
                if (r < 0)
                        return report(s, r, path);
                *known = (struct lint_known){ .path = sc_arena_strdup(s->arena, path), .settings = settings,
                                              .next = run->known };
                if (!known->path)
                        return report(s, -ENOMEM, path);
                run->known = known;
        }
        *ret_settings = known->settings;
        return 0;
}

static bool exists(struct session *s, const char *folder, const char *name, const char **ret_path)
{
        *ret_path = sc_arena_printf(s->arena, "%s/%s", strcmp(folder, "/") != 0 ? folder : "", name);
        return *ret_path && access(*ret_path, F_OK) == 0;
}

/* The config file that is nearest above a folder; "" if there is none. A folder with .git is the last one. */
static const char *find_config(struct session *s, char *folder)
{
        for (;;) {
                const char *path;
                char *slash;

                for (size_t i = 0; i < SC_COUNT(config_names); i++)
                        if (exists(s, folder, config_names[i], &path))
                                return path;
                if (exists(s, folder, ".git", &path) || !strcmp(folder, "/"))
                        return "";
                slash = strrchr(folder, '/');
                if (slash == folder)
                        slash++;
                *slash = '\0';
        }
}

/* The folder of a file, without links: standard input and shipped policies are taken to be here. */
static char *folder_of(struct session *s, const char *name)
{
        const char *slash = strrchr(name, '/');
        const char *folder = slash ? sc_arena_printf(s->arena, "%.*s", (int)(slash - name) + 1, name) : ".";

        return folder ? realpath(folder, NULL) : NULL;
}

int lint_settings_for(struct lint_run *run, const char *name, const struct lint_settings **ret_settings)
{
        SC_CLEANUP(sc_freep) char *folder = NULL;
        const struct lint_wishes *w = &run->options->lint;

        if (w->config)
                return settings_of(run, w->config, ret_settings);
        if (!w->no_config)
                folder = folder_of(run->s, name);
        return settings_of(run, folder ? find_config(run->s, folder) : "", ret_settings);
}

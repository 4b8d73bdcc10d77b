/* SPDX-License-Identifier: Apache-2.0 */
/* Options by name and value, whichever way they come. */
#include "seccompose-runtime/settings.h"

#include <errno.h>
#include <string.h>

#include "base/typo.h"
#include "common/trust.h"
#include "json/json.h"
#include "seccompose-runtime/command.h"

static const struct sc_place nowhere;

/* Ours; those about the policy come after them. */
static const char *const own_names[] = { "runtime", "gate" };

/* Names of settings; NULL past the last. */
static const char *setting_name(size_t i)
{
        return i < SC_COUNT(own_names) ? own_names[i] : apply_option_name(i - SC_COUNT(own_names));
}

/* One that is not about the policy. */
static bool is_own_name(const char *name)
{
        for (size_t i = 0; i < SC_COUNT(own_names); i++)
                if (!strcmp(own_names[i], name))
                        return true;
        return false;
}

static bool is_setting(const char *name, size_t len)
{
        for (size_t i = 0; setting_name(i); i++)
                if (strlen(setting_name(i)) == len && !memcmp(setting_name(i), name, len))
                        return true;
        return false;
}

static const char *find(const struct settings *t, const char *name)
{
        for (size_t i = 0; i < t->n; i++)
                if (!strcmp(t->list[i].name, name))
                        return t->list[i].value;
        return NULL;
}

static void keep(struct session *s, struct settings *t, const char *name, const char *value)
{
        if (t->n == SETTINGS_COUNT_MAX || find(t, name))
                sc_diags_add(s->diags, SC_ERROR, "bad-option", nowhere, "--%s is given twice", name);
        else
                t->list[t->n++] = (struct setting){ name, value };
}

static bool is_own(const char *arg)
{
        size_t len = strcspn(arg, "=");

        return !strncmp(arg, "--", 2) && (is_setting(arg + 2, len - 2) || (len == 8 && !memcmp(arg, "--config", len)));
}

/* Which of our options was meant by an argument that is neither ours nor the runtime's; NULL: none. */
static const char *misspelt(const char *arg)
{
        size_t len = strcspn(arg, "=");
        struct sc_typo typo;

        if (strncmp(arg, "--", 2) != 0 || command_is_global(arg + 2, len - 2))
                return NULL;
        typo = sc_typo_begin(arg + 2, len - 2);
        for (size_t i = 0; setting_name(i); i++)
                sc_typo_offer(&typo, setting_name(i));
        sc_typo_offer(&typo, "config");
        return typo.best;
}

/* The value of the option at argv[*at]; NULL if it has none. *at becomes the next argument. */
static const char *own_value(int argc, char *const *argv, int *at)
{
        const char *arg = argv[*at], *end = strchr(arg, '=');

        ++*at;
        if (end)
                return end[1] ? end + 1 : NULL;
        return *at < argc && argv[*at][0] && argv[*at][0] != '-' ? argv[(*at)++] : NULL;
}

/* One of ours. */
static void take_argument(struct session *s, const char *arg, const char *value, struct settings *t)
{
        const char *name = sc_arena_strndup(s->arena, arg, strcspn(arg, "="));

        if (!name || !value)
                sc_diags_add(s->diags, SC_ERROR, "bad-option", nowhere, "--%s needs a value", arg);
        else if (strcmp(name, "config") != 0)
                keep(s, t, name, value);
        else if (t->config)
                sc_diags_add(s->diags, SC_ERROR, "bad-option", nowhere, "--config is given twice");
        else
                t->config = value;
}

/* The runtime would refuse it for every command, and containers could not be stopped. */
static void complain_of_misspelt(struct session *s, const char *arg, const char *meant)
{
        struct sc_diag *diag = sc_diags_add(s->diags, SC_ERROR, "bad-option", nowhere, "there is no option '%.*s'",
                                            (int)strcspn(arg, "="), arg);

        sc_diag_hint(diag, "did you mean '--%s'?", meant);
}

int settings_arguments(struct session *s, int argc, char *const *argv, struct settings *ret_settings)
{
        int at = 1;

        *ret_settings = (struct settings){ 0 };
        while (at < argc) {
                const char *arg = argv[at], *meant = is_own(arg) ? NULL : misspelt(arg);

                if (!is_own(arg) && !meant)
                        break;
                ret_settings->given = true;
                if (meant)
                        own_value(argc, argv, &at), complain_of_misspelt(s, arg, meant);
                else
                        take_argument(s, arg + 2, own_value(argc, argv, &at), ret_settings);
        }
        return at < argc && !strcmp(argv[at], "--") ? at + 1 : at < argc ? at : argc;
}

static void unknown_key(struct session *s, const struct sc_json *key)
{
        struct sc_diag *diag = sc_diags_add(s->diags, SC_ERROR, "unknown-setting", key->place,
                                            "there is no setting '%s'", key->text);
        struct sc_typo typo = sc_typo_begin(key->text, key->len);

        for (size_t i = 0; setting_name(i); i++)
                sc_typo_offer(&typo, setting_name(i));
        if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
}

/* One member of the file. */
static void read_member(struct session *s, const struct sc_json *m, size_t n_arguments, struct settings *t)
{
        const char *name = m->key->text;

        if (!is_setting(name, m->key->len)) {
                unknown_key(s, m->key);
        } else if (m->type != SC_JSON_STRING) {
                sc_diags_add(s->diags, SC_ERROR, "bad-setting", m->place, "'%s' is %s, not a string", name,
                             sc_json_type_name(m->type));
        } else if (!m->len || strlen(m->text) != m->len) {
                sc_diags_add(s->diags, SC_ERROR, "bad-setting", m->place, "'%s' is empty, or has a NUL in it", name);
        } else {
                for (size_t i = 0; i < n_arguments; i++)
                        if (!strcmp(t->list[i].name, name))
                                return;
                keep(s, t, name, m->text);
        }
}

static int parse_file(struct session *s, const struct sc_source *source, struct settings *t)
{
        size_t n_arguments = t->n;
        const struct sc_json *root;
        int r = sc_json_parse(s->arena, source, SC_JSON_COMMENTS | SC_JSON_FOLD_KEYS, s->diags, &root);

        if (r < 0)
                return r;
        if (root->type != SC_JSON_OBJECT)
                sc_diags_add(s->diags, SC_ERROR, "bad-setting", root->place, "the settings are %s, not an object",
                             sc_json_type_name(root->type));
        for (const struct sc_json *m = root->type == SC_JSON_OBJECT ? root->first : NULL; m; m = m->next)
                read_member(s, m, n_arguments, t);
        return 0;
}

/* The caller writes the program's name: only what can be a file in that directory is taken. */
static const char *default_path(struct session *s, const char *program)
{
        const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

        if (!*name || *name == '.')
                return NULL;
        return sc_arena_printf(s->arena, "%s/%s.jsonc", SETTINGS_DIRECTORY, name);
}

static int read_file(struct session *s, const char *path, struct settings *t)
{
        struct sc_source *source = sc_arena_alloc(s->arena, sizeof(*source));
        int r = source ? trusted_read(s, path, SETTINGS_SIZE_MAX, source) : -ENOMEM;

        if (r == 0)
                r = parse_file(s, source, t);
        if (r < 0 && r != -EBADMSG && r != -ENOMEM)
                sc_diags_add(s->diags, SC_ERROR, "no-settings", nowhere, "%s cannot be read: %s", path, strerror(-r));
        return r == -ENOMEM ? r : 0;
}

static void take_runtime(struct session *s, struct settings *t)
{
        const char *runtime = find(t, "runtime");

        if (runtime && *runtime != '/')
                sc_diags_add(s->diags, SC_ERROR, "bad-option", nowhere, "runtime '%s' is no absolute path", runtime);
        else
                t->runtime = runtime;
}

static void take_gate(struct session *s, struct settings *t)
{
        const char *gate = find(t, "gate");

        t->gate = gate && !strcmp(gate, "probe");
        if (gate && !t->gate && strcmp(gate, "none") != 0)
                sc_diags_add(s->diags, SC_ERROR, "bad-option", nowhere, "--gate is probe or none, not '%s'", gate);
}

int settings_file(struct session *s, const char *program, struct settings *settings)
{
        const char *path = settings->given ? settings->config : default_path(s, program);
        int r = path ? read_file(s, path, settings) : 0;

        if (r < 0)
                return r;
        take_runtime(s, settings);
        take_gate(s, settings);
        for (size_t i = 0; i < settings->n; i++)
                settings->confines |= !is_own_name(settings->list[i].name);
        settings->confines |= !settings->gate;
        return 0;
}

int settings_policy(struct session *s, struct settings *settings)
{
        int result = 0;

        for (size_t i = 0; i < settings->n && result != -ENOMEM; i++) {
                const struct setting *t = &settings->list[i];
                int r = is_own_name(t->name) ? 0 : policy_option(s, &settings->policy, t->name, t->value);

                result = r < 0 ? r : result;
        }
        return result;
}

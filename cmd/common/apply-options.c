/* SPDX-License-Identifier: Apache-2.0 */
/* The options of apply.h: one table, from which they are read and help is written. */
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "common/apply.h"
#include "common/choose.h"
#include "common/names.h"

#define SHA256_DIGITS 64

/* A word and what it stands for. */
struct word {
        const char *text;
        int value;
};

static const struct word combines[] = {
        { "replace", APPLY_REPLACE }, { "intersect", APPLY_INTERSECT }, { "if-absent", APPLY_IF_ABSENT }, { NULL, 0 }
};
static const struct word unconfineds[] = {
        { "confine", APPLY_CONFINE }, { "skip", APPLY_SKIP }, { "fail", APPLY_FAIL }, { NULL, 0 }
};
static const struct word conflicts[] = { { "refuse", SC_BUNDLE_REFUSE }, { "remove", SC_BUNDLE_REMOVE }, { NULL, 0 } };
static const struct word on_errors[] = { { "fail", false }, { "ignore", true }, { NULL, 0 } };

static int take_word(struct session *s, const struct word *words, const char *option, const char *value, int *ret)
{
        struct sc_typo typo = sc_typo_begin(value, strlen(value));

        for (const struct word *w = words; w->text; w++) {
                if (!strcmp(w->text, value)) {
                        *ret = w->value;
                        return 0;
                }
                sc_typo_offer(&typo, w->text);
        }
        return complain(s, "--%s cannot be '%s'; did you mean '%s'?", option, value,
                        typo.best ? typo.best : words->text);
}

static int read_policy(struct session *s, struct apply_options *o, const char *value)
{
        (void)s;
        o->policy = value;
        return 0;
}

static int read_profile(struct session *s, struct apply_options *o, const char *value)
{
        (void)s;
        o->profile = value;
        return 0;
}

static int read_sha256(struct session *s, struct apply_options *o, const char *value)
{
        if (strlen(value) != SHA256_DIGITS || strspn(value, "0123456789abcdefABCDEF") != SHA256_DIGITS)
                return complain(s, "--sha256 wants %d hexadecimal digits, as sha256sum prints them", SHA256_DIGITS);
        o->sha256 = value;
        return 0;
}

static int read_policies(struct session *s, struct apply_options *o, const char *value)
{
        (void)s;
        o->policies = value;
        return 0;
}

static int read_choose(struct session *s, struct apply_options *o, const char *value)
{
        (void)s;
        o->choose = value;
        return 0;
}

static int read_combine(struct session *s, struct apply_options *o, const char *value)
{
        int word = 0, code = take_word(s, combines, "combine", value, &word);

        o->combine = (enum apply_combine)word;
        return code;
}

static int read_unconfined(struct session *s, struct apply_options *o, const char *value)
{
        int word = 0, code = take_word(s, unconfineds, "unconfined", value, &word);

        o->unconfined = (enum apply_unconfined)word;
        return code;
}

static int read_conflicts(struct session *s, struct apply_options *o, const char *value)
{
        int word = 0, code = take_word(s, conflicts, "conflicts", value, &word);

        o->conflicts = (enum sc_bundle_conflicts)word;
        return code;
}

static int read_on_error(struct session *s, struct apply_options *o, const char *value)
{
        int word = 0, code = take_word(s, on_errors, "on-error", value, &word);

        o->ignore_errors = word;
        return code;
}

static int read_allow(struct session *s, struct apply_options *o, const char *value)
{
        return names_calls(s, value, &o->allow, &o->n_allow);
}

static int read_libseccomp(struct session *s, struct apply_options *o, const char *value)
{
        return names_scmptable(s, value, &o->table);
}

#define ROW(name, value, help) { #name, value, help, read_##name },

static const struct row {
        const char *name;
        const char *value; /* what to call it in help */
        const char *help;
        int (*read)(struct session *s, struct apply_options *o, const char *value);
} rows[] = {
        APPLY_OPTIONS(ROW)
        { "allow", "CALL,…", "allow calls that the policy lists as optional", read_allow },
        { "libseccomp", "VERSION", "the runtime's libseccomp, whose names may be used", read_libseccomp },
        { "on-error", "HOW", "fail, or ignore: the container runs without the policy", read_on_error },
};

int apply_option(struct session *s, struct apply_options *o, const char *name, const char *value)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                if (!strcmp(rows[i].name, name))
                        return value ? rows[i].read(s, o, value) : complain(s, "--%s needs a value", name);
        return APPLY_OTHER;
}

const char *apply_option_name(size_t i)
{
        return i < SC_COUNT(rows) ? rows[i].name : NULL;
}

/* The working directory of a hook may be the container's. Returns what goes by a path relative to it; or NULL. */
static const char *find_relative(const struct apply_options *o)
{
        const char *const paths[] = { o->profile, o->policies };

        if (o->policy && o->policy[0] != '/' && !sc_shipped_find(o->policy, strlen(o->policy)))
                return o->policy;
        for (size_t i = 0; i < SC_COUNT(paths); i++)
                if (paths[i] && paths[i][0] != '/')
                        return paths[i];
        return NULL;
}

/* Complains of it, with the shipped policy that may have been meant. */
static int refuse_relative(const struct session *s, const char *path)
{
        struct sc_typo typo = sc_typo_begin(path, strlen(path));

        for (size_t i = 0; i < sc_shipped_count(); i++)
                sc_typo_offer(&typo, sc_shipped_at(i)->name);
        if (typo.best)
                return complain(s, "'%s' is neither an absolute path nor a shipped policy; did you mean '%s'?", path,
                                typo.best);
        return complain(s, "'%s' is neither an absolute path nor a shipped policy", path);
}

/* A name with a blank in front would never be anybody's. */
static int check_names(const struct session *s, const char *list)
{
        for (const char *p = list;; p++) {
                size_t len = strcspn(p, ",");

                if (!choose_is_name(p, len))
                        return complain(s, "--choose wants names with commas between them, and '%.*s' is none",
                                        (int)len, p);
                p += len;
                if (!*p)
                        return 0;
        }
}

int apply_options_check(const struct session *s, const struct apply_options *o)
{
        if (!o->policy && !o->profile && !o->choose)
                return complain(s, "which policy? Say --policy, --profile or --choose");
        if (o->policy && o->profile)
                return complain(s, "--policy or --profile, not both");
        if (o->sha256 && !o->profile)
                return complain(s, "--sha256 pins a --profile");
        if (o->n_allow && !o->policy)
                return complain(s, "--allow is for a --policy");
        if (o->policies && !o->choose)
                return complain(s, "--policies needs the names of those that may be chosen: --choose NAME,…");
        if (o->choose && check_names(s, o->choose))
                return EXIT_INPUT;
        if (o->combine == APPLY_IF_ABSENT && o->unconfined != APPLY_CONFINE)
                return complain(s, "--combine if-absent leaves nothing to do but --unconfined confine");
        if (!o->trusting && find_relative(o))
                return refuse_relative(s, find_relative(o));
        return 0;
}

void apply_options_help(void)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                char left[48];

                snprintf(left, sizeof(left), "  --%s %s", rows[i].name, rows[i].value);
                /* "…" is three bytes and one column */
                printf("%-*s %s\n", strstr(left, "…") ? 26 : 24, left, rows[i].help);
        }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A table of runc's and crun's options, and a reader that fails closed. */
#include "seccompose-runtime/command.h"

#include <stdarg.h>
#include <string.h>

#include "base/util.h"

enum meaning { OTHER, BUNDLE, CONFIG, LOG, LOG_FORMAT };

static const struct row {
        const char *name;
        bool global; /* before the command; else of create and run */
        bool value;  /* takes one */
        enum meaning meaning;
} rows[] = {
        { "cgroup-manager", true, true, OTHER },
        { "criu", true, true, OTHER },
        { "debug", true, false, OTHER },
        { "log", true, true, LOG },
        { "log-format", true, true, LOG_FORMAT },
        { "log-level", true, true, OTHER },
        { "root", true, true, OTHER },
        { "rootless", true, true, OTHER },
        { "systemd-cgroup", true, false, OTHER },
        { "b", false, true, BUNDLE },
        { "bundle", false, true, BUNDLE },
        { "config", false, true, CONFIG },
        { "console-socket", false, true, OTHER },
        { "d", false, false, OTHER },
        { "detach", false, false, OTHER },
        { "f", false, true, CONFIG },
        { "keep", false, false, OTHER },
        { "no-new-keyring", false, false, OTHER },
        { "no-pivot", false, false, OTHER },
        { "no-subreaper", false, false, OTHER },
        { "pid-file", false, true, OTHER },
        { "pidfd-socket", false, true, OTHER },
        { "preserve-fds", false, true, OTHER },
};

/* Commands that make no container from a bundle's config.json. */
static const char *const others[] = { "checkpoint", "delete", "events", "exec",    "features", "h",
                                      "help",       "kill",   "list",   "mounts",  "pause",    "ps",
                                      "restore",    "resume", "spec",   "start",   "state",    "update" };

struct reader {
        struct session *s;
        int argc;
        char *const *argv;
        int at; /* the next argument */
        struct command *command;
        bool bundle_given;
};

static void problem(struct reader *r, const char *format, ...) SC_PRINTF(2, 3);

static void problem(struct reader *r, const char *format, ...)
{
        va_list args;
        char *text;

        va_start(args, format);
        text = sc_arena_vprintf(r->s->arena, format, args);
        va_end(args);
        r->command->problem = text ? text : "out of memory";
}

static bool makes_container(const char *word)
{
        return !strcmp(word, "create") || !strcmp(word, "run");
}

/* True if one of the arguments from `at` on could be the command create or run. */
static bool could_make_container(const struct reader *r, int at)
{
        for (int i = at; i < r->argc; i++)
                if (makes_container(r->argv[i]))
                        return true;
        return false;
}

/* "-" alone is none. */
static bool is_option(const char *arg)
{
        return arg[0] == '-' && arg[1];
}

static const struct row *find_row(bool global, const char *name, size_t len)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                if (rows[i].global == global && strlen(rows[i].name) == len && !memcmp(rows[i].name, name, len))
                        return &rows[i];
        return NULL;
}

bool command_is_global(const char *name, size_t len)
{
        return find_row(true, name, len) != NULL;
}

/* Keeps what we want to know of an option with a value. */
static void take(struct reader *r, const struct row *row, const char *value)
{
        struct command *c = r->command;

        if (row->meaning == LOG)
                c->log = value;
        else if (row->meaning == LOG_FORMAT)
                c->log_format = value;
        else if (row->meaning == CONFIG)
                problem(r, "--%s takes the container's configuration from elsewhere than the bundle's config.json",
                        row->name);
        else if (row->meaning == BUNDLE && r->bundle_given)
                problem(r, "the bundle is given twice");
        else if (row->meaning == BUNDLE && !*value)
                problem(r, "the bundle is an empty name");
        else if (row->meaning == BUNDLE)
                c->bundle = value, r->bundle_given = true;
}

/*
 * The value in the next argument. One with a dash may be an option whose neighbour was forgotten, and some runtimes
 * have options without a value where others have one.
 */
static void take_next(struct reader *r, const struct row *row)
{
        const char *value = r->at < r->argc ? r->argv[r->at] : NULL;

        if (!value)
                problem(r, "the runtime's option --%s has no value", row->name);
        else if (value[0] == '-' || makes_container(value))
                problem(r, "the runtime's option --%s has '%s' behind it; if that is its value, write --%s=%s",
                        row->name, value, row->name, value);
        else
                r->at++, take(r, row, value);
}

/* Reads the option at `at`, and its value. */
static void read_option(struct reader *r, bool global)
{
        const char *arg = r->argv[r->at++];
        bool two = arg[1] == '-';
        const char *name = arg + (two ? 2 : 1);
        size_t len = strcspn(name, "=");
        const struct row *row = find_row(global, name, len);

        if (!row)
                problem(r, "'%s' is no option of runc, crun or this program", arg);
        else if (!two && row->meaning == BUNDLE && (len > 1 || name[len]))
                problem(r, "runc and crun do not read '%s' the same way; write --bundle", arg);
        else if (name[len] && row->value)
                take(r, row, name + len + 1);
        else if (row->value)
                take_next(r, row);
}

/* Options and id of create and run; the two may be mixed for runc. */
static void read_create(struct reader *r)
{
        bool options = true;
        int ids = 0;

        r->command->starts = true;
        /* alone: a later --help=false would take it back */
        if (r->at + 1 == r->argc && (!strcmp(r->argv[r->at], "--help") || !strcmp(r->argv[r->at], "-h"))) {
                r->command->starts = false;
                return;
        }
        while (r->at < r->argc && !r->command->problem) {
                const char *arg = r->argv[r->at];

                if (options && is_option(arg) && strcmp(arg, "--") != 0) {
                        read_option(r, false);
                        continue;
                }
                if (options && is_option(arg))
                        options = false;
                else
                        r->command->id = arg, ids++;
                r->at++;
        }
        if (!r->command->problem && ids != 1)
                problem(r, "create and run take one container's id, not %d", ids);
}

static bool is_other(const char *word)
{
        for (size_t i = 0; i < SC_COUNT(others); i++)
                if (!strcmp(others[i], word))
                        return true;
        return false;
}

/* Options before the command. Returns where a problem, if there is one, was met. */
static int read_globals(struct reader *r)
{
        while (r->at < r->argc && is_option(r->argv[r->at])) {
                int at = r->at;

                if (!strcmp(r->argv[r->at], "--")) {
                        r->at++;
                        break;
                }
                read_option(r, true);
                if (r->command->problem)
                        return at;
        }
        return r->at;
}

void command_read(struct session *s, int argc, char *const *argv, struct command *ret_command)
{
        struct reader r = { .s = s, .argc = argc, .argv = argv, .command = ret_command };
        int at;

        *ret_command = (struct command){ .bundle = "." };
        at = read_globals(&r);
        if (!ret_command->problem && r.at < argc && makes_container(argv[r.at])) {
                r.at++;
                read_create(&r);
                return;
        }
        if (r.at < argc && !ret_command->problem && !is_other(argv[r.at]))
                problem(&r, "'%s' is no command of runc or crun", argv[r.at]);
        ret_command->starts = ret_command->problem && could_make_container(&r, at);
}

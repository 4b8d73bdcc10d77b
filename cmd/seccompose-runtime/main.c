/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for an OCI runtime: puts the policy into the bundle of a container that is to be created, then becomes the
 * real runtime. Everything else that an engine asks goes to the real one as it came.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/gate.h"
#include "common/launch.h"
#include "common/message.h"
#include "seccompose-runtime/command.h"
#include "seccompose-runtime/settings.h"

static const char usage_text[] =
        "Usage: seccompose-runtime [OPTION…] [--] [RUNTIME-OPTION…] COMMAND [ARGUMENT…]\n";

/* Same file as the program that runs; unknown counts as the same. */
static bool is_self(const char *path)
{
        struct stat self, other;

        if (stat(path, &other) < 0)
                return false; /* execve says why */
        return stat("/proc/self/exe", &self) < 0 || (self.st_dev == other.st_dev && self.st_ino == other.st_ino);
}

/* crun's log is also "file:PATH", "journald:NAME" or "syslog:NAME"; the latter two are no files. NULL: none. */
static const char *log_path(const char *log)
{
        if (!log || !*log || !strncmp(log, "journald:", strlen("journald:")) ||
            !strncmp(log, "syslog:", strlen("syslog:")))
                return NULL;
        return strncmp(log, "file:", strlen("file:")) ? log : log + strlen("file:");
}

/* Messages go where the runtime's own would: docker, containerd and podman show what stands in its log. */
static struct subject subject_of(const struct command *command)
{
        return (struct subject){
                .container = command->id,
                .bundle = command->id ? command->bundle : NULL,
                .log = log_path(command->log),
                .log_as_text = !command->log_format || strcmp(command->log_format, "json") != 0,
        };
}

/* A finding about the options or their file leaves nobody to call. Usage is for people: engines give a log. */
static int no_runtime(const struct session *s, const struct subject *subject, const struct settings *settings)
{
        bool errors = sc_diags_count(s->diags, SC_ERROR) > 0;
        const char *hint = errors && !settings->given ? "; or give --runtime PATH and a policy" : "";

        if (!errors || (!settings->given && !subject->log))
                fputs(usage_text, stderr);
        say(s, subject, MESSAGE_ERROR, "%s%s", errors ? reason(s, 0, "") : "no runtime is set: give --runtime PATH",
            hint);
        return EXIT_INPUT;
}

/* An error for reason(), also where there was no memory to say it. */
static int all_right(const struct session *s, int r)
{
        if (r == 0 && sc_diags_count(s->diags, SC_ERROR))
                r = -EBADMSG;
        return sc_diags_failed(s->diags) || (r == -EBADMSG && !sc_diags_count(s->diags, SC_ERROR)) ? -ENOMEM : r;
}

/* Returns 0 if the runtime may go on. */
static int confine(struct session *s, const struct command *command, struct subject *subject,
                   struct settings *settings)
{
        int r = all_right(s, settings_policy(s, settings));
        const char *why = command->problem;
        bool ignored;

        subject->policy = settings->policy.policy;
        if (r == 0 && !why)
                r = all_right(s, policy_patch(s, command->bundle, &settings->policy, &subject->policy));
        if (!why && r < 0)
                why = reason(s, r, "config.json");
        if (!why)
                return 0;
        ignored = settings->policy.ignore_errors && apply_is_ignorable(s);
        if (ignored)
                say(s, subject, MESSAGE_WARNING, "runs WITHOUT the policy, as --on-error ignore says: %s", why);
        else
                say(s, subject, MESSAGE_ERROR, "refused: %s", why);
        return ignored ? 0 : EXIT_NO;
}

/*
 * The probe's gate, for what the runtime starts and enters; on every command, as it changes nothing else. One that only
 * stops a container, say, goes on without.
 */
static int put_gate(const struct session *s, const struct subject *subject, bool starts)
{
        int r = gate_install();

        if (r == 0 || !starts)
                return 0;
        say(s, subject, MESSAGE_ERROR, "refused: the probe's gate cannot be put on: %s", strerror(-r));
        return EXIT_NO;
}

/* Does not come back unless it fails. */
static int become(struct session *s, const struct subject *subject, const char *runtime, int argc, char *const *argv)
{
        char **args = sc_arena_array(s->arena, (size_t)argc + 2, sizeof(*args));
        int r = -ENOMEM;

        if (args)
                args[0] = sc_arena_strdup(s->arena, runtime);
        if (args && args[0]) {
                for (int i = 0; i < argc; i++)
                        args[i + 1] = argv[i];
                execve(runtime, args, environ);
                r = sc_errno();
        }
        say(s, subject, MESSAGE_ERROR, "cannot execute %s: %s", runtime, strerror(-r));
        return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTED;
}

static int run(struct session *s, int argc, char **argv)
{
        struct settings settings;
        struct subject subject;
        struct command command;
        int at = settings_arguments(s, argc, argv, &settings), r, code = 0;

        command_read(s, argc - at, argv + at, &command);
        subject = subject_of(&command);
        r = settings_file(s, argc > 0 ? argv[0] : "", &settings);
        if (r < 0) {
                say(s, &subject, MESSAGE_ERROR, "%s", strerror(-r));
                return EXIT_SYSTEM;
        }
        if (!settings.runtime)
                return no_runtime(s, &subject, &settings);
        if (is_self(settings.runtime)) {
                say(s, &subject, MESSAGE_ERROR, "the runtime %s is this program itself", settings.runtime);
                return EXIT_INPUT;
        }
        /* a mistake in the settings is told there, too */
        if (command.starts && (settings.confines || sc_diags_count(s->diags, SC_ERROR)))
                code = confine(s, &command, &subject, &settings);
        if (code == 0 && settings.gate)
                code = put_gate(s, &subject, command.starts);
        return code ? code : become(s, &subject, settings.runtime, argc - at, argv + at);
}

int main(int argc, char **argv)
{
        struct session s;
        int code;

        if (!session_fill_standard()) {
                perror("seccompose-runtime: error: /dev/null");
                return EXIT_SYSTEM;
        }
        s = session_begin("seccompose-runtime");
        s.collects = true;
        code = run(&s, argc, argv);
        session_end(&s);
        return code;
}

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

#include "seccompose-runtime/command.h"
#include "seccompose-runtime/say.h"
#include "seccompose-runtime/settings.h"

#define EXIT_NOT_EXECUTED 126 /* as shells have them */
#define EXIT_NOT_FOUND 127

static const char usage_text[] =
        "Usage: seccompose-runtime [OPTION…] [--] [RUNTIME-OPTION…] COMMAND [ARGUMENT…]\n";

/* What is opened must not become stdin, stdout or stderr. The fillers are gone when the runtime starts. */
static bool fill_standard(void)
{
        for (;;) {
                int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

                if (fd < 0)
                        return false;
                if (fd > STDERR_FILENO)
                        return close(fd), true;
        }
}

/* Same file as the program that runs; unknown counts as the same. */
static bool is_self(const char *path)
{
        struct stat self, other;

        if (stat(path, &other) < 0)
                return false; /* execve says why */
        return stat("/proc/self/exe", &self) < 0 || (self.st_dev == other.st_dev && self.st_ino == other.st_ino);
}

/* A finding about the options or their file leaves nobody to hand the command to. */
static int no_runtime(const struct session *s, const struct command *command)
{
        bool errors = sc_diags_count(s->diags, SC_ERROR) > 0;

        report(s, 0, "");
        if (!errors)
                fputs(usage_text, stderr);
        say(s, command, "error", "%s", errors ? reason(s, 0) : "no runtime is set: give --runtime PATH");
        return EXIT_INPUT;
}

/* Returns 0 if the runtime may go on. */
static int confine(struct session *s, const struct command *command, struct settings *settings)
{
        int r = settings_policy(s, settings);
        const char *policy = settings->policy.policy;
        const char *why = command->problem;

        if (r == 0 && !why && !sc_diags_count(s->diags, SC_ERROR))
                r = policy_patch(s, command->bundle, &settings->policy);
        if (!why && (r < 0 || sc_diags_count(s->diags, SC_ERROR)))
                why = reason(s, r);
        if (!why)
                return 0;
        report(s, 0, "");
        if (settings->policy.ignore)
                say(s, command, "warning", "runs WITHOUT policy %s, as --on-error ignore says: %s",
                    policy ? policy : "(none)", why);
        else
                say(s, command, "error", "refused, policy %s: %s", policy ? policy : "(none)", why);
        return settings->policy.ignore ? 0 : EXIT_NO;
}

/* Does not come back unless it fails. */
static int become(struct session *s, const struct command *command, const char *runtime, int argc, char *const *argv)
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
        say(s, command, "error", "cannot execute %s: %s", runtime, strerror(-r));
        return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTED;
}

static int run(struct session *s, int argc, char **argv)
{
        struct settings settings;
        struct command command;
        int at = settings_arguments(s, argc, argv, &settings), r, code;

        command_read(s, argc - at, argv + at, &command);
        r = settings_file(s, argc > 0 ? argv[0] : "", &settings);
        if (r < 0) {
                say(s, &command, "error", "%s", strerror(-r));
                return EXIT_SYSTEM;
        }
        if (!settings.runtime)
                return no_runtime(s, &command);
        if (is_self(settings.runtime)) {
                say(s, &command, "error", "the runtime %s is this program itself", settings.runtime);
                return EXIT_INPUT;
        }
        code = command.starts ? confine(s, &command, &settings) : 0;
        return code ? code : become(s, &command, settings.runtime, argc - at, argv + at);
}

int main(int argc, char **argv)
{
        struct session s;
        int code;

        if (!fill_standard()) {
                perror("seccompose-runtime: error: /dev/null");
                return EXIT_SYSTEM;
        }
        s = session_begin("seccompose-runtime");
        code = run(&s, argc, argv);
        session_end(&s);
        return code;
}

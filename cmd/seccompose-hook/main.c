/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OCI hook, in two stages. createRuntime: the runtime has read config.json before, so a patch made now holds for
 * the next start from this bundle, and this start is refused unless the bundle was right already. precreate: the engine
 * gives the config and takes back another.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "bpf/model.h"
#include "common/apply.h"
#include "common/message.h"
#include "seccompose-hook/late.h"

#define OPTIONS_MAX 32

struct hook {
        struct session s;
        struct apply_options apply;
        struct subject subject;
        bool late_is_fine; /* --late warn */
        const char *taken[OPTIONS_MAX]; /* names of options that were given */
        size_t n_taken;
};

static const char usage_text[] =
        "Usage: seccompose-hook createRuntime|precreate [OPTION…]\n\n"
        "createRuntime: reads the OCI state of a container from standard input, puts the policy into its bundle's\n"
        "config.json, and refuses the start (exit 1) if the container was created without it: start it again.\n"
        "precreate: reads a container's config.json from standard input and writes it with the policy to standard\n"
        "output.\n\n"
        "Options:\n";

static const char more_options[] =
        "  --late HOW             createRuntime: a container created without it: refuse or warn\n"
        "  --log FILE             append each message there too, as JSON lines in runc's form\n"
        "  --help, --version\n\n"
        "Exit: 0 the container has what it needs; 1 this start is refused; 2 wrong usage, or a policy, profile, state\n"
        "or config.json that is wrong; 3 the system failed.\n";

static int take_option(struct hook *h, const char *name, const char *value)
{
        int code = apply_option(&h->s, &h->apply, name, value);

        if (code != APPLY_OTHER)
                return code;
        if (!value || (strcmp(name, "late") != 0 && strcmp(name, "log") != 0))
                return complain(&h->s, "no option '--%s', or no value for it; see seccompose-hook --help", name);
        if (!strcmp(name, "log")) {
                if (value[0] != '/')
                        return complain(&h->s, "the path of the log must be absolute");
                h->subject.log = value;
                return 0;
        }
        if (strcmp(value, "refuse") != 0 && strcmp(value, "warn") != 0)
                return complain(&h->s, "--late is refuse or warn, not '%s'", value);
        h->late_is_fine = !strcmp(value, "warn");
        return 0;
}

/* Of two values nobody can know which was meant. */
static int take_once(struct hook *h, const char *name, const char *value)
{
        for (size_t i = 0; i < h->n_taken; i++)
                if (!strcmp(h->taken[i], name))
                        return complain(&h->s, "--%s is given twice", name);
        if (h->n_taken == OPTIONS_MAX)
                return complain(&h->s, "more than %d options", OPTIONS_MAX);
        h->taken[h->n_taken] = sc_arena_strdup(h->s.arena, name);
        return h->taken[h->n_taken] ? h->n_taken++, take_option(h, name, value) : EXIT_SYSTEM;
}

/* Options are --NAME VALUE or --NAME=VALUE. */
static int read_options(struct hook *h, int argc, char **argv)
{
        int code = 0;

        for (int i = 2; i < argc && code == 0; i++) {
                char name[32];
                size_t len = strcspn(argv[i], "=");
                const char *value = argv[i][len] ? argv[i] + len + 1 : NULL;

                if (strncmp(argv[i], "--", 2) != 0 || len < 3 || len - 2 >= sizeof(name))
                        return complain(&h->s, "'%s' is no option; see seccompose-hook --help", argv[i]);
                memcpy(name, argv[i] + 2, len - 2);
                name[len - 2] = '\0';
                if (!value && i + 1 < argc)
                        value = argv[++i];
                code = take_once(h, name, value);
        }
        return code ? code : apply_options_check(&h->s, &h->apply);
}

/* Reads standard input as a text in the arena. */
static int read_input(struct hook *h, const char *name, size_t limit, struct sc_source **ret_source)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        struct sc_source *source = sc_arena_alloc(h->s.arena, sizeof(*source));
        size_t len;
        int r = source ? sc_file_read_fd(STDIN_FILENO, limit, &text, &len) : -ENOMEM;

        if (r == 0)
                r = sc_arena_adopt(h->s.arena, text);
        if (r < 0)
                return r;
        *source = (struct sc_source){ name, SC_STEAL(text), len };
        *ret_source = source;
        return 0;
}

/* One line for what went wrong. Returns the exit code. */
static int fail(const struct hook *h, int r, const char *what)
{
        bool ignored = h->apply.ignore_errors && apply_is_ignorable(&h->s);
        bool persons = sc_diags_count(h->s.diags, SC_ERROR) && r != -ENOMEM;

        say(&h->s, &h->subject, ignored ? MESSAGE_WARNING : MESSAGE_ERROR, "%s: %s%s", ignored ? "ignored" : "refused",
            reason(&h->s, r, what),
            ignored ? "; the container starts without the policy, by --on-error ignore" : "");
        if (ignored)
                return EXIT_YES;
        return persons || is_input_error(r) ? EXIT_INPUT : EXIT_SYSTEM;
}

static int refuse(const struct hook *h, const char *why)
{
        say(&h->s, &h->subject, h->late_is_fine ? MESSAGE_WARNING : MESSAGE_ERROR, "%s: %s",
            h->late_is_fine ? "let through by --late warn" : "refused", why);
        return h->late_is_fine ? EXIT_YES : EXIT_NO;
}

/* What comes of a bundle that could be worked on. */
static int judge(const struct hook *h, const struct sc_bundle_state *state, const struct applied *applied)
{
        bool needs = applied->outcome == APPLIED_SAME || applied->relies; /* what stands in config.json now */

        if (applied->outcome == APPLIED_CHANGED) {
                let_ticks_pass(); /* so that the next start, however soon, is not taken for one under way */
                return refuse(h, "it was created without the policy; its config.json has it now, so start it again (an "
                                 "engine that writes config.json anew at every start, as podman and docker do, needs a "
                                 "precreate hook or seccompose-runtime instead)");
        }
        if (needs && (!state->pid || is_late_change(applied->changed, state->pid)))
                return refuse(h, "its config.json was changed while this start was under way, perhaps by another "
                                 "start's hook; start it again");
        say(&h->s, &h->subject, MESSAGE_INFO, "%s%s", applied->reason ? "left alone: " : "it has the policy",
            applied->reason ? applied->reason : "");
        return EXIT_YES;
}

static int create_runtime(struct hook *h)
{
        struct applied applied = { 0 };
        struct sc_bundle_state state = { 0 };
        struct sc_source *source;
        int r = read_input(h, "<state>", SC_BUNDLE_STATE_SIZE_MAX, &source), code;

        if (r == 0)
                r = sc_bundle_state_read(h->s.arena, source, h->s.diags, &state);
        if (r < 0)
                return fail(h, r, "the container's state");
        h->subject.container = state.id;
        h->subject.bundle = state.bundle;
        r = apply_bundle(&h->s, &h->apply, state.bundle, &applied);
        h->subject.policy = applied.policy;
        code = r < 0 ? fail(h, r, "config.json") : judge(h, &state, &applied);
        apply_done(&applied);
        return code;
}

static int write_config(struct hook *h, const char *text, size_t len)
{
        int r = sc_file_write_fd(STDOUT_FILENO, text, len);

        if (r == 0)
                return EXIT_YES;
        say(&h->s, &h->subject, MESSAGE_ERROR, "cannot write the config: %s", strerror(-r));
        return EXIT_SYSTEM;
}

static int precreate(struct hook *h)
{
        struct applied applied = { 0 };
        struct sc_source *source = NULL;
        int r = read_input(h, "config.json", SC_JSON_SIZE_MAX, &source), code;

        if (r == 0)
                r = apply_text(&h->s, &h->apply, source, &applied);
        h->subject.policy = applied.policy;
        h->subject.container = applied.hostname;
        if (r < 0) {
                h->apply.ignore_errors &= source != NULL; /* what was not read cannot be given back */
                code = fail(h, r, "the config on standard input");
                if (code == EXIT_YES)
                        code = write_config(h, source->text, source->len);
        } else {
                code = write_config(h, applied.text, applied.len);
                if (code == EXIT_YES)
                        say(&h->s, &h->subject, MESSAGE_INFO, "%s%s",
                            applied.outcome == APPLIED_CHANGED ? "it gets the policy" :
                            applied.outcome == APPLIED_SAME    ? "it has the policy" :
                                                                 "left alone: ",
                            applied.reason ? applied.reason : "");
        }
        apply_done(&applied);
        return code;
}

static const struct stage {
        const char *name;
        int (*run)(struct hook *h);
} stages[] = {
        { "createRuntime", create_runtime },
        { "precreate", precreate },
};

static const struct stage *find_stage(const char *name)
{
        for (size_t i = 0; name && i < SC_COUNT(stages); i++)
                if (!strcmp(stages[i].name, name))
                        return &stages[i];
        return NULL;
}

/* Wrong usage is never ignored: nobody can know what was meant. */
static int run(struct hook *h, int argc, char **argv)
{
        const struct stage *stage = find_stage(argc > 1 ? argv[1] : NULL);
        struct sc_model exact = { .mode = SC_MODEL_EXACT };
        int code = stage ? read_options(h, argc, argv) : complain(&h->s, "say createRuntime or precreate; see --help");

        if (code == 0)
                code = running_kernel(&h->s, &h->apply.kernel);
        if (code || !stage) {
                say(&h->s, &h->subject, MESSAGE_ERROR, "refused: %s", reason(&h->s, 0, "this machine's kernel"));
                return code;
        }
        h->apply.compiler = sc_scmp_model(&exact);
        return stage->run(h);
}

int main(int argc, char **argv)
{
        struct hook h = { 0 };
        int code;

        if (!session_fill_standard()) {
                perror("seccompose-hook: error: /dev/null");
                return EXIT_SYSTEM;
        }
        signal(SIGPIPE, SIG_IGN); /* a reader that has gone is an error like others */
        signal(SIGXFSZ, SIG_IGN); /* and so is a limit on the size of files */
        h.s = session_begin("seccompose-hook");

        if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
                fputs(usage_text, stdout);
                apply_options_help();
                fputs(more_options, stdout);
                code = output_done(&h.s) ? EXIT_YES : EXIT_SYSTEM;
        } else if (argc == 2 && !strcmp(argv[1], "--version")) {
                printf("seccompose-hook %s\n", SC_VERSION);
                code = output_done(&h.s) ? EXIT_YES : EXIT_SYSTEM;
        } else {
                h.s.collects = true;
                code = run(&h, argc, argv);
        }
        session_end(&h.s);
        return code;
}

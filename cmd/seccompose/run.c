/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose run: a command under a FILE's filters, without a container. */
#include "seccompose/run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/process.h"
#include "seccompose/ask.h"

/* A plain profile is taken as crun takes it, which adds no program of its own to what libseccomp makes. */
static const struct sc_consumer *taker(const struct input *in)
{
        if (in->kind == SC_FILE_DOCKER || in->programs)
                return view_default(in);
        return sc_consumer_find("crun", strlen("crun"));
}

static int check_arguments(struct session *s, const struct options *o)
{
        const char *file = o->args[0];

        if (o->n_front == 0)
                return complain(s, "write the FILE before '--': seccompose run FILE [OPTION…] -- COMMAND [ARG…]");
        if (o->n_front != 1)
                return complain(s, "write the command behind '--': seccompose run FILE [OPTION…] -- COMMAND [ARG…]");
        if (!strcmp(file, "-"))
                return complain(s, "standard input is the command's; FILE must be a file or a shipped policy");
        if (!strncmp(file, "pid:", strlen("pid:")))
                return complain(s, "%s: whose filters are those of a process is for the kernel to keep; name the file "
                                "that they came from", file);
        if (o->target && !strcmp(o->target, ASK_ALL))
                return complain(s, "--for %s: a command runs under the filters of one consumer", ASK_ALL);
        if (o->output && !o->log && o->no_trace)
                return complain(s, "--output: with --no-trace and without --log there is nothing to tell");
        return 0;
}

/* The FILE, and the circumstances: this machine, this process's capabilities, the running kernel. */
static int read_file(struct run *run)
{
        const struct options *o = run->options;
        struct explainer *ex = &run->ex;
        const char *rest;
        int code = ask_file(run->s, o, o->args[0], &ex->input, &ex->view), r = 0;

        if (code)
                return code;
        if (ex->input.kind == SC_FILE_PROCESS)
                return complain(run->s, "a process's filters cannot be put on another");
        if (!o->target && !view_of_name(o->args[0], &rest))
                ex->view.consumer = taker(&ex->input);
        if (!o->caps_given)
                r = process_own_caps(&ex->view.caps);
        return r < 0 ? report(run->s, r, "this process's capabilities") : 0;
}

static uint32_t is_notify(uint32_t a, uint32_t b)
{
        (void)b;
        return (a & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF;
}

/* What cannot be run under. */
static int check_meaning(struct run *run)
{
        struct sc_decisions *d = run->ex.d;
        const char *name = run->ex.input.name;
        sc_node notifies;

        if (run->meaning.unfiltered)
                return complain(run->s, "%s is no filter: the command would not be confined", name);
        notifies = sc_decision_apply(d, is_notify, run->meaning.node, run->meaning.node);
        if (sc_decisions_error(d))
                return report(run->s, sc_decisions_error(d), name);
        if (notifies != sc_decision_leaf(d, 0))
                return complain(run->s, "%s asks a supervisor about calls (notify), and there is none here", name);
        if (run->meaning.n_programs == 0 || (run->options->log && run->meaning.n_programs > 1))
                return complain(run->s, "%s does not come to one program", name);
        return 0;
}

/* Diagnostics of the build are those of `build`: here only what is wrong is told, and what concerns profiles. */
static int find_meaning(struct run *run)
{
        struct explainer *ex = &run->ex;
        const struct question here = { .abi = sc_abi_native(), .call = -1 };
        int r;

        ex->q = &here;
        choose_machine(ex);
        r = meaning_of(ex->s, &ex->input, &ex->view, ex->d, &run->meaning);
        ex->q = NULL;
        if (r < 0) {
                run->s->diags = ex->s->diags;
                return report(run->s, r, ex->input.name);
        }
        meaning_forward(run->s, ex->s->diags);
        report(run->s, 0, ex->input.name);
        return check_meaning(run);
}

static const struct {
        const char *name;
        unsigned flag;
} filter_flags[] = {
        /* TSYNC is for threads, of which the child has no others */
        { "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
        { "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
};

/* The profile's flags that this kernel has. */
static unsigned find_flags(const struct run *run)
{
        const struct sc_profile *profile = run->meaning.profile;
        unsigned flags = 0, known;

        for (size_t i = 0; profile && run->meaning.consumer->reads_flags && i < profile->flags.n; i++)
                for (size_t k = 0; k < SC_COUNT(filter_flags); k++)
                        if (!strcmp(profile->flags.items[i].text, filter_flags[k].name))
                                flags |= filter_flags[k].flag;
        known = launch_known_flags(flags);
        for (size_t k = 0; k < SC_COUNT(filter_flags); k++)
                if (flags & ~known & filter_flags[k].flag)
                        fprintf(stderr, "seccompose run: warning: this kernel has no %s\n", filter_flags[k].name);
        return known;
}

static int find_command(struct run *run)
{
        const char *name = run->argv[0];
        int r = launch_find(run->s->arena, name, getenv("PATH"), &run->path);

        if (r == 0)
                return 0;
        if (r == -ENOENT)
                complain(run->s, "%s: no such command", name);
        else
                complain(run->s, "%s: cannot be executed: %s", name, strerror(-r));
        return r == -ENOMEM ? EXIT_OWN : r == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTED;
}

/* The child will call execve under the filters: its answer is known before. */
static int check_execve(struct run *run)
{
        struct run_call call = { .abi = sc_abi_native(), .arch = sc_abi_native()->audit_arch };
        uint32_t answer;

        if (run->options->log || !sc_syscall_number(sc_syscall_find("execve", strlen("execve")), call.abi, &call.nr))
                return 0;
        call.args[0] = (uintptr_t)run->path;
        call.args[1] = (uintptr_t)run->argv;
        call.args[2] = (uintptr_t)environ;
        answer = run_answer(run, &call);
        if (sc_action_looseness(answer) >= sc_action_looseness(SECCOMP_RET_LOG))
                return 0;
        run_tell_impossible(run, &call, answer);
        return EXIT_NOT_EXECUTED;
}

/* The command's words, as execve(2) wants them. */
static int take_words(struct run *run)
{
        const struct options *o = run->options;
        const char **words = sc_arena_array(run->s->arena, o->n_args, sizeof(*words));

        if (!words)
                return EXIT_OWN;
        for (size_t i = 1; i < o->n_args; i++)
                words[i - 1] = o->args[i];
        words[o->n_args - 1] = NULL;
        run->argv = words;
        return 0;
}

static bool is_same(const char *path, const struct stat *st)
{
        struct stat other;

        return stat(path, &other) == 0 && other.st_dev == st->st_dev && other.st_ino == st->st_ino;
}

/* The file that is read or executed and would be lost if `st` was emptied; NULL: none. */
static const char *find_lost(const struct run *run, const struct stat *st)
{
        const struct sc_policy *policy = run->ex.input.policy;
        const char *file;

        view_of_name(run->options->args[0], &file);
        if (!input_is_shipped(file) && is_same(file, st))
                return file;
        for (size_t i = 0; policy && i < policy->n_sources; i++) {
                const char *name = policy->sources[i]->name;

                if (!input_is_shipped(name) && is_same(name, st))
                        return name;
        }
        return is_same(run->path, st) ? run->path : NULL;
}

/* Opened for writing, and emptied if nothing is lost by it. Returns an exit status. */
static int empty_output(struct run *run, int fd)
{
        const char *lost = NULL;
        struct stat st;
        int r = fstat(fd, &st);

        if (r == 0 && S_ISREG(st.st_mode)) {
                lost = find_lost(run, &st);
                r = lost ? 0 : ftruncate(fd, 0);
        }
        if (r == 0 && !lost)
                return 0;
        complain(run->s, "cannot write '%s': %s%s", run->options->output, lost ? "it is the file of " : strerror(errno),
                 lost ? lost : "");
        return EXIT_OWN;
}

static int open_output(struct run *run)
{
        const char *name = run->options->output;
        int fd;

        if (!name || !strcmp(name, "-"))
                return 0;
        fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
        if (fd >= 0 && empty_output(run, fd)) {
                sc_closep(&fd);
                return EXIT_OWN;
        }
        run->out = fd < 0 ? NULL : fdopen(fd, "w");
        if (!run->out) {
                complain(run->s, "cannot write '%s': %s", name, strerror(errno));
                sc_closep(&fd);
                return EXIT_OWN;
        }
        setvbuf(run->out, NULL, _IOLBF, 0);
        return 0;
}

/* Without /proc processes have no names; that is no error. */
static int open_proc(struct run *run)
{
        int r = process_open_proc(&run->proc);

        return r == -ENOMEM ? report(run->s, r, "/proc") : 0;
}

static int prepare(struct run *run, struct launch_plan *plan)
{
        int code = check_arguments(run->s, run->options);

        if (code == 0)
                code = take_words(run);
        if (code == 0)
                code = read_file(run);
        if (code == 0)
                code = find_meaning(run);
        if (code)
                return EXIT_OWN;
        *plan = (struct launch_plan){
                .programs = run->meaning.programs,
                .n_programs = run->meaning.n_programs,
                .flags = find_flags(run),
                .listens = run->options->log,
                .waits = !run->options->log && !run->options->no_trace,
        };
        if (run->options->log && run_log_programs(run, &plan->programs))
                return EXIT_OWN;
        if (open_proc(run))
                return EXIT_OWN;
        code = find_command(run);
        if (code == 0)
                code = open_output(run);
        return code ? code : check_execve(run);
}

/* False after a complaint if not all messages could be written; of those on standard error it will go the same way. */
static bool close_output(const struct run *run)
{
        bool own = run->out && run->out != stderr, lost = run->out && ferror(run->out);

        if (own)
                lost |= fclose(run->out) != 0;
        if (lost)
                complain(run->s, "cannot write '%s'", own ? run->options->output : "standard error");
        return !lost;
}

int verb_run(struct session *s, const struct options *options)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct session quiet = *s;
        struct sc_diags *told = s->diags;
        struct run run = {
                .s = s, .options = options, .listener = -1, .launch = { .go = -1 }, .out = stderr, .proc = -1
        };
        struct launch_plan plan;
        int code;

        if (!d || !diags || !session_fill_standard())
                return EXIT_OWN;
        quiet.diags = diags;
        run.ex = (struct explainer){ .s = &quiet, .options = options, .d = d };
        code = prepare(&run, &plan);
        if (code == 0)
                code = run_watch(&run, &plan);
        sc_closep(&run.proc);
        if (!close_output(&run))
                code = code ? code : EXIT_OWN;
        s->diags = told;
        return code;
}

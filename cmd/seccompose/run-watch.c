/* SPDX-License-Identifier: Apache-2.0 */
/* From the start of the command to its end: its signals, its processes, its questions. */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccompose/run.h"

/* Passed on to the command, unless the kernel sent them: then they come from the terminal, which sends them to all. */
static const int passed[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH };

static bool ends_us(int signal)
{
        return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT || signal == SIGTERM;
}

/* A descriptor from which signals are read; what the command shall have goes to the plan. */
static int open_signals(struct launch_plan *plan, int *ret_fd)
{
        const struct sigaction standard = { .sa_handler = SIG_DFL };
        sigset_t read, blocked;

        sigemptyset(&read);
        sigaddset(&read, SIGCHLD);
        for (size_t i = 0; i < SC_COUNT(passed); i++)
                sigaddset(&read, passed[i]);
        blocked = read;
        sigaddset(&blocked, SIGPIPE); /* a reader of our messages that has gone is no reason to leave the command */
        if (sigaction(SIGCHLD, &standard, &plan->on_child) < 0 || sigprocmask(SIG_BLOCK, &blocked, &plan->mask) < 0)
                return sc_errno();
        *ret_fd = signalfd(-1, &read, SFD_CLOEXEC | SFD_NONBLOCK);
        return *ret_fd < 0 ? sc_errno() : 0;
}

static void see_signals(struct run *run, int fd)
{
        struct signalfd_siginfo info;

        while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
                if (info.ssi_signo == SIGCHLD)
                        continue;
                if (run->ended)
                        run->interrupted |= ends_us((int)info.ssi_signo);
                else if (info.ssi_code <= 0)
                        kill(run->launch.pid, (int)info.ssi_signo);
        }
}

/* Returns 0 or -errno. Once the command has ended there may be no child left. */
static int see_children(struct run *run)
{
        int status;
        pid_t pid;

        while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
                if (WIFSTOPPED(status)) {
                        run_stopped(run, pid, status);
                } else if (pid == run->launch.pid) {
                        run->ended = true;
                        run->status = status;
                        return 0;
                }
        }
        return pid < 0 && !run->ended ? sc_errno() : 0;
}

/* The command has ended; --log goes on as long as there are processes under the filter, which need our answers. */
static bool is_over(const struct run *run)
{
        return run->ended && (run->listener < 0 || run->interrupted);
}

/* Returns 0, or -errno: the command goes on, but nothing more can be learnt of it. */
static int watch(struct run *run, int signals)
{
        int r = 0;

        while (r == 0 && !is_over(run)) {
                struct pollfd fds[] = { { .fd = signals, .events = POLLIN },
                                        { .fd = run->listener, .events = POLLIN } };

                if (poll(fds, SC_COUNT(fds), -1) < 0 && errno != EINTR)
                        return sc_errno();
                see_signals(run, signals);
                if (fds[1].revents & POLLIN)
                        run_log_answer(run);
                else if (fds[1].revents)
                        sc_closep(&run->listener), run->listener = -1; /* nobody is left who could ask */
                r = see_children(run);
        }
        return r;
}

/* What kept the command from being executed. */
static int tell_no_exec(const struct run *run, int error)
{
        if (error == ENOEXEC)
                complain(run->s, "%s: cannot be executed: it is no program of this machine, and no script that begins "
                         "with #!", run->path);
        else if (error == ENOENT)
                complain(run->s, "%s: cannot be executed: its interpreter or loader is not there", run->path);
        else
                complain(run->s, "%s: cannot be executed: %s", run->path, strerror(error));
        return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTED;
}

static int tell_unset(const struct run *run, int error)
{
        if (error == EBUSY)
                complain(run->s, "--log: a filter that this process is under already has a listener, and the kernel "
                         "takes no second one");
        else
                complain(run->s, "the filter could not be put on: %s", strerror(error));
        return EXIT_OWN;
}

/* SIGSYS that no message was about. */
static void tell_sigsys(const struct run *run)
{
        if (run->untraced)
                fprintf(run->out,
                        "seccompose run: the command was ended by SIGSYS, as a filter does. Which call it was is not "
                        "known, as it was not traced: %s\n"
                        "  the kernel's log may have it: 'journalctl -k | grep type=1326', and 'seccompose explain %s "
                        "--audit LINE'; or run it with --log\n",
                        run->untraced, run->options->args[0]);
        else
                fputs("seccompose run: the command was ended by SIGSYS, and not by this filter: somebody sent it, or "
                      "it put a filter on itself\n", run->out);
}

/* The exit status, of what is known. */
static int conclude(struct run *run)
{
        const struct launch_state *state = run->launch.state;
        int stage = atomic_load(&state->stage), error = atomic_load(&state->error);

        if (stage == LAUNCH_UNSET)
                return tell_unset(run, error);
        if (stage == LAUNCH_NO_EXEC)
                return tell_no_exec(run, error);
        if (run->options->log)
                run_tell_summary(run);
        run_tell_kills(run);
        if (WIFSIGNALED(run->status) && WTERMSIG(run->status) == SIGSYS && !run->told)
                tell_sigsys(run);
        return WIFSIGNALED(run->status) ? EXIT_SIGNAL + WTERMSIG(run->status) : WEXITSTATUS(run->status);
}

int run_watch(struct run *run, struct launch_plan *plan)
{
        SC_CLEANUP(sc_closep) int signals = -1;
        int r = open_signals(plan, &signals), code;

        plan->path = run->path;
        plan->argv = run->argv;
        if (plan->listens)
                plan->flags |= launch_known_flags(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
        if (r == 0)
                r = launch_start(plan, &run->launch);
        if (r < 0) {
                complain(run->s, "the command cannot be started: %s", strerror(-r));
                return EXIT_OWN;
        }
        run_trace(run);
        launch_go(&run->launch);
        if (plan->listens)
                run->listener = launch_listener(&run->launch);
        r = watch(run, signals);
        if (r < 0)
                complain(run->s, "the command cannot be watched: %s", strerror(-r));
        code = r < 0 ? EXIT_OWN : conclude(run);
        sc_closep(&run->listener);
        launch_done(&run->launch);
        return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Many files at once: processes that take one file after the other, and what they send put in order. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "seccompose/lint.h"

/* What a process sends for each file: this, then the texts. */
struct header {
        struct lint_counts counts;
        size_t out, err, found; /* bytes */
};

struct worker {
        pid_t pid;
        int fd; /* -1: it has sent all */
        struct sc_strbuf got;
};

struct pool {
        struct lint_run *run;
        struct lint_reply *replies;
        bool *done;
        size_t n_done, shown;
        bool progress; /* a line on the terminal says how far it is */
        struct worker workers[LINT_JOBS_MAX];
        size_t n;
};

static bool has_commas(const struct lint_run *run)
{
        return run->options->lint.format == LINT_JSON || run->options->lint.format == LINT_SARIF;
}

/* Prints the replies that are there, in order. JSON's have commas between them. */
static void show(struct pool *p)
{
        for (; p->shown < p->run->n_inputs && p->done[p->shown]; p->shown++) {
                struct lint_reply *reply = &p->replies[p->shown];

                if (p->progress && (reply->out.len || reply->err.len))
                        fputs("\r\033[K", stderr);
                if (reply->out.len && has_commas(p->run) && p->run->comma)
                        fputs(",\n", stdout);
                if (reply->out.len)
                        fwrite(reply->out.text, 1, reply->out.len, stdout);
                p->run->comma |= reply->out.len > 0;
                if (reply->err.len) {
                        fflush(stdout);
                        fwrite(reply->err.text, 1, reply->err.len, stderr);
                }
                sc_strbuf_done(&reply->out);
                sc_strbuf_done(&reply->err);
                reply->out = reply->err = SC_STRBUF_INIT;
        }
        if (p->progress)
                fprintf(stderr, "\r\033[K%zu/%zu files", p->n_done, p->run->n_inputs);
}

static void finish(struct pool *p, size_t index)
{
        p->done[index] = true;
        p->n_done++;
        show(p);
}

/* ---- The processes ---- */

static bool send_reply(int fd, const struct lint_reply *reply)
{
        const struct header header = {
                .counts = reply->counts, .out = reply->out.len, .err = reply->err.len, .found = reply->found.len };

        return sc_file_write_fd(fd, (const char *)&header, sizeof(header)) == 0 &&
               sc_file_write_fd(fd, reply->out.text, reply->out.len) == 0 &&
               sc_file_write_fd(fd, reply->err.text, reply->err.len) == 0 &&
               sc_file_write_fd(fd, reply->found.text, reply->found.len) == 0;
}

static void work(const struct lint_run *run, atomic_size_t *next, int fd)
{
        bool sent = true;

        for (size_t i = atomic_fetch_add(next, 1); i < run->n_inputs && sent; i = atomic_fetch_add(next, 1)) {
                struct lint_reply reply = { 0 };

                lint_file(run, i, &reply);
                sent = send_reply(fd, &reply);
                lint_reply_done(&reply);
        }
}

static int start(struct pool *p, atomic_size_t *next)
{
        struct worker *w = &p->workers[p->n];
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return sc_errno();
        w->pid = fork();
        if (w->pid < 0) {
                int r = sc_errno();

                close(fds[0]);
                close(fds[1]);
                return r;
        }
        if (w->pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (size_t i = 0; i < p->n; i++)
                        close(p->workers[i].fd);
                close(fds[0]);
                work(p->run, next, fds[1]);
                _exit(0);
        }
        close(fds[1]);
        w->fd = fds[0];
        p->n++;
        return 0;
}

/* ---- What they send ---- */

static void take_text(struct sc_strbuf *text, const char **from, size_t len)
{
        sc_strbuf_append(text, *from, len);
        *from += len;
}

/* Takes the replies that have arrived as a whole. False if what came is none. */
static bool take_replies(struct pool *p, struct worker *w)
{
        size_t at = 0;
        struct header h;

        while (w->got.len - at >= sizeof(h)) {
                const char *from = w->got.text + at + sizeof(h);
                struct lint_reply *reply;

                memcpy(&h, w->got.text + at, sizeof(h));
                if (h.counts.index >= p->run->n_inputs || p->done[h.counts.index])
                        return false;
                if (w->got.len - at - sizeof(h) < h.out + h.err + h.found)
                        break;
                reply = &p->replies[h.counts.index];
                reply->counts = h.counts;
                take_text(&reply->out, &from, h.out);
                take_text(&reply->err, &from, h.err);
                take_text(&reply->found, &from, h.found);
                if (reply->out.failed || reply->err.failed || reply->found.failed)
                        return false;
                at = (size_t)(from - w->got.text);
                finish(p, h.counts.index);
        }
        if (at) {
                memmove(w->got.text, w->got.text + at, w->got.len - at);
                w->got.len -= at;
        }
        return true;
}

static void stop_reading(struct worker *w)
{
        close(w->fd);
        w->fd = -1;
        sc_strbuf_done(&w->got);
        w->got = SC_STRBUF_INIT;
}

static void receive(struct pool *p, struct worker *w)
{
        char bytes[65536];
        ssize_t n = read(w->fd, bytes, sizeof(bytes));

        if (n < 0 && errno == EINTR)
                return;
        if (n > 0)
                sc_strbuf_append(&w->got, bytes, (size_t)n);
        if (n <= 0 || w->got.failed || !take_replies(p, w))
                stop_reading(w);
}

static void receive_all(struct pool *p)
{
        for (;;) {
                struct pollfd fds[LINT_JOBS_MAX];
                size_t open = 0;

                for (size_t i = 0; i < p->n; i++) {
                        fds[i] = (struct pollfd){ .fd = p->workers[i].fd, .events = POLLIN };
                        open += p->workers[i].fd >= 0;
                }
                if (open == 0)
                        return;
                if (poll(fds, p->n, -1) < 0 && errno != EINTR)
                        return;
                for (size_t i = 0; i < p->n; i++)
                        if (p->workers[i].fd >= 0 && fds[i].revents)
                                receive(p, &p->workers[i]);
        }
}

/* Waits for the processes; files that none has sent anything of are told. */
static void end(struct pool *p)
{
        for (size_t i = 0; i < p->n; i++) {
                if (p->workers[i].fd >= 0)
                        stop_reading(&p->workers[i]);
                while (waitpid(p->workers[i].pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        for (size_t i = 0; i < p->run->n_inputs; i++)
                if (!p->done[i]) {
                        p->replies[i].counts = (struct lint_counts){ .index = i, .code = EXIT_SYSTEM };
                        sc_strbuf_printf(&p->replies[i].err, "%s: error: %s: its process ended before it was done\n",
                                         p->run->s->program, p->run->inputs[i].name);
                        finish(p, i);
                }
}

static int run_parallel(struct pool *p, size_t jobs)
{
        atomic_size_t *next = mmap(NULL, sizeof(*next), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        int r = 0;

        if (next == MAP_FAILED)
                return sc_errno();
        fflush(stdout);
        while (p->n < jobs && r == 0)
                r = start(p, next);
        if (p->n) {
                receive_all(p);
                end(p);
        }
        munmap(next, sizeof(*next));
        return p->n ? 0 : r;
}

static void run_here(struct pool *p)
{
        for (size_t i = 0; i < p->run->n_inputs; i++) {
                lint_file(p->run, i, &p->replies[i]);
                finish(p, i);
        }
}

/* Processors that this process may use. */
static size_t count_processors(void)
{
        cpu_set_t set;

        return sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

int lint_jobs(struct lint_run *run, struct lint_reply *replies)
{
        struct pool *p = sc_arena_alloc(run->s->arena, sizeof(*p));
        size_t jobs = run->options->lint.jobs ? run->options->lint.jobs : count_processors();
        int r = 0;

        if (!p)
                return report(run->s, -ENOMEM, "linting");
        p->run = run;
        p->replies = replies;
        p->progress = run->n_inputs > 1 && isatty(STDERR_FILENO);
        p->done = sc_arena_array(run->s->arena, run->n_inputs + 1, sizeof(*p->done));
        jobs = jobs > run->n_inputs ? run->n_inputs : jobs;
        jobs = jobs > LINT_JOBS_MAX ? LINT_JOBS_MAX : jobs;
        if (!p->done)
                return report(run->s, -ENOMEM, "linting");
        if (jobs > 1)
                r = run_parallel(p, jobs);
        else
                run_here(p);
        if (p->progress)
                fputs("\r\033[K", stderr);
        return r ? report(run->s, r, "starting processes") : 0;
}

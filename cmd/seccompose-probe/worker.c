/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking where every question may be the last. A worker is a child with two threads: one asks, the other waits for it.
 * If the one that asks dies alone, the filter kills threads; if all of the worker dies, processes. What was answered
 * stands in memory that is shared with the parent, which starts a new worker behind a question that killed.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccompose-probe/probe.h"

#define STACK_SIZE ((size_t)256 * 1024)

/* The flags of fork() and pthread_create(), as filters that look at them expect them: glibc's arch-fork.h and
 * pthread_create.c. */
#define FORK_FLAGS (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD)
#define THREAD_FLAGS                                                                                              \
        (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |         \
         CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* Calls that a worker makes for itself: one that has killed a worker is not made again. */
enum step {
        STEP_ASKING = 0,
        STEP_NO_CORES = 1 << 0,
        STEP_NOT_DUMPABLE = 1 << 1,
        STEP_CATCH = 1 << 2,
        STEP_FUTEX = 1 << 3,
        STEP_THREAD = 1 << 4,
};

struct shared {
        _Atomic size_t cursor;  /* the question that is asked */
        _Atomic unsigned step;  /* what is being done */
        _Atomic unsigned deadly; /* steps that have killed a worker */
        _Atomic bool catches, threaded, done, broken;
        _Atomic bool absent[PROBE_ABIS];
        _Atomic unsigned thread; /* the thread that asks; the kernel makes it 0 when it ends */
};

static char stack[STACK_SIZE] __attribute__((aligned(64)));

static bool may_step(struct shared *shared, enum step step)
{
        if (shared->deadly & step)
                return false;
        shared->step = step;
        return true;
}

/* A core for each kill would be many. 1 is what the kernel takes for "no pipe either" (fs/coredump.c). */
static void avoid_cores(struct shared *shared)
{
        const struct rlimit limit = { 1, 1 };

        if (may_step(shared, STEP_NO_CORES))
                setrlimit(RLIMIT_CORE, &limit);
        if (may_step(shared, STEP_NOT_DUMPABLE))
                prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* Returns false if there is nothing more to be done: the gate does not hold. */
static bool ask_one(struct run *run, size_t i)
{
        struct sc_question q;
        enum probe_abi which;
        uint32_t answer;

        if (!plan_question(run->plan, i, &q) || run->results[i])
                return true;
        which = plan_which(q.abi);
        if (run->shared->absent[which]) {
                run->results[i] = ANSWER_ABSENT;
                return true;
        }
        if (run->way.alone)
                print_question_begin(run, i);
        answer = enter_ask(&q, &run->way.marker);
        run->results[i] = answer;
        if (answer == ANSWER_ABSENT)
                run->shared->absent[which] = true;
        if (run->way.alone)
                print_answer(run, i);
        return answer != ANSWER_CARRIED_OUT;
}

static int ask_all(void *argument)
{
        struct run *run = argument;
        struct shared *shared = run->shared;

        shared->step = STEP_ASKING;
        for (; shared->cursor < run->plan->count; shared->cursor++) {
                if (!ask_one(run, shared->cursor)) {
                        shared->broken = true;
                        break;
                }
        }
        shared->done = true;
        return 0;
}

static bool futex_works(struct shared *shared)
{
        if (!may_step(shared, STEP_FUTEX))
                return false;
        /* the value is another, so it comes back at once */
        return syscall(SYS_futex, &shared->thread, FUTEX_WAIT, ~shared->thread, NULL, NULL, 0) < 0 && errno == EAGAIN;
}

static void await_thread(struct shared *shared, bool futex)
{
        unsigned thread;

        while ((thread = shared->thread) != 0) {
                if (!futex || (syscall(SYS_futex, &shared->thread, FUTEX_WAIT, thread, NULL, NULL, 0) < 0 &&
                               errno != EAGAIN && errno != EINTR))
                        __builtin_ia32_pause();
        }
}

/* The other thread makes no call of the C library that would need its own thread's memory. */
static bool start_thread(struct run *run)
{
        void *tls;
        int r;

        if (!may_step(run->shared, STEP_THREAD))
                return false;
        __asm__("mov %%fs:0, %0" : "=r"(tls));
        run->shared->threaded = true;
        r = clone(ask_all, stack + STACK_SIZE, THREAD_FLAGS, run, &run->shared->thread, tls, &run->shared->thread);
        if (r < 0)
                run->shared->threaded = false;
        return r >= 0;
}

static void kill_noted(struct run *run, unsigned may)
{
        size_t i = run->shared->cursor;

        run->results[i] = answer_pack(may, 0);
        if (run->way.alone)
                print_answer(run, i);
        run->shared->cursor++;
}

/* All that one worker does: ask until the end, or until a question kills all of it. */
static void work(struct run *run)
{
        struct shared *shared = run->shared;
        bool futex;

        if (!run->way.alone)
                avoid_cores(shared);
        shared->catches = may_step(shared, STEP_CATCH) && enter_catch();
        futex = !run->plan->alone && futex_works(shared);
        while (!shared->done) {
                if (run->plan->alone || !start_thread(run)) {
                        ask_all(run);
                        return;
                }
                await_thread(shared, futex);
                if (!shared->done)
                        kill_noted(run, SC_MAY_KILL_THREAD);
        }
}

static void end_worker(void)
{
        syscall(SYS_exit_group, 0);
        for (;;)
                __builtin_trap(); /* where even that is denied */
}

static pid_t start_worker(struct run *run)
{
        pid_t child = 0;
        long pid = syscall(SYS_clone, FORK_FLAGS, 0, NULL, &child, 0);

        if (pid == 0) {
                work(run);
                end_worker();
        }
        return pid < 0 ? sc_errno() : (pid_t)pid;
}

/* What a worker's death says. Returns 0 or an exit code after a message. */
static int judge_death(struct run *run, int status)
{
        struct shared *shared = run->shared;
        unsigned step = shared->step;

        if (!WIFSIGNALED(status) || (WTERMSIG(status) != SIGSYS && WTERMSIG(status) != SIGSEGV))
                return say_error(PROBE_CANNOT, "a child ended before its work was done (status %#x)", status);
        if (step != STEP_ASKING) {
                if (shared->deadly & step)
                        return say_error(PROBE_CANNOT, "children that ask are killed before they do");
                shared->deadly |= step;
                return 0;
        }
        if (WTERMSIG(status) == SIGSEGV) {
                struct sc_question q;

                plan_question(run->plan, shared->cursor, &q);
                shared->absent[plan_which(q.abi)] = true;
                return 0;
        }
        kill_noted(run, (shared->threaded ? SC_MAY_KILL_PROCESS : SC_MAY_KILL_PROCESS | SC_MAY_KILL_THREAD) |
                                (shared->catches ? 0 : SC_MAY_TRAP));
        return 0;
}

static int work_in_children(struct run *run)
{
        int code = 0;

        while (!run->shared->done && code == 0) {
                pid_t pid = start_worker(run), waited;
                int status;

                if (pid < 0)
                        return say_error(PROBE_CANNOT, "no child can be made any more: %s", strerror(-pid));
                do
                        waited = waitpid(pid, &status, 0);
                while (waited < 0 && errno == EINTR);
                if (waited < 0)
                        return say_error(PROBE_CANNOT, "no child can be waited for: %s; try --alone", strerror(errno));
                if (!run->shared->done)
                        code = judge_death(run, status);
        }
        return code;
}

bool worker_can_fork(void)
{
        pid_t child = 0;
        int status;
        long pid = syscall(SYS_clone, FORK_FLAGS, 0, NULL, &child, 0);

        if (pid == 0)
                end_worker();
        return pid > 0 && waitpid((pid_t)pid, &status, 0) == pid;
}

static void *share(size_t size)
{
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        return p == MAP_FAILED ? NULL : p;
}

/* Questions that are not asked are as if they were done: nothing is printed about them. */
static void skip_first(struct run *run)
{
        size_t skip = run->plan->skip, i = 0;
        struct sc_question q;

        for (; i < run->plan->count && skip; i++)
                skip -= plan_question(run->plan, i, &q);
        run->shared->cursor = run->begin = i;
}

int worker_run(struct run *run)
{
        int code = 0;

        run->shared = share(sizeof(*run->shared));
        run->results = share((run->plan->count + 1) * sizeof(*run->results));
        if (!run->shared || !run->results)
                return say_error(PROBE_CANNOT, "no memory that is shared with children");
        skip_first(run);
        if (run->way.alone)
                work(run);
        else
                code = work_in_children(run);
        if (code == 0 && run->shared->broken)
                code = say_error(PROBE_CANNOT, "the kernel executed a call: the gate does not hold; stopped");
        return code;
}

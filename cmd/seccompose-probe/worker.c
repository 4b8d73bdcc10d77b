/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking where every question may be the last. A worker is a child with two threads: one asks, the other waits for it.
 * If the one that asks dies alone, the filter kills threads; if all of the worker dies, processes. What was answered
 * stands in memory that is shared with the parent, which starts a new worker behind a question that killed.
 */
#include <errno.h>
#include <linux/close_range.h>
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

#include "seccompose-probe/own.h"

#define X86_WRITE 4 /* arch/x86/entry/syscalls/syscall_32.tbl */
#define X86_UNASSIGNED 0x3ff
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
        STEP_GATE = 1 << 4,
        STEP_CHECK = 1 << 5,
        STEP_THREAD = 1 << 6,
        STEP_MASK = 1 << 7,
        STEP_UNBLOCK = 1 << 8,
        STEP_PARENT = 1 << 9,
        STEP_LET_GO = 1 << 10,
};

struct shared {
        _Atomic size_t cursor;  /* the question that is asked */
        _Atomic unsigned step;  /* what is being done */
        _Atomic unsigned deadly; /* steps that have killed a worker */
        _Atomic bool catches, threaded, done;
        _Atomic enum worker_end end; /* how the work ended, if it did */
        _Atomic bool absent[PROBE_ABIS], checked[PROBE_ABIS];
        _Atomic int listener;
        _Atomic int refusal; /* the errno by which the gate of its own was refused */
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

/* Nobody reads the answers of a worker whose parent has gone, and none may stay behind. */
static void die_with_parent(struct shared *shared)
{
        if (may_step(shared, STEP_PARENT))
                prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

/* What a filter lets through, and what the kernel says where it executes it. */
static bool is_executed(uint32_t answer, unsigned error)
{
        return answer == answer_pack(SC_MAY_ERRNO, error);
}

/*
 * The gate was shown by one instruction; int $0x80 is another. Two harmless calls answered as if they were executed
 * are one too many; one that is answered otherwise, or kills, was answered by a filter. Alone there is no check, as it
 * might be the last thing done.
 */
static void check_entry(struct run *run, const struct sc_abi *abi)
{
        struct shared *shared = run->shared;
        enum probe_abi which = plan_which(abi);
        const struct sc_question write_nowhere = { abi, X86_WRITE, { UINT32_MAX } };
        const struct sc_question unassigned = { abi, X86_UNASSIGNED, { 0 } };
        uint32_t answer;

        if (shared->checked[which] || which != PROBE_X86 || run->way.alone || !may_step(shared, STEP_CHECK))
                return;
        answer = enter_ask(&write_nowhere, &run->way.marker);
        if (answer == ANSWER_ABSENT || (is_executed(answer, EBADF) &&
                                        is_executed(enter_ask(&unassigned, &run->way.marker), ENOSYS)))
                shared->absent[which] = true;
        shared->checked[which] = true;
        shared->step = STEP_ASKING;
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
        check_entry(run, q.abi);
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
        else if (run->way.alone)
                print_answer(run, i);
        return answer != ANSWER_CARRIED_OUT;
}

static void end_work(struct shared *shared, enum worker_end end)
{
        shared->end = end;
        shared->done = true;
}

static int ask_all(void *argument)
{
        struct run *run = argument;
        struct shared *shared = run->shared;

        shared->step = STEP_ASKING;
        for (; run->plan && shared->cursor < run->plan->count; shared->cursor++) {
                if (!ask_one(run, shared->cursor)) {
                        end_work(shared, WORKER_BROKEN);
                        return 0;
                }
        }
        end_work(shared, WORKER_DONE);
        return 0;
}

/*
 * The parent has the listener by the shared descriptors. If this process kept it too, its calls would wait for ever for
 * a parent that has been killed; so descriptors are not shared any more, and ours is closed. Without close_range (Linux
 * 5.9) it is die_with_parent() alone that helps.
 */
static void hand_over(struct shared *shared, int listener)
{
        shared->listener = listener;
        if (may_step(shared, STEP_LET_GO))
                syscall(SYS_close_range, listener, listener, CLOSE_RANGE_UNSHARE);
        shared->step = STEP_GATE;
}

/* Returns true if there is a gate. */
static bool put_gate(struct run *run)
{
        int r;

        if (run->way.own == OWN_NONE)
                return true;
        if (!may_step(run->shared, STEP_GATE))
                return false;
        r = own_put(run->way.own);
        if (r >= 0 && run->way.own == OWN_LISTENER)
                hand_over(run->shared, r);
        run->shared->refusal = r < 0 ? -r : 0;
        return r >= 0 && gate_shows(run->way.marker.value);
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

/*
 * Makes a thread that asks, on `stack`. Not by the C library's clone(), which takes 0 for the thread's side of it: a
 * filter can answer 0 as well, and then no stack was exchanged. Returns the thread's number, 0 if there is none after
 * all, or -errno. Register numbers: syscall(2).
 */
static long clone_thread(struct run *run, void *tls)
{
        const unsigned long top = (unsigned long)(stack + STACK_SIZE);
        register volatile void *child __asm__("r10") = &run->shared->thread;
        register void *tls_in __asm__("r8") = tls;
        register struct run *argument __asm__("r12") = run;
        register int (*start)(void *) __asm__("r13") = ask_all;
        long ret = SYS_clone;

        __asm__ volatile("syscall\n\t"
                         "test %%rax, %%rax\n\t"
                         "jnz 1f\n\t"
                         "cmp %%rsi, %%rsp\n\t"
                         "jne 1f\n\t"
                         "xor %%ebp, %%ebp\n\t"
                         "mov %%r12, %%rdi\n\t"
                         "call *%%r13\n\t"
                         "mov %[exit], %%eax\n\t"
                         "xor %%edi, %%edi\n\t"
                         "syscall\n\t"
                         "hlt\n"
                         "1:"
                         : "+a"(ret)
                         : "D"((unsigned long)THREAD_FLAGS), "S"(top), "d"(&run->shared->thread), "r"(child),
                           "r"(tls_in), "r"(argument), "r"(start), [exit] "i"(SYS_exit)
                         : "rcx", "r11", "cc", "memory");
        return ret;
}

/* The other thread makes no call of the C library that would need its own thread's memory. */
static bool start_thread(struct run *run)
{
        void *tls;
        long r;

        if (!may_step(run->shared, STEP_THREAD))
                return false;
        __asm__("mov %%fs:0, %0" : "=r"(tls));
        run->shared->threaded = true;
        r = clone_thread(run, tls);
        if (r <= 0)
                run->shared->threaded = false;
        return r > 0;
}

static void kill_noted(struct run *run, unsigned may)
{
        size_t i = run->shared->cursor;

        if (run->shared->step != STEP_ASKING) { /* in a check of its own */
                run->shared->deadly |= run->shared->step;
                return;
        }
        run->results[i] = answer_pack(may, 0);
        if (run->way.alone)
                print_answer(run, i);
        run->shared->cursor++;
}

/*
 * A signal that is forced and blocked kills, handler or not (kernel/signal.c, force_sig_info_to_task), so a trap would
 * look like kill-process. Whoever started the probe may have blocked it.
 */
static bool traps_arrive(struct shared *shared)
{
        bool blocked = !may_step(shared, STEP_MASK) || enter_is_blocked();

        return !blocked || (may_step(shared, STEP_UNBLOCK) && enter_unblock());
}

/* All that one worker does: ask until the end, or until a question kills all of it. */
static void work(struct run *run)
{
        struct shared *shared = run->shared;
        bool futex, threads;

        if (!run->way.alone) {
                die_with_parent(shared);
                avoid_cores(shared);
        }
        shared->catches = may_step(shared, STEP_CATCH) && enter_catch();
        if (shared->catches && !run->way.alone)
                shared->catches = traps_arrive(shared);
        if (!put_gate(run)) {
                end_work(shared, WORKER_NO_GATE);
                return;
        }
        threads = run->plan && !run->plan->alone;
        futex = threads && futex_works(shared);
        while (!shared->done) {
                if (!threads || !start_thread(run)) {
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

static pid_t start_worker(struct run *run, void (*work_of)(struct run *run))
{
        unsigned flags = FORK_FLAGS | (run->way.own == OWN_LISTENER ? CLONE_FILES : 0);
        pid_t child = 0;
        long pid = syscall(SYS_clone, flags, 0, NULL, &child, 0);

        if (pid == 0 && !child) /* a filter's errno 0: this is no child, which the kernel would have told its number */
                return -ECHILD;
        if (pid == 0) {
                work_of(run);
                end_worker();
        }
        return pid < 0 ? sc_errno() : (pid_t)pid;
}

static int wait_for(pid_t pid)
{
        pid_t waited;
        int status;

        do
                waited = waitpid(pid, &status, 0);
        while (waited < 0 && errno == EINTR);
        return waited < 0 ? -1 : status;
}

/* What a worker's death says. */
static enum worker_end judge_death(struct run *run, int status)
{
        struct shared *shared = run->shared;
        unsigned step = shared->step;

        if (!WIFSIGNALED(status) || (WTERMSIG(status) != SIGSYS && WTERMSIG(status) != SIGSEGV))
                return WORKER_ODD;
        if (step != STEP_ASKING) {
                if (shared->deadly & step)
                        return WORKER_KILLED;
                shared->deadly |= step;
                return WORKER_DONE;
        }
        if (!run->plan)
                return WORKER_KILLED;
        if (WTERMSIG(status) == SIGSEGV) {
                struct sc_question q;

                plan_question(run->plan, shared->cursor, &q);
                shared->absent[plan_which(q.abi)] = true;
                return WORKER_DONE;
        }
        kill_noted(run, (shared->threaded ? SC_MAY_KILL_PROCESS : SC_MAY_KILL_PROCESS | SC_MAY_KILL_THREAD) |
                                (shared->catches ? 0 : SC_MAY_TRAP));
        return WORKER_DONE;
}

static enum worker_end work_in_children(struct run *run)
{
        enum worker_end end = WORKER_DONE;

        while (!run->shared->done && end == WORKER_DONE) {
                pid_t pid = start_worker(run, work);
                int status;

                if (pid < 0)
                        return WORKER_NO_CHILD;
                status = run->way.own == OWN_LISTENER ? own_listen(pid, &run->shared->listener) : wait_for(pid);
                if (status < 0)
                        return status == OWN_UNHEARD ? WORKER_UNHEARD : WORKER_NO_WAIT;
                if (!run->shared->done)
                        end = judge_death(run, status);
        }
        return end == WORKER_DONE ? run->shared->end : end;
}

static bool try_child(void)
{
        pid_t child = 0;
        long pid = syscall(SYS_clone, FORK_FLAGS, 0, NULL, &child, 0);

        if (pid == 0 && child) /* else it is a filter's errno 0 */
                end_worker();
        return pid > 0 && wait_for((pid_t)pid) >= 0;
}

bool worker_can_fork(void)
{
        if (try_child())
                return true;
        /* where SIGCHLD was ignored, nobody can be waited for; it is not touched before, as that may be fatal */
        if (errno != ECHILD || signal(SIGCHLD, SIG_DFL) == SIG_ERR)
                return false;
        return try_child();
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

enum worker_end worker_run(struct run *run)
{
        size_t count = run->plan ? run->plan->count : 0;

        run->shared = share(sizeof(*run->shared));
        run->results = share((count + 1) * sizeof(*run->results));
        if (!run->shared || !run->results)
                return WORKER_NO_MEMORY;
        run->shared->listener = -1;
        if (run->plan)
                skip_first(run);
        if (!run->way.alone)
                return work_in_children(run);
        work(run);
        return run->shared->end;
}

bool worker_found_absent(const struct run *run, enum probe_abi which)
{
        return run->shared->absent[which];
}

int worker_refusal(const struct run *run)
{
        return run->shared ? run->shared->refusal : 0;
}

/* What is let through, as the first run saw it. */
static bool is_let_through(const struct run *run, size_t i)
{
        return run->results[i] == answer_pack(run->way.marker.may, 0);
}

/* A tracer sees what the filter allows, logs or has traced; what it does not see now goes to a listener. */
static void work_traced(struct run *run)
{
        const struct marker traced = { PROBE_OWN_VALUE, SC_MAY_ALLOW | SC_MAY_LOG | SC_MAY_TRACE };
        struct shared *shared = run->shared;

        die_with_parent(shared);
        if (!own_offer_trace() || own_put(OWN_TRACED) < 0 || !gate_shows(traced.value) || !enter_catch()) {
                end_work(shared, WORKER_NO_GATE);
                return;
        }
        for (; shared->cursor < run->plan->count; shared->cursor++) {
                size_t i = shared->cursor;
                struct sc_question q;
                uint32_t answer;

                if (!is_let_through(run, i) || !plan_question(run->plan, i, &q))
                        continue;
                answer = enter_ask(&q, &traced);
                if (answer == ANSWER_CARRIED_OUT) {
                        end_work(shared, WORKER_BROKEN);
                        return;
                }
                run->results[i] = answer_pack(answer & SC_MAY_ERRNO ? SC_MAY_NOTIFY : answer, 0);
        }
        end_work(shared, WORKER_DONE);
}

enum worker_end worker_refine(struct run *run)
{
        pid_t pid;

        run->shared->done = false;
        run->shared->cursor = run->begin;
        run->way.own = OWN_TRACED;
        pid = start_worker(run, work_traced);
        if (pid < 0)
                return WORKER_NO_CHILD;
        if (own_trace(pid) < 0)
                return WORKER_NO_WAIT;
        return run->shared->done ? run->shared->end : WORKER_ODD;
}

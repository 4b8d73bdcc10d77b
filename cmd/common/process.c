/* SPDX-License-Identifier: Apache-2.0 */
/* Stops a process, asks the kernel for each of its filters, and lets it go. Sources: ptrace(2), kernel/seccomp.c. */
#include "common/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/visible.h"

#define STATUS_SIZE_MAX ((size_t)64 * 1024) /* bytes of /proc/PID/status */
#define PAUSE_NS 200000                     /* between two looks whether it has stopped */
#define STRICT_INSNS_MAX (SC_ABI_MAX * 7 + 1)

/* The lines of /proc/PID/status that matter here. */
struct status {
        char state; /* 'Z': it has ended */
        unsigned long long tgid, tracer, effective, bounding, mode, filters, threads;
};

struct tracee {
        struct session *s;
        const char *name;
        pid_t pid;
        int signal; /* that it was about to get when it stopped */
};

static int refuse(const struct tracee *t, const char *rule, const char *hint, const char *format, ...) SC_PRINTF(4, 5);

static int refuse(const struct tracee *t, const char *rule, const char *hint, const char *format, ...)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_diag *diag;
        va_list args;

        va_start(args, format);
        sc_strbuf_vprintf(&text, format, args);
        va_end(args);
        diag = sc_diags_add(t->s->diags, SC_ERROR, rule, (struct sc_place){ 0 }, "%s: %s", t->name,
                            text.failed ? "out of memory" : text.text);
        if (hint)
                sc_diag_hint(diag, "%s", hint);
        sc_strbuf_done(&text);
        return -EBADMSG;
}

/* The number behind "KEY:\t" at the start of a line; 0 if there is none. */
static unsigned long long status_number(const char *text, const char *key, int base)
{
        size_t len = strlen(key);

        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (!strncmp(line, key, len) && line[len] == ':')
                        return strtoull(line + len + 1, NULL, base);
        }
        return 0;
}

static int read_status_at(int dir, const char *path, struct status *ret_status)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        const char *state;
        size_t len;
        int r = sc_file_read(dir, path, STATUS_SIZE_MAX, &text, &len);

        if (r < 0)
                return r;
        state = strstr(text, "\nState:\t");
        *ret_status = (struct status){
                .tgid = status_number(text, "Tgid", 10),
                .tracer = status_number(text, "TracerPid", 10),
                .effective = status_number(text, "CapEff", 16),
                .bounding = status_number(text, "CapBnd", 16),
                .mode = status_number(text, "Seccomp", 10),
                .filters = status_number(text, "Seccomp_filters", 10),
                .threads = status_number(text, "Threads", 10),
        };
        if (state)
                ret_status->state = state[strlen("\nState:\t")];
        return 0;
}

static int read_status(const char *path, struct status *ret_status)
{
        return read_status_at(AT_FDCWD, path, ret_status);
}

static int has_ended(const struct tracee *t)
{
        return refuse(t, "no-such-process", NULL, "the process has ended");
}

static int find_status(const struct tracee *t, struct status *ret_status)
{
        char path[64];
        int r;

        snprintf(path, sizeof(path), "/proc/%d/status", t->pid);
        r = read_status(path, ret_status);
        if (r == -ESRCH)
                return has_ended(t);
        if (r == -ENOENT)
                return refuse(t, "no-such-process", NULL, "there is no such process, or /proc does not show it");
        return r;
}

/* What the kernel lets through in strict mode: read, write, exit and the return from a signal. */
static size_t strict_calls(const struct sc_abi *abi, uint32_t ret_numbers[4])
{
        /* asm/seccomp.h: 32-bit ABIs and s390x return by the older call */
        bool older = abi->word_bits == 32 || !strcmp(abi->name, "s390x");
        const char *const names[] = { "read", "write", "exit", older ? "sigreturn" : "rt_sigreturn" };
        size_t n = 0;

        for (size_t i = 0; i < SC_COUNT(names); i++)
                n += sc_syscall_number(sc_syscall_find(names[i], strlen(names[i])), abi, &ret_numbers[n]);
        return n;
}

/* Strict mode as a program. x32's calls are compared with x86's numbers, so that none is let through. */
static int make_strict(struct session *s, struct process_filters *ret_filters)
{
        struct sock_filter *insns = sc_arena_array(s->arena, STRICT_INSNS_MAX, sizeof(*insns));
        struct sc_bpf_program *program = sc_arena_alloc(s->arena, sizeof(*program));
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n_abis = sc_abi_subordinates(sc_abi_native(), abis), n = 0;

        if (!insns || !program)
                return -ENOMEM;
        for (size_t i = 0; i <= n_abis; i++) {
                const struct sc_abi *abi = i < n_abis ? abis[i] : sc_abi_native();
                uint32_t numbers[4];
                size_t count = !strcmp(abi->name, "x32") ? 0 : strict_calls(abi, numbers);

                if (count == 0)
                        continue;
                insns[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4);
                insns[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, abi->audit_arch, 0,
                                                          (uint8_t)(count + 2));
                insns[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
                for (size_t k = 0; k < count; k++) /* the allowing return stands behind the last test */
                        insns[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, numbers[k],
                                                                  (uint8_t)(count - 1 - k), k + 1 == count);
                insns[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        }
        insns[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD);
        *program = (struct sc_bpf_program){ .insns = insns, .len = n };
        *ret_filters = (struct process_filters){ .programs = program, .n = 1 };
        return 0;
}

/* What stands in the way before anything is stopped. */
static int check_rights(const struct tracee *t, const struct status *status)
{
        struct status own;
        int r = read_status("/proc/self/status", &own);

        if (r < 0)
                return r;
        if (own.mode)
                return refuse(t, "cannot-read-filters", "run it where it is not confined itself, not in a container",
                              "the kernel does not tell filters to a process that has a seccomp filter itself");
        if (!(own.effective >> CAP_SYS_ADMIN & 1))
                return refuse(t, "cannot-read-filters", "run it as root",
                              "reading the filters of a process needs CAP_SYS_ADMIN");
        if (status->tracer)
                return refuse(t, "cannot-trace", NULL, "process %llu traces it already, as a debugger does",
                              status->tracer);
        return 0;
}

/* The kernel says EPERM of a process that is ending, too. */
static bool is_ending(const struct tracee *t)
{
        struct status status = { 0 };
        char path[64];

        snprintf(path, sizeof(path), "/proc/%d/status", t->pid);
        return read_status(path, &status) < 0 || status.state == 'Z' || status.state == 'X';
}

static int seize(const struct tracee *t)
{
        int error;

        if (syscall(SYS_ptrace, PTRACE_SEIZE, (long)t->pid, 0L, 0L) == 0)
                return 0;
        error = errno;
        if (error == ESRCH || (error == EPERM && is_ending(t)))
                return has_ended(t);
        if (error == EPERM || error == EACCES)
                return refuse(t, "cannot-trace",
                              "it needs CAP_SYS_PTRACE; Yama (/proc/sys/kernel/yama/ptrace_scope) may forbid it to all",
                              "the kernel does not let it be traced");
        return -error;
}

/* Waits until it has stopped; what it may do instead is end, or take too long. */
static int wait_for_stop(struct tracee *t)
{
        const struct timespec pause = { .tv_nsec = PAUSE_NS };

        for (int64_t left = PROCESS_STOP_MS * INT64_C(1000000); left > 0; left -= PAUSE_NS) {
                int status;
                pid_t pid = waitpid(t->pid, &status, __WALL | WNOHANG);

                if (pid < 0 && errno != EINTR)
                        return sc_errno();
                if (pid == t->pid && !WIFSTOPPED(status))
                        return has_ended(t);
                if (pid == t->pid) {
                        /* another stop than the one we asked for: a signal is on its way to it */
                        t->signal = status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);
                        return 0;
                }
                nanosleep(&pause, NULL);
        }
        return refuse(t, "cannot-trace", NULL, "it did not stop within %d ms: it waits in the kernel", PROCESS_STOP_MS);
}

/* Lets it go on, with the signal it was about to get. If it has not stopped, it goes on when this process ends. */
static void let_go(const struct tracee *t)
{
        syscall(SYS_ptrace, PTRACE_DETACH, (long)t->pid, 0L, (long)t->signal);
}

/* One filter by its index, 0 being the oldest (get_nth_filter). Returns 1, or 0 if there is none. */
static int read_filter(const struct tracee *t, size_t i, struct sc_bpf_program *ret_program)
{
        struct sock_filter buffer[SC_BPF_LEN_MAX], *insns; /* what the kernel writes at most */
        long n = syscall(SYS_ptrace, PTRACE_SECCOMP_GET_FILTER, (long)t->pid, (long)i, buffer);

        if (n < 0 && errno == ENOENT)
                return 0;
        if (n < 0)
                return sc_errno();
        if (n > SC_BPF_LEN_MAX)
                return -E2BIG;
        insns = sc_arena_array(t->s->arena, (size_t)n + 1, sizeof(*insns));
        if (!insns)
                return -ENOMEM;
        memcpy(insns, buffer, (size_t)n * sizeof(*insns));
        *ret_program = (struct sc_bpf_program){ .insns = insns, .len = (size_t)n };
        return 1;
}

static int explain(const struct tracee *t, int r)
{
        if (r == -ESRCH)
                return has_ended(t);
        if (r == -EACCES)
                return refuse(t, "cannot-read-filters", "run it as root outside all containers",
                              "reading the filters of a process needs CAP_SYS_ADMIN in the first user namespace");
        if (r == -EMEDIUMTYPE)
                return refuse(t, "cannot-read-filters", NULL, "the kernel has not kept the program of a filter");
        if (r == -EINVAL || r == -EIO)
                return refuse(t, "cannot-read-filters", NULL,
                              "this kernel was built without a way to read filters (CONFIG_CHECKPOINT_RESTORE)");
        return r;
}

/* All filters, which the kernel numbers from the oldest on. */
static int read_filters(const struct tracee *t, struct process_filters *ret_filters)
{
        struct sc_bpf_program *programs = sc_arena_array(t->s->arena, PROCESS_FILTERS_MAX, sizeof(*programs));
        size_t n = 0;
        int r = programs ? 1 : -ENOMEM;

        while (r > 0 && n < PROCESS_FILTERS_MAX) {
                r = read_filter(t, n, &programs[n]);
                n += r > 0;
        }
        if (r < 0)
                return explain(t, r);
        if (r > 0)
                return refuse(t, "cannot-read-filters", NULL, "more than %d filters", PROCESS_FILTERS_MAX);
        for (size_t i = 0; i < n / 2; i++) {
                struct sc_bpf_program swapped = programs[i];

                programs[i] = programs[n - 1 - i];
                programs[n - 1 - i] = swapped;
        }
        *ret_filters = (struct process_filters){ .programs = programs, .n = n };
        return 0;
}

static int trace(struct tracee *t, struct process_filters *ret_filters)
{
        int r = seize(t);

        if (r < 0)
                return r;
        if (syscall(SYS_ptrace, PTRACE_INTERRUPT, (long)t->pid, 0L, 0L) < 0)
                r = errno == ESRCH ? has_ended(t) : sc_errno();
        if (r == 0)
                r = wait_for_stop(t);
        if (r == 0)
                r = read_filters(t, ret_filters);
        let_go(t);
        return r;
}

static bool same_filters(const struct process_filters *a, const struct process_filters *b)
{
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (a->programs[i].len != b->programs[i].len ||
                    memcmp(a->programs[i].insns, b->programs[i].insns,
                           a->programs[i].len * sizeof(*a->programs[i].insns)) != 0)
                        return false;
        return true;
}

/* Has another thread as many filters, are they the same? 1: no; 0: yes, or it has ended. Refusals go nowhere. */
static int compare_filters(const struct tracee *t, pid_t tid, const struct process_filters *own)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct session s = *t->s;
        struct tracee other = { .s = &s, .name = t->name, .pid = tid };
        struct process_filters filters = { 0 };
        int r;

        if (!arena || !diags)
                return -ENOMEM;
        s.arena = arena;
        s.diags = diags;
        r = trace(&other, &filters);
        if (r == -EBADMSG && is_ending(&other))
                return 0;
        return r < 0 ? r : !same_filters(own, &filters);
}

/* 1 if a thread's filters are others than those that were asked about, 0 if not. */
static int compare_thread(const struct tracee *t, pid_t tid, const struct status *own,
                          const struct process_filters *filters)
{
        struct status status;
        char path[64];

        snprintf(path, sizeof(path), "/proc/%d/status", tid);
        if (tid == t->pid || read_status(path, &status) < 0 || status.state == 'Z' || status.state == 'X')
                return 0;
        if (status.mode != own->mode || status.filters != own->filters)
                return 1;
        return own->mode == SECCOMP_MODE_FILTER ? compare_filters(t, tid, filters) : 0;
}

/* Says if other threads of the process have other filters. */
static int compare_threads(const struct tracee *t, const struct status *own, const struct process_filters *filters)
{
        char path[64];
        size_t n = 0, others = 0;
        DIR *dir;
        int r = 0;

        snprintf(path, sizeof(path), "/proc/%llu/task", own->tgid);
        dir = opendir(path);
        if (!dir)
                return 0; /* it has ended, or is not to be seen: what was asked about is known all the same */
        for (const struct dirent *entry; r >= 0 && (entry = readdir(dir));) {
                if (entry->d_name[0] == '.')
                        continue;
                r = compare_thread(t, (pid_t)strtol(entry->d_name, NULL, 10), own, filters);
                n++;
                others += r == 1;
        }
        closedir(dir);
        if (others)
                sc_diags_add(t->s->diags, SC_WARNING, "threads-differ", (struct sc_place){ 0 },
                             "%s: %zu of the %zu threads of process %llu have other filters than thread %d", t->name,
                             others, n, own->tgid, t->pid);
        if (r == -EBADMSG)
                sc_diags_add(t->s->diags, SC_WARNING, "threads-differ", (struct sc_place){ 0 },
                             "%s: not all threads of process %llu could be stopped; others than thread %d may have "
                             "other filters", t->name, own->tgid, t->pid);
        return r < 0 && r != -EBADMSG ? r : 0;
}

int process_read(struct session *s, const char *name, pid_t pid, struct process_filters *ret_filters)
{
        struct tracee t = { .s = s, .name = name, .pid = pid };
        struct process_filters filters = { 0 };
        struct status status = { 0 };
        int r = find_status(&t, &status);

        if (r == 0 && (status.state == 'Z' || status.state == 'X'))
                r = has_ended(&t);
        if (r < 0)
                return r;
        if (status.mode == SECCOMP_MODE_STRICT) {
                r = make_strict(s, &filters);
        } else if (status.mode == SECCOMP_MODE_FILTER) {
                r = check_rights(&t, &status);
                if (r == 0)
                        r = trace(&t, &filters);
        }
        if (r == 0)
                r = compare_threads(&t, &status, &filters);
        if (r == 0)
                *ret_filters = filters;
        return r;
}

int process_caps(struct session *s, const char *name, pid_t pid, sc_caps *ret_caps)
{
        const struct tracee t = { .s = s, .name = name, .pid = pid };
        struct status status = { 0 };
        int r = find_status(&t, &status);

        if (r == 0)
                *ret_caps = status.bounding & sc_caps_all();
        return r;
}

int process_own_caps(sc_caps *ret_caps)
{
        sc_caps all = sc_caps_all(), caps = 0;

        for (unsigned cap = 0; all >> cap; cap++) {
                int r = prctl(PR_CAPBSET_READ, (unsigned long)cap, 0UL, 0UL, 0UL);

                if (r < 0 && errno != EINVAL) /* EINVAL: the kernel is too old to have it */
                        return sc_errno();
                caps |= (sc_caps)(r > 0) << cap;
        }
        *ret_caps = caps & all;
        return 0;
}

/*
 * A process has a number in each PID namespace from that of this /proc on to its own: where they are one, there is one.
 * A kernel without PID namespaces has no such line.
 */
static bool is_own_status(const char *text)
{
        const char *numbers = strstr(text, "\nNSpid:\t");

        if (!numbers)
                return status_number(text, "Pid", 10) == (unsigned long long)getpid();
        numbers += strlen("\nNSpid:\t");
        return strcspn(numbers, "\n") == strspn(numbers, "0123456789");
}

int process_open_proc(int *ret_fd)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), r;
        size_t len;

        if (fd < 0)
                return sc_errno();
        r = sc_file_read(fd, "self/status", STATUS_SIZE_MAX, &text, &len);
        if (r == 0 && !is_own_status(text))
                r = -ENXIO;
        if (r < 0)
                close(fd);
        else
                *ret_fd = fd;
        return r;
}

void process_name(int proc, pid_t tid, struct process_name *ret_name)
{
        SC_CLEANUP(sc_freep) char *comm = NULL;
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct status status = { .tgid = 0 };
        char path[64];
        size_t len = 0;

        snprintf(path, sizeof(path), "%d/comm", tid);
        if (proc >= 0 && sc_file_read(proc, path, STATUS_SIZE_MAX, &comm, &len) == 0 && len && comm[len - 1] == '\n')
                len--;
        if (comm)
                sc_strbuf_visible(&out, comm, len);
        snprintf(path, sizeof(path), "%d/status", tid);
        if (proc >= 0)
                read_status_at(proc, path, &status);
        ret_name->pid = (pid_t)status.tgid;
        ret_name->threads = (unsigned)status.threads;
        snprintf(ret_name->name, sizeof(ret_name->name), "%s", out.len && !out.failed ? out.text : "?");
        sc_strbuf_done(&out);
}

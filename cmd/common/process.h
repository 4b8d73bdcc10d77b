/* SPDX-License-Identifier: Apache-2.0 */
/* The filters of a running process, read with ptrace(2). */
#pragma once

#include <sys/types.h>

#include "bpf/bpf.h"
#include "common/session.h"
#include "syscall/name.h"

/* Filters of one process that are read: above what the kernel takes, 32768 instructions with 4 a filter as overhead. */
#define PROCESS_FILTERS_MAX 8192

/* How long a process may take to stop. */
#define PROCESS_STOP_MS 5000

/* What a thread runs under. Strict mode (seccomp(2)) is told as the one program that answers as it does. */
struct process_filters {
        const struct sc_bpf_program *programs; /* the newest first */
        size_t n;                              /* 0: none */
};

/*
 * Reads the filters of the thread `pid`, which is stopped for a moment if it has any, and goes on whatever happens.
 * That needs CAP_SYS_ADMIN in the first user namespace, a right to trace it, and no seccomp filter on this process.
 * `name` is for messages. What is read lives in the session's arena.
 * Returns 0; -EBADMSG with a diagnostic: no-such-process, cannot-trace, cannot-read-filters; -ENOMEM; -errno. As a
 * warning: threads-differ, if other threads of the process have other filters, as far as their numbers show.
 */
int process_read(struct session *s, const char *name, pid_t pid, struct process_filters *ret_filters);

/*
 * The bounding capabilities of a thread, which is what an engine gives a container and asks for when it reads a Docker
 * profile. Needs no rights. Returns 0; -EBADMSG with the diagnostic no-such-process; -ENOMEM; -errno.
 */
int process_caps(struct session *s, const char *name, pid_t pid, sc_caps *ret_caps);

/*
 * Those of the calling thread, as the kernel tells them: /proc may not be there, or number the processes of another PID
 * namespace. Returns 0; -errno if prctl is refused.
 */
int process_own_caps(sc_caps *ret_caps);

/*
 * Opens /proc, if it numbers processes as this one's PID namespace does; with the descriptor it stays that, whatever is
 * mounted there later. Returns 0; -ENXIO if it is another namespace's; -ENOMEM; -errno.
 */
int process_open_proc(int *ret_fd);

#define PROCESS_NAME_SIZE 64 /* the kernel's names have 15 bytes */

/* Who a thread is, as far as /proc tells. */
struct process_name {
        pid_t pid;        /* of its process; 0 if that is not known */
        unsigned threads; /* that it has; 0 if that is not known */
        char name[PROCESS_NAME_SIZE]; /* with '?' for what would disturb a terminal; "?" if it is not known */
};

/* `proc` is from process_open_proc(), or -1: nothing is known. */
void process_name(int proc, pid_t tid, struct process_name *ret_name);

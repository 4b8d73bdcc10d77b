/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a command under filters: a child that puts them on and becomes the command. Needs no rights: no_new_privs is
 * set. Sources: seccomp(2), execve(2).
 */
#pragma once

#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "bpf/bpf.h"

/* Exit statuses of programs that start a command, beside the command's own: those of env(1). */
enum launch_exit {
        EXIT_OWN = 125,          /* this program failed, not the command */
        EXIT_NOT_EXECUTED = 126, /* the command is there, and cannot be executed */
        EXIT_NOT_FOUND = 127,
        EXIT_SIGNAL = 128, /* and the signal's number */
};

/* How far the child came. It may be unable to tell it by any call, so it tells by memory. */
enum launch_stage {
        LAUNCH_BEGUN,     /* nothing is on yet */
        LAUNCH_UNSET,     /* `error`: the filters could not be put on */
        LAUNCH_INSTALLED, /* they are on; with a listener, `listener` is it */
        LAUNCH_NO_EXEC,   /* `error`: they are on, and execve failed */
};

struct launch_state {
        atomic_int stage;
        atomic_int error;
        atomic_int listener;
};

struct launch_plan {
        const char *path; /* as launch_find() gives it */
        const char *const *argv;
        const struct sc_bpf_program *programs; /* the newest first; put on from the oldest */
        size_t n_programs;
        unsigned flags;      /* SECCOMP_FILTER_FLAG_… */
        bool listens;        /* the newest program has a listener, which this process gets */
        bool waits;          /* the child waits for launch_go() */
        sigset_t mask;       /* of signals, for the command */
        struct sigaction on_child; /* SIGCHLD's, for the command */
};

struct launch {
        pid_t pid;
        int go;                     /* -1: nothing waits */
        struct launch_state *state; /* shared with the child */
};

/*
 * Finds what execvp(3) would start: `name` itself if it has a slash, else in PATH. The path lives in the arena. Returns
 * 0; -ENOENT; -EISDIR; -EACCES: it is there, but nothing that may be executed; -ENOMEM.
 */
int launch_find(struct sc_arena *arena, const char *name, const char *path, const char **ret_path);

/* The flags out of `flags` that this kernel has. */
unsigned launch_known_flags(unsigned flags);

/* Starts the child. Returns 0 or -errno. */
int launch_start(const struct launch_plan *plan, struct launch *ret_launch);

/* Lets a child go on that waits. */
void launch_go(struct launch *l);

/*
 * Waits until the filters are on, or never will be. Returns the listener, which belongs to the caller, or -1: the child
 * failed (see its state) or has ended.
 */
int launch_listener(const struct launch *l);

void launch_done(struct launch *l);

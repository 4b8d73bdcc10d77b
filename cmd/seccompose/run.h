/* SPDX-License-Identifier: Apache-2.0 */
/* What `run` knows while a command runs: its filters, the processes that are watched, what was refused. */
#pragma once

#include <stdio.h>

#include "common/launch.h"
#include "common/process.h"
#include "seccompose/explain.h"

#define RUN_RECORDS_MAX 4096 /* kinds of refused calls that are told apart */
#define RUN_ADVICE_MAX 64    /* of them, what would allow each by itself: it is tried, which takes its time */
#define RUN_KILLS_TOLD_MAX 20 /* kills that are told one by one; those that follow are counted */

/* A call that a process made. */
struct run_call {
        pid_t tid;
        const struct sc_abi *abi; /* NULL: none that is known has this number of an architecture */
        uint32_t arch, nr;
        uint64_t args[6];
};

/* Refused calls that are told as one: of processes of one name, with one answer, alike in what decides. */
struct run_record {
        struct run_call call; /* the first of them */
        unsigned matters;     /* bit n: the answer depends on args[n] */
        uint32_t answer;
        const char *name; /* of the process, harmless */
        size_t count;
};

struct run {
        struct session *s;
        const struct options *options;
        struct explainer ex; /* the FILE, its view, its decisions; diagnostics of its own, of which few are told */
        struct meaning meaning;
        FILE *out; /* messages about the command */
        int proc;  /* where processes have names; -1: not known */
        const char *path;
        const char *const *argv;
        struct launch launch;
        bool ended; /* the command, with `status` as of wait(2) */
        int status;
        bool interrupted; /* somebody wants us to end, and the command has */
        /* ptrace */
        const char *untraced; /* why nobody is traced; NULL: all are */
        size_t n_kills;       /* threads and processes that the filters ended */
        bool told;            /* why the command was killed was told, or counted */
        /* --log */
        int listener; /* -1: none */
        size_t notif_size, resp_size;
        struct run_record *records;
        size_t n_records, n_refused;
        bool overflowed; /* there are more kinds than RUN_RECORDS_MAX */
};

/* What the filters answer to a call. */
uint32_t run_answer(const struct run *run, const struct run_call *call);

/* Fills in the ABI. */
void run_call_place(struct run_call *call);

/* The record that a call of `who` is of, made if there is none and counted; NULL if it cannot be kept. */
const struct run_record *run_record(struct run *run, const struct run_call *call, uint32_t answer,
                                    const struct process_name *who);

/*
 * Tells that the filters ended a process; the first time, by which rule and what would let it go on. After
 * RUN_KILLS_TOLD_MAX of them it only counts.
 */
void run_tell_killed(struct run *run, const struct run_call *call, uint32_t answer);

/* Tells how many there were, if not all were told. */
void run_tell_kills(const struct run *run);

/* Records that a call would be refused, and tells it when it is the first of its kind. */
void run_tell_refused(struct run *run, const struct run_call *call, const struct process_name *who);

/* Tells, as an error, why a call that must be made cannot be: by which rule. */
void run_tell_impossible(struct run *run, const struct run_call *call, uint32_t answer);

/* Tells what was refused in all, and what a policy would need. */
void run_tell_summary(struct run *run);

/* Traces the child, which waits, and all that comes of it; `untraced` says why not. */
void run_trace(struct run *run);

/* Sees to a stop of a traced thread. */
void run_stopped(struct run *run, pid_t tid, int status);

/* The programs with their denials turned into questions to us. Returns 0, or an exit status after a message. */
int run_log_programs(struct run *run, const struct sc_bpf_program **ret_programs);

/* Takes one question from the listener, tells it, and has the call made. */
void run_log_answer(struct run *run);

/* Runs the command to its end. Returns the exit status. */
int run_watch(struct run *run, struct launch_plan *plan);

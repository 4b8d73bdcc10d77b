/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the probe: what it was asked to ask, entering the kernel, workers, the gate, output. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "probe/answer.h"
#include "probe/questions.h"

#define PROBE_QUESTIONS_MAX ((size_t)16 * 1024 * 1024)
#define PROBE_RANGES_MAX 64
#define PROBE_ARGS_MAX 256
#define PROBE_INPUT_MAX ((size_t)64 * 1024 * 1024) /* bytes of questions */

/* Exit codes, as those of the other programs. */
enum { PROBE_DONE = 0, PROBE_USAGE = 2, PROBE_CANNOT = 3 };

/* The ABIs of the machine, in the order in which they are asked. */
enum probe_abi { PROBE_X86_64, PROBE_X86, PROBE_X32, PROBE_ABIS };

struct range {
        uint32_t first, last;
};

/* What is to be asked: the questions of a file, or the product of ABIs, numbers and arguments. */
struct plan {
        bool abis[PROBE_ABIS];
        struct range ranges[PROBE_RANGES_MAX]; /* ascending, apart; without x32's bit */
        size_t n_ranges;
        uint64_t args[PROBE_ARGS_MAX][6]; /* of --args; none: the built-in ones */
        size_t n_args;
        struct sc_question *list; /* of --questions */
        size_t n_list;
        size_t n_numbers, n_vectors; /* without a list: above 0 */
        size_t count; /* questions, those included that are left out */
        size_t skip;  /* of those that are not left out, the first ones that are not asked */
        bool json, alone, questions;
};

const struct sc_abi *plan_abi(enum probe_abi which);
/* Which of them it is; PROBE_ABIS: none. */
enum probe_abi plan_which(const struct sc_abi *abi);

/* Reads the arguments. Returns 0, or an exit code after a message; -1: --help or --version was printed. */
int plan_read(struct plan *plan, int argc, char **argv);

/* Question `i`. Returns false if it is left out, as the kernel asks no filter. */
bool plan_question(const struct plan *plan, size_t i, struct sc_question *ret_question);

/* How one question can end. Above these are answers of a filter: ANSWER_MAY shifted bits, or an errno. */
enum {
        ANSWER_NONE = 0,          /* not asked yet */
        ANSWER_ABSENT = 1u << 28, /* the ABI's entry is not there */
        ANSWER_CARRIED_OUT = 1u << 29, /* the call was executed: the gate does not hold */
};

/* An answer in 32 bits: sc_answer_may and the errno. */
static inline uint32_t answer_pack(unsigned may, unsigned error)
{
        return may | error << 16;
}

/* What a call returns that the filters let through, and what that may have been. */
struct marker {
        long value;   /* an errno below 0, or a value that no filter can give */
        unsigned may; /* bits of sc_answer_may; SC_MAY_ERRNO: or that errno itself */
};

#define PROBE_OWN_VALUE 0x5ecc0de /* what listeners and tracers give: filters give errors and 0 */

/* enter.c: asks the kernel through the gate. */
bool enter_is_placed(void); /* the linker has put the gate where filters look for it */
bool enter_catch(void);     /* handlers for what filters send; false: refused */
bool enter_is_blocked(void); /* SIGSYS; told by a fault, not by a call. It is fatal if SIGSEGV is blocked */
bool enter_unblock(void);    /* both of them */
uint32_t enter_ask(const struct sc_question *q, const struct marker *marker);
long enter_outside(const struct sc_question *q); /* the same call, not through the gate: what the kernel returned */
long enter_inside(const struct sc_question *q);  /* without catching anything */

/* A gate that the probe puts on its own workers. */
enum own_gate {
        OWN_NONE,     /* there is one beneath the container's filter */
        OWN_LISTENER, /* the parent answers */
        OWN_SILENT,   /* nobody listens, as the container's filter has a listener already: the kernel answers ENOSYS */
        OWN_TRACED,   /* the parent answers as a tracer */
};

/* How calls are asked. */
struct way {
        struct marker marker;
        enum own_gate own;
        bool alone; /* in this process */
};

/* How the asking ended. */
enum worker_end {
        WORKER_DONE,
        WORKER_NO_MEMORY,
        WORKER_NO_CHILD,
        WORKER_NO_WAIT,
        WORKER_UNHEARD, /* its listener could not answer a call; answers since then may be the kernel's own ENOSYS */
        WORKER_NO_GATE, /* the gate of its own could not be put on */
        WORKER_KILLED,  /* before it could ask */
        WORKER_ODD,     /* ended with nothing done */
        WORKER_BROKEN,  /* a call was executed */
};

/* What workers and the process that starts them share. */
struct shared;

struct run {
        const struct plan *plan;
        struct way way;
        struct shared *shared;
        _Atomic uint32_t *results; /* one for each question */
        size_t begin;    /* the first question that is asked */
        size_t printed;  /* answers that were printed */
        bool unwritten;  /* standard output did not take something */
};

/* worker.c: asks all questions, those of a run without a plan: none. */
enum worker_end worker_run(struct run *run);
bool worker_can_fork(void);
bool worker_found_absent(const struct run *run, enum probe_abi which); /* that ABI could not be asked */

int worker_refusal(const struct run *run); /* the errno by which a gate of its own was refused; 0: by none */

/* With the answers of a run by OWN_LISTENER: tells those that are notified from those that a tracer may see. */
enum worker_end worker_refine(struct run *run);

/* gate.c: makes sure that there is a gate. Returns 0 or an exit code after a message. */
int gate_find(bool alone, struct way *ret_way);
bool gate_shows(long value); /* calls through the gate return that, and others do not */

/* print.c */
void print_question_begin(struct run *run, size_t i); /* alone: what is going to be asked */
void print_answer(struct run *run, size_t i);
bool print_all(struct run *run); /* what was not printed yet, and the end; false: standard output did not take it */

/* text.c: the same in groups, for a plan that is no list and from which nothing was skipped. */
bool text_all(const struct run *run);

/* Messages to standard error. */
int say_error(int code, const char *format, ...) SC_PRINTF(2, 3);
void say_note(const char *format, ...) SC_PRINTF(1, 2);
bool put(int fd, const char *text, size_t len);

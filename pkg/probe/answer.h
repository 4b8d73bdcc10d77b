/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel answered to one call that was asked of its filters, as a line of JSON (docs/probe.md). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"
#include "base/strbuf.h"
#include "syscall/abi.h"

/*
 * What may have decided: one bit where the kernel's answer tells, several where it does not. A gate that turns every
 * call that is let through into one errno cannot tell allow, log, trace and notify apart.
 */
enum sc_answer_may {
        SC_MAY_ALLOW = 1 << 0,
        SC_MAY_LOG = 1 << 1,
        SC_MAY_TRACE = 1 << 2,
        SC_MAY_NOTIFY = 1 << 3,
        SC_MAY_ERRNO = 1 << 4, /* with `error` */
        SC_MAY_TRAP = 1 << 5,
        SC_MAY_KILL_THREAD = 1 << 6,
        SC_MAY_KILL_PROCESS = 1 << 7,
};

struct sc_answer {
        const struct sc_abi *abi;
        uint32_t nr; /* as the filter sees it: x32's with bit 30 */
        uint64_t args[6];
        unsigned may;   /* bits of sc_answer_may, at least one */
        unsigned error; /* 0…4095 */
};

/*
 * Appends `{"abi":"x86_64","nr":41,"args":[0,0,0,0,0,0],"action":"errno 1"}` and a line feed. Alternatives of the
 * action are joined with " or ": "allow or log or trace or notify".
 */
void sc_answer_write(const struct sc_answer *answer, struct sc_strbuf *out);

/* Appends the action alone, and reads one into `may` and `error`; false if it is not written just so. */
void sc_answer_action(const struct sc_answer *answer, struct sc_strbuf *out);
bool sc_answer_read_action(const char *text, size_t len, struct sc_answer *answer);

/*
 * True if a filter that gives `effect` for the call (SECCOMP_RET_* as the kernel acts on it, see sc_bpf_effect()) may
 * be answered so. A gate's own errno (probe/gate.h) hides a filter's errno of the same number: where it may be one that
 * is let through, that agrees.
 */
bool sc_answer_agrees(const struct sc_answer *answer, uint32_t effect);

/* True if the call may have been denied: an errno, a trap, a kill. */
bool sc_answer_may_deny(const struct sc_answer *answer);

#define SC_ANSWERS_SIZE_MAX ((size_t)256 * 1024 * 1024) /* bytes of outputs that are read at once */
#define SC_ANSWER_LINE_MAX 65536                        /* bytes of one of their lines */

/* What was not asked. */
struct sc_answer_left {
        const struct sc_abi *abi;
        bool all;    /* the kernel has no entry for the ABI; else it is one number, about which it asks no filter */
        uint32_t nr;
};

/* What the last lines of outputs say. */
struct sc_answers {
        size_t n;       /* answers */
        size_t outputs; /* that were complete: each has a last line */
        const struct sc_answer_left *left; /* each once */
        size_t n_left;
};

/* Called with each answer, in their order, and the place of its line. Not 0 stops. */
typedef int (*sc_answer_visit)(const struct sc_answer *answer, struct sc_place line, void *data);

/*
 * Reads the lines of a probe's output: answers as sc_answer_write() writes them, with their members in any order, then
 * `{"end":{"questions":2,"left-out":[["x86_64",335],["x32"]]}}`, which says how many came before it. The last line of
 * all must be an end. Lines of white space are passed over.
 *
 * The outputs of several runs may stand one after the other. One whose process was killed has no end: it may break off
 * behind a question, which has killed it then, and whatever comes next may begin on the same line.
 *
 * `visit` is called before it is known whether the rest can be read. Returns 0; what the visitor returned; -EBADMSG
 * with a diagnostic of the first mistake (json-…; answer-form, answers-cut, answers-count, answers-size); -ENOMEM.
 */
int sc_answers_read(struct sc_arena *arena, const struct sc_source *source, sc_answer_visit visit, void *data,
                    struct sc_diags *diags, struct sc_answers *ret_answers);

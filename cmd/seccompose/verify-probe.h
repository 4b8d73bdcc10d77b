/* SPDX-License-Identifier: Apache-2.0 */
/* What came of holding a kernel's answers against a FILE. */
#pragma once

#include "probe/answer.h"
#include "seccompose/ask.h"

#define VERIFY_DIFFERENCES_MAX 1000 /* calls whose first difference is kept; more are counted */
#define VERIFY_SHOWN_MAX 10         /* of them are printed as text */

/* A call that is answered otherwise. */
struct probe_difference {
        struct sc_answer answer; /* the first that differs */
        uint32_t said;           /* what FILE says: SECCOMP_RET_* */
        unsigned line;           /* of the output */
        size_t n;                /* answers about this call that differ */
};

struct probe_verdict {
        struct session *s;
        const struct options *options;
        struct input input;
        struct ask_meanings meanings;
        const struct sc_consumer *taker; /* NULL: FILE by itself */
        struct sc_answers answers;
        size_t asked[SC_ABI_MAX]; /* answers, by the index of the ABI */
        size_t n_several;         /* of all: those that may be one of several actions */
        size_t n_differing;
        size_t n_more; /* of those: about calls that are not kept */
        struct probe_difference differences[VERIFY_DIFFERENCES_MAX];
        size_t n_differences;
        size_t counted_to; /* of the output: up to here there are `counted` line feeds */
        unsigned counted;
};

/* Does what `verify --probe` does. Returns the exit code. */
int verify_probe(struct session *s, const struct options *options);

/* Prints the verdict in the format that was asked for. Returns 0 or -ENOMEM. */
int probe_verdict_print(const struct probe_verdict *v);

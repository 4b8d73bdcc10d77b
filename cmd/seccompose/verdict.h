/* SPDX-License-Identifier: Apache-2.0 */
/* What came of comparing two FILEs, and how it is printed. */
#pragma once

#include "common/meaning.h"
#include "compare/compare.h"
#include "seccompose/options.h"

enum verdict {
        VERDICT_YES,
        VERDICT_NO,
        VERDICT_REFUSED, /* the consumer takes neither file: nothing to compare */
};

/* One comparison: a pair of consumers, a machine. */
struct comparison {
        const struct sc_consumer *consumers[2]; /* NULL: the file by itself */
        const struct sc_abi *machine;
        const struct sc_abi *abis[SC_ABI_MAX + 1]; /* that were compared */
        size_t n_abis;
        uint32_t killed[2]; /* by file: bit n is set if its filter does not have abis[n] */
        enum verdict verdict;
        const char *refusals[2]; /* why the consumer does not take a file; NULL: it does */
        struct sc_witness witness; /* NO, and both are taken */
        bool ran[2];               /* the interpreter gave the witness's answer too */
        struct comparison *next;
};

struct verdicts {
        struct session *s;
        const struct options *options;
        enum sc_compare_question question;
        const struct input *inputs[2];
        sc_kernel kernel;
        struct comparison *first; /* in the order in which they were made; only the last may be NO */
};

/* "default", or what differs from it, from all or from none, whichever is the shortest: "default+CAP_BPF". */
void verdict_format_caps(sc_caps caps, struct sc_strbuf *out);

/* Prints the verdict in the format that was asked for. Returns 0 or -ENOMEM. */
int verdicts_print(const struct verdicts *v);

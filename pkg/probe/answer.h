/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel answered to one call that was asked of its filters, as a line of JSON (docs/probe.md). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

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

/* Appends the action alone. */
void sc_answer_action(const struct sc_answer *answer, struct sc_strbuf *out);

/*
 * True if a filter that gives `effect` for the call (SECCOMP_RET_* as the kernel acts on it, see sc_bpf_effect()) may
 * be answered so. A gate's own errno (probe/gate.h) hides a filter's errno of the same number: where it may be one that
 * is let through, that agrees.
 */
bool sc_answer_agrees(const struct sc_answer *answer, uint32_t effect);

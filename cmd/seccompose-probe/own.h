/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's own gate: what a worker puts on itself, and its parent's part. */
#pragma once

#include "seccompose-probe/probe.h"

/* Puts a gate of that kind on this process. Returns 0, for a listener its descriptor, or -errno. */
int own_put(enum own_gate kind);

/*
 * Answers the calls of process `pid`, which shares descriptors with this one until it has put its listener there, until
 * it ends. Returns its status; -1: it cannot be waited for; OWN_UNHEARD: a call could not be answered. Then the
 * listener is closed, and from there on the kernel answers ENOSYS, which the process cannot tell from a filter's.
 */
#define OWN_UNHEARD (-2)
int own_listen(pid_t pid, _Atomic int *listener);

/* In a child: lets the parent trace it, and waits for it. False: refused. */
bool own_offer_trace(void);

/* Skips the calls of process `pid`, which offers that, until it ends. Returns its status; -1: it cannot be waited
 * for. */
int own_trace(pid_t pid);

/* SPDX-License-Identifier: Apache-2.0 */
/* What the hook and the wrapper say: one line that names everything, on stderr and in logs. */
#pragma once

#include "common/session.h"

enum message_level {
        MESSAGE_INFO,
        MESSAGE_WARNING,
        MESSAGE_ERROR,
};

/* What a message is about. Any of them may be NULL; they may hold anything and are printed without danger. */
struct subject {
        const char *container;
        const char *bundle;
        const char *policy;
        const char *log;  /* a file that gets each message too */
        bool log_as_text; /* as runc's --log-format text; else json */
};

/*
 * Prints "PROGRAM: container C, bundle B, policy P: …" on stderr, and appends it to the log in runc's format, since
 * engines show what stands there: {"level":"error","msg":"…","time":"…"} or time="…" level=error msg="…". A log that
 * cannot be written is a complaint, no failure.
 */
void say(const struct session *s, const struct subject *subject, enum message_level level, const char *format, ...)
        SC_PRINTF(4, 5);

/*
 * Why something failed, in one line: the session's first error with its place and hint, or else what the system says
 * about `r`, which is about `what`. Lives in the session's arena.
 */
const char *reason(const struct session *s, int r, const char *what);

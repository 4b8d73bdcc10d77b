/* SPDX-License-Identifier: Apache-2.0 */
/* Messages where people and engines look for them: on stderr, and in the runtime's log. */
#pragma once

#include "seccompose-runtime/command.h"

/*
 * Says one line about the container, if there is one: on stderr, and if the runtime was given a log, at its end, in the
 * form that runc writes (logrus' JSON or text), since docker, containerd and podman show what stands there.
 * `level` is "error" or "warning".
 */
void say(const struct session *s, const struct command *command, const char *level, const char *format, ...)
        SC_PRINTF(4, 5);

/*
 * Why the policy could not be put on a bundle, in one line: the session's first error with its place, or what the
 * system says about `r`. Lives in the session's arena.
 */
const char *reason(const struct session *s, int r);

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a bundle was changed after the runtime that is starting a container had begun to read it. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/*
 * True if a config.json that was last changed at `changed` (st_ctim) was so after the parent of process `init`, the
 * runtime, had started: it may have read the file as it was before. Starts and changes are known to a tick of the clock
 * (10 ms) each; what may be later counts as later. Also true if the times cannot be found out.
 */
bool is_late_change(struct timespec changed, pid_t init);

/* Waits until a start that begins from now on is later, beyond doubt, than a change that was just made. */
void let_ticks_pass(void);

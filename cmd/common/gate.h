/* SPDX-License-Identifier: Apache-2.0 */
/* Putting the probe's gate (probe/gate.h) on this process and all that it will start. */
#pragma once

/*
 * Installs the filter that answers every call from the gate with SC_GATE_ERRNO, and none from elsewhere. With
 * CAP_SYS_ADMIN nothing else changes; without, no new privileges are set, as the kernel wants it.
 * Returns 0; -errno of prctl or seccomp.
 */
int gate_install(void);

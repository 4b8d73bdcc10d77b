/* SPDX-License-Identifier: Apache-2.0 */
/* Two tries: without no_new_privs, and with it. */
#include "common/gate.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"
#include "probe/gate.h"

static int install(void)
{
        struct sock_filter insns[SC_GATE_INSNS];
        const struct sock_fprog program = {
                .len = (unsigned short)sc_gate_filter(SECCOMP_RET_ERRNO | SC_GATE_ERRNO, insns),
                .filter = insns,
        };

        return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : sc_errno();
}

int gate_install(void)
{
        int r = install();

        if (r != -EACCES)
                return r;
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? install() : sc_errno();
}

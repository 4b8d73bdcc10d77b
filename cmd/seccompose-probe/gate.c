/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is asked before it is shown that calls through the gate are answered, and not executed. */
#include <errno.h>
#include <sys/syscall.h>

#include "probe/gate.h"
#include "seccompose-probe/probe.h"

/* Calls that do nothing where they are executed: all refuse the descriptor -1. */
static const uint32_t harmless[] = { SYS_write, SYS_read, SYS_close };

/*
 * One call, through the gate and not: the pointer of the instruction is all in which they differ, so different errors
 * show a filter that looks at it. One that gives the marker by chance gives it for both.
 */
static bool shows_gate(uint32_t nr, unsigned error)
{
        const struct sc_question q = { plan_abi(PROBE_X86_64), nr, { UINT64_MAX, 0, 0, 0, 0, 0 } };

        return enter_inside(&q) == -(long)error && enter_outside(&q) == -EBADF;
}

static bool is_gated(unsigned error)
{
        for (size_t i = 0; i < SC_COUNT(harmless); i++)
                if (shows_gate(harmless[i], error))
                        return true;
        return false;
}

int gate_find(struct way *ret_way)
{
        if (!enter_is_placed())
                return say_error(PROBE_CANNOT, "this program was linked without its gate");
        if (is_gated(SC_GATE_ERRNO)) {
                *ret_way = (struct way){
                        .marker = { SC_GATE_ERRNO, SC_MAY_ALLOW | SC_MAY_LOG | SC_MAY_TRACE | SC_MAY_NOTIFY },
                };
                return 0;
        }
        return say_error(PROBE_CANNOT,
                         "there is no gate here, so calls would be executed: nothing was asked. Start the container's "
                         "runtime with 'seccompose probe -- RUNTIME …', or by seccompose-runtime with --gate probe");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is asked before it is shown that calls through the gate are answered, and not executed. */
#include "probe/gate.h"

#include <errno.h>
#include <sys/syscall.h>

#include "seccompose-probe/own.h"

/* Calls that do nothing where they are executed: all refuse the descriptor -1. */
static const uint32_t harmless[] = { SYS_write, SYS_read, SYS_close };

/*
 * One call, through the gate and not: the pointer of the instruction is all in which they differ, so different errors
 * show a filter that looks at it. A container's filter that gives the marker gives it to both.
 */
static bool shows_gate(uint32_t nr, long value)
{
        const struct sc_question q = { plan_abi(PROBE_X86_64), nr, { UINT64_MAX, 0, 0, 0, 0, 0 } };

        return enter_inside(&q) == value && enter_outside(&q) == -EBADF;
}

bool gate_shows(long value)
{
        for (size_t i = 0; i < SC_COUNT(harmless); i++)
                if (shows_gate(harmless[i], value))
                        return true;
        return false;
}

#define LET_THROUGH (SC_MAY_ALLOW | SC_MAY_LOG | SC_MAY_TRACE | SC_MAY_NOTIFY)
static const struct marker outer = { -(long)SC_GATE_ERRNO, LET_THROUGH };
static const struct marker listened = { PROBE_OWN_VALUE, LET_THROUGH };
static const struct marker silent = { -ENOSYS, LET_THROUGH | SC_MAY_ERRNO };

/* A worker that asks nothing shows if the gate can be put on. */
static bool try_own(enum own_gate kind, const struct marker *marker, struct way *way, int *ret_refusal)
{
        struct run run = { .way = { .marker = *marker, .own = kind } };

        if (worker_run(&run) != WORKER_DONE) {
                *ret_refusal = worker_refusal(&run);
                return false;
        }
        *way = run.way;
        return true;
}

/* Without children there is nobody who could listen or trace; the gate is put on once. */
static bool put_alone(struct way *way)
{
        if (own_put(OWN_SILENT) < 0 || !gate_shows(silent.value))
                return false;
        *way = (struct way){ .marker = silent, .alone = true };
        return true;
}

static void say_silent(const char *why)
{
        say_note("errno %ld cannot be told from what is let through: %s", -silent.value, why);
}

/* Why nobody listens: seccomp(2) has the errors. */
static const char *refusal_text(int refusal)
{
        switch (refusal) {
        case 0:
                return "no listener answers here";
        case EBUSY:
                return "the filters here have a listener of their own";
        case EMFILE:
        case ENFILE:
                return "no descriptor can be opened for a listener";
        default:
                return "a listener is refused here";
        }
}

static bool find_own(struct way *way)
{
        int refusal, last;

        if (way->alone && put_alone(way)) {
                say_silent("there is no child that could be listened to");
                return true;
        }
        if (way->alone)
                return false;
        if (try_own(OWN_LISTENER, &listened, way, &refusal))
                return true;
        if (!try_own(OWN_SILENT, &silent, way, &last))
                return false;
        say_silent(refusal_text(refusal));
        return true;
}

int gate_find(bool alone, struct way *ret_way)
{
        struct way way = { .marker = outer };
        bool gated;

        if (!enter_is_placed())
                return say_error(PROBE_CANNOT, "this program was linked without its gate");
        gated = gate_shows(outer.value);
        way.alone = alone || !worker_can_fork();
        if (!gated && !find_own(&way))
                return say_error(PROBE_CANNOT,
                                 "there is no gate here, and none can be put on, so calls would be executed: nothing "
                                 "was asked. Start the container's runtime with 'seccompose probe -- RUNTIME …', or by "
                                 "seccompose-runtime with --gate probe");
        *ret_way = way;
        return 0;
}

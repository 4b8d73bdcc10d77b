/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the kernel what the filters of this process do with every call, and executes none of them (docs/probe.md). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "seccompose-probe/probe.h"

#define MESSAGE_SIZE 1024

/* In one write(), without stdio, which asks about the file first. */
static void say(const char *kind, const char *format, va_list args) SC_PRINTF(2, 0);
static void say(const char *kind, const char *format, va_list args)
{
        char text[MESSAGE_SIZE];
        size_t len;
        int n = snprintf(text, sizeof(text), "seccompose-probe: %s: ", kind);

        vsnprintf(text + n, sizeof(text) - (size_t)n - 1, format, args);
        len = strlen(text);
        text[len] = '\n';
        put(STDERR_FILENO, text, len + 1);
}

int say_error(int code, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        say("error", format, args);
        va_end(args);
        return code;
}

void say_note(const char *format, ...)
{
        va_list args;

        va_start(args, format);
        say("note", format, args);
        va_end(args);
}

static int fail(enum worker_end end)
{
        static const char *const texts[] = {
                [WORKER_NO_MEMORY] = "there is no memory that can be shared with children; try --alone",
                [WORKER_NO_CHILD] = "no child can be made any more; try --alone",
                [WORKER_NO_WAIT] = "children cannot be waited for; try --alone",
                [WORKER_UNHEARD] = "the gate's own listener could not answer any more, so answers would be false",
                [WORKER_NO_GATE] = "the gate could not be put on once more",
                [WORKER_KILLED] = "children are killed before they can ask",
                [WORKER_ODD] = "a child ended before its work was done",
                [WORKER_BROKEN] = "the kernel executed a call, so the gate does not hold; stopped",
        };

        return say_error(PROBE_CANNOT, "%s", texts[end]);
}

/* A gate of its own can tell more. Where that cannot be done, the answers stay as they are. */
static enum worker_end refine(struct run *run)
{
        enum worker_end end = run->way.own == OWN_LISTENER ? worker_refine(run) : WORKER_DONE;

        if (end != WORKER_DONE && end != WORKER_BROKEN) {
                say_note("no process can be traced here: notify is not told from allow, log and trace");
                return WORKER_DONE;
        }
        return end;
}

static int probe(const struct plan *plan)
{
        struct run run = { .plan = plan };
        int code = gate_find(plan->alone, &run.way);
        enum worker_end end;

        if (code)
                return code;
        if (run.way.alone && !plan->alone)
                say_note("no child can be made here: the first question that kills ends this process");
        end = worker_run(&run);
        for (enum probe_abi i = 0; i < PROBE_ABIS; i++)
                if (end == WORKER_DONE && worker_found_absent(&run, i))
                        say_note("%s is left out: it has no entry to this kernel, or one that is not held back",
                                 plan_abi(i)->name);
        if (end == WORKER_DONE)
                end = refine(&run);
        if (end != WORKER_DONE)
                return fail(end);
        return print_all(&run) ? PROBE_DONE : say_error(PROBE_CANNOT, "standard output does not take it");
}

int main(int argc, char **argv)
{
        static struct plan plan;
        int code = plan_read(&plan, argc, argv);

        if (code == 0)
                code = probe(&plan);
        free(plan.list);
        return code < 0 ? PROBE_DONE : code;
}

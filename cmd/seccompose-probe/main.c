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

static int probe(const struct plan *plan)
{
        struct run run = { .plan = plan };
        int code = gate_find(&run.way);

        if (code)
                return code;
        run.way.alone = plan->alone || !worker_can_fork();
        if (run.way.alone && !plan->alone)
                say_note("no child can be made here: the first question that kills ends this process");
        code = worker_run(&run);
        if (code)
                return code;
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

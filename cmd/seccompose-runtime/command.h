/* SPDX-License-Identifier: Apache-2.0 */
/* The real runtime's command line: which command it is, and for create and run, whose bundle. */
#pragma once

#include <stdbool.h>

#include "common/session.h"

struct command {
        bool starts;            /* it makes a container: create or run, or perhaps one of them */
        const char *problem;    /* NULL, or why it cannot be told what it makes; then do not let it */
        const char *bundle;     /* of create and run; "." if none is given */
        const char *id;         /* NULL if there is none */
        const char *log;        /* --log, NULL if not given */
        const char *log_format; /* --log-format, NULL if not given */
};

/*
 * Reads the arguments behind the program's name as runc and crun both read them: options before the command, then the
 * command, then its options and the container's id in any order. What the two would read differently is a problem, and
 * so is what neither has, if a container could be made by it. Facts: `runc create --help`, runc's create.go and run.go,
 * Go's flag package, reorderArgs() of urfave/cli, crun's crun.c, run.c, create.c and run_create.c.
 */
void command_read(struct session *s, int argc, char *const *argv, struct command *ret_command);

/* True if runc or crun has an option of that name (`len` bytes, without dashes) before the command. */
bool command_is_global(const char *name, size_t len);

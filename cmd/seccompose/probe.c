/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose probe: a container's runtime, or any program, behind the probe's gate. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/gate.h"
#include "common/launch.h"
#include "seccompose/options.h"

int verb_probe(struct session *s, const struct options *options)
{
        char **args = sc_arena_array(s->arena, options->n_args + 1, sizeof(*args));
        int r = args ? gate_install() : -ENOMEM;

        if (r < 0) {
                complain(s, "the gate cannot be put on: %s", strerror(-r));
                return EXIT_OWN;
        }
        for (size_t i = 0; i < options->n_args; i++) {
                args[i] = sc_arena_strdup(s->arena, options->args[i]);
                if (!args[i]) {
                        complain(s, "out of memory");
                        return EXIT_OWN;
                }
        }
        execvp(args[0], args);
        r = sc_errno();
        complain(s, "cannot execute %s: %s", args[0], strerror(-r));
        return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTED;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a call gives a program, and what it risks to let it have it: sentences for people. */
#pragma once

struct sc_note {
        const char *gives; /* "makes sockets …": goes on from the call's name */
        const char *risks; /* sentences, each with its full stop */
};

/* The call's own note, or that of its group: every call has one. Source: data/notes.tsv. */
const struct sc_note *sc_syscall_note(int call);

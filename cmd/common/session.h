/* SPDX-License-Identifier: Apache-2.0 */
/* What one run of a command needs: memory, diagnostics, and how they reach the person. */
#pragma once

#include "base/arena.h"
#include "base/diag.h"
#include "syscall/syscall.h"

/* Exit codes, the same for every command. */
enum exit_code {
        EXIT_YES = 0,    /* done, or yes */
        EXIT_NO = 1,     /* no, or findings */
        EXIT_INPUT = 2,  /* bad usage, or unreadable or bad input */
        EXIT_SYSTEM = 3, /* the system failed us */
};

struct session {
        const char *program; /* for messages: "seccompose build" */
        struct sc_arena *arena;
        struct sc_diags *diags;
        bool collects; /* complaints become diagnostics (bad-option), for those who say them elsewhere too */
};

/*
 * What is opened must not become stdin, stdout or stderr: those that were closed are filled, so that who reads or
 * writes them fails, and finds no file that is empty or takes everything. The fillers end with the program or at
 * execve().
 * Returns false, with errno, if they cannot be filled. To be called before anything is opened.
 */
bool session_fill_standard(void);

/* Starts a session; ends the program with EXIT_SYSTEM if there is no memory for it. */
struct session session_begin(const char *program);
void session_end(struct session *s);

/* Prints "PROGRAM: error: …" on stderr, or collects it. Returns EXIT_INPUT. */
int complain(const struct session *s, const char *format, ...) SC_PRINTF(2, 3);

/*
 * Prints the diagnostics of the session on stderr, each once. Returns the exit code for result `r` of a function of the
 * library: EXIT_INPUT if a person was wrong (-EBADMSG, or a file that cannot be read), EXIT_SYSTEM otherwise, with a
 * message that names `what` was being done; EXIT_YES for 0 and above.
 */
int report(const struct session *s, int r, const char *what);

/* True for errors of opening and reading that are the fault of who named the file. */
bool is_input_error(int r);

/* The version of this machine's kernel, as uname(2) tells it. Returns 0, or an exit code after a complaint. */
int running_kernel(const struct session *s, sc_kernel *ret_kernel);

/* True if stdout took everything; else says so on stderr. */
bool output_done(const struct session *s);

/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of names on the command line, with the nearest name as a hint where one is wrong. */
#pragma once

#include "base/typo.h"
#include "common/session.h"
#include "syscall/scmptable.h"

/*
 * Calls `take` for each part of a list with commas, until one returns an exit code other than 0; an empty part is a
 * complaint. Returns that code.
 */
int names_each(struct session *s, const char *list, int (*take)(void *context, const char *name, size_t len),
               void *context);

/* Complains that there is no such `what`, with the nearest name or where all are told. Returns EXIT_INPUT. */
int names_unknown(struct session *s, const char *what, const char *name, size_t len, const struct sc_typo *typo);

/* System calls, added to those in *calls (in the arena). Returns an exit code. */
int names_calls(struct session *s, const char *list, unsigned short **calls, size_t *n);

/* libseccomp's tables. Returns an exit code. */
int names_scmptable(struct session *s, const char *name, const struct sc_scmptable **ret_table);

/* SPDX-License-Identifier: Apache-2.0 */
/* Which call names each known libseccomp can resolve. Source: data/libseccomp.tsv. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "syscall/abi.h"

/* A table of names that some libseccomp carries: a release ("2.5.4") or a distribution's ("debian12"). */
struct sc_scmptable;

size_t sc_scmptable_count(void);
const struct sc_scmptable *sc_scmptable_at(size_t index);
const char *sc_scmptable_name(const struct sc_scmptable *table);

/* By name; NULL if it is not known. */
const struct sc_scmptable *sc_scmptable_find(const char *name, size_t len);

/* True if the table has the call's name (on whatever ABI). */
bool sc_scmptable_knows(const struct sc_scmptable *table, int call);

/* True if that libseccomp can make filters for the ABI. */
bool sc_scmptable_has_abi(const struct sc_scmptable *table, const struct sc_abi *abi);

/* False for a call that it names, and that the ABI has, where it has no number for it: a rule does nothing there. */
bool sc_scmptable_has_number(const struct sc_scmptable *table, int call, const struct sc_abi *abi);

/* The one that has most names: for reading profiles whose every name shall count. */
const struct sc_scmptable *sc_scmptable_newest(void);

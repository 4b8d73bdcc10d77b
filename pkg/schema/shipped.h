/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas of schema/, in the library: of what seccompose reads and of what it writes. */
#pragma once

#include "schema/schema.h"

/* The schema NAME.schema.json by its name: "oci", "docker", "config", "state", "policy" …; NULL if there is none. */
const struct sc_source *sc_schema_shipped(const char *name);

/*
 * The same, compiled. Returns 0; -ENOENT if there is none of that name; -ENOMEM; -EBADMSG with diagnostics, which would
 * be a mistake of ours.
 */
int sc_schema_shipped_compile(struct sc_arena *arena, const char *name, struct sc_diags *diags,
                              struct sc_schema **ret_schema);

/*
 * Whether a text of JSON is as a shipped schema says, for those who write one: `len` bytes, called `what` in messages.
 * Returns 0; -EBADMSG with diagnostics (those of sc_json_parse() and sc_schema_validate()), which point into `arena`;
 * and as sc_schema_shipped_compile().
 */
int sc_schema_shipped_holds(struct sc_arena *arena, const char *name, const char *what, const char *text, size_t len,
                            struct sc_diags *diags);

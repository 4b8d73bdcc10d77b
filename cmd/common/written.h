/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands write for others to read is held against its schema before it is written. */
#pragma once

#include "common/session.h"

/*
 * Holds a text that was made against the schema of that name ("oci", "docker"). Returns 0; -EBADMSG with diagnostics,
 * of which the last (written-form) says that this is a mistake of ours; -ENOMEM.
 */
int written_check(struct session *s, const char *schema, const char *text, size_t len);

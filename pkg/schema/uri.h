/* SPDX-License-Identifier: Apache-2.0 */
/* URIs: resolving a reference (RFC 3986, section 5.2), and pointers in fragments (RFC 6901, section 6). */
#pragma once

#include "base/arena.h"

/*
 * Resolves `ref` with `base`, neither with a NUL inside. The result has no fragment; *ret_fragment is what stands
 * behind the '#' of `ref`, "" if nothing does. A base that is no absolute URI is taken as it is. Returns 0; -ENOMEM.
 */
int sc_uri_resolve(struct sc_arena *arena, const char *base, const char *ref, const char **ret_uri,
                   const char **ret_fragment);

/* With all %XX replaced; an escape that is none stays. NULL when out of memory. */
char *sc_uri_unescape(struct sc_arena *arena, const char *text);

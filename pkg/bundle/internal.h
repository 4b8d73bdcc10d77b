/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share: members that all readers find alike. */
#pragma once

#include "bundle/bundle.h"

/*
 * The member of an object that every reader takes for `name`; NULL if there is none, or `object` is NULL or no object.
 * Returns 0; -EBADMSG with a diagnostic (bundle-duplicate-key, bundle-key-case).
 */
int bundle_member(const struct sc_json *object, const char *name, struct sc_diags *diags,
                  const struct sc_json **ret_member);

/* Findings about a key that is there twice, first at `first`, or that is written in another case than `name`. */
struct sc_diag *bundle_report_twice(const struct sc_json *first, const struct sc_json *second, const char *name,
                                    struct sc_diags *diags);
struct sc_diag *bundle_report_case(const struct sc_json *member, const char *name, struct sc_diags *diags);

/* Returns 0 if the value has the type; else -EBADMSG, with the diagnostic bundle-type, in which it is called `what`. */
int bundle_want(const struct sc_json *value, enum sc_json_type type, const char *what, struct sc_diags *diags);

/* True if the value is a string without control characters (U+0000 to U+001f, U+007f to U+009f). */
bool bundle_is_clean(const struct sc_json *string);

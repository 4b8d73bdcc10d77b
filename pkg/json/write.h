/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON: objects in the order in which their members were added, every number exact. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* Frees a tree; for SC_CLEANUP. Takes NULL. */
void sc_json_write_freep(cJSON **node);

/*
 * Adds a member to an object. All return 0, or -ENOMEM, when nothing was added. `name` is copied. A number goes out as
 * raw text: cJSON's own numbers are doubles and lose bits above 2^53.
 */
int sc_json_add_string(cJSON *object, const char *name, const char *value);
int sc_json_add_u64(cJSON *object, const char *name, uint64_t value);
int sc_json_add_strings(cJSON *object, const char *name, const char *const *values, size_t count);

/* Adds an empty object or array, as a member of an object or (`name` NULL) at the end of an array. */
int sc_json_add_object(cJSON *parent, const char *name, cJSON **ret_object);
int sc_json_add_array(cJSON *parent, const char *name, cJSON **ret_array);

/* Adds a string at the end of an array. */
int sc_json_append_string(cJSON *array, const char *value);

/*
 * The tree as text, indented by tabs, arrays of plain values on one line, with a line feed at the end: heap memory, the
 * same bytes for the same tree. Returns 0 or -ENOMEM.
 */
int sc_json_print(const cJSON *node, char **ret_text);

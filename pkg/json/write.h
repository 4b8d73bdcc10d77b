/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON: members in the order in which they are written, every number exact. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A document being written. A failure is remembered, so callers check once, at the end. */
struct sc_json_writer;

enum sc_json_style {
        SC_JSON_INDENTED, /* a line for each value, indented by tabs, a line feed at the end: for people and diffs */
        SC_JSON_COMPACT,  /* no white space at all: for what stands inside another document */
};

/* NULL when out of memory; every function below takes that too. */
struct sc_json_writer *sc_json_writer_new(enum sc_json_style style);
void sc_json_writer_free(struct sc_json_writer *w);
void sc_json_writer_freep(struct sc_json_writer **w);

/* Opens and closes an object or array. Inside an object each value stands behind its sc_json_write_key(). */
void sc_json_write_object(struct sc_json_writer *w);
void sc_json_write_object_end(struct sc_json_writer *w);
void sc_json_write_array(struct sc_json_writer *w);
void sc_json_write_array_end(struct sc_json_writer *w);

void sc_json_write_key(struct sc_json_writer *w, const char *key);

/* NULL stands for a text that there was no memory for: sc_json_writer_finish() says so. */
void sc_json_write_string(struct sc_json_writer *w, const char *value);

void sc_json_write_u64(struct sc_json_writer *w, uint64_t value);

/* A key and its value. `lossy` takes any bytes: each that is not part of well-formed UTF-8 becomes U+FFFD. */
void sc_json_write_member(struct sc_json_writer *w, const char *key, const char *value);
void sc_json_write_member_lossy(struct sc_json_writer *w, const char *key, const char *value);
void sc_json_write_member_u64(struct sc_json_writer *w, const char *key, uint64_t value);

/*
 * Ends the document: its text, heap memory with a NUL behind it. Same calls, same bytes. Returns 0; -ENOMEM;
 * -EINVAL if what was written is no whole document or a string was not UTF-8: a mistake of the caller.
 */
int sc_json_writer_finish(struct sc_json_writer *w, char **ret_text, size_t *ret_len);

/* A copy on the heap that is UTF-8: each byte of `text` that is not part of it becomes U+FFFD. NULL: no memory. */
char *sc_json_utf8_copy(const char *text, size_t len);

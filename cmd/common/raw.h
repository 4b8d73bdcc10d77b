/* SPDX-License-Identifier: Apache-2.0 */
/* Filters that are no profile: programs in files, and those that a running process has. */
#pragma once

#include "common/input.h"

/* True if a file's bytes are a program that the kernel would take; no text is one. */
bool raw_is_program(const struct sc_source *source);

/* True for `pid:N`. */
bool raw_is_process(const char *name);

/*
 * Fills `in` from its name, for a file also from its source: kind and programs, in the session's arena. Returns 0; an
 * error for report(), with a diagnostic where a person was wrong: not-a-program; bad-pid and those of process_read().
 */
int raw_read_file(struct session *s, struct input *in);
int raw_read_process(struct session *s, struct input *in);

/* The bounding capabilities of `pid:N`. Errors as of process_caps(), and bad-pid. */
int raw_read_caps(struct session *s, const char *name, sc_caps *ret_caps);

/*
 * The program in a config.json's annotation that crun takes instead of linux.seccomp, `value`: base64 of the bytes that
 * a file would have. Returns 0, or -EBADMSG with the diagnostic raw-bpf, -ENOMEM.
 */
int raw_read_annotation(struct session *s, const struct sc_json *value, struct sc_bpf_program *ret_program);

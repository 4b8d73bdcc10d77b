/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs that make something have in common: for whom, and where it goes. */
#pragma once

#include "base/strbuf.h"
#include "json/write.h"
#include "seccompose/options.h"

/* The target that --for names; NULL after a complaint. */
const struct sc_emit_format *output_format(struct session *s, const struct options *options);

/* Writes a text to standard output, or in one step to the file of -o. Returns an exit code, after a complaint. */
int output_write(struct session *s, const struct options *options, const char *text, size_t len);

/* The same for a profile of that format, if it is as its schema says: else nothing is written. */
int output_profile(struct session *s, const struct options *options, const struct sc_emit_format *format,
                   const char *text, size_t len);

/* Writes the members "kernel" and "capabilities", as a report names the environment that it holds in. */
void output_environment(struct sc_json_writer *w, sc_kernel kernel, sc_caps caps);

/* Prints what a writer has, or a text, which is freed. Return 0, or -ENOMEM if it is not whole. */
int output_json(struct sc_json_writer *w);
int output_text(struct sc_strbuf *text);

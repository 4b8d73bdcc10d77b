/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of lines share. */
#pragma once

#include "record/line.h"

/* Bytes from `p` up to `end`. */
struct record_text {
        const char *p;
        const char *end;
};

/* Where `word` stands in the text, or NULL. */
const char *record_find(struct record_text text, const char *word);

/* Reads all of a text as a number: decimal, 0x hexadecimal, 0 octal, with a minus or without. */
bool record_number(struct record_text text, uint64_t *ret_value);

/* Enters a call by its number. False if the ABI's architecture does not own it. */
void record_call(struct sc_record *record, const struct sc_abi *abi, uint32_t nr);

/* True if the line has what audit records have, which may stand in a string of strace's; if a call stands in front. */
bool record_is_audit(struct record_text line);
bool record_is_strace(struct record_text line);

/* The readers of both forms. */
int record_audit(struct record_text line, struct sc_record *record, const char **ret_why);
int record_strace(struct record_text line, const struct sc_abi *abi, struct sc_record *record, const char **ret_why);

/* SPDX-License-Identifier: Apache-2.0 */
/* Questions as text: 'ABI CALL [ARGUMENT…]', as `seccompose eval` reads them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syscall/abi.h"

struct sc_question {
        const struct sc_abi *abi;
        uint32_t nr; /* as the filter sees it: x32's with bit 30 */
        uint64_t args[6];
};

/* Decimal or hexadecimal, up to 64 bits; a leading minus is two's complement. */
bool sc_question_number(const char *text, size_t len, uint64_t max, uint64_t *ret_value);

/* Numbers with commas between them, six at most; those that are missing are 0. */
bool sc_question_arguments(const char *text, size_t len, uint64_t ret_args[6]);

/*
 * Reads a line of `len` bytes without its line feed. CALL is a name, or '#' and a number as the filter sees it.
 * Returns 1; 0 for a line of white space; -EINVAL with a constant text that says what is wrong.
 */
int sc_question_read(const char *line, size_t len, struct sc_question *ret_question, const char **ret_why);

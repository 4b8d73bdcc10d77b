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

/* What can be wrong with a line. */
enum sc_question_fault {
        SC_QUESTION_ABI,       /* no ABI is named so */
        SC_QUESTION_NO_CALL,   /* the line ends behind the ABI */
        SC_QUESTION_CALL,      /* no call is named so */
        SC_QUESTION_ABSENT,    /* the ABI does not have the call of that name */
        SC_QUESTION_NUMBER,    /* no number of 32 bits behind '#' */
        SC_QUESTION_ARGUMENT,  /* no number of 64 bits */
        SC_QUESTION_ARGUMENTS, /* a seventh argument */
};

/* Where: in which word. With SC_QUESTION_NO_CALL it is empty. */
struct sc_question_problem {
        enum sc_question_fault fault;
        const struct sc_abi *abi; /* NULL: SC_QUESTION_ABI */
        const char *word;
        size_t len;
};

/*
 * Reads a line of `len` bytes without its line feed. CALL is a name, or '#' and a number as the filter sees it.
 * Returns 1; 0 for a line of white space; -EINVAL: the problem says why.
 */
int sc_question_read(const char *line, size_t len, struct sc_question *ret_question,
                     struct sc_question_problem *ret_problem);

/* The fault in words, for those who do not show the line. */
const char *sc_question_fault_text(enum sc_question_fault fault);

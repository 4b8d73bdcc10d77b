/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the describer share: pieces of text, and what is known of one register. */
#pragma once

#include "base/arena.h"
#include "policy/describe.h"

/* How a piece of text is held together at its outermost. */
enum describe_level {
        DESCRIBE_ATOM,
        DESCRIBE_AND,
        DESCRIBE_OR,
};

struct describe_piece {
        const char *text;
        size_t parts;
        enum describe_level level;
};

/* The constants that one parameter may hold. */
struct describe_constants {
        const char *family;
        const char *param;
        struct describe_constant {
                int64_t value;
                const char *name;
        } *items;
        size_t n;
        bool flags;   /* most are single bits: their order means little */
        bool numbers; /* in the low byte most are not: a bit there has no name (AF_INET6 is 10) */
        const struct describe_constants *next;
};

struct describer {
        struct sc_decisions *d;
        struct sc_arena *arena;
        const struct sc_abi *abi;
        int call;
        enum sc_describe_style style;
        size_t max;
        int error; /* -ENOMEM, or an error of `d`; too large is no error */
        sc_node yes, no;
        struct describe_memo *memo;
        size_t n_memo;
        const struct describe_constants *constants; /* that were looked at */
};

/* A register of the call, as the text names it. */
struct describe_operand {
        enum sc_word word;
        const char *text;   /* "family", "arg3", "arg0:64" */
        const struct describe_constants *constants; /* NULL: none are known */
        unsigned bits; /* of the text's meaning */
};

/*
 * All below return a piece in the arena, or NULL if it is too large, or for an error, which is in `error`.
 * describe_join() takes NULL among the pieces, and is NULL then.
 */
const struct describe_piece *describe_atom(struct describer *b, size_t parts, const char *format, ...) SC_PRINTF(3, 4);
const struct describe_piece *describe_join(struct describer *b, enum describe_level level,
                                           const struct describe_piece *const *pieces, size_t n);
const struct describe_piece *describe_shorter(const struct describe_piece *a, const struct describe_piece *b);

/* A condition over one register that is neither always nor never true. */
const struct describe_piece *describe_register(struct describer *b, sc_node cond, enum sc_word word);

/* The constants of a parameter of the call, in the arena; NULL if none are known, or for an error. */
const struct describe_constants *describe_constants(struct describer *b, size_t param);

/* Appends a value of the operand; counts the parts. */
void describe_value(const struct describe_operand *operand, uint64_t value, size_t *parts,
                    struct sc_strbuf *out);

/* Appends bits as flags of the operand, in parentheses if they are several: "(CLONE_NEWNS | CLONE_NEWUSER)". */
void describe_flags(const struct describe_operand *operand, uint64_t flags, size_t *parts,
                    struct sc_strbuf *out);

/* Appends what a register has under a mask: flags, or a number, whose name it has if the mask leaves all of those. */
void describe_masked(const struct describe_operand *operand, uint64_t mask, uint64_t value, size_t *parts,
                     struct sc_strbuf *out);

/* A text in the arena from a buffer, which is emptied; NULL, with the error, when out of memory. */
const char *describe_keep(struct describer *b, struct sc_strbuf *buf);

/* SPDX-License-Identifier: Apache-2.0 */
/* The words of conditions, and what the files that read them share. */
#pragma once

#include "policy/internal.h"

enum token_kind {
        TOKEN_END,
        TOKEN_NAME,
        TOKEN_NUMBER,
        TOKEN_AND,
        TOKEN_OR,
        TOKEN_NOT,
        TOKEN_OPEN,
        TOKEN_CLOSE,
        TOKEN_BRACE_OPEN,
        TOKEN_BRACE_CLOSE,
        TOKEN_COMMA,
        TOKEN_COMPARE,
        TOKEN_RANGE,
        TOKEN_MASK,
        TOKEN_UNITE,
        TOKEN_INVERT,
        TOKEN_MINUS,
        TOKEN_COLON,
        TOKEN_OTHER, /* no word of the language */
};

struct token {
        enum token_kind kind;
        enum sc_compare compare;
        size_t start; /* offsets in the decoded text */
        size_t end;
};

struct parser {
        struct policy_loader *l;
        const struct sc_json *string;
        const struct sc_rule_call *calls; /* those of the rule; NULL if they could not be read */
        size_t n_calls;
        struct token token; /* the next one */
        size_t last_end;    /* the end of the one before */
        const char *expected; /* what an operand would be here, for messages */
        unsigned nodes;
        unsigned depth;
};

/* Goes on to the next word. */
void lex_advance(struct parser *p);

/* The word after the next one. */
struct token lex_peek(const struct parser *p);

/* A word's text, not NUL-terminated. */
const char *lex_text(const struct parser *p, struct token token, int *ret_len);

/* True if the word is exactly `word`. */
bool lex_is(const struct parser *p, struct token token, const char *word);

/* True if the next word is the name `word`. */
bool lex_at(const struct parser *p, const char *word);

/* True if the word belongs to another language's conditions: "and", "not", "=". */
bool lex_is_slip(const struct parser *p, struct token token);

struct sc_place lex_place(const struct parser *p, struct token token);

/* From `start` to the word read last. */
struct sc_place lex_place_from(const struct parser *p, size_t start);

/* Reports that the next word is not what the grammar wants; -EBADMSG. */
int lex_syntax(struct parser *p, const char *expected);

/* Takes the next word if it is of the kind; else reports it. */
int lex_expect(struct parser *p, enum token_kind kind, const char *expected);

/* Counts one part of the condition, that begins at `start`; -EBADMSG after a diagnostic if there are too many. */
int lex_count(struct parser *p, struct token start);

/* A new part of the condition. */
int lex_new_cond(struct parser *p, enum sc_cond_kind kind, struct token start, struct sc_cond **ret_cond);

/* What an operand of the grammar turned out to be. */
enum operand_kind {
        OPERAND_COND,
        OPERAND_ARGUMENT,
        OPERAND_VALUE,
};

struct operand {
        enum operand_kind kind;
        struct sc_place place;
        struct token start; /* its first word */
        const struct sc_cond *cond;
        struct sc_argument argument;
        const struct sc_value *value;
};

/* Reads an atom of the environment, where one begins: *ret_cond is NULL, and nothing was read, where none does. */
int environment_parse(struct parser *p, const struct sc_cond **ret_cond);

/* Reads the name of a capability. */
int environment_parse_cap(struct parser *p, const struct sc_cond **ret_cond);

/* Reads an argument, masked or not, a value, a capability, or what stands in parentheses. */
int operand_parse(struct parser *p, const char *expected, struct operand *ret_operand);

/* Reads whatever may stand in parentheses: a whole condition, or part of a comparison. */
int condition_parse_any(struct parser *p, struct operand *ret_operand);

/* Counts one level of nesting at the next word; -EBADMSG after a diagnostic if it is too deep. */
int condition_enter(struct parser *p);

/* True if some call of the rule has a parameter with the name of the next word. */
bool parameter_is_known(const struct parser *p);

/* Checks that all calls of the rule have the parameter that the next word names; -EBADMSG after a diagnostic. */
int parameter_check(struct parser *p);

/* Reports that the next word names nothing that a condition may ask about; -EBADMSG. */
int parameter_report_unknown(struct parser *p);

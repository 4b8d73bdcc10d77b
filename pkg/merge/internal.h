/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share: a merge under way. */
#pragma once

#include "merge/merge.h"

/* The answer, no action of the kernel's, of a part that has not got the ABI. */
#define MERGE_NO_SAY UINT32_C(0x00020000)

/* A condition and what is answered where it holds; the first of several decides. */
struct merge_line {
        const struct sc_cond *cond; /* NULL: always */
        sc_action action;
};

struct merge_lines {
        struct merge_line *items;
        size_t n;
};

struct merge {
        struct sc_arena *arena;
        struct sc_decisions *d;
        struct sc_diags *diags;
        const struct sc_merge_request *request;
        struct sc_policy policy;   /* what is being made */
        uint32_t abis;             /* its ABIs: bit n is the ABI with index n */
        sc_node *wanted;           /* by call and ABI: see merge_wanted() */
        struct merge_lines *lines; /* by call */
};

/* What the merged policy shall answer to a call on its i-th ABI; for relevant ones only. */
sc_node merge_wanted(const struct merge *m, int call, size_t i);

/* What a part answers to a call that is relevant there: over SC_WORD_KERNEL, SC_WORD_CAPS and arguments. */
sc_node merge_part_answer(struct merge *m, const struct sc_merge_part *part, const struct sc_abi *abi, int call);

/* What stands for an action that the language does not have: notify is ENOSYS where nobody listens. */
sc_action merge_speak(sc_action action);

/* True if the call can be made on the policy's i-th ABI. */
bool merge_is_relevant(const struct merge *m, int call, size_t i);

/* The operation on two answers; of one and none, that one. */
sc_action merge_operate(bool unite, sc_action first, sc_action last);

/* Finds the lines of a call: merge->lines[call]. Returns 0, or -EBADMSG after the diagnostic `unsayable`; -ENOMEM. */
int merge_find_lines(struct merge *m, int call);

/* Finds the lines of a call from its decisions, without a thought for `end`: they answer everywhere. */
int merge_find_whole(struct merge *m, int call);

/*
 * Conditions, in the arena: an empty one; two that are joined by SC_COND_AND or SC_COND_OR, or the other where one is
 * NULL; and "arch" for some ABIs. Return 0 or -ENOMEM.
 */
int merge_new_cond(struct merge *m, enum sc_cond_kind kind, struct sc_cond **ret_cond);
int merge_join(struct merge *m, enum sc_cond_kind kind, const struct sc_cond *left, const struct sc_cond *right,
               const struct sc_cond **ret);
int merge_arch(struct merge *m, uint32_t abis, const struct sc_cond **ret);

/* Adds a line. Returns 0; -ENOMEM; -E2BIG. */
int merge_add_line(struct merge *m, struct merge_lines *lines, const struct sc_cond *cond, sc_action action);

/*
 * Adds lines that answer `action` for a call exactly where `region` (0 or 1, not always 0) does, on each of the ABIs in
 * the bits of `places` (of policy.abis), each behind the condition `arch`. Returns 0; -E2BIG if it would take too many;
 * -ENOMEM.
 */
int merge_region(struct merge *m, int call, uint32_t places, sc_node region, const struct sc_cond *arch,
                 sc_action action, struct merge_lines *lines);

/* Makes rules of the lines of all calls. */
int merge_make_rules(struct merge *m);

/* Appends the policy as text. */
int merge_write(const struct merge *m, struct sc_strbuf *text);

/* Loads the text and compares. */
int merge_prove(struct merge *m, const struct sc_strbuf *text, const struct sc_policy **ret_policy);

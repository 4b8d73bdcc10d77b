/* SPDX-License-Identifier: Apache-2.0 */
/* What changes from one decision to another: call by call on each ABI, then grouped by what the change is. */
#pragma once

#include "base/arena.h"
#include "compare/compare.h"
#include "policy/describe.h"

enum sc_change_kind {
        SC_CHANGE_ALLOWED,   /* it was denied for all arguments, now it is let through */
        SC_CHANGE_DENIED,    /* the other way round */
        SC_CHANGE_CONDITION, /* it depends on arguments, before or now */
        SC_CHANGE_ACTION,    /* it is denied, or let through, as before, in another way: another errno, log for allow */
        SC_CHANGE_KINDS,
};

/* A call, or a range of numbers without one, that the decisions answer differently on an ABI. */
struct sc_change {
        int call; /* -1: `first` to `last` are numbers that no call has */
        uint32_t first, last;
        /* Both answers, over arguments, as processes see them; of upper halves only where they show. */
        sc_node a, b;
};

/* What differs on one ABI: calls in the order of their names, then ranges, ascending. */
struct sc_changes {
        const struct sc_change *items;
        size_t n;
        uint64_t idle; /* numbers that no call has, and that are answered alike */
};

/* Finds the differences of two decisions on an ABI. Returns 0; -ENOMEM; -E2BIG; errors of `d`. */
int sc_compare_changes(struct sc_arena *arena, struct sc_decisions *d, sc_node a, sc_node b, const struct sc_abi *abi,
                       struct sc_changes *ret_changes);

enum sc_change_kind sc_change_kind(struct sc_decisions *d, const struct sc_change *change);

/* How the arguments for which a call is let through change. */
enum sc_direction {
        SC_DIRECTION_NONE,
        SC_DIRECTION_WIDER = 1,
        SC_DIRECTION_NARROWER = 2,
        SC_DIRECTION_BOTH = 3,
};
enum sc_direction sc_change_direction(struct sc_decisions *d, const struct sc_change *change);

#define SC_COMPARE_ANSWERS_MAX 8 /* different answers to one call, by its arguments */

/* What is answered under a condition. */
struct sc_compare_answer {
        sc_action action;
        const char *when;   /* for people; NULL: in all other cases, or if `too_large` */
        const char *policy; /* the same in the language of policies */
        bool too_large;     /* there is a condition, which takes too much room */
};

/* All that is answered to a call: each case, the last of which may be that of all other arguments. */
struct sc_compare_answers {
        struct sc_compare_answer items[SC_COMPARE_ANSWERS_MAX];
        size_t n;
        bool more;        /* there are more different answers */
        const char *text; /* "allow if family == AF_UNIX, else errno:EPERM" */
};

/* Describes a function over the arguments of a call. Returns 0; -ENOMEM; errors of `d`. */
int sc_compare_answers(struct sc_arena *arena, struct sc_decisions *d, sc_node node, const struct sc_abi *abi, int call,
                       struct sc_compare_answers *ret_answers);

#define SC_COMPARE_PLACES_MAX 32

/* Where two decisions are compared. */
struct sc_compare_place {
        const struct sc_abi *abi;
        sc_node a, b;
};

struct sc_number_range {
        uint32_t first, last;
};

/* Calls, or numbers, with the same change on the same ABIs. */
struct sc_change_group {
        enum sc_change_kind kind;
        enum sc_direction direction;
        uint32_t places; /* bit n: on places[n], where they have the calls */
        uint32_t whole;  /* … where the conditions are on whole registers; elsewhere on what the kernel reads of them */
        uint32_t but;    /* the other places that have the calls, if those tell it shorter than `places`; else none */
        bool partly;      /* there are such others, where they change not so */
        bool all_numbers; /* all that no call has on each place; `numbers` are those of one of the places */
        struct sc_compare_answers a, b;
        const char *witness; /* a call that shows the difference, where a condition is too large; else NULL */
        unsigned short *calls; /* by name; none: numbers */
        size_t n_calls;
        struct sc_number_range *numbers; /* that no call has */
        size_t n_numbers;
};

/*
 * Compares at some places and groups what differs, in the order in which it is to be read: by kind, what holds
 * everywhere first, large groups first. Returns 0; -ENOMEM; -E2BIG; errors of `d`.
 */
int sc_compare_groups(struct sc_arena *arena, struct sc_decisions *d, const struct sc_compare_place *places,
                      size_t n_places, const struct sc_change_group **ret_groups, size_t *ret_n);

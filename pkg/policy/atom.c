/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on arguments: which bits of which registers they look at on an ABI, and which values they want there. */
#include <errno.h>
#include <string.h>

#include "policy/internal.h"
#include "policy/value.h"
#include "syscall/param.h"

/* The register or registers of an argument. */
struct location {
        bool split;
        unsigned low; /* the whole, if it is not split */
        unsigned high;
        unsigned bits; /* of the whole that count */
        bool pointer;
};

/* All that is known of an atom on one ABI before it becomes a node. */
struct look {
        struct sc_decisions *d;
        const struct sc_abi *abi;
        const struct sc_cond *cond;
        struct location at;
        uint64_t mask;
        struct policy_atom *atom;
};

static void locate_position(const struct sc_argument *argument, const struct sc_abi *abi, int call,
                            struct location *ret_at)
{
        struct sc_param_register held = sc_param_in_register(call, argument->position, abi);

        *ret_at = (struct location){ .low = argument->position, .bits = argument->raw ? 64 : held.bits };
        if (held.param >= 0 && !argument->raw)
                ret_at->pointer = sc_param_at(call, (size_t)held.param).kind == SC_PARAM_POINTER;
}

static enum policy_atom_state locate(const struct sc_argument *argument, const struct sc_abi *abi, int call,
                                     struct location *ret_at)
{
        struct sc_param_place place;
        int param;

        if (!argument->name) {
                locate_position(argument, abi, call, ret_at);
                return POLICY_ATOM_SEEN;
        }
        param = sc_param_find(call, argument->name, strlen(argument->name));
        if (param < 0 || sc_param_locate(call, (size_t)param, abi, &place) < 0 || place.where == SC_PARAM_ABSENT)
                return POLICY_ATOM_ABSENT;
        if (place.where == SC_PARAM_BEHIND)
                return POLICY_ATOM_HIDDEN;
        *ret_at = (struct location){
                .split = place.where == SC_PARAM_SPLIT,
                .low = place.arg,
                .high = place.arg_high,
                .bits = place.where == SC_PARAM_SPLIT ? 64 : place.bits,
                .pointer = sc_param_at(call, (size_t)param).kind == SC_PARAM_POINTER,
        };
        return POLICY_ATOM_SEEN;
}

static enum sc_word word_of(unsigned arg)
{
        return (enum sc_word)(SC_WORD_ARG0 + arg);
}

static uint64_t max_of(const struct look *look)
{
        return UINT64_MAX >> (64 - look->at.bits);
}

/* Where one register, masked, equals a value, or is at least that. */
static sc_node word_is(struct sc_decisions *d, unsigned arg, uint64_t mask, uint64_t value)
{
        if (value & ~mask)
                return sc_decision_leaf(d, 0);
        return sc_decision_eq(d, word_of(arg), mask, value, sc_decision_leaf(d, 1), sc_decision_leaf(d, 0));
}

static sc_node word_reaches(struct sc_decisions *d, unsigned arg, uint64_t mask, uint64_t value)
{
        return sc_decision_ge_masked(d, word_of(arg), mask, value, sc_decision_leaf(d, 1), sc_decision_leaf(d, 0));
}

/* Where the argument, masked, equals the value. */
static sc_node equals(const struct look *look, uint64_t value)
{
        if (!look->at.split)
                return word_is(look->d, look->at.low, look->mask, value);
        return sc_decision_and(look->d, word_is(look->d, look->at.high, look->mask >> 32, value >> 32),
                               word_is(look->d, look->at.low, (uint32_t)look->mask, (uint32_t)value));
}

/* Where the argument, masked, is at least the value: two halves are compared as digits of a number are. */
static sc_node reaches(const struct look *look, uint64_t value)
{
        struct sc_decisions *d = look->d;
        uint64_t high = value >> 32;
        sc_node same;

        if (!look->at.split)
                return word_reaches(d, look->at.low, look->mask, value);
        same = sc_decision_and(d, word_is(d, look->at.high, look->mask >> 32, high),
                               word_reaches(d, look->at.low, (uint32_t)look->mask, (uint32_t)value));
        if (high == UINT32_MAX)
                return same;
        return sc_decision_or(d, word_reaches(d, look->at.high, look->mask >> 32, high + 1), same);
}

/* Where the argument, masked, is in first…last. */
static sc_node within(const struct look *look, uint64_t first, uint64_t last)
{
        sc_node from;

        if (first == last)
                return equals(look, first);
        from = reaches(look, first);
        if (last >= max_of(look))
                return from;
        return sc_decision_and(look->d, from, sc_decision_not(look->d, reaches(look, last + 1)));
}

static void find_fault(const struct look *look, enum policy_atom_fault fault, const struct sc_value *blame)
{
        if (look->atom->fault != POLICY_ATOM_SOUND)
                return;
        look->atom->fault = fault;
        look->atom->blame = blame;
}

/* The value on this ABI; false if the ABI does not have one of its constants. */
static bool evaluate(const struct look *look, const struct sc_value *value, struct number *ret_number)
{
        if (value_on(value, look->abi, ret_number, &look->atom->blame) == 0)
                return true;
        look->atom->state = POLICY_ATOM_NO_CONSTANT;
        return false;
}

/* Where a comparison holds. A value wider than the argument compares as the number that it is. */
static sc_node compare_node(const struct look *look)
{
        enum sc_compare compare = look->cond->compare;
        sc_node no = sc_decision_leaf(look->d, 0);
        bool equality = compare == SC_EQ || compare == SC_NE, below = compare == SC_LT || compare == SC_LE;
        struct number number;
        sc_node node;
        uint64_t bits;
        bool fits;

        if (!evaluate(look, look->cond->value, &number))
                return no;
        if (number.sign == NUMBER_NEGATIVE && !equality)
                find_fault(look, POLICY_ATOM_NEGATIVE, look->cond->value);
        fits = value_fits(number, look->at.bits, &bits);
        if (!fits)
                find_fault(look, POLICY_ATOM_WIDE, look->cond->value);
        if (look->at.pointer && (!equality || !fits || bits || look->cond->argument.mask))
                find_fault(look, POLICY_ATOM_POINTER, look->cond->value);
        if (equality)
                node = fits ? equals(look, bits) : no;
        else if (!fits)
                node = below ? sc_decision_not(look->d, no) : no;
        else if (compare == SC_LT || compare == SC_GE)
                node = reaches(look, bits);
        else
                node = bits == max_of(look) ? no : reaches(look, bits + 1);
        return compare == SC_NE || (below && fits) ? sc_decision_not(look->d, node) : node;
}

/* Where the argument is in one range of a set. */
static sc_node range_node(const struct look *look, const struct sc_range *range)
{
        sc_node no = sc_decision_leaf(look->d, 0);
        struct number a, b;
        uint64_t first, last;
        bool first_fits, last_fits;

        if (!evaluate(look, range->first, &a) || !evaluate(look, range->last, &b))
                return no;
        first_fits = value_fits(a, look->at.bits, &first);
        last_fits = value_fits(b, look->at.bits, &last);
        if (!first_fits || !last_fits)
                find_fault(look, POLICY_ATOM_WIDE, first_fits ? range->last : range->first);
        if (look->at.pointer && (first || last || look->cond->argument.mask))
                find_fault(look, POLICY_ATOM_POINTER, range->first);
        if (!first_fits)
                return no;
        if (!last_fits)
                last = range->first == range->last || b.sign != NUMBER_PLAIN ? first : max_of(look);
        if (first > last) {
                find_fault(look, POLICY_ATOM_TURNED, range->first);
                look->atom->range = look->atom->fault == POLICY_ATOM_TURNED && !look->atom->range ? range :
                                    look->atom->range;
                return no;
        }
        return within(look, first, last);
}

static sc_node set_node(const struct look *look)
{
        sc_node node = sc_decision_leaf(look->d, 0);

        for (const struct sc_range *range = look->cond->ranges; range; range = range->next)
                node = sc_decision_or(look->d, node, range_node(look, range));
        return node;
}

/* Sets the bits that are looked at; false if the ABI does not have one of the mask's constants. */
static bool find_mask(struct look *look)
{
        const struct sc_value *mask = look->cond->argument.mask;
        struct number number;

        look->mask = max_of(look);
        if (!mask)
                return true;
        if (!evaluate(look, mask, &number))
                return false;
        if (!value_fits(number, look->at.bits, &look->mask))
                find_fault(look, POLICY_ATOM_WIDE, mask);
        return true;
}

void policy_atom_look(struct sc_decisions *d, const struct sc_cond *atom, const struct sc_abi *abi, int call,
                      struct policy_atom *ret_atom)
{
        struct policy_atom found = { .node = sc_decision_leaf(d, 0) };
        struct look look = { .d = d, .abi = abi, .cond = atom, .atom = &found };

        found.state = locate(&atom->argument, abi, call, &look.at);
        found.bits = look.at.bits;
        if (found.state == POLICY_ATOM_SEEN && find_mask(&look))
                found.node = atom->kind == SC_COND_IN ? set_node(&look) : compare_node(&look);
        *ret_atom = found;
}

bool policy_condition_has_atoms(const struct sc_cond *cond)
{
        if (!cond)
                return false;
        return cond->kind == SC_COND_COMPARE || cond->kind == SC_COND_IN || policy_condition_has_atoms(cond->left) ||
               policy_condition_has_atoms(cond->right);
}

static sc_node kernel_node(struct sc_decisions *d, enum sc_compare compare, sc_kernel kernel)
{
        sc_node yes = sc_decision_leaf(d, 1), no = sc_decision_leaf(d, 0);

        switch (compare) {
        case SC_EQ:
                return sc_decision_eq(d, SC_WORD_KERNEL, UINT32_MAX, kernel, yes, no);
        case SC_NE:
                return sc_decision_eq(d, SC_WORD_KERNEL, UINT32_MAX, kernel, no, yes);
        case SC_GE:
                return sc_decision_ge(d, SC_WORD_KERNEL, kernel, yes, no);
        case SC_LT:
                return sc_decision_ge(d, SC_WORD_KERNEL, kernel, no, yes);
        case SC_GT:
                return kernel == UINT32_MAX ? no : sc_decision_ge(d, SC_WORD_KERNEL, kernel + 1, yes, no);
        case SC_LE:
                return kernel == UINT32_MAX ? yes : sc_decision_ge(d, SC_WORD_KERNEL, kernel + 1, no, yes);
        }
        return no;
}

/* Where an atom holds: everywhere and nowhere for sure, if it cannot be told. */
static struct policy_bounds atom_bounds(struct sc_decisions *d, const struct sc_cond *cond, const struct sc_abi *abi,
                                        int call)
{
        sc_node yes = sc_decision_leaf(d, 1), no = sc_decision_leaf(d, 0), node;
        struct policy_atom atom;

        if (cond->kind == SC_COND_CAP)
                node = sc_decision_any(d, SC_WORD_CAPS, UINT64_C(1) << cond->cap, yes, no);
        else if (cond->kind == SC_COND_ARCH)
                node = sc_decision_leaf(d, cond->abis >> abi->index & 1);
        else if (cond->kind == SC_COND_KERNEL)
                node = kernel_node(d, cond->compare, cond->kernel);
        else {
                policy_atom_look(d, cond, abi, call, &atom);
                if (atom.state != POLICY_ATOM_SEEN)
                        return (struct policy_bounds){ .may = yes, .must = no };
                node = atom.node;
        }
        return (struct policy_bounds){ .may = node, .must = node };
}

struct policy_bounds policy_condition_bounds(struct sc_decisions *d, const struct sc_cond *cond,
                                             const struct sc_abi *abi, int call)
{
        struct policy_bounds left, right;

        if (!cond)
                return (struct policy_bounds){ sc_decision_leaf(d, 1), sc_decision_leaf(d, 1) };
        if (cond->kind != SC_COND_AND && cond->kind != SC_COND_OR && cond->kind != SC_COND_NOT)
                return atom_bounds(d, cond, abi, call);
        left = policy_condition_bounds(d, cond->left, abi, call);
        if (cond->kind == SC_COND_NOT)
                return (struct policy_bounds){ sc_decision_not(d, left.must), sc_decision_not(d, left.may) };
        right = policy_condition_bounds(d, cond->right, abi, call);
        if (cond->kind == SC_COND_AND)
                return (struct policy_bounds){ sc_decision_and(d, left.may, right.may),
                                               sc_decision_and(d, left.must, right.must) };
        return (struct policy_bounds){ sc_decision_or(d, left.may, right.may),
                                       sc_decision_or(d, left.must, right.must) };
}

sc_node policy_condition_node(struct sc_decisions *d, const struct sc_cond *cond, const struct sc_abi *abi, int call)
{
        return policy_condition_bounds(d, cond, abi, call).may;
}

void sc_policy_condition(struct sc_decisions *d, const struct sc_cond *cond, const struct sc_abi *abi, int call,
                         sc_node *ret_may, sc_node *ret_must)
{
        struct policy_bounds bounds = policy_condition_bounds(d, cond, abi, call);

        *ret_may = bounds.may;
        *ret_must = bounds.must;
}

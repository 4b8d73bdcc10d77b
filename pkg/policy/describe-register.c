/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions over one register: as a comparison, as a set, as a set of what a mask leaves, or as masks. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "decision/cover.h"
#include "policy/describe-internal.h"
#include "syscall/param.h"

#define RANGES_MAX 48 /* of a set */
#define CUBES_MAX 48
#define ATOM_PARTS 2 /* that an argument and its comparison count as */
#define FLAGS_ORDERED 3 /* what a bound on flags counts more */

/* All that the forms are made from. */
struct look {
        struct describer *b;
        struct describe_operand operand;
        sc_node cond;
        uint64_t full; /* the bits that the operand's text means */
        uint64_t tested;
};

struct ranges {
        struct range {
                uint64_t first, last;
        } items[RANGES_MAX];
        size_t n;
        uint64_t max;
        sc_node yes;
};

static int see_run(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct ranges *ranges = data;

        if (first > ranges->max)
                return 1;
        if (node != ranges->yes)
                return 0;
        if (ranges->n == RANGES_MAX)
                return 2;
        ranges->items[ranges->n++] = (struct range){ first, last < ranges->max ? last : ranges->max };
        return 0;
}

/* The ranges of values where a condition on the register holds; false if they are too many. */
static bool find_ranges(const struct look *l, sc_node cond, struct ranges *ret_ranges)
{
        ret_ranges->n = 0;
        ret_ranges->max = l->full;
        ret_ranges->yes = l->b->yes;
        return sc_decision_runs(l->b->d, cond, l->operand.word, see_run, ret_ranges) != 2;
}

static void append_operand(const struct look *l, uint64_t mask, size_t *parts, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, l->operand.text);
        *parts += ATOM_PARTS;
        if (mask == l->full)
                return;
        sc_strbuf_puts(out, " & ");
        describe_flags(&l->operand, mask, parts, out);
}

/* A value that the masked register has: flags, if it is masked. */
static void append_value(const struct look *l, uint64_t mask, uint64_t value, size_t *parts, struct sc_strbuf *out)
{
        if (mask == l->full)
                describe_value(&l->operand, value, parts, out);
        else if (!value)
                sc_strbuf_puts(out, "0"), *parts += 1;
        else
                describe_masked(&l->operand, mask, value, parts, out);
}

static const struct describe_piece *keep_atom(const struct look *l, size_t parts, struct sc_strbuf *text)
{
        const char *kept = describe_keep(l->b, text);

        return kept ? describe_atom(l->b, parts, "%s", kept) : NULL;
}

/* "family == AF_UNIX", "prot & PROT_EXEC != 0". */
static const struct describe_piece *equality(const struct look *l, uint64_t mask, uint64_t value, bool equal)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        size_t parts = 0;

        append_operand(l, mask, &parts, &text);
        if (!(mask & (mask - 1)) && mask != l->full && equal == (value != 0))
                return keep_atom(l, parts, &text); /* a flag: set */
        if (!(mask & (mask - 1)) && mask != l->full)
                value = 0, equal = true; /* … and not */
        sc_strbuf_puts(&text, equal ? " == " : " != ");
        append_value(l, mask, value, &parts, &text);
        return keep_atom(l, parts, &text);
}

/* "fd < 3": a range that begins or ends with all values. */
static const struct describe_piece *bound(const struct look *l, const struct range *range, bool in)
{
        bool below = range->first == 0;
        uint64_t value = below ? range->last + 1 : range->first;
        size_t parts = ATOM_PARTS + 1;

        if (range->first == 1)
                return equality(l, l->full, 0, !in);
        if (l->operand.constants && l->operand.constants->flags)
                parts += FLAGS_ORDERED; /* the order of flags tells little */
        return describe_atom(l->b, parts, value <= 4096 ? "%s %s %" PRIu64 : "%s %s %#" PRIx64,
                             l->operand.text, below == in ? "<" : ">=", value);
}

static const struct describe_piece *set(const struct look *l, const struct ranges *ranges, uint64_t mask, bool in)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        const struct range *only = &ranges->items[0];
        size_t parts = 0;

        if (ranges->n == 1 && only->first == only->last)
                return equality(l, mask, only->first, in);
        if (ranges->n == 1 && mask == l->full && (only->first == 0 || only->last == l->full))
                return bound(l, only, in);
        append_operand(l, mask, &parts, &text);
        sc_strbuf_puts(&text, in ? " in {" : " not in {");
        for (size_t i = 0; i < ranges->n; i++) {
                const struct range *range = &ranges->items[i];

                sc_strbuf_puts(&text, i ? ", " : "");
                append_value(l, mask, range->first, &parts, &text);
                if (range->last == range->first)
                        continue;
                /* two values are no range, unless nobody has a name for them */
                sc_strbuf_puts(&text, range->last == range->first + 1 ? ", " : "..");
                append_value(l, mask, range->last, &parts, &text);
        }
        sc_strbuf_puts(&text, "}");
        return keep_atom(l, parts, &text);
}

/* The values under a mask, all bits under which are tested, and no other. */
static const struct describe_piece *by_values(const struct look *l, uint64_t mask)
{
        sc_node yes = l->b->yes, no = l->b->no, zeros;
        struct sc_decisions *d = l->b->d;
        const struct describe_piece *piece = NULL;
        struct ranges ranges;

        zeros = sc_decision_eq(d, l->operand.word, l->full & ~mask, 0, yes, no);
        if (find_ranges(l, sc_decision_and(d, l->cond, zeros), &ranges))
                piece = set(l, &ranges, mask, true);
        if (find_ranges(l, sc_decision_and(d, sc_decision_not(d, l->cond), zeros), &ranges))
                piece = describe_shorter(piece, set(l, &ranges, mask, false));
        return piece;
}

/* "clone_flags & (CLONE_NEWNS | CLONE_NEWUSER)", or the same with "== 0". */
static const struct describe_piece *any_of(const struct look *l, uint64_t mask, bool set)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        size_t parts = 0;

        if (mask == l->full)
                return equality(l, mask, 0, !set);
        append_operand(l, mask, &parts, &text);
        sc_strbuf_puts(&text, set ? "" : " == 0");
        return keep_atom(l, parts, &text);
}

/* Cubes of a condition, or of its opposite: bits of which one is set, values, and what is left. */
static const struct describe_piece *join_cubes(const struct look *l, const struct sc_path *cubes, size_t n, bool in)
{
        const struct describe_piece *pieces[CUBES_MAX + 2];
        struct ranges values = { 0 };
        size_t n_pieces = 0;
        uint64_t any = 0;

        for (size_t i = 0; i < n; i++) {
                uint64_t mask = cubes[i].masks[l->operand.word], value = cubes[i].values[l->operand.word];

                if (value == mask && !(mask & (mask - 1)))
                        any |= mask;
                else if (mask == l->full && values.n < RANGES_MAX)
                        values.items[values.n++] = (struct range){ value, value };
                else
                        pieces[n_pieces++] = equality(l, mask, value, in);
        }
        if (any)
                pieces[n_pieces++] = any_of(l, any, in);
        if (values.n)
                pieces[n_pieces++] = set(l, &values, l->full, in);
        return describe_join(l->b, in ? DESCRIBE_OR : DESCRIBE_AND, pieces, n_pieces);
}

static const struct describe_piece *by_masks(const struct look *l, bool in)
{
        SC_CLEANUP(sc_freep) struct sc_path *cubes = NULL;
        struct sc_decisions *d = l->b->d;
        size_t n;
        int r = sc_decision_cover(d, in ? l->cond : sc_decision_not(d, l->cond), CUBES_MAX, &cubes, &n);

        if (r == 0)
                return join_cubes(l, cubes, n, in);
        if (r != -E2BIG || sc_decisions_error(d))
                l->b->error = r;
        return NULL;
}

/* True if a name is the register's for all bits that are tested: then the language has it for that. */
static bool is_named(const struct describer *b, const struct sc_param_register *reg)
{
        const char *name = reg->param < 0 || reg->split ? NULL : sc_param_at(b->call, (size_t)reg->param).name;

        return name && sc_param_find(b->call, name, strlen(name)) == reg->param;
}

static const char *name_of(const struct describer *b, const struct sc_param_register *reg)
{
        return is_named(b, reg) ? sc_param_at(b->call, (size_t)reg->param).name : NULL;
}

/* Of a pointer the language asks only if it is 0. */
static bool is_foreign_to_pointer(const struct describer *b, const struct sc_param_register *reg, sc_node cond,
                                  enum sc_word word, uint64_t full)
{
        sc_node zero = sc_decision_eq(b->d, word, full, 0, b->yes, b->no);

        if (reg->param < 0 || sc_param_at(b->call, (size_t)reg->param).kind != SC_PARAM_POINTER)
                return false;
        return cond != zero && cond != sc_decision_not(b->d, zero);
}

static struct describe_operand find_operand(struct describer *b, sc_node cond, enum sc_word word, uint64_t tested)
{
        unsigned arg = word - SC_WORD_ARG0;
        struct sc_param_register reg = { .param = -1, .bits = sc_param_register_bits(b->abi) };
        struct describe_operand operand = { .word = word };
        const char *name;
        bool raw;

        if (b->call >= 0)
                reg = sc_param_in_register(b->call, arg, b->abi);
        name = name_of(b, &reg);
        operand.bits = reg.bits;
        operand.constants = reg.param < 0 || reg.split ? NULL : describe_constants(b, (size_t)reg.param);
        raw = (reg.bits < 64 && tested >> reg.bits) ||
              is_foreign_to_pointer(b, &reg, cond, word, UINT64_MAX >> (64 - reg.bits));
        if (raw)
                operand.bits = 64;
        if (raw && (b->style == SC_DESCRIBE_POLICY || !name))
                operand.text = sc_arena_printf(b->arena, "arg%u:64", arg);
        else if (raw)
                operand.text = sc_arena_printf(b->arena, "%s:64", name);
        else
                operand.text = name ? name : sc_arena_printf(b->arena, "arg%u", arg);
        return operand;
}

const struct describe_piece *describe_register(struct describer *b, sc_node cond, enum sc_word word)
{
        struct look l = { .b = b, .cond = cond };
        const struct describe_piece *piece;
        int r = sc_decision_tested(b->d, cond, word, &l.tested);

        if (r < 0)
                b->error = r;
        l.operand = find_operand(b, cond, word, l.tested);
        l.full = UINT64_MAX >> (64 - l.operand.bits);
        if (!l.operand.text)
                b->error = -ENOMEM;
        if (b->error || sc_decisions_error(b->d))
                return NULL;
        piece = by_values(&l, l.full);
        if (l.tested != l.full)
                piece = describe_shorter(piece, by_values(&l, l.tested));
        piece = describe_shorter(piece, by_masks(&l, true));
        return describe_shorter(piece, by_masks(&l, false));
}

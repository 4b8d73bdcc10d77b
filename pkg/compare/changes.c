/* SPDX-License-Identifier: Apache-2.0 */
/* Where two decisions differ on an ABI: a walk along the runs of both. */
#include "compare/changes.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "syscall/param.h"
#include "syscall/syscall.h"

struct named {
        uint32_t nr;
        int call;
};

struct walk {
        struct sc_decisions *d;
        const struct sc_abi *abi;
        struct named *named; /* the ABI's calls, by number, but for those that no filter is asked about */
        size_t n_named;
        size_t at; /* in `named` */
        struct sc_change *changes;
        size_t n, cap;
        uint64_t idle;
};

static uint32_t combine_effect(uint32_t a, uint32_t b)
{
        (void)b;
        return sc_compare_effect(a);
}

/* What a process of the ABI can see of a decision: a function of the number and the arguments. */
static sc_node seen(struct sc_decisions *d, sc_node node, const struct sc_abi *abi)
{
        node = sc_decision_fix(d, node, SC_WORD_ARCH, abi->audit_arch);
        node = sc_decision_apply(d, combine_effect, node, sc_decision_leaf(d, 0));
        if (sc_param_upper_halves_show(abi))
                return node;
        for (enum sc_word word = SC_WORD_ARG0; word < SC_WORD_COUNT; word++)
                node = sc_decision_fix_bits(d, node, word, SC_UPPER_HALF, 0);
        return node;
}

static int compare_named(const void *a, const void *b)
{
        const struct named *x = a, *y = b;

        return x->nr < y->nr ? -1 : x->nr > y->nr;
}

static int find_named(struct walk *w)
{
        w->named = calloc(sc_syscall_count(), sizeof(*w->named));
        if (!w->named)
                return -ENOMEM;
        for (size_t i = 0; i < sc_syscall_count(); i++) {
                struct named named = { .call = (int)i };

                if (sc_syscall_number((int)i, w->abi, &named.nr))
                        w->named[w->n_named++] = named;
        }
        qsort(w->named, w->n_named, sizeof(*w->named), compare_named);
        return 0;
}

static int add(struct walk *w, int call, uint32_t first, uint32_t last, sc_node a, sc_node b)
{
        struct sc_change *before = call < 0 && w->n ? &w->changes[w->n - 1] : NULL, *changes;

        if (before && before->call < 0 && before->a == a && before->b == b && before->last + 1 == first) {
                before->last = last;
                return 0;
        }
        changes = sc_grow(w->changes, w->n, &w->cap, sizeof(*changes));
        if (!changes)
                return -ENOMEM;
        w->changes = changes;
        changes[w->n++] = (struct sc_change){ .call = call, .first = first, .last = last, .a = a, .b = b };
        return 0;
}

/* Numbers without a call: those of them that are the ABI's. Of a shared audit_arch, x32 has the upper numbers. */
static int see_numbers(struct walk *w, uint32_t first, uint32_t last, sc_node a, sc_node b)
{
        static const struct sc_number_range parts[] = {
                { 0, 0x3fffffff }, { 0x40000000, 0xfffffffe }, { 0xffffffff, 0xffffffff },
        };
        int r = 0;

        for (size_t i = 0; i < SC_COUNT(parts) && r == 0; i++) {
                uint32_t from = first > parts[i].first ? first : parts[i].first;
                uint32_t to = last < parts[i].last ? last : parts[i].last;

                if (from > to || !sc_abi_owns(w->abi, from))
                        continue;
                if (a == b)
                        w->idle += (uint64_t)to - from + 1;
                else
                        r = add(w, -1, from, to, a, b);
        }
        return r;
}

/* Numbers that are answered alike by each side: calls, and what lies between them. */
static int see_both(uint64_t first, uint64_t last, sc_node a, sc_node b, void *data)
{
        struct walk *w = data;
        int r = 0;

        while (first <= last && r == 0) {
                const struct named *next;
                uint64_t end;

                while (w->at < w->n_named && w->named[w->at].nr < first)
                        w->at++;
                next = w->at < w->n_named && w->named[w->at].nr <= last ? &w->named[w->at] : NULL;
                end = next ? next->nr : last + 1;
                if (end > first)
                        r = see_numbers(w, (uint32_t)first, (uint32_t)(end - 1), a, b);
                if (next && a != b && r == 0 && sc_abi_owns(w->abi, next->nr) &&
                    !sc_syscall_is_unfiltered(w->abi, next->nr))
                        r = add(w, next->call, next->nr, next->nr, a, b);
                first = end + (next != NULL);
        }
        return r;
}

static int compare_changes(const void *a, const void *b)
{
        const struct sc_change *x = a, *y = b;

        if ((x->call < 0) != (y->call < 0))
                return x->call < 0 ? 1 : -1;
        if (x->call != y->call)
                return x->call < y->call ? -1 : 1;
        return x->first < y->first ? -1 : x->first > y->first;
}

static int keep(struct sc_arena *arena, struct walk *w, struct sc_changes *ret_changes)
{
        struct sc_change *items = sc_arena_array(arena, w->n + 1, sizeof(*items));

        if (!items)
                return -ENOMEM;
        if (w->n)
                memcpy(items, w->changes, w->n * sizeof(*items));
        qsort(items, w->n, sizeof(*items), compare_changes);
        *ret_changes = (struct sc_changes){ .items = items, .n = w->n, .idle = w->idle };
        return 0;
}

int sc_compare_changes(struct sc_arena *arena, struct sc_decisions *d, sc_node a, sc_node b, const struct sc_abi *abi,
                       struct sc_changes *ret_changes)
{
        struct walk w = { .d = d, .abi = abi };
        int r = find_named(&w);

        a = seen(d, a, abi);
        b = seen(d, b, abi);
        if (r == 0)
                r = sc_decision_run_pairs(d, a, b, SC_WORD_NR, see_both, &w);
        if (r == 0)
                r = keep(arena, &w, ret_changes);
        free(w.named);
        free(w.changes);
        return r;
}

static bool passes(sc_action action)
{
        return sc_action_looseness(action) >= sc_action_looseness(SECCOMP_RET_LOG);
}

enum sc_change_kind sc_change_kind(struct sc_decisions *d, const struct sc_change *change)
{
        uint32_t a, b;

        if (!sc_decision_is_leaf(d, change->a, &a) || !sc_decision_is_leaf(d, change->b, &b))
                return SC_CHANGE_CONDITION;
        if (passes(a) == passes(b))
                return SC_CHANGE_ACTION;
        return passes(b) ? SC_CHANGE_ALLOWED : SC_CHANGE_DENIED;
}

static uint32_t combine_opens(uint32_t a, uint32_t b)
{
        return !passes(a) && passes(b);
}

enum sc_direction sc_change_direction(struct sc_decisions *d, const struct sc_change *change)
{
        sc_node never = sc_decision_leaf(d, 0);
        bool wider = sc_decision_apply(d, combine_opens, change->a, change->b) != never;
        bool narrower = sc_decision_apply(d, combine_opens, change->b, change->a) != never;

        return (enum sc_direction)((wider ? SC_DIRECTION_WIDER : 0) | (narrower ? SC_DIRECTION_NARROWER : 0));
}

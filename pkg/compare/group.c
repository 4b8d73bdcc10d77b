/* SPDX-License-Identifier: Apache-2.0 */
/* Changes grouped: calls that change in the same way, under the same conditions, on the same ABIs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/changes.h"
#include "syscall/syscall.h"

#define NAMED_MAX 3 /* places that are told rather than the others, even if those are fewer */
#define WHOLE ":64" /* behind a parameter, of which a filter tests the whole register */

struct gatherer {
        struct sc_arena *arena;
        struct sc_decisions *d;
        const struct sc_compare_place *places;
        size_t n_places;
        struct sc_changes changes[SC_COMPARE_PLACES_MAX];
        size_t at[SC_COMPARE_PLACES_MAX]; /* in the changes of each place */
        struct sc_change_group *groups;
        size_t n, cap;
};

/* Compares texts but for ":64": whether the whole register is tested is kept apart, as a set of places. */
static bool same_text(const char *a, const char *b)
{
        while (*a || *b) {
                if (!strncmp(a, WHOLE, strlen(WHOLE)))
                        a += strlen(WHOLE);
                else if (!strncmp(b, WHOLE, strlen(WHOLE)))
                        b += strlen(WHOLE);
                else if (*a++ != *b++)
                        return false;
        }
        return true;
}

static bool is_whole(const struct sc_change_group *group)
{
        return strstr(group->a.text, WHOLE) || strstr(group->b.text, WHOLE);
}

static bool same_change(const struct sc_change_group *a, const struct sc_change_group *b)
{
        return a->kind == b->kind && a->direction == b->direction && same_text(a->a.text, b->a.text) &&
               same_text(a->b.text, b->b.text) && !a->witness && !b->witness;
}

/* Two changes become one; that which shows more is shown. */
static void join(struct sc_change_group *group, const struct sc_change_group *other)
{
        if (!group->whole && other->whole) {
                group->a = other->a;
                group->b = other->b;
        }
        group->whole |= other->whole;
        group->places |= other->places;
}

static bool is_too_large(const struct sc_compare_answers *answers)
{
        bool too_large = answers->more;

        for (size_t i = 0; i < answers->n; i++)
                too_large |= answers->items[i].too_large;
        return too_large;
}

/* A call that shows a difference whose condition is too large. */
static int find_witness(struct gatherer *g, const struct sc_compare_place *place, const struct sc_change *change,
                        const char **ret_text)
{
        struct sc_decisions *d = g->d;
        sc_node none = sc_decision_leaf(d, 0);
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_witness w;
        int r = sc_compare(d, sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, change->first, change->a, none),
                           sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, change->first, change->b, none), SC_ASK_SAME,
                           &place->abi, 1, &w);

        if (r != 1)
                return r < 0 ? r : -EINVAL;
        sc_witness_format(&w, &text);
        sc_strbuf_puts(&text, ": ");
        sc_action_format(w.a, &text);
        sc_strbuf_puts(&text, " → ");
        sc_action_format(w.b, &text);
        *ret_text = text.failed ? NULL : sc_arena_strndup(g->arena, text.text, text.len);
        sc_strbuf_done(&text);
        return *ret_text ? 0 : -ENOMEM;
}

/* What a change on one place is, without its calls. */
static int describe_change(struct gatherer *g, size_t place, const struct sc_change *change,
                           struct sc_change_group *ret_group)
{
        const struct sc_abi *abi = g->places[place].abi;
        struct sc_change_group group = {
                .kind = sc_change_kind(g->d, change),
                .direction = sc_change_direction(g->d, change),
                .places = UINT32_C(1) << place,
        };
        int r = sc_compare_answers(g->arena, g->d, change->a, abi, change->call, &group.a);

        if (r == 0)
                r = sc_compare_answers(g->arena, g->d, change->b, abi, change->call, &group.b);
        if (r == 0 && is_whole(&group))
                group.whole = group.places;
        /* where conditions are not shown, or do not tell the difference */
        if (r == 0 && (is_too_large(&group.a) || is_too_large(&group.b) || !strcmp(group.a.text, group.b.text)))
                r = find_witness(g, &g->places[place], change, &group.witness);
        if (r == 0)
                *ret_group = group;
        return r;
}

/* True if two changes of calls are told to be on the same places, whichever of them have the one or the other call. */
static bool same_places(const struct sc_change_group *a, const struct sc_change_group *b)
{
        return a->partly == b->partly && a->but == b->but && (!a->partly || a->but || a->places == b->places) &&
               (a->whole & b->places) == (b->whole & a->places);
}

/* The group of a change on its places; a new one if there is none. */
static struct sc_change_group *find_group(struct gatherer *g, const struct sc_change_group *like, bool of_numbers)
{
        struct sc_change_group *groups;

        for (size_t i = 0; i < g->n; i++)
                if ((g->groups[i].n_calls == 0) == of_numbers && same_places(&g->groups[i], like) &&
                    (!of_numbers || g->groups[i].places == like->places) && same_change(&g->groups[i], like)) {
                        join(&g->groups[i], like);
                        return &g->groups[i];
                }
        groups = sc_grow(g->groups, g->n, &g->cap, sizeof(*groups));
        if (!groups)
                return NULL;
        g->groups = groups;
        groups[g->n] = *like;
        return &groups[g->n++];
}

static int add_call(struct gatherer *g, const struct sc_change_group *like, int call)
{
        struct sc_change_group *group = find_group(g, like, false);

        if (!group)
                return -ENOMEM;
        if (!group->calls)
                group->calls = sc_arena_array(g->arena, sc_syscall_count(), sizeof(*group->calls));
        if (!group->calls)
                return -ENOMEM;
        group->calls[group->n_calls++] = (unsigned short)call;
        return 0;
}

/* The change of the call on a place, if there is one. Calls are asked for in their order. */
static const struct sc_change *change_of(struct gatherer *g, size_t place, int call)
{
        const struct sc_changes *changes = &g->changes[place];

        if (g->at[place] < changes->n && changes->items[g->at[place]].call == call)
                return &changes->items[g->at[place]++];
        return NULL;
}

/* The same to the bit, which counts where it cannot be shown: in words, ABIs with other registers differ. */
static bool same_hidden(const struct sc_change_group *a, const struct sc_change_group *b, const struct sc_change *of_a,
                        const struct sc_change *of_b)
{
        return a->witness && b->witness && of_a->a == of_b->a && of_a->b == of_b->b;
}

/* How the places of a change are told, among those where it could be. */
static void tell_places(struct sc_change_group *group, uint32_t having)
{
        uint32_t others = having & ~group->places;
        int n = __builtin_popcount(group->places);

        group->partly = others != 0;
        group->but = n > NAMED_MAX && __builtin_popcount(others) < n ? others : 0;
}

/* Puts a call into the groups of its changes: one if they are the same on all places. */
static int gather_call(struct gatherer *g, int call)
{
        struct sc_change_group found[SC_COMPARE_PLACES_MAX]; /* the first `n` */
        const struct sc_change *first[SC_COMPARE_PLACES_MAX]; /* of each that was found */
        uint32_t having = 0;
        size_t n = 0;
        int r = 0;

        for (size_t i = 0; i < g->n_places && r == 0; i++) {
                const struct sc_change *change = change_of(g, i, call);
                struct sc_change_group group = { 0 };
                size_t k = 0;
                uint32_t nr;

                if (sc_syscall_number(call, g->places[i].abi, &nr) && !sc_syscall_is_unfiltered(g->places[i].abi, nr))
                        having |= UINT32_C(1) << i;
                if (!change)
                        continue;
                r = describe_change(g, i, change, &group);
                if (r)
                        break;
                while (k < n && !same_change(&found[k], &group) && !same_hidden(&found[k], &group, first[k], change))
                        k++;
                if (k == n) {
                        first[n] = change;
                        found[n++] = group;
                } else
                        join(&found[k], &group);
        }
        for (size_t i = 0; i < n && r == 0; i++) {
                tell_places(&found[i], having);
                r = add_call(g, &found[i], call);
        }
        return r;
}

static int add_range(struct gatherer *g, const struct sc_change_group *like, const struct sc_change *change)
{
        struct sc_change_group *group = find_group(g, like, true);
        struct sc_number_range *numbers;

        if (!group)
                return -ENOMEM;
        numbers = sc_arena_array(g->arena, group->n_numbers + 1, sizeof(*numbers));
        if (!numbers)
                return -ENOMEM;
        if (group->n_numbers)
                memcpy(numbers, group->numbers, group->n_numbers * sizeof(*numbers));
        numbers[group->n_numbers++] = (struct sc_number_range){ change->first, change->last };
        group->numbers = numbers;
        return 0;
}

/* The numbers of one place that no call has. */
static int gather_numbers(struct gatherer *g, size_t place)
{
        const struct sc_changes *changes = &g->changes[place];
        bool uniform = changes->idle == 0;
        size_t first = g->n;
        int r = 0;

        for (size_t i = g->at[place]; i < changes->n && r == 0; i++) {
                struct sc_change_group like = { 0 };

                r = describe_change(g, place, &changes->items[i], &like);
                like.partly = g->n_places > 1;
                if (r == 0)
                        r = add_range(g, &like, &changes->items[i]);
        }
        if (r == 0 && uniform && g->n == first + 1)
                g->groups[first].all_numbers = true;
        return r;
}

/* True if both are of numbers, the same on each of their places. */
static bool same_numbers(const struct sc_change_group *a, const struct sc_change_group *b)
{
        if (a->n_calls || b->n_calls || a->all_numbers != b->all_numbers)
                return false;
        return a->all_numbers || (a->n_numbers == b->n_numbers &&
                                  !memcmp(a->numbers, b->numbers, a->n_numbers * sizeof(*a->numbers)));
}

/* Numbers without a call that change alike on several places are told once. */
static void join_numbers(struct gatherer *g)
{
        uint32_t everywhere = g->n_places < 32 ? (UINT32_C(1) << g->n_places) - 1 : UINT32_MAX;

        for (size_t i = 0; i < g->n; i++) {
                struct sc_change_group *group = &g->groups[i];

                for (size_t k = i + 1; k < g->n && group->n_calls == 0;) {
                        if (!same_numbers(group, &g->groups[k]) || !same_change(group, &g->groups[k])) {
                                k++;
                                continue;
                        }
                        join(group, &g->groups[k]);
                        memmove(&g->groups[k], &g->groups[k + 1], (--g->n - k) * sizeof(*g->groups));
                }
                if (group->n_calls == 0)
                        group->partly = group->places != everywhere;
        }
}

static int compare_groups(const void *a, const void *b)
{
        const struct sc_change_group *x = a, *y = b;

        if (x->kind != y->kind)
                return x->kind < y->kind ? -1 : 1;
        if ((x->n_calls == 0) != (y->n_calls == 0))
                return x->n_calls ? -1 : 1;
        if (x->partly != y->partly)
                return x->partly ? 1 : -1;
        if (x->n_calls != y->n_calls)
                return x->n_calls > y->n_calls ? -1 : 1;
        if (x->n_calls && x->calls[0] != y->calls[0])
                return x->calls[0] < y->calls[0] ? -1 : 1;
        if (x->places != y->places)
                return (x->places & -x->places) < (y->places & -y->places) ? -1 : 1;
        return x->n_numbers && x->numbers[0].first < y->numbers[0].first ? -1 : 1;
}

static int gather(struct gatherer *g)
{
        int r = 0;

        for (size_t i = 0; i < g->n_places && r == 0; i++)
                r = sc_compare_changes(g->arena, g->d, g->places[i].a, g->places[i].b, g->places[i].abi,
                                       &g->changes[i]);
        for (size_t call = 0; call < sc_syscall_count() && r == 0; call++)
                r = gather_call(g, (int)call);
        for (size_t i = 0; i < g->n_places && r == 0; i++)
                r = gather_numbers(g, i);
        if (r == 0)
                join_numbers(g);
        return r;
}

int sc_compare_groups(struct sc_arena *arena, struct sc_decisions *d, const struct sc_compare_place *places,
                      size_t n_places, const struct sc_change_group **ret_groups, size_t *ret_n)
{
        struct gatherer g = { .arena = arena, .d = d, .places = places, .n_places = n_places };
        struct sc_change_group *groups;
        int r = n_places <= SC_COMPARE_PLACES_MAX ? gather(&g) : -E2BIG;

        groups = r == 0 ? sc_arena_array(arena, g.n + 1, sizeof(*groups)) : NULL;
        if (groups && g.n) {
                memcpy(groups, g.groups, g.n * sizeof(*groups));
                qsort(groups, g.n, sizeof(*groups), compare_groups);
        }
        free(g.groups);
        if (r < 0 || !groups)
                return r < 0 ? r : -ENOMEM;
        *ret_groups = groups;
        *ret_n = g.n;
        return 0;
}

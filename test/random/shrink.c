/* SPDX-License-Identifier: Apache-2.0 */
/* Greedy: tries each part once a round, big parts first, until a round drops nothing. */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

struct shrinker {
        struct naive_policy *best;
        struct naive_policy *next; /* best less something */
        shrink_fails fails;
        void *data;
        size_t tries;
};

/* Takes `next` if it fails too. */
static bool keep(struct shrinker *s)
{
        if (s->tries >= SHRINK_TRIES_MAX)
                return false;
        s->tries++;
        if (!s->fails(s->next, s->data))
                return false;
        *s->best = *s->next;
        return true;
}

static bool drop_rules(struct shrinker *s)
{
        bool any = false;

        for (size_t i = s->best->n_rules; i-- > 0;) {
                *s->next = *s->best;
                memmove(&s->next->rules[i], &s->next->rules[i + 1],
                        (s->next->n_rules - i - 1) * sizeof(s->next->rules[0]));
                s->next->n_rules--;
                any |= keep(s);
        }
        return any;
}

/* Names of a rule: the first half, the second, quarters, … one by one. */
static bool drop_names(struct shrinker *s, size_t rule)
{
        bool any = false;

        for (size_t chunk = s->best->rules[rule].n_names; chunk > 0; chunk /= 2) {
                for (size_t at = 0; at < s->best->rules[rule].n_names;) {
                        struct naive_rule *r = &s->next->rules[rule];
                        size_t n;

                        *s->next = *s->best;
                        n = chunk < r->n_names - at ? chunk : r->n_names - at;
                        memmove(&r->names[at], &r->names[at + n], (r->n_names - at - n) * sizeof(r->names[0]));
                        r->n_names -= n;
                        if (r->n_names && keep(s))
                                any = true;
                        else
                                at += chunk;
                }
        }
        return any;
}

static bool drop_members(struct shrinker *s, size_t group)
{
        bool any = false;

        for (size_t i = s->best->groups[group].n_calls; i-- > 0;) {
                struct naive_group *g = &s->next->groups[group];

                *s->next = *s->best;
                memmove(&g->calls[i], &g->calls[i + 1], (g->n_calls - i - 1) * sizeof(g->calls[0]));
                g->n_calls--;
                any |= keep(s);
        }
        return any;
}

static bool drop_conditions(struct shrinker *s)
{
        bool any = false;

        for (size_t i = 0; i < s->best->n_rules; i++) {
                if (s->best->rules[i].when < 0)
                        continue;
                *s->next = *s->best;
                s->next->rules[i].when = -1;
                any |= keep(s);
        }
        return any;
}

static bool drop_abis(struct shrinker *s)
{
        bool any = false;

        for (size_t i = s->best->n_abis; s->best->n_abis > 1 && i-- > 0;) {
                *s->next = *s->best;
                memmove(&s->next->abis[i], &s->next->abis[i + 1], (s->next->n_abis - i - 1) * sizeof(s->next->abis[0]));
                s->next->n_abis--;
                any |= keep(s);
        }
        return any;
}

size_t shrink(struct naive_policy *p, shrink_fails fails, void *data)
{
        struct shrinker s = { .best = p, .next = malloc(sizeof(*p)), .fails = fails, .data = data };
        bool any = s.next != NULL;

        while (any && s.tries < SHRINK_TRIES_MAX) {
                any = drop_rules(&s);
                any |= drop_abis(&s);
                any |= drop_conditions(&s);
                for (size_t i = 0; i < p->n_rules; i++)
                        any |= drop_names(&s, i);
                for (size_t i = 0; i < p->n_groups; i++)
                        any |= drop_members(&s, i);
        }
        free(s.next);
        return s.tries;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Children that share what was worked out before they came, and inputs from paths. */
#include "pairwise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "compare/compare.h"
#include "syscall/param.h"

#define HIGH_HALF UINT64_C(0xffffffff00000000)
#define PATHS_MAX 64
#define CHUNK 50 /* pairs of one child: what they leave in the arena of decisions goes with it */
#define JOBS_MAX 16

static uint32_t combine_effect(uint32_t a, uint32_t b)
{
        (void)b;
        return sc_compare_effect(a);
}

sc_action pair_answer(const struct pair *p, size_t side, const struct question *q)
{
        const struct member *e = p->entries[side];
        struct sc_input input = { .words = { [SC_WORD_ARCH] = q->abi->audit_arch, [SC_WORD_NR] = q->nr } };
        struct sc_bpf_data data = sc_bpf_data_make(q->abi->audit_arch, q->nr, q->args, q->abi->big_endian);

        if (entry_can_run(e))
                return sc_compare_effect(entry_run(e, &data));
        memcpy(&input.words[SC_WORD_ARG0], q->args, sizeof(q->args));
        return sc_compare_effect(sc_decision_eval(p->d, e->node, &input));
}

sc_node pair_function(const struct pair *p, size_t side, const struct sc_abi *abi, uint32_t nr)
{
        sc_node node = sc_decision_fix(p->d, p->entries[side]->node, SC_WORD_ARCH, abi->audit_arch);

        node = sc_decision_fix(p->d, node, SC_WORD_NR, nr);
        for (enum sc_word word = SC_WORD_ARG0; word < SC_WORD_COUNT && !sc_param_upper_halves_show(abi); word++)
                node = sc_decision_fix_bits(p->d, node, word, HIGH_HALF, 0);
        return sc_decision_apply(p->d, combine_effect, node, node);
}

struct paths {
        struct sc_path items[PATHS_MAX];
        size_t n;
};

static int see_path(const struct sc_path *path, void *data)
{
        struct paths *paths = data;

        paths->items[paths->n++] = *path;
        return paths->n == PATHS_MAX;
}

static unsigned count_bits(uint64_t mask)
{
        unsigned n = 0;

        for (; mask; mask &= mask - 1)
                n++;
        return n;
}

/* One of the bits that are set. */
static uint64_t any_bit(uint64_t mask, struct rng *rng)
{
        for (size_t drop = rng_below(rng, count_bits(mask)); drop > 0; drop--)
                mask &= mask - 1;
        return mask & -mask;
}

/* An input on the path, or beside it by one bit that it tests. */
static void follow(struct pair *p, const struct sc_path *path, bool beside, struct question *q)
{
        size_t first = rng_below(&p->rng, 6);

        for (size_t i = 0; i < 6; i++) {
                uint64_t mask = path->masks[SC_WORD_ARG0 + i], rest = rng_percent(&p->rng, 50) ? rng_next(&p->rng) : 0;

                q->args[i] = path->values[SC_WORD_ARG0 + i] | (rest & ~mask);
                if (!sc_param_upper_halves_show(q->abi))
                        q->args[i] &= ~HIGH_HALF;
        }
        for (size_t i = 0; i < 6 && beside; i++) {
                size_t arg = (first + i) % 6;
                uint64_t mask = path->masks[SC_WORD_ARG0 + arg];

                if (!sc_param_upper_halves_show(q->abi))
                        mask &= ~HIGH_HALF;
                if (!mask)
                        continue;
                q->args[arg] ^= any_bit(mask, &p->rng);
                break;
        }
}

void pair_ask_borders(struct pair *p, const struct sc_abi *abi, uint32_t nr, size_t max, pair_ask ask, void *data)
{
        struct question q = { .abi = abi, .nr = nr };

        for (size_t side = 0; side < 2; side++) {
                struct paths paths = { .n = 0 };

                sc_decision_paths(p->d, pair_function(p, side, abi, nr), see_path, &paths);
                for (size_t i = 0; i < max / 2; i++) {
                        if (paths.n <= 1 && i == 1) /* it depends on nothing */
                                break;
                        follow(p, &paths.items[max / 2 < paths.n ? rng_below(&p->rng, paths.n) : i % paths.n],
                               i >= paths.n, &q);
                        ask(&q, data);
                }
        }
}

void pair_ask_random(struct pair *p, size_t count, pair_ask ask, void *data)
{
        for (size_t i = 0; i < count; i++) {
                const struct member *near = p->entries[i % 2];
                struct question q = { .abi = p->abis[rng_below(&p->rng, p->n_abis)] };

                for (size_t k = 0; k < 6; k++)
                        q.args[k] = entry_random_value(near, q.abi, &p->rng);
                q.nr = entry_random_number(near, q.abi, &p->rng);
                ask(&q, data);
        }
}

static bool is_pair(const struct collection *all, size_t i, size_t k)
{
        return i != k && !all->entries[i].refused && !all->entries[k].refused;
}

/* All ordered pairs that there are, in random order. */
static size_t shuffle(const struct collection *all, struct rng *rng, unsigned short (*ret_pairs)[2])
{
        size_t n = 0;

        for (size_t i = 0; i < all->n; i++)
                for (size_t k = 0; k < all->n; k++)
                        if (is_pair(all, i, k)) {
                                ret_pairs[n][0] = (unsigned short)i;
                                ret_pairs[n++][1] = (unsigned short)k;
                        }
        for (size_t i = n; i > 1; i--) {
                size_t at = rng_below(rng, i);
                unsigned short other[2];

                memcpy(other, ret_pairs[at], sizeof(other));
                memcpy(ret_pairs[at], ret_pairs[i - 1], sizeof(other));
                memcpy(ret_pairs[i - 1], other, sizeof(other));
        }
        return n;
}

static pid_t start(const struct pair *base, unsigned short (*pairs)[2], size_t n, uint64_t index,
                   void (*visit)(struct pair *p))
{
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid != 0)
                return pid;
        for (size_t i = 0; i < n; i++) {
                struct pair p = *base;

                p.entries[0] = &p.all->entries[pairs[i][0]];
                p.entries[1] = &p.all->entries[pairs[i][1]];
                p.rng = rng_for(env_number("SC_SEED", 1) + p.abis[0]->index, index + i);
                visit(&p);
        }
        fflush(stdout);
        _exit(0);
}

/* Waits for children until only `left` run. */
static bool reap(size_t *running, size_t left)
{
        bool good = true;
        int status;

        for (; *running > left; (*running)--)
                good &= wait(&status) > 0 && status == 0;
        return good;
}

static bool visit_all(const struct pair *base, unsigned short (*pairs)[2], size_t n, size_t jobs,
                      void (*visit)(struct pair *p))
{
        size_t running = 0;
        bool good = true;

        for (size_t i = 0; i < n && good; i += CHUNK) {
                good = reap(&running, jobs - 1) &&
                       start(base, pairs + i, n - i < CHUNK ? n - i : CHUNK, i, visit) > 0;
                running += good;
        }
        return reap(&running, 0) && good;
}

ssize_t pairs_visit(struct collection *all, const char *machine, struct campaign_size size,
                    void (*visit)(struct pair *p), void *counts)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(4 * SC_DECISIONS_NODES_MAX);
        SC_CLEANUP(sc_freep) unsigned short (*pairs)[2] = calloc((size_t)ENTRIES_MAX * ENTRIES_MAX, sizeof(*pairs));
        struct pair base = { .all = all, .d = d, .counts = counts, .abis = { sc_abi_find(machine, strlen(machine)) } };
        struct rng rng = rng_for(env_number("SC_SEED", 1), (uint64_t)machine[0]);
        size_t jobs = size.jobs < 1 ? 1 : size.jobs > JOBS_MAX ? JOBS_MAX : size.jobs, n;

        base.n_abis = 1 + sc_abi_subordinates(base.abis[0], base.abis + 1);
        for (size_t i = 0; d && i < all->n; i++) {
                SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();

                entry_decide(all, &all->entries[i], base.abis[0], d, diags);
        }
        if (!d || !pairs || sc_decisions_error(d))
                return -1;
        n = shuffle(all, &rng, pairs);
        n = size.some && size.some < n ? size.some : n;
        return visit_all(&base, pairs, n, jobs, visit) ? (ssize_t)n : -1;
}

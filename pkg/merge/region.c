/* SPDX-License-Identifier: Apache-2.0 */
/* From a decision back to a condition: ranges of kernels, capabilities, and cubes over arguments. */
#include <errno.h>
#include <stdlib.h>

#include "decision/cover.h"
#include "merge/internal.h"
#include "policy/describe.h"

#define PARTS_MAX 200   /* of one condition; the language has 256 */
#define CHUNK_PARTS 150 /* with which a condition is not made longer */

#define CAPS_DEPTH_MAX 4 /* capabilities that are told one after the other; more make a sum of products */

/* A condition on its way. */
struct writer {
        struct merge *m;
        const struct sc_abi *abi; /* by which arguments and constants are named */
        int call;
        bool raw; /* no names: whole registers and numbers */
};

/* Adds one more condition to some that are joined; *cond is NULL before the first. */
static int join(struct writer *w, enum sc_cond_kind kind, const struct sc_cond *more, const struct sc_cond **cond)
{
        return merge_join(w->m, kind, *cond, more, cond);
}

static int write_bound(struct writer *w, enum sc_compare compare, sc_kernel kernel, const struct sc_cond **cond)
{
        struct sc_cond *made;
        int r = merge_new_cond(w->m, SC_COND_KERNEL, &made);

        if (r < 0)
                return r;
        made->compare = compare;
        made->kernel = kernel;
        return join(w, SC_COND_AND, made, cond);
}

static int negate(struct writer *w, const struct sc_cond *cond, const struct sc_cond **ret_cond)
{
        struct sc_cond *made;
        int r = 0;

        if (cond->kind == SC_COND_NOT) {
                *ret_cond = cond->left;
                return 0;
        }
        if (cond->kind == SC_COND_KERNEL && cond->compare == SC_GE) {
                *ret_cond = NULL;
                return write_bound(w, SC_LT, cond->kernel, ret_cond);
        }
        r = merge_new_cond(w->m, cond->kind == SC_COND_COMPARE ? SC_COND_COMPARE : SC_COND_NOT, &made);
        if (r < 0)
                return r;
        if (cond->kind == SC_COND_COMPARE) { /* only == and != are made here */
                *made = *cond;
                made->compare = cond->compare == SC_EQ ? SC_NE : SC_EQ;
        } else
                made->left = cond;
        *ret_cond = made;
        return 0;
}

static int number(struct writer *w, uint64_t n, const struct sc_value **ret_value)
{
        struct sc_value *value = sc_arena_alloc(w->m->arena, sizeof(*value));

        if (!value)
                return -ENOMEM;
        value->kind = SC_VALUE_NUMBER;
        value->number = n;
        *ret_value = value;
        return 0;
}

/* A register's bits under a mask that have one of some values, sorted. */
static int compare_register(struct writer *w, unsigned arg, uint64_t mask, const uint64_t *values, size_t n,
                            const struct sc_cond **ret_cond)
{
        const struct sc_range **end;
        struct sc_cond *cond;
        int r = merge_new_cond(w->m, n == 1 ? SC_COND_COMPARE : SC_COND_IN, &cond);

        if (r == 0 && mask != UINT64_MAX)
                r = number(w, mask, &cond->argument.mask);
        if (r < 0)
                return r;
        cond->argument.position = arg;
        cond->argument.raw = true;
        cond->compare = SC_EQ;
        end = &cond->ranges;
        for (size_t i = 0; i < n && r == 0; i++) {
                struct sc_range *range = sc_arena_alloc(w->m->arena, sizeof(*range));

                if (!range)
                        return -ENOMEM;
                r = number(w, values[i], &cond->value);
                range->first = range->last = cond->value;
                *end = range;
                end = &range->next;
        }
        *ret_cond = cond;
        return r;
}

/* The one word that a cube tests, if there is only one, and it is an argument; else 0. */
static unsigned only_word(const struct sc_path *cube)
{
        unsigned only = 0;

        for (unsigned word = 0; word < SC_WORD_COUNT; word++) {
                if (!cube->masks[word])
                        continue;
                if (only || word < SC_WORD_ARG0)
                        return 0;
                only = word;
        }
        return only;
}

static int write_caps(struct writer *w, const struct sc_path *cube, const struct sc_cond **cond)
{
        int r = 0;

        for (unsigned cap = 0; cap < 64 && r == 0; cap++) {
                const struct sc_cond *atom;
                struct sc_cond *made;

                if (!(cube->masks[SC_WORD_CAPS] >> cap & 1))
                        continue;
                r = merge_new_cond(w->m, SC_COND_CAP, &made);
                if (r < 0)
                        return r;
                made->cap = cap;
                atom = made;
                if (!(cube->values[SC_WORD_CAPS] >> cap & 1))
                        r = negate(w, made, &atom);
                if (r == 0)
                        r = join(w, SC_COND_AND, atom, cond);
        }
        return r;
}

static int write_cube(struct writer *w, const struct sc_path *cube, const struct sc_cond **ret_cond)
{
        const struct sc_cond *cond = NULL;
        int r = write_caps(w, cube, &cond);

        for (unsigned word = SC_WORD_ARG0; word < SC_WORD_COUNT && r == 0; word++) {
                const struct sc_cond *atom;

                if (!cube->masks[word])
                        continue;
                r = compare_register(w, word - SC_WORD_ARG0, cube->masks[word], &cube->values[word], 1, &atom);
                if (r == 0)
                        r = join(w, SC_COND_AND, atom, &cond);
        }
        *ret_cond = cond;
        return r;
}

static int compare_numbers(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return x < y ? -1 : x > y;
}

/* The cube at `at`, and those behind it that test the same bits of one word alone, which become a set with it. */
static int write_set(struct writer *w, const struct sc_path *cubes, size_t n, size_t at, bool *done,
                     const struct sc_cond **ret_cond)
{
        unsigned word = only_word(&cubes[at]);
        uint64_t values[SC_MERGE_CUBES_MAX];
        size_t n_values = 0;

        if (!word)
                return write_cube(w, &cubes[at], ret_cond);
        for (size_t i = at; i < n; i++)
                if (!done[i] && only_word(&cubes[i]) == word && cubes[i].masks[word] == cubes[at].masks[word]) {
                        values[n_values++] = cubes[i].values[word];
                        done[i] = true;
                }
        qsort(values, n_values, sizeof(*values), compare_numbers);
        return compare_register(w, word - SC_WORD_ARG0, cubes[at].masks[word], values, n_values, ret_cond);
}

static int write_cubes(struct writer *w, const struct sc_path *cubes, size_t n, const struct sc_cond **ret_cond)
{
        bool done[SC_MERGE_CUBES_MAX] = { false };
        const struct sc_cond *cond = NULL;
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++) {
                const struct sc_cond *one = NULL;

                if (done[i])
                        continue;
                r = write_set(w, cubes, n, i, done, &one);
                if (r == 0)
                        r = join(w, SC_COND_OR, one, &cond);
        }
        *ret_cond = cond;
        return r;
}

/* A region of arguments alone, as a person would put it. 1 if that is too much. */
static int write_described(struct writer *w, sc_node region, const struct sc_cond **ret_cond)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;
        int r = sc_condition_describe(w->m->d, region, w->abi, w->call, SC_DESCRIBE_POLICY, SC_DESCRIBE_PARTS_MAX,
                                      &text);

        if (r == -E2BIG)
                return sc_decisions_error(w->m->d) ? sc_decisions_error(w->m->d) : 1;
        if (r == 0)
                r = text.failed ? -ENOMEM
                                : sc_policy_condition_read(w->m->arena, text.text, w->call, ret_cond);
        return r == -EBADMSG ? 1 : r;
}

static int write_given(struct writer *w, sc_node region, unsigned depth, const struct sc_cond **ret_cond);

/* What holds under a condition of its own, `own`, or without one. */
static int write_case(struct writer *w, const struct sc_cond *own, sc_node region, unsigned depth,
                      const struct sc_cond **cond)
{
        const struct sc_cond *below = NULL;
        int r = 0;

        if (region == sc_decision_leaf(w->m->d, 0))
                return 0;
        if (region != sc_decision_leaf(w->m->d, 1))
                r = write_given(w, region, depth + 1, &below);
        if (r == 0 && below)
                r = join(w, SC_COND_AND, below, &own);
        return r ? r : join(w, SC_COND_OR, own, cond);
}

/* What holds where `own` does, and where it does not; what is the same in both stands by itself. */
static int write_cases(struct writer *w, const struct sc_cond *own, sc_node with, sc_node without, unsigned depth,
                       const struct sc_cond **ret_cond)
{
        sc_node both = sc_decision_and(w->m->d, with, without), never = sc_decision_leaf(w->m->d, 0);
        const struct sc_cond *cond = NULL, *not = NULL;
        int r = write_case(w, own, with == both ? never : with, depth, &cond);

        if (r == 0 && without != both)
                r = negate(w, own, &not);
        if (r == 0 && not)
                r = write_case(w, not, without, depth, &cond);
        if (r == 0 && (with == both || without == both))
                r = write_case(w, NULL, both, depth, &cond);
        *ret_cond = cond;
        return r;
}

/* One capability after the other, and below them arguments as a person would put them. 1 if that is too much. */
static int write_given(struct writer *w, sc_node region, unsigned depth, const struct sc_cond **ret_cond)
{
        struct sc_decisions *d = w->m->d;
        sc_node without, with;
        struct sc_cond *own;
        enum sc_word word;
        uint64_t bit;
        int r;

        if (sc_decision_is_below(d, region, SC_WORD_CAPS))
                return write_described(w, region, ret_cond);
        if (depth == CAPS_DEPTH_MAX || !sc_decision_split(d, region, &word, &bit, &without, &with))
                return 1;
        r = merge_new_cond(w->m, SC_COND_CAP, &own);
        if (r < 0)
                return r;
        own->cap = (unsigned)__builtin_ctzll(bit);
        return write_cases(w, own, with, without, depth, ret_cond);
}

/* A region without kernels, which is not constant: its cover, or what is left of its complement's, if that is less. */
static int write_cover(struct writer *w, sc_node region, const struct sc_cond **ret_cond)
{
        struct sc_decisions *d = w->m->d;
        SC_CLEANUP(sc_freep) struct sc_path *in = NULL;
        SC_CLEANUP(sc_freep) struct sc_path *out = NULL;
        size_t n_in, n_out;
        int r_in = 1, r_out;

        if (!w->raw)
                r_in = write_given(w, region, 0, ret_cond);
        if (r_in <= 0)
                return r_in;
        r_in = sc_decision_cover(d, region, SC_MERGE_CUBES_MAX, &in, &n_in);
        r_out = sc_decision_cover(d, sc_decision_not(d, region), SC_MERGE_CUBES_MAX, &out, &n_out);
        if ((r_in < 0 && r_in != -E2BIG) || sc_decisions_error(d))
                return sc_decisions_error(d) ? sc_decisions_error(d) : r_in;
        if (r_out < 0 && (r_in < 0 || r_out != -E2BIG))
                return r_out;
        if (r_out < 0 || (r_in == 0 && n_in <= n_out))
                return write_cubes(w, in, n_in, ret_cond);
        r_out = write_cubes(w, out, n_out, ret_cond);
        if (r_out == 0 && !*ret_cond) /* a cover of nothing: the region would be constant */
                r_out = -EINVAL;
        return r_out ? r_out : negate(w, *ret_cond, ret_cond);
}

/* Ranges of kernels are the runs of their word. */
struct kernels {
        struct writer *w;
        const struct sc_cond *cond;
        sc_node before, last; /* the last two */
        sc_kernel from;       /* where the last one begins */
        size_t n;
};

static int see_kernels(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct kernels *k = data;
        const struct sc_cond *cond = NULL, *below = NULL;
        uint32_t value;
        int r = 0;

        if (sc_decision_is_leaf(k->w->m->d, node, &value)) {
                if (!value)
                        return 0;
        } else
                r = write_cover(k->w, node, &below);
        if (r == 0 && first > 0)
                r = write_bound(k->w, SC_GE, (sc_kernel)first, &cond);
        if (r == 0 && last < UINT32_MAX)
                r = write_bound(k->w, SC_LT, (sc_kernel)last + 1, &cond);
        if (r == 0 && below)
                r = join(k->w, SC_COND_AND, below, &cond);
        return r ? r : join(k->w, SC_COND_OR, cond, &k->cond);
}

static int count_kernels(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct kernels *k = data;

        (void)last;
        k->before = k->last;
        k->last = node;
        k->from = (sc_kernel)first;
        k->n++;
        return 0;
}

/* A region that changes with one kernel: "kernel >= 4.8 || CAP_SYS_PTRACE". 1 if it does not, or that is too much. */
static int write_since(struct writer *w, sc_node region, const struct sc_cond **ret_cond)
{
        struct kernels kernels = { .w = w };
        const struct sc_cond *own = NULL;
        int r = sc_decision_runs(w->m->d, region, SC_WORD_KERNEL, count_kernels, &kernels);

        if (r < 0 || kernels.n != 2 || w->raw)
                return r < 0 ? r : 1;
        r = write_bound(w, SC_GE, kernels.from, &own);
        return r ? r : write_cases(w, own, kernels.last, kernels.before, 0, ret_cond);
}

static int write_region(struct writer *w, sc_node region, const struct sc_cond **ret_cond)
{
        struct kernels kernels = { .w = w };
        int r;

        if (sc_decision_is_below(w->m->d, region, SC_WORD_KERNEL))
                return write_cover(w, region, ret_cond);
        r = write_since(w, region, ret_cond);
        if (r <= 0)
                return r;
        r = sc_decision_runs(w->m->d, region, SC_WORD_KERNEL, see_kernels, &kernels);
        *ret_cond = kernels.cond;
        return r;
}

/* True if the condition is the region on every one of the ABIs. */
static bool holds(const struct writer *w, uint32_t places, sc_node region, const struct sc_cond *cond)
{
        for (size_t i = 0; i < w->m->policy.n_abis; i++) {
                sc_node may, must;

                if (!(places >> i & 1))
                        continue;
                sc_policy_condition(w->m->d, cond, w->m->policy.abis[i], w->call, &may, &must);
                if (may != region || must != region)
                        return false;
        }
        return true;
}

/* How many parts the language's reader finds in a condition, at most. */
static size_t count_parts(const struct sc_cond *cond)
{
        size_t n = 4; /* itself, an argument, a mask, a value */

        if (cond->kind == SC_COND_IN)
                for (const struct sc_range *range = cond->ranges; range; range = range->next)
                        n++;
        if (cond->left)
                n += count_parts(cond->left);
        return cond->right ? n + count_parts(cond->right) : n;
}

static int add(struct writer *w, const struct sc_cond *arch, const struct sc_cond *cond, sc_action action,
               struct merge_lines *lines)
{
        int r = merge_join(w->m, SC_COND_AND, arch, cond, &cond);

        return r ? r : merge_add_line(w->m, lines, cond, action);
}

/* A region that is too much for one condition: a line for some cubes, and for some more. */
static int add_chunks(struct writer *w, sc_node region, const struct sc_cond *arch, sc_action action,
                      struct merge_lines *lines)
{
        SC_CLEANUP(sc_freep) struct sc_path *cubes = NULL;
        const struct sc_cond *chunk = NULL;
        size_t n = 0;
        int r = -E2BIG;

        if (sc_decision_is_below(w->m->d, region, SC_WORD_KERNEL))
                r = sc_decision_cover(w->m->d, region, SC_MERGE_CUBES_MAX, &cubes, &n);
        for (size_t i = 0; i < n && r == 0; i++) {
                const struct sc_cond *one = NULL;

                r = write_cube(w, &cubes[i], &one);
                if (r == 0)
                        r = join(w, SC_COND_OR, one, &chunk);
                if (r == 0 && (i + 1 == n || count_parts(chunk) > CHUNK_PARTS)) {
                        r = add(w, arch, chunk, action, lines);
                        chunk = NULL;
                }
        }
        return r;
}

int merge_region(struct merge *m, int call, uint32_t places, sc_node region, const struct sc_cond *arch,
                 sc_action action, struct merge_lines *lines)
{
        struct writer w = { m, NULL, call, false };
        const struct sc_cond *cond = NULL;
        uint32_t value;
        size_t first = 0;
        int r = 0;

        if (region == SC_NODE_FAILED)
                return sc_decisions_error(m->d);
        if (sc_decision_is_leaf(m->d, region, &value))
                return merge_add_line(m, lines, arch, action);
        while (!(places >> first & 1))
                first++;
        w.abi = m->policy.abis[first];
        for (int raw = 0; raw <= 1 && r == 0; raw++) {
                w.raw = raw;
                r = write_region(&w, region, &cond);
                if (r == 0 && cond && count_parts(cond) <= PARTS_MAX && holds(&w, places, region, cond))
                        return add(&w, arch, cond, action, lines);
        }
        return r ? r : add_chunks(&w, region, arch, action, lines);
}

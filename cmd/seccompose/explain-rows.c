/* SPDX-License-Identifier: Apache-2.0 */
/* What other kernels, capabilities and consumers change: a row for each circumstance in which the answer is another. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "seccompose/explain.h"

#define CIRCUMSTANCES_MAX 32

/* Another kernel, or capabilities added and dropped. */
struct circumstance {
        sc_kernel first, last; /* the range of kernels; first > last: the same kernel */
        sc_caps flips;         /* capabilities that are otherwise */
        sc_node node;          /* of the function that told it from others */
        const char *actions;   /* once found */
};

struct finder {
        struct explainer *ex;
        struct circumstance items[CIRCUMSTANCES_MAX];
        size_t n;
};

/* Several functions in one: equal where all of them are. */
static uint32_t combine_mixed(uint32_t a, uint32_t b)
{
        return (a ^ (a >> 15)) * UINT32_C(2654435761) + b + 1;
}

/* A function of kernels and capabilities on which the answer depends, arguments or not. */
static sc_node dependence(struct explainer *ex)
{
        sc_node node = sc_decision_leaf(ex->d, 0);

        if (ex->input.policy && ex->q->call < 0)
                return node;
        if (ex->input.policy)
                return with_known(ex, sc_policy_call(ex->input.policy, ex->d, ex->q->abi, ex->q->call));
        for (size_t i = 0; ex->has_reasons && ex->view.consumer->docker_format && i < ex->reasons.n; i++)
                node = sc_decision_apply(ex->d, combine_mixed, node,
                                         sc_consumer_applies(ex->reasons.items[i].rule, ex->view.native, ex->d));
        return node;
}

static int visit_kernels(uint64_t first, uint64_t last, sc_node node, void *data)
{
        struct finder *f = data;
        bool here = first <= f->ex->view.kernel && f->ex->view.kernel <= last;

        if (!here && f->n < CIRCUMSTANCES_MAX)
                f->items[f->n++] = (struct circumstance){ (sc_kernel)first, (sc_kernel)last, 0, node, NULL };
        return 0;
}

/* Keeps the smallest sets of capabilities only: more of them say the same. */
static void add_flips(struct finder *f, sc_caps flips, sc_node node)
{
        for (size_t i = 0; i < f->n; i++)
                if (f->items[i].flips && !(f->items[i].flips & ~flips) && f->items[i].node == node)
                        return;
        if (f->n < CIRCUMSTANCES_MAX)
                f->items[f->n++] = (struct circumstance){ 1, 0, flips, node, NULL };
}

static void walk_caps(struct finder *f, sc_node node, sc_caps flips)
{
        sc_node clear, set;
        enum sc_word word;
        uint64_t bit;
        bool has;

        if (f->n == CIRCUMSTANCES_MAX)
                return;
        if (!sc_decision_split(f->ex->d, node, &word, &bit, &clear, &set) || word != SC_WORD_CAPS) {
                if (flips)
                        add_flips(f, flips, node);
                return;
        }
        has = f->ex->view.caps & bit;
        walk_caps(f, has ? set : clear, flips);
        walk_caps(f, has ? clear : set, flips | bit);
}

static void format_caps(struct sc_strbuf *out, const char *word, sc_caps caps)
{
        const char *separator = word;

        for (unsigned i = 0; i < sc_cap_count(); i++)
                if (caps >> i & 1) {
                        sc_strbuf_printf(out, "%s%s", separator, sc_cap_name(i));
                        separator = " and ";
                }
}

static void format_kernels(struct sc_strbuf *out, sc_kernel first, sc_kernel last)
{
        sc_kernel past = last + 1;

        if (first == 0)
                sc_strbuf_puts(out, "kernel");
        else
                sc_strbuf_printf(out, "kernel %u.%u", SC_KERNEL_MAJOR(first), SC_KERNEL_MINOR(first));
        if (last == UINT32_MAX)
                sc_strbuf_puts(out, " and newer");
        else
                sc_strbuf_printf(out, "%s before %u.%u", first ? " and newer," : "", SC_KERNEL_MAJOR(past),
                                 SC_KERNEL_MINOR(past));
}

static const char *format_circumstance(struct explainer *ex, const struct circumstance *c)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        sc_caps added = c->flips & ~ex->view.caps, dropped = c->flips & ex->view.caps;

        if (c->first <= c->last)
                format_kernels(&out, c->first, c->last);
        format_caps(&out, "with ", added);
        format_caps(&out, added ? ", without " : "without ", dropped);
        return keep(ex, &out);
}

static int add_row(struct explainer *ex, struct row row)
{
        if (!row.circumstance || !row.actions)
                return -ENOMEM;
        if (ex->answer->n_rows < ROWS_MAX)
                ex->answer->rows[ex->answer->n_rows++] = row;
        return 0;
}

/* The first error of a consumer that does not take the file. */
static const char *first_error(struct explainer *ex, const struct sc_diags *diags)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n; i++)
                if (all[i]->severity == SC_ERROR)
                        return sc_visible_copy(ex->s->arena, all[i]->message, strlen(all[i]->message));
        return "refused";
}

/* The answer in another view, whatever it is. */
static int ask_row(struct explainer *ex, const struct view *view, struct row *row)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct meaning meaning;
        sc_node whole, node;
        int r;

        if (!diags)
                return -ENOMEM;
        r = ask(ex, view, diags, &meaning, &whole, &node);
        if (r < 0 && r != -EBADMSG)
                return r;
        meaning_forward(ex->s, diags);
        row->refused = r < 0;
        row->differs = row->refused || node != ex->node;
        row->actions = row->refused ? first_error(ex, diags) : actions_of(ex, node, sc_decision_leaf(ex->d, 1));
        return 0;
}

/* True if fewer changes of capabilities have that answer too. */
static bool covered(const struct finder *f, size_t at, const char *actions)
{
        for (size_t i = 0; i < at; i++)
                if (f->items[i].flips && f->items[i].actions && !(f->items[i].flips & ~f->items[at].flips) &&
                    !strcmp(f->items[i].actions, actions))
                        return true;
        return false;
}

static int by_size(const void *a, const void *b)
{
        const struct circumstance *x = a, *y = b;
        int nx = __builtin_popcountll(x->flips), ny = __builtin_popcountll(y->flips);

        if (nx != ny)
                return (nx > ny) - (nx < ny);
        if (x->flips != y->flips)
                return (x->flips > y->flips) - (x->flips < y->flips);
        return (x->first > y->first) - (x->first < y->first);
}

static int ask_circumstances(struct finder *f)
{
        struct explainer *ex = f->ex;
        int r = 0;

        for (size_t i = 0; i < f->n && r == 0; i++) {
                struct circumstance *c = &f->items[i];
                struct view view = ex->view;
                struct row row = { 0 };

                view.caps ^= c->flips;
                if (c->first <= c->last)
                        view.kernel = c->first ? c->first : c->last;
                r = ask_row(ex, &view, &row);
                if (r < 0 || !row.differs || covered(f, i, row.actions))
                        continue;
                c->actions = row.actions;
                row.circumstance = format_circumstance(ex, c);
                r = add_row(ex, row);
        }
        return r;
}

static int find_environments(struct explainer *ex)
{
        struct finder f = { .ex = ex };
        sc_node node = dependence(ex);

        sc_decision_runs(ex->d, sc_decision_fix(ex->d, node, SC_WORD_CAPS, ex->view.caps), SC_WORD_KERNEL,
                         visit_kernels, &f);
        walk_caps(&f, sc_decision_fix(ex->d, node, SC_WORD_KERNEL, ex->view.kernel), 0);
        if (f.n == CIRCUMSTANCES_MAX)
                sc_diags_add(ex->s->diags, SC_NOTE, "many-circumstances", (struct sc_place){ 0 },
                             "the answer depends on more kernels and capabilities than the %d that were tried",
                             CIRCUMSTANCES_MAX);
        if (f.n)
                qsort(f.items, f.n, sizeof(*f.items), by_size);
        return sc_decisions_error(ex->d) ? sc_decisions_error(ex->d) : ask_circumstances(&f);
}

static int find_consumers(struct explainer *ex)
{
        int r = 0;

        if (!asks_all(ex))
                return 0;
        if (ex->input.kind == SC_FILE_BPF || ex->input.kind == SC_FILE_PROCESS)
                return 0;
        for (size_t i = 0; i < sc_consumer_count() && r == 0; i++) {
                struct row row = { .consumer = true, .circumstance = sc_consumer_at(i)->name };
                struct view view = ex->view;

                view.consumer = sc_consumer_at(i);
                r = ask_row(ex, &view, &row);
                if (r == 0)
                        r = add_row(ex, row);
        }
        return r;
}

int find_rows(struct explainer *ex)
{
        int r = find_environments(ex);

        return r ? r : find_consumers(ex);
}

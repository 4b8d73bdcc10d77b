/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose diff: what changes from one FILE to another, call by call. */
#include "seccompose/diff.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "seccompose/ask.h"

struct differ {
        struct session *s;
        const struct options *options;
        struct input inputs[2];
        struct view views[2];
        struct sc_decisions *d;
        struct diff_report report;
};

static const char *taken_by(const struct input *in, const struct view *view)
{
        if (in->kind == SC_FILE_BPF || in->kind == SC_FILE_PROCESS)
                return in->kind == SC_FILE_BPF ? "program" : "process";
        return view->consumer ? view->consumer->name : "policy";
}

static int read_side(struct differ *x, int i)
{
        int code = ask_file(x->s, x->options, x->options->args[i], &x->inputs[i], &x->views[i]);

        x->report.inputs[i] = &x->inputs[i];
        if (code)
                return code;
        x->report.takers[i] = taken_by(&x->inputs[i], &x->views[i]);
        x->report.kernel = x->views[i].kernel;
        return 0;
}

static bool among(const struct sc_abi *abi, const struct sc_abi *const *abis, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (abis[i] == abi)
                        return true;
        return false;
}

/* The machines of --arch; else one that both files speak of, this one if it is among them, and names of the rest. */
static size_t choose_machines(const struct differ *x, const struct sc_abi *ret_machines[SC_ABI_MAX],
                              struct sc_strbuf *ret_others)
{
        const struct sc_abi *named[2][SC_ABI_MAX], *native = sc_abi_native(), *first = NULL;
        size_t n[2], some;

        if (x->options->n_abis)
                return view_heads(x->options->abis, x->options->n_abis, ret_machines);
        for (int i = 0; i < 2; i++)
                n[i] = view_machines(&x->inputs[i], x->views[i].consumer, named[i]);
        some = n[0] ? 0 : 1;
        for (size_t k = 0; k < n[some]; k++) {
                if (n[!some] && !among(named[some][k], named[!some], n[!some]))
                        continue;
                if (!first || named[some][k] == native)
                        first = named[some][k];
        }
        for (size_t k = 0; k < n[some]; k++)
                if (named[some][k] != first && (!n[!some] || among(named[some][k], named[!some], n[!some])))
                        sc_strbuf_printf(ret_others, "%s%s", ret_others->len ? ", " : "", named[some][k]->name);
        ret_machines[0] = n[some] ? first : native;
        return ret_machines[0] ? 1 : 0;
}

/* Where nothing differs, a person could take that for all machines. */
static void note_others(struct differ *x, const struct sc_strbuf *others)
{
        struct sc_diag *diag;

        if (!others->len || !diff_is_same(&x->report))
                return;
        diag = sc_diags_add(x->s->diags, SC_NOTE, "not-compared", (struct sc_place){ 0 },
                            "these files are also for other machines, which are not compared: %s", others->text);
        sc_diag_hint(diag, "'seccompose verify' compares on all of them; see also --arch");
}

static size_t choose_abis(const struct differ *x, const struct sc_abi *machine, const struct sc_abi **ret_abis)
{
        size_t n = 0;

        if (x->options->n_abis == 0) {
                ret_abis[0] = machine;
                return sc_abi_subordinates(machine, ret_abis + 1) + 1;
        }
        for (size_t i = 0; i < x->options->n_abis; i++)
                if (view_in_family(x->options->abis[i], machine))
                        ret_abis[n++] = x->options->abis[i];
        return n;
}

/* What building a policy warns of shows in the difference: it is not told. */
static int find_meaning(struct differ *x, int i, const struct sc_abi *machine, struct meaning *ret_meaning)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct session quiet = *x->s;
        int r;

        if (!diags)
                return EXIT_SYSTEM;
        quiet.diags = diags;
        x->views[i].native = machine;
        r = meaning_of(&quiet, &x->inputs[i], &x->views[i], x->d, ret_meaning);
        if (r < 0)
                return report(&quiet, r, x->inputs[i].name);
        meaning_forward(x->s, diags);
        return 0;
}

static bool lacks(const struct meaning *meaning, const struct sc_abi *abi)
{
        return meaning->n_abis && !among(abi, meaning->abis, meaning->n_abis);
}

/* True if an ABI is not to be compared call by call: one filter does not have it, or neither has and both say so. */
static bool stands_apart(struct differ *x, const struct diff_place *place, const struct meaning meanings[2])
{
        struct sc_witness witness;

        if (diff_only_one_has(place))
                return true;
        return place->lacks[0] && sc_compare(x->d, meanings[0].node, meanings[1].node, SC_ASK_SAME, &place->abi, 1,
                                             &witness) == 0;
}

static bool is_there(const struct diff_report *report, const struct sc_abi *abi)
{
        for (size_t i = 0; i < report->n_places; i++)
                if (report->places[i].abi == abi)
                        return true;
        for (size_t i = 0; i < report->n_apart; i++)
                if (report->apart[i].abi == abi)
                        return true;
        return false;
}

static int add_place(struct differ *x, const struct sc_abi *machine, const struct sc_abi *abi,
                     const struct meaning meanings[2])
{
        struct diff_report *report = &x->report;
        struct diff_place place = { .machine = machine, .abi = abi, .label = abi->name };

        if (report->n_places + report->n_apart == SC_COMPARE_PLACES_MAX)
                return complain(x->s, "more than %d ABIs at once; see --arch", SC_COMPARE_PLACES_MAX);
        if (is_there(report, abi))
                place.label = sc_arena_printf(x->s->arena, "%s on %s", abi->name, machine->name);
        if (!place.label)
                return EXIT_SYSTEM;
        for (int i = 0; i < 2; i++)
                place.lacks[i] = lacks(&meanings[i], abi);
        if (stands_apart(x, &place, meanings)) {
                report->apart[report->n_apart++] = place;
                return 0;
        }
        report->places[report->n_places] = place;
        report->compared[report->n_places++] = (struct sc_compare_place){ abi, meanings[0].node, meanings[1].node };
        return 0;
}

static int add_machine(struct differ *x, const struct sc_abi *machine)
{
        const struct sc_abi *abis[SC_ABI_MAX + 1];
        size_t n = choose_abis(x, machine, abis);
        struct meaning meanings[2];
        int code = 0;

        x->report.machines[x->report.n_machines++] = machine;
        for (int i = 0; i < 2 && code == 0; i++)
                code = find_meaning(x, i, machine, &meanings[i]);
        for (size_t i = 0; i < n && code == 0; i++)
                code = add_place(x, machine, abis[i], meanings);
        return code;
}

static int print(const struct differ *x)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        int r;

        if (x->options->json)
                r = diff_print_json(&x->report, &out);
        else if (x->options->markdown)
                r = diff_print_markdown(&x->report, &out);
        else
                r = diff_print_text(&x->report, &out);
        if (r == 0)
                fwrite(out.text, 1, out.len, stdout);
        sc_strbuf_done(&out);
        return r;
}

static int compare(struct differ *x, const struct sc_abi *const *machines, size_t n, const struct sc_strbuf *others)
{
        int code = 0, r;

        for (size_t i = 0; i < n && code == 0; i++)
                code = add_machine(x, machines[i]);
        if (code)
                return code;
        r = others->failed ? -ENOMEM :
                             sc_compare_groups(x->s->arena, x->d, x->report.compared, x->report.n_places,
                                               &x->report.groups, &x->report.n_groups);
        if (r == 0)
                note_others(x, others);
        return report(x->s, r, "comparing");
}

static int run(struct differ *x)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf others = SC_STRBUF_INIT;
        const struct sc_abi *machines[SC_ABI_MAX];
        size_t n = choose_machines(x, machines, &others);
        int code;

        if (n == 0)
                return complain(x->s, "%s and %s are for different machines; see --arch", x->inputs[0].name,
                                x->inputs[1].name);
        code = compare(x, machines, n, &others);
        if (code)
                return code;
        if (print(x) < 0)
                return EXIT_SYSTEM;
        return diff_is_same(&x->report) ? EXIT_YES : EXIT_NO;
}

int verb_diff(struct session *s, const struct options *options)
{
        struct differ x = { .s = s, .options = options, .report = { .options = options } };
        int code;

        if (!strcmp(options->args[0], "-") && !strcmp(options->args[1], "-"))
                return complain(s, "only one of the files can be standard input");
        if (options->target && !strcmp(options->target, ASK_ALL))
                return complain(s, "diff asks one consumer at a time; 'verify --for all' finds those that differ");
        code = read_side(&x, 0);
        if (code == 0)
                code = read_side(&x, 1);
        if (code)
                return code;
        x.d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        code = x.d ? run(&x) : EXIT_SYSTEM;
        sc_decisions_free(x.d);
        return code;
}

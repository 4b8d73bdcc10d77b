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

/* What only one of the files speaks of. */
static void find_alone(struct differ *x, int i, const struct sc_abi *const *mine, size_t n_mine,
                       const struct sc_abi *const *theirs, size_t n_theirs)
{
        for (size_t k = 0; k < n_mine; k++)
                if (!sc_abi_among(mine[k], theirs, n_theirs))
                        x->report.alone[i][x->report.n_alone[i]++] = mine[k];
}

/* The machines of --arch; else all that both files speak of, this one first. */
static size_t choose_machines(struct differ *x, const struct sc_abi *ret_machines[SC_ABI_MAX])
{
        const struct sc_abi *named[2][SC_ABI_MAX], *native = sc_abi_native();
        size_t n[2], some, kept = 0;

        if (x->options->n_abis)
                return view_heads(x->options->abis, x->options->n_abis, ret_machines);
        for (int i = 0; i < 2; i++)
                n[i] = view_machines(&x->inputs[i], x->views[i].consumer, named[i]);
        some = n[0] ? 0 : 1;
        if (n[some] == 0) {
                ret_machines[0] = native;
                return 1;
        }
        for (int own = 1; own >= 0; own--)
                for (size_t k = 0; k < n[some]; k++)
                        if ((named[some][k] == native) == own &&
                            (n[!some] == 0 || sc_abi_among(named[some][k], named[!some], n[!some])))
                                ret_machines[kept++] = named[some][k];
        for (int i = 0; i < 2 && n[!i]; i++)
                find_alone(x, i, named[i], n[i], named[!i], n[!i]);
        return kept;
}

static size_t choose_abis(const struct differ *x, const struct sc_abi *machine, const struct sc_abi **ret_abis)
{
        size_t n = 0;

        if (x->options->n_abis == 0) {
                ret_abis[0] = machine;
                return sc_abi_subordinates(machine, ret_abis + 1) + 1;
        }
        for (size_t i = 0; i < x->options->n_abis; i++)
                if (sc_abi_in_family(x->options->abis[i], machine))
                        ret_abis[n++] = x->options->abis[i];
        return n;
}

/* What building a policy warns of shows in the difference: it is not told. A refusal comes out as its message. */
static int find_meaning(struct differ *x, int i, const struct sc_abi *machine, struct meaning *ret_meaning,
                        const char **ret_refusal)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct session quiet = *x->s;
        const struct sc_diag *refusal;
        int r;

        if (!diags)
                return EXIT_SYSTEM;
        quiet.diags = diags;
        x->views[i].native = machine;
        r = meaning_of(&quiet, &x->inputs[i], &x->views[i], x->d, ret_meaning);
        refusal = r == -EBADMSG ? ask_refusal(diags) : NULL;
        if (refusal) {
                *ret_refusal = sc_arena_strdup(x->s->arena, refusal->message);
                return *ret_refusal ? 0 : EXIT_SYSTEM;
        }
        if (r < 0)
                return report(&quiet, r, x->inputs[i].name);
        meaning_forward(x->s, diags);
        return 0;
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

/* The place of an ABI on another machine, if both files answer there as they do here. */
static const struct diff_place *find_same(struct differ *x, const struct diff_place *place,
                                          const struct sc_compare_place *here)
{
        for (size_t i = 0; i < x->report.n_places; i++) {
                const struct diff_place *other = &x->report.places[i];
                const struct sc_compare_place *there = other->at < 0 ? NULL : &x->report.compared[other->at];

                if (other->abi != place->abi || (other->at < 0) != (place->at < 0))
                        continue;
                if (there ? there->a == here->a && there->b == here->b
                          : other->lacks[0] == place->lacks[0] && other->lacks[1] == place->lacks[1])
                        return other;
        }
        return NULL;
}

static bool is_there(const struct diff_report *report, const struct sc_abi *abi)
{
        for (size_t i = 0; i < report->n_places; i++)
                if (report->places[i].abi == abi)
                        return true;
        return false;
}

/* Adds what is to be compared call by call, once for all machines on which it is the same. */
static int add_compared(struct differ *x, struct diff_place *place, const struct sc_compare_place *here)
{
        struct diff_report *report = &x->report;

        if (report->n_compared == SC_COMPARE_PLACES_MAX)
                return complain(x->s, "more than %d ABIs at once; see --arch", SC_COMPARE_PLACES_MAX);
        report->labels[report->n_compared] = place->label;
        report->compared[report->n_compared] = *here;
        place->at = (int)report->n_compared++;
        return 0;
}

static int add_place(struct differ *x, const struct sc_abi *machine, const struct sc_abi *abi,
                     const struct meaning meanings[2])
{
        struct diff_report *report = &x->report;
        struct diff_place place = { .machine = machine, .abi = abi, .label = abi->name };
        const struct sc_compare_place here = {
                .abi = abi,
                .a = sc_decision_fix(x->d, meanings[0].node, SC_WORD_ARCH, abi->audit_arch),
                .b = sc_decision_fix(x->d, meanings[1].node, SC_WORD_ARCH, abi->audit_arch),
        };
        const struct diff_place *same;
        int code = 0;

        if (report->n_places == DIFF_PLACES_MAX)
                return complain(x->s, "more than %d ABIs of machines; see --arch", DIFF_PLACES_MAX);
        for (int i = 0; i < 2; i++)
                place.lacks[i] = !meaning_has_abi(&meanings[i], abi);
        place.at = stands_apart(x, &place, meanings) ? -1 : 0;
        same = find_same(x, &place, &here);
        if (same) {
                place.label = same->label;
                place.at = same->at;
        } else {
                if (is_there(report, abi))
                        place.label = sc_arena_printf(x->s->arena, "%s on %s", abi->name, machine->name);
                if (!place.label)
                        return EXIT_SYSTEM;
                code = place.at < 0 ? 0 : add_compared(x, &place, &here);
        }
        if (code == 0)
                report->places[report->n_places++] = place;
        return code;
}

static int add_machine(struct differ *x, const struct sc_abi *machine)
{
        const struct sc_abi *abis[SC_ABI_MAX + 1];
        size_t n = choose_abis(x, machine, abis);
        struct diff_refusal refusal = { .machine = machine };
        struct meaning meanings[2];
        int code = 0;

        for (int i = 0; i < 2 && code == 0; i++)
                code = find_meaning(x, i, machine, &meanings[i], &refusal.messages[i]);
        if (code == 0 && (refusal.messages[0] || refusal.messages[1])) {
                x->report.refusals[x->report.n_refusals++] = refusal;
                return 0;
        }
        for (size_t i = 0; i < n && code == 0; i++)
                code = add_place(x, machine, abis[i], meanings);
        return code;
}

/* A file that is taken nowhere is bad input, told with its place. */
static int report_refusal(struct differ *x)
{
        int i = x->report.refusals[0].messages[0] ? 0 : 1;
        struct meaning meaning;

        x->views[i].native = x->report.refusals[0].machine;
        return report(x->s, meaning_of(x->s, &x->inputs[i], &x->views[i], x->d, &meaning), x->inputs[i].name);
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

static int run(struct differ *x)
{
        const struct sc_abi *machines[SC_ABI_MAX];
        size_t n = choose_machines(x, machines);
        int code = 0, r;

        if (n == 0)
                return complain(x->s, "%s and %s are for different machines; see --arch", x->inputs[0].name,
                                x->inputs[1].name);
        for (size_t i = 0; i < n && code == 0; i++)
                code = add_machine(x, machines[i]);
        if (code == 0 && x->report.n_places == 0)
                code = report_refusal(x);
        if (code)
                return code;
        r = sc_compare_groups(x->s->arena, x->d, x->report.compared, x->report.n_compared, &x->report.groups,
                              &x->report.n_groups);
        code = report(x->s, r, "comparing");
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
        for (int i = 0; i < 2 && code == 0; i++)
                code = ask_note_caps(s, options, &x.inputs[i], &x.inputs[!i]);
        if (code)
                return code;
        x.d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        code = x.d ? run(&x) : EXIT_SYSTEM;
        sc_decisions_free(x.d);
        return code;
}

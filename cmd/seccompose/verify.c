/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose verify: do two FILEs mean the same, or is one at least as strict as the other? */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"
#include "seccompose/ask.h"
#include "seccompose/verdict.h"
#include "seccompose/verify-probe.h"

struct side {
        struct input input;
        struct view view;
        bool each; /* it is taken as every consumer takes it */
};

struct verifier {
        struct session *s;
        const struct options *options;
        struct side sides[2];
        struct verdicts verdicts;
        struct comparison **end; /* of the list of comparisons */
        size_t n_compared;       /* of them, those that both files took part in */
};

static int read_side(struct verifier *v, int i)
{
        struct side *side = &v->sides[i];
        const char *file;
        bool own = view_of_name(v->options->args[i], &file) != NULL;
        int code = ask_file(v->s, v->options, v->options->args[i], &side->input, &side->view);

        side->each = code == 0 && !own && !side->view.consumer && v->options->target &&
                     !strcmp(v->options->target, ASK_ALL) && side->input.kind != SC_FILE_BPF &&
                     side->input.kind != SC_FILE_PROCESS;
        v->verdicts.inputs[i] = &side->input;
        v->verdicts.kernel = side->view.kernel;
        return code;
}

/*
 * Finds what a side means in one comparison. What building a policy warns of shows in the comparison. Returns an exit
 * code; a refusal is in the comparison.
 */
static int find_meaning(struct verifier *v, int i, struct comparison *c, struct sc_decisions *d, struct meaning *ret)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct session quiet = *v->s;
        struct side *side = &v->sides[i];
        const struct sc_diag *refusal;
        int r;

        if (!diags)
                return EXIT_SYSTEM;
        quiet.diags = diags;
        side->view.native = c->machine;
        side->view.consumer = c->consumers[i];
        if (c->consumers[i] && !c->consumers[i]->docker_format && v->options->n_abis) {
                side->view.abis = c->abis;
                side->view.n_abis = c->n_abis;
        } else {
                side->view.abis = v->options->abis;
                side->view.n_abis = v->options->n_abis;
        }
        r = meaning_of(&quiet, &side->input, &side->view, d, ret);
        refusal = r == -EBADMSG ? ask_refusal(diags) : NULL;
        if (refusal) {
                c->refusals[i] = sc_visible_copy(v->s->arena, refusal->message, strlen(refusal->message));
                return c->refusals[i] ? 0 : EXIT_SYSTEM;
        }
        if (r < 0)
                return report(&quiet, r, side->input.name);
        meaning_forward(v->s, diags);
        return 0;
}

/* The witness again, by running the programs: the proof's own machinery is not to be believed blindly. */
static int confirm(struct verifier *v, int i, const struct meaning *m, struct comparison *c)
{
        uint32_t said = i ? c->witness.b : c->witness.a, ran;

        c->ran[i] = meaning_can_run(m, &c->witness.input);
        if (!c->ran[i])
                return 0;
        ran = meaning_run(m, &c->witness.input);
        if (ran == said)
                return 0;
        fprintf(stderr,
                "%s: error: the filter of %s answers %#x where its decision says %#x: a mistake of seccompose\n",
                v->s->program, v->sides[i].input.name, ran, said);
        return EXIT_SYSTEM;
}

/* True for an ABI that is none of a policy's business: there any denial by the other file will do. */
static bool is_open(const struct meaning *m, const struct sc_abi *abi)
{
        return m->policy && !m->consumer && !meaning_has_abi(m, abi);
}

/* The other file on an ABI that side `i` leaves open: may it let anything through? */
static int compare_open(const struct verifier *v, int i, struct comparison *c, struct sc_decisions *d,
                        const struct meaning meanings[2], const struct sc_abi *abi)
{
        sc_node denial = sc_decision_leaf(d, SECCOMP_RET_ERRNO | EPERM);
        int r = 0;

        if (i == 1 || v->verdicts.question == SC_ASK_SAME) /* as A, it is as strict as can be */
                r = sc_compare(d, meanings[!i].node, denial, SC_ASK_SUBSET, &abi, 1, &c->witness);
        if (r == 1) {
                c->witness.a = sc_decision_eval(d, meanings[0].node, &c->witness.input);
                c->witness.b = sc_decision_eval(d, meanings[1].node, &c->witness.input);
        }
        return r;
}

/* 0: yes, 1: no, or an error. */
static int ask_all_abis(const struct verifier *v, struct comparison *c, struct sc_decisions *d,
                        const struct meaning meanings[2])
{
        const struct sc_abi *exact[SC_ABI_MAX + 1];
        size_t n = 0;
        int r;

        for (size_t k = 0; k < c->n_abis; k++)
                if (!is_open(&meanings[0], c->abis[k]) && !is_open(&meanings[1], c->abis[k]))
                        exact[n++] = c->abis[k];
        r = sc_compare(d, meanings[0].node, meanings[1].node, v->verdicts.question, exact, n, &c->witness);
        for (size_t k = 0; k < c->n_abis; k++)
                for (int i = 0; i < 2 && r == 0; i++)
                        if (is_open(&meanings[i], c->abis[k]))
                                r = compare_open(v, i, c, d, meanings, c->abis[k]);
        return r;
}

static int compare_meanings(struct verifier *v, struct comparison *c, struct sc_decisions *d,
                            const struct meaning meanings[2])
{
        int r = ask_all_abis(v, c, d, meanings);
        int code = 0;

        if (r < 0)
                return report(v->s, r, "comparing");
        c->verdict = r ? VERDICT_NO : VERDICT_YES;
        v->n_compared++;
        for (int i = 0; i < 2; i++)
                for (size_t k = 0; k < c->n_abis; k++)
                        c->killed[i] |= meaning_has_abi(&meanings[i], c->abis[k]) ? 0 : UINT32_C(1) << k;
        for (int i = 0; i < 2 && r == 1 && code == 0; i++)
                code = confirm(v, i, &meanings[i], c);
        return code;
}

/* Where a file is refused, nothing runs: that is as strict as can be. */
static void judge_refusals(const struct verifier *v, struct comparison *c)
{
        bool enough = c->refusals[1] || v->verdicts.question == SC_ASK_SUBSET;

        c->verdict = c->refusals[0] && enough ? VERDICT_REFUSED : VERDICT_NO;
}

/* A file that the one consumer asked about does not take is bad input, told with its place. */
static int report_refusal(struct verifier *v, int i, struct sc_decisions *d)
{
        struct meaning meaning;

        return report(v->s, meaning_of(v->s, &v->sides[i].input, &v->sides[i].view, d, &meaning),
                      v->sides[i].input.name);
}

static int compare_here(struct verifier *v, struct comparison *c)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct meaning meanings[2];
        int code = d ? 0 : EXIT_SYSTEM;

        for (int i = 0; i < 2 && code == 0; i++)
                code = find_meaning(v, i, c, d, &meanings[i]);
        if (code)
                return code;
        if (!c->refusals[0] && !c->refusals[1])
                return compare_meanings(v, c, d, meanings);
        for (int i = 0; i < 2; i++)
                if (c->refusals[i] && !c->refusals[!i] && !v->sides[i].each && v->n_compared == 0)
                        return report_refusal(v, i, d);
        judge_refusals(v, c);
        return 0;
}

/* The ABIs to compare on a machine: those of --arch, else all that it can run. */
static void choose_abis(const struct options *options, struct comparison *c)
{
        size_t n = sc_abi_subordinates(c->machine, c->abis + 1);

        c->abis[0] = c->machine;
        c->n_abis = n + 1;
        if (options->n_abis == 0)
                return;
        c->n_abis = 0;
        for (size_t i = 0; i < options->n_abis; i++)
                if (sc_abi_in_family(options->abis[i], c->machine))
                        c->abis[c->n_abis++] = options->abis[i];
}

/* What only one of the files speaks of. */
static void note_others(struct verifier *v, int i, const struct sc_abi *const *mine, size_t n_mine,
                        const struct sc_abi *const *theirs, size_t n_theirs)
{
        struct sc_strbuf names = SC_STRBUF_INIT;

        for (size_t k = 0; k < n_mine; k++)
                if (!sc_abi_among(mine[k], theirs, n_theirs))
                        sc_strbuf_printf(&names, "%s%s", names.len ? ", " : "", mine[k]->name);
        if (names.len)
                sc_diags_add(v->s->diags, SC_NOTE, "not-compared", (struct sc_place){ 0 },
                             "only %s speaks of machines of %s: not compared there", v->sides[i].input.name,
                             names.text ? names.text : "");
        sc_strbuf_done(&names);
}

/* The machines that both files speak of; this one first, since that is most likely meant. */
static size_t choose_machines(struct verifier *v, const struct sc_consumer *const consumers[2],
                              const struct sc_abi *ret_machines[SC_ABI_MAX])
{
        const struct sc_abi *named[2][SC_ABI_MAX], *native = sc_abi_native();
        size_t n[2], some, kept = 0;

        if (v->options->n_abis)
                return view_heads(v->options->abis, v->options->n_abis, ret_machines);
        for (int i = 0; i < 2; i++)
                n[i] = view_machines(&v->sides[i].input, consumers[i], named[i]);
        if (n[0] == 0 && n[1] == 0) {
                ret_machines[0] = native;
                return 1;
        }
        some = n[0] ? 0 : 1;
        for (int own = 1; own >= 0; own--)
                for (size_t k = 0; k < n[some]; k++)
                        if ((named[some][k] == native) == own &&
                            (n[!some] == 0 || sc_abi_among(named[some][k], named[!some], n[!some])))
                                ret_machines[kept++] = named[some][k];
        if (n[0] && n[1] && kept) {
                note_others(v, 0, named[0], n[0], named[1], n[1]);
                note_others(v, 1, named[1], n[1], named[0], n[0]);
        }
        return kept;
}

/* Compares on all machines, until they differ. */
static int compare_as(struct verifier *v, const struct sc_consumer *const consumers[2], bool *ret_differs)
{
        const struct sc_abi *machines[SC_ABI_MAX];
        size_t n = choose_machines(v, consumers, machines);

        if (n == 0)
                return complain(v->s, "%s and %s are for different machines; see --arch", v->sides[0].input.name,
                                v->sides[1].input.name);
        for (size_t i = 0; i < n && !*ret_differs; i++) {
                struct comparison *c = sc_arena_alloc(v->s->arena, sizeof(*c));
                int code;

                if (!c)
                        return EXIT_SYSTEM;
                c->machine = machines[i];
                memcpy(c->consumers, consumers, sizeof(c->consumers));
                choose_abis(v->options, c);
                code = compare_here(v, c);
                if (code)
                        return code;
                *v->end = c;
                v->end = &c->next;
                *ret_differs = c->verdict == VERDICT_NO;
        }
        return 0;
}

static int compare_all(struct verifier *v, bool *ret_differs)
{
        size_t rounds = v->sides[0].each || v->sides[1].each ? sc_consumer_count() : 1;
        int code = 0;

        for (size_t i = 0; i < rounds && code == 0 && !*ret_differs; i++) {
                const struct sc_consumer *consumers[2];

                for (int k = 0; k < 2; k++)
                        consumers[k] = v->sides[k].each ? sc_consumer_at(i) : v->sides[k].view.consumer;
                code = compare_as(v, consumers, ret_differs);
        }
        return code;
}

static void note_refusals(const struct verifier *v)
{
        for (const struct comparison *c = v->verdicts.first; c; c = c->next) {
                bool two = c->refusals[1] && c->consumers[1] != c->consumers[0];

                if (c->verdict == VERDICT_REFUSED)
                        sc_diags_add(v->s->diags, v->n_compared ? SC_NOTE : SC_ERROR, "not-compared",
                                     (struct sc_place){ 0 },
                                     "%s is refused on %s machines by %s%s%s, nothing is compared there: %s",
                                     c->refusals[1] ? "each file" : v->sides[0].input.name, c->machine->name,
                                     c->consumers[0]->name, two ? " and " : "", two ? c->consumers[1]->name : "",
                                     c->refusals[0]);
        }
}

int verb_verify(struct session *s, const struct options *options)
{
        struct verifier v = {
                .s = s,
                .options = options,
                .verdicts = { .s = s, .options = options, .question = options->subset ? SC_ASK_SUBSET : SC_ASK_SAME },
        };
        bool differs = false;
        int code;

        if (options->probe)
                return verify_probe(s, options);
        if (options->n_args < 2)
                return complain(s, "something is missing: verify compares two files, or with --probe answers with one");
        v.end = &v.verdicts.first;
        if (!strcmp(options->args[0], "-") && !strcmp(options->args[1], "-"))
                return complain(s, "only one of the files can be standard input");
        code = read_side(&v, 0);
        if (code == 0)
                code = read_side(&v, 1);
        for (int i = 0; i < 2 && code == 0; i++)
                code = ask_note_caps(s, options, &v.sides[i].input, &v.sides[!i].input);
        if (code == 0)
                code = compare_all(&v, &differs);
        if (code)
                return code;
        note_refusals(&v);
        code = report(s, v.n_compared || differs ? 0 : -EBADMSG, "comparing");
        if (code == 0 && verdicts_print(&v.verdicts) < 0)
                code = EXIT_SYSTEM;
        return code ? code : differs ? EXIT_NO : EXIT_YES;
}

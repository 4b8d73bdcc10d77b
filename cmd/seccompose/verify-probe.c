/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose verify --probe: is what a kernel answered (seccompose-probe) what a FILE says? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/visible.h"
#include "seccompose/verify-probe.h"

/* An answer by itself: a decision of 32 bits, or several that it may have been. */
static bool is_one(const struct sc_answer *answer)
{
        return __builtin_popcount(answer->may) == 1;
}

/* An ABI that a policy by itself does not list is none of its business: any denial will do. */
static bool agrees(const struct meaning *m, const struct sc_answer *answer, uint32_t said)
{
        if (m->policy && !m->consumer && !sc_abi_among(answer->abi, m->abis, m->n_abis))
                return sc_answer_may_deny(answer);
        return sc_answer_agrees(answer, said);
}

/* The number of a line that is not before those that were asked for earlier. */
static unsigned line_number(struct probe_verdict *v, struct sc_place line)
{
        const char *p = line.source->text + v->counted_to, *end = line.source->text + line.offset;

        while ((p = memchr(p, '\n', (size_t)(end - p)))) {
                v->counted++;
                p++;
        }
        v->counted_to = line.offset;
        return v->counted + 1;
}

/* The first difference of each call is kept, and how many it has. */
static void add_difference(struct probe_verdict *v, const struct sc_answer *answer, uint32_t said,
                           struct sc_place line)
{
        v->n_differing++;
        for (size_t i = v->n_differences; i-- > 0;) { /* most often the last one */
                struct probe_difference *d = &v->differences[i];

                if (d->answer.abi == answer->abi && d->answer.nr == answer->nr) {
                        d->n++;
                        return;
                }
        }
        if (v->n_differences == VERIFY_DIFFERENCES_MAX) {
                v->n_more++;
                return;
        }
        v->differences[v->n_differences++] = (struct probe_difference){
                .answer = *answer,
                .said = said,
                .line = line_number(v, line),
                .n = 1,
        };
}

/* The programs must say what the decision does: the machinery of the proof is not to be believed blindly. */
static int confirm(const struct probe_verdict *v, const struct meaning *m, const struct sc_input *input, uint32_t said)
{
        uint32_t ran = said;

        if (meaning_can_run(m, input))
                ran = meaning_run(m, input);
        if (ran == said)
                return 0;
        fprintf(stderr,
                "%s: error: the filter of %s answers %#x where its decision says %#x: a mistake of seccompose\n",
                v->s->program, v->input.name, ran, said);
        return -EPROTO;
}

static int hold(const struct sc_answer *answer, struct sc_place line, void *data)
{
        struct probe_verdict *v = data;
        struct sc_input in = { .words = { [SC_WORD_ARCH] = answer->abi->audit_arch, [SC_WORD_NR] = answer->nr } };
        const struct meaning *m;
        uint32_t said;
        int r = ask_meaning(&v->meanings, answer->abi, &m);

        if (r < 0)
                return r;
        memcpy(&in.words[SC_WORD_ARG0], answer->args, sizeof(answer->args));
        said = sc_bpf_effect(sc_decision_eval(v->meanings.d, m->node, &in));
        r = confirm(v, m, &in, said);
        if (r < 0)
                return r;
        v->asked[answer->abi->index]++;
        v->n_several += !is_one(answer);
        v->taker = m->consumer;
        if (!agrees(m, answer, said))
                add_difference(v, answer, said, line);
        return 0;
}

static bool was_left(const struct sc_answer_left *left, size_t n, const struct sc_abi *abi)
{
        for (size_t i = 0; i < n; i++)
                if (left[i].all && left[i].abi == abi)
                        return true;
        return false;
}

/* The ABIs of a machine: if some were asked, those that were not are told with what was left out. */
static void add_unasked(const struct probe_verdict *v, const struct sc_abi *native, struct sc_answer_left *left,
                        size_t *n)
{
        const struct sc_abi *abis[SC_ABI_MAX + 1];
        size_t n_abis = sc_abi_subordinates(native, abis);
        bool any = false;

        abis[n_abis++] = native;
        for (size_t i = 0; i < n_abis; i++)
                any |= v->asked[abis[i]->index] > 0;
        for (size_t i = 0; i < n_abis && any; i++)
                if (!v->asked[abis[i]->index] && !was_left(left, *n, abis[i]))
                        left[(*n)++] = (struct sc_answer_left){ .abi = abis[i], .all = true };
}

/* FILE speaks of all ABIs, if only to kill their calls: that the answers agree says nothing of those without any. */
static int tell_unasked(struct probe_verdict *v)
{
        size_t n = v->answers.n_left;
        struct sc_answer_left *left = sc_arena_array(v->s->arena, n + SC_ABI_MAX, sizeof(*left)); /* each ABI once */

        if (!left)
                return -ENOMEM;
        if (n)
                memcpy(left, v->answers.left, n * sizeof(*left));
        for (size_t i = 0; i < sc_abi_count(); i++)
                if (sc_abi_subordinates(sc_abi_at(i), (const struct sc_abi *[SC_ABI_MAX]){ NULL }) > 0)
                        add_unasked(v, sc_abi_at(i), left, &n);
        v->answers.left = left;
        v->answers.n_left = n;
        return 0;
}

static int read_output(const char *name, char **ret_text, struct sc_source *ret_source)
{
        bool standard = !strcmp(name, "-");
        int r = standard ? sc_file_read_fd(STDIN_FILENO, SC_ANSWERS_SIZE_MAX, ret_text, &ret_source->len) :
                           sc_file_read(AT_FDCWD, name, SC_ANSWERS_SIZE_MAX, ret_text, &ret_source->len);

        if (r < 0)
                return r;
        ret_source->name = standard ? "<stdin>" : name;
        ret_source->text = *ret_text;
        return 0;
}

/* Diagnostics point into the text: all is told before it goes. */
static int hold_all(struct probe_verdict *v)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        struct sc_source source;
        const char *what = v->options->probe;
        int r = read_output(what, &text, &source);

        if (r == 0)
                r = sc_answers_read(v->s->arena, &source, hold, v, v->s->diags, &v->answers);
        if (r == 0)
                r = tell_unasked(v);
        if (r == -EPROTO) /* said */
                return EXIT_SYSTEM;
        if (r == 0 && v->answers.n == 0)
                return complain(v->s, "%s holds no answers", what);
        return report(v->s, r, what);
}

static int check_options(struct session *s, const struct options *options)
{
        if (options->n_args != 1)
                return complain(s, "--probe holds answers against one FILE, not %zu", options->n_args);
        if (options->subset)
                return complain(s, "--subset compares two files, and goes not with --probe");
        if (options->target && !strcmp(options->target, ASK_ALL))
                return complain(s, "--for %s: a kernel's answers are those of one container", ASK_ALL);
        if (!strcmp(options->probe, "-") && !strcmp(options->args[0], "-"))
                return complain(s, "only one of the files can be standard input");
        return 0;
}

int verify_probe(struct session *s, const struct options *options)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct probe_verdict *v = sc_arena_alloc(s->arena, sizeof(*v));
        int code = d && v ? check_options(s, options) : EXIT_SYSTEM;

        if (code)
                return code;
        v->s = s;
        v->options = options;
        v->meanings = (struct ask_meanings){ .s = s, .options = options, .input = &v->input, .d = d };
        code = ask_file(s, options, options->args[0], &v->input, &v->meanings.view);
        if (code == 0)
                code = hold_all(v);
        if (code)
                return code;
        if (probe_verdict_print(v) < 0)
                return EXIT_SYSTEM;
        return v->n_differing ? EXIT_NO : EXIT_YES;
}

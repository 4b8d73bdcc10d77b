/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose questions: calls that take every branch of what a FILE says, for eval and for the probe. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "compare/compare.h"
#include "probe/cover.h"
#include "seccompose/ask.h"

static int print_question(const struct sc_question *question, void *data)
{
        struct sc_witness call = { .abi = question->abi, .nr = question->nr };
        struct sc_strbuf *out = data;

        call.call = sc_syscall_by_number(question->abi, question->nr);
        memcpy(call.args, question->args, sizeof(call.args));
        sc_witness_question(&call, out);
        sc_strbuf_puts(out, "\n");
        return out->failed ? -ENOMEM : 0;
}

/* Those of --arch; else all that programs can use on this machine, if FILE is for it, or on one that it is for. */
static size_t choose_abis(const struct ask_meanings *meanings, const struct sc_abi *ret_abis[SC_ABI_MAX + 1])
{
        const struct options *options = meanings->options;
        const struct sc_abi *machines[SC_ABI_MAX], *machine = sc_abi_native();
        size_t n;

        if (options->n_abis) {
                memcpy(ret_abis, options->abis, options->n_abis * sizeof(*ret_abis));
                return options->n_abis;
        }
        n = view_machines(meanings->input, meanings->view.consumer, machines);
        for (size_t i = n; i-- > 0 && machines[i] != sc_abi_native();)
                machine = i ? machine : machines[0];
        ret_abis[0] = machine;
        return 1 + sc_abi_subordinates(machine, ret_abis + 1);
}

static int make_all(struct ask_meanings *meanings, struct sc_strbuf *out)
{
        const struct sc_abi *abis[SC_ABI_MAX + 1];
        size_t n = choose_abis(meanings, abis);
        int r = 0;

        for (size_t i = 0; i < n && r == 0; i++) {
                const struct meaning *m;

                r = ask_meaning(meanings, abis[i], &m);
                if (r == 0)
                        r = sc_question_cover(meanings->d, m->node, abis[i], print_question, out);
        }
        return r;
}

int verb_questions(struct session *s, const struct options *options)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct ask_meanings meanings = { .s = s, .options = options, .d = d };
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct input input;
        int code;

        if (!d)
                return EXIT_SYSTEM;
        if (options->target && !strcmp(options->target, ASK_ALL))
                return complain(s, "--for %s: questions are made from what one consumer does", ASK_ALL);
        meanings.input = &input;
        code = ask_file(s, options, options->args[0], &input, &meanings.view);
        if (code == 0)
                code = report(s, make_all(&meanings, &out), "making questions");
        if (code == 0 && out.len)
                fwrite(out.text, 1, out.len, stdout);
        sc_strbuf_done(&out);
        return code;
}

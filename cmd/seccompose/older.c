/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine before today's would make of a profile that was built for today's. */
#include "seccompose/older.h"

#include <errno.h>
#include <string.h>

#include "common/meaning.h"
#include "compare/compare.h"
#include "syscall/syscall.h"

/*
 * The engine before today's that reads the same file: it takes EPERM for the default, and skips denials that repeat it
 * (docs/consumers.md). Debian 12 has it.
 */
#define TODAYS "docker"
#define OLDER "docker@20.10"

/* The machine that is asked about: this one, if the policy is for it. */
static size_t machine_of(const struct sc_policy *policy, const struct sc_abi *ret_abis[SC_ABI_MAX])
{
        const struct sc_abi *heads[SC_ABI_MAX], *head;
        size_t n = view_heads(policy->abis, policy->n_abis, heads), n_abis = 0;

        if (n == 0)
                return 0;
        head = heads[0];
        for (size_t i = 0; i < n; i++)
                head = heads[i] == sc_abi_native() ? heads[i] : head;
        ret_abis[n_abis++] = head;
        for (size_t i = 0; i < policy->n_abis; i++)
                if (policy->abis[i] != head && sc_abi_in_family(policy->abis[i], head))
                        ret_abis[n_abis++] = policy->abis[i];
        return n_abis;
}

/* 1 if the older engine makes something looser of the file, with a call that shows it; 0 if not, or it refuses it. */
static int is_looser(struct session *s, const struct sc_emit_request *request, const struct sc_emit_result *built,
                     struct sc_witness *ret_witness)
{
        static const struct sc_policy_options none = { 0 };
        const struct sc_source source = { "<made>", built->text, built->len };
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n = machine_of(request->policy, abis);
        struct view view = { .consumer = sc_consumer_find(OLDER, strlen(OLDER)), .caps = request->caps,
                             .kernel = request->kernel_given ? request->kernel : sc_kernel_newest() };
        struct input input;
        struct meaning meaning = { 0 };
        sc_node wanted;
        int r;

        if (!d || n == 0)
                return d ? 0 : -ENOMEM;
        view.native = abis[0];
        r = input_from_text(s, &source, &none, &input);
        if (r == 0)
                r = meaning_of(s, &input, &view, d, &meaning);
        if (r < 0)
                return r == -EBADMSG ? 0 : r;
        wanted = sc_policy_decision_on(request->policy, d, abis, n, view.caps, view.kernel);
        return sc_compare(d, meaning.node, wanted, SC_ASK_SUBSET, abis, n, ret_witness);
}

int older_note(struct session *s, const struct sc_emit_request *request, const struct sc_emit_result *built)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct session quiet = *s;
        struct sc_strbuf call = SC_STRBUF_INIT;
        struct sc_witness witness;
        int r;

        if (strcmp(request->format->name, TODAYS) != 0)
                return 0;
        quiet.diags = diags;
        r = diags ? is_looser(&quiet, request, built, &witness) : -ENOMEM;
        if (r == 1) {
                sc_witness_format(&witness, &call);
                sc_strbuf_puts(&call, ": ");
                sc_action_format(witness.a, &call);
                sc_strbuf_puts(&call, ", not ");
                sc_action_format(witness.b, &call);
                sc_diag_hint(sc_diags_add(s->diags, SC_NOTE, "older-engine", (struct sc_place){ 0 },
                                          "%s, Debian 12's, would be looser with this file: %s", OLDER,
                                          call.failed ? "" : call.text),
                             "make another for it: --for %s", OLDER);
                sc_strbuf_done(&call);
        }
        return r < 0 ? r : 0;
}

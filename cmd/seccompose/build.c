/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose build: a policy into a profile. */
#include "common/compiler.h"
#include "common/input.h"
#include "seccompose/older.h"
#include "seccompose/output.h"

int verb_build(struct session *s, const struct options *options)
{
        const struct sc_policy_options changes = {
                .allow = options->allow,
                .n_allow = options->n_allow,
                .complain = options->complain,
        };
        struct sc_emit_request request = {
                .format = output_format(s, options),
                .abis = options->abis,
                .n_abis = options->n_abis,
                .caps = options->caps,
                .kernel_given = options->kernel_given,
                .kernel = options->kernel,
                .table = options->table,
                .compiler = compiler_in_child(),
        };
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result result = { 0 };
        int r, code;

        if (!request.format)
                return EXIT_INPUT;
        r = input_policy(s, options->args[0], &changes, &request.policy);
        if (r == 0)
                r = sc_emit_build(s->arena, &request, s->diags, &result);
        if (r == 0)
                r = older_note(s, &request, &result);
        code = report(s, r, options->args[0]);
        return code ? code : output_profile(s, options, request.format, result.text, result.len);
}

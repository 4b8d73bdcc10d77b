/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose build: a policy into a profile. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/typo.h"
#include "common/compiler.h"
#include "common/input.h"
#include "seccompose/options.h"

static const struct sc_emit_format *find_format(struct session *s, const struct options *options)
{
        const char *name = options->target;
        const struct sc_emit_format *format;
        struct sc_typo typo;

        if (!name) {
                complain(s, "for whom? Say --for docker, --for oci …; 'seccompose list consumers' has them all");
                return NULL;
        }
        format = sc_emit_format_find(name, strlen(name));
        if (format)
                return format;
        typo = sc_typo_begin(name, strlen(name));
        for (size_t i = 0; i < sc_emit_format_count(); i++)
                sc_typo_offer(&typo, sc_emit_format_at(i)->name);
        complain(s, typo.best ? "no target named '%s'; did you mean '%s'?" : "no target named '%s'", name, typo.best);
        return NULL;
}

static int write_out(struct session *s, const struct options *options, const struct sc_emit_result *result)
{
        int r;

        if (!options->output || !strcmp(options->output, "-")) {
                fwrite(result->text, 1, result->len, stdout);
                return EXIT_YES;
        }
        r = sc_file_replace_path(options->output, result->text, result->len);
        if (r == 0)
                return EXIT_YES;
        if (r == SC_FILE_NOT_FLUSHED) {
                complain(s, "'%s' is written, but its directory could not be flushed to the disk", options->output);
                return EXIT_SYSTEM;
        }
        if (r == -ELOOP) {
                complain(s, "cannot write '%s': it is no regular file; use standard output instead", options->output);
                return EXIT_INPUT;
        }
        complain(s, "cannot write '%s': %s", options->output, strerror(-r));
        return r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EISDIR ? EXIT_INPUT : EXIT_SYSTEM;
}

int verb_build(struct session *s, const struct options *options)
{
        const struct sc_policy_options changes = {
                .allow = options->allow,
                .n_allow = options->n_allow,
                .complain = options->complain,
        };
        struct sc_emit_request request = {
                .format = find_format(s, options),
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
        code = report(s, r, options->args[0]);
        return code ? code : write_out(s, options, &result);
}

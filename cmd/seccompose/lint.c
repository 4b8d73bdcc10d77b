/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose lint: what in a file is probably not what its writer meant. */
#include <errno.h>
#include <stdio.h>

#include "common/compiler.h"
#include "lint/lint.h"
#include "seccompose/ask.h"

/* What a finding says of whom it is for, behind its message. */
static void print_finding(const struct sc_lint_finding *f, struct sc_strbuf *out)
{
        sc_diag_format(&f->diag, out);
}

/* One file. Adds its findings to *findings. Returns an exit code. */
static int lint_file(struct session *s, const struct options *options, const char *name, size_t *findings)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf out = SC_STRBUF_INIT;
        const struct sc_scmp_compiler compiler = compiler_in_child();
        const struct sc_abi *machine = options->n_abis ? options->abis[0] : sc_abi_native();
        struct input in;
        struct view view;
        struct sc_lint_report report_of = { 0 };
        int r, code = d ? ask_file(s, options, name, &in, &view) : EXIT_SYSTEM;

        if (code)
                return code;
        const struct sc_lint_file file = {
                .source = &in.source, .kind = in.kind, .root = in.root, .profile = in.profile, .policy = in.policy };
        const struct sc_lint_options lint = {
                .consumers = &view.consumer, .n_consumers = view.consumer ? 1 : 0, .machines = &machine,
                .n_machines = 1, .caps = view.caps,
                .caps_given = options->caps_given, .min_kernel = view.kernel, .table = view.table,
                .compiler = &compiler };
        r = sc_lint_run(s->arena, &file, &lint, d, &report_of);
        if (r < 0)
                return report(s, r, "linting");
        for (size_t i = 0; i < report_of.n; i++)
                print_finding(&report_of.items[i], &out);
        *findings += report_of.n + report_of.more;
        if (out.failed)
                return EXIT_SYSTEM;
        if (out.len)
                fwrite(out.text, 1, out.len, stdout);
        return 0;
}

static int list_rules(void)
{
        static const char *const severities[] = { "error", "warning", "note" };

        for (size_t i = 0; i < sc_lint_rule_count(); i++) {
                const struct sc_lint_rule *rule = sc_lint_rule_at(i);

                printf("%s\t%s\t%s\n", rule->id, severities[rule->severity], rule->summary);
        }
        return EXIT_YES;
}

int verb_lint(struct session *s, const struct options *options)
{
        size_t findings = 0;

        if (options->list_rules)
                return list_rules();
        if (!options->n_args)
                return complain(s, "which files? Usage: seccompose lint FILE… [OPTION…]");

        for (size_t i = 0; i < options->n_args; i++) {
                int code = lint_file(s, options, options->args[i], &findings);

                if (code)
                        return code;
        }
        return findings ? EXIT_NO : EXIT_YES;
}

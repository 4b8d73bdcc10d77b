/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose lint: what in a file is probably not what its writer meant. */
#include "seccompose/lint.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/names.h"
#include "seccompose/ask.h"

static int list_rules(void)
{
        for (size_t i = 0; i < sc_lint_rule_count(); i++) {
                const struct sc_lint_rule *rule = sc_lint_rule_at(i);

                printf("%s\t%s\t%s\t%s\n", rule->id, lint_severities[rule->severity], rule->summary,
                       rule->fixes && rule->opt_in ? "fix, opt-in" :
                       rule->fixes                 ? "fix" :
                       rule->opt_in                ? "opt-in" :
                                                     "-");
        }
        return EXIT_YES;
}

static int explain(struct session *s, const char *name)
{
        struct lint_rules rules = { 0 };
        int code = options_rules(s, name, &rules);
        const char *page;

        for (size_t i = 0; i < rules.n && code == 0; i++) {
                page = sc_lint_page(rules.items[i]->id);
                printf("%s%s", i ? "\n" : "", page ? page : rules.items[i]->summary);
        }
        return code;
}

static int check_target(struct session *s, const char *name)
{
        struct sc_typo typo;

        if (!name || !strcmp(name, ASK_ALL) || sc_consumer_find(name, strlen(name)))
                return 0;
        typo = sc_typo_begin(name, strlen(name));
        for (size_t i = 0; i < sc_consumer_count(); i++)
                sc_typo_offer(&typo, sc_consumer_at(i)->name);
        return names_unknown(s, "consumer", name, strlen(name), &typo);
}

static int check_fix(struct session *s, const struct options *options)
{
        const struct lint_wishes *w = &options->lint;

        if (w->diff && !w->fix)
                return complain(s, "--diff shows what --fix would change: say both");
        if (w->diff && w->format != LINT_TEXT)
                return complain(s, "--diff has no other format");
        for (size_t i = 0; i < options->n_args && w->fix && !w->diff; i++)
                if (!strcmp(options->args[i], "-") || input_is_shipped(options->args[i]))
                        return complain(s, "--fix needs files: '%s' cannot be written", options->args[i]);
        return 0;
}

static int check(struct session *s, const struct options *options)
{
        int code = check_target(s, options->target);

        if (!options->n_args)
                return complain(s, "which files? Usage: seccompose lint FILE|DIRECTORY… [OPTION…]");
        if (code == 0 && options->lint.config && options->lint.no_config)
                code = complain(s, "--config and --no-config exclude each other");
        return code ? code : check_fix(s, options);
}

/* ---- What is said when all is done ---- */

static struct lint_counts add_up(const struct lint_run *run, const struct lint_reply *replies, size_t *ret_files,
                                 size_t *ret_passed_over)
{
        struct lint_counts sum = { 0 };

        for (size_t i = 0; i < run->n_inputs; i++) {
                const struct lint_counts *c = &replies[i].counts;

                *(c->passed_over ? ret_passed_over : ret_files) += 1;
                sum.code = c->code > sum.code ? c->code : sum.code;
                for (int severity = SC_ERROR; severity <= SC_NOTE; severity++)
                        sum.severities[severity] += c->severities[severity];
                sum.old += c->old;
                sum.ignored += c->ignored;
                sum.fixable += c->fixable;
                sum.fixed += c->fixed;
        }
        return sum;
}

static const char *plural(size_t n)
{
        return n == 1 ? "" : "s";
}

/* One line: "2 errors, 1 warning, 0 notes in 3 files (1 in the baseline; 2 for --fix)". */
static void say_counts(const struct lint_run *run, const struct lint_counts *sum, size_t files, size_t passed_over)
{
        const struct {
                size_t n;
                const char *what;
        } more[] = {
                { run->options->lint.diff ? 0 : sum->fixed, "mended" },
                { run->options->lint.fix ? 0 : sum->fixable, "that --fix mends" },
                { sum->old, "in the baseline" },
                { sum->ignored, "ignored by comments" },
                { passed_over, passed_over == 1 ? "other file passed over" : "other files passed over" },
        };
        const char *separator = " (";

        fprintf(stderr, "%s: ", run->s->program);
        for (int i = SC_ERROR; i <= SC_NOTE; i++)
                fprintf(stderr, "%zu %s%s%s", sum->severities[i], lint_severities[i], plural(sum->severities[i]),
                        i < SC_NOTE ? ", " : "");
        fprintf(stderr, " in %zu file%s", files, plural(files));
        for (size_t i = 0; i < SC_COUNT(more); i++)
                if (more[i].n) {
                        fprintf(stderr, "%s%zu %s", separator, more[i].n, more[i].what);
                        separator = "; ";
                }
        fputs(*separator == ';' ? ")\n" : "\n", stderr);
}

/* ---- All files ---- */

static int print(const struct lint_run *run, int r, struct sc_strbuf *out)
{
        if (r < 0)
                return report(run->s, r, "writing the findings");
        fwrite(out->text, 1, out->len, stdout);
        return 0;
}

static int begin(const struct lint_run *run)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf out = SC_STRBUF_INIT;
        enum lint_format format = run->options->lint.format;

        if (format != LINT_JSON && format != LINT_SARIF)
                return 0;
        return print(run, format == LINT_JSON ? lint_begin_json(&out) : lint_begin_sarif(&out), &out);
}

static int end(const struct lint_run *run, const struct lint_reply *replies)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf out = SC_STRBUF_INIT;
        size_t files = 0, passed_over = 0;
        struct lint_counts sum = add_up(run, replies, &files, &passed_over);
        int code = 0;

        if (run->options->lint.format == LINT_JSON)
                code = print(run, lint_end_json(&sum, files, passed_over, &out), &out);
        else if (run->options->lint.format == LINT_SARIF)
                code = print(run, lint_end_sarif(sum.code, &out), &out);
        fflush(stdout);
        if (run->baseline)
                lint_baseline_stale(run, replies);
        if (code == 0 && sum.code <= EXIT_NO && run->options->lint.write_baseline)
                code = lint_baseline_write(run, replies);
        if (run->options->lint.format == LINT_TEXT)
                say_counts(run, &sum, files, passed_over);
        return code > sum.code ? code : sum.code;
}

static int lint_all(struct lint_run *run)
{
        struct lint_reply *replies = sc_arena_array(run->s->arena, run->n_inputs + 1, sizeof(*replies));
        int code;

        if (!replies) {
                report(run->s, -ENOMEM, "linting");
                return EXIT_SYSTEM;
        }
        code = begin(run);
        if (code == 0)
                code = lint_jobs(run, replies);
        if (code == 0)
                code = end(run, replies);
        for (size_t i = 0; i < run->n_inputs; i++)
                lint_reply_done(&replies[i]);
        return code;
}

/* A terminal that shows colours, and nobody who does not want them (no-color.org). */
static bool wants_colours(void)
{
        const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

        return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

int verb_lint(struct session *s, const struct options *options)
{
        struct lint_run run = { .s = s, .options = options, .colours = wants_colours() };
        int code;

        if (options->lint.list_rules)
                return list_rules();
        if (options->lint.explain)
                return explain(s, options->lint.explain);
        code = check(s, options);
        if (code == 0 && options->lint.baseline)
                code = lint_baseline_read(s, options->lint.baseline, &run.baseline);
        if (code == 0)
                code = lint_inputs(&run);
        if (code)
                return code;
        /* a reader who goes away is an error of writing, as a full disk is */
        signal(SIGPIPE, SIG_IGN);
        return lint_all(&run);
}

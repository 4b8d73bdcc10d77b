/* SPDX-License-Identifier: Apache-2.0 */
/* One file through `lint`: read, looked at, mended, told. */
#include <errno.h>
#include <string.h>

#include "bundle/bundle.h"
#include "common/compiler.h"
#include "common/meaning.h"
#include "seccompose/ask.h"
#include "seccompose/lint.h"

const char *const lint_severities[] = { "error", "warning", "note" };

void lint_reply_done(struct lint_reply *reply)
{
        sc_strbuf_done(&reply->out);
        sc_strbuf_done(&reply->err);
        sc_strbuf_done(&reply->found);
}

static bool among(const struct lint_rules *rules, const struct sc_lint_rule *rule)
{
        for (size_t i = 0; i < rules->n; i++)
                if (rules->items[i] == rule)
                        return true;
        return false;
}

static bool wants(void *data, const struct sc_lint_rule *rule)
{
        const struct lint_settings *settings = data;

        if (among(&settings->ignore, rule))
                return false;
        if (settings->only.n)
                return among(&settings->only, rule);
        return !rule->opt_in || among(&settings->enable, rule);
}

/* For whom the file is. Returns how many. */
static size_t choose_consumers(const struct lint_settings *settings, const struct input *in,
                               const struct sc_consumer **ret_consumers)
{
        const struct sc_consumer *one = view_default(in);
        size_t n = 0;

        if (!one)
                return 0;
        if (settings->target && !strcmp(settings->target, ASK_ALL)) {
                for (; n < sc_consumer_count(); n++)
                        ret_consumers[n] = sc_consumer_at(n);
                return n;
        }
        ret_consumers[0] = settings->target ? sc_consumer_find(settings->target, strlen(settings->target)) : one;
        return 1;
}

/* The machines of --arch; else this one if the file names it or none, else the first that it names. */
static size_t choose_machines(const struct options *options, const struct input *in,
                              const struct sc_abi *ret_machines[SC_ABI_MAX])
{
        const struct sc_abi *named[SC_ABI_MAX];
        size_t n;

        if (options->n_abis)
                return view_heads(options->abis, options->n_abis, ret_machines);
        n = view_machines(in, view_default(in), named);
        ret_machines[0] = n ? named[0] : sc_abi_native();
        for (size_t i = 0; i < n; i++)
                if (named[i] == sc_abi_native())
                        ret_machines[0] = named[i];
        return 1;
}

/* The container's bounding set, as its config.json has it. What is wrong there is said. */
static sc_caps choose_caps(const struct lint_settings *settings, const struct input *in, struct sc_diags *said)
{
        struct sc_bundle_facts facts;

        if (!settings->caps_given && in->kind == SC_FILE_CONFIG && in->root &&
            sc_bundle_facts_read(in->root, said, &facts) == 0)
                return facts.bounding;
        return settings->caps;
}

static int say(struct lint_reply *reply, int code, const char *name, const char *what)
{
        sc_strbuf_printf(&reply->err, "seccompose lint: error: %s: %s\n", name, what);
        return code;
}

/* Reads what the text means. What is wrong with it is said, and no failure. Returns 0, or an exit code. */
static int read_input(struct session *quiet, const struct lint_input *in, const struct sc_source *source,
                      struct lint_reply *reply, struct input *ret_input)
{
        const struct sc_policy_options none = { 0 };
        struct input input = { .source = *source };
        bool shipped = input_is_shipped(in->name);
        int r = shipped ? input_read(quiet, in->name, &none, &input) :
                          input_from_text(quiet, source, &none, &input);

        if (r < 0 && r != -EBADMSG && !sc_diags_count(quiet->diags, SC_ERROR))
                return say(reply, is_input_error(r) ? EXIT_INPUT : EXIT_SYSTEM, in->name, strerror(-r));
        if (input.kind == SC_FILE_BPF)
                return say(reply, EXIT_INPUT, in->name, "this is a program: lint reads policies and profiles");
        if (r < 0) {
                input.root = NULL;
                input.policy = NULL;
                input.profile = NULL;
        }
        /* findings in a policy have places in the policy's own source */
        if (input.policy && sc_json_parse(quiet->arena, input.policy->source, SC_JSON_COMMENTS, quiet->diags,
                                          &input.root) < 0)
                return say(reply, EXIT_SYSTEM, in->name, "the policy cannot be read again");
        *ret_input = input;
        return 0;
}

static int run_rules(const struct lint_run *run, struct session *quiet, const struct lint_input *in,
                     const struct input *input, struct sc_decisions *d, const struct sc_source *source,
                     struct sc_lint_report *ret_report)
{
        const struct lint_settings *settings = in->settings;
        const struct sc_consumer **consumers = sc_arena_array(quiet->arena, sc_consumer_count(), sizeof(*consumers));
        const struct sc_scmp_compiler compiler = compiler_in_child();
        const struct sc_abi *machines[SC_ABI_MAX];
        const struct sc_lint_file file = {
                .source = source, .kind = input->kind, .root = input->root, .profile = input->profile,
                .policy = input->policy, .said = quiet->diags,
        };
        struct lint_settings wish = *settings;
        struct sc_lint_options options = {
                .machines = machines, .consumers = consumers, .min_kernel = settings->min_kernel,
                .caps_given = settings->caps_given || input->kind == SC_FILE_CONFIG, .table = run->options->table,
                .compiler = &compiler, .wants = wants, .data = &wish,
        };

        if (!consumers)
                return -ENOMEM;
        options.caps = choose_caps(settings, input, quiet->diags);
        options.n_consumers = choose_consumers(settings, input, consumers);
        options.n_machines = choose_machines(run->options, input, machines);
        return sc_lint_run(quiet->arena, &file, &options, d, ret_report);
}

static enum sc_severity severity_of(const struct lint_settings *settings, const struct sc_lint_finding *f)
{
        for (size_t i = 0; i < settings->n_severities; i++)
                if (settings->severities[i].rule == f->rule)
                        return settings->severities[i].severity;
        return f->diag.severity;
}

/* What is said of the finding, if it was asked for. Of what has no row, only errors are told beside --only. */
static bool is_wanted(const struct lint_settings *settings, const struct sc_lint_finding *f)
{
        return f->rule || !settings->only.n || f->diag.severity == SC_ERROR;
}

static int keep(const struct lint_input *in, struct session *s, const struct sc_lint_report *report,
                struct lint_reply *reply, struct lint_look *look)
{
        look->items = sc_arena_array(s->arena, LINT_TOLD_MAX, sizeof(*look->items));
        if (!look->items)
                return say(reply, EXIT_SYSTEM, in->name, strerror(ENOMEM));
        look->more = report->more;
        look->ignored = report->ignored;
        for (size_t i = 0; i < report->n; i++) {
                const struct sc_lint_finding *f = &report->items[i];

                if (!sc_lint_confirms(f)) {
                        sc_strbuf_printf(&reply->err,
                                         "seccompose lint: internal error: %s: the filter does not confirm %s: %s\n",
                                         in->name, f->diag.rule, f->diag.message);
                        return EXIT_SYSTEM;
                }
                if (!is_wanted(in->settings, f))
                        continue;
                if (look->n == LINT_TOLD_MAX) {
                        look->more++;
                        continue;
                }
                look->items[look->n] = (struct lint_found){ .finding = f, .diag = f->diag };
                look->items[look->n++].diag.severity = severity_of(in->settings, f);
        }
        return 0;
}

/* Leaves out what the baseline has; all of it is told for the next baseline. */
static void leave_old(const struct lint_run *run, const struct lint_input *in, struct lint_reply *reply,
                      struct lint_look *look)
{
        size_t n = 0;

        sc_strbuf_done(&reply->found);
        reply->found = SC_STRBUF_INIT;
        for (size_t i = 0; i < look->n; i++) {
                struct lint_found *found = &look->items[i];

                sc_strbuf_printf(&reply->found, "%s %s\n", found->fingerprint, found->diag.rule);
                if (run->baseline && !run->options->lint.write_baseline &&
                    lint_baseline_has(run->baseline, in->old_name, found->fingerprint))
                        look->old++;
                else
                        look->items[n++] = *found;
        }
        look->n = n;
}

int lint_look(const struct lint_run *run, struct session *s, const struct lint_input *in,
              const struct sc_source *source, struct lint_reply *reply, struct lint_look *ret_look)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        SC_CLEANUP(sc_diags_freep) struct sc_diags *said = sc_diags_new();
        struct session quiet = { .program = s->program, .arena = s->arena, .diags = said };
        struct sc_lint_report found = { 0 };
        struct lint_look look = { .source = source, .target = in->settings->target };
        struct input input = { 0 };
        int r, code;

        if (!d || !said)
                return say(reply, EXIT_SYSTEM, in->name, strerror(ENOMEM));
        code = read_input(&quiet, in, source, reply, &input);
        if (code)
                return code;
        if (input.root) /* the readers have a source of their own */
                look.source = source = input.root->place.source;
        r = run_rules(run, &quiet, in, &input, d, source, &found);
        if (r < 0)
                return say(reply, EXIT_SYSTEM, in->name, strerror(-r));
        code = keep(in, s, &found, reply, &look);
        if (code)
                return code;
        lint_fingerprints(&look);
        leave_old(run, in, reply, &look);
        *ret_look = look;
        return 0;
}

/* ---- All of one file ---- */

static int read_source(struct session *s, const char *name, struct sc_source *ret_source)
{
        const struct sc_shipped *shipped = input_is_shipped(name) ? sc_shipped_find(name, strlen(name)) : NULL;

        if (!shipped)
                return input_text(s, name, ret_source);
        *ret_source = (struct sc_source){ .name = name, .text = shipped->text, .len = shipped->len };
        return 0;
}

static bool fails(const struct lint_settings *settings, const struct lint_look *look)
{
        if (settings->fail_on == LINT_FAIL_NEVER)
                return false;
        for (size_t i = 0; i < look->n; i++)
                if (look->items[i].diag.severity <= (enum sc_severity)(settings->fail_on - LINT_FAIL_ERROR))
                        return true;
        return look->more > 0;
}

static void count(const struct lint_look *look, struct lint_counts *counts)
{
        for (size_t i = 0; i < look->n; i++) {
                counts->severities[look->items[i].diag.severity]++;
                counts->fixable += lint_can_fix(look, &look->items[i]);
        }
        counts->old = look->old;
        counts->ignored = look->ignored;
}

static int print(const struct lint_run *run, const struct lint_look *look, struct lint_reply *reply)
{
        static int (*const formats[])(const struct lint_run *, const struct lint_look *, struct sc_strbuf *) = {
                [LINT_TEXT] = lint_print_text, [LINT_JSON] = lint_print_json, [LINT_SARIF] = lint_print_sarif,
                [LINT_GITHUB] = lint_print_github,
        };

        return formats[run->options->lint.format](run, look, &reply->out);
}

/* Mends the file, or shows how. *look becomes what is left. */
static int mend(const struct lint_run *run, struct session *s, const struct lint_input *in, struct lint_reply *reply,
                struct lint_look *look)
{
        const struct sc_source *before = look->source, *fixed = NULL;
        struct lint_look last = *look;
        int code = lint_fix(run, s, in, reply, &last, &fixed);

        if (code == 0 && fixed && run->options->lint.diff && lint_diff(before, fixed, &reply->out) < 0)
                code = say(reply, EXIT_SYSTEM, in->name, strerror(ENOMEM));
        else if (code == 0 && fixed && !run->options->lint.diff)
                code = lint_fix_write(s, before, fixed, &reply->err);
        if (code == 0 && !run->options->lint.diff)
                *look = last;
        return code;
}

static int all_of(const struct lint_run *run, struct session *s, const struct lint_input *in,
                  struct lint_reply *reply)
{
        const struct lint_wishes *w = &run->options->lint;
        struct sc_source *source = sc_arena_alloc(s->arena, sizeof(*source));
        struct lint_look look = { 0 };
        int r = source ? read_source(s, in->name, source) : -ENOMEM, code;

        if ((r == -EFBIG || r == -ENODEV) && in->searched)
                reply->counts.passed_over = true;
        else if (r < 0)
                return say(reply, is_input_error(r) ? EXIT_INPUT : EXIT_SYSTEM, in->name, strerror(-r));
        if (r == 0 && in->searched)
                reply->counts.passed_over = !lint_is_ours(s->arena, source);
        if (reply->counts.passed_over)
                return EXIT_YES;
        code = lint_look(run, s, in, source, reply, &look);
        if (code == 0 && w->fix)
                code = mend(run, s, in, reply, &look);
        if (code == 0 && !(w->fix && w->diff) && print(run, &look, reply) < 0)
                code = say(reply, EXIT_SYSTEM, in->name, "the findings cannot be written");
        if (code)
                return code;
        if (look.more)
                sc_strbuf_printf(&reply->err, "seccompose lint: %s: %zu more findings are not shown\n", in->name,
                                 look.more);
        count(&look, &reply->counts);
        return !w->write_baseline && fails(in->settings, &look) ? EXIT_NO : EXIT_YES;
}

void lint_file(const struct lint_run *run, size_t index, struct lint_reply *reply)
{
        struct session s = session_begin(run->s->program);

        reply->counts.index = index;
        reply->counts.code = all_of(run, &s, &run->inputs[index], reply);
        if (reply->out.failed || reply->err.failed || reply->found.failed)
                reply->counts.code = EXIT_SYSTEM;
        session_end(&s);
}

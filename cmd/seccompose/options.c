/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options and its two readers. */
#include "seccompose/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/names.h"
#include "common/raw.h"

struct reader {
        struct session *s;
        struct options *o;
        const struct verb *verb;
        bool caps_begun;
};

static int take_abi(void *context, const char *name, size_t len)
{
        struct reader *r = context;
        const struct sc_abi *abi = sc_abi_find(name, len);
        struct sc_typo typo = sc_typo_begin(name, len);

        if (len == strlen("native") && !memcmp(name, "native", len))
                abi = sc_abi_native();
        for (size_t i = 0; i < sc_abi_count(); i++)
                sc_typo_offer(&typo, sc_abi_at(i)->name);
        if (!abi)
                return names_unknown(r->s, "architecture", name, len, &typo);
        if (sc_abi_among(abi, r->o->abis, r->o->n_abis))
                return complain(r->s, "--arch names %s twice", abi->name);
        r->o->abis[r->o->n_abis++] = abi;
        return 0;
}

static int take_cap(struct reader *r, const char *name, size_t len, sc_caps *ret_cap)
{
        int cap = sc_cap_find(name, len);
        struct sc_typo typo = sc_typo_begin(name, len);

        for (unsigned i = 0; i < sc_cap_count(); i++) {
                sc_typo_offer(&typo, sc_cap_name(i));
                sc_typo_offer(&typo, sc_cap_name(i) + strlen("CAP_"));
        }
        if (cap < 0)
                return names_unknown(r->s, "capability", name, len, &typo);
        *ret_cap = UINT64_C(1) << cap;
        return 0;
}

static int add_cap(void *context, const char *name, size_t len)
{
        struct reader *r = context;
        sc_caps cap = 0;
        int code = take_cap(r, name, len, &cap);

        if (code == 0)
                r->o->caps |= cap;
        return code;
}

static int drop_cap(void *context, const char *name, size_t len)
{
        struct reader *r = context;
        sc_caps cap = 0;
        int code = take_cap(r, name, len, &cap);

        if (code == 0)
                r->o->caps &= ~cap;
        return code;
}

static int read_for(struct reader *r, const char *value)
{
        r->o->target = value;
        return 0;
}

static int read_arch(struct reader *r, const char *value)
{
        return names_each(r->s, value, take_abi, r);
}

static int read_kernel(struct reader *r, const char *value)
{
        int code = 0;

        if (!strcmp(value, "running"))
                code = running_kernel(r->s, &r->o->kernel);
        else if (sc_kernel_parse(value, strlen(value), &r->o->kernel) < 0)
                return complain(r->s, "'%s' is no kernel version; write two numbers, such as 6.1, or 'running'", value);
        r->o->kernel_given = true;
        return code;
}

static int read_caps(struct reader *r, const char *value)
{
        if (r->caps_begun)
                return complain(r->s, "--caps comes before --cap-add and --cap-drop, and once");
        r->caps_begun = r->o->caps_given = true;
        r->o->caps = 0;
        if (!strcmp(value, "none"))
                return 0;
        if (raw_is_process(value))
                return report(r->s, raw_read_caps(r->s, value, &r->o->caps), value);
        if (!strcmp(value, "all"))
                r->o->caps = sc_caps_all();
        else if (!strcmp(value, "default"))
                r->o->caps = sc_caps_docker();
        else
                return names_each(r->s, value, add_cap, r);
        return 0;
}

static int read_cap_add(struct reader *r, const char *value)
{
        r->caps_begun = r->o->caps_given = true;
        if (!strcmp(value, "all") || !strcmp(value, "ALL")) {
                r->o->caps = sc_caps_all();
                return 0;
        }
        return names_each(r->s, value, add_cap, r);
}

static int read_cap_drop(struct reader *r, const char *value)
{
        r->caps_begun = r->o->caps_given = true;
        if (!strcmp(value, "all") || !strcmp(value, "ALL")) {
                r->o->caps = 0;
                return 0;
        }
        return names_each(r->s, value, drop_cap, r);
}

static int read_libseccomp(struct reader *r, const char *value)
{
        return names_scmptable(r->s, value, &r->o->table);
}

static int read_allow(struct reader *r, const char *value)
{
        return names_calls(r->s, value, &r->o->allow, &r->o->n_allow);
}

static int read_complain(struct reader *r, const char *value)
{
        (void)value;
        r->o->complain = true;
        return 0;
}

static int read_log(struct reader *r, const char *value)
{
        (void)value;
        r->o->log = true;
        return 0;
}

static int read_no_trace(struct reader *r, const char *value)
{
        (void)value;
        r->o->no_trace = true;
        return 0;
}

static int read_extends(struct reader *r, const char *value)
{
        r->o->extends = value;
        return 0;
}

static int read_subset(struct reader *r, const char *value)
{
        (void)value;
        r->o->subset = true;
        return 0;
}

static int read_intersect(struct reader *r, const char *value)
{
        (void)value;
        r->o->intersect = true;
        return 0;
}

static int read_union(struct reader *r, const char *value)
{
        (void)value;
        r->o->unite = true;
        return 0;
}

static int read_list_rules(struct reader *r, const char *value)
{
        (void)value;
        r->o->lint.list_rules = true;
        return 0;
}

static int read_explain(struct reader *r, const char *value)
{
        r->o->lint.explain = value;
        return 0;
}

struct rule_list {
        struct session *s;
        struct lint_rules *rules;
};

static int take_rule(void *context, const char *name, size_t len)
{
        struct rule_list *list = context;
        const struct sc_lint_rule *rule = sc_lint_rule_find(name, len), **items;
        struct sc_typo typo = sc_typo_begin(name, len);

        for (size_t i = 0; i < sc_lint_rule_count(); i++)
                sc_typo_offer(&typo, sc_lint_rule_at(i)->id);
        if (!rule)
                return names_unknown(list->s, "rule", name, len, &typo);
        items = sc_arena_array(list->s->arena, list->rules->n + 1, sizeof(*items));
        if (!items)
                return EXIT_SYSTEM;
        for (size_t i = 0; i < list->rules->n; i++)
                items[i] = list->rules->items[i];
        items[list->rules->n++] = rule;
        list->rules->items = items;
        return 0;
}

int options_rules(struct session *s, const char *list, struct lint_rules *rules)
{
        struct rule_list taken = { s, rules };

        return names_each(s, list, take_rule, &taken);
}

static int read_ignore(struct reader *r, const char *value)
{
        return options_rules(r->s, value, &r->o->lint.ignore);
}

static int read_only(struct reader *r, const char *value)
{
        return options_rules(r->s, value, &r->o->lint.only);
}

static int read_enable(struct reader *r, const char *value)
{
        return options_rules(r->s, value, &r->o->lint.enable);
}

bool options_fail_on(const char *value, enum lint_fail *ret_fail)
{
        static const char *const names[] = {
                [LINT_FAIL_ERROR] = "error", [LINT_FAIL_WARNING] = "warning", [LINT_FAIL_NOTE] = "note",
                [LINT_FAIL_NEVER] = "never",
        };

        for (size_t i = LINT_FAIL_ERROR; i < SC_COUNT(names); i++)
                if (!strcmp(names[i], value)) {
                        *ret_fail = (enum lint_fail)i;
                        return true;
                }
        return false;
}

static int read_fail_on(struct reader *r, const char *value)
{
        if (!options_fail_on(value, &r->o->lint.fail_on))
                return complain(r->s, "'%s' is no severity; there are error, warning, note, and never", value);
        return 0;
}

static int read_min_kernel(struct reader *r, const char *value)
{
        if (sc_kernel_parse(value, strlen(value), &r->o->lint.min_kernel) < 0)
                return complain(r->s, "'%s' is no kernel version; write two numbers, such as 5.10", value);
        r->o->lint.min_kernel_given = true;
        return 0;
}

static int read_baseline(struct reader *r, const char *value)
{
        r->o->lint.baseline = value;
        return 0;
}

static int read_write_baseline(struct reader *r, const char *value)
{
        r->o->lint.write_baseline = value;
        return 0;
}

static int read_config(struct reader *r, const char *value)
{
        r->o->lint.config = value;
        return 0;
}

static int read_no_config(struct reader *r, const char *value)
{
        (void)value;
        r->o->lint.no_config = true;
        return 0;
}

static int read_skip_others(struct reader *r, const char *value)
{
        (void)value;
        r->o->lint.skip_others = true;
        return 0;
}

static int read_fix(struct reader *r, const char *value)
{
        (void)value;
        r->o->lint.fix = true;
        return 0;
}

static int read_diff(struct reader *r, const char *value)
{
        (void)value;
        r->o->lint.diff = true;
        return 0;
}

static int read_jobs(struct reader *r, const char *value)
{
        char *end;
        unsigned long n = value[0] >= '0' && value[0] <= '9' ? strtoul(value, &end, 10) : 0;

        if (n == 0 || *end || n > UINT16_MAX)
                return complain(r->s, "--jobs wants a number of processes, not '%s'", value);
        r->o->lint.jobs = (unsigned)n;
        return 0;
}

static int read_lint_format(struct reader *r, const char *value)
{
        static const char *const names[] = {
                [LINT_TEXT] = "text", [LINT_JSON] = "json", [LINT_SARIF] = "sarif", [LINT_GITHUB] = "github",
        };

        for (size_t i = 0; i < SC_COUNT(names); i++)
                if (!strcmp(names[i], value)) {
                        r->o->lint.format = (enum lint_format)i;
                        return 0;
                }
        return complain(r->s, "no format '%s'; there are text, json, sarif and github", value);
}

static int read_description(struct reader *r, const char *value)
{
        r->o->description = value;
        return 0;
}

static bool has_markdown(const struct verb *verb)
{
        return !strcmp(verb->name, "diff");
}

/* What --help adds to the two that all have. */
static const char *more_formats(const struct verb *verb)
{
        if (!strcmp(verb->name, "lint"))
                return ", sarif or github";
        return has_markdown(verb) ? " or markdown" : "";
}

static int read_format(struct reader *r, const char *value)
{
        bool markdown = has_markdown(r->verb);

        if (!strcmp(r->verb->name, "lint"))
                return read_lint_format(r, value);
        r->o->json = !strcmp(value, "json");
        r->o->markdown = markdown && !strcmp(value, "markdown");
        if (!r->o->json && !r->o->markdown && strcmp(value, "text") != 0)
                return complain(r->s, "no format '%s'; there are %s", value,
                                markdown ? "text, json and markdown" : "text and json");
        return 0;
}

static int read_audit(struct reader *r, const char *value)
{
        r->o->audit = value;
        return 0;
}

static int read_probe(struct reader *r, const char *value)
{
        r->o->probe = value;
        return 0;
}

static int read_as(struct reader *r, const char *value)
{
        r->o->as = value;
        return 0;
}

static int read_schema(struct reader *r, const char *value)
{
        r->o->schema = value;
        return 0;
}

static int read_output(struct reader *r, const char *value)
{
        r->o->output = value;
        return 0;
}

static int read_help(struct reader *r, const char *value)
{
        (void)value;
        r->o->help = true;
        return 0;
}

#define APPLY_ROW(name, value, help) { #name, 0, value, help, NULL },

static const struct row {
        const char *name;
        char letter;       /* 0: none */
        const char *value; /* what to call it in --help; NULL: it takes none */
        const char *help;
        int (*read)(struct reader *r, const char *value); /* NULL: apply_option() does it */
} rows[] = {
        { "for", 0, "TARGET", "whom the profile is for: see 'seccompose list consumers'", read_for },
        { "arch", 0, "ABI,…", "the target's ABIs, its own first; amd64 and arm64 are understood", read_arch },
        { "kernel", 0, "X.Y", "the kernel that the container will run on; 'running' is this machine's", read_kernel },
        { "caps", 0, "CAP,…",
          "the container's capabilities; also none, all, default (Docker's set) or pid:N's; left out: ", read_caps },
        { "cap-add", 0, "CAP,…", "add to them", read_cap_add },
        { "cap-drop", 0, "CAP,…", "take away from them", read_cap_drop },
        { "libseccomp", 0, "VERSION", "the target's libseccomp, whose names may be used (debian12, 2.4.0 … 2.6.1)",
          read_libseccomp },
        { "allow", 0, "CALL,…", "allow calls that the policy lists as optional", read_allow },
        { "complain", 0, NULL, "log and let through what the policy denies", read_complain },
        { "log", 0, NULL, "let the command make the calls that the filter refuses, and tell them", read_log },
        { "no-trace", 0, NULL, "do not trace the command, which may be a tracer itself", read_no_trace },
        { "extends", 0, "POLICY", "what the new policy extends (docker-default)", read_extends },
        { "subset", 0, NULL, "ask if A is nowhere looser than B, not if they are the same", read_subset },
        { "probe", 0, "OUT", "hold the answers of a kernel against FILE: what seccompose-probe --format json printed",
          read_probe },
        { "format", 0, "FORMAT", "text (the default) or json", read_format },
        { "audit", 0, "LINE", "explain what a line of the audit log or of strace tells; '-': lines on standard input",
          read_audit },
        { "as", 0, "FORM", "what the files are: oci, docker, policy, config or state; else it is seen by their keys",
          read_as },
        { "schema", 0, "FILE", "any JSON Schema of draft 4, 6 or 7, in the place of seccompose's own", read_schema },
        { "intersect", 0, NULL, "the strictest of the answers", read_intersect },
        { "union", 0, NULL, "the loosest of the answers", read_union },
        { "min-kernel", 0, "X.Y", "the oldest kernel that containers will run on (5.10)", read_min_kernel },
        { "fail-on", 0, "SEVERITY", "exit with 1 from this severity on: error, warning (the default), note, or never",
          read_fail_on },
        { "ignore", 0, "RULE,…", "leave these rules out", read_ignore },
        { "enable", 0, "RULE,…", "also ask these rules, which are not asked otherwise", read_enable },
        { "only", 0, "RULE,…", "ask these rules and no others", read_only },
        { "baseline", 0, "FILE", "do not tell the findings that stand there", read_baseline },
        { "write-baseline", 0, "FILE", "write all findings there", read_write_baseline },
        { "fix", 0, NULL, "mend the files where there is one right answer", read_fix },
        { "diff", 0, NULL, "with --fix: print what would change, and change nothing", read_diff },
        { "config", 0, "FILE", "settings, in the place of those that are found above each file", read_config },
        { "no-config", 0, NULL, "look for no settings", read_no_config },
        { "skip-others", 0, NULL, "pass over named files that are no policy, profile or config.json",
          read_skip_others },
        { "jobs", 0, "N", "as many processes at once; else one for each processor", read_jobs },
        { "list-rules", 0, NULL, "print the rules: id, severity, what they find, if they mend it", read_list_rules },
        { "explain", 0, "RULE", "print a rule's page: what it finds, why, and an example", read_explain },
        { "description", 0, "TEXT", "what the merged policy says about itself", read_description },
        { "output", 'o', "FILE", "write there, not to standard output (run: standard error; new: NAME.jsonc)",
          read_output },
        APPLY_OPTIONS(APPLY_ROW)
        { "help", 'h', NULL, "print this", read_help },
};

static bool takes(const struct verb *verb, const char *name)
{
        if (!strcmp(name, "help"))
                return true;
        for (const char *const *o = verb->options; *o; o++)
                if (!strcmp(*o, name))
                        return true;
        return false;
}

static const struct row *find_row(const struct verb *verb, const char *name, size_t len)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                if (strlen(rows[i].name) == len && !memcmp(rows[i].name, name, len) && takes(verb, rows[i].name))
                        return &rows[i];
        return NULL;
}

static int unknown_option(struct session *s, const struct verb *verb, const char *arg)
{
        struct sc_typo typo = sc_typo_begin(arg + 2, strcspn(arg + 2, "="));

        for (size_t i = 0; i < SC_COUNT(rows); i++)
                if (takes(verb, rows[i].name))
                        sc_typo_offer(&typo, rows[i].name);
        if (typo.best)
                return complain(s, "no option '%s'; did you mean '--%s'?", arg, typo.best);
        return complain(s, "no option '%s'; see '%s --help'", arg, s->program);
}

/* Reads one option at *i. Returns an exit code. */
static int read_option(struct reader *r, const struct verb *verb, int argc, char **argv, int *i)
{
        const char *arg = argv[*i], *value = NULL;
        const struct row *row = NULL;

        if (arg[1] == '-') {
                size_t len = strcspn(arg + 2, "=");

                row = find_row(verb, arg + 2, len);
                value = row && arg[2 + len] ? arg + 3 + len : NULL;
        } else {
                for (size_t k = 0; k < SC_COUNT(rows); k++)
                        if (rows[k].letter == arg[1] && takes(verb, rows[k].name))
                                row = &rows[k];
                value = row && arg[2] ? arg + 2 : NULL;
        }
        if (!row)
                return unknown_option(r->s, verb, arg);
        if (!row->value && value)
                return complain(r->s, "--%s takes no value", row->name);
        if (row->value && !value) {
                if (*i + 1 >= argc)
                        return complain(r->s, "--%s needs a value: %s", row->name, row->value);
                value = argv[++*i];
        }
        return row->read ? row->read(r, value) : apply_option(r->s, &r->o->apply, row->name, value);
}

/* Behind a '-': a number, which explain takes for a call or an argument; no option is one. */
static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

int options_read(struct session *s, const struct verb *verb, int argc, char **argv, struct options *ret_options)
{
        const char **args = sc_arena_array(s->arena, (size_t)argc + 1, sizeof(*args));
        struct options o = { .caps = sc_caps_docker(), .args = args };
        struct reader r = { .s = s, .o = &o, .verb = verb };
        bool options_end = false;

        if (!args)
                return EXIT_SYSTEM;
        for (int i = 0; i < argc; i++) {
                int code = 0;

                if (!options_end && !strcmp(argv[i], "--")) {
                        options_end = true;
                        o.n_front = o.n_args;
                } else if (!options_end && argv[i][0] == '-' && argv[i][1] && !is_digit(argv[i][1]))
                        code = read_option(&r, verb, argc, argv, &i);
                else
                        args[o.n_args++] = argv[i];
                if (code)
                        return code;
        }
        o.n_front = options_end ? o.n_front : o.n_args;
        if (!o.help && (o.n_args < verb->args_min || o.n_args > verb->args_max))
                return complain(s, "%s; usage: seccompose %s %s",
                                o.n_args < verb->args_min ? "something is missing" : "too many arguments", verb->name,
                                verb->usage);
        *ret_options = o;
        return 0;
}

/* What ends a row's help otherwise for one verb than for others. */
static const char *help_end(const struct verb *verb, const struct row *row)
{
        if (row->read == read_format)
                return more_formats(verb);
        if (row->read == read_caps)
                return strcmp(verb->name, "run") ? "default" : "those of this process";
        return "";
}

void options_help(const struct verb *verb)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                char left[48];

                if (!takes(verb, rows[i].name))
                        continue;
                snprintf(left, sizeof(left), "%s%c%s--%s%s%s", rows[i].letter ? "-" : " ",
                         rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ", " : "  ", rows[i].name,
                         rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
                /* "…" is three bytes and one column */
                printf("  %-*s %s%s\n", strstr(left, "…") ? 28 : 26, left, rows[i].help, help_end(verb, &rows[i]));
        }
}

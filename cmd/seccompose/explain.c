/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose explain: what happens to a call, and what says so. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/visible.h"
#include "seccompose/ask.h"
#include "seccompose/explain.h"

#define EXPLAIN_LINES_MAX 4096 /* lines of standard input for --audit */

const char *keep(struct explainer *ex, struct sc_strbuf *text)
{
        const char *kept = text->failed ? NULL : sc_visible_copy(ex->s->arena, text->text ? text->text : "", text->len);

        sc_strbuf_done(text);
        return kept;
}

const struct sc_abi *machine_of(const struct sc_abi *abi)
{
        for (size_t i = 0; i < sc_abi_count() && !sc_abi_is_family(abi); i++)
                if (sc_abi_is_family(sc_abi_at(i)) && sc_abi_in_family(abi, sc_abi_at(i)))
                        return sc_abi_at(i);
        return abi;
}

sc_node with_known(struct explainer *ex, sc_node node)
{
        node = as_seen(ex, node);
        for (unsigned i = 0; i < 6; i++)
                if (ex->q->known >> i & 1)
                        node = sc_decision_fix(ex->d, node, (enum sc_word)(SC_WORD_ARG0 + i), ex->q->args[i]);
        return node;
}

static const struct asked *find_asked(const struct explainer *ex, const struct view *view, bool tell)
{
        for (const struct asked *a = ex->asked; a; a = a->next)
                if (a->view.native == view->native && a->view.consumer == view->consumer &&
                    a->view.caps == view->caps && a->view.kernel == view->kernel && (a->told || !tell))
                        return a;
        return NULL;
}

/* Lines of a log ask the same again and again; what they ask of is found once. */
static int mean(struct explainer *ex, const struct view *view, struct sc_diags *diags, struct meaning *ret_meaning)
{
        bool tell = diags == ex->s->diags;
        const struct asked *before = find_asked(ex, view, tell);
        struct session quiet = *ex->s;
        struct asked *asked;
        int r;

        if (before) {
                *ret_meaning = before->meaning;
                return 0;
        }
        quiet.diags = diags;
        r = meaning_of(&quiet, &ex->input, view, ex->d, ret_meaning);
        if (r < 0)
                return r;
        asked = sc_arena_alloc(ex->s->arena, sizeof(*asked));
        if (!asked)
                return -ENOMEM;
        *asked = (struct asked){ *view, tell, *ret_meaning, ex->asked };
        ex->asked = asked;
        return 0;
}

int ask(struct explainer *ex, const struct view *view, struct sc_diags *diags, struct meaning *ret_meaning,
        sc_node *ret_whole, sc_node *ret_node)
{
        struct meaning meaning;
        sc_node node;
        int r = mean(ex, view, diags, &meaning);

        if (r < 0)
                return r;
        node = sc_decision_fix(ex->d, meaning.node, SC_WORD_ARCH, ex->q->abi->audit_arch);
        *ret_whole = as_seen(ex, sc_decision_fix(ex->d, node, SC_WORD_NR, ex->q->nr));
        *ret_node = with_known(ex, *ret_whole);
        *ret_meaning = meaning;
        return sc_decisions_error(ex->d);
}

#define ACTIONS_MAX 8                    /* that are named; "and more" stands for others */
#define NOWHERE UINT32_C(0xdeadbeef)     /* stands for what is not asked about */

/* A condition at a time, not a path: of paths there can be 2^32. */
const char *actions_of(struct explainer *ex, sc_node node, sc_node where)
{
        sc_node told, all = sc_decision_leaf(ex->d, 1);
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct sc_input input;
        size_t n = 0;

        node = sc_decision_ite(ex->d, where, node, sc_decision_leaf(ex->d, NOWHERE));
        told = sc_decision_where(ex->d, node, NOWHERE);
        while (!sc_decisions_error(ex->d) && sc_decision_witness(ex->d, told, all, &input)) {
                sc_action action = sc_decision_eval(ex->d, node, &input);

                sc_strbuf_puts(&out, n ? " or " : "");
                if (n++ == ACTIONS_MAX) {
                        sc_strbuf_puts(&out, "more");
                        break;
                }
                sc_action_format(action, &out);
                told = sc_decision_or(ex->d, told, sc_decision_where(ex->d, node, action));
        }
        if (!sc_decisions_error(ex->d))
                return keep(ex, &out);
        sc_strbuf_done(&out);
        return NULL;
}

/* What the rules of the profile say, where there is one: the file's, or the one built from the policy. */
static int find_reasons(struct explainer *ex)
{
        const struct sc_scmp_compiler compiler = sc_scmp_library(); /* for its names and numbers only */
        const struct sc_consumer *consumer = ex->view.consumer;
        struct sc_target target = { consumer, ex->view.native, ex->view.caps, ex->view.kernel, ex->view.table };
        int r;

        ex->has_reasons = false;
        if (!ex->meaning.profile || ex->meaning.unfiltered)
                return 0;
        if (!target.table)
                target.table = sc_scmptable_find(consumer->scmptable, strlen(consumer->scmptable));
        r = sc_consumer_reasons(ex->scratch, &target, ex->meaning.profile, ex->q->abi, ex->q->call, ex->q->nr,
                                &compiler, ex->d, ex->s->diags, &ex->reasons);
        ex->has_reasons = r == 0;
        return r < 0 ? r : find_shares(ex);
}

/* True if some rule that holds for a witness says what the filter answers. */
static bool says(const struct explainer *ex, const struct sc_witness *w)
{
        struct sc_input input = { 0 };
        bool any = false;

        for (unsigned i = 0; i < 6; i++)
                input.words[SC_WORD_ARG0 + i] = w->args[i];
        for (size_t i = 0; i < ex->reasons.n; i++) {
                const struct sc_reason *reason = &ex->reasons.items[i];

                any |= reason->fate == SC_FATE_COUNTS && reason->action == w->a &&
                       sc_decision_eval(ex->d, reason->where, &input) != 0;
        }
        return any;
}

/* What the filter does against what the rules say, for some arguments. */
static int find_difference(struct explainer *ex)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        sc_node nodes[2], none = sc_decision_leaf(ex->d, 0);
        struct sc_witness w;
        int r;

        if (!ex->has_reasons || ex->reasons.foreign || ex->meaning.policy)
                return 0;
        for (int i = 0; i < 2; i++)
                nodes[i] = sc_decision_eq(ex->d, SC_WORD_NR, UINT32_MAX, ex->q->nr,
                                          i ? ex->reasons.reading : ex->whole, none);
        r = sc_compare(ex->d, nodes[0], nodes[1], SC_ASK_SAME, &ex->q->abi, 1, &w);
        if (r <= 0)
                return r;
        ex->answer->disagree = says(ex, &w);
        sc_witness_format(&w, &out);
        sc_strbuf_puts(&out, ": libseccomp's filter answers ");
        sc_action_format(w.a, &out);
        sc_strbuf_puts(&out, ex->answer->disagree ? ", as a rule says; another says " : ", the rules say ");
        sc_action_format(w.b, &out);
        ex->answer->difference = keep(ex, &out);
        return ex->answer->difference ? 0 : -ENOMEM;
}

static uint32_t kind_of_action(uint32_t action, uint32_t unused)
{
        (void)unused;
        return action & SECCOMP_RET_ACTION_FULL;
}

/* A line whose arguments are not known, against the cases that there are. */
static const char *judge_cases(struct explainer *ex)
{
        uint32_t action = ex->q->action;
        sc_node node = ex->node;

        if (!ex->q->errno_known) {
                action &= SECCOMP_RET_ACTION_FULL;
                node = sc_decision_apply(ex->d, kind_of_action, node, node);
        }
        return sc_decision_where(ex->d, node, action) != sc_decision_leaf(ex->d, 0)
                       ? "the line does not have all arguments; its result is that of a case above"
                       : "the line's result is that of no case above: it comes from elsewhere";
}

/* What a record's code says if it is not the answer. The code has no data: of errno, the number is not known. */
static const char *other_code(struct explainer *ex)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        char *said;

        sc_action_format(ex->q->action & SECCOMP_RET_ACTION_FULL, &text);
        said = text.failed ? NULL
                           : sc_arena_printf(ex->s->arena,
                                             "the record's action (code) is another, %.*s: it was made under another "
                                             "filter, or other circumstances",
                                             (int)strcspn(text.text, ":"), text.text);
        sc_strbuf_done(&text);
        return said;
}

/* The result that a line tells of, against the answer. */
static int judge_line(struct explainer *ex)
{
        struct answer *a = ex->answer;
        uint32_t value = a->action & SECCOMP_RET_ACTION_FULL;

        if (!ex->q->answered)
                return 0;
        if (!a->decided)
                a->agrees = judge_cases(ex);
        else if (ex->q->errno_known && value != SECCOMP_RET_ERRNO)
                a->agrees = "the error comes from elsewhere: this filter does not give it";
        else if (ex->q->errno_known)
                a->agrees = a->action == ex->q->action ? "the line's error is this filter's"
                                                       : "the line's error is another than this filter's";
        else
                a->agrees = value == (ex->q->action & SECCOMP_RET_ACTION_FULL)
                                    ? "the record's action (code) is this filter's"
                                    : other_code(ex);
        return a->agrees ? 0 : -ENOMEM;
}

/*
 * The machine of the call. A policy is built for that one only: what it comes to on others is not asked for here.
 * Where it does not list the machine, it is built for all.
 */
void choose_machine(struct explainer *ex)
{
        const struct sc_policy *policy = ex->input.policy;
        struct view *view = &ex->view;

        view->native = machine_of(ex->q->abi);
        view->abis = ex->family;
        view->n_abis = 0;
        for (size_t i = 0; policy && policy_lists(policy, view->native) && i < policy->n_abis; i++)
                if (sc_abi_in_family(policy->abis[i], view->native))
                        ex->family[view->n_abis++] = policy->abis[i];
}

static int find_answer(struct explainer *ex)
{
        struct answer *answer = ex->answer;
        int r = ask(ex, &ex->view, ex->s->diags, &ex->meaning, &ex->whole, &ex->node);
        if (r < 0)
                return r;
        answer->decided = sc_decision_is_leaf(ex->d, ex->node, &answer->action);
        answer->actions = actions_of(ex, ex->node, sc_decision_leaf(ex->d, 1));
        r = answer->actions ? find_reasons(ex) : -ENOMEM;
        if (r == 0)
                r = find_condition(ex);
        if (r == 0)
                r = find_causes(ex);
        if (r == 0)
                r = find_difference(ex);
        if (r == 0)
                r = find_rows(ex);
        if (r == 0)
                r = find_advice(ex);
        r = r ? r : judge_line(ex);
        return r < 0 && sc_decisions_error(ex->d) ? sc_decisions_error(ex->d) : r;
}

int explain_question(struct explainer *ex, const struct question *q, struct answer *answer)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *scratch = sc_arena_new();

        if (!scratch)
                return -ENOMEM;
        ex->scratch = scratch;
        ex->q = q;
        ex->answer = answer;
        choose_machine(ex);
        *answer = (struct answer){ .q = q, .consumer = ex->view.consumer };
        return find_answer(ex);
}

/* The ABI that is meant where nothing says it: this machine's if the file speaks of it. */
static const struct sc_abi *assume_abi(const struct explainer *ex)
{
        const struct sc_abi *machines[SC_ABI_MAX], *native = sc_abi_native();
        size_t n = view_machines(&ex->input, ex->view.consumer, machines);

        if (ex->options->n_abis)
                return ex->options->abis[0];
        for (size_t i = 0; i < n; i++)
                if (machines[i] == native)
                        return native;
        return n ? machines[0] : native;
}

static bool same_question(const struct question *a, const struct question *b)
{
        for (unsigned i = 0; i < 6; i++)
                if (a->known >> i & 1 && a->args[i] != b->args[i])
                        return false;
        return a->abi == b->abi && a->nr == b->nr && a->known == b->known && a->answered == b->answered &&
               a->action == b->action && a->errno_known == b->errno_known;
}

/* Logs have the same line many times. Returns true if it was answered before. */
static bool answer_again(const struct question *questions, const struct answer *answers, size_t n,
                         struct answer *answer)
{
        for (size_t i = 0; i < n; i++)
                if (same_question(&questions[i], &questions[n])) {
                        *answer = answers[i];
                        answer->q = &questions[n];
                        return true;
                }
        return false;
}

static int explain_all(struct explainer *ex, const struct question *questions, size_t n)
{
        struct answer *answers = sc_arena_array(ex->s->arena, n + 1, sizeof(*answers));
        int r = answers ? 0 : -ENOMEM, code;

        for (size_t i = 0; i < n && r == 0; i++)
                if (!answer_again(questions, answers, i, &answers[i]))
                        r = explain_question(ex, &questions[i], &answers[i]);
        code = report(ex->s, r, ex->input.name);
        if (code == 0 && answers_print(ex, answers, n) < 0)
                code = EXIT_SYSTEM;
        return code;
}

/* The lines of standard input; those that are no call are told and passed over. */
static int read_lines(struct explainer *ex, struct question **ret_questions, size_t *ret_n)
{
        struct question *questions = sc_arena_array(ex->s->arena, EXPLAIN_LINES_MAX, sizeof(*questions));
        struct sc_source source;
        size_t n = 0, at = 0;
        int r = questions ? input_text(ex->s, "-", &source) : -ENOMEM, code;

        if (r < 0)
                return report(ex->s, r, "standard input");
        while (at < source.len) {
                const char *line = source.text + at, *end = memchr(line, '\n', source.len - at);
                size_t len = end ? (size_t)(end - line) : source.len - at;

                at += len + 1;
                if (len == 0)
                        continue;
                if (n == EXPLAIN_LINES_MAX)
                        return complain(ex->s, "more than %d lines", EXPLAIN_LINES_MAX);
                code = question_read_line(ex, line, len, &questions[n]);
                if (code == EXIT_SYSTEM)
                        return code;
                n += code == 0;
        }
        *ret_questions = questions;
        *ret_n = n;
        return n ? 0 : complain(ex->s, "no line on standard input tells of a call");
}

static int explain_audit(struct explainer *ex)
{
        const char *line = ex->options->audit;
        struct question *questions = sc_arena_alloc(ex->s->arena, sizeof(*questions));
        size_t n = 1;
        int code;

        if (!questions)
                return EXIT_SYSTEM;
        if (!strcmp(line, "-"))
                code = read_lines(ex, &questions, &n);
        else
                code = question_read_line(ex, line, strlen(line), questions);
        return code ? code : explain_all(ex, questions, n);
}

int verb_explain(struct session *s, const struct options *options)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct explainer ex = { .s = s, .options = options, .d = d };
        struct question question = { .call = -1 };
        int code;

        if (!d)
                return EXIT_SYSTEM;
        if (options->audit && options->n_args > 1)
                return complain(s, "--audit has the call; there is one too many");
        if (!options->audit && options->n_args < 2)
                return complain(s, "which call? Or --audit LINE");
        if (options->audit && !strcmp(options->audit, "-") && !strcmp(options->args[0], "-"))
                return complain(s, "only one of FILE and the lines can be standard input");
        code = ask_file(s, options, options->args[0], &ex.input, &ex.view);
        if (code)
                return code;
        if (!ex.view.consumer && options->target)
                ex.view.consumer = view_default(&ex.input); /* "all": its own first, the others beside it */
        ex.assumed = assume_abi(&ex);
        if (options->audit)
                return explain_audit(&ex);
        code = question_read(&ex, &question);
        return code ? code : explain_all(&ex, &question, 1);
}

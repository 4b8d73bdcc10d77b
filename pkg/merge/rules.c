/* SPDX-License-Identifier: Apache-2.0 */
/* Lines to rules: calls with the same line share one. And the text, and its proof. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "merge/internal.h"
#include "policy/write.h"

/* A line of a call, as it is sorted: the lines of one call must keep their order. */
struct entry {
        unsigned stage; /* its place among the call's lines; what has no condition comes last */
        sc_action action;
        const char *when; /* "" if always */
        const struct sc_cond *cond;
        int call;
};

static int compare_groups(const struct entry *a, const struct entry *b)
{
        unsigned x = sc_action_looseness(a->action), y = sc_action_looseness(b->action);

        if (a->stage != b->stage)
                return a->stage < b->stage ? -1 : 1;
        if (x != y)
                return x < y ? -1 : 1;
        if (a->action != b->action)
                return a->action < b->action ? -1 : 1;
        return strcmp(a->when, b->when);
}

static int compare_entries(const void *a, const void *b)
{
        const struct entry *x = a, *y = b;
        int order = compare_groups(x, y);

        return order ? order : (x->call > y->call) - (x->call < y->call);
}

static int make_entry(struct merge *m, int call, size_t at, struct entry *ret_entry)
{
        const struct merge_line *line = &m->lines[call].items[at];
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf when = SC_STRBUF_INIT;
        struct entry entry = { line->cond ? (unsigned)at : UINT_MAX, line->action, "", line->cond, call };

        if (line->cond) {
                sc_cond_write(line->cond, &when);
                entry.when = when.failed ? NULL : sc_arena_strdup(m->arena, when.text);
        }
        if (!entry.when)
                return -ENOMEM;
        *ret_entry = entry;
        return 0;
}

static int make_rule(struct merge *m, const struct entry *entries, size_t n, struct sc_rule *ret_rule)
{
        struct sc_rule_call *calls = sc_arena_array(m->arena, n, sizeof(*calls));

        if (!calls)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                calls[i] = (struct sc_rule_call){ .call = (unsigned short)entries[i].call, .direct = true };
        *ret_rule = (struct sc_rule){
                .action = entries->action, .calls = calls, .n_calls = n, .when = entries->cond,
        };
        return 0;
}

static int group(struct merge *m, const struct entry *entries, size_t n)
{
        struct sc_rule *rules = sc_arena_array(m->arena, n + 1, sizeof(*rules));
        size_t n_rules = 0;

        if (!rules)
                return -ENOMEM;
        for (size_t i = 0, end; i < n; i = end) {
                int r;

                for (end = i + 1; end < n && compare_groups(&entries[i], &entries[end]) == 0;)
                        end++;
                r = make_rule(m, &entries[i], end - i, &rules[n_rules++]);
                if (r < 0)
                        return r;
        }
        m->policy.rules = rules;
        m->policy.n_rules = n_rules;
        return 0;
}

int merge_make_rules(struct merge *m)
{
        struct entry *entries;
        size_t n = 0, k = 0;
        int r = 0;

        for (size_t call = 0; call < sc_syscall_count(); call++)
                n += m->lines[call].n;
        entries = sc_arena_array(m->arena, n + 1, sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        for (size_t call = 0; call < sc_syscall_count(); call++)
                for (size_t i = 0; i < m->lines[call].n && r == 0; i++)
                        r = make_entry(m, (int)call, i, &entries[k++]);
        if (r < 0)
                return r;
        qsort(entries, n, sizeof(*entries), compare_entries);
        return group(m, entries, n);
}

/* To engines a policy without a comment is a profile that filters nothing; one with a comment is no JSON. */
static const char head[] = "// A seccompose policy, not a profile: engines take what 'seccompose build' makes of it.\n";

int merge_write(const struct merge *m, struct sc_strbuf *text)
{
        sc_strbuf_puts(text, head);
        sc_policy_write(&m->policy, text);
        return text->failed ? -ENOMEM : 0;
}

static int load(struct merge *m, const struct sc_strbuf *text, const struct sc_policy **ret_policy)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const char *kept = sc_arena_strndup(m->arena, text->text, text->len); /* places are in it */
        const struct sc_diag *const *all;
        size_t n;
        int r;

        if (!diags || !kept)
                return -ENOMEM;
        r = sc_policy_load(m->arena, "<merged>", kept, text->len, &(struct sc_policy_options){ 0 }, diags,
                           ret_policy);
        all = sc_diags_all(diags, &n);
        for (size_t i = 0; i < n && r == -EBADMSG; i++)
                if (all[i]->severity == SC_ERROR) {
                        sc_diags_add(m->diags, SC_ERROR, "proof-failed", (struct sc_place){ 0 },
                                     "what was merged is no policy: %s [%s]; nothing is written", all[i]->message,
                                     all[i]->rule);
                        break;
                }
        return r;
}

static void report_difference(struct merge *m, const struct sc_abi *abi, int call, sc_node wanted, sc_node got)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_input input = { { 0 } };

        sc_decision_witness(m->d, wanted, got, &input);
        for (int i = 0; i < 6; i++)
                sc_strbuf_printf(&text, " %#llx", (unsigned long long)input.words[SC_WORD_ARG0 + i]);
        sc_strbuf_printf(&text, " with capabilities %#llx on kernel %llu.%llu would get ",
                         (unsigned long long)input.words[SC_WORD_CAPS],
                         (unsigned long long)SC_KERNEL_MAJOR(input.words[SC_WORD_KERNEL]),
                         (unsigned long long)SC_KERNEL_MINOR(input.words[SC_WORD_KERNEL]));
        sc_action_format(sc_decision_eval(m->d, got, &input), &text);
        sc_strbuf_puts(&text, ", not ");
        sc_action_format(sc_decision_eval(m->d, wanted, &input), &text);
        sc_diags_add(m->diags, SC_ERROR, "proof-failed", (struct sc_place){ 0 },
                     "a mistake of seccompose: %s %s%s; nothing is written", abi->name, sc_syscall_name(call),
                     text.text ? text.text : "");
}

int merge_prove(struct merge *m, const struct sc_strbuf *text, const struct sc_policy **ret_policy)
{
        const struct sc_policy *policy;
        int r = load(m, text, &policy);

        if (r < 0)
                return r;
        if (policy->n_abis != m->policy.n_abis || policy->newer != m->policy.newer ||
            memcmp(policy->abis, m->policy.abis, policy->n_abis * sizeof(*policy->abis)) != 0)
                return -EINVAL;
        for (size_t call = 0; call < sc_syscall_count(); call++)
                for (size_t i = 0; i < policy->n_abis; i++) {
                        sc_node got;

                        if (!merge_is_relevant(m, (int)call, i))
                                continue;
                        got = sc_policy_call(policy, m->d, policy->abis[i], (int)call);
                        if (sc_decisions_error(m->d))
                                return sc_decisions_error(m->d);
                        if (got == merge_wanted(m, (int)call, i))
                                continue;
                        report_difference(m, policy->abis[i], (int)call, merge_wanted(m, (int)call, i), got);
                        return -EBADMSG;
                }
        *ret_policy = policy;
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What to write to have a call allowed or denied: tried on the file as it then is, all the way to the answer. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "bundle/bundle.h"
#include "seccompose/ask.h"
#include "seccompose/explain.h"
#include "syscall/param.h"

#define ALL_REGISTERS 6

/* The answer if only some of the known arguments were. */
static sc_node answer_with(struct explainer *ex, unsigned args)
{
        sc_node node = ex->whole;

        for (unsigned i = 0; i < ALL_REGISTERS; i++)
                if (args >> i & 1)
                        node = sc_decision_fix(ex->d, node, (enum sc_word)(SC_WORD_ARG0 + i), ex->q->args[i]);
        return node;
}

static bool is_pointer(const struct explainer *ex, unsigned arg)
{
        struct sc_param_register reg = { .param = -1 };

        if (ex->q->call >= 0)
                reg = sc_param_in_register(ex->q->call, arg, ex->q->abi);
        return reg.param >= 0 && sc_param_at(ex->q->call, (size_t)reg.param).kind == SC_PARAM_POINTER;
}

unsigned chosen_args(struct explainer *ex)
{
        unsigned chosen = ex->q->known, plain = 0;

        for (unsigned i = ALL_REGISTERS; i-- > 0;) {
                if (answer_with(ex, chosen & ~(1u << i)) == ex->node)
                        chosen &= ~(1u << i);
                if (ex->q->known >> i & 1 && !is_pointer(ex, i))
                        plain |= 1u << i;
        }
        return chosen ? chosen : ex->q->line ? 0 : plain;
}

uint64_t read_bits(const struct explainer *ex, unsigned arg)
{
        struct sc_param_register reg = sc_param_in_register(ex->q->call, arg, ex->q->abi);

        return reg.bits >= 64 ? UINT64_MAX : (UINT64_C(1) << reg.bits) - 1;
}

/* The numbers that are not the ABI's: x32's beside x86_64's, with which it shares its architecture. */
static sc_node numbers_of_others(struct explainer *ex)
{
        bool high = sc_abi_owns(ex->q->abi, SC_ABI_X32_BIT), low = sc_abi_owns(ex->q->abi, 0);

        return sc_decision_ge(ex->d, SC_WORD_NR, SC_ABI_X32_BIT, sc_decision_leaf(ex->d, !high),
                              sc_decision_leaf(ex->d, !low));
}

sc_node chosen_where(struct explainer *ex)
{
        unsigned chosen = chosen_args(ex);
        sc_node where = sc_decision_leaf(ex->d, 1), none = sc_decision_leaf(ex->d, 0);

        for (unsigned i = 6; i-- > 0;)
                if (chosen >> i & 1) {
                        uint64_t mask = read_bits(ex, i);

                        where = sc_decision_eq(ex->d, (enum sc_word)(SC_WORD_ARG0 + i), mask, ex->q->args[i] & mask,
                                               where, none);
                }
        return where;
}

/* What the advice is about, of all numbers and arguments of the ABI. */
static sc_node wanted_where(struct explainer *ex)
{
        return sc_decision_eq(ex->d, SC_WORD_NR, UINT32_MAX, ex->q->nr, chosen_where(ex), sc_decision_leaf(ex->d, 0));
}

/* 2 where a change allows what was denied, 1 where it denies what was allowed. */
static uint32_t combine_change(uint32_t before, uint32_t after)
{
        bool let = sc_action_looseness(before) >= sc_action_looseness(SECCOMP_RET_LOG);
        bool lets = sc_action_looseness(after) >= sc_action_looseness(SECCOMP_RET_LOG);

        return lets == let ? 0 : lets ? 2 : 1;
}

static uint32_t combine_lets(uint32_t action, uint32_t unused)
{
        (void)unused;
        return sc_action_looseness(action) >= sc_action_looseness(SECCOMP_RET_LOG);
}

static bool has_leaf(struct explainer *ex, sc_node node, uint32_t leaf)
{
        return sc_decision_where(ex->d, node, leaf) != sc_decision_leaf(ex->d, 0);
}

/* What a change does to all that it is not about. */
static enum effect judge_elsewhere(struct explainer *ex, sc_node after)
{
        sc_node before = sc_decision_fix(ex->d, ex->meaning.node, SC_WORD_ARCH, ex->q->abi->audit_arch);
        sc_node changes = sc_decision_apply(ex->d, combine_change, before, after);

        changes = sc_decision_ite(ex->d, sc_decision_or(ex->d, wanted_where(ex), numbers_of_others(ex)),
                                  sc_decision_leaf(ex->d, 0), changes);
        if (sc_decisions_error(ex->d) || has_leaf(ex, changes, 2))
                return EFFECT_NONE;
        return has_leaf(ex, changes, 1) ? EFFECT_STRICTER : EFFECT_EXACT;
}

/* The changed file in a view: what it answers on the ABI. SC_NODE_FAILED if it is refused. */
static int ask_changed(struct explainer *ex, struct input *changed, const struct view *view, sc_node *ret_node)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct session quiet = *ex->s;
        struct meaning meaning;
        int r;

        if (!diags)
                return -ENOMEM;
        quiet.diags = diags;
        r = meaning_of(&quiet, changed, view, ex->d, &meaning);
        *ret_node = SC_NODE_FAILED;
        if (r < 0)
                return r == -EBADMSG ? 0 : r;
        *ret_node = sc_decision_fix(ex->d, meaning.node, SC_WORD_ARCH, ex->q->abi->audit_arch);
        return sc_decisions_error(ex->d);
}

static bool is_wanted(struct explainer *ex, sc_node after, bool allow)
{
        sc_node node = after, known;

        if (node == SC_NODE_FAILED)
                return false;
        node = sc_decision_apply(ex->d, combine_lets, node, node);
        known = with_known(ex, sc_decision_fix(ex->d, node, SC_WORD_NR, ex->q->nr));
        if (known != sc_decision_leaf(ex->d, allow))
                return false;
        /* bits that the kernel does not read must not walk around a denial */
        return allow || sc_decision_and(ex->d, node, wanted_where(ex)) == sc_decision_leaf(ex->d, 0);
}

int try_changed(struct explainer *ex, struct input *changed, bool allow, enum effect *ret_effect)
{
        sc_node after;
        int r = ask_changed(ex, changed, &ex->view, &after);

        if (r < 0)
                return r;
        *ret_effect = is_wanted(ex, after, allow) ? judge_elsewhere(ex, after) : EFFECT_NONE;
        return sc_decisions_error(ex->d);
}

static void note_taker(struct advice *advice, const char *name, bool works)
{
        if (works && advice->n_tried < TAKERS_MAX)
                advice->tried[advice->n_tried++] = name;
        else if (!works && advice->n_fails < TAKERS_MAX)
                advice->fails[advice->n_fails++] = name;
}

/* True if a consumer refuses the file as it is, so that no rule helps. */
static bool refuses(const struct explainer *ex, const struct sc_consumer *consumer)
{
        for (size_t i = 0; i < ex->answer->n_rows; i++) {
                const struct row *row = &ex->answer->rows[i];

                if (row->consumer && row->refused && !strcmp(row->circumstance, consumer->name))
                        return true;
        }
        return false;
}

bool asks_all(const struct explainer *ex)
{
        return ex->options->target && !strcmp(ex->options->target, ASK_ALL);
}

int try_for_all(struct explainer *ex, struct input *changed, bool allow, struct advice *advice)
{
        const struct sc_consumer *own = ex->view.consumer;
        struct view view = ex->view;
        int r = 0;

        note_taker(advice, own ? own->name : "policy", true);
        for (size_t i = 0; i < sc_consumer_count() && r == 0 && asks_all(ex); i++) {
                sc_node after;

                view.consumer = sc_consumer_at(i);
                if (view.consumer == own || refuses(ex, view.consumer))
                        continue;
                r = ask_changed(ex, changed, &view, &after);
                if (r == 0)
                        note_taker(advice, view.consumer->name, is_wanted(ex, after, allow));
        }
        return r;
}

void format_tried(const struct advice *advice, enum effect effect, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, effect == EFFECT_STRICTER ? "; it denies more than that" : "");
        for (size_t i = 0; i < advice->n_tried; i++)
                sc_strbuf_printf(out, "%s%s%s", i ? ", " : " (tried: ",
                                 strcmp(advice->tried[i], "policy") != 0 ? "" : "the ", advice->tried[i]);
        sc_strbuf_puts(out, advice->n_tried > 1 ? " then answer so" : " then answers so");
        for (size_t i = 0; i < advice->n_fails; i++)
                sc_strbuf_printf(out, "%s%s", i ? ", " : "; not for ", advice->fails[i]);
        sc_strbuf_puts(out, ")");
}

/* True if the consumer's libseccomp cannot say a call's name, so that no rule reaches its filter. */
static bool is_nameless(const struct explainer *ex)
{
        const struct sc_scmptable *table = ex->view.table;

        if (!ex->view.consumer)
                return false;
        if (!table)
                table = sc_scmptable_find(ex->view.consumer->scmptable, strlen(ex->view.consumer->scmptable));
        return !sc_scmptable_knows(table, ex->q->call);
}

static const char *why_no_rules(const struct explainer *ex)
{
        if (ex->input.kind == SC_FILE_PROCESS)
                return "a process keeps its filters and can only add more, of which the strictest answer counts: see "
                       "where it got them";
        if (ex->meaning.unfiltered)
                return "there is no filter, so no rules: give the container one";
        if (ex->input.kind == SC_FILE_BPF)
                return "a program has no rules: 'seccompose merge' makes a policy of it and of another";
        return "crun takes the program of the annotation " SC_BUNDLE_CRUN_BPF ", which has no rules, and leaves "
               "those of \"seccomp\" alone";
}

/* Why rules of the file do not reach the ABI; NULL if they do. */
static const char *why_foreign(struct explainer *ex)
{
        const char *key = ex->input.kind == SC_FILE_DOCKER && ex->view.consumer->docker_format ? "archMap"
                                                                                               : "architectures";

        if (ex->input.policy && !policy_lists(ex->input.policy, ex->q->abi))
                return sc_arena_printf(ex->s->arena,
                                       "the \"architectures\" of %s must list %s before any rule counts there",
                                       ex->input.name, ex->q->abi->name);
        if (!ex->input.policy && ex->has_reasons && ex->reasons.foreign)
                return sc_arena_printf(ex->s->arena, "the \"%s\" of %s must list %s before any rule counts there", key,
                                       ex->input.name, ex->q->abi->oci ? ex->q->abi->oci : ex->q->abi->name);
        return NULL;
}

const char *why_nothing(struct explainer *ex)
{
        if (ex->meaning.unfiltered || (!ex->input.policy && !ex->has_reasons))
                return why_no_rules(ex);
        if (ex->q->call < 0 && ex->has_reasons && ex->reasons.stub)
                return "no rule can name a number, and runc's stub answers before the profile does";
        if (ex->q->call < 0)
                return ex->input.policy
                               ? "no rule can name a number: \"newer\" answers it and all calls newer than the baseline"
                               : "no rule can name a number: \"defaultAction\" answers it and all calls without a rule";
        if (sc_syscall_is_unfiltered(ex->q->abi, ex->q->nr))
                return "nothing does: the kernel asks no filter about this call";
        if (is_nameless(ex))
                return sc_arena_printf(ex->s->arena, "the libseccomp of %s has no name for it, whatever rules say",
                                       ex->view.consumer->name);
        return why_foreign(ex);
}

static int advise(struct explainer *ex, bool allow)
{
        struct advice *advice = &ex->answer->advice[ex->answer->n_advice++];

        advice->wanted = allow ? "allow" : "deny";
        advice->where = why_nothing(ex);
        if (advice->where)
                return 0;
        return ex->input.policy ? advise_policy(ex, allow, advice) : advise_profile(ex, allow, advice);
}

int find_advice(struct explainer *ex)
{
        const struct answer *a = ex->answer;
        bool lets = sc_action_looseness(a->action) >= sc_action_looseness(SECCOMP_RET_LOG);
        int r = 0;

        if (!a->decided || !lets)
                r = advise(ex, true);
        if (r == 0 && (!a->decided || lets))
                r = advise(ex, false);
        return r;
}

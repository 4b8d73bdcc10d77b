/* SPDX-License-Identifier: Apache-2.0 */
/* Advice for a profile: a JSON rule, tried on the profile all the way to the filter before it is given. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "common/compiler.h"
#include "seccompose/explain.h"
#include "syscall/param.h"

#define ALL_REGISTERS 6
#define LINES_SHOWN_MAX 1000

/* A change of a profile, to be tried. */
struct change {
        bool allow;
        bool take_out;    /* the call's name from the rules that name it */
        bool add;         /* a rule for the call */
        bool other_value; /* it allows all but the one value that is to be denied */
};

static uint64_t low_bits(unsigned bits)
{
        return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

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

/* The conditions of a rule for the chosen arguments, on the bits that the kernel looks at. */
static int make_args(struct explainer *ex, bool other_value, struct sc_profile_args *ret_args)
{
        struct sc_profile_arg *items = sc_arena_array(ex->scratch, ALL_REGISTERS, sizeof(*items));
        unsigned chosen = chosen_args(ex);
        size_t n = 0;

        if (!items)
                return -ENOMEM;
        for (unsigned i = 0; i < ALL_REGISTERS; i++) {
                struct sc_param_register reg;
                uint64_t mask;

                if (!(chosen >> i & 1))
                        continue;
                reg = sc_param_in_register(ex->q->call, i, ex->q->abi);
                mask = low_bits(reg.bits);
                items[n].index = (struct sc_profile_number){ .has = true, .value = i };
                items[n].value = (struct sc_profile_number){ .has = true, .value = ex->q->args[i] & mask };
                items[n].op = other_value ? SC_OP_NE : SC_OP_EQ;
                if (!other_value && reg.bits < ex->q->abi->word_bits) { /* bits above would walk around it */
                        items[n].op = SC_OP_MASKED_EQ;
                        items[n].value_two = items[n].value;
                        items[n].value.value = mask;
                }
                n++;
        }
        *ret_args = (struct sc_profile_args){ items, n };
        return 0;
}

/* The rules without the call's name where they are about it here. */
static int take_out(struct explainer *ex, const struct sc_profile *from, struct sc_profile_rule *rules)
{
        const char *call = sc_syscall_name(ex->q->call);

        for (size_t i = 0; i < from->syscalls.n; i++) {
                const struct sc_profile_list *names = &from->syscalls.items[i].names;
                struct sc_profile_string *kept = sc_arena_array(ex->scratch, names->n + 1, sizeof(*kept));
                size_t n = 0;

                if (!kept)
                        return -ENOMEM;
                for (size_t k = 0; k < names->n; k++)
                        if (strcmp(names->items[k].text, call) != 0)
                                kept[n++] = names->items[k];
                rules[i].names = (struct sc_profile_list){ kept, n, names->place };
                if (rules[i].name.text && !strcmp(rules[i].name.text, call))
                        rules[i].name = (struct sc_profile_string){ 0 };
        }
        return 0;
}

static int make_rule(struct explainer *ex, const struct change *change, struct sc_profile_rule *ret_rule)
{
        struct sc_profile_string *name = sc_arena_alloc(ex->scratch, sizeof(*name));
        struct sc_profile_rule rule = { .names = { .items = name, .n = 1 } };
        bool allow = change->allow || change->other_value;

        if (!name)
                return -ENOMEM;
        name->text = sc_syscall_name(ex->q->call);
        rule.action.text = allow ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO";
        if (!allow)
                rule.errno_ret = (struct sc_profile_number){ .has = true, .value = EPERM };
        *ret_rule = rule;
        return make_args(ex, change->other_value, &ret_rule->args);
}

static int apply_change(struct explainer *ex, const struct change *change, struct sc_profile *profile,
                        struct sc_profile_rule *ret_rule)
{
        const struct sc_profile *from = ex->input.profile;
        struct sc_profile_rule *rules = sc_arena_array(ex->scratch, from->syscalls.n + 1, sizeof(*rules));
        size_t n = from->syscalls.n;
        int r = rules ? 0 : -ENOMEM;

        if (r == 0 && n)
                memcpy(rules, from->syscalls.items, n * sizeof(*rules));
        if (r == 0 && change->take_out)
                r = take_out(ex, from, rules);
        if (r == 0 && change->add)
                r = make_rule(ex, change, &rules[n]);
        if (r < 0)
                return r;
        *profile = *from;
        if (change->add)
                *ret_rule = rules[n++];
        profile->syscalls = (struct sc_profile_rules){ rules, n };
        return 0;
}

static uint32_t combine_denies(uint32_t action, uint32_t unused)
{
        (void)unused;
        return sc_action_looseness(action) < sc_action_looseness(SECCOMP_RET_LOG);
}

/* True if the changed profile answers as wanted, wherever the question's arguments leave a choice. */
static int try_change(struct explainer *ex, const struct change *change, struct sc_profile_rule *ret_rule,
                      bool *ret_works)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_scmp_compiler compiler = compiler_in_child();
        const struct sc_consumer *consumer = ex->view.consumer;
        struct sc_target target = { consumer, ex->view.native, ex->view.caps, ex->view.kernel, ex->view.table };
        struct sc_profile profile;
        sc_node node;
        int r = diags ? apply_change(ex, change, &profile, ret_rule) : -ENOMEM;

        if (r < 0)
                return r;
        if (!target.table)
                target.table = sc_scmptable_find(consumer->scmptable, strlen(consumer->scmptable));
        *ret_works = false;
        r = sc_consumer_decide(ex->scratch, &target, &profile, &compiler, ex->d, diags, &outcome);
        if (r < 0)
                return r == -EBADMSG ? 0 : r;
        node = sc_decision_fix(ex->d, outcome.unfiltered ? sc_decision_leaf(ex->d, SECCOMP_RET_ALLOW) : outcome.node,
                               SC_WORD_ARCH, ex->q->abi->audit_arch);
        node = with_known(ex, sc_decision_fix(ex->d, node, SC_WORD_NR, ex->q->nr));
        node = sc_decision_apply(ex->d, combine_denies, node, node);
        *ret_works = node == sc_decision_leaf(ex->d, !change->allow);
        return sc_decisions_error(ex->d);
}

static void write_number(struct sc_json_writer *w, const char *key, uint64_t value)
{
        sc_json_write_key(w, key);
        sc_json_write_u64(w, value);
}

static void write_text(struct sc_json_writer *w, const char *key, const char *value)
{
        sc_json_write_key(w, key);
        sc_json_write_string(w, value);
}

static void write_args(struct sc_json_writer *w, const struct sc_profile_args *args)
{
        sc_json_write_key(w, "args");
        sc_json_write_array(w);
        for (size_t i = 0; i < args->n; i++) {
                sc_json_write_object(w);
                write_number(w, "index", args->items[i].index.value);
                write_number(w, "value", args->items[i].value.value);
                if (args->items[i].op == SC_OP_MASKED_EQ)
                        write_number(w, "valueTwo", args->items[i].value_two.value);
                write_text(w, "op", sc_profile_op_name(args->items[i].op));
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static int rule_text(struct explainer *ex, const struct sc_profile_rule *rule, const char **ret_text)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_COMPACT);
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len;
        int r;

        sc_json_write_object(w);
        sc_json_write_key(w, "names");
        sc_json_write_array(w);
        sc_json_write_string(w, rule->names.items[0].text);
        sc_json_write_array_end(w);
        write_text(w, "action", rule->action.text);
        if (rule->errno_ret.has)
                write_number(w, "errnoRet", rule->errno_ret.value);
        if (rule->args.n)
                write_args(w, &rule->args);
        sc_json_write_object_end(w);
        r = sc_json_writer_finish(w, &text, &len);
        if (r < 0)
                return r;
        *ret_text = sc_arena_strdup(ex->s->arena, text);
        return *ret_text ? 0 : -ENOMEM;
}

/* " at lines 4, 9": where the call is named. */
static void format_lines(const struct explainer *ex, struct sc_strbuf *out)
{
        struct sc_strbuf lines = SC_STRBUF_INIT;
        size_t n = 0;

        for (size_t i = 0; i < ex->reasons.n; i++) {
                struct sc_place place = ex->reasons.items[i].place;

                if (ex->reasons.items[i].call != ex->q->call || !place.source || n++ >= LINES_SHOWN_MAX)
                        continue;
                sc_strbuf_printf(&lines, "%s%u", n > 1 ? ", " : "",
                                 sc_source_locate(place.source, place.offset).line);
        }
        out->failed |= lines.failed;
        if (n && !lines.failed)
                sc_strbuf_printf(out, " at line%s %s", n > 1 ? "s" : "", lines.text);
        if (n > LINES_SHOWN_MAX)
                sc_strbuf_printf(out, " and %zu more", n - LINES_SHOWN_MAX);
        sc_strbuf_done(&lines);
}

static const char *format_change(struct explainer *ex, const struct change *change)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        if (change->take_out) {
                sc_strbuf_printf(&out, "take \"%s\" out of the rules", sc_syscall_name(ex->q->call));
                format_lines(ex, &out);
                sc_strbuf_puts(&out, change->add ? ", and add a rule at the end" : "");
        } else {
                sc_strbuf_puts(&out, "add a rule at the end");
        }
        sc_strbuf_printf(&out, "%s (tried: %s then answers so)", change->add ? " of \"syscalls\"" : "",
                         ex->view.consumer->name);
        return keep(ex, &out);
}

static bool has_own_rules(const struct explainer *ex)
{
        for (size_t i = 0; i < ex->reasons.n; i++)
                if (ex->reasons.items[i].call == ex->q->call)
                        return true;
        return false;
}

static int advise_profile(struct explainer *ex, bool allow, struct advice *advice)
{
        const struct change changes[] = {
                { .allow = allow, .add = true },
                { .allow = allow, .take_out = true },
                { .allow = allow, .take_out = true, .add = true, .other_value = !allow },
                { .allow = allow, .take_out = true, .add = true },
        };
        unsigned chosen = chosen_args(ex);
        int r = 0;

        for (size_t i = 0; i < SC_COUNT(changes) && r == 0 && !advice->possible; i++) {
                struct sc_profile_rule rule = { 0 };

                if (changes[i].other_value && (chosen == 0 || (chosen & (chosen - 1)) != 0))
                        continue;
                /* taking the name out changes the call for all arguments: not if only some are meant */
                if (changes[i].take_out && ((!changes[i].add && chosen) || !has_own_rules(ex)))
                        continue;
                r = try_change(ex, &changes[i], &rule, &advice->possible);
                if (r < 0 || !advice->possible)
                        continue;
                advice->where = format_change(ex, &changes[i]);
                if (changes[i].add)
                        r = rule_text(ex, &rule, &advice->write);
        }
        if (r == 0 && !advice->possible)
                advice->where = "no single rule does it here: other rules or libseccomp are in the way";
        return r == 0 && !advice->where ? -ENOMEM : r;
}

static int advise(struct explainer *ex, bool allow)
{
        struct advice *advice = &ex->answer->advice[ex->answer->n_advice++];

        advice->wanted = allow ? "allow" : "deny";
        return ex->input.policy ? advise_policy(ex, allow, advice) : advise_profile(ex, allow, advice);
}

int find_advice(struct explainer *ex)
{
        const struct answer *a = ex->answer;
        bool lets = sc_action_looseness(a->action) >= sc_action_looseness(SECCOMP_RET_LOG);
        int r = 0;

        if (ex->q->call < 0 || ex->meaning.unfiltered || (!ex->input.policy && !ex->has_reasons))
                return 0;
        if (!a->decided || !lets)
                r = advise(ex, true);
        if (r == 0 && (!a->decided || lets))
                r = advise(ex, false);
        return r;
}

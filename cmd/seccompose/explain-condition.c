/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on arguments, in the kernel's words: when a call is allowed, and what a rule of a profile asks for. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "bpf/args.h"
#include "compare/changes.h"
#include "seccompose/explain.h"
#include "syscall/param.h"

static uint32_t lets(uint32_t action, uint32_t unused)
{
        (void)unused;
        return sc_action_looseness(action) >= sc_action_looseness(SECCOMP_RET_LOG);
}

sc_node as_seen(struct explainer *ex, sc_node node)
{
        for (enum sc_word word = SC_WORD_ARG0; word < SC_WORD_COUNT && !sc_param_upper_halves_show(ex->q->abi); word++)
                node = sc_decision_fix_bits(ex->d, node, word, SC_UPPER_HALF, 0);
        return node;
}

int describe(struct explainer *ex, sc_node where, enum sc_describe_style style, const char **ret_text)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        int r = sc_condition_describe(ex->d, where, ex->q->abi, ex->q->call, style, SC_DESCRIBE_PARTS_MAX, &out);

        *ret_text = NULL;
        if (r == SC_DESCRIBED) {
                *ret_text = keep(ex, &out);
                return *ret_text ? 0 : -ENOMEM;
        }
        sc_strbuf_done(&out);
        return r == -E2BIG && !sc_decisions_error(ex->d) ? 0 : r < 0 ? r : 0;
}

static enum met judge_known(struct explainer *ex, sc_node allowed)
{
        sc_node left = with_known(ex, allowed);

        if (!ex->q->known)
                return MET_NOT_ASKED;
        if (left == sc_decision_leaf(ex->d, 1))
                return MET_YES;
        return left == sc_decision_leaf(ex->d, 0) ? MET_NO : MET_OPEN;
}

int find_condition(struct explainer *ex)
{
        struct condition *c = &ex->answer->condition;
        sc_node whole = ex->whole, allowed;
        struct sc_compare_answers answers;
        int r;

        if (sc_decision_is_leaf(ex->d, whole, &(sc_action){ 0 }))
                return sc_decisions_error(ex->d);
        r = sc_compare_answers(ex->s->arena, ex->d, whole, ex->q->abi, ex->q->call, &answers);
        if (r < 0)
                return r;
        c->answers = answers.text;
        c->n_answers = answers.n;
        allowed = sc_decision_apply(ex->d, lets, whole, whole);
        if (sc_decision_is_leaf(ex->d, allowed, &(sc_action){ 0 }))
                return sc_decisions_error(ex->d);
        c->met = judge_known(ex, allowed);
        r = describe(ex, allowed, SC_DESCRIBE_PEOPLE, &c->allowed_if);
        if (r == 0 && c->allowed_if && ex->q->call >= 0)
                r = describe(ex, allowed, SC_DESCRIBE_POLICY, &c->policy);
        return r;
}

static const char *const ops[] = {
        [SC_OP_NONE] = "?", [SC_OP_NE] = "!=", [SC_OP_LT] = "<", [SC_OP_LE] = "<=",
        [SC_OP_EQ] = "==",  [SC_OP_GE] = ">=", [SC_OP_GT] = ">", [SC_OP_MASKED_EQ] = "==",
};

/* A condition as it was written, where there is none that would tell anything: arg0 >= 0. */
static void format_written(const struct sc_profile_arg *arg, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "arg%llu", (unsigned long long)arg->index.value);
        if (arg->op == SC_OP_MASKED_EQ)
                sc_strbuf_printf(out, " & %#llx", (unsigned long long)arg->value.value);
        sc_strbuf_printf(out, " %s %#llx", ops[arg->op],
                         (unsigned long long)(arg->op == SC_OP_MASKED_EQ ? arg->value_two.value : arg->value.value));
}

/* "family:64 < AF_ALG", "clone_flags & (CLONE_NEWNS | …) == 0": as libseccomp tests it on the ABI. */
static int format_arg(struct explainer *ex, const struct sc_profile_arg *arg, struct sc_strbuf *out)
{
        static const enum sc_scmp_op to_scmp[] = {
                [SC_OP_NE] = SC_SCMP_NE, [SC_OP_LT] = SC_SCMP_LT, [SC_OP_LE] = SC_SCMP_LE,
                [SC_OP_EQ] = SC_SCMP_EQ, [SC_OP_GE] = SC_SCMP_GE, [SC_OP_GT] = SC_SCMP_GT,
                [SC_OP_MASKED_EQ] = SC_SCMP_MASKED_EQ,
        };
        struct sc_scmp_arg test = { .a = arg->value.value, .b = arg->value_two.value };
        const char *text = NULL;
        sc_node where;
        int r = 0;

        if (arg->op != SC_OP_NONE && arg->index.value < 6) {
                test.index = (unsigned)arg->index.value;
                test.op = to_scmp[arg->op];
                where = as_seen(ex, sc_scmp_args_node(ex->d, ex->q->abi, &test, 1));
                r = describe(ex, where, SC_DESCRIBE_PEOPLE, &text);
        }
        if (text)
                sc_strbuf_puts(out, text);
        else
                format_written(arg, out);
        return r;
}

/* True if two conditions are on one argument, which makes them alternatives to all runtimes. */
static bool has_alternatives(const struct sc_profile_args *args)
{
        unsigned seen = 0;
        bool either = false;

        for (size_t i = 0; i < args->n; i++) {
                unsigned bit = args->items[i].index.value < 6 ? 1u << args->items[i].index.value : 0;

                either |= (seen & bit) != 0;
                seen |= bit;
        }
        return either;
}

int format_args(struct explainer *ex, const struct sc_reason *reason, const char **ret_text)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const struct sc_profile_args *args = &reason->rule->args;
        bool carried = reason->call != ex->q->call, either = has_alternatives(args);
        uint32_t subcall = 0;
        int r = 0;

        if (carried) {
                sc_syscall_carrier(reason->call, &subcall);
                sc_strbuf_printf(&out, "call == %u", subcall);
        }
        for (size_t i = 0; i < args->n && r == 0; i++) {
                if (carried && args->items[i].index.value == 0)
                        continue; /* it gives way to the number of what is carried */
                sc_strbuf_puts(&out, out.len == 0 ? "" : either ? " || " : " && ");
                r = format_arg(ex, &args->items[i], &out);
        }
        if (either && !carried)
                sc_strbuf_puts(&out, " (two conditions on one argument: either will do)");
        *ret_text = keep(ex, &out);
        return r < 0 ? r : *ret_text ? 0 : -ENOMEM;
}

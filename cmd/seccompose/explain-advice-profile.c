/* SPDX-License-Identifier: Apache-2.0 */
/* Advice for a profile: a JSON rule, tried on the profile all the way to the filter before it is given. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "seccompose/explain.h"

#define ALL_REGISTERS 6
#define LINES_SHOWN_MAX 1000

/* A change of a profile, to be tried. */
struct change {
        enum {
                TAKE_NONE,
                TAKE_DECIDING, /* the call's name out of the rules that decide the question */
                TAKE_ALL,      /* … out of all rules */
        } take;
        bool allow;
        bool add;  /* a rule for the call */
        bool rest; /* and behind it one that allows all other arguments */
};

#define ADDED_MAX 2

struct added {
        struct sc_profile_rule rules[ADDED_MAX];
        size_t n;
};

/* The conditions of a rule for the chosen arguments, on the bits that the kernel looks at. */
static int make_args(struct explainer *ex, struct sc_profile_args *ret_args)
{
        struct sc_profile_arg *items = sc_arena_array(ex->scratch, ALL_REGISTERS, sizeof(*items));
        unsigned chosen = chosen_args(ex);
        size_t n = 0;

        if (!items)
                return -ENOMEM;
        for (unsigned i = 0; i < ALL_REGISTERS; i++) {
                uint64_t mask = read_bits(ex, i);

                if (!(chosen >> i & 1))
                        continue;
                items[n].index = (struct sc_profile_number){ .has = true, .value = i };
                items[n].value = (struct sc_profile_number){ .has = true, .value = ex->q->args[i] & mask };
                items[n].op = SC_OP_EQ;
                /* libseccomp tests as many bits as a long has: those above the mask would walk around it */
                if (mask >> (ex->q->abi->word_bits - 1) == 0) {
                        items[n].op = SC_OP_MASKED_EQ;
                        items[n].value_two = items[n].value;
                        items[n].value.value = mask;
                }
                n++;
        }
        *ret_args = (struct sc_profile_args){ items, n };
        return 0;
}

/* True if a rule, by the call's name, answers the question, or may for arguments that are not known. */
static bool decides(struct explainer *ex, const struct sc_profile_rule *rule)
{
        for (size_t i = 0; i < ex->reasons.n; i++) {
                const struct sc_reason *reason = &ex->reasons.items[i];

                if (reason->rule == rule && reason->call == ex->q->call &&
                    ex->shares[i].decides != sc_decision_leaf(ex->d, 0))
                        return true;
        }
        return false;
}

static bool is_taken(struct explainer *ex, const struct change *change, const struct sc_profile_rule *rule)
{
        return change->take == TAKE_ALL || (change->take == TAKE_DECIDING && decides(ex, rule));
}

/* The rules without the call's name, where it is to be taken out. */
static int take_out(struct explainer *ex, const struct change *change, const struct sc_profile *from,
                    struct sc_profile_rule *rules)
{
        const char *call = sc_syscall_name(ex->q->call);

        for (size_t i = 0; i < from->syscalls.n; i++) {
                const struct sc_profile_list *names = &from->syscalls.items[i].names;
                struct sc_profile_string *kept = sc_arena_array(ex->scratch, names->n + 1, sizeof(*kept));
                size_t n = 0;

                if (!kept)
                        return -ENOMEM;
                if (!is_taken(ex, change, &from->syscalls.items[i]))
                        continue;
                for (size_t k = 0; k < names->n; k++)
                        if (strcmp(names->items[k].text, call) != 0)
                                kept[n++] = names->items[k];
                rules[i].names = (struct sc_profile_list){ kept, n, names->place };
                if (rules[i].name.text && !strcmp(rules[i].name.text, call))
                        rules[i].name = (struct sc_profile_string){ 0 };
        }
        return 0;
}

/* An errno that is not the default's: runtimes skip rules that repeat it. */
static uint32_t other_errno(const struct explainer *ex)
{
        return ex->reasons.default_action == (SECCOMP_RET_ERRNO | EPERM) ? ENOSYS : EPERM;
}

static int make_rule(struct explainer *ex, bool allow, struct sc_profile_rule *ret_rule)
{
        struct sc_profile_string *name = sc_arena_alloc(ex->scratch, sizeof(*name));
        struct sc_profile_rule rule = { .names = { .items = name, .n = 1 } };

        if (!name)
                return -ENOMEM;
        *name = (struct sc_profile_string){ .text = sc_syscall_name(ex->q->call) };
        rule.action.text = allow ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO";
        if (!allow)
                rule.errno_ret = (struct sc_profile_number){ .has = true, .value = other_errno(ex) };
        *ret_rule = rule;
        return 0;
}

/* The rules to add. That for the rest has the single condition arg0 >= 0, which libseccomp tries after all others. */
static int make_rules(struct explainer *ex, const struct change *change, struct added *ret_added)
{
        struct added added = { .n = change->rest ? 2 : 1 };
        struct sc_profile_arg *any = sc_arena_alloc(ex->scratch, sizeof(*any));
        int r = any ? make_rule(ex, change->allow, &added.rules[0]) : -ENOMEM;

        if (r == 0)
                r = make_args(ex, &added.rules[0].args);
        if (r == 0 && change->rest) {
                *any = (struct sc_profile_arg){ .index = { .has = true }, .value = { .has = true }, .op = SC_OP_GE };
                r = make_rule(ex, true, &added.rules[1]);
                added.rules[1].args = (struct sc_profile_args){ any, 1 };
        }
        if (r == 0)
                *ret_added = added;
        return r;
}

static int apply_change(struct explainer *ex, const struct change *change, struct sc_profile *profile,
                        struct added *ret_added)
{
        const struct sc_profile *from = ex->input.profile;
        struct sc_profile_rule *rules = sc_arena_array(ex->scratch, from->syscalls.n + ADDED_MAX, sizeof(*rules));
        size_t n = from->syscalls.n;
        int r = rules ? 0 : -ENOMEM;

        if (r == 0 && n)
                memcpy(rules, from->syscalls.items, n * sizeof(*rules));
        if (r == 0 && change->take)
                r = take_out(ex, change, from, rules);
        if (r == 0 && change->add)
                r = make_rules(ex, change, ret_added);
        if (r < 0)
                return r;
        memcpy(&rules[n], ret_added->rules, ret_added->n * sizeof(*rules));
        *profile = *from;
        profile->syscalls = (struct sc_profile_rules){ rules, n + ret_added->n };
        return 0;
}

static void write_args(struct sc_json_writer *w, const struct sc_profile_args *args)
{
        sc_json_write_key(w, "args");
        sc_json_write_array(w);
        for (size_t i = 0; i < args->n; i++) {
                sc_json_write_object(w);
                sc_json_write_member_u64(w, "index", args->items[i].index.value);
                sc_json_write_member_u64(w, "value", args->items[i].value.value);
                if (args->items[i].op == SC_OP_MASKED_EQ)
                        sc_json_write_member_u64(w, "valueTwo", args->items[i].value_two.value);
                sc_json_write_member(w, "op", sc_profile_op_name(args->items[i].op));
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static void write_rule(struct sc_json_writer *w, const struct sc_profile_rule *rule)
{
        sc_json_write_object(w);
        sc_json_write_key(w, "names");
        sc_json_write_array(w);
        sc_json_write_string(w, rule->names.items[0].text);
        sc_json_write_array_end(w);
        sc_json_write_member(w, "action", rule->action.text);
        if (rule->errno_ret.has)
                sc_json_write_member_u64(w, "errnoRet", rule->errno_ret.value);
        if (rule->args.n)
                write_args(w, &rule->args);
        sc_json_write_object_end(w);
}

/* The rules as they are to be written, with a comma between them. */
static int rules_text(struct explainer *ex, const struct added *added, const char **ret_text)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        for (size_t i = 0; i < added->n; i++) {
                SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_COMPACT);
                SC_CLEANUP(sc_freep) char *text = NULL;
                size_t len;
                int r;

                write_rule(w, &added->rules[i]);
                r = sc_json_writer_finish(w, &text, &len);
                if (r < 0) {
                        sc_strbuf_done(&out);
                        return r;
                }
                sc_strbuf_puts(&out, i ? ", " : "");
                sc_strbuf_append(&out, text, text[len - 1] == '\n' ? len - 1 : len);
        }
        *ret_text = keep(ex, &out);
        return *ret_text ? 0 : -ENOMEM;
}

/* " at lines 4, 9": where the name that is to be taken out stands. */
static void format_lines(struct explainer *ex, const struct change *change, struct sc_strbuf *out)
{
        const struct sc_profile_rule *rule = NULL;
        struct sc_strbuf lines = SC_STRBUF_INIT;
        bool taken = false;
        size_t n = 0;

        for (size_t i = 0; i < ex->reasons.n; i++) {
                const struct sc_reason *reason = &ex->reasons.items[i];

                if (reason->rule != rule)
                        taken = is_taken(ex, change, reason->rule);
                rule = reason->rule;
                if (reason->call != ex->q->call || !reason->place.source || !taken || n++ >= LINES_SHOWN_MAX)
                        continue;
                sc_strbuf_printf(&lines, "%s%u", n > 1 ? ", " : "",
                                 sc_source_locate(reason->place.source, reason->place.offset).line);
        }
        out->failed |= lines.failed;
        if (n && !lines.failed)
                sc_strbuf_printf(out, " at line%s %s", n > 1 ? "s" : "", lines.text);
        if (n > LINES_SHOWN_MAX)
                sc_strbuf_printf(out, " and %zu more", n - LINES_SHOWN_MAX);
        sc_strbuf_done(&lines);
}

/* "take "socket" out of the rules at lines 5, 9, and add a rule at the end of "syscalls" (tried: …)" */
static const char *format_change(struct explainer *ex, const struct change *change, const struct advice *advice,
                                 enum effect effect)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        if (change->take) {
                sc_strbuf_printf(&out, "take \"%s\" out of the rules", sc_syscall_name(ex->q->call));
                format_lines(ex, change, &out);
        }
        sc_strbuf_puts(&out, change->take && change->add ? ", and " : "");
        sc_strbuf_puts(&out, !change->add ? "" : change->rest ? "add two rules" : "add a rule");
        sc_strbuf_puts(&out, change->add ? " at the end of \"syscalls\"" : "");
        format_tried(advice, effect, &out);
        return keep(ex, &out);
}

static bool has_own_rules(const struct explainer *ex)
{
        for (size_t i = 0; i < ex->reasons.n; i++)
                if (ex->reasons.items[i].call == ex->q->call)
                        return true;
        return false;
}

/* True if a rule on some arguments would stand beside another with some: libseccomp does not promise which it takes. */
static bool disagrees(struct explainer *ex, bool allow)
{
        for (size_t i = 0; i < ex->reasons.n; i++) {
                const struct sc_reason *reason = &ex->reasons.items[i];
                bool lets = sc_action_looseness(reason->action) >= sc_action_looseness(SECCOMP_RET_LOG);

                if (reason->call == ex->q->call && reason->fate == SC_FATE_COUNTS && lets != allow &&
                    with_known(ex, reason->where) != sc_decision_leaf(ex->d, 0))
                        return true;
        }
        return false;
}

static bool makes_sense(struct explainer *ex, const struct change *change)
{
        bool some = chosen_args(ex) != 0;

        if (change->rest && (change->allow || !some))
                return false;
        if (!change->take && some && disagrees(ex, change->allow))
                return false;
        return !change->take || has_own_rules(ex);
}

/* Tries one change; it is the advice if its effect is at least `least`. */
static int try_change(struct explainer *ex, const struct change *change, enum effect least, struct advice *advice)
{
        struct sc_profile profile;
        struct added added = { .n = 0 };
        struct input changed = ex->input;
        enum effect effect = EFFECT_NONE;
        int r = apply_change(ex, change, &profile, &added);

        changed.profile = &profile;
        if (r == 0)
                r = try_changed(ex, &changed, change->allow, &effect);
        advice->possible = r == 0 && effect >= least;
        if (advice->possible) {
                r = try_for_all(ex, &changed, change->allow, advice);
                advice->where = format_change(ex, change, advice, effect);
                if (r == 0 && change->add)
                        r = rules_text(ex, &added, &advice->write);
        }
        ex->input.memo = changed.memo; /* with what was compiled for the trial */
        return r == 0 && advice->possible && !advice->where ? -ENOMEM : r;
}

int advise_profile(struct explainer *ex, bool allow, struct advice *advice)
{
        const struct change changes[] = {
                { .allow = allow, .add = true },
                { .allow = allow, .take = TAKE_DECIDING },
                { .allow = allow, .take = TAKE_ALL },
                { .allow = allow, .take = TAKE_DECIDING, .add = true },
                { .allow = allow, .take = TAKE_DECIDING, .add = true, .rest = true },
                { .allow = allow, .take = TAKE_ALL, .add = true },
                { .allow = allow, .take = TAKE_ALL, .add = true, .rest = true },
        };
        int r = 0;

        for (enum effect least = EFFECT_EXACT; least > EFFECT_NONE; least--)
                for (size_t i = 0; i < SC_COUNT(changes) && r == 0 && !advice->possible; i++)
                        if (makes_sense(ex, &changes[i]))
                                r = try_change(ex, &changes[i], least, advice);
        if (r == 0 && !advice->possible)
                advice->where = "no rule does it here, and nothing else: other rules or libseccomp are in the way";
        return r;
}

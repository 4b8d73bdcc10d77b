/* SPDX-License-Identifier: Apache-2.0 */
/* Advice for a policy: a line of its language, tried on the policy's text before it is given. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "seccompose/explain.h"

#define SHADOWED_MAX 32 /* rules that a line may leave nothing to decide */

/* A line in a text, and what it takes the place of. */
struct trial {
        const char *line;
        bool extends; /* in a policy of its own, which extends the file */
        size_t shadowed[SHADOWED_MAX]; /* indexes of rules */
        size_t n_shadowed;
};

/* { "allow": ["socket"], "when": "family == AF_VSOCK" } */
static int format_line(struct explainer *ex, bool allow, const char **ret_line)
{
        const char *when;
        int r = describe(ex, chosen_where(ex), SC_DESCRIBE_POLICY, &when);

        if (r < 0)
                return r;
        *ret_line = sc_arena_printf(ex->s->arena, "{ \"%s\": [\"%s\"]%s%s%s }", allow ? "allow" : "deny",
                                    sc_syscall_name(ex->q->call), when ? ", \"when\": \"" : "", when ? when : "",
                                    when ? "\"" : "");
        return *ret_line ? 0 : -ENOMEM;
}

static bool is_own(const struct sc_policy *policy, const struct sc_rule *rule)
{
        return rule->place.source == policy->source;
}

/* The first rule of the file itself, or NULL. */
static const struct sc_rule *first_own(const struct sc_policy *policy)
{
        for (size_t i = 0; i < policy->n_rules; i++)
                if (is_own(policy, &policy->rules[i]))
                        return &policy->rules[i];
        return NULL;
}

static bool is_shadowed(const struct trial *t, size_t rule)
{
        for (size_t i = 0; i < t->n_shadowed; i++)
                if (t->shadowed[i] == rule)
                        return true;
        return false;
}

static bool is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Past a rule that is left out, with the comma behind it; the last rule takes the comma in front. */
static size_t skip_rule(const struct sc_source *source, const struct sc_place *rule, struct sc_strbuf *out)
{
        size_t at = rule->offset + rule->length, comma = at;

        while (comma < source->len && is_space(source->text[comma]))
                comma++;
        if (comma < source->len && source->text[comma] == ',')
                return comma + 1;
        while (out->len && is_space(out->text[out->len - 1]))
                out->len--;
        if (out->len && out->text[out->len - 1] == ',')
                out->len--;
        return at;
}

/* The file with the line as its first rule, without the rules that it leaves nothing. */
static void write_changed(const struct sc_policy *policy, const struct trial *t, struct sc_strbuf *out)
{
        const struct sc_source *source = policy->source;
        size_t at = first_own(policy)->place.offset;

        sc_strbuf_append(out, source->text, at);
        sc_strbuf_printf(out, "%s, ", t->line);
        for (size_t i = 0; i < policy->n_rules; i++) {
                const struct sc_place *place = &policy->rules[i].place;

                if (!is_own(policy, &policy->rules[i]) || !is_shadowed(t, i))
                        continue;
                sc_strbuf_append(out, source->text + at, place->offset - at);
                at = skip_rule(source, place, out);
        }
        sc_strbuf_append(out, source->text + at, source->len - at);
}

/* The rule of the file in which an error stands, once the line is in front of it; n_rules if there is none. */
static size_t rule_at(const struct sc_policy *policy, const struct trial *t, const struct sc_diag *diag)
{
        size_t past = strlen(t->line) + strlen(", ");

        for (size_t i = 0; i < policy->n_rules; i++) {
                const struct sc_place *place = &policy->rules[i].place;

                if (is_own(policy, &policy->rules[i]) && diag->places[0].offset >= place->offset + past &&
                    diag->places[0].offset < place->offset + past + place->length)
                        return i;
        }
        return policy->n_rules;
}

/* Notes the rules that a line leaves nothing to decide, which is an error. False if there is another error. */
static bool note_shadowed(const struct sc_policy *policy, struct trial *t, const struct sc_diags *diags)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n; i++) {
                size_t rule;

                if (all[i]->severity != SC_ERROR)
                        continue;
                rule = rule_at(policy, t, all[i]);
                if (strcmp(all[i]->rule, "never-matches") != 0 || rule == policy->n_rules ||
                    t->n_shadowed == SHADOWED_MAX)
                        return false;
                t->shadowed[t->n_shadowed++] = rule;
        }
        return t->n_shadowed > 0;
}

static int load(struct explainer *ex, const char *name, const struct sc_strbuf *text, struct sc_diags *diags,
                const struct sc_policy **ret_policy)
{
        const struct sc_policy_options changes = {
                .allow = ex->options->allow,
                .n_allow = ex->options->n_allow,
                .complain = ex->options->complain,
        };

        if (text->failed)
                return -ENOMEM;
        return sc_policy_load(ex->s->arena, name, text->text, text->len, &changes, diags, ret_policy);
}

void write_extends(const struct sc_policy *policy, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "\"extends\": [\"%s\"]", policy->name);
        if (sc_policy_archs_are_default(policy))
                return;
        sc_strbuf_puts(out, ", ");
        sc_policy_write_archs(policy, out);
}

static void write_extending(const struct sc_policy *policy, const struct trial *t, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "{ ");
        write_extends(policy, out);
        sc_strbuf_printf(out, ", \"rules\": [ %s ] }", t->line);
}

/* The text of the trial, loaded; once more without the rules that the line leaves nothing. */
static int load_trial(struct explainer *ex, struct trial *t, const struct sc_policy **ret_changed)
{
        const struct sc_policy *policy = ex->input.policy, *changed = NULL;
        int r = -EBADMSG;

        for (int round = 0; round < 2 && r == -EBADMSG; round++) {
                SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
                struct sc_strbuf text = SC_STRBUF_INIT;

                if (t->extends)
                        write_extending(policy, t, &text);
                else
                        write_changed(policy, t, &text);
                r = diags ? load(ex, t->extends ? "<advice>" : policy->name, &text, diags, &changed) : -ENOMEM;
                sc_strbuf_done(&text);
                if (r == -EBADMSG && (t->extends || round > 0 || !note_shadowed(policy, t, diags)))
                        return -EBADMSG;
        }
        if (r == 0)
                *ret_changed = changed;
        return r;
}

static const char *format_where(struct explainer *ex, const struct trial *t, const struct advice *advice,
                                enum effect effect)
{
        const struct sc_policy *policy = ex->input.policy;
        struct sc_strbuf out = SC_STRBUF_INIT;
        const char *separator = t->n_shadowed > 1 ? ", and take out what then never matches: lines "
                                                  : ", and take out what then never matches: line ";

        if (t->extends) {
                sc_strbuf_puts(&out, "in a policy with ");
                write_extends(policy, &out);
                sc_strbuf_puts(&out, ", whose own \"rules\" come first");
        } else {
                sc_strbuf_printf(&out, "as the first of the \"rules\" of %s", ex->input.name);
        }
        for (size_t i = 0; i < t->n_shadowed; i++) {
                const struct sc_place *place = &policy->rules[t->shadowed[i]].place;

                sc_strbuf_printf(&out, "%s%u", separator, sc_source_locate(place->source, place->offset).line);
                separator = ", ";
        }
        format_tried(advice, effect, &out);
        return keep(ex, &out);
}

/* The policy with the line, as what it is for and as the answer's taker takes it. */
static int try_line(struct explainer *ex, bool allow, struct trial *t, struct advice *advice)
{
        struct input changed = ex->input;
        enum effect effect = EFFECT_NONE;
        int r = load_trial(ex, t, &changed.policy);

        if (r < 0)
                return r == -EBADMSG ? 0 : r;
        changed.built = NULL;
        r = try_changed(ex, &changed, allow, &effect);
        if (r == 0 && effect != EFFECT_NONE) {
                advice->possible = true;
                advice->write = t->line;
                r = try_for_all(ex, &changed, allow, advice);
                advice->where = format_where(ex, t, advice, effect);
        }
        ex->input.memo = changed.memo; /* with what was compiled for the trial */
        return r;
}

int advise_policy(struct explainer *ex, bool allow, struct advice *advice)
{
        const char *name = ex->input.policy->name;
        struct trial trial = { .n_shadowed = 0 };
        int r = format_line(ex, allow, &trial.line);

        trial.extends = sc_shipped_find(name, strlen(name)) || !first_own(ex->input.policy);
        if (r == 0)
                r = try_line(ex, allow, &trial, advice);
        if (r == 0 && !advice->possible)
                advice->where = "no single line does it here";
        return r == 0 && !advice->where ? -ENOMEM : r;
}

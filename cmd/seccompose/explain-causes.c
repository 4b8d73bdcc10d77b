/* SPDX-License-Identifier: Apache-2.0 */
/* What says that a call is answered so: rules by their places, and what answers where no rule does. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "seccompose/explain.h"

#define CAUSES_MAX 1000 /* rules of a profile that are told one by one, whether they decide or not */

static int add(struct explainer *ex, struct cause cause)
{
        struct answer *a = ex->answer;

        if (!(a->n_causes & (a->n_causes + 1))) { /* full at 0, 1, 3, 7 … */
                struct cause *more = sc_arena_array(ex->s->arena, 2 * a->n_causes + 1, sizeof(*more));

                if (!more)
                        return -ENOMEM;
                if (a->n_causes)
                        memcpy(more, a->causes, a->n_causes * sizeof(*more));
                a->causes = more;
        }
        a->causes[a->n_causes++] = cause;
        return 0;
}

/* An end, in words, and where it was written, if it was. Takes the text. */
static int add_end_at(struct explainer *ex, struct sc_place place, struct sc_strbuf *what, sc_node where)
{
        struct cause cause = { .place = place, .what = keep(ex, what), .actions = actions_of(ex, ex->node, where) };

        return cause.what && cause.actions ? add(ex, cause) : -ENOMEM;
}

static int add_end(struct explainer *ex, struct sc_strbuf *what, sc_node where)
{
        return add_end_at(ex, (struct sc_place){ 0 }, what, where);
}

static sc_node everywhere(const struct explainer *ex)
{
        return sc_decision_leaf(ex->d, 1);
}

/* What somebody wrote, with white space made one space. */
static const char *source_text(struct explainer *ex, struct sc_place place)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        bool space = false;

        for (size_t i = 0; place.source && i < place.length; i++) {
                char c = place.source->text[place.offset + i];

                if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                        space = true;
                        continue;
                }
                sc_strbuf_printf(&out, "%s%c", space && out.len ? " " : "", c);
                space = false;
        }
        return keep(ex, &out);
}

static void format_kernel(sc_kernel kernel, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "%u.%u", SC_KERNEL_MAJOR(kernel), SC_KERNEL_MINOR(kernel));
}

/* "no rule decides: …". Returns where the end was written. */
static struct sc_place format_end(struct explainer *ex, const struct sc_input *input, struct sc_strbuf *out)
{
        const struct sc_policy *policy = ex->input.policy;
        sc_kernel since = ex->q->call < 0 ? UINT32_MAX : sc_policy_since(policy, ex->q->call);

        sc_strbuf_puts(out, "no rule decides: ");
        switch (sc_policy_end(policy, ex->d, ex->q->abi, ex->q->call, input)) {
        case SC_END_NEWER:
                if (since == UINT32_MAX)
                        sc_strbuf_puts(out, "no call is known by this number: ");
                else
                        sc_strbuf_printf(out, "it came with Linux %u.%u: ", SC_KERNEL_MAJOR(since),
                                         SC_KERNEL_MINOR(since));
                sc_strbuf_puts(out, "\"newer\" than the baseline ");
                format_kernel(policy->baseline, out);
                return policy->newer_place;
        case SC_END_FALLBACK:
                sc_strbuf_printf(out, "\"fallback\", as programs do without it (%s)", sc_syscall_fallback(ex->q->call));
                return policy->fallback_place;
        case SC_END_DEFAULT:
                sc_strbuf_puts(out, "\"default\"");
                return policy->def_place;
        case SC_END_CARRIER:
                sc_strbuf_puts(out, "it would open a call that is not plainly allowed, as it carries that: denied");
                break;
        }
        return (struct sc_place){ 0 };
}

static const char *format_rule(struct explainer *ex, const struct sc_rule *rule)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const char *fallback = rule->falls_back ? sc_syscall_fallback(ex->q->call) : NULL;

        sc_strbuf_puts(&out, rule->verb ? rule->verb : "allow");
        if (fallback)
                sc_strbuf_printf(&out, ", as \"fallback\" since programs do without it (%s)", fallback);
        return keep(ex, &out);
}

/* One case of the policy, in this environment and with these arguments. */
static int visit_case(const struct sc_rule *rule, sc_node where, void *data)
{
        struct explainer *ex = data;
        struct sc_input input = { .words = { [SC_WORD_KERNEL] = ex->view.kernel, [SC_WORD_CAPS] = ex->view.caps } };
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct cause cause = { 0 };
        struct sc_place place;

        where = sc_decision_fix(ex->d, where, SC_WORD_KERNEL, ex->view.kernel);
        where = with_known(ex, sc_decision_fix(ex->d, where, SC_WORD_CAPS, ex->view.caps));
        if (where == sc_decision_leaf(ex->d, 0))
                return sc_decisions_error(ex->d);
        if (!rule) {
                place = format_end(ex, &input, &out);
                return add_end_at(ex, place, &out, where);
        }
        cause.place = rule->place;
        cause.what = format_rule(ex, rule);
        cause.when = rule->when ? source_text(ex, rule->when->place) : NULL;
        cause.actions = actions_of(ex, ex->node, where);
        return cause.what && cause.actions && (cause.when || !rule->when) ? add(ex, cause) : -ENOMEM;
}

bool policy_lists(const struct sc_policy *policy, const struct sc_abi *abi)
{
        return sc_abi_among(abi, policy->abis, policy->n_abis);
}

static int find_policy_causes(struct explainer *ex)
{
        const struct sc_policy *policy = ex->input.policy;
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct sc_place place;

        if (!policy_lists(policy, ex->q->abi)) {
                sc_strbuf_printf(&out, "the policy does not list %s: consumers kill its calls", ex->q->abi->name);
                return add_end(ex, &out, everywhere(ex));
        }
        if (ex->q->call >= 0)
                return sc_policy_cases(policy, ex->d, ex->q->abi, ex->q->call, visit_case, ex);
        place = format_end(ex, &(struct sc_input){ 0 }, &out);
        return add_end_at(ex, place, &out, everywhere(ex));
}

/* What a consumer makes of the policy's profile, where that is not what the policy says. */
static int find_built_cause(struct explainer *ex)
{
        struct view view = ex->view;
        struct meaning meaning;
        struct sc_strbuf out = SC_STRBUF_INIT;
        sc_node whole, node;
        int r;

        if (!ex->has_reasons)
                return 0;
        view.consumer = NULL;
        r = ask(ex, &view, ex->s->diags, &meaning, &whole, &node);
        if (r < 0 || node == ex->node)
                return r;
        sc_strbuf_printf(&out, "%s answers otherwise: ", ex->view.consumer->name);
        if (ex->reasons.foreign)
                sc_strbuf_printf(&out, "its filter does not have %s", ex->q->abi->name);
        else if (ex->reasons.stub)
                sc_strbuf_puts(&out, "runc's stub answers numbers above the highest that the profile names");
        else if (ex->reasons.n == 0)
                sc_strbuf_puts(&out, "its libseccomp has no name for the call, so the profile cannot mention it");
        else
                sc_strbuf_puts(&out, "the profile cannot say it as the policy does; 'seccompose build' tells more");
        return add_end(ex, &out, everywhere(ex));
}

/* Why a rule decides nothing here; empty if it decides. */
static void format_fate(struct explainer *ex, size_t at, struct sc_strbuf *out)
{
        const struct sc_reason *reason = &ex->reasons.items[at];
        const char *docker = ex->view.native->docker;

        switch (reason->fate) {
        case SC_FATE_COUNTS:
        case SC_FATE_OVERRULED:
                format_idle(ex, at, out);
                break;
        case SC_FATE_CAPS:
                sc_strbuf_printf(out, "the container has %s%s", reason->excluded ? "" : "no ", reason->cause);
                break;
        case SC_FATE_ARCHES:
                sc_strbuf_printf(out, "%s%s", reason->excluded ? "it excludes " : "its includes.arches lacks ",
                                 docker ? docker : ex->view.native->name);
                break;
        case SC_FATE_KERNEL:
                sc_strbuf_printf(out, "the kernel is %s %s", reason->excluded ? "not older than" : "older than",
                                 reason->cause);
                break;
        case SC_FATE_DEFAULT:
                sc_strbuf_puts(out, "it repeats the default, and runtimes skip it");
                break;
        case SC_FATE_UNKNOWN:
                sc_strbuf_puts(out, "the consumer's libseccomp does not know the name");
                break;
        }
}

static int add_reason(struct explainer *ex, size_t at)
{
        const struct sc_reason *reason = &ex->reasons.items[at];
        struct sc_strbuf what = SC_STRBUF_INIT, skipped = SC_STRBUF_INIT;
        struct cause cause = { .place = reason->place, .carried = reason->call != ex->q->call };
        int r = 0;

        sc_strbuf_puts(&what, reason->rule->action.text ? reason->rule->action.text : "?");
        if ((reason->action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
                sc_strbuf_printf(&what, " %u", reason->action & SECCOMP_RET_DATA);
        if (reason->call != ex->q->call)
                sc_strbuf_printf(&what, " on %s, which this call carries", sc_syscall_name(reason->call));
        cause.what = keep(ex, &what);
        if (reason->rule->args.n || reason->call != ex->q->call)
                r = format_args(ex, reason, &cause.when);
        format_fate(ex, at, &skipped);
        if (skipped.len)
                cause.skipped = keep(ex, &skipped);
        else
                cause.actions = actions_of(ex, ex->node, ex->shares[at].decides);
        sc_strbuf_done(&skipped);
        if (r == 0 && (!cause.what || (!cause.skipped && !cause.actions)))
                r = -ENOMEM;
        return r < 0 ? r : add(ex, cause);
}

/* Rules that are too many to be told. */
static int add_more(struct explainer *ex, size_t n)
{
        struct sc_strbuf what = SC_STRBUF_INIT, why = SC_STRBUF_INIT;
        struct cause cause;

        sc_strbuf_printf(&what, "%zu more rules name the call", n);
        sc_strbuf_printf(&why, "beyond the first %d only those that decide are told", CAUSES_MAX);
        cause = (struct cause){ .what = keep(ex, &what), .skipped = keep(ex, &why) };
        return cause.what && cause.skipped ? add(ex, cause) : -ENOMEM;
}

/* What answers where no rule does. */
static int add_profile_ends(struct explainer *ex)
{
        const struct sc_profile_string *action = &ex->meaning.profile->default_action;
        struct sc_strbuf out = SC_STRBUF_INIT;
        sc_node never = sc_decision_leaf(ex->d, 0);
        int r = 0;

        if (ex->reasons.stub) {
                sc_strbuf_puts(&out, "runc's stub: the number is above the highest that the profile names");
                return add_end(ex, &out, everywhere(ex));
        }
        if (ex->by_default != never) {
                sc_strbuf_printf(&out, "no rule decides: \"defaultAction\" %s", action->text);
                r = add_end_at(ex, action->place, &out, ex->by_default);
        }
        if (r < 0 || ex->by_none == never)
                return r;
        sc_strbuf_puts(&out, "no rule says so: libseccomp makes another filter of these rules");
        return add_end(ex, &out, ex->by_none);
}

static int find_profile_causes(struct explainer *ex)
{
        const struct sc_reasons *reasons = &ex->reasons;
        struct sc_strbuf out = SC_STRBUF_INIT;
        size_t n_more = 0;
        int r = 0;

        if (reasons->foreign) {
                sc_strbuf_printf(&out, "the filter does not have %s: its calls are killed", ex->q->abi->name);
                return add_end(ex, &out, everywhere(ex));
        }
        for (size_t i = 0; i < reasons->n && r == 0; i++)
                if (i < CAUSES_MAX || ex->shares[i].decides != sc_decision_leaf(ex->d, 0))
                        r = add_reason(ex, i);
                else
                        n_more++;
        if (r == 0 && n_more)
                r = add_more(ex, n_more);
        return r < 0 ? r : add_profile_ends(ex);
}

int find_causes(struct explainer *ex)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        int r;

        if (ex->meaning.unfiltered) {
                sc_strbuf_puts(&out, "there is no filter");
                return add_end(ex, &out, everywhere(ex));
        }
        if (ex->input.policy) {
                r = find_policy_causes(ex);
                return r ? r : find_built_cause(ex);
        }
        if (ex->has_reasons)
                return find_profile_causes(ex);
        sc_strbuf_puts(&out, ex->meaning.n_programs > 1 ? "the strictest answer of all programs counts"
                                                        : "the program answers so");
        return add_end(ex, &out, everywhere(ex));
}

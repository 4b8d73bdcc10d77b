/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of policies. */
#include "policy/write.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "policy/internal.h"

#define COLUMNS_MAX 118

/* How tightly the parts of a condition bind. */
enum tightness {
        TIGHT_OR,
        TIGHT_AND,
        TIGHT_NOT,
        TIGHT_ATOM,
};

static void write_value(const struct sc_value *value, struct sc_strbuf *out);

/* Joined values without the parentheses around them; a chain of one operator needs none inside either. */
static void write_chain(const struct sc_value *value, struct sc_strbuf *out)
{
        if (value->left->kind == value->kind)
                write_chain(value->left, out);
        else
                write_value(value->left, out);
        sc_strbuf_puts(out, value->kind == SC_VALUE_OR ? " | " : " & ");
        write_value(value->right, out);
}

static void write_value(const struct sc_value *value, struct sc_strbuf *out)
{
        switch (value->kind) {
        case SC_VALUE_NUMBER:
                sc_strbuf_printf(out, value->number < 4096 ? "%llu" : "%#llx", (unsigned long long)value->number);
                break;
        case SC_VALUE_CONSTANT:
                sc_strbuf_puts(out, value->name);
                break;
        case SC_VALUE_MINUS:
        case SC_VALUE_NOT:
                sc_strbuf_puts(out, value->kind == SC_VALUE_MINUS ? "-" : "~");
                write_value(value->left, out);
                break;
        case SC_VALUE_OR:
        case SC_VALUE_AND:
                sc_strbuf_puts(out, "(");
                write_chain(value, out);
                sc_strbuf_puts(out, ")");
                break;
        }
}

/* A value behind a comparison or in a set, where nothing binds tighter than "|". */
static void write_operand(const struct sc_value *value, struct sc_strbuf *out)
{
        if (value->kind == SC_VALUE_OR)
                write_chain(value, out);
        else
                write_value(value, out);
}

static void write_argument(const struct sc_argument *argument, struct sc_strbuf *out)
{
        if (argument->name)
                sc_strbuf_puts(out, argument->name);
        else
                sc_strbuf_printf(out, "arg%u%s", argument->position, argument->raw ? ":64" : "");
        if (!argument->mask)
                return;
        sc_strbuf_puts(out, " & ");
        write_value(argument->mask, out);
}

static const char *const compare_texts[] = {
        [SC_EQ] = " == ", [SC_NE] = " != ", [SC_LT] = " < ", [SC_LE] = " <= ", [SC_GT] = " > ", [SC_GE] = " >= ",
};

/* By the ABIs that are in the set or by those that are not, whichever are fewer. */
static void write_abis(uint32_t abis, bool in, struct sc_strbuf *out)
{
        uint32_t all = (uint32_t)((UINT64_C(1) << sc_abi_count()) - 1);
        bool turned = abis != all && __builtin_popcount(abis) * 2 > (int)sc_abi_count(), several;
        const char *comma = "";

        abis = turned ? all & ~abis : abis;
        in ^= turned;
        several = abis & (abis - 1);
        sc_strbuf_puts(out, several ? in ? "arch in {" : "arch not in {" : in ? "arch == " : "arch != ");
        for (size_t i = 0; i < sc_abi_count(); i++) {
                if (!(abis >> i & 1))
                        continue;
                sc_strbuf_printf(out, "%s%s", comma, sc_abi_at(i)->name);
                comma = ", ";
        }
        sc_strbuf_puts(out, several ? "}" : "");
}

static void write_set(const struct sc_cond *cond, bool in, struct sc_strbuf *out)
{
        write_argument(&cond->argument, out);
        sc_strbuf_puts(out, in ? " in {" : " not in {");
        for (const struct sc_range *range = cond->ranges; range; range = range->next) {
                if (range->last == range->first)
                        write_operand(range->first, out);
                else {
                        write_value(range->first, out);
                        sc_strbuf_puts(out, "..");
                        write_value(range->last, out);
                }
                sc_strbuf_puts(out, range->next ? ", " : "");
        }
        sc_strbuf_puts(out, "}");
}

static bool is_zero(const struct sc_value *value)
{
        return value->kind == SC_VALUE_NUMBER && value->number == 0;
}

static void write_compare(const struct sc_cond *cond, struct sc_strbuf *out)
{
        write_argument(&cond->argument, out);
        if (cond->argument.mask && cond->compare == SC_NE && is_zero(cond->value))
                return;
        sc_strbuf_puts(out, compare_texts[cond->compare]);
        write_operand(cond->value, out);
}

static void write_cond(const struct sc_cond *cond, enum tightness outside, struct sc_strbuf *out);

static void write_pair(const struct sc_cond *cond, enum tightness own, enum tightness outside, struct sc_strbuf *out)
{
        bool bare = own == outside || outside == TIGHT_OR;

        sc_strbuf_puts(out, bare ? "" : "(");
        write_cond(cond->left, own, out);
        sc_strbuf_puts(out, own == TIGHT_AND ? " && " : " || ");
        write_cond(cond->right, own, out);
        sc_strbuf_puts(out, bare ? "" : ")");
}

static void write_not(const struct sc_cond *cond, struct sc_strbuf *out)
{
        if (cond->kind == SC_COND_ARCH)
                write_abis(cond->abis, false, out);
        else if (cond->kind == SC_COND_IN)
                write_set(cond, false, out);
        else if (cond->kind == SC_COND_COMPARE || cond->kind == SC_COND_KERNEL) {
                sc_strbuf_puts(out, "!(");
                write_cond(cond, TIGHT_OR, out);
                sc_strbuf_puts(out, ")");
        } else {
                sc_strbuf_puts(out, "!");
                write_cond(cond, TIGHT_NOT, out);
        }
}

static void write_cond(const struct sc_cond *cond, enum tightness outside, struct sc_strbuf *out)
{
        switch (cond->kind) {
        case SC_COND_AND:
                write_pair(cond, TIGHT_AND, outside, out);
                break;
        case SC_COND_OR:
                write_pair(cond, TIGHT_OR, outside, out);
                break;
        case SC_COND_NOT:
                write_not(cond->left, out);
                break;
        case SC_COND_CAP:
                sc_strbuf_puts(out, sc_cap_name(cond->cap));
                break;
        case SC_COND_ARCH:
                write_abis(cond->abis, true, out);
                break;
        case SC_COND_KERNEL:
                sc_strbuf_printf(out, "kernel%s%u.%u", compare_texts[cond->compare], SC_KERNEL_MAJOR(cond->kernel),
                                 SC_KERNEL_MINOR(cond->kernel));
                break;
        case SC_COND_COMPARE:
                write_compare(cond, out);
                break;
        case SC_COND_IN:
                write_set(cond, true, out);
                break;
        }
}

void sc_cond_write(const struct sc_cond *cond, struct sc_strbuf *out)
{
        write_cond(cond, TIGHT_OR, out);
}

/* A string of JSON. */
static void write_string(const char *text, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "\"");
        for (const char *p = text; *p; p++) {
                if (*p == '"' || *p == '\\')
                        sc_strbuf_printf(out, "\\%c", *p);
                else if ((unsigned char)*p < ' ' || *p == 0x7f)
                        sc_strbuf_printf(out, "\\u%04x", (unsigned)*p);
                else
                        sc_strbuf_append(out, p, 1);
        }
        sc_strbuf_puts(out, "\"");
}

/* A list of strings, on lines of its own as soon as it does not fit behind what stands there. */
struct list {
        struct sc_strbuf *out;
        const char *indent; /* of lines of its own */
        size_t start;       /* offset of the line that is being written */
        size_t n;
};

static size_t line_start(const struct sc_strbuf *out)
{
        size_t at = out->len;

        while (at > 0 && out->text[at - 1] != '\n')
                at--;
        return at;
}

static struct list list_begin(struct sc_strbuf *out, const char *indent)
{
        sc_strbuf_puts(out, "[");
        return (struct list){ out, indent, line_start(out), 0 };
}

static void list_add(struct list *list, const char *text)
{
        struct sc_strbuf *out = list->out;

        sc_strbuf_puts(out, list->n ? "," : "");
        if (out->len - list->start + strlen(text) + 4 > COLUMNS_MAX) {
                sc_strbuf_printf(out, "\n%s", list->indent);
                list->start = line_start(out);
        } else
                sc_strbuf_puts(out, list->n ? " " : "");
        write_string(text, out);
        list->n++;
}

/*
 * A multiplexer that a rule names through a group is another thing than one that it names itself: such a name goes
 * through a group again.
 */
static bool needs_group(const struct sc_rule *rule, const struct sc_rule_call *named)
{
        return !named->direct && sc_syscall_is_carrier(named->call) && !policy_action_denies(rule->action);
}

/*
 * True if an earlier rule decides the call whatever the condition. Such calls are left out: where rules are inherited
 * they are overridden, but within one file a rule that can never match is an error.
 */
static bool is_taken(const struct sc_policy *policy, const struct sc_rule *rule, int call)
{
        for (const struct sc_rule *earlier = policy->rules; earlier < rule; earlier++) {
                const struct sc_rule_call *named = earlier->when ? NULL : policy_rule_find(earlier, call);

                if (named && !needs_group(earlier, named))
                        return true;
        }
        return false;
}

static bool is_all_taken(const struct sc_policy *policy, const struct sc_rule *rule)
{
        for (size_t i = 0; i < rule->n_calls; i++)
                if (!is_taken(policy, rule, rule->calls[i].call))
                        return false;
        return true;
}

/* Whether a plain `deny` says what the rule answers to all its calls. */
static bool is_plain_deny(const struct sc_policy *policy, const struct sc_rule *rule)
{
        if (rule->action != (SECCOMP_RET_ERRNO | EPERM))
                return false;
        for (size_t i = 0; !rule->falls_back && i < rule->n_calls; i++)
                if (sc_syscall_fallback(rule->calls[i].call) && policy->fallback != rule->action)
                        return false;
        return true;
}

/* The verb of an action. In *ret_with: what stands behind "with" is needed. */
static const char *verb_of(sc_action action, bool *ret_with)
{
        *ret_with = false;
        switch (action & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_ALLOW:
                return "allow";
        case SECCOMP_RET_LOG:
                return "log";
        case SECCOMP_RET_TRAP:
                return "trap";
        case SECCOMP_RET_KILL_THREAD:
                return "kill-thread";
        case SECCOMP_RET_KILL_PROCESS:
                return "kill";
        case SECCOMP_RET_TRACE:
                *ret_with = (action & SECCOMP_RET_DATA) != 0;
                return "trace";
        default:
                *ret_with = true;
                return "deny";
        }
}

static void write_key_action(const char *key, sc_action action, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "\"%s\": \"", key);
        sc_action_format(action, out);
        sc_strbuf_puts(out, "\"");
}

static void write_rule(const struct sc_policy *policy, const struct sc_rule *rule, struct sc_strbuf *out)
{
        struct sc_strbuf when = SC_STRBUF_INIT;
        struct list list;
        bool with;

        sc_strbuf_printf(out, "    { \"%s\": ", verb_of(rule->action, &with));
        list = list_begin(out, "      ");
        for (size_t i = 0; i < rule->n_calls; i++) {
                char text[64];

                if (is_taken(policy, rule, rule->calls[i].call))
                        continue;
                snprintf(text, sizeof(text), "%s%s", needs_group(rule, &rule->calls[i]) ? "@carrier-" : "",
                         sc_syscall_name(rule->calls[i].call));
                list_add(&list, text);
        }
        sc_strbuf_puts(out, "]");
        if (with && !is_plain_deny(policy, rule)) {
                sc_strbuf_puts(out, out->len - line_start(out) > COLUMNS_MAX - 28 ? ",\n      " : ", ");
                write_key_action("with", rule->action, out);
        }
        if (rule->when) {
                sc_cond_write(rule->when, &when);
                out->failed |= when.failed;
                sc_strbuf_puts(out, when.len + out->len - line_start(out) > COLUMNS_MAX - 12 ? ",\n      " : ", ");
                sc_strbuf_puts(out, "\"when\": ");
                write_string(when.text ? when.text : "", out);
                sc_strbuf_done(&when);
        }
        sc_strbuf_puts(out, " }");
}

static void write_groups(const struct sc_policy *policy, struct sc_strbuf *out)
{
        const char *separator = "  \"groups\": {";

        for (size_t call = 0; call < sc_syscall_count(); call++) {
                bool needed = false;

                for (size_t i = 0; i < policy->n_rules && sc_syscall_is_carrier((int)call); i++) {
                        const struct sc_rule_call *named = policy_rule_find(&policy->rules[i], (int)call);

                        needed |= named && needs_group(&policy->rules[i], named);
                }
                if (!needed)
                        continue;
                sc_strbuf_printf(out, "%s \"@carrier-%s\": [\"%s\"]", separator, sc_syscall_name((int)call),
                                 sc_syscall_name((int)call));
                separator = ",";
        }
        if (*separator == ',')
                sc_strbuf_puts(out, " },\n");
}

static void write_lists(const struct sc_policy *policy, struct sc_strbuf *out)
{
        struct list list;

        if (policy->n_optional) {
                sc_strbuf_puts(out, "  \"optional\": ");
                list = list_begin(out, "    ");
                for (size_t i = 0; i < policy->n_optional; i++)
                        list_add(&list, sc_syscall_name(policy->optional[i]));
                sc_strbuf_puts(out, "],\n");
        }
        if (policy->n_requirements) {
                sc_strbuf_puts(out, "  \"requires\": ");
                list = list_begin(out, "    ");
                for (size_t i = 0; i < policy->n_requirements; i++)
                        list_add(&list, policy->requirements[i].text);
                sc_strbuf_puts(out, "],\n");
        }
        if (policy->n_flags) {
                sc_strbuf_puts(out, "  \"flags\": ");
                list = list_begin(out, "    ");
                for (size_t i = 0; i < policy->n_flags; i++)
                        list_add(&list, policy->flags[i]);
                sc_strbuf_puts(out, "],\n");
        }
}

static void write_settings(const struct sc_policy *policy, struct sc_strbuf *out)
{
        static const char *const keys[] = { "default", "fallback", "newer" };
        const sc_action ends[] = { policy->def, policy->fallback, policy->newer };
        struct list list;

        if (policy->description) {
                sc_strbuf_puts(out, "  \"description\": ");
                write_string(policy->description, out);
                sc_strbuf_puts(out, ",\n");
        }
        sc_strbuf_puts(out, "  \"architectures\": ");
        list = list_begin(out, "    ");
        for (size_t i = 0; i < policy->n_abis; i++)
                list_add(&list, policy->abis[i]->name);
        sc_strbuf_printf(out, "],\n  \"baseline\": \"%u.%u\",\n", SC_KERNEL_MAJOR(policy->baseline),
                         SC_KERNEL_MINOR(policy->baseline));
        for (size_t i = 0; i < SC_COUNT(ends); i++) {
                sc_strbuf_puts(out, "  ");
                write_key_action(keys[i], ends[i], out);
                sc_strbuf_puts(out, ",\n");
        }
}

void sc_policy_write(const struct sc_policy *policy, struct sc_strbuf *out)
{
        bool complains = policy->plain != NULL;
        size_t n = 0;

        if (complains)
                policy = policy->plain;
        sc_strbuf_puts(out, "{\n");
        write_settings(policy, out);
        sc_strbuf_puts(out, complains ? "  \"complain\": true,\n" : "");
        write_lists(policy, out);
        write_groups(policy, out);
        sc_strbuf_puts(out, "  \"rules\": [");
        for (size_t i = 0; i < policy->n_rules; i++) {
                if (is_all_taken(policy, &policy->rules[i]))
                        continue;
                sc_strbuf_puts(out, n++ ? ",\n" : "\n");
                write_rule(policy, &policy->rules[i], out);
        }
        sc_strbuf_puts(out, n ? "\n  ]\n}\n" : "]\n}\n");
}

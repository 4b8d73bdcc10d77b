/* SPDX-License-Identifier: Apache-2.0 */
/* From a profile to what the runtime tells libseccomp: the engine's resolution first, then the runtime's. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"
#include "consumer/consumer.h"
#include "consumer/docker.h"

#define ABI_PREFIX "SCMP_ARCH_"

struct planner {
        struct sc_arena *arena;
        const struct sc_target *target;
        const struct sc_consumer *consumer;
        const struct sc_profile *profile;
        struct sc_diags *diags;
        struct sc_plan *plan;
        struct sc_scmp_rule *rules; /* plan->filter's, while they are added */
        struct sc_place *places;
        int *stub_calls;
        size_t n_names; /* of all rules that apply, known or not */
};

static bool listed(const char *const *list, const char *text)
{
        for (; list && *list; list++)
                if (!strcmp(*list, text))
                        return true;
        return false;
}

/* podman's text of an errno: its name, or a decimal number of 32 bits (strconv.ParseUint). 0 or -ENOENT. */
static int errno_read(const char *text, uint64_t *ret_value)
{
        size_t digits = strspn(text, "0123456789");
        uint64_t value = 0;
        int named;

        if (digits == 0 || text[digits]) {
                named = sc_errno_find(text, strlen(text));
                *ret_value = named < 0 ? 0 : (uint64_t)named;
                return named < 0 ? -ENOENT : 0;
        }
        for (; *text && value <= UINT32_MAX; text++)
                value = value * 10 + (uint64_t)(*text - '0');
        *ret_value = value;
        return value <= UINT32_MAX ? 0 : -ENOENT;
}

/* The errno that counts: podman's text of one wins over the number. */
static int errno_of(const struct planner *p, const struct sc_profile_string *text,
                    const struct sc_profile_number *number, struct sc_profile_number *ret_number)
{
        uint64_t value;

        *ret_number = *number;
        if (!p->consumer->reads_errno_names || !text->text || !*text->text)
                return 0;
        if (errno_read(text->text, &value) < 0) {
                sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", text->place, "%s does not know the errno '%s'",
                             p->consumer->name, text->text);
                return -EBADMSG;
        }
        *ret_number = (struct sc_profile_number){ .has = true, .value = value, .place = text->place };
        return 0;
}

/* An action as libseccomp takes it: the value and, where it carries one, the errno or data, cut to 16 bits. */
static int action_value(const struct planner *p, const struct sc_profile_string *name,
                        const struct sc_profile_number *data, struct sc_place place, uint32_t *ret_action)
{
        uint32_t value;

        if (!name->text || sc_profile_action_value(name->text, &value) < 0) {
                struct sc_diag *diag = sc_diags_add(
                        p->diags, SC_ERROR, "consumer-refuses", name->text ? name->place : place,
                        "%s does not know the action '%s'", p->consumer->name, name->text ? name->text : "");

                sc_diag_hint(diag, "one of SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, SCMP_ACT_KILL_PROCESS …");
                return -EBADMSG;
        }
        if (value == SECCOMP_RET_ERRNO || value == SECCOMP_RET_TRACE) {
                value |= data->has ? (uint32_t)data->value & SECCOMP_RET_DATA : EPERM;
        } else if (data->has && p->consumer->refuses_idle_errno) {
                sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", data->place, "%s refuses an errno with %s",
                             p->consumer->name, name->text);
                return -EBADMSG;
        }
        *ret_action = value;
        return 0;
}

static const char *without_prefix(const char *name)
{
        return strncmp(name, ABI_PREFIX, strlen(ABI_PREFIX)) ? name : name + strlen(ABI_PREFIX);
}

static const struct sc_abi *find_abi(const struct sc_consumer *consumer, const char *name)
{
        const struct sc_abi *abi = sc_abi_find_oci(name, strlen(name));

        for (size_t i = 0; !abi && consumer->loose_abis && i < sc_abi_count(); i++)
                if (!strcasecmp(without_prefix(sc_abi_at(i)->oci), without_prefix(name)))
                        abi = sc_abi_at(i);
        return abi;
}

static int add_abi(struct planner *p, const struct sc_profile_string *name)
{
        struct sc_plan *plan = p->plan;
        const struct sc_abi *abi = find_abi(p->consumer, name->text);

        if (!abi || listed(p->consumer->refused_abis, name->text)) {
                sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", name->place,
                             "%s does not know the architecture '%s'", p->consumer->name, name->text);
                return -EBADMSG;
        }
        if (abi->big_endian != p->target->native->big_endian) {
                sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", name->place,
                             "libseccomp cannot put %s and %s into one filter: their order of bytes differs", abi->name,
                             p->target->native->name);
                return -EBADMSG;
        }
        plan->native_listed |= abi == p->target->native;
        if (!sc_abi_among(abi, plan->abis, plan->n_abis))
                plan->abis[plan->n_abis++] = abi;
        return 0;
}

static int plan_abis(struct planner *p)
{
        struct sc_profile_list list = p->profile->architectures;
        int r = 0;

        if (p->consumer->docker_format)
                r = sc_docker_architectures(p->arena, p->target, p->profile, p->diags, &list);
        /* the native ABI is in every filter */
        p->plan->abis[p->plan->n_abis++] = p->target->native;
        for (size_t i = 0; i < list.n && r == 0; i++)
                r = add_abi(p, &list.items[i]);
        return r;
}

static int plan_flags(struct planner *p)
{
        const struct sc_profile_list *flags = &p->profile->flags;

        for (size_t i = 0; p->consumer->reads_flags && i < flags->n; i++)
                if (!listed(p->consumer->flags, flags->items[i].text)) {
                        sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", flags->items[i].place,
                                     "%s does not know the flag '%s'", p->consumer->name, flags->items[i].text);
                        return -EBADMSG;
                }
        return 0;
}

static int refuse(const struct planner *p, struct sc_place place, const char *what)
{
        sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", place, "%s refuses %s", p->consumer->name, what);
        return -EBADMSG;
}

/* An index that is left out is 0. */
static int read_arg(const struct planner *p, const struct sc_profile_arg *arg, struct sc_scmp_arg *ret_arg)
{
        if (arg->index.value > 5)
                return refuse(p, arg->place, "a condition without an index from 0 to 5");
        *ret_arg = (struct sc_scmp_arg){
                .index = (unsigned)arg->index.value,
                .op = (enum sc_scmp_op)arg->op,
                .a = arg->value.value,
                .b = arg->value_two.value,
        };
        return 0;
}

static void push_rule(struct planner *p, struct sc_scmp_rule rule, struct sc_place place)
{
        p->places[p->plan->filter.n_rules] = place;
        p->rules[p->plan->filter.n_rules++] = rule;
}

/* One call of a rule. Two conditions on one argument make a rule of each condition, as both runtimes do: an OR. */
static int add_rule(struct planner *p, const struct sc_profile_rule *rule, const char *name, uint32_t action)
{
        struct sc_scmp_arg *args = NULL;
        size_t n = rule->args.n;
        unsigned indexes = 0;
        bool split = false;

        if (p->consumer->args_max && n > p->consumer->args_max)
                n = p->consumer->args_max;
        if (n) {
                args = sc_arena_array(p->arena, n, sizeof(*args));
                if (!args)
                        return -ENOMEM;
        }
        for (size_t i = 0; i < n; i++) {
                int r = read_arg(p, &rule->args.items[i], &args[i]);

                if (r < 0)
                        return r;
                split |= indexes >> args[i].index & 1;
                indexes |= 1u << args[i].index;
        }
        if (!split)
                push_rule(p, (struct sc_scmp_rule){ name, action, (unsigned)n, args }, rule->place);
        for (size_t i = 0; split && i < n; i++)
                push_rule(p, (struct sc_scmp_rule){ name, action, 1, &args[i] }, rule->place);
        return 0;
}

/* What runc asks of a rule that notifies. crun asks nothing: without a listener the kernel answers ENOSYS. */
static int check_notify(const struct planner *p, const struct sc_profile_string *name)
{
        if (!p->consumer->enosys_stub)
                return 0;
        if (!strcmp(name->text, "write"))
                sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", name->place,
                             "%s needs 'write' itself to hand the listener over: SCMP_ACT_NOTIFY is refused on it",
                             p->consumer->name);
        else if (!p->profile->listener_path.text || !p->consumer->reads_flags)
                sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", name->place,
                             "%s refuses SCMP_ACT_NOTIFY without a 'listenerPath'%s", p->consumer->name,
                             p->consumer->reads_flags ? "" : ", which it drops");
        else
                return 0;
        return -EBADMSG;
}

static int add_call(struct planner *p, const struct sc_profile_rule *rule, const struct sc_profile_string *name,
                    uint32_t action)
{
        int call = sc_syscall_find(name->text, strlen(name->text));

        p->n_names++;
        if (action == SECCOMP_RET_USER_NOTIF && check_notify(p, name) < 0)
                return -EBADMSG;
        if (call < 0 || !sc_scmptable_knows(p->target->table, call))
                return 0; /* runtimes skip a name that their libseccomp does not know */
        p->stub_calls[p->plan->n_stub_calls++] = call;
        if (action == p->plan->filter.default_action)
                return 0; /* runtimes skip a rule that repeats the default */
        return add_rule(p, rule, sc_syscall_name(call), action);
}

/* The names that the consumer reads in a rule. */
static int rule_names(const struct planner *p, const struct sc_profile_rule *rule, struct sc_profile_list *ret_names)
{
        if (!p->consumer->docker_format || !rule->name.text || !*rule->name.text) {
                *ret_names = rule->names;
                return 0;
        }
        if (rule->names.n) {
                sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", rule->name.place,
                             "%s refuses a rule with both 'name' and 'names'", p->consumer->name);
                return -EBADMSG;
        }
        *ret_names = (struct sc_profile_list){ .items = &rule->name, .n = 1, .place = rule->name.place };
        return 0;
}

/* A number for which the consumer has 32 bits. */
static int check_narrow(const struct planner *p, const struct sc_profile_number *number)
{
        if (!p->consumer->strict_schema || number->value <= UINT32_MAX)
                return 0;
        return refuse(p, number->place, "a number of more than 32 bits here");
}

static int rule_action(const struct planner *p, const struct sc_profile_rule *rule, uint32_t *ret_action)
{
        struct sc_profile_number number;
        int r = errno_of(p, &rule->errno_name, &rule->errno_ret, &number);

        if (r == 0)
                r = check_narrow(p, &number);
        return r ? r : action_value(p, &rule->action, &number, rule->place, ret_action);
}

int sc_consumer_action(const struct sc_target *target, const struct sc_profile *profile,
                       const struct sc_profile_rule *rule, struct sc_diags *diags, uint32_t *ret_action)
{
        const struct planner p = { .target = target, .consumer = target->consumer, .profile = profile, .diags = diags };

        return rule_action(&p, rule, ret_action);
}

/* What is refused in a rule even if nothing comes of it. */
static int check_rule(const struct planner *p, const struct sc_profile_rule *rule, const struct sc_profile_list *names)
{
        int r = 0;

        /* by the schema: what docker and podman write has names */
        if (p->consumer->strict_schema && !p->consumer->docker_format && names->n == 0 && !names->place.source)
                r = refuse(p, rule->place, "a rule without 'names'");
        for (size_t i = 0; i < rule->args.n && r == 0; i++) {
                const struct sc_profile_arg *arg = &rule->args.items[i];

                r = check_narrow(p, &arg->index);
                if (r == 0 && arg->op == SC_OP_NONE && (names->n || p->consumer->strict_schema))
                        r = refuse(p, arg->place, "a condition without an operator");
        }
        for (size_t i = 0; i < names->n && p->consumer->refuses_empty_names && r == 0; i++)
                if (!*names->items[i].text)
                        r = refuse(p, names->items[i].place, "an empty name of a call");
        return r;
}

/* Engines look at 'name' and 'names' of rules that apply only. */
static int plan_rule(struct planner *p, const struct sc_profile_rule *rule)
{
        struct sc_profile_list names = { 0 };
        bool applies = true;
        uint32_t action;
        int r = 0;

        if (p->consumer->docker_format)
                r = sc_docker_applies(p->target, rule, p->diags, &applies);
        if (r < 0 || !applies)
                return r;
        r = rule_names(p, rule, &names);
        if (r == 0)
                r = rule_action(p, rule, &action);
        if (r == 0)
                r = check_rule(p, rule, &names);
        for (size_t i = 0; i < names.n && r == 0; i++)
                r = add_call(p, rule, &names.items[i], action);
        return r;
}

/* Room for every rule that plan_rule() can make. */
static int reserve(struct planner *p)
{
        size_t n = 0, more, names;

        for (size_t i = 0; i < p->profile->syscalls.n; i++) {
                const struct sc_profile_rule *rule = &p->profile->syscalls.items[i];

                names = rule->names.n + 1;
                if (sc_mul_overflows(names, rule->args.n + 1, &more) || sc_add_overflows(n, more, &n))
                        return -ENOMEM;
        }
        if (n > SC_PROFILE_RULES_MAX) {
                sc_diags_add(p->diags, SC_ERROR, "filter-too-large", p->profile->place,
                             "the profile has %zu rules; no filter can hold them", n);
                return -EBADMSG;
        }
        p->rules = sc_arena_array(p->arena, n + 1, sizeof(*p->rules));
        p->places = sc_arena_array(p->arena, n + 1, sizeof(*p->places));
        p->stub_calls = sc_arena_array(p->arena, n + 1, sizeof(*p->stub_calls));
        return p->rules && p->places && p->stub_calls ? 0 : -ENOMEM;
}

static bool permissive(uint32_t action)
{
        uint32_t value = action & SECCOMP_RET_ACTION_FULL;

        return value == SECCOMP_RET_ALLOW || value == SECCOMP_RET_LOG || value == SECCOMP_RET_TRACE;
}

static int plan_default(struct planner *p)
{
        const struct sc_profile_number none = { 0 };
        const struct sc_profile *profile = p->profile;
        struct sc_profile_number number;
        uint32_t action;
        int r = errno_of(p, &profile->default_errno,
                         p->consumer->reads_default_errno ? &profile->default_errno_ret : &none, &number);

        if (r == 0)
                r = check_narrow(p, &number);
        if (r == 0)
                r = action_value(p, &profile->default_action, &number, profile->place, &action);
        if (r < 0)
                return r;
        p->plan->filter.default_action = action;
        p->plan->stub = p->consumer->enosys_stub && !permissive(action);
        if (!p->consumer->enosys_stub)
                return 0;
        if (action == SECCOMP_RET_USER_NOTIF)
                sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", profile->default_action.place,
                             "runc refuses SCMP_ACT_NOTIFY as the default");
        else if (action == SECCOMP_RET_KILL_THREAD && profile->syscalls.n == 0)
                sc_diags_add(p->diags, SC_ERROR, "consumer-refuses", profile->default_action.place,
                             "runc hangs under a profile that kills every call");
        else
                return 0;
        return -EBADMSG;
}

int sc_consumer_plan(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                     struct sc_diags *diags, struct sc_plan *ret_plan)
{
        struct sc_plan plan = { 0 };
        struct planner p = { .arena = arena, .target = target, .consumer = target->consumer, .profile = profile,
                             .diags = diags, .plan = &plan };
        const char *action = profile->default_action.text;
        int r;

        if (target->consumer->empty_is_off && (!action || !*action) && profile->syscalls.n == 0) {
                *ret_plan = (struct sc_plan){ .unfiltered = true };
                return 0;
        }
        r = reserve(&p);
        if (r == 0)
                r = plan_abis(&p);
        if (r == 0)
                r = plan_default(&p);
        if (r == 0)
                r = plan_flags(&p);
        for (size_t i = 0; i < profile->syscalls.n && r == 0; i++)
                r = plan_rule(&p, &profile->syscalls.items[i]);
        if (r < 0)
                return r;
        plan.stub_from = p.consumer->stub_as_listed && !plan.native_listed;
        plan.filter.rules = p.rules;
        plan.filter.n_abis = plan.n_abis;
        plan.filter.optimize = p.consumer->tree_above && p.n_names > p.consumer->tree_above ? 2 : 1;
        plan.places = p.places;
        plan.stub_calls = p.stub_calls;
        *ret_plan = plan;
        ret_plan->filter.abis = ret_plan->abis;
        return 0;
}

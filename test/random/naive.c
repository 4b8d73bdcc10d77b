/* SPDX-License-Identifier: Apache-2.0 */
/* The evaluator: rules in order, the first that matches decides. Slow and plain on purpose. */
#include "naive.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "syscall/group.h"

static bool is_errno(uint32_t action)
{
        return (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
}

bool naive_permits(uint32_t action)
{
        return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

unsigned naive_looseness(uint32_t action)
{
        static const uint32_t order[] = {
                SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
                SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW,
        };

        for (unsigned i = 0; i < SC_COUNT(order); i++)
                if (order[i] == (action & SECCOMP_RET_ACTION_FULL))
                        return i;
        return 0;
}

/* "Denies" as the three ends mean it: a tracer decides what becomes of a traced call, so it is not denied. */
static bool denies(uint32_t action)
{
        return !naive_permits(action) && (action & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE;
}

bool naive_lists(const struct naive_policy *p, const struct sc_abi *abi)
{
        for (size_t i = 0; i < p->n_abis; i++)
                if (p->abis[i] == abi)
                        return true;
        return false;
}

static bool compare(const char *op, sc_kernel a, sc_kernel b)
{
        if (!strcmp(op, "=="))
                return a == b;
        if (!strcmp(op, "!="))
                return a != b;
        if (!strcmp(op, "<"))
                return a < b;
        if (!strcmp(op, "<="))
                return a <= b;
        if (!strcmp(op, ">"))
                return a > b;
        return a >= b;
}

bool naive_holds(const struct naive_policy *p, int cond, const struct sc_abi *abi, struct naive_env env)
{
        const struct naive_cond *c;

        if (cond < 0)
                return true;
        c = &p->conds[cond];
        switch (c->kind) {
        case NAIVE_AND:
                return naive_holds(p, c->left, abi, env) && naive_holds(p, c->right, abi, env);
        case NAIVE_OR:
                return naive_holds(p, c->left, abi, env) || naive_holds(p, c->right, abi, env);
        case NAIVE_NOT:
                return !naive_holds(p, c->left, abi, env);
        case NAIVE_CAP:
                return env.caps >> c->cap & 1;
        case NAIVE_ARCH:
                return c->abis >> abi->index & 1;
        case NAIVE_KERNEL:
                break;
        }
        return compare(c->op, env.kernel, c->kernel);
}

static bool group_has(const struct naive_policy *p, struct naive_name name, int call)
{
        const unsigned short *builtin;
        size_t n;

        if (name.kind == NAIVE_GROUP) {
                const struct naive_group *group = &p->groups[name.index];

                for (size_t i = 0; i < group->n_calls; i++)
                        if (group->calls[i] == call)
                                return true;
                return false;
        }
        builtin = sc_group_calls(name.index, &n);
        for (size_t i = 0; i < n; i++)
                if (builtin[i] == call)
                        return true;
        return false;
}

/* True if the rule names the call; *ret_direct tells whether it does so itself, not (only) through a group. */
static bool matches(const struct naive_policy *p, const struct naive_rule *rule, int call, bool *ret_direct)
{
        bool found = false, direct = false;

        for (size_t i = 0; i < rule->n_names; i++) {
                if (rule->names[i].kind == NAIVE_CALL && rule->names[i].index == call)
                        direct = found = true;
                else if (rule->names[i].kind != NAIVE_CALL && !found)
                        found = group_has(p, rule->names[i], call);
        }
        *ret_direct = direct;
        return found;
}

/* A plain `deny` answers `fallback` to calls that programs fall back from; every other rule says what it answers. */
static uint32_t rule_answer(const struct naive_policy *p, const struct naive_rule *rule, int call)
{
        if (!strcmp(rule->verb, "deny") && !rule->with && sc_syscall_fallback(call))
                return p->fallback;
        return rule->action;
}

/* True if some listed ABI has the call in the baseline kernel; what only a multiplexer reaches is no call of an ABI. */
static bool judged(const struct naive_policy *p, int call)
{
        for (size_t i = 0; i < p->n_abis; i++) {
                uint32_t nr;

                if (sc_syscall_number(call, p->abis[i], &nr) && sc_syscall_since(call, p->abis[i]) <= p->baseline)
                        return true;
        }
        return false;
}

/* What a call gets that no rule decides. */
static uint32_t end_answer(const struct naive_policy *p, int call)
{
        if (!judged(p, call))
                return p->newer;
        return sc_syscall_fallback(call) && is_errno(p->def) ? p->fallback : p->def;
}

static bool carries_only_permitted(const struct naive_policy *p, const struct sc_abi *abi, int carrier,
                                   struct naive_env env)
{
        uint32_t subcall;

        for (size_t i = 0; i < sc_syscall_count(); i++)
                if (sc_syscall_carrier((int)i, &subcall) == carrier && !naive_permits(naive_call(p, abi, (int)i, env)))
                        return false;
        return true;
}

/* A multiplexer that nothing decides and that would open a call that is closed. */
static uint32_t closed_multiplexer(const struct naive_policy *p)
{
        const uint32_t eperm = SECCOMP_RET_ERRNO | EPERM, enosys = SECCOMP_RET_ERRNO | ENOSYS;

        if (denies(p->def) && p->def != p->newer)
                return p->def;
        return p->newer == eperm ? enosys : eperm;
}

uint32_t naive_call(const struct naive_policy *p, const struct sc_abi *abi, int call, struct naive_env env)
{
        bool guarded = abi->multiplexed && sc_syscall_is_carrier(call) && !carries_only_permitted(p, abi, call, env);

        for (size_t i = 0; i < p->n_rules; i++) {
                const struct naive_rule *rule = &p->rules[i];
                bool direct;

                if (!matches(p, rule, call, &direct) || !naive_holds(p, rule->when, abi, env))
                        continue;
                if (!guarded || direct || denies(rule->action))
                        return rule_answer(p, rule, call);
        }
        return guarded ? closed_multiplexer(p) : end_answer(p, call);
}

uint32_t naive_number(const struct naive_policy *p, const struct sc_abi *abi, uint32_t nr, struct naive_env env)
{
        int call = sc_syscall_by_number(abi, nr);

        return call < 0 ? p->newer : naive_call(p, abi, call, env);
}

size_t naive_name_count(const struct naive_policy *p)
{
        size_t n = 0;

        for (size_t i = 0; i < p->n_rules; i++)
                n += p->rules[i].n_names;
        for (size_t i = 0; i < p->n_groups; i++)
                n += p->groups[i].n_calls;
        return n;
}

bool naive_names(const struct naive_policy *p, int call)
{
        for (size_t i = 0; i < p->n_rules; i++)
                for (size_t k = 0; k < p->rules[i].n_names; k++)
                        if (p->rules[i].names[k].kind == NAIVE_CALL && p->rules[i].names[k].index == call)
                                return true;
        for (size_t i = 0; i < p->n_groups; i++)
                if (group_has(p, (struct naive_name){ NAIVE_GROUP, (int)i }, call))
                        return true;
        return false;
}

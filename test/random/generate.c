/* SPDX-License-Identifier: Apache-2.0 */
/* The generator: the ends first, then groups, then rules that each name a call which no rule named before. */
#include "generate.h"

#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "bpf/scmp.h"
#include "syscall/group.h"

#define SPLIT_PER_MILLE 4  /* conditions on `arch` that a profile may be unable to express */
#define STRICT_PER_MILLE 2 /* a `newer` that runc's stub undercuts */

#define ERRNO(number) (SECCOMP_RET_ERRNO | (number))
#define CALLS_MAX 1024 /* more than the table has */
#define POINTS_MAX 8   /* kernels to try a condition on */

/* What belongs on one machine, and how often a policy is for it, in percent. */
static const struct family {
        const char *abis[4]; /* the machine's own first */
        unsigned realistic, small;
} families[] = {
        { { "x86_64", "x86", "x32" }, 90, 55 },
        { { "aarch64", "arm" }, 50, 30 },
        { { "s390x", "s390" }, 12, 8 },
        { { "mips64", "mips", "mips64n32" }, 5, 3 },
        { { "mipsel64", "mipsel", "mipsel64n32" }, 5, 3 },
        { { "riscv64" }, 10, 5 },
        /*
         * Not ppc64le: off ppc, libseccomp 2.5.4 has one pseudo number (-10191) for sys_debug_setcontext and
         * switch_endian, and so compiles a rule for the first into one for the second.
         */
};

/* Verbs, and how often they are used where the default denies and where it permits. */
static const struct verb {
        const char *name;
        uint32_t action;
        unsigned denying, permitting;
} verbs[] = {
        { "allow", SECCOMP_RET_ALLOW, 62, 18 },
        { "deny", ERRNO(1), 20, 55 },
        { "log", SECCOMP_RET_LOG, 8, 8 },
        { "trap", SECCOMP_RET_TRAP, 3, 5 },
        { "trace", SECCOMP_RET_TRACE, 2, 4 },
        { "kill", SECCOMP_RET_KILL_PROCESS, 3, 7 },
        { "kill-thread", SECCOMP_RET_KILL_THREAD, 2, 3 },
};

static const sc_kernel baselines[] = {
        SC_KERNEL(4, 19), SC_KERNEL(5, 4), SC_KERNEL(5, 10), SC_KERNEL(5, 15), SC_KERNEL(6, 1), SC_KERNEL(6, 6),
        SC_KERNEL(6, 12), SC_KERNEL(7, 1),
};

struct generator {
        struct rng *rng;
        enum generate_size size;
        const struct sc_scmptable *table;
        struct naive_policy *p;
        unsigned caps[3]; /* capabilities that this policy asks about */
        size_t n_caps;
        sc_kernel kernels[2];
        size_t n_kernels;
        bool families; /* more than one */
        bool split;    /* conditions on arch are not kept sensible */
        bool named[CALLS_MAX]; /* by a rule, itself or through a group */
};

static bool per_mille(struct rng *rng, unsigned n)
{
        return rng_below(rng, 1000) < n;
}

static unsigned random_errno(struct rng *rng)
{
        static const unsigned usual[] = { 1, 13, 38, 22, 95, 2 };

        return rng_percent(rng, 80) ? usual[rng_below(rng, SC_COUNT(usual))]
                                    : 1 + (unsigned)rng_below(rng, SC_ERRNO_MAX);
}

static void add_family(struct generator *g, const struct family *family)
{
        g->families |= g->p->n_abis > 0;
        for (size_t i = 0; i < SC_COUNT(family->abis) && family->abis[i]; i++)
                if (i == 0 || rng_percent(g->rng, g->size == GENERATE_REALISTIC ? 60 : 30))
                        g->p->abis[g->p->n_abis++] = sc_abi_find(family->abis[i], strlen(family->abis[i]));
}

static void choose_abis(struct generator *g)
{
        for (size_t i = 0; i < SC_COUNT(families); i++)
                if (rng_percent(g->rng, g->size == GENERATE_REALISTIC ? families[i].realistic : families[i].small))
                        add_family(g, &families[i]);
        if (g->p->n_abis == 0)
                add_family(g, &families[rng_below(g->rng, 2)]);
}

static bool has_number(const struct naive_policy *p, int call)
{
        uint32_t nr;

        for (size_t i = 0; i < p->n_abis; i++)
                if (sc_syscall_number(call, p->abis[i], &nr))
                        return true;
        return false;
}

static bool is_judged(const struct naive_policy *p, int call)
{
        uint32_t nr;

        for (size_t i = 0; i < p->n_abis; i++)
                if (sc_syscall_number(call, p->abis[i], &nr) && sc_syscall_since(call, p->abis[i]) <= p->baseline)
                        return true;
        return false;
}

/* True if the target has a name for the call, and a number behind it on every ABI that has the call. */
static bool is_nameable(const struct generator *g, int call)
{
        for (size_t i = 0; i < g->p->n_abis; i++) {
                const struct sc_abi *abi = g->p->abis[i];
                uint32_t nr;

                if (sc_syscall_number(call, abi, &nr) && sc_syscall_carrier(call, &nr) < 0 &&
                    sc_scmp_number(sc_syscall_name(call), abi) < 0)
                        return false; /* map_shadow_stack on x32, in 2.5.4 */
        }
        return sc_scmptable_knows(g->table, call);
}

/*
 * True if the target cannot answer some call that the policy judges: it has no name for it, or it is one of SysV IPC's
 * own numbers on ABIs with a multiplexer (393 to 402, since 5.1), which runc's stub does not count.
 */
static bool judges_unnameable(const struct generator *g)
{
        if (g->p->baseline < SC_KERNEL(5, 1))
                return true;
        for (size_t i = 0; i < sc_syscall_count(); i++)
                if (!is_nameable(g, (int)i) && is_judged(g->p, (int)i))
                        return true;
        return false;
}

static uint32_t random_default(struct rng *rng)
{
        size_t r = rng_below(rng, 100);

        if (r < 60)
                return ERRNO(1);
        if (r < 74)
                return ERRNO(random_errno(rng));
        if (r < 78)
                return SECCOMP_RET_KILL_PROCESS;
        if (r < 81)
                return SECCOMP_RET_TRAP;
        if (r < 83)
                return SECCOMP_RET_KILL_THREAD;
        if (r < 85)
                return SECCOMP_RET_TRACE | (uint32_t)rng_below(rng, 65536);
        return r < 93 ? SECCOMP_RET_ALLOW : SECCOMP_RET_LOG;
}

static void choose_newer(struct generator *g)
{
        struct naive_policy *p = g->p;
        bool denies = naive_looseness(p->def) <= naive_looseness(SECCOMP_RET_ERRNO);
        size_t r = rng_below(g->rng, 100);

        p->newer = denies ? ERRNO(38) : p->def;
        p->newer_given = r >= 60;
        if (g->size == GENERATE_SMALL && denies && rng_percent(g->rng, 40)) {
                p->newer_given = true; /* no rule for each judged call: a small filter, too */
                p->newer = (p->def & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO ? p->def : ERRNO(38);
                return;
        }
        if (per_mille(g->rng, STRICT_PER_MILLE)) {
                p->newer_given = true;
                p->newer = rng_percent(g->rng, 50) ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_TRAP;
        } else if (r >= 97) {
                p->newer = rng_percent(g->rng, 50) ? SECCOMP_RET_ALLOW : SECCOMP_RET_LOG;
        } else if (r >= 60) {
                p->newer = r < 75 ? ERRNO(38) : r < 88 ? ERRNO(1) : ERRNO(random_errno(g->rng));
        }
}

static void choose_ends(struct generator *g)
{
        struct naive_policy *p = g->p;

        p->baseline = baselines[rng_below(g->rng, SC_COUNT(baselines))];
        p->def = random_default(g->rng);
        choose_newer(g);
        p->fallback = ERRNO(38);
        if (rng_percent(g->rng, 25)) {
                p->fallback_given = true;
                p->fallback = rng_percent(g->rng, 90) ? ERRNO(random_errno(g->rng)) : SECCOMP_RET_TRAP;
        }
        /* calls that the target cannot name get `newer`: that must not be looser than what they are to get */
        if (naive_looseness(p->def) >= naive_looseness(p->newer) &&
            naive_looseness(p->fallback) >= naive_looseness(p->newer))
                return;
        for (size_t i = SC_COUNT(baselines); i-- > 0 && judges_unnameable(g);)
                p->baseline = baselines[i];
        if (judges_unnameable(g)) {
                p->def = ERRNO(1);
                p->fallback = p->newer = ERRNO(38);
                p->fallback_given = p->newer_given = false;
        }
}

static void choose_environment(struct generator *g)
{
        if (g->size == GENERATE_REALISTIC || rng_percent(g->rng, 30))
                g->n_caps = 1 + rng_below(g->rng, SC_COUNT(g->caps));
        for (size_t i = 0; i < g->n_caps; i++)
                g->caps[i] = (unsigned)rng_below(g->rng, sc_cap_count());
        if (rng_percent(g->rng, g->size == GENERATE_REALISTIC ? 35 : 10))
                g->n_kernels = 1 + rng_below(g->rng, SC_COUNT(g->kernels));
        for (size_t i = 0; i < g->n_kernels; i++)
                g->kernels[i] = SC_KERNEL(4 + rng_below(g->rng, 3), rng_below(g->rng, 16));
}

static int push_cond(struct naive_policy *p, struct naive_cond cond)
{
        if (p->n_conds == NAIVE_CONDS_MAX)
                return -1;
        p->conds[p->n_conds] = cond;
        return (int)p->n_conds++;
}

static uint32_t family_bits(const struct family *family)
{
        uint32_t bits = 0;

        for (size_t i = 0; i < SC_COUNT(family->abis) && family->abis[i]; i++)
                bits |= UINT32_C(1) << sc_abi_find(family->abis[i], strlen(family->abis[i]))->index;
        return bits;
}

/* Whole families, so that all ABIs of one machine answer alike; with `split`, any ABIs. */
static uint32_t random_abis(const struct generator *g)
{
        uint32_t abis = 0;

        if (g->split) {
                for (size_t i = 0; i < g->p->n_abis; i++)
                        if (rng_percent(g->rng, 50))
                                abis |= UINT32_C(1) << g->p->abis[i]->index;
                return abis ? abis : UINT32_C(1) << g->p->abis[0]->index;
        }
        while (!abis)
                for (size_t i = 0; i < SC_COUNT(families); i++)
                        if (rng_percent(g->rng, 40))
                                abis |= family_bits(&families[i]);
        return abis;
}

static int random_atom(struct generator *g)
{
        static const char *const ops[] = { ">=", "<", ">=", "<", ">", "<=", "==", "!=" };
        size_t r = rng_below(g->rng, 100);

        if ((g->families || g->split) && r < (g->split ? 60 : 12))
                return push_cond(g->p, (struct naive_cond){ .kind = NAIVE_ARCH, .abis = random_abis(g) });
        if (g->n_kernels && (r < 35 || !g->n_caps))
                return push_cond(g->p, (struct naive_cond){ .kind = NAIVE_KERNEL,
                                                            .op = ops[rng_below(g->rng, SC_COUNT(ops))],
                                                            .kernel = g->kernels[rng_below(g->rng, g->n_kernels)] });
        if (g->n_caps)
                return push_cond(g->p, (struct naive_cond){ .kind = NAIVE_CAP,
                                                            .cap = g->caps[rng_below(g->rng, g->n_caps)] });
        return -1;
}

/* A condition; -1, "always", if the policy has run out of room for them. */
static int random_cond(struct generator *g, unsigned depth)
{
        struct naive_cond cond = { .kind = NAIVE_NOT };
        size_t r = rng_below(g->rng, 100);

        if (depth == 0 || r < 50)
                return random_atom(g);
        cond.left = random_cond(g, depth - 1);
        if (r >= 65) {
                cond.kind = r < 85 ? NAIVE_AND : NAIVE_OR;
                cond.right = random_cond(g, depth - 1);
        }
        return cond.left < 0 || cond.right < 0 ? -1 : push_cond(g->p, cond);
}

/* Sets of the policy's capabilities times kernels beside its versions: every environment that it tells apart. */
static bool holds_somewhere(const struct generator *g, int cond, const struct sc_abi *abi)
{
        sc_kernel points[POINTS_MAX] = { 0 };
        size_t n = 1;

        for (size_t i = 0; i < g->n_kernels; i++) {
                points[n++] = g->kernels[i] - 1;
                points[n++] = g->kernels[i];
                points[n++] = g->kernels[i] + 1;
        }
        for (unsigned set = 0; set < 1u << g->n_caps; set++) {
                sc_caps caps = 0;

                for (size_t i = 0; i < g->n_caps; i++)
                        if (set >> i & 1)
                                caps |= UINT64_C(1) << g->caps[i];
                for (size_t i = 0; i < n; i++)
                        if (naive_holds(g->p, cond, abi, (struct naive_env){ caps, points[i] }))
                                return true;
        }
        return false;
}

static bool usable(const struct generator *g, int call, bool strict)
{
        return has_number(g->p, call) && (!strict || is_nameable(g, call));
}

/* Any call; now and then a carried one or a multiplexer, which are few and delicate. */
static int random_call(struct generator *g, bool strict)
{
        for (int tries = 0; tries < 400; tries++) {
                int call = (int)rng_below(g->rng, sc_syscall_count());
                uint32_t subcall;

                if (tries < 20 && rng_percent(g->rng, 4) && sc_syscall_carrier(call, &subcall) < 0 &&
                    !sc_syscall_is_carrier(call))
                        continue;
                if (usable(g, call, strict) || (!strict && rng_percent(g->rng, 2)))
                        return call;
        }
        return sc_syscall_find("read", 4);
}

/* A call that no rule has named yet and that some ABI has on which the condition may hold; -1 if none was found. */
static int fresh_call(struct generator *g, int cond, bool strict)
{
        for (int tries = 0; tries < 400; tries++) {
                int call = (int)rng_below(g->rng, sc_syscall_count());
                uint32_t nr;

                if (g->named[call] || !usable(g, call, strict))
                        continue;
                for (size_t i = 0; i < g->p->n_abis; i++)
                        if (sc_syscall_number(call, g->p->abis[i], &nr) && holds_somewhere(g, cond, g->p->abis[i]))
                                return call;
        }
        return -1;
}

static void mark_named(struct generator *g, struct naive_name name)
{
        size_t n;

        if (name.kind == NAIVE_CALL)
                g->named[name.index] = true;
        for (size_t i = 0; name.kind == NAIVE_GROUP && i < g->p->groups[name.index].n_calls; i++)
                g->named[g->p->groups[name.index].calls[i]] = true;
        if (name.kind == NAIVE_BUILTIN) {
                const unsigned short *calls = sc_group_calls(name.index, &n);

                for (size_t i = 0; i < n; i++)
                        g->named[calls[i]] = true;
        }
}

static void add_name(struct naive_rule *rule, enum naive_name_kind kind, int index)
{
        for (size_t i = 0; i < rule->n_names; i++)
                if (rule->names[i].kind == kind && rule->names[i].index == index)
                        return;
        if (rule->n_names < NAIVE_NAMES_MAX)
                rule->names[rule->n_names++] = (struct naive_name){ kind, index };
}

static void choose_groups(struct generator *g)
{
        size_t n = g->size == GENERATE_REALISTIC ? rng_below(g->rng, 5) : rng_percent(g->rng, 15);

        for (size_t i = 0; i < n; i++) {
                struct naive_group *group = &g->p->groups[g->p->n_groups++];
                size_t calls = g->size == GENERATE_REALISTIC ? 5 + rng_below(g->rng, 40) : 1 + rng_below(g->rng, 8);

                for (size_t k = 0; k < calls; k++) {
                        int call = random_call(g, true);
                        bool there = false;

                        for (size_t j = 0; j < group->n_calls; j++)
                                there |= group->calls[j] == call;
                        if (!there)
                                group->calls[group->n_calls++] = call;
                }
        }
}

static void choose_action(struct generator *g, struct naive_rule *rule)
{
        bool denying = naive_looseness(g->p->def) <= naive_looseness(SECCOMP_RET_ERRNO);
        size_t r = rng_below(g->rng, 100), i = 0;

        for (; i + 1 < SC_COUNT(verbs); i++) {
                unsigned share = denying ? verbs[i].denying : verbs[i].permitting;

                if (r < share)
                        break;
                r -= share;
        }
        rule->verb = verbs[i].name;
        rule->action = verbs[i].action;
        if (rule->action == SECCOMP_RET_TRACE && rng_percent(g->rng, 60)) {
                rule->with = true;
                rule->action |= (uint32_t)rng_below(g->rng, 65536);
        } else if (rule->action == ERRNO(1) && rng_percent(g->rng, 40)) {
                rule->with = true;
                rule->action = rng_percent(g->rng, 92) ? ERRNO(random_errno(g->rng)) : SECCOMP_RET_TRAP;
        }
}

/* A condition on an ABI of its own, for a rule about calls that no other ABI of the family has. */
static bool add_lone_rule(struct generator *g)
{
        struct naive_policy *p = g->p;
        struct naive_rule *rule = &p->rules[p->n_rules];
        const struct sc_abi *abi = p->abis[rng_below(g->rng, p->n_abis)];
        bool strict;

        *rule = (struct naive_rule){ 0 };
        choose_action(g, rule);
        strict = naive_looseness(rule->action) < naive_looseness(p->newer);
        for (size_t i = 0; i < sc_syscall_count() && rule->n_names < 6; i++) {
                size_t others = 0;
                uint32_t nr;

                if (g->named[i] || !sc_syscall_number((int)i, abi, &nr) || !usable(g, (int)i, strict))
                        continue;
                for (size_t k = 0; k < p->n_abis; k++)
                        others += p->abis[k] != abi && sc_syscall_number((int)i, p->abis[k], &nr);
                if (others == 0 && rng_percent(g->rng, 40))
                        add_name(rule, NAIVE_CALL, (int)i);
        }
        if (rule->n_names == 0)
                return false;
        rule->when = push_cond(p, (struct naive_cond){ .kind = NAIVE_ARCH, .abis = UINT32_C(1) << abi->index });
        return rule->when >= 0;
}

static bool add_rule(struct generator *g, size_t names)
{
        struct naive_policy *p = g->p;
        struct naive_rule *rule = &p->rules[p->n_rules];
        size_t conds = p->n_conds;
        bool strict;
        int fresh;

        *rule = (struct naive_rule){ .when = -1 };
        choose_action(g, rule);
        /* a plain deny may answer `fallback`, which may be the stricter */
        strict = naive_looseness(rule->action) < naive_looseness(p->newer) ||
                 naive_looseness(p->fallback) < naive_looseness(p->newer);
        if (rng_percent(g->rng, g->size == GENERATE_REALISTIC ? 40 : 25))
                rule->when = random_cond(g, 2);
        fresh = fresh_call(g, rule->when, strict);
        if (fresh < 0) {
                p->n_conds = conds;
                return false;
        }
        add_name(rule, NAIVE_CALL, fresh);
        for (size_t i = 1; i < names; i++)
                add_name(rule, NAIVE_CALL, random_call(g, strict));
        if (p->n_groups && rng_percent(g->rng, 35))
                add_name(rule, NAIVE_GROUP, (int)rng_below(g->rng, p->n_groups));
        if (!strict && rng_percent(g->rng, 20))
                add_name(rule, NAIVE_BUILTIN, (int)rng_below(g->rng, sc_group_count()));
        return true;
}

static void choose_rules(struct generator *g)
{
        bool realistic = g->size == GENERATE_REALISTIC;
        size_t rules = realistic ? 4 + rng_below(g->rng, 10) : 1 + rng_below(g->rng, 4);
        size_t names = realistic ? (90 + rng_below(g->rng, 260)) / rules + 1 : 1 + rng_below(g->rng, 8);

        for (size_t i = 0; i < 3 * rules && g->p->n_rules < rules; i++) {
                bool lone = rng_percent(g->rng, realistic ? 6 : 3);

                if (!(lone ? add_lone_rule(g) : add_rule(g, 1 + rng_below(g->rng, 2 * names))))
                        continue;
                for (size_t k = 0; k < g->p->rules[g->p->n_rules].n_names; k++)
                        mark_named(g, g->p->rules[g->p->n_rules].names[k]);
                g->p->n_rules++;
        }
}

void generate(struct rng *rng, enum generate_size size, const struct sc_scmptable *table,
              struct naive_policy *ret_policy)
{
        struct generator g = { .rng = rng, .size = size, .table = table, .p = ret_policy };

        memset(ret_policy, 0, sizeof(*ret_policy));
        g.split = per_mille(rng, SPLIT_PER_MILLE);
        choose_abis(&g);
        choose_ends(&g);
        choose_environment(&g);
        choose_groups(&g);
        choose_rules(&g);
}

size_t generate_envs(struct rng *rng, const struct naive_policy *p, struct naive_env *ret_envs, size_t max)
{
        const sc_caps sets[] = { sc_caps_docker(), 0, sc_caps_all() };
        sc_kernel kernels[NAIVE_CONDS_MAX + 1] = { SC_KERNEL(6, 1) };
        sc_caps caps[NAIVE_CONDS_MAX + 1] = { 0 };
        size_t n_kernels = 1, n_caps = 0, n = 0;

        for (size_t i = 0; i < p->n_conds; i++) {
                if (p->conds[i].kind == NAIVE_KERNEL)
                        kernels[n_kernels++] = p->conds[i].kernel + (sc_kernel)rng_below(rng, 3) - 1;
                else if (p->conds[i].kind == NAIVE_CAP)
                        caps[n_caps++] = UINT64_C(1) << p->conds[i].cap;
        }
        if (n_kernels == 1 && n_caps == 0)
                max = max > 1 ? 1 : max; /* all environments are alike */
        for (; n < max; n++) {
                ret_envs[n].caps = sets[rng_below(rng, SC_COUNT(sets))];
                ret_envs[n].kernel = kernels[rng_below(rng, n_kernels)];
                for (size_t i = 0; i < n_caps; i++)
                        if (rng_percent(rng, 50))
                                ret_envs[n].caps ^= caps[i];
        }
        return n;
}

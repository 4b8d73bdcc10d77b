/* SPDX-License-Identifier: Apache-2.0 */
/* Several policies and profiles to one decision, and that to a profile. */
#include "emit/combine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "emit/internal.h"

#define NR_MASK UINT64_C(0xffffffff)
#define NR_NOBODY 0x3fffffffu /* a number that no kernel has, below x32's */

/* What one part answers. */
struct part {
        uint32_t abis;                /* bit n: it lists the ABI with index n */
        sc_node nodes[SC_ABI_MAX];    /* by architecture of the machine: over SC_WORD_NR and arguments */
        const struct sc_profile *profile; /* NULL: a policy, or no filter */
};

struct combiner {
        struct emit *e;
        const struct sc_emit_combination *from;
        const struct sc_abi *family[SC_ABI_MAX]; /* what the machine can run, its own first */
        size_t n_family;
        uint32_t archs[SC_ABI_MAX]; /* of the family, each once */
        size_t n_archs;
        struct part *parts;
        sc_node wanted[SC_ABI_MAX]; /* by architecture */
};

static uint32_t bit_of(const struct sc_abi *abi)
{
        return UINT32_C(1) << abi->index;
}

static void find_family(struct combiner *c)
{
        const struct sc_abi *subs[SC_ABI_MAX];
        size_t n_subs = sc_abi_subordinates(c->from->native, subs);

        c->family[c->n_family++] = c->from->native;
        for (size_t i = 0; i < n_subs && c->n_family < SC_ABI_MAX; i++)
                c->family[c->n_family++] = subs[i];
        for (size_t i = 0; i < c->n_family; i++) {
                bool known = false;

                for (size_t k = 0; k < c->n_archs; k++)
                        known |= c->archs[k] == c->family[i]->audit_arch;
                if (!known)
                        c->archs[c->n_archs++] = c->family[i]->audit_arch;
        }
}

static sc_node policy_architecture(const struct combiner *c, const struct sc_policy *policy, uint32_t abis,
                                   uint32_t audit_arch)
{
        struct sc_decisions *d = c->e->d;
        sc_node low = sc_decision_leaf(d, SECCOMP_RET_KILL_THREAD), high = low;

        for (size_t i = 0; i < c->n_family; i++) {
                const struct sc_abi *abi = c->family[i];

                if (abi->audit_arch == audit_arch && abis & bit_of(abi))
                        *(audit_arch == AUDIT_ARCH_X86_64 && abi->nr_base == SC_ABI_X32_BIT ? &high : &low) =
                                sc_policy_decision_in(policy, d, abi, c->from->caps, c->from->kernel);
        }
        return audit_arch == AUDIT_ARCH_X86_64 ? emit_join_x32(d, low, high) : low;
}

static void read_policy(struct combiner *c, const struct sc_policy *policy, struct part *part)
{
        for (size_t i = 0; i < policy->n_abis; i++)
                part->abis |= bit_of(policy->abis[i]);
        for (size_t i = 0; i < c->n_archs; i++)
                part->nodes[i] = policy_architecture(c, policy, part->abis, c->archs[i]);
}

static void read_nothing(struct combiner *c, struct part *part)
{
        part->abis = UINT32_MAX;
        for (size_t i = 0; i < c->n_archs; i++)
                part->nodes[i] = sc_decision_leaf(c->e->d, SECCOMP_RET_ALLOW);
}

/* The numbers of one architecture that a rule can name, as a condition. */
static sc_node nameable(const struct combiner *c, uint32_t audit_arch)
{
        SC_CLEANUP(sc_freep) struct sc_entry *entries = calloc(2 * sc_syscall_count(), sizeof(*entries));
        sc_node yes = sc_decision_leaf(c->e->d, 1);
        size_t n = 0;

        if (!entries)
                return sc_decisions_fail(c->e->d, -ENOMEM);
        for (size_t a = 0; a < c->n_family; a++)
                for (size_t i = 0; i < sc_syscall_count() && c->family[a]->audit_arch == audit_arch; i++) {
                        uint32_t nr;

                        if (sc_syscall_number((int)i, c->family[a], &nr) &&
                            (sc_syscall_is_unfiltered(c->family[a], nr) ||
                             (sc_scmptable_knows(c->e->table, (int)i) &&
                              emit_reaches(c->e, (int)i, c->family[a]))))
                                entries[n++] = (struct sc_entry){ nr, yes };
                }
        qsort(entries, n, sizeof(*entries), sc_entry_compare);
        return sc_decision_map(c->e->d, SC_WORD_NR, entries, n, sc_decision_leaf(c->e->d, 0));
}

static bool kills(sc_action action)
{
        return sc_action_looseness(action) < sc_action_looseness(SECCOMP_RET_ERRNO);
}

/* `named` is an answer with all names known, `stubbed` with those of the target. */
static uint32_t combine_stub(uint32_t named, uint32_t stubbed)
{
        return stubbed == (SECCOMP_RET_ERRNO | ENOSYS) && kills(named) ? stubbed : named;
}

/*
 * With the newest names, runc's stub begins higher than it does for the target's libseccomp. Between the two, a default
 * that kills would be wanted of numbers without a name, for which runc cannot be made to kill: there the stub's ENOSYS
 * is what the profile gives.
 */
static int read_stub(struct combiner *c, const struct sc_profile *profile, struct sc_target target, struct part *part)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        int r;

        if (!arena)
                return -ENOMEM;
        target.table = c->e->table;
        r = sc_consumer_decide(arena, &target, profile, &c->from->reader, c->e->d, c->e->diags, &outcome);
        for (size_t i = 0; i < c->n_archs && r == 0; i++)
                part->nodes[i] = sc_decision_ite(
                        c->e->d, nameable(c, c->archs[i]), part->nodes[i],
                        sc_decision_apply(c->e->d, combine_stub, part->nodes[i],
                                          emit_at(c->e, outcome.node, SC_WORD_ARCH, c->archs[i])));
        return r;
}

static bool reads_docker_format(const struct sc_emit_part *from)
{
        return from->docker_format && from->profile->kind == SC_PROFILE_DOCKER;
}

static int read_profile(struct combiner *c, const struct sc_emit_part *from, struct part *part)
{
        const char *name = reads_docker_format(from) ? "docker" : "runc";
        const struct sc_target target = {
                .consumer = sc_consumer_find(name, strlen(name)),
                .native = c->from->native,
                .caps = c->from->caps,
                .kernel = c->from->kernel,
                .table = sc_scmptable_newest(),
        };
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new(); /* plans are large */
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        struct sc_plan plan;
        int r;

        if (!arena)
                return -ENOMEM;
        r = sc_consumer_plan(arena, &target, from->profile, c->e->diags, &plan);
        if (r < 0)
                return r;
        if (plan.unfiltered) {
                read_nothing(c, part);
                return 0;
        }
        part->profile = from->profile;
        for (size_t i = 0; i < plan.n_abis; i++)
                part->abis |= bit_of(plan.abis[i]);
        r = sc_consumer_decide(arena, &target, from->profile, &c->from->reader, c->e->d, c->e->diags, &outcome);
        for (size_t i = 0; i < c->n_archs && r == 0; i++)
                part->nodes[i] = emit_at(c->e, outcome.node, SC_WORD_ARCH, c->archs[i]);
        if (r == 0 && plan.stub && kills(plan.filter.default_action))
                r = read_stub(c, from->profile, target, part);
        return r;
}

/* A failed decision must not pass for one that is nowhere looser. */
static int check_nodes(const struct combiner *c, const sc_node *nodes)
{
        for (size_t i = 0; i < c->n_archs; i++)
                if (nodes[i] == SC_NODE_FAILED)
                        return sc_decisions_error(c->e->d) ? sc_decisions_error(c->e->d) : -ENOMEM;
        return sc_decisions_error(c->e->d);
}

static int read_parts(struct combiner *c)
{
        int r = 0;

        c->parts = sc_arena_array(c->e->arena, c->from->n_parts, sizeof(*c->parts));
        if (!c->parts)
                return -ENOMEM;
        for (size_t i = 0; i < c->from->n_parts && r == 0; i++) {
                const struct sc_emit_part *from = &c->from->parts[i];

                if (from->policy)
                        read_policy(c, from->policy, &c->parts[i]);
                else if (from->profile)
                        r = read_profile(c, from, &c->parts[i]);
                else
                        read_nothing(c, &c->parts[i]);
        }
        for (size_t i = 0; i < c->from->n_parts && r == 0; i++)
                r = check_nodes(c, c->parts[i].nodes);
        return r;
}

static uint32_t combine_strictest(uint32_t a, uint32_t b)
{
        return sc_action_looseness(a) < sc_action_looseness(b) ? a : b;
}

static uint32_t combine_loosest(uint32_t a, uint32_t b)
{
        return sc_action_looseness(a) > sc_action_looseness(b) ? a : b;
}

/* The ABIs of the result; the target may not know them all. */
static int choose_abis(struct combiner *c)
{
        const struct sc_abi **abis = sc_arena_array(c->e->arena, SC_ABI_MAX, sizeof(const struct sc_abi *));
        uint32_t all = UINT32_MAX;
        size_t n = 0;

        if (!abis)
                return -ENOMEM;
        for (size_t i = 0; i < c->from->n_parts; i++)
                all &= c->parts[i].abis;
        abis[n++] = c->from->native;
        for (size_t i = 1; i < c->n_family; i++)
                if (all & bit_of(c->family[i]))
                        abis[n++] = c->family[i];
        c->e->meaning.abis = abis;
        c->e->meaning.n_abis = n;
        return emit_one_machine(c->e);
}

static bool in_result(const struct combiner *c, uint32_t audit_arch, bool x32)
{
        const struct emit_machine *m = &c->e->machines[0];

        for (size_t i = 0; i < m->n_abis; i++)
                if (m->abis[i]->audit_arch == audit_arch && (m->abis[i]->nr_base == SC_ABI_X32_BIT) == x32)
                        return true;
        return false;
}

/* What the parts say together; on ABIs that the result does not list, any denial will do. */
static int combine_parts(struct combiner *c)
{
        sc_combine combine = c->from->unite ? combine_loosest : combine_strictest;
        struct sc_decisions *d = c->e->d;
        sc_node unlisted = sc_decision_leaf(d, EMIT_UNLISTED), all = unlisted;

        for (size_t i = 0; i < c->n_archs; i++) {
                sc_node node = c->parts[0].nodes[i];

                for (size_t k = 1; k < c->from->n_parts; k++)
                        node = sc_decision_apply(d, combine, node, c->parts[k].nodes[i]);
                if (!in_result(c, c->archs[i], false))
                        node = unlisted;
                else if (c->archs[i] == AUDIT_ARCH_X86_64 && !in_result(c, c->archs[i], true))
                        node = emit_join_x32(d, node, unlisted);
                c->wanted[i] = node;
                all = sc_decision_eq(d, SC_WORD_ARCH, NR_MASK, c->archs[i], node, all);
        }
        c->e->meaning.decision = all;
        return check_nodes(c, c->wanted);
}

/* True if `target` is somewhere on the n-th architecture looser than `policy`, where the kernel asks at all. */
static bool is_looser(const struct combiner *c, size_t n, sc_node policy, sc_node target)
{
        struct sc_decisions *d = c->e->d;
        sc_node relation = sc_decision_apply(d, emit_relate, policy, target), none = sc_decision_leaf(d, 0), looser;
        sc_node unlogged = sc_decision_where(d, relation, EMIT_UNLOGGED);
        struct sc_input in;

        looser = sc_decision_where(d, relation, EMIT_LOOSER);
        for (size_t i = 0; i < c->n_family; i++)
                for (size_t k = 0; k < sc_syscall_count() && c->family[i]->audit_arch == c->archs[n]; k++) {
                        uint32_t nr;

                        if (!sc_syscall_number((int)k, c->family[i], &nr))
                                continue;
                        if (sc_syscall_is_carrier((int)k)) /* what is written cannot always log there */
                                unlogged = sc_decision_eq(d, SC_WORD_NR, NR_MASK, nr, none, unlogged);
                        if (sc_syscall_is_unfiltered(c->family[i], nr)) {
                                unlogged = sc_decision_eq(d, SC_WORD_NR, NR_MASK, nr, none, unlogged);
                                looser = sc_decision_eq(d, SC_WORD_NR, NR_MASK, nr, none, looser);
                        }
                }
        return sc_decision_witness(d, looser, none, &in) || sc_decision_witness(d, unlogged, none, &in);
}

static size_t count_flags(const struct combiner *c, size_t part)
{
        const struct sc_policy *policy = c->from->parts[part].policy;
        const struct sc_profile *profile = c->parts[part].profile;

        return policy ? policy->n_flags : profile ? profile->flags.n : 0;
}

static const char *flag_at(const struct combiner *c, size_t part, size_t i)
{
        const struct sc_policy *policy = c->from->parts[part].policy;

        return policy ? policy->flags[i] : c->parts[part].profile->flags.items[i].text;
}

static bool has_flag(const struct combiner *c, size_t part, const char *flag)
{
        for (size_t i = 0; i < count_flags(c, part); i++)
                if (!strcmp(flag_at(c, part, i), flag))
                        return true;
        return false;
}

/*
 * Flags are restrictions or make no difference to what is allowed, and one part's hold for all; but SPEC_ALLOW takes a
 * protection away, so every part that is a filter must have it.
 */
static bool keeps_flag(const struct combiner *c, const char *flag)
{
        for (size_t i = 0; i < c->from->n_parts && !c->from->unite; i++)
                if ((c->from->parts[i].policy || c->parts[i].profile) && !has_flag(c, i, flag) &&
                    !strcmp(flag, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"))
                        return false;
        return true;
}

static bool listed(const char *const *flags, size_t n, const char *flag)
{
        for (size_t i = 0; i < n; i++)
                if (!strcmp(flags[i], flag))
                        return true;
        return false;
}

/* Gathers the flags of all parts. *ret_firsts: they are those of the first part. */
static int combine_flags(struct combiner *c, bool *ret_firsts)
{
        struct emit_meaning *m = &c->e->meaning;
        const char **flags;
        size_t max = 0;

        for (size_t i = 0; i < c->from->n_parts; i++)
                max += count_flags(c, i);
        flags = sc_arena_array(c->e->arena, max + 1, sizeof(*flags));
        if (!flags)
                return -ENOMEM;
        m->flags = flags;
        for (size_t i = 0; i < c->from->n_parts; i++)
                for (size_t k = 0; k < count_flags(c, i); k++)
                        if (!listed(flags, m->n_flags, flag_at(c, i, k)) && keeps_flag(c, flag_at(c, i, k)))
                                flags[m->n_flags++] = flag_at(c, i, k);
        *ret_firsts = true;
        for (size_t k = 0; k < m->n_flags; k++)
                *ret_firsts &= has_flag(c, 0, flags[k]);
        for (size_t k = 0; k < count_flags(c, 0); k++)
                *ret_firsts &= listed(flags, m->n_flags, flag_at(c, 0, k));
        return 0;
}

/*
 * What the first part would have to answer on the n-th architecture. ABIs that the result does not list are killed; but
 * runc's stub answers numbers above 0x80000000, of which only those with bit 30 are x32's.
 */
static sc_node wanted_of_first(const struct combiner *c, size_t n)
{
        sc_node kill = sc_decision_leaf(c->e->d, SECCOMP_RET_KILL_THREAD);
        bool lists_x32 = false;

        if (!in_result(c, c->archs[n], false))
                return kill;
        for (size_t i = 0; i < c->n_family; i++)
                lists_x32 |= c->family[i]->nr_base == SC_ABI_X32_BIT && c->parts[0].abis & bit_of(c->family[i]);
        if (c->archs[n] != AUDIT_ARCH_X86_64 || in_result(c, c->archs[n], true) || !lists_x32)
                return c->wanted[n];
        return emit_join_x32(c->e->d, c->wanted[n], kill);
}

/*
 * What a profile says is not what libseccomp makes of it: where rules with different actions overlap, where a name is
 * not known. A profile that stays is proven as one that is written: by the target's own path, for each of its
 * consumers. One that this path does not take, or not surely right, is written anew.
 */
static int prove_first(const struct combiner *c, const struct sc_consumer *consumer, bool *ret_strict)
{
        const struct sc_target target = {
                .consumer = consumer,
                .native = c->from->native,
                .caps = c->from->caps,
                .kernel = c->from->kernel,
                .table = c->e->table,
        };
        SC_CLEANUP(sc_diags_freep) struct sc_diags *unheard = sc_diags_new();
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        int r;

        if (!unheard || !arena)
                return -ENOMEM;
        r = sc_consumer_decide(arena, &target, c->parts[0].profile, &c->from->compiler, c->e->d, unheard, &outcome);
        *ret_strict = r == 0 && !outcome.unfiltered;
        for (size_t i = 0; i < c->n_archs && *ret_strict; i++)
                *ret_strict = !is_looser(c, i, wanted_of_first(c, i),
                                         emit_at(c->e, outcome.node, SC_WORD_ARCH, c->archs[i]));
        return r == -EBADMSG ? 0 : r;
}

static int prove_first_for_all(const struct combiner *c, bool *ret_strict)
{
        bool strict = true;
        int r = 0;

        if (reads_docker_format(&c->from->parts[0]))
                return prove_first(c, sc_consumer_find("docker", strlen("docker")), ret_strict);
        for (size_t i = 0; i < c->e->n_consumers && strict && r == 0; i++)
                r = prove_first(c, c->e->consumers[i], &strict);
        *ret_strict = strict;
        return r;
}

/* Whether the first part can stay as it is. */
static int first_will_do(const struct combiner *c, bool firsts_flags, bool *ret_stays)
{
        bool stays = firsts_flags;
        int r = 0;

        for (size_t i = 0; i < c->n_archs && stays; i++)
                stays = c->from->unite ? !is_looser(c, i, c->parts[0].nodes[i], c->wanted[i]) :
                                         !is_looser(c, i, wanted_of_first(c, i), c->parts[0].nodes[i]);
        if (stays && c->parts[0].profile && !c->from->unite)
                r = prove_first_for_all(c, &stays);
        if (r == 0)
                r = sc_decisions_error(c->e->d);
        *ret_stays = stays;
        return r;
}

static uint32_t combine_notify(uint32_t a, uint32_t b)
{
        return a == SECCOMP_RET_USER_NOTIF && b == SECCOMP_RET_USER_NOTIF;
}

/* True if the part notifies where the result does. */
static bool notifies(const struct combiner *c, const struct part *part)
{
        struct sc_decisions *d = c->e->d;
        sc_node none = sc_decision_leaf(d, 0);
        struct sc_input in;

        for (size_t i = 0; i < c->n_archs; i++)
                if (sc_decision_witness(d, sc_decision_apply(d, combine_notify, c->wanted[i], part->nodes[i]), none,
                                        &in))
                        return true;
        return false;
}

static bool same_text(const char *a, const char *b)
{
        return a && b ? !strcmp(a, b) : a == b;
}

/* A filter has one listener. */
static int choose_listener(struct combiner *c)
{
        struct emit_meaning *m = &c->e->meaning;

        for (size_t i = 0; i < c->from->n_parts; i++) {
                const struct sc_profile *profile = c->parts[i].profile;

                if (!profile || !profile->listener_path.text || !notifies(c, &c->parts[i]))
                        continue;
                if (m->listener_path && (!same_text(m->listener_path, profile->listener_path.text) ||
                                         !same_text(m->listener_metadata, profile->listener_metadata.text))) {
                        sc_diags_add(c->e->diags, SC_ERROR, "two-listeners", profile->listener_path.place,
                                     "calls are handed to this listener and to another one, and a filter has one only");
                        return -EBADMSG;
                }
                m->listener_path = profile->listener_path.text;
                m->listener_metadata = profile->listener_metadata.text;
        }
        return 0;
}

/*
 * The default is what a number gets that no kernel has, as a policy's `newer`. But it also answers what cannot be
 * named: calls that are newer than the target's libseccomp, numbers between two ABIs' calls. So it is no looser than
 * any of these; if that makes it another errno, then ENOSYS, which lets programs fall back.
 */
static int choose_default(struct combiner *c)
{
        struct sc_decisions *d = c->e->d;
        sc_node allow = sc_decision_leaf(d, SECCOMP_RET_ALLOW);
        sc_action def = emit_strictest(c->e, emit_at(c->e, c->wanted[0], SC_WORD_NR, NR_NOBODY));

        for (size_t i = 0; i < c->n_archs; i++) {
                sc_node rest = sc_decision_ite(d, nameable(c, c->archs[i]), allow, c->wanted[i]);
                sc_action strictest;

                if (rest == SC_NODE_FAILED)
                        return sc_decisions_error(d) ? sc_decisions_error(d) : -ENOMEM;
                if (!in_result(c, c->archs[i], false))
                        continue;
                if (c->archs[i] == AUDIT_ARCH_X86_64 && !in_result(c, c->archs[i], true))
                        rest = emit_join_x32(d, rest, allow);
                strictest = emit_strictest(c->e, rest);
                if (sc_action_looseness(strictest) < sc_action_looseness(def))
                        def = (strictest & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO ? SECCOMP_RET_ERRNO | ENOSYS :
                                                                                            strictest;
        }
        c->e->meaning.newer = def;
        return sc_decisions_error(d);
}

static int combine(struct combiner *c)
{
        bool firsts_flags = false, stays = false;
        int r;

        find_family(c);
        emit_find_consumers(c->e);
        r = read_parts(c);
        if (r == 0)
                r = choose_abis(c);
        if (r == 0)
                r = combine_parts(c);
        if (r == 0)
                r = combine_flags(c, &firsts_flags);
        if (r == 0)
                r = first_will_do(c, firsts_flags, &stays);
        if (r == 0 && stays)
                return 1;
        if (r == 0)
                r = choose_listener(c);
        if (r == 0)
                r = choose_default(c);
        return r ? r : emit_target(c->e);
}

int sc_emit_combine(struct sc_arena *arena, const struct sc_emit_combination *combination, struct sc_diags *diags,
                    struct sc_emit_result *ret_result)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_EMIT_NODES_MAX);
        const struct sc_emit_request request = {
                .format = sc_emit_format_find("oci", 3),
                .caps = combination->caps,
                .kernel_given = true,
                .kernel = combination->kernel,
                .table = combination->table,
                .compiler = combination->compiler,
                .style = combination->style,
        };
        struct emit *e = sc_arena_alloc(arena, sizeof(*e));
        struct combiner c = { .e = e, .from = combination };
        int r;

        if (!d || !e)
                return -ENOMEM;
        *e = (struct emit){ .arena = arena, .request = &request, .d = d, .diags = diags,
                            .meaning = { .name = "combination" } };
        r = combine(&c);
        return r ? r : emit_finish(e, ret_result);
}

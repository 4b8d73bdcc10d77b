/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison, and what may differ: from docs/policy-language.md and docs/consumers.md, not from pkg/emit. */
#include "verify.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"

#define X32_BIT 0x40000000u
#define NR_SKIP 0xffffffffu
#define ENOSYS_ANSWER (SECCOMP_RET_ERRNO | ENOSYS)

const char *const limit_names[LIMIT_COUNT] = {
        "exact", "unlisted ABI", "no name", "default errno not read", "runc's stub", "multiplexer, other denial",
        "multiplexer, default permits",
};

static uint32_t default_of(const struct scene *s)
{
        uint32_t newer = s->policy->newer, kind = newer & SECCOMP_RET_ACTION_FULL;

        if ((kind == SECCOMP_RET_ERRNO || kind == SECCOMP_RET_TRACE) && !s->consumer->reads_default_errno)
                return kind | EPERM;
        return newer;
}

bool scene_nameable(const struct scene *s, const struct sc_abi *abi, int call)
{
        uint32_t subcall;

        if (call < 0 || !sc_scmptable_knows(s->table, call))
                return false;
        if (abi->multiplexed && sc_syscall_carrier(call, &subcall) >= 0)
                return true; /* libseccomp gives it a pseudo number and finds its own way */
        /* 2.5.4 knows the name map_shadow_stack and no number for it on x32 */
        return sc_scmp_number(sc_syscall_name(call), abi) >= 0;
}

/* Above this, runc's stub cuts off. A call that libseccomp reaches through a multiplexer has no number for runc. */
static uint32_t highest(const struct scene *s, const struct sc_abi *abi)
{
        uint32_t max = 0, nr, subcall;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                if (!scene_nameable(s, abi, (int)i) || !sc_syscall_number((int)i, abi, &nr) || nr <= max)
                        continue;
                if (abi->multiplexed && sc_syscall_carrier((int)i, &subcall) >= 0)
                        continue;
                if (naive_call(s->policy, abi, (int)i, s->env) != s->def)
                        max = nr;
        }
        return max;
}

void scene_prepare(struct scene *s)
{
        s->def = default_of(s);
        for (size_t i = 0; i < s->n_abis; i++)
                s->highest[s->abis[i]->index] = highest(s, s->abis[i]);
        s->n_interesting = 0;
        for (size_t i = 0; i < sc_syscall_count() && s->n_interesting < SC_COUNT(s->interesting); i++)
                if (naive_names(s->policy, (int)i))
                        s->interesting[s->n_interesting++] = (int)i;
}

static const struct sc_abi *owner(const struct scene *s, uint32_t arch, uint32_t nr)
{
        for (size_t i = 0; i < s->n_abis; i++)
                if (s->abis[i]->audit_arch == arch && sc_abi_owns(s->abis[i], nr))
                        return s->abis[i];
        return NULL;
}

/* x86_64 and x32 are told apart by bit 30 alone. */
bool scene_stubbed(const struct scene *s, uint32_t arch, uint32_t nr)
{
        uint32_t def = s->def & SECCOMP_RET_ACTION_FULL;

        if (!s->consumer->enosys_stub || naive_permits(def) || def == SECCOMP_RET_TRACE)
                return false;
        for (size_t i = 0; i < s->n_abis; i++) {
                const struct sc_abi *abi = s->abis[i];
                uint32_t max = s->highest[abi->index];

                if (abi->audit_arch != arch || max == 0)
                        continue;
                if (arch == AUDIT_ARCH_X86_64 && !(nr & X32_BIT) != !(abi->nr_base & X32_BIT))
                        continue;
                if (nr > max || (nr == 0 && (arch == AUDIT_ARCH_S390 || arch == AUDIT_ARCH_S390X)))
                        return true;
        }
        return false;
}

/*
 * Whether libseccomp may open or close a multiplexer so for its first argument: by the rule for the call that this
 * stands for, if there is one. A rule by name holds on all ABIs of the filter: the answer on any that has the call
 * counts.
 */
static bool subcall_agrees(const struct scene *s, const struct sc_abi *abi, int carrier, uint64_t arg0, uint32_t got)
{
        uint64_t asked = abi->word_bits == 32 ? (uint32_t)arg0 : arg0;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                uint32_t subcall, nr;

                if (sc_syscall_carrier((int)i, &subcall) != carrier || subcall != asked ||
                    !scene_nameable(s, abi, (int)i))
                        continue;
                for (size_t k = 0; k < s->n_abis; k++)
                        if ((s->abis[k] == abi || sc_syscall_number((int)i, s->abis[k], &nr)) &&
                            naive_call(s->policy, s->abis[k], (int)i, s->env) == got)
                                return true;
                return false;
        }
        return got == s->def;
}

/* A multiplexer that would get the profile's default: runtimes skip a rule that repeats it. */
static bool carrier_agrees(const struct scene *s, const struct sc_abi *abi, int carrier, uint64_t arg0, uint32_t got,
                           enum limit *ret_limit)
{
        if (naive_permits(s->def)) {
                *ret_limit = LIMIT_CARRIER_LOG;
                return subcall_agrees(s, abi, carrier, arg0, got);
        }
        *ret_limit = LIMIT_CARRIER_ERRNO;
        return naive_looseness(got) <= naive_looseness(s->def) &&
               naive_looseness(got) <= naive_looseness(SECCOMP_RET_ERRNO);
}

/*
 * A call that is to get another answer than the default is named, so the stub leaves it alone: but number 0 on s390,
 * and what runc does not count, since libseccomp reaches it through a multiplexer too.
 */
static bool stub_reaches(const struct scene *s, const struct sc_abi *abi, uint32_t nr, uint32_t wanted)
{
        int call = sc_syscall_by_number(abi, nr);
        uint32_t subcall;

        return !scene_nameable(s, abi, call) || wanted == s->def || nr == 0 ||
               (abi->multiplexed && sc_syscall_carrier(call, &subcall) >= 0);
}

bool scene_agrees(const struct scene *s, uint32_t arch, uint32_t nr, const uint64_t args[6], uint32_t got,
                  uint32_t *ret_wanted, enum limit *ret_limit)
{
        const struct sc_abi *abi = owner(s, arch, nr);
        uint32_t wanted = abi ? naive_number(s->policy, abi, nr, s->env) : SECCOMP_RET_KILL_THREAD;
        int call = abi ? sc_syscall_by_number(abi, nr) : -1;

        *ret_wanted = wanted;
        *ret_limit = abi ? LIMIT_NONE : LIMIT_UNLISTED;
        if (got == wanted)
                return true;
        if (got == ENOSYS_ANSWER && scene_stubbed(s, arch, nr)) {
                *ret_limit = LIMIT_STUB;
                return !abi || (stub_reaches(s, abi, nr, wanted) && naive_looseness(got) <= naive_looseness(wanted));
        }
        if (!abi)
                return false;
        if (!scene_nameable(s, abi, call)) {
                *ret_limit = call < 0 ? LIMIT_NO_ERRNO : LIMIT_UNNAMED;
                return got == s->def && naive_looseness(got) <= naive_looseness(wanted);
        }
        if (abi->multiplexed && sc_syscall_is_carrier(call) && wanted == s->def)
                return carrier_agrees(s, abi, call, args[0], got, ret_limit);
        return false;
}

/* Numbers that mean something to somebody. */
static const uint32_t boundaries[] = {
        0, 1, 335, 336, 400, 512, 600, 1023, 3999, 4999, 5999, 0xf0001, 0xf0005, 0x3fffffff,
        X32_BIT, X32_BIT | 400, X32_BIT | 520, X32_BIT | 600,
        0x7fffffff, 0x80000000u, 0x80000001u, 0xbfffffffu, 0xc0000000u, NR_SKIP - 1, NR_SKIP,
};

static uint64_t random_arg(struct rng *rng)
{
        switch (rng_below(rng, 6)) {
        case 0:
                return 0;
        case 1:
                return rng_below(rng, 32);
        case 2:
                return rng_below(rng, 32) | rng_next(rng) << 32; /* what a 32-bit parameter does not see */
        case 3:
                return UINT64_MAX;
        case 4:
                return 0x10000 + rng_below(rng, 32); /* ipc's version bits */
        default:
                return rng_next(rng);
        }
}

static uint32_t random_number(const struct scene *s, const struct sc_abi *abi, struct rng *rng)
{
        size_t r = rng_below(rng, 100);
        uint32_t nr;

        if (r < 45 && s->n_interesting && sc_syscall_number(s->interesting[rng_below(rng, s->n_interesting)], abi, &nr))
                return r < 30 ? nr : nr - 1 + 2 * (uint32_t)rng_below(rng, 2);
        if (r < 70 && sc_syscall_number((int)rng_below(rng, sc_syscall_count()), abi, &nr))
                return nr;
        if (r < 78 && sc_syscall_number(sc_syscall_find("socketcall", 10), abi, &nr))
                return nr;
        if (r < 83 && sc_syscall_number(sc_syscall_find("ipc", 3), abi, &nr))
                return nr;
        if (r < 88)
                return abi->nr_base + (uint32_t)rng_below(rng, 700);
        return r < 96 ? boundaries[rng_below(rng, SC_COUNT(boundaries))] : (uint32_t)rng_next(rng);
}

void scene_input(const struct scene *s, struct rng *rng, uint32_t *ret_arch, uint32_t *ret_nr, uint64_t args[6])
{
        const struct sc_abi *abi = s->abis[rng_below(rng, s->n_abis)];

        if (rng_percent(rng, 4)) /* an ABI that may not be in the filter at all */
                abi = sc_abi_at(rng_below(rng, sc_abi_count()));
        *ret_arch = rng_below(rng, 200) ? abi->audit_arch : (uint32_t)rng_next(rng);
        *ret_nr = random_number(s, abi, rng);
        for (size_t i = 0; i < 6; i++)
                args[i] = random_arg(rng);
}

struct check {
        const struct scene *scene;
        const struct sc_bpf_program *program;
        struct tally *tally;
        struct difference *difference;
};

/* Returns 0, or 1 if the program's answer is not allowed. */
static int check_input(const struct check *c, uint32_t arch, uint32_t nr, const uint64_t args[6])
{
        struct sc_bpf_data data = sc_bpf_data_make(arch, nr, args, c->program->big_endian);
        uint32_t got = sc_bpf_run(c->program, &data), wanted;
        enum limit limit;

        c->tally->inputs++;
        if (scene_agrees(c->scene, arch, nr, args, got, &wanted, &limit)) {
                c->tally->limits[limit]++;
                return 0;
        }
        *c->difference = (struct difference){
                .consumer = c->scene->consumer, .native = c->scene->native, .env = c->scene->env,
                .arch = arch, .nr = nr, .wanted = wanted, .got = got,
        };
        memcpy(c->difference->args, args, sizeof(c->difference->args));
        return 1;
}

static int check_all_calls(const struct check *c, struct rng *rng)
{
        const struct scene *s = c->scene;
        int r = 0;

        for (size_t i = 0; i < s->n_abis; i++)
                for (size_t k = 0; k < sc_syscall_count() && r == 0; k++) {
                        uint64_t args[6] = { rng_below(rng, 26), random_arg(rng) };
                        uint32_t nr;

                        if (sc_syscall_number((int)k, s->abis[i], &nr))
                                r = check_input(c, s->abis[i]->audit_arch, nr, args);
                }
        return r;
}

static int check_program(const struct check *c, size_t inputs, bool sweep, struct rng *rng)
{
        int r = sweep ? check_all_calls(c, rng) : 0;

        for (size_t i = 0; i < inputs && r == 0; i++) {
                uint32_t arch, nr;
                uint64_t args[6];

                scene_input(c->scene, rng, &arch, &nr, args);
                r = check_input(c, arch, nr, args);
        }
        return r;
}

int scene_program(const struct scene *s, const char *text, size_t len, struct sc_bpf_program *ret_program)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_EMIT_NODES_MAX);
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_source source = { .name = "<built>", .text = text, .len = len };
        const struct sc_target target = { .consumer = s->consumer, .native = s->native, .caps = s->env.caps,
                                          .kernel = s->env.kernel, .table = s->table };
        const struct sc_json *root;
        struct sc_profile *profile;
        struct sc_bpf_fault fault;
        int r;

        if (!arena || !diags || !d)
                return -ENOMEM;
        r = sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root);
        if (r == 0)
                r = sc_profile_read(arena, root, diags, &profile);
        if (r == 0)
                r = sc_consumer_decide(arena, &target, profile, &s->compiler, d, diags, &outcome);
        if (r != 0 || outcome.unfiltered || sc_bpf_check(&outcome.program, &fault) < 0)
                return r < 0 ? r : -EPROTO;
        *ret_program = outcome.program;
        outcome.program.insns = NULL;
        return 0;
}

int verify(const struct scene *s, const char *text, size_t len, size_t inputs, bool sweep, struct rng *rng,
           struct tally *tally, struct difference *ret_difference)
{
        struct sc_bpf_program program;
        int r = scene_program(s, text, len, &program);

        if (r < 0)
                return r;
        tally->programs++;
        r = check_program(&(struct check){ s, &program, tally, ret_difference }, inputs, sweep, rng);
        free((void *)(uintptr_t)program.insns);
        return r;
}

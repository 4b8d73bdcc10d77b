/* SPDX-License-Identifier: Apache-2.0 */
/* A trial, and whether a refusal is the policy's own doing: worked out by the naive evaluator. */
#include "trial.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"

#define EXPLAIN_TRIES 64 /* environments in which the reason for a refusal is looked for */
#define SCENES_MAX 3 /* environments that one Docker profile is tried in on each machine */

/* What one trial has at hand. */
struct stage {
        struct trial *t;
        struct rng rng;
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct setting set;
};

bool trial_applies(const struct naive_policy *p, const struct sc_emit_format *format)
{
        if (strcmp(format->name, "docker@20.10") != 0)
                return true;
        for (size_t i = 0; i < p->n_abis; i++)
                if (!strcmp(p->abis[i]->name, "riscv64"))
                        return false;
        return true;
}

/* True if a call that the target can name is answered differently on two ABIs of one filter, in some environment. */
static bool explains_split(struct stage *s, const struct scene *scene)
{
        struct naive_env envs[256];
        size_t n = generate_envs(&s->rng, s->t->policy, envs, SC_COUNT(envs));

        if (!s->set.consumer->docker_format) {
                envs[0] = s->set.env;
                n = 1;
        }
        for (size_t e = 0; e < n; e++)
                for (size_t call = 0; call < sc_syscall_count(); call++) {
                        uint32_t first = 0, nr;
                        bool seen = false;

                        for (size_t i = 0; i < scene->n_abis; i++) {
                                uint32_t here;

                                if (!sc_syscall_number((int)call, scene->abis[i], &nr))
                                        continue;
                                here = naive_call(s->t->policy, scene->abis[i], (int)call, envs[e]);
                                if (seen && here != first)
                                        return true;
                                first = here;
                                seen = true;
                        }
                }
        return false;
}

/* True if a call gets an answer that is looser than its own. */
static bool undercut(const struct scene *s, const struct sc_abi *abi, int call, uint32_t nr)
{
        unsigned wanted = naive_looseness(naive_call(s->policy, abi, call, s->env));
        uint32_t subcall;

        if (!scene_nameable(s, abi, call))
                return wanted < naive_looseness(s->def);
        /* the stub does not count carried calls, and takes number 0 on s390 */
        return (nr == 0 || (abi->multiplexed && sc_syscall_carrier(call, &subcall) >= 0)) &&
               scene_stubbed(s, abi->audit_arch, nr) && wanted < naive_looseness(SECCOMP_RET_ERRNO);
}

/* True if some number must get more than the target can give it: the default, or the stub's ENOSYS, is looser. */
static bool explains_looser(const struct scene *s)
{
        for (size_t i = 0; i < s->n_abis; i++) {
                const struct sc_abi *abi = s->abis[i];
                uint32_t nr = (abi->nr_base & 0x40000000u) + 0x3ffffff0u;

                if (scene_stubbed(s, abi->audit_arch, nr) &&
                    naive_looseness(s->policy->newer) < naive_looseness(SECCOMP_RET_ERRNO))
                        return true;
                for (size_t call = 0; call < sc_syscall_count(); call++)
                        if (sc_syscall_number((int)call, abi, &nr) && undercut(s, abi, (int)call, nr))
                                return true;
        }
        return false;
}

/* True if some ABI answers the call otherwise than by the default; the rule that says so holds on all. */
static bool has_rule(const struct scene *s, int call)
{
        for (size_t i = 0; i < s->n_abis; i++)
                if (naive_call(s->policy, s->abis[i], call, s->env) != s->def)
                        return true;
        return false;
}

/*
 * True if all rules on some ABI are for calls that only a multiplexer reaches. Without its binary tree, libseccomp
 * 2.5.4 then forgets to load the number and compares the architecture with it, so none of these rules ever matches; the
 * proof finds that, and nothing is written.
 */
static bool explains_failure(const struct scene *s)
{
        for (size_t i = 0; i < s->n_abis; i++) {
                const struct sc_abi *abi = s->abis[i];
                size_t carried = 0, others = 0;

                for (size_t call = 0; call < sc_syscall_count() && abi->multiplexed; call++) {
                        uint32_t nr;

                        if (!scene_nameable(s, abi, (int)call) || !has_rule(s, (int)call))
                                continue;
                        others += sc_syscall_number((int)call, abi, &nr);
                        carried += sc_syscall_carrier((int)call, &nr) >= 0;
                }
                if (carried && !others)
                        return true;
        }
        return false;
}

static bool explained(struct stage *s, const char *rule)
{
        const struct naive_policy *p = s->t->policy;

        for (size_t i = 0; i < p->n_abis; i++)
                for (size_t c = 0; c < SC_EMIT_CONSUMERS_MAX && s->t->format->consumers[c]; c++) {
                        const char *name = s->t->format->consumers[c];
                        struct scene scene = setting_scene(&s->set, sc_consumer_find(name, strlen(name)), p->abis[i]);

                        if (!strcmp(rule, "splits-abis") && explains_split(s, &scene))
                                return true;
                        for (size_t k = 0; k < EXPLAIN_TRIES; k++) {
                                if (s->set.consumer->docker_format)
                                        generate_envs(&s->rng, p, &scene.env, 1);
                                scene_prepare(&scene);
                                if (!strcmp(rule, "looser") && explains_looser(&scene))
                                        return true;
                                if (!strcmp(rule, "proof-failed") && explains_failure(&scene))
                                        return true;
                        }
                }
        return false;
}

static enum outcome refused(struct stage *s, int error)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(s->diags, &n);

        if (error != -EBADMSG)
                return OUTCOME_FAILED;
        for (size_t i = 0; i < n; i++) {
                if (all[i]->severity != SC_ERROR)
                        continue;
                s->t->refusal = all[i]->rule;
                sc_diag_format(all[i], &s->t->message);
                return explained(s, all[i]->rule) ? OUTCOME_REFUSED : OUTCOME_UNEXPLAINED;
        }
        return OUTCOME_FAILED;
}

/* One machine, consumer and environment. */
static int play(struct stage *s, struct scene *scene, const struct sc_emit_result *built, size_t inputs, bool sweep)
{
        scene_prepare(scene);
        return verify(scene, built->text, built->len, inputs, sweep, &s->rng, &s->t->tally, &s->t->difference);
}

static int play_docker(struct stage *s, const struct sc_emit_result *built)
{
        const struct naive_policy *p = s->t->policy;
        struct naive_env envs[SCENES_MAX];
        size_t heads = 0, n = generate_envs(&s->rng, p, envs, SC_COUNT(envs));
        int r = 0;

        for (size_t i = 0; i < p->n_abis; i++)
                heads += sc_abi_is_family(p->abis[i]);
        for (size_t i = 0; i < p->n_abis && r == 0; i++) {
                if (!sc_abi_is_family(p->abis[i]))
                        continue;
                for (size_t e = 0; e < n && r == 0; e++) {
                        struct scene scene = setting_scene(&s->set, s->set.consumer, p->abis[i]);

                        scene.env = envs[e];
                        r = play(s, &scene, built, s->t->inputs / (heads * n) + 1, e == 0);
                }
        }
        return r;
}

static int play_plain(struct stage *s, const struct sc_emit_result *built)
{
        const char *const *names = s->t->format->consumers;
        size_t n = 0;
        int r = 0;

        while (n < SC_EMIT_CONSUMERS_MAX && names[n])
                n++;
        for (size_t i = 0; i < n && r == 0; i++) {
                struct scene scene =
                        setting_scene(&s->set, sc_consumer_find(names[i], strlen(names[i])), s->set.abis[0]);

                r = play(s, &scene, built, s->t->inputs / n + 1, true);
        }
        return r;
}

static enum outcome build_and_play(struct stage *s)
{
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        int r = sc_emit_build(s->arena, &s->set.request, s->diags, &built);

        if (r < 0)
                return refused(s, r);
        s->t->insns = built.insns_max;
        r = s->set.consumer->docker_format ? play_docker(s, &built) : play_plain(s, &built);
        return r == 0 ? OUTCOME_AGREES : r > 0 ? OUTCOME_DIFFERS : OUTCOME_FAILED;
}

enum outcome trial_run(struct trial *t)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct stage s = { .t = t, .rng = rng_for(t->seed, 0), .arena = arena, .diags = diags };
        enum outcome outcome = OUTCOME_FAILED;
        int r = -ENOMEM;

        naive_write(t->policy, &text);
        if (arena && diags && !text.failed) {
                setting_choose(&s.set, t->policy, t->format, t->compiler, &s.rng);
                r = sc_policy_load(arena, "random.jsonc", text.text, text.len, NULL, diags, &s.set.request.policy);
                outcome = r < 0 ? refused(&s, r) : build_and_play(&s);
        }
        sc_strbuf_done(&text);
        return outcome;
}

void trial_done(struct trial *t)
{
        sc_strbuf_done(&t->message);
}

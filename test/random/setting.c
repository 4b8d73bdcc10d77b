/* SPDX-License-Identifier: Apache-2.0 */
/* Docker's format is for all machines and environments; the others are for one family, or some, and one environment. */
#include "setting.h"

#include <string.h>

static bool has_condition(const struct naive_policy *p, enum naive_cond_kind kind)
{
        for (size_t i = 0; i < p->n_conds; i++)
                if (p->conds[i].kind == kind)
                        return true;
        return false;
}

static const struct sc_abi *random_head(const struct setting *s, struct rng *rng)
{
        const struct naive_policy *p = s->policy;
        const struct sc_abi *heads[SC_ABI_MAX];
        size_t n = 0;

        for (size_t i = 0; i < p->n_abis; i++)
                if (sc_abi_is_family(p->abis[i]))
                        heads[n++] = p->abis[i];
        return n ? heads[rng_below(rng, n)] : p->abis[0];
}

/*
 * The ABIs that a plain profile is for: one family of the policy's, or now and then all of its little-endian ones in
 * one file. A condition on `arch` that tells families apart cannot be said in such a file.
 */
static void choose_abis(struct setting *s, struct rng *rng)
{
        const struct naive_policy *p = s->policy;
        const struct sc_abi *head = random_head(s, rng);
        bool mixed = !has_condition(p, NAIVE_ARCH) && rng_percent(rng, 15);

        for (size_t i = 0; i < p->n_abis; i++)
                if (sc_abi_in_family(p->abis[i], head) || (mixed && p->abis[i]->big_endian == head->big_endian))
                        s->abis[s->request.n_abis++] = p->abis[i];
}

void setting_choose(struct setting *s, const struct naive_policy *policy, const struct sc_emit_format *format,
                    struct sc_scmp_compiler compiler, struct rng *rng)
{
        const char *consumer = format->consumers[0];

        *s = (struct setting){ .policy = policy, .request = { .format = format, .compiler = compiler } };
        s->consumer = sc_consumer_find(consumer, strlen(consumer));
        generate_envs(rng, policy, &s->env, 1);
        if (s->consumer->docker_format)
                return;
        choose_abis(s, rng);
        s->request.abis = s->abis;
        s->request.caps = s->env.caps;
        s->request.kernel = s->env.kernel;
        s->request.kernel_given = has_condition(policy, NAIVE_KERNEL) || rng_percent(rng, 30);
}

struct scene setting_scene(const struct setting *s, const struct sc_consumer *consumer, const struct sc_abi *native)
{
        struct scene scene = { .policy = s->policy, .consumer = consumer, .native = native, .env = s->env,
                               .compiler = s->request.compiler };
        const struct naive_policy *p = s->policy;
        const char *table = s->consumer->scmptable;

        scene.table = sc_scmptable_find(table, strlen(table));
        if (!s->consumer->docker_format) {
                scene.n_abis = s->request.n_abis;
                memcpy(scene.abis, s->abis, sizeof(scene.abis));
                return scene;
        }
        for (size_t i = 0; i < p->n_abis; i++)
                if (sc_abi_in_family(p->abis[i], native))
                        scene.abis[scene.n_abis++] = p->abis[i];
        return scene;
}

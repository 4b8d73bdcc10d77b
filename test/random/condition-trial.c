/* SPDX-License-Identifier: Apache-2.0 */
/* A case's way through the library, and whether a refusal is one that the documents name. */
#include "condition-trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "decision/cover.h"
#include "policy/policy.h"
#include "verify.h"

#define FORM_MAX 400    /* docs/architecture.md: rules of one call */
#define COVER_MAX 20000
#define SHRINK_MAX 2000 /* tries */

const char *const cond_outcome_names[COND_OUTCOMES] = {
        "agrees", "language", "high word", "elsewhere", "too many rules", "too large", "unexplained", "differs",
        "failed", "hung",
};

/* What docs/policy-language.md says of conditions that cannot be meant, and of rules that decide nothing. */
static const char *const language[] = {
        "always-true", "always-false", "constant-too-wide", "empty-range", "never-matches", "unreachable-rule",
};

static bool refused_by_language(const char *rule)
{
        for (size_t i = 0; i < SC_COUNT(language); i++)
                if (!strcmp(rule, language[i]))
                        return true;
        return false;
}

static void note_refusal(struct cond_trial *t, const struct sc_diags *diags)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n && !t->refusal; i++)
                if (all[i]->severity == SC_ERROR) {
                        t->refusal = all[i]->rule;
                        sc_diag_format(all[i], &t->message);
                }
}

/* True if some atom looks at more than the lower half of a register, which is all that 32-bit ABIs and x32 show. */
static bool looks_high(const struct cond_trial *t)
{
        const struct sc_abi *abis[COND_ABIS_MAX];
        size_t n = cond_callable(t->c, abis);

        for (size_t i = 0; i < n; i++)
                for (int k = 0; k < t->c->n_nodes; k++) {
                        struct cond_spot spot;

                        if (t->c->nodes[k].kind >= COND_COMPARE && cond_locate(t->c, &t->c->nodes[k], abis[i], &spot) &&
                            spot.bits > 32)
                                return true;
                }
        return false;
}

static bool values_differ(const struct cond_value *value, const struct sc_abi *const abis[COND_ABIS_MAX], unsigned bits)
{
        return value->kind == COND_NAMED &&
               cond_value_on(value, abis[0], bits) != cond_value_on(value, abis[1], bits);
}

/* True if a constant of the atom has another value on the other ABI: FS_IOC_SETFLAGS has the size of a long in it. */
static bool constants_differ(const struct cond_node *atom, const struct sc_abi *const abis[COND_ABIS_MAX],
                             unsigned bits)
{
        bool differ = atom->masked && values_differ(&atom->mask, abis, bits);

        if (atom->kind == COND_COMPARE)
                differ |= values_differ(&atom->value, abis, bits);
        for (size_t i = 0; i < atom->n_ranges && atom->kind == COND_IN; i++)
                differ |= values_differ(&atom->first[i], abis, bits);
        return differ;
}

/*
 * True if an argument is in other registers on the other ABI, has other bits there (the 16 of x86's old setuid), or is
 * compared with another value.
 */
static bool looks_elsewhere(const struct cond_trial *t)
{
        const struct sc_abi *abis[COND_ABIS_MAX];

        if (cond_callable(t->c, abis) < 2)
                return false;
        for (int k = 0; k < t->c->n_nodes; k++) {
                const struct cond_node *atom = &t->c->nodes[k];
                struct cond_spot a, b;

                if (atom->kind < COND_COMPARE || !cond_locate(t->c, atom, abis[0], &a) ||
                    !cond_locate(t->c, atom, abis[1], &b))
                        continue;
                if (a.split != b.split || a.low != b.low || a.bits != b.bits || constants_differ(atom, abis, a.bits))
                        return true;
        }
        return false;
}

/* The action whose region is counted. */
static uint32_t is_same(uint32_t a, uint32_t b)
{
        return a == b;
}

/* The rules of the form of docs/architecture.md for one ABI alone, without writing any. */
static size_t count_cubes(const struct cond_trial *t, const struct sc_policy *policy, const struct sc_abi *abi)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_EMIT_NODES_MAX);
        static const uint32_t actions[] = { 0x7fff0000, 0x50001, 0x5000d, 0x50026 };
        size_t sum = 0, largest = 0;
        sc_node node;

        if (!d)
                return 0;
        node = sc_decision_fix(d, sc_policy_call(policy, d, abi, t->c->call), SC_WORD_CAPS, t->c->caps);
        for (size_t i = 0; i < SC_COUNT(actions); i++) {
                struct sc_path *cubes = NULL;
                size_t n = 0;
                sc_node here = sc_decision_apply(d, is_same, node, sc_decision_leaf(d, actions[i]));

                if (sc_decision_cover(d, here, COVER_MAX, &cubes, &n) < 0)
                        n = COVER_MAX;
                free(cubes);
                if (t->c->shape != COND_JUDGED && actions[i] == cond_default(t->c))
                        continue;
                sum += n;
                largest = n > largest ? n : largest;
        }
        return t->c->shape == COND_JUDGED ? sum - largest : sum;
}

static enum cond_outcome explain(struct cond_trial *t, const struct sc_policy *policy)
{
        const struct sc_abi *abis[COND_ABIS_MAX];
        size_t n = cond_callable(t->c, abis);

        if (t->refusal && !strcmp(t->refusal, "filter-too-large"))
                return COND_TOO_LARGE;
        if (!t->refusal || strcmp(t->refusal, "unsayable") != 0)
                return COND_UNEXPLAINED;
        for (size_t i = 0; i < n; i++)
                if (count_cubes(t, policy, abis[i]) > FORM_MAX)
                        return COND_TOO_MANY;
        if (t->c->n_abis > 1 && looks_high(t))
                return COND_HIGH_WORD;
        return looks_elsewhere(t) ? COND_ELSEWHERE : COND_UNEXPLAINED;
}

int cond_trial_program(const struct cond_trial *t, struct sc_bpf_program *ret_program)
{
        const struct sc_consumer *runc = sc_consumer_find("runc", 4);
        const struct scene scene = {
                .consumer = runc,
                .table = sc_scmptable_find(runc->scmptable, strlen(runc->scmptable)),
                .native = t->c->abis[0],
                .env = { .caps = t->c->caps, .kernel = SC_KERNEL(6, 1) },
                .compiler = t->compiler,
        };

        return scene_program(&scene, t->text, strlen(t->text), ret_program);
}

static enum cond_outcome play_abi(struct cond_trial *t, const struct sc_bpf_program *program, const struct sc_abi *abi,
                                  struct rng *rng)
{
        struct cond_pool pool;
        uint32_t nr;

        sc_syscall_number(t->c->call, abi, &nr);
        cond_pool_fill(t->c, abi, &pool);
        for (size_t i = 0; i < t->inputs; i++, t->ran++) {
                struct sc_bpf_data data;
                uint64_t args[6];
                uint32_t wanted, got;

                cond_pool_input(&pool, rng, args);
                data = sc_bpf_data_make(abi->audit_arch, nr, args, abi->big_endian);
                wanted = cond_answer(t->c, abi, args);
                got = sc_bpf_run(program, &data);
                if (got == wanted)
                        continue;
                t->abi = abi;
                memcpy(t->args, args, sizeof(t->args));
                t->wanted = wanted;
                t->got = got;
                return COND_DIFFERS;
        }
        return COND_AGREES;
}

static enum cond_outcome play(struct cond_trial *t)
{
        const struct sc_abi *abis[COND_ABIS_MAX];
        size_t n = cond_callable(t->c, abis);
        struct rng rng = rng_for(t->seed, 0);
        struct sc_bpf_program program;
        enum cond_outcome outcome = COND_AGREES;

        if (cond_trial_program(t, &program) < 0)
                return COND_FAILED;
        for (size_t i = 0; i < n && outcome == COND_AGREES; i++)
                outcome = play_abi(t, &program, abis[i], &rng);
        free((void *)(uintptr_t)program.insns);
        return outcome;
}

static size_t count_rules(const char *text, const char *name)
{
        struct sc_strbuf quoted = SC_STRBUF_INIT;
        size_t n = 0;

        sc_strbuf_printf(&quoted, "\"%s\"", name);
        for (const char *p = text; quoted.text && (p = strstr(p, quoted.text)); p++)
                n++;
        sc_strbuf_done(&quoted);
        return n;
}

static enum cond_outcome build(struct cond_trial *t, struct sc_arena *arena, struct sc_diags *diags,
                               const struct sc_policy *policy)
{
        struct sc_emit_result built = { 0 };
        const struct sc_emit_request request = {
                .policy = policy,
                .format = sc_emit_format_find("runc", 4),
                .abis = t->c->abis,
                .n_abis = t->c->n_abis,
                .caps = t->c->caps,
                .compiler = t->compiler,
        };
        int r = sc_emit_build(arena, &request, diags, &built);

        if (r < 0) {
                note_refusal(t, diags);
                return r == -EBADMSG ? explain(t, policy) : COND_FAILED;
        }
        t->rules = count_rules(built.text, sc_syscall_name(t->c->call));
        t->insns = built.insns_max;
        t->text = built.text;
        return play(t);
}

enum cond_outcome cond_trial_run(struct cond_trial *t)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sc_strbuf text = SC_STRBUF_INIT;
        const struct sc_policy *policy;
        enum cond_outcome outcome = COND_FAILED;
        int r = -ENOMEM;

        cond_write(t->c, &text);
        if (arena && diags && !text.failed) {
                r = sc_policy_load(arena, "random.jsonc", text.text, text.len, NULL, diags, &policy);
                if (r == 0) {
                        outcome = build(t, arena, diags, policy);
                } else {
                        note_refusal(t, diags);
                        outcome = !t->refusal ? COND_FAILED :
                                  refused_by_language(t->refusal) ? COND_LANGUAGE : COND_UNEXPLAINED;
                }
        }
        sc_strbuf_done(&text);
        return outcome;
}

void cond_trial_done(struct cond_trial *t)
{
        sc_strbuf_done(&t->message);
        free(t->text);
        t->text = NULL;
}

static bool fails_again(const struct cond_case *c, const struct cond_trial *failed, enum cond_outcome outcome)
{
        struct cond_trial t = { .c = c, .seed = failed->seed, .inputs = 8 * failed->inputs,
                                .compiler = failed->compiler };
        bool same = cond_trial_run(&t) == outcome;

        cond_trial_done(&t);
        return same;
}

static bool keep(struct cond_case *c, const struct cond_case *smaller, const struct cond_trial *failed,
                 enum cond_outcome outcome, size_t *tries)
{
        if (++*tries > SHRINK_MAX || !fails_again(smaller, failed, outcome))
                return false;
        *c = *smaller;
        return true;
}

/* One step that makes the case smaller: fewer rules, an operand for its operation, fewer ranges, smaller values. */
static bool shrink_once(struct cond_case *c, const struct cond_trial *failed, enum cond_outcome outcome, size_t *tries)
{
        struct cond_case s;

        for (size_t i = 0; i < c->n_rules && c->n_rules > 1; i++) {
                s = *c;
                memmove(&s.rules[i], &s.rules[i + 1], (--s.n_rules - i) * sizeof(s.rules[0]));
                if (keep(c, &s, failed, outcome, tries))
                        return true;
        }
        for (int i = 0; i < c->n_nodes; i++) {
                const struct cond_node *node = &c->nodes[i];

                for (int side = 0; side < 2 && node->kind <= COND_NOT; side++) {
                        s = *c;
                        s.nodes[i] = c->nodes[side && node->kind != COND_NOT ? node->right : node->left];
                        if (keep(c, &s, failed, outcome, tries))
                                return true;
                }
                if (node->kind == COND_IN && node->n_ranges > 1) {
                        s = *c;
                        s.nodes[i].n_ranges--;
                        if (keep(c, &s, failed, outcome, tries))
                                return true;
                        memmove(s.nodes[i].first, node->first + 1, sizeof(node->first) - sizeof(node->first[0]));
                        memmove(s.nodes[i].last, node->last + 1, sizeof(node->last) - sizeof(node->last[0]));
                        if (keep(c, &s, failed, outcome, tries))
                                return true;
                }
                if (node->kind == COND_COMPARE && node->value.kind == COND_PLAIN && node->value.n > 1) {
                        s = *c;
                        s.nodes[i].value.n /= 2;
                        if (keep(c, &s, failed, outcome, tries))
                                return true;
                }
        }
        return false;
}

size_t cond_shrink(struct cond_case *c, const struct cond_trial *failed, enum cond_outcome outcome)
{
        size_t tries = 0;

        while (tries < SHRINK_MAX && shrink_once(c, failed, outcome, &tries))
                ;
        return tries;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A collection's profiles merged two by two: pairs-merge DIRECTORY [FILE…]. The policy of an intersection answers the
 * strictest, of a union the loosest, of what libseccomp's programs of both answer, by the interpreter, on inputs that
 * are on the paths of the calls and beside them, and random ones. Of some, the profile for oci is built too, and its
 * own programs are nowhere looser.
 *
 * SC_SEED chooses; SC_PAIRS_MERGE is how many pairs of a machine are taken (0: all, as with SC_WORLD), SC_PAIRS the
 * random inputs of each; SC_PAIRS_BUILD is how many in a hundred are built; SC_RANDOM_SCALE divides the pairs;
 * SC_RANDOM_JOBS.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../unit/test.h"
#include "base/util.h"
#include "compare/compare.h"
#include "emit/emit.h"
#include "merge/merge.h"
#include "pairwise.h"
#include "policy/policy.h"

#define PAIRS 200
#define INPUTS 300
#define BUILT 10
#define CALL_INPUTS 4
#define FAILURES_MAX 8
#define REASONS_MAX 16
#define ID_MAX 40

struct reason {
        char id[ID_MAX];
        size_t n;
};

/* Shared by all children. */
struct counts {
        size_t pairs, merged[2], built, programs;
        size_t inputs, equal, spoken, numbers, built_inputs, built_equal, unlogged;
        size_t wrong, abis, looser, errors, unproven, failed;
        struct reason reasons[REASONS_MAX]; /* of refusals */
};

struct trial {
        struct pair *p;
        struct counts *counts;
        bool unite;
        struct sc_arena *arena;
        struct sc_diags *diags;
        const struct sc_policy *policy;
        sc_node nodes[SC_ABI_MAX]; /* of the policy, by ABI index */
        bool one_newer; /* numbers without a name get what the operation says */
        const struct sc_bpf_program *program; /* of what was built; NULL: the policy is asked */
};

static void add(size_t *count, size_t n)
{
        __atomic_fetch_add(count, n, __ATOMIC_RELAXED);
}

static void fail(const struct trial *t, size_t *count, const char *what, const struct question *q)
{
        const struct member *a = t->p->entries[0], *b = t->p->entries[1];

        add(count, 1);
        if (__atomic_fetch_add(&t->counts->failed, 1, __ATOMIC_RELAXED) >= FAILURES_MAX)
                return;
        printf("# %s: %s of %s (%s, %#jx), %s (%s, %#jx)", what, t->unite ? "union" : "intersection", a->name,
               a->consumer->name, (uintmax_t)a->caps, b->name, b->consumer->name, (uintmax_t)b->caps);
        if (q)
                printf(": %s #%u %#jx %#jx %#jx: %#x, %#x", q->abi->name, q->nr, (uintmax_t)q->args[0],
                       (uintmax_t)q->args[1], (uintmax_t)q->args[2], pair_answer(t->p, 0, q), pair_answer(t->p, 1, q));
        printf("\n");
}

static bool has(const struct member *e, const struct sc_abi *abi)
{
        for (size_t i = 0; i < e->n_abis; i++)
                if (e->abis[i] == abi)
                        return true;
        return e->n_abis == 0;
}

/* What the language has for it: no notify, and no number with trap. */
static sc_action speak(sc_action action)
{
        switch (action & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_USER_NOTIF:
                return SECCOMP_RET_ERRNO | ENOSYS;
        case SECCOMP_RET_TRAP:
                return SECCOMP_RET_TRAP;
        default:
                return action;
        }
}

static sc_action operate(const struct trial *t, const struct question *q)
{
        sc_action a = pair_answer(t->p, 0, q), b = pair_answer(t->p, 1, q);
        unsigned x = sc_action_looseness(a), y = sc_action_looseness(b);

        if (!has(t->p->entries[0], q->abi) || !has(t->p->entries[1], q->abi))
                return has(t->p->entries[0], q->abi) ? a : b;
        if (x == y)
                return b;
        return (x < y) == t->unite ? b : a;
}

static sc_action ask(const struct trial *t, const struct question *q)
{
        struct sc_input input = { .words = { [SC_WORD_NR] = q->nr } };
        struct sc_bpf_data data = sc_bpf_data_make(q->abi->audit_arch, q->nr, q->args, q->abi->big_endian);

        memcpy(&input.words[SC_WORD_ARG0], q->args, sizeof(q->args));
        return sc_compare_effect(t->program ? sc_bpf_run(t->program, &data)
                                            : sc_decision_eval(t->p->d, t->nodes[q->abi->index], &input));
}

static bool left(const struct trial *t, const struct sc_abi *abi)
{
        for (size_t i = 0; i < t->policy->n_abis; i++)
                if (t->policy->abis[i] == abi)
                        return true;
        return false;
}

/* A multiplexer cannot log: libseccomp opens it for what it carries (the warning `unlogged`). */
static void judge_built(struct trial *t, const struct question *q, sc_action wanted, sc_action got)
{
        bool unlogged = wanted == SECCOMP_RET_LOG && got == SECCOMP_RET_ALLOW && q->abi->multiplexed &&
                        sc_syscall_is_carrier(sc_syscall_by_number(q->abi, q->nr));

        add(&t->counts->built_inputs, 1);
        add(&t->counts->built_equal, wanted == got);
        add(&t->counts->unlogged, unlogged);
        if (sc_action_looseness(got) > sc_action_looseness(wanted) && !unlogged)
                fail(t, &t->counts->looser, "the profile is looser", q);
}

static void judge(const struct question *q, void *data)
{
        struct trial *t = data;
        bool named = sc_syscall_by_number(q->abi, q->nr) >= 0;
        sc_action wanted, said, got;

        if (!left(t, q->abi) || sc_syscall_is_unfiltered(q->abi, q->nr))
                return;
        wanted = operate(t, q);
        said = speak(wanted);
        got = ask(t, q);
        if (t->program) {
                judge_built(t, q, said, got);
                return;
        }
        add(&t->counts->inputs, 1);
        add(&t->counts->equal, got == wanted);
        add(&t->counts->spoken, got == said && said != wanted);
        if (got == said)
                return;
        if (named || t->one_newer || sc_action_looseness(got) > sc_action_looseness(wanted))
                fail(t, &t->counts->wrong, "another answer", q);
        else
                add(&t->counts->numbers, 1);
}

static void ask_all(struct trial *t)
{
        for (size_t i = 0; i < t->p->n_abis; i++)
                for (size_t call = 0; call < sc_syscall_count(); call++) {
                        uint32_t nr;

                        if (sc_syscall_number((int)call, t->p->abis[i], &nr))
                                pair_ask_borders(t->p, t->p->abis[i], nr, CALL_INPUTS, judge, t);
                }
        pair_ask_random(t->p, (size_t)env_number("SC_PAIRS", INPUTS), judge, t);
}

/* Takes what was built as a runtime does, and asks its program. */
static void ask_built(struct trial *t, const struct sc_emit_result *built, const char *consumer, sc_caps caps)
{
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        struct sc_source *source = sc_arena_alloc(t->arena, sizeof(*source));
        const struct member runtime = { .consumer = sc_consumer_find(consumer, strlen(consumer)), .caps = caps };
        const struct sc_target target = entry_target(&runtime, t->p->abis[0]);
        const struct sc_json *root;
        struct sc_profile *profile = NULL;
        int r;

        *source = (struct sc_source){ "<built>", built->text, built->len };
        r = sc_json_parse(t->arena, source, SC_JSON_FOLD_KEYS, t->diags, &root);
        if (r == 0)
                r = sc_profile_read(t->arena, root, t->diags, &profile);
        if (r == 0)
                r = sc_consumer_decide(t->arena, &target, profile, &compiler, t->p->d, t->diags, &outcome);
        if (r != 0 || outcome.unfiltered) {
                fail(t, &t->counts->errors, "what was built is not taken", NULL);
                return;
        }
        add(&t->counts->programs, 1);
        t->program = &outcome.program;
        ask_all(t);
        t->program = NULL;
}

static void count_refusal(struct trial *t)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(t->diags, &n);
        const char *id = "?";

        for (size_t i = n; i-- > 0;)
                if (all[i]->severity == SC_ERROR)
                        id = all[i]->rule;
        for (size_t i = 0; i < n && !strcmp(id, "proof-failed"); i++)
                if (all[i]->severity == SC_ERROR)
                        fail(t, &t->counts->unproven, all[i]->message, NULL);
        for (size_t i = 0; i < REASONS_MAX; i++) { /* children may name one twice: it is only told */
                struct reason *reason = &t->counts->reasons[i];

                if (reason->id[0] && strcmp(reason->id, id) != 0)
                        continue;
                snprintf(reason->id, sizeof(reason->id), "%s", id);
                add(&reason->n, 1);
                return;
        }
}

static void build(struct trial *t, sc_caps caps)
{
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        const struct sc_emit_request request = { .policy = t->policy, .format = sc_emit_format_find("oci", 3),
                                                 .abis = t->policy->abis, .n_abis = t->policy->n_abis,
                                                 .caps = caps, .kernel_given = true, .kernel = COLLECTION_KERNEL,
                                                 .compiler = sc_scmp_library() };
        int r = sc_emit_build(t->arena, &request, t->diags, &built);

        if (r == -EBADMSG)
                count_refusal(t);
        else if (r < 0)
                fail(t, &t->counts->errors, strerror(-r), NULL);
        if (r < 0)
                return;
        add(&t->counts->built, 1);
        ask_built(t, &built, "runc", caps);
        ask_built(t, &built, "crun", caps);
}

static bool tells_of_numbers(const struct sc_diags *diags)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n; i++)
                if (strstr(all[i]->message, "numbers without a name"))
                        return true;
        return false;
}

static void check_abis(struct trial *t)
{
        for (size_t i = 0; i < t->p->n_abis; i++) {
                bool a = has(t->p->entries[0], t->p->abis[i]), b = has(t->p->entries[1], t->p->abis[i]);

                if (left(t, t->p->abis[i]) != (t->unite ? a || b : a && b))
                        fail(t, &t->counts->abis, "the wrong ABIs", NULL);
        }
}

static void merge(struct trial *t)
{
        const struct pair *p = t->p;
        struct sc_merge_part parts[2] = { { .policy = NULL }, { .policy = NULL } };
        const struct sc_merge_request request = { .parts = parts, .n_parts = 2, .unite = t->unite, .fixed = true,
                                                  .caps = p->entries[0]->caps, .kernel = COLLECTION_KERNEL };
        struct sc_merge_result result = { 0 };
        int r;

        for (size_t side = 0; side < 2; side++) {
                for (size_t i = 0; i < SC_ABI_MAX; i++)
                        parts[side].nodes[i] = SC_NODE_FAILED;
                for (size_t i = 0; i < p->n_abis; i++)
                        if (has(p->entries[side], p->abis[i]))
                                parts[side].nodes[p->abis[i]->index] =
                                        sc_decision_fix(p->d, p->entries[side]->node, SC_WORD_ARCH,
                                                        p->abis[i]->audit_arch);
        }
        r = sc_merge(t->arena, p->d, &request, t->diags, &result);
        if (r == -EBADMSG)
                count_refusal(t);
        if (r == 0) {
                t->policy = result.policy;
                t->one_newer = !tells_of_numbers(t->diags);
                add(&t->counts->merged[t->unite], 1);
                check_abis(t);
                for (size_t i = 0; i < t->policy->n_abis; i++)
                        t->nodes[t->policy->abis[i]->index] = sc_policy_decision_in(
                                t->policy, p->d, t->policy->abis[i], request.caps, request.kernel);
                ask_all(t);
                if (rng_percent(&t->p->rng, (unsigned)env_number("SC_PAIRS_BUILD", BUILT)))
                        build(t, request.caps);
        } else if (r != -EBADMSG) {
                fail(t, &t->counts->errors, strerror(-r), NULL);
        }
        sc_strbuf_done(&result.text);
}

static void visit(struct pair *p)
{
        struct counts *counts = p->counts;

        add(&counts->pairs, 1);
        for (int unite = 0; unite < 2; unite++) {
                SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
                SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
                struct trial t = { .p = p, .counts = counts, .unite = unite, .arena = arena, .diags = diags };

                merge(&t);
                if (sc_decisions_error(p->d))
                        fail(&t, &counts->errors, "too many nodes", NULL);
        }
}

static void print(const struct counts *c)
{
        printf("# %zu ordered pairs; intersections %zu, unions %zu; built for oci %zu, programs %zu\n", c->pairs,
               c->merged[0], c->merged[1], c->built, c->programs);
        printf("# inputs %zu: equal %zu, what the language has instead of it %zu, one answer for all numbers without "
               "a name %zu\n", c->inputs, c->equal, c->spoken, c->numbers);
        printf("# inputs to programs that were built %zu: equal %zu, allowed where it is to be logged %zu, else "
               "stricter\n", c->built_inputs, c->built_equal, c->unlogged);
        for (size_t i = 0; i < REASONS_MAX && c->reasons[i].id[0]; i++)
                printf("#   refused, %s: %zu\n", c->reasons[i].id, c->reasons[i].n);
        printf("# wrong answers %zu, wrong ABIs %zu, looser profiles %zu, not proven %zu, errors %zu\n", c->wrong,
               c->abis, c->looser, c->unproven, c->errors);
}

int main(int argc, char **argv)
{
        static const char *const machines[] = { "x86_64", "aarch64", "s390x" };
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const char *world = getenv("SC_WORLD");
        struct campaign_size size = { .some = (size_t)env_number("SC_PAIRS_MERGE", world && *world ? 0 : PAIRS),
                                      .jobs = (size_t)env_number("SC_RANDOM_JOBS", 2) };
        struct collection *all = calloc(1, sizeof(*all));
        struct counts *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (argc < 2 || !all || c == MAP_FAILED)
                return EXIT_FAILURE;
        setvbuf(stdout, NULL, _IOLBF, 0);
        size.some = scaled(size.some);
        printf("# seed %ju, %zu pairs a machine (0: all)\n", (uintmax_t)env_number("SC_SEED", 1), size.some);
        all->arena = arena;
        all->diags = diags;
        collection_load(all, argv + 1, argc - 1);
        CHECK_INT(all->failed, 0);
        for (size_t i = 0; i < SC_COUNT(machines); i++)
                CHECK(pairs_visit(all, machines[i], size, visit, c) > 0);
        print(c);
        CHECK(c->merged[0] * 2 > c->pairs && c->merged[1] * 2 > c->pairs);
        CHECK(c->built > 0 && c->programs >= c->built);
        /*
         * A multiplexer with conditions of its own beside a call that it carries, with conditions too: libseccomp opens
         * the one by the other or refuses them, and nothing is written.
         */
        CHECK(c->unproven * 25 <= c->built);
        CHECK_INT(c->wrong, 0);
        CHECK_INT(c->abis, 0);
        CHECK_INT(c->looser, 0);
        CHECK_INT(c->errors, 0);
        collection_done(all);
        free(all);
        return test_end();
}

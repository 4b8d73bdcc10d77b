/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Differences of a collection's profiles, two by two: pairs-diff DIRECTORY [FILE…]. The groups say exactly what
 * libseccomp's programs do, by the interpreter: an input whose answers differ is in one group, whose kind, direction
 * and cases say both answers, the cases by their text in the language of policies, read back; an input that is in no
 * group is answered alike; each call and range of a group has a witness; and there is no group exactly if the profiles
 * compare as the same. Inputs are on the paths of the calls and beside them, at the ends of ranges, and random.
 *
 * SC_SEED chooses; SC_PAIRS_DIFF is how many pairs of a machine are taken (0: all, as with SC_WORLD), SC_PAIRS the
 * random inputs of each; SC_RANDOM_SCALE divides the pairs; SC_RANDOM_JOBS.
 */
#include <linux/seccomp.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "../unit/test.h"
#include "base/util.h"
#include "compare/changes.h"
#include "pairwise.h"
#include "policy/policy.h"

#define PAIRS 1000
#define INPUTS 300
#define BORDERS 16  /* inputs for a call that changes */
#define BESIDE 2    /* and for one that does not */
#define FAILURES_MAX 8
#define WHOLE ":64"

/* Shared by all children. */
struct counts {
        size_t pairs, same, groups[SC_CHANGE_KINDS], calls, ranges, witnesses, inputs, differing, cases, too_large;
        size_t unnamed, wrong, twice, unread, unproven, relation, failed;
};

struct trial {
        struct pair *p;
        struct counts *counts;
        struct sc_arena *arena;
        const struct sc_change_group *groups;
        size_t n_groups;
        bool called[SC_ABI_MAX + 1][2048]; /* by place and call: it is in a group */
};

static void add(size_t *count, size_t n)
{
        __atomic_fetch_add(count, n, __ATOMIC_RELAXED);
}

static bool passes(sc_action action)
{
        return sc_action_looseness(action) >= sc_action_looseness(SECCOMP_RET_LOG);
}

static void fail(const struct trial *t, size_t *count, const char *what, const struct question *q)
{
        const struct member *a = t->p->entries[0], *b = t->p->entries[1];

        add(count, 1);
        if (__atomic_fetch_add(&t->counts->failed, 1, __ATOMIC_RELAXED) >= FAILURES_MAX)
                return;
        printf("# %s: %s (%s, %#jx), %s (%s, %#jx)", what, a->name, a->consumer->name, (uintmax_t)a->caps, b->name,
               b->consumer->name, (uintmax_t)b->caps);
        if (q)
                printf(": %s #%u %#jx %#jx %#jx: %#x, %#x", q->abi->name, q->nr, (uintmax_t)q->args[0],
                       (uintmax_t)q->args[1], (uintmax_t)q->args[2], pair_answer(t->p, 0, q), pair_answer(t->p, 1, q));
        printf("\n");
}

static size_t place_of(const struct pair *p, const struct sc_abi *abi)
{
        size_t i = 0;

        while (p->abis[i] != abi)
                i++;
        return i;
}

/* `all_numbers` are all on each place, of which one has its ranges here. */
static bool has_number(const struct sc_change_group *g, uint32_t nr)
{
        for (size_t i = 0; i < g->n_numbers; i++)
                if (nr >= g->numbers[i].first && nr <= g->numbers[i].last)
                        return true;
        return g->all_numbers;
}

static bool has_call(const struct sc_change_group *g, int call)
{
        for (size_t i = 0; i < g->n_calls; i++)
                if (g->calls[i] == call)
                        return true;
        return false;
}

/* The group that an input is in; `twice` counts if there is a second. */
static const struct sc_change_group *find_group(struct trial *t, const struct question *q)
{
        size_t place = place_of(t->p, q->abi);
        int call = sc_syscall_by_number(q->abi, q->nr);
        const struct sc_change_group *found = NULL;

        for (size_t i = 0; i < t->n_groups; i++) {
                const struct sc_change_group *g = &t->groups[i];

                if (!(g->places >> place & 1) || !(call >= 0 ? has_call(g, call) : has_number(g, q->nr)))
                        continue;
                if (found)
                        fail(t, &t->counts->twice, "in two groups", q);
                found = g;
        }
        return found;
}

/* Conditions that were read back, by the policy that they stand in. */
struct reading {
        char *text;
        sc_node node;
};

static int compare_readings(const void *a, const void *b)
{
        const struct reading *x = a, *y = b;

        return strcmp(x->text, y->text);
}

static sc_node load(struct sc_decisions *d, const char *text, const struct sc_abi *abi, int call)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const struct sc_policy *policy;

        if (sc_policy_load(arena, "test.jsonc", text, strlen(text), NULL, diags, &policy) < 0)
                return SC_NODE_FAILED;
        return sc_policy_call(policy, d, abi, call);
}

/* What a policy answers to the call that allows it under the condition; in one child, each is read once. */
static sc_node read_back(struct trial *t, const char *when, bool whole, const struct sc_abi *abi, int call)
{
        static void *readings;
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct reading *reading = calloc(1, sizeof(*reading)), **known;
        sc_node node = SC_NODE_FAILED;

        sc_strbuf_printf(&text, "{ \"architectures\": [\"%s\"], \"baseline\": \"6.1\", \"rules\": [ { \"allow\": "
                                "[\"%s\"], \"when\": \"", abi->name, sc_syscall_name(call));
        for (const char *c = when; *c; c++) {
                if (!whole && !strncmp(c, WHOLE, strlen(WHOLE)))
                        c += strlen(WHOLE) - 1;
                else
                        sc_strbuf_printf(&text, "%c", *c);
        }
        sc_strbuf_puts(&text, "\" } ] }");
        if (reading && !text.failed) {
                reading->text = strdup(text.text);
                known = tsearch(reading, &readings, compare_readings);
                if (known && *known == reading)
                        reading->node = load(t->p->d, text.text, abi, call);
                node = known ? (*known)->node : node;
                if (!known || *known != reading) {
                        free(reading->text);
                        free(reading);
                }
        }
        sc_strbuf_done(&text);
        return node;
}

/* Whether one case of several holds: 1, 0, or -1 if its text does not tell. */
static int holds(struct trial *t, const struct sc_change_group *g, const struct sc_compare_answer *answer,
                 const struct question *q)
{
        int call = sc_syscall_by_number(q->abi, q->nr);
        struct sc_input input = { .words = { [SC_WORD_KERNEL] = COLLECTION_KERNEL } };
        sc_node node;

        if (answer->too_large || call < 0)
                return -1;
        node = read_back(t, answer->policy, g->whole >> place_of(t->p, q->abi) & 1, q->abi, call);
        if (node == SC_NODE_FAILED) {
                fail(t, &t->counts->unread, answer->policy, q);
                return -1;
        }
        memcpy(&input.words[SC_WORD_ARG0], q->args, sizeof(q->args));
        return sc_decision_eval(t->p->d, node, &input) == SECCOMP_RET_ALLOW;
}

/* True if what is told of one side is what it answers. */
static bool tells(struct trial *t, const struct sc_change_group *g, const struct sc_compare_answers *answers,
                  const struct question *q, sc_action action)
{
        const struct sc_compare_answer *rest = NULL;
        bool named = answers->more, untold = answers->more;
        size_t held = 0;

        for (size_t i = 0; i < answers->n; i++) {
                const struct sc_compare_answer *answer = &answers->items[i];
                int r;

                named |= answer->action == action;
                if (!answer->when && !answer->too_large) {
                        rest = answer;
                        continue;
                }
                r = holds(t, g, answer, q);
                untold |= r < 0;
                held += r == 1;
                add(&t->counts->cases, r >= 0);
                if (r == 1 && answer->action != action)
                        return false;
        }
        if (held == 0 && !untold)
                return rest && rest->action == action;
        return named && held <= 1;
}

static bool is_of_kind(const struct sc_change_group *g, sc_action a, sc_action b)
{
        switch (g->kind) {
        case SC_CHANGE_ALLOWED:
                return !passes(a) && passes(b);
        case SC_CHANGE_DENIED:
                return passes(a) && !passes(b);
        case SC_CHANGE_ACTION:
                return a != b && passes(a) == passes(b);
        default:
                return (passes(a) || !passes(b) || g->direction & SC_DIRECTION_WIDER) &&
                       (!passes(a) || passes(b) || g->direction & SC_DIRECTION_NARROWER);
        }
}

static void judge(const struct question *q, void *data)
{
        struct trial *t = data;
        sc_action a = pair_answer(t->p, 0, q), b = pair_answer(t->p, 1, q);
        const struct sc_change_group *g;

        if (sc_syscall_is_unfiltered(q->abi, q->nr))
                return;
        g = find_group(t, q);
        add(&t->counts->inputs, 1);
        add(&t->counts->differing, a != b);
        if (!g && a != b)
                fail(t, &t->counts->unnamed, "differs in no group", q);
        if (g && (!is_of_kind(g, a, b) || !tells(t, g, &g->a, q, a) || !tells(t, g, &g->b, q, b)))
                fail(t, &t->counts->wrong, "not what the group says", q);
}

/* A number of a group is answered differently for some arguments. */
static void find_witness(struct trial *t, const struct sc_abi *abi, uint32_t nr)
{
        struct pair *p = t->p;
        struct question q = { .abi = abi, .nr = nr };
        struct sc_input input;

        if (!sc_decision_witness(p->d, pair_function(p, 0, abi, nr), pair_function(p, 1, abi, nr), &input)) {
                fail(t, &t->counts->unproven, "named without a difference", &q);
                return;
        }
        memcpy(q.args, &input.words[SC_WORD_ARG0], sizeof(q.args));
        add(&t->counts->witnesses, 1);
        if (pair_answer(p, 0, &q) == pair_answer(p, 1, &q))
                fail(t, &t->counts->unproven, "unconfirmed", &q);
        judge(&q, t);
}

static void ask_number(struct trial *t, const struct sc_abi *abi, uint32_t nr)
{
        const struct question q = { .abi = abi, .nr = nr };

        if (sc_abi_owns(abi, nr))
                judge(&q, t);
}

static void try_group(struct trial *t, const struct sc_change_group *g, size_t place)
{
        const struct sc_abi *abi = t->p->abis[place];

        for (size_t i = 0; i < g->n_calls; i++) {
                uint32_t nr;

                if (!sc_syscall_number(g->calls[i], abi, &nr))
                        continue;
                t->called[place][g->calls[i]] = true;
                add(&t->counts->calls, 1);
                find_witness(t, abi, nr);
                pair_ask_borders(t->p, abi, nr, BORDERS, judge, t);
        }
        for (size_t i = 0; i < g->n_numbers; i++) {
                const struct sc_number_range *range = &g->numbers[i];

                /* on one of several places, the numbers may be another's */
                if (!sc_abi_owns(abi, range->first) || sc_syscall_by_number(abi, range->first) >= 0)
                        continue;
                add(&t->counts->ranges, 1);
                find_witness(t, abi, range->first);
                pair_ask_borders(t->p, abi, range->first, BESIDE, judge, t);
                ask_number(t, abi, range->first - 1);
                ask_number(t, abi, range->last);
                ask_number(t, abi, range->last + 1);
        }
}

static void try_others(struct trial *t)
{
        for (size_t place = 0; place < t->p->n_abis; place++)
                for (size_t call = 0; call < sc_syscall_count(); call++) {
                        uint32_t nr;

                        if (!t->called[place][call] && sc_syscall_number((int)call, t->p->abis[place], &nr))
                                pair_ask_borders(t->p, t->p->abis[place], nr, BESIDE, judge, t);
                }
}

static void count_groups(struct trial *t)
{
        for (size_t i = 0; i < t->n_groups; i++) {
                const struct sc_change_group *g = &t->groups[i];

                add(&t->counts->groups[g->kind], 1);
                for (size_t k = 0; k < g->a.n; k++)
                        add(&t->counts->too_large, g->a.items[k].too_large);
                for (size_t k = 0; k < g->b.n; k++)
                        add(&t->counts->too_large, g->b.items[k].too_large);
        }
}

static void visit(struct pair *p)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        struct trial t = { .p = p, .counts = p->counts, .arena = arena };
        struct sc_compare_place places[SC_ABI_MAX + 1];
        struct sc_witness w;
        int same;

        for (size_t i = 0; i < p->n_abis; i++)
                places[i] = (struct sc_compare_place){ p->abis[i], p->entries[0]->node, p->entries[1]->node };
        if (sc_compare_groups(arena, p->d, places, p->n_abis, &t.groups, &t.n_groups) < 0) {
                fail(&t, &t.counts->unproven, "error", NULL);
                return;
        }
        same = sc_compare(p->d, p->entries[0]->node, p->entries[1]->node, SC_ASK_SAME, p->abis, p->n_abis, &w);
        if (same < 0 || (same == 0) != (t.n_groups == 0))
                fail(&t, &t.counts->relation, "the comparison says otherwise", NULL);
        add(&t.counts->pairs, 1);
        add(&t.counts->same, same == 0);
        count_groups(&t);
        for (size_t i = 0; i < t.n_groups; i++)
                for (size_t place = 0; place < p->n_abis; place++)
                        if (t.groups[i].places >> place & 1)
                                try_group(&t, &t.groups[i], place);
        try_others(&t);
        pair_ask_random(p, (size_t)env_number("SC_PAIRS", INPUTS), judge, &t);
        if (sc_decisions_error(p->d))
                fail(&t, &t.counts->unproven, "too many nodes", NULL);
}

static void print(const struct counts *c)
{
        printf("# %zu ordered pairs, the same %zu; groups: newly allowed %zu, newly denied %zu, by arguments %zu, "
               "another action %zu\n", c->pairs, c->same, c->groups[SC_CHANGE_ALLOWED], c->groups[SC_CHANGE_DENIED],
               c->groups[SC_CHANGE_CONDITION], c->groups[SC_CHANGE_ACTION]);
        printf("# calls in groups %zu, ranges of numbers %zu; witnesses run %zu\n", c->calls, c->ranges, c->witnesses);
        printf("# inputs %zu, answered differently %zu; conditions asked %zu, too large to show %zu\n", c->inputs,
               c->differing, c->cases, c->too_large);
        printf("# different in no group %zu, not as the group says %zu, in two groups %zu, texts that are not read "
               "back %zu, groups without a difference %zu, against the comparison %zu\n", c->unnamed, c->wrong,
               c->twice, c->unread, c->unproven, c->relation);
}

int main(int argc, char **argv)
{
        static const char *const machines[] = { "x86_64", "aarch64", "s390x" };
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        const char *world = getenv("SC_WORLD");
        struct campaign_size size = { .some = (size_t)env_number("SC_PAIRS_DIFF", world && *world ? 0 : PAIRS),
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
        for (size_t i = 0; i < SC_CHANGE_KINDS; i++)
                CHECK(c->groups[i] > 0);
        CHECK(c->same > 0 && c->cases > 0 && c->witnesses > 0 && c->differing > 0);
        CHECK_INT(c->unnamed, 0);
        CHECK_INT(c->wrong, 0);
        CHECK_INT(c->twice, 0);
        CHECK_INT(c->unread, 0);
        CHECK_INT(c->unproven, 0);
        CHECK_INT(c->relation, 0);
        collection_done(all);
        free(all);
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random conditions, built and proven for runc, and run against a plain evaluator: random-conditions [SEED [INDEX]].
 *
 * SC_SEED (or SEED) chooses the campaign, 1 without it; with INDEX only that condition is tried, and printed. Each
 * condition is tried for every set of ABIs. SC_RANDOM_CONDITIONS, SC_RANDOM_INPUTS, SC_RANDOM_JOBS change the counts;
 * SC_RANDOM_SCALE divides the number of conditions (see rng.h); SC_WORLD=1 makes it a million, on all processors. A
 * condition that makes libseccomp hang ends its process, is counted, and the others go on.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/util.h"
#include "cache.h"
#include "condition-trial.h"

#define CONDITIONS 20000
#define WORLD_CONDITIONS 1000000
#define MEANINGFUL 10000
#define INPUTS 60
#define JOBS_MAX 16
#define HANG_SECONDS 20
#define FAILURES_MAX 5
#define LANGUAGE_TRIES 30 /* conditions that the language refuses are drawn again */
#define REFUSALS_MAX 16
#define SAMPLES 3         /* refusals of each kind that are printed */

static const char *const sets[][COND_ABIS_MAX] = {
        { "x86_64" }, { "x86_64", "x86" }, { "x86_64", "x32" }, { "aarch64" }, { "s390x" },
};
#define SETS SC_COUNT(sets)

/* What the jobs share with their parent, by set and condition. */
struct record {
        uint8_t outcome; /* enum cond_outcome + 1 */
        uint8_t refused; /* by the language, before this one */
        uint16_t rules, insns;
};

struct shared {
        struct {
                char rule[24];
                size_t count;
        } refusals[JOBS_MAX][REFUSALS_MAX]; /* by the language */
        size_t next[JOBS_MAX]; /* the trial at hand */
        size_t inputs[JOBS_MAX];
        size_t failures;
};

struct campaign {
        uint64_t seed;
        size_t inputs, count, jobs;
        struct shared *shared;
        struct record *records;
        bool verbose;
};

static struct cond_case draw(const struct campaign *camp, size_t index, size_t set, size_t again)
{
        struct rng rng = rng_for(camp->seed + again * 1000003, index * SETS + set);
        struct cond_case c = { .n_abis = 0 };

        while (c.n_abis < COND_ABIS_MAX && sets[set][c.n_abis]) {
                c.abis[c.n_abis] = sc_abi_find(sets[set][c.n_abis], strlen(sets[set][c.n_abis]));
                c.n_abis++;
        }
        cond_generate(&rng, &c);
        return c;
}

static void print_lines(const char *text)
{
        while (text && *text) {
                size_t len = strcspn(text, "\n");

                printf("#   %.*s\n", (int)len, text);
                text += len + (text[len] != 0);
        }
}

static void print_case(const struct cond_case *c, const struct cond_trial *t, enum cond_outcome outcome)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        cond_write(c, &text);
        print_lines(text.text);
        sc_strbuf_done(&text);
        printf("#   %s%s%s\n", cond_outcome_names[outcome], t->refusal ? ": " : "", t->refusal ? t->refusal : "");
        print_lines(t->message.text);
        if (outcome == COND_DIFFERS) {
                printf("#   on %s:", t->abi->name);
                for (unsigned i = 0; i < 6; i++)
                        printf(" %#jx", (uintmax_t)t->args[i]);
                printf(": expected %#x, got %#x\n", t->wanted, t->got);
        }
}

static enum cond_outcome run(struct cond_trial *t)
{
        struct cache *cache = cache_new();
        enum cond_outcome outcome = COND_FAILED;

        if (cache) {
                t->compiler = cache_compiler(cache);
                outcome = cond_trial_run(t);
        }
        cache_free(cache);
        return outcome;
}

/* Prints a failure, and the smallest case that fails in the same way. */
static void report(const struct campaign *camp, size_t index, size_t set, struct cond_trial *t,
                   enum cond_outcome outcome)
{
        struct cond_case small = *t->c;
        struct cond_trial plain = *t, again = { .seed = t->seed, .inputs = 8 * t->inputs };

        if (__atomic_fetch_add(&camp->shared->failures, 1, __ATOMIC_RELAXED) >= FAILURES_MAX)
                return;
        printf("# seed %ju, condition %zu, set %zu:\n", (uintmax_t)camp->seed, index, set);
        print_case(t->c, t, outcome);
        plain.compiler = sc_scmp_library();
        hang_limit(600);
        printf("# the smallest after %zu tries:\n", cond_shrink(&small, &plain, outcome));
        again.c = &small;
        outcome = run(&again);
        print_case(&small, &again, outcome);
        cond_trial_done(&again);
        fflush(stdout);
}

static void count_refusal(struct campaign *camp, size_t job, const char *rule)
{
        for (size_t i = 0; i < REFUSALS_MAX; i++) {
                char *name = camp->shared->refusals[job][i].rule;

                if (!*name)
                        snprintf(name, sizeof(camp->shared->refusals[job][i].rule), "%s", rule);
                if (strcmp(name, rule) != 0)
                        continue;
                camp->shared->refusals[job][i].count++;
                return;
        }
}

static void print_language(const struct campaign *camp)
{
        printf("# the language refused, and others were drawn instead:");
        for (size_t job = 0; job < camp->jobs; job++)
                for (size_t i = 0; i < REFUSALS_MAX && camp->shared->refusals[job][i].count; i++)
                        printf(" %s %zu", camp->shared->refusals[job][i].rule, camp->shared->refusals[job][i].count);
        printf("\n");
}

static void try_one(struct campaign *camp, size_t job, size_t index, size_t set)
{
        struct record *record = &camp->records[index * SETS + set];
        enum cond_outcome outcome = COND_LANGUAGE;
        struct cond_trial t;

        for (size_t again = 0; again < LANGUAGE_TRIES && outcome == COND_LANGUAGE; again++) {
                struct cond_case c = draw(camp, index, set, again);

                hang_limit(HANG_SECONDS);
                t = (struct cond_trial){ .c = &c, .seed = camp->seed ^ index, .inputs = camp->inputs };
                outcome = run(&t);
                if (camp->verbose)
                        print_case(&c, &t, outcome);
                if (camp->verbose && t.text)
                        print_lines(t.text);
                if (outcome >= COND_UNEXPLAINED)
                        report(camp, index, set, &t, outcome);
                if (outcome == COND_LANGUAGE)
                        count_refusal(camp, job, t.refusal);
                record->refused = (uint8_t)again;
                record->rules = (uint16_t)t.rules;
                record->insns = (uint16_t)t.insns;
                camp->shared->inputs[job] += t.ran;
                cond_trial_done(&t);
        }
        record->outcome = (uint8_t)(outcome + 1);
}

/* Every job takes its share, in order; a process that ended too early is replaced, behind where it was. */
static void run_job(struct campaign *camp, size_t job)
{
        size_t *next = &camp->shared->next[job];

        for (; *next < camp->count * SETS; *next += camp->jobs)
                try_one(camp, job, *next / SETS, *next % SETS);
        fflush(stdout);
        _exit(0);
}

static pid_t start(struct campaign *camp, size_t job)
{
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid == 0)
                run_job(camp, job);
        return pid;
}

/* Returns false if a process ended otherwise than by a hang. */
static bool run_all(struct campaign *camp)
{
        pid_t pids[JOBS_MAX];
        bool good = true;

        for (size_t i = 0; i < camp->jobs; i++) {
                camp->shared->next[i] = i;
                pids[i] = start(camp, i);
        }
        for (size_t i = 0; i < camp->jobs; i++) {
                int status = 1;

                if (pids[i] < 0 || waitpid(pids[i], &status, 0) != pids[i])
                        return false;
                if (status == 0)
                        continue;
                printf("# seed %ju, condition %zu, set %zu ended its process, status %#x\n", (uintmax_t)camp->seed,
                       camp->shared->next[i] / SETS, camp->shared->next[i] % SETS, (unsigned)status);
                good &= WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF;
                camp->records[camp->shared->next[i]].outcome = COND_HUNG + 1;
                camp->shared->next[i] += camp->jobs;
                pids[i] = start(camp, i);
                i--; /* waits for the new one */
        }
        return good;
}

static int by_value(const void *a, const void *b)
{
        return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void print_spread(const struct campaign *camp, size_t set, const char *what, size_t offset)
{
        uint16_t *values = calloc(camp->count + 1, sizeof(*values));
        size_t n = 0;

        for (size_t i = 0; values && i < camp->count; i++)
                if (camp->records[i * SETS + set].outcome == COND_AGREES + 1)
                        memcpy(&values[n++], (const char *)&camp->records[i * SETS + set] + offset, sizeof(*values));
        if (n) {
                qsort(values, n, sizeof(*values), by_value);
                printf("#   %-12s median %u, 90 %% %u, 99 %% %u, max %u\n", what, values[n / 2], values[n * 9 / 10],
                       values[n * 99 / 100], values[n - 1]);
        }
        free(values);
}

static void judge_set(const struct campaign *camp, size_t set)
{
        size_t outcomes[COND_OUTCOMES] = { 0 }, drawn = 0, refused = 0;

        for (size_t i = 0; i < camp->count; i++) {
                const struct record *record = &camp->records[i * SETS + set];

                if (record->outcome)
                        outcomes[record->outcome - 1]++;
                drawn += record->refused;
        }
        printf("# %s%s%s:", sets[set][0], sets[set][1] ? "+" : "", sets[set][1] ? sets[set][1] : "");
        for (size_t i = 0; i < COND_OUTCOMES; i++)
                if (outcomes[i])
                        printf(" %s %zu", cond_outcome_names[i], outcomes[i]);
        printf("; drawn again since the language refuses them %zu\n", drawn);
        print_spread(camp, set, "rules", offsetof(struct record, rules));
        print_spread(camp, set, "instructions", offsetof(struct record, insns));
        CHECK_INT(outcomes[COND_UNEXPLAINED], 0);
        CHECK_INT(outcomes[COND_DIFFERS], 0);
        CHECK_INT(outcomes[COND_FAILED], 0);
        CHECK_INT(outcomes[COND_HUNG], 0);
        for (size_t i = COND_HIGH_WORD; i < COND_UNEXPLAINED; i++)
                refused += outcomes[i];
        CHECK_INT(outcomes[COND_AGREES] + refused + outcomes[COND_LANGUAGE], camp->count);
        CHECK(outcomes[COND_LANGUAGE] * 1000 <= camp->count);
        if (!sets[set][1]) {
                CHECK_INT(outcomes[COND_HIGH_WORD] + outcomes[COND_ELSEWHERE], 0);
                /* fewer than 2 %, of enough to tell */
                CHECK(refused * (camp->count < MEANINGFUL ? 25 : 50) < camp->count || camp->count < 200);
        }
}

static void print_refusals(struct campaign *camp)
{
        for (int outcome = COND_HIGH_WORD; outcome < COND_UNEXPLAINED; outcome++) {
                size_t printed = 0;

                for (size_t i = 0; i < camp->count * SETS && printed < SAMPLES; i++) {
                        struct cond_case c;
                        struct cond_trial t = { .seed = camp->seed ^ i / SETS, .inputs = camp->inputs };

                        if (camp->records[i].outcome != outcome + 1)
                                continue;
                        c = draw(camp, i / SETS, i % SETS, camp->records[i].refused);
                        t.c = &c;
                        printf("# condition %zu, for example:\n", i / SETS);
                        print_case(&c, &t, run(&t));
                        cond_trial_done(&t);
                        printed++;
                }
        }
}

static size_t choose_count(void)
{
        if (getenv("SC_RANDOM_CONDITIONS"))
                return (size_t)env_number("SC_RANDOM_CONDITIONS", CONDITIONS);
        return scaled(env_number("SC_WORLD", 0) ? WORLD_CONDITIONS : CONDITIONS);
}

static uint64_t choose_jobs(void)
{
        long processors = sysconf(_SC_NPROCESSORS_ONLN);

        return env_number("SC_WORLD", 0) && processors > 0 ? (uint64_t)processors : 2;
}

int main(int argc, char **argv)
{
        struct campaign camp = { .count = choose_count(), .inputs = (size_t)env_number("SC_RANDOM_INPUTS", INPUTS) };
        size_t only = argc > 2 ? strtoul(argv[2], NULL, 0) : 0, n = only >= camp.count ? only + 1 : camp.count;
        size_t size = sizeof(struct shared) + n * SETS * sizeof(struct record), inputs = 0;
        time_t from = time(NULL);

        if (argc > 1 && argv[1][0] == '-') {
                puts("random-conditions [SEED [INDEX]]: random conditions against a plain evaluator");
                return EXIT_SUCCESS;
        }
        camp.seed = argc > 1 ? strtoull(argv[1], NULL, 0) : env_number("SC_SEED", 1);
        camp.jobs = (size_t)env_number("SC_RANDOM_JOBS", choose_jobs());
        camp.jobs = camp.jobs < 1 ? 1 : camp.jobs > JOBS_MAX ? JOBS_MAX : camp.jobs;
        camp.shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (camp.shared == MAP_FAILED)
                return EXIT_FAILURE;
        camp.records = (struct record *)(camp.shared + 1);
        printf("# seed %ju, %zu conditions for each of %zu sets of ABIs, %zu inputs on each ABI\n",
               (uintmax_t)camp.seed, camp.count, SETS, camp.inputs);
        if (argc > 2) {
                camp.verbose = true;
                for (size_t set = 0; set < SETS; set++)
                        try_one(&camp, 0, only, set);
                return camp.shared->failures ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        CHECK(run_all(&camp));
        for (size_t set = 0; set < SETS; set++)
                judge_set(&camp, set);
        print_language(&camp);
        print_refusals(&camp);
        for (size_t i = 0; i < camp.jobs; i++)
                inputs += camp.shared->inputs[i];
        printf("# %zu inputs; took %ld s\n", inputs, (long)(time(NULL) - from));
        return test_end();
}

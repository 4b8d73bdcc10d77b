/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policies, built and played against the naive evaluator: random-policies [SEED [INDEX]].
 *
 * SC_SEED (or SEED) chooses the campaign, 1 without it; with INDEX only that policy is tried. Every tenth policy has a
 * realistic size, the others are small. SC_RANDOM_POLICIES, SC_RANDOM_INPUTS, SC_RANDOM_JOBS change the counts;
 * SC_RANDOM_SCALE divides the number of policies (see rng.h); SC_RANDOM_REFUSALS=1 prints what each refusal says.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/util.h"
#include "cache.h"
#include "shrink.h"
#include "trial.h"

#define POLICIES 10000
#define INPUTS 1000
#define JOBS_MAX 16
#define FAILURES_MAX 5 /* that are shrunk and printed, by each job */
#define REFUSALS_MAX 16

/* Every policy is built for the first two, one in ten for each of the others. */
static const char *const formats[] = { "docker", "oci", "docker@20.10", "runc", "crun" };
#define FORMATS SC_COUNT(formats)

/* What the jobs share with their parent, by policy. */
struct record {
        uint16_t names, rules;
        uint16_t insns; /* of the largest filter */
        uint8_t outcomes[FORMATS]; /* enum outcome + 1; 0 if it was not built for the format */
        char refusals[FORMATS][24];
};

struct job {
        uint64_t seed;
        size_t inputs;
        struct tally *tally;
        struct record *records;
        size_t failures;
        bool verbose; /* prints policies */
        bool refusals; /* prints refusals */
        struct cache *cache; /* of the policy at hand */
};

struct same_failure {
        struct trial trial;
        enum outcome outcome;
};

/* With more inputs, so that a difference is found again, and a cache of its own. */
static enum outcome run_again(struct trial *t)
{
        struct cache *cache = cache_new();
        enum outcome outcome = OUTCOME_FAILED;

        *t = (struct trial){ .policy = t->policy, .format = t->format, .seed = t->seed, .inputs = 4 * t->inputs };
        if (cache) {
                t->compiler = cache_compiler(cache);
                outcome = trial_run(t);
        }
        cache_free(cache);
        return outcome;
}

static bool fails_again(const struct naive_policy *p, void *data)
{
        const struct same_failure *f = data;
        struct trial t = f->trial;
        enum outcome outcome;
        bool same;

        t.policy = p;
        outcome = run_again(&t);
        same = outcome == f->outcome && (!f->trial.refusal || (t.refusal && !strcmp(t.refusal, f->trial.refusal)));

        trial_done(&t);
        return same;
}

static void print_lines(const char *text)
{
        while (text && *text) {
                size_t len = strcspn(text, "\n");

                printf("#   %.*s\n", (int)len, text);
                text += len + (text[len] != 0);
        }
}

static void print_policy(const struct naive_policy *p)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        naive_write(p, &text);
        print_lines(text.text);
        sc_strbuf_done(&text);
}

static void print_action(const char *who, uint32_t action)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_action_format(action, &text);
        printf(" %s %s (%#x)", who, text.text, action);
        sc_strbuf_done(&text);
}

static void print_trial(const struct trial *t, enum outcome outcome)
{
        const struct difference *d = &t->difference;

        if (outcome != OUTCOME_DIFFERS) {
                printf("# %s: %s\n", t->format->name, t->refusal ? t->refusal : "failed");
                print_lines(t->message.text);
                return;
        }
        printf("# %s on %s, kernel %u.%u, capabilities %#jx: arch %#x nr %u (%#x)", d->consumer->name, d->native->name,
               SC_KERNEL_MAJOR(d->env.kernel), SC_KERNEL_MINOR(d->env.kernel), (uintmax_t)d->env.caps, d->arch, d->nr,
               d->nr);
        for (size_t i = 0; i < sc_abi_count(); i++)
                if (sc_abi_at(i)->audit_arch == d->arch && sc_abi_owns(sc_abi_at(i), d->nr) &&
                    sc_syscall_by_number(sc_abi_at(i), d->nr) >= 0)
                        printf(" = %s %s", sc_abi_at(i)->name,
                               sc_syscall_name(sc_syscall_by_number(sc_abi_at(i), d->nr)));
        printf(", arg0 %#jx:", (uintmax_t)d->args[0]);
        print_action("policy", d->wanted);
        print_action("filter", d->got);
        printf("\n");
}

/* Prints a failure, and the smallest policy that fails in the same way. */
static void report(struct job *job, size_t index, const struct trial *t, enum outcome outcome)
{
        struct same_failure same = { *t, outcome };
        struct naive_policy *small;
        struct trial again;
        size_t tries;

        if (job->failures++ >= FAILURES_MAX)
                return;
        printf("# seed %ju, policy %zu:\n", (uintmax_t)job->seed, index);
        print_trial(t, outcome);
        small = malloc(sizeof(*small));
        if (!small)
                return;
        *small = *t->policy;
        tries = shrink(small, fails_again, &same);
        again = *t;
        again.policy = small;
        outcome = run_again(&again);
        printf("# the smallest after %zu tries:\n", tries);
        print_policy(small);
        print_trial(&again, outcome);
        trial_done(&again);
        free(small);
}

static void add_tally(struct tally *sum, const struct tally *one)
{
        sum->inputs += one->inputs;
        sum->programs += one->programs;
        for (size_t i = 0; i < LIMIT_COUNT; i++)
                sum->limits[i] += one->limits[i];
}

static void try_format(struct job *job, size_t index, size_t format, const struct naive_policy *p, uint64_t seed)
{
        struct trial t = { .policy = p, .seed = seed, .inputs = job->inputs, .compiler = cache_compiler(job->cache) };
        struct record *record = &job->records[index];
        enum outcome outcome;

        t.format = sc_emit_format_find(formats[format], strlen(formats[format]));
        if (!trial_applies(p, t.format))
                return;
        outcome = trial_run(&t);
        record->outcomes[format] = (uint8_t)(outcome + 1);
        if (t.insns > record->insns)
                record->insns = (uint16_t)t.insns;
        snprintf(record->refusals[format], sizeof(record->refusals[format]), "%s", t.refusal ? t.refusal : "");
        add_tally(job->tally, &t.tally);
        if (outcome == OUTCOME_REFUSED && (job->refusals || job->verbose)) {
                printf("# policy %zu:\n", index);
                print_trial(&t, outcome);
        }
        if (outcome != OUTCOME_AGREES && outcome != OUTCOME_REFUSED)
                report(job, index, &t, outcome);
        trial_done(&t);
}

static bool is_realistic(size_t index)
{
        return index % 10 == 0;
}

static void try_policy(struct job *job, size_t index)
{
        struct rng rng = rng_for(job->seed, index);
        struct naive_policy *p = malloc(sizeof(*p));
        uint64_t seed;

        job->cache = cache_new();
        if (!p || !job->cache)
                exit(EXIT_FAILURE);
        generate(&rng, is_realistic(index) ? GENERATE_REALISTIC : GENERATE_SMALL, sc_scmptable_find("debian12", 8), p);
        seed = rng_next(&rng);
        job->records[index].names = (uint16_t)naive_name_count(p);
        job->records[index].rules = (uint16_t)p->n_rules;
        if (job->verbose)
                print_policy(p);
        for (size_t i = 0; i < FORMATS; i++)
                if (i < 2 || rng_percent(&rng, 10))
                        try_format(job, index, i, p, seed);
        cache_free(job->cache);
        free(p);
}

static int run_job(struct job *job, size_t first, size_t step, size_t count)
{
        for (size_t i = first; i < count; i += step)
                try_policy(job, i);
        fflush(stdout);
        return 0;
}

static int by_value(const void *a, const void *b)
{
        return *(const uint16_t *)a - *(const uint16_t *)b;
}

static unsigned print_spread(const char *what, const struct record *records, size_t count, bool realistic,
                             size_t offset)
{
        uint16_t *values = calloc(count + 1, sizeof(*values));
        size_t n = 0;
        unsigned median;

        for (size_t i = 0; values && i < count; i++)
                if (is_realistic(i) == realistic)
                        memcpy(&values[n++], (const char *)&records[i] + offset, sizeof(*values));
        if (n == 0) {
                free(values);
                return 0;
        }
        qsort(values, n, sizeof(*values), by_value);
        median = values[n / 2];
        printf("# %-10s %-22s min %4u, quartiles %4u %4u %4u, max %4u\n", realistic ? "realistic:" : "small:", what,
               values[0], values[n / 4], median, values[3 * n / 4], values[n - 1]);
        free(values);
        return median;
}

struct refusal {
        const char *rule;
        size_t count[FORMATS];
};

static void count_refusal(struct refusal refusals[REFUSALS_MAX], const struct record *record, size_t format)
{
        for (size_t i = 0; i < REFUSALS_MAX; i++) {
                if (!refusals[i].rule)
                        refusals[i].rule = record->refusals[format];
                if (strcmp(refusals[i].rule, record->refusals[format]) != 0)
                        continue;
                refusals[i].count[format]++;
                return;
        }
}

/* How many policies ended how, by format; what refused them. Returns how many (policy, format) were refused. */
static size_t print_outcomes(const struct record *records, size_t count)
{
        struct refusal refusals[REFUSALS_MAX] = { 0 };
        size_t refused = 0;

        for (size_t f = 0; f < FORMATS; f++) {
                size_t outcomes[OUTCOME_FAILED + 2] = { 0 };

                for (size_t i = 0; i < count; i++) {
                        outcomes[records[i].outcomes[f]]++;
                        if (records[i].outcomes[f] == OUTCOME_REFUSED + 1)
                                count_refusal(refusals, &records[i], f);
                }
                refused += outcomes[OUTCOME_REFUSED + 1];
                printf("# %-12s agrees %5zu, refused %3zu, refused without a reason %zu, differs %zu, failed %zu\n",
                       formats[f], outcomes[OUTCOME_AGREES + 1], outcomes[OUTCOME_REFUSED + 1],
                       outcomes[OUTCOME_UNEXPLAINED + 1], outcomes[OUTCOME_DIFFERS + 1], outcomes[OUTCOME_FAILED + 1]);
        }
        for (size_t i = 0; i < REFUSALS_MAX && refusals[i].rule; i++) {
                printf("# refused, %s:", refusals[i].rule);
                for (size_t f = 0; f < FORMATS; f++)
                        printf(" %s %zu", formats[f], refusals[i].count[f]);
                printf("\n");
        }
        return refused;
}

static size_t count_outcome(const struct record *records, size_t count, size_t format, int outcome)
{
        size_t n = 0;

        for (size_t i = 0; i < count; i++)
                n += records[i].outcomes[format] == outcome + 1;
        return n;
}

static void judge(const struct record *records, size_t count, const struct tally *tally)
{
        size_t refused = print_outcomes(records, count), tried = 0;
        unsigned median;

        for (int realistic = 1; realistic >= 0; realistic--) {
                unsigned names = print_spread("names", records, count, realistic, offsetof(struct record, names));

                median = realistic ? names : median;
                print_spread("rules", records, count, realistic, offsetof(struct record, rules));
                print_spread("largest filter", records, count, realistic, offsetof(struct record, insns));
        }
        printf("# %ju inputs to %ju programs\n", (uintmax_t)tally->inputs, (uintmax_t)tally->programs);
        for (size_t i = 0; i < LIMIT_COUNT; i++)
                printf("# answers, %s: %ju\n", limit_names[i], (uintmax_t)tally->limits[i]);
        for (size_t f = 0; f < FORMATS; f++) {
                tried += count - count_outcome(records, count, f, -1);
                CHECK_INT(count_outcome(records, count, f, OUTCOME_UNEXPLAINED), 0);
                CHECK_INT(count_outcome(records, count, f, OUTCOME_DIFFERS), 0);
                CHECK_INT(count_outcome(records, count, f, OUTCOME_FAILED), 0);
        }
        CHECK_INT(count_outcome(records, count, 0, -1), 0);
        CHECK_INT(count_outcome(records, count, 1, -1), 0);
        CHECK(median >= 100);
        CHECK(refused * 100 <= tried);
        CHECK(tally->inputs >= 2 * count * INPUTS * 98 / 100 || count < 1000);
}

/* Runs the campaign in `jobs` processes. Returns false if one of them died. */
static bool campaign(struct job *job, struct tally *tallies, size_t jobs, size_t count)
{
        pid_t pids[JOBS_MAX];
        bool good = true;

        fflush(stdout);
        for (size_t i = 0; i < jobs; i++) {
                pids[i] = fork();
                if (pids[i] == 0) {
                        job->tally = &tallies[i];
                        exit(run_job(job, i, jobs, count));
                }
        }
        for (size_t i = 0; i < jobs; i++) {
                int status = 1;

                good &= pids[i] > 0 && waitpid(pids[i], &status, 0) == pids[i] && status == 0;
        }
        return good;
}

int main(int argc, char **argv)
{
        size_t count = scaled((size_t)env_number("SC_RANDOM_POLICIES", POLICIES));
        size_t jobs = (size_t)env_number("SC_RANDOM_JOBS", 2), only = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
        size_t n = only >= count ? only + 1 : count;
        size_t size = JOBS_MAX * sizeof(struct tally) + n * sizeof(struct record);
        struct tally *tallies = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        struct job job = { .seed = argc > 1 ? strtoull(argv[1], NULL, 0) : env_number("SC_SEED", 1) };
        time_t start = time(NULL);

        if (argc > 1 && argv[1][0] == '-') {
                puts("random-policies [SEED [INDEX]]: plays random policies against a naive evaluator");
                return EXIT_SUCCESS;
        }
        if (tallies == MAP_FAILED)
                return EXIT_FAILURE;
        jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs;
        job.inputs = (size_t)env_number("SC_RANDOM_INPUTS", INPUTS);
        job.refusals = env_number("SC_RANDOM_REFUSALS", 0) != 0;
        job.records = (struct record *)(tallies + JOBS_MAX);
        job.tally = tallies;
        printf("# seed %ju, %zu policies, %zu inputs each, %zu jobs\n", (uintmax_t)job.seed, count, job.inputs, jobs);
        if (argc > 2) {
                job.verbose = true;
                try_policy(&job, only);
                print_outcomes(&job.records[only], 1);
                return job.failures ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        CHECK(campaign(&job, tallies, jobs, count));
        for (size_t i = 1; i < jobs; i++)
                add_tally(&tallies[0], &tallies[i]);
        judge(job.records, count, &tallies[0]);
        printf("# took %ld s\n", (long)(time(NULL) - start));
        return test_end();
}

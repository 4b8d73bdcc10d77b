/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker's form in environments that nobody chose: random-environments [SEED [INDEX]].
 *
 * Random policies with conditions on kernel, capabilities and arguments, on few calls, so that multiplexers and what
 * they carry meet in many ways. What is built for docker is resolved in random environments and compiled by libseccomp,
 * which must refuse none, and the filter must be nowhere looser than the policy, nor differ where the build said
 * nothing. SC_SEED (or SEED) chooses the campaign, 1 without it; SC_RANDOM_ENVIRONMENTS changes how many policies.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/util.h"
#include "cache.h"
#include "emit/emit.h"
#include "rng.h"

#define POLICIES 1500
#define ENVIRONMENTS 12 /* for each policy and machine */
#define RULES_MAX 7
#define HANG_SECONDS 120
#define FAILURES_MAX 5

static const char *const machines[][4] = {
        { "x86_64", "x86" },
        { "x86_64", "x86" },
        { "s390x", "s390" },
        { "x86_64", "x86", "aarch64", "arm" },
        { "aarch64" },
};

/* Calls, and what can be asked of their arguments. */
static const struct subject {
        const char *name;
        const char *conds[4];
} subjects[] = {
        { "socketcall", { "call == SYS_CONNECT", "call == SYS_SOCKET", "call in {SYS_BIND, SYS_LISTEN}" } },
        { "ipc", { "arg0 == 2", "arg0 == 23" } },
        { "socket", { "family == AF_UNIX", "family != AF_VSOCK", "arg1 == 1" } },
        { "connect", { "arg0 == 3" } },
        { "bind", { "arg2 == 16" } },
        { "listen", { "arg1 < 8" } },
        { "accept4", { "arg3 & 2048 == 0" } },
        { "semget", { "arg1 == 1" } },
        { "shmget", { "arg2 & 512 == 512" } },
        { "openat2", { NULL } },
        { "personality", { "arg0 == 8" } },
        { "_llseek", { NULL } },
        { "mount", { NULL } },
        { "recvmmsg_time64", { NULL } },
};

static const char *const kernels[] = { "4.8", "5.8", "6.1" };
static const char *const caps[] = { "CAP_BPF", "CAP_CHOWN", "CAP_SYS_ADMIN" };
static const char *const verbs[] = { "allow", "deny", "kill", "allow" };
static const char *const ends[] = { "errno:EPERM", "errno:EPERM", "allow", "kill" };
static const char *const newers[] = { "errno:ENOSYS", "errno:ENOSYS", "allow", "errno:EPERM" };

#define CHOOSE(rng, list) ((list)[rng_below(rng, SC_COUNT(list))])

enum outcome {
        LANGUAGE,   /* refused it: others are drawn */
        REFUSED,    /* by the build */
        AGREES,
        FAILED,
        OUTCOMES,
};

struct campaign {
        uint64_t seed;
        size_t count;
        size_t outcomes[OUTCOMES];
        size_t unproven; /* refused since libseccomp compiles it wrong, or not at all */
        size_t filters;
        size_t failures;
        bool verbose;
};

/* What was built, and is tried. */
struct built {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_decisions *d;
        const struct sc_policy *policy;
        struct sc_emit_result result;
        struct sc_source source; /* the profile's text; diagnostics point into it */
        struct sc_profile *profile;
        struct sc_scmp_compiler compiler;
};

static void write_condition(struct rng *rng, const struct subject *s, struct sc_strbuf *out)
{
        const char *glue = "";
        size_t n = 0;

        while (n < SC_COUNT(s->conds) && s->conds[n])
                n++;
        if (rng_percent(rng, 40)) {
                sc_strbuf_printf(out, "kernel %s %s", rng_percent(rng, 50) ? "<" : ">=", CHOOSE(rng, kernels));
                glue = " && ";
        }
        if (rng_percent(rng, 40)) {
                sc_strbuf_printf(out, "%s%s%s", glue, rng_percent(rng, 30) ? "!" : "", CHOOSE(rng, caps));
                glue = " && ";
        }
        if (n && rng_percent(rng, 45))
                sc_strbuf_printf(out, "%s%s", glue, s->conds[rng_below(rng, n)]);
}

static void write_rule(struct rng *rng, const char *glue, struct sc_strbuf *out)
{
        /* the multiplexers are half of what it is about, and the first two */
        const struct subject *s = &subjects[rng_below(rng, rng_percent(rng, 30) ? 2 : SC_COUNT(subjects))];
        struct sc_strbuf when = SC_STRBUF_INIT;
        const char *other = CHOOSE(rng, subjects).name;

        write_condition(rng, s, &when);
        sc_strbuf_printf(out, "%s\n    { \"%s\": [\"%s\"", glue, CHOOSE(rng, verbs), s->name);
        if (!when.len && strcmp(other, s->name) != 0)
                sc_strbuf_printf(out, ", \"%s\"", other);
        sc_strbuf_puts(out, "]");
        if (when.len)
                sc_strbuf_printf(out, ", \"when\": \"%s\"", when.text);
        sc_strbuf_puts(out, " }");
        sc_strbuf_done(&when);
}

static void write_policy(struct rng *rng, struct sc_strbuf *out)
{
        const char *const *abis = machines[rng_below(rng, SC_COUNT(machines))];
        size_t end = rng_below(rng, SC_COUNT(ends)), n = 2 + rng_below(rng, RULES_MAX - 1);

        sc_strbuf_puts(out, "{ \"architectures\": [");
        for (size_t i = 0; i < SC_COUNT(machines[0]) && abis[i]; i++)
                sc_strbuf_printf(out, "%s\"%s\"", i ? ", " : "", abis[i]);
        sc_strbuf_printf(out, "],\n  \"baseline\": \"6.1\", \"default\": \"%s\", \"newer\": \"%s\",\n  \"rules\": [",
                         ends[end], newers[end]);
        for (size_t i = 0; i < n; i++)
                write_rule(rng, i ? "," : "", out);
        sc_strbuf_puts(out, " ] }\n");
}

static void print_lines(const char *text)
{
        while (text && *text) {
                size_t len = strcspn(text, "\n");

                printf("#   %.*s\n", (int)len, text);
                text += len + (text[len] != 0);
        }
}

static void print_diags(const struct built *b)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(b->diags, &n);

        for (size_t i = 0; i < n; i++)
                sc_diag_format(all[i], &out);
        print_lines(out.text);
        sc_strbuf_done(&out);
}

/* The rule id of the first error. */
static const char *first_error(const struct built *b)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(b->diags, &n);

        for (size_t i = 0; i < n; i++)
                if (all[i]->severity == SC_ERROR)
                        return all[i]->rule;
        return "";
}

static int build(const char *text, struct built *b)
{
        struct sc_emit_request request = { .format = sc_emit_format_find("docker", 6), .compiler = b->compiler };
        const struct sc_json *root;
        int r = sc_policy_load(b->arena, "random.jsonc", text, strlen(text), NULL, b->diags, &b->policy);

        if (r < 0)
                return r == -EBADMSG ? 1 : r;
        request.policy = b->policy;
        r = sc_emit_build(b->arena, &request, b->diags, &b->result);
        if (r < 0)
                return r;
        b->source = (struct sc_source){ .name = "built", .text = b->result.text, .len = b->result.len };
        r = sc_json_parse(b->arena, &b->source, SC_JSON_FOLD_KEYS, b->diags, &root);
        return r ? r : sc_profile_read(b->arena, root, b->diags, &b->profile);
}

/* The build said that the call's answers differ. */
static bool is_listed(const struct built *b, const struct sc_abi *abi, uint32_t nr)
{
        for (size_t i = 0; i < b->result.n_deviations; i++)
                if (b->result.deviations[i].abi == abi && b->result.deviations[i].first <= nr &&
                    nr <= b->result.deviations[i].last)
                        return true;
        return false;
}

static uint32_t combine_looser(uint32_t policy, uint32_t target)
{
        return sc_action_looseness(target) > sc_action_looseness(policy);
}

/* True if the filter answers a call rightly. */
static bool call_agrees(const struct built *b, const struct sc_abi *abi, uint32_t nr, sc_node wanted, sc_node actual)
{
        sc_node looser;

        wanted = sc_decision_fix(b->d, wanted, SC_WORD_NR, nr);
        actual = sc_decision_fix(b->d, sc_decision_fix(b->d, actual, SC_WORD_ARCH, abi->audit_arch), SC_WORD_NR, nr);
        looser = sc_decision_apply(b->d, combine_looser, wanted, actual);
        return wanted == actual ||
               (looser == sc_decision_leaf(b->d, 0) && is_listed(b, abi, nr)) || sc_syscall_is_unfiltered(abi, nr);
}

static bool try_environment(struct campaign *camp, struct built *b, const struct sc_target *target)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_abi *subs[SC_ABI_MAX + 1] = { NULL };
        size_t n = 1 + sc_abi_subordinates(target->native, subs + 1);
        const struct sc_policy *p = b->policy;
        uint32_t nr;

        subs[0] = target->native;
        camp->filters++;
        if (sc_consumer_decide(arena, target, b->profile, &b->compiler, b->d, b->diags, &outcome) < 0)
                return false;
        for (size_t i = 0; i < n; i++) {
                bool lists = false;
                sc_node wanted;

                for (size_t k = 0; k < p->n_abis; k++)
                        lists |= p->abis[k] == subs[i];
                if (!lists)
                        continue;
                wanted = sc_policy_decision_in(p, b->d, subs[i], target->caps, target->kernel);
                for (size_t call = 0; call < sc_syscall_count(); call++)
                        if (sc_syscall_number((int)call, subs[i], &nr) &&
                            !call_agrees(b, subs[i], nr, wanted, outcome.node)) {
                                printf("# differs: %s on %s\n", sc_syscall_name((int)call), subs[i]->name);
                                return false;
                        }
        }
        return sc_decisions_error(b->d) == 0;
}

static bool try_environments(struct campaign *camp, struct rng *rng, struct built *b)
{
        static const sc_kernel below[] = { SC_KERNEL(4, 4), SC_KERNEL(4, 8), SC_KERNEL(5, 8), SC_KERNEL(6, 1) };

        for (size_t m = 0; m < b->policy->n_abis; m++)
                for (size_t i = 0; i < ENVIRONMENTS && (sc_abi_is_family(b->policy->abis[m]) || !m); i++) {
                        struct sc_target target = {
                                .consumer = sc_consumer_find("docker", 6),
                                .native = b->policy->abis[m],
                                .caps = sc_caps_docker(),
                                .kernel = CHOOSE(rng, below),
                        };

                        target.table = sc_scmptable_find(target.consumer->scmptable,
                                                         strlen(target.consumer->scmptable));
                        for (size_t c = 0; c < SC_COUNT(caps); c++) {
                                uint64_t bit = UINT64_C(1) << sc_cap_find(caps[c], strlen(caps[c]));

                                target.caps = rng_percent(rng, 50) ? target.caps | bit : target.caps & ~bit;
                        }
                        if (try_environment(camp, b, &target))
                                continue;
                        printf("# on %s, kernel %u.%u, capabilities %#jx\n", target.native->name,
                               SC_KERNEL_MAJOR(target.kernel), SC_KERNEL_MINOR(target.kernel),
                               (uintmax_t)target.caps);
                        return false;
                }
        return true;
}

static enum outcome judge(struct campaign *camp, struct rng *rng, struct built *b, const char *text)
{
        int r = build(text, b);

        if (r > 0)
                return LANGUAGE;
        if (r == 0)
                return try_environments(camp, rng, b) ? AGREES : FAILED;
        if (r != -EBADMSG)
                return FAILED;
        camp->unproven += !strcmp(first_error(b), "proof-failed") || !strcmp(first_error(b), "libseccomp-refuses");
        return REFUSED;
}

static void try_policy(struct campaign *camp, size_t index)
{
        struct rng rng = rng_for(camp->seed, index);
        struct cache *cache = cache_new();
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct built b = { .arena = sc_arena_new(), .diags = sc_diags_new(),
                           .d = sc_decisions_new(SC_DECISIONS_NODES_MAX) };
        enum outcome outcome = FAILED;

        hang_limit(HANG_SECONDS);
        write_policy(&rng, &text);
        if (b.arena && b.diags && b.d && cache) {
                b.compiler = cache_compiler(cache);
                outcome = judge(camp, &rng, &b, text.text);
        }
        camp->outcomes[outcome]++;
        if (camp->verbose || (outcome == FAILED && camp->failures++ < FAILURES_MAX)) {
                printf("# seed %ju, policy %zu:\n", (uintmax_t)camp->seed, index);
                print_lines(text.text);
                print_diags(&b);
        }
        sc_strbuf_done(&text);
        sc_emit_result_done(&b.result);
        sc_decisions_free(b.d);
        sc_diags_free(b.diags);
        sc_arena_free(b.arena);
        cache_free(cache);
}

int main(int argc, char **argv)
{
        struct campaign camp = {
                .seed = argc > 1 ? strtoull(argv[1], NULL, 0) : env_number("SC_SEED", 1),
                .count = getenv("SC_RANDOM_ENVIRONMENTS") ? (size_t)env_number("SC_RANDOM_ENVIRONMENTS", POLICIES) :
                                                            scaled(POLICIES),
                .verbose = argc > 2,
        };
        size_t only = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
        time_t from = time(NULL);

        printf("# seed %ju, %zu policies\n", (uintmax_t)camp.seed, camp.count);
        if (argc > 2) {
                try_policy(&camp, only);
                return camp.outcomes[FAILED] ? EXIT_FAILURE : EXIT_SUCCESS;
        }
        for (size_t i = 0; i < camp.count; i++)
                try_policy(&camp, i);
        printf("# the language refused %zu, the build %zu (%zu of them libseccomp); %zu agree, in %zu filters; %ld s\n",
               camp.outcomes[LANGUAGE], camp.outcomes[REFUSED], camp.unproven, camp.outcomes[AGREES], camp.filters,
               (long)(time(NULL) - from));
        CHECK_INT(camp.outcomes[FAILED], 0);
        CHECK(camp.outcomes[AGREES] * 8 >= camp.count);
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model of libseccomp against libseccomp: model-agrees [PROFILE…]. What emit writes for random policies and
 * conditions, the shipped policies, and foreign profiles in several environments: the model's decision must be that of
 * libseccomp's program, and what is built with the model the same text. Random sets of rules of all forms: the model
 * refuses them, or decides as libseccomp does; read at their word, they mean what a plain evaluation says.
 *
 * SC_SEED chooses; SC_MODEL changes how many policies are built, SC_RANDOM_SCALE divides it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../unit/test.h"
#include "base/file.h"
#include "base/util.h"
#include "bpf/model.h"
#include "cache.h"
#include "condition-trial.h"
#include "raw.h"
#include "syscall/name.h"
#include "trial.h"

#define POLICIES 500
#define CONDITIONS 2000
#define RULE_SETS 20000
#define RULES_MAX 6
#define INPUTS 40 /* of one set of rules on one ABI */
#define SECONDS 60

/* Both ways at once. */
struct pair {
        struct sc_scmp_compiler model, library;
        size_t filters, refused, both_refused, wrong;
};

static void print_filter(const struct sc_scmp_filter *filter, const char *what)
{
        printf("# %s: %s and %zu more ABIs, optimize %u, default %#x, %zu rules\n", what, filter->abis[0]->name,
               filter->n_abis - 1, filter->optimize, filter->default_action, filter->n_rules);
        for (size_t i = 0; i < filter->n_rules && i < RULES_MAX; i++) {
                struct sc_strbuf text = SC_STRBUF_INIT;

                raw_write(&filter->rules[i], &text);
                printf("#   %s %s: %#x\n", filter->rules[i].name, text.text ? text.text : "", filter->rules[i].action);
                sc_strbuf_done(&text);
        }
}

/* What libseccomp's program means. Returns its refusal, or an error. */
static int library_node(const struct pair *pair, const struct sc_scmp_filter *filter, struct sc_decisions *d,
                        sc_node *ret_node)
{
        struct sc_scmp_result result = { 0 };
        struct sc_bpf_fault fault;
        int r = pair->library.compile(pair->library.data, filter, &result);

        if (r == 0)
                r = result.error;
        if (r == 0)
                r = sc_bpf_decide(&(struct sc_bpf_program){ result.insns, result.len, filter->abis[0]->big_endian }, d,
                                  ret_node, &fault);
        free(result.insns);
        return r;
}

/* The model's answer, compared with libseccomp's. */
static int decide(void *data, const struct sc_scmp_filter *filter, struct sc_decisions *d,
                  struct sc_scmp_result *ret_result)
{
        struct pair *pair = data;
        sc_node node = SC_NODE_FAILED;
        int r = pair->model.decide(pair->model.data, filter, d, ret_result), error;

        pair->filters++;
        if (r < 0)
                return r;
        if (ret_result->error == -EOPNOTSUPP) { /* libseccomp may hang */
                pair->refused++;
                return 0;
        }
        error = library_node(pair, filter, d, &node);
        pair->both_refused += error && error == ret_result->error;
        if (error == ret_result->error && (error || node == ret_result->node))
                return 0;
        if (pair->wrong++ < 5) {
                print_filter(filter, "decided differently");
                printf("#   the model: %d at %zu, libseccomp: %d\n", ret_result->error, ret_result->error_at, error);
        }
        return 0;
}

static struct sc_scmp_compiler both(struct pair *pair)
{
        struct sc_scmp_compiler compiler = sc_scmp_library();

        compiler.decide = decide;
        compiler.data = pair;
        return compiler;
}

/* The table that is this machine's libseccomp, or most like it. */
static const struct sc_scmptable *this_table(void)
{
        const struct sc_scmptable *best = NULL;
        size_t fewest = SIZE_MAX;

        for (size_t t = 0; t < sc_scmptable_count(); t++) {
                size_t different = 0;

                for (size_t i = 0; i < sc_syscall_count(); i++)
                        different += sc_scmptable_knows(sc_scmptable_at(t), (int)i) !=
                                     sc_scmp_knows(sc_syscall_name((int)i));
                if (different < fewest) {
                        fewest = different;
                        best = sc_scmptable_at(t);
                }
        }
        printf("# this machine's libseccomp is %s, %zu names differ\n", sc_scmptable_name(best), fewest);
        return best;
}

static void check_names(const struct sc_scmp_compiler *model, const struct sc_scmp_compiler *library)
{
        size_t asked = 0, different = 0;

        for (size_t a = 0; a < sc_abi_count(); a++)
                for (size_t i = 0; i < sc_syscall_count(); i++) {
                        const char *name = sc_syscall_name((int)i);
                        int said, meant;

                        if (!library->knows(library->data, name) || !model->knows(model->data, name) ||
                            (!strcmp(sc_abi_at(a)->name, "parisc64") && !strcmp(name, "_llseek")))
                                continue; /* libseccomp has a number for _llseek there; the kernel, no such call */
                        said = model->number(model->data, name, sc_abi_at(a));
                        meant = library->number(library->data, name, sc_abi_at(a));
                        /* elsewhere a call has some pseudo number, which is of no account */
                        if ((said != meant && (said >= -1 || meant >= -1)) ||
                            (sc_abi_at(a)->multiplexed && said != meant && said > -300) ||
                            model->reaches(model->data, name, sc_abi_at(a)) !=
                                    library->reaches(library->data, name, sc_abi_at(a)))
                                if (different++ < 5)
                                        printf("# %s on %s: %d, libseccomp %d\n", name, sc_abi_at(a)->name, said,
                                               meant);
                        asked++;
                }
        printf("# %zu numbers asked, %zu different\n", asked, different);
        CHECK(asked > 5000);
        CHECK_INT(different, 0);
        CHECK_INT(model->number(model->data, "raed", sc_abi_native()), SC_SCMP_UNKNOWN);
        CHECK(!model->knows(model->data, "raed") && model->reaches(model->data, "raed", sc_abi_native()));
}

struct builds {
        size_t n, same, refused, refused_otherwise, only_model_refuses, only_library_refuses, different;
};

/* The id of the first error. */
static const char *error_of(const struct sc_diags *diags)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n; i++)
                if (all[i]->severity == SC_ERROR)
                        return all[i]->rule;
        return "";
}

/* One build each way. */
static void build_both(struct sc_emit_request request, struct pair *pair, struct builds *builds)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *model_diags = sc_diags_new();
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result modelled = { 0 };
        const char *error, *model_error;
        int r, model_r;

        request.compiler = pair->library;
        r = sc_emit_build(arena, &request, diags, &built);
        request.compiler = both(pair);
        sc_emit_build(arena, &request, model_diags, &modelled);
        sc_emit_result_done(&modelled);
        sc_diags_free(model_diags);
        model_diags = sc_diags_new();
        request.compiler = pair->model;
        model_r = sc_emit_build(arena, &request, model_diags, &modelled);
        error = error_of(diags);
        model_error = error_of(model_diags);
        builds->n++;
        if (r == 0 && model_r == 0) {
                bool same = built.len == modelled.len && !memcmp(built.text, modelled.text, built.len);

                *(same ? &builds->same : &builds->different) += 1;
        } else if (r < 0 && model_r < 0) {
                *(strcmp(error, model_error) ? &builds->refused_otherwise : &builds->refused) += 1;
        } else {
                *(r < 0 ? &builds->only_library_refuses : &builds->only_model_refuses) += 1;
                printf("# %s: %s [%s], with the model %s [%s]\n", request.format->name, r ? "refused" : "built", error,
                       model_r ? "refused" : "built", model_error);
        }
}

static void print_builds(const char *what, const struct builds *b, const struct pair *pair)
{
        printf("# %s: %zu builds, same text %zu, refused alike %zu, for another reason %zu, by the model only %zu, by "
               "libseccomp only %zu, different %zu\n",
               what, b->n, b->same, b->refused, b->refused_otherwise, b->only_model_refuses, b->only_library_refuses,
               b->different);
        printf("#   %zu filters: refused by the model %zu, by both %zu; decided differently %zu\n", pair->filters,
               pair->refused, pair->both_refused, pair->wrong);
        CHECK(b->same > 0);
        CHECK_INT(b->different, 0);
        CHECK_INT(b->only_model_refuses, 0);
        CHECK_INT(b->only_library_refuses, 0);
        CHECK_INT(pair->wrong, 0);
}

static void check_shipped(struct pair pair)
{
        struct builds builds = { 0 };
        size_t step = scaled(20) > 2 ? 1 : 3; /* under sanitizers every third policy, in release all */

        for (size_t i = 0; i < sc_shipped_count(); i += step)
                for (size_t f = 0; f < sc_emit_format_count(); f++) {
                        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
                        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
                        struct sc_emit_request request = { .format = sc_emit_format_at(f), .caps = sc_caps_docker(),
                                                           .kernel_given = true, .kernel = SC_KERNEL(6, 1) };

                        if (CHECK_INT(sc_policy_load(arena, sc_shipped_at(i)->name, NULL, 0, NULL, diags,
                                                     &request.policy), 0))
                                build_both(request, &pair, &builds);
                }
        print_builds("shipped policies", &builds, &pair);
}

static void check_policies(struct pair pair, const struct sc_scmptable *table, size_t count)
{
        static const char *const formats[] = { "oci", "docker", "runc", "crun", "docker@20.10" };
        struct naive_policy *p = calloc(1, sizeof(*p));
        struct builds builds = { 0 };

        for (size_t i = 0; p && i < count; i++) {
                SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
                SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
                const char *format = formats[i % SC_COUNT(formats)];
                struct rng rng = rng_for(env_number("SC_SEED", 1) + 11, i);
                struct sc_strbuf text = SC_STRBUF_INIT;
                struct cache *cache = cache_new();
                struct setting set;

                generate(&rng, i % 10 ? GENERATE_SMALL : GENERATE_REALISTIC, table, p);
                pair.library = cache_compiler(cache);
                setting_choose(&set, p, sc_emit_format_find(format, strlen(format)), pair.library, &rng);
                naive_write(p, &text);
                if (trial_applies(p, set.request.format) &&
                    CHECK_INT(sc_policy_load(arena, "random.jsonc", text.text, text.len, NULL, diags,
                                             &set.request.policy), 0))
                        build_both(set.request, &pair, &builds);
                sc_strbuf_done(&text);
                cache_free(cache);
        }
        free(p);
        print_builds("random policies", &builds, &pair);
}

static void check_conditions(struct pair pair, size_t count)
{
        static const char *const sets[][COND_ABIS_MAX] = {
                { "x86_64" }, { "x86_64", "x86" }, { "x86_64", "x32" }, { "aarch64" }, { "s390x" },
        };
        size_t outcomes[COND_OUTCOMES] = { 0 }, different = 0;

        for (size_t i = 0; i < count; i++) {
                struct rng rng = rng_for(env_number("SC_SEED", 1) + 13, i);
                struct cond_case c = { .n_abis = 0 };
                struct cond_trial t = { .c = &c, .inputs = 1, .compiler = pair.library };
                struct cond_trial m = { .c = &c, .inputs = 0, .compiler = both(&pair) };

                for (; c.n_abis < COND_ABIS_MAX && sets[i % SC_COUNT(sets)][c.n_abis]; c.n_abis++) {
                        const char *name = sets[i % SC_COUNT(sets)][c.n_abis];

                        c.abis[c.n_abis] = sc_abi_find(name, strlen(name));
                }
                cond_generate(&rng, &c);
                outcomes[cond_trial_run(&t)]++;
                cond_trial_run(&m); /* has no program to run, so only its text counts */
                different += !!t.text != !!m.text || (t.text && strcmp(t.text, m.text) != 0);
                cond_trial_done(&t);
                cond_trial_done(&m);
        }
        printf("# random conditions: %zu, %zu of them built; %zu filters, refused by the model %zu, by both %zu, "
               "decided differently %zu; other texts %zu\n",
               count, outcomes[COND_AGREES], pair.filters, pair.refused, pair.both_refused, pair.wrong, different);
        CHECK(outcomes[COND_AGREES] * 2 > count);
        CHECK_INT(different, 0);
        CHECK_INT(pair.refused, 0);
        CHECK_INT(pair.wrong, 0);
}

static struct sc_scmp_arg random_arg(struct rng *rng, unsigned index, bool equality, bool small)
{
        static const uint64_t values[] = { 0, 1, 2, 5, 6, 0x200, 0xfffffffe, 0xffffffff, UINT64_C(0x100000000),
                                           UINT64_C(0x100000006), UINT64_MAX };
        struct sc_scmp_arg arg = { .index = index, .a = values[rng_below(rng, small ? 8 : SC_COUNT(values))] };

        arg.op = (enum sc_scmp_op)(1 + rng_below(rng, 7));
        if (equality)
                arg.op = rng_percent(rng, 50) ? SC_SCMP_EQ : SC_SCMP_MASKED_EQ;
        if (arg.op == SC_SCMP_MASKED_EQ)
                arg.b = arg.a & rng_next(rng);
        return arg;
}

/* Without conditions, the else, equalities, one condition, and what else there is; `args` is for the conditions. */
static struct sc_scmp_rule random_rule(struct rng *rng, const char *name, unsigned style, struct sc_scmp_arg args[3])
{
        static const uint32_t actions[] = { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ERRNO | EACCES,
                                            SECCOMP_RET_KILL_PROCESS };
        struct sc_scmp_rule rule = { .name = name, .args = args };
        unsigned kind = (unsigned)rng_below(rng, 100), first = (unsigned)rng_below(rng, 3);

        rule.action = actions[rng_percent(rng, 60) ? 0 : rng_below(rng, SC_COUNT(actions))];
        if (kind < 12)
                return rule;
        rule.n_args = 1;
        args[0] = (struct sc_scmp_arg){ 0, SC_SCMP_GE, 0, 0 };
        if (kind < 24)
                return rule;
        if (kind < 92 && style == 0)
                rule.n_args = 1 + (unsigned)rng_below(rng, 3);
        else if (kind >= 92 || style == 2)
                rule.n_args = 1 + (unsigned)rng_below(rng, 2);
        for (unsigned i = 0; i < rule.n_args; i++)
                args[i] = random_arg(rng, (first + i) % 3, style == 0 && kind < 92, style == 1 && kind < 92);
        return rule;
}

static void print_witness(const struct sc_decisions *d, sc_node model, sc_node library, int error)
{
        struct sc_input in;

        if (error || !sc_decision_witness(d, model, library, &in))
                printf("#   libseccomp: %d\n", error);
        else
                printf("#   architecture %#jx #%ju (%#jx, %#jx, %#jx): %#x, libseccomp %#x\n",
                       (uintmax_t)in.words[SC_WORD_ARCH], (uintmax_t)in.words[SC_WORD_NR],
                       (uintmax_t)in.words[SC_WORD_ARG0], (uintmax_t)in.words[SC_WORD_ARG1],
                       (uintmax_t)in.words[SC_WORD_ARG2], sc_decision_eval(d, model, &in),
                       sc_decision_eval(d, library, &in));
}

struct sets {
        size_t n, accepted, refused, wrong, hung, conditional, misread;
};

/* A plain reading: the first rule without conditions; else the strictest that holds, the else only if none does. */
static uint32_t plain_answer(const struct sc_scmp_filter *filter, const struct sc_abi *abi, const uint64_t args[6])
{
        uint32_t best[2] = { filter->default_action, filter->default_action };
        bool found[2] = { false, false };
        static const uint64_t none[6] = { 1, 3, 9, 27, 81, 243 };

        for (size_t i = 0; i < filter->n_rules; i++) {
                const struct sc_scmp_rule *rule = &filter->rules[i];
                bool last = rule->n_args == 1 && rule->args[0].op == SC_SCMP_GE && !rule->args[0].index &&
                            !rule->args[0].a, always = true;

                for (unsigned k = 0; k < rule->n_args; k++)
                        always &= rule->args[k].op == SC_SCMP_MASKED_EQ &&
                                  !(abi->word_bits == 32 ? (uint32_t)rule->args[k].a : rule->args[k].a);
                if (always && raw_holds(rule, abi, none))
                        return rule->action;
                if (!raw_holds(rule, abi, args))
                        continue;
                if (!found[last] || sc_action_looseness(rule->action) < sc_action_looseness(best[last]))
                        best[last] = rule->action;
                found[last] = true;
        }
        return best[found[0] ? 0 : 1];
}

static size_t misread(const struct sc_scmp_filter *filter, struct sc_decisions *d, sc_node node, struct rng *rng)
{
        size_t wrong = 0;

        for (size_t a = 0; a < filter->n_abis; a++) {
                const struct sc_abi *abi = filter->abis[a];
                uint32_t nr;

                if (!sc_syscall_number(sc_syscall_find(filter->rules[0].name, strlen(filter->rules[0].name)), abi, &nr))
                        continue;
                for (size_t i = 0; i < INPUTS; i++) {
                        struct sc_input in = { .words = { [SC_WORD_ARCH] = abi->audit_arch, [SC_WORD_NR] = nr } };

                        for (unsigned k = 0; k < 3; k++)
                                in.words[SC_WORD_ARG0 + k] = random_arg(rng, 0, true, false).a ^ rng_below(rng, 3);
                        wrong += sc_decision_eval(d, node, &in) != plain_answer(filter, abi, &in.words[SC_WORD_ARG0]);
                }
        }
        return wrong;
}

static void check_set(const struct sc_scmp_filter *filter, bool one_call, const struct pair *pair,
                      const struct sc_scmp_compiler *reading, struct rng *rng, struct sets *sets)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_EMIT_NODES_MAX);
        struct sc_scmp_result exact = { 0 }, read = { 0 };
        sc_node node = SC_NODE_FAILED;
        int error;

        sets->n++;
        sets->wrong += pair->model.decide(pair->model.data, filter, d, &exact) < 0;
        sets->misread += reading->decide(reading->data, filter, d, &read) < 0 || read.error;
        if (one_call && misread(filter, d, read.node, rng) && sets->misread++ < 3)
                print_filter(filter, "misread");
        if (exact.error) {
                sets->wrong += exact.error != -EOPNOTSUPP;
                sets->refused++;
                return;
        }
        sets->accepted++;
        sets->misread += exact.node != read.node;
        hang_limit(SECONDS);
        error = library_node(pair, filter, d, &node);
        hang_limit(0);
        if ((error || node != exact.node) && sets->wrong++ < 5) {
                print_filter(filter, "accepted, but libseccomp decides otherwise");
                print_witness(d, exact.node, node, error);
        }
        for (size_t i = 0; i < filter->n_rules; i++)
                if (filter->rules[i].n_args && ++sets->conditional)
                        break;
}

static void check_sets(const struct pair *pair, const struct sc_scmp_compiler *reading, size_t count)
{
        static const char *const abi_sets[][3] = {
                { "x86_64" }, { "x86_64", "x86" }, { "x86_64", "x86", "x32" }, { "aarch64", "arm" },
                { "s390x", "s390" }, { "x86" }, { "ppc64le" }, { "mips64", "mips" }, { "riscv64" },
        };
        static const char *const calls[] = { "mremap", "socket", "bind", "send", "shmget", "semop", "semtimedop",
                                             "socketcall", "ipc", "personality" };
        struct sets sets = { 0 };

        for (size_t i = 0; i < count; i++) {
                struct rng rng = rng_for(env_number("SC_SEED", 1) + 17, i);
                const char *const *names = abi_sets[rng_below(&rng, SC_COUNT(abi_sets))];
                const struct sc_abi *abis[3];
                struct sc_scmp_rule rules[RULES_MAX];
                struct sc_scmp_arg args[RULES_MAX][3];
                struct sc_scmp_filter filter = { .default_action = SECCOMP_RET_ERRNO | ENOSYS, .abis = abis,
                                                 .rules = rules, .n_rules = 1 + rng_below(&rng, RULES_MAX),
                                                 .optimize = 1 + (unsigned)rng_below(&rng, 2) };
                const char *only = rng_percent(&rng, 50) ? calls[rng_below(&rng, SC_COUNT(calls))] : NULL;
                unsigned style = (unsigned)rng_below(&rng, 3);
                bool muxed = !only || strcmp(only, "mremap") != 0;

                while (filter.n_abis < 3 && names[filter.n_abis]) {
                        abis[filter.n_abis] = sc_abi_find(names[filter.n_abis], strlen(names[filter.n_abis]));
                        filter.n_abis++;
                }
                for (size_t k = 0; k < filter.n_rules; k++)
                        rules[k] = random_rule(&rng, only ? only : calls[rng_below(&rng, SC_COUNT(calls))], style,
                                               args[k]);
                check_set(&filter, !muxed, pair, reading, &rng, &sets);
        }
        printf("# %zu random sets of rules: accepted %zu (%zu with conditions), refused %zu; libseccomp decides "
               "otherwise %zu, misread %zu\n",
               sets.n, sets.accepted, sets.conditional, sets.refused, sets.wrong, sets.misread);
        CHECK(sets.conditional * 10 > sets.n);
        CHECK_INT(sets.wrong, 0);
        CHECK_INT(sets.misread, 0);
}

static int read_profile(struct sc_arena *arena, struct sc_diags *diags, const struct sc_source *source,
                        struct sc_profile **ret_profile)
{
        const struct sc_json *root;
        int r = sc_json_parse(arena, source, SC_JSON_FOLD_KEYS, diags, &root);

        return r ? r : sc_profile_read(arena, root, diags, ret_profile);
}

/* A profile of somebody else's under some sets of capabilities. */
static void check_profile(const char *path, struct pair exact, struct pair reading)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_freep) char *content = NULL;
        static const char *const natives[] = { "x86_64", "aarch64", "s390x", "riscv64" };
        static const char *const consumers[] = { "docker", "podman-crun" };
        const sc_caps sets[] = { 0, sc_caps_docker(), sc_caps_all(), UINT64_C(1) << 21, UINT64_C(1) << 29 };
        struct sc_source source = { .name = path };
        struct sc_profile *profile;
        size_t decided = 0;
        int r = sc_file_read(AT_FDCWD, path, SC_JSON_SIZE_MAX, &content, &source.len);

        source.text = content;
        if (!CHECK_INT(r, 0) || !CHECK_INT(read_profile(arena, diags, &source, &profile), 0))
                return;
        for (size_t i = 0; i < SC_COUNT(natives) * SC_COUNT(consumers) * SC_COUNT(sets); i++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_EMIT_NODES_MAX);
                const char *consumer = consumers[i % 2], *native = natives[i / 2 % 4];
                const struct sc_target target = {
                        .consumer = sc_consumer_find(consumer, strlen(consumer)),
                        .native = sc_abi_find(native, strlen(native)),
                        .caps = sets[i / 8],
                        .kernel = SC_KERNEL(6, 1),
                        .table = ((const struct sc_model *)exact.model.data)->table,
                };
                const struct sc_scmp_compiler ways[] = { both(&exact), both(&reading), reading.library, reading.model };
                sc_node nodes[SC_COUNT(ways)];

                for (size_t k = 0; k < SC_COUNT(ways); k++) {
                        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };

                        r = sc_consumer_decide(arena, &target, profile, &ways[k], d, diags, &outcome);
                        nodes[k] = r ? SC_NODE_FAILED : outcome.node;
                }
                decided += nodes[2] != SC_NODE_FAILED; /* podman knows no riscv64 */
                CHECK(nodes[2] == nodes[3]); /* the stub included */
        }
        printf("# %s: %zu filters; exactly: refused by the model %zu, decided differently %zu; read: %zu\n", path,
               exact.filters, exact.refused, exact.wrong, reading.wrong);
        CHECK(decided >= 30);
        CHECK_INT(exact.wrong, 0);
        CHECK_INT(reading.refused, 0);
        CHECK_INT(reading.wrong, 0);
}

int main(int argc, char **argv)
{
        const struct sc_scmptable *table = this_table();
        struct sc_model exact = { .mode = SC_MODEL_EXACT, .table = table };
        struct sc_model reading = { .mode = SC_MODEL_READING, .table = table };
        struct pair pair = { .model = sc_scmp_model(&exact), .library = sc_scmp_library() };
        struct pair read = { .model = sc_scmp_model(&reading), .library = sc_scmp_library() };
        size_t count = scaled((size_t)env_number("SC_MODEL", POLICIES));
        const char *moby = getenv("SC_MOBY");

        setvbuf(stdout, NULL, _IOLBF, 0);
        printf("# seed %ju, %zu policies\n", (uintmax_t)env_number("SC_SEED", 1), count);
        check_names(&pair.model, &pair.library);
        check_shipped(pair);
        check_policies(pair, table, count);
        check_conditions(pair, count * CONDITIONS / POLICIES);
        check_sets(&pair, &read.model, count * RULE_SETS / POLICIES);
        for (int i = 1; i < argc; i++)
                check_profile(argv[i], pair, read);
        if (moby && *moby)
                check_profile(moby, pair, read);
        return test_end();
}

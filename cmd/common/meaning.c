/* SPDX-License-Identifier: Apache-2.0 */
/* Policies by themselves, what is built from them, profiles through a consumer, programs: each to one decision. */
#include "common/meaning.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "common/raw.h"
#include "emit/emit.h"
#include "syscall/param.h"

/* A profile that was built from a policy, and for what. */
struct input_built {
        const struct sc_consumer *consumer;
        const struct sc_abi *family; /* NULL: one for all machines */
        const struct sc_abi *first;  /* of the view's ABIs; NULL: it has none */
        size_t n_abis;
        sc_caps caps;
        sc_kernel kernel;
        const struct sc_profile *profile;
        struct input_built *next;
};

/* A policy by itself: what it does not list, every consumer kills. */
static int mean_policy(const struct input *in, const struct view *view, struct sc_decisions *d, struct meaning *m)
{
        const struct sc_policy *policy = in->policy;

        m->policy = policy;
        m->node = sc_policy_decision_on(policy, d, policy->abis, policy->n_abis, view->caps, view->kernel);
        for (size_t i = 0; i < policy->n_abis; i++)
                m->abis[m->n_abis++] = policy->abis[i];
        return sc_decisions_error(d);
}

/* `consumer`: NULL for a process. */
static int mean_nothing(struct session *s, struct input *in, const struct sc_consumer *consumer, struct sc_decisions *d,
                        struct meaning *m)
{
        if (!in->unfiltered_said && consumer)
                sc_diags_add(s->diags, SC_WARNING, "no-filter", (struct sc_place){ 0 },
                             "%s takes %s for no filter at all: every call is allowed", consumer->name, in->name);
        else if (!in->unfiltered_said)
                sc_diags_add(s->diags, SC_WARNING, "no-filter", (struct sc_place){ 0 },
                             "%s runs without a filter: every call is allowed", in->name);
        in->unfiltered_said = true;
        m->unfiltered = true;
        m->node = sc_decision_leaf(d, SECCOMP_RET_ALLOW);
        return sc_decisions_error(d);
}

static int cannot_follow(struct session *s, const struct input *in, const struct sc_bpf_fault *fault)
{
        sc_diags_add(s->diags, SC_ERROR, "cannot-follow", (struct sc_place){ 0 }, "%s: instruction %zu: %s", in->name,
                     fault->at, fault->what);
        return -EBADMSG;
}

/* Programs by themselves, as the kernel composes them. */
static int mean_programs(struct session *s, const struct input *in, const struct view *view, struct sc_decisions *d,
                         struct meaning *m)
{
        struct sc_bpf_program *programs = sc_arena_array(s->arena, in->n_programs, sizeof(*programs));
        sc_node *nodes = sc_arena_array(s->arena, in->n_programs, sizeof(*nodes));
        int r = programs && nodes ? 0 : -ENOMEM;

        m->programs = programs;
        for (size_t i = 0; i < in->n_programs && r == 0; i++) {
                struct sc_bpf_fault fault = { 0 };

                programs[i] = in->programs[i];
                programs[i].big_endian = view->native->big_endian;
                r = sc_bpf_decide(&programs[i], d, &nodes[i], &fault);
                if (r == -EINVAL || r == -EOPNOTSUPP)
                        return cannot_follow(s, in, &fault);
        }
        if (r < 0)
                return r;
        m->n_programs = in->n_programs;
        m->node = sc_bpf_effects(d, sc_bpf_compose(d, nodes, in->n_programs));
        return sc_decisions_error(d);
}

/* A config.json's annotation that crun takes in the place of linux.seccomp. */
static int mean_annotation(struct session *s, const struct input *in, const struct view *view, struct sc_decisions *d,
                           struct meaning *m)
{
        struct sc_bpf_program program;
        struct input raw = *in;
        int r = raw_read_annotation(s, in->raw_bpf, &program);

        raw.programs = &program;
        raw.n_programs = 1;
        return r ? r : mean_programs(s, &raw, view, d, m);
}

static const struct sc_scmptable *table_of(const struct view *view)
{
        const char *name = view->consumer->scmptable;

        return view->table ? view->table : sc_scmptable_find(name, strlen(name));
}

/* The program of an outcome, kept in the arena. */
static int keep_program(struct session *s, const struct sc_outcome *outcome, struct meaning *m)
{
        struct sc_bpf_program *program = sc_arena_alloc(s->arena, sizeof(*program));
        struct sock_filter *insns = sc_arena_array(s->arena, outcome->program.len + 1, sizeof(*insns));

        if (!program || !insns)
                return -ENOMEM;
        memcpy(insns, outcome->program.insns, outcome->program.len * sizeof(*insns));
        *program = outcome->program;
        program->insns = insns;
        m->programs = program;
        m->n_programs = 1;
        return 0;
}

/*
 * True if a file's warning is there already: it is asked about on many machines, for many consumers. One without a
 * place could be another file's.
 */
static bool was_said(const struct sc_diags *diags, const char *rule, struct sc_place place, const char *message)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n && place.source; i++)
                if (!strcmp(all[i]->rule, rule) && all[i]->places[0].source == place.source &&
                    all[i]->places[0].offset == place.offset && !strcmp(all[i]->message, message))
                        return true;
        return false;
}

static void warn_once(struct session *s, const char *rule, struct sc_place place, const char *hint,
                      const char *message)
{
        struct sc_diag *diag;

        if (was_said(s->diags, rule, place, message))
                return;
        diag = sc_diags_add(s->diags, SC_WARNING, rule, place, "%s", message);
        if (hint)
                sc_diag_hint(diag, "%s", hint);
}

void meaning_forward(struct session *s, const struct sc_diags *diags)
{
        static const char *const rules[] = { "no-filter", "miscompiled", "not-checked" };
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < SC_COUNT(rules); k++)
                        if (all[i]->severity == SC_WARNING && !strcmp(all[i]->rule, rules[k]))
                                warn_once(s, rules[k], all[i]->places[0], all[i]->hint, all[i]->message);
}

/* The filter is what runs, so it is what is told; that it is not what was written, a person should know. */
static int warn_miscompiled(struct session *s, struct sc_place place, const struct sc_witness *w)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        int r;

        sc_strbuf_puts(&text, "libseccomp compiles these rules wrong: ");
        sc_witness_format(w, &text);
        sc_strbuf_puts(&text, " is ");
        sc_action_format(w->a, &text);
        sc_strbuf_puts(&text, " by the rules, and ");
        sc_action_format(w->b, &text);
        sc_strbuf_puts(&text, " in the filter");
        r = text.failed ? -ENOMEM : 0;
        if (r == 0)
                warn_once(s, "miscompiled", place,
                          "answers are those of the filter, which is what runs; a policy built by seccompose is "
                          "proven to say what was written",
                          text.text);
        sc_strbuf_done(&text);
        return r;
}

/* Foreign rules are not believed to be what libseccomp makes of them. */
static int check_rules(struct session *s, const struct input *in, const struct sc_target *target,
                       const struct sc_profile *profile, const struct sc_scmp_compiler *compiler,
                       const struct sc_decisions *d, const struct sc_outcome *outcome)
{
        struct sc_miscompiled wrong;
        int r;

        if (in->policy) /* proven */
                return 0;
        r = sc_consumer_check(s->arena, target, profile, compiler, d, outcome, &wrong);
        if (r == -E2BIG || r == -EOPNOTSUPP) {
                warn_once(s, "not-checked", profile->place, NULL,
                          "cannot tell whether libseccomp compiles these rules right");
                return 0;
        }
        return r == 1 ? warn_miscompiled(s, wrong.place, &wrong.witness) : r;
}

struct sc_scmp_compiler meaning_compiler(struct session *s, struct input *in)
{
        in->memo.arena = s->arena;
        return compiler_with_memo(&in->memo);
}

static int mean_profile(struct session *s, struct input *in, const struct view *view, const struct sc_profile *profile,
                        struct sc_decisions *d, struct meaning *m)
{
        const struct sc_scmp_compiler compiler = meaning_compiler(s, in);
        const struct sc_target target = {
                .consumer = view->consumer,
                .native = view->native,
                .caps = view->caps,
                .kernel = view->kernel,
                .table = table_of(view),
        };
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        struct sc_plan plan;
        int r;

        m->profile = profile;
        if (!profile)
                return mean_nothing(s, in, view->consumer, d, m);
        r = sc_consumer_decide(s->arena, &target, profile, &compiler, d, s->diags, &outcome);
        if (r < 0)
                return r;
        if (outcome.unfiltered)
                return mean_nothing(s, in, view->consumer, d, m);
        m->node = outcome.node;
        m->modelled = outcome.modelled;
        m->n_modelled = outcome.n_modelled;
        r = check_rules(s, in, &target, profile, &compiler, d, &outcome);
        if (r < 0)
                return r;
        r = sc_consumer_plan(s->arena, &target, profile, s->diags, &plan);
        if (r < 0)
                return r;
        memcpy(m->abis, plan.abis, sizeof(m->abis));
        m->n_abis = plan.n_abis;
        return keep_program(s, &outcome, m);
}

/* A plain profile is for one family, that of the machine asked about; 0 if the policy does not list the machine. */
static size_t family_of(const struct sc_policy *policy, const struct sc_abi *head,
                        const struct sc_abi *ret_abis[SC_ABI_MAX])
{
        bool listed = false;
        size_t n = 0;

        for (size_t i = 0; i < policy->n_abis; i++) {
                listed |= policy->abis[i] == head;
                if (sc_abi_in_family(policy->abis[i], head))
                        ret_abis[n++] = policy->abis[i];
        }
        return listed ? n : 0;
}

static int read_built(struct session *s, const struct sc_emit_result *result, const struct sc_profile **ret_profile)
{
        struct sc_source *source = sc_arena_alloc(s->arena, sizeof(*source));
        const struct sc_json *root;
        struct sc_profile *profile;
        int r;

        if (!source)
                return -ENOMEM;
        *source = (struct sc_source){ "<built>", sc_arena_strndup(s->arena, result->text, result->len), result->len };
        if (!source->text)
                return -ENOMEM;
        r = sc_json_parse(s->arena, source, SC_JSON_FOLD_KEYS, s->diags, &root);
        if (r == 0)
                r = sc_profile_read(s->arena, root, s->diags, &profile);
        if (r == 0)
                *ret_profile = profile;
        return r;
}

static int build(struct session *s, struct input *in, const struct view *view,
                 const struct sc_profile **ret_profile)
{
        const struct sc_abi *family[SC_ABI_MAX];
        struct sc_emit_request request = {
                .policy = in->policy,
                .format = sc_emit_format_for(view->consumer),
                .abis = view->abis,
                .n_abis = view->n_abis,
                .caps = view->caps,
                .kernel_given = true,
                .kernel = view->kernel,
                .table = view->table,
                .compiler = meaning_compiler(s, in),
        };
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result result = { 0 };
        int r;

        if (!view->consumer->docker_format && request.n_abis == 0) {
                request.abis = family;
                request.n_abis = family_of(in->policy, view->native, family);
        }
        r = sc_emit_build(s->arena, &request, s->diags, &result);
        return r ? r : read_built(s, &result, ret_profile);
}

/* A policy under a consumer: the profile that would be built for it takes its place. */
static int find_built(struct session *s, struct input *in, const struct view *view,
                      const struct sc_profile **ret_profile)
{
        const struct input_built key = {
                .consumer = view->consumer,
                .family = view->consumer->docker_format ? NULL : view->native,
                .first = view->n_abis ? view->abis[0] : NULL,
                .n_abis = view->n_abis,
                .caps = view->consumer->docker_format ? 0 : view->caps, /* Docker's form is one for all sets */
                .kernel = view->kernel,
        };
        struct input_built *b = in->built;
        int r;

        while (b && (b->consumer != key.consumer || b->family != key.family || b->first != key.first ||
                     b->n_abis != key.n_abis || b->caps != key.caps || b->kernel != key.kernel))
                b = b->next;
        if (!b) {
                b = sc_arena_alloc(s->arena, sizeof(*b));
                if (!b)
                        return -ENOMEM;
                *b = key;
                r = build(s, in, view, &b->profile);
                if (r < 0)
                        return r;
                b->next = in->built;
                in->built = b;
        }
        *ret_profile = b->profile;
        return 0;
}

static int mean_file(struct session *s, struct input *in, const struct view *view, struct sc_decisions *d,
                     struct meaning *m)
{
        const struct sc_profile *profile = in->profile;
        int r = 0;

        if (in->kind == SC_FILE_BPF || in->kind == SC_FILE_PROCESS)
                return in->n_programs ? mean_programs(s, in, view, d, m) : mean_nothing(s, in, NULL, d, m);
        if (!view->consumer)
                return in->policy ? mean_policy(in, view, d, m) : -EINVAL;
        m->consumer = view->consumer;
        m->policy = in->policy;
        if (in->raw_bpf && !strcmp(view->consumer->name, "crun"))
                return mean_annotation(s, in, view, d, m);
        if (in->policy)
                r = find_built(s, in, view, &profile);
        return r ? r : mean_profile(s, in, view, profile, d, m);
}

int meaning_of(struct session *s, struct input *in, const struct view *view, struct sc_decisions *d,
               struct meaning *ret_meaning)
{
        struct meaning m = { .native = view->native };
        int r = mean_file(s, in, view, d, &m);

        if (r == 0)
                *ret_meaning = m;
        return r;
}

uint32_t meaning_run(const struct meaning *m, const struct sc_input *input)
{
        struct sc_bpf_data data = sc_bpf_data_make((uint32_t)input->words[SC_WORD_ARCH],
                                                   (uint32_t)input->words[SC_WORD_NR], &input->words[SC_WORD_ARG0],
                                                   m->native->big_endian);

        return sc_bpf_run_all(m->programs, m->n_programs, &data);
}

bool meaning_has_abi(const struct meaning *m, const struct sc_abi *abi)
{
        return m->n_abis == 0 || sc_abi_among(abi, m->abis, m->n_abis);
}

bool meaning_can_run(const struct meaning *m, const struct sc_input *input)
{
        for (size_t i = 0; i < m->n_modelled; i++) {
                int call = sc_syscall_find(m->modelled[i], strlen(m->modelled[i]));

                for (size_t k = 0; k < m->n_abis; k++) {
                        uint32_t nr;

                        if (sc_syscall_number(call, m->abis[k], &nr) && nr == input->words[SC_WORD_NR] &&
                            m->abis[k]->audit_arch == input->words[SC_WORD_ARCH])
                                return false;
                }
        }
        return m->n_programs > 0;
}

const struct sc_consumer *view_of_name(const char *name, const char **ret_file)
{
        size_t len = strcspn(name, ":");
        const struct sc_consumer *consumer = name[len] ? sc_consumer_find(name, len) : NULL;

        *ret_file = consumer ? name + len + 1 : name;
        return consumer;
}

const struct sc_consumer *view_default(const struct input *in)
{
        const char *name = in->kind == SC_FILE_DOCKER ? "docker" : "runc";

        if (in->kind == SC_FILE_POLICY || in->kind == SC_FILE_BPF || in->kind == SC_FILE_PROCESS)
                return NULL;
        return sc_consumer_find(name, strlen(name));
}

void view_warn(struct session *s, const struct input *in, const struct sc_consumer *consumer)
{
        if (consumer && in->kind == SC_FILE_DOCKER && !consumer->docker_format)
                sc_diags_add(s->diags, SC_WARNING, "conditions-ignored", (struct sc_place){ 0 },
                             "%s reads none of archMap, includes, excludes: all rules of the Docker profile %s apply",
                             consumer->name, in->name);
}

static size_t add_machine(const struct sc_abi *abi, const struct sc_abi **machines, size_t n)
{
        if (sc_abi_among(abi, machines, n))
                return n;
        machines[n] = abi;
        return n + 1;
}

static const struct sc_abi *find_oci(const struct sc_profile_string *name)
{
        return sc_abi_find_oci(name->text, strlen(name->text));
}

/* True if there are machines with no other ABI: not x32 and n32, whose registers are those of their family's head. */
static bool is_alone(const struct sc_abi *abi)
{
        return abi->word_bits == sc_param_register_bits(abi);
}

/* The machines whose programs may use an ABI that heads no family. */
static size_t add_hosts(const struct sc_abi *abi, const struct sc_abi **machines, size_t n)
{
        for (size_t i = 0; i < sc_abi_count(); i++)
                if (sc_abi_is_family(sc_abi_at(i)) && sc_abi_in_family(abi, sc_abi_at(i)))
                        n = add_machine(sc_abi_at(i), machines, n);
        return n;
}

static bool is_headed(const struct sc_abi *abi, const struct sc_abi *const *machines, size_t n)
{
        bool headed = false;

        for (size_t i = 0; i < n; i++)
                headed |= sc_abi_in_family(abi, machines[i]);
        return headed;
}

size_t view_heads(const struct sc_abi *const *abis, size_t n_abis, const struct sc_abi *ret_heads[SC_ABI_MAX])
{
        size_t n = 0;

        for (size_t i = 0; i < n_abis; i++)
                if (sc_abi_is_family(abis[i]))
                        n = add_machine(abis[i], ret_heads, n);
        for (size_t i = 0; i < n_abis; i++)
                if (!is_headed(abis[i], ret_heads, n))
                        n = is_alone(abis[i]) ? add_machine(abis[i], ret_heads, n) : add_hosts(abis[i], ret_heads, n);
        return n;
}

/* A plain profile's: every consumer adds the machine's own ABI, so one that lists x86 alone is for x86_64 as well. */
static size_t add_listed(const struct sc_profile *profile, const struct sc_abi **machines)
{
        const struct sc_abi *abis[SC_ABI_MAX], *heads[SC_ABI_MAX];
        size_t n_abis = 0, n_heads, n = 0;

        for (size_t i = 0; i < profile->architectures.n; i++) {
                const struct sc_abi *abi = find_oci(&profile->architectures.items[i]);

                n_abis = abi ? add_machine(abi, abis, n_abis) : n_abis;
        }
        n_heads = view_heads(abis, n_abis, heads);
        for (size_t i = 0; i < n_heads; i++) {
                if (!sc_abi_is_family(heads[i]))
                        n = add_hosts(heads[i], machines, n);
                n = add_machine(heads[i], machines, n);
        }
        return n;
}

/* Docker's form: each entry of archMap is for machines of its own. */
static size_t add_mapped(const struct sc_profile *profile, const struct sc_abi **machines, size_t n)
{
        for (size_t i = 0; i < profile->arch_map.n; i++) {
                const struct sc_profile_string *name = &profile->arch_map.items[i].architecture;
                const struct sc_abi *abi = name->text ? find_oci(name) : NULL;

                if (abi && (sc_abi_is_family(abi) || is_alone(abi)))
                        n = add_machine(abi, machines, n);
        }
        return n;
}

size_t view_machines(const struct input *in, const struct sc_consumer *consumer,
                     const struct sc_abi *ret_machines[SC_ABI_MAX])
{
        size_t n;

        if (in->kind == SC_FILE_PROCESS) { /* it runs here, and nowhere else */
                ret_machines[0] = sc_abi_native();
                return 1;
        }
        if (in->policy)
                return view_heads(in->policy->abis, in->policy->n_abis, ret_machines);
        if (!in->profile)
                return 0;
        n = add_listed(in->profile, ret_machines);
        return consumer && consumer->docker_format ? add_mapped(in->profile, ret_machines, n) : n;
}

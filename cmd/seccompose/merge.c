/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose merge: one policy or profile that answers the strictest, or the loosest, of what several FILEs do. */
#include <errno.h>
#include <string.h>

#include "common/compiler.h"
#include "merge/merge.h"
#include "seccompose/ask.h"
#include "seccompose/merge-environments.h"
#include "seccompose/older.h"
#include "seccompose/output.h"

struct source {
        struct input input;
        struct view view;
        bool filter; /* taken by a consumer or the kernel; else a policy by itself */
};

struct merger {
        struct session *s;
        const struct options *options;
        struct sc_decisions *d;
        struct source *sources;
        struct sc_merge_part *parts;
        size_t n;
        const struct source *filter; /* the first of them that depends on its environment without saying how */
        bool everywhere; /* for all environments, as all parts and the target can say it */
        bool untold;     /* they could, but `filter` turned out not to */
        uint32_t abis;               /* that can come out: bit n is the ABI with index n */
};

static int read_sources(struct merger *m)
{
        struct options options = *m->options;
        size_t inputs = 0;
        int code = 0;

        options.target = NULL; /* for whom the result is, not the sources */
        m->n = options.n_args;
        m->sources = sc_arena_array(m->s->arena, m->n, sizeof(*m->sources));
        m->parts = sc_arena_array(m->s->arena, m->n, sizeof(*m->parts));
        if (!m->sources || !m->parts)
                return EXIT_SYSTEM;
        for (size_t i = 0; i < m->n; i++)
                inputs += !strcmp(options.args[i], "-");
        if (inputs > 1)
                return complain(m->s, "only one of the files can be standard input");
        for (size_t i = 0; i < m->n && code == 0; i++) {
                struct source *source = &m->sources[i];

                code = ask_file(m->s, &options, options.args[i], &source->input, &source->view);
                source->filter = !source->input.policy || source->view.consumer;
                source->view.abis = m->options->abis; /* `options` ends here */
        }
        return code;
}

static uint32_t bit_of(const struct sc_abi *abi)
{
        return UINT32_C(1) << abi->index;
}

static uint32_t bits_of(const struct sc_abi *const *abis, size_t n)
{
        uint32_t bits = 0;

        for (size_t i = 0; i < n; i++)
                bits |= bit_of(abis[i]);
        return bits;
}

static uint32_t family_bits(const struct sc_abi *head)
{
        const struct sc_abi *subs[SC_ABI_MAX];
        size_t n = sc_abi_subordinates(head, subs);

        return bit_of(head) | bits_of(subs, n);
}

/* Where it is worth to look: what was asked for; for an intersection, what the policies leave. */
static void limit_abis(struct merger *m)
{
        m->abis = m->options->n_abis ? bits_of(m->options->abis, m->options->n_abis) : UINT32_MAX;
        for (size_t i = 0; i < m->n && m->options->intersect; i++)
                if (!m->sources[i].filter)
                        m->abis &= bits_of(m->sources[i].input.policy->abis, m->sources[i].input.policy->n_abis);
}

/* The machines that a filter is looked at on: those that it names, else those of the options, else this one. */
static size_t find_machines(const struct merger *m, const struct source *source,
                            const struct sc_abi *ret_machines[SC_ABI_MAX])
{
        const struct sc_abi *named[SC_ABI_MAX];
        size_t n = view_machines(&source->input, source->view.consumer, named), kept = 0;

        if (n == 0 && m->options->n_abis)
                n = view_heads(m->options->abis, m->options->n_abis, named);
        if (n == 0)
                named[n++] = sc_abi_native();
        for (size_t i = 0; i < n; i++)
                if (family_bits(named[i]) & m->abis)
                        ret_machines[kept++] = named[i];
        return kept;
}

static int take_flags(struct merger *m, const struct meaning *meaning, struct sc_merge_part *part)
{
        const struct sc_profile_list *flags = &meaning->profile->flags;
        const char **names = sc_arena_array(m->s->arena, flags->n + 1, sizeof(*names));

        if (!names)
                return -ENOMEM;
        for (size_t i = 0; i < flags->n; i++)
                names[i] = flags->items[i].text;
        part->flags = names;
        part->n_flags = flags->n;
        return 0;
}

/* What a filter answers on the ABIs of one machine, in one environment; or in all of them, each saying where. */
static int find_nodes(struct merger *m, struct source *source, sc_node nodes[SC_ABI_MAX], struct meaning *ret_meaning)
{
        int r;

        if (m->everywhere && source->view.consumer && source->view.consumer->docker_format)
                return environments_find(m->s, &source->input, source->view, m->d, nodes, ret_meaning);
        r = meaning_of(m->s, &source->input, &source->view, m->d, ret_meaning);
        for (size_t i = 0; i < sc_abi_count() && r == 0; i++)
                if (meaning_has_abi(ret_meaning, sc_abi_at(i)))
                        nodes[i] = sc_decision_fix(m->d, ret_meaning->node, SC_WORD_ARCH, sc_abi_at(i)->audit_arch);
        return r;
}

/* What a filter answers on the ABIs of one machine. */
static int take_machine(struct merger *m, struct source *source, const struct sc_abi *machine,
                        struct sc_merge_part *part)
{
        uint32_t family = family_bits(machine);
        sc_node nodes[SC_ABI_MAX] = { SC_NODE_FAILED };
        struct meaning meaning;
        int r;

        source->view.native = machine;
        r = find_nodes(m, source, nodes, &meaning);
        for (size_t i = 0; i < sc_abi_count() && r == 0; i++)
                if ((family & m->abis) >> i & 1 && meaning_has_abi(&meaning, sc_abi_at(i)))
                        part->nodes[i] = nodes[i];
        return r == 0 && meaning.profile ? take_flags(m, &meaning, part) : r;
}

static const char *first_error(const struct sc_diags *diags)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n; i++)
                if (all[i]->severity == SC_ERROR)
                        return all[i]->message;
        return "";
}

/* The same on one of several machines: where the file is refused, nothing runs, and its ABIs are none of its. */
static int try_machine(struct merger *m, struct source *source, const struct sc_abi *machine,
                       struct sc_merge_part *part)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sc_diags *own = m->s->diags;
        int r;

        if (!diags)
                return -ENOMEM;
        m->s->diags = diags;
        r = take_machine(m, source, machine, part);
        m->s->diags = own;
        if (r == 0)
                meaning_forward(m->s, diags);
        if (r == -EBADMSG)
                sc_diags_add(own, SC_WARNING, "refused", (struct sc_place){ 0 },
                             "%s is refused on %s machines, so it counts as having none of their ABIs: %s",
                             source->input.name, machine->name, first_error(diags));
        return r;
}

/* Takes a filter on all machines that do not refuse it; if all do, the last says why. */
static int take_machines(struct merger *m, struct source *source, struct sc_merge_part *part)
{
        const struct sc_abi *machines[SC_ABI_MAX];
        size_t n = find_machines(m, source, machines), taken = 0;
        int r = 0;

        for (size_t i = 0; i < n && (r == 0 || r == -EBADMSG); i++) {
                bool last = i + 1 == n && taken == 0;

                if (part->nodes[machines[i]->index] != SC_NODE_FAILED)
                        continue; /* a larger machine has that ABI too */
                r = (last ? take_machine : try_machine)(m, source, machines[i], part);
                taken += r == 0;
        }
        return r == -EBADMSG && taken ? 0 : r;
}

/* Returns an exit code; -1 if a filter cannot be told for all environments. */
static int take_source(struct merger *m, struct source *source, struct sc_merge_part *part)
{
        int r;

        *part = (struct sc_merge_part){ .policy = source->filter ? NULL : source->input.policy };
        if (!source->filter)
                return EXIT_YES;
        for (size_t i = 0; i < SC_ABI_MAX; i++)
                part->nodes[i] = SC_NODE_FAILED;
        r = take_machines(m, source, part);
        if (r > 0)
                return -1;
        return r ? report(m->s, r, source->input.name) : EXIT_YES;
}

static bool is_docker_form(const struct sc_emit_format *format)
{
        return sc_consumer_find(format->consumers[0], strlen(format->consumers[0]))->docker_format;
}

/* The environments: those that were named; else all, if the target and the sources can say them. */
static void choose_environments(struct merger *m, const struct sc_emit_format *format)
{
        m->everywhere = !m->options->caps_given && !m->options->kernel_given &&
                        (!format || is_docker_form(format));
        /* what is built from a policy to be taken is built for one kernel */
        for (size_t i = 0; i < m->n; i++)
                m->everywhere &= !m->sources[i].filter || !m->sources[i].input.policy;
        for (size_t i = 0; i < m->n && !m->everywhere && !m->filter; i++)
                if (m->sources[i].filter)
                        m->filter = &m->sources[i];
}

static int take_sources(struct merger *m)
{
        int code = EXIT_YES;

        for (size_t i = 0; i < m->n && code == 0; i++) {
                code = take_source(m, &m->sources[i], &m->parts[i]);
                if (code >= 0)
                        continue;
                m->everywhere = false;
                m->untold = true;
                m->filter = &m->sources[i];
                return take_sources(m);
        }
        return code;
}

static const char *why_one(const struct merger *m)
{
        if (m->untold)
                return "depends on kernels and capabilities in ways that cannot be told apart";
        return m->filter->input.policy ? "is taken as what is built from it" : "is no policy";
}

/* A filter that depends on its environment without saying how makes a result for that one. */
static void note_environment(const struct merger *m)
{
        if (!m->filter)
                return;
        sc_diags_add(m->s->diags, SC_NOTE, "one-environment", (struct sc_place){ 0 },
                     "%s %s: the result is for kernel %u.%u and %s capabilities; see --kernel and --caps",
                     m->filter->input.name, why_one(m), SC_KERNEL_MAJOR(m->filter->view.kernel),
                     SC_KERNEL_MINOR(m->filter->view.kernel),
                     m->options->caps == sc_caps_docker() ? "Docker's default" :
                     m->options->caps == sc_caps_all()    ? "all" :
                     m->options->caps                     ? "the given" : "no");
}

static int build(struct merger *m, const struct sc_emit_format *format, const struct sc_policy *policy)
{
        const struct options *options = m->options;
        const struct sc_emit_request request = {
                .policy = policy,
                .format = format,
                .abis = options->abis,
                .n_abis = options->n_abis,
                .caps = options->caps,
                .kernel_given = options->kernel_given || m->filter,
                .kernel = m->filter ? m->filter->view.kernel : options->kernel,
                .table = options->table,
                .join_errnos = true, /* nobody wrote them by ABI */
                .compiler = compiler_in_child(),
        };
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result result = { 0 };
        int r = sc_emit_build(m->s->arena, &request, m->s->diags, &result), code;

        if (r == 0)
                r = older_note(m->s, &request, &result);
        code = report(m->s, r, "building");
        return code ? code : output_profile(m->s, options, format, result.text, result.len);
}

static int make(struct merger *m, const struct sc_emit_format *format)
{
        const struct sc_merge_request request = {
                .parts = m->parts,
                .n_parts = m->n,
                .unite = m->options->unite,
                .abis = m->options->abis,
                .n_abis = m->options->n_abis,
                .fixed = m->filter != NULL,
                .caps = m->options->caps,
                .kernel = m->filter ? m->filter->view.kernel : 0,
                .description = m->options->description,
        };
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_merge_result result = { 0 };
        int r = sc_merge(m->s->arena, m->d, &request, m->s->diags, &result), code;

        text = result.text;
        if (r == 0 && format)
                return build(m, format, result.policy);
        code = report(m->s, r, "merging");
        return code ? code : output_write(m->s, m->options, text.text, text.len);
}

int verb_merge(struct session *s, const struct options *options)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct merger m = { .s = s, .options = options, .d = d };
        const struct sc_emit_format *format = NULL;
        int code;

        if (!d)
                return EXIT_SYSTEM;
        if (options->intersect == options->unite)
                return complain(s, options->unite ? "either --union or --intersect" : "say --union or --intersect");
        if (options->target) {
                format = output_format(s, options);
                if (!format)
                        return EXIT_INPUT;
        }
        code = read_sources(&m);
        if (code)
                return code;
        limit_abis(&m);
        choose_environments(&m, format);
        code = take_sources(&m);
        if (code)
                return code;
        note_environment(&m);
        return make(&m, format);
}

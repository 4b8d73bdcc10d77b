/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about the filter as a whole: its ABIs, and whether libseccomp made of the rules what they say. */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "lint/internal.h"

static struct sc_place arch_place(const struct sc_lint *lint, const struct sc_abi *abi)
{
        const struct sc_profile *p = lint->file->profile;

        for (size_t i = 0; i < p->architectures.n; i++)
                if (!strcmp(p->architectures.items[i].text, abi->oci))
                        return p->architectures.items[i].place;
        for (size_t i = 0; i < p->arch_map.n; i++)
                for (size_t k = 0; k < p->arch_map.items[i].sub_architectures.n; k++)
                        if (!strcmp(p->arch_map.items[i].sub_architectures.items[k].text, abi->oci))
                                return p->arch_map.items[i].sub_architectures.items[k].place;
        return lint_whole(lint);
}

/* True if an ABI of the machine is listed: then the profile is for it, and its own ABI was forgotten. */
static bool lists_family(const struct sc_profile *p, const struct sc_abi *native)
{
        const struct sc_abi *subs[SC_ABI_MAX];
        size_t n = sc_abi_subordinates(native, subs);

        for (size_t i = 0; i < p->architectures.n; i++)
                for (size_t k = 0; k < n; k++)
                        if (!strcmp(p->architectures.items[i].text, subs[k]->oci))
                                return true;
        return false;
}

int lint_native_abi_missing(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_lint_view *view = lint->view;
        const struct sc_profile *p = lint->file->profile;
        struct sc_lint_finding *f;
        struct sc_place start;
        const char *text;

        if (!view->planned || view->plan.unfiltered || view->plan.native_listed || !p->architectures.n)
                return 0;
        f = lint_add(lint, rule, p->architectures.place,
                     "%s is not among the architectures, and is filtered all the same: runc's stub for new calls "
                     "may leave it out", view->target.native->name);
        lint_hint(lint, f, "add \"%s\"", view->target.native->oci);
        if (!f || !lists_family(p, view->target.native))
                return 0;
        text = sc_arena_printf(lint->arena, "\"%s\", ", view->target.native->oci);
        if (!text)
                return -ENOMEM;
        start = p->architectures.items[0].place;
        start.length = 0;
        lint_edit(lint, f, start, text);
        return 0;
}

/* Whether an instruction is reached on an ABI: its arch word and the range of its numbers are known. */
struct reach {
        const struct sc_bpf_program *program;
        const struct sc_abi *abi;
        bool *seen;
};

/* How a jump on a known word goes: 1 yes, 0 no, -1 either. `word` is the offset that was loaded. */
static int jump_goes(const struct reach *r, uint32_t word, const struct sock_filter *insn)
{
        bool high = r->abi->nr_base == SC_ABI_X32_BIT;

        if (BPF_SRC(insn->code) != BPF_K || (word != 0 && word != 4))
                return -1;
        if (word == 4) /* seccomp_data.arch */
                return BPF_OP(insn->code) == BPF_JEQ ? insn->k == r->abi->audit_arch : -1;
        if (insn->k == SC_ABI_X32_BIT && BPF_OP(insn->code) != BPF_JEQ && BPF_OP(insn->code) != BPF_JGT)
                return high;
        if ((insn->k >= SC_ABI_X32_BIT) == high || BPF_OP(insn->code) == BPF_JSET)
                return -1;
        return high && BPF_OP(insn->code) != BPF_JEQ; /* the number and the constant are of different ABIs */
}

/* Marks what is reached. Jumps go forward, so one pass in order does, with the word that is loaded at each place. */
static int mark(struct reach *r, struct sc_arena *arena)
{
        size_t n = r->program->len;
        uint32_t *words = sc_arena_array(arena, n + 1, sizeof(*words));

        r->seen = sc_arena_array(arena, n + 1, sizeof(*r->seen));
        if (!words || !r->seen)
                return -ENOMEM;
        r->seen[0] = n > 0;
        for (size_t i = 0; i < n; i++) {
                const struct sock_filter *insn = &r->program->insns[i];
                size_t to[2] = { i + 1, i + 1 };
                int goes = -1;

                if (!r->seen[i] || BPF_CLASS(insn->code) == BPF_RET)
                        continue;
                if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
                        words[i] = insn->k;
                else if (BPF_CLASS(insn->code) != BPF_JMP)
                        words[i] = UINT32_MAX;
                if (insn->code == (BPF_JMP | BPF_JA)) {
                        to[0] = to[1] = i + 1 + insn->k;
                } else if (BPF_CLASS(insn->code) == BPF_JMP) {
                        goes = jump_goes(r, words[i], insn);
                        to[0] += insn->jf;
                        to[1] += insn->jt;
                }
                for (int k = 0; k < 2; k++)
                        if (goes != !k && to[k] < n) {
                                words[to[k]] = r->seen[to[k]] && words[to[k]] != words[i] ? UINT32_MAX : words[i];
                                r->seen[to[k]] = true;
                        }
        }
        return 0;
}

/* Instructions that are there for one ABI alone. */
static int instructions_for(struct sc_lint *lint, const struct sc_abi *abi, size_t *ret_n)
{
        struct reach own = { .program = &lint->view->program, .abi = abi };
        int r = mark(&own, lint->arena);
        size_t n = 0;

        for (size_t i = 0; i < lint->view->n_abis && r == 0; i++) {
                struct reach other = { .program = own.program, .abi = lint->view->abis[i] };

                if (other.abi == abi)
                        continue;
                r = mark(&other, lint->arena);
                for (size_t k = 0; r == 0 && k < own.program->len; k++)
                        own.seen[k] &= !other.seen[k];
        }
        for (size_t k = 0; r == 0 && k < own.program->len; k++)
                n += own.seen[k];
        *ret_n = n;
        return r;
}

/* An ABI that few programs use, next to the machine's own. */
static int check_admitted(struct sc_lint *lint, const struct sc_lint_rule *rule, const char *name, const char *why)
{
        const struct sc_abi *abi = sc_abi_find(name, strlen(name));
        struct sc_lint_finding *f;
        size_t n = 0;
        int r = 0;

        for (size_t i = 1; i < lint->view->n_abis && r == 0; i++) {
                if (lint->view->abis[i] != abi)
                        continue;
                r = lint->view->program.len ? instructions_for(lint, abi, &n) : 0;
                f = lint->file->profile ? lint_add(lint, rule, arch_place(lint, abi), "%s", why) : NULL;
                if (n)
                        lint_hint(lint, f, "%zu of the filter's %zu instructions are there for it alone", n,
                                  lint->view->instructions);
        }
        return r;
}

int lint_x32_admitted(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return check_admitted(lint, rule, "x32",
                              "x32 is admitted: few kernels and no common image run it, and conditions on 64 bits "
                              "see the low half there");
}

int lint_x86_admitted(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        return check_admitted(lint, rule, "x86",
                              "32-bit x86 is admitted: needed for 32-bit programs only, and its socketcall hides "
                              "arguments from every condition");
}

int lint_miscompiled(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_lint_view *view = lint->view;
        struct sc_outcome outcome = { .program = view->program, .node = view->node };
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf call = SC_STRBUF_INIT, says = SC_STRBUF_INIT, does = SC_STRBUF_INIT;
        struct sc_miscompiled wrong = { 0 };
        struct sc_lint_finding *f;
        int r;

        if (!lint->file->profile)
                return 0;
        r = sc_consumer_check(lint->arena, &view->target, lint->file->profile, lint->options->compiler, lint->d,
                              &outcome, &wrong);
        if (r <= 0)
                return r == -ENOMEM ? r : 0;
        sc_witness_format(&wrong.witness, &call);
        sc_action_format(wrong.witness.a, &says);
        sc_action_format(wrong.witness.b, &does);
        if (call.failed || says.failed || does.failed)
                return -ENOMEM;
        f = lint_add(lint, rule, wrong.place,
                     "libseccomp compiles these rules wrong: %s is %s by the rules, and %s in the filter", call.text,
                     says.text, does.text);
        lint_witness(lint, f, wrong.witness.abi, wrong.witness.nr, wrong.witness.args, wrong.witness.a);
        return 0;
}

int lint_baseline_unpinned(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_policy *policy = lint->file->policy;
        sc_kernel k = sc_kernel_newest();

        if (policy && !policy->baseline_given)
                lint_hint(lint,
                          lint_add(lint, rule, lint_whole(lint),
                                   "without a \"baseline\", a newer seccompose takes newer calls for judged, and "
                                   "denies them with EPERM"),
                          "write \"baseline\": \"%u.%u\"", SC_KERNEL_MAJOR(k), SC_KERNEL_MINOR(k));
        return 0;
}

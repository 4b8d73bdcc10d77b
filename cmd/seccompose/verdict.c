/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts as text, a line for each proof, and as JSON (schema/verify.schema.json). */
#include "seccompose/verdict.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccompose/output.h"

/* How a file was taken: by whom, or by itself. */
static const char *taken_by(const struct verdicts *v, const struct comparison *c, int side)
{
        enum sc_file_kind kind = v->inputs[side]->kind;

        if (kind == SC_FILE_BPF || kind == SC_FILE_PROCESS)
                return kind == SC_FILE_BPF ? "program" : "process";
        return c->consumers[side] ? c->consumers[side]->name : "policy";
}

static bool same_takers(const struct comparison *a, const struct comparison *b)
{
        return a->consumers[0] == b->consumers[0] && a->consumers[1] == b->consumers[1];
}

static bool both_kill(const struct comparison *c, size_t i)
{
        return c->killed[0] & c->killed[1] & UINT32_C(1) << i;
}

/* "x86_64 (x86; killed: x32)" */
static void format_machine(const struct comparison *c, struct sc_strbuf *out)
{
        const char *separators[] = { " (", " (killed: " };
        bool open = false;

        sc_strbuf_puts(out, c->machine->name);
        for (int killed = 0; killed < 2; killed++)
                for (size_t i = 0; i < c->n_abis; i++) {
                        if (both_kill(c, i) != killed || (c->abis[i] == c->machine && !killed))
                                continue;
                        sc_strbuf_printf(out, "%s%s", separators[killed], c->abis[i]->name);
                        separators[killed] = ", ";
                        separators[1] = killed ? ", " : "; killed: ";
                        open = true;
                }
        sc_strbuf_puts(out, open ? ")" : "");
}

static void format_from(sc_caps caps, sc_caps base, const char *name, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, name);
        for (unsigned i = 0; i < sc_cap_count(); i++)
                if ((caps ^ base) >> i & 1)
                        sc_strbuf_printf(out, "%c%s", base >> i & 1 ? '-' : '+', sc_cap_name(i));
}

void verdict_format_caps(sc_caps caps, struct sc_strbuf *out)
{
        const struct {
                const char *name;
                sc_caps caps;
        } bases[] = { { "default", sc_caps_docker() }, { "all", sc_caps_all() }, { "none", 0 } };
        size_t best = 0;

        for (size_t i = 1; i < SC_COUNT(bases); i++)
                if (__builtin_popcountll(caps ^ bases[i].caps) < __builtin_popcountll(caps ^ bases[best].caps))
                        best = i;
        format_from(caps, bases[best].caps, bases[best].name, out);
}

static void format_environment(const struct verdicts *v, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "capabilities: ");
        verdict_format_caps(v->options->caps, out);
        sc_strbuf_printf(out, "; kernel %u.%u", SC_KERNEL_MAJOR(v->kernel), SC_KERNEL_MINOR(v->kernel));
}

static void format_takers(const struct verdicts *v, const struct comparison *c, struct sc_strbuf *out)
{
        const char *a = taken_by(v, c, 0), *b = taken_by(v, c, 1);

        sc_strbuf_printf(out, "%s", a);
        if (a != b)
                sc_strbuf_printf(out, ", %s", b);
}

/* One line for all machines of a pair of consumers. */
static void format_proof(const struct verdicts *v, const struct comparison *c, struct sc_strbuf *out)
{
        const char *separator = "";

        sc_strbuf_puts(out, v->question == SC_ASK_SAME ? "same (" : "nowhere looser (");
        format_takers(v, c, out);
        sc_strbuf_puts(out, "): every call number and argument on ");
        for (const struct comparison *o = c; o; o = o->next)
                if (o->verdict == VERDICT_YES && same_takers(o, c)) {
                        sc_strbuf_puts(out, separator);
                        format_machine(o, out);
                        separator = ", ";
                }
        sc_strbuf_puts(out, "; ");
        format_environment(v, out);
        sc_strbuf_puts(out, "\n");
}

static bool proven_before(const struct verdicts *v, const struct comparison *c)
{
        for (const struct comparison *o = v->first; o != c; o = o->next)
                if (o->verdict == VERDICT_YES && same_takers(o, c))
                        return true;
        return false;
}

static bool kills_abi(const struct comparison *c, int side)
{
        for (size_t i = 0; i < c->n_abis; i++)
                if (c->abis[i] == c->witness.abi)
                        return c->killed[side] >> i & 1;
        return false;
}

static void format_side(const struct verdicts *v, const struct comparison *c, int side, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "  %c %s (%s): ", "AB"[side], v->inputs[side]->name, taken_by(v, c, side));
        if (c->refusals[side]) {
                sc_strbuf_printf(out, "refused: %s\n", c->refusals[side]);
                return;
        }
        if (c->refusals[!side]) {
                sc_strbuf_puts(out, "taken\n");
                return;
        }
        sc_action_format(side ? c->witness.b : c->witness.a, out);
        if (kills_abi(c, side) && (side ? c->witness.b : c->witness.a) == SECCOMP_RET_KILL_THREAD)
                sc_strbuf_printf(out, ", as the filter does not have %s", c->witness.abi->name);
        sc_strbuf_puts(out, "\n");
}

/* The options about them that were given, as --help writes them. */
static void format_circumstances(const struct options *o, struct sc_strbuf *out)
{
        const char *separator = " --caps ";

        if (o->kernel_given)
                sc_strbuf_printf(out, " --kernel %u.%u", SC_KERNEL_MAJOR(o->kernel), SC_KERNEL_MINOR(o->kernel));
        if (o->table)
                sc_strbuf_printf(out, " --libseccomp %s", sc_scmptable_name(o->table));
        if (!o->caps_given)
                return;
        for (unsigned i = 0; i < sc_cap_count() && o->caps != sc_caps_all(); i++)
                if (o->caps >> i & 1) {
                        sc_strbuf_printf(out, "%s%s", separator, sc_cap_name(i));
                        separator = ",";
                }
        if (o->caps == 0 || o->caps == sc_caps_all())
                sc_strbuf_printf(out, " --caps %s", o->caps ? "all" : "none");
}

/* True if a shell takes the name for itself: what is told here will be pasted. */
static bool is_plain(const char *name)
{
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+=,-";

        return name[strspn(name, plain)] == '\0';
}

/* One call is shown here; diff shows all. What A may do beyond B is what is new in A. */
static void format_way_on(const struct verdicts *v, const struct comparison *c, struct sc_strbuf *out)
{
        const struct options *o = v->options;
        bool turned = v->question == SC_ASK_SUBSET;

        if (!is_plain(o->args[0]) || !is_plain(o->args[1]))
                return;
        sc_strbuf_printf(out, "\n  for all: seccompose diff %s %s", o->args[turned], o->args[!turned]);
        for (size_t i = 0; i < c->n_abis && (o->n_abis || c->machine != sc_abi_native()); i++)
                sc_strbuf_printf(out, "%s%s", i ? "," : " --arch ", c->abis[i]->name);
        if (o->target && (c->consumers[0] || c->consumers[1]))
                sc_strbuf_printf(out, " --for %s", (c->consumers[0] ? c->consumers[0] : c->consumers[1])->name);
        format_circumstances(o, out);
}

static void format_difference(const struct verdicts *v, const struct comparison *c, struct sc_strbuf *out)
{
        bool refused = c->refusals[0] || c->refusals[1];

        sc_strbuf_puts(out, v->question == SC_ASK_SAME ? "differs: " : "looser: ");
        if (refused)
                sc_strbuf_puts(out, "one file is refused");
        else
                sc_witness_format(&c->witness, out);
        sc_strbuf_puts(out, "\n");
        format_side(v, c, 0, out);
        format_side(v, c, 1, out);
        sc_strbuf_puts(out, "  on ");
        format_machine(c, out);
        sc_strbuf_puts(out, "; ");
        format_environment(v, out);
        if (!refused) {
                sc_strbuf_puts(out, "\n  for eval: ");
                sc_witness_question(&c->witness, out);
                format_way_on(v, c, out);
        }
        sc_strbuf_puts(out, "\n");
}

static void format_text(const struct verdicts *v, struct sc_strbuf *out)
{
        const struct comparison *last = v->first;

        while (last->next)
                last = last->next;
        if (last->verdict == VERDICT_NO)
                format_difference(v, last, out);
        for (const struct comparison *c = v->first; c && last->verdict != VERDICT_NO; c = c->next)
                if (c->verdict == VERDICT_YES && !proven_before(v, c))
                        format_proof(v, c, out);
}

static void write_file(const struct verdicts *v, int side, struct sc_json_writer *w)
{
        static const char *const kinds[] = {
                [SC_FILE_UNKNOWN] = "unknown", [SC_FILE_POLICY] = "policy", [SC_FILE_CONFIG] = "config",
                [SC_FILE_DOCKER] = "docker",   [SC_FILE_OCI] = "oci",       [SC_FILE_BPF] = "program",
                [SC_FILE_PROCESS] = "process",
        };

        sc_json_write_key(w, side ? "b" : "a");
        sc_json_write_object(w);
        sc_json_write_member(w, "file", v->inputs[side]->name);
        sc_json_write_member(w, "kind", kinds[v->inputs[side]->kind]);
        sc_json_write_object_end(w);
}

static void write_abis(const struct comparison *c, const char *key, bool killed, struct sc_json_writer *w)
{
        sc_json_write_key(w, key);
        sc_json_write_array(w);
        for (size_t i = 0; i < c->n_abis; i++)
                if (!killed || both_kill(c, i))
                        sc_json_write_string(w, c->abis[i]->name);
        sc_json_write_array_end(w);
}

static void write_answer(struct sc_json_writer *w, const char *key, sc_action action)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_action_format(action, &text);
        sc_json_write_member(w, key, text.text ? text.text : "");
        sc_strbuf_done(&text);
}

static void write_witness(const struct comparison *c, struct sc_json_writer *w)
{
        sc_json_write_key(w, "witness");
        sc_json_write_object(w);
        sc_witness_write(&c->witness, w);
        write_answer(w, "a", c->witness.a);
        write_answer(w, "b", c->witness.b);
        sc_json_write_key(w, "confirmed"); /* by running the programs */
        sc_json_write_array(w);
        for (int side = 0; side < 2; side++)
                if (c->ran[side])
                        sc_json_write_string(w, side ? "b" : "a");
        sc_json_write_array_end(w);
        sc_json_write_object_end(w);
}

static void write_comparison(const struct verdicts *v, const struct comparison *c, struct sc_json_writer *w)
{
        static const char *const words[] = { "yes", "no", "refused" };

        sc_json_write_object(w);
        sc_json_write_member(w, "verdict", words[c->verdict]);
        sc_json_write_member(w, "machine", c->machine->name);
        write_abis(c, "abis", false, w);
        write_abis(c, "killed", true, w);
        for (int side = 0; side < 2; side++) {
                sc_json_write_member(w, side ? "b_as" : "a_as", taken_by(v, c, side));
                if (c->refusals[side])
                        sc_json_write_member(w, side ? "b_refused" : "a_refused", c->refusals[side]);
        }
        if (c->verdict == VERDICT_NO && !c->refusals[0] && !c->refusals[1])
                write_witness(c, w);
        sc_json_write_object_end(w);
}

static int print_json(const struct verdicts *v)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_INDENTED);
        bool no = false;

        for (const struct comparison *c = v->first; c; c = c->next)
                no |= c->verdict == VERDICT_NO;
        sc_json_write_object(w);
        sc_json_write_member(w, "question", v->question == SC_ASK_SAME ? "same" : "subset");
        sc_json_write_member(w, "answer", no ? "no" : "yes");
        write_file(v, 0, w);
        write_file(v, 1, w);
        output_environment(w, v->kernel, v->options->caps);
        sc_json_write_key(w, "comparisons");
        sc_json_write_array(w);
        for (const struct comparison *c = v->first; c; c = c->next)
                write_comparison(v, c, w);
        sc_json_write_array_end(w);
        sc_json_write_object_end(w);
        return output_json(w);
}

int verdicts_print(const struct verdicts *v)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        if (v->options->json)
                return print_json(v);
        format_text(v, &out);
        return output_text(&out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as JSON (schema/diff.schema.json). */
#include <stdio.h>
#include <stdlib.h>

#include "seccompose/diff.h"
#include "seccompose/output.h"

static void write_files(const struct diff_report *report, struct sc_json_writer *w)
{
        for (int i = 0; i < 2; i++) {
                sc_json_write_key(w, i ? "b" : "a");
                sc_json_write_object(w);
                sc_json_write_member(w, "file", report->inputs[i]->name);
                sc_json_write_member(w, "as", report->takers[i]);
                sc_json_write_object_end(w);
        }
}

static void write_abi(const struct diff_place *place, struct sc_json_writer *w)
{
        sc_json_write_object(w);
        sc_json_write_member(w, "name", place->label);
        sc_json_write_member(w, "abi", place->abi->name);
        sc_json_write_member(w, "machine", place->machine->name);
        if (place->lacks[0] || place->lacks[1])
                sc_json_write_member(w, "lacking", !place->lacks[1] ? "a" : !place->lacks[0] ? "b" : "both");
        sc_json_write_object_end(w);
}

static void write_abis(const struct diff_report *report, struct sc_json_writer *w)
{
        sc_json_write_key(w, "abis");
        sc_json_write_array(w);
        for (size_t i = 0; i < report->n_places; i++)
                write_abi(&report->places[i], w);
        sc_json_write_array_end(w);
}

/* Machines on which files are refused, and those that only one names; neither, where there are none. */
static void write_others(const struct diff_report *report, struct sc_json_writer *w)
{
        if (report->n_refusals) {
                sc_json_write_key(w, "refused");
                sc_json_write_array(w);
        }
        for (size_t i = 0; i < report->n_refusals; i++) {
                sc_json_write_object(w);
                sc_json_write_member(w, "machine", report->refusals[i].machine->name);
                for (int k = 0; k < 2; k++)
                        if (report->refusals[i].messages[k])
                                sc_json_write_member(w, k ? "b" : "a", report->refusals[i].messages[k]);
                sc_json_write_object_end(w);
        }
        if (report->n_refusals)
                sc_json_write_array_end(w);
        for (int k = 0; k < 2; k++) {
                if (report->n_alone[k] == 0)
                        continue;
                sc_json_write_key(w, k ? "only_b_names" : "only_a_names");
                sc_json_write_array(w);
                for (size_t i = 0; i < report->n_alone[k]; i++)
                        sc_json_write_string(w, report->alone[k][i]->name);
                sc_json_write_array_end(w);
        }
}

static void write_answers(const struct sc_compare_answers *answers, const char *key, struct sc_json_writer *w)
{
        sc_json_write_key(w, key);
        sc_json_write_array(w);
        for (size_t i = 0; i < answers->n; i++) {
                const struct sc_compare_answer *answer = &answers->items[i];
                struct sc_strbuf action = SC_STRBUF_INIT;

                sc_action_format(answer->action, &action);
                sc_json_write_object(w);
                sc_json_write_member(w, "action", action.text ? action.text : "");
                if (answer->policy)
                        sc_json_write_member(w, "when", answer->policy);
                else if (answer->too_large)
                        sc_json_write_member(w, "condition", "too-large");
                sc_json_write_object_end(w);
                sc_strbuf_done(&action);
        }
        sc_json_write_array_end(w);
}

static void write_places(const struct diff_report *report, const char *key, uint32_t places, struct sc_json_writer *w)
{
        sc_json_write_key(w, key);
        sc_json_write_array(w);
        for (size_t i = 0; i < report->n_compared; i++)
                if (places >> i & 1)
                        sc_json_write_string(w, report->labels[i]);
        sc_json_write_array_end(w);
}

/* All numbers that no call has are other ranges on each ABI: they are not listed. */
static void write_subject(const struct sc_change_group *group, struct sc_json_writer *w)
{
        if (group->all_numbers) {
                sc_json_write_member(w, "numbers", "all");
                return;
        }
        sc_json_write_key(w, group->n_calls ? "calls" : "numbers");
        sc_json_write_array(w);
        for (size_t i = 0; i < group->n_calls; i++)
                sc_json_write_string(w, sc_syscall_name(group->calls[i]));
        for (size_t i = 0; i < group->n_numbers; i++) {
                sc_json_write_object(w);
                sc_json_write_member_u64(w, "first", group->numbers[i].first);
                sc_json_write_member_u64(w, "last", group->numbers[i].last);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static void write_group(const struct diff_report *report, const struct sc_change_group *group, struct sc_json_writer *w)
{
        static const char *const kinds[] = {
                [SC_CHANGE_ALLOWED] = "allowed",
                [SC_CHANGE_DENIED] = "denied",
                [SC_CHANGE_CONDITION] = "condition",
                [SC_CHANGE_ACTION] = "action",
        };
        static const char *const directions[] = { "same", "wider", "narrower", "other" };

        sc_json_write_object(w);
        sc_json_write_member(w, "kind", kinds[group->kind]);
        sc_json_write_member(w, "let_through", directions[group->direction]);
        write_places(report, "abis", group->places, w);
        if (group->whole)
                write_places(report, "whole_registers", group->whole, w);
        write_answers(&group->a, "a", w);
        write_answers(&group->b, "b", w);
        if (group->witness)
                sc_json_write_member(w, "witness", group->witness);
        write_subject(group, w);
        sc_json_write_object_end(w);
}

int diff_print_json(const struct diff_report *report, struct sc_strbuf *out)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_INDENTED);
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len;
        int r;

        sc_json_write_object(w);
        sc_json_write_member(w, "answer", diff_is_same(report) ? "same" : "differs");
        write_files(report, w);
        output_environment(w, report->kernel, report->options->caps);
        write_abis(report, w);
        write_others(report, w);
        sc_json_write_key(w, "changes");
        sc_json_write_array(w);
        for (size_t i = 0; i < report->n_groups; i++)
                write_group(report, &report->groups[i], w);
        sc_json_write_array_end(w);
        sc_json_write_object_end(w);
        r = sc_json_writer_finish(w, &text, &len);
        if (r == 0)
                sc_strbuf_append(out, text, len);
        return r;
}

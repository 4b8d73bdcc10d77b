/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of `lint` as JSON (schema/lint.schema.json): one object a line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "seccompose/lint.h"

/* Columns count bytes here, as the text does. */
static void write_place(struct sc_json_writer *w, const struct sc_place *place)
{
        struct sc_position from = sc_source_locate(place->source, place->offset);
        struct sc_position to = sc_source_locate(place->source, place->offset + place->length);

        sc_json_write_member_u64(w, "line", from.line);
        sc_json_write_member_u64(w, "column", from.column);
        sc_json_write_member_u64(w, "end_line", to.line);
        sc_json_write_member_u64(w, "end_column", to.column);
}

static void write_see_also(struct sc_json_writer *w, const struct sc_diag *diag)
{
        if (diag->n_places < 2)
                return;
        sc_json_write_key(w, "see_also");
        sc_json_write_array(w);
        for (size_t i = 1; i < diag->n_places; i++) {
                sc_json_write_object(w);
                sc_json_write_member_lossy(w, "file", diag->places[i].source->name);
                write_place(w, &diag->places[i]);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static void write_consumers(struct sc_json_writer *w, const struct sc_lint_finding *f)
{
        const char *names[32];
        size_t n = lint_consumers(f, names);

        if (n == 0)
                return;
        sc_json_write_key(w, "consumers");
        sc_json_write_array(w);
        for (size_t i = 0; i < n; i++)
                sc_json_write_string(w, names[i]);
        sc_json_write_array_end(w);
}

static void write_action(struct sc_json_writer *w, const char *key, sc_action action)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;

        sc_action_format(action, &text);
        sc_json_write_member_lossy(w, key, text.failed ? NULL : text.text);
}

static void write_witness(struct sc_json_writer *w, const struct sc_lint_finding *f)
{
        if (!f->has_witness)
                return;
        sc_json_write_key(w, "witness");
        sc_json_write_object(w);
        sc_witness_write(&f->witness, w);
        write_action(w, "answer", f->witness.a);
        write_action(w, "wanted", f->witness.b);
        sc_json_write_object_end(w);
}

static void write_edits(struct sc_json_writer *w, const struct lint_look *look, const struct lint_found *found)
{
        if (!lint_can_fix(look, found))
                return;
        sc_json_write_key(w, "edits");
        sc_json_write_array(w);
        for (size_t i = 0; i < found->finding->n_edits; i++) {
                const struct sc_lint_edit *edit = &found->finding->edits[i];

                sc_json_write_object(w);
                write_place(w, &(struct sc_place){ look->source, edit->offset, edit->length });
                sc_json_write_member_u64(w, "offset", edit->offset);
                sc_json_write_member_u64(w, "length", edit->length);
                sc_json_write_member_lossy(w, "text", edit->text);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
}

static void write_finding(struct sc_json_writer *w, const struct lint_look *look, size_t i)
{
        const struct lint_found *found = &look->items[i];
        const struct sc_diag *diag = &found->diag;

        sc_json_write_object(w);
        sc_json_write_member_lossy(w, "rule", diag->rule);
        sc_json_write_member_lossy(w, "severity", lint_severities[diag->severity]);
        sc_json_write_member_lossy(w, "file", diag->n_places ? diag->places[0].source->name : look->source->name);
        if (diag->n_places)
                write_place(w, &diag->places[0]);
        sc_json_write_member_lossy(w, "message", diag->message);
        if (diag->hint)
                sc_json_write_member_lossy(w, "hint", diag->hint);
        write_see_also(w, diag);
        write_consumers(w, found->finding);
        write_witness(w, found->finding);
        write_edits(w, look, found);
        sc_json_write_member_lossy(w, "fingerprint", found->fingerprint);
        sc_json_write_object_end(w);
}

int lint_print_each(lint_write write, const struct lint_look *look, size_t n, struct sc_strbuf *out)
{
        for (size_t i = 0; i < n; i++) {
                SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_COMPACT);
                SC_CLEANUP(sc_freep) char *text = NULL;
                size_t len;
                int r;

                write(w, look, i);
                r = sc_json_writer_finish(w, &text, &len);
                if (r < 0)
                        return r;
                sc_strbuf_puts(out, i ? ",\n" : "");
                sc_strbuf_append(out, text, len);
        }
        return out->failed ? -ENOMEM : 0;
}

int lint_print_json(const struct lint_run *run, const struct lint_look *look, struct sc_strbuf *out)
{
        (void)run;
        return lint_print_each(write_finding, look, look->n, out);
}

int lint_begin_json(struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "{\n\"findings\": [\n");
        return out->failed ? -ENOMEM : 0;
}

int lint_end_json(const struct lint_counts *sum, size_t n_files, size_t passed_over, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "\n],\n");
        sc_strbuf_printf(out, "\"errors\": %zu,\n\"warnings\": %zu,\n\"notes\": %zu,\n", sum->severities[SC_ERROR],
                         sum->severities[SC_WARNING], sum->severities[SC_NOTE]);
        sc_strbuf_printf(out, "\"in_baseline\": %zu,\n\"ignored\": %zu,\n\"fixed\": %zu,\n", sum->old, sum->ignored,
                         sum->fixed);
        sc_strbuf_printf(out, "\"files\": %zu,\n\"passed_over\": %zu\n}\n", n_files, passed_over);
        return out->failed ? -ENOMEM : 0;
}

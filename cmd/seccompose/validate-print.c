/* SPDX-License-Identifier: Apache-2.0 */
/* What was found in files, as text and as JSON (schema/validate.schema.json). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccompose/output.h"
#include "seccompose/validate.h"

static const char *const outcome_names[] = { "valid", "invalid", "unreadable" };

/* "valid as a policy", "valid, taken for a policy", "valid by own.json" */
static void format_verdict(const struct options *options, const struct checked *file, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "%s: %s", file->name, file->outcome == OUTCOME_VALID ? "valid" : "not valid");
        if (options->schema)
                sc_strbuf_printf(out, " by %s", options->schema);
        else if (file->form)
                sc_strbuf_printf(out, "%s%s", options->as ? " as " : ", taken for ", file->form->what);
}

int validate_print_text(const struct options *options, const struct checked *file)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf out = SC_STRBUF_INIT;
        size_t n, all = sc_diags_count(file->diags, SC_ERROR);
        const struct sc_diag *const *diags = sc_diags_all(file->diags, &n);

        if (file->outcome == OUTCOME_UNREADABLE)
                return 0; /* was said on standard error */
        for (size_t i = 0; i < n; i++)
                sc_diag_format(diags[i], &out);
        format_verdict(options, file, &out);
        if (all)
                sc_strbuf_printf(&out, ": %zu finding%s", all, all > 1 ? "s" : "");
        sc_strbuf_puts(&out, "\n");
        if (out.failed)
                return -ENOMEM;
        fwrite(out.text, 1, out.len, stdout);
        return 0;
}

void validate_print_summary(const size_t counts[OUTCOME_COUNT])
{
        size_t all = counts[OUTCOME_VALID] + counts[OUTCOME_INVALID] + counts[OUTCOME_UNREADABLE];

        if (all < 2)
                return;
        printf("%zu files: %zu valid, %zu not valid", all, counts[OUTCOME_VALID], counts[OUTCOME_INVALID]);
        if (counts[OUTCOME_UNREADABLE])
                printf(", %zu not read", counts[OUTCOME_UNREADABLE]);
        printf("\n");
}

/* Names of files may be no UTF-8, and JSON is. */
static void json_string(struct sc_json_writer *w, const char *key, const char *value)
{
        if (value)
                sc_json_write_member_lossy(w, key, value);
}

static void json_place(struct sc_json_writer *w, const struct sc_diag *diag)
{
        struct sc_position at;

        if (!diag->n_places || !diag->places[0].source)
                return;
        at = sc_source_locate(diag->places[0].source, diag->places[0].offset);
        sc_json_write_member_u64(w, "line", at.line);
        sc_json_write_member_u64(w, "column", at.column);
        sc_json_write_member_u64(w, "length", diag->places[0].length);
}

void validate_json_begin(struct sc_json_writer *w)
{
        sc_json_write_object(w);
        sc_json_write_key(w, "files");
        sc_json_write_array(w);
}

void validate_json_file(struct sc_json_writer *w, const struct options *options, const struct checked *file)
{
        size_t n;
        const struct sc_diag *const *diags = sc_diags_all(file->diags, &n);

        sc_json_write_object(w);
        json_string(w, "file", file->name);
        json_string(w, "result", outcome_names[file->outcome]);
        json_string(w, "as", file->form ? file->form->name : NULL);
        json_string(w, "by", !file->form ? NULL : options->as ? "option" : "guess");
        json_string(w, "schema", options->schema);
        sc_json_write_key(w, "findings");
        sc_json_write_array(w);
        for (size_t i = 0; i < n; i++) {
                const struct sc_schema_finding *found = i < file->n_findings ? &file->findings[i] : NULL;

                sc_json_write_object(w);
                json_string(w, "rule", diags[i]->rule);
                json_string(w, "keyword", found ? found->keyword : NULL);
                json_string(w, "path", found ? found->path : NULL);
                json_place(w, diags[i]);
                json_string(w, "message", diags[i]->message);
                json_string(w, "hint", diags[i]->hint);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
        sc_json_write_object_end(w);
}

int validate_json_end(struct sc_json_writer *w, const size_t counts[OUTCOME_COUNT])
{

        sc_json_write_array_end(w);
        for (size_t i = 0; i < OUTCOME_COUNT; i++)
                sc_json_write_member_u64(w, outcome_names[i], counts[i]);
        sc_json_write_object_end(w);
        return output_json(w);
}

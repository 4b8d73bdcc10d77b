/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of `lint` as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): one result a line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "seccompose/lint.h"

static const char *const levels[] = { "error", "warning", "note" };

static void open_object(struct sc_json_writer *w, const char *key)
{
        sc_json_write_key(w, key);
        sc_json_write_object(w);
}

static void open_array(struct sc_json_writer *w, const char *key)
{
        sc_json_write_key(w, key);
        sc_json_write_array(w);
}

static void write_text(struct sc_json_writer *w, const char *key, const char *text)
{
        open_object(w, key);
        sc_json_write_member_lossy(w, "text", text);
        sc_json_write_object_end(w);
}

/* A path as a URI: relative ones stay so (RFC 3986, 2.1 and 4.2). */
static void write_uri(struct sc_json_writer *w, const char *path)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf uri = SC_STRBUF_INIT;

        while (!strncmp(path, "./", 2))
                path += 2;
        sc_strbuf_puts(&uri, path[0] == '/' ? "file://" : "");
        for (; *path; path++) {
                char c = *path;

                if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~/", c))
                        sc_strbuf_append(&uri, path, 1);
                else
                        sc_strbuf_printf(&uri, "%%%02X", (unsigned char)c);
        }
        open_object(w, "artifactLocation");
        sc_json_write_member_lossy(w, "uri", uri.failed ? NULL : uri.text);
        sc_json_write_object_end(w);
}

static void write_region(struct sc_json_writer *w, const char *key, const struct sc_place *place)
{
        struct lint_region at = lint_region_of(place);

        open_object(w, key);
        sc_json_write_member_u64(w, "startLine", at.line);
        sc_json_write_member_u64(w, "startColumn", at.column);
        sc_json_write_member_u64(w, "endLine", at.end_line);
        sc_json_write_member_u64(w, "endColumn", at.end_column);
        sc_json_write_object_end(w);
}

static void write_location(struct sc_json_writer *w, const struct sc_source *source, const struct sc_place *place)
{
        sc_json_write_object(w);
        open_object(w, "physicalLocation");
        write_uri(w, source->name);
        if (place)
                write_region(w, "region", place);
        sc_json_write_object_end(w);
        sc_json_write_object_end(w);
}

static void write_locations(struct sc_json_writer *w, const struct lint_look *look, const struct sc_diag *diag)
{
        const struct sc_place *place = diag->n_places ? &diag->places[0] : NULL;

        open_array(w, "locations");
        write_location(w, place ? place->source : look->source, place);
        sc_json_write_array_end(w);
        if (diag->n_places < 2)
                return;
        open_array(w, "relatedLocations");
        for (size_t i = 1; i < diag->n_places; i++)
                write_location(w, diag->places[i].source, &diag->places[i]);
        sc_json_write_array_end(w);
}

static void write_fixes(struct sc_json_writer *w, const struct lint_look *look, const struct lint_found *found)
{
        if (!lint_can_fix(look, found))
                return;
        open_array(w, "fixes");
        sc_json_write_object(w);
        open_array(w, "artifactChanges");
        sc_json_write_object(w);
        write_uri(w, look->source->name);
        open_array(w, "replacements");
        for (size_t i = 0; i < found->finding->n_edits; i++) {
                const struct sc_lint_edit *edit = &found->finding->edits[i];

                sc_json_write_object(w);
                write_region(w, "deletedRegion", &(struct sc_place){ look->source, edit->offset, edit->length });
                write_text(w, "insertedContent", edit->text);
                sc_json_write_object_end(w);
        }
        sc_json_write_array_end(w);
        sc_json_write_object_end(w);
        sc_json_write_array_end(w);
        sc_json_write_object_end(w);
        sc_json_write_array_end(w);
}

/* What SARIF has no members for. */
static void write_properties(struct sc_json_writer *w, const struct sc_lint_finding *f)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf call = SC_STRBUF_INIT;
        const char *names[32];
        size_t n = lint_consumers(f, names);

        open_object(w, "properties");
        if (n) {
                open_array(w, "consumers");
                for (size_t i = 0; i < n; i++)
                        sc_json_write_string(w, names[i]);
                sc_json_write_array_end(w);
        }
        if (f->has_witness) {
                sc_witness_format(&f->witness, &call);
                sc_json_write_member_lossy(w, "witness", call.failed ? NULL : call.text);
        }
        sc_json_write_object_end(w);
}

static void write_message(struct sc_json_writer *w, const struct sc_diag *diag)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;

        sc_strbuf_puts(&text, diag->message);
        if (diag->hint)
                sc_strbuf_printf(&text, "\n%s", diag->hint);
        write_text(w, "message", text.failed ? NULL : text.text);
}

static void write_rule_index(struct sc_json_writer *w, const struct sc_lint_rule *rule)
{
        for (size_t i = 0; i < sc_lint_rule_count(); i++)
                if (sc_lint_rule_at(i) == rule)
                        sc_json_write_member_u64(w, "ruleIndex", i);
}

static void write_result(struct sc_json_writer *w, const struct lint_look *look, size_t i)
{
        const struct lint_found *found = &look->items[i];

        sc_json_write_object(w);
        sc_json_write_member_lossy(w, "ruleId", found->diag.rule);
        write_rule_index(w, found->finding->rule);
        sc_json_write_member_lossy(w, "level", levels[found->diag.severity]);
        write_message(w, &found->diag);
        write_locations(w, look, &found->diag);
        write_fixes(w, look, found);
        open_object(w, "partialFingerprints");
        sc_json_write_member_lossy(w, "seccomposeFinding/v1", found->fingerprint);
        sc_json_write_object_end(w);
        write_properties(w, found->finding);
        sc_json_write_object_end(w);
}

int lint_print_sarif(const struct lint_run *run, const struct lint_look *look, struct sc_strbuf *out)
{
        (void)run;
        return lint_print_each(write_result, look, look->n, out);
}

static void write_rule(struct sc_json_writer *w, const struct lint_look *look, size_t i)
{
        const struct sc_lint_rule *rule = sc_lint_rule_at(i);
        const char *page = sc_lint_page(rule->id);

        (void)look;
        sc_json_write_object(w);
        sc_json_write_member_lossy(w, "id", rule->id);
        write_text(w, "shortDescription", rule->summary);
        open_object(w, "help");
        sc_json_write_member_lossy(w, "text", page ? page : rule->summary);
        if (page)
                sc_json_write_member_lossy(w, "markdown", page);
        sc_json_write_object_end(w);
        open_object(w, "defaultConfiguration");
        sc_json_write_member_lossy(w, "level", levels[rule->severity]);
        sc_json_write_object_end(w);
        sc_json_write_object_end(w);
}

int lint_begin_sarif(struct sc_strbuf *out)
{
        int r;

        sc_strbuf_puts(out, "{\n\"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
                            "\"version\": \"2.1.0\",\n\"runs\": [{\n"
                            "\"tool\": { \"driver\": { \"name\": \"seccompose\", \"version\": \"" SC_VERSION "\",\n"
                            "\"rules\": [\n");
        r = lint_print_each(write_rule, NULL, sc_lint_rule_count(), out);
        if (r < 0)
                return r;
        sc_strbuf_puts(out, "\n] } },\n\"columnKind\": \"unicodeCodePoints\",\n\"results\": [\n");
        return out->failed ? -ENOMEM : 0;
}

int lint_end_sarif(int code, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "\n],\n\"invocations\": [{ \"executionSuccessful\": %s }]\n}]\n}\n",
                         code <= EXIT_NO ? "true" : "false");
        return out->failed ? -ENOMEM : 0;
}

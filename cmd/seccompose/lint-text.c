/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of `lint` as lines: for people, and for GitHub's workflows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "common/meaning.h"
#include "seccompose/ask.h"
#include "seccompose/lint.h"

size_t lint_consumers(const struct sc_lint_finding *finding, const char *ret_names[32])
{
        size_t n = 0;

        for (size_t i = 0; i < sc_consumer_count() && i < 32; i++)
                if (finding->consumers >> i & 1)
                        ret_names[n++] = sc_consumer_at(i)->name;
        return n;
}

/* Characters of some bytes of a line, well-formed or not. */
static unsigned characters(const char *text, size_t len)
{
        unsigned n = 0;

        for (size_t i = 0; i < len; i++)
                n += ((unsigned char)text[i] & 0xc0) != 0x80;
        return n;
}

struct lint_region lint_region_of(const struct sc_place *place)
{
        struct sc_position from = sc_source_locate(place->source, place->offset);
        struct sc_position to = sc_source_locate(place->source, place->offset + place->length);

        return (struct lint_region){ .line = from.line,
                                     .column = characters(from.text, from.column - 1) + 1,
                                     .end_line = to.line,
                                     .end_column = characters(to.text, to.column - 1) + 1 };
}

/* " (for docker, podman)", where all were asked for and not all are concerned. */
static void format_consumers(const struct lint_look *look, const struct lint_found *found, struct sc_strbuf *out)
{
        const char *names[32], *target = look->target;
        size_t n = lint_consumers(found->finding, names);

        if (n == 0 || n == sc_consumer_count() || !target || strcmp(target, ASK_ALL) != 0)
                return;
        if (n == 1 && !strncmp(found->diag.message, names[0], strlen(names[0])))
                return; /* it says so itself */
        for (size_t i = 0; i < n; i++)
                sc_strbuf_printf(out, "%s%s", i ? ", " : " (for ", names[i]);
        sc_strbuf_puts(out, ")");
}

static void format_witness(const struct sc_lint_finding *f, struct sc_strbuf *out)
{
        if (!f->has_witness)
                return;
        sc_strbuf_puts(out, "  shown by: ");
        sc_witness_format(&f->witness, out);
        sc_strbuf_puts(out, ": ");
        sc_action_format(f->witness.a, out);
        sc_strbuf_puts(out, ", wanted: ");
        sc_action_format(f->witness.b, out);
        sc_strbuf_puts(out, "\n");
}

int lint_print_text(const struct lint_run *run, const struct lint_look *look, struct sc_strbuf *out)
{
        for (size_t i = 0; i < look->n; i++) {
                SC_CLEANUP(sc_strbuf_done) struct sc_strbuf message = SC_STRBUF_INIT;
                struct sc_diag diag = look->items[i].diag;

                sc_strbuf_puts(&message, diag.message);
                format_consumers(look, &look->items[i], &message);
                if (message.failed)
                        return -ENOMEM;
                diag.message = message.text;
                if (run->colours)
                        sc_diag_format_coloured(&diag, out);
                else
                        sc_diag_format(&diag, out);
                format_witness(look->items[i].finding, out);
        }
        return out->failed ? -ENOMEM : 0;
}

/* ---- GitHub ---- */

/* A message, or with `property` a value before it, in which colons and commas would end it. */
static void escape(const char *text, bool property, struct sc_strbuf *out)
{
        size_t len = strlen(text);

        for (size_t i = 0, size; i < len; i += size) {
                unsigned char c = (unsigned char)text[i];

                size = sc_visible_size(text + i, len - i);
                if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
                        sc_strbuf_printf(out, "%%%02X", c);
                else
                        sc_strbuf_append(out, size ? text + i : "?", size ? size : 1);
                size = size ? size : 1;
        }
}

/* Sources: docs.github.com, "Workflow commands for GitHub Actions"; actions/toolkit, packages/core/src/command.ts. */
int lint_print_github(const struct lint_run *run, const struct lint_look *look, struct sc_strbuf *out)
{
        static const char *const commands[] = { "error", "warning", "notice" };

        (void)run;
        for (size_t i = 0; i < look->n; i++) {
                const struct sc_diag *diag = &look->items[i].diag;
                struct lint_region at = { 0 };

                sc_strbuf_printf(out, "::%s ", commands[diag->severity]);
                if (diag->n_places) {
                        at = lint_region_of(&diag->places[0]);
                        sc_strbuf_puts(out, "file=");
                        escape(diag->places[0].source->name, true, out);
                        sc_strbuf_printf(out, ",line=%u,col=%u,endLine=%u", at.line, at.column, at.end_line);
                        /* GitHub takes columns of one line only */
                        if (at.end_line == at.line)
                                sc_strbuf_printf(out, ",endColumn=%u", at.end_column);
                        sc_strbuf_puts(out, ",");
                }
                sc_strbuf_puts(out, "title=");
                escape(diag->rule, true, out);
                sc_strbuf_puts(out, "::");
                escape(diag->message, false, out);
                format_consumers(look, &look->items[i], out);
                if (diag->hint) {
                        sc_strbuf_puts(out, "%0A");
                        escape(diag->hint, false, out);
                }
                sc_strbuf_puts(out, "\n");
        }
        return out->failed ? -ENOMEM : 0;
}

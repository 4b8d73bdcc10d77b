/* SPDX-License-Identifier: Apache-2.0 */
/* The list of findings, and how one is written for a terminal. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SHOWN_MAX 160 /* bytes of a source line that are printed around the place */
#define MARGIN 40          /* of them, how many before the place when the line is cut */

struct sc_diags {
        struct sc_diag **items;
        size_t n;
        size_t cap;
        size_t counts[SC_NOTE + 1];
        bool failed;
};

/* What a terminal takes for bold, for a severity's colour, and for neither. */
#define BOLD "\033[1m"
#define PLAIN "\033[0m"
static const char *const severity_colours[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m" };

static const char *const severity_names[] = { "error", "warning", "note" };

struct sc_diags *sc_diags_new(void)
{
        return calloc(1, sizeof(struct sc_diags));
}

static void diag_free(struct sc_diag *diag)
{
        if (!diag)
                return;
        free(diag->message);
        free(diag->hint);
        free(diag);
}

void sc_diags_free(struct sc_diags *diags)
{
        if (!diags)
                return;
        for (size_t i = 0; i < diags->n; i++)
                diag_free(diags->items[i]);
        free((void *)diags->items);
        free(diags);
}

void sc_diags_freep(struct sc_diags **diags)
{
        sc_diags_free(*diags);
}

static char *format_text(const char *format, va_list args) SC_PRINTF(1, 0);

static char *format_text(const char *format, va_list args)
{
        char *text;

        return vasprintf(&text, format, args) < 0 ? NULL : text;
}

/* Appends to the list; the list owns the finding on success. */
static bool keep(struct sc_diags *diags, struct sc_diag *diag)
{
        struct sc_diag **items = sc_grow((void *)diags->items, diags->n, &diags->cap, sizeof(*items));

        if (!items)
                return false;
        diags->items = items;
        items[diags->n++] = diag;
        return true;
}

struct sc_diag *sc_diags_add(struct sc_diags *diags, enum sc_severity severity, const char *rule,
                             struct sc_place place, const char *format, ...)
{
        struct sc_diag *diag;
        va_list args;

        diags->counts[severity]++;
        if (diags->n >= SC_DIAG_COUNT_MAX)
                return NULL;
        diag = calloc(1, sizeof(*diag));
        if (!diag)
                goto fail;
        diag->severity = severity;
        diag->rule = rule;
        sc_diag_place(diag, place);
        va_start(args, format);
        diag->message = format_text(format, args);
        va_end(args);
        if (!diag->message || !keep(diags, diag))
                goto fail;
        return diag;
fail:
        diag_free(diag);
        diags->failed = true;
        return NULL;
}

void sc_diag_hint(struct sc_diag *diag, const char *format, ...)
{
        va_list args;

        if (!diag)
                return;
        va_start(args, format);
        free(diag->hint);
        diag->hint = format_text(format, args);
        va_end(args);
}

void sc_diag_place(struct sc_diag *diag, struct sc_place place)
{
        if (diag && place.source && diag->n_places < SC_DIAG_PLACES_MAX)
                diag->places[diag->n_places++] = place;
}

size_t sc_diags_count(const struct sc_diags *diags, enum sc_severity severity)
{
        return diags->counts[severity];
}

const struct sc_diag *const *sc_diags_all(const struct sc_diags *diags, size_t *ret_n)
{
        *ret_n = diags->n;
        return (const struct sc_diag *const *)diags->items;
}

bool sc_diags_failed(const struct sc_diags *diags)
{
        return diags->failed;
}

/* Controls of C1, and those that turn the direction of writing: U+0080…9F, U+202A…202E, U+2066…2069. */
static bool is_hidden(const unsigned char *c, size_t size)
{
        if (size == 2)
                return c[0] == 0xc2 && c[1] < 0xa0;
        if (size != 3 || c[0] != 0xe2)
                return false;
        return (c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) || (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9);
}

/* Bytes of the character at `text`; 0 if it is not UTF-8, or would do something else than stand there. */
static size_t visible_size(const char *text, size_t len)
{
        const unsigned char *c = (const unsigned char *)text;
        size_t size = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : c[0] < 0xf5 ? 4 : 0;

        if (size > len || (size == 1 && c[0] != '\t' && (c[0] < 0x20 || c[0] == 0x7f)))
                return 0;
        for (size_t i = 1; i < size; i++)
                if ((c[i] & 0xc0) != 0x80)
                        return 0;
        return is_hidden(c, size) ? 0 : size;
}

/* Text from a file, as it may go to a terminal: a hostile file must not write to it. `blank`: blanks as wide. */
static void append_visible(struct sc_strbuf *out, const char *text, size_t len, bool blank)
{
        for (size_t i = 0, size; i < len; i += size ? size : 1) {
                size = visible_size(text + i, len - i);
                if (blank)
                        sc_strbuf_append(out, text[i] == '\t' ? "\t" : " ", 1);
                else
                        sc_strbuf_append(out, size ? text + i : "?", size ? size : 1);
        }
}

static void append_visible_string(struct sc_strbuf *out, const char *text)
{
        append_visible(out, text, strlen(text), false);
}

/* `colour`: of the caret; "" for none. */
static void format_excerpt(const struct sc_place *place, const char *colour, struct sc_strbuf *out)
{
        struct sc_position pos = sc_source_locate(place->source, place->offset);
        size_t at = pos.column - 1, start = 0, len = pos.text_len, mark;

        if (at > len)
                at = len;
        if (len > LINE_SHOWN_MAX) {
                start = at > MARGIN ? at - MARGIN : 0;
                /* never begin or end inside a UTF-8 sequence */
                while (start > 0 && (pos.text[start] & 0xc0) == 0x80)
                        start--;
                len = len - start > LINE_SHOWN_MAX ? LINE_SHOWN_MAX : len - start;
                while (start + len < pos.text_len && (pos.text[start + len] & 0xc0) == 0x80)
                        len--;
        }
        mark = place->length ? place->length : 1;
        if (start == 0 && len > pos.text_len)
                len = pos.text_len;
        if (mark > start + len - at)
                mark = start + len > at ? start + len - at : 1;

        sc_strbuf_printf(out, "%5u | ", pos.line);
        append_visible(out, pos.text + start, len, false);
        sc_strbuf_puts(out, "\n      | ");
        append_visible(out, pos.text + start, at - start, true);
        sc_strbuf_puts(out, colour);
        sc_strbuf_puts(out, "^");
        for (size_t i = 1; i < mark; i++)
                if (((unsigned char)pos.text[at + i] & 0xc0) != 0x80)
                        sc_strbuf_puts(out, "~");
        sc_strbuf_puts(out, *colour ? PLAIN "\n" : "\n");
}

static void format_place(const struct sc_place *place, struct sc_strbuf *out)
{
        struct sc_position pos = sc_source_locate(place->source, place->offset);

        append_visible_string(out, place->source->name);
        sc_strbuf_printf(out, ":%u:%u: ", pos.line, pos.column);
}

static void format_diag(const struct sc_diag *diag, bool colours, struct sc_strbuf *out)
{
        const char *colour = colours ? severity_colours[diag->severity] : "", *plain = colours ? PLAIN : "";

        sc_strbuf_puts(out, colours ? BOLD : "");
        if (diag->n_places)
                format_place(&diag->places[0], out);
        sc_strbuf_printf(out, "%s%s%s: ", colour, severity_names[diag->severity], plain);
        append_visible_string(out, diag->message);
        sc_strbuf_printf(out, " [%s]\n", diag->rule);
        if (diag->n_places)
                format_excerpt(&diag->places[0], colour, out);
        for (size_t i = 1; i < diag->n_places; i++) {
                sc_strbuf_puts(out, "  ");
                format_place(&diag->places[i], out);
                sc_strbuf_puts(out, "see also\n");
                format_excerpt(&diag->places[i], "", out);
        }
        if (!diag->hint)
                return;
        sc_strbuf_puts(out, "  hint: ");
        append_visible_string(out, diag->hint);
        sc_strbuf_puts(out, "\n");
}

void sc_diag_format(const struct sc_diag *diag, struct sc_strbuf *out)
{
        format_diag(diag, false, out);
}

void sc_diag_format_coloured(const struct sc_diag *diag, struct sc_strbuf *out)
{
        format_diag(diag, true, out);
}

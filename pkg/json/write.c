/* SPDX-License-Identifier: Apache-2.0 */
/* A thin layer over yajl's generator that reports failure once and keeps numbers exact. */
#include "json/write.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "base/strbuf.h"
#include "base/util.h"
#include "json/scan.h"

#define U64_TEXT_MAX 21
#define REPLACEMENT_CHARACTER "\xef\xbf\xbd" /* U+FFFD */

/*
 * yajl looks whether it got memory for its state, but not whether it got any for its buffer, so both come from here: a
 * state that leaves no room for the buffer is refused. Nothing grows: the print callback takes the text. Were yajl ever
 * to ask for it, it would get nothing, rather than memory without the old bytes.
 */
#define MEMORY_MAX 4096
#define BUFFER_MAX 512

struct sc_json_writer {
        yajl_gen gen;
        struct sc_strbuf out;
        enum sc_json_style style;
        bool wrong; /* yajl refused a call */
        size_t used;
        _Alignas(max_align_t) unsigned char memory[MEMORY_MAX];
};

static void *take(void *context, size_t size)
{
        struct sc_json_writer *w = context;
        size_t step = _Alignof(max_align_t), start = w->used;

        if (size > MEMORY_MAX - start - (start ? 0 : BUFFER_MAX))
                return NULL;
        w->used = start + (size + step - 1) / step * step;
        return w->memory + start;
}

static void *grow(void *context, void *p, size_t size)
{
        return p ? NULL : take(context, size);
}

static void give_back(void *context, void *p)
{
        (void)context;
        (void)p;
}

static void print(void *context, const char *text, size_t len)
{
        struct sc_json_writer *w = context;

        sc_strbuf_append(&w->out, text, len);
}

struct sc_json_writer *sc_json_writer_new(enum sc_json_style style)
{
        struct sc_json_writer *w = calloc(1, sizeof(*w));
        const yajl_alloc_funcs memory = { take, grow, give_back, w };

        if (!w)
                return NULL;
        w->style = style;
        w->gen = yajl_gen_alloc(&memory);
        if (!w->gen) {
                free(w);
                return NULL;
        }
        yajl_gen_config(w->gen, yajl_gen_print_callback, print, w);
        yajl_gen_config(w->gen, yajl_gen_validate_utf8, 1);
        yajl_gen_config(w->gen, yajl_gen_beautify, style == SC_JSON_INDENTED);
        yajl_gen_config(w->gen, yajl_gen_indent_string, "\t");
        return w;
}

void sc_json_writer_free(struct sc_json_writer *w)
{
        if (!w)
                return;
        yajl_gen_free(w->gen);
        sc_strbuf_done(&w->out);
        free(w);
}

void sc_json_writer_freep(struct sc_json_writer **w)
{
        sc_json_writer_free(*w);
}

static void check(struct sc_json_writer *w, yajl_gen_status status)
{
        w->wrong |= status != yajl_gen_status_ok;
}

void sc_json_write_object(struct sc_json_writer *w)
{
        if (w)
                check(w, yajl_gen_map_open(w->gen));
}

void sc_json_write_object_end(struct sc_json_writer *w)
{
        if (w)
                check(w, yajl_gen_map_close(w->gen));
}

void sc_json_write_array(struct sc_json_writer *w)
{
        if (w)
                check(w, yajl_gen_array_open(w->gen));
}

void sc_json_write_array_end(struct sc_json_writer *w)
{
        if (w)
                check(w, yajl_gen_array_close(w->gen));
}

void sc_json_write_key(struct sc_json_writer *w, const char *key)
{
        sc_json_write_string(w, key);
}

void sc_json_write_string(struct sc_json_writer *w, const char *value)
{
        if (w && !value)
                w->out.failed = true;
        else if (w)
                check(w, yajl_gen_string(w->gen, (const unsigned char *)value, strlen(value)));
}

void sc_json_write_u64(struct sc_json_writer *w, uint64_t value)
{
        char text[U64_TEXT_MAX];
        int len = snprintf(text, sizeof(text), "%" PRIu64, value);

        if (w)
                check(w, yajl_gen_number(w->gen, text, (size_t)len));
}

char *sc_json_utf8_copy(const char *text, size_t len)
{
        struct sc_strbuf clean = SC_STRBUF_INIT;
        size_t good;

        sc_strbuf_puts(&clean, "");
        for (; (good = sc_json_utf8_fault(text, len)) < len; text += good + 1, len -= good + 1) {
                sc_strbuf_append(&clean, text, good);
                sc_strbuf_puts(&clean, REPLACEMENT_CHARACTER);
        }
        sc_strbuf_append(&clean, text, len);
        if (clean.failed) {
                sc_strbuf_done(&clean);
                return NULL;
        }
        return clean.text;
}

void sc_json_write_member(struct sc_json_writer *w, const char *key, const char *value)
{
        sc_json_write_key(w, key);
        sc_json_write_string(w, value);
}

void sc_json_write_member_lossy(struct sc_json_writer *w, const char *key, const char *value)
{
        SC_CLEANUP(sc_freep) char *clean = value ? sc_json_utf8_copy(value, strlen(value)) : NULL;

        sc_json_write_member(w, key, clean);
}

void sc_json_write_member_u64(struct sc_json_writer *w, const char *key, uint64_t value)
{
        sc_json_write_key(w, key);
        sc_json_write_u64(w, value);
}

/* yajl takes one value, and then nothing more: a document that wants no more refuses a null. */
static bool is_complete(struct sc_json_writer *w)
{
        return w->out.len && yajl_gen_null(w->gen) == yajl_gen_generation_complete;
}

int sc_json_writer_finish(struct sc_json_writer *w, char **ret_text, size_t *ret_len)
{
        if (!w || w->out.failed)
                return -ENOMEM;
        if (w->wrong || !is_complete(w))
                return -EINVAL;
        *ret_len = w->out.len;
        *ret_text = SC_STEAL(w->out.text);
        w->out = SC_STRBUF_INIT;
        return 0;
}

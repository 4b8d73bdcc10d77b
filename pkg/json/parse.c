/* SPDX-License-Identifier: Apache-2.0 */
/* The tree from yajl's events, with what yajl lets pass refused. */
#include "json/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "json/scan.h"

struct frame {
        struct sc_json *node;
        const struct sc_json **tail; /* where the next element is linked */
};

struct parser {
        struct sc_arena *arena;
        struct sc_diags *diags;
        unsigned flags;
        struct sc_json_scan scan;
        struct frame frames[SC_JSON_DEPTH_MAX];
        size_t depth;
        const struct sc_json *key; /* of the member whose value comes next */
        const struct sc_json *root;
        struct sc_json_keys keys;
        struct sc_arena *scratch; /* yajl's own memory */
        jmp_buf no_memory;
        yajl_handle yajl;
        int error; /* why a callback stopped yajl */
};

#define HEADER alignof(max_align_t)

/* yajl does not look at what an allocation returns; a failed one leaves it by a jump instead. */
static void *yajl_memory_get(void *userdata, size_t size)
{
        struct parser *p = userdata;
        size_t total;
        char *block = NULL;

        if (!sc_add_overflows(size, HEADER, &total))
                block = sc_arena_alloc(p->scratch, total);
        if (!block)
                longjmp(p->no_memory, 1);
        memcpy(block, &size, sizeof(size));
        return block + HEADER;
}

static void *yajl_memory_resize(void *userdata, void *old, size_t size)
{
        void *block = yajl_memory_get(userdata, size);
        size_t old_size = 0;

        if (old)
                memcpy(&old_size, (char *)old - HEADER, sizeof(old_size));
        if (old_size)
                memcpy(block, old, old_size < size ? old_size : size);
        return block;
}

/* All of it goes with the scratch arena. */
static void yajl_memory_put(void *userdata, void *block)
{
        (void)userdata;
        (void)block;
}

/* Ends the parse from inside a callback. */
static int stop(struct parser *p, int error)
{
        p->error = error;
        return 0;
}

static const struct sc_json *innermost(const struct parser *p)
{
        return p->depth ? p->frames[p->depth - 1].node : NULL;
}

static struct sc_place place(const struct parser *p, size_t offset, size_t length)
{
        return (struct sc_place){ .source = p->scan.source, .offset = offset, .length = length };
}

/*
 * Moves to the token that yajl has just read. It allows form feeds and vertical tabs between tokens; the walk does not,
 * and then does not stand at a byte that can begin this token.
 */
static bool reach_token(struct parser *p)
{
        char c = '\0';

        sc_json_scan_next(&p->scan);
        if (p->scan.at < p->scan.source->len)
                c = p->scan.source->text[p->scan.at];
        if (c != '\f' && c != '\v')
                return true;
        sc_json_explain(&p->scan, innermost(p), p->diags);
        stop(p, -EBADMSG);
        return false;
}

/* What the grammar asks for behind a whole value. */
static enum sc_json_want want_after_value(const struct parser *p)
{
        const struct sc_json *open = innermost(p);

        if (!open)
                return SC_JSON_WANT_NOTHING;
        return open->type == SC_JSON_ARRAY ? SC_JSON_WANT_COMMA_OR_BRACKET : SC_JSON_WANT_COMMA_OR_BRACE;
}

/* A node of `length` bytes at the walk's position; the walk goes behind it. NULL when out of memory. */
static struct sc_json *new_node(struct parser *p, enum sc_json_type type, size_t length)
{
        struct sc_json *node = sc_arena_alloc(p->arena, sizeof(*node));

        if (!node)
                return NULL;
        node->type = type;
        node->place = place(p, p->scan.at, length);
        p->scan.at += length;
        return node;
}

/* Links a value to what it belongs to. */
static void link_value(struct parser *p, struct sc_json *node)
{
        struct frame *frame = p->depth ? &p->frames[p->depth - 1] : NULL;

        if (!frame) {
                p->root = node;
                return;
        }
        if (frame->node->type == SC_JSON_OBJECT)
                node->key = p->key;
        *frame->tail = node;
        frame->tail = &node->next;
        frame->node->count++;
}

/* A value without elements, as it is written or decoded in `text` (NULL for none). */
static int add_scalar(struct parser *p, enum sc_json_type type, size_t length, const char *text, size_t len)
{
        struct sc_json *node = new_node(p, type, length);

        if (!node)
                return stop(p, -ENOMEM);
        if (text) {
                node->text = sc_arena_strndup(p->arena, text, len);
                node->len = len;
                if (!node->text)
                        return stop(p, -ENOMEM);
        }
        link_value(p, node);
        p->scan.want = want_after_value(p);
        return 1;
}

static int on_null(void *context)
{
        struct parser *p = context;

        return reach_token(p) && add_scalar(p, SC_JSON_NULL, strlen("null"), NULL, 0);
}

static int on_bool(void *context, int value)
{
        const char *text = value ? "true" : "false";
        struct parser *p = context;

        return reach_token(p) && add_scalar(p, SC_JSON_BOOL, strlen(text), text, strlen(text));
}

static int on_number(void *context, const char *text, size_t len)
{
        struct parser *p = context;

        return reach_token(p) && add_scalar(p, SC_JSON_NUMBER, len, text, len);
}

/* Walks to a string and finds its length as written: yajl stands right behind its closing quote. */
static bool reach_string(struct parser *p, size_t *ret_length)
{
        const char *raw;
        size_t length, bad;
        struct sc_diag *diag;

        if (!reach_token(p))
                return false;
        raw = p->scan.source->text + p->scan.at;
        length = yajl_get_bytes_consumed(p->yajl) - p->scan.at;
        bad = sc_json_find_surrogate(raw, length);
        if (bad < length) {
                diag = sc_diags_add(p->diags, SC_ERROR, "json-utf8", place(p, p->scan.at + bad, 6),
                                    "this escape is half of a surrogate pair, which is no character");
                sc_diag_hint(diag, "write the character itself, or both halves (\\ud83d\\ude00)");
                stop(p, -EBADMSG);
                return false;
        }
        *ret_length = length;
        return true;
}

static int on_string(void *context, const unsigned char *text, size_t len)
{
        struct parser *p = context;
        size_t length;

        return reach_string(p, &length) && add_scalar(p, SC_JSON_STRING, length, (const char *)text, len);
}

static int refuse_nul_key(struct parser *p, size_t length)
{
        size_t at = p->scan.at, bad = sc_json_find_nul(p->scan.source->text + at, length);
        struct sc_diag *diag = sc_diags_add(p->diags, SC_ERROR, "json-nul-key", place(p, at + bad, 6),
                                            "a key must not hold a NUL");

        sc_diag_hint(diag, "some readers end the key here and take it for another; remove the escape");
        return stop(p, -EBADMSG);
}

static int on_key(void *context, const unsigned char *text, size_t len)
{
        struct parser *p = context;
        struct sc_json *key;
        size_t length;

        if (!reach_string(p, &length))
                return 0;
        if (memchr(text, '\0', len))
                return refuse_nul_key(p, length);
        key = new_node(p, SC_JSON_STRING, length);
        if (!key)
                return stop(p, -ENOMEM);
        key->text = sc_arena_strndup(p->arena, (const char *)text, len);
        key->len = len;
        if (!key->text)
                return stop(p, -ENOMEM);
        p->key = key;
        p->scan.want = SC_JSON_WANT_COLON;
        return 1;
}

static int open_node(struct parser *p, enum sc_json_type type, enum sc_json_want want)
{
        struct sc_json *node;
        struct sc_diag *diag;

        if (!reach_token(p))
                return 0;
        if (p->depth == SC_JSON_DEPTH_MAX) {
                diag = sc_diags_add(p->diags, SC_ERROR, "json-depth", place(p, p->scan.at, 1),
                                    "more than %d arrays and objects inside each other", SC_JSON_DEPTH_MAX);
                sc_diag_hint(diag, "nothing that is read here needs to be that deep");
                return stop(p, -EBADMSG);
        }
        node = new_node(p, type, 1);
        if (!node)
                return stop(p, -ENOMEM);
        link_value(p, node);
        p->frames[p->depth++] = (struct frame){ .node = node, .tail = &node->first };
        p->scan.want = want;
        return 1;
}

static int on_start_map(void *context)
{
        return open_node(context, SC_JSON_OBJECT, SC_JSON_WANT_KEY_OR_END);
}

static int on_start_array(void *context)
{
        return open_node(context, SC_JSON_ARRAY, SC_JSON_WANT_ELEMENT_OR_END);
}

static int close_node(struct parser *p)
{
        struct sc_json *node = p->frames[p->depth - 1].node;

        if (!reach_token(p))
                return 0;
        p->scan.at++;
        node->place.length = p->scan.at - node->place.offset;
        p->depth--;
        p->scan.want = want_after_value(p);
        if (node->type == SC_JSON_OBJECT) {
                int r = sc_json_keys_check(&p->keys, node, p->flags, p->diags);

                if (r < 0)
                        return stop(p, r);
        }
        return 1;
}

static int on_end(void *context)
{
        return close_node(context);
}

static const yajl_callbacks callbacks = {
        .yajl_null = on_null,
        .yajl_boolean = on_bool,
        .yajl_number = on_number,
        .yajl_string = on_string,
        .yajl_start_map = on_start_map,
        .yajl_map_key = on_key,
        .yajl_end_map = on_end,
        .yajl_start_array = on_start_array,
        .yajl_end_array = on_end,
};

/* Feeds the whole text at once: yajl's positions and its speed rely on it. */
static int feed(struct parser *p)
{
        const struct sc_source *source = p->scan.source;
        yajl_alloc_funcs memory = { yajl_memory_get, yajl_memory_resize, yajl_memory_put, p };
        yajl_status status;

        if (setjmp(p->no_memory))
                return -ENOMEM;
        p->yajl = yajl_alloc(&callbacks, &memory, p);
        yajl_config(p->yajl, yajl_allow_comments, (p->flags & SC_JSON_COMMENTS) != 0);
        status = yajl_parse(p->yajl, (const unsigned char *)source->text, source->len);
        if (status == yajl_status_ok)
                status = yajl_complete_parse(p->yajl);
        if (status == yajl_status_client_canceled)
                return p->error;
        sc_json_scan_next(&p->scan);
        /* a comment without end, or a form feed, may still stand behind the value */
        if (status == yajl_status_ok && p->scan.at == source->len)
                return 0;
        sc_json_explain(&p->scan, innermost(p), p->diags);
        return -EBADMSG;
}

static int check_size(const struct sc_source *source, struct sc_diags *diags)
{
        struct sc_place none = { .source = source, .offset = 0, .length = 0 };

        if (source->len <= SC_JSON_SIZE_MAX)
                return 0;
        sc_diags_add(diags, SC_ERROR, "json-size", none, "the text has %zu bytes, more than the %zu that are read",
                     source->len, SC_JSON_SIZE_MAX);
        return -EBADMSG;
}

static int check_utf8(const struct sc_source *source, struct sc_diags *diags)
{
        size_t bad = sc_json_utf8_fault(source->text, source->len);
        struct sc_place at = { .source = source, .offset = bad, .length = 1 };
        struct sc_diag *diag;

        if (source->len >= 3 && !memcmp(source->text, "\xef\xbb\xbf", 3)) {
                at = (struct sc_place){ .source = source, .offset = 0, .length = 3 };
                diag = sc_diags_add(diags, SC_ERROR, "json-utf8", at, "the text begins with a byte order mark");
                sc_diag_hint(diag, "save the file as UTF-8 without one");
                return -EBADMSG;
        }
        if (bad == source->len)
                return 0;
        diag = sc_diags_add(diags, SC_ERROR, "json-utf8", at, "byte 0x%02x is not valid UTF-8 here",
                            (unsigned char)source->text[bad]);
        sc_diag_hint(diag, "save the file as UTF-8");
        return -EBADMSG;
}

int sc_json_parse(struct sc_arena *arena, const struct sc_source *source, unsigned flags, struct sc_diags *diags,
                  const struct sc_json **ret_value)
{
        struct parser p = {
                .arena = arena,
                .diags = diags,
                .flags = flags,
                .scan = { .source = source, .want = SC_JSON_WANT_VALUE, .comments = flags & SC_JSON_COMMENTS },
        };
        int r = check_size(source, diags);

        if (r == 0)
                r = check_utf8(source, diags);
        if (r < 0)
                return r;
        p.scratch = sc_arena_new();
        if (!p.scratch)
                return -ENOMEM;
        r = feed(&p);
        sc_arena_free(p.scratch);
        free((void *)p.keys.items);
        if (r == 0)
                *ret_value = p.root;
        return r;
}

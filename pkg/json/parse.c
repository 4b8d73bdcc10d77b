/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree from yajl's events, with what yajl lets pass refused.
 *
 * Places come from where yajl stands behind a token. What is unread costs a count of its depth, and nothing more; if
 * something is wrong in there, all is read again `closely`, with nodes for the unread as well, as messages need them.
 */
#include "json/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "json/scan.h"

#define PART_DEPTH 3 /* where members may be left unread: linux.seccomp.syscalls is one */

struct frame {
        struct sc_json *node;
        const struct sc_json **tail; /* where the next element is linked */
};

struct parser {
        struct sc_arena *arena;
        struct sc_diags *diags;
        unsigned flags;
        const char *const *unread;
        bool closely;
        struct sc_json_scan scan;
        struct frame frames[SC_JSON_DEPTH_MAX];
        size_t depth;
        const struct sc_json *key; /* of the member whose value comes next */
        const struct sc_json *root;
        struct sc_json_keys keys;
        size_t closed; /* inside an unread value: the depth of what is in it; else 0 */
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
 * Moves to the token that begins at `start`. yajl allows form feeds and vertical tabs between tokens: who reads closely
 * walks there, and does not get past them.
 */
static bool reach_token(struct parser *p, size_t start)
{
        if (!p->closely) {
                p->scan.at = start;
                return true;
        }
        sc_json_scan_next(&p->scan);
        if (p->scan.at == start)
                return true;
        sc_json_explain(&p->scan, innermost(p), p->diags);
        stop(p, -EBADMSG);
        return false;
}

/* The same for a token of `length` bytes that yajl has just passed. */
static bool reach_passed(struct parser *p, size_t length)
{
        return reach_token(p, yajl_get_bytes_consumed(p->yajl) - length);
}

/* True if the text that yajl shows stands in the document, and is no copy. */
static bool is_in_source(const struct parser *p, const char *text, size_t len)
{
        uintptr_t start = (uintptr_t)p->scan.source->text, at = (uintptr_t)text;

        return at >= start && at - start <= p->scan.source->len && len <= p->scan.source->len - (at - start);
}

/* True in an unread value, of which only the number of its elements is kept. */
static bool is_skipping(const struct parser *p)
{
        return p->closed && !p->closely;
}

/* Passes over a value in there. */
static int skip(struct parser *p)
{
        if (p->depth == p->closed)
                p->frames[p->depth - 1].node->count++;
        return 1;
}

/* What the grammar asks for behind a whole value. */
static enum sc_json_want want_after_value(const struct parser *p)
{
        const struct sc_json *open = innermost(p);

        if (!open)
                return SC_JSON_WANT_NOTHING;
        return open->type == SC_JSON_ARRAY ? SC_JSON_WANT_COMMA_OR_BRACKET : SC_JSON_WANT_COMMA_OR_BRACE;
}

/*
 * A node of `length` bytes at the walk's position, with `len` bytes of `text` (NULL for none); the walk goes behind it.
 * NULL when out of memory.
 */
static struct sc_json *new_node(struct parser *p, enum sc_json_type type, size_t length, const char *text, size_t len)
{
        struct sc_json *node = sc_arena_alloc(p->arena, sizeof(*node) + (text ? len + 1 : 0));

        if (!node)
                return NULL;
        node->type = type;
        node->place = place(p, p->scan.at, length);
        if (text) {
                node->text = memcpy(node + 1, text, len);
                node->len = (uint32_t)len;
        }
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
        struct sc_json *node = new_node(p, type, length, text, len);

        if (!node)
                return stop(p, -ENOMEM);
        link_value(p, node);
        p->scan.want = want_after_value(p);
        return 1;
}

static int on_null(void *context)
{
        struct parser *p = context;
        size_t len = strlen("null");

        if (is_skipping(p))
                return skip(p);
        return reach_passed(p, len) && add_scalar(p, SC_JSON_NULL, len, NULL, 0);
}

static int on_bool(void *context, int value)
{
        const char *text = value ? "true" : "false";
        size_t len = strlen(text);
        struct parser *p = context;

        if (is_skipping(p))
                return skip(p);
        return reach_passed(p, len) && add_scalar(p, SC_JSON_BOOL, len, text, len);
}

static int on_number(void *context, const char *text, size_t len)
{
        struct parser *p = context;

        if (is_skipping(p))
                return skip(p);
        /* a number that ends with the document is a copy: until then yajl waits for more digits */
        if (is_in_source(p, text, len)) {
                if (!reach_token(p, (size_t)(text - p->scan.source->text)))
                        return 0;
        } else if (!reach_token(p, p->scan.source->len - len)) {
                return 0;
        }
        return add_scalar(p, SC_JSON_NUMBER, len, text, len);
}

/* The opening quote of a string that ends before `end`. Nothing outside of strings ends with a backslash before one. */
static size_t opening_quote(const char *text, size_t end)
{
        size_t at = end - 1, slashes;

        do {
                at = (size_t)((const char *)memrchr(text, '"', at) - text);
                for (slashes = 0; slashes < at && text[at - slashes - 1] == '\\'; slashes++)
                        ;
        } while (slashes % 2);
        return at;
}

/* Where the string that yajl has just passed is written, with its quotes. yajl copies what has escapes, only that. */
static struct sc_place place_string(const struct parser *p, const char *text, size_t len)
{
        size_t end = yajl_get_bytes_consumed(p->yajl);
        size_t start = is_in_source(p, text, len) ? end - len - strlen("\"\"") :
                                                    opening_quote(p->scan.source->text, end);

        return place(p, start, end - start);
}

/* A string that is not kept. */
static int skip_string(struct parser *p, const char *text, size_t len, bool is_key)
{
        if (!is_in_source(p, text, len)) {
                struct sc_place at = place_string(p, text, len);

                if (sc_json_find_surrogate(p->scan.source->text + at.offset, at.length) < at.length ||
                    (is_key && memchr(text, '\0', len)))
                        return stop(p, -EBADMSG);
        }
        return is_key ? 1 : skip(p);
}

/* Moves to a string of *ret_length bytes, and refuses one that is no text. */
static bool reach_string(struct parser *p, const char *text, size_t len, size_t *ret_length)
{
        struct sc_place at = place_string(p, text, len);
        size_t bad = at.length;
        struct sc_diag *diag;

        if (!reach_token(p, at.offset))
                return false;
        if (at.length != len + strlen("\"\""))
                bad = sc_json_find_surrogate(p->scan.source->text + at.offset, at.length);
        *ret_length = at.length;
        if (bad == at.length)
                return true;
        diag = sc_diags_add(p->diags, SC_ERROR, "json-utf8", place(p, at.offset + bad, 6),
                            "this escape is half of a surrogate pair, which is no character");
        sc_diag_hint(diag, "write the character itself, or both halves (\\ud83d\\ude00)");
        stop(p, -EBADMSG);
        return false;
}

static int on_string(void *context, const unsigned char *text, size_t len)
{
        struct parser *p = context;
        size_t length;

        if (is_skipping(p))
                return skip_string(p, (const char *)text, len, false);
        return reach_string(p, (const char *)text, len, &length) &&
               add_scalar(p, SC_JSON_STRING, length, (const char *)text, len);
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
        size_t length;

        if (is_skipping(p))
                return skip_string(p, (const char *)text, len, true);
        if (!reach_string(p, (const char *)text, len, &length))
                return 0;
        if (memchr(text, '\0', len))
                return refuse_nul_key(p, length);
        p->key = new_node(p, SC_JSON_STRING, length, (const char *)text, len);
        if (!p->key)
                return stop(p, -ENOMEM);
        p->scan.want = SC_JSON_WANT_COLON;
        return 1;
}

/* True if the elements of the value that comes next are not to be kept. */
static bool is_unread(const struct parser *p)
{
        const struct sc_json *open = innermost(p);

        if (p->flags & SC_JSON_CHECK_ONLY)
                return true;
        if (!p->unread || p->depth > PART_DEPTH || !open || open->type != SC_JSON_OBJECT)
                return false;
        for (const char *const *name = p->unread; *name; name++)
                if (sc_json_is(p->key, *name))
                        return true;
        return false;
}

static int refuse_depth(struct parser *p)
{
        struct sc_diag *diag = sc_diags_add(p->diags, SC_ERROR, "json-depth", place(p, p->scan.at, 1),
                                            "more than %d arrays and objects inside each other", SC_JSON_DEPTH_MAX);

        sc_diag_hint(diag, "nothing that is read here needs to be that deep");
        return stop(p, -EBADMSG);
}

static int skip_open(struct parser *p)
{
        if (p->depth == SC_JSON_DEPTH_MAX)
                return stop(p, -EBADMSG);
        skip(p);
        p->depth++;
        return 1;
}

static int open_node(struct parser *p, enum sc_json_type type, enum sc_json_want want)
{
        struct sc_json *node;

        if (is_skipping(p))
                return skip_open(p);
        if (!reach_passed(p, 1))
                return 0;
        if (p->depth == SC_JSON_DEPTH_MAX)
                return refuse_depth(p);
        if (!p->closed && is_unread(p))
                p->closed = p->depth + 1;
        node = new_node(p, type, 1, NULL, 0);
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

static int on_end(void *context)
{
        struct parser *p = context;
        struct sc_json *node = p->frames[p->depth - 1].node;
        int r = 0;

        if (is_skipping(p) && p->depth > p->closed) {
                p->depth--;
                return 1;
        }
        if (!reach_passed(p, 1))
                return 0;
        p->scan.at++;
        node->place.length = p->scan.at - node->place.offset;
        if (!p->closed && node->type == SC_JSON_OBJECT)
                r = sc_json_keys_check(&p->keys, node, p->flags, p->diags);
        if (r < 0)
                return stop(p, r);
        if (p->closed == p->depth) {
                p->closed = 0;
                node->first = NULL;
        }
        p->depth--;
        p->scan.want = want_after_value(p);
        return 1;
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
        if (is_skipping(p))
                return -EBADMSG;
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

/* Reads the whole text. -EAGAIN: something is wrong in what is unread, and where shows who reads closely. */
static int read_document(struct parser *p)
{
        int r;

        p->scratch = sc_arena_new();
        if (!p->scratch)
                return -ENOMEM;
        r = feed(p);
        sc_arena_free(p->scratch);
        free((void *)p->keys.items);
        return r == -EBADMSG && is_skipping(p) ? -EAGAIN : r;
}

int sc_json_parse_part(struct sc_arena *arena, const struct sc_source *source, unsigned flags,
                       const char *const *unread, struct sc_diags *diags, const struct sc_json **ret_value)
{
        struct parser start = {
                .arena = arena,
                .diags = diags,
                .flags = flags,
                .unread = unread,
                .scan = { .source = source, .want = SC_JSON_WANT_VALUE, .comments = flags & SC_JSON_COMMENTS },
        };
        struct parser p;
        int r = check_size(source, diags);

        if (r == 0)
                r = check_utf8(source, diags);
        if (r < 0)
                return r;
        start.closely = memchr(source->text, '\f', source->len) || memchr(source->text, '\v', source->len);
        p = start;
        r = read_document(&p);
        if (r == -EAGAIN) {
                p = start;
                p.closely = true;
                r = read_document(&p);
        }
        if (r == 0)
                *ret_value = p.root;
        return r;
}

int sc_json_parse(struct sc_arena *arena, const struct sc_source *source, unsigned flags, struct sc_diags *diags,
                  const struct sc_json **ret_value)
{
        return sc_json_parse_part(arena, source, flags, NULL, diags, ret_value);
}

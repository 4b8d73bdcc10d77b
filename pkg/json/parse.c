/* SPDX-License-Identifier: Apache-2.0 */
/* The tree from the text, token by token (RFC 8259). */
#include "json/json.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
        struct sc_json_scan scan;
        struct frame frames[SC_JSON_DEPTH_MAX];
        size_t depth;
        const struct sc_json *key; /* of the member whose value comes next */
        const struct sc_json *root;
        struct sc_json_keys keys;
        size_t closed; /* inside an unread member: the depth at which it stands; else 0 */
        struct sc_json spare[SC_JSON_DEPTH_MAX + 1]; /* by depth: nodes of what is unread, kept for messages only */
};

static const struct sc_json *innermost(const struct parser *p)
{
        return p->depth ? p->frames[p->depth - 1].node : NULL;
}

static struct sc_place place(const struct parser *p, size_t offset, size_t length)
{
        return (struct sc_place){ .source = p->scan.source, .offset = offset, .length = length };
}

/* What is left of the text, from the walk's position on. */
static const char *rest(const struct parser *p, size_t *ret_len)
{
        *ret_len = p->scan.source->len - p->scan.at;
        return p->scan.source->text + p->scan.at;
}

/* What stands here has no business here. */
static int refuse(struct parser *p)
{
        sc_json_explain(&p->scan, innermost(p), p->diags);
        return -EBADMSG;
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
 * A node of `length` bytes at the walk's position, with room for `len` bytes of text and a NUL; the walk goes behind
 * it. NULL when out of memory.
 */
static struct sc_json *new_node(struct parser *p, enum sc_json_type type, size_t length, size_t len, char **ret_text)
{
        struct sc_json *node = sc_arena_alloc(p->arena, sizeof(*node) + (ret_text ? len + 1 : 0));

        if (!node)
                return NULL;
        node->type = type;
        node->place = place(p, p->scan.at, length);
        if (ret_text) {
                *ret_text = (char *)(node + 1);
                node->text = *ret_text;
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

/* Counts a value of which nothing else is kept. */
static void count_unread(struct parser *p)
{
        p->frames[p->depth - 1].node->count++;
}

/* Passes over such a value. */
static int pass(struct parser *p, size_t length)
{
        count_unread(p);
        p->scan.at += length;
        p->scan.want = want_after_value(p);
        return 0;
}

/* A value without elements, whose text is as it is written. */
static int add_scalar(struct parser *p, enum sc_json_type type, size_t length)
{
        const char *raw = p->scan.source->text + p->scan.at;
        bool has_text = type != SC_JSON_NULL;
        struct sc_json *node;
        char *text = NULL;

        if (p->closed)
                return pass(p, length);
        node = new_node(p, type, length, length, has_text ? &text : NULL);
        if (!node)
                return -ENOMEM;
        if (has_text)
                memcpy(text, raw, length);
        link_value(p, node);
        p->scan.want = want_after_value(p);
        return 0;
}

static int read_word(struct parser *p, const char *word, enum sc_json_type type)
{
        size_t left, length = strlen(word);
        const char *s = rest(p, &left);

        return left < length || memcmp(s, word, length) ? refuse(p) : add_scalar(p, type, length);
}

static size_t digits(const char *s, size_t len, size_t at)
{
        while (at < len && s[at] >= '0' && s[at] <= '9')
                at++;
        return at;
}

/* The length of the number at `s`; 0 if it is none. */
static size_t number_length(const char *s, size_t len)
{
        size_t at = len && s[0] == '-', start = at, n;

        at = at < len && s[at] == '0' ? at + 1 : digits(s, len, at);
        if (at == start)
                return 0;
        if (at < len && s[at] == '.') {
                n = digits(s, len, at + 1);
                if (n == at + 1)
                        return 0;
                at = n;
        }
        if (at == len || (s[at] != 'e' && s[at] != 'E'))
                return at;
        at++;
        at += at < len && (s[at] == '+' || s[at] == '-');
        n = digits(s, len, at);
        return n == at ? 0 : n;
}

static int read_number(struct parser *p)
{
        size_t left, length;
        const char *s = rest(p, &left);

        length = number_length(s, left);
        return length ? add_scalar(p, SC_JSON_NUMBER, length) : refuse(p);
}

/*
 * Measures the string at the walk's position with its quotes, and refuses one that is wrong. *ret_escaped is true if it
 * has escapes.
 */
static int measure_string(struct parser *p, size_t *ret_length, bool *ret_escaped)
{
        size_t left, length, bad;
        const char *raw = rest(p, &left);
        struct sc_diag *diag;

        length = sc_json_string_length(raw, left, ret_escaped);
        if (!length)
                return refuse(p);
        bad = *ret_escaped ? sc_json_find_surrogate(raw, length) : length;
        *ret_length = length;
        if (bad == length)
                return 0;
        diag = sc_diags_add(p->diags, SC_ERROR, "json-utf8", place(p, p->scan.at + bad, 6),
                            "this escape is half of a surrogate pair, which is no character");
        sc_diag_hint(diag, "write the character itself, or both halves (\\ud83d\\ude00)");
        return -EBADMSG;
}

/* A node for the string of `length` bytes, decoded. NULL when out of memory. */
static struct sc_json *new_string(struct parser *p, size_t length, bool escaped)
{
        const char *raw = p->scan.source->text + p->scan.at + 1;
        size_t len = length - 2;
        struct sc_json *node;
        char *text;

        /* decoded it is never longer */
        node = new_node(p, SC_JSON_STRING, length, len, &text);
        if (node && escaped)
                node->len = (uint32_t)sc_json_unescape(raw, len, text);
        else if (node)
                memcpy(text, raw, len);
        return node;
}

static int read_string(struct parser *p)
{
        struct sc_json *node;
        size_t length;
        bool escaped;
        int r = measure_string(p, &length, &escaped);

        if (r < 0)
                return r;
        if (p->closed)
                return pass(p, length);
        node = new_string(p, length, escaped);
        if (!node)
                return -ENOMEM;
        link_value(p, node);
        p->scan.want = want_after_value(p);
        return 0;
}

static int refuse_nul_key(struct parser *p, size_t bad)
{
        struct sc_diag *diag = sc_diags_add(p->diags, SC_ERROR, "json-nul-key", place(p, p->scan.at + bad, 6),
                                            "a key must not hold a NUL");

        sc_diag_hint(diag, "some readers end the key here and take it for another; remove the escape");
        return -EBADMSG;
}

static int read_key(struct parser *p)
{
        const char *raw = p->scan.source->text + p->scan.at;
        size_t length, bad;
        bool escaped;
        int r = measure_string(p, &length, &escaped);

        if (r < 0)
                return r;
        bad = escaped ? sc_json_find_nul(raw, length) : length;
        if (bad < length)
                return refuse_nul_key(p, bad);
        p->scan.want = SC_JSON_WANT_COLON;
        if (p->closed) {
                p->scan.at += length;
                return 0;
        }
        p->key = new_string(p, length, escaped);
        return p->key ? 0 : -ENOMEM;
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

/* A node of something whose elements are, or are not, kept. */
static struct sc_json *new_container(struct parser *p, enum sc_json_type type)
{
        struct sc_json *node;
        bool unread;

        if (p->closed) {
                count_unread(p);
                node = &p->spare[p->depth];
                *node = (struct sc_json){ .type = type, .place = place(p, p->scan.at, 1) };
                p->scan.at++;
                return node;
        }
        unread = is_unread(p);
        node = new_node(p, type, 1, 0, NULL);
        if (!node)
                return NULL;
        link_value(p, node);
        if (unread)
                p->closed = p->depth + 1;
        return node;
}

static int open_node(struct parser *p, enum sc_json_type type)
{
        struct sc_json *node;
        struct sc_diag *diag;

        if (p->depth == SC_JSON_DEPTH_MAX) {
                diag = sc_diags_add(p->diags, SC_ERROR, "json-depth", place(p, p->scan.at, 1),
                                    "more than %d arrays and objects inside each other", SC_JSON_DEPTH_MAX);
                sc_diag_hint(diag, "nothing that is read here needs to be that deep");
                return -EBADMSG;
        }
        node = new_container(p, type);
        if (!node)
                return -ENOMEM;
        p->frames[p->depth++] = (struct frame){ .node = node, .tail = &node->first };
        p->scan.want = type == SC_JSON_ARRAY ? SC_JSON_WANT_ELEMENT_OR_END : SC_JSON_WANT_KEY_OR_END;
        return 0;
}

static int close_node(struct parser *p)
{
        struct sc_json *node = p->frames[p->depth - 1].node;

        p->scan.at++;
        node->place.length = p->scan.at - node->place.offset;
        if (p->closed == p->depth)
                p->closed = 0;
        p->depth--;
        p->scan.want = want_after_value(p);
        return node->type == SC_JSON_OBJECT && node->first ? sc_json_keys_check(&p->keys, node, p->flags, p->diags) : 0;
}

static int read_value(struct parser *p, char c)
{
        switch (c) {
        case '"':
                return read_string(p);
        case '{':
                return open_node(p, SC_JSON_OBJECT);
        case '[':
                return open_node(p, SC_JSON_ARRAY);
        case 't':
                return read_word(p, "true", SC_JSON_BOOL);
        case 'f':
                return read_word(p, "false", SC_JSON_BOOL);
        case 'n':
                return read_word(p, "null", SC_JSON_NULL);
        default:
                return c == '-' || (c >= '0' && c <= '9') ? read_number(p) : refuse(p);
        }
}

static int read_token(struct parser *p, char c)
{
        switch (p->scan.want) {
        case SC_JSON_WANT_ELEMENT_OR_END:
                return c == ']' ? close_node(p) : read_value(p, c);
        case SC_JSON_WANT_VALUE:
        case SC_JSON_WANT_ELEMENT:
                return read_value(p, c);
        case SC_JSON_WANT_KEY_OR_END:
                return c == '}' ? close_node(p) : c == '"' ? read_key(p) : refuse(p);
        case SC_JSON_WANT_KEY:
                return c == '"' ? read_key(p) : refuse(p);
        case SC_JSON_WANT_COMMA_OR_BRACKET:
                return c == ']' ? close_node(p) : refuse(p);
        case SC_JSON_WANT_COMMA_OR_BRACE:
                return c == '}' ? close_node(p) : refuse(p);
        case SC_JSON_WANT_COLON:
        case SC_JSON_WANT_NOTHING:
                break;
        }
        return refuse(p);
}

static int read_document(struct parser *p)
{
        const struct sc_source *source = p->scan.source;

        for (;;) {
                int r;

                sc_json_scan_next(&p->scan);
                if (p->scan.at == source->len)
                        return p->scan.want == SC_JSON_WANT_NOTHING ? 0 : refuse(p);
                r = read_token(p, source->text[p->scan.at]);
                if (r < 0)
                        return r;
        }
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

int sc_json_parse_part(struct sc_arena *arena, const struct sc_source *source, unsigned flags,
                       const char *const *unread, struct sc_diags *diags, const struct sc_json **ret_value)
{
        struct parser p;
        int r = check_size(source, diags);

        if (r == 0)
                r = check_utf8(source, diags);
        if (r < 0)
                return r;
        /* field by field: frames and spares are filled before they are read */
        p.arena = arena;
        p.diags = diags;
        p.flags = flags;
        p.unread = unread;
        p.scan = (struct sc_json_scan){
                .source = source, .want = SC_JSON_WANT_VALUE, .comments = flags & SC_JSON_COMMENTS
        };
        p.depth = 0;
        p.key = NULL;
        p.root = NULL;
        p.keys = (struct sc_json_keys){ NULL, 0 };
        p.closed = 0;
        r = read_document(&p);
        free((void *)p.keys.items);
        if (r == 0)
                *ret_value = p.root;
        return r;
}

int sc_json_parse(struct sc_arena *arena, const struct sc_source *source, unsigned flags, struct sc_diags *diags,
                  const struct sc_json **ret_value)
{
        return sc_json_parse_part(arena, source, flags, NULL, diags, ret_value);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* References to URIs, resolved as RFC 3986 says. */
#include "schema/uri.h"

#include <stdbool.h>
#include <string.h>

/* A run of bytes; `s` NULL: the part is not there, which is not the same as empty. */
struct part {
        const char *s;
        size_t len;
};

struct uri {
        struct part scheme;    /* without ':' */
        struct part authority; /* without "//" */
        struct part path;      /* always there */
        struct part query;     /* without '?' */
        const char *fragment;  /* without '#'; "" if there is none */
};

static size_t scheme_length(const char *s)
{
        size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");
        bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');

        return letter && s[n] == ':' ? n : 0;
}

/* The parts, as the expression in RFC 3986, appendix B, finds them. */
static struct uri split(const char *s)
{
        struct uri uri = { 0 };
        size_t n = scheme_length(s);

        if (n) {
                uri.scheme = (struct part){ s, n };
                s += n + 1;
        }
        if (s[0] == '/' && s[1] == '/') {
                n = strcspn(s + 2, "/?#");
                uri.authority = (struct part){ s + 2, n };
                s += 2 + n;
        }
        n = strcspn(s, "?#");
        uri.path = (struct part){ s, n };
        s += n;
        if (*s == '?') {
                n = strcspn(s + 1, "#");
                uri.query = (struct part){ s + 1, n };
                s += 1 + n;
        }
        uri.fragment = *s == '#' ? s + 1 : s;
        return uri;
}

/* Back to the '/' before the last segment. */
static size_t drop_segment(const char *path, size_t len)
{
        while (len > 0 && path[len - 1] != '/')
                len--;
        return len > 0 ? len - 1 : 0;
}

/* RFC 3986, section 5.2.4, in place, for a path that begins with '/'. */
static size_t remove_dots(char *path, size_t len)
{
        size_t in = 0, out = 0;

        while (in < len) {
                size_t end = in + 1, n;

                while (end < len && path[end] != '/')
                        end++;
                n = end - in - 1;
                if ((n == 1 && path[in + 1] == '.') || (n == 2 && path[in + 1] == '.' && path[in + 2] == '.')) {
                        out = n == 2 ? drop_segment(path, out) : out;
                        /* a directory stays one */
                        if (end == len)
                                path[out++] = '/';
                } else {
                        memmove(path + out, path + in, end - in);
                        out += end - in;
                }
                in = end;
        }
        return out;
}

static char *put(char *at, const char *before, struct part part, const char *after)
{
        if (!part.s)
                return at;
        at = stpcpy(at, before);
        for (size_t i = 0; i < part.len; i++)
                *at++ = part.s[i];
        return stpcpy(at, after);
}

/* The path: `directory` of the base, if there is one, and the reference's. */
static char *put_path(char *at, struct part directory, struct part path)
{
        char *start = at;

        at = put(at, "", directory, "");
        at = put(at, "", path, "");
        return *start == '/' && at > start ? start + remove_dots(start, (size_t)(at - start)) : at;
}

static struct part merge_directory(const struct uri *base, const struct uri *ref)
{
        struct part directory = base->path;

        if (ref->path.len && ref->path.s[0] == '/')
                return (struct part){ 0 };
        if (base->authority.s && !directory.len)
                return (struct part){ "/", 1 };
        while (directory.len > 0 && directory.s[directory.len - 1] != '/')
                directory.len--;
        return directory;
}

int sc_uri_resolve(struct sc_arena *arena, const char *base, const char *ref, const char **ret_uri,
                   const char **ret_fragment)
{
        struct uri b = split(base), r = split(ref), t = r;
        struct part directory = { 0 };
        char *uri = sc_arena_alloc(arena, strlen(base) + strlen(ref) + 8), *at = uri;

        if (!uri)
                return -ENOMEM;
        if (!r.scheme.s) {
                t.scheme = b.scheme;
                if (!r.authority.s) {
                        t.authority = b.authority;
                        if (r.path.len) {
                                directory = merge_directory(&b, &r);
                        } else {
                                t.path = b.path;
                                t.query = r.query.s ? r.query : b.query;
                        }
                }
        }
        at = put(at, "", t.scheme, ":");
        at = put(at, "//", t.authority, "");
        at = put_path(at, directory, t.path);
        at = put(at, "?", t.query, "");
        *at = '\0';
        *ret_uri = uri;
        *ret_fragment = r.fragment;
        return 0;
}

static int hex_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *sc_uri_unescape(struct sc_arena *arena, const char *text)
{
        char *copy = sc_arena_strdup(arena, text), *out = copy;

        if (!copy)
                return NULL;
        for (const char *in = copy; *in; out++) {
                int high = *in == '%' ? hex_value(in[1]) : -1;
                int low = high >= 0 ? hex_value(in[2]) : -1;

                if (low >= 0 && (high || low)) {
                        *out = (char)(high * 16 + low);
                        in += 3;
                } else {
                        *out = *in++;
                }
        }
        *out = '\0';
        return copy;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of names and addresses. */
#include <stdbool.h>
#include <string.h>

#include "schema/format.h"

#define HOSTNAME_MAX 253 /* RFC 1123, section 2.1, with RFC 1035, section 2.3.4 */
#define LABEL_MAX 63
#define LOCAL_MAX 64 /* RFC 5321, section 4.5.3.1.1 */

/* A part of a text that is read from its front. */
struct span {
        const char *at, *end;
};

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_among(char c, const char *set)
{
        return c && strchr(set, c);
}

static const char *find(struct span s, const char *set)
{
        while (s.at < s.end && !is_among(*s.at, set))
                s.at++;
        return s.at;
}

static int is_label(const char *label, size_t len)
{
        if (!len || len > LABEL_MAX || label[0] == '-' || label[len - 1] == '-')
                return 0;
        for (size_t i = 0; i < len; i++)
                if (!is_alnum(label[i]) && label[i] != '-')
                        return 0;
        return 1;
}

int sc_schema_is_hostname(const char *text, size_t len)
{
        struct span s = { text, text + len };

        if (!len || len > HOSTNAME_MAX)
                return 0;
        for (;;) {
                const char *dot = find(s, ".");

                if (!is_label(s.at, (size_t)(dot - s.at)))
                        return 0;
                if (dot == s.end)
                        return 1;
                s.at = dot + 1;
        }
}

int sc_schema_is_ipv4(const char *text, size_t len)
{
        size_t at = 0;

        for (int part = 0; part < 4; part++) {
                size_t n = 0;
                int value = 0;

                if (part && (at >= len || text[at++] != '.'))
                        return 0;
                for (; at + n < len && n < 4 && is_digit(text[at + n]); n++)
                        value = value * 10 + (text[at + n] - '0');
                if (n < 1 || n > 3 || value > 255 || (n > 1 && text[at] == '0'))
                        return 0;
                at += n;
        }
        return at == len;
}

int sc_schema_is_ipv6(const char *text, size_t len)
{
        const char *end = text + len, *at = text;
        int groups = 0;
        bool gap = false;

        while (at < end) {
                size_t n = 0;

                if (end - at >= 2 && at[0] == ':' && at[1] == ':') {
                        if (gap)
                                return 0;
                        gap = true;
                        at += 2;
                        if (at == end)
                                break;
                } else if (at > text && *at++ != ':') {
                        return 0;
                }
                while (at + n < end && is_hex(at[n]))
                        n++;
                if (at + n < end && at[n] == '.')
                        return sc_schema_is_ipv4(at, (size_t)(end - at)) && (gap ? groups <= 5 : groups == 6);
                if (n < 1 || n > 4)
                        return 0;
                groups++;
                at += n;
        }
        return gap ? groups <= 7 : groups == 8;
}

/* The name between the angle and the "@"; quoted, or atoms with dots between them. */
static bool is_local(const char *text, size_t len)
{
        if (!len || len > LOCAL_MAX)
                return false;
        if (text[0] == '"') {
                for (size_t i = 1; i + 1 < len; i++) {
                        if (text[i] == '"' || (unsigned char)text[i] < 0x20 || (unsigned char)text[i] >= 0x7f)
                                return false;
                        if (text[i] == '\\' && ++i + 1 >= len)
                                return false;
                }
                return len > 1 && text[len - 1] == '"';
        }
        for (size_t i = 0; i < len; i++) {
                if (text[i] == '.' && (i == 0 || i + 1 == len || text[i + 1] == '.'))
                        return false;
                if (!is_alnum(text[i]) && !is_among(text[i], ".!#$%&'*+-/=?^_`{|}~"))
                        return false;
        }
        return true;
}

int sc_schema_is_email(const char *text, size_t len)
{
        size_t at = len;
        const char *domain;
        size_t n;

        while (at > 0 && text[at - 1] != '@')
                at--;
        if (at == 0 || !is_local(text, at - 1))
                return 0;
        domain = text + at;
        n = len - at;
        if (n < 2 || domain[0] != '[' || domain[n - 1] != ']')
                return sc_schema_is_hostname(domain, n);
        if (n > 7 && !memcmp(domain + 1, "IPv6:", 5))
                return sc_schema_is_ipv6(domain + 6, n - 7);
        return sc_schema_is_ipv4(domain + 1, n - 2);
}

/* Characters of a part of a URI: unreserved, sub-delims and those of `more`, or escapes. */
static bool is_part(struct span s, const char *more)
{
        for (; s.at < s.end; s.at++) {
                if (*s.at == '%') {
                        if (s.end - s.at < 3 || !is_hex(s.at[1]) || !is_hex(s.at[2]))
                                return false;
                        s.at += 2;
                } else if (!is_alnum(*s.at) && !is_among(*s.at, "-._~!$&'()*+,;=") && !is_among(*s.at, more)) {
                        return false;
                }
        }
        return true;
}

/* "[…]" with an address of version 6, or of a version to come. */
static bool is_literal(struct span s)
{
        struct span rest = { s.at + 1, s.end };

        if (s.at < s.end && (*s.at == 'v' || *s.at == 'V')) {
                const char *dot = find(rest, ".");

                for (const char *p = rest.at; p < dot; p++)
                        if (!is_hex(*p))
                                return false;
                return dot > rest.at && dot + 1 < s.end && is_part((struct span){ dot + 1, s.end }, ":");
        }
        return sc_schema_is_ipv6(s.at, (size_t)(s.end - s.at));
}

/* RFC 3986, section 3.2. */
static bool is_authority(struct span s)
{
        const char *at = find(s, "@"), *port;

        if (at < s.end) {
                if (!is_part((struct span){ s.at, at }, ":"))
                        return false;
                s.at = at + 1;
        }
        if (s.at < s.end && *s.at == '[') {
                const char *close = find(s, "]");

                if (close == s.end || !is_literal((struct span){ s.at + 1, close }))
                        return false;
                port = close + 1;
                if (port < s.end && *port != ':')
                        return false;
        } else {
                port = find(s, ":");
                if (!is_part((struct span){ s.at, port }, ""))
                        return false;
        }
        for (const char *p = port + (port < s.end); p < s.end; p++)
                if (!is_digit(*p))
                        return false;
        return true;
}

/* What stands behind the scheme; without one, the first segment has no colon. */
static int is_rest(struct span s, bool scheme)
{
        const char *hash = find(s, "#"), *query, *path;

        if (hash < s.end && !is_part((struct span){ hash + 1, s.end }, ":@/?"))
                return 0;
        s.end = hash;
        query = find(s, "?");
        if (query < s.end && !is_part((struct span){ query + 1, s.end }, ":@/?"))
                return 0;
        s.end = query;
        if (s.end - s.at >= 2 && s.at[0] == '/' && s.at[1] == '/') {
                s.at += 2;
                path = find(s, "/");
                if (!is_authority((struct span){ s.at, path }))
                        return 0;
                s.at = path;
        } else if (!scheme && find(s, ":") < find(s, "/")) {
                return 0;
        }
        return is_part(s, ":@/");
}

/* The bytes of a scheme, the colon left out; 0 if there is none. */
static size_t scheme_length(const char *text, size_t len)
{
        size_t n = 0;

        while (n < len && (is_alnum(text[n]) || is_among(text[n], "+-.")))
                n++;
        return n > 0 && n < len && text[n] == ':' && is_alnum(text[0]) && !is_digit(text[0]) ? n : 0;
}

int sc_schema_is_uri(const char *text, size_t len)
{
        size_t n = scheme_length(text, len);

        return n && is_rest((struct span){ text + n + 1, text + len }, true);
}

int sc_schema_is_uri_reference(const char *text, size_t len)
{
        if (scheme_length(text, len))
                return sc_schema_is_uri(text, len);
        return is_rest((struct span){ text, text + len }, false);
}

/* RFC 6570, section 2: expressions in braces, and nothing of what may not stand in a URI. */
int sc_schema_is_uri_template(const char *text, size_t len)
{
        struct span s = { text, text + len };

        for (; s.at < s.end; s.at++) {
                const char *close;

                if (*s.at == '}' || is_among(*s.at, " \"'<>\\^`|") || (unsigned char)*s.at < 0x21 || *s.at == 0x7f)
                        return 0;
                if (*s.at != '{')
                        continue;
                close = find(s, "}");
                if (close == s.end || close == s.at + 1)
                        return 0;
                for (const char *p = s.at + 1; p < close; p++)
                        if (!is_alnum(*p) && !is_among(*p, "_.,:*%+#/;?&=,!@|"))
                                return 0;
                s.at = close;
        }
        return 1;
}

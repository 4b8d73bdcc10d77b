/* SPDX-License-Identifier: Apache-2.0 */
/* The text between tokens, UTF-8, and escapes inside strings. */
#include "json/scan.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define SURROGATE_MASK 0xfc00u
#define SURROGATE_HIGH 0xd800u
#define SURROGATE_LOW 0xdc00u
#define ESCAPE_LEN 6 /* \uXXXX */

/* The end of the comment at `at`; `at` itself if none begins there or it has no end. */
static size_t comment_end(const char *text, size_t len, size_t at)
{
        const char *end;

        if (len - at < 2)
                return at;
        if (text[at + 1] == '/') {
                end = memchr(text + at, '\n', len - at);
                return end ? (size_t)(end - text) + 1 : len;
        }
        if (text[at + 1] != '*')
                return at;
        end = memmem(text + at + 2, len - at - 2, "*/", 2);
        return end ? (size_t)(end - text) + 2 : at;
}

/* Passes the comma or colon that is wanted; false if it is not what stands there. */
static bool take_separator(struct sc_json_scan *scan, char c)
{
        if (c == ':' && scan->want == SC_JSON_WANT_COLON) {
                scan->want = SC_JSON_WANT_VALUE;
        } else if (c == ',' && scan->want == SC_JSON_WANT_COMMA_OR_BRACKET) {
                scan->want = SC_JSON_WANT_ELEMENT;
                scan->comma = scan->at;
        } else if (c == ',' && scan->want == SC_JSON_WANT_COMMA_OR_BRACE) {
                scan->want = SC_JSON_WANT_KEY;
                scan->comma = scan->at;
        } else {
                return false;
        }
        scan->at++;
        return true;
}

void sc_json_scan_next(struct sc_json_scan *scan)
{
        const char *text = scan->source->text;
        size_t len = scan->source->len;

        while (scan->at < len) {
                char c = text[scan->at];

                if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                        scan->at++;
                } else if (c == '/' && scan->comments) {
                        size_t end = comment_end(text, len, scan->at);

                        if (end == scan->at)
                                return;
                        scan->at = end;
                } else if (!take_separator(scan, c)) {
                        return;
                }
        }
}

/* The size of the well-formed sequence at `s`, of which `len` bytes are there; 0 if it is none. */
static size_t sequence_size(const unsigned char *s, size_t len)
{
        unsigned char low = 0x80, high = 0xbf;
        size_t size;

        if (s[0] < 0x80)
                return 1;
        if (s[0] < 0xc2 || s[0] > 0xf4)
                return 0;
        size = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
        if (len < size)
                return 0;
        /* the second byte's range keeps out overlong forms, surrogates, and what is above U+10FFFF */
        if (s[0] == 0xe0)
                low = 0xa0;
        else if (s[0] == 0xed)
                high = 0x9f;
        else if (s[0] == 0xf0)
                low = 0x90;
        else if (s[0] == 0xf4)
                high = 0x8f;
        if (s[1] < low || s[1] > high)
                return 0;
        for (size_t i = 2; i < size; i++)
                if ((s[i] & 0xc0) != 0x80)
                        return 0;
        return size;
}

/* True if the next eight bytes are all ASCII, as most of every document is. */
static bool is_ascii_word(const unsigned char *s, size_t len)
{
        uint64_t word;

        if (len < sizeof(word))
                return false;
        memcpy(&word, s, sizeof(word));
        return !(word & UINT64_C(0x8080808080808080));
}

size_t sc_json_utf8_fault(const char *text, size_t len)
{
        const unsigned char *s = (const unsigned char *)text;

        for (size_t i = 0, size; i < len; i += size) {
                size = is_ascii_word(s + i, len - i) ? sizeof(uint64_t) : sequence_size(s + i, len - i);
                if (!size)
                        return i;
        }
        return len;
}

unsigned sc_json_utf8_decode(const char *text, size_t *ret_size)
{
        const unsigned char *s = (const unsigned char *)text;
        size_t size = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
        unsigned code = size == 1 ? s[0] : s[0] & (0x7fu >> size);

        for (size_t i = 1; i < size; i++)
                code = code << 6 | (s[i] & 0x3f);
        *ret_size = size;
        return code;
}

/* The code unit of the \uXXXX escape at `s`; -1 if there is none. */
static int escaped_unit(const char *s, size_t len)
{
        int unit = 0;

        if (len < ESCAPE_LEN || s[0] != '\\' || s[1] != 'u')
                return -1;
        for (size_t i = 2; i < ESCAPE_LEN; i++) {
                char c = s[i];
                int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
                            c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

                if (digit < 0)
                        return -1;
                unit = unit * 16 + digit;
        }
        return unit;
}

static bool is_surrogate(int unit, unsigned kind)
{
        return unit >= 0 && ((unsigned)unit & SURROGATE_MASK) == kind;
}

/* The next backslash from `at` on; `len` if there is none. */
static size_t next_backslash(const char *raw, size_t len, size_t at)
{
        const char *p = at < len ? memchr(raw + at, '\\', len - at) : NULL;

        return p ? (size_t)(p - raw) : len;
}

size_t sc_json_find_surrogate(const char *raw, size_t len)
{
        for (size_t i = next_backslash(raw, len, 0); i < len; i = next_backslash(raw, len, i)) {
                int unit = escaped_unit(raw + i, len - i);

                if (is_surrogate(unit, SURROGATE_LOW))
                        return i;
                i += unit < 0 ? 2 : ESCAPE_LEN;
                if (!is_surrogate(unit, SURROGATE_HIGH))
                        continue;
                if (i > len || !is_surrogate(escaped_unit(raw + i, len - i), SURROGATE_LOW))
                        return i - ESCAPE_LEN;
                i += ESCAPE_LEN;
        }
        return len;
}

size_t sc_json_find_nul(const char *raw, size_t len)
{
        for (size_t i = next_backslash(raw, len, 0); i < len; i = next_backslash(raw, len, i)) {
                int unit = escaped_unit(raw + i, len - i);

                if (unit == 0)
                        return i;
                i += unit < 0 ? 2 : ESCAPE_LEN;
        }
        return len;
}

#define BYTES(c) (UINT64_C(0x0101010101010101) * (c))

/* The upper bit of each byte that is 0; above the first of them, of others too. */
static uint64_t zeros(uint64_t word)
{
        return (word - BYTES(0x01)) & ~word & BYTES(0x80);
}

/* How many of the 8 bytes at `s` are text as it is, before the first quote, backslash or control character. */
static size_t plain_bytes(const char *s)
{
        uint64_t word, found;

        memcpy(&word, s, sizeof(word));
        word = le64toh(word);
        /* control characters are what has none of the three upper bits */
        found = zeros(word ^ BYTES('"')) | zeros(word ^ BYTES('\\')) | zeros(word & BYTES(0xe0));
        return found ? (size_t)__builtin_ctzll(found) / 8 : sizeof(word);
}

/* The bytes of the escape at `s`; 0 if it is none. */
static size_t escape_size(const char *s, size_t len)
{
        if (len < 2)
                return 0;
        if (s[1] == 'u')
                return escaped_unit(s, len) < 0 ? 0 : ESCAPE_LEN;
        return s[1] && strchr("\"\\/bfnrt", s[1]) ? 2 : 0;
}

size_t sc_json_string_length(const char *text, size_t len, bool *ret_escaped)
{
        bool escaped = false;
        size_t at = 1, size;

        for (; at < len; at += size) {
                size = len - at >= sizeof(uint64_t) ? plain_bytes(text + at) : 0;
                if (size)
                        continue;
                if (text[at] == '"')
                        break;
                size = (unsigned char)text[at] >= 0x20;
                if (text[at] == '\\') {
                        size = escape_size(text + at, len - at);
                        escaped = true;
                }
                if (!size)
                        return 0;
        }
        *ret_escaped = escaped;
        return at < len ? at + 1 : 0;
}

static size_t encode(unsigned code, char *ret_text)
{
        if (code < 0x80) {
                ret_text[0] = (char)code;
                return 1;
        }
        if (code < 0x800) {
                ret_text[0] = (char)(0xc0 | code >> 6);
                ret_text[1] = (char)(0x80 | (code & 0x3f));
                return 2;
        }
        if (code < 0x10000) {
                ret_text[0] = (char)(0xe0 | code >> 12);
                ret_text[1] = (char)(0x80 | (code >> 6 & 0x3f));
                ret_text[2] = (char)(0x80 | (code & 0x3f));
                return 3;
        }
        ret_text[0] = (char)(0xf0 | code >> 18);
        ret_text[1] = (char)(0x80 | (code >> 12 & 0x3f));
        ret_text[2] = (char)(0x80 | (code >> 6 & 0x3f));
        ret_text[3] = (char)(0x80 | (code & 0x3f));
        return 4;
}

/* What the escape at `s` stands for; its bytes, both halves of a pair, in *ret_size. */
static unsigned escaped_code(const char *s, size_t len, size_t *ret_size)
{
        static const char letters[] = "bfnrt", codes[] = "\b\f\n\r\t";
        int high = escaped_unit(s, len), low;
        const char *letter;

        *ret_size = ESCAPE_LEN;
        if (is_surrogate(high, SURROGATE_HIGH)) {
                low = escaped_unit(s + ESCAPE_LEN, len - ESCAPE_LEN);
                *ret_size = (size_t)2 * ESCAPE_LEN;
                return 0x10000 + (((unsigned)high & ~SURROGATE_MASK) << 10) + ((unsigned)low & ~SURROGATE_MASK);
        }
        if (high >= 0)
                return (unsigned)high;
        *ret_size = 2;
        letter = strchr(letters, s[1]);
        return (unsigned char)(letter ? codes[letter - letters] : s[1]);
}

size_t sc_json_unescape(const char *raw, size_t len, char *ret_text)
{
        size_t n = 0;

        for (size_t at = 0, size; at < len; at += size) {
                size = next_backslash(raw, len, at) - at;
                if (size) {
                        memcpy(ret_text + n, raw + at, size);
                        n += size;
                } else {
                        n += encode(escaped_code(raw + at, len - at, &size), ret_text + n);
                }
        }
        return n;
}

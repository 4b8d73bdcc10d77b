/* SPDX-License-Identifier: Apache-2.0 */
/* The table of formats; dates and times (RFC 3339), pointers (RFC 6901), patterns. */
#include "schema/format.h"

#include <string.h>

#include "schema/internal.h"

/* `n` digits at `at`; -1 if they are not there. */
static int digits(const char *text, size_t len, size_t at, size_t n)
{
        int value = 0;

        if (at + n > len)
                return -1;
        for (size_t i = at; i < at + n; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return -1;
                value = value * 10 + (text[i] - '0');
        }
        return value;
}

static bool is_at(const char *text, size_t len, size_t at, const char *set)
{
        return at < len && text[at] && strchr(set, text[at]);
}

static int is_date(const char *text, size_t len)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        int year = digits(text, len, 0, 4), month = digits(text, len, 5, 2), day = digits(text, len, 8, 2);
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        if (len != 10 || text[4] != '-' || text[7] != '-' || year < 0 || month < 1 || month > 12)
                return 0;
        return day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

/* "Z" or "+HH:MM", up to the end; the minutes from UTC. */
static bool read_offset(const char *text, size_t len, size_t at, int *ret_minutes)
{
        int hours = digits(text, len, at + 1, 2), minutes = digits(text, len, at + 4, 2);

        *ret_minutes = 0;
        if (is_at(text, len, at, "Zz"))
                return at + 1 == len;
        if (!is_at(text, len, at, "+-") || at + 6 != len || text[at + 3] != ':')
                return false;
        *ret_minutes = (text[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
        return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
}

static int is_time(const char *text, size_t len)
{
        int hour = digits(text, len, 0, 2), minute = digits(text, len, 3, 2), second = digits(text, len, 6, 2), offset;
        size_t at = 8;

        if (len < 9 || text[2] != ':' || text[5] != ':')
                return 0;
        if (text[at] == '.') {
                if (digits(text, len, at + 1, 1) < 0)
                        return 0;
                for (at++; digits(text, len, at, 1) >= 0;)
                        at++;
        }
        if (!read_offset(text, len, at, &offset) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0)
                return 0;
        /* a leap second is the last one of a day in UTC */
        if (second == 60)
                return (hour * 60 + minute - offset + 1440) % 1440 == 1439;
        return second < 60;
}

static int is_date_time(const char *text, size_t len)
{
        return is_at(text, len, 10, "Tt") && is_date(text, 10) && is_time(text + 11, len - 11);
}

static int is_pointer(const char *text, size_t len)
{
        if (len && text[0] != '/')
                return 0;
        for (size_t i = 0; i < len; i++)
                if (text[i] == '~' && !is_at(text, len, i + 1, "01"))
                        return 0;
        return 1;
}

static int is_relative_pointer(const char *text, size_t len)
{
        size_t n = 0;

        while (digits(text, len, n, 1) >= 0)
                n++;
        if (n == 0 || (n > 1 && text[0] == '0'))
                return 0;
        return (len == n + 1 && text[n] == '#') || is_pointer(text + n, len - n);
}

static int is_regex(const char *text, size_t len)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        const struct sc_schema_pattern *pattern;
        const char *why;
        int r = arena ? sc_schema_pattern_compile(arena, text, len, &pattern, &why) : -ENOMEM;

        return r == -ENOMEM ? r : r == 0;
}

static const struct sc_schema_format formats[] = {
        { "date-time", is_date_time, "a date and time as in \"2024-02-29T12:00:00Z\"" },
        { "date", is_date, "a date as in \"2024-02-29\"" },
        { "time", is_time, "a time as in \"12:00:00Z\"" },
        { "email", sc_schema_is_email, "an e-mail address" },
        { "hostname", sc_schema_is_hostname, "a host name" },
        { "ipv4", sc_schema_is_ipv4, "an IPv4 address" },
        { "ipv6", sc_schema_is_ipv6, "an IPv6 address" },
        { "uri", sc_schema_is_uri, "a URI" },
        { "uri-reference", sc_schema_is_uri_reference, "a URI or a relative reference" },
        { "uri-template", sc_schema_is_uri_template, "a template of a URI" },
        { "json-pointer", is_pointer, "a JSON pointer as in \"/a/0\"" },
        { "relative-json-pointer", is_relative_pointer, "a relative JSON pointer as in \"1/a\"" },
        { "regex", is_regex, "a regular expression" },
};

const struct sc_schema_format *sc_schema_format_find(const struct sc_json *name)
{
        for (size_t i = 0; i < SC_COUNT(formats); i++)
                if (sc_json_is(name, formats[i].name))
                        return &formats[i];
        return NULL;
}

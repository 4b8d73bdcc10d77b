/* SPDX-License-Identifier: Apache-2.0 */
/* Which form a line has, and what both forms are made of. */
#include "record/line.h"

#include <errno.h>
#include <string.h>

#include "record/internal.h"
#include "syscall/syscall.h"

const char *record_find(struct record_text text, const char *word)
{
        size_t len = strlen(word);

        for (const char *p = text.p; (size_t)(text.end - p) >= len; p++)
                if (!memcmp(p, word, len))
                        return p;
        return NULL;
}

static int digit_of(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if ((c | 32) >= 'a' && (c | 32) <= 'f')
                return (c | 32) - 'a' + 10;
        return 16;
}

bool record_number(struct record_text text, uint64_t *ret_value)
{
        bool minus = text.p < text.end && *text.p == '-';
        const char *p = text.p + minus;
        unsigned base = 10;
        uint64_t value = 0;

        if (text.end - p > 2 && p[0] == '0' && (p[1] | 32) == 'x') {
                base = 16;
                p += 2;
        } else if (text.end - p > 1 && p[0] == '0') {
                base = 8;
        }
        if (p >= text.end)
                return false;
        for (; p < text.end; p++) {
                int digit = digit_of(*p);

                if (digit >= (int)base || __builtin_mul_overflow(value, base, &value) ||
                    __builtin_add_overflow(value, (uint64_t)digit, &value))
                        return false;
        }
        *ret_value = minus ? -value : value;
        return true;
}

void record_call(struct sc_record *record, const struct sc_abi *abi, uint32_t nr)
{
        record->abi = abi;
        record->nr = nr;
        record->call = sc_syscall_by_number(abi, nr);
}

int sc_record_line(const char *text, size_t len, const struct sc_abi *assumed, struct sc_record *ret_record,
                   const char **ret_why)
{
        struct record_text line = { text, text + len };
        struct sc_record record = { .call = -1 };
        int r;

        if (len > SC_RECORD_LINE_MAX) {
                *ret_why = "the line is too long";
                return -EINVAL;
        }
        if (memchr(text, '\0', len)) {
                *ret_why = "the line holds a NUL";
                return -EINVAL;
        }
        while (line.end > line.p && strchr("\r\n \t", line.end[-1]))
                line.end--;
        r = record_is_audit(line) && !record_is_strace(line) ? record_audit(line, &record, ret_why)
                                  : record_strace(line, assumed, &record, ret_why);
        if (r == 0)
                *ret_record = record;
        return r;
}

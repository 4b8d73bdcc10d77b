/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a line: an ABI, a call, arguments. */
#include "probe/questions.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "syscall/syscall.h"

static int digit_of(char c, bool hex)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (hex && (c | 32) >= 'a' && (c | 32) <= 'f')
                return (c | 32) - 'a' + 10;
        return -1;
}

bool sc_question_number(const char *text, size_t len, uint64_t max, uint64_t *ret_value)
{
        bool minus = len && text[0] == '-';
        bool hex = len - minus > 2 && text[minus] == '0' && (text[minus + 1] | 32) == 'x';
        size_t i = minus + (hex ? 2u : 0u);
        uint64_t value = 0;

        if (i >= len)
                return false;
        for (; i < len; i++) {
                int digit = digit_of(text[i], hex);

                if (digit < 0 || sc_mul_overflows(value, hex ? 16u : 10u, &value) ||
                    sc_add_overflows(value, (uint64_t)digit, &value))
                        return false;
        }
        if (value > max)
                return false;
        *ret_value = minus ? -value : value;
        return true;
}

bool sc_question_arguments(const char *text, size_t len, uint64_t ret_args[6])
{
        uint64_t args[6] = { 0 };
        size_t n = 0;

        for (;;) {
                const char *comma = memchr(text, ',', len);
                size_t part = comma ? (size_t)(comma - text) : len;

                if (n == SC_COUNT(args) || !sc_question_number(text, part, UINT64_MAX, &args[n++]))
                        return false;
                if (!comma)
                        break;
                text += part + 1;
                len -= part + 1;
        }
        memcpy(ret_args, args, sizeof(args));
        return true;
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts the next word off [*p, end). Returns its length; 0: there is none. */
static size_t next_word(const char **p, const char *end, const char **ret_word)
{
        const char *word;

        while (*p < end && is_blank(**p))
                ++*p;
        word = *p;
        while (*p < end && !is_blank(**p))
                ++*p;
        *ret_word = word;
        return (size_t)(*p - word);
}

const char *sc_question_fault_text(enum sc_question_fault fault)
{
        static const char *const texts[] = {
                [SC_QUESTION_ABI] = "no architecture of that name",
                [SC_QUESTION_NO_CALL] = "a call is missing: 'ABI CALL [ARGUMENT…]'",
                [SC_QUESTION_CALL] = "no system call of that name",
                [SC_QUESTION_ABSENT] = "the ABI does not have that call",
                [SC_QUESTION_NUMBER] = "no call number of 32 bits",
                [SC_QUESTION_ARGUMENT] = "no number of 64 bits",
                [SC_QUESTION_ARGUMENTS] = "a call has six arguments at most",
        };

        return texts[fault];
}

/* A word, and what is wrong with it. Always -EINVAL. */
static int refuse(enum sc_question_fault fault, const struct sc_abi *abi, const char *word, size_t len,
                  struct sc_question_problem *ret_problem)
{
        *ret_problem = (struct sc_question_problem){ fault, abi, word, len };
        return -EINVAL;
}

static int read_call(const char *word, size_t len, struct sc_question *q, struct sc_question_problem *ret_problem)
{
        uint64_t nr;
        int call;

        if (len == 0)
                return refuse(SC_QUESTION_NO_CALL, q->abi, word, len, ret_problem);
        if (word[0] == '#') {
                if (!sc_question_number(word + 1, len - 1, UINT32_MAX, &nr))
                        return refuse(SC_QUESTION_NUMBER, q->abi, word, len, ret_problem);
                q->nr = (uint32_t)nr;
                return 0;
        }
        call = sc_syscall_find(word, len);
        if (call < 0)
                return refuse(SC_QUESTION_CALL, q->abi, word, len, ret_problem);
        return sc_syscall_number(call, q->abi, &q->nr) ? 0 :
                       refuse(SC_QUESTION_ABSENT, q->abi, word, len, ret_problem);
}

int sc_question_read(const char *line, size_t len, struct sc_question *ret_question,
                     struct sc_question_problem *ret_problem)
{
        const char *p = line, *end = line + len, *word;
        struct sc_question q = { 0 };
        size_t n = next_word(&p, end, &word), count = 0;
        int r;

        if (n == 0)
                return 0;
        q.abi = sc_abi_find(word, n);
        if (!q.abi)
                return refuse(SC_QUESTION_ABI, NULL, word, n, ret_problem);
        n = next_word(&p, end, &word);
        r = read_call(word, n, &q, ret_problem);
        while (r == 0 && (n = next_word(&p, end, &word)) > 0) {
                if (count == SC_COUNT(q.args))
                        return refuse(SC_QUESTION_ARGUMENTS, q.abi, word, n, ret_problem);
                if (!sc_question_number(word, n, UINT64_MAX, &q.args[count++]))
                        return refuse(SC_QUESTION_ARGUMENT, q.abi, word, n, ret_problem);
        }
        if (r < 0)
                return r;
        *ret_question = q;
        return 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as text: the ways in which a call may be decided, and their names. */
#include "probe/answer.h"

#include <inttypes.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "probe/gate.h"

#define JOINT " or "

/* Each way in which a call may be decided, from the loosest. */
static const struct {
        const char *name;
        enum sc_answer_may bit;
        uint32_t action;
} ways[] = {
        { "allow", SC_MAY_ALLOW, SECCOMP_RET_ALLOW },
        { "log", SC_MAY_LOG, SECCOMP_RET_LOG },
        { "trace", SC_MAY_TRACE, SECCOMP_RET_TRACE },
        { "notify", SC_MAY_NOTIFY, SECCOMP_RET_USER_NOTIF },
        { "errno", SC_MAY_ERRNO, SECCOMP_RET_ERRNO },
        { "trap", SC_MAY_TRAP, SECCOMP_RET_TRAP },
        { "kill-thread", SC_MAY_KILL_THREAD, SECCOMP_RET_KILL_THREAD },
        { "kill-process", SC_MAY_KILL_PROCESS, SECCOMP_RET_KILL_PROCESS },
};

void sc_answer_action(const struct sc_answer *answer, struct sc_strbuf *out)
{
        const char *joint = "";

        for (size_t i = 0; i < SC_COUNT(ways); i++) {
                if (!(answer->may & ways[i].bit))
                        continue;
                sc_strbuf_printf(out, "%s%s", joint, ways[i].name);
                if (ways[i].bit == SC_MAY_ERRNO)
                        sc_strbuf_printf(out, " %u", answer->error);
                joint = JOINT;
        }
}

void sc_answer_write(const struct sc_answer *answer, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "{\"abi\":\"%s\",\"nr\":%" PRIu32 ",\"args\":[", answer->abi->name, answer->nr);
        for (size_t i = 0; i < SC_COUNT(answer->args); i++)
                sc_strbuf_printf(out, "%s%" PRIu64, i ? "," : "", answer->args[i]);
        sc_strbuf_puts(out, "],\"action\":\"");
        sc_answer_action(answer, out);
        sc_strbuf_puts(out, "\"}\n");
}

/* Takes a word off the front of [*p, end). */
static bool take(const char **p, const char *end, const char *word)
{
        size_t len = strlen(word);

        if ((size_t)(end - *p) < len || memcmp(*p, word, len) != 0)
                return false;
        *p += len;
        return true;
}

/* " 38": without zeros in front, as it is written. */
static bool take_errno(const char **p, const char *end, unsigned *ret_error)
{
        const char *start;
        unsigned value = 0;

        if (!take(p, end, " "))
                return false;
        start = *p;
        for (; *p < end && **p >= '0' && **p <= '9' && value <= SC_GATE_ERRNO; (*p)++)
                value = value * 10 + (unsigned)(**p - '0');
        *ret_error = value;
        return *p > start && value <= SC_GATE_ERRNO && (*start != '0' || *p == start + 1);
}

bool sc_answer_read_action(const char *text, size_t len, struct sc_answer *answer)
{
        const char *p = text, *end = text + len;
        unsigned may = 0, error = 0;

        for (size_t i = 0; i < SC_COUNT(ways); i++) {
                const char *at = p;

                if ((may && !take(&at, end, JOINT)) || !take(&at, end, ways[i].name))
                        continue;
                if (at < end && *at != ' ') /* a longer word */
                        continue;
                if (ways[i].bit == SC_MAY_ERRNO && !take_errno(&at, end, &error))
                        return false;
                may |= ways[i].bit;
                p = at;
        }
        if (!may || p < end)
                return false;
        answer->may = may;
        answer->error = error;
        return true;
}

bool sc_answer_may_deny(const struct sc_answer *answer)
{
        return answer->may & (SC_MAY_ERRNO | SC_MAY_TRAP | SC_MAY_KILL_THREAD | SC_MAY_KILL_PROCESS);
}

bool sc_answer_agrees(const struct sc_answer *answer, uint32_t effect)
{
        uint32_t data = effect & SECCOMP_RET_DATA;

        for (size_t i = 0; i < SC_COUNT(ways); i++) {
                if (ways[i].action != (effect & SECCOMP_RET_ACTION_FULL))
                        continue;
                if (ways[i].bit != SC_MAY_ERRNO)
                        return answer->may & ways[i].bit;
                return (answer->may & SC_MAY_ERRNO && answer->error == data) ||
                       (answer->may & SC_MAY_ALLOW && data == SC_GATE_ERRNO);
        }
        return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/answer.h"

#include <inttypes.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "probe/gate.h"

/* Each way in which a call may be decided, from the loosest. */
static const struct {
        enum sc_answer_may bit;
        const char *name;
        uint32_t action;
} ways[] = {
        { SC_MAY_ALLOW, "allow", SECCOMP_RET_ALLOW },
        { SC_MAY_LOG, "log", SECCOMP_RET_LOG },
        { SC_MAY_TRACE, "trace", SECCOMP_RET_TRACE },
        { SC_MAY_NOTIFY, "notify", SECCOMP_RET_USER_NOTIF },
        { SC_MAY_ERRNO, "errno", SECCOMP_RET_ERRNO },
        { SC_MAY_TRAP, "trap", SECCOMP_RET_TRAP },
        { SC_MAY_KILL_THREAD, "kill-thread", SECCOMP_RET_KILL_THREAD },
        { SC_MAY_KILL_PROCESS, "kill-process", SECCOMP_RET_KILL_PROCESS },
};

void sc_answer_write(const struct sc_answer *answer, struct sc_strbuf *out)
{
        const char *joint = "";

        sc_strbuf_printf(out, "{\"abi\":\"%s\",\"nr\":%" PRIu32 ",\"args\":[", answer->abi->name, answer->nr);
        for (size_t i = 0; i < SC_COUNT(answer->args); i++)
                sc_strbuf_printf(out, "%s%" PRIu64, i ? "," : "", answer->args[i]);
        sc_strbuf_puts(out, "],\"action\":\"");
        for (size_t i = 0; i < SC_COUNT(ways); i++) {
                if (!(answer->may & ways[i].bit))
                        continue;
                sc_strbuf_printf(out, "%s%s", joint, ways[i].name);
                if (ways[i].bit == SC_MAY_ERRNO)
                        sc_strbuf_printf(out, " %u", answer->error);
                joint = " or ";
        }
        sc_strbuf_puts(out, "\"}\n");
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

/* SPDX-License-Identifier: Apache-2.0 */
/* The names of actions and operators. */
#include "profile/profile.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"

#define ACTION_MASK 0xffff0000u /* SECCOMP_RET_ACTION_FULL */

/* include/uapi/linux/seccomp.h and the runtime specification's names. Of two names for a value the first is written. */
static const struct {
        const char *name;
        uint32_t value;
} actions[] = {
        { "SCMP_ACT_KILL_PROCESS", 0x80000000 },
        { "SCMP_ACT_KILL", 0x00000000 },
        { "SCMP_ACT_KILL_THREAD", 0x00000000 },
        { "SCMP_ACT_TRAP", 0x00030000 },
        { "SCMP_ACT_ERRNO", 0x00050000 },
        { "SCMP_ACT_NOTIFY", 0x7fc00000 },
        { "SCMP_ACT_TRACE", 0x7ff00000 },
        { "SCMP_ACT_LOG", 0x7ffc0000 },
        { "SCMP_ACT_ALLOW", 0x7fff0000 },
};

int sc_profile_action_value(const char *name, uint32_t *ret_value)
{
        for (size_t i = 0; i < SC_COUNT(actions); i++)
                if (!strcmp(actions[i].name, name)) {
                        *ret_value = actions[i].value;
                        return 0;
                }
        return -EINVAL;
}

const char *sc_profile_action_name(uint32_t value)
{
        for (size_t i = 0; i < SC_COUNT(actions); i++)
                if (actions[i].value == (value & ACTION_MASK))
                        return actions[i].name;
        return NULL;
}

const char *sc_profile_action_at(size_t n)
{
        return n < SC_COUNT(actions) ? actions[n].name : NULL;
}

const char *sc_profile_op_name(enum sc_profile_op op)
{
        static const char *const names[] = {
                [SC_OP_NE] = "SCMP_CMP_NE", [SC_OP_LT] = "SCMP_CMP_LT", [SC_OP_LE] = "SCMP_CMP_LE",
                [SC_OP_EQ] = "SCMP_CMP_EQ", [SC_OP_GE] = "SCMP_CMP_GE", [SC_OP_GT] = "SCMP_CMP_GT",
                [SC_OP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
        };

        return (size_t)op < SC_COUNT(names) ? names[op] : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Prints every group's calls, groups inside it opened: a line `@GROUP CALL` for each. */
#include <stdio.h>

#include "syscall/group.h"
#include "syscall/syscall.h"

int main(void)
{
        for (int group = 0; group < (int)sc_group_count(); group++) {
                size_t n;
                const unsigned short *calls = sc_group_calls(group, &n);

                for (size_t i = 0; i < n; i++)
                        printf("%s %s\n", sc_group_name(group), sc_syscall_name(calls[i]));
        }
        return 0;
}

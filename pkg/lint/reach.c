/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what programs need to be let do, or to be told that the kernel cannot. */
#include <linux/seccomp.h>
#include <string.h>

#include "lint/internal.h"

int lint_clone3_hard_denied(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        int call = sc_syscall_find("clone3", strlen("clone3"));

        for (size_t i = 0; i < lint->view->n_abis; i++) {
                const struct sc_abi *abi = lint->view->abis[i];
                struct sc_lint_finding *f;
                sc_action action;
                uint32_t nr;

                if (!lint_one_answer(lint, abi, call, &action) || lint_may_pass(lint, abi, call) ||
                    action == (SECCOMP_RET_ERRNO | ENOSYS) || !sc_syscall_number(call, abi, &nr))
                        continue;
                f = lint_add(lint, rule, lint_whole(lint),
                             "clone3 is denied, but not with ENOSYS: libc cannot fall back to clone, so threads fail");
                lint_hint(lint, f, "deny clone3 with ENOSYS (errnoRet 38)");
                lint_witness(lint, f, abi, nr, NULL, SECCOMP_RET_ERRNO | ENOSYS);
                return 0;
        }
        return 0;
}

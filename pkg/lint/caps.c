/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that are allowed to a container which lacks the capability that they need. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "lint/internal.h"

/* Calls that fail without a capability, whatever their arguments: capabilities(7). */
static const struct needs {
        const char *cap, *call;
} needs[] = {
        { "CAP_DAC_READ_SEARCH", "open_by_handle_at" },
        { "CAP_SYS_ADMIN", "fsconfig" },
        { "CAP_SYS_ADMIN", "fsmount" },
        { "CAP_SYS_ADMIN", "fsopen" },
        { "CAP_SYS_ADMIN", "mount" },
        { "CAP_SYS_ADMIN", "move_mount" },
        { "CAP_SYS_ADMIN", "pivot_root" },
        { "CAP_SYS_ADMIN", "setdomainname" },
        { "CAP_SYS_ADMIN", "sethostname" },
        { "CAP_SYS_ADMIN", "swapoff" },
        { "CAP_SYS_ADMIN", "swapon" },
        { "CAP_SYS_ADMIN", "umount2" },
        { "CAP_SYS_BOOT", "kexec_file_load" },
        { "CAP_SYS_BOOT", "kexec_load" },
        { "CAP_SYS_BOOT", "reboot" },
        { "CAP_SYS_CHROOT", "chroot" },
        { "CAP_SYS_MODULE", "delete_module" },
        { "CAP_SYS_MODULE", "finit_module" },
        { "CAP_SYS_MODULE", "init_module" },
        { "CAP_SYS_PACCT", "acct" },
        { "CAP_SYS_TIME", "clock_settime" },
        { "CAP_SYS_TIME", "settimeofday" },
        { "CAP_SYS_TTY_CONFIG", "vhangup" },
};

bool lint_lacks_cap(const struct sc_lint *lint, const char *call)
{
        for (size_t i = 0; i < SC_COUNT(needs); i++) {
                int cap = strcmp(needs[i].call, call) != 0 ? -1 : sc_cap_find(needs[i].cap, strlen(needs[i].cap));

                if (cap >= 0 && !(lint->view->target.caps >> cap & 1))
                        return true;
        }
        return false;
}

static void check_need(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct needs *n)
{
        const struct sc_abi *abi = lint->view->abis[0];
        int cap = sc_cap_find(n->cap, strlen(n->cap)), call = sc_syscall_find(n->call, strlen(n->call));
        struct sc_lint_finding *f;
        uint64_t args[6];
        uint32_t nr;

        if (cap < 0 || lint->view->target.caps >> cap & 1 || !sc_syscall_number(call, abi, &nr) ||
            !lint_find_args(lint, abi, call, lint_allows, args))
                return;
        f = lint_add(lint, rule, lint_name_place(lint, n->call),
                     "%s is allowed, and needs %s, which the container lacks: outside of a user namespace it fails",
                     n->call, n->cap);
        lint_witness(lint, f, abi, nr, args, SECCOMP_RET_ERRNO | EPERM);
}

int lint_capability_missing(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        for (size_t i = 0; lint->options->caps_given && lint->view->n_abis && i < SC_COUNT(needs); i++)
                check_need(lint, rule, &needs[i]);
        return 0;
}

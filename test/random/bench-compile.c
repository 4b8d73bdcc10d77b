/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked around sc_scmp_compile() in the command (ld's --wrap): how long libseccomp takes goes, as a struct spent of
 * bench-pairs.h, to the file descriptor that SC_BENCH_FD names.
 */
#include <stdlib.h>
#include <unistd.h>

#include "bench-pairs.h"
#include "bpf/scmp.h"

/* NOLINTBEGIN(bugprone-reserved-identifier): ld's names */
int __real_sc_scmp_compile(const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result);
int __wrap_sc_scmp_compile(const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result);
/* NOLINTEND(bugprone-reserved-identifier) */

int __wrap_sc_scmp_compile(const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result)
{
        const char *fd = getenv("SC_BENCH_FD");
        struct spent spent = { now_ms(CLOCK_MONOTONIC), now_ms(CLOCK_PROCESS_CPUTIME_ID) };
        int r = __real_sc_scmp_compile(filter, ret_result);

        spent = (struct spent){ now_ms(CLOCK_MONOTONIC) - spent.wall, now_ms(CLOCK_PROCESS_CPUTIME_ID) - spent.cpu };
        if (fd && write((int)strtol(fd, NULL, 10), &spent, sizeof(spent)) != sizeof(spent))
                abort();
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Two clocks: files have the time of day, processes ticks since the machine was started. */
#include "seccompose-hook/late.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/util.h"

#define STAT_SIZE_MAX 4096
#define FIELD_PARENT 4 /* fields of /proc/PID/stat, counted as in proc(5) */
#define FIELD_START 22
#define NS_PER_S INT64_C(1000000000)
#define CHANGE_TICK_NS INT64_C(10000000) /* a change is stamped by a clock with ticks of up to 10 ms */

static int64_t to_ns(struct timespec t)
{
        return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* A numeric field behind the program's name, which may hold anything, parentheses too. */
static bool stat_field(pid_t pid, int field, unsigned long long *ret_value)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        char path[32];
        const char *p;
        char *end;
        size_t len;

        snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
        if (sc_file_read(AT_FDCWD, path, STAT_SIZE_MAX, &text, &len) < 0)
                return false;
        p = strrchr(text, ')');
        for (int i = 2; p && i < field; i++)
                p = strchr(p + 1, ' ');
        if (!p)
                return false;
        *ret_value = strtoull(p + 1, &end, 10);
        return end != p + 1;
}

/* The beginning of the tick in which a process started, by the time of day. */
static bool start_time(pid_t pid, int64_t *ret_ns)
{
        struct timespec day, boot;
        unsigned long long ticks;
        long rate = sysconf(_SC_CLK_TCK);

        if (rate <= 0 || !stat_field(pid, FIELD_START, &ticks))
                return false;
        if (clock_gettime(CLOCK_REALTIME, &day) < 0 || clock_gettime(CLOCK_BOOTTIME, &boot) < 0)
                return false;
        *ret_ns = to_ns(day) - to_ns(boot) + (int64_t)ticks * (NS_PER_S / rate);
        return true;
}

bool is_late_change(struct timespec changed, pid_t init)
{
        unsigned long long runtime;
        int64_t start;

        if (!stat_field(init, FIELD_PARENT, &runtime) || !start_time((pid_t)runtime, &start))
                return true;
        return to_ns(changed) + CHANGE_TICK_NS > start;
}

void let_ticks_pass(void)
{
        struct timespec left = { .tv_nsec = 3 * CHANGE_TICK_NS };

        while (nanosleep(&left, &left) < 0 && errno == EINTR)
                ;
}

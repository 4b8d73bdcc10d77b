/* SPDX-License-Identifier: Apache-2.0 */
/* Does what new C libraries do by new system calls, each with the way back that they take where it answers ENOSYS. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#define RSEQ_SIGNATURE 0x53053053

/* "CALL direct", "CALL fallback", or "CALL refused ERRNO": which way it went. */
static bool went(const char *call, bool direct, bool well)
{
        if (well)
                printf("%s %s\n", call, direct ? "direct" : "fallback");
        else
                printf("%s refused %s\n", call, strerrorname_np(errno));
        return well;
}

static void *do_nothing(void *data)
{
        return data;
}

/* pthread_create tries clone3 first. What that answers is seen by a call without arguments. */
static bool start_thread(void)
{
        pthread_t id;
        bool direct = !(syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS);

        errno = pthread_create(&id, NULL, do_nothing, NULL);
        if (errno == 0)
                errno = pthread_join(id, NULL);
        return went("clone3", direct, errno == 0);
}

static bool wait_for_many(void)
{
        static uint32_t word = 1;
        struct futex_waitv waiter = { .uaddr = (uintptr_t)&word, .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG };
        bool direct = true;

        if (syscall(SYS_futex_waitv, &waiter, 1, 0, NULL, 0) == -1 && errno == ENOSYS) {
                direct = false;
                syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
        }
        return went("futex_waitv", direct, errno == EAGAIN);
}

static bool open_root(void)
{
        struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC };
        bool direct = true;
        int fd = (int)syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));

        if (fd < 0 && errno == ENOSYS) {
                direct = false;
                fd = openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        }
        return went("openat2", direct, fd >= 0);
}

static bool may_read(void)
{
        bool direct = true;
        long r = syscall(SYS_faccessat2, AT_FDCWD, "/", R_OK, AT_EACCESS);

        if (r < 0 && errno == ENOSYS) {
                direct = false;
                r = syscall(SYS_faccessat, AT_FDCWD, "/", R_OK);
        }
        return went("faccessat2", direct, r == 0);
}

static bool look(void)
{
        struct statx new;
        struct stat old;
        bool direct = true;
        long r = syscall(SYS_statx, AT_FDCWD, "/", 0, STATX_BASIC_STATS, &new);

        if (r < 0 && errno == ENOSYS) {
                direct = false;
                r = fstatat(AT_FDCWD, "/", &old, 0);
        }
        return went("statx", direct, r == 0);
}

static bool close_many(void)
{
        int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        bool direct = true;
        long r = fd < 0 ? -1 : syscall(SYS_close_range, fd, fd, 0);

        if (r < 0 && errno == ENOSYS) {
                direct = false;
                r = close(fd);
        }
        return went("close_range", direct, r == 0);
}

/* The C library may have registered an area already: the kernel refuses a second one, and has answered. */
static bool restartable(void)
{
        static _Alignas(32) unsigned char area[32];
        bool direct = true;
        long r = syscall(SYS_rseq, area, sizeof(area), 0, RSEQ_SIGNATURE);
        bool well = r == 0 || errno == EBUSY || errno == EINVAL;

        if (!well && errno == ENOSYS) {
                direct = false;
                well = sched_getcpu() >= 0;
        }
        return went("rseq", direct, well);
}

int main(void)
{
        bool (*const steps[])(void) = {
                start_thread, wait_for_many, open_root, may_read, look, close_many, restartable,
        };
        int status = EXIT_SUCCESS;

        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
                if (!steps[i]())
                        status = EXIT_FAILURE;
        return status;
}

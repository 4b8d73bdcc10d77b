/* SPDX-License-Identifier: Apache-2.0 */
/* A filter from a file, put on: for programs that wear filters themselves or start others under them. */
#pragma once

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The file is struct sock_filter[]; flags are seccomp(2)'s.  What seccomp gives (0, or the listener that
 * flags ask for), or -1 and errno.
 */
static inline int load_filter(const char *path, unsigned flags)
{
        static struct sock_filter insns[BPF_MAXINSNS];
        struct sock_fprog program = { .filter = insns };
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t size = fd < 0 ? -1 : read(fd, insns, sizeof(insns));

        if (size < 0)
                return -1;
        close(fd);
        program.len = (unsigned short)((size_t)size / sizeof(*insns));
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -1;
        return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

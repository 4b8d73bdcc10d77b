/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row is put to every call, so it holds values for several calls at once, each in the position where those calls
 * have them. Sources: linux/socket.h, sched.h, personality.h, prctl.h, fcntl.h, asm-generic/ioctls.h, mman-common.h.
 */
#include "probe/vectors.h"

#include "base/util.h"

#define ONES UINT64_MAX
#define HIGH(x) (UINT64_C(1) << 32 | (x)) /* the same to a call with an int, not to a filter that looks at 64 bits */
#define POINTER UINT64_C(0x7ffd00001000)

static const uint64_t vectors[][6] = {
        { 0, 0, 0, 0, 0, 0 },
        { ONES, ONES, ONES, ONES, ONES, ONES },
        /* one high word each */
        { HIGH(0), 0, 0, 0, 0, 0 },
        { 0, HIGH(0), 0, 0, 0, 0 },
        { 0, 0, HIGH(0), 0, 0, 0 },
        { 0, 0, 0, HIGH(0), 0, 0 },
        { 0, 0, 0, 0, HIGH(0), 0 },
        { 0, 0, 0, 0, 0, HIGH(0) },
        /* families, in socket, socketpair: AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK */
        { 1, 1, 0, 0, 0, 0 },
        { 2, 1, 6, 0, 0, 0 },
        { 10, 2, 17, 0, 0, 0 },
        { 16, 3, 0, 0, 0, 0 },
        { 17, 3, 3, 0, 0, 0 },
        { 2, 10, 0x0300, 0, 0, 0 }, /* SOCK_PACKET, for all protocols: the kernel makes AF_PACKET of AF_INET */
        { 38, 5, 0, 0, 0, 0 },
        { 40, 1, 0, 0, 0, 0 },
        { HIGH(2), HIGH(1), HIGH(6), 0, 0, 0 },
        { HIGH(38), HIGH(5), 0, 0, 0, 0 },
        { HIGH(40), HIGH(1), 0, 0, 0, 0 },
        /* clone, unshare: SIGCHLD as fork has it; a thread's flags; namespaces, alone and with other bits */
        { 0x01200011, 0, POINTER, POINTER, 0, 0 },
        { 0x003d0f00, POINTER, POINTER, POINTER, POINTER, 0 },
        { 0x10000000, 0x10000000, 0, 0, 0, 0 }, /* CLONE_NEWUSER */
        { 0x00020011, 0x00020011, 0, 0, 0, 0 }, /* CLONE_NEWNS */
        { 0x7e020011, 0x7e020011, 0, 0, 0, 0 }, /* all but CLONE_NEWTIME */
        { 0x40000000, 0x00000080, 0, 0, 0, 0 }, /* CLONE_NEWNET; CLONE_NEWTIME */
        { HIGH(0x10000011), HIGH(0x10000011), 0, 0, 0, 0 },
        /* personality: PER_LINUX32, UNAME26, both, ask only, READ_IMPLIES_EXEC, ADDR_NO_RANDOMIZE */
        { 0x0008, 0, 0, 0, 0, 0 },
        { 0x00020000, 0, 0, 0, 0, 0 },
        { 0x00020008, 0, 0, 0, 0, 0 },
        { 0xffffffff, 0, 0, 0, 0, 0 },
        { HIGH(0xffffffff), 0, 0, 0, 0, 0 },
        { 0x00400000, 0, 0, 0, 0, 0 },
        { 0x00040000, 0, 0, 0, 0, 0 },
        /* mmap, mprotect, pkey_mprotect: PROT_EXEC, with PROT_READ, with PROT_WRITE, with all; anonymous and private */
        { 0, 4096, 4, 0x02, 3, 0 },
        { 0, 4096, 5, 0x02, 3, 0 },
        { POINTER, 4096, 6, 0x22, ONES, 0 },
        { POINTER, 4096, 7, 0x22, ONES, 0 },
        { POINTER, 4096, 3, 0x22, 0xffffffff, 0 },
        { POINTER, 4096, HIGH(6), 0x22, ONES, 0 },
        /* ioctl: TCGETS, TIOCSTI, TIOCLINUX, TIOCGWINSZ, FIONREAD; the second with bits above */
        { 0, 0x5401, POINTER, 0, 0, 0 },
        { 0, 0x5412, POINTER, 0, 0, 0 },
        { 0, 0x541c, POINTER, 0, 0, 0 },
        { 1, 0x5413, POINTER, 0, 0, 0 },
        { 1, 0x541b, POINTER, 0, 0, 0 },
        { 0, HIGH(0x5412), POINTER, 0, 0, 0 },
        /* prctl: PR_SET_DUMPABLE, PR_SET_NAME, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_SET_MM, PR_SET_VMA */
        { 4, 1, 0, 0, 0, 0 },
        { 15, POINTER, 0, 0, 0, 0 },
        { 22, 2, POINTER, 0, 0, 0 },
        { 35, 1, POINTER, 0, 0, 0 },
        { 38, 1, 0, 0, 0, 0 },
        { 0x53564d41, 0, POINTER, 4096, POINTER, 0 },
        /* prlimit64 that reads and one that writes; execveat and fchmodat2 with AT_EMPTY_PATH */
        { 0, 3, 0, POINTER, 0, 0 },
        { 0, 7, POINTER, 0, 0, 0 },
        { 3, POINTER, POINTER, POINTER, 0x1000, 0 },
        { 3, POINTER, 0755, 0x1000, HIGH(0x1000), 0 },
        /* the edges of 31 and 32 bits; all arguments different */
        { 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff },
        { 0x80000000, 0x80000000, 0x80000000, 0x80000000, 0x80000000, 0x80000000 },
        { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
        { 1, 2, 3, 4, 5, 6 },
};

size_t sc_vector_count(void)
{
        return SC_COUNT(vectors);
}

const uint64_t *sc_vector_at(size_t index)
{
        return index < SC_COUNT(vectors) ? vectors[index] : NULL;
}

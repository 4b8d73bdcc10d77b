/* SPDX-License-Identifier: Apache-2.0 */
/* The two gates into the kernel of a 64-bit program on x86: that of its own ABI, and that of 32-bit programs. */
#ifndef SC_TEST_GATES_H
#define SC_TEST_GATES_H

#include <stdint.h>

#define GATE_ARGS_MAX 6

/* The kernel's own word: what the call gives, or -errno. */
static inline long gate_x86_64(uint64_t nr, const uint64_t args[static GATE_ARGS_MAX])
{
        register uint64_t r10 __asm__("r10") = args[3];
        register uint64_t r8 __asm__("r8") = args[4];
        register uint64_t r9 __asm__("r9") = args[5];
        long ret;

        __asm__ volatile("syscall"
                         : "=a"(ret)
                         : "a"(nr), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
        return ret;
}

/* The sixth argument is in ebp, which is the compiler's own: it is 0. */
static inline long gate_x86(uint64_t nr, const uint64_t args[static GATE_ARGS_MAX])
{
        long ret;

        __asm__ volatile("push %%rbp\n\t"
                         "xor %%ebp, %%ebp\n\t"
                         "int $0x80\n\t"
                         "pop %%rbp"
                         : "=a"(ret)
                         : "a"(nr), "b"(args[0]), "c"(args[1]), "d"(args[2]), "S"(args[3]), "D"(args[4])
                         : "r8", "r9", "r10", "r11", "memory");
        return (int32_t)ret;
}

#endif

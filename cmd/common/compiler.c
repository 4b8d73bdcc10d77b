/* SPDX-License-Identifier: Apache-2.0 */
/* A child compiles and sends the result through a pipe; the parent waits no longer than the limit. */
#include "common/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/util.h"

/* What the child sends before the instructions. */
struct reply {
        int status; /* of sc_scmp_compile() */
        int error;
        size_t error_at;
        size_t len;
};

#define REPLY_INSNS_MAX 65536 /* more would not fit a program's 16-bit length */

#ifdef __SANITIZE_ADDRESS__
#define UNDER_ASAN /* gcc */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN /* clang */
#endif
#endif

static void set_limits(void)
{
        const struct rlimit seconds = { COMPILE_SECONDS_MAX, COMPILE_SECONDS_MAX }, none = { 0, 0 };
#ifndef UNDER_ASAN /* its shadow memory alone is larger than any limit */
        const struct rlimit memory = { COMPILE_MEMORY_MAX, COMPILE_MEMORY_MAX };

        setrlimit(RLIMIT_AS, &memory);
#endif
        setrlimit(RLIMIT_CPU, &seconds);
        setrlimit(RLIMIT_CORE, &none);
}

static void compile_and_send(int fd, const struct sc_scmp_filter *filter)
{
        struct sc_scmp_result result = { 0 };
        struct reply reply = { 0 };

        set_limits();
        reply.status = sc_scmp_compile(filter, &result);
        reply.error = result.error;
        reply.error_at = result.error_at;
        reply.len = result.len;
        if (sc_file_write_fd(fd, (const char *)&reply, sizeof(reply)) == 0)
                sc_file_write_fd(fd, (const char *)result.insns, result.len * sizeof(*result.insns));
}

/* Reads exactly `len` bytes before the deadline. -ETIMEDOUT if it passes or the child ends early. */
static int receive(int fd, void *buffer, size_t len, int64_t deadline)
{
        char *p = buffer;

        while (len > 0) {
                struct pollfd pfd = { .fd = fd, .events = POLLIN };
                int64_t left = deadline - sc_now_ms();
                ssize_t n;

                if (left <= 0 || poll(&pfd, 1, (int)left) == 0)
                        return -ETIMEDOUT;
                n = read(fd, p, len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return sc_errno();
                if (n == 0)
                        return -ETIMEDOUT;
                p += n;
                len -= (size_t)n;
        }
        return 0;
}

static int receive_result(int fd, struct sc_scmp_result *ret_result)
{
        int64_t deadline = sc_now_ms() + INT64_C(1000) * COMPILE_SECONDS_MAX;
        SC_CLEANUP(sc_freep) struct sock_filter *insns = NULL;
        struct reply reply = { 0 };
        int r = receive(fd, &reply, sizeof(reply), deadline);

        if (r == 0)
                r = reply.status;
        if (r == 0 && reply.len > REPLY_INSNS_MAX)
                r = -E2BIG;
        if (r < 0)
                return r;
        insns = calloc(reply.len + 1, sizeof(*insns));
        if (!insns)
                return -ENOMEM;
        r = receive(fd, insns, reply.len * sizeof(*insns), deadline);
        if (r < 0)
                return r;
        *ret_result = (struct sc_scmp_result){ .insns = reply.error ? NULL : SC_STEAL(insns),
                                               .len = reply.len,
                                               .error = reply.error,
                                               .error_at = reply.error_at };
        return 0;
}

static int compile(void *data, const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result)
{
        SC_CLEANUP(sc_closep) int from = -1;
        int fds[2], r;
        pid_t child;

        (void)data;
        if (pipe2(fds, O_CLOEXEC) < 0)
                return sc_errno();
        from = fds[0];
        child = fork();
        if (child < 0) {
                r = sc_errno();
                close(fds[1]);
                return r;
        }
        if (child == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                compile_and_send(fds[1], filter);
                _exit(0);
        }
        close(fds[1]);
        r = receive_result(from, ret_result);
        kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                ;
        return r;
}

struct sc_scmp_compiler compiler_in_child(void)
{
        struct sc_scmp_compiler compiler = sc_scmp_library();

        compiler.compile = compile;
        return compiler;
}

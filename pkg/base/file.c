/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded reading, and writing to the end. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/util.h"

#define READ_CHUNK ((size_t)64 * 1024)

/* The buffer's size for reading on: what a regular file has left, and one byte to see its end. */
static size_t first_size(int fd, size_t limit)
{
        struct stat st;

        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
                return READ_CHUNK;
        return (size_t)st.st_size < limit ? (size_t)st.st_size + 1 : limit + 1;
}

int sc_file_read_fd(int fd, size_t limit, char **ret_text, size_t *ret_len)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len = 0, cap = first_size(fd, limit);

        for (;;) {
                char *p = !text || len == cap ? realloc(text, (text ? cap *= 2 : cap) + 1) : text;
                ssize_t n;

                if (!p)
                        return -ENOMEM;
                text = p;
                n = read(fd, text + len, cap - len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return sc_errno();
                if (n == 0)
                        break;
                len += (size_t)n;
                if (len > limit)
                        return -EFBIG;
        }
        text[len] = '\0';
        *ret_text = SC_STEAL(text);
        *ret_len = len;
        return 0;
}

int sc_file_read(int dirfd, const char *path, size_t limit, char **ret_text, size_t *ret_len)
{
        SC_CLEANUP(sc_closep) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        struct stat st;

        if (fd < 0)
                return sc_errno();
        if (fstat(fd, &st) < 0)
                return sc_errno();
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
                return -ENODEV;
        /* O_NONBLOCK was for opening only: a pipe from <(…) must be waited for */
        if (fcntl(fd, F_SETFL, O_RDONLY) < 0)
                return sc_errno();
        return sc_file_read_fd(fd, limit, ret_text, ret_len);
}

int sc_file_write_fd(int fd, const char *bytes, size_t len)
{
        while (len > 0) {
                ssize_t n = write(fd, bytes, len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return sc_errno();
                bytes += n;
                len -= (size_t)n;
        }
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Extended attributes of one file for another. */
#include <errno.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "base/util.h"

#define ACCESS_ACL "system.posix_acl_access"

/* The kernel's own limits: no list and no value is larger. */
struct buffers {
        char names[XATTR_LIST_MAX];
        char value[XATTR_SIZE_MAX];
        char other[XATTR_SIZE_MAX];
        size_t total; /* bytes of values so far */
};

/* Sums over a file's bytes: copied, they would be wrong. */
static bool is_kernels(const char *name)
{
        static const char *const names[] = { "security.evm", "security.ima" };

        for (size_t i = 0; i < SC_COUNT(names); i++)
                if (!strcmp(name, names[i]))
                        return true;
        return false;
}

/* A label may be right from the start, and not be ours to set. */
static bool has_value(struct buffers *b, int fd, const char *name, size_t len)
{
        ssize_t n = fgetxattr(fd, name, b->other, sizeof(b->other));

        return n >= 0 && (size_t)n == len && !memcmp(b->other, b->value, len);
}

static int copy_one(struct buffers *b, int from, int to, const char *name)
{
        ssize_t n = fgetxattr(from, name, b->value, sizeof(b->value));
        int r;

        if (n < 0)
                return sc_errno();
        b->total += (size_t)n;
        if (b->total > SC_ATTRIBUTES_SIZE_MAX)
                return -E2BIG;
        if (fsetxattr(to, name, b->value, (size_t)n, 0) == 0)
                return 0;
        r = sc_errno();
        return has_value(b, to, name, (size_t)n) ? 0 : r;
}

/* A directory can have an access control list for all that is made in it. */
static int remove_inherited(int fd)
{
        if (fremovexattr(fd, ACCESS_ACL) == 0 || errno == ENODATA || errno == EOPNOTSUPP)
                return 0;
        return sc_errno();
}

int sc_attributes_copy(int from, int to)
{
        SC_CLEANUP(sc_freep) struct buffers *b = malloc(sizeof(*b));
        bool has_acl = false;
        ssize_t len;
        int r = 0;

        if (!b)
                return -ENOMEM;
        b->total = 0;
        len = flistxattr(from, b->names, sizeof(b->names));
        if (len < 0)
                return errno == EOPNOTSUPP ? 0 : sc_errno();
        for (const char *name = b->names; name < b->names + len && r == 0; name += strlen(name) + 1) {
                has_acl |= !strcmp(name, ACCESS_ACL);
                r = is_kernels(name) ? 0 : copy_one(b, from, to, name);
        }
        return r == 0 && !has_acl ? remove_inherited(to) : r;
}

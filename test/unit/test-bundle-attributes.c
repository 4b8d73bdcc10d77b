/* SPDX-License-Identifier: Apache-2.0 */
/* What a new file takes over from the one that it replaces: owner, mode, extended attributes. Run as root. */
#include <linux/fs.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/xattr.h>

#include "bundle.h"

#define ACL "system.posix_acl_access"
#define DEFAULT_ACL "system.posix_acl_default"

static void check_owner_and_mode(void)
{
        static const mode_t modes[] = { 0600, 0644, 0400, 0, 0755, 02750, 04711 };
        struct world w = world_make(OLD);

        must(fchown(w.fd, ALICE, 0) == 0, "chown");
        for (size_t i = 0; i < SC_COUNT(modes); i++) {
                struct stat st;

                must(fchownat(w.fd, CONFIG, ALICE, BOB, 0) == 0 && fchmodat(w.fd, CONFIG, modes[i], 0) == 0, CONFIG);
                CHECK_INT(replace(&w, i % 2 ? OLD : NEW), 0);
                CHECK_INT(fstatat(w.fd, CONFIG, &st, 0), 0);
                CHECK_INT(st.st_mode & 07777, modes[i]);
                CHECK_INT(st.st_uid, ALICE);
                CHECK_INT(st.st_gid, BOB);
        }
        world_done(&w, NULL);
}

static void set_attribute(const struct world *w, const char *file, const char *name, const void *value, size_t len)
{
        char path[PATH_MAX];

        snprintf(path, sizeof(path), "%s/%s", w->path, file);
        must(setxattr(path, name, value, len, 0) == 0, name);
}

/* The length, or -errno. */
static ssize_t get_attribute(const struct world *w, const char *name, void *value, size_t len)
{
        char path[PATH_MAX];
        ssize_t n;

        snprintf(path, sizeof(path), "%s/" CONFIG, w->path);
        n = getxattr(path, name, value, len);
        return n < 0 ? -errno : n;
}

static void expect_attribute(const struct world *w, const char *name, const void *value, size_t len)
{
        char got[XATTR_SIZE_MAX];
        ssize_t n = get_attribute(w, name, got, sizeof(got));

        if (!CHECK(n == (ssize_t)len && !memcmp(got, value, len)))
                printf("# %s: %zd\n", name, n);
}

/* An access control list that lets ALICE do `perm`. */
struct acl {
        struct posix_acl_xattr_header header;
        struct posix_acl_xattr_entry entries[5];
};

static struct acl acl_for_alice(uint16_t perm)
{
        return (struct acl){
                { POSIX_ACL_XATTR_VERSION },
                {
                        { ACL_USER_OBJ, 6, (uint32_t)ACL_UNDEFINED_ID },
                        { ACL_USER, perm, ALICE },
                        { ACL_GROUP_OBJ, 4, (uint32_t)ACL_UNDEFINED_ID },
                        { ACL_MASK, 7, (uint32_t)ACL_UNDEFINED_ID },
                        { ACL_OTHER, 0, (uint32_t)ACL_UNDEFINED_ID },
                },
        };
}

static void check_attributes(void)
{
        static const char label[] = "system_u:object_r:container_file_t:s0:c1,c2";
        static const unsigned char sum[] = { 1, 2, 3 };
        const struct acl acl = acl_for_alice(4);
        char large[1500];
        struct world w = world_make(OLD);
        struct stat st;

        memset(large, 'x', sizeof(large));
        set_attribute(&w, CONFIG, "user.note", "a\0b", 3);
        set_attribute(&w, CONFIG, "user.empty", "", 0);
        set_attribute(&w, CONFIG, "user.large", large, sizeof(large));
        set_attribute(&w, CONFIG, "trusted.note", "t", 1);
        set_attribute(&w, CONFIG, "security.selinux", label, sizeof(label));
        set_attribute(&w, CONFIG, "security.ima", sum, sizeof(sum));
        set_attribute(&w, CONFIG, ACL, &acl, sizeof(acl));
        CHECK_INT(replace(&w, NEW), 0);
        expect_text(&w, CONFIG, NEW);
        expect_attribute(&w, "user.note", "a\0b", 3);
        expect_attribute(&w, "user.empty", "", 0);
        expect_attribute(&w, "user.large", large, sizeof(large));
        expect_attribute(&w, "trusted.note", "t", 1);
        expect_attribute(&w, "security.selinux", label, sizeof(label));
        expect_attribute(&w, ACL, &acl, sizeof(acl));
        /* a sum of the old bytes is none of the new */
        CHECK_INT(get_attribute(&w, "security.ima", NULL, 0), -ENODATA);
        CHECK_INT(fstatat(w.fd, CONFIG, &st, 0), 0);
        CHECK_INT(st.st_mode & 07777, 0670);
        world_done(&w, NULL);
}

/* What a directory gives to all new files in it, the old one did not have. */
static void check_default_acl(void)
{
        const struct acl acl = acl_for_alice(7);
        struct world w = world_make(OLD);
        struct stat st;

        set_attribute(&w, ".", DEFAULT_ACL, &acl, sizeof(acl));
        put(w.fd, "other", "");
        CHECK_INT(fstatat(w.fd, "other", &st, 0), 0);
        CHECK_INT(replace(&w, NEW), 0);
        CHECK_INT(get_attribute(&w, ACL, NULL, 0), -ENODATA);
        CHECK_INT(fstatat(w.fd, CONFIG, &st, 0), 0);
        CHECK_INT(st.st_mode & 07777, 0640);
        world_done(&w, "other", NULL);
}

/* More than a file may have of them: tmpfs takes 64 KiB each, and any number. */
static void check_many_attributes(void)
{
        SC_CLEANUP(sc_freep) char *value = calloc(1, XATTR_SIZE_MAX);
        SC_CLEANUP(sc_closep) int from = memfd_create("from", MFD_CLOEXEC), to = -1;
        char name[32];
        int r = 0;
        size_t n = 0;

        to = memfd_create("to", MFD_CLOEXEC);
        must(value && from >= 0 && to >= 0, "memfd_create");
        for (; n < SC_ATTRIBUTES_SIZE_MAX / XATTR_SIZE_MAX && r == 0; n++) {
                snprintf(name, sizeof(name), "trusted.%zu", n);
                r = fsetxattr(from, name, value, XATTR_SIZE_MAX, 0);
        }
        must(r == 0, "fsetxattr");
        CHECK_INT(sc_attributes_copy(from, to), 0);
        CHECK_INT(fgetxattr(to, name, NULL, 0), XATTR_SIZE_MAX);
        CHECK_INT(fsetxattr(from, "trusted.more", "x", 1, 0), 0);
        CHECK_INT(sc_attributes_copy(from, to), -E2BIG);
}

/* One that cannot be set is an error, unless it is there already. */
static void check_refused_attributes(void)
{
        SC_CLEANUP(sc_closep) int from = memfd_create("from", MFD_CLOEXEC), none = -1, fixed = -1;
        struct world w = world_make(OLD);
        const struct acl acl = acl_for_alice(4);
        int flags = FS_IMMUTABLE_FL;

        CHECK_INT(fsetxattr(from, "user.note", "n", 1, 0), 0);
        none = open("/proc/self/comm", O_RDWR | O_CLOEXEC); /* a file system that has none */
        CHECK_INT(sc_attributes_copy(from, none), -EOPNOTSUPP);
        set_attribute(&w, CONFIG, "user.note", "n", 1);
        set_attribute(&w, CONFIG, ACL, &acl, sizeof(acl)); /* none that was inherited is to be removed */
        fixed = openat(w.fd, CONFIG, O_RDWR | O_CLOEXEC);
        must(ioctl(fixed, FS_IOC_SETFLAGS, &flags) == 0, "FS_IOC_SETFLAGS");
        CHECK_INT(sc_attributes_copy(fixed, fixed), 0);
        CHECK_INT(fsetxattr(from, "user.note", "m", 1, 0), 0);
        CHECK_INT(sc_attributes_copy(from, fixed), -EPERM);
        flags = 0;
        must(ioctl(fixed, FS_IOC_SETFLAGS, &flags) == 0, "FS_IOC_SETFLAGS");
        world_done(&w, NULL);
}

/* Files that other commands write go the same way. */
static void check_plain_replace(void)
{
        struct world w = world_make(OLD);
        mode_t mask = umask(027);
        struct stat st;

        set_attribute(&w, CONFIG, "user.note", "n", 1);
        CHECK_INT(sc_file_replace(w.fd, CONFIG, NEW, strlen(NEW)), 0);
        expect_attribute(&w, "user.note", "n", 1);
        CHECK_INT(sc_file_replace(w.fd, "new", NEW, strlen(NEW)), 0);
        CHECK_INT(fstatat(w.fd, "new", &st, 0), 0);
        CHECK_INT(st.st_mode & 07777, 0640);
        CHECK_INT(mkfifoat(w.fd, "fifo", 0600), 0);
        CHECK_INT(sc_file_replace(w.fd, "fifo", NEW, strlen(NEW)), -ELOOP);
        umask(mask);
        world_done(&w, "new", "fifo", NULL);
}

int main(void)
{
        must(geteuid() == 0, "these tests change owners: run them as root");
        check_owner_and_mode();
        check_attributes();
        check_default_acl();
        check_many_attributes();
        check_refused_attributes();
        check_plain_replace();
        return test_end();
}

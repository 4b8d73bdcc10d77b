/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle's config.json as a file: what is refused, the lock, changes by others, strays. Run as root. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"

#define STRAY "." CONFIG ".0123456789abcdef.tmp"

static void check_replace(void)
{
        struct world w = world_make(OLD);
        SC_CLEANUP(sc_bundle_closep) struct sc_bundle *b = NULL;
        struct stat before, after;

        CHECK_INT(sc_bundle_open(AT_FDCWD, w.path, w.arena, &b), 0);
        CHECK_STR(sc_bundle_config(b)->text, OLD);
        CHECK_INT(sc_bundle_config(b)->len, strlen(OLD));
        CHECK_INT(sc_bundle_replace(b, NEW, strlen(NEW)), 0);
        expect_text(&w, CONFIG, NEW);
        /* what was read is not there any more */
        CHECK_INT(sc_bundle_replace(b, OLD, strlen(OLD)), -ESTALE);
        sc_bundle_close(b);
        CHECK_INT(fstatat(w.fd, CONFIG, &before, 0), 0);
        CHECK_INT(sc_bundle_open(w.fd, ".", w.arena, &b), 0);
        CHECK_INT(sc_bundle_replace(b, NEW, strlen(NEW)), SC_BUNDLE_SAME);
        CHECK_INT(fstatat(w.fd, CONFIG, &after, 0), 0);
        CHECK(after.st_ino == before.st_ino && after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
        CHECK_INT(sc_bundle_replace(b, NEW, SC_JSON_SIZE_MAX + 1), -EFBIG);
        expect_text(&w, CONFIG, NEW);
        world_done(&w, NULL);
        sc_bundle_close(NULL);
}

static void check_empty(void)
{
        struct world w = world_make("");

        CHECK_INT(replace(&w, ""), SC_BUNDLE_SAME);
        CHECK_INT(replace(&w, NEW), 0);
        CHECK_INT(replace(&w, ""), 0);
        expect_text(&w, CONFIG, "");
        world_done(&w, NULL);
}

static void check_bundles(void)
{
        struct world w = world_make(OLD);
        char path[PATH_MAX + 2];

        snprintf(path, sizeof(path), "%s///", w.path);
        CHECK_INT(try_open(&w, path), 0);
        snprintf(path, sizeof(path), "%s/none", w.top);
        CHECK_INT(try_open(&w, path), -ENOENT);
        CHECK_INT(try_open(&w, ""), -ENOENT);
        snprintf(path, sizeof(path), "%s/" CONFIG, w.path);
        CHECK_INT(try_open(&w, path), -ENOTDIR);
        memset(path, 'x', sizeof(path) - 1);
        path[sizeof(path) - 1] = '\0';
        CHECK_INT(try_open(&w, path), -ENAMETOOLONG);

        snprintf(path, sizeof(path), "%s/link", w.top);
        CHECK_INT(symlink("bundle", path), 0);
        CHECK_INT(try_open(&w, path), -ELOOP);
        /* a slash does not make a link a directory */
        snprintf(path, sizeof(path), "%s/link//", w.top);
        CHECK_INT(try_open(&w, path), -ELOOP);
        /* further up, links are followed */
        snprintf(path, sizeof(path), "%s/up", w.top);
        CHECK_INT(symlink(".", path), 0);
        snprintf(path, sizeof(path), "%s/up/bundle", w.top);
        CHECK_INT(try_open(&w, path), 0);
        /* but not those that lead into a process */
        snprintf(path, sizeof(path), "/proc/self/fd/%d", w.fd);
        CHECK_INT(try_open(&w, path), -ELOOP);
        snprintf(path, sizeof(path), "/proc/self/fd/%d/.", w.fd);
        CHECK_INT(try_open(&w, path), -ELOOP);

        snprintf(path, sizeof(path), "%s/link", w.top);
        unlink(path);
        snprintf(path, sizeof(path), "%s/up", w.top);
        unlink(path);
        world_done(&w, NULL);
}

static void bind_socket(const struct world *w)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        SC_CLEANUP(sc_closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        snprintf(address.sun_path, sizeof(address.sun_path), "%s/" CONFIG, w->path);
        must(fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0, "bind");
}

/* What stands in the place of config.json and is no file of its own. */
static void check_kinds(void)
{
        struct world w = world_make(NULL);

        CHECK_INT(replace(&w, NEW), -ENOENT);
        CHECK_INT(mkdirat(w.fd, CONFIG, 0700), 0);
        CHECK_INT(replace(&w, NEW), -ENODEV);
        CHECK_INT(unlinkat(w.fd, CONFIG, AT_REMOVEDIR), 0);
        CHECK_INT(mkfifoat(w.fd, CONFIG, 0600), 0);
        CHECK_INT(replace(&w, NEW), -ENODEV);
        CHECK_INT(unlinkat(w.fd, CONFIG, 0), 0);
        bind_socket(&w);
        CHECK_INT(replace(&w, NEW), -ENODEV);
        CHECK_INT(unlinkat(w.fd, CONFIG, 0), 0);
        CHECK_INT(mknodat(w.fd, CONFIG, S_IFCHR | 0600, makedev(1, 3)), 0);
        CHECK_INT(replace(&w, NEW), -ENODEV);
        CHECK_INT(unlinkat(w.fd, CONFIG, 0), 0);
        put(w.fd, "other", OLD);
        CHECK_INT(symlinkat("other", w.fd, CONFIG), 0);
        CHECK_INT(replace(&w, NEW), -ELOOP);
        expect_text(&w, "other", OLD);
        world_done(&w, "other", NULL);
}

static void check_sizes(void)
{
        struct world w = world_make(OLD);
        SC_CLEANUP(sc_closep) int fd = openat(w.fd, CONFIG, O_RDWR | O_CLOEXEC);

        CHECK_INT(ftruncate(fd, (off_t)SC_JSON_SIZE_MAX + 1), 0);
        CHECK_INT(replace(&w, NEW), -EFBIG);
        CHECK_INT(ftruncate(fd, (off_t)SC_JSON_SIZE_MAX), 0);
        CHECK_INT(replace(&w, NEW), 0);
        expect_text(&w, CONFIG, NEW);
        world_done(&w, NULL);
}

/* Who may own the bundle and its file, with which permissions; the answer to root. */
static const struct trust_row {
        uid_t dir_owner;
        mode_t dir_mode;
        uid_t owner;
        mode_t mode;
        int r;
} trust_rows[] = {
        { 0, 0755, 0, 0644, 0 },
        { 0, 0700, 0, 0600, 0 },
        { 0, 0755, ALICE, 0644, -EPERM },
        { ALICE, 0755, ALICE, 0644, 0 },
        { ALICE, 0755, 0, 0644, 0 },
        { ALICE, 0755, BOB, 0600, -EPERM },
        { 0, 0755, 0, 0664, 0 },
        { 0, 0775, 0, 0644, 0 },
        { 0, 0755, 0, 0646, -EPERM },
        { ALICE, 0755, ALICE, 0666, -EPERM },
        { 0, 0777, 0, 0644, -EPERM },
        { 0, 01777, 0, 0644, 0 },
        { 0, 01777, ALICE, 0644, -EPERM },
};

static void check_trust(void)
{
        for (size_t i = 0; i < SC_COUNT(trust_rows); i++) {
                const struct trust_row *row = &trust_rows[i];
                struct world w = world_make(OLD);

                must(fchown(w.fd, row->dir_owner, 0) == 0 && fchmod(w.fd, row->dir_mode) == 0, "bundle");
                must(fchownat(w.fd, CONFIG, row->owner, 0, 0) == 0, CONFIG);
                must(fchmodat(w.fd, CONFIG, row->mode, 0) == 0, CONFIG);
                if (!CHECK_INT(replace(&w, NEW), row->r))
                        printf("# row %zu\n", i);
                expect_text(&w, CONFIG, row->r ? OLD : NEW);
                world_done(&w, NULL);
        }
}

/* In a process of its own, as a user who is not root; what it returns is -errno, or 0. */
static int replace_as(const struct world *w, uid_t uid)
{
        int status = 0;
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid == 0) {
                int r = setgid(uid) < 0 || setuid(uid) < 0 ? -EINVAL : replace(w, NEW);

                _exit(-r);
        }
        must(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status), "fork");
        return -WEXITSTATUS(status);
}

static void check_users(void)
{
        struct world w = world_make(OLD);
        struct stat st;

        must(chmod(w.top, 0755) == 0, "chmod");
        must(fchmodat(w.fd, CONFIG, 0644, 0) == 0, "chmod");
        CHECK_INT(replace_as(&w, ALICE), -EACCES); /* root's directory */
        must(fchown(w.fd, ALICE, ALICE) == 0, "chown");
        CHECK_INT(replace_as(&w, ALICE), -EPERM); /* root's file could not stay root's */
        expect_text(&w, CONFIG, OLD);
        must(fchownat(w.fd, CONFIG, ALICE, ALICE, 0) == 0, "chown");
        CHECK_INT(replace_as(&w, BOB), -EACCES);
        CHECK_INT(replace_as(&w, ALICE), 0);
        expect_text(&w, CONFIG, NEW);
        CHECK_INT(fstatat(w.fd, CONFIG, &st, 0), 0);
        CHECK_INT(st.st_uid, ALICE);
        world_done(&w, NULL);
}

static void check_hard_link(void)
{
        struct world w = world_make(OLD);
        struct stat st;

        CHECK_INT(linkat(w.fd, CONFIG, w.fd, "other", 0), 0);
        CHECK_INT(replace(&w, NEW), 0);
        expect_text(&w, CONFIG, NEW);
        expect_text(&w, "other", OLD);
        CHECK_INT(fstatat(w.fd, CONFIG, &st, 0), 0);
        CHECK_INT(st.st_nlink, 1);
        world_done(&w, "other", NULL);
}

static void change_bytes(const struct world *w)
{
        SC_CLEANUP(sc_closep) int fd = openat(w->fd, CONFIG, O_WRONLY | O_CLOEXEC);

        must(fd >= 0 && pwrite(fd, "[", 1, 0) == 1, "pwrite");
}

static void change_file(const struct world *w)
{
        put(w->fd, "other", OLD);
        must(renameat(w->fd, "other", w->fd, CONFIG) == 0, "rename");
}

static void change_mode(const struct world *w)
{
        must(fchmodat(w->fd, CONFIG, 0600, 0) == 0, "chmod");
}

static void change_size(const struct world *w)
{
        SC_CLEANUP(sc_closep) int fd = openat(w->fd, CONFIG, O_WRONLY | O_APPEND | O_CLOEXEC);

        must(fd >= 0 && write(fd, "\n", 1) == 1, "write");
}

static void change_to_link(const struct world *w)
{
        must(renameat(w->fd, CONFIG, w->fd, "other") == 0 && symlinkat("other", w->fd, CONFIG) == 0, "symlink");
}

static void change_to_nothing(const struct world *w)
{
        must(unlinkat(w->fd, CONFIG, 0) == 0, "unlink");
}

/* What others do to config.json after it was read, and what is there then. */
static void check_stale(void)
{
        static const struct {
                void (*change)(const struct world *w);
                const char *left;
        } rows[] = {
                { change_bytes, "[ \"a\": 1 }\n" },
                { change_file, OLD },
                { change_mode, OLD },
                { change_size, OLD "\n" },
                { change_to_link, OLD },
                { change_to_nothing, NULL },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct world w = world_make(OLD);
                SC_CLEANUP(sc_bundle_closep) struct sc_bundle *b = NULL;

                CHECK_INT(sc_bundle_open(AT_FDCWD, w.path, w.arena, &b), 0);
                rows[i].change(&w);
                if (!CHECK_INT(sc_bundle_replace(b, NEW, strlen(NEW)), -ESTALE) ||
                    !CHECK_INT(sc_bundle_replace(b, OLD, strlen(OLD)), -ESTALE))
                        printf("# row %zu\n", i);
                if (rows[i].left)
                        expect_text(&w, CONFIG, rows[i].left);
                unlinkat(w.fd, "other", 0);
                world_done(&w, NULL);
        }
}

/* The same inode with the same times, but other bytes: a clock that ticks slowly. */
static void check_bytes_compared(void)
{
        struct world w = world_make(OLD);
        SC_CLEANUP(sc_closep) int fd = openat(w.fd, CONFIG, O_RDONLY | O_CLOEXEC);
        struct sc_file_seen seen = { .fd = fd, .bytes = OLD };

        CHECK_INT(fstat(fd, &seen.st), 0);
        CHECK_INT(sc_file_is_still(w.fd, CONFIG, &seen), 0);
        seen.bytes = "{ \"a\": 2 }\n";
        CHECK_INT(sc_file_is_still(w.fd, CONFIG, &seen), -ESTALE);
        CHECK_INT(sc_file_replace_seen(w.fd, CONFIG, &seen, NEW, strlen(NEW)), -ESTALE);
        expect_text(&w, CONFIG, OLD);
        world_done(&w, NULL);
}

static void check_lock(void)
{
        struct world w = world_make(OLD);
        SC_CLEANUP(sc_bundle_closep) struct sc_bundle *b = NULL;
        pid_t pid;

        CHECK_INT(sc_bundle_open(AT_FDCWD, w.path, w.arena, &b), 0);
        CHECK(flock(w.fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK);
        CHECK_INT(try_open(&w, w.path), -ETIMEDOUT);
        sc_bundle_close(b);
        b = NULL;
        CHECK_INT(try_open(&w, w.path), 0);

        /* one that lets go in time: another descriptor of this process is another holder */
        fflush(stdout);
        must(flock(w.fd, LOCK_EX) == 0, "flock");
        pid = fork();
        if (pid == 0)
                _exit(try_open(&w, w.path) == 0 ? 0 : 1);
        nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
        must(flock(w.fd, LOCK_UN) == 0, "flock");
        int status = 0;
        CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
        world_done(&w, NULL);
}

static void check_strays(void)
{
        static const char *const kept[] = {
                ".config.json.0123456789abcde.tmp",   /* too few digits */
                ".config.json.0123456789abcdef0.tmp", /* too many */
                ".config.json.0123456789abcdeF.tmp",
                ".config.json.0123456789abcdeg.tmp",
                ".config.json.0123456789abcdef.tmp~",
                ".config.json.0123456789abcdef",
                ".config.jsonx.0123456789abcdef.tmp",
                "config.json.0123456789abcdef.tmp",
                ".other.json.0123456789abcdef.tmp",
                ".config.json.tmp",
        };
        struct world w = world_make(OLD);

        for (size_t i = 0; i < SC_COUNT(kept); i++)
                put(w.fd, kept[i], "kept");
        put(w.fd, STRAY, "half of it");
        put(w.fd, ".config.json.ffffffffffffffff.tmp", "");
        CHECK_INT(replace(&w, OLD), SC_BUNDLE_SAME);
        CHECK(!exists(&w, STRAY));
        CHECK(!exists(&w, ".config.json.ffffffffffffffff.tmp"));
        for (size_t i = 0; i < SC_COUNT(kept); i++)
                CHECK_INT(unlinkat(w.fd, kept[i], 0), 0);
        world_done(&w, NULL);
}

/* Whose name is one of ours, but which are not. */
static void check_strays_of_others(void)
{
        struct world w = world_make(OLD);

        CHECK_INT(symlinkat(CONFIG, w.fd, STRAY), 0);
        CHECK_INT(replace(&w, OLD), SC_BUNDLE_SAME);
        CHECK_INT(unlinkat(w.fd, STRAY, 0), 0);
        CHECK_INT(mkdirat(w.fd, STRAY, 0700), 0);
        CHECK_INT(replace(&w, OLD), SC_BUNDLE_SAME);
        CHECK_INT(unlinkat(w.fd, STRAY, AT_REMOVEDIR), 0);
        CHECK_INT(mkfifoat(w.fd, STRAY, 0600), 0);
        CHECK_INT(replace(&w, OLD), SC_BUNDLE_SAME);
        CHECK_INT(unlinkat(w.fd, STRAY, 0), 0);
        put(w.fd, STRAY, "");
        must(fchownat(w.fd, STRAY, BOB, 0, 0) == 0, "chown");
        CHECK_INT(replace(&w, OLD), SC_BUNDLE_SAME);
        CHECK(exists(&w, STRAY));
        /* the owner of config.json: a run that was killed just before its rename */
        must(fchown(w.fd, ALICE, 0) == 0 && fchownat(w.fd, CONFIG, ALICE, 0, 0) == 0 &&
                     fchownat(w.fd, STRAY, ALICE, 0, 0) == 0,
             "chown");
        CHECK_INT(replace(&w, OLD), SC_BUNDLE_SAME);
        CHECK(!exists(&w, STRAY));
        world_done(&w, NULL);
}

/* Processes that read, add a byte and write: with a lock, no byte is lost. */
static void check_many(void)
{
        enum { PROCESSES = 16, ROUNDS = 8 };
        struct world w = world_make("");
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len = 0, wrong = 0;
        int status;

        fflush(stdout);
        for (int i = 0; i < PROCESSES; i++) {
                if (fork() != 0)
                        continue;
                for (int k = 0; k < ROUNDS; k++) {
                        struct sc_bundle *b = NULL;
                        char bytes[PROCESSES * ROUNDS + 2];
                        int r;

                        do /* who is slow to write, on a busy disk, makes the others wait for longer than they do */
                                r = sc_bundle_open(AT_FDCWD, w.path, w.arena, &b);
                        while (r == -ETIMEDOUT);
                        if (r < 0)
                                _exit(1);
                        snprintf(bytes, sizeof(bytes), "%s%c", sc_bundle_config(b)->text, 'a' + i);
                        if (sc_bundle_replace(b, bytes, strlen(bytes)) != 0)
                                _exit(1);
                        sc_bundle_close(b);
                }
                _exit(0);
        }
        while (wait(&status) > 0)
                wrong += status != 0;
        CHECK_INT(wrong, 0);
        CHECK_INT(sc_file_read(w.fd, CONFIG, SC_JSON_SIZE_MAX, &text, &len), 0);
        CHECK_INT(len, PROCESSES * ROUNDS);
        for (int i = 0; i < PROCESSES; i++) {
                size_t n = 0;

                for (size_t k = 0; k < len; k++)
                        n += text[k] == 'a' + i;
                CHECK_INT(n, ROUNDS);
        }
        world_done(&w, NULL);
}

static void check_errors_have_words(void)
{
        static const int errors[] = { -ELOOP, -ENODEV, -EPERM, -ESTALE, -ETIMEDOUT };

        for (size_t i = 0; i < SC_COUNT(errors); i++)
                CHECK(sc_bundle_error(errors[i]) != NULL);
        CHECK(!sc_bundle_error(-EIO) && !sc_bundle_error(0));
}

int main(void)
{
        must(geteuid() == 0, "these tests change owners: run them as root");
        check_replace();
        check_empty();
        check_bundles();
        check_kinds();
        check_sizes();
        check_trust();
        check_users();
        check_hard_link();
        check_stale();
        check_bytes_compared();
        check_lock();
        check_strays();
        check_strays_of_others();
        check_many();
        check_errors_have_words();
        return test_end();
}

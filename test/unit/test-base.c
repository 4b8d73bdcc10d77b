/* SPDX-License-Identifier: Apache-2.0 */
/* Places, diagnostics, hints, growing strings and atomic files. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/strbuf.h"
#include "base/typo.h"
#include "test.h"

static void test_locate(void)
{
        const struct sc_source source = { .name = "x", .text = "one\r\ntwo\n\nfour", .len = 14 };
        struct sc_position pos = sc_source_locate(&source, 6);

        CHECK_INT(pos.line, 2);
        CHECK_INT(pos.column, 2);
        CHECK_INT(pos.text_len, 3);
        CHECK(!memcmp(pos.text, "two", 3));
        CHECK_INT(sc_source_locate(&source, 0).text_len, 3);
        CHECK_INT(sc_source_locate(&source, 9).line, 3);
        CHECK_INT(sc_source_locate(&source, 9).text_len, 0);
        CHECK_INT(sc_source_locate(&source, 1000).line, 4);
        CHECK_INT(sc_source_locate(&source, 1000).column, 5);
}

static void test_diag(void)
{
        const char *text = "{\n\t\"allow\": [\"opennat\"]\n}\n";
        const struct sc_source source = { .name = "web.jsonc", .text = text, .len = strlen(text) };
        struct sc_place place = { .source = &source, .offset = 13, .length = 9 };
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sc_strbuf out = SC_STRBUF_INIT;
        struct sc_diag *diag;

        diag = sc_diags_add(diags, SC_ERROR, "unknown-syscall", place, "no system call named '%s'", "opennat");
        sc_diag_hint(diag, "did you mean '%s'?", "openat");
        sc_diag_format(diag, &out);
        CHECK_STR(out.text, "web.jsonc:2:12: error: no system call named 'opennat' [unknown-syscall]\n"
                            "    2 | \t\"allow\": [\"opennat\"]\n"
                            "      | \t          ^~~~~~~~~\n"
                            "  hint: did you mean 'openat'?\n");
        CHECK_INT(sc_diags_count(diags, SC_ERROR), 1);
        CHECK_INT(sc_diags_count(diags, SC_WARNING), 0);
        for (int i = 0; i < 2 * SC_DIAG_COUNT_MAX; i++)
                sc_diags_add(diags, SC_WARNING, "x", (struct sc_place){ 0 }, "y");
        CHECK_INT(sc_diags_count(diags, SC_WARNING), 2 * SC_DIAG_COUNT_MAX);
        CHECK(!sc_diags_failed(diags));
        sc_strbuf_done(&out);
}

static void test_diag_long_line(void)
{
        char text[5000];
        const struct sc_source source = { .name = "long", .text = text, .len = sizeof(text) };
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sc_strbuf out = SC_STRBUF_INIT;

        memset(text, 'x', sizeof(text));
        text[4000] = '\x1b';
        for (size_t at = 0; at <= sizeof(text); at += 100) {
                struct sc_place place = { .source = &source, .offset = at, .length = 3000 };

                out.len = 0;
                sc_diag_format(sc_diags_add(diags, SC_ERROR, "r", place, "m"), &out);
                if (out.len > 500 || memchr(out.text, '\x1b', out.len))
                        break;
        }
        CHECK(out.len <= 500 && !memchr(out.text, '\x1b', out.len));
        sc_strbuf_done(&out);
}

static void test_typo(void)
{
        struct sc_typo typo = sc_typo_begin("opennat", 7);

        sc_typo_offer(&typo, "open");
        sc_typo_offer(&typo, "openat");
        sc_typo_offer(&typo, "openat2");
        CHECK_STR(typo.best, "openat");
        typo = sc_typo_begin("raed", 4);
        sc_typo_offer(&typo, "brk");
        CHECK(typo.best == NULL);
        sc_typo_offer(&typo, "read");
        CHECK_STR(typo.best, "read");
        /* capitals count as no difference where nothing else is one */
        typo = sc_typo_begin("READ", 4);
        sc_typo_offer(&typo, "REED");
        CHECK_STR(typo.best, "REED");
        sc_typo_offer(&typo, "read");
        CHECK_STR(typo.best, "read");
        sc_typo_offer(&typo, "Read");
        CHECK_STR(typo.best, "read");
        typo = sc_typo_begin("READV", 5);
        sc_typo_offer(&typo, "read");
        CHECK(typo.best == NULL);
}

static void test_arena(void)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        char *big = sc_arena_alloc(arena, 100000);

        CHECK(big && big[99999] == 0);
        CHECK_STR(sc_arena_printf(arena, "%d-%s", 7, "x"), "7-x");
        CHECK_STR(sc_arena_strndup(arena, "hello", 4), "hell");
        CHECK(sc_arena_array(arena, SIZE_MAX / 2, 3) == NULL);
        CHECK(sc_arena_alloc(arena, SIZE_MAX - 4) == NULL);
        CHECK((uintptr_t)sc_arena_alloc(arena, 1) % 16 == 0);
}

static void test_file(void)
{
        char dir[] = "/tmp/sc-test-XXXXXX";
        SC_CLEANUP(sc_freep) char *text = NULL;
        SC_CLEANUP(sc_closep) int dirfd = -1;
        struct stat st;
        size_t len;

        CHECK(mkdtemp(dir) != NULL);
        dirfd = open(dir, O_RDONLY | O_DIRECTORY);
        CHECK_INT(sc_file_replace(dirfd, "f", "first", 5), 0);
        CHECK_INT(fchmodat(dirfd, "f", 0640, 0), 0);
        CHECK_INT(sc_file_replace(dirfd, "f", "second!", 7), 0);
        CHECK_INT(sc_file_read(dirfd, "f", 100, &text, &len), 0);
        CHECK_STR(text, "second!");
        CHECK_INT(fstatat(dirfd, "f", &st, 0), 0);
        CHECK_INT(st.st_mode & 07777, 0640);
        CHECK_INT(sc_file_read(dirfd, "f", 6, &text, &len), -EFBIG);
        CHECK_INT(sc_file_read(dirfd, ".", 6, &text, &len), -EISDIR);
        CHECK_INT(sc_file_read(dirfd, "none", 6, &text, &len), -ENOENT);
        CHECK_INT(symlinkat("f", dirfd, "link"), 0);
        CHECK_INT(sc_file_replace(dirfd, "link", "x", 1), -ELOOP);
        unlinkat(dirfd, "link", 0);
        unlinkat(dirfd, "f", 0);
        CHECK_INT(rmdir(dir), 0); /* no temporary file was left */
}

int main(void)
{
        test_locate();
        test_diag();
        test_diag_long_line();
        test_typo();
        test_arena();
        test_file();
        return test_end();
}

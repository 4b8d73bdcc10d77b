/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Out of memory: every allocation of reading, writing, splicing and replacing fails once, and each time the result is
 * -ENOMEM, outputs are untouched and nothing leaks (which the leak sanitizer sees). Linked with --wrap for the
 * allocators.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "bundle/bundle.h"
#include "profile/profile.h"
#include "test.h"

static size_t allowed = SIZE_MAX; /* allocations that still succeed */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

/* One fails; those after it succeed, so that a failure that was overlooked is not found by the next one. */
static bool fails(void)
{
        return allowed != SIZE_MAX && allowed-- == 0;
}

void *__wrap_malloc(size_t size)
{
        return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
        return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
        return fails() ? NULL : __real_realloc(p, size);
}

/* Duplicates that are kept, and what is cut out. */
static const char config[] = "{\"a\": 1, \"a\": 2, \"Linux\": null, "
                             "\"annotations\": {\"" SC_BUNDLE_CRUN_BPF "\": \"\"},"
                             "\"process\": {\"capabilities\": {\"bounding\": [\"CAP_CHOWN\"]}},"
                             "\"linux\": {\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\","
                             "\"architectures\": [\"SCMP_ARCH_X86_64\"],"
                             "\"syscalls\": [{\"names\": [\"b\", \"\\u0061\"],"
                             "\"args\": [{\"index\": 1, \"op\": \"SCMP_CMP_EQ\"}],"
                             "\"includes\": {\"caps\": [\"C\"]}}]}}}";

static const char state[] = "{\"ociVersion\": \"1.0\", \"id\": \"a\", \"status\": \"creating\", \"bundle\": \"/b\","
                            "\"annotations\": {\"a\": \"\", \"b\": \"\"}}";

struct results {
        const struct sc_json *root;
        struct sc_profile *profile;
        char *text;
        size_t text_len;
        char *spliced;
        size_t len;
};

/* Read, write, splice; the outputs that were reached are in `*ret`. */
static int run(struct sc_arena *arena, struct sc_diags *diags, const struct sc_source *source, struct results *ret)
{
        const struct sc_json *seccomp;
        struct sc_source state_source = { "<state>", state, sizeof(state) - 1 };
        struct sc_bundle_facts facts;
        struct sc_bundle_state read;
        int r = sc_json_parse(arena, source, SC_JSON_KEEP_DUPLICATES, diags, &ret->root);

        if (r == 0)
                r = sc_bundle_facts_read(ret->root, diags, &facts);
        if (r == 0)
                r = sc_bundle_seccomp(ret->root, diags, &seccomp);
        if (r == 0)
                r = sc_profile_read(arena, seccomp, diags, &ret->profile);
        if (r == 0)
                r = sc_profile_write(ret->profile, SC_JSON_INDENTED, &ret->text, &ret->text_len);
        if (r == 0)
                r = sc_bundle_state_read(arena, &state_source, diags, &read);
        if (r == 0)
                r = sc_bundle_splice(source, ret->root, ret->text, strlen(ret->text), SC_BUNDLE_REMOVE, diags,
                                     &ret->spliced, &ret->len);
        return r;
}

/* A bundle is opened and its config.json replaced. */
static int replace(const char *path, struct sc_arena *arena)
{
        SC_CLEANUP(sc_bundle_closep) struct sc_bundle *bundle = NULL;
        int r = sc_bundle_open(AT_FDCWD, path, arena, &bundle);

        return r < 0 ? r : sc_bundle_replace(bundle, "new", 3);
}

/* Until all allocations succeed, the file is the old one, and nothing is beside it. */
static void check_bundle(void)
{
        char path[] = "/tmp/sc-test-memory-XXXXXX";
        SC_CLEANUP(sc_closep) int fd = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        size_t n = 0, wrong = 0;
        int r = -ENOMEM;

        CHECK_INT(sc_file_replace(fd, "config.json", "old", 3), 0);
        for (; r != 0 && n < 100; n++) {
                struct sc_arena *arena = sc_arena_new();
                SC_CLEANUP(sc_freep) char *text = NULL;
                size_t len = 0;

                allowed = n;
                r = replace(path, arena);
                allowed = SIZE_MAX;
                if (sc_file_read(fd, "config.json", 10, &text, &len) < 0 || strcmp(text, r == 0 ? "new" : "old") != 0 ||
                    (r != 0 && r != -ENOMEM)) {
                        printf("# failing allocation %zu: %d\n", n, r);
                        wrong++;
                }
                sc_arena_free(arena);
        }
        printf("# %zu allocations for a bundle\n", n - 1);
        CHECK_INT(r, 0);
        CHECK(n > 3);
        CHECK_INT(wrong, 0);
        CHECK_INT(unlinkat(fd, "config.json", 0), 0);
        CHECK_INT(rmdir(path), 0);
}

int main(void)
{
        struct sc_source source = { "config.json", config, sizeof(config) - 1 };
        size_t n = 0, wrong = 0;
        int r = -ENOMEM;

        for (; r != 0 && n < 10000; n++) {
                struct sc_arena *arena = sc_arena_new();
                struct sc_diags *diags = sc_diags_new();
                struct results got = { 0 };

                allowed = n;
                r = run(arena, diags, &source, &got);
                allowed = SIZE_MAX;
                if (r != 0 && (r != -ENOMEM || got.spliced || sc_diags_count(diags, SC_ERROR))) {
                        printf("# failing allocation %zu: %d\n", n, r);
                        wrong++;
                }
                free(got.text);
                free(got.spliced);
                sc_arena_free(arena);
                sc_diags_free(diags);
        }
        printf("# %zu allocations\n", n - 1);
        CHECK_INT(r, 0);
        CHECK(n > 15);
        CHECK_INT(wrong, 0);
        check_bundle();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles: the splice keeps every other byte, refuses what runtimes read in two ways; files are replaced or left. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "bundle/bundle.h"
#include "profile/profile.h"
#include "test.h"

#define RAW "run.oci.seccomp_bpf_data"
#define OK(before, after) before, after, NULL, NULL
#define BAD(before, rule, place) before, NULL, rule, place

/* A config.json before and after the profile {"p":1}; or, without an after, the rule that refuses it and the place. */
static const struct splice_row {
        const char *before;
        const char *after;
        const char *rule;
        const char *place;
} rows[] = {
        { OK("{\"linux\":{\"seccomp\":{}}}", "{\"linux\":{\"seccomp\":{\"p\":1}}}") },
        { OK("{ \"linux\" : { \"seccomp\" : [1, {}] , \"x\":1 } }\n",
             "{ \"linux\" : { \"seccomp\" : {\"p\":1} , \"x\":1 } }\n") },
        { OK("{\"linux\":{\"seccomp\":null}}", "{\"linux\":{\"seccomp\":{\"p\":1}}}") },
        { OK("{\"linux\":{\"seccomp\":-1e5\n}}", "{\"linux\":{\"seccomp\":{\"p\":1}\n}}") },
        { OK("{\"linux\":{\"seccomp\":\"a\\\"}b\"}}", "{\"linux\":{\"seccomp\":{\"p\":1}}}") },
        { OK("{\"linux\":{\"\\u0073eccomp\":{}}}", "{\"linux\":{\"\\u0073eccomp\":{\"p\":1}}}") },
        { OK("{\"linux\":{\"resources\":{\"seccomp\":1}}}",
             "{\"linux\":{\"resources\":{\"seccomp\":1},\"seccomp\": {\"p\":1}}}") },
        { OK("{\n  \"linux\": {\n    \"a\": 1,\n    \"b\": []\n  }\n}\n",
             "{\n  \"linux\": {\n    \"a\": 1,\n    \"b\": [],\n    \"seccomp\": {\"p\":1}\n  }\n}\n") },
        { OK("{\"linux\":{}}", "{\"linux\":{\"seccomp\": {\"p\":1}}}") },
        { OK("{\"linux\": { \n} }", "{\"linux\": {\"seccomp\": {\"p\":1} \n} }") },
        { OK("{\"linux\":null,\"a\":2}", "{\"linux\":{\"seccomp\": {\"p\":1}},\"a\":2}") },
        { OK("{}", "{\"linux\": {\"seccomp\": {\"p\":1}}}") },
        { OK("{\r\n\t\"a\" : \"\xc3\xa9\"\r\n}",
             "{\r\n\t\"a\" : \"\xc3\xa9\",\r\n\t\"linux\": {\"seccomp\": {\"p\":1}}\r\n}") },
        { OK("{\"annotations\":{\"a\":\"b\"},\"linux\":{\"seccomp\":1}}",
             "{\"annotations\":{\"a\":\"b\"},\"linux\":{\"seccomp\":{\"p\":1}}}") },
        { OK("{\"annotations\":null,\"seccomp\":1,\"n\":1e999,\"linux\":{\"seccomp\":1}}",
             "{\"annotations\":null,\"seccomp\":1,\"n\":1e999,\"linux\":{\"seccomp\":{\"p\":1}}}") },
        { BAD("[]", "bundle-type", "[]") },
        { BAD("null", "bundle-type", "null") },
        { BAD("\"linux\"", "bundle-type", "\"linux\"") },
        { BAD("{\"linux\":[]}", "bundle-type", "[]") },
        { BAD("{\"linux\":false}", "bundle-type", "false") },
        { BAD("{\"Linux\":{\"seccomp\":{}}}", "bundle-key-case", "\"Linux\"") },
        { BAD("{\"linux\":{\"Seccomp\":{}}}", "bundle-key-case", "\"Seccomp\"") },
        { BAD("{\"linux\":{\"\xc5\xbf" "eccomp\":{}}}", "bundle-key-case", "\"\xc5\xbf" "eccomp\"") },
        { BAD("{\"linux\":{},\"LINUX\":{}}", "json-duplicate-key", "\"LINUX\"") },
        { BAD("{\"linux\":{\"seccomp\":{},\"x\":1,\"seccomp\":{}}}", "json-duplicate-key", "\"seccomp\"") },
        { BAD("{\"linux\":{\"seccomp\\u0000x\":{}}}", "json-nul-key", "\\u0000") },
        { BAD("{\"linux\":{\"seccomp\":{}}} x", "json-syntax", "x") },
        { BAD("{\"linux\":{\"seccomp\":{},}}", "json-syntax", ",") },
        { BAD("{\"annotations\":{\"" RAW "\":\"BgAAAA==\"},\"linux\":{\"seccomp\":{}}}", "bundle-raw-bpf",
              "\"" RAW "\"") },
        { BAD("{\"annotations\":{\"a\":\"b\",\"run.oci.seccomp\\u005fbpf_data\":\"\"}}", "bundle-raw-bpf",
             "\"run.oci.seccomp\\u005fbpf_data\"") },
};

/* A parse and splice; *ret_text is set on success. */
static int splice_text(const char *config, size_t len, const char *profile, struct sc_arena *arena,
                       struct sc_diags *diags, char **ret_text, size_t *ret_len)
{
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        const struct sc_json *root;
        int r;

        *source = (struct sc_source){ "config.json", config, len };
        r = sc_json_parse(arena, source, SC_JSON_FOLD_KEYS, diags, &root);
        return r < 0 ? r : sc_bundle_splice(source, root, profile, strlen(profile), diags, ret_text, ret_len);
}

static bool place_is(const struct sc_diag *diag, const char *text)
{
        const struct sc_place *place = &diag->places[0];

        return place->length == strlen(text) && !memcmp(place->source->text + place->offset, text, place->length);
}

static void check_row(const struct splice_row *row)
{
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        const struct sc_diag *const *all;
        size_t len = 0, n;
        char *text = NULL, *again = NULL;
        int r = splice_text(row->before, strlen(row->before), "\n {\"p\":1}\t\n", arena, diags, &text, &len);

        all = sc_diags_all(diags, &n);
        if (row->after) {
                CHECK_INT(r, 0);
                CHECK_INT(n, 0);
                CHECK_STR(text, row->after);
                CHECK_INT(text ? strlen(text) : 0, len);
                /* once more is no change */
                CHECK_INT(text ? splice_text(text, len, "{\"p\":1}", arena, diags, &again, &len) : -1, 0);
                CHECK_STR(again, row->after);
        } else {
                CHECK_INT(r, -EBADMSG);
                CHECK(!text);
                if (CHECK_INT(n, 1)) {
                        CHECK_STR(all[0]->rule, row->rule);
                        CHECK(place_is(all[0], row->place));
                }
        }
        free(text);
        free(again);
        sc_arena_free(arena);
        sc_diags_free(diags);
}

static void check_bad_profiles(void)
{
        static const char *const profiles[] = {
                "", " ", "null", "[]", "{", "{}}", "{\"a\":1,\"a\":2}", "{},\"x\":{}", "{\"a\":1,}",
        };
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        char *text = NULL;
        size_t len;

        for (size_t i = 0; i < SC_COUNT(profiles); i++) {
                CHECK_INT(splice_text("{}", 2, profiles[i], arena, diags, &text, &len), -EINVAL);
                CHECK(!text);
        }
        CHECK_INT(sc_diags_count(diags, SC_ERROR), 0);
        sc_arena_free(arena);
        sc_diags_free(diags);
}

static uint64_t next_random(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        return *state ^= *state << 17;
}

/* A change of one text into another is one replaced range if the rest is a common prefix and a common suffix. */
static size_t bytes_kept(const char *a, size_t a_len, const char *b, size_t b_len)
{
        size_t head = 0, tail = 0;

        while (head < a_len && head < b_len && a[head] == b[head])
                head++;
        while (tail < a_len - head && tail < b_len - head && a[a_len - 1 - tail] == b[b_len - 1 - tail])
                tail++;
        return head + tail;
}

/* Whatever is spliced reads back with the profile in its place, and no byte but those of the old value is gone. */
static void check_mutations(void)
{
        static const char seed[] = "{\n \"ociVersion\": \"1.0\", \"annotations\": {\"a\": \"b\"},\n"
                                   " \"linux\": {\"x\": [1, 2],\n"
                                   "  \"seccomp\": {\"defaultAction\": \"A\"}, \"y\": null\n } }\n";
        static const char bytes[] = "{}[]\",:0nsSlL \n\\u";
        uint64_t state = 0x853c49e6748fea9b;
        size_t good = 0, bad = 0, wrong = 0;

        for (int i = 0; i < 60000; i++) {
                struct sc_arena *arena = sc_arena_new();
                struct sc_diags *diags = sc_diags_new();
                size_t len = sizeof(seed) - 1, out_len, at = next_random(&state) % len, cut = next_random(&state) % 12;
                char text[sizeof(seed)], *out = NULL;
                int r;

                memcpy(text, seed, sizeof(seed));
                if (i % 2) {
                        text[at] = bytes[next_random(&state) % (sizeof(bytes) - 1)];
                } else {
                        cut = cut > len - at ? len - at : cut;
                        memmove(text + at, text + at + cut, len - at - cut);
                        len -= cut;
                }
                r = splice_text(text, len, "{\"p\":1}", arena, diags, &out, &out_len);
                if (r == 0) {
                        struct sc_source source = { "out", out, out_len };
                        const struct sc_json *root = NULL, *old, *new;

                        good++;
                        if (sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root) < 0 ||
                            sc_profile_in_config(root, diags, &new) < 0 || !new || new->place.length != 7 ||
                            memcmp(out + new->place.offset, "{\"p\":1}", 7))
                                wrong++;
                        source = (struct sc_source){ "in", text, len };
                        if (sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root) < 0 ||
                            sc_profile_in_config(root, diags, &old) < 0)
                                wrong++;
                        else if (bytes_kept(text, len, out, out_len) + (old ? old->place.length : 4) < len)
                                wrong++;
                } else if (r == -EBADMSG && sc_diags_count(diags, SC_ERROR) == 1) {
                        bad++;
                } else {
                        wrong++;
                }
                free(out);
                sc_arena_free(arena);
                sc_diags_free(diags);
        }
        printf("# %zu spliced, %zu refused\n", good, bad);
        CHECK(good > 1000 && bad > 1000);
        CHECK_INT(wrong, 0);
}

/* A bundle directory of its own for the tests of files. */
struct bundle {
        char path[64];
        int fd;
};

static struct bundle bundle_make(const char *config)
{
        struct bundle b = { .path = "/tmp/sc-test-bundle-XXXXXX", .fd = -1 };

        if (!mkdtemp(b.path))
                abort();
        b.fd = open(b.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (config) {
                int fd = openat(b.fd, "config.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0640);

                if (fd < 0 || sc_file_write_fd(fd, config, strlen(config)) < 0)
                        abort();
                close(fd);
        }
        return b;
}

static void bundle_done(struct bundle *b)
{
        static const char *const names[] = { "config.json", "other.json" };

        for (size_t i = 0; i < SC_COUNT(names); i++)
                unlinkat(b->fd, names[i], 0);
        /* fails, and is seen, if a temporary file was left behind */
        CHECK_INT(rmdir(b->path), 0);
        close(b->fd);
}

static int patch(const struct bundle *b, const char *profile, size_t *ret_findings)
{
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        struct sc_bundle *bundle = NULL;
        int r = sc_bundle_open(b->fd, ".", arena, &bundle);

        if (r == 0)
                r = sc_bundle_patch(arena, bundle, profile, strlen(profile), diags);
        sc_bundle_close(bundle);
        *ret_findings = sc_diags_count(diags, SC_ERROR);
        sc_arena_free(arena);
        sc_diags_free(diags);
        return r;
}

static void check_file(const struct bundle *b, const char *want)
{
        char *text = NULL;
        size_t len;

        CHECK_INT(sc_file_read(b->fd, "config.json", SC_JSON_SIZE_MAX, &text, &len), 0);
        CHECK_STR(text, want);
        free(text);
}

static void check_patch(void)
{
        struct bundle b = bundle_make("{\"linux\":{\"seccomp\":{}},\"a\":[ 1 ]}\n");
        struct stat before, after;
        size_t n;

        CHECK_INT(fstatat(b.fd, "config.json", &before, 0), 0);
        CHECK_INT(patch(&b, "{\"p\":2}\n", &n), 0);
        check_file(&b, "{\"linux\":{\"seccomp\":{\"p\":2}},\"a\":[ 1 ]}\n");
        CHECK_INT(fstatat(b.fd, "config.json", &after, 0), 0);
        CHECK(after.st_mode == before.st_mode && after.st_uid == before.st_uid);
        before = after;
        CHECK_INT(patch(&b, "{\"p\":2}", &n), 1);
        CHECK_INT(n, 0);
        CHECK_INT(fstatat(b.fd, "config.json", &after, 0), 0);
        CHECK(after.st_ino == before.st_ino && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
        CHECK_INT(patch(&b, "{\"p\":", &n), -EINVAL);
        check_file(&b, "{\"linux\":{\"seccomp\":{\"p\":2}},\"a\":[ 1 ]}\n");
        bundle_done(&b);
}

static void check_refused_files(void)
{
        static const char raw[] = "{\"annotations\":{\"" RAW "\":\"\"}}";
        struct bundle b = bundle_make(NULL);
        size_t n;

        CHECK_INT(patch(&b, "{}", &n), -ENOENT);
        CHECK_INT(mkdirat(b.fd, "config.json", 0700), 0);
        CHECK_INT(patch(&b, "{}", &n), -ENODEV);
        CHECK_INT(unlinkat(b.fd, "config.json", AT_REMOVEDIR), 0);
        CHECK_INT(mkfifoat(b.fd, "config.json", 0600), 0);
        CHECK_INT(patch(&b, "{}", &n), -ENODEV);
        bundle_done(&b);

        b = bundle_make(raw);
        CHECK_INT(patch(&b, "{}", &n), -EBADMSG);
        CHECK_INT(n, 1);
        check_file(&b, raw);
        CHECK_INT(renameat(b.fd, "config.json", b.fd, "other.json"), 0);
        CHECK_INT(symlinkat("other.json", b.fd, "config.json"), 0);
        CHECK_INT(patch(&b, "{}", &n), -ELOOP);
        check_file(&b, raw);
        bundle_done(&b);
}

int main(void)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                check_row(&rows[i]);
        check_bad_profiles();
        check_mutations();
        check_patch();
        check_refused_files();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a container: what is read, and everything that is refused. */
#include <errno.h>

#include "bundle/bundle.h"
#include "test.h"

#define V "\"ociVersion\":\"1.0.2\","
#define I "\"id\":\"web\","
#define S "\"status\":\"creating\","
#define P "\"pid\":42,"
#define B "\"bundle\":\"/run/b\""
#define WITH_ID(id) "{" V S P B ",\"id\":" id "}"
#define WITH_STATUS(status) "{" V I P B ",\"status\":" status "}"
#define WITH_BUNDLE(bundle) "{" V I S P "\"bundle\":" bundle "}"
#define WITH_PID(status, pid) "{" V I B ",\"status\":\"" status "\",\"pid\":" pid "}"
#define WITH(more) "{" V I S P B "," more "}"
#define OK(text) text, NULL, NULL

/* A state that is read, or the rule that refuses it and the text of the place. */
static const struct row {
        const char *text;
        const char *rule;
        const char *place;
} rows[] = {
        { OK("{" V I S P B "}") },
        { OK(" {\n" B ",\r\n\t" P S I "\"ociVersion\" : \"1.0\" } \n") },
        { OK("{" V I S B "}") },
        { OK(WITH("\"root\":\"/x\",\"a\":1,\"a\":[{}],\"Root\":{\"id\":1}")) },
        { OK(WITH("\"annotations\":null")) },
        { OK(WITH("\"annotations\":{}")) },
        { OK(WITH("\"annotations\":{\"a\":\"x\\ny\",\"A\":\"\",\"id\":\"\"}")) },
        { "[]", "bad-state", "[]" },
        { "{", "json-syntax", "" },
        { "{\"a\\u0000\":1}", "json-nul-key", "\\u0000" },
        /* what is missing */
        { "{" I S P B "}", "bad-state", "{" I S P B "}" },
        { "{" V S P B "}", "bad-state", "{" V S P B "}" },
        { "{" V I P B "}", "bad-state", "{" V I P B "}" },
        { "{" V I S "\"pid\":42}", "bad-state", "{" V I S "\"pid\":42}" },
        /* twice, and in another case */
        { WITH("\"id\":\"x\""), "bundle-duplicate-key", "\"id\"" },
        { WITH("\"\\u0069d\":\"x\""), "bundle-duplicate-key", "\"\\u0069d\"" },
        { WITH("\"BUNDLE\":\"/x\""), "bundle-duplicate-key", "\"BUNDLE\"" },
        { WITH("\"ociversion\":\"x\""), "bundle-duplicate-key", "\"ociversion\"" },
        { WITH("\"Pid\":1"), "bundle-duplicate-key", "\"Pid\"" },
        { WITH("\"statu\xc5\xbf\":\"running\""), "bundle-duplicate-key", "\"statu\xc5\xbf\"" },
        { WITH("\"Annotations\":{}"), "bundle-key-case", "\"Annotations\"" },
        { WITH("\"annotations\":{},\"annotations\":{}"), "bundle-duplicate-key", "\"annotations\"" },
        { WITH("\"annotations\":{\"a\":\"\",\"a\":\"\"}"), "json-duplicate-key", "\"a\"" },
        /* ociVersion */
        { "{" I S P B ",\"ociVersion\":1}", "bad-state", "1" },
        { "{" I S P B ",\"ociVersion\":\"\"}", "bad-state", "\"\"" },
        { "{" I S P B ",\"ociVersion\":\"1\\u0000\"}", "bad-state", "\"1\\u0000\"" },
        { "{" I S P B ",\"ociVersion\":\"\xc3\xa9\"}", "bad-state", "\"\xc3\xa9\"" },
        /* id */
        { OK(WITH_ID("\"\xc3\xa9 ..\"")) },
        { OK(WITH_ID("\"\xc2\xa0\"")) },
        { WITH_ID("1"), "bad-state", "1" },
        { WITH_ID("null"), "bad-state", "null" },
        { WITH_ID("\"\""), "bad-state", "\"\"" },
        { WITH_ID("\"a/b\""), "bad-state", "\"a/b\"" },
        { WITH_ID("\".\""), "bad-state", "\".\"" },
        { WITH_ID("\"..\""), "bad-state", "\"..\"" },
        { WITH_ID("\"a\\u0000\""), "bad-state", "\"a\\u0000\"" },
        { WITH_ID("\"a\\n\""), "bad-state", "\"a\\n\"" },
        { WITH_ID("\"a\\u001b[2J\""), "bad-state", "\"a\\u001b[2J\"" },
        { WITH_ID("\"a\x7f\""), "bad-state", "\"a\x7f\"" },
        { WITH_ID("\"a\\u009b\""), "bad-state", "\"a\\u009b\"" },
        /* status */
        { OK(WITH_STATUS("\"created\"")) },
        { OK(WITH_STATUS("\"running\"")) },
        { OK(WITH_STATUS("\"stopped\"")) },
        { WITH_STATUS("\"Created\""), "bad-state", "\"Created\"" },
        { WITH_STATUS("\"paused\""), "bad-state", "\"paused\"" },
        { WITH_STATUS("\"created\\u0000\""), "bad-state", "\"created\\u0000\"" },
        { WITH_STATUS("2"), "bad-state", "2" },
        /* pid */
        { OK(WITH_PID("running", "1")) },
        { OK(WITH_PID("running", "4194304")) },
        { OK(WITH_PID("stopped", "0")) },
        { OK("{" V I B ",\"status\":\"stopped\"}") },
        { WITH_PID("running", "4194305"), "bad-state", "4194305" },
        { WITH_PID("running", "18446744073709551617"), "bad-state", "18446744073709551617" },
        { WITH_PID("running", "0"), "bad-state", "0" },
        { WITH_PID("creating", "0"), "bad-state", "0" },
        { WITH_PID("stopped", "-1"), "bad-state", "-1" },
        { WITH_PID("running", "1.0"), "bad-state", "1.0" },
        { WITH_PID("running", "1e2"), "bad-state", "1e2" },
        { WITH_PID("running", "\"1\""), "bad-state", "\"1\"" },
        { WITH_PID("running", "null"), "bad-state", "null" },
        { "{" V I B ",\"status\":\"created\"}", "bad-state", "{" V I B ",\"status\":\"created\"}" },
        { "{" V I B ",\"status\":\"running\"}", "bad-state", "{" V I B ",\"status\":\"running\"}" },
        /* bundle */
        { OK(WITH_BUNDLE("\"/\"")) },
        { OK(WITH_BUNDLE("\"/a..b/...//. /..c\"")) },
        { WITH_BUNDLE("[]"), "bad-state", "[]" },
        { WITH_BUNDLE("\"\""), "bad-state", "\"\"" },
        { WITH_BUNDLE("\"b\""), "bad-state", "\"b\"" },
        { WITH_BUNDLE("\"/..\""), "bad-state", "\"/..\"" },
        { WITH_BUNDLE("\"/a/../b\""), "bad-state", "\"/a/../b\"" },
        { WITH_BUNDLE("\"/...//a/..\""), "bad-state", "\"/...//a/..\"" },
        { WITH_BUNDLE("\"/a\\u0000\""), "bad-state", "\"/a\\u0000\"" },
        { WITH_BUNDLE("\"/a\\r\""), "bad-state", "\"/a\\r\"" },
        /* annotations */
        { WITH("\"annotations\":[]"), "bad-state", "[]" },
        { WITH("\"annotations\":\"\""), "bad-state", "\"\"" },
        { WITH("\"annotations\":{\"a\":1}"), "bad-state", "1" },
        { WITH("\"annotations\":{\"a\":null}"), "bad-state", "null" },
        { WITH("\"annotations\":{\"a\":\"\\u0000\"}"), "bad-state", "\"\\u0000\"" },
};

static bool place_is(const struct sc_diag *diag, const char *text)
{
        const struct sc_place *place = &diag->places[0];

        return place->length == strlen(text) && !memcmp(place->source->text + place->offset, text, place->length);
}

static void check_row(const struct row *row)
{
        struct sc_source source = { "<state>", row->text, strlen(row->text) };
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        struct sc_bundle_state state = { .id = "untouched" };
        const struct sc_diag *const *all;
        size_t n;
        int r = sc_bundle_state_read(arena, &source, diags, &state);

        all = sc_diags_all(diags, &n);
        if (!row->rule) {
                CHECK_INT(r, 0);
                CHECK_INT(n, 0);
        } else {
                CHECK_INT(r, -EBADMSG);
                CHECK_STR(state.id, "untouched");
                if (CHECK_INT(n, 1)) {
                        CHECK_STR(all[0]->rule, row->rule);
                        CHECK(place_is(all[0], row->place));
                }
        }
        if (r != (row->rule ? -EBADMSG : 0) || (row->rule && n == 1 && !place_is(all[0], row->place)))
                printf("# in %s\n", row->text);
        sc_arena_free(arena);
        sc_diags_free(diags);
}

static void check_fields(void)
{
        static const char text[] = "{\"ociVersion\":\"1.0.2-dev\",\"id\":\"w\\u0065b\",\"status\":\"created\","
                                   "\"pid\":4194304,\"bundle\":\"/run/b\",\"annotations\":{\"a\":\"b\"}}";
        struct sc_source source = { "<state>", text, strlen(text) };
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        struct sc_bundle_state state;

        if (CHECK_INT(sc_bundle_state_read(arena, &source, diags, &state), 0)) {
                CHECK_STR(state.oci_version, "1.0.2-dev");
                CHECK_STR(state.id, "web");
                CHECK_STR(sc_bundle_status_name(state.status), "created");
                CHECK_INT(state.pid, 4194304);
                CHECK_STR(state.bundle, "/run/b");
                CHECK_STR(sc_json_get(state.annotations, "a")->text, "b");
        }
        sc_arena_free(arena);
        sc_diags_free(diags);
}

/* A text of `before`, `n` times `c`, and `after`. */
static int read_long(const char *before, char c, size_t n, const char *after)
{
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        struct sc_strbuf text = SC_STRBUF_INIT;
        struct sc_bundle_state state;
        struct sc_source source;
        int r;

        sc_strbuf_puts(&text, before);
        for (size_t i = 0; i < n; i++)
                sc_strbuf_append(&text, &c, 1);
        sc_strbuf_puts(&text, after);
        source = (struct sc_source){ "<state>", text.text, text.len };
        r = sc_bundle_state_read(arena, &source, diags, &state);
        CHECK_INT(sc_diags_count(diags, SC_ERROR), r == 0 ? 0 : 1);
        sc_strbuf_done(&text);
        sc_arena_free(arena);
        sc_diags_free(diags);
        return r;
}

static void check_limits(void)
{
        static const char whole[] = "{" V I S P B "}";
        static const char version[] = "{" I S P B ",\"ociVersion\":\"", id[] = "{" V S P B ",\"id\":\"";
        static const char bundle[] = "{" V I S P "\"bundle\":\"/";

        CHECK_INT(read_long(version, '1', SC_BUNDLE_VERSION_MAX, "\"}"), 0);
        CHECK_INT(read_long(version, '1', SC_BUNDLE_VERSION_MAX + 1, "\"}"), -EBADMSG);
        CHECK_INT(read_long(id, 'a', SC_BUNDLE_ID_MAX, "\"}"), 0);
        CHECK_INT(read_long(id, 'a', SC_BUNDLE_ID_MAX + 1, "\"}"), -EBADMSG);
        CHECK_INT(read_long(bundle, 'a', 4094, "\"}"), 0);
        CHECK_INT(read_long(bundle, 'a', 4095, "\"}"), -EBADMSG);
        CHECK_INT(read_long(whole, ' ', SC_BUNDLE_STATE_SIZE_MAX - strlen(whole), ""), 0);
        CHECK_INT(read_long(whole, ' ', SC_BUNDLE_STATE_SIZE_MAX - strlen(whole) + 1, ""), -EBADMSG);
        CHECK_INT(read_long("{" V I S P B ",\"x\":", '[', 64, ""), -EBADMSG);
}

int main(void)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                check_row(&rows[i]);
        check_fields();
        check_limits();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas inside of the library: all compile without a word, and hold for what they are for. */
#include <errno.h>

#include "schema/shipped.h"
#include "test.h"

static const char *const names[] = {
        "config", "diff", "docker", "explain", "lint", "oci", "policy", "state", "validate", "verify",
};

#define RULES(args) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"read\"]," \
                    "\"action\":\"SCMP_ACT_ALLOW\",\"args\":" args "}]}"

/* A schema, a text, and the rules that it breaks, in their order; "" if none. */
static const struct row {
        const char *schema, *text, *rules;
} rows[] = {
        { "oci", "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", "" },
        { "oci", "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"architectures\":[\"SCMP_ARCH_LOONGARCH64\"]}", "" },
        { "oci", RULES("[{\"index\":5,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_EQ\"}]"), "" },
        { "oci", RULES("[{\"index\":6,\"value\":18446744073709551616,\"op\":\"SCMP_CMP_EQ\"}]"),
          "schema-value schema-value " },
        { "oci", RULES("null"), "schema-type " },
        { "docker", RULES("null"), "" },
        { "oci", "{}", "schema-missing " },
        { "oci", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",}", "json-syntax " },
        { "oci", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultaction\":\"SCMP_ACT_LOG\"}", "json-duplicate-key " },
        { "docker", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"name\":\"a\",\"names\":[\"b\"],"
                    "\"action\":\"SCMP_ACT_LOG\"}]}", "schema-value " },
        { "docker", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"name\":\"a\",\"names\":[],"
                    "\"action\":\"SCMP_ACT_LOG\"}]}", "" },
        { "config", "{\"ociVersion\":\"1.0.2\",\"linux\":{\"seccomp\":{\"defaultAction\":\"ALLOW\"}}}",
          "schema-value " },
        { "config", "{\"ociVersion\":\"1.0.2\",\"mounts\":[]}", "" },
        { "state", "{\"ociVersion\":\"1.0.2\",\"id\":\"a\",\"status\":\"created\",\"bundle\":\"b\"}",
          "schema-string " },
        { "policy", "{\"extends\":[\"stdio\"],\"rules\":[{\"allow\":[\"socket\"],\"when\":\"CAP_BPF\"}]}", "" },
        { "policy", "{\"rule\":[]}", "schema-unknown " },
};

static void check_compile(const char *name)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sc_schema *schema;
        size_t n;

        CHECK(sc_schema_shipped(name) != NULL);
        CHECK_INT(sc_schema_shipped_compile(arena, name, diags, &schema), 0);
        sc_diags_all(diags, &n);
        CHECK_INT(n, 0);
}

static void check_row(const struct row *row)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf rules = SC_STRBUF_INIT;
        const struct sc_diag *const *all;
        size_t n;
        int r = sc_schema_shipped_holds(arena, row->schema, "t.json", row->text, strlen(row->text), diags);

        all = sc_diags_all(diags, &n);
        sc_strbuf_puts(&rules, "");
        for (size_t i = 0; i < n; i++)
                sc_strbuf_printf(&rules, "%s ", all[i]->rule);
        CHECK_INT(r, *row->rules ? -EBADMSG : 0);
        CHECK_STR(rules.text ? rules.text : "", row->rules);
}

static void check_unknown(void)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        struct sc_schema *schema;

        CHECK(!sc_schema_shipped("oc") && !sc_schema_shipped("oci.schema.json") && !sc_schema_shipped(""));
        CHECK_INT(sc_schema_shipped_compile(arena, "none", diags, &schema), -ENOENT);
        CHECK_INT(sc_schema_shipped_holds(arena, "none", "t.json", "{}", 2, diags), -ENOENT);
}

int main(void)
{
        for (size_t i = 0; i < SC_COUNT(names); i++)
                check_compile(names[i]);
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                check_row(&rows[i]);
        check_unknown();
        return test_end();
}

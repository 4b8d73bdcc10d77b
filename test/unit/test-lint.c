/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint by itself: findings that consumers share, their order, edits, witnesses, ten thousand of them; and every
 * allocation fails once. Linked with --wrap for the allocators.
 */
#include <errno.h>
#include <linux/seccomp.h>

#include "failing.h"
#include "lint/lint.h"
#include "test.h"

#define MANY 12000 /* findings in one file: more than are kept */

/* One run over a text, with all that it needs. */
struct run {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_decisions *d;
        struct sc_source source;
        struct sc_lint_report report;
        const char *only; /* the one rule that is asked; NULL: all */
};

static bool wants(void *data, const struct sc_lint_rule *rule)
{
        const struct run *run = data;

        return run->only ? !strcmp(run->only, rule->id) : !rule->opt_in;
}

static int begin(struct run *run, const char *only, const char *text)
{
        *run = (struct run){ .arena = sc_arena_new(), .diags = sc_diags_new(), .d = sc_decisions_new(1 << 20),
                             .source = { "a.json", text, strlen(text) }, .only = only };
        return run->arena && run->diags && run->d ? 0 : -ENOMEM;
}

static void end(struct run *run)
{
        sc_decisions_free(run->d);
        sc_diags_free(run->diags);
        sc_arena_free(run->arena);
}

/* The names of consumers, with commas. */
static int lint(struct run *run, const char *names)
{
        const struct sc_consumer *consumers[4];
        const struct sc_abi *machine = sc_abi_find("x86_64", 6);
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        struct sc_lint_file file = { .source = &run->source, .kind = SC_FILE_DOCKER, .said = run->diags };
        struct sc_lint_options options = { .consumers = consumers, .machines = &machine, .n_machines = 1,
                                           .caps = sc_caps_docker(), .min_kernel = SC_KERNEL(5, 10),
                                           .compiler = &compiler, .wants = wants, .data = run };
        struct sc_profile *profile = NULL;
        int r = sc_json_parse(run->arena, &run->source, SC_JSON_FOLD_KEYS, run->diags, &file.root);

        for (size_t len; *names && options.n_consumers < 4; names += len + (names[len] == ',')) {
                len = strcspn(names, ",");
                consumers[options.n_consumers++] = sc_consumer_find(names, len);
        }
        if (r == 0)
                r = sc_profile_read(run->arena, file.root, run->diags, &profile);
        file.profile = profile;
        return r < 0 ? r : sc_lint_run(run->arena, &file, &options, run->d, &run->report);
}

static void append(char *out, size_t *n, const char *text, size_t len)
{
        memcpy(out + *n, text, len);
        *n += len;
        out[*n] = 0;
}

/* The text with all edits of all findings, which must not touch each other. */
static void fix(const struct run *run, char *out)
{
        size_t n = 0, at = 0;

        *out = 0;
        for (size_t i = 0; i < run->report.n; i++)
                for (size_t k = 0; k < run->report.items[i].n_edits; k++) {
                        const struct sc_lint_edit *edit = &run->report.items[i].edits[k];

                        if (!CHECK(edit->offset >= at && edit->offset + edit->length <= run->source.len))
                                return;
                        append(out, &n, run->source.text + at, edit->offset - at);
                        append(out, &n, edit->text, strlen(edit->text));
                        at = edit->offset + edit->length;
                }
        append(out, &n, run->source.text + at, run->source.len - at);
}

#define PROFILE(rules) \
        "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38,\n  \"syscalls\": [" rules "] }\n"
#define NAMES(list) PROFILE("{ \"names\": [" list "], \"action\": \"SCMP_ACT_ALLOW\" }")
#define RULE(members) PROFILE("{ \"names\": [\"read\"]" members " }")

static void check_edits(void)
{
        static const struct {
                const char *rule, *before, *after;
        } rows[] = {
                { "duplicate-name", NAMES("\"a\", \"b\", \"a\""), NAMES("\"a\", \"b\"") },
                { "duplicate-name", NAMES("\"a\", \"a\", \"b\""), NAMES("\"a\", \"b\"") },
                { "duplicate-name", NAMES("\"a\",\n\t\"a\"\n"), NAMES("\"a\"\n") },
                { "duplicate-name", NAMES("\"a\" , \"a\" , \"b\" , \"b\""), NAMES("\"a\" , \"b\"") },
                { "duplicate-name", NAMES("\"a\",\"a\",\"a\",\"a\""), NAMES("\"a\"") },
                { "duplicate-name", NAMES("\"a\", \"b\""), NAMES("\"a\", \"b\"") },
                { "idle-errno", RULE(", \"action\": \"SCMP_ACT_ALLOW\", \"errnoRet\": 1"),
                  RULE(", \"action\": \"SCMP_ACT_ALLOW\"") },
                { "idle-errno", RULE(", \"errnoRet\" : 1 , \"action\": \"SCMP_ACT_LOG\""),
                  RULE(" , \"action\": \"SCMP_ACT_LOG\"") },
                { "idle-errno", PROFILE("{ \"errnoRet\": 1,\n  \"names\": [\"a\"], \"action\": \"SCMP_ACT_TRAP\" }"),
                  PROFILE("{ \"names\": [\"a\"], \"action\": \"SCMP_ACT_TRAP\" }") },
                { "idle-errno", "{ \"defaultErrnoRet\": 1, \"defaultAction\": \"SCMP_ACT_LOG\" }",
                  "{ \"defaultAction\": \"SCMP_ACT_LOG\" }" },
                { "kill-thread", RULE(", \"action\": \"SCMP_ACT_KILL\""),
                  RULE(", \"action\": \"SCMP_ACT_KILL_PROCESS\"") },
                { "legacy-name", PROFILE("{ \"name\" : \"a\\u0062\", \"action\": \"SCMP_ACT_ALLOW\" }"),
                  PROFILE("{ \"names\" : [\"a\\u0062\"], \"action\": \"SCMP_ACT_ALLOW\" }") },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                char out[1024];
                struct run run;

                CHECK_INT(begin(&run, rows[i].rule, rows[i].before), 0);
                if (CHECK_INT(lint(&run, "runc"), 0)) {
                        fix(&run, out);
                        CHECK_STR(out, rows[i].after);
                }
                end(&run);
        }
}

static uint32_t bits_of(const char *names)
{
        uint32_t bits = 0;

        for (size_t i = 0; i < sc_consumer_count(); i++)
                if (strstr(names, sc_consumer_at(i)->name))
                        bits |= UINT32_C(1) << i;
        return bits;
}

/* What two consumers do alike is one finding, which knows both; what only one does knows that one. */
static void check_consumers(void)
{
        struct run run;

        CHECK_INT(begin(&run, "rule-as-default", PROFILE("{ \"names\": [\"mount\"], \"action\": \"SCMP_ACT_ERRNO\","
                                                         " \"errnoRet\": 38 }")), 0);
        CHECK_INT(lint(&run, "crun,kubernetes"), 0);
        CHECK_INT(run.report.n, 1);
        CHECK_INT(run.report.n_views, 2);
        CHECK_INT(run.report.n ? run.report.items[0].consumers : 0, bits_of("crun,kubernetes"));
        end(&run);
        CHECK_INT(begin(&run, "docker-fields-ignored",
                        PROFILE("{ \"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\","
                                " \"includes\": { \"caps\": [\"CAP_SYS_ADMIN\"] } }")), 0);
        CHECK_INT(lint(&run, "podman,kubernetes"), 0);
        CHECK_INT(run.report.n, 1);
        CHECK_INT(run.report.n ? run.report.items[0].consumers : 0, bits_of("kubernetes"));
        end(&run);
}

static void check_order(void)
{
        struct run run;
        size_t wrong = 0;

        CHECK_INT(begin(&run, NULL,
                        PROFILE("{ \"names\": [\"bpf\", \"bpf\", \"nonesuch\", \"keyctl\"], \"errnoRet\": 1,"
                                " \"action\": \"SCMP_ACT_ALLOW\" },"
                                " { \"names\": [], \"action\": \"SCMP_ACT_TRACE\" }")),
                  0);
        CHECK_INT(lint(&run, "runc"), 0);
        CHECK(run.report.n > 7);
        for (size_t i = 1; i < run.report.n; i++) {
                const struct sc_diag *a = &run.report.items[i - 1].diag, *b = &run.report.items[i].diag;

                wrong += a->places[0].offset > b->places[0].offset ||
                         (a->places[0].offset == b->places[0].offset && strcmp(a->rule, b->rule) > 0);
        }
        CHECK_INT(wrong, 0);
        end(&run);
}

static void check_witness(void)
{
        struct run run;

        CHECK_INT(begin(&run, "wider-than-parameter",
                        PROFILE("{ \"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\","
                                " \"args\": [{ \"index\": 0, \"value\": 40, \"op\": \"SCMP_CMP_NE\" }] }")), 0);
        CHECK_INT(lint(&run, "runc"), 0);
        CHECK_INT(run.report.n, 1);
        if (run.report.n) {
                const struct sc_lint_finding *f = &run.report.items[0];

                CHECK(f->has_witness);
                CHECK(sc_lint_confirms(f));
                CHECK_INT(f->witness.nr, 41);
                CHECK_INT(f->witness.args[0] & UINT32_MAX, 40);
                CHECK(f->witness.args[0] > UINT32_MAX);
                CHECK_INT(f->witness.a, SECCOMP_RET_ALLOW);
        }
        end(&run);
}

/* Twelve thousand findings: ten thousand are kept, and each once for two consumers. */
static void check_many(void)
{
        static const char head[] = "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{ \"names\": [\"read\"";
        static const char tail[] = "], \"action\": \"SCMP_ACT_ALLOW\" }] }";
        size_t len = 0, size = sizeof(head) + sizeof(tail) + (size_t)MANY * 9;
        char *text = malloc(size);
        struct run run;

        if (!CHECK(text))
                return;
        append(text, &len, head, strlen(head));
        for (size_t i = 0; i < MANY; i++)
                append(text, &len, ", \"read\"", 8);
        append(text, &len, tail, strlen(tail));
        CHECK_INT(begin(&run, "duplicate-name", text), 0);
        CHECK_INT(lint(&run, "runc,docker"), 0);
        CHECK_INT(run.report.n, SC_LINT_FINDINGS_MAX);
        CHECK_INT(run.report.more, MANY - SC_LINT_FINDINGS_MAX);
        end(&run);
        free(text);
}

static void check_memory(void)
{
        static const char text[] =
                PROFILE("{ \"names\": [\"bpf\", \"bpf\", \"nonesuch\", \"socket\", \"socketcall\"], \"errnoRet\": 1,"
                        " \"action\": \"SCMP_ACT_ALLOW\" }, { \"names\": [\"dup\"], \"action\": \"SCMP_ACT_ALLOW\","
                        " \"args\": [{ \"index\": 0, \"value\": 6, \"op\": \"SCMP_CMP_EQ\" }] }");
        size_t n = 0, wrong = 0;
        int r = -ENOMEM;

        for (; r != 0 && n < 20000; n++) {
                struct run run;

                if (!CHECK_INT(begin(&run, NULL, text), 0))
                        return;
                allowed = n;
                r = lint(&run, "runc,crun");
                allowed = SIZE_MAX;
                if (r != 0 && (r != -ENOMEM || run.report.items || sc_diags_count(run.diags, SC_ERROR))) {
                        printf("# failing allocation %zu: %d\n", n, r);
                        wrong++;
                }
                end(&run);
        }
        printf("# %zu allocations\n", n - 1);
        CHECK_INT(r, 0);
        CHECK(n > 15);
        CHECK_INT(wrong, 0);
}

int main(void)
{
        check_edits();
        check_consumers();
        check_order();
        check_witness();
        check_many();
        check_memory();
        return test_end();
}

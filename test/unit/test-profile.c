/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles: what is read, what is refused and where, what a file is guessed to be, what is written. */
#include <errno.h>

#include "profile/profile.h"
#include "test.h"

/* A text that was parsed and read as a profile. */
struct doc {
        struct sc_arena *arena;
        struct sc_diags *diags;
        const struct sc_json *root;
        struct sc_profile *profile;
        int parsed, r;
};

static struct doc doc_read(const char *text, size_t len)
{
        struct doc d = { .arena = sc_arena_new(), .diags = sc_diags_new(), .r = -EBADMSG };
        struct sc_source *source = sc_arena_alloc(d.arena, sizeof(*source));

        *source = (struct sc_source){ "p.json", text, len };
        d.parsed = sc_json_parse(d.arena, source, SC_JSON_FOLD_KEYS, d.diags, &d.root);
        if (d.parsed == 0)
                d.r = sc_profile_read(d.arena, d.root, d.diags, &d.profile);
        return d;
}

static void doc_done(struct doc *d)
{
        sc_arena_free(d->arena);
        sc_diags_free(d->diags);
}

/* Refused profiles; the place is what stands between the first two '@', which are not part of the text. */
static const struct {
        const char *marked;
        const char *rule;
} refused[] = {
        { "@[]@", "profile-type" },
        { "@\"SCMP_ACT_ALLOW\"@", "profile-type" },
        { "{\"defaultAction\":@1@}", "profile-type" },
        { "{\"defaultErrnoRet\":@\"38\"@}", "profile-type" },
        { "{\"defaultErrnoRet\":@-1@}", "profile-number" },
        { "{\"defaultErrnoRet\":@38.0@}", "profile-number" },
        { "{\"defaultErrnoRet\":@18446744073709551616@}", "profile-number" },
        { "{\"defaultErrno\":@38@}", "profile-type" },
        { "{\"architectures\":@\"SCMP_ARCH_X86\"@}", "profile-type" },
        { "{\"architectures\":[@null@]}", "profile-type" },
        { "{\"flags\":[@{}@]}", "profile-type" },
        { "{\"archMap\":@{}@}", "profile-type" },
        { "{\"archMap\":[@\"SCMP_ARCH_X86\"@]}", "profile-type" },
        { "{\"archMap\":[{\"architecture\":@[]@}]}", "profile-type" },
        { "{\"archMap\":[{\"subArchitectures\":@\"x\"@}]}", "profile-type" },
        { "{\"listenerPath\":@false@}", "profile-type" },
        { "{\"listenerPath\":@\"/run/a\\u0000b\"@}", "profile-text" },
        { "{\"syscalls\":@{}@}", "profile-type" },
        { "{\"syscalls\":[@null@]}", "profile-type" },
        { "{\"syscalls\":[{\"names\":@\"read\"@}]}", "profile-type" },
        { "{\"syscalls\":[{\"names\":[\"a\",@1@]}]}", "profile-type" },
        { "{\"syscalls\":[{\"names\":[@\"read\\u0000x\"@]}]}", "profile-text" },
        { "{\"syscalls\":[{\"name\":@[]@}]}", "profile-type" },
        { "{\"syscalls\":[{\"action\":@{}@}]}", "profile-type" },
        { "{\"syscalls\":[{\"errnoRet\":@1e3@}]}", "profile-number" },
        { "{\"syscalls\":[{\"errno\":@1@}]}", "profile-type" },
        { "{\"syscalls\":[{\"args\":@{}@}]}", "profile-type" },
        { "{\"syscalls\":[{\"args\":[@0@]}]}", "profile-type" },
        { "{\"syscalls\":[{\"args\":[{\"index\":@\"0\"@}]}]}", "profile-type" },
        { "{\"syscalls\":[{\"args\":[{\"value\":@-1@}]}]}", "profile-number" },
        { "{\"syscalls\":[{\"args\":[{\"valueTwo\":@99999999999999999999@}]}]}", "profile-number" },
        { "{\"syscalls\":[{\"args\":[{\"op\":@\"SCMP_CMP_EG\"@}]}]}", "profile-op" },
        { "{\"syscalls\":[{\"args\":[{\"op\":@\"\"@}]}]}", "profile-op" },
        { "{\"syscalls\":[{\"args\":[{\"op\":@\"SCMP_CMP_EQ\\u0000\"@}]}]}", "profile-op" },
        { "{\"syscalls\":[{\"includes\":@[]@}]}", "profile-type" },
        { "{\"syscalls\":[{\"includes\":{\"caps\":@\"CAP_BPF\"@}}]}", "profile-type" },
        { "{\"syscalls\":[{\"excludes\":{\"minKernel\":@4.8@}}]}", "profile-type" },
        { "{@\"DefaultAction\"@:\"SCMP_ACT_ALLOW\"}", "profile-key-case" },
        { "{\"syscalls\":[{@\"Names\"@:[]}]}", "profile-key-case" },
        { "{@\"\xc5\xbfyscalls\"@:[]}", "profile-key-case" },
        { "{@\"defaultAction\"@:\"a\",\"defaultAction\":\"b\"}", "json-duplicate-key" },
};

static void check_refused(const char *marked, const char *rule)
{
        const char *a = strchr(marked, '@'), *b = strchr(a + 1, '@');
        size_t offset = (size_t)(a - marked), length = (size_t)(b - a) - 1, n;
        const struct sc_diag *const *all;
        char text[256];
        struct doc d;
        bool ok;

        snprintf(text, sizeof(text), "%.*s%.*s%s", (int)offset, marked, (int)length, a + 1, b + 1);
        d = doc_read(text, strlen(text));
        all = sc_diags_all(d.diags, &n);
        ok = d.r == -EBADMSG && !d.profile && n == 1 && !strcmp(all[0]->rule, rule);
        /* of a duplicate the first place is the second key */
        if (ok && strcmp(rule, "json-duplicate-key"))
                ok = all[0]->places[0].offset == offset && all[0]->places[0].length == length;
        test_check(ok, __FILE__, __LINE__, rule);
        if (!ok)
                printf("# %s: %d, %zu findings: %s at %zu\n", text, d.r, n, n ? all[0]->message : "",
                       n ? all[0]->places[0].offset : 0);
        doc_done(&d);
}

static const char full[] =
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38, \"defaultErrno\": \"ENOSYS\", "
        "\"x-mine\": [1],\n"
        "\"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\", "
        "\"subArchitectures\": [\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"]},\n"
        "  {\"architecture\": \"SCMP_ARCH_RISCV64\", \"subArchitectures\": null}],\n"
        "\"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"], \"listenerPath\": \"/run/l\", \"listenerMetadata\": \"m\",\n"
        "\"syscalls\": [{\"names\": [\"write\", \"read\", \"write\"], "
        "\"action\": \"SCMP_ACT_ALLOW\", \"args\": null},\n"
        "  {\"name\": \"socket\", \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1, "
        "\"errno\": \"EPERM\", \"comment\": \"\",\n"
        "   \"args\": [{\"index\": 1, \"value\": 18446744073709551615, \"valueTwo\": 9007199254740993,"
        " \"op\": \"SCMP_CMP_MASKED_EQ\"}, {}],\n"
        "   \"includes\": {\"caps\": [\"CAP_BPF\"], \"arches\": [\"amd64\"], "
        "\"minKernel\": \"4.8\"}, \"excludes\": {}}]}";

static void check_model(void)
{
        struct doc d = doc_read(full, sizeof(full) - 1);
        const struct sc_profile *p = d.profile;
        const struct sc_profile_rule *rule;
        const struct sc_profile_arg *arg;

        CHECK_INT(d.r, 0);
        if (d.r)
                return;
        CHECK_INT(p->kind, SC_PROFILE_DOCKER);
        CHECK_STR(p->default_action.text, "SCMP_ACT_ERRNO");
        CHECK(!strncmp(full + p->default_action.place.offset, "\"SCMP_ACT_ERRNO\"", p->default_action.place.length));
        CHECK(p->default_errno_ret.has && p->default_errno_ret.value == 38);
        CHECK_STR(p->default_errno.text, "ENOSYS");
        CHECK(p->architectures.n == 0 && !p->architectures.place.source);
        CHECK_INT(p->arch_map.n, 2);
        CHECK_STR(p->arch_map.items[0].architecture.text, "SCMP_ARCH_X86_64");
        CHECK_INT(p->arch_map.items[0].sub_architectures.n, 2);
        CHECK_STR(p->arch_map.items[0].sub_architectures.items[1].text, "SCMP_ARCH_X32");
        CHECK_INT(p->arch_map.items[1].sub_architectures.n, 0);
        CHECK_STR(p->flags.items[0].text, "SECCOMP_FILTER_FLAG_LOG");
        CHECK_STR(p->listener_path.text, "/run/l");
        CHECK_STR(p->listener_metadata.text, "m");
        CHECK_INT(p->syscalls.n, 2);

        rule = &p->syscalls.items[0];
        CHECK_INT(rule->names.n, 3);
        CHECK_STR(rule->names.items[0].text, "write");
        CHECK(!strncmp(full + rule->names.items[1].place.offset, "\"read\"", rule->names.items[1].place.length));
        CHECK(!rule->name.text && !rule->errno_ret.has && !rule->args.n && !rule->includes.has && !rule->comment.text);

        rule = &p->syscalls.items[1];
        CHECK(full[rule->place.offset] == '{' && full[rule->place.offset + rule->place.length - 1] == '}');
        CHECK_STR(rule->name.text, "socket");
        CHECK_STR(rule->errno_name.text, "EPERM");
        CHECK_STR(rule->comment.text, "");
        CHECK(rule->errno_ret.has && rule->errno_ret.value == 1);
        CHECK_INT(rule->args.n, 2);
        arg = &rule->args.items[0];
        CHECK(arg->index.value == 1 && arg->value.value == UINT64_MAX && arg->value_two.value == 9007199254740993);
        CHECK_INT(arg->op, SC_OP_MASKED_EQ);
        arg = &rule->args.items[1];
        CHECK(!arg->index.has && !arg->value.has && !arg->value_two.has && arg->op == SC_OP_NONE);
        CHECK_INT(arg->place.length, 2);
        CHECK_STR(rule->includes.caps.items[0].text, "CAP_BPF");
        CHECK_STR(rule->includes.arches.items[0].text, "amd64");
        CHECK_STR(rule->includes.min_kernel.text, "4.8");
        CHECK(rule->excludes.has && !rule->excludes.caps.n && !rule->excludes.min_kernel.text);
        doc_done(&d);
}

static void check_nothing(void)
{
        struct doc d = doc_read("null", 4);

        CHECK_INT(d.r, 1);
        CHECK(!d.profile);
        CHECK_INT(sc_profile_read(d.arena, NULL, d.diags, &d.profile), 1);
        doc_done(&d);

        d = doc_read("{}", 2);
        CHECK_INT(d.r, 0);
        CHECK(!d.profile->default_action.text && !d.profile->syscalls.n && d.profile->kind == SC_PROFILE_OCI);
        doc_done(&d);

        d = doc_read("{\"defaultAction\":\"\",\"defaultErrnoRet\":null}", 43);
        CHECK_INT(d.r, 0);
        CHECK_STR(d.profile->default_action.text, "");
        CHECK(!d.profile->default_errno_ret.has);
        doc_done(&d);
}

/* Every finding of a profile is there, not the first alone. */
static void check_all_findings(void)
{
        static const char text[] = "{\"defaultErrnoRet\":-1,"
                                   "\"syscalls\":[{\"names\":[1,2]},{\"args\":[{\"op\":\"X\"}]}]}";
        struct doc d = doc_read(text, sizeof(text) - 1);

        CHECK_INT(d.r, -EBADMSG);
        CHECK_INT(sc_diags_count(d.diags, SC_ERROR), 4);
        doc_done(&d);
}

static const struct {
        const char *text;
        enum sc_file_kind kind;
} guesses[] = {
        { "{\"rules\":[]}", SC_FILE_POLICY },
        { "{\"extends\":[\"stdio\"]}", SC_FILE_POLICY },
        { "{\"architectures\":[\"x86_64\"],\"baseline\":\"6.1\"}", SC_FILE_POLICY },
        { "{\"ociVersion\":\"1.0.2\"}", SC_FILE_CONFIG },
        { "{\"process\":{}}", SC_FILE_CONFIG },
        { "{\"linux\":{\"seccomp\":{}}}", SC_FILE_CONFIG },
        { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":[]}", SC_FILE_DOCKER },
        { "{\"defaultErrno\":\"EPERM\"}", SC_FILE_DOCKER },
        { "{\"syscalls\":[{\"names\":[]},{\"includes\":{}}]}", SC_FILE_DOCKER },
        { "{\"syscalls\":[{\"name\":\"read\"}]}", SC_FILE_DOCKER },
        { "{\"syscalls\":[{\"errno\":\"EPERM\"}]}", SC_FILE_DOCKER },
        { "{\"syscalls\":[{\"names\":[\"read\"]}]}", SC_FILE_OCI },
        { "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", SC_FILE_OCI },
        { "{\"architectures\":[\"SCMP_ARCH_X86_64\"]}", SC_FILE_UNKNOWN },
        { "{\"syscalls\":null}", SC_FILE_OCI },
        { "{}", SC_FILE_UNKNOWN },
        { "{\"a\":{\"rules\":1}}", SC_FILE_UNKNOWN },
        { "[]", SC_FILE_UNKNOWN },
        { "null", SC_FILE_UNKNOWN },
        { "\"rules\"", SC_FILE_UNKNOWN },
};

static void check_guesses(void)
{
        for (size_t i = 0; i < SC_COUNT(guesses); i++) {
                struct doc d = doc_read(guesses[i].text, strlen(guesses[i].text));

                CHECK_INT(d.parsed, 0);
                if (!CHECK_INT(sc_profile_guess(d.root), guesses[i].kind))
                        printf("# %s\n", guesses[i].text);
                doc_done(&d);
        }
}

/* config.json: the result, and the text of what was found (NULL: no filter). */
static const struct {
        const char *text;
        int r;
        const char *found;
} configs[] = {
        { "{\"linux\":{\"seccomp\":{\"a\":1}}}", 0, "{\"a\":1}" },
        { "{\"linux\":{\"seccomp\":[]}}", 0, "[]" },
        { "{\"linux\":{\"seccomp\":null}}", 0, NULL },
        { "{\"linux\":{}}", 0, NULL },
        { "{\"linux\":null}", 0, NULL },
        { "{\"process\":{}}", 0, NULL },
        { "{\"linux\":[]}", -EBADMSG, NULL },
        { "[]", -EBADMSG, NULL },
};

static void check_configs(void)
{
        for (size_t i = 0; i < SC_COUNT(configs); i++) {
                struct sc_diags *diags = sc_diags_new();
                struct doc d = doc_read(configs[i].text, strlen(configs[i].text));
                const struct sc_json *found = NULL;

                CHECK_INT(sc_profile_in_config(d.root, diags, &found), configs[i].r);
                CHECK_INT(sc_diags_count(diags, SC_ERROR), configs[i].r ? 1 : 0);
                CHECK(!found == !configs[i].found);
                if (found)
                        CHECK(!strncmp(configs[i].text + found->place.offset, configs[i].found, found->place.length));
                doc_done(&d);
                sc_diags_free(diags);
        }
}

static const char written[] =
        "{\n\t\"defaultAction\": \"SCMP_ACT_ERRNO\",\n\t\"defaultErrnoRet\": 38,\n"
        "\t\"defaultErrno\": \"ENOSYS\",\n\t\"archMap\": [\n\t\t{\n"
        "\t\t\t\"architecture\": \"SCMP_ARCH_X86_64\",\n\t\t\t\"subArchitectures\": [\n"
        "\t\t\t\t\"SCMP_ARCH_X86\",\n\t\t\t\t\"SCMP_ARCH_X32\"\n\t\t\t]\n\t\t},\n\t\t{\n"
        "\t\t\t\"architecture\": \"SCMP_ARCH_RISCV64\"\n\t\t}\n\t],\n\t\"flags\": [\n"
        "\t\t\"SECCOMP_FILTER_FLAG_LOG\"\n\t],\n\t\"listenerPath\": \"/run/l\",\n"
        "\t\"listenerMetadata\": \"m\",\n\t\"syscalls\": [\n\t\t{\n\t\t\t\"names\": [\n\t\t\t\t\"read\",\n"
        "\t\t\t\t\"write\"\n\t\t\t],\n\t\t\t\"action\": \"SCMP_ACT_ALLOW\"\n\t\t},\n\t\t{\n"
        "\t\t\t\"name\": \"socket\",\n\t\t\t\"action\": \"SCMP_ACT_ERRNO\",\n\t\t\t\"errnoRet\": 1,\n"
        "\t\t\t\"errno\": \"EPERM\",\n\t\t\t\"args\": [\n\t\t\t\t{\n\t\t\t\t\t\"index\": 1,\n"
        "\t\t\t\t\t\"value\": 18446744073709551615,\n\t\t\t\t\t\"valueTwo\": 9007199254740993,\n"
        "\t\t\t\t\t\"op\": \"SCMP_CMP_MASKED_EQ\"\n\t\t\t\t},\n\t\t\t\t{\n\n\t\t\t\t}\n\t\t\t],\n"
        "\t\t\t\"comment\": \"\",\n\t\t\t\"includes\": {\n\t\t\t\t\"arches\": [\n\t\t\t\t\t\"amd64\"\n"
        "\t\t\t\t],\n\t\t\t\t\"caps\": [\n\t\t\t\t\t\"CAP_BPF\"\n\t\t\t\t],\n\t\t\t\t\"minKernel\": \"4.8\"\n"
        "\t\t\t}\n\t\t}\n\t]\n}\n";

static void check_write(void)
{
        struct doc d = doc_read(full, sizeof(full) - 1), again;
        char *text = NULL, *second = NULL;
        size_t len;

        CHECK_INT(sc_profile_write(d.profile, SC_JSON_INDENTED, &text, &len), 0);
        CHECK_STR(text, written);
        again = doc_read(text, strlen(text));
        CHECK_INT(again.r, 0);
        CHECK_INT(sc_profile_write(again.profile, SC_JSON_INDENTED, &second, &len), 0);
        CHECK_STR(second, text);
        free(text);
        free(second);
        doc_done(&d);
        doc_done(&again);
}

static void check_actions(void)
{
        static const struct {
                const char *name;
                uint32_t value;
                const char *back;
        } rows[] = {
                { "SCMP_ACT_KILL", 0, "SCMP_ACT_KILL" },
                { "SCMP_ACT_KILL_THREAD", 0, "SCMP_ACT_KILL" },
                { "SCMP_ACT_KILL_PROCESS", 0x80000000, "SCMP_ACT_KILL_PROCESS" },
                { "SCMP_ACT_TRAP", 0x00030000, "SCMP_ACT_TRAP" },
                { "SCMP_ACT_ERRNO", 0x00050000, "SCMP_ACT_ERRNO" },
                { "SCMP_ACT_NOTIFY", 0x7fc00000, "SCMP_ACT_NOTIFY" },
                { "SCMP_ACT_TRACE", 0x7ff00000, "SCMP_ACT_TRACE" },
                { "SCMP_ACT_LOG", 0x7ffc0000, "SCMP_ACT_LOG" },
                { "SCMP_ACT_ALLOW", 0x7fff0000, "SCMP_ACT_ALLOW" },
        };
        uint32_t value = 7;

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                CHECK_INT(sc_profile_action_value(rows[i].name, &value), 0);
                CHECK_INT(value, rows[i].value);
                CHECK_STR(sc_profile_action_name(value), rows[i].back);
                CHECK_STR(sc_profile_action_name(value | 38), rows[i].back);
                CHECK(sc_profile_action_at(i) != NULL);
        }
        CHECK(sc_profile_action_at(SC_COUNT(rows)) == NULL);
        CHECK_INT(sc_profile_action_value("", &value), -EINVAL);
        CHECK_INT(sc_profile_action_value("scmp_act_allow", &value), -EINVAL);
        CHECK(sc_profile_action_name(0x7ffe0000) == NULL);
        CHECK(sc_profile_op_name(SC_OP_NONE) == NULL);
        CHECK_STR(sc_profile_op_name(SC_OP_GE), "SCMP_CMP_GE");
}

static uint64_t next_random(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        return *state ^= *state << 17;
}

/*
 * Values of a valid profile replaced by values of other types, and bytes by others: a profile or a finding, and what is
 * read can be written and read again to the same text.
 */
static void check_mutations(void)
{
        static const char *const values[] = { "null", "{}",  "[]", "\"\"", "-1",
                                              "1.5",  "0",   "true", "[[]]", "18446744073709551616" };
        static const char bytes[] = "{}[]\",:0129.-eaNS";
        uint64_t state = 0x2545f4914f6cdd1d;
        size_t good = 0, bad = 0, wrong = 0;

        for (int i = 0; i < 40000; i++) {
                char text[sizeof(full) + 64], *one = NULL, *two = NULL;
                size_t at = next_random(&state) % (sizeof(full) - 1), end = at, len;
                struct doc d, again;

                if (i % 2) {
                        while (at > 0 && !strchr(":[,", full[at]))
                                at--;
                        for (end = at + 1; end < sizeof(full) - 1 && !strchr(",}]", full[end]);)
                                end++;
                        len = (size_t)snprintf(text, sizeof(text), "%.*s %s%s", (int)at + 1, full,
                                               values[next_random(&state) % SC_COUNT(values)], full + end);
                } else {
                        memcpy(text, full, sizeof(full));
                        text[at] = bytes[next_random(&state) % (sizeof(bytes) - 1)];
                        len = sizeof(full) - 1;
                }
                d = doc_read(text, len);
                good += d.r == 0;
                bad += d.r == -EBADMSG;
                if (d.r < 0 && (d.r != -EBADMSG || sc_diags_count(d.diags, SC_ERROR) == 0))
                        wrong++;
                if (d.r == 0) {
                        if (sc_profile_write(d.profile, SC_JSON_COMPACT, &one, &len) < 0) {
                                wrong++;
                        } else {
                                again = doc_read(one, len);
                                if (again.r != 0 || sc_profile_write(again.profile, SC_JSON_COMPACT, &two, &len) < 0 ||
                                    strcmp(one, two))
                                        wrong++;
                                doc_done(&again);
                        }
                }
                free(one);
                free(two);
                doc_done(&d);
        }
        printf("# %zu read, %zu refused\n", good, bad);
        CHECK(good > 1000 && bad > 1000);
        CHECK_INT(wrong, 0);
}

/* So many rules that they are refused before memory is taken for them. */
static void check_too_many(void)
{
        static const char head[] = "{\"syscalls\":[{}", tail[] = "]}";
        struct sc_strbuf text = SC_STRBUF_INIT;
        const struct sc_diag *const *all;
        struct doc d;
        size_t n;

        for (size_t extra = 0; extra < 2; extra++) {
                text.len = 0;
                sc_strbuf_puts(&text, head);
                for (size_t i = 1; i < SC_PROFILE_RULES_MAX + extra; i++)
                        sc_strbuf_puts(&text, ",{}");
                sc_strbuf_puts(&text, tail);
                d = doc_read(text.text, text.len);
                all = sc_diags_all(d.diags, &n);
                CHECK_INT(d.r, extra ? -EBADMSG : 0);
                CHECK_INT(n, extra);
                if (n)
                        CHECK_STR(all[0]->rule, "profile-size");
                doc_done(&d);
        }
        sc_strbuf_done(&text);
}

int main(void)
{
        for (size_t i = 0; i < SC_COUNT(refused); i++)
                check_refused(refused[i].marked, refused[i].rule);
        check_model();
        check_nothing();
        check_all_findings();
        check_guesses();
        check_configs();
        check_write();
        check_actions();
        check_too_many();
        check_mutations();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Out of memory: every allocation of reading, writing, splicing, replacing, checking, comparing and merging fails once,
 * and each time the result is -ENOMEM, outputs are untouched and nothing leaks (which the leak sanitizer sees). Linked
 * with --wrap for the allocators.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "bpf/bpf.h"
#include "bundle/bundle.h"
#include "compare/changes.h"
#include "consumer/consumer.h"
#include "failing.h"
#include "merge/merge.h"
#include "profile/profile.h"
#include "test.h"

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

/* A program that symbolic execution follows by its last way only. */
static void check_program(void)
{
        static const struct sock_filter insns[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 41, 0, 1),
                BPF_STMT(BPF_RET | BPF_A, 0),
                BPF_STMT(BPF_RET | BPF_K, 1),
        };
        size_t n = 0, wrong = 0;
        int r = -ENOMEM;

        for (; r != 0 && n < 1000; n++) {
                struct sc_arena *arena = sc_arena_new();
                struct sc_decisions *d = sc_decisions_new(1 << 12);
                struct sc_bpf_fault fault = { 0 };
                struct sc_bpf_program program;
                sc_node node = SC_NODE_FAILED;

                allowed = n;
                r = sc_bpf_read(arena, insns, sizeof(insns), &program, &fault);
                if (r == 0)
                        r = sc_bpf_decide(&program, d, &node, &fault);
                allowed = SIZE_MAX;
                if (r != 0 && (r != -ENOMEM || node != SC_NODE_FAILED || fault.what)) {
                        printf("# failing allocation %zu: %d\n", n, r);
                        wrong++;
                }
                sc_decisions_free(d);
                sc_arena_free(arena);
        }
        printf("# %zu allocations for a program\n", n - 1);
        CHECK_INT(r, 0);
        CHECK(n > 15);
        CHECK_INT(wrong, 0);
}

/* Rules of two actions that libseccomp compiles wrong: all that a check does, down to the witness. */
static const char miscompiled[] =
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
        "{\"names\": [\"mremap\"], \"action\": \"SCMP_ACT_ALLOW\","
        " \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_EQ\", \"value\": 6}]},"
        "{\"names\": [\"mremap\"], \"action\": \"SCMP_ACT_ALLOW\","
        " \"args\": [{\"index\": 1, \"op\": \"SCMP_CMP_EQ\", \"value\": 0},"
        " {\"index\": 0, \"op\": \"SCMP_CMP_NE\", \"value\": 4294967295}]},"
        "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_LOG\"}]}";

/* One check, in which allocation `n` fails. */
static int check_once(size_t n, const struct sc_target *target, const struct sc_profile *profile,
                      const struct sc_decisions *d, const struct sc_outcome *outcome, struct sc_miscompiled *ret_wrong)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        int r;

        allowed = n;
        r = sc_consumer_check(arena, target, profile, &compiler, d, outcome, ret_wrong);
        allowed = SIZE_MAX;
        return r;
}

/* A filter is held against the rules that it was made from. */
static void check_rules(void)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 18);
        SC_CLEANUP(sc_outcome_done) struct sc_outcome outcome = { 0 };
        const struct sc_source source = { "profile", miscompiled, sizeof(miscompiled) - 1 };
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        const struct sc_target target = { .consumer = sc_consumer_find("crun", 4), .native = sc_abi_find("aarch64", 7),
                                          .kernel = SC_KERNEL(6, 1), .table = sc_scmptable_find("debian12", 8) };
        struct sc_miscompiled wrong = { 0 };
        const struct sc_json *root;
        struct sc_profile *profile;
        size_t n = 0, failures = 0;
        int r = -ENOMEM;

        if (!CHECK_INT(sc_json_parse(arena, &source, SC_JSON_FOLD_KEYS, diags, &root), 0) ||
            !CHECK_INT(sc_profile_read(arena, root, diags, &profile), 0) ||
            !CHECK_INT(sc_consumer_decide(arena, &target, profile, &compiler, d, diags, &outcome), 0))
                return;
        for (; r != 1 && n < 1000; n++) {
                r = check_once(n, &target, profile, d, &outcome, &wrong);
                if (r != 1 && (r != -ENOMEM || wrong.witness.abi)) {
                        printf("# failing allocation %zu: %d\n", n, r);
                        failures++;
                }
        }
        printf("# %zu allocations for a check of rules\n", n - 1);
        CHECK_INT(r, 1);
        CHECK(wrong.witness.call == sc_syscall_find("mremap", 6));
        CHECK(n > 15);
        CHECK_INT(failures, 0);
}

/* What two filters and a policy are merged and compared with. */
struct question {
        struct sc_arena *arena;
        struct sc_diags *diags;
        struct sc_decisions *d;
        const struct sc_policy *policy;
        sc_node filter;
};

static const char policy[] = "{\"architectures\": [\"x86_64\", \"x86\"], \"rules\": [{\"allow\": [\"read\"]},"
                             "{\"allow\": [\"socket\"], \"when\": \"family == AF_UNIX\"}]}";

static int merge(const struct question *q, struct sc_strbuf *ret_text)
{
        struct sc_merge_part parts[2] = { { .policy = q->policy }, { .policy = NULL } };
        const struct sc_merge_request request = { .parts = parts, .n_parts = 2, .unite = true, .fixed = true };
        struct sc_merge_result result = { 0 };
        int r;

        for (size_t i = 0; i < SC_ABI_MAX; i++)
                parts[1].nodes[i] = SC_NODE_FAILED;
        parts[1].nodes[sc_abi_find("x86_64", 6)->index] = q->filter;
        r = sc_merge(q->arena, q->d, &request, q->diags, &result);
        *ret_text = result.text;
        return r;
}

static int compare(const struct question *q, struct sc_strbuf *ret_text)
{
        struct sc_compare_place place = { .abi = sc_abi_find("x86_64", 6), .b = q->filter };
        const struct sc_change_group *groups = NULL;
        size_t n = 0;
        int r;

        place.a = sc_policy_decision_in(q->policy, q->d, place.abi, 0, SC_KERNEL(6, 1));
        r = sc_compare_groups(q->arena, q->d, &place, 1, &groups, &n);
        if (groups && n)
                sc_strbuf_printf(ret_text, "%zu", n);
        return r;
}

/* Allocation `n` of one of these fails. */
static int ask_once(size_t n, int (*ask)(const struct question *q, struct sc_strbuf *ret_text), bool *ret_output)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 18);
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf text = SC_STRBUF_INIT;
        struct question q = { .arena = arena, .diags = diags, .d = d };
        sc_node deny = sc_decision_leaf(d, 0x50001), allow = sc_decision_leaf(d, 0x7fff0000);
        int r = sc_policy_load(arena, "policy", policy, sizeof(policy) - 1, NULL, diags, &q.policy);

        if (!CHECK_INT(r, 0))
                return r;
        q.filter = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, 41,
                                  sc_decision_ge(d, SC_WORD_ARG0, 4, allow, deny), deny);
        allowed = n;
        r = ask(&q, &text);
        allowed = SIZE_MAX;
        *ret_output = text.len > 0;
        /* a warning that is lost is told by whoever prints the others */
        return r == 0 && sc_diags_failed(diags) ? -ENOMEM : r;
}

static void check_answers(const char *what, int (*ask)(const struct question *q, struct sc_strbuf *ret_text))
{
        size_t n = 0, failures = 0;
        bool output = false;
        int r = -ENOMEM;

        for (; r != 0 && n < 3000; n++) {
                r = ask_once(n, ask, &output);
                if (r != 0 && r != -ENOMEM) {
                        printf("# failing allocation %zu: %d\n", n, r);
                        failures++;
                }
        }
        printf("# %zu allocations to %s\n", n - 1, what);
        CHECK_INT(r, 0);
        CHECK(output);
        CHECK(n > 15);
        CHECK_INT(failures, 0);
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
        check_program();
        check_rules();
        check_answers("merge", merge);
        check_answers("compare", compare);
        return test_end();
}

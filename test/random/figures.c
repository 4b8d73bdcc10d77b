/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many rules and instructions common conditions take on x86_64, beside the rules that one writes by hand:
 * figures [DOCUMENT]. Prints the table of docs/conditions.md; with that file, every line of the table must be in it.
 *
 * Counted are whole programs for the one call, without runc's stub. By hand means: as found in profiles and guides, on
 * all 64 bits of a register.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "../unit/test.h"
#include "base/file.h"
#include "base/util.h"
#include "decision/decision.h"
#include "emit/emit.h"
#include "raw.h"
#include "verify.h"

#define HAND_MAX 14
#define ALLOW SECCOMP_RET_ALLOW
#define DENY (SECCOMP_RET_ERRNO | EPERM)
#define EQ(index, value) { (index), SC_SCMP_EQ, (value), 0 }
#define NE(index, value) { (index), SC_SCMP_NE, (value), 0 }
#define GE(index, value) { (index), SC_SCMP_GE, (value), 0 }
#define LT(index, value) { (index), SC_SCMP_LT, (value), 0 }
#define MASKED(index, mask, value) { (index), SC_SCMP_MASKED_EQ, (mask), (value) }

/* A rule by hand: one condition, or two that must both hold. */
struct hand {
        struct sc_scmp_arg args[2];
};

struct row {
        const char *call, *verb, *when;
        size_t rules_max, insns_max; /* the design's figures; 0: none */
        struct hand hand[HAND_MAX];  /* with the same verb; the default is the opposite */
        size_t n_hand;
};

#define NS                                                                                                   \
        "(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | "        \
        "CLONE_NEWCGROUP)"
#define TERMINAL                                                                                             \
        "{TCGETS, TCSETS, TCSETSW, TCSETSF, TCSBRK, TCXONC, TCFLSH, TIOCGPGRP, TIOCSPGRP, TIOCGWINSZ, "      \
        "TIOCSWINSZ, "                                                                                       \
        "TIOCOUTQ, TIOCGSID}"

static const struct row rows[] = {
        { "socket", "allow", "family not in {AF_ALG, AF_VSOCK}", 3, 21,
          { { { LT(0, 38) } }, { { EQ(0, 39) } }, { { { 0, SC_SCMP_GT, 40, 0 } } } }, 3 },
        { "socket", "allow", "family != AF_VSOCK", 0, 0, { { { NE(0, 40) } } }, 1 },
        { "socket", "allow", "family in {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}", 0, 0,
          { { { EQ(0, 1) } }, { { EQ(0, 2) } }, { { EQ(0, 10) } }, { { EQ(0, 16) } } }, 4 },
        { "socket", "deny", "family == AF_NETLINK && protocol == 9", 0, 0, { { { EQ(0, 16), EQ(2, 9) } } }, 1 },
        { "socket", "deny", "type & 0xf == SOCK_RAW", 0, 0, { { { EQ(1, 3) } } }, 1 },
        { "clone", "allow", "!(clone_flags & " NS ")", 0, 0, { { { MASKED(0, 0x7e020000, 0) } } }, 1 },
        { "unshare", "deny", "unshare_flags & CLONE_NEWUSER", 0, 0, { { { MASKED(0, 0x10000000, 0x10000000) } } }, 1 },
        { "personality", "allow", "personality in {0, 8, 0x20000, 0x20008, 0xffffffff}", 0, 0,
          { { { EQ(0, 0) } }, { { EQ(0, 8) } }, { { EQ(0, 0x20000) } }, { { EQ(0, 0x20008) } },
            { { EQ(0, 0xffffffff) } } }, 5 },
        { "ioctl", "deny", "cmd in {TIOCSTI, TIOCLINUX}", 0, 0, { { { EQ(1, 0x5412) } }, { { EQ(1, 0x541c) } } }, 2 },
        { "ioctl", "allow", "cmd in " TERMINAL, 9, 40,
          { { { EQ(1, 0x5401) } }, { { EQ(1, 0x5402) } }, { { EQ(1, 0x5403) } }, { { EQ(1, 0x5404) } },
            { { EQ(1, 0x5409) } }, { { EQ(1, 0x540a) } }, { { EQ(1, 0x540b) } }, { { EQ(1, 0x540f) } },
            { { EQ(1, 0x5410) } }, { { EQ(1, 0x5413) } }, { { EQ(1, 0x5414) } }, { { EQ(1, 0x5411) } },
            { { EQ(1, 0x5429) } } }, 13 },
        { "mprotect", "allow", "prot & (PROT_WRITE | PROT_EXEC) != (PROT_WRITE | PROT_EXEC)", 2, 21,
          { { { MASKED(2, 6, 0) } }, { { MASKED(2, 6, 2) } }, { { MASKED(2, 6, 4) } } }, 3 },
        { "mprotect", "deny", "prot & PROT_EXEC", 0, 0, { { { MASKED(2, 4, 4) } } }, 1 },
        { "fchmod", "deny", "mode & (S_ISUID | S_ISGID)", 0, 0,
          { { { MASKED(1, 04000, 04000) } }, { { MASKED(1, 02000, 02000) } } }, 2 },
        { "mknod", "deny", "mode & S_IFMT in {S_IFCHR, S_IFBLK}", 0, 0,
          { { { MASKED(1, 0170000, 0020000) } }, { { MASKED(1, 0170000, 0060000) } } }, 2 },
        { "openat", "allow", "flags & (O_WRONLY | O_RDWR | O_CREAT) == 0", 0, 0, { { { MASKED(2, 0103, 0) } } }, 1 },
        { "fcntl", "allow", "cmd in {F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL}", 0, 0,
          { { { EQ(1, 1030) } }, { { EQ(1, 1) } }, { { EQ(1, 2) } }, { { EQ(1, 3) } }, { { EQ(1, 4) } } }, 5 },
        { "prctl", "deny", "option in {PR_SET_MM, PR_SET_SECCOMP}", 0, 0, { { { EQ(0, 35) } }, { { EQ(0, 22) } } }, 2 },
        { "ptrace", "allow", "request == PTRACE_TRACEME || request in {4..6}", 0, 0,
          { { { EQ(0, 0) } }, { { EQ(0, 4) } }, { { EQ(0, 5) } }, { { EQ(0, 6) } } }, 4 },
        { "kill", "allow", "sig < 32", 0, 0, { { { LT(1, 32) } } }, 1 },
        /* as a file would have them: runc and crun make two rules of two conditions on one argument */
        { "mremap", "allow", "10 <= arg1 && arg1 < 20", 4, 24, { { { GE(1, 10) } }, { { LT(1, 20) } } }, 2 },
        { "mremap", "allow", "arg1 >= 12345678901", 21, 81, { { { GE(1, UINT64_C(12345678901)) } } }, 1 },
        { "mremap", "allow", "arg1 < 12345678901", 0, 0, { { { LT(1, UINT64_C(12345678901)) } } }, 1 },
};

/* What came of one way to write a condition. */
struct figure {
        size_t rules, insns;
        sc_node node;
};

/* The program's decision about one call. */
static sc_node node_of(struct sc_decisions *d, const struct sc_bpf_program *program, const char *call)
{
        const struct sc_abi *abi = sc_abi_find("x86_64", 6);
        struct sc_bpf_fault fault;
        sc_node node;
        uint32_t nr;

        if (sc_bpf_decide(program, d, &node, &fault) < 0 ||
            !sc_syscall_number(sc_syscall_find(call, strlen(call)), abi, &nr))
                return SC_NODE_FAILED;
        node = sc_decision_fix(d, node, SC_WORD_ARCH, abi->audit_arch);
        return sc_decision_fix(d, node, SC_WORD_NR, nr);
}

static int take_program(struct sc_decisions *d, const struct sc_emit_result *built, const char *call,
                        struct figure *figure)
{
        const struct sc_consumer *crun = sc_consumer_find("crun", 4);
        const struct scene scene = {
                .consumer = crun,
                .table = sc_scmptable_find(crun->scmptable, strlen(crun->scmptable)),
                .native = sc_abi_find("x86_64", 6),
                .env = { .kernel = SC_KERNEL(6, 1) },
                .compiler = sc_scmp_library(),
        };
        struct sc_bpf_program program;
        int r = scene_program(&scene, built->text, built->len, &program);

        if (r < 0)
                return r;
        figure->rules = built->n_rules;
        figure->insns = program.len;
        figure->node = node_of(d, &program, call);
        free((void *)(uintptr_t)program.insns);
        return 0;
}

static int build(struct sc_decisions *d, const struct row *row, struct figure *ret_figure)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        SC_CLEANUP(sc_diags_freep) struct sc_diags *diags = sc_diags_new();
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        struct sc_emit_request request = { .format = sc_emit_format_find("crun", 4),
                                           .compiler = sc_scmp_library() };
        struct sc_strbuf text = SC_STRBUF_INIT;
        int r;

        sc_strbuf_printf(&text, "{ \"architectures\": [\"x86_64\"], \"default\": \"errno:ENOSYS\", "
                         "\"newer\": \"errno:ENOSYS\", \"rules\": [ { \"%s\": [\"%s\"], \"when\": \"%s\" }, "
                         "{ \"%s\": [\"%s\"] } ] }", row->verb, row->call, row->when,
                         *row->verb == 'a' ? "deny" : "allow", row->call);
        r = sc_policy_load(arena, "figures.jsonc", text.text, text.len, NULL, diags, &request.policy);
        if (r == 0)
                r = sc_emit_build(arena, &request, diags, &built);
        if (r == 0)
                r = take_program(d, &built, row->call, ret_figure);
        sc_strbuf_done(&text);
        return r;
}

static int by_hand(struct sc_decisions *d, const struct row *row, struct figure *ret_figure)
{
        const struct sc_abi *abi = sc_abi_find("x86_64", 6);
        bool allows = *row->verb == 'a';
        struct sc_scmp_rule rules[HAND_MAX] = { 0 };
        struct sc_scmp_filter filter = { allows ? DENY : ALLOW, &abi, 1, rules, row->n_hand, 1 };
        struct sc_scmp_result result = { 0 };
        struct sc_bpf_program program;
        int r;

        for (size_t i = 0; i < row->n_hand; i++) {
                const struct sc_scmp_arg *args = row->hand[i].args;

                rules[i] = (struct sc_scmp_rule){ row->call, allows ? ALLOW : DENY, 1 + (args[1].op != 0), args };
        }
        r = sc_scmp_compile(&filter, &result);
        r = r ? r : result.error;
        program = (struct sc_bpf_program){ result.insns, result.len, false };
        if (r == 0)
                *ret_figure = (struct figure){ row->n_hand, result.len, node_of(d, &program, row->call) };
        free(result.insns);
        return r;
}

static uint32_t is_looser(uint32_t hand, uint32_t policy)
{
        return hand == ALLOW && policy != ALLOW;
}

/* What the rules by hand do otherwise: first, what they let through. */
static void write_difference(struct sc_decisions *d, const struct figure *policy, const struct figure *hand,
                             struct sc_strbuf *out)
{
        sc_node looser = sc_decision_apply(d, is_looser, hand->node, policy->node);
        struct sc_input in = { 0 };
        const char *comma = "";

        if (hand->node == policy->node) {
                sc_strbuf_puts(out, "the same");
                return;
        }
        if (sc_decision_witness(d, looser, sc_decision_leaf(d, 0), &in)) {
                sc_strbuf_puts(out, "**allows**");
        } else {
                sc_decision_witness(d, hand->node, policy->node, &in);
                sc_strbuf_puts(out, "denies");
        }
        for (unsigned i = 0; i < 6; i++)
                if (in.words[SC_WORD_ARG0 + i]) {
                        sc_strbuf_printf(out, "%s arg%u = %#jx", comma, i, (uintmax_t)in.words[SC_WORD_ARG0 + i]);
                        comma = ",";
                }
        sc_strbuf_puts(out, *comma ? "" : " 0");
}

/* In Markdown, '|' separates columns. */
static void write_escaped(const char *text, struct sc_strbuf *out)
{
        for (; *text; text++) {
                if (*text == '|')
                        sc_strbuf_puts(out, "\\");
                sc_strbuf_append(out, text, 1);
        }
}

static void check_row(const struct row *row, const char *document)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        struct sc_strbuf line = SC_STRBUF_INIT;
        struct figure policy = { 0 }, hand = { 0 };

        if (!CHECK_INT(build(d, row, &policy), 0) || !CHECK_INT(by_hand(d, row, &hand), 0))
                return;
        sc_strbuf_printf(&line, "| %s `%s` | `", row->verb, row->call);
        write_escaped(row->when, &line);
        sc_strbuf_printf(&line, "` | %zu | %zu | %zu | %zu | ", policy.rules, policy.insns, hand.rules, hand.insns);
        write_difference(d, &policy, &hand, &line);
        sc_strbuf_puts(&line, " |\n");
        printf("%s%s", document ? "# " : "", line.text);
        CHECK(policy.node != SC_NODE_FAILED && hand.node != SC_NODE_FAILED);
        if (document)
                CHECK(strstr(document, line.text) != NULL);
        if (row->rules_max) {
                printf("# rules %zu (the prototype of the design: %zu), instructions %zu (%zu)\n", policy.rules,
                       row->rules_max, policy.insns, row->insns_max);
                CHECK(policy.rules <= row->rules_max);
                CHECK(policy.insns <= row->insns_max);
        }
        sc_strbuf_done(&line);
}

int main(int argc, char **argv)
{
        SC_CLEANUP(sc_freep) char *document = NULL;
        size_t len;

        if (argc > 1 && !CHECK_INT(sc_file_read(AT_FDCWD, argv[1], 1024 * 1024, &document, &len), 0))
                return test_end();
        for (size_t i = 0; i < SC_COUNT(rows); i++)
                check_row(&rows[i], document);
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How answers stand to each other, what counts as a difference, and how a witness is written. */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "compare/compare.h"
#include "syscall/syscall.h"
#include "test.h"

#define ERRNO(n) (SECCOMP_RET_ERRNO | (n))
#define ALLOW SECCOMP_RET_ALLOW
#define KILL_PROCESS SECCOMP_RET_KILL_PROCESS
#define KILL_THREAD SECCOMP_RET_KILL_THREAD

static const struct sc_abi *abi_named(const char *name)
{
        return sc_abi_find(name, strlen(name));
}

static void test_effect(void)
{
        static const struct {
                uint32_t action, effect;
        } rows[] = {
                { ALLOW | 7, ALLOW },
                { SECCOMP_RET_LOG | 7, SECCOMP_RET_LOG },
                { SECCOMP_RET_USER_NOTIF | 7, SECCOMP_RET_USER_NOTIF },
                { KILL_THREAD | 7, KILL_THREAD },
                { KILL_PROCESS | 7, KILL_PROCESS },
                { SECCOMP_RET_TRAP | 7, SECCOMP_RET_TRAP | 7 },
                { SECCOMP_RET_TRACE | 7, SECCOMP_RET_TRACE | 7 },
                { ERRNO(7), ERRNO(7) },
                { ERRNO(4095), ERRNO(4095) },
                { ERRNO(4096), ERRNO(4095) },
                { ERRNO(65535), ERRNO(4095) },
                { 0x7ffe0000, KILL_PROCESS }, /* no action of the kernel's */
                { 0x12345678, KILL_PROCESS },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++)
                CHECK_INT(sc_compare_effect(rows[i].action), rows[i].effect);
}

static void test_relate(void)
{
        /* strictest first: linux/seccomp.h */
        static const uint32_t order[] = { KILL_PROCESS, KILL_THREAD, SECCOMP_RET_TRAP, ERRNO(1),
                                          SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_LOG, ALLOW };

        for (size_t i = 0; i < SC_COUNT(order); i++)
                for (size_t k = 0; k < SC_COUNT(order); k++)
                        CHECK_INT(sc_compare_relate(order[i], order[k]),
                                  i == k ? SC_RELATION_SAME : i < k ? SC_RELATION_STRICTER : SC_RELATION_LOOSER);
        CHECK_INT(sc_compare_relate(ERRNO(1), ERRNO(38)), SC_RELATION_OTHER);
        CHECK_INT(sc_compare_relate(ERRNO(4095), ERRNO(5000)), SC_RELATION_SAME);
        CHECK_INT(sc_compare_relate(ALLOW | 1, ALLOW), SC_RELATION_SAME);
        CHECK_INT(sc_compare_relate(0x12340000, KILL_PROCESS), SC_RELATION_SAME);
}

/* What `number` of `arch` gets where word & mask == value; elsewhere 0 is EPERM. */
static sc_node filter(struct sc_decisions *d, const char *abi, const char *call, enum sc_word word, uint64_t mask,
                      uint64_t value, uint32_t action)
{
        sc_node rest = sc_decision_leaf(d, ERRNO(EPERM));
        uint32_t nr = 0;

        CHECK(sc_syscall_number(sc_syscall_find(call, strlen(call)), abi_named(abi), &nr));
        return sc_decision_eq(
                d, SC_WORD_ARCH, UINT32_MAX, abi_named(abi)->audit_arch,
                sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, nr,
                               sc_decision_eq(d, word, mask, value, sc_decision_leaf(d, action), rest), rest),
                rest);
}

static int ask(struct sc_decisions *d, sc_node a, sc_node b, enum sc_compare_question question, const char *abi,
               struct sc_witness *ret)
{
        const struct sc_abi *abis[] = { abi_named(abi) };

        return sc_compare(d, a, b, question, abis, 1, ret);
}

static void test_compare(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(100000);
        sc_node none = sc_decision_leaf(d, ERRNO(EPERM)), other = sc_decision_leaf(d, ERRNO(ENOSYS));
        sc_node af = filter(d, "x86_64", "socket", SC_WORD_ARG0, UINT32_MAX, 0x28, ALLOW);
        struct sc_witness w;

        CHECK_INT(ask(d, af, af, SC_ASK_SAME, "x86_64", &w), 0);
        CHECK_INT(ask(d, none, af, SC_ASK_SUBSET, "x86_64", &w), 0);
        CHECK_INT(ask(d, none, other, SC_ASK_SUBSET, "x86_64", &w), 0);
        CHECK_INT(ask(d, af, none, SC_ASK_SAME, "aarch64", &w), 0);
        CHECK_INT(ask(d, af, none, SC_ASK_SUBSET, "x86_64", &w), 1);
        CHECK_INT(w.nr, 41);
        CHECK_INT(w.args[0], 0x28);
        CHECK_INT(w.tested[0], UINT32_MAX);
        CHECK_INT(w.tested[1], 0);
        CHECK_INT(w.a, ALLOW);
        CHECK_INT(w.b, ERRNO(EPERM));
        CHECK_INT(sc_decision_eval(d, af, &w.input), ALLOW);
        /* a call that one side lets through is told before another errno of a lower number */
        CHECK_INT(ask(d, af, other, SC_ASK_SAME, "x86_64", &w), 1);
        CHECK_INT(w.nr, 41);
        CHECK_INT(ask(d, none, other, SC_ASK_SAME, "x86_64", &w), 1);
        CHECK_INT(w.nr, 0);
        CHECK_INT(sc_decisions_error(d), 0);
}

static sc_node at_number(struct sc_decisions *d, uint32_t nr)
{
        return sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, nr, sc_decision_leaf(d, ALLOW),
                              sc_decision_leaf(d, ERRNO(EPERM)));
}

/* Numbers: whose they are, and those that no filter is asked about. */
static void test_numbers(void)
{
        static const struct {
                const char *abi;
                uint32_t nr;
                int differs;
        } rows[] = {
                { "x86_64", 334, 1 }, { "x86_64", 335, 0 }, { "x86_64", 336, 0 },
                { "x86_64", 337, 1 }, { "aarch64", 335, 1 }, { "x86_64", 600, 1 },
                { "x86_64", 0x3fffffff, 1 }, { "x86_64", 0x40000000, 0 }, { "x32", 0x40000000, 1 },
                { "x32", 0x3fffffff, 0 }, { "x86_64", 0xffffffff, 1 }, { "x32", 0xffffffff, 0 },
                { "x86", 0xffffffff, 1 }, { "x32", 0xfffffffe, 1 },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(100000);
                sc_node none = sc_decision_leaf(d, ERRNO(EPERM));
                struct sc_witness w = { 0 };

                CHECK_INT(ask(d, at_number(d, rows[i].nr), none, SC_ASK_SAME, rows[i].abi, &w), rows[i].differs);
                if (rows[i].differs)
                        CHECK_INT(w.nr, rows[i].nr);
        }
}

/* A run of numbers that is not the ABI's at its ends. */
static void test_runs(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(100000);
        sc_node none = sc_decision_leaf(d, ERRNO(EPERM)), allow = sc_decision_leaf(d, ALLOW);
        sc_node high = sc_decision_ge(d, SC_WORD_NR, 0x3fffff00, allow, none);
        sc_node probes = sc_decision_ge(d, SC_WORD_NR, 335, sc_decision_ge(d, SC_WORD_NR, 337, none, allow), none);
        sc_node more = sc_decision_ge(d, SC_WORD_NR, 335, sc_decision_ge(d, SC_WORD_NR, 338, none, allow), none);
        struct sc_witness w;

        CHECK_INT(ask(d, high, none, SC_ASK_SAME, "x86_64", &w), 1);
        CHECK_INT(w.nr, 0x3fffff00);
        CHECK_INT(ask(d, high, none, SC_ASK_SAME, "x32", &w), 1);
        CHECK_INT(w.nr, 0x40000000);
        CHECK_INT(ask(d, probes, none, SC_ASK_SAME, "x86_64", &w), 0);
        CHECK_INT(ask(d, more, none, SC_ASK_SAME, "x86_64", &w), 1);
        CHECK_INT(w.nr, 337);
        CHECK_INT(w.call, -1);
}

/* The upper half of an argument is there where registers have one, or seem to. */
static void test_halves(void)
{
        static const struct {
                const char *abi;
                int differs;
        } rows[] = { { "x86_64", 1 }, { "x32", 1 }, { "x86", 1 }, { "arm", 0 }, { "s390", 0 }, { "mips", 1 } };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(100000);
                sc_node high = filter(d, rows[i].abi, "personality", SC_WORD_ARG0, UINT64_C(1) << 40,
                                      UINT64_C(1) << 40, ALLOW);
                struct sc_witness w;

                CHECK_INT(ask(d, high, sc_decision_leaf(d, ERRNO(EPERM)), SC_ASK_SAME, rows[i].abi, &w),
                          rows[i].differs);
        }
}

static void test_limit(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(40);
        sc_node a = at_number(d, 1);
        struct sc_witness w;

        CHECK_INT(sc_decisions_error(d), 0);
        CHECK_INT(ask(d, a, at_number(d, 77), SC_ASK_SAME, "x86_64", &w), -E2BIG);
}

static struct sc_witness witness(const char *abi, const char *call, unsigned arg, uint64_t value)
{
        struct sc_witness w = { .abi = abi_named(abi), .call = sc_syscall_find(call, strlen(call)) };

        if (w.call < 0 || !sc_syscall_number(w.call, w.abi, &w.nr))
                w.nr = 500;
        w.args[arg] = value;
        w.tested[arg] = UINT64_MAX;
        return w;
}

static void test_format(void)
{
        static const struct {
                const char *abi, *call;
                unsigned arg;
                uint64_t value;
                const char *text, *question;
        } rows[] = {
                { "x86_64", "socket", 0, 0x28, "x86_64 socket(family=0x28 AF_VSOCK)", "x86_64 socket 0x28" },
                { "x86_64", "socket", 0, 1, "x86_64 socket(family=0x1 AF_UNIX)", "x86_64 socket 0x1" },
                { "x86_64", "socket", 0, UINT64_C(0x100000028),
                  "x86_64 socket(family=0x100000028 (the kernel reads AF_VSOCK))", "x86_64 socket 0x100000028" },
                { "x86_64", "socket", 2, UINT64_C(0x500000007),
                  "x86_64 socket(protocol=0x500000007 (the kernel reads 0x7))", "x86_64 socket 0 0 0x500000007" },
                { "x86_64", "clone", 0, 0x10000000, "x86_64 clone(clone_flags=0x10000000 CLONE_NEWUSER)",
                  "x86_64 clone 0x10000000" },
                { "s390x", "clone", 1, 0x10000000, "s390x clone(clone_flags=0x10000000 CLONE_NEWUSER)",
                  "s390x clone 0 0x10000000" },
                { "x86", "pread64", 3, 5, "x86 pread64(pos:low=0x5)", "x86 pread64 0 0 0 0x5" },
                { "x86", "pread64", 4, 5, "x86 pread64(pos:high=0x5)", "x86 pread64 0 0 0 0 0x5" },
                { "x86_64", "getpid", 3, 5, "x86_64 getpid(arg3=0x5)", "x86_64 getpid 0 0 0 0x5" },
                { "x86_64", "nothing", 0, 0, "x86_64 #500(arg0=0)", "x86_64 #500" },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct sc_witness w = witness(rows[i].abi, rows[i].call, rows[i].arg, rows[i].value);
                struct sc_strbuf text = SC_STRBUF_INIT, question = SC_STRBUF_INIT;

                sc_witness_format(&w, &text);
                sc_witness_question(&w, &question);
                CHECK_STR(text.text, rows[i].text);
                CHECK_STR(question.text, rows[i].question);
                sc_strbuf_done(&text);
                sc_strbuf_done(&question);
        }
}

static void test_format_none(void)
{
        struct sc_witness w = witness("x32", "read", 0, 0);
        struct sc_strbuf text = SC_STRBUF_INIT;

        w.tested[0] = 0;
        sc_witness_format(&w, &text);
        CHECK_STR(text.text, "x32 read");
        sc_strbuf_done(&text);
}

static void test_write(void)
{
        struct sc_json_writer *json = sc_json_writer_new(SC_JSON_COMPACT);
        struct sc_witness w = witness("x86_64", "socket", 0, 0x28);
        char *text = NULL;
        size_t len;

        sc_json_write_object(json);
        sc_witness_write(&w, json);
        sc_json_write_object_end(json);
        CHECK_INT(sc_json_writer_finish(json, &text, &len), 0);
        CHECK_STR(text, "{\"abi\":\"x86_64\",\"number\":41,\"call\":\"socket\",\"arguments\":[{\"index\":0,"
                        "\"name\":\"family\",\"value\":\"0x28\",\"tested\":\"0xffffffffffffffff\","
                        "\"constant\":\"AF_VSOCK\"}],\"question\":\"x86_64 socket 0x28\"}");
        free(text);
        sc_json_writer_free(json);
}

int main(void)
{
        test_effect();
        test_relate();
        test_compare();
        test_numbers();
        test_runs();
        test_halves();
        test_limit();
        test_format();
        test_format_none();
        test_write();
        return test_end();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's filter in the interpreter, answers as text and against effects, vectors, questions that are read. */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "bpf/bpf.h"
#include "probe/answer.h"
#include "probe/gate.h"
#include "probe/questions.h"
#include "probe/vectors.h"
#include "test.h"

static const struct sc_abi *abi_named(const char *name)
{
        return sc_abi_find(name, strlen(name));
}

/* What the filter says to a call from this address; the words are those of a little- or big-endian machine. */
static uint32_t asked_from(const struct sc_bpf_program *gate, uint64_t pointer)
{
        const uint64_t args[6] = { 0 };
        struct sc_bpf_data data = sc_bpf_data_make(abi_named("x86_64")->audit_arch, 1, args, gate->big_endian);

        memcpy(&data.words[2], &pointer, sizeof(pointer));
        return sc_bpf_run(gate, &data);
}

static void test_gate(void)
{
        struct sock_filter insns[SC_GATE_INSNS];
        struct sc_bpf_program gate = { insns, sc_gate_filter(SECCOMP_RET_ERRNO | SC_GATE_ERRNO, insns),
                                       __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };
        const uint64_t inside[] = { SC_GATE_ADDRESS, SC_GATE_ADDRESS + 1, SC_GATE_ADDRESS + SC_GATE_SIZE - 1 };
        const uint64_t outside[] = { 0, SC_GATE_ADDRESS - 1, SC_GATE_ADDRESS + SC_GATE_SIZE, UINT32_MAX, UINT64_MAX,
                                     UINT64_C(1) << 32 | SC_GATE_ADDRESS, UINT64_C(1) << 63 | SC_GATE_ADDRESS };
        struct sc_bpf_fault fault;

        CHECK_INT(sc_bpf_check(&gate, &fault), 0);
        for (size_t i = 0; i < SC_COUNT(inside); i++)
                CHECK_INT(asked_from(&gate, inside[i]), SECCOMP_RET_ERRNO | SC_GATE_ERRNO);
        for (size_t i = 0; i < SC_COUNT(outside); i++)
                CHECK_INT(asked_from(&gate, outside[i]), SECCOMP_RET_ALLOW);
        gate.len = sc_gate_filter(SECCOMP_RET_USER_NOTIF, insns);
        CHECK_INT(asked_from(&gate, SC_GATE_ADDRESS), SECCOMP_RET_USER_NOTIF);
}

#define ALL_LOOSE (SC_MAY_ALLOW | SC_MAY_LOG | SC_MAY_TRACE | SC_MAY_NOTIFY)

static void test_write(void)
{
        static const struct {
                unsigned may, error;
                const char *action;
        } rows[] = {
                { SC_MAY_ALLOW, 0, "allow" },
                { SC_MAY_ERRNO, 0, "errno 0" },
                { SC_MAY_ERRNO, 4095, "errno 4095" },
                { SC_MAY_TRAP, 0, "trap" },
                { SC_MAY_KILL_THREAD | SC_MAY_KILL_PROCESS, 0, "kill-thread or kill-process" },
                { SC_MAY_NOTIFY, 0, "notify" },
                { ALL_LOOSE, 0, "allow or log or trace or notify" },
                { ALL_LOOSE | SC_MAY_ERRNO, 38, "allow or log or trace or notify or errno 38" },
        };
        struct sc_answer answer = { abi_named("x32"), 0x40000029, { 1, 0, UINT64_MAX, 0, 5, 0 }, 0, 0 };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct sc_strbuf out = SC_STRBUF_INIT, want = SC_STRBUF_INIT;

                answer.may = rows[i].may;
                answer.error = rows[i].error;
                sc_answer_write(&answer, &out);
                sc_strbuf_printf(&want, "{\"abi\":\"x32\",\"nr\":1073741865,\"args\":[1,0,18446744073709551615,0,5,0],"
                                        "\"action\":\"%s\"}\n", rows[i].action);
                CHECK_STR(out.text, want.text);
                sc_strbuf_done(&out);
                sc_strbuf_done(&want);
        }
}

static void test_agrees(void)
{
        static const struct {
                unsigned may, error;
                uint32_t effect;
                bool agrees;
        } rows[] = {
                { SC_MAY_ALLOW, 0, SECCOMP_RET_ALLOW, true },
                { SC_MAY_ALLOW, 0, SECCOMP_RET_LOG, false },
                { ALL_LOOSE, 0, SECCOMP_RET_LOG, true },
                { ALL_LOOSE, 0, SECCOMP_RET_TRACE | 7, true },
                { ALL_LOOSE, 0, SECCOMP_RET_USER_NOTIF, true },
                { ALL_LOOSE, 0, SECCOMP_RET_ERRNO | 1, false },
                { ALL_LOOSE, 0, SECCOMP_RET_ERRNO | SC_GATE_ERRNO, true },
                { ALL_LOOSE, 0, SECCOMP_RET_KILL_PROCESS, false },
                { SC_MAY_NOTIFY, 0, SECCOMP_RET_ERRNO | SC_GATE_ERRNO, false },
                { SC_MAY_ERRNO, 1, SECCOMP_RET_ERRNO | 1, true },
                { SC_MAY_ERRNO, 1, SECCOMP_RET_ERRNO | 2, false },
                { SC_MAY_ERRNO, 1, SECCOMP_RET_ALLOW, false },
                { SC_MAY_ERRNO, 0, SECCOMP_RET_ERRNO, true },
                { ALL_LOOSE | SC_MAY_ERRNO, 38, SECCOMP_RET_ERRNO | 38, true },
                { ALL_LOOSE | SC_MAY_ERRNO, 38, SECCOMP_RET_ERRNO | 1, false },
                { SC_MAY_TRAP, 0, SECCOMP_RET_TRAP | 3, true },
                { SC_MAY_KILL_THREAD, 0, SECCOMP_RET_KILL_PROCESS, false },
                { SC_MAY_KILL_THREAD | SC_MAY_KILL_PROCESS, 0, SECCOMP_RET_KILL_PROCESS, true },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                const struct sc_answer answer = { .may = rows[i].may, .error = rows[i].error };

                CHECK_INT(sc_answer_agrees(&answer, rows[i].effect), rows[i].agrees);
        }
}

static void test_vectors(void)
{
        size_t n = sc_vector_count();

        CHECK(n >= 24);
        CHECK(!sc_vector_at(n));
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < i; k++)
                        if (!memcmp(sc_vector_at(i), sc_vector_at(k), 6 * sizeof(uint64_t)))
                                CHECK_INT(i, k); /* the same twice asks nothing new */
}

static void test_questions(void)
{
        static const struct {
                const char *line;
                int r;
                const char *abi;
                uint32_t nr;
                uint64_t args[6];
        } rows[] = {
                { "x86_64 read", 1, "x86_64", 0, { 0 } },
                { " amd64\tsocket 0x28  1 -1\r", 1, "x86_64", 41, { 40, 1, UINT64_MAX } },
                { "x32 read", 1, "x32", 0x40000000, { 0 } },
                { "x86 #4294967295 1 2 3 4 5 6", 1, "x86", UINT32_MAX, { 1, 2, 3, 4, 5, 6 } },
                { "x86_64 read 18446744073709551615 0xffffffffffffffff", 1, "x86_64", 0, { UINT64_MAX, UINT64_MAX } },
                { "", 0, NULL, 0, { 0 } },
                { " \t\r", 0, NULL, 0, { 0 } },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct sc_question q = { 0 };
                struct sc_question_problem problem;

                if (!CHECK_INT(sc_question_read(rows[i].line, strlen(rows[i].line), &q, &problem), rows[i].r))
                        printf("# %s\n", rows[i].line);
                if (rows[i].r <= 0)
                        continue;
                CHECK_STR(q.abi->name, rows[i].abi);
                CHECK_INT(q.nr, rows[i].nr);
                CHECK(!memcmp(q.args, rows[i].args, sizeof(q.args)));
        }
}

static void test_question_problems(void)
{
        static const struct {
                const char *line;
                enum sc_question_fault fault;
                const char *word, *abi;
        } rows[] = {
                { "x86_64", SC_QUESTION_NO_CALL, "", "x86_64" },
                { "x68_64 read", SC_QUESTION_ABI, "x68_64", NULL },
                { "x86_64 reed 1", SC_QUESTION_CALL, "reed", "x86_64" },
                { "amd64 socketcall", SC_QUESTION_ABSENT, "socketcall", "x86_64" },
                { "x86_64 #4294967296", SC_QUESTION_NUMBER, "#4294967296", "x86_64" },
                { "x86_64 #", SC_QUESTION_NUMBER, "#", "x86_64" },
                { "x86 read 1 2 3 4 5 6 7", SC_QUESTION_ARGUMENTS, "7", "x86" },
                { "x86_64 read 18446744073709551616", SC_QUESTION_ARGUMENT, "18446744073709551616", "x86_64" },
                { "x86_64 read 0x", SC_QUESTION_ARGUMENT, "0x", "x86_64" },
                { "x86_64 read 1x 2", SC_QUESTION_ARGUMENT, "1x", "x86_64" },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                struct sc_question_problem problem = { 0 };
                struct sc_question q = { .nr = 7 };

                CHECK_INT(sc_question_read(rows[i].line, strlen(rows[i].line), &q, &problem), -EINVAL);
                CHECK_INT(q.nr, 7); /* untouched */
                CHECK_INT(problem.fault, rows[i].fault);
                CHECK_INT(problem.len, strlen(rows[i].word));
                CHECK(problem.word && !strncmp(problem.word, rows[i].word, problem.len));
                CHECK_STR(problem.abi ? problem.abi->name : "none", rows[i].abi ? rows[i].abi : "none");
                CHECK(*sc_question_fault_text(problem.fault));
        }
}

static void test_arguments(void)
{
        uint64_t args[6] = { 0 };

        CHECK(sc_question_arguments("1,0x10", 6, args) && args[0] == 1 && args[1] == 16 && args[5] == 0);
        CHECK(sc_question_arguments("1,2,3,4,5,6", 11, args) && args[5] == 6);
        CHECK(!sc_question_arguments("1,2,3,4,5,6,7", 13, args));
        CHECK(!sc_question_arguments("", 0, args));
        CHECK(!sc_question_arguments("1,", 2, args));
        CHECK(args[5] == 6);
}

int main(void)
{
        test_gate();
        test_write();
        test_agrees();
        test_vectors();
        test_questions();
        test_question_problems();
        test_arguments();
        return test_end();
}

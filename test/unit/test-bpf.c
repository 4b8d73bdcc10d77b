/* SPDX-License-Identifier: Apache-2.0 */
/* The checker and interpreter by rows; symbolic execution against the interpreter: random programs, libseccomp's. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "bpf/bpf.h"
#include "bpf/scmp.h"
#include "test.h"

static uint64_t rng_state = 0xb0f;

static uint64_t rng(void)
{
        rng_state ^= rng_state << 13;
        rng_state ^= rng_state >> 7;
        rng_state ^= rng_state << 17;
        return rng_state;
}

#define LOAD(k) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, k)
#define RET(k) BPF_STMT(BPF_RET | BPF_K, k)

static uint32_t run(const struct sock_filter *insns, size_t len, uint32_t nr)
{
        const struct sc_bpf_program program = { .insns = insns, .len = len };
        const uint64_t args[6] = { 0x1122334455667788 };
        struct sc_bpf_data data = sc_bpf_data_make(AUDIT_ARCH_X86_64, nr, args, false);
        struct sc_bpf_fault fault;

        return sc_bpf_check(&program, &fault) == 0 ? sc_bpf_run(&program, &data) : 0xbad;
}

#define RUN(nr, ...)                                                            \
        run((const struct sock_filter[]){ __VA_ARGS__ },                        \
            SC_COUNT(((const struct sock_filter[]){ __VA_ARGS__ })), nr)

static void test_interpreter(void)
{
        const struct sock_filter ret_a = BPF_STMT(BPF_RET | BPF_A, 0);

        CHECK_INT(RUN(41, LOAD(0), ret_a), 41);
        CHECK_INT(RUN(41, LOAD(4), ret_a), AUDIT_ARCH_X86_64);
        CHECK_INT(RUN(41, LOAD(16), ret_a), 0x55667788);
        CHECK_INT(RUN(41, LOAD(20), ret_a), 0x11223344);
        CHECK_INT(RUN(41, BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), ret_a), 64);
        CHECK_INT(RUN(41, LOAD(0), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 42), ret_a), UINT32_MAX);
        CHECK_INT(RUN(41, LOAD(0), BPF_STMT(BPF_ALU | BPF_NEG, 0), ret_a), (uint32_t)-41);
        CHECK_INT(RUN(41, LOAD(0), BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0), ret_a),
                  1681);
        CHECK_INT(RUN(41, LOAD(0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), ret_a), 0);
        CHECK_INT(RUN(41, LOAD(0), BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LDX | BPF_MEM, 3), BPF_STMT(BPF_MISC | BPF_TXA, 0),
                      ret_a),
                  41);
        CHECK_INT(RUN(41, LOAD(0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 8, 0, 1), RET(1), RET(2)), 1);
        CHECK_INT(RUN(41, LOAD(0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 41, 0, 1), RET(1), RET(2)), 2);
        CHECK_INT(RUN(41, LOAD(0), BPF_STMT(BPF_JMP | BPF_JA, 1), RET(1), RET(2)), 2);
}

static void test_checker(void)
{
        CHECK_INT(RUN(0, LOAD(0)), 0xbad);                                             /* no return */
        CHECK_INT(RUN(0, LOAD(64), RET(0)), 0xbad);                                    /* beyond the data */
        CHECK_INT(RUN(0, LOAD(2), RET(0)), 0xbad);                                     /* not aligned */
        CHECK_INT(RUN(0, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), RET(0)), 0xbad); /* beyond the end */
        CHECK_INT(RUN(0, BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX), RET(0)), 0xbad);
        CHECK_INT(RUN(0, BPF_STMT(BPF_LD | BPF_MEM, 3), RET(0)), 0xbad); /* nothing stored */
        CHECK_INT(RUN(0, BPF_STMT(BPF_ST, 16), RET(0)), 0xbad);
        CHECK_INT(RUN(0, BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET(0)), 0xbad);
        CHECK_INT(RUN(0, BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RET(0)), 0xbad);
        CHECK_INT(RUN(0, BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RET(0)), 0xbad);
        /* a return counts as a way to what is behind it */
        CHECK_INT(RUN(0, LOAD(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), RET(7), BPF_STMT(BPF_ST, 0), RET(0),
                      BPF_STMT(BPF_LD | BPF_MEM, 0), RET(0)),
                  0);
        CHECK_INT(RUN(0, LOAD(0), RET(7), BPF_STMT(BPF_LD | BPF_MEM, 0), RET(0)), 0xbad);
        CHECK_INT(run(NULL, 0, 0), 0xbad);
}

static struct sock_filter random_insn(size_t left)
{
        static const uint32_t constants[] = { 0, 1, 41, 0xff, 0x40000000, 0x80000000, UINT32_MAX, AUDIT_ARCH_X86_64 };
        uint32_t k = rng() % 4 ? constants[rng() % SC_COUNT(constants)] : (uint32_t)rng();
        uint8_t jt = (uint8_t)(rng() % (left < 250 ? left : 250)), jf = (uint8_t)(rng() % (left < 250 ? left : 250));

        switch (rng() % 10) {
        case 0:
                return (struct sock_filter)LOAD(rng() % 2 ? 0 : 4);
        case 1:
        case 2:
                return (struct sock_filter)LOAD((uint32_t)(16 + 4 * (rng() % 12)));
        case 3:
                return (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, k);
        case 4:
                return (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, jt);
        case 5:
                return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, k, jt, jf);
        case 6:
                return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, k, jt, jf);
        case 7:
                return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, k, jt, jf);
        case 8:
                return left < 8 ? (struct sock_filter)RET(k) : (struct sock_filter)LOAD(0);
        default:
                return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, jt, jf);
        }
}

/* Inputs near the constants of the program. */
static struct sc_input near_input(const struct sc_bpf_program *program)
{
        struct sc_input in = { 0 };

        for (int w = SC_WORD_ARCH; w < SC_WORD_COUNT; w++) {
                uint64_t high = program->insns[rng() % program->len].k, low = program->insns[rng() % program->len].k;

                in.words[w] = rng() % 4 ? high << 32 | (uint32_t)(low + rng() % 3 - 1) : rng();
                if (w <= SC_WORD_NR)
                        in.words[w] &= UINT32_MAX;
        }
        return in;
}

static bool agrees(const struct sc_bpf_program *program, const struct sc_decisions *d, sc_node node, unsigned inputs)
{
        for (unsigned i = 0; i < inputs; i++) {
                struct sc_input in = near_input(program);
                struct sc_bpf_data data =
                        sc_bpf_data_make((uint32_t)in.words[SC_WORD_ARCH], (uint32_t)in.words[SC_WORD_NR],
                                         &in.words[SC_WORD_ARG0], program->big_endian);

                if (sc_bpf_run(program, &data) != sc_decision_eval(d, node, &in))
                        return false;
        }
        return true;
}

static void test_random_programs(void)
{
        unsigned wrong = 0, limited = 0;

        printf("# seed %#" PRIx64 "\n", rng_state);
        for (unsigned round = 0; round < 2000 && !wrong; round++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 18);
                struct sock_filter insns[40];
                struct sc_bpf_program program = { .insns = insns, .len = 2 + rng() % 38, .big_endian = rng() % 2 };
                struct sc_bpf_fault fault = { 0 };
                sc_node node;
                int r;

                for (size_t i = 0; i + 1 < program.len; i++)
                        insns[i] = random_insn(program.len - 1 - i);
                insns[program.len - 1] = (struct sock_filter)RET((uint32_t)rng() % 5);
                r = sc_bpf_decide(&program, d, &node, &fault);
                limited += r == -E2BIG;
                wrong += r != -E2BIG && (r < 0 || !agrees(&program, d, node, 500));
                for (size_t i = 0; wrong && i < program.len; i++)
                        printf("# %zu: %#x jt %u jf %u k %#x (%s at %zu)\n", i, insns[i].code, insns[i].jt, insns[i].jf,
                               insns[i].k, fault.what ? fault.what : "", fault.at);
        }
        printf("# %u of 2000 programs hit the limit of nodes\n", limited);
        CHECK_INT(wrong, 0);
        CHECK(limited < 100);
}

/* What symbolic execution and the interpreter make of a program for `nr`; 0xbad if they differ or one refuses. */
static uint32_t follow(const struct sock_filter *insns, size_t len, uint32_t nr)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 18);
        const struct sc_bpf_program program = { .insns = insns, .len = len };
        struct sc_input in = { .words = { [SC_WORD_ARCH] = AUDIT_ARCH_X86_64,
                                          [SC_WORD_NR] = nr,
                                          [SC_WORD_ARG0] = 0x1122334455667788 } };
        struct sc_bpf_fault fault;
        sc_node node;

        if (sc_bpf_decide(&program, d, &node, &fault) < 0)
                return 0xbad;
        return sc_decision_eval(d, node, &in) == run(insns, len, nr) ? run(insns, len, nr) : 0xbad;
}

#define FOLLOW(nr, ...)                                                         \
        follow((const struct sock_filter[]){ __VA_ARGS__ },                     \
               SC_COUNT(((const struct sock_filter[]){ __VA_ARGS__ })), nr)

#define ALU(op, k) BPF_STMT(BPF_ALU | (op), k)
#define TAX BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define TXA BPF_STMT(BPF_MISC | BPF_TXA, 0)
#define LOW(bits) ALU(BPF_AND | BPF_K, (1u << (bits)) - 1)

static void test_every_instruction(void)
{
        const struct sock_filter ret_a = BPF_STMT(BPF_RET | BPF_A, 0);

        CHECK_INT(FOLLOW(41, LOAD(0), LOW(8), ret_a), 41);
        CHECK_INT(FOLLOW(300, LOAD(0), LOW(8), ALU(BPF_OR | BPF_K, SECCOMP_RET_ERRNO), ret_a),
                  SECCOMP_RET_ERRNO | 44);
        CHECK_INT(FOLLOW(41, LOAD(0), LOW(8), ALU(BPF_ADD | BPF_K, UINT32_MAX), ret_a), 40);
        CHECK_INT(FOLLOW(41, LOAD(0), LOW(8), ALU(BPF_SUB | BPF_K, 42), ret_a), UINT32_MAX);
        CHECK_INT(FOLLOW(41, LOAD(0), LOW(8), ALU(BPF_NEG, 0), ret_a), (uint32_t)-41);
        CHECK_INT(FOLLOW(41, LOAD(0), LOW(8), ALU(BPF_XOR | BPF_K, 1), ret_a), 40);
        CHECK_INT(FOLLOW(41, LOAD(0), LOW(8), ALU(BPF_MUL | BPF_K, 1000), ret_a), 41000);
        CHECK_INT(FOLLOW(41, LOAD(0), LOW(8), TAX, ALU(BPF_MUL | BPF_X, 0), ret_a), 1681);
        CHECK_INT(FOLLOW(41, LOAD(0), LOW(8), ALU(BPF_DIV | BPF_K, 10), ret_a), 4);
        CHECK_INT(FOLLOW(41, LOAD(0), LOW(8), TAX, LOAD(16), LOW(4), ALU(BPF_DIV | BPF_X, 0), ret_a), 0);
        CHECK_INT(FOLLOW(3, LOAD(0), LOW(2), TAX, LOAD(16), LOW(4), ALU(BPF_DIV | BPF_X, 0), ret_a), 2);
        CHECK_INT(FOLLOW(0, LOAD(0), TAX, BPF_STMT(BPF_LD | BPF_IMM, 1), ALU(BPF_DIV | BPF_X, 0), RET(5)), 0);
        CHECK_INT(FOLLOW(7, LOAD(0), TAX, BPF_STMT(BPF_LD | BPF_IMM, 1), ALU(BPF_DIV | BPF_X, 0), RET(5)), 5);
        CHECK_INT(FOLLOW(33, LOAD(0), TAX, BPF_STMT(BPF_LD | BPF_IMM, 3), ALU(BPF_LSH | BPF_X, 0), ret_a), 6);
        CHECK_INT(FOLLOW(33, LOAD(0), TAX, BPF_STMT(BPF_LD | BPF_IMM, 6), ALU(BPF_RSH | BPF_X, 0), ret_a), 3);
        CHECK_INT(FOLLOW(9, LOAD(0), LOW(4), ALU(BPF_LSH | BPF_K, 28), ret_a), 0x90000000);
        CHECK_INT(FOLLOW(41, LOAD(0), BPF_STMT(BPF_ST, 3), LOAD(4), BPF_STMT(BPF_LDX | BPF_MEM, 3), TXA, LOW(8), ret_a),
                  41);
        CHECK_INT(FOLLOW(41, BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_STX, 0),
                         BPF_STMT(BPF_LD | BPF_MEM, 0), ret_a),
                  64);
        CHECK_INT(FOLLOW(41, BPF_STMT(BPF_LDX | BPF_IMM, 41), LOAD(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
                         RET(1), RET(2)),
                  1);
        CHECK_INT(FOLLOW(42, BPF_STMT(BPF_LDX | BPF_IMM, 41), LOAD(0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 1),
                         RET(1), RET(2)),
                  1);
}

/* What was compared before bounds what is computed behind it. */
static void test_bounded_by_branches(void)
{
        const struct sock_filter ret_a = BPF_STMT(BPF_RET | BPF_A, 0);

        CHECK_INT(FOLLOW(41, LOAD(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 41, 0, 1), ret_a, RET(1)), 41);
        CHECK_INT(FOLLOW(42, LOAD(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 41, 0, 1), ret_a, RET(1)), 1);
        CHECK_INT(FOLLOW(99, LOAD(0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 100, 5, 0), TAX, ALU(BPF_MUL | BPF_X, 0), TAX,
                         ALU(BPF_MUL | BPF_X, 0), ret_a, RET(3)),
                  96059601);
        CHECK_INT(FOLLOW(9, LOAD(0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 100, 4, 0), TAX,
                         BPF_STMT(BPF_LD | BPF_IMM, 1000), ALU(BPF_DIV | BPF_X, 0), ret_a, RET(3)),
                  111);
        CHECK_INT(FOLLOW(0, LOAD(0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 100, 4, 0), TAX,
                         BPF_STMT(BPF_LD | BPF_IMM, 1000), ALU(BPF_DIV | BPF_X, 0), ret_a, RET(3)),
                  0);
}

/* The instruction pointer may be loaded where it makes no difference. */
static void test_pointer(void)
{
        CHECK_INT(FOLLOW(41, LOAD(8), LOAD(0), LOW(8), BPF_STMT(BPF_RET | BPF_A, 0)), 41);
        CHECK_INT(FOLLOW(41, LOAD(8), BPF_STMT(BPF_ST, 0), TAX, ALU(BPF_XOR | BPF_X, 0),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RET(1), RET(2)),
                  1);
        CHECK_INT(FOLLOW(41, LOAD(8), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RET(1), RET(1)), 1);
        CHECK_INT(FOLLOW(41, LOAD(8), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RET(1), RET(2)), 0xbad);
        CHECK_INT(FOLLOW(41, LOAD(12), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 0x7fff, 0, 1), RET(1), RET(2)), 0xbad);
}

static int fails_at(const struct sock_filter *insns, size_t len, size_t limit, size_t at)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(limit);
        struct sc_bpf_fault fault = { .at = SIZE_MAX };
        sc_node node;
        int r = sc_bpf_decide(&(struct sc_bpf_program){ .insns = insns, .len = len }, d, &node, &fault);

        CHECK_INT(fault.at, at);
        CHECK_INT(sc_decisions_error(d), 0); /* the caller's arena is as it was */
        return r;
}

static void test_cannot_follow(void)
{
        const struct sock_filter pointer[] = { LOAD(0), LOAD(8), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1), RET(1),
                                               RET(0) };
        const struct sock_filter product[] = { LOAD(16), TAX, LOAD(24), ALU(BPF_MUL | BPF_X, 0),
                                               BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 41, 0, 1), RET(1), RET(0) };
        const struct sock_filter same[] = { LOAD(16), TAX, LOAD(24), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
                                            RET(1), RET(0) };
        const struct sock_filter all[] = { LOAD(16), BPF_STMT(BPF_RET | BPF_A, 0) };

        CHECK_INT(fails_at(pointer, SC_COUNT(pointer), 1 << 18, 1), -EOPNOTSUPP);
        CHECK_INT(fails_at(product, SC_COUNT(product), 1 << 18, 3), -EOPNOTSUPP);
        CHECK_INT(fails_at(same, SC_COUNT(same), 1 << 18, 3), -EOPNOTSUPP);
        CHECK_INT(fails_at(all, SC_COUNT(all), 1 << 18, 1), -EOPNOTSUPP);
        CHECK_INT(fails_at(all, 1, 1 << 18, 0), -EINVAL);
}

static void test_effects(void)
{
        CHECK_INT(sc_bpf_effect(SECCOMP_RET_ALLOW | 7), SECCOMP_RET_ALLOW);
        CHECK_INT(sc_bpf_effect(SECCOMP_RET_LOG | 7), SECCOMP_RET_LOG);
        CHECK_INT(sc_bpf_effect(SECCOMP_RET_KILL_THREAD | 7), SECCOMP_RET_KILL_THREAD);
        CHECK_INT(sc_bpf_effect(SECCOMP_RET_USER_NOTIF | 7), SECCOMP_RET_USER_NOTIF);
        CHECK_INT(sc_bpf_effect(SECCOMP_RET_TRAP | 7), SECCOMP_RET_TRAP | 7);
        CHECK_INT(sc_bpf_effect(SECCOMP_RET_TRACE | 0xffff), SECCOMP_RET_TRACE | 0xffff);
        CHECK_INT(sc_bpf_effect(SECCOMP_RET_ERRNO | 4095), SECCOMP_RET_ERRNO | 4095);
        CHECK_INT(sc_bpf_effect(SECCOMP_RET_ERRNO | 4096), SECCOMP_RET_ERRNO | 4095);
        CHECK_INT(sc_bpf_effect(0x00040007), SECCOMP_RET_KILL_PROCESS);
        CHECK_INT(sc_bpf_effect(UINT32_MAX), SECCOMP_RET_KILL_PROCESS);
}

static void test_compose(void)
{
        static const struct {
                uint32_t values[3]; /* the newest first */
                uint32_t together;
        } rows[] = {
                { { SECCOMP_RET_ALLOW | 1, SECCOMP_RET_ALLOW | 2, SECCOMP_RET_ALLOW | 3 }, SECCOMP_RET_ALLOW },
                { { SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 1 }, SECCOMP_RET_ERRNO | 1 },
                { { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 2, SECCOMP_RET_ERRNO | 1 }, SECCOMP_RET_ERRNO | 2 },
                { { SECCOMP_RET_LOG, SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 2 }, SECCOMP_RET_ERRNO | 1 },
                { { SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP }, SECCOMP_RET_KILL_PROCESS },
                { { SECCOMP_RET_TRACE, SECCOMP_RET_USER_NOTIF, SECCOMP_RET_LOG }, SECCOMP_RET_USER_NOTIF },
                { { SECCOMP_RET_TRAP | 5, 0x00040000, SECCOMP_RET_ERRNO | 1 }, SECCOMP_RET_TRAP | 5 },
                { { SECCOMP_RET_ALLOW, 0x00040000, SECCOMP_RET_ERRNO | 1 }, 0x00040000 },
        };

        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 10);
                const struct sc_bpf_data data = { 0 };
                struct sc_bpf_program programs[3];
                struct sock_filter insns[3];
                sc_node nodes[3];

                for (size_t k = 0; k < 3; k++)
                        nodes[k] = sc_decision_leaf(d, rows[i].values[k]);
                CHECK_INT(sc_bpf_compose(d, nodes, 3), sc_decision_leaf(d, rows[i].together));
                CHECK_INT(sc_bpf_compose(d, nodes, 0), sc_decision_leaf(d, SECCOMP_RET_ALLOW));
                for (size_t k = 0; k < 3; k++) {
                        insns[k] = (struct sock_filter)RET(rows[i].values[k]);
                        programs[k] = (struct sc_bpf_program){ .insns = &insns[k], .len = 1 };
                }
                CHECK_INT(sc_bpf_run_all(programs, 3, &data), sc_bpf_effect(rows[i].together));
        }
}

static void test_read(void)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        static struct sock_filter insns[SC_BPF_LEN_MAX + 1];
        struct sc_bpf_program program;
        struct sc_bpf_fault fault;

        for (size_t i = 0; i <= SC_BPF_LEN_MAX; i++)
                insns[i] = (struct sock_filter)RET((uint32_t)i);
        CHECK_INT(sc_bpf_read(arena, insns, SC_BPF_SIZE_MAX, &program, &fault), 0);
        CHECK(program.len == SC_BPF_LEN_MAX && !memcmp(program.insns, insns, SC_BPF_SIZE_MAX));
        CHECK_INT(sc_bpf_read(arena, insns, sizeof(insns), &program, &fault), -EINVAL);
        CHECK_STR(fault.what, "more than 4096 instructions");
        CHECK_INT(sc_bpf_read(arena, insns, 12, &program, &fault), -EINVAL);
        CHECK_INT(fault.at, 1);
        CHECK_INT(sc_bpf_read(arena, insns, 0, &program, &fault), -EINVAL);
        CHECK_STR(fault.what, "empty program");
        CHECK_INT(sc_bpf_read(arena, (const char *)insns + 1, 8, &program, &fault), -EINVAL);
        CHECK_STR(fault.what, "does not end with a return"); /* an instruction of other bytes */
}

/* libseccomp's list and tree of the same rules are one function, on every kind of machine. */
static void test_libseccomp(const char *const *abi_names, size_t n_abis)
{
        const struct sc_abi *abis[4];
        const struct sc_scmp_rule rules[] = {
                { .name = "read", .action = SECCOMP_RET_ALLOW },
                { .name = "write", .action = SECCOMP_RET_ERRNO | 1 },
                { .name = "personality",
                  .action = SECCOMP_RET_ALLOW,
                  .n_args = 1,
                  .args = &(const struct sc_scmp_arg){ 0, SC_SCMP_EQ, 0x20008, 0 } },
                { .name = "socket",
                  .action = SECCOMP_RET_ALLOW,
                  .n_args = 1,
                  .args = &(const struct sc_scmp_arg){ 0, SC_SCMP_LT, 38, 0 } },
                { .name = "clone",
                  .action = SECCOMP_RET_ALLOW,
                  .n_args = 1,
                  .args = &(const struct sc_scmp_arg){ 0, SC_SCMP_MASKED_EQ, 0x7e020000, 0 } },
                { .name = "no_such_call", .action = SECCOMP_RET_ALLOW },
        };
        struct sc_scmp_filter filter = { .default_action = SECCOMP_RET_ERRNO | 38,
                                         .abis = abis,
                                         .n_abis = n_abis,
                                         .rules = rules,
                                         .n_rules = SC_COUNT(rules) };
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 18);
        sc_node nodes[2] = { 0 };

        for (size_t i = 0; i < n_abis; i++)
                abis[i] = sc_abi_find(abi_names[i], strlen(abi_names[i]));
        for (unsigned optimize = 1; optimize <= 2; optimize++) {
                struct sc_scmp_result result = { 0 };
                struct sc_bpf_program program = { .big_endian = abis[0]->big_endian };
                struct sc_bpf_fault fault = { 0 };

                filter.optimize = optimize;
                CHECK_INT(sc_scmp_compile(&filter, &result), 0);
                CHECK_INT(result.error, 0);
                program.insns = result.insns, program.len = result.len;
                CHECK_INT(sc_bpf_decide(&program, d, &nodes[optimize - 1], &fault), 0);
                CHECK(agrees(&program, d, nodes[optimize - 1], 5000));
                free(result.insns);
        }
        CHECK_INT(nodes[0], nodes[1]);
        printf("# %s: %zu nodes\n", abi_names[0], sc_decision_size(d, nodes[0]));
}

static void test_libseccomp_refusals(void)
{
        const struct sc_abi *native = sc_abi_native();
        const struct sc_scmp_rule same[] = { { .name = "read", .action = SECCOMP_RET_ALLOW } };
        struct sc_scmp_result result = { 0 };

        CHECK_INT(sc_scmp_compile(&(struct sc_scmp_filter){ .default_action = SECCOMP_RET_ALLOW,
                                                            .abis = &native,
                                                            .n_abis = 1,
                                                            .rules = same,
                                                            .n_rules = 1,
                                                            .optimize = 1 },
                                  &result),
                  0);
        CHECK_INT(result.error, -EACCES);
        CHECK_INT(result.error_at, 0);
        CHECK(result.insns == NULL);
        CHECK_INT(sc_scmp_compile(&(struct sc_scmp_filter){ .n_rules = SC_SCMP_RULES_MAX + 1 }, &result), -E2BIG);
        CHECK(sc_scmp_knows("read") && !sc_scmp_knows("raed"));
        CHECK(sc_scmp_version().major >= 2);
}

int main(void)
{
        test_interpreter();
        test_checker();
        test_random_programs();
        test_every_instruction();
        test_bounded_by_branches();
        test_pointer();
        test_cannot_follow();
        test_effects();
        test_compose();
        test_read();
        test_libseccomp((const char *const[]){ "x86_64", "x86", "x32" }, 3);
        test_libseccomp((const char *const[]){ "x86_64" }, 1);
        test_libseccomp((const char *const[]){ "aarch64", "arm" }, 2);
        test_libseccomp((const char *const[]){ "s390x", "s390" }, 2);
        test_libseccomp_refusals();
        return test_end();
}

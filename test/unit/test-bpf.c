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

static void test_cannot_follow(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(1 << 18);
        const struct sock_filter pointer[] = { LOAD(8), RET(0) };
        const struct sock_filter alu[] = { LOAD(0), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 1), RET(0) };
        struct sc_bpf_fault fault = { 0 };
        sc_node node;

        CHECK_INT(sc_bpf_decide(&(struct sc_bpf_program){ .insns = pointer, .len = 2 }, d, &node, &fault), -EOPNOTSUPP);
        CHECK_INT(fault.at, 0);
        CHECK_INT(sc_bpf_decide(&(struct sc_bpf_program){ .insns = alu, .len = 3 }, d, &node, &fault), -EOPNOTSUPP);
        CHECK_INT(fault.at, 1);
        CHECK_INT(sc_bpf_decide(&(struct sc_bpf_program){ .insns = alu, .len = 2 }, d, &node, &fault), -EINVAL);
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
        test_cannot_follow();
        test_libseccomp((const char *const[]){ "x86_64", "x86", "x32" }, 3);
        test_libseccomp((const char *const[]){ "x86_64" }, 1);
        test_libseccomp((const char *const[]){ "aarch64", "arm" }, 2);
        test_libseccomp((const char *const[]){ "s390x", "s390" }, 2);
        test_libseccomp_refusals();
        return test_end();
}

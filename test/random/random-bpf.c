/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbolic execution, the interpreter and the running kernel against each other: random programs of all instructions,
 * and changed ones of libseccomp's: random-bpf [SEED [ROUND]].
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>

#include "../unit/test.h"
#include "base/util.h"
#include "bpf/follow.h"
#include "bpf/scmp.h"
#include "syscall/syscall.h"
#include "kernel.h"
#include "program.h"

#define PROGRAMS 10000
#define INPUTS 200
#define NODES_MAX ((size_t)1 << 15) /* for one program: what needs more is given up early */
#define LEN_MAX 600
#define BASES 8 /* programs of libseccomp that are changed */
#define STACKS 150
#define STACK_MAX 3
#define STACK_INPUTS 12
#define CALL 110 /* getppid on x86_64: answers a positive number when it is let through */

struct base {
        struct sock_filter *insns;
        size_t len;
};

struct counts {
        size_t followed, pointer, limits;
};

/* One rule a call, equalities only: libseccomp compiles these in no time. */
static void make_base(struct rng *rng, struct base *ret_base)
{
        const char *const abi_names[] = { "x86_64", "x86", "x32" };
        struct sc_scmp_rule rules[24] = { 0 };
        const struct sc_abi *abis[3];
        struct sc_scmp_arg args[SC_COUNT(rules)][2];
        struct sc_scmp_filter filter = {
                .default_action = SECCOMP_RET_ERRNO | 1,
                .abis = abis,
                .n_abis = 1 + rng_below(rng, 3),
                .rules = rules,
                .n_rules = 1 + rng_below(rng, SC_COUNT(rules)),
                .optimize = 1 + (unsigned)rng_below(rng, 2),
        };
        struct sc_scmp_result result = { 0 };

        for (size_t i = 0; i < SC_COUNT(abis); i++)
                abis[i] = sc_abi_find(abi_names[i], strlen(abi_names[i]));
        for (size_t i = 0; i < filter.n_rules; i++) {
                rules[i].name = sc_syscall_name((int)(i * 15 + rng_below(rng, 15)));
                rules[i].action = rng_percent(rng, 70) ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | 38;
                rules[i].n_args = (unsigned)rng_below(rng, 3);
                for (unsigned k = 0; k < rules[i].n_args; k++)
                        args[i][k] = (struct sc_scmp_arg){ 2 * k, SC_SCMP_EQ, rng_below(rng, 50) << 30, 0 };
                rules[i].args = args[i];
        }
        if (sc_scmp_compile(&filter, &result) < 0 || result.error || result.len > LEN_MAX)
                abort();
        *ret_base = (struct base){ result.insns, result.len };
}

/* What a difference is looked for with; the same inputs for each program that shrinking tries. */
struct trial {
        uint64_t seed;
        size_t inputs;
        struct sc_input in; /* where they differ */
        uint32_t ran, said;
        int result;
        struct sc_bpf_fault fault;
};

/* True if both ways of symbolic execution give the same function, or the second hit a limit. */
static bool joins_alike(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node node)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *own = sc_decisions_new(NODES_MAX);
        struct sc_bpf_fault fault;
        sc_node joined;
        int r = bpf_join(program, own, &joined, &fault);

        return r == 0 ? sc_decision_copy(d, own, joined) == node || sc_decisions_error(d) : r == -EOPNOTSUPP;
}

/* True if symbolic execution fails as it may not, or says something else than the interpreter. */
static bool differs(const struct sc_bpf_program *program, void *data)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES_MAX);
        struct trial *t = data;
        struct rng rng = { t->seed };
        sc_node node;

        t->result = sc_bpf_decide(program, d, &node, &t->fault);
        if (t->result < 0)
                return t->result != -EOPNOTSUPP && t->result != -E2BIG;
        for (size_t i = 0; i < t->inputs; i++) {
                t->in = program_input(&rng, program);
                t->ran = program_run(program, &t->in, rng_next(&rng));
                t->said = sc_decision_eval(d, node, &t->in);
                if (t->ran != t->said)
                        return true;
        }
        return !joins_alike(program, d, node);
}

static void report(const struct sc_bpf_program *program, const struct trial *t)
{
        program_print(program);
        printf("# result %d, interpreter %#x, decision %#x, arch %#jx nr %#jx\n", t->result, t->ran, t->said,
               (uintmax_t)t->in.words[SC_WORD_ARCH], (uintmax_t)t->in.words[SC_WORD_NR]);
        for (int w = SC_WORD_ARG0; w <= SC_WORD_ARG5; w++)
                printf("# argument %d: %#jx\n", w - SC_WORD_ARG0, (uintmax_t)t->in.words[w]);
}

/* True if all is well with one program. */
static bool try_one(uint64_t seed, size_t round, const struct base *bases, size_t inputs, struct counts *counts)
{
        struct rng rng = rng_for(seed, round);
        struct sock_filter insns[LEN_MAX + 8];
        struct sc_bpf_program program = { .insns = insns, .big_endian = rng_percent(&rng, 20) };
        struct trial t = { .seed = rng_next(&rng), .inputs = inputs };

        if (rng_percent(&rng, 25)) {
                const struct base *base = &bases[rng_below(&rng, BASES)];

                memcpy(insns, base->insns, base->len * sizeof(*insns));
                program.len = program_mutate(&rng, insns, base->len, SC_COUNT(insns));
        } else {
                program.len = program_random(&rng, PROGRAM_ANY, insns);
        }
        if (!differs(&program, &t)) {
                counts->followed += t.result == 0;
                counts->pointer += t.result == -EOPNOTSUPP && strstr(t.fault.what, "instruction pointer");
                counts->limits += t.result == -E2BIG || (t.result < 0 && !strstr(t.fault.what, "instruction pointer"));
                return true;
        }
        printf("# seed %ju, round %zu:\n", (uintmax_t)seed, round);
        program.len = program_shrink(insns, program.len, program.big_endian, differs, &t);
        differs(&program, &t);
        report(&program, &t);
        return false;
}

static void test_programs(uint64_t seed, size_t first, size_t count, size_t inputs)
{
        struct rng rng = rng_for(seed, UINT32_MAX);
        struct base bases[BASES];
        struct counts counts = { 0 };
        size_t wrong = 0;

        for (size_t i = 0; i < BASES; i++)
                make_base(&rng, &bases[i]);
        for (size_t i = first; i < first + count && wrong < 5; i++)
                wrong += !try_one(seed, i, bases, inputs, &counts);
        for (size_t i = 0; i < BASES; i++)
                free(bases[i].insns);
        printf("# %zu followed, %zu depend on the instruction pointer, %zu past a limit\n", counts.followed,
               counts.pointer, counts.limits);
        CHECK_INT(wrong, 0);
        if (count >= 1000) {
                CHECK(counts.followed * 10 >= count * 8);
                CHECK(counts.pointer > 0);
        }
}

/* In front of a program, so that it answers for one call only; A is 0 again behind it. */
static size_t gate(struct sock_filter *insns, size_t len)
{
        const struct sock_filter head[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALL, 1, 0),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
                BPF_STMT(BPF_LD | BPF_IMM, 0),
        };

        memmove(&insns[SC_COUNT(head)], insns, len * sizeof(*insns));
        memcpy(insns, head, sizeof(head));
        return len + SC_COUNT(head);
}

/* True if the kernel's answer is what follows from a value. */
static bool is_answer(uint32_t value, int64_t answer)
{
        uint32_t data = value & SECCOMP_RET_DATA;

        switch (value & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_ERRNO:
                return answer == -(int64_t)data;
        case SECCOMP_RET_TRAP:
                return answer == KERNEL_TRAPPED + data;
        case SECCOMP_RET_TRACE:
        case SECCOMP_RET_USER_NOTIF:
                return answer == -ENOSYS;
        case SECCOMP_RET_LOG:
        case SECCOMP_RET_ALLOW:
                return answer > 0 && answer < KERNEL_TRAPPED;
        default:
                return false;
        }
}

struct stack {
        struct sock_filter insns[STACK_MAX][PROGRAM_RANDOM_MAX + 4];
        struct sc_bpf_program programs[STACK_MAX];
        size_t n;
        sc_node node;
};

/* Some programs on each other, and what they mean together. Those that cannot be followed are written anew. */
static void make_stack(struct rng *rng, struct sc_decisions *d, struct stack *s)
{
        sc_node nodes[STACK_MAX];
        struct sc_bpf_fault fault;

        s->n = 1 + rng_below(rng, STACK_MAX);
        for (size_t i = 0; i < s->n;) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *own = sc_decisions_new(NODES_MAX);
                sc_node node;
                size_t len = program_random(rng, PROGRAM_WITHOUT_POINTER, s->insns[i]);

                s->programs[i] = (struct sc_bpf_program){ .insns = s->insns[i], .len = gate(s->insns[i], len) };
                if (sc_bpf_decide(&s->programs[i], own, &node, &fault) == 0)
                        nodes[s->n - 1 - i] = sc_decision_copy(d, own, node), i++; /* the newest first */
        }
        s->node = sc_bpf_effects(d, sc_bpf_compose(d, nodes, s->n));
}

/* Asks the kernel, for one input if it is to kill. Returns how many answers are wrong. */
static size_t ask(const struct stack *s, const struct sc_decisions *d, const struct sc_input *in, size_t *kills)
{
        uint64_t args[1][6];
        int64_t answer;
        uint32_t value = sc_decision_eval(d, s->node, in);
        bool kill = !is_answer(value, -ENOSYS) && !is_answer(value, 1) &&
                    (value & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO &&
                    (value & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRAP;
        int r;

        memcpy(args[0], &in->words[SC_WORD_ARG0], sizeof(args[0]));
        r = kernel_ask_stack(s->programs, s->n, CALL, (const uint64_t(*)[6])args, 1, &answer);
        *kills += kill;
        if (kill ? r == -EPROTO : r == 0 && is_answer(value, answer))
                return 0;
        printf("# value %#x, kernel %d, answer %jd\n", value, r, (intmax_t)answer);
        for (size_t i = 0; i < s->n; i++) {
                printf("# program %zu:\n", i);
                program_print(&s->programs[i]);
        }
        return 1;
}

static void test_kernel(uint64_t seed, size_t count)
{
        size_t wrong = 0, kills = 0;

        for (size_t i = 0; i < count && !wrong; i++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
                struct rng rng = rng_for(seed, ((uint64_t)1 << 32) + i);
                struct stack stack;

                make_stack(&rng, d, &stack);
                for (size_t k = 0; k < STACK_INPUTS && !wrong; k++) {
                        struct sc_input in = program_input(&rng, &stack.programs[rng_below(&rng, stack.n)]);

                        in.words[SC_WORD_ARCH] = AUDIT_ARCH_X86_64;
                        in.words[SC_WORD_NR] = CALL;
                        wrong += ask(&stack, d, &in, &kills);
                }
                if (wrong)
                        printf("# seed %ju, stack %zu\n", (uintmax_t)seed, i);
        }
        printf("# %zu stacks of filters in the kernel, %zu kills\n", count, kills);
        CHECK_INT(wrong, 0);
}

int main(int argc, char **argv)
{
        size_t count = scaled((size_t)env_number("SC_RANDOM_PROGRAMS", PROGRAMS));
        size_t inputs = (size_t)env_number("SC_RANDOM_INPUTS", INPUTS);
        uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : env_number("SC_SEED", 1);

        printf("# seed %ju, %zu programs, %zu inputs each\n", (uintmax_t)seed, count, inputs);
        if (argc > 2) {
                test_programs(seed, strtoul(argv[2], NULL, 0), 1, inputs);
                return test_end();
        }
        test_programs(seed, 0, count, inputs);
        if (sc_abi_native() == sc_abi_find("x86_64", 6))
                test_kernel(seed, scaled((size_t)env_number("SC_RANDOM_STACKS", STACKS)));
        return test_end();
}

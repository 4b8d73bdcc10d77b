/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbolic execution of every instruction that the kernel lets through. Registers and scratch memory hold vectors of
 * conditions. Jumps only go forward, so one pass from the front finds every state (an instruction, and the registers
 * that are still looked at from there on), and one from the back gives each of them its function. Where that hits a
 * limit, join.c tries. All of this happens in arenas of their own: what is computed on the way can be large, and may
 * hit a limit without harm to the caller's.
 */
#include "bpf/follow.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

#define NONE UINT32_MAX
#define BUCKETS 4096 /* of both hash tables */

struct value {
        struct vector vector;
        uint32_t next; /* in its bucket */
};

struct state {
        uint32_t pc;
        uint32_t next;       /* of its instruction */
        uint32_t bucketed;   /* next in its bucket */
        uint32_t regs[REGS]; /* values; those that nobody looks at any more are 0 */
        uint32_t yes;        /* the state that follows; for a test, where it holds */
        uint32_t no;         /* for a test, where it does not; NONE: the program ends there with 0 */
        sc_node test;
        sc_node node;
};

struct follower {
        const struct sc_bpf_program *program;
        struct sc_decisions *d;
        struct value *values;
        size_t n_values, cap_values;
        struct state *states;
        size_t n_states, cap_states;
        uint32_t value_buckets[BUCKETS];
        uint32_t state_buckets[BUCKETS];
        uint32_t lists[SC_BPF_LEN_MAX]; /* first state of each instruction */
        uint32_t live[SC_BPF_LEN_MAX];  /* a bit for each register that is read before it is written */
        int error;                      /* -ENOMEM, or -EOPNOTSUPP with: */
        const char *stuck;
};

static uint32_t give_up(struct follower *f, const char *why)
{
        if (!f->error) {
                f->error = why ? -EOPNOTSUPP : -ENOMEM;
                f->stuck = why;
        }
        return NONE;
}

static uint32_t hash(const uint32_t *words, size_t n, uint32_t h)
{
        for (size_t i = 0; i < n; i++)
                h = (h ^ words[i]) * 0x9e3779b1u, h ^= h >> 15;
        return h % BUCKETS;
}

/* The value that is this vector, found or made. */
static uint32_t intern_value(struct follower *f, const struct vector *vector)
{
        uint32_t *bucket = &f->value_buckets[hash(vector->bits, VECTOR_BITS, 0)];
        struct value *values;

        if (f->error || sc_decisions_error(f->d))
                return NONE;
        for (uint32_t i = f->values ? *bucket : NONE; i != NONE; i = f->values[i].next)
                if (!memcmp(&f->values[i].vector, vector, sizeof(*vector)))
                        return i;
        if (f->n_values >= SC_BPF_VALUES_MAX)
                return give_up(f, "too many different values of registers");
        values = sc_grow(f->values, f->n_values, &f->cap_values, sizeof(*values));
        if (!values)
                return give_up(f, NULL);
        f->values = values;
        values[f->n_values] = (struct value){ *vector, *bucket };
        *bucket = (uint32_t)f->n_values;
        return (uint32_t)f->n_values++;
}

static uint32_t constant(struct follower *f, uint32_t k)
{
        const struct vector vector = vector_constant(f->d, k);

        return intern_value(f, &vector);
}

/* The state of instruction `pc` with these registers, found or made. */
static uint32_t reach(struct follower *f, size_t pc, const uint32_t *regs)
{
        struct state state = {
                .pc = (uint32_t)pc, .next = f->lists[pc], .yes = NONE, .no = NONE, .node = SC_NODE_FAILED };
        struct state *states;
        uint32_t *bucket;

        for (unsigned i = 0; i < REGS; i++)
                state.regs[i] = f->live[pc] >> i & 1 ? regs[i] : 0;
        bucket = &f->state_buckets[hash(state.regs, REGS, state.pc)];
        for (uint32_t i = *bucket; i != NONE; i = f->states[i].bucketed)
                if (f->states[i].pc == state.pc && !memcmp(f->states[i].regs, state.regs, sizeof(state.regs)))
                        return i;
        if (f->n_states >= SC_BPF_STATES_MAX)
                return give_up(f, "too many states of the registers");
        states = sc_grow(f->states, f->n_states, &f->cap_states, sizeof(*states));
        if (!states)
                return give_up(f, NULL);
        f->states = states;
        state.bucketed = *bucket;
        states[f->n_states] = state;
        *bucket = f->lists[pc] = (uint32_t)f->n_states;
        return (uint32_t)f->n_states++;
}

static uint32_t bit(unsigned reg)
{
        return UINT32_C(1) << reg;
}

/* The second operand of a test or an operation, if it is a register. */
static uint32_t reads_x(const struct sock_filter *insn)
{
        return BPF_SRC(insn->code) == BPF_X ? bit(REG_X) : 0;
}

bool bpf_is_jump_always(const struct sock_filter *insn)
{
        return BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) == BPF_JA;
}

uint32_t bpf_written(const struct sock_filter *insn)
{
        switch (BPF_CLASS(insn->code)) {
        case BPF_LD:
        case BPF_ALU:
                return bit(REG_A);
        case BPF_LDX:
                return bit(REG_X);
        case BPF_ST:
        case BPF_STX:
                return bit(REG_MEM + insn->k);
        case BPF_MISC:
                return bit(BPF_MISCOP(insn->code) == BPF_TAX ? REG_X : REG_A);
        default:
                return 0;
        }
}

/* The registers that an instruction reads. */
static uint32_t read_by(const struct sock_filter *insn)
{
        switch (BPF_CLASS(insn->code)) {
        case BPF_LD:
        case BPF_LDX:
                return BPF_MODE(insn->code) == BPF_MEM ? bit(REG_MEM + insn->k) : 0;
        case BPF_ST:
                return bit(REG_A);
        case BPF_STX:
                return bit(REG_X);
        case BPF_ALU:
                return bit(REG_A) | (BPF_OP(insn->code) == BPF_NEG ? 0 : reads_x(insn));
        case BPF_JMP:
                return bpf_is_jump_always(insn) ? 0 : bit(REG_A) | reads_x(insn);
        case BPF_RET:
                return BPF_RVAL(insn->code) == BPF_A ? bit(REG_A) : 0;
        default: /* BPF_MISC */
                return bit(BPF_MISCOP(insn->code) == BPF_TAX ? REG_A : REG_X);
        }
}

void bpf_live(const struct sc_bpf_program *program, uint32_t *ret_live)
{
        for (size_t pc = program->len; pc-- > 0;) {
                const struct sock_filter *insn = &program->insns[pc];
                uint32_t after = 0;

                if (bpf_is_jump_always(insn))
                        after = ret_live[pc + 1 + insn->k];
                else if (BPF_CLASS(insn->code) == BPF_JMP)
                        after = ret_live[pc + 1 + insn->jt] | ret_live[pc + 1 + insn->jf];
                else if (BPF_CLASS(insn->code) != BPF_RET)
                        after = ret_live[pc + 1];
                ret_live[pc] = (after & ~bpf_written(insn)) | read_by(insn);
        }
}

struct vector bpf_data_word(const struct sc_bpf_program *program, struct sc_decisions *d, uint32_t offset)
{
        uint32_t i = offset / 4;
        unsigned shift = (i % 2 == 1) != program->big_endian ? 32 : 0;

        if (i == 0)
                return vector_word(d, SC_WORD_NR, 0);
        if (i == 1)
                return vector_word(d, SC_WORD_ARCH, 0);
        if (i < 4)
                return vector_word(d, WORD_POINTER, shift);
        return vector_word(d, (enum sc_word)(SC_WORD_ARG0 + (i - 4) / 2), shift);
}

static uint32_t load_data(struct follower *f, uint32_t offset)
{
        const struct vector vector = bpf_data_word(f->program, f->d, offset);

        return intern_value(f, &vector);
}

static uint32_t load(struct follower *f, const struct sock_filter *insn, const uint32_t *regs)
{
        switch (BPF_MODE(insn->code)) {
        case BPF_ABS:
                return load_data(f, insn->k);
        case BPF_MEM:
                return regs[REG_MEM + insn->k];
        case BPF_LEN:
                return constant(f, sizeof(struct seccomp_data));
        default: /* BPF_IMM */
                return constant(f, insn->k);
        }
}

static struct vector operand(struct follower *f, const struct sock_filter *insn, const uint32_t *regs)
{
        return BPF_SRC(insn->code) == BPF_X ? f->values[regs[REG_X]].vector : vector_constant(f->d, insn->k);
}

/* The two sides of a test; one that can never be is not followed. `no` is an instruction, or NONE. */
static void split(struct follower *f, uint32_t at, sc_node test, size_t yes, size_t no, const uint32_t *regs)
{
        uint32_t value = 0, yes_at = NONE, no_at = NONE;
        bool known = sc_decision_is_leaf(f->d, test, &value);

        if (!known || value)
                yes_at = reach(f, yes, regs);
        if ((!known || !value) && no != NONE)
                no_at = reach(f, no, regs);
        f->states[at].test = test;
        f->states[at].yes = yes_at;
        f->states[at].no = no_at;
}

static void branch(struct follower *f, uint32_t at, const struct sock_filter *insn, const uint32_t *regs)
{
        const struct vector a = f->values[regs[REG_A]].vector, b = operand(f, insn, regs);
        size_t next = f->states[at].pc + 1;

        split(f, at, vector_test(f->d, BPF_OP(insn->code), &a, &b), next + insn->jt, next + insn->jf, regs);
}

static void go_on(struct follower *f, uint32_t at, size_t pc, const uint32_t *regs)
{
        uint32_t next = reach(f, pc, regs);

        f->states[at].yes = f->states[at].no = next;
}

/* A division by a zero X ends the program with 0. */
static void compute(struct follower *f, uint32_t at, const struct sock_filter *insn, uint32_t *regs)
{
        const struct vector a = f->values[regs[REG_A]].vector, b = operand(f, insn, regs);
        const struct vector all = vector_constant(f->d, UINT32_MAX);
        const struct vector result = vector_alu(f->d, BPF_OP(insn->code), &a, &b);
        size_t next = f->states[at].pc + 1;

        regs[REG_A] = intern_value(f, &result);
        if (regs[REG_A] == NONE)
                return;
        if (insn->code == (BPF_ALU | BPF_DIV | BPF_X))
                split(f, at, vector_test(f->d, BPF_JSET, &b, &all), next, NONE, regs);
        else
                go_on(f, at, next, regs);
}

/* Moves one value to where an instruction writes it. */
static void move(struct follower *f, uint32_t at, const struct sock_filter *insn, uint32_t *regs)
{
        unsigned to = (unsigned)__builtin_ctz(bpf_written(insn));
        uint32_t value;

        switch (BPF_CLASS(insn->code)) {
        case BPF_ST:
                value = regs[REG_A];
                break;
        case BPF_STX:
                value = regs[REG_X];
                break;
        case BPF_MISC:
                value = regs[to == REG_X ? REG_A : REG_X];
                break;
        default:
                value = load(f, insn, regs);
                break;
        }
        regs[to] = value;
        if (value != NONE)
                go_on(f, at, f->states[at].pc + 1, regs);
}

static void step(struct follower *f, uint32_t at)
{
        const struct sock_filter *insn = &f->program->insns[f->states[at].pc];
        uint32_t regs[REGS];

        memcpy(regs, f->states[at].regs, sizeof(regs));
        switch (BPF_CLASS(insn->code)) {
        case BPF_RET:
                f->states[at].node = BPF_RVAL(insn->code) == BPF_A ?
                                             vector_leaves(f->d, &f->values[regs[REG_A]].vector) :
                                             sc_decision_leaf(f->d, insn->k);
                break;
        case BPF_JMP:
                if (bpf_is_jump_always(insn))
                        go_on(f, at, f->states[at].pc + 1 + insn->k, regs);
                else
                        branch(f, at, insn, regs);
                break;
        case BPF_ALU:
                compute(f, at, insn, regs);
                break;
        default:
                move(f, at, insn, regs);
                break;
        }
}

/* The function of a state whose followers have theirs. */
static sc_node find_node(struct follower *f, const struct state *state)
{
        sc_node yes, no;

        if (state->node != SC_NODE_FAILED)
                return state->node; /* a return */
        no = state->no != NONE ? f->states[state->no].node : sc_decision_leaf(f->d, SECCOMP_RET_KILL_THREAD);
        if (state->yes == state->no)
                return no;
        yes = state->yes != NONE ? f->states[state->yes].node : no;
        /* only one side is there if the other can never be; the test is constant then */
        return sc_decision_ite(f->d, state->test, yes, no);
}

/* Notes a failure of the arena; true if all is well. */
static bool goes_well(struct follower *f)
{
        int r = sc_decisions_error(f->d);

        if (r)
                give_up(f, r == -ENOMEM ? NULL : TOO_MUCH);
        return f->error == 0;
}

/* Runs the program both ways. Returns 0 or -errno with the instruction that it could not follow. */
static int run(struct follower *f, size_t *ret_at)
{
        uint32_t regs[REGS];

        for (unsigned i = 0; i < REGS; i++)
                regs[i] = constant(f, 0);
        if (goes_well(f))
                reach(f, 0, regs);
        for (size_t pc = 0; pc < f->program->len && f->error == 0; pc++)
                for (uint32_t i = f->lists[pc]; i != NONE && f->error == 0; i = f->states[i].next) {
                        *ret_at = pc;
                        step(f, i);
                        goes_well(f);
                }
        for (size_t pc = f->program->len; pc-- > 0 && f->error == 0;)
                for (uint32_t i = f->lists[pc]; i != NONE && f->error == 0; i = f->states[i].next) {
                        *ret_at = pc;
                        f->states[i].node = find_node(f, &f->states[i]);
                        goes_well(f);
                }
        return f->error;
}

/* By states. Returns 0 or an error as bpf_follow(), with the function in the arena `d`. */
static int follow_states(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
                         struct sc_bpf_fault *ret_fault)
{
        SC_CLEANUP(sc_freep) struct follower *f = calloc(1, sizeof(*f));
        int r;

        if (!f)
                return -ENOMEM;
        f->program = program;
        f->d = d;
        memset(f->value_buckets, 0xff, sizeof(f->value_buckets));
        memset(f->state_buckets, 0xff, sizeof(f->state_buckets));
        memset(f->lists, 0xff, sizeof(f->lists));
        bpf_live(program, f->live);
        r = run(f, &ret_fault->at);
        ret_fault->what = f->stuck;
        if (r == 0)
                *ret_node = f->states[f->lists[0]].node;
        free(f->values);
        free(f->states);
        return r;
}

/* Fails if the answers depend on the instruction pointer, with the first load of it. */
static int forget_pointer(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node node,
                          struct sc_bpf_fault *ret_fault)
{
        sc_node fixed = sc_decision_fix(d, node, WORD_POINTER, 0);
        size_t at = 0;

        if (fixed == node)
                return 0;
        while (program->insns[at].code != (BPF_LD | BPF_W | BPF_ABS) || program->insns[at].k / 8 != 1)
                at++;
        *ret_fault = (struct sc_bpf_fault){ at, "the answers depend on the instruction pointer" };
        return fixed == SC_NODE_FAILED ? sc_decisions_error(d) : -EOPNOTSUPP;
}

typedef int (*method)(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
                      struct sc_bpf_fault *ret_fault);

/* Follows by one method, in an arena that is thrown away. True if there is nothing more to try. */
static bool follow_by(method follow, const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
                      struct sc_bpf_fault *ret_fault, int *ret_result)
{
        size_t limit = sc_decisions_limit(d);
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *own =
                sc_decisions_new(limit < SC_BPF_NODES_MAX ? limit : SC_BPF_NODES_MAX);
        sc_node node = SC_NODE_FAILED;

        *ret_result = own ? follow(program, own, &node, ret_fault) : -ENOMEM;
        if (*ret_result < 0)
                return *ret_result != -EOPNOTSUPP;
        *ret_result = forget_pointer(program, own, node, ret_fault);
        if (*ret_result < 0)
                return true;
        *ret_node = sc_decision_copy(d, own, node);
        *ret_result = sc_decisions_error(d);
        return true;
}

int bpf_follow(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
               struct sc_bpf_fault *ret_fault)
{
        struct sc_bpf_fault fault = { 0 };
        sc_node node = SC_NODE_FAILED;
        int r;

        if (!follow_by(follow_states, program, d, &node, &fault, &r))
                follow_by(bpf_join, program, d, &node, &fault, &r);
        if (r == 0)
                *ret_node = node;
        else if (r == -EOPNOTSUPP)
                *ret_fault = fault;
        return r;
}

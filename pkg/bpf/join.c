/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbolic execution that joins: where ways through the program meet, so do their registers. A register is 0 where its
 * instruction is not reached, and no input goes two ways, so that to join is to or.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "bpf/follow.h"

/* What is known on coming to an instruction. */
struct place {
        sc_node reached;
        struct vector *regs; /* NULL: nothing leads there */
};

struct joiner {
        const struct sc_bpf_program *program;
        struct sc_decisions *d;
        struct place *places;
        uint32_t live[SC_BPF_LEN_MAX];
        sc_node result; /* of the returns so far */
        bool out_of_memory;
};

static bool is_never(const struct joiner *j, sc_node cond)
{
        uint32_t value;

        return cond == SC_NODE_FAILED || (sc_decision_is_leaf(j->d, cond, &value) && !value);
}

/* False when out of memory. */
static bool open_place(struct joiner *j, struct place *place)
{
        struct vector *regs = calloc(REGS, sizeof(*regs));

        for (unsigned i = 0; regs && i < REGS; i++)
                regs[i] = vector_constant(j->d, 0);
        j->out_of_memory |= !regs;
        *place = (struct place){ sc_decision_leaf(j->d, 0), regs };
        return regs != NULL;
}

/* Goes on at `pc` where `cond` holds. */
static void pass(struct joiner *j, size_t pc, sc_node cond, const struct vector *regs)
{
        struct place *place = &j->places[pc];

        if (is_never(j, cond))
                return;
        if (!place->regs && !open_place(j, place))
                return;
        place->reached = sc_decision_or(j->d, place->reached, cond);
        for (unsigned i = 0; i < REGS; i++)
                for (unsigned k = 0; k < VECTOR_BITS && j->live[pc] >> i & 1; k++) {
                        sc_node *bit = &place->regs[i].bits[k];

                        *bit = sc_decision_or(j->d, *bit, sc_decision_and(j->d, cond, regs[i].bits[k]));
                }
}

static void finish(struct joiner *j, sc_node cond, sc_node value)
{
        j->result = sc_decision_ite(j->d, cond, value, j->result);
}

static struct vector operand(struct joiner *j, const struct sock_filter *insn, const struct vector *regs)
{
        return BPF_SRC(insn->code) == BPF_X ? regs[REG_X] : vector_constant(j->d, insn->k);
}

static void branch(struct joiner *j, size_t pc, const struct place *at)
{
        const struct sock_filter *insn = &j->program->insns[pc];
        const struct vector b = operand(j, insn, at->regs);
        sc_node test = vector_test(j->d, BPF_OP(insn->code), &at->regs[REG_A], &b);

        pass(j, pc + 1 + insn->jt, sc_decision_and(j->d, at->reached, test), at->regs);
        pass(j, pc + 1 + insn->jf, sc_decision_and(j->d, at->reached, sc_decision_not(j->d, test)), at->regs);
}

/* A division by a zero X ends the program with 0. */
static void compute(struct joiner *j, size_t pc, const struct place *at)
{
        const struct sock_filter *insn = &j->program->insns[pc];
        const struct vector b = operand(j, insn, at->regs), all = vector_constant(j->d, UINT32_MAX);
        sc_node goes_on = at->reached;

        at->regs[REG_A] = vector_alu(j->d, BPF_OP(insn->code), &at->regs[REG_A], &b);
        if (insn->code == (BPF_ALU | BPF_DIV | BPF_X)) {
                sc_node divides = vector_test(j->d, BPF_JSET, &b, &all);

                goes_on = sc_decision_and(j->d, at->reached, divides);
                finish(j, sc_decision_and(j->d, at->reached, sc_decision_not(j->d, divides)),
                       sc_decision_leaf(j->d, SECCOMP_RET_KILL_THREAD));
        }
        pass(j, pc + 1, goes_on, at->regs);
}

static struct vector moved(struct joiner *j, const struct sock_filter *insn, const struct vector *regs)
{
        switch (BPF_CLASS(insn->code)) {
        case BPF_ST:
                return regs[REG_A];
        case BPF_STX:
                return regs[REG_X];
        case BPF_MISC:
                return regs[BPF_MISCOP(insn->code) == BPF_TAX ? REG_A : REG_X];
        default:
                break;
        }
        switch (BPF_MODE(insn->code)) {
        case BPF_ABS:
                return bpf_data_word(j->program, j->d, insn->k);
        case BPF_MEM:
                return regs[REG_MEM + insn->k];
        case BPF_LEN:
                return vector_constant(j->d, sizeof(struct seccomp_data));
        default: /* BPF_IMM */
                return vector_constant(j->d, insn->k);
        }
}

static void step(struct joiner *j, size_t pc, const struct place *at)
{
        const struct sock_filter *insn = &j->program->insns[pc];

        switch (BPF_CLASS(insn->code)) {
        case BPF_RET:
                finish(j, at->reached, BPF_RVAL(insn->code) == BPF_A ? vector_leaves(j->d, &at->regs[REG_A]) :
                                                                       sc_decision_leaf(j->d, insn->k));
                break;
        case BPF_JMP:
                if (bpf_is_jump_always(insn))
                        pass(j, pc + 1 + insn->k, at->reached, at->regs);
                else
                        branch(j, pc, at);
                break;
        case BPF_ALU:
                compute(j, pc, at);
                break;
        default:
                at->regs[__builtin_ctz(bpf_written(insn))] = moved(j, insn, at->regs);
                pass(j, pc + 1, at->reached, at->regs);
                break;
        }
}

/* Runs the program. Returns 0 or -errno, with the instruction at which it stopped. */
static int run(struct joiner *j, size_t *ret_at)
{
        struct vector regs[REGS];
        int r = 0;

        for (unsigned i = 0; i < REGS; i++)
                regs[i] = vector_constant(j->d, 0);
        pass(j, 0, sc_decision_leaf(j->d, 1), regs);
        for (size_t pc = 0; pc < j->program->len && r == 0; pc++) {
                struct place *at = &j->places[pc];

                if (at->regs)
                        step(j, pc, at);
                sc_freep(&at->regs);
                at->regs = NULL;
                *ret_at = pc;
                r = j->out_of_memory ? -ENOMEM : sc_decisions_error(j->d);
        }
        return r;
}

int bpf_join(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
             struct sc_bpf_fault *ret_fault)
{
        SC_CLEANUP(sc_freep) struct place *places = calloc(program->len, sizeof(*places));
        SC_CLEANUP(sc_freep) struct joiner *j = calloc(1, sizeof(*j));
        int r;

        if (!places || !j)
                return -ENOMEM;
        j->program = program;
        j->d = d;
        j->places = places;
        j->result = sc_decision_leaf(d, 0);
        bpf_live(program, j->live);
        r = run(j, &ret_fault->at);
        for (size_t i = 0; i < program->len; i++)
                free(places[i].regs);
        ret_fault->what = TOO_MUCH;
        if (r == 0)
                *ret_node = j->result;
        return r == -E2BIG ? -EOPNOTSUPP : r;
}

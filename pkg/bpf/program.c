/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel checks of a seccomp program, and an interpreter for what it lets through. */
#include <errno.h>
#include <linux/seccomp.h>

#include "base/util.h"
#include "bpf/bpf.h"

struct sc_bpf_data sc_bpf_data_make(uint32_t arch, uint32_t nr, const uint64_t args[6], bool big_endian)
{
        struct sc_bpf_data data = { .words = { nr, arch } };

        for (int i = 0; i < 6; i++) {
                uint32_t low = (uint32_t)args[i], high = (uint32_t)(args[i] >> 32);

                data.words[4 + 2 * i] = big_endian ? high : low;
                data.words[5 + 2 * i] = big_endian ? low : high;
        }
        return data;
}

/* What has to hold of an instruction's k and jump offsets. */
enum operand {
        OP_ANY,
        OP_DATA,    /* k is a word of seccomp_data */
        OP_LENGTH,  /* k is replaced by the size of seccomp_data */
        OP_MEM,     /* k is a slot of scratch memory */
        OP_DIVISOR, /* k is not 0 */
        OP_SHIFT,   /* k is below 32 */
        OP_JUMP,    /* k leads into the program */
        OP_BRANCH,  /* jt and jf do */
};

static const struct {
        uint16_t code;
        enum operand operand;
} allowed[] = {
        { BPF_LD | BPF_W | BPF_ABS, OP_DATA },
        { BPF_LD | BPF_W | BPF_LEN, OP_LENGTH },
        { BPF_LDX | BPF_W | BPF_LEN, OP_LENGTH },
        { BPF_LD | BPF_IMM, OP_ANY },
        { BPF_LDX | BPF_IMM, OP_ANY },
        { BPF_LD | BPF_MEM, OP_MEM },
        { BPF_LDX | BPF_MEM, OP_MEM },
        { BPF_ST, OP_MEM },
        { BPF_STX, OP_MEM },
        { BPF_RET | BPF_K, OP_ANY },
        { BPF_RET | BPF_A, OP_ANY },
        { BPF_ALU | BPF_ADD | BPF_K, OP_ANY },
        { BPF_ALU | BPF_ADD | BPF_X, OP_ANY },
        { BPF_ALU | BPF_SUB | BPF_K, OP_ANY },
        { BPF_ALU | BPF_SUB | BPF_X, OP_ANY },
        { BPF_ALU | BPF_MUL | BPF_K, OP_ANY },
        { BPF_ALU | BPF_MUL | BPF_X, OP_ANY },
        { BPF_ALU | BPF_DIV | BPF_K, OP_DIVISOR },
        { BPF_ALU | BPF_DIV | BPF_X, OP_ANY },
        { BPF_ALU | BPF_AND | BPF_K, OP_ANY },
        { BPF_ALU | BPF_AND | BPF_X, OP_ANY },
        { BPF_ALU | BPF_OR | BPF_K, OP_ANY },
        { BPF_ALU | BPF_OR | BPF_X, OP_ANY },
        { BPF_ALU | BPF_XOR | BPF_K, OP_ANY },
        { BPF_ALU | BPF_XOR | BPF_X, OP_ANY },
        { BPF_ALU | BPF_LSH | BPF_K, OP_SHIFT },
        { BPF_ALU | BPF_LSH | BPF_X, OP_ANY },
        { BPF_ALU | BPF_RSH | BPF_K, OP_SHIFT },
        { BPF_ALU | BPF_RSH | BPF_X, OP_ANY },
        { BPF_ALU | BPF_NEG, OP_ANY },
        { BPF_MISC | BPF_TAX, OP_ANY },
        { BPF_MISC | BPF_TXA, OP_ANY },
        { BPF_JMP | BPF_JA, OP_JUMP },
        { BPF_JMP | BPF_JEQ | BPF_K, OP_BRANCH },
        { BPF_JMP | BPF_JEQ | BPF_X, OP_BRANCH },
        { BPF_JMP | BPF_JGE | BPF_K, OP_BRANCH },
        { BPF_JMP | BPF_JGE | BPF_X, OP_BRANCH },
        { BPF_JMP | BPF_JGT | BPF_K, OP_BRANCH },
        { BPF_JMP | BPF_JGT | BPF_X, OP_BRANCH },
        { BPF_JMP | BPF_JSET | BPF_K, OP_BRANCH },
        { BPF_JMP | BPF_JSET | BPF_X, OP_BRANCH },
};

static const char *check_operand(enum operand operand, const struct sock_filter *insn, size_t left)
{
        switch (operand) {
        case OP_DATA:
                return insn->k % 4 || insn->k >= sizeof(struct seccomp_data) ? "load outside seccomp_data" : NULL;
        case OP_MEM:
                return insn->k >= BPF_MEMWORDS ? "no such slot of scratch memory" : NULL;
        case OP_DIVISOR:
                return insn->k == 0 ? "division by zero" : NULL;
        case OP_SHIFT:
                return insn->k >= 32 ? "shift by more than 31" : NULL;
        case OP_JUMP:
                return insn->k >= left ? "jump beyond the end" : NULL;
        case OP_BRANCH:
                return insn->jt >= left || insn->jf >= left ? "jump beyond the end" : NULL;
        case OP_ANY:
        case OP_LENGTH:
                break;
        }
        return NULL;
}

/* What is wrong with an instruction that has `left` others behind it; NULL if nothing. */
static const char *check_insn(const struct sock_filter *insn, size_t left)
{
        for (size_t i = 0; i < SC_COUNT(allowed); i++)
                if (allowed[i].code == insn->code)
                        return check_operand(allowed[i].operand, insn, left);
        return "unknown instruction";
}

/*
 * The kernel refuses a load from a slot that no path to it has stored to. Bit n of masks[i] is "slot n is set on
 * every way to instruction i". A return counts as a way to the instruction behind it (check_load_and_stores).
 */
static const char *check_scratch(const struct sc_bpf_program *program, size_t *ret_at)
{
        uint16_t masks[SC_BPF_LEN_MAX];

        for (size_t i = 0; i < program->len; i++)
                masks[i] = i ? UINT16_MAX : 0;
        for (size_t i = 0; i < program->len; i++) {
                const struct sock_filter *insn = &program->insns[i];
                unsigned class = BPF_CLASS(insn->code);
                uint16_t set = masks[i];

                *ret_at = i;
                if (class == BPF_ST || class == BPF_STX)
                        set |= (uint16_t)(1u << insn->k);
                else if ((class == BPF_LD || class == BPF_LDX) && BPF_MODE(insn->code) == BPF_MEM &&
                         !(set >> insn->k & 1))
                        return "load from scratch memory that nothing was stored to";
                if (class == BPF_JMP && BPF_OP(insn->code) == BPF_JA) {
                        masks[i + 1 + insn->k] &= set;
                } else if (class == BPF_JMP) {
                        masks[i + 1 + insn->jt] &= set;
                        masks[i + 1 + insn->jf] &= set;
                } else if (i + 1 < program->len) {
                        masks[i + 1] &= set;
                }
        }
        return NULL;
}

int sc_bpf_check(const struct sc_bpf_program *program, struct sc_bpf_fault *ret_fault)
{
        struct sc_bpf_fault fault = { 0 };

        if (program->len == 0)
                fault.what = "empty program";
        else if (program->len > SC_BPF_LEN_MAX)
                fault.what = "more than 4096 instructions";
        for (size_t i = 0; i < program->len && !fault.what; i++) {
                fault.at = i;
                fault.what = check_insn(&program->insns[i], program->len - 1 - i);
        }
        if (!fault.what && BPF_CLASS(program->insns[program->len - 1].code) != BPF_RET)
                fault.what = "does not end with a return";
        if (!fault.what)
                fault.what = check_scratch(program, &fault.at);
        if (!fault.what)
                return 0;
        *ret_fault = fault;
        return -EINVAL;
}

static uint32_t alu(uint16_t code, uint32_t a, uint32_t b)
{
        switch (BPF_OP(code)) {
        case BPF_ADD:
                return a + b;
        case BPF_SUB:
                return a - b;
        case BPF_MUL:
                return a * b;
        case BPF_AND:
                return a & b;
        case BPF_OR:
                return a | b;
        case BPF_XOR:
                return a ^ b;
        case BPF_LSH:
                return a << (b & 31); /* the kernel's converter masks a shift by X */
        case BPF_RSH:
                return a >> (b & 31);
        case BPF_DIV:
                return a / b; /* b is not 0: the caller sees to it */
        default:
                return -a; /* BPF_NEG */
        }
}

static bool jump_taken(uint16_t code, uint32_t a, uint32_t b)
{
        switch (BPF_OP(code)) {
        case BPF_JEQ:
                return a == b;
        case BPF_JGT:
                return a > b;
        case BPF_JGE:
                return a >= b;
        default:
                return a & b; /* BPF_JSET */
        }
}

struct machine {
        const struct sc_bpf_data *data;
        uint32_t a, x;
        uint32_t mem[BPF_MEMWORDS];
};

static uint32_t load(const struct machine *m, const struct sock_filter *insn)
{
        switch (BPF_MODE(insn->code)) {
        case BPF_ABS:
                return m->data->words[insn->k / 4];
        case BPF_LEN:
                return sizeof(struct seccomp_data);
        case BPF_MEM:
                return m->mem[insn->k];
        default:
                return insn->k; /* BPF_IMM */
        }
}

/* Executes one instruction; true with the value if it returns from the program. */
static bool step(struct machine *m, const struct sock_filter *insn, size_t *pc, uint32_t *ret_value)
{
        uint32_t operand = BPF_SRC(insn->code) == BPF_X ? m->x : insn->k;

        switch (BPF_CLASS(insn->code)) {
        case BPF_LD:
                m->a = load(m, insn);
                break;
        case BPF_LDX:
                m->x = load(m, insn);
                break;
        case BPF_ST:
                m->mem[insn->k] = m->a;
                break;
        case BPF_STX:
                m->mem[insn->k] = m->x;
                break;
        case BPF_ALU:
                if (BPF_OP(insn->code) == BPF_DIV && operand == 0) {
                        *ret_value = SECCOMP_RET_KILL_THREAD; /* a division by a zero X ends the program with 0 */
                        return true;
                }
                m->a = alu(insn->code, m->a, operand);
                break;
        case BPF_JMP:
                if (BPF_OP(insn->code) == BPF_JA)
                        *pc += insn->k;
                else
                        *pc += jump_taken(insn->code, m->a, operand) ? insn->jt : insn->jf;
                break;
        case BPF_RET:
                *ret_value = BPF_RVAL(insn->code) == BPF_A ? m->a : insn->k;
                return true;
        default: /* BPF_MISC */
                if (BPF_MISCOP(insn->code) == BPF_TAX)
                        m->x = m->a;
                else
                        m->a = m->x;
                break;
        }
        return false;
}

uint32_t sc_bpf_run(const struct sc_bpf_program *program, const struct sc_bpf_data *data)
{
        struct machine m = { .data = data };
        uint32_t value = 0;
        size_t pc = 0;

        while (!step(&m, &program->insns[pc], &pc, &value))
                pc++;
        return value;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Random programs, with enough structure that most of them compute something that depends on little. */
#include "program.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"

static const uint32_t actions[] = {
        SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,  SECCOMP_RET_TRAP,  SECCOMP_RET_ERRNO,
        SECCOMP_RET_ERRNO,        SECCOMP_RET_ERRNO,       SECCOMP_RET_ERRNO, SECCOMP_RET_TRACE, SECCOMP_RET_USER_NOTIF,
        SECCOMP_RET_TRACE,        SECCOMP_RET_LOG,         SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW,
        0x00040000,               0x12340000,              0xfffe0000,
};

static const uint32_t numbers[] = {
        0, 1, 2, 3, 7, 8, 16, 31, 32, 41, 110, 0xff, 0x100, 0xffff, 0x10000, 0x40000000, 0x7fffffff, 0x80000000,
        UINT32_MAX - 1, UINT32_MAX, AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
};

static uint32_t random_number(struct rng *rng)
{
        uint32_t k = numbers[rng_below(rng, SC_COUNT(numbers))];

        switch (rng_below(rng, 6)) {
        case 0:
                return (uint32_t)rng_next(rng);
        case 1:
                return k ^ UINT32_C(1) << rng_below(rng, 32);
        default:
                return k;
        }
}

static uint32_t random_value(struct rng *rng)
{
        uint32_t data = rng_percent(rng, 80) ? (uint32_t)rng_below(rng, 12) : (uint32_t)rng_next(rng) & 0xffff;

        return actions[rng_below(rng, SC_COUNT(actions))] | data;
}

static struct sock_filter random_load(struct rng *rng, enum program_kind kind)
{
        bool x = rng_percent(rng, 30);
        uint32_t i = (uint32_t)rng_below(rng, 16);

        if (kind == PROGRAM_WITHOUT_POINTER || rng_percent(rng, 80))
                i = i == 2 || i == 3 ? 0 : i;
        switch (rng_below(rng, x ? 3 : 7)) {
        case 0:
                return (struct sock_filter)BPF_STMT((x ? BPF_LDX : BPF_LD) | BPF_IMM, random_number(rng));
        case 1:
                return (struct sock_filter)BPF_STMT((x ? BPF_LDX : BPF_LD) | BPF_MEM, (uint32_t)rng_below(rng, 3));
        case 2:
                return (struct sock_filter)BPF_STMT((x ? BPF_LDX : BPF_LD) | BPF_W | BPF_LEN,
                                                    rng_percent(rng, 20) ? random_number(rng) : 0);
        default:
                return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * i);
        }
}

/* A mask is the operation that makes numbers small again, so it is the most frequent. */
static struct sock_filter random_alu(struct rng *rng)
{
        static const uint16_t ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,
                                        BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG };
        uint16_t op = rng_percent(rng, 40) ? BPF_AND : ops[rng_below(rng, SC_COUNT(ops))];
        uint16_t source = rng_percent(rng, 40) ? BPF_X : BPF_K;
        uint32_t k = random_number(rng);

        if (source == BPF_K && (op == BPF_LSH || op == BPF_RSH))
                k %= 32;
        else if (source == BPF_K && op == BPF_MUL)
                k = rng_percent(rng, 80) ? k % 16 : k;
        else if (source == BPF_K && op == BPF_DIV)
                k = rng_percent(rng, 80) ? 1 + k % 16 : k | 1;
        else if (op == BPF_AND && rng_percent(rng, 60))
                k = UINT32_C(0xf) << rng_below(rng, 29);
        return (struct sock_filter)BPF_STMT(BPF_ALU | op | source, k);
}

static struct sock_filter random_jump(struct rng *rng, size_t left)
{
        static const uint16_t ops[] = { BPF_JEQ, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
        size_t reach = left < 6 || rng_percent(rng, 20) ? left : 6;
        uint16_t source = rng_percent(rng, 25) ? BPF_X : BPF_K;

        reach = reach < 256 ? reach : 256; /* an offset is a byte */
        if (rng_percent(rng, 10))
                return (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)rng_below(rng, reach));
        return (struct sock_filter)BPF_JUMP(BPF_JMP | ops[rng_below(rng, SC_COUNT(ops))] | source, random_number(rng),
                                            (uint8_t)rng_below(rng, reach), (uint8_t)rng_below(rng, reach));
}

static struct sock_filter random_return(struct rng *rng)
{
        return rng_percent(rng, 20) ? (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, random_number(rng)) :
                                      (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, random_value(rng));
}

/* An instruction with `left` others behind it. */
static struct sock_filter random_insn(struct rng *rng, enum program_kind kind, size_t left)
{
        size_t what = rng_below(rng, 100);

        if (left == 0 || what < 5)
                return random_return(rng);
        if (what < 30)
                return random_load(rng, kind);
        if (what < 55)
                return random_alu(rng);
        if (what < 65)
                return (struct sock_filter)BPF_STMT(what % 2 ? BPF_ST : BPF_STX, (uint32_t)rng_below(rng, 3));
        if (what < 75)
                return (struct sock_filter)BPF_STMT(BPF_MISC | (what % 2 ? BPF_TAX : BPF_TXA), 0);
        return random_jump(rng, left);
}

static bool is_valid(const struct sock_filter *insns, size_t len)
{
        struct sc_bpf_fault fault;

        return sc_bpf_check(&(struct sc_bpf_program){ .insns = insns, .len = len }, &fault) == 0;
}

/* A return of A is led up to: few bits of it stay, and an action is put on top. */
static size_t end_with_a(struct rng *rng, struct sock_filter *insns, size_t len)
{
        insns[len - 1] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, random_number(rng) & 0x1fff);
        insns[len] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_OR | BPF_K, random_value(rng));
        insns[len + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
        return len + 2;
}

size_t program_random(struct rng *rng, enum program_kind kind, struct sock_filter *ret_insns)
{
        size_t len = 2 + rng_below(rng, PROGRAM_RANDOM_MAX - 4);

        do {
                for (size_t i = 0; i < len; i++)
                        ret_insns[i] = random_insn(rng, kind, len - 1 - i);
                for (size_t i = 0; i < len; i++) { /* scratch memory is written before it is read, mostly */
                        struct sc_bpf_fault fault = { .at = len };
                        const struct sc_bpf_program program = { .insns = ret_insns, .len = len };

                        if (sc_bpf_check(&program, &fault) == 0)
                                break;
                        if (fault.at < len - 1)
                                ret_insns[fault.at] =
                                        (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, random_number(rng));
                }
        } while (!is_valid(ret_insns, len));
        return rng_percent(rng, 30) ? end_with_a(rng, ret_insns, len) : len;
}

/* Moves what is behind `at` by one instruction, and the jumps over it. False if an offset has no room. */
static bool insert(struct sock_filter *insns, size_t len, size_t at, struct sock_filter insn)
{
        for (size_t i = 0; i < at; i++) {
                struct sock_filter *f = &insns[i];

                if (BPF_CLASS(f->code) != BPF_JMP)
                        continue;
                if (BPF_OP(f->code) == BPF_JA) {
                        f->k += i + 1 + f->k > at;
                        continue;
                }
                if ((i + 1 + f->jt > at && f->jt == 255) || (i + 1 + f->jf > at && f->jf == 255))
                        return false;
                f->jt = (uint8_t)(f->jt + (i + 1 + f->jt > at));
                f->jf = (uint8_t)(f->jf + (i + 1 + f->jf > at));
        }
        memmove(&insns[at + 1], &insns[at], (len - at) * sizeof(*insns));
        insns[at] = insn;
        return true;
}

static size_t mutate_once(struct rng *rng, struct sock_filter *insns, size_t len, size_t cap)
{
        size_t at = rng_below(rng, len);

        switch (rng_below(rng, 5)) {
        case 0:
                insns[at] = random_insn(rng, PROGRAM_ANY, len - 1 - at);
                break;
        case 1:
                if (BPF_CLASS(insns[at].code) == BPF_JMP || insns[at].code == (BPF_LD | BPF_W | BPF_ABS))
                        insns[at].k = BPF_CLASS(insns[at].code) == BPF_LD ? (uint32_t)rng_below(rng, 16) * 4 :
                                                                            random_number(rng);
                break;
        case 2:
                if (BPF_CLASS(insns[at].code) == BPF_JMP)
                        insns[at].jt = (uint8_t)rng_below(rng, len - at), insns[at].jf = (uint8_t)rng_below(rng, 4);
                break;
        default:
                if (len < cap && insert(insns, len, at, random_insn(rng, PROGRAM_ANY, len - at)))
                        return len + 1;
                break;
        }
        return len;
}

size_t program_mutate(struct rng *rng, struct sock_filter *insns, size_t len, size_t cap)
{
        SC_CLEANUP(sc_freep) struct sock_filter *saved = malloc(cap * sizeof(*saved));

        if (!saved)
                abort();
        for (size_t n = 1 + rng_below(rng, 6); n > 0;) {
                size_t changed;

                memcpy(saved, insns, len * sizeof(*saved));
                changed = mutate_once(rng, saved, len, cap);
                if (!is_valid(saved, changed))
                        continue;
                memcpy(insns, saved, changed * sizeof(*saved));
                len = changed;
                n--;
        }
        return len;
}

static uint32_t near(struct rng *rng, const struct sc_bpf_program *program)
{
        uint32_t k = program->insns[rng_below(rng, program->len)].k;

        switch (rng_below(rng, 5)) {
        case 0:
                return (uint32_t)rng_next(rng);
        case 1:
                return k - 1 + (uint32_t)rng_below(rng, 3);
        case 2:
                return (uint32_t)rng_below(rng, 20);
        default:
                return k;
        }
}

struct sc_input program_input(struct rng *rng, const struct sc_bpf_program *program)
{
        struct sc_input in = { 0 };

        in.words[SC_WORD_ARCH] = rng_percent(rng, 60) ? AUDIT_ARCH_X86_64 : near(rng, program);
        in.words[SC_WORD_NR] = near(rng, program);
        for (int w = SC_WORD_ARG0; w <= SC_WORD_ARG5; w++)
                in.words[w] = w > SC_WORD_ARG0 && rng_percent(rng, 15) ?
                                      in.words[w - 1] :
                                      (uint64_t)near(rng, program) << 32 | near(rng, program);
        return in;
}

uint32_t program_run(const struct sc_bpf_program *program, const struct sc_input *in, uint64_t pointer)
{
        struct sc_bpf_data data = sc_bpf_data_make((uint32_t)in->words[SC_WORD_ARCH], (uint32_t)in->words[SC_WORD_NR],
                                                   &in->words[SC_WORD_ARG0], program->big_endian);

        data.words[2] = (uint32_t)(program->big_endian ? pointer >> 32 : pointer);
        data.words[3] = (uint32_t)(program->big_endian ? pointer : pointer >> 32);
        return sc_bpf_run(program, &data);
}

/* Takes an instruction out, and the jumps to it to the one behind. */
static void drop(struct sock_filter *insns, size_t len, size_t at)
{
        for (size_t i = 0; i < at; i++) {
                struct sock_filter *f = &insns[i];

                if (BPF_CLASS(f->code) != BPF_JMP)
                        continue;
                if (BPF_OP(f->code) == BPF_JA) {
                        f->k -= i + 1 + f->k > at;
                        continue;
                }
                f->jt = (uint8_t)(f->jt - (i + 1 + f->jt > at));
                f->jf = (uint8_t)(f->jf - (i + 1 + f->jf > at));
        }
        memmove(&insns[at], &insns[at + 1], (len - at - 1) * sizeof(*insns));
}

static bool still(const struct sock_filter *insns, size_t len, bool big_endian, program_test test, void *data)
{
        const struct sc_bpf_program program = { .insns = insns, .len = len, .big_endian = big_endian };

        return len && is_valid(insns, len) && test(&program, data);
}

size_t program_shrink(struct sock_filter *insns, size_t len, bool big_endian, program_test test, void *data)
{
        SC_CLEANUP(sc_freep) struct sock_filter *trial = malloc(len * sizeof(*trial));
        bool progress = trial;

        while (progress) {
                progress = false;
                for (size_t i = 0; i < len; i++) {
                        memcpy(trial, insns, len * sizeof(*trial));
                        drop(trial, len, i);
                        if (still(trial, len - 1, big_endian, test, data)) {
                                memcpy(insns, trial, --len * sizeof(*trial));
                                progress = true;
                                continue;
                        }
                        memcpy(trial, insns, len * sizeof(*trial));
                        trial[i].k = 0;
                        if (insns[i].k && still(trial, len, big_endian, test, data)) {
                                insns[i].k = 0;
                                progress = true;
                        }
                }
        }
        return len;
}

void program_print(const struct sc_bpf_program *program)
{
        for (size_t i = 0; i < program->len; i++)
                printf("# %zu: { %#x, %u, %u, %#x },\n", i, program->insns[i].code, program->insns[i].jt,
                       program->insns[i].jf, program->insns[i].k);
}

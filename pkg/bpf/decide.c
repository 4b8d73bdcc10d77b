/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbolic execution of what libseccomp and runc write: loads, jumps, AND with a constant, RET with a constant. Jumps
 * only go forward, so one pass from the front finds every (instruction, accumulator) that can occur, and one from the
 * back gives each of them its function. Programs with other instructions go to follow.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/util.h"
#include "bpf/bpf.h"
#include "bpf/follow.h"

/* What the accumulator holds: a constant, or 32 bits of an input word, masked and taken down by `shift`. */
struct acc {
        bool constant;
        uint8_t word;
        uint8_t shift; /* 0, or 32 for the upper half of an argument */
        uint32_t bits; /* the constant, or the mask */
};

/* An accumulator that an instruction is reached with. */
struct state {
        struct acc acc;
        uint32_t next;  /* in the list of its instruction */
        uint32_t yes;   /* the state that follows; for a branch, when it is taken */
        uint32_t no;    /* for a branch, when it is not */
        uint32_t pc;    /* its instruction */
        uint32_t comers; /* states that lead to it */
        bool inner;      /* part of a chain, and reached from the link before only: has no node of its own */
        sc_node node;
};

#define NONE UINT32_MAX

struct walk {
        const struct sc_bpf_program *program;
        struct state *states;
        size_t n;
        size_t cap;
        uint32_t lists[SC_BPF_LEN_MAX]; /* first state of each instruction */
        bool stuck;                     /* it cannot be followed here */
        struct sc_entry *chain;         /* room for the links of one chain */
};

static bool acc_equal(struct acc a, struct acc b)
{
        return a.constant == b.constant && a.word == b.word && a.shift == b.shift && a.bits == b.bits;
}

/* The state of instruction `pc` with `acc`, found or made; NONE with w->stuck, or when out of memory. */
static uint32_t reach(struct walk *w, size_t pc, struct acc acc)
{
        struct state *states;

        for (uint32_t i = w->n ? w->lists[pc] : NONE; i != NONE; i = w->states[i].next)
                if (acc_equal(w->states[i].acc, acc))
                        return i;
        if (w->n >= SC_BPF_STATES_MAX) {
                w->stuck = true;
                return NONE;
        }
        states = sc_grow(w->states, w->n, &w->cap, sizeof(*states));
        if (!states)
                return NONE;
        w->states = states;
        states[w->n] = (struct state){
                .acc = acc,
                .next = w->lists[pc],
                .yes = NONE,
                .no = NONE,
                .pc = (uint32_t)pc,
                .node = SC_NODE_FAILED,
        };
        w->lists[pc] = (uint32_t)w->n;
        return (uint32_t)w->n++;
}

/* The accumulator after a load of seccomp_data at `offset`. */
static bool load(const struct walk *w, uint32_t offset, struct acc *ret_acc)
{
        struct acc acc = { .bits = UINT32_MAX };

        if (offset == 0) {
                acc.word = SC_WORD_NR;
        } else if (offset == 4) {
                acc.word = SC_WORD_ARCH;
        } else if (offset >= 16) {
                uint32_t i = (offset - 16) / 4;

                acc.word = (uint8_t)(SC_WORD_ARG0 + i / 2);
                acc.shift = (i % 2 == 1) != w->program->big_endian ? 32 : 0;
        } else {
                return false; /* the instruction pointer */
        }
        *ret_acc = acc;
        return true;
}

static bool known_outcome(const struct acc *acc, const struct sock_filter *insn, bool *ret_taken)
{
        uint32_t k = insn->k, m = acc->bits;

        switch (BPF_OP(insn->code)) {
        case BPF_JEQ:
                *ret_taken = acc->constant && m == k;
                return acc->constant || (k & ~m);
        case BPF_JGE:
                *ret_taken = acc->constant ? m >= k : k == 0;
                return acc->constant || k == 0 || k > m;
        case BPF_JGT:
                *ret_taken = acc->constant && m > k;
                return acc->constant || k >= m;
        default: /* BPF_JSET */
                *ret_taken = acc->constant && (m & k);
                return acc->constant || !(m & k);
        }
}

static void branch(struct walk *w, size_t pc, uint32_t at)
{
        const struct sock_filter *insn = &w->program->insns[pc];
        struct acc acc = w->states[at].acc;
        uint32_t yes = NONE, no = NONE;
        bool taken, known = known_outcome(&acc, insn, &taken);

        if (!known || taken)
                yes = reach(w, pc + 1 + insn->jt, acc);
        if (!known || !taken)
                no = reach(w, pc + 1 + insn->jf, acc);
        if (known)
                yes = no = taken ? yes : no;
        w->states[at].yes = yes;
        w->states[at].no = no;
}

/* Finds what follows a state. False if the instruction cannot be followed or memory is out. */
static bool follow(struct walk *w, size_t pc, uint32_t at)
{
        const struct sock_filter *insn = &w->program->insns[pc];
        struct acc acc = w->states[at].acc;
        uint32_t next;

        switch (insn->code) {
        case BPF_LD | BPF_W | BPF_ABS:
                if (!load(w, insn->k, &acc)) {
                        w->stuck = true;
                        return false;
                }
                next = reach(w, pc + 1, acc);
                break;
        case BPF_LD | BPF_IMM:
                next = reach(w, pc + 1, (struct acc){ .constant = true, .bits = insn->k });
                break;
        case BPF_ALU | BPF_AND | BPF_K:
                acc.bits &= insn->k;
                if (acc.bits == 0)
                        acc = (struct acc){ .constant = true };
                next = reach(w, pc + 1, acc);
                break;
        case BPF_JMP | BPF_JA:
                next = reach(w, pc + 1 + insn->k, acc);
                break;
        case BPF_JMP | BPF_JEQ | BPF_K:
        case BPF_JMP | BPF_JGE | BPF_K:
        case BPF_JMP | BPF_JGT | BPF_K:
        case BPF_JMP | BPF_JSET | BPF_K:
                branch(w, pc, at);
                return w->states[at].yes != NONE && w->states[at].no != NONE;
        case BPF_RET | BPF_K:
                return true;
        default:
                w->stuck = true; /* libseccomp and runc do not write it */
                return false;
        }
        w->states[at].yes = w->states[at].no = next;
        return next != NONE;
}

/* Returns 0, -EOPNOTSUPP or -ENOMEM. */
static int find_states(struct walk *w)
{
        if (reach(w, 0, (struct acc){ .constant = true }) == NONE)
                return -ENOMEM;
        for (size_t pc = 0; pc < w->program->len; pc++)
                for (uint32_t i = w->lists[pc]; i != NONE; i = w->states[i].next)
                        if (!follow(w, pc, i))
                                return w->stuck ? -EOPNOTSUPP : -ENOMEM;
        return 0;
}

/* The function of a branch on part of a word, from those of its two sides. */
static sc_node test_node(struct sc_decisions *d, const struct acc *acc, const struct sock_filter *insn, sc_node yes,
                         sc_node no)
{
        enum sc_word word = (enum sc_word)acc->word;
        uint64_t mask = (uint64_t)acc->bits << acc->shift, k = (uint64_t)insn->k << acc->shift;

        switch (BPF_OP(insn->code)) {
        case BPF_JEQ:
                return sc_decision_eq(d, word, mask, k, yes, no);
        case BPF_JGE:
                return sc_decision_ge_masked(d, word, mask, k, yes, no);
        case BPF_JGT: /* k is below the mask, so k + 1 does not wrap: known_outcome() */
                return sc_decision_ge_masked(d, word, mask, ((uint64_t)insn->k + 1) << acc->shift, yes, no);
        default: /* BPF_JSET */
                return sc_decision_any(d, word, mask & k, yes, no);
        }
}

static sc_node state_node(const struct walk *w, struct sc_decisions *d, size_t pc, const struct state *state)
{
        const struct sock_filter *insn = &w->program->insns[pc];

        if (insn->code == (BPF_RET | BPF_K))
                return sc_decision_leaf(d, insn->k);
        if (state->yes == state->no)
                return w->states[state->yes].node;
        return test_node(d, &state->acc, insn, w->states[state->yes].node, w->states[state->no].node);
}

/* A link of a chain: compares the whole number with one value, and goes on if it is another. */
static bool is_link(const struct walk *w, const struct state *state)
{
        return w->program->insns[state->pc].code == (BPF_JMP | BPF_JEQ | BPF_K) && !state->acc.constant &&
               state->acc.word == SC_WORD_NR && state->acc.bits == UINT32_MAX && state->yes != state->no;
}

/*
 * Filters are mostly chains of such comparisons. A chain is made in one go, as a map of numbers: one decision for each
 * link would be thrown away for the next.
 */
static void find_chains(struct walk *w)
{
        for (size_t i = 0; i < w->n; i++) {
                if (w->states[i].yes != NONE)
                        w->states[w->states[i].yes].comers++;
                if (w->states[i].no != NONE && w->states[i].no != w->states[i].yes)
                        w->states[w->states[i].no].comers++;
        }
        for (size_t i = 0; i < w->n; i++) {
                struct state *next = w->states[i].no == NONE ? NULL : &w->states[w->states[i].no];

                if (next && is_link(w, &w->states[i]) && is_link(w, next) && next->comers == 1)
                        next->inner = true;
        }
}

/* The links from `state` on, into w->chain, and what follows the last. Returns their number. */
static size_t collect_chain(const struct walk *w, const struct state *state, sc_node *ret_rest)
{
        size_t n = 0;

        do {
                w->chain[n++] =
                        (struct sc_entry){ w->program->insns[state->pc].k, w->states[state->yes].node };
                state = &w->states[state->no];
        } while (state->inner);
        *ret_rest = state->node;
        return n;
}

/* True if the collected links can be a map: each number once, and nothing behind them looks at the number again. */
static bool is_map(const struct walk *w, const struct sc_decisions *d, size_t n, sc_node rest)
{
        bool fine = sc_decision_is_below(d, rest, SC_WORD_NR);

        for (size_t i = 0; i < n; i++) {
                fine &= sc_decision_is_below(d, w->chain[i].node, SC_WORD_NR);
                fine &= i == 0 || w->chain[i].value != w->chain[i - 1].value;
        }
        return fine;
}

static sc_node chain_node(const struct walk *w, struct sc_decisions *d, const struct state *state)
{
        sc_node rest;
        size_t n = collect_chain(w, state, &rest);

        qsort(w->chain, n, sizeof(*w->chain), sc_entry_compare);
        if (is_map(w, d, n, rest))
                return sc_decision_map(d, SC_WORD_NR, w->chain, n, rest);
        n = collect_chain(w, state, &rest); /* in its own order again: the first link with a number decides */
        while (n-- > 0)
                rest = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, w->chain[n].value, w->chain[n].node, rest);
        return rest;
}

/* Gives every state its function, from the last instruction to the first. */
static int find_nodes(struct walk *w, struct sc_decisions *d)
{
        w->chain = calloc(w->program->len, sizeof(*w->chain));
        if (!w->chain)
                return -ENOMEM;
        find_chains(w);
        for (size_t pc = w->program->len; pc-- > 0;)
                for (uint32_t i = w->lists[pc]; i != NONE; i = w->states[i].next) {
                        struct state *state = &w->states[i];

                        if (!state->inner)
                                state->node = is_link(w, state) ? chain_node(w, d, state) : state_node(w, d, pc, state);
                }
        return sc_decisions_error(d);
}

int sc_bpf_decide(const struct sc_bpf_program *program, struct sc_decisions *d, sc_node *ret_node,
                  struct sc_bpf_fault *ret_fault)
{
        struct walk w = { .program = program };
        int r = sc_bpf_check(program, ret_fault);

        if (r < 0)
                return r;
        for (size_t i = 0; i < program->len; i++)
                w.lists[i] = NONE;
        r = find_states(&w);
        if (r == 0)
                r = find_nodes(&w, d);
        if (r == 0)
                *ret_node = w.states[w.lists[0]].node;
        free(w.states);
        free(w.chain);
        return r == -EOPNOTSUPP ? bpf_follow(program, d, ret_node, ret_fault) : r;
}

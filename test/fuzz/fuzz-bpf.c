/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of programs under a fuzzer: what it lets pass runs, and symbolic execution says the same or refuses. */
#include <errno.h>

#include "bpf/bpf.h"
#include "fuzz/fuzz.h"

#define NODES_MAX ((size_t)1 << 12)
#define INPUTS 8

/* Words from the program's own numbers: `i` tells inputs apart. */
static struct sc_input make_input(const struct sc_bpf_program *program, size_t i)
{
        struct sc_input in = { 0 };

        for (size_t w = SC_WORD_ARCH; w < SC_WORD_COUNT; w++) {
                uint32_t low = program->insns[(i * 7 + w) % program->len].k, high = program->insns[w % program->len].k;

                if (w <= SC_WORD_NR)
                        in.words[w] = low + i % 3 - 1u;
                else if (w >= SC_WORD_ARG0)
                        in.words[w] = (uint64_t)(i % 2 ? high : 0) << 32 | low;
                if (w <= SC_WORD_NR)
                        in.words[w] &= UINT32_MAX;
        }
        return in;
}

static void check_answers(const struct sc_bpf_program *program, const struct sc_decisions *d, sc_node node)
{
        for (size_t i = 0; i < INPUTS; i++) {
                struct sc_input in = make_input(program, i);
                struct sc_bpf_data data =
                        sc_bpf_data_make((uint32_t)in.words[SC_WORD_ARCH], (uint32_t)in.words[SC_WORD_NR],
                                         &in.words[SC_WORD_ARG0], program->big_endian);

                data.words[2] = (uint32_t)i; /* the instruction pointer makes no difference */
                require(sc_bpf_run(program, &data) == sc_decision_eval(d, node, &in));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct sc_arena *arena = sc_arena_new();
        struct sc_decisions *d = sc_decisions_new(NODES_MAX);
        struct sc_bpf_fault fault = { .at = SIZE_MAX };
        struct sc_bpf_program program;
        sc_node node;
        int r = sc_bpf_read(arena, data, size, &program, &fault);

        require(r == 0 || r == -EINVAL);
        require(r == 0 || (fault.what && fault.at <= SC_BPF_LEN_MAX));
        if (r == 0) {
                require(program.len * sizeof(struct sock_filter) == size);
                r = sc_bpf_decide(&program, d, &node, &fault);
                require(r == 0 || r == -EOPNOTSUPP || r == -E2BIG);
                require(r != -EOPNOTSUPP || (fault.what && fault.at < program.len));
                if (r == 0)
                        check_answers(&program, d, node);
        }
        sc_decisions_free(d);
        sc_arena_free(arena);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A rule's conditions as a decision. */
#include "bpf/args.h"

#define LOW UINT64_C(0xffffffff)

bool sc_scmp_args_otherwise(const struct sc_scmp_arg *args, unsigned n)
{
        return n == 1 && args[0].index == 0 && args[0].op == SC_SCMP_GE && args[0].a == 0;
}

/* One condition on an ABI. */
static sc_node arg_node(struct sc_decisions *d, const struct sc_abi *abi, const struct sc_scmp_arg *arg, sc_node holds)
{
        enum sc_word word = (enum sc_word)(SC_WORD_ARG0 + arg->index);
        uint64_t width = abi->word_bits == 32 ? LOW : UINT64_MAX;
        sc_node f = sc_decision_leaf(d, 0);

        switch (arg->op) {
        case SC_SCMP_MASKED_EQ:
                return sc_decision_eq(d, word, arg->a & width, arg->b & arg->a, holds, f);
        case SC_SCMP_EQ:
                return sc_decision_eq(d, word, width, arg->a, holds, f);
        case SC_SCMP_NE:
                return sc_decision_eq(d, word, width, arg->a, f, holds);
        case SC_SCMP_GE:
                return sc_decision_ge_masked(d, word, width, arg->a & width, holds, f);
        case SC_SCMP_LT:
                return sc_decision_ge_masked(d, word, width, arg->a & width, f, holds);
        case SC_SCMP_GT:
                if ((arg->a & width) == width)
                        return f;
                return sc_decision_ge_masked(d, word, width, (arg->a & width) + 1, holds, f);
        case SC_SCMP_LE:
                if ((arg->a & width) == width)
                        return holds;
                return sc_decision_ge_masked(d, word, width, (arg->a & width) + 1, f, holds);
        }
        return f;
}

sc_node sc_scmp_args_node(struct sc_decisions *d, const struct sc_abi *abi, const struct sc_scmp_arg *args, unsigned n)
{
        sc_node holds = sc_decision_leaf(d, 1);

        for (unsigned i = n; i-- > 0;)
                holds = arg_node(d, abi, &args[i], holds);
        return holds;
}

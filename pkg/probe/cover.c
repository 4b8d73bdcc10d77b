/* SPDX-License-Identifier: Apache-2.0 */
/* From the diagram to questions: the numbers first, then the arguments of each. */
#include "probe/cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "syscall/param.h"
#include "syscall/syscall.h"

#define X32_RANGE 0xc0000000u /* where any of these bits is set, a number is x32's, but for the last (sc_abi_owns()) */

struct arguments {
        uint64_t items[6];
};

struct asker {
        struct sc_decisions *d;
        const struct sc_abi *abi;
        uint32_t *numbers;
        size_t n_numbers, cap_numbers;
        struct arguments *arguments; /* of one number */
        size_t n_arguments, cap_arguments;
};

static bool is_asked(const struct sc_abi *abi, uint32_t nr)
{
        return sc_abi_owns(abi, nr) && !sc_syscall_is_unfiltered(abi, nr);
}

static int add_number(struct asker *a, uint32_t nr)
{
        uint32_t *numbers;

        if (!is_asked(a->abi, nr))
                return 0;
        numbers = sc_grow(a->numbers, a->n_numbers, &a->cap_numbers, sizeof(*numbers));
        if (!numbers)
                return -ENOMEM;
        a->numbers = numbers;
        a->numbers[a->n_numbers++] = nr;
        return 0;
}

/* Instead of a number that is not asked about: it differs in the last bit, which merge_number() made not to count. */
static uint32_t twin_of(uint32_t nr)
{
        return nr ^ 1;
}

static int visit_number(const struct sc_input *input, void *data)
{
        const struct asker *a = data;
        uint32_t nr = (uint32_t)input->words[SC_WORD_NR];

        return add_number(data, is_asked(a->abi, nr) ? nr : twin_of(nr));
}

static int compare_numbers(const void *a, const void *b)
{
        const uint32_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* A number that is not asked about shall have no branch of its own. */
static sc_node merge_number(struct asker *a, sc_node node, uint32_t nr)
{
        if (is_asked(a->abi, nr))
                return node;
        return sc_decision_eq(a->d, SC_WORD_NR, UINT32_MAX, nr, sc_decision_fix(a->d, node, SC_WORD_NR, twin_of(nr)),
                              node);
}

/* What tells numbers apart that can be asked about: x86_64 and x32 share a diagram. */
static sc_node own_numbers(struct asker *a, sc_node node)
{
        uint32_t nr;

        for (size_t i = 0; i < sc_syscall_count(); i++)
                if (sc_syscall_number((int)i, a->abi, &nr))
                        node = merge_number(a, node, nr);
        if (sc_abi_owns(a->abi, 0) && sc_abi_owns(a->abi, SC_ABI_X32_BIT))
                return node;
        if (sc_abi_owns(a->abi, 0))
                return sc_decision_fix_bits(a->d, node, SC_WORD_NR, X32_RANGE, 0);
        node = merge_number(a, node, UINT32_MAX);
        return sc_decision_ge(a->d, SC_WORD_NR, SC_ABI_X32_BIT, node,
                              sc_decision_fix_bits(a->d, node, SC_WORD_NR, SC_ABI_X32_BIT, SC_ABI_X32_BIT));
}

static int find_numbers(struct asker *a, sc_node node)
{
        const struct sc_input base = { .words = { [SC_WORD_NR] = a->abi->nr_base & SC_ABI_X32_BIT } };
        uint32_t nr;
        int r;

        node = own_numbers(a, node);
        r = sc_decision_branches(a->d, node, SC_WORD_NR, &base, visit_number, a);
        for (size_t i = 0; i < sc_syscall_count() && r == 0; i++)
                if (sc_syscall_number((int)i, a->abi, &nr))
                        r = add_number(a, nr);
        if (r == 0)
                r = add_number(a, UINT32_MAX); /* x86_64's, apart from all others of its */
        if (r == 0 && a->n_numbers)
                qsort(a->numbers, a->n_numbers, sizeof(*a->numbers), compare_numbers);
        return r;
}

static int add_arguments(struct asker *a, const struct arguments *arguments)
{
        struct arguments *items;

        if (a->n_arguments == SC_COVER_QUESTIONS_MAX)
                return -E2BIG;
        items = sc_grow(a->arguments, a->n_arguments, &a->cap_arguments, sizeof(*items));
        if (!items)
                return -ENOMEM;
        a->arguments = items;
        a->arguments[a->n_arguments++] = *arguments;
        return 0;
}

static int visit_arguments(const struct sc_input *input, void *data)
{
        struct arguments arguments;

        memcpy(arguments.items, &input->words[SC_WORD_ARG0], sizeof(arguments.items));
        return add_arguments(data, &arguments);
}

static int add_neighbours(struct asker *a, const struct arguments *of, size_t arg)
{
        const uint64_t value = of->items[arg], values[] = { value + 1, value - 1, value | SC_UPPER_HALF };
        int r = 0;

        for (size_t i = 0; i < SC_COUNT(values) && r == 0; i++) {
                struct arguments other = *of;

                other.items[arg] = sc_param_upper_halves_show(a->abi) ? values[i] : values[i] & ~SC_UPPER_HALF;
                r = add_arguments(a, &other);
        }
        return r;
}

/* The arguments that are looked at on the way to the answer, a bit each. */
static unsigned find_tested(const struct sc_decisions *d, sc_node node, const struct arguments *arguments)
{
        unsigned tested = 0;
        enum sc_word word;
        uint64_t bit;
        sc_node clear, set;

        while (sc_decision_split(d, node, &word, &bit, &clear, &set)) {
                tested |= 1u << (word - SC_WORD_ARG0);
                node = arguments->items[word - SC_WORD_ARG0] & bit ? set : clear;
        }
        return tested;
}

static int compare_arguments(const void *a, const void *b)
{
        const struct arguments *x = a, *y = b;

        for (size_t i = 0; i < SC_COUNT(x->items); i++)
                if (x->items[i] != y->items[i])
                        return x->items[i] > y->items[i] ? 1 : -1;
        return 0;
}

static int find_arguments(struct asker *a, sc_node node)
{
        const struct sc_input base = { 0 };
        size_t n;
        int r;

        a->n_arguments = 0;
        r = sc_decision_branches(a->d, node, SC_WORD_ARG5, &base, visit_arguments, a);
        n = a->n_arguments;
        for (size_t i = 0; i < n && r == 0; i++) {
                const struct arguments of = a->arguments[i]; /* they may move */
                unsigned tested = find_tested(a->d, node, &of);

                for (size_t arg = 0; arg < SC_COUNT(of.items) && r == 0; arg++)
                        if (tested >> arg & 1)
                                r = add_neighbours(a, &of, arg);
        }
        if (r == 0)
                qsort(a->arguments, a->n_arguments, sizeof(*a->arguments), compare_arguments);
        return r;
}

static int ask(struct asker *a, sc_node node, uint32_t nr, sc_question_visit visit, void *data)
{
        struct sc_question question = { .abi = a->abi, .nr = nr };
        int r = find_arguments(a, sc_decision_fix(a->d, node, SC_WORD_NR, nr));

        for (size_t i = 0; i < a->n_arguments && r == 0; i++) {
                if (i && compare_arguments(&a->arguments[i - 1], &a->arguments[i]) == 0)
                        continue;
                memcpy(question.args, a->arguments[i].items, sizeof(question.args));
                r = visit(&question, data);
        }
        return r;
}

int sc_question_cover(struct sc_decisions *d, sc_node node, const struct sc_abi *abi, sc_question_visit visit,
                      void *data)
{
        struct asker a = { .d = d, .abi = abi };
        int r;

        node = sc_decision_fix(d, node, SC_WORD_ARCH, abi->audit_arch);
        for (unsigned word = SC_WORD_ARG0; word <= SC_WORD_ARG5 && !sc_param_upper_halves_show(abi); word++)
                node = sc_decision_fix_bits(d, node, (enum sc_word)word, SC_UPPER_HALF, 0);
        r = find_numbers(&a, node);
        for (size_t i = 0; i < a.n_numbers && r == 0; i++)
                if (i == 0 || a.numbers[i] != a.numbers[i - 1])
                        r = ask(&a, node, a.numbers[i], visit, data);
        free(a.numbers);
        free(a.arguments);
        return r;
}

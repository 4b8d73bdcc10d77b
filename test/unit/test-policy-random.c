/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random conditions on arguments against a second evaluator, of an expression tree of its own, that knows nothing of
 * diagrams: they are written as text for the language, and evaluated here on values next to those that they name.
 * SC_SEED and TEST_ROUNDS choose others, and more of them.
 */
#include <errno.h>

#include "policy.h"

#define K61 SC_KERNEL(6, 1)
#define HIGH(n) ((uint64_t)(n) << 32)

static const struct sc_abi *abi_of(const char *name)
{
        return sc_abi_find(name, strlen(name));
}

enum { X86_64, X86, X32, AARCH64, S390X, MIPS, N_ABIS };
static const char *const abi_names[N_ABIS] = { "x86_64", "x86", "x32", "aarch64", "s390x", "mips" };

struct where {
        signed char low; /* register of the whole, or of its low half */
        signed char high; /* -1: it is in one register */
        unsigned char bits;
};

/* Parameters as the manual pages and the kernel's ABIs have them, independent of the library's table. */
static const struct parameter {
        const char *call;
        const char *name;
        struct where where[N_ABIS]; /* in the order of the enumeration */
} parameters[] = {
#define SAME(arg, bits) { { arg, -1, bits }, { arg, -1, bits }, { arg, -1, bits }, { arg, -1, bits }, \
                          { arg, -1, bits }, { arg, -1, bits } }
#define WORD(arg) { { arg, -1, 64 }, { arg, -1, 32 }, { arg, -1, 64 }, { arg, -1, 64 }, { arg, -1, 64 }, \
                    { arg, -1, 32 } }
        { "socket", "family", SAME(0, 32) },
        { "socket", "type", SAME(1, 32) },
        { "socket", "protocol", SAME(2, 32) },
        { "clone", "clone_flags", { { 0, -1, 32 }, { 0, -1, 32 }, { 0, -1, 32 }, { 0, -1, 32 }, { 1, -1, 32 },
                                    { 0, -1, 32 } } },
        { "clone", "newsp", { { 1, -1, 64 }, { 1, -1, 32 }, { 1, -1, 64 }, { 1, -1, 64 }, { 0, -1, 64 },
                              { 1, -1, 32 } } },
        { "mprotect", "start", WORD(0) },
        { "mprotect", "len", WORD(1) },
        { "mprotect", "arg2:64", SAME(2, 64) },
        { "fallocate", "fd", SAME(0, 32) },
        { "fallocate", "offset", { { 2, -1, 64 }, { 2, 3, 64 }, { 2, -1, 64 }, { 2, -1, 64 }, { 2, -1, 64 },
                                   { 3, 2, 64 } } },
        { "fallocate", "len", { { 3, -1, 64 }, { 4, 5, 64 }, { 3, -1, 64 }, { 3, -1, 64 }, { 3, -1, 64 },
                                { 5, 4, 64 } } },
        { "pread64", "count", WORD(2) },
        { "pread64", "pos", { { 3, -1, 64 }, { 3, 4, 64 }, { 3, -1, 64 }, { 3, -1, 64 }, { 3, -1, 64 },
                              { 5, 4, 64 } } },
        { "pread64", "arg0", SAME(0, 32) },
        { "fchmod", "fd", SAME(0, 32) },
        { "fchmod", "mode", SAME(1, 16) },
};

static uint64_t seed;

static uint64_t next(uint64_t limit)
{
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (seed >> 33) % limit;
}

enum kind { AND, OR, NOT, COMPARE, IN, ARCH };

struct tree {
        enum kind kind;
        struct tree *left, *right;
        const struct parameter *parameter;
        uint64_t mask; /* 0: none */
        struct {
                uint64_t first, last; /* IN; a comparison has its value in the first of the first */
        } values[4];
        size_t n;
        unsigned compare; /* into `signs` */
        bool others, turned;
        unsigned abis;
};

static const char *const signs[] = { "==", "!=", "<", "<=", ">", ">=" };
static const char *const turned_signs[] = { "==", "!=", ">", ">=", "<", "<=" };

static bool compared(unsigned compare, uint64_t a, uint64_t b)
{
        const bool results[] = { a == b, a != b, a < b, a <= b, a > b, a >= b };

        return results[compare];
}

/* A value that is small, or near a power of two, or anything, of at most `bits` bits. */
static uint64_t any_value(unsigned bits)
{
        uint64_t max = UINT64_MAX >> (64 - bits), value = next(24);

        if (next(3) == 0)
                value = (UINT64_C(1) << next(bits)) - next(3);
        else if (next(4) == 0)
                value = (next(UINT32_MAX) << 32 | next(UINT32_MAX)) >> next(bits);
        return value & max;
}

/* The narrowest that the parameter is on any ABI: what is written must fit. */
static unsigned least_bits(const struct parameter *parameter)
{
        unsigned bits = 64;

        for (size_t i = 0; i < N_ABIS; i++)
                if (parameter->where[i].bits < bits)
                        bits = parameter->where[i].bits;
        return bits;
}

static struct tree *any_atom(const char *call)
{
        struct tree *t = calloc(1, sizeof(*t));
        unsigned bits;

        if (next(12) == 0) {
                t->kind = ARCH;
                t->abis = (unsigned)(1 + next((1 << N_ABIS) - 2));
                return t;
        }
        do
                t->parameter = &parameters[next(SC_COUNT(parameters))];
        while (strcmp(t->parameter->call, call) != 0);
        bits = least_bits(t->parameter);
        t->kind = next(3) ? COMPARE : IN;
        t->mask = next(2) ? any_value(bits) : 0;
        t->compare = (unsigned)next(SC_COUNT(signs));
        t->others = next(2);
        t->turned = next(2);
        t->n = t->kind == IN ? 1 + next(SC_COUNT(t->values)) : 1;
        for (size_t i = 0; i < t->n; i++) {
                uint64_t first = any_value(bits), last;

                if (t->mask && next(12))
                        first &= t->mask;
                last = next(2) ? first : any_value(bits);
                t->values[i].first = first;
                t->values[i].last = last < first ? first : last;
        }
        return t;
}

static struct tree *any_tree(const char *call, unsigned depth)
{
        struct tree *t;

        if (depth == 0 || next(4) == 0)
                return any_atom(call);
        t = calloc(1, sizeof(*t));
        t->kind = (enum kind)next(3);
        t->left = any_tree(call, depth - 1);
        if (t->kind != NOT)
                t->right = any_tree(call, depth - 1);
        return t;
}

static void free_tree(struct tree *t)
{
        if (!t)
                return;
        free_tree(t->left);
        free_tree(t->right);
        free(t);
}

static void write_value(uint64_t value, struct sc_strbuf *out)
{
        switch (next(3)) {
        case 0:
                sc_strbuf_printf(out, "%" PRIu64, value);
                break;
        case 1:
                sc_strbuf_printf(out, "%#" PRIx64, value);
                break;
        default:
                sc_strbuf_printf(out, "%#" PRIo64, value);
        }
}

static void write_set(const struct tree *t, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, " %sin {", t->others ? "not " : "");
        for (size_t i = 0; i < t->n; i++) {
                sc_strbuf_puts(out, i ? ", " : "");
                write_value(t->values[i].first, out);
                if (t->values[i].last != t->values[i].first) {
                        sc_strbuf_puts(out, "..");
                        write_value(t->values[i].last, out);
                }
        }
        sc_strbuf_puts(out, "}");
}

static void write_atom(const struct tree *t, struct sc_strbuf *out)
{
        const char *comma = "";

        if (t->kind == ARCH) {
                sc_strbuf_puts(out, "arch in {");
                for (unsigned i = 0; i < N_ABIS; i++)
                        if (t->abis >> i & 1) {
                                sc_strbuf_printf(out, "%s%s", comma, abi_names[i]);
                                comma = ", ";
                        }
                sc_strbuf_puts(out, "}");
                return;
        }
        if (t->kind == COMPARE && t->turned) {
                write_value(t->values[0].first, out);
                sc_strbuf_printf(out, " %s ", turned_signs[t->compare]);
        }
        sc_strbuf_puts(out, t->parameter->name);
        if (t->mask) {
                sc_strbuf_puts(out, " & ");
                write_value(t->mask, out);
        }
        if (t->kind == IN)
                write_set(t, out);
        else if (!t->turned) {
                sc_strbuf_printf(out, " %s ", signs[t->compare]);
                write_value(t->values[0].first, out);
        }
}

static void write_tree(const struct tree *t, struct sc_strbuf *out)
{
        if (t->kind == COMPARE || t->kind == IN || t->kind == ARCH) {
                write_atom(t, out);
                return;
        }
        sc_strbuf_puts(out, t->kind == NOT ? "!(" : "(");
        write_tree(t->left, out);
        if (t->kind != NOT) {
                sc_strbuf_puts(out, t->kind == AND ? " && " : " || ");
                write_tree(t->right, out);
        }
        sc_strbuf_puts(out, ")");
}

static bool evaluate(const struct tree *t, unsigned abi, const uint64_t args[6])
{
        const struct where *where;
        uint64_t value;
        bool found = false;

        switch (t->kind) {
        case AND:
                return evaluate(t->left, abi, args) && evaluate(t->right, abi, args);
        case OR:
                return evaluate(t->left, abi, args) || evaluate(t->right, abi, args);
        case NOT:
                return !evaluate(t->left, abi, args);
        case ARCH:
                return t->abis >> abi & 1;
        case COMPARE:
        case IN:
                break;
        }
        where = &t->parameter->where[abi];
        value = args[where->low];
        if (where->high >= 0)
                value = args[where->high] << 32 | (uint32_t)value;
        value &= UINT64_MAX >> (64 - where->bits);
        if (t->mask)
                value &= t->mask;
        if (t->kind == COMPARE)
                return compared(t->compare, value, t->values[0].first);
        for (size_t i = 0; i < t->n; i++)
                found |= t->values[i].first <= value && value <= t->values[i].last;
        return found != t->others;
}

/* Any atom of the tree that names a parameter. */
static const struct tree *pick_atom(const struct tree *t)
{
        const struct tree *found;

        if (t->kind == COMPARE || t->kind == IN)
                return t;
        if (t->kind == ARCH)
                return NULL;
        found = pick_atom(t->right && next(2) ? t->right : t->left);
        return found ? found : pick_atom(t->left);
}

/* Registers with anything in them, but for those of some atoms: values at the bounds that the atoms name. */
static void any_input(const struct tree *t, unsigned abi, uint64_t args[6])
{
        for (unsigned i = 0; i < 6; i++)
                args[i] = any_value(64);
        for (unsigned i = 0; i < 4; i++) {
                const struct tree *atom = pick_atom(t);
                const struct where *where;
                uint64_t value;
                size_t which;

                if (!atom)
                        return;
                where = &atom->parameter->where[abi];
                which = next(atom->n);
                value = (next(2) ? atom->values[which].first : atom->values[which].last) + next(3) - 1;
                if (atom->mask && next(2))
                        value |= any_value(64) & ~atom->mask;
                if (where->high >= 0) {
                        args[where->high] = value >> 32 | (next(2) ? HIGH(next(UINT32_MAX)) : 0);
                        args[where->low] = (uint32_t)value | (next(2) ? HIGH(next(UINT32_MAX)) : 0);
                } else if (where->bits < 64 && next(2))
                        args[where->low] = (value & (UINT64_MAX >> (64 - where->bits))) |
                                           next(UINT32_MAX) << where->bits;
                else
                        args[where->low] = value;
        }
}

struct tally {
        size_t policies;
        size_t refused;
        size_t inputs;
        size_t held;
        size_t wrong;
};

/* A condition that is refused must be one that can be: always the same, in part or as a whole. */
static bool is_sound_refusal(const struct loaded *l, const struct tree *t, unsigned abi)
{
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(l->diags, &n);

        if (l->r != -EBADMSG || n != 1)
                return false;
        if (!strcmp(all[0]->rule, "always-true") || !strcmp(all[0]->rule, "always-false"))
                return true;
        if (strcmp(all[0]->rule, "never-matches") != 0)
                return false;
        for (unsigned i = 0; i < 50; i++) {
                uint64_t args[6];

                any_input(t, abi, args);
                if (evaluate(t, abi, args))
                        return false;
        }
        return true;
}

static void play(const struct tree *t, const char *call, const char *when, unsigned abi, struct tally *tally)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_DECISIONS_NODES_MAX);
        char text[4000];
        struct loaded l;
        sc_node node;

        snprintf(text, sizeof(text), "{ 'architectures': ['%s'], 'rules': [{ 'allow': ['%s'], 'when': '%s' }] }",
                 abi_names[abi], call, when);
        l = load("test.jsonc", text, NULL);
        tally->policies++;
        if (l.r != 0) {
                tally->refused++;
                if (!is_sound_refusal(&l, t, abi)) {
                        tally->wrong++;
                        printf("# refused: %s\n", text);
                        print_diags(&l);
                }
                done(&l);
                return;
        }
        node = sc_policy_call(l.policy, d, abi_of(abi_names[abi]), sc_syscall_find(call, strlen(call)));
        for (unsigned i = 0; i < 40; i++) {
                struct sc_input input = { .words = { [SC_WORD_KERNEL] = K61 } };
                bool wanted;

                any_input(t, abi, &input.words[SC_WORD_ARG0]);
                wanted = evaluate(t, abi, &input.words[SC_WORD_ARG0]);
                tally->inputs++;
                tally->held += wanted;
                if ((sc_decision_eval(d, node, &input) == 0x7fff0000) == wanted)
                        continue;
                tally->wrong++;
                printf("# %s: %s(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64
                       ") must be %s: %s\n", abi_names[abi], call, input.words[SC_WORD_ARG0],
                       input.words[SC_WORD_ARG1], input.words[SC_WORD_ARG2], input.words[SC_WORD_ARG3],
                       input.words[SC_WORD_ARG4], input.words[SC_WORD_ARG5], wanted ? "true" : "false", when);
                break;
        }
        done(&l);
}

static void test_random(void)
{
        const char *given = getenv("SC_SEED"), *rounds = getenv("TEST_ROUNDS");
        size_t n = rounds ? strtoull(rounds, NULL, 0) : 300;
        struct tally tally = { 0 };

        seed = given ? strtoull(given, NULL, 0) : 1;
        printf("# seed %" PRIu64 "\n", seed);
        for (size_t i = 0; i < n; i++) {
                const char *call = parameters[next(SC_COUNT(parameters))].call;
                struct sc_strbuf when = SC_STRBUF_INIT;
                struct tree *t = any_tree(call, 3);

                write_tree(t, &when);
                for (unsigned abi = 0; abi < N_ABIS; abi++)
                        play(t, call, when.text, abi, &tally);
                sc_strbuf_done(&when);
                free_tree(t);
        }
        printf("# %zu policies, %zu of them refused; %zu inputs, the condition held for %zu\n", tally.policies,
               tally.refused, tally.inputs, tally.held);
        CHECK_INT(tally.wrong, 0);
        CHECK(tally.refused < tally.policies / 2);
        CHECK(tally.held > tally.inputs / 10 && tally.held < tally.inputs / 10 * 9);
}

int main(void)
{
        test_random();
        return test_end();
}

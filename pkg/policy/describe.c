/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions over several registers: what each register asks of those behind it, or a sum of cubes. */
#include "policy/describe-internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "decision/cover.h"

#define LAYER_MAX 4096 /* nodes that test one register */
#define EXITS_MAX 24   /* functions of the later registers that one leads to */
#define MEMO_MAX 256   /* functions that are described on the way to one */
#define CUBES_MAX 32   /* of a condition over several registers */

struct describe_memo {
        sc_node node;
        const struct describe_piece *piece;
};

const char *describe_keep(struct describer *b, struct sc_strbuf *buf)
{
        const char *text = buf->failed ? NULL : sc_arena_strndup(b->arena, buf->text ? buf->text : "", buf->len);

        if (!text)
                b->error = -ENOMEM;
        sc_strbuf_done(buf);
        return text;
}

static const struct describe_piece *make_piece(struct describer *b, const char *text, size_t parts,
                                               enum describe_level level)
{
        struct describe_piece *piece;

        if (!text || parts > b->max)
                return NULL;
        piece = sc_arena_alloc(b->arena, sizeof(*piece));
        if (!piece) {
                b->error = -ENOMEM;
                return NULL;
        }
        *piece = (struct describe_piece){ text, parts, level };
        return piece;
}

const struct describe_piece *describe_atom(struct describer *b, size_t parts, const char *format, ...)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        va_list args;

        va_start(args, format);
        sc_strbuf_vprintf(&text, format, args);
        va_end(args);
        return make_piece(b, describe_keep(b, &text), parts, DESCRIBE_ATOM);
}

const struct describe_piece *describe_shorter(const struct describe_piece *a, const struct describe_piece *b)
{
        if (!a || !b)
                return a ? a : b;
        return b->parts < a->parts ? b : a;
}

const struct describe_piece *describe_join(struct describer *b, enum describe_level level,
                                           const struct describe_piece *const *pieces, size_t n)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        size_t parts = 0;
        bool whole = true;

        for (size_t i = 0; i < n && whole; i++) {
                bool open = pieces[i] && pieces[i]->level > level;

                whole = pieces[i] != NULL;
                if (!whole)
                        break;
                sc_strbuf_printf(&text, "%s%s%s%s", !i ? "" : level == DESCRIBE_AND ? " && " : " || ",
                                 open ? "(" : "", pieces[i]->text, open ? ")" : "");
                parts += pieces[i]->parts + (i > 0);
        }
        if (n == 1 && whole) {
                sc_strbuf_done(&text);
                return pieces[0];
        }
        if (!whole || parts > b->max) {
                sc_strbuf_done(&text);
                return NULL;
        }
        return make_piece(b, describe_keep(b, &text), parts, level);
}

static const struct describe_piece *negate(struct describer *b, const struct describe_piece *piece)
{
        return piece ? describe_atom(b, piece->parts + 2, "!(%s)", piece->text) : NULL;
}

static bool is_leaf(const struct describer *b, sc_node node)
{
        return node == b->yes || node == b->no;
}

/* The first word that a condition depends on; SC_WORD_COUNT if it is constant. */
static enum sc_word word_of(const struct describer *b, sc_node node)
{
        enum sc_word word;
        uint64_t bit;
        sc_node clear, set;

        return sc_decision_split(b->d, node, &word, &bit, &clear, &set) ? word : SC_WORD_COUNT;
}

/* The nodes that test one register, and those to which it leads, children before parents. */
struct layer {
        enum sc_word word;
        sc_node nodes[LAYER_MAX];
        size_t n;
        sc_node exits[EXITS_MAX];
        size_t n_exits;
        sc_node conds[LAYER_MAX]; /* where a node leads to the exit that is being looked at */
};

static bool add_exit(struct layer *l, sc_node node)
{
        for (size_t i = 0; i < l->n_exits; i++)
                if (l->exits[i] == node)
                        return true;
        if (l->n_exits == EXITS_MAX)
                return false;
        l->exits[l->n_exits++] = node;
        return true;
}

static int compare_nodes(const void *a, const void *b)
{
        const sc_node *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

/* Walks the register's nodes, each once, and sorts them; false if there are too many. */
static bool fill_layer(const struct describer *b, sc_node root, struct layer *l)
{
        l->n = l->n_exits = 0;
        l->nodes[l->n++] = root;
        for (size_t at = 0; at < l->n; at++) {
                enum sc_word word;
                uint64_t bit;
                sc_node sides[2];

                sc_decision_split(b->d, l->nodes[at], &word, &bit, &sides[0], &sides[1]);
                for (size_t s = 0; s < 2; s++) {
                        bool seen = false;

                        if (word_of(b, sides[s]) != l->word) {
                                if (!add_exit(l, sides[s]))
                                        return false;
                                continue;
                        }
                        for (size_t i = 0; i < l->n && !seen; i++)
                                seen = l->nodes[i] == sides[s];
                        if (seen)
                                continue;
                        if (l->n == LAYER_MAX)
                                return false;
                        l->nodes[l->n++] = sides[s];
                }
        }
        qsort(l->nodes, l->n, sizeof(*l->nodes), compare_nodes);
        return true;
}

static sc_node leads(const struct describer *b, const struct layer *l, size_t n, sc_node side, sc_node exit)
{
        const sc_node *found = bsearch(&side, l->nodes, n, sizeof(*l->nodes), compare_nodes);

        return found ? l->conds[found - l->nodes] : side == exit ? b->yes : b->no;
}

/* The values of the register, from `root` on, that lead to an exit. */
static sc_node where_exit(const struct describer *b, struct layer *l, sc_node root, sc_node exit)
{
        /* a node has a greater number than those below it */
        for (size_t i = 0; i < l->n; i++) {
                enum sc_word word;
                uint64_t bit;
                sc_node clear, set;

                sc_decision_split(b->d, l->nodes[i], &word, &bit, &clear, &set);
                l->conds[i] = sc_decision_any(b->d, word, bit, leads(b, l, i, set, exit), leads(b, l, i, clear, exit));
        }
        return leads(b, l, l->n, root, exit);
}

static const struct describe_piece *describe(struct describer *b, sc_node cond);

/* "the register is there, and the rest holds". */
static const struct describe_piece *join_term(struct describer *b, enum sc_word word, sc_node there, sc_node rest)
{
        const struct describe_piece *pieces[2];
        size_t n = 0;

        if (there != b->yes)
                pieces[n++] = describe_register(b, there, word);
        pieces[n++] = describe(b, rest);
        return describe_join(b, DESCRIBE_AND, pieces, n);
}

/* What one exit asks: for its own values, or also for those of exits that hold wherever it does. */
static const struct describe_piece *make_term(struct describer *b, const struct layer *l, const sc_node *where,
                                              size_t exit)
{
        const struct describe_piece *piece = join_term(b, l->word, where[exit], l->exits[exit]);
        sc_node wide = where[exit];

        for (size_t k = 0; k < l->n_exits; k++)
                if (sc_decision_ite(b->d, l->exits[exit], l->exits[k], b->yes) == b->yes)
                        wide = sc_decision_or(b->d, wide, where[k]);
        if (wide == where[exit])
                return piece;
        return describe_shorter(join_term(b, l->word, wide, l->exits[exit]), piece);
}

/* By the first register: for each function of the others that it leads to, the values that do. */
static const struct describe_piece *by_register(struct describer *b, sc_node cond)
{
        const struct describe_piece *terms[EXITS_MAX];
        sc_node where[EXITS_MAX];
        struct layer *l = malloc(sizeof(*l));
        size_t n = 0;

        if (!l) {
                b->error = -ENOMEM;
                return NULL;
        }
        l->word = word_of(b, cond);
        if (!fill_layer(b, cond, l)) {
                free(l);
                return NULL;
        }
        for (size_t i = 0; i < l->n_exits; i++)
                where[i] = where_exit(b, l, cond, l->exits[i]);
        /* first the values that need nothing else */
        for (size_t i = 0; i < l->n_exits; i++)
                if (l->exits[i] == b->yes)
                        terms[n++] = describe_register(b, where[i], l->word);
        for (size_t i = 0; i < l->n_exits; i++)
                if (!is_leaf(b, l->exits[i]))
                        terms[n++] = make_term(b, l, where, i);
        free(l);
        return describe_join(b, DESCRIBE_OR, terms, n);
}

static sc_node cube_on(const struct describer *b, const struct sc_path *cube, enum sc_word word)
{
        return sc_decision_eq(b->d, word, cube->masks[word], cube->values[word], b->yes, b->no);
}

static const struct describe_piece *make_cube(struct describer *b, const struct sc_path *cube)
{
        const struct describe_piece *pieces[SC_WORD_COUNT];
        size_t n = 0;

        for (enum sc_word word = SC_WORD_ARG0; word < SC_WORD_COUNT; word++)
                if (cube->masks[word])
                        pieces[n++] = describe_register(b, cube_on(b, cube, word), word);
        return describe_join(b, DESCRIBE_AND, pieces, n);
}

static const struct describe_piece *by_cubes(struct describer *b, sc_node cond)
{
        const struct describe_piece *pieces[CUBES_MAX];
        SC_CLEANUP(sc_freep) struct sc_path *cubes = NULL;
        size_t n;
        int r = sc_decision_cover(b->d, cond, CUBES_MAX, &cubes, &n);

        if (r < 0) {
                b->error = r == -E2BIG && !sc_decisions_error(b->d) ? b->error : r;
                return NULL;
        }
        for (size_t i = 0; i < n; i++)
                pieces[i] = make_cube(b, &cubes[i]);
        return describe_join(b, DESCRIBE_OR, pieces, n);
}

/* True if a condition depends on its first word only. */
static bool is_of_one_register(const struct describer *b, sc_node cond)
{
        for (enum sc_word word = word_of(b, cond) + 1; word < SC_WORD_COUNT; word++)
                if (sc_decision_fix(b->d, cond, word, 0) != cond)
                        return false;
        return true;
}

static const struct describe_piece *by_several(struct describer *b, sc_node cond)
{
        sc_node other = sc_decision_not(b->d, cond);
        const struct describe_piece *piece = by_register(b, cond);

        piece = describe_shorter(piece, by_cubes(b, cond));
        piece = describe_shorter(piece, negate(b, by_register(b, other)));
        return describe_shorter(piece, negate(b, by_cubes(b, other)));
}

static const struct describe_piece *describe(struct describer *b, sc_node cond)
{
        struct describe_memo memo = { .node = cond };

        for (size_t i = 0; i < b->n_memo; i++)
                if (b->memo[i].node == cond)
                        return b->memo[i].piece;
        if (b->error || sc_decisions_error(b->d) || b->n_memo == MEMO_MAX)
                return NULL;
        memo.piece = is_of_one_register(b, cond) ? describe_register(b, cond, word_of(b, cond)) : by_several(b, cond);
        if (b->n_memo < MEMO_MAX)
                b->memo[b->n_memo++] = memo;
        return memo.piece;
}

int sc_condition_describe(struct sc_decisions *d, sc_node cond, const struct sc_abi *abi, int call,
                          enum sc_describe_style style, size_t max, struct sc_strbuf *out)
{
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        struct describer b = {
                .d = d, .arena = arena, .abi = abi, .call = call, .style = style, .max = max,
                .yes = sc_decision_leaf(d, 1), .no = sc_decision_leaf(d, 0),
        };
        const struct describe_piece *piece;

        if (cond == SC_NODE_FAILED || sc_decisions_error(d))
                return sc_decisions_error(d);
        if (is_leaf(&b, cond))
                return cond == b.yes ? SC_DESCRIBED_ALWAYS : SC_DESCRIBED_NEVER;
        if (word_of(&b, cond) < SC_WORD_ARG0 || word_of(&b, cond) == SC_WORD_COUNT)
                return -EINVAL;
        b.memo = arena ? sc_arena_array(arena, MEMO_MAX, sizeof(*b.memo)) : NULL;
        if (!b.memo)
                return -ENOMEM;
        piece = describe(&b, cond);
        if (b.error || sc_decisions_error(d))
                return b.error ? b.error : sc_decisions_error(d);
        if (!piece)
                return -E2BIG;
        sc_strbuf_puts(out, piece->text);
        return out->failed ? -ENOMEM : SC_DESCRIBED;
}

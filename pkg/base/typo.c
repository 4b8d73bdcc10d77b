/* SPDX-License-Identifier: Apache-2.0 */
/* Edit distance (insert, delete, replace, swap of neighbours), with a bound that grows with the word. */
#include "base/typo.h"

#include <stdbool.h>
#include <string.h>

#define NAME_MAX_LEN 48 /* longer words get no hint */

struct sc_typo sc_typo_begin(const char *wanted, size_t len)
{
        /* a third of the word may be wrong, at least one and at most three letters */
        size_t bound = len / 3 < 1 ? 1 : len / 3 > 3 ? 3 : len / 3;

        return (struct sc_typo){ .wanted = wanted, .wanted_len = len, .distance = bound + 1 };
}

static size_t min3(size_t a, size_t b, size_t c)
{
        size_t m = a < b ? a : b;

        return m < c ? m : c;
}

static size_t edit_distance(const char *a, size_t n, const char *b, size_t m)
{
        size_t rows[3][NAME_MAX_LEN + 1];
        size_t *before = rows[0], *last = rows[1], *row = rows[2];

        for (size_t j = 0; j <= m; j++)
                last[j] = j;
        for (size_t i = 1; i <= n; i++) {
                size_t *t = before;

                row[0] = i;
                for (size_t j = 1; j <= m; j++) {
                        size_t cost = a[i - 1] != b[j - 1];

                        row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                            before[j - 2] + 1 < row[j])
                                row[j] = before[j - 2] + 1;
                }
                before = last;
                last = row;
                row = t;
        }
        return last[m];
}

static int lower(char c)
{
        return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* The same but for capital letters: the nearest that a name can be, however many there are. */
static bool same_letters(const char *a, const char *b, size_t len)
{
        for (size_t i = 0; i < len; i++)
                if (lower(a[i]) != lower(b[i]))
                        return false;
        return true;
}

void sc_typo_offer(struct sc_typo *typo, const char *name)
{
        size_t len = strlen(name), d;

        if (len > NAME_MAX_LEN || typo->wanted_len > NAME_MAX_LEN)
                return;
        d = len == typo->wanted_len && same_letters(typo->wanted, name, len) ?
                    0 : edit_distance(typo->wanted, typo->wanted_len, name, len);
        if (d < typo->distance) {
                typo->distance = d;
                typo->best = name;
        }
}

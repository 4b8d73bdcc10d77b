/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicate keys: sorted and compared with their neighbours, so that no choice of keys makes it slow. */
#include "json/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The next byte of a name with case folded. Go's encoding/json folds two more letters into ASCII names: U+017F (long s)
 * and U+212A (Kelvin sign), which have 's' and 'k' as their simple case folding (Unicode's CaseFolding.txt).
 */
static unsigned char fold_next(const char **s, const char *end)
{
        unsigned char c = (unsigned char)*(*s)++;
        size_t left = (size_t)(end - *s);

        if (c >= 'A' && c <= 'Z')
                return (unsigned char)(c + ('a' - 'A'));
        if (c == 0xc5 && left >= 1 && !memcmp(*s, "\xbf", 1)) {
                *s += 1;
                return 's';
        }
        if (c == 0xe2 && left >= 2 && !memcmp(*s, "\x84\xaa", 2)) {
                *s += 2;
                return 'k';
        }
        return c;
}

static int compare_folded(const char *a, size_t a_len, const char *b, size_t b_len)
{
        const char *a_end = a + a_len, *b_end = b + b_len;

        while (a < a_end && b < b_end) {
                int d = fold_next(&a, a_end) - fold_next(&b, b_end);

                if (d)
                        return d;
        }
        return (a < a_end) - (b < b_end);
}

static int compare_exact(const char *a, size_t a_len, const char *b, size_t b_len)
{
        int d = memcmp(a, b, a_len < b_len ? a_len : b_len);

        return d ? d : (a_len > b_len) - (a_len < b_len);
}

bool sc_json_is_folded(const struct sc_json *string, const char *s)
{
        return string && string->type == SC_JSON_STRING && !compare_folded(string->text, string->len, s, strlen(s));
}

static int compare_places(const struct sc_json *a, const struct sc_json *b)
{
        return (a->place.offset > b->place.offset) - (a->place.offset < b->place.offset);
}

static int order_exact(const void *x, const void *y)
{
        const struct sc_json *a = *(const struct sc_json *const *)x, *b = *(const struct sc_json *const *)y;
        int d = compare_exact(a->text, a->len, b->text, b->len);

        return d ? d : compare_places(a, b);
}

static int order_folded(const void *x, const void *y)
{
        const struct sc_json *a = *(const struct sc_json *const *)x, *b = *(const struct sc_json *const *)y;
        int d = compare_folded(a->text, a->len, b->text, b->len);

        return d ? d : compare_places(a, b);
}

static void report(const struct sc_json *first, const struct sc_json *second, struct sc_diags *diags)
{
        bool exact = !compare_exact(first->text, first->len, second->text, second->len);
        struct sc_diag *diag;

        diag = sc_diags_add(diags, SC_ERROR, "json-duplicate-key", second->place, "%s",
                            exact ? "this object already has a member with this key" :
                                    "this object already has a member whose key differs in case only");
        sc_diag_place(diag, first->place);
        sc_diag_hint(diag, "readers disagree on which of the two counts; keep one");
}

static int gather(struct sc_json_keys *keys, const struct sc_json *object)
{
        size_t n = 0;

        if (object->count > keys->cap || !keys->items) {
                size_t bytes;
                void *p;

                if (sc_mul_overflows(object->count, sizeof(*keys->items), &bytes))
                        return -ENOMEM;
                p = realloc((void *)keys->items, bytes);
                if (!p)
                        return -ENOMEM;
                keys->items = p;
                keys->cap = object->count;
        }
        for (const struct sc_json *m = object->first; m; m = m->next)
                keys->items[n++] = m->key;
        return 0;
}

int sc_json_keys_check(struct sc_json_keys *keys, const struct sc_json *object, unsigned flags, struct sc_diags *diags)
{
        bool fold = flags & SC_JSON_FOLD_KEYS;
        const struct sc_json *first = NULL, *second = NULL;
        int r;

        if (object->count < 2 || flags & SC_JSON_KEEP_DUPLICATES)
                return 0;
        r = gather(keys, object);
        if (r < 0)
                return r;
        qsort((void *)keys->items, object->count, sizeof(*keys->items), fold ? order_folded : order_exact);
        for (size_t i = 1; i < object->count; i++) {
                const struct sc_json *a = keys->items[i - 1], *b = keys->items[i];
                int d = fold ? compare_folded(a->text, a->len, b->text, b->len) :
                               compare_exact(a->text, a->len, b->text, b->len);

                if (d == 0 && (!second || compare_places(b, second) < 0)) {
                        first = a;
                        second = b;
                }
        }
        if (!second)
                return 0;
        report(first, second, diags);
        return -EBADMSG;
}

/* Inner objects first, as the parser meets their ends. No deeper than SC_JSON_DEPTH_MAX. */
static int check_tree(struct sc_json_keys *keys, const struct sc_json *value, unsigned flags, struct sc_diags *diags)
{
        int r = 0;

        for (const struct sc_json *m = value->first; m && r == 0; m = m->next)
                r = check_tree(keys, m, flags, diags);
        return r == 0 && value->type == SC_JSON_OBJECT ? sc_json_keys_check(keys, value, flags, diags) : r;
}

int sc_json_check_keys(const struct sc_json *value, unsigned flags, struct sc_diags *diags)
{
        struct sc_json_keys keys = { 0 };
        int r = check_tree(&keys, value, flags, diags);

        free((void *)keys.items);
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of names: parted at commas, looked up, complained about. */
#include "common/names.h"

#include <string.h>

#include "syscall/group.h"

struct calls {
        struct session *s;
        unsigned short *items;
        size_t n;
};

int names_each(struct session *s, const char *list, int (*take)(void *context, const char *name, size_t len),
               void *context)
{
        for (const char *p = list;; p++) {
                size_t len = strcspn(p, ",");
                int code = len ? take(context, p, len) : complain(s, "an empty name in '%s'", list);

                if (code)
                        return code;
                p += len;
                if (!*p)
                        return 0;
        }
}

/* Where all names of a kind are told; NULL: nowhere. */
static const char *find_list(const char *what)
{
        static const struct {
                const char *what, *list;
        } lists[] = {
                { "architecture", "'seccompose list abis'" },
                { "capability", "capabilities(7)" },
                { "consumer", "'seccompose list consumers'" },
                { "group", "'seccompose list groups'" },
                { "rule", "'seccompose lint --list-rules'" },
                { "shipped policy", "'seccompose list policies'" },
                { "system call", "'seccompose list syscalls'" },
        };

        for (size_t i = 0; i < SC_COUNT(lists); i++)
                if (!strcmp(lists[i].what, what))
                        return lists[i].list;
        return NULL;
}

int names_unknown(struct session *s, const char *what, const char *name, size_t len, const struct sc_typo *typo)
{
        if (typo->best)
                return complain(s, "no %s named '%.*s'; did you mean '%s'?", what, (int)len, name, typo->best);
        if (find_list(what))
                return complain(s, "no %s named '%.*s'; see %s", what, (int)len, name, find_list(what));
        return complain(s, "no %s named '%.*s'", what, (int)len, name);
}

/* A group is none; where there is one of this name, its calls can be seen. */
static int no_call(struct session *s, const char *name, size_t len)
{
        struct sc_typo typo = sc_typo_begin(name, len);

        if (*name == '@' && sc_group_find(name, len) >= 0)
                return complain(s, "'%.*s': name calls, not groups; 'seccompose list groups %.*s' prints its calls",
                                (int)len, name, (int)len, name);
        if (*name == '@')
                return complain(s, "'%.*s': name calls, not groups", (int)len, name);
        for (size_t i = 0; i < sc_syscall_count(); i++)
                sc_typo_offer(&typo, sc_syscall_name((int)i));
        return names_unknown(s, "system call", name, len, &typo);
}

static int take_call(void *context, const char *name, size_t len)
{
        struct calls *calls = context;
        int call = sc_syscall_find(name, len);
        unsigned short *items;

        if (call < 0)
                return no_call(calls->s, name, len);
        items = sc_arena_array(calls->s->arena, calls->n + 1, sizeof(*items));
        if (!items)
                return EXIT_SYSTEM;
        if (calls->n)
                memcpy(items, calls->items, calls->n * sizeof(*items));
        items[calls->n++] = (unsigned short)call;
        calls->items = items;
        return 0;
}

int names_calls(struct session *s, const char *list, unsigned short **calls, size_t *n)
{
        struct calls taken = { s, *calls, *n };
        int code = names_each(s, list, take_call, &taken);

        *calls = taken.items;
        *n = taken.n;
        return code;
}

int names_scmptable(struct session *s, const char *name, const struct sc_scmptable **ret_table)
{
        size_t len = strlen(name);
        struct sc_typo typo = sc_typo_begin(name, len);
        const struct sc_scmptable *table = sc_scmptable_find(name, len);

        for (size_t i = 0; i < sc_scmptable_count(); i++)
                sc_typo_offer(&typo, sc_scmptable_name(sc_scmptable_at(i)));
        if (!table)
                return names_unknown(s, "libseccomp", name, len, &typo);
        *ret_table = table;
        return 0;
}

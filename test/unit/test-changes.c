/* SPDX-License-Identifier: Apache-2.0 */
/* What changes from one policy to another: kinds, directions, groups, numbers, and answers in words. */
#include <errno.h>
#include <linux/seccomp.h>

#include "compare/changes.h"
#include "policy.h"

#define NODES ((size_t)1 << 20)
#define HEAD "{ 'architectures': ['x86_64', 'x86'], 'baseline': '6.1', "

static void decide(struct sc_decisions *d, const char *text, struct sc_compare_place places[2], int side)
{
        struct loaded l = load("test.jsonc", text, NULL);

        if (!CHECK_INT(l.r, 0))
                print_diags(&l);
        for (size_t i = 0; i < 2 && l.r == 0; i++) {
                places[i].abi = sc_abi_find(i ? "x86" : "x86_64", i ? 3 : 6);
                *(side ? &places[i].b : &places[i].a) =
                        sc_policy_decision_in(l.policy, d, places[i].abi, 0, SC_KERNEL(6, 1));
        }
        done(&l);
}

/* A group, written as "KIND DIRECTION PLACES[*] A → B: CALLS". */
static void write_group(const struct sc_change_group *group, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "%u %u %x%s %s → %s:", group->kind, group->direction, group->places,
                         group->partly ? "*" : "", group->a.text, group->b.text);
        for (size_t i = 0; i < group->n_calls; i++)
                sc_strbuf_printf(out, " %s", sc_syscall_name(group->calls[i]));
        for (size_t i = 0; i < group->n_numbers && !group->all_numbers; i++)
                sc_strbuf_printf(out, " %u-%u", group->numbers[i].first, group->numbers[i].last);
        sc_strbuf_puts(out, group->all_numbers ? " all\n" : "\n");
}

static const struct row {
        const char *a, *b, *groups; /* NULL: numbers that no call has, among others */
} rows[] = {
        { HEAD "'rules': [ { 'allow': ['read'] } ] }", HEAD "'rules': [ { 'allow': ['read'] } ] }", "" },
        { HEAD "'rules': [ { 'allow': ['read', 'write', 'chmod'] } ] }",
          HEAD "'rules': [ { 'allow': ['read', 'close', 'arch_prctl', 'umount'] }, { 'kill': ['chmod'] } ] }",
          "0 1 3 errno:EPERM → allow: arch_prctl close umount\n"
          "1 2 3 allow → kill: chmod\n"
          "1 2 3 allow → errno:EPERM: write\n" },
        { HEAD "'rules': [ { 'allow': ['read'] }, { 'log': ['write'] } ] }",
          HEAD "'newer': 'errno:ENOMEM', 'rules': [ { 'log': ['read', '@newest'] }, { 'log': ['write'] } ], "
               "'groups': { '@newest': ['cachestat', 'fchmodat2', 'file_getattr', 'file_setattr', 'futex_requeue', "
               "'futex_wait', 'futex_wake', 'getxattrat', 'listmount', 'listns', 'listxattrat', 'lsm_get_self_attr', "
               "'lsm_list_modules', 'lsm_set_self_attr', 'map_shadow_stack', 'mseal', 'open_tree_attr', "
               "'removexattrat', 'rseq_slice_yield', 'setxattrat', 'statmount'] } }",
          NULL },
        { HEAD "'rules': [ { 'allow': ['socket'], 'when': 'family in {AF_UNIX, AF_INET}' } ] }",
          HEAD "'rules': [ { 'allow': ['socket'], 'when': 'family == AF_UNIX' } ] }",
          "2 2 3 allow if family in {AF_UNIX, AF_INET}, else errno:EPERM → "
          "allow if family == AF_UNIX, else errno:EPERM: socket\n" },
        /* a 64-bit program can make calls of x86, too, with something in the upper halves */
        { HEAD "'rules': [ { 'allow': ['socket'], 'when': 'family == AF_UNIX' } ] }",
          HEAD "'rules': [ { 'allow': ['socket'], 'when': 'arg0:64 == AF_UNIX' } ] }",
          "2 2 3 allow if family == AF_UNIX, else errno:EPERM → "
          "allow if family:64 == AF_UNIX, else errno:EPERM: socket\n" },
        { HEAD "'rules': [ { 'allow': ['socket'], 'when': 'arg0:64 == 1' } ] }",
          HEAD "'rules': [ { 'allow': ['socket'], 'when': 'arg0:64 == 2' } ] }",
          "2 3 3 allow if family:64 == AF_UNIX, else errno:EPERM → "
          "allow if family:64 == AF_INET, else errno:EPERM: socket\n" },
        { HEAD "'rules': [ { 'allow': ['read'] } ] }",
          HEAD "'rules': [ { 'allow': ['read'] }, { 'allow': ['write'], 'when': 'arch in {x86}' } ] }",
          "0 1 2* errno:EPERM → allow: write\n" },
};

static void test_rows(void)
{
        for (size_t i = 0; i < SC_COUNT(rows); i++) {
                SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
                SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
                struct sc_compare_place places[2];
                const struct sc_change_group *groups;
                struct sc_strbuf out = SC_STRBUF_INIT;
                size_t n;

                decide(d, rows[i].a, places, 0);
                decide(d, rows[i].b, places, 1);
                if (!CHECK_INT(sc_compare_groups(arena, d, places, 2, &groups, &n), 0))
                        continue;
                for (size_t k = 0; k < n; k++)
                        write_group(&groups[k], &out);
                if (rows[i].groups)
                        CHECK_STR(out.text ? out.text : "", rows[i].groups);
                else
                        CHECK(out.text && strstr(out.text, "3 0 3 errno:ENOSYS → errno:ENOMEM: all\n"));
                sc_strbuf_done(&out);
        }
}

/* A condition without a short form comes with a witness. */
static void test_too_large(void)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(NODES);
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new();
        sc_node odd = sc_decision_leaf(d, 0), allow = sc_decision_leaf(d, 0x7fff0000);
        struct sc_compare_place place = { .abi = sc_abi_find("x86_64", 6), .a = sc_decision_leaf(d, 0x50001) };
        const struct sc_change_group *groups;
        size_t n;

        for (unsigned i = 0; i < 32; i++)
                odd = sc_decision_any(d, SC_WORD_ARG0, UINT64_C(1) << i, sc_decision_not(d, odd), odd);
        place.b = sc_decision_eq(d, SC_WORD_NR, UINT32_MAX, 41, sc_decision_ite(d, odd, allow, place.a), place.a);
        CHECK_INT(sc_compare_groups(arena, d, &place, 1, &groups, &n), 0);
        CHECK_INT(n, 1);
        CHECK_STR(groups[0].witness, "x86_64 socket(family=0x1 AF_UNIX): errno:EPERM → allow");
        CHECK(groups[0].b.items[0].too_large && !groups[0].b.items[0].when);
        CHECK_INT(groups[0].direction, SC_DIRECTION_WIDER);
        CHECK_INT(sc_decisions_error(d), 0);
}

int main(void)
{
        test_rows();
        test_too_large();
        return test_end();
}

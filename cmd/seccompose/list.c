/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose list: what seccompose knows, from its tables. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/typo.h"
#include "common/input.h"
#include "common/names.h"
#include "policy/describe.h"
#include "seccompose/options.h"
#include "syscall/group.h"

/* The ABIs of --arch, or those that this machine's programs use. */
static size_t chosen_abis(const struct options *options, const struct sc_abi *ret_abis[SC_ABI_MAX + 1])
{
        if (options->n_abis) {
                memcpy(ret_abis, options->abis, options->n_abis * sizeof(*ret_abis));
                return options->n_abis;
        }
        ret_abis[0] = sc_abi_native();
        return 1 + sc_abi_subordinates(sc_abi_native(), ret_abis + 1);
}

static void print_number(int call, const struct sc_abi *abi)
{
        sc_kernel since = 0;
        uint32_t nr;
        char cell[32] = "-";

        if (sc_syscall_number(call, abi, &nr)) {
                since = sc_syscall_since(call, abi);
                snprintf(cell, sizeof(cell), since ? "%u/%u.%u" : "%u", nr, SC_KERNEL_MAJOR(since),
                         SC_KERNEL_MINOR(since));
        }
        printf("\t%s", cell);
}

static void print_heads(const struct sc_abi *const *abis, size_t n, bool parameters)
{
        printf("# number as the kernel sees it / first kernel; - is none; f: programs fall back from it\nname");
        for (size_t i = 0; i < n; i++)
                printf("\t%s", abis[i]->name);
        printf("\tfallback%s\n", parameters ? "\tparameters" : "");
}

static void print_call(int call, const struct sc_abi *const *abis, size_t n)
{
        printf("%s", sc_syscall_name(call));
        for (size_t i = 0; i < n; i++)
                print_number(call, abis[i]);
        printf("\t%s", sc_syscall_fallback(call) ? "f" : "-");
}

static int print_named(struct session *s, int call, const struct sc_abi *const *abis, size_t n_abis)
{
        struct sc_strbuf parameters = SC_STRBUF_INIT;
        int code = EXIT_YES;

        sc_policy_parameters(call, &parameters);
        if (parameters.failed) {
                code = report(s, -ENOMEM, "list");
        } else {
                print_call(call, abis, n_abis);
                printf("\t%s\n", parameters.len ? parameters.text : "-");
        }
        sc_strbuf_done(&parameters);
        return code;
}

/* The calls that are named, with what else there is to know of them. */
static int list_named(struct session *s, const struct options *options, const struct sc_abi *const *abis, size_t n_abis)
{
        unsigned short *calls = NULL;
        size_t n = 0;
        int code = 0;

        for (size_t i = 1; i < options->n_args && code == 0; i++)
                code = names_calls(s, options->args[i], &calls, &n);
        if (code)
                return code;
        print_heads(abis, n_abis, true);
        for (size_t i = 0; i < n && code == EXIT_YES; i++)
                code = print_named(s, calls[i], abis, n_abis);
        return code;
}

static int list_syscalls(struct session *s, const struct options *options)
{
        const struct sc_abi *abis[SC_ABI_MAX + 1];
        size_t n = chosen_abis(options, abis);

        if (options->n_args > 1)
                return list_named(s, options, abis, n);
        print_heads(abis, n, false);
        for (size_t call = 0; call < sc_syscall_count(); call++) {
                print_call((int)call, abis, n);
                printf("\n");
        }
        return EXIT_YES;
}

static int list_group(struct session *s, const char *name)
{
        int group = sc_group_find(name, strlen(name));
        struct sc_typo typo = sc_typo_begin(name, strlen(name));
        const unsigned short *calls;
        size_t n;

        if (group < 0) {
                for (size_t i = 0; i < sc_group_count(); i++)
                        sc_typo_offer(&typo, sc_group_name((int)i));
                return names_unknown(s, "group", name, strlen(name), &typo);
        }
        calls = sc_group_calls(group, &n);
        for (size_t i = 0; i < n; i++)
                printf("%s\t%s\n", name, sc_syscall_name(calls[i]));
        return EXIT_YES;
}

static int list_groups(struct session *s, const struct options *options)
{
        int code = EXIT_YES;

        for (size_t i = 1; i < options->n_args && code == EXIT_YES; i++)
                code = list_group(s, options->args[i]);
        for (size_t i = 0; options->n_args == 1 && i < sc_group_count(); i++) {
                size_t n;

                sc_group_calls((int)i, &n);
                printf("%s\t%zu\t%s\n", sc_group_name((int)i), n, sc_group_description((int)i));
        }
        return code;
}

static int list_abis(struct session *s, const struct options *options)
{
        (void)s;
        (void)options;
        printf("name\talias\tprofile\tword\torder\twith\n");
        for (size_t i = 0; i < sc_abi_count(); i++) {
                const struct sc_abi *abi = sc_abi_at(i), *subs[SC_ABI_MAX];
                size_t n = sc_abi_subordinates(abi, subs);

                printf("%s\t%s\t%s\t%u\t%s\t", abi->name, abi->alias ? abi->alias : "-", abi->oci, abi->word_bits,
                       abi->big_endian ? "big" : "little");
                for (size_t k = 0; k < n; k++)
                        printf("%s%s", k ? "," : "", subs[k]->name);
                printf("%s\n", n ? "" : "-");
        }
        return EXIT_YES;
}

/* Prints the text of one as it is compiled in, comments and all. */
static int list_policy(struct session *s, const char *name)
{
        const struct sc_shipped *shipped = sc_shipped_find(name, strlen(name));
        struct sc_typo typo = sc_typo_begin(name, strlen(name));

        for (size_t i = 0; i < sc_shipped_count(); i++)
                sc_typo_offer(&typo, sc_shipped_at(i)->name);
        if (!shipped)
                return names_unknown(s, "shipped policy", name, strlen(name), &typo);
        fwrite(shipped->text, 1, shipped->len, stdout);
        return EXIT_YES;
}

static int list_policies(struct session *s, const struct options *options)
{
        int code = EXIT_YES;

        for (size_t i = 1; i < options->n_args && code == EXIT_YES; i++)
                code = list_policy(s, options->args[i]);
        for (size_t i = 0; options->n_args == 1 && i < sc_shipped_count(); i++) {
                const struct sc_policy *policy;
                int r = sc_policy_load(s->arena, sc_shipped_at(i)->name, NULL, 0, &(struct sc_policy_options){ 0 },
                                       s->diags, &policy);

                if (r < 0)
                        return report(s, r, sc_shipped_at(i)->name);
                printf("%s\t%s\n", policy->name, policy->description ? policy->description : "");
        }
        return code;
}

static int list_consumers(struct session *s, const struct options *options)
{
        (void)s;
        (void)options;
        printf("# build --for\n");
        for (size_t i = 0; i < sc_emit_format_count(); i++)
                printf("%s\t%s\n", sc_emit_format_at(i)->name, sc_emit_format_at(i)->summary);
        printf("# eval --for\n");
        for (size_t i = 0; i < sc_consumer_count(); i++)
                printf("%s\t%s; libseccomp %s\n", sc_consumer_at(i)->name, sc_consumer_at(i)->summary,
                       sc_consumer_at(i)->scmptable);
        return EXIT_YES;
}

static const struct {
        const char *name;
        bool takes_names;
        int (*run)(struct session *s, const struct options *options);
} lists[] = {
        { "syscalls", true, list_syscalls }, { "groups", true, list_groups },        { "abis", false, list_abis },
        { "policies", true, list_policies }, { "consumers", false, list_consumers },
};

int verb_list(struct session *s, const struct options *options)
{
        const char *what = options->args[0];
        struct sc_typo typo = sc_typo_begin(what, strlen(what));

        for (size_t i = 0; i < SC_COUNT(lists); i++) {
                if (!strcmp(lists[i].name, what)) {
                        if (options->n_args > 1 && !lists[i].takes_names)
                                return complain(s, "'list %s' takes no names", what);
                        return lists[i].run(s, options);
                }
                sc_typo_offer(&typo, lists[i].name);
        }
        return complain(s,
                        typo.best ? "no list of '%s'; did you mean '%s'?"
                                  : "no list of '%s'; see 'seccompose list --help'",
                        what, typo.best);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* libseccomp, used as runtimes use it. */
#include "bpf/scmp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/util.h"

#define API_LEVEL_MAX 8 /* above the highest that any libseccomp has (seccomp_api_get(3)) */

static const enum scmp_compare operators[] = {
        [SC_SCMP_NE] = SCMP_CMP_NE, [SC_SCMP_LT] = SCMP_CMP_LT, [SC_SCMP_LE] = SCMP_CMP_LE,
        [SC_SCMP_EQ] = SCMP_CMP_EQ, [SC_SCMP_GE] = SCMP_CMP_GE, [SC_SCMP_GT] = SCMP_CMP_GT,
        [SC_SCMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

static void release(scmp_filter_ctx *ctx)
{
        if (*ctx)
                seccomp_release(*ctx);
}

/* Makes the filter's ABIs the wanted ones: the building machine's own goes first, and goes if it is not wanted. */
static int set_abis(scmp_filter_ctx ctx, const struct sc_scmp_filter *filter)
{
        int r = seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);

        for (size_t i = 0; i < filter->n_abis && r == 0; i++) {
                r = seccomp_arch_add(ctx, filter->abis[i]->scmp_arch);
                if (r == -EEXIST)
                        r = 0; /* listed twice, or the native one listed: runtimes let that pass */
        }
        return r;
}

static int add_rule(scmp_filter_ctx ctx, const struct sc_scmp_rule *rule)
{
        struct scmp_arg_cmp args[6];
        int call = seccomp_syscall_resolve_name(rule->name);

        if (!sc_scmp_knows(rule->name))
                return 0;
        for (unsigned i = 0; i < rule->n_args; i++)
                args[i] = (struct scmp_arg_cmp){
                        .arg = rule->args[i].index,
                        .op = operators[rule->args[i].op],
                        .datum_a = rule->args[i].a,
                        .datum_b = rule->args[i].b,
                };
        return seccomp_rule_add_array(ctx, rule->action, call, rule->n_args, args);
}

static bool is_action(const struct sc_scmp_filter *filter, uint32_t value)
{
        bool found = value == filter->default_action || value == SECCOMP_RET_KILL_THREAD; /* of unlisted ABIs */

        for (size_t i = 0; i < filter->n_rules && !found; i++)
                found = filter->rules[i].action == value;
        return found;
}

/*
 * libseccomp writes code and k in the order of bytes of the machine that the filter is for. When it copies a return
 * for a jump that is too long, it swaps the value once more (2.5.4 to 2.6.1, gen_bpf.c, _gen_bpf_build_jmp): nothing
 * on the machine itself, where it swaps nothing; here the copy has to be put right.
 */
static void to_native_order(const struct sc_scmp_filter *filter, struct sock_filter *insns, size_t len, bool big_endian)
{
        if (big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
                return;
        for (size_t i = 0; i < len; i++) {
                uint32_t k = insns[i].k, swapped = __builtin_bswap32(k);

                insns[i].code = __builtin_bswap16(insns[i].code);
                insns[i].k = swapped;
                if (insns[i].code == (BPF_RET | BPF_K) && !is_action(filter, swapped) && is_action(filter, k))
                        insns[i].k = k;
        }
}

static int read_program(const struct sc_scmp_filter *filter, int fd, bool big_endian, struct sc_scmp_result *ret_result)
{
        SC_CLEANUP(sc_freep) struct sock_filter *insns = NULL;
        off_t size = lseek(fd, 0, SEEK_END);

        if (size < 0)
                return sc_errno();
        insns = malloc(size ? (size_t)size : 1);
        if (!insns)
                return -ENOMEM;
        if (pread(fd, insns, (size_t)size, 0) != size)
                return -EIO;
        ret_result->len = (size_t)size / sizeof(*insns);
        to_native_order(filter, insns, ret_result->len, big_endian);
        ret_result->insns = SC_STEAL(insns);
        return 0;
}

static int export_program(scmp_filter_ctx ctx, const struct sc_scmp_filter *filter, struct sc_scmp_result *result)
{
        SC_CLEANUP(sc_closep) int fd = memfd_create("seccompose-filter", MFD_CLOEXEC);
        bool big_endian = filter->n_abis && filter->abis[0]->big_endian;

        if (fd < 0)
                return sc_errno();
        result->error = seccomp_export_bpf(ctx, fd);
        return result->error ? 0 : read_program(filter, fd, big_endian, result);
}

/*
 * libseccomp asks the running kernel which actions it has, and refuses the others. The filter is for another kernel,
 * and this one may forbid the question: take all that this libseccomp knows.
 */
static void use_every_action(void)
{
        for (unsigned level = API_LEVEL_MAX; level > 0; level--)
                if (seccomp_api_set(level) == 0)
                        return;
}

int sc_scmp_compile(const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result)
{
        SC_CLEANUP(release) scmp_filter_ctx ctx = NULL;
        struct sc_scmp_result result = { .error_at = filter->n_rules };
        int r = 0;

        if (filter->n_rules > SC_SCMP_RULES_MAX)
                return -E2BIG;
        use_every_action();
        errno = 0;
        ctx = seccomp_init(filter->default_action);
        if (!ctx && errno == ENOMEM)
                return -ENOMEM;
        if (!ctx) { /* the only other reason: it does not take the default action */
                result.error = -EINVAL;
                *ret_result = result;
                return 0;
        }
        result.error = set_abis(ctx, filter);
        if (!result.error)
                result.error = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, filter->optimize);
        for (size_t i = 0; i < filter->n_rules && !result.error; i++) {
                result.error = add_rule(ctx, &filter->rules[i]);
                if (result.error)
                        result.error_at = i;
        }
        if (!result.error)
                r = export_program(ctx, filter, &result);
        if (r == 0)
                *ret_result = result;
        return r;
}

/*
 * A call of other machines has a pseudo number here, and two of them can share one: a rule by the second name would be
 * compiled as one for the first (2.5.4: sys_debug_setcontext and switch_endian of ppc).
 */
bool sc_scmp_knows(const char *name)
{
        int call = seccomp_syscall_resolve_name(name);
        SC_CLEANUP(sc_freep) char *back = NULL;

        if (call == __NR_SCMP_ERROR || call >= 0)
                return call != __NR_SCMP_ERROR;
        back = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);
        return !back || !strcmp(back, name);
}

struct sc_scmp_version sc_scmp_version(void)
{
        const struct scmp_version *v = seccomp_version();

        return (struct sc_scmp_version){ v->major, v->minor, v->micro };
}

int sc_scmp_number(const char *name, const struct sc_abi *abi)
{
        return seccomp_syscall_resolve_name_arch(abi->scmp_arch, name);
}

bool sc_scmp_reaches(const char *name, const struct sc_abi *abi)
{
        int number = sc_scmp_number(name, abi);

        /* calls that a multiplexer carries have pseudo numbers from -100 to -299; it demultiplexes them itself */
        return number == SC_SCMP_UNKNOWN || number >= 0 || (abi->multiplexed && number <= -100 && number > -300);
}

static int library_compile(void *data, const struct sc_scmp_filter *filter, struct sc_scmp_result *ret_result)
{
        (void)data;
        return sc_scmp_compile(filter, ret_result);
}

static bool library_knows(void *data, const char *name)
{
        (void)data;
        return sc_scmp_knows(name);
}

static int library_number(void *data, const char *name, const struct sc_abi *abi)
{
        (void)data;
        return sc_scmp_number(name, abi);
}

static bool library_reaches(void *data, const char *name, const struct sc_abi *abi)
{
        (void)data;
        return sc_scmp_reaches(name, abi);
}

struct sc_scmp_compiler sc_scmp_library(void)
{
        return (struct sc_scmp_compiler){
                .compile = library_compile,
                .knows = library_knows,
                .number = library_number,
                .reaches = library_reaches,
        };
}

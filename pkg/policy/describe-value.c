/* SPDX-License-Identifier: Apache-2.0 */
/* Values of arguments in words: the kernel's constants of that parameter, joined flags, else numbers. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "policy/describe-internal.h"
#include "syscall/constant.h"
#include "syscall/param.h"

#define FLAGS_MAX 64
#define DECIMAL_MAX 4095 /* what is more is easier to read in hexadecimal */
#define FLAG_DECIMAL_MAX 9
#define LOW_BYTE 0xff /* where values of a parameter have numbers, and flags above it (SOCK_STREAM | SOCK_CLOEXEC) */

/* Families hold constants of several parameters; where two have a value, these are not meant, or not called so. */
static const struct other {
        const char *param; /* NULL: whatever the parameter */
        const char *pattern; /* "*" for whatever follows, "[A-Z]*" for what begins with a capital */
} others[] = {
        { NULL, "AF_LOCAL" },
        { NULL, "AF_ROUTE" },
        { NULL, "BPF_PROG_TEST_RUN" },
        { NULL, "FASYNC" },
        { NULL, "FDPIC_" },
        { NULL, "IPPROTO_HOPOPTS" },
        { NULL, "IPPROTO_IP" }, /* 0 is the family's own default */
        { NULL, "MAP_ANON" },
        { NULL, "O_NDELAY" },
        { NULL, "O_RSYNC" },
        { NULL, "PER_LINUX_32BIT" },
        { NULL, "PTRACE_PEEKUSR" },
        { NULL, "PTRACE_POKEUSR" },
        { NULL, "SCHED_OTHER" },
        { NULL, "SIGCLD" },
        { NULL, "SIGIOT" },
        { NULL, "SIGPOLL" },
        { NULL, "SIGUNUSED" },
        { NULL, "SIOCINQ" },
        { NULL, "SIOCOUTQ" },
        { NULL, "TIOCINQ" },
        { NULL, "WSTOPPED" },
        { "cmd", "FD_*" },
        { "cmd", "F_SEAL_*" },
        { "cmd", "MEMBARRIER_CMD_FLAG_*" },
        { "cmd", "MEMBARRIER_CMD_SHARED" },
        { "op", "SECCOMP_FILTER_FLAG_*" },
        { "op", "SECCOMP_MODE_*" },
        { "option", "PR_CAP_AMBIENT_*" },
        { "option", "PR_ENDIAN_*" },
        { "option", "PR_FPEMU_*" },
        { "option", "PR_FP_*" },
        { "option", "PR_MCE_KILL_*" },
        { "option", "PR_MDWE_*" },
        { "option", "PR_MTE_*" },
        { "option", "PR_PAC_AP*" },
        { "option", "PR_SCHED_CORE_*" },
        { "option", "PR_SET_MM_*" },
        { "option", "PR_SME_*" },
        { "option", "PR_SPEC_*" },
        { "option", "PR_SVE_*" },
        { "option", "PR_SYS_DISPATCH_*" },
        { "option", "PR_TAGGED_ADDR_*" },
        { "option", "PR_TIMING_*" },
        { "option", "PR_TSC_*" },
        { "option", "PR_UNALIGN_*" },
        { "request", "PTRACE_O_*" },
        { "request", "PTRACE_PEEKSIGINFO_*" },
        { "sig", "SIG_*" },
        { "how", "SIG[A-Z]*" },
};

static bool matches(const char *pattern, const char *name)
{
        size_t len = strcspn(pattern, "*[");

        if (strncmp(pattern, name, len) != 0)
                return false;
        if (pattern[len] == '[')
                return name[len] >= 'A' && name[len] <= 'Z';
        return pattern[len] == '*' || !name[len];
}

/* `param` is whose constants they are. */
static bool is_other(const char *name, const char *param)
{
        size_t len = strlen(name);

        if (len > 4 && !strcmp(name + len - 4, "_OLD"))
                return true;
        for (size_t i = 0; i < SC_COUNT(others); i++)
                if ((!others[i].param || !strcmp(others[i].param, param)) && matches(others[i].pattern, name))
                        return true;
        return false;
}

static uint64_t low_bits(unsigned bits)
{
        return UINT64_MAX >> (64 - bits);
}

/* "dfd", "olddfd", "from_dfd" */
static bool is_directory(const char *param)
{
        size_t len = strlen(param);

        return len >= 3 && !strcmp(param + len - 3, "dfd");
}

static bool belongs(size_t i, const struct describe_constants *set)
{
        if (set->family)
                return !strcmp(sc_constant_family(i), set->family) && !is_other(sc_constant_name(i), set->param);
        return !strcmp(sc_constant_name(i), "AT_FDCWD");
}

static void count_flags(struct describe_constants *set)
{
        size_t single = 0, all = 0, low_single = 0, low = 0;

        for (size_t i = 0; i < set->n; i++) {
                int64_t value = set->items[i].value;
                bool is_single = value != 0 && !(value & (value - 1)), is_low = value > 0 && value <= LOW_BYTE;

                all += value != 0;
                single += is_single;
                low += is_low;
                low_single += is_low && is_single;
        }
        set->flags = all > 0 && 3 * single >= 2 * all;
        set->numbers = !set->flags && 2 * low_single < low;
}

/* The constants of a family, at most; without one there is AT_FDCWD. */
static size_t count_family(const char *family)
{
        size_t n = !family;

        for (size_t i = 0; family && i < sc_constant_count(); i++)
                n += !strcmp(sc_constant_family(i), family);
        return n;
}

static const struct describe_constants *make_constants(struct describer *b, const char *family, const char *param)
{
        struct describe_constants *set = sc_arena_alloc(b->arena, sizeof(*set));
        struct describe_constant *items = sc_arena_array(b->arena, count_family(family) + 1, sizeof(*items));

        if (!set || !items) {
                b->error = -ENOMEM;
                return NULL;
        }
        *set = (struct describe_constants){ .family = family, .param = param, .items = items, .next = b->constants };
        for (size_t i = 0; i < sc_constant_count(); i++)
                if (belongs(i, set) && sc_constant_value(i, b->abi, &items[set->n].value) == 0)
                        items[set->n++].name = sc_constant_name(i);
        count_flags(set);
        b->constants = set;
        return set;
}

const struct describe_constants *describe_constants(struct describer *b, size_t param)
{
        const char *family = sc_param_family(b->call, param), *name = sc_param_at(b->call, param).name;

        if (!family && !is_directory(name))
                return NULL;
        for (const struct describe_constants *set = b->constants; set; set = set->next)
                if (set->param == name)
                        return set;
        return make_constants(b, family, name);
}

static bool is_value(int64_t constant, uint64_t value, unsigned bits)
{
        if (constant >= 0)
                return (uint64_t)constant == value;
        return constant >= -(INT64_C(1) << 31) && ((uint64_t)constant & low_bits(bits)) == value;
}

/* The one constant of the value; NULL if there is none, or if it cannot be said which is meant. */
static const char *find_constant(const struct describe_operand *operand, uint64_t value)
{
        const struct describe_constants *set = operand->constants;
        const char *found = NULL;

        for (size_t i = 0; set && i < set->n; i++) {
                if (!is_value(set->items[i].value, value, operand->bits))
                        continue;
                if (found)
                        return NULL;
                found = set->items[i].name;
        }
        return found;
}

static bool is_of_flags(const struct describe_operand *operand)
{
        return operand->constants && operand->constants->flags;
}

static bool is_of_numbers(const struct describe_operand *operand)
{
        return operand->constants && operand->constants->numbers;
}

/* Names for the bits of `flags`, lowest first; those without a name are left in *ret_rest. */
static size_t name_bits(const struct describe_operand *operand, uint64_t flags,
                        const char *ret_names[FLAGS_MAX], uint64_t *ret_rest)
{
        bool low = is_of_flags(operand) || (!(flags & (flags - 1)) && !is_of_numbers(operand));
        uint64_t named = low ? flags : flags & ~(uint64_t)LOW_BYTE;
        size_t n = 0;

        *ret_rest = flags;
        for (unsigned i = 0; i < FLAGS_MAX; i++) {
                uint64_t bit = named & UINT64_C(1) << i;
                const char *name = bit ? find_constant(operand, bit) : NULL;

                if (!name)
                        continue;
                ret_names[n++] = name;
                *ret_rest &= ~bit;
        }
        return n;
}

static void append_number(uint64_t value, uint64_t decimal_max, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, value <= decimal_max ? "%" PRIu64 : "%#" PRIx64, value);
}

static void append_names(const char *const *names, size_t n, uint64_t rest, size_t *parts, struct sc_strbuf *out)
{
        bool several = n + (rest != 0) > 1;

        sc_strbuf_puts(out, several ? "(" : "");
        for (size_t i = 0; i < n; i++)
                sc_strbuf_printf(out, "%s%s", i ? " | " : "", names[i]);
        if (rest || n == 0) {
                sc_strbuf_puts(out, n ? " | " : "");
                append_number(rest, FLAG_DECIMAL_MAX, out);
        }
        sc_strbuf_puts(out, several ? ")" : "");
        *parts += n + (rest || n == 0);
}

void describe_flags(const struct describe_operand *operand, uint64_t flags, size_t *parts,
                    struct sc_strbuf *out)
{
        uint64_t inverse = ~flags & low_bits(operand->bits), rest;
        const char *names[FLAGS_MAX], *whole = flags ? find_constant(operand, flags) : NULL;
        size_t n = name_bits(operand, flags, names, &rest);

        if (whole && (!is_of_numbers(operand) || !(flags & LOW_BYTE))) {
                append_names(&whole, 1, 0, parts, out);
        } else if ((unsigned)__builtin_popcountll(inverse) < operand->bits / 2 - 4) {
                n = name_bits(operand, inverse, names, &rest);
                sc_strbuf_puts(out, "~");
                append_names(names, n, rest, parts, out);
        } else {
                /* names for few bits of many tell little */
                bool hardly = (size_t)__builtin_popcountll(rest) > n + 1;

                append_names(names, hardly ? 0 : n, hardly ? flags : rest, parts, out);
        }
}

/* True if a mask leaves what tells a parameter's numbers from each other: 0xf of a socket's type. */
static bool keeps_numbers(const struct describe_operand *operand, uint64_t mask)
{
        const struct describe_constants *set = operand->constants;
        uint64_t numbers = 0;

        for (size_t i = 0; set && set->numbers && i < set->n; i++)
                if (set->items[i].value > 0)
                        numbers |= (uint64_t)set->items[i].value & LOW_BYTE;
        return (mask & numbers) == numbers;
}

void describe_masked(const struct describe_operand *operand, uint64_t mask, uint64_t value, size_t *parts,
                     struct sc_strbuf *out)
{
        const char *whole = keeps_numbers(operand, mask) ? find_constant(operand, value) : NULL;

        if (whole)
                append_names(&whole, 1, 0, parts, out);
        else
                describe_flags(operand, value, parts, out);
}

void describe_value(const struct describe_operand *operand, uint64_t value, size_t *parts,
                    struct sc_strbuf *out)
{
        const char *names[FLAGS_MAX + 1], *low;
        const char *whole = find_constant(operand, value);
        bool flags = is_of_flags(operand);
        uint64_t above = flags ? value : value & ~(uint64_t)LOW_BYTE, rest = 0;
        size_t n = 0;

        if (!whole && operand->constants && above) {
                low = flags || value == above ? NULL : find_constant(operand, value & LOW_BYTE);
                if (low)
                        names[n++] = low;
                n += name_bits(operand, above, names + n, &rest);
                if (n && !rest) {
                        append_names(names, n, low || flags ? 0 : value & LOW_BYTE, parts, out);
                        return;
                }
        }
        *parts += 1;
        if (whole)
                sc_strbuf_puts(out, whole);
        else
                append_number(value, DECIMAL_MAX, out);
}

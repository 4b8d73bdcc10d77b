/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, and the questions that come of it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "probe/vectors.h"
#include "seccompose-probe/probe.h"
#include "syscall/syscall.h"

#define NUMBER_MAX 0x3fffffffu /* x32's bit is above */
#define DEFAULT_LAST 1023

static const char *const abi_names[PROBE_ABIS] = { "x86_64", "x86", "x32" };

static const char usage_text[] =
        "Usage: seccompose-probe [OPTION…]\n\n"
        "Asks the kernel what the filters in force here do with every system call, and executes none of them. Start\n"
        "it in a container whose runtime was started by 'seccompose probe -- RUNTIME …', or where a process may put\n"
        "filters on itself.\n\n"
        "Options:\n"
        "  --abi ABI,…          which entries of the kernel: x86_64, x86, x32; all if not given\n"
        "  --numbers A-B,C,…    which numbers (0-1023); x32's without its bit 30\n"
        "  --args A,B,…         these arguments (the others are 0), not the built-in ones; may be given again\n"
        "  --questions FILE     lines 'ABI CALL [ARGUMENT…]', as 'seccompose eval' reads them; '-' is standard input\n"
        "  --skip N             do not ask the first N of these questions\n"
        "  --alone              ask in this process, without children: the first kill ends it\n"
        "  --format FORMAT      text (the default), or json: an object a line\n"
        "  --help, --version\n\n"
        "Exit: 0 all was asked; 2 wrong usage; 3 it cannot be asked here.\n";

const struct sc_abi *plan_abi(enum probe_abi which)
{
        return sc_abi_find(abi_names[which], strlen(abi_names[which]));
}

enum probe_abi plan_which(const struct sc_abi *abi)
{
        for (enum probe_abi i = 0; i < PROBE_ABIS; i++)
                if (!strcmp(abi_names[i], abi->name))
                        return i;
        return PROBE_ABIS;
}

static int read_abis(struct plan *plan, const char *value)
{
        do {
                size_t len = strcspn(value, ",");
                const struct sc_abi *abi = sc_abi_find(value, len);
                enum probe_abi which = abi ? plan_which(abi) : PROBE_ABIS;

                if (which == PROBE_ABIS)
                        return say_error(PROBE_USAGE, "no ABI '%.*s'; there are x86_64, x86 and x32", (int)len, value);
                plan->abis[which] = true;
                value += len;
        } while (*value++ == ',');
        return 0;
}

/* Without a sign. */
static bool read_natural(const char *text, size_t len, uint64_t max, uint64_t *ret_value)
{
        return len && text[0] != '-' && sc_question_number(text, len, max, ret_value);
}

static bool read_range(const char *text, size_t len, struct range *ret_range)
{
        const char *dash = memchr(text, '-', len);
        size_t first_len = dash ? (size_t)(dash - text) : len;
        uint64_t first, last;

        if (!read_natural(text, first_len, NUMBER_MAX, &first))
                return false;
        last = first;
        if (dash && !read_natural(dash + 1, len - first_len - 1, NUMBER_MAX, &last))
                return false;
        *ret_range = (struct range){ (uint32_t)first, (uint32_t)last };
        return first <= last;
}

static int read_numbers(struct plan *plan, const char *value)
{
        plan->n_ranges = 0;
        do {
                size_t len = strcspn(value, ",");
                struct range r;

                if (!read_range(value, len, &r))
                        return say_error(PROBE_USAGE, "--numbers wants A or A-B, not '%.*s'", (int)len, value);
                if (plan->n_ranges == PROBE_RANGES_MAX)
                        return say_error(PROBE_USAGE, "more than %d ranges of numbers", PROBE_RANGES_MAX);
                if (plan->n_ranges && plan->ranges[plan->n_ranges - 1].last >= r.first)
                        return say_error(PROBE_USAGE, "the numbers must ascend: '%.*s'", (int)len, value);
                plan->ranges[plan->n_ranges++] = r;
                value += len;
        } while (*value++ == ',');
        return 0;
}

static int read_args(struct plan *plan, const char *value)
{
        if (plan->n_args == PROBE_ARGS_MAX)
                return say_error(PROBE_USAGE, "--args more than %d times", PROBE_ARGS_MAX);
        if (!sc_question_arguments(value, strlen(value), plan->args[plan->n_args]))
                return say_error(PROBE_USAGE, "--args wants up to six numbers of 64 bits, not '%s'", value);
        plan->n_args++;
        return 0;
}

static int add_line(struct plan *plan, size_t *cap, const char *line, size_t len, size_t number)
{
        struct sc_question q, *list;
        struct sc_question_problem problem;
        const char *why = "this machine has no such ABI";
        int r = sc_question_read(line, len, &q, &problem);

        if (r == 0)
                return 0;
        if (r < 0)
                why = sc_question_fault_text(problem.fault);
        if (r < 0 || plan_which(q.abi) == PROBE_ABIS)
                return say_error(PROBE_USAGE, "line %zu of the questions: %s", number, why);
        list = plan->n_list == PROBE_QUESTIONS_MAX ? NULL : sc_grow(plan->list, plan->n_list, cap, sizeof(*list));
        if (!list)
                return say_error(PROBE_CANNOT, "too many questions");
        plan->list = list;
        list[plan->n_list++] = q;
        return 0;
}

static int read_questions(struct plan *plan, const char *path)
{
        SC_CLEANUP(sc_closep) int opened = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len = 0, cap = 0, number = 0;
        int r = opened < 0 && strcmp(path, "-") ? sc_errno() :
                sc_file_read_fd(opened < 0 ? STDIN_FILENO : opened, PROBE_INPUT_MAX, &text, &len);

        if (r < 0)
                return say_error(PROBE_USAGE, "%s cannot be read: %s", path, strerror(-r));
        plan->questions = true;
        for (size_t at = 0; at < len && r == 0;) {
                const char *nl = memchr(text + at, '\n', len - at);
                size_t line = nl ? (size_t)(nl - text) - at : len - at;

                r = add_line(plan, &cap, text + at, line, ++number);
                at += line + 1;
        }
        return r;
}

static int read_skip(struct plan *plan, const char *value)
{
        uint64_t n;

        if (!read_natural(value, strlen(value), PROBE_QUESTIONS_MAX, &n))
                return say_error(PROBE_USAGE, "--skip wants a number of questions, not '%s'", value);
        plan->skip = n;
        return 0;
}

static int read_format(struct plan *plan, const char *value)
{
        plan->json = !strcmp(value, "json");
        if (!plan->json && strcmp(value, "text") != 0)
                return say_error(PROBE_USAGE, "no format '%s'; there are text and json", value);
        return 0;
}

static const struct option_row {
        const char *name;
        int (*read)(struct plan *plan, const char *value);
} rows[] = {
        { "abi", read_abis },           { "numbers", read_numbers }, { "args", read_args },
        { "questions", read_questions }, { "skip", read_skip },       { "format", read_format },
};

/* --NAME VALUE or --NAME=VALUE, at *i. */
static int read_option(struct plan *plan, int argc, char **argv, int *i)
{
        const char *arg = argv[*i];
        size_t len = strcspn(arg, "=");

        for (size_t k = 0; k < SC_COUNT(rows); k++) {
                if (strncmp(arg, "--", 2) != 0 || strlen(rows[k].name) != len - 2 ||
                    memcmp(arg + 2, rows[k].name, len - 2) != 0)
                        continue;
                if (arg[len])
                        return rows[k].read(plan, arg + len + 1);
                if (*i + 1 >= argc)
                        return say_error(PROBE_USAGE, "%s needs a value", arg);
                return rows[k].read(plan, argv[++*i]);
        }
        return say_error(PROBE_USAGE, "no option '%s'; see seccompose-probe --help", arg);
}

static size_t numbers_count(const struct plan *plan)
{
        size_t n = 0;

        for (size_t i = 0; i < plan->n_ranges; i++)
                n += (size_t)plan->ranges[i].last - plan->ranges[i].first + 1;
        return n;
}

static int complete(struct plan *plan)
{
        bool any = false;
        size_t abis = 0;

        for (size_t i = 0; i < PROBE_ABIS; i++)
                any |= plan->abis[i];
        if (plan->questions) {
                plan->count = plan->n_list;
                return any || plan->n_args || plan->n_ranges ?
                               say_error(PROBE_USAGE, "--questions goes with none of --abi, --numbers and --args") : 0;
        }
        for (size_t i = 0; i < PROBE_ABIS; i++)
                abis += plan->abis[i] |= !any;
        if (!plan->n_ranges)
                plan->ranges[plan->n_ranges++] = (struct range){ 0, DEFAULT_LAST };
        plan->n_numbers = numbers_count(plan);
        plan->n_vectors = plan->n_args ? plan->n_args : sc_vector_count();
        if (sc_mul_overflows(plan->n_numbers, abis * plan->n_vectors, &plan->count) ||
            plan->count > PROBE_QUESTIONS_MAX)
                return say_error(PROBE_USAGE, "more than %zu questions", PROBE_QUESTIONS_MAX);
        return 0;
}

int plan_read(struct plan *plan, int argc, char **argv)
{
        int code = 0;

        for (int i = 1; i < argc && code == 0; i++) {
                if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
                        return put(STDOUT_FILENO, usage_text, strlen(usage_text)) ? -1 : PROBE_CANNOT;
                if (!strcmp(argv[i], "--version"))
                        return put(STDOUT_FILENO, "seccompose-probe " SC_VERSION "\n",
                                   strlen("seccompose-probe " SC_VERSION "\n")) ? -1 : PROBE_CANNOT;
                if (!strcmp(argv[i], "--alone"))
                        plan->alone = true;
                else
                        code = read_option(plan, argc, argv, &i);
        }
        return code ? code : complete(plan);
}

static uint32_t nth_number(const struct plan *plan, size_t n)
{
        size_t i = 0;

        while (n > (size_t)plan->ranges[i].last - plan->ranges[i].first) {
                n -= (size_t)plan->ranges[i].last - plan->ranges[i].first + 1;
                i++;
        }
        return plan->ranges[i].first + (uint32_t)n;
}

static const struct sc_abi *nth_abi(const struct plan *plan, size_t n)
{
        enum probe_abi i = PROBE_X86_64;

        while (i < PROBE_X32 && (!plan->abis[i] || n-- > 0))
                i++;
        return plan_abi(i);
}

bool plan_question(const struct plan *plan, size_t i, struct sc_question *ret_question)
{
        size_t vectors = plan->n_vectors;
        struct sc_question q;

        if (plan->questions) {
                q = plan->list[i];
        } else {
                q.abi = nth_abi(plan, i / vectors / plan->n_numbers);
                q.nr = nth_number(plan, i / vectors % plan->n_numbers) + q.abi->nr_base;
                memcpy(q.args, plan->n_args ? plan->args[i % vectors] : sc_vector_at(i % vectors), sizeof(q.args));
        }
        *ret_question = q;
        /* whatever the question calls it: the kernel sees the entry and the number */
        return plan_which(q.abi) == PROBE_X86 || !sc_syscall_is_unfiltered(plan_abi(PROBE_X86_64), q.nr);
}

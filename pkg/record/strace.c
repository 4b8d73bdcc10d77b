/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of strace: "socket(AF_VSOCK, SOCK_STREAM, 0) = -1 EPERM (Operation not permitted)". */
#include <ctype.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/util.h"
#include "record/internal.h"
#include "syscall/constant.h"
#include "syscall/name.h"
#include "syscall/param.h"
#include "syscall/syscall.h"

static bool is_name(char c)
{
        return isalnum((unsigned char)c) || c == '_';
}

static struct record_text trim(struct record_text text)
{
        while (text.p < text.end && *text.p == ' ')
                text.p++;
        while (text.end > text.p && text.end[-1] == ' ')
                text.end--;
        return text;
}

/* Takes away what -f, -t, -r put in front: "[pid 12] ", "12 ", "12:34:56.789 ", "(+ 0.000012) ", "[00007f…] ". */
static struct record_text skip_front(struct record_text line)
{
        line = trim(line);
        while (line.p < line.end && (*line.p == '[' || *line.p == '(' || isdigit((unsigned char)*line.p))) {
                char close = *line.p == '[' ? ']' : ')';
                const char *end = isdigit((unsigned char)*line.p) ? line.p
                                                                  : memchr(line.p, close, (size_t)(line.end - line.p));

                if (!end)
                        break;
                while (end < line.end && *end != ' ')
                        end++;
                line.p = end;
                line = trim(line);
        }
        return line;
}

/* The end of what begins at `p`: the next ',' or ')' that is in no bracket and no string. NULL: there is none. */
static const char *argument_end(struct record_text text)
{
        unsigned depth = 0;
        bool quoted = false;

        for (const char *p = text.p; p < text.end; p++) {
                if (quoted && *p == '\\') {
                        p++;
                } else if (quoted) {
                        quoted = *p != '"';
                } else if (*p == '"') {
                        quoted = true;
                } else if (depth == 0 && (*p == ',' || *p == ')')) {
                        return p;
                } else if (strchr("([{", *p)) {
                        depth++;
                } else if (strchr(")]}", *p) && depth) {
                        depth--;
                }
        }
        return NULL;
}

/* A number, a constant, NULL; a descriptor with its path behind it (-y). */
static bool read_word(struct record_text word, const struct sc_abi *abi, uint64_t *ret_value)
{
        const char *path;
        int64_t constant;

        word = trim(word);
        path = memchr(word.p, '<', (size_t)(word.end - word.p));
        if (path && path > word.p)
                word.end = path;
        if (word.end - word.p == 4 && !memcmp(word.p, "NULL", 4)) {
                *ret_value = 0;
                return true;
        }
        if (record_number(word, ret_value))
                return true;
        if (sc_constant_find(word.p, (size_t)(word.end - word.p), abi, &constant) < 0)
                return false;
        *ret_value = (uint64_t)constant;
        return true;
}

/* Cuts a text in two at a word that stands in it. */
static bool cut(struct record_text text, const char *word, struct record_text *ret_left, struct record_text *ret_right)
{
        const char *at = record_find(text, word);

        if (!at)
                return false;
        *ret_left = (struct record_text){ text.p, at };
        *ret_right = (struct record_text){ at + strlen(word), text.end };
        return true;
}

/* "_IOC(_IOC_READ|_IOC_WRITE, 0x54, 0x10, 0x4)", with the fields that most architectures have (asm-generic/ioctl.h). */
static bool read_ioc(struct record_text term, const struct sc_abi *abi, uint64_t *ret_value)
{
        static const struct {
                const char *name;
                uint64_t bits;
        } directions[] = { { "_IOC_WRITE", 1 }, { "_IOC_READ", 2 } };
        static const unsigned shifts[] = { 8, 0, 16 }; /* type, number, size */
        struct record_text left, right;
        uint64_t value = 0, field;

        if (term.end - term.p < 6 || memcmp(term.p, "_IOC(", 5) != 0 || term.end[-1] != ')')
                return false;
        if (!strncmp(abi->name, "mips", 4) || !strncmp(abi->name, "ppc", 3) || !strncmp(abi->name, "parisc", 6))
                return false;
        if (!cut((struct record_text){ term.p + 5, term.end - 1 }, ",", &left, &right))
                return false;
        for (size_t i = 0; i < SC_COUNT(directions); i++)
                value |= record_find(left, directions[i].name) ? directions[i].bits << 30 : 0;
        for (size_t i = 0; i < SC_COUNT(shifts); i++) {
                struct record_text rest = right;

                if (!cut(rest, ",", &left, &right)) {
                        if (i + 1 < SC_COUNT(shifts))
                                return false;
                        left = rest;
                }
                if (!record_number(trim(left), &field) || field > (i == 2 ? 0x3fff : 0xff))
                        return false;
                value |= field << shifts[i];
        }
        *ret_value = value;
        return true;
}

/* One value, as strace writes it: "21<<MFD_HUGE_SHIFT", "BTRFS_IOC_CLONE or FICLONE", "88 => {…}" too. */
static bool read_term(struct record_text term, const struct sc_abi *abi, uint64_t *ret_value)
{
        struct record_text left, right;
        uint64_t value, shift;

        term = trim(term);
        if (term.p == term.end || strchr("\"[{", *term.p)) /* in memory */
                return false;
        if (term.end[-1] == '>') /* a path, in which anything may stand */
                return read_word(term, abi, ret_value);
        if (cut(term, " => ", &left, &right)) /* what the kernel made of it */
                term = trim(left);
        if (cut(term, " or ", &left, &right)) /* names of one number */
                return read_word(left, abi, ret_value) || read_term(right, abi, ret_value);
        if (cut(term, "<<", &left, &right)) {
                if (!read_word(left, abi, &value) || !read_word(right, abi, &shift) || shift > 63)
                        return false;
                *ret_value = value << shift;
                return true;
        }
        return read_ioc(term, abi, ret_value) || read_word(term, abi, ret_value);
}

/* The next '|' that is in no bracket. */
static const char *next_bar(struct record_text text)
{
        unsigned depth = 0;

        for (const char *p = text.p; p < text.end; p++) {
                depth += *p == '(';
                depth -= *p == ')' && depth;
                if (*p == '|' && depth == 0)
                        return p;
        }
        return NULL;
}

/* Values with '|' between them; comments of strace's (0x2a with AF_??? behind it) do not count. */
static bool read_value(struct record_text text, const struct sc_abi *abi, uint64_t *ret_value)
{
        const char *comment = record_find(text, "/*");
        uint64_t value = 0, term;

        if (comment)
                text.end = comment;
        text = trim(text);
        for (const char *bar = text.p; bar; text.p = bar + 1) {
                bar = next_bar(text);
                if (!read_term((struct record_text){ text.p, bar ? bar : text.end }, abi, &term))
                        return false;
                value |= term;
                if (!bar)
                        break;
        }
        *ret_value = value;
        return true;
}

/* Parameters that strace names, by the kernel's names. */
static const struct {
        const char *call, *strace, *kernel;
} renamed[] = {
        { "clone", "child_stack", "newsp" },
        { "clone", "flags", "clone_flags" },
        { "clone", "parent_tid", "parent_tidptr" },
        { "clone", "child_tidptr", "child_tidptr" },
        { "clone", "tls", "tls" },
};

/* Cuts "NAME=" off; returns the parameter, or `i` if the argument has no name; -1 for one that is not known. */
static int cut_name(int call, struct record_text *arg, int i)
{
        const char *p = arg->p;
        size_t len;

        while (p < arg->end && is_name(*p))
                p++;
        if (p == arg->p || p >= arg->end || *p != '=')
                return i;
        len = (size_t)(p - arg->p);
        for (size_t k = 0; k < SC_COUNT(renamed); k++)
                if (!strcmp(renamed[k].call, sc_syscall_name(call)) && strlen(renamed[k].strace) == len &&
                    !memcmp(renamed[k].strace, arg->p, len)) {
                        arg->p = p + 1;
                        return sc_param_find(call, renamed[k].kernel, strlen(renamed[k].kernel));
                }
        i = sc_param_find(call, arg->p, len);
        arg->p = p + 1;
        return i;
}

/*
 * A register of a program of the ABI: one of 32 bits has nothing above. (A 64-bit program's call through `int 0x80`
 * may, but strace prints its lower halves only.)
 */
static void enter(struct sc_record *record, const struct sc_param_place *place, uint64_t value)
{
        uint64_t registers = sc_param_register_bits(record->abi) < 64 ? UINT32_MAX : UINT64_MAX;

        if (place->where != SC_PARAM_HERE && place->where != SC_PARAM_SPLIT)
                return;
        record->args[place->arg] = place->where == SC_PARAM_SPLIT ? value & UINT32_MAX : value & registers;
        record->known |= 1u << place->arg;
        if (place->where != SC_PARAM_SPLIT)
                return;
        record->args[place->arg_high] = value >> 32;
        record->known |= 1u << place->arg_high;
}

static void read_argument(struct sc_record *record, struct record_text arg, int i)
{
        struct sc_param_place place = { .where = SC_PARAM_HERE, .arg = (unsigned)i };
        uint64_t value;

        arg = trim(arg);
        if (record->call >= 0) {
                i = cut_name(record->call, &arg, i);
                if (i < 0 || sc_param_locate(record->call, (size_t)i, record->abi, &place) < 0)
                        return;
        }
        if (read_value(arg, record->abi, &value))
                enter(record, &place, value);
}

/* The arguments up to the closing bracket; *line ends up behind it. */
static bool read_arguments(struct record_text *line, struct sc_record *record)
{
        for (int i = 0;; i++) {
                const char *end = argument_end(*line);

                if (!end)
                        return false;
                if (i < 6)
                        read_argument(record, (struct record_text){ line->p, end }, i);
                line->p = end + 1;
                if (*end == ')')
                        return true;
        }
}

/* "= -1 EPERM (…)": an errno that a filter may have answered, or the kernel itself. */
static void read_result(struct record_text line, struct sc_record *record)
{
        struct record_text word;
        int number;

        line = trim(line);
        if (line.end - line.p < 6 || memcmp(line.p, "= -1 ", 5) != 0)
                return;
        word.p = word.end = line.p + 5;
        while (word.end < line.end && is_name(*word.end))
                word.end++;
        number = sc_errno_find(word.p, (size_t)(word.end - word.p));
        record->errno_known = record->answered = number >= 0;
        record->action = number >= 0 ? SECCOMP_RET_ERRNO | (uint32_t)number : 0;
}

/* "socket", or "syscall_0x1c2" for a number that strace has no name for. */
static bool read_call(struct record_text name, const struct sc_abi *abi, struct sc_record *record)
{
        size_t len = (size_t)(name.end - name.p);
        uint64_t number;
        uint32_t nr;
        int call = sc_syscall_find(name.p, len);

        if (call >= 0 && sc_syscall_number(call, abi, &nr)) {
                record_call(record, abi, nr);
                return true;
        }
        if (len < 9 || memcmp(name.p, "syscall_", 8) != 0 ||
            !record_number((struct record_text){ name.p + 8, name.end }, &number) || number > UINT32_MAX)
                return false;
        record_call(record, abi, (uint32_t)number);
        return true;
}

/* What strace prints that is no whole call. */
static const char *refusal(struct record_text line)
{
        if (record_find(line, "<unfinished ...>"))
                return "the call is unfinished, its line does not have all arguments; strace -ff writes whole lines";
        if (record_find(line, "resumed>") || (line.p < line.end && *line.p == '<'))
                return "the end of a call that another line began; strace -ff writes whole lines";
        if (line.p < line.end && (*line.p == '-' || *line.p == '+'))
                return "a signal or an end of a process, not a call";
        return NULL;
}

static struct record_text name_of(struct record_text line)
{
        struct record_text name = { line.p, line.p };

        while (name.end < line.end && is_name(*name.end))
                name.end++;
        return name;
}

bool record_is_strace(struct record_text line)
{
        struct record_text name;

        line = skip_front(line);
        name = name_of(line);
        return name.end > name.p && name.end < line.end && *name.end == '(';
}

int record_strace(struct record_text line, const struct sc_abi *abi, struct sc_record *record, const char **ret_why)
{
        struct record_text name;

        line = skip_front(line);
        *ret_why = refusal(line);
        if (*ret_why)
                return -EINVAL;
        *ret_why = "neither an audit record (type=1326) nor a line of strace";
        if (!record_is_strace(line))
                return -EINVAL;
        name = name_of(line);
        *ret_why = "no system call of that name on the ABI; see --arch";
        if (!read_call(name, abi, record))
                return -EINVAL;
        line.p = name.end + 1;
        *ret_why = "the line ends inside the call's arguments";
        if (!read_arguments(&line, record))
                return -EINVAL;
        read_result(line, record);
        return 0;
}

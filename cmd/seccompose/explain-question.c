/* SPDX-License-Identifier: Apache-2.0 */
/* The call that `explain` is asked about: from words, or from a line of a log. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/typo.h"
#include "base/visible.h"
#include "common/names.h"
#include "probe/questions.h"
#include "record/line.h"
#include "seccompose/explain.h"
#include "syscall/constant.h"
#include "syscall/param.h"

/* A number as the kernel sees it: it may be another ABI's of the same architecture, x32's beside x86_64's. */
static int enter_number(struct explainer *ex, const char *word, uint64_t number, struct question *q)
{
        if (number > UINT32_MAX && number < (uint64_t)INT32_MIN)
                return complain(ex->s, "'%s' is no call number of 32 bits", word);
        q->nr = (uint32_t)number;
        for (size_t i = 0; i < sc_abi_count() && !sc_abi_owns(q->abi, q->nr); i++)
                if (sc_abi_at(i)->audit_arch == q->abi->audit_arch && sc_abi_owns(sc_abi_at(i), q->nr))
                        q->abi = sc_abi_at(i);
        q->call = sc_syscall_by_number(q->abi, q->nr);
        return 0;
}

/* A name, "#41" or "41". */
static int read_call(struct explainer *ex, const char *word, struct question *q)
{
        struct sc_typo typo = sc_typo_begin(word, strlen(word));
        const char *number_text = word + (*word == '#');
        uint64_t number;

        if (sc_question_number(number_text, strlen(number_text), UINT64_MAX, &number))
                return enter_number(ex, word, number, q);
        q->call = sc_syscall_find(word, strlen(word));
        for (size_t i = 0; q->call < 0 && i < sc_syscall_count(); i++)
                sc_typo_offer(&typo, sc_syscall_name((int)i));
        if (q->call < 0)
                return names_unknown(ex->s, "system call", word, strlen(word), &typo);
        if (!sc_syscall_number(q->call, q->abi, &q->nr))
                return complain(ex->s, "%s has no call '%s'; see --arch", q->abi->name, word);
        return 0;
}

static int unknown_value(struct explainer *ex, const struct question *q, int param, const char *text, size_t len)
{
        const char *family = param < 0 ? NULL : sc_param_family(q->call, (size_t)param);
        struct sc_typo typo = sc_typo_begin(text, len);

        for (size_t i = 0; i < sc_constant_count(); i++)
                if (!family || !strcmp(sc_constant_family(i), family))
                        sc_typo_offer(&typo, sc_constant_name(i));
        return names_unknown(ex->s, "constant", text, len, &typo);
}

/* The bits that a program of the ABI has for a value: those of a register, or of two. */
static uint64_t own_bits(const struct question *q, int param)
{
        struct sc_param_place place = { .where = SC_PARAM_HERE };

        if (param >= 0)
                sc_param_locate(q->call, (size_t)param, q->abi, &place);
        return place.where == SC_PARAM_SPLIT || sc_param_register_bits(q->abi) == 64 ? UINT64_MAX : UINT32_MAX;
}

/*
 * Numbers and constants with '|' between them. What has a sign is as wide as a program of the ABI has it: -1 is
 * 0xffffffff on x86. A number without one stands as it is.
 */
static int read_value(struct explainer *ex, const struct question *q, int param, const char *text, uint64_t *ret_value)
{
        uint64_t value = 0;

        for (;;) {
                size_t len = strcspn(text, "|");
                char *word = sc_arena_strndup(ex->s->arena, text, len);
                uint64_t number;
                int64_t constant;

                if (!word)
                        return EXIT_SYSTEM;
                if (!sc_question_number(word, strlen(word), UINT64_MAX, &number)) {
                        if (sc_constant_find(word, len, q->abi, &constant) < 0)
                                return unknown_value(ex, q, param, word, len);
                        number = (uint64_t)constant & own_bits(q, param);
                } else if (*word == '-') {
                        number &= own_bits(q, param);
                }
                value |= number;
                if (!text[len])
                        break;
                text += len + 1;
        }
        *ret_value = value;
        return 0;
}

/* A register by its value, in the bits that a filter may be shown of it. */
static int enter(struct explainer *ex, struct question *q, unsigned arg, uint64_t value)
{
        if (q->known >> arg & 1)
                return complain(ex->s, "argument %u is given twice", arg);
        q->args[arg] = sc_param_upper_halves_show(q->abi) ? value : value & UINT32_MAX;
        q->known |= 1u << arg;
        return 0;
}

static int enter_param(struct explainer *ex, struct question *q, int param, uint64_t value)
{
        const char *name = sc_param_at(q->call, (size_t)param).name;
        struct sc_param_place place = { 0 };
        int code;

        sc_param_locate(q->call, (size_t)param, q->abi, &place);
        switch (place.where) {
        case SC_PARAM_HERE:
                return enter(ex, q, place.arg, value);
        case SC_PARAM_SPLIT:
                code = enter(ex, q, place.arg, value & UINT32_MAX);
                return code ? code : enter(ex, q, place.arg_high, value >> 32);
        default:
                return complain(ex->s, "on %s a filter cannot see %s's '%s'", q->abi->name, sc_syscall_name(q->call),
                                name);
        }
}

static int unknown_param(struct explainer *ex, const struct question *q, const char *name, size_t len, const char *near)
{
        struct sc_strbuf hint = SC_STRBUF_INIT;
        int code;

        if (near)
                sc_strbuf_printf(&hint, "did you mean '%s'? ", near);
        sc_policy_parameters_hint(q->call, &hint);
        if (hint.failed)
                code = report(ex->s, -ENOMEM, "explain");
        else
                code = complain(ex->s, "no parameter named '%.*s'; %s", (int)len, name, hint.text);
        sc_strbuf_done(&hint);
        return code;
}

static int find_param(struct explainer *ex, const struct question *q, const char *name, size_t len, int *ret_param)
{
        struct sc_typo typo = sc_typo_begin(name, len);

        *ret_param = q->call < 0 ? -1 : sc_param_find(q->call, name, len);
        for (size_t i = 0; *ret_param < 0 && q->call >= 0 && i < sc_param_count(q->call); i++)
                sc_typo_offer(&typo, sc_param_at(q->call, i).name);
        if (*ret_param >= 0)
                return 0;
        return q->call < 0 ? names_unknown(ex->s, "parameter", name, len, &typo)
                           : unknown_param(ex, q, name, len, typo.best);
}

/* "family=AF_VSOCK", "arg0=40", or a value for the parameter at a position. */
static int read_argument(struct explainer *ex, struct question *q, const char *word, unsigned position)
{
        const char *equals = strchr(word, '=');
        size_t len = equals ? (size_t)(equals - word) : 0;
        bool raw = len == 4 && !memcmp(word, "arg", 3) && word[3] >= '0' && word[3] <= '5';
        int code, param = -1;
        uint64_t value = 0;

        if (equals && !raw)
                code = find_param(ex, q, word, len, &param);
        else
                code = 0;
        if (!equals && q->call >= 0 && position < sc_param_count(q->call))
                param = (int)position;
        if (code == 0)
                code = read_value(ex, q, param, equals ? equals + 1 : word, &value);
        if (code)
                return code;
        if (param >= 0)
                return enter_param(ex, q, param, value);
        return enter(ex, q, raw ? (unsigned)(word[3] - '0') : position, value);
}

int question_read(struct explainer *ex, struct question *ret_question)
{
        struct question q = { .abi = ex->assumed };
        int code = read_call(ex, ex->options->args[1], &q);

        if (code == 0 && ex->options->n_args > 8)
                return complain(ex->s, "a call has six arguments at most");
        for (size_t i = 2; i < ex->options->n_args && code == 0; i++)
                code = read_argument(ex, &q, ex->options->args[i], (unsigned)(i - 2));
        if (code == 0)
                *ret_question = q;
        return code;
}

int question_read_line(struct explainer *ex, const char *text, size_t len, struct question *ret_question)
{
        struct sc_record record;
        const char *why, *line = sc_visible_copy(ex->s->arena, text, len);

        if (!line)
                return EXIT_SYSTEM;
        if (sc_record_line(text, len, ex->assumed, &record, &why) < 0)
                return complain(ex->s, "'%.60s%s': %s", line, len > 60 ? "…" : "", why);
        *ret_question = (struct question){
                .line = line,
                .abi = record.abi,
                .call = record.call,
                .nr = record.nr,
                .known = record.known,
                .answered = record.answered,
                .action = record.action,
                .errno_known = record.errno_known,
        };
        memcpy(ret_question->args, record.args, sizeof(record.args));
        return 0;
}

void question_format(const struct question *q, struct sc_strbuf *out)
{
        struct sc_witness w = { .abi = q->abi, .call = q->call, .nr = q->nr };

        for (unsigned i = 0; i < 6; i++)
                if (q->known >> i & 1) {
                        w.args[i] = q->args[i];
                        w.tested[i] = UINT64_MAX;
                }
        sc_witness_format(&w, out);
}

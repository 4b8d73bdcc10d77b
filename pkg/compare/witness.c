/* SPDX-License-Identifier: Apache-2.0 */
/* A witness in words: for people, for `eval`, and as JSON. */
#include <inttypes.h>
#include <string.h>

#include "compare/compare.h"
#include "syscall/constant.h"
#include "syscall/param.h"
#include "syscall/syscall.h"

static uint64_t low_bits(unsigned bits)
{
        return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

/* What a register of the call holds; `param` is -1 for a number without a call. */
static struct sc_param_register holds(const struct sc_abi *abi, int call, unsigned arg)
{
        if (call < 0)
                return (struct sc_param_register){ .param = -1, .bits = 64 };
        return sc_param_in_register(call, arg, abi);
}

const char *sc_witness_constant(const struct sc_abi *abi, int call, unsigned arg, uint64_t value)
{
        struct sc_param_register reg = holds(abi, call, arg);
        const char *family = reg.param < 0 || reg.split ? NULL : sc_param_family(call, (size_t)reg.param);
        const char *best = NULL;
        int64_t constant;

        for (size_t i = 0; family && i < sc_constant_count(); i++) {
                const char *name = sc_constant_name(i);

                if (!strcmp(sc_constant_family(i), family) && sc_constant_value(i, abi, &constant) == 0 &&
                    !(((uint64_t)constant ^ value) & low_bits(reg.bits)) && (!best || strlen(name) < strlen(best)))
                        best = name; /* of two, the shorter: AF_UNIX, not AF_LOCAL */
        }
        return best;
}

/* "family", "offset:high" for half of a parameter, "arg3" where nothing is known. */
static void format_name(const struct sc_witness *w, unsigned arg, struct sc_strbuf *out)
{
        struct sc_param_register reg = holds(w->abi, w->call, arg);

        if (reg.param < 0)
                sc_strbuf_printf(out, "arg%u", arg);
        else
                sc_strbuf_printf(out, "%s%s", sc_param_at(w->call, (size_t)reg.param).name,
                                 !reg.split ? "" : reg.high ? ":high" : ":low");
}

static void format_call(const struct sc_witness *w, struct sc_strbuf *out)
{
        if (w->call >= 0)
                sc_strbuf_puts(out, sc_syscall_name(w->call));
        else
                sc_strbuf_printf(out, "#%" PRIu32, w->nr);
}

/* "0x26 AF_ALG"; "0x100000026 (the kernel reads AF_ALG)" where it drops the upper bits. */
static void format_value(const struct sc_witness *w, unsigned arg, struct sc_strbuf *out)
{
        const char *constant = sc_witness_constant(w->abi, w->call, arg, w->args[arg]);
        uint64_t read = w->args[arg] & low_bits(holds(w->abi, w->call, arg).bits);

        sc_strbuf_printf(out, "%#" PRIx64, w->args[arg]);
        if (read == w->args[arg])
                sc_strbuf_printf(out, "%s%s", constant ? " " : "", constant ? constant : "");
        else if (constant)
                sc_strbuf_printf(out, " (the kernel reads %s)", constant);
        else
                sc_strbuf_printf(out, " (the kernel reads %#" PRIx64 ")", read);
}

void sc_witness_format(const struct sc_witness *w, struct sc_strbuf *out)
{
        const char *separator = "(";

        sc_strbuf_printf(out, "%s ", w->abi->name);
        format_call(w, out);
        for (unsigned i = 0; i < 6; i++) {
                if (!w->tested[i])
                        continue;
                sc_strbuf_puts(out, separator);
                format_name(w, i, out);
                sc_strbuf_puts(out, "=");
                format_value(w, i, out);
                separator = ", ";
        }
        sc_strbuf_puts(out, *separator == ',' ? ")" : "");
}

void sc_witness_question(const struct sc_witness *w, struct sc_strbuf *out)
{
        unsigned n = 6;

        while (n > 0 && w->args[n - 1] == 0)
                n--;
        sc_strbuf_printf(out, "%s ", w->abi->name);
        format_call(w, out);
        for (unsigned i = 0; i < n; i++)
                sc_strbuf_printf(out, " %#" PRIx64, w->args[i]);
}

static void write_text(struct sc_json_writer *json, const char *key, struct sc_strbuf *text)
{
        sc_json_write_key(json, key);
        sc_json_write_string(json, text->text ? text->text : "");
        sc_strbuf_done(text);
}

static void write_argument(const struct sc_witness *w, unsigned arg, struct sc_json_writer *json)
{
        const char *constant = sc_witness_constant(w->abi, w->call, arg, w->args[arg]);
        struct sc_strbuf name = SC_STRBUF_INIT, value = SC_STRBUF_INIT, tested = SC_STRBUF_INIT;

        format_name(w, arg, &name);
        sc_strbuf_printf(&value, "%#" PRIx64, w->args[arg]);
        sc_strbuf_printf(&tested, "%#" PRIx64, w->tested[arg]);
        sc_json_write_object(json);
        sc_json_write_key(json, "index");
        sc_json_write_u64(json, arg);
        write_text(json, "name", &name);
        write_text(json, "value", &value);
        write_text(json, "tested", &tested);
        if (constant) {
                sc_json_write_key(json, "constant");
                sc_json_write_string(json, constant);
        }
        sc_json_write_object_end(json);
}

void sc_witness_write(const struct sc_witness *w, struct sc_json_writer *json)
{
        struct sc_strbuf question = SC_STRBUF_INIT;

        sc_json_write_key(json, "abi");
        sc_json_write_string(json, w->abi->name);
        sc_json_write_key(json, "number");
        sc_json_write_u64(json, w->nr);
        if (w->call >= 0) {
                sc_json_write_key(json, "call");
                sc_json_write_string(json, sc_syscall_name(w->call));
        }
        sc_json_write_key(json, "arguments");
        sc_json_write_array(json);
        for (unsigned i = 0; i < 6; i++)
                if (w->tested[i])
                        write_argument(w, i, json);
        sc_json_write_array_end(json);
        sc_witness_question(w, &question);
        write_text(json, "question", &question);
}

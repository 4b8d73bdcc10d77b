/* SPDX-License-Identifier: Apache-2.0 */
/* Names in conditions: the parameters of a rule's calls, and what is said about names that nobody has. */
#include <errno.h>
#include <string.h>

#include "base/typo.h"
#include "policy/describe.h"
#include "policy/lex.h"
#include "syscall/constant.h"
#include "syscall/param.h"

/*
 * What people ask for that lies in a structure behind a pointer: the call, the fields of the structure, and what can be
 * written instead. Source: the structures of linux/sched.h, linux/openat2.h, linux/mount.h, linux/sched/types.h,
 * linux/bpf.h, linux/socket.h, linux/in.h, linux/perf_event.h, linux/io_uring.h.
 */
static const struct {
        const char *call;
        const char *fields; /* with a space behind each */
        const char *instead;
} structures[] = {
        { "clone3",
          "flags clone_flags pidfd child_tid parent_tid exit_signal stack stack_size tls set_tid set_tid_size cgroup ",
          "deny clone3 as a whole: programs fall back to clone, whose flags a filter sees" },
        { "openat2", "flags mode resolve ",
          "deny openat2 as a whole: programs fall back to openat, whose flags a filter sees" },
        { "mount_setattr", "attr_set attr_clr propagation userns_fd ", "decide about mount_setattr as a whole" },
        { "open_tree_attr", "attr_set attr_clr propagation userns_fd ", "decide about open_tree_attr as a whole" },
        { "sched_setattr", "sched_policy sched_flags sched_nice sched_priority sched_runtime policy ",
          "decide about sched_setattr as a whole; sched_setscheduler has its policy where a filter sees it" },
        { "bpf", "prog_type map_type attach_type insns prog_flags map_flags ",
          "decide by 'cmd', or about bpf as a whole" },
        { "perf_event_open", "type config sample_type exclude_kernel ", "decide about perf_event_open as a whole" },
        { "io_uring_setup", "flags sq_entries cq_entries ", "decide about io_uring_setup as a whole" },
        { "connect", "sa_family family sin_addr sin_port addr port ",
          "decide by the 'family' of 'socket': an address itself is out of a filter's sight" },
        { "bind", "sa_family family sin_addr sin_port addr port ",
          "decide by the 'family' of 'socket': an address itself is out of a filter's sight" },
};

static const char *word(const struct parser *p, size_t *ret_len)
{
        int len;
        const char *text = lex_text(p, p->token, &len);

        *ret_len = (size_t)len;
        return text;
}

bool parameter_is_known(const struct parser *p)
{
        size_t len;
        const char *name = word(p, &len);

        for (size_t i = 0; p->calls && i < p->n_calls; i++)
                if (sc_param_find(p->calls[i].call, name, len) >= 0)
                        return true;
        return false;
}

/* The row of `structures` for a call and field, or -1. */
static int find_structure(int call, const char *name, size_t len)
{
        for (size_t i = 0; i < SC_COUNT(structures); i++) {
                if (strcmp(structures[i].call, sc_syscall_name(call)) != 0)
                        continue;
                for (const char *field = structures[i].fields; *field; field += strcspn(field, " ") + 1)
                        if (strcspn(field, " ") == len && !memcmp(field, name, len))
                                return (int)i;
        }
        return -1;
}

static void report_structure(struct parser *p, const struct sc_rule_call *call, int row)
{
        int len;
        const char *text = lex_text(p, p->token, &len);
        struct sc_diag *diag = sc_diags_add(p->l->diags, SC_ERROR, "struct-behind-pointer", lex_place(p, p->token),
                                            "'%.*s' of '%s' lies in a structure: the filter cannot look behind a "
                                            "pointer", len, text, sc_syscall_name(call->call));

        if (p->n_calls > 1)
                sc_diag_place(diag, call->place);
        sc_diag_hint(diag, "%s", structures[row].instead);
}

/* The name by which a condition reaches a parameter; NULL if only its position does: prctl's arg2 is no name here. */
static const char *name_of(int call, size_t param)
{
        const char *name = sc_param_at(call, param).name;

        return sc_param_find(call, name, strlen(name)) >= 0 ? name : NULL;
}

void sc_policy_parameters(int call, struct sc_strbuf *out)
{
        for (size_t i = 0; i < sc_param_count(call); i++) {
                sc_strbuf_puts(out, i ? ", " : "");
                if (name_of(call, i))
                        sc_strbuf_puts(out, name_of(call, i));
                else
                        sc_strbuf_printf(out, "arg%zu", i);
        }
}

void sc_policy_parameters_hint(int call, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "'%s' has %s", sc_syscall_name(call),
                         sc_param_count(call) ? "" : "no parameters that are known by name");
        sc_policy_parameters(call, out);
}

/* Reports a name that `call` does not have as a parameter: -EBADMSG, or -ENOMEM. */
static int report_lacking(struct parser *p, const struct sc_rule_call *call, bool others_have_it)
{
        int len, row, r;
        const char *text = lex_text(p, p->token, &len);
        struct sc_typo typo = sc_typo_begin(text, (size_t)len);
        struct sc_strbuf hint = SC_STRBUF_INIT;
        struct sc_diag *diag;

        row = find_structure(call->call, text, (size_t)len);
        if (row >= 0) {
                report_structure(p, call, row);
                return -EBADMSG;
        }
        diag = sc_diags_add(p->l->diags, SC_ERROR, "unknown-parameter", lex_place(p, p->token),
                            "'%s' has no parameter '%.*s'", sc_syscall_name(call->call), len, text);
        if (p->n_calls > 1)
                sc_diag_place(diag, call->place);
        for (size_t i = 0; i < sc_param_count(call->call); i++)
                if (name_of(call->call, i))
                        sc_typo_offer(&typo, name_of(call->call, i));
        if (!others_have_it) {
                sc_typo_offer(&typo, "arch");
                sc_typo_offer(&typo, "kernel");
        }
        if (typo.best && !others_have_it)
                sc_strbuf_printf(&hint, "did you mean '%s'? ", typo.best);
        sc_policy_parameters_hint(call->call, &hint);
        if (others_have_it)
                sc_strbuf_puts(&hint, "; write a rule of its own for it");
        if (hint.text)
                sc_diag_hint(diag, "%s", hint.text);
        r = hint.failed ? -ENOMEM : -EBADMSG;
        sc_strbuf_done(&hint);
        return r;
}

int parameter_check(struct parser *p)
{
        size_t len;
        const char *name = word(p, &len);

        for (size_t i = 0; i < p->n_calls; i++)
                if (sc_param_find(p->calls[i].call, name, len) < 0)
                        return report_lacking(p, &p->calls[i], true);
        return 0;
}

/* Constants are written in capitals; parameters are not. */
static bool looks_constant(const char *name, size_t len)
{
        bool capital = false;

        for (size_t i = 0; i < len; i++) {
                if (name[i] >= 'a' && name[i] <= 'z')
                        return false;
                capital |= name[i] >= 'A' && name[i] <= 'Z';
        }
        return capital;
}

static void report_constant(struct parser *p)
{
        int len, cap;
        const char *text = lex_text(p, p->token, &len);
        struct sc_typo typo = sc_typo_begin(text, (size_t)len);
        struct sc_diag *diag;

        cap = sc_cap_find(text, (size_t)len);
        if (cap >= 0) {
                diag = sc_diags_add(p->l->diags, SC_ERROR, "unknown-constant", lex_place(p, p->token),
                                    "no constant named '%.*s'", len, text);
                sc_diag_hint(diag, "did you mean '%s'?", sc_cap_name((unsigned)cap));
                return;
        }
        diag = sc_diags_add(p->l->diags, SC_ERROR, "unknown-constant", lex_place(p, p->token),
                            "no constant named '%.*s'", len, text);
        for (size_t i = 0; i < sc_constant_count(); i++)
                sc_typo_offer(&typo, sc_constant_name(i));
        if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "a number will do");
}

int parameter_report_unknown(struct parser *p)
{
        int len;
        const char *text = lex_text(p, p->token, &len);

        if (lex_at(p, "arch") || lex_at(p, "kernel"))
                return lex_syntax(p, p->expected);
        if (looks_constant(text, (size_t)len))
                report_constant(p);
        else if (p->calls && p->n_calls)
                return report_lacking(p, &p->calls[0], false);
        return -EBADMSG;
}

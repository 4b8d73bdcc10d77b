/* SPDX-License-Identifier: Apache-2.0 */
/* A policy of the tests as text in the language. */
#include <linux/seccomp.h>
#include <string.h>

#include "naive.h"
#include "syscall/group.h"

static void write_action(uint32_t action, struct sc_strbuf *out)
{
        unsigned data = action & SECCOMP_RET_DATA;

        switch (action & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_ALLOW:
                sc_strbuf_puts(out, "allow");
                break;
        case SECCOMP_RET_LOG:
                sc_strbuf_puts(out, "log");
                break;
        case SECCOMP_RET_TRAP:
                sc_strbuf_puts(out, "trap");
                break;
        case SECCOMP_RET_TRACE:
                sc_strbuf_printf(out, "trace:%u", data);
                break;
        case SECCOMP_RET_KILL_PROCESS:
                sc_strbuf_puts(out, "kill");
                break;
        case SECCOMP_RET_KILL_THREAD:
                sc_strbuf_puts(out, "kill-thread");
                break;
        default:
                if (data % 2 && sc_errno_name(data))
                        sc_strbuf_printf(out, "errno:%s", sc_errno_name(data));
                else
                        sc_strbuf_printf(out, "errno:%u", data);
        }
}

static void write_abis(uint32_t abis, struct sc_strbuf *out)
{
        const char *comma = "";

        sc_strbuf_puts(out, "arch in {");
        for (size_t i = 0; i < sc_abi_count(); i++) {
                if (!(abis >> i & 1))
                        continue;
                sc_strbuf_printf(out, "%s%s", comma, sc_abi_at(i)->name);
                comma = ", ";
        }
        sc_strbuf_puts(out, "}");
}

static void write_cond(const struct naive_policy *p, int cond, struct sc_strbuf *out)
{
        const struct naive_cond *c = &p->conds[cond];

        switch (c->kind) {
        case NAIVE_AND:
        case NAIVE_OR:
                sc_strbuf_puts(out, "(");
                write_cond(p, c->left, out);
                sc_strbuf_puts(out, c->kind == NAIVE_AND ? " && " : " || ");
                write_cond(p, c->right, out);
                sc_strbuf_puts(out, ")");
                break;
        case NAIVE_NOT:
                sc_strbuf_puts(out, "!(");
                write_cond(p, c->left, out);
                sc_strbuf_puts(out, ")");
                break;
        case NAIVE_CAP:
                sc_strbuf_puts(out, sc_cap_name(c->cap));
                break;
        case NAIVE_ARCH:
                write_abis(c->abis, out);
                break;
        case NAIVE_KERNEL:
                sc_strbuf_printf(out, "kernel %s %u.%u", c->op, SC_KERNEL_MAJOR(c->kernel), SC_KERNEL_MINOR(c->kernel));
                break;
        }
}

static void write_name(struct naive_name name, struct sc_strbuf *out)
{
        if (name.kind == NAIVE_CALL)
                sc_strbuf_printf(out, "\"%s\"", sc_syscall_name(name.index));
        else if (name.kind == NAIVE_GROUP)
                sc_strbuf_printf(out, "\"@g%d\"", name.index);
        else
                sc_strbuf_printf(out, "\"%s\"", sc_group_name(name.index));
}

static void write_groups(const struct naive_policy *p, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "  \"groups\": {");
        for (size_t i = 0; i < p->n_groups; i++) {
                sc_strbuf_printf(out, "%s\n    \"@g%zu\": [", i ? "," : "", i);
                for (size_t k = 0; k < p->groups[i].n_calls; k++) {
                        sc_strbuf_puts(out, k ? ", " : "");
                        write_name((struct naive_name){ NAIVE_CALL, p->groups[i].calls[k] }, out);
                }
                sc_strbuf_puts(out, "]");
        }
        sc_strbuf_puts(out, "\n  },\n");
}

static void write_rule(const struct naive_policy *p, const struct naive_rule *rule, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "    { \"%s\": [", rule->verb);
        for (size_t i = 0; i < rule->n_names; i++) {
                sc_strbuf_puts(out, i ? ", " : "");
                write_name(rule->names[i], out);
        }
        sc_strbuf_puts(out, "]");
        if (rule->when >= 0) {
                sc_strbuf_puts(out, ", \"when\": \"");
                write_cond(p, rule->when, out);
                sc_strbuf_puts(out, "\"");
        }
        if (rule->with) {
                sc_strbuf_puts(out, ", \"with\": \"");
                write_action(rule->action, out);
                sc_strbuf_puts(out, "\"");
        }
        sc_strbuf_puts(out, " }");
}

static void write_end(const char *key, uint32_t action, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "  \"%s\": \"", key);
        write_action(action, out);
        sc_strbuf_puts(out, "\",\n");
}

void naive_write(const struct naive_policy *p, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "{\n  \"architectures\": [");
        for (size_t i = 0; i < p->n_abis; i++)
                sc_strbuf_printf(out, "%s\"%s\"", i ? ", " : "", p->abis[i]->name);
        sc_strbuf_printf(out, "],\n  \"baseline\": \"%u.%u\",\n", SC_KERNEL_MAJOR(p->baseline),
                         SC_KERNEL_MINOR(p->baseline));
        write_end("default", p->def, out);
        if (p->fallback_given)
                write_end("fallback", p->fallback, out);
        if (p->newer_given)
                write_end("newer", p->newer, out);
        if (p->n_groups)
                write_groups(p, out);
        sc_strbuf_puts(out, "  \"rules\": [");
        for (size_t i = 0; i < p->n_rules; i++) {
                sc_strbuf_puts(out, i ? ",\n" : "\n");
                write_rule(p, &p->rules[i], out);
        }
        sc_strbuf_puts(out, "\n  ]\n}\n");
}

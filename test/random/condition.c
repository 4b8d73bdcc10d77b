/* SPDX-License-Identifier: Apache-2.0 */
/* What a condition means, and how it is written: from docs/policy-language.md, not from pkg/policy. */
#include "condition.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>

#include "syscall/constant.h"
#include "syscall/param.h"

static const char *const op_texts[] = { "==", "!=", "<", "<=", ">", ">=" };
static const char *const turned_texts[] = { "==", "!=", ">", ">=", "<", "<=" };

static uint64_t width(unsigned bits)
{
        return UINT64_MAX >> (64 - bits);
}

static bool locate_position(const struct cond_case *c, const struct cond_node *atom, const struct sc_abi *abi,
                            struct cond_spot *ret_spot)
{
        struct sc_param_register held = sc_param_in_register(c->call, atom->position, abi);

        *ret_spot = (struct cond_spot){ .low = atom->position, .bits = atom->raw ? 64 : held.bits };
        if (held.param >= 0 && !atom->raw)
                ret_spot->pointer = sc_param_at(c->call, (size_t)held.param).kind == SC_PARAM_POINTER;
        return true;
}

bool cond_locate(const struct cond_case *c, const struct cond_node *atom, const struct sc_abi *abi,
                 struct cond_spot *ret_spot)
{
        struct sc_param_place place;

        if (atom->param < 0)
                return locate_position(c, atom, abi, ret_spot);
        if (sc_param_locate(c->call, (size_t)atom->param, abi, &place) < 0)
                return false;
        if (place.where != SC_PARAM_HERE && place.where != SC_PARAM_SPLIT)
                return false;
        *ret_spot = (struct cond_spot){
                .split = place.where == SC_PARAM_SPLIT,
                .pointer = sc_param_at(c->call, (size_t)atom->param).kind == SC_PARAM_POINTER,
                .low = place.arg,
                .high = place.arg_high,
                .bits = place.where == SC_PARAM_SPLIT ? 64 : place.bits,
        };
        return true;
}

uint64_t cond_value_on(const struct cond_value *value, const struct sc_abi *abi, unsigned bits)
{
        int64_t number = 0, other = 0;

        switch (value->kind) {
        case COND_PLAIN:
                return value->n;
        case COND_MINUS:
                return -value->n & width(bits);
        case COND_TILDE:
                return ~value->n & width(bits);
        case COND_NAMED:
                sc_constant_value((size_t)value->n, abi, &number);
                if (value->other >= 0)
                        sc_constant_value((size_t)value->other, abi, &other);
                number |= other;
                return number < 0 ? (uint64_t)number & width(bits) : (uint64_t)number;
        }
        return 0;
}

static bool compare(uint64_t x, enum cond_op op, uint64_t value)
{
        switch (op) {
        case COND_EQ:
                return x == value;
        case COND_NE:
                return x != value;
        case COND_LT:
                return x < value;
        case COND_LE:
                return x <= value;
        case COND_GT:
                return x > value;
        case COND_GE:
                return x >= value;
        }
        return false;
}

static bool atom_holds(const struct cond_case *c, const struct cond_node *atom, const struct sc_abi *abi,
                       const uint64_t args[6])
{
        struct cond_spot spot;
        uint64_t x;

        if (!cond_locate(c, atom, abi, &spot))
                return false;
        x = spot.split ? (args[spot.high] << 32 | (args[spot.low] & UINT32_MAX)) : args[spot.low] & width(spot.bits);
        if (atom->masked)
                x &= cond_value_on(&atom->mask, abi, spot.bits);
        if (atom->kind == COND_ANY)
                return x != 0;
        if (atom->kind == COND_COMPARE)
                return compare(x, atom->op, cond_value_on(&atom->value, abi, spot.bits));
        for (size_t i = 0; i < atom->n_ranges; i++)
                if (x >= cond_value_on(&atom->first[i], abi, spot.bits) &&
                    x <= cond_value_on(&atom->last[i], abi, spot.bits))
                        return !atom->not_in;
        return atom->not_in;
}

static bool holds(const struct cond_case *c, int index, const struct sc_abi *abi, const uint64_t args[6])
{
        const struct cond_node *node = &c->nodes[index];

        switch (node->kind) {
        case COND_AND:
                return holds(c, node->left, abi, args) && holds(c, node->right, abi, args);
        case COND_OR:
                return holds(c, node->left, abi, args) || holds(c, node->right, abi, args);
        case COND_NOT:
                return !holds(c, node->left, abi, args);
        case COND_CAP:
                return c->caps >> node->cap & 1;
        case COND_COMPARE:
        case COND_IN:
        case COND_ANY:
                break;
        }
        return atom_holds(c, node, abi, args);
}

uint32_t cond_default(const struct cond_case *c)
{
        return c->shape == COND_OPEN ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | ENOSYS;
}

uint32_t cond_answer(const struct cond_case *c, const struct sc_abi *abi, const uint64_t args[6])
{
        for (size_t i = 0; i < c->n_rules; i++)
                if (holds(c, c->rules[i].when, abi, args))
                        return c->rules[i].action;
        return c->shape == COND_JUDGED ? c->last : cond_default(c);
}

size_t cond_callable(const struct cond_case *c, const struct sc_abi *ret_abis[COND_ABIS_MAX])
{
        size_t n = 0;
        uint32_t nr;

        for (size_t i = 0; i < c->n_abis; i++)
                if (sc_syscall_number(c->call, c->abis[i], &nr))
                        ret_abis[n++] = c->abis[i];
        return n;
}

static void write_value(const struct cond_value *value, struct sc_strbuf *out)
{
        switch (value->kind) {
        case COND_PLAIN:
                sc_strbuf_printf(out, value->n & 1 ? "%#" PRIx64 : "%" PRIu64, value->n);
                break;
        case COND_MINUS:
                sc_strbuf_printf(out, "-%" PRIu64, value->n);
                break;
        case COND_TILDE:
                sc_strbuf_printf(out, "~%#" PRIx64, value->n);
                break;
        case COND_NAMED:
                if (value->other >= 0)
                        sc_strbuf_printf(out, "(%s | %s)", sc_constant_name((size_t)value->n),
                                         sc_constant_name((size_t)value->other));
                else
                        sc_strbuf_puts(out, sc_constant_name((size_t)value->n));
                break;
        }
}

static void write_argument(const struct cond_case *c, const struct cond_node *atom, struct sc_strbuf *out)
{
        if (atom->param >= 0)
                sc_strbuf_puts(out, sc_param_at(c->call, (size_t)atom->param).name);
        else
                sc_strbuf_printf(out, "arg%u%s", atom->position, atom->raw ? ":64" : "");
        if (!atom->masked)
                return;
        sc_strbuf_puts(out, " & ");
        write_value(&atom->mask, out);
}

static void write_set(const struct cond_node *atom, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, atom->not_in ? " not in {" : " in {");
        for (size_t i = 0; i < atom->n_ranges; i++) {
                const struct cond_value *first = &atom->first[i], *last = &atom->last[i];

                sc_strbuf_puts(out, i ? ", " : "");
                write_value(first, out);
                if (first->kind == last->kind && first->n == last->n)
                        continue;
                sc_strbuf_puts(out, "..");
                write_value(last, out);
        }
        sc_strbuf_puts(out, "}");
}

static void write_compare(const struct cond_case *c, const struct cond_node *atom, struct sc_strbuf *out)
{
        if (atom->turned) {
                write_value(&atom->value, out);
                sc_strbuf_printf(out, " %s ", turned_texts[atom->op]);
                write_argument(c, atom, out);
                return;
        }
        write_argument(c, atom, out);
        sc_strbuf_printf(out, " %s ", op_texts[atom->op]);
        write_value(&atom->value, out);
}

static void write_pair(const struct cond_case *c, const struct cond_node *node, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "(");
        cond_write_node(c, node->left, out);
        sc_strbuf_puts(out, node->kind == COND_AND ? " && " : " || ");
        cond_write_node(c, node->right, out);
        sc_strbuf_puts(out, ")");
}

void cond_write_node(const struct cond_case *c, int index, struct sc_strbuf *out)
{
        const struct cond_node *node = &c->nodes[index];

        switch (node->kind) {
        case COND_AND:
        case COND_OR:
                write_pair(c, node, out);
                break;
        case COND_NOT:
                sc_strbuf_puts(out, "!(");
                cond_write_node(c, node->left, out);
                sc_strbuf_puts(out, ")");
                break;
        case COND_CAP:
                sc_strbuf_puts(out, sc_cap_name(node->cap));
                break;
        case COND_COMPARE:
                write_compare(c, node, out);
                break;
        case COND_IN:
                write_argument(c, node, out);
                write_set(node, out);
                break;
        case COND_ANY:
                write_argument(c, node, out);
                break;
        }
}

static void write_rule(const struct cond_case *c, uint32_t action, int when, struct sc_strbuf *out)
{
        const char *name = sc_syscall_name(c->call);

        if (action == SECCOMP_RET_ALLOW)
                sc_strbuf_printf(out, "    { \"allow\": [\"%s\"]", name);
        else if (action == (SECCOMP_RET_ERRNO | EPERM))
                sc_strbuf_printf(out, "    { \"deny\": [\"%s\"]", name);
        else
                sc_strbuf_printf(out, "    { \"deny\": [\"%s\"], \"with\": \"errno:%u\"", name, action & 0xffff);
        if (when >= 0) {
                sc_strbuf_puts(out, ", \"when\": \"");
                cond_write_node(c, when, out);
                sc_strbuf_puts(out, "\"");
        }
        sc_strbuf_puts(out, " },\n");
}

/*
 * One more rule stands at the end, for a call with a high number on every ABI: without a call by number, libseccomp
 * 2.5.4 forgets to load the number; and runc's stub answers all numbers above the highest that it knows of, which are
 * not those of calls that a multiplexer carries.
 */
void cond_write(const struct cond_case *c, struct sc_strbuf *out)
{
        const char *def = c->shape == COND_OPEN ? "allow" : "errno:ENOSYS";

        sc_strbuf_puts(out, "{ \"architectures\": [");
        for (size_t i = 0; i < c->n_abis; i++)
                sc_strbuf_printf(out, "%s\"%s\"", i ? ", " : "", c->abis[i]->name);
        sc_strbuf_printf(out, "], \"default\": \"%s\", \"newer\": \"%s\", \"rules\": [\n", def, def);
        for (size_t i = 0; i < c->n_rules; i++)
                write_rule(c, c->rules[i].action, c->rules[i].when, out);
        if (c->shape == COND_JUDGED)
                write_rule(c, c->last, -1, out);
        sc_strbuf_printf(out, "    { \"%s\": [\"pidfd_getfd\"] }\n] }\n", c->shape == COND_OPEN ? "deny" : "allow");
}

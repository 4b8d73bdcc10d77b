/* SPDX-License-Identifier: Apache-2.0 */
/* How rules report, and the questions that several of them ask. */
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "lint/internal.h"

static uint32_t consumer_bit(const struct sc_lint *lint)
{
        for (size_t i = 0; lint->view && i < sc_consumer_count(); i++)
                if (sc_consumer_at(i) == lint->view->target.consumer)
                        return UINT32_C(1) << i;
        return 0;
}

static bool same_place(struct sc_place a, struct sc_place b)
{
        return a.source == b.source && a.offset == b.offset && a.length == b.length;
}

static struct sc_lint_finding *append(struct sc_lint *lint)
{
        struct sc_lint_finding *items;

        items = sc_grow(lint->items, lint->n, &lint->cap, sizeof(*items));
        if (!items) {
                lint->failed = true;
                return NULL;
        }
        lint->items = items;
        return &items[lint->n++];
}

/* True, once it is counted, if one finding more would be too many: then it is not even put into words. */
static bool is_full(struct sc_lint *lint)
{
        if (lint->n < SC_LINT_FINDINGS_MAX)
                return false;
        lint->more++;
        return true;
}

/* A finding with these words, new or old: NULL if it was there, or there is no room. */
static struct sc_lint_finding *enter(struct sc_lint *lint, const struct sc_lint_rule *rule, const char *id,
                                     struct sc_place place, char *message)
{
        struct sc_lint_finding *f = lint_same(lint, id, place, message);

        if (f) {
                f->consumers |= consumer_bit(lint);
                return NULL;
        }
        f = append(lint);
        if (!f)
                return NULL;
        *f = (struct sc_lint_finding){
                .rule = rule,
                .diag = { .severity = rule ? rule->severity : SC_ERROR, .rule = id, .message = message },
                .consumers = consumer_bit(lint),
                .view = lint->view,
        };
        sc_diag_place(&f->diag, place);
        lint->failed |= lint_remember(lint) < 0;
        return f;
}

struct sc_lint_finding *lint_add(struct sc_lint *lint, const struct sc_lint_rule *rule, struct sc_place place,
                                 const char *format, ...)
{
        char *message;
        va_list args;

        if (is_full(lint))
                return NULL;
        va_start(args, format);
        message = sc_arena_vprintf(lint->arena, format, args);
        va_end(args);
        if (!message) {
                lint->failed = true;
                return NULL;
        }
        return enter(lint, rule, rule->id, place, message);
}

/* An error for which the file could not be read is told, whatever was asked for: nothing else is. */
static bool is_fatal(const struct sc_lint *lint, const struct sc_diag *diag)
{
        return diag->severity == SC_ERROR && !lint->view;
}

void lint_take(struct sc_lint *lint, const struct sc_diag *diag)
{
        const struct sc_lint_rule *rule = sc_lint_rule_find(diag->rule, strlen(diag->rule));
        struct sc_place place = diag->n_places ? diag->places[0] : lint_whole(lint);
        struct sc_lint_finding *f;
        char *message;

        if (diag->severity == SC_NOTE || (rule && !lint_wants(lint, rule) && !is_fatal(lint, diag)) || is_full(lint))
                return;
        message = sc_arena_strdup(lint->arena, diag->message);
        f = message ? enter(lint, rule, diag->rule, place, message) : NULL;
        lint->failed |= !message;
        if (!f)
                return;
        f->diag.severity = diag->severity;
        for (size_t i = 1; i < diag->n_places; i++)
                sc_diag_place(&f->diag, diag->places[i]);
        if (diag->hint)
                lint_hint(lint, f, "%s", diag->hint);
}

void lint_hint(struct sc_lint *lint, struct sc_lint_finding *f, const char *format, ...)
{
        va_list args;

        if (!f)
                return;
        va_start(args, format);
        f->diag.hint = sc_arena_vprintf(lint->arena, format, args);
        va_end(args);
        lint->failed |= !f->diag.hint;
}

void lint_place(struct sc_lint_finding *f, struct sc_place place)
{
        sc_diag_place(f ? &f->diag : NULL, place);
}

void lint_severity(struct sc_lint_finding *f, enum sc_severity severity)
{
        if (f)
                f->diag.severity = severity;
}

void lint_edit(struct sc_lint *lint, struct sc_lint_finding *f, struct sc_place place, const char *text)
{
        struct sc_lint_edit *edits;
        size_t at = 0;

        if (!f)
                return;
        edits = sc_arena_array(lint->arena, f->n_edits + 1, sizeof(*edits));
        text = sc_arena_strdup(lint->arena, text);
        if (!edits || !text) {
                lint->failed = true;
                return;
        }
        while (at < f->n_edits && f->edits[at].offset <= place.offset)
                at++;
        if (f->n_edits) {
                memcpy(edits, f->edits, at * sizeof(*edits));
                memcpy(edits + at + 1, f->edits + at, (f->n_edits - at) * sizeof(*edits));
        }
        edits[at] = (struct sc_lint_edit){ .offset = place.offset, .length = place.length, .text = text };
        f->edits = edits;
        f->n_edits++;
}

/* The bytes of an element; of a member, its key's too. */
static struct sc_place element_place(const struct sc_json *element)
{
        struct sc_place place = element->place;

        if (element->key) {
                place.length += place.offset - element->key->place.offset;
                place.offset = element->key->place.offset;
        }
        return place;
}

static const struct sc_json *before(const struct sc_json *parent, const struct sc_json *element)
{
        const struct sc_json *e = parent->first;

        if (e == element)
                return NULL;
        while (e && e->next != element)
                e = e->next;
        return e;
}

void lint_edit_remove(struct sc_lint *lint, struct sc_lint_finding *f, const struct sc_json *parent,
                      const struct sc_json *element)
{
        struct sc_place place = element_place(element);
        const struct sc_json *prior = before(parent, element);
        size_t end = place.offset + place.length;

        if (prior) /* with the comma before it, and all that stands between */
                place.offset = prior->place.offset + prior->place.length;
        else if (element->next)
                end = element_place(element->next).offset;
        place.length = end - place.offset;
        lint_edit(lint, f, place, "");
}

void lint_witness(struct sc_lint *lint, struct sc_lint_finding *f, const struct sc_abi *abi, uint32_t nr,
                  const uint64_t args[6], sc_action expected)
{
        struct sc_witness *w;

        if (!f)
                return;
        f->has_witness = true;
        w = &f->witness;
        *w = (struct sc_witness){ .abi = abi, .nr = nr, .call = sc_syscall_by_number(abi, nr), .b = expected };
        w->input.words[SC_WORD_ARCH] = abi->audit_arch;
        w->input.words[SC_WORD_NR] = nr;
        for (size_t i = 0; args && i < SC_COUNT(w->args); i++) {
                w->args[i] = args[i];
                w->tested[i] = args[i] ? UINT64_MAX : 0;
                w->input.words[SC_WORD_ARG0 + i] = args[i];
        }
        w->a = sc_compare_effect(sc_decision_eval(lint->d, lint->view->node, &w->input));
}

sc_node lint_answer(const struct sc_lint *lint, const struct sc_abi *abi, int call)
{
        sc_node node = lint->view->node;
        uint32_t nr;

        if (!lint->view->decided || call < 0 || !sc_syscall_number(call, abi, &nr))
                return SC_NODE_FAILED;
        node = sc_decision_fix(lint->d, node, SC_WORD_ARCH, abi->audit_arch);
        return sc_decision_fix(lint->d, node, SC_WORD_NR, nr);
}

uint32_t lint_allows(uint32_t action, uint32_t unused)
{
        (void)unused;
        return (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW;
}

static uint32_t passes(uint32_t action, uint32_t unused)
{
        (void)unused;
        switch (action & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_ALLOW:
        case SECCOMP_RET_LOG:
        case SECCOMP_RET_TRACE:
        case SECCOMP_RET_USER_NOTIF:
                return 1;
        default:
                return 0;
        }
}

/* Where `test` holds of the call's answer, over its arguments; false if that cannot be told. */
static bool answers(const struct sc_lint *lint, const struct sc_abi *abi, int call, sc_combine test, sc_node *ret_node)
{
        sc_node node = lint_answer(lint, abi, call);

        if (node == SC_NODE_FAILED)
                return false;
        node = sc_decision_apply(lint->d, test, node, sc_decision_leaf(lint->d, 0));
        *ret_node = node;
        return node != SC_NODE_FAILED;
}

bool lint_may_pass(const struct sc_lint *lint, const struct sc_abi *abi, int call)
{
        sc_node node;

        return answers(lint, abi, call, passes, &node) && node != sc_decision_leaf(lint->d, 0);
}

bool lint_may_allow(const struct sc_lint *lint, const struct sc_abi *abi, int call)
{
        sc_node node;

        return answers(lint, abi, call, lint_allows, &node) && node != sc_decision_leaf(lint->d, 0);
}

bool lint_must_pass(const struct sc_lint *lint, const struct sc_abi *abi, int call)
{
        sc_node node;

        return answers(lint, abi, call, passes, &node) && node == sc_decision_leaf(lint->d, 1);
}

bool lint_find_args(const struct sc_lint *lint, const struct sc_abi *abi, int call, sc_combine test,
                    uint64_t ret_args[6])
{
        struct sc_input input = { 0 };
        sc_node node;

        if (!answers(lint, abi, call, test, &node) ||
            !sc_decision_witness(lint->d, node, sc_decision_leaf(lint->d, 0), &input))
                return false;
        memcpy(ret_args, &input.words[SC_WORD_ARG0], 6 * sizeof(*ret_args));
        return true;
}

bool lint_has_call(const struct sc_abi *abi, int call)
{
        uint32_t nr, sub;

        if (sc_syscall_number(call, abi, &nr))
                return true;
        call = abi->multiplexed ? sc_syscall_carrier(call, &sub) : -1;
        return call >= 0 && sc_syscall_number(call, abi, &nr);
}

bool lint_one_answer(const struct sc_lint *lint, const struct sc_abi *abi, int call, sc_action *ret_action)
{
        sc_node node = lint_answer(lint, abi, call);

        return node != SC_NODE_FAILED && sc_decision_is_leaf(lint->d, node, ret_action);
}

const struct sc_source *lint_source(const struct sc_lint *lint)
{
        return lint->file->policy ? lint->file->policy->source : lint->file->source;
}

struct sc_place lint_whole(const struct sc_lint *lint)
{
        const struct sc_lint_file *file = lint->file;

        if (file->profile && file->profile->default_action.text)
                return file->profile->default_action.place;
        if (file->profile)
                return file->profile->place;
        return file->root ? file->root->place : (struct sc_place){ .source = lint_source(lint) };
}

struct sc_place lint_name_place(const struct sc_lint *lint, const char *name)
{
        const struct sc_profile *p = lint->file->profile;
        int call = sc_syscall_find(name, strlen(name));

        for (size_t i = 0; p && i < p->syscalls.n; i++)
                for (size_t k = 0; k < p->syscalls.items[i].names.n; k++)
                        if (!strcmp(p->syscalls.items[i].names.items[k].text, name))
                                return p->syscalls.items[i].names.items[k].place;
        for (size_t i = 0; lint->file->policy && i < lint->file->policy->n_rules; i++)
                for (size_t k = 0; k < lint->file->policy->rules[i].n_calls; k++)
                        if (lint->file->policy->rules[i].calls[k].call == call &&
                            lint->file->policy->rules[i].calls[k].place.source == lint_source(lint))
                                return lint->file->policy->rules[i].calls[k].place;
        return lint_whole(lint);
}

static size_t count_values(const struct sc_json *value)
{
        size_t n = 1;

        for (const struct sc_json *e = value->first; e; e = e->next)
                n += count_values(e);
        return n;
}

static void list_values(const struct sc_json *value, struct sc_lint *lint)
{
        lint->values[lint->n_values++] = value;
        for (const struct sc_json *e = value->first; e; e = e->next)
                list_values(e, lint);
}

/* All values in the order of the text, in which no two begin at the same byte. */
static bool index_values(struct sc_lint *lint)
{
        if (lint->values || !lint->file->root)
                return lint->values;
        lint->values = sc_arena_array(lint->arena, count_values(lint->file->root), sizeof(*lint->values));
        if (lint->values)
                list_values(lint->file->root, lint);
        lint->failed |= !lint->values;
        return lint->values;
}

const struct sc_json *lint_value_at(struct sc_lint *lint, struct sc_place place)
{
        size_t low = 0, high = index_values(lint) ? lint->n_values : 0;

        while (low < high) {
                size_t mid = low + (high - low) / 2;

                if (lint->values[mid]->place.offset < place.offset)
                        low = mid + 1;
                else
                        high = mid;
        }
        return low < lint->n_values && same_place(lint->values[low]->place, place) ? lint->values[low] : NULL;
}

static bool arches_name(const struct sc_profile_list *arches, const struct sc_abi *abi)
{
        for (size_t i = 0; i < arches->n; i++)
                if (abi->docker && !strcmp(arches->items[i].text, abi->docker))
                        return true;
        return false;
}

static bool rule_is_for(const struct sc_profile_rule *rule, const struct sc_abi *head)
{
        if (rule->includes.arches.n && !arches_name(&rule->includes.arches, head))
                return false;
        return !arches_name(&rule->excludes.arches, head);
}

static size_t add_abi(const struct sc_profile_string *name, const struct sc_abi **abis, size_t n)
{
        const struct sc_abi *abi = name->text ? sc_abi_find_oci(name->text, strlen(name->text)) : NULL;

        if (abi && !sc_abi_among(abi, abis, n))
                abis[n++] = abi;
        return n;
}

size_t lint_rule_abis(const struct sc_profile *p, const struct sc_profile_rule *rule,
                      const struct sc_abi *ret_abis[SC_ABI_MAX])
{
        size_t n = 0;

        for (size_t i = 0; i < p->architectures.n; i++)
                n = add_abi(&p->architectures.items[i], ret_abis, n);
        for (size_t i = 0; i < p->arch_map.n; i++) {
                const struct sc_profile_arch *arch = &p->arch_map.items[i];
                const char *name = arch->architecture.text;
                const struct sc_abi *head = name ? sc_abi_find_oci(name, strlen(name)) : NULL;

                if (!head || !rule_is_for(rule, head))
                        continue;
                n = add_abi(&arch->architecture, ret_abis, n);
                for (size_t k = 0; k < arch->sub_architectures.n; k++)
                        n = add_abi(&arch->sub_architectures.items[k], ret_abis, n);
        }
        return n;
}

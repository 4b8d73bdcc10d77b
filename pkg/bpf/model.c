/* SPDX-License-Identifier: Apache-2.0 */
/* libseccomp's rules for each call and ABI, and the decision that they make together. */
#include "bpf/model.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "bpf/args.h"
#include "policy/policy.h"
#include "syscall/syscall.h"

#define SOCKET_BASE 100     /* of the pseudo numbers of what socketcall carries: -101 is socket */
#define IPC_BASE 200
#define PSEUDO_ELSEWHERE (-10000) /* one of the pseudo numbers for calls of other ABIs only */
#define NO_RULE SIZE_MAX
#define NO_NODE SC_NODE_FAILED
#define NOBODY UINT32_MAX   /* where no rule applies; no action has this value */

/* A rule as it stands for one number: a companion's conditions are not the rule's own. */
struct term {
        size_t at; /* the rule */
        uint32_t action;
        unsigned n_args;
        struct sc_scmp_arg args[6];
};

struct run {
        const struct sc_model *model;
        const struct sc_scmp_filter *filter;
        struct sc_decisions *d;
        size_t *first, *last;  /* by call: its rules, a list in the order in which they were added */
        size_t *next;          /* by rule */
        struct term *terms;    /* room for all rules */
        struct sc_entry *entries; /* room for the calls of two ABIs */
        bool unconditional;    /* the last answer was a rule without conditions */
        struct sc_scmp_result result;
};

/* Keeps the first refusal. */
static void refuse(struct run *run, int error, size_t at)
{
        if (run->result.error)
                return;
        run->result.error = error;
        run->result.error_at = at;
}

static bool model_knows_call(const struct sc_model *model, int call)
{
        return call >= 0 && (!model->table || sc_scmptable_knows(model->table, call));
}

static bool model_has_abi(const struct sc_model *model, const struct sc_abi *abi)
{
        return !model->table || sc_scmptable_has_abi(model->table, abi);
}

/* A call's number on an ABI, where libseccomp has one. */
static bool model_has_number(const struct sc_model *model, int call, const struct sc_abi *abi, uint32_t *ret_nr)
{
        return sc_syscall_number(call, abi, ret_nr) &&
               (!model->table || sc_scmptable_has_number(model->table, call, abi));
}

static bool action_is_valid(uint32_t action)
{
        uint32_t data = action & SECCOMP_RET_DATA;

        switch (action & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_ERRNO:
                return data <= SC_ERRNO_MAX;
        case SECCOMP_RET_TRACE:
                return true;
        case SECCOMP_RET_KILL_PROCESS:
        case SECCOMP_RET_KILL_THREAD:
        case SECCOMP_RET_TRAP:
        case SECCOMP_RET_USER_NOTIF:
        case SECCOMP_RET_LOG:
        case SECCOMP_RET_ALLOW:
                return data == 0;
        default:
                return false;
        }
}

/* What seccomp_rule_add_array() says of a rule before it looks at others. */
static int check_rule(const struct run *run, const struct sc_scmp_rule *rule)
{
        unsigned seen = 0;

        if (!action_is_valid(rule->action))
                return -EINVAL;
        if (rule->action == run->filter->default_action)
                return -EACCES;
        for (unsigned i = 0; i < rule->n_args; i++) {
                if (rule->args[i].index > 5 || seen >> rule->args[i].index & 1)
                        return -EINVAL;
                seen |= 1u << rule->args[i].index;
        }
        return 0;
}

/* Sorts the rules by their calls. Names that are not known are left out, as runtimes do. */
static void list_rules(struct run *run)
{
        for (size_t i = 0; i < sc_syscall_count(); i++)
                run->first[i] = NO_RULE;
        for (size_t i = 0; i < run->filter->n_rules; i++) {
                const struct sc_scmp_rule *rule = &run->filter->rules[i];
                int call = sc_syscall_find(rule->name, strlen(rule->name));
                int error;

                if (!model_knows_call(run->model, call))
                        continue;
                error = check_rule(run, rule);
                if (error)
                        refuse(run, error, i);
                run->next[i] = NO_RULE;
                *(run->first[call] == NO_RULE ? &run->first[call] : &run->next[run->last[call]]) = i;
                run->last[call] = i;
        }
}

static bool is_equality(const struct sc_scmp_arg *arg)
{
        return arg->op == SC_SCMP_EQ || arg->op == SC_SCMP_MASKED_EQ;
}

static bool are_equalities(const struct term *terms, size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (unsigned k = 0; k < terms[i].n_args; k++)
                        if (!is_equality(&terms[i].args[k]) && !sc_scmp_args_otherwise(terms[i].args, terms[i].n_args))
                                return false;
        return true;
}

static bool are_single(const struct term *terms, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const struct sc_scmp_arg *arg = terms[i].args;

                if (terms[i].n_args != 1 || arg->a > UINT32_MAX)
                        return false;
                if (arg->op == SC_SCMP_MASKED_EQ && arg->b > UINT32_MAX)
                        return false;
        }
        return true;
}

/* Drops the masks that leave nothing of what the ABI looks at: so does libseccomp. */
static void drop_empty(const struct sc_abi *abi, struct term *term)
{
        uint64_t width = abi->word_bits == 32 ? UINT32_MAX : UINT64_MAX;
        unsigned kept = 0;

        for (unsigned i = 0; i < term->n_args; i++)
                if (term->args[i].op != SC_SCMP_MASKED_EQ || (term->args[i].a & width))
                        term->args[kept++] = term->args[i];
        term->n_args = kept;
}

static uint32_t combine_conflicts(uint32_t here, uint32_t action)
{
        return here != NOBODY && here != action;
}

static uint32_t combine_strictest(uint32_t first, uint32_t second)
{
        if (first == NOBODY || second == NOBODY)
                return first == NOBODY ? second : first;
        return sc_action_looseness(second) < sc_action_looseness(first) ? second : first;
}

static uint32_t combine_fill(uint32_t here, uint32_t otherwise)
{
        return here == NOBODY ? otherwise : here;
}

/* Of the actions of rules that apply, the strictest; the preferred one, if it is among them. */
static sc_node add_reading(struct run *run, sc_node holds, uint32_t action, sc_node node)
{
        struct sc_decisions *d = run->d;
        const uint32_t *preferred = run->model->preferred;
        sc_node leaf = sc_decision_leaf(d, action), strictest, keeps;

        if (preferred && *preferred == action)
                return sc_decision_ite(d, holds, leaf, node);
        strictest = sc_decision_apply(d, combine_strictest, node,
                                      sc_decision_ite(d, holds, leaf, sc_decision_leaf(d, NOBODY)));
        if (!preferred)
                return strictest;
        keeps = sc_decision_where(d, node, *preferred);
        return sc_decision_ite(d, keeps, node, strictest);
}

/* Adds a term to what the earlier ones answer, NOBODY where none does. */
static sc_node add_term(struct run *run, const struct sc_abi *abi, const struct term *term, bool mixed, sc_node node)
{
        struct sc_decisions *d = run->d;
        sc_node holds = sc_scmp_args_node(d, abi, term->args, term->n_args);
        sc_node action = sc_decision_leaf(d, term->action), conflicts;

        if (!mixed)
                return sc_decision_ite(d, holds, action, node);
        if (run->model->mode == SC_MODEL_READING)
                return add_reading(run, holds, term->action, node);
        conflicts = sc_decision_apply(d, combine_conflicts, node, action);
        if (sc_decision_and(d, holds, conflicts) != sc_decision_leaf(d, 0))
                refuse(run, -EOPNOTSUPP, term->at);
        return sc_decision_ite(d, holds, action, node);
}

/* Terms that all have conditions. `rest` answers where none of them applies. */
static sc_node conditional(struct run *run, const struct sc_abi *abi, const struct term *terms, size_t n, uint32_t rest)
{
        bool exact = run->model->mode == SC_MODEL_EXACT, equalities = are_equalities(terms, n), mixed = false;
        bool at_end = equalities || (!exact && !run->model->preferred);
        sc_node node = sc_decision_leaf(run->d, NOBODY), otherwise = node;

        if (exact && !equalities && !are_single(terms, n)) {
                refuse(run, -EOPNOTSUPP, terms[0].at);
                return node;
        }
        for (size_t i = 0; i < n; i++) {
                /* the else is known to come last after equalities; beside others it is a condition like them */
                bool last = at_end && sc_scmp_args_otherwise(terms[i].args, terms[i].n_args);

                mixed |= i > 0 && terms[i].action != terms[0].action;
                *(last ? &otherwise : &node) = add_term(run, abi, &terms[i], mixed, last ? otherwise : node);
        }
        otherwise = sc_decision_apply(run->d, combine_fill, otherwise, sc_decision_leaf(run->d, rest));
        return sc_decision_apply(run->d, combine_fill, node, otherwise);
}

/* What the terms of one number answer: the first without conditions, whatever stands beside it, or the others. */
static sc_node answer(struct run *run, const struct sc_abi *abi, struct term *terms, size_t n)
{
        uint32_t rest = run->filter->default_action;
        bool decided = false;

        run->unconditional = false;
        for (size_t i = 0; i < n && !decided; i++) {
                drop_empty(abi, &terms[i]);
                decided = terms[i].n_args == 0;
                if (decided) {
                        rest = terms[i].action;
                        n = i;
                }
        }
        if (n > 0 && (!decided || run->model->mode == SC_MODEL_EXACT)) {
                sc_node node = conditional(run, abi, terms, n, rest);

                if (!decided)
                        return node;
        }
        run->unconditional = decided;
        return sc_decision_leaf(run->d, rest);
}

static struct term term_of(const struct run *run, size_t at)
{
        const struct sc_scmp_rule *rule = &run->filter->rules[at];
        struct term term = { .at = at, .action = rule->action, .n_args = rule->n_args };

        for (unsigned i = 0; i < rule->n_args; i++)
                term.args[i] = rule->args[i];
        return term;
}

/* A call with rules that no multiplexer answers for. */
static sc_node direct(struct run *run, const struct sc_abi *abi, int call)
{
        size_t n = 0;

        run->unconditional = run->filter->rules[run->first[call]].n_args == 0;
        if (run->unconditional)
                return sc_decision_leaf(run->d, run->filter->rules[run->first[call]].action);
        for (size_t i = run->first[call]; i != NO_RULE; i = run->next[i])
                run->terms[n++] = term_of(run, i);
        return answer(run, abi, run->terms, n);
}

/* What libseccomp adds to the multiplexer: the condition on argument 0 becomes the number of what is carried. */
static struct term companion_of(const struct run *run, size_t at, uint32_t subcall)
{
        struct term term = term_of(run, at);
        unsigned kept = 1;

        for (unsigned i = 0; i < run->filter->rules[at].n_args; i++)
                if (run->filter->rules[at].args[i].index != 0)
                        term.args[kept++] = run->filter->rules[at].args[i];
        term.args[0] = (struct sc_scmp_arg){ 0, SC_SCMP_EQ, subcall, 0 };
        term.n_args = kept;
        return term;
}

static int compare_terms(const void *a, const void *b)
{
        size_t x = ((const struct term *)a)->at, y = ((const struct term *)b)->at;

        return (x > y) - (x < y);
}

/* A multiplexer: its own rules and the companions of those for what it carries, in the order of the rules. */
static size_t carrier_terms(const struct run *run, int carrier)
{
        uint32_t subcall;
        size_t n = 0;

        for (size_t i = run->first[carrier]; i != NO_RULE; i = run->next[i])
                run->terms[n++] = term_of(run, i);
        for (size_t call = 0; call < sc_syscall_count(); call++)
                if (run->first[call] != NO_RULE && sc_syscall_carrier((int)call, &subcall) == carrier)
                        for (size_t i = run->first[call]; i != NO_RULE; i = run->next[i])
                                run->terms[n++] = companion_of(run, i, subcall);
        qsort(run->terms, n, sizeof(*run->terms), compare_terms);
        return n;
}

/* True if the terms up to the first without conditions look at nothing but what is carried. */
static bool are_plain_companions(const struct term *terms, size_t n)
{
        for (size_t i = 0; i < n && terms[i].n_args > 0; i++)
                if (terms[i].n_args > 1 || terms[i].args[0].index != 0 || terms[i].args[0].op != SC_SCMP_EQ)
                        return false;
        return true;
}

/*
 * What answers for a call on an ABI; NO_NODE if no rule does. Where companions have more conditions, libseccomp shares
 * their tests between ABIs and now and then goes on with the wrong argument (2.5.4: s390x with s390, x86_64 with x86).
 */
static sc_node call_node(struct run *run, const struct sc_abi *abi, int call)
{
        size_t n = abi->multiplexed && sc_syscall_is_carrier(call) ? carrier_terms(run, call) : 0;

        if (n && run->model->mode == SC_MODEL_EXACT && !are_plain_companions(run->terms, n))
                refuse(run, -EOPNOTSUPP, run->terms[0].at);
        if (n)
                return answer(run, abi, run->terms, n);
        return run->first[call] == NO_RULE ? NO_NODE : direct(run, abi, call);
}

/*
 * The numbers of an ABI that rules answer for. Returns how many there are. libseccomp keeps rules for calls that the
 * ABI has not, and refuses or hangs on these as on others. And if one of them needs fewer tests than all that the ABI
 * has, its list (not its tree) never loads the number, and no rule applies (2.5.4 to 2.6.1, gen_bpf.c, acc_reset).
 */
static size_t fill_entries(struct run *run, const struct sc_abi *abi, struct sc_entry *entries)
{
        bool exact = run->model->mode == SC_MODEL_EXACT, elsewhere = false, unconditional = false;
        size_t n = 0;
        uint32_t nr;

        for (size_t i = 0; i < sc_syscall_count(); i++) {
                bool has = model_has_number(run->model, (int)i, abi, &nr);
                sc_node node = has || exact ? call_node(run, abi, (int)i) : NO_NODE;

                if (node == NO_NODE)
                        continue;
                elsewhere |= !has;
                unconditional |= has && run->unconditional;
                if (has)
                        entries[n++] = (struct sc_entry){ nr, node };
        }
        if (exact && run->filter->optimize == 1 && n && elsewhere && !unconditional)
                refuse(run, -EOPNOTSUPP, run->filter->n_rules);
        return n;
}

/* All numbers of one architecture; x86_64 and x32 share one. */
static sc_node architecture(struct run *run, uint32_t audit_arch)
{
        const struct sc_scmp_filter *filter = run->filter;
        sc_node def = sc_decision_leaf(run->d, filter->default_action), node;
        bool x32 = false;
        size_t n = 0;

        for (size_t i = 0; i < filter->n_abis; i++) {
                const struct sc_abi *abi = filter->abis[i];

                if (abi->audit_arch != audit_arch || sc_abi_among(abi, filter->abis, i))
                        continue;
                x32 |= abi->nr_base == SC_ABI_X32_BIT;
                n += fill_entries(run, abi, run->entries + n);
        }
        qsort(run->entries, n, sizeof(*run->entries), sc_entry_compare);
        node = sc_decision_map(run->d, SC_WORD_NR, run->entries, n, def);
        if (audit_arch != AUDIT_ARCH_X86_64 || x32)
                return node;
        node = sc_decision_ge(run->d, SC_WORD_NR, SC_ABI_X32_BIT,
                              sc_decision_leaf(run->d, SECCOMP_RET_KILL_THREAD), node);
        return sc_decision_eq(run->d, SC_WORD_NR, UINT32_MAX, SC_NR_SKIP, def, node);
}

static bool seen_before(const struct sc_scmp_filter *filter, size_t at)
{
        for (size_t i = 0; i < at; i++)
                if (filter->abis[i]->audit_arch == filter->abis[at]->audit_arch)
                        return true;
        return false;
}

static void decide_filter(struct run *run)
{
        const struct sc_scmp_filter *filter = run->filter;
        sc_node node = sc_decision_leaf(run->d, SECCOMP_RET_KILL_THREAD); /* ABIs that are not listed */

        if (!action_is_valid(filter->default_action))
                refuse(run, -EINVAL, filter->n_rules);
        for (size_t i = 0; i < filter->n_abis; i++)
                if (!model_has_abi(run->model, filter->abis[i]))
                        refuse(run, -EINVAL, filter->n_rules);
        list_rules(run);
        for (size_t i = filter->n_abis; i-- > 0 && !run->result.error;)
                if (!seen_before(filter, i))
                        node = sc_decision_eq(run->d, SC_WORD_ARCH, UINT32_MAX, filter->abis[i]->audit_arch,
                                              architecture(run, filter->abis[i]->audit_arch), node);
        run->result.node = node;
}

static void run_done(struct run *run)
{
        free(run->first);
        free(run->last);
        free(run->next);
        free(run->terms);
        free(run->entries);
}

static int decide(void *data, const struct sc_scmp_filter *filter, struct sc_decisions *d,
                  struct sc_scmp_result *ret_result)
{
        size_t calls = sc_syscall_count();
        SC_CLEANUP(run_done) struct run run = { .model = data, .filter = filter, .d = d,
                                                .result = { .error_at = filter->n_rules } };

        if (filter->n_rules > SC_SCMP_RULES_MAX)
                return -E2BIG;
        run.first = calloc(calls, sizeof(*run.first));
        run.last = calloc(calls, sizeof(*run.last));
        run.next = calloc(filter->n_rules + 1, sizeof(*run.next));
        run.terms = calloc(filter->n_rules + 1, sizeof(*run.terms));
        run.entries = calloc(2 * calls, sizeof(*run.entries));
        if (!run.first || !run.last || !run.next || !run.terms || !run.entries)
                return -ENOMEM;
        decide_filter(&run);
        if (sc_decisions_error(d))
                return sc_decisions_error(d);
        *ret_result = run.result;
        return 0;
}

static bool knows(void *data, const char *name)
{
        return model_knows_call(data, sc_syscall_find(name, strlen(name)));
}

static int number(void *data, const char *name, const struct sc_abi *abi)
{
        const struct sc_model *model = data;
        int call = sc_syscall_find(name, strlen(name)), carrier;
        uint32_t nr, subcall;

        if (!model_knows_call(model, call) || !model_has_abi(model, abi))
                return SC_SCMP_UNKNOWN;
        carrier = abi->multiplexed ? sc_syscall_carrier(call, &subcall) : -1;
        if (carrier >= 0)
                return -(strcmp(sc_syscall_name(carrier), "ipc") ? SOCKET_BASE : IPC_BASE) - (int)subcall;
        return model_has_number(model, call, abi, &nr) ? (int)nr : PSEUDO_ELSEWHERE;
}

static bool reaches(void *data, const char *name, const struct sc_abi *abi)
{
        return number(data, name, abi) != PSEUDO_ELSEWHERE;
}

struct sc_scmp_compiler sc_scmp_model(struct sc_model *model)
{
        return (struct sc_scmp_compiler){ .decide = decide, .knows = knows, .number = number, .reaches = reaches,
                                          .data = model };
}

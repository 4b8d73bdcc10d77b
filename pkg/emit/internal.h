/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share: the machines of a target, what it will answer, and the rules that say so. */
#pragma once

#include "bpf/args.h"
#include "emit/emit.h"

#define EMIT_MACHINES_MAX SC_ABI_MAX
#define EMIT_KERNELS_MAX 32 /* versions that one policy compares the kernel with */

/* A kind of machine that a profile is for: its own ABI first, then those that share its filter. */
struct emit_machine {
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n_abis;
};

/* What the profile shall say: a policy; or, without one, a decision over SC_WORD_ARCH, SC_WORD_NR and arguments. */
struct emit_meaning {
        const char *name; /* for messages */
        const struct sc_policy *policy;
        sc_node decision;
        const struct sc_abi *const *abis; /* that it lists; for a decision, the machine's own first */
        size_t n_abis;
        sc_action newer; /* what numbers get that no rule can name */
        const char *const *flags;
        size_t n_flags;
        const char *listener_path; /* NULL: none */
        const char *listener_metadata;
};

struct emit {
        struct sc_arena *arena;
        const struct sc_emit_request *request;
        struct emit_meaning meaning;
        const struct sc_consumer *consumers[SC_EMIT_CONSUMERS_MAX];
        size_t n_consumers;
        const struct sc_scmptable *table;
        struct sc_decisions *d;
        struct sc_diags *diags;
        bool docker; /* the format says every environment; else there is one */
        struct emit_machine machines[EMIT_MACHINES_MAX];
        size_t n_machines;
        sc_action def; /* what the consumer will answer by default, errno included */
        /*
         * By machine, ABI and call: what the target's profile answers to a call by name, over SC_WORD_KERNEL,
         * SC_WORD_CAPS (fixed where there is one environment) and arguments; SC_NODE_FAILED where the ABI does not
         * have the call.
         */
        sc_node *cells;
        /* By call: rules name it though they repeat the default, so that runc's stub begins above it; NULL: none. */
        bool *named;
        sc_kernel kernels[EMIT_KERNELS_MAX]; /* ascending: the first kernel of each range that the policy tells apart */
        size_t n_kernels;
};

/* `abi` is the place of an ABI in the machine's list. */
static inline sc_node *emit_cell(const struct emit *e, size_t machine, size_t abi, int call)
{
        return &e->cells[(machine * SC_ABI_MAX + abi) * sc_syscall_count() + (size_t)call];
}

/* One rule for a call: conditions on arguments that must all hold, or none. */
struct emit_form_rule {
        sc_action action;
        unsigned n_args;
        struct sc_scmp_arg args[6];
};

/* The rules that say one function of the arguments, in the order in which they are written. */
struct emit_form {
        struct emit_form_rule *rules; /* heap */
        size_t n;
};

#define EMIT_FORM_MAX 400 /* rules of one call in one environment */

void emit_form_done(struct emit_form *form);

/*
 * Finds the rules that answer as nodes[i] does on abis[i], for all of them: nodes over arguments only. A node that is
 * the default everywhere needs none. Returns 0; 1 if there are none that do, or only more than EMIT_FORM_MAX, with
 * the place in the lists of an ABI on which the best fail in *ret_failed; -ENOMEM or errors of the decisions.
 */
int emit_form(const struct emit *e, const struct sc_abi *const *abis, const sc_node *nodes, size_t n,
              struct emit_form *ret_form, size_t *ret_failed);

/* True if the target's libseccomp has a number for a call on an ABI; see sc_scmp_reaches(). */
static inline bool emit_reaches(const struct emit *e, int call, const struct sc_abi *abi)
{
        const struct sc_scmp_compiler *compiler = &e->request->compiler;

        return compiler->reaches(compiler->data, sc_syscall_name(call), abi);
}

void emit_meaning_of_policy(struct emit *e, const struct sc_policy *policy);

/* What the meaning answers to a call on an ABI: over SC_WORD_KERNEL, SC_WORD_CAPS and arguments. Needs e->def. */
sc_node emit_meaning_call(const struct emit *e, const struct sc_abi *abi, int call);

/* What it answers to all numbers of an ABI in one environment: over SC_WORD_NR and arguments. */
sc_node emit_meaning_in(const struct emit *e, const struct sc_abi *abi, sc_caps caps, sc_kernel kernel);

/* A decision where a word, the first that it may depend on, has a value. Makes no nodes. */
sc_node emit_at(const struct emit *e, sc_node node, enum sc_word word, uint64_t value);

/* Finds the machines of the request. */
int emit_machines(struct emit *e);

/* The one machine of a combination: its ABIs, as far as the target knows them. */
int emit_one_machine(struct emit *e);

/* Finds consumers and table of the request. */
void emit_find_consumers(struct emit *e);

/* Writes the cells, proves what was written and reports where it differs. */
int emit_finish(struct emit *e, struct sc_emit_result *ret_result);

/* Fills kernels, def and cells. */
int emit_target(struct emit *e);

/* Changes the cells of a machine so that rules can say them, to nothing looser: for a combination. */
int emit_fit(struct emit *e, size_t machine);

/* The strictest of a decision's answers. */
sc_action emit_strictest(const struct emit *e, sc_node node);

/* True if libseccomp would add rules of its own to a multiplexer: some call that it carries has a rule. */
bool emit_has_companions(const struct emit *e, size_t machine, int carrier);

/* The highest number that a rule names on an ABI, for runc's stub; 0: none, or no stub. */
uint32_t emit_highest(const struct emit *e, size_t machine, const struct sc_abi *abi);

/* What those rules answer on an ABI, in the one environment that there is. */
sc_node emit_companions(const struct emit *e, size_t machine, const struct sc_abi *abi, int carrier);

/* A denial as strong as the default, for a multiplexer: a rule that repeats the default would not be there at all. */
sc_action emit_other_denial(sc_action def);

/* How a target's answer stands to the policy's. */
enum emit_relation {
        EMIT_SAME,
        EMIT_STRICTER,
        EMIT_OTHER,    /* as strong, with other data: another errno */
        EMIT_UNLOGGED, /* allowed where the policy logs */
        EMIT_LOOSER,
};

/* The relation of two answers, for sc_decision_apply(). */
uint32_t emit_relate(uint32_t policy, uint32_t target);

/* True if the action lets the call be made without asking: allow or log. */
bool emit_permits(sc_action action);

/* What a decision over the environment is in one. */
sc_node emit_in(const struct emit *e, sc_node node, sc_caps caps, sc_kernel kernel);

/*
 * What the consumer will do on a machine in one environment, worked out from the cells: a decision over SC_WORD_ARCH,
 * SC_WORD_NR and arguments. It knows of the limits of targets, and nothing of the profile that was written.
 */
sc_node emit_expected(const struct emit *e, const struct sc_consumer *consumer, size_t machine, sc_caps caps,
                      sc_kernel kernel);

/* What the policy says there; EMIT_UNLISTED for numbers of ABIs that it does not list. */
#define EMIT_UNLISTED 0x00ffffffu
sc_node emit_wanted(const struct emit *e, size_t machine, sc_caps caps, sc_kernel kernel);

/* One decision for the numbers of x86_64, `low`, and of x32, `high`, which share an audit_arch. */
sc_node emit_join_x32(struct sc_decisions *d, sc_node low, sc_node high);

/* The profile that says the cells. In the arena. */
int emit_profile(struct emit *e, struct sc_profile **ret_profile);

/*
 * Proves a written profile for every consumer, machine and environment, and collects in `result` where the target
 * differs from the policy.
 */
int emit_prove(struct emit *e, const struct sc_profile *profile, struct sc_emit_result *result);

/* An environment in which a profile is proven. */
struct emit_sample {
        sc_caps caps;
        sc_kernel kernel;
};

struct emit_samples {
        struct emit_sample *items; /* heap: emit_samples_done() */
        size_t n;
};

#define EMIT_KINDS_MAX 48 /* kinds of environments that rules for several calls tell apart, where all are tried */

void emit_samples_done(struct emit_samples *samples);

/*
 * The environments in which a profile goes the whole way through libseccomp on a machine, one where there is one: see
 * docs/architecture.md, "In which environments". `doubtful`: nothing but libseccomp can tell what it does with the
 * rules for multiplexers, so all kinds of environments must be among them. Returns 0; -EBADMSG (too-many-conditions);
 * -ENOMEM; errors of the decisions.
 */
int emit_choose_samples(const struct emit *e, const struct sc_profile *profile, size_t machine, bool doubtful,
                        struct emit_samples *ret_samples);

/*
 * What the written rules of Docker's form answer to a call on an ABI of the machine, as docker and libseccomp resolve
 * them, in every environment. SC_NODE_FAILED also if there is a rule that cannot be read.
 */
sc_node emit_written(const struct emit *e, const struct sc_profile *profile, size_t machine, const struct sc_abi *abi,
                     const char *name);

/*
 * Whether, in every environment, the rules for a multiplexer are right together with those that libseccomp adds to it
 * for what it carries, and none is there that libseccomp refuses beside another. *ret_doubtful: somewhere two rules
 * with different actions hold together, and an order of libseccomp's decides. Returns 0; -EBADMSG (unsayable); errors
 * of the decisions.
 */
int emit_check_carriers(const struct emit *e, const struct sc_profile *profile, size_t machine, bool *ret_doubtful);

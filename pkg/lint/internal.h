/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules share: the run that they are part of, how they report, and questions that several ask. */
#pragma once

#include "lint/lint.h"

struct sc_lint {
        struct sc_arena *arena;
        const struct sc_lint_file *file;
        const struct sc_lint_options *options;
        struct sc_decisions *d;
        const struct sc_lint_view *view; /* NULL in rules that ask the text */
        const struct sc_lint_view *views; /* all of them */
        size_t n_views;
        struct sc_lint_finding *items;   /* heap */
        size_t n, cap, more, ignored;
        uint32_t *slots; /* heap: of findings by what they say, their index + 1 */
        size_t n_slots;
        const struct sc_json **values; /* all of the file, in the order of the text; NULL: not yet asked for */
        size_t n_values;
        bool failed; /* a report failed for want of memory */
};

/*
 * Reports a finding. The same words of the same rule at the same place are one finding, of all consumers for which they
 * were said. Returns it for the calls below, which take NULL; NULL when out of memory, past the limit, or if it was
 * there already.
 */
struct sc_lint_finding *lint_add(struct sc_lint *lint, const struct sc_lint_rule *rule, struct sc_place place,
                                 const char *format, ...) SC_PRINTF(4, 5);

/* Reports what a reader or a consumer said, by the rule of that name; notes are left out, and what is not wanted. */
void lint_take(struct sc_lint *lint, const struct sc_diag *diag);

/* Whether a rule is to run, as far as the person asked. */
bool lint_wants(const struct sc_lint *lint, const struct sc_lint_rule *rule);

/* caps.c: whether the call fails for want of a capability that the container lacks, whatever its arguments. */
bool lint_lacks_cap(const struct sc_lint *lint, const char *call);

/* ignore.c: takes away what comments in a policy say, and reports those that are wrong or take nothing away. */
int lint_apply_ignores(struct sc_lint *lint);

/* same.c: the finding with these words; NULL if there is none. */
struct sc_lint_finding *lint_same(const struct sc_lint *lint, const char *id, struct sc_place place,
                                  const char *message);

/* Lets the last finding be found so. Returns 0 or -ENOMEM. */
int lint_remember(struct sc_lint *lint);

/* What to do about it; a second and third place; another severity than the row's. */
void lint_hint(struct sc_lint *lint, struct sc_lint_finding *f, const char *format, ...) SC_PRINTF(3, 4);
void lint_place(struct sc_lint_finding *f, struct sc_place place);
void lint_severity(struct sc_lint_finding *f, enum sc_severity severity);

/* One of the edits that mend it together; `text` is copied. In any order; they may not overlap. */
void lint_edit(struct sc_lint *lint, struct sc_lint_finding *f, struct sc_place place, const char *text);

/* The edit that takes an element out of its array, or a member out of its object, with the comma that goes with it. */
void lint_edit_remove(struct sc_lint *lint, struct sc_lint_finding *f, const struct sc_json *parent,
                      const struct sc_json *element);

/* A call of the view that shows it, with some arguments: what the filter answers, and what was to be expected. */
void lint_witness(struct sc_lint *lint, struct sc_lint_finding *f, const struct sc_abi *abi, uint32_t nr,
                  const uint64_t args[6], sc_action expected);

/* The view's answer to a call: a decision over arguments. SC_NODE_FAILED if the ABI or the filter does not have it. */
sc_node lint_answer(const struct sc_lint *lint, const struct sc_abi *abi, int call);

/* True if the filter lets the call through (allow, log, trace, notify) for some, or for all arguments. */
bool lint_may_pass(const struct sc_lint *lint, const struct sc_abi *abi, int call);
bool lint_must_pass(const struct sc_lint *lint, const struct sc_abi *abi, int call);

/* Arguments for which `test` holds of the filter's answer to the call. False if there are none. */
bool lint_find_args(const struct sc_lint *lint, const struct sc_abi *abi, int call, sc_combine test,
                    uint64_t ret_args[6]);

/* Of an action, for the above: whether it is that of allowing. */
uint32_t lint_allows(uint32_t action, uint32_t unused);

/* True if the filter allows the call, and does not even log it, for some arguments. */
bool lint_may_allow(const struct sc_lint *lint, const struct sc_abi *abi, int call);

/* True if an ABI has the call, by a number of its own or through its multiplexer: socketcall(SYS_ACCEPT) is accept. */
bool lint_has_call(const struct sc_abi *abi, int call);

/* The answer, if it is one and the same for all arguments. */
bool lint_one_answer(const struct sc_lint *lint, const struct sc_abi *abi, int call, sc_action *ret_action);

/* The file's text; of a policy, the top one's. */
const struct sc_source *lint_source(const struct sc_lint *lint);

/* The place that speaks for the whole file: the profile's "defaultAction", the policy, or the root. */
struct sc_place lint_whole(const struct sc_lint *lint);

/* The first place where a rule of the file names a call; the whole file if none does by that name. */
struct sc_place lint_name_place(const struct sc_lint *lint, const char *name);

/* The value in the file that has just this place; NULL if there is none. */
const struct sc_json *lint_value_at(struct sc_lint *lint, struct sc_place place);

/*
 * The ABIs that a rule is written for, by the profile's own lists: those in "architectures", and in archMap those that
 * includes.arches and excludes.arches leave. Returns their number, 0 if the profile names none.
 */
size_t lint_rule_abis(const struct sc_profile *p, const struct sc_profile_rule *rule,
                      const struct sc_abi *ret_abis[SC_ABI_MAX]);

/* The rules, by theme: the order is that of the table. */
typedef int lint_find(struct sc_lint *lint, const struct sc_lint_rule *rule);

/* shape.c: the form of the file */
lint_find lint_no_filter, lint_name_and_names, lint_nameless_rule, lint_legacy_name, lint_two_arch_lists;
lint_find lint_no_architectures, lint_docker_fields_ignored, lint_archmap_ignored, lint_min_kernel_ignored;
lint_find lint_errno_name_ignored, lint_default_errno_ignored, lint_flags_ignored, lint_unknown_capability;
lint_find lint_unknown_key, lint_policy_as_profile;

/* names.c: names of calls */
lint_find lint_duplicate_name, lint_unknown_syscall, lint_call_of_another_abi, lint_unnamed_by_libseccomp;

/* action.c: actions, and the errno or data that goes with them */
lint_find lint_errno_range, lint_idle_errno, lint_kill_thread, lint_trace_without_tracer;
lint_find lint_notify_without_listener, lint_notify_hangs, lint_default_allow;

/* condition.c: conditions on arguments, as they are written */
lint_find lint_one_index_twice, lint_bad_index, lint_argument_unused, lint_pointer_compared;
lint_find lint_constant_condition, lint_mask_bits_lost, lint_many_conditions, lint_high_word_dropped;
lint_find lint_argument_order;

/* order.c: rules that others make idle */
lint_find lint_rule_as_default, lint_overruled_rule, lint_repeated_rule;

/* filter.c: the filter as a whole */
lint_find lint_native_abi_missing, lint_x32_admitted, lint_x86_admitted, lint_miscompiled, lint_baseline_unpinned;

/* reach.c: what programs need */
lint_find lint_clone3_hard_denied, lint_new_calls_hard_denied, lint_twin_missing, lint_abi_twin_missing;
lint_find lint_multiplexer_reopens, lint_wider_than_parameter;

/* start.c: what the runtime needs */
lint_find lint_cannot_start;

/* caps.c: calls that need what the container does not have */
lint_find lint_capability_missing;

/* danger.c: calls that are let through and are seldom meant to be; one function for nearly all of its rules */
lint_find lint_danger, lint_socket_packet_alias;

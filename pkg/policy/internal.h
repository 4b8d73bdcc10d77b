/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share: the loader, one file of a policy, and the readers of its parts. */
#pragma once

#include "json/json.h"
#include "policy/policy.h"

#define POLICY_GROUP_DEPTH_MAX 64 /* groups inside each other */

/* A group that a file defines. */
struct policy_group {
        const char *name; /* with its '@' */
        const struct sc_json *value;
        struct policy_file *file; /* names inside the group are looked up from here */
        unsigned char *has;       /* one byte a call, not 0 for members; NULL until it was opened */
};

/* One file of a policy. */
struct policy_file {
        const char *id; /* tells files apart: the canonical path, or the source's name */
        struct sc_source source;
        const char *name; /* as a person would write it: that of a shipped policy, or the path */
        bool is_shipped;
        const struct sc_json *root; /* NULL if the text is no JSON object */
        struct policy_file **extends;
        size_t n_extends;
        struct policy_group *groups;
        size_t n_groups;
        struct sc_policy own;     /* what this file alone says: its settings and its own rules */
        struct sc_place optional; /* the value of "optional" */
        bool newer_given;
        bool complain; /* what this file as the top denies becomes `log` */
        bool broken;  /* it, or one that it extends, could not be read: groups may be missing */
        bool visited; /* for walks over the files */
};

struct policy_loader {
        struct sc_arena *arena;
        struct sc_diags *diags;
        const struct sc_policy_options *options;
        struct policy_file *files[SC_POLICY_FILES_MAX];
        size_t n_files;
        struct policy_file *chain[SC_POLICY_EXTENDS_MAX]; /* the files being read, each extended by the one before */
        size_t n_chain;
        const struct policy_group *open[POLICY_GROUP_DEPTH_MAX]; /* groups being collected, outermost first */
        size_t n_open;
};

/*
 * All readers return 0, or -ENOMEM; what a person did wrong is added to the loader's diagnostics, and reading goes on.
 * Those that yield one value return -EBADMSG after such a diagnostic.
 */

/* Reads the file's tree, `file->root`, into the file; what it extends must be there already. */
int policy_parse(struct policy_loader *l, struct policy_file *file);

/* Collects the members of the file's groups. */
int policy_groups_open(struct policy_loader *l, struct policy_file *file);

/*
 * Reads an array of names of calls and groups, as seen from `file`. *ret_calls is sorted by call, each once, in the
 * arena. `unique` asks for a warning about a call that is named twice.
 */
int policy_names_parse(struct policy_loader *l, struct policy_file *file, const struct sc_json *array, bool unique,
                       const struct sc_rule_call **ret_calls, size_t *ret_n);

/* Reads the text of a rule's `when`. `calls` are the rule's, NULL if they could not be read. */
int policy_condition_parse(struct policy_loader *l, const struct sc_json *string, const struct sc_rule_call *calls,
                           size_t n_calls, const struct sc_cond **ret_cond);

/* Reads an action; for `deny_only` it must be one that denies. `what` names the key for messages. */
int policy_action_parse(struct policy_loader *l, const struct sc_json *string, const char *what, bool deny_only,
                        sc_action *ret_action);

/* Reads the array of "requires". */
int policy_requires_parse(struct policy_loader *l, struct policy_file *file, const struct sc_json *array);

/* Reads the array of "architectures". */
int policy_archs_parse(struct policy_loader *l, struct policy_file *file, const struct sc_json *array);

/* The ABIs of every family that Docker's default profile knows, but x32, in the table's order. Returns their number. */
size_t policy_archs_default(const struct sc_abi *ret_abis[SC_ABI_MAX]);

/* True if the policy does not list an ABI that the other one does. */
bool policy_archs_lack(const struct sc_policy *policy, const struct sc_policy *other);

/* Reports unknown ABI and capability names with the nearest known one. */
void policy_report_arch(struct policy_loader *l, struct sc_place place, const char *name, size_t len);
void policy_report_cap(struct policy_loader *l, struct sc_place place, const char *name, size_t len);

/* Checks that what a file's rules ask about arguments makes sense on its ABIs. */
int policy_check_atoms(struct policy_loader *l, const struct policy_file *file);

/* Checks that every rule of a file can decide something, when the file stands alone. */
int policy_check(struct policy_loader *l, const struct policy_file *file);

/* Checks that all that a whole policy asks about can be seen by a filter, on all its ABIs. */
int policy_check_seen(struct policy_loader *l, const struct sc_policy *policy);

/* True if the action keeps the call from being made: all but allow, log, trace. (notify asks; it counts as denying.) */
bool policy_action_denies(sc_action action);

/* True if the policy's call can be made on the ABI: it has a number, or a multiplexer carries it. */
bool policy_call_can_be_made(int call, const struct sc_abi *abi);

/* The call as the rule names it; NULL if it does not. */
const struct sc_rule_call *policy_rule_find(const struct sc_rule *rule, int call);

/* True if the condition asks about arguments: then it means something else for each call. */
bool policy_condition_has_atoms(const struct sc_cond *cond);

/*
 * Where a condition holds for a call on an ABI: decisions (0 or 1) over SC_WORD_KERNEL, SC_WORD_CAPS and arguments.
 * The two are the same unless the condition asks about what cannot be told there: a parameter behind a pointer, or a
 * constant that the ABI does not have. Then it may hold in `may`, and holds for sure in `must`.
 */
struct policy_bounds {
        sc_node may;
        sc_node must;
};
struct policy_bounds policy_condition_bounds(struct sc_decisions *d, const struct sc_cond *cond,
                                             const struct sc_abi *abi, int call);

/* The same where nothing hinders: `may`. A condition that is NULL holds everywhere. */
sc_node policy_condition_node(struct sc_decisions *d, const struct sc_cond *cond, const struct sc_abi *abi, int call);

/* Whether an atom about an argument can be told for a call on an ABI, and what it says there. */
enum policy_atom_state {
        POLICY_ATOM_SEEN,
        POLICY_ATOM_HIDDEN,      /* the parameter lies behind a pointer */
        POLICY_ATOM_ABSENT,      /* the call does not have it there */
        POLICY_ATOM_NO_CONSTANT, /* the ABI does not have a constant, `blame` */
};

/* What is wrong with an atom that can be told. */
enum policy_atom_fault {
        POLICY_ATOM_SOUND,
        POLICY_ATOM_WIDE,     /* `blame` is wider than the argument */
        POLICY_ATOM_NEGATIVE, /* `blame` is negative, and compared by its order */
        POLICY_ATOM_TURNED,   /* the range `range` is upside down */
        POLICY_ATOM_POINTER,  /* a pointer is compared with something else than 0 */
};

struct policy_atom {
        enum policy_atom_state state;
        enum policy_atom_fault fault;
        const struct sc_value *blame;
        const struct sc_range *range;
        unsigned bits;         /* how wide the argument is */
        sc_node node;          /* where it holds; if it is not seen, no node */
};
void policy_atom_look(struct sc_decisions *d, const struct sc_cond *atom, const struct sc_abi *abi, int call,
                      struct policy_atom *ret_atom);

/* The bytes that stand for `start`…`end` of a decoded string, in the source, escapes included. */
struct sc_place policy_text_place(const struct sc_json *string, size_t start, size_t end);

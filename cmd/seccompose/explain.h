/* SPDX-License-Identifier: Apache-2.0 */
/* What `explain` finds out about one call, and its parts: the question, the answer, advice, printing. */
#pragma once

#include "common/meaning.h"
#include "compare/compare.h"
#include "consumer/reason.h"
#include "policy/describe.h"
#include "seccompose/options.h"

#define ROWS_MAX 48
#define EXPLAIN_HOLDS_NOT "its condition does not hold"
#define TAKERS_MAX 16 /* more than there are consumers */

/* One call that was asked about. */
struct question {
        const char *line; /* of --audit; NULL: from the command line */
        const struct sc_abi *abi;
        int call; /* -1: a number without a name */
        uint32_t nr;
        uint64_t args[6];
        unsigned known; /* bit n: args[n] is known */
        bool answered;  /* the line says what happened: `action`, and its errno if `errno_known` */
        uint32_t action;
        bool errno_known;
};

/* Something that decides the call, or would: a rule of a policy or profile, or what answers where no rule does. */
struct cause {
        struct sc_place place; /* of a rule; no source: `what` is an end */
        const char *what;      /* "deny", "SCMP_ACT_ALLOW", or a sentence about the end */
        const char *when;      /* its condition as written; NULL: none */
        const char *skipped;   /* why it does not count; NULL: it does */
        bool carried;          /* it names a call that this one carries */
        const char *actions;   /* what happens where it decides; NULL with `skipped` */
};

/* A view of the file that was asked for, and what it comes to. */
struct asked {
        struct view view;
        bool told; /* its warnings went to the session */
        struct meaning meaning;
        struct asked *next;
};

/* What happens under other circumstances. */
struct row {
        const char *circumstance; /* "kernel before 4.8", "with CAP_SYS_ADMIN", "docker" */
        const char *actions;
        bool refused; /* `actions` is the consumer's reason for refusing the file */
        bool consumer;
        bool differs;
};

/* What to write to have it otherwise. */
struct advice {
        const char *wanted; /* "allow" or "deny" */
        const char *write;  /* the line of policy language, or the JSON rule; NULL: nothing to add */
        const char *where;  /* what to do with it; or why nothing can be written */
        bool possible;
        /* What gave the wanted answer once it was written: the policy by itself or consumers; and what did not. */
        const char *tried[TAKERS_MAX], *fails[TAKERS_MAX];
        size_t n_tried, n_fails;
};

enum met {
        MET_NOT_ASKED, /* no argument is known */
        MET_YES,
        MET_NO,
        MET_OPEN, /* those that are not known decide */
};

/* What is answered by arguments, where these matter. NULL: nothing of the kind, or it takes too much room. */
struct condition {
        const char *answers;    /* every answer: "allow if family != AF_VSOCK, else errno:EPERM" */
        size_t n_answers;       /* different ones */
        const char *allowed_if; /* the condition to be let through */
        const char *policy;     /* the same in the language of policies */
        enum met met;           /* whether the arguments that are known meet it */
};

struct answer {
        const struct question *q;
        const struct sc_consumer *consumer; /* NULL: the file by itself */
        bool decided;                       /* `action` is all there is; else it depends on arguments not known */
        sc_action action;
        const char *actions; /* in words */
        struct condition condition;
        struct cause *causes;
        size_t n_causes;
        const char *difference; /* what libseccomp's filter does against the rules, with a witness; NULL: nothing */
        bool disagree;          /* … as a rule says, though a stricter one says otherwise */
        const char *agrees;     /* how a line's result stands to the answer; NULL: there is none */
        struct row rows[ROWS_MAX];
        size_t n_rows;
        struct advice advice[2];
        size_t n_advice;
};

/* What a rule does with the question, for the arguments that are not known. */
struct share {
        sc_node holds;   /* libseccomp gets it, and its conditions hold */
        sc_node decides; /* … and the filter's answer is its action; of an else, where no other rule decides */
};

/* All that a run needs. */
struct explainer {
        struct session *s;
        const struct options *options;
        struct input input;
        struct view view;
        const struct sc_abi *family[SC_ABI_MAX]; /* of the policy's ABIs, the machine's: those that it is built for */
        const struct sc_abi *assumed; /* the ABI where the question does not say */
        struct sc_decisions *d;
        struct asked *asked; /* what views of the file come to, once found */
        /* of the answer being found: */
        struct sc_arena *scratch; /* memory that nothing of the answer is in */
        const struct question *q;
        struct meaning meaning;
        sc_node whole; /* the call's decision over all arguments */
        sc_node node;  /* over those that are not known */
        struct sc_reasons reasons;
        bool has_reasons; /* a profile is there, and a filter */
        struct share *shares;   /* by reason */
        sc_node by_default;     /* no rule holds, and the filter's answer is the default */
        sc_node by_none;        /* the answer is neither that of a rule that holds, nor the default where none does */
        struct answer *answer;
};

/* Reads "CALL [ARG…]" of the command line. Returns 0, or an exit code after a complaint. */
int question_read(struct explainer *ex, struct question *ret_question);

/* Reads a line of --audit. */
int question_read_line(struct explainer *ex, const char *text, size_t len, struct question *ret_question);

/*
 * What a view of the file comes to for the question: over all arguments, and over those not known. Diagnostics go to
 * `diags`. Returns 0 or what meaning_of() does.
 */
int ask(struct explainer *ex, const struct view *view, struct sc_diags *diags, struct meaning *ret_meaning,
        sc_node *ret_whole, sc_node *ret_node);

/* The machine whose programs may use an ABI. */
const struct sc_abi *machine_of(const struct sc_abi *abi);

/* An action, or the actions, that a decision over arguments comes to where `where` holds, in words, in the arena. */
const char *actions_of(struct explainer *ex, sc_node node, sc_node where);

/* The text in the arena, made visible, as parts of it are a file's; NULL when out of memory. */
const char *keep(struct explainer *ex, struct sc_strbuf *text);

/* A decision over arguments for those that there can be: upper halves are zero where no filter is shown any. */
sc_node as_seen(struct explainer *ex, sc_node node);

/* Where a condition holds for the arguments that are known. */
sc_node with_known(struct explainer *ex, sc_node node);

/*
 * The arguments that a rule should look at, a bit for each: those known on which the answer depends, else those that a
 * person gave, but for pointers.
 */
unsigned chosen_args(struct explainer *ex);

/* True if a policy lists an ABI. */
bool policy_lists(const struct sc_policy *policy, const struct sc_abi *abi);

/* Where something holds, in words; NULL in *ret_text if it always or never does, or takes too much room. */
int describe(struct explainer *ex, sc_node where, enum sc_describe_style style, const char **ret_text);

/* The arguments that a rule should look at have the values that were asked for, in the bits that the kernel reads. */
sc_node chosen_where(struct explainer *ex);

/* The conditions of a profile's rule, by the names of parameters and constants where there are some. */
int format_args(struct explainer *ex, const struct sc_reason *reason, const char **ret_text);

/* What a change comes to. */
enum effect {
        EFFECT_NONE,     /* not what is wanted, or other calls or arguments would be allowed that are not now */
        EFFECT_STRICTER, /* what is wanted, and other calls or arguments are denied that are not now */
        EFFECT_EXACT,    /* what is wanted, and nothing else */
};

/*
 * What a file that was changed as advised comes to in the explainer's view, for all arguments that are not known: it is
 * built, if it is a policy for a consumer, and compiled as the answer itself was.
 */
int try_changed(struct explainer *ex, struct input *changed, bool allow, enum effect *ret_effect);

/* Notes for whom a change does what is wanted: the taker of the answer and, with --for all, each consumer. */
int try_for_all(struct explainer *ex, struct input *changed, bool allow, struct advice *advice);

/* True if --for all asks for every consumer. */
bool asks_all(const struct explainer *ex);

/* The values of the bits that the kernel reads of an argument. */
uint64_t read_bits(const struct explainer *ex, unsigned arg);

/* Appends " (tried: docker then answers so)", and what else is to be known of advice. */
void format_tried(const struct advice *advice, enum effect effect, struct sc_strbuf *out);

/* Why no rule of any file can change the answer; NULL if one may. */
const char *why_nothing(struct explainer *ex);

/* What to write in the policy, or in the profile. Each returns 0 or an error for report(). */
int advise_policy(struct explainer *ex, bool allow, struct advice *advice);
int advise_profile(struct explainer *ex, bool allow, struct advice *advice);

/* Finds the share of each reason in the answer: the filter's answer says which rules it takes. 0 or an error. */
int find_shares(struct explainer *ex);

/* Appends why a rule that libseccomp gets decides nothing here; nothing if it decides. */
void format_idle(struct explainer *ex, size_t reason, struct sc_strbuf *out);

/* Appends the keys of a policy that extends another, and is for the same ABIs, which are not inherited. */
void write_extends(const struct sc_policy *policy, struct sc_strbuf *out);

/* The parts of an answer. Each returns 0 or an error for report(). */
int find_condition(struct explainer *ex);
int find_causes(struct explainer *ex);
int find_rows(struct explainer *ex);
int find_advice(struct explainer *ex);

/* "socket(family=0x28 AF_VSOCK)", with the arguments that are known. */
void question_format(const struct question *q, struct sc_strbuf *out);

/*
 * Chooses the machine of the question's ABI, and of a policy the ABIs that it is built for there: sets the view's
 * `native` and `abis`.
 */
void choose_machine(struct explainer *ex);

/* Finds the answer to one question, in the explainer's view, on the machine of its ABI. 0 or an error for report(). */
int explain_question(struct explainer *ex, const struct question *q, struct answer *answer);

/* Appends what says so, and what to write to have it otherwise: lines of the text format. */
void answer_format_reasons(const struct answer *a, struct sc_strbuf *out);

/* Prints the answers in the format that was asked for. Returns 0 or -ENOMEM. */
int answers_print(const struct explainer *ex, const struct answer *answers, size_t n);

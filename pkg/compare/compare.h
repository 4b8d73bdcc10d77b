/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing decisions as the kernel acts on them: the same, at least as strict, and where not: a call that shows it.
 * Sources: kernel/seccomp.c (__seccomp_filter, seccomp_run_filters); linux/seccomp.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "decision/decision.h"
#include "json/write.h"
#include "policy/policy.h"
#include "syscall/abi.h"

/*
 * What a process sees of a filter's return value: an errno is cut to 4095, an action that the kernel does not know
 * kills the process, and data that goes nowhere (of allow, log, notify and the kills) is dropped.
 */
sc_action sc_compare_effect(sc_action action);

/* How an answer stands to another, by the kernel's precedence of actions. */
enum sc_relation {
        SC_RELATION_SAME,
        SC_RELATION_OTHER, /* as strict, with other data: another errno */
        SC_RELATION_STRICTER,
        SC_RELATION_LOOSER,
};

enum sc_relation sc_compare_relate(sc_action a, sc_action b);

/* The relation of a's answer to b's, for every input: a decision with enum sc_relation in its leaves. */
sc_node sc_compare_relation(struct sc_decisions *d, sc_node a, sc_node b);

enum sc_compare_question {
        SC_ASK_SAME,   /* a answers what b does */
        SC_ASK_SUBSET, /* a is nowhere looser than b */
};

/* A call that is answered differently. */
struct sc_witness {
        const struct sc_abi *abi;
        uint32_t nr;
        int call;          /* -1: the ABI has no call of that number */
        uint64_t args[6];
        uint64_t tested[6]; /* by argument: the bits that the difference depends on here; other bits may be anything */
        sc_action a, b;     /* both answers */
        struct sc_input input; /* the same call, for sc_decision_eval() */
};

/*
 * Compares two decisions over SC_WORD_ARCH, SC_WORD_NR and arguments on some ABIs, for every number that is theirs and
 * every argument that can be: upper halves are zero where they do not show (sc_param_upper_halves_show()). uretprobe
 * and uprobe do not count, of which the kernel asks no filter. Returns 0 for yes: a proof; 1 for no, with a witness:
 * rather one with a name, rather a call that one side lets through, rather on the first ABI, of the lowest number;
 * -ENOMEM; -E2BIG; -EINVAL if one is no decision.
 */
int sc_compare(struct sc_decisions *d, sc_node a, sc_node b, enum sc_compare_question question,
               const struct sc_abi *const *abis, size_t n_abis, struct sc_witness *ret_witness);

/* Appends "x86_64 socket(family=0x28 AF_VSOCK)": arguments that matter, by the kernel's names where it has them. */
void sc_witness_format(const struct sc_witness *w, struct sc_strbuf *out);

/* Appends the call as a line for `eval`: "x86_64 socket 0x28", or "x86_64 #500". */
void sc_witness_question(const struct sc_witness *w, struct sc_strbuf *out);

/* Writes the call's members into the object that is open: "abi", "number", "call", "arguments", "question". */
void sc_witness_write(const struct sc_witness *w, struct sc_json_writer *json);

/*
 * The name of a constant that register `arg` of a call may hold, if its bits that count have exactly that value; NULL
 * if there is none, or no family of constants is known for the parameter.
 */
const char *sc_witness_constant(const struct sc_abi *abi, int call, unsigned arg, uint64_t value);

/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs that ask about a FILE have in common: reading it, and for whom and where it is taken. */
#pragma once

#include "common/meaning.h"
#include "seccompose/options.h"

#define ASK_ALL "all" /* --for: every consumer there is */

/*
 * Reads a FILE as it was written, "CONSUMER:" in front of it or not, and fills in the view from that and the options,
 * but for `native`. The consumer is the one in front, else that of --for, else view_default()'s; NULL with ASK_ALL, of
 * which the verb sees to it. Returns 0, or an exit code after a message.
 */
int ask_file(struct session *s, const struct options *options, const char *name, struct input *ret_input,
             struct view *ret_view);

/*
 * The error by which a consumer refuses a file, as against one about a file of which nobody knows what it would be;
 * NULL if there is none.
 */
const struct sc_diag *ask_refusal(const struct sc_diags *diags);

/*
 * Notes (other-caps) that a process has other capabilities than `other`, beside which it is put, is taken for, unless
 * the options name some or it does not matter to what `other` is. Returns 0 or an exit code.
 */
int ask_note_caps(struct session *s, const struct options *options, const struct input *in, const struct input *other);

/* What one FILE means on machines of each kind that was asked about: found out when it is first needed. */
struct ask_meanings {
        struct session *s;
        const struct options *options;
        struct input *input;
        struct view view;
        struct sc_decisions *d;
        struct ask_found *found;
};

/*
 * What it means where a call of `abi` is made: on the machine of --arch, else on one that runs programs of that ABI.
 * Returns 0, or an error for report() (meaning_of()).
 */
int ask_meaning(struct ask_meanings *meanings, const struct sc_abi *abi, const struct meaning **ret_meaning);

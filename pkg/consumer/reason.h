/* SPDX-License-Identifier: Apache-2.0 */
/* Why a consumer's filter answers a call as it does: which rules of the profile count, and why others do not. */
#pragma once

#include "consumer/consumer.h"

/* What became of a rule that names the call. */
enum sc_fate {
        SC_FATE_COUNTS,    /* libseccomp gets it, and it decides where its conditions hold */
        SC_FATE_OVERRULED, /* libseccomp gets it, but an earlier rule without conditions decides all */
        SC_FATE_CAPS,      /* includes.caps or excludes.caps */
        SC_FATE_ARCHES,    /* includes.arches or excludes.arches */
        SC_FATE_KERNEL,    /* minKernel */
        SC_FATE_DEFAULT,   /* repeats the default: runtimes skip it */
        SC_FATE_UNKNOWN,   /* the consumer's libseccomp does not know the name */
};

/* One rule that names the call, or a call that it carries. */
struct sc_reason {
        const struct sc_profile_rule *rule;
        int call;              /* that the rule names: for a multiplexer another one than was asked for */
        struct sc_place place; /* of that name */
        enum sc_fate fate;
        bool excluded;     /* CAPS, ARCHES, KERNEL: by "excludes"; else for want of what "includes" asks for */
        const char *cause; /* CAPS, KERNEL: the capability or version, as it was written */
        uint32_t action;   /* as the consumer reads it */
        bool conditional;  /* COUNTS, OVERRULED: it has conditions that libseccomp keeps */
        bool otherwise;    /* COUNTS, OVERRULED: they are `arg0 >= 0`, the else: of the call's rules the last tried */
        sc_node where;     /* COUNTS, OVERRULED: they, over arguments, as libseccomp tests them on the ABI */
};

struct sc_reasons {
        struct sc_reason *items; /* in the profile's order; in the arena */
        size_t n;
        uint32_t default_action;
        bool unfiltered; /* the profile is no filter to this consumer; there is nothing else here */
        bool foreign;    /* the filter does not have the ABI: calls of it are killed */
        bool stub;       /* runc's stub answers ENOSYS before any rule is asked */
        sc_node reading; /* over arguments: what all this comes to, if libseccomp does what the rules say */
};

/*
 * Finds the reasons for a call (-1: none is known by that number) with number `nr` on an ABI. `compiler` is asked for
 * libseccomp's numbers only. In `reading`, where rules disagree the strictest counts, as sc_scmp_model() reads.
 * Returns 0; -EBADMSG with the diagnostics of sc_consumer_plan(); -ENOMEM; -E2BIG.
 */
int sc_consumer_reasons(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                        const struct sc_abi *abi, int call, uint32_t nr, const struct sc_scmp_compiler *compiler,
                        struct sc_decisions *d, struct sc_diags *diags, struct sc_reasons *ret_reasons);

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Combining: one plain OCI profile from several policies and profiles, at most as permissive as each of them, written
 * and proven as a policy's is. See docs/architecture.md, "The proof".
 */
#pragma once

#include "emit/emit.h"

/* One party: a policy, or a profile; without either, no filter at all. */
struct sc_emit_part {
        const struct sc_policy *policy;
        const struct sc_profile *profile;
        /*
         * Takes a profile that has Docker's form as docker does, for the combination's capabilities and kernel. Else it
         * is read as runtimes read what stands in a config.json: archMap, includes and excludes do not count.
         */
        bool docker_format;
};

/* What to combine, and where the result will be used. */
struct sc_emit_combination {
        const struct sc_emit_part *parts;
        size_t n_parts;              /* at least one */
        const struct sc_abi *native; /* of the machine */
        sc_caps caps;                /* process.capabilities.bounding */
        sc_kernel kernel;            /* the kernel that the container will run on */
        const struct sc_scmptable *table; /* names for what is written; NULL: the consumers' */
        struct sc_scmp_compiler reader;   /* for profiles that others wrote */
        struct sc_scmp_compiler compiler; /* for the proof of what is written */
        enum sc_json_style style;         /* of what is written */
        bool unite; /* the loosest of the parts' actions instead of the strictest */
};

/*
 * Writes the profile that answers each call with the strictest action that a part answers, by the kernel's precedence
 * (sc_action_looseness()); of equally strict ones, the last part's. With `unite`, the loosest.
 *
 * ABIs: the native one, and those of its family that every part has, also with `unite`. A part without filter has all.
 * An ABI that is not listed is killed, by a part and by the result.
 *
 * Profiles are read for the newest libseccomp, so that all names of a list of denials count; "docker" or "runc" is the
 * consumer. A name that `table` lacks cannot be written: the default answers it, which is as strict as the strictest
 * answer to any number without a name. That default is otherwise what is answered to a number that no kernel has.
 * Where one set of rules cannot say the answers on all ABIs, or not the conditions, the strictest answer is written.
 *
 * Filter flags: those of any part, but SPEC_ALLOW only if all filters have it. Listener: that of the part whose
 * SCMP_ACT_NOTIFY is left.
 *
 * "Answers" is what a part's rules say; where libseccomp makes something stricter of a foreign profile's rules, the
 * result may be looser than that filter.
 *
 * Returns 0 with a result as sc_emit_build() does; 1 if the first part is already at most as permissive as all others,
 * a profile also by `compiler`, for every consumer, with the names of `table`, and has their flags, so that nothing
 * needs to be written (`unite`: at least as permissive), whatever the errnos; or
 * the errors of sc_emit_build(). Diagnostics: those of sc_emit_build() and sc_consumer_decide(), and two-listeners.
 */
int sc_emit_combine(struct sc_arena *arena, const struct sc_emit_combination *combination, struct sc_diags *diags,
                    struct sc_emit_result *ret_result);

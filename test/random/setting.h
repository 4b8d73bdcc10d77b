/* SPDX-License-Identifier: Apache-2.0 */
/* What a random policy is built for: ABIs, capabilities, kernel; and the scenes in which the result can be tried. */
#pragma once

#include "generate.h"
#include "verify.h"

struct setting {
        const struct naive_policy *policy;
        struct sc_emit_request request;     /* all but the loaded policy; points into this setting */
        const struct sc_consumer *consumer; /* the format's first */
        const struct sc_abi *abis[SC_ABI_MAX];
        struct naive_env env; /* for formats that are resolved for one */
};

void setting_choose(struct setting *s, const struct naive_policy *policy, const struct sc_emit_format *format,
                    struct sc_scmp_compiler compiler, struct rng *rng);

/* What a consumer of the format sees on machines of `native`, not yet prepared (see scene_prepare()). */
struct scene setting_scene(const struct setting *s, const struct sc_consumer *consumer, const struct sc_abi *native);

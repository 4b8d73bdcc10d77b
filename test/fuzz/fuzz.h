/* SPDX-License-Identifier: Apache-2.0 */
/* What a fuzzer offers: libFuzzer calls it with inputs of its own, replay.c with the files of a corpus. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/strbuf.h"

/* Runs one input; aborts if something does not hold. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Aborts, which a fuzzer sees, if something does not hold. */
static inline void require(bool ok)
{
        if (!ok)
                abort();
}

/* What was refused has a finding, whose place is in its text, and which can be printed. */
static inline void check_findings(const struct sc_diags *diags)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const struct sc_diag *const *all;
        size_t n;

        all = sc_diags_all(diags, &n);
        require(n > 0);
        for (size_t i = 0; i < n; i++) {
                require(all[i]->places[0].offset + all[i]->places[0].length <= all[i]->places[0].source->len);
                sc_diag_format(all[i], &out);
        }
        sc_strbuf_done(&out);
}

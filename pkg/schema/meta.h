/* SPDX-License-Identifier: Apache-2.0 */
/* The drafts' own schemas and those of schema/, as the build embeds them. */
#pragma once

#include "base/source.h"

struct sc_schema_meta {
        const char *uri;
        struct sc_source source;
};

extern const struct sc_schema_meta sc_schema_metas[];
extern const size_t sc_schema_meta_count;

extern const struct sc_schema_meta sc_schema_shipped_texts[];
extern const size_t sc_schema_shipped_text_count;

/* SPDX-License-Identifier: Apache-2.0 */
/* The drafts' own schemas, for those that refer to them. */
#include "schema/meta.h"

#include <string.h>

#include "schema/internal.h"

const struct sc_source *sc_schema_meta(const char *uri)
{
        for (size_t i = 0; i < sc_schema_meta_count; i++)
                if (!strcmp(uri, sc_schema_metas[i].uri))
                        return &sc_schema_metas[i].source;
        return NULL;
}

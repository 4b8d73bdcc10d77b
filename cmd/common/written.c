/* SPDX-License-Identifier: Apache-2.0 */
/* The last look at what is about to be written. */
#include "common/written.h"

#include <errno.h>

#include "schema/shipped.h"

int written_check(struct session *s, const char *schema, const char *text, size_t len)
{
        int r = sc_schema_shipped_holds(s->arena, schema, "<made>", text, len, s->diags);

        if (r == -EBADMSG)
                sc_diags_add(s->diags, SC_ERROR, "written-form", (struct sc_place){ 0 },
                             "what was made is not what the schema '%s' says; this is a mistake of seccompose", schema);
        return r;
}

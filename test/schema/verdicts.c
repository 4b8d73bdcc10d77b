/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts for another program: each line of the input is a draft (4, 6, 7), a schema and a value, with tabs between;
 * each line of the output is "valid", "invalid" or "broken", the last one for a schema that is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

static const char *judge(struct sc_arena *arena, struct sc_diags *diags, int draft, const struct sc_source texts[2])
{
        struct sc_schema_options options = {
                .draft = draft == 4 ? SC_SCHEMA_DRAFT_4 : draft == 6 ? SC_SCHEMA_DRAFT_6 : SC_SCHEMA_DRAFT_7,
                .no_formats = true,
        };
        const struct sc_json *root, *value;
        struct sc_schema *schema;
        int r;

        if (sc_json_parse(arena, &texts[0], 0, diags, &root) < 0 ||
            sc_json_parse(arena, &texts[1], 0, diags, &value) < 0)
                return "no JSON";
        if (sc_schema_compile(arena, root, &options, diags, &schema) < 0)
                return "broken";
        r = sc_schema_validate(schema, value, diags);
        if (r != (sc_schema_is_valid(schema, value) ? -EBADMSG : 0))
                return "at odds with itself";
        return r == 0 ? "valid" : "invalid";
}

/* One line; false if it has no such form. */
static bool run_line(char *line)
{
        struct sc_arena *arena = sc_arena_new();
        struct sc_diags *diags = sc_diags_new();
        char *schema = strchr(line, '\t'), *value = schema ? strchr(schema + 1, '\t') : NULL;

        if (value) {
                const struct sc_source texts[2] = {
                        { "schema", schema + 1, (size_t)(value - schema) - 1 },
                        { "value", value + 1, strlen(value + 1) },
                };

                puts(judge(arena, diags, line[0] - '0', texts));
        }
        sc_arena_free(arena);
        sc_diags_free(diags);
        return value;
}

int main(void)
{
        char *line = NULL;
        size_t size = 0;
        bool ok = true;

        while (ok && getline(&line, &size, stdin) > 0) {
                line[strcspn(line, "\n")] = '\0';
                ok = run_line(line);
        }
        free(line);
        return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

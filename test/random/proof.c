/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of pkg/emit/build.c without the writing. */
#include "proof.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "emit/internal.h"
#include "json/json.h"

static void find_consumers(struct emit *e)
{
        const char *const *names = e->request->format->consumers;

        for (; e->n_consumers < SC_EMIT_CONSUMERS_MAX && names[e->n_consumers]; e->n_consumers++)
                e->consumers[e->n_consumers] = sc_consumer_find(names[e->n_consumers], strlen(names[e->n_consumers]));
        e->docker = e->consumers[0]->docker_format;
        e->table = sc_scmptable_find(e->consumers[0]->scmptable, strlen(e->consumers[0]->scmptable));
}

int proof_check(struct sc_arena *arena, const struct sc_emit_request *request, const char *text, size_t len,
                struct sc_diags *diags)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_EMIT_NODES_MAX);
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result result = { 0 };
        struct sc_source *source = sc_arena_alloc(arena, sizeof(*source));
        struct emit *e = sc_arena_alloc(arena, sizeof(*e));
        struct sc_profile *profile;
        const struct sc_json *root;
        int r;

        if (!d || !e || !source)
                return -ENOMEM;
        *e = (struct emit){ .arena = arena, .request = request, .policy = request->policy, .d = d, .diags = diags };
        *source = (struct sc_source){ .name = "<changed>", .text = text, .len = len };
        find_consumers(e);
        r = emit_machines(e);
        if (r == 0)
                r = emit_target(e);
        if (r == 0)
                r = sc_json_parse(arena, source, SC_JSON_FOLD_KEYS, diags, &root);
        if (r == 0)
                r = sc_profile_read(arena, root, diags, &profile);
        return r ? r : emit_prove(e, profile, &result);
}

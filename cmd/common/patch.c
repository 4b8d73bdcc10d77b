/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle's bounding capabilities, this machine's ABIs, the policy's rules: one OCI profile. */
#include "common/patch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/util.h"
#include "bundle/bundle.h"
#include "common/compiler.h"
#include "common/input.h"
#include "emit/emit.h"
#include "json/json.h"
#include "syscall/name.h"

/* Runtimes know capabilities by their exact names, and pass over what they do not know. */
static int add_cap(struct session *s, const struct sc_json *name, sc_caps *caps)
{
        int cap;

        if (name->type != SC_JSON_STRING) {
                sc_diags_add(s->diags, SC_ERROR, "bad-config", name->place, "this is no name of a capability");
                return -EBADMSG;
        }
        cap = sc_cap_find(name->text, name->len);
        if (cap >= 0 && sc_json_is(name, sc_cap_name((unsigned)cap)))
                *caps |= UINT64_C(1) << cap;
        return 0;
}

/* A member by its name. One in another case is an error: runc reads it, crun does not. */
static int member(struct session *s, const struct sc_json *object, const char *name, const struct sc_json **ret_value)
{
        for (const struct sc_json *m = object && object->type == SC_JSON_OBJECT ? object->first : NULL; m; m = m->next)
                if (sc_json_is_folded(m->key, name) && !sc_json_is(m->key, name)) {
                        sc_diags_add(s->diags, SC_ERROR, "bundle-key-case", m->key->place,
                                     "runc takes this for '%s', crun does not", name);
                        return -EBADMSG;
                }
        *ret_value = sc_json_get(object, name);
        return 0;
}

/* process.capabilities.bounding; without it the runtimes leave none. */
static int bounding_caps(struct session *s, const struct sc_json *config, sc_caps *ret_caps)
{
        const struct sc_json *process = NULL, *caps = NULL, *bounding = NULL;
        sc_caps set = 0;
        int r = member(s, config, "process", &process);

        if (r == 0)
                r = member(s, process, "capabilities", &caps);
        if (r == 0)
                r = member(s, caps, "bounding", &bounding);
        if (r < 0)
                return r;
        if (bounding && bounding->type != SC_JSON_ARRAY && bounding->type != SC_JSON_NULL) {
                sc_diags_add(s->diags, SC_ERROR, "bad-config", bounding->place,
                             "the bounding set is not a list of names");
                return -EBADMSG;
        }
        for (const struct sc_json *c = bounding ? bounding->first : NULL; c && r == 0; c = c->next)
                r = add_cap(s, c, &set);
        if (r == 0)
                *ret_caps = set;
        return r;
}

static int build_for(struct session *s, const struct patch *patch, sc_caps caps, struct sc_emit_result *ret_result)
{
        struct sc_emit_request request = {
                .format = sc_emit_format_find("oci", strlen("oci")),
                .caps = caps,
                .kernel_given = true,
                .kernel = patch->kernel,
                .table = patch->table,
                .compiler = compiler_in_child(),
        };
        int r = input_policy(s, patch->policy, &patch->changes, &request.policy);

        return r ? r : sc_emit_build(s->arena, &request, s->diags, ret_result);
}

int patch_bundle(struct session *s, const char *path, const struct patch *patch)
{
        SC_CLEANUP(sc_bundle_closep) struct sc_bundle *bundle = NULL;
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result result = { 0 };
        const struct sc_json *root = NULL;
        sc_caps caps;
        int r = sc_bundle_open(AT_FDCWD, path, s->arena, &bundle);

        if (r == 0)
                r = sc_json_parse(s->arena, sc_bundle_config(bundle), SC_JSON_FOLD_KEYS, s->diags, &root);
        if (r == 0)
                r = bounding_caps(s, root, &caps);
        if (r == 0)
                r = build_for(s, patch, caps, &result);
        return r ? r : sc_bundle_patch(s->arena, bundle, result.text, result.len, s->diags);
}

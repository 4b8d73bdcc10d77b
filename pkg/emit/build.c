/* SPDX-License-Identifier: Apache-2.0 */
/* Policy in, proven profile out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/util.h"
#include "emit/internal.h"
#include "json/json.h"

#define NAMES_SHOWN_MAX 12 /* calls that one warning names */

static const struct sc_emit_format formats[] = {
        { "containerd", "a plain OCI profile, proven for containerd with runc", { "containerd" } },
        { "cri-o", "Docker's format, proven for CRI-O with crun", { "cri-o" } },
        { "crun", "a plain OCI profile, proven for crun", { "crun" } },
        { "docker", "Docker's format: one file for all machines and capability sets", { "docker" } },
        { "docker@20.10", "the same for Docker 20.10, which ignores defaultErrnoRet", { "docker@20.10" } },
        { "kubernetes", "a plain OCI profile, proven for Kubernetes with containerd and runc", { "kubernetes" } },
        { "oci", "a plain OCI profile, proven for runc and crun", { "runc", "crun" } },
        { "podman",
          "Docker's format within what Podman accepts, proven for it with runc and crun",
          { "podman", "podman-crun" } },
        { "runc", "a plain OCI profile, proven for runc", { "runc" } },
        { "runc@1.1", "the same for runc 1.1 (Debian 12)", { "runc@1.1" } },
};

size_t sc_emit_format_count(void)
{
        return SC_COUNT(formats);
}

const struct sc_emit_format *sc_emit_format_at(size_t index)
{
        return &formats[index];
}

const struct sc_emit_format *sc_emit_format_find(const char *name, size_t len)
{
        for (size_t i = 0; i < SC_COUNT(formats); i++)
                if (strlen(formats[i].name) == len && !memcmp(formats[i].name, name, len))
                        return &formats[i];
        return NULL;
}

const struct sc_emit_format *sc_emit_format_for(const struct sc_consumer *consumer)
{
        const struct sc_emit_format *format = sc_emit_format_find(consumer->name, strlen(consumer->name));

        for (size_t i = 0; i < SC_COUNT(formats) && !format; i++)
                for (size_t k = 0; k < SC_EMIT_CONSUMERS_MAX && formats[i].consumers[k]; k++)
                        if (!strcmp(formats[i].consumers[k], consumer->name))
                                format = &formats[i];
        return format;
}

void sc_emit_result_done(struct sc_emit_result *result)
{
        free(result->text);
        *result = (struct sc_emit_result){ 0 };
}

void emit_find_consumers(struct emit *e)
{
        const char *const *names = e->request->format->consumers;

        do {
                const char *name = names[e->n_consumers];

                e->consumers[e->n_consumers++] = sc_consumer_find(name, strlen(name));
        } while (e->n_consumers < SC_EMIT_CONSUMERS_MAX && names[e->n_consumers]);
        e->docker = e->consumers[0]->docker_format;
        e->table = e->request->table;
        if (!e->table)
                e->table = sc_scmptable_find(e->consumers[0]->scmptable, strlen(e->consumers[0]->scmptable));
}

/* Reads a text as a profile: the proof is about the text, not about the model that it came from. */
static int read_back(struct emit *e, const char *text, size_t len, struct sc_profile **ret_profile)
{
        struct sc_source *source = sc_arena_alloc(e->arena, sizeof(*source));
        const struct sc_json *root;
        int r;

        if (!source)
                return -ENOMEM;
        /* diagnostics point into it, and outlive the result */
        *source = (struct sc_source){ .name = "<built>", .text = sc_arena_strndup(e->arena, text, len), .len = len };
        if (!source->text)
                return -ENOMEM;
        r = sc_json_parse(e->arena, source, SC_JSON_FOLD_KEYS, e->diags, &root);
        if (r == 0)
                r = sc_profile_read(e->arena, root, e->diags, ret_profile);
        if (r <= 0)
                return r;
        sc_diags_add(e->diags, SC_ERROR, "proof-failed", root->place, "the text holds no profile");
        return -EBADMSG;
}

static bool alike(const struct sc_deviation *a, const struct sc_deviation *b)
{
        return a->policy == b->policy && a->target == b->target;
}

/* The calls of one ABI that are answered as `like` is; numbers that no call has are not listed one by one. */
static char *subjects(const struct emit *e, const struct sc_emit_result *result, const struct sc_deviation *like,
                      const struct sc_abi *abi)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        bool unnamed = false;
        char *text = NULL;
        size_t named = 0;

        for (size_t i = 0; i < result->n_deviations; i++) {
                const struct sc_deviation *dev = &result->deviations[i];

                if (!alike(dev, like) || dev->abi != abi)
                        continue;
                unnamed |= dev->call < 0;
                if (dev->call >= 0 && named++ < NAMES_SHOWN_MAX)
                        sc_strbuf_printf(&out, "%s %s", out.len ? "," : "", sc_syscall_name(dev->call));
        }
        if (named > NAMES_SHOWN_MAX)
                sc_strbuf_printf(&out, " and %zu more calls", named - NAMES_SHOWN_MAX);
        if (unnamed)
                sc_strbuf_printf(&out, "%s numbers that no call has", out.len ? ", and" : "");
        if (out.len)
                text = sc_arena_strndup(e->arena, out.text, out.len);
        sc_strbuf_done(&out);
        return text;
}

/* One message for all ABIs on which the same subjects are answered alike. */
static void report_group(struct emit *e, const struct sc_emit_result *result, const struct sc_deviation *like)
{
        unsigned p = sc_action_looseness(like->policy), t = sc_action_looseness(like->target);
        char *texts[SC_ABI_MAX] = { NULL };

        for (size_t i = 0; i < sc_abi_count(); i++)
                texts[i] = subjects(e, result, like, sc_abi_at(i));
        for (size_t i = 0; i < sc_abi_count(); i++) {
                struct sc_strbuf text = SC_STRBUF_INIT;

                if (!texts[i])
                        continue;
                sc_strbuf_puts(&text, "the target answers ");
                sc_action_format(like->target, &text);
                sc_strbuf_puts(&text, ", not ");
                sc_action_format(like->policy, &text);
                sc_strbuf_printf(&text, ", on %s", sc_abi_at(i)->name);
                for (size_t k = i + 1; k < sc_abi_count(); k++)
                        if (texts[k] && !strcmp(texts[k], texts[i])) {
                                sc_strbuf_printf(&text, ", %s", sc_abi_at(k)->name);
                                texts[k] = NULL;
                        }
                sc_diags_add(e->diags, t == p ? SC_NOTE : SC_WARNING,
                             t < p ? "stricter" : t == p ? "other-errno" : "unlogged",
                             (struct sc_place){ 0 }, "%s:%s", text.text ? text.text : "", texts[i]);
                sc_strbuf_done(&text);
        }
}

static void report(struct emit *e, const struct sc_emit_result *result)
{
        for (size_t i = 0; i < result->n_deviations; i++) {
                bool first = true;

                for (size_t k = 0; k < i && first; k++)
                        first = !alike(&result->deviations[k], &result->deviations[i]);
                if (first)
                        report_group(e, result, &result->deviations[i]);
        }
        if (result->n_modelled)
                sc_diags_add(e->diags, SC_WARNING, "unproven", (struct sc_place){ 0 },
                             "this machine's libseccomp has no names for %zu calls (%s …): their rules were checked by "
                             "number, not compiled",
                             result->n_modelled, result->modelled[0]);
}

static int write_and_prove(struct emit *e, struct sc_emit_result *result)
{
        struct sc_profile *profile, *read;
        int r = emit_profile(e, &profile);

        if (r == 0)
                r = sc_profile_write(profile, e->request->style, &result->text, &result->len);
        if (r == 0) {
                result->n_rules = profile->syscalls.n;
                r = read_back(e, result->text, result->len, &read);
        }
        return r ? r : emit_prove(e, read, result);
}

int emit_finish(struct emit *e, struct sc_emit_result *ret_result)
{
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result result = { 0 };
        int r = write_and_prove(e, &result);

        if (r < 0)
                return r;
        if (e->meaning.n_flags && !e->consumers[0]->reads_flags)
                sc_diags_add(e->diags, SC_WARNING, "flags-dropped", (struct sc_place){ 0 },
                             "%s drops the policy's filter flags", e->consumers[0]->name);
        report(e, &result);
        *ret_result = result;
        result = (struct sc_emit_result){ 0 };
        return 0;
}

/* Everything before the first rule: for whom, on which machines, with which answers. */
static int begin(struct emit *e)
{
        int r;

        emit_find_consumers(e);
        r = emit_machines(e);
        return r ? r : emit_target(e);
}

int sc_emit_check(struct sc_arena *arena, const struct sc_emit_request *request, const char *text, size_t len,
                  struct sc_diags *diags)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_EMIT_NODES_MAX);
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result result = { 0 };
        struct emit *e = sc_arena_alloc(arena, sizeof(*e));
        struct sc_profile *profile;
        int r;

        if (!d || !e)
                return -ENOMEM;
        *e = (struct emit){ .arena = arena, .request = request, .d = d, .diags = diags };
        emit_meaning_of_policy(e, request->policy);
        r = begin(e);
        if (r == 0)
                r = read_back(e, text, len, &profile);
        return r ? r : emit_prove(e, profile, &result);
}

int sc_emit_build(struct sc_arena *arena, const struct sc_emit_request *request, struct sc_diags *diags,
                  struct sc_emit_result *ret_result)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_EMIT_NODES_MAX);
        struct emit *e = sc_arena_alloc(arena, sizeof(*e));
        int r;

        if (!d || !e)
                return -ENOMEM;
        *e = (struct emit){ .arena = arena, .request = request, .d = d, .diags = diags };
        emit_meaning_of_policy(e, request->policy);
        r = begin(e);
        return r ? r : emit_finish(e, ret_result);
}

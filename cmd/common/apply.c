/* SPDX-License-Identifier: Apache-2.0 */
/* One container: its facts, what was chosen for it, the profile that comes of both, its config.json. */
#include "common/apply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "bpf/model.h"
#include "common/choose.h"
#include "common/written.h"
#include "consumer/resolve.h"
#include "emit/combine.h"
#include "emit/emit.h"

#define STALE_TRIES 3 /* others who exchange config.json without a lock are followed so often */

struct job {
        struct session *s;
        const struct apply_options *o;
        const struct sc_source *config;
        const struct sc_json *root;
        struct sc_bundle_facts facts;
        struct choices choices;
        char *text; /* heap: the profile */
        size_t len;
        bool kept;  /* it is the text that was there, not ours */
};

static void job_done(struct job *job)
{
        free(job->text);
}

void apply_done(struct applied *applied)
{
        free(applied->text);
        applied->text = NULL;
}

static const char has_its_own[] = "it has a profile of its own";

/* Why the container is left alone; NULL if it is not. One that asks for a policy by name gets it. */
static const char *reason_to_skip(const struct job *job)
{
        const struct sc_bundle_facts *facts = &job->facts;

        if (!job->o->policy && !job->o->profile && !facts->policy_annotation)
                return "it chose no policy";
        if (job->o->combine == APPLY_IF_ABSENT && facts->has_seccomp)
                return has_its_own;
        if (job->o->unconfined == APPLY_SKIP && !facts->has_seccomp && !facts->policy_annotation)
                return "it came without a profile, as privileged containers do";
        return NULL;
}

static int check_unconfined(const struct job *job)
{
        if (job->o->unconfined != APPLY_FAIL || job->facts.has_seccomp)
                return 0;
        sc_diags_add(job->s->diags, SC_ERROR, "unconfined", (struct sc_place){ 0 },
                     "the container came without a seccomp profile, and --unconfined fail refuses such");
        return -EBADMSG;
}

/* What the chosen policies require of the container, and what a profile cannot do without. */
static int check_requirements(const struct job *job)
{
        SC_CLEANUP(sc_decisions_freep) struct sc_decisions *d = sc_decisions_new(SC_EMIT_NODES_MAX);
        int r = d ? 0 : -ENOMEM;

        for (size_t i = 0; i < job->choices.n && r == 0; i++) {
                const struct choice *c = &job->choices.items[i];

                if (c->policy)
                        r = sc_bundle_requires(c->policy, &job->facts, sc_abi_native(), job->o->kernel, d,
                                               job->s->diags);
                else if (c->profile)
                        r = sc_bundle_check_listener(c->profile, job->s->diags);
        }
        return r;
}

static int build_policy(struct job *job, const struct sc_policy *policy)
{
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result result = { 0 };
        const struct sc_emit_request request = {
                .policy = policy,
                .format = sc_emit_format_find("oci", strlen("oci")),
                .caps = job->facts.bounding,
                .kernel_given = true,
                .kernel = job->o->kernel,
                .table = job->o->table,
                .compiler = job->o->compiler,
                .style = SC_JSON_COMPACT,
        };
        int r = sc_emit_build(job->s->arena, &request, job->s->diags, &result);

        if (r < 0)
                return r;
        job->text = SC_STEAL(result.text);
        job->len = result.len;
        return 0;
}

static bool has_errno_names(const struct sc_profile *profile)
{
        bool has = profile->default_errno.text;

        for (size_t i = 0; i < profile->syscalls.n; i++)
                has |= profile->syscalls.items[i].errno_name.text != NULL;
        return has;
}

static const struct sc_consumer *reader_of(const struct sc_profile *profile)
{
        const char *name = profile->kind != SC_PROFILE_DOCKER ? "runc" : has_errno_names(profile) ? "podman" : "docker";

        return sc_consumer_find(name, strlen(name));
}

/* The written text must tell libseccomp what the profile does: read back, it makes the same plan. */
static int check_written(struct job *job, const struct sc_target *target, const struct sc_plan *wanted)
{
        struct sc_source *source = sc_arena_alloc(job->s->arena, sizeof(*source));
        struct sc_target runtime = *target;
        const struct sc_json *root;
        struct sc_profile *written;
        struct sc_plan got;
        bool equal = false;
        int r;

        if (!source)
                return -ENOMEM;
        *source = (struct sc_source){ "<written>", job->text, job->len };
        runtime.consumer = sc_consumer_find("runc", strlen("runc"));
        r = sc_json_parse(job->s->arena, source, SC_JSON_FOLD_KEYS, job->s->diags, &root);
        if (r == 0)
                r = sc_profile_read(job->s->arena, root, job->s->diags, &written);
        if (r == 0)
                r = sc_consumer_plan(job->s->arena, &runtime, written, job->s->diags, &got);
        if (r == 0)
                r = sc_plan_equal(wanted, &got, &equal);
        if (r < 0 || equal)
                return r;
        sc_diags_add(job->s->diags, SC_ERROR, "proof-failed", (struct sc_place){ 0 },
                     "the resolved profile does not say what the profile does; this is a mistake of seccompose");
        return -EBADMSG;
}

static struct sc_target target_of(const struct job *job, const struct sc_profile *profile)
{
        return (struct sc_target){
                .consumer = reader_of(profile),
                .native = sc_abi_native(),
                .caps = job->facts.bounding,
                .kernel = job->o->kernel,
                .table = sc_scmptable_newest(), /* every name counts, whatever libseccomp the runtime has */
        };
}

/* A profile that was built beforehand: what is in it for this container. */
static int resolve_profile(struct job *job, const struct sc_profile *profile)
{
        const struct sc_target target = target_of(job, profile);
        struct sc_profile *plain;
        struct sc_plan plan;
        int r = sc_consumer_resolve(job->s->arena, &target, profile, job->s->diags, &plain, &plan);

        if (r == 0)
                r = sc_profile_write(plain, SC_JSON_COMPACT, &job->text, &job->len);
        return r < 0 ? r : check_written(job, &target, &plan);
}

/* True if the engine's profile takes part. */
static bool intersects(const struct job *job)
{
        enum apply_combine how = job->o->combine;

        if (how == APPLY_DEFAULT)
                how = job->choices.chosen ? APPLY_INTERSECT : APPLY_REPLACE;
        return how == APPLY_INTERSECT && job->facts.has_seccomp;
}

/* The text of the profile that is there, as it stands. */
static int keep_own(struct job *job, const struct sc_json *own)
{
        job->kept = true;
        job->len = own->place.length;
        job->text = strndup(job->config->text + own->place.offset, own->place.length);
        return job->text ? 0 : -ENOMEM;
}

/* One party alone. */
static int build_part(struct job *job, const struct sc_emit_part *part)
{
        if (part->policy)
                return build_policy(job, part->policy);
        return part->profile ? resolve_profile(job, part->profile) : -EINVAL;
}

static int combine(struct job *job, const struct sc_emit_part *parts, size_t n, const struct sc_json *own)
{
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result result = { 0 };
        struct sc_model reading = { .mode = SC_MODEL_READING };
        const struct sc_emit_combination combination = {
                .parts = parts,
                .n_parts = n,
                .native = sc_abi_native(),
                .caps = job->facts.bounding,
                .kernel = job->o->kernel,
                .table = job->o->table,
                .reader = sc_scmp_model(&reading),
                .compiler = job->o->compiler,
                .style = SC_JSON_COMPACT,
        };
        int r = sc_emit_combine(job->s->arena, &combination, job->s->diags, &result);

        if (r < 0)
                return r;
        if (r == 1 && own)
                return keep_own(job, own);
        if (r == 1)
                return build_part(job, &parts[0]);
        job->text = SC_STEAL(result.text);
        job->len = result.len;
        return 0;
}

/*
 * A choice as a party. One that is combined is resolved first: of Docker's and podman's readers, the combination knows
 * the one only.
 */
static int make_part(struct job *job, const struct choice *c, bool combined, struct sc_emit_part *ret_part)
{
        struct sc_target target;
        struct sc_profile *plain;
        struct sc_plan plan;
        int r;

        *ret_part = (struct sc_emit_part){ .policy = c->policy, .profile = c->profile };
        if (c->policy || !combined)
                return 0;
        target = target_of(job, c->profile);
        r = sc_consumer_resolve(job->s->arena, &target, c->profile, job->s->diags, &plain, &plan);
        if (r == 0)
                ret_part->profile = plain;
        return r;
}

/* Finds the profile that the container shall have. */
static int find_profile(struct job *job)
{
        struct sc_emit_part parts[1 + CHOICES_MAX] = { 0 };
        const struct sc_json *own = NULL;
        struct sc_profile *engines = NULL;
        size_t n = 0;
        int r = 0;

        if (intersects(job)) {
                r = sc_bundle_seccomp(job->root, job->s->diags, &own);
                if (r == 0 && own)
                        r = sc_profile_read(job->s->arena, own, job->s->diags, &engines);
                parts[n++].profile = engines;
        }
        if (r < 0)
                return r;
        for (size_t i = 0; i < job->choices.n; i++) {
                r = make_part(job, &job->choices.items[i], n + job->choices.n - i > 1, &parts[n]);
                if (r < 0)
                        return r;
                n++;
        }
        if (n > 1)
                return combine(job, parts, n, own);
        return build_part(job, &parts[0]);
}

static int put_in(struct job *job, struct applied *applied)
{
        int r = sc_bundle_splice_own(job->config, job->root, job->text, job->len, job->o->conflicts, job->s->diags,
                                     &applied->text, &applied->len);

        if (r < 0)
                return r;
        applied->outcome = applied->len == job->config->len &&
                                           !memcmp(applied->text, job->config->text, applied->len) ?
                                   APPLIED_SAME :
                                   APPLIED_CHANGED;
        return 0;
}

/*
 * A profile that is to stay must be the one that every reader takes: what would make a reader miss ours would make it
 * miss that one.
 */
static int skip_with_own(struct job *job, const char *reason, struct applied *applied)
{
        const struct sc_json *own = NULL;
        int r = sc_bundle_seccomp(job->root, job->s->diags, &own);

        if (r == 0 && own)
                r = keep_own(job, own);
        if (r == 0 && own)
                r = put_in(job, applied);
        if (r < 0 || applied->outcome == APPLIED_CHANGED)
                return r;
        applied->outcome = APPLIED_SKIPPED;
        applied->reason = reason;
        applied->relies = true;
        return 0;
}

static int skip(const struct job *job, const char *reason, struct applied *applied)
{
        applied->outcome = APPLIED_SKIPPED;
        applied->reason = reason;
        applied->len = job->config->len;
        applied->text = strndup(job->config->text, job->config->len);
        return applied->text ? 0 : -ENOMEM;
}

/* What is often the most of a config, and nothing that matters here; the rules only to intersect with them. */
static const char *const *unread_members(const struct apply_options *o)
{
        static const char *const names[] = { "syscalls", "env", "mounts", "hooks", NULL };
        bool may_intersect = o->combine == APPLY_INTERSECT || (o->combine == APPLY_DEFAULT && o->choose);

        return may_intersect ? names + 1 : names;
}

int apply_text(struct session *s, const struct apply_options *o, const struct sc_source *config,
               struct applied *ret_applied)
{
        SC_CLEANUP(job_done) struct job job = { .s = s, .o = o, .config = config };
        const char *reason;
        int r = sc_json_parse_part(s->arena, config, SC_JSON_KEEP_DUPLICATES, unread_members(o), s->diags, &job.root);

        ret_applied->policy = o->policy ? o->policy : o->profile;
        if (r == 0)
                r = sc_bundle_facts_read(job.root, s->diags, &job.facts);
        ret_applied->hostname = job.facts.hostname;
        if (r < 0)
                return r;
        r = check_unconfined(&job);
        if (r == 0)
                r = choose_check_wish(s, o, job.facts.policy_annotation);
        if (r < 0)
                return r;
        reason = reason_to_skip(&job);
        if (reason && (reason == has_its_own || (o->unconfined == APPLY_FAIL && job.facts.has_seccomp)))
                return skip_with_own(&job, reason, ret_applied);
        if (reason)
                return skip(&job, reason, ret_applied);
        r = choose(s, o, job.facts.policy_annotation, &job.choices);
        if (job.choices.names)
                ret_applied->policy = job.choices.names;
        if (r == 0)
                r = check_requirements(&job);
        if (r == 0)
                r = find_profile(&job);
        if (r == -E2BIG && !sc_diags_count(s->diags, SC_ERROR))
                sc_diags_add(s->diags, SC_ERROR, "too-complex", (struct sc_place){ 0 },
                             "the profiles are too complex to be worked out together");
        if (r == 0 && !job.kept)
                r = written_check(s, "oci", job.text, job.len);
        return r < 0 ? r : put_in(&job, ret_applied);
}

bool apply_is_ignorable(const struct session *s)
{
        static const char *const causes[] = { "bundle-annotation", "bundle-capability", "bundle-duplicate-key",
                                              "bundle-key-case", "bundle-raw-bpf", "bundle-requires", "bundle-type",
                                              "json-duplicate-key", "not-offered", "unconfined" };
        size_t n;
        const struct sc_diag *const *diags = sc_diags_all(s->diags, &n);

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < SC_COUNT(causes); k++)
                        if (diags[i]->severity == SC_ERROR && !strcmp(diags[i]->rule, causes[k]))
                                return false;
        return true;
}

static int patch_once(struct session *s, const struct apply_options *o, const char *path, struct applied *applied)
{
        SC_CLEANUP(sc_bundle_closep) struct sc_bundle *bundle = NULL;
        int r = sc_bundle_open(AT_FDCWD, path, s->arena, &bundle);

        if (r < 0)
                return r;
        applied->changed = sc_bundle_changed(bundle);
        r = apply_text(s, o, sc_bundle_config(bundle), applied);
        if (r == 0 && applied->outcome == APPLIED_CHANGED)
                r = sc_bundle_replace(bundle, applied->text, applied->len);
        return r;
}

int apply_bundle(struct session *s, const struct apply_options *o, const char *path, struct applied *ret_applied)
{
        int r = -ESTALE;

        for (int i = 0; i < STALE_TRIES && r == -ESTALE; i++) {
                apply_done(ret_applied);
                r = patch_once(s, o, path, ret_applied);
        }
        if (r < 0 && !sc_diags_count(s->diags, SC_ERROR) && sc_bundle_error(r))
                sc_diags_add(s->diags, SC_ERROR, "bundle-file", (struct sc_place){ 0 }, "%s: %s", path,
                             sc_bundle_error(r));
        ret_applied->not_flushed = r == SC_BUNDLE_NOT_FLUSHED;
        if (ret_applied->not_flushed)
                sc_diags_add(s->diags, SC_WARNING, "bundle-file", (struct sc_place){ 0 },
                             "%s: config.json is new, but could not be flushed: after a crash it may be the old one",
                             path);
        return r < 0 ? r : 0;
}

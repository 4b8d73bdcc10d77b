/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the profiles, taking them to programs, and inputs that are near the constants of these. */
#include "collection.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/util.h"
#include "emit/emit.h"
#include "syscall/param.h"

/* Counts what fails, and tells. */
static bool good(struct collection *c, const char *name, bool ok)
{
        if (!ok)
                printf("# %s: cannot be taken\n", name);
        c->failed += !ok;
        return ok;
}

static const struct sc_consumer *consumer_of(const char *name)
{
        return sc_consumer_find(name, strlen(name));
}

static void add_entry(struct collection *c, const char *name, const char *consumer, const struct sc_profile *profile,
                      sc_caps caps)
{
        if (good(c, name, c->n < ENTRIES_MAX))
                c->entries[c->n++] = (struct member){ .name = sc_arena_strdup(c->arena, name),
                                                     .consumer = consumer_of(consumer), .profile = profile,
                                                     .caps = caps };
}

/* Docker's form for docker, podman's errnos for podman, the rest for runc and crun in turn. */
static void add_text(struct collection *c, const char *name, const char *text, size_t len)
{
        struct sc_source *source = sc_arena_alloc(c->arena, sizeof(*source));
        const struct sc_json *root, *value;
        struct sc_profile *profile = NULL;
        enum sc_file_kind kind;
        int r;

        *source = (struct sc_source){ sc_arena_strdup(c->arena, name), sc_arena_strndup(c->arena, text, len), len };
        if (!good(c, name, sc_json_parse(c->arena, source, SC_JSON_FOLD_KEYS, c->diags, &root) == 0))
                return;
        kind = sc_profile_guess(root);
        value = root;
        if (kind == SC_FILE_CONFIG && !good(c, name, sc_profile_in_config(root, c->diags, &value) == 0))
                return;
        r = sc_profile_read(c->arena, value, c->diags, &profile);
        if (!good(c, name, r >= 0))
                return;
        if (kind == SC_FILE_DOCKER) {
                add_entry(c, name, strstr(name, "podman") ? "podman" : "docker", profile, sc_caps_docker());
                add_entry(c, name, strstr(name, "podman") ? "podman-crun" : "containerd", profile, 0);
        } else {
                add_entry(c, name, c->n % 2 ? "crun" : "runc", profile, sc_caps_docker());
        }
}

static void add_file(struct collection *c, const char *path)
{
        SC_CLEANUP(sc_freep) char *content = NULL;
        size_t len = 0;

        if (good(c, path, sc_file_read(AT_FDCWD, path, SC_JSON_SIZE_MAX, &content, &len) == 0))
                add_text(c, strrchr(path, '/') ? strrchr(path, '/') + 1 : path, content, len);
}

static int is_json(const struct dirent *entry)
{
        size_t len = strlen(entry->d_name);

        return len > 5 && !strcmp(entry->d_name + len - 5, ".json");
}

static void add_directory(struct collection *c, const char *path)
{
        struct dirent **names = NULL;
        int n = scandir(path, &names, is_json, alphasort);

        good(c, path, n > 0);
        for (int i = 0; i < n; i++) {
                struct sc_strbuf file = SC_STRBUF_INIT;

                sc_strbuf_printf(&file, "%s/%s", path, names[i]->d_name);
                add_file(c, file.text);
                sc_strbuf_done(&file);
                free(names[i]);
        }
        free(names);
}

static void add_built(struct collection *c, const char *policy, const char *format, const char *consumer, sc_caps caps)
{
        SC_CLEANUP(sc_emit_result_done) struct sc_emit_result built = { 0 };
        struct sc_emit_request request = { .format = sc_emit_format_find(format, strlen(format)), .caps = caps,
                                           .kernel_given = true, .kernel = SC_KERNEL(6, 1),
                                           .compiler = sc_scmp_library() };
        struct sc_strbuf name = SC_STRBUF_INIT;

        sc_strbuf_printf(&name, "%s for %s", policy, format);
        if (good(c, policy, sc_policy_load(c->arena, policy, NULL, 0, NULL, c->diags, &request.policy) == 0) &&
            good(c, name.text, sc_emit_build(c->arena, &request, c->diags, &built) == 0)) {
                size_t before = c->n;

                add_text(c, name.text, built.text, built.len);
                c->n = before + 1;
                c->entries[before].consumer = consumer_of(consumer);
                c->entries[before].caps = caps;
        }
        sc_strbuf_done(&name);
}

/* A plain run takes four that are unlike one another; a campaign all. */
static bool is_taken(const char *name)
{
        static const char *const plain[] = { "agent-offline", "complain", "docker-default", "stdio-threads" };
        const char *world = getenv("SC_WORLD");

        for (size_t i = 0; i < SC_COUNT(plain); i++)
                if (!strcmp(plain[i], name))
                        return true;
        return world && *world;
}

static void add_shipped(struct collection *c)
{
        static const char *const targets[][2] = { { "docker", "docker" }, { "podman", "podman" }, { "oci", "runc" } };
        const sc_caps caps[] = { 0, sc_caps_docker(), sc_caps_all() };

        for (size_t i = 0; i < sc_shipped_count(); i++)
                for (size_t t = 0; t < SC_COUNT(targets) && is_taken(sc_shipped_at(i)->name); t++)
                        for (size_t k = 0; k < SC_COUNT(caps); k++)
                                add_built(c, sc_shipped_at(i)->name, targets[t][0], targets[t][1], caps[k]);
}

void collection_load(struct collection *c, char *const *paths, int n)
{
        const char *reference = getenv("SC_REFERENCE");

        add_directory(c, paths[0]);
        for (int i = 1; i < n; i++)
                add_file(c, paths[i]);
        if (reference && *reference)
                add_directory(c, reference);
        add_shipped(c);
}

void collection_done(struct collection *c)
{
        for (size_t i = 0; i < c->n; i++)
                sc_outcome_done(&c->entries[i].outcome);
}

struct sc_target entry_target(const struct member *e, const struct sc_abi *machine)
{
        const char *table = e->consumer->scmptable;

        return (struct sc_target){ .consumer = e->consumer, .native = machine, .caps = e->caps,
                                   .kernel = COLLECTION_KERNEL,
                                   .table = sc_scmptable_find(table, strlen(table)) };
}

int entry_decide(struct collection *c, struct member *e, const struct sc_abi *machine, struct sc_decisions *d,
                 struct sc_diags *diags)
{
        const struct sc_scmp_compiler compiler = sc_scmp_library();
        const struct sc_target target = entry_target(e, machine);
        struct sc_plan plan;
        int r = 0;

        sc_outcome_done(&e->outcome);
        e->node = sc_decision_leaf(d, SECCOMP_RET_ALLOW);
        e->n_abis = 0;
        e->outcome.unfiltered = true; /* without a profile */
        if (e->profile)
                r = sc_consumer_decide(c->arena, &target, e->profile, &compiler, d, diags, &e->outcome);
        e->refused = r < 0;
        if (r < 0 || e->outcome.unfiltered)
                return r;
        e->node = e->outcome.node;
        r = sc_consumer_plan(c->arena, &target, e->profile, diags, &plan);
        if (r < 0)
                return r;
        memcpy(e->abis, plan.abis, sizeof(e->abis));
        e->n_abis = plan.n_abis;
        return 0;
}

uint32_t entry_run(const struct member *e, const struct sc_bpf_data *data)
{
        return e->outcome.unfiltered ? SECCOMP_RET_ALLOW : sc_bpf_run(&e->outcome.program, data);
}

bool entry_can_run(const struct member *e)
{
        return !e->refused && e->outcome.n_modelled == 0;
}

/* A constant of a program, or one beside it. */
static uint32_t near_constant(const struct member *e, struct rng *rng)
{
        const struct sc_bpf_program *p = &e->outcome.program;
        uint32_t value = p->len && rng_percent(rng, 90) ? p->insns[rng_below(rng, p->len)].k : (uint32_t)rng_next(rng);

        switch (rng_below(rng, 6)) {
        case 0:
                return value + 1;
        case 1:
                return value - 1;
        case 2:
                return value ^ UINT32_C(1) << rng_below(rng, 32);
        default:
                return value;
        }
}

uint64_t entry_random_value(const struct member *e, const struct sc_abi *abi, struct rng *rng)
{
        uint64_t low = rng_percent(rng, 30) ? rng_below(rng, 32) : near_constant(e, rng);

        if (sc_param_upper_halves_show(abi) && rng_percent(rng, 25))
                low |= (uint64_t)near_constant(e, rng) << 32;
        return low;
}

uint32_t entry_random_number(const struct member *e, const struct sc_abi *abi, struct rng *rng)
{
        for (;;) {
                uint32_t nr = near_constant(e, rng);

                if (rng_percent(rng, 60) && !sc_syscall_number((int)rng_below(rng, sc_syscall_count()), abi, &nr))
                        continue;
                if (rng_percent(rng, 50) && !sc_abi_owns(abi, nr))
                        nr |= abi->nr_base;
                if (sc_abi_owns(abi, nr) && !sc_syscall_is_unfiltered(abi, nr))
                        return nr;
        }
}

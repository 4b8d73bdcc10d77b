/* SPDX-License-Identifier: Apache-2.0 */
/* includes, excludes, minKernel and archMap, as docker resolves them. */
#include "consumer/docker.h"

#include <errno.h>
#include <string.h>

static bool has_text(const struct sc_profile_list *list, const char *text)
{
        for (size_t i = 0; text && i < list->n; i++)
                if (!strcmp(list->items[i].text, text))
                        return true;
        return false;
}

/* The capability that docker compares with: names are compared as text, so an unknown or short one matches nothing. */
bool sc_docker_has_cap(const char *name, sc_caps caps)
{
        int cap = strncmp(name, "CAP_", 4) ? -1 : sc_cap_find(name, strlen(name));

        return cap >= 0 && !strcmp(sc_cap_name((unsigned)cap), name) && caps >> cap & 1;
}

/* A number of docker's versions: digits, leading zeros among them, for 8 bits. */
static bool parse_part(const char *text, size_t len, uint32_t *ret_value)
{
        uint32_t value = 0;

        for (size_t i = 0; i < len; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return false;
                value = value * 10 + (uint32_t)(text[i] - '0');
                if (value > UINT8_MAX)
                        return false;
        }
        *ret_value = value;
        return len > 0;
}

int sc_docker_kernel(const char *text, sc_kernel *ret_kernel)
{
        const char *dot = strchr(text, '.');
        uint32_t major, minor;

        if (!*text) {
                *ret_kernel = 0;
                return 0;
        }
        if (!dot || !parse_part(text, (size_t)(dot - text), &major) || !parse_part(dot + 1, strlen(dot + 1), &minor) ||
            (major == 0 && minor == 0))
                return -EINVAL;
        *ret_kernel = SC_KERNEL(major, minor);
        return 0;
}

static int kernel_reached(const struct sc_profile_string *text, sc_kernel kernel, struct sc_diags *diags,
                          bool *ret_reached)
{
        sc_kernel wanted;

        if (sc_docker_kernel(text->text, &wanted) < 0) {
                struct sc_diag *diag = sc_diags_add(diags, SC_ERROR, "consumer-kernel", text->place,
                                                    "docker cannot read the kernel version '%s'", text->text);

                sc_diag_hint(diag, "write two numbers, such as \"4.8\"");
                return -EBADMSG;
        }
        *ret_reached = kernel >= wanted;
        return 0;
}

static int excluded(const struct sc_target *target, const struct sc_profile_filter *excludes, struct sc_diags *diags,
                    bool *ret_excluded)
{
        bool out = has_text(&excludes->arches, target->native->docker), reached = false;
        int r = 0;

        for (size_t i = 0; i < excludes->caps.n; i++)
                out |= sc_docker_has_cap(excludes->caps.items[i].text, target->caps);
        if (excludes->min_kernel.text && !target->consumer->ignores_min_kernel)
                r = kernel_reached(&excludes->min_kernel, target->kernel, diags, &reached);
        if (r == 0)
                *ret_excluded = out || reached;
        return r;
}

static int included(const struct sc_target *target, const struct sc_profile_filter *includes, struct sc_diags *diags,
                    bool *ret_included)
{
        bool in = includes->arches.n == 0 || has_text(&includes->arches, target->native->docker), reached = true;
        int r = 0;

        for (size_t i = 0; i < includes->caps.n; i++)
                in &= sc_docker_has_cap(includes->caps.items[i].text, target->caps);
        if (includes->min_kernel.text && !target->consumer->ignores_min_kernel)
                r = kernel_reached(&includes->min_kernel, target->kernel, diags, &reached);
        if (r == 0)
                *ret_included = in && reached;
        return r;
}

int sc_docker_applies(const struct sc_target *target, const struct sc_profile_rule *rule, struct sc_diags *diags,
                      bool *ret_applies)
{
        bool in, out;
        int r = excluded(target, &rule->excludes, diags, &out);

        if (r == 0)
                r = included(target, &rule->includes, diags, &in);
        if (r == 0)
                *ret_applies = in && !out;
        return r;
}

/* Adds "all of these are set", or with `negative` "none of these", to a condition. */
static sc_node with_caps(struct sc_decisions *d, const struct sc_profile_list *caps, bool negative, sc_node cond)
{
        sc_node f = sc_decision_leaf(d, 0);

        for (size_t i = 0; i < caps->n; i++) {
                uint64_t bit = 0;

                for (unsigned cap = 0; cap < sc_cap_count(); cap++)
                        if (sc_docker_has_cap(caps->items[i].text, UINT64_C(1) << cap))
                                bit = UINT64_C(1) << cap;
                /* a name that matches nothing: never there */
                cond = negative ? sc_decision_any(d, SC_WORD_CAPS, bit, f, cond)
                                : sc_decision_any(d, SC_WORD_CAPS, bit, cond, f);
        }
        return cond;
}

sc_node sc_consumer_applies(const struct sc_profile_rule *rule, const struct sc_abi *native, struct sc_decisions *d)
{
        const struct sc_profile_filter *in = &rule->includes, *out = &rule->excludes;
        sc_node f = sc_decision_leaf(d, 0), cond = sc_decision_leaf(d, 1);
        sc_kernel kernel;

        if (has_text(&out->arches, native->docker) || (in->arches.n && !has_text(&in->arches, native->docker)))
                return f;
        cond = with_caps(d, &in->caps, false, cond);
        cond = with_caps(d, &out->caps, true, cond);
        if (in->min_kernel.text && sc_docker_kernel(in->min_kernel.text, &kernel) == 0)
                cond = sc_decision_ge(d, SC_WORD_KERNEL, kernel, cond, f);
        if (out->min_kernel.text && sc_docker_kernel(out->min_kernel.text, &kernel) == 0)
                cond = sc_decision_ge(d, SC_WORD_KERNEL, kernel, f, cond);
        return cond;
}

int sc_docker_architectures(struct sc_arena *arena, const struct sc_target *target, const struct sc_profile *profile,
                            struct sc_diags *diags, struct sc_profile_list *ret_list)
{
        const struct sc_profile_arch *entry = NULL;
        struct sc_profile_string *items;
        size_t n;

        if (profile->architectures.n && profile->arch_map.n) {
                sc_diags_add(diags, SC_ERROR, "consumer-refuses", profile->architectures.place,
                             "%s refuses a profile with both 'architectures' and 'archMap'", target->consumer->name);
                return -EBADMSG;
        }
        for (size_t i = 0; i < profile->arch_map.n; i++) {
                const struct sc_profile_arch *e = &profile->arch_map.items[i];

                if (!entry && e->architecture.text && !strcmp(e->architecture.text, target->native->oci))
                        entry = e;
        }
        if (!entry) {
                *ret_list = profile->architectures;
                return 0;
        }
        n = 1 + entry->sub_architectures.n;
        items = sc_arena_array(arena, n, sizeof(*items));
        if (!items)
                return -ENOMEM;
        items[0] = entry->architecture;
        for (size_t i = 1; i < n; i++)
                items[i] = entry->sub_architectures.items[i - 1];
        *ret_list = (struct sc_profile_list){ .items = items, .n = n, .place = entry->place };
        return 0;
}

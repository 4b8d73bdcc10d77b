/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy requires of the container that it is for. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>

#include "bundle/bundle.h"

#define SETS_TEXT_MAX sizeof("bounding, effective, inheritable, permitted, ambient")

/* What requirements are checked against. */
struct check {
        const struct sc_policy *policy;
        const struct sc_bundle_facts *facts;
        const struct sc_abi *abis[SC_ABI_MAX]; /* of one filter, those that the policy lists */
        size_t n_abis;
        sc_kernel kernel;
        struct sc_decisions *d;
        struct sc_diags *diags;
};

static void find_abis(struct check *c, const struct sc_abi *native)
{
        const struct sc_abi *all[SC_ABI_MAX + 1];
        size_t n = sc_abi_subordinates(native, all);

        all[n++] = native;
        for (size_t i = 0; i < n; i++)
                if (sc_abi_among(all[i], c->policy->abis, c->policy->n_abis))
                        c->abis[c->n_abis++] = all[i];
}

/* What does not keep a call from being made: a tracer or a listener may let it go on. */
static uint32_t combine_permits(uint32_t a, uint32_t b)
{
        (void)b;
        return sc_action_looseness(a) >= sc_action_looseness(SECCOMP_RET_USER_NOTIF);
}

/* True if some arguments of the call get through here; the kernel may be too old to have it, which is not asked. */
static bool is_permitted_on(const struct check *c, const struct sc_abi *abi, int call)
{
        sc_node node = sc_policy_call(c->policy, c->d, abi, call);

        node = sc_decision_fix(c->d, node, SC_WORD_KERNEL, c->kernel);
        node = sc_decision_fix(c->d, node, SC_WORD_CAPS, c->facts->bounding);
        node = sc_decision_apply(c->d, combine_permits, node, node);
        return node != sc_decision_leaf(c->d, 0);
}

/* True if the call can be made on the ABI: by its number, which the kernel may not even ask about, or by a carrier. */
static bool can_be_made(const struct check *c, const struct sc_abi *abi, int call)
{
        uint32_t nr, subcall;
        int carrier = sc_syscall_carrier(call, &subcall);

        if (sc_syscall_number(call, abi, &nr) &&
            (sc_syscall_is_unfiltered(abi, nr) || is_permitted_on(c, abi, call)))
                return true;
        return abi->multiplexed && carrier >= 0 && is_permitted_on(c, abi, carrier);
}

static bool applies(const struct check *c, const struct sc_requirement *requirement)
{
        bool possible = requirement->call < 0;

        for (size_t i = 0; i < c->n_abis && !possible; i++)
                possible = can_be_made(c, c->abis[i], requirement->call);
        return possible;
}

/* The names of the sets that have the capability, "bounding, effective"; `out` has room for all of them. */
static void list_sets(const struct sc_bundle_facts *facts, unsigned cap, char out[SETS_TEXT_MAX])
{
        const struct {
                const char *name;
                sc_caps caps;
        } sets[] = {
                { "bounding", facts->bounding },       { "effective", facts->effective },
                { "inheritable", facts->inheritable }, { "permitted", facts->permitted },
                { "ambient", facts->ambient },
        };
        size_t len = 0;

        out[0] = '\0';
        for (size_t i = 0; i < SC_COUNT(sets); i++)
                if (sets[i].caps >> cap & 1)
                        len += (size_t)snprintf(out + len, SETS_TEXT_MAX - len, "%s%s", len ? ", " : "", sets[i].name);
}

/* Adds a finding if the requirement does not hold; NULL if it does. */
static struct sc_diag *compare(const struct check *c, const struct sc_requirement *wanted, bool *ret_holds)
{
        char sets[SETS_TEXT_MAX];

        *ret_holds = false;
        switch (wanted->kind) {
        case SC_REQUIRE_NO_NEW_PRIVILEGES:
                if (!c->facts->no_new_privileges)
                        return sc_diags_add(c->diags, SC_ERROR, "bundle-requires", wanted->place,
                                            "the container does not set noNewPrivileges, which the policy requires");
                break;
        case SC_REQUIRE_CAP:
                if (!(c->facts->bounding >> wanted->cap & 1))
                        return sc_diags_add(c->diags, SC_ERROR, "bundle-requires", wanted->place,
                                            "the container does not have %s in its bounding set, and the policy "
                                            "requires it", sc_cap_name(wanted->cap));
                break;
        case SC_REQUIRE_NO_CAP:
                list_sets(c->facts, wanted->cap, sets);
                if (sets[0])
                        return sc_diags_add(c->diags, SC_ERROR, "bundle-requires", wanted->place,
                                            "the container has %s (%s), and the policy requires that it has not",
                                            sc_cap_name(wanted->cap), sets);
                break;
        }
        *ret_holds = true;
        return NULL;
}

int sc_bundle_requires(const struct sc_policy *policy, const struct sc_bundle_facts *facts, const struct sc_abi *native,
                       sc_kernel kernel, struct sc_decisions *d, struct sc_diags *diags)
{
        struct check c = { .policy = policy, .facts = facts, .kernel = kernel, .d = d, .diags = diags };
        int r = 0;

        find_abis(&c, native);
        for (size_t i = 0; i < policy->n_requirements; i++) {
                const struct sc_requirement *wanted = &policy->requirements[i];
                struct sc_diag *diag;
                bool holds, counts = applies(&c, wanted);

                if (sc_decisions_error(d))
                        return sc_decisions_error(d);
                if (!counts)
                        continue;
                diag = compare(&c, wanted, &holds);
                if (wanted->call >= 0)
                        sc_diag_hint(diag, "required where the policy allows %s, as it does in this container",
                                     sc_syscall_name(wanted->call));
                if (!holds)
                        r = -EBADMSG;
        }
        return r;
}

static bool is_notify(const struct sc_profile_string *action)
{
        uint32_t value;

        return action->text && sc_profile_action_value(action->text, &value) == 0 &&
               value == SECCOMP_RET_USER_NOTIF;
}

int sc_bundle_check_listener(const struct sc_profile *profile, struct sc_diags *diags)
{
        const struct sc_profile_string *notify = is_notify(&profile->default_action) ? &profile->default_action : NULL;
        struct sc_diag *diag;

        for (size_t i = 0; !notify && i < profile->syscalls.n; i++)
                if (is_notify(&profile->syscalls.items[i].action))
                        notify = &profile->syscalls.items[i].action;
        if (!notify || (profile->listener_path.text && profile->listener_path.text[0]))
                return 0;
        diag = sc_diags_add(diags, SC_ERROR, "bundle-listener", notify->place,
                            "this asks a listener, and the profile has no 'listenerPath'");
        sc_diag_hint(diag, "nobody would answer; give the path of the listener's socket");
        return -EBADMSG;
}

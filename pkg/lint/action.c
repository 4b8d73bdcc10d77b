/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about actions, and the errno or data that goes with them. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "lint/internal.h"

#define ERRNO_KERNEL_MAX 4095 /* include/linux/err.h, MAX_ERRNO: what is more is no error to a caller */

/* What an action needs beside itself: a row each. */
static const struct carries {
        const char *name;
        bool number; /* errnoRet counts: an errno, or a tracer's data */
} carries[] = {
        { "SCMP_ACT_ERRNO", true },
        { "SCMP_ACT_TRACE", true },
        { "SCMP_ACT_ALLOW", false },
        { "SCMP_ACT_KILL", false },
        { "SCMP_ACT_KILL_PROCESS", false },
        { "SCMP_ACT_KILL_THREAD", false },
        { "SCMP_ACT_LOG", false },
        { "SCMP_ACT_NOTIFY", false },
        { "SCMP_ACT_TRAP", false },
};

static bool is(const struct sc_profile_string *action, const char *name)
{
        return action->text && !strcmp(action->text, name);
}

static bool is_trace(const struct sc_profile_string *action)
{
        return is(action, "SCMP_ACT_TRACE");
}

/* The member of the profile or a rule that has an errno; to be taken out. */
static void remove_member(struct sc_lint *lint, struct sc_lint_finding *f, struct sc_place object,
                          struct sc_place value)
{
        const struct sc_json *parent = lint_value_at(lint, object), *member = parent ? parent->first : NULL;

        while (member && member->place.offset != value.offset)
                member = member->next;
        if (member)
                lint_edit_remove(lint, f, parent, member);
}

static void check_errno(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_string *action,
                        const struct sc_profile_number *number)
{
        struct sc_lint_finding *f;

        if (!number->has || !is(action, "SCMP_ACT_ERRNO"))
                return;
        if (number->value == 0)
                f = lint_add(lint, rule, number->place, "errno 0 is no error: the call does nothing and says it did");
        else if (number->value > UINT16_MAX && (number->value & UINT16_MAX) < ERRNO_KERNEL_MAX)
                f = lint_add(lint, rule, number->place, "the kernel is given 16 bits of %llu: errno %u",
                             (unsigned long long)number->value, (unsigned)(number->value & UINT16_MAX));
        else if (number->value >= ERRNO_KERNEL_MAX)
                f = lint_add(lint, rule, number->place, "libseccomp refuses errno %llu: the largest is %u",
                             (unsigned long long)number->value, SC_ERRNO_MAX);
        else
                return;
        lint_hint(lint, f, "1 is EPERM, 38 ENOSYS");
}

int lint_errno_range(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        if (!p)
                return 0;
        check_errno(lint, rule, &p->default_action, &p->default_errno_ret);
        for (size_t i = 0; i < p->syscalls.n; i++)
                check_errno(lint, rule, &p->syscalls.items[i].action, &p->syscalls.items[i].errno_ret);
        return 0;
}

static void check_idle(struct sc_lint *lint, const struct sc_lint_rule *rule, struct sc_place object,
                       const struct sc_profile_string *action, const struct sc_profile_number *number)
{
        for (size_t i = 0; number->has && i < SC_COUNT(carries); i++) {
                struct sc_lint_finding *f;

                if (carries[i].number || !is(action, carries[i].name))
                        continue;
                f = lint_add(lint, rule, number->place, "%s returns no errno: runc ignores the number, crun refuses it",
                             action->text);
                lint_hint(lint, f, "leave it out, or write SCMP_ACT_ERRNO");
                remove_member(lint, f, object, number->place);
        }
}

int lint_idle_errno(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        if (!p)
                return 0;
        check_idle(lint, rule, p->place, &p->default_action, &p->default_errno_ret);
        for (size_t i = 0; i < p->syscalls.n; i++)
                check_idle(lint, rule, p->syscalls.items[i].place, &p->syscalls.items[i].action,
                           &p->syscalls.items[i].errno_ret);
        return 0;
}

/* Calls `check` for the default action and each rule's. */
static void each_action(struct sc_lint *lint, const struct sc_lint_rule *rule,
                        void (*check)(struct sc_lint *lint, const struct sc_lint_rule *rule,
                                      const struct sc_profile_string *action))
{
        const struct sc_profile *p = lint->file->profile;

        if (!p)
                return;
        check(lint, rule, &p->default_action);
        for (size_t i = 0; i < p->syscalls.n; i++)
                check(lint, rule, &p->syscalls.items[i].action);
}

static void check_kill(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_string *action)
{
        struct sc_lint_finding *f;

        if (!is(action, "SCMP_ACT_KILL") && !is(action, "SCMP_ACT_KILL_THREAD"))
                return;
        f = lint_add(lint, rule, action->place,
                     "%s kills one thread: the program goes on without it, often holding its locks", action->text);
        lint_hint(lint, f, "write SCMP_ACT_KILL_PROCESS");
        lint_edit(lint, f, action->place, "\"SCMP_ACT_KILL_PROCESS\"");
}

int lint_kill_thread(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        each_action(lint, rule, check_kill);
        return 0;
}

static void check_trace(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_string *action)
{
        if (is_trace(action))
                lint_hint(lint,
                          lint_add(lint, rule, action->place,
                                   "SCMP_ACT_TRACE without a tracer is ENOSYS, and no engine brings a tracer"),
                          "SCMP_ACT_LOG lets the call through and logs it; SCMP_ACT_ERRNO denies it");
}

int lint_trace_without_tracer(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        each_action(lint, rule, check_trace);
        return 0;
}

static void check_listener(struct sc_lint *lint, const struct sc_lint_rule *rule,
                           const struct sc_profile_string *action)
{
        if (is(action, "SCMP_ACT_NOTIFY") && !lint->file->profile->listener_path.text)
                lint_hint(lint,
                          lint_add(lint, rule, action->place,
                                   "SCMP_ACT_NOTIFY needs a listener to ask, and the profile names none"),
                          "add \"listenerPath\", the path of its socket on the host");
}

int lint_notify_without_listener(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        each_action(lint, rule, check_listener);
        return 0;
}

static void check_notified(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_profile_rule *r)
{
        for (size_t i = 0; i < r->names.n; i++)
                if (!strcmp(r->names.items[i].text, "write"))
                        lint_add(lint, rule, r->names.items[i].place,
                                 "the runtime itself calls write to hand the listener over, and would wait for it for "
                                 "ever: runc refuses this");
}

int lint_notify_hangs(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;

        if (!p)
                return 0;
        if (is(&p->default_action, "SCMP_ACT_NOTIFY"))
                lint_add(lint, rule, p->default_action.place,
                         "SCMP_ACT_NOTIFY by default stops the runtime itself before anybody listens: runc refuses "
                         "this");
        for (size_t i = 0; i < p->syscalls.n; i++)
                if (is(&p->syscalls.items[i].action, "SCMP_ACT_NOTIFY"))
                        check_notified(lint, rule, &p->syscalls.items[i]);
        return 0;
}

int lint_default_allow(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_profile *p = lint->file->profile;
        struct sc_lint_finding *f;
        const char *what;

        if (!p || !p->default_action.text)
                return 0;
        what = is(&p->default_action, "SCMP_ACT_ALLOW") ? "allows" :
               is(&p->default_action, "SCMP_ACT_LOG")   ? "lets through and logs" :
                                                           NULL;
        if (!what)
                return 0;
        f = lint_add(lint, rule, p->default_action.place,
                     "the default %s: every call that nobody thought of is open, and so is each that a later kernel "
                     "brings", what);
        lint_hint(lint, f, "deny by default (SCMP_ACT_ERRNO with \"defaultErrnoRet\": 38) and list what is needed");
        if (is(&p->default_action, "SCMP_ACT_LOG")) /* a profile to learn with */
                lint_severity(f, SC_NOTE);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Actions: their names in the language, their order of strictness. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/typo.h"
#include "policy/internal.h"

/* The kernel's actions, strictest first: the index is the looseness. Source: linux/seccomp.h, order of precedence. */
static const struct kind {
        const char *name;
        sc_action action;
        const char *data; /* what stands behind a colon; NULL if nothing may */
} kinds[] = {
        { "kill", SECCOMP_RET_KILL_PROCESS, NULL },
        { "kill-thread", SECCOMP_RET_KILL_THREAD, NULL },
        { "trap", SECCOMP_RET_TRAP, NULL },
        { "errno", SECCOMP_RET_ERRNO, "EPERM" },
        { "notify", SECCOMP_RET_USER_NOTIF, NULL },
        { "trace", SECCOMP_RET_TRACE, "0" },
        { "log", SECCOMP_RET_LOG, NULL },
        { "allow", SECCOMP_RET_ALLOW, NULL },
};

static const struct kind *kind_of(sc_action action)
{
        for (size_t i = 0; i < SC_COUNT(kinds); i++)
                if (kinds[i].action == (action & SECCOMP_RET_ACTION_FULL))
                        return &kinds[i];
        return NULL;
}

unsigned sc_action_looseness(sc_action action)
{
        const struct kind *kind = kind_of(action);

        /* the kernel kills the process for an action that it does not know */
        return kind ? (unsigned)(kind - kinds) : 0;
}

bool policy_action_denies(sc_action action)
{
        return sc_action_looseness(action) < sc_action_looseness(SECCOMP_RET_TRACE);
}

void sc_action_format(sc_action action, struct sc_strbuf *out)
{
        const struct kind *kind = kind_of(action);
        unsigned data = action & SECCOMP_RET_DATA;

        if (!kind) {
                sc_strbuf_printf(out, "%#010x", action);
                return;
        }
        sc_strbuf_puts(out, kind->name);
        if (kind->action == SECCOMP_RET_ERRNO && sc_errno_name(data))
                sc_strbuf_printf(out, ":%s", sc_errno_name(data));
        else if (kind->data || (kind->action == SECCOMP_RET_TRAP && data)) /* si_errno: a process can see it */
                sc_strbuf_printf(out, ":%u", data);
}

/* Reads a decimal number without sign or leading zeros, at most `max`. */
static int parse_decimal(const char *text, size_t len, unsigned max, unsigned *ret_number)
{
        unsigned number = 0;

        if (!len || (len > 1 && text[0] == '0'))
                return -EINVAL;
        for (size_t i = 0; i < len; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return -EINVAL;
                number = number * 10 + (unsigned)(text[i] - '0');
                if (number > max)
                        return -ERANGE;
        }
        *ret_number = number;
        return 0;
}

/* Reads what stands behind "errno:": a name, or 1…SC_ERRNO_MAX. */
static int parse_errno(const char *text, size_t len, unsigned *ret_number)
{
        int named = sc_errno_find(text, len), r;
        unsigned number;

        if (named >= 0) {
                *ret_number = (unsigned)named;
                return 0;
        }
        r = parse_decimal(text, len, SC_ERRNO_MAX, &number);
        if (r < 0)
                return r;
        if (number == 0)
                return -ERANGE;
        *ret_number = number;
        return 0;
}

/* Splits "NAME" or "NAME:DATA"; NULL if the name is not known. *ret_data is NULL without a colon. */
static const struct kind *split(const char *text, size_t len, const char **ret_data, size_t *ret_data_len)
{
        const char *colon = memchr(text, ':', len);
        size_t name_len = colon ? (size_t)(colon - text) : len;

        *ret_data = colon ? colon + 1 : NULL;
        *ret_data_len = colon ? len - name_len - 1 : 0;
        for (size_t i = 0; i < SC_COUNT(kinds); i++)
                if (strlen(kinds[i].name) == name_len && !memcmp(kinds[i].name, text, name_len))
                        return &kinds[i];
        return NULL;
}

int sc_action_parse(const char *text, size_t len, sc_action *ret_action)
{
        const char *data;
        size_t data_len;
        const struct kind *kind = split(text, len, &data, &data_len);
        unsigned number = 0;
        int r = 0;

        if (!kind || !kind->data != !data)
                return -EINVAL;
        if (kind->action == SECCOMP_RET_ERRNO)
                r = parse_errno(data, data_len, &number);
        else if (kind->action == SECCOMP_RET_TRACE)
                r = parse_decimal(data, data_len, SECCOMP_RET_DATA, &number);
        if (r < 0)
                return -EINVAL;
        *ret_action = kind->action | number;
        return 0;
}

/* Names of the usual errno values that a misspelt one is compared with. */
static void hint_errno(struct sc_diag *diag, const char *text, size_t len)
{
        struct sc_typo typo = sc_typo_begin(text, len);

        for (unsigned i = 1; i <= SC_ERRNO_MAX; i++)
                if (sc_errno_name(i))
                        sc_typo_offer(&typo, sc_errno_name(i));
        if (typo.best)
                sc_diag_hint(diag, "did you mean 'errno:%s'?", typo.best);
        else
                sc_diag_hint(diag, "errno:NAME with a name such as EPERM, or errno:1 to errno:%d", SC_ERRNO_MAX);
}

/* An action that is not one: says which part is wrong. */
static void report_action(struct policy_loader *l, const struct sc_json *string, const char *what)
{
        const char *data;
        size_t data_len;
        const struct kind *kind = split(string->text, string->len, &data, &data_len);
        struct sc_typo typo = sc_typo_begin(string->text, data ? (size_t)(data - string->text) - 1 : string->len);
        struct sc_diag *diag;

        if (kind && kind->action == SECCOMP_RET_ERRNO && data) {
                diag = sc_diags_add(l->diags, SC_ERROR, "bad-errno", string->place, "'%s' is no errno value", data);
                hint_errno(diag, data, data_len);
                return;
        }
        diag = sc_diags_add(l->diags, SC_ERROR, "unknown-action", string->place, "no action '%s' for '%s'",
                            string->text, what);
        for (size_t i = 0; i < SC_COUNT(kinds); i++)
                sc_typo_offer(&typo, kinds[i].name);
        if (kind && kind->action == SECCOMP_RET_TRACE)
                sc_diag_hint(diag, "trace:0 to trace:%d", SECCOMP_RET_DATA);
        else if (kind || typo.best) {
                const struct kind *best = kind ? kind : kinds;

                /* the one that was offered */
                while (!kind && best->name != typo.best)
                        best++;
                sc_diag_hint(diag, "did you mean '%s%s%s'?", best->name, best->data ? ":" : "",
                             best->data ? best->data : "");
        } else if (sc_errno_find(string->text, string->len) >= 0)
                sc_diag_hint(diag, "did you mean 'errno:%s'?", string->text);
        else
                sc_diag_hint(diag, "one of allow, log, trap, kill, kill-thread, errno:NAME, trace:NUMBER");
}

int policy_action_parse(struct policy_loader *l, const struct sc_json *string, const char *what, bool deny_only,
                        sc_action *ret_action)
{
        struct sc_diag *diag;
        sc_action action;

        if (sc_action_parse(string->text, string->len, &action) < 0) {
                report_action(l, string, what);
                return -EBADMSG;
        }
        if (action == SECCOMP_RET_USER_NOTIF) {
                sc_diags_add(l->diags, SC_ERROR, "unsupported", string->place,
                             "'notify' is not supported yet by this version");
                return -EBADMSG;
        }
        if (deny_only && !policy_action_denies(action)) {
                diag = sc_diags_add(l->diags, SC_ERROR, "conflicting-settings", string->place,
                                    "'%s' for '%s' does not deny the call", string->text, what);
                sc_diag_hint(diag, "write an action that denies, such as errno:ENOSYS");
                return -EBADMSG;
        }
        *ret_action = action;
        return 0;
}

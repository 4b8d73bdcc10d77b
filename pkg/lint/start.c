/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that the runtime itself makes with the filter in force. Source: each call denied by itself under runc 1.1.5 and
 * crun 1.8.1, with and without noNewPrivileges, as root and as another user; what runc 1.2 and later do without is
 * left to the older.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/util.h"
#include "lint/internal.h"

/* When a runtime makes a call behind its filter. */
enum moment {
        AT_START,  /* always */
        DROPPING,  /* only without noNewPrivileges: then the filter comes before the user and capabilities change */
        AT_END,    /* the program makes it, whatever the runtime */
};

/* Runtimes, as bits. */
enum runtimes {
        CRUN = 1 << 0,
        RUNC_NEW = 1 << 1, /* 1.2 and later */
        RUNC_OLD = 1 << 2, /* 1.1 */
        RUNC = RUNC_NEW | RUNC_OLD,
        ANY = CRUN | RUNC,
};

static const struct need {
        const char *call;
        enum moment moment;
        unsigned runtimes;
} needs[] = {
        { "execve", AT_START, ANY },
        { "openat", AT_START, RUNC }, /* the FIFO by which `runc start` lets it go on */
        { "write", AT_START, RUNC },
        { "close", AT_START, RUNC_OLD },
        { "fstatfs", AT_START, RUNC_OLD }, /* of /proc/self/fd, where it looks for descriptors to close */
        { "getdents64", AT_START, RUNC_OLD },
        { "capset", DROPPING, ANY },
        { "prctl", DROPPING, ANY },
        { "rt_sigaction", DROPPING, CRUN },
        { "rt_sigprocmask", DROPPING, CRUN },
        { "setresgid", DROPPING, CRUN },
        { "setresuid", DROPPING, CRUN },
        { "write", DROPPING, CRUN },
        { "capget", DROPPING, RUNC_OLD },
        { "chdir", DROPPING, RUNC },
        { "fstat", DROPPING, RUNC_OLD },
        { "getcwd", DROPPING, RUNC },
        { "getppid", DROPPING, RUNC },
        { "newfstatat", DROPPING, RUNC },
        { "read", DROPPING, RUNC_OLD },
        { "setgid", DROPPING, RUNC },
        { "setgroups", DROPPING, RUNC },
        { "setuid", DROPPING, RUNC },
        { "exit_group", AT_END, ANY },
};

/* What there is of a policy is not known to be for any: then what all need counts. */
static bool is_for(const struct sc_lint *lint, const struct need *n)
{
        const struct sc_consumer *c = lint->view->target.consumer;

        if (!c)
                return n->runtimes == ANY && n->moment != DROPPING;
        return n->runtimes & (c->stub_as_listed ? RUNC_OLD : c->enosys_stub ? RUNC_NEW : CRUN);
}

/* A config.json says whether the filter comes last. */
static bool drops_nothing(const struct sc_lint *lint)
{
        const struct sc_json *process, *no_new;

        if (lint->file->kind != SC_FILE_CONFIG || !lint->file->root)
                return false;
        process = sc_json_get(lint->file->root, "process");
        no_new = sc_json_get(process, "noNewPrivileges");
        return no_new && no_new->type == SC_JSON_BOOL && !strcmp(no_new->text, "true");
}

/* The calls of a moment that the filter denies, with commas; the number of the first. */
static size_t list_denied(const struct sc_lint *lint, const struct sc_abi *abi, enum moment moment,
                          struct sc_strbuf *names, uint32_t *ret_nr)
{
        size_t n = 0;
        uint32_t nr;

        for (size_t i = 0; i < SC_COUNT(needs); i++) {
                int call = sc_syscall_find(needs[i].call, strlen(needs[i].call));

                if (needs[i].moment != moment || !is_for(lint, &needs[i]) || !sc_syscall_number(call, abi, &nr) ||
                    lint_may_pass(lint, abi, call))
                        continue;
                sc_strbuf_printf(names, "%s%s", n ? ", " : "", needs[i].call);
                if (n++ == 0)
                        *ret_nr = nr;
        }
        return n;
}

static const char *runtime_name(const struct sc_lint *lint)
{
        const struct sc_consumer *c = lint->view->target.consumer;

        return !c ? "the runtime" : c->enosys_stub ? "runc" : "crun";
}

static void check_moment(struct sc_lint *lint, const struct sc_lint_rule *rule, const struct sc_abi *abi,
                         enum moment moment)
{
        SC_CLEANUP(sc_strbuf_done) struct sc_strbuf names = SC_STRBUF_INIT;
        struct sc_lint_finding *f;
        uint32_t nr = 0;
        size_t n = list_denied(lint, abi, moment, &names, &nr);

        lint->failed |= names.failed;
        if (!n || names.failed)
                return;
        if (moment == AT_END)
                f = lint_add(lint, rule, lint_whole(lint), "%s is denied: a program ends by it", names.text);
        else
                f = lint_add(lint, rule, lint_whole(lint),
                             "%s%s makes these calls itself with the filter in force, and starts no container without "
                             "them: %s", moment == DROPPING ? "unless noNewPrivileges is set, " : "",
                             runtime_name(lint), names.text);
        if (moment == AT_START && lint->view->target.consumer) /* whatever else is in the file, it is of no use */
                lint_severity(f, SC_ERROR);
        lint_witness(lint, f, abi, nr, NULL, SECCOMP_RET_ALLOW);
}

int lint_cannot_start(struct sc_lint *lint, const struct sc_lint_rule *rule)
{
        const struct sc_abi *abi = lint->view->n_abis ? lint->view->abis[0] : NULL;

        if (!abi)
                return 0;
        check_moment(lint, rule, abi, AT_START);
        if (!drops_nothing(lint))
                check_moment(lint, rule, abi, DROPPING);
        check_moment(lint, rule, abi, AT_END);
        return 0;
}

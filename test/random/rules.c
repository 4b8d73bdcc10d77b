/* SPDX-License-Identifier: Apache-2.0 */
/* A few rules for calls that real profiles condition, multiplexed ones among them, and for any others. */
#include "rules.h"

#include "base/util.h"
#include "syscall/syscall.h"

static const char *random_action(struct rng *rng)
{
        static const char *const actions[] = { "ALLOW", "ALLOW", "ALLOW",        "ERRNO", "ERRNO", "ERRNO",
                                               "LOG",   "KILL",  "KILL_PROCESS", "TRAP",  "TRACE", "NOTIFY" };

        return actions[rng_below(rng, SC_COUNT(actions))];
}

static const char *random_call(struct rng *rng)
{
        static const char *const calls[] = { "socket", "clone", "personality", "ioctl", "read", "mount", "socketcall",
                                             "ipc", "bind", "send", "semop", "accept", "mseal", "cachestat", "statx" };

        if (rng_percent(rng, 50))
                return calls[rng_below(rng, SC_COUNT(calls))];
        return sc_syscall_name((int)rng_below(rng, sc_syscall_count()));
}

static void write_args(struct rng *rng, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, ", \"args\": [{\"index\": %zu", rng_below(rng, 3));
        sc_strbuf_printf(out, ", \"op\": \"SCMP_CMP_%s\"", rng_percent(rng, 50) ? "EQ" : "MASKED_EQ");
        sc_strbuf_printf(out, ", \"value\": %zu", rng_below(rng, 20));
        sc_strbuf_printf(out, ", \"valueTwo\": %zu}]", rng_below(rng, 4));
}

static void write_rule(struct rng *rng, struct sc_strbuf *out)
{
        sc_strbuf_printf(out, "{\"names\": [\"%s\"", random_call(rng));
        for (size_t i = rng_below(rng, 6); i > 0; i--)
                sc_strbuf_printf(out, ", \"%s\"", random_call(rng));
        sc_strbuf_printf(out, "], \"action\": \"SCMP_ACT_%s\"", random_action(rng));
        if (rng_percent(rng, 40))
                write_args(rng, out);
        sc_strbuf_puts(out, "}");
}

void rules_write(struct rng *rng, const struct sc_abi *const *abis, size_t n_abis, struct sc_strbuf *out)
{
        size_t n = 0;

        sc_strbuf_printf(out, "{\"defaultAction\": \"SCMP_ACT_%s\"", random_action(rng));
        if (rng_percent(rng, 50))
                sc_strbuf_printf(out, ", \"defaultErrnoRet\": %zu", 1 + rng_below(rng, 40));
        if (rng_percent(rng, 60))
                sc_strbuf_puts(out, ", \"listenerPath\": \"/run/a\"");
        if (rng_percent(rng, 20))
                sc_strbuf_puts(out, ", \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"]");
        sc_strbuf_puts(out, ", \"architectures\": [");
        for (size_t i = 0; i < n_abis; i++)
                if (rng_percent(rng, 60))
                        sc_strbuf_printf(out, "%s\"%s\"", n++ ? ", " : "", abis[i]->oci);
        sc_strbuf_puts(out, "], \"syscalls\": [");
        n = rng_below(rng, 12);
        for (size_t i = 0; i < n; i++) {
                sc_strbuf_puts(out, i ? ", " : "");
                write_rule(rng, out);
        }
        sc_strbuf_puts(out, "]}");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which kinds of machine a profile is for, and which ABIs share its filter on each. */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "emit/internal.h"

/* Who of the target cannot do an ABI; NULL if nobody. */
static const char *lacks(const struct emit *e, const struct sc_abi *abi)
{
        const struct sc_scmp_compiler *compiler = &e->request->compiler;

        for (size_t i = 0; i < e->n_consumers; i++)
                for (const char *const *name = e->consumers[i]->refused_abis; name && *name; name++)
                        if (!strcmp(*name, abi->oci))
                                return e->consumers[i]->name;
        /* every ABI has exit: a libseccomp that cannot name it there does not know the ABI */
        return compiler->number(compiler->data, "exit", abi) == SC_SCMP_UNKNOWN ? "this machine's libseccomp" : NULL;
}

/* Leaves out what the target cannot do; asking for it is an error. */
static int keep_known(struct emit *e, const struct sc_abi *abis[SC_ABI_MAX], size_t *n)
{
        bool asked = e->request->n_abis || e->meaning.n_abis == 1;
        size_t kept = 0;

        for (size_t i = 0; i < *n; i++) {
                const char *who = lacks(e, abis[i]);

                if (!who) {
                        abis[kept++] = abis[i];
                        continue;
                }
                sc_diags_add(e->diags, asked ? SC_ERROR : SC_WARNING, "arch-unsupported", (struct sc_place){ 0 },
                             "%s does not know %s%s", who, abis[i]->name,
                             asked ? "" : ": nothing is proven for such machines");
                if (asked)
                        return -EBADMSG;
        }
        if (kept == 0) {
                sc_diags_add(e->diags, SC_ERROR, "arch-unsupported", (struct sc_place){ 0 },
                             "no architecture of the policy '%s' is left", e->meaning.name);
                return -EBADMSG;
        }
        *n = kept;
        return 0;
}

/* The ABIs asked for: all of the policy's, or those of `--arch`, which the policy must list. */
static int requested(struct emit *e, const struct sc_abi *ret_abis[SC_ABI_MAX], size_t *ret_n)
{
        const struct sc_emit_request *req = e->request;
        size_t n = 0;

        for (size_t i = 0; i < req->n_abis; i++)
                if (!sc_abi_among(req->abis[i], e->meaning.abis, e->meaning.n_abis)) {
                        sc_diag_hint(sc_diags_add(e->diags, SC_ERROR, "arch-not-listed", (struct sc_place){ 0 },
                                                  "the policy '%s' says nothing about %s", e->meaning.name,
                                                  req->abis[i]->name),
                                     "add it to the policy's \"architectures\", or leave it out of --arch");
                        return -EBADMSG;
                }
        for (size_t i = 0; i < e->meaning.n_abis; i++)
                if (req->n_abis == 0 || sc_abi_among(e->meaning.abis[i], req->abis, req->n_abis))
                        ret_abis[n++] = e->meaning.abis[i];
        *ret_n = n;
        return 0;
}

/*
 * The head of an ABI's family among `abis`; the ABI itself if no head of a family that it belongs to is there. An
 * i386 machine is headed by x86, so a policy for x86 alone is for those.
 */
static const struct sc_abi *head_of(const struct sc_abi *abi, const struct sc_abi *const *abis, size_t n)
{
        if (sc_abi_is_family(abi))
                return abi;
        for (size_t i = 0; i < n; i++)
                if (sc_abi_is_family(abis[i]) && sc_abi_in_family(abi, abis[i]))
                        return abis[i];
        return abi;
}

static void add_machine(struct emit *e, const struct sc_abi *head, const struct sc_abi *const *abis, size_t n, bool all)
{
        struct emit_machine *m = &e->machines[e->n_machines++];

        m->abis[m->n_abis++] = head;
        for (size_t i = 0; i < n; i++)
                if (abis[i] != head && (all || sc_abi_in_family(abis[i], head)))
                        m->abis[m->n_abis++] = abis[i];
}

/* One machine for each family; with `all`, each has every ABI, as a plain profile lists them. */
static void add_machines(struct emit *e, const struct sc_abi *const *abis, size_t n, bool all)
{
        for (size_t i = 0; i < n; i++)
                if (head_of(abis[i], abis, n) == abis[i])
                        add_machine(e, abis[i], abis, n, all);
}

/* The ABIs of one family: the only one there is, or this machine's. */
static int one_family(struct emit *e, const struct sc_abi *abis[SC_ABI_MAX], size_t *n)
{
        const struct sc_abi *head = head_of(abis[0], abis, *n);
        struct sc_diag *diag;
        size_t kept = 0;

        for (size_t i = 0; i < *n; i++)
                if (head_of(abis[i], abis, *n) != head)
                        head = sc_abi_native();
        for (size_t i = 0; i < *n; i++)
                if (abis[i] == head || head_of(abis[i], abis, *n) == head)
                        abis[kept++] = abis[i];
        *n = kept;
        if (kept)
                return 0;
        diag = sc_diags_add(e->diags, SC_ERROR, "arch-not-listed", (struct sc_place){ 0 },
                            "the policy '%s' says nothing about this machine's %s", e->meaning.name, head->name);
        sc_diag_hint(diag, "choose the target by --arch");
        return -EBADMSG;
}

/*
 * A filter always holds the machine's own ABI, with the same names. A policy that lists x86 or x32 and not x86_64 is
 * for machines that only few have; on all others it would open the ABI that it does not list.
 */
static int check_heads(struct emit *e)
{
        for (size_t i = 0; i < e->n_machines; i++) {
                const struct sc_abi *head = e->machines[i].abis[0];

                if (sc_abi_is_family(head) || head == sc_abi_native())
                        continue;
                if (e->request->n_abis) {
                        sc_diags_add(e->diags, SC_WARNING, "native-not-listed", (struct sc_place){ 0 },
                                     "the profile is for machines that have %s only; on others its rules hold for the "
                                     "machine's own ABI too, whatever the policy says of that",
                                     head->name);
                        continue;
                }
                sc_diag_hint(sc_diags_add(e->diags, SC_ERROR, "native-not-listed", (struct sc_place){ 0 },
                                          "the policy '%s' lists %s without the ABI of the machines that run it",
                                          e->meaning.name, head->name),
                             "every consumer adds the machine's own ABI, and a rule holds on all: list it too, or say "
                             "--arch %s for machines that have nothing else",
                             head->name);
                return -EBADMSG;
        }
        return 0;
}

/*
 * Machines whose own ABI is one that others have beside theirs: i386, armhf, 32-bit mips. Docker has no archMap entry
 * for them, but the same file may come to them, and their own ABI is always in the filter.
 */
static void add_small_machines(struct emit *e, const struct sc_abi *const *abis, size_t n)
{
        static const char *const names[] = { "x86", "arm", "mips", "mipsel" };

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < SC_COUNT(names); k++)
                        if (!strcmp(abis[i]->name, names[k]) && head_of(abis[i], abis, n) != abis[i])
                                add_machine(e, abis[i], &abis[i], 1, false);
}

int emit_one_machine(struct emit *e)
{
        const struct sc_abi *abis[SC_ABI_MAX] = { NULL };
        size_t n = e->meaning.n_abis;
        int r;

        memcpy(abis, e->meaning.abis, n * sizeof(const struct sc_abi *));
        r = keep_known(e, abis, &n);
        if (r < 0)
                return r;
        if (abis[0] != e->meaning.abis[0]) {
                sc_diags_add(e->diags, SC_ERROR, "arch-unsupported", (struct sc_place){ 0 },
                             "%s, the machine's own ABI, is not known to the target", e->meaning.abis[0]->name);
                return -EBADMSG;
        }
        add_machine(e, abis[0], abis, n, true);
        return 0;
}

int emit_machines(struct emit *e)
{
        const struct sc_abi *abis[SC_ABI_MAX] = { NULL };
        size_t n;
        int r = requested(e, abis, &n);

        if (r == 0 && !e->docker && e->request->n_abis == 0)
                r = one_family(e, abis, &n);
        if (r == 0)
                r = keep_known(e, abis, &n);
        if (r < 0)
                return r;
        add_machines(e, abis, n, !e->docker);
        r = check_heads(e);
        if (r == 0 && e->docker)
                add_small_machines(e, abis, n);
        return r;
}

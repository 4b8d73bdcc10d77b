/* SPDX-License-Identifier: Apache-2.0 */
/* The ABIs of a policy, and hints for names of ABIs and capabilities. */
#include <errno.h>
#include <string.h>

#include "base/typo.h"
#include "policy/internal.h"

void policy_report_arch(struct policy_loader *l, struct sc_place place, const char *name, size_t len)
{
        struct sc_typo typo = sc_typo_begin(name, len);
        struct sc_diag *diag = sc_diags_add(l->diags, SC_ERROR, "unknown-arch", place, "no ABI named '%.*s'", (int)len,
                                            name);

        for (size_t i = 0; i < sc_abi_count(); i++) {
                sc_typo_offer(&typo, sc_abi_at(i)->name);
                if (sc_abi_at(i)->alias)
                        sc_typo_offer(&typo, sc_abi_at(i)->alias);
        }
        if (sc_abi_find_oci(name, len))
                sc_diag_hint(diag, "did you mean '%s'?", sc_abi_find_oci(name, len)->name);
        else if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "'seccompose list abis' lists them");
}

void policy_report_cap(struct policy_loader *l, struct sc_place place, const char *name, size_t len)
{
        struct sc_typo typo = sc_typo_begin(name, len);
        struct sc_diag *diag = sc_diags_add(l->diags, SC_ERROR, "unknown-capability", place,
                                            "no capability named '%.*s'", (int)len, name);

        for (unsigned i = 0; i < sc_cap_count(); i++)
                sc_typo_offer(&typo, sc_cap_name(i));
        if (typo.best)
                sc_diag_hint(diag, "did you mean '%s'?", typo.best);
        else
                sc_diag_hint(diag, "capabilities(7) lists them");
}

/*
 * x32 is left out unless somebody names it: nothing uses it, its registers are wider than libseccomp's tests there, and
 * a policy that extends one which leaves it out should not open it.
 */
size_t policy_archs_default(const struct sc_abi *ret_abis[SC_ABI_MAX])
{
        uint32_t listed = 0;
        size_t n = 0;

        for (size_t i = 0; i < sc_abi_count(); i++) {
                const struct sc_abi *subs[SC_ABI_MAX];
                size_t n_subs;

                if (!sc_abi_in_archmap(sc_abi_at(i)))
                        continue;
                n_subs = sc_abi_subordinates(sc_abi_at(i), subs);
                listed |= UINT32_C(1) << i;
                for (size_t j = 0; j < n_subs; j++)
                        if (strcmp(subs[j]->name, "x32") != 0)
                                listed |= UINT32_C(1) << subs[j]->index;
        }
        for (size_t i = 0; i < sc_abi_count(); i++)
                if (listed >> i & 1)
                        ret_abis[n++] = sc_abi_at(i);
        return n;
}

/* The ABI that an element names; NULL after a diagnostic. */
static const struct sc_abi *element_abi(struct policy_loader *l, const struct sc_json *element)
{
        const struct sc_abi *abi;

        if (element->type != SC_JSON_STRING) {
                sc_diags_add(l->diags, SC_ERROR, "bad-type", element->place,
                             "the name of an ABI must be a string, not %s", sc_json_type_name(element->type));
                return NULL;
        }
        abi = sc_json_is(element, "native") ? sc_abi_native() : sc_abi_find(element->text, element->len);
        if (!abi)
                policy_report_arch(l, element->place, element->text, element->len);
        return abi;
}

int policy_archs_parse(struct policy_loader *l, struct policy_file *file, const struct sc_json *array)
{
        const struct sc_json *first[SC_ABI_MAX] = { NULL };
        struct sc_policy *own = &file->own;

        own->n_abis = 0;
        own->abis_given = true;
        for (const struct sc_json *e = array->first; e; e = e->next) {
                const struct sc_abi *abi = element_abi(l, e);

                if (!abi)
                        continue;
                if (first[abi->index]) {
                        struct sc_diag *diag = sc_diags_add(l->diags, SC_ERROR, "duplicate-arch", e->place,
                                                            "'%s' is listed twice", abi->name);

                        sc_diag_place(diag, first[abi->index]->place);
                        continue;
                }
                first[abi->index] = e;
                own->abis[own->n_abis++] = abi;
        }
        if (!array->first) {
                sc_diags_add(l->diags, SC_ERROR, "bad-type", array->place, "'architectures' must list an ABI at least");
                return 0;
        }
        return 0;
}

bool sc_policy_archs_are_default(const struct sc_policy *policy)
{
        const struct sc_abi *abis[SC_ABI_MAX];
        size_t n = policy_archs_default(abis), shared = 0;

        for (size_t i = 0; i < n; i++)
                shared += sc_abi_among(abis[i], policy->abis, policy->n_abis);
        return shared == n && n == policy->n_abis;
}

bool policy_archs_lack(const struct sc_policy *policy, const struct sc_policy *other)
{
        for (size_t i = 0; i < other->n_abis; i++)
                if (!sc_abi_among(other->abis[i], policy->abis, policy->n_abis))
                        return true;
        return false;
}

static void write_names(const struct sc_policy *policy, const char *quote, struct sc_strbuf *out)
{
        for (size_t i = 0; i < policy->n_abis; i++)
                sc_strbuf_printf(out, "%s%s%s%s", i ? ", " : "", quote, policy->abis[i]->name, quote);
}

void sc_policy_write_archs(const struct sc_policy *policy, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, "\"architectures\": [");
        write_names(policy, "\"", out);
        sc_strbuf_puts(out, "]");
}

bool sc_policy_hint_archs(const struct sc_policy *policy, const struct sc_abi *abi, struct sc_diag *diag)
{
        const struct sc_policy *narrower = policy ? policy->narrower : NULL;
        struct sc_strbuf text = SC_STRBUF_INIT;

        if (!narrower || sc_abi_among(abi, narrower->abis, narrower->n_abis))
                return false;
        sc_strbuf_printf(&text, "%s lists only ", narrower->name);
        write_names(narrower, "", &text);
        sc_strbuf_puts(&text, ", and that is not inherited: add ");
        sc_policy_write_archs(narrower, &text);
        if (!text.failed)
                sc_diag_hint(diag, "%s", text.text);
        sc_strbuf_done(&text);
        return true;
}

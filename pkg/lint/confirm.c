/* SPDX-License-Identifier: Apache-2.0 */
/* Witnesses, asked of the filter itself. */
#include <string.h>

#include "lint/lint.h"

static bool is_modelled(const struct sc_lint_view *view, const struct sc_witness *w)
{
        const char *name = w->call < 0 ? NULL : sc_syscall_name(w->call);

        for (size_t i = 0; name && i < view->n_modelled; i++)
                if (!strcmp(view->modelled[i], name))
                        return true;
        return false;
}

bool sc_lint_confirms(const struct sc_lint_finding *finding)
{
        const struct sc_lint_view *view = finding->view;
        const struct sc_witness *w = &finding->witness;
        struct sc_bpf_data data;

        if (!finding->has_witness)
                return true;
        if (w->a == sc_compare_effect(w->b))
                return false;
        if (!view || !view->program.len || is_modelled(view, w))
                return true;
        data = sc_bpf_data_make((uint32_t)w->input.words[SC_WORD_ARCH], (uint32_t)w->input.words[SC_WORD_NR],
                                &w->input.words[SC_WORD_ARG0], view->program.big_endian);
        return sc_compare_effect(sc_bpf_run(&view->program, &data)) == w->a;
}

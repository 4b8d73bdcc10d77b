/* SPDX-License-Identifier: Apache-2.0 */
/* FILEs and options to inputs and views. */
#include "seccompose/ask.h"

#include <errno.h>
#include <string.h>

#include "common/raw.h"

static int choose_consumer(struct session *s, const struct options *options, const struct input *in,
                           const struct sc_consumer *own, struct view *view)
{
        const char *name = options->target;

        view->consumer = own;
        if (in->programs || in->kind == SC_FILE_PROCESS) {
                if (own)
                        return complain(s, "%s is what the kernel runs; no consumer takes it", in->name);
                return 0;
        }
        if (!own && !name)
                view->consumer = view_default(in);
        else if (!own)
                view->consumer = sc_consumer_find(name, strlen(name));
        if (!view->consumer && name && strcmp(name, ASK_ALL) != 0)
                return complain(s, "no consumer named '%s'; 'seccompose list consumers' has them all", name);
        view_warn(s, in, view->consumer);
        return 0;
}

/* A process runs here, and nowhere else: of an ABI that this machine has not, any answer would be a wrong one. */
static int check_abis(struct session *s, const struct options *options, const struct input *in)
{
        for (size_t i = 0; i < options->n_abis && in->kind == SC_FILE_PROCESS; i++)
                if (!sc_abi_in_family(options->abis[i], sc_abi_native()))
                        return complain(s, "%s runs on this machine, which has no %s", in->name,
                                        options->abis[i]->name);
        return 0;
}

int ask_file(struct session *s, const struct options *options, const char *name, struct input *ret_input,
             struct view *ret_view)
{
        const struct sc_policy_options changes = {
                .allow = options->allow,
                .n_allow = options->n_allow,
                .complain = options->complain,
        };
        struct view view = {
                .abis = options->abis,
                .n_abis = options->n_abis,
                .caps = options->caps,
                .kernel = options->kernel,
                .table = options->table,
        };
        const struct sc_consumer *own = view_of_name(name, &name);
        int r, code = options->kernel_given ? 0 : running_kernel(s, &view.kernel);

        if (code)
                return code;
        r = input_read(s, name, &changes, ret_input);
        if (r < 0)
                return report(s, r, name);
        code = check_abis(s, options, ret_input);
        if (code == 0)
                code = choose_consumer(s, options, ret_input, own, &view);
        if (code == 0)
                *ret_view = view;
        return code;
}

const struct sc_diag *ask_refusal(const struct sc_diags *diags)
{
        static const char *const rules[] = { "consumer-refuses", "consumer-kernel", "libseccomp-refuses",
                                             "arch-unsupported" };
        size_t n;
        const struct sc_diag *const *all = sc_diags_all(diags, &n);

        for (size_t i = 0; i < n; i++) {
                if (all[i]->severity != SC_ERROR)
                        continue;
                for (size_t k = 0; k < SC_COUNT(rules); k++)
                        if (!strcmp(all[i]->rule, rules[k]))
                                return all[i];
                return NULL;
        }
        return NULL;
}

int ask_note_caps(struct session *s, const struct options *options, const struct input *in, const struct input *other)
{
        sc_caps caps;
        int r;

        if (options->caps_given || in->kind != SC_FILE_PROCESS ||
            (other->kind != SC_FILE_POLICY && other->kind != SC_FILE_DOCKER))
                return 0;
        r = raw_read_caps(s, in->name, &caps);
        if (r < 0)
                return report(s, r, in->name);
        if (caps != options->caps)
                sc_diag_hint(sc_diags_add(s->diags, SC_NOTE, "other-caps", (struct sc_place){ 0 },
                                          "%s is taken for Docker's default capabilities, and %s has others",
                                          other->name, in->name),
                             "--caps %s", in->name);
        return 0;
}

struct ask_found {
        const struct sc_abi *native;
        struct meaning meaning;
        struct ask_found *next;
};

static const struct sc_abi *machine_for(const struct options *options, const struct sc_abi *abi)
{
        const struct sc_abi *subs[SC_ABI_MAX];

        if (options->n_abis)
                return options->abis[0];
        if (sc_abi_is_family(abi))
                return abi;
        for (size_t i = 0; i < sc_abi_count(); i++) {
                size_t n = sc_abi_subordinates(sc_abi_at(i), subs);

                if (sc_abi_among(abi, subs, n))
                        return sc_abi_at(i);
        }
        return abi;
}

int ask_meaning(struct ask_meanings *meanings, const struct sc_abi *abi, const struct meaning **ret_meaning)
{
        const struct sc_abi *native = machine_for(meanings->options, abi);
        struct ask_found *f = meanings->found;
        int r;

        while (f && f->native != native)
                f = f->next;
        if (!f) {
                f = sc_arena_alloc(meanings->s->arena, sizeof(*f));
                if (!f)
                        return -ENOMEM;
                meanings->view.native = f->native = native;
                r = meaning_of(meanings->s, meanings->input, &meanings->view, meanings->d, &f->meaning);
                if (r < 0)
                        return r;
                f->next = meanings->found;
                meanings->found = f;
        }
        *ret_meaning = &f->meaning;
        return 0;
}

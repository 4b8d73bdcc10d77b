/* SPDX-License-Identifier: Apache-2.0 */
/* Targets by name, and results to standard output or a file. */
#include "seccompose/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/typo.h"
#include "common/written.h"

const struct sc_emit_format *output_format(struct session *s, const struct options *options)
{
        const char *name = options->target;
        const struct sc_emit_format *format;
        struct sc_typo typo;

        if (!name) {
                complain(s, "for whom? Say --for docker, --for oci …; 'seccompose list consumers' has them all");
                return NULL;
        }
        format = sc_emit_format_find(name, strlen(name));
        if (format)
                return format;
        typo = sc_typo_begin(name, strlen(name));
        for (size_t i = 0; i < sc_emit_format_count(); i++)
                sc_typo_offer(&typo, sc_emit_format_at(i)->name);
        complain(s, typo.best ? "no target named '%s'; did you mean '%s'?" : "no target named '%s'", name, typo.best);
        return NULL;
}

int output_write(struct session *s, const struct options *options, const char *text, size_t len)
{
        int r;

        if (!options->output || !strcmp(options->output, "-")) {
                fwrite(text, 1, len, stdout);
                return EXIT_YES;
        }
        r = sc_file_replace_path(options->output, text, len);
        if (r == 0)
                return EXIT_YES;
        if (r == SC_FILE_NOT_FLUSHED) {
                complain(s, "'%s' is written, but its directory could not be flushed to the disk", options->output);
                return EXIT_SYSTEM;
        }
        if (r == -ELOOP) {
                complain(s, "cannot write '%s': it is no regular file; use standard output instead", options->output);
                return EXIT_INPUT;
        }
        complain(s, "cannot write '%s': %s", options->output, strerror(-r));
        return r == -ENOENT || r == -ENOTDIR || r == -EISDIR ? EXIT_INPUT : EXIT_SYSTEM;
}

int output_profile(struct session *s, const struct options *options, const struct sc_emit_format *format,
                   const char *text, size_t len)
{
        const struct sc_consumer *reader = sc_consumer_find(format->consumers[0], strlen(format->consumers[0]));
        int r = written_check(s, reader && reader->docker_format ? "docker" : "oci", text, len);

        return r < 0 ? report(s, r, "writing") : output_write(s, options, text, len);
}

void output_environment(struct sc_json_writer *w, sc_kernel kernel, sc_caps caps)
{
        char text[32];

        snprintf(text, sizeof(text), "%u.%u", SC_KERNEL_MAJOR(kernel), SC_KERNEL_MINOR(kernel));
        sc_json_write_member(w, "kernel", text);
        sc_json_write_key(w, "capabilities");
        sc_json_write_array(w);
        for (unsigned i = 0; i < sc_cap_count(); i++)
                if (caps >> i & 1)
                        sc_json_write_string(w, sc_cap_name(i));
        sc_json_write_array_end(w);
}

int output_json(struct sc_json_writer *w)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len;
        int r = sc_json_writer_finish(w, &text, &len);

        if (r == 0)
                fwrite(text, 1, len, stdout);
        return r;
}

int output_text(struct sc_strbuf *text)
{
        int r = text->failed ? -ENOMEM : 0;

        if (r == 0 && text->len)
                fwrite(text->text, 1, text->len, stdout);
        sc_strbuf_done(text);
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: diagnostics to stderr, results to exit codes. */
#include "common/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/visible.h"

bool session_fill_standard(void)
{
        for (;;) {
                int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

                if (fd < 0)
                        return false;
                if (fd > STDERR_FILENO)
                        return close(fd), true;
                if (fd == STDIN_FILENO && (close(fd) < 0 || open("/dev/null", O_WRONLY | O_CLOEXEC) != STDIN_FILENO))
                        return false;
        }
}

struct session session_begin(const char *program)
{
        struct session s = { .program = program, .arena = sc_arena_new(), .diags = sc_diags_new() };

        if (!s.arena || !s.diags) {
                fprintf(stderr, "%s: error: out of memory\n", program);
                exit(EXIT_SYSTEM);
        }
        return s;
}

void session_end(struct session *s)
{
        sc_arena_free(s->arena);
        sc_diags_free(s->diags);
}

/* What others wrote does nothing to a terminal. */
static void print_error(const struct session *s, const char *text)
{
        struct sc_strbuf out = SC_STRBUF_INIT;

        sc_strbuf_visible(&out, text, strlen(text));
        fprintf(stderr, "%s: error: %s\n", s->program, out.failed || !out.len ? "out of memory" : out.text);
        sc_strbuf_done(&out);
}

int complain(const struct session *s, const char *format, ...)
{
        struct sc_strbuf text = SC_STRBUF_INIT;
        va_list args;

        va_start(args, format);
        sc_strbuf_vprintf(&text, format, args);
        va_end(args);
        if (s->collects)
                sc_diags_add(s->diags, SC_ERROR, "bad-option", (struct sc_place){ 0 }, "%s",
                             text.failed ? "out of memory" : text.text);
        else
                print_error(s, text.failed ? "out of memory" : text.text);
        sc_strbuf_done(&text);
        return EXIT_INPUT;
}

static void print_diags(const struct session *s)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        size_t n, all = 0;
        const struct sc_diag *const *diags = sc_diags_all(s->diags, &n);

        for (size_t i = 0; i < n; i++)
                sc_diag_format(diags[i], &out);
        for (int severity = SC_ERROR; severity <= SC_NOTE; severity++)
                all += sc_diags_count(s->diags, (enum sc_severity)severity);
        if (out.len)
                fwrite(out.text, 1, out.len, stderr);
        if (all > n)
                fprintf(stderr, "%s: %zu more findings are not shown\n", s->program, all - n);
        if (out.failed || sc_diags_failed(s->diags))
                fprintf(stderr, "%s: error: out of memory while reporting\n", s->program);
        sc_strbuf_done(&out);
}

bool is_input_error(int r)
{
        static const int errors[] = { ENOENT, EACCES, EISDIR, ENODEV, EFBIG, ENOTDIR, ELOOP, ENAMETOOLONG };

        for (size_t i = 0; i < SC_COUNT(errors); i++)
                if (r == -errors[i])
                        return true;
        return false;
}

static void print_failure(const struct session *s, const char *what, const char *why)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_strbuf_printf(&text, "%s: %s", what, why);
        print_error(s, text.failed ? "out of memory" : text.text);
        sc_strbuf_done(&text);
}

int report(const struct session *s, int r, const char *what)
{
        print_diags(s);
        if (r >= 0)
                return EXIT_YES;
        if (sc_diags_count(s->diags, SC_ERROR) && r != -ENOMEM)
                return EXIT_INPUT;
        if (r == -E2BIG) {
                print_failure(s, what, "it is too complex: the decisions for it pass a limit");
                return EXIT_INPUT;
        }
        print_failure(s, what, strerror(-r));
        return is_input_error(r) ? EXIT_INPUT : EXIT_SYSTEM;
}

int running_kernel(const struct session *s, sc_kernel *ret_kernel)
{
        struct utsname name;
        size_t len;

        if (uname(&name) < 0) {
                complain(s, "uname: %s", strerror(errno));
                return EXIT_SYSTEM;
        }
        len = strcspn(name.release, ".");
        if (name.release[len] == '.')
                len += 1 + strspn(name.release + len + 1, "0123456789");
        if (sc_kernel_parse(name.release, len, ret_kernel) == 0)
                return 0;
        complain(s, "cannot read this kernel's version '%s'", name.release);
        return EXIT_SYSTEM;
}

bool output_done(const struct session *s)
{
        if (fflush(stdout) == 0 && !ferror(stdout))
                return true;
        fprintf(stderr, "%s: error: cannot write the output: %s\n", s->program, strerror(errno));
        return false;
}

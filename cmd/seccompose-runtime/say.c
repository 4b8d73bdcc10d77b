/* SPDX-License-Identifier: Apache-2.0 */
/* One line, written twice. */
#include "seccompose-runtime/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/util.h"

#define TIME_SIZE 32

/* Text that others wrote, so that it stays on its line: what is not plain ASCII as \xHH. */
static void put_plain(struct sc_strbuf *out, const char *text)
{
        for (; *text; text++)
                if (*text >= ' ' && *text < 0x7f)
                        sc_strbuf_append(out, text, 1);
                else
                        sc_strbuf_printf(out, "\\x%02x", (unsigned char)*text);
}

/* Plain text in quotes, for JSON and logrus' text alike. */
static void put_quoted(struct sc_strbuf *out, const char *text)
{
        sc_strbuf_puts(out, "\"");
        for (const char *p = text; *p; p++) {
                if (*p == '"' || *p == '\\')
                        sc_strbuf_puts(out, "\\");
                sc_strbuf_append(out, p, 1);
        }
        sc_strbuf_puts(out, "\"");
}

static void put_line(struct sc_strbuf *out, const char *format, const char *level, const char *text)
{
        time_t now = time(NULL);
        char when[TIME_SIZE] = "";
        struct tm tm;

        if (gmtime_r(&now, &tm))
                strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
        if (format && !strcmp(format, "json")) {
                sc_strbuf_printf(out, "{\"level\":\"%s\",\"msg\":", level);
                put_quoted(out, text);
                sc_strbuf_printf(out, ",\"time\":\"%s\"}\n", when);
        } else {
                sc_strbuf_printf(out, "time=\"%s\" level=%s msg=", when, level);
                put_quoted(out, text);
                sc_strbuf_puts(out, "\n");
        }
}

/* crun's log is also "file:PATH", "journald:NAME" or "syslog:NAME"; the latter two are no files. NULL: none. */
static const char *log_path(const char *log)
{
        if (!strncmp(log, "file:", strlen("file:")))
                return log + strlen("file:");
        if (!strncmp(log, "journald:", strlen("journald:")) || !strncmp(log, "syslog:", strlen("syslog:")))
                return NULL;
        return log;
}

/* Opened as runc opens it, and in one write, as others may write there. */
static void write_log(const struct session *s, const struct command *command, const char *level, const char *text)
{
        const char *path = command->log && *command->log ? log_path(command->log) : NULL;
        SC_CLEANUP(sc_closep) int fd = -1;
        struct sc_strbuf line = SC_STRBUF_INIT;
        int r;

        if (!path)
                return;
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
        r = fd < 0 ? sc_errno() : 0;
        put_line(&line, command->log_format, level, text);
        if (r == 0)
                r = line.failed ? -ENOMEM : sc_file_write_fd(fd, line.text, line.len);
        if (r < 0)
                fprintf(stderr, "%s: error: %s cannot be written: %s\n", s->program, path, strerror(-r));
        sc_strbuf_done(&line);
}

void say(const struct session *s, const struct command *command, const char *level, const char *format, ...)
{
        struct sc_strbuf raw = SC_STRBUF_INIT, text = SC_STRBUF_INIT;
        va_list args;

        sc_strbuf_printf(&raw, "%s: ", s->program);
        if (command->id)
                sc_strbuf_printf(&raw, "container %s, bundle %s: ", command->id, command->bundle);
        va_start(args, format);
        sc_strbuf_vprintf(&raw, format, args);
        va_end(args);
        put_plain(&text, raw.failed ? "out of memory" : raw.text);
        if (text.failed || !text.text) {
                fprintf(stderr, "%s: %s: out of memory\n", s->program, level);
        } else {
                fprintf(stderr, "%s\n", text.text);
                write_log(s, command, level, text.text);
        }
        sc_strbuf_done(&raw);
        sc_strbuf_done(&text);
}

static const char *first_line(struct sc_arena *arena, const char *text, const char *prefix)
{
        size_t skip = strncmp(text, prefix, strlen(prefix)) ? 0 : strlen(prefix);

        return sc_arena_strndup(arena, text + skip, strcspn(text + skip, "\n"));
}

const char *reason(const struct session *s, int r)
{
        size_t n;
        const struct sc_diag *const *diags = sc_diags_all(s->diags, &n);
        struct sc_strbuf text = SC_STRBUF_INIT;
        const char *line = NULL;

        for (size_t i = 0; i < n && !line; i++) {
                if (diags[i]->severity != SC_ERROR)
                        continue;
                sc_diag_format(diags[i], &text);
                if (!text.failed)
                        line = first_line(s->arena, text.text, diags[i]->n_places ? "" : "error: ");
                line = line ? line : "out of memory";
        }
        sc_strbuf_done(&text);
        if (!line)
                line = sc_arena_printf(s->arena, "cannot put it on the bundle: %s", strerror(r < 0 ? -r : EIO));
        return line ? line : "out of memory";
}

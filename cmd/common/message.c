/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: made once, printed, and appended to a log in one write. */
#include "common/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/util.h"

#define TEXT_MAX 16384 /* bytes of one message: room for a bundle, a policy and a file, each with a path of PATH_MAX */
#define NAME_MAX_SHOWN 1000 /* bytes of a name that others chose */
#define TIME_TEXT_MAX 32
#define LOG_FLAGS (O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)

static const char *const level_names[] = { "info", "warning", "error" };

/* What others wrote stays on its line, and does nothing to a terminal: what is not plain ASCII becomes \xHH. */
static void append_plain(struct sc_strbuf *out, const char *text)
{
        for (size_t i = 0; text && text[i] && i < TEXT_MAX; i++)
                if (text[i] >= ' ' && text[i] < 0x7f)
                        sc_strbuf_append(out, &text[i], 1);
                else
                        sc_strbuf_printf(out, "\\x%02x", (unsigned char)text[i]);
}

/* A name that others chose says nothing that could be taken for our own words: no blanks, no commas. */
static void append_subject(struct sc_strbuf *out, const char *what, const char *name)
{
        size_t i = 0;

        if (!name)
                return;
        sc_strbuf_printf(out, "%s%s ", out->len ? ", " : "", what);
        for (; name[i] && i < NAME_MAX_SHOWN; i++)
                if (name[i] == ' ' || name[i] == ',')
                        sc_strbuf_printf(out, "\\x%02x", (unsigned char)name[i]);
                else
                        sc_strbuf_append(out, &name[i], 1);
        if (name[i])
                sc_strbuf_puts(out, "...");
}

/* Plain text in quotes, which JSON and logrus' text write alike. */
static void append_quoted(struct sc_strbuf *out, const char *text)
{
        sc_strbuf_puts(out, "\"");
        for (; text && *text; text++)
                sc_strbuf_printf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
        sc_strbuf_puts(out, "\"");
}

static void append_line(struct sc_strbuf *out, bool as_text, enum message_level level, const char *message)
{
        char when[TIME_TEXT_MAX] = "";
        time_t now = time(NULL);
        struct tm tm;

        if (gmtime_r(&now, &tm))
                strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
        if (as_text)
                sc_strbuf_printf(out, "time=\"%s\" level=%s msg=", when, level_names[level]);
        else
                sc_strbuf_printf(out, "{\"level\":\"%s\",\"msg\":", level_names[level]);
        append_quoted(out, message);
        if (!as_text)
                sc_strbuf_printf(out, ",\"time\":\"%s\"}", when);
        sc_strbuf_puts(out, "\n");
}

static void complain_of_log(const struct session *s, const char *log, int r)
{
        struct sc_strbuf text = SC_STRBUF_INIT;

        append_plain(&text, log);
        fprintf(stderr, "%s: error: %s cannot be written: %s\n", s->program, text.failed ? "the log" : text.text,
                strerror(-r));
        sc_strbuf_done(&text);
}

/* In one write, as others may write there. A pipe that nobody reads is no reason to wait. */
static void append_to_log(const struct session *s, const struct subject *subject, enum message_level level,
                          const char *message)
{
        SC_CLEANUP(sc_closep) int fd = open(subject->log, LOG_FLAGS, 0644);
        struct sc_strbuf line = SC_STRBUF_INIT;
        int r = fd < 0 ? sc_errno() : 0;

        append_line(&line, subject->log_as_text, level, message);
        if (r == 0)
                r = line.failed ? -ENOMEM : sc_file_write_fd(fd, line.text, line.len);
        if (r < 0)
                complain_of_log(s, subject->log, r);
        sc_strbuf_done(&line);
}

void say(const struct session *s, const struct subject *subject, enum message_level level, const char *format, ...)
{
        struct sc_strbuf names = SC_STRBUF_INIT, raw = SC_STRBUF_INIT, text = SC_STRBUF_INIT;
        va_list args;

        append_subject(&names, "container", subject->container);
        append_subject(&names, "bundle", subject->bundle);
        if (subject->policy) /* the administrator's words */
                sc_strbuf_printf(&names, "%spolicy %s", names.len ? ", " : "", subject->policy);
        sc_strbuf_printf(&raw, "%s: %s%s", s->program, names.len ? names.text : "", names.len ? ": " : "");
        va_start(args, format);
        sc_strbuf_vprintf(&raw, format, args);
        va_end(args);
        append_plain(&text, names.failed || raw.failed ? "out of memory" : raw.text);
        if (text.failed) {
                fprintf(stderr, "%s: out of memory\n", s->program);
        } else {
                fprintf(stderr, "%s\n", text.text);
                if (subject->log)
                        append_to_log(s, subject, level, text.text);
        }
        sc_strbuf_done(&names);
        sc_strbuf_done(&raw);
        sc_strbuf_done(&text);
}

/* A finding in one line: "FILE:LINE:COLUMN: error: MESSAGE [RULE]; HINT", or without a place "MESSAGE [RULE]; HINT". */
static const char *finding_line(struct sc_arena *arena, const struct sc_diag *diag)
{
        const char *prefix = diag->n_places ? "" : "error: ", *line = NULL;
        struct sc_strbuf text = SC_STRBUF_INIT;

        sc_diag_format(diag, &text);
        if (!text.failed && !strncmp(text.text, prefix, strlen(prefix))) {
                const char *first = text.text + strlen(prefix);

                line = sc_arena_printf(arena, "%.*s%s%s", (int)strcspn(first, "\n"), first, diag->hint ? "; " : "",
                                       diag->hint ? diag->hint : "");
        }
        sc_strbuf_done(&text);
        return line;
}

const char *reason(const struct session *s, int r, const char *what)
{
        size_t n;
        const struct sc_diag *const *diags = sc_diags_all(s->diags, &n);
        const char *line = NULL;
        bool found = false;

        for (size_t i = 0; i < n && !found && r != -ENOMEM; i++) {
                found = diags[i]->severity == SC_ERROR;
                if (found)
                        line = finding_line(s->arena, diags[i]);
        }
        if (!found)
                line = sc_arena_printf(s->arena, "%s: %s", what, strerror(r < 0 ? -r : EIO));
        return line ? line : "out of memory";
}

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
#include "json/write.h"

#define NAME_SHOWN_MAX 300 /* bytes of a name that others wrote */
#define TIME_TEXT_MAX 32

static const char *const level_names[] = { "info", "warning", "error" };

static void append_subject(struct sc_strbuf *out, const char *what, const char *name)
{
        if (!name)
                return;
        sc_strbuf_printf(out, "%s%s ", out->len ? ", " : "", what);
        append_foreign(out, name, NAME_SHOWN_MAX);
}

static void append_text_line(struct sc_strbuf *out, enum message_level level, const char *message, const char *when)
{
        sc_strbuf_printf(out, "time=\"%s\" level=%s msg=\"", when, level_names[level]);
        for (const char *p = message; *p; p++)
                sc_strbuf_printf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
        sc_strbuf_puts(out, "\"\n");
}

static void append_json_line(struct sc_strbuf *out, enum message_level level, const char *message, const char *when)
{
        SC_CLEANUP(sc_json_writer_freep) struct sc_json_writer *w = sc_json_writer_new(SC_JSON_COMPACT);
        SC_CLEANUP(sc_freep) char *text = NULL;
        size_t len;

        sc_json_write_object(w);
        sc_json_write_key(w, "level");
        sc_json_write_string(w, level_names[level]);
        sc_json_write_key(w, "msg");
        sc_json_write_string(w, message);
        sc_json_write_key(w, "time");
        sc_json_write_string(w, when);
        sc_json_write_object_end(w);
        if (sc_json_writer_finish(w, &text, &len) < 0)
                return;
        sc_strbuf_append(out, text, len);
        sc_strbuf_puts(out, "\n");
}

static void append_to_log(const struct session *s, const struct subject *subject, enum message_level level,
                          const char *message)
{
        SC_CLEANUP(sc_closep) int fd = open(subject->log,
                                            O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
        struct sc_strbuf line = SC_STRBUF_INIT;
        char when[TIME_TEXT_MAX] = "";
        time_t now = time(NULL);
        struct tm tm;
        int r = fd < 0 ? sc_errno() : 0;

        if (gmtime_r(&now, &tm))
                strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
        if (subject->log_as_text)
                append_text_line(&line, level, message, when);
        else
                append_json_line(&line, level, message, when);
        if (r == 0)
                r = line.failed || !line.len ? -ENOMEM : sc_file_write_fd(fd, line.text, line.len);
        if (r < 0)
                complain(s, "cannot write to the log %s: %s", subject->log, strerror(-r));
        sc_strbuf_done(&line);
}

void say(const struct session *s, const struct subject *subject, enum message_level level, const char *format, ...)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        va_list args;

        append_subject(&out, "container", subject->container);
        append_subject(&out, "bundle", subject->bundle);
        append_subject(&out, "policy", subject->policy);
        sc_strbuf_puts(&out, out.len ? ": " : "");
        va_start(args, format);
        sc_strbuf_vprintf(&out, format, args);
        va_end(args);
        if (out.failed)
                complain(s, "out of memory");
        else
                fprintf(stderr, "%s: %s\n", s->program, out.text);
        if (!out.failed && subject->log)
                append_to_log(s, subject, level, out.text);
        sc_strbuf_done(&out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reading struct sock_filter[] from a file, an annotation, a process. */
#include "common/raw.h"

#include <errno.h>
#include <nettle/base64.h>
#include <string.h>

#include "bundle/bundle.h"
#include "common/process.h"

#define PROCESS_PREFIX "pid:"

bool raw_is_process(const char *name)
{
        return !strncmp(name, PROCESS_PREFIX, strlen(PROCESS_PREFIX));
}

bool raw_is_program(const struct sc_source *source)
{
        struct sock_filter insns[SC_BPF_LEN_MAX];
        const struct sc_bpf_program program = { .insns = insns, .len = source->len / sizeof(*insns) };
        struct sc_bpf_fault fault;

        if (source->len % sizeof(*insns) || program.len == 0 || program.len > SC_BPF_LEN_MAX)
                return false;
        memcpy(insns, source->text, source->len);
        return sc_bpf_check(&program, &fault) == 0;
}

int raw_read_file(struct session *s, struct input *in)
{
        struct sc_bpf_program *program = sc_arena_alloc(s->arena, sizeof(*program));
        struct sc_bpf_fault fault = { 0 };
        int r = program ? sc_bpf_read(s->arena, in->source.text, in->source.len, program, &fault) : -ENOMEM;

        if (r == -EINVAL) {
                sc_diags_add(s->diags, SC_ERROR, "not-a-program", (struct sc_place){ 0 },
                             "%s: the kernel would refuse instruction %zu: %s", in->name, fault.at, fault.what);
                return -EBADMSG;
        }
        in->kind = SC_FILE_BPF;
        in->programs = program;
        in->n_programs = 1;
        return r;
}

/* A decimal number of a process. One past all that there can be is SC_BUNDLE_PID_MAX + 1, which no process has. */
static bool parse_pid(const char *text, pid_t *ret_pid)
{
        pid_t pid = 0;

        for (const char *p = text; *p; p++) {
                if (*p < '0' || *p > '9')
                        return false;
                if (pid <= SC_BUNDLE_PID_MAX)
                        pid = pid * 10 + (*p - '0');
        }
        if (pid < 1 || text[0] == '0')
                return false;
        *ret_pid = pid <= SC_BUNDLE_PID_MAX ? pid : SC_BUNDLE_PID_MAX + 1;
        return true;
}

static int find_pid(struct session *s, const char *name, pid_t *ret_pid)
{
        const char *number = name + strlen(PROCESS_PREFIX);

        if (!parse_pid(number, ret_pid)) {
                struct sc_diag *diag = sc_diags_add(s->diags, SC_ERROR, "bad-pid", (struct sc_place){ 0 },
                                                    "'%s': no number of a process", name);

                sc_diag_hint(diag, strcmp(number, "0") == 0
                                           ? "engines say 0 of a container that does not run"
                                           : "write pid:N with a decimal number; a file of that name is ./pid:N");
                return -EBADMSG;
        }
        return 0;
}

int raw_read_process(struct session *s, struct input *in)
{
        struct process_filters filters;
        pid_t pid;
        int r = find_pid(s, in->name, &pid);

        if (r == 0)
                r = process_read(s, in->name, pid, &filters);
        if (r < 0)
                return r;
        in->kind = SC_FILE_PROCESS;
        in->programs = filters.programs;
        in->n_programs = filters.n;
        return 0;
}

int raw_read_caps(struct session *s, const char *name, sc_caps *ret_caps)
{
        pid_t pid;
        int r = find_pid(s, name, &pid);

        return r ? r : process_caps(s, name, pid, ret_caps);
}

static int refuse_annotation(struct session *s, const struct sc_json *value, const char *what)
{
        sc_diags_add(s->diags, SC_ERROR, "raw-bpf", value->place, "crun would take this for its filter, but %s", what);
        return -EBADMSG;
}

int raw_read_annotation(struct session *s, const struct sc_json *value, struct sc_bpf_program *ret_program)
{
        struct base64_decode_ctx context;
        struct sc_bpf_fault fault;
        size_t size;
        uint8_t *bytes;
        int r;

        if (value->type != SC_JSON_STRING)
                return refuse_annotation(s, value, "it is no string");
        size = BASE64_DECODE_LENGTH(value->len);
        bytes = sc_arena_alloc(s->arena, size + 1);
        if (!bytes)
                return -ENOMEM;
        base64_decode_init(&context);
        if (!base64_decode_update(&context, &size, bytes, value->len, value->text) || !base64_decode_final(&context))
                return refuse_annotation(s, value, "it is no base64");
        r = sc_bpf_read(s->arena, bytes, size, ret_program, &fault);
        if (r == -EINVAL) {
                sc_diags_add(s->diags, SC_ERROR, "raw-bpf", value->place,
                             "crun takes this for its filter, and the kernel would refuse instruction %zu: %s",
                             fault.at, fault.what);
                return -EBADMSG;
        }
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reading struct sock_filter[] from a file. */
#include "common/raw.h"

#include <errno.h>
#include <string.h>

#define PROCESS_PREFIX "pid:"

bool raw_is_process(const char *name)
{
        return !strncmp(name, PROCESS_PREFIX, strlen(PROCESS_PREFIX));
}

/* The file's bytes as a program, copied to where instructions may stand; one without instructions if it is none. */
static int copy_program(struct session *s, const struct sc_source *source, struct sc_bpf_program *ret_program)
{
        size_t n = source->len / sizeof(struct sock_filter);
        struct sock_filter *insns;

        if (source->len % sizeof(*insns) || n == 0 || n > SC_BPF_LEN_MAX)
                n = 0;
        insns = sc_arena_array(s->arena, n + 1, sizeof(*insns));
        if (!insns)
                return -ENOMEM;
        if (n)
                memcpy(insns, source->text, n * sizeof(*insns));
        *ret_program = (struct sc_bpf_program){ .insns = insns, .len = n };
        return 0;
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
        int r = program ? copy_program(s, &in->source, program) : -ENOMEM;

        if (r < 0)
                return r;
        if (program->len == 0) {
                sc_diags_add(s->diags, SC_ERROR, "not-a-program", (struct sc_place){ 0 },
                             "%s: %zu bytes are no program of 1 to %d instructions of 8 bytes", in->name,
                             in->source.len, SC_BPF_LEN_MAX);
                return -EBADMSG;
        }
        if (sc_bpf_check(program, &fault) < 0) {
                sc_diags_add(s->diags, SC_ERROR, "not-a-program", (struct sc_place){ 0 },
                             "%s: the kernel would refuse instruction %zu: %s", in->name, fault.at, fault.what);
                return -EBADMSG;
        }
        in->kind = SC_FILE_BPF;
        in->programs = program;
        in->n_programs = 1;
        return 0;
}

int raw_read_process(struct session *s, struct input *in)
{
        sc_diags_add(s->diags, SC_ERROR, "not-a-process", (struct sc_place){ 0 },
                     "%s: the filters of a process cannot be read yet", in->name);
        return -EBADMSG;
}

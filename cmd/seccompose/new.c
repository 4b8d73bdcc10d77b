/* SPDX-License-Identifier: Apache-2.0 */
/* seccompose new: a policy to start from, with a line about each key. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/visible.h"
#include "common/choose.h"
#include "common/input.h"
#include "seccompose/options.h"

#define ENDING ".jsonc"
#define EXTENDS_DEFAULT "docker-default"
#define ABIS_A_LINE 6

/*
 * What a letter behind $ stands for: the policy that is extended, the file, the name, the kernel, what comes to later
 * calls, to those that programs know another way for, the default.
 */
struct blank {
        char letter;
        const char *value;
};

/* Examples are lines that begin with // and no space: without these two characters they are part of the policy. */
static const char head_text[] =
        "// What programs under it may do: it begins with the rules of $E, and yours stand before them.\n"
        "// Lines that begin with // and no space behind are examples: take away the // to use one.\n"
        "// What next:\n"
        "//   seccompose run $F --log -- COMMAND     which calls of a command would be refused\n"
        "//   seccompose run $F -- COMMAND           the command under it, and what killed it\n"
        "//   seccompose lint $F                     what is probably not what you mean\n"
        "//   seccompose build $F --for docker -o $N.json     for Debian 12's docker: --for docker@20.10\n"
        "//   seccompose build $F --for podman --kernel running -o $N.json\n"
        "//   seccompose build $F --for oci --kernel 6.1 -o $N.json     for Kubernetes, runc, crun\n"
        "{\n"
        "  // What it is for, in a sentence.\n"
        "  \"description\": \"$N: say here what it is for\",\n"
        "  // Policies whose rules come after yours: shipped ones by name ('seccompose list policies').\n"
        "  \"extends\": [\"$E\"],\n"
        "  // The newest kernel whose calls were judged. What came later gets $L.\n"
        "  \"baseline\": \"$K\",\n";

static const char abis_text[] =
        "  // The ABIs that may be used; calls of others are killed. Left out: all that Docker knows, but x32.\n";

static const char complain_text[] =
        "  // What is denied is logged and let through. Take this away, and the denials hold.\n"
        "  \"complain\": true,\n";

static const char default_text[] =
        "  // Calls that no rule decides. Of those, programs that know another way get $B (\"fallback\").\n"
        "  \"default\": \"$D\",\n";

static const char tail_text[] =
        "  // What must hold of a container; 'patch', the hook and the runtime wrapper refuse one where it does not.\n"
        "  //\"requires\": [\"noNewPrivileges\", \"!CAP_SYS_ADMIN\"],\n"
        "  // Calls that 'build --allow CALL' may add.\n"
        "  //\"optional\": [\"io_uring_setup\", \"io_uring_enter\", \"io_uring_register\"],\n"
        "  // Lists of calls, to be named in rules; 'seccompose list groups' has those that are there already.\n"
        "  //\"groups\": { \"@mine\": [\"@timer\", \"mlock\", \"munlock\"] },\n"
        "  // The first rule that matches decides: allow, deny, log, trap, trace, kill, kill-thread.\n"
        "  \"rules\": [\n"
        "    // A condition asks for arguments by the kernel's names, capabilities, the kernel, the architecture.\n"
        "    // SOCK_PACKET makes an AF_PACKET socket of AF_INET.\n"
        "    //{ \"deny\": [\"socket\"], \"when\": "
        "\"family not in {AF_UNIX, AF_INET, AF_INET6} || type & 0xf == SOCK_PACKET\" },\n"
        "    //{ \"allow\": [\"bpf\"], \"when\": \"CAP_BPF && kernel >= 5.8\" },\n"
        "    // A denial answers EPERM, or what \"with\" says.\n"
        "    //{ \"deny\": [\"@keyring\"], \"with\": \"errno:ENOSYS\", \"comment\": \"as a kernel without them\" },\n"
        "    //{ \"log\": [\"personality\"] },\n"
        "    //{ \"kill\": [\"@reboot\", \"@swap\"] },\n"
        "    // Yours go here; the last one has no comma.\n"
        "    { \"deny\": [\"ptrace\", \"process_vm_readv\", \"process_vm_writev\"], \"comment\": \"no debugging\" }\n"
        "  ]\n"
        "}\n";

static int check_name(const struct session *s, const char *name)
{
        size_t len = strlen(name);

        if (len > strlen(ENDING) && !strcmp(name + len - strlen(ENDING), ENDING))
                return complain(s, "'%s': leave out the ending %s, and say by -o where it goes", name, ENDING);
        if (!choose_is_name(name, len))
                return complain(s, "'%s' is no name for a policy: letters, digits, '.', '_' and '-', no dot in front, "
                                "%d at most", name, CHOOSE_NAME_MAX);
        if (input_is_shipped(name))
                return complain(s, "'%s' is the name of a policy that is shipped; take another", name);
        return 0;
}

static int load(struct session *s, const char *name, const struct sc_strbuf *text, const struct sc_policy **ret_policy)
{
        const struct sc_policy_options none = { .allow = NULL };

        if (text->failed)
                return -ENOMEM;
        return sc_policy_load(s->arena, name, text->text, text->len, &none, s->diags, ret_policy);
}

/* What `text` is as a policy in that file. Takes the text. */
static int load_text(struct session *s, const char *name, struct sc_strbuf *text, const struct sc_policy **ret_policy)
{
        int r = load(s, name, text, ret_policy);

        sc_strbuf_done(text);
        return r;
}

/* In any order. */
static bool same_abis(const struct sc_policy *a, const struct sc_policy *b)
{
        size_t shared = 0;

        for (size_t i = 0; i < a->n_abis; i++)
                shared += sc_abi_among(a->abis[i], b->abis, b->n_abis);
        return shared == a->n_abis && shared == b->n_abis;
}

/* The ABIs are no thing that is inherited: those of a policy that lists some are taken over. */
static void append_abis(const struct sc_policy *base, const struct sc_policy *empty, struct sc_strbuf *out)
{
        sc_strbuf_puts(out, abis_text);
        if (same_abis(base, empty)) {
                sc_strbuf_puts(out, "  //\"architectures\": [\"x86_64\", \"aarch64\"],\n");
                return;
        }
        sc_strbuf_puts(out, "  \"architectures\": [");
        for (size_t i = 0; i < base->n_abis; i++)
                sc_strbuf_printf(out, "%s\"%s\"", !i ? "" : i % ABIS_A_LINE ? ", " : ",\n    ", base->abis[i]->name);
        sc_strbuf_puts(out, "],\n");
}

/* Appends a text with its blanks filled in. */
static void append_filled(const char *text, const struct blank *blanks, size_t n, struct sc_strbuf *out)
{
        while (*text) {
                size_t len = strcspn(text, "$");

                sc_strbuf_append(out, text, len);
                text += len;
                for (size_t i = 0; i < n && *text; i++)
                        if (blanks[i].letter == text[1])
                                sc_strbuf_visible(out, blanks[i].value, strlen(blanks[i].value));
                text += *text ? 2 : 0;
        }
}

/* The policy that the new one extends, as the new one's file would name it. */
static int load_base(struct session *s, const char *extends, const char *file, const struct sc_policy **ret_base,
                     const struct sc_policy **ret_empty)
{
        struct sc_strbuf probe = SC_STRBUF_INIT, empty = SC_STRBUF_INIT;
        const struct sc_policy *all;
        const char *slash = strrchr(file, '/'), *path = extends;
        int r;

        sc_strbuf_printf(&probe, "{ \"extends\": [\"%s\"] }", extends);
        r = load_text(s, file, &probe, &all); /* tells what is wrong where it will stand */
        if (r < 0)
                return r;
        if (!input_is_shipped(extends) && *extends != '/' && slash)
                path = sc_arena_printf(s->arena, "%.*s/%s", (int)(slash - file), file, extends);
        if (!path)
                return -ENOMEM;
        r = sc_policy_load(s->arena, path, NULL, 0, &(struct sc_policy_options){ .allow = NULL }, s->diags, ret_base);
        sc_strbuf_puts(&empty, "{}");
        return r ? r : load_text(s, "<empty>", &empty, ret_empty);
}

static const char *action_text(struct sc_arena *arena, sc_action action)
{
        struct sc_strbuf out = SC_STRBUF_INIT;
        const char *text;

        sc_action_format(action, &out);
        text = out.failed ? NULL : sc_arena_strdup(arena, out.text);
        sc_strbuf_done(&out);
        return text;
}

/* The two last are NULL if leaving them out comes to the same. */
struct ends {
        const char *def, *fallback, *newer;
};

/* Like ABIs, the ends are no thing that is inherited, and the rules of the base are judged by them. */
static int find_ends(struct sc_arena *arena, const struct sc_policy *base, struct ends *ret_ends)
{
        const sc_action enosys = SECCOMP_RET_ERRNO | ENOSYS;
        /* left out, `newer` is ENOSYS where the default is an errno; elsewhere it is repeated as the base has it */
        bool late = base->newer != enosys || (base->def & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO;
        bool newer = base->newer_place.source && late, falls = base->fallback != enosys;
        const struct ends ends = {
                .def = action_text(arena, base->def),
                .fallback = falls ? action_text(arena, base->fallback) : NULL,
                .newer = newer ? action_text(arena, base->newer) : NULL,
        };

        if (!ends.def || (falls && !ends.fallback) || (newer && !ends.newer))
                return -ENOMEM;
        *ret_ends = ends;
        return 0;
}

static void append_end(const char *key, const char *action, struct sc_strbuf *out)
{
        if (action)
                sc_strbuf_printf(out, "  \"%s\": \"%s\",\n", key, action);
}

/* The name that a policy of that name gets if nobody says another. */
static const char *usual_file(struct sc_arena *arena, const char *name)
{
        return sc_arena_printf(arena, "%s" ENDING, name);
}

static int write_text(struct session *s, const char *name, const struct sc_policy *base, const struct sc_policy *empty,
                      const char *extends, const char *file, struct sc_strbuf *out)
{
        const struct sc_policy *plain = base->plain ? base->plain : base, *made;
        /* standard output is no FILE to commands: `run -` is refused */
        const char *shown = strcmp(file, "-") ? file : usual_file(s->arena, name);
        struct ends ends;
        char kernel[32];
        int r = shown ? find_ends(s->arena, plain, &ends) : -ENOMEM;

        if (r < 0)
                return r;
        snprintf(kernel, sizeof(kernel), "%u.%u", SC_KERNEL_MAJOR(base->baseline), SC_KERNEL_MINOR(base->baseline));
        const struct blank blanks[] = {
                { 'E', extends }, { 'F', shown }, { 'N', name }, { 'K', kernel }, { 'D', ends.def },
                { 'L', ends.newer ? ends.newer : "ENOSYS, or the default if that allows" },
                { 'B', ends.fallback ? ends.fallback : "ENOSYS" },
        };

        append_filled(head_text, blanks, SC_COUNT(blanks), out);
        append_end("newer", ends.newer, out);
        append_abis(base, empty, out);
        sc_strbuf_puts(out, base->plain ? complain_text : "");
        append_filled(default_text, blanks, SC_COUNT(blanks), out);
        append_end("fallback", ends.fallback, out);
        append_filled(tail_text, blanks, SC_COUNT(blanks), out);
        return load(s, file, out, &made);
}

/* A new file: one that is there is not touched. */
static int write_file(struct session *s, const char *file, const struct sc_strbuf *text)
{
        int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), r;

        if (fd < 0 && errno == EEXIST)
                return complain(s, "'%s' is there already", file);
        if (fd < 0)
                return complain(s, "cannot write '%s': %s", file, strerror(errno));
        r = sc_file_write_fd(fd, text->text, text->len);
        if (close(fd) < 0 && r == 0)
                r = sc_errno();
        if (r == 0)
                return EXIT_YES;
        unlink(file);
        complain(s, "cannot write '%s': %s", file, strerror(-r));
        return EXIT_SYSTEM;
}

static bool is_plain(const char *extends)
{
        for (const char *c = extends; *c; c++)
                if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\')
                        return false;
        return *extends;
}

int verb_new(struct session *s, const struct options *options)
{
        const char *name = options->args[0], *extends = options->extends ? options->extends : EXTENDS_DEFAULT;
        const char *file = options->output ? options->output : usual_file(s->arena, name);
        const struct sc_policy *base, *empty;
        struct sc_strbuf text = SC_STRBUF_INIT;
        int r, code = check_name(s, name);

        if (code || !file)
                return code ? code : EXIT_SYSTEM;
        if (!is_plain(extends))
                return complain(s, "--extends: no name of a policy or path that a policy could have as it is");
        r = load_base(s, extends, file, &base, &empty);
        if (r == 0)
                r = write_text(s, name, base, empty, extends, file, &text);
        code = report(s, r, extends);
        if (code == 0 && !strcmp(file, "-"))
                fwrite(text.text, 1, text.len, stdout);
        else if (code == 0)
                code = write_file(s, file, &text);
        sc_strbuf_done(&text);
        return code;
}

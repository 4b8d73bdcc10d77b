/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OCI hook. The runtime has read config.json before it calls createRuntime: a patch made now holds for the next
 * start from this bundle, so this start is refused unless the bundle was right already.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "common/input.h"
#include "common/patch.h"
#include "json/json.h"
#include "seccompose-hook/late.h"

#define STATE_SIZE_MAX ((size_t)1024 * 1024)

static const char usage_text[] =
        "Usage: seccompose-hook createRuntime --policy POLICY\n\n"
        "Reads the OCI state of a container from standard input, puts the policy into its bundle's config.json, and\n"
        "refuses the start (exit 1) if the container was created without it: start it again. POLICY is the absolute\n"
        "path of a policy, or the name of a shipped one.\n";

struct state {
        const char *id;
        const char *bundle;
        pid_t pid; /* the container's first process; 0 if the state has none */
};

static int bad_state(struct session *s, struct sc_place place, const char *what)
{
        sc_diags_add(s->diags, SC_ERROR, "bad-state", place, "the container's state has no %s", what);
        return -EBADMSG;
}

static int read_state(struct session *s, struct state *ret_state)
{
        SC_CLEANUP(sc_freep) char *text = NULL;
        struct sc_source *source = sc_arena_alloc(s->arena, sizeof(*source));
        const struct sc_json *root, *id, *bundle;
        uint64_t pid = 0;
        size_t len;
        int r;

        if (!source)
                return -ENOMEM;
        r = sc_file_read_fd(STDIN_FILENO, STATE_SIZE_MAX, &text, &len);
        if (r < 0)
                return r;
        *source = (struct sc_source){ "<state>", sc_arena_strndup(s->arena, text, len), len };
        if (!source->text)
                return -ENOMEM;
        r = sc_json_parse(s->arena, source, SC_JSON_FOLD_KEYS, s->diags, &root);
        if (r < 0)
                return r;
        id = sc_json_get(root, "id");
        bundle = sc_json_get(root, "bundle");
        if (!id || id->type != SC_JSON_STRING || !id->len)
                return bad_state(s, root->place, "id");
        if (!bundle || bundle->type != SC_JSON_STRING || bundle->text[0] != '/' || strlen(bundle->text) != bundle->len)
                return bad_state(s, root->place, "bundle with an absolute path");
        if (sc_json_get(root, "pid") && (sc_json_u64(sc_json_get(root, "pid"), &pid) < 0 || pid > INT32_MAX))
                return bad_state(s, sc_json_get(root, "pid")->place, "process number in 'pid'");
        *ret_state = (struct state){ .id = id->text, .bundle = bundle->text, .pid = (pid_t)pid };
        return 0;
}

/* What the runtime shows of a hook's stderr is a line or two: one says everything. */
static int say(const struct session *s, const struct state *state, const char *policy, const char *what)
{
        fprintf(stderr, "%s: container %s, bundle %s, policy %s: %s\n", s->program, state->id, state->bundle, policy,
                what);
        return EXIT_NO;
}

static int create_runtime(struct session *s, const char *policy)
{
        const struct patch patch = { .policy = policy, .kernel = running_kernel() };
        struct state state = { 0 };
        int r = read_state(s, &state), code;

        if (r < 0)
                return report(s, r, "the container's state");
        r = patch_bundle(s, state.bundle, &patch);
        code = report(s, r, state.bundle);
        if (code)
                return say(s, &state, policy, "refused: the policy could not be put on it"), code;
        if (r == 1 && state.pid && is_late_change(state.bundle, state.pid))
                return say(s, &state, policy,
                           "refused: its config.json was changed while this start was under way, perhaps by another "
                           "start's hook; start it again");
        if (r == 1)
                return EXIT_YES;
        return say(s, &state, policy,
                   "refused: it was created without the policy; its config.json has it now, so start it again (an "
                   "engine that writes config.json anew at every start needs a runtime wrapper or a precreate hook "
                   "instead)");
}

int main(int argc, char **argv)
{
        struct session s = session_begin("seccompose-hook");
        int code;

        if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
                fputs(usage_text, stdout);
                code = output_done(&s) ? EXIT_YES : EXIT_SYSTEM;
        } else if (argc == 2 && !strcmp(argv[1], "--version")) {
                printf("seccompose-hook %s\n", SC_VERSION);
                code = output_done(&s) ? EXIT_YES : EXIT_SYSTEM;
        } else if (argc != 4 || strcmp(argv[1], "createRuntime") != 0 || strcmp(argv[2], "--policy") != 0) {
                fputs(usage_text, stderr);
                code = EXIT_INPUT;
        } else if (argv[3][0] != '/' && !sc_shipped_find(argv[3], strlen(argv[3]))) {
                /* the working directory of a hook may be the container's */
                code = complain(&s, "'%s' is neither an absolute path nor a shipped policy", argv[3]);
        } else {
                code = create_runtime(&s, argv[3]);
        }
        session_end(&s);
        return code;
}

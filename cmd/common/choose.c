/* SPDX-License-Identifier: Apache-2.0 */
/* The administrator's choice, and the container's out of the list that it was given. */
#include "common/choose.h"

#include <errno.h>
#include <nettle/base16.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "common/input.h"
#include "common/trust.h"

#define DIGEST_TEXT (BASE16_ENCODE_LENGTH(SHA256_DIGEST_SIZE))

/* What it was that cannot be read: the caller knows the container only. */
static void say_unreadable(struct session *s, const char *path, int r)
{
        if (r < 0 && r != -ENOMEM && !sc_diags_count(s->diags, SC_ERROR))
                sc_diags_add(s->diags, SC_ERROR, "unreadable", (struct sc_place){ 0 }, "%s cannot be read: %s", path,
                             strerror(-r));
}

static int read_file(struct session *s, const struct apply_options *o, const char *path, size_t limit,
                     struct sc_source **ret_source)
{
        struct sc_source *source = sc_arena_alloc(s->arena, sizeof(*source)); /* diagnostics point into it */
        int r;

        if (!source)
                return -ENOMEM;
        r = o->trusting ? input_text(s, path, source) : trusted_read(s, path, limit, source);
        if (r < 0) {
                say_unreadable(s, path, r);
                return r;
        }
        *ret_source = source;
        return 0;
}

/* What a policy extends decides as much as it does itself. */
static int read_extended(void *session, const char *path, size_t limit, struct sc_source *ret_source)
{
        return trusted_read(session, path, limit, ret_source);
}

static int load_policy(struct session *s, const struct apply_options *o, const char *name, bool in_list,
                       struct choice *ret_choice)
{
        const struct sc_policy_options changes = {
                .allow = in_list ? NULL : o->allow,
                .n_allow = in_list ? 0 : o->n_allow,
                .complain = o->complain,
                .read = o->trusting ? NULL : read_extended,
                .read_context = s,
        };
        struct sc_source *source = NULL;
        int r;

        if (o->trusting && !in_list) {
                r = input_policy(s, name, &changes, &ret_choice->policy);
                say_unreadable(s, name, r);
                return r;
        }
        if (!strchr(name, '/')) /* a shipped one */
                return sc_policy_load(s->arena, name, NULL, 0, &changes, s->diags, &ret_choice->policy);
        r = read_file(s, o, name, SC_POLICY_SIZE_MAX, &source);
        if (r < 0 || !source)
                return r;
        return sc_policy_load(s->arena, name, source->text, source->len, &changes, s->diags, &ret_choice->policy);
}

static int check_digest(struct session *s, const struct sc_source *source, const char *wanted)
{
        uint8_t digest[SHA256_DIGEST_SIZE];
        char text[DIGEST_TEXT + 1] = "";
        struct sha256_ctx ctx;

        sha256_init(&ctx);
        sha256_update(&ctx, source->len, (const uint8_t *)source->text);
        sha256_digest(&ctx, sizeof(digest), digest);
        base16_encode_update(text, sizeof(digest), digest);
        if (!strcasecmp(text, wanted))
                return 0;
        sc_diags_add(s->diags, SC_ERROR, "wrong-digest", (struct sc_place){ 0 },
                     "%s is not the profile that was pinned: its SHA-256 is %s", source->name, text);
        return -EBADMSG;
}

/* A policy by its keys. What is neither is left to the reading of profiles. */
static bool is_policy(const struct sc_json *root)
{
        return sc_profile_guess(root) == SC_FILE_POLICY && !sc_json_get(root, "defaultAction") &&
               !sc_json_get(root, "syscalls");
}

static int refuse_policy(struct session *s, const struct sc_source *source)
{
        sc_diag_hint(sc_diags_add(s->diags, SC_ERROR, "profile-empty", (struct sc_place){ .source = source },
                                  "this is a policy; as a profile it would be no filter at all"),
                     "build it, or give it as a policy: by --policy, or as NAME.jsonc in --policies");
        return -EBADMSG;
}

/* Text that is no profile's, as it has comments, may be a policy's, and is then called that. */
static int parse_profile(struct session *s, const struct sc_source *source, const struct sc_json **ret_root)
{
        SC_CLEANUP(sc_diags_freep) struct sc_diags *quiet = sc_diags_new();
        SC_CLEANUP(sc_arena_freep) struct sc_arena *arena = sc_arena_new(); /* trees are large: one at a time */
        const struct sc_json *root;
        int r;

        if (!quiet || !arena)
                return -ENOMEM;
        r = sc_json_parse(s->arena, source, SC_JSON_FOLD_KEYS, quiet, ret_root);
        if (r == 0)
                return is_policy(*ret_root) ? refuse_policy(s, source) : 0;
        if (r == -EBADMSG && sc_json_parse(arena, source, SC_JSON_COMMENTS, quiet, &root) == 0 && is_policy(root))
                return refuse_policy(s, source);
        return r == -EBADMSG ? sc_json_parse(s->arena, source, SC_JSON_FOLD_KEYS, s->diags, ret_root) : r;
}

static int load_profile(struct session *s, const struct apply_options *o, const char *path, const char *digest,
                        struct choice *ret_choice)
{
        struct sc_profile *profile;
        const struct sc_json *root = NULL;
        struct sc_source *source = NULL;
        int r = read_file(s, o, path, SC_JSON_SIZE_MAX, &source);

        if (r == 0 && digest)
                r = check_digest(s, source, digest);
        if (r == 0)
                r = parse_profile(s, source, &root);
        if (r == 0)
                r = sc_profile_read(s->arena, root, s->diags, &profile);
        if (r == 1) {
                sc_diags_add(s->diags, SC_ERROR, "profile-empty", (struct sc_place){ .source = source },
                             "this is no profile");
                r = -EBADMSG;
        }
        if (r == 0)
                ret_choice->profile = profile;
        return r;
}

/* True if the administrator's list has the name. */
static bool is_offered(const char *list, const char *name)
{
        size_t len = strlen(name);

        for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
                if (strcspn(p, ",") == len && !memcmp(p, name, len))
                        return true;
        return false;
}

bool choose_is_name(const char *name, size_t len)
{
        return len > 0 && len <= CHOOSE_NAME_MAX && name[0] != '.' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") >= len;
}

/* True if a container gets what it asks for. */
static bool is_granted(const struct apply_options *o, const char *wish)
{
        return choose_is_name(wish, strlen(wish)) && is_offered(o->choose, wish);
}

int choose_check_wish(struct session *s, const struct apply_options *o, const char *wish)
{
        struct sc_diag *diag;

        if (!wish || is_granted(o, wish))
                return 0;
        diag = sc_diags_add(s->diags, SC_ERROR, "not-offered", (struct sc_place){ 0 },
                                            "the container's annotation %s asks for '%.*s', which is not offered",
                                            SC_BUNDLE_POLICY, CHOOSE_NAME_MAX, wish);

        if (o->choose)
                sc_diag_hint(diag, "offered: %s", o->choose);
        else
                sc_diag_hint(diag, "nothing is: that is the administrator's --choose");
        return -EBADMSG;
}

/* Also a link that leads nowhere: it is refused later, and not passed over. */
static bool is_there(const char *path)
{
        struct stat st;

        return lstat(path, &st) == 0 || errno != ENOENT;
}

static int load_wish(struct session *s, const struct apply_options *o, const char *wish, struct choice *ret_choice)
{
        const char *policy, *profile;

        if (!o->policies)
                return load_policy(s, o, wish, true, ret_choice);
        policy = sc_arena_printf(s->arena, "%s/%s.jsonc", o->policies, wish);
        profile = sc_arena_printf(s->arena, "%s/%s.json", o->policies, wish);
        if (!policy || !profile)
                return -ENOMEM;
        /* whether it is there only; what it is, and whose, is looked at when it is read */
        if (is_there(policy))
                return load_policy(s, o, policy, true, ret_choice);
        if (is_there(profile))
                return load_profile(s, o, profile, NULL, ret_choice);
        sc_diags_add(s->diags, SC_ERROR, "unreadable", (struct sc_place){ 0 }, "%s has neither %s.jsonc nor %s.json",
                     o->policies, wish, wish);
        return -ENOENT;
}

/* The names of what was chosen, for messages; what a container wrote only if it is one of the list. */
static const char *join_names(struct session *s, const struct apply_options *o, const char *wish)
{
        const char *base = o->policy ? o->policy : o->profile;
        const char *text;

        if (!wish || !is_granted(o, wish))
                return base;
        text = base && o->combine != APPLY_REPLACE ? sc_arena_printf(s->arena, "%s and %s", base, wish) : wish;
        return text ? text : base;
}

int choose(struct session *s, const struct apply_options *o, const char *wish, struct choices *ret_choices)
{
        struct choices c = { .names = join_names(s, o, wish), .chosen = wish };
        bool base = (o->policy || o->profile) && !(wish && o->combine == APPLY_REPLACE);
        int r = choose_check_wish(s, o, wish);

        ret_choices->names = c.names;
        if (base && r == 0) {
                c.items[0].name = o->policy ? o->policy : o->profile;
                r = o->policy ? load_policy(s, o, o->policy, false, &c.items[0]) :
                                load_profile(s, o, o->profile, o->sha256, &c.items[0]);
                c.n++;
        }
        if (r == 0 && wish) {
                c.items[c.n].name = wish;
                r = load_wish(s, o, wish, &c.items[c.n++]);
        }
        if (r == 0)
                *ret_choices = c;
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* OCI bundles: what a config.json and a state say, and a profile put into a config.json, every other byte kept. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"
#include "decision/decision.h"
#include "json/json.h"
#include "policy/policy.h"
#include "profile/profile.h"

/* ---- The container, as its config.json describes it ---- */

/* crun loads what this annotation holds instead of linux.seccomp (crun(1)). */
#define SC_BUNDLE_CRUN_BPF "run.oci.seccomp_bpf_data"

/* With this annotation a container names its policy. */
#define SC_BUNDLE_POLICY "io.seccompose.policy"

/* What a config.json says of the container. Texts live as long as the tree that they were read from. */
struct sc_bundle_facts {
        sc_caps bounding; /* process.capabilities; a set that is absent or null is empty, as for the runtimes */
        sc_caps effective;
        sc_caps inheritable;
        sc_caps permitted;
        sc_caps ambient;
        bool no_new_privileges;        /* process.noNewPrivileges */
        bool has_seccomp;              /* some reader finds a profile at linux.seccomp that is a filter for it */
        bool raw_bpf;                  /* the annotation SC_BUNDLE_CRUN_BPF is there */
        const char *policy_annotation; /* the annotation SC_BUNDLE_POLICY; NULL if it is not there */
        const char *hostname;          /* NULL if there is none, or it holds control characters */
};

/*
 * Reads the facts from the tree of a config.json, which may be parsed with SC_JSON_KEEP_DUPLICATES: the keys that are
 * read here are checked for duplicates, and for others that a reader takes for them. Names of capabilities that nobody
 * knows are passed over, as the runtimes do. `has_seccomp` is false for what runs unfiltered: no value, null, and an
 * object without default action and rules (runc, libcontainer/specconv); where keys are there twice, it is enough that
 * one of them holds a filter. Returns 0; -EBADMSG with a diagnostic:
 *   bundle-type           a value of the wrong type
 *   bundle-duplicate-key  a key is there twice
 *   bundle-key-case       a key is written in another case: runc reads it, crun does not
 *   bundle-capability     a name that crun takes for a capability (libcap ignores case, takes numbers, and does not
 *                         look at what follows a name), and runc does not
 *   bundle-annotation     the policy's annotation holds a NUL
 */
int sc_bundle_facts_read(const struct sc_json *root, struct sc_diags *diags, struct sc_bundle_facts *ret_facts);

/*
 * The container's own profile, for those who combine it with another: linux.seccomp, in whatever case; NULL where
 * there is none or it is no filter. Refused, beyond what sc_bundle_facts_read() says, if there are two, or if a key in
 * it is there twice (bundle-duplicate-key, json-duplicate-key). What is returned may go to sc_profile_read().
 * Returns 0; -EBADMSG with a diagnostic; -ENOMEM.
 */
int sc_bundle_seccomp(const struct sc_json *root, struct sc_diags *diags, const struct sc_json **ret_seccomp);

/* ---- What a policy requires of it ---- */

/*
 * Checks what the policy requires of the container (docs/policy-language.md, "requires") on a machine of `native`. A
 * requirement "when CALL" counts where the policy lets CALL be made for some arguments, on the native ABI or one that
 * shares its filter, with the container's bounding set and this kernel. `d` is any arena of decisions.
 * Returns 0; -EBADMSG with a diagnostic (bundle-requires) for each requirement that does not hold; -ENOMEM; -E2BIG.
 */
int sc_bundle_requires(const struct sc_policy *policy, const struct sc_bundle_facts *facts, const struct sc_abi *native,
                       sc_kernel kernel, struct sc_decisions *d, struct sc_diags *diags);

/*
 * Refuses a profile that asks a listener (SCMP_ACT_NOTIFY) and has no listenerPath: nobody would answer. Returns 0;
 * -EBADMSG with a diagnostic (bundle-listener).
 */
int sc_bundle_check_listener(const struct sc_profile *profile, struct sc_diags *diags);

/* ---- The splice ---- */

/* What is done about that which would make a reader take something else than our linux.seccomp. */
enum sc_bundle_conflicts {
        SC_BUNDLE_REFUSE,
        SC_BUNDLE_REMOVE,
};

/*
 * Makes the text of a config.json whose linux.seccomp is `seccomp`: the bytes of the old value are replaced, or, where
 * "seccomp" or "linux" is missing or null, the least is added. `config` is the old text, `root` its tree, parsed with
 * SC_JSON_KEEP_DUPLICATES; `seccomp` is a JSON object of `len` bytes, white space around it left out.
 *
 * Conflicts are the annotation SC_BUNDLE_CRUN_BPF, and "linux" and "annotations" of the root and "seccomp" of "linux"
 * where they are there twice or in another case. SC_BUNDLE_REMOVE cuts them out, each with its comma, and keeps
 * "seccomp" in its first place. Of several "linux" or "annotations" the one is kept that holds something else too; it
 * is refused all the same if there are two of these, or one beside a null (Go merges objects and lets a null erase,
 * yajl takes the first, others the last: with either removed, a reader would lose a setting), or if the one is
 * written in another case. Other keys are the engine's business: their duplicates stay, byte for byte.
 *
 * The result is heap memory with a NUL behind it. Returns 0; -ENOMEM; -EINVAL if `seccomp` is no JSON object; -EBADMSG
 * with a diagnostic: those of sc_bundle_facts_read(), whatever `conflicts` says, and
 *   bundle-type           the root, "linux" or "annotations" is no object
 *   bundle-duplicate-key  \ a conflict that is not to be removed,
 *   bundle-key-case       / or cannot be
 *   bundle-raw-bpf        the annotation SC_BUNDLE_CRUN_BPF is there
 */
int sc_bundle_splice(const struct sc_source *config, const struct sc_json *root, const char *seccomp, size_t len,
                     enum sc_bundle_conflicts conflicts, struct sc_diags *diags, char **ret_text, size_t *ret_len);

/* The same for a profile that this library wrote, or in which it found no duplicate key: its syntax is checked. */
int sc_bundle_splice_own(const struct sc_source *config, const struct sc_json *root, const char *seccomp, size_t len,
                         enum sc_bundle_conflicts conflicts, struct sc_diags *diags, char **ret_text, size_t *ret_len);

/* ---- The state that a runtime gives to hooks ---- */

#define SC_BUNDLE_STATE_SIZE_MAX ((size_t)1024 * 1024) /* bytes of a state */
#define SC_BUNDLE_VERSION_MAX 64                       /* bytes of its ociVersion */
#define SC_BUNDLE_ID_MAX 1024                          /* bytes of a container's id */
#define SC_BUNDLE_PID_MAX 4194304                      /* the kernel's PID_MAX_LIMIT of 64-bit machines */

enum sc_bundle_status {
        SC_BUNDLE_CREATING,
        SC_BUNDLE_CREATED,
        SC_BUNDLE_RUNNING,
        SC_BUNDLE_STOPPED,
};

/* The state of a container (runtime specification, runtime.md, "State"). It lives in the arena. */
struct sc_bundle_state {
        const char *oci_version; /* printable ASCII */
        const char *id;          /* not empty; no '/', not "." or "..", no control characters */
        enum sc_bundle_status status;
        pid_t pid;                         /* 0 if the state has none: only while creating, or when stopped */
        const char *bundle;                /* absolute, shorter than PATH_MAX, no "..", no control characters */
        const struct sc_json *annotations; /* an object of strings without NUL, each key once; NULL if absent */
};

/*
 * Reads a state. Fields that the specification does not know are ignored; of those that it knows, duplicates and other
 * cases are refused. Returns 0; -ENOMEM; -EBADMSG with a diagnostic: those of sc_json_parse(), bundle-duplicate-key,
 * bundle-key-case, and
 *   bad-state  a field is missing, or is not what it must be
 */
int sc_bundle_state_read(struct sc_arena *arena, const struct sc_source *source, struct sc_diags *diags,
                         struct sc_bundle_state *ret_state);

/* "creating", "created", "running", "stopped". */
const char *sc_bundle_status_name(enum sc_bundle_status status);

/* ---- The file ---- */

/*
 * The file: a bundle whose config.json is being changed. The directory is opened once, and locked against others who
 * use these functions; no link is followed in it.
 */

/* How long sc_bundle_open() waits for another to be done with the bundle. Who can open it can hold the lock (flock). */
#define SC_BUNDLE_LOCK_MS 10000

/* config.json has these bytes already; nothing was written. */
#define SC_BUNDLE_SAME 1

/*
 * config.json is new, and all who open it see the new one; but the directory could not be flushed, so that it may be
 * the old one again if the machine crashes now. Later starts would then find it unpatched: no reason to refuse more
 * than after 0, but one to tell somebody.
 */
#define SC_BUNDLE_NOT_FLUSHED 2

struct sc_bundle;

/*
 * Opens the bundle `path`, relative to the descriptor `dirfd` or to the working directory (AT_FDCWD), waits for the
 * lock, removes what killed runs have left (sc_file_remove_strays()) and reads config.json, as a text in `arena`. A
 * slash at the end of `path` makes no difference. Links on the way to the bundle are followed, as in /var/run.
 *
 * Trusted is a file whose owner is root, this process's user, or the owner of the bundle, who can exchange all that is
 * in it; and that not everybody may write, nor exchange (in a directory without the sticky bit). A group may: what it
 * is for, the administrator decides. A second name of the file (a hard link) does no harm, and keeps the old bytes.
 *
 * Returns 0; or
 *   -ELOOP      the bundle or its config.json is a symbolic link
 *   -ENOTDIR    the bundle is no directory
 *   -ENODEV     config.json is no regular file
 *   -EFBIG      it is larger than SC_JSON_SIZE_MAX
 *   -EPERM      it, or the bundle, is not to be trusted (above)
 *   -ETIMEDOUT  the lock was not free within SC_BUNDLE_LOCK_MS
 *   -ESTALE     config.json changed while it was read
 *   -ENAMETOOLONG, -ENOMEM, and the errors of open, flock (a file system without it) and read.
 */
int sc_bundle_open(int dirfd, const char *path, struct sc_arena *arena, struct sc_bundle **ret_bundle);

/* The text of config.json as it was read; it lives as long as the arena, also when the bundle is closed. */
const struct sc_source *sc_bundle_config(const struct sc_bundle *bundle);

/* When it was last changed, its status included: st_ctim of what was read. */
struct timespec sc_bundle_changed(const struct sc_bundle *bundle);

/*
 * Makes `text` the config.json: a new file beside it with the same owner, permissions and extended attributes, flushed,
 * and renamed over the old one. To be called once for a bundle that was opened.
 * Returns 0; SC_BUNDLE_SAME; SC_BUNDLE_NOT_FLUSHED; or, with the file as it was and nothing left beside it: -ESTALE if
 * config.json is not the file that was read any more (somebody took no lock: open it again); -EFBIG above
 * SC_JSON_SIZE_MAX; -E2BIG for too many attributes; -EPERM or others if owner or attributes cannot be kept; the errors
 * of writing.
 */
int sc_bundle_replace(struct sc_bundle *bundle, const char *text, size_t len);

/* Closes the bundle and lets go of the lock. Takes NULL. */
void sc_bundle_close(struct sc_bundle *bundle);
void sc_bundle_closep(struct sc_bundle **bundle);

/* What an error of the functions above means for config.json, where strerror() would not say it; or NULL. */
const char *sc_bundle_error(int r);


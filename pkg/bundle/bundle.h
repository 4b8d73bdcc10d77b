/* SPDX-License-Identifier: Apache-2.0 */
/* OCI bundles: a profile put into a config.json, every other byte kept. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/source.h"
#include "json/json.h"

/* crun loads what this annotation holds instead of linux.seccomp (crun(1)). */
#define SC_BUNDLE_CRUN_BPF "run.oci.seccomp_bpf_data"

/*
 * Makes the text of a config.json whose linux.seccomp is `seccomp`: the bytes of the old value are replaced, or, where
 * "seccomp" or "linux" is missing or null, the least is added. `config` is the old text, `root` its tree, parsed with
 * SC_JSON_FOLD_KEYS; `seccomp` is a JSON object of `len` bytes, white space around it left out.
 * The result is heap memory with a NUL behind it. Returns 0; -ENOMEM; -EINVAL if `seccomp` is no JSON object; -EBADMSG
 * with a diagnostic:
 *   bundle-type      the root or "linux" is no object
 *   bundle-key-case  "linux" or "seccomp" is there in another case: runc reads it, crun does not
 *   bundle-raw-bpf   the annotation SC_BUNDLE_CRUN_BPF is there
 */
int sc_bundle_splice(const struct sc_source *config, const struct sc_json *root, const char *seccomp, size_t len,
                     struct sc_diags *diags, char **ret_text, size_t *ret_len);

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

/* The text of config.json as it was read; it lives as long as the arena. */
const struct sc_source *sc_bundle_config(const struct sc_bundle *bundle);

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

/*
 * Puts `seccomp` into the bundle's config.json: spliced, checked and replaced. What the diagnostics point to is kept in
 * `arena`. Returns 0; SC_BUNDLE_SAME; SC_BUNDLE_NOT_FLUSHED; -EBADMSG with a diagnostic (those of sc_bundle_splice()
 * and sc_json_parse()); -EINVAL as there; the errors of sc_bundle_replace(). On failure the file is as it was.
 */
int sc_bundle_patch(struct sc_arena *arena, struct sc_bundle *bundle, const char *seccomp, size_t len,
                    struct sc_diags *diags);

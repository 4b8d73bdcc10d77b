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
 * Puts `seccomp` into the config.json of the bundle that `bundle_fd` is a descriptor of: read, spliced, checked, and
 * replaced atomically. A link in the place of config.json is not followed. What the diagnostics point to is kept in
 * `arena`. Returns 0; 1 if config.json has this profile already, byte for byte, and was left alone; -EBADMSG with a
 * diagnostic (those of sc_bundle_splice() and sc_json_parse()); -EINVAL as above; -ELOOP if config.json is a link;
 * -ENODEV if it is something else but a file; -EFBIG above SC_JSON_SIZE_MAX; -ENOMEM; -errno of file operations. On
 * failure the file is as it was.
 */
int sc_bundle_patch(struct sc_arena *arena, int bundle_fd, const char *seccomp, size_t len, struct sc_diags *diags);

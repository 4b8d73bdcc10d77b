#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docker-default against profiles that it may stand in for: it differs where docs/policies.md says so, and only there.
# shellcheck disable=SC2016 # Markdown's marks of code

setup() {
        load lib/world
        DOC=$SC_SOURCE/docs/policies.md
        PODMAN=/usr/share/containers/seccomp.json
}

# differences PROFILE CONSUMER DOCUMENT HEADING: the counts are printed, as a remark in the report of the tests.
differences() {
        run "$SC_SOURCE/test/tools/profile-differences" "$SC_BUILD/cmd/seccompose/seccompose" docker-default "$@"
        printf '# %s: %s\n' "$BATS_TEST_DESCRIPTION" "${lines[-1]}" >&3
}

@test "podman's profile" {
        differences "$PODMAN" podman "$DOC" "### Compared with podman's profile"
        [ "$status" -eq 0 ] || fail "$output" || return 1
        [[ ${lines[-1]} =~ ^([0-9]+)\ questions,\ ([0-9]+)\ differences,\ 24\ rows,\ 0\ complaints$ ]]
        [ "${BASH_REMATCH[1]}" -ge 28000 ]
        [ "${BASH_REMATCH[2]}" -ge 3000 ]
}

# Moby's is not in any Debian package: SC_MOBY is the path of its profiles/seccomp/default.json of June 2026.
@test "Moby's profile" {
        [ -n "${SC_MOBY-}" ] || skip 'SC_MOBY does not name it'
        differences "$SC_MOBY" docker "$DOC" "### Compared with Moby's profile"
        [ "$status" -eq 0 ] || fail "$output" || return 1
        [[ ${lines[-1]} =~ ^([0-9]+)\ questions,\ ([0-9]+)\ differences,\ 9\ rows,\ 0\ complaints$ ]]
        [ "${BASH_REMATCH[1]}" -ge 28000 ]
        [ "${BASH_REMATCH[2]}" -ge 2000 ]
}

@test "what no row says, and a row that says too much, are complaints" {
        sed '/^| `clone` / { s/without CAP_SYS_ADMIN/always/; s/0x7e020000/0x6e020000/ }' "$DOC" > "$BATS_TEST_TMPDIR/wrong.md"
        differences "$PODMAN" podman "$BATS_TEST_TMPDIR/wrong.md" "### Compared with podman's profile"
        [ "$status" -eq 1 ]
        grep -qE '^x86 clone 0x10000000 0x0 \(none\): profile allow, policy EPERM; no row$' <<< "$output"
        grep -qE '^x86_64 clone 0x20000 0x0 \(SYS_ADMIN\): profile allow, policy allow; .*: allow, EPERM$' <<< "$output"
}

@test "a row without a difference is a complaint" {
        sed 's/^| `keyctl` /| `keyctl` `read` /' "$DOC" > "$BATS_TEST_TMPDIR/wrong.md"
        differences "$PODMAN" podman "$BATS_TEST_TMPDIR/wrong.md" "### Compared with podman's profile"
        [ "$status" -eq 1 ]
        grep -qE 'no difference for read$' <<< "$output"
}

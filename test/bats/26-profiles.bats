#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docker-default and podman-default against profiles that they may stand in for: they differ where docs/policies.md says
# so, and only there. audit against docker-default.
# shellcheck disable=SC2016 # Markdown's marks of code

setup() {
        load lib/world
        DOC=$SC_SOURCE/docs/policies.md
        PODMAN=/usr/share/containers/seccomp.json
}

# differences PROFILE CONSUMER DOCUMENT HEADING: of POLICY, or docker-default. The counts are printed, as a remark in the
# report of the tests.
differences() {
        run "$SC_SOURCE/test/tools/profile-differences" "$SC_BUILD/cmd/seccompose/seccompose" "${POLICY-docker-default}" "$@"
        printf '# %s: %s\n' "$BATS_TEST_DESCRIPTION" "${lines[-1]}" >&3
}

@test "podman's profile" {
        differences "$PODMAN" podman "$DOC" "### Compared with podman's profile"
        [ "$status" -eq 0 ] || fail "$output" || return 1
        [[ ${lines[-1]} =~ ^([0-9]+)\ questions,\ ([0-9]+)\ differences,\ 24\ rows,\ 0\ complaints$ ]]
        [ "${BASH_REMATCH[1]}" -ge 28000 ]
        [ "${BASH_REMATCH[2]}" -ge 3000 ]
}

@test "podman-default and podman's profile" {
        POLICY=podman-default differences "$PODMAN" podman "$DOC" "### Compared with podman's own"
        [ "$status" -eq 0 ] || fail "$output" || return 1
        [[ ${lines[-1]} =~ ^([0-9]+)\ questions,\ ([0-9]+)\ differences,\ 17\ rows,\ 0\ complaints$ ]]
        [ "${BASH_REMATCH[1]}" -ge 28000 ]
        [ "${BASH_REMATCH[2]}" -ge 1000 ]
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

@test "audit is docker-default with every denial turned into log, on every ABI, with any capabilities" {
        local caps abi
        cd "$BATS_TEST_TMPDIR"
        seccompose build docker-default --complain --for docker -o complaining.json
        seccompose build audit --for docker -o audit.json
        cmp complaining.json audit.json
        run seccompose verify docker:complaining.json docker:audit.json
        [ "$status" -eq 0 ]
        seccompose list abis | awk 'NR > 1 { print $1 }' | grep -vx x32 | while read -r abi; do
                seccompose list syscalls --arch "$abi" | awk -v abi="$abi" 'NR > 2 && $2 != "-" { print abi, $1 }'
        done > calls
        printf 'x86_64 #%d\n' {400..450} 600 0x3fffffff >> calls
        for caps in none default all; do
                seccompose eval docker-default --caps $caps --kernel 6.1 < calls > strict
                seccompose eval docker-default --complain --caps $caps --kernel 6.1 < calls > complaining
                seccompose eval audit --caps $caps --kernel 6.1 < calls > audited
                diff complaining audited
                # what is not another ABI's is allowed, or else logged
                diff <(sed 's/\terrno .*/\tlog/' strict) audited
                [ "$(grep -cP '\terrno ' strict)" -ge 200 ]
                [ "$(grep -cP '\terrno ' strict)" -eq "$(grep -cP '\tlog$' audited)" ]
        done
}

@test "audit is not inherited: a policy that extends it denies" {
        [ "$(printf 'x86_64 keyctl\n' | seccompose eval audit)" = $'x86_64 keyctl\tlog' ]
        printf '{ "extends": ["audit"], "architectures": ["x86_64"] }' > "$BATS_TEST_TMPDIR/strict.jsonc"
        [ "$(printf 'x86_64 keyctl\n' | seccompose eval "$BATS_TEST_TMPDIR/strict.jsonc")" = $'x86_64 keyctl\terrno 1 EPERM' ]
}

# findings FILE: rules of errors and warnings, each once.
findings() {
        seccompose lint "$1" 2>&1 | grep -oP '(error|warning): .* \[\K[a-z-]*(?=\]$)' | sort -u | tr '\n' ' '
}

@test "the shipped policies have no errors and warnings, what is built of them only what their pages tell" {
        local policy kind wanted
        while read -r policy; do
                [ -z "$(findings "$policy")" ] || fail "$policy: $(findings "$policy")" || return 1
                case $policy in
                agent-*) wanted='cannot-start user-namespaces ' ;;
                latex-clone3) wanted='user-namespaces ' ;;
                podman-default) wanted='keyrings user-namespaces ' ;;
                *) wanted= ;;
                esac
                for kind in docker oci-x86_64 oci-aarch64; do
                        [ "$(findings "$SC_BUILD/profiles/$policy.$kind.json")" = "$wanted" ] || fail "$policy.$kind" || return 1
                done
        done < <(seccompose list policies | cut -f 1)
}

@test "docs/policies.md: what Debian 12's docker makes of profiles that were built for a newer one" {
        local policy
        cd "$BATS_TEST_TMPDIR"
        for policy in docker-default agent-offline agent-network; do
                seccompose build "$policy" --for docker -o new.json 2> notes
                run seccompose verify --subset docker@20.10:new.json "$policy" --arch x86_64
                [ "$status" -eq 1 ] || fail "$policy: $output"
                seccompose build "$policy" --for docker@20.10 -o old.json 2> notes
                seccompose verify --subset docker@20.10:old.json "$policy" --arch x86_64
        done
        [ "$(seccompose eval new.json --for docker@20.10 <<< 'x86_64 mprotect 0 0 6')" = $'x86_64 mprotect 0 0 6\tallow' ]
        seccompose build docker-default --for docker -o new.json 2> notes
        run seccompose eval new.json --for docker@20.10 <<< $'x86_64 socket 38\nx86_64 socket 40'
        [ "$output" = $'x86_64 socket 38\tallow\nx86_64 socket 40\tallow' ]
        for policy in stdio stdio-threads latex latex-clone3 podman-default audit complain; do
                seccompose build "$policy" --for docker -o new.json 2> notes
                seccompose verify --subset docker@20.10:new.json "$policy" --arch x86_64
        done
}

@test "build for docker tells where the docker before would be looser with the file" {
        local told='note: docker@20.10, .* would be looser with this file: x86_64 socket(family=0x26 AF_ALG): allow, not errno:EPERM'
        cd "$BATS_TEST_TMPDIR" || return
        seccompose build docker-default --for docker -o new.json 2> err
        grep -q "$told" err || fail "$(cat err)"
        [ "$(printf 'x86_64 socket 0x26\n' | seccompose eval new.json --for docker@20.10)" = $'x86_64 socket 0x26\tallow' ]
        # for that one, and where nothing is looser, nothing
        seccompose build docker-default --for docker@20.10 -o old.json 2> err
        ! grep -q 'older-engine' err || fail "$(cat err)"
        [ "$(printf 'x86_64 socket 0x26\n' | seccompose eval old.json --for docker@20.10)" = $'x86_64 socket 0x26\terrno 1 EPERM' ]
        seccompose build stdio --for docker -o new.json 2> err
        ! grep -q 'older-engine' err || fail "$(cat err)"
        seccompose verify --subset new.json stdio --for docker@20.10
        # on the newest kernel, unless --kernel says another
        echo '{ "architectures": ["x86_64"], "rules": [ { "deny": ["socket"], "when": "family == AF_ALG && kernel >= 5.0" },
                { "allow": ["socket"] } ] }' > k.jsonc
        seccompose build k.jsonc --for docker -o new.json 2> err
        grep -q "$told" err || fail "$(cat err)"
        seccompose build k.jsonc --for docker --kernel 4.19 -o new.json 2> err
        ! grep -q 'older-engine' err || fail "$(cat err)"
        # another machine's policy
        echo '{ "architectures": ["aarch64"], "rules": [ { "deny": ["socket"], "when": "family == AF_ALG" }, { "allow": ["socket"] } ] }' > a.jsonc
        seccompose build a.jsonc --for docker -o new.json 2> err
        grep -q 'looser with this file: aarch64 socket(family=0x26 AF_ALG): allow' err || fail "$(cat err)"
}

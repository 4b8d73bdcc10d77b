#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# seccompose lint --fix: the broken profiles of test/fix, mended; nothing is left that --fix mends, nothing else changed.
# `UPDATE=1 SC_BUILD=… SC_SOURCE=… bats test/bats/37-fix.bats` writes the goldens (test/goldens/fix) anew.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        export HERE=$BATS_FILE_TMPDIR/here FIXED=$BATS_FILE_TMPDIR/fixed file
        cp -r "$SC_SOURCE/test/fix" "$HERE" && cp -r "$HERE" "$FIXED" && cd "$FIXED" || return
        for file in *.json; do
                seccompose lint --fix --no-config --fail-on never "$file" > /dev/null 2>&1 || echo "$file: $?" >> ../failed
        done
}

setup() {
        load lib/world
        cd "$FIXED" || return
}

@test "thirty profiles are fixed" {
        [ ! -e ../failed ] || fail "$(cat ../failed)"
        [ "$(find . -name '*.json' | wc -l)" -ge 30 ]
        # each was broken
        local file
        for file in *.json; do
                ! cmp -s "$file" "$HERE/$file" || fail "$file is as it was"
        done
}

@test "what is written is that of the goldens" {
        local golden=$SC_SOURCE/test/goldens/fix
        [ -z "${UPDATE-}" ] || { rm -rf "$golden"; cp -r "$FIXED" "$golden"; }
        diff -r "$golden" "$FIXED"
}

@test "nothing is left that --fix mends, and fixed again they stay" {
        local file
        for file in *.json; do
                run --separate-stderr seccompose lint --no-config --fail-on never --format json "$file"
                jq -e '[.findings[] | select(.edits)] == []' <<< "$output" > /dev/null || fail "$file" "$output"
                cp "$file" again.json
                seccompose lint --fix --no-config --fail-on never again.json > /dev/null 2>&1
                cmp "$file" again.json
        done
        rm again.json
}

@test "what is mended means what was meant" {
        local family
        # with a bit that the kernel drops, the call was let through
        for family in 0x28 0x100000028; do
                [ "$(seccompose eval 34-wider.json <<< "x86_64 socket $family")" = "x86_64 socket $family"$'\terrno 1 EPERM' ]
        done
        [ "$(seccompose eval "$HERE/34-wider.json" <<< "x86_64 socket $family")" = "x86_64 socket $family"$'\tallow' ]
        [ "$(seccompose eval 31-capability.json --cap-add SYS_ADMIN <<< 'x86_64 mount')" = $'x86_64 mount\tallow' ]
        [ "$(seccompose eval 31-capability.json <<< 'x86_64 mount')" = $'x86_64 mount\terrno 38 ENOSYS' ]
}

@test "lines that have nothing to mend are kept, byte for byte" {
        local file n=0
        for file in *.json; do
                # of a changed line, something is left; no other line is new
                run -1 diff --old-line-format='' --unchanged-line-format='' --new-line-format='new %L' "$HERE/$file" "$file"
                n=$((n + $(grep -c '^new' <<< "$output" || true)))
        done
        [ "$n" -ge 24 ] && [ "$n" -le 48 ] || fail "$n new lines"
        [ "$(grep -c $'\r$' 05-twice-crlf.json)" -eq $(($(grep -c $'\r$' "$HERE/05-twice-crlf.json") - 1)) ]
        [ -n "$(tail -c 1 27-no-line-end.json)" ]
        grep -qF '"x": "1.0e400 stays"' 28-config.json
}

@test "what is said twice or for nothing means the same without it" {
        local file
        for file in 0[1-9]*.json 1[0-3]*.json 18*.json 20*.json 22*.json 30*.json; do
                seccompose verify "$HERE/$file" "$file" > /dev/null || fail "$file"
        done
}

@test "profiles changed at random and mended are the same but for what was to be mended" {
        local count=16
        [ -z "${SC_SANITIZED-}" ] || count=6
        [ -z "${SC_WORLD-}" ] || count=500
        run "$SC_SOURCE/test/tools/fix-random" "$SC_BUILD/cmd/seccompose/seccompose" "${COUNT-$count}" "${SC_SEED-1}" \
                "$SC_SOURCE"/test/fix/*.json "$SC_SOURCE"/test/lint/{[!l],legacy}*/find-* "$SC_SOURCE"/test/profiles/*.json
        [ "$status" -eq 0 ] || fail "$output"
        printf '# %s\n' "${lines[@]}"
}

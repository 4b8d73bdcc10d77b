#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every example in the reference of the policy language builds for docker, and is proven.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup() {
        load lib/world
}

@test "docs/policy-language.md: every example builds for docker, without a warning" {
        local n=0 file
        awk -v dir="$BATS_TEST_TMPDIR" '/^```jsonc$/ { on = 1; file = sprintf("%s/%02d.jsonc", dir, ++n); next }
                /^```$/ { on = 0 } on { print > file }' "$SC_SOURCE/docs/policy-language.md"
        [ "$(ls "$BATS_TEST_TMPDIR"/*.jsonc | wc -l)" -eq "$(grep -cx '```jsonc' "$SC_SOURCE/docs/policy-language.md")" ]
        for file in "$BATS_TEST_TMPDIR"/*.jsonc; do
                run --separate-stderr seccompose build "$file" --for docker
                [ "$status" -eq 0 ] || fail "$(< "$file")" "$stderr"
                jq -e '.defaultAction and (.syscalls | length > 0)' <<< "$output" > /dev/null || fail "$(< "$file")"
                ! grep -E ': (error|warning): .*\[(shadowed|duplicate-call|conflicting-settings)\]$' <<< "$stderr" || fail "$(< "$file")"
                n=$((n + 1))
        done
        echo "# $n examples" >&3
        [ "$n" -ge 10 ]
}

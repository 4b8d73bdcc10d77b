#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Rows `policy consumer options abi call action`, written by hand (test/rows): see test/tools/run-rows for their columns.

setup() {
        load lib/world
}

rows() {
        run "$SC_SOURCE/test/tools/run-rows" "$SC_BUILD/cmd/seccompose/seccompose" "$SC_SOURCE/test/rows/$1"
        echo "# $(tail -n 1 <<< "$output")" >&3
        [ "$status" -eq 0 ] || fail "$output"
        [[ ${lines[-1]} =~ ^([0-9]+)" rows" ]] && [ "${BASH_REMATCH[1]}" -ge "$2" ]
}

@test "which rule decides, and what the verbs answer" {
        rows 01-rules.tsv 100
}

@test "the three ends, and complaining" {
        rows 02-ends.tsv 90
}

@test "multiplexers" {
        rows 03-carriers.tsv 80
}

@test "capabilities, kernels and ABIs" {
        rows 04-environment.tsv 90
}

@test "the shipped policies" {
        rows 05-shipped.tsv 60
}

@test "profiles that others wrote" {
        rows 06-foreign.tsv 130
}

@test "a wrong row is found, and says what was expected and what came" {
        printf 'verbs.jsonc\t-\t-\tx86_64\tread\tlog\n' > "$BATS_TEST_TMPDIR/wrong.tsv"
        run "$SC_SOURCE/test/tools/run-rows" "$SC_BUILD/cmd/seccompose/seccompose" "$BATS_TEST_TMPDIR/wrong.tsv"
        [ "$status" -eq 1 ]
        [[ ${lines[0]} == "wrong.tsv:1: "*"expected log, got allow" ]]
        [ "${lines[-1]}" = "1 rows, 1 questions, 1 runs: 0 right, 1 wrong" ]
}

@test "every input has a row" {
        diff <(cd "$SC_SOURCE/test/rows/input" && ls | grep -vx 'extends-\(right\|base\).jsonc') \
                <(cd "$SC_SOURCE/test/rows" && cut -f1 ./*.tsv | grep -E '\.jsonc?$' | sort -u)
}

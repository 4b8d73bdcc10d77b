#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Broken policies (test/cases): each marks the places of its faults; the whole of what is said is in NN-name.err.
# `UPDATE=1 SC_BUILD=build SC_SOURCE=. bats test/bats/20-cases.bats` writes the .err files anew; the marks stay as they are.
# A case is a file NN-name.jsonc, or a folder NN-name with its top.jsonc. A line `// build: OPTION…` adds options.

setup_file() {
        load lib/world
        cd "$SC_SOURCE/test/cases"
        export CASES="$(ls -d [0-9]*.jsonc [0-9]*/top.jsonc)" OUT=$BATS_FILE_TMPDIR
        # the last line wins, so that a case may say --for itself
        for case in $CASES; do
                name=$(name_of "$case")
                mkdir "$OUT/$name"
                echo before > "$OUT/$name/old"
                mapfile -t options < <(sed -n 's|^// build: ||p' "$case" | tr -s ' ' '\n')
                status=0
                seccompose build "$case" --for docker "${options[@]}" \
                        > "$OUT/$name.out" 2> "$OUT/$name.err" < /dev/null || status=$?
                echo "$status" > "$OUT/$name.status"
                for file in new old; do
                        seccompose build "$case" --for docker "${options[@]}" -o "$OUT/$name/$file" \
                                > "$OUT/$name.$file.out" 2> "$OUT/$name.$file.err" < /dev/null || true
                done
        done
}

setup() {
        load lib/world
        cd "$SC_SOURCE/test/cases"
}

name_of() {
        local name=${1%/top.jsonc}
        echo "${name%.jsonc}"
}

# What was said, as FILE:LINE:COLUMN [SEVERITY: ]RULE; without a place as "- RULE".
said() {
        LC_ALL=C sed -nE -e 's/^(.*:[0-9]+:[0-9]+): error: .* \[([a-z0-9-]+)\]$/\1 \2/p' \
                -e 's/^(.*:[0-9]+:[0-9]+): (warning|note): .* \[([a-z0-9-]+)\]$/\1 \2: \3/p' \
                -e 's/^error: .* \[([a-z0-9-]+)\]$/- \1/p' \
                -e 's/^(warning|note): .* \[([a-z0-9-]+)\]$/- \1: \2/p' "$1"
}

# each COMMAND…: runs it for every case, and fails if it failed for any.
each() {
        local case bad=0 n=0
        for case in $CASES; do
                "$@" "$case" "$(name_of "$case")" || { echo "case: $case" >&2; bad=$((bad + 1)); }
                n=$((n + 1))
        done
        echo "# $n cases" >&3
        [ "$n" -ge 40 ] && [ "$bad" -eq 0 ]
}

# Runs a build that must fail, and wants this rule id once.
expect_rule() {
        local rule=$1
        shift
        run seccompose build "$@"
        [ "$status" -eq 2 ] || fail "status $status" "$output"
        [ "$(grep -cF "[$rule]" <<< "$output")" -eq 1 ] || fail "no [$rule]:" "${output:0:500}"
}

places_are_marked() {
        diff -u <("$SC_SOURCE/test/tools/case-places" $(ls "$2"/*.jsonc 2> /dev/null || echo "$1") | LC_ALL=C sort) \
                <(said "$OUT/$2.err" | LC_ALL=C sort)
}

@test "what is found is what is marked: file, line, column, rule" {
        each places_are_marked
}

exits_with_2() {
        [ "$(< "$OUT/$2.status")" -eq 2 ]
}

@test "the exit status is 2" {
        each exits_with_2
}

writes_nothing() {
        [ ! -s "$OUT/$2.out" ] && [ ! -s "$OUT/$2.new.out" ] && [ ! -s "$OUT/$2.old.out" ] &&
                [ "$(ls -A "$OUT/$2")" = old ] && [ "$(< "$OUT/$2/old")" = before ]
}

@test "no byte goes to standard output, nothing to the file of -o" {
        each writes_nothing
}

says_the_same() {
        cmp "$OUT/$2.err" "$OUT/$2.new.err" && cmp "$OUT/$2.err" "$OUT/$2.old.err"
}

@test "with -o the same is said" {
        each says_the_same
}

matches_golden() {
        [ -z "${UPDATE-}" ] || cp "$OUT/$2.err" "$2.err"
        diff -u "$2.err" "$OUT/$2.err"
}

@test "the text is that of the .err file" {
        each matches_golden
}

is_printable() {
        ! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$OUT/$2.err" && iconv -f UTF-8 -t UTF-8 "$OUT/$2.err" > /dev/null
}

@test "nothing that is said can control a terminal" {
        each is_printable
}

# Those that no file of a sensible size can show are below, or cannot be had; two-listeners is for combinations.
@test "every rule id of the policy language, of JSON and of building has a case" {
        local ids missing
        ids=$(cd "$SC_SOURCE/pkg" && cat policy/*.c json/*.c emit/*.c | tr '\n' ' ' |
                grep -oE 'SC_(ERROR|WARNING|NOTE)[^"]{0,30}"[a-z0-9-]+"' | grep -oE '"[a-z0-9-]+"$' | tr -d '"' | sort -u)
        [ "$(wc -l <<< "$ids")" -ge 35 ]
        missing=$(comm -23 <(echo "$ids") <(cat "$OUT"/*.err | grep -oE '\[[a-z0-9-]+\]$' | tr -d '[]' | sort -u))
        diff <(printf '%s\n' flags-dropped group-depth json-size proof-failed shadowed too-complex two-listeners unproven) \
                <(echo "$missing")
}

@test "groups nested too deep" {
        local i
        {
                echo '{ "groups": {'
                for i in {1..70}; do
                        echo "\"@g$i\": [\"@g$((i + 1))\"],"
                done
                echo '"@g71": ["read"] } }'
        } > "$BATS_TEST_TMPDIR/deep.jsonc"
        expect_rule group-depth "$BATS_TEST_TMPDIR/deep.jsonc" --for docker
}

@test "a file that is too large" {
        { echo '{ "description": "'; head -c 1048576 /dev/zero | tr '\0' x; echo '" }'; } | tr -d '\n' \
                > "$BATS_TEST_TMPDIR/large.jsonc"
        expect_rule unreadable-policy "$BATS_TEST_TMPDIR/large.jsonc" --for docker
        expect_rule unreadable-policy - --for docker < "$BATS_TEST_TMPDIR/large.jsonc"
}

@test "conditions that are too large or too deep" {
        local i parts=CAP_BPF
        for i in {1..300}; do parts+=' || CAP_BPF'; done
        echo "{ \"rules\": [{ \"allow\": [\"bpf\"], \"when\": \"$parts\" }] }" > "$BATS_TEST_TMPDIR/wide.jsonc"
        expect_rule bad-condition "$BATS_TEST_TMPDIR/wide.jsonc" --for docker
        parts=CAP_BPF
        for i in {1..33}; do parts="($parts)"; done
        echo "{ \"rules\": [{ \"allow\": [\"bpf\"], \"when\": \"$parts\" }] }" > "$BATS_TEST_TMPDIR/nested.jsonc"
        expect_rule bad-condition "$BATS_TEST_TMPDIR/nested.jsonc" --for docker
}

@test "more than 64 files" {
        local i
        for i in {1..64}; do echo '{}' > "$BATS_TEST_TMPDIR/f$i.jsonc"; done
        printf '{ "extends": [%s"f64.jsonc"] }\n' "$(printf '"f%d.jsonc", ' {1..63})" > "$BATS_TEST_TMPDIR/top.jsonc"
        expect_rule too-many-policies "$BATS_TEST_TMPDIR/top.jsonc" --for docker
}

@test "a file with 1000 faults: 200 are shown, the others counted" {
        printf '{ "rules": [{ "allow": [%s"read"] }] }\n' "$(printf '"nope_%d", ' {1..1000})" > "$BATS_TEST_TMPDIR/many.jsonc"
        run seccompose build "$BATS_TEST_TMPDIR/many.jsonc" --for docker
        [ "$status" -eq 2 ]
        [ "$(grep -cF '[unknown-syscall]' <<< "$output")" -eq 200 ]
        [[ $output == *"800 more"* ]]
}

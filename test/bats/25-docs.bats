#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the documents show is what the programs do: the README's example, tables, examples of the language, limits.

setup() {
        load lib/world
        DOCS=$SC_SOURCE/docs
        cd "$BATS_TEST_TMPDIR" || return
}

# block LANGUAGE N FILE: the N-th block of code in that language.
block() {
        awk -v fence="\`\`\`$1" -v n="$2" '$0 == fence { i++; on = i == n; next } /^```$/ { on = 0 } on' "$3"
}

# rows FIRST FILE: the cells of a table whose head's first cell is FIRST, with a tab between two.
rows() {
        awk -F ' *[|] *' -v first="$1" -v OFS='\t' '
                /^\|/ && !on && $2 == first { on = 1; next }
                !/^\|/ { on = 0 }
                on && !/^\|-/ { NF--; $1 = ""; sub(/^\t/, ""); print }' "$2"
}

# What a shell prints for the commands of a console block, with the commands.
replay() {
        local line
        while IFS= read -r line; do
                printf '$ %s\n' "$line"
                eval "$line" 2>&1 || true
        done < <(sed -n 's/^\$ //p' "$1")
}

@test "the README's examples print what the README says" {
        local n
        need jq
        block jsonc 1 "$SC_SOURCE/README.md" > web.jsonc
        for n in 1 2; do
                block console "$n" "$SC_SOURCE/README.md" > expected
                [ "$(grep -c '^\$ ' expected)" -ge 3 ]
                replay expected > actual
                diff expected actual
                [ -s web.json ]
        done
}

@test "README: the other commands that build its example for an engine" {
        local line n=0
        block jsonc 1 "$SC_SOURCE/README.md" > web.jsonc
        block sh 1 "$SC_SOURCE/README.md" > commands
        while IFS= read -r line; do
                run eval "$line"
                [ "$status" -eq 0 ] && [ -s "${line##* -o }" ] || fail "$line: $output" || return 1
                grep -qF "run --security-opt seccomp=${line##* -o } " commands
                n=$((n + 1))
        done < <(grep '^seccompose build' commands)
        [ "$n" -ge 1 ]
}

@test "docs/policies.md: the counts of calls" {
        local n=0 policy abi caps calls allowed eperm enosys answers
        while IFS=$'\t' read -r policy abi caps calls allowed eperm enosys; do
                answers=$(seccompose list syscalls --arch "$abi" | awk -v abi="$abi" 'NR > 2 && $2 != "-" { print abi, $1 }' |
                        seccompose eval "$policy" --caps "$caps" --kernel 6.1 | cut -f 2)
                diff <(printf '%s\n' "$calls" "$allowed" "$eperm" "$enosys") \
                        <(grep -c . <<< "$answers"; grep -cxE 'allow|log' <<< "$answers"
                          grep -cx 'errno 1 EPERM' <<< "$answers"; grep -cx 'errno 38 ENOSYS' <<< "$answers") ||
                        fail "$policy $abi $caps"
                n=$((n + 1))
        done < <(rows policy "$DOCS/policies.md")
        [ "$n" -ge 9 ]
}

@test "docs/policies.md: what a capability adds" {
        local n=0 cap calls all
        all=$(seccompose list syscalls --arch x86_64 | awk 'NR > 2 && $2 != "-" { print "x86_64", $1 }')
        seccompose eval docker-default --caps none --kernel 6.1 <<< "$all" > none
        while IFS=$'\t' read -r cap calls; do
                seccompose eval docker-default --caps "$cap" --kernel 6.1 <<< "$all" > with
                diff <(tr ' ' '\n' <<< "$calls") <(comm -13 <(sort none) <(sort with) | sed 's/^x86_64 //; s/\t.*//') || fail "$cap"
                n=$((n + 1))
        done < <(rows capability "$DOCS/policies.md")
        [ "$n" -ge 14 ]
}

@test "docs: every policy in them can be read" {
        local file n count=0
        for file in policy-language.md policies.md; do
                for ((n = 1; ; n++)); do
                        block jsonc "$n" "$DOCS/$file" > example.jsonc
                        [ -s example.jsonc ] || break
                        run seccompose eval "$PWD/example.jsonc" < /dev/null
                        [ "$status" -eq 0 ] || fail "$file, example $n: $output"
                        count=$((count + 1))
                done
        done
        [ "$count" -ge 15 ]
}

@test "docs/architecture.md: the limits are those of the source" {
        local n=0 name value
        while IFS=$'\t' read -r name value _; do
                name=${name//\`/}
                # shellcheck disable=SC2016
                run grep -rhoE "^#define $name +[^/]*" --include='*.[ch]' "$SC_SOURCE/pkg" "$SC_SOURCE/cmd"
                [ "$(wc -l <<< "$output")" -eq 1 ] || fail "$name is not defined once" || return 1
                output=${output#\#define $name}
                [ $((${output//(size_t)/})) -eq $((value)) ] || fail "$name is $output, not $value"
                n=$((n + 1))
        done < <(rows limit "$DOCS/architecture.md")
        [ "$n" -ge 10 ]
}

@test "docs/consumers.md: the consumers are those of the table" {
        diff <(seccompose list consumers | sed -n '/^# eval/,$p' | awk -F '\t' 'NR > 1 { print $1 }') \
                <(rows consumer "$DOCS/consumers.md" | cut -f 1 | tr -d '`' | sort)
}

@test "README and docs: every link leads to a file" {
        local file link n=0
        for file in "$SC_SOURCE/README.md" "$DOCS"/*.md "$DOCS"/engines/*.md; do
                while IFS= read -r link; do
                        [ -e "$(dirname "$file")/$link" ] || fail "$file: no $link"
                        n=$((n + 1))
                done < <(grep -o '](\([^)#]*\)' "$file" | cut -c 3- | grep -v '^http')
        done
        [ "$n" -ge 5 ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# seccompose diff: the goldens of test/diff in all formats, exit statuses, each change confirmed by eval.
# `UPDATE=1 SC_BUILD=… SC_SOURCE=… bats test/bats/32-diff.bats` writes the goldens (test/goldens/diff) anew.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        export HERE=$BATS_FILE_TMPDIR/here OUT=$BATS_FILE_TMPDIR/out COMMANDS=$BATS_FILE_TMPDIR/commands
        cp -r "$SC_SOURCE/test/diff" "$HERE" && mkdir "$OUT" && cd "$HERE" || return
        printf '\x06\0\0\0\0\0\xff\x7f' > allow.bpf
        grep -v '^#' commands.txt > "$COMMANDS"
        local name wanted arguments format status
        while read -r name wanted arguments; do
                local -a words
                read -ra words <<< "$arguments"
                for format in text json markdown; do
                        status=0
                        seccompose diff --kernel 6.1 "${words[@]}" --format $format > "$OUT/$name.$format" 2>&1 < /dev/null ||
                                status=$?
                        echo "$status" >> "$OUT/$name.status"
                        # of what fails one message is enough
                        [ "$wanted" -le 1 ] || break
                done
        done < "$COMMANDS"
}

setup() {
        load lib/world
        cd "$HERE" || return
}

@test "each command exits as it should, in every format" {
        local name wanted n=0
        while read -r name wanted _; do
                [ "$(sort -u "$OUT/$name.status")" = "$wanted" ] || fail "$name: $(< "$OUT/$name.status")" "$(< "$OUT/$name.text")"
                n=$((n + 1))
        done < "$COMMANDS"
        echo "# $n commands" >&3
        [ "$n" -ge 12 ]
}

@test "what is said is that of the goldens, as text, JSON and Markdown" {
        local golden=$SC_SOURCE/test/goldens/diff
        [ -z "${UPDATE-}" ] || { mkdir -p "$golden"; rm -f "$golden"/*; cp "$OUT"/*.text "$OUT"/*.json "$OUT"/*.markdown "$golden"; }
        diff -r -x '*.status' "$golden" "$OUT"
}

@test "no line of the text is wider than 100 columns" {
        local file n=0
        for file in "$OUT"/*.json; do
                run env LC_ALL=C.UTF-8 grep -nE '^.{101,}' "${file%.json}.text"
                [ -z "$output" ] || fail "$file" "$output"
                n=$((n + 1))
        done
        [ "$n" -ge 10 ]
}

@test "the JSON is that of the schema" {
        load lib/schema
        schema_holds "$SC_SOURCE/schema/diff.schema.json" "broken['answer'] = 'perhaps'" "$OUT"/*.json
}

@test "ranges of numbers are of one ABI; all numbers are not listed, as they are others on each" {
        jq -e -s '[.[].changes[].numbers | strings] | length > 0 and all(. == "all")' "$OUT"/*.json
        jq -e -s '[.[].changes[] | select(.numbers | type == "array") | .abis | length] | length > 0 and all(. == 1)' "$OUT"/*.json
}

@test "verify says of all machines what diff does" {
        local name wanted arguments n=0
        while read -r name wanted arguments; do
                local -a words
                read -ra words <<< "$arguments"
                case $name in elsewhere* | everywhere | refused-* | consumers | whole-registers) ;; *) continue ;; esac
                run seccompose verify --kernel 6.1 "${words[@]}"
                [ "$status" -eq "$wanted" ] || fail "$name: $status" "$output"
                n=$((n + 1))
        done < "$COMMANDS"
        [ "$n" -ge 7 ]
}

@test "what libseccomp compiles wrong is warned of" {
        local file=$SC_SOURCE/test/verify/miscompiled.json
        run --separate-stderr seccompose diff "docker:$file" "docker:$file" --kernel 6.1
        [ "$status" -eq 0 ]
        [[ $stderr == *"libseccomp compiles these rules wrong"*'[miscompiled]'* ]]
}

# The calls of x86_64, but those that the kernel asks no filter about.
calls() {
        seccompose list syscalls --arch x86_64 |
                awk -F '\t' '!/^#/ && $2 ~ /^[0-9]/ && $1 !~ /^u(ret)?probe$/ { print $1 }' | sort
}

# answers FILE AS: what eval says of every call of the ABI without arguments, as "CALL ACTION".
answers() {
        local as=()
        [ "$2" = policy ] || as=(--for "$2")
        calls | sed 's/^/x86_64 /' |
                seccompose eval "$1" "${as[@]}" --kernel 6.1 | sed 's/^x86_64 //' | sort
}

@test "eval gives every call another answer exactly if it is named, but for conditions" {
        local file a b as_a as_b n=0
        for file in "$OUT"/*.json; do
                jq -e '.a.as != "program" and .b.as != "program" and .capabilities == $caps and (.abis | length) > 1 and
                        any(.abis[]; .name == "x86_64")' --argjson caps "$(jq .capabilities "$OUT/rules.json")" "$file" > /dev/null ||
                        continue
                a=$(jq -r .a.file "$file") as_a=$(jq -r .a.as "$file") b=$(jq -r .b.file "$file") as_b=$(jq -r .b.as "$file")
                jq -r '.changes[] | select(.kind == "condition") | .calls[]?' "$file" | sort -u > conditional
                jq -r '.changes[] | select(.kind != "condition" and any(.abis[]; . == "x86_64")) | .calls[]?' "$file" |
                        sort -u > named
                diff <(comm -3 <(answers "$a" "$as_a") <(answers "$b" "$as_b") | sed 's/^\t//' | cut -f 1 | sort -u |
                        comm -23 - conditional) <(calls | comm -12 - named | comm -23 - conditional) || fail "$file"
                n=$((n + 1))
        done
        echo "# $n differences" >&3
        [ "$n" -ge 6 ]
}

@test "a condition that is told is one of the language: a policy with it is the same there" {
        local call when
        when=$(jq -r '.changes[] | select(.calls == ["clone"]) | .a[] | select(.when) | .when' "$OUT/rules.json")
        call=$(jq -r '.changes[] | select(.calls == ["clone"]) | .a[] | select(.when) | .action' "$OUT/rules.json")
        [ "$call" = allow ]
        sed '/^ *\/\//d' a.jsonc | jq --arg when "$when" '.rules |= map(if .allow == ["clone"] then .when = $when else . end)' > again.jsonc
        run --separate-stderr seccompose diff a.jsonc again.jsonc --kernel 6.1
        [ "$status" -eq 0 ] || fail "$output"
        # and one with another condition is not
        sed -i 's/CLONE_NEWUSER/CLONE_NEWNET/' again.jsonc
        run --separate-stderr seccompose diff a.jsonc again.jsonc --kernel 6.1
        [ "$status" -eq 1 ]
}

# Where a file is refused, both say so.
@test "it says that nothing differs exactly if verify says that they are the same" {
        local a b same=0 other=0 refused=0 verified compared
        cd "$SC_SOURCE/test/profiles"
        local -a files=(allow-all.json empty.json allow-eperm.json repeated.json multi-abi.json flags.json native-only.json
                        docker.json vsock-as-masked.json ioctl-tiocsti.json docker-default runc:docker-default wrong.json)
        for a in "${files[@]}"; do
                for b in "${files[@]}"; do
                        [[ $a < $b ]] || continue
                        verified=0 compared=0
                        seccompose verify "$a" "$b" --kernel 6.1 --arch x86_64,x86,x32 > /dev/null 2>&1 || verified=$?
                        seccompose diff "$b" "$a" --kernel 6.1 --arch x86_64,x86,x32 > /dev/null 2>&1 || compared=$?
                        [ "$verified" = "$compared" ] || fail "$a and $b: verify $verified, diff $compared"
                        case $verified in
                                0) same=$((same + 1)) ;;
                                1) other=$((other + 1)) ;;
                                *) refused=$((refused + 1)) ;;
                        esac
                done
        done
        echo "# $same the same, $other differ, $refused refused" >&3
        [ "$same" -ge 3 ] && [ "$other" -ge 40 ]
}

@test "a machine whose own ABI one filter does not have is named" {
        echo '{ "architectures": ["aarch64"] }' > arm.jsonc
        run -1 seccompose diff arm.jsonc docker-default --arch x86_64
        [[ $output == *$'\non x86_64; capabilities: '*$'\n  x86_64: only B; A kills its calls'* ]] || fail "$output"
}

@test "an ABI that is told of is not among the machines that are not compared" {
        local text
        cd "$BATS_TEST_TMPDIR"
        echo '{ "architectures": ["x86_64", "x86", "aarch64", "s390x"], "baseline": "6.1" }' > wide.jsonc
        echo '{ "architectures": ["x86_64"], "baseline": "6.1" }' > narrow.jsonc
        for text in wide narrow; do
                seccompose build $text.jsonc --for docker -o $text.json 2> /dev/null
        done
        run -1 seccompose diff wide.json narrow.json --format markdown
        [[ $output == *'Not compared, as only `wide.json` (before) is for these machines: aarch64, s390x.'* ]] || fail "$output"
        [[ $output == *'**x86**: its calls are killed after, and were not before.'* ]] || fail "$output"
        run -1 seccompose diff narrow.json wide.json --format text
        [[ $output == *'not compared: only B names machines of aarch64, s390x'$'\n'* ]] || fail "$output"
        [[ $output == *'  x86: only B; A kills its calls'* ]] || fail "$output"
        # nothing else is left out: no line then, and all that the JSON says
        echo '{ "architectures": ["x86_64", "x86"], "baseline": "6.1" }' > both.jsonc
        seccompose build both.jsonc --for docker -o both.json 2> /dev/null
        run -1 seccompose diff both.json narrow.json --format markdown
        [[ $output == *'**x86**'* && $output != *'ot compared'* ]] || fail "$output"
        run -1 seccompose diff both.json narrow.json
        [[ $output == *'  x86: only A'* && $output != *'not compared'* ]] || fail "$output"
        [ "$(seccompose diff both.json narrow.json --format json | jq -c .only_a_names)" = '["x86"]' ]
}

@test "help speaks of Markdown where there is Markdown" {
        local verb
        for verb in diff verify explain; do
                run -0 seccompose "$verb" --help
                if [ "$verb" = diff ]; then [[ $output == *'json or markdown'* ]]; else [[ $output != *arkdown* ]]; fi
        done
}

#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# seccompose merge: the goldens of test/merge; the operation, asked of eval; what verify says of the results.
# `UPDATE=1 SC_BUILD=… SC_SOURCE=… bats test/bats/34-merge.bats` writes the goldens (test/goldens/merge) anew.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        export HERE=$BATS_FILE_TMPDIR/here OUT=$BATS_FILE_TMPDIR/out COMMANDS=$BATS_FILE_TMPDIR/commands
        cp -r "$SC_SOURCE/test/merge" "$HERE" && mkdir "$OUT" && cd "$HERE" || return
        cp "$SC_SOURCE/test/world/moby-like.json" .
        echo '{ "architectures": ["arm"] }' > only-arm.jsonc
        # two teams' copies of one profile; libseccomp has no number for map_shadow_stack on x32
        sed 's/"brk",/"map_shadow_stack",/' moby-like.json > team-a.json
        sed 's/"getcwd",/"map_shadow_stack", "keyctl",/' moby-like.json > team-b.json
        printf '\x06\0\0\0\0\0\xff\x7f' > allow.bpf # ret ALLOW
        grep -v '^#' commands.txt > "$COMMANDS"
        local name arguments status
        while read -r name _ arguments; do
                local -a words
                read -ra words <<< "$arguments"
                [[ $name > 19 ]] || words+=(--kernel 6.1)
                status=0
                seccompose merge "${words[@]}" > "$OUT/$name.out" 2> "$OUT/$name.err" < /dev/null || status=$?
                echo "$status" > "$OUT/$name.status"
        done < "$COMMANDS"
}

setup() {
        load lib/world
        cd "$HERE" || return
}

@test "each command exits as it should, and writes nothing where it fails" {
        local name wanted _
        while read -r name wanted _; do
                [ "$(< "$OUT/$name.status")" -eq "$wanted" ] || fail "$name: $(< "$OUT/$name.status")" "$(< "$OUT/$name.err")"
                if [ "$wanted" -eq 0 ]; then [ -s "$OUT/$name.out" ]; else [ ! -s "$OUT/$name.out" ] && [ -s "$OUT/$name.err" ]; fi
        done < "$COMMANDS"
}

@test "what is written and said is that of the goldens" {
        local golden=$SC_SOURCE/test/goldens/merge
        [ -z "${UPDATE-}" ] || { rm -f "$golden"/*; cp "$OUT"/*.out "$OUT"/*.err "$golden"; }
        diff -r -x '*.status' "$golden" "$OUT"
}

# without_head: a policy of merge's as JSON.
without_head() {
        sed '1{/^\/\//d}'
}

@test "a policy begins with a comment, so that no engine takes it for an empty profile; a profile is JSON" {
        local file policies=0 profiles=0
        for file in "$OUT"/*.out; do
                case $(head -c 2 "$file") in
                        //) ! jq . "$file" > jq.out 2>&1 && without_head < "$file" | jq -e .rules > jq.out && policies=$((policies + 1)) ;;
                        '{'*) jq -e .defaultAction "$file" > jq.out && profiles=$((profiles + 1)) ;;
                        '') ;;
                        *) fail "$file: $(head -n 1 "$file")" ;;
                esac || return 1
        done
        [ "$policies" -ge 12 ] && [ "$profiles" -ge 5 ] || fail "$policies $profiles"
}

# Lines for eval: every call of some ABIs with some first arguments.
questions() {
        local abi
        for abi in "$@"; do
                seccompose list syscalls --arch "$abi" | awk 'NR > 2 && $2 ~ /^[0-9]/ { print $1 }' |
                        while read -r call; do
                                echo "$abi $call"
                                echo "$abi $call 40 1 4"
                                echo "$abi $call 1 0x7e020000 0x40"
                        done
        done
}

# strictest|loosest A B: of two files of answers, line by line; of equally strict ones the second's.
choose() {
        paste -d '\t' "$2" "$3" | awk -F '\t' -v how="$1" '
                function rank(answer) {
                        sub(/ .*/, "", answer)
                        return index("kill-process kill-thread trap errno notify trace log allow", answer)
                }
                {
                        a = rank($2); b = rank($4)
                        print $1 "\t" (a == b ? $4 : (how == "loosest") == (a < b) ? $4 : $2)
                }'
}

@test "the answers are the strictest or the loosest, asked of eval" {
        local caps kernel how op
        questions x86_64 x86 > asked
        sed -i '/^$/d' asked
        [ "$(wc -l < asked)" -gt 2000 ]
        for op in union intersect; do
                seccompose merge "--$op" a.jsonc b.jsonc > "m-$op.jsonc" 2> /dev/null
                how=$([ "$op" = union ] && echo loosest || echo strictest)
                for caps in none all CAP_BPF CAP_NET_ADMIN,CAP_SYS_PTRACE; do
                        for kernel in 4.4 5.9 6.1; do
                                for file in a b "m-$op"; do
                                        seccompose eval "$file.jsonc" --caps "$caps" --kernel "$kernel" < asked > "$file.answers"
                                done
                                choose "$how" a.answers b.answers | diff - "m-$op.answers"
                        done
                done
        done
}

@test "two copies of Docker's profile: their union for docker allows what each does, and no more" {
        seccompose merge --union team-a.json team-b.json --for docker --kernel 6.1 -o both.json
        seccompose verify --subset team-a.json both.json --kernel 6.1
        seccompose verify --subset team-b.json both.json --kernel 6.1
        seccompose merge --union team-a.json team-b.json --kernel 6.1 -o both.jsonc
        seccompose verify --subset both.json both.jsonc --kernel 6.1
}

@test "an intersection is a subset of each part, each part one of a union" {
        local part
        for part in a b; do
                seccompose verify --subset --kernel 6.1 --arch x86_64,x86 "$OUT/05-conditions-and.out" "$part.jsonc" ||
                        fail "and, $part"
                seccompose verify --subset --kernel 6.1 --arch x86_64,x86 "$part.jsonc" "$OUT/04-conditions-or.out" ||
                        fail "or, $part"
        done
        seccompose verify --kernel 6.1 "$OUT/08-itself.out" a.jsonc
        seccompose verify --subset --kernel 6.1 --arch x86_64,x86 "$OUT/02-docker-default-and-moby.out" docker:moby-like.json
        seccompose verify --subset --kernel 6.1 "$OUT/09-oci.out" a.jsonc --arch x86_64
}

@test "merged again, the same bytes; standard input and -o" {
        seccompose merge --union "$OUT/04-conditions-or.out" "$OUT/04-conditions-or.out" 2> /dev/null | diff "$OUT/04-conditions-or.out" -
        seccompose merge --union a.jsonc - < b.jsonc 2> /dev/null | cmp - "$OUT/04-conditions-or.out"
        seccompose merge --union a.jsonc b.jsonc -o "$BATS_TEST_TMPDIR/out" 2> /dev/null
        cmp "$BATS_TEST_TMPDIR/out" "$OUT/04-conditions-or.out"
}

@test "what environments change comes through, each way: no set of capabilities or kernel has another answer" {
        local caps kernel arch=x86_64,x86,aarch64,arm,s390x,s390
        cp "$OUT/22-everywhere-docker.out" all.json
        for caps in none all default CAP_SYS_ADMIN CAP_SYS_PTRACE CAP_BPF,CAP_NET_ADMIN; do
                for kernel in 4.4 4.8 5.13 6.1; do
                        seccompose merge --union caps.json caps-other.json --caps "$caps" --kernel "$kernel" > one.jsonc 2> /dev/null
                        seccompose verify docker:all.json one.jsonc --arch $arch --caps "$caps" --kernel "$kernel" ||
                                fail "$caps $kernel"
                done
        done
}

@test "where too many environments differ it is one, which a note says" {
        run --separate-stderr seccompose merge --union many-caps.json many-caps.json
        [ "$status" -eq 0 ]
        [[ $stderr = *"many-caps.json depends on kernels and capabilities in ways that cannot be told apart"* ]]
        jq -e '[.rules[].when | select(. and test("CAP_"))] == []' < <(without_head <<< "$output") > /dev/null
}

@test "random profiles merged: in sampled environments the strictest or the loosest of what eval gives" {
        mkdir random && cd random || return
        cp ../a.jsonc .
        run "$SC_SOURCE/test/tools/merge-random" "$SC_BUILD/cmd/seccompose/seccompose" "${COUNT-12}" "${SC_SEED-1}" \
                a.jsonc docker-default
        echo "$output" | grep '^#' >&3 || true
        [ "$status" -eq 0 ] || fail "$output"
}

@test "of any number of answers to numbers without a name, the strictest is taken" {
        # 6000 and above: kill; 5000 to 5039: an errno of their own; others: allow
        program many.bpf 20,0,0,0 35,0,1,1770 6,0,0,80000000 35,0,1,13b0 6,0,0,50001 35,1,0,1388 6,0,0,7fff0000 \
                14,0,0,1387 44,0,0,50000 16,0,0,0
        run --separate-stderr -0 seccompose merge --intersect allow.bpf many.bpf --kernel 6.1
        [[ $stderr == *'warning: numbers without a name get more than one answer'*'the strictest is taken [stricter]'* ]] ||
                fail "$stderr"
        [ "$(without_head <<< "$output" | jq -r .newer)" = kill ] || fail "$output"
        seccompose verify --subset - many.bpf <<< "$output"
}

@test "filters for different machines are united: of an ABI that one has not, the other says all" {
        local abi oci
        for abi in x86_64:X86_64 aarch64:AARCH64; do
                oci=${abi#*:}
                echo "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_$oci\"], \"syscalls\": [
                        { \"names\": [\"swapon\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 5 } ] }" > "${abi%:*}.json"
        done
        run --separate-stderr -0 seccompose merge --union x86_64.json aarch64.json --kernel 6.1
        [ "$(without_head <<< "$output" | jq -c '[.architectures, .default]')" = '[["x86_64","aarch64"],"errno:EIO"]' ] || fail "$output"
        for abi in x86_64 aarch64; do
                seccompose verify - "$abi.json" --arch "$abi" <<< "$output"
        done
}

@test "merge for docker tells where the docker before would be looser with the file" {
        local told='note: docker@20.10, .* would be looser with this file: x86_64 socket(family=0x26 AF_ALG): allow, not errno:EPERM'
        cd "$BATS_TEST_TMPDIR" || return
        seccompose merge --union docker-default stdio --for docker --arch x86_64 -o new.json 2> err
        grep -q "$told" err || fail "$(cat err)"
        [ "$(seccompose eval new.json --for docker@20.10 <<< 'x86_64 socket 0x26')" = $'x86_64 socket 0x26\tallow' ]
        # for that one, and where nothing is looser, nothing
        seccompose merge --union docker-default stdio --for docker@20.10 --arch x86_64 -o old.json 2> err
        ! grep -q 'older-engine' err || fail "$(cat err)"
        [ "$(seccompose eval old.json --for docker@20.10 <<< 'x86_64 socket 0x26')" = $'x86_64 socket 0x26\terrno 1 EPERM' ]
        seccompose merge --union stdio latex --for docker --arch x86_64 -o new.json 2> err
        ! grep -q 'older-engine' err || fail "$(cat err)"
        seccompose merge --union stdio latex --arch x86_64 -o new.jsonc 2> err
        seccompose verify --subset new.json new.jsonc --for docker@20.10 --arch x86_64
        # with the capabilities of --caps: without any, what CAP_SYS_ADMIN opens is closed to both
        echo '{ "architectures": ["x86_64"], "rules": [ { "deny": ["socket"], "when": "family == AF_ALG && CAP_SYS_ADMIN" },
                { "allow": ["socket"] } ] }' > c.jsonc
        seccompose merge --union c.jsonc c.jsonc --for docker --caps none -o new.json 2> err
        ! grep -q 'older-engine' err || fail "$(cat err)"
        seccompose merge --union c.jsonc c.jsonc --for docker --caps CAP_SYS_ADMIN -o new.json 2> err
        grep -q "$told" err || fail "$(cat err)"
}

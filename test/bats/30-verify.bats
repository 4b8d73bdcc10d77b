#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# seccompose verify: the goldens of test/verify, the traps, foreign rules that hang, witnesses that eval confirms.
# `UPDATE=1 SC_BUILD=… SC_SOURCE=… bats test/bats/30-verify.bats` writes the goldens (test/goldens/verify) anew.

# status and stderr of `run` apart: bats 1.5
bats_require_minimum_version 1.5.0

setup_file() {
        load lib/world
        export HERE=$BATS_FILE_TMPDIR/here OUT=$BATS_FILE_TMPDIR/out COMMANDS=$BATS_FILE_TMPDIR/commands
        cp -r "$SC_SOURCE/test/verify" "$HERE" && mkdir "$OUT" && cd "$HERE" || return
        # ret ALLOW; and a jump to nowhere
        printf '\x06\0\0\0\0\0\xff\x7f' > allow.bpf
        printf '\x05\0\0\0\0\0\xff\x7f' > broken.bpf
        cp allow.bpf filter
        grep -v '^#' commands.txt > "$COMMANDS"
        local name wanted status
        while read -r name wanted arguments; do
                local -a words
                read -ra words <<< "$arguments"
                status=0
                seccompose verify --kernel 6.1 "${words[@]}" > "$OUT/$name.out" 2>&1 < /dev/null || status=$?
                echo "$status" > "$OUT/$name.status"
                [ "$wanted" -le 1 ] || continue
                seccompose verify --kernel 6.1 "${words[@]}" --format json > "$OUT/$name.json" 2> /dev/null < /dev/null || true
        done < "$COMMANDS"
}

setup() {
        load lib/world
        cd "$HERE" || return
}

@test "each command exits as it should" {
        local name wanted _ n=0
        while read -r name wanted _; do
                [ "$(< "$OUT/$name.status")" -eq "$wanted" ] || fail "$name: $(< "$OUT/$name.status")" "$(< "$OUT/$name.out")"
                n=$((n + 1))
        done < "$COMMANDS"
        echo "# $n commands" >&3
        [ "$n" -ge 38 ]
}

@test "what is said is that of the goldens, as text and as JSON" {
        local golden=$SC_SOURCE/test/goldens/verify
        [ -z "${UPDATE-}" ] || { rm -f "$golden"/*; cp "$OUT"/*.out "$OUT"/*.json "$golden"; }
        diff -r -x '*.status' "$golden" "$OUT"
}

@test "the JSON is that of the schema" {
        load lib/schema
        schema_holds "$SC_SOURCE/schema/verify.schema.json" "broken['answer'] = 'perhaps'" "$OUT"/*.json
}

@test "eval answers each witness as the verdict says" {
        local file n=0 side name action line
        for file in "$OUT"/*.json; do
                jq -e '.comparisons[-1].witness' "$file" > /dev/null || continue
                line=$(jq -r '.comparisons[-1].witness.question' "$file")
                for side in a b; do
                        action=$(jq -r ".comparisons[-1].witness.$side" "$file")
                        name=$(jq -r ".$side.file" "$file")
                        local as caps
                        as=$(jq -r ".comparisons[-1].${side}_as" "$file")
                        case $as in policy | program) as= ;; *) as=$as: ;; esac
                        caps=$(jq -r '.capabilities | if length == 0 then "none" else join(",") end' "$file")
                        run --separate-stderr seccompose eval "$as$name" --kernel 6.1 --caps "$caps" --arch x86_64 <<< "$line"
                        [ "$status" -eq 0 ] || fail "$file $side: $stderr"
                        output=$(cut -f 2 <<< "$output" | sed -E 's/^errno [0-9]+ /errno:/; s/^kill-process$/kill/')
                        [ "$output" = "$action" ] || fail "$file: $side answers '$output' to '$line', not '$action'"
                        n=$((n + 1))
                done
        done
        echo "# $n answers" >&3
        [ "$n" -ge 20 ]
}

@test "a trap: a Docker profile given to containerd as it is allows what docker would not" {
        local file
        # podman's default profile is Moby's, with some calls more; Debian has it
        for file in with-cap.json /usr/share/containers/seccomp.json; do
                run --separate-stderr seccompose verify --subset "containerd:$file" "docker:$file"
                [ "$status" -eq 1 ] || fail "$file: $status" "$output" "$stderr"
                [[ $stderr == *'[conditions-ignored]'* ]]
                [[ $output == 'looser: x86_64 '* ]]
                [[ $output == *' (containerd): allow'* ]]
                [[ $output == *' (docker): errno:'* ]]
                # what docker allows by default capabilities, containerd does too, on the only ABI that is left
                seccompose verify --subset "docker:$file" "containerd:$file" --arch x86_64
        done
}

@test "a trap: two conditions on one index are an OR" {
        run -1 seccompose verify two-conditions.json two-conditions.jsonc --subset
        [[ $output == 'looser: x86_64 socket(family=0x26 AF_ALG)'* ]]
}

@test "a trap: a deny that repeats the default is skipped, and socketcall opens" {
        local consumer
        for consumer in runc crun containerd; do
                run -1 seccompose verify "$consumer:deny-as-default.json" deny-as-default.jsonc --subset
                [[ $output == 'looser: x86 socketcall(call=0x1 SYS_SOCKET)'* ]] || fail "$output"
        done
        # with another errno the rule is there
        sed 's/"socketcall"\], "action": "SCMP_ACT_ERRNO"/&, "errnoRet": 38/' deny-as-default.json > "$BATS_TEST_TMPDIR/denied.json"
        ! cmp -s deny-as-default.json "$BATS_TEST_TMPDIR/denied.json"
        seccompose verify "crun:$BATS_TEST_TMPDIR/denied.json" deny-as-default.jsonc --subset
}

@test "rules on which libseccomp hangs are an error within the limits, whichever side they are on" {
        run --separate-stderr -2 seccompose verify hangs.json a.json
        [[ $stderr == *'[libseccomp-limit]'* ]]
        [ -z "$output" ]
}

@test "rules that libseccomp compiles wrong are warned about, with a witness that eval confirms; others are not" {
        local file line
        for file in miscompiled never-loaded; do
                line=$([ "$file" = miscompiled ] && echo 'x86_64 mremap 0 6' || echo 'aarch64 personality 8 8')
                run --separate-stderr -0 seccompose eval "$file.json" <<< "$line"
                [[ $stderr == *"warning: libseccomp compiles these rules wrong: ${line% * *}("*'[miscompiled]'* ]] || fail "$stderr"
                case $file in
                miscompiled) [[ $stderr == "$file.json:6:5:"*' is errno:EPERM by the rules, and allow in the filter '* ]] ;;
                never-loaded) [[ $stderr == "$file.json:6:5:"*' is allow by the rules, and errno:EPERM in the filter '* ]] ;;
                esac || fail "$stderr"
                [ "${output#*$'\t'}" = "$([ "$file" = miscompiled ] && echo allow || echo 'errno 1 EPERM')" ] || fail "$output"
        done
        # every default profile, of which nothing is to be said
        for file in docker:/usr/share/containers/seccomp.json podman:/usr/share/containers/seccomp.json; do
                run --separate-stderr -0 seccompose eval "$file" <<< $'x86_64 read\naarch64 read\ns390x read'
                [[ $stderr != *miscompiled* && $stderr != *not-checked* ]] || fail "$file: $stderr"
        done
}

@test "verify, diff, explain and merge all warn of rules that libseccomp compiles wrong, once for a file" {
        local verb
        for verb in 'verify miscompiled.json a.json --for all' 'diff miscompiled.json a.json' \
                'diff a.json crun:miscompiled.json --format json' 'explain miscompiled.json mremap --for all' \
                'merge --intersect miscompiled.json a.json' 'merge --union a.json miscompiled.json both.json'; do
                # on several machines
                sed 's/"SCMP_ARCH_X86_64"/&, "SCMP_ARCH_AARCH64"/' miscompiled.json > both.json
                # shellcheck disable=SC2086
                run --separate-stderr seccompose $verb
                [ "$status" -le 1 ] || fail "$verb: $stderr"
                [ "$(grep -c '^miscompiled.json:6:5: warning: .*\[miscompiled\]$' <<< "$stderr")" -eq 1 ] || fail "$verb: $stderr"
                [[ $verb != *both.json || $stderr == *both.json:6:5:*aarch64*'[miscompiled]'* ]] || fail "$verb: $stderr"
        done
}

@test "the data of a trap is part of the answer, and is shown" {
        load lib/world
        program trap-1.bpf 6,0,0,30001
        program trap-2.bpf 6,0,0,30002
        run -1 seccompose verify trap-1.bpf trap-2.bpf --arch x86_64
        [[ $output == *'A trap-1.bpf (program): trap:1'*'B trap-2.bpf (program): trap:2'* ]] || fail "$output"
        seccompose verify --subset trap-1.bpf trap-2.bpf
        run -1 seccompose diff trap-1.bpf trap-2.bpf --arch x86_64
        [ "$(grep -c 'trap:1 → trap:2' <<< "$output")" -le 2 ] || fail "$output"
}

@test "a filter is compared on machines whose own ABI the file does not list, and on each of Docker's archMap" {
        # profile FILE ARCHITECTURES SYSCALLS
        profile() {
                echo "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", $2, \"syscalls\": [ $3
                        { \"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\" } ] }" > "$1"
        }
        local map='"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]'
        profile none.json '"flags": []'
        profile x86.json '"architectures": ["SCMP_ARCH_X86"]'
        profile x32.json '"architectures": ["SCMP_ARCH_X32"]'
        # on x86_64, which consumers add, x86 and x32 are killed or not
        for abi in x86 x32; do
                run -1 seccompose verify "$abi.json" none.json
                [[ $output == "differs: $abi read"*"  on x86_64 ("* ]] || fail "$output"
                run -1 seccompose verify none.json "$abi.json"
                run -0 seccompose verify "$abi.json" "$abi.json"
                [[ $output == *' on x86_64 ('* ]] || fail "$output"
        done
        # machines that have nothing but x86 have no x32
        seccompose verify x86.json none.json --arch x86
        seccompose verify x86.json x32.json --arch x86
        # rules for 386 alone, in a file that maps it
        profile a.docker.json "\"archMap\": [ { $map }, { \"architecture\": \"SCMP_ARCH_X86\" } ]"
        profile b.docker.json "\"archMap\": [ { $map }, { \"architecture\": \"SCMP_ARCH_X86\" } ]" \
                '{ "names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": { "arches": ["x86"] } },'
        run -1 seccompose verify a.docker.json b.docker.json
        [[ $output == 'differs: x86 mount'*'  on x86; '* ]] || fail "$output"
        run -0 seccompose verify b.docker.json b.docker.json
        [[ $output == *' on x86_64 (x86; killed: x32), x86; '* ]] || fail "$output"
        # of what is merged, x86 has the answers of x86_64 machines
        run --separate-stderr -0 seccompose merge --intersect a.docker.json b.docker.json
        [ "$(sed 1d <<< "$output" | jq -c .architectures)" = '["x86_64","x86"]' ] || fail "$output"
}

@test "standard input is one of the files" {
        seccompose verify - a-again.json < a.json
        seccompose verify a.json - < a-again.json
        run --separate-stderr -0 seccompose verify crun:- a-again.json --for crun < a.json
        [[ $output == 'same (crun): '* ]]
}

@test "a profile that was built is nowhere looser than its policy, for every format" {
        local format
        for format in docker podman oci containerd kubernetes cri-o; do
                seccompose build stdio --for "$format" --arch x86_64,x86 --kernel 6.1 -o "$BATS_TEST_TMPDIR/$format.json"
        done
        for format in docker podman containerd kubernetes cri-o crun; do
                local file=$BATS_TEST_TMPDIR/$format.json
                [ -e "$file" ] || file=$BATS_TEST_TMPDIR/oci.json
                run --separate-stderr seccompose verify --subset "$format:$file" stdio --kernel 6.1 --arch x86_64,x86
                [ "$status" -eq 0 ] || fail "$format: $output $stderr"
        done
}

@test "--for builds a policy first: then it is the same as the profile that was built" {
        seccompose build docker-default --for docker --kernel 6.1 -o "$BATS_TEST_TMPDIR/built.json"
        run --separate-stderr -0 seccompose verify docker-default "$BATS_TEST_TMPDIR/built.json" --for docker --kernel 6.1
        [[ $output == 'same (docker): every call number and argument on x86_64 (x86; killed: x32), aarch64 (arm), '* ]]
        # but not with a capability fewer in one of them
        jq '(.syscalls[] | select(.names == ["bpf"] or (.names | index("mount"))) | .includes.caps) |= []' \
                "$BATS_TEST_TMPDIR/built.json" > "$BATS_TEST_TMPDIR/opened.json"
        run --separate-stderr -1 seccompose verify "$BATS_TEST_TMPDIR/opened.json" "$BATS_TEST_TMPDIR/built.json" --subset
        [[ $output == 'looser: x86_64 '* ]]
}
